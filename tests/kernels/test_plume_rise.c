/* Plume rise: the formulas where one of them is at work, what holds for any column, and the reference table. */
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
#include "kernels/column/plume_rise.h"

/* ROUND: a few dozen operations, powers among them. */
#define TOLERANCE_ROUND (200 * DBL_EPSILON)
/* SCIENCE: the table was made in single precision, with g = 9.80622 m s-2 (4e-5 in F) and constants of four digits. */
#define TOLERANCE_TABLE 1e-4
/* SCIENCE: each layer begins the neutral formula anew at the stack's height; a plume cut by five faces loses some of its rise. */
#define NEUTRAL_SPLIT_LEAST 0.7

enum { LAYERS = 20 };
static const double FACES[LAYERS + 1] = {0,   20,   45,   75,   115,  165,  230,  310,  410,  530, 680,
                                         860, 1070, 1320, 1610, 1950, 2350, 2800, 3300, 3900, 4600};

typedef struct world {
    double face[LAYERS + 1], temperature[LAYERS], wind[LAYERS], n2[LAYERS];
    bs_plume_column column;
} world;

/* The same air everywhere. */
static void uniform(world *w, int nz, double wind, double n2)
{
    memset(w, 0, sizeof *w);
    memcpy(w->face, FACES, sizeof FACES);
    for (int k = 0; k < LAYERS; k++) w->temperature[k] = 283, w->wind[k] = wind, w->n2[k] = n2;
    if (nz == 1) w->face[1] = FACES[LAYERS];
    w->column = (bs_plume_column){.nz = nz,
                                  .face = w->face,
                                  .temperature = w->temperature,
                                  .wind = w->wind,
                                  .n2 = w->n2,
                                  .ustar = 0.3,
                                  .pbl = 1000};
}

static bs_plume rise(const world *w, bs_stack stack)
{
    bs_plume plume;
    bs_plume_rise(&w->column, stack, bs_plume_air_at(&w->column, stack.height), &plume);
    return plume;
}

static void near(double a, double b, double relative)
{
    if (!(fabs(a - b) <= relative * fabs(b))) fail_msg("%.12g, expected %.12g", a, b);
}

static const bs_stack PLANT = {.height = 100, .diameter = 4, .temperature = 420, .velocity = 18};

/* By hand, in one thick layer: F = 9.80665/4 (420 - 283)/420 18 16. */
static void one_layer(void **unused)
{
    (void)unused;
    world w;
    const double f = BS_GRAVITY / 4 * (420.0 - 283) / 420 * 18 * 16, u = 5;
    uniform(&w, 1, u, 1e-3);
    bs_plume p = rise(&w, PLANT);
    near(p.buoyancy, f, TOLERANCE_ROUND);
    near(p.height - 100, 2.6 * cbrt(f / (u * 1e-3)), TOLERANCE_ROUND);
    near(p.top - 100, 1.5 * (p.height - 100), TOLERANCE_ROUND);
    near(p.bottom - 100, 0.5 * (p.height - 100), TOLERANCE_ROUND);
    uniform(&w, 1, u, 0);
    const double b = f / (u * 0.09);
    near(rise(&w, PLANT).height - 100, 1.2 * pow(b, 0.6) * pow(100 + 1.3 * b, 0.4), TOLERANCE_ROUND);
    w.column.ustar = 0.05; /* the cap */
    near(rise(&w, PLANT).height, 1100, TOLERANCE_ROUND);
    w.column.heat_flux = 0.1;
    near(rise(&w, PLANT).height - 100, 30 * pow(f / u, 0.6), TOLERANCE_ROUND);
    w.column.pbl = 80; /* a stack above the boundary layer does not feel the ground's heat */
    near(rise(&w, PLANT).height, 1100, TOLERANCE_ROUND);
    uniform(&w, 1, 0.2, 1e-4); /* calm counts as 1 m s-1 */
    near(rise(&w, PLANT).height - 100, 2.6 * cbrt(f / 1e-4), TOLERANCE_ROUND);
}

/* Cutting uniform air into layers changes nothing where residual and rise are one formula. */
static void layers_of_the_same_air(void **unused)
{
    (void)unused;
    world one, many;
    uniform(&one, 1, 4, 5e-4);
    uniform(&many, LAYERS, 4, 5e-4);
    one.column.ustar = many.column.ustar = 0.02;               /* neutral rise out of reach */
    near(rise(&many, PLANT).top, rise(&one, PLANT).top, 1e-6); /* the digits of 59.319 = 3.9^3 */
    uniform(&one, 1, 4, 0);
    uniform(&many, LAYERS, 4, 0);
    one.column.ustar = many.column.ustar = 0.02;
    one.column.heat_flux = many.column.heat_flux = 1;
    near(rise(&many, PLANT).top, rise(&one, PLANT).top, TOLERANCE_ROUND);
    uniform(&one, 1, 9, 0);
    uniform(&many, LAYERS, 9, 0);
    one.column.ustar = many.column.ustar = 0.6;
    const double whole = rise(&one, PLANT).top - 100, cut = rise(&many, PLANT).top - 100;
    print_message("neutral rise of the top %.1f m, through layers %.1f m\n", whole, cut);
    assert_true(cut < whole && cut > NEUTRAL_SPLIT_LEAST * whole);
}

