"""Sound inputs and rows of the readers of raw weather, of inventories by mapping and of observations, for bad_input.py."""
import functools
import shutil
import tempfile
from pathlib import Path

import numpy as np

from spoil import (FILL, Field, File, Row, attribute, bytes_of, changed, cut, load, netcdf_instead, only, replaced, shifted, swapped, turned,
                   unit, value, without)


def also(change):
    """Changes a file by a call whose result does not count."""
    def spoil(f):
        change(f)
    return changed(spoil)


def grid(shape):
    return np.meshgrid(*map(np.arange, shape), indexing="ij")


def lonlat(step=0.5):
    lat, lon = np.arange(27.5, 32.6, step), np.arange(-107.0, -100.9, step)
    return {"lat": Field(["lat"], lat, units="degrees_north"), "lon": Field(["lon"], lon, units="degrees_east")}


# ---- WRF: air at rest in balance, but for winds that vary ----

STAMPS = ["2020-01-01_00:00:00", "2020-01-01_03:00:00", "2020-01-01_06:00:00"]


def stamps(words):
    return Field(["Time", "DateStrLen"], [list(w.ljust(19)[:19]) for w in words], kind="S1")


def wrf():
    nt, nz, ny, nx, step, top = 3, 6, 11, 13, 0.3, 5000.0
    f = {"Times": stamps(STAMPS), "XTIME": Field(["Time"], [0, 180, 360], units="minutes since 2020-01-01 00:00:00")}
    eta = np.array([1, 0.97, 0.9, 0.7, 0.45, 0.2, 0])
    t, j, i = grid((nt, ny, nx))
    ground = ["Time", "south_north", "west_east"]
    f["XLAT"] = Field(ground, 28.2 + step * j, FILL, units="degree_north")
    f["XLONG"] = Field(ground, -105.8 + step * i, FILL, units="degree_east")
    f["ZNW"] = Field(["Time", "bottom_top_stag"], np.tile(eta, (nt, 1)), units="")
    f["P_TOP"] = Field(["Time"], [top] * nt, units="Pa")
    f["MUB"] = Field(ground, 91000.0 + 0 * t, FILL, units="Pa")
    f["MU"] = Field(ground, 20.0 * i - 10 * j, FILL, units="Pa")
    dry = f["MU"].values + f["MUB"].values
    middle = 0.5 * (eta[1:] + eta[:-1])
    p = top + middle[None, :, None, None] * dry[:, None]
    layers = ["Time", "bottom_top", "south_north", "west_east"]
    f["PB"] = Field(layers, 0.9 * p, FILL, units="Pa")
    f["P"] = Field(layers, 0.1 * p, FILL, units="Pa")
    temperature = 288 - 60 * (1 - p / 1e5) + 0.1 * i[:, None]
    f["T"] = Field(layers, temperature * (1e5 / p) ** (2 / 7) - 300, FILL, units="K")
    f["QVAPOR"] = Field(layers, 0.004 * (p / 1e5) ** 3, FILL, units="kg kg-1")
    f["PSFC"] = Field(ground, top + dry * (1 + np.sum(-np.diff(eta)[None, :, None, None] * f["QVAPOR"].values, axis=1)), FILL, units="Pa")
    a, k, b, c = grid((nt, nz, ny, nx + 1))
    f["U"] = Field(layers[:3] + ["west_east_stag"], 3 + 0.5 * k + 0.1 * c + 0.1 * a, FILL, units="m s-1")
    a, k, b, c = grid((nt, nz, ny + 1, nx))
    f["V"] = Field(layers[:2] + ["south_north_stag", "west_east"], -1 + 0.1 * b, FILL, units="m s-1")
    for name, x, words in (("HGT", 500 + 5 * i, "m"), ("T2", 287 + 0.1 * i, "K"), ("U10", 2 + 0.1 * t, "m s-1"), ("V10", -0.5 + 0 * t, "m s-1"),
                           ("PBLH", 400 + 10 * i, "m"), ("UST", 0.3 + 0 * t, "m s-1"), ("HFX", 30 + 5 * t, "W m-2"),
                           ("RAINNC", 0.5 * t, "mm"), ("LU_INDEX", 10 + 0 * t, "")):
        f[name] = Field(ground, x, FILL, units=words)
    return File(f, TITLE=" OUTPUT FROM WRF V4.2 MODEL", GRIDTYPE="C", MAP_PROJ=6, DX=33358.5, DY=33358.5, CEN_LAT=29.7, CEN_LON=-104.0,
                POLE_LAT=90.0, POLE_LON=0.0, STAND_LON=-104.0, TRUELAT1=0.0, TRUELAT2=0.0, MOAD_CEN_LAT=29.7, MMINLU="MODIFIED_IGBP_MODIS_NOAH",
                SIMULATION_START_DATE=STAMPS[0])


