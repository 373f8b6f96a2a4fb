#if defined(__x86_64__)
#define BS_VEC        512
#define BS_VDIFF_NAME BS_VDIFF_AVX512
#include "kernels/column/vdiff_generic.h"
#else
typedef int bs_no_vdiff_avx512; /* an empty translation unit is no C */
#endif
