#!/usr/bin/python3
"""Draw one field of a run as a map.

    plot_map.py RUN [--var NAME] [--stat mean|max|STAMP] [--out FILE.png] [--dpi N]

RUN is the folder of a run (its surface.nc is read) or one netCDF file, such as RUN/daily.nc. The map is drawn in the
file's own projection, with the borders of configs/regions; nothing is downloaded. The time shown is UTC+8.
"""
import argparse
import json
import os
import re
import sys
import warnings
from datetime import datetime, timedelta
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.patheffects as effects
import matplotlib.pyplot as plt
import numpy as np
from matplotlib import font_manager
from matplotlib.collections import LineCollection
from matplotlib.colors import BoundaryNorm, LinearSegmentedColormap
from matplotlib.ticker import MaxNLocator
from netCDF4 import Dataset, num2date
from pyproj import CRS, Transformer

REGIONS = Path(__file__).resolve().parents[1] / "configs/regions"
LOCAL = timedelta(hours=8)
WIDTH, DPI = 10.0, 160                      # 1600 pixels wide
LEVELS = [0, 2, 5, 10, 15, 20, 25, 35, 50, 75, 115, 150, 250]     # ug m-3; 35, 75, 115, 150 are steps of the AQI
CJK = ["Noto Sans CJK SC", "Source Han Sans SC", "WenQuanYi Zen Hei", "WenQuanYi Micro Hei", "Noto Sans CJK JP",
       "Droid Sans Fallback", "PingFang SC", "Microsoft YaHei", "SimHei"]
# lightness falls evenly from near-white to near-black
COLOURS = ["#fbfaf4", "#f6ecc0", "#f5d183", "#f0ac5b", "#e47f4d", "#cf5350", "#ab335f", "#7c2466", "#4c1b56", "#210f34"]
INK, SOFT = "#22252b", "#6b7078"
HALO = [effects.withStroke(linewidth=2.4, foreground="white", alpha=0.9)]


class Failure(Exception):
    """Shown to the user as one message; exit status 2."""


def fonts():
    """Font families that hold Chinese; whether there is one."""
    have = {f.name for f in font_manager.fontManager.ttflist}
    found = [name for name in CJK if name in have]
    if not found:                                      # installed after matplotlib wrote its list of fonts
        for path in font_manager.findSystemFonts():
            if re.search(r"wqy|cjk|droidsansfallback|sourcehan", Path(path).name, re.I):
                font_manager.fontManager.addfont(path)
        have = {f.name for f in font_manager.fontManager.ttflist}
        found = [name for name in CJK if name in have]
    plt.rcParams.update({"font.family": ["DejaVu Sans"] + found[:1], "text.color": INK, "axes.edgecolor": INK,
                         "axes.unicode_minus": False, "font.size": 9})
    if not found:
        warnings.filterwarnings("ignore", message="Glyph .* missing from current font")
        print("plot_map: no font with Chinese characters was found, names are drawn in English; "
              "install fonts-wqy-zenhei or fonts-noto-cjk", file=sys.stderr)
    return bool(found)


def pretty_unit(unit):
    """'ug m-3' as it is printed."""
    raised = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
    unit = "" if unit == "1" else unit
    unit = re.sub(r"(?<=[A-Za-z])(-?\d+)", lambda m: m.group(1).translate(raised), unit)
    return re.sub(r"\bug\b", "µg", unit)


def number(v):
    """Three digits, without an exponent where that reads well."""
    return f"{v:.0f}" if 100 <= abs(v) < 1e7 else f"{v:.3g}"


def open_run(run):
    path = Path(run)
    if path.is_dir():
        if not (path / "surface.nc").is_file():
            there = sorted(p.name for p in path.glob("*.nc")) + sorted(f"{p.parent.name}/surface.nc" for p in path.glob("*/surface.nc"))
            raise Failure(f"{path} holds no surface.nc" + (f"; there is {', '.join(there)}: name one of them" if there
                                                            else " and no other netCDF file: is it the folder of a run?"))
        path = path / "surface.nc"
    elif not path.is_file():
        near = sorted(str(p.parent) for p in path.parent.glob("*/surface.nc")) if path.parent.is_dir() else []
        raise Failure(f"{path} does not exist" + (f"; runs beside it: {', '.join(near)}" if near else ""))
    try:
        return path, Dataset(path)
    except OSError as e:
        raise Failure(f"{path}: not readable as netCDF ({e.strerror or e})") from None


