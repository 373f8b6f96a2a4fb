/* sweep_long.h - bundles in which some face moves more than a cell: part of sweep_generic.h. Edges of all cells first, then face by
 * face and cell by cell from wherever the air comes; a lane whose faces are all short gets the bits of the short path. */

/* Behind a wall: the cell at the end. Nothing comes from there, so that any number would do. */
VR_INLINE const real *cell_at(const bs_sweep *s, const bs_pencils *p, int cell)
{
    if (cell < 0) return p->low ? p->low + (BS_GHOST + cell) * p->ghost_stride : p->q;
    if (cell >= s->n) return p->high ? p->high + (cell - s->n) * p->ghost_stride : p->q + (s->n - 1) * p->stride;
    return p->q + cell * p->stride;
}

#if BS_DOUBLE
#define BS_FMA      fma
#define BS_COPYSIGN copysign
#define BS_FABS     fabs
#else
#define BS_FMA      fmaf
#define BS_COPYSIGN copysignf
#define BS_FABS     fabsf
#endif

static inline real clip_one(real a, real b)
{
    const real size = BS_FABS(a) < BS_FABS(b) ? BS_FABS(a) : BS_FABS(b);
    return BS_COPYSIGN(size, a);
}

/* Excess through a face from the edges of its donor, cell c of the rows W_L ..; near: that next to the face, 0 left, 1 right; *u:
 * unlimited. */
static real long_excess(int scheme, int limits, int near, real alpha, real beta, real *const *edge, size_t c, real *u)
{
    *u = BS_FMA(alpha, edge[near][c], beta * edge[1 - near][c]);
    if (!limits) return *u;
    const real limited = BS_FMA(alpha, edge[2 + near][c], beta * edge[3 - near][c]);
    if (scheme == BS_PPM_CW84) return clip_one(limited, STEEPEST * *u);
    return (signbit(limited) != 0) == (signbit(*u) != 0) ? clip_one(limited, *u) : 0;
}

/* What moves through every face beyond the donors' means: W_X. */
static void long_faces(int scheme, kind kind, const bs_sweep *s, const bs_pencils *p, real *scratch, const real *phi_in,
                       real *phi_out)
{
    const int n = s->n, limits = is_limited(scheme, kind);
    real *edge[4], *x = row_of(scratch, n, W_X);
    for (int w = 0; w < 4; w++) edge[w] = row_of(scratch, n, W_L + w);
    for (int f = 0; f <= n; f++)
        for (int lane = 0; lane < BS_LANES; lane++) {
            const size_t at = (size_t)f * BS_LANES + (size_t)lane;
            const int donor = donor_of(s, f, lane), inside = donor >= -1 && donor <= n;
            const size_t c = (size_t)(inside ? donor + 1 : 0) * BS_LANES + (size_t)lane;
            const real alpha = inside ? *coef_of(s, f, BS_C_ALPHA, lane) : 0;
            const real beta = inside ? *coef_of(s, f, BS_C_BETA, lane) : 0;
            real u,
                y = long_excess(scheme, limits, is_forward(*coef_of(s, f, BS_C_FLUX, lane)), alpha, beta, edge, c, &u);
            if (kind == TAG && is_bounded(scheme)) y = phi_in[at] * u;
            if (kind != TAG && is_bounded(scheme)) {
                const int against = (signbit(y) != 0) != (signbit(*coef_of(s, f, BS_C_FLUX, lane)) != 0);
                const real bound = *coef_of(s, f, against ? BS_C_BACK : BS_C_ALONG, lane);
                const real q = cell_at(s, p, donor)[lane];
                y = clip_one(y, (q > 0 ? q : 0) * bound);
            }
            if (kind == TOTAL_PHI) phi_out[at] = u == 0 ? 1 : y / u + 0; /* no zero has a sign */
            if (p->excess) p->excess[at] = y;
            x[at] = y;
        }
}

/* Low-order content of cell i after a long step: the air between the departure points of its faces, all weights positive, as the
 * largest contributor's and differences against it: base, and gain in ug. Parts of a donor are taken as the bounds of excess take them, to
 * the bit: a small one is not what is left of a large mass. */
static void long_cell(const bs_sweep *s, const bs_pencils *p, int i, int lane, real *base_out, real *gain_out)
{
    const int first = donor_of(s, i, lane), last = donor_of(s, i + 1, lane);
    const real above = below_high_end(s, i, lane, first), below = above_low_end(s, i + 1, lane, last);
    int largest_at = first;
    real top = -1, gain = 0;
    for (int c = first; c <= last; c++) {
        const real weight = c == first ? above : c == last ? below : s->mass[(ptrdiff_t)c * BS_LANES + lane];
        if (weight > top) {
            top = weight;
            largest_at = c;
        }
    }
    const real base = cell_at(s, p, largest_at)[lane];
    for (int c = first; c <= last && first < last; c++) {
        const real weight = c == first ? above : c == last ? below : s->mass[(ptrdiff_t)c * BS_LANES + lane];
        gain += weight * (cell_at(s, p, c)[lane] - base);
    }
    *base_out = base;
    *gain_out = gain;
}

static int faces_are_short(const bs_sweep *s, ptrdiff_t at)
{
    return s->shift[at] == 0 && s->shift[at + BS_LANES] == 0;
}

