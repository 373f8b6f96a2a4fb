/* acm2.h - implicit vertical mixing by K-theory and convective plumes, with emission and dry deposition in one solve.
 *
 * Source   Pleim 2007, J. Appl. Meteorol. Climatol. 46, 1383-1395 (ACM2), as CMAQ has it. Plumes leave the lowest layer and feed
 *          all others of the boundary layer, each in proportion to its air; what they displace sinks from layer to layer.
 * Differs  air mass takes the place of height; the streams are written as exchanges, so that air does not pile up by construction.
 *
 * Solves, on each column of a strip, for the mixing ratio q (ug per kg of dry air)
 *
 *     m_k dq_k/dt = J_k - J_{k+1} + e_k - [k = 0] dep q_0                                                              (1)
 *     J_k = mix_k (q_{k-1} - q_k) + up_k (q_0 - q_k)     through half level k; J_0 = J_nz = 0
 *
 * At half level k rises up_k of air of the lowest layer and sinks as much air of layer k; up_k - up_{k+1} >= 0 stays in layer k.
 *
 *   mass      [nz][stride]     m    air per area of a layer               kg m-2        in   > 0
 *   mix       [nz+1][stride]   mix  local: (1 - f) rho K / dz             kg m-2 s-1    in   >= 0; rows 0 and nz are not read: closed
 *   up        [nz+1][stride]   up   non-local                             kg m-2 s-1    in   >= 0, never rising with k; rows as mix
 *   dep       [n]              dep  rho v_d at the ground                 kg m-2 s-1    in   >= 0
 *   emission  [n_emit][stride] e    into layers 0 .. n_emit-1             ug m-2 s-1    in   may be NULL when n_emit = 0
 *   q         [nz][stride]                                                ug kg-1       in, out
 *   deposited [n]                   what the ground took, added           ug m-2        in, out
 *   factors, scratch                lengths by the functions below; no two pointers alias
 * The strides of mass, mix, up, emission and q are the strip's.
 *
 * Factors depend on air alone and serve all tracers of a strip.
 *
 * Backward Euler  (M - dt A) q' = M q + dt e: first order, positive and monotone for any dt, since M - dt A is an M-matrix.
 *     With up = 0 it is backward Euler of vdiff.h, up to rounding. There is no second-order variant: convection mixes a
 *     column well within the hour (an hour after a release at the ground, steps of 300 s leave an error of 1 %), and TR-BDF2 would
 *     take 6 to 8 substeps of two solves for each of them.
 *
 * Arithmetic      The matrix is tridiagonal but for its column 0 and is eliminated from the top down, which leaves
 *         q'_k = alpha_k q'_{k-1} + beta_k q'_0 + (1 - alpha_k - beta_k) (a mean of what the layers k and above held)
 *     and no fill. With A_k = dt mix_k, V_k = dt up_k, D_k = V_k - V_{k+1}, pivots B_k = A_k + T_k and c_k = (A_k + V_k)/B_k < 1
 *         T_k = m_k + D_k + c_{k+1} T_{k+1}                                    no subtraction but D's: accurate to a few eps
 *         R_k = m_k + c_{k+1} R_{k+1}  (+ dt dep for k = 0),   R_k/B_k = 1 - alpha_k - beta_k
 *         alpha_k = A_k/B_k,   beta_k = (D_k + c_{k+1} B_{k+1} beta_{k+1})/B_k
 *     the change d = q' - q follows from differences of q alone (F: sources less deposition of q):
 *         G_k = F_k + c_{k+1} [G_{k+1} + R_{k+1} (q_{k+1} - q_k)]
 *         d_0 = G_0/R_0,   d_k = alpha_k [d_{k-1} - (q_k - q_{k-1})] + beta_k [d_0 - (q_k - q_0)] + G_k/B_k
 *     where layer 0 may be written with q_1 in place of q_0 (acm2.c). No term grows with dt mix/m or dt up/m, so column
 *     mass is kept to some eps however strong the mixing is (times the largest q of the boundary layer over its mean, where one
 *     layer stands out), and a profile without differences and sources gives d = 0 to the bit. */
#ifndef BS_KERNELS_COLUMN_ACM2_H
#define BS_KERNELS_COLUMN_ACM2_H

#include "kernels/base/real.h"
#include "kernels/column/strip.h"

/* Share f of the mixing that is non-local, from h/L (boundary layer's height over Obukhov length), 0 <= f < 1:
 *     f = 1/(1 + (k/(-h/L))^(1/3)/(0.72 k)) in unstable air, k = 0.4, else 0. */
double bs_acm2_share(double h_over_l);

/* Splits the exchange of K-theory, mix = rho K / dz [nz+1][stride], into its local part (in place) and the non-local one:
 *     up_k = f mix_1 (M - sum of m below k)/(M - m_0)     mix_k -> (1 - f) mix_k     at half levels k >= 1 inside the boundary layer
 * and up_k = 0, mix_k as it was above it. up_1 is Pleim's M2u (h - z_1) = f K(z_1)/dz: what the surface layer hands on is what
 * K-theory would hand on.
 *   share     [n]   f   0 .. 1                                                          in
 *   pbl_air   [n]   M   air per area from the ground to the boundary layer's top, kg m-2   in; <= m_0: nothing is non-local
 * All rows of `up` are written; rows 0 and nz of `mix` are not touched. */
void bs_acm2_split(bs_strip s, const real *mass, const real *share, const real *pbl_air, real *mix, real *up);

/* Lengths in elements of `factors` and `scratch`. */
static inline ptrdiff_t bs_acm2_factor_len(bs_strip s)
{
    return (5 * (ptrdiff_t)s.nz + 8) * s.stride;
}

static inline ptrdiff_t bs_acm2_scratch_len(bs_strip s)
{
    return (ptrdiff_t)s.nz * s.stride;
}

/* Backward Euler over dt (s). */
void bs_acm2_factor(bs_strip s, double dt, const real *mass, const real *mix, const real *up, const real *dep,
                    real *factors);
void bs_acm2_solve(bs_strip s, const real *factors, const real *emission, int n_emit, real *q, double *deposited,
                   real *scratch);

#endif
