/* crossings.h - what a horizontal sweep moves through the borders between regions (model/state/borders.h).
 *
 * A sweep does not store what it moves from cell to cell; it does tell what went through both ends of a pencil. In flux form a cell's
 * content changes by what passes its two faces and by nothing else, so that the flux through face f is
 *     T_f = T_0 - sum over cells i < f of (m'_i q'_i - m_i q_i),
 * whatever the scheme, its limiter and the Courant number. The sum is taken in double. At the upper end it misses what is known to have
 * gone through there by the rounding of the float mixing ratios, some 1e-7 of what the pencil holds; this gap is shared out among the
 * cells in proportion to their content, from which it came, so that the fluxes fit both ends.
 *
 * Use, by the thread that sweeps a bundle: before the set-up of the air bs_crossings_air(.., 0), after it bs_crossings_air(.., 1); for
 * each tracer bs_crossings_before, the sweep, bs_crossings_after. */
#ifndef BS_MODEL_OPERATORS_CROSSINGS_H
#define BS_MODEL_OPERATORS_CROSSINGS_H

#include "kernels/advection/sweep.h"
#include "model/operators/operators.h"

typedef struct bs_crossings bs_crossings;

/* The bundle that a thread sweeps: pencils first .. first + lanes - 1, rows of plane k along x (axis 0) or columns along y. */
typedef struct bs_crossing {
    int axis, k, first, lanes;
} bs_crossing;

/* *out is NULL where the context has no borders. */
bs_status bs_crossings_create(const bs_operator_context *context, bs_crossings **out, bs_err *err);
void bs_crossings_destroy(bs_crossings *c); /* NULL is fine */

/* Keeps the air before (late 0) and after (late 1) the sweep. m [nz][ny][nx] kg. */
void bs_crossings_air(const bs_crossings *c, const bs_crossing *at, int late, const double *m);

/* q: mixing ratios of the bundle, cell and lane at cell * stride + lane. through [2][BS_LANES]: ug through the first and last face. */
void bs_crossings_before(const bs_crossings *c, const bs_crossing *at, const real *q, ptrdiff_t stride);
void bs_crossings_after(const bs_crossings *c, const bs_crossing *at, int tracer, const real *q, ptrdiff_t stride,
                        const double *through);

#endif
