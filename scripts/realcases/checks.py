"""Sanity checks of a run by other code than the model's. Each gives a Check; what it needs and does not find it leaves out."""
import csv
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from netCDF4 import Dataset
from pyproj import Proj

from realcases import source as src

YEAR = 31556925.9747  # s, as in UDUNITS
RATE = {"Gg year-1": 1e6 / YEAR, "t km-2 year-1": 1e-3 / YEAR, "kg m-2 s-1": 1.0}  # to kg s-1 or kg m-2 s-1
# What is allowed, and why.
WIND = 0.01        # m s-1: outputs keep 12 bits, 1.2e-4 of at most 20 m s-1, and a direction is turned
PRESSURE = 3.0     # Pa: outputs keep 16 bits
LIFTED = 1000.0    # Pa: in steep relief other rules for the temperature, and where pressure is interpolated, give some hPa
LOWEST = 0.3       # m s-1: the two are not quite at one height
RAIN = 0.5         # over the hours of the run: an amount is spread over the times beside it, and at either end half an hour belongs to others
COLUMN = 5e-4      # of the whole: vapour by layers against fine slices
SOLVER = 1e-10     # of the largest column flux: the model's solver stops at 1e-12
EXACT = 1e-6       # fields are float
AREA = 1e-5        # a cell's area by the map's scale at its middle
LEDGER = 2e-6      # the program's own limit


SIDES = ("west", "east", "south", "north")


@dataclass
class Check:
    what: str
    model: float
    other: float
    difference: float
    allowed: float
    unit: str
    number: str = ".4g"

    @property
    def ok(self):
        return bool(abs(self.difference) <= self.allowed)  # false for NaN


def rows(path):
    with open(path, encoding="utf-8", newline="") as f:
        return list(csv.DictReader(line for line in f if not line.startswith("#")))


def areas(run):
    """m2 of each cell by the map's areal scale at its middle."""
    p = Proj(run.projection)
    x, y = np.meshgrid(run.x, run.y)
    return (run.x[1] - run.x[0]) * (run.y[1] - run.y[0]) / p.get_factors(*p(x, y, inverse=True)).areal_scale


def wind(run, source):
    """The 10 m wind of surface.nc against the source's at the same points and times."""
    if not source.has("u10"):
        return []
    mean, other, worst = [], [], 0.0
    for n, stamp in enumerate(run.stamps):
        u, v = (source.at(k, run.lon, run.lat, stamp) for k in ("u10", "v10"))
        mine, his = run.surface["u10"][n], run.surface["v10"][n]
        mean.append(np.hypot(mine, his).mean())
        other.append(np.hypot(u, v).mean())
        worst = max(worst, np.hypot(mine - u, his - v).max())
    return [Check("10 m wind, mean over map and time; largest difference of any vector", np.mean(mean), np.mean(other), worst, WIND, "m s-1")]


def pressure(run, source):
    """Surface pressure and the mass of the columns of the prepared meteorology, at its first time."""
    moment = run.start
    with Dataset(run.prepared) as nc:
        ps, mass = np.asarray(nc["ps"][0], float), np.asarray(nc["air_mass"][0]).sum(axis=0)
        top = float(nc["a_half"][-1])
    there, how = src.surface_pressure(source, run.lon, run.lat, run.terrain, moment)
    lifted = "terrain" in how
    out = [Check(f"surface pressure, mean ({how}); largest difference", ps.mean(), there.mean(), np.abs(ps - there).max(),
                 LIFTED if lifted else PRESSURE, "Pa", ".2f")]
    how, dry, allowed = "(ps - top)/g less vapour", None, COLUMN
    if run.case["grid"].get("from") == "wrf":
        how, dry, allowed = "(MU + MUB)/g", source.at("dry_column", run.lon, run.lat, moment), AREA
    elif (water := src.column_water(source, run.lon, run.lat, ps, top, moment)) is not None:
        dry = (ps - top) / src.GRAVITY - water
    if dry is not None:
        dry = (dry * areas(run)).sum()
        out.append(Check(f"dry air of the whole domain, {how}; relative difference", mass.sum(), dry, mass.sum() / dry - 1, allowed, "kg", ".7g"))
    return out


