/* sweep_setup.h - the parts of scratch, what comes before and after the coefficients (sweep_air.h), and rows of a field to bundles and
 * back: part of sweep_generic.h. */
#include "kernels/base/vec_transpose.h"

/* Rows of scratch, each of n + 2 ghosts + BS_LANES + 1 cells: a set-up along x writes whole blocks. */
enum {
    W_COEF,
    W_RUNS = W_COEF + BS_C_COUNT,
    W_FLUX = W_RUNS + 2, /* of long sweeps, as far as W_RL */
    W_MASS,
    W_REST,
    W_SHIFT,
    W_X,
    W_BASE,
    W_GAIN,
    W_DIFFERENCE,
    W_L,
    W_R,
    W_LL,
    W_RL,
    W_ENDS,
    W_COUNT
};
_Static_assert(W_COUNT == 21, "bs_sweep_scratch_len counts the rows");

VR_INLINE int edges_of(int scheme) /* bs_scheme_row.edges, a constant where the scheme is one */
{
    switch (scheme) {
#define BS_SCHEME(id, name, order, monotone, positive, linear, edges, text)                                            \
    case id:                                                                                                           \
        return edges;
#include "kernels/advection/schemes.def"
#undef BS_SCHEME
    default:
        return 1;
    }
}

/* Does the excess have bounds, for positivity? */
VR_INLINE int is_bounded(int scheme)
{
    switch (scheme) {
#define BS_SCHEME(id, name, order, monotone, positive, linear, edges, text)                                            \
    case id:                                                                                                           \
        return (positive) && !(linear);
#include "kernels/advection/schemes.def"
#undef BS_SCHEME
    default:
        return 0;
    }
}

/* bs_sweep_coef, for kernels: of the vector that begins at the lane, or of one lane. */
VR_INLINE real *coef_of(const bs_sweep *s, int row, int which, int lane)
{
    const ptrdiff_t vector = lane / VR_LANES;
    return s->coef + ((vector * (s->n + 1) + row) * s->coefs + which) * VR_LANES + lane % VR_LANES;
}

VR_INLINE real *row_of(real *scratch, int n, int which)
{
    return scratch + (size_t)which * ((size_t)n + 2 * BS_GHOST + BS_LANES + 1) * BS_LANES;
}

/* Bounds of what a cell gives are kept this much narrower, so that rounding cannot make it negative. */
static const real POSITIVE_SHARE = (real)(1.0 - 1e-5);

/* As the short path has it: by the sign alone, of zeros, too. */
static int is_forward(real flux)
{
    return !signbit(flux);
}

/* Flux longer than the donor cell: whole cells first, then the rest. Air from beyond a side of the domain is all alike. */
static void long_face(real per_edge, const bs_sweep *s, int f, int lane, int sides)
{
    size_t at = (size_t)f * BS_LANES + (size_t)lane;
    real flux = s->flux[at];
    const int forward = is_forward(flux), step = forward ? -1 : 1;
    int cell = forward ? f - 1 : f, shift = 0;
    real rest = forward ? flux : -flux;
    for (;;) {
        int outside = (cell < 0 && (sides & BS_SIDE_LOW)) || (cell >= s->n && (sides & BS_SIDE_HIGH));
        real mass = s->mass[(ptrdiff_t)cell * BS_LANES + lane];
        if (outside || rest <= mass || cell <= -BS_GHOST || cell >= s->n - 1 + BS_GHOST) {
            real c = outside ? 1 : rest / mass, k = 1 - c, signed_rest = forward ? rest : -rest;
            *coef_of(s, f, BS_C_ALPHA, lane) = per_edge * signed_rest * (k * k);
            *coef_of(s, f, BS_C_BETA, lane) = -(per_edge * signed_rest) * (c * k);
            s->rest[at] = signed_rest;
            s->shift[at] = shift;
            return;
        }
        rest -= mass;
        cell += step;
        shift++;
    }
}

static int donor_of(const bs_sweep *s, int f, int lane)
{
    const ptrdiff_t at = (ptrdiff_t)f * BS_LANES + lane;
    return is_forward(s->flux[at]) ? f - 1 - s->shift[at] : f + s->shift[at];
}

/* kg of donor `cell` between its lower end, or its upper one, and where the air at face f comes from. */
static real above_low_end(const bs_sweep *s, int f, int lane, int cell)
{
    const real rest = s->rest[(ptrdiff_t)f * BS_LANES + lane];
    return is_forward(rest) ? s->mass[(ptrdiff_t)cell * BS_LANES + lane] - rest : -rest;
}

static real below_high_end(const bs_sweep *s, int f, int lane, int cell)
{
    const real rest = s->rest[(ptrdiff_t)f * BS_LANES + lane];
    return is_forward(rest) ? rest : s->mass[(ptrdiff_t)cell * BS_LANES + lane] + rest;
}

