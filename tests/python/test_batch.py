"""Sets of runs: alone, under a Slurm made of two scripts, cut and gone on with."""
import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
import yaml

ROOT = Path(os.environ.get("BASHU_SOURCE", Path(__file__).resolve().parents[2]))
BATCH, SLURM = ROOT / "scripts/batch.py", ROOT / "scripts/slurm"
pytestmark = pytest.mark.skipif(not os.environ.get("BASHU"), reason="BASHU does not name the program")
DONE, FAILED, USAGE, LEFT = 0, 1, 2, 75
SHORT = {"time.end": "2015-01-10T20:00:00Z"}
LONG = {"time.end": "2015-01-14T14:00:00Z", "checkpoint.interval": "3 h"}  # seconds: time enough to cut it


def batch(*words, **options):
    return subprocess.run([BATCH, *map(str, words)], capture_output=True, text=True, check=False, timeout=300, **options)


def write_set(folder, **words):
    file = folder / "set.yaml"
    file.write_text(yaml.safe_dump({"case": str(ROOT / "tests/cases/tiny.yaml"), **words}, sort_keys=False), encoding="utf-8")
    return file


def rows(out):
    lines = batch("status", out, "--csv").stdout.splitlines()
    keys = lines[0].split(",")
    return {r["name"]: r for r in (dict(zip(keys, line.split(",", len(keys) - 1))) for line in lines[1:])}


def test_a_set_runs_and_tells(tmp_path):
    plan = tmp_path / "plan.yaml"
    plan.write_text("plan: p\ncase: unused.yaml\nscenarios:\n  halved:\n"
                    "    - {regions: [all], sectors: [power], species: [all], cut: 50%, from: start, to: end}\n")
    file = write_set(tmp_path, set=SHORT, prepared=True, plans=["plan.yaml"], vary={"operators.kz_min": ["0.2 m2 s-1", "1 m2 s-1"]},
                     runs={"base": None, "wrong": {"set": {"grid.nx": "none"}}})
    assert batch("list", file).stdout.split() == ["0", "base", "1", "wrong", "2", "v0", "3", "v1", "4", "halved"]
    out = tmp_path / "out"
    done = batch("run", file, "--out", out, "--jobs", "2", "--threads", "1")
    assert done.returncode == FAILED, done.stderr
    assert "wrong: failed with status 2" in done.stderr and "grid.nx must be an integer" in done.stderr
    assert len(list((out / "prepared").glob("*.nc"))) == 1
    assert "meteorology: prepared, from" in (out / "base/run.log").read_text()
    state = rows(out)
    assert {n: r["state"] for n, r in state.items()} == {"base": "done", "wrong": "failed", "v0": "done", "v1": "done", "halved": "done"}
    assert "grid.nx" in state["wrong"]["why"] and float(state["base"]["simulated_h"]) == 6 and float(state["base"]["hours_per_minute"]) > 0
    table = batch("status", out)
    assert table.returncode == FAILED and "5 runs: 4 done, 1 failed" in table.stdout
    emitted = {n: json.loads((out / n / "summary.json").read_text())["ledger"][0]["emitted_kg"] for n in ("base", "halved")}
    assert emitted["halved"] == pytest.approx(emitted["base"] / 2, rel=1e-6)  # ROUND
    # Again: what is complete is left alone.
    before = (out / "base/summary.json").stat().st_mtime_ns
    assert batch("run", file, "--out", out).returncode == FAILED
    assert (out / "base/summary.json").stat().st_mtime_ns == before and rows(out)["base"]["attempts"] == "1"
    assert rows(out)["wrong"]["attempts"] == "2"


def wait_for_checkpoint(out, name, process):
    while process.poll() is None and not list((out / name / "checkpoint").glob("*.h5")):
        time.sleep(0.005)
    assert process.poll() is None, process.communicate()


