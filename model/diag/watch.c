#include "model/diag/watch.h"

#include <math.h>

#include "model/core/memory.h"

typedef struct extremes {
    double low, high, negative_ug;
    int k, j, i; /* of the lowest value, or of the first that is no number */
    bool broken;
} extremes;

static extremes look(const bs_state *s, int tracer)
{
    const bs_box *b = &s->box;
    const real *q = bs_state_q(s, tracer);
    extremes e = {.low = INFINITY, .high = -INFINITY};
    for (int k = 0; k < b->nz; k++)
        for (int j = 0; j < b->ny; j++)
            for (int i = 0; i < b->nx; i++) {
                const double v = (double)q[bs_at(b, k, j, i)];
                if (!isfinite(v)) return (extremes){.low = v, .high = v, .k = k, .j = j, .i = i, .broken = true};
                if (v < 0) e.negative_ug -= v * s->m[((ptrdiff_t)k * b->ny + j) * b->nx + i];
                if (v > e.high) e.high = v;
                if (v < e.low) {
                    e.low = v;
                    e.k = k, e.j = j, e.i = i;
                }
            }
    return e;
}

bs_status bs_watch_state(const bs_state *state, bool positive, bs_watch *watch, bs_err *err)
{
    const int n = state->tracers->n;
    extremes *seen = NULL;
    BS_TRY(BS_NEW(&seen, n, "watch", err));
#pragma omp parallel for schedule(dynamic) default(none) shared(n, seen, state)
    for (int t = 0; t < n; t++) seen[t] = look(state, t);
    bs_status st = BS_OK;
    for (int t = 0; t < n && st == BS_OK; t++) {
        const bs_tracer *row = &state->tracers->row[t];
        const extremes *e = &seen[t];
        const bool total = row->total == t;
        if (e->broken)
            st = bs_fail(err, BS_ERR_RUN, "%s: mixing ratio %g at (k=%d, j=%d, i=%d) is no number", row->name, e->low,
                         e->k, e->j, e->i);
        else if (total && positive && e->low < -1e-7 * fabs(e->high))
            st = bs_fail(err, BS_ERR_RUN,
                         "%s: mixing ratio %g ug kg-1 at (k=%d, j=%d, i=%d) is negative, which the scheme rules out",
                         row->name, e->low, e->k, e->j, e->i);
        else if (total)
            watch->min_total = fmin(watch->min_total, e->low);
        else
            watch->negative_tag_kg = fmax(watch->negative_tag_kg, e->negative_ug * 1e-9);
    }
    bs_free(seen);
    return st;
}

void bs_watch_mass(const bs_state *s, int tracer, bs_sum *sum)
{
    const bs_box *b = &s->box;
    const real *q = bs_state_q(s, tracer);
    for (int k = 0; k < b->nz; k++)
        for (int j = 0; j < b->ny; j++)
            for (int i = 0; i < b->nx; i++)
                bs_sum_add(sum, (double)q[bs_at(b, k, j, i)] * s->m[((ptrdiff_t)k * b->ny + j) * b->nx + i]);
}
