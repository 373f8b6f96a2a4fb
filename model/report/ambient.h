/* ambient.h - from the reference state of observations before 2018-09-01 to ambient air.
 * Source   GB 3095-2012: particles at 273 K and 101.325 kPa; its amendment in force from 2018-09-01: at the temperature and pressure of the
 *          measurement. 273.15 K is what instruments used. c(ambient) = c(standard) (p / 1013.25 hPa) (273.15 K / T), by the gas law.
 * Here     p and T are surface pressure and 2 m temperature of the run, in the cell nearest to the city's centre, and the factor is the
 *          mean over the stamps of the natural day. */
#ifndef BS_MODEL_REPORT_AMBIENT_H
#define BS_MODEL_REPORT_AMBIENT_H

#include "kernels/base/status.h"
#include "model/report/series.h"

/* *factor = [n_cities][n_days], bs_free. Reads DIR/surface.nc (time, lat, lon, ps, t2) and DIR/cities.nc (lat, lon of the cities, in the
 * order of the series). Errors: BS_ERR_INPUT (a file or variable is missing, a shape differs, a day without a stamp). */
bs_status bs_ambient_factors(const char *dir, const bs_series *series, double **factor, bs_err *err);

#endif
