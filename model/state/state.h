/* state.h - what the model carries from step to step. */
#ifndef BS_MODEL_STATE_STATE_H
#define BS_MODEL_STATE_STATE_H

#include "kernels/base/box.h"
#include "kernels/base/real.h"
#include "kernels/base/status.h"
#include "grids/tiles/tiles.h"
#include "model/core/archive.h"
#include "model/state/tracers.h"

typedef struct bs_state {
    bs_box box;
    const bs_tracers *tracers; /* not owned */
    const bs_tiling *tiling;   /* of the mesh, where there are several ranks, not owned; NULL, as it is made: one */
    real *q;                   /* [tracer][box]   ug per kg of dry air; halos hold no air: boundary.h has it */
    double *m;                 /* [nz][ny][nx]    kg of dry air in each cell, no halo */
    double *dry, *wet; /* [tracer][ny][nx]  ug deposited in each column since the start, by the removal operators */
} bs_state;

bs_status bs_state_create(const bs_box *box, const bs_tracers *tracers, bs_state **out, bs_err *err);
void bs_state_destroy(bs_state *state);

/* All of it but the halos; of a tile its own cells. Errors: as of the archive. */
bs_status bs_state_archive(bs_state *state, bs_archive *a, bs_err *err);

static inline real *bs_state_q(const bs_state *s, int tracer)
{
    return s->q + (ptrdiff_t)tracer * s->box.volume;
}

#endif
