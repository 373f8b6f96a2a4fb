#!/usr/bin/python3
"""Many runs of one case: run them, go on with those that were cut, tell how they went.

    batch.py list    SET.yaml
    batch.py prepare SET.yaml --out DIR
    batch.py run     SET.yaml --out DIR [--jobs N] [--threads N] [--only NAME|NUMBER]... [--dry-run]
    batch.py status  DIR [--csv]

A set names a case and what its runs change (docs/batch.md). `run` starts those that are not complete, N at a time, each with
--resume, so that the same command goes on after whatever cut it. SIGTERM and SIGUSR1 are handed on: runs write checkpoints and
leave, and so does batch.py, with status 75. `status` needs neither the set nor the program. scripts/slurm/ does the same on a cluster.

Exit status: 0 all done, 1 some failed, 2 bad input or usage, 75 left on request.
"""
import argparse
import csv
import datetime
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import yaml

HERE = Path(__file__).resolve().parent
DONE, FAILED, USAGE, LEFT = 0, 1, 2, 75
KEYS = {"case", "prepared", "set", "runs", "plans", "vary"}
RUN_KEYS = {"set", "scenario"}
LOG = "batch.jsonl"  # one line for each attempt of a run, beside its folder's own run.log
COLUMNS = ("number", "name", "state", "attempts", "simulated_h", "wall_s", "hours_per_minute", "why")


class Refused(Exception):
    """What is wrong with the set or the command line."""


# ---- the set ----

