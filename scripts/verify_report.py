#!/usr/bin/python3
"""Write docs/verification.md and its plots from what bashu_verify measured.

    verify_report.py LINES --reference DIR --out DOCS

LINES is a folder of *.json, one line a measurement (tests/verification/verify.h). Figures of other codes come from
DIR/advection_schemes.txt where it is there. Every number of the page is measured or read; only the texts below are written.
"""
import argparse
import json
import re
from collections import defaultdict
from pathlib import Path

import numpy as np

from verify_plots import A, B, BELL, C, C3, E5, FLAT, LAYER, MIXING, SCHEMES, SLOPING, TAGS, draw

GROUPS = ["plane", "sphere", "conservation", "column", "velocity", "plume", "rise", "modes", "terrain"]
HOW = ["backward Euler", "TR-BDF2"]
PLUMES = "ACM2"
# Rows of advection_schemes.txt that are the same scheme in another code.
BENCH = {"PPM6-selective(BD08-like)+PD": "ppm6_sel", "PPM6-unl+PD": "ppm6_pd", "PPM6-unlimited": "ppm6_lin",
         "PPM-CW84": "ppm_cw84", "upwind1": "upwind1"}
PLANE = [(A + " 1 turn", "l1"), (A + " 1 turn", "l2"), (A + " 1 turn", "overshoot"), (A + " 6 turns", "l1"),
         (A + " 6 turns", "l2"), (A + " 6 turns", "overshoot"), (A + " 1 turn, Courant 1", "l1"), (A + " 1 turn, Courant 2", "l1"),
         (A + " 1 turn, Courant 3.9", "l1"), (B, "l2"), (B, "peak"), (B, "rms/T"), (C, "l1"), (C, "l2"), (C, "linf"),
         (C, "overshoot"), (E5 + "100", "l1"), (E5 + "100", "l2"), (E5 + "100", "linf"), (E5 + "100", "peak"), (E5 + "200", "l2"),
         (E5 + "200", "peak"), (C3, "order 64-128"), (C3, "order 128-256"), (C3, "l2 N=128"), (MIXING, "lr"), (MIXING, "lu"),
         (MIXING, "lo")]
# Sphere that revolves: reference results of the tests of libmpdata++ (Jaruga et al. 2015, Geosci. Model Dev. 8, 1005-1032).
SPHERE = [("libmpdata++ upwind", 1.28e-3, 5.67e-3, 1.721, 0), ("libmpdata++ basic", 6.53e-4, 3.67e-3, 4.942, 0),
          ("libmpdata++ fct", 6.49e-4, 3.66e-3, 4.000, 0), ("libmpdata++ iga", 6.44e-4, 3.28e-3, 6.161, -1.015),
          ("libmpdata++ iga+fct", 3.84e-4, 2.81e-3, 4.000, 0)]
MODES = "deposition of modes", "deposition of modes, digits lost"
RISE = "plume rise", "plume rise, centre in the stack's layer"
HILLS = FLAT, SLOPING, BELL
BUILDS = 1e-5 # target of float against double
# Why a target is missed, where that is known: (problem begins with, scheme, quantity) -> text.
WHY = [
    (TAGS, "ppm_cw84", "sum of tags",
     "the limiter of 1984 also steepens: φ outside [0, 1] amplifies a tag where the total is smooth and the tag is not. Tags "
     "grow to hundreds of times the total with opposite signs, and rounding of such numbers is what is left of their sum. "
     "This scheme is no scheme for tags."),
    *((TAGS, s, "sum of tags",
       "rounding of four fields in float, each once a sweep, over 1250 sweeps, in the worst cell of the worst step: a walk of about that "
       "length. Nothing of it is left in double.") for s in ("ppm6_sel", "ppm6_pd", "ppm6_lin")),
    ("power-law plume", "30 levels", "ground",
     "where the plume begins to reach the ground, at 1 to 3 % of what the ground has farther on, some 3.5 times the plume's "
     "width from its middle. Three-point diffusion in layers dz thick adds 2 K dz² x/u to a plume's fourth cumulant, which there "
     "is an error of 3.5 dz²/σ²: 5 % in case B with all 30 layers below the source, 13 % measured with the 17 that lie there. "
     "It falls with the square of dz (60 levels), and where the ground has 5 % of its largest value or more see the table."),
    *[(MODES[1], moment, "largest relative error",
       "rows in which the table itself has lost digits: it has 1 - exp(-x) in single precision, where x, settling velocity times "
       "resistance, is below 2.4e-3.") for moment in ("number", "surface", "mass")],
    (RISE[1], "layers", "largest relative error",
     "the table has 36.667 m in each of these rows, whatever buoyancy, wind and friction velocity are, twice the height that its "
     "own formulas give: a rule of that code for plumes whose centre stays in the stack's layer while their top leaves it, which "
     "cannot be told from two rows and is not followed here."),
]
MISSING = ["secondary inorganic aerosol against `aerosol_equilibrium.csv`: the model has none",
           "restart: the model has none. The adjoint, threads and the run's ledger are held by the tests, not here"]


