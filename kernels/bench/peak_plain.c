#define BS_VEC       0
#define BS_PEAK_NAME BS_PEAK_PLAIN
#include "kernels/bench/peak_generic.h"
