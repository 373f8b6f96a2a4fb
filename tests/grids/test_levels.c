/* Hybrid levels: thickness, order, pure sigma, refusals. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "grids/levels/levels.h"

static const double ROUND = 1e-9; /* Pa: rounding of pressures of 1e5 Pa */
static const double ETA[] = {1.0, 0.993, 0.98, 0.95, 0.9, 0.8, 0.65, 0.45, 0.3, 0.2, 0.1, 0.04, 0.0};
enum { N_HALF = sizeof ETA / sizeof ETA[0] };

static bs_levels *from_eta(double top, double flat)
{
    bs_levels *l = NULL;
    bs_err err = {.text = ""};
    if (bs_levels_from_eta(N_HALF, ETA, top, flat, &l, &err) != BS_OK) fail_msg("%s", err.text);
    return l;
}

static void expect_text(bs_status status, const bs_err *err, const char *part)
{
    assert_int_equal(status, BS_ERR_INPUT);
    if (!strstr(err->text, part)) fail_msg("'%s' is not in '%s'", part, err->text);
}

static void test_layers_have_mass_over_any_ground(void **state)
{
    (void)state;
    for (double flat = 0.0; flat <= 0.31; flat += 0.1) {
        bs_levels *l = from_eta(5000, flat);
        assert_int_equal(l->nz, N_HALF - 1);
        for (double ps = 40000; ps <= 110000; ps += 5000) {
            assert_true(bs_levels_pressure(l, 0, ps) == ps);
            assert_true(fabs(bs_levels_pressure(l, l->nz, ps) - 5000) < ROUND);
            for (int k = 0; k < l->nz; k++) {
                assert_true(bs_levels_pressure(l, k, ps) > bs_levels_pressure(l, k + 1, ps));
                assert_true(l->b_half[k] >= l->b_half[k + 1]);
            }
        }
        bs_levels_destroy(l);
    }
}

static void test_reference_pressure_gives_eta(void **state)
{
    (void)state;
    for (double flat = 0.0; flat <= 0.31; flat += 0.1) {
        bs_levels *l = from_eta(10000, flat);
        for (int k = 0; k <= l->nz; k++) {
            double expected = 10000 + ETA[k] * (101325.0 - 10000);
            assert_true(fabs(bs_levels_pressure(l, k, 101325.0) - expected) < ROUND);
            if (ETA[k] <= flat) assert_true(l->b_half[k] == 0.0);
        }
        bs_levels_destroy(l);
    }
}

static void test_pure_sigma(void **state)
{
    (void)state;
    bs_levels *l = from_eta(10000, 0.0);
    for (int k = 0; k <= l->nz; k++) {
        double expected = 10000 + ETA[k] * (60000.0 - 10000);
        assert_true(l->b_half[k] == ETA[k]);
        assert_true(fabs(bs_levels_pressure(l, k, 60000) - expected) < ROUND);
    }
    bs_levels_destroy(l);
}

static void test_coefficients_are_copied(void **state)
{
    (void)state;
    double a[] = {0, 1000, 12000, 5000}, b[] = {1.0, 0.97, 0.5, 0};
    bs_levels *l = NULL;
    assert_int_equal(bs_levels_create(4, a, b, &l, NULL), BS_OK);
    a[1] = b[1] = 0;
    assert_true(l->nz == 3 && l->a_half[1] == 1000 && l->b_half[1] == 0.97);
    bs_levels_destroy(l);
    a[1] = 1000;
    b[1] = 0.97;
    b[0] = 1.0 + 1e-7; /* a float's 1 */
    assert_int_equal(bs_levels_create(4, a, b, &l, NULL), BS_OK);
    assert_true(l->b_half[0] == 1.0);
    bs_levels_destroy(l);
}

static void create_fails(int n, const double *a, const double *b, const char *part)
{
    bs_levels *l = NULL;
    bs_err err = {.text = ""};
    expect_text(bs_levels_create(n, a, b, &l, &err), &err, part);
    assert_null(l);
}

static void eta_fails(int n, const double *eta, double top, double flat, const char *part)
{
    bs_levels *l = NULL;
    bs_err err = {.text = ""};
    expect_text(bs_levels_from_eta(n, eta, top, flat, &l, &err), &err, part);
    assert_null(l);
}

static void test_errors(void **state)
{
    (void)state;
    create_fails(1, (double[]){0}, (double[]){1}, "1 half levels; expected at least 2");
    create_fails(3, (double[]){5000, 3000, 0}, (double[]){0, 0.5, 1}, "half level 0 has a = 5000 Pa, b = 0");
    create_fails(3, (double[]){0, 3000, 5000}, (double[]){1, 0.5, 0.1}, "half level 2, the model top");
    create_fails(3, (double[]){0, 3000, -5}, (double[]){1, 0.5, 0}, "half level 2, the model top");
    create_fails(4, (double[]){0, 100, 200, 300}, (double[]){1, 0.5, 0.6, 0},
                 "b rises from 0.5 to 0.6 between half levels 1 and 2");
    create_fails(3, (double[]){0, 30000, 5000}, (double[]){1, 0.5, 0},
                 "layer 0 has no mass at a surface pressure of 400 hPa");
    create_fails(3, (double[]){0, 2000, 5000}, (double[]){1, 0.0, 0}, "layer 1 has no mass");
    create_fails(3, (double[]){0, 5000, 5000}, (double[]){1, 0.0, 0}, "layer 1 has no mass");
    create_fails(3, (double[]){0, NAN, 5000}, (double[]){1, 0.5, 0}, "half level 1 is not a number");
    eta_fails(1, ETA, 5000, 0, "1 half levels");
    eta_fails(N_HALF, ETA, 50000, 0, "the model top is at 50000 Pa");
    eta_fails(N_HALF, ETA, 5000, 0.6, "eta_flat = 0.6; expected 0 (pure sigma) to 0.5");
    eta_fails(N_HALF, ETA, 5000, 0.5, "lower eta_flat");
    eta_fails(3, (double[]){0.9, 0.5, 0}, 5000, 0, "eta runs from 0.9 to 0");
    eta_fails(4, (double[]){1, 0.5, 0.5, 0}, 5000, 0, "eta of half level 2 is 0.5 after 0.5");
    bs_levels_destroy(NULL);
}

/* Klemp's cubic with eta 0.2, as WRF has it: no room for a surface pressure of 400 hPa, enough for one of 520. */
static void test_over_ground_that_is_known(void **state)
{
    (void)state;
    bs_levels *l = NULL;
    bs_err err = {.text = ""};
    const double steep[] = {0, 11250, 25190, 5000}, share[] = {1, 0.65, 0.3206, 0};
    expect_text(bs_levels_create(4, steep, share, &l, &err), &err, "no mass at a surface pressure of 400 hPa");
    assert_int_equal(bs_levels_create_from(52000, 4, steep, share, &l, &err), BS_OK);
    bs_levels_destroy(l);
    expect_text(bs_levels_create_from(42000, 4, steep, share, &l, &err), &err, "for all surfaces from 420 to 1100 hPa");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_layers_have_mass_over_any_ground),
        cmocka_unit_test(test_reference_pressure_gives_eta),
        cmocka_unit_test(test_pure_sigma),
        cmocka_unit_test(test_coefficients_are_copied),
        cmocka_unit_test(test_over_ground_that_is_known),
        cmocka_unit_test(test_errors),
    };
    return cmocka_run_group_tests_name("levels", tests, NULL, NULL);
}
