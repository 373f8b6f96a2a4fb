#include "kernels/advection/sweep_adjoint.h"

#include <string.h>

#include "kernels/base/check.h"
#include "kernels/base/clones.h"

/* Rows of scratch, indexed from -MARGIN: what each stage gathers at faces or cells. */
enum { JUMP, RIGHT, LEFT, VALUE, EDGE, DIFFERENCE, ROWS };
enum { MARGIN = BS_GHOST + 3 };

static size_t row_length(int n)
{
    return ((size_t)n + 2 * MARGIN + 1) * BS_LANES;
}

size_t bs_sweep_adjoint_scratch_len(int n)
{
    return ROWS * row_length(n);
}

/* Face or cell 0 of a row. */
static real *row_of(real *scratch, int n, int which)
{
    return scratch + (size_t)which * row_length(n) + MARGIN * BS_LANES;
}

BS_CLONES void bs_sweep_adjoint_air(int n, int lanes, const bs_air_flux *flux, const bs_air_mass *air, int across,
                                    real *restrict flux_out, real *restrict inverse)
{
    const ptrdiff_t face = across ? flux->stride : 1, face_lane = across ? 1 : flux->stride;
    const ptrdiff_t cell = across ? air->stride : 1, cell_lane = across ? 1 : air->stride;
    for (int i = 0; i <= n; i++)
        for (int l = 0; l < BS_LANES; l++) {
            const ptrdiff_t f = i * face + l * face_lane, c = i * cell + l * cell_lane;
            const int used = l < lanes;
            flux_out[i * BS_LANES + l] = used ? (real)(flux->w0 * flux->f0[f] + flux->w1 * flux->f1[f]) : 0;
            if (i < n) inverse[i * BS_LANES + l] = used ? (real)(1 / air->m[c]) : 1;
        }
}

/* JUMP: s'_f - s'_{f-1}; nothing beyond the ends. */
static void jumps(int n, const real *restrict s, ptrdiff_t stride, real *restrict jump)
{
    for (int l = 0; l < BS_LANES; l++) {
        jump[l] = s[l];
        jump[(ptrdiff_t)n * BS_LANES + l] = -s[(n - 1) * stride + l];
    }
    for (ptrdiff_t f = 1; f < n; f++)
        for (int l = 0; l < BS_LANES; l++) jump[f * BS_LANES + l] = s[f * stride + l] - s[(f - 1) * stride + l];
}

/* ---- from jumps to what is asked of values and edges: donors next to their faces ---- */

static void short_values(int n, const real *restrict flux, const real *restrict jump, real *restrict value)
{
    const real *last = flux + (ptrdiff_t)n * BS_LANES, *last_jump = jump + (ptrdiff_t)n * BS_LANES;
    for (int l = 0; l < BS_LANES; l++) {
        value[l - BS_LANES] = (flux[l] > 0 ? flux[l] : 0) * jump[l];
        value[(ptrdiff_t)n * BS_LANES + l] = (last[l] < 0 ? last[l] : 0) * last_jump[l];
    }
    for (ptrdiff_t c = 0; c < n; c++) {
        const real *west = flux + c * BS_LANES, *east = west + BS_LANES, *jump_w = jump + c * BS_LANES;
        for (int l = 0; l < BS_LANES; l++)
            value[c * BS_LANES + l] =
                (east[l] > 0 ? east[l] : 0) * jump_w[BS_LANES + l] + (west[l] < 0 ? west[l] : 0) * jump_w[l];
    }
}

/* edges: what alpha and beta are divided by. */
static void short_edges(int n, real edges, const bs_sweep *s, const real *restrict flux, const real *restrict jump,
                        real *restrict right, real *restrict left)
{
    const int together = s->together;
    for (ptrdiff_t c = 0; c < n; c++)
        for (int first = 0; first < BS_LANES; first += together) {
            const real *alpha_w = bs_sweep_coef(s, c, BS_C_ALPHA, first),
                       *beta_w = bs_sweep_coef(s, c, BS_C_BETA, first);
            const real *alpha_e = bs_sweep_coef(s, c + 1, BS_C_ALPHA, first),
                       *beta_e = bs_sweep_coef(s, c + 1, BS_C_BETA, first);
            const ptrdiff_t at = c * BS_LANES + first;
            const real *west = flux + at, *jump_w = jump + at;
            for (int l = 0; l < together; l++) {
                const real out_w = west[l] < 0 ? edges * jump_w[l] : 0;
                const real out_e = west[BS_LANES + l] > 0 ? edges * jump_w[BS_LANES + l] : 0;
                right[at + l] = alpha_e[l] * out_e + beta_w[l] * out_w;
                left[at + l] = beta_e[l] * out_e + alpha_w[l] * out_w;
            }
        }
}

/* ---- the same where a face may take its air from farther away ---- */

static void long_face(int parabola, real edges, const bs_sweep *s, int f, int lane, real flux, real jump, real *value,
                      real *right, real *left)
{
    const ptrdiff_t at = (ptrdiff_t)f * BS_LANES + lane;
    const int forward = flux > 0, step = forward ? -1 : 1;
    int cell = forward ? f - 1 : f;
    for (int whole = s->shift[at]; whole > 0; whole--, cell += step) {
        const real mass = s->mass[(ptrdiff_t)cell * BS_LANES + lane];
        value[(ptrdiff_t)cell * BS_LANES + lane] += (forward ? mass : -mass) * jump;
    }
    value[(ptrdiff_t)cell * BS_LANES + lane] += s->rest[at] * jump;
    if (!parabola || cell < 0 || cell >= s->n) return; /* air from beyond a side carries its mean */
    const real near = edges * *bs_sweep_coef(s, f, BS_C_ALPHA, lane) * jump;
    const real far = edges * *bs_sweep_coef(s, f, BS_C_BETA, lane) * jump;
    right[(ptrdiff_t)cell * BS_LANES + lane] += forward ? near : far;
    left[(ptrdiff_t)cell * BS_LANES + lane] += forward ? far : near;
}

