"""What must hold of any run, whatever the weather: nothing comes from nothing, a uniform tracer stays so, twice the emission is
twice the concentration, and what rain and ground take is missing in the air."""
import numpy as np
import pytest

from support import CONFIGS, LEDGER_CLOSES, SHORT, SMALL, assert_same_bits, bashu, fields, needs_program, run

pytestmark = needs_program

LINEAR = 1e-5  # ROUND: doubling floats is exact but for the smallest ones
NOTHING_COMES_IN = {**SHORT, "initial.value": "0 ug kg-1", "boundary.value": "0 ug kg-1", "tracers.tag_initial": None,
                    "tracers.tag_boundary": None}
NO_EMISSION = {"emissions": None, "tracers.tags": False}
FIELDS_3D = {"output.fields3d": {"interval": "1 h"}}
VALUE = 0.37  # ug kg-1: no number that a binary fraction holds exactly
RAIN = {"meteorology.idealised.precipitation": "2.0e-4 kg m-2 s-1"}  # 0.7 mm an hour
STORM = {"meteorology.idealised.westerly_speed": "60 m s-1", "time.max_step": "3600 s"}
ENOUGH = 1e-6  # ug m-3: cells where there is anything to compare


def test_nothing_comes_from_nothing(tmp_path):
    empty = run(tmp_path, "empty", {**NOTHING_COMES_IN, **NO_EMISSION, **FIELDS_3D, **RAIN})
    for file, name in (("surface.nc", "primary_pm25"), ("fields3d.nc", "q_pm25")):
        assert not np.any(empty.field(name, file))
    assert [row["tracer"] for row in empty.summary["ledger"]] == ["pm25"]
    assert all(v == 0 for k, v in empty.ledger["pm25"].items() if k.endswith("_kg")), empty.ledger


@pytest.mark.parametrize("courant", [1.0, 2.5])
@pytest.mark.parametrize("scheme", ["ppm6_sel", "upwind1"])
def test_uniform_tracer_stays_uniform(tmp_path, scheme, courant):
    """In rain and storm, and where air crosses more than a cell in a step."""
    same = run(tmp_path, "same", {**SHORT, **NO_EMISSION, **FIELDS_3D, **RAIN, **STORM, "tracers.species": ["inert"],
                                  "tracers.tag_initial": False, "tracers.tag_boundary": False,
                                  "operators.advection": scheme, "time.max_courant": courant,
                                  "initial.value": f"{VALUE} ug kg-1", "boundary": {"value": f"{VALUE} ug kg-1"}})
    q = same.field("q_inert", "fields3d.nc")
    assert q.shape[0] == 5 and np.all(q == q.dtype.type(VALUE))
    longest = 54e3 / 60 * courant  # s, of a step at that Courant number
    assert same.summary["simulated_s"] / same.summary["steps"] == pytest.approx(longest, rel=0.5)
    row = same.ledger["inert"]
    assert row["dry_deposited_kg"] == row["wet_deposited_kg"] == row["emitted_kg"] == 0
    assert row["in_west_kg"] + row["in_east_kg"] > 0


def twice(case):
    return {**case, "emissions.inventories": [dict(i, scale=2) for i in case["emissions.inventories"]]}


def test_twice_the_emission_is_twice_the_concentration(tmp_path):
    once = {**NOTHING_COMES_IN, **RAIN, "operators.advection": "ppm6_lin",
            "emissions.inventories": SMALL["emissions"]["inventories"]}
    one, two = run(tmp_path, "one", once), run(tmp_path, "two", twice(once))
    assert two.ledger["pm25"]["emitted_kg"] == pytest.approx(2 * one.ledger["pm25"]["emitted_kg"], rel=1e-12)
    for name in ("primary_pm25", "primary_pm25_industry", "primary_pm25_power"):
        a, b = one.field(name), two.field(name)
        assert a.max() > 1 or name == "primary_pm25_power"
        assert np.allclose(b, 2.0 * a, rtol=LINEAR, atol=LINEAR * ENOUGH)


@pytest.fixture(scope="module")
def dry(tmp_path_factory):
    return run(tmp_path_factory.mktemp("physics"), "dry", SHORT)


def test_rain_cleans_the_air(dry, tmp_path):
    wet = run(tmp_path, "wet", {**SHORT, **RAIN})
    assert dry.ledger["pm25"]["wet_deposited_kg"] == 0 < wet.ledger["pm25"]["wet_deposited_kg"]
    tags = sum(row["wet_deposited_kg"] for name, row in wet.ledger.items() if name != "pm25")
    assert tags == pytest.approx(wet.ledger["pm25"]["wet_deposited_kg"], rel=LEDGER_CLOSES * 10)
    assert wet.ledger["pm25"]["stored_kg"] < dry.ledger["pm25"]["stored_kg"]
    a, b = wet.field("primary_pm25")[-1], dry.field("primary_pm25")[-1]
    assert np.all(a < b)
    fallen = fields(wet.folder / "deposition.nc")["primary_pm25_wet_deposition"]
    assert fallen.min() > 0
    assert np.allclose(wet.field("rain"), 2.0e-4, rtol=1e-6)  # kg m-2 s-1


