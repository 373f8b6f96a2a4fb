/* Whole pairs of steps do not depend on threads, on the instruction set, or on which way the axes run. */
#include "tests/model/test_transport_fixture.h"

static const double LEDGER = 1e-6; /* ROUND: float mixing ratios, some twenty roundings a step, errors of either sign */

static const double ROUND =
    50 * (double)BS_REAL_EPSILON * 100; /* sums are taken in another order, a few hundred operations a cell */

static const char *const PM25[] = {"pm25"}, *const SECTORS[] = {"industry", "transport"};
static const unsigned ALL = BS_ACT_ADVECT | BS_ACT_MIX | BS_ACT_DRY | BS_ACT_SETTLE | BS_ACT_WET | BS_ACT_EMIT;

static bs_tracer_request tagged(int n_sectors)
{
    return (bs_tracer_request){.n_species = 1,
                               .species = PM25,
                               .n_sectors = n_sectors,
                               .sectors = SECTORS,
                               .tag_initial = 1,
                               .tag_boundary = 1,
                               .acts = ALL};
}

/* ---- reproducible ---- */

static world ran(int threads, bs_isa isa)
{
    const bs_tracer_request r = tagged(2);
    bs_threads_start(threads);
    world w = world_make(LAMBERT, &STORM, SECONDS, &r);
    w.options.isa = isa;
    fill_random(&w);
    fill_emission(&w);
    run_interval(&w, 4);
    return w;
}

static void assert_same(const world *a, const world *b)
{
    for (int t = 0; t < a->tracers->n; t++)
        FOR_CELLS assert_memory_equal(cell(a, t, k, j, i), cell(b, t, k, j, i), sizeof(real));
    const size_t n = (size_t)a->tracers->n, maps = n * NX * NY * sizeof(double);
    assert_memory_equal(a->ledger->sum, b->ledger->sum, n * BS_L_COUNT * sizeof(bs_sum));
    assert_memory_equal(a->state->m, b->state->m, CELLS * sizeof(double));
    assert_memory_equal(a->state->dry, b->state->dry, maps);
    assert_memory_equal(a->state->wet, b->state->wet, maps);
}

static void same_bits_on_any_number_of_threads(void **state)
{
    (void)state;
    world one = ran(1, bs_isa_best());
    for (int threads = 2; threads <= 3; threads++) {
        world other = ran(threads, bs_isa_best());
        assert_same(&one, &other);
        world_free(&other);
    }
    world_free(&one);
}

static void same_bits_on_every_instruction_set(void **state)
{
    (void)state;
    world plain = ran(2, BS_ISA_PLAIN);
    for (int isa = 1; isa <= (int)bs_isa_best(); isa++) {
        world other = ran(2, (bs_isa)isa);
        assert_same(&plain, &other);
        world_free(&other);
    }
    world_free(&plain);
}

/* ---- symmetry ---- */

static void mirror_row(int n, const double *from, double *to, double sign)
{
    for (int i = 0; i < n; i++) to[i] = sign * from[n - 1 - i];
}

static void mirror_real(int n, const real *from, real *to)
{
    for (int i = 0; i < n; i++) to[i] = from[n - 1 - i];
}

