#include "model/diag/watch.h"

#include <math.h>

#include "kernels/base/clones.h"
#include "model/core/memory.h"

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

/* q: the first row. below_zero [ny]: rows with something below zero. */
BS_CLONES static extent look_at(const bs_box *b, const real *q, unsigned char *below_zero)
{
    lanes e;
    int found = 0;
    for (int l = 0; l < LANES; l++) e.low[l] = INFINITY, e.high[l] = -INFINITY;
    for (int j = 0; j < b->ny; j++, q += b->row) {
        int row = 0, i = 0;
        for (; i + LANES <= b->nx; i += LANES) row |= add_values(LANES, q + i, &e);
        row |= add_values(b->nx - i, q + i, &e);
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

/* sum - q m of the n <= LANES cells below zero, one after the other. They are found first: a loop without jumps. */
static double take_negative(int n, const real *q, const double *m, double sum)
{
    double found[LANES];
    int count = 0;
    for (int l = 0; l < n; l++) {
        found[count] = (double)q[l] * m[l];
        count += q[l] < 0;
    }
    for (int l = 0; l < count; l++) sum -= found[l];
    return sum;
}

/* -sum of q m over what is below zero, cell by cell. */
static double negative_mass(const bs_state *s, int tracer, const unsigned char *below_zero)
{
    const bs_box *b = &s->box;
    double sum = 0;
    for (int k = 0; k < b->nz; k++)
        for (int j = 0; j < b->ny; j++) {
            if (!below_zero[k * b->ny + j]) continue;
            const real *q = bs_state_q(s, tracer) + bs_at(b, k, j, 0);
            const double *m = s->m + ((ptrdiff_t)k * b->ny + j) * b->nx;
            for (int i = 0; i < b->nx; i += LANES)
                sum = take_negative(b->nx - i < LANES ? b->nx - i : LANES, q + i, m + i, sum);
        }
    return sum;
}

/* The first cell whose value is `value`, or is no number where that is none. */
static void locate(const bs_state *s, int tracer, double value, int *k, int *j, int *i)
{
    const bs_box *b = &s->box;
    for (*k = 0; *k < b->nz; ++*k)
        for (*j = 0; *j < b->ny; ++*j)
            for (*i = 0; *i < b->nx; ++*i) {
                const double v = (double)bs_state_q(s, tracer)[bs_at(b, *k, *j, *i)];
                if (isfinite(value) ? v == value : !isfinite(v)) return;
            }
}

/* ---- the watch ---- */

typedef struct extremes {
    double low, high, negative_ug;
    bool broken;
} extremes;

static extremes gather(const bs_state *s, const extent *layer, double negative_ug)
{
    extremes e = {.low = INFINITY, .high = -INFINITY, .negative_ug = negative_ug};
    for (int k = 0; k < s->box.nz; k++) {
        e.low = fmin(e.low, (double)layer[k].low);
        e.high = fmax(e.high, (double)layer[k].high);
        e.broken = e.broken || layer[k].broken;
    }
    return e;
}

static bs_status judge(const bs_state *s, int tracer, const extremes *e, bool positive, bs_err *err)
{
    const bs_tracer *row = &s->tracers->row[tracer];
    int k, j, i;
    if (e->broken) {
        locate(s, tracer, NAN, &k, &j, &i);
        return bs_fail(err, BS_ERR_RUN, "%s: mixing ratio %g at (k=%d, j=%d, i=%d) is no number", row->name,
                       (double)bs_state_q(s, tracer)[bs_at(&s->box, k, j, i)], k, j, i);
    }
    if (row->total != tracer || !positive || !(e->low < -1e-7 * fabs(e->high))) return BS_OK;
    locate(s, tracer, e->low, &k, &j, &i);
    return bs_fail(err, BS_ERR_RUN,
                   "%s: mixing ratio %g ug kg-1 at (k=%d, j=%d, i=%d) is negative, which the scheme rules out",
                   row->name, e->low, k, j, i);
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

/* layer [tracer][nz], below_zero [tracer][nz][ny], negative [tracer]: room */
static bs_status watch_all(const bs_state *s, bool positive, extent *layer, unsigned char *below_zero, double *negative,
                           bs_watch *watch, bs_err *err)
{
    const int n = s->tracers->n, nz = s->box.nz, ny = s->box.ny;
#pragma omp parallel default(none) shared(s, n, nz, ny, layer, below_zero, negative)
    {
#pragma omp for schedule(static)
        for (int l = 0; l < n * nz; l++)
            layer[l] = look_at(&s->box, bs_state_q(s, l / nz) + bs_at(&s->box, l % nz, 0, 0), below_zero + l * ny);
#pragma omp for schedule(dynamic)
        for (int t = 0; t < n; t++) negative[t] = negative_mass(s, t, below_zero + (ptrdiff_t)t * nz * ny);
    }
    for (int t = 0; t < n; t++) {
        const extremes e = gather(s, layer + (ptrdiff_t)t * nz, negative[t]);
        BS_TRY(judge(s, t, &e, positive, err));
        note(s, t, &e, watch);
    }
    return BS_OK;
}

bs_status bs_watch_state(const bs_state *state, bool positive, bs_watch *watch, bs_err *err)
{
    const size_t n = (size_t)state->tracers->n, layers = n * (size_t)state->box.nz;
    extent *layer = NULL;
    unsigned char *below_zero = NULL;
    double *negative = NULL;
    bs_status st = BS_NEW(&layer, layers, "watch", err);
    if (st == BS_OK) st = BS_NEW(&below_zero, layers * (size_t)state->box.ny, "watch", err);
    if (st == BS_OK) st = BS_NEW(&negative, n, "watch", err);
    if (st == BS_OK) st = watch_all(state, positive, layer, below_zero, negative, watch, err);
    bs_free(layer);
    bs_free(below_zero);
    bs_free(negative);
    return st;
}

void bs_watch_mass(const bs_state *s, int tracer, bs_sum *sum)
{
    enum { AT_ONCE = 64 };
    const bs_box *b = &s->box;
    for (int k = 0; k < b->nz; k++)
        for (int j = 0; j < b->ny; j++) {
            const real *q = bs_state_q(s, tracer) + bs_at(b, k, j, 0);
            const double *m = s->m + ((ptrdiff_t)k * b->ny + j) * b->nx;
            for (int i = 0; i < b->nx; i += AT_ONCE) {
                const int n = b->nx - i < AT_ONCE ? b->nx - i : AT_ONCE;
                double term[AT_ONCE];
                for (int l = 0; l < n; l++) term[l] = (double)q[i + l] * m[i + l];
                bs_sum_add_all(sum, n, term);
            }
        }
}
