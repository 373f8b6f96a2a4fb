/* vdiff_generic.h - the one source of vdiff.h's backward Euler solve, compiled once per instruction set (BS_VEC, vec.h) as the table
 * BS_VDIFF_NAME. A vector of columns goes up and down in registers: what one level hands to the next waits for one fused operation. */
#include <string.h>

#include "kernels/base/check.h"
#include "kernels/base/vec.h"
#include "kernels/column/vdiff.h"

enum { BLOCK = 16, VECTORS = BLOCK / VR_LANES }; /* columns at a time */

/* P_k of vdiff.h, k = 0 .. nz - 1, of BLOCK columns into x. */
VR_INLINE void upward(int nz, ptrdiff_t stride, const bs_vdiff_factors *f, const real *emission, int n_emit,
                      const real *q, ptrdiff_t q_stride, const real *ahead, real *x)
{
    for (int v = 0; v < VECTORS; v++) {
        const ptrdiff_t c = (ptrdiff_t)v * VR_LANES;
        const vr dt = vr_load(f->step + c);
        vr under = vr_load(q + c), p = vr_fnma(vr_load(f->sink + c), under, vr_set(0));
        if (n_emit > 0) p = vr_fma(dt, vr_load(emission + c), p);
        vr_store(x + c, p);
        for (int k = 1; k < nz; k++) {
            const ptrdiff_t r = k * stride + c, u = r - stride;
            const vr here = vr_load(q + k * q_stride + c);
            vr own = vr_fnma(vr_load(f->carried + u), vr_sub(here, under), vr_set(0));
            if (k < n_emit) own = vr_fma(dt, vr_load(emission + r), own);
            p = vr_fma(vr_load(f->up + u), p, own);
            vr_store(x + r, p);
            under = here;
            if (ahead && v == 0) __builtin_prefetch(ahead + k * q_stride);
        }
    }
}

/* The changes from the top down, added to q. */
VR_INLINE void downward(int nz, ptrdiff_t stride, const bs_vdiff_factors *f, real *q, ptrdiff_t q_stride, const real *x)
{
    for (int v = 0; v < VECTORS; v++) {
        const ptrdiff_t c = (ptrdiff_t)v * VR_LANES;
        vr above = vr_set(0), change = vr_set(0);
        for (int k = nz - 1; k >= 0; k--) { /* up of the top level is 0 */
            const ptrdiff_t r = k * stride + c;
            real *to = q + k * q_stride + c;
            const vr here = vr_load(to), up = vr_load(f->up + r);
            const vr own = vr_fma(up, vr_sub(above, here), vr_mul(vr_load(f->inverse + r), vr_load(x + r)));
            change = vr_fma(up, change, own);
            vr_store(to, vr_add(here, change));
            above = here;
        }
    }
}

VR_INLINE void solve_block(int nz, ptrdiff_t stride, const bs_vdiff_factors *f, const real *emission, int n_emit,
                           real *q, ptrdiff_t q_stride, const real *ahead, real *x)
{
    upward(nz, stride, f, emission, n_emit, q, q_stride, ahead, x);
    downward(nz, stride, f, q, q_stride, x);
}

static bs_vdiff_factors from_column(const bs_vdiff_factors *f, ptrdiff_t c)
{
    return (bs_vdiff_factors){f->up + c, f->carried + c, f->inverse + c, f->sink + c, f->step + c, f->count + c};
}

/* Fewer columns than a block: on a copy, so that nothing beside them is written. */
static void solve_rest(int n, int nz, ptrdiff_t stride, const bs_vdiff_factors *f, const real *emission, int n_emit,
                       real *q, ptrdiff_t q_stride, real *x, real *copy)
{
    for (int k = 0; k < nz; k++) {
        memset(copy + k * stride, 0, sizeof(real) * BLOCK);
        memcpy(copy + k * stride, q + k * q_stride, sizeof(real) * (size_t)n);
    }
    solve_block(nz, stride, f, emission, n_emit, copy, stride, NULL, x);
    for (int k = 0; k < nz; k++) memcpy(q + k * q_stride, copy + k * stride, sizeof(real) * (size_t)n);
}

static void solve_be(bs_strip s, const real *factors, const real *emission, int n_emit, real *q, ptrdiff_t q_stride,
                     const real *ahead, double *deposited, real *scratch)
{
    bs_assert(n_emit >= 0 && n_emit <= s.nz && s.stride % BLOCK == 0);
    const bs_vdiff_factors all = bs_vdiff_factors_at(s, factors);
    real *copy = scratch + s.nz * s.stride;
    for (int c = 0; c < s.n; c += BLOCK) {
        const bs_vdiff_factors f = from_column(&all, c);
        const real *e = n_emit > 0 ? emission + c : NULL;
        const real *next = c + BLOCK < s.n ? q + c + BLOCK : ahead;
        if (s.n - c >= BLOCK)
            solve_block(s.nz, s.stride, &f, e, n_emit, q + c, q_stride, next, scratch + c);
        else
            solve_rest(s.n - c, s.nz, s.stride, &f, e, n_emit, q + c, q_stride, scratch + c, copy + c);
    }
    for (int i = 0; i < s.n; i++) deposited[i] += (double)all.sink[i] * (double)q[i];
}

extern const bs_vdiff_kernels BS_VDIFF_NAME;
const bs_vdiff_kernels BS_VDIFF_NAME = {solve_be};
