#include "kernels/advection/sweep.h"

static const bs_scheme_row SCHEMES[BS_SCHEME_COUNT] = {
#define BS_SCHEME(id, name, order, monotone, positive, linear, edges, text)                                            \
    {name, order, monotone, positive, linear, edges, text},
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
    size_t cells = (size_t)n + 2 * BS_GHOST + BS_LANES + 1;
    return 21 * cells * BS_LANES; /* rows of scratch in sweep_setup.h */
}
