#include "kernels/column/vdiff.h"
#include "kernels/base/clones.h"

#include <math.h>

#include "kernels/base/check.h"
#include "kernels/column/vdiff_solve.h"

#define TR_STEP   0.29289321881345247560 /* a/dt = 1 - 1/sqrt(2) */
#define TR_MEMORY 0.20710678118654752440 /* b = (sqrt(2) - 1)/2 */
#define TR_LIMIT  0.7                    /* of a lambda; below 1/sqrt(2) by more than float rounding */

typedef bs_vdiff_parts parts;

extern const bs_vdiff_kernels BS_VDIFF_PLAIN;
#if defined(__x86_64__)
extern const bs_vdiff_kernels BS_VDIFF_AVX2, BS_VDIFF_AVX512;
#endif

const bs_vdiff_kernels *bs_vdiff_kernels_for(bs_isa isa)
{
#if defined(__x86_64__)
    if (isa == BS_ISA_AVX512) return &BS_VDIFF_AVX512;
    if (isa == BS_ISA_AVX2) return &BS_VDIFF_AVX2;
#endif
    (void)isa;
    return &BS_VDIFF_PLAIN;
}

/* Fills up, carried and inverse, whose levels lie `level` apart and which lie `part` apart. S_k waits for its turn where 1/B_k goes. */
static inline __attribute__((always_inline)) void factorise(int n, bs_strip s, ptrdiff_t level, ptrdiff_t part,
                                                            const real *restrict mass, const real *restrict mix,
                                                            const real *restrict step, const real *restrict sink,
                                                            real *restrict factors)
{
    for (int i = 0; i < n; i++) factors[2 * part + i] = mass[i] + sink[i];
    for (int k = 0; k < s.nz - 1; k++) {
        real *restrict up = factors + k * level;
        real *restrict carried = up + part;
        real *restrict inverse = carried + part;
        const real *restrict m = mass + (k + 1) * s.stride, *restrict flow = mix + (k + 1) * s.stride;
        for (int i = 0; i < n; i++) {
            const real below = inverse[i], a = step[i] * flow[i], r = 1 / (a + below), w = a * r;
            up[i] = w;
            carried[i] = w * below;
            inverse[i] = r;
            inverse[level + i] = m[i] + w * below;
        }
    }
    real *restrict top = factors + (s.nz - 1) * level;
    for (int i = 0; i < n; i++) {
        top[i] = top[part + i] = 0;
        top[2 * part + i] = 1 / top[2 * part + i];
    }
}

static void sinks(int n, const real *restrict step, const real *restrict dep, real *restrict sink)
{
    for (int i = 0; i < n; i++) sink[i] = step[i] * dep[i];
}

/* x = weight (a e [k < n_emit] - [k = 0] a dep q_0) */
static void sources(bs_strip s, parts p, real weight, const real *restrict emission, int n_emit, const real *restrict q,
                    real *restrict x)
{
    for (int k = 0; k < s.nz; k++) {
        real *restrict row = x + k * s.stride;
        if (k < n_emit) {
            const real *restrict e = emission + k * s.stride;
            for (int i = 0; i < s.n; i++) row[i] = weight * (p.step[i] * e[i]);
        } else {
            for (int i = 0; i < s.n; i++) row[i] = 0;
        }
    }
    for (int i = 0; i < s.n; i++) x[i] -= weight * (p.sink[i] * q[i]);
}

BS_CLONES void bs_vdiff_factor_be(bs_strip s, double dt, const real *mass, const real *mix, const real *dep,
                                  real *factors)
{
    enum { BLOCK = BS_VDIFF_BLOCK };
    bs_assert(s.nz >= 1 && s.n <= s.stride && s.stride % BLOCK == 0 && dt > 0);
    real *sink = factors + 3 * s.nz * s.stride, *step = sink + s.stride;
    for (int i = 0; i < s.n; i++) step[i] = (real)dt;
    sinks(s.n, step, dep, sink);
    for (int c = 0; c < s.n; c += BLOCK) {
        real *out = factors + 3 * s.nz * (ptrdiff_t)c;
        if (s.n - c >= BLOCK)
            factorise(BLOCK, s, 3 * BLOCK, BLOCK, mass + c, mix + c, step + c, sink + c, out);
        else
            factorise(s.n - c, s, 3 * BLOCK, BLOCK, mass + c, mix + c, step + c, sink + c, out);
    }
}

