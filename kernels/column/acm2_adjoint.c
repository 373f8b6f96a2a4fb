#include "kernels/column/acm2_adjoint.h"

#include "kernels/base/check.h"
#include "kernels/base/clones.h"

BS_CLONES void bs_acm2_adjoint(bs_strip s, double dt, const real *restrict mass, const real *restrict mix,
                               const real *restrict up, const real *restrict dep, real *restrict sensitivity,
                               double *restrict emission, double *restrict scratch)
{
    bs_assert(s.nz >= 1 && s.n <= s.stride && dt > 0);
    const ptrdiff_t rows = (s.nz + 1) * s.stride, row = s.stride;
    double *restrict down = scratch, *restrict y = down + rows; /* c_k, y_k; row nz of both is zero */
    double *restrict t = y + rows, *restrict b = t + row, *restrict held = b + row, *restrict asked = held + row;
    for (int i = 0; i < s.n; i++) {
        down[s.nz * row + i] = y[s.nz * row + i] = 0;
        t[i] = b[i] = held[i] = asked[i] = 0;
    }
    for (int k = s.nz - 1; k > 0; k--)
        for (int i = 0; i < s.n; i++) {
            const ptrdiff_t r = k * row + i, o = r + row;
            const int top = k == s.nz - 1;
            const double a = dt * (double)mix[r], v = dt * (double)up[r], m = (double)mass[r];
            const double a_above = top ? 0 : dt * (double)mix[o], v_above = top ? 0 : dt * (double)up[o];
            const double stays = v - v_above, c = down[o];
            t[i] = m + stays + c * t[i];
            b[i] = stays + c * b[i];
            held[i] = m + c * held[i];
            const double pivot = a + t[i];
            down[r] = (a + v) / pivot;
            y[r] = (m * (double)sensitivity[r] + a_above * y[o]) / pivot;
            asked[i] += b[i] * y[r];
        }
    for (int i = 0; i < s.n; i++) {
        const double a_above = s.nz > 1 ? dt * (double)mix[row + i] : 0, m = (double)mass[i];
        const double pivot = m + dt * (double)dep[i] + down[row + i] * held[i];
        y[i] = (m * (double)sensitivity[i] + a_above * y[row + i] + asked[i]) / pivot;
        sensitivity[i] = (real)y[i];
        emission[i] = dt * y[i];
    }
    for (int k = 1; k < s.nz; k++)
        for (int i = 0; i < s.n; i++) {
            const ptrdiff_t r = k * row + i;
            y[r] += down[r] * y[r - row];
            sensitivity[r] = (real)y[r];
            emission[r] = dt * y[r];
        }
}
