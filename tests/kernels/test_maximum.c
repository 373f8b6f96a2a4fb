/* The largest magnitude of any count of numbers, and what is no number among them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "kernels/base/maximum.h"

enum { N = 3 * BS_MAXIMUM_LANES + 5 };

static void largest_wherever_it_is(void **state)
{
    (void)state;
    double a[N];
    assert_true(bs_max_abs(0, a) == 0.0);
    for (int n = 1; n <= N; n++)
        for (int at = 0; at < n; at++) {
            for (int i = 0; i < n; i++) a[i] = i % 2 ? 0.5 : -0.5;
            a[at] = at % 3 ? -2.0 : 2.0;
            assert_true(bs_max_abs((size_t)n, a) == 2.0);
        }
}

static void no_number_is_not_lost(void **state)
{
    (void)state;
    const double bad[] = {NAN, INFINITY, -INFINITY};
    double a[N];
    for (int b = 0; b < 3; b++)
        for (int at = 0; at < N; at++) {
            for (int i = 0; i < N; i++) a[i] = i - 7.0;
            a[at] = bad[b];
            assert_true(isnan(bs_max_abs(N, a)));
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(largest_wherever_it_is),
        cmocka_unit_test(no_number_is_not_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