def test_without_deposition_there_is_more(dry, tmp_path):
    off = {"operators": {"dry_deposition": "none", "settling": False, "wet_scavenging": "none"}}
    kept = run(tmp_path, "kept", {**SHORT, **off})
    assert kept.ledger["pm25"]["dry_deposited_kg"] == 0 < dry.ledger["pm25"]["dry_deposited_kg"]
    a, b = kept.field("primary_pm25").astype(float), dry.field("primary_pm25").astype(float)
    assert np.all(a[-1] > b[-1]) and a.mean() > 1.005 * b.mean()
    assert not (kept.folder / "deposition.nc").exists()


def test_schemes_of_deposition_differ(dry, tmp_path):
    """All three take something, each its own; what the plants of the third are stands in the outputs, and more leaves take more."""
    taken = {"emerson2020": dry.ledger["pm25"]["dry_deposited_kg"]}
    plants = {"operators.dry_deposition": "pleim2022", "meteorology.assume.vegetation_cover": 0.8}
    for name, changes in (("zhang2001", {"operators.dry_deposition": "zhang2001"}),
                          ("winter", {**plants, "meteorology.assume.leaf_area_index": 1.5}),
                          ("summer", {**plants, "meteorology.assume.leaf_area_index": 4})):
        done = run(tmp_path, name, {**SHORT, **changes})
        taken[name] = done.ledger["pm25"]["dry_deposited_kg"]
        if name == "winter":
            assert "plants for dry deposition: on 0.8 of the ground, leaf area index 1.5, everywhere" in done.summary["assumed"]
    assert all(kg > 0 for kg in taken.values()) and len(set(taken.values())) == 4
    assert taken["summer"] > 1.2 * taken["winter"]


def test_settling_brings_coarse_particles_down(tmp_path):
    """Coarse particles fall faster than fine ones: more of the same air's content reaches the ground."""
    both = {**SHORT, **NO_EMISSION, "tracers": {"species": ["pm25", "pmcoarse"]}}
    fine_and_coarse = run(tmp_path, "both", both)
    ledger = fine_and_coarse.ledger
    assert ledger["pmcoarse"]["initial_kg"] == ledger["pm25"]["initial_kg"]
    assert ledger["pmcoarse"]["dry_deposited_kg"] > 2 * ledger["pm25"]["dry_deposited_kg"] > 0


def test_emission_near_the_ground_weighs_more_there(tmp_path):
    """All of it in the lowest layer, against the height profiles and stacks: the ground gets more, the column the same."""
    tall = run(tmp_path, "tall", NOTHING_COMES_IN)
    low = run(tmp_path, "low", {**NOTHING_COMES_IN, "emissions.profiles.height": None})
    name = "primary_pm25_industry"
    assert low.field(name).mean() > 1.5 * tall.field(name).mean()
    assert low.ledger["pm25_industry"]["emitted_kg"] == pytest.approx(tall.ledger["pm25_industry"]["emitted_kg"], rel=1e-6)


def test_plume_rise_takes_hot_gas_off_the_ground(tmp_path):
    """The committed plants with made-up gas: what is emitted stays, the ground gets less, also from prepared meteorology."""
    lines = (CONFIGS / "emissions/points_power.csv").read_text(encoding="utf-8").splitlines()
    head = next(n for n, line in enumerate(lines) if line.startswith("name,"))
    stacks = [line if line.startswith("#") else line + (",diameter,exit_temperature,exit_velocity" if n == head else ",5,400,18")
              for n, line in enumerate(lines)]
    (tmp_path / "stacks.csv").write_text("\n".join(stacks) + "\n", encoding="utf-8")
    plants = {**NOTHING_COMES_IN, "emissions.sectors": ["power"]}
    cold = run(tmp_path, "cold", {**plants, "emissions.inventories": [{"name": "plants", "type": "points",
                                                                     "file": str(CONFIGS / "emissions/points_power.csv")}]})
    plants["emissions.inventories"] = [{"name": "plants", "type": "points", "file": str(tmp_path / "stacks.csv")}]
    hot = run(tmp_path, "hot", plants)
    assert "29 of 29 points with plume rise" in hot.log and "plume rise" not in cold.log
    assert hot.field("primary_pm25").mean() < 0.8 * cold.field("primary_pm25").mean()
    assert hot.ledger["pm25"]["emitted_kg"] == pytest.approx(cold.ledger["pm25"]["emitted_kg"], rel=1e-6)
    assert bashu("prepare", tmp_path / "hot.yaml", "--out", tmp_path / "cache").returncode == 0
    again = run(tmp_path, "again", {**plants, "meteorology.prepared": str(tmp_path / "cache")})
    assert "prepared, from" in again.log
    assert_same_bits(hot, again)


def test_without_any_operator_emission_alone_acts(tmp_path):
    """Stored mass is what was emitted, in the columns where it was emitted."""
    off = {"operators": {"advection": "none", "vertical_diffusion": "none", "horizontal_diffusion": "none",
                         "dry_deposition": "none", "settling": False, "wet_scavenging": "none"}}
    still = run(tmp_path, "still", {**NOTHING_COMES_IN, **off})
    row = still.ledger["pm25"]
    assert row["emitted_kg"] > 0
    moved = [v for k, v in row.items() if k.startswith(("in_", "out_", "dry_", "wet_"))]
    assert not any(moved) and row["stored_kg"] == pytest.approx(row["emitted_kg"], rel=LEDGER_CLOSES)
