#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "model/core/memory.h"
#include "model/met/pressure_levels.h"

/* In the order of the choices of meteorology.layout. */
typedef enum layout { no_layout, era5, gfs, cfsr, N_LAYOUTS } layout;

typedef struct layout_row {
    layout layout;
    bs_pl_id id;
    const char *names, *unit;
    bs_pl_kind kind;
    int period, sign;
} layout_row;

static const layout_row ROWS[] = {
#define BS_LAYOUT(layout, id, names, unit, kind, period, sign) {layout, id, names, unit, BS_PL_##kind, period, sign},
#include "model/met/layouts.def"
#undef BS_LAYOUT
};

bool bs_pl_layout_row(int layout, bs_pl_id id, int n, bs_pl_given *given)
{
    for (size_t r = 0; r < sizeof ROWS / sizeof ROWS[0]; r++) {
        if ((int)ROWS[r].layout != layout || ROWS[r].id != id || n-- > 0) continue;
        *given = (bs_pl_given){.names = ROWS[r].names,
                               .usual = ROWS[r].unit,
                               .kind = ROWS[r].kind,
                               .period = ROWS[r].period,
                               .sign = ROWS[r].sign};
        return true;
    }
    return false;
}

const char *bs_pl_layout_name(int layout)
{
    static const char *const NAME[N_LAYOUTS] = {"none", "era5", "gfs", "cfsr"};
    return NAME[layout];
}

/* Pressure, hPa, that stands in `name` where `pattern` has its '*'; 0: the name does not fit. */
static double stacked_pressure(const char *name, const char *pattern)
{
    const char *star = strchr(pattern, '*');
    const size_t before = (size_t)(star - pattern), after = strlen(star + 1), length = strlen(name);
    if (length <= before + after || strncmp(name, pattern, before) != 0) return 0;
    if (strcmp(name + length - after, star + 1) != 0) return 0;
    for (size_t n = before; n < length - after; n++) {
        if (!isdigit((unsigned char)name[n]) && name[n] != '.') return 0;
    }
    char *rest;
    const double p = strtod(name + before, &rest);
    return rest == name + length - after ? p : 0;
}

static bool any_fits(const bs_nc *nc, const char *pattern)
{
    bs_nc_var var;
    for (int v = 0; v < bs_nc_var_count(nc); v++) {
        if (bs_nc_var_at(nc, v, &var, NULL) == BS_OK && stacked_pressure(var.name, pattern) > 0) return true;
    }
    return false;
}

bool bs_pl_name_in(const bs_nc *nc, const bs_pl_given *given, char *name)
{
    for (const char *from = given->names; from;) {
        const char *bar = strchr(from, '|');
        const size_t length = bar ? (size_t)(bar - from) : strlen(from);
        if (length < BS_NC_NAME_MAX) {
            memcpy(name, from, length);
            name[length] = '\0';
            if (strchr(name, '*') ? any_fits(nc, name) : bs_nc_has_var(nc, name)) return true;
        }
        from = bar ? bar + 1 : NULL;
    }
    return false;
}

/* ---- one variable for each level ---- */

typedef struct stacked {
    double pressure; /* hPa */
    int index;       /* of the variable in the file */
} stacked;

static int ground_first(const void *a, const void *b)
{
    const double p = ((const stacked *)a)->pressure, q = ((const stacked *)b)->pressure;
    return p > q ? -1 : p < q;
}

static bool same_shape(const bs_nc_var *a, const bs_nc_var *b)
{
    bool same = a->n_dims == b->n_dims;
    for (int d = 0; d < a->n_dims && same; d++)
        same = strcmp(a->dim[d], b->dim[d]) == 0 && a->length[d] == b->length[d];
    return same;
}

static bs_status take_stack(const bs_nc *nc, const stacked *found, bs_pl_piece *piece, bs_err *err)
{
    const int n = piece->n_levels;
    BS_TRY(BS_NEW(&piece->stack, n, "levels of the meteorology", err));
    BS_TRY(BS_NEW(&piece->a, n, "levels of the meteorology", err));
    BS_TRY(BS_NEW(&piece->b, n, "levels of the meteorology", err));
    for (int k = 0; k < n; k++) {
        BS_TRY(bs_nc_var_at(nc, found[k].index, &piece->stack[k], err));
        piece->a[k] = 100 * found[k].pressure;
        piece->b[k] = 0;
        if (same_shape(&piece->stack[k], &piece->stack[0]) && piece->stack[k].is_number) continue;
        return bs_fail(err, BS_ERR_INPUT, "%s: variables '%s' and '%s' are levels of one field and differ in shape",
                       bs_nc_file(nc), piece->stack[0].name, piece->stack[k].name);
    }
    piece->var = piece->stack[0];
    return BS_OK;
}

bs_status bs_pl_stack(const bs_nc *nc, const char *pattern, bs_pl_piece *piece, bs_err *err)
{
    bs_nc_var var;
    stacked *found = NULL;
    BS_TRY(BS_NEW(&found, bs_nc_var_count(nc), "levels of the meteorology", err));
    int n = 0;
    for (int v = 0; v < bs_nc_var_count(nc); v++) {
        if (bs_nc_var_at(nc, v, &var, NULL) != BS_OK) continue;
        const double p = stacked_pressure(var.name, pattern);
        if (p > 0) found[n++] = (stacked){.pressure = p, .index = v};
    }
    qsort(found, (size_t)n, sizeof *found, ground_first);
    piece->n_levels = n;
    bs_status status = BS_OK;
    if (n < 2) {
        status = bs_fail(err, BS_ERR_INPUT, "%s: %d variable fits '%s', expected two or more levels", bs_nc_file(nc), n,
                         pattern);
    }
    for (int k = 0; k < n && !status; k++) {
        const bool rising = k > 0 && found[k].pressure >= found[k - 1].pressure;
        if (!rising && found[k].pressure < 1200) continue;
        status = bs_fail(err, BS_ERR_INPUT, "%s: '%s' at %g hPa: expected each pressure once and below 1200 hPa",
                         bs_nc_file(nc), pattern, found[k].pressure);
    }
    if (!status) status = take_stack(nc, found, piece, err);
    bs_free(found);
    return status;
}
