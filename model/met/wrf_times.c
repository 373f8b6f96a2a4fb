#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "model/core/memory.h"
#include "model/met/wrf.h"

enum { DAY = 86400, STAMP = 19 };

bs_status bs_wrf_parse_time(const char *text, bs_time *out)
{
    int year, month, day, hour, minute, second, used = 0;
    if (sscanf(text, "%4d-%2d-%2d_%2d:%2d:%2d%n", &year, &month, &day, &hour, &minute, &second, &used) != 6 ||
        used != STAMP || text[STAMP] != '\0')
        return BS_ERR_INPUT;
    if (year < 1 || month < 1 || month > 12 || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 ||
        second > 59)
        return BS_ERR_INPUT;
    const bs_time t = bs_time_from_date(year, month, 1, hour, minute, second) + (bs_time)(day - 1) * DAY;
    const bs_date d = bs_date_from_time(t);
    if (d.year != year || d.month != month || d.day != day)
        return BS_ERR_INPUT; /* February 30 of a calendar of 360 days */
    *out = t;
    return BS_OK;
}

/* Days by which XTIME, minutes since the start, falls short of the calendar are leap days that WRF was built to
 * skip. */
static bs_status check_calendar(const bs_nc *nc, bs_time start, size_t n, const bs_time *times, bs_err *err)
{
    bs_nc_var v;
    if (start == INT64_MIN || !bs_nc_has_var(nc, "XTIME") || bs_nc_find(nc, "XTIME", &v, NULL) != BS_OK ||
        v.n_dims != 1 || v.length[0] != n || !v.is_number)
        return BS_OK;
    double *minutes = NULL;
    BS_TRY(BS_NEW(&minutes, n, "XTIME", err));
    bs_status st = bs_nc_read(nc, &v, NULL, NULL, minutes, err);
    for (size_t t = 0; t < n && st == BS_OK; t++) {
        const double seconds = minutes[t] * 60, expected = (double)(times[t] - start);
        const double rounding = 60 + 1e-7 * seconds; /* stored as float */
        const double days = (expected - seconds) / DAY, years = seconds / (365.0 * DAY);
        if (!(days > 0.5) || fabs(days - round(days)) * DAY > rounding || days > years / 4 + 2) continue;
        char from[BS_TIME_TEXT_MAX], to[BS_TIME_TEXT_MAX];
        st = bs_fail(err, BS_ERR_INPUT,
                     "%s: from the simulation's start %s to time %zu, %s, XTIME counts %.0f minutes, which is %.0f "
                     "day(s) short of the "
                     "Gregorian calendar: a simulation without leap days cannot be used",
                     bs_nc_file(nc), bs_time_format(start, from), t, bs_time_format(times[t], to), minutes[t],
                     round(days));
    }
    bs_free(minutes);
    return st;
}

bs_status bs_wrf_read_times(const bs_nc *nc, bs_time simulation_start, size_t *n, bs_time **times, bs_err *err)
{
    bs_nc_var v;
    char text[64];
    BS_TRY(bs_nc_find(nc, "Times", &v, err));
    *n = v.n_dims > 0 ? v.length[0] : 0;
    if (*n == 0)
        return bs_fail(err, BS_ERR_INPUT, "%s: variable 'Times' holds no time; is the file complete?", bs_nc_file(nc));
    BS_TRY(BS_NEW(times, *n, "times", err));
    bs_status st = BS_OK;
    for (size_t t = 0; t < *n && st == BS_OK; t++) {
        st = bs_nc_read_text(nc, &v, t, text, sizeof text, err);
        if (st == BS_OK && bs_wrf_parse_time(text, &(*times)[t]) != BS_OK)
            st = bs_fail(err, BS_ERR_INPUT,
                         "%s: Times[%zu] is '%s', expected a date of the Gregorian calendar, as 2015-01-10_00:00:00",
                         bs_nc_file(nc), t, text);
    }
    if (st == BS_OK) st = check_calendar(nc, simulation_start, *n, *times, err);
    if (st == BS_OK) return BS_OK;
    bs_free(*times);
    *times = NULL;
    return st;
}
