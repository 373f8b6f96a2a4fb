#!/usr/bin/python3
"""Draw the fluxes between neighbouring regions of a run as arrows across their borders.

    plot_corridors.py RUN [--var NAME] [--layers low|all] [--level region|family] [--day mean|YYYY-MM-DD] [--out FILE.png]

RUN is the folder of a run with output.corridors, or its corridors.nc. An arrow lies over the border that it crosses and is as
wide as the net flux; borders and families are those of configs/regions, the ones that the fluxes cross run along the cells of
the grid (docs/corridors.md). Nothing is downloaded. Days are natural days of the run's local time.
"""
import argparse
import json
import re
import sys
from datetime import datetime, timedelta
from pathlib import Path

import plot_map as maps
from plot_map import HALO, INK, REGIONS, SOFT, Failure, number

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import FancyArrow, Patch, PathPatch, Rectangle
from matplotlib.path import Path as Outline
from netCDF4 import Dataset, num2date
from pyproj import CRS, Transformer

TINTS = {"成都平原": "#f4e3c1", "川南": "#d9ead3", "川东北": "#dbe5f1", "攀西": "#efdcec", "川西北": "#eceff1", "重庆": "#f6d9d3"}
ENGLISH = {"成都平原": "Chengdu plain", "川南": "South Sichuan", "川东北": "Northeast Sichuan", "攀西": "Panxi",
           "川西北": "Northwest Sichuan", "重庆": "Chongqing"}
ARROW, FAINT = "#a4262c", "#7d838c"
TONNE = 1000.0
COUNTS = 0.12           # of the largest: arrows with a figure, and in the picture in any case
LEAST = 0.03            # arrows below this share of the largest are not drawn
SIDES = {"west", "east", "south", "north"}
FLOWS = {"low": "low", "all": "net"}


def open_corridors(run):
    path = Path(run)
    members = sorted(str(p.parent) for p in path.glob("*/corridors.nc"))
    path = path / "corridors.nc" if path.is_dir() else path
    if not path.is_file() and members:
        raise Failure(f"{run} is a set of runs: name one of {', '.join(members)}")
    if not path.is_file():
        raise Failure(f"{path} does not exist: a run writes it with output.corridors: true")
    try:
        return path, Dataset(path)
    except OSError as e:
        raise Failure(f"{path}: not readable as netCDF ({e.strerror or e})") from None


def read_flux(nc, name, layers, day):
    """Mean flux, kg per day, of each corridor; the words for when."""
    suffix = FLOWS[layers]
    there = sorted(v[:-len(suffix) - 1] for v in nc.variables if v.endswith(f"_{suffix}"))
    name = name or ("primary_pm25" if "primary_pm25" in there else (there or [""])[0])
    if name not in there:
        raise Failure(f"{nc.filepath()}: no fluxes of '{name}'; there are those of {', '.join(there) or 'nothing'}")
    values = np.asarray(nc[f"{name}_{suffix}"][:], float)
    bounds = np.asarray(nc["time_bnds"][:], float)
    if len(bounds) == 0:
        raise Failure(f"{nc.filepath()}: holds no record")
    offset = day_offset(nc)
    begins, ends = (
        [datetime(t.year, t.month, t.day, t.hour, t.minute) + offset
         for t in np.atleast_1d(num2date(bounds[:, e], nc["time"].units, "standard"))] for e in (0, 1))
    if day == "mean":
        weight = bounds[:, 1] - bounds[:, 0]
        return name, (values * weight[:, None]).sum(0) / weight.sum(), f"{begins[0]:%Y-%m-%d %H:%M} – {ends[-1]:%Y-%m-%d %H:%M}"
    days = [f"{e - timedelta(seconds=1):%Y-%m-%d}" for e in ends]
    if day not in days:
        raise Failure(f"--day {day}: expected mean or one of {', '.join(days)}")
    return name, values[days.index(day)], day


def day_offset(nc):
    """Local time less UTC, as the run's configuration has it: a number of seconds or a quantity."""
    found = re.search(r"^\s*day_offset:\s*['\"]?(-?[\d.]+)\s*(h|hour|hours|s|min)?\b", nc.bashu_configuration, re.M)
    unit = {None: 1, "s": 1, "min": 60, "h": 3600, "hour": 3600, "hours": 3600}
    return timedelta(seconds=float(found[1]) * unit[found[2]] if found else 8 * 3600)


