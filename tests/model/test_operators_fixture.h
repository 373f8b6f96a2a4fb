/* One operator at a time, for tests: a world of two tracers, one application, and what it changed. */
#ifndef BS_TESTS_OPERATORS_FIXTURE_H
#define BS_TESTS_OPERATORS_FIXTURE_H

#include "tests/model/test_transport_fixture.h"

static const double EPS = (double)BS_REAL_EPSILON;
static const double LARGEST = 100;  /* ug kg-1, of the fields in the fixture */
static const double DT = 600;       /* s */
static const double ACCOUNT = 2e-6; /* ROUND: a few float roundings of q against an exact account */

static const char *const SPECIES[] = {"pm25", "inert"};
static const unsigned ALL = BS_ACT_ADVECT | BS_ACT_MIX | BS_ACT_DRY | BS_ACT_SETTLE | BS_ACT_WET | BS_ACT_EMIT;

static inline world two_tracers(where kind, unsigned acts)
{
    const bs_tracer_request r = {.n_species = 2, .species = SPECIES, .acts = acts};
    world w = world_make(kind, &BREEZE, SECONDS, &r);
    fill_random(&w);
    return w;
}

/* One application at the start of the interval. */
static inline void apply(world *w, const bs_operator_row *row, double dt)
{
    const bs_operator_context context = context_of(w);
    const bs_step step = {.dt = dt,
                          .w0 = 0,
                          .w1 = dt / w->seconds,
                          .forcing = w->forcing,
                          .boundary = w->boundary,
                          .state = w->state,
                          .ledger = w->ledger};
    void *self = NULL;
    assert_true(row->wanted(&w->options));
    CHECK(row->create(&context, &self, err));
    bs_operator_apply(row, self, &step);
    row->destroy(self);
    bs_watch watch = {.min_total = INFINITY};
    CHECK(bs_watch_state(w->state, bs_scheme_at((bs_scheme)w->options.scheme)->positive, &watch, err));
}

static inline real *copy_of(const world *w)
{
    const size_t n = (size_t)w->tracers->n * (size_t)w->box.volume * sizeof(real);
    real *q = malloc(n);
    assert_non_null(q);
    memcpy(q, w->state->q, n);
    return q;
}

static inline double was(const world *w, const real *old, int tracer, int k, int j, int i)
{
    return (double)old[tracer * w->box.volume + bs_at(&w->box, k, j, i)];
}

static inline double air(const world *w, int k, int j, int i)
{
    return w->state->m[(k * NY + j) * NX + i];
}

/* ug that a column lost. */
static inline double lost(const world *w, const real *old, int tracer, int j, int i)
{
    double sum = 0;
    for (int k = 0; k < NZ; k++)
        sum += (was(w, old, tracer, k, j, i) - (double)*cell(w, tracer, k, j, i)) * air(w, k, j, i);
    return sum;
}

static inline double content(const world *w, const real *old, int tracer, int j, int i)
{
    double sum = 0;
    for (int k = 0; k < NZ; k++) sum += was(w, old, tracer, k, j, i) * air(w, k, j, i);
    return sum;
}

static inline void untouched(const world *w, const real *old, int tracer)
{
    FOR_CELLS assert_memory_equal(cell(w, tracer, k, j, i), &old[tracer * w->box.volume + bs_at(&w->box, k, j, i)],
                                  sizeof(real));
}

#endif
