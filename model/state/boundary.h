/* boundary.h - mixing ratios of the air that enters through the sides of the domain. Filled by the run (a profile, or a coarser
 * run's output), read by advection. A tag other than the boundary's has zeros. */
#ifndef BS_MODEL_STATE_BOUNDARY_H
#define BS_MODEL_STATE_BOUNDARY_H

#include "kernels/base/real.h"
#include "kernels/base/status.h"

typedef enum bs_side { BS_WEST, BS_EAST, BS_SOUTH, BS_NORTH, BS_SIDES } bs_side;

typedef struct bs_boundary {
    int nx, ny, nz, n_tracers;
    real *q[BS_SIDES]; /* ug kg-1: west, east [n_tracers][nz][ny]; south, north [n_tracers][nz][nx] */
} bs_boundary;

bs_status bs_boundary_create(int nx, int ny, int nz, int n_tracers, bs_boundary **out, bs_err *err);
void bs_boundary_destroy(bs_boundary *boundary);

static inline int bs_boundary_length(const bs_boundary *b, bs_side side)
{
    return side == BS_WEST || side == BS_EAST ? b->ny : b->nx;
}

static inline real *bs_boundary_at(const bs_boundary *b, bs_side side, int tracer, int k)
{
    return b->q[side] + ((long)tracer * b->nz + k) * bs_boundary_length(b, side);
}

#endif
