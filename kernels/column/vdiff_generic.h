/* vdiff_generic.h - the one source of vdiff.h's backward Euler solve, compiled once per instruction set (BS_VEC, vec.h) as the table
 * BS_VDIFF_NAME. A vector of columns goes up and down in registers: what one level hands to the next waits for one fused operation. */
#include "kernels/base/check.h"
#include "kernels/base/vec.h"
#include "kernels/column/vdiff.h"

enum { BLOCK = BS_VDIFF_BLOCK, VECTORS = BLOCK / VR_LANES, LEVEL = BS_VDIFF_PARTS * BLOCK }; /* columns at a time */

/* A block of columns: its factors, and what lies at its first column. */
typedef struct block {
    const real *factors; /* [nz][LEVEL] */
    const real *sink, *step;
    const real *emission; /* rows e_stride apart */
    ptrdiff_t e_stride;
    int n_emit, nz;
    real *q; /* rows q_stride apart */
    ptrdiff_t q_stride;
    const real *ahead; /* as q; or NULL */
} block;

VR_INLINE vr factor(const block *b, int k, int part, ptrdiff_t c)
{
    return vr_load(b->factors + k * LEVEL + part * BLOCK + c);
}

/* Of a vector of columns of which `lanes` are in use: a constant where all are. */
VR_INLINE vr q_in(const real *q, int lanes)
{
    return lanes >= VR_LANES ? vr_load(q) : vr_load_first(q, lanes);
}

VR_INLINE void q_out(real *q, int lanes, vr a)
{
    if (lanes >= VR_LANES)
        vr_store(q, a);
    else
        vr_store_first(q, lanes, a);
}

/* P_k of vdiff.h, k = 0 .. nz - 1, into x [nz][BLOCK], of the first n columns. */
VR_INLINE void upward(int n, const block *b, real *x)
{
    for (int v = 0; v < VECTORS && v * VR_LANES < n; v++) {
        const ptrdiff_t c = (ptrdiff_t)v * VR_LANES;
        const int lanes = n - v * VR_LANES;
        const vr dt = vr_load(b->step + c);
        vr under = q_in(b->q + c, lanes), p = vr_fnma(vr_load(b->sink + c), under, vr_set(0));
        if (b->n_emit > 0) p = vr_fma(dt, vr_load(b->emission + c), p);
        vr_store(x + c, p);
        if (b->ahead && v == 0) __builtin_prefetch(b->ahead, 0, 2);
        for (int k = 1; k < b->nz; k++) {
            const vr here = q_in(b->q + k * b->q_stride + c, lanes);
            vr own = vr_fnma(factor(b, k - 1, BS_VDIFF_CARRIED, c), vr_sub(here, under), vr_set(0));
            if (k < b->n_emit) own = vr_fma(dt, vr_load(b->emission + k * b->e_stride + c), own);
            p = vr_fma(factor(b, k - 1, BS_VDIFF_UP, c), p, own);
            vr_store(x + k * BLOCK + c, p);
            under = here;
            if (b->ahead && v == 0) __builtin_prefetch(b->ahead + k * b->q_stride, 0, 2);
        }
    }
}

/* The changes from the top down, added to q. */
VR_INLINE void downward(int n, const block *b, const real *x)
{
    for (int v = 0; v < VECTORS && v * VR_LANES < n; v++) {
        const ptrdiff_t c = (ptrdiff_t)v * VR_LANES;
        const int lanes = n - v * VR_LANES;
        vr above = vr_set(0), change = vr_set(0);
        for (int k = b->nz - 1; k >= 0; k--) { /* up of the top level is 0 */
            real *to = b->q + k * b->q_stride + c;
            const vr here = q_in(to, lanes), up = factor(b, k, BS_VDIFF_UP, c);
            const vr own =
                vr_fma(up, vr_sub(above, here), vr_mul(factor(b, k, BS_VDIFF_INVERSE, c), vr_load(x + k * BLOCK + c)));
            change = vr_fma(up, change, own);
            q_out(to, lanes, vr_add(here, change));
            above = here;
        }
    }
}

static void solve_be(bs_strip s, const real *factors, const real *emission, int n_emit, real *q, ptrdiff_t q_stride,
                     const real *ahead, double *deposited, real *scratch)
{
    bs_assert(n_emit >= 0 && n_emit <= s.nz && s.stride % BLOCK == 0);
    const real *sink = factors + (ptrdiff_t)BS_VDIFF_PARTS * s.nz * s.stride;
    real *x = scratch;
    for (int c = 0; c < s.n; c += BLOCK) {
        const block b = {.factors = factors + (ptrdiff_t)BS_VDIFF_PARTS * s.nz * c,
                         .sink = sink + c,
                         .step = sink + s.stride + c,
                         .emission = n_emit > 0 ? emission + c : NULL,
                         .e_stride = s.stride,
                         .n_emit = n_emit,
                         .nz = s.nz,
                         .q = q + c,
                         .q_stride = q_stride,
                         .ahead = ahead ? ahead + c : NULL};
        if (s.n - c >= BLOCK) {
            upward(BLOCK, &b, x);
            downward(BLOCK, &b, x);
        } else {
            upward(s.n - c, &b, x);
            downward(s.n - c, &b, x);
        }
    }
    for (int i = 0; i < s.n; i++) deposited[i] += (double)sink[i] * (double)q[i];
}

extern const bs_vdiff_kernels BS_VDIFF_NAME;
const bs_vdiff_kernels BS_VDIFF_NAME = {solve_be};
