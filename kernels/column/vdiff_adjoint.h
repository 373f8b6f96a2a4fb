/* vdiff_adjoint.h - the transpose of vertical mixing with emission and dry deposition (vdiff.h).
 *
 * For a scalar J let s_k = dJ/dx_k be its sensitivity to the tracer's mass x = m q in layer k (per area as m is). A of vdiff.h (1) is
 * symmetric, deposition included, and so is S = M - a A: with T = M^-1 A the step is a rational function R(T) and x' = M R(T) M^-1 x,
 * whose transpose is R(T) itself. What mixes q forward mixes s backward, with the same factors:
 *
 * Backward Euler  s = S^-1 M s': bs_vdiff_kernels.solve_be on s, without emission; dJ/de_k = dt s_k, e held over the step.
 *
 * TR-BDF2         substep by substep, with v = S^-1 M s', w = S^-1 M v (each as a change, S d = a A s) and b of vdiff.h,
 *         s = s' + (v - s') + 2 (1 + b) (w - v),        dJ/de_k = a [v_k + 2 (1 + b) w_k].
 *     Changes of the substeps are added as forward, with what rounding lost carried along.
 *
 *   sensitivity [nz][stride]   s    J per kg m-2             in, out
 *   emission    [nz][stride]   J per kg m-2 s-1 held over the step    out
 * J is whatever the caller wants to know. No two pointers alias. */
#ifndef BS_KERNELS_COLUMN_VDIFF_ADJOINT_H
#define BS_KERNELS_COLUMN_VDIFF_ADJOINT_H

#include "kernels/column/vdiff.h"

/* Reals of scratch. */
static inline ptrdiff_t bs_vdiff_adjoint_scratch_len(bs_strip s)
{
    return 4 * (ptrdiff_t)s.nz * s.stride;
}

/* factors: of bs_vdiff_factor_tr. */
void bs_vdiff_adjoint_tr(bs_strip s, const real *factors, real *sensitivity, double *emission, real *scratch);

#endif
