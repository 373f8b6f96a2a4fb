/* sweep_generic.h - the one source of sweep.h's kernels, compiled once per instruction set (BS_VEC, vec.h) as the table
 * BS_SWEEP_NAME. Passes over a bundle: edges -> unlimited excess x and ratio rho; positivity -> phi; update.
 * The functions of a pass take the scheme as a constant, so that the compiler drops what a scheme does not do. */
#include <string.h>

#include "kernels/advection/sweep.h"
#include "kernels/base/check.h"
#include "kernels/base/vec.h"

/* Rows of scratch, each of n + 2 ghosts + 2 cells of BS_LANES reals. */
enum { W_FLUX, W_ALPHA, W_BETA, W_RMASS, W_MASS, W_REST, W_SHIFT, W_X, W_RHO, W_BASE, W_GAIN, W_L, W_R, W_LL, W_RL };

/* Ratio of largest to smallest smoothness at which the selective limiter acts (Blossey & Durran 2008, eq 23). */
static const real SELECTIVE_RATIO = 20;
/* A cell keeps this share of its low-order content, so that rounding cannot make it negative. */
static const real POSITIVE_SHARE = (real)(1.0 - 1e-5);

VR_INLINE real *row_of(real *scratch, int n, int which)
{
    return scratch + (size_t)which * ((size_t)n + 2 * BS_GHOST + 2) * BS_LANES;
}

/* ---- coefficients ---- */

/* Flux longer than the donor cell: whole cells first, then the rest. Air from beyond a side of the domain is all alike. */
static void long_face(const bs_sweep *s, int f, int lane, int sides)
{
    size_t at = (size_t)f * BS_LANES + (size_t)lane;
    real flux = s->flux[at];
    int step = flux > 0 ? -1 : 1, cell = flux > 0 ? f - 1 : f, shift = 0;
    real rest = flux > 0 ? flux : -flux;
    for (;;) {
        int outside = (cell < 0 && (sides & BS_SIDE_LOW)) || (cell >= s->n && (sides & BS_SIDE_HIGH));
        real mass = s->mass[(ptrdiff_t)cell * BS_LANES + lane];
        if (outside || rest <= mass || cell <= -BS_GHOST || cell >= s->n - 1 + BS_GHOST) {
            real c = outside ? 1 : rest / mass, k = 1 - c, signed_rest = flux > 0 ? rest : -rest;
            s->alpha[at] = signed_rest * (k * k);
            s->beta[at] = -signed_rest * (c * k);
            s->rest[at] = signed_rest;
            s->shift[at] = shift;
            return;
        }
        rest -= mass;
        cell += step;
        shift++;
    }
}

static void sweep_setup(int n, const double *flux, const double *m, int sides, double *m_new, real *scratch,
                        bs_sweep *s)
{
    *s = (bs_sweep){.n = n,
                    .flux = row_of(scratch, n, W_FLUX),
                    .alpha = row_of(scratch, n, W_ALPHA),
                    .beta = row_of(scratch, n, W_BETA),
                    .rmass = row_of(scratch, n, W_RMASS),
                    .mass = row_of(scratch, n, W_MASS) + BS_GHOST * BS_LANES,
                    .rest = row_of(scratch, n, W_REST),
                    .shift = (int *)row_of(scratch, n, W_SHIFT)};
    for (ptrdiff_t a = -BS_GHOST * BS_LANES; a < (ptrdiff_t)(n + BS_GHOST) * BS_LANES; a++) s->mass[a] = (real)m[a];
    int longer = 0;
    for (int f = 0; f <= n; f++) {
        const real *left = s->mass + (ptrdiff_t)(f - 1) * BS_LANES, *right = left + BS_LANES;
        size_t at = (size_t)f * BS_LANES;
        for (int lane = 0; lane < BS_LANES; lane++) {
            real F = (real)flux[at + (size_t)lane];
            real donor = F > 0 ? left[lane] : right[lane];
            real c = (F > 0 ? F : -F) / donor, k = 1 - c;
            s->flux[at + (size_t)lane] = F;
            s->alpha[at + (size_t)lane] = F * (k * k);
            s->beta[at + (size_t)lane] = -F * (c * k);
            longer |= c > 1;
        }
    }
    for (size_t a = 0; a < (size_t)n * BS_LANES; a++) {
        m_new[a] = m[a] + (flux[a] - flux[a + BS_LANES]);
        s->rmass[a] = 1 / (real)m_new[a];
    }
    s->is_long = longer;
    if (longer) {
        memset(s->shift, 0, sizeof(int) * ((size_t)n + 1) * BS_LANES);
        for (int f = 0; f <= n; f++)
            for (int lane = 0; lane < BS_LANES; lane++) long_face(s, f, lane, sides);
    }
    /* Through a side air carries the mean of where it comes from: a parabola there would rest on ghost values, and on a rough field could
     * draw mass in against the wind. */
    for (int lane = 0; lane < BS_LANES; lane++) {
        const size_t last = (size_t)n * BS_LANES + (size_t)lane;
        if (sides & BS_SIDE_LOW) s->alpha[lane] = s->beta[lane] = 0;
        if (sides & BS_SIDE_HIGH) s->alpha[last] = s->beta[last] = 0;
    }
}

