/* Horizontal diffusion: conservation, uniform fields, symmetry of directions, order, bound; Smagorinsky's coefficient. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/base/constants.h"
#include "kernels/hdiff/hdiff.h"

enum { NI = 12, NJ = 9, HALO = 3, ROW = 32, CELLS = ROW * (NJ + 2 * HALO), FACES = (NI + 1) * (NJ + 1) };

/* ROUND: one rounding of q per cell. */
#define TOLERANCE_MASS (8.0 * BS_REAL_EPSILON)

typedef struct plane {
    real q[CELLS], kx[FACES], ky[FACES], tx[FACES], ty[FACES], dt_m[NI * NJ];
    double mass[NI * NJ];
} plane;

static real *interior(plane *p)
{
    return p->q + HALO * ROW + HALO;
}

static void fill(plane *p, double kappa)
{
    for (int n = 0; n < CELLS; n++) p->q[n] = (real)NAN; /* halos are never to matter */
    for (int n = 0; n < FACES; n++) {
        p->kx[n] = (real)(kappa * (1 + 0.5 * sin(n)));
        p->ky[n] = (real)(kappa * (1 + 0.5 * cos(n)));
        p->tx[n] = p->ty[n] = 0;
    }
    for (int n = 0; n < NI * NJ; n++) p->mass[n] = 1000 + 10 * (n % 17);
}

/* Faces inside the domain; those on its sides keep their zero flux. */
static void step(plane *p, double dt)
{
    real *q = interior(p);
    for (int n = 0; n < NI * NJ; n++) p->dt_m[n] = (real)(dt / p->mass[n]);
    bs_hdiff_flux(NI - 1, NJ, 1, ROW, NI + 1, p->kx + 1, q + 1, p->tx + 1);
    bs_hdiff_flux(NI, NJ - 1, ROW, ROW, NI + 1, p->ky + NI + 1, q + ROW, p->ty + NI + 1);
    bs_hdiff_update(NI, NJ, ROW, NI + 1, NI + 1, NI, p->tx, p->ty, p->dt_m, q);
}

static double mass_of(plane *p)
{
    double sum = 0;
    for (int j = 0; j < NJ; j++) {
        for (int i = 0; i < NI; i++) sum += p->mass[j * NI + i] * (double)interior(p)[j * ROW + i];
    }
    return sum;
}

static void keeps_mass_and_bounds(void **unused)
{
    (void)unused;
    plane p;
    fill(&p, 10);
    real *q = interior(&p);
    for (int j = 0; j < NJ; j++) {
        for (int i = 0; i < NI; i++) q[j * ROW + i] = i == 4 && j == 4 ? 100 : 0;
    }
    bs_hdiff_rate bound;
    bs_hdiff_max_rate(NI, NJ, NI + 1, NI + 1, NI, p.kx, p.ky, p.mass, &bound);
    assert_true(bound.rate > 0 && bound.i >= 0 && bound.i < NI && bound.j >= 0 && bound.j < NJ);
    const double start = mass_of(&p);
    for (int n = 0; n < 50; n++) {
        step(&p, 0.999 / bound.rate);
        for (int j = 0; j < NJ; j++) {
            for (int i = 0; i < NI; i++) assert_true(q[j * ROW + i] >= 0 && q[j * ROW + i] <= 100);
        }
    }
    assert_true(fabs(mass_of(&p) / start - 1) < TOLERANCE_MASS);
    assert_true(q[0] > 0 && q[(NJ - 1) * ROW + NI - 1] > 0);
    for (int j = 0; j < NJ; j++) assert_true(isnan(q[j * ROW - 1]) && isnan(q[j * ROW + NI]));
}

static void uniform_stays_to_the_bit(void **unused)
{
    (void)unused;
    plane p;
    fill(&p, 10);
    real *q = interior(&p);
    for (int j = 0; j < NJ; j++) {
        for (int i = 0; i < NI; i++) q[j * ROW + i] = (real)3.7e-8;
    }
    for (int n = 0; n < 10; n++) step(&p, 20);
    for (int j = 0; j < NJ; j++) {
        for (int i = 0; i < NI; i++) assert_true(q[j * ROW + i] == (real)3.7e-8);
    }
}

/* The largest bound is the bound: past twice it a checkerboard grows. */
static void bound_is_sharp(void **unused)
{
    (void)unused;
    plane p;
    fill(&p, 10);
    for (int n = 0; n < FACES; n++) p.kx[n] = p.ky[n] = 10;
    for (int n = 0; n < NI * NJ; n++) p.mass[n] = 1000;
    bs_hdiff_rate bound;
    bs_hdiff_max_rate(NI, NJ, NI + 1, NI + 1, NI, p.kx, p.ky, p.mass, &bound);
    assert_true(fabs(bound.rate - 4 * 10 / 1000.0) < 1e-12);
    real *q = interior(&p);
    for (int j = 0; j < NJ; j++) {
        for (int i = 0; i < NI; i++) q[j * ROW + i] = (real)((i + j) % 2);
    }
    step(&p, 1 / bound.rate);
    for (int j = 0; j < NJ; j++) {
        for (int i = 0; i < NI; i++) assert_true(q[j * ROW + i] >= 0 && q[j * ROW + i] <= 1);
    }
    step(&p, 1.5 / bound.rate);
    real least = 0;
    for (int j = 0; j < NJ; j++) {
        for (int i = 0; i < NI; i++) least = fmin(least, q[j * ROW + i]) < least ? q[j * ROW + i] : least;
    }
    assert_true(least < 0);
}

