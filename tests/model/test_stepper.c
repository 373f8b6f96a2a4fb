/* Whole pairs of steps in random winds: what is uniform stays, air follows the meteorology, the account closes, tags add up, and
 * steps are as long as their limits say. */
#include "tests/model/test_transport_fixture.h"

#include <stdio.h>

static const double EPS = (double)BS_REAL_EPSILON;
static const double AIR = 1e-12;   /* ROUND: sums of NZ layers' fluxes, double */
static const double LEDGER = 1e-6; /* ROUND: float mixing ratios, some twenty roundings a step, errors of either sign */
static const double LARGEST = 100; /* ug kg-1, of the fields in the fixture */

static const char *const PM25[] = {"pm25"}, *const BOTH[] = {"pm25", "pmcoarse"};
static const char *const SECTORS[] = {"industry", "transport", "brick_kilns"};
static const unsigned TRANSPORT = BS_ACT_ADVECT | BS_ACT_MIX,
                      ALL = BS_ACT_ADVECT | BS_ACT_MIX | BS_ACT_DRY | BS_ACT_SETTLE | BS_ACT_WET | BS_ACT_EMIT;

static bs_tracer_request alone(unsigned acts)
{
    return (bs_tracer_request){.n_species = 1, .species = PM25, .acts = acts};
}

static bs_tracer_request tagged(int n_sectors, unsigned acts)
{
    return (bs_tracer_request){.n_species = 1,
                               .species = PM25,
                               .n_sectors = n_sectors,
                               .sectors = SECTORS,
                               .tag_initial = 1,
                               .tag_boundary = 1,
                               .acts = acts};
}

/* Half the length of a pair for which the fastest wind reaches max_courant. */
static double longest_step(world *w, bs_limit *limit)
{
    world_stepper(w);
    bs_stepper_pairs(w->stepper, w->forcing, w->seconds, 1e9, limit);
    return limit->dt;
}

/* A storm whose Courant number reaches 2.5 in a pair that covers the interval. */
static world stormy(where kind, const bs_tracer_request *r)
{
    bs_limit limit;
    world w = world_make(kind, &STORM, SECONDS, r);
    const double dt = longest_step(&w, &limit);
    assert_non_null(strstr(limit.culprit, "hadvect: Courant number along "));
    world_free(&w);
    return world_make(kind, &STORM, floor(2 * dt * 0.999), r); /* the correction depends a little on the interval */
}

/* ---- uniform ---- */

static void stays_uniform(world *w, const char *what)
{
    const real values[] = {(real)0.1, (real)3.7e-8};
    for (int scheme = 0; scheme < BS_SCHEME_COUNT; scheme++)
        for (int mixing = 0; mixing <= BS_MIX_NONE; mixing++)
            for (int v = 0; v < 2; v++) {
                w->options.scheme = scheme;
                w->options.mixing = (bs_mixing)mixing;
                fill_uniform(w, values[v]);
                run_interval(w, 1);
                FOR_CELLS if (*cell(w, 0, k, j, i) != values[v])
                    fail_msg("%s, %s, mixing %d: %.9g became %.9g at (k=%d, j=%d, i=%d)", what,
                             bs_scheme_at((bs_scheme)scheme)->name, mixing, (double)values[v],
                             (double)*cell(w, 0, k, j, i), k, j, i);
            }
}

static void uniform_stays_to_the_bit(void **state)
{
    (void)state;
    const bs_tracer_request r = alone(TRANSPORT);
    for (int kind = LAMBERT; kind <= LONLAT; kind++) {
        world calm = world_make((where)kind, &BREEZE, SECONDS, &r), storm = stormy((where)kind, &r);
        stays_uniform(&calm, "breeze");
        stays_uniform(&storm, "storm");
        world_free(&calm);
        world_free(&storm);
    }
}

