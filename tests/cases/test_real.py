"""The real cases, shortened to a few hours on coarse meshes and checked by scripts/realcases; skipped where the data folder is absent."""
import os
import sys
from pathlib import Path

import pytest
import yaml

from support import CONFIGS, LEDGER_CLOSES, ROOT, SHARED, Run, bashu, fields, needs_program

sys.path.insert(0, str(ROOT / "scripts"))
from realcases import checks, folder, source

pytestmark = needs_program
DATA = SHARED / "data"
ENV = {**os.environ, "BASHU_DATA": str(DATA)}
CASE = CONFIGS / "cases/real-weather.yaml"
ENTRIES = {e.get("name", e["case"]): e for e in yaml.safe_load((ROOT / "scripts/realcases/cases.yaml").read_text(encoding="utf-8"))}
BASIN = ["grid.nx=50", "grid.ny=37", "grid.dx=27 km"]  # smaller than the case's own mesh, so that each file still covers it
EUROPE = ["grid.nx=20", "grid.ny=34", "grid.dx=30 km"]
SHORT = {
    "gfs-2016-10-31": ["time.spinup=0 s", "time.end=2016-10-29T19:00:00Z", *BASIN],
    "real-weather": ["time.end=2011-01-15T19:00:00Z", *BASIN],
    "era5-2020-01-01": ["time.end=2020-01-01T04:00:00Z", *EUROPE],
    "era5-levels-2022-08-31": ["time.start=2022-08-31T12:00:00Z", "time.end=2022-08-31T16:00:00Z", *EUROPE],
    "wrf-2005-09-21": [],  # small, and only the whole series has all of its rain
    "wrf-2005-09-21-mesh": ["grid.nx=12", "grid.ny=9", "grid.dx=20 km"],
    "episode-2016-11": ["time.spinup=0 s", "time.end=2016-11-20T03:00:00Z", *BASIN],
}


def need(names):
    for name in names:
        if not (DATA / name).exists():
            print(f"skipped: {DATA / name} is not here")
            pytest.skip(f"skipped: {DATA / name} is not here")


@pytest.fixture(scope="module", params=list(ENTRIES))
def real(request, tmp_path_factory):
    """(entry, run, its folder.Run with the prepared meteorology)"""
    entry = ENTRIES[request.param]
    if os.environ.get("BASHU_BRIEF") == "1" and request.param != "era5-2020-01-01":
        pytest.skip("BASHU_BRIEF: era5-2020-01-01 takes the same code")
    need(entry["needs"])
    case, home = CONFIGS / f"cases/{entry['case']}.yaml", tmp_path_factory.mktemp("real")
    words = [w for s in SHORT[request.param] for w in ("--set", s)]
    done = bashu("run", case, "--out", home / "out", *words, env=ENV)
    assert done.returncode == 0, done.stderr
    prepared = bashu("prepare", case, "--out", home / "met", *words, env=ENV)
    assert prepared.returncode == 0, prepared.stderr
    return entry, Run(home / "out", done), folder.Run(home / "out", next((home / "met").glob("*.nc")))


def test_ledger_closes(real):
    _, run, _ = real
    assert all(abs(row["residual"]) <= LEDGER_CLOSES for row in run.summary["ledger"])
    assert run.ledger["pm25"]["emitted_kg"] > 1e4 and run.ledger["pm25_boundary"]["stored_kg"] > 0


def test_every_check_of_the_page_holds(real):
    """Winds, pressure, mass, continuity and emissions against other code that reads the same files."""
    entry, _, run = real
    weather = source.of_case(run.case["meteorology"], entry.get("further"))
    found = [c for name in entry["checks"] for c in checks.CHECKS[name](run, weather)]
    assert len(found) >= len(entry["checks"])
    assert all(c.ok for c in found), [(c.what, c.difference, c.allowed) for c in found if not c.ok]


def test_weather_is_plausible(real):
    _, run, _ = real
    surface = fields(run.folder / "surface.nc")
    assert 0 < surface["primary_pm25"].min() and 1 < surface["primary_pm25"].max() < 500  # ug m-3
    assert 230 < surface["t2"].min() < surface["t2"].max() < 310  # K
    assert 45000 < surface["ps"].min() < surface["ps"].max() < 105000  # Pa, from the plateau down
    assert 20 <= surface["pblh"].min() <= surface["pblh"].max() < 8000
    assert run.summary["correction"]["p99_m_s"] < 5  # the winds nearly keep mass by themselves


def test_what_was_taken_and_assumed_is_told(real):
    entry, run, _ = real
    assumed = " ".join(run.summary["assumed"])
    assert run.summary["weather_label"] and assumed
    if entry["case"] == "real-weather":
        assert "GFS 2.5 degree forecast" in run.summary["weather_label"]
        assert "held steady" in assumed and "precipitation" in assumed, assumed
        assert "taken by its name as latitude" in run.log


def test_unset_folder_is_named(tmp_path):
    env = {k: v for k, v in os.environ.items() if k != "BASHU_DATA"}
    done = bashu("run", CASE, "--out", tmp_path / "out", env=env)
    assert done.returncode == 2 and "BASHU_DATA" in done.stderr and "real-weather.yaml:" in done.stderr
    assert not (tmp_path / "out").exists()


def test_every_case_of_the_page_is_here():
    for entry in ENTRIES.values():
        assert Path(CONFIGS / f"cases/{entry['case']}.yaml").is_file(), entry["case"]
