/* sweep_step.h - one step of a sweep along a bundle: a window of cells slides along the pencils and each of its stages works on what the
 * stage before left, so that a cell is read once and written once. Part of sweep_generic.h; the scheme is a constant to each use, so
 * that the compiler drops what a scheme does not do.
 *
 * With cell a arriving and f = a - 2: the edge at face f, then cell f - 1 complete; excess through face g = f - 1; share that cell
 * p = g - 1 can pay of what leaves it, final excess through face p; cell p - 1 updated. Schemes without positivity update cell p. */

/* Ratio of largest to smallest smoothness at which the selective limiter acts (Blossey & Durran 2008, eq 23). */
static const real SELECTIVE_RATIO = 20;
/* A cell keeps this share of its low-order content, so that rounding cannot make it negative. */
static const real POSITIVE_SHARE = (real)(1.0 - 1e-5);
/* How much the slopes of Colella & Woodward may steepen: without room for that their scheme would be a more diffusive one: slotted
 * cylinder, l1 .255 with 1, .2172 with 2, .2133 with 8, .2128 without a bound. */
static const real STEEPEST = 8;

typedef enum kind { TOTAL, TOTAL_PHI, TAG } kind; /* TOTAL_PHI: keeps phi for its tags */

/* STAGE_WALL: the cell that arrives lies behind a wall, on the straight line through the two before it. */
enum { STAGE_EDGE = 1, STAGE_FACE = 2, STAGE_CELL = 4, STAGE_STORE = 8, STAGE_ALL = 15, STAGE_WALL = 16 };

typedef struct window {
    vr a, b, c, d;       /* differences at faces f - 2 .. f + 1 */
    vr last;             /* q of cell f + 1 */
    vr cc;               /* c squared */
    vr l, ll;            /* left edge of cell f - 1, unlimited and before its limiter; edges are twice what they are */
    vr l0, r0, ll0, rl0; /* edges of cell f - 2, unlimited and limited */
    vr g0, g1;           /* smoothness of cells f - 2, f - 1 */
    vr slope;            /* of cell f - 1 */
    vr x_w, u_w;         /* face p: excess, unlimited excess */
    vr up_w;             /* max(x_w, 0) */
    vr share, y_w;       /* of cell p - 1, face p - 1 */
    vr q, change, rmass; /* of cell p - 1 */
    int poor;            /* cell p - 1 cannot pay all in some lane */
} window;

/* Where one step reads and writes. */
typedef struct place {
    const real *q_new, *q_p; /* cells a and p */
    const real *face, *cell; /* coefficients of face g, of cell p */
    const real *phi_in;      /* face g */
    real *phi_out, *q_out;   /* face p; the cell that is updated */
    real *excess;            /* the lower face of the cell after that one; NULL: not wanted */
} place;

/* ---- edges ---- */

VR_INLINE vr clipped_cell(vr l, vr r, vr *limited_l) /* eq 1.10 in deviations: limited r, and l */
{
    const vr_mask monotone = vr_opposite(l, r);
    *limited_l = vr_clip_where(monotone, l, vr_mul(vr_set(2), r));
    return vr_clip_where(monotone, r, vr_mul(vr_set(2), l));
}

VR_INLINE vr monotone_slope(vr a, vr b) /* twice Colella & Woodward eq 1.8, even spacing */
{
    return vr_clip_where(vr_alike(a, b), vr_add(a, b), vr_mul(vr_set(4), vr_clip(a, b)));
}

VR_INLINE vr edge_offset(int scheme, const window *w, vr e) /* twice e_f */
{
    if (scheme == BS_PPM_CW84) return vr_mul(vr_sub(w->b, w->d), vr_set((real)(1.0 / 6.0)));
    return vr_mul(vr_fma(vr_set(7), vr_sub(w->b, w->d), vr_sub(e, w->a)), vr_set((real)(1.0 / 30.0)));
}

VR_INLINE vr largest(vr a, vr b, vr c)
{
    return vr_max(vr_max(a, b), c);
}

VR_INLINE vr smallest(vr a, vr b, vr c)
{
    return vr_min(vr_min(a, b), c);
}

