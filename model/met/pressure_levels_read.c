#include <math.h>
#include <stdio.h>

#include "model/core/memory.h"
#include "model/met/pressure_levels.h"
#include "model/met/pressure_levels_column.h"

enum { PLACE_MAX = 512, CHUNKS_MAX = 64 << 20 /* bytes for each field */ };

static int levels_of(const bs_pl_piece *p)
{
    return p->n_levels ? p->n_levels : 1;
}

static bool has_axis_of_levels(const bs_pl_piece *p)
{
    return p->n_levels && !p->stack;
}

/* Index in the file along dimension d of element (k, j, i), counted in the part that was read, levels ground first. */
static size_t file_index(const bs_pl_piece *p, const bs_pl_slot *s, const bs_pl_grid *g, int d, int k, int j, int i)
{
    if (d == p->axes.dim[BS_PL_LON]) return (size_t)(g->i0 + i);
    if (d == p->axes.dim[BS_PL_LAT]) return (size_t)(g->j0 + j);
    if (d == p->axes.dim[BS_PL_TIME]) return s->index;
    if (d == p->axes.dim[BS_PL_LEVEL] && has_axis_of_levels(p))
        return (size_t)(p->upside_down ? p->n_levels - 1 - k : k);
    return p->axes.fixed[d];
}

/* "file.nc: t[time=3][level=0][lat=4][lon=7] (level 100000 Pa, 2.500E 45.000N)" */
static const char *place(const bs_pl_catalogue *c, const bs_pl_piece *p, const bs_pl_slot *s, int k, int j, int i,
                         char *text)
{
    const bs_pl_grid *g = &c->grid[p->grid];
    int used = snprintf(text, PLACE_MAX, "%s: %s", c->file[p->file], p->stack ? p->stack[k].name : p->var.name);
    for (int d = 0; d < p->var.n_dims && used > 0 && used < PLACE_MAX; d++) {
        used += snprintf(text + used, (size_t)(PLACE_MAX - used), "[%s=%zu]", p->var.dim[d],
                         file_index(p, s, g, d, k, j, i));
    }
    if (used > 0 && used < PLACE_MAX && p->n_levels) {
        used += p->number ? snprintf(text + used, (size_t)(PLACE_MAX - used), " on model level %g,", p->number[k])
                          : snprintf(text + used, (size_t)(PLACE_MAX - used), " at %g Pa,", p->a[k]);
    }
    if (used > 0 && used < PLACE_MAX) {
        snprintf(text + used, (size_t)(PLACE_MAX - used), " longitude %g, latitude %g", g->lon[g->i0 + i],
                 g->lat[g->j0 + j]);
    }
    return text;
}

/* What of the stored array is read, in the order of the file, and how far its elements lie apart there. */
typedef struct part {
    size_t start[BS_NC_MAX_DIMS], count[BS_NC_MAX_DIMS], stride[BS_NC_MAX_DIMS];
    size_t n;                        /* elements */
    size_t lon, lat, level, version; /* strides */
    size_t n_versions;
} part;

static part part_of(const bs_pl_piece *p, const bs_pl_slot *s, const bs_pl_grid *g)
{
    part r = {.n = 1, .n_versions = 1};
    for (int d = 0; d < p->var.n_dims; d++) {
        r.start[d] = file_index(p, s, g, d, 0, 0, 0);
        r.count[d] = 1;
        if (d == p->axes.dim[BS_PL_LON]) r.count[d] = (size_t)g->ni;
        if (d == p->axes.dim[BS_PL_LAT]) r.count[d] = (size_t)g->nj;
        if (d == p->axes.versions) r.n_versions = r.count[d] = p->var.length[d];
        if (d == p->axes.dim[BS_PL_LEVEL] && has_axis_of_levels(p)) {
            r.start[d] = 0;
            r.count[d] = (size_t)p->n_levels;
        }
    }
    for (int d = p->var.n_dims; d-- > 0;) {
        r.stride[d] = r.n;
        r.n *= r.count[d];
    }
    r.lon = r.stride[p->axes.dim[BS_PL_LON]];
    r.lat = r.stride[p->axes.dim[BS_PL_LAT]];
    r.version = p->axes.versions >= 0 ? r.stride[p->axes.versions] : 0;
    r.level = p->stack ? r.n : p->n_levels ? r.stride[p->axes.dim[BS_PL_LEVEL]] : 0;
    return r;
}

