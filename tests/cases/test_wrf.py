"""A real file of WRF output through the program, against an independent reading of it (netCDF4, pyproj, numpy): on WRF's own mesh and on another
one; then whole runs. Skipped where the data folder is absent."""
import os

import numpy as np
import pytest
import yaml
from netCDF4 import Dataset

from support import CONFIGS, LEDGER_CLOSES, SHARED, Run, bashu, fields, needs_program

pytestmark = needs_program
FILE = SHARED / "data/met/other/wrfout_lambert_tibet.nc"
PARTIAL = SHARED / "data/met/other/wrfout_lambert_d1_partial.nc"
GRAVITY, RADIUS = 9.80665, 6370000.0
MAP = "+proj=lcc +lat_1=30 +lat_2=35 +lat_0=30 +lon_0=87 +R=6370000"
CASE = {
    "case": {"name": "tibet", "title": "WRF output over Tibet"},
    "time": {"start": "2005-09-21T00:00:00Z", "end": "2005-09-21T09:00:00Z"},
    "grid": {"from": "wrf"},
    "meteorology": {"provider": "wrf", "files": str(FILE), "interval": "3 hours"},
    "tracers": {"species": ["pm25"], "tag_boundary": True, "tag_initial": True},
    "initial": {"value": "1 ug kg-1"},
    "boundary": {"value": "1 ug kg-1"},
}
LONLAT = {"projection": "+proj=longlat +R=6370000", "nx": 16, "ny": 12, "dx": "0.1 degree", "corner": [86.2, 29.4],
          "levels": {"top": "100 hPa", "eta": [1.0, 0.99, 0.97, 0.94, 0.9, 0.84, 0.76, 0.66, 0.54, 0.4, 0.2, 0.0]}}

STORED = 3e-7  # ROUND: fields of the file and of the prepared meteorology are floats


def need(file):
    if not file.exists():
        print(f"skipped: {file} is not here")
        pytest.skip(f"skipped: {file} is not here")


def write(folder, **changes):
    case = {**CASE, **changes}
    path = folder / "case.yaml"
    path.write_text(yaml.safe_dump(case, sort_keys=False), encoding="utf-8")
    return path


def prepared(folder, **changes):
    need(FILE)
    done = bashu("prepare", write(folder, **changes), "--out", folder / "met")
    assert done.returncode == 0, done.stderr
    return fields(next((folder / "met").glob("*.nc")))


@pytest.fixture(scope="module")
def wrf():
    need(FILE)
    with Dataset(FILE) as nc:
        nc.set_auto_mask(False)
        return {name: np.array(v[...], dtype=float) for name, v in nc.variables.items() if v.dtype.kind != "S"}


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    return prepared(tmp_path_factory.mktemp("own"))


@pytest.fixture(scope="module")
def other(tmp_path_factory):
    return prepared(tmp_path_factory.mktemp("other"), grid=LONLAT)


# ---- WRF's own mesh ----

def column(wrf):
    return wrf["MU"] + wrf["MUB"]


def test_dry_air_is_the_columns(wrf, own):
    area = (30000.0 / wrf["MAPFAC_M"]) ** 2  # the mesh measures its own: 1e-4 of it
    share = -np.diff(wrf["ZNW"][0])[None, :, None, None]
    expected = column(wrf)[:, None] * share / GRAVITY * area
    np.testing.assert_allclose(own["air_mass"], expected, rtol=2e-4)
    total = own["air_mass"].sum(axis=1, keepdims=True)
    np.testing.assert_allclose(own["air_mass"] / total, np.broadcast_to(share, own["air_mass"].shape), rtol=1e-4, atol=STORED)


