#include "model/report/contributions.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "model/config/csv.h"
#include "model/core/memory.h"

enum { PATH_TEXT = 4096 };
static const char MEAN[] = "_mean";
static const char MATRIX[] = "source_receptor_period.csv", SHARES[] = "shares.csv", PERIOD[] = "cities_period.csv";

/* "primary_pm25_industry_mean" of "primary_pm25": "industry", length in *n; NULL: no tag's column. */
static const char *tag_of(const char *column, const char *total, size_t *n)
{
    const size_t head = strlen(total), all = strlen(column);
    if (strncmp(column, total, head) != 0 || column[head] != '_' || all <= head + sizeof MEAN) return NULL;
    if (strcmp(column + all - (sizeof MEAN - 1), MEAN) != 0) return NULL;
    *n = all - head - 1 - (sizeof MEAN - 1);
    return column + head + 1;
}

static int find_row(const bs_csv *csv, int adcode, int name, const bs_series_city *city)
{
    for (int r = 0; r < bs_csv_rows(csv); r++)
        if (strcmp(bs_csv_text(csv, r, adcode), city->adcode) == 0 &&
            strcmp(bs_csv_text(csv, r, name), city->name) == 0)
            return r;
    return -1;
}

static bs_status no_row(const char *file, const bs_series_city *city, bs_err *err)
{
    return bs_fail(err, BS_ERR_INPUT, "%s: no row for %s %s, which cities_daily.csv has", file, city->adcode,
                   city->name);
}

static bs_status make_room(bs_contributions *c, int sources, const bs_series *s, bs_err *err)
{
    BS_TRY(BS_NEW(&c->name, sources, "sources", err));
    BS_TRY(BS_NEW(&c->label, sources, "sources", err));
    BS_TRY(BS_NEW(&c->value, (size_t)sources * s->n_cities, "sources", err));
    return BS_NEW(&c->total, s->n_cities, "sources", err);
}

static bs_status fill_from_tags(const bs_csv *csv, const char *file, const bs_series *s, bs_contributions *c,
                                bs_err *err)
{
    char total[BS_SOURCE_NAME_MAX];
    int adcode, name, mean, columns = bs_csv_columns(csv);
    snprintf(total, sizeof total, "%s%s", s->column, MEAN);
    BS_TRY(bs_csv_find(csv, "adcode", &adcode, err));
    BS_TRY(bs_csv_find(csv, "name", &name, err));
    BS_TRY(bs_csv_find(csv, total, &mean, err));
    BS_TRY(make_room(c, columns, s, err));
    for (int k = 0; k < columns; k++) {
        size_t n = 0;
        const char *tag = tag_of(bs_csv_column_name(csv, k), s->column, &n);
        if (!tag || n >= BS_SOURCE_NAME_MAX) continue;
        snprintf(c->name[c->n], BS_SOURCE_NAME_MAX, "%.*s", (int)n, tag);
        snprintf(c->label[c->n++], BS_SOURCE_NAME_MAX, "%.*s", (int)n, tag);
    }
    for (int city = 0; city < s->n_cities; city++) {
        const int row = find_row(csv, adcode, name, &s->city[city]);
        if (row < 0) return no_row(file, &s->city[city], err);
        BS_TRY(bs_csv_real(csv, row, mean, &c->total[city], err));
        for (int k = 0, source = 0; k < columns; k++) {
            size_t n = 0;
            if (!tag_of(bs_csv_column_name(csv, k), s->column, &n) || n >= BS_SOURCE_NAME_MAX) continue;
            BS_TRY(bs_csv_real(csv, row, k, &c->value[(size_t)city * c->n + source++], err));
        }
    }
    return BS_OK;
}

static bs_status read_tags(const char *file, const bs_series *series, bs_contributions *c, bs_err *err)
{
    bs_csv *csv = NULL;
    BS_TRY(bs_csv_read(file, &csv, err));
    bs_status st = fill_from_tags(csv, file, series, c, err);
    bs_csv_destroy(csv);
    return st;
}

/* DIR/NAME into path; whether it is there. */
static bool find(const char *dir, const char *name, char path[PATH_TEXT])
{
    const int length = snprintf(path, PATH_TEXT, "%s/%s", dir, name);
    return length > 0 && length < PATH_TEXT && access(path, F_OK) == 0;
}

bs_status bs_contributions_read(const char *dir, const bs_series *series, bs_contributions *out, bs_err *err)
{
    char path[PATH_TEXT];
    bs_status st = BS_OK;
    *out = (bs_contributions){0};
    if (find(dir, MATRIX, path)) {
        out->origin = MATRIX;
        st = bs_contributions_matrix(path, series, out, err);
        if (st == BS_OK && find(dir, SHARES, path)) st = bs_contributions_shares(path, series, out, err);
    } else if (find(dir, PERIOD, path)) {
        out->origin = PERIOD;
        st = read_tags(path, series, out, err);
    }
    if (st != BS_OK) bs_contributions_free(out);
    return st;
}

void bs_contributions_free(bs_contributions *c)
{
    bs_free(c->name);
    bs_free(c->label);
    bs_free(c->value);
    bs_free(c->total);
    bs_free(c->share);
    *c = (bs_contributions){0};
}

int bs_contributions_top(const bs_contributions *c, int city, int k, int *which)
{
    int found = 0;
    for (; found < k; found++) {
        int best = -1;
        for (int n = 0; n < c->n; n++) {
            const double value = c->value[(size_t)city * c->n + n];
            bool taken = !(value > 0);
            for (int m = 0; m < found; m++) taken |= which[m] == n;
            if (!taken && (best < 0 || value > c->value[(size_t)city * c->n + best])) best = n;
        }
        if (best < 0) break;
        which[found] = best;
    }
    return found;
}
