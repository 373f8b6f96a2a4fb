#!/usr/bin/python3
"""Write a run, or a set of scenarios, as layers for a geographic information system.

    export_gis.py RUN [--out DIR] [--regions FILE.geojson]

RUN is a folder that `bashu run` or `bashu scenario` wrote. DIR (RUN/gis unless --out names another) must not be there yet; it gets
    mean.tif             means over the run's output, a band for the total and for each tag
    daily.tif            means of the total over natural days of UTC+8, a band a day (where the run has a whole day)
    mean_MEMBER.tif, difference_MEMBER.tif, difference_daily_MEMBER.tif
                         of a set: the member's means; member minus base over the period (ug m-3, and % of the base), and by day
    cities.gpkg          layer `cities`: polygons with their numbers; table `cities_daily`: one row a day and city (of a run with regions)
The GeoTIFFs (DEFLATE, float, no-data -9999) are in the run's own projection, cell for cell; nothing is resampled. The GeoPackage is
in EPSG:4326. RUN/mean.tif of a set is that of its base. Exit status: 0 done, 2 bad input or usage.
"""
import argparse
import json
import shutil
import sys
import tempfile
from pathlib import Path

NODATA = -9999.0
OPTIONS = ["COMPRESS=DEFLATE", "PREDICTOR=3", "TILED=YES", "BLOCKXSIZE=256", "BLOCKYSIZE=256"]


def fail(message):
    print(f"export_gis.py: error: {message}", file=sys.stderr)
    sys.exit(2)


try:
    import numpy as np
    from osgeo import gdal, ogr, osr

    from page.folder import Failure, Set, Table, open_nc, period_mean, polygons_file, time_bounds, values_of
except ImportError as missing:
    fail(f"Python module {missing.name} is missing; install the packages that scripts/setup.sh --gis lists and use /usr/bin/python3")


class Frame:
    """Where the cells of a file lie: CRS, geotransform, size."""

    def __init__(self, nc, var):
        self.file = nc.filepath()
        ydim, xdim = var.dimensions[-2:]
        if xdim not in nc.variables or ydim not in nc.variables:
            raise Failure(f"{self.file}: {ydim} or {xdim} has no coordinate variable, so the layer cannot be placed")
        x, y = (np.asarray(nc[d][:], float) for d in (xdim, ydim))
        if min(x.size, y.size) < 2:
            raise Failure(f"{self.file}: {x.size} x {y.size} cells; a layer needs two or more each way")
        unit = getattr(nc[xdim], "units", "").strip()
        geographic = "degree" in unit
        if not geographic and unit not in ("m", "metre", "meter"):
            raise Failure(f"{self.file}: {xdim} is in '{unit}', expected m or degrees_east")
        self.nx, self.ny = x.size, y.size
        dx, dy = (x[-1] - x[0]) / (self.nx - 1), (y[-1] - y[0]) / (self.ny - 1)
        for name, c, d in ((xdim, x, dx), (ydim, y, dy)):
            if d <= 0 or np.abs(np.diff(c) - d).max() > 1e-6 * d:
                raise Failure(f"{self.file}: {name} does not rise in even steps; a GeoTIFF needs that")
        self.transform = (x[0] - dx / 2, dx, 0.0, y[-1] + dy / 2, 0.0, -dy)
        self.srs = self.read_srs(nc, var)

    def read_srs(self, nc, var):
        name = getattr(var, "grid_mapping", "").split(":")[0]
        if name not in nc.variables:
            raise Failure(f"{self.file}: {var.name} names no grid mapping variable, so its CRS is not known")
        mapping, srs = nc[name], osr.SpatialReference()
        try:
            if getattr(mapping, "crs_wkt", ""):
                srs.ImportFromWkt(mapping.crs_wkt)
            elif getattr(mapping, "proj4", ""):
                srs.ImportFromProj4(mapping.proj4)
            else:
                raise Failure(f"{self.file}: grid mapping '{name}' has neither crs_wkt nor proj4")
        except RuntimeError as e:
            raise Failure(f"{self.file}: the CRS of grid mapping '{name}' is not understood: {e}") from None
        srs.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
        return srs


def write_tiff(path, frame, bands, words):
    """bands: (values [ny][nx] from south to north, description, unit, long name)."""
    out = gdal.GetDriverByName("GTiff").Create(str(path), frame.nx, frame.ny, len(bands), gdal.GDT_Float32, options=OPTIONS)
    out.SetGeoTransform(frame.transform)
    out.SetSpatialRef(frame.srs)
    out.SetMetadata({**words, "AREA_OR_POINT": "Area"})
    for n, (values, description, unit, long_name) in enumerate(bands, 1):
        if values.shape != (frame.ny, frame.nx):
            raise Failure(f"{path.name}: {description} has {values.shape}, expected {(frame.ny, frame.nx)}")
        band = out.GetRasterBand(n)
        band.SetNoDataValue(NODATA)
        band.SetDescription(description)
        band.SetUnitType(unit)
        band.SetMetadataItem("long_name", long_name)
        band.WriteArray(np.where(np.isfinite(values), values, NODATA)[::-1].astype(np.float32))
    out.FlushCache()


