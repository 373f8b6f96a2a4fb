#!/usr/bin/python3
"""Run every real case whose data are there, check it, draw it and write docs/real-cases.md.

    real_cases.py [--bashu PROGRAM] [--data DIR] [--work DIR] [--out DOCS] [--only CASE ...] [--keep]

PROGRAM is build/release/bashu unless given; DIR holds the data (BASHU_DATA, or ../shared/data beside the project). Runs go to
--work (runs/real-cases), one folder a case; with --keep one that is finished is read again instead of run anew. The page has
the cases of scripts/realcases/cases.yaml, or those of --only alone; needs the packages of scripts/setup.sh --tests.
Exit status: 0 all checks hold, 1 a run failed or a check does not hold (the page says which), 2 bad usage.
"""
import argparse
import json
import os
import shutil
import subprocess
import sys
from datetime import datetime
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
OBSERVED = "observations/daily_city_2015_2016.csv"


def fail(message, status=2):
    print(f"real_cases.py: error: {message}", file=sys.stderr)
    sys.exit(status)


try:
    import numpy as np
    import yaml
    from netCDF4 import Dataset

    from realcases import checks, folder, maps, page, source
except ImportError as e:
    fail(f"Python module {e.name} is missing; install the packages that scripts/setup.sh --tests lists and use /usr/bin/python3")


def call(program, data, words, log):
    done = subprocess.run([program, *map(str, words)], capture_output=True, text=True, check=False,
                          env={**os.environ, "BASHU_DATA": str(data)})
    log.write_text(done.stdout + done.stderr, encoding="utf-8")
    if done.returncode:
        fail(f"{' '.join(map(str, words))} ended with status {done.returncode}:\n{done.stderr.strip()}", 1)


def held(entry, given):
    """A copy of a file of winds whose last time is held for further hours; the words that make the case take it."""
    says = entry["hold"]
    out = given.work / f"{entry['case']}-held.nc"
    with Dataset(given.data / says["file"]) as nc, Dataset(out, "w") as to:
        t = nc["time"][:]
        more = np.arange(t[-1], t[-1] + says["hours"], t[-1] - t[-2]) + t[-1] - t[-2]  # at the file's own spacing
        for name, dimension in nc.dimensions.items():
            to.createDimension(name, len(dimension) + (more.size if name == "time" else 0))
        for name, v in nc.variables.items():
            copy = to.createVariable(name, v.dtype, v.dimensions)
            copy.setncatts({k: v.getncattr(k) for k in v.ncattrs() if k != "_FillValue"})
            extra = more if name == "time" else np.repeat(v[-1:], more.size, axis=0)
            copy[:] = np.concatenate([v[:], extra]) if v.dimensions[0] == "time" else v[:]
    return ["--set", f"{says['option']}={out}"]


def simulate(entry, given):
    """Runs the case and keeps its prepared meteorology; the folders of both."""
    case = ROOT / f"configs/cases/{entry['case']}.yaml"
    name = entry.get("name", entry["case"])
    folder, prepared = given.work / name, given.work / f"{name}.met"
    words = [w for s in entry.get("set", []) for w in ("--set", s)]
    if not (given.keep and (folder / "summary.json").is_file() and list(prepared.glob("*.nc"))):
        for old in (folder, prepared):
            shutil.rmtree(old, ignore_errors=True)
        given.work.mkdir(parents=True, exist_ok=True)
        words += held(entry, given) if "hold" in entry else []
        call(given.bashu, given.data, ["run", case, "--out", folder, "--quiet", *words], given.work / f"{name}.log")
        window = ["--set", f"time.end={entry['prepare']}", "--set", "time.spinup=0 s"] if "prepare" in entry else []
        call(given.bashu, given.data, ["prepare", case, "--out", prepared, *words, *window], given.work / f"{name}.met.log")
    return folder, next(iter(prepared.glob("*.nc")))


def regions():
    features = json.loads((ROOT / "configs/regions/sichuan-chongqing.geojson").read_text(encoding="utf-8"))["features"]
    return [f["properties"] for f in features]


