#include "kernels/column/acm2.h"

#include <math.h>
#include <stdbool.h>

#include "kernels/base/check.h"
#include "kernels/base/clones.h"
#include "kernels/base/constants.h"

double bs_acm2_share(double h_over_l)
{
    if (!(h_over_l < 0)) return 0;
    return 1 / (1 + cbrt(BS_VON_KARMAN / -h_over_l) / (0.72 * BS_VON_KARMAN));
}

BS_CLONES void bs_acm2_split(bs_strip s, const real *restrict mass, const real *restrict share,
                             const real *restrict pbl_air, real *restrict mix, real *restrict up)
{
    const ptrdiff_t top = s.nz * s.stride;
    for (int i = 0; i < s.n; i++) up[top + i] = up[i] = 0;
    if (s.nz < 2) return;
    for (int i = 0; i < s.n; i++) {
        const real left = pbl_air[i] - mass[i];
        up[s.stride + i] = left > 0 ? left : 0;
        up[i] = left > 0 ? share[i] * mix[s.stride + i] / left : 0; /* up_k over what is left of the boundary layer */
    }
    for (int k = 1; k < s.nz; k++) {
        real *restrict here = up + k * s.stride, *restrict next = here + s.stride, *restrict local = mix + k * s.stride;
        const real *restrict m = mass + k * s.stride;
        for (int i = 0; i < s.n; i++) {
            const real left = here[i] - m[i];
            next[i] = left > 0 ? left : 0;
            local[i] *= here[i] > 0 ? 1 - share[i] : 1;
            here[i] *= up[i];
        }
    }
    for (int i = 0; i < s.n; i++) up[top + i] = up[i] = 0;
}

/* Where the parts of `factors` begin, behind c_k [nz+1] (row 0 is not used): rows lie a stride apart, row nz of c and R is zero. */
typedef struct layout {
    ptrdiff_t held;    /* [nz+1] R_k */
    ptrdiff_t local;   /* [nz] alpha_k */
    ptrdiff_t plume;   /* [nz] beta_k */
    ptrdiff_t inverse; /* [nz] 1/B_k, 1/R_0 */
    ptrdiff_t lowest;  /* m_0 */
    ptrdiff_t sink;    /* dt dep, kg m-2 */
    ptrdiff_t step;    /* one element: dt, s */
    ptrdiff_t reach;   /* one element: from this layer on beta is zero in all columns */
    ptrdiff_t t, b;    /* while factoring: T_k and B_k beta_k of the row at hand */
} layout;

static layout layout_of(bs_strip s)
{
    const ptrdiff_t field = s.nz * s.stride, row = s.stride;
    return (layout){.held = field + row,
                    .local = 2 * field + 2 * row,
                    .plume = 3 * field + 2 * row,
                    .inverse = 4 * field + 2 * row,
                    .lowest = 5 * field + 2 * row,
                    .sink = 5 * field + 3 * row,
                    .step = 5 * field + 4 * row,
                    .reach = 5 * field + 5 * row,
                    .t = 5 * field + 6 * row,
                    .b = 5 * field + 7 * row};
}

/* The first layer >= 1 that no plume enters. */
static int reach_of(bs_strip s, const real *up)
{
    int k = 1;
    for (int i = 0; k < s.nz && i < s.n;) {
        if (up[k * s.stride + i] > 0) {
            k++; /* columns to the left have none here nor above */
        } else {
            i++;
        }
    }
    return k;
}

/* Layer k >= 1 from the one above. Each loop has few pointers: the compiler checks their overlap and makes vectors of it. */
static void factor_layer(bs_strip s, int k, real dt, const real *mass, const real *mix, const real *up, real *factors)
{
    const layout l = layout_of(s);
    const ptrdiff_t top = s.nz * s.stride, r = k * s.stride, o = r + s.stride;
    const real *up_above = k == s.nz - 1 ? factors + top : up + o, *c = factors + o;
    real *t = factors + l.t, *b = factors + l.b, *held = factors + l.held, *down = factors;
    real *local = factors + l.local, *plume = factors + l.plume, *inverse = factors + l.inverse;
    for (int i = 0; i < s.n; i++) {
        const real stays = dt * up[r + i] - dt * up_above[i];
        t[i] = mass[r + i] + stays + c[i] * t[i];
        b[i] = stays + c[i] * b[i];
    }
    for (int i = 0; i < s.n; i++) held[r + i] = mass[r + i] + c[i] * held[o + i];
    for (int i = 0; i < s.n; i++) {
        const real a = dt * mix[r + i];
        inverse[r + i] = 1 / (a + t[i]);
        local[r + i] = a * inverse[r + i];
    }
    for (int i = 0; i < s.n; i++) {
        down[r + i] = (dt * mix[r + i] + dt * up[r + i]) * inverse[r + i];
        plume[r + i] = b[i] * inverse[r + i];
    }
}

