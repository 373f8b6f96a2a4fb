#include "model/io/checkpoint_sets.h"

#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>

#include "kernels/base/check.h"
#include "model/core/memory.h"
#include "model/parallel/ranks.h"

enum { CHUNK_BYTES = 1 << 22, FULL_BELOW = 1 << 20, MOST_DIMS = 3 };

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

/* ---- shapes ---- */

typedef struct set_shape {
    int n_dims;
    hsize_t length[MOST_DIMS], chunk[MOST_DIMS];
} set_shape;

static hsize_t within(hsize_t n, hsize_t most)
{
    return n < 1 ? 1 : n < most ? n : most;
}

static set_shape shape_of_item(size_t n, size_t size)
{
    return (set_shape){1, {n}, {within(CHUNK_BYTES / size, n)}};
}

/* Whole maps, or whole rows of one. */
static set_shape shape_of_maps(size_t n, const bs_tiling *tiling, size_t size)
{
    const hsize_t nx = (hsize_t)tiling->nx, ny = (hsize_t)tiling->ny, row = nx * size;
    return (set_shape){3, {n, ny, nx}, {within(CHUNK_BYTES / (row * ny), n), within(CHUNK_BYTES / row, ny), nx}};
}

/* Elements first .. first + n - 1 along the first dimension, whole along the others, between a set and memory; < 0: failed. */
static herr_t move_slab(hid_t set, hid_t type, const set_shape *s, hsize_t first, hsize_t n, void *to, const void *from)
{
    const hsize_t start[MOST_DIMS] = {first}, count[MOST_DIMS] = {n, s->length[1], s->length[2]};
    const hid_t there = H5Dget_space(set), here = H5Screate_simple(s->n_dims, count, NULL);
    herr_t code = H5Sselect_hyperslab(there, H5S_SELECT_SET, start, NULL, count, NULL);
    if (code >= 0)
        code =
            to ? H5Dread(set, type, here, there, H5P_DEFAULT, to) : H5Dwrite(set, type, here, there, H5P_DEFAULT, from);
    H5Sclose(here);
    H5Sclose(there);
    return code;
}

/* Maps of one chunk: of the whole mesh at the first rank, nothing elsewhere. */
static bs_status room_for_maps(const set_shape *s, size_t size, char **out, bs_err *err)
{
    const size_t values = bs_ranks_first() ? (size_t)(s->chunk[0] * s->length[1] * s->length[2]) : 0;
    *out = NULL;
    return bs_ranks_agree(values ? bs_alloc((void **)out, values, size, "maps of a checkpoint", err) : BS_OK, err);
}

/* Those of a rank's tile, to the whole ones at the first or back. */
static void pass_maps(const bs_archive_shape *shape, size_t size, size_t n, char *local, char *whole, bool back)
{
    const bs_map_shape map = {.tiling = shape->tiling, .place = BS_AT_CELLS, .size = size, .row_local = shape->row};
    const size_t plane = (size_t)shape->tiling->nx * (size_t)shape->tiling->ny * size;
    for (size_t m = 0; m < n; m++) {
        char *mine = local + m * shape->plane * size, *all = whole ? whole + m * plane : NULL;
        if (back)
            bs_ranks_scatter(&map, all, mine);
        else
            bs_ranks_gather(&map, mine, all);
    }
}

/* ---- keeping ---- */

bs_status bs_sets_cannot_write(const bs_sets_file *f, const char *path, bs_err *err)
{
    struct statvfs disk;
    bs_fail(err, BS_ERR_IO, "%s: %s%s%scannot be written", f->name, path ? "item '" : "", path ? path : "",
            path ? "' " : "");
    if (statvfs(f->name, &disk) == 0 && (double)disk.f_bavail * (double)disk.f_frsize < FULL_BELOW)
        bs_err_add(err, "the disk that holds it is full; make room and run again");
    return BS_ERR_IO;
}

/* The groups of a path that are not there yet; HDF5 would note the time in those that it makes by itself. */
static herr_t make_groups(hid_t file, const char *path)
{
    char name[BS_ARCHIVE_PATH_MAX];
    const hid_t how = H5Pcreate(H5P_GROUP_CREATE);
    herr_t code = H5Pset_obj_track_times(how, false);
    for (const char *slash = strchr(path, '/'); slash && code >= 0; slash = strchr(slash + 1, '/')) {
        snprintf(name, sizeof name, "%.*s", (int)(slash - path), path);
        if (H5Lexists(file, name, H5P_DEFAULT) > 0) continue;
        const hid_t group = H5Gcreate2(file, name, H5P_DEFAULT, how, H5P_DEFAULT);
        code = group < 0 ? -1 : H5Gclose(group);
    }
    H5Pclose(how);
    return code;
}

