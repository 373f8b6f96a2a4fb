/* peak_generic.h - the one source of peak.h's kernels, compiled once per instruction set (BS_VEC, vec.h) as the table BS_PEAK_NAME. */
#include "kernels/bench/peak.h"
#include "kernels/base/vec.h"

static void peak_fma(long n, real a, real b, real *x)
{
    vr chain[BS_PEAK_CHAINS];
    const vr va = vr_set(a), vb = vr_set(b);
    for (int c = 0; c < BS_PEAK_CHAINS; c++) chain[c] = vr_load(x + c * VR_LANES);
    for (long i = 0; i < n; i++)
        for (int c = 0; c < BS_PEAK_CHAINS; c++) chain[c] = vr_fma(va, chain[c], vb);
    for (int c = 0; c < BS_PEAK_CHAINS; c++) vr_store(x + c * VR_LANES, chain[c]);
}

static void peak_triad(long n, real s, const real *restrict b, const real *restrict c, real *restrict out)
{
    const vr vs = vr_set(s);
    for (long i = 0; i < n; i += VR_LANES) vr_store(out + i, vr_fma(vs, vr_load(c + i), vr_load(b + i)));
}

static void peak_update(long n, real s, real t, real *x)
{
    const vr vs = vr_set(s), vt = vr_set(t);
    for (long i = 0; i < n; i += VR_LANES) vr_store(x + i, vr_fma(vs, vr_load(x + i), vt));
}

extern const bs_peak_kernels BS_PEAK_NAME;
const bs_peak_kernels BS_PEAK_NAME = {.lanes = VR_LANES, .fma = peak_fma, .triad = peak_triad, .update = peak_update};
