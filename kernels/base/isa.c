#include "kernels/base/isa.h"

bs_isa bs_isa_best(void)
{
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512bw"))
        return BS_ISA_AVX512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return BS_ISA_AVX2;
#endif
    return BS_ISA_PLAIN;
}

const char *bs_isa_name(bs_isa isa)
{
    static const char *const NAMES[BS_ISA_COUNT] = {"plain", "avx2", "avx512"};
    return NAMES[isa];
}
