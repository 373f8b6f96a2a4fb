"""The model of docs/scaling.md: its tiles are the program's, its arithmetic is what it says, its page is what its figures give."""
import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))
from scale import costs, measure, model, page, tiles  # noqa: E402  pylint: disable=wrong-import-position

ROUND = 1e-12  # of sums and products of a few numbers
FIGURES, PAGE = ROOT / "docs/scaling.json", ROOT / "docs/scaling.md"
CASE = model.Case(nx=300, ny=200, layers=40, tracers=20)
COSTS = {"hadvect": 2.0, "hdiff": 0.5, "columns": 1.5, "weather": 100.0, "hourly": 1.0, "output": 200.0,
         "elliptic": [(15000, 0.05), (60000, 0.3)], "start": [(15000, 1.0)]}
ENDLESS = model.Machine(memory=1e15, latency=0.0, node=1e18, shared=1e18, disc=1e18)


def rows():
    text = (ROOT / "tests/model/traffic.def").read_text(encoding="utf-8")
    found = re.findall(r"^TRAFFIC\(([\d, ]+)\)", text, re.M)
    assert len(found) >= 8
    return [tuple(map(int, f.split(","))) for f in found]


@pytest.mark.parametrize("row", rows())
def test_traffic_is_the_programs(row):
    """The same table holds model/parallel/halo.c (tests/model/test_traffic.c)."""
    nx, ny, px, py, overlap, rank, layers, tracers, neighbours, columns = row
    found = tiles.traffic(tiles.Tiling(nx, ny, px, py, overlap), rank, layers, tracers)
    assert found == (neighbours, columns * layers * tracers * 4, columns * layers * (tracers * 4 + 8))


def test_what_is_sent_is_what_is_known():
    """All overlaps of a mesh, counted where they are and where they come from."""
    for nx, ny, ranks in ((97, 61, 6), (120, 90, 12), (50, 200, 7)):
        t = tiles.choose(nx, ny, ranks, 8)
        own, _ = tiles.columns(t)
        x, y = tiles.spans(nx, t.px, 8), tiles.spans(ny, t.py, 8)
        known = (x[3] - x[2]).sum() * (y[3] - y[2]).sum()
        assert own.sum() == nx * ny
        assert sum(sum(tiles.sent(t, r).values()) for r in range(ranks)) == known - nx * ny


def test_a_tile_sees_whole_lines_to_its_west():
    """Own columns from 0, 33, 66; and from 0, 10, 20, where the mesh has no line before the second."""
    assert tiles.columns(tiles.Tiling(99, 10, 3, 1, 8))[1].tolist() == [10 * (33 + 8), 10 * (16 + 33 + 8), 10 * (16 + 33)]
    assert tiles.columns(tiles.Tiling(30, 10, 3, 1, 8))[1].tolist() == [10 * (10 + 8), 10 * (8 + 10 + 8), 10 * (16 + 10)]


def test_the_split_is_the_one_with_the_least_rim():
    t = tiles.choose(1500, 1000, 16, 8)
    assert (t.px, t.py, t.ranks) == (4, 4, 16)
    assert tiles.choose(24, 20, 6, 8) == tiles.Tiling(24, 20, 3, 2, 8)
    assert tiles.choose(24, 20, 8, 8) is None, "three tiles of 8 cells are all that 24 can have, and two that 20 can"
    assert tiles.choose(1500, 1000, 1, 8).overlap == 0


def test_one_rank_sweeps_the_mesh_twice_a_pair():
    x, y, diffused = tiles.swept(tiles.choose(160, 128, 1, 8))
    assert x.tolist() == y.tolist() == diffused.tolist() == [2 * 160 * 128]


def test_a_tile_in_the_middle_sweeps_its_rims():
    """60 x 48 own cells, overlap 8: bundles of 16 pencils, one cell for diffusion after the sweeps, six for the sweeps after it."""
    t = tiles.Tiling(180, 144, 3, 3, 8)
    x, y, diffused = (a[4] for a in tiles.swept(t))
    assert x == (64 + 48) * (16 + 60 + 8)  # 48 + 14 rows in four bundles, then 48 in three
    assert y == (80 + 96) * (48 + 16)      # a line, 60 + 1 columns in five, then a line, 60 + 6 in six
    assert diffused == 60 * 48 + 72 * 60


@pytest.mark.parametrize("wind, courant, pairs", [(60, 1, 120), (60, 2, 60), (20, 1, 36), (0.1, 1, 1)])
def test_pairs_divide_the_hour(wind, courant, pairs):
    case = replace(CASE, wind=wind, courant=courant)
    assert case.pairs == pairs and 3600 % pairs == 0
    assert 3600 / pairs / 2 * wind <= courant * case.dx


def test_one_core_pays_what_was_measured():
    parts = model.alone(COSTS, CASE, ENDLESS)
    work = CASE.nx * CASE.ny * CASE.layers * CASE.tracers * 2 * CASE.pairs * 1e-9
    x, y, _ = tiles.swept(tiles.choose(CASE.nx, CASE.ny, 1, 8))
    lanes = (x[0] * model.ALONG_X + y[0] * (1 - model.ALONG_X)) / (2 * CASE.nx * CASE.ny)
    assert 1 <= lanes < 1.05
    assert parts["sweeps"] == pytest.approx(work * 2.0 * lanes, rel=ROUND)
    assert parts["diffusion"] == pytest.approx(work * 0.5, rel=ROUND) and parts["columns"] == pytest.approx(work * 1.5, rel=ROUND)
    assert parts["solve"] == pytest.approx(0.3, rel=ROUND) and parts["exchange"] == parts["gather"] == parts["sums"] == 0


