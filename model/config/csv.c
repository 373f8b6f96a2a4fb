#include "model/config/csv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/config/arena.h"
#include "model/config/source.h"
#include "model/core/number.h"

enum { COLUMNS_MAX = 4096 };

typedef struct bs_csv_row {
    const char **field; /* [columns] */
    const char *where;  /* "file:line" */
} bs_csv_row;

struct bs_csv {
    bs_arena arena;
    const char *file;
    int columns, rows, room;
    const char **name; /* [columns] */
    bs_csv_row *row;   /* [rows], malloc'ed */
};

static bs_status no_memory(const bs_csv *csv, bs_err *err)
{
    return bs_fail(err, BS_ERR_MEMORY, "%s: out of memory reading the table", csv->file);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* A quoted field at *p, up to its end or the next comma; "" within it is one quote. */
static bs_status take_quoted(bs_csv *csv, char **p, const char *end, int line, const char **out, bs_err *err)
{
    char *from = *p + 1, *to = *p;
    *out = *p;
    for (;; from++) {
        if (from >= end) {
            return bs_fail(err, BS_ERR_INPUT, "%s:%d: a quote is opened and never closed", csv->file, line);
        }
        if (*from == '"') {
            if (from + 1 >= end || from[1] != '"') break;
            from++;
        }
        *to++ = *from;
    }
    char *after = from + 1;
    while (after < end && is_blank(*after)) after++;
    if (after < end && *after != ',') {
        return bs_fail(err, BS_ERR_INPUT, "%s:%d: text after a closing quote; a quote within quotes is written \"\"",
                       csv->file, line);
    }
    while (to > *out && is_blank(to[-1])) to--;
    *to = '\0';
    while (is_blank(**out)) ++*out;
    *p = after;
    return BS_OK;
}

static void take_plain(char **p, const char *end, const char **out)
{
    char *start = *p, *stop = start;
    while (stop < end && *stop != ',') stop++;
    *p = stop;
    while (stop > start && is_blank(stop[-1])) stop--;
    *out = start;
    /* The separator is looked at before it is overwritten: see split. */
    if (stop != *p) *stop = '\0';
}

/* Fields of one line, in place; line[length] is NUL. */
static bs_status split(bs_csv *csv, char *text, size_t length, int line, const char **field, int *n, bs_err *err)
{
    char *p = text;
    const char *end = text + length;
    *n = 0;
    for (;;) {
        while (p < end && is_blank(*p)) p++;
        if (*n == COLUMNS_MAX) {
            return bs_fail(err, BS_ERR_INPUT, "%s:%d: more than %d columns", csv->file, line, COLUMNS_MAX);
        }
        if (p < end && *p == '"') {
            BS_TRY(take_quoted(csv, &p, end, line, &field[*n], err));
        } else {
            take_plain(&p, end, &field[*n]);
        }
        ++*n;
        if (p >= end) return BS_OK;
        *p++ = '\0';
    }
}

static bs_status set_header(bs_csv *csv, const char **field, int n, int line, bs_err *err)
{
    csv->name = bs_arena_alloc(&csv->arena, (size_t)n * sizeof *csv->name);
    if (!csv->name) return no_memory(csv, err);
    for (int c = 0; c < n; c++) {
        if (!*field[c]) return bs_fail(err, BS_ERR_INPUT, "%s:%d: column %d has no name", csv->file, line, c + 1);
        for (int i = 0; i < c; i++) {
            if (strcmp(field[i], field[c]) == 0) {
                return bs_fail(err, BS_ERR_INPUT, "%s:%d: two columns are named '%s'", csv->file, line, field[c]);
            }
        }
        csv->name[c] = field[c];
    }
    if (n == 1 && strchr(field[0], ';')) {
        return bs_fail(err, BS_ERR_INPUT, "%s:%d: columns must be separated by commas, found ';'", csv->file, line);
    }
    csv->columns = n;
    return BS_OK;
}

static bs_status add_row(bs_csv *csv, const char **field, int n, int line, bs_err *err)
{
    if (n != csv->columns) {
        return bs_fail(err, BS_ERR_INPUT, "%s:%d: %d field%s, but the header names %d columns", csv->file, line, n,
                       n == 1 ? "" : "s", csv->columns);
    }
    if (csv->rows == csv->room) {
        int room = csv->room ? 2 * csv->room : 64;
        bs_csv_row *larger = realloc(csv->row, (size_t)room * sizeof *larger);
        if (!larger) return no_memory(csv, err);
        csv->row = larger;
        csv->room = room;
    }
    bs_csv_row row = {.field = bs_arena_alloc(&csv->arena, (size_t)n * sizeof *row.field),
                      .where = bs_arena_format(&csv->arena, "%s:%d", csv->file, line)};
    if (!row.field || !row.where) return no_memory(csv, err);
    memcpy(row.field, field, (size_t)n * sizeof *field);
    csv->row[csv->rows++] = row;
    return BS_OK;
}

/* Bytes of the row at p: to the end of its line, or of the line in which its last quote is closed; a quote that never is takes no further
 * line. Comments have no quotes. */
static size_t row_length(const char *p)
{
    const size_t line = strcspn(p, "\n");
    bool begins = true, quoted = false;
    size_t n = 0;
    if (*p == '#') return line;
    for (; p[n] && (quoted || p[n] != '\n'); n++) {
        if (quoted && p[n] == '"' && p[n + 1] == '"') {
            n++;
            continue;
        }
        if (p[n] == '"' && (quoted || begins)) quoted = !quoted;
        begins = !quoted && (p[n] == ',' || (begins && is_blank(p[n])));
    }
    return quoted ? line : n;
}

/* Line breaks within quotes become blanks: a field is one line of a message. Returns how many there were. */
static int flatten(char *p, size_t length)
{
    int lines = 0;
    for (size_t i = 0; i < length; i++) {
        lines += p[i] == '\n';
        if (p[i] == '\n' || p[i] == '\r') p[i] = ' ';
    }
    return lines;
}

static bs_status read_lines(bs_csv *csv, char *text, bs_err *err)
{
    const char **field = malloc(COLUMNS_MAX * sizeof *field);
    if (!field) return no_memory(csv, err);
    bs_status status = BS_OK;
    int line = 1, more = 0;
    for (char *p = text; *p && !status; line += 1 + more) {
        size_t length = row_length(p), next = length + (p[length] == '\n');
        while (length && (p[length - 1] == '\r' || is_blank(p[length - 1]))) length--;
        p[length] = '\0';
        more = flatten(p, length);
        if (length && *p != '#' && p[strspn(p, " \t")]) {
            int n = 0;
            status = split(csv, p, length, line, field, &n, err);
            if (!status) status = (csv->name ? add_row : set_header)(csv, field, n, line, err);
        }
        p += next;
    }
    free(field);
    return status;
}

static bs_status read_table(bs_csv *csv, const char *file, bs_err *err)
{
    bs_source source = {0};
    BS_TRY(bs_source_read(&csv->arena, file, &source, err));
    csv->file = source.name;
    /* The lines are cut into fields where they lie, in a copy of the text. */
    char *text = bs_arena_copy(&csv->arena, source.text, source.length);
    if (!text) return no_memory(csv, err);
    BS_TRY(read_lines(csv, text, err));
    if (!csv->name) return bs_fail(err, BS_ERR_INPUT, "%s: the table is empty; expected a header row", file);
    if (csv->rows == 0) return bs_fail(err, BS_ERR_INPUT, "%s: the table is empty: no row below the header", file);
    return BS_OK;
}

bs_status bs_csv_read(const char *file, bs_csv **out, bs_err *err)
{
    *out = NULL;
    bs_csv *csv = calloc(1, sizeof *csv);
    if (!csv) return bs_fail(err, BS_ERR_MEMORY, "%s: out of memory reading the table", file);
    bs_status status = read_table(csv, file, err);
    if (status) {
        bs_csv_destroy(csv);
        return status;
    }
    *out = csv;
    return BS_OK;
}

void bs_csv_destroy(bs_csv *csv)
{
    if (!csv) return;
    bs_arena_free(&csv->arena);
    free(csv->row);
    free(csv);
}

int bs_csv_rows(const bs_csv *csv)
{
    return csv->rows;
}

int bs_csv_columns(const bs_csv *csv)
{
    return csv->columns;
}

const char *bs_csv_column_name(const bs_csv *csv, int column)
{
    return csv->name[column];
}

static int column_index(const bs_csv *csv, const char *name)
{
    for (int c = 0; c < csv->columns; c++) {
        if (strcmp(csv->name[c], name) == 0) return c;
    }
    return -1;
}

bs_status bs_csv_find(const bs_csv *csv, const char *name, int *column, bs_err *err)
{
    int c = column_index(csv, name);
    if (c >= 0) {
        *column = c;
        return BS_OK;
    }
    char there[BS_ERR_TEXT_MAX / 2] = "";
    for (int i = 0; i < csv->columns; i++) {
        const size_t used = strlen(there);
        if (used + strlen(csv->name[i]) + 3 >= sizeof there) break;
        snprintf(there + used, sizeof there - used, "%s%s", i ? ", " : "", csv->name[i]);
    }
    return bs_fail(err, BS_ERR_INPUT, "%s: no column '%s'; there are: %s", csv->file, name, there);
}

bool bs_csv_has(const bs_csv *csv, const char *name)
{
    return column_index(csv, name) >= 0;
}

const char *bs_csv_text(const bs_csv *csv, int row, int column)
{
    return csv->row[row].field[column];
}

bs_status bs_csv_real(const bs_csv *csv, int row, int column, double *value, bs_err *err)
{
    const char *text = bs_csv_text(csv, row, column);
    if (bs_number_real(text, value)) return BS_OK;
    return bs_fail(err, BS_ERR_INPUT, "%s: column '%s': found '%s', expected a number", csv->row[row].where,
                   csv->name[column], text);
}

const char *bs_csv_where(const bs_csv *csv, int row)
{
    return csv->row[row].where;
}
