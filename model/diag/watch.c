#include "model/diag/watch.h"

#include <math.h>

#include "kernels/base/clones.h"
#include "model/core/memory.h"
#include "model/parallel/ranks.h"

/* ---- what is in a field ---- */

/* Of one layer of a tracer. */
typedef struct extent {
    real low, high;
    bool broken; /* holds what is no number */
} extent;

enum { LANES = 64 }; /* more than a vector has: so the loop over them stays a loop */

typedef struct lanes {
    real low[LANES], high[LANES];
} lanes;

/* Adds n <= LANES values. Returns 1 where one of them is below zero, and 2 more where one is no number or infinite. */
static inline int add_values(int n, const real *restrict q, lanes *restrict e)
{
    int negative = 0, broken = 0;
    for (int l = 0; l < n; l++) {
        const real v = q[l];
        e->low[l] = v < e->low[l] ? v : e->low[l];
        e->high[l] = v > e->high[l] ? v : e->high[l];
        negative |= v < 0;
        broken |= !(v - v == 0);
    }
    return negative | broken << 1;
}

/* Own cells of a layer. q: cell (0, 0). below_zero [ny]: rows with something below zero. */
BS_CLONES static extent look_at(const bs_box *b, const real *q, unsigned char *below_zero)
{
    lanes e;
    int found = 0;
    for (int l = 0; l < LANES; l++) e.low[l] = INFINITY, e.high[l] = -INFINITY;
    q += b->own.j0 * b->row + b->own.i0;
    const int nx = b->own.i1 - b->own.i0;
    for (int j = b->own.j0; j < b->own.j1; j++, q += b->row) {
        int row = 0, i = 0;
        for (; i + LANES <= nx; i += LANES) row |= add_values(LANES, q + i, &e);
        row |= add_values(nx - i, q + i, &e);
        below_zero[j] = row & 1;
        found |= row;
    }
    extent out = {.low = INFINITY, .high = -INFINITY, .broken = found > 1};
    for (int l = 0; l < LANES; l++) {
        out.low = e.low[l] < out.low ? e.low[l] : out.low;
        out.high = e.high[l] > out.high ? e.high[l] : out.high;
    }
    return out;
}

/* Adds -q m of the n <= LANES cells below zero. They are found first: a loop without jumps. */
static void add_negative(int n, const real *q, const double *m, bs_sum *sum)
{
    double found[LANES];
    int count = 0;
    for (int l = 0; l < n; l++) {
        found[count] = -((double)q[l] * m[l]);
        count += q[l] < 0;
    }
    bs_sum_add_all(sum, count, found);
}

/* Own cells of a tracer without broken layers. */
static bs_sum negative_mass(const bs_state *s, int tracer, const extent *layer, const unsigned char *below_zero)
{
    const bs_box *b = &s->box;
    bs_sum sum = {0};
    for (int k = 0; k < b->nz; k++)
        if (layer[k].broken) return sum;
    for (int k = 0; k < b->nz; k++)
        for (int j = b->own.j0; j < b->own.j1; j++) {
            if (!below_zero[k * b->ny + j]) continue;
            const real *q = bs_state_q(s, tracer) + bs_at(b, k, j, 0);
            const double *m = s->m + ((ptrdiff_t)k * b->ny + j) * b->nx;
            for (int i = b->own.i0; i < b->own.i1; i += LANES)
                add_negative(b->own.i1 - i < LANES ? b->own.i1 - i : LANES, q + i, m + i, &sum);
        }
    return sum;
}

/* A cell of the whole mesh, and what it holds. */
typedef struct found {
    int k, j, i;
    double value;
} found;

/* The first of this rank's own cells whose value is `value`, or is no number where that is none. false: it has none. */
static bool locate_own(const bs_state *s, int tracer, double value, found *f)
{
    const bs_box *b = &s->box;
    for (int k = 0; k < b->nz; k++)
        for (int j = b->own.j0; j < b->own.j1; j++)
            for (int i = b->own.i0; i < b->own.i1; i++) {
                const double v = (double)bs_state_q(s, tracer)[bs_at(b, k, j, i)];
                if (isfinite(value) ? v != value : isfinite(v)) continue;
                *f = (found){.k = k, .j = b->at_j + j, .i = b->at_i + i, .value = v};
                return true;
            }
    return false;
}

/* The first of all ranks'. */
static found locate(const bs_state *s, int tracer, double value)
{
    found f = {0};
    const bool here = locate_own(s, tracer, value, &f);
    const long long nx = s->tiling ? s->tiling->nx : s->box.nx, ny = s->tiling ? s->tiling->ny : s->box.ny;
    bs_ranks_best(here, ((long long)f.k * ny + f.j) * nx + f.i, &f, sizeof f);
    return f;
}

/* ---- the watch ---- */

typedef struct extremes {
    double low, high, negative_ug;
    bool broken;
} extremes;

/* What all ranks found of each tracer. low, high [n] are room. */
static void gather(const bs_state *s, const extent *layer, bs_sum *negative, double *low, double *high,
                   unsigned char *broken, extremes *out)
{
    const int n = s->tracers->n, nz = s->box.nz;
    for (int t = 0; t < n; t++) {
        low[t] = INFINITY, high[t] = -INFINITY, broken[t] = 0;
        for (int k = 0; k < nz; k++) {
            const extent *e = &layer[(ptrdiff_t)t * nz + k];
            low[t] = fmin(low[t], (double)e->low);
            high[t] = fmax(high[t], (double)e->high);
            broken[t] = broken[t] || e->broken;
        }
    }
    bs_ranks_min(n, low);
    bs_ranks_max(n, high);
    bs_ranks_or(n, broken);
    bs_ranks_sum(n, negative);
    for (int t = 0; t < n; t++)
        out[t] = (extremes){
            .low = low[t], .high = high[t], .negative_ug = bs_sum_value(&negative[t]), .broken = broken[t] != 0};
}