/* Does the air at face `other` come from the same cell as that at f? */
static int shares_donor(const bs_sweep *s, int f, int other, int lane)
{
    return other >= 0 && other <= s->n && s->flux[(ptrdiff_t)other * BS_LANES + lane] != 0 &&
           donor_of(s, other, lane) == donor_of(s, f, lane);
}

/* What lies in the donor between where the air at face f comes from and where that at its neighbour `other` does, half of it then, or the
 * donor's end. */
static real room_towards(const bs_sweep *s, int f, int other, int lane)
{
    const int cell = donor_of(s, f, lane), low = other < f ? other : f, high = other < f ? f : other;
    const int shared = shares_donor(s, f, other, lane);
    real left = POSITIVE_SHARE * s->mass[(ptrdiff_t)cell * BS_LANES + lane];
    if (low != other || shared) left -= above_low_end(s, low, lane, cell);
    if (high != other || shared) left -= below_high_end(s, high, lane, cell);
    left = left > 0 ? left : 0;
    return shared ? (real)0.5 * left : left;
}

/* Bounds of the excess through a face: sweep_air.h has those where no face is long. */
static void long_bounds(const bs_sweep *s, int f, int lane)
{
    const ptrdiff_t at = (ptrdiff_t)f * BS_LANES + lane;
    const real rest = s->rest[at] < 0 ? -s->rest[at] : s->rest[at];
    const int up = is_forward(s->flux[at]) ? f - 1 : f + 1, down = is_forward(s->flux[at]) ? f + 1 : f - 1;
    real along = room_towards(s, f, up, lane), back = rest;
    if (shares_donor(s, f, up, lane) && along < back) back = along;
    if (shares_donor(s, f, down, lane)) {
        const real most = room_towards(s, f, down, lane);
        back = most < back ? most : back;
        along = most < along ? most : along;
    }
    *coef_of(s, f, BS_C_ALONG, lane) = POSITIVE_SHARE * along;
    *coef_of(s, f, BS_C_BACK, lane) = POSITIVE_SHARE * back;
}

/* What coefficients depend on of a scheme. */
typedef struct form {
    int bounded;   /* the excess has bounds; a constant */
    real per_edge; /* what alpha and beta are multiplied with */
} form;

VR_INLINE int coefs_of(int bounded)
{
    return bounded ? BS_C_COUNT : BS_C_LINEAR;
}

static void begin_setup(bs_scheme scheme, int n, int lanes, real *scratch, bs_sweep *s)
{
    *s = (bs_sweep){.scheme = scheme,
                    .n = n,
                    .lanes = lanes < BS_LANES ? lanes : BS_LANES,
                    .is_long = n < BS_SHORTEST,
                    .together = VR_LANES,
                    .coefs = coefs_of(is_bounded(scheme)),
                    .coef = row_of(scratch, n, W_COEF),
                    .runs = (bs_sweep_run *)row_of(scratch, n, W_RUNS),
                    .flux = row_of(scratch, n, W_FLUX),
                    .mass = row_of(scratch, n, W_MASS) + BS_GHOST * BS_LANES,
                    .rest = row_of(scratch, n, W_REST),
                    .shift = (int *)row_of(scratch, n, W_SHIFT)};
}

enum { SHORTEST_RUN = 4 }; /* a shorter one is not worth a loop of its own */

/* By the sign alone, of zeros, too, as mixed faces go by it: which loop a face is in changes no bit. */
VR_INLINE int way_of_face(vr flux)
{
    if (!vr_any(vr_negative(flux))) return BS_FORWARD;
    return vr_any(vr_negative(vr_minus(flux))) ? BS_MIXED : BS_BACKWARD;
}

VR_INLINE bs_sweep_run *runs_of(const bs_sweep *s, int lane)
{
    return s->runs + (ptrdiff_t)(lane / VR_LANES) * (s->n + 1);
}

static void find_runs(const bs_sweep *s, int lane)
{
    const real *flux = s->flux + lane;
    bs_sweep_run *last = runs_of(s, lane) - 1;
    for (int f = 0, begin = 0; f <= s->n;) {
        const int way = way_of_face(vr_load(flux + (ptrdiff_t)f * BS_LANES));
        for (begin = f++; f <= s->n && way_of_face(vr_load(flux + (ptrdiff_t)f * BS_LANES)) == way;) f++;
        const int kept = f - begin < SHORTEST_RUN ? BS_MIXED : way;
        if (begin == 0 || kept != last->way) *++last = (bs_sweep_run){.way = kept};
        last->end = f;
    }
}

