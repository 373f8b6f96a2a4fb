#!/usr/bin/python3
"""The data of the default case keep their promises: sums, normalisations, polygons that tile, terrain at known places,
proxies that hold the census; and the map script draws, or says why it cannot."""
import csv
import itertools
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from netCDF4 import Dataset
from shapely.geometry import Point, shape
from shapely.ops import unary_union

ROOT = Path(__file__).resolve().parents[2]
REGIONS, EMISSIONS, DATA = ROOT / "configs/regions", ROOT / "configs/emissions", ROOT / "configs/data"
sys.path.insert(0, str(ROOT / "scripts/data"))
SECTORS = {"power", "industry", "road", "other_transport", "residential", "other_domestic"}
PROFILED = SECTORS | {"fuel_production", "solvents", "shipping", "aviation", "nonroad", "waste", "livestock", "default"}
GROUPS = {"成都平原": 8, "川南": 4, "川东北": 5, "攀西": 2, "川西北": 2, "重庆": 1}


def table(name):
    with open(EMISSIONS / name, encoding="utf-8", newline="") as f:
        return list(csv.DictReader(line for line in f if not line.startswith("#")))


def features(name):
    return json.loads((REGIONS / name).read_text(encoding="utf-8"))["features"]


def polygons(name):
    return {f["properties"]["adcode"]: shape(f["geometry"]) for f in features(name)}


@pytest.mark.parametrize("path", sorted(p for d in (REGIONS, EMISSIONS, DATA) for p in d.iterdir()
                                        if p.suffix in (".csv", ".md", ".geojson")), ids=lambda p: p.name)
def test_text_is_clean(path):
    text = path.read_bytes().decode("utf-8")
    assert "\r" not in text and text.endswith("\n")
    assert "/work/" not in text and "/home/" not in text and "/tmp/" not in text
    if path.suffix == ".csv":
        assert text.startswith("#"), "names its source first"
        widths = {len(r) for r in csv.reader(line for line in text.splitlines() if not line.startswith("#"))}
        assert len(widths) == 1


# ---- regions ----

@pytest.mark.parametrize("name, count, kilobytes", [("sichuan-chongqing.geojson", 22, 500), ("provinces.geojson", 2, 200),
                                                    ("chongqing-districts.geojson", 38, 300)])
def test_polygons_are_valid_and_tile(name, count, kilobytes):
    assert (REGIONS / name).stat().st_size < kilobytes * 1000
    found = features(name)
    assert len(found) == len({f["properties"]["adcode"] for f in found}) == count
    shapes = [shape(f["geometry"]) for f in found]
    assert all(s.is_valid and s.area > 1e-3 for s in shapes)
    assert sum(a.intersection(b).area for a, b in itertools.combinations(shapes, 2)) < 1e-7
    whole = unary_union(shapes)
    assert whole.geom_type == "Polygon" and len(whole.interiors) == 0, "no gaps between neighbours"
    assert whole.area == pytest.approx(sum(s.area for s in shapes), rel=1e-9)


def test_region_properties():
    found = [f["properties"] for f in features("sichuan-chongqing.geojson")]
    for f in features("sichuan-chongqing.geojson"):
        p = f["properties"]
        assert set(p) == {"adcode", "name", "name_en", "province_adcode", "province", "centre", "group"}
        assert p["province_adcode"] == p["adcode"][:2] + "0000"
        assert shape(f["geometry"]).contains(Point(p["centre"])), p["name"]
    assert {g: sum(p["group"] == g for p in found) for g in GROUPS} == GROUPS
    names = {p["adcode"]: (p["name"], p["name_en"]) for p in found}
    assert names["510100"] == ("成都市", "Chengdu") and names["500000"] == ("重庆市", "Chongqing")


def test_files_agree_with_each_other():
    cities, provinces = polygons("sichuan-chongqing.geojson"), polygons("provinces.geojson")
    districts = polygons("chongqing-districts.geojson")
    assert unary_union(list(districts.values())).symmetric_difference(provinces["500000"]).area < 1e-6
    assert cities["500000"].symmetric_difference(provinces["500000"]).area < 1e-6
    sichuan = unary_union([s for code, s in cities.items() if code.startswith("51")])
    assert sichuan.symmetric_difference(provinces["510000"]).area < 1e-6


