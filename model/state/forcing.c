#include "model/state/forcing.h"

#include "model/core/memory.h"

bs_status bs_met_state_create(int nx, int ny, int nz, int n_removal, bs_met_state **out, bs_err *err)
{
    bs_met_state *s = NULL;
    BS_TRY(BS_NEW(&s, 1, "prepared meteorology", err));
    s->nx = nx;
    s->ny = ny;
    s->nz = nz;
    s->n_removal = n_removal;
    size_t area = (size_t)nx * ny, volume = area * (size_t)nz, classes = (size_t)n_removal;
    const struct {
        real **array;
        size_t n;
    } reals[] = {
        {&s->rho, volume},
        {&s->t, volume},
        {&s->z_half, volume + area},
        {&s->mix, volume + area},
        {&s->kh, volume},
        {&s->v_dep, classes * area},
        {&s->v_set, classes * volume},
        {&s->scavenge, classes * volume},
        {&s->nonlocal, area},
        {&s->pbl_air, area},
        {&s->ps, area},
        {&s->pblh, area},
        {&s->ustar, area},
        {&s->u10, area},
        {&s->v10, area},
        {&s->t2, area},
        {&s->rain, area},
    };
    bs_status st = BS_NEW(&s->m, volume, "air mass", err);
    if (st == BS_OK) st = BS_NEW(&s->fx, (size_t)(nx + 1) * ny * nz, "air-mass flux", err);
    if (st == BS_OK) st = BS_NEW(&s->fy, (size_t)nx * (ny + 1) * nz, "air-mass flux", err);
    for (size_t a = 0; a < sizeof reals / sizeof *reals && st == BS_OK; a++)
        st = BS_NEW(reals[a].array, reals[a].n, "prepared meteorology", err);
    if (st != BS_OK) {
        bs_met_state_destroy(s);
        return st;
    }
    *out = s;
    return BS_OK;
}

void bs_met_state_destroy(bs_met_state *s)
{
    if (!s) return;
    bs_free(s->m);
    bs_free(s->fx);
    bs_free(s->fy);
    real *reals[] = {s->rho,     s->t,  s->z_half, s->mix,   s->kh,  s->v_dep, s->v_set, s->scavenge, s->nonlocal,
                     s->pbl_air, s->ps, s->pblh,   s->ustar, s->u10, s->v10,   s->t2,    s->rain};
    for (size_t a = 0; a < sizeof reals / sizeof *reals; a++) bs_free(reals[a]);
    bs_free(s);
}

bs_status bs_forcing_create(int nx, int ny, int nz, bs_forcing **out, bs_err *err)
{
    bs_forcing *f = NULL;
    BS_TRY(BS_NEW(&f, 1, "forcing", err));
    bs_status st = BS_OK;
    for (int e = 0; e < 2 && st == BS_OK; e++) {
        st = BS_NEW(&f->fx[e], (size_t)(nx + 1) * ny * nz, "air-mass flux", err);
        if (st == BS_OK) st = BS_NEW(&f->fy[e], (size_t)nx * (ny + 1) * nz, "air-mass flux", err);
    }
    if (st != BS_OK) {
        bs_forcing_destroy(f);
        return st;
    }
    *out = f;
    return BS_OK;
}

void bs_forcing_destroy(bs_forcing *f)
{
    if (!f) return;
    for (int e = 0; e < 2; e++) {
        bs_free(f->fx[e]);
        bs_free(f->fy[e]);
    }
    bs_free(f);
}
