#include "model/io/checkpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <hdf5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "model/core/memory.h"
#include "model/io/aside.h"
#include "model/io/nc_file.h"

enum { CHUNK_BYTES = 1 << 22, FULL_BELOW = 1 << 20 };

struct bs_checkpoint {
    bs_archive archive; /* first: item() gets it */
    hid_t id;           /* < 0: closed */
    char *file, *part;  /* part NULL when open for reading */
};

static hid_t memory_type(bs_item_type type)
{
    switch (type) {
    case BS_ITEM_INT:
        return H5T_NATIVE_INT;
    case BS_ITEM_LONG:
        return H5T_NATIVE_LONG;
    case BS_ITEM_FLOAT:
        return H5T_NATIVE_FLOAT;
    case BS_ITEM_DOUBLE:
        return H5T_NATIVE_DOUBLE;
    default:
        return H5T_NATIVE_UCHAR;
    }
}

/* HDF5 prints its own stack of messages unless told not to; netCDF does the same to it. */
static void be_quiet(void)
{
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
}

static void release(bs_checkpoint *c)
{
    free(c->file);
    free(c->part);
    free(c);
}

/* ---- keeping ---- */

static bs_status cannot_write(const bs_checkpoint *c, const char *path, bs_err *err)
{
    struct statvfs disk;
    bs_fail(err, BS_ERR_IO, "%s: %s%s%scannot be written", c->part, path ? "item '" : "", path ? path : "",
            path ? "' " : "");
    if (statvfs(c->part, &disk) == 0 && (double)disk.f_bavail * (double)disk.f_frsize < FULL_BELOW)
        bs_err_add(err, "the disk that holds it is full; make room and run again");
    return BS_ERR_IO;
}

static bs_status keep(bs_archive *a, const char *path, bs_item_type type, size_t n, void *data, bs_err *err)
{
    bs_checkpoint *c = (bs_checkpoint *)a;
    const hid_t stored = memory_type(type);
    const hsize_t length = n, most = CHUNK_BYTES / H5Tget_size(stored), chunk = length < most ? length : most;
    const hid_t space = H5Screate_simple(1, &length, NULL), how = H5Pcreate(H5P_DATASET_CREATE),
                link = H5Pcreate(H5P_LINK_CREATE);
    herr_t code = H5Pset_chunk(how, 1, &chunk);
    if (code >= 0) code = H5Pset_fletcher32(how);
    if (code >= 0) code = H5Pset_fill_time(how, H5D_FILL_TIME_NEVER);
    if (code >= 0) code = H5Pset_create_intermediate_group(link, 1);
    const hid_t set = code >= 0 ? H5Dcreate2(c->id, path, stored, space, link, how, H5P_DEFAULT) : -1;
    if (set >= 0) code = H5Dwrite(set, stored, H5S_ALL, H5S_ALL, H5P_DEFAULT, data);
    if (set >= 0 && H5Dclose(set) < 0) code = -1;
    H5Pclose(link);
    H5Pclose(how);
    H5Sclose(space);
    return set >= 0 && code >= 0 ? BS_OK : cannot_write(c, path, err);
}

static bs_status make(const char *file, const char *part, bs_checkpoint **out, bs_err *err)
{
    bs_checkpoint *c = calloc(1, sizeof *c);
    if (c) {
        c->id = -1;
        c->file = bs_nc_copy_text(file, "");
        c->part = part ? bs_nc_copy_text(file, part) : NULL;
    }
    if (!c || !c->file || (part && !c->part)) {
        if (c) release(c);
        return bs_fail(err, BS_ERR_MEMORY, "%s: out of memory when it was opened", file);
    }
    *out = c;
    return BS_OK;
}

