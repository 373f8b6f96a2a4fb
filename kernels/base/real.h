/* real.h - the floating-point type of fields.
 * Fields (mixing ratios, prepared coefficients) are `real`: float unless the build says -DBS_DOUBLE=1.
 * Air mass, air-mass fluxes and every sum that enters the ledger are double in both builds. */
#ifndef BS_KERNELS_BASE_REAL_H
#define BS_KERNELS_BASE_REAL_H

#include <float.h>

#ifndef BS_DOUBLE
#define BS_DOUBLE 0
#endif

#if BS_DOUBLE
typedef double real;
#define BS_REAL_EPSILON DBL_EPSILON
#define BS_REAL_NAME    "double"
#else
typedef float real;
#define BS_REAL_EPSILON FLT_EPSILON
#define BS_REAL_NAME    "float"
#endif

#endif