def of_wrf():
    w, file = "wrf", "wrfout.nc"
    place = (1, 0, 4, 6)

    def named(**words):
        return also(lambda f: f.attributes.update(words))

    def moved(f):
        f["XLONG"].values[1:] += 0.3

    def times(*words):
        return also(lambda f: f.fields.update(Times=stamps(words)))

    def of_360(f):
        f["XLONG"].values %= 360

    def from_the_north(f):
        f.along("south_north", np.flip)

    def leapless(f):  # a start four years before, with a leap day that XTIME does not count
        f.attributes["SIMULATION_START_DATE"] = "2016-01-01_00:00:00"
        f["XTIME"].values = 60 * 24 * 365 * 4 + np.array([0.0, 180, 360])
    return [
        Row(w, "another variable missing", without("QVAPOR", "PB"), file, "no variable PB, QVAPOR"),
        Row(w, "an attribute missing", also(lambda f: f.attributes.pop("MAP_PROJ")), file, "MAP_PROJ"),
        Row(w, "fill value", value("T", FILL, *place), file, "T[Time=1][bottom_top=0][south_north=4][west_east=6]", "missing"),
        Row(w, "NaN", value("T", np.nan, *place), file, "T[Time=1][bottom_top=0][south_north=4][west_east=6]", "missing"),
        Row(w, "an absurd value", value("T", -1e30, *place), file, "T[Time=1]", "-1e+30"),
        Row(w, "dimensions in another order", turned("T"), file, "'T'", "bottom_top"),
        Row(w, "not staggered", also(lambda f: f.fields.update(U=Field(f["T"].dims, f["T"].values * 0, units="m s-1"))), file, "'U'",
            "west_east_stag"),
        Row(w, "rows from the north", changed(from_the_north), file, "XLAT"),
        Row(w, "longitudes from 0 to 360", changed(of_360), same=True),
        Row(w, "NaN in XLAT", value("XLAT", np.nan, 0, 3, 4), file, "XLAT", "south_north 3, west_east 4"),
        Row(w, "wrong unit", unit("T", "m s-1"), file, "'T'", "m s-1"),
        Row(w, "a unit that is none", unit("U", "bananas"), file, "'U'", "bananas"),
        Row(w, "potential temperature instead of its excess over 300 K", also(lambda f: f["T"].values.__iadd__(300)), file,
            "T[Time=0]", "less 300 K", command="prepare"),
        Row(w, "a gap in time", times(STAMPS[0], "2020-01-01_01:00:00", STAMPS[2]), file, "gap in time", "2020-01-01T01:00:00Z"),
        Row(w, "times end early", only("Time", [0, 1]), file, "2020-01-01T03:00:00Z", "2020-01-01T06:00:00Z"),
        Row(w, "a time twice", times(STAMPS[0], STAMPS[1], STAMPS[1]), file, "2020-01-01T03:00:00Z"),
        Row(w, "times in another order", only("Time", [1, 2, 0]), same=True),
        Row(w, "a date that is none", times(STAMPS[0], "2020-02-30_00:00:00", STAMPS[2]), file, "Times[1]", "2020-02-30_00:00:00"),
        Row(w, "a time that was not written", times(STAMPS[0], "", STAMPS[2]), file, "Times[1]"),
        Row(w, "calendar without leap days", changed(leapless), file, "without leap days"),
        Row(w, "another year", times(*(s.replace("2020", "2019") for s in STAMPS)), file, "2019-01-01", "2020-01-01"),
        Row(w, "the mesh sticks out", only("west_east", range(8)), file),
        Row(w, "a nest that moves", changed(moved), file, "a nest that moves"),
        Row(w, "a rotated pole", named(POLE_LAT=50.0), file, "rotated pole"),
        Row(w, "a projection that is not the fields'", named(MAP_PROJ=3), file, "DX"),
        Row(w, "layers out of order", also(lambda f: f["ZNW"].values.__setitem__((slice(None), 2), 0.98)), file, "ZNW[2]"),
        Row(w, "the hybrid coordinate without its coefficients", named(HYBRID_OPT=2), file, "C3F and C4F"),
        Row(w, "a surface pressure of other air", shifted("PSFC", -9000), file, "PSFC", command="prepare"),
        Row(w, "rain that falls", also(lambda f: f["RAINNC"].values.__setitem__(1, 5.0)), "accumulated amount falls in", status=0, command="prepare"),
    ]


