"""What a run leaves behind is whole, agrees with itself, and is the same to the bit however it was made."""
import csv
import json
import re
import unicodedata
from datetime import datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pytest
from shapely.geometry import Polygon, shape
from shapely.ops import transform

from support import (CONFIGS, LEDGER_CLOSES, PROFILES, SECTORS, SHORT, SMALL, Run, assert_same_bits, bashu, fields,
                     needs_program, run, write_case)

pytestmark = needs_program

FILES = {"surface.nc", "daily.nc", "deposition.nc", "cities.csv", "cities.nc", "cities_daily.csv", "cities_period.csv",
         "source_receptor.nc", "source_receptor_daily.csv", "source_receptor_period.csv", "shares.csv",
         "emissions_audit.csv", "summary.json", "case.yaml", "run.log"}
LOCAL = timezone(timedelta(hours=8))
GG_PER_YEAR = 1e6 / 31556925.9747  # kg s-1, the year of UDUNITS
MASS = 1e-6      # ROUND: rates kept in float, summed in double
SUM_OF_TAGS = 2e-5  # ROUND: nine floats that each went through the same some 200 steps
MEANS = 1e-6     # ROUND: the mean of 24 floats
CITIES = 0.01    # SCIENCE: edges of cells straight on the map there, straight between corners here
TRACE = 1e-6     # ug m-3


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    return run(tmp_path_factory.mktemp("run"), "small", words=["--threads", "2"])


@pytest.fixture(scope="module")
def short(tmp_path_factory):
    return run(tmp_path_factory.mktemp("run"), "short", SHORT)


# ---- what is there ----

def test_files(small):
    assert {f.name for f in small.folder.iterdir()} == FILES


def test_summary(small):
    s = small.summary
    assert {"wall_s", "prepare_s", "simulated_s", "steps", "threads", "inputs", "operators", "ledger", "grid"} <= s.keys()
    assert s["simulated_s"] == 30 * 3600 and s["wall_s"] > 0 and s["threads"] == 2
    assert s["case"] == "small" and "IDEALISED" in s["weather_label"] and s["version"].startswith("bashu ")
    assert s["grid"] == {"nx": 24, "ny": 20, "nz": 10}
    read = {row["file"].rsplit("/", 1)[-1]: row for row in s["inputs"]}
    assert {"terrain.nc", "points_power.csv", "proxy_population.nc", "profiles_hour.csv", "provinces.geojson"} <= read.keys()
    assert read["points_power.csv"]["bytes"] == (CONFIGS / "emissions/points_power.csv").stat().st_size


def test_ledger_closes_for_every_tracer(small):
    assert list(small.ledger) == ["pm25"] + [f"pm25_{tag}" for tag in SECTORS + ["initial", "boundary"]]
    for row in small.ledger.values():
        came = sum(row[k] for k in ("initial_kg", "emitted_kg", "in_west_kg", "in_east_kg", "in_south_kg", "in_north_kg"))
        went = sum(row[k] for k in ("out_west_kg", "out_east_kg", "out_south_kg", "out_north_kg", "dry_deposited_kg",
                                    "wet_deposited_kg", "stored_kg"))
        assert came > 0 and abs(came - went) <= LEDGER_CLOSES * came, row
        assert abs(row["residual"]) <= LEDGER_CLOSES
        assert row["error_kg"] == pytest.approx(came - went, abs=1e-9 * came)


def test_log_repeats_the_screen(small):
    assert small.log.strip() == small.done.stderr.strip() and not small.done.stdout
    assert "ledger, tonnes" in small.log and "成都市" in small.log


def columns(text):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def test_tables_of_the_log_line_up(small):
    lines = small.log.splitlines()
    head = next(n for n, line in enumerate(lines) if line.startswith("ledger, "))
    ledger = lines[head:head + 1 + len(small.ledger)]
    assert len({columns(line) for line in ledger}) == 1, ledger
    head = next(n for n, line in enumerate(lines) if line.startswith("period means"))
    cities = [line for line in lines[head + 1:] if re.match(r"  \d{6} ", line)]
    assert len(cities) > 5 and len({columns(line) for line in cities}) == 1, cities


