#include "model/emis/profiles.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/config/csv.h"
#include "model/core/memory.h"
#include "model/emis/sectors.h"

enum { MAX_SLOTS = 24, SECTOR_MAX = 64 };

static const double MEAN_TOLERANCE = 1e-3; /* tables are printed with three or more digits */

typedef struct kind_row {
    const char *name;   /* for messages */
    const char *prefix; /* columns prefix1, prefix2, ...; NULL: names */
    const char *names[7];
    int slots;
} kind_row;

static const kind_row KINDS[BS_PROFILE_HEIGHT] = {
    [BS_PROFILE_MONTH] = {"month", "m", {NULL}, 12},
    [BS_PROFILE_WEEKDAY] = {"weekday", NULL, {"mon", "tue", "wed", "thu", "fri", "sat", "sun"}, 7},
    [BS_PROFILE_HOUR] = {"hour", "h", {NULL}, 24},
};

/* One sector of one file: factors, or bands of height. */
typedef struct profile {
    char sector[SECTOR_MAX];
    double factor[MAX_SLOTS];
    bs_profile_band *band;
    int n_bands;
    double top;
    char where[1024]; /* "file:line" of its first row, shortened where it must be */
} profile;

typedef struct table {
    char *file; /* NULL: none */
    profile *row;
    int n;
} table;

struct bs_profiles {
    table table[BS_PROFILE_KINDS];
};

static profile *find(const table *t, const char *sector)
{
    for (int r = 0; r < t->n; r++) {
        if (strcmp(t->row[r].sector, sector) == 0) return &t->row[r];
    }
    return NULL;
}

/* A new row for the sector that stands in a line of the file. */
static bs_status add(table *t, const bs_csv *csv, int line, int column, profile **out, bs_err *err)
{
    const char *sector = bs_csv_text(csv, line, column);
    if (!*sector || strlen(sector) >= SECTOR_MAX) {
        return bs_fail(err, BS_ERR_INPUT, "%s: column 'sector': '%s' is empty or longer than %d bytes",
                       bs_csv_where(csv, line), sector, SECTOR_MAX - 1);
    }
    profile *row = &t->row[t->n++]; /* there is room for as many as the file has lines */
    strcpy(row->sector, sector);
    snprintf(row->where, sizeof row->where, "%s", bs_csv_where(csv, line));
    *out = row;
    return BS_OK;
}

static bs_status read_factors(table *t, const bs_csv *csv, const kind_row *kind, bs_err *err)
{
    int sector = 0, column[MAX_SLOTS] = {0};
    BS_TRY(bs_csv_find(csv, "sector", &sector, err));
    for (int s = 0; s < kind->slots; s++) {
        char name[16];
        if (kind->prefix) {
            snprintf(name, sizeof name, "%s%d", kind->prefix, s + 1);
        } else {
            snprintf(name, sizeof name, "%s", kind->names[s]);
        }
        BS_TRY(bs_csv_find(csv, name, &column[s], err));
    }
    for (int line = 0; line < bs_csv_rows(csv); line++) {
        const profile *before = find(t, bs_csv_text(csv, line, sector));
        if (before) {
            return bs_fail(err, BS_ERR_INPUT, "%s: sector '%s' has a row already, at %s", bs_csv_where(csv, line),
                           before->sector, before->where);
        }
        profile *row = NULL;
        BS_TRY(add(t, csv, line, sector, &row, err));
        double sum = 0;
        for (int s = 0; s < kind->slots; s++) {
            BS_TRY(bs_csv_real(csv, line, column[s], &row->factor[s], err));
            if (row->factor[s] < 0) {
                return bs_fail(err, BS_ERR_INPUT, "%s: column '%s': a factor must not be negative, found %g",
                               bs_csv_where(csv, line), bs_csv_column_name(csv, column[s]), row->factor[s]);
            }
            sum += row->factor[s];
        }
        double mean = sum / kind->slots;
        if (!(fabs(mean - 1) <= MEAN_TOLERANCE)) {
            return bs_fail(err, BS_ERR_INPUT,
                           "%s: the %d factors of sector '%s' have the mean %.6g; it must be 1 within %g",
                           bs_csv_where(csv, line), kind->slots, row->sector, mean, MEAN_TOLERANCE);
        }
        for (int s = 0; s < kind->slots; s++) row->factor[s] /= mean;
    }
    return BS_OK;
}

static bs_status read_band(const bs_csv *csv, int line, const int column[3], bs_profile_band *band, bs_err *err)
{
    BS_TRY(bs_csv_real(csv, line, column[0], &band->bottom, err));
    BS_TRY(bs_csv_real(csv, line, column[1], &band->top, err));
    BS_TRY(bs_csv_real(csv, line, column[2], &band->fraction, err));
    if (band->bottom < 0 || band->top <= band->bottom) {
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: a band from %g to %g m: the bottom must not be negative and the top must lie above it",
                       bs_csv_where(csv, line), band->bottom, band->top);
    }
    if (band->fraction < 0) {
        return bs_fail(err, BS_ERR_INPUT, "%s: column 'fraction': must not be negative, found %g",
                       bs_csv_where(csv, line), band->fraction);
    }
    return BS_OK;
}

