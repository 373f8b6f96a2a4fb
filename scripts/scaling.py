#!/usr/bin/python3
"""How the model scales: measure on this machine, predict for many cores.

    scaling.py measure [--bashu PROGRAM] [--mpiexec PROGRAM] [--no-ranks] [--only PART ...] [--repeat N]
                       [--under WORDS] [--work DIR] [--out FILE]
    scaling.py predict [FIGURES] [--page PAGE]

measure runs a case made for it on one rank, two ranks and two threads and writes the seconds of every part into FILE
(docs/scaling.json). PROGRAM is build/mpi/bashu unless given; --no-ranks leaves out what needs several; --only takes some of the parts anew
(runs, still: growing meshes, memory: by bashu check) and keeps the others of FILE; --repeat runs each N times and keeps the
one that took least; --under puts words before every run, such as 'taskset -c 0'. Nothing else should run on the machine: some minutes.
predict puts tables made from FIGURES (docs/scaling.json) between the marks "figures: begin" and "figures: end" of PAGE
(docs/scaling.md). Exit status: 0 done, 1 a run failed, 2 bad usage.
"""
import argparse
import json
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def fail(message, status=2):
    print(f"scaling.py: error: {message}", file=sys.stderr)
    sys.exit(status)


try:
    from scale import measure, page
except ImportError as e:
    fail(f"Python module {e.name} is missing; install the packages that scripts/setup.sh --tests lists and use /usr/bin/python3")


def take(given):
    if not given.bashu.is_file():
        fail(f"{given.bashu} is not there; build it (cmake --build --preset mpi) or name the program with --bashu")
    if given.ranks and not shutil.which(given.mpiexec):
        fail(f"{given.mpiexec} is not there; name the program that starts ranks with --mpiexec, or leave them out by --no-ranks")
    given.work.mkdir(parents=True, exist_ok=True)
    try:
        figures = measure.taken(given, json.loads(given.out.read_text(encoding="utf-8")) if given.out.is_file() else {})
    except measure.Failed as e:
        fail(str(e), 1)
    given.out.write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def tell(given):
    for file in (given.figures, given.page):
        if not file.is_file():
            fail(f"{file} is not there")
    text = given.page.read_text(encoding="utf-8")
    changed = page.renewed(text, json.loads(given.figures.read_text(encoding="utf-8")))
    if changed is None:
        fail(f"{given.page}: needs '{page.BEGIN}' and '{page.END}' once each")
    given.page.write_text(changed, encoding="utf-8")


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = p.add_subparsers(required=True)
    m = commands.add_parser("measure")
    m.add_argument("--bashu", type=Path, default=ROOT / "build/mpi/bashu")
    m.add_argument("--mpiexec", default="mpiexec")
    m.add_argument("--no-ranks", dest="ranks", action="store_false")
    m.add_argument("--only", nargs="+", choices=measure.PARTS, default=list(measure.PARTS))
    m.add_argument("--repeat", type=int, default=1)
    m.add_argument("--under", default="")
    m.add_argument("--work", type=Path, default=ROOT / "runs/scaling")
    m.add_argument("--out", type=Path, default=ROOT / "docs/scaling.json")
    m.set_defaults(act=take)
    t = commands.add_parser("predict")
    t.add_argument("figures", type=Path, nargs="?", default=ROOT / "docs/scaling.json")
    t.add_argument("--page", type=Path, default=ROOT / "docs/scaling.md")
    t.set_defaults(act=tell)
    given = p.parse_args()
    given.act(given)


if __name__ == "__main__":
    main()
