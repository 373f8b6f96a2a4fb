#if defined(__x86_64__)
#define BS_VEC       512
#define BS_PEAK_NAME BS_PEAK_AVX512
#include "kernels/bench/peak_generic.h"
#else
typedef int bs_no_avx512; /* an empty translation unit is no C */
#endif
