/* vec.h - the thin vector layer: a vector `vr` of VR_LANES reals and the few operations that kernels need.
 *
 * A kernel's source is written once against this header and compiled once per instruction set; the including file says
 * which by BS_VEC (512, 256 or 0: one lane, any machine). Each operation is the same IEEE operation in every variant;
 * vr_min, vr_max return the second argument when the first is NaN. vr_load_first and vr_store_first touch only the first `count` >= 0
 * elements of memory, at most VR_LANES; the other lanes are 0, and not stored. A mask is what comparisons give, and the sign bits of numbers:
 * vr_negative(a), vr_opposite(a, b) where they differ, vr_alike(a, b) where they do not; zeros have signs, too.
 *
 *   vr_clip(a, b)                  copysign(min(|a|, |b|), a)
 *   vr_within(a, b)                the same; b >= 0
 *   vr_size_within(a, b)           min(|a|, b); b >= 0
 *   vr_positive_part(a)            max(a, 0)
 *   vr_minmod_if(alike, a, b)      the smaller in magnitude of a and b, 0 where their signs differ, which `alike` says
 *   vr_slope(alike, a, b)          the smallest in magnitude of a + b, 4 a and 4 b, 0 where the signs of a and b differ
 *   vr_clip_opposite(m, a, b)      a, or -2 b if that is smaller in magnitude; 0 unless their signs differ, which m says
 *   vr_same(m, n), vr_differ(m, n) whether two masks agree; vr_either(m, a, b) m ? a : b, of masks
 *
 * Of two zeros the sign of what these return may differ between instruction sets. */
#ifndef BS_KERNELS_BASE_VEC_H
#define BS_KERNELS_BASE_VEC_H

#include <math.h>

#include "kernels/base/real.h"

#ifndef BS_VEC
#error "BS_VEC must be 512, 256 or 0"
#endif

#define VR_INLINE static inline __attribute__((always_inline))

#if BS_VEC > 0
#include <immintrin.h>
#endif

#if BS_VEC == 512 && !BS_DOUBLE
enum { VR_LANES = 16 };
typedef __m512 vr;
typedef __mmask16 vr_mask;
#define VR_(op)           _mm512_##op##_ps
#define VR_CMP(a, b, how) _mm512_cmp_ps_mask(a, b, how)
#define VR_BLEND(m, a, b) _mm512_mask_blend_ps(m, b, a)
#define VR_K(op)          _k##op##_mask16
#elif BS_VEC == 512
enum { VR_LANES = 8 };
typedef __m512d vr;
typedef __mmask8 vr_mask;
#define VR_(op)           _mm512_##op##_pd
#define VR_CMP(a, b, how) _mm512_cmp_pd_mask(a, b, how)
#define VR_BLEND(m, a, b) _mm512_mask_blend_pd(m, b, a)
#define VR_K(op)          _k##op##_mask8
#elif BS_VEC == 256 && !BS_DOUBLE
enum { VR_LANES = 8 };
typedef __m256 vr;
typedef __m256 vr_mask;
#define VR_(op)           _mm256_##op##_ps
#define VR_CMP(a, b, how) _mm256_cmp_ps(a, b, how)
#define VR_BLEND(m, a, b) _mm256_blendv_ps(b, a, m)
#elif BS_VEC == 256
enum { VR_LANES = 4 };
typedef __m256d vr;
typedef __m256d vr_mask;
#define VR_(op)           _mm256_##op##_pd
#define VR_CMP(a, b, how) _mm256_cmp_pd(a, b, how)
#define VR_BLEND(m, a, b) _mm256_blendv_pd(b, a, m)
#else
enum { VR_LANES = 1 };
typedef real vr;
typedef int vr_mask;
#endif

