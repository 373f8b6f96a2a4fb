#include "kernels/hdiff/hdiff.h"
#include "kernels/base/clones.h"

#include <math.h>

#include "kernels/base/check.h"

/* Fluxes through `n` faces that lie side by side. */
static inline void fluxes(int n, const real *restrict kappa, const real *left, const real *right, real *restrict out)
{
    for (int i = 0; i < n; i++) out[i] = kappa[i] * (right[i] - left[i]);
}

BS_CLONES void bs_hdiff_step(const bs_hdiff_plane *p, ptrdiff_t q_row, real *q, real *work)
{
    const int ni = p->ni, nj = p->nj, west = p->closed & BS_CLOSED_WEST ? 1 : 0,
              east = p->closed & BS_CLOSED_EAST ? 1 : 0;
    real *restrict x = work, *south = work + ni + 1, *north = south + ni + 1;
    x[0] = x[ni] = 0;
    for (int i = 0; i < ni; i++) south[i] = north[i] = 0;
    if (!(p->closed & BS_CLOSED_SOUTH)) fluxes(ni, p->kappa_y, q - q_row, q, south);
    for (int j = 0; j < nj; j++) {
        real *restrict here = q + j * q_row;
        const real *restrict dt_m = p->dt_m + j * p->m_row;
        fluxes(ni + 1 - west - east, p->kappa_x + j * p->x_row + west, here + west - 1, here + west, x + west);
        if (j < nj - 1 || !(p->closed & BS_CLOSED_NORTH))
            fluxes(ni, p->kappa_y + (j + 1) * p->y_row, here, here + q_row, north);
        else
            for (int i = 0; i < ni; i++) north[i] = 0;
        const real *restrict above = north, *restrict below = south;
        for (int i = 0; i < ni; i++) here[i] += dt_m[i] * ((x[i + 1] - x[i]) + (above[i] - below[i]));
        real *swap = south;
        south = north;
        north = swap;
    }
}

BS_CLONES double bs_hdiff_max_rate(const bs_hdiff_plane *p, const double *mass)
{
    enum { PIECE = 64 };
    double worst[PIECE] = {0}, largest = 0;
    for (int j = 0; j < p->nj; j++) {
        const real *x = p->kappa_x + j * p->x_row, *south = p->kappa_y + j * p->y_row, *north = south + p->y_row;
        const double *m = mass + j * p->m_row;
        for (int first = 0; first < p->ni; first += PIECE) {
            const int n = p->ni - first < PIECE ? p->ni - first : PIECE;
            for (int i = 0; i < n; i++) {
                const int c = first + i;
                const double rate = ((double)x[c] + (double)x[c + 1] + (double)south[c] + (double)north[c]) / m[c];
                worst[i] = rate > worst[i] ? rate : worst[i];
            }
        }
    }
    for (int i = 0; i < PIECE; i++) largest = worst[i] > largest ? worst[i] : largest;
    return largest;
}

static inline real coefficient(double c2, int west, int here, int east, const double *const u[3],
                               const double *const v[3], double dx, double dy, double area)
{
    const double u_x = (u[1][east] - u[1][west]) / dx, v_x = (v[1][east] - v[1][west]) / dx;
    const double u_y = (u[2][here] - u[0][here]) / dy, v_y = (v[2][here] - v[0][here]) / dy;
    const double stretch = u_x - v_y, shear = u_y + v_x;
    return (real)(c2 * area * sqrt(stretch * stretch + shear * shear));
}

void bs_smagorinsky_row(int nx, double c_s, const double *const u[3], const double *const v[3], const double *dx,
                        const double *dy, const double *area, real *restrict k)
{
    bs_assert(nx >= 2);
    const double c2 = c_s * c_s;
    k[0] = coefficient(c2, 0, 0, 1, u, v, dx[0], dy[0], area[0]);
    for (int i = 1; i < nx - 1; i++) k[i] = coefficient(c2, i - 1, i, i + 1, u, v, dx[i], dy[i], area[i]);
    const int last = nx - 1;
    k[last] = coefficient(c2, last - 1, last, last, u, v, dx[last], dy[last], area[last]);
}
