/* vec_transpose.h - transposes of square blocks of VR_LANES x VR_LANES reals in registers (vec.h), in place. */
#ifndef BS_KERNELS_BASE_VEC_TRANSPOSE_H
#define BS_KERNELS_BASE_VEC_TRANSPOSE_H

#include "kernels/base/vec.h"

#if BS_VEC == 512 && !BS_DOUBLE
VR_INLINE void vr_transpose(vr *v)
{
    vr t[16];
    for (int n = 0; n < 16; n += 2) {
        t[n] = _mm512_unpacklo_ps(v[n], v[n + 1]);
        t[n + 1] = _mm512_unpackhi_ps(v[n], v[n + 1]);
    }
    for (int n = 0; n < 16; n += 4)
        for (int h = 0; h < 2; h++) {
            const __m512d a = _mm512_castps_pd(t[n + h]), b = _mm512_castps_pd(t[n + 2 + h]);
            v[n + 2 * h] = _mm512_castpd_ps(_mm512_unpacklo_pd(a, b));
            v[n + 2 * h + 1] = _mm512_castpd_ps(_mm512_unpackhi_pd(a, b));
        }
    for (int n = 0; n < 16; n += 8)
        for (int c = 0; c < 4; c++) {
            t[n + c] = _mm512_shuffle_f32x4(v[n + c], v[n + 4 + c], 0x88);
            t[n + 4 + c] = _mm512_shuffle_f32x4(v[n + c], v[n + 4 + c], 0xdd);
        }
    for (int c = 0; c < 8; c++) {
        v[c] = _mm512_shuffle_f32x4(t[c], t[8 + c], 0x88);
        v[8 + c] = _mm512_shuffle_f32x4(t[c], t[8 + c], 0xdd);
    }
}
#elif BS_VEC == 512
VR_INLINE void vr_transpose(vr *v)
{
    vr t[8];
    for (int n = 0; n < 8; n += 2) {
        t[n] = _mm512_unpacklo_pd(v[n], v[n + 1]);
        t[n + 1] = _mm512_unpackhi_pd(v[n], v[n + 1]);
    }
    for (int n = 0; n < 8; n += 4)
        for (int c = 0; c < 2; c++) {
            v[n + c] = _mm512_shuffle_f64x2(t[n + c], t[n + 2 + c], 0x88);
            v[n + 2 + c] = _mm512_shuffle_f64x2(t[n + c], t[n + 2 + c], 0xdd);
        }
    for (int c = 0; c < 4; c++) {
        t[c] = _mm512_shuffle_f64x2(v[c], v[4 + c], 0x88);
        t[4 + c] = _mm512_shuffle_f64x2(v[c], v[4 + c], 0xdd);
    }
    for (int c = 0; c < 8; c++) v[c] = t[c];
}
#elif BS_VEC == 256 && !BS_DOUBLE
VR_INLINE void vr_transpose(vr *v)
{
    vr t[8];
    for (int n = 0; n < 8; n += 2) {
        t[n] = _mm256_unpacklo_ps(v[n], v[n + 1]);
        t[n + 1] = _mm256_unpackhi_ps(v[n], v[n + 1]);
    }
    for (int n = 0; n < 8; n += 4)
        for (int h = 0; h < 2; h++) {
            v[n + 2 * h] = _mm256_shuffle_ps(t[n + h], t[n + 2 + h], 0x44);
            v[n + 2 * h + 1] = _mm256_shuffle_ps(t[n + h], t[n + 2 + h], 0xee);
        }
    for (int c = 0; c < 4; c++) {
        t[c] = _mm256_permute2f128_ps(v[c], v[4 + c], 0x20);
        t[4 + c] = _mm256_permute2f128_ps(v[c], v[4 + c], 0x31);
    }
    for (int c = 0; c < 8; c++) v[c] = t[c];
}
#elif BS_VEC == 256
VR_INLINE void vr_transpose(vr *v)
{
    const vr a = _mm256_unpacklo_pd(v[0], v[1]), b = _mm256_unpackhi_pd(v[0], v[1]), c = _mm256_unpacklo_pd(v[2], v[3]),
             d = _mm256_unpackhi_pd(v[2], v[3]);
    v[0] = _mm256_permute2f128_pd(a, c, 0x20);
    v[1] = _mm256_permute2f128_pd(b, d, 0x20);
    v[2] = _mm256_permute2f128_pd(a, c, 0x31);
    v[3] = _mm256_permute2f128_pd(b, d, 0x31);
}
#else
VR_INLINE void vr_transpose(vr *v)
{
    (void)v;
}
#endif

#endif
