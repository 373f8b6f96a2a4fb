"""One-way nesting as a user does it: a coarse run keeps its 3-D fields, a finer run inside it starts from them and
takes its sides from them. A plume from a stack outside the fine mesh must come in through its sides; a uniform tracer
must stay so."""
import json
import os
import subprocess

import numpy as np
import pytest
from netCDF4 import Dataset

BASHU = os.environ.get("BASHU")
pytestmark = pytest.mark.skipif(not BASHU, reason="BASHU does not name the program")

# SCIENCE: share by which column means over the fine mesh may differ between 27 km and 9 km cells. Interpolating a
# profile that is steepest at the ground between middles of other layers makes 6 %; resolution 2 % more in ten hours.
MEANS_AGREE = 0.12
LEDGER_CLOSES = 2e-6  # ROUND: of initial + emitted + inflow, fields in float; the program's own limit
BACKGROUND = 0.37  # ug kg-1, of initial and inflowing air

STACKS = """name,lon,lat,sector,species,value,unit,height
outside,102.6,30.45,power,pm25,20.0,Gg year-1,20
inside,104.6,30.3,power,pm25,10.0,Gg year-1,20
"""

CASE = """
case: {{name: {name}}}
time: {{start: 2015-01-10T{start:02d}:00:00Z, end: 2015-01-10T18:00:00Z, spinup: 1 hour}}
grid:
  projection: '{projection}'
  nx: {nx}
  ny: {ny}
  dx: {dx}
  centre: [104.5, 30.5]
  levels: {{top: 250 hPa, flat_above: 0.1, eta: {eta}}}
meteorology:
  provider: idealised
  idealised: {{{wind}}}
tracers: {{species: [pm25, inert], tag_initial: true, tag_boundary: true}}
emissions:
  inventories:
    - {{name: stacks, type: points, file: stacks.csv}}
initial: {{{initial}}}
boundary: {{{boundary}}}
output: {{fields3d: {{interval: 1 hour{unrounded}}}}}
"""
COARSE = dict(name="coarse", start=0, projection="+proj=lcc +lat_1=27 +lat_2=33 +lat_0=30 +lon_0=104.5 +R=6370000",
              nx=22, ny=18, dx="27 km", eta="[1.0, 0.99, 0.97, 0.94, 0.89, 0.8, 0.65, 0.4, 0.0]", unrounded="",
              wind="wind_u: 6 m s-1, wind_v: 0.5 m s-1", initial=f"value: {BACKGROUND} ug kg-1",
              boundary=f"value: {BACKGROUND} ug kg-1")
# Another projection and other layers: nothing may depend on cells or layers that coincide.
FINE = dict(COARSE, name="fine", start=8, nx=24, ny=20, dx="9 km",
            projection="+proj=lcc +lat_1=28 +lat_2=32 +lat_0=30.5 +lon_0=106 +R=6370000",
            eta="[1.0, 0.985, 0.96, 0.92, 0.87, 0.77, 0.6, 0.35, 0.0]",
            initial="type: file, file: coarse/fields3d.nc", boundary="type: file, file: coarse/fields3d.nc")


def run(folder, options):
    (folder / "stacks.csv").write_text(STACKS, encoding="utf-8")
    case = folder / f"{options['name']}.yaml"
    case.write_text(CASE.format(**options), encoding="utf-8")
    return subprocess.run([BASHU, "run", case, "--out", folder / options["name"], "--threads", "2"],
                          capture_output=True, text=True, check=False, timeout=600)


@pytest.fixture(scope="module", params=["wind_u: 6 m s-1, wind_v: 0.5 m s-1", ""], ids=["uniform wind", "basin's wind"])
def runs(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("nest")
    for options in (COARSE, FINE):
        done = run(folder, dict(options, wind=request.param))
        assert done.returncode == 0, done.stderr
    return folder


def residuals(summary):
    return {row["tracer"]: row["residual"] for row in summary["ledger"]}


@pytest.mark.parametrize("name", ["coarse", "fine"])
def test_ledger_closes(runs, name):
    summary = json.loads((runs / name / "summary.json").read_text(encoding="utf-8"))
    assert set(residuals(summary)) >= {"pm25", "inert"}
    assert max(abs(r) for r in residuals(summary).values()) <= LEDGER_CLOSES


def test_uniform_tracer_stays_uniform(runs):
    """Every bit of it, through the file, three interpolations and ten hours of transport on another mesh."""
    for name in ("coarse", "fine"):
        with Dataset(runs / name / "fields3d.nc") as nc:
            q = nc["q_inert"][:].filled(np.nan)
            assert np.all(q == q.dtype.type(BACKGROUND)), (name, q.min(), q.max())


def column_excess(path):
    """Hours, and the column means of q_pm25 above the background with the latitudes and longitudes of their cells."""
    with Dataset(path) as nc:
        names = ("layer_top_height", "air_density_dry", "q_pm25")
        top, rho, q = (nc[name][:].filled(np.nan).astype(float) for name in names)
        mass = rho * np.diff(top, axis=1, prepend=0.0)
        mean = ((q - BACKGROUND) * mass).sum(axis=1) / mass.sum(axis=1)
        return list(nc["time"][:]), mean, nc["lat"][:].filled(np.nan), nc["lon"][:].filled(np.nan)


def test_means_agree(runs):
    hours, coarse, lat, lon = column_excess(runs / "coarse" / "fields3d.nc")
    fine_hours, fine, fine_lat, fine_lon = column_excess(runs / "fine" / "fields3d.nc")
    away = (lat - fine_lat[..., None, None]) ** 2 + (np.cos(np.radians(30.5)) * (lon - fine_lon[..., None, None])) ** 2
    nearest = away.reshape(*fine_lat.shape, -1).argmin(axis=-1)
    assert len(fine_hours) == 10
    for record, hour in enumerate(fine_hours):
        expected = coarse[hours.index(hour)].ravel()[nearest].mean()
        assert expected > 0.02  # ug kg-1: the plumes are there
        assert fine[record].mean() == pytest.approx(expected, rel=MEANS_AGREE), hour


def test_larger_mesh_is_refused(runs):
    done = run(runs, dict(FINE, name="large", nx=90, start=8))
    assert done.returncode == 2, done.stderr
    assert "large.yaml:18:" in done.stderr and "sticks out of the file's to the west" in done.stderr, done.stderr
    assert not list((runs / "large").glob("*.nc*"))


def test_rounded_fields_are_refused(runs):
    options = dict(COARSE, name="rounded", start=15, unrounded=", unrounded: false")
    assert run(runs, options).returncode == 0
    done = run(runs, dict(FINE, name="from_rounded", start=16, boundary="type: file, file: rounded/fields3d.nc"))
    assert done.returncode == 2, done.stderr
    assert "is rounded" in done.stderr and "output.fields3d.unrounded: true" in done.stderr, done.stderr
