"""Plans put to work: members of one run against runs of their own, what a set leaves behind, and estimates from tags."""
import csv
import json
import re

import numpy as np
import pytest

from support import CONFIGS, bashu, fields, long_one, needs_program, write_case

pytestmark = needs_program

# Thirty hours from a local midnight on, so that there is one whole natural day.
CASE = {"time.start": "2015-01-31T00:00:00+08:00", "time.end": "2015-02-01T06:00:00+08:00", "time.spinup": "0 h"}
SCENARIOS = """
  half:
    - {regions: [all, elsewhere], sectors: [all], species: [all], cut: 50%, from: start, to: end}
  core-brick:
    - {regions: [core], sectors: [brick], species: [pm25], cut: 100%, from: start, to: end, lead_time: 6 h}
    - {regions: [core, 重庆], sectors: [road], species: [pm25], cut: 30%, from: 2015-01-31T08:00:00+08:00, to: 2015-01-31T20:00:00+08:00}
  industry:
    - {regions: [all, elsewhere], sectors: [industry], species: [all], cut: 30%, from: start, to: end}
"""
NAMES = ["half", "core-brick", "industry"]
FILES = ["surface.nc", "daily.nc", "deposition.nc", "cities.nc"]
TABLES = ["cities.csv", "cities_daily.csv", "cities_period.csv"]

ROUND_TABLE = 2e-7    # ROUND: two figures printed with 7 digits
ROUND_LINEAR = 5e-6   # ROUND: fields in float over some hundred steps, tags against totals of a run of their own
LIMITED = 0.03        # SCIENCE: of a city's mean; docs/scenarios.md tells what was measured


def write_plan(folder, scenarios=SCENARIOS, head="", changes=None, case="case.yaml"):
    write_case(folder / "case.yaml", {**CASE, **(changes or {})})
    plan = folder / "plan.yaml"
    plan.write_text(f"plan: test\ntitle: A test\ncase: {case}\n{head}"
                    "families: {regions: {core: [510100, 川南]}}\n"
                    "sectors: {brick: {part_of: industry, share: 10%, basis: made up}}\n"
                    f"scenarios:{scenarios}", encoding="utf-8")
    return plan


def run_set(folder, **options):
    plan = write_plan(folder, **options)
    done = bashu("scenario", plan, "--out", folder / "set")
    assert done.returncode == 0, done.stderr
    return folder / "set", done


@pytest.fixture(scope="module")
def joint(tmp_path_factory):
    folder = tmp_path_factory.mktemp("joint")
    out, done = run_set(folder)
    return folder, out, done


def table(file):
    with open(file, encoding="utf-8", newline="") as f:
        return list(csv.DictReader(line for line in f if not line.startswith("#")))


def assert_same_run(one, other):
    for name in FILES:
        a, b = fields(one / name), fields(other / name)
        assert a.keys() == b.keys()
        for v in a:
            assert a[v].tolist() == b[v].tolist() if a[v].dtype == object else a[v].tobytes() == b[v].tobytes(), (name, v)
    for name in TABLES:
        assert (one / name).read_bytes() == (other / name).read_bytes(), name
    ledger = [json.loads((run / "summary.json").read_text(encoding="utf-8")) for run in (one, other)]
    assert ledger[0]["ledger"] == ledger[1]["ledger"] and ledger[0]["min_total_ug_kg"] == ledger[1]["min_total_ug_kg"]


@pytest.mark.parametrize("name", NAMES)
def test_a_member_is_a_run_of_its_own(joint, tmp_path, name):
    folder, out, _ = joint
    done = bashu("run", folder / "case.yaml", "--scenario", f"{folder / 'plan.yaml'}:{name}", "--out", tmp_path / "alone")
    assert done.returncode == 0, done.stderr
    assert_same_run(out / name, tmp_path / "alone")
    assert json.loads((tmp_path / "alone/summary.json").read_text(encoding="utf-8"))["scenario"] == name


