#include "model/io/checkpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/io/aside.h"
#include "model/io/checkpoint_sets.h"
#include "model/io/nc_file.h"
#include "model/parallel/ranks.h"

struct bs_checkpoint {
    bs_archive archive; /* first: item() and maps() get it */
    bs_sets_file at;
    char *file, *part; /* part NULL when open for reading */
};

/* HDF5 prints its own stack of messages unless told not to; netCDF does the same to it. */
static void be_quiet(void)
{
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
}

static void release(bs_checkpoint *c)
{
    if (!c) return;
    free(c->file);
    free(c->part);
    free(c);
}

static bs_status make(const char *file, const char *part, bs_checkpoint **out, bs_err *err)
{
    bs_checkpoint *c = calloc(1, sizeof *c);
    if (c) {
        c->at.id = -1;
        c->file = bs_nc_copy_text(file, "");
        c->part = part ? bs_nc_copy_text(file, part) : NULL;
        c->at.name = part ? c->part : c->file;
    }
    if (!c || !c->file || (part && !c->part)) {
        release(c);
        return bs_fail(err, BS_ERR_MEMORY, "%s: out of memory when it was opened", file);
    }
    *out = c;
    return BS_OK;
}

/* ---- keeping ---- */

static bs_status keep(bs_archive *a, const char *path, bs_item_type type, size_t n, void *data, bs_err *err)
{
    const bs_checkpoint *c = (bs_checkpoint *)a;
    return bs_ranks_agree(bs_ranks_first() ? bs_sets_keep(&c->at, path, type, n, data, err) : BS_OK, err);
}

static bs_status keep_maps(bs_archive *a, const char *path, bs_item_type type, size_t n, const bs_archive_shape *shape,
                           void *data, bs_err *err)
{
    return bs_sets_keep_maps(&((bs_checkpoint *)a)->at, path, type, n, shape, data, err);
}

