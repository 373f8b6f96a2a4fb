/* Dimensions, variables and attributes of a netCDF file that is being written. */
#include <limits.h>
#include <netcdf.h>
#include <stdio.h>
#include <string.h>

#include "model/io/nc_file.h"

enum { DEFLATE_LEVEL = 1 }; /* higher ones gain 3 % and take several times as long */

bs_status bs_nc_def_dim(bs_nc *nc, const char *name, size_t length, int *id, bs_err *err)
{
    *id = nc->n_dims++; /* as netCDF counts them */
    if (bs_nc_is_idle(nc)) return BS_OK;
    int code = nc_def_dim(nc->id, name, length ? length : NC_UNLIMITED, id);
    if (code == NC_NOERR) return BS_OK;
    bs_err own;
    bs_fail(&own, BS_ERR_IO, "%s: dimension '%s' cannot be defined: %s", nc->part, name, nc_strerror(code));
    return bs_nc_later(nc, BS_ERR_IO, &own, err);
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

enum { PIECE = 256 };
_Static_assert(PIECE *PIECE == BS_NC_ONE_CHUNK, "a map that is not split is one that the first rank writes");

/* A chunk that holds a large map would be compressed by one rank alone. The pieces depend on the map's shape, not on the ranks. */
static void split_chunk(int n, size_t *chunk)
{
    size_t longest = 1, second = 1;
    for (int d = 0; d < n; d++) {
        if (chunk[d] >= longest) {
            second = longest;
            longest = chunk[d];
        } else if (chunk[d] > second) {
            second = chunk[d];
        }
    }
    if (longest * second <= BS_NC_ONE_CHUNK) return;
    for (int d = 0; d < n; d++) {
        const size_t pieces = (chunk[d] + PIECE - 1) / PIECE;
        chunk[d] = (chunk[d] + pieces - 1) / pieces;
    }
}

static int set_storage(bs_nc *nc, int var, const bs_nc_def *def)
{
    int code = NC_NOERR;
    if (def->chunk_rank > 0 && def->n_dims > 0) {
        size_t chunk[BS_NC_MAX_DIMS];
        for (int d = 0; d < def->n_dims && code == NC_NOERR; d++) {
            code = nc_inq_dimlen(nc->id, def->dim[d], &chunk[d]);
            if (chunk[d] == 0 || (size_t)(def->n_dims - d) > def->chunk_rank) chunk[d] = 1;
        }
        split_chunk(def->n_dims, chunk);
        if (code == NC_NOERR) code = nc_def_var_chunking(nc->id, var, NC_CHUNKED, chunk);
        if (code == NC_NOERR && def->compress) bs_nc_direct_define(nc, var, def, chunk);
    }
    if (code == NC_NOERR && def->compress && def->n_dims > 0 && def->type != BS_NC_STRING)
        code = nc_def_var_deflate(nc->id, var, 1, 1, DEFLATE_LEVEL);
    if (code == NC_NOERR && def->fill && def->type != BS_NC_STRING) code = set_fill(nc->id, var, def->type);
    if (code == NC_NOERR && nc->shared) code = bs_nc_shared_access(nc->id, var);
    return code;
}

static bs_status define_led(bs_nc *nc, int id, const bs_nc_def *def, bs_err *err)
{
    bs_err own = {0};
    if (bs_nc_led_define(nc->led, id, def->n_dims)) return BS_OK;
    bs_fail(&own, BS_ERR_MEMORY, "%s: no memory to define '%s'", nc->part, def->name);
    return bs_nc_later(nc, BS_ERR_MEMORY, &own, err);
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
    *id = nc->n_vars++;
    if (nc->led) BS_TRY(define_led(nc, *id, def, err));
    if (bs_nc_is_idle(nc)) return BS_OK;
    int code = nc_def_var(nc->id, def->name, TYPE[def->type], def->n_dims, def->dim, id);
    if (code == NC_NOERR) code = set_storage(nc, *id, def);
    if (code != NC_NOERR) {
        bs_err own;
        bs_fail(&own, BS_ERR_IO, "%s: variable '%s' cannot be defined: %s", nc->part, def->name, nc_strerror(code));
        return bs_nc_later(nc, BS_ERR_IO, &own, err);
    }
    for (size_t a = 0; a < sizeof attribute / sizeof *attribute; a++)
        if (attribute[a].text) BS_TRY(bs_nc_put_text(nc, *id, attribute[a].name, attribute[a].text, err));
    return BS_OK;
}

static bs_status put_attribute(bs_nc *nc, int var, const char *name, int code, bs_err *err)
{
    char what[2 * NC_MAX_NAME];
    snprintf(what, sizeof what, "attribute '%s' cannot be written", name);
    return bs_nc_outcome(nc, code, var, what, err);
}

bs_status bs_nc_put_text(bs_nc *nc, int var, const char *name, const char *text, bs_err *err)
{
    if (bs_nc_is_idle(nc)) return BS_OK;
    return put_attribute(nc, var, name, nc_put_att_text(nc->id, var, name, strlen(text), text), err);
}

bs_status bs_nc_put_number(bs_nc *nc, int var, const char *name, int n, const double *values, bs_err *err)
{
    if (bs_nc_is_idle(nc)) return BS_OK;
    return put_attribute(nc, var, name, nc_put_att_double(nc->id, var, name, NC_DOUBLE, (size_t)n, values), err);
}

bs_status bs_nc_put_integer(bs_nc *nc, int var, const char *name, long value, bs_err *err)
{
    if (bs_nc_is_idle(nc)) return BS_OK;
    nc_type type = value >= INT_MIN && value <= INT_MAX ? NC_INT : NC_INT64;
    return put_attribute(nc, var, name, nc_put_att_long(nc->id, var, name, type, 1, &value), err);
}