# ---- model levels ----

def model_levels():
    f = lonlat()
    nt, n, nlat, nlon = 4, 7, f["lat"].values.size, f["lon"].values.size
    f["time"] = Field(["time"], [0, 2, 4, 6], units="hours since 2020-01-01", calendar="standard")
    f["level"] = Field(["level"], np.arange(1, n + 1), units="1")
    f["hyai"] = Field(["half"], [2000, 9000, 16000, 13000, 5000, 1500, 200, 0], units="Pa")
    f["hybi"] = Field(["half"], [0, 0, 0.03, 0.3, 0.7, 0.9, 0.98, 1])
    t, k, j, i = grid((nt, n, nlat, nlon))
    four = ["time", "level", "lat", "lon"]
    f["u"] = Field(four, 3 + 0.1 * i - 0.2 * k + 0.1 * t, FILL, units="m s-1")
    f["v"] = Field(four, -1 + 0.1 * j, FILL, units="m s-1")
    f["t"] = Field(four, 216 + 12.0 * k + 0.1 * i - 0.1 * j, FILL, units="K")
    f["q"] = Field(four, 0.001 * k, FILL, units="kg kg-1")
    f["lnsp"] = Field(["time", "lat", "lon"], np.log(97000 + 50 * i[:, 0] - 20 * j[:, 0]), FILL, units="1")
    return File(f)


def of_model_levels():
    w, file = "model_levels", "levels.nc"
    return [
        Row(w, "levels in another order", only("level", [6, 5, 4, 3, 2, 1, 0]), same=True),
        Row(w, "a level missing", only("level", [0, 1, 2, 3, 5, 6]), status=0),
        Row(w, "a level twice", value("level", 3, 3), file, "level", "3"),
        Row(w, "a level that the coefficients do not have", value("level", 8, 6), file, "level", "8"),
        Row(w, "the lowest levels missing", only("level", [0, 1, 2, 3]), file, "the lowest of its 4 model levels, number 4"),
        Row(w, "the highest levels missing", only("level", [4, 5, 6]), file),
        Row(w, "no coefficients", without("hyai", "hybi"), file, "the lowest of its 7 model levels, number 7", "meteorology.hybrid.table"),
        Row(w, "one of the coefficients missing", without("hybi"), file, "'hyai' and no 'hybi'"),
        Row(w, "coefficients of another unit", unit("hyai", "K"), file, "'hyai'", "'K'", "expected Pa"),
        Row(w, "dimensionless coefficients", also(lambda f: f.fields.update(hyai=Field(["half"], f["hyai"].values / 101325))), file, "'hyai'",
            "expected Pa"),
        Row(w, "coefficients from the ground upward", only("half", list(range(7, -1, -1))), file, "'hyai'", "pressures that rise"),
        Row(w, "coefficients in per cent", also(lambda f: f["hybi"].values.__imul__(100)), file, "hybi[2] = 3", "0 to 1"),
        Row(w, "NaN in the coefficients", value("hyai", np.nan, 2), file, "hyai[2]"),
        Row(w, "surface pressure instead of its logarithm", also(lambda f: f["lnsp"].values.__imul__(8000)), file, "lnsp"),
        Row(w, "a gap in time", only("time", [0, 1, 3]), file, "gap in time", "2020-01-01T02:00:00Z"),
        Row(w, "a time twice", value("time", 0, 1), file, "2020-01-01T00:00:00Z"),
        Row(w, "calendar without leap days", attribute("time", calendar="noleap"), file, "calendar 'noleap'"),
        Row(w, "another year", attribute("time", units="hours since 2019-01-01"), file, "2019-01-01", "2020-01-01"),
        Row(w, "the mesh sticks out", only("lon", range(6)), file, "sticks out", "eastern side"),
        Row(w, "pressure levels", also(lambda f: f.fields.update(level=Field(["level"], [100, 200, 400, 600, 800, 900, 1000], units="hPa"))),
            file, "level"),
    ]


