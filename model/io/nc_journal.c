/* The journal of a netCDF file being written. */
#include <netcdf.h>
#include <stdlib.h>
#include <string.h>

#include "model/io/nc_file.h"
#include "model/parallel/ranks.h"

enum { TAG_HEAD = 21001, TAG_VALUES };

/* Lengths are asked for where they are needed alone: another rank may have made them longer. */
static bs_status sizes_of(const bs_nc *nc, int var, bool all, int *n_dims, size_t length[BS_NC_MAX_DIMS], bs_err *err)
{
    int dims[NC_MAX_VAR_DIMS];
    int code = nc_inq_var(nc->id, var, NULL, NULL, n_dims, dims, NULL);
    for (int d = 0; all && d < *n_dims && code == NC_NOERR; d++) code = nc_inq_dimlen(nc->id, dims[d], &length[d]);
    return code == NC_NOERR ? BS_OK : bs_nc_fail(nc, BS_ERR_IO, var, "has unknown dimensions", code, err);
}

static size_t size_of(const bs_nc_put *p)
{
    size_t n = p->type == BS_NC_FLOAT ? sizeof(float) : sizeof(double);
    for (int d = 0; d < p->n_dims; d++) n *= (size_t)p->count[d];
    return n;
}

static bs_status head_of(const bs_nc *nc, int var, bs_nc_type type, const size_t *start, const size_t *count,
                         bs_nc_put *head, bs_err *err)
{
    size_t length[BS_NC_MAX_DIMS] = {0};
    int n_dims = 0;
    BS_TRY(sizes_of(nc, var, !count, &n_dims, length, err));
    *head = (bs_nc_put){.var = var, .type = (int32_t)type, .n_dims = n_dims, .whole = !start};
    for (int d = 0; d < n_dims; d++) {
        head->start[d] = start ? start[d] : 0;
        head->count[d] = count ? count[d] : length[d];
    }
    return BS_OK;
}

bs_status bs_nc_note(bs_nc *nc, int var, bs_nc_type type, const size_t *start, const size_t *count, const void *values,
                     bs_err *err)
{
    bs_nc_put head;
    if (!nc->journal) return BS_OK;
    BS_TRY(head_of(nc, var, type, start, count, &head, err));
    return bs_journal_add(nc->journal, &head, sizeof head, values, size_of(&head), err);
}

/* Adds rank r's part, which comes to the first. */
static bs_status note_part_of(bs_nc *nc, int r, bs_err *err)
{
    bs_nc_put head;
    bs_mail *mail = NULL;
    bs_mail_receive(r, TAG_HEAD, &head, sizeof head, &mail);
    bs_mail_wait(1, &mail);
    const size_t size = size_of(&head);
    if (size == 0) return BS_OK;
    void *values = malloc(size);
    if (!values) return bs_fail(err, BS_ERR_MEMORY, "%s: no memory for a part of %zu bytes", nc->file, size);
    bs_mail_receive(r, TAG_VALUES, values, size, &mail);
    bs_mail_wait(1, &mail);
    const bs_status st = bs_journal_add(nc->journal, &head, sizeof head, values, size, err);
    free(values);
    return st;
}

static void send_part(const bs_nc_put *head, const void *values)
{
    bs_mail *mail = NULL;
    bs_mail_send(0, TAG_HEAD, head, sizeof *head, &mail);
    bs_mail_wait(1, &mail);
    if (size_of(head) == 0) return;
    bs_mail_send(0, TAG_VALUES, values, size_of(head), &mail);
    bs_mail_wait(1, &mail);
}

bs_status bs_nc_note_parts(bs_nc *nc, int var, bs_nc_type type, const size_t *start, const size_t *count,
                           const void *values, bs_err *err)
{
    bs_nc_put head;
    bs_err other;
    bs_status st = head_of(nc, var, type, start, count, &head, err);
    if (!bs_ranks_first()) {
        if (st != BS_OK) head = (bs_nc_put){.n_dims = 1}; /* nothing */
        send_part(&head, values);
        return st;
    }
    if (st == BS_OK && size_of(&head) > 0)
        st = bs_journal_add(nc->journal, &head, sizeof head, values, size_of(&head), err);
    for (int r = 1; r < bs_ranks_count(); r++) {
        const bs_status of_part = note_part_of(nc, r, st == BS_OK ? err : &other);
        if (st == BS_OK) st = of_part;
    }
    return st;
}

/* ---- the way back ---- */

/* What the first rank found next. */
typedef struct next_put {
    bs_nc_put put;
    bool there;
} next_put;

static bs_status read_next(const bs_nc *nc, bs_journal *j, next_put *next, const void **values, bs_err *err)
{
    const void *head;
    size_t n_head, n_values;
    BS_TRY(bs_journal_next(j, &head, &n_head, values, &n_values, err));
    if (!*values) return BS_OK;
    if (n_head != sizeof next->put)
        return bs_fail(err, BS_ERR_INPUT, "%s: its journal is of another version of the program", nc->file);
    memcpy(&next->put, head, sizeof next->put);
    next->there = true;
    return BS_OK;
}

static bs_status put_again(bs_nc *nc, const bs_nc_put *p, const void *values, bs_err *err)
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

/* The first rank reads and puts; into a shared file all put, the others nothing. j NULL: in those. */
static bs_status replay(bs_nc *nc, bs_journal *j, bs_err *err)
{
    if (nc->mute) return BS_OK;
    for (;;) {
        next_put next = {.there = false};
        const void *values = NULL;
        bs_status st = j ? read_next(nc, j, &next, &values, err) : BS_OK;
        if (nc->shared) {
            BS_TRY(bs_ranks_agree(st, err));
            bs_ranks_share(0, &next, sizeof next);
        }
        if (st != BS_OK || !next.there) return st;
        BS_TRY(put_again(nc, &next.put, values, err));
    }
}

bs_status bs_nc_journal(bs_nc *nc, const char *dir, uint64_t keep, bs_err *err)
{
    bs_journal *j = NULL;
    bs_status st = bs_ranks_first() ? bs_journal_open_of(dir, nc->file, keep, &j, err) : BS_OK;
    st = bs_ranks_agree(st, err);
    if (st == BS_OK && keep) {
        st = bs_ranks_agree(replay(nc, j, err), err);
        if (st == BS_OK) st = bs_nc_check(nc, err);
    }
    if (st != BS_OK) {
        bs_journal_close(j);
        return st;
    }
    nc->journal = j;
    nc->kept = true;
    return BS_OK;
}

bs_status bs_nc_journal_mark(bs_nc *nc, uint64_t *length, bs_err *err)
{
    bs_status st = bs_nc_check(nc, err);
    *length = 0;
    if (st == BS_OK && nc->journal) st = bs_journal_mark(nc->journal, length, err);
    st = bs_ranks_agree(st, err);
    bs_ranks_share(0, length, sizeof *length);
    return st;
}
