/* Other run's fields --bilinear--> its columns at our points, kept for two of its times --time, height--> our layers.
 * All interpolation is a + w (b - a) with 0 <= w <= 1: a uniform field stays the same to the bit, and what is not
 * negative stays so. Heights are interpolated like mixing ratios, layer by layer, so a field linear in place, height
 * and time is met exactly. */
#include "model/run/nest.h"

#include <math.h>
#include <stdio.h>

#include "model/core/memory.h"
#include "model/run/nest_place.h"
#include "model/run/sides.h"

typedef struct record {
    int index; /* of the file; -1: none */
    double *z; /* [nz][points] m above the ground, layers' middles */
    double *q; /* [total][nz][points] ug kg-1 */
} record;

struct bs_nest {
    const bs_case *c;
    bs_time from;
    bs_role tag; /* that takes what the total takes */
    bs_nest_file *file;
    size_t
        n_points; /* initial: cells of what this rank sees, [ny][nx]; boundary: its cells at sides of the domain, side after side */
    bs_nest_point *point;
    record kept[2];
    double *z, *value; /* [nz], [total][nz of ours] scratch */
    int *slot;         /* [tracer] total among the totals whose values it takes; -1: takes nothing */
};

/* ---- opening ---- */

static bs_status check_times(const bs_nest_file *f, const char *section, bs_time from, bs_time to, bs_err *err)
{
    const bs_time first = f->time[0], last = f->time[f->n_times - 1];
    char a[BS_TIME_TEXT_MAX], b[BS_TIME_TEXT_MAX], g[BS_TIME_TEXT_MAX], h[BS_TIME_TEXT_MAX];
    if (first <= from && last >= to) return BS_OK;
    bs_fail(err, BS_ERR_INPUT, "%s: holds the times %s to %s", bs_nc_file(f->nc), bs_time_format(first, a),
            bs_time_format(last, b));
    if (from == to) {
        bs_err_add(err, "it has no record of %s, of which %s values are wanted, nor any around it",
                   bs_time_format(from, a), section);
    } else {
        if (first > from)
            bs_err_add(err, "for %s values %s to %s is missing", section, bs_time_format(from, g),
                       bs_time_format(first < to ? first : to, h));
        if (last < to)
            bs_err_add(err, "for %s values %s to %s is missing", section, bs_time_format(last > from ? last : from, g),
                       bs_time_format(to, h));
    }
    bs_err_add(err,
               "let the coarser run's output begin by %s (time.start, time.spinup) and reach %s (time.end, "
               "output.fields3d.interval)",
               bs_time_format(from, a), bs_time_format(to, b));
    return BS_ERR_INPUT;
}

static bs_status make_room(bs_nest *nest, bs_err *err)
{
    const bs_nest_file *f = nest->file;
    const bs_tracers *tracers = nest->c->tracers;
    const size_t column = (size_t)f->nz * nest->n_points;
    for (int r = 0; r < 2; r++) {
        nest->kept[r].index = -1;
        BS_TRY(BS_NEW(&nest->kept[r].z, column, "heights of the other run", err));
        BS_TRY(BS_NEW(&nest->kept[r].q, column * (size_t)f->n_totals, "mixing ratios of the other run", err));
    }
    BS_TRY(BS_NEW(&nest->z, f->nz, "nest", err));
    BS_TRY(BS_NEW(&nest->value, (size_t)f->n_totals * (size_t)nest->c->levels->nz, "nest", err));
    BS_TRY(BS_NEW(&nest->slot, tracers->n, "nest", err));
    for (int t = 0, totals = 0; t < tracers->n; t++) {
        const bs_tracer *row = &tracers->row[t];
        nest->slot[t] = row->role == BS_ROLE_TOTAL ? totals++ : row->role == nest->tag ? nest->slot[row->total] : -1;
    }
    return BS_OK;
}

