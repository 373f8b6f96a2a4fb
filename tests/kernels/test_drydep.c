/* Dry deposition velocities against the published constants' own evaluation; the surface layer and eddy diffusivity below them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/base/constants.h"
#include "kernels/column/drydep.h"
#include "kernels/column/kz.h"
#include "kernels/column/surface_layer.h"

/* SCIENCE: NUMERICS.md section 8, same constants; the table gives seven digits. */
#define TOLERANCE_TABLE 1e-5
/* ORDER: midpoint rule with 20000 intervals over (1 - phi)/zeta. */
#define TOLERANCE_INTEGRAL 1e-6

static void published_table(void **unused)
{
    (void)unused;
    FILE *f = fopen(BS_SHARED_DIR "/reference/particle_dry_deposition.csv", "r");
    if (!f) {
        print_message("skipped: reference/particle_dry_deposition.csv is not here\n");
        skip();
    }
    char line[512], name[64];
    int rows = 0;
    double worst[3] = {0};
    while (fgets(line, sizeof line, f)) {
        int luc;
        double ustar, ra, d, vs, z01, e20;
        if (sscanf(line, "%d,%63[^,],%lf,%lf,%lf,%lf,%lf,%lf", &luc, name, &ustar, &ra, &d, &vs, &z01, &e20) != 8)
            continue;
        const bs_surface_air air = {.temperature = 293.15, .pressure = 101325, .ustar = ustar, .resistance = ra};
        const bs_land_use lu = (bs_land_use)(luc - 1);
        const double got[3] = {bs_dry_velocity(BS_DRY_NONE, lu, 1500, d * 1e-6, air),
                               bs_dry_velocity(BS_DRY_ZHANG2001, lu, 1500, d * 1e-6, air),
                               bs_dry_velocity(BS_DRY_EMERSON2020, lu, 1500, d * 1e-6, air)};
        const double want[3] = {vs, z01, e20};
        for (int n = 0; n < 3; n++) worst[n] = fmax(worst[n], fabs(got[n] / want[n] - 1));
        rows++;
    }
    fclose(f);
    print_message("%d rows: V_s %.1e, Zhang 2001 %.1e, Emerson 2020 %.1e\n", rows, worst[0], worst[1], worst[2]);
    assert_true(rows > 100);
    for (int n = 0; n < 3; n++) assert_true(worst[n] < TOLERANCE_TABLE);
}

/* Spot values of NUMERICS.md section 4, cm s-1, three digits. */
static void spot_values(void **unused)
{
    (void)unused;
    const struct {
        bs_land_use lu;
        double um, z01, e20;
    } spot[] = {{BS_LU_BROADLEAF_DECIDUOUS, 0.1, .391, .081},
                {BS_LU_BROADLEAF_DECIDUOUS, 2.5, .070, .583},
                {BS_LU_GRASS, 0.3, .201, .250},
                {BS_LU_URBAN, 1.0, .076, .186}};
    const bs_surface_air air = {
        .temperature = 293.15, .pressure = 101325, .ustar = 0.4, .resistance = log(100.0) / 0.16};
    for (size_t n = 0; n < sizeof spot / sizeof *spot; n++) {
        const double d = spot[n].um * 1e-6;
        assert_true(fabs(100 * bs_dry_velocity(BS_DRY_ZHANG2001, spot[n].lu, 1500, d, air) - spot[n].z01) < 6e-4);
        assert_true(fabs(100 * bs_dry_velocity(BS_DRY_EMERSON2020, spot[n].lu, 1500, d, air) - spot[n].e20) < 6e-4);
    }
}

static void mean_lies_between_and_above_settling(void **unused)
{
    (void)unused;
    const bs_surface_air air = {.temperature = 280, .pressure = 96000, .ustar = 0.3, .resistance = 60};
    const double diameters[] = {0.33e-6, 3e-6};
    for (int scheme = BS_DRY_EMERSON2020; scheme <= BS_DRY_ZHANG2001; scheme++) {
        for (int d = 0; d < 2; d++) {
            bs_sizes sizes;
            bs_sizes_lognormal(diameters[d], 1.8, &sizes);
            bs_dry_class class;
            bs_dry_class_fill((bs_dry_scheme)scheme, BS_LU_CROPS, 1600, &sizes, &class);
            const double mean = bs_dry_exchange_mean(&class, air) + bs_settling_velocity_mean(1600, &sizes, 280, 96000);
            double sum = 0, total = 0;
            for (int i = -400; i <= 400; i++) {
                const double y = 0.02 * i, w = exp(-0.5 * y * y);
                sum += w *
                       bs_dry_velocity((bs_dry_scheme)scheme, BS_LU_CROPS, 1600, diameters[d] * exp(log(1.8) * y), air);
                total += w;
            }
            print_message("scheme %d, %.2f um: mean %.4e m s-1, %.4e by trapezia\n", scheme, diameters[d] * 1e6, mean,
                          sum / total);
            assert_true(fabs(mean / (sum / total) - 1) < 0.01); /* SCIENCE: 1 %, far below the schemes' own spread */
            assert_true(mean > bs_settling_velocity_mean(1600, &sizes, 280, 96000));
        }
    }
    assert_string_equal(bs_land_use_name(BS_LU_CROPS), "crops and mixed farming");
}

