#include "model/config/source.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "model/core/text.h"

enum { SOURCE_LINE_MAX = 160, MESSAGE_MAX = 1200, RESERVED_FOR_COUNT = 64 };

/* Files of other kinds, by their first bytes. */
static bs_status check_kind(const bs_source *s, bs_err *err)
{
    static const struct {
        const char *bytes, *what;
    } OTHER[] = {{"\x89HDF", "is a netCDF (HDF5) file"},
                 {"CDF\1", "is a netCDF file"},
                 {"CDF\2", "is a netCDF file"},
                 {"CDF\5", "is a netCDF file"},
                 {"GRIB", "is a GRIB file"},
                 {"\x1F\x8B", "is compressed by gzip; unpack it first"},
                 {"PK\3\4", "is a zip archive or a spreadsheet; unpack it, or save the sheet as CSV (UTF-8)"}};
    for (size_t k = 0; k < sizeof OTHER / sizeof *OTHER; k++) {
        const size_t n = strlen(OTHER[k].bytes);
        if (s->length >= n && memcmp(s->text, OTHER[k].bytes, n) == 0)
            return bs_fail(err, BS_ERR_INPUT, "%s: error: %s, expected a text file", s->name, OTHER[k].what);
    }
    return BS_OK;
}

static bs_status check_text(const bs_source *s, bs_err *err)
{
    BS_TRY(check_kind(s, err));
    int line = 1, column = 1;
    for (size_t i = 0; i < s->length;) {
        unsigned char c = (unsigned char)s->text[i];
        size_t n = c ? bs_utf8_length((const unsigned char *)s->text + i, s->length - i) : 0;
        if (n == 0) {
            return bs_fail(err, BS_ERR_INPUT, "%s:%d:%d: error: byte 0x%02X is no UTF-8 text; save the file as UTF-8",
                           s->name, line, column, c);
        }
        if (c == '\n') {
            line++;
            column = 1;
        } else {
            column++;
        }
        i += n;
    }
    return BS_OK;
}

static bs_status open_text(const char *file, FILE **out, bs_err *err)
{
    struct stat info;
    if (stat(file, &info) != 0) return bs_fail(err, BS_ERR_INPUT, "%s: error: %s", file, strerror(errno));
    if (S_ISDIR(info.st_mode)) return bs_fail(err, BS_ERR_INPUT, "%s: error: is a folder, expected a file", file);
    *out = fopen(file, "rb");
    if (!*out) return bs_fail(err, BS_ERR_INPUT, "%s: error: cannot be opened: %s", file, strerror(errno));
    return BS_OK;
}

static bs_status read_all(FILE *f, const char *file, char **text, size_t *length, bs_err *err)
{
    size_t room = 65536, n = 0;
    char *buffer = malloc(room + 1);
    while (buffer) {
        n += fread(buffer + n, 1, room - n, f);
        if (ferror(f)) {
            free(buffer);
            return bs_fail(err, BS_ERR_IO, "%s: error: cannot be read: %s", file, strerror(errno));
        }
        if (n < room) break;
        room *= 2;
        char *larger = realloc(buffer, room + 1);
        if (!larger) free(buffer);
        buffer = larger;
    }
    if (!buffer) return bs_fail(err, BS_ERR_MEMORY, "%s: error: out of memory reading it", file);
    *text = buffer;
    *length = n;
    return BS_OK;
}

bs_status bs_source_read(bs_arena *arena, const char *file, bs_source *out, bs_err *err)
{
    FILE *f = NULL;
    char *buffer = NULL;
    size_t n = 0;
    BS_TRY(open_text(file, &f, err));
    bs_status status = read_all(f, file, &buffer, &n, err);
    fclose(f);
    if (status) return status;
    size_t bom = n >= 3 && memcmp(buffer, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    out->name = bs_arena_copy(arena, file, strlen(file));
    out->text = bs_arena_copy(arena, buffer + bom, n - bom);
    out->length = n - bom;
    free(buffer);
    if (!out->name || !out->text) return bs_fail(err, BS_ERR_MEMORY, "%s: error: out of memory reading it", file);
    return check_text(out, err);
}

/* The line of text and, below it, a caret under the column. Nothing where there is no such line or it is too long. */
static void show_line(const bs_source *s, bs_place place, char *out, size_t size)
{
    out[0] = '\0';
    const char *line = s->text;
    for (int i = 1; i < place.line; i++) {
        line = strchr(line, '\n');
        if (!line) return;
        line++;
    }
    size_t n = strcspn(line, "\r\n");
    if (n == 0 || n > SOURCE_LINE_MAX) return;
    char indent[2 * SOURCE_LINE_MAX + 1];
    size_t used = 0;
    const unsigned char *p = (const unsigned char *)line, *end = p + n;
    for (int c = 1; c < place.column && p < end; c++) {
        size_t length = bs_utf8_length(p, (size_t)(end - p));
        if (length == 0) break;
        indent[used++] = *p == '\t' ? '\t' : ' ';
        if (bs_utf8_is_wide(p, length)) indent[used++] = ' ';
        p += length;
    }
    indent[used] = '\0';
    snprintf(out, size, "\n%.*s\n%s^", (int)n, line, indent);
}

void bs_problem(bs_problems *problems, bs_place place, const char *format, ...)
{
    char message[MESSAGE_MAX], shown[4 * SOURCE_LINE_MAX], position[32], whole[BS_ERR_TEXT_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    problems->count++;
    shown[0] = position[0] = '\0';
    const char *name = place.origin ? place.origin : problems->source->name;
    if (place.line > 0 && !place.origin) {
        snprintf(position, sizeof position, ":%d:%d", place.line, place.column);
        show_line(problems->source, place, shown, sizeof shown);
    }
    int n = snprintf(whole, sizeof whole, "%s%s%s: error: %s%s", problems->used ? "\n" : "", name, position, message,
                     shown);
    bool fits = n > 0 && problems->used + (size_t)n + RESERVED_FOR_COUNT < sizeof problems->text;
    if (problems->shown == BS_PROBLEMS_MAX || problems->shown + 1 < problems->count || !fits) return;
    memcpy(problems->text + problems->used, whole, (size_t)n + 1);
    problems->used += (size_t)n;
    problems->shown++;
}

bs_status bs_problems_status(const bs_problems *problems, bs_err *err)
{
    if (problems->count == 0) return BS_OK;
    bs_fail(err, BS_ERR_INPUT, "%s", problems->text);
    int rest = problems->count - problems->shown;
    if (rest > 0) bs_err_add(err, "and %d more error%s", rest, rest == 1 ? "" : "s");
    return BS_ERR_INPUT;
}