static bs_status create_file(bs_checkpoint *c, bs_err *err)
{
    /* The system's words are clearer than HDF5's. */
    const int probe = open(c->part, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    if (probe < 0) return bs_fail(err, BS_ERR_IO, "%s: cannot be created: %s", c->part, strerror(errno));
    close(probe);
    const hid_t access = H5Pcreate(H5P_FILE_ACCESS), how = H5Pcreate(H5P_FILE_CREATE);
    H5Pset_libver_bounds(access, H5F_LIBVER_LATEST, H5F_LIBVER_LATEST); /* whose structures have checksums */
    H5Pset_obj_track_times(how, false);
    c->at.id = H5Fcreate(c->part, H5F_ACC_TRUNC, how, access);
    H5Pclose(how);
    H5Pclose(access);
    if (c->at.id >= 0) return BS_OK;
    bs_sets_cannot_write(&c->at, NULL, err);
    unlink(c->part);
    return BS_ERR_IO;
}

bs_status bs_checkpoint_create(const char *file, bs_checkpoint **out, bs_err *err)
{
    bs_checkpoint *c = NULL;
    bs_status st = make(file, ".part", &c, err);
    be_quiet();
    if (st == BS_OK && bs_ranks_first()) st = create_file(c, err);
    st = bs_ranks_agree(st, err);
    if (st != BS_OK) {
        bs_checkpoint_abandon(c);
        return st;
    }
    c->archive.item = keep;
    c->archive.maps = keep_maps;
    *out = c;
    return BS_OK;
}

void bs_checkpoint_abandon(bs_checkpoint *c)
{
    if (c && c->at.id >= 0) {
        H5Fclose(c->at.id);
        unlink(c->part);
    }
    release(c);
}

static bs_status settle(bs_checkpoint *c, bs_err *err)
{
    const herr_t code = H5Fclose(c->at.id);
    c->at.id = -1;
    const bs_status st = code < 0 ? bs_sets_cannot_write(&c->at, NULL, err) : bs_aside_settle(c->part, c->file, err);
    if (st != BS_OK) unlink(c->part);
    return st;
}

bs_status bs_checkpoint_commit(bs_checkpoint *c, bs_err *err)
{
    const bs_status st = bs_ranks_agree(bs_ranks_first() ? settle(c, err) : BS_OK, err);
    release(c);
    return st;
}

/* ---- restoring ---- */

static size_t size_of(bs_item_type type)
{
    switch (type) {
    case BS_ITEM_INT:
        return sizeof(int);
    case BS_ITEM_LONG:
        return sizeof(long);
    case BS_ITEM_FLOAT:
        return sizeof(float);
    case BS_ITEM_DOUBLE:
        return sizeof(double);
    default:
        return 1;
    }
}

static bs_status fill(bs_archive *a, const char *path, bs_item_type type, size_t n, void *data, bs_err *err)
{
    const bs_checkpoint *c = (bs_checkpoint *)a;
    BS_TRY(bs_ranks_agree(bs_ranks_first() ? bs_sets_fill(&c->at, path, type, n, data, err) : BS_OK, err));
    bs_ranks_share(0, data, n * size_of(type));
    return BS_OK;
}

static bs_status fill_maps(bs_archive *a, const char *path, bs_item_type type, size_t n, const bs_archive_shape *shape,
                           void *data, bs_err *err)
{
    return bs_sets_fill_maps(&((bs_checkpoint *)a)->at, path, type, n, shape, data, err);
}

typedef struct verify_work {
    bs_checkpoint *c;
    bs_status status;
    bs_err *err;
} verify_work;

static herr_t verify_one(hid_t file, const char *name, const H5O_info_t *info, void *arg)
{
    verify_work *w = arg;
    (void)file;
    if (info->type != H5O_TYPE_DATASET) return 0;
    w->status = bs_sets_verify(&w->c->at, name, w->err);
    return w->status == BS_OK ? 0 : 1;
}

static bs_status verify(bs_checkpoint *c, bs_err *err)
{
    verify_work w = {c, BS_OK, err};
    const herr_t code = H5Ovisit(c->at.id, H5_INDEX_NAME, H5_ITER_INC, verify_one, &w);
    if (w.status != BS_OK) return w.status;
    return code < 0 ? bs_fail(err, BS_ERR_INPUT, "%s: is damaged: HDF5 cannot go through it", c->file) : BS_OK;
}

static bs_status open_file(bs_checkpoint *c, bs_err *err)
{
    struct stat info;
    if (stat(c->file, &info) != 0)
        return bs_fail(err, BS_ERR_INPUT, "%s: cannot be opened: %s", c->file, strerror(errno));
    c->at.id = H5Fopen(c->file, H5F_ACC_RDONLY, H5P_DEFAULT);
    if (c->at.id < 0) return bs_fail(err, BS_ERR_INPUT, "%s: is no checkpoint, or is cut short", c->file);
    return verify(c, err);
}

bs_status bs_checkpoint_open(const char *file, bs_checkpoint **out, bs_err *err)
{
    bs_checkpoint *c = NULL;
    bs_status st = make(file, NULL, &c, err);
    be_quiet();
    if (st == BS_OK && bs_ranks_first()) st = open_file(c, err);
    st = bs_ranks_agree(st, err);
    if (st != BS_OK) {
        bs_checkpoint_close(c);
        return st;
    }
    c->archive.loading = true;
    c->archive.item = fill;
    c->archive.maps = fill_maps;
    *out = c;
    return BS_OK;
}

void bs_checkpoint_close(bs_checkpoint *c)
{
    if (c && c->at.id >= 0) H5Fclose(c->at.id);
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

static size_t count(const bs_checkpoint *c, const char *path)
{
    const hid_t set = H5Dopen2(c->at.id, path, H5P_DEFAULT);
    if (set < 0) return 0;
    const hid_t space = H5Dget_space(set);
    const hssize_t n = H5Sget_simple_extent_npoints(space);
    H5Sclose(space);
    H5Dclose(set);
    return n > 0 ? (size_t)n : 0;
}

size_t bs_checkpoint_count(bs_checkpoint *c, const char *path)
{
    size_t n = bs_ranks_first() ? count(c, path) : 0;
    bs_ranks_share(0, &n, sizeof n);
    return n;
}
