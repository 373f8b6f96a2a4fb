/* Wet scavenging: the EMEP coefficients at 1 mm/h, exact decay, budget. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "kernels/column/scavenge.h"

enum { N = 7, NZ = 5, STRIDE = 8 };

/* SCIENCE: NUMERICS.md section 4 gives two or three digits. */
#define TOLERANCE_SPOT 0.01
/* ROUND: sums of NZ exact products in double. */
#define TOLERANCE_SUM 1e-14

static void rates_at_one_millimetre_an_hour(void **unused)
{
    (void)unused;
    const double rain = 1.0 / 3600;
    assert_true(fabs(bs_scavenge_in_cloud(BS_SCAVENGE_FINE, rain) / 2.78e-4 - 1) < TOLERANCE_SPOT);
    assert_true(fabs(bs_scavenge_in_cloud(BS_SCAVENGE_COARSE, rain) / 2.78e-4 - 1) < TOLERANCE_SPOT);
    assert_true(fabs(bs_scavenge_below_cloud(BS_SCAVENGE_FINE, rain) / 5.8e-6 - 1) < TOLERANCE_SPOT);
    assert_true(fabs(bs_scavenge_below_cloud(BS_SCAVENGE_COARSE, rain) / 1.16e-4 - 1) < TOLERANCE_SPOT);
    assert_true(bs_scavenge_below_cloud(BS_SCAVENGE_FINE, 0) == 0);
}

static void decays_exactly_and_counts_every_microgram(void **unused)
{
    (void)unused;
    const bs_strip s = {.n = N, .nz = NZ, .stride = STRIDE};
    real mass[NZ * STRIDE], rate[NZ * STRIDE], loss[NZ * STRIDE], q[NZ * STRIDE];
    double deposited[STRIDE] = {0}, start[N] = {0};
    for (int k = 0; k < NZ; k++) {
        for (int i = 0; i < N; i++) {
            const int p = k * STRIDE + i;
            mass[p] = (real)(100 + k);
            rate[p] = k == 0 ? 0 : (real)pow(10, i - 8); /* 1e-8 .. 1e-2 s-1 */
            q[p] = (real)(1.7 + i);
            start[i] += (double)mass[p] * (double)q[p];
        }
    }
    bs_scavenge_loss(s, 600, rate, loss);
    for (int n = 0; n < 3; n++) bs_scavenge(s, mass, loss, q, deposited);
    for (int i = 0; i < N; i++) {
        double sum = deposited[i];
        for (int k = 0; k < NZ; k++) {
            const int p = k * STRIDE + i;
            const double exact = (1.7 + i) * exp(-(double)rate[p] * 1800);
            assert_true(q[p] >= 0 && fabs((double)q[p] - exact) <= 4 * BS_REAL_EPSILON * (1.7 + i));
            sum += (double)mass[p] * (double)q[p];
        }
        assert_true(q[i] == (real)(1.7 + i)); /* no rain, not a bit changed */
        assert_true(fabs(sum / start[i] - 1) < TOLERANCE_SUM);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rates_at_one_millimetre_an_hour),
        cmocka_unit_test(decays_exactly_and_counts_every_microgram),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