def draw_curves(run, observed, out, entry):
    """Every city by the hour beside its observed days."""
    hours, cities, days = [], {}, {}
    for r in page.city_rows(run, "cities.csv"):
        cities.setdefault(r["name"], ([], r["name_en"]))[0].append(float(r["primary_pm25"]))
        if r["adcode"] == "510100":
            hours.append(datetime.fromisoformat(r["time_end_local"]).replace(tzinfo=None))
    for name in cities:
        seen = observed.get(page.match(name, observed), {})
        factor = page.ambient(run, {f["name"]: f["centre"] for f in regions()}[name])
        days[name] = {datetime.fromisoformat(d): v * factor for d, v in seen.items() if d in [str(x) for x in entry["observed"]["days"]]}
    names = {name: f"{english} {name}" if maps.pm.fonts() else english for name, (_, english) in cities.items()}
    maps.curves(hours, {names[n]: v for n, (v, _) in cities.items()}, {names[n]: d for n, d in days.items()}, out,
                since=datetime.fromisoformat(entry["hold"]["since_local"]) if "hold" in entry else None)


def treat(entry, given):
    """One case: its section of the page, its run and its checks."""
    name = entry.get("name", entry["case"])
    print(f"real_cases.py: {name}", flush=True)
    run = folder.Run(*simulate(entry, given))
    weather = source.of_case(run.case["meteorology"], entry.get("further"))
    found = [c for name in entry["checks"] for c in checks.CHECKS[name](run, weather)]
    pictures = [f"real-cases/{name}.png"]
    maps.sheet(run, entry["maps"], given.out / pictures[0], entry.get("chinese", False), maps.PLACES.get(entry.get("places"), {}))
    further = []
    if entry.get("chinese"):
        beside = (entry.get("observed") or {}) if (given.data / OBSERVED).exists() else {}
        observed = page.observations(given.data / OBSERVED) if beside else {}
        further.append(page.cities(run, observed, beside.get("days"), {f["adcode"]: f["centre"] for f in regions()}))
        if beside:
            skill = given.work / f"{name}.evaluation"
            skill.mkdir(exist_ok=True)
            call(given.bashu, given.data, ["evaluate", run.folder, given.data / OBSERVED, "--out", skill], given.work / f"{name}.evaluation.log")
            further.append(page.skill(skill / "evaluation.csv"))
        if beside.get("turn"):
            further.append(page.turn(run, observed, beside["turn"]))
        if beside.get("curves"):
            pictures.append(f"real-cases/{entry['case']}-cities.png")
            draw_curves(run, observed, given.out / pictures[-1], entry)
    return page.section(entry, run, found, pictures, further), run, found


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--bashu", type=Path, default=ROOT / "build/release/bashu")
    p.add_argument("--data", type=Path, default=os.environ.get("BASHU_DATA") or ROOT.parent / "shared/data")
    p.add_argument("--work", type=Path, default=ROOT / "runs/real-cases")
    p.add_argument("--out", type=Path, default=ROOT / "docs")
    p.add_argument("--only", nargs="+", metavar="CASE", default=[])
    p.add_argument("--keep", action="store_true")
    given = p.parse_args()
    given.data, given.work = Path(given.data).resolve(), given.work.resolve()
    if not given.bashu.is_file():
        fail(f"{given.bashu} is not there; build it (cmake --build --preset release) or name the program with --bashu")
    entries = yaml.safe_load((HERE / "realcases/cases.yaml").read_text(encoding="utf-8"))
    known = [e.get("name", e["case"]) for e in entries]
    for name in given.only:
        if name not in known:
            fail(f"--only {name}: no such case; there is {', '.join(known)}")
    entries = [e for e in entries if not given.only or e.get("name", e["case"]) in given.only]
    (given.out / "real-cases").mkdir(parents=True, exist_ok=True)
    sections, cases, absent = [], [], []
    for entry in entries:
        if all((given.data / n).exists() for n in entry["needs"]):
            text, run, found = treat(entry, given)
            sections.append(text)
            cases.append((entry, run, found))
        else:
            absent.append(entry["case"])
    found = [c for case in cases for c in case[2]]
    failed = [c for c in found if not c.ok]
    (given.out / "real-cases.md").write_text(page.page(sections, absent, len(failed), cases), encoding="utf-8")
    for c in failed:
        print(f"real_cases.py: does not hold: {c.what}: {c.difference:.3g}, allowed {c.allowed:g}", file=sys.stderr)
    print(f"real_cases.py: {len(sections)} cases, {len(found) - len(failed)} of {len(found)} checks hold"
          f"{'; no data for ' + ', '.join(absent) if absent else ''}; {given.out / 'real-cases.md'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
