"""scripts/realcases on made data: what reads sources, what checks runs, what writes the page; no real data needed."""
import json
import os
import shutil
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import yaml
from netCDF4 import Dataset

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))
import real_cases
from realcases import checks, folder, maps, page, source

BASHU = os.environ.get("BASHU")
needs_program = pytest.mark.skipif(not BASHU, reason="BASHU does not name the program")
LEVELS = [1000, 925, 850, 700, 500, 300, 200, 100]  # hPa


def height(p):
    return 8000.0 * np.log(101325.0 / p)  # m, of an isothermal air of 8 km scale height


def ground(lon, lat):
    return 300.0 + 120.0 * (lon - 100.0) + 40.0 * (lat - 27.0)


def write_source(path, lnps=True):
    """A made analysis: winds linear in longitude and latitude, isothermal air, no axes' units but latitude's southward order."""
    lon, lat = np.arange(98.0, 110.1, 1.0), np.arange(34.0, 25.9, -1.0)
    x, y = np.meshgrid(lon, lat)
    t0 = 8000.0 * source.GRAVITY / source.R_DRY
    with Dataset(path, "w") as nc:
        for name, values, units in (("level", np.array(LEVELS), "hPa"), ("lat", lat, "degrees_north"), ("lon", lon, "degrees_east")):
            nc.createDimension(name, values.size)
            nc.createVariable(name, "f8", (name,))[:] = values
            nc[name].units = units
        u = 3.0 + 0.2 * (x - 104) + 0.1 * (y - 30)
        v = -1.0 + 0.1 * (x - 104)
        p = np.array(LEVELS)[:, None, None] * 100.0 + 0 * x
        for name, values, units in (("u", u + 0 * p, "m s-1"), ("v", v + 0 * p, "m s-1"), ("t", t0 + 0 * p, "K"), ("r", 40.0 + 0 * p, "%"),
                                    ("gh", height(p), "m")):
            nc.createVariable(name, "f8", ("level", "lat", "lon"))[:] = values
            nc[name].units = units
        for name, values, units in (("sp", 1013.25 * np.exp(-ground(x, y) / 8000.0), "hPa"), ("u10", u, "m s-1"), ("v10", v, "m s-1"),
                                    ("orog", ground(x, y), "m")):
            nc.createVariable(name, "f8", ("lat", "lon"))[:] = values
            nc[name].units = units