/* An inversion above stops what a uniform layer would let through. */
static void stable_layer_above_holds_the_plume(void **unused)
{
    (void)unused;
    world w;
    uniform(&w, LAYERS, 3, 0);
    w.column.heat_flux = 0.1;
    const double free_top = rise(&w, PLANT).top;
    for (int k = 7; k < LAYERS; k++) w.n2[k] = 2e-3;
    const double held = rise(&w, PLANT).top;
    print_message("top %.0f m, under an inversion at 310 m %.0f m\n", free_top, held);
    assert_true(held > 310 && held < 0.7 * free_top);
}

/* In any air in which one formula stays the smaller: warmer gas rises higher, wind keeps it low. */
static void monotone(void **unused)
{
    (void)unused;
    for (int kind = 0; kind < 3; kind++) {
        double last = 0;
        for (double t = 284; t < 700; t += 4) {
            world w;
            uniform(&w, LAYERS, 4, kind == 1 ? 1e-3 : 0);
            w.column.heat_flux = kind == 2;
            w.column.ustar = kind == 0 ? 0.9 : 0.05;
            bs_stack s = PLANT;
            s.temperature = t;
            const double top = rise(&w, s).top;
            if (!(top >= last)) fail_msg("kind %d: %.6f m at %g K after %.6f", kind, top, t, last);
            last = top;
        }
        last = INFINITY;
        for (double u = 0.5; u < 30; u += 0.25) {
            world w;
            uniform(&w, LAYERS, u, kind == 1 ? 1e-3 : 0);
            w.column.heat_flux = kind == 2;
            w.column.ustar = kind == 0 ? 0.9 : 0.01;
            const double top = rise(&w, PLANT).top;
            if (!(top <= last)) fail_msg("kind %d: %.6f m at %g m/s after %.6f", kind, top, u, last);
            last = top;
        }
    }
}

static void momentum_and_cold_plumes(void **unused)
{
    (void)unused;
    world w;
    uniform(&w, LAYERS, 6, 1e-4);
    bs_stack s = PLANT;
    for (double t = 200; t <= 283; t += 83) { /* colder than the air, and as warm */
        s.temperature = t;
        const bs_plume p = rise(&w, s);
        assert_true(p.buoyancy <= 0);
        near(p.height, 100 + 3 * 4 * 18 / 6.0, TOLERANCE_ROUND);
    }
    s.temperature = 283 + 1e-9; /* no jump where buoyancy begins */
    near(rise(&w, s).height, 100 + 36, 1e-9);
    s.velocity = 0; /* nothing comes out */
    const bs_plume p = rise(&w, s);
    assert_true(p.bottom == 100 && p.height == 100 && p.top == 100);
}

static void strong_stability(void **unused)
{
    (void)unused;
    double last = INFINITY;
    for (double n2 = 1e-4; n2 < 1e12; n2 *= 10) {
        world w;
        uniform(&w, LAYERS, 3, n2);
        const bs_plume p = rise(&w, PLANT);
        assert_true(isfinite(p.top) && p.top <= last && p.height >= 100 + 3 * 4 * 18 / 3.0 * (1 - 1e-12));
        last = p.top;
    }
    for (double n2 = -1; n2 <= 0; n2 += 0.5) { /* absolutely unstable air is no stable air */
        world w;
        uniform(&w, LAYERS, 3, n2);
        assert_true(isfinite(rise(&w, PLANT).top));
    }
}

static void fractions_sum_to_one(void **unused)
{
    (void)unused;
    unsigned long long seed = 7;
    for (int n = 0; n < 20000; n++) {
        double r[2], fraction[LAYERS], up = 0, down = 0;
        for (int i = 0; i < 2; i++) {
            seed = seed * 6364136223846793005ull + 1442695040888963407ull;
            r[i] = (double)(seed >> 11) / 9007199254740992.0;
        }
        bs_plume p = {.bottom = 5000 * r[0] * r[0]};
        p.top = p.bottom + 2000 * r[1] * r[1];
        p.height = 0.5 * (p.bottom + p.top);
        bs_plume_fractions(LAYERS, FACES, &p, fraction);
        for (int k = 0; k < LAYERS; k++) {
            const double low = fmax(FACES[k], p.bottom), high = fmin(k + 1 < LAYERS ? FACES[k + 1] : p.top, p.top);
            const double want = high > low ? (high - low) / (p.top - p.bottom) : 0;
            if (!(p.bottom >= FACES[LAYERS]) && !(fabs(fraction[k] - want) < 1e-11)) fail_msg("%g", fraction[k] - want);
            assert_true(fraction[k] >= 0);
            up += fraction[k];
            down += fraction[LAYERS - 1 - k];
        }
        assert_true(up == 1 && down == 1);
    }
}

