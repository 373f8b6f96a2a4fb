/* Properties of the advection sweeps, row by row of schemes.def and for every instruction set of this processor. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/advection/sweep.h"

enum { N = 64, CELLS = N + 2 * BS_GHOST };
#define EPS ((double)BS_REAL_EPSILON)

/* One bundle with all that a sweep needs. */
typedef struct bench {
    double flux[(N + 1) * BS_LANES], mass[CELLS * BS_LANES], new_mass[N * BS_LANES], through[2 * BS_LANES];
    real q[CELLS * BS_LANES], phi[(N + 1) * BS_LANES];
    real *scratch;
    bs_sweep sweep;
    const bs_sweep_kernels *k;
} bench;

static double uniform01(unsigned *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return (double)(*seed >> 8) / 16777216.0;
}

static bench *bench_new(bs_isa isa)
{
    bench *b = calloc(1, sizeof *b);
    b->k = bs_sweep_kernels_for(isa);
    b->scratch = aligned_alloc(64, sizeof(real) * bs_sweep_scratch_len(N));
    memset(b->scratch, 0xff, sizeof(real) * bs_sweep_scratch_len(N)); /* NaN: what is read must have been written */
    return b;
}

static void bench_free(bench *b)
{
    free(b->scratch);
    free(b);
}

static real *cell(bench *b, int i)
{
    return b->q + (i + BS_GHOST) * BS_LANES;
}

/* Random masses 1..2 and winds up to `courant` whose divergence never empties a cell. */
static void random_air(bench *b, double courant, unsigned seed)
{
    for (int a = 0; a < CELLS * BS_LANES; a++) b->mass[a] = 1 + uniform01(&seed);
    for (int lane = 0; lane < BS_LANES; lane++) {
        double base = courant * (2 * uniform01(&seed) - 1);
        for (int f = 0; f <= N; f++) b->flux[f * BS_LANES + lane] = base + 0.4 * (uniform01(&seed) - 0.5);
    }
}

static void setup_lanes(bench *b, int lanes, int sides)
{
    memcpy(b->new_mass, b->mass + BS_GHOST * BS_LANES, sizeof b->new_mass);
    const bs_air_flux flux = {b->flux, b->flux, 1, 0, BS_LANES};
    const bs_air_mass air = {b->new_mass, BS_LANES, b->mass, b->mass + (N + BS_GHOST) * BS_LANES};
    b->k->setup_across(N, lanes, &flux, &air, sides, b->scratch, &b->sweep);
}

static void setup(bench *b, int sides)
{
    setup_lanes(b, BS_LANES, sides);
}

/* The pencils of a ghosted bundle. */
static bs_pencils pencils(real *cells)
{
    return (bs_pencils){.q = cells + BS_GHOST * BS_LANES,
                        .stride = BS_LANES,
                        .low = cells,
                        .high = cells + (N + BS_GHOST) * BS_LANES,
                        .ghost_stride = BS_LANES};
}

static void run_total(bench *b, int scheme)
{
    const bs_pencils p = pencils(b->q);
    b->k->total[scheme](&b->sweep, b->scratch, &p, b->phi, b->through);
}

#define FOR_ISA    for (int isa = 0; isa <= (int)bs_isa_best(); isa++)
#define FOR_SCHEME for (int scheme = 0; scheme < BS_SCHEME_COUNT; scheme++)

static void uniform_stays_to_the_bit(void **state)
{
    (void)state;
    const real values[] = {(real)0.1, (real)3.7e-8, 1, (real)123.456};
    FOR_ISA FOR_SCHEME for (int v = 0; v < 4; v++) for (int c = 0; c < 3; c++)
    {
        bench *b = bench_new((bs_isa)isa);
        random_air(b, 0.5 + 1.6 * c, 7u + (unsigned)c);
        for (int a = 0; a < CELLS * BS_LANES; a++) b->q[a] = values[v];
        setup(b, BS_SIDE_LOW | BS_SIDE_HIGH);
        run_total(b, scheme);
        for (int i = 0; i < N; i++)
            for (int l = 0; l < BS_LANES; l++) assert_true(cell(b, i)[l] == values[v]);
        bench_free(b);
    }
}