class Grid:
    """Coordinates of a field: its two horizontal dimensions, edges, and the way from lon, lat to them."""

    def __init__(self, nc, var):
        self.ydim, self.xdim = var.dimensions[-2:]
        for d in (self.ydim, self.xdim):
            if d not in nc.variables or nc[d].ndim != 1:
                raise Failure(f"{nc.filepath()}: dimension {d} has no coordinate variable, so the map cannot be placed")
            if nc[d].size < 2:
                raise Failure(f"{nc.filepath()}: {d} has a single value; a map needs two or more")
        self.x, self.y = (np.asarray(nc[d][:], float) for d in (self.xdim, self.ydim))
        self.lonlat = "east" in getattr(nc[self.xdim], "units", "")
        if self.lonlat:
            self.crs = CRS("+proj=longlat +R=6370000")
            self.project = lambda lon, lat: (np.asarray(lon, float), np.asarray(lat, float))
            self.unproject = self.project
            self.aspect = 1 / np.cos(np.radians(self.y.mean()))
        else:
            self.crs = read_crs(nc, var)
            base = self.crs.geodetic_crs                 # the file's own sphere: latitudes are taken over as they are
            forward = Transformer.from_crs(base, self.crs, always_xy=True)
            back = Transformer.from_crs(self.crs, base, always_xy=True)
            unit = nc[self.xdim].units.strip() if hasattr(nc[self.xdim], "units") else "m"
            scale = {"m": 1.0, "metre": 1.0, "meter": 1.0, "km": 1000.0}.get(unit)
            if scale is None:
                raise Failure(f"{nc.filepath()}: {self.xdim} is in '{unit}', expected m, km or degrees_east")
            self.x, self.y = self.x * scale, self.y * scale
            self.project = lambda lon, lat: forward.transform(lon, lat)
            self.unproject = lambda x, y: back.transform(x, y)
            self.aspect = 1.0

    @staticmethod
    def edges(c):
        mid = 0.5 * (c[1:] + c[:-1])
        return np.concatenate([[2 * c[0] - mid[0]], mid, [2 * c[-1] - mid[-1]]])


def read_crs(nc, var):
    name = getattr(var, "grid_mapping", "crs").split(":")[0]
    if name not in nc.variables:
        raise Failure(f"{nc.filepath()}: {var.name} has no grid mapping variable ('{name}')")
    m = nc[name]
    try:
        for attribute in ("crs_wkt", "proj4", "spatial_ref"):
            if getattr(m, attribute, ""):
                return CRS.from_user_input(getattr(m, attribute))
        return CRS.from_cf({k: m.getncattr(k) for k in m.ncattrs()})
    except Exception as e:
        raise Failure(f"{nc.filepath()}: grid mapping '{name}' is not understood: {e}") from None


def is_field(v):
    """Numbers on (time, y, x) or (y, x): something a map can show."""
    return v.ndim in (2, 3) and v.dtype.kind in "fiu" and not re.search(r"bnds|bounds|vertices|^lat$|^lon$", v.name)


def pick_variable(nc, name):
    there = [v.name for v in nc.variables.values() if is_field(v)]
    timed = [n for n in there if nc[n].ndim == 3]
    if not there:
        raise Failure(f"{nc.filepath()}: no variable on (time, y, x)")
    if name is None:
        name = "primary_pm25" if "primary_pm25" in timed else (timed or there)[0]
    if name not in there:
        raise Failure(f"{nc.filepath()}: no variable '{name}' to draw; there is {', '.join(there)}")
    return nc[name]


def as_array(v, where=...):
    return np.ma.filled(np.ma.asarray(v[where], dtype=float), np.nan)


