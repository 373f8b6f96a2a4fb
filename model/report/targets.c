#include "model/report/targets.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/config/csv.h"
#include "model/core/memory.h"
#include "model/core/number.h"

enum { YEAR_MIN = 2000, YEAR_MAX = 2100, PROVINCE_DIGITS = 2, ADCODE_DIGITS = 6 };

typedef struct columns {
    int adcode, name, year, annual, good_days, source;
} columns;

static bs_status find_columns(const bs_csv *csv, columns *c, bs_err *err)
{
    BS_TRY(bs_csv_find(csv, "adcode", &c->adcode, err));
    BS_TRY(bs_csv_find(csv, "name", &c->name, err));
    BS_TRY(bs_csv_find(csv, "year", &c->year, err));
    BS_TRY(bs_csv_find(csv, "pm25_annual", &c->annual, err));
    BS_TRY(bs_csv_find(csv, "good_days_percent", &c->good_days, err));
    return bs_csv_find(csv, "source", &c->source, err);
}

/* A number of (0, highest], or NaN where the field is empty. */
static bs_status read_number(const bs_csv *csv, int row, int column, double highest, double *out, bs_err *err)
{
    *out = NAN;
    if (!*bs_csv_text(csv, row, column)) return BS_OK;
    BS_TRY(bs_csv_real(csv, row, column, out, err));
    if (*out > 0 && *out <= highest) return BS_OK;
    return bs_fail(err, BS_ERR_INPUT, "%s: column '%s': found %g, expected above 0 and at most %g",
                   bs_csv_where(csv, row), bs_csv_column_name(csv, column), *out, highest);
}

static bs_status read_text(const bs_csv *csv, int row, int column, char *out, size_t size, bs_err *err)
{
    const char *text = bs_csv_text(csv, row, column);
    if (*text && strlen(text) < size) {
        snprintf(out, size, "%s", text);
        return BS_OK;
    }
    return bs_fail(err, BS_ERR_INPUT, "%s: column '%s' is %s", bs_csv_where(csv, row), bs_csv_column_name(csv, column),
                   *text ? "too long" : "empty");
}

static bs_status read_row(const bs_csv *csv, int row, const columns *c, bs_targets *t, bs_err *err)
{
    bs_target *to = &t->row[t->n];
    long year = 0;
    BS_TRY(read_text(csv, row, c->adcode, to->adcode, sizeof to->adcode, err));
    BS_TRY(read_text(csv, row, c->name, to->name, sizeof to->name, err));
    BS_TRY(read_text(csv, row, c->source, to->source, sizeof to->source, err));
    if (!bs_number_int(bs_csv_text(csv, row, c->year), &year) || year < YEAR_MIN || year > YEAR_MAX)
        return bs_fail(err, BS_ERR_INPUT, "%s: column 'year': found '%s', expected a year from %d to %d",
                       bs_csv_where(csv, row), bs_csv_text(csv, row, c->year), YEAR_MIN, YEAR_MAX);
    to->year = (int)year;
    BS_TRY(read_number(csv, row, c->annual, 1000, &to->annual, err));
    BS_TRY(read_number(csv, row, c->good_days, 100, &to->good_days, err));
    if (isnan(to->annual) && isnan(to->good_days))
        return bs_fail(err, BS_ERR_INPUT, "%s: neither pm25_annual nor good_days_percent has a number",
                       bs_csv_where(csv, row));
    for (int n = 0; n < t->n; n++)
        if (strcmp(t->row[n].adcode, to->adcode) == 0 && t->row[n].year == to->year)
            return bs_fail(err, BS_ERR_INPUT, "%s: a second row of %s for %d", bs_csv_where(csv, row), to->adcode,
                           to->year);
    t->n++;
    return BS_OK;
}

static bs_status read_rows(const bs_csv *csv, bs_targets *t, bs_err *err)
{
    columns c;
    BS_TRY(find_columns(csv, &c, err));
    BS_TRY(BS_NEW(&t->row, bs_csv_rows(csv), "targets", err));
    for (int r = 0; r < bs_csv_rows(csv); r++) BS_TRY(read_row(csv, r, &c, t, err));
    return BS_OK;
}

bs_status bs_targets_read(const char *file, bs_targets *out, bs_err *err)
{
    bs_csv *csv = NULL;
    *out = (bs_targets){0};
    BS_TRY(bs_csv_read(file, &csv, err));
    bs_status st = BS_NEW(&out->file, strlen(file) + 1, "the name of a table", err);
    if (st == BS_OK) {
        memcpy(out->file, file, strlen(file) + 1);
        st = read_rows(csv, out, err);
    }
    bs_csv_destroy(csv);
    if (st != BS_OK) bs_targets_free(out);
    return st;
}

void bs_targets_free(bs_targets *t)
{
    bs_free(t->file);
    bs_free(t->row);
    *t = (bs_targets){0};
}

static const bs_target *latest(const bs_targets *t, const char *adcode)
{
    const bs_target *found = NULL;
    for (int n = 0; n < t->n; n++)
        if (strcmp(t->row[n].adcode, adcode) == 0 && (!found || t->row[n].year > found->year)) found = &t->row[n];
    return found;
}

const bs_target *bs_targets_find(const bs_targets *t, const char *adcode)
{
    char province[ADCODE_DIGITS + 1];
    const bs_target *own = latest(t, adcode);
    if (own || strlen(adcode) != ADCODE_DIGITS) return own;
    snprintf(province, sizeof province, "%.*s0000", PROVINCE_DIGITS, adcode);
    return latest(t, province);
}
