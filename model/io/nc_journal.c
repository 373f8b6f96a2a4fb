/* The journal of a netCDF file being written. */
#include <netcdf.h>
#include <stdio.h>
#include <string.h>

#include "model/io/nc_file.h"

/* Head of a record; its size is a multiple of eight, so that the values behind it lie well. */
typedef struct put {
    int32_t var, type, n_dims, whole; /* whole: no start, count */
    uint64_t start[BS_NC_MAX_DIMS], count[BS_NC_MAX_DIMS];
} put;

static bs_status sizes_of(const bs_nc *nc, int var, int *n_dims, size_t length[BS_NC_MAX_DIMS], bs_err *err)
{
    int dims[NC_MAX_VAR_DIMS];
    int code = nc_inq_var(nc->id, var, NULL, NULL, n_dims, dims, NULL);
    for (int d = 0; d < *n_dims && code == NC_NOERR; d++) code = nc_inq_dimlen(nc->id, dims[d], &length[d]);
    return code == NC_NOERR ? BS_OK : bs_nc_fail(nc, BS_ERR_IO, var, "has unknown dimensions", code, err);
}

bs_status bs_nc_note(bs_nc *nc, int var, bs_nc_type type, const size_t *start, const size_t *count, const void *values,
                     bs_err *err)
{
    if (!nc->journal) return BS_OK;
    size_t length[BS_NC_MAX_DIMS] = {0}, n = 1;
    int n_dims = 0;
    BS_TRY(sizes_of(nc, var, &n_dims, length, err));
    put head = {.var = var, .type = (int32_t)type, .n_dims = n_dims, .whole = !start};
    for (int d = 0; d < n_dims; d++) {
        head.start[d] = start ? start[d] : 0;
        head.count[d] = count ? count[d] : length[d];
        n *= (size_t)head.count[d];
    }
    const size_t size = type == BS_NC_FLOAT ? sizeof(float) : sizeof(double);
    return bs_journal_add(nc->journal, &head, sizeof head, values, n * size, err);
}

static bs_status put_again(bs_nc *nc, const put *p, const void *values, bs_err *err)
{
    size_t start[BS_NC_MAX_DIMS], count[BS_NC_MAX_DIMS];
    for (int d = 0; d < BS_NC_MAX_DIMS; d++) {
        start[d] = (size_t)p->start[d];
        count[d] = (size_t)p->count[d];
    }
    const size_t *s = p->whole ? NULL : start, *c = p->whole ? NULL : count;
    return p->type == BS_NC_FLOAT ? bs_nc_write_float(nc, p->var, s, c, values, err)
                                  : bs_nc_write(nc, p->var, s, c, values, err);
}

static bs_status replay(bs_nc *nc, bs_journal *j, bs_err *err)
{
    const void *head, *body;
    size_t n_head, n_body;
    for (;;) {
        put p;
        BS_TRY(bs_journal_next(j, &head, &n_head, &body, &n_body, err));
        if (!body) return BS_OK;
        if (n_head != sizeof p)
            return bs_fail(err, BS_ERR_INPUT, "%s: its journal is of another version of the program", nc->file);
        memcpy(&p, head, sizeof p);
        BS_TRY(put_again(nc, &p, body, err));
    }
}

bs_status bs_nc_journal(bs_nc *nc, const char *dir, uint64_t keep, bs_err *err)
{
    bs_journal *j = NULL;
    BS_TRY(bs_journal_open_of(dir, nc->file, keep, &j, err));
    const bs_status st = keep ? replay(nc, j, err) : BS_OK;
    if (st != BS_OK) {
        bs_journal_close(j);
        return st;
    }
    nc->journal = j;
    return BS_OK;
}

bs_status bs_nc_journal_mark(bs_nc *nc, uint64_t *length, bs_err *err)
{
    return bs_journal_mark(nc->journal, length, err);
}
