"""bashu report on whole runs: natural days of UTC+8, what the files hold, and columns that a person can read."""
import csv
import io
import json
import unicodedata

import pytest
from support import SHORT, bashu, needs_program, run

pytestmark = needs_program
SEVEN_DIGITS = 2e-7  # ROUND: tables hold seven digits
DAY = "2015-01-31"   # the one whole day of UTC+8 in the small case


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    return run(tmp_path_factory.mktemp("report"))


@pytest.fixture(scope="module")
def reported(small):
    return bashu("report", small.folder)


def rows(file):
    lines = [line for line in file.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return list(csv.DictReader(io.StringIO("\n".join(lines))))


def columns(text):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def test_days_are_natural_days_of_utc8(small, reported):
    """The run covers parts of three days and one whole one; its mean is that of the 24 hours that end from 01:00 to 24:00."""
    assert reported.returncode == 0, reported.stderr
    days = rows(small.folder / "report_daily.csv")
    assert {row["date_local"] for row in days} == {DAY}
    hourly = rows(small.folder / "cities.csv")
    for row in days:
        hours = [float(h["primary_pm25"]) for h in hourly
                 if h["adcode"] == row["adcode"] and (h["time_end_local"][:10] == DAY and h["time_end_local"][11:13] != "00"
                                                      or h["time_end_local"].startswith("2015-02-01T00"))]
        assert len(hours) == 24
        assert float(row["pm25"]) == pytest.approx(sum(hours) / 24, rel=1e-5)  # six digits are written
        assert float(row["modelled_primary"]) == float(row["pm25"])


def test_cities_are_those_of_the_run(small, reported):
    cities = rows(small.folder / "report.csv")
    assert len(cities) == 22 and {row["member"] for row in cities} == {"run"} and {row["days"] for row in cities} == {"1"}
    assert {row["basis"] for row in cities} == {"primary_lower_bound"}
    assert all(sum(int(row[f"days_{k}"]) for k in ("excellent", "good", "light", "moderate", "heavy", "severe")) == 1 for row in cities)


def test_json_agrees_with_the_tables(small, reported):
    report = json.loads((small.folder / "report.json").read_text(encoding="utf-8"))
    assert json.loads(bashu("report", small.folder, "--json").stdout) == report
    assert report["basis"] == "primary_lower_bound" and report["days"] == 1 and report["first_day"] == DAY
    assert any("LOWER BOUND" in note for note in report["notes"])
    for city, row in zip(report["members"][0]["cities"], rows(small.folder / "report.csv")):
        assert city["adcode"] == row["adcode"] and city["highest_index"] == int(row["index_highest"])
        assert city["mean_ug_m3"] == pytest.approx(float(row["pm25_mean"]), rel=1e-5)
        shares = sum(source["share"] for source in city["sources_of_primary"])
        assert shares == pytest.approx(1, abs=1e-3)  # tags of every sector, the start and the sides: all of it


def test_columns_line_up_with_chinese_names(reported):
    """A table's English names begin in the same column of the terminal, whatever the width of the Chinese ones before them."""
    starts = set()
    for line in reported.stdout.splitlines():
        for name, english in (("成都市", "Chengdu"), ("阿坝藏族羌族自治州", "Aba"), ("重庆市", "Chongqing")):
            if line.startswith(name + " ") and english in line:
                starts.add(columns(line[:line.index(english)]))
    assert len(starts) == 1


def test_report_of_a_run_that_has_moved(small, reported, tmp_path):
    """Neither the case nor its inputs are needed: only the folder."""
    moved = tmp_path / "moved"
    moved.mkdir()
    for name in ("case.yaml", "summary.json", "cities_daily.csv"):
        text = (small.folder / name).read_text(encoding="utf-8")
        (moved / name).write_text(text.replace("/configs/", "/gone/"), encoding="utf-8")
    done = bashu("report", moved)
    assert done.returncode == 0, done.stderr
    assert "carries no tags" in done.stdout


def test_observations_before_2018_are_converted(small, tmp_path):
    observed = tmp_path / "observed.csv"
    observed.write_text(f"city,date,pm25,reference_state\n成都,{DAY},100,standard\n甘孜州,{DAY},100,standard\n德阳,{DAY},100,ambient\n",
                        encoding="utf-8")
    done = bashu("report", small.folder, "--observed", observed, "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert "2 of 3 observations referred to 273.15 K and 1013.25 hPa" in done.stdout
    value = {row["adcode"]: float(row["pm25"]) for row in rows(tmp_path / "out/report_daily.csv") if row["basis"] == "observed"}
    assert value["510600"] == 100
    assert 88 < value["510100"] < 96   # about 8 % less in Chengdu in winter
    assert 60 < value["513300"] < 75   # about a third less on the plateau


def test_a_run_without_a_whole_day(tmp_path):
    short = run(tmp_path, "short", SHORT)
    done = bashu("report", short.folder)
    assert done.returncode == 2 and not done.stdout
    assert "the run has no whole natural day" in done.stderr
    assert not (short.folder / "report.csv").exists()


def test_what_the_command_line_asks_for(small, tmp_path):
    done = bashu("report")
    assert done.returncode == 2 and "name the folder of one finished run or scenario set (found 0 words)" in done.stderr
    done = bashu("report", small.folder, "--edition", "2030", "--out", tmp_path / "x")
    assert done.returncode == 2 and "must be one of 2012, 2026, found '2030'" in done.stderr
    assert not (tmp_path / "x").exists()
