#if defined(__x86_64__)
#define BS_VEC       256
#define BS_PEAK_NAME BS_PEAK_AVX2
#include "kernels/bench/peak_generic.h"
#else
typedef int bs_no_avx2; /* an empty translation unit is no C */
#endif
