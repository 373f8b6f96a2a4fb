/* Vertical mixing: exact references, budget, positivity, uniform profiles to the bit, linearity. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/column/kz.h"
#include "kernels/column/vdiff.h"

enum { NZ = 20, N = 21, STRIDE = 32, NZ_FINE = 200 };

static const double FACES[NZ + 1] = {0,   20,   45,   75,   115,  165,  230,  310,  410,  530, 680,
                                     860, 1070, 1320, 1610, 1950, 2350, 2800, 3300, 3900, 4600};

/* SCIENCE: NUMERICS.md section 8, linf over the profile's maximum, from 1 h on with dt = 300 s. */
#define TOLERANCE_BE 0.07
#define TOLERANCE_TR 0.002
/* SCIENCE: NUMERICS.md section 8, share of the mass. */
#define TOLERANCE_DEPOSIT 0.005
/* ROUND: each step rounds a cell's mixing ratio once; n steps add such errors at random. */
#define TOLERANCE_MASS(n) (4.0 * sqrt(n) * BS_REAL_EPSILON)
/* ROUND: differences of sums of a few tags, carried through the solve. */
#define TOLERANCE_SUM (32.0 * BS_REAL_EPSILON)

typedef enum scheme { BE, TR } scheme;

typedef struct column {
    bs_strip s;
    real mass[NZ_FINE * STRIDE], mix[(NZ_FINE + 1) * STRIDE], dep[STRIDE], emission[3 * STRIDE];
    real factors[(3 * NZ_FINE + 3) * STRIDE], scratch[2 * NZ_FINE * STRIDE];
} column;

static column *column_new(int n, int nz)
{
    column *c = calloc(1, sizeof *c);
    assert_non_null(c);
    c->s = (bs_strip){.n = n, .nz = nz, .stride = STRIDE};
    assert_true(bs_vdiff_factor_len(c->s) <= (ptrdiff_t)(sizeof c->factors / sizeof(real)));
    assert_true(bs_vdiff_scratch_len(c->s) <= (ptrdiff_t)(sizeof c->scratch / sizeof(real)));
    for (size_t p = 0; p < sizeof c->scratch / sizeof(real); p++) c->scratch[p] = (real)NAN;
    for (size_t p = 0; p < sizeof c->factors / sizeof(real); p++) c->factors[p] = (real)NAN;
    return c;
}

static void factor(column *c, scheme how, double dt)
{
    if (how == BE) {
        bs_vdiff_factor_be(c->s, dt, c->mass, c->mix, c->dep, c->factors);
    } else {
        bs_vdiff_factor_tr(c->s, dt, c->mass, c->mix, c->dep, c->factors);
    }
}

static void step(column *c, scheme how, const real *emission, int n_emit, real *q, double *deposited)
{
    if (how == BE) {
        bs_vdiff_kernels_for(bs_isa_best())
            ->solve_be(c->s, c->factors, emission, n_emit, q, c->s.stride, NULL, deposited, c->scratch);
    } else {
        bs_vdiff_solve_tr(c->s, c->factors, c->mass, emission, n_emit, q, deposited, c->scratch);
    }
}

static double random_unit(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (double)(*state >> 11) / 9007199254740992.0;
}

/* Layers of the reference with random, strongly varying mixing: K from 0.1 to 1000 m2 s-1. */
static column *column_random(uint64_t seed)
{
    column *c = column_new(N, NZ);
    for (int i = 0; i < N; i++) {
        for (int k = 0; k < NZ; k++) {
            c->mass[k * STRIDE + i] = (real)((FACES[k + 1] - FACES[k]) * (0.5 + random_unit(&seed)));
            c->mix[k * STRIDE + i] = (real)(pow(10, 4 * random_unit(&seed) - 1) / 40);
        }
        c->mix[NZ * STRIDE + i] = (real)NAN; /* the top row is not to be read, nor is the ground's */
        c->mix[i] = (real)NAN;
        c->dep[i] = (real)(0.02 * random_unit(&seed));
        for (int e = 0; e < 3; e++) c->emission[e * STRIDE + i] = (real)random_unit(&seed);
    }
    return c;
}

static double mass_of(const column *c, const real *q, int i)
{
    double sum = 0;
    for (int k = 0; k < c->s.nz; k++) sum += (double)c->mass[k * STRIDE + i] * (double)q[k * STRIDE + i];
    return sum;
}

