#include "kernels/hdiff/hdiff.h"
#include "kernels/base/clones.h"

#include <math.h>

#include "kernels/base/check.h"

BS_CLONES void bs_hdiff_flux(int ni, int nj, ptrdiff_t step, ptrdiff_t q_row, ptrdiff_t f_row,
                             const real *restrict kappa, const real *restrict q, real *restrict flux)
{
    for (int j = 0; j < nj; j++) {
        const real *restrict right = q + j * q_row;
        const real *restrict left = right - step;
        for (int i = 0; i < ni; i++) flux[j * f_row + i] = kappa[j * f_row + i] * (right[i] - left[i]);
    }
}

BS_CLONES void bs_hdiff_update(int ni, int nj, ptrdiff_t q_row, ptrdiff_t x_row, ptrdiff_t y_row, ptrdiff_t m_row,
                               const real *restrict flux_x, const real *restrict flux_y, const real *restrict dt_m,
                               real *restrict q)
{
    for (int j = 0; j < nj; j++) {
        const real *restrict x = flux_x + j * x_row;
        const real *restrict south = flux_y + j * y_row, *restrict north = south + y_row;
        for (int i = 0; i < ni; i++) {
            q[j * q_row + i] += dt_m[j * m_row + i] * ((x[i + 1] - x[i]) + (north[i] - south[i]));
        }
    }
}

BS_CLONES void bs_hdiff_max_rate(int ni, int nj, ptrdiff_t x_row, ptrdiff_t y_row, ptrdiff_t m_row, const real *kappa_x,
                                 const real *kappa_y, const double *mass, bs_hdiff_rate *out)
{
    *out = (bs_hdiff_rate){.rate = 0};
    for (int j = 0; j < nj; j++) {
        const real *x = kappa_x + j * x_row, *south = kappa_y + j * y_row, *north = south + y_row;
        for (int i = 0; i < ni; i++) {
            const double sum = (double)x[i] + (double)x[i + 1] + (double)south[i] + (double)north[i];
            const double rate = sum / mass[j * m_row + i];
            if (rate > out->rate) *out = (bs_hdiff_rate){.rate = rate, .i = i, .j = j};
        }
    }
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
