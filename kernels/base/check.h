/* check.h - checks of what a programmer got wrong. What a user or a file got wrong is reported through status.h. */
#ifndef BS_KERNELS_BASE_CHECK_H
#define BS_KERNELS_BASE_CHECK_H

#include <assert.h>

#define bs_assert(condition) assert(condition)

#endif
