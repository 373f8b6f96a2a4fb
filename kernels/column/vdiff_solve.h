/* vdiff_solve.h - the elimination of vdiff.h, up and down, for the schemes of several stages: part of vdiff.c and vdiff_adjoint.c. */
#ifndef BS_KERNELS_COLUMN_VDIFF_SOLVE_H
#define BS_KERNELS_COLUMN_VDIFF_SOLVE_H

#include "kernels/column/vdiff.h"

/* Factors of TR-BDF2: the first three are [nz][stride], the others [stride]. */
typedef struct bs_vdiff_parts {
    const real *up, *carried, *inverse; /* as of backward Euler */
    const real *sink;                   /* a dep, kg m-2 */
    const real *step;                   /* a, s */
    const real *count;                  /* substeps */
} bs_vdiff_parts;

static inline bs_vdiff_parts bs_vdiff_parts_of(bs_strip s, const real *factors)
{
    const ptrdiff_t field = s.nz * s.stride;
    return (bs_vdiff_parts){.up = factors,
                            .carried = factors + field,
                            .inverse = factors + 2 * field,
                            .sink = factors + 3 * field,
                            .step = factors + 3 * field + s.stride,
                            .count = factors + 3 * field + 2 * s.stride};
}

/* x = F on entry, the change d on return; theta weighs the mixing of q on the right side. */
static inline void bs_vdiff_change(bs_strip s, bs_vdiff_parts p, real theta, const real *restrict q, real *restrict x)
{
    for (int k = 1; k < s.nz; k++) {
        const ptrdiff_t r = k * s.stride, u = r - s.stride;
        for (int i = 0; i < s.n; i++) {
            x[r + i] += p.up[u + i] * x[u + i] - theta * p.carried[u + i] * (q[r + i] - q[u + i]);
        }
    }
    const ptrdiff_t top = (s.nz - 1) * s.stride;
    for (int i = 0; i < s.n; i++) x[top + i] *= p.inverse[top + i];
    for (int k = s.nz - 2; k >= 0; k--) {
        const ptrdiff_t r = k * s.stride, o = r + s.stride;
        for (int i = 0; i < s.n; i++) {
            x[r + i] = p.up[r + i] * (x[o + i] + theta * (q[o + i] - q[r + i])) + p.inverse[r + i] * x[r + i];
        }
    }
}

#endif
