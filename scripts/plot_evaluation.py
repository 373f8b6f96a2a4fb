#!/usr/bin/python3
"""Draw what bashu evaluate found: modelled against observed PM2.5 as a scatter, and both over time, city by city.

    plot_evaluation.py RUN [--averaging 1|24] [--out DIR] [--dpi N]

RUN is the folder that holds evaluation.json, evaluation.csv and evaluation_pairs.csv. Writes evaluation_scatter.png and
evaluation_series.png there, or into DIR. Statistics are those of evaluation.csv, none are worked out anew; curves of a city
with several stations are means over them. Nothing is downloaded. Times are UTC+8.
"""
import argparse
import csv
import json
import sys
from datetime import datetime, timedelta
from pathlib import Path

import plot_map as maps
from plot_map import INK, REGIONS, SOFT, Failure, number, short_name

import matplotlib.dates as mdates
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import MaxNLocator

OBSERVED, MODELLED, WARNING = "#3a4a5c", "#c0392b", "#9c2f1d"
PANELS, ACROSS = 24, 4
LABELS = 30             # sites that may have their names in the scatter
ZH = {"scatter": "观测 PM₂.₅ 总量与模拟一次 PM₂.₅", "series": "观测 PM₂.₅ 总量与模拟一次 PM₂.₅ 的变化"}


