"""`bashu adjoint` on whole runs: forward and backward give the same mean and the same parts of it; what cannot be done is refused."""
import csv
import json
import subprocess
import sys

import numpy as np
import pytest
import yaml

from support import CONFIGS, ROOT, Run, assert_same_bits, bashu, fields, long_one, needs_program, run, write_case

pytestmark = needs_program

TINY = ROOT / "tests/cases/tiny.yaml"
LINEAR = {"operators.advection": "ppm6_lin"}
# Seven hours of a winter day.
HOURS = {"time.start": "2015-01-31T01:00:00Z", "time.end": "2015-01-31T08:00:00Z", "time.spinup": "1 h"}
A_RUN = 1e-5   # ROUND, of the mean: the goal of a whole run with fields in float
TABLE = 2e-7   # of figures printed with seven digits


def table(file):
    with open(file, encoding="utf-8") as f:
        return list(csv.DictReader(line for line in f if not line.startswith("#")))


class Adjoint:
    def __init__(self, folder, done):
        self.folder, self.done = folder, done
        self.summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
        self.rows = table(folder / "adjoint_contributions.csv")
        self.mean = self.summary["mean_ug_m3"]["total"]

    def part(self, kind, source=None):
        return sum(float(r["contribution_ug_m3"]) for r in self.rows
                   if r["kind"] == kind and (source is None or r["source"] == source))


def adjoint(folder, name, case, *words):
    done = bashu("adjoint", case, "--out", folder / name, *words)
    assert done.returncode == 0, done.stderr
    return Adjoint(folder / name, done)


def forward_means(run, key="Chengdu"):
    row = next(r for r in table(run.folder / "cities_period.csv") if key in (r["name"], r["name_en"], r["adcode"]))
    return {k[:-len("_mean")]: float(v) for k, v in row.items() if k.endswith("_mean")}


@pytest.mark.parametrize("name, changes, receptor", [
    ("plain", {}, "Chengdu"),
    ("plumes", {"operators.vertical_diffusion": "acm2"}, "511500"),
    pytest.param("second order, half hours", {"operators.vertical_diffusion": "tr_bdf2", "meteorology.interval": "30 minutes",
                                  "output.surface_interval": "30 minutes"}, "重庆市", marks=long_one),
    pytest.param("upwind, rain", {"operators.advection": "upwind1", "meteorology.idealised.precipitation": "2e-5 kg m-2 s-1"}, "Chengdu", marks=long_one),
    pytest.param("steady, no mixing", {"operators.vertical_diffusion": "none", "meteorology.steady": True}, "Chengdu", marks=long_one),
    pytest.param("no settling, long steps", {"operators.settling": False, "time.max_courant": 2.5, "time.max_step": "1800 s"}, "Chengdu", marks=long_one),
])
def test_forward_and_backward_agree(tmp_path, name, changes, receptor):
    changes = {**HOURS, **LINEAR, **changes}
    there = run(tmp_path, "there", changes)
    back = adjoint(tmp_path, "back", tmp_path / "there.yaml", "--receptor", receptor)
    forward = forward_means(there, receptor)
    total = forward.pop("primary_pm25")
    assert total > 1
    assert abs(back.mean - total) <= (A_RUN + TABLE) * total
    assert abs(back.part("initial") - forward.pop("primary_pm25_initial")) <= (A_RUN + TABLE) * total
    assert abs(back.part("boundary") - forward.pop("primary_pm25_boundary")) <= (A_RUN + TABLE) * total
    assert len(forward) == 6
    for tag, mean in forward.items():
        assert abs(back.part("emission", tag[len("primary_pm25_"):]) - mean) <= (A_RUN + TABLE) * total, (name, tag)
    assert back.part("emission", "untagged") == 0
    steps = [json.loads((tmp_path / r / "summary.json").read_text(encoding="utf-8"))["steps"] for r in ("there", "back")]
    assert steps[0] == steps[1]


