#include "kernels/advection/sweep.h"

#if defined(__SSE__) && !BS_DOUBLE
#include <xmmintrin.h>
#endif

static const bs_scheme_row SCHEMES[BS_SCHEME_COUNT] = {
#define BS_SCHEME(id, name, order, monotone, positive, linear, text) {name, order, monotone, positive, linear, text},
#include "kernels/advection/schemes.def"
#undef BS_SCHEME
};

const bs_scheme_row *bs_scheme_at(bs_scheme scheme)
{
    return &SCHEMES[scheme];
}

extern const bs_sweep_kernels BS_SWEEP_PLAIN;
#if defined(__x86_64__)
extern const bs_sweep_kernels BS_SWEEP_AVX2, BS_SWEEP_AVX512;
#endif

const bs_sweep_kernels *bs_sweep_kernels_for(bs_isa isa)
{
#if defined(__x86_64__)
    if (isa == BS_ISA_AVX512) return &BS_SWEEP_AVX512;
    if (isa == BS_ISA_AVX2) return &BS_SWEEP_AVX2;
#endif
    (void)isa;
    return &BS_SWEEP_PLAIN;
}

size_t bs_sweep_scratch_len(int n)
{
    size_t cells = (size_t)n + 2 * BS_GHOST + 2;
    return 15 * cells * BS_LANES;
}

void bs_bundle_transpose_in(int n, const real *src, ptrdiff_t lane_stride, int lanes, real *dst)
{
    int cell = 0;
#if defined(__SSE__) && !BS_DOUBLE
    if (lanes == BS_LANES) {
        for (; cell + 4 <= n; cell += 4)
            for (int lane = 0; lane < BS_LANES; lane += 4) {
                const real *s = src + lane * lane_stride + cell;
                __m128 a = _mm_loadu_ps(s), b = _mm_loadu_ps(s + lane_stride), c = _mm_loadu_ps(s + 2 * lane_stride),
                       d = _mm_loadu_ps(s + 3 * lane_stride);
                _MM_TRANSPOSE4_PS(a, b, c, d);
                real *t = dst + cell * BS_LANES + lane;
                _mm_storeu_ps(t, a);
                _mm_storeu_ps(t + BS_LANES, b);
                _mm_storeu_ps(t + 2 * BS_LANES, c);
                _mm_storeu_ps(t + 3 * BS_LANES, d);
            }
    }
#endif
    for (; cell < n; cell++)
        for (int lane = 0; lane < BS_LANES; lane++)
            dst[cell * BS_LANES + lane] = src[(lane < lanes ? lane : lanes - 1) * lane_stride + cell];
}

void bs_bundle_transpose_out(int n, const real *src, real *dst, ptrdiff_t lane_stride, int lanes)
{
    int cell = 0;
#if defined(__SSE__) && !BS_DOUBLE
    if (lanes == BS_LANES) {
        for (; cell + 4 <= n; cell += 4)
            for (int lane = 0; lane < BS_LANES; lane += 4) {
                const real *s = src + cell * BS_LANES + lane;
                __m128 a = _mm_loadu_ps(s), b = _mm_loadu_ps(s + BS_LANES), c = _mm_loadu_ps(s + 2 * BS_LANES),
                       d = _mm_loadu_ps(s + 3 * BS_LANES);
                _MM_TRANSPOSE4_PS(a, b, c, d);
                real *t = dst + lane * lane_stride + cell;
                _mm_storeu_ps(t, a);
                _mm_storeu_ps(t + lane_stride, b);
                _mm_storeu_ps(t + 2 * lane_stride, c);
                _mm_storeu_ps(t + 3 * lane_stride, d);
            }
    }
#endif
    for (; cell < n; cell++)
        for (int lane = 0; lane < lanes; lane++) dst[lane * lane_stride + cell] = src[cell * BS_LANES + lane];
}
