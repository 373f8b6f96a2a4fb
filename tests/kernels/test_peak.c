/* The loops that measure a machine do what they say, on every instruction set that this processor has. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "kernels/bench/peak.h"

enum { N = 48 };

static void test_fma_counts_its_steps(void **state)
{
    (void)state;
    for (int isa = 0; isa <= (int)bs_isa_best(); isa++) {
        const bs_peak_kernels *k = bs_peak_kernels_for((bs_isa)isa);
        real x[BS_PEAK_ELEMENTS] = {0};
        k->fma(5, 2, 1, x); /* 0 1 3 7 15 31 */
        for (int i = 0; i < BS_PEAK_CHAINS * k->lanes; i++) assert_true(x[i] == 31);
        for (int i = BS_PEAK_CHAINS * k->lanes; i < BS_PEAK_ELEMENTS; i++) assert_true(x[i] == 0);
    }
}

static void test_triad_and_update_reach_every_element(void **state)
{
    (void)state;
    for (int isa = 0; isa <= (int)bs_isa_best(); isa++) {
        const bs_peak_kernels *k = bs_peak_kernels_for((bs_isa)isa);
        real b[N], c[N], out[N + 1] = {0};
        for (int i = 0; i < N; i++) b[i] = (real)i, c[i] = (real)(2 * i + 1);
        k->triad(N, 3, b, c, out);
        for (int i = 0; i < N; i++) assert_true(out[i] == (real)(7 * i + 3));
        k->update(N, 2, -6, out);
        for (int i = 0; i < N; i++) assert_true(out[i] == (real)(14 * i));
        assert_true(out[N] == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fma_counts_its_steps),
        cmocka_unit_test(test_triad_and_update_reach_every_element),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
