"""How a mesh is shared out among ranks and what they tell each other, in numbers: the arithmetic of grids/tiles and of model/parallel/halo.h
once more, for models of speed. tests/model/traffic.def holds both to the same figures."""
from dataclasses import dataclass

import numpy as np

SHORTEST = 4             # cells along an axis that a tile has at least
GHOST = 5                # cells that a sweep looks beyond an end (kernels/advection/sweep.h, BS_GHOST)
LANES = 16               # pencils that are swept together (BS_LANES)
UNKNOWN = 2              # outermost cells of the overlap that no sweep looks at (model/operators/hadvect_tile.c)
Q_BYTES, M_BYTES = 4, 8  # of a mixing ratio, of a cell's air mass


def overlap_of(max_courant):
    """Cells of its neighbours that a tile sees (model/run/case.c)."""
    return GHOST + int(np.ceil(max_courant)) + 2


@dataclass(frozen=True)
class Tiling:
    nx: int
    ny: int
    px: int
    py: int
    overlap: int

    @property
    def ranks(self):
        return self.px * self.py


def choose(nx, ny, ranks, overlap):
    """The split with the least overlap to move; None where the tiles would be shorter than the overlap."""
    least, best = max(overlap, SHORTEST), None
    for px in (p for p in range(1, ranks + 1) if ranks % p == 0):
        py = ranks // px
        if (px > 1 and nx // px < least) or (py > 1 and ny // py < least):
            continue
        rim = (px - 1) * ny + (py - 1) * nx
        if best is None or rim < best[0]:
            best = rim, px
    return best and Tiling(nx, ny, best[1], ranks // best[1], overlap if ranks > 1 else 0)


def spans(cells, parts, overlap):
    """Along one axis, for each part: first and last own cell (exclusive), first and last that its neighbours bring up to date."""
    begin = np.arange(parts) * cells // parts
    end = np.arange(1, parts + 1) * cells // parts
    return begin, end, np.maximum(begin - overlap, 0), np.minimum(end + overlap, cells)


def west_seen(x, overlap):
    """First column that each part sees: whole lines of cache before its own, where the mesh has them."""
    lines = -(-overlap // LANES) * LANES
    return np.where(x[0] >= lines, x[0] - lines, x[2])


def columns(tiling):
    """Own columns and columns seen, [rank] each."""
    x, y = spans(tiling.nx, tiling.px, tiling.overlap), spans(tiling.ny, tiling.py, tiling.overlap)
    own = np.outer(y[1] - y[0], x[1] - x[0]).ravel()
    return own, np.outer(y[3] - y[2], x[3] - west_seen(x, tiling.overlap)).ravel()


def widened(span, more):
    """Own cells of each part and `more` on both sides, as far as the mesh reaches: how many."""
    begin, end = span[0], span[1]
    return np.minimum(end + more, end[-1]) - np.maximum(begin - more, 0)


def from_a_line(span, more, west):
    """The same of columns, which begin with a line of cache as own cells do, unless the tile sees none there."""
    begin, end = np.maximum(span[0] - more, 0), np.minimum(span[1] + more, span[1][-1])
    line = begin - (begin - span[0]) % LANES
    return end - np.where(line < west, begin, line)


def bundles(pencils):
    """Pencils as they are swept: whole bundles, lanes that are not in use included."""
    return -(-pencils // LANES) * LANES


def swept(tiling):
    """Columns that a pair of steps goes over, [rank] each: along x, along y, by horizontal diffusion; the table in
    model/operators/hadvect_tile.c in numbers. With one rank: twice the mesh each, but for lanes that are not in use."""
    x, y = spans(tiling.nx, tiling.px, tiling.overlap), spans(tiling.ny, tiling.py, tiling.overlap)
    far = max(tiling.overlap - UNKNOWN, 0)
    ring = 1 if tiling.ranks > 1 else 0
    west = west_seen(x, tiling.overlap)
    long_x, long_y = x[3] - west, y[3] - y[2]
    along_x = np.outer(bundles(widened(y, far + ring)) + bundles(widened(y, 0)), long_x)
    along_y = np.outer(long_y, bundles(from_a_line(x, ring, west)) + bundles(from_a_line(x, far, west)))
    diffused = np.outer(widened(y, 0), widened(x, 0)) + np.outer(widened(y, far), widened(x, far))
    return along_x.ravel(), along_y.ravel(), diffused.ravel()


def sent(tiling, rank):
    """{neighbour: columns of its overlap that are this rank's own}; what it sends in one exchange."""
    x, y = spans(tiling.nx, tiling.px, tiling.overlap), spans(tiling.ny, tiling.py, tiling.overlap)
    at_x, at_y, out = rank % tiling.px, rank // tiling.px, {}
    for dy in (-1, 0, 1):
        for dx in (-1, 0, 1):
            to_x, to_y = at_x + dx, at_y + dy
            if (dx, dy) == (0, 0) or not (0 <= to_x < tiling.px and 0 <= to_y < tiling.py):
                continue
            wide = min(x[1][at_x], x[3][to_x]) - max(x[0][at_x], x[2][to_x])
            high = min(y[1][at_y], y[3][to_y]) - max(y[0][at_y], y[2][to_y])
            out[to_y * tiling.px + to_x] = int(wide) * int(high)
    return out


def traffic(tiling, rank, layers, tracers):
    """Neighbours, bytes of an exchange without and with air mass."""
    to = sent(tiling, rank)
    cells = sum(to.values()) * layers
    return len(to), cells * tracers * Q_BYTES, cells * (tracers * Q_BYTES + M_BYTES)
