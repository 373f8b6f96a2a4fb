/* Contributions from the source-receptor tables of a run. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/config/csv.h"
#include "model/core/memory.h"
#include "model/report/contributions.h"

static const char TOTAL[] = "total";

static const char *const SHARE[BS_SHARE_COUNT] = {"local", "other_basin", "outside_basin", "unresolved"};

const char *bs_share_name(bs_share share)
{
    return SHARE[share];
}

int bs_contributions_city(const bs_series *s, const char *adcode, const char *name)
{
    for (int n = 0; n < s->n_cities; n++)
        if (strcmp(s->city[n].adcode, adcode) == 0 && strcmp(s->city[n].name, name) == 0) return n;
    return -1;
}

typedef struct columns {
    int adcode, name, variable, source, label, contribution;
} columns;

static bs_status find_columns(const bs_csv *csv, columns *c, bs_err *err)
{
    BS_TRY(bs_csv_find(csv, "adcode", &c->adcode, err));
    BS_TRY(bs_csv_find(csv, "name", &c->name, err));
    BS_TRY(bs_csv_find(csv, "variable", &c->variable, err));
    BS_TRY(bs_csv_find(csv, "source", &c->source, err));
    BS_TRY(bs_csv_find(csv, "label", &c->label, err));
    return bs_csv_find(csv, "contribution", &c->contribution, err);
}

static bool is_ours(const bs_csv *csv, int row, int variable, const bs_series *s)
{
    return strcmp(bs_csv_text(csv, row, variable), s->column) == 0;
}

static int source_index(const bs_contributions *c, const char *name)
{
    for (int n = 0; n < c->n; n++)
        if (strcmp(c->name[n], name) == 0) return n;
    return -1;
}

/* The sources that there are, each once, in the order of the table. */
static bs_status list_sources(const bs_csv *csv, const columns *at, const bs_series *s, bs_contributions *c,
                              bs_err *err)
{
    const int rows = bs_csv_rows(csv);
    BS_TRY(BS_NEW(&c->name, rows, "sources", err));
    BS_TRY(BS_NEW(&c->label, rows, "sources", err));
    for (int r = 0; r < rows; r++) {
        const char *name = bs_csv_text(csv, r, at->source), *label = bs_csv_text(csv, r, at->label);
        if (!is_ours(csv, r, at->variable, s) || strcmp(name, TOTAL) == 0 || source_index(c, name) >= 0) continue;
        if (!*name || strlen(name) >= BS_SOURCE_NAME_MAX || strlen(label) >= BS_SOURCE_NAME_MAX)
            return bs_fail(err, BS_ERR_INPUT, "%s: source and label must be there and of at most %d bytes",
                           bs_csv_where(csv, r), BS_SOURCE_NAME_MAX - 1);
        snprintf(c->name[c->n], BS_SOURCE_NAME_MAX, "%s", name);
        snprintf(c->label[c->n++], BS_SOURCE_NAME_MAX, "%s", *label ? label : name);
    }
    return BS_OK;
}

static bs_status put_row(const bs_csv *csv, int row, const columns *at, const bs_series *s, bs_contributions *c,
                         bs_err *err)
{
    const char *name = bs_csv_text(csv, row, at->source);
    const int city = bs_contributions_city(s, bs_csv_text(csv, row, at->adcode), bs_csv_text(csv, row, at->name));
    if (city < 0)
        return bs_fail(err, BS_ERR_INPUT, "%s: %s is no city of cities_daily.csv", bs_csv_where(csv, row),
                       bs_csv_text(csv, row, at->name));
    double *to = strcmp(name, TOTAL) == 0 ? &c->total[city] : &c->value[(size_t)city * c->n + source_index(c, name)];
    if (!isnan(*to))
        return bs_fail(err, BS_ERR_INPUT, "%s: %s has source '%s' a second time", bs_csv_where(csv, row),
                       s->city[city].name, name);
    return bs_csv_real(csv, row, at->contribution, to, err);
}

static bs_status fill(const bs_csv *csv, const char *file, const bs_series *s, bs_contributions *c, bs_err *err)
{
    columns at;
    BS_TRY(find_columns(csv, &at, err));
    BS_TRY(list_sources(csv, &at, s, c, err));
    BS_TRY(BS_NEW(&c->value, (size_t)s->n_cities * c->n, "sources", err));
    BS_TRY(BS_NEW(&c->total, s->n_cities, "sources", err));
    for (int n = 0; n < s->n_cities * c->n; n++) c->value[n] = NAN;
    for (int n = 0; n < s->n_cities; n++) c->total[n] = NAN;
    for (int r = 0; r < bs_csv_rows(csv); r++)
        if (is_ours(csv, r, at.variable, s)) BS_TRY(put_row(csv, r, &at, s, c, err));
    for (int n = 0; n < s->n_cities; n++) {
        const char *missing = isnan(c->total[n]) ? TOTAL : NULL;
        for (int k = 0; k < c->n && !missing; k++)
            if (isnan(c->value[(size_t)n * c->n + k])) missing = c->name[k];
        if (missing)
            return bs_fail(err, BS_ERR_INPUT, "%s: %s has no row of source '%s' (%s)", file, s->city[n].name, missing,
                           s->column);
    }
    return BS_OK;
}

bs_status bs_contributions_matrix(const char *file, const bs_series *series, bs_contributions *c, bs_err *err)
{
    bs_csv *csv = NULL;
    BS_TRY(bs_csv_read(file, &csv, err));
    bs_status st = fill(csv, file, series, c, err);
    bs_csv_destroy(csv);
    return st;
}

static bs_status fill_shares(const bs_csv *csv, const char *file, const bs_series *s, bs_contributions *c, bs_err *err)
{
    int adcode, name, variable, percent[BS_SHARE_COUNT];
    BS_TRY(bs_csv_find(csv, "adcode", &adcode, err));
    BS_TRY(bs_csv_find(csv, "name", &name, err));
    BS_TRY(bs_csv_find(csv, "variable", &variable, err));
    for (int k = 0; k < BS_SHARE_COUNT; k++) {
        char column[64];
        snprintf(column, sizeof column, "%s_percent", SHARE[k]);
        BS_TRY(bs_csv_find(csv, column, &percent[k], err));
    }
    BS_TRY(BS_NEW(&c->share, (size_t)s->n_cities * BS_SHARE_COUNT, "shares", err));
    for (int n = 0; n < s->n_cities * BS_SHARE_COUNT; n++) c->share[n] = NAN;
    for (int r = 0; r < bs_csv_rows(csv); r++) {
        const int city = bs_contributions_city(s, bs_csv_text(csv, r, adcode), bs_csv_text(csv, r, name));
        if (!is_ours(csv, r, variable, s)) continue;
        if (city < 0)
            return bs_fail(err, BS_ERR_INPUT, "%s: %s is no city of cities_daily.csv (%s)", bs_csv_where(csv, r),
                           bs_csv_text(csv, r, name), file);
        for (int k = 0; k < BS_SHARE_COUNT; k++)
            if (*bs_csv_text(csv, r, percent[k]))
                BS_TRY(bs_csv_real(csv, r, percent[k], &c->share[(size_t)city * BS_SHARE_COUNT + k], err));
    }
    return BS_OK;
}

bs_status bs_contributions_shares(const char *file, const bs_series *series, bs_contributions *c, bs_err *err)
{
    bs_csv *csv = NULL;
    BS_TRY(bs_csv_read(file, &csv, err));
    bs_status st = fill_shares(csv, file, series, c, err);
    bs_csv_destroy(csv);
    return st;
}
