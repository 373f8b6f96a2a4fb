"""Fluxes between regions in whole runs: their tables agree with each other, with the ledger and with every other output."""
import csv
import os
import subprocess
import sys

import numpy as np
import pytest
from netCDF4 import Dataset

from support import ROOT, SECTORS, assert_same_bits, bashu, fields, needs_program, run, write_case

pytestmark = needs_program

ASKED = {"output.corridors": True}
SHORT = {"time.start": "2015-01-30T14:00:00+08:00", "time.end": "2015-01-30T20:00:00+08:00", "time.spinup": "0 h"}
CLOSES = 2e-6     # ROUND: the program's own limit for the account of a region, fields in float
PRINTED = 1e-6    # ROUND: seven digits of a table
EXACT = 1e-12     # ROUND: the same doubles, added up otherwise
TAGS = 2e-5       # ROUND: nine floats that each went through the same some 200 steps
TOTAL = "primary_pm25"
SIDES = ["west", "east", "south", "north"]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("corridors")


@pytest.fixture(scope="module")
def day(place):
    return run(place, "day", ASKED, ["--threads", "2"])


@pytest.fixture(scope="module")
def short(place):
    return run(place, "short", {**ASKED, **SHORT})


def table(r, name="corridors.csv"):
    with open(r.folder / name, encoding="utf-8") as f:
        return list(csv.DictReader(line for line in f if not line.startswith("#")))


def pairs(rows, when="period", level="region"):
    return {(r["from"], r["to"]): r for r in rows if r["date_local"] == when and r["level"] == level}


def value(row, what="net", name=TOTAL):
    return float(row[f"{name}_{what}"])


# ---- what is there, and that asking changes nothing ----

def test_only_when_asked_and_nothing_else_changes(place, short):
    plain = run(place, "plain", SHORT)
    there, more = ({f.name for f in r.folder.iterdir()} for r in (plain, short))
    assert more - there == {"corridors.csv", "corridors_budget.csv", "corridors.nc"} and there <= more
    for file in ("surface.nc", "deposition.nc", "cities.nc"):
        assert_same_bits(plain, short, file)
    assert plain.summary["ledger"] == short.summary["ledger"]
    assert "accounts of regions: residual at most" in short.log and "accounts of regions" not in plain.log


def test_threads_change_no_byte(place, short):
    two = run(place, "two", {**ASKED, **SHORT}, ["--threads", "2"])
    for name in ("corridors.csv", "corridors_budget.csv"):
        assert (two.folder / name).read_bytes() == (short.folder / name).read_bytes(), name
    assert_same_bits(two, short, "corridors.nc")


def test_days_cover_the_period(day):
    rows = table(day)
    hours = {r["date_local"]: float(r["hours"]) for r in rows}
    assert hours == {"2015-01-31": 24, "2015-02-01": 4, "period": 28}     # the spin-up ends at local midnight
    for key, row in pairs(rows).items():
        for what in ("net", "low", "forward", "backward", "diffusion"):
            parts = [(hours[d], value(pairs(rows, d)[key], what)) for d in ("2015-01-31", "2015-02-01")]
            size = max(abs(v) for _, v in parts)
            assert value(row, what) == pytest.approx(sum(h * v for h, v in parts) / 28, abs=2 * PRINTED * size)


# ---- the table against itself ----

def test_both_ends_say_the_same(day):
    for level in ("region", "family"):
        rows = pairs(table(day), level=level)
        assert len(rows) > 20
        for (a, b), row in rows.items():
            other = rows[b, a]
            assert row["from_name"] == other["to_name"] and row["from_name_en"] == other["to_name_en"]
            for what in ("net", "low", "diffusion"):
                assert value(row, what) == -value(other, what)
            assert value(row, "forward") == value(other, "backward")
            net = value(row, "forward") - value(row, "backward") + value(row, "diffusion")
            size = value(row, "forward") + value(row, "backward")
            assert value(row) == pytest.approx(net, abs=2 * PRINTED * size)


