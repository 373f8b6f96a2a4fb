"""The tables of docs/scaling.md."""
import re

from scale import costs, model, tiles

BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"
WEATHER_ALONE = ("solve", "gather")  # what prepared weather does without


def table(head, rows):
    lines = [" | ".join(head), " | ".join(["---"] + ["---:"] * (len(head) - 1))] + [" | ".join(map(str, r)) for r in rows]
    return [f"| {line} |" for line in lines] + [""]


def digits(value):
    """Three digits that count."""
    return "–" if value is None else f"{value:.0f}" if value >= 99.5 else f"{value:.1f}" if value >= 9.95 else f"{value:.2f}"


# ---- measured ----

def stepping(run):
    """Seconds in the operators, with what several ranks need to tell each other."""
    return sum(run["parts"].get(p, 0) for p in ("hadvect", "hdiff", *costs.COLUMNS, "exchange"))


HERE = model.Machine(cores=2, memory=30e9, latency=1e-6)  # update in place of both cores (docs/performance.md); half a round trip and more


def by_model(c, run):
    """Seconds that the model gives for the steps of a run that was measured."""
    case = model.Case(nx=run["nx"], ny=run["ny"], layers=run["nz"], tracers=run["tracers"])
    tiling, pairs = tiles.choose(run["nx"], run["ny"], run["ranks"], tiles.overlap_of(1.0)), run["steps"] // 2
    moved = model.exchange(case, tiling, HERE, run["threads"]) if run["ranks"] > 1 else {"packing": 0, "network": 0}
    parts = model.operators(c, case, tiling, HERE, run["threads"], pairs)
    return sum(parts.values()) + pairs * (moved["packing"] + moved["network"])


def measured_lines(measured):
    one, c = costs.named(measured, "one"), costs.of(measured)
    words = {"one": "strong: 1 rank, 1 thread", "threads": "strong: 1 rank, 2 threads", "ranks": "strong and weak: 2 ranks, 1 thread",
             "half": "weak: 1 rank, half of the mesh", "small-one": "small: 1 rank, 1 thread", "small-ranks": "small: 2 ranks, 1 thread"}
    rows = []
    for name, text in words.items():
        r = costs.named(measured, name)
        if not r:
            continue
        base = costs.named(measured, "small-one" if name.startswith("small") else "one")
        work = r["nx"] * r["ny"] * r["nz"] * r["tracers"] * r["steps"] * 1e-9
        share = stepping(base) / stepping(r) * (r["nx"] * r["ny"]) / (base["nx"] * base["ny"]) / (r["ranks"] * r["threads"])
        rows.append([text, f"{r['nx']} × {r['ny']}", f"{stepping(r):.2f}", f"{by_model(c, r):.2f}", f"{stepping(r) / work:.2f}", f"{100 * share:.0f} %",
                     digits(r["wall_s"]), "yes" if r["ledger"] == base["ledger"] else "other mesh" if name == "half" else "**no**"])
    yield (f"{measured['cpu']}; {one['nz']} layers, {one['tracers']} tracers in 4 species, {one['steps']} steps of {one['hours']} hours; "
           f"{one['version'].split(' (')[0]}.")
    yield ""
    yield from table(["run", "cells", "steps, s", "by the model, s", "ns per cell, tracer, step", "efficiency of steps", "whole run, s", "same ledger"], rows)


def cost_lines(measured):
    c = costs.of(measured)
    solve, power = costs.solve(c["elliptic"], 1500 * 1000)
    rows = [["sweeps along x and y (`hadvect`)", f"{c['hadvect']:.2f}", "cell, tracer, step"],
            ["horizontal diffusion (`hdiff`)", f"{c['hdiff']:.2f}", "cell, tracer, step"],
            ["z, settling, rain, vertical solve", f"{c['columns']:.2f}", "cell, tracer, step"],
            ["emission, boundary, length of steps, watch", f"{c['hourly']:.2f}", "cell, tracer, hour"],
            ["weather but for the elliptic problem", f"{c['weather']:.0f}", "cell, hour"],
            ["output of the lowest layer, hourly", f"{c['output']:.0f}", "column, tracer, hour"]]
    yield from table(["cost of one core", "ns", "per"], rows)
    yield "The elliptic problems of an interval, both ends, on one core, and reading of inputs, which every rank does for the whole mesh:"
    yield ""
    yield from table(["mesh", "solve, s", "reading of inputs, s"],
                     [[f"{r['nx']} × {r['ny']}", f"{s:.2f}", f"{begin:.1f}"]
                      for r, (_, s), (_, begin) in zip(measured["still"], c["elliptic"], c["start"])])
    yield f"The solve grows with the {power:.2f}th power of the columns; {solve:.1f} s at 1500 × 1000."
    yield ""


