#!/usr/bin/python3
"""Sound inputs of every reader on a tiny case, and the ways to spoil them: the rows of test_bad_input.py and of the table in
docs/bad-input.md.

    bad_input.py BASHU          rewrites the table of docs/bad-input.md from what the program says
"""
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

import bad_sources
from spoil import (FILL, Field, File, Row, attribute, bytes_of, changed, cut, folder, group, load, netcdf_instead, only, put, replaced, shifted,
                   swapped, to_360, descending, turned, unit, value, without)

ROOT = Path(os.environ.get("BASHU_SOURCE", Path(__file__).resolve().parents[2]))
DOCS = ROOT / "docs/bad-input.md"
BEGIN, END = "<!-- table: made by tests/cases/bad_input.py -->", "<!-- end of the table -->"

# West of Greenwich, so that longitudes from 0 to 360 differ from those from -180 to 180.
CASE = """\
case: {name: tiny}
time: {start: 2020-01-01T00:00:00Z, end: 2020-01-01T06:00:00Z}
grid:
  projection: '+proj=longlat +R=6370000'
  nx: 8
  ny: 6
  dx: 0.25 degree
  corner: [-104.9, 29.1]
  levels: {top: 200 hPa, eta: [1, 0.98, 0.9, 0.75, 0.5, 0.2, 0]}
tracers: {species: [pm25]}
"""
LEVELS = [1000.0, 850.0, 700.0, 500.0, 150.0]


# ---- sound files ----

def axes(step=0.5):
    lat, lon = np.arange(27.5, 32.6, step), np.arange(-107.0, -100.9, step)
    return {"lat": Field(["lat"], lat, units="degrees_north"), "lon": Field(["lon"], lon, units="degrees_east")}


def weather():
    f = axes()
    shape = (4, len(LEVELS), f["lat"].values.size, f["lon"].values.size)
    f["time"] = Field(["time"], [0, 2, 4, 6], units="hours since 2020-01-01", calendar="standard")
    f["level"] = Field(["level"], LEVELS, units="hPa")
    t, k, j, i = np.meshgrid(*map(np.arange, shape), indexing="ij")
    three = ["time", "level", "lat", "lon"]
    f["u"] = Field(three, 3 + 0.1 * i + 0.2 * k + 0.1 * t, FILL, units="m s-1")
    f["v"] = Field(three, -1 + 0.1 * j, FILL, units="m s-1")
    f["t"] = Field(three, 288 - 12.0 * k + 0.1 * i - 0.1 * j, FILL, units="K")
    f["q"] = Field(three, 0.006 / (1 + 2 * k), FILL, units="kg kg-1")
    f["sp"] = Field(["time", "lat", "lon"], 97000 + 50 * i[:, 0] - 20 * j[:, 0], FILL, units="Pa")
    return File(f)


def terrain():
    f = axes(0.25)
    j, i = np.meshgrid(*(np.arange(f[a].values.size) for a in ("lat", "lon")), indexing="ij")
    f["height"] = Field(["lat", "lon"], 400 + 10 * i + 5 * j, FILL, units="m")
    return File(f)


def inventory():
    f = axes()
    n = f["lat"].values.size, f["lon"].values.size
    f["time"] = Field(["time"], [15 + 30.4 * m for m in range(12)], units="days since 2020-01-01", calendar="standard")
    f["power"] = Field(["time", "lat", "lon"], 1e-9 * (1 + np.arange(12 * n[0] * n[1]).reshape(12, *n) % 7), FILL, units="kg m-2 s-1")
    return File(f)


def proxy():
    f = axes()
    n = f["lat"].values.size, f["lon"].values.size
    f["people"] = Field(["lat", "lon"], 100 + np.arange(n[0] * n[1]).reshape(n) % 11, FILL, units="1")
    return File(f)