class Layers:
    """Means of one run as bands."""

    def __init__(self, run):
        self.run = run
        with run.open("surface.nc") as nc:
            names = [n for n in map(run.variable, ["", *run.labels]) if n in nc.variables]
            if run.species not in names:
                raise Failure(f"{nc.filepath()}: no variable {run.species}, which summary.json names")
            self.frame = Frame(nc, nc[run.species])
            starts, ends = time_bounds(nc)
            self.unit = nc[run.species].units
            self.mean = {n: period_mean(values_of(nc[n]), starts, ends) for n in names}
            self.long = {n: getattr(nc[n], "long_name", n) for n in names}
        self.span = f"{starts[0]:%Y-%m-%dT%H:%M}+08:00 to {ends[-1]:%Y-%m-%dT%H:%M}+08:00"
        self.days, self.daily = [], None
        if (run.path / "daily.nc").is_file():
            with run.open("daily.nc") as nc:
                if nc["time"].size and run.species in nc.variables:
                    self.days = [f"{s:%Y-%m-%d}" for s in time_bounds(nc)[0]]
                    self.daily = values_of(nc[run.species])

    def words(self, what):
        s = self.run.summary
        return {"TIFFTAG_IMAGEDESCRIPTION": f"{what} of {self.run.species_name}, {s.get('case', '')}", "period": self.span,
                "comment": self.run.comment, "weather": s.get("weather_label", ""), "assumed": "; ".join(s.get("assumed", [])),
                "TIFFTAG_SOFTWARE": s.get("version", "")}

    def bands(self):
        return [(self.mean[n], n, self.unit, f"{self.long[n]}, mean over the period") for n in self.mean]

    def write(self, folder, member=""):
        ending = f"_{member}" if member else ""
        write_tiff(folder / f"mean{ending}.tif", self.frame, self.bands(), self.words("means over the period"))
        if self.days and not member:
            bands = [(v, day, self.unit, f"{self.run.species_name}, mean of {day} (UTC+8)") for v, day in zip(self.daily, self.days)]
            write_tiff(folder / "daily.tif", self.frame, bands, self.words("daily means"))


def written_differences(path, base, name):
    """(mean, daily or None) of a member from the set's differences.nc, which has them unrounded; None where it has not."""
    if not path.is_file():
        return None
    tail = name.replace("-", "_")
    with open_nc(path, "what scenarios change") as nc:
        mean, daily = f"{base.run.species}_mean_difference_{tail}", f"{base.run.species}_difference_{tail}"
        if mean not in nc.variables:
            return None
        field = values_of(nc[mean])
        return field.reshape(field.shape[-2:]), values_of(nc[daily]) if daily in nc.variables else None


def write_member(folder, base, run, differences):
    member = Layers(run)
    if member.frame.transform != base.frame.transform or member.days != base.days:
        raise Failure(f"{run.path}: another mesh or other days than {base.run.path}; are they members of one set?")
    member.write(folder, run.key)
    species, low = base.run.species, base.mean[base.run.species]
    found = written_differences(differences, base, run.key)
    mean, daily = found if found else (member.mean[species] - low, member.daily - base.daily if base.days else None)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(low > 0, 100 * mean / low, np.nan)
    words = member.words(f"{run.key} minus base")
    write_tiff(folder / f"difference_{run.key}.tif", base.frame,
               [(mean, f"{species}_difference", base.unit, f"{run.species_name}, {run.key} minus base, mean over the period"),
                (share, f"{species}_difference_percent", "%", f"the same as a share of the base")], words)
    if daily is not None and len(daily) == len(base.days) and base.days:
        write_tiff(folder / f"difference_daily_{run.key}.tif", base.frame,
                   [(v, d, base.unit, f"{run.species_name}, {run.key} minus base, mean of {d} (UTC+8)") for v, d in zip(daily, base.days)], words)


def columns_of_cities(folder):
    """Numbers of each city over the period: (column, values), with those of members behind."""
    run = folder.base
    out = [("share_inside_mesh", [c["inside"] for c in run.cities])]
    out += [(f"{run.variable(label)}_mean", run.city_means(label)) for label in ["", *run.labels]]
    base = run.city_means()
    for m in folder.members:
        name, means = m.key.replace("-", "_"), m.city_means()
        out += [(f"{name}_mean", means), (f"{name}_difference", means - base),
                (f"{name}_difference_percent", [100 * (v - b) / b if b > 0 else np.nan for v, b in zip(means, base)])]
    return out


def put(feature, name, value):
    if value is not None and not (isinstance(value, float) and not np.isfinite(value)):
        feature.SetField(name, value)