static bs_status make_set(const bs_sets_file *f, const char *path, hid_t stored, const set_shape *s, hid_t *out,
                          bs_err *err)
{
    const hid_t space = H5Screate_simple(s->n_dims, s->length, NULL), how = H5Pcreate(H5P_DATASET_CREATE);
    herr_t code = make_groups(f->id, path);
    if (code >= 0) code = H5Pset_chunk(how, s->n_dims, s->chunk);
    if (code >= 0) code = H5Pset_fletcher32(how);
    if (code >= 0) code = H5Pset_fill_time(how, H5D_FILL_TIME_NEVER);
    if (code >= 0) code = H5Pset_obj_track_times(how, false);
    *out = code >= 0 ? H5Dcreate2(f->id, path, stored, space, H5P_DEFAULT, how, H5P_DEFAULT) : -1;
    H5Pclose(how);
    H5Sclose(space);
    return *out >= 0 ? BS_OK : bs_sets_cannot_write(f, path, err);
}

bs_status bs_sets_keep(const bs_sets_file *f, const char *path, bs_item_type type, size_t n, const void *data,
                       bs_err *err)
{
    const hid_t stored = memory_type(type);
    const set_shape s = shape_of_item(n, H5Tget_size(stored));
    hid_t set;
    BS_TRY(make_set(f, path, stored, &s, &set, err));
    herr_t code = H5Dwrite(set, stored, H5S_ALL, H5S_ALL, H5P_DEFAULT, data);
    if (H5Dclose(set) < 0) code = -1;
    return code >= 0 ? BS_OK : bs_sets_cannot_write(f, path, err);
}

bs_status bs_sets_keep_maps(const bs_sets_file *f, const char *path, bs_item_type type, size_t n,
                            const bs_archive_shape *shape, const void *data, bs_err *err)
{
    const hid_t stored = memory_type(type);
    const size_t size = H5Tget_size(stored);
    const set_shape s = shape_of_maps(n, shape->tiling, size);
    const bool first = bs_ranks_first();
    char *whole = NULL;
    hid_t set = -1;
    bs_status st = room_for_maps(&s, size, &whole, err);
    if (st != BS_OK) {
        bs_free(whole);
        return st;
    }
    if (first) st = make_set(f, path, stored, &s, &set, err);
    for (hsize_t at = 0; at < n; at += s.chunk[0]) { /* to its end in all ranks, whatever the first meets */
        const hsize_t count = within(s.chunk[0], n - at);
        pass_maps(shape, size, count, (char *)(size_t)data + at * shape->plane * size, whole, false);
        if (first && st == BS_OK && move_slab(set, stored, &s, at, count, NULL, whole) < 0)
            st = bs_sets_cannot_write(f, path, err);
    }
    if (set >= 0 && H5Dclose(set) < 0 && st == BS_OK) st = bs_sets_cannot_write(f, path, err);
    bs_free(whole);
    return bs_ranks_agree(st, err);
}

/* ---- restoring ---- */

static bs_status damaged(const bs_sets_file *f, const char *path, const char *what, bs_err *err)
{
    return bs_fail(err, BS_ERR_INPUT, "%s: item '%s' %s", f->name, path, what);
}

/* Another length; where that is right, another shape: then the maps are of another mesh. */
static bs_status misshapen(const bs_sets_file *f, const char *path, const set_shape *wanted, int n_dims,
                           const hsize_t *found, bs_err *err)
{
    unsigned long long here = 1, there = 1;
    for (int d = 0; d < n_dims; d++) there *= found[d];
    for (int d = 0; d < wanted->n_dims; d++) here *= wanted->length[d];
    if (wanted->n_dims == 3 && n_dims == 3)
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: item '%s' has %llu maps of %llu x %llu cells, expected %llu of %llu x %llu: it belongs to "
                       "another case",
                       f->name, path, (unsigned long long)found[0], (unsigned long long)found[2],
                       (unsigned long long)found[1], (unsigned long long)wanted->length[0],
                       (unsigned long long)wanted->length[2], (unsigned long long)wanted->length[1]);
    return bs_fail(err, BS_ERR_INPUT, "%s: item '%s' has %llu values%s, expected %llu%s: it belongs to another case",
                   f->name, path, there, n_dims == 3 ? " in maps" : "", here, wanted->n_dims == 3 ? " in maps" : "");
}

/* Opens a set that must have this type and shape. */
static bs_status find_set(const bs_sets_file *f, const char *path, hid_t wanted, const set_shape *s, hid_t *out,
                          bs_err *err)
{
    hsize_t length[H5S_MAX_RANK] = {0};
    const hid_t set = H5Dopen2(f->id, path, H5P_DEFAULT);
    *out = -1;
    if (set < 0) return damaged(f, path, "is not there: another version of the program wrote this file", err);
    const hid_t space = H5Dget_space(set), stored = H5Dget_type(set);
    const int n_dims = H5Sget_simple_extent_dims(space, length, NULL);
    const bool same_type = H5Tequal(stored, wanted) > 0;
    bool same_shape = n_dims == s->n_dims;
    for (int d = 0; d < s->n_dims && same_shape; d++) same_shape = length[d] == s->length[d];
    H5Tclose(stored);
    H5Sclose(space);
    if (same_type && same_shape) {
        *out = set;
        return BS_OK;
    }
    H5Dclose(set);
    if (!same_type) return damaged(f, path, "is of another type: another version of the program wrote this file", err);
    return misshapen(f, path, s, n_dims, length, err);
}