/* Edge at face f from the differences; cell f - 1 is complete then: r, and with a limiter limited l and r. */
VR_INLINE void edge_stage(int scheme, int limits, vr e, window *w, vr *r, vr *ll, vr *rl)
{
    const vr d = w->c, offset = edge_offset(scheme, w, e);
    *r = vr_add(offset, d);
    *ll = w->l;
    *rl = *r;
    if (limits) {
        vr inside; /* the edge's offset, kept between the neighbours */
        if (scheme == BS_PPM_CW84) {
            const vr slope = monotone_slope(w->c, w->d);
            inside = vr_mul(vr_sub(w->slope, slope), vr_set((real)(1.0 / 6.0)));
            w->slope = slope;
        } else {
            inside = vr_clip(offset, d);
        }
        vr monotone_l, monotone_r = clipped_cell(w->ll, vr_add(inside, d), &monotone_l);
        w->ll = vr_sub(inside, d);
        if (scheme == BS_PPM6_SEL) {
            /* proportional to 13/12 (d - c)^2 + 1/4 (c + d)^2 */
            const vr g = vr_fma(w->d, vr_fnma(vr_set((real)1.25), w->c, w->d), w->cc);
            const vr_mask rough =
                vr_gt(largest(w->g0, w->g1, g), vr_mul(vr_set(SELECTIVE_RATIO), smallest(w->g0, w->g1, g)));
            *ll = vr_select(rough, monotone_l, *ll);
            *rl = vr_select(rough, monotone_r, *rl);
            w->g0 = w->g1;
            w->g1 = g;
        } else {
            *ll = monotone_l;
            *rl = monotone_r;
        }
    }
    w->l = vr_sub(offset, d);
}

/* ---- faces ---- */

/* x: excess within its limiter, phi apart; u: unlimited. */
VR_INLINE vr limited_excess(int scheme, vr limited, vr u)
{
    if (scheme == BS_PPM_CW84) return vr_clip(limited, vr_mul(vr_set(STEEPEST), u));
    return vr_minmod(limited, u);
}

/* Backward flow has a negative alpha; where alpha is 0, so is the excess. */
VR_INLINE vr excess(vr_mask backward, vr alpha, vr beta, vr left_r, vr left_l, vr right_l, vr right_r)
{
    return vr_fma(alpha, vr_select(backward, right_l, left_r), vr_mul(beta, vr_select(backward, right_r, left_l)));
}

/* ---- cells ---- */

/* Low-order change of a cell. Changes are summed before they meet q, which is then rounded once a sweep: tags and their total drift apart by
 * such roundings alone. */
VR_INLINE vr low_change(const real *coef, vr d_w, vr d_e)
{
    return vr_fnma(vr_load(coef + BS_C_INTO * BS_LANES), d_w, vr_mul(vr_load(coef + BS_C_BACK * BS_LANES), d_e));
}

/* q after its low-order change and the excess through both its faces. */
VR_INLINE vr updated(vr q, vr change, vr y_w, vr y_e, vr rmass)
{
    return vr_add(q, vr_fma(vr_sub(y_w, y_e), rmass, change));
}

/* What leaves a cell above its low order; up_w: max(x_w, 0). */
VR_INLINE vr outgoing(vr x_w, vr up_w, vr up_e)
{
    return vr_add(up_e, vr_sub(up_w, x_w));
}

/* What a cell with low-order content `low` has left when it has paid; negative where it cannot. */
VR_INLINE vr left_over(vr low, vr out, vr rmass)
{
    return vr_fnma(out, rmass, vr_mul(vr_set(POSITIVE_SHARE), low));
}

/* The share of what leaves it that a cell can pay. Rounding may have made `low` a little negative. */
VR_INLINE vr payable(vr low, vr out, vr rmass, vr left)
{
    const vr have = vr_max(vr_mul(vr_set(POSITIVE_SHARE), low), vr_set(0));
    const vr need = vr_max(vr_mul(out, rmass), vr_set(BS_REAL_SMALLEST));
    return vr_select(vr_negative(left), vr_div(have, need), vr_set(1));
}

