/* multigrid_parts.h - what the files of multigrid share. Private to kernels/elliptic/multigrid*.c. */
#ifndef BS_KERNELS_ELLIPTIC_MULTIGRID_PARTS_H
#define BS_KERNELS_ELLIPTIC_MULTIGRID_PARTS_H

#include "kernels/elliptic/multigrid.h"

/* Of bs_multigrid2d_level.weight: where the neighbour lies. Those of one axis come first. */
enum { WEST, EAST, SOUTH, NORTH, SOUTH_WEST, SOUTH_EAST, NORTH_WEST, NORTH_EAST };

/* A coarser level's own couplings, while they are made. */
typedef struct bs_multigrid2d_maps {
    double *d, *e, *n, *ne, *nw;
} bs_multigrid2d_maps;

/* The inverse of D on a level whose couplings are there. */
void bs_multigrid2d_invert(const bs_multigrid2d_level *l, bs_band_team *team);

/* Weights of the cells of c, which is coarser than f by one; then its couplings, `maps` being those of c. */
void bs_multigrid2d_coarsen(const bs_multigrid2d_level *f, const bs_multigrid2d_level *c,
                            const bs_multigrid2d_maps *maps, bs_band_team *team);

/* ---- steps of a cycle, each over all rows of a level; no two maps alias but where said ---- */

void bs_multigrid2d_begin(const bs_multigrid2d_level *l, bs_band_team *team, double damp, const double *b, double *y);
void bs_multigrid2d_relax(const bs_multigrid2d_level *l, bs_band_team *team, double damp, const double *b,
                          const double *x, double *y);
void bs_multigrid2d_residual(const bs_multigrid2d_level *l, bs_band_team *team, const double *b, const double *x,
                             double *y);

/* b of c = P^T x of f; y of f += P v, a map of c. */
void bs_multigrid2d_restrict(const bs_multigrid2d_level *f, const bs_multigrid2d_level *c, bs_band_team *team,
                             const double *x);
void bs_multigrid2d_prolong(const bs_multigrid2d_level *f, const bs_multigrid2d_level *c, bs_band_team *team,
                            const double *v, double *y);

#endif