def coarser():
    """fields3d.nc of a coarser run."""
    shape = (3, 4, 10, 12)
    t, k, j, i = np.meshgrid(*map(np.arange, shape), indexing="ij")
    four = ["time", "lev", "lat", "lon"]
    return File({
        "time": Field(["time"], [0, 3, 6], units="hours since 2020-01-01 00:00:00", calendar="standard"),
        "lat": Field(["lat"], 27.75 + 0.5 * np.arange(10), units="degrees_north"),
        "lon": Field(["lon"], -106.75 + 0.5 * np.arange(12), units="degrees_east"),
        "q_pm25": Field(four, 5 + 0.1 * i + 0.2 * j + t, FILL, units="ug kg-1"),
        "layer_top_height": Field(four, 200.0 * 2.0 ** k + t, FILL, units="m"),
    }, source="bashu 0.1.0", proj4="+proj=longlat +R=6370000", nx=12.0, ny=10.0, dx=0.5, dy=0.5, x0=-107.0, y0=27.5)


POINTS = """\
lon,lat,sector,species,value,unit,height,year
-104.1,29.7,power,pm25,1,kg s-1,40,2020
-103.5,30.1,industry,pm25,500,t year-1,20,2020
"""
TOTALS = """\
region,adcode,sector,species,value,unit,year
west,1,road,pm25,1,Gg year-1,2020
east,2,road,pm25,2,Gg year-1,2020
"""
HOURS = "sector," + ",".join(f"h{h}" for h in range(1, 25)) + "\npower," + ",".join(["1"] * 24) + "\nindustry," + ",".join(["1"] * 24) + "\n"
TARGETS = "adcode,name,year,pm25_annual,good_days_percent,source\n1,west,2025,34,80,made up\n"
OBSERVED = "city,date,pm25,reference_state\nwest,2020-01-01,55,ambient\neast,2020-01-01,40,ambient\n"
PLAN = """\
plan: half
case: case.yaml
scenarios:
  half:
    - {regions: [west], sectors: [power], species: [pm25], cut: 50%, from: start, to: end}
"""


def square(code, name, west, east):
    ring = [[west, 29], [east, 29], [east, 31], [west, 31], [west, 29]]
    return {"type": "Feature", "properties": {"adcode": code, "name": name}, "geometry": {"type": "Polygon", "coordinates": [ring]}}


def regions():
    return {"type": "FeatureCollection", "features": [square("1", "west", -105, -104), square("2", "east", -104, -102.5)]}


IDEALISED = "meteorology: {provider: idealised, idealised: {wind_u: 3 m s-1, wind_v: 1 m s-1}}\n"
SECTIONS = {
    "pressure_levels": """\
meteorology:
  provider: pressure_levels
  files: [weather.nc]
  interval: 2 hours
  variables: {u: {name: u}, v: {name: v}, temperature: {name: t}, specific_humidity: {name: q}, surface_pressure: {name: sp}}
  assume: {boundary_layer_height: 300 m, heat_flux: neutral, precipitation: none}
""",
    "terrain": IDEALISED + "terrain: {file: terrain.nc, variable: height}\n",
    "gridded": IDEALISED + "emissions: {year: 2020, inventories: [{name: a, type: gridded, file: inventory.nc, species: pm25, "
                           "variables: {power: {name: power}}}]}\n",
    "proxy": IDEALISED + "emissions: {inventories: [{name: a, type: totals, file: totals.csv, regions: regions.geojson, "
                         "proxy: {file: proxy.nc, default: people}}]}\n",
    "nest": IDEALISED + "initial: {type: file, file: coarser.nc}\nboundary: {type: file, file: coarser.nc}\n",
    "prepared": IDEALISED.replace("{provider", "{prepared: kept, provider"),
    "points": IDEALISED + "emissions: {year: 2020, inventories: [{name: a, type: points, file: points.csv}]}\n",
    "totals": IDEALISED + "emissions: {year: 2020, inventories: [{name: a, type: totals, file: totals.csv, regions: regions.geojson, "
                          "proxy: {file: proxy.nc, default: people}}]}\n",
    "profiles": IDEALISED + "emissions: {inventories: [{name: a, type: points, file: points.csv}], profiles: {hour: hours.csv}}\n",
    "regions": IDEALISED + "regions: {file: regions.geojson}\n",
    "plan": IDEALISED + "regions: {file: regions.geojson}\nemissions: {inventories: [{name: a, type: points, file: points.csv}]}\n",
}
FILES = {
    "weather.nc": weather, "terrain.nc": terrain, "inventory.nc": inventory, "proxy.nc": proxy, "coarser.nc": coarser,
    "points.csv": lambda: POINTS, "totals.csv": lambda: TOTALS, "hours.csv": lambda: HOURS, "regions.geojson": regions,
    "targets.csv": lambda: TARGETS, "observed.csv": lambda: OBSERVED, "plan.yaml": lambda: PLAN,
}
OF = {"pressure_levels": "weather.nc", "terrain": "terrain.nc", "gridded": "inventory.nc", "proxy": "proxy.nc", "nest": "coarser.nc",
      "points": "points.csv", "totals": "totals.csv", "profiles": "hours.csv", "regions": "regions.geojson", "plan": "plan.yaml",
      "targets": "targets.csv", "observed": "observed.csv"}
