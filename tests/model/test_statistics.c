/* Statistics of pairs against closed forms, what is not defined, and the benchmarks. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "model/evaluate/statistics.h"

static const double ROUND = 1e-14; /* a few dozen operations in double on numbers near one */

static void near(double found, double expected)
{
    if (!(fabs(found - expected) <= ROUND * fmax(1, fabs(expected))))
        fail_msg("found %.17g, expected %.17g", found, expected);
}

static void a_perfect_model(void **state)
{
    (void)state;
    const double o[] = {10, 20, 35, 80};
    const bs_statistics s = bs_statistics_of(4, o, o);
    assert_int_equal(s.n, 4);
    assert_int_equal(s.n_positive, 4);
    near(s.mean_obs, 36.25);
    near(s.ratio, 1);
    near(s.mb, 0);
    near(s.nmb, 0);
    near(s.nme, 0);
    near(s.rmse, 0);
    near(s.r, 1);
    near(s.ioa, 1);
    near(s.fac2, 1);
    near(s.mfb, 0);
    near(s.mfe, 0);
    near(s.nme_scaled, 0);
}

/* M = c O: NMB = NME = c - 1, r = 1, MFB = 2 (c - 1) / (c + 1), no error once scaled. */
static void a_constant_factor(void **state)
{
    (void)state;
    const double o[] = {3, 7, 11, 19, 40}, factor[] = {0.25, 0.5, 1.5, 2, 3};
    for (int k = 0; k < 5; k++) {
        const double c = factor[k];
        double m[5];
        for (int i = 0; i < 5; i++) m[i] = c * o[i];
        const bs_statistics s = bs_statistics_of(5, o, m);
        near(s.ratio, c);
        near(s.mb, 16 * (c - 1));
        near(s.nmb, c - 1);
        near(s.nme, fabs(c - 1));
        near(s.rmse, fabs(c - 1) * sqrt((9 + 49 + 121 + 361 + 1600) / 5.0));
        near(s.r, 1);
        near(s.fac2, c >= 0.5 && c <= 2);
        near(s.mfb, 2 * (c - 1) / (c + 1));
        near(s.mfe, 2 * fabs(c - 1) / (c + 1));
        near(s.nme_scaled, 0);
    }
}

/* O = 1, 2, 3 and M = 3, 2, 1 by hand. */
static void turned_round(void **state)
{
    (void)state;
    const double o[] = {1, 2, 3}, m[] = {3, 2, 1};
    const bs_statistics s = bs_statistics_of(3, o, m);
    near(s.mb, 0);
    near(s.nmb, 0);
    near(s.nme, 4.0 / 6);
    near(s.rmse, sqrt(8.0 / 3));
    near(s.r, -1);
    near(s.ioa, 1 - 8.0 / 8); /* reach: 1 + 1, 0, 1 + 1 */
    near(s.fac2, 1.0 / 3);
    near(s.mfb, 0);
    near(s.mfe, (1 + 0 + 1) / 3.0);
    near(s.nme_scaled, 4.0 / 6);
}

/* Sums over pairs in another order, or every pair twice, tell the same. */
static void order_and_weight(void **state)
{
    (void)state;
    const double o[] = {12.5, 90.25, 33, 71, 4.75, 150}, m[] = {20, 55.5, 41, 30.25, 6, 99};
    double o2[12], m2[12];
    for (int k = 0; k < 12; k++) {
        o2[k] = o[5 - k % 6];
        m2[k] = m[5 - k % 6];
    }
    const bs_statistics a = bs_statistics_of(6, o, m), b = bs_statistics_of(12, o2, m2);
    int n;
    bs_statistic_rows(&n);
    for (int k = 0; k < n; k++) near(bs_statistic_value(&b, k), bs_statistic_value(&a, k));
    assert_true(a.r > 0.9 && a.r < 1 && a.ioa > 0 && a.ioa < 1);
}

static void what_is_not_defined(void **state)
{
    (void)state;
    const double o[] = {5, 5, 5, 5}, m[] = {1, 2, 3, 4}, zero[] = {0, 0, 0, 0}, tenth[] = {0.1, 0.1, 0.1};
    bs_statistics s = bs_statistics_of(0, o, m);
    assert_true(s.n == 0 && isnan(s.mean_obs) && isnan(s.nmb) && isnan(s.r) && isnan(s.fac2));
    s = bs_statistics_of(1, o, m);
    assert_true(isnan(s.r) && isnan(s.ioa) && s.mb == -4 && s.rmse == 4);
    s = bs_statistics_of(2, m, o);
    assert_true(isnan(s.r) && isnan(s.ioa) && isfinite(s.nmb));
    s = bs_statistics_of(4, o, m); /* no variance of the observations */
    assert_true(isnan(s.r) && isnan(s.ioa) && isfinite(s.nme));
    s = bs_statistics_of(4, m, o); /* none of the model */
    assert_true(isnan(s.r) && isfinite(s.ioa));
    s = bs_statistics_of(3, tenth, m); /* a constant whose mean rounds */
    assert_true(isnan(s.r) && isnan(s.ioa));
    s = bs_statistics_of(4, zero, m);
    assert_true(isnan(s.nmb) && isnan(s.nme) && isnan(s.ratio) && isnan(s.fac2) && isnan(s.mfb) && s.n_positive == 0);
    s = bs_statistics_of(4, m, zero);
    assert_true(s.nmb == -1 && s.mfb == -2 && s.mfe == 2 && isnan(s.nme_scaled) && isnan(s.r) && s.fac2 == 0);
}

