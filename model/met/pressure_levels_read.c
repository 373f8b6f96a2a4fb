#include <math.h>
#include <stdio.h>

#include "model/core/memory.h"
#include "model/met/pressure_levels.h"
#include "model/met/pressure_levels_column.h"

enum { PLACE_MAX = 512 };

static int levels_of(const bs_pl_piece *p)
{
    return p->n_levels ? p->n_levels : 1;
}

/* Index in the file along dimension d of element (k, j, i), counted in the part that was read, levels ground first. */
static size_t file_index(const bs_pl_piece *p, const bs_pl_slot *s, const bs_pl_grid *g, int d, int k, int j, int i)
{
    if (d == p->axes.dim[BS_PL_LON]) return (size_t)(g->i0 + i);
    if (d == p->axes.dim[BS_PL_LAT]) return (size_t)(g->j0 + j);
    if (d == p->axes.dim[BS_PL_TIME]) return s->index;
    if (d == p->axes.dim[BS_PL_LEVEL] && p->n_levels) return (size_t)(p->upside_down ? p->n_levels - 1 - k : k);
    return 0;
}

/* "file.nc: t[time=3][level=0][lat=4][lon=7] (level 100000 Pa, 2.500E 45.000N)" */
static const char *place(const bs_pl_catalogue *c, const bs_pl_piece *p, const bs_pl_slot *s, int k, int j, int i,
                         char *text)
{
    const bs_pl_grid *g = &c->grid[p->grid];
    int used = snprintf(text, PLACE_MAX, "%s: %s", c->file[p->file], p->var.name);
    for (int d = 0; d < p->var.n_dims && used > 0 && used < PLACE_MAX; d++) {
        used += snprintf(text + used, (size_t)(PLACE_MAX - used), "[%s=%zu]", p->var.dim[d],
                         file_index(p, s, g, d, k, j, i));
    }
    if (used > 0 && used < PLACE_MAX && p->n_levels) {
        used += snprintf(text + used, (size_t)(PLACE_MAX - used), " at %g Pa,", p->pressure[k]);
    }
    if (used > 0 && used < PLACE_MAX) {
        snprintf(text + used, (size_t)(PLACE_MAX - used), " longitude %g, latitude %g", g->lon[g->i0 + i],
                 g->lat[g->j0 + j]);
    }
    return text;
}

/* The part of a slot that the mesh needs, canonical unit, [levels or 1][nj][ni], ground first; nothing checked. */
static bs_status load(const bs_pl_catalogue *c, const bs_pl_piece *p, const bs_pl_slot *s, double **out, bs_err *err)
{
    *out = NULL;
    const bs_pl_grid *g = &c->grid[p->grid];
    int nk = levels_of(p);
    size_t start[BS_NC_MAX_DIMS], count[BS_NC_MAX_DIMS], stride[BS_NC_MAX_DIMS], n = 1;
    for (int d = 0; d < p->var.n_dims; d++) {
        start[d] = file_index(p, s, g, d, 0, 0, 0);
        count[d] = 1;
        if (d == p->axes.dim[BS_PL_LON]) count[d] = (size_t)g->ni;
        if (d == p->axes.dim[BS_PL_LAT]) count[d] = (size_t)g->nj;
        if (d == p->axes.dim[BS_PL_LEVEL] && p->n_levels) {
            start[d] = 0;
            count[d] = (size_t)nk;
        }
    }
    for (int d = p->var.n_dims; d-- > 0;) {
        stride[d] = n;
        n *= count[d];
    }
    double *stored = NULL, *values = NULL;
    BS_TRY(BS_NEW(&stored, n, p->var.name, err));
    bs_nc *nc = NULL;
    bs_status status = bs_nc_open(c->file[p->file], &nc, err);
    if (!status) status = bs_nc_read(nc, &p->var, start, count, stored, err);
    bs_nc_close(nc);
    if (!status) status = BS_NEW(&values, n, p->var.name, err);
    if (status) {
        bs_free(stored);
        return status;
    }
    size_t s_lon = stride[p->axes.dim[BS_PL_LON]], s_lat = stride[p->axes.dim[BS_PL_LAT]];
    size_t s_level = p->n_levels ? stride[p->axes.dim[BS_PL_LEVEL]] : 0, m = 0;
    for (int k = 0; k < nk; k++) {
        size_t level = (size_t)(p->upside_down ? nk - 1 - k : k) * s_level;
        for (int j = 0; j < g->nj; j++) {
            for (int i = 0; i < g->ni; i++) {
                values[m++] = p->scale * stored[level + (size_t)j * s_lat + (size_t)i * s_lon] + p->offset;
            }
        }
    }
    bs_free(stored);
    *out = values;
    return BS_OK;
}