#if BS_VEC > 0
VR_INLINE vr vr_load(const real *p)
{
    return VR_(loadu)(p);
}
VR_INLINE void vr_store(real *p, vr a)
{
    VR_(storeu)(p, a);
}
VR_INLINE vr vr_set(real a)
{
    return VR_(set1)(a);
}
VR_INLINE vr vr_add(vr a, vr b)
{
    return VR_(add)(a, b);
}
VR_INLINE vr vr_sub(vr a, vr b)
{
    return VR_(sub)(a, b);
}
VR_INLINE vr vr_mul(vr a, vr b)
{
    return VR_(mul)(a, b);
}
VR_INLINE vr vr_div(vr a, vr b)
{
    return VR_(div)(a, b);
}
VR_INLINE vr vr_minus(vr a)
{
    return VR_(xor)(a, VR_(set1)((real)-0.0));
}
VR_INLINE vr vr_min(vr a, vr b)
{
    return VR_(min)(a, b);
}
VR_INLINE vr vr_max(vr a, vr b)
{
    return VR_(max)(a, b);
}
VR_INLINE vr vr_fma(vr a, vr b, vr c)
{
    return VR_(fmadd)(a, b, c);
} /* a b + c */
VR_INLINE vr vr_fnma(vr a, vr b, vr c)
{
    return VR_(fnmadd)(a, b, c);
} /* c - a b */
VR_INLINE vr_mask vr_gt(vr a, vr b)
{
    return VR_CMP(a, b, _CMP_GT_OQ);
}
VR_INLINE vr_mask vr_eq(vr a, vr b)
{
    return VR_CMP(a, b, _CMP_EQ_OQ);
}
VR_INLINE vr vr_select(vr_mask m, vr a, vr b)
{
    return VR_BLEND(m, a, b);
} /* m ? a : b */
#if BS_VEC == 512
VR_INLINE vr_mask vr_first(int count)
{
    return (vr_mask)(count < VR_LANES ? (1u << count) - 1 : (1u << VR_LANES) - 1);
}
VR_INLINE vr vr_load_first(const real *p, int count)
{
    return VR_(maskz_loadu)(vr_first(count), p);
}
VR_INLINE void vr_store_first(real *p, int count, vr a)
{
    VR_(mask_storeu)(p, vr_first(count), a);
}
VR_INLINE int vr_any(vr_mask m)
{
    return m != 0;
}
VR_INLINE vr vr_clip(vr a, vr b)
{
    return VR_(range)(a, b, 2); /* smaller magnitude, sign of the first */
}
VR_INLINE vr vr_within(vr a, vr b)
{
    return vr_clip(a, b);
}
VR_INLINE vr vr_size_within(vr a, vr b)
{
    return vr_clip(b, a);
}
VR_INLINE vr vr_positive_part(vr a)
{
    return vr_max(a, vr_set(0));
}
VR_INLINE vr vr_minmod_if(vr_mask alike, vr a, vr b)
{
    return VR_(maskz_range)(alike, a, b, 2);
}
VR_INLINE vr vr_slope(vr_mask alike, vr a, vr b)
{
    return vr_minmod_if(alike, vr_add(a, b), vr_mul(vr_set(4), vr_clip(a, b)));
}
VR_INLINE vr vr_clip_opposite(vr_mask opposite, vr a, vr b)
{
    return VR_(maskz_range)(opposite, a, VR_(add)(b, b), 2);
}
#if BS_DOUBLE
#define VR_BITS(a)     _mm512_castpd_si512(a)
#define VR_SIGNS(bits) _mm512_movepi64_mask(bits)
#else
#define VR_BITS(a)     _mm512_castps_si512(a)
#define VR_SIGNS(bits) _mm512_movepi32_mask(bits)
#endif
VR_INLINE vr_mask vr_negative(vr a)
{
    return VR_SIGNS(VR_BITS(a));
}
VR_INLINE vr_mask vr_opposite(vr a, vr b)
{
    return VR_SIGNS(_mm512_xor_si512(VR_BITS(a), VR_BITS(b)));
}
VR_INLINE vr_mask vr_alike(vr a, vr b)
{
    return VR_SIGNS(_mm512_ternarylogic_epi32(VR_BITS(a), VR_BITS(b), VR_BITS(b), 0xc3)); /* not (a xor b) */
}
VR_INLINE vr_mask vr_differ(vr_mask m, vr_mask n)
{
    return VR_K(xor)(m, n);
}
VR_INLINE vr_mask vr_same(vr_mask m, vr_mask n)
{
    return VR_K(xnor)(m, n);
}
VR_INLINE vr_mask vr_either(vr_mask m, vr_mask a, vr_mask b)
{
    return VR_K(or)(VR_K(and)(m, a), VR_K(andn)(m, b));
} /* m ? a : b */
VR_INLINE vr vr_fma_where(vr_mask m, vr a, vr b, vr c)
{
    return VR_(mask3_fmadd)(a, b, c, m);
} /* m ? a b + c : c */
VR_INLINE vr vr_fnma_unless(vr_mask m, vr a, vr b, vr c)
{
    return VR_(mask3_fnmadd)(a, b, c, VR_K(not )(m));
} /* m ? c : c - a b */
#else
#if BS_DOUBLE
VR_INLINE __m256i vr_first(int count)
{
    return _mm256_cmpgt_epi64(_mm256_set1_epi64x(count), _mm256_set_epi64x(3, 2, 1, 0));
}
#else
VR_INLINE __m256i vr_first(int count)
{
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(count), _mm256_set_epi32(7, 6, 5, 4, 3, 2, 1, 0));
}
#endif
VR_INLINE vr vr_load_first(const real *p, int count)
{
    return VR_(maskload)(p, vr_first(count));
}
VR_INLINE void vr_store_first(real *p, int count, vr a)
{
    VR_(maskstore)(p, vr_first(count), a);
}
VR_INLINE int vr_any(vr_mask m)
{
    return VR_(movemask)(m) != 0;
}
VR_INLINE vr_mask vr_negative(vr a)
{
    return a;
}
VR_INLINE vr_mask vr_opposite(vr a, vr b)
{
    return VR_(xor)(a, b);
}
VR_INLINE vr_mask vr_alike(vr a, vr b)
{
    return VR_(xor)(VR_(xor)(a, b), vr_set((real)-0.0));
}
VR_INLINE vr_mask vr_differ(vr_mask m, vr_mask n)
{
    return VR_(xor)(m, n);
}
VR_INLINE vr_mask vr_same(vr_mask m, vr_mask n)
{
    return VR_(xor)(VR_(xor)(m, n), vr_set((real)-0.0));
}
VR_INLINE vr_mask vr_either(vr_mask m, vr_mask a, vr_mask b)
{
    return VR_(blendv)(b, a, m);
}
VR_INLINE vr vr_fma_where(vr_mask m, vr a, vr b, vr c)
{
    return vr_select(m, vr_fma(a, b, c), c);
}
VR_INLINE vr vr_fnma_unless(vr_mask m, vr a, vr b, vr c)
{
    return vr_select(m, c, vr_fnma(a, b, c));
}
/* Minimum and maximum of two of which one has no sign: floats as integers, since the pipes of floating minima are those of additions, too;
 * of zeros the one with a sign is the smaller then. */
