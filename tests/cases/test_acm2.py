"""ACM2 in whole runs: the ledger closes, one file of prepared meteorology serves every mixing, plumes act by day alone."""
import numpy as np
import pytest

from support import LEDGER_CLOSES, ROOT, SHORT, Run, assert_same_bits, bashu, needs_program, run, write_case

pytestmark = needs_program

DAY = {**SHORT, "time.start": "2015-01-31T02:00:00Z", "time.end": "2015-01-31T06:00:00Z"}  # 10 to 14 h local time
NIGHT = {**SHORT, "time.start": "2015-01-30T16:00:00Z", "time.end": "2015-01-30T20:00:00Z"}  # 0 to 4 h
CLEAN = {"initial.value": "0 ug kg-1", "boundary.value": "0 ug kg-1", "tracers.tag_initial": None,
         "tracers.tag_boundary": None}
ROUND = 2e-6  # ROUND: some eps of float, of the largest value; steps do not add up, since mixing forgets


def mixing(name):
    return {"operators.vertical_diffusion": name}


def test_tiny_case_closes_its_ledger(tmp_path):
    done = bashu("run", ROOT / "tests/cases/tiny.yaml", "--out", tmp_path / "tiny", "--set",
                 "operators.vertical_diffusion=acm2")
    assert done.returncode == 0, done.stderr
    for row in Run(tmp_path / "tiny", done).ledger.values():
        assert row["emitted_kg"] > 0 and abs(row["residual"]) <= LEDGER_CLOSES


@pytest.fixture(scope="module")
def day(tmp_path_factory):
    folder = tmp_path_factory.mktemp("day")
    return {name: run(folder, name, {**DAY, **CLEAN, **mixing(name)}) for name in ("backward_euler", "acm2")}


def test_plumes_act_by_day(day):
    k_theory, plumes = (day[name].field("primary_pm25").astype(float) for name in ("backward_euler", "acm2"))
    assert np.abs(plumes - k_theory).max() > 0.01 * k_theory.max()
    assert plumes.sum() == pytest.approx(k_theory.sum(), rel=0.2)  # SCIENCE: the same emission in much the same air
    assert day["acm2"].ledger["pm25"]["emitted_kg"] == day["backward_euler"].ledger["pm25"]["emitted_kg"]
    for row in day["acm2"].ledger.values():
        assert abs(row["residual"]) <= LEDGER_CLOSES


def test_tags_sum_to_the_total(day):
    tags = [row for row in day["acm2"].ledger if row != "pm25"]
    assert len(tags) == 6
    total = day["acm2"].field("primary_pm25").astype(float)
    parts = sum(day["acm2"].field(f"primary_{tag}").astype(float) for tag in tags)
    assert np.abs(parts - total).max() <= 1e-5 * total.max()


def test_stable_night_is_k_theory(tmp_path):
    fields = [run(tmp_path, name, {**NIGHT, **CLEAN, **mixing(name)}).field("primary_pm25").astype(float)
              for name in ("backward_euler", "acm2")]
    assert fields[0].max() > 1 and np.abs(fields[1] - fields[0]).max() <= ROUND * fields[0].max()


def test_prepared_meteorology_serves_every_mixing(day, tmp_path):
    case = write_case(tmp_path / "day.yaml", {**DAY, **CLEAN})
    done = bashu("prepare", case, "--out", tmp_path / "cache")
    assert done.returncode == 0, done.stderr
    kept = list((tmp_path / "cache").glob("*.nc"))
    assert len(kept) == 1
    for name, fresh in day.items():
        done = bashu("run", case, "--out", tmp_path / name, "--set", f"meteorology.prepared={tmp_path / 'cache'}",
                     "--set", f"operators.vertical_diffusion={name}")
        assert done.returncode == 0, done.stderr
        from_cache = Run(tmp_path / name, done)
        assert str(kept[0]) in from_cache.log
        assert_same_bits(fresh, from_cache)
        assert from_cache.summary["ledger"] == fresh.summary["ledger"]


def test_any_number_of_threads(day, tmp_path):
    assert_same_bits(day["acm2"], run(tmp_path, "one", {**DAY, **CLEAN, **mixing("acm2")}, ["--threads", "1"]))
