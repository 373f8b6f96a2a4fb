"""Ranks: however a run is shared out among processes and threads, its outputs are the same to the bit.

The one they are compared with is made by one rank: of a build without MPI where there is one of the same version (BASHU_SERIAL), else of
this one. Tiles are uneven: 31 x 23 cells divide by nothing."""
import itertools
import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest
from netCDF4 import Dataset

from support import BASHU, CONFIGS, MPIEXEC, bashu, fields, long_one, needs_ranks, write_case

pytestmark = needs_ranks

STACKS = """name,lon,lat,sector,species,value,unit,height,diameter,exit_temperature,exit_velocity
tall,104.1,30.6,power,pm25,20,Gg year-1,180,6,400,20
border,106.55,29.55,power,pm25,10,Gg year-1,120,5,390,18
coarse,103.6,29.5,industry,pmcoarse,30,Gg year-1,40,2,420,12
outside,80,10,power,pm25,1,Gg year-1,100,5,390,18
"""
# Tags of sectors, regions and sides, two species, one of which settles; rain; stacks with plume rise; fluxes between regions; a whole
# natural day.
EVERYTHING = {
    "grid.nx": 31, "grid.ny": 23, "grid.dx": "47 km",
    "time.start": "2015-01-30T22:00:00+08:00", "time.end": "2015-02-01T04:00:00+08:00", "time.spinup": "2 h",
    "tracers.species": ["pm25", "pmcoarse"],
    "tracers.groups": [{"name": "chengdu-plain_industry", "regions": ["chengdu-plain"], "sectors": ["industry"]},
                       {"name": "rest", "regions": ["重庆", "elsewhere"], "sectors": ["all"]}],
    "tracers.tags": False,
    "meteorology.idealised": {"precipitation": "2.0e-5 kg m-2 s-1", "inflow_speed": "4 m s-1"},
    "meteorology.assume.boundary_layer_height": None,
    "output.fields3d.interval": "6 h", "output.corridors": True,
}
HOURS = {"time.start": "2015-01-30T22:00:00+08:00", "time.end": "2015-01-31T02:00:00+08:00", "time.spinup": "0 h"}
FEW = {**EVERYTHING, **HOURS, "output.fields3d.interval": "1 h"}
# Flat cells and winds up and down the slopes: up to three substeps of horizontal diffusion.
SUBSTEPS = {"grid.dx": "50 km", "grid.dy": "10 km", "time.max_step": "3600 s", "operators.smagorinsky": 0.55,
            "meteorology.idealised.slope_wind_speed": "10 m s-1"}
WAYS = {
    "substeps": {**SUBSTEPS, "operators.diffusion_substeps": 3, "time.end": "2015-01-31T00:00:00+08:00"},
    "longer steps": {"time.max_courant": 2, "time.max_step": "3600 s", "operators.advection": "ppm6_pd"},
    "tr-bdf2": {"operators.vertical_diffusion": "tr_bdf2", "operators.dry_deposition": "zhang2001"},
    "acm2": {"operators.vertical_diffusion": "acm2", "time.start": "2015-01-31T10:00:00+08:00",
             "time.end": "2015-01-31T13:00:00+08:00"},
    "upwind": {"operators.advection": "upwind1", "operators.horizontal_diffusion": "none", "operators.wet_scavenging": "none"},
}
SHARED_OUT = [(n, t) for n, t in itertools.product((1, 2, 4, 6), (1, 2))]


def case_in(folder, changes, name="case"):
    (folder / "stacks.csv").write_text(STACKS, encoding="utf-8")
    totals = {"name": "totals", "type": "totals", "file": str(CONFIGS / "emissions/province_totals_2015.csv"),
              "regions": str(CONFIGS / "regions/provinces.geojson"), "species": "pm25",
              "proxy": {"file": str(CONFIGS / "data/proxy_population.nc"), "default": "population"}}
    stacks = {"name": "stacks", "type": "points", "file": str(folder / "stacks.csv")}
    return write_case(folder / f"{name}.yaml", {"emissions.inventories": [totals, stacks], **changes})


def serial():
    """The program to compare with."""
    program = Path(os.environ.get("BASHU_SERIAL") or "")
    if not program.is_file():
        return BASHU
    version = [subprocess.run([p, "version"], capture_output=True, text=True, check=True).stdout for p in (program, BASHU)]
    return str(program) if version[0] == version[1] else BASHU


def run(case, out, ranks, threads, *words, program=None):
    done = bashu("run", case, "--out", out, "--threads", threads, *words, ranks=ranks, program=program)
    assert done.returncode == 0, done.stderr
    return out