def datetimes(nc, name, values):
    t = nc[name]
    out = num2date(values, t.units, getattr(t, "calendar", "standard"))
    return [datetime(d.year, d.month, d.day, d.hour, d.minute, d.second) for d in np.atleast_1d(out)]


def reduce(nc, var, stat):
    """The field, a text for it, and the records it is made of."""
    if var.ndim == 2:
        return as_array(var), "", None
    time = var.dimensions[0]
    if nc.dimensions[time].size == 0:
        raise Failure(f"{nc.filepath()}: holds no record")
    if time not in nc.variables:
        raise Failure(f"{nc.filepath()}: dimension {time} has no coordinate variable")
    stamps = datetimes(nc, time, nc[time][:])
    bounds = getattr(nc[time], "bounds", None)
    if bounds in nc.variables:
        b = np.asarray(nc[bounds][:])
        starts, ends = datetimes(nc, time, b[:, 0]), datetimes(nc, time, b[:, 1])
    else:
        starts = ends = stamps

    def text(t):
        return (t + LOCAL).strftime("%Y-%m-%d %H:%M")

    if stat in ("mean", "max"):
        records = range(len(stamps))
        values = as_array(var)
        with np.errstate(all="ignore"):
            bad = np.isnan(values).all(axis=0)
            if stat == "mean":
                weight = np.array([max((e - s).total_seconds(), 0) for s, e in zip(starts, ends)])
                weight = weight if weight.sum() > 0 else np.ones(len(stamps))
                ok = ~np.isnan(values)
                field = np.where(ok, values, 0) * weight[:, None, None]
                field = field.sum(axis=0) / (ok * weight[:, None, None]).sum(axis=0)
            else:
                field = np.where(bad, np.nan, np.nanmax(np.where(bad, 0, values), axis=0))
        each = {1: "hour", 24: "day"}.get((ends[0] - starts[0]) / timedelta(hours=1), "record")
        label = "Mean" if stat == "mean" else f"Highest {each}"
        return field, f"{label}, {text(starts[0])} to {text(ends[-1])} (UTC+8)", records
    wanted = re.fullmatch(r"(\d{4})-?(\d\d)-?(\d\d)[T ]?(\d\d)(?::?(\d\d))?", stat)
    if wanted:
        when = datetime(*(int(g or 0) for g in wanted.groups())) - LOCAL
        if when not in ends:
            raise Failure(f"{nc.filepath()}: no record ends at {stat} (UTC+8); they run from {text(ends[0])} "
                          f"to {text(ends[-1])}")
        n = ends.index(when)
    elif re.fullmatch(r"\d+", stat) and 1 <= int(stat) <= len(stamps):
        n = int(stat) - 1
    else:
        raise Failure(f"--stat {stat}: expected mean, max, a record from 1 to {len(stamps)}, or a stamp such as "
                      f"{text(ends[-1]).replace(' ', 'T')} (UTC+8, end of the record)")
    span = f"{text(starts[n])} to {text(ends[n])}" if starts[n] != ends[n] else text(ends[n])
    return as_array(var, n), f"{span} (UTC+8)", [n]