/* One row of the matrix-exponential table against dt = 300 s. Returns the error over the profile's maximum. */
static double expm_error(scheme how, double h, double ustar, double length, double t, const double *reference)
{
    column *c = column_new(1, NZ);
    real q[NZ * STRIDE] = {0};
    double deposited[1] = {0};
    for (int k = 0; k < NZ; k++) c->mass[k * STRIDE] = (real)(FACES[k + 1] - FACES[k]);
    for (int k = 1; k < NZ; k++) {
        /* no shear and strong stability leave only the boundary-layer part and the floor of 0.1 */
        const double K = bs_kz(FACES[k], (bs_pbl){.height = h, .ustar = ustar, .inv_l = 1 / length}, 0, 1e-2, 0.1);
        c->mix[k * STRIDE] = (real)(K / (0.5 * (FACES[k + 1] - FACES[k - 1])));
    }
    const double dt = t < 300 ? t : 300;
    factor(c, how, dt);
    q[0] = 1;
    for (int n = 0; n < (int)lround(t / dt); n++) step(c, how, NULL, 0, q, deposited);
    double worst = 0, largest = 0;
    for (int k = 0; k < NZ; k++) {
        worst = fmax(worst, fabs((double)q[k * STRIDE] - reference[k]));
        largest = fmax(largest, reference[k]);
    }
    free(c);
    return worst / largest;
}

static void reference_operator(void **unused)
{
    (void)unused;
    FILE *f = fopen(BS_SHARED_DIR "/reference/column_operator_expm.csv", "r");
    if (!f) {
        print_message("skipped: reference/column_operator_expm.csv is not here\n");
        skip();
    }
    char line[2048];
    int rows = 0;
    double worst[2] = {0, 0};
    while (fgets(line, sizeof line, f)) {
        if (strncmp(line, "K_", 2) != 0) continue;
        double v[5 + NZ];
        int n = 0;
        for (char *at = strchr(line, ','); at && n < 5 + NZ; at = strchr(at + 1, ',')) v[n++] = strtod(at + 1, NULL);
        assert_int_equal(n, 5 + NZ);
        for (int how = BE; how <= TR; how++) {
            const double error = expm_error((scheme)how, v[0], v[1], v[2], v[4], v + 5);
            print_message("%s h %g L %g t %5g s: %.5f\n", how == BE ? "backward Euler" : "TR-BDF2", v[0], v[2], v[4],
                          error);
            if (v[4] >= 3600) worst[how] = fmax(worst[how], error);
        }
        rows++;
    }
    fclose(f);
    assert_true(rows >= 4);
    assert_true(worst[BE] <= TOLERANCE_BE);
    assert_true(worst[TR] <= TOLERANCE_TR);
}

/* Fine layers against the analytic column: what reaches the ground by the time t. */
static double deposited_share(scheme how, double K, double v_d, double t)
{
    const double H = 1000, dz = H / NZ_FINE, dt = 300;
    column *c = column_new(1, NZ_FINE);
    static real q[NZ_FINE * STRIDE];
    memset(q, 0, sizeof q);
    double deposited[1] = {0};
    for (int k = 0; k < NZ_FINE; k++) c->mass[k * STRIDE] = (real)dz;
    for (int k = 1; k < NZ_FINE; k++) c->mix[k * STRIDE] = (real)(K / dz);
    c->dep[0] = (real)v_d;
    factor(c, how, dt);
    q[(NZ_FINE / 10) * STRIDE] = q[(NZ_FINE / 10 - 1) * STRIDE] = (real)(0.5 / dz); /* unit mass at 100 m */
    for (int n = 0; n < (int)lround(t / dt); n++) step(c, how, NULL, 0, q, deposited);
    free(c);
    return deposited[0];
}

