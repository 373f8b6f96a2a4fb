/* Sums that do not depend on the order of their terms. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <float.h>
#include <math.h>
#include <string.h>

#include "model/core/sum.h"

static const double UNIT = 1.0 / BS_SUM_SCALE; /* a term is cut to a multiple of this */

enum { N = 20000 };

static double uniform01(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (double)(*seed >> 11) / 9007199254740992.0;
}

/* Both signs, sizes from 1e-12 to 1e15. */
static void fill(double *terms)
{
    uint64_t seed = 1;
    for (int n = 0; n < N; n++) {
        const double size = pow(10.0, 27 * uniform01(&seed) - 12);
        terms[n] = uniform01(&seed) < 0.5 ? -size : size;
    }
}

static void shuffle(double *terms, uint64_t seed)
{
    for (int n = N - 1; n > 0; n--) {
        const int other = (int)(uniform01(&seed) * (n + 1));
        const double kept = terms[n];
        terms[n] = terms[other];
        terms[other] = kept;
    }
}

static bs_sum sum_of(const double *terms, int from, int to)
{
    bs_sum s = {0};
    for (int n = from; n < to; n++) bs_sum_add(&s, terms[n]);
    return s;
}

static void any_order_gives_the_same_bits(void **state)
{
    (void)state;
    static double terms[N];
    fill(terms);
    const bs_sum first = sum_of(terms, 0, N);
    double plain = 0;
    for (int n = 0; n < N; n++) plain += terms[n];
    int moved = 0; /* an ordinary sum depends on the order, or this would prove nothing */
    for (uint64_t turn = 1; turn <= 10; turn++) {
        shuffle(terms, turn);
        const bs_sum again = sum_of(terms, 0, N);
        assert_memory_equal(&again, &first, sizeof first);
        double other = 0;
        for (int n = 0; n < N; n++) other += terms[n];
        moved += other != plain;
    }
    assert_true(moved > 0);
}

static void any_split_gives_the_same_bits(void **state)
{
    (void)state;
    static double terms[N];
    fill(terms);
    const bs_sum all = sum_of(terms, 0, N);
    for (int parts = 2; parts <= 7; parts++) {
        bs_sum merged = {0};
        for (int p = parts - 1; p >= 0; p--) {
            const bs_sum part = sum_of(terms, p * N / parts, (p + 1) * N / parts);
            bs_sum_merge(&merged, &part);
        }
        assert_memory_equal(&merged, &all, sizeof all);
    }
}

static void huge_and_tiny(void **state)
{
    (void)state;
    bs_sum s = {0};
    bs_sum_add(&s, 4e18);
    bs_sum_add(&s, 1e-9);
    bs_sum_add(&s, -4e18);
    assert_true(fabs(bs_sum_value(&s) - 1e-9) <= UNIT); /* double arithmetic would give 0 */
}

static void negative_is_the_mirror(void **state)
{
    (void)state;
    const double terms[] = {0.1, 1e-18, 3.5, -7.25e15, 1e17 + 16, 9.2e18, 4.9e-324, 0};
    for (size_t n = 0; n < sizeof terms / sizeof *terms; n++) {
        bs_sum s = {0};
        bs_sum_add(&s, terms[n]);
        assert_true(fabs(bs_sum_value(&s) - terms[n]) <= UNIT + DBL_EPSILON * fabs(terms[n]));
        bs_sum_add(&s, -terms[n]);
        assert_true(bs_sum_value(&s) == 0);
    }
}

static void sum_beyond_a_term(void **state)
{
    (void)state;
    bs_sum s = {0};
    const int many = 1 << 23; /* times 9e18: 7.5e25 < 2^87, the air of a continent at a part in a thousand */
    for (int n = 0; n < many; n++) bs_sum_add(&s, 9e18);
    assert_true(bs_sum_value(&s) == many * 9e18);
    for (int n = 0; n < 2 * many; n++) bs_sum_add(&s, -9e18);
    assert_true(bs_sum_value(&s) == -many * 9e18);
}

static void many_at_once_is_one_by_one(void **state)
{
    (void)state;
    static double terms[N];
    fill(terms);
    for (int n = 0; n < N; n += 97) terms[n] *= 1e3; /* some beyond what the quick way takes */
    const bs_sum one_by_one = sum_of(terms, 0, N);
    bs_sum s = {0};
    for (int n = 0, count = 0; n < N; n += count) {
        count = n % 64 + 1 < N - n ? n % 64 + 1 : N - n;
        bs_sum_add_all(&s, count, terms + n);
    }
    assert_memory_equal(&s, &one_by_one, sizeof s);
}

static void signs_go_apart(void **state)
{
    (void)state;
    static double terms[N];
    fill(terms);
    for (int n = 0; n < N; n += 97) terms[n] *= 1e3;
    for (int n = 0; n < N; n += 5) terms[n] = -terms[n];
    bs_sum above = {0}, below = {0}, wanted_above = {0}, wanted_below = {0};
    for (int n = 0, count = 0; n < N; n += count) {
        count = n % 64 + 1 < N - n ? n % 64 + 1 : N - n;
        bs_sum_add_signed(&above, &below, count, terms + n);
    }
    for (int n = 0; n < N; n++) bs_sum_add(terms[n] > 0 ? &wanted_above : &wanted_below, fabs(terms[n]));
    assert_true(bs_sum_value(&wanted_above) > 0 && bs_sum_value(&wanted_below) > 0);
    assert_memory_equal(&above, &wanted_above, sizeof above);
    assert_memory_equal(&below, &wanted_below, sizeof below);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_order_gives_the_same_bits),
        cmocka_unit_test(many_at_once_is_one_by_one),
        cmocka_unit_test(any_split_gives_the_same_bits),
        cmocka_unit_test(huge_and_tiny),
        cmocka_unit_test(negative_is_the_mirror),
        cmocka_unit_test(sum_beyond_a_term),
        cmocka_unit_test(signs_go_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
