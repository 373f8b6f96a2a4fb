#include "model/emis/time_axis.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/core/clock.h"
#include "model/core/memory.h"

enum { TEXT_MAX = 256, MONTHS = 12, DAYS_NOLEAP = 365 };

static const double FARTHEST =
    1e13; /* s, some 300 000 years: beyond it a time is nonsense and would overflow the calendar */
static const double DAY = 86400.0;

/* What the numbers of an axis mean. */
typedef struct scale {
    bool dated, leapless;
    double seconds, reference; /* of a unit; s since 1970 */
} scale;

static bs_status read_times(const bs_nc *nc, const bs_nc_var *time, double *value, bs_err *err)
{
    char name[TEXT_MAX];
    BS_TRY(bs_nc_read(nc, time, NULL, NULL, value, err));
    if (!bs_nc_text(nc, time, "bounds", name, sizeof name)) return BS_OK;
    bs_nc_var bounds;
    double *pair = NULL;
    BS_TRY(bs_nc_find(nc, name, &bounds, err));
    if (bounds.n_dims != 2 || bounds.length[0] != time->size || bounds.length[1] != 2) {
        return bs_fail(err, BS_ERR_INPUT, "%s: '%s', the bounds of '%s', must have the shape (%zu, 2)", bs_nc_file(nc),
                       name, time->name, time->size);
    }
    BS_TRY(BS_NEW(&pair, 2 * time->size, "bounds of a time axis", err));
    bs_status status = bs_nc_read(nc, &bounds, NULL, NULL, pair, err);
    for (size_t i = 0; i < time->size && status == BS_OK; i++) value[i] = 0.5 * (pair[2 * i] + pair[2 * i + 1]);
    bs_free(pair);
    return status;
}

static bs_status check_calendar(const bs_nc *nc, const bs_nc_var *time, bool *leapless, bs_err *err)
{
    static const struct {
        const char *name;
        bool leapless;
    } GOOD[] = {
        {"standard", false}, {"gregorian", false}, {"proleptic_gregorian", false}, {"365_day", true}, {"noleap", true}};
    char calendar[TEXT_MAX];
    *leapless = false;
    if (!bs_nc_text(nc, time, "calendar", calendar, sizeof calendar)) return BS_OK;
    for (size_t c = 0; c < sizeof GOOD / sizeof *GOOD; c++) {
        if (strcmp(calendar, GOOD[c].name) != 0) continue;
        *leapless = GOOD[c].leapless;
        return BS_OK;
    }
    return bs_fail(err, BS_ERR_INPUT,
                   "%s: '%s' has the calendar '%s'; expected standard or proleptic_gregorian, or 365_day or noleap, "
                   "whose months are the same",
                   bs_nc_file(nc), time->name, calendar);
}

/* Days before a month of a year without leap day. */
static int days_before(int month)
{
    static const int BEFORE[MONTHS + 1] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, DAYS_NOLEAP};
    return BEFORE[month - 1];
}

/* Year and month of a time in a calendar in which each year has 365 days. */
static bs_date leapless_date(const scale *s, double value)
{
    const double whole = floor(s->reference);
    const bs_date from = bs_date_from_time((bs_time)whole);
    const int day = days_before(from.month) + from.day - 1;
    const double into = from.hour / 24.0 + from.minute / 1440.0 + from.second / DAY;
    const double days = (double)from.year * DAYS_NOLEAP + day + into + value * s->seconds / DAY;
    bs_date out = {.year = (int)floor(days / DAYS_NOLEAP), .month = 1};
    const double left = days - (double)out.year * DAYS_NOLEAP;
    while (out.month < MONTHS && left >= days_before(out.month + 1)) out.month++;
    return out;
}

static bs_status date_of(const bs_nc *nc, const bs_nc_var *time, const scale *s, size_t i, double value, bs_date *out,
                         bs_err *err)
{
    const double t = s->reference + s->seconds * value;
    if (!(fabs(t) < FARTHEST)) {
        return bs_fail(err, BS_ERR_INPUT, "%s: '%s'[%zu] = %g is no time", bs_nc_file(nc), time->name, i, value);
    }
    *out = s->leapless && s->dated ? leapless_date(s, value) : bs_date_from_time((bs_time)floor(t));
    return BS_OK;
}