BS_CLONES void bs_acm2_factor(bs_strip s, double dt, const real *mass, const real *mix, const real *up, const real *dep,
                              real *factors)
{
    bs_assert(s.nz >= 1 && s.n <= s.stride && dt > 0);
    const layout l = layout_of(s);
    const ptrdiff_t top = s.nz * s.stride;
    real *held = factors + l.held, *inverse = factors + l.inverse, *lowest = factors + l.lowest,
         *sink = factors + l.sink;
    for (int i = 0; i < s.n; i++) {
        factors[top + i] = factors[l.held + top + i] = factors[l.t + i] = factors[l.b + i] = 0;
    }
    for (int k = s.nz - 1; k > 0; k--) factor_layer(s, k, (real)dt, mass, mix, up, factors);
    factors[l.reach] = (real)reach_of(s, up);
    factors[l.step] = (real)dt;
    const real *c = factors + s.stride;
    for (int i = 0; i < s.n; i++) {
        lowest[i] = mass[i];
        sink[i] = (real)dt * dep[i];
        held[i] = mass[i] + sink[i] + c[i] * held[s.stride + i];
    }
    for (int i = 0; i < s.n; i++) inverse[i] = 1 / held[i];
}

/* x_k = G_k, k >= 1 */
static void gather(bs_strip s, const real *factors, const real *restrict emission, int n_emit, const real *restrict q,
                   real *restrict x)
{
    const layout l = layout_of(s);
    const real *down = factors, *held = factors + l.held, dt = factors[l.step];
    for (int k = s.nz - 1; k > 0; k--) {
        const ptrdiff_t r = k * s.stride, o = r + s.stride;
        if (k == s.nz - 1) {
            for (int i = 0; i < s.n; i++) x[r + i] = 0;
        } else {
            for (int i = 0; i < s.n; i++) x[r + i] = down[o + i] * (x[o + i] + held[o + i] * (q[o + i] - q[r + i]));
        }
        if (k >= n_emit) continue;
        for (int i = 0; i < s.n; i++) x[r + i] += dt * emission[r + i];
    }
}

/* x_0 = q'_0 - r, q_0 = r. All layers are fed from q'_0. Where it keeps less than half of what the layer held, q_0 + d_0 would carry
 * the rounding of the rest, and r is the smaller of q_0 and q_1; elsewhere r = q_0. */
static void lowest(bs_strip s, const real *factors, const real *restrict emission, int n_emit, real *restrict q,
                   real *restrict x)
{
    const layout l = layout_of(s);
    const ptrdiff_t o = s.stride;
    const real *mass = factors + l.lowest, *inverse = factors + l.inverse, *sink = factors + l.sink;
    const real *down = factors, *held = factors + l.held, dt = factors[l.step];
    if (s.nz > 1) {
        for (int i = 0; i < s.n; i++) {
            const bool replaced = 2 * mass[i] * inverse[i] < 1;
            const real r = replaced && q[o + i] < q[i] ? q[o + i] : q[i];
            x[i] = mass[i] * (q[i] - r);
            q[i] = r;
        }
        for (int i = 0; i < s.n; i++) x[i] += down[o + i] * (x[o + i] + held[o + i] * (q[o + i] - q[i]));
    } else {
        for (int i = 0; i < s.n; i++) x[i] = 0;
    }
    if (n_emit > 0) {
        for (int i = 0; i < s.n; i++) x[i] += dt * emission[i];
    }
    for (int i = 0; i < s.n; i++) x[i] = inverse[i] * (x[i] - sink[i] * q[i]);
}

/* x_k = d_k from G_k, k >= 1; d_0 and the old q_0 appear as the sum q'_0 alone */
static void spread(bs_strip s, const real *restrict factors, const real *restrict q, real *restrict x)
{
    const layout l = layout_of(s);
    const real *restrict local = factors + l.local, *restrict plume = factors + l.plume,
                         *restrict inverse = factors + l.inverse;
    const int reach = (int)factors[l.reach];
    for (int k = 1; k < reach; k++) {
        const ptrdiff_t r = k * s.stride, u = r - s.stride;
        for (int i = 0; i < s.n; i++) {
            x[r + i] = local[r + i] * (x[u + i] - (q[r + i] - q[u + i])) + inverse[r + i] * x[r + i] +
                       plume[r + i] * (x[i] - (q[r + i] - q[i]));
        }
    }
    for (int k = reach; k < s.nz; k++) { /* the same to the bit where beta is zero */
        const ptrdiff_t r = k * s.stride, u = r - s.stride;
        for (int i = 0; i < s.n; i++) {
            x[r + i] = local[r + i] * (x[u + i] - (q[r + i] - q[u + i])) + inverse[r + i] * x[r + i];
        }
    }
}

BS_CLONES void bs_acm2_solve(bs_strip s, const real *factors, const real *emission, int n_emit, real *q,
                             double *deposited, real *scratch)
{
    bs_assert(n_emit >= 0 && n_emit <= s.nz);
    const real *sink = factors + layout_of(s).sink;
    gather(s, factors, emission, n_emit, q, scratch);
    lowest(s, factors, emission, n_emit, q, scratch);
    spread(s, factors, q, scratch);
    for (int k = 0; k < s.nz; k++) {
        for (int i = 0; i < s.n; i++) q[k * s.stride + i] += scratch[k * s.stride + i];
    }
    for (int i = 0; i < s.n; i++) deposited[i] += (double)sink[i] * (double)q[i];
}
