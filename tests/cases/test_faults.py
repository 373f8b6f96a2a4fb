"""What goes wrong, from a slip in the case file to a full disk: the message says where and what to do, the exit status tells whose
fault it is, and nothing half done is left."""
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import pytest
from netCDF4 import Dataset

from support import BASHU, CONFIGS, SHORT, WITH_MPI, bashu, needs_program, run, write_case

pytestmark = needs_program
ROOT_USER = os.geteuid() == 0
PLACE = re.compile(r"^(?P<file>[^\n:]+):(?P<line>\d+):(?P<column>\d+): error: (?P<words>.*)", re.M)


@pytest.fixture
def case(tmp_path):
    return write_case(tmp_path / "case.yaml", SHORT)


def try_to_run(case, *words, **options):
    """Runs into a folder `out` beside the case."""
    out = case.parent / "out"
    return bashu("run", case, "--out", out, *words, **options), out


def with_line(case, old, new):
    """Replaces words in the case; the number of the line."""
    text = case.read_text(encoding="utf-8")
    assert old in text, old
    case.write_text(text.replace(old, new, 1), encoding="utf-8")
    return 1 + text[:text.index(old)].count("\n")


# ---- mistakes in the case ----

SLIPS = [
    ("unknown key", "  nx: 24", "  nxx: 24", ("unknown key 'nxx' in grid", "did you mean 'nx'?")),
    ("unknown section", "terrain:\n", "terain:\n", ("unknown key 'terain'", "did you mean 'terrain'?")),
    ("wrong type", "  nx: 24", "  nx: ten", ("grid.nx must be an integer from 4 to 100000, found 'ten'",)),
    ("out of range", "  nx: 24", "  nx: 3", ("grid.nx must be an integer from 4 to 100000, found '3'",)),
    ("missing unit", "  spinup: 0 h", "  spinup: 3600", ("time.spinup", "'3600' has no unit", "as '3600 s'")),
    ("wrong unit", "  dx: 54 km", "  dx: 54 kg", ("grid.dx", "'kg' cannot be converted to 'm'")),
    ("unknown choice", "  provider: idealised", "  provider: ideal", ("meteorology.provider must be one of idealised, ",)),
    ("missing file", f"  file: {CONFIGS}/data/terrain.nc", "  file: none/terrain.nc", ("terrain.file", "none/terrain.nc", "no such file")),
    ("scheme without tags", "terrain:\n", "operators: {advection: ppm_cw84}\nterrain:\n",
     ("operators.advection: ppm_cw84 steepens", "take ppm6_sel")),
    ("unknown species", "  - pm25", "  - pm26", ("'pm26' is no species", "pm25 (primary PM2.5)")),
    ("sector without emission", "  - power", "  - powder", ("no inventory holds the sector 'powder'", "  power (pm25)")),
    ("end before start", "  end: '2015-01-31T02:00:00Z'", "  end: '2015-01-30T02:00:00Z'", ("time.end",)),
    ("output does not fit", "  precision_bits: 23", "  surface_interval: 25 min", ("output.surface_interval is 25 minutes, which does not divide",)),
    ("interval does not fit", "  provider: idealised", "  interval: 50 min\n  provider: idealised", ("meteorology.interval", "does not divide")),
    ("no projection", "  projection: +proj=lcc", "  projection: +proj=lc", ("grid.projection", "PROJ does not understand it")),
    ("file that no type asks for", "  value: 2 ug kg-1", f"  value: 2 ug kg-1\n  file: {CONFIGS}/data/terrain.nc",
     ("initial.file is given, but initial.type is 'uniform'",)),
    ("initial value beside a file", "  value: 2 ug kg-1", f"  type: file\n  file: {CONFIGS}/data/terrain.nc\n  value: 2 ug kg-1",
     ("initial.value is given, but initial.type is 'file'",)),
    ("scale height beside a file", "  value: 4 ug kg-1", f"  type: file\n  file: {CONFIGS}/data/terrain.nc",
     ("boundary.scale_height is given, but boundary.type is 'file'",)),
    ("boundary value beside a file", "  value: 4 ug kg-1\n  scale_height: 1500 m", f"  type: file\n  file: {CONFIGS}/data/terrain.nc\n  value: 4 ug kg-1",
     ("boundary.value is given, but boundary.type is 'file'",)),
    ("scheme without plants", "terrain:\n", "operators: {dry_deposition: pleim2022}\nterrain:\n",
     ("pleim2022 needs meteorology.assume.vegetation_cover",)),
    ("plants without their scheme", "  provider: idealised", "  provider: idealised\n  assume: {leaf_area_index: 2}",
     ("only operators.dry_deposition: pleim2022 reads meteorology.assume.leaf_area_index",)),
    ("mesh beyond terrain", "  nx: 24", "  nx: 60", ("terrain.nc does not cover the mesh", "Take a larger file or shrink the mesh")),
]