@long_one
def test_groups_of_sources(tmp_path):
    """Tags by region and sector; a receptor of several regions."""
    changes = {**HOURS, **LINEAR, "tracers.tags": False, "tracers.cross": {"regions": ["成都平原", "重庆"],
                                                                           "sectors": ["industry", "residential"]}}
    there = run(tmp_path, "there", changes)
    back = adjoint(tmp_path, "back", tmp_path / "there.yaml", "--receptor", "510100")
    forward = forward_means(there, "510100")
    total = forward["primary_pm25"]
    assert back.part("emission", "untagged") == 0
    for tag in ("chengdu-plain_industry", "chengdu-plain_residential", "chongqing_industry", "chongqing_residential", "other"):
        assert abs(back.part("emission", tag) - forward[f"primary_pm25_{tag}"]) <= (A_RUN + TABLE) * total, tag
    plain = {f["properties"]["adcode"] for f in json.loads((CONFIGS / "regions/sichuan-chongqing.geojson").read_text(
        encoding="utf-8"))["features"] if f["properties"]["group"] == "成都平原"}
    rows = {r["adcode"] for r in back.rows if r["source"] == "chengdu-plain_industry"}
    assert rows and rows <= plain
    family = adjoint(tmp_path, "family", tmp_path / "there.yaml", "--receptor", "chengdu-plain")
    assert family.summary["receptor"]["name"] == "chengdu-plain" and 0.2 * total < family.mean < total


@long_one
def test_nested_run(tmp_path):
    """Air that comes in from a coarser run changes from hour to hour."""
    outer = run(tmp_path, "outer", {**HOURS, "output.fields3d.interval": "1 h", "meteorology.interval": "2 h",
                                    "time.end": "2015-01-31T09:00:00Z"})
    from_outer = {"type": "file", "file": str(outer.folder / "fields3d.nc")}
    changes = {**HOURS, **LINEAR, "grid.nx": 26, "grid.ny": 22, "grid.dx": "27 km", "grid.centre": [104.5, 30.5],
               "initial": from_outer, "boundary": from_outer, "time.start": "2015-01-31T02:00:00Z"}
    there = run(tmp_path, "there", changes)
    back = adjoint(tmp_path, "back", tmp_path / "there.yaml", "--receptor", "513300")
    forward = forward_means(there, "513300")
    total = forward["primary_pm25"]
    assert forward["primary_pm25_boundary"] > 0.05 * total
    for mean, part in ((total, back.mean), (forward["primary_pm25_boundary"], back.part("boundary")),
                       (forward["primary_pm25_initial"], back.part("initial"))):
        assert abs(part - mean) <= (A_RUN + TABLE) * total


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tiny")
    words = ["--set", "operators.advection=ppm6_lin", "--set", "output.precision_bits=23"]
    return folder, words, adjoint(folder, "back", TINY, "--receptor", "510100", *words)


def test_parts_add_up(tiny):
    _, _, back = tiny
    a = fields(back.folder / "adjoint.nc")
    emission = back.summary["mean_ug_m3"]["emission"]
    assert emission > 0.1
    assert a["contribution"].astype(float).sum() == pytest.approx(emission, rel=1e-6)
    assert a["contribution_power"].astype(float).sum() == pytest.approx(emission, rel=1e-6)
    assert a["hourly_contribution"].sum() == pytest.approx(emission, rel=1e-9)
    assert back.part("emission") == pytest.approx(emission, rel=1e-8)
    assert back.part("emission") + back.part("initial") + back.part("boundary") == pytest.approx(back.part("total"), rel=1e-8)
    hours = a["sensitivity"].astype(float)
    assert hours.shape == (30, 7, 20, 24)
    assert np.abs(hours.sum(axis=0) - a["sensitivity_sum"]).max() <= 1e-6 * a["sensitivity_sum"].max()
    assert a["receptor_weight"].astype(float).sum() == pytest.approx(1, rel=1e-6)
    assert a["time"][0] == 15 and a["time_bnds"][0].tolist() == [14, 15]