static int by_bottom(const void *a, const void *b)
{
    double x = ((const bs_profile_band *)a)->bottom, y = ((const bs_profile_band *)b)->bottom;
    return (x > y) - (x < y);
}

static bs_status read_heights(table *t, const bs_csv *csv, bs_err *err)
{
    static const char *const NAMES[3] = {"bottom_m", "top_m", "fraction"};
    int sector = 0, column[3] = {0};
    BS_TRY(bs_csv_find(csv, "sector", &sector, err));
    for (int c = 0; c < 3; c++) BS_TRY(bs_csv_find(csv, NAMES[c], &column[c], err));
    for (int line = 0; line < bs_csv_rows(csv); line++) {
        profile *row = find(t, bs_csv_text(csv, line, sector));
        if (!row) BS_TRY(add(t, csv, line, sector, &row, err));
        bs_profile_band band = {0};
        BS_TRY(read_band(csv, line, column, &band, err));
        bs_profile_band *grown = realloc(row->band, ((size_t)row->n_bands + 1) * sizeof *grown);
        if (!grown) return bs_fail(err, BS_ERR_MEMORY, "out of memory for height profiles");
        row->band = grown;
        row->band[row->n_bands++] = band;
    }
    for (int r = 0; r < t->n; r++) {
        profile *row = &t->row[r];
        double sum = 0;
        for (int b = 0; b < row->n_bands; b++) sum += row->band[b].fraction;
        if (!(fabs(sum - 1) <= MEAN_TOLERANCE)) {
            return bs_fail(err, BS_ERR_INPUT,
                           "%s: the fractions of sector '%s' sum to %.6g; they must sum to 1 within %g", row->where,
                           row->sector, sum, MEAN_TOLERANCE);
        }
        for (int b = 0; b < row->n_bands; b++) {
            row->band[b].fraction /= sum;
            if (row->band[b].fraction > 0) row->top = fmax(row->top, row->band[b].top);
        }
        qsort(row->band, (size_t)row->n_bands, sizeof *row->band, by_bottom);
    }
    return BS_OK;
}

static bs_status read_table(table *t, bs_profile_kind kind, const char *file, bs_err *err)
{
    BS_TRY(BS_NEW(&t->file, strlen(file) + 1, "a file name", err));
    strcpy(t->file, file);
    bs_csv *csv = NULL;
    BS_TRY(bs_csv_read(file, &csv, err));
    bs_status status = BS_NEW(&t->row, bs_csv_rows(csv), "emission profiles", err);
    if (status == BS_OK) {
        status = kind == BS_PROFILE_HEIGHT ? read_heights(t, csv, err) : read_factors(t, csv, &KINDS[kind], err);
        if (status)
            bs_err_context(err, "emissions.profiles.%s", kind == BS_PROFILE_HEIGHT ? "height" : KINDS[kind].name);
    }
    bs_csv_destroy(csv);
    return status;
}

bs_status bs_profiles_create(const char *const file[BS_PROFILE_KINDS], bs_profiles **out, bs_err *err)
{
    bs_profiles *p = NULL;
    BS_TRY(BS_NEW(&p, 1, "emission profiles", err));
    for (int k = 0; k < BS_PROFILE_KINDS; k++) {
        bs_status status = file[k] ? read_table(&p->table[k], (bs_profile_kind)k, file[k], err) : BS_OK;
        if (status) {
            bs_profiles_destroy(p);
            return status;
        }
    }
    *out = p;
    return BS_OK;
}

void bs_profiles_destroy(bs_profiles *p)
{
    if (!p) return;
    for (int k = 0; k < BS_PROFILE_KINDS; k++) {
        for (int r = 0; r < p->table[k].n; r++) free(p->table[k].row[r].band);
        bs_free(p->table[k].row);
        bs_free(p->table[k].file);
    }
    bs_free(p);
}

bs_status bs_profiles_find(const bs_profiles *p, bs_profile_kind kind, const char *sector, int *row, const char **used,
                           bs_err *err)
{
    const table *t = &p->table[kind];
    *row = -1;
    if (!t->file) return BS_OK;
    const profile *found = NULL;
    for (const char *of = sector; *of && !found; of = bs_sector_parent(of)) found = find(t, of);
    if (!found) found = find(t, "default");
    if (!found) {
        bs_fail(err, BS_ERR_INPUT,
                "%s: no row for sector '%s', which an inventory holds%s%s; add one, or a row 'default'. There are:",
                t->file, sector, *bs_sector_parent(sector) ? ", nor for " : "", bs_sector_parent(sector));
        for (int r = 0; r < t->n; r++) bs_err_add(err, "  %s", t->row[r].sector);
        return BS_ERR_INPUT;
    }
    *row = (int)(found - t->row);
    if (used) *used = found->sector;
    return BS_OK;
}

double bs_profiles_factor(const bs_profiles *p, bs_profile_kind kind, int row, int slot)
{
    return row < 0 ? 1.0 : p->table[kind].row[row].factor[slot];
}

const bs_profile_band *bs_profiles_bands(const bs_profiles *p, int row, int *count, double *top_m)
{
    const profile *found = &p->table[BS_PROFILE_HEIGHT].row[row];
    *count = found->n_bands;
    *top_m = found->top;
    return found->band;
}
