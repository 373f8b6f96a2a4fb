#include "model/io/aside.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/parallel/ranks.h"

static bs_status flush(const char *path, const char *file, bs_err *err)
{
    int fd = open(path, O_RDONLY);
    bool done = fd >= 0 && (fsync(fd) == 0 || errno == EINVAL); /* EINVAL: a file system without it */
    int code = errno;
    if (fd >= 0) close(fd);
    return done ? BS_OK : bs_fail(err, BS_ERR_IO, "%s: cannot be brought to disk: %s", file, strerror(code));
}

static bs_status flush_folder(const char *file, bs_err *err)
{
    const char *slash = strrchr(file, '/');
    if (!slash) return flush(".", file, err);
    if (slash == file) return flush("/", file, err);
    char *folder = strdup(file);
    if (!folder) return bs_fail(err, BS_ERR_MEMORY, "%s: out of memory when it was completed", file);
    folder[slash - file] = '\0';
    bs_status st = flush(folder, file, err);
    free(folder);
    return st;
}

bs_status bs_aside_settle(const char *part, const char *file, bs_err *err)
{
    BS_TRY(flush(part, part, err));
    if (rename(part, file) != 0)
        return bs_fail(err, BS_ERR_IO, "%s: cannot take the name %s: %s", part, file, strerror(errno));
    return flush_folder(file, err);
}

static void release(bs_text_file *text)
{
    bs_journal_close(text->journal);
    free(text->file);
    free(text->part);
    free(text);
}

bs_status bs_text_create(const char *dir, const char *name, bs_text_file **out, bs_err *err)
{
    size_t size = strlen(dir) + strlen(name) + sizeof "/.part";
    bs_text_file *text = calloc(1, sizeof *text);
    if (text) {
        text->file = malloc(size);
        text->part = malloc(size);
    }
    if (!text || !text->file || !text->part) {
        if (text) release(text);
        return bs_fail(err, BS_ERR_MEMORY, "%s/%s: out of memory when it was created", dir, name);
    }
    snprintf(text->file, size, "%s/%s", dir, name);
    snprintf(text->part, size, "%s/%s.part", dir, name);
    text->mute = !bs_ranks_first();
    const char *path = text->mute ? "/dev/null" : text->part;
    text->stream = fopen(path, "w+b"); /* a journal reads it, too */
    if (!text->stream) {
        bs_fail(err, BS_ERR_IO, "%s: cannot be created: %s", path, strerror(errno));
        release(text);
        return BS_ERR_IO;
    }
    *out = text;
    return BS_OK;
}

void bs_text_abandon(bs_text_file *text)
{
    if (!text) return;
    if (text->stream) fclose(text->stream);
    if (!text->mute) unlink(text->part);
    release(text);
}

bs_status bs_text_commit(bs_text_file *text, bs_err *err)
{
    bs_status st = BS_OK;
    bool failed = ferror(text->stream) != 0; /* of a print before: its errno is gone */
    errno = 0;
    if (fclose(text->stream) != 0) failed = true;
    text->stream = NULL;
    if (failed)
        st = bs_fail(err, BS_ERR_IO, "%s: cannot be written: %s", text->part,
                     errno ? strerror(errno) : "a write failed; is the disk full?");
    if (st == BS_OK && !text->mute) st = bs_aside_settle(text->part, text->file, err);
    if (st != BS_OK) {
        bs_text_abandon(text);
        return st;
    }
    release(text);
    return BS_OK;
}

void bs_text_comment(bs_text_file *text, const char *format, ...)
{
    char line[4096];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    for (char *c = line; *c; c++)
        if ((unsigned char)*c < ' ') *c = ' ';
    fprintf(text->stream, "# %s\n", line);
}

void bs_text_field(bs_text_file *text, const char *field)
{
    if (!strpbrk(field, ",\"\r\n") && *field != '#') {
        fputs(field, text->stream);
        return;
    }
    fputc('"', text->stream);
    for (const char *c = field; *c; c++) {
        if (*c == '"') fputc('"', text->stream);
        fputc(*c, text->stream);
    }
    fputc('"', text->stream);
}

void bs_text_number(bs_text_file *text, double value)
{
    if (isfinite(value))
        fprintf(text->stream, ",%.6g", value);
    else
        fputc(',', text->stream);
}

bs_status bs_folder_make(const char *dir, const char *what, bs_err *err)
{
    struct stat info;
    if (mkdir(dir, 0777) == 0) return BS_OK;
    const int code = errno;
    if (code == EEXIST && stat(dir, &info) == 0 && S_ISDIR(info.st_mode)) return BS_OK;
    return bs_fail(err, BS_ERR_IO, "%s: cannot make the folder of %s: %s", dir, what, strerror(code));
}

/* ---- the journal ---- */

static bs_status print_again(bs_text_file *text, bs_journal *j, bs_err *err)
{
    const void *head, *body;
    size_t n_head, n_body;
    for (;;) {
        BS_TRY(bs_journal_next(j, &head, &n_head, &body, &n_body, err));
        if (!body) return BS_OK;
        fwrite(body, 1, n_body, text->stream); /* what fails is reported at commit */
    }
}

static bs_status begin_journal(bs_text_file *text, const char *dir, uint64_t keep, bs_err *err)
{
    bs_journal *j = NULL;
    if (text->mute) return BS_OK;
    BS_TRY(bs_journal_open_of(dir, text->file, keep, &j, err));
    const bs_status st = keep ? print_again(text, j, err) : BS_OK;
    if (st != BS_OK) {
        bs_journal_close(j);
        return st;
    }
    text->journal = j;
    text->noted = ftell(text->stream);
    return BS_OK;
}

bs_status bs_text_journal(bs_text_file *text, const char *dir, uint64_t keep, bs_err *err)
{
    return bs_ranks_agree(begin_journal(text, dir, keep, err), err);
}

/* Adds what was printed since the last mark; the stream stands where it stood. */
static bs_status note(bs_text_file *text, bs_err *err)
{
    static const char HEAD[8] = "text";
    char bytes[16384];
    const long end = ftell(text->stream);
    errno = 0;
    if (end < 0 || fflush(text->stream) != 0 || fseek(text->stream, text->noted, SEEK_SET) != 0)
        return bs_fail(err, BS_ERR_IO, "%s: cannot be written: %s", text->part,
                       errno ? strerror(errno) : "a write failed; is the disk full?");
    while (text->noted < end) {
        const size_t left = (size_t)(end - text->noted), n = left < sizeof bytes ? left : sizeof bytes;
        if (fread(bytes, 1, n, text->stream) != n)
            return bs_fail(err, BS_ERR_IO, "%s: cannot be read back: %s", text->part, strerror(errno));
        BS_TRY(bs_journal_add(text->journal, HEAD, sizeof HEAD, bytes, n, err));
        text->noted += (long)n;
    }
    if (fseek(text->stream, 0, SEEK_END) != 0)
        return bs_fail(err, BS_ERR_IO, "%s: cannot be written: %s", text->part, strerror(errno));
    return BS_OK;
}

bs_status bs_text_journal_mark(bs_text_file *text, uint64_t *length, bs_err *err)
{
    bs_status st = text->mute ? BS_OK : note(text, err);
    *length = 0;
    if (st == BS_OK && !text->mute) st = bs_journal_mark(text->journal, length, err);
    st = bs_ranks_agree(st, err);
    bs_ranks_share(0, length, sizeof *length);
    return st;
}
