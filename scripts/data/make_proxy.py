#!/usr/bin/python3
"""Make configs/data/proxy_population.nc: where, inside a province, its totals are emitted.

    make_proxy.py [--out FILE] [--check GPW.nc]

Made from the committed tables alone: census totals (configs/emissions/population_2020.csv) of the polygons
(configs/regions), the centres of the cities, county towns (configs/data/towns.csv), and the terrain (configs/data/terrain.nc).
In each polygon part of the people live around its centre, part around its county towns (exponential kernels whose width
grows with the place), and the rest are spread over the land with a weight that falls with height above the basin,
height above the local valley, and slope. Each polygon keeps its total; a cell on a border gets its share from both sides.

The other fields (industry, road, residential) are weights per cell, unit 1, and assumptions of ours: see the tables below.
"""
import argparse
import csv
import json
import sys
from pathlib import Path

import numpy as np
from netCDF4 import Dataset
from scipy.ndimage import minimum_filter, uniform_filter
from shapely.geometry import box, shape
from shapely.prepared import prep

ROOT = Path(__file__).resolve().parents[2]
WEST, EAST, SOUTH, NORTH, STEP = 97.0, 111.0, 25.5, 34.7, 0.05
EARTH = 6371.229                     # km
KM = np.pi / 180 * EARTH             # km per degree of latitude

JIANYANG = 1_100_000                 # people, about: joined Chengdu in May 2016, after the date of the polygons

# Share of a polygon's people that live in and around its centre: assumed.
CITY_SHARE = {"510100": 0.55}
TOWN_SHARE = {"510100": 0.25}        # of a polygon's people that live in its county towns, in equal parts
CHONGQING_CORE = {"500103", "500104", "500105", "500106", "500107", "500108", "500109", "500112", "500113"}
SHARE_CORE, SHARE_DISTRICT, SHARE_PREFECTURE, SHARE_HIGHLAND, SHARE_TOWNS = 0.75, 0.30, 0.22, 0.10, 0.15
HIGHLAND = {"513200", "513300", "513400"}
KERNEL_KM, KERNEL_PEOPLE, KERNEL_POWER = 3.0, 0.5e6, 0.35   # e-folding radius of a city of 0.5 million, and its growth

# Weight of the land for all others: e-folding heights, m.
BASIN_TOP, ABOVE_BASIN, ABOVE_VALLEY, SLOPE = 500.0, 900.0, 600.0, 60.0   # SLOPE in m per km


def axis(a, b):
    return np.round(a + STEP * (np.arange(round((b - a) / STEP)) + 0.5), 6)


LON, LAT = axis(WEST, EAST), axis(SOUTH, NORTH)


def cell_area():
    """km2 of each cell, on the sphere."""
    edge = np.radians(np.append(LAT - STEP / 2, LAT[-1] + STEP / 2))
    band = EARTH ** 2 * np.radians(STEP) * np.diff(np.sin(edge))
    return np.repeat(band[:, None], LON.size, axis=1)


def read_census():
    with open(ROOT / "configs/emissions/population_2020.csv", encoding="utf-8", newline="") as f:
        rows = csv.DictReader(line for line in f if not line.startswith("#"))
        return {r["adcode"]: int(r["population"]) for r in rows}


def people_of_polygons():
    """Census with the people of Jianyang moved from Chengdu, where they are counted, to Ziyang, whose polygon holds them."""
    people = read_census()
    people["510100"] -= JIANYANG
    people["512000"] += JIANYANG
    return people


def read_towns():
    """{adcode: [centre]}"""
    out = {}
    with open(ROOT / "configs/data/towns.csv", encoding="utf-8", newline="") as f:
        for r in csv.DictReader(line for line in f if not line.startswith("#")):
            out.setdefault(r["adcode"], []).append((float(r["lon"]), float(r["lat"])))
    return out


def read_polygons():
    """{adcode: (centre, polygon)}: 21 prefectures and 38 districts."""
    out = {}
    for name in ("sichuan-chongqing", "chongqing-districts"):
        text = (ROOT / f"configs/regions/{name}.geojson").read_text(encoding="utf-8")
        for f in json.loads(text)["features"]:
            if f["properties"]["adcode"] != "500000":
                out[f["properties"]["adcode"]] = (f["properties"]["centre"], shape(f["geometry"]))
    return out


