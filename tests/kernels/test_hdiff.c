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
    real q[CELLS], kx[FACES], ky[FACES], dt_m[NI * NJ], work[3 * (NI + 1)];
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
    }
    for (int n = 0; n < NI * NJ; n++) p->mass[n] = 1000 + 10 * (n % 17);
}

static bs_hdiff_plane faces_of(const plane *p, int closed)
{
    return (bs_hdiff_plane){.ni = NI,
                            .nj = NJ,
                            .closed = closed,
                            .kappa_x = p->kx,
                            .kappa_y = p->ky,
                            .dt_m = p->dt_m,
                            .x_row = NI + 1,
                            .y_row = NI + 1,
                            .m_row = NI};
}

static void step_within(plane *p, double dt, int closed)
{
    const bs_hdiff_plane faces = faces_of(p, closed);
    for (int n = 0; n < NI * NJ; n++) p->dt_m[n] = (real)(dt / p->mass[n]);
    for (int n = 0; n < 3 * (NI + 1); n++) p->work[n] = (real)NAN; /* what is read must have been written */
    bs_hdiff_step(&faces, ROW, interior(p), p->work);
}

static void step(plane *p, double dt)
{
    step_within(p, dt, BS_CLOSED_ALL);
}

static double max_rate(const plane *p)
{
    const bs_hdiff_plane faces = faces_of(p, BS_CLOSED_ALL);
    return bs_hdiff_max_rate(&faces, p->mass);
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
    const double bound = max_rate(&p);
    assert_true(bound > 0);
    const double start = mass_of(&p);
    for (int n = 0; n < 50; n++) {
        step(&p, 0.999 / bound);
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
    const double bound = max_rate(&p);
    assert_true(fabs(bound - 4 * 10 / 1000.0) < 1e-12);
    real *q = interior(&p);
    for (int j = 0; j < NJ; j++) {
        for (int i = 0; i < NI; i++) q[j * ROW + i] = (real)((i + j) % 2);
    }
    step(&p, 1 / bound);
    for (int j = 0; j < NJ; j++) {
        for (int i = 0; i < NI; i++) assert_true(q[j * ROW + i] >= 0 && q[j * ROW + i] <= 1);
    }
    step(&p, 1.5 / bound);
    real least = 0;
    for (int j = 0; j < NJ; j++) {
        for (int i = 0; i < NI; i++) least = fmin(least, q[j * ROW + i]) < least ? q[j * ROW + i] : least;
    }
    assert_true(least < 0);
}

/* The transposed plane gives the transposed result. */
static void directions_agree(void **unused)
{
    (void)unused;
    enum { M = 9, SIDE = M + 1 };
    real q[2][M * M], kx[2][SIDE * SIDE], ky[2][SIDE * SIDE], dt_m[2][M * M], work[3 * SIDE];
    for (int j = 0; j <= M; j++)
        for (int i = 0; i <= M; i++) {
            kx[0][j * SIDE + i] = ky[1][i * SIDE + j] = (real)(1 + 0.5 * sin(j * SIDE + i));
            ky[0][j * SIDE + i] = kx[1][i * SIDE + j] = (real)(1 + 0.5 * cos(j * SIDE + i));
            if (i == M || j == M) continue;
            q[0][j * M + i] = q[1][i * M + j] = (real)((7 * i + 3 * j * j) % 11);
            dt_m[0][j * M + i] = dt_m[1][i * M + j] = (real)(0.1 / (1 + (i + 2 * j) % 3));
        }
    for (int t = 0; t < 2; t++) {
        const bs_hdiff_plane p = {M, M, BS_CLOSED_ALL, kx[t], ky[t], dt_m[t], SIDE, SIDE, M};
        bs_hdiff_step(&p, M, q[t], work);
    }
    double moved = 0;
    for (int j = 0; j < M; j++)
        for (int i = 0; i < M; i++) {
            assert_true(q[0][j * M + i] == q[1][i * M + j]); /* both sums are in the order x, y: x + y is y + x */
            moved += fabs((double)q[0][j * M + i] - (7 * i + 3 * j * j) % 11);
        }
    assert_true(moved > 1);
}

/* A plane cut in two with halos in between gives what the whole gives. */
static void open_sides_read_the_halo(void **unused)
{
    (void)unused;
    for (int cut = 0; cut < 2; cut++) {
        plane whole, part[2];
        fill(&whole, 10);
        for (int j = 0; j < NJ; j++)
            for (int i = 0; i < NI; i++) interior(&whole)[j * ROW + i] = (real)((5 * i + j * j) % 7);
        part[0] = part[1] = whole;
        step(&whole, 20);
        const int at = 4;
        for (int n = 0; n < 2; n++) {
            plane *p = &part[n];
            bs_hdiff_plane faces = faces_of(p, BS_CLOSED_ALL);
            const int first = n ? at : 0;
            const int shift_x = cut ? 0 : first, shift_y = cut ? first : 0;
            faces.closed &= cut ? (n ? ~BS_CLOSED_SOUTH : ~BS_CLOSED_NORTH) : (n ? ~BS_CLOSED_WEST : ~BS_CLOSED_EAST);
            faces.ni = cut ? NI : n ? NI - at : at;
            faces.nj = cut ? (n ? NJ - at : at) : NJ;
            faces.kappa_x += shift_y * (NI + 1) + shift_x;
            faces.kappa_y += shift_y * (NI + 1) + shift_x;
            faces.dt_m += shift_y * NI + shift_x;
            for (int c = 0; c < NI * NJ; c++) p->dt_m[c] = (real)(20 / p->mass[c]);
            bs_hdiff_step(&faces, ROW, interior(p) + shift_y * ROW + shift_x, p->work);
            for (int j = shift_y; j < shift_y + faces.nj; j++)
                for (int i = shift_x; i < shift_x + faces.ni; i++)
                    assert_true(interior(p)[j * ROW + i] == interior(&whole)[j * ROW + i]);
        }
    }
}

/* A cosine between closed walls decays as exp(-K k^2 t); second order in the mesh. */
static double decay_error(int cells)
{
    const double length = 1e5, dx = length / cells, K = 500, mass_area = 100, t = 2e5;
    const int steps = cells * cells / 4;
    const double dt = t / steps;
    real *q = calloc((size_t)cells, sizeof *q), *kx = calloc((size_t)cells + 1, sizeof *kx);
    real *ky = calloc(2 * (size_t)cells, sizeof *ky), *work = calloc(3 * ((size_t)cells + 1), sizeof *work);
    real *dt_m = calloc((size_t)cells, sizeof *dt_m);
    assert_true(q && kx && ky && work && dt_m);
    for (int i = 0; i < cells; i++) {
        q[i] = (real)(2 + cos(BS_PI * (i + 0.5) / cells));
        kx[i] = (real)bs_hdiff_conductance(K, K, mass_area, mass_area, dx, dx);
        dt_m[i] = (real)(dt / (mass_area * dx * dx));
    }
    const bs_hdiff_plane line = {cells, 1, BS_CLOSED_ALL, kx, ky, dt_m, cells + 1, cells, cells};
    for (int n = 0; n < steps; n++) bs_hdiff_step(&line, cells, q, work);
    const double amplitude = exp(-K * BS_PI * BS_PI / (length * length) * t);
    double worst = 0;
    for (int i = 0; i < cells; i++) {
        worst = fmax(worst, fabs((double)q[i] - 2 - amplitude * cos(BS_PI * (i + 0.5) / cells)));
    }
    free(q);
    free(kx);
    free(ky);
    free(work);
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
        cmocka_unit_test(keeps_mass_and_bounds),
        cmocka_unit_test(uniform_stays_to_the_bit),
        cmocka_unit_test(bound_is_sharp),
        cmocka_unit_test(directions_agree),
        cmocka_unit_test(open_sides_read_the_halo),
        cmocka_unit_test(decay_is_second_order),
        cmocka_unit_test(smagorinsky),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