/* The storm above is one that moves air by more than two cells. */
static void storm_is_a_storm(void **state)
{
    (void)state;
    const bs_tracer_request r = alone(TRANSPORT);
    world w = stormy(LAMBERT, &r);
    double fastest = 0;
    for (int k = 0; k < NZ; k++)
        for (int j = 0; j < NY; j++)
            for (int i = 1; i < NX; i++) {
                const double f = w.forcing->fx[0][(k * NY + j) * (NX + 1) + i];
                fastest = fmax(fastest, f * 0.5 * w.seconds / w.end[0]->m[(k * NY + j) * NX + i - 1]);
            }
    print_message("  largest Courant number %.3f\n", fastest);
    assert_true(fastest > 2.4 && fastest <= 2.51);
    world_free(&w);
}

/* ---- air ---- */

static void air_meets_the_meteorology(void **state)
{
    (void)state;
    const bs_tracer_request r = alone(TRANSPORT);
    double worst = 0;
    for (int kind = LAMBERT; kind <= UNIT; kind++)
        for (int storm = 0; storm < 2; storm++) {
            world w = storm ? stormy((where)kind, &r) : world_make((where)kind, &BREEZE, SECONDS, &r);
            double change = 0;
            for (int c = 0; c < CELLS; c++) change = fmax(change, fabs(w.end[1]->m[c] / w.end[0]->m[c] - 1));
            assert_true(change > 1e-3); /* surface pressure changes */
            fill_uniform(&w, 1);
            for (int pairs = 1; pairs <= 3; pairs += 2)
                for (int p = 0; p < pairs; p++) {
                    if (p == 0) world_stepper(&w);
                    const double w1 = (double)(p + 1) / pairs;
                    bs_stepper_pair(w.stepper, w.forcing, w.boundary, (double)p / pairs, w1, w.seconds / pairs, w.state,
                                    w.ledger);
                    keep_worst(&worst, bs_stepper_air_error(w.forcing, w1, w.state));
                }
            assert_true(bs_stepper_air_error(w.forcing, 0, w.state) > 1e-4); /* the check can see a difference */
            world_free(&w);
        }
    print_message("  largest difference %.1e\n", worst);
    assert_true(worst < AIR);
}

/* ---- account ---- */

static void account_closes(void **state)
{
    (void)state;
    const bs_tracer_request r = {.n_species = 2,
                                 .species = BOTH,
                                 .n_sectors = 2,
                                 .sectors = SECTORS,
                                 .tag_initial = 1,
                                 .tag_boundary = 1,
                                 .acts = ALL};
    double worst = 0, seen[BS_L_COUNT] = {0};
    for (int turn = 0; turn < 4; turn++) { /* winds from each corner; both meshes, both mixings */
        weather air = BREEZE;
        air.u = turn & 1 ? -6 : 6;
        air.v = turn & 2 ? -4 : 4;
        world w = world_make(turn & 1 ? LONLAT : LAMBERT, &air, SECONDS, &r);
        w.options.mixing = turn & 2 ? BS_MIX_TR_BDF2 : BS_MIX_BACKWARD_EULER;
        fill_random(&w);
        fill_emission(&w);
        run_interval(&w, 5);
        for (int t = 0; t < w.tracers->n; t++) {
            keep_worst(&worst, bs_ledger_residual(w.ledger, t));
            for (int term = 0; term < BS_L_COUNT; term++) {
                const double kg = bs_ledger_kg(w.ledger, t, (bs_ledger_term)term);
                if (w.tracers->row[t].total == t) assert_true(kg >= 0);
                keep_worst(&seen[term], kg);
            }
        }
        world_free(&w);
    }
    print_message("  largest residual %.1e\n", worst);
    assert_true(worst < LEDGER);
    for (int term = 0; term < BS_L_COUNT; term++) /* or the closure would say nothing of it */
        if (!(seen[term] > 0)) fail_msg("%s was never used", bs_ledger_term_name((bs_ledger_term)term));
}

static void account_closes_for_every_scheme(void **state)
{
    (void)state;
    const bs_tracer_request r = tagged(2, ALL);
    double worst = 0;
    for (int scheme = 0; scheme < BS_SCHEME_COUNT; scheme++) {
        world w = stormy(LAMBERT, &r);
        w.options.scheme = scheme;
        fill_random(&w);
        fill_emission(&w);
        run_interval(&w, 1);
        for (int t = 0; t < w.tracers->n; t++) keep_worst(&worst, bs_ledger_residual(w.ledger, t));
        world_free(&w);
    }
    print_message("  largest residual in the storm %.1e\n", worst);
    assert_true(worst < LEDGER);
}

