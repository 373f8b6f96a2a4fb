"""A finished run as the page and the checks read it."""
import json
from pathlib import Path

import numpy as np
import yaml
from netCDF4 import Dataset, num2date

from realcases.source import utc


class Run:
    def __init__(self, folder, prepared=None):
        self.folder, self.prepared = Path(folder), prepared
        self.summary = json.loads((self.folder / "summary.json").read_text(encoding="utf-8"))
        self.case = yaml.safe_load((self.folder / "case.yaml").read_text(encoding="utf-8"))
        self.log = (self.folder / "run.log").read_text(encoding="utf-8")
        self.begin, self.end = utc(self.case["time"]["start"]), utc(self.case["time"]["end"])
        self.start = self.begin  # first time of the prepared meteorology
        self.interval = float(str(self.case["meteorology"]["interval"]).split()[0])
        self.facts = {}  # further figures: words -> (number, unit)
        with Dataset(self.folder / "surface.nc") as nc:
            nc.set_auto_mask(False)
            t = nc["time"]
            self.stamps = [utc(m) for m in num2date(t[:], t.units, t.calendar, only_use_cftime_datetimes=False)]
            self.x, self.y, self.projection = np.asarray(nc["x"][:]), np.asarray(nc["y"][:]), nc["crs"].proj4
            self.lon, self.lat = (np.asarray(nc[k][:], float) for k in ("lon", "lat"))
            self.surface = {k: np.asarray(v[:], float) for k, v in nc.variables.items() if v.dimensions[:1] == ("time",) and v.ndim == 3}
            self.units = {k: nc[k].units for k in self.surface}
            self.names = {k: getattr(nc[k], "long_name", k) for k in self.surface}
            lifted = "file" in (self.case.get("terrain") or {})  # else the ground is the source's own
            self.terrain = np.asarray(nc["surface_altitude"][:], float) if lifted else None

    def wind_speed(self):
        return np.hypot(self.surface["u10"], self.surface["v10"])