def test_ledger_of_little_mass_is_in_kilograms(tmp_path):
    little = run(tmp_path, "little", {**SHORT, "initial": None, "boundary": None, "emissions.inventories": [
        {"name": "stack", "type": "points", "file": str(Path(__file__).parent / "tiny_points.csv")}],
        "emissions.sectors": ["power"], "tracers": {"species": ["pm25"]}})
    head, row = re.search(r"^(ledger, .*)\n  pm25 (.*)$", little.log, re.M).groups()
    assert head.startswith("ledger, kg:")
    assert float(row.split()[1]) == pytest.approx(little.ledger["pm25"]["emitted_kg"], abs=0.051)
    assert "do not add up" not in little.log


@pytest.mark.parametrize("tags, words", [
    ({}, "what is there at the start and what comes in through the sides (see tracers.tag_initial, tracers.tag_boundary)"),
    ({"tag_initial": True}, "no tag carries what comes in through the sides (see tracers.tag_boundary)"),
    ({"tag_boundary": True}, "no tag carries what is there at the start (see tracers.tag_initial)"),
    ({"tags": False}, ""), ({"tag_initial": True, "tag_boundary": True}, "")])
def test_tags_that_do_not_add_up_are_told(tmp_path, tags, words):
    case = write_case(tmp_path / "case.yaml", {**SHORT, "tracers": {"species": ["pm25"], **tags}})
    done = bashu("check", case)
    assert done.returncode == 0, done.stderr
    assert words in done.stdout and ("do not add up" in done.stdout) == bool(words), done.stdout


def test_quiet_check_says_nothing(tmp_path):
    done = bashu("check", write_case(tmp_path / "case.yaml", SHORT), "--quiet")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


# ---- mass and means ----

def table(file):
    with open(file, encoding="utf-8", newline="") as f:
        return list(csv.DictReader(line for line in f if not line.startswith("#")))


def annual_means():
    """kg s-1 by sector, of the tables: the small mesh holds all of their places."""
    rate = dict.fromkeys(SECTORS, 0.0)
    for file in ("province_totals_2015.csv", "points_power.csv"):
        for row in table(CONFIGS / "emissions" / file):
            assert row["unit"] == "Gg year-1" and row["species"] == "pm25"
            rate[row["sector"]] += float(row["value"]) * GG_PER_YEAR
    return rate


def factors(kind):
    rows = {}
    for row in table(PROFILES[kind]):
        sector = row.pop("sector")
        values = np.array([float(v) for v in row.values()])
        rows[sector] = values / values.mean()
    return rows


def test_audit_is_what_the_run_emitted(small):
    rows = table(small.folder / "emissions_audit.csv")
    whole = {r["sector"]: r for r in rows if r["region"] == "all"}
    assert set(whole) == set(annual_means())
    for sector, row in whole.items():
        parts = [r for r in rows if r["sector"] == sector and r["region"] != "all"]
        assert "成都市" in {r["region"] for r in parts} or sector == "power"
        for key in ("inventory_kg_s", "on_grid_kg_s", "in_cells_kg_s", "with_profiles_kg_s", "run_kg"):
            assert sum(float(r[key]) for r in parts) == pytest.approx(float(row[key]), rel=1e-12), (sector, key)
        for r in parts:
            assert float(r["on_grid_kg_s"]) == pytest.approx(float(r["inventory_kg_s"]), rel=1e-10), (sector, r["region"])
        assert small.ledger[f"pm25_{sector}"]["emitted_kg"] == pytest.approx(float(row["run_kg"]), rel=MASS), sector
    summary = {r["sector"]: r for r in small.summary["emissions"]}
    assert {s: r["run_kg"] for s, r in summary.items()} == {s: float(r["run_kg"]) for s, r in whole.items()}


