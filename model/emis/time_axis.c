#include "model/emis/time_axis.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/core/clock.h"

enum { TEXT_MAX = 256, MONTHS = 12 };

static const double FARTHEST =
    1e13; /* s, some 300 000 years: beyond it a time is nonsense and would overflow the calendar */

static bs_status read_times(const bs_nc *nc, const bs_nc_var *time, double value[MONTHS], bs_err *err)
{
    char name[TEXT_MAX];
    BS_TRY(bs_nc_read(nc, time, NULL, NULL, value, err));
    if (!bs_nc_text(nc, time, "bounds", name, sizeof name)) return BS_OK;
    bs_nc_var bounds;
    double pair[2 * MONTHS];
    BS_TRY(bs_nc_find(nc, name, &bounds, err));
    if (bounds.n_dims != 2 || bounds.length[0] != time->size || bounds.length[1] != 2) {
        return bs_fail(err, BS_ERR_INPUT, "%s: '%s', the bounds of '%s', must have the shape (%zu, 2)", bs_nc_file(nc),
                       name, time->name, time->size);
    }
    BS_TRY(bs_nc_read(nc, &bounds, NULL, NULL, pair, err));
    for (size_t i = 0; i < time->size; i++) value[i] = 0.5 * (pair[2 * i] + pair[2 * i + 1]);
    return BS_OK;
}

static bs_status check_calendar(const bs_nc *nc, const bs_nc_var *time, bs_err *err)
{
    static const char *const GOOD[] = {"standard", "gregorian", "proleptic_gregorian"};
    char calendar[TEXT_MAX];
    if (!bs_nc_text(nc, time, "calendar", calendar, sizeof calendar)) return BS_OK;
    for (size_t c = 0; c < sizeof GOOD / sizeof *GOOD; c++) {
        if (strcmp(calendar, GOOD[c]) == 0) return BS_OK;
    }
    return bs_fail(err, BS_ERR_INPUT, "%s: '%s' has the calendar '%s'; expected standard or proleptic_gregorian",
                   bs_nc_file(nc), time->name, calendar);
}

bs_status bs_time_axis_year(const bs_nc *nc, const bs_nc_var *time, bs_units *units, int *year, bs_err *err)
{
    double value[MONTHS] = {0}, seconds = 1, reference = 0;
    char text[TEXT_MAX];
    *year = 0;
    bs_nc_text(nc, time, "units", text, sizeof text);
    bool dated = strstr(text, " since ") != NULL;
    BS_TRY(check_calendar(nc, time, err));
    BS_TRY(read_times(nc, time, value, err));
    if (dated) {
        bs_status status = bs_units_time(units, text, &seconds, &reference, err);
        if (status) {
            bs_err_context(err, "%s: variable '%s'", bs_nc_file(nc), time->name);
            return status;
        }
    }
    for (size_t i = 0; i < time->size; i++) {
        double t = reference + seconds * value[i];
        if (!(fabs(t) < FARTHEST)) {
            return bs_fail(err, BS_ERR_INPUT, "%s: '%s'[%zu] = %g is no time", bs_nc_file(nc), time->name, i, value[i]);
        }
        bs_date date = bs_date_from_time((bs_time)floor(t));
        if (dated && i == 0) *year = date.year;
        if (time->size != MONTHS) continue;
        bool good = dated ? date.year == *year && date.month == (int)i + 1 : value[i] == (double)(i + 1);
        if (!good) {
            bs_fail(err, BS_ERR_INPUT, "%s: '%s'[%zu] = %g", bs_nc_file(nc), time->name, i, value[i]);
            if (dated) bs_err_add(err, "lies in %04d-%02d", date.year, date.month);
            bs_err_add(err, "twelve times must be January to December of one year, in order");
            return BS_ERR_INPUT;
        }
    }
    return BS_OK;
}
