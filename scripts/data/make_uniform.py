#!/usr/bin/python3
"""Write configs/data/uniform.nc: one ton per km2 and year all over the earth, the uniform source of the cases that test
budgets under real weather (configs/cases/era5-*.yaml, wrf-*.yaml). Invented, so that its budget is known beforehand.

    make_uniform.py [OUT]
"""
import sys
from pathlib import Path

import numpy as np
from netCDF4 import Dataset

FLUX = 1.0  # t km-2 year-1
LON, LAT, CELL = (-180.0, 180.0), (-90.0, 90.0), 30.0  # degrees


def write(out):
    with Dataset(out, "w", format="NETCDF4") as nc:
        nc.Conventions = "CF-1.10"
        nc.title = "Uniform source, invented for tests of the budget"
        for name, (low, high), units in (("lat", LAT, "degrees_north"), ("lon", LON, "degrees_east")):
            edges = np.arange(low, high + CELL / 2, CELL)
            nc.createDimension(name, edges.size - 1)
            axis = nc.createVariable(name, "f8", (name,))
            axis.units, axis.standard_name, axis.bounds = units, {"lat": "latitude", "lon": "longitude"}[name], f"{name}_bnds"
            axis[:] = 0.5 * (edges[1:] + edges[:-1])
            if "bnds" not in nc.dimensions:
                nc.createDimension("bnds", 2)
            nc.createVariable(f"{name}_bnds", "f8", (name, "bnds"))[:] = np.column_stack([edges[:-1], edges[1:]])
        flux = nc.createVariable("uniform", "f8", ("lat", "lon"))
        flux.units, flux.long_name = "t km-2 year-1", "uniform source"
        flux[:] = FLUX


if __name__ == "__main__":
    write(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).resolve().parents[2] / "configs/data/uniform.nc")