MAIN = {"pressure_levels": "t", "terrain": "height", "gridded": "power", "proxy": "people", "nest": "q_pm25"}
SECTIONS.update(bad_sources.sections(IDEALISED))
for own, theirs in ((FILES, bad_sources.FILES), (OF, bad_sources.OF), (MAIN, bad_sources.MAIN)):
    own.update(theirs)


def upside_down(path, content):
    content["layer_top_height"].values = content["layer_top_height"].values[:, ::-1]
    put(path, content)


def run(bashu, *words):
    return subprocess.run([bashu, *map(str, words)], capture_output=True, text=True, check=False, timeout=300)


def make_run(where):
    """The folder of a finished run, by hand."""
    (where / "run").mkdir()
    (where / "run/case.yaml").write_text(CASE + SECTIONS["regions"].replace("regions.geojson", str(where / "regions.geojson")), encoding="utf-8")
    (where / "run/summary.json").write_text("{}\n", encoding="utf-8")
    (where / "run/cities_daily.csv").write_text("date_local,adcode,name,name_en,primary_pm25\n2020-01-01,1,west,West,20\n"
                                                "2020-01-01,2,east,East,10\n", encoding="utf-8")
    (where / "run/cities_period.csv").write_text("adcode,name,name_en,share_inside_mesh,primary_pm25_mean,primary_pm25_max_day,"
                                                 "primary_pm25_max_day_date\n1,west,West,1,20,20,2020-01-01\n"
                                                 "2,east,East,1,10,10,2020-01-01\n", encoding="utf-8")


def build(where, row, bashu):
    """Writes the row's case with its sound files, spoilt as the row says; the command line."""
    where.mkdir(parents=True)
    section = SECTIONS.get(row.reader, SECTIONS["regions"])
    spoilt = row.file or OF.get(row.reader)
    head = CASE.replace("[pm25]", "[pm25, pm25_ec, pm25_oc, pm25_so4, pm25_other]") if row.reader == "speciation" else CASE
    needs = bad_sources.NEEDS.get(row.reader, [])
    if row.reader in bad_sources.EVALUATED:
        needs = ["hourly.csv", "stations.csv"]
    for name, content in {**FILES, "case.yaml": lambda: head + section.replace("kept", str(where / "kept"))}.items():
        if name == spoilt and row.spoil:
            row.spoil(where / name, content())
        elif name in section or name in needs or name in (spoilt, "case.yaml"):
            put(where / name, content())
    if row.reader in bad_sources.EVALUATED:
        return bad_sources.evaluation(where, row, bashu)
    if row.reader == "prepared":
        done = run(bashu, "prepare", where / "case.yaml", "--out", where / "kept")
        assert done.returncode == 0, done.stderr
        kept, = (where / "kept").glob("*.nc")
        if row.spoil:
            row.spoil(kept, load(kept))
    if row.reader in ("observed", "targets"):
        make_run(where)
        return ["report", where / "run", "--set", f"standards.{row.reader}={where / spoilt}", *row.words]
    if row.command == "run":
        return ["run", where / "case.yaml", "--out", where / "out", "--quiet", *row.words]
    if row.command == "prepare":
        return ["prepare", where / "case.yaml", "--out", where / "out", *row.words]
    return [row.command, where / ("plan.yaml" if row.command == "scenario" else "case.yaml"), *row.words]


