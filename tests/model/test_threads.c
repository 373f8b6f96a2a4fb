/* How many threads, and flush-to-zero in each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <float.h>
#include <string.h>

#include "model/parallel/threads.h"

static void as_many_as_asked(void **state)
{
    (void)state;
#ifdef _OPENMP
    for (int n = 1; n <= 4; n++) {
        assert_int_equal(bs_threads_start(n), n);
        assert_int_equal(bs_threads_count(), n);
        int seen[4] = {0};
#pragma omp parallel
        {
#pragma omp atomic
            seen[bs_threads_self()]++;
        }
        for (int t = 0; t < 4; t++) assert_int_equal(seen[t], t < n);
    }
#else
    assert_int_equal(bs_threads_start(4), 1);
#endif
}

static void zero_leaves_the_choice(void **state)
{
    (void)state;
    bs_threads_start(2);
    const int n = bs_threads_count();
    assert_int_equal(bs_threads_start(0), n);
    assert_true(n >= 1);
    assert_int_equal(bs_threads_self(), 0);
}

/* Out of the compiler's sight, which would multiply by itself. */
static volatile float smallest = FLT_MIN, half = 0.5f, subnormal = FLT_MIN / 2, large = 1e10f;

static uint32_t bits_of(float x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

/* Bits are looked at, as a comparison would flush its operands too. */
static void subnormal_numbers_are_flushed(void **state)
{
    (void)state;
#if defined(__SSE__)
    bs_threads_start(3);
    int left = 0;
#pragma omp parallel reduction(+ : left)
    {
        left += bits_of(smallest * half) != 0;   /* results */
        left += bits_of(subnormal * large) != 0; /* operands */
    }
    assert_int_equal(left, 0);
#else
    skip();
#endif
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_many_as_asked),
        cmocka_unit_test(zero_leaves_the_choice),
        cmocka_unit_test(subnormal_numbers_are_flushed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