def colour_scale(field, unit):
    """Levels, colour map and norm. Concentrations have fixed steps, scaled by a power of ten when they are small."""
    finite = field[np.isfinite(field)]
    if finite.size == 0:
        raise Failure("the field has no finite value")
    low, high = finite.min(), finite.max()
    cmap = LinearSegmentedColormap.from_list("bashu", COLOURS, N=256)
    # tags are a little negative beside sharp plumes (they follow their total's limiter); differences of runs are so throughout
    fixed = unit == "ug m-3" and high > 0 and low >= -0.4 * high and (finite < -0.02 * high).mean() < 0.05
    if fixed:
        factor = 10.0 ** min(0, np.floor(np.log10(high / 8)))
        steps = [v * factor for v in LEVELS]
        n = max(5, next((k for k, v in enumerate(steps) if v >= high), len(steps) - 1))
        levels = steps[:n + 1]
    elif low < 0 and (high > 0 or unit == "ug m-3"):
        bound, cmap = max(-low, high), plt.get_cmap("RdBu_r")
        levels = MaxNLocator(14, steps=[1, 2, 2.5, 5, 10]).tick_values(-bound, bound)
        least = 0.1 * (levels[1] - levels[0])           # white around zero: a difference that is none has no sign
        levels = sorted({-least, least, *(v for v in levels if abs(v) > 2 * least)})
    elif low >= 0 and high > 20 * finite.mean():          # very uneven: steps of 1, 2, 5 below the highest
        top = np.floor(np.log10(high))
        steps = [f * 10 ** e for e in np.arange(top - 3, top + 1) for f in (1, 2, 5)]
        steps = [v for v in steps if v < high] + [next(v for v in steps + [10 ** (top + 1)] if v >= high)]
        levels = [0] + steps[-11:]
    else:
        levels = MaxNLocator(10, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high if high > low else low + 1)
    extend = "max" if finite.max() > levels[-1] else "neither"
    colours = len(levels) - 1 + (extend == "max")
    if fixed:                                           # a level keeps its colour from map to map
        ramp = cmap(np.linspace(0, 1, len(LEVELS)))[:colours]
    else:
        ramp = cmap(np.linspace(0, 1, colours))
    cmap = matplotlib.colors.ListedColormap(ramp)
    return levels, cmap, BoundaryNorm(levels, colours, extend=extend), extend


def rings(path):
    for f in json.loads(path.read_text(encoding="utf-8"))["features"]:
        g = f["geometry"]
        for polygon in [g["coordinates"]] if g["type"] == "Polygon" else g["coordinates"]:
            yield from polygon


def draw_borders(ax, grid):
    for name, width, colour, z in (("sichuan-chongqing", 0.55, "#4a4f57", 5), ("provinces", 1.35, INK, 6)):
        lines = []
        for ring in rings(REGIONS / f"{name}.geojson"):
            lon, lat = np.array(ring, float).T
            lines.append(np.column_stack(grid.project(lon, lat)))
        ax.add_collection(LineCollection(lines, linewidths=width, colors=colour, alpha=0.85, zorder=z,
                                         capstyle="round", joinstyle="round"))


def short_name(name):
    return re.sub(r"(藏族羌族|藏族|彝族)?(自治州|市)$", "", name)


def put_name(ax, renderer, name, at, size, taken, dots, frame):
    """A name takes the first free place around its mark, else the least bad; its box joins those that are taken."""
    best = None
    for dx, dy, ha, va in ((5, 0, "left", "center"), (-5, 0, "right", "center"), (0, 5, "center", "bottom"),
                           (0, -5, "center", "top"), (4, 4, "left", "bottom"), (4, -4, "left", "top"),
                           (-4, 4, "right", "bottom"), (-4, -4, "right", "top")):
        t = ax.annotate(name, at, (dx, dy), textcoords="offset points", ha=ha, va=va, fontsize=size, zorder=10, path_effects=HALO)
        b = t.get_window_extent(renderer).padded(1.5)
        clash = sum(b.overlaps(o) for o in taken) * 3 + sum(b.contains(*d) for d in dots)
        clash += 5 * (b.x0 < frame.x0 or b.x1 > frame.x1 or b.y0 < frame.y0 or b.y1 > frame.y1)
        if best is None or clash < best[0]:
            if best:
                best[1].remove()
            best = (clash, t, b)
        else:
            t.remove()
        if clash == 0:
            break
    taken.append(best[2])


