#!/usr/bin/python3
"""The files of a run lie in the right place and are read by the tools of the field: GDAL, ncdump, xarray, CDO."""
import csv
import json
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from osgeo import gdal, osr
from pyproj import Transformer

ROOT = Path(os.environ.get("BASHU_SOURCE", Path(__file__).resolve().parents[2]))
CASE = ROOT / "tests/cases/tiny.yaml"
LAMBERT = "+proj=lcc +lat_1=27 +lat_2=33 +lat_0=30 +lon_0=104.5 +R=6370000"
NX, NY, DX, CENTRE, RADIUS = 24, 20, 9000.0, (104.0, 30.5), 6370000.0
STACK = (104.1, 30.6)            # the source at the ground, tiny_points.csv
MICROMETRE, ROUND_12_BITS = 1e-6, 2.0**-13
TRACE = 1e-20                    # ug m-3: below it, numbers are flushed to zero
MAPS = ("surface.nc", "daily.nc", "deposition.nc", "fields3d.nc")

gdal.UseExceptions()


def bashu(out, *options):
    program = os.environ.get("BASHU")
    if not program:
        pytest.skip("the environment does not name the program (BASHU)")
    settings = [word for option in options for word in ("--set", option)]
    done = subprocess.run([program, "run", CASE, "--out", out, *settings], capture_output=True, text=True,
                          env={**os.environ, "OMP_NUM_THREADS": "1"})
    assert done.returncode == 0, done.stderr
    return Path(out)


@pytest.fixture(scope="session")
def run(tmp_path_factory):
    return bashu(tmp_path_factory.mktemp("gis") / "tiny")


@pytest.fixture(scope="session")
def lonlat_run(tmp_path_factory):
    return bashu(tmp_path_factory.mktemp("gis") / "lonlat", "grid.projection=+proj=longlat +R=6370000", "grid.dx=0.1 degree",
                 "time.end=2015-01-10T18:00:00Z")


def gdalinfo(file, field):
    text = subprocess.run(["gdalinfo", "-json", f'NETCDF:"{file}":{field}'], capture_output=True, text=True, check=True).stdout
    return json.loads(text)


def fields_of(file):
    with xr.open_dataset(file, decode_times=False) as ds:
        return [n for n, v in ds.variables.items() if v.ndim >= 2 and v.dims[-1] in ("x", "lon") and n not in ("lat", "lon")]


def lower_left():
    x, y = Transformer.from_crs(LAMBERT.replace("lcc", "longlat").split(" +lat_1")[0] + " +R=6370000", LAMBERT,
                                always_xy=True).transform(*CENTRE)
    return x - NX / 2 * DX, y - NY / 2 * DX


@pytest.mark.parametrize("name", MAPS)
def test_gdal_places_every_field(run, name):
    x0, y0 = lower_left()
    fields = fields_of(run / name)
    assert fields
    for field in fields:
        info = gdalinfo(run / name, field)
        assert info["size"] == [NX, NY]
        assert np.allclose(info["geoTransform"], [x0, DX, 0, y0 + NY * DX, 0, -DX], rtol=0, atol=MICROMETRE)
        srs = osr.SpatialReference(wkt=info["coordinateSystem"]["wkt"])
        parameters = [srs.GetProjParm(p) for p in ("standard_parallel_1", "standard_parallel_2", "latitude_of_origin",
                                                   "central_meridian", "false_easting", "false_northing")]
        if parameters[2] == 0.0:                 # PROJ's name of it in the form with two standard parallels
            parameters[2] = srs.GetProjParm("latitude_of_false_origin")
        assert parameters == [27, 33, 30, 104.5, 0, 0]
        assert srs.GetSemiMajor() == RADIUS and srs.GetInvFlattening() == 0


def test_gdal_reads_units_and_values(run):
    info = gdalinfo(run / "surface.nc", "primary_pm25")
    assert len(info["bands"]) == 29 and info["bands"][0]["unit"] == "ug m-3"
    raster = gdal.Open(f'NETCDF:"{run / "surface.nc"}":primary_pm25').ReadAsArray()
    with xr.open_dataset(run / "surface.nc") as ds:
        assert np.array_equal(raster[:, ::-1], ds.primary_pm25.values)       # GDAL's rows run southward