def rows(file):
    if not file.is_file():
        raise Failure(f"{file} does not exist: bashu evaluate RUN OBS.csv writes it")
    lines = [line for line in file.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    found = list(csv.DictReader(lines))
    if not found:
        raise Failure(f"{file}: holds no row")
    return found


def value(text):
    return float(text) if text else np.nan


class Evaluation:
    """The pairs of one averaging time, the statistics of all of them, and the words of evaluation.json."""

    def __init__(self, folder, averaging):
        folder = Path(folder)
        self.words = json.loads((folder / "evaluation.json").read_text(encoding="utf-8")) if (folder / "evaluation.json").is_file() else None
        if self.words is None:
            raise Failure(f"{folder} holds no evaluation.json: bashu evaluate RUN OBS.csv writes it")
        pairs, groups = rows(folder / "evaluation_pairs.csv"), rows(folder / "evaluation.csv")
        there = sorted({int(r["averaging_hours"]) for r in pairs})
        self.hours = averaging or max(there)
        if self.hours not in there:
            raise Failure(f"{folder}/evaluation_pairs.csv: no means over {self.hours} h; there are those over {', '.join(map(str, there))} h")
        self.pairs = [r for r in pairs if int(r["averaging_hours"]) == self.hours]
        self.groups = [r for r in groups if int(r["averaging_hours"]) == self.hours]
        self.all = next(r for r in self.groups if r["group"] == "all")
        self.observed = np.array([float(r["observed"]) for r in self.pairs])
        self.modelled = np.array([float(r["modelled"]) for r in self.pairs])
        form = "%Y-%m-%d" if self.hours == 24 else "%Y-%m-%d %H:%M"
        ends = [r["time_local"] for r in self.pairs]
        # a day's mean stands in its middle, an hour's at its end
        self.time = np.array([datetime.strptime(t, form) + timedelta(hours=12 * (self.hours == 24)) for t in ends])

    def by_site(self):
        """Name and index of the pairs of each site."""
        index = {}
        for n, r in enumerate(self.pairs):
            index.setdefault((r["city"], r["name"], r["id"]), []).append(n)
        return index

    def by_city(self):
        index = {}
        for n, r in enumerate(self.pairs):
            index.setdefault(r["city"] or r["name"], []).append(n)
        return index


def names(chinese):
    """How a city is called in the picture."""
    features = json.loads((REGIONS / "sichuan-chongqing.geojson").read_text(encoding="utf-8"))["features"]
    english = {f["properties"]["name"]: f["properties"]["name_en"] for f in features}
    return short_name if chinese else lambda name: english.get(name, name)


def heading(fig, e, kind, english, chinese, height):
    """Title, what it is of, and the two warnings that go with it."""
    left, line = 0.06, (height - 0.32) / height
    mean = "hourly means" if e.hours == 1 else "24-hour means"
    fig.text(left, line, ZH[kind] if chinese else english, fontsize=15, fontweight="bold", va="center")
    if chinese:
        fig.text(left, line - 0.28 / height, english, fontsize=10.5, va="center", color="#3c4149")
    what = f"{e.words['title'] or e.words['case']}  ·  {mean} of ambient air, µg m⁻³"
    fig.text(left, line - 0.54 / height, what, fontsize=9.5, va="center", color="#3c4149")
    warning = "The model has PRIMARY PM₂.₅, the observations are of all PM₂.₅: the bias is no skill of a model of PM₂.₅."
    weather = f"Weather: {e.words['weather_label']}." if e.words.get("weather_label") else ""
    for n, text in enumerate((warning, weather)):
        fig.text(left, line - (0.80 + 0.22 * n) / height, text, fontsize=9, va="center", color=WARNING, fontweight="bold")


def corner(e):
    """The statistics of all pairs, as a block of text."""
    s = {k: value(e.all[k]) for k in ("mean_obs", "mean_mod", "ratio", "nmb", "nme", "rmse", "r", "ioa", "fac2", "mfb", "mfe", "nme_scaled")}

    def put(v, form, unit=""):
        return "–" if np.isnan(v) else format(v, form) + unit

    lines = [("n", e.all["n"]), ("observed", put(s["mean_obs"], ".1f")), ("modelled", put(s["mean_mod"], ".1f")), ("ratio", put(s["ratio"], ".2f")),
             ("NMB", put(100 * s["nmb"], "+.0f", " %")), ("NME", put(100 * s["nme"], ".0f", " %")), ("RMSE", put(s["rmse"], ".1f")),
             ("r", put(s["r"], ".2f")), ("IOA", put(s["ioa"], ".2f")), ("FAC2", put(100 * s["fac2"], ".0f", " %")),
             ("MFB", put(100 * s["mfb"], "+.0f", " %")), ("MFE", put(100 * s["mfe"], ".0f", " %")), ("NME scaled", put(100 * s["nme_scaled"], ".0f", " %"))]
    return "\n".join(f"{name:<10} {text:>8}" for name, text in lines)


def draw_scatter(e, out, chinese, dpi):
    highest = max(e.observed.max(), e.modelled.max(), 1e-9)
    right, top = (max(1.06 * v.max(), 0.6 * highest) for v in (e.observed, e.modelled))     # the lines stay in sight where one is far below
    inner = 7.6 if right >= top else 7.6 * right / top
    left, bottom, above = 0.75, 0.62, 1.72
    width, height = inner + left + 0.3, inner * top / right + bottom + above
    width = max(width, 8.65)
    fig = plt.figure(figsize=(width, height), dpi=dpi, facecolor="white")
    ax = fig.add_axes([left / width, bottom / height, inner / width, 1 - (bottom + above) / height])
    for slope, style, label in ((1, "-", "1:1"), (0.5, "--", "1:2"), (2, "--", "2:1")):
        end = min(right, top / slope)
        ax.plot([0, end], [0, slope * end], style, color="#8b919a", lw=1.1 if slope == 1 else 0.8, zorder=1)
        ax.annotate(label, (0.94 * end, 0.94 * slope * end), xytext=(4, -10), textcoords="offset points", fontsize=9, color=SOFT)
    many = len(e.pairs) > 400
    each = ("逐时" if e.hours == 1 else "逐日") if chinese else ("hours" if e.hours == 1 else "days")
    ax.plot(e.observed, e.modelled, "o", ms=2.6 if many else 4.5, mfc=OBSERVED, mec="none", alpha=0.25 if many else 0.4, zorder=2, label=each)
    ax.set(xlim=(0, right), ylim=(0, top), xlabel="observed PM₂.₅ (all of it), µg m⁻³", ylabel="modelled PRIMARY PM₂.₅, µg m⁻³")
    ax.xaxis.set_major_locator(MaxNLocator(8))
    ax.yaxis.set_major_locator(MaxNLocator(6))
    ax.grid(color="#e6e8ea", lw=0.6)
    ax.set_axisbelow(True)
    ax.text(0.018, 0.972, corner(e), transform=ax.transAxes, va="top", ha="left", fontsize=8.5, family="DejaVu Sans Mono", zorder=5,
            bbox={"facecolor": "white", "edgecolor": "#c9ccd1", "alpha": 0.92, "boxstyle": "round,pad=0.5"})
    means = [(key, e.observed[i].mean(), e.modelled[i].mean()) for key, i in e.by_site().items()]
    if len(means) > 1:
        ax.plot([m[1] for m in means], [m[2] for m in means], "D", ms=6 if len(means) <= LABELS else 4, mfc=MODELLED, mec="white", mew=0.8, zorder=3,
                label="各点时段平均" if chinese else "means of sites")
    if 1 < len(means) <= LABELS:
        renderer, taken, call = fig.canvas.get_renderer(), [], names(chinese)
        for key, x, y in sorted(means, key=lambda m: -m[1]):
            maps.put_name(ax, renderer, call(key[1]), (x, y), 8.5, taken, [ax.transData.transform(m[1:]) for m in means],
                          ax.get_window_extent(renderer))
    ax.legend(loc="upper right", bbox_to_anchor=(1, 1 + 0.42 / (height - bottom - above)), ncol=2, fontsize=9, frameon=False)
    heading(fig, e, "scatter", "Modelled primary against observed PM₂.₅", chinese, height)
    maps.save(fig, out, dpi)


def curve(e, index):
    """Means over the sites at each time, in order."""
    times = sorted({e.time[n] for n in index})
    at = {t: [] for t in times}
    for n in index:
        at[e.time[n]].append(n)
    return (times, [e.observed[at[t]].mean() for t in times], [e.modelled[at[t]].mean() for t in times])


def with_gaps(e, times, values):
    """A gap in time is a gap in the curve."""
    step, x, y = timedelta(hours=1 if e.hours == 1 else 24), [], []
    for t, v in zip(times, values):
        if x and t - x[-1] > 1.5 * step:
            x.append(x[-1] + step)
            y.append(np.nan)
        x.append(t)
        y.append(v)
    return x, y


def draw_panel(ax, e, name, index, statistics, chinese):
    times, observed, modelled = curve(e, index)
    few = len(times) <= 40
    for values, colour, label in ((observed, OBSERVED, "观测（总量）" if chinese else "observed (all)"),
                                  (modelled, MODELLED, "模拟（一次）" if chinese else "modelled (primary)")):
        ax.plot(*with_gaps(e, times, values), "-", color=colour, lw=1.2, marker="o" if few else None, ms=3, label=label)
    ax.set_ylim(0, 1.12 * max(max(observed), max(modelled), 1e-9))
    ax.set_title(name, fontsize=10.5, loc="left", pad=3, fontweight="bold")
    if statistics:
        r = value(statistics["r"])
        text = f"n {statistics['n']}  ×{value(statistics['ratio']):.2f}" + ("" if np.isnan(r) else f"  r {r:.2f}")
        ax.set_title(text, fontsize=8, loc="right", pad=3, color=SOFT)
    ax.yaxis.set_major_locator(MaxNLocator(4))
    locator = mdates.AutoDateLocator(minticks=2, maxticks=4)
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(mdates.DateFormatter("%m-%d" if max(times) - min(times) >= timedelta(days=2) else "%m-%d %Hh"))
    ax.tick_params(labelsize=8, length=2.5, width=0.6)
    ax.grid(color="#e9ebed", lw=0.5)
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)


