#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/core/memory.h"
#include "model/emis/emis.h"

/* The two sides are the same areas, clipped in another way: each overlap is good to some 1e-14 of the source cell. */
static const double RELATIVE_TOLERANCE = 1e-10;
static const double TOUCHING_TOLERANCE = 1e-12; /* of whole source cells, where only a sliver lies inside */
static const double NOTHING_TOLERANCE =
    1e-14; /* of all there is, where one side finds nothing and the other a sliver */

static const double MEAN_TOLERANCE = 1e-3; /* of a profile over the year, before it is told */

enum { SECONDS_PER_HOUR = 3600 };

bs_status bs_emis_audit_add(const bs_emis_input *in, const char *sector, const char *species, double in_file,
                            double in_domain, double on_grid, double touching, bs_err *err)
{
    bs_emission *e = in->emission;
    double difference = fabs(on_grid - in_domain);
    double allowed = RELATIVE_TOLERANCE * in_domain + TOUCHING_TOLERANCE * touching;
    if (!(difference <= allowed)) {
        return bs_fail(
            err, BS_ERR_RUN,
            "%s: inventory '%s', sector '%s', species '%s': the mesh got %.15g kg s-1, but the part of the inventory "
            "over the mesh is %.15g kg s-1 (relative difference %.3g, allowed %.0e): the mapping lost or made mass",
            in->file, in->name, sector, species, on_grid, in_domain, difference / fmax(in_domain, 1e-300),
            RELATIVE_TOLERANCE);
    }
    for (int s = 0; s < e->n_sheets; s++) {
        bs_emis_sheet *sheet = &e->sheet[s];
        if (sheet->inventory == in->index && strcmp(sheet->asked, sector) == 0 && strcmp(sheet->species, species) == 0)
            sheet->account.in_file += sheet->share * in_file;
    }
    return BS_OK;
}

/* ---- after profiles ---- */

/* Sums over hours of a sheet's profile factor, by the field that the hour takes. */
typedef struct factor_sums {
    double month[BS_EMIS_MONTHS], all;
    double lasts[BS_EMIS_MONTHS]; /* hours that take the field */
    int hours;
} factor_sums;

static factor_sums sum_factors(const bs_emission *e, const bs_emis_sheet *s, bs_time from, bs_time to)
{
    factor_sums sums = {.hours = (int)((to - from) / SECONDS_PER_HOUR)};
    for (bs_time hour = from; hour < to; hour += SECONDS_PER_HOUR) {
        int month = 0;
        const double factor = bs_emis_profile_factor(e, s, hour, &month);
        sums.month[month] += factor;
        sums.lasts[month]++;
        sums.all += factor;
    }
    return sums;
}

/* What the cells and points of one place emit over the hours, in units of rate x hours. */
static double emitted(const bs_emis_sheet *s, const double *cells, double points, const factor_sums *sums)
{
    double sum = points * sums->all;
    for (int m = 0; m < s->n_months; m++) sum += cells[m] * sums->month[m];
    return sum;
}

/* ---- by region ---- */

/* Of one sheet: cells [n_regions+2][12] by the regions' shares of cells, the last row all of the mesh, and points alike. */
typedef struct tally {
    int regions; /* with elsewhere; 0: none */
    double (*cells)[BS_EMIS_MONTHS], *points;
    double *left; /* [cells of the mesh] scratch */
    bs_sum *sum;  /* [regions + 1][12] scratch */
} tally;

/* Of one field: the regions' parts of own cells, and all of them. */
static void count_field(const bs_emission *e, const bs_emis_sheet *s, int month, tally *t)
{
    const size_t cells = (size_t)e->mesh->nx * (size_t)e->mesh->ny;
    const double *rate = s->rate + bs_emis_cells(e) * (size_t)month;
    size_t at;
    for (int r = 0; r + 1 < t->regions; r++)
        for (size_t k = 0; k < e->mask[r]->n; k++)
            if (bs_emis_is_own(e, e->mask[r]->cell[k], &at))
                bs_emis_sum_add(&t->sum[r * BS_EMIS_MONTHS + month], s, e->mask[r]->fraction[k] * rate[at]);
    for (size_t c = 0; c < cells; c++) {
        if (!bs_emis_is_own(e, c, &at)) continue;
        bs_emis_sum_add(&t->sum[t->regions * BS_EMIS_MONTHS + month], s, rate[at]);
        if (t->regions > 0) /* cell by cell, so that a mesh wholly inside has none but for rounding */
            bs_emis_sum_add(&t->sum[(t->regions - 1) * BS_EMIS_MONTHS + month], s, rate[at] * t->left[c]);
    }
}

