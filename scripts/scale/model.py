"""A model of the time that an hour of a run takes on many cores: measured costs of one core, counted cells and bytes, and a network that is
assumed. All times in seconds."""
from dataclasses import dataclass

import numpy as np

from scale import costs as measured_costs
from scale import tiles


CORES = (16, 64, 256, 1024, 4096)
THREADS = (1, 8, 16)  # of a rank


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
SUMS = 60                       # reductions over all ranks in an hour, about
CHUNKS = 5                      # of an exchange, wished (model/stepping/stepper.c)
ALONG_X = 1.08 / (1.08 + 0.80)  # of the time of both sweeps (docs/performance.md, "Each part")


def per_step(costs, machine):
    """ns per cell, tracer and step of each part: what was measured or what memory gives, whichever is longer."""
    return {part: max(costs[part], MOVED[part] / machine.memory * 1e9) for part in MOVED}


def whole_planes(layers, threads):
    """Diffusion hands out whole planes: the share of the threads' time that is used."""
    rounds = -(-layers // threads)
    return layers / (rounds * threads)


def chunks(layers, threads):
    """Messages to each neighbour: planes by the chunk, as many for each thread (model/parallel/halo.c)."""
    planes = -(-layers // CHUNKS)
    planes = -(-planes // threads) * threads
    return -(-layers // planes)


def nodes(tiling, on_node, blocks):
    """Node of each rank: as many as fit one after the other, or (blocks) rectangles of tiles that are as square as they can be."""
    ranks = np.arange(tiling.ranks)
    if not blocks:
        return ranks // on_node
    wide = min((w for w in range(1, on_node + 1) if on_node % w == 0),
               key=lambda w: w * tiling.nx / tiling.px + on_node / w * tiling.ny / tiling.py)
    return (ranks // tiling.px // (on_node // wide)) * tiling.px + ranks % tiling.px // wide


def exchange(case, tiling, machine, threads, blocks=False):
    """Of the rank and the node that wait longest: seconds and bytes of a pair's two exchanges."""
    node = nodes(tiling, max(1, machine.cores // threads), blocks)
    per_column = case.layers * (2 * case.tracers * tiles.Q_BYTES + tiles.M_BYTES)
    leaves, most_bytes, on_node, messages = {}, 0, 0.0, 0
    for rank in range(tiling.ranks):
        to = tiles.sent(tiling, rank)
        off = sum(c for r, c in to.items() if node[r] != node[rank]) * per_column
        stays = sum(to.values()) * per_column - off
        leaves[node[rank]] = leaves.get(node[rank], 0) + off
        most_bytes, on_node = max(most_bytes, off + stays), max(on_node, stays)
        messages = max(messages, 2 * len(to) * chunks(case.layers, threads))
    packing = 4 * most_bytes / (machine.memory * threads)  # read and written twice: packed, unpacked
    return {"bytes": most_bytes, "messages": messages, "packing": packing,
            "network": messages * machine.latency + max(leaves.values()) / machine.node + on_node / machine.shared}


def operators(costs, case, tiling, machine, threads, pairs):
    """Seconds of the operators in `pairs` pairs of steps, of the rank that has most to do in each."""
    own, _ = tiles.columns(tiling)
    along_x, along_y, diffused = tiles.swept(tiling)
    step = per_step(costs, machine)
    each = pairs * case.layers * case.tracers * 1e-9 / threads  # per column that a pair goes over
    return {"sweeps": (along_x * ALONG_X + along_y * (1 - ALONG_X)).max() * each * step["hadvect"],
            "diffusion": diffused.max() * each * step["hdiff"] / whole_planes(case.layers, threads),
            "columns": 2 * own.max() * each * step["columns"]}


def hour(costs, case, machine, cores, threads):
    """Seconds by part of one simulated hour on `cores` as ranks of `threads`; None where the mesh is too small for so many tiles."""
    ranks = cores // threads
    tiling = tiles.choose(case.nx, case.ny, ranks, tiles.overlap_of(case.courant))
    if tiling is None:
        return None
    own, seen = tiles.columns(tiling)
    columns = case.nx * case.ny
    parts = operators(costs, case, tiling, machine, threads, case.pairs)
    parts["weather"] = seen.max() * case.layers * costs["weather"] * 1e-9 / threads
    parts["hourly"] = own.max() * case.layers * case.tracers * costs["hourly"] * 1e-9 / threads
    parts["output"] = (own.max() * case.tracers * costs["output"] * case.records * 1e-9 / threads
                       + columns * case.tracers * 2 * tiles.Q_BYTES * case.records / machine.disc)  # journal and file
    moved = exchange(case, tiling, machine, threads) if ranks > 1 else {"bytes": 0, "messages": 0, "packing": 0.0, "network": 0.0}
    parts["exchange"] = case.pairs * (moved["packing"] + moved["network"])
    parts["solve"] = measured_costs.solve(costs["elliptic"], columns)[0]
    parts["gather"] = 0.0 if ranks == 1 else (columns * measured_costs.GATHERED * (1 / machine.node + 2 / machine.memory)
                                              + measured_costs.GATHERS * ranks * machine.latency)
    parts["sums"] = 0.0 if ranks == 1 else SUMS * 2 * np.ceil(np.log2(ranks)) * machine.latency
    swept = sum(tiles.swept(tiling)[:2]).sum() / (4 * columns)
    return {"tiling": tiling, "own": int(own.max()), "seen": int(seen.max()), "extra": float(swept), **moved, "parts": parts}


def alone(costs, case, machine):
    """Seconds of the same hour of one core that has its share of a full node's memory: what efficiency is told against."""
    return hour(costs, case, machine, 1, 1)["parts"]


def share(parts, one, cores, without=()):
    """Time of one core over that of all of them; `without`: parts that are left out of both."""
    add = lambda p: sum(v for k, v in p.items() if k not in without)
    return add(one) / (cores * add(parts))


def efficiency(costs, case, machine, cores, threads, without=()):
    """As share, of the hour; None where the mesh is too small."""
    many = hour(costs, case, machine, cores, threads)
    return many and share(many["parts"], alone(costs, case, machine), cores, without)


def mended(costs, case, machine, cores, threads, without):
    """Efficiencies one after the other: as it is; with prepared weather; and the ranks of a node a block of tiles; and messages on their way
    while the operators work."""
    many, one = hour(costs, case, machine, cores, threads), alone(costs, case, machine)
    if many is None:
        return None
    found = [share(many["parts"], one, cores), share(many["parts"], one, cores, without)]
    moved = exchange(case, many["tiling"], machine, threads, blocks=True)
    parts = {**many["parts"], "exchange": case.pairs * (moved["packing"] + moved["network"])}
    found.append(share(parts, one, cores, without))
    work = sum(parts[p] for p in ("sweeps", "diffusion", "columns"))
    parts["exchange"] = case.pairs * moved["packing"] + max(0.0, case.pairs * moved["network"] - work)
    return [*found, share(parts, one, cores, without)]