static void mass_closes(void **state)
{
    (void)state;
    FOR_ISA FOR_SCHEME for (int c = 0; c < 3; c++)
    {
        bench *b = bench_new((bs_isa)isa);
        unsigned seed = 99;
        random_air(b, 0.5 + 1.6 * c, 3u + (unsigned)c);
        for (int a = 0; a < CELLS * BS_LANES; a++) b->q[a] = (real)uniform01(&seed);
        double before[BS_LANES] = {0}, after[BS_LANES] = {0};
        for (int i = 0; i < N; i++)
            for (int l = 0; l < BS_LANES; l++)
                before[l] += b->mass[(i + BS_GHOST) * BS_LANES + l] * (double)cell(b, i)[l];
        setup(b, BS_SIDE_LOW | BS_SIDE_HIGH);
        run_total(b, scheme);
        for (int i = 0; i < N; i++)
            for (int l = 0; l < BS_LANES; l++) after[l] += b->new_mass[i * BS_LANES + l] * (double)cell(b, i)[l];
        for (int l = 0; l < BS_LANES; l++) /* ROUND: a few roundings per cell of order-one terms, N cells */
            assert_true(fabs(after[l] - before[l] - b->through[l] + b->through[BS_LANES + l]) < 8 * EPS * N);
        bench_free(b);
    }
}

static void shift_at_courant_one_is_exact(void **state)
{
    (void)state;
    FOR_ISA FOR_SCHEME for (int whole = 1; whole <= 3; whole++) for (int sign = -1; sign <= 1; sign += 2)
    {
        bench *b = bench_new((bs_isa)isa);
        unsigned seed = 5;
        for (int a = 0; a < CELLS * BS_LANES; a++) b->mass[a] = 1;
        for (int a = 0; a < (N + 1) * BS_LANES; a++) b->flux[a] = sign * whole;
        for (int a = 0; a < CELLS * BS_LANES; a++) b->q[a] = (real)(floor(256 * uniform01(&seed)) / 256);
        real old[CELLS * BS_LANES];
        memcpy(old, b->q, sizeof old);
        setup(b, 0);
        run_total(b, scheme);
        for (int i = 3; i < N - 3; i++)
            for (int l = 0; l < BS_LANES; l++)
                assert_true(cell(b, i)[l] == old[(i - sign * whole + BS_GHOST) * BS_LANES + l]);
        bench_free(b);
    }
}

static void never_negative(void **state)
{
    (void)state;
    FOR_ISA FOR_SCHEME for (unsigned seed = 1; seed < 40; seed++)
    {
        if (!bs_scheme_at((bs_scheme)scheme)->positive) continue;
        bench *b = bench_new((bs_isa)isa);
        random_air(b, seed % 3 ? 0.4 : 2.5, seed);
        unsigned s = seed;
        for (int a = 0; a < CELLS * BS_LANES; a++) b->q[a] = uniform01(&s) < 0.7 ? 0 : (real)(1e3 * uniform01(&s));
        setup(b, BS_SIDE_LOW | BS_SIDE_HIGH);
        run_total(b, scheme);
        for (int i = 0; i < N; i++)
            for (int l = 0; l < BS_LANES; l++) assert_true(cell(b, i)[l] >= 0);
        bench_free(b);
    }
}

static void lin_can_be_negative(void **state)
{
    (void)state;
    bench *b = bench_new(bs_isa_best());
    for (int a = 0; a < CELLS * BS_LANES; a++) b->mass[a] = 1;
    for (int a = 0; a < (N + 1) * BS_LANES; a++) b->flux[a] = 0.5;
    for (int i = 20; i < 30; i++)
        for (int l = 0; l < BS_LANES; l++) cell(b, i)[l] = 1;
    setup(b, 0);
    run_total(b, BS_PPM6_LIN);
    real low = 0;
    for (int i = 0; i < N; i++) low = cell(b, i)[0] < low ? cell(b, i)[0] : low;
    assert_true(low < (real)-1e-3); /* or the positivity test above would prove nothing */
    bench_free(b);
}

