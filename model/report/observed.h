/* observed.h - observed daily PM2.5 of cities: the base to which a modelled change is applied.
 * A CSV with the columns city (adcode, name, English name, or the beginning of a name: "成都"), date (natural day of UTC+8), pm25 (ug m-3;
 * empty: none that day) and reference_state (ambient or standard: 273.15 K and 1013.25 hPa). Further columns are not looked at. */
#ifndef BS_MODEL_REPORT_OBSERVED_H
#define BS_MODEL_REPORT_OBSERVED_H

#include "kernels/base/status.h"
#include "model/report/ambient.h"
#include "model/report/series.h"

typedef struct bs_observed {
    double *value;              /* [n_cities][n_days] ug m-3 of ambient air; NaN: none */
    int *days;                  /* [n_cities] observed days of the run */
    int used, empty, elsewhere; /* rows; elsewhere: on no day of the run */
    int converted;              /* rows used that referred to the standard state */
    double lowest, highest;     /* factors of the conversion */
} bs_observed;

/* `state` is that of a table without reference_state. DIR is the run whose air converts. Errors: BS_ERR_INPUT as "file:line: ..." (a
 * column or the state missing, no such city in the run, a date or number that is none, a value below 0 or above 5000, a city twice on
 * a day, no row on any day of the run; what the conversion lacks), BS_ERR_MEMORY. */
bs_status bs_observed_read(const char *file, bs_air_state state, const char *dir, const bs_series *series,
                           bs_observed *out, bs_err *err);
void bs_observed_free(bs_observed *observed);

#endif
