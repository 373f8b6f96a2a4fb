/* Bundles of the advection sweeps in every shape: along the memory and across it, few lanes, short pencils, walls, cut ends. */
#include "tests/kernels/test_sweep_fixture.h"

static void rows_make_the_round_trip(void **state)
{
    (void)state;
    enum { CELLS_X = 37, STRIDE = 48 };
    FOR_ISA for (int lanes = 1; lanes <= BS_LANES; lanes += 5)
    {
        const bs_sweep_kernels *k = bs_sweep_kernels_for((bs_isa)isa);
        real field[BS_LANES * STRIDE], back[BS_LANES * STRIDE] = {0}, bundle[CELLS_X * BS_LANES];
        for (int a = 0; a < BS_LANES * STRIDE; a++) field[a] = (real)a;
        k->rows_in(CELLS_X, lanes, field, STRIDE, bundle);
        for (int c = 0; c < CELLS_X; c++)
            for (int l = 0; l < BS_LANES; l++)
                assert_true(bundle[c * BS_LANES + l] == field[(l < lanes ? l : lanes - 1) * STRIDE + c]);
        k->rows_out(CELLS_X, lanes, bundle, back, STRIDE);
        for (int l = 0; l < BS_LANES; l++)
            for (int c = 0; c < STRIDE; c++)
                assert_true(back[l * STRIDE + c] == (l < lanes && c < CELLS_X ? field[l * STRIDE + c] : 0));
    }
}

static void assert_same_coefficients(const bs_sweep *a, const bs_sweep *b)
{
    assert_int_equal(a->coefs, b->coefs);
    for (int row = 0; row <= a->n; row++)
        for (int which = 0; which < a->coefs; which++)
            for (int l = 0; l < BS_LANES && !(row == a->n && which == BS_C_RMASS); l++) /* the last face has no cell */
                assert_memory_equal(bs_sweep_coef(a, row, which, l), bs_sweep_coef(b, row, which, l), sizeof(real));
}

/* Pencils along the memory and across it get the same coefficients and the same air, whatever their number and length. */
static void along_is_across(void **state)
{
    (void)state;
    enum { MOST = 40 };
    static const int LENGTHS[] = {1, 2, 7, 15, 16, 17, 31, 32, 33, MOST};
    FOR_ISA for (size_t c = 0; c < sizeof LENGTHS / sizeof *LENGTHS;
                 c++) for (int lanes = 1; lanes <= BS_LANES; lanes += 5) for (int wind = 0; wind < 2; wind++)
    {
        const int n = LENGTHS[c];
        const bs_sweep_kernels *k = bs_sweep_kernels_for((bs_isa)isa);
        const size_t length = bs_sweep_scratch_len(n);
        real *scratch[2] = {aligned_alloc(64, length * sizeof(real)), aligned_alloc(64, length * sizeof(real))};
        double f_across[2][(MOST + 1) * BS_LANES], f_along[2][(MOST + 1) * BS_LANES], m_across[MOST * BS_LANES],
            m_along[MOST * BS_LANES];
        unsigned seed = 5;
        for (int l = 0; l < BS_LANES; l++) {
            for (int f = 0; f <= n; f++)
                for (int e = 0; e < 2; e++)
                    f_across[e][f * BS_LANES + l] = f_along[e][l * (n + 1) + f] =
                        (wind ? 2 : 0.9) * (uniform01(&seed) - 0.5);
            for (int i = 0; i < n; i++) m_across[i * BS_LANES + l] = m_along[l * n + i] = 1.5 + uniform01(&seed);
        }
        bs_sweep a, b;
        k->setup_across(BS_PPM6_SEL, n, lanes, &(bs_air_flux){f_across[0], f_across[1], 0.3, 0.7, BS_LANES},
                        &(bs_air_mass){m_across, BS_LANES, NULL, NULL}, BS_SIDE_LOW, scratch[0], &a);
        k->setup_along(BS_PPM6_SEL, n, lanes, &(bs_air_flux){f_along[0], f_along[1], 0.3, 0.7, n + 1},
                       &(bs_air_mass){m_along, n, NULL, NULL}, BS_SIDE_LOW, scratch[1], &b);
        assert_int_equal(a.is_long, b.is_long);
        assert_same_coefficients(&a, &b);
        assert_memory_equal(a.low_flux, b.low_flux, sizeof a.low_flux);
        assert_memory_equal(a.high_flux, b.high_flux, sizeof a.high_flux);
        if (a.is_long) {
            assert_memory_equal(a.flux, b.flux, sizeof(real) * (size_t)(n + 1) * BS_LANES);
            assert_memory_equal(a.mass, b.mass, sizeof(real) * (size_t)n * BS_LANES);
        }
        for (int l = 0; l < BS_LANES; l++)
            for (int i = 0; i < n; i++) assert_true(m_across[i * BS_LANES + l] == m_along[l * n + i]);
        free(scratch[0]);
        free(scratch[1]);
    }
}

