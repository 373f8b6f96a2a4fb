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

/* Excess at every face from the edges of its donor: W_UNLIMITED and W_X. */
static void long_faces(int scheme, int limits, const bs_sweep *s, real *scratch)
{
    const int n = s->n;
    const real *edge[4];
    for (int w = 0; w < 4; w++) edge[w] = row_of(scratch, n, W_L + w);
    real *unlimited = row_of(scratch, n, W_UNLIMITED), *x = row_of(scratch, n, W_X);
    for (int f = 0; f <= n; f++)
        for (int lane = 0; lane < BS_LANES; lane++) {
            size_t at = (size_t)f * BS_LANES + (size_t)lane;
            int forward = s->flux[at] > 0, donor = forward ? f - 1 - s->shift[at] : f + s->shift[at];
            int inside = donor >= -1 && donor <= n;
            size_t c = (size_t)(inside ? donor + 1 : 0) * BS_LANES + (size_t)lane;
            const real alpha = inside ? coef_of(s, f, BS_C_ALPHA)[lane] : 0;
            const real beta = inside ? coef_of(s, f, BS_C_BETA)[lane] : 0;
            const int near = signbit(alpha) ? 0 : 1; /* the edge next to the face */
            const real u = BS_FMA(alpha, edge[near][c], beta * edge[1 - near][c]);
            unlimited[at] = x[at] = u;
            if (!limits) continue;
            const real limited = BS_FMA(alpha, edge[2 + near][c], beta * edge[3 - near][c]);
            if (scheme == BS_PPM_CW84)
                x[at] = clip_one(limited, STEEPEST * u);
            else
                x[at] = (signbit(limited) != 0) == (signbit(u) != 0) ? clip_one(limited, u) : 0;
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

/* Low-order content of cell i after a long step: the air between the departure points of its faces, all weights positive, as the
 * largest contributor's and differences against it: base, and change. Cells whose faces are both short keep the short formula. */
static void long_cell(const bs_sweep *s, const bs_pencils *p, int i, int lane, real *base_out, real *change)
{
    const ptrdiff_t at = (ptrdiff_t)i * BS_LANES + lane;
    if (s->shift[at] == 0 && s->shift[at + BS_LANES] == 0) {
        const real q = cell_at(s, p, i)[lane];
        const real back = coef_of(s, i, BS_C_BACK)[lane] * (cell_at(s, p, i + 1)[lane] - q);
        *base_out = q;
        *change = BS_FMA(-coef_of(s, i, BS_C_INTO)[lane], q - cell_at(s, p, i - 1)[lane], back);
        return;
    }
    real above_w, above_e;
    int first = departure(s, i, lane, &above_w), last = departure(s, i + 1, lane, &above_e), largest_at = first;
    real top = -1, gain = 0;
    for (int c = first; c <= last; c++) {
        real mass = s->mass[(ptrdiff_t)c * BS_LANES + lane];
        real weight = c == first ? above_w : c == last ? mass - above_e : mass;
        if (weight > top) {
            top = weight;
            largest_at = c;
        }
    }
    const real base = cell_at(s, p, largest_at)[lane];
    for (int c = first; c <= last && first < last; c++) {
        real mass = s->mass[(ptrdiff_t)c * BS_LANES + lane];
        real weight = c == first ? above_w : c == last ? mass - above_e : mass;
        gain += weight * (cell_at(s, p, c)[lane] - base);
    }
    *base_out = base;
    *change = gain * coef_of(s, i, BS_C_RMASS)[lane];
}

static void long_cells(const bs_sweep *s, const bs_pencils *p, real *scratch)
{
    real *base = row_of(scratch, s->n, W_BASE), *change = row_of(scratch, s->n, W_CHANGE);
    for (int i = 0; i < s->n; i++)
        for (int lane = 0; lane < BS_LANES; lane++) {
            const ptrdiff_t at = (ptrdiff_t)i * BS_LANES + lane;
            long_cell(s, p, i, lane, base + at, change + at);
        }
}

static double long_low_order(const bs_sweep *s, const bs_pencils *p, int f, int lane)
{
    const size_t at = (size_t)f * BS_LANES + (size_t)lane;
    const int forward = s->flux[at] > 0;
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
    const int n = s->n, limits = kind != TAG && (scheme == BS_PPM6_SEL || scheme == BS_PPM_CW84);
    real *out[4];
    for (int r = 0; r < 4; r++) out[r] = row_of(scratch, n, W_L + r) + lane;
    window w = start(s, p, lane);
    for (int a = 0; a <= n + 3; a++) {
        const place at = {.q_new = cell_at(s, p, a) + lane};
        if (a == 0)
            step(scheme, kind, 0, &at, &w);
        else if (a >= n && !p->high)
            step(scheme, kind, STAGE_EDGE | STAGE_WALL, &at, &w);
        else
            step(scheme, kind, STAGE_EDGE, &at, &w);
        if (a < 2) continue;
        const size_t row = (size_t)(a - 2) * BS_LANES; /* cell a - 3 is complete */
        vr_store(out[0] + row, w.l0);
        vr_store(out[1] + row, w.r0);
        if (limits) vr_store(out[2] + row, w.ll0);
        if (limits) vr_store(out[3] + row, w.rl0);
    }
}

VR_INLINE void keep_excess(const bs_pencils *p, int f, int lane, vr y)
{
    if (p->excess) vr_store(p->excess + (ptrdiff_t)f * BS_LANES + lane, y);
}

/* From the excess to the new cells. ends [2][BS_LANES]: final excess at the first and the last face. */
VR_INLINE void long_update(int scheme, kind kind, const bs_sweep *s, const bs_pencils *p, real *scratch,
                           const real *phi_in, real *phi_out, real *ends, int lane)
{
    const int n = s->n, positive = kind != TAG && scheme != BS_PPM6_LIN;
    const int shared = kind == TAG && scheme != BS_PPM6_LIN;
    const real *x = row_of(scratch, n, W_X) + lane, *u = row_of(scratch, n, W_UNLIMITED) + lane,
               *base = row_of(scratch, n, W_BASE) + lane, *change = row_of(scratch, n, W_CHANGE) + lane;
    const vr one = vr_set(1), zero = vr_set(0);
    vr x_w = vr_load(x), u_w = vr_load(u), share = one, y_w = x_w, base_w = one, change_w = one, rmass_w = one;
    if (shared) y_w = vr_mul(vr_load(phi_in + lane), x_w);
    if (!positive) vr_store(ends + lane, y_w);
    for (int i = 0; i < n; i++) {
        const size_t at = (size_t)i * BS_LANES, next = at + BS_LANES;
        const vr x_e = vr_load(x + next), rmass = vr_load(coef_of(s, i, BS_C_RMASS) + lane), b = vr_load(base + at),
                 change_here = vr_load(change + at);
        if (!positive) {
            const vr y_e = shared ? vr_mul(vr_load(phi_in + next + lane), x_e) : x_e;
            vr_store(p->q + i * p->stride + lane, updated(b, change_here, y_w, y_e, rmass));
            keep_excess(p, i, lane, y_w);
            y_w = y_e;
            continue;
        }
        const vr out = outgoing(x_w, vr_max(x_w, zero), vr_max(x_e, zero)), l = vr_add(b, change_here);
        const vr share_here = payable(l, out, rmass, left_over(l, out, rmass)), y = paid(x_w, share, share_here);
        if (kind == TOTAL_PHI) store_phi(y, u_w, phi_out + at + lane);
        if (i == 0) vr_store(ends + lane, y);
        keep_excess(p, i, lane, y);
        if (i > 0) vr_store(p->q + (i - 1) * p->stride + lane, updated(base_w, change_w, y_w, y, rmass_w));
        share = share_here;
        x_w = x_e;
        u_w = vr_load(u + next);
        y_w = y;
        base_w = b;
        change_w = change_here;
        rmass_w = rmass;
    }
    if (positive) {
        const vr y = paid(x_w, share, one);
        if (kind == TOTAL_PHI) store_phi(y, u_w, phi_out + (size_t)n * BS_LANES + lane);
        vr_store(p->q + (n - 1) * p->stride + lane, updated(base_w, change_w, y_w, y, rmass_w));
        y_w = y;
    }
    keep_excess(p, n, lane, y_w);
    vr_store(ends + BS_LANES + lane, y_w);
}

VR_INLINE void long_sweep(int scheme, kind kind, const bs_sweep *s, const bs_pencils *p, real *scratch,
                          const real *phi_in, real *phi_out, real *ends)
{
    const int limits = kind != TAG && (scheme == BS_PPM6_SEL || scheme == BS_PPM_CW84);
    for (int lane = 0; lane < BS_LANES; lane += VR_LANES) long_edges(scheme, kind, s, p, scratch, lane);
    long_faces(scheme, limits, s, scratch);
    long_cells(s, p, scratch);
    for (int lane = 0; lane < BS_LANES; lane += VR_LANES)
        long_update(scheme, kind, s, p, scratch, phi_in, phi_out, ends, lane);
}
