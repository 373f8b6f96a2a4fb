/* Operators of a level, and what all share: transport, horizontal diffusion, strips, what is left alone. */
#include "tests/model/test_operators_fixture.h"

#include "model/operators/strips.h"

/* ---- strips ---- */

static void strips_cover_each_column_once(void **state)
{
    (void)state;
    for (int nx = 4; nx <= 100; nx += 7) {
        const bs_box box = bs_box_make(nx, 5, 3, 2);
        int seen[5][100] = {{0}};
        for (int n = 0; n < box.ny * bs_strips_per_row(&box); n++) {
            const bs_strip_at s = bs_strip_number(&box, n);
            assert_true(s.shape.n >= 1 && s.shape.n <= BS_STRIP && s.i + s.shape.n <= nx);
            assert_int_equal(s.shape.nz, 3);
            for (int i = 0; i < s.shape.n; i++) seen[s.j][s.i + i]++;
        }
        for (int j = 0; j < 5; j++)
            for (int i = 0; i < nx; i++) assert_int_equal(seen[j][i], 1);
    }
}

static void strips_go_there_and_back(void **state)
{
    (void)state;
    enum { WIDE = 70, HIGH = 3 };
    const bs_box box = bs_box_make(WIDE, 4, HIGH, 2);
    real *from = calloc((size_t)box.volume, sizeof *from), *to = calloc((size_t)box.volume, sizeof *to);
    real strip[HIGH * BS_STRIP];
    for (ptrdiff_t a = 0; a < box.volume; a++) from[a] = (real)a;
    for (int n = 0; n < box.ny * bs_strips_per_row(&box); n++) {
        bs_strip_load(&box, bs_strip_number(&box, n), from, strip);
        bs_strip_store(&box, bs_strip_number(&box, n), strip, to);
    }
    for (int k = 0; k < HIGH; k++)
        for (int j = -2; j < 6; j++)
            for (int i = -2; i < WIDE + 2; i++) { /* halos stay as they were */
                const int inside = j >= 0 && j < 4 && i >= 0 && i < WIDE;
                assert_true(to[bs_at(&box, k, j, i)] == (inside ? from[bs_at(&box, k, j, i)] : 0));
            }
    free(from), free(to);
}

/* ---- horizontal diffusion ---- */

static void diffusion_spreads_and_keeps(void **state)
{
    (void)state;
    const double strength[] = {1, 100}; /* the second in several substeps */
    for (int s = 0; s < 2; s++) {
        world w = two_tracers(LAMBERT, BS_ACT_MIX);
        for (int e = 0; e < 2; e++)
            for (int c = 0; c < CELLS; c++) w.end[e]->kh[c] = (real)(strength[s] * (double)w.end[e]->kh[c]);
        real *old = copy_of(&w);
        apply(&w, &BS_OP_HDIFF, DT);
        for (int t = 0; t < 2; t++)
            for (int k = 0; k < NZ; k++) {
                double before = 0, after = 0, low = INFINITY, high = 0, rough[2] = {0};
                for (int j = 0; j < NY; j++)
                    for (int i = 0; i < NX; i++) {
                        before += was(&w, old, t, k, j, i) * air(&w, k, j, i);
                        after += (double)*cell(&w, t, k, j, i) * air(&w, k, j, i);
                        low = fmin(low, was(&w, old, t, k, j, i)), high = fmax(high, was(&w, old, t, k, j, i));
                        if (i == 0) continue;
                        rough[0] += fabs(was(&w, old, t, k, j, i) - was(&w, old, t, k, j, i - 1));
                        rough[1] += fabs((double)*cell(&w, t, k, j, i) - (double)*cell(&w, t, k, j, i - 1));
                    }
                assert_true(fabs(after - before) <= ACCOUNT * before); /* nothing through the sides */
                for (int j = 0; j < NY; j++)
                    for (int i = 0; i < NX; i++) {
                        const double q = (double)*cell(&w, t, k, j, i);
                        assert_true(q >= low - EPS * high && q <= high * (1 + EPS));
                    }
                assert_true(rough[1] < 0.95 * rough[0]);
            }
        for (int t = 0; t < 2; t++) /* diffusion moves mass inside the domain: no entry in the account */
            for (int term = 0; term < BS_L_COUNT; term++)
                assert_true(bs_ledger_kg(w.ledger, t, (bs_ledger_term)term) == 0);
        free(old);
        world_free(&w);
    }
}

static void no_diffusivity_no_diffusion(void **state)
{
    (void)state;
    world w = two_tracers(LAMBERT, BS_ACT_MIX);
    for (int e = 0; e < 2; e++) memset(w.end[e]->kh, 0, sizeof(real) * CELLS);
    real *old = copy_of(&w);
    apply(&w, &BS_OP_HDIFF, DT);
    for (int t = 0; t < 2; t++) untouched(&w, old, t);
    free(old);
    world_free(&w);
}

/* ---- advection ---- */

