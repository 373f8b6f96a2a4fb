#if defined(__x86_64__)
#define BS_VEC        256
#define BS_VDIFF_NAME BS_VDIFF_AVX2
#include "kernels/column/vdiff_generic.h"
#else
typedef int bs_no_vdiff_avx2; /* an empty translation unit is no C */
#endif