# ---- the rows ----

def of_netcdf(reader, file, main):
    """What is tried on every reader of fields in netCDF files."""
    first = {"pressure_levels": "no variable 'u'", "model_levels": "no variable 'u'", "wind10": "no variable 'u10'", "wrf": "no variable Times",
             "nest": "it has no global attribute 'source'"}.get(reader, f"no variable '{main}'")
    return [
        Row(reader, "cut short (netCDF-4)", cut(0.6), file, "cut short"),
        Row(reader, "cut short (classic)", cut(0.6, "NETCDF3_CLASSIC"), file, "is cut short", "reaches to byte"),
        Row(reader, "damaged header (classic)", cut(0.005, "NETCDF3_CLASSIC"), file, "header is damaged or cut short", "copy the file again"),
        Row(reader, "missing variable", without(main), file, f"no variable {main};" if reader == "wrf" else f"no variable '{main}'"),
        Row(reader, "a GRIB file", bytes_of(b"GRIB\0\0\0\2" + bytes(64)), file, "is a GRIB file", "grib_to_netcdf"),
        Row(reader, "compressed by gzip", bytes_of(b"\x1f\x8b\x08" + bytes(64)), file, "gzip", "gunzip"),
        Row(reader, "no variables", changed(lambda f: File({})), file, first),
        *([Row(reader, "fields within a group", group, file, "group ('fields')", "ncks -G")] if reader != "nest" else []),
        Row(reader, "an empty file", bytes_of(b""), file, "is empty, expected a netCDF file"),
        Row(reader, "a folder", folder, file, "is a folder, expected a file"),
    ]


def of_axes(reader, file, main, at):
    """Faults of longitudes and latitudes; at: index of a value over the mesh."""
    def logged(words):
        return [words] if reader == "pressure_levels" else []
    return [
        Row(reader, "fill value", value(main, FILL, *at), file, main, "missing"),
        Row(reader, "NaN", value(main, np.nan, *at), file, main, "not a number"),
        Row(reader, "an absurd value", value(main, -1e30, *at), file, main, "-1e+30"),
        Row(reader, "dimensions in another order", turned(main), same=True),
        Row(reader, "descending latitude", changed(descending), *logged("from the north"), same=True),
        Row(reader, "longitudes from 0 to 360", changed(to_360), *logged("0 to 360"), same=True),
        Row(reader, "latitude beyond 90", value("lat", 95, -1), file, "lat", "90"),
        Row(reader, "an axis that turns back", value("lon", -106.9, 4), file, "lon", "4"),
        Row(reader, "NaN in an axis", value("lat", np.nan, 3), file, "lat", "3"),
        Row(reader, "an axis without coordinates", without("lat"), file, "lat"),
        Row(reader, "wrong unit", unit(main, "m s-1 K"), file, main, "m s-1 K"),
        Row(reader, "a unit that is none", unit(main, "bananas"), file, main, "bananas"),
    ]


def rows():
    r = []
    for reader in MAIN:
        r += of_netcdf(reader, OF[reader], MAIN[reader])
    for reader, at in (("pressure_levels", (0, 1, 5, 6)), ("terrain", (10, 12)), ("gridded", (0, 5, 6)), ("proxy", (5, 6)),
                       ("model_levels", (0, 1, 5, 6)), ("land", (10, 12)), ("wind10", (0, 5, 6)), ("mapped", (5, 6))):
        r += of_axes(reader, OF[reader], MAIN[reader], at)
    r = [x for x in r if x.reader not in ("proxy", "land") or "unit" not in x.fault]  # these have none
    r += bad_sources.rows() + of_times() + of_prepared() + of_tables() + of_regions() + of_plans() + of_reports()
    return r