static void mirror_is_symmetric(void **state)
{
    (void)state;
    FOR_ISA FOR_SCHEME for (int c = 0; c < 2; c++)
    {
        bench *a = bench_new((bs_isa)isa), *b = bench_new((bs_isa)isa);
        unsigned seed = 21;
        random_air(a, c ? 2.2 : 0.5, 77);
        for (int i = 0; i < CELLS * BS_LANES; i++) a->q[i] = (real)uniform01(&seed);
        for (int l = 0; l < BS_LANES; l++) {
            for (int i = 0; i < CELLS; i++) {
                b->q[(CELLS - 1 - i) * BS_LANES + l] = a->q[i * BS_LANES + l];
                b->mass[(CELLS - 1 - i) * BS_LANES + l] = a->mass[i * BS_LANES + l];
            }
            for (int f = 0; f <= N; f++) b->flux[(N - f) * BS_LANES + l] = -a->flux[f * BS_LANES + l];
        }
        setup(a, BS_SIDE_LOW | BS_SIDE_HIGH);
        setup(b, BS_SIDE_LOW | BS_SIDE_HIGH);
        run_total(a, scheme);
        run_total(b, scheme);
        for (int i = 0; i < N; i++)
            for (int l = 0; l < BS_LANES; l++) /* ROUND: sums are taken in another order */
                assert_true(fabs((double)cell(a, i)[l] - (double)cell(b, N - 1 - i)[l]) < 32 * EPS);
        bench_free(a);
        bench_free(b);
    }
}

static void tags_add_up_and_do_not_disturb(void **state)
{
    (void)state;
    FOR_ISA FOR_SCHEME for (int c = 0; c < 2; c++)
    {
        bench *b = bench_new((bs_isa)isa);
        unsigned seed = 4;
        random_air(b, c ? 1.9 : 0.5, 12);
        real tag[3][CELLS * BS_LANES];
        for (int i = 0; i < CELLS * BS_LANES; i++) {
            for (int t = 0; t < 3; t++) tag[t][i] = uniform01(&seed) < 0.5 ? 0 : (real)uniform01(&seed);
            b->q[i] = tag[0][i] + tag[1][i] + tag[2][i];
        }
        setup(b, BS_SIDE_LOW | BS_SIDE_HIGH);
        run_total(b, scheme);
        double through[2 * BS_LANES];
        for (int t = 0; t < 3; t++) {
            const bs_pencils p = pencils(tag[t]);
            b->k->tag[scheme](&b->sweep, b->scratch, &p, b->phi, through);
        }
        for (int i = BS_GHOST * BS_LANES; i < (N + BS_GHOST) * BS_LANES; i++) /* ROUND */
            assert_true(fabs((double)tag[0][i] + (double)tag[1][i] + (double)tag[2][i] - (double)b->q[i]) < 32 * EPS);
        bench_free(b);
    }
}

static void same_bits_on_every_instruction_set(void **state)
{
    (void)state;
    FOR_SCHEME for (int c = 0; c < 2; c++)
    {
        bench *ref = bench_new(BS_ISA_PLAIN);
        for (int isa = 0; isa <= (int)bs_isa_best(); isa++) {
            bench *b = isa ? bench_new((bs_isa)isa) : ref;
            unsigned seed = 31;
            random_air(b, c ? 2.0 : 0.5, 13);
            for (int i = 0; i < CELLS * BS_LANES; i++) b->q[i] = (real)exp(6 * uniform01(&seed) - 3);
            setup(b, BS_SIDE_LOW | BS_SIDE_HIGH);
            run_total(b, scheme);
            assert_memory_equal(b->q, ref->q, sizeof b->q);
            assert_memory_equal(b->phi, ref->phi, sizeof b->phi);
            assert_memory_equal(b->through, ref->through, sizeof b->through);
            if (isa) bench_free(b);
        }
        bench_free(ref);
    }
}

