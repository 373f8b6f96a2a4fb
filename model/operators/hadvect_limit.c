/* How long a step horizontal transport stands. */
#include <stdio.h>

#include "model/operators/hadvect.h"
#include "model/parallel/ranks.h"

typedef bs_hadvect_worst worst;

static inline void worse(worst *w, double rate, int what, int k, int j, int i)
{
    if (rate > w->rate) *w = (worst){rate, what, k, j, i};
}

static inline double above(double a, double b)
{
    return a > b ? a : b;
}

enum { COURANT_X, COURANT_Y, DEFORMATION, KINDS };

static void plane_limits(const bs_hadvect *a, const bs_forcing *f, int e, int k, worst *w)
{
    const bs_box *box = a->c.box;
    const bs_window own = box->own;
    const double courant = 1 / a->c.options->max_courant, deformation = 1 / a->c.options->max_deformation;
    const ptrdiff_t nx = box->nx, ny = box->ny, xrow = nx + 1;
    const double *m = f->end[e]->m + k * nx * ny, *fx = f->fx[e] + k * xrow * ny, *fy = f->fy[e] + k * nx * (ny + 1);
    for (int j = own.j0; j < own.j1; j++)
        for (int i = own.i0; i < own.i1; i++) {
            const double per_mass = 1 / m[j * nx + i], west = fx[j * xrow + i], east = fx[j * xrow + i + 1],
                         south = fy[j * nx + i], north = fy[(j + 1) * nx + i];
            worse(w, courant * above(above(-west, east), 0) * per_mass, COURANT_X, k, j, i);
            worse(w, courant * above(above(-south, north), 0) * per_mass, COURANT_Y, k, j, i);
            const double dx = east - west, dy = north - south;
            const double both = above(above(dx, 0) + above(dy, 0), above(-dx, 0) + above(-dy, 0));
            worse(w, deformation * both * per_mass, DEFORMATION, k, j, i);
        }
}

/* The worst of all ranks, in the whole mesh's indices. Of equal ones the first: by end of the interval, level, row, column and kind. */
static worst of_all(const bs_hadvect *a, worst mine, int end)
{
    const bs_box *box = a->c.box;
    const long long nx = a->c.tiling ? a->c.tiling->nx : box->nx, ny = a->c.tiling ? a->c.tiling->ny : box->ny;
    mine.j += box->at_j;
    mine.i += box->at_i;
    const long long at = (((long long)end * box->nz + mine.k) * ny + mine.j) * nx + mine.i;
    bs_ranks_best(mine.rate, at * KINDS + mine.what, &mine, sizeof mine);
    return mine;
}

void bs_hadvect_limit(const void *self, const bs_forcing *f, bs_limit *l)
{
    static const char *const WHAT[] = {"Courant number along x", "Courant number along y", "deformation"};
    const bs_hadvect *a = self;
    worst all = {.rate = 0};
    const int nz = a->c.box->nz, planes = 2 * nz;
    int end = 0;
#pragma omp parallel for schedule(dynamic) default(none) shared(a, f, nz, planes)
    for (int n = 0; n < planes; n++) {
        a->worst[n] = (worst){.rate = 0};
        plane_limits(a, f, n / nz, n % nz, &a->worst[n]);
    }
    for (int n = 0; n < planes; n++) /* in order: the culprit that is named does not depend on the threads */
        if (a->worst[n].rate > all.rate) all = a->worst[n], end = n / nz;
    if (a->c.tiling) all = of_all(a, all, end);
    if (all.rate * l->dt <= 1) return;
    l->dt = 1 / all.rate;
    snprintf(l->culprit, sizeof l->culprit, "hadvect: %s at (k=%d, j=%d, i=%d)", WHAT[all.what], all.k, all.j, all.i);
}