static void count_cells(const bs_emission *e, const bs_emis_sheet *s, tally *t)
{
    const int n = (t->regions + 1) * BS_EMIS_MONTHS;
    memset(t->sum, 0, (size_t)n * sizeof *t->sum);
    for (int m = 0; m < s->n_months; m++) count_field(e, s, m, t);
    bs_emis_sum_all(e, n, t->sum);
    for (int k = 0; k < n; k++) t->cells[k / BS_EMIS_MONTHS][k % BS_EMIS_MONTHS] = bs_emis_sum_value(&t->sum[k], s);
}

static void count_points(const bs_emission *e, int sheet, tally *t)
{
    for (int r = 0; r <= t->regions; r++) t->points[r] = 0;
    for (size_t p = 0; p < e->n_points; p++) {
        if (e->point[p].sheet != sheet) continue;
        t->points[t->regions] += e->point[p].rate;
        if (t->regions > 0) t->points[e->point[p].region] += e->point[p].rate;
    }
}

static bs_status begin_tally(const bs_emission *e, tally *t, bs_err *err)
{
    static const double SHARE_ROUND = 1e-9; /* of a cell's area, as of what is elsewhere (regions.c) */
    const size_t cells = (size_t)e->mesh->nx * (size_t)e->mesh->ny;
    *t = (tally){.regions = e->audited ? e->audited->n + 1 : 0};
    BS_TRY(BS_NEW(&t->cells, t->regions + 1, "emission by region", err));
    BS_TRY(BS_NEW(&t->points, t->regions + 1, "emission by region", err));
    BS_TRY(BS_NEW(&t->sum, (t->regions + 1) * BS_EMIS_MONTHS, "emission by region", err));
    if (t->regions == 0) return BS_OK;
    BS_TRY(BS_NEW(&t->left, cells, "emission by region", err));
    for (size_t c = 0; c < cells; c++) t->left[c] = 1;
    for (int r = 0; r + 1 < t->regions; r++)
        for (size_t k = 0; k < e->mask[r]->n; k++) t->left[e->mask[r]->cell[k]] -= e->mask[r]->fraction[k];
    for (size_t c = 0; c < cells; c++)
        if (t->left[c] < SHARE_ROUND) t->left[c] = 0;
    return BS_OK;
}

static void end_tally(tally *t)
{
    bs_free(t->cells);
    bs_free(t->points);
    bs_free(t->left);
    bs_free(t->sum);
}

/* ---- the lines ---- */

typedef struct closing {
    const bs_emis_input *in;
    tally tally;
    bs_time year_from, year_to, run_from, run_to;
} closing;

enum { SOURCE, GRID, CELLS, YEAR, RUN, ARRAYS };

const char *bs_emission_audit_region(const bs_emission *e, int r)
{
    return r < e->audited->n ? e->audited->region[r].name : "elsewhere";
}

static bs_status check_region(const closing *c, const bs_emission_audit *row, const bs_emis_account *a, int r,
                              bs_err *err)
{
    const double difference = fabs(a->grid[r] - a->source[r]);
    if (difference <= RELATIVE_TOLERANCE * a->source[r] + TOUCHING_TOLERANCE * a->touching[r] +
                          NOTHING_TOLERANCE * a->in_domain + DBL_MIN)
        return BS_OK;
    return bs_fail(
        err, BS_ERR_RUN,
        "inventory '%s', sector '%s', species '%s', region %s: the cells got %.15g kg s-1, but the inventory "
        "has %.15g kg s-1 there (relative difference %.3g, allowed %.0e): the mapping lost or made mass",
        row->inventory, row->sector, row->species, bs_emission_audit_region(c->in->emission, r), a->grid[r],
        a->source[r], difference / fmax(a->source[r], 1e-300), RELATIVE_TOLERANCE);
}