/* Surface pressure and so the weather's air mass change over the interval, but nothing moves the model's. */
static void account_closes_without_advection(void **state)
{
    (void)state;
    const bs_tracer_request r = tagged(2, ALL);
    world w = world_make(LAMBERT, &BREEZE, SECONDS, &r);
    w.options.scheme = BS_SCHEME_COUNT;
    fill_random(&w);
    fill_emission(&w);
    world_stepper(&w);
    enter_mass(&w, BS_L_INITIAL);
    for (int p = 0; p < 3; p++)
        bs_stepper_pair(w.stepper, w.forcing, w.boundary, p / 3.0, (p + 1) / 3.0, SECONDS / 3, w.state, w.ledger);
    enter_mass(&w, BS_L_STORED);
    assert_memory_equal(w.state->m, w.end[0]->m, sizeof(double) * CELLS);
    assert_true(bs_stepper_air_error(w.forcing, 1, w.state) > 1e-4); /* or this would prove nothing */
    for (int t = 0; t < w.tracers->n; t++) assert_true(bs_ledger_residual(w.ledger, t) < LEDGER);
    world_free(&w);
}

/* ---- tags ---- */

static void tags_add_up(void **state)
{
    (void)state;
    const bs_tracer_request r = tagged(3, ALL);
    double worst = 0;
    for (int scheme = 0; scheme < BS_SCHEME_COUNT; scheme++)
        for (int storm = 0; storm < 2; storm++) {
            world w = storm ? stormy(LONLAT, &r) : world_make(LAMBERT, &BREEZE, SECONDS, &r);
            w.options.scheme = scheme;
            fill_random(&w);
            fill_emission(&w);
            run_interval(&w, storm ? 1 : 4);
            FOR_CELLS
            {
                double sum = 0;
                for (int t = 1; t < w.tracers->n; t++) sum += (double)*cell(&w, t, k, j, i);
                keep_worst(&worst, fabs(sum - (double)*cell(&w, 0, k, j, i)));
            }
            world_free(&w);
        }
    print_message("  largest difference %.1e ug kg-1\n", worst);
    /* ROUND: six tracers, eight sweeps of each axis, a few roundings of numbers up to LARGEST in each */
    assert_true(worst < 200 * EPS * LARGEST);
}

static int row_of(const bs_tracers *t, const char *name)
{
    for (int n = 0; n < t->n; n++)
        if (strcmp(t->row[n].name, name) == 0) return n;
    return -1;
}

/* The same air and sources under another list of tags. */
static void one_more_tag_changes_nothing(void **state)
{
    (void)state;
    const bs_tracer_request few = tagged(2, ALL), more = tagged(3, ALL);
    for (int scheme = 0; scheme < BS_SCHEME_COUNT; scheme++) {
        world a = world_make(LAMBERT, &BREEZE, SECONDS, &few), b = world_make(LAMBERT, &BREEZE, SECONDS, &more);
        a.options.scheme = b.options.scheme = scheme;
        fill_random(&a), fill_random(&b);
        fill_emission(&a), fill_emission(&b);
        const size_t rates = (size_t)N_EMIT * NX * NY;
        memcpy(a.emission.rate, b.emission.rate, rates * sizeof(real)); /* what the third sector emits, too */
        run_interval(&a, 3), run_interval(&b, 3);
        for (int t = 0; t < a.tracers->n; t++) {
            const int other = row_of(b.tracers, a.tracers->row[t].name);
            assert_true(other >= 0);
            FOR_CELLS assert_memory_equal(cell(&a, t, k, j, i), cell(&b, other, k, j, i), sizeof(real));
            assert_memory_equal(bs_ledger_at(a.ledger, t, (bs_ledger_term)0),
                                bs_ledger_at(b.ledger, other, (bs_ledger_term)0), sizeof(bs_sum) * BS_L_COUNT);
        }
        world_free(&a), world_free(&b);
    }
}

/* ---- order ---- */

