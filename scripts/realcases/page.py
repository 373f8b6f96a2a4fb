"""The text of docs/real-cases.md. Every number comes from a run's files or from a check."""
import csv
import re
from datetime import datetime, timedelta

import numpy as np

SIDES = ("west", "east", "south", "north")
LABELS = {"initial": "there at the start", "boundary": "from beyond the sides"}
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def unit(text):
    text = "" if text == "1" else re.sub(r"(?<=[A-Za-z])(-?\d+)", lambda m: m[1].translate(RAISED), text)
    return re.sub(r"\bug\b", "µg", text)


def show(value, digits=3):
    """A number as people read it."""
    if value is None or value != value:
        return "–"
    if value == 0:
        return "0"
    if 1e-3 <= abs(value) < 1e6:
        return f"{value:.{max(0, digits - 1 - int(np.floor(np.log10(abs(value)))))}f}"
    return f"{value:.2e}".replace("e-0", "e-").replace("e+0", "e")


def table(head, rows):
    return "\n".join(["| " + " | ".join(head) + " |", "|" + "|".join(["---"] + ["---:"] * (len(head) - 1)) + "|"] +
                     ["| " + " | ".join(str(c) for c in row) + " |" for row in rows]) + "\n"


def fields(run):
    """Least, mean and largest of the fields of surface.nc."""
    wanted = [k for k in run.surface if k in ("ps", "pblh", "t2", "rain") or k in ("primary_pm25", "inert_tracer")]
    scale = {"kg m-2 s-1": (3600.0, "mm h-1"), "Pa": (0.01, "hPa")}
    rows = []
    for k in wanted:
        factor, units = scale.get(run.units[k], (1.0, run.units[k]))
        rows.append([f"{run.names[k].removeprefix('mass concentration of ')}, {unit(units)}",
                     *(show(factor * f(run.surface[k])) for f in (np.min, np.mean, np.max))])
    speed = run.wind_speed()
    rows.insert(1, ["10 m wind speed, m s⁻¹", *(show(f(speed)) for f in (np.min, np.mean, np.max))])
    return table(["hourly records of the lowest layer", "least", "mean", "largest"], rows)


def totals(run):
    """The ledger of the species and of the tags that matter."""
    head = ["tonnes", "at the start", "emitted", "in", "out", "dry deposited", "wet deposited", "at the end", "residual"]
    rows = []
    for r in run.summary["ledger"]:
        if r["initial_kg"] + r["emitted_kg"] + sum(r[f"in_{s}_kg"] for s in SIDES) == 0:
            continue
        name = r["species"] + (", " + LABELS.get(r["label"], f"from {r['label']}") if r["label"] else "")
        numbers = [r["initial_kg"], r["emitted_kg"], sum(r[f"in_{s}_kg"] for s in SIDES), sum(r[f"out_{s}_kg"] for s in SIDES),
                   r["dry_deposited_kg"], r["wet_deposited_kg"], r["stored_kg"]]
        rows.append([name, *(f"{v / 1000:.1f}" for v in numbers), f"{r['residual']:.1e}"])
    return table(head, rows)


def weather(run):
    """What was taken from the files, and what was not."""
    m = run.case["meteorology"]
    variables = dict(re.findall(r"^meteorology: (\w+) from '([^']+)'", run.log, re.M)) or {k: v["name"] for k, v in (m.get("variables") or {}).items()}
    if m["provider"] == "idealised":
        variables = {k: m["idealised"].get(f"wind10_{k[0]}", k) for k in ("u10", "v10") if m["idealised"].get("wind10_file")}
    taken = ", ".join(f"{k.replace('_', ' ')} (`{name}`)" for k, name in variables.items())
    lines = [f"- Taken: {taken or 'what the provider `' + m['provider'] + '` knows by name'}."]
    for line in run.summary["assumed"]:
        lines.append(f"- From the source: {line.removeprefix('from the source: ')}." if line.startswith("from the source: ") else f"- Derived or assumed: {line}.")
    return "\n".join(lines) + "\n"


def correction(run):
    c = run.summary["correction"]
    text = f"Correction wind: 99 % of the faces below {show(c['p99_m_s'])} m s⁻¹, largest {show(c['max_m_s'])} m s⁻¹."
    for words, (value, u) in run.facts.items():
        text += f" {words[:1].upper() + words[1:]}: {show(value)} {unit(u)}."
    if c.get("warning"):
        text += f"\n\nThe program warns: {c['warning']}."
    levels = c.get("by_height") or []
    if levels:
        head = ["height above ground, m", "99 % below, m s⁻¹", "largest, m s⁻¹", "wind of the source, root mean square, m s⁻¹"]
        text += "\n\n" + table(head, [[f"{b['from_m']:.0f} to {b['to_m']:.0f}" if "to_m" in b else f"above {b['from_m']:.0f}", show(b["p99_m_s"]),
                                        show(b["max_m_s"]), show(b["source_wind_rms_m_s"])] for b in levels])
    return text + "\n"