/* The same numbers along x and along y. */
static void directions_agree(void **unused)
{
    (void)unused;
    enum { LINE = 9 };
    real q[LINE] = {0, 1, 4, 2, 8, 5, 7, 1, 3}, kappa[LINE], across[LINE], along[LINE * ROW] = {0}, flux[LINE * ROW];
    real column[LINE * ROW] = {0}, kappa_column[LINE * ROW] = {0};
    for (int n = 0; n < LINE; n++) {
        kappa[n] = (real)(1 + n);
        column[n * ROW] = q[n];
        kappa_column[n * ROW] = kappa[n];
    }
    (void)along;
    bs_hdiff_flux(LINE - 1, 1, 1, LINE, LINE, kappa + 1, q + 1, across);
    bs_hdiff_flux(1, LINE - 1, ROW, ROW, ROW, kappa_column + ROW, column + ROW, flux);
    for (int n = 0; n < LINE - 1; n++) assert_true(across[n] == flux[n * ROW]);
}

/* A cosine between closed walls decays as exp(-K k^2 t); second order in the mesh. */
static double decay_error(int cells)
{
    const double length = 1e5, dx = length / cells, K = 500, mass_area = 100, t = 2e5;
    const int steps = cells * cells / 4;
    const double dt = t / steps;
    real *q = calloc((size_t)cells, sizeof *q), *kx = calloc((size_t)cells + 1, sizeof *kx);
    real *tx = calloc((size_t)cells + 1, sizeof *tx), *ty = calloc(2 * (size_t)cells, sizeof *ty);
    real *dt_m = calloc((size_t)cells, sizeof *dt_m);
    assert_true(q && kx && tx && ty && dt_m);
    for (int i = 0; i < cells; i++) {
        q[i] = (real)(2 + cos(BS_PI * (i + 0.5) / cells));
        kx[i] = (real)bs_hdiff_conductance(K, K, mass_area, mass_area, dx, dx);
        dt_m[i] = (real)(dt / (mass_area * dx * dx));
    }
    for (int n = 0; n < steps; n++) {
        bs_hdiff_flux(cells - 1, 1, 1, cells, cells + 1, kx + 1, q + 1, tx + 1);
        bs_hdiff_update(cells, 1, cells, cells + 1, cells, cells, tx, ty, dt_m, q);
    }
    const double amplitude = exp(-K * BS_PI * BS_PI / (length * length) * t);
    double worst = 0;
    for (int i = 0; i < cells; i++) {
        worst = fmax(worst, fabs((double)q[i] - 2 - amplitude * cos(BS_PI * (i + 0.5) / cells)));
    }
    free(q);
    free(kx);
    free(tx);
    free(ty);
    free(dt_m);
    return worst;
}

static void decay_is_second_order(void **unused)
{
    (void)unused;
    const double coarse = decay_error(8), fine = decay_error(16), order = log2(coarse / fine);
    print_message("decay of a cosine: errors %.2e, %.2e, order %.2f\n", coarse, fine, order);
    assert_true(order > 1.8 && order < 2.2);
}

static void smagorinsky(void **unused)
{
    (void)unused;
    enum { NX = 6 };
    double u[3][NX], v[3][NX], dx[NX], dy[NX], area[NX];
    const double a = 2e-5, b = -1e-5, c = 3e-5, d = 4e-5, cell = 9000; /* u = a x + b y, v = c x + d y */
    real k[NX];
    for (int i = 0; i < NX; i++) {
        for (int j = 0; j < 3; j++) {
            u[j][i] = a * i * cell + b * j * cell;
            v[j][i] = c * i * cell + d * j * cell;
        }
        dx[i] = i == 0 || i == NX - 1 ? cell : 2 * cell;
        dy[i] = 2 * cell;
        area[i] = cell * cell;
    }
    const double *const us[3] = {u[0], u[1], u[2]}, *const vs[3] = {v[0], v[1], v[2]};
    bs_smagorinsky_row(NX, 0.15, us, vs, dx, dy, area, k);
    const double exact = 0.15 * 0.15 * cell * cell * hypot(a - d, b + c);
    for (int i = 0; i < NX; i++) assert_true(fabs((double)k[i] / exact - 1) < 1e-5);
    /* solid rotation and uniform wind have no deformation */
    for (int i = 0; i < NX; i++) {
        for (int j = 0; j < 3; j++) {
            u[j][i] = -a * j * cell;
            v[j][i] = a * i * cell;
        }
    }
    bs_smagorinsky_row(NX, 0.15, us, vs, dx, dy, area, k);
    for (int i = 0; i < NX; i++) assert_true((double)k[i] < 1e-9 * exact);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_mass_and_bounds), cmocka_unit_test(uniform_stays_to_the_bit),
        cmocka_unit_test(bound_is_sharp),        cmocka_unit_test(directions_agree),
        cmocka_unit_test(decay_is_second_order), cmocka_unit_test(smagorinsky),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