/* Pairs without an observation above zero count everywhere but in the fractional statistics. */
static void zeros_among_the_observations(void **state)
{
    (void)state;
    const double o[] = {0, 10, 20}, m[] = {5, 10, 10};
    const bs_statistics s = bs_statistics_of(3, o, m);
    assert_int_equal(s.n_positive, 2);
    near(s.fac2, 1);
    near(s.mfb, -1.0 / 3);
    near(s.nmb, -5.0 / 30);
}

static const bs_benchmark *benchmark(const char *name)
{
    int n;
    const bs_benchmark *b = bs_benchmarks(&n);
    for (int k = 0; k < n; k++)
        if (strcmp(b[k].name, name) == 0) return &b[k];
    fail_msg("no benchmark of %s", name);
    return NULL;
}

static void benchmarks_at_their_limits(void **state)
{
    (void)state;
    bs_statistics s = {
        .n = 10, .mean_obs = 50, .mean_mod = 50, .nmb = -0.10, .nme = 0.351, .r = 0.70, .mfb = 0.60, .mfe = NAN};
    assert_int_equal(bs_benchmark_mark(benchmark("nmb"), &s), BS_MARK_GOAL);
    assert_int_equal(bs_benchmark_mark(benchmark("nme"), &s), BS_MARK_CRITERIA);
    assert_int_equal(bs_benchmark_mark(benchmark("r"), &s), BS_MARK_CRITERIA); /* above, not at */
    assert_int_equal(bs_benchmark_mark(benchmark("mfb"), &s), BS_MARK_CRITERIA);
    assert_int_equal(bs_benchmark_mark(benchmark("mfe"), &s), BS_MARK_NONE);
    s = (bs_statistics){
        .n = 10, .mean_obs = 50, .mean_mod = 50, .nmb = 0.301, .nme = 0.6, .r = 0.4, .mfb = -0.61, .mfe = 0.5};
    assert_int_equal(bs_benchmark_mark(benchmark("nmb"), &s), BS_MARK_MISSED);
    assert_int_equal(bs_benchmark_mark(benchmark("nme"), &s), BS_MARK_MISSED);
    assert_int_equal(bs_benchmark_mark(benchmark("r"), &s), BS_MARK_MISSED);
    assert_int_equal(bs_benchmark_mark(benchmark("mfb"), &s), BS_MARK_MISSED);
    assert_int_equal(bs_benchmark_mark(benchmark("mfe"), &s), BS_MARK_GOAL);
    assert_string_equal(bs_mark_word(BS_MARK_MISSED), "not met");
    s.n = 9;
    assert_int_equal(bs_benchmark_mark(benchmark("mfe"), &s), BS_MARK_NONE);
}

/* 200 % where there is nothing, the plain limit where there is much: 170 exp(-x / 0.5) + 30 and so on, in percent. */
static void benchmarks_widen_at_small_concentrations(void **state)
{
    (void)state;
    const bs_benchmark *mfb = benchmark("mfb"), *mfe = benchmark("mfe"), *nmb = benchmark("nmb");
    near(bs_benchmark_limit(mfb, mfb->goal, 0), 2);
    near(bs_benchmark_limit(mfb, mfb->goal, 1), 1.7 * exp(-2) + 0.3);
    near(bs_benchmark_limit(mfb, mfb->criteria, 1), 1.4 * exp(-2) + 0.6);
    near(bs_benchmark_limit(mfe, mfe->goal, 1.5), 1.5 * exp(-2) + 0.5);
    near(bs_benchmark_limit(mfe, mfe->criteria, 1.5), 1.25 * exp(-2) + 0.75);
    assert_true(bs_benchmark_limit(mfe, mfe->goal, 5) < 0.502);
    near(bs_benchmark_limit(nmb, nmb->goal, 0), 0.1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_perfect_model),
        cmocka_unit_test(a_constant_factor),
        cmocka_unit_test(turned_round),
        cmocka_unit_test(order_and_weight),
        cmocka_unit_test(what_is_not_defined),
        cmocka_unit_test(zeros_among_the_observations),
        cmocka_unit_test(benchmarks_at_their_limits),
        cmocka_unit_test(benchmarks_widen_at_small_concentrations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
