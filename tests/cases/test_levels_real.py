"""Real files of ERA5 and GFS, read by the program and, independently, here: raw numbers unpacked by hand, interpolated by scipy. Skipped where
the data folder is absent. GFS: NOAA, public domain. ERA5: contains modified Copernicus Climate Change Service information."""
import os
import subprocess
from datetime import datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pytest
import yaml
from netCDF4 import Dataset
from pyproj import Geod, Proj
from scipy.interpolate import RegularGridInterpolator

from support import SHARED, bashu, fields

NATIVE = os.environ.get("BASHU_NATIVE")
pytestmark = pytest.mark.skipif(not NATIVE, reason="BASHU_NATIVE does not name the program")
MET = SHARED / "data/met"
G, R = 9.80665, 287.05

# The two do the same arithmetic in another order: on winds to 100 m s-1 and temperatures to 300 K.
ROUND = 1e-9
# The published coefficients have six decimals, and this test keeps its own list of them to that.
RADIUS = 6370000.0
# The angle between grid north and true north, here by a step of 100 m on the ellipsoid's great circle.
TURNED = 2e-4  # m s-1 on winds to 60 m s-1

ETA = [1, 0.9975, 0.99, 0.98, 0.96, 0.93, 0.89, 0.84, 0.78, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0]


def need(*names):
    for name in names:
        if not (MET / name).exists():
            print(f"skipped: {MET / name} is not here")
            pytest.skip(f"skipped: {MET / name} is not here")


# ---- the program ----

def case(start, end, corner, n, step, meteorology, top="200 hPa", projection=f"+proj=longlat +R={RADIUS:.0f}"):
    unit = "degree" if "longlat" in projection else "m"
    return {
        "case": {"name": "levels"}, "time": {"start": start, "end": end},
        "grid": {"projection": projection, "nx": n, "ny": n, "dx": f"{step} {unit}", "corner": corner,
                 "levels": {"top": top, "eta": ETA}},
        "meteorology": meteorology, "emissions": {"inventories": []},
        "operators": {"wet_scavenging": "none"},
    }