def contents(folder):
    """What a run leaves, by file: arrays of a netCDF file with their dimensions and attributes, lines of a table."""
    found = {}
    for file in sorted(Path(folder).iterdir()):
        if file.suffix == ".nc":
            with Dataset(file) as nc:
                about = {v: (nc[v].dimensions, str({a: nc[v].getncattr(a) for a in nc[v].ncattrs()})) for v in nc.variables}
            found[file.name] = {name: (about[name], a.dtype, a.tolist() if a.dtype == object else a.tobytes())
                                for name, a in fields(file).items()}
        elif file.suffix == ".csv":
            found[file.name] = file.read_bytes()
    return found


# Keys of summary.json that tell of the numbers, not of how or when they were made.
COUNTS = ["ledger", "steps", "assumed", "emissions", "inputs", "correction", "min_total_ug_kg", "negative_tag_kg",
          "negative_total_kg", "grid"]


def differences(one, other):
    """What is not the same in two folders of runs: words, one for each."""
    a, b = contents(one), contents(other)
    found = [f"{name} is in one alone" for name in a.keys() ^ b.keys()]
    for name in a.keys() & b.keys():
        if isinstance(a[name], bytes):
            found += [name] if a[name] != b[name] else []
            continue
        found += [f"{name}: variable {v} is in one alone" for v in a[name].keys() ^ b[name].keys()]
        found += [where(one, other, name, v) for v in a[name].keys() & b[name].keys() if a[name][v] != b[name][v]]
    s, t = (json.loads((Path(f) / "summary.json").read_text(encoding="utf-8")) for f in (one, other))
    assert s["ledger"] and s["steps"]
    return sorted(found) + [f"summary.json: {key}" for key in COUNTS if s.get(key) != t.get(key)]