def test_the_base_is_the_case_as_it_is(joint, tmp_path):
    folder, out, _ = joint
    done = bashu("run", folder / "case.yaml", "--out", tmp_path / "alone", "--threads", "1")
    assert done.returncode == 0, done.stderr
    assert_same_run(out / "base", tmp_path / "alone")


@long_one
def test_members_without_tags(joint, tmp_path):
    _, out, _ = joint
    lean, _ = run_set(tmp_path, head="tags: base_only\n")
    assert_same_run(out / "base", lean / "base")
    for name in NAMES:
        summary = json.loads((lean / name / "summary.json").read_text(encoding="utf-8"))
        assert [row["tracer"] for row in summary["ledger"]] == ["pm25"]
        for file in ("surface.nc", "daily.nc"):
            a, b = fields(out / name / file)["primary_pm25"], fields(lean / name / file)["primary_pm25"]
            assert a.tobytes() == b.tobytes()


def test_table_of_before_and_after(joint):
    folder, out, done = joint
    assert re.search(r"成都市 +industry +pm25 +[\d.]+ +[\d.]+ +[\d.]+ +50\.0", done.stdout)
    assert re.search(r"all of the mesh +all sectors +pm25 +[\d.]+ +[\d.]+ +[\d.]+ +50\.0", done.stdout)
    rows = table(out / "before_after.csv")
    emitted = json.loads((out / "base/summary.json").read_text(encoding="utf-8"))["ledger"][0]["emitted_kg"]
    for name, hours in (("half", 30), ("industry", 30)):
        before = sum(float(r["before_t_per_day"]) for r in rows if r["scenario"] == name)
        assert before * hours / 24 * 1e3 == pytest.approx(emitted, rel=1e-5)  # what a run of the case emits
    for name in ("half", "industry"):
        after = sum(float(r["after_t_per_day"]) for r in rows if r["scenario"] == name)
        emitted = json.loads((out / name / "summary.json").read_text(encoding="utf-8"))["ledger"][0]["emitted_kg"]
        assert after * 30 / 24 * 1e3 == pytest.approx(emitted, rel=1e-5)
    dry = bashu("scenario", folder / "plan.yaml", "--dry-run")
    assert dry.returncode == 0 and dry.stdout and done.stdout.startswith(dry.stdout + "what changes: ") and not dry.stderr


def test_differences(joint):
    _, out, _ = joint
    nc, base = fields(out / "differences.nc"), fields(out / "base/daily.nc")
    for name in NAMES:
        with_it = fields(out / name / "daily.nc")["primary_pm25"].astype(float)
        absolute = nc[f"primary_pm25_difference_{name.replace('-', '_')}"]
        share = nc[f"primary_pm25_difference_percent_{name.replace('-', '_')}"]
        expected = with_it - base["primary_pm25"]
        assert absolute == pytest.approx(expected, rel=1e-4, abs=1e-5 * np.abs(base["primary_pm25"]).max())
        assert share == pytest.approx(100 * absolute / base["primary_pm25"], rel=1e-4, abs=1e-5)
        assert absolute.min() < 0 and absolute.max() < 0.01 * base["primary_pm25"].max()  # the limiter may give a little back
    mean = fields(out / "base/surface.nc")["primary_pm25"].astype(float).mean(axis=0)
    assert nc["primary_pm25_mean_base"] == pytest.approx(mean, rel=1e-5)
    with_it = fields(out / "half/surface.nc")["primary_pm25"].astype(float).mean(axis=0)
    assert nc["primary_pm25_mean_difference_half"] == pytest.approx(with_it - mean, rel=1e-3, abs=1e-5 * mean.max())
    assert nc["time"].tolist() == base["time"].tolist()


