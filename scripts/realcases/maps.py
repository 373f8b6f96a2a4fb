"""Pictures of docs/real-cases.md: a sheet of small maps for each case, and curves of cities beside observed days."""
import io
from datetime import timedelta

import matplotlib.dates as dates
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import BoundaryNorm, LinearSegmentedColormap
from matplotlib.ticker import MaxNLocator
from netCDF4 import Dataset
from PIL import Image

import plot_map as pm

INCHES, DPI, COLOURS = 10.0, 90, 96
GROUND = LinearSegmentedColormap.from_list("ground", ["#f7f7f2", "#cfe3dc", "#8fc1bd", "#4d94a8", "#2c6390", "#1d3566"])
PLACES = {"europe": {"Paris": (2.35, 48.86), "Amsterdam": (4.90, 52.37), "Brussels": (4.35, 50.85), "Frankfurt": (8.68, 50.11),
          "Stack": (6.8, 51.2), "Zürich": (8.54, 47.38), "Lyon": (4.84, 45.76), "Hamburg": (9.99, 53.55)},
          "tibet": {"Stack": (87.0, 30.1)}}


def steps(values, unit):
    """Levels: those of plot_map for concentrations, scaled by a power of ten; else round ones."""
    high = np.nanpercentile(values, 99.8)
    if unit == "ug m-3" and high > 0:
        factor = 10.0 ** min(0, np.floor(np.log10(high / 12)))
        levels = [v * factor for v in pm.LEVELS]
        n = next((k for k, v in enumerate(levels) if v >= high), len(levels) - 1)
        return levels[:max(n, 4) + 1]
    return list(MaxNLocator(9, steps=[1, 2, 2.5, 5, 10]).tick_values(max(0, np.nanmin(values)), max(high, np.nanmin(values) + 1e-9)))