@pytest.mark.parametrize("adcode, km2", [("510000", 486_000), ("500000", 82_400)])
def test_area_of_provinces(adcode, km2):
    x, y = np.array(polygons("provinces.geojson")[adcode].exterior.coords).T
    x, y = np.radians(x), np.sin(np.radians(y))             # equal-area plane
    area = 6371.0 ** 2 * abs(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1])) / 2
    assert area == pytest.approx(km2, rel=0.01)


# ---- emissions ----

def test_census():
    people = {r["adcode"]: int(r["population"]) for r in table("population_2020.csv")}
    assert len(people) == 59
    assert sum(v for k, v in people.items() if k.startswith("51")) == 83_674_866
    assert sum(v for k, v in people.items() if k.startswith("50")) == 32_054_159
    assert set(people) == (set(polygons("sichuan-chongqing.geojson")) - {"500000"}) | set(polygons("chongqing-districts.geojson"))
    group = {f["properties"]["adcode"]: f["properties"]["group"] for f in features("sichuan-chongqing.geojson")}
    published = {"成都平原": 4193.5, "川南": 1447.3, "川东北": 1926.6, "攀西": 607.1, "川西北": 193.0}    # 10^4, Sichuan's census
    for name, total in published.items():
        assert sum(v for k, v in people.items() if group.get(k) == name) / 1e4 == pytest.approx(total, abs=0.051)


def test_census_names_match_the_polygons():
    named = {f["properties"]["adcode"]: f["properties"]["name"]
             for n in ("sichuan-chongqing.geojson", "chongqing-districts.geojson") for f in features(n)}
    for r in table("population_2020.csv"):
        assert named[r["adcode"]].startswith(r["name"][:2])


def test_totals_and_points_make_reas():
    """REAS v3.2, PM2.5, 2015: Sichuan 555.5602, Chongqing 187.3654 Gg."""
    rows = table("province_totals_2015.csv")
    assert {r["sector"] for r in rows} == SECTORS - {"power"}, "power is in the points alone"
    points = table("points_power.csv")
    assert {r["sector"] for r in points} == {"power"}
    assert {r["unit"] for r in rows + points} == {"Gg year-1"} and {r["species"] for r in rows + points} == {"pm25"}
    assert {r["year"] for r in rows + points} == {"2015"}
    power = {"510000": 14.93299, "500000": 15.08650}
    total = {"510000": 555.5602, "500000": 187.3654}
    for adcode in total:
        of_points = sum(float(r["value"]) for r in points if r["adcode"] == adcode)
        assert of_points == pytest.approx(power[adcode], abs=2e-4)
        assert of_points + sum(float(r["value"]) for r in rows if r["adcode"] == adcode) == pytest.approx(total[adcode], abs=5e-4)


def test_plants():
    provinces = polygons("provinces.geojson")
    points, plants = table("points_power.csv"), {p["name"]: p for p in table("plants_power.csv")}
    assert len(points) == len(plants) and set(plants) == {r["name"] for r in points}
    for r in points:
        p = plants[r["name"]]
        assert provinces[r["adcode"]].contains(Point(float(r["lon"]), float(r["lat"]))), r["name"]
        assert 100 <= float(r["height"]) <= 250 and float(r["height"]) == float(p["stack_height_m"])
        assert float(p["capacity_mw"]) >= 100 and p["fuel"] in ("coal", "gas")
    for adcode in provinces:
        coal = [float(r["value"]) / float(plants[r["name"]]["capacity_mw"]) for r in points
                if r["adcode"] == adcode and plants[r["name"]]["fuel"] == "coal"]
        assert max(coal) == pytest.approx(min(coal), rel=1e-3), "coal by capacity"


@pytest.mark.parametrize("name, columns", [("month", [f"m{m}" for m in range(1, 13)]),
                                           ("weekday", ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]),
                                           ("hour", [f"h{h}" for h in range(1, 25)])])
def test_profiles_have_mean_one(name, columns):
    rows = table(f"profiles_{name}.csv")
    assert {r["sector"] for r in rows} == PROFILED and len(rows) == len(PROFILED)
    for r in rows:
        assert list(r) == ["sector"] + columns
        values = [float(r[c]) for c in columns]
        assert min(values) >= 0
        assert sum(values) / len(values) == pytest.approx(1, abs=1e-9), r["sector"]