def of_prepared():
    p, advice = "prepared", "delete it and run bashu prepare"
    return [
        Row(p, "cut short (netCDF-4)", cut(0.6), "kept/", "cut short"),
        Row(p, "missing variable", without("flux_x"), "kept/", "no variable 'flux_x'", command="run"),
        Row(p, "dimensions in another order", turned("air_mass"), "kept/", "air_mass", "dimension 0 is 'x'", advice),
        Row(p, "NaN", value("air_mass", np.nan, 0, 1, 2, 3), "kept/", "air_mass[time=0][level=1][y=2][x=3]", advice, command="run"),
        Row(p, "a time twice", value("time", 1577836800, 1), "kept/", "time 1", advice),
        Row(p, "another year", shifted("time", -365 * 86400), "kept/", "time 0", "2020-01-01T00:00:00Z", advice),
        Row(p, "another case's file", changed(lambda f: f.attributes.update(key="0123456789abcdef")), "kept/", "'key'", advice),
    ]


def of_reports():
    t, o = "targets", "observed"
    return [
        Row(t, "cut short", cut(0.9), "targets.csv:2"),
        Row(t, "missing column", replaced("pm25_annual", "pm25"), "targets.csv", "no column 'pm25_annual'"),
        Row(t, "NaN", replaced("34", "nan"), "targets.csv:2", "'pm25_annual'", "nan"),
        Row(t, "a negative value", replaced("34", "-34"), "targets.csv:2", "-34"),
        Row(t, "no value", replaced("34,80", ","), "targets.csv:2", "neither"),
        Row(t, "a year that is none", replaced("2025", "25"), "targets.csv:2", "'25'"),
        Row(o, "cut short", cut(0.9), "observed.csv:3"),
        Row(o, "missing column", replaced("date", "day"), "observed.csv", "no column 'date'"),
        Row(o, "unknown city", replaced("east", "north"), "observed.csv:3", "'north'"),
        Row(o, "NaN", replaced("55", "NaN"), "observed.csv:2", "'pm25'", "NaN"),
        Row(o, "no value", replaced("55", ""), status=0),
        Row(o, "a missing-value number", replaced("55", "-999"), "observed.csv:2", "-999"),
        Row(o, "a day twice", replaced("east", "west"), "observed.csv:3", "second time"),
        Row(o, "a day that is none", replaced("2020-01-01", "2020-01-32"), "observed.csv:2", "2020-01-32"),
        Row(o, "an hour instead of a day", replaced("2020-01-01", "2020-01-01T00:00"), "observed.csv:2", "expected a day"),
        Row(o, "another year", changed(lambda s: s.replace("2020-", "2019-")), "observed.csv", "no observation on a day of the run"),
        Row(o, "no reference state", replaced(",reference_state", ",state"), "observed.csv", "reference_state"),
    ]


