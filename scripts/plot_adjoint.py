#!/usr/bin/python3
"""Draw what `bashu adjoint` found: where and when emission counts for the receptor.

    plot_adjoint.py RUN [--layer N] [--out FILE.png]

RUN is the folder of an adjoint run (its adjoint.nc is read) or that file. Left: sensitivity of the receptor's mean to emission at the
ground (or layer N), summed over all hours. Right: the same times the case's emission, so that the cells add up to the emission's part
of the mean. Below: that part by the hour of the emission. Times are UTC+8.
"""
import argparse
import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import BoundaryNorm, LinearSegmentedColormap, ListedColormap
from matplotlib.dates import DateFormatter
from netCDF4 import Dataset

sys.path.insert(0, str(Path(__file__).resolve().parent))
from plot_map import (COLOURS, DPI, INK, LOCAL, SOFT, Failure, Grid, as_array, attribute, datetimes, draw_borders,  # noqa: E402
                      draw_cities, draw_graticule, draw_scale, fonts, pretty_unit, save)

DECADES = 4                                 # what is less than 1e-4 of the largest is left white


def steps(field):
    """Levels of 1, 2, 5 below the largest value, colours and norm for them."""
    high = np.nanmax(field)
    if not high > 0:
        raise Failure("no cell counts for the receptor: the field is nowhere above zero")
    top = int(np.floor(np.log10(high)))
    every = [f * 10.0 ** e for e in range(top - DECADES, top + 1) for f in (1, 2, 5)] + [10.0 ** (top + 1)]
    last = next(v for v in every if v >= high)
    levels = [v for v in every if last / 10 ** DECADES < v <= last]
    ramp = LinearSegmentedColormap.from_list("bashu", COLOURS, N=256)(np.linspace(0, 1, len(levels)))
    cmap = ListedColormap(ramp[1:])
    cmap.set_under("white")
    return levels, cmap, BoundaryNorm(levels, len(levels) - 1)


def panel(fig, ax, nc, grid, var, field, title, chinese):
    levels, cmap, norm = steps(field)
    xe, ye = grid.edges(grid.x), grid.edges(grid.y)
    ax.set_xlim(xe.min(), xe.max())
    ax.set_ylim(ye.min(), ye.max())
    ax.set_aspect(grid.aspect)
    mesh = ax.pcolormesh(xe, ye, field, cmap=cmap, norm=norm, zorder=1, rasterized=True)
    draw_graticule(ax, grid)
    draw_borders(ax, grid)
    weight = as_array(nc["receptor_weight"])
    ax.contour(grid.x, grid.y, weight > 0, levels=[0.5], colors="#0b6e99", linewidths=1.8, zorder=8)
    draw_scale(ax, grid)
    draw_cities(fig, ax, grid, chinese)
    c = fig.colorbar(mesh, ax=ax, extend="min", spacing="uniform", ticks=levels[::2], fraction=0.046, pad=0.02)
    c.ax.set_yticklabels([f"{v:.3g}" for v in levels[::2]])
    c.ax.tick_params(length=0, labelsize=8)
    c.ax.set_title(pretty_unit(var.units), fontsize=8)
    ax.set_title(title, fontsize=10, loc="left", color=INK)


def bars(ax, nc):
    bounds = np.asarray(nc["time_bnds"][:])
    starts = datetimes(nc, "time", bounds[:, 0])
    value = as_array(nc["hourly_contribution"])
    x = [t + LOCAL for t in starts]
    ax.bar(x, value, width=1 / 24, align="edge", color="#cf5350", edgecolor="white", linewidth=0.3)
    span = [datetimes(nc, "time", bounds[:, 1])[-1] + LOCAL, x[0]]
    ax.set_xlim(span[1], span[0])
    ax.xaxis.set_major_formatter(DateFormatter("%d %b\n%H:%M"))
    ax.set_ylabel("µg m⁻³ an hour", fontsize=8)
    ax.set_title("the emission's part of the mean, by the hour of the emission (UTC+8)", fontsize=10, loc="left", color=INK)
    ax.tick_params(labelsize=8)
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)


def draw(nc, layer, out):
    chinese = fonts()
    summed, part = nc["sensitivity_sum"], nc["contribution"]
    if not 1 <= layer <= summed.shape[0]:
        raise Failure(f"--layer {layer}: expected 1 (the ground) to {summed.shape[0]}")
    grid = Grid(nc, part)
    shape = abs(np.ptp(grid.y) / np.ptp(grid.x)) * grid.aspect
    width = 15.0
    height = 0.42 * width * shape + 3.4
    fig = plt.figure(figsize=(width, height), dpi=DPI, facecolor="white")
    maps, below = fig.add_gridspec(2, 1, height_ratios=[height - 3.0, 1.5], left=0.04, right=0.972, top=1 - 0.95 / height,
                                   bottom=0.75 / height, hspace=0.16)
    left, right = maps.subgridspec(1, 2, wspace=0.14)
    where = "at the ground" if layer == 1 else f"in layer {layer}"
    panel(fig, fig.add_subplot(left), nc, grid, summed, as_array(summed, layer - 1),
          f"what 1 kg s⁻¹ {where}, held all the time, adds", chinese)
    panel(fig, fig.add_subplot(right), nc, grid, part, as_array(part), "what the case's emission of each cell adds", chinese)
    bars(fig.add_subplot(below), nc)
    name, since, until = (attribute(nc, a) for a in ("receptor", "receptor_from", "receptor_to"))
    name = name if chinese else name.encode("ascii", "ignore").decode()
    fig.text(0.04, 1 - 0.3 / height, f"Where the primary PM₂.₅ of {name} comes from", fontsize=15, fontweight="bold", va="center")
    fig.text(0.04, 1 - 0.6 / height, f"mean from {since} to {until}  ·  {attribute(nc, 'weather_label')}", fontsize=9.5,
             va="center", color="#9c2f1d")
    total = as_array(part).sum()
    fig.text(0.04, 0.18 / height, f"All cells together: {total:.3g} µg m⁻³ from emission. Blue line: the receptor. White: less than a "
             f"{10 ** DECADES}th of the largest, or below zero (the linear scheme undershoots a little).", fontsize=8, va="center",
             color=SOFT)
    save(fig, out)


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("run", metavar="RUN", type=Path, help="folder of an adjoint run, or its adjoint.nc")
    p.add_argument("--layer", type=int, default=1, metavar="N", help="layer whose sensitivity is drawn, 1 at the ground")
    p.add_argument("--out", metavar="FILE.png", type=Path, help="picture (RUN/adjoint.png)")
    a = p.parse_args()
    path = a.run / "adjoint.nc" if a.run.is_dir() else a.run
    try:
        if not path.is_file():
            raise Failure(f"{path} does not exist: is it the folder of bashu adjoint?")
        with Dataset(path) as nc:
            out = a.out or path.parent / "adjoint.png"
            draw(nc, a.layer, out)
        print(out)
    except Failure as e:
        print(f"plot_adjoint: {e}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
