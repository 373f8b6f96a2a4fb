/* sweep_step.h - one step of a sweep along a bundle: a window of cells slides along the pencils and each of its stages works on what the
 * stage before left, so that a cell is read once and written once. Part of sweep_generic.h; the scheme is a constant to each use, so
 * that the compiler drops what a scheme does not do.
 *
 * With cell a arriving and f = a - 2: the edge at face f, then cell f - 1 complete; what moves through face g = f - 1; cell p = g - 1
 * updated. */

/* Ratio of largest to smallest smoothness at which the selective limiter acts (Blossey & Durran 2008, eq 23). */
static const real SELECTIVE_RATIO = 20;
/* How much the slopes of Colella & Woodward may steepen: without room for that their scheme would be a more diffusive one: slotted
 * cylinder, l1 .255 with 1, .2172 with 2, .2133 with 8, .2128 without a bound. */
static const real STEEPEST = 8;

typedef enum kind { TOTAL, TOTAL_PHI, TAG } kind; /* TOTAL_PHI: keeps phi for its tags */

/* Has the parabola a limiter? Tags follow their total's. */
VR_INLINE int is_limited(int scheme, kind kind)
{
    return kind != TAG && (scheme == BS_PPM6_SEL || scheme == BS_PPM_CW84);
}

/* STAGE_WALL: the cell that arrives lies behind a wall, on the straight line through the two before it. */
enum { STAGE_EDGE = 1, STAGE_FACE = 2, STAGE_CELL = 4, STAGE_ALL = 7, STAGE_WALL = 8 };

/* Edges, and all that is compared with them, are carried times bs_scheme_row.edges: a division less. */
typedef struct window {
    vr a, b, c, d;       /* differences at faces f - 2 .. f + 1 */
    vr last;             /* q of cell f + 1 */
    vr cc;               /* c squared */
    vr l, ll;            /* left edge of cell f - 1, unlimited and before its limiter */
    vr l0, r0, ll0, rl0; /* edges of cell f - 2, unlimited and limited */
    vr_mask rough0;      /* of cell f - 2 */
    vr g0, g1;           /* smoothness of cells f - 2, f - 1 */
    vr slope;            /* of cell f - 1 */
    vr gain;             /* of cell p through face p, ug */
} window;

/* Where one step reads and writes. */
typedef struct place {
    const real *q_new, *q_p, *q_g; /* cells a, p, g */
    const real *face, *cell;       /* coefficients of face g, of cell p */
    const real *phi_in;            /* face g */
    real *phi_out, *q_out;         /* face g, cell p */
    real *excess;                  /* face g; NULL: not wanted */
} place;

/* ---- edges ---- */

VR_INLINE vr clipped_cell(vr l, vr r, vr *limited_l) /* eq 1.10 in deviations: limited r, and l */
{
    const vr_mask monotone = vr_opposite(l, r);
    *limited_l = vr_clip_opposite(monotone, l, r);
    return vr_clip_opposite(monotone, r, l);
}

VR_INLINE vr monotone_slope(vr a, vr b) /* twice Colella & Woodward eq 1.8, even spacing */
{
    return vr_slope(vr_alike(a, b), a, b);
}

VR_INLINE vr edge_offset(int scheme, const window *w, vr e)
{
    if (scheme == BS_PPM_CW84) return vr_sub(w->b, w->d);
    return vr_fma(vr_set(7), vr_sub(w->b, w->d), vr_sub(e, w->a));
}

VR_INLINE vr largest(vr a, vr b, vr c)
{
    return vr_max(vr_max(a, b), c);
}

VR_INLINE vr smallest(vr a, vr b, vr c)
{
    return vr_min(vr_min(a, b), c);
}

/* What the limiter makes of cell f - 1 once its right edge is known. */
typedef struct limited_cell {
    vr l, r;
    vr_mask rough; /* ppm6_sel: limited only there */
} limited_cell;