def test_the_plume_begins_at_its_stack(run):
    data = gdal.Open(f'NETCDF:"{run / "surface.nc"}":primary_pm25')
    g = data.GetGeoTransform()
    row, column = np.unravel_index(np.argmax(data.ReadAsArray().mean(axis=0)), (NY, NX))
    sphere = "+proj=longlat +R=6370000"
    x, y = Transformer.from_crs(sphere, LAMBERT, always_xy=True).transform(*STACK)
    assert abs(g[0] + (column + 0.5) * g[1] - x) < 1.5 * DX and abs(g[3] + (row + 0.5) * g[5] - y) < 1.5 * DX


@pytest.mark.parametrize("name", MAPS + ("cities.nc",))
def test_ncdump_reads_the_header(run, name):
    header = subprocess.run(["ncdump", "-h", run / name], capture_output=True, text=True, check=True).stdout
    for line in (':Conventions = "CF-1.10"', ":title = ", ":source = ", ":assumed = ", ":bashu_configuration = "):
        assert line in header
    assert "_Quantize" not in header


@pytest.mark.parametrize("name", MAPS)
def test_every_field_says_where_it_lies(run, name):
    with xr.open_dataset(run / name, decode_coords=False) as ds:
        for field in fields_of(run / name):
            a = ds[field].attrs
            assert a["grid_mapping"] == "crs" and a["coordinates"] == "lat lon" and a["long_name"]


def test_xarray_decodes_time_and_mesh(run):
    with xr.open_dataset(run / "surface.nc", decode_coords="all") as ds:
        assert ds.time.values[0] == np.datetime64("2015-01-10T16:00") and ds.time.values[-1] == np.datetime64("2015-01-11T20:00")
        assert (ds.time_bnds[:, 1].values == ds.time.values).all()
        assert (np.diff(ds.time_bnds.values, axis=1) == np.timedelta64(1, "h")).all()
        assert "crs" in ds.coords and {"lat", "lon"} <= set(ds.primary_pm25.coords)
        x, y = np.meshgrid(ds.x, ds.y)
        lon, lat = Transformer.from_crs(LAMBERT, "+proj=longlat +R=6370000", always_xy=True).transform(x, y)
        assert np.allclose(ds.lon, lon, rtol=0, atol=1e-9) and np.allclose(ds.lat, lat, rtol=0, atol=1e-9)
        assert "primary" in ds.primary_pm25.attrs["long_name"] and np.isfinite(ds.primary_pm25).all()


def test_daily_means_are_means_of_the_hours(run):
    with xr.open_dataset(run / "surface.nc") as hours, xr.open_dataset(run / "daily.nc") as days:
        assert list(days.local_date.values) == [20150111]
        assert days.time_bnds.values.tolist() == [[np.datetime64(t, "ns").astype(int) for t in
                                                   ("2015-01-10T16:00", "2015-01-11T16:00")]]
        picked = hours.primary_pm25.sel(time=slice("2015-01-10T16:30", "2015-01-11T16:00"))
        assert picked.sizes["time"] == 24
        assert np.allclose(days.primary_pm25[0], picked.astype(float).mean("time"), rtol=2.1 * ROUND_12_BITS, atol=TRACE)


def area_of_cells(ds):
    """On the sphere, of quadrilaterals that are straight in the plane of longitude and sine of latitude."""
    x, y = np.radians(ds.lon_vertices.values), np.sin(np.radians(ds.lat_vertices.values))
    return 0.5 * RADIUS**2 * (x * np.roll(y, -1, -1) - np.roll(x, -1, -1) * y).sum(-1)


def test_deposition_is_that_of_the_ledger(run):
    ledger = {row["tracer"]: row for row in json.loads((run / "summary.json").read_text())["ledger"]}
    with xr.open_dataset(run / "deposition.nc") as ds:
        for way in ("dry", "wet"):
            kg = float((ds[f"primary_pm25_{way}_deposition"][0].astype(float) * area_of_cells(ds)).sum())
            whole = ledger["pm25"][f"{way}_deposited_kg"]
            assert 0.9 * whole < kg < whole * (1 + ROUND_12_BITS)    # the hour of the spin-up is in the ledger alone
        assert (np.diff(ds.time_bnds.values)[0] == np.timedelta64(29, "h")).all()


