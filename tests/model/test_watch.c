/* The watch over a state: NaN, negatives of totals and tags, mass. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "model/diag/watch.h"

enum { NX = 70, NY = 4, NZ = 3 }; /* rows are looked at 64 cells at a time */

typedef struct world {
    bs_tracers *tracers; /* pm25, pm25_industry, inert, inert_industry */
    bs_state *state;
    bs_watch watch;
    bs_err err;
} world;

static world world_make(void)
{
    static const char *const species[] = {"pm25", "inert"}, *const sectors[] = {"industry"};
    const bs_tracer_request r = {.n_species = 2, .species = species, .n_sectors = 1, .sectors = sectors};
    const bs_box box = bs_box_make(NX, NY, NZ, 2);
    world w = {.watch = {.min_total = INFINITY}};
    assert_int_equal(bs_tracers_create(&r, &w.tracers, &w.err), BS_OK);
    assert_int_equal(bs_state_create(&box, w.tracers, &w.state, &w.err), BS_OK);
    for (ptrdiff_t a = 0; a < 4 * box.volume; a++) w.state->q[a] = NAN; /* halos hold anything */
    for (int t = 0; t < 4; t++)
        for (int k = 0; k < NZ; k++)
            for (int j = 0; j < NY; j++)
                for (int i = 0; i < NX; i++) bs_state_q(w.state, t)[bs_at(&box, k, j, i)] = (real)(1 + t);
    for (int c = 0; c < NX * NY * NZ; c++) w.state->m[c] = 1e9 + c;
    return w;
}

static void world_free(world *w)
{
    bs_state_destroy(w->state);
    bs_tracers_destroy(w->tracers);
}

static real *cell(world *w, int tracer, int k, int j, int i)
{
    return &bs_state_q(w->state, tracer)[bs_at(&w->state->box, k, j, i)];
}

static void good_state_passes(void **state)
{
    (void)state;
    world w = world_make();
    *cell(&w, 2, 1, 1, 1) = (real)0.25;
    assert_int_equal(bs_watch_state(w.state, true, &w.watch, &w.err), BS_OK);
    assert_true(w.watch.min_total == 0.25);
    assert_true(w.watch.negative_tag_kg == 0);
    *cell(&w, 2, 1, 1, 1) = 3;
    assert_int_equal(bs_watch_state(w.state, true, &w.watch, &w.err), BS_OK);
    assert_true(w.watch.min_total == 0.25); /* the smallest so far */
    world_free(&w);
}

static void refused(world *w, bool positive, const char *const *parts)
{
    memset(&w->err, 0, sizeof w->err);
    assert_int_equal(bs_watch_state(w->state, positive, &w->watch, &w->err), BS_ERR_RUN);
    for (; *parts; parts++)
        if (!strstr(w->err.text, *parts)) fail_msg("expected '%s' in: %s", *parts, w->err.text);
}

static void nan_and_infinity_name_the_cell(void **state)
{
    (void)state;
    const real bad[] = {NAN, INFINITY, -INFINITY};
    for (int b = 0; b < 3; b++)
        for (int positive = 0; positive < 2; positive++) {
            world w = world_make();
            *cell(&w, 1, NZ - 1, NY - 1, NX - 1) = bad[b]; /* the last cell, of a tag */
            refused(&w, positive, (const char *const[]){"pm25_industry", "(k=2, j=3, i=69)", "no number", NULL});
            *cell(&w, 1, NZ - 1, NY - 1, NX - 1) = 0;
            *cell(&w, 2, 0, 0, 0) = bad[b];
            refused(&w, positive, (const char *const[]){"inert: ", "(k=0, j=0, i=0)", NULL});
            world_free(&w);
        }
}

static void negative_total_names_the_cell(void **state)
{
    (void)state;
    world w = world_make();
    *cell(&w, 2, 1, 2, 3) = (real)-0.5;
    refused(&w, true, (const char *const[]){"inert: ", "-0.5", "(k=1, j=2, i=3)", "negative", NULL});
    /* under a scheme that does not promise, it is only reported */
    assert_int_equal(bs_watch_state(w.state, false, &w.watch, &w.err), BS_OK);
    assert_true(w.watch.min_total == -0.5);
    const double kg = 0.5e-9 * w.state->m[(1 * NY + 2) * NX + 3];
    assert_true(fabs(w.watch.negative_total_kg - kg) < 1e-14 * kg);
    assert_true(w.watch.negative_tag_kg == 0);
    world_free(&w);
}

static void rounding_below_zero_passes(void **state)
{
    (void)state;
    world w = world_make();
    *cell(&w, 0, 0, 0, 0) = 1000;
    *cell(&w, 0, 1, 1, 1) = (real)-0.5e-4; /* half of 1e-7 of the largest */
    assert_int_equal(bs_watch_state(w.state, true, &w.watch, &w.err), BS_OK);
    *cell(&w, 0, 1, 1, 1) = (real)-2e-4;
    refused(&w, true, (const char *const[]){"pm25: ", "(k=1, j=1, i=1)", NULL});
    world_free(&w);
}

static void all_negative_is_refused(void **state)
{
    (void)state;
    world w = world_make();
    for (int k = 0; k < NZ; k++)
        for (int j = 0; j < NY; j++)
            for (int i = 0; i < NX; i++) *cell(&w, 0, k, j, i) = -2;
    refused(&w, true, (const char *const[]){"pm25: ", "(k=0, j=0, i=0)", NULL});
    world_free(&w);
}

static void negative_tag_is_only_reported(void **state)
{
    (void)state;
    world w = world_make();
    *cell(&w, 1, 0, 1, 2) = -3;
    *cell(&w, 1, 2, 0, 0) = -1;
    assert_int_equal(bs_watch_state(w.state, true, &w.watch, &w.err), BS_OK);
    const double kg = 1e-9 * (3 * w.state->m[1 * NX + 2] + w.state->m[2 * NX * NY]);
    assert_true(fabs(w.watch.negative_tag_kg - kg) < 1e-14 * kg);
    assert_int_equal(w.watch.negative_tag, 1);
    *cell(&w, 1, 0, 1, 2) = 0;
    *cell(&w, 3, 0, 1, 2) = -1;
    assert_int_equal(bs_watch_state(w.state, true, &w.watch, &w.err), BS_OK);
    assert_true(fabs(w.watch.negative_tag_kg - kg) < 1e-14 * kg); /* the largest so far */
    assert_int_equal(w.watch.negative_tag, 1);
    world_free(&w);
}

static void mass_is_of_the_interior(void **state)
{
    (void)state;
    world w = world_make();
    bs_sum sum = {0};
    double expected = 0;
    for (int c = 0; c < NX * NY * NZ; c++) expected += 3 * w.state->m[c];
    bs_watch_mass(w.state, 2, &sum);
    assert_true(bs_sum_value(&sum) == expected); /* whole numbers: exact */
    world_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_state_passes),
        cmocka_unit_test(nan_and_infinity_name_the_cell),
        cmocka_unit_test(negative_total_names_the_cell),
        cmocka_unit_test(rounding_below_zero_passes),
        cmocka_unit_test(all_negative_is_refused),
        cmocka_unit_test(negative_tag_is_only_reported),
        cmocka_unit_test(mass_is_of_the_interior),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