def test_families_are_the_sums_of_their_members(day):
    family = {"510100": "成都平原", "510600": "成都平原", "510700": "成都平原", "510900": "成都平原", "511100": "成都平原",
              "511400": "成都平原", "511800": "成都平原", "512000": "成都平原", "510300": "川南", "510500": "川南", "511000": "川南",
              "511500": "川南", "510800": "川东北", "511300": "川东北", "511600": "川东北", "511700": "川东北", "511900": "川东北",
              "510400": "攀西", "513400": "攀西", "513200": "川西北", "513300": "川西北", "500000": "重庆"}
    rows = table(day)
    expected, size = {}, {}
    for (a, b), row in pairs(rows).items():
        key = family.get(a, a), family.get(b, b)
        expected[key] = expected.get(key, 0) + value(row)
        size[key] = size.get(key, 0) + value(row, "forward") + value(row, "backward")
    found = pairs(rows, level="family")
    assert set(found) == {k for k in expected if k[0] != k[1]}
    for key, row in found.items():
        assert value(row) == pytest.approx(expected[key], abs=PRINTED * size[key])


def test_tags_add_up(day):
    for row in pairs(table(day)).values():
        size = value(row, "forward") + value(row, "backward")
        for what in ("net", "low"):
            tags = sum(value(row, what, f"{TOTAL}_{t}") for t in SECTORS + ["initial", "boundary"])
            assert tags == pytest.approx(value(row, what), abs=TAGS * size)


# ---- the accounts of regions ----

def test_every_account_closes(day):
    rows, fluxes = table(day, "corridors_budget.csv"), table(day)
    assert len({r["tracer"] for r in rows}) == 1 + len(SECTORS) + 2
    for r in rows:
        n = {k: float(r[k]) for k in ("emitted", "from_regions", "from_elsewhere", "from_sides", "dry", "wet", "change", "residual")}
        came = n["emitted"] + n["from_regions"] + n["from_elsewhere"] + n["from_sides"] - n["dry"] - n["wet"]
        size = max(abs(v) for v in n.values())
        assert n["change"] == pytest.approx(came + n["residual"], abs=4 * PRINTED * size)
        if r["tracer"] == TOTAL:
            assert abs(float(r["residual_share"])) <= CLOSES
    largest = 0
    for r in (r for r in rows if r["tracer"] == TOTAL and r["date_local"] == "period"):
        out = {"from_regions": 0.0, "from_elsewhere": 0.0, "from_sides": 0.0}
        for (a, b), row in pairs(fluxes).items():
            if a == r["region"]:
                out["from_sides" if b in SIDES else "from_elsewhere" if b == "elsewhere" else "from_regions"] -= value(row)
        size = max(abs(v) for v in out.values())
        for key, total in out.items():
            assert float(r[key]) == pytest.approx(total, abs=20 * PRINTED * size)
        largest = max(largest, size)
    assert largest > 1e4                                                   # tonnes a day, not noise


def test_accounts_add_up_to_the_ledger(short):
    rows = [r for r in table(short, "corridors_budget.csv") if r["date_local"] == "period"]
    days = 6 / 24
    for tracer, kg in short.ledger.items():
        name = tracer.replace("pm25", TOTAL)
        own = [r for r in rows if r["tracer"] == name]
        size = sum(kg[k] for k in ("initial_kg", "emitted_kg")) + sum(kg[f"in_{s}_kg"] for s in SIDES)
        for column, expected in (("emitted", kg["emitted_kg"]), ("dry", kg["dry_deposited_kg"]), ("wet", kg["wet_deposited_kg"]),
                                 ("change", kg["stored_kg"] - kg["initial_kg"]),
                                 ("from_sides", sum(kg[f"in_{s}_kg"] - kg[f"out_{s}_kg"] for s in SIDES))):
            assert sum(float(r[column]) for r in own) * days == pytest.approx(expected, abs=PRINTED * size), (tracer, column)


# ---- corridors.nc ----

