"""What lies where on the map: polygons, province borders, graticule and the mesh itself, in cells of the mesh.

The map is drawn in the run's own projection, in which cells are rectangles: nothing is resampled. x counts cells from the west
edge, y from the north edge. Longitude and latitude come from the file's own 2-D coordinates on a coarse lattice.
"""
import json

import numpy as np

from page.folder import REGIONS, Failure

DIGITS = 100                                      # a coordinate is kept in hundredths of a cell


class Mesh:
    """Mesh of a file, by plot_map's Grid, and the way from lon, lat to cells; `factor` cells each way are one of the page's."""

    def __init__(self, grid, factor=1):
        self.grid, self.factor = grid, factor
        self.nx, self.ny = -(-grid.x.size // factor), -(-grid.y.size // factor)
        self.dx, self.dy = grid.x[1] - grid.x[0], grid.y[1] - grid.y[0]
        steps = np.concatenate([np.diff(grid.x) / self.dx, np.diff(grid.y) / self.dy])
        if self.dx <= 0 or self.dy <= 0 or not np.allclose(steps, 1, rtol=0, atol=1e-6):
            raise Failure("the mesh is not evenly spaced towards east and north; a map of it cannot be placed")

    def cells(self, lon, lat):
        """Cells from the north-west corner, not rounded."""
        x, y = self.grid.project(np.asarray(lon, float), np.asarray(lat, float))
        i, j = (x - self.grid.x[0]) / self.dx + 0.5, (y - self.grid.y[0]) / self.dy + 0.5
        return i / self.factor, self.ny - j / self.factor

    def describe(self):
        """What the page needs to draw: size, shape of a cell, lon and lat at corners of a lattice of every 8 cells."""
        i = np.unique(np.append(np.arange(0, self.nx, 8), self.nx))
        j = np.unique(np.append(np.arange(0, self.ny, 8), self.ny))
        x = self.grid.x[0] + (i * self.factor - 0.5) * self.dx
        y = self.grid.y[0] + ((self.ny - j) * self.factor - 0.5) * self.dy
        lon, lat = self.grid.unproject(*np.meshgrid(x, y))
        return {"nx": self.nx, "ny": self.ny, "cells": self.factor, "aspect": float(self.dy / self.dx * self.grid.aspect),
                "lattice": {"i": i.tolist(), "j": j.tolist(), "lon": np.round(lon, 4).tolist(), "lat": np.round(lat, 4).tolist()}}

    def line(self, points, close=False):
        """Hundredths of cells, the first absolute and the others as steps: [x0, y0, dx1, dy1, …]; repeated points left out."""
        lon, lat = np.asarray(points, float).T[:2]
        p = np.round(np.column_stack(self.cells(lon, lat)) * DIGITS).astype(int)
        keep = np.append(True, (np.diff(p, axis=0) != 0).any(axis=1))
        p = p[keep]
        if close and len(p) > 1 and (p[0] == p[-1]).all():
            p = p[:-1]
        return np.concatenate([p[:1], np.diff(p, axis=0)]).ravel().tolist()


def rings_of(feature):
    g = feature["geometry"]
    return [ring for polygon in ([g["coordinates"]] if g["type"] == "Polygon" else g["coordinates"]) for ring in polygon]


def regions(mesh, features, cities):
    """The run's cities in its own order, with their polygons."""
    by_code = {str(f["properties"]["adcode"]): f for f in features}
    out = []
    for city in cities:
        feature = by_code[city["adcode"]]
        p = feature["properties"]
        centre = p.get("centre")
        if centre is None:
            raise Failure(f"region {city['adcode']} {city['name']}: no property 'centre' (longitude, latitude of the town)")
        x, y = (float(v) for v in mesh.cells(*centre))
        out.append({**city, "group": p.get("group", ""), "centre": [round(x, 2), round(y, 2)],
                    "rings": [mesh.line(r, close=True) for r in rings_of(feature)]})
    return out


def provinces(mesh, adcodes):
    """Borders of the provinces that the cities are of; none of any country."""
    wanted = {code[:2] for code in adcodes}
    path = REGIONS / "provinces.geojson"
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    return [mesh.line(r, close=True) for f in features if f["properties"]["adcode"][:2] in wanted for r in rings_of(f)]


def graticule(mesh):
    """Meridians and parallels, with a text for each."""
    info = mesh.describe()["lattice"]
    lon, lat = np.array(info["lon"]), np.array(info["lat"])
    span = max(np.ptp(lon), np.ptp(lat))
    step = next(s for s in (0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 45) if span / s <= 8)

    def between(a):
        return np.arange(np.ceil(a.min() / step) * step, a.max() + 1e-9, step)

    along_lat, along_lon = np.linspace(lat.min(), lat.max(), 60), np.linspace(lon.min(), lon.max(), 60)
    lines = [{"text": f"{v:g}°E", "line": mesh.line(np.column_stack([np.full(60, v), along_lat]))} for v in between(lon)]
    return lines + [{"text": f"{v:g}°N", "line": mesh.line(np.column_stack([along_lon, np.full(60, v)]))} for v in between(lat)]
