/* sweep_setup.h - coefficients of a bundle from the air, and rows of a field to bundles and back: part of sweep_generic.h. */
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
    W_COUNT,
    W_ROWS = W_X /* rows before they are transposed: seven, as far as W_LL */
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

static void begin_setup(int n, real *scratch, bs_sweep *s)
{
    *s = (bs_sweep){.n = n,
                    .is_long = n < BS_SHORTEST,
                    .coef = row_of(scratch, n, W_COEF),
                    .flux = row_of(scratch, n, W_FLUX),
                    .mass = row_of(scratch, n, W_MASS) + BS_GHOST * BS_LANES,
                    .rest = row_of(scratch, n, W_REST),
                    .shift = (int *)row_of(scratch, n, W_SHIFT)};
}

static void end_setup(const bs_air_mass *air, int sides, bs_sweep *s)
{
    const int n = s->n;
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

/* `count` faces that lie side by side, whatever their direction; `worst` keeps the largest Courant number at each place. */
VR_INLINE void faces(int count, const double *flux, const double *m_low, const double *m_high, real *restrict alpha,
                     real *restrict beta, real *restrict worst)
{
    for (int n = 0; n < count; n++) {
        const real f = (real)flux[n], low = (real)m_low[n], high = (real)m_high[n], size = f > 0 ? f : -f;
        const real c = size / (f > 0 ? low : high), k = 1 - c;
        alpha[n] = (real)0.5 * f * (k * k);
        beta[n] = (real)-0.5 * f * (c * k);
        worst[n] = c > worst[n] ? c : worst[n];
    }
}

VR_INLINE void cells(int count, const double *flux_low, const double *flux_high, const double *m,
                     double *restrict m_new, real *restrict into, real *restrict back, real *restrict rmass)
{
    for (int n = 0; n < count; n++) {
        const double after = m[n] + (flux_low[n] - flux_high[n]);
        const real f_w = (real)flux_low[n], f_e = (real)flux_high[n], r = 1 / (real)after;
        into[n] = (f_w > 0 ? f_w : 0) * r;
        back[n] = (f_e < 0 ? -f_e : 0) * r;
        rmass[n] = r;
        m_new[n] = after;
    }
}

VR_INLINE void to_real(int count, const double *in, real *restrict out)
{
    for (int n = 0; n < count; n++) out[n] = (real)in[n];
}

VR_INLINE void fluxes(int count, const bs_air_flux *f, ptrdiff_t at, double *restrict out)
{
    const double *f0 = f->f0 + at, *f1 = f->f1 + at;
    for (int n = 0; n < count; n++) out[n] = f->w0 * f0[n] + f->w1 * f1[n];
}

/* A lane not in use carries no flux through cells of mass 1. */
static void idle_lanes(int first, bs_sweep *s)
{
    for (int f = 0; f <= s->n; f++)
        for (int lane = first; lane < BS_LANES; lane++) {
            const ptrdiff_t at = (ptrdiff_t)f * BS_LANES + lane;
            for (int c = 0; c < BS_C_COUNT; c++) coef_of(s, f, c)[lane] = c == BS_C_RMASS;
            s->flux[at] = 0;
            s->mass[at] = 1;
        }
}

/* Rows that come into the cache before their turn: they lie far apart. */
enum { AHEAD = 8 };

typedef struct abreast { /* what one bundle hands from row to row */
    double flux[2][BS_LANES], before[2][BS_LANES];
    real worst[BS_LANES];
} abreast;

/* Cells i and faces i + 1 of one bundle; `face`: whose flux that is. */
VR_INLINE void row_across(int i, int n, int face, int lanes, const bs_air_flux *f, const bs_air_mass *air,
                          ptrdiff_t first, bs_sweep *s, abreast *a)
{
    double *m = air->m + i * air->stride + first;
    double *here = a->before[i % 2], *west = a->flux[i % 2], *east = a->flux[(i + 1) % 2];
    for (int lane = 0; lane < lanes; lane++) here[lane] = m[lane];
    fluxes(lanes, f, face * f->stride + first, east);
    const double *high = i + 1 < n ? m + air->stride : air->high ? air->high : here;
    faces(lanes, east, here, high, coef_of(s, i + 1, BS_C_ALPHA), coef_of(s, i + 1, BS_C_BETA), a->worst);
    cells(lanes, west, east, here, m, coef_of(s, i, BS_C_INTO), coef_of(s, i, BS_C_BACK), coef_of(s, i, BS_C_RMASS));
    to_real(lanes, here, s->mass + (ptrdiff_t)i * BS_LANES);
    to_real(lanes, east, s->flux + (ptrdiff_t)(i + 1) * BS_LANES);
}

VR_INLINE void first_face(int face, int lanes, const bs_air_flux *f, const bs_air_mass *air, ptrdiff_t first,
                          bs_sweep *s, abreast *a)
{
    const double *m = air->m + first, *beyond = air->low ? air->low + (BS_GHOST - 1) * BS_LANES : m;
    fluxes(lanes, f, face * f->stride + first, a->flux[0]);
    faces(lanes, a->flux[0], beyond, m, coef_of(s, 0, BS_C_ALPHA), coef_of(s, 0, BS_C_BETA), a->worst);
    to_real(lanes, a->flux[0], s->flux);
}

static void look_ahead_across(int i, int lanes, const bs_air_flux *f, const bs_air_mass *air)
{
    for (int line = 0; line < lanes; line += 8) { /* doubles of a cache line */
        __builtin_prefetch(air->m + (i + AHEAD) * air->stride + line, 0, 2);
        __builtin_prefetch(f->f0 + (i + AHEAD) * f->stride + line, 0, 2);
        __builtin_prefetch(f->f1 + (i + AHEAD) * f->stride + line, 0, 2);
    }
}

/* Whole bundles, their number a constant to the compiler, and `rest` lanes of one more. */
VR_INLINE void rows_across(int n, int whole, int rest, const bs_air_flux *flux, const bs_air_mass *air, int sides,
                           bs_sweep *out)
{
    abreast a[BS_ABREAST] = {0};
    bs_sweep s[BS_ABREAST]; /* copies, which no store can change */
    const int bundles = whole + (rest > 0), begin = sides & BS_CUT_LOW ? 1 : 0, end = sides & BS_CUT_HIGH ? n - 1 : n;
    for (int b = 0; b < bundles; b++) s[b] = out[b];
    for (int b = 0; b < whole; b++) first_face(begin, BS_LANES, flux, air, (ptrdiff_t)b * BS_LANES, &s[b], &a[b]);
    if (rest > 0) first_face(begin, rest, flux, air, (ptrdiff_t)whole * BS_LANES, &s[whole], &a[whole]);
    for (int i = 0; i < n; i++) {
        if (i + AHEAD < n) look_ahead_across(i, whole * BS_LANES + rest, flux, air);
        const int face = i < end ? i + 1 : end;
        for (int b = 0; b < whole; b++)
            row_across(i, n, face, BS_LANES, flux, air, (ptrdiff_t)b * BS_LANES, &s[b], &a[b]);
        if (rest > 0) row_across(i, n, face, rest, flux, air, (ptrdiff_t)whole * BS_LANES, &s[whole], &a[whole]);
    }
    for (int b = 0; b < bundles; b++)
        for (int lane = 0; lane < BS_LANES; lane++) out[b].is_long |= a[b].worst[lane] > 1;
}

static void setup_across(int n, int lanes, const bs_air_flux *flux, const bs_air_mass *air, int sides, real *scratch,
                         bs_sweep *out)
{
    const int whole = lanes / BS_LANES, rest = lanes % BS_LANES, bundles = whole + (rest > 0);
    bs_assert(bundles <= BS_ABREAST && (bundles == 1 || !(air->low || air->high)));
    for (int b = 0; b < bundles; b++) begin_setup(n, scratch + (size_t)b * bs_sweep_scratch_len(n), &out[b]);
    if (rest > 0) idle_lanes(rest, &out[whole]);
    if (lanes == BS_LANES)
        rows_across(n, 1, 0, flux, air, sides, out);
    else if (lanes == BS_ABREAST * BS_LANES)
        rows_across(n, BS_ABREAST, 0, flux, air, sides, out);
    else
        rows_across(n, whole, rest, flux, air, sides, out);
    for (int b = 0; b < bundles; b++) {
        bs_sweep *s = &out[b];
        memcpy(s->low_flux, s->flux, sizeof s->low_flux);
        memcpy(s->high_flux, s->flux + (ptrdiff_t)n * BS_LANES, sizeof s->high_flux);
        end_setup(air, sides, s);
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

static void rows_in(int n, int lanes, const real *rows, ptrdiff_t row, real *bundle)
{
    int cell = 0;
    if (lanes == BS_LANES)
        for (; cell + BS_LANES <= n; cell += BS_LANES)
            block_in(rows + cell, row, BS_LANES, bundle + cell * BS_LANES, BS_LANES);
    for (; cell + BS_LANES <= n; cell += BS_LANES)
        block_in(rows + cell, row, lanes, bundle + cell * BS_LANES, BS_LANES);
    for (; cell < n; cell++)
        for (int lane = 0; lane < BS_LANES; lane++)
            bundle[cell * BS_LANES + lane] = rows[(lane < lanes ? lane : lanes - 1) * row + cell];
}

static void rows_out(int n, int lanes, const real *bundle, real *rows, ptrdiff_t row)
{
    int cell = 0;
    if (lanes == BS_LANES)
        for (; cell + BS_LANES <= n; cell += BS_LANES) block_out(bundle + cell * BS_LANES, rows + cell, row, BS_LANES);
    for (; cell + BS_LANES <= n; cell += BS_LANES) block_out(bundle + cell * BS_LANES, rows + cell, row, lanes);
    for (int lane = 0; lane < lanes; lane++)
        for (int c = cell; c < n; c++) rows[lane * row + c] = bundle[c * BS_LANES + lane];
}

/* ---- along: a row at a time, then transposed ---- */

/* Rows of one quantity before they are transposed, in scratch that the sweeps need later only: BS_C_COUNT, flux, mass. */
enum { R_FLUX = BS_C_COUNT, R_MASS, R_COUNT };

VR_INLINE ptrdiff_t row_length(int n)
{
    return (ptrdiff_t)n + 2 * BS_GHOST + BS_LANES + 1;
}

VR_INLINE real *lane_row(real *scratch, int n, int which, int lane)
{
    return row_of(scratch, n, W_ROWS + which) + lane * row_length(n);
}

/* One lane: its faces and cells from the lower end to the upper. Largest Courant number. */
static real row_along(int n, const bs_air_flux *f, const bs_air_mass *air, int sides, int lane, real *scratch)
{
    enum { PIECE = 64 };
    real *row[R_COUNT], courant[PIECE + 1] = {0}, worst = 0;
    double *m = air->m + lane * air->stride, flux[PIECE + 1], before[PIECE + 2];
    for (int r = 0; r < R_COUNT; r++) row[r] = lane_row(scratch, n, r, lane);
    before[0] = air->low ? air->low[(BS_GHOST - 1) * BS_LANES + lane] : m[0];
    for (int first = 0; first < n; first += PIECE) {
        const int count = n - first < PIECE ? n - first : PIECE, last = first + count == n;
        fluxes(count + 1, f, lane * f->stride + first, flux);
        if (first == 0 && sides & BS_CUT_LOW) flux[0] = flux[1];
        if (last && sides & BS_CUT_HIGH) flux[count] = flux[count - 1];
        for (int i = 0; i < count; i++) before[1 + i] = m[first + i];
        before[1 + count] = air->high ? air->high[lane] : before[count]; /* of the last piece */
        faces(count + last, flux, before, before + 1, row[BS_C_ALPHA] + first, row[BS_C_BETA] + first, courant);
        cells(count, flux, flux + 1, before + 1, m + first, row[BS_C_INTO] + first, row[BS_C_BACK] + first,
              row[BS_C_RMASS] + first);
        to_real(count + last, flux, row[R_FLUX] + first);
        to_real(count, before + 1, row[R_MASS] + first);
        before[0] = before[count];
    }
    for (int i = 0; i <= PIECE; i++) worst = courant[i] > worst ? courant[i] : worst;
    return worst;
}

static void setup_along(int n, int lanes, const bs_air_flux *flux, const bs_air_mass *air, int sides, real *scratch,
                        bs_sweep *s)
{
    begin_setup(n, scratch, s);
    for (int l = 0; l < lanes; l++) s->is_long |= row_along(n, flux, air, sides, l, scratch) > 1;
    for (int l = lanes; l < BS_LANES; l++)
        for (int r = 0; r < R_COUNT; r++)
            for (int i = 0; i <= n; i++) lane_row(scratch, n, r, l)[i] = r == BS_C_RMASS || r == R_MASS;
    for (int l = 0; l < BS_LANES; l++) {
        s->low_flux[l] = lane_row(scratch, n, R_FLUX, l)[0];
        s->high_flux[l] = lane_row(scratch, n, R_FLUX, l)[n];
    }
    const ptrdiff_t row = row_length(n);
    for (int first = 0; first <= n;
         first += BS_LANES) { /* the last block may reach beyond the last face, where nobody looks */
        for (int c = 0; c < BS_C_COUNT; c++)
            block_in(lane_row(scratch, n, c, 0) + first, row, BS_LANES, coef_of(s, first, c), BS_C_COUNT * BS_LANES);
        if (!s->is_long) continue;
        block_in(lane_row(scratch, n, R_FLUX, 0) + first, row, BS_LANES, s->flux + (ptrdiff_t)first * BS_LANES,
                 BS_LANES);
        block_in(lane_row(scratch, n, R_MASS, 0) + first, row, BS_LANES, s->mass + (ptrdiff_t)first * BS_LANES,
                 BS_LANES);
    }
    end_setup(air, sides, s);
}
