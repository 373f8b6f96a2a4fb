"""Weather from files on tiles: each rank reads what it sees, and the run has the bits of one rank's."""
import os

import pytest

from support import bashu, needs_ranks
from test_ranks import differences, serial
from test_restart_weather import era5, wrf

pytestmark = needs_ranks
WORDS = ["output.fields3d.interval=1 h", "output.precision_bits=23", "time.spinup=0 s"]


@pytest.mark.parametrize("source, ranks", [(era5, 6), (wrf, 4)])
def test_files_on_tiles(source, ranks, tmp_path):
    case, where, settings = source(tmp_path)
    words = [w for s in settings + WORDS for w in ("--set", s)]
    for name, shared_out in (("one", {"program": serial()}), ("many", {"ranks": ranks})):
        done = bashu("run", case, "--out", tmp_path / name, "--threads", 1, *words, env={**os.environ, **where}, **shared_out)
        assert done.returncode == 0, done.stderr
    assert differences(tmp_path / "one", tmp_path / "many") == []