# ---- land use, 10 m winds ----

def land():
    f = lonlat(0.25)
    j, i = grid((f["lat"].values.size, f["lon"].values.size))
    f["class"] = Field(["lat", "lon"], 10 + (i + j) % 3, FILL)
    return File(f)


def shares():
    f = lonlat(0.25)
    n, j, i = grid((17, f["lat"].values.size, f["lon"].values.size))
    f["share"] = Field(["number", "lat", "lon"], np.where(n == 9, 70.0, np.where(n == 11, 30.0, 0.0)), FILL, units="%")
    return File(f)


def of_land():
    w, file, s, of_shares = "land", "land.nc", "land_shares", "shares.nc"
    return [
        Row(w, "a class that the legend does not have", value("class", 99, 10, 12), file, "class", "99", "land.legend"),
        Row(w, "a class that is no whole number", value("class", 10.5, 10, 12), file, "10.5"),
        Row(w, "the mesh sticks out", only("lon", range(10)), file),
        Row(s, "wrong unit", unit("share", "m"), of_shares, "share", "'m'"),
        Row(s, "per cent without a unit", unit("share", None), of_shares, "share", "unit"),
        Row(s, "shares that do not add up", value("share", 30, 9, 10, 12), of_shares, "share", "add up to 0.6", "land.units"),
        Row(s, "a negative share", value("share", -1, 9, 10, 12), of_shares, "share", "negative"),
        Row(s, "NaN", value("share", np.nan, 9, 10, 12), of_shares, "share", "missing"),
        Row(s, "dimensions in another order", turned("share"), same=True),
    ]


def wind10():
    f = lonlat()
    t, j, i = grid((4, f["lat"].values.size, f["lon"].values.size))
    f["time"] = Field(["time"], [0, 2, 4, 6], units="hours since 2020-01-01", calendar="standard")
    f["u10"] = Field(["time", "lat", "lon"], 2 + 0.1 * i + 0.1 * t, FILL, units="m s-1")
    f["v10"] = Field(["time", "lat", "lon"], -1 + 0.1 * j, FILL, units="m s-1")
    return File(f)


def of_wind10():
    w, file = "wind10", "wind10.nc"
    return [
        Row(w, "unit missing", unit("v10", None), file, "'v10'", "wind10_units"),
        Row(w, "a gap in time", only("time", [0, 1, 3]), file, "gap in time", "2020-01-01T02:00:00Z"),
        Row(w, "times end early", only("time", [0, 1]), file, "2020-01-01T06:00:00Z"),
        Row(w, "a time twice", value("time", 0, 1), file, "2020-01-01T00:00:00Z"),
        Row(w, "calendar of 360 days", attribute("time", calendar="360_day"), file, "calendar '360_day'"),
        Row(w, "another year", attribute("time", units="hours since 2019-01-01"), file, "2019-01-01"),
        Row(w, "the mesh sticks out", only("lon", range(6)), file, "sticks out"),
    ]


# ---- inventories by mapping ----

MAPPING = """\
name: made up
source: nowhere
format: netcdf
file: "{year}_{species}_{sector}.nc"
variable: emissions
units: {t: t year-1}
sectors: {power: ENE}
species: {pm25: PM25}
"""
ASCII = MAPPING.replace("netcdf", "ascii_grid").replace(".nc", ".asc").replace("variable: emissions\n", "").replace("{t: t year-1}", "t year-1")
LIST = ASCII.replace("ascii_grid", "list").replace(".asc", ".txt") + """\
list: {separator: semicolon, header_lines: auto, columns: [lat, lon, value], place: centre, cell: 0.5, domain: [-107.5, -101, 27.5, 32.5]}
"""


def mapped():
    f = lonlat()
    j, i = grid((f["lat"].values.size, f["lon"].values.size))
    f["emissions"] = Field(["lat", "lon"], 1.0 + (3 * i + j) % 7, FILL, units="t")
    return File(f)


def ascii_grid():
    rows = [" ".join(str(1 + (3 * i + j) % 7) for i in range(13)) for j in range(11)]
    return "ncols 13\nnrows 11\nxllcorner -107.25\nyllcorner 27.25\ncellsize 0.5\nNODATA_value -9999\n" + "\n".join(rows) + "\n"


def cells():
    return "made up\nlat;lon;emission\n" + "".join(f"{27.75 + 0.5 * j};{-107.25 + 0.5 * i};{1 + (3 * i + j) % 7}\n"
                                                   for j in range(10) for i in range(13))


