#define BS_VEC        0
#define BS_SWEEP_NAME BS_SWEEP_PLAIN
#include "kernels/advection/sweep_generic.h"
