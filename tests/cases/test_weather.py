"""Whole runs under 10 m winds of a file and with land use of a map: what reaches the fields and what the outputs say of it."""
import os

import numpy as np
import pytest
from netCDF4 import Dataset

from support import CONFIGS, LEDGER_CLOSES, SHARED, SHORT, Run, assert_same_bits, bashu, fields, needs_program, run, write_case

pytestmark = needs_program
EPISODE = CONFIGS / "cases/episode-2016-11.yaml"
NEEDED = ("met/gfs10m_wind_20161120-22.nc", "surface/population_2020_0.05deg.nc")


def write_winds(file):
    """Six-hourly, 1 degree: from the south-west at first, from the north-east later, more in the east. No units, as many archives have it."""
    lon, lat, hour = np.arange(94.0, 115.0), np.arange(23.0, 38.0), np.array([0.0, 6.0, 12.0])
    with Dataset(file, "w") as nc:
        for name, values in (("time", hour), ("lat", lat), ("lon", lon)):
            nc.createDimension(name, len(values))
            nc.createVariable(name, "f8", (name,))[:] = values
        nc["time"].units = "hours since 2015-01-30 18:00:00"
        for name, sign in (("u10", 1.0), ("v10", 0.5)):
            strength = 1 + 0.2 * (lon[None, None, :] - 94) + 0 * lat[None, :, None]
            nc.createVariable(name, "f4", ("time", "lat", "lon"))[:] = sign * (1 - hour[:, None, None] / 6) * strength
    return file


def write_land(file, west=12, east=13):
    """One class a cell: `west` of 104.5E and `east` of it."""
    lon, lat = np.arange(93.25, 116.0, 0.5), np.arange(22.25, 39.0, 0.5)
    with Dataset(file, "w") as nc:
        for name, values in (("lat", lat), ("lon", lon)):
            nc.createDimension(name, len(values))
            nc.createVariable(name, "f8", (name,))[:] = values
        nc.createVariable("class", "i2", ("lat", "lon"))[:] = np.where(lon[None, :] < 104.5, west, east) + 0 * lat[:, None]
    return file


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("weather")


@pytest.fixture(scope="module")
def plain(folder):
    return run(folder, "plain", SHORT)


def test_winds_of_a_file(folder):
    winds = write_winds(folder / "wind.nc")
    done = run(folder, "winds", {**SHORT, "meteorology.idealised": {"wind10_file": str(winds), "wind10_units": "m s-1"}})
    assert "over an idealised column" in done.summary["weather_label"] and "IDEALISED" in done.summary["weather_label"]
    assert any("from the 10 m wind" in line for line in done.summary["assumed"])
    assert all(abs(row["residual"]) <= LEDGER_CLOSES for row in done.summary["ledger"])
    surface = fields(done.folder / "surface.nc")
    u, v, lon = surface["u10"], surface["v10"], surface["lon"]
    mean = np.hypot(u, v).mean(axis=(1, 2)), np.hypot(1, 0.5) * (1 + 0.2 * (lon.mean() - 94))
    # at 23, 0, 1 and 2 UTC; the wind turns round at 0 UTC
    assert mean[0] / mean[1] == pytest.approx([1 / 6, 0, 1 / 6, 2 / 6], abs=1e-3)  # SCIENCE: the mesh's mean longitude
    assert u[0].mean() > 0 > u[3].mean()


def test_the_correction_is_told_by_height(plain):
    told = plain.summary["correction"]
    bands = told["by_height"]
    assert told["worst_time"].startswith("2015-01-3") and sum(b["layers"] for b in bands) == 10
    assert all(b["p99_m_s"] == told["p99_m_s"] and b["max_m_s"] == told["max_m_s"] for b in bands)
    assert bands[0]["from_m"] == 0 and "to_m" not in bands[-1] and bands[-1]["source_wind_rms_m_s"] > bands[0]["source_wind_rms_m_s"] > 0
    assert ("warning" in told) == (told["p99_m_s"] > 1) == ("99th percentile reaches" in plain.log)
    assert "at all heights the same" in plain.log


def test_every_rule_is_in_the_log(plain):
    for line in plain.summary["assumed"]:
        assert plain.log.count(f"weather   {line}") == 1, line
    assert "from the source: 2 m temperature, boundary-layer height, heat flux, precipitation" in plain.log


