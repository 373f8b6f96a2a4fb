"""A run's weather read anew from its source files, by other code than the model's: netCDF4 unpacks, scipy interpolates. Only
what the real cases need. All values in SI units; pressures of levels in Pa, ground first."""
import re
from datetime import datetime, timedelta, timezone
from pathlib import Path

import numpy as np
from netCDF4 import Dataset, num2date
from pyproj import Proj
from scipy.interpolate import RegularGridInterpolator

GRAVITY, R_DRY, LAPSE = 9.80665, 287.05, 0.0065  # m s-2, J kg-1 K-1, K m-1
SCALE = {"hPa": 100.0, "millibars": 100.0, "mb": 100.0, "%": 0.01}
NAMES = {"lon": "longitude|lon", "lat": "latitude|lat", "level": "level|pressure_level|isobaric", "time": "time|valid_time"}


def utc(moment):
    """A naive UTC datetime of what YAML or cftime give."""
    if isinstance(moment, str):
        moment = datetime.fromisoformat(moment.replace("Z", "+00:00"))
    if getattr(moment, "tzinfo", None):
        moment = moment.astimezone(timezone.utc).replace(tzinfo=None)
    return datetime(moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second)


class Field:
    """A variable on longitude and latitude: values [time][level][lat][lon], levels as they lie in the file."""

    def __init__(self, nc, name, units):
        v = nc[name]
        axis = {kind: next((d for d in v.dimensions if re.fullmatch(words, d)), None) for kind, words in NAMES.items()}
        self.lon, self.lat = (np.asarray(nc[axis[k]][:], float) for k in ("lon", "lat"))
        self.level = np.asarray(nc[axis["level"]][:], float) if axis["level"] else None
        if self.level is not None and hasattr(nc[axis["level"]], "units"):
            self.level *= SCALE.get(nc[axis["level"]].units, 1.0)
        self.times = None
        if axis["time"]:
            t = nc[axis["time"]]
            self.times = [utc(m) for m in num2date(t[:], t.units, getattr(t, "calendar", "standard"), only_use_cftime_datetimes=False)]
        order = [v.dimensions.index(axis[k]) for k in ("time", "level", "lat", "lon") if axis[k]]
        a = np.ma.filled(np.ma.asarray(v[:], float), np.nan).transpose(order)
        a = a * SCALE.get(units or getattr(v, "units", ""), 1.0)
        if not axis["level"]:
            a = a[..., None, :, :]
        self.values = a if axis["time"] else a[None]

    def at(self, lon, lat, moment=None):
        """[level][...]: bilinear in space, linear in time; without a time axis the only one."""
        n, share = 0, 0.0
        if self.times and len(self.times) > 1:
            hours = np.array([(t - self.times[0]) / timedelta(hours=1) for t in self.times])
            at = (moment - self.times[0]) / timedelta(hours=1)
            if not hours[0] <= at <= hours[-1]:
                raise ValueError(f"the source's times end before {moment}")
            n = min(int(np.searchsorted(hours, at, "right")) - 1, len(hours) - 2)
            share = (at - hours[n]) / (hours[n + 1] - hours[n])
        out = self._bilinear(n, lon, lat)
        return out + share * (self._bilinear(n + 1, lon, lat) - out) if share else out

    def _bilinear(self, n, lon, lat):
        south, west = np.argsort(self.lat), np.argsort(self.lon)
        points = np.stack([np.ravel(lat), np.ravel(lon)], axis=-1)
        each = [RegularGridInterpolator((self.lat[south], self.lon[west]), a[np.ix_(south, west)])(points) for a in self.values[n]]
        return np.array(each).reshape(len(each), *np.shape(lon))


class PressureLevels:
    """The files of a case whose provider is pressure_levels, by the case's own names of fields."""

    def __init__(self, meteorology, further=None):
        """further: fields that only the checks read, as meteorology.variables."""
        self.steady = meteorology.get("steady", False)
        self.units = meteorology.get("dimensions", {}).get("level_units")
        self.field = {}
        for file in meteorology["files"]:
            with Dataset(file) as nc:
                for key, says in {**(meteorology.get("variables") or {}), **(further or {})}.items():
                    if says["name"] in nc.variables:
                        self.field[key] = Field(nc, says["name"], says.get("units"))

    def has(self, key):
        return key in self.field

    def at(self, key, lon, lat, moment):
        """A field of one level, [...]."""
        return self.field[key].at(lon, lat, None if self.steady else moment)[0]

    def profile(self, key, lon, lat, moment):
        """Pressures [level], ground first, and values [level][...]."""
        f = self.field[key]
        p = f.level * (SCALE[self.units] if self.units else 1.0)
        order = np.argsort(-p)
        return p[order], f.at(lon, lat, None if self.steady else moment)[order]


