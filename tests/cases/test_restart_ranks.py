"""Runs of several ranks that are cut, in every way there is, and go on on another number of ranks: the same bits as a run of one rank that
was not, and nothing lost but the time since the last checkpoint."""
import os
import random
import shutil
import signal
import subprocess
import time

import pytest

from support import CONFIGS, bashu, command, long_one, needs_ranks, write_case
from test_ranks import contents, differences, serial
from test_restart import HOURLY, PLAN, checkpoints

pytestmark = needs_ranks

# 31 x 23 cells divide by nothing; stacks alone, which every rank has read in a moment.
SEVERAL = {**HOURLY, "grid.nx": 31, "grid.ny": 23, "grid.dx": "47 km",
           "emissions.sectors": ["power"],
           "emissions.inventories": [{"name": "plants", "type": "points", "file": str(CONFIGS / "emissions/points_power.csv")}]}
KILLS = 12
ENDS_WITHIN = 30  # s; what is left of a run when one of it is gone, on a machine that has other things to do


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A case, a run of it on one rank that nobody cut, and how long one takes on four."""
    folder = tmp_path_factory.mktemp("restart_ranks")
    case = write_case(folder / "case.yaml", SEVERAL)
    done = bashu("run", case, "--out", folder / "whole", program=serial())
    assert done.returncode == 0, done.stderr
    began = time.monotonic()
    done = bashu("run", case, "--out", folder / "of4", "--threads", 1, ranks=4)
    assert done.returncode == 0, done.stderr
    assert differences(folder / "whole", folder / "of4") == []
    return case, folder / "whole", time.monotonic() - began


class Running:
    """A run on several ranks, by mpiexec."""

    def __init__(self, case, out, ranks, *words, act="run"):
        self.out = out / "base" if act == "scenario" else out
        self.process = subprocess.Popen(command(act, case, "--out", out, "--threads", 1, *words, ranks=ranks),
                                        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)

    def ranks(self):
        """Process ids of the ranks, the first one first."""
        found = {}
        children = subprocess.run(["ps", "-o", "pid=", "--ppid", str(self.process.pid)], capture_output=True, text=True, check=False)
        for pid in map(int, children.stdout.split()):
            try:
                with open(f"/proc/{pid}/environ", "rb") as f:
                    values = dict(v.split(b"=", 1) for v in f.read().split(b"\0") if b"=" in v)
            except OSError:
                continue
            if b"OMPI_COMM_WORLD_RANK" in values or b"PMI_RANK" in values:
                found[int(values.get(b"OMPI_COMM_WORLD_RANK", values.get(b"PMI_RANK", b"0")))] = pid
        return [found[rank] for rank in sorted(found)]

    def wait_for(self, count):
        """Until it has written a checkpoint (and, with 2, another)."""
        while self.process.poll() is None and len(checkpoints(self.out)) < count:
            time.sleep(0.002)
        assert self.process.poll() is None, self.process.stderr.read()
        return self

    def kill(self):
        """All of it at once, as when a machine is lost."""
        pids = [*self.ranks(), self.process.pid]
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.process.communicate()
        wait_until_gone(pids)

    def end(self, within=120):
        """Status and words."""
        pids = self.ranks()
        _, words = self.process.communicate(timeout=within)
        wait_until_gone(pids)
        return self.process.returncode, words


def is_alive(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as f:
            return f.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def wait_until_gone(pids):
    until = time.monotonic() + ENDS_WITHIN
    while any(map(is_alive, pids)):
        assert time.monotonic() < until, "a rank goes on by itself"
        time.sleep(0.01)


def half_written(out):
    """What has a final name that a run gives at its end."""
    return [p.name for p in out.iterdir() if p.suffix in (".nc", ".csv", ".json")]


def resume(case, out, ranks, *words, program=None):
    return bashu("run", case, "--out", out, "--resume", "--threads", 1, *words, ranks=ranks, program=program)


def assert_goes_on(whole, case, out, ranks, *words, program=None):
    done = resume(case, out, ranks, *words, program=program)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("resumed from the checkpoint of") == 1, done.stderr
    assert differences(whole, out) == []
    assert not (out / "checkpoint").exists() and not list(out.glob("*.part"))
    return done


def test_killed_at_random_moments(world, tmp_path):
    case, whole, seconds = world
    chance, kills, rounds = random.Random(20150131), 0, 0
    wanted = 4 if os.environ.get("BASHU_BRIEF") == "1" else KILLS
    while kills < wanted:
        out, rounds = tmp_path / f"out{rounds}", rounds + 1
        for attempt in range(100):  # longer from one to the next: a busy machine gets to its end, too
            run = Running(case, out, chance.choice((1, 2, 4, 6)), "--resume")
            try:
                _, words = run.process.communicate(timeout=chance.uniform(0.1, 0.8) * seconds * (1 + attempt / 8))
            except subprocess.TimeoutExpired:
                run.kill()
                kills += 1
                continue
            assert run.process.returncode == 0, words
            break
        assert differences(whole, out) == []
        assert not (out / "checkpoint").exists() and not list(out.glob("*.part"))
        shutil.rmtree(out)


@pytest.mark.parametrize("ranks", [pytest.param(1, marks=long_one), pytest.param(2, marks=long_one), 6])
def test_other_number_of_ranks(world, tmp_path, ranks):
    case, whole, _ = world
    out = tmp_path / "out"
    Running(case, out, 4).wait_for(2).kill()
    assert half_written(out) == []
    assert_goes_on(whole, case, out, ranks)


def test_without_mpi_and_back(world, tmp_path):
    """What four ranks began, a build without MPI goes on with, and six ranks complete."""
    case, whole, _ = world
    out = tmp_path / "out"
    Running(case, out, 4).wait_for(1).kill()
    first = len(checkpoints(out))
    process = subprocess.Popen(command("run", case, "--out", out, "--resume", program=serial()), stderr=subprocess.PIPE, text=True)
    newest = checkpoints(out)[-1]
    while process.poll() is None and (not checkpoints(out) or checkpoints(out)[-1] == newest):
        time.sleep(0.002)
    process.kill()
    process.communicate()
    assert first and checkpoints(out)[-1] != newest
    assert_goes_on(whole, case, out, 6)


@pytest.mark.parametrize("which", [pytest.param("the first", marks=long_one), "another"])
def test_a_rank_dies(world, tmp_path, which):
    """The rest ends by itself; whoever starts it again is told what to do."""
    case, whole, _ = world
    out = tmp_path / "out"
    run = Running(case, out, 4).wait_for(2)
    pids = run.ranks()
    assert len(pids) == 4
    os.kill(pids[0] if which == "the first" else pids[2], signal.SIGKILL)
    status, _ = run.end(ENDS_WITHIN)
    assert status not in (0, 75)
    assert half_written(out) == [] and checkpoints(out)
    done = bashu("run", case, "--out", out, "--threads", 1, ranks=4)
    assert done.returncode == 2
    assert done.stderr.count("holds the checkpoints of a run that was cut; go on with it by --resume") == 1, done.stderr
    assert_goes_on(whole, case, out, 6)


@pytest.mark.parametrize("how,whom", [
    (signal.SIGUSR1, "mpirun"), (signal.SIGTERM, "a rank"), pytest.param(signal.SIGTERM, "mpirun", marks=long_one),
    pytest.param(signal.SIGUSR1, "a rank", marks=long_one), pytest.param(signal.SIGUSR1, "all", marks=long_one)])
def test_leaves_on_request(world, tmp_path, how, whom):
    case, whole, _ = world
    out = tmp_path / "out"
    run = Running(case, out, 4).wait_for(1)
    before = checkpoints(out)[-1]
    for pid in {"mpirun": [run.process.pid], "a rank": run.ranks()[3:], "all": run.ranks()}[whom]:
        os.kill(pid, how)
    status, words = run.end()
    name = signal.Signals(how).name
    if (how, whom) == (signal.SIGTERM, "mpirun"):  # Open MPI kills what has not left a second after that;
        if (out / "summary.json").exists():        # by then a run as short as this may be complete
            assert differences(whole, out) == []
            return
    else:
        assert half_written(out) == []
        assert status == 75, words
        assert checkpoints(out)[-1] > before
        told = f"on {name}; the checkpoint is in {out}/checkpoint: go on with the same command and --resume"
        assert words.count(told) == 1, words
    assert status != 0
    assert_goes_on(whole, case, out, 2)


@pytest.mark.parametrize("harm", [pytest.param("truncated", marks=long_one), "flipped"])
def test_a_damaged_checkpoint_gives_way_to_the_one_before(world, tmp_path, harm):
    case, whole, _ = world
    out = tmp_path / "out"
    Running(case, out, 4).wait_for(2).kill()
    newest = checkpoints(out)[-1]
    data = bytearray(newest.read_bytes())
    if harm == "flipped":
        data[len(data) // 2] ^= 1
    newest.write_bytes(data[:5000] if harm == "truncated" else data)
    done = assert_goes_on(whole, case, out, 6)
    assert done.stderr.count(str(newest)) == 1 and ("checksum" in done.stderr or "cut short" in done.stderr)


def test_what_has_changed_is_named_once(world, tmp_path):
    case, _, _ = world
    out = tmp_path / "out"
    Running(case, out, 4).wait_for(1).kill()
    done = resume(case, out, 2, "--set", "operators.kz_min=0.2 m2 s-1")
    assert done.returncode == 2
    assert done.stderr.count("operators.kz_min: was 0.1 m2 s-1, is 0.2 m2 s-1") == 1, done.stderr
    assert checkpoints(out), "nothing is lost by trying"


def small_disk(folder, size):
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], capture_output=True, check=False).returncode:
        pytest.skip("skipped: mounting a small file system needs root")
    return folder


def fill(folder):
    """All the room that is left."""
    with open(folder / "ballast", "wb", buffering=0) as f:
        try:
            while True:
                f.write(bytes(1 << 16))
        except OSError:
            pass


def test_a_full_disk(world, tmp_path):
    case, whole, _ = world
    small = small_disk(tmp_path / "small", "32m")
    try:
        out = small / "out"
        run = Running(case, out, 4).wait_for(1)
        fill(small)
        status, words = run.end()
        assert status == 1, words
        assert "cannot be" in words and ("disk" in words or "No space left" in words)
        assert checkpoints(out) and half_written(out) == []
        assert not list(out.glob("*.part")) and not list((out / "checkpoint").glob("*.part"))
        roomy = tmp_path / "roomy"
        shutil.copytree(out, roomy)
    finally:
        subprocess.run(["umount", "-l", small], check=False)
    assert_goes_on(whole, case, roomy, 2)


@pytest.mark.parametrize("moment", ["surface.nc.part", "fields3d.nc.part", pytest.param("cities.csv.part", marks=long_one)])
def test_a_full_disk_while_outputs_are_written(world, tmp_path, moment):
    """What several ranks write together does not wait for a rank that could not."""
    case, _, _ = world
    small = small_disk(tmp_path / "small", "48m")
    try:
        out = small / "out"
        run = Running(case, out, 4, "--set", "checkpoint.interval=48 h")
        while run.process.poll() is None and not (out / moment).exists():
            time.sleep(0.001)
        fill(small)
        status, words = run.end()
        assert status == 1, words
        assert "cannot be" in words and ("disk" in words or "No space left" in words), words
        assert not out.exists() or half_written(out) == []
    finally:
        subprocess.run(["umount", "-l", small], check=False)


@long_one
def test_a_read_only_folder(world, tmp_path):
    case, whole, _ = world
    small = small_disk(tmp_path / "small", "64m")
    try:
        out = small / "out"
        Running(case, out, 4).wait_for(2).kill()
        if subprocess.run(["mount", "-o", "remount,ro", small], capture_output=True, check=False).returncode:
            pytest.skip("skipped: this system cannot make a file system read-only")
        done = resume(case, out, 4)
        assert done.returncode == 1 and done.stderr.count("Read-only file system") == 1, done.stderr
        subprocess.run(["mount", "-o", "remount,rw", small], check=True)
        assert_goes_on(whole, case, out, 6)
    finally:
        subprocess.run(["umount", "-l", small], check=False)


@long_one
def test_an_input_vanishes(tmp_path):
    """The coarser run that a nest reads is taken away; first from one rank alone, then from all. Back again, the nest goes on."""
    outer = write_case(tmp_path / "outer.yaml", {**SEVERAL, "output.fields3d.interval": "1 h"})
    assert bashu("run", outer, "--out", tmp_path / "outer").returncode == 0
    fields3d, away = tmp_path / "outer/fields3d.nc", tmp_path / "away.nc"
    nest = {**SEVERAL, "grid.dx": "24 km", "time.start": "2015-01-31T00:00:00+08:00",
            "initial": {"type": "file", "file": str(fields3d)}, "boundary": {"type": "file", "file": str(fields3d)}}
    case = write_case(tmp_path / "nest.yaml", nest)
    whole, out = tmp_path / "whole", tmp_path / "out"
    done = bashu("run", case, "--out", whole)
    assert done.returncode == 0, done.stderr
    Running(case, out, 4).wait_for(2).kill()
    words = [*command("run", case, "--out", out, "--resume", "--threads", 1, ranks=3), ":", "-n", "1",
             *command("run", case, "--out", out, "--resume", "--threads", 1, "--set", f"boundary.file={tmp_path}/none.nc")]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 2 and "none.nc" in done.stderr, done.stderr
    fields3d.rename(away)
    done = resume(case, out, 4)
    assert done.returncode == 2 and "fields3d.nc" in done.stderr, done.stderr
    assert len(checkpoints(out)) == 2
    away.rename(fields3d)
    assert_goes_on(whole, case, out, 2)


@long_one
def test_a_scenario_set(world, tmp_path):
    case, _, _ = world
    plan, out = tmp_path / "plan.yaml", tmp_path / "out"
    plan.write_text(PLAN.format(case=case).replace("industry", "power"), encoding="utf-8")
    words = ("--set", "time.end=2015-02-01T04:00:00+08:00")
    done = bashu("scenario", plan, "--out", tmp_path / "whole", *words, program=serial())
    assert done.returncode == 0, done.stderr
    Running(plan, out, 4, *words, act="scenario").wait_for(2).kill()
    assert bashu("scenario", plan, "--out", out, *words, ranks=2).returncode == 2
    done = bashu("scenario", plan, "--out", out, "--resume", "--threads", 1, *words, ranks=6)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("resumed from the checkpoint of") == 1
    for part in ("base", "half"):
        assert differences(tmp_path / "whole" / part, out / part) == []
    assert contents(tmp_path / "whole") == contents(out)