def draw_series(e, out, chinese, dpi):
    cities, call = e.by_city(), names(chinese)
    shown = sorted(cities, key=lambda c: -e.observed[cities[c]].mean())[:PANELS]
    across = min(ACROSS, max(1, len(shown)))
    down = -(-len(shown) // across)
    width, bottom, top = 12.0, 0.5, 1.75
    height = top + bottom + 1.75 * down
    fig, axes = plt.subplots(down, across, figsize=(width, height), dpi=dpi, squeeze=False, sharex=True)
    fig.subplots_adjust(left=0.06, right=0.985, bottom=bottom / height, top=1 - top / height, hspace=0.42, wspace=0.2)
    statistics = {r["name"]: r for r in e.groups if r["group"] == "city"}
    for ax, city in zip(axes.flat, shown):
        draw_panel(ax, e, call(city), cities[city], statistics.get(city), chinese)
    for ax in axes.flat[len(shown):]:
        ax.set_visible(False)
    for n in range(across):                             # the lowest panel of a column has the dates
        axes.flat[max(k for k in range(len(shown)) if k % across == n)].tick_params(labelbottom=True)
    handles, labels = axes.flat[0].get_legend_handles_labels()
    fig.legend(handles, labels, loc="upper right", bbox_to_anchor=(0.985, 1 - 0.12 / height), ncol=2, fontsize=9.5, frameon=False)
    first, last = min(e.time), max(e.time)
    foot = f"{first:%Y-%m-%d} to {last:%Y-%m-%d}, UTC+8. ×: mean of the model / mean of the observations. Highest observed mean first"
    foot += f"; {len(cities) - len(shown)} more are left out." if len(cities) > len(shown) else "."
    fig.text(0.06, 0.15 / height, foot, fontsize=8, va="center", color=SOFT)
    heading(fig, e, "series", "Observed PM₂.₅ and modelled primary PM₂.₅ over time", chinese, height)
    maps.save(fig, out, dpi)


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("run", metavar="RUN", help="folder with the files of bashu evaluate")
    p.add_argument("--averaging", type=int, choices=(1, 24), help="hourly or 24-hour means (the longest there are)")
    p.add_argument("--out", metavar="DIR", type=Path, help="folder of the pictures (RUN)")
    p.add_argument("--dpi", type=int, default=maps.DPI, choices=range(40, 601), metavar="N", help=f"pixels per inch ({maps.DPI})")
    a = p.parse_args()
    try:
        e = Evaluation(a.run, a.averaging)
        folder = a.out or Path(a.run)
        if not folder.is_dir():
            raise Failure(f"{folder}: no such folder")
        chinese = maps.fonts()
        draw_scatter(e, folder / "evaluation_scatter.png", chinese, a.dpi)
        draw_series(e, folder / "evaluation_series.png", chinese, a.dpi)
        print(folder / "evaluation_scatter.png", folder / "evaluation_series.png", sep="\n")
    except Failure as error:
        print(f"plot_evaluation: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
