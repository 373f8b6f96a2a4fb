#include "model/state/boundary.h"

#include "model/core/memory.h"

bs_status bs_boundary_create(int nx, int ny, int nz, int n_tracers, bs_boundary **out, bs_err *err)
{
    bs_boundary *b = NULL;
    BS_TRY(BS_NEW(&b, 1, "boundary values", err));
    *b = (bs_boundary){.nx = nx, .ny = ny, .nz = nz, .n_tracers = n_tracers};
    for (int s = 0; s < BS_SIDES; s++) {
        size_t n = (size_t)n_tracers * (size_t)nz * (size_t)bs_boundary_length(b, (bs_side)s);
        bs_status st = BS_NEW(&b->q[s], n, "boundary values", err);
        if (st != BS_OK) {
            bs_boundary_destroy(b);
            return st;
        }
    }
    *out = b;
    return BS_OK;
}

void bs_boundary_destroy(bs_boundary *b)
{
    if (!b) return;
    for (int s = 0; s < BS_SIDES; s++) bs_free(b->q[s]);
    bs_free(b);
}
