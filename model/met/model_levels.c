#include "model/met/model_levels.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/core/memory.h"

static const bs_half_level L137[] = {
#define BS_HALF_LEVEL(a, b) {a, b},
#include "model/met/model_levels_l137.def"
};
static const bs_half_level L91[] = {
#include "model/met/model_levels_l91.def"
};
static const bs_half_level L60[] = {
#include "model/met/model_levels_l60.def"
};
#undef BS_HALF_LEVEL

static const struct {
    const char *name;
    int n;
    const bs_half_level *half;
} TABLES[] = {{"L137", 137, L137}, {"L91", 91, L91}, {"L60", 60, L60}};

const bs_half_level *bs_half_level_table(const char *name, int *n)
{
    for (size_t t = 0; t < sizeof TABLES / sizeof TABLES[0]; t++) {
        if (strcmp(TABLES[t].name, name) != 0) continue;
        *n = TABLES[t].n;
        return TABLES[t].half;
    }
    return NULL;
}

/* ---- from a pair of variables ---- */

typedef struct pair {
    const char *a, *b;
} pair;

static bs_status read_one(const bs_nc *nc, const char *name, bs_nc_var *var, double **values, bs_err *err)
{
    BS_TRY(bs_nc_find(nc, name, var, err));
    if (var->n_dims != 1 || !var->is_number || var->size < 2) {
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: '%s' must be a one-dimensional variable of two or more hybrid coefficients", bs_nc_file(nc),
                       name);
    }
    BS_TRY(BS_NEW(values, var->size, name, err));
    bs_status status = bs_nc_read(nc, var, NULL, NULL, *values, err);
    for (size_t k = 0; k < var->size && !status; k++) {
        if (!isfinite((*values)[k]))
            status = bs_fail(err, BS_ERR_INPUT, "%s: %s[%zu] is missing or not a number", bs_nc_file(nc), name, k);
    }
    return status;
}

/* To Pa. A unit may be missing where no other is possible: a dimensionless a is below 1. */
static bs_status to_pascal(const bs_met_context *x, const bs_nc *nc, const bs_nc_var *var, double *a, bs_err *err)
{
    char unit[128];
    double scale = 1, offset = 0, largest = 0;
    for (size_t k = 0; k < var->size; k++) largest = fmax(largest, fabs(a[k]));
    const bool has = bs_nc_text(nc, var, "units", unit, sizeof unit) && unit[0];
    if (!has && largest > 1000) {
        bs_log_info(x->log, "meteorology: %s: '%s' has no unit: taken to be in Pa (the largest is %g)", bs_nc_file(nc),
                    var->name, largest);
        return BS_OK;
    }
    if (!has || bs_units_convert(x->units, unit, "Pa", &scale, &offset, NULL) != BS_OK) {
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: hybrid coefficients '%s' have the unit '%s' and reach %g, expected Pa (p = a + b ps); "
                       "multiply dimensionless ones by their reference pressure",
                       bs_nc_file(nc), var->name, has ? unit : "", largest);
    }
    for (size_t k = 0; k < var->size; k++) a[k] *= scale;
    return BS_OK;
}

/* The last half level is the ground: a = 0, b = 1. */
static bool half_levels(const char *name, size_t n, const double *a, const double *b)
{
    return strcmp(name, "hyai") == 0 || (fabs(a[n - 1]) < 1e-6 && fabs(b[n - 1] - 1) < 1e-6);
}

static bs_status check_order(const bs_nc *nc, const char *name, size_t n, const double *a, const double *b, bs_err *err)
{
    for (size_t k = 1; k < n; k++) {
        const double above = a[k - 1] + b[k - 1] * BS_PL_REFERENCE, below = a[k] + b[k] * BS_PL_REFERENCE;
        if (below > above) continue;
        return bs_fail(
            err, BS_ERR_INPUT,
            "%s: hybrid coefficients '%s' give %g Pa at %zu and %g Pa at %zu over a ground at %g Pa; expected "
            "pressures that rise, from the model's top to its ground",
            bs_nc_file(nc), name, above, k - 1, below, k, BS_PL_REFERENCE);
    }
    return BS_OK;
}

/* Beyond these, what the reference ground makes of the coefficients says nothing of other ground. */
static bs_status check_range(const bs_nc *nc, const pair *names, size_t n, const double *a, const double *b,
                             bs_err *err)
{
    for (size_t k = 0; k < n; k++) {
        if (a[k] >= -1 && a[k] <= BS_PL_REFERENCE && b[k] >= 0 && b[k] <= 1 + 1e-6) continue;
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: hybrid coefficients %s[%zu] = %g Pa and %s[%zu] = %g; expected 0 to %g Pa and 0 to 1",
                       bs_nc_file(nc), names->a, k, a[k], names->b, k, b[k], BS_PL_REFERENCE);
    }
    return BS_OK;
}

/* Takes half levels to the full ones between them. */
static size_t to_full(size_t n, double *a, double *b)
{
    for (size_t k = 0; k + 1 < n; k++) {
        a[k] = 0.5 * (a[k] + a[k + 1]);
        b[k] = 0.5 * (b[k] + b[k + 1]);
    }
    return n - 1;
}

