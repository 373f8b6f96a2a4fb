#include <stdlib.h>

#include "model/core/memory.h"
#include "model/met/met.h"

bs_status bs_native_create(int nx, int ny, int nz, bs_native **out, bs_err *err)
{
    *out = NULL;
    bs_native *n = NULL;
    BS_TRY(BS_NEW(&n, 1, "native meteorology", err));
    n->nx = nx;
    n->ny = ny;
    n->nz = nz;
    size_t plane = (size_t)nx * (size_t)ny;
    double **volumes[] = {&n->u, &n->v, &n->t, &n->qv, &n->clw};
    double **planes[] = {&n->ps, &n->t2, &n->u10, &n->v10, &n->pblh, &n->ustar, &n->hfx, &n->rain};
    bs_status status = BS_OK;
    for (size_t f = 0; f < sizeof volumes / sizeof volumes[0] && !status; f++) {
        status = BS_NEW(volumes[f], plane * (size_t)nz, "native meteorology", err);
    }
    for (size_t f = 0; f < sizeof planes / sizeof planes[0] && !status; f++) {
        status = BS_NEW(planes[f], plane, "native meteorology", err);
    }
    if (status) {
        bs_native_destroy(n);
        return status;
    }
    *out = n;
    return BS_OK;
}

void bs_native_destroy(bs_native *n)
{
    if (!n) return;
    double *arrays[] = {n->u,   n->v,   n->t,    n->qv,    n->clw, n->ps,  n->t2,
                        n->u10, n->v10, n->pblh, n->ustar, n->hfx, n->rain};
    for (size_t f = 0; f < sizeof arrays / sizeof arrays[0]; f++) bs_free(arrays[f]);
    bs_free(n);
}