class Winds10:
    """The file of 10 m winds that a case of the idealised provider names."""

    def __init__(self, idealised):
        self.field = {}
        with Dataset(idealised["wind10_file"]) as nc:
            for key in ("u10", "v10"):
                self.field[key] = Field(nc, idealised.get(f"wind10_{key[0]}", key), None)

    def has(self, key):
        return key in self.field

    def at(self, key, lon, lat, moment):
        return self.field[key].at(lon, lat, moment)[0]


class ModelLevels(PressureLevels):
    """Files on ECMWF's 137 hybrid levels; pressures from the model's table of coefficients (model_levels_l137.def) and the file's ground."""

    def __init__(self, meteorology, further):
        super().__init__({**meteorology, "variables": {}}, further)
        table = (Path(__file__).resolve().parents[2] / "model/met/model_levels_l137.def").read_text(encoding="utf-8")
        self.half = np.array(re.findall(r"BS_HALF_LEVEL\(([-\d.e]+), ([-\d.e]+)\)", table), float)

    def profile(self, key, lon, lat, moment):
        f = self.field[key]
        n = np.sort(f.level.astype(int))[::-1]
        a, b = 0.5 * (self.half[n - 1] + self.half[n]).T
        ps = self.at("surface_pressure", lon, lat, moment)
        return a[:, None, None] + b[:, None, None] * ps, f.at(lon, lat, moment)[np.argsort(-f.level)]


class Wrf:
    """A wrfout file: fields on its mass points, placed by the file's own projection; winds turned to east and north."""

    def __init__(self, meteorology):
        self.steady = False
        with Dataset(meteorology["files"][0]) as nc:
            p = {k: float(nc.getncattr(k)) for k in ("TRUELAT1", "TRUELAT2", "MOAD_CEN_LAT", "STAND_LON", "DX", "DY")}
            self.project = Proj(f"+proj=lcc +lat_1={p['TRUELAT1']} +lat_2={p['TRUELAT2']} +lat_0={p['MOAD_CEN_LAT']} +lon_0={p['STAND_LON']} +R=6370000")
            v = {k: np.asarray(nc[k][:], float) for k in ("U10", "V10", "PSFC", "MU", "MUB", "QVAPOR", "RAINC", "RAINNC", "COSALPHA", "SINALPHA", "ZNW",
                                                          "XLAT", "XLONG", "P_TOP", "T2", "PBLH", "HGT")}
            self.times = [datetime.strptime("".join(t.astype(str)), "%Y-%m-%d_%H:%M:%S") for t in nc["Times"][:].filled()]
        x, y = self.project(v["XLONG"].reshape(-1, *v["XLONG"].shape[-2:])[0], v["XLAT"].reshape(-1, *v["XLAT"].shape[-2:])[0])
        self.x, self.y = x.mean(axis=0), y.mean(axis=1)
        c, s = v["COSALPHA"], v["SINALPHA"]
        mass = (v["MU"] + v["MUB"]) / GRAVITY
        share = -np.diff(v["ZNW"].reshape(-1, v["ZNW"].shape[-1])[0])
        self.field = {"u10": v["U10"] * c - v["V10"] * s, "v10": v["V10"] * c + v["U10"] * s, "surface_pressure": v["PSFC"], "t2m": v["T2"],
                      "boundary_layer_height": v["PBLH"], "dry_column": mass, "rain": v["RAINC"] + v["RAINNC"],
                      "vapour": (v["QVAPOR"] * share[:, None, None]).sum(axis=1) * mass}

    def has(self, key):
        return key in self.field

    def at(self, key, lon, lat, moment):
        hours = [(t - self.times[0]) / timedelta(hours=1) for t in self.times]
        x, y = self.project(lon, lat)
        x, y = np.clip(x, self.x[0], self.x[-1]), np.clip(y, self.y[0], self.y[-1])  # rounding at the outermost points
        points = np.stack([np.full(np.size(x), (moment - self.times[0]) / timedelta(hours=1)), np.ravel(y), np.ravel(x)], axis=-1)
        return RegularGridInterpolator((hours, self.y, self.x), self.field[key])(points).reshape(np.shape(lon))


