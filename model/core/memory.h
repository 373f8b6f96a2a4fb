/* memory.h - checked allocation of arrays. Zeroed, aligned to 64 bytes; release with bs_free. */
#ifndef BS_MODEL_CORE_MEMORY_H
#define BS_MODEL_CORE_MEMORY_H

#include <stddef.h>

#include "kernels/base/status.h"

/* *out = n elements of `size` bytes; n = 0 gives a valid pointer. Error: BS_ERR_MEMORY, naming `what` and the MiB asked for. */
bs_status bs_alloc(void **out, size_t n, size_t size, const char *what, bs_err *err);
void bs_free(void *p);

/* BS_NEW(&array, n, "what", err): sizes from the pointer's type. */
#define BS_NEW(pointer, n, what, err) bs_alloc((void **)(pointer), (size_t)(n), sizeof **(pointer), what, err)

#endif
