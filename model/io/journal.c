#include "model/io/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/core/hash.h"
#include "model/io/nc_file.h"

enum { MAGIC = 0x62736a31, PATH_TEXT = 4096 }; /* "bsj1" */

typedef struct record {
    uint32_t magic, n_head;
    uint64_t n_body, hash;
} record;

struct bs_journal {
    char *file;
    FILE *stream;
    uint64_t left; /* bytes of the kept part that were not given out yet */
    char *room;    /* of the record given out last */
    size_t room_size;
};

void bs_journal_close(bs_journal *j)
{
    if (!j) return;
    if (j->stream) fclose(j->stream);
    free(j->file);
    free(j->room);
    free(j);
}

static bs_status cannot(const bs_journal *j, const char *what, bs_err *err)
{
    const int code = errno;
    bs_fail(err, BS_ERR_IO, "%s: cannot be %s: %s", j->file, what, code ? strerror(code) : "a write failed");
    if (code == ENOSPC) bs_err_add(err, "the disk that holds it is full; make room and run again");
    return BS_ERR_IO;
}

static bs_status begin(bs_journal *j, uint64_t keep, bs_err *err)
{
    j->stream = fopen(j->file, keep ? "r+b" : "w+b");
    if (!j->stream) return cannot(j, keep ? "opened" : "created", err);
    if (keep == 0) return BS_OK;
    if (fseeko(j->stream, 0, SEEK_END) != 0) return cannot(j, "read", err);
    const off_t size = ftello(j->stream);
    if (size < 0 || (uint64_t)size < keep)
        return bs_fail(err, BS_ERR_INPUT, "%s: has %lld bytes, the checkpoint needs %llu of it: it was cut or replaced",
                       j->file, (long long)size, (unsigned long long)keep);
    if (ftruncate(fileno(j->stream), (off_t)keep) != 0) return cannot(j, "cut to its checkpoint", err);
    rewind(j->stream);
    j->left = keep;
    return BS_OK;
}

bs_status bs_journal_open(const char *file, uint64_t keep, bs_journal **out, bs_err *err)
{
    bs_journal *j = calloc(1, sizeof *j);
    if (j) j->file = bs_nc_copy_text(file, "");
    if (!j || !j->file) {
        free(j);
        return bs_fail(err, BS_ERR_MEMORY, "%s: out of memory when it was opened", file);
    }
    const bs_status st = begin(j, keep, err);
    if (st != BS_OK) {
        bs_journal_close(j);
        return st;
    }
    *out = j;
    return BS_OK;
}

bs_status bs_journal_open_of(const char *dir, const char *output, uint64_t keep, bs_journal **out, bs_err *err)
{
    char file[PATH_TEXT];
    const char *slash = strrchr(output, '/');
    const int used = snprintf(file, sizeof file, "%s/%s.journal", dir, slash ? slash + 1 : output);
    if (used < 0 || used >= PATH_TEXT) return bs_fail(err, BS_ERR_IO, "%s: its name is too long", dir);
    return bs_journal_open(file, keep, out, err);
}

bs_status bs_journal_add(bs_journal *j, const void *head, size_t n_head, const void *body, size_t n_body, bs_err *err)
{
    const record r = {.magic = MAGIC,
                      .n_head = (uint32_t)n_head,
                      .n_body = n_body,
                      .hash = bs_hash_add(bs_hash_add(BS_HASH_EMPTY, head, n_head), body, n_body)};
    errno = 0;
    if (fwrite(&r, sizeof r, 1, j->stream) == 1 && fwrite(head, 1, n_head, j->stream) == n_head &&
        fwrite(body, 1, n_body, j->stream) == n_body)
        return BS_OK;
    return cannot(j, "written", err);
}

bs_status bs_journal_mark(bs_journal *j, uint64_t *length, bs_err *err)
{
    errno = 0;
    if (fflush(j->stream) != 0 || (fsync(fileno(j->stream)) != 0 && errno != EINVAL))
        return cannot(j, "brought to disk", err);
    const off_t at = ftello(j->stream);
    if (at < 0) return cannot(j, "written", err);
    *length = (uint64_t)at;
    return BS_OK;
}

static bs_status is_damaged(const bs_journal *j, bs_err *err)
{
    return bs_fail(err, BS_ERR_INPUT, "%s: is damaged %lld bytes from its beginning", j->file,
                   (long long)ftello(j->stream));
}

bs_status bs_journal_next(bs_journal *j, const void **head, size_t *n_head, const void **body, size_t *n_body,
                          bs_err *err)
{
    record r;
    *body = NULL;
    if (j->left == 0) {
        fseeko(j->stream, 0, SEEK_END); /* between reading and writing the standard asks for it */
        return BS_OK;
    }
    if (j->left < sizeof r || fread(&r, sizeof r, 1, j->stream) != 1 || r.magic != MAGIC) return is_damaged(j, err);
    j->left -= sizeof r;
    if (r.n_head > j->left || r.n_body > j->left - r.n_head) return is_damaged(j, err);
    const size_t bytes = (size_t)r.n_head + (size_t)r.n_body;
    if (bytes > j->room_size) {
        char *larger = realloc(j->room, bytes);
        if (!larger) return bs_fail(err, BS_ERR_MEMORY, "%s: no memory for a record of %zu bytes", j->file, bytes);
        j->room = larger;
        j->room_size = bytes;
    }
    if (fread(j->room, 1, bytes, j->stream) != bytes) return is_damaged(j, err);
    if (bs_hash_add(BS_HASH_EMPTY, j->room, bytes) != r.hash) return is_damaged(j, err);
    j->left -= bytes;
    *head = j->room;
    *n_head = r.n_head;
    *body = j->room + r.n_head;
    *n_body = (size_t)r.n_body;
    return BS_OK;
}
