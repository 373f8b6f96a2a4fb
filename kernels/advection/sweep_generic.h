/* sweep_generic.h - the one source of sweep.h's kernels, compiled once per instruction set (BS_VEC, vec.h) as the table
 * BS_SWEEP_NAME. Parts: sweep_setup.h and sweep_air.h (coefficients), sweep_step.h (what is done at a cell), sweep_long.h (Courant
 * number above one). */
#include <string.h>

#include "kernels/advection/sweep.h"
#include "kernels/base/check.h"
#include "kernels/base/vec.h"

/* In this order. */
#include "kernels/advection/sweep_setup.h"

#include "kernels/advection/sweep_air.h"

#include "kernels/advection/sweep_step.h"

/* The window before cell 0 arrives. */
VR_INLINE window start(const bs_sweep *s, const bs_pencils *p, int lane)
{
    const vr zero = vr_set(0);
    vr q[BS_GHOST], d[BS_GHOST - 1];
    if (p->low) {
        for (int g = 0; g < BS_GHOST; g++) q[g] = vr_load(p->low + g * p->ghost_stride + lane);
        for (int g = 0; g < BS_GHOST - 1; g++) d[g] = vr_sub(q[g + 1], q[g]);
    } else { /* cell -1 so that cell 0 arrives with the difference of the others */
        const vr first = vr_load(p->q + lane);
        const vr rise = s->n > 1 ? vr_sub(vr_load(p->q + p->stride + lane), first) : zero;
        for (int g = 0; g < BS_GHOST - 1; g++) d[g] = rise;
        q[BS_GHOST - 1] = vr_sub(first, rise);
    }
    return (window){.a = d[0],
                    .b = d[1],
                    .c = d[2],
                    .d = d[3],
                    .last = q[4],
                    .cc = vr_mul(d[2], d[2]),
                    .l = zero,
                    .ll = zero,
                    .l0 = zero,
                    .r0 = zero,
                    .ll0 = zero,
                    .rl0 = zero,
                    .g0 = zero,
                    .g1 = zero,
                    .slope = zero,
                    .x_w = zero,
                    .u_w = zero,
                    .up_w = zero,
                    .share = vr_set(1),
                    .y_w = zero,
                    .q = zero,
                    .change = zero,
                    .rmass = zero};
}

#include "kernels/advection/sweep_long.h"

/* Into the second level of the cache: a core has few places for lines that the first level misses, and this sweep needs them. */
VR_INLINE void look_ahead(const bs_pencils *p, int a)
{
    const int block = a >> p->ahead_bits;
    __builtin_prefetch(p->ahead + (a - (block << p->ahead_bits)) * p->ahead_step + block * p->ahead_block, 0, 2);
}

VR_INLINE place place_at(int lag, int keep, const bs_sweep *s, const bs_pencils *p, const real *phi_in, real *phi_out,
                         int a, int lane)
{
    return (place){.q_p = p->q + (a - 4) * p->stride + lane,
                   .face = coef_of(s, a - 3, 0) + lane,
                   .cell = coef_of(s, a - 4, 0) + lane,
                   .phi_in = phi_in + (ptrdiff_t)(a - 3) * BS_LANES + lane,
                   .phi_out = phi_out + (ptrdiff_t)(a - 4) * BS_LANES + lane,
                   .q_out = p->q + (a - lag) * p->stride + lane,
                   .excess = keep ? p->excess + (ptrdiff_t)(a + 1 - lag) * BS_LANES + lane : NULL};
}

/* Cells go in at a, out at a - 4 or, when the shares of neighbours are needed, at a - 5. keep: p->excess is wanted; a constant, too. */
VR_INLINE void short_sweep(int scheme, kind kind, int keep, const bs_sweep *given_s, const bs_pencils *given_p,
                           const real *phi_in, real *phi_out, real *ends, int lane)
{
    /* Copies, which no store of the loop can change: they stay in registers. */
    const bs_pencils pencils = *given_p, *const p = &pencils;
    const bs_sweep sweep_of = {.n = given_s->n, .coef = given_s->coef}, *const s = &sweep_of;
    const int n = s->n, positive = kind != TAG && scheme != BS_PPM6_LIN, lag = positive ? 5 : 4;
    const int ahead = p->ahead != NULL && lane == 0;
    window w = start(s, p, lane);
    place at = {.q_new = cell_at(s, p, 0) + lane};
    step(scheme, kind, 0, &at, &w);
    for (int a = 1; a < 3; a++) {
        at.q_new = cell_at(s, p, a) + lane;
        step(scheme, kind, STAGE_EDGE, &at, &w);
    }
    at = place_at(lag, keep, s, p, phi_in, phi_out, 3, lane);
    at.q_new = cell_at(s, p, 3) + lane;
    step(scheme, kind, STAGE_EDGE | STAGE_FACE, &at, &w);
    if (!positive) vr_store(ends + lane, w.x_w);
    at = place_at(lag, keep, s, p, phi_in, phi_out, 4, lane);
    at.q_new = cell_at(s, p, 4) + lane;
    step(scheme, kind, STAGE_EDGE | STAGE_FACE | STAGE_CELL, &at, &w);
    if (positive) vr_store(ends + lane, w.y_w);
    int a = 5;
    for (; a < n; a++) {
        if (ahead) look_ahead(p, a);
        at = place_at(lag, keep, s, p, phi_in, phi_out, a, lane);
        at.q_new = p->q + a * p->stride + lane;
        step(scheme, kind, STAGE_ALL, &at, &w);
    }
    for (; a <= n + 3; a++) {
        at = place_at(lag, keep, s, p, phi_in, phi_out, a, lane);
        if (p->high) {
            at.q_new = p->high + (a - n) * p->ghost_stride + lane;
            step(scheme, kind, STAGE_ALL, &at, &w);
        } else {
            step(scheme, kind, STAGE_ALL | STAGE_WALL, &at, &w);
        }
    }
    for (int first = 0; ahead && first < 5 && first < n; first++) look_ahead(p, first);
    vr y = w.x_w;
    if (positive) {
        y = paid(y, w.share, vr_set(1));
        if (kind == TOTAL_PHI) store_phi(y, w.u_w, phi_out + (ptrdiff_t)n * BS_LANES + lane);
        if (keep) vr_store(p->excess + (ptrdiff_t)n * BS_LANES + lane, y);
        vr_store(p->q + (n - 1) * p->stride + lane, updated(w.q, w.change, w.y_w, y, w.rmass));
    }
    vr_store(ends + BS_LANES + lane, y);
}