/* A value, of its versions the first that is not missing. */
static double element(const part *r, const double *stored, size_t at)
{
    double value = stored[at];
    for (size_t v = 1; v < r->n_versions && isnan(value); v++) value = stored[at + v * r->version];
    return value;
}

static void let_go(bs_pl_catalogue *c, bs_pl_field *f)
{
    if (!f->open) return;
    bs_pl_open *o = &c->open[f->open - 1];
    f->open = 0;
    if (--o->users > 0) return;
    bs_nc_close(o->nc);
    o->nc = NULL;
}

/* The next time is mostly in the same file, and in chunks that were unpacked already. */
static bs_status keep_open(bs_pl_catalogue *c, bs_pl_field *f, const bs_pl_piece *p, const part *r, bs_err *err)
{
    if (f->open && c->open[f->open - 1].file == p->file) return BS_OK;
    let_go(c, f);
    int place = -1;
    for (int n = BS_F_COUNT; n-- > 0;) {
        if (c->open[n].nc && c->open[n].file == p->file) {
            place = n;
            break;
        }
        if (!c->open[n].nc) place = n;
    }
    bs_pl_open *o = &c->open[place];
    if (!o->nc) {
        BS_TRY(bs_nc_open(c->file[p->file], &o->nc, err));
        o->file = p->file;
        o->users = 0;
    }
    o->users++;
    f->open = place + 1;
    if (!p->stack) bs_nc_keep_chunks(o->nc, &p->var, r->start, r->count, CHUNKS_MAX);
    return BS_OK;
}

static bs_status read_stored(bs_pl_catalogue *c, bs_pl_id id, const bs_pl_piece *p, const part *r, double *stored,
                             bs_err *err)
{
    bs_pl_field *f = &c->field[id];
    BS_TRY(keep_open(c, f, p, r, err));
    const bs_nc *nc = c->open[f->open - 1].nc;
    bs_status status = BS_OK;
    for (int k = 0; k < (p->stack ? p->n_levels : 1) && !status; k++) {
        const bs_nc_var *var = p->stack ? &p->stack[k] : &p->var;
        status = bs_nc_read(nc, var, r->start, r->count, stored + (size_t)k * r->n, err);
    }
    return status;
}

/* The part of a slot that the mesh needs, canonical unit, [levels or 1][nj][ni], ground first; nothing checked. */
static bs_status load(bs_pl_catalogue *c, bs_pl_id id, const bs_pl_piece *p, const bs_pl_slot *s, double **out,
                      bs_err *err)
{
    *out = NULL;
    const bs_pl_grid *g = &c->grid[p->grid];
    const int nk = levels_of(p);
    const part r = part_of(p, s, g);
    double *stored = NULL, *values = NULL;
    BS_TRY(BS_NEW(&stored, r.n * (size_t)(p->stack ? nk : 1), p->var.name, err));
    bs_status status = read_stored(c, id, p, &r, stored, err);
    if (!status) status = BS_NEW(&values, (size_t)nk * (size_t)g->nj * (size_t)g->ni, p->var.name, err);
    if (status) {
        bs_free(stored);
        return status;
    }
    size_t m = 0;
    for (int k = 0; k < nk; k++) {
        const size_t level = (size_t)(p->upside_down ? nk - 1 - k : k) * r.level;
        for (int j = 0; j < g->nj; j++) {
            for (int i = 0; i < g->ni; i++, m++) {
                values[m] = p->scale * element(&r, stored, level + (size_t)j * r.lat + (size_t)i * r.lon) + p->offset;
                if (p->exponential) values[m] = exp(values[m]);
            }
        }
    }
    bs_free(stored);
    *out = values;
    return BS_OK;
}

/* Surface pressure on the points of `p` at the time of `s`; NULL when the source has none there. */
static bs_status load_ground(bs_pl_catalogue *c, const bs_pl_piece *p, const bs_pl_slot *s, double **ps, bs_err *err)
{
    *ps = NULL;
    const bs_pl_field *f = &c->field[BS_F_PS];
    for (int n = 0; n < f->n_slots; n++) {
        const bs_pl_piece *piece = &f->piece[f->slot[n].piece];
        if (f->slot[n].time == s->time && piece->grid == p->grid) return load(c, BS_F_PS, piece, &f->slot[n], ps, err);
    }
    return BS_OK;
}