/* From what moves through the faces to the new cells. Those whose faces are both short keep the short formula. */
static void long_update(int scheme, kind kind, const bs_sweep *s, const bs_pencils *p, real *scratch)
{
    const int n = s->n;
    const real no_sign = may_be_negative(scheme, kind) ? (real)0.0 : (real)-0.0; /* what that changes of a zero */
    real *base = row_of(scratch, n, W_BASE), *gain = row_of(scratch, n, W_GAIN), *d = row_of(scratch, n, W_DIFFERENCE),
         *x = row_of(scratch, n, W_X);
    for (int i = 0; i <= n; i++)
        for (int lane = 0; lane < BS_LANES; lane++) {
            const ptrdiff_t at = (ptrdiff_t)i * BS_LANES + lane;
            d[at] = cell_at(s, p, i)[lane] - cell_at(s, p, i - 1)[lane];
            if (i < n && !faces_are_short(s, at)) long_cell(s, p, i, lane, &base[at], &gain[at]);
        }
    for (int i = 0; i < n; i++)
        for (int lane = 0; lane < BS_LANES; lane++) {
            const ptrdiff_t at = (ptrdiff_t)i * BS_LANES + lane, next = at + BS_LANES;
            const real w = s->flux[at], e = s->flux[next], rmass = *coef_of(s, i, BS_C_RMASS, lane);
            real *q = &p->q[i * p->stride + lane];
            if (!faces_are_short(s, at)) {
                *q = BS_FMA(gain[at] + (x[at] - x[next]), rmass, base[at]) + no_sign;
                continue;
            }
            const real gained = is_forward(w) ? BS_FMA(-w, d[at], x[at]) : x[at];
            const real lost = is_forward(e) ? x[next] : BS_FMA(e, d[next], x[next]);
            *q = BS_FMA(gained - lost, rmass, *q) + no_sign;
        }
}

static double long_low_order(const bs_sweep *s, const bs_pencils *p, int f, int lane)
{
    const size_t at = (size_t)f * BS_LANES + (size_t)lane;
    const int forward = is_forward(s->flux[at]);
    int cell = forward ? f - 1 : f;
    double moved = 0;
    for (int whole = s->shift[at]; whole > 0; whole--, cell += forward ? -1 : 1)
        moved += (double)s->mass[(ptrdiff_t)cell * BS_LANES + lane] * (double)cell_at(s, p, cell)[lane];
    return (forward ? moved : -moved) + (double)s->rest[at] * (double)cell_at(s, p, cell)[lane];
}

/* ug that the low order moves through the first face and the last. */
static void long_through(const bs_sweep *s, const bs_pencils *p, double *through)
{
    for (int end = 0; end < 2; end++)
        for (int lane = 0; lane < BS_LANES; lane++)
            through[end * BS_LANES + lane] = long_low_order(s, p, end ? s->n : 0, lane);
}

/* Edges of the cells -1 .. n into the rows W_L ..: cell c in row c + 1. */
VR_INLINE void long_edges(int scheme, kind kind, const bs_sweep *s, const bs_pencils *p, real *scratch, int lane)
{
    const int n = s->n, limits = is_limited(scheme, kind);
    real *out[4];
    for (int r = 0; r < 4; r++) out[r] = row_of(scratch, n, W_L + r) + lane;
    window w = start(s, p, lane);
    for (int a = 0; a <= n + 3; a++) {
        const place at = {.q_new = cell_at(s, p, a) + lane};
        if (a == 0)
            step(scheme, kind, BS_MIXED, 0, &at, &w);
        else if (a >= n && !p->high)
            step(scheme, kind, BS_MIXED, STAGE_EDGE | STAGE_WALL, &at, &w);
        else
            step(scheme, kind, BS_MIXED, STAGE_EDGE, &at, &w);
        if (a < 2) continue;
        const size_t row = (size_t)(a - 2) * BS_LANES; /* cell a - 3 is complete */
        vr_store(out[0] + row, w.l0);
        vr_store(out[1] + row, w.r0);
        const int everywhere = scheme != BS_PPM6_SEL;
        if (limits) vr_store(out[2] + row, everywhere ? w.ll0 : vr_select(w.rough0, w.ll0, w.l0));
        if (limits) vr_store(out[3] + row, everywhere ? w.rl0 : vr_select(w.rough0, w.rl0, w.r0));
    }
}

/* The first-order scheme has no excess. */
VR_INLINE void long_sweep(int scheme, kind kind, const bs_sweep *s, const bs_pencils *p, real *scratch,
                          const real *phi_in, real *phi_out, real *ends)
{
    const size_t all = sizeof(real) * ((size_t)s->n + 1) * BS_LANES;
    real *x = row_of(scratch, s->n, W_X);
    if (scheme == BS_UPWIND1) {
        memset(x, 0, all);
    } else {
        for (int lane = 0; lane < BS_LANES; lane += VR_LANES) long_edges(scheme, kind, s, p, scratch, lane);
        long_faces(scheme, kind, s, p, scratch, phi_in, phi_out);
    }
    memcpy(ends, x, sizeof(real) * BS_LANES);
    memcpy(ends + BS_LANES, x + (ptrdiff_t)s->n * BS_LANES, sizeof(real) * BS_LANES);
    long_update(scheme, kind, s, p, scratch);
}