class Measured:
    """Values by (precision, problem, scheme, quantity); series and fields by (problem, scheme, name), of float."""

    def __init__(self, folder):
        self.values, self.targets, self.series, self.fields, self.absent = {}, {}, {}, {}, {}
        self.samples = {}
        for path in sorted(Path(folder).glob("*.json"), key=lambda p: (GROUPS.index(p.stem.split("-")[-1]), p.stem)):
            for line in path.read_text().splitlines():
                self.take(json.loads(line))
        self.compare_builds()
        if not self.values:
            raise SystemExit(f"verify_report.py: no measurement in {folder}/*.json")

    def take(self, row):
        key = row["problem"], row["scheme"]
        if row["kind"] == "value":
            full = (row["precision"], *key, row["quantity"])
            self.values[full] = row["value"]
            if "target" in row:
                self.targets[full] = row["relation"], row["target"], row["met"]
        elif row["kind"] == "absent":
            self.absent[row["problem"]] = row["file"]
        elif row["kind"] == "series" and row["name"] == "sample":
            self.samples[(row["precision"], *key)] = np.array(row["y"])
        elif row["precision"] == "float" and row["kind"] == "series":
            self.series[(*key, row["name"])] = np.array(row["x"]), np.array(row["y"])
        elif row["precision"] == "float":
            self.fields[key] = np.array(row["q"]).reshape(row["n"], row["n"])

    def compare_builds(self):
        """Float against double, which no build can measure by itself: largest difference over the largest value."""
        for (precision, *key), q in self.samples.items():
            if precision == "float" and ("double", *key) in self.samples:
                exact = self.samples[("double", *key)]
                full = ("float", *key, "float against double")
                self.values[full] = float(np.max(np.abs(q - exact)) / np.max(np.abs(exact)))
                self.targets[full] = "<=", BUILDS, self.values[full] <= BUILDS

    def get(self, problem, scheme, quantity, precision="float"):
        return self.values.get((precision, problem, scheme, quantity))


def numbers(line):
    return [float(x) for x in re.findall(r"-?\d+\.?\d*(?:e[-+]?\d+)?", line)]


def read_bench(path):
    """{(problem, scheme, quantity): value} of the same schemes in another code and of the kernel of CMAQ ("cmaq")."""
    out, part = {}, ""
    if not path.exists():
        return out

    def put(problem, scheme, **figures):
        out.update({(problem, scheme, q): f for q, f in figures.items()})

    for line in path.read_text().splitlines():
        if line.startswith("=="):
            part = line[3]
        if line.startswith("CMAQ hppm"):
            n, flow, shape, _, turns, l1, l2, linf = numbers(line.split("rev ")[1])[:8]
            peak = float(re.search(r"max\s+(\S+)", line)[1])
            problem = {(0, 0): f"{A} {turns:.0f} turn" + "s" * (turns > 1), (0, 1): B, (1, 4): C,
                       (1, 8): f"{E5}{n:.0f}"}[flow, shape]
            put(problem, "cmaq", l1=l1, l2=l2, linf=linf, peak=peak)
            continue
        name, _, rest = line.partition(" ")
        if name not in BENCH:
            continue
        scheme = BENCH[name]
        figures = re.findall(r"\b(l1|l2|li|max|lr|lu|lo|libmpdata-rms) (-?[\d.]+(?:e[-+]?\d+)?)", rest)
        named = {k: float(v) for k, v in figures}
        if "li" in named:
            named["linf"] = named.pop("li")
        if "max" in named:
            named["peak"] = named.pop("max")
        if part == "A":
            put(f"{A} 1 turn" if "rev 1" in rest else f"{A} 6 turns", scheme, **named)
        elif part == "B":
            named["rms/T"] = named.pop("libmpdata-rms")
            put(B, scheme, **named)
        elif part == "C":
            put(C, scheme, **named)
        elif part == "D":
            x = numbers(rest)
            put(C3, scheme, **{"l2 N=128": x[3], "order 64-128": x[4], "l2 N=256": x[5], "order 128-256": x[6]})
        elif part == "E":
            for n, half in zip((100, 200), rest.split("N100 ")[1].split("| N200 ")):
                l1, l2, linf, peak = numbers(half)
                put(f"{E5}{n}", scheme, l1=l1, l2=l2, linf=linf, peak=peak)
        elif part == "F":
            put(MIXING, scheme, **named)
        elif part == "G":
            steps, l1 = re.search(r"nst (\d+) l1 (\S+)", rest).groups()
            put("large Courant numbers", scheme, **{steps: float(l1)})
            put(f"{A} 1 turn, Courant {314.16 / float(steps):.2g}", scheme, l1=float(l1))
    return out