/* ---- from edges to differences to values ---- */

/* EDGE and the edges' own part of DIFFERENCE, then e_f = [7 (d_{f-1} - d_{f+1}) - (d_{f-2} - d_{f+2})] / 60 transposed. */
static void differences(int n, const real *restrict right, const real *restrict left, real *restrict edge,
                        real *restrict difference)
{
    const real sixtieth = (real)(1.0 / 60.0);
    for (ptrdiff_t at = -4 * BS_LANES; at < 0; at++) edge[at] = 0;
    for (ptrdiff_t at = (n + 1) * (ptrdiff_t)BS_LANES; at < (n + 5) * (ptrdiff_t)BS_LANES; at++) edge[at] = 0;
    for (ptrdiff_t at = 0; at < (n + 1) * (ptrdiff_t)BS_LANES; at++) edge[at] = right[at - BS_LANES] + left[at];
    for (ptrdiff_t at = -2 * BS_LANES; at < (n + 3) * (ptrdiff_t)BS_LANES; at++) {
        const real near = edge[at + BS_LANES] - edge[at - BS_LANES];
        const real far = edge[at + 2 * BS_LANES] - edge[at - 2 * BS_LANES];
        difference[at] = (7 * near - far) * sixtieth;
    }
    for (ptrdiff_t at = 0; at < (n + 1) * (ptrdiff_t)BS_LANES; at++)
        difference[at] += (real)0.5 * (right[at - BS_LANES] - left[at]);
}

static void spread(int n, const real *restrict difference, real *restrict value)
{
    for (ptrdiff_t at = -3 * BS_LANES; at < (n + 3) * (ptrdiff_t)BS_LANES; at++) {
        const real low = at >= -2 * BS_LANES ? difference[at] : 0;
        const real high = at < (n + 2) * (ptrdiff_t)BS_LANES ? difference[at + BS_LANES] : 0;
        value[at] += low - high;
    }
}

/* What was asked of the cells beyond one end: `end` its first cell inside, `out` one cell outward. */
static void fold(int n, const real *through, int into, real *end, ptrdiff_t out, double *inflow)
{
    for (int l = 0; l < BS_LANES; l++) {
        real sum = 0, moment = 0;
        for (int g = 1; g <= BS_GHOST; g++) {
            sum += end[g * out + l];
            moment += (real)g * end[g * out + l];
        }
        const int enters = inflow && (into > 0 ? through[l] > 0 : through[l] < 0);
        if (inflow) inflow[l] = enters ? (double)sum : 0;
        if (enters) continue;
        end[l] += sum;
        if (n == 1) continue;
        end[l] += moment;
        end[l - out] -= moment;
    }
}

static void update(int n, const real *restrict value, const real *restrict inverse, real *restrict s, ptrdiff_t stride)
{
    for (ptrdiff_t c = 0; c < n; c++)
        for (int l = 0; l < BS_LANES; l++) s[c * stride + l] += value[c * BS_LANES + l] * inverse[c * BS_LANES + l];
}

BS_CLONES void bs_sweep_adjoint(bs_scheme scheme, const bs_sweep *sweep, const real *flux, const real *inverse, real *s,
                                ptrdiff_t stride, double *inflow, real *scratch)
{
    bs_assert((scheme == BS_PPM6_LIN || scheme == BS_UPWIND1) && sweep->scheme == scheme);
    const int n = sweep->n, parabola = scheme == BS_PPM6_LIN;
    const real edges = (real)bs_scheme_at(scheme)->edges;
    real *jump = row_of(scratch, n, JUMP), *right = row_of(scratch, n, RIGHT), *left = row_of(scratch, n, LEFT),
         *value = row_of(scratch, n, VALUE);
    memset(scratch + RIGHT * row_length(n), 0, 3 * row_length(n) * sizeof(real));
    jumps(n, s, stride, jump);
    if (sweep->is_long) {
        for (int f = 0; f <= n; f++)
            for (int l = 0; l < BS_LANES; l++) {
                const ptrdiff_t at = (ptrdiff_t)f * BS_LANES + l;
                long_face(parabola, edges, sweep, f, l, flux[at], jump[at], value, right, left);
            }
    } else {
        short_values(n, flux, jump, value);
        if (parabola) short_edges(n, edges, sweep, flux, jump, right, left);
    }
    if (parabola) {
        differences(n, right, left, row_of(scratch, n, EDGE), row_of(scratch, n, DIFFERENCE));
        spread(n, row_of(scratch, n, DIFFERENCE), value);
    }
    fold(n, sweep->low_flux, 1, value, -BS_LANES, inflow);
    fold(n, sweep->high_flux, -1, value + (ptrdiff_t)(n - 1) * BS_LANES, BS_LANES, inflow ? inflow + BS_LANES : NULL);
    update(n, value, inverse, s, stride);
}
