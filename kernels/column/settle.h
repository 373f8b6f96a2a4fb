/* settle.h - gravitational settling of particles: velocity and flux.
 *
 * Velocity    Stokes' law with Cunningham slip (Seinfeld & Pandis 2016, Atmospheric Chemistry and Physics, 3rd ed., eqs 9.42,
 *             9.34; slip constants 1.257, 0.4, 1.1 as Davies 1945, used by Zhang et al. 2001):
 *                 V_s = rho_p d^2 g Cc / (18 mu),  Cc = 1 + Kn (1.257 + 0.4 exp(-1.1/Kn)),  Kn = 2 lambda/d
 *             mu by Sutherland (U.S. Standard Atmosphere 1976, eq 51), lambda = 2 mu / (p sqrt(8 M/(pi R T))) (S&P eq 9.6).
 * Sizes       A class of particles is lognormal by mass: mass median diameter d_m, geometric standard deviation sigma. What a
 *             bulk mass needs is the mean over mass (third moment), int V(d) dM, by Gauss-Hermite quadrature (Abramowitz & Stegun
 *             1964, table 25.10, 7 points): d_i = d_m exp(sqrt 2 ln sigma x_i), weights w_i/sqrt pi. With V_s ~ d^2 and sigma = 2
 *             seven points are exact to 2e-5.
 * Flux        First-order upwind, implicit: with s_k = rho_k V_k through the bottom of layer k,
 *                 (m_k + dt s_k) q'_k = m_k q_k + dt s_{k+1} q'_{k+1},   s_nz = 0,
 *             solved from the top down for the change, with 1/(m_k + dt s_k) in the factors; positive for any dt; dt s_0 q'_0 reaches the ground. Mass
 *             is kept to rounding times (1 + dt V/dz). */
#ifndef BS_KERNELS_COLUMN_SETTLE_H
#define BS_KERNELS_COLUMN_SETTLE_H

#include "kernels/base/real.h"
#include "kernels/column/strip.h"

double bs_air_viscosity(double temperature);                       /* K -> kg m-1 s-1 */
double bs_mean_free_path(double temperature, double pressure);     /* K, Pa -> m */
double bs_slip_correction(double diameter, double mean_free_path); /* m, m -> 1 */

/* Stokes velocity, m s-1 (downward positive): density kg m-3, diameter m, temperature K, pressure Pa. */
double bs_settling_velocity(double density, double diameter, double temperature, double pressure);

/* The size classes that stand for a lognormal distribution of mass. */
enum { BS_SIZES = 7 };
typedef struct bs_sizes {
    double diameter[BS_SIZES]; /* m */
    double weight[BS_SIZES];   /* of mass; their sum is 1 */
} bs_sizes;

/* diameter: mass median, m, > 0; sigma: geometric standard deviation, >= 1. */
void bs_sizes_lognormal(double diameter, double sigma, bs_sizes *sizes);

/* Mass-weighted mean velocity over a lognormal class, m s-1. */
double bs_settling_velocity_mean(double density, const bs_sizes *sizes, double temperature, double pressure);

/* The same for many cells. What depends on the size distribution is a function of the mean free path alone,
 *     slip(lambda) = sum of w_i d_i^2 Cc(d_i, lambda),   V_s = rho_p g slip / (18 mu),
 * tabulated over ln lambda: relative error below 1e-5 (tested). Paths beyond the table's ends (0.02 and 20 um: 4000 hPa to
 * 3 hPa) take the value of the end. */
enum { BS_SLIP_POINTS = 1025 };
typedef struct bs_slip_table {
    double log_first, inverse_step;
    double value[BS_SLIP_POINTS]; /* rho_p g slip / 18, kg m-1 s-1 * m s-1 */
} bs_slip_table;
void bs_slip_table_fill(double density, const bs_sizes *sizes, bs_slip_table *table);

/* viscosity [n] kg m-1 s-1, log_path [n] ln(lambda/m)  ->  velocity [n] m s-1 */
void bs_settling_velocity_row(int n, const bs_slip_table *table, const double *viscosity, const double *log_path,
                              real *velocity);

/* What all tracers of a class share over dt (s): mass [nz][stride] kg m-2, flow [nz][stride] = rho V_s kg m-2 s-1 through the bottom of
 * each layer -> factors, bs_settle_factor_len elements. No two pointers alias. */
static inline ptrdiff_t bs_settle_factor_len(bs_strip s)
{
    return (2 * (ptrdiff_t)s.nz + 1) * s.stride;
}
void bs_settle_factor(bs_strip s, double dt, const real *mass, const real *flow, real *factors);

/* Settling: q, rows q_stride apart, ug kg-1 in and out; deposited [n] ug m-2, added to. n <= BS_STRIP. No two pointers alias. */
void bs_settle(bs_strip s, const real *factors, real *q, ptrdiff_t q_stride, double *deposited);

/* The transpose: s, rows s_stride apart, sensitivity to the tracer's mass in each layer, in and out. A layer's mass counts as what of it
 * stays and, through what falls, as the layer below: y_k = s_k + out_k (y_{k-1} - s_k), y_{-1} = 0 in the ground. n <= BS_STRIP. */
void bs_settle_adjoint(bs_strip s, const real *factors, real *sensitivity, ptrdiff_t s_stride);

#endif