static void end_setup(bs_scheme scheme, int n, const bs_air_mass *air, int sides, bs_sweep *s)
{
    memcpy(s->low_flux, s->flux, sizeof s->low_flux);
    memcpy(s->high_flux, s->flux + (ptrdiff_t)n * BS_LANES, sizeof s->high_flux);
    if (s->is_long) {
        for (int g = 0; g < BS_GHOST; g++)
            for (int lane = 0; lane < BS_LANES; lane++) {
                const ptrdiff_t at = g * BS_LANES + lane;
                s->mass[at - BS_GHOST * BS_LANES] = air->low ? (real)air->low[at] : s->mass[lane];
                s->mass[at + (ptrdiff_t)n * BS_LANES] =
                    air->high ? (real)air->high[at] : s->mass[(ptrdiff_t)(n - 1) * BS_LANES + lane];
            }
        memset(s->shift, 0, sizeof(int) * ((size_t)n + 1) * BS_LANES);
        for (int f = 0; f <= n; f++)
            for (int lane = 0; lane < BS_LANES; lane++) long_face((real)(1.0 / edges_of(scheme)), s, f, lane, sides);
        for (int f = 0; f <= n && is_bounded(scheme); f++)
            for (int lane = 0; lane < BS_LANES; lane++) long_bounds(s, f, lane);
    } else {
        for (int lane = 0; lane < BS_LANES; lane += VR_LANES) find_runs(s, lane);
    }
    /* Through a side air carries the mean of where it comes from: a parabola there would rest on ghost values, and on a rough field could
     * draw mass in against the wind. */
    for (int end = 0; end < 2; end++) {
        for (int lane = 0; lane < BS_LANES && sides & (end ? BS_SIDE_HIGH : BS_SIDE_LOW); lane++) {
            *coef_of(s, end ? n : 0, BS_C_ALPHA, lane) *= 0;
            *coef_of(s, end ? n : 0, BS_C_BETA, lane) *= 0;
        }
    }
}

/* ---- blocks of BS_LANES x BS_LANES ---- */

/* out[cell][lane] = in[lane][cell] of a block of BS_LANES lanes; lane l's row at in + l * row, cell c at out + c * step. */
VR_INLINE void block_in(const real *in, ptrdiff_t row, int lanes, real *out, ptrdiff_t step)
{
    for (int lane = 0; lane < BS_LANES; lane += VR_LANES)
        for (int cell = 0; cell < BS_LANES; cell += VR_LANES) {
            vr v[VR_LANES];
            for (int n = 0; n < VR_LANES; n++) {
                const int l = lane + n < lanes ? lane + n : lanes - 1;
                v[n] = vr_load(in + l * row + cell);
            }
            vr_transpose(v);
            for (int n = 0; n < VR_LANES; n++) vr_store(out + (cell + n) * step + lane, v[n]);
        }
}

VR_INLINE void block_out(const real *in, real *out, ptrdiff_t row, int lanes)
{
    for (int lane = 0; lane < BS_LANES; lane += VR_LANES)
        for (int cell = 0; cell < BS_LANES; cell += VR_LANES) {
            vr v[VR_LANES];
            for (int n = 0; n < VR_LANES; n++) v[n] = vr_load(in + (cell + n) * BS_LANES + lane);
            vr_transpose(v);
            for (int n = 0; n < VR_LANES; n++)
                if (lane + n < lanes) vr_store(out + (lane + n) * row + cell, v[n]);
        }
}

/* The last block ends with the row: what it shares with the one before is the same twice. */
static void rows_in(int n, int lanes, const real *rows, ptrdiff_t row, real *bundle)
{
    if (n < BS_LANES) {
        for (int cell = 0; cell < n; cell++)
            for (int lane = 0; lane < BS_LANES; lane++)
                bundle[cell * BS_LANES + lane] = rows[(lane < lanes ? lane : lanes - 1) * row + cell];
        return;
    }
    for (int first = 0; first < n; first += BS_LANES) {
        const int cell = first < n - BS_LANES ? first : n - BS_LANES;
        if (lanes == BS_LANES)
            block_in(rows + cell, row, BS_LANES, bundle + cell * BS_LANES, BS_LANES);
        else
            block_in(rows + cell, row, lanes, bundle + cell * BS_LANES, BS_LANES);
    }
}

static void rows_out(int n, int lanes, const real *bundle, real *rows, ptrdiff_t row)
{
    if (n < BS_LANES) {
        for (int lane = 0; lane < lanes; lane++)
            for (int cell = 0; cell < n; cell++) rows[lane * row + cell] = bundle[cell * BS_LANES + lane];
        return;
    }
    for (int first = 0; first < n; first += BS_LANES) {
        const int cell = first < n - BS_LANES ? first : n - BS_LANES;
        if (lanes == BS_LANES)
            block_out(bundle + cell * BS_LANES, rows + cell, row, BS_LANES);
        else
            block_out(bundle + cell * BS_LANES, rows + cell, row, lanes);
    }
}
