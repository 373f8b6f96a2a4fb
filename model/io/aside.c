#include "model/io/aside.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
    text->stream = fopen(text->part, "wb");
    if (!text->stream) {
        bs_fail(err, BS_ERR_IO, "%s: cannot be created: %s", text->part, strerror(errno));
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
    unlink(text->part);
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
    if (st == BS_OK) st = bs_aside_settle(text->part, text->file, err);
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
