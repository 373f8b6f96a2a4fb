"""What `bashu check` says of memory, against what runs hold at most."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from support import BASHU, CONFIGS, MPIEXEC, bashu, command, long_one, needs_program, needs_ranks

pytestmark = needs_program

# SCIENCE: what the estimate leaves out: libraries, pages, buffers of files. 3 to 5 % were measured with one rank; MPI adds its own.
ONE_RANK, SEVERAL = 0.12, 0.25
DEFAULT = [CONFIGS / "cases/basin-winter.yaml", "--threads", 1, "--set", "time.spinup=0 h",
           "--set", "time.end=2015-01-11T17:00:00Z"]
MEASURE = """import resource, subprocess, sys
status = subprocess.call(sys.argv[2:])
with open(sys.argv[1] + "/" + str(__import__("os").getpid()), "w") as f:
    f.write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024))
sys.exit(status)
"""


def sanitized():
    return bool(BASHU) and b"__asan_init" in Path(BASHU).read_bytes() or b"__tsan_init" in Path(BASHU).read_bytes()


measured = pytest.mark.skipif(sanitized(), reason="a sanitizer holds memory of its own")


def told(words):
    """Largest rank, MiB, and its parts."""
    lines = words.splitlines()
    at = next(n for n, line in enumerate(lines) if line.startswith("memory"))
    parts = {name.strip(): float(value) for name, value in re.findall(r"([a-z ]+?) (\d+)", lines[at + 1])}
    return float(re.search(r"about (\d+) MiB", lines[at]).group(1)), parts


def peaks(tmp_path, case, ranks):
    """MiB that each rank of a run held at most."""
    folder = tmp_path / "peaks"
    folder.mkdir()
    (tmp_path / "measure.py").write_text(MEASURE)
    run = command("run", *case, "--out", tmp_path / "out")
    start = [MPIEXEC, "-n", str(ranks)] if ranks else []
    done = subprocess.run([*start, sys.executable, str(tmp_path / "measure.py"), str(folder), *run], capture_output=True, text=True,
                          check=False, timeout=600)
    assert done.returncode == 0, done.stderr
    return [float(p.read_text()) for p in folder.iterdir()]


@measured
def test_one_rank(tmp_path):
    done = bashu("check", *DEFAULT)
    assert done.returncode == 0, done.stderr
    expected, parts = told(done.stdout)
    assert parts["meteorology"] > parts["state"] > parts["output"] > 0 and parts["exchange"] == 0
    assert peaks(tmp_path, DEFAULT, 0) == [pytest.approx(expected, rel=ONE_RANK)]


@measured
@needs_ranks
def test_four_ranks(tmp_path):
    done = bashu("check", *DEFAULT, ranks=4)
    assert done.returncode == 0, done.stderr
    expected, parts = told(done.stdout)
    assert parts["exchange"] > 0
    found = peaks(tmp_path, DEFAULT, 4)
    assert len(found) == 4 and max(found) == pytest.approx(expected, rel=SEVERAL)
    dry = bashu("check", *DEFAULT[:3], "--ranks", 4)
    assert dry.returncode == 0 and told(dry.stdout)[0] == pytest.approx(expected, rel=0.02)


@long_one
def test_a_large_case_is_told_without_its_data(tmp_path):
    """1500 x 1000 x 40 cells and 19 tracers: neither weather nor inventories are opened; more ranks hold less, down to the maps of the mesh."""
    (tmp_path / "weather.nc").write_text("not read")
    (tmp_path / "stacks.csv").write_text("not read")
    case = tmp_path / "large.yaml"
    eta = ", ".join(f"{1 - n / 40:g}" for n in range(41))
    case.write_text(f"""
case: {{name: large}}
time: {{start: 2015-01-12T00:00:00Z, end: 2015-01-13T00:00:00Z}}
grid: {{projection: '+proj=lcc +lat_1=27 +lat_2=33 +lat_0=30 +lon_0=104.5 +R=6370000', nx: 1500, ny: 1000, dx: 1 km,
       centre: [104.0, 30.2], levels: {{top: 250 hPa, flat_above: 0.1, eta: [{eta}]}}}}
meteorology: {{provider: wrf, files: [weather.nc]}}
regions: {{file: {CONFIGS}/regions/sichuan-chongqing.geojson}}
emissions: {{sectors: [power, industry, road, residential], inventories: [{{name: stacks, type: points, file: stacks.csv}}]}}
tracers: {{tags: false, tag_initial: true, tag_boundary: true, cross: {{regions: [chengdu-plain, south-sichuan, chongqing, panxi],
          sectors: [power, industry, road, residential]}}}}
""", encoding="utf-8")
    found = {}
    for ranks in (1, 16, 1024):
        done = bashu("check", case, "--ranks", ranks)
        assert done.returncode == 0, done.stderr
        found[ranks], parts = told(done.stdout)
    assert found[1] > 30000 and 20 * found[16] > found[1] > 8 * found[16] and found[1024] < 1000
    assert parts["maps of the whole mesh"] > parts["state"] + parts["meteorology"]
    done = bashu("check", case, "--ranks", 4096, "--set", "grid.nx=40")
    assert done.returncode == 2 and "4096 ranks are too many for 40 x 1000 cells" in done.stderr