#if BS_DOUBLE
VR_INLINE vr vr_min_bits(vr a, vr b)
{
    return VR_(min)(a, b);
}
VR_INLINE vr vr_max_bits(vr a, vr b)
{
    return VR_(max)(a, b);
}
#else
VR_INLINE vr vr_min_bits(vr a, vr b)
{
    return _mm256_castsi256_ps(_mm256_min_epi32(_mm256_castps_si256(a), _mm256_castps_si256(b)));
}
VR_INLINE vr vr_max_bits(vr a, vr b)
{
    return _mm256_castsi256_ps(_mm256_max_epi32(_mm256_castps_si256(a), _mm256_castps_si256(b)));
}
#endif
VR_INLINE vr vr_clip(vr a, vr b)
{
    /* Of two zeros, floating minima and maxima return the second: a keeps its sign. */
    const vr sign = vr_set((real)-0.0), limit = VR_(andnot)(sign, b);
    return VR_(max)(VR_(or)(sign, b), vr_min_bits(limit, a));
}
VR_INLINE vr vr_within(vr a, vr b)
{
    return VR_(max)(VR_(xor)(vr_set((real)-0.0), b), vr_min_bits(b, a));
}
VR_INLINE vr vr_size_within(vr a, vr b)
{
    return vr_min_bits(VR_(andnot)(vr_set((real)-0.0), a), b);
}
VR_INLINE vr vr_positive_part(vr a)
{
    return vr_max_bits(a, VR_(setzero)());
}
/* The one in the middle of a, b and 0. */
VR_INLINE vr vr_minmod_if(vr_mask alike, vr a, vr b)
{
    (void)alike;
    const vr zero = VR_(setzero)();
    return VR_(max)(vr_min_bits(a, vr_max_bits(b, zero)), vr_min_bits(b, zero));
}
VR_INLINE vr vr_slope(vr_mask alike, vr a, vr b)
{
    (void)alike;
    const vr zero = VR_(setzero)(), four = vr_set(4);
    const vr most = vr_mul(four, vr_max_bits(vr_min(a, b), zero)),
             least = vr_mul(four, vr_min_bits(vr_max(a, b), zero));
    return VR_(max)(vr_min_bits(vr_add(a, b), most), least);
}
VR_INLINE vr vr_clip_opposite(vr_mask opposite, vr a, vr b)
{
    return vr_minmod_if(opposite, a, vr_mul(vr_set(-2), b));
}
#endif
#else
VR_INLINE vr vr_load(const real *p)
{
    return *p;
}
VR_INLINE void vr_store(real *p, vr a)
{
    *p = a;
}
VR_INLINE vr vr_load_first(const real *p, int count)
{
    return count > 0 ? *p : 0;
}
VR_INLINE void vr_store_first(real *p, int count, vr a)
{
    if (count > 0) *p = a;
}
VR_INLINE vr vr_set(real a)
{
    return a;
}
VR_INLINE vr vr_add(vr a, vr b)
{
    return a + b;
}
VR_INLINE vr vr_sub(vr a, vr b)
{
    return a - b;
}
VR_INLINE vr vr_mul(vr a, vr b)
{
    return a * b;
}
VR_INLINE vr vr_div(vr a, vr b)
{
    return a / b;
}
VR_INLINE vr vr_minus(vr a)
{
    return -a;
}
VR_INLINE vr vr_min(vr a, vr b)
{
    return a < b ? a : b;
}
VR_INLINE vr vr_max(vr a, vr b)
{
    return a > b ? a : b;
}
#if BS_DOUBLE
VR_INLINE vr vr_fma(vr a, vr b, vr c)
{
    return fma(a, b, c);
}
VR_INLINE vr vr_fnma(vr a, vr b, vr c)
{
    return fma(-a, b, c);
}
#else
VR_INLINE vr vr_fma(vr a, vr b, vr c)
{
    return fmaf(a, b, c);
}
VR_INLINE vr vr_fnma(vr a, vr b, vr c)
{
    return fmaf(-a, b, c);
}
#endif
VR_INLINE vr_mask vr_gt(vr a, vr b)
{
    return a > b;
}
VR_INLINE vr_mask vr_eq(vr a, vr b)
{
    return a == b;
}
VR_INLINE vr vr_select(vr_mask m, vr a, vr b)
{
    return m ? a : b;
}
VR_INLINE int vr_any(vr_mask m)
{
    return m;
}
VR_INLINE vr_mask vr_negative(vr a)
{
    return signbit(a) != 0;
}
VR_INLINE vr_mask vr_opposite(vr a, vr b)
{
    return (signbit(a) != 0) != (signbit(b) != 0);
}
VR_INLINE vr_mask vr_alike(vr a, vr b)
{
    return !vr_opposite(a, b);
}
VR_INLINE vr_mask vr_differ(vr_mask m, vr_mask n)
{
    return m != n;
}
VR_INLINE vr_mask vr_same(vr_mask m, vr_mask n)
{
    return m == n;
}
VR_INLINE vr_mask vr_either(vr_mask m, vr_mask a, vr_mask b)
{
    return m ? a : b;
}
VR_INLINE vr vr_fma_where(vr_mask m, vr a, vr b, vr c)
{
    return m ? vr_fma(a, b, c) : c;
}
VR_INLINE vr vr_fnma_unless(vr_mask m, vr a, vr b, vr c)
{
    return m ? c : vr_fnma(a, b, c);
}
#if BS_DOUBLE
VR_INLINE vr vr_clip(vr a, vr b)
{
    return copysign(vr_min(fabs(a), fabs(b)), a);
}
#else
VR_INLINE vr vr_clip(vr a, vr b)
{
    return copysignf(vr_min(fabsf(a), fabsf(b)), a);
}
#endif
VR_INLINE vr vr_within(vr a, vr b)
{
    return vr_clip(a, b);
}
VR_INLINE vr vr_size_within(vr a, vr b)
{
    return vr_clip(b, a);
}
VR_INLINE vr vr_positive_part(vr a)
{
    return vr_max(a, 0);
}
VR_INLINE vr vr_minmod_if(vr_mask alike, vr a, vr b)
{
    return alike ? vr_clip(a, b) : 0;
}
VR_INLINE vr vr_slope(vr_mask alike, vr a, vr b)
{
    return vr_minmod_if(alike, a + b, 4 * vr_clip(a, b));
}
VR_INLINE vr vr_clip_opposite(vr_mask opposite, vr a, vr b)
{
    return opposite ? vr_clip(a, 2 * b) : 0;
}
#endif

#endif