/* A step may cut a wind field into long and short bundles differently on other tiles: both paths give the same bits. */
static void short_faces_of_a_long_bundle_are_the_same(void **state)
{
    (void)state;
    FOR_ISA FOR_SCHEME
    {
        bench *a = bench_new((bs_isa)isa), *b = bench_new((bs_isa)isa);
        unsigned seed = 8;
        random_air(a, 0.5, 55);
        for (int i = 0; i < CELLS * BS_LANES; i++) a->q[i] = (real)uniform01(&seed);
        memcpy(b->mass, a->mass, sizeof a->mass);
        memcpy(b->flux, a->flux, sizeof a->flux);
        memcpy(b->q, a->q, sizeof a->q);
        for (int f = 0; f <= N; f++) b->flux[f * BS_LANES] = 2.7; /* lane 0 alone is long */
        setup(a, 0);
        setup(b, 0);
        assert_false(a->sweep.is_long);
        assert_true(b->sweep.is_long);
        run_total(a, scheme);
        run_total(b, scheme);
        for (int i = 0; i < N; i++) assert_memory_equal(cell(a, i) + 1, cell(b, i) + 1, sizeof(real) * (BS_LANES - 1));
        bench_free(a);
        bench_free(b);
    }
}

/* l2 error after one crossing of a periodic line by exp(sin), n cells, Courant number near 0.4. */
static double smooth_error(int scheme, int n)
{
    const bs_sweep_kernels *k = bs_sweep_kernels_for(bs_isa_best());
    size_t cells = (size_t)n + 2 * BS_GHOST;
    real *q = calloc(cells * BS_LANES, sizeof *q), *phi = calloc(((size_t)n + 1) * BS_LANES, sizeof *phi);
    real *scratch = aligned_alloc(64, bs_sweep_scratch_len(n) * sizeof *scratch);
    double *m = calloc(cells * BS_LANES, sizeof *m), *flux = calloc(((size_t)n + 1) * BS_LANES, sizeof *flux);
    double *mean = calloc((size_t)n, sizeof *mean), through[2 * BS_LANES];
    const double pi = 3.14159265358979323846;
    for (int i = 0; i < n; i++)
        for (int s = 0; s < 16; s++) mean[i] += exp(sin(2 * pi * (i + (s + 0.5) / 16) / n)) / 16;
    int steps = 5 * n / 2;
    for (size_t a = 0; a < cells * BS_LANES; a++) m[a] = 1;
    for (size_t a = 0; a < ((size_t)n + 1) * BS_LANES; a++) flux[a] = (double)n / steps;
    for (int i = 0; i < n; i++)
        for (int l = 0; l < BS_LANES; l++) q[(size_t)(i + BS_GHOST) * BS_LANES + (size_t)l] = (real)mean[i];
    bs_sweep s;
    for (int t = 0; t < steps; t++) {
        for (int g = 0; g < BS_GHOST; g++) {
            memcpy(q + (size_t)g * BS_LANES, q + (size_t)(g + n) * BS_LANES, sizeof(real) * BS_LANES);
            memcpy(q + (size_t)(n + BS_GHOST + g) * BS_LANES, q + (size_t)(BS_GHOST + g) * BS_LANES,
                   sizeof(real) * BS_LANES);
        }
        const size_t end = (size_t)(n + BS_GHOST) * BS_LANES;
        const bs_air_flux moved = {flux, flux, 1, 0, BS_LANES};
        const bs_air_mass air = {m + BS_GHOST * BS_LANES, BS_LANES, m, m + end};
        const bs_pencils p = {q + BS_GHOST * BS_LANES, BS_LANES, q, q + end, BS_LANES, NULL, 0, 0, 1};
        k->setup_across(n, BS_LANES, &moved, &air, 0, scratch, &s);
        k->total[scheme](&s, scratch, &p, phi, through);
    }
    double error = 0, norm = 0;
    for (int i = 0; i < n; i++) {
        double e = (double)q[(size_t)(i + BS_GHOST) * BS_LANES] - mean[i];
        error += e * e;
        norm += mean[i] * mean[i];
    }
    free(q), free(phi), free(scratch), free(m), free(flux), free(mean);
    return sqrt(error / norm);
}

