/* Transposes of the operators and of a pair of steps: <L x + E e + B b, y> = <x, L^T y> + <e, E^T y> + <b, B^T y>, x masses of tracer. */
#include "tests/model/test_operators_fixture.h"

/* Relative to |L x| |y|: the goals are 1e-13 in double, 1e-6 a step and 1e-5 a run in float. */
static const double DOT_ALONE = BS_DOUBLE ? 1e-14 : 3e-7, DOT_PAIR = BS_DOUBLE ? 1e-13 : 1e-6,
                    DOT_RUN = BS_DOUBLE ? 1e-13 : 1e-5;

static const char *const ONE[] = {"pm25"};

typedef struct product {
    double *x, *y, *mass; /* [CELLS] kg before, J per kg after, kg before */
    double entered;       /* <b, B^T y> + <e, E^T y> */
} product;

static world one_tracer(where kind, const weather *air, int scheme, bs_mixing mixing, unsigned acts)
{
    const bs_tracer_request r = {.n_species = 1, .species = ONE, .acts = acts};
    world w = world_make(kind, air, SECONDS, &r);
    w.options.scheme = scheme;
    w.options.mixing = mixing;
    w.options.transposed = true;
    w.options.settling = w.options.dry_deposition = w.options.wet_scavenging = true;
    fill_random(&w);
    memset(w.state->q, 0, sizeof(real) * (size_t)w.box.volume);
    uint64_t seed = 71;
    FOR_CELLS *cell(&w, 0, k, j, i) = (real)(100 * noise(&seed)); /* a linear operator takes either sign */
    return w;
}

static product product_make(void)
{
    product p = {.x = malloc(sizeof(double) * CELLS),
                 .y = malloc(sizeof(double) * CELLS),
                 .mass = malloc(sizeof(double) * CELLS)};
    assert_non_null(p.x), assert_non_null(p.y), assert_non_null(p.mass);
    return p;
}

static void product_free(product *p)
{
    free(p->x), free(p->y), free(p->mass);
}

static int number(int k, int j, int i)
{
    return (k * NY + j) * NX + i;
}

/* kg of tracer in each cell, with the air m. */
static void masses(const world *w, const double *m, double *out)
{
    FOR_CELLS out[number(k, j, i)] = 1e-9 * m[number(k, j, i)] * (double)*cell(w, 0, k, j, i);
}

/* Takes the place of q: random sensitivities after the step. */
static void put_sensitivities(world *w, product *p)
{
    uint64_t seed = 1234;
    FOR_CELLS
    {
        *cell(w, 0, k, j, i) = (real)noise(&seed);
        p->y[number(k, j, i)] = (double)*cell(w, 0, k, j, i);
    }
}

/* What emission (kg s-1) and the boundary's air (ug kg-1) count, by the sensitivities that the adjoint found. */
static double entered(const world *w, const bs_sensitivity *s)
{
    double sum = 0;
    for (int n = 0; n < N_EMIT * NX * NY; n++) sum += s->emission[n] * (double)w->emission.rate[n];
    for (int side = 0; side < BS_SIDES; side++)
        for (int n = 0; n < NZ * bs_boundary_length(w->boundary, (bs_side)side); n++)
            sum += s->inflow[side][n] * 1e-9 * (double)w->boundary->q[side][n];
    return sum;
}

/* | <after, y> - <before, s> - entered | / (|after| |y|); p->x is before, the state holds s. */
static double mismatch(const world *w, const product *p, const double *after)
{
    double left = 0, right = p->entered, size_x = 0, size_y = 0;
    FOR_CELLS
    {
        const int c = number(k, j, i);
        left += after[c] * p->y[c], size_x += after[c] * after[c], size_y += p->y[c] * p->y[c];
        right += p->x[c] * (double)*cell(w, 0, k, j, i);
    }
    return fabs(left - right) / sqrt(size_x * size_y);
}

/* ---- one operator ---- */

static double alone(world *w, const bs_operator_row *row, double dt, bool reverse)
{
    fill_emission(w);
    const bs_operator_context context = context_of(w);
    product p = product_make();
    double *after = malloc(sizeof(double) * CELLS);
    assert_non_null(after);
    void *self = NULL;
    bs_sensitivity *asked = NULL;
    CHECK(bs_sensitivity_create(NX, NY, NZ, &asked, err));
    CHECK(row->create(&context, &self, err));
    bs_step step = {.dt = dt,
                    .w0 = 0.25,
                    .w1 = 0.25 + dt / w->seconds,
                    .reverse = reverse,
                    .forcing = w->forcing,
                    .boundary = w->boundary,
                    .state = w->state,
                    .ledger = w->ledger};
    memcpy(p.mass, w->state->m, sizeof(double) * CELLS);
    masses(w, w->state->m, p.x);
    bs_operator_apply(row, self, &step);
    masses(w, w->state->m, after);
    double *moved = malloc(sizeof(double) * CELLS);
    assert_non_null(moved);
    memcpy(moved, w->state->m, sizeof(double) * CELLS);
    memcpy(w->state->m, p.mass, sizeof(double) * CELLS);
    put_sensitivities(w, &p);
    if (row->air) row->air(self, &step); /* comes to the same air, to the bit */
    assert_memory_equal(w->state->m, moved, sizeof(double) * CELLS);
    memcpy(w->state->m, p.mass, sizeof(double) * CELLS);
    step.boundary = NULL, step.ledger = NULL, step.sensitivity = asked;
    const bs_step *const steps[] = {&step};
    bs_operators_adjoint(1, &row, &self, steps, NULL);
    assert_memory_equal(w->state->m, p.mass, sizeof(double) * CELLS);
    p.entered = entered(w, asked);
    const double off = mismatch(w, &p, after);
    row->destroy(self);
    bs_sensitivity_destroy(asked);
    free(after), free(moved);
    product_free(&p);
    return off;
}