/* b becomes a seen from behind: x reversed. */
static void mirror(const world *a, world *b)
{
    for (int e = 0; e < 2; e++) {
        const bs_met_state *s = a->end[e];
        bs_met_state *d = b->end[e];
        for (int r = 0; r < NY * NZ; r++) {
            mirror_row(NX, s->m + r * NX, d->m + r * NX, 1);
            mirror_row(NX + 1, a->forcing->fx[e] + r * (NX + 1), b->forcing->fx[e] + r * (NX + 1), -1);
        }
        for (int r = 0; r < (NY + 1) * NZ; r++)
            mirror_row(NX, a->forcing->fy[e] + r * NX, b->forcing->fy[e] + r * NX, 1);
        for (int r = 0; r < NY * (NZ + 1); r++)
            mirror_row(NX, a->forcing->fz[e] + r * NX, b->forcing->fz[e] + r * NX, 1);
        const struct {
            real *from, *to;
            int rows;
        } of[] = {{s->rho, d->rho, NY * NZ},          {s->mix, d->mix, NY * (NZ + 1)}, {s->kh, d->kh, NY * NZ},
                  {s->v_dep, d->v_dep, NY},           {s->v_set, d->v_set, NY * NZ},   {s->rain, d->rain, NY},
                  {s->scavenge, d->scavenge, NY * NZ}};
        for (size_t n = 0; n < sizeof of / sizeof *of; n++)
            for (int r = 0; r < of[n].rows; r++) mirror_real(NX, of[n].from + r * NX, of[n].to + r * NX);
    }
    for (int t = 0; t < a->tracers->n; t++)
        for (int k = 0; k < NZ; k++) {
            for (int j = 0; j < NY; j++) mirror_real(NX, cell(a, t, k, j, 0), cell(b, t, k, j, 0));
            for (int s = BS_SOUTH; s <= BS_NORTH; s++)
                mirror_real(NX, bs_boundary_at(a->boundary, (bs_side)s, t, k),
                            bs_boundary_at(b->boundary, (bs_side)s, t, k));
            for (int s = BS_WEST; s <= BS_EAST; s++)
                memcpy(bs_boundary_at(b->boundary, (bs_side)(BS_WEST + BS_EAST - s), t, k),
                       bs_boundary_at(a->boundary, (bs_side)s, t, k), sizeof(real) * NY);
        }
    for (int r = 0; r < a->tracers->n * N_EMIT * NY; r++)
        mirror_real(NX, a->emission.rate + r * NX, b->emission.rate + r * NX);
}

static void mirrored_world_gives_the_mirrored_result(void **state)
{
    (void)state;
    const bs_tracer_request r = tagged(1);
    double worst = 0;
    for (int scheme = 0; scheme < BS_SCHEME_COUNT; scheme++) {
        world a = world_make(UNIT, &STORM, SECONDS, &r), b = world_make(UNIT, &STORM, SECONDS, &r);
        a.options.scheme = b.options.scheme = scheme;
        fill_random(&a), fill_random(&b);
        fill_emission(&a), fill_emission(&b);
        mirror(&a, &b);
        run_interval(&a, 4), run_interval(&b, 4);
        for (int t = 0; t < a.tracers->n; t++)
            FOR_CELLS keep_worst(&worst, fabs((double)*cell(&a, t, k, j, i) - (double)*cell(&b, t, k, j, NX - 1 - i)));
        const double in_a = bs_ledger_kg(a.ledger, 0, BS_L_IN_WEST), in_b = bs_ledger_kg(b.ledger, 0, BS_L_IN_EAST);
        assert_true(in_a > 0);
        assert_true(fabs(in_a - in_b) < LEDGER * in_a);
        world_free(&a), world_free(&b);
    }
    print_message("  largest difference %.1e ug kg-1\n", worst);
    assert_true(worst < ROUND);
}

/* A square world with wind along one axis only: x and y are the same program with other strides. */
enum { N = 16 };

typedef struct square {
    bs_mesh *mesh;
    bs_box box;
    bs_met_state *met;
    bs_forcing *forcing;
    bs_boundary *boundary;
    bs_state *state;
    bs_ledger *ledger;
    bs_stepper *stepper;
} square;

