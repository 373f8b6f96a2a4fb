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
    double **volumes[] = {&n->u, &n->v, &n->t, &n->qv, &n->clw, &n->rnw};
    double **planes[] = {&n->ps,  &n->t2,          &n->u10,  &n->v10,       &n->pblh,     &n->ustar,
                         &n->hfx, &n->evaporation, &n->rain, &n->roughness, &n->leaf_area};
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

bs_status bs_native_own(bs_native *n, bs_err *err)
{
    const size_t nx = (size_t)n->nx, ny = (size_t)n->ny, nz = (size_t)n->nz;
    if (!n->air) BS_TRY(BS_NEW(&n->air, nz * ny * nx, "native meteorology", err));
    if (!n->u_face) BS_TRY(BS_NEW(&n->u_face, nz * ny * (nx + 1), "native meteorology", err));
    if (!n->v_face) BS_TRY(BS_NEW(&n->v_face, nz * (ny + 1) * nx, "native meteorology", err));
    return BS_OK;
}

bs_status bs_native_own_land(bs_native *n, bs_err *err)
{
    if (n->land) return BS_OK;
    return BS_NEW(&n->land, (size_t)BS_LAND_COUNT * (size_t)n->ny * (size_t)n->nx, "native meteorology", err);
}

void bs_native_destroy(bs_native *n)
{
    if (!n) return;
    double *arrays[] = {n->u,    n->v,         n->t,         n->qv,   n->clw,    n->rnw,    n->ps,
                        n->t2,   n->u10,       n->v10,       n->pblh, n->ustar,  n->hfx,    n->evaporation,
                        n->rain, n->roughness, n->leaf_area, n->air,  n->u_face, n->v_face, n->land};
    for (size_t f = 0; f < sizeof arrays / sizeof arrays[0]; f++) bs_free(arrays[f]);
    bs_free(n);
}