def test_differences_of_cities(joint):
    _, out, _ = joint
    rows = table(out / "differences_cities.csv")
    base = {r["adcode"]: float(r["primary_pm25_mean"]) for r in table(out / "base/cities_period.csv")}
    for name in NAMES:
        with_it = {r["adcode"]: float(r["primary_pm25_mean"]) for r in table(out / name / "cities_period.csv")}
        mine = [r for r in rows if r["scenario"] == name and r["period"] == "period"]
        assert {r["adcode"] for r in mine} == base.keys()
        for r in mine:
            assert float(r["base"]) == pytest.approx(base[r["adcode"]], rel=ROUND_TABLE)
            assert float(r["with_scenario"]) == pytest.approx(with_it[r["adcode"]], rel=ROUND_TABLE)
        assert {r["date_local"] for r in rows if r["scenario"] == name and r["period"] == "day"} == {"2015-01-31"}


def test_record_of_the_plan(joint, tmp_path):
    folder, out, done = joint
    record = json.loads((out / "scenario.json").read_text(encoding="utf-8"))
    assert [s["name"] for s in record["scenarios"]] == NAMES
    assert record["assumed_parts"] == [{"sector": "brick", "part_of": "industry", "share_percent": 10, "basis": "made up"}]
    for s in record["scenarios"]:
        assert f"scenario {s['name']} ({s['hash']})" in done.stdout
        assert (out / s["ledger"]).is_file()
    assert f"# hash {record['hash']}" in (out / "plan.yaml").read_text(encoding="utf-8")
    again = bashu("scenario", out / "plan.yaml", "--dry-run")  # as compiled, it is a plan itself
    assert again.returncode == 0, again.stderr
    numbers = [[line.split()[-4:] for line in text.splitlines() if "all sectors" in line] for text in (done.stdout, again.stdout)]
    assert numbers[0] == numbers[1]
    for s in record["scenarios"]:  # the same factors have the same hash, whatever words led to them
        assert f"scenario {s['name']} ({s['hash']})" in again.stdout
    cuts = re.findall(r"cut: (\S+)%", (out / "plan.yaml").read_text(encoding="utf-8"))
    assert {"50", "30"} <= set(cuts) and max(map(len, cuts)) <= 5, set(cuts)


def test_the_last_words_name_the_set(joint):
    _, out, done = joint
    assert f"what changes: {out}/differences_cities.csv" in done.stdout and f"bashu report {out}" in done.stdout
    assert done.stderr.splitlines()[-1].endswith(f"output in {out}")


def test_nothing_is_overwritten(joint):
    folder, out, _ = joint
    before = {f: f.stat().st_mtime_ns for f in out.rglob("*")}
    done = bashu("scenario", folder / "plan.yaml", "--out", out)
    assert done.returncode == 2 and "nothing is overwritten; name another folder with --out" in done.stderr
    assert {f: f.stat().st_mtime_ns for f in out.rglob("*")} == before


def test_an_unknown_level_is_told_those_there_are(tmp_path):
    plan = write_plan(tmp_path, "\n  s:\n    - {alert: blue, regions: [all], from: start, to: end}\n",
                      head=f"templates: {CONFIGS}/scenarios/templates/alerts.yaml\n")
    done = bashu("scenario", plan, "--dry-run")
    assert done.returncode == 2 and "there is no alert level 'blue' in " in done.stderr
    assert "alerts.yaml; there are: yellow, orange, red" in done.stderr


def test_a_plan_that_is_refused_leaves_nothing(tmp_path):
    plan = write_plan(tmp_path, "\n  s:\n    - {regions: [all], sectors: [straw], species: [all], cut: 30%, from: start, to: end}\n")
    done = bashu("scenario", plan, "--out", tmp_path / "set")
    assert done.returncode == 2 and not (tmp_path / "set").exists()
    assert re.search(r"plan\.yaml:8:34: error: no inventory of the case holds the sector 'straw'", done.stderr), done.stderr