/* Fills a column from its lowest value upward of which none may be missing; true when only levels below the ground were. */
static bool fill_column(const bs_pl_piece *p, bs_pl_id id, double ps, double *column, size_t stride, int *bad)
{
    int lowest = 0;
    while (lowest < p->n_levels && isnan(column[(size_t)lowest * stride])) lowest++;
    for (int k = 0; k < p->n_levels; k++) {
        bool below_ground = k < lowest && lowest < p->n_levels && !p->number && p->a[k] > ps;
        if (!isnan(column[(size_t)k * stride]) || below_ground) continue;
        *bad = k;
        return false;
    }
    for (int k = 0; k < lowest; k++) {
        double value = column[(size_t)lowest * stride];
        column[(size_t)k * stride] = id == BS_F_T ? bs_pl_lapse_temperature(value, p->a[lowest], p->a[k]) : value;
    }
    return true;
}

static bs_status missing(const bs_pl_catalogue *c, const bs_pl_piece *p, const bs_pl_slot *s, int k, int j, int i,
                         const double *ps, double ground, bs_err *err)
{
    char text[PLACE_MAX];
    place(c, p, s, k, j, i, text);
    if (p->n_levels == 0 || p->number)
        return bs_fail(err, BS_ERR_INPUT, "%s: the value is missing or not a number", text);
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

static bs_status fill_missing(bs_pl_catalogue *c, bs_pl_id id, const bs_pl_piece *p, const bs_pl_slot *s,
                              double *values, bs_err *err)
{
    const bs_pl_grid *g = &c->grid[p->grid];
    size_t plane = (size_t)g->ni * (size_t)g->nj, n = plane * (size_t)levels_of(p), first = 0;
    while (first < n && !isnan(values[first])) first++;
    if (first == n) return BS_OK;
    double *ps = NULL;
    if (p->n_levels && !p->number) BS_TRY(load_ground(c, p, s, &ps, err));
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

/* Fields that cannot be negative, and for which a little less than zero is the packing's rounding. */
static bool no_less_than_zero(bs_pl_id id)
{
    return id == BS_F_RAIN || id == BS_F_CLW || id == BS_F_RNW;
}

static void raise_to_zero(bs_pl_catalogue *c, bs_pl_id id, const bs_pl_piece *p, size_t n, double *values)
{
    bs_pl_field *f = &c->field[id];
    const bool first = f->below_zero == 0;
    long found = 0;
    for (size_t m = 0; m < n; m++) {
        if (!(values[m] < 0)) continue;
        f->lowest = fmin(f->lowest, values[m]);
        values[m] = 0;
        found++;
    }
    f->below_zero += found;
    if (first && found) {
        bs_log_info(c->log,
                    "meteorology: %s: '%s': %ld of %zu values lie below zero, down to %g %s: rounding of the packing, "
                    "taken as zero here and in what follows",
                    c->file[p->file], p->var.name, found, n, f->lowest, BS_PL_ROWS[id].unit);
    }
}

bs_status bs_pl_read_slot(bs_pl_catalogue *c, bs_pl_id id, int slot, double *out, bs_err *err)
{
    const bs_pl_slot *s = &c->field[id].slot[slot];
    const bs_pl_piece *p = &c->field[id].piece[s->piece];
    const bs_pl_grid *g = &c->grid[p->grid];
    double *values = NULL;
    BS_TRY(load(c, id, p, s, &values, err));
    bs_status status = check_range(c, id, p, s, values, err);
    if (!status) status = fill_missing(c, id, p, s, values, err);
    size_t plane = (size_t)g->ni * (size_t)g->nj, cells = g->weights->n_dst;
    if (!status && no_less_than_zero(id)) raise_to_zero(c, id, p, plane * (size_t)levels_of(p), values);
    /* Where orography leads it to the terrain: its logarithm falls evenly with height, pressure ever more slowly. Between a basin and a
     * plateau the mean of the pressures is that of lower ground than the mean of the heights. */
    const bool by_logarithm = id == BS_F_PS && bs_pl_has(c, BS_F_OROG);
    for (size_t n = 0; n < plane && by_logarithm && !status; n++) values[n] = log(values[n]);
    for (int k = 0; k < levels_of(p) && !status; k++) {
        bs_weights_apply(g->weights, values + (size_t)k * plane, out + (size_t)k * cells);
    }
    for (size_t n = 0; n < cells && by_logarithm && !status; n++) out[n] = exp(out[n]);
    bs_free(values);
    return status;
}
