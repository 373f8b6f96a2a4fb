#include "model/emis/speciation.h"

#include <math.h>
#include <string.h>

#include "kernels/base/check.h"
#include "model/config/csv.h"
#include "model/emis/sectors.h"

static const double SUM_TOLERANCE = 1e-9; /* fractions are decimal numbers: their sum is 1 but for rounding */
static const char *const WHOLE = "pm25";
static const char *const COLUMN[BS_PARTS] = {"ec", "oc", "so4", "other"};
const char *const BS_PART_SPECIES[BS_PARTS] = {"pm25_ec", "pm25_oc", "pm25_so4", "pm25_other"};

static bool carried(const bs_tracers *t, const char *species)
{
    const int row = bs_species_find(species);
    for (int k = 0; k < t->n; k++) {
        if (t->row[k].role == BS_ROLE_TOTAL && t->row[k].species == row) return true;
    }
    return false;
}

static bool parts_carried(const bs_tracers *t)
{
    bool any = false;
    for (int p = 0; p < BS_PARTS; p++) any = any || carried(t, BS_PART_SPECIES[p]);
    return any;
}

bool bs_speciation_needs(const bs_config *config, const bs_tracers *tracers, const char *species)
{
    return strcmp(species, WHOLE) == 0 && bs_config_has(config, "emissions.speciation") && parts_carried(tracers);
}

/* ---- the table ---- */

typedef struct table {
    bs_csv *csv;
    int sector, species, part[BS_PARTS]; /* columns */
} table;

static bs_status read_row(const table *t, int row, double fraction[BS_PARTS], bs_err *err)
{
    double sum = 0;
    for (int p = 0; p < BS_PARTS; p++) {
        BS_TRY(bs_csv_real(t->csv, row, t->part[p], &fraction[p], err));
        sum += fraction[p];
        if (fraction[p] >= 0 && fraction[p] <= 1) continue;
        return bs_fail(err, BS_ERR_INPUT, "%s: column '%s': a fraction must be from 0 to 1, found %g",
                       bs_csv_where(t->csv, row), COLUMN[p], fraction[p]);
    }
    if (fabs(sum - 1) <= SUM_TOLERANCE) return BS_OK;
    return bs_fail(err, BS_ERR_INPUT, "%s: the fractions of '%s' sum to %.10g; they must sum to 1 within %g",
                   bs_csv_where(t->csv, row), bs_csv_text(t->csv, row, t->sector), sum, SUM_TOLERANCE);
}

static bs_status check_table(const table *t, bs_err *err)
{
    for (int row = 0; row < bs_csv_rows(t->csv); row++) {
        const char *sector = bs_csv_text(t->csv, row, t->sector), *species = bs_csv_text(t->csv, row, t->species);
        double fraction[BS_PARTS];
        if (!*sector || strcmp(species, WHOLE) != 0) {
            return bs_fail(err, BS_ERR_INPUT,
                           "%s: sector '%s', species '%s': expected a sector (or *) and the species %s",
                           bs_csv_where(t->csv, row), sector, species, WHOLE);
        }
        for (int before = 0; before < row; before++) {
            if (strcmp(bs_csv_text(t->csv, before, t->sector), sector) != 0) continue;
            char where[512];
            snprintf(where, sizeof where, "%s", bs_csv_where(t->csv, before));
            return bs_fail(err, BS_ERR_INPUT, "%s: sector '%s' has a row already, at %s", bs_csv_where(t->csv, row),
                           sector, where);
        }
        BS_TRY(read_row(t, row, fraction, err));
    }
    return BS_OK;
}

static bs_status open_table(const char *file, table *t, bs_err *err)
{
    BS_TRY(bs_csv_read(file, &t->csv, err));
    BS_TRY(bs_csv_find(t->csv, "sector", &t->sector, err));
    BS_TRY(bs_csv_find(t->csv, "species", &t->species, err));
    for (int p = 0; p < BS_PARTS; p++) BS_TRY(bs_csv_find(t->csv, COLUMN[p], &t->part[p], err));
    return check_table(t, err);
}

static int find_row(const table *t, const char *sector)
{
    for (int row = 0; row < bs_csv_rows(t->csv); row++)
        if (strcmp(bs_csv_text(t->csv, row, t->sector), sector) == 0) return row;
    return -1;
}

/* The fractions of a sector: its own, its parent's, or those of '*'. */
static bs_status find(const table *t, const char *file, const char *sector, bs_log *log, double fraction[BS_PARTS],
                      bs_err *err)
{
    const char *used = sector;
    int row = find_row(t, sector);
    while (row < 0 && *bs_sector_parent(used)) row = find_row(t, used = bs_sector_parent(used));
    if (row < 0) row = find_row(t, used = "*");
    if (row < 0) {
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: no row for the sector '%s', which emits %s; add one, or a row '*' for all others", file,
                       sector, WHOLE);
    }
    if (used != sector)
        bs_log_info(log, "%s: sector '%s' has no row of its own and takes that of '%s'", file, sector, used);
    return read_row(t, row, fraction, err);
}

