#include <math.h>

#include "kernels/base/constants.h"
#include "model/core/memory.h"
#include "model/emis/emis.h"

enum { HALF_HOUR = 1800 }; /* s */

/* The weather of the middle of an hour: end[0] and end[1] of the forcing, the latter's share. */
typedef struct hour_weather {
    const bs_mesh *mesh;
    const bs_met_state *end[2];
    double later;
} hour_weather;

static hour_weather weather_of(const bs_emission *e, bs_time from, const bs_forcing *f)
{
    hour_weather w = {.mesh = e->mesh, .end = {f->end[0], f->end[1]}};
    if (f->t1 > f->t0) {
        const double share = (double)(from + HALF_HOUR - f->t0) / (double)(f->t1 - f->t0);
        w.later = share < 0 ? 0 : share > 1 ? 1 : share;
    }
    return w;
}

static double blend(const hour_weather *w, double now, double next)
{
    return (1 - w->later) * now + w->later * next;
}

/* Wind along x and y at a cell's centre, m s-1: mean of what passes its two faces, over the air of the cell. */
static void wind_at(const hour_weather *w, const bs_met_state *s, int k, size_t j, size_t i, double *u, double *v)
{
    const size_t nx = (size_t)s->nx, ny = (size_t)s->ny, cell = j * nx + i, row = (size_t)k * ny + j;
    const double air = s->m[row * nx + i] / w->mesh->area[cell];
    const double *fx = s->fx + row * (nx + 1) + i, *len_x = w->mesh->len_xf + j * (nx + 1) + i;
    const double *fy = s->fy + ((size_t)k * (ny + 1) + j) * nx + i, *len_y = w->mesh->len_yf + cell;
    *u = 0.5 * (fx[0] / len_x[0] + fx[1] / len_x[1]) / air;
    *v = 0.5 * (fy[0] / len_y[0] + fy[nx] / len_y[nx]) / air;
}

/* N^2 between the middles of the layers below and above, of the layer itself where it has no neighbour. */
static void stability(int nz, const double *face, const double *t, double *n2)
{
    for (int k = 0; k < nz; k++) {
        const int low = k > 0 ? k - 1 : k, high = k < nz - 1 ? k + 1 : k;
        const double dz = 0.5 * (face[high] + face[high + 1] - face[low] - face[low + 1]);
        n2[k] = dz > 0 ? BS_GRAVITY / t[k] * ((t[high] - t[low]) / dz + BS_GRAVITY / BS_CP_DRY) : 0;
    }
}

/* `work` [4 nz + 1] becomes the column's arrays. Heights are those of end[0], as for all emission. */
static bs_plume_column column_at(const hour_weather *w, size_t cell, double *work)
{
    const bs_met_state *a = w->end[0], *b = w->end[1];
    const size_t plane = (size_t)a->nx * (size_t)a->ny, j = cell / (size_t)a->nx, i = cell % (size_t)a->nx;
    double *face = work, *t = face + a->nz + 1, *wind = t + a->nz, *n2 = wind + a->nz;
    for (int k = 0; k <= a->nz; k++) face[k] = (double)a->z_half[(size_t)k * plane + cell];
    for (int k = 0; k < a->nz; k++) {
        const size_t o = (size_t)k * plane + cell;
        double u[2], v[2];
        for (int e = 0; e < 2; e++) wind_at(w, w->end[e], k, j, i, &u[e], &v[e]);
        wind[k] = hypot(blend(w, u[0], u[1]), blend(w, v[0], v[1]));
        t[k] = blend(w, (double)a->t[o], (double)b->t[o]);
    }
    stability(a->nz, face, t, n2);
    return (bs_plume_column){.nz = a->nz,
                             .face = face,
                             .temperature = t,
                             .wind = wind,
                             .n2 = n2,
                             .ustar = blend(w, (double)a->ustar[cell], (double)b->ustar[cell]),
                             .pbl = blend(w, (double)a->pblh[cell], (double)b->pblh[cell]),
                             /* positive where the ground heats the air, zero elsewhere */
                             .heat_flux = blend(w, (double)a->nonlocal[cell], (double)b->nonlocal[cell])};
}

bs_status bs_emis_lift(const bs_emission *e, bs_time from, const bs_forcing *forcing, double *work, double *share,
                       int *n_layers, bs_err *err)
{
    const hour_weather w = weather_of(e, from, forcing);
    const int nz = forcing->end[0]->nz;
    for (size_t p = 0; p < e->n_points; p++) {
        const bs_emis_point *point = &e->point[p];
        if (point->stack < 0) continue;
        const bs_stack stack = e->stack[point->stack];
        const bs_plume_column column = column_at(&w, point->cell, work);
        bs_plume plume;
        bs_plume_rise(&column, stack, bs_plume_air_at(&column, stack.height), &plume);
        if (!(plume.top <= column.face[nz])) {
            const size_t nx = (size_t)e->mesh->nx;
            return bs_fail(
                err, BS_ERR_INPUT,
                "emissions: the plume of a stack of %g m in cell (j=%zu, i=%zu) rises to %.0f m, above the "
                "model's top at %.0f m; raise the top (grid.levels), or look at the stack's diameter (%g m), "
                "exit_temperature (%g K) and exit_velocity (%g m s-1)",
                stack.height, (size_t)e->at_j + point->cell / nx, (size_t)e->at_i + point->cell % nx, plume.top,
                column.face[nz], stack.diameter, stack.temperature, stack.velocity);
        }
        double *shares = share + (size_t)point->stack * (size_t)nz;
        bs_plume_fractions(nz, column.face, &plume, shares);
        for (int k = *n_layers; k < nz; k++) {
            if (shares[k] > 0) *n_layers = k + 1;
        }
    }
    return BS_OK;
}