def lowest(run, source):
    """The 10 m wind, which the model takes from its lowest layer, against the wind of the source's lowest level, some ten metres up."""
    mine, his = run.wind_speed().mean(), []
    for stamp in run.stamps:
        u, v = (source.profile(k, run.lon, run.lat, stamp)[1][0] for k in ("u", "v"))
        his.append(np.hypot(u, v).mean())
    return [Check("mean 10 m wind, from the lowest layer by the logarithmic law, and the mean wind of the source's lowest level", mine, np.mean(his),
                  mine - np.mean(his), LOWEST, "m s-1")]


def rain(run, source):
    """All rain of the run, as the prepared meteorology has it, against the amounts of the files."""
    with Dataset(run.prepared) as nc:
        rate = np.asarray(nc["rain"][:], float)
    if getattr(source, "steady", False):  # one amount, held as a rate
        seconds = float(run.case["meteorology"]["variables"]["precipitation"]["accumulated"].split()[0])
        mine, his = rate.mean() * 3600, source.at("precipitation", run.lon, run.lat, None).mean() / seconds * 3600
        return [Check("rain, held as a rate, mean of the domain; relative difference", mine, his, mine / his - 1, EXACT, "mm h-1", ".5g")]
    mine = (0.5 * (rate[1:] + rate[:-1]) * run.interval).sum(axis=0).mean()
    if source.has("rain"):  # accumulated since the start
        his = (source.at("rain", run.lon, run.lat, run.end) - source.at("rain", run.lon, run.lat, run.begin)).mean()
    else:  # m in the hour that ends at the stamp
        his = sum(source.at("precipitation", run.lon, run.lat, stamp).mean() for stamp in run.stamps) * 1000
    return [Check("rain of the whole run, mean of the domain; relative difference", mine, his, mine / his - 1,
                  RAIN * 3600 / run.summary["simulated_s"], "mm", ".5g")]


def continuity(run, _):
    """What the corrected fluxes bring into each column against how its mass changes; and what the source's own would."""
    worst = before = 0.0
    with Dataset(run.prepared) as nc:
        m = np.asarray(nc["air_mass"][:]).sum(axis=1)
        fx, fy = (np.asarray(nc[k][:]).sum(axis=1) for k in ("flux_x", "flux_y"))
        gx, gy = (np.asarray(nc[k][:]) for k in ("correction_x", "correction_y"))
        ps = np.asarray(nc["ps"][:], float)
    steady = m.shape[0] == 1 or run.case["meteorology"].get("steady")
    seconds = run.interval
    for n in range(gx.shape[0]):
        for end in range(2):
            s = 0 if steady else n + end
            tendency = 0.0 if steady else (m[n + 1] - m[n]) / seconds
            raw = tendency + np.diff(fx[s], axis=1) + np.diff(fy[s], axis=0)
            left = raw - np.diff(gx[n, end], axis=1) - np.diff(gy[n, end], axis=0)
            worst = max(worst, np.abs(left).max() / max(np.abs(fx[s]).max(), np.abs(fy[s]).max()))
            before = max(before, np.sqrt(np.mean((raw / m[s] * ps[s]) ** 2)) * 36)  # Pa s-1 to hPa h-1
    run.facts["pressure tendency of the winds before the correction, largest root mean square"] = (before, "hPa h-1")
    return [Check("continuity of every column after the correction, over the largest column flux", worst, 0.0, worst, SOLVER, "1")]


def ledger(run, _):
    """The worst of all tracers: what was put in, and what is found again."""
    worst = None
    for r in run.summary["ledger"]:
        put = r["initial_kg"] + r["emitted_kg"] + sum(r[f"in_{s}_kg"] for s in SIDES)
        got = r["stored_kg"] + r["dry_deposited_kg"] + r["wet_deposited_kg"] + sum(r[f"out_{s}_kg"] for s in SIDES)
        if put > 0 and (worst is None or abs(got / put - 1) > abs(worst.difference)):
            worst = Check(f"ledger, worst of {len(run.summary['ledger'])} tracers ({r['tracer']}): put in, and found again; relative difference",
                          put, got, got / put - 1, LEDGER, "kg", ".7g")
    return [worst]


