/* sweep_adjoint.h - the transpose of a linear sweep (sweep.h): sensitivities are carried against the air.
 *
 * With x = m q, the mass of tracer in a cell, a sweep of a linear scheme is x' = x + T_w - T_e with T_f, what moves through face f,
 * linear in the q of the cells around it and in the boundary's q. For a scalar J with s' = dJ/dx' after the sweep, the transpose gives s
 * before it,
 *     s_c = s'_c + 1/m_c sum over f of (dT_f/dq_c) (s'_f - s'_{f-1}),      face f between cells f - 1 and f, s' = 0 beyond a side,
 * term by term from the coefficients of sweep.h: not a re-discretised equation. It is written in differences of s', so that a uniform
 * sensitivity stays uniform to the bit where nothing leaves. The inflow's sensitivity is dJ/dq of the air that enters an end,
 *     sum over f, ghosts g of (dT_f/dq_g) (s'_f - s'_{f-1}).
 * Ghosts that continue the profile as a straight line hand their part to the two cells at the end, as do those behind a wall.
 *
 * Short and long bundles; BS_PPM6_LIN and BS_UPWIND1.
 *
 *   s        cell, lane at i * stride + lane    sensitivity to tracer mass, J per kg     in, out
 *   flux     [n+1][BS_LANES]   F   air moved in the step, positive towards +   kg        in   bs_sweep_adjoint_air
 *   inverse  [n][BS_LANES]         1 / m before the sweep                      kg-1      in   bs_sweep_adjoint_air
 *   inflow   [2][BS_LANES]         dJ/dq (q in kg kg-1) at the lower and the upper end, 0 where the wind leaves    out; NULL: walls
 *   scratch  bs_sweep_adjoint_scratch_len(n) reals, aligned to 64 bytes; not the sweep's
 * No two pointers alias. */
#ifndef BS_KERNELS_ADVECTION_SWEEP_ADJOINT_H
#define BS_KERNELS_ADVECTION_SWEEP_ADJOINT_H

#include "kernels/advection/sweep.h"

size_t bs_sweep_adjoint_scratch_len(int n);

/* Flux and inverse of a bundle whose cells lie `across` or along, as given to its set-up; before the set-up, which moves the air.
 * lanes <= BS_LANES; the others get no flux through cells of mass 1. */
void bs_sweep_adjoint_air(int n, int lanes, const bs_air_flux *flux, const bs_air_mass *air, int across, real *flux_out,
                          real *inverse);

/* `sweep` as the set-up made it; its scratch is still as it was. Lanes not in use must hold finite numbers. */
void bs_sweep_adjoint(bs_scheme scheme, const bs_sweep *sweep, const real *flux, const real *inverse, real *s,
                      ptrdiff_t stride, double *inflow, real *scratch);

#endif