def case(source_file):
    return {
        "case": {"name": "made"}, "time": {"start": "2015-01-10T00:00:00Z", "end": "2015-01-10T03:00:00Z"},
        "grid": {"projection": "+proj=lcc +lat_1=27 +lat_2=33 +lat_0=30 +lon_0=104.5 +R=6370000", "nx": 24, "ny": 16, "dx": "30 km",
                 "centre": [104.0, 30.2], "levels": {"top": "200 hPa", "eta": [1.0, 0.99, 0.97, 0.93, 0.85, 0.7, 0.4, 0.0]}},
        "meteorology": {"provider": "pressure_levels", "label": "made weather", "files": str(source_file), "steady": True,
                        "valid_time": "2015-01-10T00:00:00Z",
                        "variables": {k: {"name": n} for k, n in (("u", "u"), ("v", "v"), ("temperature", "t"), ("relative_humidity", "r"),
                                                                  ("surface_pressure", "sp"), ("u10", "u10"), ("v10", "v10"))},
                        "assume": {"heat_flux": "neutral", "precipitation": "none"}},
        "regions": {"file": str(ROOT / "configs/regions/sichuan-chongqing.geojson")},
        "emissions": {"sectors": ["power"], "inventories": [{"name": "stack", "type": "points", "file": str(ROOT / "tests/cases/tiny_points.csv")}],
                      "profiles": {"hour": str(ROOT / "configs/emissions/profiles_hour.csv")}},
        "tracers": {"species": ["pm25", "inert"]}, "initial": {"value": "5 ug kg-1"}, "boundary": {"value": "5 ug kg-1"},
        "output": {"fields3d": {"interval": "1 h"}},
    }


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A run of the made case with its prepared meteorology, and its source read by itself."""
    home = tmp_path_factory.mktemp("made")
    write_source(home / "source.nc")
    (home / "case.yaml").write_text(yaml.safe_dump(case(home / "source.nc"), allow_unicode=True), encoding="utf-8")
    for words in (["run", "--out", home / "out"], ["prepare", "--out", home / "met"]):
        done = subprocess.run([BASHU, words[0], home / "case.yaml", *words[1:]], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    run = folder.Run(home / "out", next((home / "met").glob("*.nc")))
    return run, source.of_case(run.case["meteorology"])


ENTRY = {"case": "made", "heading": "A made case", "origin": "made here", "can": "that the page is written", "cannot": "anything else",
         "maps": [{"field": "primary_pm25", "arrows": True, "title": "all"}, {"field": "wind", "title": "wind"}, {"field": "pblh", "when": -1, "title": "last"}]}


# ---- reading ----

def test_fields_are_read_bilinearly_in_any_order(tmp_path):
    write_source(tmp_path / "source.nc")
    read = source.PressureLevels({"files": [tmp_path / "source.nc"], "steady": True,
                                  "variables": {"u10": {"name": "u10"}, "u": {"name": "u"}, "relative_humidity": {"name": "r"}, "surface_pressure": {"name": "sp"}}},
                                 {"geopotential_height": {"name": "gh"}})
    lon, lat = np.array([[104.25, 101.9]]), np.array([[30.75, 27.3]])
    assert np.allclose(read.at("u10", lon, lat, None), 3.0 + 0.2 * (lon - 104) + 0.1 * (lat - 30))
    p, u = read.profile("u", lon, lat, None)
    assert list(p) == [100.0 * v for v in LEVELS] and u.shape == (8, 1, 2)
    assert np.allclose(read.profile("relative_humidity", lon, lat, None)[1], 0.4)  # from %
    assert read.at("surface_pressure", lon, lat, None).max() > 9e4  # from hPa
    terrain = np.array([[900.0, 1500.0]])
    assert np.allclose(source.by_heights(read, lon, lat, terrain, None), 101325 * np.exp(-terrain / 8000), rtol=1e-9)


def test_times_are_linear_and_not_left(tmp_path):
    with Dataset(tmp_path / "t.nc", "w") as nc:
        for name, values, units in (("time", [0, 6], "hours since 2016-11-20"), ("lat", [20.0, 40.0], ""), ("lon", [90.0, 120.0], "")):
            nc.createDimension(name, 2)
            nc.createVariable(name, "f8", (name,))[:] = values
            nc[name].units = units
        nc.createVariable("u10", "f4", ("time", "lat", "lon"))[:] = np.array([1.0, 4.0])[:, None, None]
        field = source.Field(nc, "u10", None)
    lon, lat = np.array([[100.0]]), np.array([[30.0]])
    assert field.at(lon, lat, datetime(2016, 11, 20, 2)).item() == pytest.approx(2.0)
    assert field.at(lon, lat, datetime(2016, 11, 20, 6)).item() == pytest.approx(4.0)
    with pytest.raises(ValueError, match="end before"):
        field.at(lon, lat, datetime(2016, 11, 20, 7))


def test_lifting_and_water():
    z = np.array([0.0, 1500.0])
    assert np.allclose(source.lift(101325.0, 288.15, z), [101325.0, 84556.0], rtol=2e-4)  # the standard atmosphere
    levels, t = np.array([1e5, 5e4]), np.array([[[280.0]], [[250.0]]])
    assert source.temperature_at(levels, t, np.array([[101000.0]])).item() > 280.0
    assert source.temperature_at(levels, t, np.array([[np.sqrt(5e9)]])).item() == pytest.approx(265.0)


def test_model_levels_have_their_pressures(tmp_path):
    table = ROOT / "model/met/model_levels_l137.def"
    if not table.exists():
        pytest.skip(f"skipped: {table} is not here")
    with Dataset(tmp_path / "ml.nc", "w") as nc:
        for name, values in (("level", [1, 60, 137]), ("lat", [45.0, 55.0]), ("lon", [0.0, 10.0])):
            nc.createDimension(name, len(values))
            nc.createVariable(name, "f8", (name,))[:] = values
        nc.createVariable("u", "f4", ("level", "lat", "lon"))[:] = np.array([30.0, 20.0, 3.0])[:, None, None]
        nc.createVariable("sp", "f4", ("lat", "lon"))[:] = 101325.0
    read = source.ModelLevels({"files": [tmp_path / "ml.nc"]}, {"u": {"name": "u"}, "surface_pressure": {"name": "sp"}})
    p, u = read.profile("u", np.array([[5.0]]), np.array([[50.0]]), None)
    # full-level pressures that ECMWF publishes beside the coefficients, for 1013.25 hPa
    assert np.allclose(p.ravel(), [101204.94, 9841.64, 1.00], rtol=2e-4) and u.ravel().tolist() == [3.0, 20.0, 30.0]


def test_wrf_winds_are_turned_and_its_air_is_dry(tmp_path):
    from pyproj import Proj
    to = Proj("+proj=lcc +lat_1=30 +lat_2=35 +lat_0=30 +lon_0=87 +R=6370000")
    x, y = np.meshgrid(np.arange(-60e3, 61e3, 30e3), np.arange(-30e3, 31e3, 30e3))
    lon, lat = to(x, y, inverse=True)
    angle = np.radians(10.0)
    fields = {"U10": 2.0, "V10": 1.0, "PSFC": 55000.0, "MU": 1000.0, "MUB": 49000.0, "RAINC": 0.5, "RAINNC": 0.25, "T2": 280.0, "PBLH": 500.0, "HGT": 4900.0}
    with Dataset(tmp_path / "wrfout", "w") as nc:
        nc.setncatts({"TRUELAT1": 30.0, "TRUELAT2": 35.0, "MOAD_CEN_LAT": 30.0, "STAND_LON": 87.0, "DX": 30e3, "DY": 30e3})
        for name, n in (("Time", 2), ("n", 19), ("k", 2), ("half", 3), ("j", 3), ("i", 5)):
            nc.createDimension(name, n)
        nc.createVariable("Times", "S1", ("Time", "n"))[:] = np.array([list("2005-09-21_00:00:00"), list("2005-09-21_03:00:00")], "S1")
        for name, value in fields.items():
            nc.createVariable(name, "f4", ("Time", "j", "i"))[:] = value * np.array([1.0, 2.0])[:, None, None] + 0 * x
        nc.createVariable("QVAPOR", "f4", ("Time", "k", "j", "i"))[:] = 0.01
        nc.createVariable("ZNW", "f4", ("Time", "half"))[:] = [1.0, 0.4, 0.0]
        nc.createVariable("P_TOP", "f4", ("Time",))[:] = 5000.0
        for name, value in (("XLONG", lon), ("XLAT", lat), ("COSALPHA", np.cos(angle) + 0 * x), ("SINALPHA", np.sin(angle) + 0 * x)):
            nc.createVariable(name, "f8", ("j", "i"))[:] = value
    read = source.of_case({"provider": "wrf", "files": [tmp_path / "wrfout"]})
    at = (np.array([[87.1]]), np.array([[30.05]]), datetime(2005, 9, 21, 1, 30))
    assert read.at("u10", *at).item() == pytest.approx(1.5 * (2 * np.cos(angle) - np.sin(angle)))
    assert read.at("v10", *at).item() == pytest.approx(1.5 * (np.cos(angle) + 2 * np.sin(angle)))
    assert read.at("dry_column", *at).item() == pytest.approx(75000 / source.GRAVITY)
    assert source.column_water(read, *at[:2], None, None, at[2]).item() == pytest.approx(750 / source.GRAVITY, rel=1e-6)
    assert read.at("rain", *at).item() == pytest.approx(1.125)


# ---- checking ----

@needs_program
@pytest.mark.parametrize("name", ["wind", "pressure", "continuity", "ledger", "emitted", "uniform", "budget"])
def test_checks_hold(made, name):
    found = checks.CHECKS[name](*made)
    assert found and all(c.ok for c in found), [(c.what, c.model, c.other, c.difference) for c in found]


@needs_program
def test_checks_see_what_is_wrong(made, tmp_path):
    """Each spoiled by a per cent: wind, ledger, emission, fluxes."""
    run, read = made
    spoiled = folder.Run(run.folder, run.prepared)
    spoiled.surface["u10"] *= 1.01
    assert not all(c.ok for c in checks.wind(spoiled, read))
    for row in spoiled.summary["ledger"]:
        row["emitted_kg"] *= 1.01
    assert not any(c.ok for c in checks.ledger(spoiled, None) + checks.emitted(spoiled, None) + checks.budget(spoiled, None))
    shutil.copy(run.prepared, tmp_path / "met.nc")
    with Dataset(tmp_path / "met.nc", "a") as nc:
        nc["flux_x"][:] = nc["flux_x"][:] * 1.01
        nc["air_mass"][:] = nc["air_mass"][:] * 1.01
    spoiled.prepared = tmp_path / "met.nc"
    assert not any(c.ok for c in checks.continuity(spoiled, None))
    assert [c.ok for c in checks.pressure(spoiled, read)] == [True, False]
    assert [c.ok for c in checks.uniform(spoiled, None)] == [True, False]


def test_not_a_number_does_not_hold():
    assert not checks.Check("", 1, 1, float("nan"), 1, "1").ok


# ---- writing ----

def test_numbers_and_units():
    assert [page.show(v) for v in (0, 0.012345, 1.5, 123.456, 99999, 1.5e7, -0.5, None, float("nan"))] == \
        ["0", "0.0123", "1.50", "123", "99999", "1.50e7", "-0.500", "–", "–"]
    assert page.unit("ug m-3") == "µg m⁻³" and page.unit("1") == ""


def test_names_of_cities_meet():
    observed = {"成都": {}, "达州": {}, "凉山州": {}, "阿坝州": {}}
    assert [page.match(n, observed) for n in ("成都市", "达州市", "凉山彝族自治州", "阿坝藏族羌族自治州", "北京市")] == \
        ["成都", "达州", "凉山州", "阿坝州", None]


@needs_program
def test_the_page_has_every_part(made, tmp_path):
    run, read = made
    found = [c for name in ("wind", "continuity", "ledger") for c in checks.CHECKS[name](run, read)]
    centres = {f["adcode"]: f["centre"] for f in real_cases.regions()}
    observed = {"成都": {"2015-01-10": 100.0}, "重庆": {"2015-01-10": 50.0}, "自贡": {"2015-01-10": 80.0}}
    cities = page.cities(run, observed, ["2015-01-10"], centres)
    maps.sheet(run, ENTRY["maps"], tmp_path / "made.png", True)
    text = page.page([page.section(ENTRY, run, found, ["made.png"], [cities])], ["other"], 0, [(ENTRY, run, found)])
    for wanted in ("## A made case", "Made weather", "All checks hold", "left out (now: other)", "24 × 16 cells of 30 km, 7 layers",
                   "- Taken: ", "u10 (`u10`)", "![A made case](made.png)", "| pm25, from power |", "| A made case | 24 × 16 × 7 | 3 |", "3 of 3",
                   "Correction wind: 99 %", "hPa h⁻¹", "Chengdu 成都市",
                   "3 cities: median of the ratios", "2015-01-10 (3 h)", "- Derived or assumed: weather of 2015-01-10T00:00:00Z held steady"):
        assert wanted in text, wanted
    assert "nan" not in text and (tmp_path / "made.png").stat().st_size < 150e3
    found[0].difference = 1.0
    bad = page.page([page.section(ENTRY, run, found, [], [])], [], 1)
    assert "**1 checks fail" in bad and "**no**" in bad


def table_of_cities(path, values):
    """cities.csv over 30 hours: hour k of a region has its value on the first day, and a share of it after."""
    lines = ["# made", "time_end_utc,time_end_local,adcode,name,name_en,primary_pm25"]
    for k in range(30):
        stamp = datetime(2016, 11, 21) + timedelta(hours=k + 1)
        lines += [f"-,{stamp.isoformat()}+08:00,{code},{name},X,{v * (1 if k < 24 else share)}" for code, name, v, share in values]
    path.write_text("\n".join(lines), encoding="utf-8")


def test_days_and_turns_of_cities(tmp_path):
    cities = [("510100", "成都市", 40.0, 0.5), ("510300", "自贡市", 20.0, 0.9), ("511900", "巴中市", 10.0, 0.4)]
    table_of_cities(tmp_path / "cities.csv", cities)
    run = SimpleNamespace(folder=tmp_path)
    means, names = page.daily(run)
    assert means["510100", "2016-11-21"] == (40.0, 24) and means["510100", "2016-11-22"] == (20.0, 6) and names["511900"] == ("巴中市", "X")
    observed = {"成都": {"2016-11-21": 100.0, "2016-11-22": 30.0}, "自贡": {"2016-11-21": 100.0, "2016-11-22": 80.0},
                "巴中": {"2016-11-21": 50.0, "2016-11-22": 10.0}}
    text = page.turn(run, observed, {"hour": "2016-11-22T06", "of": "2016-11-21", "then": "2016-11-22"})
    assert "| X 成都市 | 0.500 | 0.300 |" in text and "hour to 2016-11-22 06 h" in text and "over 3 cities: 0.99" in text
    pairs = {c: {"a": (1.0, 2.0), "b": (0.5, 3.0)} for c in "xyz"}
    assert page.changes(["a", "b"], pairs) == ("From a to b the median city changed by -50 % in the model and by +50 % as observed; "
                                               "0 % of the cities changed in the same direction.\n")


def test_skill_is_that_of_whole_days(tmp_path):
    names = "averaging_hours,group,name,n,mean_obs,mean_mod,ratio,nmb,nme,rmse,r,ioa,fac2,nme_scaled"
    rows = ["1,all,,99" + ",1" * 10, "24,all,,44,80,20,0.25,-0.75,0.75,60,0.8,0.5,0.1,0.25", "24,day,2016-11-21,22,90,30,0.333,-0.667,0.667,50,,0.5,0,0.2",
            "24,city,成都市,2" + ",1" * 10]
    (tmp_path / "evaluation.csv").write_text("# made\n" + "\n".join([names, *rows]), encoding="utf-8")
    text = page.skill(tmp_path / "evaluation.csv")
    assert "| all days and cities | 44 | 80.0 | 20.0 | 0.250 | -0.750 |" in text and "| 2016-11-21 | 22 | 90.0 |" in text and "| – |" in text
    assert "99" not in text and "成都" not in text


def test_correction_by_height_and_its_warning():
    band = {"p99_m_s": 0.5, "max_m_s": 1.5, "source_wind_rms_m_s": 6.0}
    run = SimpleNamespace(facts={"pressure tendency": (12.3, "hPa h-1")}, summary={"correction": {
        "p99_m_s": 0.5, "max_m_s": 1.5, "warning": "too large", "by_height": [{"from_m": 0, "to_m": 500, **band}, {"from_m": 3000, **band}]}})
    text = page.correction(run)
    assert "Pressure tendency: 12.3 hPa h⁻¹." in text and "The program warns: too large." in text
    assert "| 0 to 500 | 0.500 | 1.50 | 6.00 |" in text and "| above 3000 |" in text


@needs_program
def test_curves_are_drawn(tmp_path):
    hours = [datetime(2016, 11, 21, h) for h in range(24)]
    maps.curves(hours, {f"city {k}": list(range(24)) for k in range(5)}, {"city 1": {datetime(2016, 11, 21): 10.0}}, tmp_path / "c.png", hours[8])
    assert (tmp_path / "c.png").stat().st_size > 5000


def test_winds_are_held_at_their_own_spacing(tmp_path):
    with Dataset(tmp_path / "w.nc", "w") as nc:
        nc.createDimension("time", 3)
        nc.createVariable("time", "i8", ("time",))[:] = [0, 6, 12]
        nc["time"].units = "hours since 2016-11-20"
        nc.createVariable("u10", "f4", ("time",))[:] = [1, 2, 3]
    entry = {"case": "c", "hold": {"file": "w.nc", "option": "a.b", "hours": 16}}
    words = real_cases.held(entry, SimpleNamespace(work=tmp_path, data=tmp_path))
    assert words == ["--set", f"a.b={tmp_path / 'c-held.nc'}"]
    with Dataset(tmp_path / "c-held.nc") as nc:
        assert nc["time"][:].tolist() == [0, 6, 12, 18, 24, 30] and nc["u10"][:].tolist() == [1, 2, 3, 3, 3, 3]
        assert nc["time"].units == "hours since 2016-11-20"


def call(*words):
    return subprocess.run([sys.executable, str(ROOT / "scripts/real_cases.py"), *map(str, words)], capture_output=True, text=True, check=False)


def test_usage(tmp_path):
    assert "--keep" in call("--help").stdout
    missing = call("--bashu", tmp_path / "none")
    assert missing.returncode == 2 and "is not there; build it" in missing.stderr
    (tmp_path / "bashu").write_text("", encoding="utf-8")
    other = call("--bashu", tmp_path / "bashu", "--only", "nowhere")
    assert other.returncode == 2 and "no such case; there is gfs-2016-10-31" in other.stderr


def test_without_data_the_page_says_so(tmp_path):
    (tmp_path / "bashu").write_text("", encoding="utf-8")
    done = call("--bashu", tmp_path / "bashu", "--data", tmp_path, "--out", tmp_path / "docs")
    assert done.returncode == 0 and "0 cases" in done.stdout, done.stderr
    assert "left out (now: gfs-2016-10-31" in (tmp_path / "docs/real-cases.md").read_text(encoding="utf-8")


def test_table_of_cases():
    for entry in yaml.safe_load((ROOT / "scripts/realcases/cases.yaml").read_text(encoding="utf-8")):
        assert set(entry["checks"]) <= set(checks.CHECKS) and {"heading", "needs", "origin", "can", "cannot", "maps"} <= set(entry)
        assert json.dumps(entry["maps"], ensure_ascii=False)