def native(folder, what, time):
    """Native fields of the case at a time, as the provider has them."""
    file, out = Path(folder) / "case.yaml", Path(folder) / "native.nc"
    file.write_text(yaml.safe_dump(what, sort_keys=False), encoding="utf-8")
    done = subprocess.run([NATIVE, file, time, out], capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    return fields(out)


# ---- the same by other means ----

def raw(file, name):
    """(values by hand, [name of each dimension])"""
    with Dataset(file) as nc:
        v = nc[name]
        v.set_auto_maskandscale(False)
        stored = np.asarray(v[...])
        values = stored.astype(float)
        if "scale_factor" in v.ncattrs():
            values = values * v.scale_factor + v.add_offset
        for missing in ("_FillValue", "missing_value"):
            if missing in v.ncattrs():
                values[stored == v.getncattr(missing)] = np.nan
        return values, list(v.dimensions)


def axis(file, name):
    with Dataset(file) as nc:
        return np.asarray(nc[name][...], dtype=float)


def hours(file, name, start):
    """Hours of the file's times since `start`."""
    with Dataset(file) as nc:
        unit, since = nc[name].units.split(" since ")
        zero = datetime.fromisoformat(since.strip()).replace(tzinfo=timezone.utc)
        scale = {"hours": 1.0, "seconds": 1 / 3600, "days": 24.0}[unit]
        return np.asarray(nc[name][...], dtype=float) * scale + (zero - start) / timedelta(hours=1)


class Source:
    """A field of a file at the points of a mesh, [level, point] or [point], at an hour; what is accumulated as it is stored."""

    def __init__(self, file, name, start=None, lon="longitude", lat="latitude", time="time", level="level"):
        self.values, dims = raw(file, name)
        self.lon, self.lat = axis(file, lon), axis(file, lat)
        self.hours = hours(file, time, start) if time in dims else None
        self.levels = axis(file, level) if level in dims else None
        if self.hours is None:
            self.values = self.values[None]

    def step(self, index, lon, lat):
        field = self.values[index]
        south_up = np.argsort(self.lat)
        field = np.take(field, south_up, axis=-2)
        field = np.moveaxis(field, (-2, -1), (0, 1))
        return np.moveaxis(RegularGridInterpolator((self.lat[south_up], self.lon), field)(np.stack([lat, lon], -1)), -1, 0) \
            if field.ndim > 2 else RegularGridInterpolator((self.lat[south_up], self.lon), field)(np.stack([lat, lon], -1))

    def at(self, hour, lon, lat):
        if self.hours is None:
            return self.step(0, lon, lat)
        after = int(np.searchsorted(self.hours, hour, "right"))
        before = after - 1
        share = (hour - self.hours[before]) / (self.hours[after] - self.hours[before]) if after < len(self.hours) else 0.0
        first = self.step(before, lon, lat)
        return first if share == 0 else (1 - share) * first + share * self.step(after, lon, lat)


def layers(found):
    """Pressures of the half levels and the middles over the program's surface pressure."""
    half = found["a_half"][:, None] + found["b_half"][:, None] * found["ps"].ravel()
    return half, 0.5 * (half[1:] + half[:-1])


def columns(levels, values, middle):
    """Linear in ln p, column by column; NaN outside the levels."""
    order = np.argsort(levels[:, 0])
    return np.stack([np.interp(np.log(middle[:, c]), np.log(levels[order, c]), values[order, c], left=np.nan, right=np.nan)
                     for c in range(middle.shape[1])], axis=1)


def same(found, expected, allowed, least):
    """As many as `least` of the points can be compared, and there all agree."""
    found = found.reshape(expected.shape)
    there = np.isfinite(expected)
    assert there.mean() >= least, there.mean()
    assert np.abs(found - expected)[there].max() <= allowed


def standard_temperature(p):
    """ICAO, below the tropopause and in the isothermal layer above it."""
    return np.maximum(288.15 * (p / 101325) ** (R * 0.0065 / G), 216.65)


# ---- ERA5 on pressure levels, old layout, no temperature ----

DAY = "era5_europe_20200101"


def day_file(name):
    return MET / DAY / f"ERA5_2020-01-01_{name}.nc"


@pytest.fixture(scope="module")
def europe(tmp_path_factory):
    need(DAY)
    folder = tmp_path_factory.mktemp("europe")
    what = case("2020-01-01T00:00:00Z", "2020-01-01T23:00:00Z", [0.4, 45.35], 30, 0.31,
                {"provider": "pressure_levels", "layout": "era5", "files": str(MET / DAY / "*.nc"),
                 "assume": {"temperature": "standard_atmosphere", "heat_flux": "neutral"}})
    hour = 7 + 20 / 60
    return folder, what, native(folder, what, "2020-01-01T07:20:00Z"), hour


def of_day(name, variable, hour, found):
    source = Source(day_file(name), variable, datetime(2020, 1, 1, tzinfo=timezone.utc))
    return source, source.at(hour, found["lon"].ravel(), found["lat"].ravel())


def test_era5_winds_and_humidity(europe):
    _, _, found, hour = europe
    _, middle = layers(found)
    for name, key in (("pl_u", "u"), ("pl_v", "v"), ("pl_q", "qv")):
        source, values = of_day(name, {"qv": "q"}.get(key, key), hour, found)
        levels = np.repeat(100 * source.levels[:, None], middle.shape[1], axis=1)
        expected = columns(levels, values, middle)
        # what is known at 10 m and 2 m takes the place of a level below that, and bends what lies under the next
        over = 2 if key == "qv" else 10
        lowest = np.where(levels < found["ps"].ravel() * np.exp(-over * G / (R * 288)), levels, 0).max(axis=0)
        expected = np.where(middle < lowest, expected, np.nan)
        same(found[key], expected, ROUND, 0.75)
    for key in ("u10", "v10"):
        same(found[key], of_day(key, key, hour, found)[1], ROUND, 1)
    same(found["ps"], of_day("sp", "sp", hour, found)[1], 1e-6, 1)


def test_era5_lowest_layers_follow_the_profile_to_10_m(europe):
    _, _, found, hour = europe
    _, middle = layers(found)
    ps = found["ps"].ravel()
    height = R / G * standard_temperature(ps)
    source, u = of_day("pl_u", "u", hour, found)
    u10 = found["u10"].ravel()
    levels = 100 * source.levels
    compared = 0
    for c in range(0, ps.size, 7):
        over = levels[levels < ps[c] * np.exp(-10 / height[c])].max()
        z1, u1 = height[c] * np.log(ps[c] / over), u[list(levels).index(over), c]
        for k in np.flatnonzero(middle[:, c] > over):
            z = height[c] * np.log(ps[c] / middle[k, c])
            if z < 10:
                continue
            expected = u10[c] + (u1 - u10[c]) * np.log(z / 10) / np.log(z1 / 10)
            assert abs(found["u"].reshape(middle.shape)[k, c] - expected) < 1e-4, (k, c)  # constants of gas and gravity
            compared += 1
    assert compared > 100


def test_era5_rain_and_evaporation_are_those_of_their_hours(europe):
    """At 7:20 the half hour on either side is that from 6:50 to 7:50: ten minutes of the hour that ends at 7, fifty of the next."""
    _, _, found, _ = europe
    lon, lat = found["lon"].ravel(), found["lat"].ravel()
    start = datetime(2020, 1, 1, tzinfo=timezone.utc)
    for name, key, factor in (("tp", "rain", 1000 / 3600), ("e", "evaporation", -1000 / 3600)):
        source = Source(day_file(name), name, start)
        amount = (10 * source.step(7, lon, lat) + 50 * source.step(8, lon, lat)) / 60
        same(found[key], factor * amount, 1e-15 + 1e-9 * np.abs(factor * amount).max(), 1)
    assert found["rain"].max() > 1e-6 and found["evaporation"].max() > 1e-6  # it rained on that day, and the sea steamed


def prepared_mass(folder, what, start, end):
    """(native fields at the start, mass of dry air in the cells as prepared)"""
    what = {**what, "time": {"start": start, "end": end}}
    found = native(folder, what, start)
    file = folder / "mass.yaml"
    file.write_text(yaml.safe_dump(what, sort_keys=False), encoding="utf-8")
    done = bashu("prepare", file, "--out", folder / "met")
    assert done.returncode == 0, done.stderr
    return found, fields(next((folder / "met").glob("*.nc")))["air_mass"][0]


def cell_areas(found, step):
    """Of a longitude-latitude mesh on the sphere, m2."""
    return RADIUS**2 * np.radians(step) * 2 * np.sin(np.radians(step) / 2) * np.cos(np.radians(found["lat"].ravel()))


def test_era5_mass_of_the_layers(europe):
    """Dry air of the prepared meteorology against pressures and humidity read here."""
    folder, what, _, _ = europe
    found, mass = prepared_mass(folder, what, "2020-01-01T07:00:00Z", "2020-01-01T08:00:00Z")
    ps = of_day("sp", "sp", 7, found)[1]
    half = found["a_half"][:, None] + found["b_half"][:, None] * ps
    middle = 0.5 * (half[1:] + half[:-1])
    source, q = of_day("pl_q", "q", 7, found)
    levels = np.repeat(100 * source.levels[:, None], ps.size, axis=1)
    expected = (half[:-1] - half[1:]) / G * (1 - columns(levels, q, middle)) * cell_areas(found, 0.31)
    lowest = np.where(levels < ps * np.exp(-2 * G / (R * 288)), levels, 0).max(axis=0)
    expected = np.where(middle < lowest, expected, np.nan)
    same(mass / expected.reshape(mass.shape), np.where(np.isfinite(expected), 1.0, np.nan), 1e-9, 0.75)


# ---- ERA5 on model levels ----

MODEL = "era5_modellevels_europe_20220831"
# a (Pa) and b of the half levels above and below the model levels in the file (ECMWF, L137)
HALF = {
    19: (269.539581, 0), 20: (316.420746, 0), 39: (2677.348145, 0), 40: (2900.391357, 0), 59: (9562.682617, 0.000199),
    60: (10065.978516, 0.00034), 79: (19343.511719, 0.059728), 80: (19620.042969, 0.068448), 89: (20249.511719, 0.185689),
    90: (20087.085938, 0.203491), 94: (18917.460938, 0.285354), 95: (18489.707031, 0.308598), 99: (16262.046875, 0.411125),
    100: (15596.695313, 0.438391), 104: (12668.257813, 0.549301), 105: (11901.339844, 0.576692), 109: (8880.453125, 0.680643),
    110: (8163.375, 0.704669), 114: (5564.382813, 0.790717), 115: (4993.796875, 0.809536), 119: (3057.265625, 0.873929),
    120: (2659.140625, 0.887408), 122: (1961.5, 0.911448), 123: (1659.476563, 0.922096), 124: (1387.546875, 0.931881),
    125: (1143.25, 0.94086), 127: (734.992188, 0.95655), 128: (568.0625, 0.963352), 129: (424.414063, 0.969513),
    130: (302.476563, 0.975078), 131: (202.484375, 0.980072), 132: (122.101563, 0.984542), 133: (62.78125, 0.9885),
    134: (22.835938, 0.991984), 135: (3.757813, 0.995003), 136: (0, 0.99763), 137: (0, 1),
}


def model_file(name):
    return MET / MODEL / f"ERA5_2022-08-31_{name}.nc"


LAMBERT = f"+proj=lcc +lat_1=40 +lat_2=60 +lat_0=50 +lon_0=20 +R={RADIUS:.0f}"  # its grid north lies far from true north here


@pytest.mark.parametrize("projection", ["longlat", "lcc"])
def test_era5_model_levels(tmp_path, projection):
    need(MODEL)
    start = datetime(2022, 8, 31, tzinfo=timezone.utc)
    where = dict(corner=[0.4, 45.35], n=30, step=0.31)
    if projection == "lcc":
        x, y = Proj(LAMBERT)(2.5, 47.0)
        where = dict(corner=[float(round(x)), float(round(y))], n=14, step=30000, projection=LAMBERT)
    what = case("2022-08-31T00:00:00Z", "2022-08-31T23:00:00Z", meteorology={
        "provider": "era5_model_levels", "layout": "era5", "files": str(MET / MODEL / "*.nc"),
        "assume": {"temperature": "standard_atmosphere", "heat_flux": "neutral"}}, **where)
    found = native(tmp_path, what, "2022-08-31T13:45:00Z")
    lon, lat = found["lon"].ravel(), found["lat"].ravel()
    _, middle = layers(found)
    ps = Source(model_file("sp"), "sp", start).at(13.75, lon, lat)
    same(found["ps"], ps, 1e-6, 1)
    values = {}
    for name in "uvq":
        source = Source(model_file(f"ml_{name}"), name, start)
        half = np.array([[0.5 * (HALF[n - 1][m] + HALF[n][m]) for n in source.levels.astype(int)] for m in (0, 1)])
        levels = half[0][:, None] + half[1][:, None] * ps
        values[name] = columns(levels, source.at(13.75, lon, lat), middle)
        values[name][middle > levels.max(axis=0)] = source.at(13.75, lon, lat)[-1][(middle > levels.max(axis=0)).any(axis=0)]
    if projection == "lcc":
        east, north = Proj(LAMBERT), Geod(a=RADIUS, b=RADIUS)
        lon2, lat2, _ = north.fwd(lon, lat, np.zeros_like(lon), np.full_like(lon, 100.0))
        (x1, y1), (x2, y2) = east(lon, lat), east(lon2, lat2)
        angle = np.arctan2(np.subtract(x2, x1), np.subtract(y2, y1))  # of true north, clockwise from grid north
        assert np.abs(angle).max() > 0.1
        u, v = values["u"], values["v"]
        values["u"] = u * np.cos(angle) + v * np.sin(angle)
        values["v"] = v * np.cos(angle) - u * np.sin(angle)
    allowed = TURNED if projection == "lcc" else 1e-6  # coefficients to six decimals
    same(found["u"], values["u"], allowed, 1)  # under the lowest level, at 10 m, as there
    same(found["v"], values["v"], allowed, 1)
    same(found["qv"], values["q"], 1e-9, 1)
    same(found["t"], standard_temperature(middle), 1e-3, 1)


def test_mass_of_the_layers_from_model_levels(tmp_path):
    need(MODEL)
    what = case("", "", [0.4, 45.35], 30, 0.31, {
        "provider": "era5_model_levels", "layout": "era5", "files": str(MET / MODEL / "*.nc"),
        "assume": {"temperature": "standard_atmosphere", "heat_flux": "neutral"}})
    found, mass = prepared_mass(tmp_path, what, "2022-08-31T13:00:00Z", "2022-08-31T14:00:00Z")
    lon, lat, start = found["lon"].ravel(), found["lat"].ravel(), datetime(2022, 8, 31, tzinfo=timezone.utc)
    ps = Source(model_file("sp"), "sp", start).at(13, lon, lat)
    source = Source(model_file("ml_q"), "q", start)
    full = np.array([[0.5 * (HALF[n - 1][m] + HALF[n][m]) for n in source.levels.astype(int)] for m in (0, 1)])
    half = found["a_half"][:, None] + found["b_half"][:, None] * ps
    q = columns(full[0][:, None] + full[1][:, None] * ps, source.at(13, lon, lat), 0.5 * (half[1:] + half[:-1]))
    expected = (half[:-1] - half[1:]) / G * (1 - q) * cell_areas(found, 0.31)
    same(mass / expected.reshape(mass.shape), np.where(np.isfinite(expected), 1.0, np.nan), 1e-9, 0.9)
    column = mass.sum(axis=0) / cell_areas(found, 0.31).reshape(mass.shape[1:])  # kg m-2: the surface pressure less the top's and the vapour
    assert np.abs(column * G / (ps - 20000).reshape(column.shape) - 1).max() < 0.01


# ---- ERA5, new layout: the file with a temperature ----

def test_era5_new_layout(tmp_path):
    name = "other/era5_new_layout_2020.nc"
    need(name)
    file = MET / name
    with Dataset(file) as nc:
        moment = datetime.fromtimestamp(int(nc["valid_time"][0]), timezone.utc)
    stamp = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    later = (moment + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    what = case(stamp, later, [-94.3, 36.2], 25, 0.33, {
        "provider": "pressure_levels", "layout": "era5", "files": str(file), "steady": True,
        "assume": {"humidity": 0.5, "surface_pressure": "980 hPa", "heat_flux": "neutral"}}, top="50 hPa")
    found = native(tmp_path, what, stamp)
    _, middle = layers(found)
    for key in ("u", "v", "t"):
        source = Source(file, key, moment, time="valid_time", level="pressure_level")
        levels = np.repeat(100 * source.levels[:, None], middle.shape[1], axis=1)
        expected = columns(levels, source.at(0, found["lon"].ravel(), found["lat"].ravel()), middle)
        lowest = np.where(levels < 98000, levels, 0).max()
        same(found[key], np.where(middle < lowest, expected, np.nan), 1e-4 if key == "t" else 1e-5, 0.9)  # stored as float


# ---- GFS ----

def test_gfs_half_degree(tmp_path):
    name = "gfs05_20161031T09.nc"
    need(name)
    file = MET / name
    what = case("2016-10-31T09:00:00Z", "2016-10-31T12:00:00Z", [99.1, 26.2], 20, 0.41, {
        "provider": "pressure_levels", "layout": "gfs", "files": str(file), "steady": True, "valid_time": "2016-10-31T09:00:00Z",
        "variables": {"precipitation": {"name": "tp3h", "accumulated": "3 h"}},
        "assume": {"surface_pressure": "950 hPa", "heat_flux": "neutral"}})
    found = native(tmp_path, what, "2016-10-31T09:00:00Z")
    _, middle = layers(found)
    lon, lat = found["lon"].ravel(), found["lat"].ravel()
    for key in ("u", "v", "t"):
        source = Source(file, key, lon="lon", lat="lat")
        levels = np.repeat(100 * source.levels[:, None], middle.shape[1], axis=1)
        expected = columns(levels, source.at(0, lon, lat), middle)
        same(found[key], np.where(middle < 85000, expected, np.nan), 1e-5, 0.5)
    for key, stored in (("u10", "u10"), ("v10", "v10"), ("t2", "t2m")):
        same(found[key], Source(file, stored, lon="lon", lat="lat").at(0, lon, lat), 1e-5, 1)
    rain = np.maximum(raw(file, "tp3h")[0], 0) / 10800
    source = Source(file, "tp3h", lon="lon", lat="lat")
    source.values = rain[None]
    same(found["rain"], source.at(0, lon, lat), 1e-12, 1)


def test_gfs_coarse(tmp_path):
    name = "gfs25_20110115T12.nc"
    need(name)
    file = MET / name
    what = case("2011-01-15T12:00:00Z", "2011-01-15T15:00:00Z", [99.1, 26.2], 20, 0.4, {
        "provider": "pressure_levels", "layout": "gfs", "files": str(file), "steady": True, "valid_time": "2011-01-15T12:00:00Z",
        "dimensions": {"level_units": "hPa"}, "assume": {"heat_flux": "neutral", "precipitation": "none"}})
    found = native(tmp_path, what, "2011-01-15T12:00:00Z")
    _, middle = layers(found)
    lon, lat, ps = found["lon"].ravel(), found["lat"].ravel(), found["ps"].ravel()
    logarithm = Source(file, "sp", lon="lon", lat="lat")  # with orography beside it
    logarithm.values = np.log(logarithm.values)
    same(found["ps"], np.exp(logarithm.at(0, lon, lat)), 0.01, 1)
    for key in ("u", "v", "t"):
        source = Source(file, key, lon="lon", lat="lat")
        levels = np.repeat(100 * source.levels[:, None], middle.shape[1], axis=1)
        expected = columns(levels, source.at(0, lon, lat), middle)
        lowest = np.where(levels < ps * 0.998, levels, 0).max(axis=0)
        same(found[key], np.where(middle < lowest, expected, np.nan), 1e-4 if key == "t" else 1e-5, 0.5)
    # humidity: relative, to specific by Bolton's vapour pressure over water
    source = Source(file, "r", lon="lon", lat="lat")
    levels = np.repeat(100 * source.levels[:, None], middle.shape[1], axis=1)
    t = found["t"].reshape(middle.shape)
    e = columns(levels, source.at(0, lon, lat), middle) / 100 * 611.2 * np.exp(17.67 * (t - 273.15) / (t - 29.65))
    lowest = np.where(levels < ps, levels, 0).max(axis=0)
    same(found["qv"], np.where(middle < lowest, 0.62198 * e / (middle - 0.37802 * e), np.nan), 1e-7, 0.5)


def test_gfs_daily_winds(tmp_path):
    name = "gfs1_winds_20190926-1005.nc"
    need(name)
    file, start = MET / name, datetime(2019, 9, 26, tzinfo=timezone.utc)
    what = case("2019-09-28T00:00:00Z", "2019-09-29T00:00:00Z", [98.1, 26.2], 20, 0.47, {
        "provider": "pressure_levels", "layout": "gfs", "files": str(file), "interval": "6 h",
        "assume": {"temperature": "standard_atmosphere", "humidity": 0.6, "surface_pressure": "950 hPa", "heat_flux": "neutral",
                   "precipitation": "none"}}, top="300 hPa")
    found = native(tmp_path, what, "2019-09-28T18:00:00Z")
    _, middle = layers(found)
    lon, lat = found["lon"].ravel(), found["lat"].ravel()
    for key in ("u", "v"):
        source = Source(file, key, start, lon="lon", lat="lat")
        levels = np.repeat(100 * source.levels[:, None], middle.shape[1], axis=1)
        expected = columns(levels, source.at(66, lon, lat), middle)
        lowest = np.where(levels < 94000, levels, 0).max()
        same(found[key], np.where(middle < lowest, expected, np.nan), 1e-5, 0.5)
        same(found[key + "10"], Source(file, key + "10", start, lon="lon", lat="lat").at(66, lon, lat), 1e-5, 1)
