/* hadvect.h - what hadvect.c and its adjoint share. Private to model/operators/hadvect*.c. */
#ifndef BS_MODEL_OPERATORS_HADVECT_H
#define BS_MODEL_OPERATORS_HADVECT_H

#include "kernels/advection/sweep.h"
#include "model/operators/crossings.h"
#include "model/operators/operators.h"

/* Where a long step asked for cells that the tile does not know. */
typedef struct bs_hadvect_far {
    bool found;
    int axis, k, pencil, face, cells; /* in the tile's indices; cells that the air came across, the last in part */
} bs_hadvect_far;

/* What one thread works with. */
typedef struct bs_hadvect_bench {
    real *cells;   /* [n + 2 ghosts] x BS_LANES: rows transposed */
    real *phi;     /* [n+1] x BS_LANES */
    real *scratch; /* the kernels' */
    real *sides;   /* [tracer][2][BS_LANES] the boundary's, beside a bundle */
    real low[BS_GHOST * BS_LANES], high[BS_GHOST * BS_LANES]; /* beyond the sides */
    double through[2 * BS_LANES];
    bs_sum *moved; /* [tracer][BS_L_COUNT] */
    bs_hadvect_far far;
    /* of the adjoint alone: */
    double *plane;                    /* [ny][nx] kg */
    real *flux, *inverse, *transpose; /* sweep_adjoint.h */
} bs_hadvect_bench;

/* What asks for the shortest step. */
typedef struct bs_hadvect_worst {
    double rate; /* s-1 */
    int what;    /* of hadvect_limit.c */
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

typedef struct bs_hadvect_span {
    int begin, end; /* begin .. end - 1 */
} bs_hadvect_span;

/* The pencils that one sweep of a step takes, always over their full length in the tile, and what matters of them (hadvect_tile.c). */
typedef struct bs_hadvect_range {
    bs_hadvect_span pencils; /* rows along x, columns along y */
    int wanted;              /* the first of these that matters; those before it fill a line of cache */
    bs_hadvect_span own;     /* of these, for the ledger */
    bs_hadvect_span right;   /* cells along a pencil that are right after the sweep */
    bs_hadvect_span known;   /* cells that are right before it */
    bool is_side[2];         /* whether its lower and its upper end are sides of the domain */
} bs_hadvect_range;

/* turn 0: the sweep that comes first in its half of a pair, turn 1: the second. reverse: of the second half. */
bs_hadvect_range bs_hadvect_range_of(const bs_hadvect *a, int axis, int turn, bool reverse);

int bs_hadvect_sides(const bs_hadvect_range *range); /* BS_SIDE_*, BS_CUT_* */

/* Of a long sweep: notes the first face that matters and takes air from where the tile knows nothing. */
void bs_hadvect_look_far(const bs_hadvect_range *range, const bs_hadvect_bundle *p, const bs_sweep *sweep,
                         bs_hadvect_far *far);

/* For the operator's row. */
bs_status bs_hadvect_check(const void *self, bs_err *err);
void bs_hadvect_limit(const void *self, const bs_forcing *forcing, bs_limit *limit); /* hadvect_limit.c */

static inline int bs_hadvect_bundles(const bs_hadvect_range *r)
{
    return (r->pencils.end - r->pencils.begin + BS_LANES - 1) / BS_LANES;
}

static inline int bs_hadvect_axis(const bs_step *s, int turn)
{
    return s->reverse ? 1 - turn : turn;
}

bs_hadvect_bundle bs_hadvect_bundle_number(const bs_box *box, const bs_hadvect_range *range, int axis, int k,
                                           int number);

/* What a set-up takes of a bundle; m: of its plane, [ny][nx] kg. */
void bs_hadvect_air(const bs_hadvect *a, const bs_step *s, const bs_hadvect_bundle *p, double *m, bs_air_flux *flux,
                    bs_air_mass *air);

/* Coefficients of a bundle in the bench's scratch; the air in m is moved. sides: of the kernels. */
void bs_hadvect_set_up(const bs_hadvect *a, bs_hadvect_bench *b, const bs_step *s, const bs_hadvect_bundle *p,
                       int sides, double *m, bs_sweep *sweep);

/* hadvect_adjoint.c */
void bs_hadvect_move_air(void *self, const bs_step *s);
void bs_hadvect_adjoint(void *self, const bs_step *s);

#endif