class Ground:
    """The regions' polygons in the run's projection."""

    def __init__(self, nc):
        try:
            crs = CRS(nc.proj4)
        except Exception as e:
            raise Failure(f"{nc.filepath()}: projection '{nc.proj4}' is not understood: {e}") from None
        lonlat = crs.is_geographic
        change = Transformer.from_crs(crs.geodetic_crs, crs, always_xy=True)
        self.aspect = 1 / np.cos(np.radians(nc.y0 + 0.5 * nc.ny * nc.dy)) if lonlat else 1.0
        self.project = (lambda lon, lat: (np.asarray(lon, float), np.asarray(lat, float))) if lonlat else change.transform
        self.unit = 1e5 / 111e3 if lonlat else 1e5            # 100 km
        self.box = (nc.x0, nc.x0 + nc.nx * nc.dx, nc.y0, nc.y0 + nc.ny * nc.dy)
        file = REGIONS / "sichuan-chongqing.geojson"
        self.places, self.outlines = {}, []
        for f in json.loads(file.read_text(encoding="utf-8"))["features"]:
            p, g = f["properties"], f["geometry"]
            x, y = (float(v) for v in self.project(*p["centre"]))
            vertices, codes = [], []
            for polygon in [g["coordinates"]] if g["type"] == "Polygon" else g["coordinates"]:
                for ring in polygon:
                    lon, lat = np.array(ring, float).T
                    points = np.column_stack(self.project(lon, lat))
                    vertices.append(points)
                    codes += [Outline.MOVETO] + [Outline.LINETO] * (len(points) - 2) + [Outline.CLOSEPOLY]
            path = Outline(np.concatenate(vertices), codes)
            self.outlines.append((path, p["group"]))
            self.places[p["adcode"]] = {"x": x, "y": y, "name": p["name"], "name_en": p["name_en"], "group": p["group"]}

    def view(self, arrows, level):
        """What of the polygons lies in the domain and not far from an arrow that counts."""
        low = np.min([o.vertices.min(0) for o, _ in self.outlines], 0) - 0.25 * self.unit
        high = np.max([o.vertices.max(0) for o, _ in self.outlines], 0) + 0.25 * self.unit
        near = np.array([(x, y) for flux, x, y, _, inside in arrows if inside and flux >= COUNTS * arrows[0][0]])
        if level == "region" and len(near):
            low, high = np.maximum(low, near.min(0) - 1.1 * self.unit), np.minimum(high, near.max(0) + 1.1 * self.unit)
        x0, x1, y0, y1 = self.box
        return max(low[0], x0), min(high[0], x1), max(low[1], y0), min(high[1], y1)

    def family_centre(self, group):
        at = [(p["x"], p["y"]) for p in self.places.values() if p["group"] == group]
        return np.mean(at, 0) if at else None

    def centre(self, key):
        p = self.places.get(key)
        return np.array([p["x"], p["y"]]) if p else self.family_centre(key)


def arrows_of(nc, ground, flux, level):
    """[(flux t/day, x, y, direction, whether both ends are regions)] of the corridors to draw, largest first."""
    def column(name):
        return [str(v) for v in nc[name][:]]

    lon, lat = np.asarray(nc["lon"][:]), np.asarray(nc["lat"][:])
    across = np.column_stack([nc["across_x"][:], nc["across_y"][:]])
    out = []
    for n, (kind, a, b) in enumerate(zip(column("level"), column("from"), column("to"))):
        if kind != level or b in SIDES or flux[n] == 0:
            continue
        direction = across[n].astype(float)
        if np.hypot(*direction) < 0.15:                  # a border that winds round one of the two: from centre to centre
            ends = ground.centre(a), ground.centre(b)
            if ends[0] is not None and ends[1] is not None:
                direction = ends[1] - ends[0]
        direction = direction / max(np.hypot(*direction), 1e-9) * np.sign(flux[n])
        x, y = (float(v) for v in ground.project(lon[n], lat[n]))
        out.append((abs(flux[n]) / TONNE, x, y, direction, "elsewhere" not in (a, b)))
    return sorted(out, key=lambda r: -r[0])


def draw_ground(ax, ground):
    for path, group in ground.outlines:
        ax.add_patch(PathPatch(path, facecolor=TINTS.get(group, "#f2f2f2"), edgecolor="#8b919a", linewidth=0.6, zorder=1))
    for ring in maps.rings(REGIONS / "provinces.geojson"):
        lon, lat = np.array(ring, float).T
        ax.plot(*ground.project(lon, lat), color=INK, linewidth=1.2, zorder=2)