def test_winds_on_faces(wrf, own):
    mass = column(wrf)[:, None] * -np.diff(wrf["ZNW"][0])[None, :, None, None] / GRAVITY
    at_face = np.concatenate([mass[..., :1], 0.5 * (mass[..., :-1] + mass[..., 1:]), mass[..., -1:]], axis=-1)
    flux = at_face * wrf["U"] * 30000.0 / wrf["MAPFAC_U"]
    np.testing.assert_allclose(own["flux_x"], flux, rtol=3e-4, atol=1e-4 * abs(flux).max())
    at_face = np.concatenate([mass[..., :1, :], 0.5 * (mass[..., :-1, :] + mass[..., 1:, :]), mass[..., -1:, :]], axis=-2)
    flux = at_face * wrf["V"] * 30000.0 / wrf["MAPFAC_V"]
    np.testing.assert_allclose(own["flux_y"], flux, rtol=3e-4, atol=1e-4 * abs(flux).max())


def temperature(wrf):
    return (wrf["T"] + 300) * ((wrf["P"] + wrf["PB"]) / 1e5) ** (2 / 7)


def test_temperature_pressure_and_surface(wrf, own):
    np.testing.assert_allclose(own["temperature"], temperature(wrf), rtol=STORED)
    for name, theirs in (("ps", "PSFC"), ("t2", "T2"), ("u10", "U10"), ("v10", "V10"), ("ustar", "UST")):
        np.testing.assert_allclose(own[name], wrf[theirs], rtol=STORED, atol=1e-6, err_msg=name)
    np.testing.assert_allclose(own["pblh"], np.maximum(wrf["PBLH"], 50), rtol=STORED)


def test_heights_are_those_of_the_geopotential(wrf, own):
    height = (wrf["PH"] + wrf["PHB"]) / 9.81 - wrf["HGT"]
    # non-hydrostatic pressure, WRF's g of 9.81 and layers' means: 0.3 %
    np.testing.assert_allclose(own["height_half"][:, 1:], height[:, 1:], rtol=3e-3)


def rates(wrf):
    amount = wrf["RAINC"] + wrf["RAINNC"] + wrf["RAINSH"]
    rate = np.diff(amount, axis=0) / 10800
    return np.stack([rate[0], (rate[0] + rate[1]) / 2, (rate[1] + rate[2]) / 2, rate[2]])


def test_rain(wrf, own):
    np.testing.assert_allclose(own["rain"], rates(wrf), rtol=1e-5, atol=1e-11)
    assert own["rain"].max() > 5e-6  # it does rain somewhere
    whole = 10800 * (own["rain"][0] / 2 + own["rain"][1] + own["rain"][2] + own["rain"][3] / 2)
    amount = wrf["RAINC"] + wrf["RAINNC"]
    np.testing.assert_allclose(whole, amount[-1] - amount[0], atol=1e-6)


def test_merged_layers(own, tmp_path):
    keep = [0, 2, 4, 8, 13, 20, 27]
    merged = prepared(tmp_path, grid={"from": "wrf", "levels": {"keep": keep}})
    for name in ("air_mass", "flux_x", "flux_y"):
        whole = np.add.reduceat(own[name], keep[:-1], axis=1)
        np.testing.assert_allclose(merged[name], whole, rtol=1e-12, atol=1e-12 * abs(whole).max(), err_msg=name)


# ---- another mesh ----

def bilinear(field, lon, lat):
    """On the last two axes, in the plane of WRF's projection."""
    pyproj = pytest.importorskip("pyproj")
    x, y = pyproj.Proj(MAP)(lon, lat)
    with Dataset(FILE) as nc:
        x0, y0 = pyproj.Proj(MAP)(np.array(nc["XLONG"][...], float), np.array(nc["XLAT"][...], float))
    fi, fj = (x - x0[:, 0].mean()) / 30000, (y - y0[0].mean()) / 30000
    i, j = np.floor(fi).astype(int), np.floor(fj).astype(int)
    a, b = fi - i, fj - j
    return ((1 - b) * ((1 - a) * field[..., j, i] + a * field[..., j, i + 1])
            + b * ((1 - a) * field[..., j + 1, i] + a * field[..., j + 1, i + 1]))