/* At a cut the flux that is given is not looked at, and the cell there keeps its air; all else is as with the next face's flux given. */
static void a_cut_end_keeps_its_air(void **state)
{
    (void)state;
    enum { CUT = BS_SIDE_LOW | BS_SIDE_HIGH | BS_CUT_LOW | BS_CUT_HIGH };
    FOR_ISA for (int along = 0; along < 2; along++) for (int wind = 1; wind <= 3; wind++)
    {
        bench *b[2] = {bench_new((bs_isa)isa), bench_new((bs_isa)isa)};
        double flux[2][(N + 1) * BS_LANES], m[2][N * BS_LANES];
        random_air(b[0], wind, 8);
        for (int c = 0; c < 2; c++) {
            const ptrdiff_t face = along ? 1 : BS_LANES, lane = along ? N + 1 : 1;
            for (int l = 0; l < BS_LANES; l++) {
                for (int f = 0; f <= N; f++) flux[c][f * face + l * lane] = b[0]->flux[f * BS_LANES + l];
                flux[c][l * lane] = c ? flux[c][face + l * lane] : (double)NAN;
                flux[c][N * face + l * lane] = c ? flux[c][(N - 1) * face + l * lane] : (double)NAN;
                for (int i = 0; i < N; i++) m[c][along ? l * N + i : i * BS_LANES + l] = b[0]->mass[i * BS_LANES + l];
            }
            const bs_air_flux f = {flux[c], flux[c], 1, 0, along ? N + 1 : BS_LANES};
            const bs_air_mass air = {m[c], along ? N : BS_LANES, NULL, NULL};
            (along ? b[c]->k->setup_along : b[c]->k->setup_across)(
                BS_PPM6_SEL, N, BS_LANES, &f, &air, c ? BS_SIDE_LOW | BS_SIDE_HIGH : CUT, b[c]->scratch, &b[c]->sweep);
        }
        assert_memory_equal(m[0], m[1], sizeof m[0]);
        assert_int_equal(b[0]->sweep.is_long, b[1]->sweep.is_long);
        assert_same_coefficients(&b[0]->sweep, &b[1]->sweep);
        assert_memory_equal(b[0]->sweep.low_flux, b[1]->sweep.low_flux, sizeof b[0]->sweep.low_flux);
        assert_memory_equal(b[0]->sweep.high_flux, b[1]->sweep.high_flux, sizeof b[0]->sweep.high_flux);
        for (int l = 0; l < BS_LANES; l++) {
            assert_true(m[0][along ? l * N : l] == b[0]->mass[l]);
            assert_true(m[0][along ? l * N + N - 1 : (N - 1) * BS_LANES + l] == b[0]->mass[(N - 1) * BS_LANES + l]);
        }
        bench_free(b[0]);
        bench_free(b[1]);
    }
}

/* A lane's result depends on the lane alone: idle neighbours, a stride, a place to look ahead to change nothing. */
static void a_lane_is_its_own(void **state)
{
    (void)state;
    enum { STRIDE = 40, LANES = 5 };
    FOR_ISA FOR_SCHEME
    {
        bench *a = bench_new((bs_isa)isa), *b = bench_new((bs_isa)isa);
        unsigned seed = 6;
        random_air(a, 0.5, 3);
        memcpy(b->mass, a->mass, sizeof a->mass);
        memcpy(b->flux, a->flux, sizeof a->flux);
        real apart[N * STRIDE];
        for (int i = 0; i < N * STRIDE; i++) apart[i] = -7;
        for (int i = 0; i < CELLS * BS_LANES; i++) a->q[i] = b->q[i] = (real)exp(6 * uniform01(&seed) - 3);
        for (int i = 0; i < N; i++) memcpy(apart + i * STRIDE, cell(b, i), sizeof(real) * BS_LANES);
        setup(a, scheme, 0);
        run_total(a, scheme);
        setup_lanes(b, scheme, LANES, 0);
        bs_pencils p = pencils(b->q);
        p.q = apart;
        p.stride = STRIDE;
        p.ahead = apart;
        p.ahead_step = 2, p.ahead_block = 3, p.ahead_bits = 4, p.ahead_n = N + 5;
        b->k->total[scheme](&b->sweep, b->scratch, &p, NULL, NULL);
        for (int i = 0; i < N; i++) {
            assert_memory_equal(apart + i * STRIDE, cell(a, i), sizeof(real) * LANES);
            assert_memory_equal(apart + i * STRIDE + LANES, cell(b, i) + LANES, sizeof(real) * (BS_LANES - LANES));
            for (int l = BS_LANES; l < STRIDE; l++) assert_true(apart[i * STRIDE + l] == -7);
        }
        bench_free(a);
        bench_free(b);
    }
}

