/* ambient.h - from the reference state of observations before 2018-09-01 to ambient air.
 * Source   GB 3095-2012: particles at 273 K and 101.325 kPa; its amendment in force from 2018-09-01: at the temperature and pressure of the
 *          measurement. 273.15 K is what instruments used. c(ambient) = c(standard) (p / 1013.25 hPa) (273.15 K / T), by the gas law.
 * Here     p and T are surface pressure and 2 m temperature of the run: at a station where its concentration is taken, at a city in the cell
 *          nearest to its centre. The factor of a day is the mean over the stamps of the natural day. */
#ifndef BS_MODEL_REPORT_AMBIENT_H
#define BS_MODEL_REPORT_AMBIENT_H

#include "kernels/base/status.h"
#include "model/report/series.h"
#include "model/report/surface.h"

typedef enum bs_air_state { BS_STATE_UNTOLD = -1, BS_STATE_AMBIENT, BS_STATE_STANDARD } bs_air_state;

/* "ambient", "standard"; anything else BS_STATE_UNTOLD. */
bs_air_state bs_air_state_of(const char *word);

/* *factor = [n][n_times], bs_free: at each stamp of the surface; NaN where ps or t2 is missing. Errors: BS_ERR_INPUT. */
bs_status bs_ambient_stamps(const bs_surface *surface, int n, const bs_spot *spot, double **factor, bs_err *err);

/* *factor = [n_cities][n_days], bs_free. Reads DIR/surface.nc and DIR/cities.nc (lat, lon of the cities, in the order of the series).
 * Errors: BS_ERR_INPUT (a file or variable is missing, a shape differs, a day without a stamp). */
bs_status bs_ambient_factors(const char *dir, const bs_series *series, double **factor, bs_err *err);

#endif