def test_a_member_that_cannot_begin_takes_the_set_with_it(tmp_path):
    plan = write_plan(tmp_path)
    (tmp_path / "set/industry").mkdir(parents=True)
    (tmp_path / "set/industry/surface.nc").write_text("mine")
    done = bashu("scenario", plan, "--out", tmp_path / "set")
    assert done.returncode == 2 and "industry: surface.nc is there, and a run overwrites nothing" in done.stderr
    assert [f.name for f in (tmp_path / "set").rglob("*") if f.is_file()] == ["surface.nc"]


def test_errors_of_the_command(tmp_path):
    plan = write_plan(tmp_path)
    for words, message in (
            (["scenario", plan], "name the folder of the runs with --out DIR, or say --dry-run"),
            (["scenario"], "name one plan"),
            (["run", tmp_path / "case.yaml", "--out", tmp_path / "o", "--scenario", str(plan)], "--scenario must be PLAN.yaml:NAME"),
            (["run", tmp_path / "case.yaml", "--out", tmp_path / "o", "--scenario", f"{plan}:none"], "has no scenario 'none'"),
            (["scenario", plan, "--out", plan], "is a file, not a folder; name another folder with --out"),
            (["scenario", plan, "--estimate", tmp_path], "holds no finished run")):
        done = bashu(*words)
        assert done.returncode == 2 and message in done.stderr, done.stderr
    assert not (tmp_path / "o").exists()


# ---- estimates ----

def estimate(plan, run, out):
    done = bashu("scenario", plan, "--estimate", run, "--out", out)
    assert done.returncode == 0, done.stderr
    return {(r["scenario"], r["period"], r["adcode"]): r for r in table(out / "estimate_cities.csv")}, done.stdout


CONSTANT = "\n".join(block for block in re.split(r"\n(?=  \w)", SCENARIOS) if "core-brick" not in block)


@pytest.mark.parametrize("scheme, gap", [("ppm6_lin", ROUND_LINEAR), ("ppm6_sel", LIMITED)])
@long_one
def test_estimate_against_the_run(tmp_path, scheme, gap):
    out, _ = run_set(tmp_path, scenarios=CONSTANT, changes={"operators.advection": scheme})
    found, text = estimate(tmp_path / "plan.yaml", out, tmp_path / "estimate")
    assert "taken as constant" in text and ("to rounding" in text) == (scheme == "ppm6_lin")
    rows = table(out / "differences_cities.csv")
    assert len(rows) == len(found) == 2 * 22 * 2
    for r in rows:
        e = found[r["scenario"], r["period"], r["adcode"]]
        assert float(e["base"]) == pytest.approx(float(r["base"]), rel=ROUND_TABLE)
        assert float(e["with_scenario"]) == pytest.approx(float(r["with_scenario"]), rel=gap)


@pytest.fixture(scope="module")
def coarse(tmp_path_factory):
    """A run with tags of two sectors."""
    folder = tmp_path_factory.mktemp("coarse")
    write_case(folder / "case.yaml", {**CASE, "emissions.sectors": ["industry", "road"]})
    done = bashu("run", folder / "case.yaml", "--out", folder / "run", "--set", "time.end=2015-01-30T22:00:00Z")
    assert done.returncode == 0, done.stderr
    return folder / "run"


@pytest.mark.parametrize("action, words", [
    ("{regions: [成都市], sectors: [industry], species: [all], cut: 30%, from: start, to: end}",
     "the tag 'pm25_industry' of the run is too coarse for it: 70 % are left of industry in 成都市, but 100 % of industry in"),
    ("{regions: [all], sectors: [road], species: [all], cut: 30%, from: start, to: 2015-01-30T19:00:00Z}",
     "changes at 2015-01-30T19:00:00Z, within the output period"),
    ("{regions: [all, elsewhere], sectors: [residential], species: [all], cut: 30%, from: start, to: end}",
     "no tag of the run holds residential in")])
def test_estimate_refuses_what_tags_cannot_tell(coarse, tmp_path, action, words):
    plan = write_plan(tmp_path, f"\n  s:\n    - {action}\n")
    done = bashu("scenario", plan, "--estimate", coarse)
    assert done.returncode == 2 and words in done.stderr, done.stderr