/* ---- edges ---- */

typedef struct edges {
    vr l, r;   /* unlimited deviations of the cell's edges from its mean */
    vr ll, rl; /* limited */
} edges;

VR_INLINE vr smoothness(vr a, vr b) /* proportional to 13/12 (b - a)^2 + 1/4 (a + b)^2 */
{
    vr s = vr_fma(a, a, vr_mul(b, b));
    return vr_fnma(vr_mul(vr_set((real)1.25), a), b, s);
}

VR_INLINE vr clip_between_neighbours(vr e, vr half_d)
{
    vr lo = vr_min(half_d, vr_sub(vr_set(0), half_d)), hi = vr_max(half_d, vr_sub(vr_set(0), half_d));
    return vr_min(vr_max(e, lo), hi);
}

VR_INLINE vr monotone_slope(vr a, vr b) /* Colella & Woodward eq 1.8, even spacing */
{
    vr two = vr_set(2), mean = vr_mul(vr_set((real)0.5), vr_add(a, b));
    return vr_minmod(mean, vr_mul(two, vr_minmod(a, b)));
}

VR_INLINE void limit_cw84(vr l, vr r, vr *ll, vr *rl) /* eq 1.10 in deviations */
{
    vr minus_two = vr_set(-2);
    *rl = vr_minmod(r, vr_mul(minus_two, l));
    *ll = vr_minmod(l, vr_mul(minus_two, r));
}

VR_INLINE vr edge_offset(int scheme, vr a, vr b, vr c, vr d, vr e) /* differences at faces f-2 .. f+2 */
{
    (void)c;
    if (scheme == BS_PPM_CW84) return vr_mul(vr_sub(b, d), vr_set((real)(1.0 / 12.0)));
    return vr_mul(vr_fma(vr_set(7), vr_sub(b, d), vr_sub(e, a)), vr_set((real)(1.0 / 60.0)));
}

/* Bounds of the ratio of limited to unlimited excess. The selective limiter only ever takes away; the slopes of Colella & Woodward also
 * steepen, and without room for that their scheme would be a more diffusive one: slotted cylinder, l1 .255 with 1, .2172 with 2, .2133
 * with 8, .2128 without a bound. */
#define RATIO_LOW(scheme)  ((scheme) == BS_PPM_CW84 ? (real)-8 : (real)0)
#define RATIO_HIGH(scheme) ((scheme) == BS_PPM_CW84 ? (real)8 : (real)1)

VR_INLINE vr bounded_ratio(int scheme, vr limited, vr unlimited)
{
    vr ratio = vr_max(vr_min(vr_div(limited, unlimited), vr_set(RATIO_HIGH(scheme))), vr_set(RATIO_LOW(scheme)));
    return vr_select(vr_eq(unlimited, vr_set(0)), vr_set(1), ratio);
}

