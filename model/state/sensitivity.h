/* sensitivity.h - what a backward step asks of what comes in from outside, of one scalar J (a receptor's mean concentration). The sensitivity
 * to what is inside, J per kg of tracer in a cell, takes the place of mixing ratios in bs_state. */
#ifndef BS_MODEL_STATE_SENSITIVITY_H
#define BS_MODEL_STATE_SENSITIVITY_H

#include "kernels/base/status.h"
#include "model/state/boundary.h"

typedef struct bs_sensitivity {
    int nx, ny, nz;
    double *emission; /* [nz][ny][nx]   J per kg s-1, held over the steps since it was cleared */
    double *inflow
        [BS_SIDES]; /* west, east [nz][ny]; south, north [nz][nx]   J per kg kg-1 of the air that entered meanwhile */
} bs_sensitivity;

bs_status bs_sensitivity_create(int nx, int ny, int nz, bs_sensitivity **out, bs_err *err);
void bs_sensitivity_destroy(bs_sensitivity *s); /* NULL is fine */
void bs_sensitivity_clear(bs_sensitivity *s);

static inline int bs_sensitivity_length(const bs_sensitivity *s, bs_side side)
{
    return side == BS_WEST || side == BS_EAST ? s->ny : s->nx;
}

#endif