def read_terrain():
    """Height of the cells and of a margin of 10 cells around them, m."""
    with Dataset(ROOT / "configs/data/terrain.nc") as nc:
        lon, lat, z = nc["lon"][:], nc["lat"][:], np.asarray(nc["surface_altitude"][:], float)
    j, i = round((LAT[0] - lat[0]) / STEP), round((LON[0] - lon[0]) / STEP)
    return z[j - 10:j + LAT.size + 10, i - 10:i + LON.size + 10]


def land_weight():
    """Relative density of people away from the cities."""
    z = read_terrain()
    valley = minimum_filter(z, size=7)
    dy, dx = np.gradient(z, STEP * KM)
    slope = np.hypot(dx / np.cos(np.radians(30.0)), dy)
    weight = np.exp(-np.maximum(z - BASIN_TOP, 0) / ABOVE_BASIN - (z - valley) / ABOVE_VALLEY - slope / SLOPE)
    return weight[10:-10, 10:-10], z[10:-10, 10:-10]


def fractions(polygon):
    """Indices of the cells that a polygon touches and the share of each that lies in it."""
    x0, y0, x1, y1 = polygon.bounds
    inside = prep(polygon)
    out = []
    for j in range(max(0, int((y0 - SOUTH) / STEP)), min(LAT.size, int((y1 - SOUTH) / STEP) + 1)):
        for i in range(max(0, int((x0 - WEST) / STEP)), min(LON.size, int((x1 - WEST) / STEP) + 1)):
            cell = box(LON[i] - STEP / 2, LAT[j] - STEP / 2, LON[i] + STEP / 2, LAT[j] + STEP / 2)
            if inside.contains(cell):
                out.append((j, i, 1.0))
            elif inside.intersects(cell):
                share = polygon.intersection(cell).area / cell.area
                if share > 0:
                    out.append((j, i, share))
    j, i, share = (np.array(v) for v in zip(*out))
    return j, i, share


def kernel(centre, people):
    """Mean of exp(-r/r0) over each cell, 5 x 5 points."""
    r0 = KERNEL_KM * (people / KERNEL_PEOPLE) ** KERNEL_POWER
    off = (np.arange(5) - 2) / 5 * STEP
    lon = (LON[:, None] + off).ravel() - centre[0]
    lat = (LAT[:, None] + off).ravel() - centre[1]
    r = np.hypot(lon[None, :] * KM * np.cos(np.radians(centre[1])), lat[:, None] * KM)
    return np.exp(-r / r0).reshape(LAT.size, 5, LON.size, 5).mean(axis=(1, 3))


def share_of_city(adcode):
    if adcode in CITY_SHARE:
        return CITY_SHARE[adcode]
    if adcode in CHONGQING_CORE:
        return SHARE_CORE
    if adcode in HIGHLAND:
        return SHARE_HIGHLAND
    return SHARE_DISTRICT if adcode.startswith("50") else SHARE_PREFECTURE


def spread():
    """People in and around the centres, all others, per cell; and the height of the cells."""
    area, (land, height) = cell_area(), land_weight()
    census, polygons, towns = people_of_polygons(), read_polygons(), read_towns()
    if set(census) != set(polygons):
        sys.exit(f"make_proxy: census and polygons differ: {sorted(set(census) ^ set(polygons))}")
    city, rest = np.zeros_like(area), np.zeros_like(area)
    for adcode, (centre, polygon) in polygons.items():
        j, i, share = fractions(polygon)
        room = share * area[j, i]
        places = [(centre, census[adcode] * share_of_city(adcode))]
        if adcode in towns:
            in_towns = census[adcode] * TOWN_SHARE.get(adcode, SHARE_TOWNS)
            places += [(town, in_towns / len(towns[adcode])) for town in towns[adcode]]
        for where, people in places:
            w = room * kernel(where, people)[j, i]
            city[j, i] += people * w / w.sum()
        w = room * land[j, i]
        rest[j, i] += (census[adcode] - sum(people for _, people in places)) * w / w.sum()
    return city, rest, height