def of_inventories():
    m, a, c, y = "mapped", "ascii", "list", "mapping"
    nc, asc, txt, yml = "2020_PM25_ENE.nc", "2020_PM25_ENE.asc", "2020_PM25_ENE.txt", "mapping.yaml"

    def negative(f):
        f["emissions"].values[5, 6] = -1

    def crop(f):
        f.along("lon", lambda v, axis: np.take(v, range(5), axis))

    def monthly(n):
        def change(f):
            e = f["emissions"]
            f.fields["time"] = Field(["time"], 15 + 30.4 * np.arange(n), units="days since 2020-01-01", calendar="standard")
            e.dims, e.values = ("time",) + e.dims, np.tile(e.values, (n, 1, 1))
        return changed(change)
    return [
        Row(m, "unit missing", unit("emissions", None), nc, "emissions", "units"),
        Row(m, "a negative value", changed(negative), nc, "emissions", "-1"),
        Row(m, "the mesh sticks out", changed(crop), nc, "covers", "of the mesh"),
        Row(m, "beside the mesh", shifted("lon", 30), "nothing of its files", "lies on the mesh"),
        Row(m, "a month missing", monthly(11), nc, "11"),
        Row(m, "another year", replaced("year: 2020}]", "year: 2015}]"), "2015", "2020", file="case.yaml"),
        Row(m, "no file of that name", replaced("2020_*.nc", "2021_*.nc"), "2021_*.nc", file="case.yaml"),
        Row(a, "cut short", cut(0.8), asc, "the file ends here", "of 13 x 11: is it cut off?"),
        Row(a, "an empty file", bytes_of(b""), asc, "empty"),
        Row(a, "a netCDF file", netcdf_instead, asc, "netCDF"),
        Row(a, "not a number", replaced("-9999\n1", "-9999\nx"), asc + ":7", "'x'"),
        Row(a, "NaN", replaced("-9999\n1", "-9999\nnan"), asc + ":7", "'nan'"),
        Row(a, "missing value", replaced("-9999\n1 4", "-9999\n1 -9999"), asc, "[lat=0, lon=1]", "missing"),
        Row(a, "a negative value", replaced("-9999\n1", "-9999\n-1"), asc + ":7", "-1"),
        Row(a, "too many values", changed(lambda s: s + "7\n"), asc, "13 x 11"),
        Row(a, "a key of the header missing", replaced("cellsize 0.5\n", ""), asc, "cellsize"),
        Row(a, "a key of the header twice", replaced("nrows 11", "ncols 11"), asc + ":2", "ncols"),
        Row(a, "no columns", replaced("ncols 13", "ncols 0"), asc + ":1", "0"),
        Row(a, "more columns than a file may have", replaced("ncols 13", "ncols 999999999"), asc, "1e+09 columns"),
        Row(a, "metres instead of degrees", replaced("cellsize 0.5", "cellsize 25000"), asc, "25000"),
        Row(a, "longitudes from 0 to 360", replaced("-107.25", "252.75"), same=True),
        Row(a, "latitude beyond 90", replaced("27.25", "87.25"), asc, "90"),
        Row(a, "the mesh sticks out", replaced("-107.25", "-110.25"), asc, "covers", "of the mesh"),
        Row(c, "cut short", cut(0.7), txt + ":93", "2 columns, expected 3", "cut off"),
        Row(c, "cut within the last line", changed(lambda s: s[:s.rindex(";")]), txt + ":132", "2 columns, expected 3"),
        Row(c, "an empty file", bytes_of(b""), txt, "empty"),
        Row(c, "no cell", changed(lambda s: "lat;lon;emission\n"), txt, "no line of 3 numbers"),
        Row(c, "columns in another order", changed(lambda s: swapped_cells(s)), txt + ":3"),
        Row(c, "another separator", changed(lambda s: s.replace(";", ",")), txt),
        Row(c, "NaN", replaced("27.75;-107.25;1", "27.75;-107.25;nan"), txt + ":3", "column 3", "'nan'", "header_lines"),
        Row(c, "not a number", replaced("27.75;-106.75;4", "27.75;-106.75;x"), txt + ":4", "'x'"),
        Row(c, "a negative value", replaced("27.75;-106.75;4", "27.75;-106.75;-4"), txt + ":4", "-4"),
        Row(c, "a cell twice", replaced("27.75;-106.75;4", "27.75;-107.25;4"), txt + ":4", "at line 3 already"),
        Row(c, "off the lattice", replaced("27.75;-106.75;4", "27.75;-106.7;4"), txt + ":4", "-106.7"),
        Row(c, "outside its domain", replaced("27.75;-106.75;4", "37.75;-106.75;4"), txt + ":4", "37.75"),
        Row(c, "latitude beyond 90", replaced("27.75;-106.75;4", "277.5;-106.75;4"), txt + ":4", "277.5"),
        Row(c, "longitudes from 0 to 360", changed(lambda s: s.replace(";-10", ";3600-10")), txt, status=2),
        Row(y, "cut short", cut(0.8), yml),
        Row(y, "unknown key", replaced("variable", "variables"), yml + ":5", "variables"),
        Row(y, "unknown format", replaced("format: netcdf", "format: grib"), yml + ":3", "grib"),
        Row(y, "unknown placeholder", replaced("{sector}", "{sektor}"), yml + ":4", "{sektor}"),
        Row(y, "a unit that is none", replaced("t year-1", "bananas"), yml + ":6", "bananas"),
        Row(y, "another unit than the file's", replaced("{t:", "{kg:"), yml, "'t'"),
        Row(y, "a code twice", replaced("{power: ENE}", "{power: ENE, industry: ENE}"), yml + ":7", "counted twice"),
        Row(y, "another sector", replaced("ENE", "IND"), "has a name as", yml),
        Row(y, "no species", replaced("species: {pm25: PM25}", "species: {}"), yml + ":8", "species"),
        Row(y, "a molar mass without unit", replaced("{pm25: PM25}", "{pm25: {code: PM25, molar_mass: 46, as_molar_mass: 46 g mol-1}}"), yml + ":8",
            "molar_mass"),
        Row(y, "less itself", replaced("{pm25: PM25}", "{pm25: {code: PM25, minus: pm25}}"), yml + ":8", "minus"),
    ]