@pytest.mark.parametrize("how, status, state", [(signal.SIGTERM, LEFT, "left"), (signal.SIGUSR1, LEFT, "left"), (signal.SIGKILL, -9, "cut")],
                         ids=["SIGTERM", "SIGUSR1", "SIGKILL"])
def test_a_set_that_is_cut_goes_on(tmp_path, how, status, state):
    file, out = write_set(tmp_path, set=LONG, runs={"one": None, "two": None}), tmp_path / "out"
    words = [BATCH, "run", file, "--out", out]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    wait_for_checkpoint(out, "one", process)
    assert rows(out)["one"]["state"] == "running" and rows(out)["two"]["state"] == "waiting"
    if how == signal.SIGKILL:  # a machine that is lost: all of it
        process.kill()
        process.wait()
        subprocess.run(["pkill", "-KILL", "-f", f"run .*--out {out}/one "], check=True)
    else:
        process.send_signal(how)
    process.communicate(timeout=60)
    assert process.returncode == status
    assert {n: r["state"] for n, r in rows(out).items()} == {"one": state, "two": "waiting"}
    assert batch("run", file, "--out", out, "--jobs", "2").returncode == DONE
    assert {n: r["state"] for n, r in rows(out).items()} == {"one": "done", "two": "done"}
    assert "resumed from the checkpoint" in (out / "one/run.log").read_text()
    assert (out / "one/cities.csv").read_bytes() == (out / "two/cities.csv").read_bytes()


FAKE = {
    "sbatch": """#!/bin/bash
echo "$@" >>"$FAKE/sbatch.log"; echo $((100 + $(wc -l <"$FAKE/sbatch.log")))""",
    "scontrol": """#!/bin/bash
echo "$@" >>"$FAKE/scontrol.log" """,
    "srun": """#!/bin/bash
echo "$@" >>"$FAKE/srun.log"; echo $$ >"$FAKE/srun.pid"
while [[ $1 == --* ]]; do shift; done
exec "$@" """,
}


@pytest.fixture
def slurm(tmp_path):
    """Commands that note what they were asked for."""
    folder = tmp_path / "fake"
    folder.mkdir()
    for name, text in FAKE.items():
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    return folder, {**os.environ, "FAKE": str(folder), "PATH": f"{folder}:{os.environ['PATH']}", "BASHU_SCRIPTS": str(ROOT / "scripts")}


def test_submission(tmp_path, slurm):
    folder, env = slurm
    file = write_set(tmp_path, set=SHORT, runs={"a": None, "b": None, "c": None})
    done = subprocess.run([SLURM / "submit.sh", file, tmp_path / "out", "--time=01:00:00"], capture_output=True, text=True, env=env, check=False)
    assert done.returncode == 0, done.stderr
    first, array, last = (folder / "sbatch.log").read_text().splitlines()
    assert "prepare" in first and "--time=01:00:00" in first
    assert "--array=0-2" in array and "--dependency=afterok:101" in array and array.endswith(f"array.sbatch {file} {tmp_path / 'out'}")
    assert "--dependency=afterany:102" in last and "status" in last