def write_cities(path, folder, features):
    run = folder.base
    wgs84 = osr.SpatialReference()
    wgs84.ImportFromEPSG(4326)
    wgs84.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    out = ogr.GetDriverByName("GPKG").CreateDataSource(str(path))
    words = f"{run.species_name}, area-weighted means, {run.unit}. {run.comment}. Weather: {run.summary.get('weather_label', '')}"
    layer = out.CreateLayer("cities", wgs84, ogr.wkbMultiPolygon, options=["IDENTIFIER=cities", f"DESCRIPTION={words}"])
    texts, numbers = ["adcode", "name", "name_en", "province", "group_name"], columns_of_cities(folder)
    period = Table(run.path / "cities_period.csv", ("adcode",)) if (run.path / "cities_period.csv").is_file() else None
    peak = f"{run.species}_max_day"
    with_peak = period is not None and peak in period.columns and f"{peak}_date" in period.columns
    for name in texts:
        layer.CreateField(ogr.FieldDefn(name, ogr.OFTString))
    for name, _ in numbers:
        layer.CreateField(ogr.FieldDefn(name, ogr.OFTReal))
    if with_peak:
        layer.CreateField(ogr.FieldDefn(peak, ogr.OFTReal))
        layer.CreateField(ogr.FieldDefn(f"{peak}_date", ogr.OFTDate))
        highest = {r["adcode"]: (v, r[f"{peak}_date"]) for r, v in zip(period.rows, period.numbers(peak))}
    shapes = {str(f["properties"]["adcode"]): f for f in features}
    layer.StartTransaction()
    for n, city in enumerate(run.cities):
        p = shapes[city["adcode"]]
        row = ogr.Feature(layer.GetLayerDefn())
        for name, value in zip(texts, (city["adcode"], city["name"], city["name_en"], p["properties"].get("province"), p["properties"].get("group"))):
            put(row, name, value)
        for name, values in numbers:
            put(row, name, float(values[n]))
        if with_peak:
            value, date = highest.get(city["adcode"], (None, ""))
            put(row, peak, value)
            put(row, f"{peak}_date", date or None)
        row.SetGeometry(ogr.ForceToMultiPolygon(polygon_of(p)))
        layer.CreateFeature(row)
    layer.CommitTransaction()
    write_days(out, run)
    out.FlushCache()


def polygon_of(feature):
    return ogr.CreateGeometryFromJson(json.dumps(feature["geometry"]))


def write_days(out, run):
    """The table of days, without shapes: joins to the layer by adcode."""
    path = run.path / "cities_daily.csv"
    if not path.is_file():
        return
    table = Table(path, ("date_local", "adcode", "name", run.species))
    layer = out.CreateLayer("cities_daily", None, ogr.wkbNone, options=["IDENTIFIER=cities_daily"])
    names = [c for c in map(run.variable, ["", *run.labels]) if c in table.columns]
    for name, kind in [("date_local", ogr.OFTDate), ("adcode", ogr.OFTString), ("name", ogr.OFTString)] + [(n, ogr.OFTReal) for n in names]:
        layer.CreateField(ogr.FieldDefn(name, kind))
    numbers = {n: table.numbers(n) for n in names}
    layer.StartTransaction()
    for n, r in enumerate(table.rows):
        row = ogr.Feature(layer.GetLayerDefn())
        for name in ("date_local", "adcode", "name"):
            put(row, name, r[name])
        for name in names:
            put(row, name, numbers[name][n])
        layer.CreateFeature(row)
    layer.CommitTransaction()


def export(folder, out, regions):
    if out.exists():
        raise Failure(f"{out} is there already; remove it or name another folder with --out")
    if not out.parent.is_dir():
        raise Failure(f"{out.parent}: no such folder, so {out.name} cannot be made there; make it or name another with --out")
    features = polygons_file(folder.base, regions)[1] if folder.base.cities else None
    aside = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
    try:
        aside.chmod(0o755)
        base = Layers(folder.base)
        base.write(aside)
        for run in folder.members:
            write_member(aside, base, run, folder.path / "differences.nc")
        if features:
            write_cities(aside / "cities.gpkg", folder, features)
        aside.rename(out)
    finally:
        if aside.exists():
            shutil.rmtree(aside)
    return sorted(p.name for p in out.iterdir())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", metavar="RUN", help="folder of a finished run, or of a set of scenarios")
    parser.add_argument("--out", metavar="DIR", help="new folder; default: RUN/gis")
    parser.add_argument("--regions", metavar="FILE.geojson", help="polygons of the run's cities, where the run's own are not found")
    args = parser.parse_args()
    for module in (gdal, ogr, osr):
        module.UseExceptions()
    try:
        folder = Set(args.run, cities=False)
        out = Path(args.out) if args.out else folder.path / "gis"
        names = export(folder, out, args.regions)
    except Failure as e:
        fail(e)
    except (OSError, RuntimeError) as e:
        fail(f"{args.run}: not exported: {e}")
    print(f"{out}: {', '.join(names)}")


if __name__ == "__main__":
    main()