/* Rain in the lowest layers against mixing: with `pairs` pairs, the sum of |q - reference| over the sum of the reference. */
static double splitting_error(int pairs, real *reference)
{
    const bs_tracer_request r = alone(BS_ACT_MIX | BS_ACT_WET);
    world w = world_make(UNIT, &BREEZE, SECONDS, &r);
    w.options.scheme = BS_SCHEME_COUNT;
    w.options.mixing = BS_MIX_TR_BDF2;
    w.options.horizontal_diffusion = false;
    for (int e = 0; e < 2; e++) {
        memcpy(w.end[e]->m, w.end[0]->m, sizeof(double) * CELLS); /* nothing moves the air */
        for (int c = 0; c < CELLS; c++) {
            w.end[e]->scavenge[c] = c < 2 * NX * NY ? (real)1e-3 : 0;
            w.end[e]->mix[c] = c >= NX * NY ? (real)0.3 : 0;
        }
        for (int c = 0; c < NX * NY; c++) w.end[e]->rain[c] = (real)1e-4;
    }
    fill_uniform(&w, (real)LARGEST);
    world_stepper(&w);
    for (int p = 0; p < pairs; p++)
        bs_stepper_pair(w.stepper, w.forcing, w.boundary, (double)p / pairs, (double)(p + 1) / pairs, SECONDS / pairs,
                        w.state, w.ledger);
    double error = 0, size = 0;
    for (int k = 0; k < NZ; k++) {
        if (pairs > 100) reference[k] = *cell(&w, 0, k, 3, 4);
        error += fabs((double)*cell(&w, 0, k, 3, 4) - (double)reference[k]);
        size += (double)reference[k];
    }
    world_free(&w);
    return error / size;
}

static void pairs_are_symmetric(void **state)
{
    (void)state;
    real reference[NZ];
    splitting_error(200, reference);
    const double e1 = splitting_error(4, reference), e2 = splitting_error(8, reference),
                 order = log(e1 / e2) / log(2.0);
    print_message("  splitting error %.1e -> %.1e, order %.2f\n", e1, e2, order);
    assert_true(order > 1.8); /* 1 when the second half does not run backward */
}

/* ---- steps ---- */

static void uniform_wind(world *w, double courant_x, double courant_y) /* a second */
{
    for (int e = 0; e < 2; e++) {
        for (int c = 0; c < CELLS; c++) w->end[e]->m[c] = 1e11;
        for (int f = 0; f < (NX + 1) * NY * NZ; f++) w->forcing->fx[e][f] = courant_x * 1e11;
        for (int f = 0; f < NX * (NY + 1) * NZ; f++) w->forcing->fy[e][f] = courant_y * 1e11;
    }
}

static void steps_are_as_long_as_the_limit(void **state)
{
    (void)state;
    const bs_tracer_request r = alone(TRANSPORT);
    world w = world_make(UNIT, &BREEZE, SECONDS, &r);
    const double round = 1e-12;
    bs_limit limit;
    uniform_wind(&w, 0.001, -0.0005); /* 10 m s-1 in cells of 10 km */
    w.options.max_courant = 1.5;
    assert_true(fabs(longest_step(&w, &limit) / 1500 - 1) < round);
    assert_string_equal(limit.culprit, "hadvect: Courant number along x at (k=0, j=0, i=0)");
    assert_int_equal(bs_stepper_pairs(w.stepper, w.forcing, 3600, 1e9, &limit), 2); /* 900 s a step */
    assert_int_equal(bs_stepper_pairs(w.stepper, w.forcing, 3000, 1e9, &limit), 1); /* exactly */
    assert_int_equal(bs_stepper_pairs(w.stepper, w.forcing, 1, 1e9, &limit), 1);    /* at least one */
    assert_int_equal(bs_stepper_pairs(w.stepper, w.forcing, 3600, 200, &limit), 9);
    assert_string_equal(limit.culprit, "time.max_step");
    assert_true(limit.dt == 200);
    w.forcing->fy[1][(4 * (NY + 1) + 6) * NX + 7] =
        -0.01 * 1e11;                /* one face, at the end of the interval: out of (j=6) */
    w.options.max_deformation = 100; /* which a lone face breaks, too */
    assert_true(fabs(longest_step(&w, &limit) / 150 - 1) < round);
    assert_string_equal(limit.culprit, "hadvect: Courant number along y at (k=4, j=6, i=7)");
    world_free(&w);
}