def panel(axis, grid, values, unit, title, wind, places, chinese, levels=None):
    levels = levels or steps(values, unit)
    colours = pm.COLOURS if unit == "ug m-3" else GROUND(np.linspace(0, 1, 10))
    cmap = LinearSegmentedColormap.from_list("steps", list(colours), N=256)
    norm = BoundaryNorm(levels, 256, extend="max")
    xe, ye = grid.edges(grid.x), grid.edges(grid.y)
    axis.set_xlim(xe.min(), xe.max())
    axis.set_ylim(ye.min(), ye.max())
    axis.set_aspect(grid.aspect)
    drawn = axis.pcolormesh(xe, ye, values, cmap=cmap, norm=norm, rasterized=True, zorder=1)
    pm.draw_graticule(axis, grid)
    if chinese:
        pm.draw_borders(axis, grid)
    for name, (lon, lat) in places.items():
        x, y = grid.project(lon, lat)
        if xe.min() < x < xe.min() + 0.9 * np.ptp(xe) and ye.min() < y < ye.max():
            axis.plot(x, y, "o", ms=2.5, mfc="white", mec=pm.INK, mew=0.7, zorder=9)
            axis.annotate(name, (x, y), (3, 2), textcoords="offset points", fontsize=6.5, zorder=9, path_effects=pm.HALO)
    if wind is not None:
        u, v = wind if grid.lonlat else pm.turn_to_map(grid, *wind)
        every = max(1, round(max(u.shape[1] / 20, u.shape[0] / 20)))
        s = slice(every // 2, None, every)
        typical = max(np.nanpercentile(np.hypot(u, v), 95), 0.1)
        arrows = axis.quiver(grid.x[s], grid.y[s], u[s, s], v[s, s], scale=typical * u.shape[1] / every / 1.2, scale_units="width",
                             width=0.0026, headwidth=4, color="#1f3b57", zorder=7)
        unit_arrow = min((0.5, 1, 2, 3, 5, 10, 20), key=lambda k: abs(np.log(k / typical)))
        key = axis.quiverkey(arrows, 0.84, 0.955, unit_arrow, f"{unit_arrow:g} m s⁻¹", labelpos="W", fontproperties={"size": 7}, labelsep=0.04,
                             zorder=12)
        key.text.set_path_effects(pm.HALO)
    axis.set_title(title, fontsize=9, loc="left")
    axis.tick_params(labelsize=6.5)
    bar = axis.figure.colorbar(drawn, ax=axis, pad=0.02, fraction=0.05, aspect=30, ticks=levels, extend="max", spacing="uniform")
    bar.ax.set_yticklabels([f"{v:.4g}" for v in levels])
    bar.ax.tick_params(labelsize=6.5, length=2)
    bar.set_label(pm.pretty_unit(unit), fontsize=7.5)


def chosen(run, wanted):
    """The array of a map, its unit: [variable, mean | a number of the record, scale, unit]."""
    name, when = wanted["field"], wanted.get("when", "mean")
    if name == "wind":
        values, unit = run.wind_speed(), "m s-1"
    else:
        values, unit = run.surface[name], run.units[name]
    scale, unit = {"kg m-2 s-1": (3600.0, "mm h-1"), "Pa": (0.01, "hPa")}.get(unit, (1.0, unit))
    pick = slice(None) if when == "mean" else slice(when, when + 1) if when != -1 else slice(-1, None)
    wind = tuple(run.surface[k][pick].mean(axis=0) for k in ("u10", "v10")) if wanted.get("arrows") else None
    return values[pick].mean(axis=0) * scale, unit, wind


def save(figure, path):
    """A palette is enough for maps and keeps the pictures small."""
    raw = io.BytesIO()
    figure.savefig(raw, format="png", dpi=DPI, metadata={"Software": None})
    plt.close(figure)
    raw.seek(0)
    with Image.open(raw) as image:
        image.convert("RGB").quantize(COLOURS).save(path, optimize=True)


def sheet(run, maps, path, chinese, places=None):
    """A sheet of maps, two beside each other."""
    pm.fonts()
    with Dataset(run.folder / "surface.nc") as nc:
        grid = pm.Grid(nc, nc["ps"])
    shape = grid.aspect * np.ptp(grid.edges(grid.y)) / np.ptp(grid.edges(grid.x))
    columns = 2 if shape < 1.2 else 3
    lines = -(-len(maps) // columns)
    width = INCHES / columns - 1.0  # beside the map are its bar and its latitudes
    figure, axes = plt.subplots(lines, columns, figsize=(INCHES, lines * (width * shape + 0.45)), squeeze=False, layout="constrained")
    for axis, wanted in zip(axes.flat, maps):
        values, unit, wind = chosen(run, wanted)
        panel(axis, grid, values, unit, wanted["title"], wind, places or {}, chinese, wanted.get("levels"))
    for axis in axes.flat[len(maps):]:
        axis.remove()
    save(figure, path)


def curves(hours, cities, observed, path, since=None):
    """Cities by the hour (lines) beside observed natural days (steps). hours: local datetimes of the ends of the records; cities: name ->
    values; observed: name -> {datetime of the day's start: value}; since: from here on the weather is held, drawn grey."""
    pm.fonts()
    columns = 4
    lines = -(-len(cities) // columns)
    figure, axes = plt.subplots(lines, columns, figsize=(INCHES, 1.5 * lines + 0.4), sharex=True, squeeze=False, layout="constrained")
    for axis, (name, values) in zip(axes.flat, cities.items()):
        axis.plot(hours, values, color="#1b5e8c", lw=1.4, label="model, primary PM₂.₅, hourly")
        for day, value in observed.get(name, {}).items():
            axis.plot([day, day + timedelta(days=1)], [value, value], color="#cf5350", lw=2.2, label="observed PM₂.₅, daily mean")
        if since:
            axis.axvspan(since, hours[-1], color="#d9dce0", lw=0, label="last winds held")
        axis.set_title(name, fontsize=8.5, loc="left")
        axis.set_ylim(0, None)
        axis.tick_params(labelsize=6.5)
        axis.grid(lw=0.3)
        axis.xaxis.set_major_locator(dates.DayLocator())
        axis.xaxis.set_major_formatter(dates.DateFormatter("%d %b"))
    for axis in axes.flat[len(cities):]:
        axis.remove()
    for axis in axes.flat[len(cities) - columns:len(cities)]:
        axis.tick_params(labelbottom=True)
    handles = dict(zip(*reversed(axes.flat[0].get_legend_handles_labels())))
    axes.flat[0].figure.legend(handles.values(), handles.keys(), loc="lower right", bbox_to_anchor=(0.98, 0.01), fontsize=9, frameon=False)
    figure.supylabel("µg m⁻³", fontsize=8)
    save(figure, path)
