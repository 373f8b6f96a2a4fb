/* sweep_setup.h - the parts of scratch, what comes before and after the coefficients (sweep_air.h), and rows of a field to bundles and
 * back: part of sweep_generic.h. */
#include "kernels/base/vec_transpose.h"

/* Rows of scratch, each of n + 2 ghosts + BS_LANES + 1 cells: a set-up along x writes whole blocks. */
enum {
    W_COEF,
    W_FLUX = W_COEF + BS_C_COUNT, /* of long sweeps, as far as W_RL */
    W_MASS,
    W_REST,
    W_SHIFT,
    W_X,
    W_UNLIMITED,
    W_BASE,
    W_CHANGE,
    W_L,
    W_R,
    W_LL,
    W_RL,
    W_ENDS,
    W_COUNT
};
_Static_assert(W_COUNT == 18, "bs_sweep_scratch_len counts the rows");

VR_INLINE real *coef_of(const bs_sweep *s, int row, int which)
{
    return s->coef + ((ptrdiff_t)row * BS_C_COUNT + which) * BS_LANES;
}

VR_INLINE real *row_of(real *scratch, int n, int which)
{
    return scratch + (size_t)which * ((size_t)n + 2 * BS_GHOST + BS_LANES + 1) * BS_LANES;
}

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
            coef_of(s, f, BS_C_ALPHA)[lane] = (real)0.5 * signed_rest * (k * k);
            coef_of(s, f, BS_C_BETA)[lane] = (real)-0.5 * signed_rest * (c * k);
            s->rest[at] = signed_rest;
            s->shift[at] = shift;
            return;
        }
        rest -= mass;
        cell += step;
        shift++;
    }
}

static void begin_setup(int n, int lanes, real *scratch, bs_sweep *s)
{
    *s = (bs_sweep){.n = n,
                    .lanes = lanes < BS_LANES ? lanes : BS_LANES,
                    .is_long = n < BS_SHORTEST,
                    .coef = row_of(scratch, n, W_COEF),
                    .flux = row_of(scratch, n, W_FLUX),
                    .mass = row_of(scratch, n, W_MASS) + BS_GHOST * BS_LANES,
                    .rest = row_of(scratch, n, W_REST),
                    .shift = (int *)row_of(scratch, n, W_SHIFT)};
}

static void end_setup(int n, const bs_air_mass *air, int sides, bs_sweep *s)
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
            for (int lane = 0; lane < BS_LANES; lane++) long_face(s, f, lane, sides);
    }
    /* Through a side air carries the mean of where it comes from: a parabola there would rest on ghost values, and on a rough field could
     * draw mass in against the wind. */
    for (int lane = 0; lane < BS_LANES; lane++) {
        if (sides & BS_SIDE_LOW) coef_of(s, 0, BS_C_ALPHA)[lane] = coef_of(s, 0, BS_C_BETA)[lane] = 0;
        if (sides & BS_SIDE_HIGH) coef_of(s, n, BS_C_ALPHA)[lane] = coef_of(s, n, BS_C_BETA)[lane] = 0;
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
