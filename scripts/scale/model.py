"""A model of the time that an hour of a run takes on many cores: measured costs of one core, counted cells and bytes, and a network that is
assumed. All times in seconds."""
from dataclasses import dataclass

import numpy as np

from scale import costs as measured_costs
from scale import tiles


@dataclass(frozen=True)
class Machine:
    """A cluster. What is assumed stands in docs/scaling.md beside its source."""
    cores: int = 128              # of a node
    memory: float = 5.9e9         # B s-1 of a core when all of a node read and write
    latency: float = 2e-6         # s of a message
    node: float = 20e9            # B s-1 that leave a node, and as many that come
    shared: float = 3.4e9         # B s-1 between two ranks of a node
    disc: float = 5e9             # B s-1 of the file system, all ranks together


@dataclass(frozen=True)
class Case:
    """What is run."""
    nx: int = 1500
    ny: int = 1000
    layers: int = 40
    tracers: int = 20
    dx: float = 1000.0            # m
    wind: float = 60.0            # m s-1, the strongest that sets the step
    courant: float = 1.0          # time.max_courant
    records: float = 1.0          # output of the lowest layer, an hour

    @property
    def pairs(self):
        """Pairs of steps in an hour: the fewest that the wind allows and that divide it (model/run/steps.c)."""
        pairs = int(np.ceil(3600 * self.wind / (2 * self.courant * self.dx) - 1e-9))
        while 3600 % pairs:
            pairs += 1
        return pairs


# Bytes that cross the memory bus per cell, tracer and step, at least (docs/performance.md, "The limits").
MOVED = {"hadvect": 11.2, "hdiff": 8.8, "columns": 10.4}
SUMS = 20                       # reductions over all ranks in an hour, about
ALONG_X = 1.08 / (1.08 + 0.80)  # of the time of both sweeps (docs/performance.md, "Each part")


def per_step(costs, machine):
    """ns per cell, tracer and step of each part: what was measured or what memory gives, whichever is longer."""
    return {part: max(costs[part], MOVED[part] / machine.memory * 1e9) for part in MOVED}


def whole_planes(layers, threads):
    """Diffusion hands out whole planes: the share of the threads' time that is used."""
    rounds = -(-layers // threads)
    return layers / (rounds * threads)


def exchange(case, tiling, machine, threads):
    """Of the rank and the node that wait longest: seconds and bytes of a pair's two exchanges."""
    ranks_of_node = max(1, machine.cores // threads)
    leaves, most_bytes, on_node, messages = {}, 0, 0.0, 0
    for rank in range(tiling.ranks):
        to = tiles.sent(tiling, rank)
        per_column = case.layers * (2 * case.tracers * tiles.Q_BYTES + tiles.M_BYTES)
        node = rank // ranks_of_node
        off = sum(c for r, c in to.items() if r // ranks_of_node != node) * per_column
        stays = sum(c for r, c in to.items() if r // ranks_of_node == node) * per_column
        leaves[node] = leaves.get(node, 0) + off
        most_bytes, on_node, messages = max(most_bytes, off + stays), max(on_node, stays), max(messages, 2 * len(to))
    packing = 4 * most_bytes / (machine.memory * threads)  # read and written twice: packed, unpacked
    return {"bytes": most_bytes, "messages": messages, "packing": packing,
            "network": messages * machine.latency + max(leaves.values()) / machine.node + on_node / machine.shared}


def hour(costs, case, machine, cores, threads):
    """Seconds by part of one simulated hour on `cores` as ranks of `threads`; None where the mesh is too small for so many tiles."""
    ranks = cores // threads
    tiling = tiles.choose(case.nx, case.ny, ranks, tiles.overlap_of(case.courant))
    if tiling is None:
        return None
    own, seen = tiles.columns(tiling)
    along_x, along_y, diffused = tiles.swept(tiling)
    step = per_step(costs, machine)
    each = case.pairs * case.layers * case.tracers * 1e-9 / threads  # per column that a pair goes over
    columns = case.nx * case.ny
    parts = {
        "sweeps": (along_x * ALONG_X + along_y * (1 - ALONG_X)).max() * each * step["hadvect"],
        "diffusion": diffused.max() * each * step["hdiff"] / whole_planes(case.layers, threads),
        "columns": 2 * own.max() * each * step["columns"],
        "weather": seen.max() * case.layers * costs["weather"] * 1e-9 / threads,
        "hourly": own.max() * case.layers * case.tracers * costs["hourly"] * 1e-9 / threads,
        "output": own.max() * case.tracers * costs["output"] * case.records * 1e-9 / threads
                  + columns * case.tracers * 2 * tiles.Q_BYTES * case.records / machine.disc,  # journal and file
    }
    moved = exchange(case, tiling, machine, threads) if ranks > 1 else {"bytes": 0, "messages": 0, "packing": 0.0, "network": 0.0}
    parts["exchange"] = case.pairs * (moved["packing"] + moved["network"])
    parts["solve"] = measured_costs.solve(costs["elliptic"], columns)[0]
    parts["gather"] = 0.0 if ranks == 1 else (columns * measured_costs.GATHERED * (1 / machine.node + 2 / machine.memory)
                                              + measured_costs.GATHERS * ranks * machine.latency)
    parts["sums"] = 0.0 if ranks == 1 else SUMS * 2 * np.ceil(np.log2(ranks)) * machine.latency
    return {"tiling": tiling, "own": int(own.max()), "seen": int(seen.max()), "extra": float((along_x + along_y).sum() / (4 * columns)), **moved, "parts": parts}


def alone(costs, case, machine):
    """Seconds of the same hour of one core that has its share of a full node's memory: what efficiency is told against."""
    return hour(costs, case, machine, 1, 1)["parts"]


def efficiency(costs, case, machine, cores, threads, without=()):
    """Time of one core over that of all of them; `without`: parts that are left out of both."""
    many = hour(costs, case, machine, cores, threads)
    if many is None:
        return None
    one = alone(costs, case, machine)
    add = lambda parts: sum(v for k, v in parts.items() if k not in without)
    return add(one) / (cores * add(many["parts"]))