def test_air_comes_with_the_wind(tmp_path, tiny):
    """3 m s-1 from the west, a little from the south: what counts for Meishan lies in and upwind of it, nothing in the north-east."""
    _, words, _ = tiny
    a = fields(adjoint(tmp_path, "back", TINY, "--receptor", "Meishan", *words).folder / "adjoint.nc")
    ground, weight = a["sensitivity_sum"][0].astype(float), a["receptor_weight"].astype(float)
    counts, city = (np.average(np.indices(ground.shape)[1], weights=w) for w in (np.maximum(ground, 0), weight))
    assert counts < city - 1
    north, east = (np.nonzero(weight.sum(axis=axis))[0].max() for axis in (1, 0))
    assert np.abs(ground[north + 3:, east + 3:]).max() < 1e-3 * ground.max()
    assert ground.min() > -0.05 * ground.max()  # SCIENCE: the linear scheme undershoots at the city's edge


@long_one
def test_change_of_one_cell_and_hour(tmp_path, tiny):
    """Finite difference of the whole program: 100 kg s-1 more for one hour at 150 m above one place; a linear model has no other error
    than rounding."""
    folder, words, back = tiny
    lon, lat, rate, height, local_hour = 103.6, 30.45, 1000.0, 150.0, 9
    (tmp_path / "pulse.csv").write_text("name,lon,lat,sector,species,value,unit,height\n"
                                        f"pulse,{lon},{lat},pulse,pm25,{rate},kg s-1,{height}\n", encoding="utf-8")
    (tmp_path / "hour.csv").write_text("sector," + ",".join(f"h{h + 1}" for h in range(24)) + "\n"
                                       "power," + ",".join(["1"] * 24) + "\n"
                                       "pulse," + ",".join("24" if h == local_hour else "0" for h in range(24)) + "\n",
                                       encoding="utf-8")
    case = yaml.safe_load(TINY.read_text(encoding="utf-8"))
    case["regions"]["file"] = str(CONFIGS / "regions/sichuan-chongqing.geojson")
    case["emissions"]["inventories"][0]["file"] = str(ROOT / "tests/cases/tiny_points.csv")
    case["emissions"]["inventories"].append({"name": "pulse", "type": "points", "file": str(tmp_path / "pulse.csv")})
    case["emissions"]["profiles"] = {"hour": str(tmp_path / "hour.csv"), "utc_offset": "8 h"}
    (tmp_path / "pulse.yaml").write_text(yaml.safe_dump(case), encoding="utf-8")
    means = []
    for file in (TINY, tmp_path / "pulse.yaml"):
        done = bashu("run", file, "--out", tmp_path / f"run{len(means)}", *words)
        assert done.returncode == 0, done.stderr
        means.append(forward_means(Run(tmp_path / f"run{len(means)}", done))["primary_pm25"])
    a = fields(back.folder / "adjoint.nc")
    distance = np.hypot((a["lon"] - lon) * np.cos(np.radians(lat)), a["lat"] - lat)
    j, i = np.unravel_index(distance.argmin(), distance.shape)
    k = int((a["layer_top_height"][:, j, i] <= height).sum())
    hour = int(np.flatnonzero((a["time_bnds"][:, 0] + 8) % 24 == local_hour)[0])
    assert k > 0
    expected = a["sensitivity"][hour, k, j, i] * rate * 24
    assert expected > 10 * means[0]
    assert means[1] - means[0] == pytest.approx(float(expected), rel=A_RUN)


def test_a_span_of_hours(tmp_path):
    changes = {**HOURS, **LINEAR}
    there = run(tmp_path, "there", changes)
    back = adjoint(tmp_path, "back", tmp_path / "there.yaml", "--receptor", "Chengdu", "--from", "2015-01-31T03:00:00Z",
                   "--to", "2015-01-31T13:00:00+08:00")
    hours = [float(r["primary_pm25"]) for r in table(there.folder / "cities.csv") if r["name_en"] == "Chengdu"
             and r["time_end_utc"] in ("2015-01-31T04:00:00Z", "2015-01-31T05:00:00Z")]
    assert len(hours) == 2
    assert back.mean == pytest.approx(np.mean(hours), rel=A_RUN)
    assert len(fields(back.folder / "adjoint.nc")["time"]) == 4  # nothing after the span counts
    assert back.summary["receptor"]["from"] == "2015-01-31T03:00:00Z"