def test_a_job_of_the_array_is_queued_again(tmp_path, slurm):
    """USR1 to the job's shell, as Slurm sends it before the limit."""
    folder, env = slurm
    file, out = write_set(tmp_path, set=LONG, runs={"a": None, "b": None}), tmp_path / "out"
    env = {**env, "SLURM_ARRAY_TASK_ID": "1", "SLURM_ARRAY_JOB_ID": "77", "SLURM_JOB_ID": "78"}
    words = ["bash", SLURM / "array.sbatch", file, out]
    process = subprocess.Popen(words, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    wait_for_checkpoint(out, "b", process)
    process.send_signal(signal.SIGUSR1)
    words_out, words_err = process.communicate(timeout=60)
    assert process.returncode == LEFT, words_err
    assert "left with a checkpoint; queued again" in words_out
    assert (folder / "scontrol.log").read_text() == "requeue 77_1\n"
    assert not (out / "a").exists() and rows(out)["b"]["state"] == "left"
    done = subprocess.run(words, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == DONE and rows(out)["b"]["state"] == "done"
    assert (folder / "scontrol.log").read_text().count("\n") == 1


def test_a_job_of_many_ranks_is_queued_again(tmp_path, slurm):
    """USR1 to the ranks, as Slurm sends it before the limit; srun then may tell of a rank that it has ended itself."""
    folder, env = slurm
    out = tmp_path / "out"
    env = {**env, "SLURM_JOB_ID": "78", "SLURM_CPUS_PER_TASK": "2"}
    words = ["bash", SLURM / "ranks.sbatch", ROOT / "tests/cases/tiny.yaml", out] + [f"--set={k}={v}" for k, v in LONG.items()]
    process = subprocess.Popen(words, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    wait_for_checkpoint(tmp_path, "out", process)
    os.kill(int((folder / "srun.pid").read_text()), signal.SIGUSR1)
    words_out, words_err = process.communicate(timeout=60)
    assert process.returncode == LEFT, words_err
    assert "left with a checkpoint; queued again" in words_out and (folder / "scontrol.log").read_text() == "requeue 78\n"
    assert "--kill-on-bad-exit=1" in (folder / "srun.log").read_text() and "--cpus-per-task=2" in (folder / "srun.log").read_text()
    # Another failure after that is no reason to go on.
    (folder / "srun").write_text("#!/bin/bash\nexit 143\n")
    assert subprocess.run(words, env=env, capture_output=True, text=True, check=False).returncode == LEFT
    with open(out / "run.log", "a", encoding="utf-8") as log:
        log.write("error: no more\n")
    assert subprocess.run(words, env=env, capture_output=True, text=True, check=False).returncode == 143
    (folder / "srun").write_text(FAKE["srun"])
    done = subprocess.run(words, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == DONE, done.stderr
    log = (out / "run.log").read_text(encoding="utf-8")
    assert "2 threads" in log and "resumed from the checkpoint" in log
    assert (folder / "scontrol.log").read_text().count("\n") == 2


@pytest.mark.parametrize("text, told", [
    ("case: none.yaml\nruns: {a: }", "case: none.yaml: no such file"),
    ("runs: {a: }", "names no case"),
    ("case: tiny.yaml", "has no runs"),
    ("case: tiny.yaml\nrun: {a: }", "unknown key 'run'"),
    ("case: tiny.yaml\nruns: {a: {sets: {}}}", "unknown key 'sets'; there are scenario, set"),
    ("case: tiny.yaml\nruns: {../a: }", "'../a' cannot be the name of a run"),
    ("case: tiny.yaml\nruns: {v0: }\nvary: {a.b: [1]}", "two runs are named 'v0'"),
    ("case: tiny.yaml\nvary: {a.b: 1}", "vary.a.b must be a list"),
    ("case: tiny.yaml\nplans: [no.yaml]", "no.yaml cannot be read as a plan"),
    ("case: [", "is no YAML"),
], ids=lambda p: p[:30].replace("\n", " "))
def test_what_is_wrong_with_a_set(tmp_path, text, told):
    (tmp_path / "tiny.yaml").write_text("")
    (tmp_path / "set.yaml").write_text(text)
    done = batch("list", "set.yaml", cwd=tmp_path)
    assert done.returncode == USAGE and told in done.stderr and "Traceback" not in done.stderr


def test_wrong_words(tmp_path):
    file = write_set(tmp_path, runs={"a": None})
    done = batch("run", file, "--out", tmp_path / "out", "--only", "b")
    assert done.returncode == USAGE and "no run has this name or number; there are 1, from 0 (a) to 0 (a)" in done.stderr
    assert batch("status", tmp_path).returncode == USAGE
    done = batch("run", file, "--out", tmp_path / "out", "--dry-run")
    assert done.returncode == DONE and "--resume --quiet" in done.stdout and not (tmp_path / "out").exists()