static bs_status judge(const bs_state *s, int tracer, const extremes *e, bool positive, bs_err *err)
{
    const bs_tracer *row = &s->tracers->row[tracer];
    if (e->broken) {
        const found f = locate(s, tracer, NAN);
        return bs_fail(err, BS_ERR_RUN, "%s: mixing ratio %g at (k=%d, j=%d, i=%d) is no number", row->name, f.value,
                       f.k, f.j, f.i);
    }
    if (row->total != tracer || !positive || !(e->low < -1e-7 * fabs(e->high))) return BS_OK;
    const found f = locate(s, tracer, e->low);
    return bs_fail(err, BS_ERR_RUN,
                   "%s: mixing ratio %g ug kg-1 at (k=%d, j=%d, i=%d) is negative, which the scheme rules out",
                   row->name, e->low, f.k, f.j, f.i);
}

static void note(const bs_state *s, int tracer, const extremes *e, bs_watch *watch)
{
    if (s->tracers->row[tracer].total == tracer) {
        watch->min_total = fmin(watch->min_total, e->low);
        watch->negative_total_kg = fmax(watch->negative_total_kg, e->negative_ug * 1e-9);
    } else if (e->negative_ug * 1e-9 > watch->negative_tag_kg) {
        watch->negative_tag_kg = e->negative_ug * 1e-9;
        watch->negative_tag = tracer;
    }
}

/* What a watch works with; [tracer] where nothing else is said. */
typedef struct room {
    extent *layer;             /* [tracer][nz] */
    unsigned char *below_zero; /* [tracer][nz][ny] */
    unsigned char *broken;
    double *low, *high;
    bs_sum *negative;
    extremes *found;
} room;

static bs_status make_room(const bs_state *s, room *r, bs_err *err)
{
    const size_t n = (size_t)s->tracers->n, layers = n * (size_t)s->box.nz;
    BS_TRY(BS_NEW(&r->layer, layers, "watch", err));
    BS_TRY(BS_NEW(&r->below_zero, layers * (size_t)s->box.ny, "watch", err));
    BS_TRY(BS_NEW(&r->broken, n, "watch", err));
    BS_TRY(BS_NEW(&r->low, n, "watch", err));
    BS_TRY(BS_NEW(&r->high, n, "watch", err));
    BS_TRY(BS_NEW(&r->negative, n, "watch", err));
    return BS_NEW(&r->found, n, "watch", err);
}

static void free_room(room *r)
{
    bs_free(r->layer);
    bs_free(r->below_zero);
    bs_free(r->broken);
    bs_free(r->low);
    bs_free(r->high);
    bs_free(r->negative);
    bs_free(r->found);
}

static bs_status watch_all(const bs_state *s, bool positive, const room *r, bs_watch *watch, bs_err *err)
{
    const int n = s->tracers->n, nz = s->box.nz, ny = s->box.ny;
#pragma omp parallel default(none) shared(s, n, nz, ny, r)
    {
#pragma omp for schedule(static)
        for (int l = 0; l < n * nz; l++)
            r->layer[l] = look_at(&s->box, bs_state_q(s, l / nz) + bs_at(&s->box, l % nz, 0, 0),
                                  r->below_zero + (ptrdiff_t)l * ny);
#pragma omp for schedule(dynamic)
        for (int t = 0; t < n; t++)
            r->negative[t] = negative_mass(s, t, r->layer + (ptrdiff_t)t * nz, r->below_zero + (ptrdiff_t)t * nz * ny);
    }
    gather(s, r->layer, r->negative, r->low, r->high, r->broken, r->found);
    for (int t = 0; t < n; t++) {
        BS_TRY(judge(s, t, &r->found[t], positive, err));
        note(s, t, &r->found[t], watch);
    }
    return BS_OK;
}

bs_status bs_watch_state(const bs_state *state, bool positive, bs_watch *watch, bs_err *err)
{
    room r = {0};
    bs_status st = bs_ranks_agree(make_room(state, &r, err), err);
    if (st == BS_OK) st = watch_all(state, positive, &r, watch, err);
    free_room(&r);
    return st;
}

void bs_watch_mass(const bs_state *s, int tracer, bs_sum *sum)
{
    enum { AT_ONCE = 64 };
    const bs_box *b = &s->box;
    for (int k = 0; k < b->nz; k++)
        for (int j = b->own.j0; j < b->own.j1; j++) {
            const real *q = bs_state_q(s, tracer) + bs_at(b, k, j, 0);
            const double *m = s->m + ((ptrdiff_t)k * b->ny + j) * b->nx;
            for (int i = b->own.i0; i < b->own.i1; i += AT_ONCE) {
                const int n = b->own.i1 - i < AT_ONCE ? b->own.i1 - i : AT_ONCE;
                double term[AT_ONCE];
                for (int l = 0; l < n; l++) term[l] = (double)q[i + l] * m[i + l];
                bs_sum_add_all(sum, n, term);
            }
        }
}