def of_tables():
    p, t, h = "points", "totals", "profiles"
    return [
        Row(p, "cut short", cut(0.75), "points.csv:3", "columns"),
        Row(p, "columns in another order", swapped(0, 3), same=True),
        Row(p, "missing column", replaced("lat", "breadth"), "points.csv", "no column 'lat'", "breadth"),
        Row(p, "wrong unit", replaced("kg s-1", "km"), "points.csv:2", "'km'"),
        Row(p, "a unit that is none", replaced("kg s-1", "bananas"), "points.csv:2", "'bananas'"),
        Row(p, "no value", replaced("pm25,1,", "pm25,,"), "points.csv:2", "'value'", "number"),
        Row(p, "NaN", replaced("pm25,1,", "pm25,nan,"), "points.csv:2", "'value'", "nan"),
        Row(p, "a negative value", replaced("pm25,1,", "pm25,-1,"), "points.csv:2", "-1"),
        Row(p, "a decimal comma", replaced("pm25,1,", 'pm25,"1,5",'), "points.csv:2", "'1,5'"),
        Row(p, "semicolons", changed(lambda s: s.replace(",", ";")), "points.csv", "commas"),
        Row(p, "not UTF-8", bytes_of(POINTS.replace("industry", "ind\u00fcstrie").encode("latin-1")), "points.csv:3", "UTF-8"),
        Row(p, "longitudes from 0 to 360", replaced("-104.1", "255.9"), same=True),
        Row(p, "latitude beyond 90", replaced("29.7", "297"), "points.csv:2", "297"),
        Row(p, "the mesh sticks out", replaced("-104.1", "-80"), "points.csv", "outside", status=0),
        Row(p, "another year", changed(lambda s: s.replace("2020", "2015")), "points.csv:2", "2015", "2020"),
        Row(p, "two years", replaced("20,2020", "20,2019"), "points.csv:3", "2019"),
        Row(p, "a netCDF file", netcdf_instead, "points.csv", "is a netCDF"),
        Row(t, "cut short", cut(0.8), "totals.csv:3"),
        Row(t, "missing column", replaced("adcode", "code"), "totals.csv", "no column 'adcode'"),
        Row(t, "wrong unit", replaced("Gg year-1", "km"), "totals.csv:2", "'km'"),
        Row(t, "NaN", replaced("pm25,1,", "pm25,NaN,"), "totals.csv:2", "NaN"),
        Row(t, "a region without polygon", replaced("east,2", "east,7"), "totals.csv:3", "7"),
        Row(t, "a row twice", replaced("east,2", "west,1"), "totals.csv:3"),
        Row(t, "another year", changed(lambda s: s.replace("2020", "2015")), "totals.csv:2", "2015", "2020", words="--set emissions.year=2020"),
        Row(h, "cut short", cut(0.9), "hours.csv:3"),
        Row(h, "missing column", replaced("h24", "h25"), "hours.csv", "h24"),
        Row(h, "NaN", replaced("power,1", "power,nan"), "hours.csv:2", "nan"),
        Row(h, "a mean that is not 1", replaced("power,1", "power,5"), "hours.csv:2", "mean"),
        Row(h, "a negative factor", replaced("power,1,1", "power,-1,3"), "hours.csv:2", "-1"),
        Row(h, "a sector missing", replaced("industry", "energy"), "hours.csv", "industry"),
        Row(h, "a sector twice", replaced("industry", "power"), "hours.csv:3", "power"),
    ]


def of_regions():
    p = "regions"

    def ring(change):
        def spoil(f):
            change(f["features"][0]["geometry"]["coordinates"][0])
        return changed(spoil)

    def moved(degrees):
        def spoil(f):
            for g in f["features"]:
                for position in g["geometry"]["coordinates"][0]:
                    position[0] += degrees
        return changed(spoil)

    def feature(change):
        def spoil(f):
            change(f["features"][0])
        return changed(spoil)
    return [
        Row(p, "cut short", cut(0.7), "regions.geojson:1:", "YAML"),
        Row(p, "a ring that is not closed", ring(lambda c: c.pop()), "regions.geojson:1:", "closed"),
        Row(p, "latitude first", ring(lambda c: [q.reverse() for q in c]), "regions.geojson:1:", "-105"),
        Row(p, "metres instead of degrees", ring(lambda c: c.__setitem__(1, [500000.0, 3200000.0])), "regions.geojson:1:", "500000"),
        Row(p, "NaN", ring(lambda c: c.__setitem__(1, [float("nan"), 29])), "regions.geojson:1:", "NaN"),
        Row(p, "a feature without name", feature(lambda g: g["properties"].update(name="")), "regions.geojson:1:", "name"),
        Row(p, "lines instead of polygons", feature(lambda g: g["geometry"].update(type="LineString")), "regions.geojson:1:", "no polygon"),
        Row(p, "an adcode twice", feature(lambda g: g["properties"].update(adcode="2")), "regions.geojson:1:", "adcode 2"),
        Row(p, "longitudes from 0 to 360", moved(360), same=True),
        Row(p, "outside the mesh", moved(90), "regions.file", "none of its 2 regions touches the mesh"),
        Row(p, "no FeatureCollection", changed(lambda f: f["features"][0]), "regions.geojson:1:", "FeatureCollection"),
        Row(p, "a folder", folder, "regions.geojson", "is a folder"),
    ]


