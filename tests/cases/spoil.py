"""Inputs held in memory and the ways to spoil them: what the rows of bad_input.py and bad_sources.py are made of."""
import json

import numpy as np
from netCDF4 import Dataset

FILL = -9999.0


class Field:
    def __init__(self, dims, values, fill=None, kind="f8", **attributes):
        self.dims, self.fill, self.attributes, self.kind = tuple(dims), fill, attributes, kind
        self.values = np.array(values, dtype="S1" if kind == "S1" else float)


class File:
    """A netCDF file in memory: fields by name, global attributes."""

    def __init__(self, fields, **attributes):
        self.fields, self.attributes = fields, attributes

    def __getitem__(self, name):
        return self.fields[name]

    def write(self, path, form="NETCDF4"):
        with Dataset(path, "w", format=form) as nc:
            nc.set_auto_mask(False)
            for f in self.fields.values():
                for dim, n in zip(f.dims, f.values.shape):
                    if dim not in nc.dimensions:
                        nc.createDimension(dim, n)
            for name, f in self.fields.items():
                v = nc.createVariable(name, f.kind, f.dims, fill_value=f.fill)
                v.setncatts(f.attributes)
                v[...] = f.values
            nc.setncatts(self.attributes)

    def along(self, dim, change):
        """Changes every field along a dimension: change(values, axis)."""
        for f in self.fields.values():
            if dim in f.dims:
                f.values = change(f.values, f.dims.index(dim))


def load(path):
    with Dataset(path) as nc:
        nc.set_auto_mask(False)
        return File({n: Field(v.dimensions, v[...], kind=v.dtype, **{a: v.getncattr(a) for a in v.ncattrs() if a != "_FillValue"})
                     for n, v in nc.variables.items()}, **{a: nc.getncattr(a) for a in nc.ncattrs()})


def put(path, content, form="NETCDF4"):
    if isinstance(content, File):
        content.write(path, form)
    elif isinstance(content, str):
        path.write_text(content, encoding="utf-8")
    else:
        path.write_text(json.dumps(content), encoding="utf-8")


# ---- spoiling: f(reader, content), which changes the file in place or returns another; or a path's bytes ----

def cut(share, form="NETCDF4"):
    def spoil(path, content):
        put(path, content, form)
        data = path.read_bytes()
        path.write_bytes(data[:int(len(data) * share)])
    return spoil


def changed(change):
    def spoil(path, content):
        other = change(content)
        put(path, content if other is None else other)
    return spoil


def replaced(old, new):
    def change(text):
        assert old in text, old
        return text.replace(old, new, 1)
    return changed(change)


def bytes_of(data):
    def spoil(path, _):
        path.write_bytes(data)
    return spoil


def turned(name):
    """The variable's dimensions from the last to the first."""
    def change(f):
        v = f[name]
        v.dims, v.values = v.dims[::-1], v.values.transpose()
    return changed(change)


def descending(f):
    f.along("lat", np.flip)


def to_360(f):
    f["lon"].values = f["lon"].values % 360


def without(*names):
    def change(f):
        for name in names:
            del f.fields[name]
    return changed(change)


def unit(name, words):
    def change(f):
        f[name].attributes.pop("units", None)
        if words is not None:
            f[name].attributes["units"] = words
    return changed(change)


def value(name, x, *index):
    def change(f):
        f[name].values[index] = x
    return changed(change)


def attribute(name, **words):
    return changed(lambda f: f[name].attributes.update(words))


def only(dim, keep):
    return changed(lambda f: f.along(dim, lambda v, axis: np.take(v, keep, axis)))


def shifted(name, by):
    def change(f):
        f[name].values += by
    return changed(change)


def swapped(a, b):
    def change(text):
        out = []
        for line in text.splitlines():
            words = line.split(",")
            words[a], words[b] = words[b], words[a]
            out.append(",".join(words))
        return "\n".join(out) + "\n"
    return changed(change)


def group(path, content):
    names = [n for n in content.fields if n not in ("lat", "lon", "time", "level")]
    put(path, content)
    with Dataset(path, "a") as nc:
        g = nc.createGroup("fields")
        for n in names:
            v = nc[n]
            w = g.createVariable(n, v.dtype, v.dimensions)
            w.setncatts({a: v.getncattr(a) for a in v.ncattrs() if a != "_FillValue"})
            w[...] = v[...]
            nc.renameVariable(n, "left_" + n)


def folder(path, _):
    path.mkdir()


class Row:
    """One way to spoil what a reader reads. `says`: words of the message (status 2); `same`: it is read as the sound one is, and `says` are
    words of the log. `file`: the one that is spoilt, where it is not the reader's own."""

    def __init__(self, reader, fault, spoil, *says, same=False, words="", file=None, status=2, command="check"):
        self.reader, self.fault, self.spoil, self.says, self.same = reader, fault, spoil, says, same
        self.words, self.file, self.status, self.command = list(words.split()), file, status, command

    @property
    def name(self):
        return f"{self.reader}: {self.fault}"


def netcdf_instead(path, _):
    File({"x": Field(["x"], [1, 2])}).write(path)
