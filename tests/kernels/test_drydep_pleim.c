/* Dry deposition of modes after Pleim et al. 2022: the reference table; limits, moments and bounds that hold for any mode. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "kernels/base/constants.h"
#include "kernels/column/drydep.h"
#include "kernels/column/drydep_pleim.h"

/* SCIENCE: NUMERICS.md section 8, CMAQ in single precision; g = 9.80622 there is 4.4e-5 of V_s. */
#define TOLERANCE_TABLE 1e-4
/* ROUND: the table has 1 - exp(-x) in single precision, x = V_s (R_a + R_d): that much of V_d may be lost in it. */
#define LOST(x) (FLT_EPSILON / (x))
/* ROUND: some dozen operations and powers. */
#define TOLERANCE_ROUND (100 * DBL_EPSILON)

static const bs_moment MOMENTS[] = {BS_MOMENT_NUMBER, BS_MOMENT_SURFACE, BS_MOMENT_MASS};

static void published_table(void **unused)
{
    (void)unused;
    FILE *f = fopen(BS_SHARED_DIR "/reference/particle_dry_deposition_cmaq.csv", "r");
    if (!f) {
        print_message("skipped: reference/particle_dry_deposition_cmaq.csv is not here\n");
        skip();
    }
    char line[512];
    int rows = 0, of_land[BS_ML_COUNT] = {0};
    double worst = 0, beyond = 0;
    while (fgets(line, sizeof line, f)) {
        int number;
        double ustar, ra, d, sigma, want[3];
        bs_ground ground;
        if (sscanf(line, "%d,%lf,%lf,%lf,%lf,%lf,%lf,%lf,%lf,%lf", &number, &ground.cover, &ground.leaf_area, &ustar,
                   &ra, &d, &sigma, &want[0], &want[1], &want[2]) != 10)
            continue;
        ground.land = bs_modis_land_numbered(number);
        assert_true(ground.land < BS_ML_COUNT);
        of_land[ground.land]++;
        rows++;
        const bs_surface_air air = {.temperature = 293.15,
                                    .pressure = 101325,
                                    .ustar = ustar,
                                    .resistance = log(100) / (0.4 * ustar), /* more digits than `ra` */
                                    .wind10 = ustar * log(100) / 0.4};
        assert_true(fabs(air.resistance - ra) < 6e-4);
        for (int m = 0; m < 3; m++) {
            double vs;
            const double vd = bs_dry_modal_exchange(&ground, 1500, d * 1e-6, sigma, MOMENTS[m], air, &vs) + vs;
            const double error = fabs(vd / want[m] - 1), lost = LOST(-log1p(-vs / vd));
            if (lost < TOLERANCE_TABLE / 2) worst = fmax(worst, error);
            beyond = fmax(beyond, error - lost);
        }
    }
    fclose(f);
    print_message("%d rows: largest error %.1e where the table's rounding is small, %.1e beyond it elsewhere\n", rows,
                  worst, beyond);
    assert_true(rows > 100);
    for (int l = 0; l < BS_ML_COUNT; l++) assert_true(of_land[l] > 0);
    assert_true(worst < TOLERANCE_TABLE && beyond < TOLERANCE_TABLE);
}

static const bs_surface_air AIR = {.temperature = 285, .pressure = 96000, .ustar = 0.35, .resistance = 50, .wind10 = 4};

/* With sigma 1 all moments are the particle. By hand for leaves alone, one size. */
static void one_size(void **unused)
{
    (void)unused;
    const bs_ground leaves = {.land = BS_ML_CROPLAND, .cover = 1, .leaf_area = 2.5};
    double vs[3], exchange[3];
    for (int m = 0; m < 3; m++) exchange[m] = bs_dry_modal_exchange(&leaves, 1500, 0.8e-6, 1, MOMENTS[m], AIR, &vs[m]);
    assert_true(exchange[0] == exchange[1] && exchange[1] == exchange[2] && vs[0] == vs[2]);

    const double mu = 1.458e-6 * pow(285, 1.5) / (285 + 110.4), nu = mu * 287.04 * 285 / 96000;
    const double kn = 2 * 6.6328e-8 * (101325.0 / 96000) * (285 / 288.15) / 0.8e-6, slip = 1 + 1.246 * kn;
    const double v = 1500 * 9.80665 * 0.64e-12 / (18 * mu) * slip;
    const double d = 1.380649e-23 * 285 / (3 * BS_PI * mu * 0.8e-6) * slip;
    const double sl = v * 0.35 / (9.80665 * 4e-3), sh = v * 0.35 / (9.80665 * 1e-6);
    const double hit = 0.992 * sl * sl / (1 + sl * sl) + 0.008 * sh * sh / (1 + sh * sh);
    const double r = 50 + 1 / (0.35 * 2.5 * (pow(nu / d, -2.0 / 3) / 3 + hit));
    assert_true(fabs(vs[0] / v - 1) < TOLERANCE_ROUND);
    assert_true(fabs((exchange[0] + vs[0]) / (v / (1 - exp(-v * r))) - 1) < 1e-12); /* their difference loses digits */
}

