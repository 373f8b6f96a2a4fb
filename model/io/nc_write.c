#include "model/io/nc_file.h"

#include <errno.h>
#include <fcntl.h>
#include <netcdf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kernels/base/check.h"
#include "model/io/aside.h"
#include "model/parallel/ranks.h"

static void release(bs_nc *nc)
{
    bs_journal_close(nc->journal);
    free(nc->file);
    free(nc->part);
    free(nc->trouble);
    bs_nc_led_release(nc->led);
    free(nc);
}

/* ---- failures ---- */

bs_status bs_nc_later(bs_nc *nc, bs_status status, const bs_err *own, bs_err *err)
{
    if (status == BS_OK) return BS_OK;
    if (bs_ranks_count() == 1) {
        if (err) *err = *own;
        return status;
    }
    if (nc->failed == BS_OK) {
        nc->failed = status;
        nc->trouble = bs_nc_copy_text(own->text, "");
    }
    return BS_OK;
}

static bs_status failed_so_far(const bs_nc *nc, bs_err *err)
{
    if (nc->failed == BS_OK) return BS_OK;
    return bs_fail(err, nc->failed, "%s", nc->trouble ? nc->trouble : nc->file);
}

bs_status bs_nc_check(bs_nc *nc, bs_err *err)
{
    return bs_ranks_agree(failed_so_far(nc, err), err);
}

bool bs_nc_is_idle(const bs_nc *nc)
{
    return nc->mute || nc->stopped || (nc->failed != BS_OK && !nc->shared);
}

bs_status bs_nc_outcome(bs_nc *nc, int code, int var, const char *what, bs_err *err)
{
    bs_err own = {0};
    if (code == NC_NOERR) return BS_OK;
    return bs_nc_later(nc, bs_nc_fail(nc, BS_ERR_IO, var, what, code, &own), &own, err);
}

/* ---- from creation to commit ---- */