def where(one, other, name, variable):
    a, b = (fields(Path(f) / name)[variable] for f in (one, other))
    if a.shape != b.shape or a.dtype.kind not in "fi":
        return f"{name}: {variable}: shape, type, attributes or texts"
    at = np.argwhere(~((a == b) | ((a != a) & (b != b))))
    if len(at) == 0:
        return f"{name}: {variable}: attributes or bits of equal values"
    first = tuple(int(n) for n in at[0])
    return f"{name}: {variable}: {len(at)} of {a.size} values, at {at.min(0)} to {at.max(0)}; {a[first]} and {b[first]} at {first}"


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The case with everything, by one rank."""
    folder = tmp_path_factory.mktemp("ranks")
    case = case_in(folder, EVERYTHING)
    return case, run(case, folder / "whole", 0, 1, program=serial())


def test_the_case_has_everything(whole):
    """What the others compare is worth comparing: every file is there, every term of the ledger is more than nothing."""
    _, out = whole
    assert {"surface.nc", "daily.nc", "deposition.nc", "fields3d.nc", "cities.nc", "cities.csv", "cities_daily.csv",
            "cities_period.csv", "corridors.csv", "corridors_budget.csv", "corridors.nc", "source_receptor.nc", "source_receptor_daily.csv", "source_receptor_period.csv", "shares.csv",
            "emissions_audit.csv"} <= set(contents(out))
    ledger = {row["tracer"]: row for row in json.loads((out / "summary.json").read_text(encoding="utf-8"))["ledger"]}
    assert len(ledger) == 11
    for name in ("pm25", "pmcoarse"):
        terms = {k: v for k, v in ledger[name].items() if k.endswith("_kg") and k != "error_kg"}
        assert all(v > 0 for v in terms.values()), terms


@pytest.mark.parametrize("ranks,threads", SHARED_OUT)
def test_same_bits(whole, tmp_path, ranks, threads):
    case, out = whole
    other = run(case, tmp_path / "out", ranks, threads)
    assert differences(out, other) == []
    log = (other / "run.log").read_text(encoding="utf-8")
    assert (f"{ranks} ranks x {threads} threads" in log) == (ranks > 1), log.splitlines()[0]


@pytest.mark.parametrize("way", ["longer steps", "acm2", *(pytest.param(way, marks=long_one) for way in ("tr-bdf2", "upwind"))])
def test_same_bits_in_other_ways(tmp_path, way):
    case = case_in(tmp_path, {**FEW, **WAYS[way]})
    one = run(case, tmp_path / "one", 0, 2, program=serial())
    for ranks in (4, 6):
        assert differences(one, run(case, tmp_path / f"of{ranks}", ranks, 1)) == [], ranks


def test_a_tile_that_sees_all(tmp_path):
    """Of three tiles of eight cells the middle one, with eight of each neighbour, has the shape of the mesh; it is not the mesh."""
    case = case_in(tmp_path, {**FEW, "grid.nx": 24, "grid.dx": "55 km"})
    one = run(case, tmp_path / "one", 0, 2, program=serial())
    other = run(case, tmp_path / "of3", 3, 1)
    assert "3 x 1 of at most 8 x 23 cells, overlap 8" in (other / "run.log").read_text(encoding="utf-8")
    assert differences(one, other) == []


def test_prepared_meteorology(tmp_path):
    """Made by one rank or several it is the same, and serves any number."""
    case = case_in(tmp_path, FEW)
    direct = run(case, tmp_path / "direct", 0, 2, program=serial())
    done = bashu("prepare", case, "--out", tmp_path / "by1", program=serial())
    assert done.returncode == 0, done.stderr
    done = bashu("prepare", case, "--out", tmp_path / "by4", "--threads", 1, ranks=4)
    assert done.returncode == 0, done.stderr
    one, several = (sorted((tmp_path / f).rglob("*.nc")) for f in ("by1", "by4"))
    assert one and [p.name for p in one] == [p.name for p in several]
    assert [contents(p.parent)[p.name] == contents(q.parent)[q.name] for p, q in zip(one, several)] == [True] * len(one)
    for folder, ranks in (("by1", 4), ("by4", 6), ("by4", 0)):
        out = run(case, tmp_path / f"{folder}-{ranks}", ranks, 1, "--set", f"meteorology.prepared={tmp_path / folder}")
        assert differences(direct, out) == [], (folder, ranks)
        assert "prepared" in (out / "run.log").read_text(encoding="utf-8")


def test_nested(tmp_path):
    """An inner run from the 3-D fields of an outer one."""
    outer = run(case_in(tmp_path, FEW, "outer"), tmp_path / "outer", 4, 1)
    inner = {**FEW, "grid.nx": 29, "grid.ny": 25, "grid.dx": "19 km", "grid.centre": [104.3, 30.4],
             "emissions.allow_outside": None, "initial": {"type": "file", "file": str(outer / "fields3d.nc")},
             "boundary": {"type": "file", "file": str(outer / "fields3d.nc")}}
    case = case_in(tmp_path, inner, "inner")
    one = run(case, tmp_path / "one", 0, 2, program=serial())
    for ranks in (2, 6):
        assert differences(one, run(case, tmp_path / f"of{ranks}", ranks, 1)) == [], ranks


def test_scenarios(tmp_path):
    """Members side by side, and what they change."""
    case_in(tmp_path, {**FEW, "tracers.species": ["pm25"], **{"time.start": "2015-01-31T00:00:00+08:00", "time.end": "2015-02-01T02:00:00+08:00"}})
    plan = tmp_path / "plan.yaml"
    plan.write_text("plan: test\ntitle: A test\ncase: case.yaml\nscenarios:\n"
                    "  half:\n    - {regions: [all, elsewhere], sectors: [all], species: [pm25], cut: 50%, from: start, to: end}\n"
                    "  plain:\n    - {regions: [chengdu-plain], sectors: [industry], species: [pm25], cut: 80%, "
                    "from: 2015-01-31T08:00:00+08:00, to: 2015-01-31T20:00:00+08:00}\n", encoding="utf-8")
    for folder, ranks, program in (("one", 0, serial()), ("of6", 6, None)):
        done = bashu("scenario", plan, "--out", tmp_path / folder, "--threads", 1, ranks=ranks, program=program)
        assert done.returncode == 0, done.stderr
    for member in ("base", "half", "plain"):
        assert differences(tmp_path / "one" / member, tmp_path / "of6" / member) == [], member
    assert contents(tmp_path / "one") == contents(tmp_path / "of6")
    assert done.stdout.count("differences_cities.csv") == 1


# ---- what several ranks do otherwise ----

@pytest.mark.parametrize("words", [["report", "run"], ["evaluate", "run", "obs.csv"], ["bench", "--quick"],
                                   ["adjoint", "case.yaml", "--receptor", "510100", "--out", "a"]])
def test_refused_with_several_ranks(tmp_path, words):
    done = bashu(*words, ranks=2, cwd=tmp_path)
    assert done.returncode == 2 and done.stderr.count(f"bashu {words[0]} works on one rank: start it without mpirun") == 1
    assert done.stdout == "" or words[0] not in done.stdout


def test_more_substeps_than_fit(tmp_path):
    done = bashu("run", case_in(tmp_path, {**FEW, **SUBSTEPS}), "--out", tmp_path / "out", ranks=2)
    assert done.returncode == 1 and "hdiff: horizontal diffusion asks for 3 substeps" in done.stderr, done.stderr
    assert "has room for 1; give operators.diffusion_substeps: 3," in done.stderr


def test_more_ranks_than_fit(tmp_path):
    done = bashu("run", case_in(tmp_path, FEW), "--out", tmp_path / "out", ranks=8)
    assert done.returncode == 2 and done.stderr.count("error: ") == 1 and "take 6" in done.stderr, done.stderr
    assert not (tmp_path / "out").exists()


def test_one_voice(tmp_path):
    """Help, tables and errors are told once; the status is everybody's."""
    done = bashu("--help", ranks=3)
    assert done.returncode == 0 and done.stdout.count("usage: bashu COMMAND") == 1
    assert bashu("version", ranks=3).stdout.count("fields in") == 1
    assert bashu("options", "--species", ranks=3).stdout == bashu("options", "--species").stdout
    done = bashu("rum", ranks=3)
    assert done.returncode == 2 and done.stderr.count("unknown command 'rum'; did you mean 'run'?") == 1
    done = bashu("run", tmp_path / "none.yaml", "--out", tmp_path / "out", ranks=3)
    assert done.returncode == 2 and done.stderr.count("none.yaml") == 1


