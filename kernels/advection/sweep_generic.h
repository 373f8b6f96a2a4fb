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
                    .rough0 = vr_gt(zero, zero),
                    .g0 = zero,
                    .g1 = zero,
                    .slope = zero,
                    .gain = zero};
}

#include "kernels/advection/sweep_long.h"

/* Into the second level of the cache: a core has few places for lines that the first level misses, and this sweep needs them. */
VR_INLINE void look_ahead(const bs_pencils *p, int a)
{
    const int block = a >> p->ahead_bits;
    __builtin_prefetch(p->ahead + (a - (block << p->ahead_bits)) * p->ahead_step + block * p->ahead_block, 0, 2);
}

/* How many places this sweep asks for: that of the bundle's first vector does it for all. */
VR_INLINE int places_ahead(const bs_pencils *p, int lane)
{
    return p->ahead && lane == 0 ? p->ahead_n : 0;
}

/* Places begin .. end - 1, of those there are: the first are asked for before a sweep, since they are needed first after it. */
VR_INLINE void look_ahead_at(const bs_pencils *p, int begin, int end, int ahead)
{
    for (int a = begin; a < end && a < ahead; a++) look_ahead(p, a);
}

/* Where the step at which cell a arrives reads and writes; not where that is beyond an end. */
VR_INLINE place place_at(int keep, const bs_sweep *s, const bs_pencils *p, const real *phi_in, real *phi_out, int a,
                         int lane)
{
    const int g = a - 3;
    real *q = p->q + (g - 1) * p->stride + lane;
    return (place){.q_new = p->q + a * p->stride + lane,
                   .q_p = q,
                   .q_g = q + p->stride,
                   .face = coef_of(s, g, 0, lane),
                   .cell = coef_of(s, g - 1, 0, lane),
                   .phi_in = phi_in + (ptrdiff_t)g * BS_LANES + lane,
                   .phi_out = phi_out + (ptrdiff_t)g * BS_LANES + lane,
                   .q_out = q,
                   .excess = keep ? p->excess + (ptrdiff_t)g * BS_LANES + lane : NULL};
}

/* Cells go in at a, out at a - 4. keep: p->excess is wanted; a constant, too. */
VR_INLINE void short_sweep(int scheme, kind kind, int keep, const bs_sweep *given_s, const bs_pencils *given_p,
                           const real *phi_in, real *phi_out, real *ends, int lane)
{
    /* Copies, which no store of the loop can change: they stay in registers. */
    const bs_pencils pencils = *given_p, *const p = &pencils;
    const bs_sweep sweep_of = {.n = given_s->n, .coefs = coefs_of(is_bounded(scheme)), .coef = given_s->coef},
                   *const s = &sweep_of;
    const int n = s->n, ahead = places_ahead(p, lane);
    look_ahead_at(p, 0, n < 4 ? n : 4, ahead);
    window w = start(s, p, lane);
    place at = {.q_new = cell_at(s, p, 0) + lane};
    step(scheme, kind, BS_MIXED, 0, &at, &w);
    for (int a = 1; a < 3; a++) {
        at.q_new = cell_at(s, p, a) + lane;
        step(scheme, kind, BS_MIXED, STAGE_EDGE, &at, &w);
    }
    at = place_at(keep, s, p, phi_in, phi_out, 3, lane);
    at.q_p = cell_at(s, p, -1) + lane;
    vr_store(ends + lane, step(scheme, kind, BS_MIXED, STAGE_EDGE | STAGE_FACE, &at, &w));
    int a = 4;
    for (const bs_sweep_run *run = runs_of(given_s, lane); a < n; run++) {
        const int end = run->end + 3 < n ? run->end + 3 : n;
#define BS_RUN(way)                                                                                                    \
    for (; a < end; a++) {                                                                                             \
        if (a < ahead) look_ahead(p, a);                                                                               \
        at = place_at(keep, s, p, phi_in, phi_out, a, lane);                                                           \
        step(scheme, kind, way, STAGE_ALL, &at, &w);                                                                   \
    }
        if (run->way == BS_FORWARD) {
            BS_RUN(BS_FORWARD)
        } else if (run->way == BS_BACKWARD) {
            BS_RUN(BS_BACKWARD)
        } else {
            BS_RUN(BS_MIXED)
        }
#undef BS_RUN
    }
    vr last = vr_set(0);
    for (; a <= n + 3; a++) {
        at = place_at(keep, s, p, phi_in, phi_out, a, lane);
        at.q_g = cell_at(s, p, a - 3) + lane;
        at.q_new = cell_at(s, p, a) + lane;
        if (p->high)
            last = step(scheme, kind, BS_MIXED, STAGE_ALL, &at, &w);
        else
            last = step(scheme, kind, BS_MIXED, STAGE_ALL | STAGE_WALL, &at, &w);
    }
    vr_store(ends + BS_LANES + lane, last);
    look_ahead_at(p, n, ahead, ahead);
}

