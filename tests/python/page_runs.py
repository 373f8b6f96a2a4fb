"""Folders for tests of the page and of layers: a small run by the program, and what `bashu scenario` and others leave beside it, made
up here in the same shape from that run."""
import csv
import json
import shutil
import subprocess

import numpy as np
from netCDF4 import Dataset

SPECIES = "primary_pm25"
WEIGHT = {"power": 0.4}


def program_run(bashu, case, out, *words):
    subprocess.run([bashu, "run", case, "--out", out, "--quiet", *words], check=True, capture_output=True, timeout=300)
    return out


def program_set(bashu, case, out):
    """A set by `bashu scenario`, judged by `bashu report`: half of all power; None where the program has no such command."""
    if any(subprocess.run([bashu, word, "--help"], capture_output=True, timeout=60).returncode for word in ("scenario", "report")):
        return None
    plan = out.parent / "half.yaml"
    plan.write_text(f"""plan: half
title: Half of the power
case: {case}
scenarios:
  half-power:
    - {{regions: [all], sectors: [power], species: [all], cut: 50%, from: start, to: end}}
""", encoding="utf-8")
    for words in (["scenario", plan, "--out", out, "--quiet"], ["report", out]):
        done = subprocess.run([bashu, *words], capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr
    return out


def lines_of(path):
    """Comments, header and rows of a table."""
    text = path.read_text(encoding="utf-8").splitlines()
    rows = list(csv.reader(line for line in text if not line.startswith("#")))
    return [line for line in text if line.startswith("#")], rows[0], rows[1:]


def write_table(path, comments, header, rows):
    with open(path, "w", encoding="utf-8", newline="") as f:
        f.write("".join(c + "\n" for c in comments))
        csv.writer(f, lineterminator="\n").writerows([header, *rows])


def member_of(base, out, cuts):
    """A copy of a run in which tags are cut by a share, and the total by as much."""
    shutil.copytree(base, out)
    for name in ("surface.nc", "daily.nc", "cities.nc"):
        with Dataset(out / name, "r+") as nc:
            for label, cut in cuts.items():
                tag = nc[f"{SPECIES}_{label}"][:]
                nc[SPECIES][:] = nc[SPECIES][:] - cut * tag
                nc[f"{SPECIES}_{label}"][:] = (1 - cut) * tag
    for name in ("cities_daily.csv", "cities_period.csv"):
        comments, header, rows = lines_of(out / name)
        ending = "_mean" if name == "cities_period.csv" else ""
        whole = header.index(SPECIES + ending)
        for row in rows:
            for label, cut in cuts.items():
                k = header.index(f"{SPECIES}_{label}{ending}")
                row[whole] = f"{float(row[whole]) - cut * float(row[k]):.7g}"
                row[k] = f"{(1 - cut) * float(row[k]):.7g}"
        write_table(out / name, comments, header, rows)
    return out


def scenario_set(run, out, members):
    """base/, a folder per member, and the tables that go with them. members: {name: {label: cut}}."""
    out.mkdir()
    shutil.copytree(run, out / "base")
    for name, cuts in members.items():
        member_of(run, out / name, cuts)
    (out / "scenario.json").write_text(json.dumps({"plan": "p", "title": "A plan of tests", "scenarios": [{"name": n} for n in members]}), encoding="utf-8")
    return out


def corridors(run):
    """corridors.csv and corridors.nc between cities that follow each other in the run, with fluxes that are told by their place."""
    with Dataset(run / "cities.nc") as nc:
        cities = [[str(nc[v][n]) for v in ("adcode", "name", "name_en")] for n in range(nc.dimensions["station"].size)]
        places = [(float(nc["lon"][n]), float(nc["lat"][n])) for n in range(len(cities))]
    rows, net = [], []
    for n in range(len(cities) - 1):
        flux = (-1) ** n * 1e4 * (n + 1)
        net.append(flux)
        for turned, sign in ((False, 1), (True, -1)):
            a, b = (cities[n + 1], cities[n]) if turned else (cities[n], cities[n + 1])
            for when in ("2015-01-11", "period"):
                rows.append([when, "24", "region", *a, *b, f"{sign * flux:.7g}"])
    rows.append(["period", "24", "family", "成都平原", "成都平原", "Chengdu plain", "川南", "川南", "South Sichuan", "5e4"])
    rows.append(["period", "24", "region", *cities[0], "west", "西边界", "west side of the domain", "7e3"])
    write_table(run / "corridors.csv", ["# fluxes between neighbouring regions"],
                ["date_local", "hours", "level", "from", "from_name", "from_name_en", "to", "to_name", "to_name_en", f"{SPECIES}_net"], rows)
    with Dataset(run / "corridors.nc", "w") as nc:
        nc.createDimension("corridor", len(net))
        for name, values in (("from", [c[0] for c in cities[:-1]]), ("to", [c[0] for c in cities[1:]])):
            nc.createVariable(name, str, ("corridor",))[:] = np.array(values, dtype=object)
        middle = [((a[0] + b[0]) / 2, (a[1] + b[1]) / 2, b[0] - a[0], b[1] - a[1]) for a, b in zip(places, places[1:])]
        for name, values in zip(("lon", "lat", "across_x", "across_y"), zip(*middle)):
            nc.createVariable(name, float, ("corridor",))[:] = values


def before_after(folder, members, tonnes=2.0):
    """before_after.csv: each city emits `tonnes` per day of every sector that a member cuts; and elsewhere as much."""
    _, _, rows = lines_of(folder / "base/cities_period.csv")
    out = []
    for name, cuts in members.items():
        for city in [*[r[:3] for r in rows], ["", "elsewhere", "elsewhere"]]:
            for sector, cut in cuts.items():
                cut = cut if city[0] else 0
                out.append([name, "2015-01-10T16:00:00Z", "2015-01-11T16:00:00Z", *city, sector, "pm25", f"{tonnes:.7g}",
                            f"{tonnes * (1 - cut):.7g}", f"{tonnes * cut:.7g}", f"{100 * cut:.5g}"])
    write_table(folder / "before_after.csv", ["# emissions before and after", "# assumed: brick is 8 % of industry (a test)"],
                ["scenario", "window_from", "window_to", "adcode", "name", "name_en", "sector", "species", "before_t_per_day",
                 "after_t_per_day", "cut_t_per_day", "cut_percent"], out)


REPORT = ["member", "adcode", "name", "name_en", "basis", "days", "pm25_mean", "pm25_highest", "highest_day", "index_highest", "class_highest",
          "good_days_at_most", "heavy_days_at_least", "days_over_24h_limit", "alert", "annual_limit", "against_limit", "target",
          "against_target", "change_percent"]


def standards(folder, members):
    """report.csv as `bashu report` writes it, as far as the page reads it."""
    _, _, rows = lines_of(folder / "base/cities_period.csv")
    out = []
    for m, name in enumerate(["base", *members]):
        for n, city in enumerate(rows):
            out.append([name, *city[:3], "primary_lower_bound" if n else "observed", 1, 80 - 10 * m, 90, "2015-01-11", 120, "轻度污染", 0, 0, 1,
                        "none" if n else "yellow", 35, "open" if n else "above", "" if n else 32, "" if n else "above", -12.5 * m])
    write_table(folder / "report.csv", ["# cities against the standards: PM2.5 of tiny", "# weather: none", "# One pollutant of six."], REPORT, out)


SOURCES = [("chengdu-plain_power", "成都平原: power", 0.3), ("chengdu-plain_road", "成都平原: road", 0.2), ("chuannan_power", "川南: power", 0.25),
           ("chuannan_road", "川南: road", 0.15), ("initial", "what was there at the start", 0.1)]


def sources(run):
    """source_receptor_period.csv and shares.csv: each city's mean shared out as SOURCES says."""
    _, header, rows = lines_of(run / "cities_period.csv")
    table, shares = [], []
    for row in rows:
        mean = float(row[header.index(f"{SPECIES}_mean")])
        for name, label, part in [*SOURCES, ("total", "all of it", 1.0)]:
            table.append([*row[:3], SPECIES, name, label, f"{part * mean:.7g}", f"{100 * part:.6g}"])
        shares.append([*row[:3], SPECIES, mean, *(f * mean for f in (0.5, 0.3, 0.15, 0.05)), 50, 30, 15, 5])
    write_table(run / "source_receptor_period.csv", ["# contributions of sources over the output period"],
                ["adcode", "name", "name_en", "variable", "source", "label", "contribution", "percent"], table)
    parts = ("local", "other_basin", "outside_basin", "unresolved")
    write_table(run / "shares.csv", ["# where the period mean of each region comes from"],
                ["adcode", "name", "name_en", "variable", "total", *parts, *(f"{p}_percent" for p in parts)], shares)