def test_estimate_of_a_run_that_follows_a_scenario(joint):
    folder, out, _ = joint
    done = bashu("scenario", folder / "plan.yaml", "--estimate", out / "half")
    assert done.returncode == 2 and "this run follows the scenario 'half' itself" in done.stderr


BY_REGION = """
  west:
    - {regions: [成都平原], sectors: [industry], species: [all], cut: 40%, from: start, to: end}
    - {regions: [川南], sectors: [power], species: [all], cut: 100%, from: start, to: end}
"""


@long_one
def test_plan_and_tags_by_region(tmp_path):
    changes = {"time.end": "2015-01-31T06:00:00+08:00", "operators.advection": "ppm6_lin", "tracers.tags": False,
               "tracers.cross": {"regions": ["成都平原", "川南", "川西北"], "sectors": ["power", "industry"]}}  # one pair emits nothing
    out, _ = run_set(tmp_path, scenarios=BY_REGION, changes=changes)
    done = bashu("run", tmp_path / "case.yaml", "--scenario", f"{tmp_path / 'plan.yaml'}:west", "--out", tmp_path / "alone")
    assert done.returncode == 0, done.stderr
    for name in ("surface.nc", "deposition.nc", "cities.nc", "source_receptor.nc"):
        a, b = fields(out / "west" / name), fields(tmp_path / "alone" / name)
        assert all(a[v].dtype == object or a[v].tobytes() == b[v].tobytes() for v in a), name
    found, _ = estimate(tmp_path / "plan.yaml", out, tmp_path / "estimate")
    for r in table(out / "differences_cities.csv"):
        e = found[r["scenario"], r["period"], r["adcode"]]
        assert float(e["with_scenario"]) == pytest.approx(float(r["with_scenario"]), rel=ROUND_LINEAR)


# ---- what is shipped ----

SHIPPED = {f.stem: f for f in (CONFIGS / "scenarios").glob("*.yaml")}


@pytest.mark.parametrize("name", ["winter-campaign", "orange-chengdu-plain", "red-alert", "staggered-production"])
@long_one
def test_shipped_plans_compile(name):
    done = bashu("scenario", SHIPPED[name], "--dry-run")
    assert done.returncode == 0, done.stderr
    cuts = [float(line.split()[-1]) for line in done.stdout.splitlines() if "all sectors" in line]
    assert len(cuts) == 2 and all(0 < c < 50 for c in cuts)
    assert "NOT MET" not in done.stdout and ("mandated" in done.stdout) == (name in ("orange-chengdu-plain", "red-alert"))


def test_shipped_ban_of_straw_burning(tmp_path):
    done = bashu("scenario", SHIPPED["straw-burning-ban"], "--dry-run")
    assert done.returncode == 2 and "no inventory of the case holds the sector 'straw_burning'" in done.stderr
    (tmp_path / "straw.csv").write_text("lon,lat,sector,species,value,unit,height\n104.5,30.5,straw_burning,pm25,1,kg s-1,20\n")
    (tmp_path / "profile.csv").write_text("sector,bottom_m,top_m,fraction\nstraw_burning,0,50,1\n")
    write_case(tmp_path / "case.yaml", {**CASE, "emissions.inventories": [{"name": "straw", "type": "points", "file": str(tmp_path / "straw.csv")}],
                                        "emissions.sectors": ["straw_burning"], "emissions.profiles": None})
    plan = tmp_path / "plan.yaml"
    plan.write_text(re.sub(r"(?m)^case: .*", "case: case.yaml", SHIPPED["straw-burning-ban"].read_text(encoding="utf-8")), encoding="utf-8")
    done = bashu("scenario", plan, "--dry-run")
    assert done.returncode == 0, done.stderr
    assert re.search(r"all sectors +pm25 +86\.400 +8\.640", done.stdout)