/* Final excess through a face, once the cells on both sides know their share. */
VR_INLINE vr paid(vr x, vr share_low, vr share_high)
{
    return vr_mul(x, vr_select(vr_negative(x), share_high, share_low));
}

VR_INLINE void store_phi(vr y, vr u, real *phi)
{
    vr_store(phi, vr_select(vr_eq(u, vr_set(0)), vr_set(1), vr_div(y, u)));
}

/* ---- a step ---- */

/* x: excess through the upper face of cell p. */
VR_INLINE void positive_cell(int keep_phi, int stages, const place *at, vr x, window *w)
{
    const vr q = vr_load(at->q_p), change = low_change(at->cell, w->a, w->b), low = vr_add(q, change);
    const vr rmass = vr_load(at->cell + BS_C_RMASS * BS_LANES);
    const vr up_e = vr_max(x, vr_set(0));
    const vr out = outgoing(w->x_w, w->up_w, up_e), left = left_over(low, out, rmass);
    const int poor = vr_any(vr_negative(left));
    vr y = w->x_w;
    if (poor | w->poor) {
        const vr share = payable(low, out, rmass, left);
        y = paid(w->x_w, w->share, share);
        w->share = share;
        w->poor = poor;
    }
    if (keep_phi) store_phi(y, w->u_w, at->phi_out);
    if (at->excess) vr_store(at->excess, y);
    if (stages & STAGE_STORE) vr_store(at->q_out, updated(w->q, w->change, w->y_w, y, w->rmass));
    w->up_w = up_e;
    w->y_w = y;
    w->q = q;
    w->change = change;
    w->rmass = rmass;
}

VR_INLINE void step(int scheme, kind kind, int stages, const place *at, window *w)
{
    const int limits = kind != TAG && (scheme == BS_PPM6_SEL || scheme == BS_PPM_CW84);
    const int positive = kind != TAG && scheme != BS_PPM6_LIN;
    vr e = w->d;
    if (stages & STAGE_WALL) {
        w->last = vr_add(w->last, e);
    } else {
        const vr q_new = vr_load(at->q_new);
        e = vr_sub(q_new, w->last);
        w->last = q_new;
    }
    if (stages & STAGE_EDGE) {
        vr r, ll, rl, l = w->l;
        edge_stage(scheme, limits, e, w, &r, &ll, &rl);
        if (stages & STAGE_FACE) {
            const vr alpha = vr_load(at->face + BS_C_ALPHA * BS_LANES), beta = vr_load(at->face + BS_C_BETA * BS_LANES);
            const vr_mask backward = vr_negative(alpha);
            const vr u = excess(backward, alpha, beta, w->r0, w->l0, l, r);
            vr x = u;
            if (limits) x = limited_excess(scheme, excess(backward, alpha, beta, w->rl0, w->ll0, ll, rl), u);
            if (kind == TAG && scheme != BS_PPM6_LIN) x = vr_mul(vr_load(at->phi_in), u);
            if (!positive && at->excess) vr_store(at->excess, x);
            if (positive && stages & STAGE_CELL) {
                positive_cell(kind == TOTAL_PHI, stages, at, x, w);
            } else if (positive) {
                w->up_w = vr_max(x, vr_set(0));
            } else if (stages & STAGE_CELL) {
                const vr change = low_change(at->cell, w->a, w->b), rmass = vr_load(at->cell + BS_C_RMASS * BS_LANES);
                vr_store(at->q_out, updated(vr_load(at->q_p), change, w->x_w, x, rmass));
            }
            w->x_w = x;
            w->u_w = u;
        }
        w->l0 = l;
        w->r0 = r;
        w->ll0 = ll;
        w->rl0 = rl;
    } else if (limits && scheme == BS_PPM6_SEL) {
        w->g1 = vr_fma(w->d, vr_fnma(vr_set((real)1.25), w->c, w->d), w->cc);
    } else if (limits) {
        w->slope = monotone_slope(w->c, w->d);
    }
    if (limits && scheme == BS_PPM6_SEL) w->cc = vr_mul(w->d, w->d);
    w->a = w->b;
    w->b = w->c;
    w->c = w->d;
    w->d = e;
}