def test_emitted_mass_is_that_of_the_tables(small):
    month, weekday, hour = factors("month"), factors("weekday"), factors("hour")
    start = datetime.fromisoformat(SMALL["time"]["start"])
    stamps = [(start + timedelta(hours=h)).astimezone(LOCAL) for h in range(30)]
    assert {t.month for t in stamps} == {1, 2} and {t.weekday() for t in stamps} == {4, 5, 6}
    total = 0.0
    for sector, rate in annual_means().items():
        kg = sum(3600 * rate * month[sector][t.month - 1] * weekday[sector][t.weekday()] * hour[sector][t.hour] for t in stamps)
        assert small.ledger[f"pm25_{sector}"]["emitted_kg"] == pytest.approx(kg, rel=MASS), sector
        total += kg
    assert small.ledger["pm25"]["emitted_kg"] == pytest.approx(total, rel=MASS)


def test_tags_sum_to_the_total(small):
    surface = fields(small.folder / "surface.nc")
    tags = [surface[f"primary_pm25_{tag}"].astype(float) for tag in SECTORS + ["initial", "boundary"]]
    total = surface["primary_pm25"].astype(float)
    assert total.min() > 0 and np.all(np.abs(sum(tags) - total) <= SUM_OF_TAGS * total)


def test_spinup_is_left_out(small, tmp_path):
    surface = fields(small.folder / "surface.nc")
    assert surface["time"].size == 28
    whole = fields(run(tmp_path, "whole", {"time.spinup": "0 h"}).folder / "surface.nc")
    assert whole["time"].size == 30
    assert np.array_equal(whole["primary_pm25"][2:], surface["primary_pm25"])
    assert np.array_equal(whole["time"][2:], surface["time"])


def test_daily_means_are_means_of_local_days(small):
    surface, daily = fields(small.folder / "surface.nc"), fields(small.folder / "daily.nc")
    assert daily["local_date"].tolist() == [20150131]
    hours = surface["primary_pm25"][:24].astype(float)  # the output begins at midnight in UTC+8
    assert np.allclose(daily["primary_pm25"][0], hours.mean(axis=0), rtol=MEANS, atol=0)
    assert surface["time_bnds"][0, 0] == daily["time_bnds"][0, 0]


def equal_area(x, y, z=None):
    return np.asarray(x), np.sin(np.radians(y)) * 180 / np.pi


def test_city_means_are_those_of_the_polygons(small):
    surface = fields(small.folder / "surface.nc")
    corners = np.stack([surface["lon_vertices"], surface["lat_vertices"]], axis=-1)
    cells = [transform(equal_area, Polygon(c)) for c in corners.reshape(-1, 4, 2)]
    hour = surface["primary_pm25"][12].ravel().astype(float)
    features = json.loads((CONFIGS / "regions/sichuan-chongqing.geojson").read_text(encoding="utf-8"))["features"]
    rows = table(small.folder / "cities.csv")
    stamp = sorted({row["time_end_utc"] for row in rows})[12]
    found = {row["adcode"]: float(row["primary_pm25"]) for row in rows if row["time_end_utc"] == stamp}
    assert len(found) == len(features) == 22
    for feature in features:
        city = transform(equal_area, shape(feature["geometry"]).buffer(0))
        area = np.array([cell.intersection(city).area if cell.intersects(city) else 0.0 for cell in cells])
        expected = (area * hour).sum() / area.sum()
        assert found[str(feature["properties"]["adcode"])] == pytest.approx(expected, rel=CITIES), feature["properties"]


# ---- the same bits ----

def test_any_number_of_threads(small, tmp_path):
    other = run(tmp_path, "small", words=["--threads", "1"])
    for file in ("surface.nc", "daily.nc", "deposition.nc", "cities.nc"):
        assert_same_bits(small, other, file)
    assert small.summary["ledger"] == other.summary["ledger"]
    assert other.summary["threads"] == 1


def test_case_of_a_run_gives_the_run_again(short, tmp_path):
    done = bashu("run", short.folder / "case.yaml", "--out", tmp_path / "again")
    assert done.returncode == 0, done.stderr
    again = Run(tmp_path / "again", done)
    assert_same_bits(short, again)
    assert again.summary["ledger"] == short.summary["ledger"]
    assert (again.folder / "case.yaml").read_text() == (short.folder / "case.yaml").read_text()