VR_INLINE vr excess(vr_mask forward, vr alpha, vr beta, vr left_r, vr left_l, vr right_l, vr right_r)
{
    return vr_fma(alpha, vr_select(forward, left_r, right_l), vr_mul(beta, vr_select(forward, left_l, right_r)));
}

/* From the mixing ratios to x and rho at faces 0..n, or, when the step is long, to the edges of cells -1..n. */
VR_INLINE void edges_pass(int scheme, int tag, int is_long, const bs_sweep *s, real *scratch, const real *q, int lane)
{
    const int n = s->n, limits = !tag && (scheme == BS_PPM6_SEL || scheme == BS_PPM_CW84);
    real *x = row_of(scratch, n, W_X) + lane, *rho = row_of(scratch, n, W_RHO) + lane;
    real *out[4] = {row_of(scratch, n, W_L) + lane, row_of(scratch, n, W_R) + lane, row_of(scratch, n, W_LL) + lane,
                    row_of(scratch, n, W_RL) + lane};
#define Q(cell) vr_load(q + (ptrdiff_t)(cell)*BS_LANES + lane)
    const vr half = vr_set((real)0.5), zero = vr_set(0);
    vr a = vr_sub(Q(-3), Q(-4)), b = vr_sub(Q(-2), Q(-3)), c = vr_sub(Q(-1), Q(-2)), d = vr_sub(Q(0), Q(-1)),
       q_last = Q(0);
    vr slope = limits && scheme == BS_PPM_CW84 ? monotone_slope(b, c) : zero;               /* of cell f-1 */
    vr g_before = zero, g_here = limits && scheme == BS_PPM6_SEL ? smoothness(b, c) : zero; /* cells f-2, f-1 */
    edges here = {zero, zero, zero, zero}, before = here;
    for (int f = -1; f <= n + 1; f++) {
        vr q_next = Q(f + 2), e = vr_sub(q_next, q_last), half_d = vr_mul(half, c);
        q_last = q_next;
        vr offset = edge_offset(scheme, a, b, c, d, e);
        here.r = vr_add(offset, half_d);
        vr next_l = vr_sub(offset, half_d), next_ll = zero, g_next = zero;
        if (limits) {
            vr clipped;
            if (scheme == BS_PPM_CW84) {
                vr slope_next = monotone_slope(c, d);
                clipped = vr_mul(vr_sub(slope, slope_next), vr_set((real)(1.0 / 6.0)));
                slope = slope_next;
            } else {
                clipped = clip_between_neighbours(offset, half_d);
            }
            vr rl, ll;
            limit_cw84(here.ll, vr_add(clipped, half_d), &ll, &rl);
            next_ll = vr_sub(clipped, half_d);
            if (scheme == BS_PPM6_SEL) {
                g_next = smoothness(c, d);
                vr top = vr_max(vr_max(g_before, g_here), g_next), low = vr_min(vr_min(g_before, g_here), g_next);
                vr_mask rough = vr_gt(top, vr_mul(vr_set(SELECTIVE_RATIO), low));
                ll = vr_select(rough, ll, here.l);
                rl = vr_select(rough, rl, here.r);
            }
            here.ll = ll;
            here.rl = rl;
        }
        if (is_long && f >= 0) { /* cell f - 1 is complete; row f of the arrays */
            vr_store(out[0] + (size_t)f * BS_LANES, here.l);
            vr_store(out[1] + (size_t)f * BS_LANES, here.r);
            if (limits) vr_store(out[2] + (size_t)f * BS_LANES, here.ll);
            if (limits) vr_store(out[3] + (size_t)f * BS_LANES, here.rl);
        } else if (f >= 1) { /* face f - 1 lies between the cells f - 2 and f - 1 */
            size_t at = (size_t)(f - 1) * BS_LANES, in = at + (size_t)lane;
            vr alpha = vr_load(s->alpha + in), beta = vr_load(s->beta + in);
            vr_mask forward = vr_gt(vr_load(s->flux + in), zero);
            vr unlimited = excess(forward, alpha, beta, before.r, before.l, here.l, here.r);
            vr_store(x + at, unlimited);
            if (limits)
                vr_store(rho + at,
                         bounded_ratio(scheme, excess(forward, alpha, beta, before.rl, before.ll, here.ll, here.rl),
                                       unlimited));
        }
        before = here;
        here.l = next_l;
        here.ll = next_ll;
        g_before = g_here;
        g_here = g_next;
        a = b;
        b = c;
        c = d;
        d = e;
    }
#undef Q
}