/* What is stored of a sheet is what its account says. */
static bs_status check_stored(const closing *c, const bs_emission_audit *row, const bs_emis_sheet *s, bs_err *err)
{
    const int all = c->tally.regions;
    const double stored = c->tally.cells[all][0] + c->tally.points[all];
    if (s->n_months > 1 || fabs(stored - row->on_grid_kg_s) <= RELATIVE_TOLERANCE * stored + DBL_MIN) return BS_OK;
    return bs_fail(err, BS_ERR_RUN,
                   "inventory '%s', sector '%s', species '%s': the mesh holds %.15g kg s-1, but %.15g were put there",
                   row->inventory, row->sector, row->species, stored, row->on_grid_kg_s);
}

static void fill_regions(const closing *c, const bs_emis_sheet *s, const factor_sums *year, const factor_sums *run,
                         bs_emission_audit *row, double *by_region)
{
    const int n = c->tally.regions;
    const bs_emis_account *a = &s->account;
    for (int r = 0; r < n; r++) {
        const double *cells = c->tally.cells[r], points = c->tally.points[r];
        factor_sums flat = {.all = year->hours};
        memcpy(flat.month, year->lasts, sizeof flat.month);
        by_region[SOURCE * n + r] = a->source[r];
        by_region[GRID * n + r] = a->grid[r];
        by_region[CELLS * n + r] = emitted(s, cells, points, &flat) / year->hours;
        by_region[YEAR * n + r] = emitted(s, cells, points, year) / year->hours;
        by_region[RUN * n + r] = emitted(s, cells, points, run) * SECONDS_PER_HOUR;
    }
    if (n == 0) return;
    row->source_kg_s = by_region + SOURCE * n;
    row->grid_kg_s = by_region + GRID * n;
    row->cells_kg_s = by_region + CELLS * n;
    row->region_year_kg_s = by_region + YEAR * n;
    row->region_run_kg = by_region + RUN * n;
}

static void tell_mean(const closing *c, const bs_emission_audit *row)
{
    const double ratio = row->year_kg_s / row->on_grid_kg_s;
    if (!row->carried || !(row->on_grid_kg_s > 0) || fabs(ratio - 1) <= MEAN_TOLERANCE) return;
    bs_log_warn(
        c->in->log,
        "emissions: the profiles of %s (%s, '%s') have the mean %.4f over the year %d: months of 28 to 31 days and "
        "days of the week count alike in profiles",
        row->sector, row->species, row->inventory, ratio, bs_date_from_time(c->year_from + 86400).year);
}

static bs_status fill_row(closing *c, int index, double *by_region, bs_err *err)
{
    bs_emission *e = c->in->emission;
    const bs_emis_sheet *s = &e->sheet[index];
    bs_emission_audit *row = &e->audit[index];
    char path[BS_EMIS_PATH_MAX];
    *row = (bs_emission_audit){.in_file_kg_s = s->account.in_file,
                               .in_domain_kg_s = s->account.in_domain,
                               .on_grid_kg_s = s->account.on_grid,
                               .left_out_kg_s = s->account.left_out,
                               .carried = s->total >= 0,
                               .share = s->share,
                               .basis = s->basis,
                               .sheet = index};
    snprintf(path, sizeof path, "emissions.inventories[%d].name", s->inventory);
    snprintf(row->inventory, sizeof row->inventory, "%s", bs_config_text(c->in->config, path));
    snprintf(row->sector, sizeof row->sector, "%s", s->sector);
    snprintf(row->species, sizeof row->species, "%s", s->species);
    count_cells(e, s, &c->tally);
    count_points(e, index, &c->tally);
    BS_TRY(check_stored(c, row, s, err));
    for (int r = 0; r < c->tally.regions; r++) BS_TRY(check_region(c, row, &s->account, r, err));
    const factor_sums year = sum_factors(e, s, c->year_from, c->year_to),
                      run = sum_factors(e, s, c->run_from, c->run_to);
    const double *cells = c->tally.cells[c->tally.regions], points = c->tally.points[c->tally.regions];
    row->year_kg_s = emitted(s, cells, points, &year) / year.hours;
    row->run_kg = emitted(s, cells, points, &run) * SECONDS_PER_HOUR;
    fill_regions(c, s, &year, &run, row, by_region);
    tell_mean(c, row);
    return BS_OK;
}

