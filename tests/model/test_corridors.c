/* What moves between regions: against the wind's own fluxes, against what a region holds, against the ledger; and that looking changes
 * nothing. */
#include "tests/model/test_transport_fixture.h"

#include "model/diag/corridors.h"
#include "model/operators/crossings.h"

enum { REGIONS = 3, ELSEWHERE = REGIONS };
static const double EPS = (double)BS_REAL_EPSILON;
static const double KG = 1e-9; /* per ug */
/* ROUND: an account of a region over some steps, of what its air held and took in; the run's own limit */
static const double ACCOUNT = BS_DOUBLE ? 1e-11 : 2e-6;

static const char *const PM25[] = {"pm25"};
static const char *const SECTORS[] = {"industry", "transport"};
static const unsigned ALL = BS_ACT_ADVECT | BS_ACT_MIX | BS_ACT_DRY | BS_ACT_SETTLE | BS_ACT_WET | BS_ACT_EMIT;

static bs_tracer_request request(int tags, unsigned acts)
{
    return (bs_tracer_request){.n_species = 1,
                               .species = PM25,
                               .n_sectors = tags ? 2 : 0,
                               .sectors = SECTORS,
                               .tag_initial = tags,
                               .tag_boundary = tags,
                               .acts = acts};
}

/* ---- a world with borders ---- */

/* Regions that touch each other, the sides and what lies in none; one has an exclave. */
static void patches(int label[NX * NY])
{
    for (int j = 0; j < NY; j++)
        for (int i = 0; i < NX; i++) {
            int *l = &label[j * NX + i];
            *l = i + j / 2 < 9 ? 0 : j < 8 ? 1 : ELSEWHERE;
            if (i > 12 && j > 4 && i + j < 27) *l = 2;
            if (i == 4 && j == 5) *l = 1;
        }
}

static void halves(int label[NX * NY]) /* 0 west of the middle, 1 east of it */
{
    for (int c = 0; c < NX * NY; c++) label[c] = c % NX < 10 ? 0 : 1;
}

static bs_borders *borders_of_tile(const world *w, void (*map)(int *), const bs_tiling *tiling, int rank)
{
    const bs_borders_size size = {.nz = NZ, .n_low = 4, .n_tracers = w->tracers->n, .n_regions = REGIONS};
    const bs_tile tile = bs_tiling_tile(tiling, rank);
    int label[NX * NY];
    bs_borders *b = NULL;
    map(label);
    CHECK(bs_borders_create(tiling, &tile, &size, label, &b, err));
    return b;
}

static bs_borders *borders_of(const world *w, void (*map)(int *))
{
    const bs_tiling one = {.nx = NX, .ny = NY, .px = 1, .py = 1};
    return borders_of_tile(w, map, &one, 0);
}

static void stepper_with(world *w, bs_borders *b)
{
    bs_operator_context context = context_of(w);
    context.borders = b;
    bs_stepper_destroy(w->stepper);
    w->stepper = NULL;
    CHECK(bs_stepper_create(&context, &w->stepper, err));
}

/* Pairs first .. last - 1 of those that make up the interval. */
static void run_some(world *w, int first, int last, int pairs)
{
    for (int p = first; p < last; p++)
        bs_stepper_pair(w->stepper, w->forcing, w->boundary, (double)p / pairs, (double)(p + 1) / pairs,
                        w->seconds / pairs, w->state, w->ledger);
}

static void run_pairs(world *w, int pairs)
{
    run_some(w, 0, pairs, pairs);
}

static world stormy(const bs_tracer_request *r)
{
    bs_limit limit;
    world w = world_make(LAMBERT, &STORM, SECONDS, r);
    world_stepper(&w);
    bs_stepper_pairs(w.stepper, w.forcing, w.seconds, 1e9, &limit);
    world_free(&w);
    return world_make(LAMBERT, &STORM, floor(2 * limit.dt * 0.999), r);
}

static int pair_of(const bs_borders *b, int a, int other)
{
    for (int p = 0; p < b->n_pairs; p++)
        if (b->pair[p].a == a && b->pair[p].b == other) return p;
    return -1;
}