/* Surface pressure on the points of `p` at the time of `s`; NULL when the source has none there. */
static bs_status load_ground(const bs_pl_catalogue *c, const bs_pl_piece *p, const bs_pl_slot *s, double **ps,
                             bs_err *err)
{
    *ps = NULL;
    const bs_pl_field *f = &c->field[BS_F_PS];
    for (int n = 0; n < f->n_slots; n++) {
        const bs_pl_piece *piece = &f->piece[f->slot[n].piece];
        if (f->slot[n].time == s->time && piece->grid == p->grid) return load(c, piece, &f->slot[n], ps, err);
    }
    return BS_OK;
}

/* Fills a column from its lowest value upward of which none may be missing; true when only levels below the ground were. */
static bool fill_column(const bs_pl_piece *p, bs_pl_id id, double ps, double *column, size_t stride, int *bad)
{
    int lowest = 0;
    while (lowest < p->n_levels && isnan(column[(size_t)lowest * stride])) lowest++;
    for (int k = 0; k < p->n_levels; k++) {
        bool below_ground = k < lowest && lowest < p->n_levels && p->pressure[k] > ps;
        if (!isnan(column[(size_t)k * stride]) || below_ground) continue;
        *bad = k;
        return false;
    }
    for (int k = 0; k < lowest; k++) {
        double value = column[(size_t)lowest * stride];
        column[(size_t)k * stride] =
            id == BS_F_T ? bs_pl_lapse_temperature(value, p->pressure[lowest], p->pressure[k]) : value;
    }
    return true;
}

static bs_status missing(const bs_pl_catalogue *c, const bs_pl_piece *p, const bs_pl_slot *s, int k, int j, int i,
                         const double *ps, double ground, bs_err *err)
{
    char text[PLACE_MAX];
    place(c, p, s, k, j, i, text);
    if (p->n_levels == 0) return bs_fail(err, BS_ERR_INPUT, "%s: the value is missing or not a number", text);
    if (!ps) {
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: the value is missing or not a number; only levels below the ground may miss, and "
                       "without surface_pressure of the same time and grid it is unknown which these are",
                       text);
    }
    return bs_fail(err, BS_ERR_INPUT,
                   "%s: the value is missing or not a number, above the ground (surface pressure %.0f Pa); "
                   "only levels below the ground may miss",
                   text, ground);
}

static bs_status fill_missing(const bs_pl_catalogue *c, bs_pl_id id, const bs_pl_piece *p, const bs_pl_slot *s,
                              double *values, bs_err *err)
{
    const bs_pl_grid *g = &c->grid[p->grid];
    size_t plane = (size_t)g->ni * (size_t)g->nj, n = plane * (size_t)levels_of(p), first = 0;
    while (first < n && !isnan(values[first])) first++;
    if (first == n) return BS_OK;
    double *ps = NULL;
    if (p->n_levels) BS_TRY(load_ground(c, p, s, &ps, err));
    bs_status status = BS_OK;
    for (size_t cell = 0; cell < plane && !status; cell++) {
        int bad = 0, j = (int)(cell / (size_t)g->ni), i = (int)(cell % (size_t)g->ni);
        double ground = ps ? ps[cell] : INFINITY;
        bool good = p->n_levels ? fill_column(p, id, ground, values + cell, plane, &bad) : !isnan(values[cell]);
        if (!good) status = missing(c, p, s, bad, j, i, ps, ground, err);
    }
    bs_free(ps);
    return status;
}

static bs_status check_range(const bs_pl_catalogue *c, bs_pl_id id, const bs_pl_piece *p, const bs_pl_slot *s,
                             const double *values, bs_err *err)
{
    const bs_pl_row *row = &BS_PL_ROWS[id];
    const bs_pl_grid *g = &c->grid[p->grid];
    char text[PLACE_MAX];
    size_t m = 0;
    for (int k = 0; k < levels_of(p); k++) {
        for (int j = 0; j < g->nj; j++) {
            for (int i = 0; i < g->ni; i++, m++) {
                if (isnan(values[m]) || (values[m] >= row->min && values[m] <= row->max)) continue;
                return bs_fail(err, BS_ERR_INPUT,
                               "%s: value %g %s (%s) lies outside the plausible range %g to %g; is the unit "
                               "right?",
                               place(c, p, s, k, j, i, text), values[m], row->unit, row->long_name, row->min, row->max);
            }
        }
    }
    return BS_OK;
}

bs_status bs_pl_read_slot(const bs_pl_catalogue *c, bs_pl_id id, int slot, double *out, bs_err *err)
{
    const bs_pl_slot *s = &c->field[id].slot[slot];
    const bs_pl_piece *p = &c->field[id].piece[s->piece];
    const bs_pl_grid *g = &c->grid[p->grid];
    double *values = NULL;
    BS_TRY(load(c, p, s, &values, err));
    bs_status status = check_range(c, id, p, s, values, err);
    if (!status) status = fill_missing(c, id, p, s, values, err);
    size_t plane = (size_t)g->ni * (size_t)g->nj, cells = g->weights->n_dst;
    for (int k = 0; k < levels_of(p) && !status; k++) {
        bs_weights_apply(g->weights, values + (size_t)k * plane, out + (size_t)k * cells);
    }
    bs_free(values);
    return status;
}
