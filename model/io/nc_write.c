#include "model/io/nc_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netcdf.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kernels/base/check.h"
#include "model/io/aside.h"

enum { DEFLATE_LEVEL = 1 }; /* higher ones gain 3 % and take several times as long */

static void release(bs_nc *nc)
{
    bs_journal_close(nc->journal);
    free(nc->file);
    free(nc->part);
    free(nc);
}

bs_status bs_nc_create(const char *file, bs_nc **out, bs_err *err)
{
    bs_nc *nc = calloc(1, sizeof *nc);
    if (!nc) return bs_fail(err, BS_ERR_MEMORY, "%s: out of memory when it was created", file);
    *nc =
        (bs_nc){.id = -1, .defining = true, .file = bs_nc_copy_text(file, ""), .part = bs_nc_copy_text(file, ".part")};
    if (!nc->file || !nc->part) {
        release(nc);
        return bs_fail(err, BS_ERR_MEMORY, "%s: out of memory when it was created", file);
    }
    /* netCDF's words for a missing folder or missing permission are unclear; the system's are not. */
    int probe = open(nc->part, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    if (probe < 0) {
        bs_fail(err, BS_ERR_IO, "%s: cannot be created: %s", nc->part, strerror(errno));
        release(nc);
        return BS_ERR_IO;
    }
    close(probe);
    int code = nc_create(nc->part, NC_NETCDF4 | NC_CLOBBER, &nc->id);
    if (code != NC_NOERR) {
        nc->id = -1;
        bs_nc_fail(nc, BS_ERR_IO, BS_NC_GLOBAL, "cannot be created", code, err);
        bs_nc_abandon(nc);
        return BS_ERR_IO;
    }
    *out = nc;
    return BS_OK;
}

void bs_nc_abandon(bs_nc *nc)
{
    if (!nc) return;
    if (nc->id >= 0) nc_close(nc->id);
    unlink(nc->part);
    release(nc);
}

bs_status bs_nc_commit(bs_nc *nc, bs_err *err)
{
    bs_status st = BS_OK;
    int code = nc_close(nc->id);
    nc->id = -1;
    if (code != NC_NOERR) st = bs_nc_fail(nc, BS_ERR_IO, BS_NC_GLOBAL, "cannot be completed", code, err);
    if (st == BS_OK) st = bs_aside_settle(nc->part, nc->file, err);
    if (st != BS_OK) {
        bs_nc_abandon(nc);
        return st;
    }
    release(nc);
    return BS_OK;
}

/* ---- definitions ---- */

bs_status bs_nc_def_dim(bs_nc *nc, const char *name, size_t length, int *id, bs_err *err)
{
    int code = nc_def_dim(nc->id, name, length ? length : NC_UNLIMITED, id);
    if (code == NC_NOERR) return BS_OK;
    return bs_fail(err, BS_ERR_IO, "%s: dimension '%s' cannot be defined: %s", nc->part, name, nc_strerror(code));
}

static int set_fill(int file, int var, bs_nc_type type)
{
    float f = NC_FILL_FLOAT;
    double d = NC_FILL_DOUBLE;
    int i = NC_FILL_INT;
    const void *value = type == BS_NC_FLOAT    ? (const void *)&f
                        : type == BS_NC_DOUBLE ? (const void *)&d
                                               : (const void *)&i;
    return nc_def_var_fill(file, var, NC_FILL, value);
}

static int set_storage(const bs_nc *nc, int var, const bs_nc_def *def)
{
    int code = NC_NOERR;
    if (def->chunk_rank > 0 && def->n_dims > 0) {
        size_t chunk[BS_NC_MAX_DIMS];
        for (int d = 0; d < def->n_dims && code == NC_NOERR; d++) {
            code = nc_inq_dimlen(nc->id, def->dim[d], &chunk[d]);
            if (chunk[d] == 0 || (size_t)(def->n_dims - d) > def->chunk_rank) chunk[d] = 1;
        }
        if (code == NC_NOERR) code = nc_def_var_chunking(nc->id, var, NC_CHUNKED, chunk);
    }
    if (code == NC_NOERR && def->compress && def->n_dims > 0 && def->type != BS_NC_STRING)
        code = nc_def_var_deflate(nc->id, var, 1, 1, DEFLATE_LEVEL);
    if (code == NC_NOERR && def->fill && def->type != BS_NC_STRING) code = set_fill(nc->id, var, def->type);
    return code;
}

bs_status bs_nc_def_var(bs_nc *nc, const bs_nc_def *def, int *id, bs_err *err)
{
    static const nc_type TYPE[] = {
        [BS_NC_FLOAT] = NC_FLOAT, [BS_NC_DOUBLE] = NC_DOUBLE, [BS_NC_INT] = NC_INT, [BS_NC_STRING] = NC_STRING};
    const struct {
        const char *name, *text;
    } attribute[] = {
        {"standard_name", def->standard_name},
        {"long_name", def->long_name},
        {"units", def->units},
        {"grid_mapping", def->grid_mapping},
        {"coordinates", def->coordinates},
        {"cell_methods", def->cell_methods},
        {"comment", def->comment},
    };
    int code = nc_def_var(nc->id, def->name, TYPE[def->type], def->n_dims, def->dim, id);
    if (code == NC_NOERR) code = set_storage(nc, *id, def);
    if (code != NC_NOERR)
        return bs_fail(err, BS_ERR_IO, "%s: variable '%s' cannot be defined: %s", nc->part, def->name,
                       nc_strerror(code));
    for (size_t a = 0; a < sizeof attribute / sizeof *attribute; a++)
        if (attribute[a].text) BS_TRY(bs_nc_put_text(nc, *id, attribute[a].name, attribute[a].text, err));
    return BS_OK;
}

static bs_status put_failed(const bs_nc *nc, int var, const char *name, int code, bs_err *err)
{
    char what[2 * NC_MAX_NAME];
    snprintf(what, sizeof what, "attribute '%s' cannot be written", name);
    return bs_nc_fail(nc, BS_ERR_IO, var, what, code, err);
}

bs_status bs_nc_put_text(bs_nc *nc, int var, const char *name, const char *text, bs_err *err)
{
    int code = nc_put_att_text(nc->id, var, name, strlen(text), text);
    return code == NC_NOERR ? BS_OK : put_failed(nc, var, name, code, err);
}

bs_status bs_nc_put_number(bs_nc *nc, int var, const char *name, int n, const double *values, bs_err *err)
{
    int code = nc_put_att_double(nc->id, var, name, NC_DOUBLE, (size_t)n, values);
    return code == NC_NOERR ? BS_OK : put_failed(nc, var, name, code, err);
}

bs_status bs_nc_put_integer(bs_nc *nc, int var, const char *name, long value, bs_err *err)
{
    nc_type type = value >= INT_MIN && value <= INT_MAX ? NC_INT : NC_INT64;
    int code = nc_put_att_long(nc->id, var, name, type, 1, &value);
    return code == NC_NOERR ? BS_OK : put_failed(nc, var, name, code, err);
}

/* ---- values ---- */

static bs_status begin_values(bs_nc *nc, bs_err *err)
{
    if (!nc->defining) return BS_OK;
    int code = nc_enddef(nc->id);
    if (code != NC_NOERR)
        return bs_nc_fail(nc, BS_ERR_IO, BS_NC_GLOBAL, "its definitions cannot be written", code, err);
    nc->defining = false;
    return BS_OK;
}

bs_status bs_nc_write(bs_nc *nc, int var, const size_t *start, const size_t *count, const double *values, bs_err *err)
{
    BS_TRY(begin_values(nc, err));
    int code = start ? nc_put_vara_double(nc->id, var, start, count, values) : nc_put_var_double(nc->id, var, values);
    if (code != NC_NOERR) return bs_nc_fail(nc, BS_ERR_IO, var, "cannot be written", code, err);
    return bs_nc_note(nc, var, BS_NC_DOUBLE, start, count, values, err);
}

bs_status bs_nc_write_float(bs_nc *nc, int var, const size_t *start, const size_t *count, const float *values,
                            bs_err *err)
{
    BS_TRY(begin_values(nc, err));
    int code = start ? nc_put_vara_float(nc->id, var, start, count, values) : nc_put_var_float(nc->id, var, values);
    if (code != NC_NOERR) return bs_nc_fail(nc, BS_ERR_IO, var, "cannot be written", code, err);
    return bs_nc_note(nc, var, BS_NC_FLOAT, start, count, values, err);
}

bs_status bs_nc_create_shared(const char *file, bs_nc **out, bs_err *err)
{
    return bs_nc_create(file, out, err);
}

bs_status bs_nc_write_part(bs_nc *nc, int var, const size_t *start, const size_t *count, const double *values,
                           bs_err *err)
{
    return bs_nc_write(nc, var, start, count, values, err);
}

bs_status bs_nc_write_part_float(bs_nc *nc, int var, const size_t *start, const size_t *count, const float *values,
                                 bs_err *err)
{
    return bs_nc_write_float(nc, var, start, count, values, err);
}

bs_status bs_nc_write_strings(bs_nc *nc, int var, size_t n, const char *const *values, bs_err *err)
{
    bs_assert(!nc->journal); /* texts are put when a file is begun */
    BS_TRY(begin_values(nc, err));
    const size_t start = 0;
    int code = nc_put_vara_string(nc->id, var, &start, &n, (const char **)values);
    return code == NC_NOERR ? BS_OK : bs_nc_fail(nc, BS_ERR_IO, var, "cannot be written", code, err);
}

bs_status bs_nc_sync(bs_nc *nc, bs_err *err)
{
    BS_TRY(begin_values(nc, err));
    int code = nc_sync(nc->id);
    return code == NC_NOERR ? BS_OK : bs_nc_fail(nc, BS_ERR_IO, BS_NC_GLOBAL, "cannot be synced", code, err);
}