static bs_border_flow *flows_of(const bs_borders *b, int tracer)
{
    bs_border_flow *flow = malloc(sizeof *flow * (size_t)b->n_pairs);
    bs_sum *sum = malloc(sizeof *sum * (size_t)b->n_pairs * BS_BORDER_SUMS);
    assert_non_null(flow);
    assert_non_null(sum);
    bs_borders_sums(b, tracer, sum);
    bs_borders_flows(b, sum, flow);
    free(sum);
    return flow;
}

/* ---- against the wind ---- */

/* Of a uniform mixing ratio each face lets through the air's flux times it, whatever the winds and the scheme: here the sum of both
 * halves of a pair, whose fluxes are those at the middle of each half. */
static double worst_against_air(world *w, bs_borders *b, double q)
{
    double worst = 0;
    for (int k = 0; k < NZ; k++)
        for (int f = 0; f < b->n_faces; f++) {
            const bs_border_face *face = &b->face[f];
            const ptrdiff_t at = face->axis == 0 ? ((ptrdiff_t)k * NY + face->j) * (NX + 1) + face->i
                                                 : ((ptrdiff_t)k * (NY + 1) + face->j) * NX + face->i;
            const double *f0 = face->axis == 0 ? w->forcing->fx[0] : w->forcing->fy[0],
                         *f1 = face->axis == 0 ? w->forcing->fx[1] : w->forcing->fy[1];
            double expected = 0;
            for (int half = 0; half < 2; half++) {
                const double middle = 0.25 + 0.5 * half;
                expected += ((1 - middle) * f0[at] + middle * f1[at]) * 0.5 * w->seconds * q;
            }
            const double *moved = bs_borders_at(b, 0, k, f);
            const double size = moved[BS_FLOW_UP] + moved[BS_FLOW_DOWN];
            assert_true(moved[BS_FLOW_UP] >= 0 && moved[BS_FLOW_DOWN] >= 0 && moved[BS_FLOW_DIFFUSED] == 0);
            const double air =
                w->state->m[(k * NY + (face->j < NY ? face->j : NY - 1)) * NX + (face->i < NX ? face->i : NX - 1)];
            assert_true(size > 0);
            keep_worst(&worst, fabs(moved[BS_FLOW_UP] - moved[BS_FLOW_DOWN] - expected) / (air * q));
        }
    return worst;
}

static void uniform_air_carries_its_mixing_ratio(void **state)
{
    (void)state;
    const bs_tracer_request r = request(0, BS_ACT_ADVECT | BS_ACT_MIX);
    const double q = 0.1;
    double worst = 0;
    for (int scheme = 0; scheme < BS_SCHEME_COUNT; scheme++)
        for (int storm = 0; storm < 2; storm++) {
            world w = storm ? stormy(&r) : world_make(LONLAT, &BREEZE, SECONDS, &r);
            bs_borders *b = borders_of(&w, patches);
            w.options.scheme = scheme;
            fill_uniform(&w, (real)q);
            stepper_with(&w, b);
            run_pairs(&w, 1);
            keep_worst(&worst, worst_against_air(&w, b, (double)(real)q));
            bs_borders_destroy(b);
            world_free(&w);
        }
    print_message("  largest difference %.1e of what a cell holds\n", worst);
    assert_true(worst < 10 * EPS); /* ROUND: the fluxes through the ends are kept in float */
}

/* ---- against what a region holds ---- */

static void steady_wind(world *w, double cells) /* eastward, so many cells in the interval */
{
    for (int e = 0; e < 2; e++) {
        for (int c = 0; c < CELLS; c++) w->end[e]->m[c] = 1e11;
        for (int f = 0; f < (NX + 1) * NY * NZ; f++) w->forcing->fx[e][f] = cells * 1e11 / w->seconds;
        for (int f = 0; f < NX * (NY + 1) * NZ; f++) w->forcing->fy[e][f] = 0;
    }
    bs_forcing_continuity(w->forcing);
}