/* V_s of a moment is the mean over the mode. */
static void moments_are_means(void **unused)
{
    (void)unused;
    const bs_ground bare = {.land = BS_ML_CROPLAND};
    for (int m = 0; m < 3; m++) {
        double vs, sum = 0, total = 0;
        bs_dry_modal_exchange(&bare, 1500, 0.2e-6, 1.9, MOMENTS[m], AIR, &vs);
        for (int i = -1400; i <= 1400; i++) {
            const double y = 0.01 * i, d = 0.2e-6 * exp(log(1.9) * y), w = exp(-0.5 * y * y) * pow(d, (int)MOMENTS[m]);
            double of_size;
            bs_dry_modal_exchange(&bare, 1500, d, 1, MOMENTS[m], AIR, &of_size);
            sum += w * of_size;
            total += w;
        }
        assert_true(fabs(vs / (sum / total) - 1) < 1e-9); /* trapezia over a Gaussian */
    }
}

static void bounded_and_ordered(void **unused)
{
    (void)unused;
    for (int l = 0; l < BS_ML_COUNT; l++) {
        const int grows = l != BS_ML_WATER;
        for (double d = 1e-9; d < 5e-5; d *= 1.7) {
            for (double ustar = 0.02; ustar < 1.5; ustar *= 2) {
                bs_surface_air air = AIR;
                air.ustar = ustar;
                const bs_ground ground = {.land = (bs_modis_land)l, .cover = grows ? 0.7 : 0, .leaf_area = 3};
                double vs, last = -1;
                const double e = bs_dry_modal_exchange(&ground, 1600, d, 1.6, BS_MOMENT_MASS, air, &vs);
                assert_true(isfinite(e) && e >= 0 && vs > 0);
                assert_true(e <= (1 + 1e-12) / air.resistance); /* never faster than the air brings it */
                for (double area = 0; grows && area < 7; area += 1) {
                    const bs_ground more = {.land = (bs_modis_land)l, .cover = 0.7, .leaf_area = area};
                    const double with = bs_dry_modal_exchange(&more, 1600, d, 1.6, BS_MOMENT_MASS, air, &vs);
                    assert_true(with >= last); /* leaves take */
                    last = with;
                }
            }
        }
    }
}

static void whitecaps_take_small_particles(void **unused)
{
    (void)unused;
    const bs_ground water = {.land = BS_ML_WATER};
    double vs, last = 0;
    for (double wind = 0; wind < 150; wind += 5) {
        bs_surface_air air = AIR;
        air.wind10 = wind;
        const double e = bs_dry_modal_exchange(&water, 1500, 0.3e-6, 1.5, BS_MOMENT_MASS, air, &vs);
        assert_true(isfinite(e) && e >= last && e <= 1 / air.resistance);
        last = e;
        /* so small that smooth water takes more than broken water does: no more than all of it can be broken */
        const double tiny = bs_dry_modal_exchange(&water, 1500, 5e-10, 1, BS_MOMENT_MASS, air, &vs);
        assert_true(isfinite(tiny) && tiny > 0 && tiny <= 1 / air.resistance);
    }
}

/* The class that the model uses is the mode's mass, from its mass median. */
static void class_of_bulk_mass(void **unused)
{
    (void)unused;
    const bs_ground crops = {.land = BS_ML_CROPLAND, .cover = 0.8, .leaf_area = 2};
    bs_dry_class class;
    bs_dry_class_fill_modal(&crops, 1600, 0.33e-6, 1.8, &class);
    double vs;
    const double median = 0.33e-6 * exp(-3 * log(1.8) * log(1.8));
    assert_true(fabs(class.median / median - 1) < TOLERANCE_ROUND);
    assert_true(bs_dry_exchange_mean(&class, AIR) ==
                bs_dry_modal_exchange(&crops, 1600, class.median, 1.8, BS_MOMENT_MASS, AIR, &vs));
    assert_string_equal(bs_modis_land_name(BS_ML_CROPLAND), "cropland");
    assert_true(bs_modis_land_numbered(12) == BS_ML_CROPLAND && bs_modis_land_numbered(2) == BS_ML_COUNT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_table),
        cmocka_unit_test(one_size),
        cmocka_unit_test(moments_are_means),
        cmocka_unit_test(bounded_and_ordered),
        cmocka_unit_test(whitecaps_take_small_particles),
        cmocka_unit_test(class_of_bulk_mass),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