static const char UNREADABLE[] = "cannot be read: its checksum is wrong";

bs_status bs_sets_fill(const bs_sets_file *f, const char *path, bs_item_type type, size_t n, void *data, bs_err *err)
{
    const hid_t wanted = memory_type(type);
    const set_shape s = shape_of_item(n, H5Tget_size(wanted));
    hid_t set;
    BS_TRY(find_set(f, path, wanted, &s, &set, err));
    const herr_t code = H5Dread(set, wanted, H5S_ALL, H5S_ALL, H5P_DEFAULT, data);
    H5Dclose(set);
    return code >= 0 ? BS_OK : damaged(f, path, UNREADABLE, err);
}

bs_status bs_sets_fill_maps(const bs_sets_file *f, const char *path, bs_item_type type, size_t n,
                            const bs_archive_shape *shape, void *data, bs_err *err)
{
    const hid_t wanted = memory_type(type);
    const size_t size = H5Tget_size(wanted);
    const set_shape s = shape_of_maps(n, shape->tiling, size);
    const bool first = bs_ranks_first();
    char *whole = NULL;
    hid_t set = -1;
    bs_status st = bs_ranks_agree(first ? find_set(f, path, wanted, &s, &set, err) : BS_OK, err);
    if (st == BS_OK) st = room_for_maps(&s, size, &whole, err);
    for (hsize_t at = 0; at < n && st == BS_OK; at += s.chunk[0]) {
        const hsize_t count = within(s.chunk[0], n - at);
        if (first && move_slab(set, wanted, &s, at, count, whole, NULL) < 0) st = damaged(f, path, UNREADABLE, err);
        st = bs_ranks_agree(st, err);
        if (st == BS_OK) pass_maps(shape, size, count, (char *)data + at * shape->plane * size, whole, true);
    }
    if (set >= 0) H5Dclose(set);
    bs_free(whole);
    return st;
}

/* ---- verifying ---- */

/* Shape and chunks of a set of ours; false: it is none. */
static bool learn(hid_t set, set_shape *s)
{
    hsize_t length[H5S_MAX_RANK];
    const hid_t space = H5Dget_space(set), how = H5Dget_create_plist(set);
    const int n = space >= 0 ? H5Sget_simple_extent_ndims(space) : -1;
    bool known = n == 1 || n == MOST_DIMS;
    *s = (set_shape){.n_dims = n};
    if (known) known = H5Sget_simple_extent_dims(space, length, NULL) == n && H5Pget_chunk(how, n, s->chunk) == n;
    for (int d = 0; known && d < n; d++) {
        s->length[d] = length[d];
        known = length[d] > 0 && s->chunk[d] > 0;
    }
    if (how >= 0) H5Pclose(how);
    if (space >= 0) H5Sclose(space);
    return known;
}

static bs_status read_all(hid_t set, hid_t type, const set_shape *s, const char *path, bool *whole, bs_err *err)
{
    const size_t size = H5Tget_size(type);
    hsize_t values = s->chunk[0];
    void *bytes = NULL;
    for (int d = 1; d < s->n_dims && *whole; d++) {
        *whole = s->length[d] <= PTRDIFF_MAX / values;
        values *= s->length[d];
    }
    if (!*whole) return BS_OK;
    BS_TRY(bs_alloc(&bytes, (size_t)values, size, path, err));
    for (hsize_t at = 0; at < s->length[0] && *whole; at += s->chunk[0])
        *whole = move_slab(set, type, s, at, within(s->chunk[0], s->length[0] - at), bytes, NULL) >= 0;
    bs_free(bytes);
    return BS_OK;
}

bs_status bs_sets_verify(const bs_sets_file *f, const char *path, bs_err *err)
{
    set_shape s;
    bs_status st = BS_OK;
    const hid_t set = H5Dopen2(f->id, path, H5P_DEFAULT), type = set >= 0 ? H5Dget_type(set) : -1;
    bool whole = set >= 0 && type >= 0 && H5Tget_size(type) > 0 && learn(set, &s);
    if (whole) st = read_all(set, type, &s, path, &whole, err);
    if (type >= 0) H5Tclose(type);
    if (set >= 0) H5Dclose(set);
    return st == BS_OK && !whole ? damaged(f, path, "is damaged: its checksum is wrong", err) : st;
}
