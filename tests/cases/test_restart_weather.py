"""Runs with weather from files that are killed and go on: the same outputs, ledger and words about the weather as a run that was not cut. The
weather changes from hour to hour, since what a provider keeps in memory (times held, rain so far) is read again after a cut."""
import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from netCDF4 import Dataset

from support import BASHU, CONFIGS, bashu, needs_program
from test_era5_case import new_layout
from test_wrf import made_up

pytestmark = needs_program
HOURLY = ["checkpoint.interval=1 h", "output.fields3d.interval=1 h", "output.precision_bits=23", "time.spinup=0 s"]


def era5(folder):
    """Rain as sums of an hour, so that the amount of an hour is taken from two files' times."""
    data = folder / "era5"
    data.mkdir()
    new_layout(data)
    return CONFIGS / "cases/era5.yaml", {"ERA5": str(data)}, ["time.start=2016-11-18T16:00:00Z", "time.end=2016-11-18T19:00:00Z",
                                                             "grid.nx=32", "grid.ny=24", "grid.dx=45 km"]


def wrf(folder):
    """Accumulated rain that begins anew after the first hour, which the log tells once, and wind that grows."""
    data = folder / "wrf"
    data.mkdir()
    with Dataset(made_up(data), "r+") as nc:
        nc["RAINNC"][:] = [[[3.0]], [[4.0]], [[0.5]]]
        for n in range(3):
            nc["U"][n] = 5.0 + n
    return CONFIGS / "cases/wrf.yaml", {"WRFOUT": str(data)}, ["time.end=2015-01-10T18:00:00Z", "boundary.scale_height=0 m"]


def contents(folder):
    return {p.name: p.read_bytes() for p in Path(folder).iterdir() if p.suffix in (".nc", ".csv")}


@pytest.mark.parametrize("source", [era5, wrf])
def test_killed_after_the_first_checkpoint(source, tmp_path):
    case, where, settings = source(tmp_path)
    env = {**os.environ, **where}
    words = [w for s in settings + HOURLY for w in ("--set", s)]
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    done = bashu("run", case, "--out", whole, *words, env=env)
    assert done.returncode == 0, done.stderr
    process = subprocess.Popen([BASHU, "run", str(case), "--out", str(cut), *words], env=env, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    while process.poll() is None and not list((cut / "checkpoint").glob("checkpoint_*.h5")):
        time.sleep(0.001)
    process.kill()
    assert process.wait() == -signal.SIGKILL, "it came to its end before it was killed"
    done = bashu("run", case, "--out", cut, "--resume", *words, env=env)
    assert done.returncode == 0, done.stderr
    assert "resumed from the checkpoint of 201" in done.stderr
    a, b = contents(whole), contents(cut)
    assert a.keys() == b.keys() and [name for name in a if a[name] != b[name]] == []
    one, other = (json.loads((folder / "summary.json").read_text(encoding="utf-8")) for folder in (whole, cut))
    for key in ("ledger", "steps", "assumed", "correction"):
        assert one[key] == other[key], key
    assert one["assumed"], "the words are compared, so there must be some"