def test_three_dimensional_fields_have_pressure_and_height(run):
    with xr.open_dataset(run / "fields3d.nc") as ds:
        assert ds.lev.attrs["formula_terms"] == "ap: ap b: b ps: ps"
        pressure = ds.ap + ds.b * ds.ps
        assert (pressure.diff("lev") < 0).all() and (ds.layer_top_height.diff("lev") > 0).all()
        assert np.allclose(ds.a_half[-1], 20000) and ds.b_half[0] == 1
        assert list(ds.time.values) == [np.datetime64("2015-01-10T15:00") + np.timedelta64(6 * n, "h") for n in range(5)]
        assert (ds.q_pm25 >= 0).all() and float(ds.q_pm25.max()) > 0


def test_city_series_and_table_agree(run):
    with open(run / "cities.csv", encoding="utf-8", newline="") as f:
        rows = list(csv.DictReader(line for line in f if not line.startswith("#")))
    with xr.open_dataset(run / "cities.nc") as ds:
        assert ds.attrs["featureType"] == "timeSeries"
        names = [str(n) for n in ds["name"].values]
        assert "成都市" in names and len(rows) == ds.sizes["time"] * ds.sizes["station"]
        for n, row in enumerate(rows):
            time, station = divmod(n, ds.sizes["station"])
            assert row["name"] == names[station]
            assert float(row["primary_pm25"]) == pytest.approx(float(ds.primary_pm25[station, time]), rel=1e-6)
        assert rows[0]["time_end_utc"] == "2015-01-10T16:00:00Z" and rows[0]["time_end_local"] == "2015-01-11T00:00:00+08:00"


def test_summary_fingerprints_what_was_read(run):
    inputs = {Path(i["file"]).name: i for i in json.loads((run / "summary.json").read_text())["inputs"]}
    text, found = (CASE.parent / "tiny_points.csv").read_bytes(), inputs["tiny_points.csv"]
    hash_ = 0xCBF29CE484222325
    for byte in text:
        hash_ = (hash_ ^ byte) * 0x100000001B3 % 2**64
    assert (found["bytes"], found["fnv1a64"]) == (len(text), f"{hash_:016x}")


def test_gdal_places_a_longitude_latitude_mesh(lonlat_run):
    info = gdalinfo(lonlat_run / "surface.nc", "primary_pm25")
    west, north = CENTRE[0] - NX / 2 * 0.1, CENTRE[1] + NY / 2 * 0.1
    assert np.allclose(info["geoTransform"], [west, 0.1, 0, north, 0, -0.1], rtol=0, atol=1e-9)
    srs = osr.SpatialReference(wkt=info["coordinateSystem"]["wkt"])
    assert srs.IsGeographic() and srs.GetSemiMajor() == RADIUS


def cdo(*arguments):
    if not shutil.which("cdo"):
        pytest.skip("cdo is not here")
    done = subprocess.run(["cdo", "-s", *map(str, arguments)], capture_output=True, text=True)
    assert done.returncode == 0 and "error" not in done.stderr.lower(), done.stderr
    return done.stdout


def test_cdo_knows_grids_and_time(run, lonlat_run):
    words = cdo("sinfo", run / "surface.nc")
    assert "curvilinear" in words and "cellbounds" in words and "lambert_conformal_conic" in words and "29 steps" in words
    assert "hybrid" in cdo("sinfo", run / "fields3d.nc")
    assert "lonlat" in cdo("sinfo", lonlat_run / "surface.nc")


def test_cdo_regrids_conservatively(run, tmp_path):
    target = tmp_path / "grid.txt"
    target.write_text("gridtype = lonlat\nxsize = 12\nysize = 10\nxfirst = 103.4\nyfirst = 29.9\nxinc = 0.1\nyinc = 0.1\n")
    cdo(f"remapcon,{target}", "-timmean", "-selname,primary_pm25", run / "surface.nc", tmp_path / "out.nc")
    with xr.open_dataset(tmp_path / "out.nc") as ds:
        field = ds.primary_pm25[0]
        assert np.isfinite(field).all()
        peak = field.argmax(...)
        assert abs(float(ds.lon[peak["lon"]]) - STACK[0]) < 0.15 and abs(float(ds.lat[peak["lat"]]) - STACK[1]) < 0.15