/* ---- sheets ---- */

/* What sheet `to` is of sheet `from`: a share of its cells, its points, each with a stack of its own, and its account.
 * */
static bs_status give_share(bs_emission *e, int from, int to, double share, bs_err *err)
{
    const size_t cells = bs_emis_cells(e), points = e->n_points;
    const bs_emis_sheet *whole = &e->sheet[from];
    for (size_t c = 0; c < cells * (size_t)whole->n_months; c++) e->sheet[to].rate[c] = whole->rate[c] * share;
    e->sheet[to].profiled = whole->profiled;
    bs_emis_account_share(e, from, to, share);
    for (size_t k = 0; k < points; k++) {
        if (e->point[k].sheet != from) continue;
        bs_emis_point point = e->point[k];
        point.sheet = to;
        point.rate *= share;
        if (point.stack >= 0) {
            const bs_stack stack = e->stack[point.stack];
            BS_TRY(bs_emis_stack_add(e, &stack, &point.stack, err));
        }
        BS_TRY(bs_emis_point_add(e, &point, err));
    }
    return BS_OK;
}

/* Divides sheet s: into[p] becomes the sheet of part p, made together with those of the sectors that were split off
 * from its own. */
static bs_status split_sheet(bs_emission *e, const bs_emis_input *in, int s, const double fraction[BS_PARTS],
                             bs_err *err)
{
    for (int p = 0; p < BS_PARTS; p++) {
        bs_emis_input of = *in;
        char asked[BS_EMIS_NAME_MAX]; /* the array of sheets moves when it grows */
        int first = -1, to = 0;
        memcpy(asked, e->sheet[s].asked, sizeof asked);
        of.index = e->sheet[s].inventory;
        of.file = bs_config_text(in->config, "emissions.speciation");
        BS_TRY(bs_emis_sheet_get(&of, asked, BS_PART_SPECIES[p], e->sheet[s].n_months, &first, err));
        for (to = first; to < e->n_sheets; to++) {
            if (e->sheet[to].of == first && strcmp(e->sheet[to].sector, e->sheet[s].sector) == 0) break;
        }
        bs_assert(to < e->n_sheets); /* the same words of the case made both */
        const double share = p + 1 < BS_PARTS ? fraction[p] : 1 - fraction[0] - fraction[1] - fraction[2];
        BS_TRY(give_share(e, s, to, share, err));
    }
    return BS_OK;
}

static bs_status split_sheets(bs_emission *e, const bs_emis_input *in, const table *t, bs_err *err)
{
    const int n = e->n_sheets;
    const char *file = bs_config_text(in->config, "emissions.speciation");
    double fraction[BS_PARTS];
    for (int s = 0; s < n; s++) {
        if (strcmp(e->sheet[s].species, WHOLE) != 0) continue;
        BS_TRY(find(t, file, e->sheet[s].sector, in->log, fraction, err));
        BS_TRY(split_sheet(e, in, s, fraction, err));
    }
    return BS_OK;
}

/* A part must come from one place: the table or an inventory. */
static bs_status check_parts(const bs_emission *e, const bs_emis_input *in, bs_err *err)
{
    const bool split = bs_config_has(in->config, "emissions.speciation");
    bool held = false;
    for (int s = 0; s < e->n_sheets; s++) {
        for (int p = 0; p < BS_PARTS; p++) {
            if (strcmp(e->sheet[s].species, BS_PART_SPECIES[p]) != 0) continue;
            held = true;
            if (!split) continue;
            return bs_fail(
                err, BS_ERR_INPUT,
                "%s: an inventory holds the species '%s' (sector '%s') itself, and it would be counted twice: take "
                "emissions.speciation away, or that species",
                bs_config_where(in->config, "emissions.speciation"), BS_PART_SPECIES[p], e->sheet[s].sector);
        }
    }
    if (split || held || !parts_carried(e->tracers)) return BS_OK;
    return bs_fail(
        err, BS_ERR_INPUT,
        "%s: tracers.species has parts of %s, but no inventory holds them: give emissions.speciation, a table of how "
        "each sector's %s divides (configs/emissions/pm25_speciation.csv)",
        bs_config_where(in->config, "tracers.species"), WHOLE, WHOLE);
}

bs_status bs_emis_speciate(bs_emission *e, const bs_emis_input *in, bs_err *err)
{
    const char *file = bs_config_text(in->config, "emissions.speciation");
    BS_TRY(check_parts(e, in, err));
    if (!file) return BS_OK;
    table t = {0};
    bs_status status = open_table(file, &t, err);
    if (status == BS_OK && parts_carried(e->tracers)) status = split_sheets(e, in, &t, err);
    bs_csv_destroy(t.csv);
    return status;
}
