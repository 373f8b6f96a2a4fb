"""The tables of a run's folder as the page shows them: cities, sources and receptors, corridors, before and after."""
import re

import numpy as np

from page.folder import Failure, Table, open_nc, optional, values_of

WHO = ("adcode", "name", "name_en")


def days(run):
    """City means by day, from cities_daily.csv; the highest day of each from cities_period.csv."""
    daily = optional(run.path / "cities_daily.csv", ("date_local", "adcode", run.species))
    period = Table(run.path / "cities_period.csv", (*WHO, f"{run.species}_mean")) \
        if (run.path / "cities_period.csv").is_file() else None
    out = {}
    if daily:
        dates = sorted({r["date_local"] for r in daily.rows})
        value = {(r["date_local"], r["adcode"]): v for r, v in zip(daily.rows, daily.numbers(run.species))}
        out["daily"] = {"dates": dates, "total": [[value.get((d, c["adcode"])) for d in dates] for c in run.cities]}
    if period and f"{run.species}_max_day" in period.columns:
        peak = dict(zip((r["adcode"] for r in period.rows),
                        zip(period.numbers(f"{run.species}_max_day"), (r.get(f"{run.species}_max_day_date", "") for r in period.rows))))
        out["peak"] = [list(peak.get(c["adcode"], (None, ""))) for c in run.cities]
    return out


REPORT = ["basis", "days", "pm25_mean", "pm25_highest", "highest_day", "index_highest", "class_highest", "good_days_at_most",
          "heavy_days_at_least", "days_over_24h_limit", "alert", "annual_limit", "against_limit", "target", "against_target", "change_percent"]
REPORT_TEXTS = {"basis", "highest_day", "class_highest", "alert", "against_limit", "against_target"}


def standards(folder):
    """What `bashu report` found: per member a row per city, in the order of the run's cities; and its notes."""
    table = optional(folder.path / "report.csv", ("member", "adcode", *REPORT))
    if not table:
        return None
    columns = {c: [r[c] for r in table.rows] if c in REPORT_TEXTS else table.numbers(c) for c in REPORT}
    members = {}
    for n, row in enumerate(table.rows):
        members.setdefault(row["member"], {})[row["adcode"]] = [columns[c][n] for c in REPORT]
    codes = [c["adcode"] for c in folder.base.cities]
    notes = [c for c in table.comments[1:] if not c.startswith(("weather:", "written by"))]
    return {"columns": REPORT, "members": [{"key": k, "rows": [rows.get(code) for code in codes]} for k, rows in members.items()],
            "notes": notes}


def before_after(folder):
    """Emissions of each scenario, t per day: rows of (adcode, name, name_en, sector, species, before, after)."""
    table = optional(folder.path / "before_after.csv", ("scenario", "window_from", "window_to", *WHO, "sector", "species", "before_t_per_day",
                                                        "after_t_per_day"))
    if not table:
        return None
    out = {}
    for row, before, after in zip(table.rows, table.numbers("before_t_per_day"), table.numbers("after_t_per_day")):
        one = out.setdefault(row["scenario"], {"key": row["scenario"], "window": [row["window_from"], row["window_to"]], "rows": []})
        one["rows"].append([row["adcode"], row["name"], row["name_en"], row["sector"], row["species"], before, after])
    return {"scenarios": list(out.values()), "notes": [c for c in table.comments if c.startswith("assumed:")]}


def split_label(label):
    """(regions, sectors) of "成都平原: industry"; (None, None) of a label that is of another kind."""
    regions, mark, sectors = label.partition(": ")
    return (regions, sectors) if mark else (None, None)


def rounded(columns):
    """Columns of numbers as rows with a few digits."""
    return [[None if v is None else float(f"{v:.4g}") for v in row] for row in zip(*columns)]


def summed(sources, part):
    """Sources with the same region (or sector) added up; those that have none stay by themselves."""
    out = {}
    for s in sources:
        key = s[part] if s[part] is not None else s["key"]
        if key in out:
            out[key]["values"] = [a + b for a, b in zip(out[key]["values"], s["values"])]
        else:
            out[key] = {"key": s["key"] if s[part] is None else key, "label": s["label"] if s[part] is None else key,
                        "region": s["region"] if part == "region" else None, "sector": s["sector"] if part == "sector" else None,
                        "values": s["values"]}
    return list(out.values())


def read_sources(run):
    """Contributions to the period means from source_receptor_period.csv: sources with a value per city, and the cities' totals."""
    table = optional(run.path / "source_receptor_period.csv", (*WHO, "variable", "source", "label", "contribution"))
    if not table:
        return None, None
    codes = [c["adcode"] for c in run.cities]
    sources, totals = {}, dict.fromkeys(codes)
    for row, line, value in zip(table.rows, table.lines, table.numbers("contribution")):
        if row["variable"] != run.species:
            continue
        if row["adcode"] not in totals or value is None:
            raise Failure(f"{table.path}:{line}: " + (f"adcode {row['adcode']} is none of the cities of cities.nc"
                                                      if row["adcode"] not in totals else "contribution is empty"))
        if row["source"] == "total":
            totals[row["adcode"]] = value
            continue
        region, sector = split_label(row["label"])
        s = sources.setdefault(row["source"], {"key": row["source"], "label": row["label"], "region": region, "sector": sector,
                                               "values": dict.fromkeys(codes, 0.0)})
        s["values"][row["adcode"]] = value
    if not sources or None in totals.values():
        lacking = [c for c, v in totals.items() if v is None]
        raise Failure(f"{table.path}: no row 'total' of {run.species} for {', '.join(lacking[:5]) or 'any city'}; is the file whole?")
    return [{**s, "values": [s["values"][c] for c in codes]} for s in sources.values()], [totals[c] for c in codes]


