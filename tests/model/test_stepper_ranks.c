/* Pairs of steps in several ranks are those of one rank, to the bit: each rank also steps the whole world alone and compares its own cells;
 * lengths of steps, the watch and the ledger say the same in all. */
#include "tests/model/test_tiles_fixture.h"

#include <stdio.h>

#include "model/parallel/ranks.h"

typedef struct trial {
    const weather *air;
    bs_scheme scheme;
    bs_mixing mixing;
    bool hdiff;
    double max_courant;
} trial;

/* In its place: it is pointed into. */
static void whole_world(const trial *t, world *w)
{
    const bs_tracer_request request = two_species();
    *w = world_make(LAMBERT, t->air, SECONDS, &request);
    w->options.scheme = t->scheme;
    w->options.mixing = t->mixing;
    w->options.horizontal_diffusion = t->hdiff;
    w->options.max_courant = t->max_courant;
    fill_random(w);
    fill_emission(w);
    world_stepper(w);
}

static void make_tile(const world *whole, double max_courant, tile_world *t)
{
    bs_tiling tiling;
    CHECK(bs_tiling_choose(NX, NY, bs_ranks_count(), BS_GHOST + (int)ceil(max_courant) + 2, &tiling, err));
    tile_make(whole, &tiling, bs_ranks_self(), t);
    tile_settle(t);
    bs_operator_context context = tile_context(t);
    if (bs_ranks_count() == 1) context.tiling = NULL;
    CHECK(bs_stepper_create(&context, &t->w.stepper, err));
}

static void ledger_is_like(const bs_ledger *tile, const bs_ledger *whole)
{
    for (int n = 0; n < whole->n_tracers; n++) {
        bs_sum sum[BS_L_COUNT];
        memcpy(sum, tile->sum + (ptrdiff_t)n * BS_L_COUNT, sizeof sum);
        bs_ranks_sum(BS_L_COUNT, sum);
        for (int l = 0; l < BS_L_COUNT; l++)
            assert_true(sum[l].units == whole->sum[(ptrdiff_t)n * BS_L_COUNT + l].units);
    }
}

/* And what limits it is named by its place in the whole mesh. */
static void the_limit_is_that_of_one_rank(const world *whole, const tile_world *t)
{
    bs_limit alone, of_ranks;
    const int pairs = bs_stepper_pairs(whole->stepper, whole->forcing, SECONDS, 1e9, &alone);
    assert_int_equal(bs_stepper_pairs(t->w.stepper, t->w.forcing, SECONDS, 1e9, &of_ranks), pairs);
    assert_true(alone.dt == of_ranks.dt);
    assert_string_equal(alone.culprit, of_ranks.culprit);
}

static void same_in_ranks(const trial *trial)
{
    world whole;
    tile_world t;
    char what[96];
    bs_limit limit;
    whole_world(trial, &whole);
    make_tile(&whole, trial->max_courant, &t);
    snprintf(what, sizeof what, "scheme %d, diffusion %d, %d ranks, rank %d", (int)trial->scheme, trial->hdiff,
             bs_ranks_count(), bs_ranks_self());
    const int pairs = bs_stepper_pairs(t.w.stepper, t.w.forcing, SECONDS, 450, &limit), most = pairs < 2 ? pairs : 2;
    the_limit_is_that_of_one_rank(&whole, &t);
    for (int p = 0; p < most; p++) {
        const double w0 = (double)p / pairs, w1 = (double)(p + 1) / pairs, seconds = SECONDS / pairs;
        bs_stepper_pair(whole.stepper, whole.forcing, whole.boundary, w0, w1, seconds, whole.state, whole.ledger);
        bs_stepper_pair(t.w.stepper, t.w.forcing, t.w.boundary, w0, w1, seconds, t.w.state, t.w.ledger);
    }
    CHECK(bs_stepper_check(t.w.stepper, err));
    tile_is_like(&t, &whole, what);
    ledger_is_like(t.w.ledger, whole.ledger);
    const bs_halo_traffic traffic = bs_stepper_traffic(t.w.stepper);
    assert_int_equal(traffic.neighbours > 0, bs_ranks_count() > 1);
    assert_int_equal(bs_stepper_count(t.w.stepper), bs_stepper_count(whole.stepper) + (bs_ranks_count() > 1));
    if (bs_ranks_count() > 1)
        assert_string_equal(bs_stepper_name(t.w.stepper, bs_stepper_count(whole.stepper)), "exchange");
    tile_free(&t);
    world_free(&whole);
}

static void steps_are_those_of_one_rank(void **state)
{
    (void)state;
    for (int scheme = 0; scheme <= BS_SCHEME_COUNT; scheme++)
        same_in_ranks(&(trial){.air = scheme % 2 ? &BREEZE : &STORM,
                               .scheme = (bs_scheme)scheme,
                               .mixing = (bs_mixing)(scheme % BS_MIX_NONE),
                               .hdiff = scheme != BS_PPM6_PD,
                               .max_courant = scheme % 2 ? 1 : 2.5});
}

/* The watch names one cell of the whole mesh, whoever has it; of several the first. */
static void the_watch_says_the_same_in_all(void **state)
{
    (void)state;
    const trial trial = {.air = &BREEZE, .scheme = BS_PPM6_SEL, .mixing = BS_MIX_NONE, .max_courant = 1};
    world whole;
    whole_world(&trial, &whole);
    tile_world t;
    make_tile(&whole, 1, &t);
    static const struct {
        int k, j, i;
        real value;
        const char *words;
    } BAD[] = {{5, 3, 4, -50, NULL},
               {4, NY - 1, NX - 1, -60, "-60 ug kg-1 at (k=4, j=40, i=46) is negative"},
               {6, NY - 1, 0, NAN, NULL},
               {2, 7, NX - 2, INFINITY, "(k=2, j=7, i=45) is no number"}};
    bs_watch here = {.min_total = INFINITY}, there = here;
    bs_err err = {0};
    *cell(&whole, 1, 1, 1, 1) = -3; /* a tag */
    cut_state(&t, whole.state, t.w.state);
    assert_int_equal(bs_watch_state(t.w.state, true, &here, &err), BS_OK);
    world alone = whole;
    assert_int_equal(bs_watch_state(alone.state, true, &there, &err), BS_OK); /* the same in all, summed over all */
    assert_true(here.min_total == there.min_total);
    assert_int_equal(here.negative_tag, there.negative_tag);
    assert_true(fabs(here.negative_tag_kg * bs_ranks_count() - there.negative_tag_kg) <= 1e-12 * there.negative_tag_kg);
    for (int n = 0; n < 4; n++) {
        *cell(&whole, 0, BAD[n].k, BAD[n].j, BAD[n].i) = BAD[n].value;
        cut_state(&t, whole.state, t.w.state);
        if (!BAD[n].words) continue;
        memset(&err, 0, sizeof err);
        assert_int_equal(bs_watch_state(t.w.state, true, &here, &err), BS_ERR_RUN);
        if (!strstr(err.text, BAD[n].words)) fail_msg("expected '%s' in: %s", BAD[n].words, err.text);
    }
    tile_free(&t);
    world_free(&whole);
}

int main(int argc, char **argv)
{
    bs_err err;
    if (bs_ranks_start(&argc, &argv, &err) != BS_OK) return 1;
    bs_threads_start(2);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_are_those_of_one_rank),
        cmocka_unit_test(the_watch_says_the_same_in_all),
    };
    return bs_ranks_leave(cmocka_run_group_tests(tests, NULL, NULL), NULL, NULL);
}