static void order_is_as_declared(void **state)
{
    (void)state;
    FOR_SCHEME
    {
        /* coarse enough that float rounding (3e-7 over a few hundred steps) stays below the error */
        int n = bs_scheme_at((bs_scheme)scheme)->order >= 3 ? 16 : 64;
        double e1 = smooth_error(scheme, n), e2 = smooth_error(scheme, 2 * n), order = log(e1 / e2) / log(2.0);
        print_message("  %-9s l2 %.2e -> %.2e, order %.2f\n", bs_scheme_at((bs_scheme)scheme)->name, e1, e2, order);
        assert_true(order > bs_scheme_at((bs_scheme)scheme)->order - 0.2);
    }
}

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
        k->setup_across(n, lanes, &(bs_air_flux){f_across[0], f_across[1], 0.3, 0.7, BS_LANES},
                        &(bs_air_mass){m_across, BS_LANES, NULL, NULL}, BS_SIDE_LOW, scratch[0], &a);
        k->setup_along(n, lanes, &(bs_air_flux){f_along[0], f_along[1], 0.3, 0.7, n + 1},
                       &(bs_air_mass){m_along, n, NULL, NULL}, BS_SIDE_LOW, scratch[1], &b);
        assert_int_equal(a.is_long, b.is_long);
        assert_memory_equal(a.coef, b.coef, sizeof(real) * (size_t)n * BS_C_COUNT * BS_LANES);
        assert_memory_equal(a.coef + (ptrdiff_t)n * BS_C_COUNT * BS_LANES,
                            b.coef + (ptrdiff_t)n * BS_C_COUNT * BS_LANES,
                            sizeof(real) * 2 * BS_LANES); /* the last face has no cell */
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
                N, BS_LANES, &f, &air, c ? BS_SIDE_LOW | BS_SIDE_HIGH : CUT, b[c]->scratch, &b[c]->sweep);
        }
        assert_memory_equal(m[0], m[1], sizeof m[0]);
        assert_int_equal(b[0]->sweep.is_long, b[1]->sweep.is_long);
        assert_memory_equal(b[0]->sweep.coef, b[1]->sweep.coef, sizeof(real) * N * BS_C_COUNT * BS_LANES);
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
        setup(a, 0);
        run_total(a, scheme);
        setup_lanes(b, LANES, 0);
        bs_pencils p = pencils(b->q);
        p.q = apart;
        p.stride = STRIDE;
        p.ahead = apart;
        p.ahead_step = 2, p.ahead_block = 3, p.ahead_bits = 4;
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
        k->setup_across(n, BS_LANES, &(bs_air_flux){flux, flux, 1, 0, BS_LANES},
                        &(bs_air_mass){m, BS_LANES, NULL, NULL}, BS_SIDE_LOW | BS_SIDE_HIGH, scratch, &s);
        k->total[scheme](&s, scratch, &(bs_pencils){q, BS_LANES, q, q + (n - 1) * BS_LANES, 0, NULL, 0, 0, 1}, phi,
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
            setup(all[n], 0);
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
        cmocka_unit_test(uniform_stays_to_the_bit),
        cmocka_unit_test(mass_closes),
        cmocka_unit_test(shift_at_courant_one_is_exact),
        cmocka_unit_test(never_negative),
        cmocka_unit_test(lin_can_be_negative),
        cmocka_unit_test(mirror_is_symmetric),
        cmocka_unit_test(tags_add_up_and_do_not_disturb),
        cmocka_unit_test(same_bits_on_every_instruction_set),
        cmocka_unit_test(short_faces_of_a_long_bundle_are_the_same),
        cmocka_unit_test(order_is_as_declared),
        cmocka_unit_test(rows_make_the_round_trip),
        cmocka_unit_test(along_is_across),
        cmocka_unit_test(a_cut_end_keeps_its_air),
        cmocka_unit_test(a_lane_is_its_own),
        cmocka_unit_test(short_pencils_keep_their_mass),
        cmocka_unit_test(walls_are_straight_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
