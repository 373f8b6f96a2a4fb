/* hdiff.h - explicit horizontal diffusion: fluxes through faces, then their divergence.
 *
 *     T_f = kappa_f (q_right - q_left)                          ug s-1, gained by the left cell, lost by the right one   (1)
 *     q'  = q + dt/m (T_e - T_w + T_n - T_s)                                                                            (2)
 *     kappa_f = (K M)_f length/distance                         kg s-1, with K (m2 s-1) and M (kg m-2) at the face
 * Conservative: both cells of a face get the same T. A uniform q gives T = 0 and stays to the bit. No new extremes while
 * dt <= 1/rate, rate = max of (kappa_w + kappa_e + kappa_s + kappa_n)/m (bs_hdiff_max_rate).
 * Closed: nothing diffuses through the sides of the domain; the caller sets T = 0 there (or leaves those faces at zero), since
 * a zero kappa would still read a halo that may hold anything.
 *
 * Coefficient: Smagorinsky 1963, Mon. Weather Rev. 91, 99-164:
 *     K = (C_s Delta)^2 |D|,  |D|^2 = (u_x - v_y)^2 + (u_y + v_x)^2,  Delta^2 = area of the cell
 *
 * Direction is a stride: `step` is the distance in q from the cell on the left of a face to the one on its right (1 along x,
 * the row's length along y). Row lengths (elements from j to j + 1) belong to each array. No two pointers alias. */
#ifndef BS_KERNELS_HDIFF_HDIFF_H
#define BS_KERNELS_HDIFF_HDIFF_H

#include <stddef.h>

#include "kernels/base/real.h"

/* kappa of a face (kg s-1) from K (m2 s-1) and mass per area (kg m-2) of both its cells, its length and the distance of the
 * cells' centres (m). */
static inline double bs_hdiff_conductance(double k_left, double k_right, double mass_left, double mass_right,
                                          double length, double distance)
{
    return 0.25 * (k_left + k_right) * (mass_left + mass_right) * length / distance;
}

/* Fluxes through ni x nj faces. q: the cell on the right of face (0, 0); kappa, flux: that face.
 *   q [nj][q_row] ug kg-1 in;  kappa [nj][f_row] kg s-1 in;  flux [nj][f_row] ug s-1 out */
void bs_hdiff_flux(int ni, int nj, ptrdiff_t step, ptrdiff_t q_row, ptrdiff_t f_row, const real *kappa, const real *q,
                   real *flux);

/* q' of ni x nj cells from fluxes through their faces: flux_x [nj][x_row], face (j, i) on the left of cell (j, i) and i = ni on
 * the right of the last; flux_y [nj+1][y_row] likewise. dt_m [nj][m_row] = dt/m, s kg-1. q [nj][q_row] in and out. */
void bs_hdiff_update(int ni, int nj, ptrdiff_t q_row, ptrdiff_t x_row, ptrdiff_t y_row, ptrdiff_t m_row,
                     const real *flux_x, const real *flux_y, const real *dt_m, real *q);

/* Largest (sum of kappa)/m over ni x nj cells, s-1, and its cell; kappas as the fluxes above, mass [nj][m_row] kg. */
typedef struct bs_hdiff_rate {
    double rate; /* s-1; 0 without diffusion */
    int i, j;    /* first cell that has it */
} bs_hdiff_rate;
void bs_hdiff_max_rate(int ni, int nj, ptrdiff_t x_row, ptrdiff_t y_row, ptrdiff_t m_row, const real *kappa_x,
                       const real *kappa_y, const double *mass, bs_hdiff_rate *out);

/* K (m2 s-1) of one row of cells. u, v (m s-1, along grid x and y, at centres) of the row below [0], itself [1] and the row
 * above [2], at the domain's edges the row itself; the end cells of a row use one-sided differences. dx [nx], m: distance from
 * the left to the right neighbour's centre (from the cell itself at the ends); dy [nx] from below to above likewise;
 * area [nx] m2. */
void bs_smagorinsky_row(int nx, double c_s, const double *const u[3], const double *const v[3], const double *dx,
                        const double *dy, const double *area, real *k);

#endif
