"""The template case of ERA5 with made-up files, as the Climate Data Store hands them out: the old layout and the new one give the same run."""
import os
from pathlib import Path

import numpy as np
import pytest
from netCDF4 import Dataset

from support import CONFIGS, LEDGER_CLOSES, Run, bashu, fields, needs_program

pytestmark = needs_program
CASE = CONFIGS / "cases/era5.yaml"
G, R = 9.80665, 287.05
LEVELS = [1000, 975, 950, 925, 900, 850, 800, 750, 700, 650, 600, 550, 500, 400, 300, 250, 200, 150]
HOURS = np.arange(4)  # 16 to 19 UTC on 18 November 2016
SINCE_1900 = int((np.datetime64("2016-11-18T16") - np.datetime64("1900-01-01T00")) / np.timedelta64(1, "h"))
LON, LAT = np.arange(94, 114.1, 0.5), np.arange(38, 21.9, -0.5)
UPPER = {"u": "m s**-1", "v": "m s**-1", "t": "K", "q": "kg kg**-1", "clwc": "kg kg**-1", "crwc": "kg kg**-1"}
INSTANT = {"sp": "Pa", "u10": "m s**-1", "v10": "m s**-1", "t2m": "K", "d2m": "K", "blh": "m", "zust": "m s**-1", "fsr": "m", "z": "m**2 s**-2"}
SUMS = {"sshf": "J m**-2", "slhf": "J m**-2", "tp": "m"}


def weather():
    """A westerly that grows with height over ground that rises to the west, a little rain, weak fluxes; [time][level][lat][lon]"""
    lon, lat = np.meshgrid(LON, LAT)
    height = np.clip(400 + 350 * (103 - lon), 300, 4200)
    sp = 101325 * (1 - 0.0065 * height / 288.15) ** (G / R / 0.0065)
    p = 100 * np.array(LEVELS, float)[None, :, None, None] + np.zeros((4, 1) + lon.shape)
    t = np.maximum(288.15 * (p / 101325) ** 0.19026, 216.65)
    flat = np.zeros((4,) + lon.shape)
    hour = HOURS[:, None, None]
    return {
        "u": 2 + 12 * np.log(1e5 / p) + 0.3 * HOURS[:, None, None, None], "v": 0 * p + 0.5, "t": t,
        "q": 0.008 * (p / 1e5) ** 3, "clwc": np.where(p < 8e4, 2e-5, 0) * (p > 6e4), "crwc": 0 * p,
        "sp": flat + sp, "u10": flat + 1.5, "v10": flat + 0.3, "t2m": flat + 288.15 - 0.0065 * height, "d2m": flat + 283 - 0.0065 * height,
        "blh": flat + 400 + 50 * hour, "zust": flat + 0.25, "fsr": flat + 0.4, "z": flat + G * height,
        "sshf": flat - 3600 * 30.0, "slhf": flat - 3600 * 40.0, "tp": flat + 0.0002 * hour,
    }


def packed(nc, name, dims, unit, values):
    v = nc.createVariable(name, "i2", dims, fill_value=np.int16(-32767))
    v.set_auto_maskandscale(False)
    low, high = values.min(), values.max()
    scale = (high - low) / 65532 or 1.0
    offset = (low + high) / 2
    v.units, v.scale_factor, v.add_offset, v.missing_value = unit, scale, offset, np.int16(-32767)
    v[...] = np.round((values - offset) / scale).astype("i2")


def old_layout(folder):
    w = weather()
    for file, names, upper in (("pl.nc", UPPER, True), ("sl.nc", {**INSTANT, **SUMS}, False)):
        with Dataset(folder / file, "w", format="NETCDF3_64BIT_OFFSET") as nc:
            axes = [("longitude", LON, "degrees_east", "f4"), ("latitude", LAT, "degrees_north", "f4"),
                    ("time", SINCE_1900 + HOURS, "hours since 1900-01-01 00:00:00.0", "i4")]
            if upper:
                axes.append(("level", np.array(LEVELS[::-1]), "millibars", "i4"))
            for name, values, unit, kind in axes:
                nc.createDimension(name, len(values))
                v = nc.createVariable(name, kind, (name,))
                v.units, v[:] = unit, values
                if name == "time":
                    v.calendar = "gregorian"
            for name, unit in names.items():
                values = w[name][:, ::-1] if upper else w[name]
                packed(nc, name, ("time", "level", "latitude", "longitude") if upper else ("time", "latitude", "longitude"), unit, values)


