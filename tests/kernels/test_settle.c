/* Settling: published velocities, the mean over a size distribution, the flux's budget and positivity. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "kernels/base/constants.h"
#include "kernels/column/settle.h"

enum { N = 9, NZ = 12, STRIDE = 16 };

/* SCIENCE: spot values of NUMERICS.md section 4 are given to three digits. */
#define TOLERANCE_SPOT 2e-3
/* ORDER: Gauss-Hermite with seven points on exp(2 sqrt 2 ln 2 x), against 4000 trapezia. */
#define TOLERANCE_QUADRATURE 1e-4
/* ORDER: linear interpolation over 1025 points. */
#define TOLERANCE_TABLE 1e-5
/* ROUND: a change is rounded in units of (m + dt s) q, for each of 20 steps. */
#define TOLERANCE_MASS(courant) (16.0 * (1 + (courant)) * BS_REAL_EPSILON)

static void published_velocities(void **unused)
{
    (void)unused;
    assert_true(fabs(bs_settling_velocity(1500, 1e-6, 293.15, 101325) / 0.0052e-2 - 1) < 0.01); /* two digits */
    assert_true(fabs(bs_settling_velocity(1500, 10e-6, 293.15, 101325) / 0.458e-2 - 1) < TOLERANCE_SPOT);
    /* air at 288.15 K: U.S. Standard Atmosphere 1976 gives 1.7894e-5 kg m-1 s-1 and a path of 6.6332e-8 m (hard spheres) */
    assert_true(fabs(bs_air_viscosity(288.15) / 1.7894e-5 - 1) < 1e-4);
    assert_true(fabs(bs_mean_free_path(288.15, 101325) / 6.6332e-8 - 1) < 0.05);
}

static void mean_over_sizes(void **unused)
{
    (void)unused;
    const double sigmas[] = {1.0, 1.8, 2.0};
    for (int n = 0; n < 3; n++) {
        bs_sizes sizes;
        bs_sizes_lognormal(3e-6, sigmas[n], &sizes);
        double weight = 0;
        for (int i = 0; i < BS_SIZES; i++) weight += sizes.weight[i];
        assert_true(fabs(weight - 1) < 1e-14);
        const double mean = bs_settling_velocity_mean(2200, &sizes, 280, 9e4);
        double sum = 0, total = 0;
        for (int i = -2000; i <= 2000; i++) {
            const double y = 0.004 * i, w = exp(-0.5 * y * y); /* +-8 standard deviations */
            sum += w * bs_settling_velocity(2200, 3e-6 * exp(log(sigmas[n]) * y), 280, 9e4);
            total += w;
        }
        print_message("sigma %.1f: mean %.6e m s-1, %.6e by trapezia; of the median size %.6e\n", sigmas[n], mean,
                      sum / total, bs_settling_velocity(2200, 3e-6, 280, 9e4));
        assert_true(fabs(mean / (sum / total) - 1) < TOLERANCE_QUADRATURE);
    }
}

static void table_gives_the_mean(void **unused)
{
    (void)unused;
    const double diameters[] = {0.33e-6, 3e-6};
    for (int d = 0; d < 2; d++) {
        bs_sizes sizes;
        bs_slip_table table;
        bs_sizes_lognormal(diameters[d], 1.8, &sizes);
        bs_slip_table_fill(1600, &sizes, &table);
        double worst = 0;
        for (double p = 500; p < 105000; p *= 1.07) {
            for (double t = 190; t < 320; t += 13) {
                const double mu = bs_air_viscosity(t), path = log(bs_mean_free_path(t, p));
                real v;
                bs_settling_velocity_row(1, &table, &mu, &path, &v);
                worst = fmax(worst, fabs((double)v / bs_settling_velocity_mean(1600, &sizes, t, p) - 1));
            }
        }
        print_message("table, %.2f um: %.1e\n", diameters[d] * 1e6, worst);
        assert_true(worst < TOLERANCE_TABLE);
    }
    bs_sizes sizes;
    bs_slip_table table;
    bs_sizes_lognormal(1e-6, 2, &sizes);
    bs_slip_table_fill(1600, &sizes, &table);
    const double mu[2] = {1.8e-5, 1.8e-5}, beyond[2] = {log(1e-9), log(1e-3)};
    real v[2];
    bs_settling_velocity_row(2, &table, mu, beyond, v);
    assert_true(v[0] > 0 && v[1] > v[0] && isfinite(v[1]));
}