def along(p_levels, values, p):
    """values [level][...] at pressure p [...], linear in ln p; beyond the ends the nearest level's. p_levels [level] or [level][...] falls."""
    levels = np.broadcast_to(np.reshape(p_levels, np.shape(p_levels) + (1,) * (values.ndim - np.ndim(p_levels))), values.shape)
    k = np.clip((levels > p).sum(axis=0) - 1, 0, len(levels) - 2)
    below, above = (np.log(np.take_along_axis(levels, k[None] + d, 0)[0]) for d in (0, 1))
    share = np.clip((below - np.log(p)) / (below - above), 0, 1)
    low = np.take_along_axis(values, k[None], 0)[0]
    return low + share * (np.take_along_axis(values, k[None] + 1, 0)[0] - low)


def temperature_at(p_levels, values, p):
    """As along, but 6.5 K/km downward from the lowest level where p lies below it."""
    return np.where(p > p_levels[0], values[0] * (p / p_levels[0]) ** (R_DRY * LAPSE / GRAVITY), along(p_levels, values, p))


def lift(p, t, dz):
    """Pressure dz m above a place with pressure p and temperature t, 6.5 K/km."""
    return p * (1 - LAPSE * dz / t) ** (GRAVITY / (R_DRY * LAPSE))


def by_heights(source, lon, lat, terrain, moment):
    """Pa at the height `terrain` by the file's own heights of pressure levels, linear in ln p between them."""
    levels, z = source.profile("geopotential_height", lon, lat, moment)
    k = np.clip((z <= terrain[None]).sum(axis=0), 1, len(levels) - 1)
    low, high = (np.take_along_axis(z, k[None] - d, 0)[0] for d in (1, 0))
    p = np.log(levels)
    return np.exp(p[k - 1] + (terrain - low) / (high - low) * (p[k] - p[k - 1]))


def surface_pressure(source, lon, lat, terrain, moment):
    """Pa at the height `terrain` (None: where the source has its ground), and the words for how."""
    if terrain is not None and source.has("geopotential_height"):
        return by_heights(source, lon, lat, terrain, moment), "by the file's heights of pressure levels, at the terrain"
    if not source.has("surface_pressure"):
        p0, (levels, t) = source.at("sea_level_pressure", lon, lat, moment), source.profile("temperature", lon, lat, moment)
        p = p0 * np.exp(-terrain / 8000.0)
        for _ in range(8):  # temperature of the air at the ground, brought down to the sea
            p = lift(p0, temperature_at(levels, t, p) + LAPSE * terrain, terrain)
        return p, "sea-level pressure brought up to the terrain"
    p = source.at("surface_pressure", lon, lat, moment)
    if terrain is None or not source.has("orography"):
        return p, "surface pressure of the file"
    levels, t = source.profile("temperature", lon, lat, moment)
    return lift(p, temperature_at(levels, t, p), terrain - source.at("orography", lon, lat, moment)), \
        "surface pressure of the file brought to the terrain"


def column_water(source, lon, lat, ps, top, moment, n=400):
    """kg m-2 of vapour between the pressures ps and top, by n slices; None where the source has no humidity."""
    if source.has("vapour"):
        return source.at("vapour", lon, lat, moment)
    specific = source.has("specific_humidity")
    if not specific and not source.has("relative_humidity"):
        return None
    levels, q = source.profile("specific_humidity" if specific else "relative_humidity", lon, lat, moment)
    t = None if specific else source.profile("temperature", lon, lat, moment)[1]
    water = np.zeros_like(ps)
    for k in range(n):
        p = top + (ps - top) * (k + 0.5) / n
        if specific:
            here = along(levels, q, np.minimum(p, ps))
        else:  # saturation over water, Bolton 1980
            c = temperature_at(levels, t, p) - 273.15
            e = along(levels, q, p) * 611.2 * np.exp(17.67 * c / (c + 243.5))
            here = 0.62198 * e / (p - 0.37802 * e)
        water += here * (ps - top) / n / GRAVITY
    return water


def of_case(meteorology, further=None):
    """The reader for a case's weather; None where there is nothing to read."""
    kind = meteorology["provider"]
    if kind == "idealised":
        return Winds10(meteorology["idealised"]) if meteorology["idealised"].get("wind10_file") else None
    return {"pressure_levels": lambda: PressureLevels(meteorology, further), "era5_model_levels": lambda: ModelLevels(meteorology, further),
            "wrf": lambda: Wrf(meteorology)}[kind]()