def as_setting(value):
    """A value as --set takes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (datetime.date, datetime.datetime)):
        return value.isoformat()
    if isinstance(value, list):
        return "[" + ", ".join(as_setting(v) for v in value) + "]"
    return str(value)


def check_mapping(value, what, keys=None):
    if not isinstance(value, dict):
        raise Refused(f"{what} must be a mapping, found {value!r}")
    unknown = sorted(set(map(str, value)) - (keys or set(map(str, value))))
    if unknown:
        raise Refused(f"{what}: unknown key '{unknown[0]}'; there are {', '.join(sorted(keys))}")
    return value


def plain_name(name, file):
    name = str(name)
    if not name or name.startswith((".", "-")) or any(c in name for c in "/\\ \t\n,'\"") or name in ("prepared", LOG):
        raise Refused(f"{file}: '{name}' cannot be the name of a run: it becomes a folder's")
    return name


def runs_of_plan(plan, file):
    """A run for each scenario of a plan, named after it."""
    try:
        words = yaml.safe_load(plan.read_text(encoding="utf-8"))
        names = list(check_mapping(words["scenarios"], f"{plan}: scenarios"))
    except (OSError, KeyError, TypeError, yaml.YAMLError) as e:
        raise Refused(f"{file}: plans: {plan} cannot be read as a plan: {e}") from e
    return {plain_name(n, file): {"scenario": f"{plan}:{n}"} for n in names}


def varied(vary, file):
    """Every combination of the listed values: runs named v0, v1, ..."""
    runs = [{}]
    for key, values in vary.items():
        if not isinstance(values, list) or not values:
            raise Refused(f"{file}: vary.{key} must be a list of values, found {values!r}")
        runs = [{**r, key: v} for r in runs for v in values]
    return {f"v{n}": {"set": r} for n, r in enumerate(runs)} if vary else {}


def read_set(file):
    """(case, settings of all, {name: {"set": {...}, "scenario": PLAN:NAME or None}}, whether meteorology is shared)"""
    file = Path(file)
    try:
        words = yaml.safe_load(file.read_text(encoding="utf-8"))
    except OSError as e:
        raise Refused(f"{file}: cannot be read: {e.strerror}") from e
    except yaml.YAMLError as e:
        raise Refused(f"{file}: is no YAML: {e}") from e
    check_mapping(words, str(file), KEYS)
    if "case" not in words:
        raise Refused(f"{file}: names no case")
    case = file.parent / words["case"]
    if not case.is_file():
        raise Refused(f"{file}: case: {case}: no such file")
    common = check_mapping(words.get("set") or {}, f"{file}: set")
    runs = {}
    groups = [check_mapping(words.get("runs") or {}, f"{file}: runs"),
              varied(check_mapping(words.get("vary") or {}, f"{file}: vary"), file)]
    groups += [runs_of_plan(file.parent / p, file) for p in words.get("plans") or []]
    for group in groups:
        for name, run in group.items():
            name = plain_name(name, file)
            if name in runs:
                raise Refused(f"{file}: two runs are named '{name}'")
            run = check_mapping(run or {}, f"{file}: run '{name}'", RUN_KEYS)
            scenario = run.get("scenario")
            if scenario and group is groups[0]:
                scenario = str(file.parent / scenario)
            runs[name] = {"set": {**common, **check_mapping(run.get("set") or {}, f"{file}: run '{name}': set")}, "scenario": scenario}
    if not runs:
        raise Refused(f"{file}: has no runs; give runs, vary or plans")
    return case, common, runs, bool(words.get("prepared", False))


# ---- running ----

def find_program():
    for candidate in (os.environ.get("BASHU"), HERE.parent / "build/release/bashu", shutil.which("bashu")):
        if candidate and Path(candidate).is_file():
            return str(candidate)
    raise Refused("the program bashu is not found: build it (README.md), or name it in the environment variable BASHU")


def settings(values, out, shared):
    words = []
    for key, value in {**values, **({"meteorology.prepared": str(out / "prepared")} if shared else {})}.items():
        words += ["--set", f"{key}={as_setting(value)}"]
    return words


def command_of(program, case, run, out, name, shared, threads):
    words = [program, "run", str(case), "--out", str(out / name), "--resume", "--quiet", *settings(run["set"], out, shared)]
    words += ["--scenario", run["scenario"]] if run["scenario"] else []
    return words + (["--threads", str(threads)] if threads else [])


def complete(out, name):
    return (out / name / "summary.json").is_file()


def note(out, name, number, **words):
    """Appends a line at once: many jobs of an array may write into one file."""
    line = json.dumps({"name": name, "number": number, "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), **words}, ensure_ascii=False)
    with open(out / LOG, "a", encoding="utf-8") as f:
        f.write(line + "\n")


class Jobs:
    """Runs, at most `most` at a time."""

    def __init__(self, most, out):
        self.most, self.out = most, out
        self.running = {}  # process: (name, number, began)
        self.left = self.failed = 0
        self.asked = None
        for s in (signal.SIGTERM, signal.SIGUSR1, signal.SIGINT):
            signal.signal(s, self.ask)

    def ask(self, number, _frame):
        self.asked = number
        for process in self.running:
            process.send_signal(signal.SIGUSR1 if number == signal.SIGINT else number)

    def begin(self, name, number, words):
        note(self.out, name, number, event="begin", host=os.uname().nodename, job=os.environ.get("SLURM_JOB_ID", ""))
        # In a group of its own: a Ctrl-C is handed on once, not twice.
        process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True)
        self.running[process] = (name, number, time.monotonic())
        if self.asked:
            process.send_signal(signal.SIGTERM)

    def end(self, process):
        name, number, began = self.running.pop(process)
        words = process.stderr.read().strip().splitlines()
        why = words[0] if words else ""
        note(self.out, name, number, event="end", status=process.returncode, wall_s=round(time.monotonic() - began, 3), why=why)
        if process.returncode == LEFT:
            self.left += 1
        elif process.returncode:
            self.failed += 1
            print(f"{name}: failed with status {process.returncode}: {why}", file=sys.stderr)
        else:
            print(f"{name}: done in {time.monotonic() - began:.1f} s")

    def wait(self, below):
        """Until fewer than `below` are running."""
        while len(self.running) >= max(below, 1):
            for process in [p for p in self.running if p.poll() is not None]:
                self.end(process)
            time.sleep(0.02)


def chosen(runs, only):
    names = list(runs)
    if not only:
        return names
    out = []
    for word in only:
        if word in runs:
            out.append(word)
        elif word.isdigit() and int(word) < len(names):
            out.append(names[int(word)])
        else:
            raise Refused(f"--only {word}: no run has this name or number; there are {len(names)}, from 0 ({names[0]}) to {len(names) - 1} ({names[-1]})")
    return out


def prepare(program, case, common, out):
    return subprocess.run([program, "prepare", str(case), "--out", str(out / "prepared"), *settings(common, out, False)], check=False).returncode


def run_set(a):
    case, common, runs, shared = read_set(a.set)
    program, out = find_program(), Path(a.out)
    names = chosen(runs, a.only)
    if a.dry_run:
        for name in names:
            print(" ".join(command_of(program, case, runs[name], out, name, shared, a.threads)))
        return DONE
    out.mkdir(parents=True, exist_ok=True)
    remember(out, a.set, runs)
    if shared and not a.only and (code := prepare(program, case, common, out)):
        return code
    jobs = Jobs(a.jobs, out)
    numbers = {name: n for n, name in enumerate(runs)}
    for name in names:
        if complete(out, name):
            continue
        jobs.wait(jobs.most)
        if jobs.asked:
            break
        jobs.begin(name, numbers[name], command_of(program, case, runs[name], out, name, shared, a.threads))
    jobs.wait(1)
    waiting = sum(not complete(out, name) for name in names)
    if jobs.left or (jobs.asked and waiting):
        return LEFT
    return FAILED if waiting else DONE


def remember(out, file, runs):
    """What the set was, for `status`; written aside, since an array's jobs all do."""
    part = out / f".batch.{os.getpid()}.json"
    part.write_text(json.dumps({"set": str(Path(file).resolve()), "runs": list(runs)}, ensure_ascii=False, indent=1), encoding="utf-8")
    part.replace(out / "batch.json")