def fields():
    """{name: (values, unit, long name, comment)}"""
    city, rest, height = spread()
    lowland = 0.1 + 0.9 * np.exp(-np.maximum(height - 900, 0) / 500)
    return {
        "population": (city + rest, "1", "persons in the cell, census of 1 November 2020", "conserves the census of each polygon; about 1.1 million of Jianyang counted in Ziyang, as the polygons of 2015 have it"),
        "industry": ((city + 0.35 * rest) ** 0.8 * lowland, "1", "weight of industry in the cell",
                     "assumed: (city people + 0.35 others)^0.8, falling above 900 m to a tenth"),
        "road": (city + 0.4 * rest, "1", "weight of road traffic in the cell", "assumed: city people + 0.4 others"),
        "residential": (0.25 * city + rest, "1", "weight of household fuel in the cell",
                        "assumed: others + 0.25 city people, who burn gas where the country burns wood, straw and coal"),
    }


def write(path, values):
    with Dataset(path, "w", format="NETCDF4_CLASSIC") as nc:
        nc.Conventions = "CF-1.10"
        nc.title = "Proxies that place provincial emission totals, Sichuan and Chongqing, 0.05 degree"
        nc.source = ("Seventh National Population Census, 2020, by prefecture and district; city centres; SRTM30 terrain; "
                     "no gridded population product went in")
        nc.history = "scripts/data/make_proxy.py"
        nc.createDimension("lat", LAT.size)
        nc.createDimension("lon", LON.size)
        nc.createDimension("bnds", 2)
        for name, value, standard, unit, ax in (("lat", LAT, "latitude", "degrees_north", "Y"),
                                                ("lon", LON, "longitude", "degrees_east", "X")):
            v = nc.createVariable(name, "f8", (name,))
            v.standard_name, v.long_name, v.units, v.axis, v.bounds = standard, standard, unit, ax, f"{name}_bnds"
            v[:] = value
            nc.createVariable(f"{name}_bnds", "f8", (name, "bnds"))[:] = np.stack(
                [value - STEP / 2, value + STEP / 2], axis=1).round(6)
        crs = nc.createVariable("crs", "i4")
        crs.grid_mapping_name, crs.semi_major_axis, crs.inverse_flattening = "latitude_longitude", 6378137.0, 298.257223563
        for name, (field, unit, long_name, comment) in values.items():
            v = nc.createVariable(name, "f4", ("lat", "lon"), zlib=True, complevel=6, shuffle=True)
            v.long_name, v.units, v.comment, v.cell_methods, v.grid_mapping = long_name, unit, comment, "area: sum", "crs"
            v[:] = field


def report(values, reference):
    from scipy.stats import spearmanr
    people = values["population"][0]
    print(f"people {people.sum():.0f}, largest cell {people.max():.0f}, census {sum(read_census().values())}")
    if not reference:
        return
    with Dataset(reference) as nc:
        lon, lat, gpw = nc["lon"][:], nc["lat"][:], np.asarray(nc["population"][:].filled(0), float)
    j, i = round((LAT[0] - lat[0]) / STEP), round((LON[0] - lon[0]) / STEP)
    gpw = gpw[j:j + LAT.size, i:i + LON.size]
    inside = np.zeros(people.shape)
    for _, polygon in read_polygons().values():
        jj, ii, share = fractions(polygon)
        inside[jj, ii] += share
    whole = inside > 0.99
    for text, size in (("0.05 degree", 1), ("means of 2 x 2 cells (about 9 km)", 2)):
        a, b, m = (f[:f.shape[0] // size * size, :f.shape[1] // size * size].reshape(
            f.shape[0] // size, size, f.shape[1] // size, size).mean(axis=(1, 3)) for f in (people, gpw, whole))
        for where, mask in (("all", m == 1), ("where more than 50 per km2 in either", (m == 1) & (np.maximum(a, b) > 50 * 26.6))):
            print(f"GPW, {text}, {where}: rank correlation {spearmanr(a[mask], b[mask])[0]:.3f}, "
                  f"correlation of logs {np.corrcoef(np.log10(a[mask] + 1), np.log10(b[mask] + 1))[0, 1]:.3f} ({mask.sum()} cells)")


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("--out", default=ROOT / "configs/data/proxy_population.nc")
    p.add_argument("--check", metavar="GPW.nc", help="compare with population(lat, lon) at 0.05 degree")
    a = p.parse_args()
    values = fields()
    write(a.out, values)
    report(values, a.check)


if __name__ == "__main__":
    main()