/* A pulse west of a border, carried over it whole: what crossed is what it held. */
static void a_pulse_crosses(void **state)
{
    (void)state;
    const bs_tracer_request r = request(0, BS_ACT_ADVECT);
    world w = world_make(UNIT, &BREEZE, SECONDS, &r);
    bs_borders *b = borders_of(&w, halves);
    double held = 0, low = 0;
    w.options.horizontal_diffusion = false;
    steady_wind(&w, 6);
    fill_uniform(&w, 0);
    for (int k = 0; k < NZ; k++)
        for (int j = 3; j < 8; j++)
            for (int i = 8; i < 10; i++) {
                *cell(&w, 0, k, j, i) = (real)(10 + j + k);
                held += 1e11 * (10 + j + k) * KG;
                if (k < 4) low += 1e11 * (10 + j + k) * KG;
            }
    stepper_with(&w, b);
    run_pairs(&w, 3); /* six steps, six cells */
    bs_border_flow *flow = flows_of(b, 0);
    const bs_border_flow through = flow[pair_of(b, 0, 1)];
    assert_true(fabs(through.forward / held - 1) < 10 * EPS);
    assert_true(fabs(through.low / low - 1) < 10 * EPS);
    assert_true(through.backward < 10 * EPS * held && through.diffused == 0);
    for (int side = 0; side < BS_SIDES; side++)
        for (int region = 0; region < 2; region++) {
            const int p = pair_of(b, region, bs_borders_side(b, side));
            if (p >= 0) assert_true(fabs(bs_border_net(&flow[p])) < 10 * EPS * held);
        }
    free(flow);
    bs_borders_destroy(b);
    world_free(&w);
}

static void account_closes(where kind, int scheme, bs_mixing mixing, int storm, double *worst)
{
    const bs_tracer_request r = request(1, ALL);
    world w = storm ? stormy(&r) : world_make(kind, &BREEZE, SECONDS, &r);
    bs_borders *b = borders_of(&w, patches);
    bs_corridors *c = NULL;
    const bs_border_record *record;
    const int pairs = storm ? 1 : 6, first = storm ? 0 : 2, each = storm ? 1 : 2;
    w.options.scheme = scheme;
    w.options.mixing = mixing;
    fill_random(&w);
    fill_emission(&w);
    stepper_with(&w, b);
    CHECK(bs_corridors_create(b, w.mesh, &c, err));
    run_some(&w, 0, first, pairs); /* what came before is not part of the stretch */
    bs_corridors_begin(c, w.state, 0);
    for (int p = first; p < pairs; p += each) {
        run_some(&w, p, p + each, pairs);
        bs_corridors_emit(c, w.state, &w.emission, w.seconds * each / pairs);
        record = bs_corridors_end(c, w.state, 10 * p + 1);
        assert_true(record->from == (p == first ? 0 : 10 * (p - each) + 1) && record->to == 10 * p + 1);
        const bs_corridors_worst found = bs_corridors_residual(c, record);
        keep_worst(worst, found.share);
        for (int region = 0; region <= REGIONS; region++) { /* or the closure would say nothing of it */
            const bs_region_account *a = &record->account[region];
            const bs_region_balance balance = bs_border_balance(b, record, 0, region);
            if (!(a->before > 0 && a->after > 0 && a->emitted > 0 && a->dry > 0))
                fail_msg("scheme %d, mixing %d, region %d: %g %g %g %g", scheme, mixing, region, a->before, a->after,
                         a->emitted, a->dry);
            if (scheme != BS_SCHEME_COUNT) assert_true(fabs(balance.from_sides) > 1e-3 * a->before);
            assert_true(fabs(balance.from_regions) > 1e-6 * a->before);
        }
    }
    bs_corridors_destroy(c);
    bs_borders_destroy(b);
    world_free(&w);
}

static void accounts_close(void **state)
{
    (void)state;
    double worst = 0;
    for (int scheme = 0; scheme <= BS_SCHEME_COUNT; scheme++) /* the last: no advection */
        for (int storm = 0; storm < (scheme == BS_SCHEME_COUNT ? 1 : 2); storm++) {
            if (scheme == BS_PPM_CW84) continue; /* is not for tags */
            account_closes(LAMBERT, scheme, BS_MIX_BACKWARD_EULER, storm, &worst);
        }
    account_closes(LONLAT, BS_PPM6_SEL, BS_MIX_TR_BDF2, 0, &worst);
    account_closes(UNIT, BS_PPM6_SEL, BS_MIX_ACM2, 0, &worst);
    account_closes(UNIT, BS_PPM6_SEL, BS_MIX_NONE, 0, &worst);
    print_message("  largest residual %.1e\n", worst);
    assert_true(worst < ACCOUNT);
}

/* ---- against the ledger ---- */

