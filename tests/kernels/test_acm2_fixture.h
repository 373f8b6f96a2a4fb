/* A strip of columns with plumes, for tests of acm2.h. */
#ifndef BS_TESTS_ACM2_FIXTURE_H
#define BS_TESTS_ACM2_FIXTURE_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/column/acm2.h"

enum { NZ = 20, N = 21, STRIDE = 32 };

static const double FACES[NZ + 1] = {0,   20,   45,   75,   115,  165,  230,  310,  410,  530, 680,
                                     860, 1070, 1320, 1610, 1950, 2350, 2800, 3300, 3900, 4600};

/* ROUND: some roundings in each of 20 layers, of the larger of both neighbours. */
#define TOLERANCE_SOLVE (32.0 * BS_REAL_EPSILON)

typedef struct column {
    bs_strip s;
    real mass[NZ * STRIDE], mix[(NZ + 1) * STRIDE], up[(NZ + 1) * STRIDE], dep[STRIDE], emission[3 * STRIDE];
    real factors[(5 * NZ + 8) * STRIDE], scratch[2 * NZ * STRIDE];
} column;

static inline column *column_new(int n)
{
    column *c = calloc(1, sizeof *c);
    assert_non_null(c);
    c->s = (bs_strip){.n = n, .nz = NZ, .stride = STRIDE};
    assert_true(bs_acm2_factor_len(c->s) <= (ptrdiff_t)(sizeof c->factors / sizeof(real)));
    assert_true(bs_acm2_scratch_len(c->s) <= (ptrdiff_t)(sizeof c->scratch / sizeof(real)));
    for (size_t p = 0; p < sizeof c->scratch / sizeof(real); p++) c->scratch[p] = (real)NAN;
    for (size_t p = 0; p < sizeof c->factors / sizeof(real); p++) c->factors[p] = (real)NAN;
    return c;
}

static inline double random_unit(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (double)(*state >> 11) / 9007199254740992.0;
}

/* K from 0.1 to 1000 m2 s-1; plumes as strong as K-theory's exchange at the lowest half level, up to a random height. Every fourth
 * column has none. */
static inline column *column_random(uint64_t seed)
{
    column *c = column_new(N);
    for (int i = 0; i < N; i++) {
        const int reach = i % 4 ? 1 + (int)(NZ * random_unit(&seed)) : 0;
        double up = pow(10, 2 * random_unit(&seed) - 1);
        for (int k = 0; k < NZ; k++) {
            c->mass[k * STRIDE + i] = (real)((FACES[k + 1] - FACES[k]) * (0.5 + random_unit(&seed)));
            c->mix[k * STRIDE + i] = (real)(pow(10, 4 * random_unit(&seed) - 1) / 40);
            c->up[k * STRIDE + i] = k < reach ? (real)up : 0;
            up *= random_unit(&seed) < 0.2 ? 1 : random_unit(&seed); /* some layers keep nothing */
        }
        c->mix[NZ * STRIDE + i] = c->up[NZ * STRIDE + i] =
            (real)NAN; /* the top row is not to be read, nor is the ground's */
        c->mix[i] = c->up[i] = (real)NAN;
        c->dep[i] = (real)(0.02 * random_unit(&seed));
        for (int e = 0; e < 3; e++) c->emission[e * STRIDE + i] = (real)random_unit(&seed);
    }
    return c;
}

static inline void factor(column *c, double dt)
{
    bs_acm2_factor(c->s, dt, c->mass, c->mix, c->up, c->dep, c->factors);
}

static inline void step(column *c, const real *emission, int n_emit, real *q, double *deposited)
{
    bs_acm2_solve(c->s, c->factors, emission, n_emit, q, deposited, c->scratch);
}

#endif
