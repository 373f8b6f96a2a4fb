"""Everything the page shows, gathered from the folder into one dictionary that becomes JSON."""
import numpy as np

from page import tables
from page.folder import Failure, period_mean, polygons_file, time_bounds, values_of
from page.frames import coarsen, pack, thin
from page.places import Mesh, graticule, provinces, regions
from plot_map import Grid

CELLS = 60_000                                    # of a frame; a larger mesh is shown in blocks
HOURLY_BYTES = 2_600_000                          # of the total's frames, before base64
TAG_BYTES = 1_300_000                             # of all tags' daily frames
MEMBER_BYTES = 1_300_000
SERIES_NUMBERS = 150_000                          # hourly numbers of tags in cities


def stamp(t):
    return t.strftime("%Y-%m-%dT%H:%M")


def significant(a, digits=4):
    """Nested lists with a few digits; None for what is missing."""
    a = np.asarray(a, float)
    return [significant(row, digits) for row in a] if a.ndim > 1 else [
        float(f"{v:.{digits}g}") if np.isfinite(v) else None for v in a]


class Maps:
    """Fields of one run on its mesh: hourly, daily and over the period."""

    def __init__(self, run):
        self.run = run
        self.surface = run.open("surface.nc")
        self.starts, self.ends = time_bounds(self.surface)
        self.daily = run.open("daily.nc") if (run.path / "daily.nc").is_file() else None
        if self.daily is not None and self.daily["time"].size == 0:
            self.daily = None
        field = self.surface[run.variable()] if self.has("") else None
        if field is None or field.ndim != 3:
            raise Failure(f"{run.path / 'surface.nc'}: no variable {run.species} on (time, y, x)")
        self.field = field
        self.factor = int(np.ceil(np.sqrt(field.shape[1] * field.shape[2] / CELLS)))
        self.days = [s.strftime("%Y-%m-%d") for s in time_bounds(self.daily)[0]] if self.daily is not None else []

    def has(self, label):
        return self.run.variable(label) in self.surface.variables

    def hourly(self, label=""):
        return coarsen(values_of(self.surface[self.run.variable(label)]), self.factor)

    def by_day(self, label=""):
        name = self.run.variable(label)
        return coarsen(values_of(self.daily[name]), self.factor) if self.daily is not None and name in self.daily.variables else None

    def mean(self, label=""):
        return period_mean(self.hourly(label), self.starts, self.ends)

    def close(self):
        for nc in (self.surface, self.daily):
            if nc is not None:
                nc.close()


def total_layer(maps, budget):
    """Hourly frames (thinned where they are many), daily ones and the period's."""
    hourly = maps.hourly()
    values, starts, ends, k = thin(hourly, maps.starts, maps.ends, budget)
    layer = {"key": "total", "kind": "total", "mean": pack(period_mean(hourly, maps.starts, maps.ends)[None])}
    layer["hour"] = pack(values)
    if maps.days:
        layer["day"] = pack(maps.by_day())
    times = {"hour": [[stamp(s), stamp(e)] for s, e in zip(starts, ends)], "hours_per_frame": hours(starts[0], ends[0])}
    return layer, times


def hours(start, end):
    return (end - start).total_seconds() / 3600


def tag_layers(maps, labels, budget):
    """Those of the run, or of the largest of them where there are too many; by day where that fits the budget."""
    cells = maps.field.shape[1] * maps.field.shape[2] // maps.factor ** 2
    labels = [label for label in labels if maps.has(label)]
    if len(labels) * cells > budget:
        size = {label: float(np.nansum(maps.mean(label))) for label in labels}
        kept = sorted(labels, key=lambda label: -size[label])[:max(1, budget // cells)]
        labels = [label for label in labels if label in kept]
    daily = len(labels) * len(maps.days) * cells <= budget
    out = []
    for label in labels:
        layer = {"key": label, "kind": "tag", "mean": pack(maps.mean(label)[None])}
        if daily and maps.days:
            layer["day"] = pack(maps.by_day(label))
        out.append(layer)
    return out


def difference_layers(base, members, budget):
    """Member minus base, over the period and by day."""
    out = []
    mean, days = base.mean(), base.by_day()
    for run in members:
        maps = Maps(run)
        if maps.hourly().shape[1:] != mean.shape or maps.days != base.days:
            raise Failure(f"{run.path}: another mesh or other days than {base.run.path}; are they members of one set?")
        layer = {"key": "minus:" + run.key, "kind": "difference", "member": run.key, "mean": pack((maps.mean() - mean)[None])}
        if days is not None and len(members) * days.size <= budget:
            layer["day"] = pack(maps.by_day() - days)
        maps.close()
        out.append(layer)
    return out


def city_series(run):
    """Hourly totals of the cities; tags by the hour where they are few, else over the period alone."""
    labels = run.labels
    series = {"times": [stamp(e) for e in run.ends], "total": significant(run.series[""])}
    if labels and len(labels) * run.series[""].size <= SERIES_NUMBERS:
        series["tags"] = {label: significant(run.series[label]) for label in labels}
    return series


def head(folder):
    run = folder.base
    s = run.summary
    grid = s.get("grid", {})
    return {"case": s.get("case", ""), "title": s.get("title", ""), "version": s.get("version", ""),
            "weather": s.get("weather_label", ""), "comment": run.comment,
            "assumed": [line for line in s.get("assumed", []) if not line.startswith("from the source")],
            "primary": run.primary, "species": run.species_name, "unit": run.unit, "is_set": folder.is_set,
            "start": stamp(run.starts[0]), "end": stamp(run.ends[-1]), "hours": hours(run.starts[0], run.ends[-1]),
            "plan": folder.plan.get("title") or folder.plan.get("plan", ""), "grid": grid, "inputs": s.get("inputs", []),
            "members": [{"key": m.key, "title": m.summary.get("title", "")} for m in folder.members]}


def collect(folder, regions_file=None):
    """The page's data and a list of what is left out, for the log."""
    run = folder.base
    maps = Maps(run)
    try:
        mesh = Mesh(Grid(maps.surface, maps.field), maps.factor)
        _, features = polygons_file(run, regions_file)
        total, times = total_layer(maps, HOURLY_BYTES)
        times["day"] = maps.days
        layers = [total] + tag_layers(maps, run.labels, TAG_BYTES) + difference_layers(maps, folder.members, MEMBER_BYTES)
    finally:
        maps.close()
    data = {"head": head(folder), "mesh": mesh.describe(), "regions": regions(mesh, features, run.cities),
            "provinces": provinces(mesh, [c["adcode"] for c in run.cities]), "graticule": graticule(mesh),
            "times": times, "layers": layers, "labels": run.labels, "series": city_series(run),
            "means": {"total": significant(run.city_means()),
                      "tags": {label: significant(run.city_means(label)) for label in run.labels}},
            "members": {m.key: {"mean": significant(m.city_means()), "total": significant(m.series[""])} for m in folder.members}}
    data.update(tables.gather(folder, mesh))
    return data