#if BS_DOUBLE
#define BS_FMA fma
#else
#define BS_FMA fmaf
#endif

/* Long steps: x and rho from the edges, face by face. */
static void long_faces(int scheme, int limits, const bs_sweep *s, real *scratch)
{
    const int n = s->n;
    const real *edge[4];
    for (int w = 0; w < 4; w++) edge[w] = row_of(scratch, n, W_L + w);
    real *x = row_of(scratch, n, W_X), *rho = row_of(scratch, n, W_RHO);
    for (int f = 0; f <= n; f++)
        for (int lane = 0; lane < BS_LANES; lane++) {
            size_t at = (size_t)f * BS_LANES + (size_t)lane;
            int forward = s->flux[at] > 0, donor = forward ? f - 1 - s->shift[at] : f + s->shift[at];
            int inside = donor >= -1 && donor <= n;
            size_t c = (size_t)(inside ? donor + 1 : 0) * BS_LANES + (size_t)lane;
            real alpha = inside ? s->alpha[at] : 0, beta = inside ? s->beta[at] : 0;
            x[at] = BS_FMA(alpha, edge[forward ? 1 : 0][c], beta * edge[forward ? 0 : 1][c]);
            if (!limits) continue;
            real limited = BS_FMA(alpha, edge[forward ? 3 : 2][c], beta * edge[forward ? 2 : 3][c]);
            real ratio = limited / x[at];
            ratio = ratio < RATIO_HIGH(scheme) ? ratio : RATIO_HIGH(scheme);
            rho[at] = x[at] == 0 ? 1 : ratio > RATIO_LOW(scheme) ? ratio : RATIO_LOW(scheme);
        }
}

/* Where the air at face f comes from: a cell, and how much of it lies between the departure point and the cell's upper face. */
static int departure(const bs_sweep *s, int f, int lane, real *above)
{
    size_t at = (size_t)f * BS_LANES + (size_t)lane;
    if (s->flux[at] > 0) {
        *above = s->rest[at];
        return f - 1 - s->shift[at];
    }
    int cell = f + s->shift[at];
    *above = s->mass[(ptrdiff_t)cell * BS_LANES + lane] + s->rest[at];
    return cell;
}

/* Low-order content of cell i after a long step: the air between the departure points of its faces, all weights positive, as
 * base + gain / m' with the largest contributor as base. Cells whose faces are both short keep the short formula. */
static void long_cell(const bs_sweep *s, const real *q, int i, int lane, real *base, real *gain)
{
    ptrdiff_t at = (ptrdiff_t)i * BS_LANES + lane;
    if (s->shift[at] == 0 && s->shift[at + BS_LANES] == 0) {
        real f_w = s->flux[at], f_e = -s->flux[at + BS_LANES];
        *base = q[at];
        *gain =
            BS_FMA(-(f_w > 0 ? f_w : 0), q[at] - q[at - BS_LANES], (f_e > 0 ? f_e : 0) * (q[at + BS_LANES] - q[at]));
        return;
    }
    real above_w, above_e;
    int first = departure(s, i, lane, &above_w), last = departure(s, i + 1, lane, &above_e), largest = first;
    real top = -1;
    for (int c = first; c <= last; c++) {
        real mass = s->mass[(ptrdiff_t)c * BS_LANES + lane];
        real weight = c == first ? above_w : c == last ? mass - above_e : mass;
        if (weight > top) {
            top = weight;
            largest = c;
        }
    }
    *base = q[(ptrdiff_t)largest * BS_LANES + lane];
    *gain = 0;
    for (int c = first; c <= last && first < last; c++) {
        real mass = s->mass[(ptrdiff_t)c * BS_LANES + lane];
        real weight = c == first ? above_w : c == last ? mass - above_e : mass;
        *gain += weight * (q[(ptrdiff_t)c * BS_LANES + lane] - *base);
    }
}