# ---- predicted ----

def percent(value):
    return "–" if value is None else f"{100 * value:.0f} %"


def memory_of(measured, ranks, threads):
    """GiB of the rank that holds most, and of a node full of others."""
    m = next((m for m in measured["memory"] if (m["ranks"], m["threads"]) == (ranks, threads)), None)
    if not m:
        return [digits(None)] * 2
    on_node = min(ranks, model.Machine().cores // threads)
    return [digits(m["most"] / 1024), digits((m["most"] + (on_node - 1) * m["others"]) / 1024)]


def prediction_rows(measured, c, case, machine, threads):
    for cores in model.CORES:
        if cores < threads:
            continue
        h = model.hour(c, case, machine, cores, threads)
        if h is None:
            yield [cores, cores // threads] + ["tiles too small"] + [""] * 11
            continue
        p, t = h["parts"], h["tiling"]
        steps = p["sweeps"] + p["diffusion"] + p["columns"]
        rest = sum(p.values()) - steps - p["exchange"] - p["solve"]
        yield [cores, cores // threads, f"{t.nx / t.px:.0f} × {t.ny / t.py:.0f}", f"{h['extra']:.2f}", digits(h["bytes"] / 1e6),
               digits(1e3 * steps / case.pairs), digits(1e3 * p["exchange"] / case.pairs), digits(steps + p["exchange"]), digits(p["solve"]),
               digits(rest), percent(model.efficiency(c, case, machine, cores, threads)),
               percent(model.efficiency(c, case, machine, cores, threads, WEATHER_ALONE)), *memory_of(measured, cores // threads, threads)]


def predicted_lines(measured):
    c, case, machine = costs.of(measured), model.Case(), model.Machine()
    step = model.per_step(c, machine)
    yield (f"{case.nx} × {case.ny} × {case.layers} cells of {case.dx / 1000:.0f} km, {case.tracers} tracers; strongest wind {case.wind:.0f} "
           f"m s⁻¹, so {case.pairs} pairs of steps of {3600 / case.pairs / 2:.0f} s an hour; overlap {tiles.overlap_of(case.courant)} cells. "
           f"A core of a full node: {step['hadvect']:.2f} + {step['hdiff']:.2f} + {step['columns']:.2f} ns per cell, tracer and step.")
    yield ""
    head = ["cores", "ranks", "tile", "sweeps ×", "MB sent a pair", "steps, ms a pair", "exchange, ms a pair", "both, s an hour", "solve, s",
            "other, s an hour", "efficiency", "with prepared weather", "GiB of a rank", "GiB of a node"]
    for threads in model.THREADS:
        yield f"**Ranks of {threads} thread{'s' if threads > 1 else ''}**"
        yield ""
        yield from table(head, prediction_rows(measured, c, case, machine, threads))


def mended_lines(measured):
    c, case, machine = costs.of(measured), model.Case(), model.Machine()
    rows = []
    for threads in model.THREADS[:2]:
        for cores in model.CORES[2:]:
            found = model.mended(c, case, machine, cores, threads, WEATHER_ALONE) or [None] * 4
            rows.append([f"{cores} as {cores // threads} × {threads}", *map(percent, found)])
    yield from table(["cores as ranks × threads", "as it is", "and prepared weather", "and nodes that are blocks of tiles",
                      "and messages hidden behind work"], rows)


def renewed(text, measured):
    """The page with its tables made anew; None where the marks are not there once each."""
    marked = re.compile(re.escape(BEGIN) + ".*?" + re.escape(END), re.S)
    if len(marked.findall(text)) != 1:
        return None
    lines = [BEGIN, "", "**Measured**", "", *measured_lines(measured), "**What one core pays**", "", *cost_lines(measured),
             "**Predicted**", "", *predicted_lines(measured), "**What would mend it**", "",
             *mended_lines(measured), END]
    return marked.sub(lambda _: "\n".join(lines), text)
