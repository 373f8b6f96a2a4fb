#include "model/report/observed.h"

#include <math.h>
#include <string.h>

#include "model/config/csv.h"
#include "model/core/memory.h"

static const double HIGHEST = 5000; /* ug m-3 */

typedef struct table {
    const bs_csv *csv;
    int city, date, pm25, state; /* columns; state -1: none */
    bs_air_state otherwise;
    const char *dir;
    const bs_series *series;
    double *factor; /* NULL until a row needs it */
} table;

static bs_status find_columns(table *t, const char *file, bs_err *err)
{
    BS_TRY(bs_csv_find(t->csv, "city", &t->city, err));
    BS_TRY(bs_csv_find(t->csv, "date", &t->date, err));
    BS_TRY(bs_csv_find(t->csv, "pm25", &t->pm25, err));
    t->state = -1;
    if (bs_csv_has(t->csv, "reference_state") && t->otherwise != BS_STATE_UNTOLD)
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: has a column 'reference_state', and standards.observed_state is given, too; remove one",
                       file);
    if (bs_csv_has(t->csv, "reference_state")) return bs_csv_find(t->csv, "reference_state", &t->state, err);
    if (t->otherwise != BS_STATE_UNTOLD) return BS_OK;
    return bs_fail(
        err, BS_ERR_INPUT,
        "%s: no column 'reference_state' (ambient, or standard: 273.15 K and 1013.25 hPa, as published before "
        "2018-09-01); add it, or say it for the whole table with --set standards.observed_state=...",
        file);
}

static bs_status row_state(const table *t, int row, bs_air_state *state, bs_err *err)
{
    *state = t->otherwise;
    if (t->state < 0) return BS_OK;
    const char *word = bs_csv_text(t->csv, row, t->state);
    *state = bs_air_state_of(word);
    if (*state == BS_STATE_UNTOLD)
        return bs_fail(err, BS_ERR_INPUT, "%s: column 'reference_state': found '%s', expected ambient or standard",
                       bs_csv_where(t->csv, row), word);
    return BS_OK;
}

static bs_status row_place(const table *t, int row, int *city, int *day, bs_err *err)
{
    const char *name = bs_csv_text(t->csv, row, t->city), *date = bs_csv_text(t->csv, row, t->date);
    long number;
    *city = bs_series_find(t->series, name);
    if (*city < 0)
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: column 'city': '%s' is no city of the run (adcode, name, English name or "
                       "the beginning of one name); correct it or remove the row",
                       bs_csv_where(t->csv, row), name);
    if (!bs_day_parse(date, &number))
        return bs_fail(err, BS_ERR_INPUT, "%s: column 'date': found '%s', expected a day as 2015-01-13",
                       bs_csv_where(t->csv, row), date);
    *day = -1;
    for (int d = 0; d < t->series->n_days; d++)
        if (t->series->day[d] == number) *day = d;
    return BS_OK;
}

static bs_status convert(table *t, size_t at, bs_observed *o, double *value, bs_err *err)
{
    if (!t->factor) {
        bs_status st = bs_ambient_factors(t->dir, t->series, &t->factor, err);
        if (st != BS_OK) {
            bs_err_context(err, "observations at 273.15 K and 1013.25 hPa need the run's pressure and temperature");
            return st;
        }
    }
    const double f = t->factor[at];
    *value *= f;
    o->lowest = o->converted ? fmin(o->lowest, f) : f;
    o->highest = o->converted ? fmax(o->highest, f) : f;
    o->converted++;
    return BS_OK;
}

static bs_status read_row(table *t, int row, bs_observed *o, bs_err *err)
{
    int city = -1, day = -1;
    double value;
    bs_air_state state;
    BS_TRY(row_place(t, row, &city, &day, err));
    BS_TRY(row_state(t, row, &state, err));
    if (!*bs_csv_text(t->csv, row, t->pm25)) {
        o->empty++;
        return BS_OK;
    }
    BS_TRY(bs_csv_real(t->csv, row, t->pm25, &value, err));
    if (!(value >= 0 && value <= HIGHEST))
        return bs_fail(err, BS_ERR_INPUT, "%s: column 'pm25': found %g, expected from 0 to %g ug m-3",
                       bs_csv_where(t->csv, row), value, HIGHEST);
    if (day < 0) {
        o->elsewhere++;
        return BS_OK;
    }
    const size_t at = (size_t)city * t->series->n_days + day;
    if (!isnan(o->value[at]))
        return bs_fail(err, BS_ERR_INPUT, "%s: %s stands here a second time on %s", bs_csv_where(t->csv, row),
                       t->series->city[city].name, bs_csv_text(t->csv, row, t->date));
    if (state == BS_STATE_STANDARD) BS_TRY(convert(t, at, o, &value, err));
    o->value[at] = value;
    o->days[city]++;
    o->used++;
    return BS_OK;
}

static bs_status read_rows(table *t, const char *file, bs_observed *o, bs_err *err)
{
    const size_t n = (size_t)t->series->n_cities * t->series->n_days;
    char first[BS_DAY_TEXT_MAX], last[BS_DAY_TEXT_MAX];
    BS_TRY(find_columns(t, file, err));
    BS_TRY(BS_NEW(&o->value, n, "observations", err));
    BS_TRY(BS_NEW(&o->days, t->series->n_cities, "observations", err));
    for (size_t k = 0; k < n; k++) o->value[k] = NAN;
    for (int r = 0; r < bs_csv_rows(t->csv); r++) BS_TRY(read_row(t, r, o, err));
    if (o->used > 0) return BS_OK;
    return bs_fail(err, BS_ERR_INPUT, "%s: no observation on a day of the run (%s to %s)", file,
                   bs_day_format(t->series->day[0], first), bs_day_format(t->series->day[t->series->n_days - 1], last));
}

bs_status bs_observed_read(const char *file, bs_air_state state, const char *dir, const bs_series *series,
                           bs_observed *out, bs_err *err)
{
    bs_csv *csv = NULL;
    *out = (bs_observed){0};
    BS_TRY(bs_csv_read(file, &csv, err));
    table t = {.csv = csv, .otherwise = state, .dir = dir, .series = series};
    bs_status st = read_rows(&t, file, out, err);
    bs_free(t.factor);
    bs_csv_destroy(csv);
    if (st != BS_OK) bs_observed_free(out);
    return st;
}

void bs_observed_free(bs_observed *o)
{
    bs_free(o->value);
    bs_free(o->days);
    *o = (bs_observed){0};
}