static void long_cells(const bs_sweep *s, real *scratch, const real *q)
{
    real *base = row_of(scratch, s->n, W_BASE), *gain = row_of(scratch, s->n, W_GAIN);
    for (int i = 0; i < s->n; i++)
        for (int lane = 0; lane < BS_LANES; lane++) {
            size_t at = (size_t)i * BS_LANES + (size_t)lane;
            long_cell(s, q, i, lane, base + at, gain + at);
        }
}

/* ---- positivity ---- */

/* Low-order change of cell i, ug, and the value that it is a change of: the cell's own unless the step is long. */
VR_INLINE vr upwind_gain(const bs_sweep *s, real *scratch, size_t at, vr q_i, vr d_w, vr d_e, vr *base)
{
    if (s->is_long) {
        *base = vr_load(row_of(scratch, s->n, W_BASE) + at);
        return vr_load(row_of(scratch, s->n, W_GAIN) + at);
    }
    vr zero = vr_set(0), f_w = vr_load(s->flux + at), f_e = vr_load(s->flux + at + BS_LANES);
    *base = q_i;
    return vr_fnma(vr_max(f_w, zero), d_w, vr_mul(vr_max(vr_sub(zero, f_e), zero), d_e));
}

/* phi of each face: rho times the share of the outgoing excess that the losing cell can pay (1 for cells outside). */
VR_INLINE void positive_pass(int limits, const bs_sweep *s, real *scratch, const real *q, real *phi, int lane)
{
    const int n = s->n;
    const real *x = row_of(scratch, n, W_X), *rho = row_of(scratch, n, W_RHO);
    const vr zero = vr_set(0), one = vr_set(1), keep = vr_set(POSITIVE_SHARE);
    vr q_i = vr_load(q + lane), d_w = vr_sub(q_i, vr_load(q - BS_LANES + lane));
    vr rho_w = limits ? vr_load(rho + lane) : one, x_w = vr_mul(rho_w, vr_load(x + lane)), share_before = one;
    for (int i = 0; i < n; i++) {
        size_t at = (size_t)i * BS_LANES + (size_t)lane;
        vr q_next = vr_load(q + at + BS_LANES), d_e = vr_sub(q_next, q_i), rmass = vr_load(s->rmass + at);
        vr rho_e = limits ? vr_load(rho + at + BS_LANES) : one, x_e = vr_mul(rho_e, vr_load(x + at + BS_LANES));
        vr base, gain = upwind_gain(s, scratch, at, q_i, d_w, d_e, &base), low = vr_fma(gain, rmass, base);
        vr outgoing = vr_add(vr_max(x_e, zero), vr_max(vr_sub(zero, x_w), zero));
        vr share = vr_max(vr_min(vr_div(vr_mul(keep, low), vr_mul(outgoing, rmass)), one), zero);
        vr_store(phi + at, vr_mul(rho_w, vr_select(vr_gt(x_w, zero), share_before, share)));
        share_before = share;
        q_i = q_next;
        d_w = d_e;
        rho_w = rho_e;
        x_w = x_e;
    }
    vr_store(phi + (size_t)n * BS_LANES + lane, vr_mul(rho_w, vr_select(vr_gt(x_w, zero), share_before, one)));
}

/* ---- update ---- */

/* Mass moved through face f, ug; before the update. */
static void through_end(const bs_sweep *s, const real *x, const real *q, const real *phi, int f, double *through)
{
    for (int lane = 0; lane < BS_LANES; lane++) {
        size_t at = (size_t)f * BS_LANES + (size_t)lane;
        int forward = s->flux[at] > 0, cell = forward ? f - 1 : f;
        double moved = 0, rest = (double)s->flux[at];
        for (int whole = s->is_long ? s->shift[at] : 0; whole > 0; whole--, cell += forward ? -1 : 1)
            moved += (double)s->mass[(ptrdiff_t)cell * BS_LANES + lane] * (double)q[(ptrdiff_t)cell * BS_LANES + lane];
        if (s->is_long) rest = (double)s->rest[at];
        through[lane] = (forward ? moved : -moved) + rest * (double)q[(ptrdiff_t)cell * BS_LANES + lane] +
                        (double)phi[at] * (double)x[at];
    }
}

