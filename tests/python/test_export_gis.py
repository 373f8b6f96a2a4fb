#!/usr/bin/python3
"""Layers of a run for GIS, opened by GDAL and OGR: they lie where the netCDF says, hold what it holds, and bad input leaves nothing."""
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from osgeo import gdal, ogr, osr

sys.path.insert(0, str(Path(__file__).parent))
import page_runs

gdal.UseExceptions()
ogr.UseExceptions()
ROOT = Path(os.environ.get("BASHU_SOURCE", Path(__file__).resolve().parents[2]))
BASHU = os.environ.get("BASHU")
EXPORT = ROOT / "scripts/export_gis.py"
CASE = ROOT / "tests/cases/tiny.yaml"
LONLAT = [f"grid.{k}" for k in ("projection=+proj=longlat +R=6370000", "dx=0.1 degrees")]
MEMBERS = {"campaign-20": {"power": 0.2}}
SINGLE = 1.2e-7         # ROUND: one float of GeoTIFF against the same mean in double
METRE_DEG = 9e-6        # one metre, in degrees of latitude
pytestmark = pytest.mark.skipif(not BASHU, reason="BASHU does not name the program")


def export(*words):
    return subprocess.run(["/usr/bin/python3", EXPORT, *map(str, words)], capture_output=True, text=True, timeout=120)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return page_runs.program_run(BASHU, CASE, tmp_path_factory.mktemp("gis") / "tiny")


@pytest.fixture(scope="module")
def layers(run):
    done = export(run)
    assert done.returncode == 0, done.stderr
    return run / "gis"


@pytest.fixture(scope="module")
def lonlat(tmp_path_factory):
    folder = page_runs.program_run(BASHU, CASE, tmp_path_factory.mktemp("gis_lonlat") / "tiny", *[w for s in LONLAT for w in ("--set", s)])
    done = export(folder, "--out", folder / "layers")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def plan(run, tmp_path_factory):
    folder = page_runs.scenario_set(run, tmp_path_factory.mktemp("gis_set") / "plan", MEMBERS)
    shutil.rmtree(folder / "base/gis", ignore_errors=True)
    done = export(folder)
    assert done.returncode == 0, done.stderr
    return folder


def period_mean(ds, name):
    """Over records of unlike length, should there be some."""
    hours = (ds.time_bnds[:, 1] - ds.time_bnds[:, 0]).values / np.timedelta64(1, "h")
    return (ds[name].astype(float).values * hours[:, None, None]).sum(0) / hours.sum()


def centre(tiff, row, column, target):
    """Longitude and latitude of a cell of the raster by GDAL, in the reference system `target`."""
    g = tiff.GetGeoTransform()
    source = tiff.GetSpatialRef()
    source.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    target.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    return osr.CoordinateTransformation(source, target).TransformPoint(g[0] + (column + 0.5) * g[1], g[3] + (row + 0.5) * g[5])[:2]


def assert_placed(tiff, ds):
    lon_of, lat_of = (ds.lon.values, ds.lat.values) if ds.lat.ndim == 2 else np.meshgrid(ds.lon, ds.lat)
    ny, nx = lat_of.shape
    wgs84 = osr.SpatialReference()
    wgs84.ImportFromEPSG(4326)
    for j, i in ((0, 0), (ny - 1, 0), (7, 13), (ny - 1, nx - 1)):
        for target in (tiff.GetSpatialRef().CloneGeogCS(), wgs84):       # the run's own sphere; and as a GIS shows it
            lon, lat = centre(tiff, ny - 1 - j, i, target)
            assert abs(lat - lat_of[j, i]) < METRE_DEG and abs(lon - lon_of[j, i]) * np.cos(np.radians(lat)) < METRE_DEG


def test_every_cell_lies_where_the_netcdf_has_it(run, layers):
    with xr.open_dataset(run / "surface.nc") as ds:
        for name in ("mean.tif", "daily.tif"):
            tiff = gdal.Open(str(layers / name))
            assert (tiff.RasterXSize, tiff.RasterYSize) == (24, 20)
            assert tiff.GetSpatialRef().IsProjected() and tiff.GetSpatialRef().GetProjParm("standard_parallel_1") == 27
            assert_placed(tiff, ds)