static void each_operator_alone(void **state)
{
    (void)state;
    static const struct {
        const bs_operator_row *row;
        bs_mixing mixing;
    } CASES[] = {{&BS_OP_HADVECT, BS_MIX_NONE},          {&BS_OP_ZADVECT, BS_MIX_NONE},   {&BS_OP_HDIFF, BS_MIX_NONE},
                 {&BS_OP_SETTLE, BS_MIX_NONE},           {&BS_OP_SCAVENGE, BS_MIX_NONE},  {&BS_OP_COLUMN, BS_MIX_NONE},
                 {&BS_OP_COLUMN, BS_MIX_BACKWARD_EULER}, {&BS_OP_COLUMN, BS_MIX_TR_BDF2}, {&BS_OP_COLUMN, BS_MIX_ACM2}};
    static const int SCHEMES[] = {BS_PPM6_LIN, BS_UPWIND1};
    for (int c = 0; c < (int)(sizeof CASES / sizeof *CASES); c++)
        for (int s = 0; s < 2; s++)
            for (int storm = 0; storm < 2; storm++)
                for (int reverse = 0; reverse < 2; reverse++) {
                    world w = one_tracer(storm ? LONLAT : LAMBERT, storm ? &STORM : &BREEZE, SCHEMES[s],
                                         CASES[c].mixing, ALL);
                    const double off = alone(&w, CASES[c].row, storm ? 400 : 300, reverse);
                    if (!(off <= DOT_ALONE))
                        fail_msg("%s, mixing %d, scheme %d, storm %d: %g", CASES[c].row->name, CASES[c].mixing,
                                 SCHEMES[s], storm, off);
                    world_free(&w);
                }
}

/* ---- steps ---- */

/* Forward over the interval in `pairs`, `times` over, then back. */
static double there_and_back(world *w, int pairs, int times)
{
    product p = product_make();
    double *after = malloc(sizeof(double) * CELLS);
    assert_non_null(after);
    bs_sensitivity *asked = NULL;
    CHECK(bs_sensitivity_create(NX, NY, NZ, &asked, err));
    fill_emission(w);
    world_stepper(w);
    masses(w, w->end[0]->m, p.x);
    for (int step = 0; step < times * pairs; step++) {
        const int n = step % pairs;
        bs_stepper_pair(w->stepper, w->forcing, w->boundary, (double)n / pairs, (double)(n + 1) / pairs,
                        w->seconds / pairs, w->state, w->ledger);
    }
    masses(w, w->end[1]->m, after);
    put_sensitivities(w, &p);
    for (int step = times * pairs - 1; step >= 0; step--) {
        const int n = step % pairs;
        bs_stepper_pair_adjoint(w->stepper, w->forcing, (double)n / pairs, (double)(n + 1) / pairs, w->seconds / pairs,
                                w->state, asked);
    }
    for (int c = 0; c < CELLS; c++) assert_true(w->state->m[c] == w->end[0]->m[c]);
    p.entered = entered(w, asked);
    const double off = mismatch(w, &p, after);
    bs_sensitivity_destroy(asked);
    free(after);
    product_free(&p);
    return off;
}

static void pairs_of_steps(void **state)
{
    (void)state;
    static const bs_mixing MIXING[] = {BS_MIX_BACKWARD_EULER, BS_MIX_TR_BDF2, BS_MIX_ACM2};
    for (int m = 0; m < 3; m++)
        for (int storm = 0; storm < 2; storm++) {
            world w = one_tracer(storm ? LONLAT : LAMBERT, storm ? &STORM : &BREEZE, BS_PPM6_LIN, MIXING[m], ALL);
            const double off = there_and_back(&w, storm ? 12 : 6, 1);
            if (!(off <= DOT_PAIR)) fail_msg("mixing %d, storm %d: %g", MIXING[m], storm, off);
            world_free(&w);
        }
}

/* A day of 288 steps. The air is the same at both ends of the hour, so that it can follow itself. */
static void whole_run(void **state)
{
    (void)state;
    static const weather SAME = {.u = 6, .v = -4, .gusts = 2, .ps_change = 0, .seed = 5};
    world w = one_tracer(LAMBERT, &SAME, BS_PPM6_LIN, BS_MIX_BACKWARD_EULER, ALL);
    const double off = there_and_back(&w, 6, 24);
    if (!(off <= DOT_RUN)) fail_msg("%g", off);
    world_free(&w);
}

static void threads_give_the_same_bits(void **state)
{
    (void)state;
    real *first = NULL;
    const size_t bytes = sizeof(real) * (size_t)bs_box_make(NX, NY, NZ, BS_GHOST).volume;
    for (int threads = 1; threads <= 3; threads++) {
        bs_threads_start(threads);
        world w = one_tracer(LAMBERT, &BREEZE, BS_PPM6_LIN, BS_MIX_BACKWARD_EULER, ALL);
        there_and_back(&w, 3, 1);
        real *q = malloc(bytes);
        assert_non_null(q);
        memcpy(q, w.state->q, bytes);
        if (first) assert_memory_equal(first, q, bytes);
        if (first) free(q);
        if (!first) first = q;
        world_free(&w);
    }
    bs_threads_start(2);
    free(first);
}

int main(void)
{
    bs_threads_start(2);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_operator_alone),
        cmocka_unit_test(pairs_of_steps),
        cmocka_unit_test(whole_run),
        cmocka_unit_test(threads_give_the_same_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
