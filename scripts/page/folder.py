"""The folder of a run, or of a set of scenarios, as report.py and export_gis.py read it.

A run is a folder that `bashu run` wrote: summary.json, surface.nc, cities.nc and so on. A set is a folder that
`bashu scenario` wrote: base/ and a folder per member, each of them a run, and the tables of differences beside them.
"""
import csv
import json
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
from netCDF4 import Dataset, num2date

REGIONS = Path(__file__).resolve().parents[2] / "configs/regions"
LOCAL = timedelta(hours=8)                        # natural days are those of UTC+8
PRIMARY = "primary_pm25"


class Failure(Exception):
    """Shown to the user as one message; exit status 2."""


def need(path, what):
    if not path.is_file():
        raise Failure(f"{path} does not exist: {what}")
    return path


def read_json(path, what):
    try:
        return json.loads(need(path, what).read_text(encoding="utf-8"))
    except ValueError as e:
        raise Failure(f"{path}: not readable as JSON ({e}); expected {what}") from None


def open_nc(path, what):
    try:
        return Dataset(need(path, what))
    except OSError as e:
        raise Failure(f"{path}: not readable as netCDF ({e.strerror or e}); expected {what}") from None


def number(text, path, line, column):
    """A float, or None where the field is empty."""
    if text is None or not text.strip():
        return None
    try:
        value = float(text)
    except ValueError:
        value = np.nan
    if not np.isfinite(value):
        raise Failure(f"{path}:{line}: column {column} holds '{text}', expected a finite number or nothing")
    return value


class Table:
    """A CSV with '#' lines before its header: comments, columns, rows of text with the line each stands on."""

    def __init__(self, path, columns=()):
        self.path, self.comments, self.rows, self.lines = path, [], [], []
        try:
            text = path.read_bytes().decode("utf-8-sig")
        except UnicodeDecodeError as e:
            raise Failure(f"{path}: not UTF-8 (byte {e.start})") from None
        plain = []
        for n, line in enumerate(text.splitlines(), 1):
            if line.startswith("#"):
                self.comments.append(line.lstrip("# ").rstrip())
            elif line.strip():
                plain.append((n, line))
        if not plain:
            raise Failure(f"{path}: holds no header line; expected {', '.join(columns) or 'a table'}")
        parsed = list(csv.reader(line for _, line in plain))
        self.columns = parsed[0]
        missing = [c for c in columns if c not in self.columns]
        if missing:
            raise Failure(f"{path}:{plain[0][0]}: no column {', '.join(missing)}; found {', '.join(self.columns)}")
        for (n, _), values in zip(plain[1:], parsed[1:]):
            if len(values) != len(self.columns):
                raise Failure(f"{path}:{n}: {len(values)} fields, expected {len(self.columns)} as in the header")
            self.rows.append(dict(zip(self.columns, values)))
            self.lines.append(n)

    def numbers(self, column):
        return [number(r[column], self.path, n, column) for r, n in zip(self.rows, self.lines)]


def optional(path, columns=()):
    return Table(path, columns) if path.is_file() else None


def local_times(nc, values, units):
    """Datetimes of UTC+8, without a zone."""
    t = num2date(values, units, getattr(nc["time"], "calendar", "standard"))
    return [datetime(d.year, d.month, d.day, d.hour, d.minute, d.second) + LOCAL for d in np.atleast_1d(t)]


def time_bounds(nc):
    """Start and end of each record, UTC+8."""
    bounds = getattr(nc["time"], "bounds", None)
    if bounds not in nc.variables or nc["time"].size == 0:
        raise Failure(f"{nc.filepath()}: " + ("holds no record; did the run end in its spin-up?" if nc["time"].size == 0 else
                                              "time has no bounds, so it is not known what its means are over"))
    values = np.asarray(nc[bounds][:], float)
    units = nc["time"].units
    return local_times(nc, values[:, 0], units), local_times(nc, values[:, 1], units)


def values_of(var, where=...):
    """Numbers with NaN where they are missing."""
    return np.ma.filled(np.ma.asarray(var[where], dtype=float), np.nan)


def period_mean(values, starts, ends):
    """Mean over the first axis, weighted by the length of the records."""
    weight = np.array([(e - s).total_seconds() for s, e in zip(starts, ends)])
    if not (weight > 0).all():
        raise Failure("a record of the run ends before it starts")
    return np.tensordot(weight / weight.sum(), values, 1)