def east_north(u, v, wrf):
    c, s = wrf["COSALPHA"], wrf["SINALPHA"]
    return u * c - v * s, v * c + u * s


def test_surface_on_another_mesh(wrf, other):
    lon, lat = other["lon"], other["lat"]
    east, north = east_north(wrf["U10"], wrf["V10"], wrf)
    for name, field, tolerance in (("u10", east, 1e-4), ("v10", north, 1e-4), ("t2", wrf["T2"], 1e-3), ("ps", wrf["PSFC"], 1),
                                   ("ustar", wrf["UST"], 1e-4), ("rain", rates(wrf), 1e-9)):
        np.testing.assert_allclose(other[name], bilinear(field, lon, lat), atol=tolerance, err_msg=name)


def on_layers(wrf, other, field):
    """A field of mass points in the middle of the model's layers, linear in ln p; NaN below WRF's lowest."""
    lon, lat = other["lon"], other["lat"]
    p, value = bilinear(wrf["P"] + wrf["PB"], lon, lat), bilinear(field, lon, lat)
    half = other["a_half"][:, None, None] + other["b_half"][:, None, None] * other["ps"][:, None].astype(float)
    middle = 0.5 * (half[:, 1:] + half[:, :-1])
    out = np.full(middle.shape, np.nan)
    for t, j, i in np.ndindex(out.shape[0], *lon.shape):
        ln_p = np.log(p[t, :, j, i])
        out[t, :, j, i] = np.interp(-np.log(middle[t, :, j, i]), -ln_p, value[t, :, j, i], left=np.nan)
    return out


def test_temperature_on_another_mesh(wrf, other):
    expected = on_layers(wrf, other, temperature(wrf))
    inside = np.isfinite(expected)
    assert inside.mean() > 0.8
    np.testing.assert_allclose(other["temperature"][inside], expected[inside], atol=2e-3)


def test_winds_on_another_mesh(wrf, other):
    u = 0.5 * (wrf["U"][..., 1:] + wrf["U"][..., :-1])
    v = 0.5 * (wrf["V"][..., 1:, :] + wrf["V"][..., :-1, :])
    c, s = wrf["COSALPHA"], wrf["SINALPHA"]
    east, north = (on_layers(wrf, other, f) for f in (u * c - v * s, v * c + u * s))
    lat = np.radians(other["lat"])
    step = np.radians(0.1)
    area = RADIUS**2 * step * (np.sin(lat + step / 2) - np.sin(lat - step / 2))
    mass = other["air_mass"] / area
    along_x = 0.5 * (mass[..., 1:] + mass[..., :-1]) * 0.5 * (east[..., 1:] + east[..., :-1]) * RADIUS * step
    got = other["flux_x"][..., 1:-1]
    inside = np.isfinite(along_x)
    np.testing.assert_allclose(got[inside], along_x[inside], rtol=1e-3, atol=1e-4 * abs(got).max())
    face = RADIUS * step * np.cos(lat[1:] - step / 2)
    along_y = 0.5 * (mass[..., 1:, :] + mass[..., :-1, :]) * 0.5 * (north[..., 1:, :] + north[..., :-1, :]) * face
    got = other["flux_y"][..., 1:-1, :]
    inside = np.isfinite(along_y)
    np.testing.assert_allclose(got[inside], along_y[inside], rtol=1e-3, atol=1e-4 * abs(got).max())


def test_mass_on_another_mesh(wrf, other):
    """Dry air from the model's own layers against WRF's: what their pressures know of vapour, and the layers above the model's top."""
    lat, step = np.radians(other["lat"]), np.radians(0.1)
    area = RADIUS**2 * step * (np.sin(lat + step / 2) - np.sin(lat - step / 2))
    theirs = bilinear(column(wrf) + wrf["P_TOP"][:, None, None], other["lon"], other["lat"]) - 10000
    np.testing.assert_allclose(other["air_mass"].sum(axis=1) / area * GRAVITY, theirs, rtol=2e-3)