static void deformation_limits_the_step(void **state)
{
    (void)state;
    const bs_tracer_request r = alone(TRANSPORT);
    world w = world_make(UNIT, &BREEZE, SECONDS, &r);
    bs_limit limit;
    uniform_wind(&w, 0, 0);
    w.options.max_deformation = 0.9;
    w.forcing->fx[0][(2 * NY + 3) * (NX + 1) + 5] = -0.001 * 1e11; /* cell (2, 3, 5) loses through three faces */
    w.forcing->fx[0][(2 * NY + 3) * (NX + 1) + 6] = 0.001 * 1e11;
    w.forcing->fy[0][(2 * (NY + 1) + 4) * NX + 5] = 0.001 * 1e11;
    assert_true(fabs(longest_step(&w, &limit) / 300 - 1) < 1e-12);
    assert_string_equal(limit.culprit, "hadvect: deformation at (k=2, j=3, i=5)");
    world_free(&w);
}

static void no_wind_no_limit(void **state)
{
    (void)state;
    const bs_tracer_request r = alone(TRANSPORT);
    world w = world_make(UNIT, &BREEZE, SECONDS, &r);
    bs_limit limit;
    uniform_wind(&w, 0, 0);
    assert_true(longest_step(&w, &limit) == 1e9);
    assert_string_equal(limit.culprit, "time.max_step");
    w.options.scheme = BS_SCHEME_COUNT; /* without advection no wind matters */
    uniform_wind(&w, 1, 1);
    assert_true(longest_step(&w, &limit) == 1e9);
    world_free(&w);
}

/* ---- the sequence ---- */

static void sequence_is_what_the_options_want(void **state)
{
    (void)state;
    const bs_tracer_request r = alone(ALL);
    world w = world_make(UNIT, &BREEZE, SECONDS, &r);
    static const char *const full[] = {"hadvect", "hdiff", "zadvect", "settle", "scavenge", "column"};
    world_stepper(&w);
    assert_int_equal(bs_stepper_count(w.stepper), 6);
    for (int n = 0; n < 6; n++) {
        assert_string_equal(bs_stepper_name(w.stepper, n), full[n]);
        assert_true(bs_stepper_seconds(w.stepper, n) == 0);
    }
    char text[1024] = "";
    bs_log log = {.screen = tmpfile()};
    assert_non_null(log.screen);
    bs_stepper_describe(w.stepper, &log);
    rewind(log.screen);
    text[fread(text, 1, sizeof text - 1, log.screen)] = '\0';
    fclose(log.screen);
    assert_non_null(strstr(text, "1 hadvect"));
    assert_non_null(strstr(text, bs_scheme_at(BS_PPM6_SEL)->text));
    assert_non_null(strstr(text, "6 column"));
    w.options = (bs_operator_options){.scheme = BS_SCHEME_COUNT, .mixing = BS_MIX_NONE};
    world_stepper(&w);
    assert_int_equal(bs_stepper_count(w.stepper), 1); /* emission */
    assert_string_equal(bs_stepper_name(w.stepper, 0), "column");
    world_free(&w);
    bs_stepper_destroy(NULL);
}

int main(void)
{
    bs_threads_start(2);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(uniform_stays_to_the_bit),
        cmocka_unit_test(storm_is_a_storm),
        cmocka_unit_test(air_meets_the_meteorology),
        cmocka_unit_test(account_closes),
        cmocka_unit_test(account_closes_for_every_scheme),
        cmocka_unit_test(account_closes_without_advection),
        cmocka_unit_test(tags_add_up),
        cmocka_unit_test(one_more_tag_changes_nothing),
        cmocka_unit_test(pairs_are_symmetric),
        cmocka_unit_test(steps_are_as_long_as_the_limit),
        cmocka_unit_test(deformation_limits_the_step),
        cmocka_unit_test(no_wind_no_limit),
        cmocka_unit_test(sequence_is_what_the_options_want),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