def land(file):
    return {"land": {"file": str(file), "variable": "class", "legend": "IGBP"}}


def test_land_use_of_a_map(folder, plain):
    mixed = run(folder, "land", {**SHORT, **land(write_land(folder / "mixed.nc"))})
    assert any("from mixed.nc (legend IGBP; one class a cell)" in line for line in mixed.summary["assumed"])
    assert not any("everywhere" in line for line in mixed.summary["assumed"])
    lon = mixed.field("lon")
    for side, rougher in ((lon > 105.2, True), (lon < 103.8, False)):  # towns and winter fields, against 0.3 m
        speed = [np.hypot(r.field("u10"), r.field("v10"))[..., side].mean() for r in (mixed, plain)]
        assert (speed[0] < speed[1]) == rougher
    assert mixed.ledger["pm25"]["dry_deposited_kg"] != plain.ledger["pm25"]["dry_deposited_kg"]


def test_land_use_in_prepared_weather(folder):
    changes = {**SHORT, **land(write_land(folder / "kept.nc")), "meteorology.prepared": str(folder / "cache")}
    case = write_case(folder / "kept.yaml", changes)
    done = bashu("prepare", case)
    assert done.returncode == 0, done.stderr
    from_file = run(folder, "kept", changes)
    fresh = run(folder, "fresh", {**changes, "meteorology.prepared": None})
    assert "prepared, from" in from_file.log and from_file.summary["assumed"] == fresh.summary["assumed"]
    assert_same_bits(from_file, fresh)
    assert from_file.summary["correction"] == fresh.summary["correction"]


def test_a_wrong_legend_is_told(folder):
    file = write_land(folder / "wrong.nc", east=28)
    done = bashu("check", write_case(folder / "wrong.yaml", {**SHORT, **land(file)}))
    assert done.returncode == 2 and "is of class 28, which the legend IGBP does not have" in done.stderr and "land.legend" in done.stderr


def bilinear(source, name, time, surface):
    """An independent reading of a field of the file at the mesh's centres; its grid is whole degrees."""
    i, j = surface["lon"] - source["lon"][0], surface["lat"] - source["lat"][0]
    i0, j0 = i.astype(int), j.astype(int)
    a, b, f = i - i0, j - j0, source[name][time]
    return (1 - b) * ((1 - a) * f[j0, i0] + a * f[j0, i0 + 1]) + b * ((1 - a) * f[j0 + 1, i0] + a * f[j0 + 1, i0 + 1])


def test_the_episode(tmp_path):
    for name in NEEDED:
        if not (SHARED / "data" / name).exists():
            print(f"skipped: {SHARED / 'data' / name} is not here")
            pytest.skip(f"skipped: {SHARED / 'data' / name} is not here")
    out = tmp_path / "out"
    done = bashu("run", EPISODE, "--out", out, "--set", "time.end=2016-11-20T02:00:00Z", "--set", "time.spinup=0 h",
                 env={**os.environ, "BASHU_DATA": str(SHARED / "data")})
    assert done.returncode == 0, done.stderr
    episode = Run(out, done)
    assert "GFS 10 m winds" in episode.summary["weather_label"] and "no analysis" in episode.summary["weather_label"]
    assert all(abs(row["residual"]) <= LEDGER_CLOSES for row in episode.summary["ledger"])
    surface = fields(out / "surface.nc")
    source = fields(SHARED / "data" / NEEDED[0])
    share = 2 / 6  # of the file's second time at 02 UTC
    wind = [(1 - share) * bilinear(source, name, 0, surface) + share * bilinear(source, name, 1, surface) for name in ("u10", "v10")]
    speed = np.hypot(surface["u10"][-1], surface["v10"][-1])
    assert np.abs(speed - np.hypot(*wind)).max() < 2e-3  # ROUND: 12 bits of 14 m s-1; grid and true north turn with each other
    assert 1 < speed.mean() < 4


@pytest.mark.parametrize("option, reader", [("meteorology.layout=era5", "pressure_levels or era5_model_levels"),
                                            ("meteorology.hybrid.table=L91", "era5_model_levels")])
def test_options_of_another_provider_are_refused(option, reader):
    done = bashu("check", EPISODE.parent / "basin-winter.yaml", "--set", option)
    assert done.returncode == 2
    assert f"only meteorology.provider: {reader} reads {option[:18]}" in done.stderr