def draw_names(fig, ax, ground, level, chinese, taken, keys):
    """Names in both languages, each moved a little where it would lie on another; none over a key."""
    renderer = fig.canvas.get_renderer()
    if level == "family":
        names = [(ground.family_centre(g), g, e, 13) for g, e in ENGLISH.items() if ground.family_centre(g) is not None]
    else:
        names = [((p["x"], p["y"]), maps.short_name(p["name"]), p["name_en"], 9.5) for p in ground.places.values()]
    (x0, x1), (y0, y1) = ax.get_xlim(), ax.get_ylim()
    frame = ax.get_window_extent(renderer)
    for at, name, english, size in names:
        if not (x0 < at[0] < x1 and y0 < at[1] < y1):
            continue
        text = f"{name}\n{english}" if chinese else english
        best = None
        for dx, dy in ((0, 0), (0, 14), (0, -14), (18, 0), (-18, 0), (16, 14), (-16, 14), (16, -14), (-16, -14), (0, 26), (0, -26),
                       (34, 0), (-34, 0)):
            t = ax.annotate(text, at, (dx, dy), textcoords="offset points", ha="center", va="center", fontsize=size,
                            linespacing=0.95, zorder=9, path_effects=HALO)
            box = t.get_window_extent(renderer).shrunk(0.92, 0.86)
            clash = sum(box.overlaps(o) for o in taken) + sum(9 * box.overlaps(o) for o in keys) + 0.01 * np.hypot(dx, dy)
            clash += 9 * (box.x0 < frame.x0 or box.x1 > frame.x1 or box.y0 < frame.y0 or box.y1 > frame.y1)
            if best is None or clash < best[0] - 1e-9:
                if best:
                    best[1].remove()
                best = (clash, t, box)
            else:
                t.remove()
            if clash < 0.02:
                break
        if best[0] >= 9:
            best[1].remove()
        else:
            taken.append(best[2])


def draw_arrows(fig, ax, ground, arrows, level):
    """The arrows, and the boxes on the screen that they and their figures take."""
    renderer = fig.canvas.get_renderer()
    largest = arrows[0][0]
    (x0, x1), (y0, y1) = ax.get_xlim(), ax.get_ylim()
    length, widest = (0.62, 0.3) if level == "region" else (1.0, 0.55)
    taken = []
    for flux, x, y, direction, inside in arrows:
        if flux < LEAST * largest:
            break
        share = flux / largest
        width = max(widest * share, 0.012) * ground.unit
        reach = (0.55 + 0.45 * share ** 0.5) * length * ground.unit
        head = min(max(0.9 * width, 0.09 * ground.unit), 0.6 * reach)
        step = direction * reach
        arrow = FancyArrow(x - step[0] / 2, y - step[1] / 2, *step, width=width, head_width=width + 0.14 * ground.unit,
                           head_length=head, length_includes_head=True, facecolor=ARROW if inside else FAINT,
                           edgecolor="white", linewidth=0.6, alpha=0.88, zorder=6)
        ax.add_patch(arrow)
        taken.append(arrow.get_window_extent(renderer).shrunk(0.7, 0.7))
        if flux >= COUNTS * largest and all(0.2 * ground.unit < d for d in (x - x0, x1 - x, y - y0, y1 - y)):
            aside = np.array([-direction[1], direction[0]]) * (0.5 * width + 0.13 * ground.unit)
            t = ax.text(x + aside[0], y + aside[1], f"{number(flux)}", fontsize=8 if level == "region" else 11, ha="center",
                        va="center", color="#5b0f14" if inside else SOFT, zorder=8, path_effects=HALO)
            taken.append(t.get_window_extent(renderer))
    return taken


def draw_key(fig, ax, ground, arrows, level):
    """Arrows of known width in the lower left corner, and the box that they take."""
    largest = arrows[0][0]
    widest = (0.3 if level == "region" else 0.55) * ground.unit
    top = np.floor(np.log10(largest))
    sizes = [v for v in (f * 10 ** e for e in (top, top - 1) for f in (5, 2, 1)) if v <= largest][:3]
    x0, y0, unit = ax.get_xlim()[0] + 0.08 * ground.unit, ax.get_ylim()[0] + 0.08 * ground.unit, ground.unit
    y, rows = y0 + 0.08 * unit, []
    for v in reversed(sizes):
        width = max(widest * v / largest, 0.012 * unit)
        y += width / 2 + 0.08 * unit
        rows.append((v, width, y))
        y += width / 2 + 0.08 * unit
    box = Rectangle((x0, y0), 1.75 * unit, y - y0 + 0.08 * unit, facecolor="white", edgecolor="#c9ccd1", linewidth=0.8, alpha=0.92,
                    zorder=8)
    ax.add_patch(box)
    for v, width, y in rows:
        ax.add_patch(FancyArrow(x0 + 0.12 * unit, y, 0.7 * unit, 0, width=width, head_width=width + 0.14 * unit,
                                head_length=0.2 * unit, length_includes_head=True, facecolor=ARROW, edgecolor="white",
                                linewidth=0.6, zorder=9))
        ax.text(x0 + 0.95 * unit, y, f"{number(v)} t/d", fontsize=8.5, va="center", zorder=9)
    return box.get_window_extent(fig.canvas.get_renderer())