static bs_status begin(bs_nest *nest, const char *section, const char *path, bs_time to, bs_err *err)
{
    BS_TRY(bs_nest_file_open(path, nest->c->units, nest->c->tracers, &nest->file, err));
    BS_TRY(check_times(nest->file, section, nest->from, to, err));
    BS_TRY(bs_nest_find_points(nest->c, nest->file, nest->tag == BS_ROLE_BOUNDARY, &nest->point, &nest->n_points, err));
    return make_room(nest, err);
}

bs_status bs_nest_open(const bs_case *c, const char *section, bs_time from, bs_time to, bs_nest **out, bs_err *err)
{
    char type[32], path[32];
    bs_nest *nest;
    *out = NULL;
    snprintf(type, sizeof type, "%s.type", section);
    snprintf(path, sizeof path, "%s.file", section);
    if (!bs_config_has(c->config, path))
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: error: %s is 'file', but %s is missing: name the fields3d.nc of the other run",
                       bs_config_where(c->config, type), type, path);
    BS_TRY(BS_NEW(&nest, 1, "nest", err));
    nest->c = c;
    nest->from = from;
    nest->tag = section[0] == 'b' ? BS_ROLE_BOUNDARY : BS_ROLE_INITIAL;
    bs_status st = begin(nest, section, bs_config_text(c->config, path), to, err);
    if (st != BS_OK) {
        bs_err_context(err, "%s: error: %s", bs_config_where(c->config, path), path);
        bs_nest_close(nest);
        return st;
    }
    *out = nest;
    return BS_OK;
}

void bs_nest_close(bs_nest *nest)
{
    if (!nest) return;
    for (int r = 0; r < 2; r++) {
        bs_free(nest->kept[r].z);
        bs_free(nest->kept[r].q);
    }
    bs_nest_file_close(nest->file);
    bs_free(nest->point);
    bs_free(nest->z);
    bs_free(nest->value);
    bs_free(nest->slot);
    bs_free(nest);
}

/* ---- records ---- */

static double blend(double a, double b, double w)
{
    return a + w * (b - a);
}

/* Where the layers of a field go: out [nz][points]. */
typedef struct taking {
    const bs_nest *nest;
    double *out;
} taking;

static void take_layer(void *to, int k, const bs_nest_layer *layer)
{
    const taking *t = to;
    double *out = t->out + (size_t)k * t->nest->n_points;
    for (size_t n = 0; n < t->nest->n_points; n++) {
        const bs_nest_point *p = &t->nest->point[n];
        const double *a = layer->value + (size_t)(p->j - layer->j0) * layer->row + (p->i - layer->i0),
                     *b = a + layer->row;
        out[n] = blend(blend(a[0], a[1], p->x), blend(b[0], b[1], p->x), p->y);
    }
}

static bs_status load(bs_nest *nest, int index, record *r, bs_err *err)
{
    const bs_nest_file *f = nest->file;
    const size_t points = nest->n_points;
    if (r->index == index) return BS_OK;
    r->index = -1;
    taking to = {nest, r->z};
    BS_TRY(bs_nest_file_tops(f, index, take_layer, &to, err));
    for (int k = f->nz - 1; k >= 0; k--)
        for (size_t n = 0; n < points; n++) {
            double *top = r->z + (size_t)k * points + n;
            *top = 0.5 * (*top + (k > 0 ? *(top - points) : 0.0));
        }
    for (int total = 0; total < f->n_totals; total++) {
        to.out = r->q + (size_t)total * (size_t)f->nz * points;
        BS_TRY(bs_nest_file_q(f, total, index, take_layer, &to, err));
    }
    r->index = index;
    return BS_OK;
}

/* The records around t, kept[0] the earlier one; *w: share of the way to kept[1] (0: only the first is needed). */
static bs_status load_around(bs_nest *nest, bs_time t, double *w, bs_err *err)
{
    const bs_nest_file *f = nest->file;
    int r = 0;
    while (r + 1 < f->n_times && f->time[r + 1] <= t) r++;
    if (t < f->time[0] || t > f->time[f->n_times - 1]) {
        char asked[BS_TIME_TEXT_MAX];
        return bs_fail(err, BS_ERR_RUN, "%s: asked for %s, which it does not hold", bs_nc_file(f->nc),
                       bs_time_format(t, asked));
    }
    if (nest->kept[1].index == r) {
        const record later = nest->kept[1];
        nest->kept[1] = nest->kept[0];
        nest->kept[0] = later;
    }
    *w = 0;
    BS_TRY(load(nest, r, &nest->kept[0], err));
    if (t == f->time[r]) return BS_OK;
    *w = (double)(t - f->time[r]) / (double)(f->time[r + 1] - f->time[r]);
    return load(nest, r + 1, &nest->kept[1], err);
}