def checks(found):
    rows = [[c.what, f"{c.model:{c.number}}", f"{c.other:{c.number}}", unit(c.unit), show(c.difference, 2), show(c.allowed, 2),
             "yes" if c.ok else "**no**"] for c in found]
    return table(["check", "model", "by itself", "unit", "difference", "allowed", "holds"], rows)


def city_rows(run, name="cities_daily.csv"):
    with open(run.folder / name, encoding="utf-8", newline="") as f:
        return list(csv.DictReader(line for line in f if not line.startswith("#")))


def match(name, observed):
    """The observed city of a region's name: 成都市 -> 成都, 凉山彝族自治州 -> 凉山州."""
    short = re.sub(r"(藏族羌族|藏族|彝族)?(自治州|市)$", "", name)
    return next((o for o in (short, short + "州") if o in observed), None)


def observations(path):
    """city -> {date text: ug m-3}."""
    out = {}
    with open(path, encoding="utf-8", newline="") as f:
        for r in csv.DictReader(f):
            if r["pm25"]:
                out.setdefault(r["city"], {})[r["date"]] = float(r["pm25"])
    return out


def ambient(run, centre):
    """Air of the standard state over ambient air: what an observed concentration is multiplied with. Weather of the nearest cell."""
    j, i = np.unravel_index(np.argmin((run.lon - centre[0]) ** 2 + (run.lat - centre[1]) ** 2), run.lon.shape)
    return run.surface["ps"][:, j, i].mean() / 101325.0 * 273.15 / run.surface["t2"][:, j, i].mean()


def daily(run):
    """(adcode, local date) -> mean of its hours, how many hours; and the names of the regions."""
    sums, names = {}, {}
    for r in city_rows(run, "cities.csv"):
        day = (datetime.fromisoformat(r["time_end_local"]) - timedelta(seconds=1)).strftime("%Y-%m-%d")  # stamps end their hour
        sums.setdefault((r["adcode"], day), []).append(float(r["primary_pm25"]))
        names[r["adcode"]] = (r["name"], r["name_en"])
    return {k: (np.mean(v), len(v)) for k, v in sums.items()}, names


def changes(days, pairs):
    """How the median city changed from day to day, in the model and as observed."""
    lines = []
    for first, second in zip(days, days[1:]):
        both = [(pairs[c][first], pairs[c][second]) for c in pairs if first in pairs[c] and second in pairs[c]]
        if len(both) > 2:
            model, seen = (np.median([b[k] / a[k] - 1 for a, b in both]) * 100 for k in (0, 1))
            alike = np.mean([(b[0] > a[0]) == (b[1] > a[1]) for a, b in both]) * 100
            lines.append(f"From {first} to {second} the median city changed by {model:+.0f} % in the model and by {seen:+.0f} % as observed; "
                         f"{alike:.0f} % of the cities changed in the same direction.")
    return "\n".join(lines) + "\n" if lines else ""


def turn(run, observed, says):
    """What is left of a day's mean at a later hour, beside the observed days: says = {hour: local, of: day, then: day}."""
    model, names = daily(run)
    hour = {r["adcode"]: float(r["primary_pm25"]) for r in city_rows(run, "cities.csv") if r["time_end_local"].startswith(says["hour"])}
    rows, pairs = [], []
    for code, (name, english) in names.items():
        seen = observed.get(match(name, observed), {})
        if says["of"] in seen and says["then"] in seen and code in hour:
            pair = (hour[code] / model[code, says["of"]][0], seen[says["then"]] / seen[says["of"]])
            rows.append([f"{english} {name}", show(pair[0]), show(pair[1])])
            pairs.append(pair)
    if len(pairs) < 3:
        return ""
    rows.sort(key=lambda r: float(r[1]))
    text = table([f"over the mean of {says['of']}", f"model, hour to {says['hour'].replace('T', ' ')} h", f"observed, mean of {says['then']}"], rows)
    return text + f"\nCorrelation of the two over {len(pairs)} cities: {show(np.corrcoef(np.array(pairs).T)[0, 1])}.\n"


def cities(run, observed, days, centres):
    """Daily means of the cities, beside the observed ones where there are any."""
    model, names = daily(run)
    days = [str(d) for d in days or sorted({d for _, d in model})]
    rows, pairs = [], {}
    for code, (name, english) in names.items():
        row, city = [f"{english} {name}"], match(name, observed)
        factor = ambient(run, centres[code])
        for d in days:
            mine, seen = model.get((code, d), (None, 0))[0], observed.get(city, {}).get(d)
            row.append(show(mine))
            if observed:
                row += [show(seen * factor if seen else None), show(mine / (seen * factor) if seen and mine else None)]
                if seen and mine:
                    pairs.setdefault(code, {})[d] = (mine, seen * factor)
        rows.append(row)
    head, hours = ["µg m⁻³"], {d: n for (_, d), (_, n) in model.items()}
    for d in days:
        head += [f"model {d}" + (f" ({hours[d]} h)" if hours.get(d, 24) < 24 else "")] + (["observed", "ratio"] if observed else [])
    text = table(head, rows) + "\n"
    for d in days:
        pair = np.array([p[d] for p in pairs.values() if d in p])
        if len(pair) > 2:
            text += (f"{d}, {len(pair)} cities: median of the ratios {show(np.median(pair[:, 0] / pair[:, 1]))}, correlation over the cities "
                     f"{show(np.corrcoef(pair.T)[0, 1])}.\n")
    return text + changes(days, pairs)