VR_INLINE void update_pass(const bs_sweep *s, real *scratch, real *q, const real *phi, int lane)
{
    const int n = s->n;
    const real *x = row_of(scratch, n, W_X);
    vr q_i = vr_load(q + lane), d_w = vr_sub(q_i, vr_load(q - BS_LANES + lane));
    vr x_w = vr_mul(vr_load(phi + lane), vr_load(x + lane));
    for (int i = 0; i < n; i++) {
        size_t at = (size_t)i * BS_LANES + (size_t)lane;
        vr q_next = vr_load(q + at + BS_LANES), d_e = vr_sub(q_next, q_i);
        vr x_e = vr_mul(vr_load(phi + at + BS_LANES), vr_load(x + at + BS_LANES));
        vr base, gain = upwind_gain(s, scratch, at, q_i, d_w, d_e, &base);
        vr_store(q + at, vr_fma(vr_add(gain, vr_sub(x_w, x_e)), vr_load(s->rmass + at), base));
        q_i = q_next;
        d_w = d_e;
        x_w = x_e;
    }
}

VR_INLINE void all_edges(int scheme, int tag, const bs_sweep *s, real *scratch, const real *q)
{
    const int limits = !tag && (scheme == BS_PPM6_SEL || scheme == BS_PPM_CW84);
    if (s->is_long) {
        for (int lane = 0; lane < BS_LANES; lane += VR_LANES) edges_pass(scheme, tag, 1, s, scratch, q, lane);
        long_faces(scheme, limits, s, scratch);
        long_cells(s, scratch, q);
    } else {
        for (int lane = 0; lane < BS_LANES; lane += VR_LANES) edges_pass(scheme, tag, 0, s, scratch, q, lane);
    }
}

VR_INLINE void finish(const bs_sweep *s, real *scratch, real *q, const real *phi, double *through)
{
    const real *x = row_of(scratch, s->n, W_X);
    through_end(s, x, q, phi, 0, through);
    through_end(s, x, q, phi, s->n, through + BS_LANES);
    for (int lane = 0; lane < BS_LANES; lane += VR_LANES) update_pass(s, scratch, q, phi, lane);
}

VR_INLINE void sweep_total(int scheme, const bs_sweep *s, real *scratch, real *q, real *phi, double *through)
{
    const int limits = scheme == BS_PPM6_SEL || scheme == BS_PPM_CW84;
    all_edges(scheme, 0, s, scratch, q);
    if (scheme == BS_PPM6_LIN || scheme == BS_UPWIND1) {
        const real value = scheme == BS_PPM6_LIN ? 1 : 0;
        for (size_t a = 0; a < ((size_t)s->n + 1) * BS_LANES; a++) phi[a] = value;
    } else {
        for (int lane = 0; lane < BS_LANES; lane += VR_LANES) positive_pass(limits, s, scratch, q, phi, lane);
    }
    finish(s, scratch, q, phi, through);
}

VR_INLINE void sweep_tag(int scheme, const bs_sweep *s, real *scratch, real *q, const real *phi, double *through)
{
    all_edges(scheme, 1, s, scratch, q);
    finish(s, scratch, q, phi, through);
}

#define BS_SCHEME(id, name, order, monotone, positive, linear, text)                                                   \
    static void total_##id(const bs_sweep *s, real *scratch, real *q, real *phi, double *through)                      \
    {                                                                                                                  \
        sweep_total(id, s, scratch, q, phi, through);                                                                  \
    }                                                                                                                  \
    static void tag_##id(const bs_sweep *s, real *scratch, real *q, const real *phi, double *through)                  \
    {                                                                                                                  \
        sweep_tag(id, s, scratch, q, phi, through);                                                                    \
    }
#include "kernels/advection/schemes.def"
#undef BS_SCHEME

extern const bs_sweep_kernels BS_SWEEP_NAME;
const bs_sweep_kernels BS_SWEEP_NAME = {
    .setup = sweep_setup,
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