static void sides_agree_with_the_ledger(void **state)
{
    (void)state;
    const bs_tracer_request r = request(1, ALL);
    world w = stormy(&r);
    bs_borders *b = borders_of(&w, patches);
    fill_random(&w);
    fill_emission(&w);
    stepper_with(&w, b);
    run_pairs(&w, 2);
    static const bs_ledger_term IN[BS_SIDES] = {BS_L_IN_WEST, BS_L_IN_EAST, BS_L_IN_SOUTH, BS_L_IN_NORTH},
                                OUT[BS_SIDES] = {BS_L_OUT_WEST, BS_L_OUT_EAST, BS_L_OUT_SOUTH, BS_L_OUT_NORTH};
    for (int t = 0; t < w.tracers->n; t++) {
        bs_border_flow *flow = flows_of(b, t);
        for (int side = 0; side < BS_SIDES; side++) {
            double in = 0, out = 0;
            for (int p = 0; p < b->n_pairs; p++)
                if (b->pair[p].b == bs_borders_side(b, side)) {
                    out += flow[p].forward;
                    in += flow[p].backward;
                }
            const double ledger_in = bs_ledger_kg(w.ledger, t, IN[side]),
                         ledger_out = bs_ledger_kg(w.ledger, t, OUT[side]);
            assert_true(fabs(in - ledger_in) <=
                        1e-12 * (in + ledger_in)); /* ROUND: the same doubles, added up otherwise */
            assert_true(fabs(out - ledger_out) <= 1e-12 * (out + ledger_out));
        }
        free(flow);
    }
    bs_borders_destroy(b);
    world_free(&w);
}

/* ---- tiles ---- */

/* Each face of the mesh is one tile's own, and where it says it is. */
static void faces_are_counted_once(void **state)
{
    (void)state;
    const bs_tracer_request r = request(0, ALL);
    const bs_tiling tiling = {.nx = NX, .ny = NY, .px = 3, .py = 2, .overlap = 4};
    world w = world_make(UNIT, &BREEZE, SECONDS, &r);
    bs_borders *whole = borders_of(&w, patches);
    int *times = calloc((size_t)whole->n_all, sizeof *times);
    assert_non_null(times);
    assert_int_equal(whole->n_faces, whole->n_all);
    for (int rank = 0; rank < 6; rank++) {
        const bs_tile tile = bs_tiling_tile(&tiling, rank);
        bs_borders *b = borders_of_tile(&w, patches, &tiling, rank);
        assert_int_equal(b->n_pairs, whole->n_pairs);
        assert_int_equal(b->n_all, whole->n_all);
        assert_memory_equal(b->cells, whole->cells, sizeof *b->cells * (REGIONS + 1));
        assert_int_equal(b->first_y[b->nx], b->n_faces);
        for (int f = 0; f < b->n_faces; f++) {
            const bs_border_face *own = &b->face[f], *all = &whole->all[b->place[f]];
            const int *first = own->axis == 0 ? b->first_x : b->first_y, pencil = own->axis == 0 ? own->j : own->i;
            times[b->place[f]]++;
            assert_true(f >= first[pencil] && f < first[pencil + 1]);
            assert_true(own->j + tile.j0 == all->j && own->i + tile.i0 == all->i && own->axis == all->axis);
            assert_true(own->pair == all->pair && own->turned == all->turned);
        }
        bs_borders_destroy(b);
    }
    for (int f = 0; f < whole->n_all; f++) assert_int_equal(times[f], 1);
    free(times);
    bs_borders_destroy(whole);
    world_free(&w);
}

/* ---- tags, threads, and that looking changes nothing ---- */

static void tags_add_up(void **state)
{
    (void)state;
    const bs_tracer_request r = request(1, ALL);
    double worst = 0;
    for (int storm = 0; storm < 2; storm++) {
        world w = storm ? stormy(&r) : world_make(LAMBERT, &BREEZE, SECONDS, &r);
        bs_borders *b = borders_of(&w, patches);
        fill_random(&w);
        fill_emission(&w);
        stepper_with(&w, b);
        run_pairs(&w, storm ? 1 : 4);
        bs_border_flow *total = flows_of(b, 0);
        for (int t = 1; t < w.tracers->n; t++) {
            bs_border_flow *part = flows_of(b, t);
            for (int p = 0; p < b->n_pairs; p++) {
                total[p].forward -= bs_border_net(&part[p]);
                total[p].low -= part[p].low;
            }
            free(part);
        }
        bs_border_flow *again = flows_of(b, 0);
        for (int p = 0; p < b->n_pairs; p++) {
            const double size = again[p].forward + again[p].backward;
            keep_worst(&worst, fabs(bs_border_net(&total[p])) / size);
            keep_worst(&worst, fabs(total[p].low) / size);
        }
        free(again), free(total);
        bs_borders_destroy(b);
        world_free(&w);
    }
    print_message("  largest difference %.1e of what passed both ways\n", worst);
    /* ROUND: five tracers, eight sweeps of each axis, each of which rounds their cells */
    assert_true(worst < 200 * EPS);
}