# ---- how it went ----

def read_events(out):
    events = {}
    if not (out / LOG).is_file():
        return events
    for line in (out / LOG).read_text(encoding="utf-8").splitlines():
        try:
            e = json.loads(line)
            events.setdefault(e["name"], []).append(e)
        except (ValueError, KeyError, TypeError):
            continue  # a line that a killed job left half written
    return events


def state_of(out, name, number, events):
    row = dict.fromkeys(COLUMNS, "")
    row.update(number=number, name=name, attempts=sum(e.get("event") == "begin" for e in events), state="waiting")
    last = events[-1] if events else {}
    if complete(out, name):
        s = json.loads((out / name / "summary.json").read_text(encoding="utf-8"))
        row.update(state="done", simulated_h=round(s["simulated_s"] / 3600, 3), wall_s=round(s["wall_s"], 2),
                   hours_per_minute=round(s["simulated_s"] / 60 / max(s["wall_s"], 1e-9), 2))
    elif last.get("event") == "begin":
        cut = not lock_held(out / name / "run.log")
        row.update(state="cut" if cut else "running", why="killed without a word; --resume goes on" if cut else "")
    elif last:
        row.update(state="left" if last.get("status") == LEFT else "failed", why=last.get("why") or f"status {last.get('status')}")
    return row


def lock_held(log):
    """Whether a run on this file system still has its log: runs lock it."""
    import fcntl
    try:
        with open(log, "r+b") as f:
            fcntl.lockf(f, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return False
    except BlockingIOError:
        return True
    except OSError:
        return False


def status(a):
    out = Path(a.dir)
    try:
        names = json.loads((out / "batch.json").read_text(encoding="utf-8"))["runs"]
    except (OSError, ValueError, KeyError) as e:
        raise Refused(f"{out}: is no folder of a set: batch.json is not there or cannot be read") from e
    events = read_events(out)
    rows = [state_of(out, name, n, events.get(name, [])) for n, name in enumerate(names)]
    if a.csv:
        writer = csv.DictWriter(sys.stdout, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    else:
        width = max([len("name"), *(len(r["name"]) for r in rows)])
        print(f"{'':>4} {'name':<{width}}  {'state':<8} {'tries':>5} {'hours':>7} {'wall s':>8} {'h/min':>7}  why")
        for r in rows:
            print(f"{r['number']:>4} {r['name']:<{width}}  {r['state']:<8} {r['attempts']:>5} {r['simulated_h']:>7} {r['wall_s']:>8} "
                  f"{r['hours_per_minute']:>7}  {r['why']}".rstrip())
        counts = {s: sum(r["state"] == s for r in rows) for s in ("done", "failed", "left", "cut", "running", "waiting")}
        print(f"{len(rows)} runs: " + ", ".join(f"{n} {s}" for s, n in counts.items() if n))
    return FAILED if any(r["state"] == "failed" for r in rows) else DONE


# ---- the program ----

def parse(words):
    p = argparse.ArgumentParser(prog="batch.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    sub = p.add_subparsers(dest="command", required=True)
    for name in ("list", "prepare", "run"):
        s = sub.add_parser(name)
        s.add_argument("set", metavar="SET.yaml")
        if name != "list":
            s.add_argument("--out", required=True, metavar="DIR")
    s.add_argument("--jobs", type=int, default=1, metavar="N", help="runs at a time")
    s.add_argument("--threads", type=int, metavar="N", help="threads of each run")
    s.add_argument("--only", action="append", metavar="NAME|NUMBER")
    s.add_argument("--dry-run", action="store_true", help="print the commands")
    s = sub.add_parser("status")
    s.add_argument("dir", metavar="DIR")
    s.add_argument("--csv", action="store_true")
    a = p.parse_args(words)
    if a.command == "run" and (a.jobs < 1 or (a.threads or 1) < 1):
        p.error("--jobs and --threads must be 1 or more")
    return a


def main(words):
    a = parse(words)
    try:
        if a.command == "status":
            return status(a)
        if a.command == "run":
            return run_set(a)
        case, common, runs, shared = read_set(a.set)
        if a.command == "prepare":
            Path(a.out).mkdir(parents=True, exist_ok=True)
            return prepare(find_program(), case, common, Path(a.out)) if shared else DONE
        for n, name in enumerate(runs):
            print(n, name)
        return DONE
    except Refused as e:
        print(f"batch.py: error: {e}", file=sys.stderr)
        return USAGE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