def test_a_mesh_in_degrees(lonlat):
    tiff = gdal.Open(str(lonlat / "layers/mean.tif"))
    assert tiff.GetSpatialRef().IsGeographic() and tiff.GetSpatialRef().GetSemiMajor() == 6370000
    with xr.open_dataset(lonlat / "surface.nc") as ds:
        assert_placed(tiff, ds)
        assert np.allclose(tiff.GetRasterBand(1).ReadAsArray()[::-1], period_mean(ds, "primary_pm25"), rtol=SINGLE, atol=1e-30)


def test_means_are_those_of_the_netcdf(run, layers):
    tiff = gdal.Open(str(layers / "mean.tif"))
    with xr.open_dataset(run / "surface.nc") as ds:
        assert tiff.RasterCount == 2
        for n, name in enumerate(("primary_pm25", "primary_pm25_power"), 1):
            band = tiff.GetRasterBand(n)
            assert band.GetDescription() == name and band.GetUnitType() == "ug m-3" and band.GetNoDataValue() == -9999
            assert np.allclose(band.ReadAsArray()[::-1], period_mean(ds, name), rtol=SINGLE, atol=1e-30)
    words = tiff.GetMetadata()
    assert words["AREA_OR_POINT"] == "Area" and "primary particles only" in words["comment"] and "idealised" in words["weather"]
    assert words["period"] == "2015-01-10T23:00+08:00 to 2015-01-12T04:00+08:00"
    daily = gdal.Open(str(layers / "daily.tif"))
    with xr.open_dataset(run / "daily.nc") as ds:
        assert daily.RasterCount == 1 and daily.GetRasterBand(1).GetDescription() == "2015-01-11"
        assert np.array_equal(daily.GetRasterBand(1).ReadAsArray()[::-1], ds.primary_pm25.values[0])


def test_cities_have_polygons_and_their_numbers(run, layers):
    source = ogr.Open(str(layers / "cities.gpkg"))
    layer = source.GetLayerByName("cities")
    assert layer.GetSpatialRef().GetAuthorityCode(None) == "4326" and layer.GetGeomType() == ogr.wkbMultiPolygon
    _, header, rows = page_runs.lines_of(run / "cities_period.csv")
    assert layer.GetFeatureCount() == len(rows)
    for row, feature in zip(rows, layer):
        cell = dict(zip(header, row))
        assert (feature["adcode"], feature["name"], feature["name_en"]) == (cell["adcode"], cell["name"], cell["name_en"])
        for name in ("primary_pm25_mean", "primary_pm25_power_mean", "primary_pm25_max_day"):
            assert feature[name] == pytest.approx(float(cell[name]), rel=1e-5)
        assert feature["primary_pm25_max_day_date"] == cell["primary_pm25_max_day_date"].replace("-", "/")
        assert feature.GetGeometryRef().IsValid() and feature.GetGeometryRef().GetGeometryName() == "MULTIPOLYGON"
    layer.SetAttributeFilter("adcode = '510100'")
    chengdu = layer.GetNextFeature()
    town = ogr.CreateGeometryFromWkt("POINT (104.07 30.66)")
    assert chengdu["name"] == "成都市" and chengdu["group_name"] == "成都平原" and chengdu.GetGeometryRef().Contains(town)
    days = source.GetLayerByName("cities_daily")
    assert days.GetFeatureCount() == len(rows) and days.GetGeomType() == ogr.wkbNone
    assert days.GetNextFeature()["date_local"] == "2015/01/11"