/* What the wind brings in is the boundary's mixing ratio times the air that comes, on every side. */
static void inflow_is_the_boundarys(void **state)
{
    (void)state;
    static const bs_ledger_term IN[BS_SIDES] = {BS_L_IN_WEST, BS_L_IN_EAST, BS_L_IN_SOUTH, BS_L_IN_NORTH};
    static const bs_ledger_term OUT[BS_SIDES] = {BS_L_OUT_WEST, BS_L_OUT_EAST, BS_L_OUT_SOUTH, BS_L_OUT_NORTH};
    for (int scheme = 0; scheme < BS_SCHEME_COUNT; scheme++) {
        world w = two_tracers(LONLAT, BS_ACT_ADVECT);
        const double value[BS_SIDES] = {10, 20, 30, 40}, dt = 300, middle = 0.5 * dt / SECONDS;
        double ug[BS_SIDES] = {0};
        w.options.scheme = scheme;
        for (int k = 0; k < NZ; k++)
            for (int s = 0; s < BS_SIDES; s++)
                for (int n = 0; n < bs_boundary_length(w.boundary, (bs_side)s); n++) {
                    const int x = s <= BS_EAST, row = x ? NX + 1 : NX, rows = x ? NY : NY + 1;
                    const int far = s == BS_EAST ? NX : s == BS_NORTH ? NY : 0;
                    const ptrdiff_t f = x ? (k * rows + n) * row + far : (k * rows + far) * row + n;
                    double *const *flux = x ? w.forcing->fx : w.forcing->fy;
                    const double kg_s = (1 - middle) * flux[0][f] + middle * flux[1][f], in = far ? -kg_s : kg_s;
                    if (in > 0) ug[s] += in * dt * value[s];
                    bs_boundary_at(w.boundary, (bs_side)s, 0, k)[n] = (real)value[s];
                }
        enter_mass(&w, BS_L_INITIAL);
        const double before = bs_ledger_kg(w.ledger, 0, BS_L_INITIAL);
        apply(&w, &BS_OP_HADVECT, dt);
        apply(&w, &BS_OP_ZADVECT, dt);
        enter_mass(&w, BS_L_STORED);
        double balance = before;
        for (int s = 0; s < BS_SIDES; s++) {
            const double kg = bs_ledger_kg(w.ledger, 0, IN[s]), out = bs_ledger_kg(w.ledger, 0, OUT[s]);
            /* Nothing is drawn in against the wind; only where a scheme makes negative air does its leaving count as a gain. */
            const double negative = bs_scheme_at((bs_scheme)scheme)->positive ? 0 : 0.1 * out;
            assert_true(fabs(kg - 1e-9 * ug[s]) <= 4 * EPS * kg + negative);
            balance += kg - out;
        }
        assert_true(ug[BS_WEST] > 0 && ug[BS_NORTH] > 0);
        assert_true(fabs(balance - bs_ledger_kg(w.ledger, 0, BS_L_STORED)) <= ACCOUNT * before);
        world_free(&w);
    }
}

static void operators_leave_alone_what_they_do_not_act_on(void **state)
{
    (void)state;
    const bs_operator_row *const rows[] = {&BS_OP_HADVECT, &BS_OP_HDIFF,    &BS_OP_ZADVECT,
                                           &BS_OP_SETTLE,  &BS_OP_SCAVENGE, &BS_OP_COLUMN};
    for (size_t n = 0; n < sizeof rows / sizeof *rows; n++) {
        world w = two_tracers(LAMBERT, 0);
        w.options.settling = w.options.dry_deposition = w.options.wet_scavenging = true;
        fill_emission(&w);
        real *old = copy_of(&w);
        apply(&w, rows[n], DT);
        for (int t = 0; t < 2; t++) {
            untouched(&w, old, t);
            for (int term = 0; term < BS_L_COUNT; term++)
                assert_true(bs_ledger_kg(w.ledger, t, (bs_ledger_term)term) == 0);
        }
        free(old);
        world_free(&w);
    }
}

static void options_switch_operators(void **state)
{
    (void)state;
    const bs_operator_options none = {.scheme = BS_SCHEME_COUNT, .mixing = BS_MIX_NONE};
    bs_operator_options some = none;
    assert_false(BS_OP_HADVECT.wanted(&none) || BS_OP_ZADVECT.wanted(&none) || BS_OP_HDIFF.wanted(&none) ||
                 BS_OP_SETTLE.wanted(&none) || BS_OP_SCAVENGE.wanted(&none));
    assert_true(BS_OP_COLUMN.wanted(&none)); /* emission */
    some.scheme = BS_UPWIND1, some.horizontal_diffusion = some.settling = some.wet_scavenging = true;
    assert_true(BS_OP_HADVECT.wanted(&some) && BS_OP_ZADVECT.wanted(&some) && BS_OP_HDIFF.wanted(&some) &&
                BS_OP_SETTLE.wanted(&some) && BS_OP_SCAVENGE.wanted(&some));
}

int main(void)
{
    bs_threads_start(2);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strips_cover_each_column_once),
        cmocka_unit_test(strips_go_there_and_back),
        cmocka_unit_test(diffusion_spreads_and_keeps),
        cmocka_unit_test(no_diffusivity_no_diffusion),
        cmocka_unit_test(inflow_is_the_boundarys),
        cmocka_unit_test(operators_leave_alone_what_they_do_not_act_on),
        cmocka_unit_test(options_switch_operators),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