/* d: difference at face f; offset: of the edge there. */
VR_INLINE limited_cell limiter_stage(int scheme, vr offset, window *w)
{
    const vr d = w->c, half = vr_set((real)(edges_of(scheme) / 2));
    limited_cell to = {w->l, w->l, w->rough0};
    vr inside; /* the edge's offset, kept between the neighbours */
    if (scheme == BS_PPM_CW84) {
        const vr slope = monotone_slope(w->c, w->d);
        inside = vr_sub(w->slope, slope);
        w->slope = slope;
    } else {
        inside = vr_clip(offset, vr_mul(half, d));
    }
    to.r = clipped_cell(w->ll, vr_fma(half, d, inside), &to.l);
    w->ll = vr_fnma(half, d, inside);
    if (scheme == BS_PPM6_SEL) {
        /* proportional to 13/12 (d - c)^2 + 1/4 (c + d)^2 */
        const vr g = vr_fma(w->d, vr_fnma(vr_set((real)1.25), w->c, w->d), w->cc);
        to.rough = vr_gt(largest(w->g0, w->g1, g), vr_mul(vr_set(SELECTIVE_RATIO), smallest(w->g0, w->g1, g)));
        w->g0 = w->g1;
        w->g1 = g;
    }
    return to;
}

/* ---- faces ---- */

/* Which of both cells at a face its air comes from. Backward flow has a negative flux and alpha. */
typedef struct donor {
    int way;          /* BS_FORWARD, BS_BACKWARD or BS_MIXED; a constant */
    vr_mask backward; /* when mixed */
} donor;

VR_INLINE vr of_donor(donor d, vr low, vr high)
{
    if (d.way == BS_MIXED) return vr_select(d.backward, high, low);
    return d.way == BS_FORWARD ? low : high;
}

VR_INLINE vr excess(donor d, vr alpha, vr beta, vr left_r, vr left_l, vr right_l, vr right_r)
{
    return vr_fma(alpha, of_donor(d, left_r, right_l), vr_mul(beta, of_donor(d, left_l, right_r)));
}

/* The excess within its limiter: phi times u, the unlimited one. negative: of u; out, of the result where that is not 0. That of
 * ppm_cw84 may be larger yet than STEEPEST allows: bounded_excess sees to it. */
VR_INLINE vr limited_excess(int scheme, vr_mask rough, vr limited, vr u, vr_mask *negative)
{
    const vr_mask below = vr_negative(limited);
    if (scheme == BS_PPM_CW84) {
        *negative = below;
        return limited;
    }
    return vr_select(rough, vr_minmod_if(vr_same(below, *negative), limited, u), u);
}

/* No more than the donor holds: against the flow what the low order takes from it, with the flow its share of what is left to it then.
 * Nothing where rounding or its user made it negative: that must not grow. u: the unlimited excess. */
VR_INLINE vr bounded_excess(int scheme, donor d, vr x, vr u, vr_mask negative, const place *at)
{
    const vr along = vr_load(at->face + BS_C_ALONG * VR_LANES), back = vr_load(at->face + BS_C_BACK * VR_LANES);
    vr q, bound;
    if (d.way == BS_MIXED) {
        q = vr_select(d.backward, vr_load(at->q_g), vr_load(at->q_p));
        bound = vr_select(vr_differ(negative, d.backward), back, along);
    } else {
        q = vr_load(d.way == BS_FORWARD ? at->q_p : at->q_g);
        bound = d.way == BS_FORWARD ? vr_select(negative, back, along) : vr_select(negative, along, back);
    }
    bound = vr_mul(vr_positive_part(q), bound);
    if (scheme == BS_PPM_CW84) bound = vr_size_within(vr_mul(vr_set(STEEPEST), u), bound);
    return vr_within(x, bound);
}

VR_INLINE void store_phi(vr y, vr u, real *phi)
{
    vr_store(phi, vr_add(vr_select(vr_eq(u, vr_set(0)), vr_set(1), vr_div(y, u)), vr_set(0))); /* no zero has a sign */
}