def test_prepared_meteorology_gives_the_same(short, tmp_path):
    case = write_case(tmp_path / "short.yaml", SHORT)
    done = bashu("prepare", case, "--out", tmp_path / "cache")
    assert done.returncode == 0, done.stderr
    kept = list((tmp_path / "cache").glob("*.nc"))
    assert len(kept) == 1
    use = ["--set", f"meteorology.prepared={tmp_path / 'cache'}"]
    done = bashu("run", case, "--out", tmp_path / "out", *use)
    assert done.returncode == 0, done.stderr
    from_cache = Run(tmp_path / "out", done)
    assert str(kept[0]) in from_cache.log
    assert_same_bits(short, from_cache)
    assert from_cache.summary["ledger"] == short.summary["ledger"]
    other = bashu("run", case, "--out", tmp_path / "other", *use, "--set", "meteorology.idealised.pbl_day=900 m")
    assert other.returncode == 0 and str(kept[0]) not in other.stderr  # another weather: the file is not for it


def test_tags_do_not_change_the_total(short, tmp_path):
    alone = run(tmp_path, "alone", {**SHORT, "tracers.tags": False, "tracers.tag_initial": None, "tracers.tag_boundary": None})
    assert list(alone.ledger) == ["pm25"]
    assert alone.field("primary_pm25").tobytes() == short.field("primary_pm25").tobytes()


def test_set_works_as_the_case_file(short, tmp_path):
    case = write_case(tmp_path / "set.yaml", {**SHORT, "boundary.value": "7 ug kg-1", "output.precision_bits": 10})
    done = bashu("run", case, "--out", tmp_path / "set", "--set", "boundary.value=4 ug kg-1", "--set=output.precision_bits=23")
    assert done.returncode == 0, done.stderr
    assert_same_bits(short, Run(tmp_path / "set", done))


# ---- the folder ----

def test_second_run_into_a_folder_is_refused(short):
    before = {f.name: f.stat().st_mtime_ns for f in short.folder.iterdir()}
    done = bashu("run", short.folder / "case.yaml", "--out", short.folder)
    assert done.returncode == 2
    assert str(short.folder) in done.stderr and "overwrites nothing; name another folder with --out" in done.stderr
    assert {f.name: f.stat().st_mtime_ns for f in short.folder.iterdir()} == before


def test_folder_that_is_there_but_empty_is_taken(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "notes.txt").write_text("mine")
    assert run(tmp_path, "out", SHORT).ledger
    assert (tmp_path / "out" / "notes.txt").read_text() == "mine"


def test_quiet_says_nothing(tmp_path):
    quiet = run(tmp_path, "quiet", SHORT, words=["--quiet", "--profile"])
    assert quiet.done.stderr == quiet.done.stdout == "" and "seconds by part" in quiet.log


def test_profile_names_the_parts(tmp_path):
    log = run(tmp_path, "out", SHORT, words=["--profile"]).log
    rows = [re.fullmatch(r" *(.+?) +([\d.]+) +([\d.]+) %", line) for line in log[log.index("seconds by part"):].splitlines()]
    seconds = {row[1]: float(row[2]) for row in rows if row}
    for part in ("hadvect", "meteorology", "its correction", "emissions", "boundary values", "length of steps", "watch", "output", "reading of inputs", "rest"):
        assert part in seconds
    whole = float(re.search(r"of ([\d.]+) in all", log)[1])
    assert sum(seconds.values()) == pytest.approx(whole, abs=0.05 + 0.005 * len(seconds))  # as printed


def test_check_writes_nothing_and_tells_the_totals(tmp_path):
    case = write_case(tmp_path / "case.yaml")
    done = bashu("check", case)
    assert done.returncode == 0 and not done.stderr
    assert [f.name for f in tmp_path.iterdir()] == ["case.yaml"]
    printed = {words[0]: float(words[5]) for words in map(str.split, done.stdout.splitlines()) if words and words[0] in SECTORS}
    for sector, rate in annual_means().items():
        assert printed[sector] == pytest.approx(rate / GG_PER_YEAR, abs=1e-4), sector
    for word in ("24 x 20 cells of 54 x 54 km, 10 layers", "memory    about", "time      about", "weather   friction velocity: diagnosed", "advect"):
        assert word in done.stdout