def swapped_cells(text):
    out = []
    for line in text.splitlines():
        words = line.split(";")
        out.append(";".join([words[1], words[0], *words[2:]]) if len(words) > 2 else line)
    return "\n".join(out) + "\n"


SPECIATION = "sector,species,ec,oc,so4,other\npower,pm25,0.1,0.2,0.3,0.4\n*,pm25,0.25,0.25,0.25,0.25\n"


def of_speciation():
    s, file = "speciation", "speciation.csv"
    return [
        Row(s, "cut short", cut(0.8), file + ":3"),
        Row(s, "missing column", replaced("so4", "sulfate"), file, "no column 'so4'"),
        Row(s, "columns in another order", swapped(0, 4), same=True),
        Row(s, "fractions that do not add up", replaced("0.4", "0.3"), file + ":2", "sum to 0.9"),
        Row(s, "a negative fraction", replaced("0.1,0.2", "-0.1,0.4"), file + ":2", "-0.1"),
        Row(s, "NaN", replaced("0.1", "nan"), file + ":2", "'ec'", "nan"),
        Row(s, "per cent", replaced("0.1,0.2,0.3,0.4", "10,20,30,40"), file + ":2", "10"),
        Row(s, "a sector twice", replaced("*", "power"), file + ":3", "power", "already"),
        Row(s, "a sector missing", changed(lambda t: t.replace("power", "road").replace("*", "dust")), file, "'power'"),
        Row(s, "another species", replaced("power,pm25", "power,pm10"), file + ":2", "pm10"),
    ]


# ---- observations beside a run ----

STATIONS = "code,name,city,lon,lat\n1001A,north,west,-104.1,30.1\n1002A,south,west,-103.6,29.6\n"
HOURLY = "code,city,time,pm25,reference_state\n" + "".join(f"{c},west,2020-01-01 {8 + h:02d}:00,{20 + h},ambient\n"
                                                          for c in ("1001A", "1002A") for h in range(1, 7))


