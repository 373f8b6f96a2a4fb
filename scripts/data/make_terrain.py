#!/usr/bin/python3
"""Make configs/data/terrain.nc from the SRTM30 grey tiles of Debian's marble-qt-data.

    make_terrain.py [--tiles DIR] [--out FILE] [--check REFERENCE.nc]

The tiles (maps/earth/srtm/3, 675 x 675 pixels of 1/30 degree, equirectangular, row 0 at 90 N, column 0 at
180 W) hold SRTM30 heights as 8-bit grey in JPEG. The grey scale is turned into metres with a table fitted over
this region; the tiles are smoothed lightly against JPEG noise and averaged by area onto 0.05 degree.
SRTM30 is in the public domain.
"""
import argparse
import sys
from pathlib import Path

import numpy as np
from netCDF4 import Dataset
from PIL import Image
from scipy.ndimage import gaussian_filter

TILES = "/usr/share/marble/data/maps/earth/srtm/3"
WEST, EAST, SOUTH, NORTH, STEP = 94.5, 113.5, 23.5, 36.5, 0.05
PIXELS, TILE_DEGREES = 675, 22.5

# Grey value -> metres, monotone, fitted over 96-112 E, 25-35 N.
GREY = [50, 102, 118, 126, 134, 142, 150, 158, 166, 174, 182, 190, 198, 206, 214, 222, 230, 240]
METRES = [0, 18, 76, 146, 240, 356, 485, 636, 788, 936, 1274, 1721, 2258, 3028, 3705, 4276, 4638, 5100]

KNOWN = [("Chengdu", 104.066, 30.66, 505), ("Chongqing", 106.55, 29.56, 259), ("Mianyang", 104.74, 31.46, 470),
         ("Xichang", 102.26, 27.89, 1590), ("Garze", 100.0, 31.62, 3390), ("Litang", 100.27, 30.0, 3950),
         ("Hanzhong", 107.03, 33.07, 508)]


def read_grey(tiles):
    """Grey values of the tiles that cover the window with a margin of one degree, and the window's corner."""
    c0, c1 = (int((x + 180) // TILE_DEGREES) for x in (WEST - 1, EAST + 1))
    r0, r1 = (int((90 - y) // TILE_DEGREES) for y in (NORTH + 1, SOUTH - 1))
    rows = []
    for r in range(r0, r1 + 1):
        row = []
        for c in range(c0, c1 + 1):
            path = Path(tiles) / f"{r:06d}" / f"{r:06d}_{c:06d}.jpg"
            if not path.is_file():
                sys.exit(f"make_terrain: {path} is missing; install the package marble-qt-data or give --tiles")
            tile = np.asarray(Image.open(path).convert("L"), float)
            if tile.shape != (PIXELS, PIXELS):
                sys.exit(f"make_terrain: {path} is {tile.shape}, expected {(PIXELS, PIXELS)}")
            row.append(tile)
        rows.append(np.hstack(row))
    return np.vstack(rows), c0 * TILE_DEGREES - 180, 90 - r0 * TILE_DEGREES


def terrain(tiles, sigma):
    """Heights on the 0.05 degree grid, south to north."""
    grey, west, north = read_grey(tiles)
    metres = np.interp(gaussian_filter(grey, sigma), GREY, METRES)
    fine = np.kron(metres, np.ones((2, 2)))                    # 1/60 degree: 3 x 3 of them make a cell
    i0, j0 = round((WEST - west) * 60), round((north - NORTH) * 60)
    nx, ny = round((EAST - WEST) / STEP), round((NORTH - SOUTH) / STEP)
    cut = fine[j0:j0 + 3 * ny, i0:i0 + 3 * nx]
    return cut.reshape(ny, 3, nx, 3).mean(axis=(1, 3))[::-1].round()


def axes():
    lon = WEST + STEP * (np.arange(round((EAST - WEST) / STEP)) + 0.5)
    lat = SOUTH + STEP * (np.arange(round((NORTH - SOUTH) / STEP)) + 0.5)
    return lon.round(6), lat.round(6)


def write(path, height):
    lon, lat = axes()
    with Dataset(path, "w", format="NETCDF4_CLASSIC") as nc:
        nc.Conventions = "CF-1.10"
        nc.title = "Terrain height of Sichuan, Chongqing and their surroundings at 0.05 degree"
        nc.source = "SRTM30 (public domain) as 8-bit grey tiles in Debian's marble-qt-data, maps/earth/srtm/3"
        nc.history = "scripts/data/make_terrain.py"
        nc.comment = ("Heights come from an 8-bit grey scale (about 16 m a step in the basin, 60 m on the plateau): "
                      "right on the scale of the basin, too smooth in narrow valleys.")
        nc.createDimension("lat", lat.size)
        nc.createDimension("lon", lon.size)
        nc.createDimension("bnds", 2)
        for name, value, standard, unit, axis in (("lat", lat, "latitude", "degrees_north", "Y"),
                                                  ("lon", lon, "longitude", "degrees_east", "X")):
            v = nc.createVariable(name, "f8", (name,))
            v.standard_name, v.long_name, v.units, v.axis, v.bounds = standard, standard, unit, axis, f"{name}_bnds"
            v[:] = value
            b = nc.createVariable(f"{name}_bnds", "f8", (name, "bnds"))
            b[:] = np.stack([value - STEP / 2, value + STEP / 2], axis=1).round(6)
        crs = nc.createVariable("crs", "i4")
        crs.grid_mapping_name, crs.semi_major_axis, crs.inverse_flattening = "latitude_longitude", 6378137.0, 298.257223563
        v = nc.createVariable("surface_altitude", "f4", ("lat", "lon"), zlib=True, complevel=6, shuffle=True,
                              fill_value=np.float32(9.969209968386869e36))
        v.standard_name, v.long_name, v.units = "surface_altitude", "terrain height above sea level", "m"
        v.cell_methods, v.grid_mapping = "area: mean", "crs"
        v[:] = height


def report(height, reference):
    lon, lat = axes()
    for name, x, y, true in KNOWN:
        here = height[int((y - SOUTH) / STEP), int((x - WEST) / STEP)]
        print(f"{name:10s} {here:6.0f} m, true {true} m, difference {here - true:+.0f}")
    if reference:
        with Dataset(reference) as nc:
            rlon, rlat, z = nc["lon"][:], nc["lat"][:], np.asarray(nc["elevation"][:], float)
        j, i = ((rlat - SOUTH) / STEP).astype(int), ((rlon - WEST) / STEP).astype(int)
        d = height[np.ix_(j, i)] - z
        basin = z < 700
        print(f"against {Path(reference).name}: correlation {np.corrcoef((z + d).ravel(), z.ravel())[0, 1]:.4f}, "
              f"bias {d.mean():+.0f} m, rms {np.sqrt((d ** 2).mean()):.0f} m; "
              f"below 700 m bias {d[basin].mean():+.0f} m, rms {np.sqrt((d[basin] ** 2).mean()):.0f} m")


def main():
    here = Path(__file__).resolve().parents[2]
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("--tiles", default=TILES)
    p.add_argument("--out", default=here / "configs/data/terrain.nc")
    p.add_argument("--sigma", type=float, default=0.7, help="smoothing of the grey tiles, pixels of 1/30 degree")
    p.add_argument("--check", metavar="REFERENCE.nc", help="compare with elevation(lat, lon) at 0.05 degree")
    a = p.parse_args()
    height = terrain(a.tiles, a.sigma)
    write(a.out, height)
    report(height, a.check)


if __name__ == "__main__":
    main()