@pytest.mark.parametrize("command", ["check", "run"])
@pytest.mark.parametrize("old, new, words", [row[1:] for row in SLIPS], ids=[row[0] for row in SLIPS])
def test_slips_in_the_case(case, command, old, new, words):
    line = with_line(case, old, new)
    out = case.parent / "out"
    done = bashu(command, case, *(["--out", out] if command == "run" else []))
    assert done.returncode == 2
    place = PLACE.search(done.stderr)
    assert place and place["file"] == str(case), done.stderr
    if "terrain.nc does" not in words[0] and "powder" not in new:  # those are found at the file and the list they speak of
        assert abs(int(place["line"]) - line) <= new.count("\n") + 1, done.stderr
    assert all(w in done.stderr for w in words), done.stderr
    assert not out.exists() and sorted(f.name for f in case.parent.iterdir()) == ["case.yaml"]


@pytest.mark.parametrize("command", ["check", "run"])
def test_no_region_on_the_mesh(case, command):
    far = {"type": "Feature", "properties": {"adcode": "110000", "name": "北京市", "name_en": "Beijing"},
           "geometry": {"type": "Polygon", "coordinates": [[[116, 39], [117, 39], [117, 40], [116, 40], [116, 39]]]}}
    (case.parent / "far.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [far]}), encoding="utf-8")
    line = with_line(case, f"  file: {CONFIGS}/regions/sichuan-chongqing.geojson", "  file: far.geojson")
    done = bashu(command, case, *(["--out", case.parent / "out"] if command == "run" else []))
    assert done.returncode == 2 and f"{case}:{line}:" in done.stderr, done.stderr
    assert "regions.file: none of its 1 regions touches the mesh" in done.stderr
    assert not (case.parent / "out").exists()


def test_place_is_exact_and_shown(case):
    line = with_line(case, "  ny: 20", "  ny: 'x'")
    done, _ = try_to_run(case)
    assert done.stderr.startswith(f"{case}:{line}:7: error: grid.ny must be an integer"), done.stderr
    assert "ny: 'x'" in done.stderr.split("\n")[1] and done.stderr.split("\n")[2].strip() == "^"


def test_all_slips_are_told_at_once(case):
    with_line(case, "  nx: 24", "  nx: many")
    with_line(case, "  ny: 20", "  nyy: 20")
    with_line(case, "  dx: 54 km", "  dx: 54")
    done, _ = try_to_run(case)
    assert done.stderr.count(": error: ") >= 3


def test_what_is_missing_is_told(case):
    with_line(case, "  nx: 24\n", "  # nothing\n")
    done, _ = try_to_run(case)
    assert done.returncode == 2 and "grid.nx" in done.stderr and "missing" in done.stderr, done.stderr


@pytest.mark.parametrize("content, words", [("", ("case",)), ("case: [", ("error",)), ("\0\1\2", ("error",)), ("- 1\n- 2\n", ("error",)),
                                            ("case: {name: x}\ncase: {name: y}\n", ("error", "case"))],
                         ids=["empty", "no YAML", "binary", "a list", "a key twice"])
def test_no_case_at_all(tmp_path, content, words):
    case = tmp_path / "case.yaml"
    case.write_text(content)
    done, out = try_to_run(case)
    assert done.returncode == 2 and "case.yaml" in done.stderr and all(w in done.stderr for w in words), done.stderr
    assert not out.exists()


def test_case_that_is_not_there(tmp_path):
    done, _ = try_to_run(tmp_path / "nope.yaml")
    assert done.returncode == 2 and "nope.yaml" in done.stderr and "No such file" in done.stderr
    assert "name an existing case file (configs/cases has examples)" in done.stderr
    done, _ = try_to_run(tmp_path)
    assert done.returncode == 2 and str(tmp_path) in done.stderr, done.stderr


# ---- inputs ----

def test_input_that_vanished_after_check(case):
    points = case.parent / "points.csv"
    shutil.copy(CONFIGS / "emissions/points_power.csv", points)
    line = with_line(case, f"    file: {CONFIGS}/emissions/points_power.csv", "    file: points.csv")
    assert bashu("check", case).returncode == 0
    points.unlink()
    done, out = try_to_run(case)
    assert done.returncode == 2 and not out.exists()
    assert f"{case}:{line}:" in done.stderr and "points.csv" in done.stderr and "no such file" in done.stderr


@pytest.mark.parametrize("text, words", [
    ("name,lon,lat,sector,species,value,unit,height\nA,104,30,power,pm25,-1,Gg year-1,100\n", ("points.csv:2", "-1")),
    ("name,lon,lat,sector,species,value,unit,height\nA,104,30,power,pm25,1,Gg year-1,100\nB,x,30,power,pm25,1,Gg year-1,9\n", ("points.csv:3", "x")),
    ("name,lon,lat,sector,species,value,unit,height\nA,104,30,power,pm25,1,Gg,100\n", ("points.csv:2", "'Gg' is a mass: say of how long")),
    ("name,lon,lat,sector,species,value\nA,104,30,power,pm25,1\n", ("points.csv", "unit")),
    ("", ("points.csv",))], ids=["negative", "no number", "mass without time", "no column", "empty"])
def test_broken_table(case, text, words):
    (case.parent / "points.csv").write_text(text)
    with_line(case, f"    file: {CONFIGS}/emissions/points_power.csv", "    file: points.csv")
    done, out = try_to_run(case)
    assert done.returncode == 2 and all(w in done.stderr for w in words), done.stderr
    assert not out.exists()


def test_hole_in_the_terrain(case):
    terrain = case.parent / "terrain.nc"
    shutil.copy(CONFIGS / "data/terrain.nc", terrain)
    with Dataset(terrain, "a") as nc:
        v = nc["surface_altitude"]
        v.set_auto_maskandscale(False)
        v[v.shape[0] // 2, v.shape[1] // 2] = v._FillValue if "_FillValue" in v.ncattrs() else -32767
    with_line(case, f"  file: {CONFIGS}/data/terrain.nc", "  file: terrain.nc")
    done, out = try_to_run(case)
    assert done.returncode == 2 and not out.exists()
    assert "terrain.nc: surface_altitude[lat=" in done.stderr and "longitude" in done.stderr, done.stderr


def test_truncated_input(case):
    terrain = case.parent / "terrain.nc"
    terrain.write_bytes((CONFIGS / "data/terrain.nc").read_bytes()[:2000])
    with_line(case, f"  file: {CONFIGS}/data/terrain.nc", "  file: terrain.nc")
    done, out = try_to_run(case)
    assert done.returncode == 2 and "terrain.nc" in done.stderr and not out.exists(), done.stderr


# ---- the folder ----

def test_parent_that_is_not_there(case):
    out = case.parent / "not" / "there"
    done = bashu("run", case, "--out", out)
    assert done.returncode == 1 and f"{out}: cannot make the folder of the run: No such file" in done.stderr
    assert "mkdir -p" in done.stderr and not out.parent.exists()


def test_folder_that_is_a_file(case):
    done = bashu("run", case, "--out", case)
    assert done.returncode == 2 and "is a file, not a folder" in done.stderr


@pytest.fixture
def open_folder():
    """One that a user without rights may enter: pytest's own are closed to others."""
    folder = Path(tempfile.mkdtemp(prefix="bashu-faults-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def without_rights():
    return {"user": 65534, "group": 65534, "extra_groups": []} if ROOT_USER else {}


def test_folder_that_cannot_be_written(open_folder):
    if ROOT_USER and subprocess.run(["cat", BASHU], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False, **without_rights()).returncode:
        pytest.skip("skipped: another user may not read the program")
    case = write_case(open_folder / "case.yaml", SHORT)
    out = open_folder / "out"
    out.mkdir(mode=0o555)
    done, _ = try_to_run(case, **without_rights())
    assert done.returncode == 1 and f"{out}/run.log: cannot be written: Permission denied" in done.stderr, done.stderr
    assert not list(out.iterdir())
    open_folder.chmod(0o555)
    done = bashu("run", case, "--out", open_folder / "new", **without_rights())
    assert done.returncode == 1 and f"{open_folder}/new: cannot make the folder of the run: Permission denied" in done.stderr
    open_folder.chmod(0o755)


# ---- no room ----

def limited(size):
    """Files may not grow beyond this: writing fails as on a full disk, with another word for it."""
    if WITH_MPI:
        pytest.skip("skipped: files of MPI's own could not grow either, and it does not start; full disks of ranks: test_restart_ranks")
    def apply():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    return apply


MANY_FIELDS = {**SHORT, "time.end": "2015-01-31T16:00:00Z", "output.fields3d": {"interval": "1 h"}}


# Sizes at which one file after another fails: the first record, the fields, in the middle and at the end.
@pytest.mark.parametrize("size", [4000, 30000, 100000, 300000, 1000000])
def test_file_that_cannot_grow(tmp_path, size):
    case = write_case(tmp_path / "case.yaml", MANY_FIELDS)
    done, out = try_to_run(case, preexec_fn=limited(size))
    assert done.returncode == 1, (done.returncode, done.stderr)
    assert str(out) in done.stderr and "cannot be" in done.stderr, done.stderr
    assert [f.name for f in out.iterdir() if f.name != "run.log"] == [] if out.exists() else True


@pytest.fixture
def small_disk(tmp_path):
    folder = tmp_path / "disk"
    folder.mkdir()
    made = ROOT_USER and subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", folder], capture_output=True, check=False)
    if not made or made.returncode != 0:
        pytest.skip("skipped: a small file system cannot be mounted here")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_full_disk(tmp_path, small_disk):
    case = write_case(tmp_path / "case.yaml", MANY_FIELDS)
    done = bashu("run", case, "--out", small_disk / "out")
    assert done.returncode == 1
    assert f"{small_disk}/out/" in done.stderr and "the disk that holds it is full; make room" in done.stderr, done.stderr
    assert {f.name for f in (small_disk / "out").iterdir()} <= {"run.log"}


def test_run_again_after_a_failure(tmp_path):
    """What a failed run left does not stand in the way of the next."""
    case = write_case(tmp_path / "case.yaml", MANY_FIELDS)
    done, out = try_to_run(case, preexec_fn=limited(300000))
    assert done.returncode == 1 and "error: " in (out / "run.log").read_text()
    assert run(tmp_path, "out", SHORT).ledger


def test_run_that_was_killed_leaves_no_final_name(tmp_path):
    case = write_case(tmp_path / "case.yaml", {**MANY_FIELDS, "time.end": "2015-02-28T16:00:00Z"})
    out = tmp_path / "out"
    with subprocess.Popen([BASHU, "run", case, "--out", out], stderr=subprocess.PIPE, text=True) as process:
        for line in process.stderr:
            if "  % " in line or " %  " in line:
                break
        process.kill()
    left = {f.name for f in out.iterdir()}
    assert "surface.nc.part" in left and all(n in ("run.log", "checkpoint") or n.endswith(".part") for n in left), left
    assert all(f.name.endswith(".journal") for f in (out / "checkpoint").iterdir())
    assert run(tmp_path, "out", SHORT).ledger
    assert not list(out.glob("*.part"))


def test_two_runs_into_one_folder(tmp_path):
    case = write_case(tmp_path / "case.yaml", {**MANY_FIELDS, "time.end": "2015-02-28T16:00:00Z"})
    with subprocess.Popen([BASHU, "run", case, "--out", tmp_path / "out"], stderr=subprocess.PIPE, text=True) as first:
        first.stderr.readline()
        second = bashu("run", case, "--out", tmp_path / "out")
        first.kill()
    assert second.returncode == 2 and "another run is writing into this folder" in second.stderr, second.stderr


def test_prepared_file_that_cannot_grow(case):
    cache = case.parent / "cache"
    done = bashu("prepare", case, "--out", cache, preexec_fn=limited(100000))
    assert done.returncode == 1 and str(cache) in done.stderr, done.stderr
    assert not list(cache.glob("*.nc")) if cache.exists() else True
    assert bashu("prepare", case, "--out", cache).returncode == 0
    assert len(list(cache.iterdir())) == 1


def test_prepare_needs_a_folder(case):
    done = bashu("prepare", case)
    assert done.returncode == 2 and "--out DIR, or meteorology.prepared in the case" in done.stderr


def test_damaged_prepared_meteorology(case):
    cache = case.parent / "cache"
    assert bashu("prepare", case, "--out", cache).returncode == 0
    kept = next(cache.glob("*.nc"))
    kept.write_bytes(kept.read_bytes()[:5000])
    done, out = try_to_run(case, "--set", f"meteorology.prepared={cache}")
    assert done.returncode == 2 and str(kept) in done.stderr and not out.exists(), done.stderr
