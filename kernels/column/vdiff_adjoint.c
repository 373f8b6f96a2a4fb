#include "kernels/column/vdiff_adjoint.h"

#include "kernels/base/check.h"
#include "kernels/base/clones.h"
#include "kernels/column/vdiff_solve.h"

#define TR_TWICE 2.41421356237309504880 /* 2 (1 + b) = 1 + sqrt(2) */

/* change = S^-1 M s - s */
static void stage(bs_strip s, bs_vdiff_parts p, const real *restrict sensitivity, real *restrict change)
{
    for (int i = 0; i < s.n; i++) change[i] = -p.sink[i] * sensitivity[i];
    for (int k = 1; k < s.nz; k++)
        for (int i = 0; i < s.n; i++) change[k * s.stride + i] = 0;
    bs_vdiff_change(s, p, 1, sensitivity, change);
}

/* Columns that have had their substeps keep s to the bit. */
static void finish(bs_strip s, bs_vdiff_parts p, int done, const real *restrict first, const real *restrict middle,
                   const real *restrict second, real *restrict low, real *restrict sensitivity,
                   double *restrict emission)
{
    for (int k = 0; k < s.nz; k++) {
        const ptrdiff_t r = k * s.stride;
        for (int i = 0; i < s.n; i++) {
            const real live = p.count[i] > (real)done;
            const real change = live * (first[r + i] + (real)TR_TWICE * second[r + i] + low[r + i]);
            const real sum = sensitivity[r + i] + change;
            const double v = (double)middle[r + i], w = v + (double)second[r + i];
            low[r + i] = live * (change - (sum - sensitivity[r + i]));
            sensitivity[r + i] = sum;
            emission[r + i] += (double)live * (double)p.step[i] * (v + TR_TWICE * w);
        }
    }
}

BS_CLONES void bs_vdiff_adjoint_tr(bs_strip s, const real *factors, real *sensitivity, double *emission, real *scratch)
{
    bs_assert(s.nz >= 1 && s.n <= s.stride);
    const bs_vdiff_parts p = bs_vdiff_parts_of(s, factors);
    const ptrdiff_t field = s.nz * s.stride;
    real *first = scratch, *middle = first + field, *second = middle + field, *low = second + field;
    int most = 1;
    for (int k = 0; k < s.nz; k++)
        for (int i = 0; i < s.n; i++) low[k * s.stride + i] = 0, emission[k * s.stride + i] = 0;
    for (int i = 0; i < s.n; i++) most = (int)p.count[i] > most ? (int)p.count[i] : most;
    for (int done = 0; done < most; done++) {
        stage(s, p, sensitivity, first);
        for (int k = 0; k < s.nz; k++)
            for (int i = 0; i < s.n; i++)
                middle[k * s.stride + i] = sensitivity[k * s.stride + i] + first[k * s.stride + i];
        stage(s, p, middle, second);
        finish(s, p, done, first, middle, second, low, sensitivity, emission);
    }
}