bs_status bs_checkpoint_create(const char *file, bs_checkpoint **out, bs_err *err)
{
    bs_checkpoint *c = NULL;
    BS_TRY(make(file, ".part", &c, err));
    be_quiet();
    c->archive.item = keep;
    /* The system's words are clearer than HDF5's. */
    const int probe = open(c->part, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    if (probe < 0) {
        bs_fail(err, BS_ERR_IO, "%s: cannot be created: %s", c->part, strerror(errno));
        release(c);
        return BS_ERR_IO;
    }
    close(probe);
    const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_libver_bounds(access, H5F_LIBVER_LATEST, H5F_LIBVER_LATEST); /* whose structures have checksums */
    c->id = H5Fcreate(c->part, H5F_ACC_TRUNC, H5P_DEFAULT, access);
    H5Pclose(access);
    if (c->id < 0) {
        cannot_write(c, NULL, err);
        bs_checkpoint_abandon(c);
        return BS_ERR_IO;
    }
    *out = c;
    return BS_OK;
}

void bs_checkpoint_abandon(bs_checkpoint *c)
{
    if (!c) return;
    if (c->id >= 0) H5Fclose(c->id);
    unlink(c->part);
    release(c);
}

bs_status bs_checkpoint_commit(bs_checkpoint *c, bs_err *err)
{
    const herr_t code = H5Fclose(c->id);
    c->id = -1;
    bs_status st = code < 0 ? cannot_write(c, NULL, err) : bs_aside_settle(c->part, c->file, err);
    if (st != BS_OK) {
        bs_checkpoint_abandon(c);
        return st;
    }
    release(c);
    return BS_OK;
}

/* ---- restoring ---- */

static bs_status damaged(const bs_checkpoint *c, const char *path, const char *what, bs_err *err)
{
    return bs_fail(err, BS_ERR_INPUT, "%s: item '%s' %s", c->file, path, what);
}

static bs_status fill(bs_archive *a, const char *path, bs_item_type type, size_t n, void *data, bs_err *err)
{
    bs_checkpoint *c = (bs_checkpoint *)a;
    const hid_t wanted = memory_type(type);
    const hid_t set = H5Dopen2(c->id, path, H5P_DEFAULT);
    if (set < 0) return damaged(c, path, "is not there: another version of the program wrote this file", err);
    const hid_t space = H5Dget_space(set), stored = H5Dget_type(set);
    const hssize_t found = H5Sget_simple_extent_npoints(space);
    const bool same_type = H5Tequal(stored, wanted) > 0;
    herr_t code = -1;
    if (same_type && found == (hssize_t)n) code = H5Dread(set, wanted, H5S_ALL, H5S_ALL, H5P_DEFAULT, data);
    H5Tclose(stored);
    H5Sclose(space);
    H5Dclose(set);
    if (!same_type) return damaged(c, path, "is of another type: another version of the program wrote this file", err);
    if (found != (hssize_t)n)
        return bs_fail(err, BS_ERR_INPUT, "%s: item '%s' has %lld values, expected %zu: it belongs to another case",
                       c->file, path, (long long)found, n);
    return code >= 0 ? BS_OK : damaged(c, path, "cannot be read: its checksum is wrong", err);
}

typedef struct verify_work {
    bs_checkpoint *c;
    bs_status status;
    bs_err *err;
} verify_work;

static herr_t verify_one(hid_t file, const char *name, const H5O_info_t *info, void *arg)
{
    verify_work *w = arg;
    if (info->type != H5O_TYPE_DATASET) return 0;
    const hid_t set = H5Dopen2(file, name, H5P_DEFAULT), space = set >= 0 ? H5Dget_space(set) : -1,
                type = set >= 0 ? H5Dget_type(set) : -1;
    const hssize_t n = space >= 0 ? H5Sget_simple_extent_npoints(space) : -1;
    const size_t size = type >= 0 ? H5Tget_size(type) : 0;
    void *bytes = NULL;
    w->status = BS_ERR_INPUT;
    if (n > 0 && size > 0 && n <= (hssize_t)(PTRDIFF_MAX / 2) / (hssize_t)size) {
        w->status = bs_alloc(&bytes, (size_t)n, size, name, w->err);
        if (w->status == BS_OK && H5Dread(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes) < 0)
            w->status = BS_ERR_INPUT;
    }
    bs_free(bytes);
    if (type >= 0) H5Tclose(type);
    if (space >= 0) H5Sclose(space);
    if (set >= 0) H5Dclose(set);
    if (w->status == BS_ERR_INPUT) damaged(w->c, name, "is damaged: its checksum is wrong", w->err);
    return w->status == BS_OK ? 0 : 1;
}

static bs_status verify(bs_checkpoint *c, bs_err *err)
{
    verify_work w = {c, BS_OK, err};
    const herr_t code = H5Ovisit(c->id, H5_INDEX_NAME, H5_ITER_INC, verify_one, &w);
    if (w.status != BS_OK) return w.status;
    return code < 0 ? bs_fail(err, BS_ERR_INPUT, "%s: is damaged: HDF5 cannot go through it", c->file) : BS_OK;
}

bs_status bs_checkpoint_open(const char *file, bs_checkpoint **out, bs_err *err)
{
    bs_checkpoint *c = NULL;
    struct stat info;
    if (stat(file, &info) != 0) return bs_fail(err, BS_ERR_INPUT, "%s: cannot be opened: %s", file, strerror(errno));
    BS_TRY(make(file, NULL, &c, err));
    be_quiet();
    c->archive.loading = true;
    c->archive.item = fill;
    c->id = H5Fopen(file, H5F_ACC_RDONLY, H5P_DEFAULT);
    const bs_status st =
        c->id < 0 ? bs_fail(err, BS_ERR_INPUT, "%s: is no checkpoint, or is cut short", file) : verify(c, err);
    if (st != BS_OK) {
        bs_checkpoint_close(c);
        return st;
    }
    *out = c;
    return BS_OK;
}

void bs_checkpoint_close(bs_checkpoint *c)
{
    if (!c) return;
    if (c->id >= 0) H5Fclose(c->id);
    release(c);
}

bs_archive *bs_checkpoint_archive(bs_checkpoint *c)
{
    return &c->archive;
}

const char *bs_checkpoint_file(const bs_checkpoint *c)
{
    return c->file;
}

size_t bs_checkpoint_count(bs_checkpoint *c, const char *path)
{
    const hid_t set = H5Dopen2(c->id, path, H5P_DEFAULT);
    if (set < 0) return 0;
    const hid_t space = H5Dget_space(set);
    const hssize_t n = H5Sget_simple_extent_npoints(space);
    H5Sclose(space);
    H5Dclose(set);
    return n > 0 ? (size_t)n : 0;
}
