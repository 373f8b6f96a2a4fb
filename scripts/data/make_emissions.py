#!/usr/bin/python3
"""Make the tables of configs/emissions from their sources.

    make_emissions.py --reas DIR --plants FILE.csv --profiles DIR [--out DIR]

--reas      REAS v3.2 tables EM_TBL_SECTOR_CHN_{SC,CQ}_PM2.5.txt (kt per year by sector and year)
--plants    WRI Global Power Plant Database, rows of China
--profiles  CAMS/TNO tables timeprofiles-*.csv and vertical.csv by GNFR category

population_2020.csv is typed from the census communiques and not made here. What is our own choice is in the tables of
this script and in the header of each file.
"""
import argparse
import csv
import json
import sys
from pathlib import Path

from shapely.geometry import Point, shape

YEAR = "2015"
SECTORS = {"PP": "power", "IND": "industry", "ROAD": "road", "OTRA": "other_transport",
           "RESI": "residential", "ODOM": "other_domestic"}
PROVINCES = {"SC": ("Sichuan", "510000"), "CQ": ("Chongqing", "500000")}
GNFR = {"power": "A", "industry": "B", "road": "F", "other_transport": "I", "residential": "C", "other_domestic": "C",
        "fuel_production": "D", "solvents": "E", "shipping": "G", "aviation": "H", "nonroad": "I", "waste": "J", "livestock": "K"}

REAS_SOURCE = ["REAS v3.2, national and provincial totals by sector, PM2.5, " + YEAR + ".",
               "Kurokawa, J. and Ohara, T.: Long-term historical trends in air pollutant emissions in Asia: Regional",
               "Emission inventory in ASia (REAS) version 3, Atmos. Chem. Phys., 20, 12761-12793, 2020."]
WRI_SOURCE = ["Plants: Global Power Plant Database, World Resources Institute, CC BY 4.0 (Byers et al. 2018)."]
CAMS_SOURCE = ["Shapes by GNFR category: CAMS/TNO temporal and vertical profiles (European), after Denier van der Gon et",
               "al. 2011 (TNO report) and, for the heights, Bieser et al. 2011, Environ. Pollut. 159, 2935-2946."]

# Left out of the plants, with the reason.
DROPPED = {"Neijiang Baima 2 Coal": "counted in Neijiang Baima power station (300 + 600 MW)",
           "Chongqing Coal": "at Jiulongpo, ordered closed in early 2014, last unit stopped in 2015",
           "Jingbei Coal": "shut down"}
SMALLEST_MW = 100.0
WEIGHT = {"coal": 1.0, "gas": 0.02}          # primary PM2.5 per MW, relative to coal: assumed
STACKS = [(1000.0, 210.0), (300.0, 180.0), (0.0, 120.0)]   # capacity from MW -> stack height m: assumed

HOME_MONTH = 0.4       # share of residential emission that follows CAMS C (heating); the rest (cooking) is steady
WEEK = 0.5             # share of the European weekly swing that is kept
MEALS = [0.30, 0.25, 0.25, 0.25, 0.30, 0.70, 1.50, 1.80, 1.20, 0.80, 1.10, 1.80,
         1.50, 0.80, 0.60, 0.70, 1.20, 2.00, 2.10, 1.60, 1.10, 0.80, 0.50, 0.35]


def write(path, comments, header, rows):
    with open(path, "w", encoding="utf-8", newline="") as f:
        f.writelines(f"# {c}\n" for c in comments)
        w = csv.writer(f, lineterminator="\n")
        w.writerow(header)
        w.writerows(rows)
    print(f"{path.name}: {len(rows)} rows")


def read_reas(folder, key):
    """{REAS sector: Gg per year}"""
    lines = (folder / f"EM_TBL_SECTOR_CHN_{key}_PM2.5.txt").read_text().splitlines()
    column = lines[1].split().index(YEAR) + 1
    return {line.split()[0]: float(line.split()[column]) for line in lines[2:] if line.strip()}