/* ---- columns ---- */

/* Point n with share w of the later record, at the layers' middles over cell of our mesh: nest->value. */
static void fill_column(bs_nest *nest, size_t n, double w, const bs_met_state *met, size_t cell)
{
    const int nz = nest->file->nz;
    const size_t points = nest->n_points, area = (size_t)met->nx * (size_t)met->ny;
    const record *a = &nest->kept[0], *b = w > 0 ? &nest->kept[1] : a;
    for (int k = 0; k < nz; k++) {
        const size_t at = (size_t)k * points + n;
        nest->z[k] = blend(a->z[at], b->z[at], w);
    }
    int low = 0;
    for (int k = 0; k < met->nz; k++) {
        const real *half = met->z_half + (size_t)k * area + cell;
        const double z = 0.5 * ((double)half[0] + (double)half[area]);
        while (low + 1 < nz && nest->z[low + 1] <= z) low++;
        const int high = z > nest->z[low] && low + 1 < nz ? low + 1 : low;
        const double share = high > low ? (z - nest->z[low]) / (nest->z[high] - nest->z[low]) : 0.0;
        for (int total = 0; total < nest->file->n_totals; total++) {
            const size_t base = (size_t)total * (size_t)nz;
            const size_t below = (base + (size_t)low) * points + n, above = (base + (size_t)high) * points + n;
            nest->value[total * met->nz + k] =
                blend(blend(a->q[below], b->q[below], w), blend(a->q[above], b->q[above], w), share);
        }
    }
}

bs_status bs_nest_initial(bs_nest *nest, const bs_met_state *met, bs_state *state, bs_err *err)
{
    const bs_box *box = &state->box;
    double w;
    BS_TRY(load_around(nest, nest->from, &w, err));
    for (int j = 0; j < box->ny; j++)
        for (int i = 0; i < box->nx; i++) {
            const size_t cell = (size_t)j * (size_t)box->nx + (size_t)i;
            fill_column(nest, cell, w, met, cell);
            for (int t = 0; t < state->tracers->n; t++) {
                real *q = bs_state_q(state, t);
                const int slot = nest->slot[t];
                for (int k = 0; k < box->nz; k++)
                    q[bs_at(box, k, j, i)] = slot < 0 ? 0 : (real)nest->value[slot * met->nz + k];
            }
        }
    return BS_OK;
}

bs_status bs_nest_boundary(bs_nest *nest, bs_time t, const bs_met_state *met, bs_boundary *boundary, bs_err *err)
{
    const size_t nx = (size_t)boundary->nx, ny = (size_t)boundary->ny;
    const size_t first[BS_SIDES] = {0, nx - 1, 0, (ny - 1) * nx}, stride[BS_SIDES] = {nx, nx, 1, 1};
    double w;
    BS_TRY(load_around(nest, t, &w, err));
    size_t n = 0;
    for (int s = 0; s < BS_SIDES; s++) {
        const int length = bs_side_of_domain(nest->c, (bs_side)s) ? bs_boundary_length(boundary, (bs_side)s) : 0;
        for (int at = 0; at < length; at++, n++) {
            fill_column(nest, n, w, met, first[s] + (size_t)at * stride[s]);
            for (int tracer = 0; tracer < boundary->n_tracers; tracer++) {
                const int slot = nest->slot[tracer];
                for (int k = 0; k < boundary->nz; k++)
                    bs_boundary_at(boundary, (bs_side)s, tracer, k)[at] =
                        slot < 0 ? 0 : (real)nest->value[slot * met->nz + k];
            }
        }
    }
    return BS_OK;
}