def test_what_a_set_changes(plan):
    names = sorted(p.name for p in (plan / "gis").iterdir())
    assert names == ["cities.gpkg", "daily.tif", "difference_campaign-20.tif", "difference_daily_campaign-20.tif", "mean.tif", "mean_campaign-20.tif"]
    with xr.open_dataset(plan / "base/surface.nc") as ds:
        power, total = period_mean(ds, "primary_pm25_power"), period_mean(ds, "primary_pm25")
        tiff = gdal.Open(str(plan / "gis/difference_campaign-20.tif"))
        assert_placed(tiff, ds)
    difference, share = (tiff.GetRasterBand(n).ReadAsArray()[::-1].astype(float) for n in (1, 2))
    scale = total.max()
    assert np.allclose(difference, -0.2 * power, rtol=0, atol=1e-6 * scale)          # ROUND: of the total, from which it is left
    there = total > 1e-3 * scale
    assert np.allclose(share[there], -20 * power[there] / total[there], rtol=0, atol=1e-2)
    assert tiff.GetRasterBand(1).GetUnitType() == "ug m-3" and tiff.GetRasterBand(2).GetUnitType() == "%"
    assert (share[total <= 0] == -9999).all()
    source = ogr.Open(str(plan / "gis/cities.gpkg"))          # kept: a feature does not outlive its source
    feature = source.GetLayerByName("cities").GetNextFeature()
    assert feature["campaign_20_difference"] == pytest.approx(-0.2 * feature["primary_pm25_power_mean"], rel=1e-4)
    assert feature["campaign_20_difference_percent"] == pytest.approx(-20, rel=1e-3)


def test_the_sets_own_differences_are_taken(plan, tmp_path):
    copy = tmp_path / "plan"
    shutil.copytree(plan, copy, ignore=shutil.ignore_patterns("gis"))
    with xr.open_dataset(copy / "base/surface.nc") as ds:
        made = xr.Dataset({"primary_pm25_mean_difference_campaign_20": ds.primary_pm25[0] * 0 - 7.5})
    made.to_netcdf(copy / "differences.nc")
    assert export(copy).returncode == 0
    tiff = gdal.Open(str(copy / "gis/difference_campaign-20.tif"))
    assert (tiff.GetRasterBand(1).ReadAsArray() == -7.5).all()


def test_a_short_run_without_regions_or_tags(tmp_path):
    case = tmp_path / "case.yaml"
    text = "".join(line for line in CASE.read_text(encoding="utf-8").splitlines(True) if not line.startswith("regions:"))
    case.write_text(text.replace("tiny_points.csv", str(CASE.parent / "tiny_points.csv")), encoding="utf-8")
    run = page_runs.program_run(BASHU, case, tmp_path / "run", "--set", "time.end=2015-01-10T18:00:00Z", "--set", "tracers.tags=false")
    done = export(run)
    assert done.returncode == 0 and [p.name for p in (run / "gis").iterdir()] == ["mean.tif"], done.stderr
    assert gdal.Open(str(run / "gis/mean.tif")).RasterCount == 1


def refused(done, *pieces):
    assert done.returncode == 2 and done.stderr.startswith("export_gis.py: error: ") and "Traceback" not in done.stderr, done.stderr
    for piece in pieces:
        assert piece in done.stderr, done.stderr


def test_bad_input_is_told_and_leaves_nothing(run, layers, tmp_path):
    refused(export(run), "gis is there already", "--out")
    refused(export(run, "--out", tmp_path / "a/b"), "no such folder")
    refused(export(tmp_path / "none"), "none: no such folder")

    def spoiled(name):
        copy = tmp_path / name
        shutil.copytree(run, copy, ignore=shutil.ignore_patterns("gis"))
        return copy

    bad = spoiled("mapping")
    with xr.open_dataset(run / "surface.nc", decode_cf=False) as ds:
        for name in ("primary_pm25", "primary_pm25_power"):
            ds[name].attrs.pop("grid_mapping")
        ds.load().to_netcdf(bad / "surface.nc")
    refused(export(bad), "surface.nc: primary_pm25 names no grid mapping variable")
    bad = spoiled("axis")
    with xr.open_dataset(run / "surface.nc", decode_cf=False) as ds:
        ds = ds.load().copy(deep=True)
        x = ds.x.values.copy()
        x[3] += 100
        ds.assign_coords(x=("x", x, ds.x.attrs)).to_netcdf(bad / "surface.nc")
    refused(export(bad), "x does not rise in even steps")
    bad = spoiled("day")
    comments, header, rows = page_runs.lines_of(bad / "cities_daily.csv")
    page_runs.write_table(bad / "cities_daily.csv", comments, header, [rows[0][:-1]])
    refused(export(bad), f"cities_daily.csv:{len(comments) + 2}: {len(header) - 1} fields, expected {len(header)}")
    assert all(p.name in ("mapping", "axis", "day") for p in tmp_path.iterdir())
    assert not [p for p in tmp_path.glob("*/*") if "gis" in p.name]