def show(x, digits=3):
    if x is None:
        return "–"
    if x == 0:
        return "0"
    if 100 <= abs(x) < 1e4:
        return f"{x:.0f}"
    return f"{x:#.{digits}g}" if 1e-3 <= abs(x) < 100 else f"{x:.{digits - 1}e}".replace("e-0", "e-").replace("e+0", "e")


def table(head, rows):
    return "\n".join("| " + " | ".join(map(str, r)) + " |" for r in [head, ["---"] * len(head), *rows]) + "\n"


def why(problem, scheme, quantity):
    return next((text for p, s, q, text in WHY if problem.startswith(p) and s == scheme and q == quantity),
                "not known yet")


def verdict(m):
    """One row a target; the worst figure over the schemes it holds for. Also the list of misses."""
    groups, missed, rows = defaultdict(list), [], []
    goals = defaultdict(list) # schemes that have the same target share a row
    for (_, *which), (relation, target, _) in m.targets.items():
        goals[tuple(which)].append((relation, target))
    for (precision, problem, scheme, quantity), (relation, target, met) in m.targets.items():
        name = "power-law plume" if problem.startswith("power-law plume") else problem
        value = m.values[precision, problem, scheme, quantity]
        own = tuple(goals[problem, scheme, quantity])
        groups[name, quantity, own].append((precision, problem, scheme, value, relation, target, met))
    for (name, quantity, _), found in groups.items():
        cells, goal, failed, count = {}, {}, [], []
        for precision, problem, scheme, value, relation, target, met in found:
            worse = max if relation == "<=" else min
            cells[precision] = worse(cells.get(precision, value), value)
            goal[precision] = f"{'≤' if relation == '<=' else '≥'} {target:g}"
            who = problem.removeprefix("power-law plume ") if name != problem else scheme
            if who not in count:
                count.append(who)
            if not met:
                failed.append(who)
                missed.append((precision, problem, scheme, quantity, value, target))
        targets = goal.get("float", "–") if goal.get("float") == goal.get("double") else \
            " / ".join(goal.get(p, "–") for p in ("float", "double"))
        rows.append([name, quantity, "all schemes" if count == SCHEMES else ", ".join(count), targets,
                     show(cells.get("float")), show(cells.get("double")),
                     "**missed** by " + ", ".join(w for w in count if w in failed) if failed else "met"])
    return rows, missed


def misses(missed):
    by = defaultdict(list)
    for precision, problem, scheme, quantity, value, target in sorted(missed, key=lambda row: row[0] != "float"):
        by[problem, scheme, quantity].append(f"{show(value)} in {precision}, {show(value / target, 2)} times the target")
    texts = defaultdict(list)
    for (problem, scheme, quantity), found in by.items():
        texts[quantity, why(problem, scheme, quantity)].append(f"{problem}, {scheme}: " + "; ".join(found))
    return "\n".join(f"- {quantity} – " + " · ".join(where) + f". Why: {text}" for (quantity, text), where in texts.items()) \
        or "None."