static void reference_deposition(void **unused)
{
    (void)unused;
    FILE *f = fopen(BS_SHARED_DIR "/reference/column_diffusion_deposition.csv", "r");
    if (!f) {
        print_message("skipped: reference/column_diffusion_deposition.csv is not here\n");
        skip();
    }
    char line[512];
    int rows = 0;
    double worst[2] = {0, 0}, worst_relative = 0;
    while (fgets(line, sizeof line, f)) {
        double K, v_d, H, z0, t, z, c, left;
        if (sscanf(line, "%lf,%lf,%lf,%lf,%lf,%lf,%lf,%lf", &K, &v_d, &H, &z0, &t, &z, &c, &left) != 8) continue;
        if (z != 5) continue; /* other heights of the same run */
        assert_true(H == 1000 && z0 == 100);
        for (int how = BE; how <= TR; how++) {
            const double error = fabs(deposited_share((scheme)how, K, v_d, t) - (1 - left));
            worst[how] = fmax(worst[how], error);
            if (how == TR && left < 0.98) worst_relative = fmax(worst_relative, error / (1 - left));
        }
        rows++;
    }
    fclose(f);
    print_message(
        "deposited mass: backward Euler %.5f, TR-BDF2 %.5f of the mass; TR-BDF2 %.5f of a deposit above 2 %%\n",
        worst[BE], worst[TR], worst_relative);
    assert_true(rows >= 16);
    assert_true(worst[BE] <= TOLERANCE_DEPOSIT);
    assert_true(worst[TR] <= TOLERANCE_DEPOSIT);
    assert_true(worst_relative <= TOLERANCE_DEPOSIT);
}

static void uniform_stays_to_the_bit(void **unused)
{
    (void)unused;
    const double values[] = {0.1, 3.7e-8, 1.0, 41.3};
    for (int how = BE; how <= TR; how++) {
        column *c = column_random(7);
        memset(c->dep, 0, sizeof c->dep);
        factor(c, (scheme)how, 300);
        for (size_t v = 0; v < sizeof values / sizeof *values; v++) {
            real q[NZ * STRIDE];
            double deposited[STRIDE] = {0};
            for (int p = 0; p < NZ * STRIDE; p++) q[p] = (real)values[v];
            for (int n = 0; n < 10; n++) step(c, (scheme)how, NULL, 0, q, deposited);
            for (int p = 0; p < NZ * STRIDE; p++) assert_true(q[p] == (real)values[v]);
        }
        free(c);
    }
}

/* Mass gained is what was emitted less what the ground took. */
static void budget_closes(void **unused)
{
    (void)unused;
    for (int how = BE; how <= TR; how++) {
        column *c = column_random(3);
        factor(c, (scheme)how, 300);
        real q[NZ * STRIDE] = {0};
        double deposited[STRIDE] = {0}, emitted[STRIDE] = {0}, start[N], worst = 0;
        uint64_t seed = 5;
        for (int i = 0; i < N; i++) {
            for (int k = 0; k < NZ; k++) q[k * STRIDE + i] = (real)random_unit(&seed);
            start[i] = mass_of(c, q, i);
        }
        const int steps = 100;
        for (int n = 0; n < steps; n++) {
            step(c, (scheme)how, c->emission, 3, q, deposited);
            for (int i = 0; i < N; i++) {
                for (int e = 0; e < 3; e++) emitted[i] += 300.0 * (double)c->emission[e * STRIDE + i];
            }
        }
        for (int i = 0; i < N; i++) {
            const double error = mass_of(c, q, i) + deposited[i] - start[i] - emitted[i];
            worst = fmax(worst, fabs(error) / (start[i] + emitted[i]));
            assert_true(deposited[i] > 0);
        }
        print_message("%s: budget of %d steps closes to %.2e\n", how == BE ? "backward Euler" : "TR-BDF2", steps,
                      worst);
        assert_true(worst <= TOLERANCE_MASS(steps));
        free(c);
    }
}

/* A spike in very strong mixing: where plain elimination would lose dt mix/m rounding errors. */
static void strong_mixing_keeps_mass(void **unused)
{
    (void)unused;
    for (int how = BE; how <= TR; how++) {
        column *c = column_random(11);
        memset(c->dep, 0, sizeof c->dep);
        for (int k = 1; k < NZ; k++) {
            for (int i = 0; i < N; i++) c->mix[k * STRIDE + i] = 50; /* dt mix/m up to 1500 */
        }
        factor(c, (scheme)how, 300);
        real q[NZ * STRIDE] = {0};
        double deposited[STRIDE] = {0}, start[N], worst = 0;
        for (int i = 0; i < N; i++) {
            q[(i % NZ) * STRIDE + i] = 1;
            start[i] = mass_of(c, q, i);
        }
        step(c, (scheme)how, NULL, 0, q, deposited);
        for (int i = 0; i < N; i++) worst = fmax(worst, fabs(mass_of(c, q, i) - start[i]) / start[i]);
        print_message("%s: spike in strong mixing keeps its mass to %.2e\n", how == BE ? "backward Euler" : "TR-BDF2",
                      worst);
        assert_true(worst <= TOLERANCE_MASS(4));
        free(c);
    }
}

