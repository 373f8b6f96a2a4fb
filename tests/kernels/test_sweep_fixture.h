/* Sixteen pencils in random air, for tests of the sweeps: properties (test_sweep.c) and shapes (test_sweep_shapes.c). */
#ifndef BS_TESTS_SWEEP_FIXTURE_H
#define BS_TESTS_SWEEP_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/advection/sweep.h"

enum { N = 64, CELLS = N + 2 * BS_GHOST };
#define EPS ((double)BS_REAL_EPSILON)

/* One bundle with all that a sweep needs. */
typedef struct bench {
    double flux[(N + 1) * BS_LANES], mass[CELLS * BS_LANES], new_mass[N * BS_LANES], through[2 * BS_LANES];
    real q[CELLS * BS_LANES], phi[(N + 1) * BS_LANES];
    real *scratch;
    bs_sweep sweep;
    const bs_sweep_kernels *k;
} bench;

static inline double uniform01(unsigned *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return (double)(*seed >> 8) / 16777216.0;
}

static inline bench *bench_new(bs_isa isa)
{
    bench *b = calloc(1, sizeof *b);
    b->k = bs_sweep_kernels_for(isa);
    b->scratch = aligned_alloc(64, sizeof(real) * bs_sweep_scratch_len(N));
    memset(b->scratch, 0xff, sizeof(real) * bs_sweep_scratch_len(N)); /* NaN: what is read must have been written */
    return b;
}

static inline void bench_free(bench *b)
{
    free(b->scratch);
    free(b);
}

static inline real *cell(bench *b, int i)
{
    return b->q + (i + BS_GHOST) * BS_LANES;
}

/* Random masses 1..2 and winds up to `courant` whose divergence never empties a cell. */
static inline void random_air(bench *b, double courant, unsigned seed)
{
    for (int a = 0; a < CELLS * BS_LANES; a++) b->mass[a] = 1 + uniform01(&seed);
    for (int lane = 0; lane < BS_LANES; lane++) {
        double base = courant * (2 * uniform01(&seed) - 1);
        for (int f = 0; f <= N; f++) b->flux[f * BS_LANES + lane] = base + 0.4 * (uniform01(&seed) - 0.5);
    }
}

static inline void setup_lanes(bench *b, int scheme, int lanes, int sides)
{
    memcpy(b->new_mass, b->mass + BS_GHOST * BS_LANES, sizeof b->new_mass);
    const bs_air_flux flux = {b->flux, b->flux, 1, 0, BS_LANES};
    const bs_air_mass air = {b->new_mass, BS_LANES, b->mass, b->mass + (N + BS_GHOST) * BS_LANES};
    b->k->setup_across((bs_scheme)scheme, N, lanes, &flux, &air, sides, b->scratch, &b->sweep);
}

static inline void setup(bench *b, int scheme, int sides)
{
    setup_lanes(b, scheme, BS_LANES, sides);
}

/* The pencils of a ghosted bundle. */
static inline bs_pencils pencils(real *cells)
{
    return (bs_pencils){.q = cells + BS_GHOST * BS_LANES,
                        .stride = BS_LANES,
                        .low = cells,
                        .high = cells + (N + BS_GHOST) * BS_LANES,
                        .ghost_stride = BS_LANES};
}

static inline void run_total(bench *b, int scheme)
{
    const bs_pencils p = pencils(b->q);
    b->k->total[scheme](&b->sweep, b->scratch, &p, b->phi, b->through);
}

#define FOR_ISA    for (int isa = 0; isa <= (int)bs_isa_best(); isa++)
#define FOR_SCHEME for (int scheme = 0; scheme < BS_SCHEME_COUNT; scheme++)

#endif