# ---- whole runs ----

@pytest.mark.parametrize("grid", [CASE["grid"], LONLAT], ids=["own", "other"])
def test_run(grid, tmp_path):
    need(FILE)
    uniform = tmp_path / "uniform.nc"
    with Dataset(uniform, "w") as nc:
        for name, unit, values in (("lat", "degrees_north", np.arange(27.05, 33, 0.1)), ("lon", "degrees_east", np.arange(84.05, 90, 0.1))):
            nc.createDimension(name, len(values))
            axis = nc.createVariable(name, "f8", (name,))
            axis.units, axis[:] = unit, values
        flux = nc.createVariable("pm25", "f8", ("lat", "lon"))
        flux.units, flux[:] = "kg m-2 s-1", 1e-10
    emissions = {"sectors": ["all"], "inventories": [{"name": "uniform", "type": "gridded", "file": str(uniform), "species": "pm25",
                                                      "variables": {"all": {"name": "pm25"}}}]}
    case = write(tmp_path, grid=grid, emissions=emissions)
    done = bashu("check", case)
    assert done.returncode == 0, done.stderr
    assert "output of the WRF model" in done.stdout
    done = bashu("run", case, "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    run = Run(tmp_path / "out", done)
    assert all(abs(row["residual"]) <= LEDGER_CLOSES for row in run.summary["ledger"])
    assert run.summary["correction"]["p99_m_s"] < 0.5  # WRF's own winds keep WRF's mass, but for the means over 3 hours
    surface = run.field("primary_pm25")
    assert surface.shape[0] == 9 and np.isfinite(surface).all() and surface.min() > 0.2


def made_up(folder):
    """A file of WRF output over the whole region: dry isothermal air, 5 m/s along the file's x, 3 times an hour apart."""
    pyproj = pytest.importorskip("pyproj")
    nx, ny, eta, top, mu, t, step = 30, 24, np.array([1, 0.99, 0.96, 0.9, 0.8, 0.6, 0.35, 0.15, 0]), 10000.0, 80000.0, 280.0, 60000.0
    earth = pyproj.Proj("+proj=lcc +lat_1=27 +lat_2=33 +lat_0=30 +lon_0=104 +R=6370000")
    x, y = np.meshgrid((np.arange(nx) - (nx - 1) / 2) * step, (np.arange(ny) - (ny - 1) / 2) * step)
    lon, lat = earth(x, y, inverse=True)
    half = top + eta * mu
    p = 0.5 * (half[1:] + half[:-1])
    theta = t * (1e5 / p) ** (2 / 7) - 300
    layers = lambda profile: np.broadcast_to(profile[:, None, None], (len(profile), ny, nx))
    path = folder / "wrfout_d01_2015-01-10_16:00:00"
    with Dataset(path, "w") as nc:
        for name, value in dict(MAP_PROJ=1, TRUELAT1=27.0, TRUELAT2=33.0, MOAD_CEN_LAT=30.0, STAND_LON=104.0, CEN_LAT=30.0, CEN_LON=104.0,
                                DX=step, DY=step, MMINLU="MODIFIED_IGBP_MODIS_NOAH", SIMULATION_START_DATE="2015-01-10_12:00:00").items():
            nc.setncattr(name, value)
        sizes = {"Time": None, "DateStrLen": 19, "bottom_top": 8, "bottom_top_stag": 9, "south_north": ny, "west_east": nx,
                 "south_north_stag": ny + 1, "west_east_stag": nx + 1}
        for name, size in sizes.items():
            nc.createDimension(name, size)
        times = nc.createVariable("Times", "S1", ("Time", "DateStrLen"))
        for n in range(3):
            times[n] = np.array(list(f"2015-01-10_{16 + n}:00:00"), "S1")

        def put(name, unit, values, *dims):
            v = nc.createVariable(name, "f4", ("Time", *dims))
            v.units = unit
            for n in range(3):
                v[n] = values
        flat, deep = ("south_north", "west_east"), ("bottom_top", "south_north", "west_east")
        put("ZNW", "", eta, "bottom_top_stag")
        put("P_TOP", "Pa", top)
        for name, unit, values in (("XLAT", "degree_north", lat), ("XLONG", "degree_east", lon), ("HGT", "m", 500.0), ("MU", "Pa", 0.0),
                                   ("MUB", "Pa", mu), ("PSFC", "Pa", top + mu), ("LU_INDEX", "", 12.0), ("HFX", "W m-2", 20.0),
                                   ("RAINC", "mm", 0.0), ("RAINNC", "mm", 0.0)):
            put(name, unit, values, *flat)
        for name, unit, profile in (("P", "Pa", 0 * p), ("PB", "Pa", p), ("T", "K", theta), ("QVAPOR", "kg kg-1", 0 * p)):
            put(name, unit, layers(profile), *deep)
        put("U", "m s-1", 5.0, "bottom_top", "south_north", "west_east_stag")
        put("V", "m s-1", 0.0, "bottom_top", "south_north_stag", "west_east")
    return path


def test_template(tmp_path):
    """The template as it is, on a made-up file: no data folder is needed."""
    made_up(tmp_path)
    out = tmp_path / "out"
    words = ("--set", "time.end=2015-01-10T18:00:00Z", "--set", "boundary.scale_height=0 m")
    done = bashu("run", CONFIGS / "cases/wrf.yaml", "--out", out, *words, env={**os.environ, "WRFOUT": str(tmp_path)})
    assert done.returncode == 0, done.stderr
    run = Run(out, done)
    kept = bashu("check", out / "case.yaml")
    assert kept.returncode == 0, kept.stderr  # with the defaults of all providers in it
    assert run.summary["grid"] == {"nx": 30, "ny": 24, "nz": 8}
    assert all(abs(row["residual"]) <= LEDGER_CLOSES for row in run.summary["ledger"])
    # A uniform wind on a map is not quite free of divergence on the Earth: 1e-2 of it over the map's width.
    assert run.summary["correction"]["max_m_s"] < 0.2
    assert run.ledger["pm25"]["emitted_kg"] > 1e4
    # Through the western side in two hours: mu / g of air, 5 m/s, 24 cells of 60 km, 4 ug/kg; map factors are near 1.
    inflow = 80000 / GRAVITY * 5 * 24 * 60000 * 7200 * 4e-9
    assert abs(run.ledger["pm25_boundary"]["in_west_kg"] / inflow - 1) < 0.03


@pytest.mark.parametrize("option", ["temperature=standard_atmosphere", "humidity=0.5", "surface_pressure=from_terrain"])
def test_assumptions_that_wrf_does_not_read_are_refused(option, tmp_path):
    made_up(tmp_path)
    done = bashu("check", CONFIGS / "cases/wrf.yaml", "--set", f"meteorology.assume.{option}", env={**os.environ, "WRFOUT": str(tmp_path)})
    assert done.returncode == 2
    assert f"only meteorology.provider: pressure_levels or era5_model_levels reads meteorology.assume.{option.split('=')[0]}" in done.stderr


def test_cut_file_is_refused(tmp_path):
    need(PARTIAL)
    met = {**CASE["meteorology"], "files": str(PARTIAL)}
    for grid in (CASE["grid"], LONLAT):
        done = bashu("check", write(tmp_path, grid=grid, meteorology=met))
        assert done.returncode == 2, done.stderr
        assert "wrfout_lambert_d1_partial.nc: no variable ZNW, P_TOP, U, V, T, P, PB, QVAPOR" in done.stderr
        assert "Was the file cut down?" in done.stderr