def totals(out, reas):
    comments = REAS_SOURCE + [
        "The sector power is not listed: points_power.csv holds all of it (" +
        ", ".join(f"{PROVINCES[k][0]} {v['PP']:.3f}" for k, v in reas.items()) + " Gg year-1).",
        "All sectors, power included: " + ", ".join(f"{PROVINCES[k][0]} {v['TOTAL']:.1f}" for k, v in reas.items()) +
        " Gg year-1.",
        "REAS has no open burning of crops and no wind-blown, road or building dust.",
        "Neighbouring provinces are not in the region's polygons and are left out: their air comes in through the sides."]
    rows = []
    for key, values in reas.items():
        region, adcode = PROVINCES[key]
        for code, sector in SECTORS.items():
            if sector != "power":
                rows.append([region, adcode, sector, "pm25", f"{values[code]:.4f}", "Gg year-1", YEAR])
    write(out / "province_totals_2015.csv", comments, ["region", "adcode", "sector", "species", "value", "unit", "year"], rows)


def plants(source, regions):
    """Coal and gas plants of at least SMALLEST_MW that ran in 2015, inside the two provinces."""
    provinces = [(f["properties"]["adcode"], shape(f["geometry"])) for f in
                 json.loads(regions.read_text(encoding="utf-8"))["features"]]
    out = []
    with open(source, encoding="utf-8", newline="") as f:
        for r in csv.DictReader(f):
            fuel = {"Coal": "coal", "Natural Gas": "gas", "Oil": "oil"}.get(r["Fuel"])
            if fuel is None or r["Name"] in DROPPED or not r["Capacity (MW)"]:
                continue
            lon, lat, mw = float(r["Longitude"]), float(r["Latitude"]), float(r["Capacity (MW)"])
            if mw < SMALLEST_MW or int(float(r["Commissioning Date"] or 0)) > int(YEAR):
                continue
            for adcode, polygon in provinces:
                if polygon.contains(Point(lon, lat)):
                    name = r["Name"].replace(" power station", "") + (" (gas)" if fuel == "gas" else "")
                    height = next(h for least, h in STACKS if mw >= least)
                    out.append({"name": name, "lon": lon, "lat": lat, "mw": mw, "fuel": fuel, "height": height,
                                "adcode": adcode, "year": r["Commissioning Date"]})
    return sorted(out, key=lambda p: (p["adcode"], p["name"]))


def points(out, reas, found):
    rows = []
    for p in found:
        key = next(k for k, (_, a) in PROVINCES.items() if a == p["adcode"])
        weights = sum(q["mw"] * WEIGHT[q["fuel"]] for q in found if q["adcode"] == p["adcode"])
        share = p["mw"] * WEIGHT[p["fuel"]] / weights
        rows.append([p["name"], f"{p['lon']:.5f}", f"{p['lat']:.5f}", "power", "pm25",
                     f"{share * reas[key]['PP']:.5f}", "Gg year-1", YEAR, f"{p['height']:.0f}", p["adcode"]])
    comments = REAS_SOURCE + WRI_SOURCE + [
        f"Coal and gas plants of {SMALLEST_MW:.0f} MW and more, in operation in {YEAR}; no oil-fired plant is listed there.",
        "Each province's total of the sector power (" +
        ", ".join(f"{PROVINCES[k][0]} {v['PP']:.3f}" for k, v in reas.items()) +
        " Gg year-1) is shared by capacity times",
        "a weight by fuel: coal 1, gas 0.02 (assumed: primary PM2.5 per MW). So the sum is REAS's, the shares are ours.",
        "height: assumed stack height, m above ground: 210 from 1000 MW, 180 from 300 MW, 120 below; no plume rise in it.",
        "adcode: of the province. Left out:",
        "; ".join(f"{k} ({v})" for k, v in DROPPED.items()) +
        ";",
        "Huadian Fengjie (from 2016).",
        "Capacity (MW) and fuel of each plant are in plants_power.csv."]
    write(out / "points_power.csv", comments,
          ["name", "lon", "lat", "sector", "species", "value", "unit", "year", "height", "adcode"], rows)
    write(out / "plants_power.csv", WRI_SOURCE + ["The plants behind points_power.csv; commissioned: year of the database."],
          ["name", "lon", "lat", "capacity_mw", "fuel", "commissioned", "stack_height_m", "adcode"],
          [[p["name"], f"{p['lon']:.5f}", f"{p['lat']:.5f}", f"{p['mw']:.0f}", p["fuel"], p["year"].replace(".0", ""),
            f"{p['height']:.0f}", p["adcode"]] for p in found])


def read_shapes(path, width):
    with open(path, encoding="utf-8", newline="") as f:
        return {r[0]: [float(x) for x in r[2:2 + width]] for r in list(csv.reader(f))[1:] if r}