def one_otherwise(words, other):
    """Two ranks, the second with words of its own."""
    return subprocess.run([MPIEXEC, "-n", "1", BASHU, *map(str, words), ":", "-n", "1", BASHU, *map(str, other)],
                          capture_output=True, text=True, check=False, timeout=120)


def test_one_rank_fails(tmp_path):
    """Where the others ask, all fail with its words, told once; where they do not, it speaks itself and ends them."""
    case, out = case_in(tmp_path, FEW), tmp_path / "out"
    done = one_otherwise(["run", case, "--out", out], ["run", tmp_path / "gone.yaml", "--out", out])
    assert done.returncode == 2 and done.stderr.count("gone.yaml") == 1 and "rank 1: " not in done.stderr, done.stderr
    done = one_otherwise(["run", case, "--out", out], ["run", case, "--out", out, "--threads", "many"])
    assert done.returncode == 2 and done.stderr.count("rank 1: bashu run: --threads must be a whole number") == 1, done.stderr
    assert not out.exists()


def test_other_numbers_of_threads(tmp_path):
    """As where ranks on machines of several kinds take what there is: messages are cut alike."""
    case, together = case_in(tmp_path, FEW), tmp_path / "together"
    one = run(case, tmp_path / "one", 0, 1, program=serial())
    words = ["run", case, "--out", together, "--threads"]
    done = one_otherwise([*words, 1], [*words, 3])
    assert done.returncode == 0, done.stderr
    assert differences(one, together) == []


def test_large_maps(tmp_path):
    """Above 256 x 256 cells all ranks write, through parallel HDF5; room that was reserved for a file while it grew is given back."""
    coarse = {"top": "200 hPa", "eta": [1.0, 0.9, 0.6, 0.0]}
    case = case_in(tmp_path, {**FEW, "grid.nx": 290, "grid.ny": 230, "grid.dx": "5 km", "grid.levels": coarse,
                              "time.end": "2015-01-30T23:00:00+08:00", "time.max_step": "1800 s", "tracers.species": ["pm25"],
                              "tracers.groups": None})
    whole = run(case, tmp_path / "whole", 0, 1, program=serial())
    out = run(case, tmp_path / "out", 2, 1)
    assert differences(whole, out) == []
    for file in out.glob("*.nc"):
        found = file.stat()
        assert found.st_blocks * 512 <= found.st_size + (1 << 18), (file, found)


def test_threads_by_default(tmp_path):
    """Ranks of one machine share its processors; who says how many is heard."""
    environment = {k: v for k, v in os.environ.items() if k != "OMP_NUM_THREADS"}
    case = case_in(tmp_path, FEW)
    several = len(os.sched_getaffinity(0))
    for ranks, more, threads in ((2, {}, max(1, several // 2)), (2, {"OMP_NUM_THREADS": "3"}, 3)):
        done = bashu("check", case, ranks=ranks, env={**environment, **more})
        assert done.returncode == 0 and f"on {ranks} ranks x {threads} threads" in done.stdout, done.stdout