def draw_cities(fig, ax, grid, chinese):
    """Dots and names; each name takes the first free place around its dot."""
    features = json.loads((REGIONS / "sichuan-chongqing.geojson").read_text(encoding="utf-8"))["features"]
    places = [f["properties"] for f in features]
    big = {"510100", "500000"}
    places.sort(key=lambda p: (p["adcode"] not in big, p["adcode"]))
    (x0, x1), (y0, y1) = ax.get_xlim(), ax.get_ylim()
    renderer = fig.canvas.get_renderer()
    frame = ax.get_window_extent(renderer)
    dots, shown = [], []
    for p in places:
        x, y = (float(v) for v in grid.project(*p["centre"]))
        if x0 < x < x1 and y0 < y < y1:
            shown.append((p, x, y))
            dots.append(ax.transData.transform((x, y)))
    taken = []
    for p, x, y in shown:
        main = p["adcode"] in big
        ax.plot(x, y, "o", ms=4.6 if main else 3.0, mfc="white", mec=INK, mew=1.0 if main else 0.8, zorder=9)
        put_name(ax, renderer, short_name(p["name"]) if chinese else p["name_en"], (x, y), 11.5 if main else 9, taken, dots, frame)


def draw_graticule(ax, grid):
    X, Y = np.meshgrid(grid.x, grid.y)
    lon, lat = grid.unproject(X, Y)
    span = max(np.ptp(lon), np.ptp(lat))
    step = next(s for s in (0.25, 0.5, 1, 2, 5, 10, 20, 45) if span / s <= 9)
    for field, edge, along, at in ((lon, 0, X[0], "x"), (lat, 1, Y[:, 0], "y")):
        first = np.ceil(field.min() / step) * step
        levels = np.arange(first, field.max() + 1e-9, step)
        if levels.size == 0:
            continue
        ax.contour(X, Y, field, levels=levels, colors="#8a9099", linewidths=0.45, linestyles="dotted", alpha=0.7,
                   zorder=3)
        border = field[np.argmin(grid.y)] if at == "x" else field[:, np.argmin(grid.x)]
        order = np.argsort(border)
        ticks, names = [], []
        for v in levels:
            if border.min() <= v <= border.max():
                ticks.append(np.interp(v, border[order], along[order]))
                half = ("E" if v >= 0 else "W") if at == "x" else ("N" if v >= 0 else "S")
                names.append(f"{abs(v):g}°{half}")
        if at == "x":
            ax.set_xticks(ticks, names)
        else:
            ax.set_yticks(ticks, names)
    ax.tick_params(length=3, width=0.6, labelsize=8, colors=SOFT)


def smooth(z, sigma):
    """Gaussian means over cells, by rows and by columns; beyond an edge the field is its mirror image."""
    reach = int(4 * sigma + 0.5)
    weight = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    weight /= weight.sum()
    for axis in (0, 1):
        wide = np.pad(z, [(reach, reach) if a == axis else (0, 0) for a in (0, 1)], mode="symmetric")
        z = np.apply_along_axis(np.convolve, axis, wide, weight, mode="valid")
    return z


def draw_terrain(ax, nc, grid):
    v = nc.variables.get("surface_altitude")
    if v is None or v.dimensions != (grid.ydim, grid.xdim):
        return False
    z = as_array(v)
    z = smooth(np.where(np.isfinite(z), z, 0), 1.2)
    levels = [h for h in (500, 1000, 2000, 3000, 4000, 5000) if z.min() < h < z.max()]
    if len(levels) > 3:                                 # a map of basin and plateau: the basin's edge, not its hills
        levels.remove(min(levels))
    if levels:
        c = ax.contour(grid.x, grid.y, z, levels=levels, colors="#5d6b5f", linewidths=0.5, alpha=0.5, zorder=2)
        for t in ax.clabel(c, levels[::2], fmt="%d", fontsize=6, inline_spacing=2):
            t.set_clip_on(True)
    return bool(levels)


def turn_to_map(grid, u, v):
    """Eastward and northward components to components along the map's x and y."""
    x, y = np.meshgrid(grid.x, grid.y)
    lon, lat = grid.unproject(x, y)
    north_x, north_y = grid.project(lon, np.asarray(lat) + 0.01)
    angle = np.arctan2(north_x - x, north_y - y)         # of true north, clockwise from the map's y
    return u * np.cos(angle) + v * np.sin(angle), -u * np.sin(angle) + v * np.cos(angle)