/* What moves through face g, beyond the donor's mean. */
VR_INLINE vr face_stage(int scheme, kind kind, donor d, const place *at, const window *w, vr l, vr r, limited_cell to)
{
    const int limits = is_limited(scheme, kind);
    const vr alpha = vr_load(at->face + BS_C_ALPHA * VR_LANES), beta = vr_load(at->face + BS_C_BETA * VR_LANES);
    const vr u = excess(d, alpha, beta, w->r0, w->l0, l, r);
    vr_mask negative = vr_negative(u);
    vr x = u;
    if (limits) {
        vr_mask rough = d.way == BS_FORWARD ? w->rough0 : to.rough;
        if (d.way == BS_MIXED) rough = vr_either(d.backward, to.rough, w->rough0);
        x = limited_excess(scheme, rough, excess(d, alpha, beta, w->rl0, w->ll0, to.l, to.r), u, &negative);
    }
    if (kind == TAG && is_bounded(scheme)) x = vr_mul(vr_load(at->phi_in), u);
    if (kind != TAG && is_bounded(scheme)) x = bounded_excess(scheme, d, x, u, negative, at);
    if (kind == TOTAL_PHI) store_phi(x, u, at->phi_out);
    if (at->excess) vr_store(at->excess, x);
    return x;
}

/* ---- a step ---- */

/* d: difference at the face; y: excess through it. What the cell above gains is y - max(F, 0) d, what the one below loses y - max(-F, 0) d:
 * differences, so that nothing moves where all is alike. q is rounded once a sweep: tags and their total drift apart by such roundings. */
VR_INLINE vr gained(donor to, vr flux, vr d, vr y)
{
    if (to.way == BS_MIXED) return vr_fnma_unless(to.backward, flux, d, y);
    return to.way == BS_FORWARD ? vr_fnma(flux, d, y) : y;
}

VR_INLINE vr lost(donor to, vr flux, vr d, vr y)
{
    if (to.way == BS_MIXED) return vr_fma_where(to.backward, flux, d, y);
    return to.way == BS_FORWARD ? y : vr_fma(flux, d, y);
}

/* A tag may fall below zero and be flushed to -0, whose next sign would hang on zeros that differ between long and short bundles: 0 instead. */
VR_INLINE int may_be_negative(int scheme, kind kind)
{
    return kind == TAG || !is_bounded(scheme);
}

/* Returns the excess. */
VR_INLINE vr step(int scheme, kind kind, int way, int stages, const place *at, window *w)
{
    const int limits = is_limited(scheme, kind);
    vr e = w->d, y = w->d;
    if (stages & STAGE_WALL) {
        w->last = vr_add(w->last, e);
    } else {
        const vr q_new = vr_load(at->q_new);
        e = vr_sub(q_new, w->last);
        w->last = q_new;
    }
    if (stages & STAGE_EDGE) {
        const vr half = vr_set((real)(edges_of(scheme) / 2)), offset = edge_offset(scheme, w, e);
        const vr l = w->l, r = vr_fma(half, w->c, offset);
        limited_cell to = {l, r, w->rough0};
        if (limits) to = limiter_stage(scheme, offset, w);
        w->l = vr_fnma(half, w->c, offset);
        if (stages & STAGE_FACE) {
            const vr flux = vr_load(at->face + BS_C_FLUX * VR_LANES);
            donor donor = {.way = way};
            if (way == BS_MIXED) donor.backward = vr_negative(flux);
            y = face_stage(scheme, kind, donor, at, w, l, r, to);
            if (stages & STAGE_CELL) {
                const vr rmass = vr_load(at->cell + BS_C_RMASS * VR_LANES);
                vr q = vr_fma(vr_sub(w->gain, lost(donor, flux, w->b, y)), rmass, vr_load(at->q_p));
                if (may_be_negative(scheme, kind)) q = vr_add(q, vr_set(0));
                vr_store(at->q_out, q);
            }
            w->gain = gained(donor, flux, w->b, y);
        }
        w->l0 = l;
        w->r0 = r;
        w->ll0 = to.l;
        w->rl0 = to.r;
        w->rough0 = to.rough;
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
    return y;
}