/* Pencils as short as can be. */
static void short_pencils_keep_their_mass(void **state)
{
    (void)state;
    FOR_ISA FOR_SCHEME for (int n = 1; n <= 8; n++) for (int wind = 0; wind < 2; wind++)
    {
        const bs_sweep_kernels *k = bs_sweep_kernels_for((bs_isa)isa);
        real *scratch = aligned_alloc(64, bs_sweep_scratch_len(n) * sizeof *scratch);
        double flux[9 * BS_LANES] = {0}, m[8 * BS_LANES], before[BS_LANES] = {0}, after[BS_LANES] = {0};
        real q[8 * BS_LANES], phi[9 * BS_LANES];
        unsigned seed = 2;
        for (int a = BS_LANES; a < n * BS_LANES; a++) flux[a] = (wind ? 2.4 : 0.4) * (uniform01(&seed) - 0.5);
        for (int a = 0; a < n * BS_LANES; a++) m[a] = wind ? 2.5 : 1, q[a] = (real)uniform01(&seed);
        for (int a = 0; a < n * BS_LANES; a++) before[a % BS_LANES] += m[a] * (double)q[a];
        bs_sweep s;
        k->setup_across((bs_scheme)scheme, n, BS_LANES, &(bs_air_flux){flux, flux, 1, 0, BS_LANES},
                        &(bs_air_mass){m, BS_LANES, NULL, NULL}, BS_SIDE_LOW | BS_SIDE_HIGH, scratch, &s);
        k->total[scheme](&s, scratch,
                         &(bs_pencils){.q = q, .stride = BS_LANES, .low = q, .high = q + (n - 1) * BS_LANES}, phi,
                         NULL);
        for (int a = 0; a < n * BS_LANES; a++) after[a % BS_LANES] += m[a] * (double)q[a];
        for (int l = 0; l < BS_LANES; l++) assert_true(fabs(after[l] - before[l]) < 16 * EPS * n); /* ROUND */
        free(scratch);
    }
}

/* Behind a wall the profile goes on as a straight line; whether another lane is long changes no bit. */
static void walls_are_straight_lines(void **state)
{
    (void)state;
    FOR_ISA FOR_SCHEME for (int turn = 0; turn < 2; turn++)
    {
        bench *a = bench_new((bs_isa)isa), *b = bench_new((bs_isa)isa), *c = bench_new((bs_isa)isa);
        bench *const all[] = {a, b, c};
        unsigned seed = 16;
        random_air(a, 0.4, 9);
        for (int l = 0; l < BS_LANES; l++) a->flux[l] = a->flux[N * BS_LANES + l] = 0;
        for (int i = 0; i < CELLS * BS_LANES; i++) a->q[i] = (real)(1 + uniform01(&seed));
        for (int g = 1; g <= BS_GHOST; g++)
            for (int l = 0; l < BS_LANES; l++) {
                cell(a, -g)[l] = cell(a, 0)[l] + (real)g * (cell(a, 0)[l] - cell(a, 1)[l]);
                cell(a, N - 1 + g)[l] = cell(a, N - 1)[l] + (real)g * (cell(a, N - 1)[l] - cell(a, N - 2)[l]);
            }
        for (int n = 1; n < 3; n++) {
            memcpy(all[n]->mass, a->mass, sizeof a->mass);
            memcpy(all[n]->flux, a->flux, sizeof a->flux);
            memcpy(all[n]->q, a->q, sizeof a->q);
        }
        for (int f = 5; turn && f < N - 5; f++) c->flux[f * BS_LANES] = 2.7; /* lane 0 of c alone is long */
        for (int n = 0; n < 3; n++) {
            bs_pencils p = pencils(all[n]->q);
            if (n > 0) p.low = p.high = NULL;
            setup(all[n], scheme, 0);
            assert_int_equal(all[n]->sweep.is_long, n == 2 && turn);
            all[n]->k->total[scheme](&all[n]->sweep, all[n]->scratch, &p, all[n]->phi, NULL);
        }
        for (int i = 0; i < N; i++)
            for (int l = 1; l < BS_LANES; l++) {
                assert_true(cell(b, i)[l] == cell(c, i)[l]);
                assert_true(fabs((double)cell(a, i)[l] - (double)cell(b, i)[l]) < 64 * EPS); /* ROUND */
            }
        for (int n = 0; n < 3; n++) bench_free(all[n]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_make_the_round_trip),      cmocka_unit_test(along_is_across),
        cmocka_unit_test(a_cut_end_keeps_its_air),       cmocka_unit_test(a_lane_is_its_own),
        cmocka_unit_test(short_pencils_keep_their_mass), cmocka_unit_test(walls_are_straight_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
