"""bashu_kernel_bench: every kernel has its row, the object holds together, and words it does not know are refused. No time is judged."""
import json
import os
import subprocess

import pytest

PROGRAM = os.environ.get("BASHU_KERNEL_BENCH")
SCHEMES = {"ppm6_sel", "ppm6_pd", "ppm6_lin", "ppm_cw84", "upwind1"}
VECTORS = ("plain", "avx2", "avx512")
ALONE = {  # kernels that choose their vectors themselves: how many rows
    "vdiff.factor_be": 1, "vdiff.factor_tr": 1, "vdiff.solve_tr": 2, "acm2.split": 1, "acm2.factor": 1, "acm2.solve": 1,
    "settle.velocity": 1, "settle.factor": 1, "settle.settle": 1, "scavenge.loss": 1, "scavenge.scavenge": 1, "drydep.exchange": 3, "plume.rise": 1,
    "plume.fractions": 1, "turbulence.kz": 1, "turbulence.friction": 1, "hdiff.step": 1,
    "hdiff.max_rate": 1, "hdiff.smagorinsky": 1, "elliptic.solve": 1,
}

pytestmark = pytest.mark.skipif(not PROGRAM, reason="BASHU_KERNEL_BENCH does not name the program")


def call(*words):
    return subprocess.run([PROGRAM, "--quick", *words], capture_output=True, text=True, check=False, timeout=120)


@pytest.fixture(scope="module")
def bench():
    done = call("--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def is_positive(value):
    return type(value) in (int, float) and value > 0


def rows_of(bench, kernel):
    return [row for row in bench["kernels"] if row["kernel"] == kernel]


def test_the_object(bench):
    vectors = VECTORS[:VECTORS.index(bench["machine"]["isa"]) + 1]
    assert bench["version"] and bench["precision"] in ("float", "double") and bench["machine"]["cpu"]
    assert set(bench["machine"]["fma_gflops"]) == set(vectors) and all(map(is_positive, bench["machine"]["fma_gflops"].values()))
    for row in bench["kernels"]:
        assert row["per"] and row["isa"] in (*vectors, "its own"), row
        for place in (row["in_cache"], row["out_of_cache"]):
            assert is_positive(place["ns"]) and place["median_ns"] >= place["ns"] and is_positive(place["fma_gflops"]), row
            if row["flops"] is None:
                assert place["share_of_fma"] is None, row
            else:
                assert place["share_of_fma"] == pytest.approx(row["flops"] / place["ns"] / place["fma_gflops"]), row


def test_every_sweep(bench):
    """Each scheme, each kind, both lengths, short and long steps, with every instruction set of the processor."""
    vectors = VECTORS[:VECTORS.index(bench["machine"]["isa"]) + 1]
    want = {(s, n, c, v) for s in SCHEMES for n in (30, 200) for c in (0.3, 2) for v in vectors}
    for kind in ("total", "total_phi", "tag"):
        rows = rows_of(bench, f"sweep.{kind}")
        found = {(row["variant"], row["length"], row["courant"], row["isa"]) for row in rows}
        assert found == want and len(rows) == len(want), kind


def test_every_other_kernel(bench):
    vectors = VECTORS.index(bench["machine"]["isa"]) + 1
    want = ALONE | {"vdiff.solve_be": vectors, "air.rows_in": 2 * vectors, "air.rows_out": 2 * vectors,
                    "air.setup_across": 4 * vectors, "air.setup_along": 4 * vectors}
    found = {kernel: len(rows_of(bench, kernel)) for kernel in {row["kernel"] for row in bench["kernels"]}}
    assert {kernel: n for kernel, n in found.items() if not kernel.startswith("sweep.")} == want


def test_words_choose():
    one, family = call("--json", "hdiff.step"), call("--json", "plume", "settle.settle")
    assert [row["kernel"] for row in json.loads(one.stdout)["kernels"]] == ["hdiff.step"]
    assert [row["kernel"] for row in json.loads(family.stdout)["kernels"]] == ["settle.settle", "plume.rise", "plume.fractions"]
    table = call("acm2")
    assert table.returncode == 0 and all(word in table.stdout for word in ("acm2.split", "acm2.factor", "acm2.solve", "FMA"))


@pytest.mark.parametrize("word, told", [("hdiff.ste", "no kernel or family is called 'hdiff.ste'"), ("hdif", "called 'hdif'"),
                                        ("--fast", "unknown option '--fast'")])
def test_what_is_not_known_is_refused(word, told):
    done = call(word)
    assert done.returncode == 2 and told in done.stderr and not done.stdout
