/* strip.h - the shape that column kernels see: n columns side by side, i contiguous, so that inner loops run over columns.
 * Element (k, i) of an array lies at k * stride + i, 0 <= i < n <= stride, n <= BS_STRIP; k counts upward from the ground. Arrays that are
 * called [nz][stride] here may be views into larger ones: stride is then the distance between layers. */
#ifndef BS_KERNELS_COLUMN_STRIP_H
#define BS_KERNELS_COLUMN_STRIP_H

#include <stddef.h>

enum { BS_STRIP = 64 }; /* columns of a whole strip: loops over them have a length that the compiler knows */

typedef struct bs_strip {
    int n, nz;
    ptrdiff_t stride; /* elements from layer to layer */
} bs_strip;

#endif
