#include "kernels/bench/peak.h"

extern const bs_peak_kernels BS_PEAK_PLAIN;
#if defined(__x86_64__)
extern const bs_peak_kernels BS_PEAK_AVX2, BS_PEAK_AVX512;
#endif

const bs_peak_kernels *bs_peak_kernels_for(bs_isa isa)
{
#if defined(__x86_64__)
    if (isa == BS_ISA_AVX512) return &BS_PEAK_AVX512;
    if (isa == BS_ISA_AVX2) return &BS_PEAK_AVX2;
#endif
    (void)isa;
    return &BS_PEAK_PLAIN;
}