def test_heights_sum_to_one_without_gaps():
    rows = table("profiles_height.csv")
    assert {r["sector"] for r in rows} == PROFILED
    for sector in PROFILED:
        mine = [(float(r["bottom_m"]), float(r["top_m"]), float(r["fraction"])) for r in rows if r["sector"] == sector]
        assert sum(f for _, _, f in mine) == pytest.approx(1, abs=1e-9)
        assert all(0 <= b < t for b, t, _ in mine)
        assert all(a[1] == b[0] for a, b in zip(mine, mine[1:]))
    assert all(float(r["top_m"]) <= 40 for r in rows if r["sector"] in ("road", "residential"))


# ---- fields ----

@pytest.fixture(scope="module")
def terrain():
    with Dataset(DATA / "terrain.nc") as nc:
        z = nc["surface_altitude"]
        assert z.units == "m" and z.standard_name == "surface_altitude" and z.dimensions == ("lat", "lon")
        return nc["lon"][:], nc["lat"][:], nc["lon_bnds"][:], nc["lat_bnds"][:], z[:]


def test_terrain_covers_the_domain(terrain):
    lon, lat, lon_b, lat_b, z = terrain
    assert lon_b.min() <= 94.5 and lon_b.max() >= 113.5 and lat_b.min() <= 23.5 and lat_b.max() >= 36.5
    assert np.allclose(np.diff(lon), 0.05) and np.allclose(np.diff(lat), 0.05)
    assert np.allclose(lon_b[1:, 0], lon_b[:-1, 1]) and np.allclose(lat_b.mean(axis=1), lat)
    assert np.ma.count_masked(z) == 0 and -10 <= z.min() and z.max() < 6500


@pytest.mark.parametrize("place, lon, lat, height, tolerance", [
    ("Chengdu", 104.066, 30.66, 505, 60), ("Chongqing", 106.55, 29.56, 259, 80), ("Mianyang", 104.74, 31.46, 470, 60),
    ("Xichang", 102.26, 27.89, 1590, 150), ("Garzê", 100.0, 31.62, 3390, 250), ("Hanzhong", 107.03, 33.07, 508, 60),
    ("Litang", 100.27, 30.0, 3950, 350)])
def test_terrain_at_known_places(terrain, place, lon, lat, height, tolerance):
    x, y, _, _, z = terrain
    assert z[np.abs(y - lat).argmin(), np.abs(x - lon).argmin()] == pytest.approx(height, abs=tolerance)


@pytest.fixture(scope="module")
def proxy():
    with Dataset(DATA / "proxy_population.nc") as nc:
        assert nc["population"].units == "1"
        return {n: np.asarray(nc[n][:], float) for n in ("population", "industry", "road", "residential")}


def test_proxies_are_weights(proxy):
    import make_proxy
    for name, field in proxy.items():
        assert field.shape == (make_proxy.LAT.size, make_proxy.LON.size), name
        assert np.isfinite(field).all() and field.min() >= 0 and field.max() > 0, name
    people = proxy["population"]
    assert people.sum() == pytest.approx(sum(make_proxy.read_census().values()), rel=1e-6)
    assert people.max() / make_proxy.cell_area().max() < 3.5e4, "persons per km2"
    assert ((people > 0) == (proxy["residential"] > 0)).all()


def test_proxy_holds_the_census_of_each_polygon(proxy):
    """Border cells belong to several polygons: their people are shared by the script's own density of each, so the file is
    compared with the script's sum, and each polygon's part of that with the census."""
    import make_proxy
    census = make_proxy.people_of_polygons()
    assert sum(census.values()) == sum(make_proxy.read_census().values())
    city, rest, _ = make_proxy.spread()
    assert np.allclose(city + rest, proxy["population"], rtol=1e-5, atol=1e-3), "made from the tables as they are now"
    for adcode, (_, polygon) in make_proxy.read_polygons().items():
        if polygon.area < 0.2:
            continue                                        # mostly border cells
        j, i, share = make_proxy.fractions(polygon)
        inside = (proxy["population"][j, i] * (share == 1)).sum()
        touched = proxy["population"][j, i].sum()
        assert inside <= census[adcode] * (1 + 1e-6) and census[adcode] <= touched * (1 + 1e-6), adcode
        assert (proxy["population"][j, i] * share).sum() == pytest.approx(census[adcode], rel=0.08), adcode


# ---- the map script ----

PLOT = ROOT / "scripts/plot_map.py"