def profile_factor(case, sector, moment):
    profiles = case["emissions"].get("profiles", {})
    offset = profiles.get("utc_offset", "0 s").split()
    local = moment + timedelta(seconds=float(offset[0]) * {"s": 1, "h": 3600, "hours": 3600}[offset[1]])
    factor = 1.0
    for kind, column in (("month", f"m{local.month}"), ("weekday", local.strftime("%a").lower()), ("hour", f"h{local.hour + 1}")):
        if profiles.get(kind):
            factor *= next((float(r[column]) for r in rows(profiles[kind]) if r["sector"] == sector), 1.0)
    return factor


def rates(run):
    """kg s-1 of PM2.5 by sector before profiles, from the inventories' own tables and fields."""
    out = {}
    for inventory in run.case["emissions"]["inventories"]:
        if inventory["type"] == "gridded":
            for sector, says in inventory["variables"].items():
                with Dataset(inventory["file"]) as nc:
                    v = nc[says["name"]]
                    flux = np.unique(v[:])
                    if flux.size != 1:
                        raise ValueError(f"{inventory['file']}: only a uniform field is checked here")
                    out[sector] = out.get(sector, 0) + float(flux[0]) * RATE[v.units] * areas(run).sum()
        else:
            for r in rows(inventory["file"]):
                if r["species"] == "pm25":
                    out[r["sector"]] = out.get(r["sector"], 0) + float(r["value"]) * RATE[r["unit"]]
    return out


def emitted(run, _):
    """Emitted mass against rate times time, hour by hour by the profiles."""
    kept = {}
    for sector, rate in rates(run).items():
        hours = int(run.summary["simulated_s"] // 3600)
        kept[sector] = rate * 3600 * sum(profile_factor(run.case, sector, run.begin + timedelta(hours=h)) for h in range(hours))
    out = []
    labels = {r["label"]: r for r in run.summary["ledger"] if r["species"] == "pm25"}
    for label in ("", *kept):
        if label in labels:
            there = kept[label] if label else sum(kept.values())
            mine = labels[label]["emitted_kg"]
            out.append(Check(f"emitted, {label or 'all sectors'}: rate × time; relative difference", mine, there, mine / there - 1, AREA, "kg", ".7g"))
    return out


def uniform(run, _):
    """The inert tracer that is the same at the start and at the sides and has no source."""
    q0 = float(str(run.case["initial"]["value"]).split()[0])
    row = next(r for r in run.summary["ledger"] if r["tracer"] == "inert")
    with Dataset(run.folder / "fields3d.nc") as nc:
        q = np.asarray(nc["q_inert"][:], float)
    low, high = q.min(), q.max()
    out = [Check("uniform inert tracer, lowest and highest of all cells and times; largest relative deviation", low, high,
                 max(abs(low / q0 - 1), abs(high / q0 - 1)), EXACT, "ug kg-1", ".9g")]
    with Dataset(run.prepared) as nc:
        air = float(np.asarray(nc["air_mass"][-1]).sum())
    model = row["stored_kg"] / (q0 * 1e-9)
    out.append(Check("air in the model at the end, from the inert tracer, against that of the meteorology; relative difference",
                     model, air, model / air - 1, EXACT, "kg", ".9g"))
    return out


def budget(run, _):
    """Each source by itself: emitted = stored + deposited + out."""
    out = []
    for r in run.summary["ledger"]:
        if r["species"] == "pm25" and r["label"] and r["emitted_kg"] > 0:
            found = r["stored_kg"] + r["dry_deposited_kg"] + r["wet_deposited_kg"] + sum(r[f"out_{s}_kg"] - r[f"in_{s}_kg"] for s in SIDES)
            out.append(Check(f"{r['label']}: emitted, and stored + deposited + out; relative difference", r["emitted_kg"], found,
                             found / r["emitted_kg"] - 1, LEDGER, "kg", ".7g"))
    return out


CHECKS = {"wind": wind, "pressure": pressure, "continuity": continuity, "ledger": ledger, "emitted": emitted, "uniform": uniform,
          "budget": budget, "lowest": lowest, "rain": rain}