def of_evaluation():
    o, s, r = "evaluate", "stations", "evaluated"
    file, stations, surface = "hourly.csv", "stations.csv", "surface.nc"
    first = "1001A,west,2020-01-01 09:00,21"
    return [
        Row(o, "cut short", cut(0.97), file + ":13"),
        Row(o, "missing column", replaced("pm25", "value"), file, "concentration of PM2.5", "--map pm25="),
        Row(o, "columns in another order", swapped(0, 3), same=True),
        Row(o, "two columns for one thing", replaced("city", "station_id"), file, "'code' and 'station_id'"),
        Row(o, "wrong unit", replaced("pm25", "pm25 (K)"), file, "'K'"),
        Row(o, "a unit that is none", replaced("pm25", "pm25 (bananas)"), file, "bananas"),
        Row(o, "not a number", replaced(first, first[:-2] + "x"), file + ":2", "'x'"),
        Row(o, "NaN", replaced(first, first[:-2] + "NaN"), status=0),
        Row(o, "a missing-value number", replaced(first, first[:-2] + "-999"), status=0),
        Row(o, "a large missing-value number", replaced(first, first[:-2] + "9999"), file + ":2", "9999"),
        Row(o, "no value at all", changed(lambda t: "\n".join(",".join([*w[:3], "" if n else w[3], w[4]]) for n, w in enumerate(
            line.split(",") for line in t.splitlines())) + "\n"), file, "no value of PM2.5 in 12 rows"),
        Row(o, "a gap in time", changed(lambda t: "\n".join(t.splitlines()[:4] + t.splitlines()[6:]) + "\n"), status=0),
        Row(o, "an hour twice", replaced("10:00,22", "09:00,22"), file + ":3", "a second value", file + ":2"),
        Row(o, "a row twice", replaced("10:00,22", "09:00,21"), "a second time", status=0),
        Row(o, "a date that is none", replaced("2020-01-01", "2020-02-30"), file + ":2", "2020-02-30"),
        Row(o, "an hour that is none", replaced("09:00", "25:00"), file + ":2", "25:00"),
        Row(o, "days among hours", replaced("2020-01-01 10:00", "2020-01-01"), file + ":3", "hourly and daily"),
        Row(o, "another year", changed(lambda t: t.replace("2020", "2019")), file, "2019"),
        Row(o, "an unknown reference state", replaced("ambient", "dry"), file + ":2", "'dry'"),
        Row(o, "an unknown station", changed(lambda t: t.replace("1002A", "9999A")), "9999A", status=0),
        Row(o, "no known station", changed(lambda t: t.replace("100", "900")), "9001A", "not in the list"),
        Row(o, "semicolons", changed(lambda t: t.replace(",", ";")), file, "commas"),
        Row(o, "not UTF-8", bytes_of(HOURLY.replace("west", "w\u00e9st").encode("latin-1")), file + ":2", "UTF-8"),
        Row(o, "a netCDF file", netcdf_instead, file, "is a netCDF"),
        Row(s, "cut short", cut(0.8), stations + ":3"),
        Row(s, "missing column", replaced("lon", "x"), stations, "longitude"),
        Row(s, "latitude first", replaced("lon,lat", "lat,lon"), stations + ":2", "-104.1"),
        Row(s, "NaN", replaced("-104.1", "nan"), stations + ":2", "nan"),
        Row(s, "a station twice", replaced("1002A", "1001A"), stations + ":3", "1001A"),
        Row(s, "longitudes from 0 to 360", replaced("-104.1", "255.9"), same=True),
        Row(s, "outside the mesh", replaced("-104.1", "-80"), "outside the mesh", status=0),
        Row(r, "cut short (netCDF-4)", cut(0.6), surface, "cut short"),
        Row(r, "missing variable", without("primary_pm25"), surface, "primary_pm25"),
        Row(r, "wrong unit", unit("primary_pm25", "kg"), surface, "primary_pm25", "kg"),
        Row(r, "dimensions in another order", turned("primary_pm25"), surface, "primary_pm25"),
        Row(r, "NaN", value("primary_pm25", np.nan, 0), surface, "primary_pm25 is missing at north, 2020-01-01T01:00:00Z"),
        Row(r, "a time twice", value("time_bnds", (0, 1), 1), surface, "time_bnds of record 1"),
        Row(r, "an axis that is not regular", value("lon", -104.0, 3), surface, "lon"),
        Row(r, "another program's file", also(lambda f: f.attributes.pop("proj4")), surface, "proj4"),
    ]


# ---- what bad_input.py adds to its own ----

ASSUME = "  assume: {boundary_layer_height: 300 m, heat_flux: neutral, precipitation: none}\n"