def test_slow_memory_is_what_a_core_waits_for():
    slow = replace(ENDLESS, memory=1e9)
    assert model.per_step(COSTS, slow) == {"hadvect": 11.2, "hdiff": 8.8, "columns": 10.4}
    assert model.per_step(COSTS, ENDLESS) == {k: COSTS[k] for k in model.MOVED}


def test_the_solve_is_amdahls():
    """With everything else free, efficiency is that of one part which only one core can do."""
    few = model.hour(COSTS, CASE, ENDLESS, 16, 1)["parts"]
    many = model.hour(COSTS, CASE, ENDLESS, 128, 1)["parts"]
    assert few["solve"] == many["solve"] and many["columns"] < few["columns"] / 6
    assert model.efficiency(COSTS, CASE, ENDLESS, 128, 1) < model.efficiency(COSTS, CASE, ENDLESS, 128, 1, ("solve", "gather")) <= 1


def test_the_network_by_hand():
    """Two ranks of two nodes: one neighbour, 8 columns of 200 rows, both exchanges; a node sends as many bytes as its rank."""
    two = replace(model.Machine(), cores=1)
    moved = model.exchange(CASE, tiles.choose(300, 200, 2, 8), two, 1)
    nbytes = 8 * 200 * 40 * (2 * 20 * 4 + 8)
    assert moved["bytes"] == nbytes and moved["messages"] == 2 * 5
    assert moved["network"] == pytest.approx(10 * two.latency + nbytes / two.node, rel=ROUND)
    assert moved["packing"] == pytest.approx(4 * nbytes / two.memory, rel=ROUND)
    one_node = model.exchange(CASE, tiles.choose(300, 200, 2, 8), model.Machine(), 1)
    assert one_node["network"] == pytest.approx(10 * two.latency + nbytes / two.shared, rel=ROUND)


def test_nodes():
    t = tiles.Tiling(800, 400, 8, 4, 8)
    assert model.nodes(t, 16, False).tolist() == [0] * 16 + [1] * 16
    blocks = model.nodes(t, 16, True).reshape(4, 8)
    assert len(set(blocks[:, :4].ravel())) == len(set(blocks[:, 4:].ravel())) == 1 and blocks[0, 0] != blocks[0, 7]
    row, block = (model.exchange(CASE, t, model.Machine(cores=16, shared=1e18), 1, how)["network"] for how in (False, True))
    assert block < row


def test_each_mend_helps():
    found = model.mended(COSTS, model.Case(), model.Machine(), 1024, 8, ("solve", "gather"))
    assert found == sorted(found) and found[0] == model.efficiency(COSTS, model.Case(), model.Machine(), 1024, 8) and found[-1] < 1


def test_threads_share_planes_unevenly():
    assert [model.whole_planes(40, n) for n in (1, 8, 16)] == [1, 1, 40 / 48]


def test_chunks_are_the_programs():
    """40 planes in five of 8; of three threads in five of 9, the last with 4; of 16 in three."""
    assert [model.chunks(40, n) for n in (1, 3, 8, 16)] == [5, 5, 5, 3]


def test_a_mesh_too_small_for_its_ranks():
    assert model.hour(COSTS, CASE, ENDLESS, 4096, 1) is None and model.efficiency(COSTS, CASE, ENDLESS, 4096, 1) is None


def test_the_power_of_the_solve():
    at, power = costs.solve([(1e4, 1.0), (1e5, 20.0)], 1e6)
    assert power == pytest.approx(np.log10(20), rel=ROUND) and at == pytest.approx(400, rel=1e-9)


def test_words_of_the_program_are_read():
    log = "x\nseconds by part, of 2.3 in all:\n  hadvect                    0.08    3.2 %\n  boundary values            0.00    0.0 %\n" \
          "  reading of inputs          2.02   86.7 %\n30 steps, 1.0 simulated hours in 2.3 s; output in x\n"
    assert measure.seconds_by_part(log) == {"hadvect": 0.08, "boundary values": 0.0, "reading of inputs": 2.02}


def test_the_page_is_what_its_figures_give():
    text = PAGE.read_text(encoding="utf-8")
    assert page.renewed(text, json.loads(FIGURES.read_text(encoding="utf-8"))) == text, "run scripts/scaling.py predict"
    assert page.renewed("no marks", {}) is None


def test_command_line(tmp_path):
    def call(*words):
        return subprocess.run(["/usr/bin/python3", ROOT / "scripts/scaling.py", *map(str, words)], capture_output=True, text=True, check=False)
    out = tmp_path / "page.md"
    out.write_text(f"before\n{page.BEGIN}\nold\n{page.END}\nafter\n", encoding="utf-8")
    assert call("predict", FIGURES, "--page", out).returncode == 0
    text = out.read_text(encoding="utf-8")
    assert text.startswith("before\n") and text.endswith("after\n") and "old" not in text and "| 4096 |" in text
    done = call("predict", tmp_path / "none.json")
    assert done.returncode == 2 and "none.json is not there" in done.stderr
    done = call("measure", "--bashu", tmp_path / "bashu")
    assert done.returncode == 2 and "build it (cmake --build --preset mpi)" in done.stderr