def draw_wind(ax, nc, grid, records):
    """Arrows of the mean 10 m wind, turned to the map; a key outside the map."""
    if records is None or not {"u10", "v10"} <= set(nc.variables):
        return
    if nc["u10"].dimensions[-2:] != (grid.ydim, grid.xdim):
        return
    pick = list(records)
    u, v = (np.nanmean(as_array(nc[n])[pick] if nc[n].ndim == 3 else as_array(nc[n])[None], axis=0) for n in ("u10", "v10"))
    if getattr(nc["u10"], "standard_name", "") == "eastward_wind" and not grid.lonlat:
        u, v = turn_to_map(grid, u, v)
    every = max(1, round(max(u.shape[1] / 30, u.shape[0] / 24)))
    s = slice(every // 2, None, every)
    speed = np.hypot(u, v)[s, s]
    if not np.isfinite(speed).any() or np.nanmax(speed) <= 0:
        return
    typical = np.nanpercentile(speed, 95)                # as long as the arrows are apart
    unit = min((0.2, 0.5, 1, 2, 3, 5, 10, 20), key=lambda k: abs(np.log(k / typical)))
    apart = u.shape[1] / every
    q = ax.quiver(grid.x[s], grid.y[s], u[s, s], v[s, s], scale=typical * apart / 1.1, scale_units="width", width=0.0014,
                  headwidth=4.2, headlength=4.6, headaxislength=4.0, minlength=0.6, color="#1f3b57", alpha=0.85,
                  edgecolor="white", linewidth=0.25, zorder=7)
    inches = ax.get_position().height * ax.figure.get_figheight()
    ax.quiverkey(q, 0.93, -0.38 / inches, unit, f"10 m wind {unit:g} m s⁻¹", labelpos="W", fontproperties={"size": 8},
                 labelsep=0.06, color="#1f3b57")


def draw_scale(ax, grid):
    (x0, x1), (y0, y1) = ax.get_xlim(), ax.get_ylim()
    left, y = x0 + 0.035 * (x1 - x0), y0 + 0.04 * (y1 - y0)
    probe = 0.05 * (x1 - x0)
    a, b = grid.unproject(left, y), grid.unproject(left + probe, y)
    geod = grid.crs.get_geod()
    km_per_x = geod.inv(a[0], a[1], b[0], b[1])[2] / 1000 / probe
    length = next((k for k in (500, 200, 100, 50, 20, 10, 5, 2, 1) if k / km_per_x < 0.2 * (x1 - x0)), 1)
    width = length / km_per_x
    tick = 0.008 * (y1 - y0)
    for part in (dict(color="white", lw=4.5, alpha=0.85), dict(color=INK, lw=1.6)):
        ax.plot([left, left, left + width, left + width], [y + tick, y, y, y + tick], zorder=11,
                solid_capstyle="butt", solid_joinstyle="miter", **part)
    ax.text(left + width / 2, y + 1.3 * tick, f"{length} km", ha="center", va="bottom", fontsize=8.5, zorder=11,
            path_effects=HALO)


def attribute(nc, name):
    return str(getattr(nc, name, "")).strip()


def save(fig, out, dpi=DPI):
    """Writes the picture aside and renames it: what has its name is whole."""
    partial = Path(f"{out}.part{os.getpid()}")
    try:
        fig.savefig(partial, format=(out.suffix.lstrip(".") or "png"), dpi=dpi)
        os.replace(partial, out)
    except (OSError, ValueError) as e:
        raise Failure(f"{out}: cannot be written: {e}") from None
    finally:
        partial.unlink(missing_ok=True)
        plt.close(fig)


def draw(nc, var, stat, out, dpi=DPI):
    chinese = fonts()
    grid = Grid(nc, var)
    field, when, records = reduce(nc, var, stat)
    unit = getattr(var, "units", "1")
    levels, cmap, norm, extend = colour_scale(field, unit)

    xe, ye = grid.edges(grid.x), grid.edges(grid.y)
    left, right, bottom, top = 0.062, 0.115, 0.62, 1.02         # shares of the width; inches below and above
    label = attribute(nc, "weather_label")
    top += 0.26 if label else 0
    map_width = WIDTH * (1 - left - right)
    map_height = map_width * grid.aspect * abs(np.ptp(ye) / np.ptp(xe))
    height = round((map_height + bottom + top) * DPI / 2) * 2 / DPI
    fig = plt.figure(figsize=(WIDTH, height), dpi=DPI, facecolor="white")
    ax = fig.add_axes([left, bottom / height, 1 - left - right, map_height / height])
    ax.set_facecolor("#eceef0")
    ax.set_xlim(xe.min(), xe.max())
    ax.set_ylim(ye.min(), ye.max())
    ax.set_aspect(grid.aspect)
    for spine in ax.spines.values():
        spine.set_linewidth(0.8)

    mesh = ax.pcolormesh(xe, ye, np.ma.masked_invalid(field), cmap=cmap, norm=norm, zorder=1, rasterized=True)
    terrain = draw_terrain(ax, nc, grid)
    draw_graticule(ax, grid)
    draw_borders(ax, grid)
    draw_wind(ax, nc, grid, records)
    draw_scale(ax, grid)
    draw_cities(fig, ax, grid, chinese)

    bar = fig.add_axes([1 - right + 0.018, bottom / height, 0.02, map_height / height])
    c = fig.colorbar(mesh, cax=bar, extend=extend, spacing="uniform", ticks=levels, extendfrac=0.05)
    c.ax.set_yticklabels([f"{v:.6g}" if abs(v) < 1e5 else f"{v:.2g}" for v in levels])
    c.ax.tick_params(length=0, labelsize=9, pad=4)
    c.outline.set_linewidth(0.6)
    c.ax.set_title(pretty_unit(unit), fontsize=9.5, pad=9 if extend == "neither" else 9)

    title = attribute(nc, "title") or "Bashu"
    long_name = getattr(var, "long_name", var.name)
    if long_name != var.name:
        long_name = (long_name[:1].upper() + long_name[1:]).replace("PM2.5", "PM₂.₅")
    line = (height - 0.36) / height
    heading = fig.text(left, line, title, fontsize=15, fontweight="bold", va="center", ha="left")
    room = WIDTH * (1 - left - 0.02) * DPI
    heading.set_fontsize(15 * min(1, max(0.6, room / heading.get_window_extent(fig.canvas.get_renderer()).width)))
    fig.text(left, line - 0.29 / height, long_name + (f"  ·  {when}" if when else ""), fontsize=10.5, va="center",
             color="#3c4149")
    if label:
        fig.text(left, line - 0.56 / height, label, fontsize=9.5, va="center", color="#9c2f1d", fontweight="bold")
    finite = field[np.isfinite(field)]
    lowest = f", lowest {number(finite.min())}" if finite.min() < -1e-3 * finite.max() else ""
    foot = f"Mean of the map {number(finite.mean())}, highest cell {number(finite.max())}{lowest} {pretty_unit(unit)}".rstrip() + "."
    foot += " Thin lines: terrain height, m." if terrain else ""
    foot += " Borders before May 2016."
    fig.text(left, 0.16 / height, foot, fontsize=7.5, va="center", color=SOFT)
    save(fig, out, dpi)


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("run", metavar="RUN", help="folder of a run, or one netCDF file of it")
    p.add_argument("--var", metavar="NAME", help="variable to draw (primary_pm25)")
    p.add_argument("--stat", default="mean", metavar="mean|max|HOUR",
                   help="mean or highest over time, or one record: its number from 1, or its end as 2016-11-21T08 (UTC+8)")
    p.add_argument("--out", metavar="FILE.png", type=Path, help="picture (RUN/VARIABLE_STAT.png)")
    p.add_argument("--dpi", type=int, default=DPI, choices=range(40, 601), metavar="N", help=f"pixels per inch, of ten inches ({DPI})")
    a = p.parse_args()
    try:
        path, nc = open_run(a.run)
        with nc:
            var = pick_variable(nc, a.var)
            out = a.out or path.parent / f"{var.name}_{a.stat.replace(':', '')}.png"
            draw(nc, var, a.stat, out, a.dpi)
        print(out)
    except Failure as e:
        print(f"plot_map: {e}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
