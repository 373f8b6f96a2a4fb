#include "model/core/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

bs_status bs_alloc(void **out, size_t n, size_t size, const char *what, bs_err *err)
{
    const size_t alignment = 64;
    *out = NULL;
    if (n > (SIZE_MAX - alignment) / (size ? size : 1))
        return bs_fail(err, BS_ERR_MEMORY, "%s: %zu elements of %zu bytes do not fit into an address space", what, n, size);
    size_t bytes = (n * size + alignment - 1) / alignment * alignment;
    if (bytes == 0) bytes = alignment;
    void *p = aligned_alloc(alignment, bytes);
    if (!p) return bs_fail(err, BS_ERR_MEMORY, "%s: no memory for %.1f MiB", what, (double)bytes / 1048576.0);
    memset(p, 0, bytes);
    *out = p;
    return BS_OK;
}

void bs_free(void *p)
{
    free(p);
}