/* psi is the integral of (1 - phi)/zeta. */
static void psi_integrates_phi(void **unused)
{
    (void)unused;
    const double ends[] = {-20, -1, -0.1, 0.3, 0.999, 1.5, 4};
    for (size_t n = 0; n < sizeof ends / sizeof *ends; n++) {
        const int steps = 20000;
        double sum_h = 0, sum_m = 0;
        for (int s = 0; s < steps; s++) {
            const double zeta = ends[n] * (s + 0.5) / steps;
            const double phi_h = bs_phi_h(zeta), phi_m = zeta < 0 ? sqrt(phi_h) : phi_h;
            sum_h += (1 - phi_h) / (s + 0.5);
            sum_m += (1 - phi_m) / (s + 0.5);
        }
        assert_true(fabs(sum_h - bs_psi_h(ends[n])) < TOLERANCE_INTEGRAL * (1 + fabs(sum_h)));
        assert_true(fabs(sum_m - bs_psi_m(ends[n])) < TOLERANCE_INTEGRAL * (1 + fabs(sum_m)));
    }
}

static void surface_layer_is_consistent(void **unused)
{
    (void)unused;
    double inv_l;
    const double neutral = bs_friction_velocity(4, 10, 0.1, 0, 1.2, 290, &inv_l);
    assert_true(inv_l == 0);
    assert_true(fabs(neutral - 0.4 * 4 / log(100.0)) < 1e-12);
    const double unstable = bs_friction_velocity(4, 10, 0.1, 200, 1.2, 290, &inv_l);
    assert_true(inv_l < 0 && unstable > neutral);
    /* the pair solves both relations */
    assert_true(fabs(unstable - 0.4 * 4 / bs_profile_m(10, 0.1, inv_l)) < 1e-3 * unstable);
    assert_true(fabs(inv_l - bs_inverse_obukhov(unstable, 200, 1.2, 290, 10)) < 1e-12);
    const double stable = bs_friction_velocity(4, 10, 0.1, -20, 1.2, 290, &inv_l);
    assert_true(inv_l > 0 && inv_l <= 0.1 && stable < neutral);
    const double calm = bs_friction_velocity(0, 10, 0.1, -50, 1.2, 290, &inv_l);
    assert_true(calm > 0 && inv_l == 0.1); /* held at z/L = 1 */
    assert_true(bs_aerodynamic_resistance(0.1, 10, 0.1, 0) > 115.12 &&
                bs_aerodynamic_resistance(0.1, 10, 0.1, 0) < 115.14);
    assert_true(bs_aerodynamic_resistance(0.1, 10, 0.1, 0.05) > bs_aerodynamic_resistance(0.1, 10, 0.1, -0.05));
}

static void eddy_diffusivity_is_bounded(void **unused)
{
    (void)unused;
    for (double z = 1; z < 15000; z *= 1.3) {
        for (double inv_l = -0.5; inv_l <= 0.5; inv_l += 0.1) {
            for (double n2 = -1e-3; n2 <= 1e-3; n2 += 2.5e-4) {
                const double k = bs_kz(z, (bs_pbl){.height = 800, .ustar = 0.4, .inv_l = inv_l}, 1e-4, n2, 0.1);
                assert_true(k >= 0.1 && k <= BS_KZ_MAX);
            }
        }
    }
    /* by hand: neutral, k u* z (1 - z/h)^2 = 0.4 0.5 100 (0.9)^2 */
    assert_true(fabs(bs_kz(100, (bs_pbl){.height = 1000, .ustar = 0.5}, 0, 1e-3, 0.1) - 16.2) < 1e-12);
    /* by hand: above, l = 400 80/480, S = 0.01, Ri = 0.1: f = 0.0012 + 1/(1 + 1 + 0.5 + 0.5) */
    const double length = 400.0 * 80 / 480;
    assert_true(fabs(bs_kz(1000, (bs_pbl){.height = 500, .ustar = 0.5}, 1e-4, 1e-5, 0.1) -
                     length * length * 0.01 * (0.0012 + 1 / 3.0)) < 1e-10);
    assert_true(fabs(bs_kz(1000, (bs_pbl){.height = 500, .ustar = 0.5}, 1e-4, -1e-5, 0.1) -
                     length * length * 0.01 * sqrt(3.5)) < 1e-10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_table),
        cmocka_unit_test(spot_values),
        cmocka_unit_test(mean_lies_between_and_above_settling),
        cmocka_unit_test(psi_integrates_phi),
        cmocka_unit_test(surface_layer_is_consistent),
        cmocka_unit_test(eddy_diffusivity_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
