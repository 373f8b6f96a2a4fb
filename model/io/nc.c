#include "model/io/nc_file.h"

#include <errno.h>
#include <netcdf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "model/io/nc_classic.h"
#include "model/io/nc_foreign.h"

_Static_assert(BS_NC_NAME_MAX > NC_MAX_NAME, "names of netCDF fit");
_Static_assert((int)BS_NC_GLOBAL == NC_GLOBAL, "the global attributes' id is netCDF's");

enum { FULL_BELOW = 1 << 20 }; /* bytes of free space below which a failed write is blamed on the disk */

char *bs_nc_copy_text(const char *text, const char *suffix)
{
    size_t n = strlen(text), m = strlen(suffix);
    char *copy = malloc(n + m + 1);
    if (!copy) return NULL;
    memcpy(copy, text, n);
    memcpy(copy + n, suffix, m + 1);
    return copy;
}

bs_status bs_nc_fail(const bs_nc *nc, bs_status status, int var, const char *what, int code, bs_err *err)
{
    char name[NC_MAX_NAME + 1] = "";
    if (var != BS_NC_GLOBAL && (nc->id < 0 || nc_inq_varname(nc->id, var, name) != NC_NOERR)) *name = '\0';
    struct statvfs disk;
    const bool full =
        nc->part && statvfs(nc->part, &disk) == 0 && (double)disk.f_bavail * (double)disk.f_frsize < FULL_BELOW;
    /* On a full disk netCDF has permission denied where a file cannot be created; begin_file has opened it before. */
    const char *words = full && code > 0 ? strerror(ENOSPC) : nc_strerror(code);
    bs_fail(err, status, "%s: %s%s%s%s: %s", nc->part ? nc->part : nc->file, *name ? "variable '" : "", name,
            *name ? "': " : "", what, words);
    if (full) bs_err_add(err, "the disk that holds it is full; make room and run again");
    return status;
}

static bs_status check_is_file(const char *file, bs_err *err)
{
    struct stat info;
    if (stat(file, &info) != 0) return bs_fail(err, BS_ERR_INPUT, "%s: cannot be opened: %s", file, strerror(errno));
    if (S_ISDIR(info.st_mode)) return bs_fail(err, BS_ERR_INPUT, "%s: is a folder, expected a netCDF file", file);
    if (info.st_size == 0) return bs_fail(err, BS_ERR_INPUT, "%s: is empty, expected a netCDF file", file);
    return BS_OK;
}

bs_status bs_nc_open(const char *file, bs_nc **out, bs_err *err)
{
    BS_TRY(check_is_file(file, err));
    BS_TRY(bs_nc_foreign_check(file, err));
    BS_TRY(bs_nc_classic_check(file, err));
    int id;
    int code = nc_open(file, NC_NOWRITE, &id);
    if (code == NC_ENOTNC) return bs_fail(err, BS_ERR_INPUT, "%s: is not a netCDF file (%s)", file, nc_strerror(code));
    if (code != NC_NOERR)
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: cannot be read as netCDF, it may be damaged or cut short: %s; copy it again", file,
                       nc_strerror(code));
    bs_nc *nc = calloc(1, sizeof *nc);
    char *name = nc ? bs_nc_copy_text(file, "") : NULL;
    if (!name) {
        free(nc);
        nc_close(id);
        return bs_fail(err, BS_ERR_MEMORY, "%s: out of memory when it was opened", file);
    }
    *nc = (bs_nc){.id = id, .file = name};
    *out = nc;
    return BS_OK;
}

void bs_nc_close(bs_nc *nc)
{
    if (!nc) return;
    nc_close(nc->id);
    free(nc->file);
    free(nc);
}

const char *bs_nc_file(const bs_nc *nc)
{
    return nc->file;
}

int bs_nc_var_count(const bs_nc *nc)
{
    int count;
    return nc_inq_nvars(nc->id, &count) == NC_NOERR ? count : 0;
}

bool bs_nc_has_var(const bs_nc *nc, const char *name)
{
    int id;
    return nc_inq_varid(nc->id, name, &id) == NC_NOERR;
}