static void flux_conserves_and_stays_positive(void **unused)
{
    (void)unused;
    const bs_strip s = {.n = N, .nz = NZ, .stride = STRIDE};
    real mass[NZ * STRIDE], flow[NZ * STRIDE], q[NZ * STRIDE] = {0};
    double deposited[STRIDE] = {0}, start[N] = {0};
    for (int k = 0; k < NZ; k++) {
        for (int i = 0; i < N; i++) {
            mass[k * STRIDE + i] = (real)(20 + 15 * k);
            flow[k * STRIDE + i] = (real)(pow(10, i - 6) * (1 + 0.1 * k)); /* 1e-6 .. 100: dt flow/m up to 1500 */
            q[k * STRIDE + i] = k == NZ / 2 ? 5 : (real)(k % 3);
            start[i] += (double)mass[k * STRIDE + i] * (double)q[k * STRIDE + i];
        }
    }
    real factors[(2 * NZ + 1) * STRIDE];
    bs_settle_factor(s, 300, mass, flow, factors);
    for (int n = 0; n < 20; n++) bs_settle(s, factors, q, STRIDE, deposited);
    for (int i = 0; i < N; i++) {
        double sum = deposited[i];
        for (int k = 0; k < NZ; k++) {
            assert_true(q[k * STRIDE + i] >= 0);
            sum += (double)mass[k * STRIDE + i] * (double)q[k * STRIDE + i];
        }
        assert_true(fabs(sum / start[i] - 1) < TOLERANCE_MASS(300 * (double)flow[i] / 20));
        assert_true(deposited[i] > 0);
    }
    assert_true(deposited[N - 1] > 0.999 * start[N - 1]); /* fast ones are all down */
}

/* One layer: the mean decay rate is V/dz; implicit Euler gives 1/(1 + dt V/dz) a step. */
static void single_layer_decays(void **unused)
{
    (void)unused;
    const bs_strip s = {.n = 1, .nz = 1, .stride = 1};
    const real mass = 25, flow = (real)0.01;
    real q = 1;
    double deposited = 0;
    real factors[3];
    bs_settle_factor(s, 100, &mass, &flow, factors);
    for (int n = 0; n < 3; n++) bs_settle(s, factors, &q, 1, &deposited);
    assert_true(fabs((double)q - pow(1 + 100 * 0.01 / 25, -3)) < 4 * BS_REAL_EPSILON);
}

static void nothing_settles_without_velocity(void **unused)
{
    (void)unused;
    const bs_strip s = {.n = 3, .nz = 2, .stride = 3};
    real mass[6] = {1, 2, 3, 4, 5, 6}, flow[6] = {0}, q[6] = {(real)0.1, 2, 3, 4, 5, (real)3.7e-8}, before[6];
    double deposited[3] = {0};
    memcpy(before, q, sizeof q);
    real factors[15];
    bs_settle_factor(s, 300, mass, flow, factors);
    bs_settle(s, factors, q, 3, deposited);
    assert_memory_equal(before, q, sizeof q);
    assert_true(deposited[0] == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_velocities), cmocka_unit_test(mean_over_sizes),
        cmocka_unit_test(table_gives_the_mean), cmocka_unit_test(flux_conserves_and_stays_positive),
        cmocka_unit_test(single_layer_decays),  cmocka_unit_test(nothing_settles_without_velocity),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