@long_one
def test_threads_and_prepared_weather_change_no_bit(tmp_path, tiny):
    _, words, back = tiny
    done = bashu("prepare", TINY, "--out", tmp_path / "cache", *words)
    assert done.returncode == 0, done.stderr
    for name, more in (("one", ["--threads", "1"]), ("three", ["--threads", "3"]),
                       ("cache", ["--set", f"meteorology.prepared={tmp_path / 'cache'}"])):
        other = adjoint(tmp_path, name, TINY, "--receptor", "成都市", *words, *more)
        assert_same_bits(back, other, "adjoint.nc")
        assert other.rows == back.rows
    assert "prepared, from" in other.done.stderr


@pytest.mark.parametrize("words, status, says", [
    (["--receptor", "510100"], 2, ["operators.advection is ppm6_sel", "--set operators.advection=ppm6_lin"]),
    (["--receptor", "510100", "--set", "operators.advection=none"], 2, ["operators.advection is none"]),
    (["--set", "operators.advection=ppm6_lin"], 2, ["name the receptor", "--receptor KEY"]),
    (["--receptor", "Chengdo", "--set", "operators.advection=ppm6_lin"], 2,
     ["--receptor", "'Chengdo' names no region", "did you mean 'Chengdu'"]),
    (["--receptor", "Panzhihua", "--set", "operators.advection=ppm6_lin"], 2, ["510400", "outside the mesh"]),
    (["--receptor", "510100", "--set", "operators.advection=ppm6_lin", "--from", "2015-01-11T00:30:00Z"], 2,
     ["--from", "whole hour of the run", "2015-01-10T14:00:00Z"]),
    (["--receptor", "510100", "--set", "operators.advection=ppm6_lin", "--to", "noon"], 2, ["--to", "noon"]),
    (["--receptor", "510100", "--set", "operators.advection=ppm6_lin", "--from", "2015-01-11T02:00:00Z", "--to",
      "2015-01-11T02:00:00Z"], 2, ["ends", "before it begins"]),
    (["--receptor", "510100", "--set", "operators.advection=ppm6_lin", "--set", "tracers.species=[pmcoarse]", "--set",
      "tracers.tags=false", "--set", "emissions.sectors=[]"], 2, ["tracers.species has no pm25"]),
])
def test_what_cannot_be_done_is_refused(tmp_path, words, status, says):
    done = bashu("adjoint", TINY, "--out", tmp_path / "out", *words)
    assert done.returncode == status, done.stderr
    for text in says:
        assert text in done.stderr, (text, done.stderr)
    assert not (tmp_path / "out").exists()


def test_nothing_is_overwritten(tiny):
    folder, words, back = tiny
    before = (back.folder / "adjoint.nc").read_bytes()
    for command in (["adjoint", TINY, "--receptor", "510100"], ["run", TINY]):
        done = bashu(*command, "--out", back.folder, *words)
        assert done.returncode == 2 and "overwrites nothing" in done.stderr or "finished run" in done.stderr, done.stderr
    assert (back.folder / "adjoint.nc").read_bytes() == before


def test_no_regions_no_receptor(tmp_path):
    case = write_case(tmp_path / "bare.yaml", {**HOURS, **LINEAR, "regions": None})
    done = bashu("adjoint", case, "--receptor", "510100", "--out", tmp_path / "out")
    assert done.returncode == 2 and "regions.file" in done.stderr, done.stderr


def test_picture(tmp_path, tiny):
    _, _, back = tiny
    plot = [sys.executable, ROOT / "scripts/plot_adjoint.py"]
    done = subprocess.run([*plot, back.folder, "--out", tmp_path / "a.png"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG") and (tmp_path / "a.png").stat().st_size > 50000
    for words, says in (([tmp_path], "adjoint.nc does not exist"), ([back.folder, "--layer", "8"], "expected 1 (the ground) to 7")):
        done = subprocess.run([*plot, *words], capture_output=True, text=True, check=False)
        assert done.returncode == 2 and says in done.stderr, done.stderr