def of_plans():
    p = "plan"
    words = dict(command="scenario", words="--dry-run")
    return [
        Row(p, "cut short", cut(0.9), "plan.yaml:", **words),
        Row(p, "unknown key", replaced("sectors", "sector"), "plan.yaml:5:", "sector", **words),
        Row(p, "unknown region", replaced("west", "wst"), "plan.yaml:5:", "'wst'", "west", **words),
        Row(p, "a sector that emits nothing", replaced("power", "shipping"), "plan.yaml:5:", "shipping", **words),
        Row(p, "a factor instead of a percentage", replaced("50%", "0.5"), "plan.yaml:5:", "0.5", "%", **words),
        Row(p, "more than 100 %", replaced("50%", "150%"), "plan.yaml:5:", "150%", **words),
        Row(p, "a time outside the run", replaced("from: start", "from: 2021-01-01"), "plan.yaml:5:", "2021-01-01", **words),
        Row(p, "a time that is none", replaced("from: start", "from: 2020-02-30"), "plan.yaml:5:", "2020-02-30", **words),
        Row(p, "no case", replaced("case.yaml", "none.yaml"), "none.yaml", **words),
    ]


def of_times():
    w, g, n = "pressure_levels", "gridded", "nest"
    return [
        Row(w, "a remote address", None, "is a remote address; download", words="--set meteorology.files=[https://example.org/a.nc]"),
        Row(w, "unit missing", unit("t", None), "weather.nc", "t", "units"),
        Row(w, "a level axis without unit", unit("level", None), "weather.nc", "level_units"),
        Row(w, "levels in another order", only("level", [4, 3, 2, 1, 0]), same=True),
        Row(w, "levels out of order", only("level", [0, 2, 1, 3, 4]), "weather.nc", "level"),
        Row(w, "levels missing below the ground", value("t", FILL, 0, 0, 5, 6), status=0),
        Row(w, "a gap in time", only("time", [0, 1, 3]), "weather.nc", "gap in time", "2020-01-01T02:00:00Z"),
        Row(w, "times end early", only("time", [0, 1]), "weather.nc", "2020-01-01T02:00:00Z", "2020-01-01T06:00:00Z"),
        Row(w, "a time twice", value("time", 0, 1), "weather.nc", "2020-01-01T00:00:00Z"),
        Row(w, "times in another order", only("time", [2, 0, 3, 1]), same=True),
        Row(w, "a time that is NaN", value("time", np.nan, 1), "weather.nc", "time", "1"),
        Row(w, "calendar without leap days", attribute("time", calendar="noleap"), "weather.nc", "calendar 'noleap'"),
        Row(w, "calendar of 360 days", attribute("time", calendar="360_day"), "weather.nc", "calendar '360_day'"),
        Row(w, "time in months", attribute("time", units="months since 2020-01-01"), "weather.nc", "months"),
        Row(w, "another year", attribute("time", units="hours since 2019-01-01"), "weather.nc", "2019-01-01", "2020-01-01"),
        Row(w, "the mesh sticks out", only("lon", range(6)), "weather.nc", "sticks out", "eastern side"),
        Row("terrain", "the mesh sticks out", only("lat", range(8)), "terrain.nc", "cell"),
        Row(g, "the mesh sticks out", only("lon", range(5)), "inventory.nc", "covers", "of the mesh", "outside: zero"),
        Row(g, "beside the mesh", shifted("lon", 30), "inventory.nc", "nothing of", "lies on the mesh"),
        Row("proxy", "the mesh sticks out", only("lon", range(5)), "proxy.nc"),
        Row(n, "the mesh sticks out", changed(lambda f: f.attributes.update(x0=-104.0)), "coarser.nc", "sticks out"),
        Row(g, "unit missing", unit("power", None), "inventory.nc", "power", "units"),
        Row(g, "a month missing", only("time", range(11)), "inventory.nc", "11 times"),
        Row(g, "a month twice", value("time", 15, 1), "inventory.nc", "time", "1"),
        Row(g, "months out of order", only("time", [1, 0, *range(2, 12)]), "inventory.nc", "January to December"),
        Row(g, "calendar without leap days", attribute("time", calendar="noleap"), "inventory.nc", "no leap days", "months are taken", status=0),
        Row(g, "another year", attribute("time", units="days since 2015-01-01"), "inventory.nc", "2015", "2020"),
        Row(n, "fill value", value("q_pm25", FILL, 0, 1, 5, 6), "coarser.nc", "q_pm25", "(time=0, lev=1, y=5, x=6)", command="run"),
        Row(n, "NaN", value("q_pm25", np.nan, 0, 1, 5, 6), "coarser.nc", "q_pm25", "(time=0, lev=1, y=5, x=6)", command="run"),
        Row(n, "an absurd value", value("q_pm25", -1e30, 0, 1, 5, 6), "coarser.nc", "q_pm25", "-1e+30", command="run"),
        Row(n, "more than there is air", value("q_pm25", 1e30, 0, 1, 5, 6), "coarser.nc", "q_pm25", "1e+30", "more than there is air", command="run"),
        Row(n, "wrong unit", unit("q_pm25", "kg kg-1"), "coarser.nc", "q_pm25", "kg kg-1"),
        Row(n, "dimensions in another order", turned("q_pm25"), "coarser.nc", "q_pm25", "time, lev, y, x"),
        Row(n, "times end early", only("time", [0, 1]), "coarser.nc", "is missing", "2020-01-01T06:00:00Z"),
        Row(n, "a time twice", value("time", 0, 1), "coarser.nc", "time=1"),
        Row(n, "a time that is NaN", value("time", np.nan, 1), "coarser.nc", "time=1"),
        Row(n, "calendar without leap days", attribute("time", calendar="noleap"), "coarser.nc", "noleap"),
        Row(n, "another year", attribute("time", units="hours since 2019-01-01"), "coarser.nc", "2019-01-01"),
        Row(n, "another program's file", changed(lambda f: f.attributes.update(source="WRF")), "coarser.nc", "another program"),
        Row(n, "layers out of order", upside_down, "coarser.nc", "layer_top_height", command="run"),
    ]


