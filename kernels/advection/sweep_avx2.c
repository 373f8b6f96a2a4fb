#if defined(__x86_64__)
#define BS_VEC        256
#define BS_SWEEP_NAME BS_SWEEP_AVX2
#include "kernels/advection/sweep_generic.h"
#else
typedef int bs_no_avx2; /* an empty translation unit is no C */
#endif
