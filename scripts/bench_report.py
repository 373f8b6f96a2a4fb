#!/usr/bin/python3
"""Put the figures of a bench into docs/performance.md.

    bashu bench --json > bench.json
    bench_report.py bench.json [PAGE]

Replaces what stands between the marks "figures: begin" and "figures: end" of PAGE (docs/performance.md) by tables made from
bench.json, with the targets below beside them. Nothing else of the page is touched.
"""
import json
import re
import sys
from pathlib import Path

# ns per cell and tracer, whole step, (1 thread, 2 threads): must, goal, stretch.
TARGETS = {
    "ppm6_sel": ((3.2, 1.7), (2.5, 1.3), (2.1, 1.1)),
    "ppm6_pd": ((2.5, 1.35), (2.0, 1.1), (1.65, 0.9)),
    "ppm6_lin": ((2.4, 1.3), (1.9, 1.05), (1.5, 0.85)),
    "ppm_cw84": ((2.6, 1.4), (2.1, 1.1), (1.7, 0.95)),
}
TARGETS_AVX2 = {"ppm6_lin": (2.5, 2.0, 1.7), "ppm6_pd": (2.8, 2.2, 1.9), "ppm6_sel": (4.8, 4.1, 3.4),
                "ppm_cw84": (3.6, 3.1, 2.6)}
SPEED_UP, HALF_EMPTY = 1.85, 1.25
PARTS = ("x", "y", "z", "x+y", "vdiff", "step", "settle", "hdiff")
LEVELS = ("must", "goal", "stretch")
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"


def table(head, rows):
    lines = [" | ".join(head), " | ".join(["---"] + ["---:"] * (len(head) - 1))] + [" | ".join(r) for r in rows]
    return [f"| {line} |" for line in lines] + [""]


def disturbed(bench):
    """Others ran on the machine: times with all its threads say nothing then."""
    m = bench["machine"]
    return (m["load_before"] or 0) > m["threads"] or (m["load_after"] or 0) > m["threads"] + 0.5


def machine_lines(bench):
    m, g = bench["machine"], bench["grid"]
    load = [m[k] if m[k] is not None else float("nan") for k in ("load_before", "load_after")]
    yield (f"{m['cpu']}, vectors {m['isa']}, 1 and {m['threads']} threads; {g['nx']} × {g['ny']} × {g['nz']} cells, "
           f"{g['tracers']} tracers, {g['precision']}, largest Courant numbers {g['courant_x']:.2f}, "
           f"{g['courant_y']:.2f}, {g['courant_z']:.2f}; {g['steps']} steps of each, least and median of the pairs. "
           f"Load of the machine {load[0]:.2f} before, {load[1]:.2f} after (1 to {m['threads']} is the bench's own). "
           f"{bench['version']}.")
    yield ""
    if disturbed(bench):
        yield ("**Other programs ran on the machine at the same time.** Columns \"all\" are what was left over and are held against no "
               "target; figures of one thread are usable where least and median agree. To be repeated on a quiet machine.")
        yield ""
    names = {"triad_gbs": "triad, GB/s", "update_gbs": "update in place, GB/s", "fma_gflops": "FMA, GFLOP/s"}
    yield from table(["machine", "1 thread", "all"],
                     [[text, f"{m[key]['1']:.1f}", f"{m[key]['all']:.1f}"] for key, text in names.items()])


def scheme_lines(bench):
    for threads, title in (("1", "1 thread"), ("all", "all threads")):
        rows = []
        for name, s in bench["schemes"].items():
            cells = [f"{s[p + '_ns'][threads]:.2f} ({100 * s[p + '_share_of_limit'][threads]:.0f} %)" for p in PARTS]
            rows.append([f"`{name}`"] + cells + [f"{s['step_median_ns'][threads]:.2f}"])
        yield from table([f"ns, {title}", *PARTS, "step, median"], rows)


def missed(value, limit):
    return "met" if value <= limit else f"missed by {value / limit:.2f} ×"


def target_lines(bench):
    two = bench["machine"]["threads"] == 2 and not disturbed(bench)
    rows = []
    for name, targets in TARGETS.items():
        step = bench["schemes"][name]["step_ns"]
        for n, threads in enumerate(("1", "all") if two else ("1",)):
            rows.append([f"`{name}`", "2" if n else "1", f"{step[threads]:.2f}"] +
                        [f"{t[n]:.2f}: {missed(step[threads], t[n])}" for t in targets])
        avx2 = bench["schemes"][name].get("avx2_step_ns")
        if avx2:
            rows.append([f"`{name}`", "1, AVX2", f"{avx2:.2f}"] +
                        [f"{t:.2f}: {missed(avx2, t)}" for t in TARGETS_AVX2[name]])
    yield from table(["whole step", "threads", "ns", *LEVELS], rows)
    if two:
        gain = {k: s["step_ns"]["1"] / s["step_ns"]["all"] for k, s in bench["schemes"].items() if k in TARGETS}
        text = ", ".join(f"{k} {v:.2f}" for k, v in gain.items())
        yield f"Two threads against one (target at least {SPEED_UP} ×): {text}."
    full, half = bench["schemes"]["ppm6_sel"]["step_ns"], bench["half_empty"]["step_ns"]
    yield (f"`ppm6_sel` on a field half of whose cells are zero takes {half['1'] / full['1']:.2f} × its textured time with one "
           f"thread (target at most {HALF_EMPTY} ×). With all tracers but one tags of it: {bench['tags']['step_ns']['1']:.2f} ns.")
    yield ""


def scaling_lines(bench):
    rows = []
    for r in bench["scaling"]:
        step = [r["skipped"], ""] if "skipped" in r else [f"{r['step_ns'][k]:.2f}" for k in ("1", "all")]
        rows.append([f"{r['nx']} × {r['ny']} × {r['nz']}", str(r["tracers"]), *step])
    yield from table(["`ppm6_sel`, whole step", "tracers", "1 thread, ns", "all, ns"], rows)


def limit_lines(bench):
    rows = []
    for part in PARTS:
        limit = bench["limits"][part]
        rows.append([part, f"{limit['bytes']:.1f}", " / ".join(f"{v:.0f}" for v in limit["flops"].values()), limit["why"]])
    yield from table(["part", "bytes", "operations: " + " / ".join(bench["schemes"]), "least that is needed"], rows)


def main(figures, page):
    bench = json.loads(Path(figures).read_text(encoding="utf-8"))
    text = Path(page).read_text(encoding="utf-8")
    marked = re.compile(re.escape(BEGIN) + ".*?" + re.escape(END), re.S)
    if len(marked.findall(text)) != 1:
        print(f"bench_report: {page}: needs '{BEGIN}' and '{END}' once each")
        return 1
    lines = [BEGIN, "", *machine_lines(bench), "**Against the targets**", "", *target_lines(bench), "**Each part**, with its "
             "share of the nearer limit", "", *scheme_lines(bench), "**With tracers and grid**", "", *scaling_lines(bench),
             f"**The limits**, per cell and tracer with {bench['grid']['tracers']} tracers", "", *limit_lines(bench), END]
    Path(page).write_text(marked.sub(lambda _: "\n".join(lines), text), encoding="utf-8")
    return 0


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], sys.argv[2] if len(sys.argv) == 3 else
                  Path(__file__).resolve().parents[1] / "docs/performance.md"))