def matrices(run):
    """Contributions to each city's mean, in one way or several: by region, by sector, by source group; else by tag of the run."""
    sources, totals = read_sources(run)
    if not sources:
        if not run.labels:
            return []
        sources = [{"key": k, "label": k, "region": None, "sector": None, "values": list(run.city_means(k))} for k in run.labels]
        totals = list(run.city_means())

    def matrix(by, rows, lead):
        return {"by": by, "lead": lead, "sources": [{k: r[k] for k in ("key", "label", "region", "sector")} for r in rows],
                "values": rounded([r["values"] for r in rows]), "totals": [float(f"{v:.5g}") for v in totals]}

    regions, sectors = ({s[k] for s in sources} - {None} for k in ("region", "sector"))
    if not regions:
        return [matrix("sector", sources, "matrix_lead_tags")]
    out = [matrix("region", summed(sources, "region"), "matrix_lead_groups")]
    if len(sectors) > 1:
        out += [matrix("sector", summed(sources, "sector"), "matrix_lead_groups"), matrix("group", sources, "matrix_lead_groups")]
    return out


SHARES = ["local", "other_basin", "outside_basin", "unresolved"]


def shares(run):
    """Local, other cities of the basin, outside: percent of each city's mean; None where the run's tags do not tell."""
    table = optional(run.path / "shares.csv", ("adcode", "variable", *(f"{s}_percent" for s in SHARES)))
    if not table:
        return None
    columns = [table.numbers(f"{s}_percent") for s in SHARES]
    rows = {r["adcode"]: v for r, *v in zip(table.rows, *columns) if r["variable"] == run.species}
    values = [rows.get(c["adcode"]) for c in run.cities]
    if any(v is None or None in v for v in values):
        return None
    return {"parts": SHARES, "values": [[float(f"{x:.4g}") for x in v] for v in values]}


def names(run):
    """Regions and sectors of tags by their label, from what cities.nc says of them."""
    out = {}
    with open_nc(run.path / "cities.nc", "the cities' series") as nc:
        for label in run.labels:
            text = getattr(nc[run.variable(label)], "long_name", "").partition(f"{run.species_name} from ")[2]
            region, sector = split_label(text)
            if text and text != label:
                out[label] = {"label": text, "region": region, "sector": sector}
    return out


def borders(run, mesh):
    """Where each border is drawn, from corridors.nc: (from, to) -> (x, y in cells, direction to the right and downward)."""
    path = run.path / "corridors.nc"
    if not path.is_file():
        return {}
    out = {}
    with open_nc(path, "the borders of corridors.csv") as nc:
        lon, lat, x, y = (values_of(nc[n]) for n in ("lon", "lat", "across_x", "across_y"))
        i, j = mesh.cells(lon, lat)
        for n in range(lon.size):
            ends = str(nc["from"][n]), str(nc["to"][n])
            if np.isfinite([i[n], j[n], x[n], y[n]]).all():
                at = round(float(i[n]), 2), round(float(j[n]), 2)
                out[ends] = (*at, round(float(x[n]), 3), round(float(-y[n]), 3))
                out[ends[::-1]] = (*at, round(float(-x[n]), 3), round(float(y[n]), 3))
    return out


def links(run, mesh):
    """Net fluxes over the period between neighbours, all heights ("net") and the lowest ("low") where they are told apart: the largest
    first, each in the direction in which it goes; and what the file says of itself."""
    ends = [end + part for end in ("from", "to") for part in ("", "_name", "_name_en")]
    table = optional(run.path / "corridors.csv", ("date_local", "level", *ends, f"{run.species}_net"))
    if not table:
        return None
    where, out = borders(run, mesh), []
    for kind in ("low", "net"):
        column = f"{run.species}_{kind}"
        for row, flux in zip(table.rows, table.numbers(column) if column in table.columns else []):
            if row["date_local"] == "period" and flux is not None and flux > 0:    # every border stands twice, once with a minus
                out.append({"kind": kind, "level": row["level"], "from": {k: row["from" + k] for k in ("", "_name", "_name_en")},
                            "to": {k: row["to" + k] for k in ("", "_name", "_name_en")}, "kg_per_day": float(f"{flux:.5g}"),
                            "at": where.get((row["from"], row["to"]))})
    depth = re.search(r"up to about ([0-9.]+) m above ground", " ".join(table.comments))
    out.sort(key=lambda link: -link["kg_per_day"])
    return {"list": out, "low_m": float(depth[1]) if depth else None} if out else None


def gather(folder, mesh):
    run = folder.base
    out = {"matrices": matrices(run)}
    out.update(days(run))
    out.update({"names": names(run), "shares": shares(run), "links": links(run, mesh), "standards": standards(folder), "before_after": before_after(folder)})
    return out
