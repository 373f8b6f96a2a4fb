#include "model/diag/watch.h"

#include <math.h>

#include "model/core/memory.h"

typedef struct extremes {
    double low, high, negative_ug;
    int k, j, i; /* of the lowest value, or of the first that is no number */
    bool broken;
} extremes;

/* The place of the lowest value of a row, or of its first that is no number. */
static void locate(const real *q, int n, int k, int j, extremes *e)
{
    for (int i = 0; i < n; i++) {
        const double v = (double)q[i];
        if (!isfinite(v)) {
            *e = (extremes){.low = v, .high = v, .k = k, .j = j, .i = i, .broken = true};
            return;
        }
        if (v > e->high) e->high = v;
        if (v < e->low) {
            e->low = v;
            e->k = k, e->j = j, e->i = i;
        }
    }
}

/* Rows are looked at for what is new in them first: a plain loop over neighbours, as this passes over all fields every hour. */
static extremes look(const bs_state *s, int tracer)
{
    const bs_box *b = &s->box;
    const real *field = bs_state_q(s, tracer);
    extremes e = {.low = INFINITY, .high = -INFINITY};
    for (int k = 0; k < b->nz && !e.broken; k++)
        for (int j = 0; j < b->ny && !e.broken; j++) {
            const real *q = field + bs_at(b, k, j, 0);
            const double *m = s->m + ((ptrdiff_t)k * b->ny + j) * b->nx;
            real low = q[0], high = q[0], sum = 0;
            for (int i = 0; i < b->nx; i++) {
                low = q[i] < low ? q[i] : low;
                high = q[i] > high ? q[i] : high;
                sum += q[i] - q[i]; /* 0, or NaN where a value is none or infinite */
            }
            if ((double)low < e.low || (double)high > e.high || sum != 0) locate(q, b->nx, k, j, &e);
            for (int i = 0; i < b->nx && low < 0; i++)
                if (q[i] < 0) e.negative_ug -= (double)q[i] * m[i];
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
        else if (total) {
            watch->min_total = fmin(watch->min_total, e->low);
            watch->negative_total_kg = fmax(watch->negative_total_kg, e->negative_ug * 1e-9);
        } else if (e->negative_ug * 1e-9 > watch->negative_tag_kg) {
            watch->negative_tag_kg = e->negative_ug * 1e-9;
            watch->negative_tag = t;
        }
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