class Run:
    """One run: its summary, its cities, and its species with their tags."""

    def __init__(self, path, key="run", cities=True):
        """cities: False where a run without regions will do; it then has no cities."""
        self.path, self.key = Path(path), key
        self.summary = read_json(self.path / "summary.json", "the summary that a finished run leaves")
        species = self.summary.get("species") or []
        if not species:
            raise Failure(f"{self.path / 'summary.json'}: names no species; was it written by another version?")
        chosen = next((s for s in species if s.get("output_name") == PRIMARY), species[0])
        self.species = chosen["output_name"]
        self.species_name = chosen.get("long_name", self.species)
        self.comment = chosen.get("comment", "")
        self.primary = self.species.startswith("primary_")
        self.labels = list(chosen.get("labels", []))
        self.cities, self.series, self.starts, self.ends = [], {}, [], []
        if cities or (self.path / "cities.nc").is_file():
            self.read_cities()

    def read_cities(self):
        path = self.path / "cities.nc"
        with open_nc(path, "the means of cities that a run leaves when its case names regions.file") as nc:
            self.starts, self.ends = time_bounds(nc)
            station = range(nc.dimensions["station"].size)
            self.cities = [{"adcode": str(nc["adcode"][s]), "name": str(nc["name"][s]), "name_en": str(nc["name_en"][s]),
                            "inside": float(nc["share_inside_mesh"][s])} for s in station]
            if self.species not in nc.variables:
                raise Failure(f"{path}: no variable {self.species}, which summary.json names")
            # a run may keep some tags out of its maps and its series
            self.labels = [label for label in self.labels if f"{self.species}_{label}" in nc.variables]
            self.unit = nc[self.species].units
            self.series = {"": values_of(nc[self.species])}
            for label in self.labels:
                self.series[label] = values_of(nc[f"{self.species}_{label}"])

    def city_means(self, label=""):
        return period_mean(self.series[label].T, self.starts, self.ends)

    def variable(self, label=""):
        return f"{self.species}_{label}" if label else self.species

    def open(self, name):
        return open_nc(self.path / name, "the maps that a run leaves")


class Set:
    """A run alone, or base and members of a scenario set; cities as in Run."""

    def __init__(self, path, cities=True):
        self.path = Path(path)
        if not self.path.is_dir():
            near = sorted(str(p.parent) for p in self.path.parent.glob("*/summary.json")) if self.path.parent.is_dir() else []
            raise Failure(f"{path}: no such folder; expected one that `bashu run` or `bashu scenario` wrote"
                          + (f"; runs beside it: {', '.join(near[:5])}" if near else ""))
        self.members, self.plan = [], {}
        if (self.path / "summary.json").is_file():
            self.base = Run(self.path, cities=cities)
        elif (self.path / "base" / "summary.json").is_file():
            self.base = Run(self.path / "base", "base", cities)
            for name in self.member_names():
                member = Run(self.path / name, name, cities)
                if [c["adcode"] for c in member.cities] != [c["adcode"] for c in self.base.cities] or member.ends != self.base.ends:
                    raise Failure(f"{member.path}: other cities or hours than {self.base.path}; are they members of one set?")
                self.members.append(member)
        else:
            raise Failure(f"{self.path}: neither summary.json nor base/summary.json is there; expected the folder of a finished run"
                          " (`bashu run … --out`) or of a set (`bashu scenario … --out`)")
        self.is_set = bool(self.members)

    def member_names(self):
        """Folders of finished runs beside the base: those that scenario.json tells of in its order, then any others."""
        there = sorted(p.parent.name for p in self.path.glob("*/summary.json") if p.parent.name != "base")
        if (self.path / "scenario.json").is_file():
            self.plan = read_json(self.path / "scenario.json", "what `bashu scenario` tells of its scenarios")
        listed = [s.get("name") for s in self.plan.get("scenarios", [])]
        lost = [n for n in listed if n not in there]
        if lost:
            raise Failure(f"{self.path / 'scenario.json'}: tells of {', '.join(lost)}, whose folder has no summary.json; is the set whole?")
        return listed + [n for n in there if n not in listed]


def polygons_file(run, given=None):
    """The GeoJSON that has every city of the run: the one given, the run's own, or one of configs/regions."""
    codes = {c["adcode"] for c in run.cities}
    if given:
        candidates = [Path(given)]
    else:
        candidates = [Path(i["file"]) for i in run.summary.get("inputs", []) if i["file"].endswith("json")]
        candidates = [p for p in candidates if p.is_file()] + sorted(REGIONS.glob("*.geojson"))
    lacking = []
    for path in candidates:
        data = read_json(path, "GeoJSON with the polygons of the cities")
        features = data.get("features", []) if isinstance(data, dict) else []
        missing = codes - {str(f.get("properties", {}).get("adcode", "")) for f in features}
        if not missing:
            return path, features
        lacking.append(f"{path} lacks {', '.join(sorted(missing)[:3])}{'…' if len(missing) > 3 else ''}")
    raise Failure("no polygons for the run's cities: " + "; ".join(lacking) + ". Name the GeoJSON of the run with --regions")


def write_whole(path, write):
    """Calls write(Path beside path), then renames; nothing stays under either name when it fails."""
    path = Path(path)
    if not path.parent.is_dir():
        raise Failure(f"{path.parent}: no such folder, so {path.name} cannot be written there; make it or name another")
    if path.is_dir():
        raise Failure(f"{path} is a folder; expected the name of a file")
    # the ending stays last: some drivers choose the format, or their own side files, by it
    aside = path.with_name(f".{path.stem}.part{path.suffix}")
    try:
        write(aside)
        aside.replace(path)
    except OSError as e:
        raise Failure(f"{path}: not written: {e.strerror or e}") from None
    finally:
        aside.unlink(missing_ok=True)