/* First-order upwind: the low-order part alone. */
VR_INLINE void upwind_sweep(const bs_sweep *s, const bs_pencils *p, int lane)
{
    const int n = s->n, ahead = p->ahead != NULL && lane == 0;
    vr q = vr_load(p->q + lane), d_w = vr_sub(q, vr_load(cell_at(s, p, -1) + lane));
    for (int i = 0; i < n; i++) {
        if (ahead) look_ahead(p, i);
        const vr q_e = vr_load(cell_at(s, p, i + 1) + lane), d_e = vr_sub(q_e, q);
        vr_store(p->q + i * p->stride + lane, vr_add(q, low_change(coef_of(s, i, 0) + lane, d_w, d_e)));
        q = q_e;
        d_w = d_e;
    }
}

static void long_upwind(const bs_sweep *s, const bs_pencils *p, real *scratch)
{
    const real *base = row_of(scratch, s->n, W_BASE), *change = row_of(scratch, s->n, W_CHANGE);
    long_cells(s, p, scratch);
    for (int i = 0; i < s->n; i++)
        for (int lane = 0; lane < BS_LANES; lane++) {
            const ptrdiff_t at = (ptrdiff_t)i * BS_LANES + lane;
            p->q[i * p->stride + lane] = base[at] + change[at];
        }
}

/* ---- what left through the ends ---- */

/* ug that the low order moves through the first face and the last. */
static void upwind_through(const bs_sweep *s, const bs_pencils *p, double *through)
{
    for (int end = 0; end < 2; end++) {
        const int f = end ? s->n : 0;
        const real *flux = end ? s->high_flux : s->low_flux, *below = cell_at(s, p, f - 1), *above = cell_at(s, p, f);
        for (int lane = 0; lane < BS_LANES; lane++)
            through[end * BS_LANES + lane] = (double)flux[lane] * (double)(flux[lane] > 0 ? below[lane] : above[lane]);
    }
}

VR_INLINE void sweep(int scheme, kind kind, const bs_sweep *s, real *scratch, const bs_pencils *p, const real *phi_in,
                     real *phi_out, double *through)
{
    real *ends = row_of(scratch, s->n, W_ENDS);
    const int lanes = CHUNKS > 1 ? s->lanes : BS_LANES; /* those of vectors that are in use */
    if (through && s->is_long) long_through(s, p, through);
    if (through && !s->is_long) upwind_through(s, p, through);
    if (scheme == BS_UPWIND1) {
        if (p->excess) memset(p->excess, 0, sizeof(real) * ((size_t)s->n + 1) * BS_LANES);
        if (s->is_long) long_upwind(s, p, scratch);
        for (int lane = 0; !s->is_long && lane < lanes; lane += VR_LANES) upwind_sweep(s, p, lane);
        return;
    }
    if (s->is_long) long_sweep(scheme, kind, s, p, scratch, phi_in, phi_out, ends);
    for (int lane = 0; !s->is_long && !p->excess && lane < lanes; lane += VR_LANES)
        short_sweep(scheme, kind, 0, s, p, phi_in, phi_out, ends, lane);
    for (int lane = 0; !s->is_long && p->excess && lane < lanes; lane += VR_LANES)
        short_sweep(scheme, kind, 1, s, p, phi_in, phi_out, ends, lane);
    for (int lane = 0; through && lane < 2 * BS_LANES; lane++) through[lane] += (double)ends[lane];
}

/* ---- the table ---- */

#define BS_SCHEME(id, name, order, monotone, positive, linear, text)                                                   \
    static void total_##id(const bs_sweep *s, real *scratch, const bs_pencils *p, real *phi, double *through)          \
    {                                                                                                                  \
        if (phi && !(linear))                                                                                          \
            sweep(id, TOTAL_PHI, s, scratch, p, phi, phi, through);                                                    \
        else                                                                                                           \
            sweep(id, TOTAL, s, scratch, p, scratch, scratch, through);                                                \
    }                                                                                                                  \
    static void tag_##id(const bs_sweep *s, real *scratch, const bs_pencils *p, const real *phi, double *through)      \
    {                                                                                                                  \
        sweep(id, TAG, s, scratch, p, (linear) ? scratch : phi, scratch, through);                                     \
    }
#include "kernels/advection/schemes.def"
#undef BS_SCHEME

extern const bs_sweep_kernels BS_SWEEP_NAME;
const bs_sweep_kernels BS_SWEEP_NAME = {
    .setup_across = setup_across,
    .setup_along = setup_along,
    .low_order = long_low_order,
    .rows_in = rows_in,
    .rows_out = rows_out,
    .total =
        {
#define BS_SCHEME(id, name, order, monotone, positive, linear, text) [id] = total_##id,
#include "kernels/advection/schemes.def"
#undef BS_SCHEME
        },
    .tag =
        {
#define BS_SCHEME(id, name, order, monotone, positive, linear, text) [id] = tag_##id,
#include "kernels/advection/schemes.def"
#undef BS_SCHEME
        },
};
