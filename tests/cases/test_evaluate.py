"""bashu evaluate on whole runs: made-up observations whose statistics are known, an independent reckoning, real tables, pictures."""
import csv
import json
import subprocess
from datetime import datetime, timedelta

import numpy as np
import pytest
from netCDF4 import Dataset
from support import ROOT, SHARED, bashu, long_one, needs_program, run

pytestmark = needs_program
SIX_DIGITS = 2e-5     # ROUND: tables hold six digits, and sums of them lose a little more
DAY = "2015-01-31"    # the one whole day of UTC+8 in the small case
OBSERVED = SHARED / "data/observations"
CUT_POINTS = {"name": "stack", "type": "points", "file": str(ROOT / "tests/cases/tiny_points.csv")}
PLOT = ROOT / "scripts/plot_evaluation.py"
needs_data = pytest.mark.skipif(not OBSERVED.is_dir(), reason=f"{OBSERVED} is not there")


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    return run(tmp_path_factory.mktemp("evaluate"))


@pytest.fixture(scope="module")
def cells(small):
    """Sites at centres of cells: lon, lat, and the model's hours [site, hour] with their ends of UTC+8."""
    with Dataset(small.folder / "surface.nc") as nc:
        chosen = [(j, i) for j in range(4, 18, 4) for i in range(5, 21, 5)]
        values = np.array([nc["primary_pm25"][:, j, i] for j, i in chosen], float)
        places = [(float(nc["lon"][j, i]), float(nc["lat"][j, i])) for j, i in chosen]
        origin = datetime.strptime(nc["time"].units, "hours since %Y-%m-%d %H:%M:%S")
        ends = [origin + timedelta(hours=float(h) + 8) for h in nc["time"][:]]
    return places, values, ends


def rows(file):
    return list(csv.DictReader(line for line in file.read_text(encoding="utf-8").splitlines() if not line.startswith("#")))


def write(file, cells, observed, shift=0):
    """A table of stations S0, S1, ... with a city for every four of them; ambient air."""
    places, _, ends = cells
    with open(file, "w", encoding="utf-8") as f:
        f.write("station,city,lon,lat,time,pm25,reference_state\n")
        for s, (lon, lat) in enumerate(places):
            for k, end in enumerate(ends):
                f.write(f"S{s},city{s // 4},{lon!r},{lat!r},{end + timedelta(hours=shift):%Y-%m-%d %H:%M},{observed[s, k]!r},ambient\n")
    return file


def evaluate(folder, observed, out, *words):
    done = bashu("evaluate", folder, observed, "--out", out, *words)
    assert done.returncode == 0, done.stderr
    return {(int(r["averaging_hours"]), r["group"], r["name"]): r for r in rows(out / "evaluation.csv")}, done


# ---- known answers ----

def test_a_perfect_model(small, cells, tmp_path):
    groups, done = evaluate(small.folder, write(tmp_path / "o.csv", cells, cells[1]), tmp_path)
    for hours in (1, 24):
        g = groups[hours, "all", ""]
        assert float(g["r"]) == 1 and abs(float(g["nmb"])) < 1e-7 and float(g["rmse"]) < 1e-5 and float(g["fac2"]) == 1
    assert {v for k, v in groups[24, "all", ""].items() if k.startswith("benchmark_")} == {"goal"}
    assert "PRIMARY PM2.5 AGAINST OBSERVED TOTAL PM2.5" in done.stdout and "IDEALISED WEATHER" in done.stdout
    assert groups[24, "all", ""]["n"] == str(len(cells[0]))  # one whole day


def test_a_model_of_twice_the_observations(small, cells, tmp_path):
    g = evaluate(small.folder, write(tmp_path / "o.csv", cells, cells[1] / 2), tmp_path)[0][1, "all", ""]
    assert float(g["nmb"]) == pytest.approx(1, abs=1e-6) and float(g["nme"]) == pytest.approx(1, abs=1e-6)
    assert float(g["ratio"]) == pytest.approx(2, rel=1e-6) and float(g["r"]) == 1 and float(g["mfb"]) == pytest.approx(2 / 3, rel=1e-5)
    assert float(g["nme_scaled"]) < 1e-6


