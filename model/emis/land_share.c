#include "model/emis/land_share.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#include "model/core/memory.h"

static const double SHARE_ROUND = 1e-5; /* shares stored as float */

typedef struct map {
    const bs_nc *nc;
    bs_nc_var var;
    size_t planes, cells;
    double scale;   /* of shares to 1 */
    double *value;  /* [planes][cells] */
    double *number; /* [planes] or [planes][cells]; NULL: the value is the number */
    bool by_cell;   /* number [planes][cells] */
} map;

static bool begins(const char *text, const char *word)
{
    return strncasecmp(text, word, strlen(word)) == 0;
}

/* The coordinate variable of a dimension, which must be an axis called like `word`. */
static bs_status read_axis(const map *m, int d, const char *word, double **out, bs_err *err)
{
    const char *dim = m->var.dim[d];
    bs_nc_var axis;
    if (!begins(dim, word) || !bs_nc_has_var(m->nc, dim))
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: land use '%s' must have the dimensions lat and lon, with their coordinate variables, after "
                       "that of the classes; dimension %d is '%s'",
                       bs_nc_file(m->nc), m->var.name, d + 1, dim);
    BS_TRY(bs_nc_find(m->nc, dim, &axis, err));
    BS_TRY(BS_NEW(out, m->var.length[d], "an axis", err));
    if (axis.n_dims == 1 && axis.size == m->var.length[d]) return bs_nc_read(m->nc, &axis, NULL, NULL, *out, err);
    return bs_fail(err, BS_ERR_INPUT, "%s: '%s' is no axis: expected [%zu]", bs_nc_file(m->nc), dim, m->var.length[d]);
}

static bs_status read_numbers(map *m, const char *name, bs_err *err)
{
    bs_nc_var var;
    if (!name) {
        BS_TRY(BS_NEW(&m->number, m->planes, "classes of land", err));
        for (size_t p = 0; p < m->planes; p++) m->number[p] = (double)(p + 1);
        return BS_OK;
    }
    BS_TRY(bs_nc_find(m->nc, name, &var, err));
    m->by_cell = var.size == m->planes * m->cells && var.n_dims == 3;
    if (!m->by_cell && !(var.n_dims == 1 && var.size == m->planes))
        return bs_fail(err, BS_ERR_INPUT, "%s: '%s', the numbers of the classes of '%s', must have its shape or [%zu]",
                       bs_nc_file(m->nc), name, m->var.name, m->planes);
    BS_TRY(BS_NEW(&m->number, var.size, "classes of land", err));
    return bs_nc_read(m->nc, &var, NULL, NULL, m->number, err);
}

static bool is_one_of(double number, int n, const double *classes)
{
    for (int k = 0; k < n; k++)
        if (number == classes[k]) return true;
    return false;
}

static bs_status check_share(const map *m, size_t p, size_t c, double share, bs_err *err)
{
    if (share >= 0 && share <= 1 + SHARE_ROUND) return BS_OK;
    const size_t n_lon = m->var.length[m->var.n_dims - 1];
    return bs_fail(err, BS_ERR_INPUT,
                   "%s: '%s'[%zu][%zu][%zu] is %g; in the file's unit; expected a share from 0 to 1, or in per cent "
                   "with the unit '%%' (proxy.fields: units)",
                   bs_nc_file(m->nc), m->var.name, p, c / n_lon, c % n_lon, share);
}

static bs_status add_up(const map *m, int n, const double *classes, double *share, bs_err *err)
{
    bool any = false;
    for (size_t p = 0; p < m->planes; p++)
        for (size_t c = 0; c < m->cells; c++) {
            const double value = m->value[p * m->cells + c];
            const double number = !m->number ? value : m->number[m->by_cell ? p * m->cells + c : p];
            if (!is_one_of(number, n, classes)) continue;
            const double part = m->number ? m->scale * value : 1;
            BS_TRY(check_share(m, p, c, part, err));
            share[c] += part;
            any = any || part > 0;
        }
    for (size_t c = 0; c < m->cells; c++) {
        BS_TRY(check_share(m, 0, c, share[c], err));
        share[c] = fmin(share[c], 1);
    }
    if (any) return BS_OK;
    return bs_fail(err, BS_ERR_INPUT, "%s: '%s' has nothing of the classes that are asked for (the first is %g)",
                   bs_nc_file(m->nc), m->var.name, classes[0]);
}

static bs_status find_scale(map *m, const char *stated, bs_units *units, bs_err *err)
{
    char unit[64];
    double offset = 0;
    const bool has = bs_nc_text(m->nc, &m->var, "units", unit, sizeof unit) && *unit;
    const char *of = has ? unit : stated ? stated : "1";
    if (bs_units_convert(units, of, "1", &m->scale, &offset, NULL) == BS_OK) return BS_OK;
    return bs_fail(err, BS_ERR_INPUT,
                   "%s: the shares '%s' are in '%s', which is no unit of a share; expected '1' or '%%'",
                   bs_nc_file(m->nc), m->var.name, of);
}

static bs_status read_map(map *m, const bs_land_wish *wish, bs_units *units, bs_land_share *out, bs_err *err)
{
    const int d = m->var.n_dims;
    if (d != 2 && d != 3)
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: land use '%s' has %d dimensions; expected [lat][lon] or [class][lat][lon]",
                       bs_nc_file(m->nc), m->var.name, d);
    out->n_lat = m->var.length[d - 2];
    out->n_lon = m->var.length[d - 1];
    BS_TRY(read_axis(m, d - 2, "lat", &out->lat, err));
    BS_TRY(read_axis(m, d - 1, "lon", &out->lon, err));
    m->cells = out->n_lat * out->n_lon;
    m->planes = d == 3 ? m->var.length[0] : 1;
    if (d == 3) BS_TRY(find_scale(m, wish->unit, units, err));
    if (d == 3) BS_TRY(read_numbers(m, wish->numbers, err));
    BS_TRY(BS_NEW(&m->value, m->planes * m->cells, "land use", err));
    BS_TRY(bs_nc_read(m->nc, &m->var, NULL, NULL, m->value, err));
    BS_TRY(BS_NEW(&out->share, m->cells, "shares of land", err));
    return add_up(m, wish->n_classes, wish->classes, out->share, err);
}

bs_status bs_land_share_read(const bs_nc *nc, const bs_land_wish *wish, bs_units *units, bs_land_share *out,
                             bs_err *err)
{
    *out = (bs_land_share){0};
    map m = {.nc = nc};
    BS_TRY(bs_nc_find(nc, wish->variable, &m.var, err));
    bs_status status = read_map(&m, wish, units, out, err);
    bs_free(m.value);
    bs_free(m.number);
    return status;
}

void bs_land_share_clear(bs_land_share *s)
{
    bs_free(s->lon);
    bs_free(s->lat);
    bs_free(s->share);
    *s = (bs_land_share){0};
}
