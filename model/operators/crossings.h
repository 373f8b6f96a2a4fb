/* crossings.h - what a horizontal sweep moves through the borders between regions (model/state/borders.h).
 *
 * The flux of a face is the sweep's own (kernels/advection/sweep.h): the air's flux times the mean of the cell that it comes from, of a long
 * step what it crossed whole first, in double; and the limited excess over that, which the kernel hands out. Face by face it rests on
 * what the cells beside it rest on and on nothing else, so that it is the same to the bit however the mesh is shared out among ranks.
 * Through the domain's sides it is what the ledger enters.
 *
 * Use, by the thread that sweeps a bundle: bs_crossings_air before the tracers; for each tracer the sweep with bs_crossings_excess among
 * its pencils, between bs_crossings_before (ghost cells filled, nothing moved) and bs_crossings_after. */
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

/* What the wind moves through the bundle's borders. flux: as the sweep's set-up gets it. */
void bs_crossings_air(const bs_crossings *c, const bs_crossing *at, const bs_air_flux *flux);

/* Room for bs_pencils.excess, this thread's. NULL where the bundle has no border but the domain's sides. */
real *bs_crossings_excess(const bs_crossings *c, const bs_crossing *at);

void bs_crossings_before(const bs_crossings *c, const bs_crossing *at, const bs_sweep_kernels *kernels,
                         const bs_sweep *sweep, const bs_pencils *pencils);

/* through [2][BS_LANES]: ug through the first and last face, as the sweep gave it. */
void bs_crossings_after(const bs_crossings *c, const bs_crossing *at, int tracer, const double *through);

#endif
