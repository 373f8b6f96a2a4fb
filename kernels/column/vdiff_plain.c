#define BS_VEC        0
#define BS_VDIFF_NAME BS_VDIFF_PLAIN
#include "kernels/column/vdiff_generic.h"