bs_status bs_nc_var_at(const bs_nc *nc, int index, bs_nc_var *out, bs_err *err)
{
    int dims[NC_MAX_VAR_DIMS];
    nc_type type;
    *out = (bs_nc_var){.id = index, .size = 1};
    int code = nc_inq_var(nc->id, index, out->name, &type, &out->n_dims, dims, NULL);
    if (code != NC_NOERR) return bs_nc_fail(nc, BS_ERR_INPUT, index, "cannot be described", code, err);
    if (out->n_dims > BS_NC_MAX_DIMS)
        return bs_fail(err, BS_ERR_INPUT, "%s: variable '%s' has %d dimensions, expected %d at most", nc->file,
                       out->name, out->n_dims, BS_NC_MAX_DIMS);
    out->is_number = type >= NC_BYTE && type <= NC_UINT64 && type != NC_CHAR;
    for (int d = 0; d < out->n_dims; d++) {
        code = nc_inq_dim(nc->id, dims[d], out->dim[d], &out->length[d]);
        if (code != NC_NOERR) return bs_nc_fail(nc, BS_ERR_INPUT, index, "its dimensions cannot be read", code, err);
        out->size *= out->length[d];
    }
    return BS_OK;
}

void bs_nc_tell_groups(const bs_nc *nc, bs_err *err)
{
    int n = 0, *id = NULL;
    char name[NC_MAX_NAME + 1] = "";
    if (nc_inq_grps(nc->id, &n, NULL) != NC_NOERR || n == 0 || !(id = calloc((size_t)n, sizeof *id))) return;
    if (nc_inq_grps(nc->id, NULL, id) == NC_NOERR && nc_inq_grpname(id[0], name) == NC_NOERR)
        bs_err_add(err,
                   "it has %d group%s ('%s'%s), in which nothing is looked for: bring their variables to the root, for "
                   "example with 'ncks -G : in.nc out.nc'",
                   n, n == 1 ? "" : "s", name, n == 1 ? "" : ", ...");
    free(id);
}

bs_status bs_nc_find(const bs_nc *nc, const char *name, bs_nc_var *out, bs_err *err)
{
    int id;
    if (nc_inq_varid(nc->id, name, &id) == NC_NOERR) return bs_nc_var_at(nc, id, out, err);
    bs_fail(err, BS_ERR_INPUT, "%s: has no variable '%s'; there are%s", nc->file, name,
            bs_nc_var_count(nc) ? ":" : " none");
    for (int v = 0; v < bs_nc_var_count(nc); v++) {
        char there[NC_MAX_NAME + 1];
        if (nc_inq_varname(nc->id, v, there) == NC_NOERR) bs_err_add(err, "  %s", there);
    }
    bs_nc_tell_groups(nc, err);
    return BS_ERR_INPUT;
}

static bool text_of_strings(int id, int var, const char *attribute, size_t n, char *text, size_t size)
{
    char **strings = calloc(n, sizeof *strings);
    bool found = strings && nc_get_att_string(id, var, attribute, strings) == NC_NOERR;
    if (found) {
        snprintf(text, size, "%s", strings[0] ? strings[0] : "");
        nc_free_string(n, strings);
    }
    free(strings);
    return found;
}

bool bs_nc_text(const bs_nc *nc, const bs_nc_var *var, const char *attribute, char *text, size_t size)
{
    int id = var ? var->id : NC_GLOBAL;
    nc_type type;
    size_t n;
    if (size) *text = '\0';
    if (!size || nc_inq_att(nc->id, id, attribute, &type, &n) != NC_NOERR) return false;
    if (type == NC_STRING && n > 0) return text_of_strings(nc->id, id, attribute, n, text, size);
    if (type != NC_CHAR) return false;
    char *all = calloc(n + 1, 1);
    bool found = all && nc_get_att_text(nc->id, id, attribute, all) == NC_NOERR;
    if (found) snprintf(text, size, "%s", all);
    free(all);
    return found;
}

bool bs_nc_number(const bs_nc *nc, const bs_nc_var *var, const char *attribute, double *value)
{
    int id = var ? var->id : NC_GLOBAL;
    nc_type type;
    size_t n;
    if (nc_inq_att(nc->id, id, attribute, &type, &n) != NC_NOERR) return false;
    if (n == 0 || type == NC_CHAR || type < NC_BYTE || type > NC_UINT64) return false;
    double *all = calloc(n, sizeof *all);
    bool found = all && nc_get_att_double(nc->id, id, attribute, all) == NC_NOERR;
    if (found) *value = all[0];
    free(all);
    return found;
}
