/* The transpose of the linear sweeps: <M x, y> = <x, M^T y>, x masses of tracer and what enters, y sensitivities. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/advection/sweep_adjoint.h"

enum { MOST = 64 };

/* Relative to |M x| |y|: a few roundings a term, which do not add up. */
static const double DOT = BS_DOUBLE ? 1e-15 : 3e-7;

typedef enum ends { SIDES, WALLS } ends;

typedef struct bench {
    int n, lanes, across;
    ends ends;
    double face[(MOST + 1) * BS_LANES], before[MOST * BS_LANES], mass[MOST * BS_LANES]; /* lane at + lane */
    double face_along[BS_LANES * (MOST + 1)], mass_along[BS_LANES * MOST];
    real q[MOST * BS_LANES], s[MOST * BS_LANES], low[BS_GHOST * BS_LANES], high[BS_GHOST * BS_LANES];
    real flux[(MOST + 1) * BS_LANES], inverse[MOST * BS_LANES];
    double inflow[2 * BS_LANES], boundary[2 * BS_LANES];
    real *scratch, *own;
    bs_sweep sweep;
    const bs_sweep_kernels *k;
} bench;

static double uniform01(unsigned *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return (double)(*seed >> 8) / 16777216.0;
}

static bench *bench_new(bs_isa isa, int n, int lanes, ends e, int across)
{
    bench *b = calloc(1, sizeof *b);
    assert_non_null(b);
    b->k = bs_sweep_kernels_for(isa);
    b->n = n, b->lanes = lanes, b->ends = e, b->across = across;
    b->scratch = aligned_alloc(64, sizeof(real) * bs_sweep_scratch_len(n));
    b->own = aligned_alloc(64, sizeof(real) * bs_sweep_adjoint_scratch_len(n));
    assert_non_null(b->scratch), assert_non_null(b->own);
    memset(b->own, 0xff, sizeof(real) * bs_sweep_adjoint_scratch_len(n)); /* NaN: what is read must have been written */
    return b;
}

static void bench_free(bench *b)
{
    free(b->scratch), free(b->own), free(b);
}

/* Masses 1..2; winds up to `courant`, either way, whose divergence never empties a cell; calm towards walls. */
static void random_air(bench *b, double courant, unsigned seed)
{
    const int n = b->n;
    for (int i = 0; i < n * BS_LANES; i++) b->before[i] = 1 + uniform01(&seed);
    for (int l = 0; l < BS_LANES; l++) {
        const double base = courant * (2 * uniform01(&seed) - 1), turn = uniform01(&seed) < 0.3 ? 1.6 / n : 0;
        for (int f = 0; f <= n; f++) {
            const double room = b->ends == WALLS ? 0.4 * fmin(f, n - f) : 1e9;
            const double wind = base * (1 - turn * f) + 0.4 * (uniform01(&seed) - 0.5);
            b->face[f * BS_LANES + l] = fmax(-room, fmin(room, wind));
        }
    }
    memcpy(b->mass, b->before, sizeof b->mass);
    for (int l = 0; l < BS_LANES; l++) {
        for (int f = 0; f <= n; f++) b->face_along[l * (n + 1) + f] = b->face[f * BS_LANES + l];
        for (int i = 0; i < n; i++) b->mass_along[l * n + i] = b->before[i * BS_LANES + l];
    }
}

static void set_up(bench *b, bs_scheme scheme)
{
    const int n = b->n, sides = b->ends == SIDES ? BS_SIDE_LOW | BS_SIDE_HIGH : 0;
    const bs_air_flux across = {b->face, b->face, 0.25, 0.75, BS_LANES},
                      along = {b->face_along, b->face_along, 0.25, 0.75, n + 1};
    const bs_air_mass air = {b->mass, BS_LANES, NULL, NULL}, rows = {b->mass_along, n, NULL, NULL};
    if (b->across) {
        bs_sweep_adjoint_air(n, b->lanes, &across, &air, 1, b->flux, b->inverse);
        b->k->setup_across(scheme, n, b->lanes, &across, &air, sides, b->scratch, &b->sweep);
        return;
    }
    bs_sweep_adjoint_air(n, b->lanes, &along, &rows, 0, b->flux, b->inverse);
    b->k->setup_along(scheme, n, b->lanes, &along, &rows, sides, b->scratch, &b->sweep);
    for (int l = 0; l < BS_LANES; l++)
        for (int i = 0; i < n; i++) b->mass[i * BS_LANES + l] = b->mass_along[l * n + i];
}

/* As the operator fills them: what enters is all alike, where the wind leaves the profile goes on as a straight line. */
static void fill_ghosts(bench *b)
{
    const int n = b->n;
    for (int l = 0; l < BS_LANES; l++) {
        const real first = b->q[l], last = b->q[(n - 1) * BS_LANES + l];
        const real low_rise = first - b->q[BS_LANES + l], high_rise = last - b->q[(n - 2) * BS_LANES + l];
        for (int g = 0; g < BS_GHOST; g++) {
            b->low[g * BS_LANES + l] =
                b->sweep.low_flux[l] > 0 ? (real)b->boundary[l] : first + (real)(BS_GHOST - g) * low_rise;
            b->high[g * BS_LANES + l] =
                b->sweep.high_flux[l] < 0 ? (real)b->boundary[BS_LANES + l] : last + (real)(g + 1) * high_rise;
        }
    }
}