static bs_status read_pair(const bs_met_context *x, const bs_nc *nc, const pair *names, bs_pl_hybrid *h, bs_err *err)
{
    bs_nc_var var_a, var_b;
    BS_TRY(read_one(nc, names->a, &var_a, &h->a, err));
    BS_TRY(read_one(nc, names->b, &var_b, &h->b, err));
    if (var_a.size != var_b.size) {
        return bs_fail(err, BS_ERR_INPUT, "%s: '%s' has %zu hybrid coefficients and '%s' %zu, expected as many",
                       bs_nc_file(nc), names->a, var_a.size, names->b, var_b.size);
    }
    BS_TRY(to_pascal(x, nc, &var_a, h->a, err));
    BS_TRY(check_order(nc, names->a, var_a.size, h->a, h->b, err));
    BS_TRY(check_range(nc, names, var_a.size, h->a, h->b, err));
    size_t n = var_a.size;
    const bool half = half_levels(names->a, n, h->a, h->b);
    if (half) n = to_full(n, h->a, h->b);
    h->n = (int)n;
    snprintf(h->dim, sizeof h->dim, "%s", half ? "" : var_a.dim[0]);
    snprintf(h->source, sizeof h->source, "variables %s and %s of the files", names->a, names->b);
    return BS_OK;
}

static bs_status from_files(const bs_met_context *x, bs_pl_catalogue *c, const pair *names, bool *found, bs_err *err)
{
    *found = false;
    for (int f = 0; f < c->n_files && !*found; f++) {
        bs_nc *nc = NULL;
        BS_TRY(bs_nc_open(c->file[f], &nc, err));
        const bool has_a = bs_nc_has_var(nc, names->a), has_b = bs_nc_has_var(nc, names->b);
        bs_status status = BS_OK;
        *found = has_a && has_b;
        if (*found) {
            status = read_pair(x, nc, names, &c->hybrid, err);
        } else if (has_a != has_b && strncmp(names->a, "hy", 2) == 0) { /* the table would be another model's */
            status = bs_fail(err, BS_ERR_INPUT,
                             "%s: has the hybrid coefficients '%s' and no '%s'; expected both or none in a file",
                             c->file[f], has_a ? names->a : names->b, has_a ? names->b : names->a);
        }
        bs_nc_close(nc);
        if (status) return status;
    }
    return BS_OK;
}

/* ---- from a table ---- */

static bs_status from_table(const char *name, bs_pl_hybrid *h, bs_err *err)
{
    int n = 0;
    const bs_half_level *half = bs_half_level_table(name, &n);
    if (!half) return bs_fail(err, BS_ERR_INPUT, "no table of hybrid levels is called '%s'", name);
    BS_TRY(BS_NEW(&h->a, n + 1, "hybrid levels", err));
    BS_TRY(BS_NEW(&h->b, n + 1, "hybrid levels", err));
    for (int k = 0; k <= n; k++) {
        h->a[k] = half[k].a;
        h->b[k] = half[k].b;
    }
    h->n = (int)to_full((size_t)n + 1, h->a, h->b);
    snprintf(h->source, sizeof h->source, "the table %s of ECMWF (meteorology.hybrid.table)", name);
    return BS_OK;
}

static bs_status from_case(const bs_met_context *x, bs_pl_catalogue *c, bool *found, bs_err *err)
{
    const pair named = {bs_config_text(x->config, "meteorology.hybrid.a"),
                        bs_config_text(x->config, "meteorology.hybrid.b")};
    *found = false;
    if (!named.a && !named.b) return BS_OK;
    const char *where = bs_config_where(x->config, named.a ? "meteorology.hybrid.a" : "meteorology.hybrid.b");
    if (!named.a || !named.b) {
        return bs_fail(err, BS_ERR_INPUT, "%s: meteorology.hybrid names only one of a and b; name both or none", where);
    }
    BS_TRY(from_files(x, c, &named, found, err));
    if (*found) return BS_OK;
    return bs_fail(err, BS_ERR_INPUT, "%s: meteorology.hybrid: none of the %d file(s) has '%s' and '%s'", where,
                   c->n_files, named.a, named.b);
}

bs_status bs_hybrid_find(const bs_met_context *x, bs_pl_catalogue *c, bs_err *err)
{
    static const pair USUAL[] = {{"hyai", "hybi"}, {"hyam", "hybm"}, {"a", "b"}};
    bool found;
    BS_TRY(from_case(x, c, &found, err));
    for (size_t n = 0; n < sizeof USUAL / sizeof USUAL[0] && !found; n++)
        BS_TRY(from_files(x, c, &USUAL[n], &found, err));
    if (!found) BS_TRY(from_table(bs_config_text(x->config, "meteorology.hybrid.table"), &c->hybrid, err));
    bs_log_info(x->log, "meteorology: %d model levels by %s", c->hybrid.n, c->hybrid.source);
    return BS_OK;
}

/* ---- the provider ---- */

static bs_status create(const bs_met_context *context, bs_time start, bs_time end, void **self, bs_err *err)
{
    return bs_pl_create(context, start, end, true, self, err);
}

const bs_provider BS_PROVIDER_ERA5_MODEL_LEVELS = {
    .name = "era5_model_levels",
    .label = "analyses or forecasts on the hybrid levels of a global model",
    .create = create,
    .read = bs_pl_read,
    .assumed = bs_pl_assumed,
    .destroy = bs_pl_destroy,
};