static void spikes_stay_positive(void **unused)
{
    (void)unused;
    for (int how = BE; how <= TR; how++) {
        for (uint64_t seed = 1; seed <= 20; seed++) {
            column *c = column_random(seed);
            if (seed % 2) {
                for (int i = 0; i < N; i++) c->dep[i] *= 100;
            }
            factor(c, (scheme)how, seed % 3 ? 300 : 3600);
            real q[NZ * STRIDE] = {0};
            double deposited[STRIDE] = {0};
            for (int i = 0; i < N; i++) q[((i + (int)seed) % NZ) * STRIDE + i] = (real)pow(10, (double)(i % 9) - 6);
            for (int n = 0; n < 4; n++) {
                step(c, (scheme)how, NULL, 0, q, deposited);
                for (int k = 0; k < NZ; k++) {
                    for (int i = 0; i < N; i++) assert_true(q[k * STRIDE + i] >= 0);
                }
            }
            free(c);
        }
    }
}

static void tags_sum_to_the_total(void **unused)
{
    (void)unused;
    for (int how = BE; how <= TR; how++) {
        column *c = column_random(23);
        factor(c, (scheme)how, 300);
        real total[NZ * STRIDE] = {0}, tag[2][NZ * STRIDE] = {{0}}, zero[3 * STRIDE] = {0};
        double ground[3][STRIDE] = {{0}};
        for (int n = 0; n < 50; n++) {
            step(c, (scheme)how, c->emission, 3, total, ground[0]);
            step(c, (scheme)how, c->emission, 1, tag[0], ground[1]);
            memcpy(zero + STRIDE, c->emission + STRIDE, 2 * STRIDE * sizeof(real)); /* layers 1 and 2 */
            step(c, (scheme)how, zero, 3, tag[1], ground[2]);
        }
        for (int k = 0; k < NZ; k++) {
            for (int i = 0; i < N; i++) {
                const int p = k * STRIDE + i;
                assert_true(fabs((double)tag[0][p] + (double)tag[1][p] - (double)total[p]) <=
                            TOLERANCE_SUM * (double)total[p]);
            }
        }
        for (int i = 0; i < N; i++) {
            assert_true(fabs(ground[1][i] + ground[2][i] - ground[0][i]) <= TOLERANCE_SUM * ground[0][i]);
        }
        free(c);
    }
}

/* Doubling q doubles every product exactly, so linearity in that factor holds to the bit. */
static void scales_exactly(void **unused)
{
    (void)unused;
    for (int how = BE; how <= TR; how++) {
        column *c = column_random(31);
        factor(c, (scheme)how, 300);
        real a[NZ * STRIDE] = {0}, b[NZ * STRIDE] = {0};
        double ground[2][STRIDE] = {{0}};
        uint64_t seed = 2;
        for (int p = 0; p < NZ * STRIDE; p++) {
            a[p] = (real)random_unit(&seed);
            b[p] = 2 * a[p];
        }
        step(c, (scheme)how, NULL, 0, a, ground[0]);
        step(c, (scheme)how, NULL, 0, b, ground[1]);
        for (int i = 0; i < N; i++) {
            for (int k = 0; k < NZ; k++) assert_true(b[k * STRIDE + i] == 2 * a[k * STRIDE + i]);
            assert_true(ground[1][i] == 2 * ground[0][i]);
        }
        free(c);
    }
}

