#include "model/core/archive.h"

#include <stdio.h>
#include <string.h>

#include "kernels/base/check.h"

/* The path with `name` at its end; returns where it began. */
static size_t append(bs_archive *a, const char *name)
{
    const size_t outside = strlen(a->path);
    bs_assert(outside + strlen(name) < sizeof a->path);
    snprintf(a->path + outside, sizeof a->path - outside, "%s", name);
    return outside;
}

bs_status bs_archive_item(bs_archive *a, const char *name, bs_item_type type, size_t n, void *data, bs_err *err)
{
    if (n == 0) return BS_OK;
    const size_t outside = append(a, name);
    const bs_status st = a->item(a, a->path, type, n, data, err);
    a->path[outside] = '\0';
    return st;
}

bs_status bs_archive_maps(bs_archive *a, const char *name, bs_item_type type, size_t n, const bs_archive_shape *shape,
                          void *data, bs_err *err)
{
    if (n == 0) return BS_OK;
    const size_t outside = append(a, name);
    const bs_status st = a->maps(a, a->path, type, n, shape, data, err);
    a->path[outside] = '\0';
    return st;
}

size_t bs_archive_enter(bs_archive *a, const char *name)
{
    const size_t outside = strlen(a->path);
    bs_assert(outside + strlen(name) + 1 < sizeof a->path);
    snprintf(a->path + outside, sizeof a->path - outside, "%s/", name);
    return outside;
}

void bs_archive_leave(bs_archive *a, size_t outside)
{
    a->path[outside] = '\0';
}
