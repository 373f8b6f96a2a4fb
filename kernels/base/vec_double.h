/* vec_double.h - `vd`, a vector of VR_LANES doubles beside the `vr` of vec.h: air is carried in double and rounded once it has become a
 * coefficient. Each operation is the same IEEE operation in every variant; nothing is fused. */
#ifndef BS_KERNELS_BASE_VEC_DOUBLE_H
#define BS_KERNELS_BASE_VEC_DOUBLE_H

#include "kernels/base/vec.h"

#if BS_VEC == 512
typedef __m512d vd_part;
enum { VD_WIDTH = 8 };
#define VD_(op) _mm512_##op##_pd
#elif BS_VEC == 256
typedef __m256d vd_part;
enum { VD_WIDTH = 4 };
#define VD_(op) _mm256_##op##_pd
#else
typedef double vd_part;
enum { VD_WIDTH = 1 };
#endif

/* ---- one register ---- */

#if BS_VEC > 0
VR_INLINE vd_part vdp_load(const double *p)
{
    return VD_(loadu)(p);
}
VR_INLINE void vdp_store(double *p, vd_part a)
{
    VD_(storeu)(p, a);
}
VR_INLINE vd_part vdp_set(double a)
{
    return VD_(set1)(a);
}
VR_INLINE vd_part vdp_add(vd_part a, vd_part b)
{
    return VD_(add)(a, b);
}
VR_INLINE vd_part vdp_sub(vd_part a, vd_part b)
{
    return VD_(sub)(a, b);
}
VR_INLINE vd_part vdp_mul(vd_part a, vd_part b)
{
    return VD_(mul)(a, b);
}
#else
VR_INLINE vd_part vdp_load(const double *p)
{
    return *p;
}
VR_INLINE void vdp_store(double *p, vd_part a)
{
    *p = a;
}
VR_INLINE vd_part vdp_set(double a)
{
    return a;
}
VR_INLINE vd_part vdp_add(vd_part a, vd_part b)
{
    return a + b;
}
VR_INLINE vd_part vdp_sub(vd_part a, vd_part b)
{
    return a - b;
}
VR_INLINE vd_part vdp_mul(vd_part a, vd_part b)
{
    return a * b;
}
#endif

/* The first `count` from memory, which is not touched beyond them; `idle` in the rest. vdp_follow: the last of `before`, then all but
 * the last of `here`. */
#if BS_VEC == 512
VR_INLINE __mmask8 vdp_first(int count)
{
    return (__mmask8)(count <= 0 ? 0 : count >= 8 ? 0xff : (1 << count) - 1);
}
VR_INLINE vd_part vdp_load_first(const double *p, int count, double idle)
{
    return _mm512_mask_loadu_pd(_mm512_set1_pd(idle), vdp_first(count), p);
}
VR_INLINE void vdp_store_first(double *p, int count, vd_part a)
{
    _mm512_mask_storeu_pd(p, vdp_first(count), a);
}
VR_INLINE vd_part vdp_follow(vd_part before, vd_part here)
{
    return _mm512_castsi512_pd(_mm512_alignr_epi64(_mm512_castpd_si512(here), _mm512_castpd_si512(before), 7));
}
#elif BS_VEC == 256
VR_INLINE __m256i vdp_first(int count)
{
    return _mm256_cmpgt_epi64(_mm256_set1_epi64x(count), _mm256_set_epi64x(3, 2, 1, 0));
}
VR_INLINE vd_part vdp_load_first(const double *p, int count, double idle)
{
    const __m256i m = vdp_first(count);
    return _mm256_blendv_pd(_mm256_set1_pd(idle), _mm256_maskload_pd(p, m), _mm256_castsi256_pd(m));
}
VR_INLINE void vdp_store_first(double *p, int count, vd_part a)
{
    _mm256_maskstore_pd(p, vdp_first(count), a);
}
VR_INLINE vd_part vdp_follow(vd_part before, vd_part here)
{
    const __m256d across = _mm256_permute2f128_pd(before, here, 0x21); /* upper half of before, lower of here */
    return _mm256_shuffle_pd(across, here, 0x5);
}
#else
VR_INLINE vd_part vdp_load_first(const double *p, int count, double idle)
{
    return count > 0 ? *p : idle;
}
VR_INLINE void vdp_store_first(double *p, int count, vd_part a)
{
    if (count > 0) *p = a;
}
VR_INLINE vd_part vdp_follow(vd_part before, vd_part here)
{
    (void)here;
    return before;
}
#endif

/* ---- as many as a vr has ---- */

enum { VD_PARTS = VR_LANES / VD_WIDTH };
_Static_assert(VD_PARTS == 1 || VD_PARTS == 2, "one register or two");

typedef struct vd {
    vd_part low, high; /* high: of two */
} vd;

VR_INLINE vd vd_load(const double *p)
{
    const vd_part low = vdp_load(p);
    return (vd){low, VD_PARTS == 2 ? vdp_load(p + VD_WIDTH) : low};
}
VR_INLINE vd vd_load_first(const double *p, int count, double idle)
{
    const vd_part low = vdp_load_first(p, count, idle);
    return (vd){low, VD_PARTS == 2 ? vdp_load_first(p + VD_WIDTH, count - VD_WIDTH, idle) : low};
}
VR_INLINE void vd_store(double *p, vd a)
{
    vdp_store(p, a.low);
    if (VD_PARTS == 2) vdp_store(p + VD_WIDTH, a.high);
}
VR_INLINE void vd_store_first(double *p, int count, vd a)
{
    vdp_store_first(p, count, a.low);
    if (VD_PARTS == 2) vdp_store_first(p + VD_WIDTH, count - VD_WIDTH, a.high);
}
VR_INLINE vd vd_set(double a)
{
    return (vd){vdp_set(a), vdp_set(a)};
}
VR_INLINE vd vd_add(vd a, vd b)
{
    return (vd){vdp_add(a.low, b.low), vdp_add(a.high, b.high)};
}
VR_INLINE vd vd_sub(vd a, vd b)
{
    return (vd){vdp_sub(a.low, b.low), vdp_sub(a.high, b.high)};
}
VR_INLINE vd vd_mul(vd a, vd b)
{
    return (vd){vdp_mul(a.low, b.low), vdp_mul(a.high, b.high)};
}
VR_INLINE vd vd_follow(vd before, vd here)
{
    const vd_part low = vdp_follow(VD_PARTS == 2 ? before.high : before.low, here.low);
    return (vd){low, VD_PARTS == 2 ? vdp_follow(here.low, here.high) : low};
}

/* Rounded. */
VR_INLINE vr vr_of(vd a)
{
#if BS_DOUBLE && BS_VEC > 0
    return a.low;
#elif BS_VEC == 512
    return _mm512_insertf32x8(_mm512_castps256_ps512(_mm512_cvtpd_ps(a.low)), _mm512_cvtpd_ps(a.high), 1);
#elif BS_VEC == 256
    return _mm256_insertf128_ps(_mm256_castps128_ps256(_mm256_cvtpd_ps(a.low)), _mm256_cvtpd_ps(a.high), 1);
#else
    return (real)a.low;
#endif
}

#endif
