"""Runs of a case made for it, alone on the machine: seconds by part, from the program's own words."""
import hashlib
import json
import os
import re
import resource
import shutil
import subprocess
from pathlib import Path

from scale import model

ROOT = Path(__file__).resolve().parents[2]
CASE = ROOT / "configs/cases/basin-winter.yaml"
# Four species with five tracers each: total, two sectors, what was there, what came in. A step of 120 s whatever the mesh.
SETTINGS = ["time.spinup=0 s", "time.max_step=120 s", "tracers.species=[pm25, pmcoarse, pm25_ec, inert]",
            "emissions.sectors=[industry, residential]", "emissions.speciation=../emissions/pm25_speciation.csv",
            "checkpoint.wall_interval=0 s"]
# For what the weather costs by mesh alone: two layers, one tracer, nothing moves it.
STILL = ["time.spinup=0 s", "grid.levels.eta=[1.0, 0.9, 0.0]", "tracers.tags=false", "tracers.tag_initial=false",
         "tracers.tag_boundary=false", "operators.advection=none", "operators.horizontal_diffusion=none", "checkpoint.wall_interval=0 s"]
STEPS = ("hadvect", "hdiff", "zadvect", "settle", "scavenge", "column")
RANKS_ENVIRONMENT = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1", "OMPI_MCA_rmaps_base_oversubscribe": "1",
                     "OMPI_MCA_hwloc_base_binding_policy": "none", "OMP_WAIT_POLICY": "passive"}


class Failed(Exception):
    """The program did not end well."""


def seconds_by_part(log):
    """{part: seconds} of what --profile prints."""
    lines = log[log.index("seconds by part"):].splitlines()[1:]
    found = (re.match(r"\s*(\S.*?)\s+([0-9.]+)\s+[0-9.]+ %$", line) for line in lines)
    return {m[1]: float(m[2]) for m in found if m}


def least(given, *what):
    """The run that was the least disturbed of given.repeat."""
    return min((run(given, *what) for _ in range(given.repeat)), key=lambda r: sum(r["parts"].get(p, 0) for p in (*STEPS, "exchange", "meteorology", "its correction")))


def run(given, name, settings, nx, ny, width_km, hours, ranks=1, threads=1):
    """One run; its figures."""
    out = given.work / name
    shutil.rmtree(out, ignore_errors=True)
    end = f"2015-01-12T{hours:02d}:00:00+08:00"
    words = [f"grid.nx={nx}", f"grid.ny={ny}", f"grid.dx={width_km / nx!r} km", f"time.end={end}", *settings]
    command = [*given.under.split(), *([given.mpiexec, "-n", str(ranks)] if ranks > 1 else []), str(given.bashu), "run", str(CASE), "--out",
               str(out), "--threads", str(threads), "--profile", "--quiet", *(w for s in words for w in ("--set", s))]
    print(f"scaling.py: {name}", flush=True)
    before = cpu_seconds()
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **RANKS_ENVIRONMENT})
    if done.returncode:
        raise Failed(f"{' '.join(command)} ended with status {done.returncode}:\n{done.stderr.strip()}")
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    log = (out / "run.log").read_text(encoding="utf-8")
    return {"name": name, "nx": nx, "ny": ny, "nz": summary["grid"]["nz"], "tracers": len(summary["ledger"]), "ranks": ranks,
            "threads": threads, "hours": hours, "steps": summary["steps"], "wall_s": summary["wall_s"], "cpu_s": cpu_seconds() - before, "parts": seconds_by_part(log),
            "ledger": hashlib.sha256(json.dumps(summary["ledger"]).encode()).hexdigest()[:16], "version": summary["version"]}


def runs(given):
    """One mesh on one rank, two threads and two ranks; half of it; a small one. What needs several ranks only where the program has them."""
    km = 4.5  # of a cell: all of these meshes lie within the terrain
    moving = [("one", 320, 240, 1, 1), ("threads", 320, 240, 1, 2), ("ranks", 320, 240, 2, 1), ("half", 160, 240, 1, 1),
              ("small-one", 64, 48, 1, 1), ("small-ranks", 64, 48, 2, 1)]
    return [least(given, name, SETTINGS, nx, ny, nx * km, 2, ranks, threads) for name, nx, ny, ranks, threads in moving
            if ranks == 1 or given.ranks]


def still(given):
    """The weather of growing meshes on one thread; more hours where the correction's solver takes next to nothing."""
    return [least(given, f"still-{nx}", STILL, nx, ny, 1440, hours) for nx, ny, hours in ((375, 250, 8), (750, 500, 4), (1500, 1000, 2))]


def memory(given):
    """MiB of the rank that holds most and of others, as bashu check works them out for the mesh of model.Case."""
    case, found = model.Case(), []
    eta = [round((1 - k / case.layers) ** 1.5, 4) for k in range(case.layers)] + [0.0]  # how many, not where, is what counts
    words = [*SETTINGS, f"grid.nx={case.nx}", f"grid.ny={case.ny}", f"grid.dx={1440 / case.nx!r} km", f"grid.levels.eta={eta}"]
    for threads in model.THREADS:
        for ranks in (cores // threads for cores in model.CORES if cores >= threads):
            command = [str(given.bashu), "check", str(CASE), "--ranks", str(ranks), "--threads", str(threads),
                       *(w for s in words for w in ("--set", s))]
            print(f"scaling.py: memory of {ranks} ranks of {threads} threads", flush=True)
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            m = re.search(r"memory\s+about (\d+) MiB(?: of the rank that holds most, (\d+) MiB of others)?", done.stdout + done.stderr)
            if done.returncode or not m:
                raise Failed(f"{' '.join(command)} ended with status {done.returncode}:\n{done.stderr.strip()}")
            found.append({"ranks": ranks, "threads": threads, "most": float(m[1]), "others": float(m[2] or m[1])})
    return found


PARTS = {"runs": runs, "still": still, "memory": memory}


def taken(given, before):
    """The parts that were asked for, and what there was of the others."""
    return {"cpu": cpu(), **{part: PARTS[part](given) if part in given.only else before.get(part, []) for part in PARTS}}


def cpu_seconds():
    """Of all that has been started and has ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def cpu():
    """The processor's name."""
    names = re.findall(r"model name\s*:\s*(.*)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    return names[0] if names else "unknown"
