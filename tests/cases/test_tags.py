"""Tags of regions and sectors: they add up, do not feel each other, and the matrix made of them says who pollutes whom."""
import csv
import json
import math

import numpy as np
import pytest
import yaml
from netCDF4 import Dataset

from support import CONFIGS, bashu, fields, long_one, needs_program, run, write_case

pytestmark = needs_program

FAMILIES = ["chengdu-plain", "south-sichuan", "northeast-sichuan", "chongqing", "panxi", "northwest-sichuan"]
LISTED = ["power", "industry", "road", "residential"]
SUM_OF_TAGS = 2e-5  # ROUND: some 26 floats that each went through the same 180 steps
CSV_DIGITS = 2e-6   # ROUND: seven digits in each table
SUM_OF_ROWS = 1e-5  # ROUND: the total of 26 such numbers, relative to it
PLUME = 1e-4        # SCIENCE: ripples of the scheme downwind of a point, relative
OWN_CELL = 0.3   # SCIENCE: how full the cell of a source is, of a cell of the plume: a half in truth, 0.74 by the scheme's edges
NOTHING = 1e-20     # of the largest value: what a high-order edge feels of the cells behind it, 15 cells away


def cross(regions, sectors, **more):
    return {"tracers.tags": False, "tracers.cross": {"regions": regions, "sectors": sectors}, **more}


@pytest.fixture(scope="module")
def families(tmp_path_factory):
    return run(tmp_path_factory.mktemp("tags"), "families", cross(FAMILIES, LISTED))


@pytest.fixture(scope="module")
def cities(tmp_path_factory):
    return run(tmp_path_factory.mktemp("tags"), "cities",
               cross(["each"], ["all"], **{"regions.basin": ["成都平原", "川南", "川东北", "重庆"]}))


@pytest.fixture(scope="module")
def sectors(tmp_path_factory):
    return run(tmp_path_factory.mktemp("tags"), "sectors")


