"""What one core pays, from measured runs: nanoseconds per cell, tracer and whatever else a part goes by."""
import numpy as np

COLUMNS = ("zadvect", "settle", "scavenge", "column")
HOURLY = ("emissions", "boundary values", "length of steps", "watch")
GATHERED = 80  # B per column that go to the first rank and back: mass, tendency, column fluxes of both ends; corrections of both ends
GATHERS = 10   # maps of these


def named(measured, name):
    return next((r for r in measured["runs"] if r["name"] == name), None)


def undisturbed(run, part):
    """Seconds of a part of a run on one thread; where others took time of its core, they are taken off evenly."""
    return run["parts"][part] * min(1.0, run.get("cpu_s", run["wall_s"]) / run["wall_s"])


def solve(still, columns):
    """Seconds of the elliptic problems of an interval on one core, and the power of the columns by which they grow: through the nearest
    that was measured. still: [(columns, seconds)]."""
    sizes = np.log(np.array(still, float))
    power = float(np.polyfit(sizes[:, 0], sizes[:, 1], 1)[0])
    nearest = sizes[np.argmin(abs(sizes[:, 0] - np.log(columns)))]
    return float(np.exp(nearest[1] + power * (np.log(columns) - nearest[0]))), power


def of(measured):
    """The costs that model.py goes by."""
    one = named(measured, "one")
    columns, parts = one["nx"] * one["ny"], one["parts"]
    cells, states = columns * one["nz"], one["hours"] + 1
    work = cells * one["tracers"] * one["steps"] * 1e-9
    weather = parts["meteorology"] / (cells * states) * 1e9
    alone = [(r["nx"] * r["ny"], undisturbed(r, "its correction") / r["hours"]) for r in measured["still"]]
    return {"hadvect": parts["hadvect"] / work, "hdiff": parts["hdiff"] / work, "columns": sum(parts[p] for p in COLUMNS) / work,
            "weather": weather, "hourly": sum(parts[p] for p in HOURLY) / (cells * one["tracers"] * one["hours"]) * 1e9,
            "output": parts["output"] / (columns * one["tracers"] * one["hours"]) * 1e9, "elliptic": alone,
            "start": [(r["nx"] * r["ny"], undisturbed(r, "reading of inputs")) for r in measured["still"]]}
