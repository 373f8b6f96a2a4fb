/* Properties of the advection sweeps, row by row of schemes.def and for every instruction set of this processor. */
#include "tests/kernels/test_sweep_fixture.h"

static void uniform_stays_to_the_bit(void **state)
{
    (void)state;
    const real values[] = {(real)0.1, (real)3.7e-8, 1, (real)123.456};
    FOR_ISA FOR_SCHEME for (int v = 0; v < 4; v++) for (int c = 0; c < 3; c++)
    {
        bench *b = bench_new((bs_isa)isa);
        random_air(b, 0.5 + 1.6 * c, 7u + (unsigned)c);
        for (int a = 0; a < CELLS * BS_LANES; a++) b->q[a] = values[v];
        setup(b, scheme, BS_SIDE_LOW | BS_SIDE_HIGH);
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
        setup(b, scheme, BS_SIDE_LOW | BS_SIDE_HIGH);
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
        setup(b, scheme, 0);
        run_total(b, scheme);
        for (int i = 3; i < N - 3; i++)
            for (int l = 0; l < BS_LANES; l++)
                assert_true(cell(b, i)[l] == old[(i - sign * whole + BS_GHOST) * BS_LANES + l]);
        bench_free(b);
    }
}

static void fill_spikes(bench *b, unsigned *seed)
{
    for (int a = 0; a < CELLS * BS_LANES; a++) b->q[a] = uniform01(seed) < 0.7 ? 0 : (real)(1e3 * uniform01(seed));
}

static void assert_stays_positive(bench *b, int scheme)
{
    setup(b, scheme, BS_SIDE_LOW | BS_SIDE_HIGH);
    run_total(b, scheme);
    for (int i = 0; i < N; i++)
        for (int l = 0; l < BS_LANES; l++) assert_true(cell(b, i)[l] >= 0);
}

static void never_negative(void **state)
{
    (void)state;
    FOR_ISA FOR_SCHEME for (unsigned seed = 1; seed < 40 && bs_scheme_at((bs_scheme)scheme)->positive; seed++)
    {
        bench *b = bench_new((bs_isa)isa);
        unsigned s = seed;
        random_air(b, seed % 3 ? 0.4 : 2.5, seed);
        fill_spikes(b, &s);
        assert_stays_positive(b, scheme);
        bench_free(b);
    }
}

/* Backward by a cell and a little more: what comes from beyond is a small part of a large mass. */
static void a_small_part_of_a_donor_is_not_negative(void **state)
{
    (void)state;
    FOR_ISA FOR_SCHEME for (unsigned seed = 1; seed < 60 && bs_scheme_at((bs_scheme)scheme)->positive; seed++)
    {
        bench *b = bench_new((bs_isa)isa);
        unsigned s = seed;
        for (int a = 0; a < CELLS * BS_LANES; a++) b->mass[a] = 1 + 9 * uniform01(&s);
        fill_spikes(b, &s);
        for (int f = 0; f <= N; f++)
            for (int l = 0; l < BS_LANES; l++) {
                const double *mass = b->mass + (f + BS_GHOST) * BS_LANES + l;
                b->flux[f * BS_LANES + l] = -mass[0] - pow(10, -2 - 3 * uniform01(&s)) * mass[BS_LANES];
            }
        assert_stays_positive(b, scheme);
        assert_true(b->sweep.is_long);
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
    setup(b, BS_PPM6_LIN, 0);
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
        setup(a, scheme, BS_SIDE_LOW | BS_SIDE_HIGH);
        setup(b, scheme, BS_SIDE_LOW | BS_SIDE_HIGH);
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
        setup(b, scheme, BS_SIDE_LOW | BS_SIDE_HIGH);
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
            setup(b, scheme, BS_SIDE_LOW | BS_SIDE_HIGH);
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
        setup(a, scheme, 0);
        setup(b, scheme, 0);
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
        const bs_pencils p = {
            .q = q + BS_GHOST * BS_LANES, .stride = BS_LANES, .low = q, .high = q + end, .ghost_stride = BS_LANES};
        k->setup_across((bs_scheme)scheme, n, BS_LANES, &moved, &air, 0, scratch, &s);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(uniform_stays_to_the_bit),
        cmocka_unit_test(mass_closes),
        cmocka_unit_test(shift_at_courant_one_is_exact),
        cmocka_unit_test(never_negative),
        cmocka_unit_test(a_small_part_of_a_donor_is_not_negative),
        cmocka_unit_test(lin_can_be_negative),
        cmocka_unit_test(mirror_is_symmetric),
        cmocka_unit_test(tags_add_up_and_do_not_disturb),
        cmocka_unit_test(same_bits_on_every_instruction_set),
        cmocka_unit_test(short_faces_of_a_long_bundle_are_the_same),
        cmocka_unit_test(order_is_as_declared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