/* One pass of everything; the bits of the fields and of what moved. */
static void observed(int threads, void (*map)(int *), real **q, double **moved, size_t *n_moved)
{
    const bs_tracer_request r = request(1, ALL);
    bs_threads_start(threads);
    world w = world_make(LAMBERT, &BREEZE, SECONDS, &r);
    bs_borders *b = map ? borders_of(&w, map) : NULL;
    fill_random(&w);
    fill_emission(&w);
    stepper_with(&w, b);
    run_pairs(&w, 3);
    const size_t field = (size_t)w.tracers->n * CELLS;
    real *out = *q = malloc(field * sizeof **q);
    assert_non_null(out);
    for (int t = 0; t < w.tracers->n; t++) FOR_CELLS *out++ = *cell(&w, t, k, j, i);
    if (b) {
        *n_moved = (size_t)bs_borders_memory(b);
        *moved = malloc(*n_moved);
        assert_non_null(*moved);
        memcpy(*moved, b->moved, *n_moved);
    }
    bs_borders_destroy(b);
    world_free(&w);
    bs_threads_start(1);
}

static void threads_and_looking_change_no_bit(void **state)
{
    (void)state;
    enum { TAGS = 5 };
    real *q[3];
    double *moved[2];
    size_t n[2];
    observed(1, NULL, &q[2], NULL, NULL);
    observed(1, patches, &q[0], &moved[0], &n[0]);
    observed(2, patches, &q[1], &moved[1], &n[1]);
    assert_int_equal(n[0], n[1]);
    assert_memory_equal(moved[0], moved[1], n[0]);
    assert_memory_equal(q[0], q[2], sizeof(real) * TAGS * CELLS);
    assert_memory_equal(q[1], q[2], sizeof(real) * TAGS * CELLS);
    for (int i = 0; i < 3; i++) free(q[i]);
    free(moved[0]), free(moved[1]);
}

/* Every instruction set moves the same. */
static void instruction_sets_agree(void **state)
{
    (void)state;
    const bs_tracer_request r = request(1, BS_ACT_ADVECT | BS_ACT_MIX);
    double *first = NULL;
    for (int isa = 0; isa <= (int)bs_isa_best(); isa++) {
        world w = stormy(&r);
        bs_borders *b = borders_of(&w, patches);
        w.options.isa = (bs_isa)isa;
        fill_random(&w);
        stepper_with(&w, b);
        run_pairs(&w, 1);
        if (first)
            assert_memory_equal(first, b->moved, (size_t)bs_borders_memory(b));
        else {
            first = malloc((size_t)bs_borders_memory(b));
            assert_non_null(first);
            memcpy(first, b->moved, (size_t)bs_borders_memory(b));
        }
        bs_borders_destroy(b);
        world_free(&w);
    }
    free(first);
}

static void without_borders_there_is_nothing(void **state)
{
    (void)state;
    const bs_tracer_request r = request(0, ALL);
    world w = world_make(UNIT, &BREEZE, SECONDS, &r);
    const bs_operator_context context = context_of(&w);
    bs_crossings *c = (bs_crossings *)&w;
    CHECK(bs_crossings_create(&context, &c, err));
    assert_null(c);
    bs_crossings_destroy(NULL);
    bs_corridors_destroy(NULL);
    world_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(uniform_air_carries_its_mixing_ratio),
                                       cmocka_unit_test(a_pulse_crosses),
                                       cmocka_unit_test(accounts_close),
                                       cmocka_unit_test(sides_agree_with_the_ledger),
                                       cmocka_unit_test(faces_are_counted_once),
                                       cmocka_unit_test(tags_add_up),
                                       cmocka_unit_test(threads_and_looking_change_no_bit),
                                       cmocka_unit_test(instruction_sets_agree),
                                       cmocka_unit_test(without_borders_there_is_nothing)};
    bs_threads_start(1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