static bs_status begin_file(bs_nc *nc, bs_err *err)
{
    /* netCDF's words for a missing folder or missing permission are unclear; the system's are not. */
    bs_status st = BS_OK;
    const int probe = nc->mute || !bs_ranks_first() ? -1 : open(nc->part, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    if (probe < 0 && bs_ranks_first())
        st = bs_fail(err, BS_ERR_IO, "%s: cannot be created: %s", nc->part, strerror(errno));
    if (probe >= 0) close(probe);
    BS_TRY(bs_ranks_agree(st, err));
    if (!bs_nc_has_room(nc, 0, err)) return failed_so_far(nc, err);
    int code = NC_NOERR;
    if (nc->shared) {
        code = bs_nc_shared_create(nc->part, &nc->id);
    } else if (!nc->mute) {
        code = nc_create(nc->part, NC_NETCDF4 | NC_CLOBBER, &nc->id);
    }
    if (code != NC_NOERR) {
        nc->id = -1;
        st = bs_nc_fail(nc, BS_ERR_IO, BS_NC_GLOBAL, "cannot be created", code, err);
    }
    return bs_ranks_agree(st, err);
}

/* map: of a file of maps that the first rank writes for all; NULL: none. */
static bs_status create(const char *file, bool shared, const size_t *map, bs_nc **out, bs_err *err)
{
    bs_nc *nc = calloc(1, sizeof *nc);
    if (nc)
        *nc = (bs_nc){.id = -1,
                      .defining = true,
                      .shared = shared && bs_ranks_count() > 1,
                      .mute = !shared && !bs_ranks_first(),
                      .file = bs_nc_copy_text(file, ""),
                      .part = bs_nc_copy_text(file, ".part"),
                      .led = map ? bs_nc_led_make(map[0], map[1]) : NULL};
    bs_status st = BS_OK;
    if (!nc || !nc->file || !nc->part || (map && !nc->led))
        st = bs_fail(err, BS_ERR_MEMORY, "%s: out of memory when it was created", file);
    st = bs_ranks_agree(st, err);
    if (st != BS_OK) {
        if (nc) release(nc);
        return st;
    }
    st = begin_file(nc, err);
    if (st != BS_OK) {
        bs_nc_abandon(nc);
        return st;
    }
    *out = nc;
    return BS_OK;
}

bs_status bs_nc_create(const char *file, bs_nc **out, bs_err *err)
{
    return create(file, false, NULL, out, err);
}

bs_status bs_nc_create_shared(const char *file, bs_nc **out, bs_err *err)
{
    return create(file, true, NULL, out, err);
}

bs_status bs_nc_create_maps(const char *file, size_t ny, size_t nx, bs_nc **out, bs_err *err)
{
    const size_t map[2] = {ny, nx};
    if (ny * nx > BS_NC_ONE_CHUNK) return create(file, true, NULL, out, err);
    return create(file, false, bs_ranks_count() > 1 ? map : NULL, out, err);
}

void bs_nc_abandon(bs_nc *nc)
{
    if (!nc) return;
    bs_nc_direct_close(nc);
    /* All ranks close a shared file together. A rank that failed alone leaves it open: the end of the program is near. */
    if (nc->id >= 0 && (!nc->shared || (bs_ranks_all_here() && bs_nc_has_room(nc, 0, NULL)))) nc_close(nc->id);
    if (nc->part && bs_ranks_first()) unlink(nc->part);
    release(nc);
}

bs_status bs_nc_commit(bs_nc *nc, bs_err *err)
{
    bs_nc_has_room(nc, nc->defining ? bs_nc_fixed_bytes(nc) : 0, err);
    bs_status st = failed_so_far(nc, err);
    bs_nc_direct_close(nc);
    const int code = nc->id >= 0 && !nc->stopped ? nc_close(nc->id) : NC_NOERR;
    nc->id = -1;
    if (st == BS_OK && code != NC_NOERR) st = bs_nc_fail(nc, BS_ERR_IO, BS_NC_GLOBAL, "cannot be completed", code, err);
    st = bs_ranks_agree(st, err);
    if (st == BS_OK) {
        bs_nc_give_room_back(nc);
        if (bs_ranks_first()) st = bs_aside_settle(nc->part, nc->file, err);
        st = bs_ranks_agree(st, err);
    }
    if (st != BS_OK) {
        bs_nc_abandon(nc);
        return st;
    }
    release(nc);
    return BS_OK;
}

/* ---- values ---- */

static bs_status begin_values(bs_nc *nc, bs_err *err)
{
    if (!nc->defining) return BS_OK;
    nc->defining = false;
    if (nc->shared && !bs_nc_has_room(nc, bs_nc_fixed_bytes(nc), err)) return BS_OK;
    return bs_nc_outcome(nc, nc_enddef(nc->id), BS_NC_GLOBAL, "its definitions cannot be written", err);
}

int bs_nc_put_values(bs_nc *nc, int var, bs_nc_type type, const size_t *start, const size_t *count, const void *values,
                     bool given)
{
    static const size_t NONE[BS_NC_MAX_DIMS] = {0};
    static const double NOTHING[1] = {0};
    if (!given) {
        start = count = NONE;
        values = NOTHING;
    }
    int code, failed;
    if (given && bs_nc_direct_put(nc, 1, &var, type, start, count, values, &failed, &code)) return code;
    if (type == BS_NC_FLOAT)
        return start ? nc_put_vara_float(nc->id, var, start, count, values) : nc_put_var_float(nc->id, var, values);
    return start ? nc_put_vara_double(nc->id, var, start, count, values) : nc_put_var_double(nc->id, var, values);
}

/* What was put goes into the journal. */
static bs_status note(bs_nc *nc, int var, bs_nc_type type, const size_t *start, const size_t *count, const void *values,
                      bool part, bs_err *err)
{
    bs_err own = {0};
    if (!nc->kept) return BS_OK;
    const bs_status st = part && nc->shared ? bs_nc_note_parts(nc, var, type, start, count, values, &own)
                                            : bs_nc_note(nc, var, type, start, count, values, &own);
    return bs_nc_later(nc, st, &own, err);
}

/* Parts of a file that the first rank writes: all take part, come what may. */
static bs_status put_led(bs_nc *nc, int n, const int *var, bs_nc_type type, const size_t *start, const size_t *count,
                         const void *values, bs_err *err)
{
    if (!bs_nc_is_idle(nc)) BS_TRY(begin_values(nc, err));
    bs_nc_led_put(nc, n, var, type, start, count, values);
    return BS_OK;
}

static bs_status put(bs_nc *nc, int var, bs_nc_type type, const size_t *start, const size_t *count, const void *values,
                     bool part, bs_err *err)
{
    if (part && nc->led) return put_led(nc, 1, &var, type, start, count, values, err);
    if (bs_nc_is_idle(nc)) return BS_OK;
    BS_TRY(begin_values(nc, err));
    const bool given = part || bs_ranks_first();
    if (nc->shared && !bs_nc_has_room(nc, given ? bs_nc_put_bytes(nc, var, type, count) : 0, err)) return BS_OK;
    BS_TRY(
        bs_nc_outcome(nc, bs_nc_put_values(nc, var, type, start, count, values, given), var, "cannot be written", err));
    return note(nc, var, type, start, count, values, part, err);
}

bs_status bs_nc_write(bs_nc *nc, int var, const size_t *start, const size_t *count, const double *values, bs_err *err)
{
    return put(nc, var, BS_NC_DOUBLE, start, count, values, false, err);
}

bs_status bs_nc_write_float(bs_nc *nc, int var, const size_t *start, const size_t *count, const float *values,
                            bs_err *err)
{
    return put(nc, var, BS_NC_FLOAT, start, count, values, false, err);
}

bs_status bs_nc_write_part(bs_nc *nc, int var, const size_t *start, const size_t *count, const double *values,
                           bs_err *err)
{
    bs_assert(bs_ranks_count() == 1 || ((nc->shared || nc->led) && start && count));
    return put(nc, var, BS_NC_DOUBLE, start, count, values, true, err);
}

bs_status bs_nc_write_part_float(bs_nc *nc, int var, const size_t *start, const size_t *count, const float *values,
                                 bs_err *err)
{
    bs_assert(bs_ranks_count() == 1 || ((nc->shared || nc->led) && start && count));
    return put(nc, var, BS_NC_FLOAT, start, count, values, true, err);
}

bs_status bs_nc_write_part_floats(bs_nc *nc, int n, const int *var, const size_t *start, const size_t *count,
                                  const float *values, bs_err *err)
{
    int failed = 0, code = NC_NOERR;
    if (n == 0) return BS_OK;
    if (nc->led) return put_led(nc, n, var, BS_NC_FLOAT, start, count, values, err);
    if (bs_nc_is_idle(nc)) return BS_OK;
    BS_TRY(begin_values(nc, err));
    const bool put = bs_nc_direct_put(nc, n, var, BS_NC_FLOAT, start, count, values, &failed, &code);
    if (put) BS_TRY(bs_nc_outcome(nc, code, var[failed], "cannot be written", err));
    int n_dims = 0;
    size_t map = 1;
    BS_TRY(bs_nc_outcome(nc, nc_inq_varndims(nc->id, var[0], &n_dims), var[0], "has unknown dimensions", err));
    for (int d = 0; d < n_dims; d++) map *= count[d];
    for (int k = 0; k < n; k++) {
        const float *of = values + (size_t)k * map;
        BS_TRY(put ? note(nc, var[k], BS_NC_FLOAT, start, count, of, true, err)
                   : bs_nc_write_part_float(nc, var[k], start, count, of, err));
    }
    return BS_OK;
}

bs_status bs_nc_write_strings(bs_nc *nc, int var, size_t n, const char *const *values, bs_err *err)
{
    bs_assert(!nc->kept &&
              !nc->shared); /* texts are put when a file is begun; parallel HDF5 has none of changing length */
    if (bs_nc_is_idle(nc)) return BS_OK;
    BS_TRY(begin_values(nc, err));
    const size_t start = 0;
    return bs_nc_outcome(nc, nc_put_vara_string(nc->id, var, &start, &n, (const char **)values), var,
                         "cannot be written", err);
}

bs_status bs_nc_sync(bs_nc *nc, bs_err *err)
{
    if (!bs_nc_is_idle(nc)) {
        BS_TRY(begin_values(nc, err));
        if (bs_nc_has_room(nc, 0, err))
            BS_TRY(bs_nc_outcome(nc, nc_sync(nc->id), BS_NC_GLOBAL, "cannot be synced", err));
    }
    return bs_nc_check(nc, err);
}