def test_hours_end_at_their_stamps(small, cells, tmp_path):
    """The same hours, stamped at their beginning, agree only when that is said."""
    begins = write(tmp_path / "o.csv", cells, cells[1], shift=-1)
    wrong = evaluate(small.folder, begins, tmp_path)[0][1, "all", ""]
    right = evaluate(small.folder, begins, tmp_path, "--stamp", "start")[0][1, "all", ""]
    assert float(right["rmse"]) < 1e-5 and float(wrong["rmse"]) > 0.05 and int(wrong["n"]) == int(right["n"]) - len(cells[0])


def reckon(o, m):
    """The statistics, as numpy has them."""
    d, positive = m - o, o > 0
    f = (2 * d / (m + o))[positive]
    out = {"n": o.size, "mean_obs": o.mean(), "mean_mod": m.mean(), "ratio": m.mean() / o.mean(), "mb": d.mean(), "nmb": d.sum() / o.sum(),
           "nme": np.abs(d).sum() / o.sum(), "rmse": np.sqrt((d ** 2).mean()), "mfb": f.mean(), "mfe": np.abs(f).mean(),
           "fac2": ((m / o)[positive] >= 0.5).mean() - ((m / o)[positive] > 2).mean(),
           "nme_scaled": np.abs(m * o.mean() / m.mean() - o).sum() / o.sum()}
    if o.size >= 3:
        out["r"] = np.corrcoef(o, m)[0, 1]
        out["ioa"] = 1 - (d ** 2).sum() / ((np.abs(m - o.mean()) + np.abs(o - o.mean())) ** 2).sum()
    return out


def assert_alike(group, o, m):
    for name, value in reckon(o, m).items():
        assert float(group[name]) == pytest.approx(value, rel=SIX_DIGITS, abs=SIX_DIGITS), name