/* | <M x, y> - <x, M^T y> | / (|M x| |y|) of one random case. */
static double mismatch(bench *b, bs_scheme scheme, unsigned seed)
{
    const int n = b->n;
    for (int i = 0; i < n * BS_LANES; i++) b->q[i] = (real)(2 * uniform01(&seed) - 0.5);
    for (int i = 0; i < 2 * BS_LANES; i++) b->boundary[i] = (double)(real)uniform01(&seed);
    for (int i = 0; i < n * BS_LANES; i++) b->s[i] = (real)(2 * uniform01(&seed) - 1);
    set_up(b, scheme);
    fill_ghosts(b);
    bs_pencils p = {.q = b->q, .stride = BS_LANES, .ghost_stride = BS_LANES};
    if (b->ends == SIDES) p.low = b->low, p.high = b->high;
    double right = 0, left = 0, size_x = 0, size_y = 0;
    real old[MOST * BS_LANES], y[MOST * BS_LANES];
    memcpy(old, b->q, sizeof old), memcpy(y, b->s, sizeof y);
    b->k->total[scheme](&b->sweep, b->scratch, &p, NULL, NULL);
    bs_sweep_adjoint(scheme, &b->sweep, b->flux, b->inverse, b->s, BS_LANES, b->ends == SIDES ? b->inflow : NULL,
                     b->own);
    for (int i = 0; i < n; i++)
        for (int l = 0; l < b->lanes; l++) {
            const int at = i * BS_LANES + l;
            const double x = b->mass[at] * (double)b->q[at];
            left += x * (double)y[at], size_x += x * x, size_y += (double)y[at] * (double)y[at];
            right += b->before[at] * (double)old[at] * (double)b->s[at];
        }
    for (int e = 0; e < 2 && b->ends == SIDES; e++)
        for (int l = 0; l < b->lanes; l++) right += b->inflow[e * BS_LANES + l] * b->boundary[e * BS_LANES + l];
    return fabs(left - right) / sqrt(size_x * size_y);
}

#define FOR_ISA for (int isa = 0; isa <= (int)bs_isa_best(); isa++)

static void is_the_transpose(void **state)
{
    (void)state;
    static const bs_scheme LINEAR[] = {BS_PPM6_LIN, BS_UPWIND1};
    static const int CELLS[] = {4, 6, 9, 17, MOST};
    static const double COURANT[] = {0.5, 2.1, 3.7};
    int longs = 0, shorts = 0;
    FOR_ISA for (int scheme = 0; scheme < 2;
                 scheme++) for (int size = 0; size < 5; size++) for (int c = 0; c < 3; c++) for (int way = 0; way < 3;
                                                                                                 way++)
    {
        const ends e = way == 2 ? WALLS : SIDES;
        bench *b = bench_new((bs_isa)isa, CELLS[size], size % 2 ? BS_LANES : 11, e, way != 1);
        random_air(b, COURANT[c], 7u + (unsigned)(c + 3 * size));
        const double off = mismatch(b, LINEAR[scheme], 41u + (unsigned)(c + size));
        if (!(off <= DOT))
            fail_msg("scheme %d, %d cells, Courant %g, way %d: %g", scheme, CELLS[size], COURANT[c], way, off);
        *(b->sweep.is_long ? &longs : &shorts) += 1;
        bench_free(b);
    }
    assert_true(longs > 20 && shorts > 20);
}

/* Where nothing leaves, all mass counts alike before and after: to the bit. */
static void uniform_stays_behind_walls(void **state)
{
    (void)state;
    for (int c = 0; c < 2; c++) {
        bench *b = bench_new(bs_isa_best(), 33, BS_LANES, WALLS, 1);
        random_air(b, 0.5 + 2 * c, 3);
        set_up(b, BS_PPM6_LIN);
        for (int i = 0; i < 33 * BS_LANES; i++) b->s[i] = (real)0.1;
        bs_sweep_adjoint(BS_PPM6_LIN, &b->sweep, b->flux, b->inverse, b->s, BS_LANES, NULL, b->own);
        for (int i = 0; i < 33 * BS_LANES; i++) assert_true(b->s[i] == (real)0.1);
        bench_free(b);
    }
}

/* One cell's column of M, by the forward sweep, against what the transpose asks of that cell. */
static void each_cell_alone(void **state)
{
    (void)state;
    enum { N = 12 };
    for (int c = 0; c < 2; c++) {
        bench *b = bench_new(bs_isa_best(), N, BS_LANES, SIDES, 1);
        random_air(b, 0.5 + 2 * c, 9);
        for (int to = 0; to < N; to++) {
            memcpy(b->mass, b->before, sizeof b->mass);
            set_up(b, BS_PPM6_LIN);
            for (int i = 0; i < N * BS_LANES; i++) b->s[i] = i / BS_LANES == to;
            bs_sweep_adjoint(BS_PPM6_LIN, &b->sweep, b->flux, b->inverse, b->s, BS_LANES, b->inflow, b->own);
            for (int from = 0; from < N; from++) {
                for (int i = 0; i < N * BS_LANES; i++) b->q[i] = i / BS_LANES == from;
                fill_ghosts(b); /* the boundary brings nothing */
                const bs_pencils p = {
                    .q = b->q, .stride = BS_LANES, .ghost_stride = BS_LANES, .low = b->low, .high = b->high};
                b->k->total[BS_PPM6_LIN](&b->sweep, b->scratch, &p, NULL, NULL);
                for (int l = 0; l < BS_LANES; l++) {
                    const double forward = b->mass[to * BS_LANES + l] * (double)b->q[to * BS_LANES + l];
                    const double backward = b->before[from * BS_LANES + l] * (double)b->s[from * BS_LANES + l];
                    assert_true(fabs(forward - backward) <= 64 * (double)BS_REAL_EPSILON); /* of order one */
                }
            }
        }
        bench_free(b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_the_transpose),
        cmocka_unit_test(uniform_stays_behind_walls),
        cmocka_unit_test(each_cell_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
