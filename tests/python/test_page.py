#!/usr/bin/python3
"""The page of a run as a file: whole, alone, in both languages, with the figures of the run; and what it says of bad input."""
import base64
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from netCDF4 import Dataset

sys.path.insert(0, str(Path(__file__).parent))
import page_runs
from page_fixtures import BASHU, CASE, MEMBERS, ROOT, data_of, needs_program, page, report, run, set_page

FOUR_DIGITS = 6e-4      # ROUND: half a unit of the fourth digit, of which the page keeps so many
LIMIT_MB = 10           # what the page of the default case may be


# ---- the file ----

def test_bytes_come_back_within_the_error_told():
    from page.frames import pack, unpack
    rng = np.random.default_rng(1)
    for values in (rng.gamma(0.5, 40, (3, 7, 5)), rng.normal(0, 3, (2, 4, 6)), np.zeros((1, 3, 3))):
        values[0, 0, 0] = np.nan
        packed = pack(values)
        back = unpack(np.frombuffer(base64.b64decode(packed["bytes"]), np.uint8).reshape(values.shape), packed["top"], packed["signed"])
        error = np.abs(back - values[:, ::-1])
        assert np.isnan(back[0, -1, 0]) and np.isnan(back).sum() == 1
        assert np.nanmax(error) <= packed["error"] + 1e-12
        assert packed["error"] <= np.nanmax(np.abs(values)) / (127 if packed["signed"] else 254) + 1e-12


def test_frames_are_thinned_to_the_budget_by_means():
    from datetime import datetime, timedelta
    from page.frames import thin
    start = datetime(2015, 1, 1)
    starts = [start + timedelta(hours=n) for n in range(50)]
    values = np.arange(50.0)[:, None, None] * np.ones((1, 2, 2))
    kept, begin, end, k = thin(values, starts, [s + timedelta(hours=1) for s in starts], 4 * 17)
    assert k == 3 and len(kept) == 16 and kept[1, 0, 0] == 4 and begin[1] == starts[3] and end[1] == starts[6]
    assert thin(values, starts, starts, 4 * 50)[3] == 1


def test_blocks_of_a_large_mesh_are_means():
    from page.frames import coarsen
    values = np.arange(35.0).reshape(1, 5, 7)
    out = coarsen(values, 2)
    assert out.shape == (1, 3, 4) and out[0, 0, 0] == np.mean([0, 1, 7, 8]) and out[0, 2, 3] == 34
    assert coarsen(values, 1) is values


@pytest.mark.parametrize("factor", (1, 2))
def test_polygons_lie_where_the_mesh_has_them(factor):
    """A town's longitude and latitude come back from its place on the map, through the lattice that the page interpolates in."""
    from page.places import Mesh
    from plot_map import Grid
    import pyproj
    crs = pyproj.CRS("+proj=lcc +lat_1=27 +lat_2=33 +lat_0=30 +lon_0=104.5 +R=6370000")
    grid = Grid.__new__(Grid)
    grid.x, grid.y, grid.aspect = np.arange(160) * 9e3 - 763478.0, np.arange(120) * 9e3 - 513190.0, 1.0
    there = pyproj.Transformer.from_crs(crs.geodetic_crs, crs, always_xy=True)
    grid.project = lambda lon, lat: there.transform(lon, lat)
    grid.unproject = lambda x, y: there.transform(x, y, direction="INVERSE")
    mesh = Mesh(grid, factor)
    x, y = mesh.cells(104.07, 30.66)
    assert 0 < x < 160 / factor and 0 < y < 120 / factor
    lattice = mesh.describe()["lattice"]
    a = max(n for n, v in enumerate(lattice["i"]) if v <= x)
    b = max(n for n, v in enumerate(lattice["j"]) if v <= y)
    f, h = (x - lattice["i"][a]) / 8, (y - lattice["j"][b]) / 8
    for key, expected in (("lon", 104.07), ("lat", 30.66)):
        v = np.array(lattice[key])
        got = (1 - h) * ((1 - f) * v[b, a] + f * v[b, a + 1]) + h * ((1 - f) * v[b + 1, a] + f * v[b + 1, a + 1])
        assert abs(got - expected) < 0.005            # SCIENCE: half of the last digit that the page shows