def skill(path):
    """What `bashu evaluate` makes of daily means: all pairs, each day, the cities' means over all days."""
    with open(path, encoding="utf-8", newline="") as f:
        groups = [r for r in csv.DictReader(line for line in f if not line.startswith("#")) if r["averaging_hours"] == "24"]
    rows = []
    for r in groups:
        if r["group"] in ("all", "site_means", "day"):
            rows.append([{"all": "all days and cities", "site_means": "means of the cities"}.get(r["group"], r["name"]), r["n"],
                         *(show(float(r[k])) if r[k] else "–" for k in ("mean_obs", "mean_mod", "ratio", "nmb", "nme", "rmse", "r", "ioa", "fac2", "nme_scaled"))])
    head = ["`bashu evaluate`, whole days", "pairs", "observed, µg m⁻³", "model, µg m⁻³", "ratio", "NMB", "NME", "RMSE, µg m⁻³", "r", "IOA", "FAC2",
            "NME if scaled"]
    note = ("\nPrimary against all PM2.5: bias, errors, IOA and FAC2 also measure what is not simulated; r, and the error after the model is scaled to the\n"
            "observed mean, do not depend on a share that is the same everywhere ([evaluate.md](evaluate.md)).\n")
    return table(head, rows) + note if rows else ""


def span(run):
    def text(t):
        return datetime.strftime(t, "%Y-%m-%d %H UTC")
    return f"{text(run.begin)} to {text(run.end)}"


def grid(run):
    g, s = run.case["grid"], run.summary["grid"]
    size = g.get("dx")
    return f"{s['nx']} × {s['ny']} cells" + (f" of {size}" if size else " of the source") + f", {s['nz']} layers"


def section(entry, run, found, pictures, further):
    parts = [f"## {entry['heading']}\n", f"**{run.summary['weather_label'][:1].upper()}{run.summary['weather_label'][1:]}.**"
             f" Case: [{entry['case']}.yaml](../configs/cases/{entry['case']}.yaml).\n",
             f"- Source: {' '.join(entry['origin'].split())}\n- Domain and time: {grid(run)}; {span(run)}, {run.summary['steps']} steps; output from "
             f"{datetime.strftime(run.stamps[0], '%Y-%m-%d %H UTC')} on.\n" + weather(run)]
    parts += [f"![{entry['heading']}]({p})\n" for p in pictures]
    parts += [fields(run), totals(run), correction(run)]
    parts += further
    parts += [checks(found), f"Shows: {' '.join(entry['can'].split())}\n", f"Does not show: {' '.join(entry['cannot'].split())}\n"]
    return "\n".join(parts)


def overview(cases):
    """A line for each case: (entry, run, checks)."""
    rows = []
    for entry, run, found in cases:
        g, c = run.summary["grid"], run.summary["correction"]
        worst = max((r["residual"] for r in run.summary["ledger"]), key=abs)
        rows.append([entry["heading"], f"{g['nx']} × {g['ny']} × {g['nz']}", f"{run.summary['simulated_s'] / 3600:.0f}", show(c["p99_m_s"]), f"{worst:.1e}",
                     f"{sum(k.ok for k in found)} of {len(found)}"])
    return table(["case", "cells", "hours", "correction wind, 99 % below, m s⁻¹", "largest residual of a ledger", "checks that hold"], rows)


def page(sections, absent, failed, cases=()):
    head = f"""# Real cases

What came out when the model ran on files of real weather and real emissions. Written by `scripts/real_cases.py` from the runs'
own files: no figure here is typed. The data are not part of the project; `BASHU_DATA` names their folder, and a case whose files are not
there is left out{' (now: ' + ', '.join(absent) + ')' if absent else ''}.

The column "by itself" of the checks is worked out by other code than the model's, in Python, from the source files. {
    'All checks hold.' if not failed else f'**{failed} checks fail: see the rows marked no.**'}

PM2.5 is primary alone, which in this basin's winter is a third to a half of what is observed; nothing is tuned. Observed values are those of the
China National Environmental Monitoring Centre (daily means by city, through public archives), brought from the standard state (273.15 K, 1013.25 hPa)
to ambient air with the run's own pressure and temperature at the city. A model value is the mean over a whole prefecture, an observed one the mean
of stations in its towns.

{overview(cases)}
"""
    return head + "\n".join(sections)