# ---- the table of docs/bad-input.md ----

READERS = {"pressure_levels": "weather on pressure levels", "prepared": "prepared meteorology", "terrain": "terrain", "gridded": "gridded inventory",
           "proxy": "proxy field of totals", "points": "point sources", "totals": "totals by region", "profiles": "profiles",
           "nest": "coarser run's output", "regions": "region polygons", "plan": "plan", "targets": "targets", "observed": "observations", **bad_sources.READERS}


def said(program, where):
    """What the program said, without the folder of this run: its first line; where that is a list's head, some of the list and what follows."""
    text = program.stderr.strip().replace(f"{where}/", "").replace("bashu: error: ", "")
    text = re.sub(r"(?<![0-9a-f])(?!0123456789abcdef)[0-9a-f]{16}(?![0-9a-f])", "KEY", text)  # of prepared meteorology
    text = re.sub(r"NetCDF: [^;]*", "NetCDF: HDF error", text)
    lines = text.split("\n")
    if not lines[0].endswith(":"):
        return lines[0]
    listed = [line.strip() for line in lines[1:] if line.startswith("  ")]
    rest = [line for line in lines[1:] if not line.startswith("  ")]
    return "; ".join([f"{lines[0]} {', '.join(listed[:4])}{', ...' if len(listed) > 4 else ''}", *rest])


def table(done):
    """Lines of Markdown; done: name of a row -> what the program did, its folder."""
    lines = ["| input | fault | what you get |", "|---|---|---|"]
    for row in sorted(rows(), key=lambda r: list(READERS).index(r.reader)):
        program, where = done[row.name]
        words = said(program, where).replace("|", "\\|")
        kept = "read, with the same result" if row.same else "read" if program.returncode == 0 else ""
        lines.append(f"| {READERS[row.reader]} | {row.fault} | {kept}{': ' if kept and words else ''}{'`' + words + '`' if words else ''} |")
    return lines


def main(bashu):
    with tempfile.TemporaryDirectory() as scratch:
        done = {}
        for n, row in enumerate(rows()):
            where = Path(scratch) / str(n)
            done[row.name] = run(bashu, *build(where, row, bashu)), where
        lines = table(done)
    text = DOCS.read_text(encoding="utf-8")
    head, tail = text.split(BEGIN)[0], text.split(END)[1]
    DOCS.write_text(head + "\n".join([BEGIN, "", *lines, "", END]) + tail, encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