static square square_make(int turned, int scheme, const bs_tracers *tracers)
{
    square q = {.mesh = unit_mesh(N, N), .box = bs_box_make(N, N, NZ, BS_GHOST)};
    const bs_operator_options options = {.scheme = scheme, .horizontal_diffusion = true, .isa = bs_isa_best()};
    const bs_operator_context context = {.mesh = q.mesh, .box = &q.box, .tracers = tracers, .options = &options};
    CHECK(bs_met_state_create(N, N, NZ, 1, &q.met, err));
    CHECK(bs_forcing_create(N, N, NZ, &q.forcing, err));
    CHECK(bs_boundary_create(N, N, NZ, 1, &q.boundary, err));
    CHECK(bs_state_create(&q.box, tracers, &q.state, err));
    CHECK(bs_ledger_create(1, &q.ledger, err));
    q.forcing->end[0] = q.forcing->end[1] = q.met;
    uint64_t seed = 3;
    for (int c = 0; c < N * N * NZ; c++) q.met->m[c] = 1e11;
    for (int along = 0; along <= N; along++) /* layers' winds add up to the same through every face */
        for (int side = 0; side < N; side++) {
            double flux[NZ], mean = 0;
            for (int k = 0; k < NZ; k++) mean += (flux[k] = 2e7 * noise(&seed)) / NZ;
            for (int k = 0; k < NZ; k++) {
                const double f = flux[k] - mean + 4e7;
                const ptrdiff_t at = turned ? (k * (N + 1) + along) * N + side : (k * N + side) * (N + 1) + along;
                for (int e = 0; e < 2; e++) (turned ? q.forcing->fy : q.forcing->fx)[e][at] = f;
            }
        }
    for (int k = 0; k < NZ; k++)
        for (int a = 0; a < N; a++)
            for (int b = 0; b < N; b++) { /* a along the wind */
                const int j = turned ? a : b, i = turned ? b : a;
                bs_state_q(q.state, 0)[bs_at(&q.box, k, j, i)] = positive_noise(&seed, 100);
                q.met->kh[(k * N + j) * N + i] = positive_noise(&seed, 2e4);
                q.met->mix[(k * N + j) * N + i] = k ? positive_noise(&seed, 0.05) : 0;
            }
    for (int k = 0; k < NZ; k++)
        for (int side = 0; side < N; side++)
            bs_boundary_at(q.boundary, turned ? BS_SOUTH : BS_WEST, 0, k)[side] = positive_noise(&seed, 100);
    bs_forcing_continuity(q.forcing);
    CHECK(bs_stepper_create(&context, &q.stepper, err));
    for (int pair = 0; pair < 3; pair++)
        bs_stepper_pair(q.stepper, q.forcing, q.boundary, 0, 0, 2400, q.state, q.ledger);
    return q;
}

static void square_free(square *q)
{
    bs_stepper_destroy(q->stepper);
    bs_ledger_destroy(q->ledger);
    bs_state_destroy(q->state);
    bs_boundary_destroy(q->boundary);
    bs_forcing_destroy(q->forcing);
    bs_met_state_destroy(q->met);
    mesh_free(q->mesh, UNIT);
}

static void turned_world_gives_the_turned_result(void **state)
{
    (void)state;
    const bs_tracer_request r = {.n_species = 1, .species = PM25, .acts = BS_ACT_ADVECT | BS_ACT_MIX};
    bs_tracers *tracers = NULL;
    CHECK(bs_tracers_create(&r, &tracers, err));
    double worst = 0;
    for (int scheme = 0; scheme < BS_SCHEME_COUNT; scheme++) {
        square x = square_make(0, scheme, tracers), y = square_make(1, scheme, tracers);
        for (int k = 0; k < NZ; k++)
            for (int a = 0; a < N; a++)
                for (int b = 0; b < N; b++)
                    keep_worst(&worst, fabs((double)bs_state_q(x.state, 0)[bs_at(&x.box, k, b, a)] -
                                            (double)bs_state_q(y.state, 0)[bs_at(&y.box, k, a, b)]));
        assert_true(bs_ledger_kg(x.ledger, 0, BS_L_IN_WEST) > 0);
        for (int side = 0; side < 2; side++) { /* west as south, east as north */
            const double out_x = bs_ledger_kg(x.ledger, 0, side ? BS_L_OUT_EAST : BS_L_IN_WEST),
                         out_y = bs_ledger_kg(y.ledger, 0, side ? BS_L_OUT_NORTH : BS_L_IN_SOUTH);
            assert_true(fabs(out_x - out_y) < LEDGER * out_x);
        }
        square_free(&x), square_free(&y);
    }
    bs_tracers_destroy(tracers);
    print_message("  largest difference %.1e ug kg-1\n", worst);
    assert_true(worst < ROUND);
}

int main(void)
{
    bs_threads_start(2);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_bits_on_any_number_of_threads),
        cmocka_unit_test(same_bits_on_every_instruction_set),
        cmocka_unit_test(mirrored_world_gives_the_mirrored_result),
        cmocka_unit_test(turned_world_gives_the_turned_result),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