def plot(*arguments):
    return subprocess.run(["/usr/bin/python3", str(PLOT), *map(str, arguments)], capture_output=True, text=True)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A small run's folder: Lambert grid, three hours, wind and terrain."""
    from pyproj import CRS
    folder = tmp_path_factory.mktemp("run")
    crs = CRS("+proj=lcc +lat_1=25 +lat_2=40 +lat_0=30 +lon_0=105 +R=6370000")
    with Dataset(folder / "surface.nc", "w") as nc:
        nc.title, nc.weather_label = "test", "idealised weather"
        for name, size in (("time", 3), ("y", 20), ("x", 30), ("bnds", 2)):
            nc.createDimension(name, size)
        for name, size in (("x", 30), ("y", 20)):
            v = nc.createVariable(name, "f8", (name,))
            v.units = "m"
            v[:] = (np.arange(size) - (size - 1) / 2) * 27e3
        t = nc.createVariable("time", "f8", ("time",))
        t.units, t.bounds = "hours since 2016-11-19 16:00:00", "time_bnds"
        t[:] = [1, 2, 3]
        nc.createVariable("time_bnds", "f8", ("time", "bnds"))[:] = [[0, 1], [1, 2], [2, 3]]
        nc.createVariable("crs", "i4").crs_wkt = crs.to_wkt()
        for name, unit, value in (("primary_pm25", "ug m-3", 30.0), ("u10", "m s-1", 1.0), ("v10", "m s-1", -1.0)):
            v = nc.createVariable(name, "f4", ("time", "y", "x"), fill_value=-1e30)
            v.units, v.grid_mapping = unit, "crs"
            v[:] = value * np.random.default_rng(1).random((3, 20, 30))
        nc.createVariable("surface_altitude", "f4", ("y", "x"))[:] = 500.0
    return folder


@pytest.mark.parametrize("stat", ["mean", "max", "2", "2016-11-20T03"])
def test_map_is_drawn(run, tmp_path, stat):
    from PIL import Image
    done = plot(run, "--stat", stat, "--out", tmp_path / "a.png")
    assert done.returncode == 0, done.stderr
    assert Image.open(tmp_path / "a.png").size[0] == 1600
    assert [p.name for p in tmp_path.iterdir()] == ["a.png"]


@pytest.mark.parametrize("arguments, message", [(["--var", "pm"], "there is primary_pm25"), (["--stat", "9"], "from 1 to 3"),
                                                (["--stat", "2016-11-21T03"], "2016-11-20 01:00"),
                                                (["--out", "/nowhere/a.png"], "cannot be written")])
def test_map_refuses_clearly(run, tmp_path, arguments, message):
    if "--out" not in arguments:
        arguments = arguments + ["--out", tmp_path / "a.png"]
    done = plot(run, *arguments)
    assert done.returncode == 2 and message in done.stderr and "Traceback" not in done.stderr
    assert not list(tmp_path.iterdir())


def test_differences_that_are_none_have_no_sign():
    sys.path.insert(0, str(PLOT.parent))
    from plot_map import colour_scale
    field = np.array([[-9.0, -1e-4, 1e-4, 0.0, 0.1, 3.0]])
    levels, cmap, norm, _ = colour_scale(field, "%")
    colour = cmap(norm(field[0]))
    assert (colour[1] == colour[2]).all() and (colour[1] == colour[3]).all() and colour[1][:3].min() > 0.95
    assert colour[0][0] < colour[0][2] and colour[5][0] > colour[5][2]     # less is blue, more is red
    assert len(levels) == len(set(levels)) and np.allclose(levels, -np.array(levels)[::-1])


def test_a_picture_of_fewer_pixels(run, tmp_path):
    from PIL import Image
    assert plot(run, "--dpi", "80", "--out", tmp_path / "a.png").returncode == 0
    assert Image.open(tmp_path / "a.png").size[0] == 800


def test_map_of_a_set_names_its_runs(tmp_path):
    (tmp_path / "base").mkdir()
    for name in ("differences.nc", "base/surface.nc"):
        (tmp_path / name).touch()
    done = plot(tmp_path)
    assert done.returncode == 2 and "there is differences.nc, base/surface.nc: name one of them" in done.stderr


def test_map_names_the_missing_file(tmp_path):
    done = plot(tmp_path)
    assert done.returncode == 2 and "no surface.nc" in done.stderr
    (tmp_path / "surface.nc").write_text("not netCDF")
    done = plot(tmp_path)
    assert done.returncode == 2 and "not readable as netCDF" in done.stderr


if __name__ == "__main__":
    sys.exit(pytest.main([__file__, "-q"]))