def page(m, bench, image):
    rows, missed = verdict(m)
    total, bad = len(m.targets), len(missed)
    both = lambda p, q, s: show(m.get(p, s, q)) + (f" ({show(bench[p, s, q])})" if (p, s, q) in bench else "")
    plane = [[p, q, *(both(p, q, s) for s in SCHEMES), show(bench.get((p, "cmaq", q)))] for p, q in PLANE]
    sphere = [[s, *(show(m.get("sphere 1 turn", s, q)) for q in ("L1", "L2", "max", "min"))] for s in SCHEMES]
    sphere += [[name, *map(show, figures)] for name, *figures in SPHERE]
    keep = [("uniform, random winds", "cells changed"), ("uniform, random winds in the plane", "cells changed"),
            ("uniform, random winds in the plane", "air mass"), ("closed vortex, 1000 steps", "mass"),
            ("open rotation, 1000 steps", "budget"), ("all in the plane", "smallest q over largest"), (TAGS, "sum of tags"),
            ("hills", "cells changed"), ("hills", "air mass"), ("hills", "budget"),
            ("hills", "float against double"),
            (TAGS, "smallest tag over largest total"), (TAGS, "largest tag over largest total")]
    kept = [[p, q, *(f"{show(m.get(p, s, q), 2)} / {show(m.get(p, s, q, 'double'), 2)}" for s in SCHEMES)] for p, q in keep]
    times = [[p, *(show(m.get(p, s, "linf")) for s in HOW)]
             for p in dict.fromkeys(k[1] for k in m.values if k[1].startswith("K_"))]
    plumes = [[p.removeprefix("ACM2, "), show(m.get(p, PLUMES, "linf"))]
              for p in dict.fromkeys(k[1] for k in m.values if k[1].startswith("ACM2, "))]
    fate = [[q, *(f"{show(m.get('column with deposition', s, q))} / {show(m.get('column with deposition', s, q, 'double'))}"
                  for s in HOW)] for q in ("deposited mass", "deposited mass, relative", "profile, t >= 1 h", "mass and deposit")]
    cases = dict.fromkeys(k[1] for k in m.values if k[1].startswith("power-law plume"))
    plume = [[p.removeprefix("power-law plume "), q, *(show(m.get(p, f"{n} levels", q)) for n in (30, 60)),
              show(m.get(p, "30-60 levels", "order")) if q == "l2" else ""]
             for p in cases for q in ("l2", "l2, worst distance", "ground", "ground, 5 % of its largest or more")]
    velocities = [[s, show(m.get("deposition velocity", s, "largest relative error"))]
                  for s in ("zhang2001", "emerson2020", "settling")]
    rises = [[p, f"{m.get(p, 'layers', 'rows') or 0:.0f}", show(m.get(p, "layers", "largest relative error"))] for p in RISE]
    hills = [[p.removeprefix("hills, "), s, *(show(m.get(p, s, f"l2 N={n}")) for n in (12, 24, 48, 96)),
              *(show(m.get(p, s, f"{q} 48-96")) for q in ("order", "inner order", "order of linf"))]
             for p in HILLS for s in SCHEMES]
    layers = [[s, *(show(m.get(LAYER, s, q)) for q in ("l2 N=48", "l2 N=96", "peak", "smallest"))] for s in SCHEMES]
    modes = [[p, f"{m.get(p, 'all', 'values') or 0:.0f}", *(show(m.get(p, k, "largest relative error"))
                                                           for k in ("number", "surface", "mass"))] for p in MODES]
    absent = "".join(f"- {p}: reference not here ({f})\n" for p, f in m.absent.items())
    if not bench:
        absent += "- figures of other codes for the plane: reference not here (advection_schemes.txt)\n"
    return f"""# Verification of the numerics

Written by `scripts/verify.sh` from what `bashu_verify` ([tests/verification/](../tests/verification)) measured: change
those, not this page. Fields are in float, as the model's are, unless it says double. l1 = Σ|e|/Σ|q|, l2 = √(Σe²/Σq²),
linf = max|e|/max|q| against the exact answer. Targets: [targets.def](../tests/verification/targets.def).

## Verdict

{total - bad} of {total} targets met, counted for each scheme and precision. The figure is the worst of those it holds for.

{table(["problem", "quantity", "held to it", "target (float / double)", "float", "double", "verdict"], rows)}
### Missed

{misses(missed)}

### Not verified

{absent}{chr(10).join("- " + text for text in MISSING)}

## Advection in the plane

In brackets the same scheme in another code in double, kept positive by flux correction; last column the kernel of CMAQ 5.5, measured on the same problems.
Slotted cylinder (Zalesak 1979) on 100² cells, 628 steps a turn; cone of radius 0.15; flow that deforms and comes back
(LeVeque 1996) at Courant number 0.8; mixing diagnostics of Lauritzen and Thuburn (2012) at half the period.

{table(["problem", "quantity", *SCHEMES, "CMAQ kernel"], plane)}
rms/T of the cone as Jaruga et al. (2015) have it; the best of their variants of MPDATA has 1.05e-4.

{image("slotted", "slotted cylinder after six turns")}
{image("peers", "errors against the kernel of CMAQ")}
{image("order", "order of convergence; large Courant numbers")}

## A sphere that revolves

59³ points, 556 steps, one turn about (1, 1, 1), value 4; L1 = mean|e|/T, L2 = √(mean e²)/T.

{table(["scheme", "L1", "L2", "largest", "smallest"], sphere)}
## Over hills

The model's own steps in three dimensions ([terrain.h](../tests/verification/terrain.h)): a Lambert mesh of 2000 km with map
factors from 1.00 to 1.08, hybrid levels over ground from 300 to 3100 m, a wind with shear and overturning whose fluxes are
exact in cells, surface pressure that changes, twelve hours. Cells N × N × N/2, steps shrink with the cells, Courant number up to
1 along x and y. l2 is weighted by air mass.

"Flat at the walls" and "sloping" are manufactured: 2 + waves that pulse, whose source enters as emission, its mean over each
cell at the middle of each pair of steps. That measures the whole model: advection, splitting of axes and of sources. The second
has a gradient across sides, ground and top. A "bell" has no source: the wind swings back and brings it home.
"Inner": farther from every wall than a twelfth of the box.

{table(["field", "scheme", "l2 N=12", "24", "48", "96", "order 48-96", "inner", "of linf"], hills)}
A layer 1/8 of the levels thick, there and back; largest and smallest value at N=96 in shares of the exact largest:

{table(["scheme", "l2 N=48", "l2 N=96", "largest", "smallest"], layers)}
{image("hills", "error over hills against the number of cells")}

## What holds for any wind

Float / double. Random winds: Courant numbers up to 4.5 along a line on every instruction set of the processor, up to 4 in
the plane, through its sides. Hills: as above, mixing ratios of 0.1 and 3.7e-8, N=96. Tags: slotted cylinder, cone and hump
folded over each other; the worst cell of all steps. A tag takes the φ of its total, so that tags add up; by itself it may fall
below zero or, with the limiter of 1984, grow.

{table(["problem", "quantity", *SCHEMES], kept)}
## Columns

Largest error over the profile's largest value against the matrix exponential of the same discrete operator, 20 layers, the
unit in the lowest at the start, steps of 300 s (of 60 s for t = 60 s). A spike is not resolved by its first steps: the
targets hold from 1 h on.

{table(["case", *HOW], times)}
{image("column", "profiles of the column operator")}

The same for ACM2 by backward Euler, boundary layer of 1320 m: plumes carry the spike up at once, and the column is mixed when
the targets begin to hold.

{table(["case", PLUMES], plumes)}
Column with deposition: 200 layers of 5 m, the unit mass released at 100 m, against the series solution; float / double.
Deposited mass is a share of what was released, "relative" of what was deposited, where that is above 2 %.

{table(["quantity", *HOW], fate)}
## Deposition velocity

{show(m.get("deposition velocity", "all", "rows"))} rows of the table.

{table(["", "largest relative error"], velocities)}
{image("velocity", "deposition velocity over crops")}

Lognormal modes (pleim2022): moments of {show(m.get(MODES[0], "all", "rows"))} rows of the table of CMAQ 5.5, over six land uses.
Values in which that table's single precision loses more than 5e-5 are counted apart.

{table(["", "values", "number", "surface", "mass"], modes)}

## Plume over power-law profiles

Advection along x by ppm6_sel and vertical mixing by TR-BDF2 in turn, 200 m to 50 km, against the bounded analytic solution;
l2 over all heights and distances of the table, "ground" the largest relative error 1 m above it where the exact value is 1 %
(5 %) of its largest along x or more. Layers are equal from the ground to the source, which is the middle of one, and grow
above; cells along x shrink with them. At 200 m the table of the stable case has only heights that its plume, some metres
wide, hardly reaches: that is its worst distance.

{table(["case", "quantity", "30 levels", "60 levels", "order 30-60"], plume)}
{image("plume", "ground-level concentration of the plume")}

## Plume rise

Effective height of stacks of 15 to 200 m in neutral, unstable and stable air, against the scheme of CMAQ 5.5 run by itself (in
single precision).

{table(["", "rows", "largest relative error"], rises)}"""


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("lines")
    arguments.add_argument("--reference", default="../shared/reference")
    arguments.add_argument("--out", default="docs")
    given = arguments.parse_args()
    m, bench = Measured(given.lines), read_bench(Path(given.reference) / "advection_schemes.txt")
    out = Path(given.out)
    (out / "verification").mkdir(parents=True, exist_ok=True)
    def image(name, text):
        if {"column": "column operator", "velocity": "deposition velocity", "plume": "power-law plume"}.get(name) in m.absent:
            return "*Reference not here: no plot.*"
        draw(name, m, bench, out / "verification" / f"{name}.png")
        return f"![{text}](verification/{name}.png)"

    (out / "verification.md").write_text(page(m, bench, image), encoding="utf-8")
    total, met = len(m.targets), sum(t[2] for t in m.targets.values())
    print(f"verify_report.py: {met} of {total} targets met; {out}/verification.md")


if __name__ == "__main__":
    main()