def new_layout(folder):
    w = weather()
    start = np.datetime64("2016-11-18T16:00:00").astype("datetime64[s]").astype("i8")
    files = (("data_stream-oper_pl.nc", UPPER), ("data_stream-oper_stepType-instant.nc", INSTANT), ("data_stream-oper_stepType-accum.nc", SUMS))
    for file, names in files:
        with Dataset(folder / file, "w") as nc:
            axes = [("valid_time", start + 3600 * HOURS, "seconds since 1970-01-01", "i8"), ("latitude", LAT, "degrees_north", "f8"),
                    ("longitude", LON, "degrees_east", "f8")]
            if names is UPPER:
                axes.append(("pressure_level", np.array(LEVELS, float), "hPa", "f8"))
            for name, values, unit, kind in axes:
                nc.createDimension(name, len(values))
                v = nc.createVariable(name, kind, (name,))
                v.units, v[:] = unit, values
                v.stored_direction = "decreasing" if values[0] > values[-1] else "increasing"
            nc["valid_time"].calendar = "proleptic_gregorian"
            nc["valid_time"].standard_name = "time"
            nc.createVariable("number", "i8").long_name = "ensemble member numerical id"
            expver = nc.createVariable("expver", str, ("valid_time",))
            for n in range(4):
                expver[n] = "0001"
            for name, unit in names.items():
                dims = ("valid_time", "pressure_level", "latitude", "longitude") if names is UPPER else ("valid_time", "latitude", "longitude")
                v = nc.createVariable(name, "f4", dims, zlib=True, fill_value=np.float32(np.nan))
                v.units, v[...] = unit, w[name]


def run(folder, write):
    data = folder / "data"
    data.mkdir()
    write(data)
    words = ["time.start=2016-11-18T16:00:00Z", "time.end=2016-11-18T19:00:00Z", "time.spinup=0 s", "grid.nx=32", "grid.ny=24", "grid.dx=45 km",
             "output.precision_bits=23"]
    done = bashu("run", CASE, "--out", folder / "out", *(w for s in words for w in ("--set", s)), env={**os.environ, "ERA5": str(data)})
    assert done.returncode == 0, done.stderr
    return Run(folder / "out", done)


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    return {write.__name__: run(tmp_path_factory.mktemp(write.__name__), write) for write in (old_layout, new_layout)}


def test_ledger_closes_and_nothing_is_assumed(runs):
    for found in runs.values():
        assert all(abs(row["residual"]) <= LEDGER_CLOSES for row in found.summary["ledger"])
        assumed = " ".join(found.summary["assumed"])
        assert "moisture flux from the latent heat flux" in assumed
        assert not any(word in assumed for word in ("surface pressure", "temperature of the ICAO", "humidity", "no rain")), assumed
        for line in ("precipitation from 'tp', accumulated over the 1 h", "orography from 'z'", "friction_velocity from 'zust'"):
            assert line in found.log, line


def test_both_layouts_give_the_same(runs):
    one, other = (fields(r.folder / "surface.nc") for r in runs.values())
    assert one["primary_pm25"].max() > 1
    for name, allowed in (("primary_pm25", 1e-2), ("ps", 10.0), ("t2", 0.01), ("pblh", 0.1), ("rain", 1e-8)):  # int16 against float
        assert one[name].shape == other[name].shape
        assert np.abs(one[name] - other[name]).max() <= allowed, name


def test_rain_of_the_hours(runs):
    """Stamps 17, 18, 19 hold 0.2, 0.4, 0.6 mm of their hours; the rate at a stamp is the mean of the half hours on either side, at the end of the
    files that of the last half hour. Linear in between they add up to 1.2 mm: 0.25 + 0.4 + 0.55."""
    rain = fields(runs["new_layout"].folder / "surface.nc")["rain"] * 3600  # mm per hour
    assert rain.shape[0] == 3
    assert np.abs(rain[:, 12, 16] - [0.3, 0.5, 0.6]).max() < 1e-4


def test_missing_files_and_folder_are_named(tmp_path):
    env = {k: v for k, v in os.environ.items() if k != "ERA5"}
    done = bashu("check", CASE, env=env)
    assert done.returncode == 2 and "ERA5" in done.stderr and "era5.yaml:" in done.stderr
    done = bashu("check", CASE, env={**os.environ, "ERA5": str(tmp_path)})
    assert done.returncode == 2 and str(Path(tmp_path)) in done.stderr
