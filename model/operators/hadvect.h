/* hadvect.h - what hadvect.c and its adjoint share. Private to model/operators/hadvect*.c. */
#ifndef BS_MODEL_OPERATORS_HADVECT_H
#define BS_MODEL_OPERATORS_HADVECT_H

#include "model/operators/crossings.h"
#include "model/operators/operators.h"

/* What one thread works with. */
typedef struct bs_hadvect_bench {
    real *cells;                                              /* [n + 2 ghosts] x BS_LANES: rows transposed */
    real *phi;                                                /* [n+1] x BS_LANES */
    real *scratch;                                            /* the kernels' */
    real low[BS_GHOST * BS_LANES], high[BS_GHOST * BS_LANES]; /* beyond the sides */
    double through[2 * BS_LANES];
    bs_sum *moved; /* [tracer][BS_L_COUNT] */
    /* of the adjoint alone: */
    double *plane;                    /* [ny][nx] kg */
    real *flux, *inverse, *transpose; /* sweep_adjoint.h */
} bs_hadvect_bench;

/* What asks for the shortest step. */
typedef struct bs_hadvect_worst {
    double rate; /* s-1 */
    const char *what;
    int k, j, i;
} bs_hadvect_worst;

typedef struct bs_hadvect {
    bs_operator_context c;
    const bs_sweep_kernels *k;
    int n_benches;
    bs_hadvect_bench **benches;
    bs_hadvect_worst *worst; /* [2 nz] of each plane at each end of an interval */
    bs_crossings *crossings; /* NULL: not wanted */
} bs_hadvect;

/* One bundle: which pencils. Along x the lanes are rows from `first`, along y columns. */
typedef struct bs_hadvect_bundle {
    int axis; /* 0 x, 1 y */
    int k, first, n, lanes;
} bs_hadvect_bundle;

static inline int bs_hadvect_pencils(const bs_box *box, int axis)
{
    return axis == 0 ? box->ny : box->nx;
}

static inline int bs_hadvect_bundles(const bs_box *box, int axis)
{
    return (bs_hadvect_pencils(box, axis) + BS_LANES - 1) / BS_LANES;
}

static inline int bs_hadvect_axis(const bs_step *s, int turn)
{
    return s->reverse ? 1 - turn : turn;
}

bs_hadvect_bundle bs_hadvect_bundle_number(const bs_box *box, int axis, int k, int number);

/* What a set-up takes of a bundle; m: of its plane, [ny][nx] kg. */
void bs_hadvect_air(const bs_hadvect *a, const bs_step *s, const bs_hadvect_bundle *p, double *m, bs_air_flux *flux,
                    bs_air_mass *air);

/* Coefficients of a bundle in the bench's scratch; the air in m is moved. */
void bs_hadvect_set_up(const bs_hadvect *a, bs_hadvect_bench *b, const bs_step *s, const bs_hadvect_bundle *p,
                       double *m, bs_sweep *sweep);

/* hadvect_adjoint.c */
void bs_hadvect_move_air(void *self, const bs_step *s);
void bs_hadvect_adjoint(void *self, const bs_step *s);

#endif