def test_the_library_is_checked_before_it_is_embedded(tmp_path):
    copy = tmp_path / "scripts"
    shutil.copytree(ROOT / "scripts", copy, ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "vendor/echarts/echarts.min.js").write_text("var echarts;")
    script = f"import sys; sys.path.insert(0, {str(copy)!r}); import report; report.echarts(SystemExit)"
    done = subprocess.run(["/usr/bin/python3", "-c", script], capture_output=True, text=True)
    assert done.returncode != 0 and "echarts.min.js: sha256" in done.stderr and "expected b66b25ae" in done.stderr


def test_no_word_is_missing_in_either_language():
    words = json.loads((ROOT / "scripts/page/words.json").read_text(encoding="utf-8"))
    assert all(set(v) == {"zh", "en"} and v["zh"] and v["en"] for v in words.values())
    code = "".join((ROOT / "scripts/page" / n).read_text(encoding="utf-8") for n in
                   ("core.js", "map.js", "charts.js", "tables.js", "corridors.js", "main.js", "page.html"))
    used = set(re.findall(r'\bt\("([a-z_0-9]+)"', code)) | set(re.findall(r'data-t="([a-z_0-9]+)"', code)) | set(re.findall(r'\brow\("([a-z_]+)"', code))
    used = {k for k in used if not k.endswith("_")}                       # beginnings, completed as the page runs
    assert len(used) > 40 and not used - set(words), used - set(words)
    assert all(not re.search(r"[一-鿿]", v["en"]) for v in words.values())


@needs_program
def test_one_file_with_the_runs_figures(run, page):
    text, d = page.read_text(encoding="utf-8"), data_of(page)
    assert not list(run.glob(".report*")) and text.count("<script") == 5
    assert "default-src 'none'" in text                                   # the browser itself refuses requests
    own = text.replace((ROOT / "scripts/vendor/echarts/echarts.min.js").read_text(encoding="utf-8"), "")
    assert len(own) < len(text) - 1e6 and not re.search(r'(?:src|href)="(?!data:)', own)
    assert "Apache License" in text and "The Apache Software Foundation" in text and "Baidu" in text and "Bostock" in text
    assert d["head"]["primary"] and d["head"]["unit"] == "ug m-3"
    with Dataset(run / "surface.nc") as nc:
        field = nc["primary_pm25"][:]
        total = d["layers"][0]
        n = np.frombuffer(base64.b64decode(total["hour"]["bytes"]), np.uint8).reshape(field.shape).astype(float)
        assert np.abs(total["hour"]["top"] * (n / 254) ** 2 - field[:, ::-1]).max() <= total["hour"]["error"] + 1e-9
    _, header, rows = page_runs.lines_of(run / "cities_period.csv")
    assert np.unravel_index(np.frombuffer(base64.b64decode(total["mean"]["bytes"]), np.uint8).argmax(), (20, 24)) == \
        tuple(np.array(np.unravel_index(field[:, ::-1].mean(axis=0).argmax(), (20, 24))))
    assert [r["adcode"] for r in d["regions"]] == [row[0] for row in rows]
    for mean, row in zip(d["means"]["total"], rows):
        assert mean == pytest.approx(float(row[header.index("primary_pm25_mean")]), rel=FOUR_DIGITS)