def test_file_agrees_with_the_table(day):
    nc, rows = fields(day.folder / "corridors.nc"), table(day)
    with Dataset(day.folder / "corridors.nc") as f:
        assert f.Conventions == "CF-1.10" and f.low_layers >= 1 and f.low_layers_top_m > 100
        assert f[f"{TOTAL}_net"].units == "kg day-1" and f[f"{TOTAL}_net"].cell_methods == "time: mean"
        assert "primary" in f[f"{TOTAL}_net"].comment and f["time"].bounds == "time_bnds"
        assert {"from", "to", "level", "lon", "lat"} <= set(f[f"{TOTAL}_net"].coordinates.split())
    hours = np.diff(nc["time_bnds"], axis=1)[:, 0]
    assert hours.tolist() == [24, 4]
    for n, (level, a, b) in enumerate(zip(nc["level"], nc["from"], nc["to"])):
        for name in (TOTAL, f"{TOTAL}_industry"):
            for what in ("net", "low"):
                row = pairs(rows, "2015-01-31", level)[a, b]
                assert value(row, what, name) == pytest.approx(nc[f"{name}_{what}"][0, n], rel=PRINTED, abs=1e-30)
    assert (np.hypot(nc["across_x"], nc["across_y"]) <= 1 + EXACT).all() and (nc["border_length"] > 1e4).all()
    south = {(a, b): n for n, (a, b) in enumerate(zip(nc["from"], nc["to"]))}
    chengdu_deyang = south["510100", "510600"]                             # Deyang lies north-east of Chengdu
    assert nc["across_x"][chengdu_deyang] > 0 and nc["across_y"][chengdu_deyang] > 0
    assert 103 < nc["lon"][chengdu_deyang] < 105.5 and 30 < nc["lat"][chengdu_deyang] < 32
    assert nc["cells"].sum() == 24 * 20


# ---- refusals ----

def test_needs_regions(place):
    case = write_case(place / "none.yaml", {**ASKED, **SHORT, "regions": None})
    done = bashu("check", case)
    assert done.returncode == 2
    assert "none.yaml:" in done.stderr and "output.corridors asks for fluxes between regions, and the case names none" in done.stderr


def test_needs_days_of_whole_hours(place):
    case = write_case(place / "half.yaml", {**ASKED, **SHORT, "output.day_offset": "5.5 h"})
    done = bashu("check", case)
    assert done.returncode == 2 and "output.day_offset must be a whole number of hours where output.corridors is true" in done.stderr


def test_check_tells_how_many_there_are(place):
    done = bashu("check", write_case(place / "check.yaml", {**ASKED, **SHORT}))
    assert done.returncode == 0 and "corridors " in done.stdout and "borders between neighbours" in done.stdout


# ---- the map ----

def plot(*words):
    return subprocess.run([sys.executable, str(ROOT / "scripts/plot_corridors.py"), *map(str, words)], capture_output=True, text=True,
                          check=False, timeout=300, env={**os.environ, "MPLCONFIGDIR": os.environ.get("MPLCONFIGDIR", "/tmp")})


@pytest.mark.parametrize("words", [[], ["--layers", "all", "--level", "family"], ["--day", "2015-01-31", "--var", f"{TOTAL}_industry"]])
def test_map_is_drawn(day, tmp_path, words):
    done = plot(day.folder, "--out", tmp_path / "map.png", *words)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "map.png").read_bytes()[:4] == b"\x89PNG" and (tmp_path / "map.png").stat().st_size > 50000


@pytest.mark.parametrize("words, message", [(["--var", "ozone"], "no fluxes of 'ozone'; there are those of primary_pm25,"),
                                            (["--day", "2015-03-01"], "expected mean or one of 2015-01-31, 2015-02-01")])
def test_map_refuses(day, tmp_path, words, message):
    done = plot(day.folder, "--out", tmp_path / "map.png", *words)
    assert done.returncode == 2 and message in done.stderr and not (tmp_path / "map.png").exists()


def test_map_of_a_set_names_its_runs(tmp_path):
    for member in ("base", "cut"):
        (tmp_path / member).mkdir()
        (tmp_path / member / "corridors.nc").touch()
    done = plot(tmp_path)
    assert done.returncode == 2 and f"is a set of runs: name one of {tmp_path}/base, {tmp_path}/cut" in done.stderr


def test_map_needs_corridors(tmp_path):
    done = plot(tmp_path)
    assert done.returncode == 2 and "corridors.nc does not exist: a run writes it with output.corridors: true" in done.stderr