/* Gain of the cell above a face, and loss of that below. */
VR_INLINE vr upwind_gain(const real *face, vr d, vr *loss)
{
    const vr flux = vr_load(face + BS_C_FLUX * VR_LANES), zero = vr_set(0);
    const donor donor = {BS_MIXED, vr_negative(flux)};
    *loss = lost(donor, flux, d, zero);
    return gained(donor, flux, d, zero);
}

/* First-order upwind: the low-order part alone. */
VR_INLINE void upwind_sweep(const bs_sweep *s, const bs_pencils *p, int lane)
{
    const int n = s->n, ahead = places_ahead(p, lane);
    vr q = vr_load(p->q + lane), d = vr_sub(q, vr_load(cell_at(s, p, -1) + lane));
    vr loss, gain = upwind_gain(coef_of(s, 0, 0, lane), d, &loss);
    for (int i = 0; i < n; i++) {
        if (i < ahead) look_ahead(p, i);
        const vr q_e = vr_load(cell_at(s, p, i + 1) + lane), before = gain;
        gain = upwind_gain(coef_of(s, i + 1, 0, lane), vr_sub(q_e, q), &loss);
        const vr rmass = vr_load(coef_of(s, i, BS_C_RMASS, lane)), after = vr_fma(vr_sub(before, loss), rmass, q);
        vr_store(p->q + i * p->stride + lane, vr_add(after, vr_set(0)));
        q = q_e;
    }
    look_ahead_at(p, n, ahead, ahead);
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
    bs_assert((int)s->scheme == scheme);
    real *ends = row_of(scratch, s->n, W_ENDS);
    const int lanes = CHUNKS > 1 ? s->lanes : BS_LANES; /* those of vectors that are in use */
    if (through && s->is_long) long_through(s, p, through);
    if (through && !s->is_long) upwind_through(s, p, through);
    if (scheme == BS_UPWIND1 && p->excess) memset(p->excess, 0, sizeof(real) * ((size_t)s->n + 1) * BS_LANES);
    if (s->is_long) {
        long_sweep(scheme, kind, s, p, scratch, phi_in, phi_out, ends);
    } else if (scheme == BS_UPWIND1) {
        for (int lane = 0; lane < lanes; lane += VR_LANES) upwind_sweep(s, p, lane);
    } else if (p->excess) {
        for (int lane = 0; lane < lanes; lane += VR_LANES)
            short_sweep(scheme, kind, 1, s, p, phi_in, phi_out, ends, lane);
    } else {
        for (int lane = 0; lane < lanes; lane += VR_LANES)
            short_sweep(scheme, kind, 0, s, p, phi_in, phi_out, ends, lane);
    }
    for (int lane = 0; through && scheme != BS_UPWIND1 && lane < 2 * BS_LANES; lane++)
        through[lane] = through[lane] + (double)ends[lane] + 0.0; /* no zero has a sign */
}

/* ---- the table ---- */

#define BS_SCHEME(id, name, order, monotone, positive, linear, edges, text)                                            \
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
#define BS_SCHEME(id, name, order, monotone, positive, linear, edges, text) [id] = total_##id,
#include "kernels/advection/schemes.def"
#undef BS_SCHEME
        },
    .tag =
        {
#define BS_SCHEME(id, name, order, monotone, positive, linear, edges, text) [id] = tag_##id,
#include "kernels/advection/schemes.def"
#undef BS_SCHEME
        },
};
