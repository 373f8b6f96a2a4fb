"""bashu bench: one JSON object whose figures are there and hang together, and what it does not understand refused."""
import json
import os
import subprocess
from pathlib import Path

import pytest

BASHU = os.environ.get("BASHU")
ROOT = Path(os.environ.get("BASHU_SOURCE", Path(__file__).resolve().parents[2]))
SCHEMES = {"ppm6_sel", "ppm6_pd", "ppm6_lin", "ppm_cw84", "upwind1"}
PARTS = ("x", "y", "z", "x+y", "vdiff", "step", "settle", "hdiff")
SUM = 1e-9   # ROUND: of sums of readings of the clock
NOISE = 1.5  # a shared machine: least of the parts, each alone, against least of all together

pytestmark = pytest.mark.skipif(not BASHU, reason="BASHU does not name the program")


@pytest.fixture(scope="module")
def bench():
    done = subprocess.run([BASHU, "bench", "--quick", "--json"], capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stderr
    assert all(scheme in done.stderr for scheme in SCHEMES)  # what is under way goes there: on stdout is the object alone
    assert done.stdout.startswith("{") and done.stdout.endswith("}\n")
    return json.loads(done.stdout)


def positive(pair):
    assert set(pair) == {"1", "all"} and all(type(value) in (int, float) and value > 0 for value in pair.values()), pair
    return True


def test_machine(bench):
    machine = bench["machine"]
    assert machine["cpu"] and machine["isa"] in ("plain", "avx2", "avx512") and machine["threads"] >= 1
    assert all(positive(machine[key]) for key in ("triad_gbs", "update_gbs", "fma_gflops"))


def test_every_scheme_has_every_part(bench):
    assert set(bench["schemes"]) == SCHEMES
    for scheme in bench["schemes"].values():
        for part in PARTS:
            assert positive(scheme[f"{part}_ns"]) and positive(scheme[f"{part}_share_of_limit"])
            for threads in ("1", "all"):
                assert scheme[f"{part}_median_ns"][threads] >= scheme[f"{part}_ns"][threads]


def test_a_step_is_what_it_is_made_of(bench):
    """x and y in one pass are timed inside the step; z and the vertical solve take turns on strips after it."""
    for scheme in bench["schemes"].values():
        parts = sum(scheme[f"{part}_ns"]["1"] for part in ("x+y", "z", "vdiff"))
        assert scheme["x+y_ns"]["1"] * (1 - SUM) <= scheme["step_ns"]["1"] <= NOISE * parts


def test_variants_scaling_and_limits(bench):
    assert positive(bench["half_empty"]["step_ns"]) and positive(bench["tags"]["step_ns"])
    assert [row["tracers"] for row in bench["scaling"]] == [1, 4, 20]
    assert all(row["nx"] == 100 and ("skipped" in row or positive(row["step_ns"])) for row in bench["scaling"])
    assert bench["grid"]["steps"] >= 10
    for axis in "xyz":
        assert 0.1 < bench["grid"][f"courant_{axis}"] <= 0.301, bench["grid"]
    for part in PARTS:
        limit = bench["limits"][part]
        assert limit["bytes"] > 0 and set(limit["flops"]) == SCHEMES and limit["why"]


def test_report_fills_the_page(bench, tmp_path):
    figures, page = tmp_path / "bench.json", tmp_path / "page.md"
    figures.write_text(json.dumps(bench), encoding="utf-8")
    page.write_text("before\n<!-- figures: begin -->\nold\n<!-- figures: end -->\nafter\n", encoding="utf-8")
    done = subprocess.run(["/usr/bin/python3", ROOT / "scripts/bench_report.py", figures, page], capture_output=True,
                          text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    text = page.read_text(encoding="utf-8")
    assert text.startswith("before\n") and text.endswith("after\n") and "old" not in text and "`ppm6_sel`" in text


def test_words_are_refused():
    done = subprocess.run([BASHU, "bench", "fast"], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2 and "takes no words, found 'fast'" in done.stderr
