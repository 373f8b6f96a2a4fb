#define _DEFAULT_SOURCE /* madvise */
#include "model/core/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { LINE = 64, HUGE_PAGE = 2 * 1024 * 1024 };

bs_status bs_alloc(void **out, size_t n, size_t size, const char *what, bs_err *err)
{
    *out = NULL;
    if (n > (SIZE_MAX - HUGE_PAGE) / (size ? size : 1))
        return bs_fail(err, BS_ERR_MEMORY, "%s: %zu elements of %zu bytes do not fit into an address space", what, n,
                       size);
    /* Sweeps across planes touch one line a page: with pages of 4 KiB they wait for address translation. */
    const size_t alignment = n * size >= 2 * (size_t)HUGE_PAGE ? HUGE_PAGE : LINE;
    size_t bytes = (n * size + alignment - 1) / alignment * alignment;
    if (bytes == 0) bytes = alignment;
    void *p = aligned_alloc(alignment, bytes);
    if (!p) return bs_fail(err, BS_ERR_MEMORY, "%s: no memory for %.1f MiB", what, (double)bytes / 1048576.0);
#ifdef MADV_HUGEPAGE
    if (alignment == HUGE_PAGE) (void)madvise(p, bytes, MADV_HUGEPAGE); /* advice: refused is no failure */
#endif
    memset(p, 0, bytes);
    *out = p;
    return BS_OK;
}

void bs_free(void *p)
{
    free(p);
}
