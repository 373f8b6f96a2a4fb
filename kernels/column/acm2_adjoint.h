/* acm2_adjoint.h - the transpose of ACM2's backward Euler step with emission and dry deposition (acm2.h).
 *
 * Forward  S q' = M q + dt e,  S = M - dt A. With s = dJ/dx, x = m q (vdiff_adjoint.h), backward  S^T s = M s',  dJ/de = dt s. A is not
 * symmetric: plumes rise from the lowest layer in one leap and sink layer by layer, so backward a layer asks the one above and the
 * lowest all. Forward elimination from the top down, E S = L with c_k, B_k, R_0 of acm2.h and b_k = B_k beta_k, gives S^T = L^T E^-T:
 *         B_k y_k = m_k s'_k + A_{k+1} y_{k+1},  k = nz-1 .. 1,      R_0 y_0 = m_0 s'_0 + A_1 y_1 + sum over k >= 1 of b_k y_k
 *         s_0 = y_0,   s_k = y_k + c_k s_{k-1}
 * In double throughout, factors too, from the same air: one tracer pays for it once a step. No term is subtracted but D_k = V_k - V_{k+1}.
 *
 *   mass, mix, up, dep         as in acm2.h                            in
 *   sensitivity [nz][stride]   s    J per kg m-2                       in, out
 *   emission    [nz][stride]   J per kg m-2 s-1 held over the step     out
 * The strides are the strip's. No two pointers alias. */
#ifndef BS_KERNELS_COLUMN_ACM2_ADJOINT_H
#define BS_KERNELS_COLUMN_ACM2_ADJOINT_H

#include "kernels/base/real.h"
#include "kernels/column/strip.h"

/* Doubles of scratch. */
static inline ptrdiff_t bs_acm2_adjoint_scratch_len(bs_strip s)
{
    return (2 * (ptrdiff_t)s.nz + 6) * s.stride;
}

void bs_acm2_adjoint(bs_strip s, double dt, const real *mass, const real *mix, const real *up, const real *dep,
                     real *sensitivity, double *emission, double *scratch);

#endif