def table(run, name):
    lines = [line for line in (run.folder / name).read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return list(csv.DictReader(lines))


def comments(run, name):
    return [line for line in (run.folder / name).read_text(encoding="utf-8").splitlines() if line.startswith("#")]


def tag_names(file):
    return [name for name in fields(file) if name.startswith("primary_pm25_")]


# ---- tags ----

def test_names(families):
    names = tag_names(families.folder / "surface.nc")
    pairs = [f"primary_pm25_{f}_{s}" for f in FAMILIES for s in LISTED if (f, s) != ("northwest-sichuan", "power")]
    assert names == pairs + ["primary_pm25_other", "primary_pm25_initial", "primary_pm25_boundary"]
    assert "nothing is emitted for them: pm25_northwest-sichuan_power" in families.log
    with Dataset(families.folder / "surface.nc") as nc:
        assert nc["primary_pm25_chengdu-plain_industry"].long_name.endswith("from 成都平原: industry")


def test_tags_add_up_everywhere(families, cities):
    for one in (families, cities):
        f = fields(one.folder / "surface.nc")
        total, tags = f["primary_pm25"].astype(float), [n for n in f if n.startswith("primary_pm25_")]
        gap = np.abs(sum(f[name].astype(float) for name in tags) - total)
        assert total.shape[0] == 28 and np.all(gap <= SUM_OF_TAGS * total)
        for term in ("emitted_kg", "stored_kg", "dry_deposited_kg"):
            whole = one.ledger["pm25"][term]
            assert abs(sum(r[term] for n, r in one.ledger.items() if n != "pm25") - whole) <= 1e-6 * whole


@long_one
def test_tags_do_not_feel_each_other(families, cities, tmp_path):
    """More tags, fewer tags, a tag split in two: the others keep their bits, and so does the total."""
    none = run(tmp_path, "none", {"tracers.tags": False})
    two = run(tmp_path, "two", {"tracers.tags": False, "tracers.groups": [
        {"name": "chengdu-plain_industry", "regions": ["成都平原"], "sectors": ["industry"]},
        {"name": "rest-of-industry", "regions": ["川南", "川东北", "重庆", "panxi", "川西北"], "sectors": ["industry"]}]})
    split = run(tmp_path, "split", {"tracers.tags": False, "tracers.groups": [
        {"name": "rest-a", "regions": ["川南", "川东北"], "sectors": ["industry"]},
        {"name": "chengdu-plain_industry", "regions": ["chengdu-plain"], "sectors": ["industry"]},
        {"name": "rest-b", "regions": ["重庆", "panxi", "川西北"], "sectors": ["industry"]}]})
    for file in ("surface.nc", "deposition.nc"):
        f = [fields(one.folder / file) for one in (families, cities, none, two, split)]
        suffixes = [""] if file == "surface.nc" else ["_dry_deposition"]
        for suffix in suffixes:
            for tag in ("", "_initial", "_boundary"):
                bits = {one[f"primary_pm25{tag}{suffix}"].tobytes() for one in f}
                assert len(bits) == 1, (file, tag)
            shared = {f[k][f"primary_pm25_chengdu-plain_industry{suffix}"].tobytes() for k in (0, 3, 4)}
            assert len(shared) == 1, file
            rest = {f[k][f"primary_pm25_other{suffix}"].tobytes() for k in (3, 4)}
            assert len(rest) == 1, file
    assert families.ledger["pm25"] == none.ledger["pm25"]
    assert families.ledger["pm25_chengdu-plain_industry"] == split.ledger["pm25_chengdu-plain_industry"]


@long_one
def test_sector_everywhere_is_the_plain_tag(sectors, tmp_path):
    group = run(tmp_path, "group", {"tracers.tags": False, "tracers.groups": [
        {"name": "industry", "regions": ["all", "elsewhere"], "sectors": ["industry"]}]})
    a, b = fields(sectors.folder / "surface.nc"), fields(group.folder / "surface.nc")
    assert a["primary_pm25_industry"].tobytes() == b["primary_pm25_industry"].tobytes()


@long_one
def test_zero_out_of_a_sector(tmp_path):
    """With the linear scheme a tag is what goes when its source goes."""
    linear = {"operators.advection": "ppm6_lin", "tracers.tags": False, "tracers.groups": [
        {"name": "plants", "regions": ["all", "elsewhere"], "sectors": ["power"]}]}
    whole = run(tmp_path, "whole", linear)
    inventories = json.loads(json.dumps([{"name": "totals", "type": "totals",
                                          "file": str(CONFIGS / "emissions/province_totals_2015.csv"),
                                          "regions": str(CONFIGS / "regions/provinces.geojson"),
                                          "proxy": {"file": str(CONFIGS / "data/proxy_population.nc"),
                                                    "default": "population"}}]))
    without = run(tmp_path, "without", {"operators.advection": "ppm6_lin", "tracers.tags": False,
                                        "emissions.sectors": None, "emissions.inventories": inventories})
    a, b = fields(whole.folder / "surface.nc"), fields(without.folder / "surface.nc")
    gap = np.abs(a["primary_pm25"].astype(float) - b["primary_pm25"] - a["primary_pm25_plants"])
    assert gap.max() <= 2e-6 * a["primary_pm25"].max()
    assert a["primary_pm25_plants"].max() > 0.01


# ---- the matrix ----

def test_daily_table_is_the_daily_means(families):
    rows, days = table(families, "source_receptor_daily.csv"), table(families, "cities_daily.csv")
    assert len(days) == 22 and len(rows) == 22 * 27
    of = {(r["date_local"], r["adcode"], r["source"]): r for r in rows}
    for day in days:
        place = (day["date_local"], day["adcode"])
        parts = [r for k, r in of.items() if k[:2] == place and k[2] != "total"]
        total = float(day["primary_pm25"])
        assert float(of[(*place, "total")]["contribution"]) == total
        assert abs(sum(float(r["contribution"]) for r in parts) - total) <= SUM_OF_ROWS * total
        assert abs(sum(float(r["percent"]) for r in parts) - 100) <= 1e-3
        for r in parts:
            assert float(r["contribution"]) == float(day[f"primary_pm25_{r['source']}"])
    assert of[("2015-01-31", "510100", "chengdu-plain_industry")]["label"] == "成都平原: industry"


def test_period_table_and_netcdf_agree(families):
    rows = {(r["adcode"], r["source"]): r for r in table(families, "source_receptor_period.csv")}
    means = {r["adcode"]: r for r in table(families, "cities_period.csv")}
    f = fields(families.folder / "source_receptor.nc")
    sources, receptors = list(f["source_name"]), list(f["adcode"])
    assert f["primary_pm25_contribution"].shape == (28, len(sources), 22)
    assert sources[-3:] == ["other", "initial", "boundary"] and f["source_kind"][-3:].tolist() == ["rest", "initial", "boundary"]
    industry = sources.index("south-sichuan_industry")
    assert f["source_regions"][industry] == "510300 510500 511000 511500" and f["source_sectors"][industry] == "industry"
    assert f["receptor_family"][receptors.index("510100")] == "成都平原"
    for s, source in enumerate(sources):
        for r, code in enumerate(receptors):
            value = float(rows[code, source]["contribution"])
            assert value == float(means[code][f"primary_pm25_{source}_mean"])
            assert math.isclose(f["primary_pm25_contribution_period"][s, r], value, rel_tol=CSV_DIGITS, abs_tol=1e-12)
            share = 100 * value / float(rows[code, "total"]["contribution"])
            assert math.isclose(f["primary_pm25_share_period"][s, r], share, rel_tol=1e-5, abs_tol=1e-9)
    hourly = f["primary_pm25_contribution"].astype(float)
    assert np.allclose(hourly.mean(axis=0), f["primary_pm25_contribution_period"], rtol=1e-5, atol=1e-7)
    assert np.allclose(hourly.sum(axis=1), f["primary_pm25"], rtol=SUM_OF_ROWS)
    series = fields(families.folder / "cities.nc")
    assert np.array_equal(series["primary_pm25_chongqing_industry"].T, f["primary_pm25_contribution"][:, sources.index("chongqing_industry")])


def test_xarray_reads_the_matrix(families):
    xarray = pytest.importorskip("xarray")
    with xarray.open_dataset(families.folder / "source_receptor.nc") as d:
        part = d.primary_pm25_contribution
        assert part.dims == ("time", "source", "receptor") and part.time.dtype.kind == "M"
        mine = part.isel(source=list(d.source_name.values).index("initial"), receptor=list(d.adcode.values).index("500000"))
        assert float(mine.mean()) > 0 and str(mine.receptor_name.values) == "重庆市"


def test_shares_of_cities(cities):
    matrix = {(r["adcode"], r["source"]): float(r["contribution"]) for r in table(cities, "source_receptor_period.csv")}
    basin = 0
    for row in table(cities, "shares.csv"):
        part = {k: float(row[k]) for k in ("total", "local", "other_basin", "outside_basin", "unresolved")}
        assert abs(part["local"] + part["other_basin"] + part["outside_basin"] + part["unresolved"] - part["total"]) <= SUM_OF_ROWS * part["total"]
        assert part["unresolved"] == 0
        if row["adcode"] == "510100":
            assert part["local"] == matrix["510100", "chengdu"]
            outside = sum(matrix["510100", s] for s in ("aba", "garze", "liangshan", "panzhihua", "other", "initial", "boundary"))
            assert math.isclose(part["outside_basin"], outside, rel_tol=1e-5)
        basin += part["other_basin"] > 0
    assert basin >= 18
    assert any("regions of the basin: 成都市" in line for line in comments(cities, "shares.csv"))


def test_shares_of_families_leave_the_own_family_open(families):
    rows = {r["adcode"]: r for r in table(families, "shares.csv")}
    assert float(rows["510100"]["local"]) == 0 and float(rows["510100"]["unresolved"]) > 0
    assert float(rows["500000"]["local"]) > 0  # 重庆 is a family of one


def test_the_report_calls_no_unknown_share_nothing(families, cities, tmp_path):
    """Local shares of the terminal's table: '-' where the tags hold the city together with others."""
    for one, unknown in ((families, True), (cities, False)):
        done = bashu("report", one.folder, "--out", tmp_path / one.folder.name)
        assert done.returncode == 0, done.stderr
        text = done.stdout[done.stdout.index("who contributes"):]
        row = next(line for line in text.splitlines() if line.startswith("成都市"))
        assert (row.split()[2] == "-") == unknown and ("its local share is not known" in text) == unknown
        assert next(line for line in text.splitlines() if line.startswith("重庆市")).split()[2] != "-"  # a family of one


def test_shares_need_regions(sectors):
    text = "\n".join(comments(sectors, "shares.csv"))
    assert "NOT DEFINED: the tags of this run are of sectors wherever they are" in text
    row = table(sectors, "shares.csv")[0]
    assert row["local"] == "" and row["other_basin"] == "" and float(row["unresolved"]) > 0
    rows = {r["source"]: float(r["contribution"]) for r in table(sectors, "source_receptor_period.csv") if r["adcode"] == "510100"}
    assert {"industry", "initial", "boundary", "untagged", "total"} <= rows.keys()
    assert abs(rows["untagged"]) <= SUM_OF_ROWS * rows["total"]  # all sectors are listed


def test_no_tags_no_matrix(tmp_path):
    one = run(tmp_path, "none", {"tracers.tags": False, "time.end": "2015-01-31T02:00:00+08:00"})
    assert not list(one.folder.glob("source_receptor*")) and not (one.folder / "shares.csv").exists()


@long_one
def test_matrix_without_maps_of_tags(families, tmp_path):
    one = run(tmp_path, "lean", cross(FAMILIES, LISTED, **{"output.tags": False}))
    assert tag_names(one.folder / "surface.nc") == []
    for name in ("source_receptor_period.csv", "source_receptor_daily.csv", "shares.csv"):
        assert table(one, name) == table(families, name)


# ---- two cities, one wind ----

BOX = [101.0, 102.5]  # western sides, degrees; both 0.5 wide, from 29.8 to 30.3 N
CELL, WIND, RADIUS = 0.1, 10.0, 6.37e6


def ring(west):
    return [[west, 29.8], [west + 0.5, 29.8], [west + 0.5, 30.3], [west, 30.3], [west, 29.8]]


def two_cities(folder):
    features = [{"type": "Feature", "properties": {"adcode": str(n + 1), "name": name, "name_en": name},
                 "geometry": {"type": "Polygon", "coordinates": [ring(BOX[n])]}} for n, name in enumerate(("West", "East"))]
    (folder / "boxes.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    (folder / "p.csv").write_text("name,lon,lat,sector,species,value,unit,height\n"
                                  "a,101.25,30.05,plant,inert,1,kg s-1,0\nb,102.55,30.05,plant,inert,1,kg s-1,0\n")
    return {
        "case": {"name": "two"},
        "time": {"start": "2015-01-10T00:00:00Z", "end": "2015-01-10T16:00:00Z", "spinup": "15 h", "max_step": "300 s"},
        "grid": {"projection": "+proj=longlat +R=6370000", "nx": 36, "ny": 12, "dx": "0.1 degree",
                 "corner": [100.0, 29.5], "levels": {"top": "300 hPa", "eta": [1.0, 0.99, 0.9, 0.7, 0.4, 0.0]}},
        "terrain": None,
        "meteorology": {"provider": "idealised", "idealised": {"wind_u": "10 m s-1", "wind_v": "0 m s-1"}},
        "regions": {"file": str(folder / "boxes.geojson")},
        "emissions": {"inventories": [{"name": "two", "type": "points", "file": str(folder / "p.csv")}]},
        "tracers": {"species": ["inert"], "tags": False, "cross": {"regions": ["each"], "sectors": ["all"]}},
        "initial": None, "boundary": None,
        "operators": {"vertical_diffusion": "none", "horizontal_diffusion": "none", "dry_deposition": "none",
                      "settling": False, "wet_scavenging": "none"},
        "output": {"precision_bits": 23, "fields3d": {"interval": "1 hour"}},
    }


def test_two_cities_one_wind(tmp_path):
    """A steady plume of one row of cells in one layer: c = E / (u h dy). Each city is 5 x 5 cells. The western plume crosses the
    eastern city whole; the eastern plume fills what lies behind its source, in the city's first column: 4.5 cells of 5, for a cell's
    emission fills it from nothing to c."""
    case = two_cities(tmp_path)
    one = run(tmp_path, "two", case)
    height = fields(one.folder / "fields3d.nc")["layer_top_height"][-1, 0].astype(float)
    assert np.ptp(height) < 1e-3 * height.mean()
    dy = RADIUS * math.radians(CELL)
    plume = 1e9 / (WIND * height.mean() * dy)  # ug m-3
    rows = np.array([math.sin(math.radians(29.8 + CELL * (j + 1))) - math.sin(math.radians(29.8 + CELL * j)) for j in range(5)])
    share = rows[2] / rows.sum()
    part = {(r["name"], r["source"]): float(r["contribution"]) for r in table(one, "source_receptor_period.csv")}
    assert abs(part["West", "east"]) <= NOTHING * plume
    assert math.isclose(part["East", "west"], plume * share, rel_tol=PLUME)
    cell = plume * share / 5
    assert abs(part["West", "west"] - 2.5 * cell) <= OWN_CELL * cell
    assert abs(part["East", "east"] - 4.5 * cell) <= OWN_CELL * cell
    shares = {r["name"]: r for r in table(one, "shares.csv")}
    assert math.isclose(float(shares["East"]["other_basin"]), part["East", "west"], rel_tol=1e-6)
    assert math.isclose(float(shares["West"]["local_percent"]), 100, rel_tol=1e-6)


# ---- the shipped case ----

def test_shipped_case_is_the_default_with_tags():
    one, other = (yaml.safe_load((CONFIGS / f"cases/basin-winter{n}.yaml").read_text(encoding="utf-8")) for n in ("", "-regions"))
    assert other["regions"].pop("basin") == ["成都平原", "川南", "川东北", "重庆"]
    assert one["emissions"].pop("sectors") == other["tracers"]["cross"]["sectors"]
    for key in ("case", "tracers"):
        one.pop(key), other.pop(key)
    assert one == other


def test_shipped_case_is_read():
    done = bashu("check", CONFIGS / "cases/basin-winter-regions.yaml")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("tag pm25_") == 27 and "pm25_northwest-sichuan_power" in done.stdout
    cities = bashu("check", CONFIGS / "cases/basin-winter-regions.yaml", "--set", "tracers.cross.regions=[each]", "--set",
                   "tracers.cross.sectors=[all]")
    assert cities.returncode == 0, cities.stderr
    assert cities.stdout.count("tag pm25_") == 25


# ---- what is refused ----

def refused(tmp_path, changes, *words):
    done = bashu("check", write_case(tmp_path / "case.yaml", changes))
    assert done.returncode == 2, done.stdout
    for word in words:
        assert word in done.stderr, done.stderr


GROUP = {"name": "a", "regions": ["chengdu"], "sectors": ["industry"]}


@pytest.mark.parametrize("changes, words", [
    (cross(["chengdu-plain", "Chengdu"], ["industry"]),
     ["the tags 'chengdu_industry' and 'chengdu-plain_industry' both take the sector 'industry' of 510100 成都市", "counted twice"]),
    ({"tracers.tags": True, "tracers.groups": [GROUP]},
     ["the tags 'a' and 'industry' (emissions.sectors) both take the sector 'industry' of 510100 成都市", "set tracers.tags: false"]),
    ({"tracers.tags": False, "tracers.groups": [GROUP, {**GROUP, "name": "b", "sectors": ["all"]}]},
     ["case.yaml:", "the tags 'b' and 'a' both take the sector 'industry'"]),
    ({"tracers.tags": False, "tracers.groups": [GROUP, {**GROUP, "regions": ["mianyang"]}]},
     ["'a' is the name of another tag"]),
    ({"tracers.tags": False, "tracers.groups": [{**GROUP, "name": "2.5"}]}, ["'2.5' cannot be the name of a tag"]),
    ({"tracers.tags": False, "tracers.groups": [{**GROUP, "name": "other"}]}, ["'other' is the name of another tag"]),
    ({"tracers.tags": False, "tracers.groups": [GROUP], "regions": None},
     ["tracers.groups needs polygons, and regions.file is missing"]),
    (cross(["chengdu-plane"], ["all"]), ["'chengdu-plane' names no region; did you mean 'chengdu-plain'?", "family: 成都平原"]),
    (cross(["each"], ["brick"]), ["no inventory holds the sector 'brick'", "industry (pm25)"]),
    (cross(["each"], []), ["tracers.cross needs both regions and sectors"]),
    ({"tracers.tags": False, "tracers.groups": [{**GROUP, "sectors": ["power"], "regions": ["川西北"]}]},
     ["nothing is emitted by the sectors and regions of the group 'a' (川西北: power)"]),
    ({"tracers.tags": False, "tracers.groups": [{**GROUP, "sectors": ["all", "power"]}]},
     ["stands beside 'all', which takes it"]),
    (cross(["each"], ["all"], **{"operators.advection": "ppm_cw84"}), ["ppm_cw84 steepens"]),
    ({"regions": {"basin": ["成都平原"]}}, ["regions.basin names regions, and regions.file is missing"]),
    ({"regions.basin": ["成都"]}, ["'成都' names no region; did you mean '成都市'?"]),
])
def test_bad_groups(tmp_path, changes, words):
    refused(tmp_path, changes, *words)