@needs_program
def test_a_set_has_its_differences(set_page):
    d = data_of(set_page)
    assert [m["key"] for m in d["head"]["members"]] == list(MEMBERS)                   # in the order of scenario.json
    keys = [layer["key"] for layer in d["layers"]]
    assert keys[:2] == ["total", "power"] and keys[2:] == ["minus:campaign-20", "minus:ban"]
    for name, cuts in MEMBERS.items():
        for base, tag, with_cut in zip(d["means"]["total"], d["means"]["tags"]["power"], d["members"][name]["mean"]):
            assert with_cut == pytest.approx(base - cuts["power"] * tag, rel=2 * FOUR_DIGITS, abs=1e-12)
    by = {m["by"]: m for m in d["matrices"]}
    assert list(by) == ["region", "sector", "group"]
    assert [s["key"] for s in by["region"]["sources"]] == ["成都平原", "川南", "initial"]
    assert [s["key"] for s in by["sector"]["sources"]] == ["power", "road", "initial"]
    for matrix, parts in ((by["region"], (0.5, 0.4, 0.1)), (by["sector"], (0.55, 0.35, 0.1)), (by["group"], [s[2] for s in page_runs.SOURCES])):
        for row, total in zip(matrix["values"], matrix["totals"]):
            assert row == pytest.approx([p * total for p in parts], rel=2 * FOUR_DIGITS)
    assert d["shares"]["values"][0] == [50, 30, 15, 5]
    links = d["links"]["list"]
    assert len(links) == 9 + 2 and links[0]["kg_per_day"] == 9e4 and links[0]["at"]   # each border once, as it goes
    assert [s["key"] for s in d["before_after"]["scenarios"]] == list(MEMBERS)
    assert d["before_after"]["scenarios"][0]["rows"][0][5:] == [2.0, 1.6]
    assert [m["key"] for m in d["standards"]["members"]] == ["base", *MEMBERS] and d["standards"]["members"][1]["rows"][0][2] == 70
    chengdu = [link for link in links if link["from"][""] == "510100"]
    assert {link["to"][""] for link in chengdu} == {"510600", "west"}


@needs_program
def test_a_set_of_the_program_itself(tmp_path):
    """The tables are read as the commands really write them."""
    folder = page_runs.program_set(BASHU, CASE, tmp_path / "set")
    if folder is None:
        pytest.skip("the program has no command scenario or report")
    done = report(folder)
    assert done.returncode == 0, done.stderr
    d = data_of(folder / "report.html")
    assert d["head"]["plan"] == "Half of the power" and [m["key"] for m in d["head"]["members"]] == ["half-power"]
    assert d["members"]["half-power"]["mean"][0] == pytest.approx(d["means"]["total"][0] / 2, rel=2 * FOUR_DIGITS)
    rows = d["before_after"]["scenarios"][0]["rows"]
    assert sum(r[6] for r in rows) == pytest.approx(sum(r[5] for r in rows) / 2, rel=1e-6) and sum(r[5] for r in rows) > 0
    assert [m["key"] for m in d["standards"]["members"]] == ["base", "half-power"] and None not in d["standards"]["members"][1]["rows"]
    assert d["matrices"] and d["matrices"][0]["sources"][0]["key"] == "power"


@needs_program
def test_the_default_case_stays_below_the_limit(run, page):
    """From the tiny page: bytes of a cell and hour, times those of the default case, with six tags by day."""
    fixed = page.stat().st_size - sum(len(layer[s]["bytes"]) for layer in data_of(page)["layers"] for s in ("hour", "day", "mean") if s in layer)
    frames = 160 * 120 * (96 + 4 + 1 + 6 * 5) * 4 / 3
    assert (fixed + frames) / 1e6 < LIMIT_MB


@needs_program
def test_a_mesh_in_degrees(tmp_path):
    run = page_runs.program_run(BASHU, CASE, tmp_path / "run", "--set", "grid.projection=+proj=longlat +R=6370000", "--set", "grid.dx=0.1 degrees")
    done = report(run)
    assert done.returncode == 0, done.stderr
    d = data_of(run / "report.html")
    assert d["mesh"]["aspect"] == pytest.approx(1 / np.cos(np.radians(30.5)), rel=1e-3)
    chengdu = d["regions"][0]["centre"]
    assert chengdu == [pytest.approx((104.07 - 102.8) / 0.1, abs=0.01), pytest.approx((31.5 - 30.66) / 0.1, abs=0.01)]


