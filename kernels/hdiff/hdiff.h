/* hdiff.h - explicit horizontal diffusion: fluxes through faces, then their divergence.
 *
 *     T_f = kappa_f (q_right - q_left)                          ug s-1, gained by the left cell, lost by the right one   (1)
 *     q'  = q + dt/m (T_e - T_w + T_n - T_s)                                                                            (2)
 *     kappa_f = (K M)_f length/distance                         kg s-1, with K (m2 s-1) and M (kg m-2) at the face
 * Conservative: both cells of a face get the same T. A uniform q gives T = 0 and stays to the bit. No new extremes while
 * dt <= 1/rate, rate = max of (kappa_w + kappa_e + kappa_s + kappa_n)/m (bs_hdiff_max_rate).
 * Closed sides: nothing diffuses through them, and what lies behind is not read.
 *
 * Coefficient: Smagorinsky 1963, Mon. Weather Rev. 91, 99-164:
 *     K = (C_s Delta)^2 |D|,  |D|^2 = (u_x - v_y)^2 + (u_y + v_x)^2,  Delta^2 = area of the cell
 *
 * Row lengths (elements from j to j + 1) belong to each array. No two pointers alias. */
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

enum { BS_CLOSED_WEST = 1, BS_CLOSED_EAST = 2, BS_CLOSED_SOUTH = 4, BS_CLOSED_NORTH = 8, BS_CLOSED_ALL = 15 };

/* A plane of conductances: kappa_x [nj][x_row], face (j, i) on the left of cell (j, i) and i = ni on the right of the last; kappa_y
 * [nj+1][y_row] likewise below; dt_m [nj][m_row] = dt/m, s kg-1. */
typedef struct bs_hdiff_plane {
    int ni, nj, closed; /* BS_CLOSED_* */
    const real *kappa_x, *kappa_y, *dt_m;
    ptrdiff_t x_row, y_row, m_row;
} bs_hdiff_plane;

/* One step of ni x nj cells in place: q [nj][q_row] ug kg-1, row by row. work: 3 (ni + 1) reals. */
void bs_hdiff_step(const bs_hdiff_plane *p, ptrdiff_t q_row, real *q, real *work);

/* Largest (sum of kappa)/m over ni x nj cells, s-1; 0 without diffusion. mass [nj][m_row] kg. */
double bs_hdiff_max_rate(const bs_hdiff_plane *p, const double *mass);

/* K (m2 s-1) of one row of cells. u, v (m s-1, along grid x and y, at centres) of the row below [0], itself [1] and the row
 * above [2], at the domain's edges the row itself; the end cells of a row use one-sided differences. dx [nx], m: distance from
 * the left to the right neighbour's centre (from the cell itself at the ends); dy [nx] from below to above likewise;
 * area [nx] m2. */
void bs_smagorinsky_row(int nx, double c_s, const double *const u[3], const double *const v[3], const double *dx,
                        const double *dy, const double *area, real *k);

#endif
