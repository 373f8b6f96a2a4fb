"""What the tests of whole runs share: a small case that takes a second or two, and the program run on it."""
import copy
import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest
import yaml
from netCDF4 import Dataset

BASHU = os.environ.get("BASHU")
MPIEXEC = os.environ.get("BASHU_MPIEXEC")  # of builds with MPI; else empty
WITH_MPI = bool(MPIEXEC)
ROOT = Path(os.environ.get("BASHU_SOURCE", Path(__file__).resolve().parents[2]))
SHARED = Path(os.environ.get("BASHU_SHARED", ROOT.parent / "shared"))
CONFIGS = ROOT / "configs"
# With BASHU_BRIEF=1, as in .ci/run with sanitizers and with ranks, tests that take long and run code that another one here runs, too, are
# skipped; scripts/check.sh asan mpi runs all.
long_one = pytest.mark.skipif(os.environ.get("BASHU_BRIEF") == "1", reason="BASHU_BRIEF: a shorter test takes the same code")
needs_program = pytest.mark.skipif(not BASHU, reason="BASHU does not name the program")
needs_ranks = pytest.mark.skipif(not BASHU or not MPIEXEC, reason="the program is built without MPI")

LEDGER_CLOSES = 2e-6  # ROUND: of initial + emitted + inflow, fields in float; the program's own limit
SECTORS = ["power", "industry", "road", "other_transport", "residential", "other_domestic"]
PROFILES = {kind: str(CONFIGS / f"emissions/profiles_{kind}.csv") for kind in ("month", "weekday", "hour", "height")}

# Sichuan and Chongqing whole, so that the grid holds all that the tables do. From Friday evening in January over a natural day
# of UTC+8 into Sunday in February: month, weekday and hour of the profiles all change on the way.
SMALL = {
    "case": {"name": "small", "title": "A small winter basin"},
    "time": {"start": "2015-01-30T22:00:00+08:00", "end": "2015-02-01T04:00:00+08:00", "spinup": "2 h"},
    "grid": {
        "projection": "+proj=lcc +lat_1=27 +lat_2=33 +lat_0=30 +lon_0=104.5 +R=6370000",
        "nx": 24, "ny": 20, "dx": "54 km", "centre": [104.0, 30.2],
        "levels": {"top": "250 hPa", "flat_above": 0.1,
                   "eta": [1.0, 0.99, 0.975, 0.955, 0.925, 0.88, 0.8, 0.68, 0.5, 0.25, 0.0]},
    },
    "terrain": {"file": str(CONFIGS / "data/terrain.nc")},
    "meteorology": {"provider": "idealised", "label": "IDEALISED weather, no real day"},
    "regions": {"file": str(CONFIGS / "regions/sichuan-chongqing.geojson")},
    "emissions": {
        "sectors": SECTORS,
        "inventories": [
            {"name": "totals", "type": "totals", "file": str(CONFIGS / "emissions/province_totals_2015.csv"),
             "regions": str(CONFIGS / "regions/provinces.geojson"),
             "proxy": {"file": str(CONFIGS / "data/proxy_population.nc"), "default": "population"}},
            {"name": "plants", "type": "points", "file": str(CONFIGS / "emissions/points_power.csv")},
        ],
        "profiles": PROFILES,
    },
    "tracers": {"species": ["pm25"], "tag_initial": True, "tag_boundary": True},
    "initial": {"value": "2 ug kg-1"},
    "boundary": {"value": "4 ug kg-1", "scale_height": "1500 m"},
    "output": {"precision_bits": 23},
}
SHORT = {"time.start": "2015-01-30T22:00:00Z", "time.end": "2015-01-31T02:00:00Z", "time.spinup": "0 h"}


def changed(case, changes):
    """A copy of the case with values by dotted path; None removes a key."""
    case = copy.deepcopy(case)
    for path, value in changes.items():
        *sections, key = path.split(".")
        place = case
        for section in sections:
            place = place.setdefault(section, {})
        if value is None:
            place.pop(key, None)
        else:
            place[key] = value
    return case


def write_case(file, changes=None):
    text = yaml.safe_dump(changed(SMALL, changes or {}), sort_keys=False, allow_unicode=True, width=1000)
    Path(file).write_text(text, encoding="utf-8")
    return Path(file)


def command(*words, ranks=0, program=None):
    """The program with these words; ranks: that many of it, by mpiexec."""
    start = [MPIEXEC, "-n", str(ranks)] if ranks else []
    return [*start, program or BASHU, *map(str, words)]


def bashu(*words, ranks=0, program=None, **options):
    return subprocess.run(command(*words, ranks=ranks, program=program), capture_output=True, text=True, check=False,
                          timeout=600, **options)


class Run:
    """A finished run: its folder, summary and fields."""

    def __init__(self, folder, done):
        self.folder, self.done = Path(folder), done
        self.summary = json.loads((self.folder / "summary.json").read_text(encoding="utf-8"))
        self.ledger = {row["tracer"]: row for row in self.summary["ledger"]}
        self.log = (self.folder / "run.log").read_text(encoding="utf-8")

    def field(self, name, file="surface.nc"):
        return fields(self.folder / file)[name]


def run(folder, name="run", changes=None, words=()):
    """Runs the small case with changes in folder/name; it must succeed."""
    folder = Path(folder)
    case = write_case(folder / f"{name}.yaml", changes)
    done = bashu("run", case, "--out", folder / name, *words)
    assert done.returncode == 0, done.stderr
    return Run(folder / name, done)


def fields(file):
    """Every variable of a netCDF file as an array."""
    with Dataset(file) as nc:
        nc.set_auto_mask(False)
        return {name: np.array(v[...]) for name, v in nc.variables.items()}


def assert_same_bits(one, other, file="surface.nc"):
    a, b = fields(one.folder / file), fields(other.folder / file)
    assert a.keys() == b.keys()
    for name in a:
        same = a[name].tolist() == b[name].tolist() if a[name].dtype == object else a[name].tobytes() == b[name].tobytes()
        assert a[name].dtype == b[name].dtype and same, (file, name)