/* A column gives the same bits alone and among others that need more substeps. */
static void columns_are_independent(void **unused)
{
    (void)unused;
    for (int how = BE; how <= TR; how++) {
        column *all = column_random(41), *one = column_random(41);
        for (int i = 0; i < N; i += 2) {
            for (int k = 0; k < NZ; k++) all->mix[k * STRIDE + i] *= (real)0.01; /* others need fewer substeps */
        }
        const int pick = 4;
        real q[NZ * STRIDE], p[NZ * STRIDE];
        double ground[2][STRIDE] = {{0}};
        uint64_t seed = 9;
        for (int n = 0; n < NZ * STRIDE; n++) q[n] = p[n] = (real)random_unit(&seed);
        for (int k = 0; k < NZ; k++) {
            one->mass[k * STRIDE] = all->mass[k * STRIDE + pick];
            one->mix[k * STRIDE] = all->mix[k * STRIDE + pick];
            p[k * STRIDE] = q[k * STRIDE + pick];
        }
        one->dep[0] = all->dep[pick];
        one->s.n = 1;
        factor(all, (scheme)how, 300);
        factor(one, (scheme)how, 300);
        step(all, (scheme)how, NULL, 0, q, ground[0]);
        step(one, (scheme)how, NULL, 0, p, ground[1]);
        for (int k = 0; k < NZ; k++) assert_true(p[k * STRIDE] == q[k * STRIDE + pick]);
        assert_true(ground[1][0] == ground[0][pick]);
        free(all);
        free(one);
    }
}

static void substeps_follow_the_rate(void **unused)
{
    (void)unused;
    column *c = column_new(2, 3);
    const real mix[4][2] = {{(real)NAN, (real)NAN}, {2, 1}, {3, 6}, {(real)NAN, (real)NAN}};
    for (int k = 0; k < 3; k++) {
        for (int i = 0; i < 2; i++) {
            c->mass[k * STRIDE + i] = (real)(k + 1);
            c->mix[k * STRIDE + i] = mix[k][i];
            c->mix[3 * STRIDE + i] = mix[3][i];
        }
    }
    c->dep[0] = 4;
    real rates[2];
    bs_vdiff_max_rate(c->s, c->mass, c->mix, c->dep, rates);
    assert_true(rates[0] == 6);    /* (dep + mix_1)/m_0 */
    assert_true(rates[1] == 3.5f); /* (mix_1 + mix_2)/m_1 */
    free(c);
    const double a = 1 - 1 / sqrt(2.0);
    for (double rate = 1e-4; rate < 10; rate *= 3) {
        const int n = bs_vdiff_substeps(300, rate);
        assert_true(a * 300 * rate / n <= 0.7 * (1 + 1e-12));
        assert_true(n == 1 || a * 300 * rate / (n - 1) > 0.7);
    }
}

/* A field's columns, any number of them, where they are: nothing beside them is written, and every instruction set gives the same bits. */
static void in_place_on_every_instruction_set(void **state)
{
    (void)state;
    enum { ROW = 48 };
    static const int NUMBERS[] = {1, 7, 16, N};
    column *c = column_random(5);
    factor(c, BE, 300);
    real start[NZ * ROW], first[NZ * ROW], q[NZ * ROW];
    uint64_t seed = 8;
    for (int a = 0; a < NZ * ROW; a++) start[a] = (real)random_unit(&seed);
    for (size_t n = 0; n < sizeof NUMBERS / sizeof *NUMBERS; n++)
        for (int isa = 0; isa <= (int)bs_isa_best(); isa++) {
            double ground[BS_STRIP] = {0};
            bs_strip part = c->s;
            part.n = NUMBERS[n];
            memcpy(q, start, sizeof q);
            bs_vdiff_kernels_for((bs_isa)isa)
                ->solve_be(part, c->factors, c->emission, 3, q, ROW, isa ? start : NULL, ground, c->scratch);
            if (n == 0 && isa == 0) memcpy(first, q, sizeof q);
            for (int k = 0; k < NZ; k++) {
                assert_true(q[k * ROW] != start[k * ROW] && q[k * ROW] == first[k * ROW]);
                for (int i = part.n; i < ROW; i++) assert_true(q[k * ROW + i] == start[k * ROW + i]);
            }
            if (isa == 0) memcpy(first, q, sizeof q);
            assert_memory_equal(first, q, sizeof q);
        }
    free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_place_on_every_instruction_set),
        cmocka_unit_test(reference_operator),
        cmocka_unit_test(reference_deposition),
        cmocka_unit_test(uniform_stays_to_the_bit),
        cmocka_unit_test(budget_closes),
        cmocka_unit_test(strong_mixing_keeps_mass),
        cmocka_unit_test(spikes_stay_positive),
        cmocka_unit_test(tags_sum_to_the_total),
        cmocka_unit_test(scales_exactly),
        cmocka_unit_test(columns_are_independent),
        cmocka_unit_test(substeps_follow_the_rate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