# ---- bad input ----

def test_a_writer_that_fails_leaves_nothing(tmp_path):
    from page.folder import Failure, write_whole

    def half(path):
        path.write_text("half of")
        raise OSError(28, "No space left on device")

    (tmp_path / "page.html").write_text("a former page")
    with pytest.raises(Failure, match="page.html: not written: No space left"):
        write_whole(tmp_path / "page.html", half)
    assert [p.name for p in tmp_path.iterdir()] == ["page.html"] and (tmp_path / "page.html").read_text() == "a former page"


def refused(done, *pieces):
    assert done.returncode == 2 and done.stderr.startswith("report.py: error: "), done.stderr
    assert "Traceback" not in done.stderr
    for piece in pieces:
        assert piece in done.stderr, done.stderr


def test_no_run_there(tmp_path):
    refused(report(tmp_path / "none"), "none: no such folder", "bashu run")
    (tmp_path / "empty").mkdir()
    refused(report(tmp_path / "empty"), "neither summary.json nor base/summary.json", "bashu scenario")


@needs_program
def test_a_spoiled_run_is_named_and_leaves_nothing(run, tmp_path):
    def spoiled(name):
        copy = tmp_path / name
        shutil.copytree(run, copy, ignore=shutil.ignore_patterns("report.html"))
        return copy

    bad = spoiled("json")
    (bad / "summary.json").write_text('{"case": ')
    refused(report(bad), "summary.json: not readable as JSON")
    bad = spoiled("surface")
    (bad / "surface.nc").write_bytes(b"CDF")
    refused(report(bad), "surface.nc: not readable as netCDF")
    bad = spoiled("gone")
    (bad / "cities.nc").unlink()
    refused(report(bad), "cities.nc does not exist", "regions.file")
    bad = tmp_path / "plan"
    bad.mkdir()
    shutil.copytree(run, bad / "base")
    (bad / "scenario.json").write_text('{"scenarios": [{"name": "lost"}]}')
    refused(report(bad), "scenario.json: tells of lost")
    bad = spoiled("corridors")
    (bad / "corridors.csv").write_text("date_local,level\nperiod,region\n")
    refused(report(bad), "corridors.csv:1: no column from", "found date_local, level")
    bad = spoiled("sources")
    page_runs.sources(bad)
    comments, header, rows = page_runs.lines_of(bad / "source_receptor_period.csv")
    page_runs.write_table(bad / "source_receptor_period.csv", comments, header, [r for r in rows if r[4] != "total" or r[0] != "510600"])
    refused(report(bad), "source_receptor_period.csv: no row 'total' of primary_pm25 for 510600")
    rows[3][6] = ""
    page_runs.write_table(bad / "source_receptor_period.csv", comments, header, rows)
    refused(report(bad), "source_receptor_period.csv:6: contribution is empty")
    bad = spoiled("table")
    comments, header, rows = page_runs.lines_of(bad / "cities_daily.csv")
    rows[0][header.index("primary_pm25")] = "much"
    page_runs.write_table(bad / "cities_daily.csv", comments, header, rows)
    refused(report(bad), f"cities_daily.csv:{len(comments) + 2}: column primary_pm25 holds 'much'")
    assert not list(tmp_path.glob("*/*.html")) and not list(tmp_path.glob("*/.report*"))
    refused(report(run, "--out", tmp_path / "no/page.html"), "no such folder")
    few = tmp_path / "few.geojson"
    few.write_text('{"type": "FeatureCollection", "features": []}')
    refused(report(run, "--out", tmp_path / "p.html", "--regions", few), "few.geojson lacks 510100", "--regions")