static bs_status make_rows(closing *c, bs_err *err)
{
    bs_emission *e = c->in->emission;
    BS_TRY(begin_tally(e, &c->tally, err));
    BS_TRY(BS_NEW(&e->audit, e->n_sheets, "the audit of emissions", err));
    return BS_NEW(&e->by_region, (size_t)e->n_sheets * ARRAYS * (size_t)c->tally.regions, "the audit of emissions",
                  err);
}

/* What may fail in it fails in all ranks. */
static bs_status fill_rows(closing *c, bs_err *err)
{
    bs_emission *e = c->in->emission;
    const size_t regions = (size_t)c->tally.regions;
    for (int s = 0; s < e->n_sheets; s++) BS_TRY(fill_row(c, s, e->by_region + (size_t)s * ARRAYS * regions, err));
    e->n_audit = e->n_sheets;
    return BS_OK;
}

static bs_status measure_bare(bs_emission *e, bs_err *err)
{
    const size_t cells = bs_emis_cells(e), all = (size_t)e->mesh->nx * (size_t)e->mesh->ny;
    bool *emits = NULL;
    bs_sum area[2] = {{0}}; /* m2: of all, and where nothing is emitted */
    size_t at;
    BS_TRY(bs_emis_agree(e, BS_NEW(&emits, cells, "cells that emit", err), err));
    for (int s = 0; s < e->n_sheets; s++)
        for (size_t k = 0; e->sheet[s].total >= 0 && k < cells * (size_t)e->sheet[s].n_months; k++)
            if (e->sheet[s].rate[k] > 0) emits[k % cells] = true;
    for (size_t p = 0; p < e->n_points; p++)
        if (bs_emis_is_own(e, e->point[p].cell, &at)) emits[at] = true;
    for (size_t c = 0; c < all; c++) {
        if (!bs_emis_is_own(e, c, &at)) continue;
        bs_sum_add(&area[0], e->mesh->area[c]);
        if (!emits[at]) bs_sum_add(&area[1], e->mesh->area[c]);
    }
    bs_emis_sum_all(e, 2, area);
    e->bare = bs_sum_value(&area[1]) / bs_sum_value(&area[0]);
    bs_free(emits);
    return BS_OK;
}

bs_status bs_emis_audit_close(const bs_emis_input *in, bs_err *err)
{
    const bs_emission *e = in->emission;
    closing c = {.in = in,
                 .run_from = bs_config_time(in->config, "time.start"),
                 .run_to = bs_config_time(in->config, "time.end")};
    const bs_time offset = (bs_time)llround(e->utc_offset);
    const int year = bs_date_from_time(c.run_from + offset).year;
    c.year_from = bs_time_from_date(year, 1, 1, 0, 0, 0) - offset;
    c.year_to = bs_time_from_date(year + 1, 1, 1, 0, 0, 0) - offset;
    BS_TRY(bs_emis_find_scales(in->emission, err));
    bs_status status = bs_emis_agree(e, make_rows(&c, err), err);
    if (status == BS_OK) status = fill_rows(&c, err);
    end_tally(&c.tally);
    return status == BS_OK ? measure_bare(in->emission, err) : status;
}

int bs_emission_audit_count(const bs_emission *e)
{
    return e->n_audit;
}

const bs_emission_audit *bs_emission_audit_at(const bs_emission *e, int n)
{
    return &e->audit[n];
}

int bs_emission_audit_regions(const bs_emission *e)
{
    return e->audited ? e->audited->n + 1 : 0;
}