void bs_vdiff_max_rate(bs_strip s, const real *restrict mass, const real *restrict mix, const real *restrict dep,
                       real *restrict rate)
{
    for (int i = 0; i < s.n; i++) rate[i] = 0;
    for (int k = 0; k < s.nz; k++) {
        const real *restrict m = mass + k * s.stride;
        const real *restrict lower = k > 0 ? mix + k * s.stride : dep;
        const real *restrict upper = mix + (k + 1) * s.stride; /* the top layer has none */
        for (int i = 0; i < s.n; i++) {
            const real r = (lower[i] + (k < s.nz - 1 ? upper[i] : 0)) / m[i];
            rate[i] = r > rate[i] ? r : rate[i];
        }
    }
}

int bs_vdiff_substeps(double dt, double rate)
{
    const double n = ceil(TR_STEP * dt * rate / TR_LIMIT);
    return n > 1 ? (int)n : 1;
}

BS_CLONES void bs_vdiff_factor_tr(bs_strip s, double dt, const real *mass, const real *mix, const real *dep,
                                  real *factors)
{
    bs_assert(s.nz >= 1 && s.n <= s.stride && dt > 0);
    real *sink = factors + 3 * s.nz * s.stride, *step = sink + s.stride, *count = step + s.stride;
    bs_vdiff_max_rate(s, mass, mix, dep, count);
    for (int i = 0; i < s.n; i++) {
        const int n = bs_vdiff_substeps(dt, (double)count[i]);
        count[i] = (real)n;
        step[i] = (real)(TR_STEP * dt / n);
    }
    sinks(s.n, step, dep, sink);
    factorise(s.n, s, s.stride, s.nz * s.stride, mass, mix, step, sink, factors);
}

/* q += live x, with what rounding lost kept in `low` for the next addition (Kahan 1965, Commun. ACM 8, 40): a substep may change q
 * by few of its last digits, always the same way, and hundreds of them would add up. Columns that have had their substeps keep q
 * to the bit: live is zero there. */
static void add(bs_strip s, parts p, int done, const real *restrict x, real *restrict q, real *restrict low)
{
    for (int k = 0; k < s.nz; k++) {
        const ptrdiff_t r = k * s.stride;
        for (int i = 0; i < s.n; i++) {
            const real live = p.count[i] > (real)done;
            const real change = live * (x[r + i] + low[r + i]);
            const real sum = q[r + i] + change;
            low[r + i] = live * (change - (sum - q[r + i]));
            q[r + i] = sum;
        }
    }
}

static void deposit(bs_strip s, parts p, int done, double weight, const real *restrict q, double *restrict deposited)
{
    for (int i = 0; i < s.n; i++) {
        const double live = (double)p.count[i] > done;
        deposited[i] += live * weight * (double)p.sink[i] * (double)q[i];
    }
}

static void substep(bs_strip s, parts p, int done, const real *restrict mass, const real *restrict emission, int n_emit,
                    real *restrict q, double *restrict deposited, real *restrict x, real *restrict low)
{
    deposit(s, p, done, 1 + TR_MEMORY, q, deposited);
    sources(s, p, 2, emission, n_emit, q, x);
    bs_vdiff_change(s, p, 2, q, x);
    add(s, p, done, x, q, low);
    deposit(s, p, done, 1 + TR_MEMORY, q, deposited);

    for (int k = 0; k < s.nz; k++) {
        const ptrdiff_t r = k * s.stride;
        for (int i = 0; i < s.n; i++) x[r + i] *= (real)TR_MEMORY * mass[r + i];
    }
    for (int k = 0; k < n_emit; k++) {
        const ptrdiff_t r = k * s.stride;
        for (int i = 0; i < s.n; i++) x[r + i] += p.step[i] * emission[r + i];
    }
    for (int i = 0; i < s.n; i++) x[i] -= p.sink[i] * q[i];
    bs_vdiff_change(s, p, 1, q, x);
    add(s, p, done, x, q, low);
    deposit(s, p, done, 1, q, deposited);
}

BS_CLONES void bs_vdiff_solve_tr(bs_strip s, const real *factors, const real *mass, const real *emission, int n_emit,
                                 real *q, double *deposited, real *scratch)
{
    bs_assert(n_emit >= 0 && n_emit <= s.nz);
    const parts p = bs_vdiff_parts_of(s, factors);
    real *low = scratch + s.nz * s.stride;
    for (int k = 0; k < s.nz; k++) {
        for (int i = 0; i < s.n; i++) low[k * s.stride + i] = 0;
    }
    int most = 1;
    for (int i = 0; i < s.n; i++) most = (int)p.count[i] > most ? (int)p.count[i] : most;
    for (int done = 0; done < most; done++) {
        substep(s, p, done, mass, emission, n_emit, q, deposited, scratch, low);
    }
}