def test_every_group_against_numpy(small, cells, tmp_path):
    _, model, ends = cells
    observed = np.round(model * np.random.default_rng(3).lognormal(0.4, 0.6, model.shape), 1) + 0.1
    groups, _ = evaluate(small.folder, write(tmp_path / "o.csv", cells, observed), tmp_path)
    o = observed
    assert_alike(groups[1, "all", ""], o.ravel(), model.ravel())
    assert_alike(groups[1, "site_means", ""], o.mean(axis=1), model.mean(axis=1))
    for s in range(len(o)):
        assert_alike(groups[1, "station", f"S{s}"], o[s], model[s])
    for c in range(len(o) // 4):
        assert_alike(groups[1, "city", f"city{c}"], o[4 * c:4 * c + 4].ravel(), model[4 * c:4 * c + 4].ravel())
    before = [(e - timedelta(seconds=1)) for e in ends]
    for day in {f"{b:%Y-%m-%d}" for b in before}:
        at = np.array([f"{b:%Y-%m-%d}" == day for b in before])
        assert_alike(groups[1, "day", day], o[:, at].ravel(), model[:, at].ravel())
    for hour in range(24):
        at = np.array([b.hour == hour for b in before])
        assert_alike(groups[1, "hour", f"{hour + 1:02d}"], o[:, at].ravel(), model[:, at].ravel())
    whole = np.array([f"{b:%Y-%m-%d}" == DAY for b in before])
    assert whole.sum() == 24
    assert_alike(groups[24, "all", ""], o[:, whole].mean(axis=1), model[:, whole].mean(axis=1))
    assert len(rows(tmp_path / "evaluation_pairs.csv")) == o.size + len(o)


def test_out_of_order_and_repeated_rows(small, cells, tmp_path):
    file = write(tmp_path / "o.csv", cells, cells[1] * 1.3)
    first, _ = evaluate(small.folder, file, tmp_path)
    head, *body = file.read_text(encoding="utf-8").splitlines()
    np.random.default_rng(1).shuffle(body)
    file.write_text("\n".join([head, *body, *body[:7]]) + "\n", encoding="utf-8")
    second, done = evaluate(small.folder, file, tmp_path)
    assert first == second
    assert "7 rows stand in the table a second time" in done.stdout


# ---- cities ----

def test_cities_by_day(small, tmp_path):
    """The mean of the 24 hours of cities.csv; observations before September 2018 are of standard air."""
    hourly = [r for r in rows(small.folder / "cities.csv") if (datetime.fromisoformat(r["time_end_local"]) - timedelta(seconds=1)).strftime("%Y-%m-%d") == DAY]
    (tmp_path / "o.csv").write_text(f"city,date,pm25\n成都,{DAY},100\nGarzê,{DAY},10\n500000,{DAY},80\n北京,{DAY},1\n", encoding="utf-8")
    _, done = evaluate(small.folder, tmp_path / "o.csv", tmp_path)
    pairs = {r["name"]: r for r in rows(tmp_path / "evaluation_pairs.csv")}
    assert set(pairs) == {"成都市", "甘孜藏族自治州", "重庆市"}
    for name, pair in pairs.items():
        mean = np.mean([float(r["primary_pm25"]) for r in hourly if r["name"] == name])
        assert float(pair["modelled"]) == pytest.approx(mean, rel=SIX_DIGITS)
    assert 0.88 < float(pairs["成都市"]["factor"]) < 0.97 and 0.6 < float(pairs["甘孜藏族自治州"]["factor"]) < 0.75
    assert float(pairs["重庆市"]["observed"]) == pytest.approx(80 * float(pairs["重庆市"]["factor"]), rel=SIX_DIGITS)
    words = json.loads((tmp_path / "evaluation.json").read_text(encoding="utf-8"))
    assert [s["name"] for s in words["not_compared"]] == ["北京"] and words["modelled"] == "primary_pm25"
    assert "(1): 北京." in done.stdout


def test_printed_json_is_the_file(small, cells, tmp_path):
    file = write(tmp_path / "o.csv", cells, cells[1])
    done = bashu("evaluate", small.folder, file, "--out", tmp_path / "new", "--json")
    assert json.loads(done.stdout) == json.loads((tmp_path / "new/evaluation.json").read_text(encoding="utf-8"))
    assert not list((tmp_path / "new").glob("*.part*")) and not (small.folder / "evaluation.csv").exists()


def test_cities_in_part(tmp_path):
    """A mesh that cuts through cities: the evaluation says of which it has a part."""
    cut = run(tmp_path, "cut", {"time.start": "2015-01-30T16:00:00Z", "time.end": "2015-01-31T16:00:00Z", "time.spinup": "0 h", "grid.nx": 8,
                                "grid.ny": 8, "grid.centre": [104.07, 30.66], "emissions.inventories": [CUT_POINTS], "emissions.profiles": None,
                                "emissions.sectors": ["power"]})
    (tmp_path / "o.csv").write_text(f"city,date,pm25\n成都,{DAY},100\n重庆,{DAY},80\n", encoding="utf-8")
    done = evaluate(cut.folder, tmp_path / "o.csv", tmp_path)[1]
    told = next(line for line in done.stdout.replace("\n ", "").split("\n") if "Only a part of these cities" in line)
    assert "重庆市 " in told and "成都市" not in told


# ---- what is refused ----

@pytest.mark.parametrize("table, words, told", [
    ("city,date,pm25\n成都,2016-01-31,5\n", [], "no daily observation meets the run: it has 2015-01-30T16:00:00Z to 2015-01-31T20:00:00Z, "
                                               "the observations 2016-01-30T16:00:00Z to 2016-01-31T16:00:00Z"),
    ("city,date,pm10\n成都,2015-01-31,5\n", [], "no column for the concentration of PM2.5"),
    ("station,time,pm25\nA,2015-01-31 08:00,5\n", [], "name a list of stations with --stations FILE.csv"),
    ("city,date,pm25\n成都,2015-01-31,5\n", ["--stamp", "middle"], "--stamp must be end or start, found 'middle'"),
    ("city,date,pm25\n成都,2015-01-31,5\n", ["--stations", "x.csv"], "is a table of cities"),
])
def test_refused_in_words(small, tmp_path, table, words, told):
    (tmp_path / "o.csv").write_text(table, encoding="utf-8")
    done = bashu("evaluate", small.folder, tmp_path / "o.csv", "--out", tmp_path / "out", *words)
    assert done.returncode == 2 and told in done.stderr and not done.stdout, done
    assert not (tmp_path / "out").exists()


def test_gbk_and_no_run(small, tmp_path):
    (tmp_path / "o.csv").write_bytes("city,date,pm25\n成都,2015-01-31,5\n".encode("gbk"))
    done = bashu("evaluate", small.folder, tmp_path / "o.csv")
    assert done.returncode == 2 and "o.csv:2:1: error: byte 0xB3 is no UTF-8 text; save the file as UTF-8" in done.stderr
    done = bashu("evaluate", tmp_path, tmp_path / "o.csv")
    assert done.returncode == 2 and "holds no run: neither summary.json" in done.stderr
    assert bashu("evaluate", small.folder).returncode == 2


# ---- real tables ----

@needs_data
def test_daily_values_of_cities(small, tmp_path):
    groups, done = evaluate(small.folder, OBSERVED / "daily_city_2015_2016.csv", tmp_path)
    there = {(r["city"], r["date"]): float(r["pm25"]) for r in rows(OBSERVED / "daily_city_2015_2016.csv")}
    pairs = {r["name"]: float(r["observed_raw"]) for r in rows(tmp_path / "evaluation_pairs.csv")}
    assert groups[24, "all", ""]["n"] == "22" and len(pairs) == 22
    assert pairs["成都市"] == there["成都", DAY] and pairs["阿坝藏族羌族自治州"] == there["阿坝州", DAY]
    assert "22 of 22 observations refer to 273.15 K" in done.stdout and "Not compared" not in done.stdout


@needs_data
@long_one
def test_hourly_values_of_stations(tmp_path):
    """A run of the same days: stations find their cells by name and city, and quoted cells over several lines are read."""
    april = run(tmp_path, "april", {"time.start": "2020-04-02T16:00:00Z", "time.end": "2020-04-02T20:00:00Z", "time.spinup": "0 h"})
    groups, done = evaluate(april.folder, OBSERVED / "hourly_202004.csv", tmp_path, "--stations", OBSERVED / "stations.csv")
    pairs = rows(tmp_path / "evaluation_pairs.csv")
    there = {(r["city"], r["WatchPoint"], r["t"][:16]): r["PM2.5"] for r in rows(OBSERVED / "hourly_202004.csv")}
    assert len(pairs) > 100 and {r["state"] for r in pairs} == {"ambient"}
    short = {"重庆市": "重庆", "成都市": "成都"}
    for r in pairs:
        if r["city"] in short:
            assert float(there[short[r["city"]], r["name"], r["time_local"]]) == float(r["observed_raw"]), r
    words = json.loads((tmp_path / "evaluation.json").read_text(encoding="utf-8"))
    reasons = {(s["city"], s["name"]): s["reason"] for s in words["not_compared"]}
    assert reasons["成都市", "君平街"] == "not in the list of stations"
    assert words["counts"]["repeated"] > 100 and (24, "all", "") not in groups
    assert "no 24-h means, to which the benchmarks apply" in done.stdout
    done = bashu("evaluate", april.folder, OBSERVED / "cnemc_20180220T07_region.geojson")
    assert done.returncode == 2 and "the observations 2018-02-19T22:00:00Z to 2018-02-19T23:00:00Z" in done.stderr


# ---- pictures ----

def plot(*words):
    return subprocess.run(["/usr/bin/python3", str(PLOT), *map(str, words)], capture_output=True, text=True, check=False)


@long_one
def test_pictures(small, cells, tmp_path):
    from PIL import Image
    evaluate(small.folder, write(tmp_path / "o.csv", cells, cells[1] * 2.5), tmp_path)
    for words in ([], ["--averaging", "1"]):
        done = plot(tmp_path, "--dpi", 50, *words)
        assert done.returncode == 0 and len(done.stdout.split()) == 2, done.stderr
        for name in ("scatter", "series"):
            picture = np.asarray(Image.open(tmp_path / f"evaluation_{name}.png").convert("L"))
            assert picture.shape[1] > 400 and picture.std() > 5
    assert not list(tmp_path.glob("*.part*"))


def test_pictures_that_cannot_be_drawn(small, tmp_path):
    done = plot(tmp_path)
    assert done.returncode == 2 and "holds no evaluation.json: bashu evaluate RUN OBS.csv writes it" in done.stderr
    (tmp_path / "o.csv").write_text(f"city,date,pm25\n成都,{DAY},100\n", encoding="utf-8")
    evaluate(small.folder, tmp_path / "o.csv", tmp_path)
    done = plot(tmp_path, "--averaging", "1")
    assert done.returncode == 2 and "no means over 1 h; there are those over 24 h" in done.stderr
    assert plot(tmp_path, "--dpi", 50).returncode == 0  # one pair is a picture, too