/* The run of times of the wanted year. */
static bs_status find_year(const bs_nc *nc, const bs_nc_var *time, int wanted, const scale *s, const double *value,
                           bs_time_span *out, bs_err *err)
{
    size_t found = 0;
    int first_year = 0, last_year = 0;
    for (size_t i = 0; i < time->size; i++) {
        bs_date date = {0};
        BS_TRY(date_of(nc, time, s, i, value[i], &date, err));
        if (i == 0) first_year = date.year;
        last_year = date.year;
        if (date.year != wanted) continue;
        if (found == 0) out->first = i;
        found++;
    }
    out->n = (int)found;
    out->year = wanted;
    if (found == 1 || found == MONTHS) return BS_OK;
    if (found == 0) {
        return bs_fail(err, BS_ERR_INPUT, "%s: '%s' has no time of %d; it runs from %d to %d", bs_nc_file(nc),
                       time->name, wanted, first_year, last_year);
    }
    return bs_fail(err, BS_ERR_INPUT, "%s: '%s' has %zu times of %d; expected 1 (the year) or 12 (its months)",
                   bs_nc_file(nc), time->name, found, wanted);
}

static bs_status check_months(const bs_nc *nc, const bs_nc_var *time, const scale *s, const double *value,
                              bs_time_span *out, bs_err *err)
{
    for (size_t m = 0; m < (size_t)out->n; m++) {
        const size_t i = out->first + m;
        bs_date date = {0};
        BS_TRY(date_of(nc, time, s, i, value[i], &date, err));
        if (s->dated && m == 0) out->year = date.year;
        if (out->n != MONTHS) continue;
        bool good = s->dated ? date.year == out->year && date.month == (int)m + 1 : value[i] == (double)(m + 1);
        if (!good) {
            bs_fail(err, BS_ERR_INPUT, "%s: '%s'[%zu] = %g", bs_nc_file(nc), time->name, i, value[i]);
            if (s->dated) bs_err_add(err, "lies in %04d-%02d", date.year, date.month);
            bs_err_add(err, "twelve times must be January to December of one year, in order");
            return BS_ERR_INPUT;
        }
    }
    return BS_OK;
}

static bs_status read_span(const bs_nc *nc, const bs_nc_var *time, int wanted, const scale *s, double *value,
                           bs_time_span *out, bs_err *err)
{
    BS_TRY(read_times(nc, time, value, err));
    bool years = false; /* twelve times that are of different years */
    if (time->size == MONTHS && s->dated && wanted) {
        bs_date first = {0}, last = {0};
        BS_TRY(date_of(nc, time, s, 0, value[0], &first, err));
        BS_TRY(date_of(nc, time, s, MONTHS - 1, value[MONTHS - 1], &last, err));
        years = last.year - first.year >= MONTHS - 1;
    }
    if (time->size == 1 || (time->size == MONTHS && !years)) {
        out->n = (int)time->size;
    } else if (s->dated && wanted) {
        BS_TRY(find_year(nc, time, wanted, s, value, out, err));
    } else {
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: '%s' has %zu times: an inventory has none or 1 (a year) or 12 (its months)", bs_nc_file(nc),
                       time->name, time->size);
    }
    return check_months(nc, time, s, value, out, err);
}

bs_status bs_time_axis_span(const bs_nc *nc, const bs_nc_var *time, int wanted, bs_units *units, bs_time_span *out,
                            bs_err *err)
{
    char text[TEXT_MAX];
    scale s = {.seconds = 1};
    *out = (bs_time_span){0};
    bs_nc_text(nc, time, "units", text, sizeof text);
    s.dated = strstr(text, " since ") != NULL;
    BS_TRY(check_calendar(nc, time, &s.leapless, err));
    if (s.dated && bs_units_time(units, text, &s.seconds, &s.reference, err) != BS_OK) {
        bs_err_context(err, "%s: variable '%s'", bs_nc_file(nc), time->name);
        return BS_ERR_INPUT;
    }
    double *value = NULL;
    BS_TRY(BS_NEW(&value, time->size, "a time axis", err));
    bs_status status = read_span(nc, time, wanted, &s, value, out, err);
    out->leapless = s.leapless;
    bs_free(value);
    return status;
}