static void plumes_at_the_ends(void **unused)
{
    (void)unused;
    double f[LAYERS];
    bs_plume_fractions(LAYERS, FACES, &(bs_plume){.bottom = 2, .top = 19, .height = 10}, f);
    assert_true(f[0] == 1);
    bs_plume_fractions(LAYERS, FACES, &(bs_plume){.bottom = 45, .top = 45, .height = 45}, f);
    assert_true(f[2] == 1); /* on a face: the layer above */
    bs_plume_fractions(LAYERS, FACES, &(bs_plume){.bottom = 0, .top = 0, .height = 0}, f);
    assert_true(f[0] == 1);
    bs_plume_fractions(LAYERS, FACES, &(bs_plume){.bottom = 9000, .top = 9900, .height = 9400}, f);
    assert_true(f[LAYERS - 1] == 1);
    bs_plume_fractions(LAYERS, FACES, &(bs_plume){.bottom = 3900, .top = 9900, .height = 6000}, f);
    assert_true(f[LAYERS - 1] == 1 && f[LAYERS - 2] == 0);
    world w;
    uniform(&w, LAYERS, 3, 1e-3);
    bs_stack s = PLANT;
    s.height = 6000;
    assert_true(rise(&w, s).bottom > 6000);
}

static void air_at_the_mouth(void **unused)
{
    (void)unused;
    world w;
    uniform(&w, LAYERS, 0, 0);
    for (int k = 0; k < LAYERS; k++) { /* linear in height: reproduced between the outermost middles */
        const double z = 0.5 * (FACES[k] + FACES[k + 1]);
        w.temperature[k] = 290 - 0.005 * z, w.wind[k] = 2 + 0.01 * z, w.n2[k] = k;
    }
    for (double z = 10; z < 4250; z += 7) {
        const bs_plume_air a = bs_plume_air_at(&w.column, z);
        near(a.temperature, 290 - 0.005 * z, TOLERANCE_ROUND);
        near(a.wind, 2 + 0.01 * z, TOLERANCE_ROUND);
        const int k = (int)a.n2;
        assert_true(FACES[k] <= z && z < FACES[k + 1]);
    }
    assert_true(bs_plume_air_at(&w.column, 5).wind == w.wind[0] && bs_plume_air_at(&w.column, 0).n2 == 0);
    const bs_plume_air above = bs_plume_air_at(&w.column, 1e5);
    assert_true(above.wind == w.wind[LAYERS - 1] && above.n2 == LAYERS - 1);
    uniform(&w, 1, 3, 1);
    assert_true(bs_plume_air_at(&w.column, 100).wind == 3);
}

/* The set-up of the table is in its first lines. Rows whose centre stays in the stack's layer while the top leaves it are counted
 * apart: plume_rise.h says why. */
static void reference_table(void **unused)
{
    (void)unused;
    FILE *file = fopen(BS_SHARED_DIR "/reference/plume_rise_cmaq.csv", "r");
    if (!file) {
        print_message("skipped: reference/plume_rise_cmaq.csv is not here\n");
        skip();
    }
    char line[512];
    int rows = 0, apart = 0;
    double worst = 0;
    while (fgets(line, sizeof line, file)) {
        double r[13];
        int n = 0;
        for (char *at = line; n < 13 && sscanf(at, "%lf", &r[n]) == 1; n++) {
            at = strchr(at, ',');
            if (!at) {
                n++;
                break;
            }
            at++;
        }
        if (n != 13) continue;
        world w;
        uniform(&w, LAYERS, 0, 0);
        for (int k = 0; k < LAYERS; k++) {
            const double z = 0.5 * (FACES[k] + FACES[k + 1]);
            w.temperature[k] = 283.15 - (0.00976 - r[4]) * z;
            w.wind[k] = r[8] * pow(fmax(z, 10) / 10, 0.2);
            w.n2[k] = BS_GRAVITY * r[4] / w.temperature[k];
        }
        w.column.heat_flux = r[5], w.column.pbl = r[6], w.column.ustar = r[7];
        bs_plume p;
        bs_plume_rise(&w.column, (bs_stack){r[0], r[1], r[2], r[3]},
                      (bs_plume_air){r[10], r[9], BS_GRAVITY * r[4] / r[10]}, &p);
        near(p.buoyancy, r[11], TOLERANCE_TABLE);
        int k = 0;
        while (FACES[k + 1] <= r[0]) k++;
        rows++;
        if (p.top > FACES[k + 1] && p.height < FACES[k + 1]) {
            apart++;
        } else {
            worst = fmax(worst, fabs(p.height / r[12] - 1));
        }
    }
    fclose(file);
    print_message("%d rows, %d apart, largest relative error %.1e\n", rows, apart, worst);
    assert_true(rows >= 10 && apart <= rows / 10);
    assert_true(worst < TOLERANCE_TABLE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_layer),
        cmocka_unit_test(layers_of_the_same_air),
        cmocka_unit_test(stable_layer_above_holds_the_plume),
        cmocka_unit_test(monotone),
        cmocka_unit_test(momentum_and_cold_plumes),
        cmocka_unit_test(strong_stability),
        cmocka_unit_test(fractions_sum_to_one),
        cmocka_unit_test(plumes_at_the_ends),
        cmocka_unit_test(air_at_the_mouth),
        cmocka_unit_test(reference_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