def mean_one(values):
    """Six decimals, mean exactly one: the rounding goes to the largest."""
    mean = sum(values) / len(values)
    units = [round(v / mean * 1e6) for v in values]
    units[units.index(max(units))] += len(values) * 1000000 - sum(units)
    return [f"{u / 1e6:.6f}" for u in units]


def mixed(values, share):
    """share of the shape, the rest steady"""
    mean = sum(values) / len(values)
    return [1 - share + share * v / mean for v in values]


def profiles(out, folder):
    month = read_shapes(folder / "timeprofiles-month_in_year.csv", 12)
    week = read_shapes(folder / "timeprofiles-day_in_week.csv", 7)
    hour = read_shapes(folder / "timeprofiles-hour_in_day.csv", 24)
    named = [f"{s} {g}" for s, g in GNFR.items()]
    used = ["GNFR: " + ", ".join(named[:6]) + ",", ", ".join(named[6:]) + ".",
            "default: every sector without a row here or above it (dust, straw burning, fireworks ...): steady, in the lowest 20 m.",
            "That is an assumption, and wrong for what happens on some days only: give such a sector a row of its own."]
    rows = [[s] + mean_one(mixed(month[g], HOME_MONTH) if g == "C" else month[g]) for s, g in GNFR.items()]
    rows.append(["default"] + mean_one([1.0] * 12))
    write(out / "profiles_month.csv", CAMS_SOURCE + used + [
        "residential, other_domestic: our assumption, 60 % steady (cooking) and 40 % with the shape of C (heating): the",
        "basin has no district heating. Factors of the annual mean; the mean of the twelve is 1."],
        ["sector"] + [f"m{m}" for m in range(1, 13)], rows)
    rows = [[s] + mean_one([1.0] * 7 if s == "residential" else mixed(week[g], WEEK)) for s, g in GNFR.items()]
    rows.append(["default"] + mean_one([1.0] * 7))
    write(out / "profiles_weekday.csv", CAMS_SOURCE + used + [
        "Half of the European weekly swing is kept, and none of it for residential: our assumption, as industry and",
        "traffic of the region rest less at week's end. The mean of the seven is 1."],
        ["sector", "mon", "tue", "wed", "thu", "fri", "sat", "sun"], rows)
    rows = [[s] + mean_one(MEALS if s == "residential" else hour[g]) for s, g in GNFR.items()]
    rows.append(["default"] + mean_one([1.0] * 24))
    write(out / "profiles_hour.csv", CAMS_SOURCE + used + [
        "residential: our assumption, three meals and evening heating. Local time UTC+8: h1 is 00:00-01:00. The sun is an",
        "hour behind that clock in the basin; the shapes are not moved for it. The mean of the 24 is 1."],
        ["sector"] + [f"h{h}" for h in range(1, 25)], rows)

    with open(folder / "vertical.csv", encoding="utf-8", newline="") as f:
        table = [r for r in csv.reader(f) if r]
    tops = [int(t.rstrip("m")) for t in table[0][2:]]
    shares = {r[0]: [float(x) for x in r[2:]] for r in table[1:]}
    rows = [[s, bottom, top, f"{x:.4f}"] for s, g in GNFR.items()
            for bottom, top, x in zip([0] + tops, tops, shares[g]) if x > 0]
    rows.append(["default", 0, tops[0], "1.0000"])
    write(out / "profiles_height.csv", CAMS_SOURCE + used + [
        "Heights above ground that include plume rise. power applies only where no stack height is given; kilns",
        "of the region have lower stacks than the industry of this table: its share near the ground may be too small."],
        ["sector", "bottom_m", "top_m", "fraction"], rows)


def main():
    root = Path(__file__).resolve().parents[2]
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("--reas", type=Path, required=True)
    p.add_argument("--plants", type=Path, required=True)
    p.add_argument("--profiles", type=Path, required=True)
    p.add_argument("--out", type=Path, default=root / "configs/emissions")
    a = p.parse_args()
    try:
        reas = {key: read_reas(a.reas, key) for key in PROVINCES}
        totals(a.out, reas)
        points(a.out, reas, plants(a.plants, root / "configs/regions/provinces.geojson"))
        profiles(a.out, a.profiles)
    except FileNotFoundError as e:
        sys.exit(f"make_emissions: {e.filename} is missing")


if __name__ == "__main__":
    main()
