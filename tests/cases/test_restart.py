"""Runs that are cut, in every way there is, and go on: the same bits as a run that was not, and nothing lost but the time since the last
checkpoint."""
import json
import os
import random
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest
import yaml

from support import BASHU, CONFIGS, bashu, long_one, needs_program, write_case

pytestmark = needs_program
HOURLY = {"time.start": "2015-01-30T22:00:00+08:00", "time.end": "2015-01-31T08:00:00+08:00", "time.spinup": "0 h",
          "checkpoint.interval": "1 h", "output.fields3d.interval": "3 h", "output.corridors": True}
KILLS = 30
WAYS_OF_LEAVING = {signal.SIGTERM: "SIGTERM", signal.SIGUSR1: "SIGUSR1", signal.SIGINT: "SIGINT"}


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A case and a run of it that nobody cut."""
    folder = tmp_path_factory.mktemp("restart")
    case = write_case(folder / "case.yaml", HOURLY)
    began = time.monotonic()
    done = bashu("run", case, "--out", folder / "whole")
    assert done.returncode == 0, done.stderr
    return folder, case, folder / "whole", time.monotonic() - began


def outputs(folder):
    return {p.name: p.read_bytes() for p in Path(folder).iterdir() if p.suffix in (".nc", ".csv")}


def assert_same(one, other):
    """Every output to the byte, and the ledger; and nothing of the checkpoints is left."""
    a, b = outputs(one), outputs(other)
    assert a.keys() == b.keys()
    assert [name for name in a if a[name] != b[name]] == []
    s, t = (json.loads((Path(x) / "summary.json").read_text()) for x in (one, other))
    assert s["ledger"] == t["ledger"] and s["steps"] == t["steps"] and s["assumed"] == t["assumed"]
    assert s["correction"] == t["correction"]
    assert not (Path(other) / "checkpoint").exists() and not list(Path(other).glob("*.part"))


def start(case, out, *words):
    return subprocess.Popen([BASHU, "run", str(case), "--out", str(out), *map(str, words)], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True)


def checkpoints(out):
    return sorted((Path(out) / "checkpoint").glob("checkpoint_*.h5"))


def wait_for(process, out, count=1):
    """Until the run has written a checkpoint (and, with 2, another)."""
    while process.poll() is None and len(checkpoints(out)) < count:
        time.sleep(0.002)
    assert process.poll() is None, process.stderr.read()


def cut(case, out, how=signal.SIGKILL, count=2):
    process = start(case, out)
    wait_for(process, out, count)
    process.send_signal(how)
    _, words = process.communicate(timeout=60)
    return process.returncode, words


def test_killed_at_random_moments(world, tmp_path):
    folder, case, whole, seconds = world
    chance, kills, rounds = random.Random(20150130), 0, 0
    wanted = 4 if os.environ.get("BASHU_BRIEF") == "1" else KILLS
    while kills < wanted:
        out, rounds = tmp_path / f"out{rounds}", rounds + 1
        for attempt in range(200):  # longer from one to the next: a busy machine gets to its end, too
            process = start(case, out, "--resume")
            try:
                process.communicate(timeout=chance.uniform(0.05, 0.6) * seconds * (1 + attempt / 8))
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
                kills += 1
                continue
            assert process.returncode == 0, process.stderr
            break
        assert_same(whole, out)
        shutil.rmtree(out)
    assert kills >= wanted


@pytest.mark.parametrize("how", WAYS_OF_LEAVING, ids=WAYS_OF_LEAVING.values())
def test_leaves_on_request(world, tmp_path, how):
    _, case, whole, _ = world
    out = tmp_path / "out"
    status, words = cut(case, out, how)
    assert status == 75, words
    assert f"on {WAYS_OF_LEAVING[how]}; the checkpoint is in {out}/checkpoint: go on with the same command and --resume" in words
    assert len(checkpoints(out)) == 2 and not outputs(out)
    done = bashu("run", case, "--out", out, "--resume")
    assert done.returncode == 0 and "resumed from the checkpoint of 2015" in done.stderr
    assert_same(whole, out)
    log = (out / "run.log").read_text()
    assert "bashu: left at" in log and log.index("bashu: left at") < log.index("resumed from"), "the log goes on"


def test_other_number_of_threads(world, tmp_path):
    _, case, whole, _ = world
    out = tmp_path / "out"
    assert cut(case, out)[0] == -signal.SIGKILL
    assert bashu("run", case, "--out", out, "--resume", "--threads", "1").returncode == 0
    assert_same(whole, out)


@pytest.mark.parametrize("harm", ["truncated", "flipped", "emptied"])
def test_a_damaged_checkpoint_gives_way_to_the_one_before(world, tmp_path, harm):
    _, case, whole, _ = world
    out = tmp_path / "out"
    cut(case, out)
    newest = checkpoints(out)[-1]
    if harm == "flipped":
        data = bytearray(newest.read_bytes())
        data[len(data) // 2] ^= 1
        newest.write_bytes(data)
    else:
        os.truncate(newest, 5000 if harm == "truncated" else 0)
    done = bashu("run", case, "--out", out, "--resume")
    assert done.returncode == 0, done.stderr
    assert f"{newest}" in done.stderr and ("checksum" in done.stderr or "cut short" in done.stderr)
    assert_same(whole, out)


@long_one
def test_no_checkpoint_is_whole(world, tmp_path):
    _, case, _, _ = world
    out = tmp_path / "out"
    cut(case, out)
    for file in checkpoints(out):
        os.truncate(file, 100)
    done = bashu("run", case, "--out", out, "--resume")
    assert done.returncode == 2 and "none of its 2 checkpoints is whole; remove that folder and run anew" in done.stderr
    assert len(checkpoints(out)) == 2, "nothing is lost by trying"


def test_a_damaged_journal_is_named(world, tmp_path):
    _, case, _, _ = world
    out = tmp_path / "out"
    cut(case, out)
    journal = out / "checkpoint/surface.nc.journal"
    data = bytearray(journal.read_bytes())
    data[len(data) // 2] ^= 1
    journal.write_bytes(data)
    done = bashu("run", case, "--out", out, "--resume")
    assert done.returncode == 2 and f"{journal}: is damaged" in done.stderr
    assert checkpoints(out) and journal.exists()


@long_one
def test_changes_are_named_and_refused(world, tmp_path):
    folder, case, whole, _ = world
    points = tmp_path / "points.csv"
    shutil.copy(CONFIGS / "emissions/points_power.csv", points)
    settings = yaml.safe_load(case.read_text())
    settings["emissions"]["inventories"][1]["file"] = str(points)
    mine = tmp_path / "case.yaml"
    mine.write_text(yaml.safe_dump(settings, allow_unicode=True))
    out = tmp_path / "out"
    cut(mine, out)
    words = ("--set", "operators.kz_min=0.2 m2 s-1", "--set", "initial.value=3 ug kg-1")
    done = bashu("run", mine, "--out", out, "--resume", *words)
    assert done.returncode == 2, done.stderr
    for part in ("changed since (2)", "operators.kz_min: was 0.1 m2 s-1, is 0.2 m2 s-1", "initial.value: was 2 ug kg-1, is 3 ug kg-1",
                 "--allow-changes"):
        assert part in done.stderr
    with open(points, "a", encoding="utf-8") as f:
        f.write("# another word\n")
    done = bashu("run", mine, "--out", out, "--resume")
    assert done.returncode == 2 and f"{points}: was " in done.stderr and "hash" in done.stderr
    done = bashu("run", mine, "--out", out, "--resume", "--allow-changes", *words)
    assert done.returncode == 0 and "changed since the checkpoint, as --allow-changes permits" in done.stderr
    a, b = outputs(whole), outputs(out)
    assert a.keys() == b.keys() and a["cities.csv"] != b["cities.csv"]


@long_one
def test_when_checkpoints_are_written_may_change(world, tmp_path):
    _, case, whole, _ = world
    out = tmp_path / "out"
    cut(case, out)
    done = bashu("run", case, "--out", out, "--resume", "--set", "checkpoint.interval=5 h")
    assert done.returncode == 0, done.stderr
    assert outputs(whole)["cities_period.csv"] == outputs(out)["cities_period.csv"]


def test_only_resume_goes_on(world, tmp_path):
    _, case, _, _ = world
    out = tmp_path / "out"
    cut(case, out)
    done = bashu("run", case, "--out", out)
    assert done.returncode == 2 and "holds the checkpoints of a run that was cut; go on with it by --resume" in done.stderr
    assert len(checkpoints(out)) == 2


def test_resume_of_nothing_and_of_a_complete_run(world, tmp_path):
    _, case, whole, _ = world
    out = tmp_path / "out"
    done = bashu("run", case, "--out", out, "--resume")
    assert done.returncode == 0 and "holds no checkpoint: the run begins at its start" in done.stderr
    assert_same(whole, out)
    before = outputs(out)
    done = bashu("run", case, "--out", out, "--resume")
    assert done.returncode == 0 and "is complete: there is nothing to go on with" in done.stderr
    assert outputs(out) == before


@long_one
def test_cut_while_it_finishes(world, tmp_path):
    """Some outputs have their names already; they are made again."""
    _, case, whole, _ = world
    out = tmp_path / "out"
    cut(case, out)
    shutil.copy(whole / "surface.nc", out)
    (out / "cities.csv").write_text("half of it")
    assert bashu("run", case, "--out", out, "--resume").returncode == 0
    assert_same(whole, out)


def test_a_read_only_folder(world, tmp_path):
    if os.geteuid() == 0:
        pytest.skip("skipped: root writes into read-only folders")
    _, case, _, _ = world
    out = tmp_path / "out"
    cut(case, out)
    os.chmod(out / "checkpoint", 0o555)
    try:
        done = bashu("run", case, "--out", out, "--resume")
    finally:
        os.chmod(out / "checkpoint", 0o755)
    assert done.returncode == 1 and "cannot be created: Permission denied" in done.stderr
    assert len(checkpoints(out)) == 2


def test_a_full_disk(world, tmp_path):
    """A small tmpfs fills up while the run writes: the checkpoint before is whole and serves on a disk with room."""
    _, case, whole, _ = world
    small = tmp_path / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", small], capture_output=True, check=False).returncode:
        pytest.skip("skipped: mounting a small file system needs root")
    try:
        out = small / "out"
        process = start(case, out)
        wait_for(process, out, 1)
        with open(small / "ballast", "wb", buffering=0) as f:  # all the room that is left
            try:
                while True:
                    f.write(bytes(1 << 16))
            except OSError:
                pass
        _, words = process.communicate(timeout=120)
        assert process.returncode == 1, words
        assert "cannot be" in words and ("disk" in words or "No space left" in words)
        kept = checkpoints(out)
        assert kept and not outputs(out) and not list(out.glob("*.part")) and not list((out / "checkpoint").glob("*.part"))
        roomy = tmp_path / "roomy"
        shutil.copytree(out, roomy)
    finally:
        subprocess.run(["umount", "-l", small], check=False)
    done = bashu("run", case, "--out", roomy, "--resume")
    assert done.returncode == 0, done.stderr
    assert_same(whole, roomy)


@long_one
def test_an_input_vanishes(tmp_path):
    """The coarser run that a nest reads is taken away while it runs; back again, the nest goes on."""
    outer = write_case(tmp_path / "outer.yaml", {**HOURLY, "output.fields3d.interval": "1 h", "output.corridors": None})
    assert bashu("run", outer, "--out", tmp_path / "outer").returncode == 0
    fields3d, away = tmp_path / "outer/fields3d.nc", tmp_path / "away.nc"
    nest = {**HOURLY, "grid.dx": "30 km", "time.start": "2015-01-31T00:00:00+08:00",
            "initial": {"type": "file", "file": str(fields3d)}, "boundary": {"type": "file", "file": str(fields3d)}}
    case = write_case(tmp_path / "nest.yaml", nest)
    assert bashu("run", case, "--out", tmp_path / "whole").returncode == 0
    out = tmp_path / "out"
    process = start(case, out)
    wait_for(process, out, 2)
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 75
    fields3d.rename(away)
    done = bashu("run", case, "--out", out, "--resume")
    assert done.returncode == 2 and "fields3d.nc" in done.stderr
    assert len(checkpoints(out)) == 2
    away.rename(fields3d)
    assert bashu("run", case, "--out", out, "--resume").returncode == 0
    assert_same(tmp_path / "whole", out)


def test_without_checkpoints_sigterm_ends_at_once(world, tmp_path):
    _, case, _, _ = world
    out = tmp_path / "out"
    settings = yaml.safe_load(case.read_text())
    settings["checkpoint"] = {"wall_interval": "0 s"}
    mine = tmp_path / "case.yaml"
    mine.write_text(yaml.safe_dump(settings, allow_unicode=True))
    process = start(mine, out)
    while process.poll() is None and not (out / "surface.nc.part").exists():
        time.sleep(0.002)
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == -signal.SIGTERM
    assert not (out / "checkpoint").exists()


PLAN = """
plan: cuts
case: {case}
scenarios:
  half:
    - {{regions: [all], sectors: [industry], species: [all], cut: 50%, from: start, to: end}}
"""


@long_one
def test_a_scenario_set(world, tmp_path):
    """Members keep journals of their own; differences come out the same."""
    _, case, _, _ = world
    plan = tmp_path / "plan.yaml"
    plan.write_text(PLAN.format(case=case))
    words = ("scenario", plan, "--set", "output.corridors=false", "--set", "time.end=2015-02-01T04:00:00+08:00")
    assert bashu(*words, "--out", tmp_path / "whole").returncode == 0
    out = tmp_path / "out"
    process = subprocess.Popen([BASHU, *map(str, words), "--out", str(out)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    wait_for(process, out / "base", 2)
    process.kill()
    process.communicate()
    assert bashu(*words, "--out", out).returncode == 2
    done = bashu(*words, "--out", out, "--resume")
    assert done.returncode == 0, done.stderr
    for part in ("base", "half"):
        assert_same(tmp_path / "whole" / part, out / part)
    assert outputs(tmp_path / "whole") == outputs(out)
    assert bashu(*words, "--out", out, "--resume").returncode == 0
