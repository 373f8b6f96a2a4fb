"""Inventories as they come, read by the program and by numpy; the parts of PM2.5 in a run."""
import re

import numpy as np
import pytest
from netCDF4 import Dataset

from support import CONFIGS, SHORT, bashu, needs_program, write_case

pytestmark = needs_program

UDUNITS_YEAR = 365.242198781  # days
DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
SECTORS = {"power": "power", "industry": "industry", "transportation": "road", "residential": "residential"}
PARTS = ["pm25_ec", "pm25_oc", "pm25_so4", "pm25_other"]
LINEAR_SUM = 2e-6  # ROUND: four floats and their whole after some dozens of steps


def write_meic(folder, seed=1):
    """The months of 2017 in MEIC's layout of 0.25 degree; returns t by sector and month within 100-108 E, 27-33 N."""
    rng = np.random.default_rng(seed)
    inside = {}
    lat = 59.875 - 0.25 * np.arange(200)[:, None] + np.zeros(320)
    lon = 70.125 + 0.25 * np.arange(320) + np.zeros((200, 1))
    box = (lon > 100) & (lon < 108) & (lat > 27) & (lat < 33)
    for code, sector in SECTORS.items():
        for month in range(1, 13):
            amount = rng.gamma(0.3, 10, (200, 320))
            amount[lat > 45] = -9999
            inside[sector, month] = amount[box].sum()
            with Dataset(folder / f"2017_{month:02d}_{code}_PM25.nc", "w", format="NETCDF3_CLASSIC") as f:
                f.createDimension("side", 2)
                f.createDimension("xysize", 64000)
                for name, pair in {"x_range": (70, 150), "y_range": (10, 60), "z_range": (0, 10), "spacing": (0.25, 0.25)}.items():
                    f.createVariable(name, "f8", ("side",))[:] = pair
                f.createVariable("dimension", "i4", ("side",))[:] = (320, 200)
                z = f.createVariable("z", "f8", ("xysize",))
                z.setncatts({"scale_factor": 1.0, "add_offset": 0.0, "node_offset": np.int32(1), "nodata_value": -9999.0})
                z[:] = amount.ravel()
    return inside


def test_meic_as_numpy_reads_it(tmp_path):
    inside = write_meic(tmp_path)
    case = write_case(tmp_path / "case.yaml", {
        **SHORT, "regions": None, "grid.projection": "+proj=longlat +R=6370000", "grid.nx": 16, "grid.ny": 12, "grid.dx": "0.5 degree",
        "grid.centre": [104.0, 30.0], "emissions.sectors": list(SECTORS.values()), "emissions.year": 2015,
        "emissions.profiles": None,
        "emissions.inventories": [{"name": "meic", "type": "mapped", "mapping": str(CONFIGS / "inventories/meic.yaml"),
                                   "files": "*_PM25.nc", "year": 2017}]})
    told = bashu("check", case)
    assert told.returncode == 0, told.stderr
    assert "its year 2017 is used for 2015" in told.stdout + told.stderr
    assert "missing values in all, taken as 0" in told.stdout + told.stderr
    for sector in SECTORS.values():
        line = next(l for l in told.stdout.split("\n") if re.match(rf"{sector}\s+pm25\s", l))
        found = [float(x) for x in re.findall(r"\d+\.\d+", line)]
        gigagrams = sum(inside[sector, m] for m in range(1, 13)) * 1e-3 * UDUNITS_YEAR / 365
        here = [x for x in found if abs(x - gigagrams) < 6e-5]  # printed with four decimals
        assert len(here) >= 2, (line, gigagrams)  # of the inventory, and on the grid


@pytest.mark.parametrize("scheme", ["ppm6_lin"])
def test_parts_of_pm25_sum_to_it_in_a_run(tmp_path, scheme):
    case = write_case(tmp_path / "case.yaml", {
        **SHORT, "emissions.sectors": [], "emissions.speciation": str(CONFIGS / "emissions/pm25_speciation.csv"),
        "tracers": {"species": ["pm25", *PARTS], "tags": False}, "initial.value": "0 ug kg-1", "boundary": None,
        "operators.advection": scheme})
    ran = bashu("run", case, "--out", tmp_path / "out")
    assert ran.returncode == 0, ran.stderr
    with Dataset(tmp_path / "out/surface.nc") as f:
        whole = f["primary_pm25"][:].astype("f8")
        parts = sum(f[f"primary_{name}"][:].astype("f8") for name in PARTS)
    assert whole.max() > 1
    assert np.abs(parts - whole).max() < LINEAR_SUM * whole.max()


def test_a_mesh_within_the_regions(tmp_path):
    """Nothing of the mesh lies elsewhere, but for rounding: on neither side of the account does that count as a loss."""
    case = write_case(tmp_path / "case.yaml", {**SHORT, "grid.dx": "4.5 km", "grid.nx": 64, "grid.ny": 48})
    done = bashu("check", case)
    assert done.returncode == 0, done.stderr
    assert "elsewhere" in done.stdout + done.stderr