def draw(nc, a, out):
    chinese = maps.fonts()
    ground = Ground(nc)
    name, flux, when = read_flux(nc, a.var, a.layers, a.day)
    arrows = arrows_of(nc, ground, flux, a.level)
    if not arrows:
        raise Failure(f"{nc.filepath()}: no flux of {name} between any two of level {a.level}")
    x0, x1, y0, y1 = ground.view(arrows, a.level)
    if x0 >= x1 or y0 >= y1:
        raise Failure(f"{nc.filepath()}: the domain holds nothing of {REGIONS.name}/sichuan-chongqing.geojson")
    label = maps.attribute(nc, "weather_label")
    left, bottom, top = 0.02, 0.5, 1.32 + (0.26 if label else 0)
    width = maps.WIDTH * (1 - 2 * left)
    tall = width * ground.aspect * (y1 - y0) / (x1 - x0)
    height = round((tall + bottom + top) * maps.DPI / 2) * 2 / maps.DPI
    fig = plt.figure(figsize=(maps.WIDTH, height), dpi=maps.DPI, facecolor="white")
    ax = fig.add_axes([left, bottom / height, 1 - 2 * left, tall / height])
    ax.set(xlim=(x0, x1), ylim=(y0, y1), aspect=ground.aspect, xticks=[], yticks=[], facecolor="#fbfbfa")
    draw_ground(ax, ground)
    taken = draw_arrows(fig, ax, ground, arrows, a.level)
    keys = [draw_key(fig, ax, ground, arrows, a.level)]
    groups = [g for g in TINTS if any(group == g for _, group in ground.outlines)]
    legend = ax.legend(handles=[Patch(facecolor=TINTS[g], edgecolor="#8b919a", label=f"{g} {ENGLISH[g]}" if chinese else ENGLISH[g])
                                for g in groups], loc="lower right", fontsize=8, framealpha=0.92)
    keys.append(legend.get_window_extent(fig.canvas.get_renderer()))
    draw_names(fig, ax, ground, a.level, chinese, taken, keys)

    low = f"{float(nc.low_layers_top_m):.0f} m" if "low_layers_top_m" in nc.ncattrs() else "?"
    part = {"low": (f"近地层（地面以上约 {low} 以下）", f"lowest layers (up to about {low} above ground)"),
            "all": ("整层", "all layers")}[a.layers]
    line = (height - 0.34) / height
    zh = f"区域间净输送通量 · {part[0]}"
    en = f"Net flux of {name} between neighbouring {'families of regions' if a.level == 'family' else 'regions'}, {part[1]}"
    fig.text(left, line, zh if chinese else en, fontsize=15, fontweight="bold", va="center")
    if chinese:
        fig.text(left, line - 0.3 / height, en, fontsize=10.5, va="center", color="#3c4149")
    fig.text(left, line - 0.57 / height, f"{maps.attribute(nc, 'title')}  ·  {when}  ·  t/d", fontsize=9.5, va="center",
             color="#3c4149")
    if label:
        fig.text(left, line - 0.82 / height, label, fontsize=9.5, va="center", color="#9c2f1d", fontweight="bold")
    foot = (f"Arrows lie over the borders they cross; grey: with what lies in no region. Below {100 * LEAST:.0f} % of the largest: "
            "not drawn. Borders before May 2016.")
    zh = "箭头位于所跨边界上，宽度与净通量成正比；灰色：与区域之外的交换。"
    fig.text(left, 0.29 / height, foot, fontsize=7.5, va="center", color=SOFT)
    if chinese:
        fig.text(left, 0.12 / height, zh, fontsize=7.5, va="center", color=SOFT)
    maps.save(fig, out)


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("run", metavar="RUN", help="folder of a run with output.corridors, or its corridors.nc")
    p.add_argument("--var", metavar="NAME", help="what flows (primary_pm25); tags have fluxes of their own")
    p.add_argument("--layers", choices=sorted(FLOWS), default="low", help="the low layers (as set), or all")
    p.add_argument("--level", choices=["region", "family"], default="region")
    p.add_argument("--day", default="mean", metavar="mean|YYYY-MM-DD", help="mean over the output period, or one day")
    p.add_argument("--out", metavar="FILE.png", type=Path, help="picture (RUN/corridors_VARIABLE_LAYERS.png)")
    a = p.parse_args()
    try:
        path, nc = open_corridors(a.run)
        with nc:
            out = a.out or path.parent / f"corridors_{a.var or 'primary_pm25'}_{a.layers}.png"
            draw(nc, a, out)
        print(out)
    except Failure as e:
        print(f"plot_corridors: {e}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
