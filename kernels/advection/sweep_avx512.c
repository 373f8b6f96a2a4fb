#if defined(__x86_64__)
#define BS_VEC        512
#define BS_SWEEP_NAME BS_SWEEP_AVX512
#include "kernels/advection/sweep_generic.h"
#else
typedef int bs_no_avx512; /* an empty translation unit is no C */
#endif
