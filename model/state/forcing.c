#include "model/state/forcing.h"

#include "kernels/base/clones.h"
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
        if (st == BS_OK) st = BS_NEW(&f->fz[e], (size_t)nx * ny * ((size_t)nz + 1), "air-mass flux", err);
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
        bs_free(f->fz[e]);
    }
    bs_free(f);
}

/* Through the tops of a row of cells: what comes from below less what leaves through the sides and what stays. y_s, y_n: its faces to the
 * south and north. No two pointers alias. */
BS_CLONES static void upward(ptrdiff_t nx, double per_second, const double *restrict m0, const double *restrict m1,
                             const double *restrict x, const double *restrict y_s, const double *restrict y_n,
                             const double *restrict below, double *restrict above)
{
    for (ptrdiff_t i = 0; i < nx; i++)
        above[i] = below[i] - ((m1[i] - m0[i]) * per_second + (x[i + 1] - x[i]) + (y_n[i] - y_s[i]));
}

static void row_continuity(bs_forcing *f, int e, double per_second, int j)
{
    const bs_met_state *s0 = f->end[0], *s1 = f->end[1];
    const ptrdiff_t nx = s0->nx, ny = s0->ny, nz = s0->nz, area = nx * ny;
    for (ptrdiff_t i = 0; i < nx; i++) f->fz[e][j * nx + i] = 0;
    for (ptrdiff_t k = 0; k < nz; k++) {
        const ptrdiff_t cell = k * area + j * nx;
        const double *x = f->fx[e] + (k * ny + j) * (nx + 1), *y = f->fy[e] + (k * (ny + 1) + j) * nx;
        upward(nx, per_second, s0->m + cell, s1->m + cell, x, y, y + nx, f->fz[e] + cell, f->fz[e] + cell + area);
    }
    for (ptrdiff_t i = 0; i < nx; i++) f->fz[e][nz * area + j * nx + i] = 0;
}

void bs_forcing_continuity(bs_forcing *f)
{
    const int ny = f->end[0]->ny;
    const double per_second = f->end[0] == f->end[1] ? 0 : 1 / (double)(f->t1 - f->t0);
#pragma omp parallel for schedule(static) default(none) shared(f, ny, per_second)
    for (int j = 0; j < ny; j++)
        for (int e = 0; e < 2; e++) row_continuity(f, e, per_second, j);
}