def inventory(kind, ending):
    return (f"emissions: {{year: 2020, inventories: [{{name: a, type: mapped, mapping: {kind}, files: \"2020_*.{ending}\", year: 2020}}]}}\n")


def sections(idealised):
    points = "emissions: {year: 2020, inventories: [{name: a, type: points, file: points.csv}]"
    return {
        "wrf": "meteorology: {provider: wrf, files: [wrfout.nc], interval: 3 hours}\n",
        "model_levels": "meteorology:\n  provider: era5_model_levels\n  files: [levels.nc]\n  interval: 2 hours\n  variables: {u: {name: u}, v: {name: v}, "
                        "temperature: {name: t}, specific_humidity: {name: q}, log_surface_pressure: {name: lnsp}}\n" + ASSUME,
        "land": idealised + "land: {file: land.nc, variable: class, legend: MODIS}\n",
        "land_shares": idealised + "land: {file: shares.nc, variable: share, legend: MODIS}\n",
        "wind10": idealised.replace("wind_u: 3 m s-1, wind_v: 1 m s-1", "wind10_file: wind10.nc"),
        "mapped": idealised + inventory("mapping.yaml", "nc"),
        "mapping": idealised + inventory("mapping.yaml", "nc"),
        "ascii": idealised + inventory("ascii.yaml", "asc"),
        "list": idealised + inventory("list.yaml", "txt"),
        "speciation": idealised + points + ", speciation: speciation.csv}\n",
        "evaluate": idealised + points + "}\n",
    }


FILES = {
    "wrfout.nc": wrf, "levels.nc": model_levels, "land.nc": land, "shares.nc": shares, "wind10.nc": wind10, "2020_PM25_ENE.nc": mapped,
    "2020_PM25_ENE.asc": ascii_grid, "2020_PM25_ENE.txt": cells, "mapping.yaml": lambda: MAPPING, "ascii.yaml": lambda: ASCII,
    "list.yaml": lambda: LIST, "speciation.csv": lambda: SPECIATION, "hourly.csv": lambda: HOURLY, "stations.csv": lambda: STATIONS,
}
OF = {"wrf": "wrfout.nc", "model_levels": "levels.nc", "land": "land.nc", "land_shares": "shares.nc", "wind10": "wind10.nc",
      "mapped": "2020_PM25_ENE.nc", "ascii": "2020_PM25_ENE.asc", "list": "2020_PM25_ENE.txt", "mapping": "mapping.yaml",
      "speciation": "speciation.csv", "evaluate": "hourly.csv", "stations": "stations.csv"}
MAIN = {"wrf": "T", "model_levels": "t", "land": "class", "wind10": "v10", "mapped": "emissions"}
NEEDS = {"mapped": ["2020_PM25_ENE.nc"], "mapping": ["2020_PM25_ENE.nc"], "ascii": ["2020_PM25_ENE.asc"], "list": ["2020_PM25_ENE.txt"]}
EVALUATED = ("evaluate", "stations", "evaluated")
READERS = {"wrf": "WRF output", "model_levels": "weather on model levels", "land": "land use, classes", "land_shares": "land use, shares",
           "wind10": "10 m winds", "mapped": "inventory by mapping, netCDF", "ascii": "inventory by mapping, ASCII grid",
           "list": "inventory by mapping, list", "mapping": "mapping of an inventory", "speciation": "speciation",
           "evaluate": "hourly observations", "stations": "list of stations", "evaluated": "run to be evaluated"}


@functools.lru_cache
def _finished(bashu):
    """A folder, and in it that of a finished run."""
    base = tempfile.TemporaryDirectory()
    bad_input = __import__("bad_input")
    where = Path(base.name) / "case"
    words = bad_input.build(where, Row("points", "none", None, command="run"), bashu)
    done = bad_input.run(bashu, *words)
    assert done.returncode == 0, done.stderr
    return base, where / "out"


def evaluation(where, row, bashu):
    """Copies a finished run there, and the command line that evaluates it."""
    shutil.copytree(_finished(bashu)[1], where / "run")
    if row.reader == "evaluated" and row.spoil:
        path = where / "run/surface.nc"
        content = load(path)
        path.unlink()
        row.spoil(path, content)
    return ["evaluate", where / "run", where / "hourly.csv", "--stations", where / "stations.csv", "--out", where / "scores", *row.words]


def rows():
    return of_wrf() + of_model_levels() + of_land() + of_wind10() + of_inventories() + of_speciation() + of_evaluation()
