"""Every reader against every fault that its files may have: refused with a message that names file, variable, place and remedy, or read with
the result of the sound file. The rows are in bad_input.py, and docs/bad-input.md lists what they get."""
import csv
import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import bad_input
import bad_sources
from support import BASHU, fields, long_one, needs_program

pytestmark = needs_program
ROUND = 1e-6  # regridding adds up the same terms in another order; relative to the largest value of a field
BRIEF = os.environ.get("BASHU_BRIEF") == "1"  # as in the sanitized stage of .ci/run: every third row
ROWS = bad_input.rows()[:: 3 if BRIEF else 1]
PAIRED = ("averaging_hours", "observed", "modelled")
WEATHER = ("pressure_levels", "terrain", "wrf", "model_levels", "land", "land_shares", "wind10")
SAME = [row for row in ROWS if row.same]


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """Every row, run once: name -> what the program did, its folder."""
    base = tmp_path_factory.mktemp("rows")
    with ThreadPoolExecutor(2) as pool:  # the program runs while the next files are written
        begun = []
        for n, row in enumerate(ROWS):
            where = base / str(n)
            begun.append((pool.submit(bad_input.run, BASHU, *bad_input.build(where, row, BASHU)), where))
        return {row.name: (job.result(), where) for row, (job, where) in zip(ROWS, begun)}


def test_rows_have_names_of_their_own():
    names = [row.name for row in ROWS]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_row(row, done):
    program, where = done[row.name]
    said = program.stdout + program.stderr
    assert program.returncode == (0 if row.same else row.status), said
    for words in row.says:
        assert words in said, said
    assert not [c for c in program.stderr if ord(c) < 32 and c not in "\n\t"], "control characters"
    if program.returncode == 0:
        return
    assert "error: " in program.stderr, said
    assert not list((where / "out").glob("*.nc")), "output of a run that failed"


# ---- what is read in another shape is the same ----

def result(where, row):
    """All that the row's reader makes: weather and terrain as prepared meteorology, everything else as a run's outputs."""
    words = bad_input.build(where, row, BASHU)
    if row.reader in bad_sources.EVALUATED:
        program = bad_input.run(BASHU, *words)
        assert program.returncode == 0, program.stderr
        with open(where / "scores/evaluation_pairs.csv", encoding="utf-8") as f:
            pairs = list(csv.DictReader(line for line in f if not line.startswith("#")))
        return {name: np.array([float(p[name]) for p in pairs]) for name in PAIRED}
    if row.reader in WEATHER:
        program = bad_input.run(BASHU, "prepare", words[1], "--out", where / "kept")
        files = "kept/*.nc"
    else:
        program = bad_input.run(BASHU, "run", words[1], "--out", where / "out", "--quiet", "--set", "output.precision_bits=23")
        files = "out/*.nc"
    assert program.returncode == 0, program.stderr
    made = {f"{'' if 'kept' in files else file.name}:{name}": values for file in sorted(where.glob(files))
            for name, values in fields(file).items() if values.dtype.kind == "f"}
    assert made
    return made


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """The results of the sound files by reader."""
    base = tmp_path_factory.mktemp("sound")
    return {reader: result(base / reader, bad_input.Row(reader, "none", None)) for reader in {row.reader for row in SAME}}


@long_one
@pytest.mark.parametrize("row", SAME, ids=lambda row: row.name)
def test_another_shape_gives_the_same(row, sound, tmp_path):
    found = result(tmp_path / "case", row)
    assert found.keys() == sound[row.reader].keys()
    for name, values in sound[row.reader].items():
        largest = np.nanmax(np.abs(values), initial=0)
        np.testing.assert_allclose(found[name], values, rtol=0, atol=ROUND * largest, err_msg=name)


@long_one
def test_the_sound_results_are_something(sound):
    assert np.ptp(sound["pressure_levels"][":temperature"]) > 10
    assert np.ptp(sound["terrain"][":ps"]) > 100
    for reader in ("gridded", "proxy", "points"):
        assert sound[reader]["surface.nc:primary_pm25"].max() > 0, reader


# ---- the page ----

@long_one
def test_the_page_is_up_to_date(done):
    text = bad_input.DOCS.read_text(encoding="utf-8")
    kept = text.split(bad_input.BEGIN)[1].split(bad_input.END)[0].strip().splitlines()
    assert kept == bad_input.table(done), "run: tests/cases/bad_input.py build/release/bashu"
