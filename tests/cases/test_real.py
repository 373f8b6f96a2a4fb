"""The case under real weather, shortened to three hours; skipped where the data folder is absent."""
import os

import pytest

from support import CONFIGS, LEDGER_CLOSES, SHARED, Run, bashu, fields, needs_program

pytestmark = needs_program
DATA = SHARED / "data"
CASE = CONFIGS / "cases/real-weather.yaml"
NEEDED = ("met/gfs25_20110115T12.nc", "surface/population_2020_0.05deg.nc")


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    for name in NEEDED:
        if not (DATA / name).exists():
            print(f"skipped: {DATA / name} is not here")
            pytest.skip(f"skipped: {DATA / name} is not here")
    out = tmp_path_factory.mktemp("real") / "out"
    done = bashu("run", CASE, "--out", out, "--set", "time.end=2011-01-15T19:00:00Z", env={**os.environ, "BASHU_DATA": str(DATA)})
    assert done.returncode == 0, done.stderr
    return Run(out, done)


def test_ledger_closes(real):
    assert real.summary["simulated_s"] == 3 * 3600
    assert all(abs(row["residual"]) <= LEDGER_CLOSES for row in real.summary["ledger"])
    assert real.ledger["pm25"]["emitted_kg"] > 1e5 and real.ledger["pm25_boundary"]["stored_kg"] > 0


def test_what_was_assumed_is_told(real):
    assert "GFS 2.5 degree forecast" in real.summary["weather_label"]
    assumed = " ".join(real.summary["assumed"])
    assert "held steady" in assumed and "precipitation" in assumed, assumed
    assert "taken by its name as latitude" in real.log


def test_weather_is_plausible(real):
    surface = fields(real.folder / "surface.nc")
    assert surface["primary_pm25"].shape == (3, 120, 160)
    assert 0 < surface["primary_pm25"].min() and 5 < surface["primary_pm25"].max() < 500  # ug m-3
    assert 230 < surface["t2"].min() < surface["t2"].max() < 300  # K, January
    assert 45000 < surface["ps"].min() < surface["ps"].max() < 105000  # Pa, from the plateau down
    assert 20 <= surface["pblh"].min() < surface["pblh"].max() < 5000
    assert real.summary["correction"]["p99_m_s"] < 5  # the winds nearly keep mass by themselves


def test_unset_folder_is_named(tmp_path):
    env = {k: v for k, v in os.environ.items() if k != "BASHU_DATA"}
    done = bashu("run", CASE, "--out", tmp_path / "out", env=env)
    assert done.returncode == 2 and "BASHU_DATA" in done.stderr and "real-weather.yaml:" in done.stderr
    assert not (tmp_path / "out").exists()
