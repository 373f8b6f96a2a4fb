#include "model/evaluate/sheet.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "model/core/memory.h"

enum { NAME_TEXT = 128, LIST_TEXT = 2048 };

static const struct {
    const char *word, *text;
} ROLE[] = {
#define BS_OBS_ROLE(id, word, text) {word, text},
#include "model/evaluate/sheet.def"
};

static const struct {
    bs_obs_role role;
    const char *name;
} NAME[] = {
#define BS_OBS_NAME(id, name) {id, name},
#include "model/evaluate/sheet.def"
};
enum { N_NAMES = sizeof NAME / sizeof *NAME };

/* ---- names of columns ---- */

/* Bytes before "(", "（", "[" or "【", blanks left out. */
static size_t bare_length(const char *name, const char **bracket)
{
    static const char *const OPEN[] = {"(", "（", "[", "【"};
    *bracket = NULL;
    for (size_t k = 0; k < sizeof OPEN / sizeof *OPEN; k++) {
        const char *at = strstr(name, OPEN[k]);
        if (at && at > name && (!*bracket || at < *bracket)) *bracket = at;
    }
    size_t n = *bracket ? (size_t)(*bracket - name) : strlen(name);
    if (*bracket) *bracket += (unsigned char)**bracket < 0x80 ? 1 : 3;
    while (n > 0 && name[n - 1] == ' ') n--;
    return n;
}

/* Micro signs and raised figures as UDUNITS reads them everywhere. */
static void copy_unit(const char *from, char *unit, size_t size)
{
    static const char *const CLOSE[] = {")", "）", "]", "】"}, *const PLAIN[][2] = {{"μ", "u"},
                                                                                    {"µ", "u"},
                                                                                    {"³", "3"},
                                                                                    {"⁻", "-"},
                                                                                    {"·", " "}};
    size_t n = strlen(from), used = 0;
    for (size_t k = 0; k < 4; k++) {
        const char *at = strstr(from, CLOSE[k]);
        if (at && (size_t)(at - from) < n) n = (size_t)(at - from);
    }
    for (size_t at = 0; at < n && used + 1 < size;) {
        size_t k = 0;
        while (k < sizeof PLAIN / sizeof *PLAIN && strncmp(from + at, PLAIN[k][0], strlen(PLAIN[k][0])) != 0) k++;
        const bool plain = k < sizeof PLAIN / sizeof *PLAIN;
        unit[used++] = plain ? *PLAIN[k][1] : from[at];
        at += plain ? strlen(PLAIN[k][0]) : 1;
    }
    unit[used] = '\0';
}

bs_obs_role bs_sheet_role(const char *name, char *unit, size_t size)
{
    const char *bracket;
    const size_t length = bare_length(name, &bracket);
    *unit = '\0';
    for (int k = 0; k < N_NAMES; k++) {
        if (strlen(NAME[k].name) != length || strncasecmp(NAME[k].name, name, length) != 0) continue;
        if (bracket) copy_unit(bracket, unit, size);
        return NAME[k].role;
    }
    return BS_OBS_ROLES;
}

/* ---- CSV ---- */

enum { OPEN = -1, ABSENT = -2 }; /* column of a role: not found yet; not there, as the caller says */

/* One "role=column" of --map; nothing behind the sign: the table has no such column. */
static bs_status map_one(const bs_csv *csv, const char *pair, int *column, bs_err *err)
{
    const char *equals = strchr(pair, '=');
    const size_t length = equals ? (size_t)(equals - pair) : 0;
    for (int r = 0; r < BS_OBS_ROLES && length > 0; r++) {
        if (strlen(ROLE[r].word) != length || strncmp(ROLE[r].word, pair, length) != 0) continue;
        if (column[r] != OPEN) return bs_fail(err, BS_ERR_USAGE, "bashu evaluate: --map names %s twice", ROLE[r].word);
        column[r] = ABSENT;
        if (!equals[1]) return BS_OK;
        const bs_status st = bs_csv_find(csv, equals + 1, &column[r], err);
        if (st != BS_OK) bs_err_context(err, "--map %s", pair);
        return st;
    }
    bs_fail(err, BS_ERR_USAGE, "bashu evaluate: --map must be role=column, as pm25=PMfine, found '%s'; roles:", pair);
    for (int r = 0; r < BS_OBS_ROLES; r++) bs_err_add(err, "  %-8s %s", ROLE[r].word, ROLE[r].text);
    return BS_ERR_USAGE;
}

static bs_status map_columns(const bs_csv *csv, const char *map, int *column, bs_err *err)
{
    char text[LIST_TEXT];
    if (!map) return BS_OK;
    if (strlen(map) >= sizeof text) return bs_fail(err, BS_ERR_USAGE, "bashu evaluate: --map is too long");
    strcpy(text, map);
    for (char *at = text; at;) {
        char *comma = strchr(at, ',');
        if (comma) *comma = '\0';
        BS_TRY(map_one(csv, at, column, err));
        at = comma ? comma + 1 : NULL;
    }
    return BS_OK;
}

/* The columns that --map has left, by their names. */
static bs_status know_columns(const char *file, const bs_csv *csv, int *column, bs_err *err)
{
    char unit[NAME_TEXT];
    int mapped[BS_OBS_ROLES];
    memcpy(mapped, column, sizeof mapped);
    for (int c = 0; c < bs_csv_columns(csv); c++) {
        const bs_obs_role r = bs_sheet_role(bs_csv_column_name(csv, c), unit, sizeof unit);
        bool taken = r == BS_OBS_ROLES || mapped[r] != OPEN;
        for (int k = 0; k < BS_OBS_ROLES; k++) taken = taken || mapped[k] == c;
        if (taken) continue;
        if (column[r] != OPEN)
            return bs_fail(err, BS_ERR_INPUT,
                           "%s: the columns '%s' and '%s' could both be the %s; choose with --map %s=...", file,
                           bs_csv_column_name(csv, column[r]), bs_csv_column_name(csv, c), ROLE[r].text, ROLE[r].word);
        column[r] = c;
    }
    return BS_OK;
}

static bs_status find_columns(const char *file, const char *map, bs_sheet *s, int *column, bs_err *err)
{
    const char *bracket = NULL;
    for (int r = 0; r < BS_OBS_ROLES; r++) column[r] = OPEN;
    BS_TRY(map_columns(s->csv, map, column, err));
    BS_TRY(know_columns(file, s->csv, column, err));
    for (int r = 0; r < BS_OBS_ROLES; r++)
        if (column[r] >= 0) s->column[r] = bs_csv_column_name(s->csv, column[r]);
    if (s->column[BS_OBS_PM25]) bare_length(s->column[BS_OBS_PM25], &bracket);
    if (bracket) copy_unit(bracket, s->unit, sizeof s->unit);
    return BS_OK;
}

bs_status bs_sheet_add(bs_sheet *s, bs_obs_row **row, bs_err *err)
{
    if (s->n == s->room) {
        const int room = s->room ? 2 * s->room : 256;
        bs_obs_row *larger = realloc(s->row, (size_t)room * sizeof *larger);
        if (!larger) return bs_fail(err, BS_ERR_MEMORY, "out of memory for %d rows of observations", room);
        s->row = larger;
        s->room = room;
    }
    *row = &s->row[s->n++];
    **row = (bs_obs_row){0};
    return BS_OK;
}

static bs_status add_long(bs_sheet *s, const int *column, int r, bs_err *err)
{
    bs_obs_row *row = NULL;
    BS_TRY(bs_sheet_add(s, &row, err));
    row->where = bs_csv_where(s->csv, r);
    for (int k = 0; k < BS_OBS_ROLES; k++)
        if (column[k] >= 0) row->cell[k] = bs_csv_text(s->csv, r, column[k]);
    return BS_OK;
}

/* Each column without a role is a station or city. */
static bs_status add_wide(bs_sheet *s, const int *column, int r, bs_err *err)
{
    char unit[NAME_TEXT];
    const char *type = bs_csv_text(s->csv, r, column[BS_OBS_TYPE]);
    if (bs_sheet_role(type, unit, sizeof unit) != BS_OBS_PM25) return BS_OK;
    for (int c = 0; c < bs_csv_columns(s->csv); c++) {
        bool taken = false;
        bs_obs_row *row = NULL;
        for (int k = 0; k < BS_OBS_ROLES; k++) taken = taken || column[k] == c;
        if (taken) continue;
        if (!*bs_csv_text(s->csv, r, c)) {
            s->empty++;
            continue;
        }
        const int first = s->n;
        BS_TRY(add_long(s, column, r, err));
        row = &s->row[first];
        row->cell[BS_OBS_STATION] = bs_csv_column_name(s->csv, c);
        row->cell[BS_OBS_PM25] = bs_csv_text(s->csv, r, c);
    }
    return BS_OK;
}

static bs_status read_csv(const char *file, const char *map, bs_sheet *s, bs_err *err)
{
    int column[BS_OBS_ROLES];
    BS_TRY(bs_csv_read(file, &s->csv, err));
    BS_TRY(find_columns(file, map, s, column, err));
    s->wide = column[BS_OBS_PM25] < 0 && column[BS_OBS_TYPE] >= 0;
    for (int r = 0; r < bs_csv_rows(s->csv); r++) BS_TRY((s->wide ? add_wide : add_long)(s, column, r, err));
    if (s->wide && s->n + s->empty == 0)
        return bs_fail(err, BS_ERR_INPUT, "%s: column '%s' is PM2.5 in no row", file, s->column[BS_OBS_TYPE]);
    if (s->wide) s->column[BS_OBS_STATION] = s->column[BS_OBS_PM25] = "(a column each)";
    return BS_OK;
}

static bool is_json(const char *file)
{
    const size_t n = strlen(file);
    return n > 4 && strcasecmp(file + n - 4, "json") == 0;
}

bs_status bs_sheet_read(const char *file, const char *map, bs_sheet *out, bs_err *err)
{
    *out = (bs_sheet){0};
    if (is_json(file) && map)
        return bs_fail(err, BS_ERR_USAGE, "bashu evaluate: --map is for columns of CSV, and %s is GeoJSON", file);
    const bs_status st = is_json(file) ? bs_sheet_points(file, out, err) : read_csv(file, map, out, err);
    if (st != BS_OK) bs_sheet_free(out);
    return st;
}

void bs_sheet_free(bs_sheet *s)
{
    free(s->row);
    bs_csv_destroy(s->csv);
    bs_arena_free(&s->arena);
    *s = (bs_sheet){0};
}

bs_status bs_sheet_need(const bs_sheet *s, const char *file, bs_obs_role role, bs_err *err)
{
    char known[LIST_TEXT] = "", there[LIST_TEXT] = "";
    size_t used = 0;
    if (s->column[role]) return BS_OK;
    for (int k = 0; k < N_NAMES && used < sizeof known; k++)
        if (NAME[k].role == role)
            used += (size_t)snprintf(known + used, sizeof known - used, "%s%s", used ? ", " : "", NAME[k].name);
    used = 0;
    for (int c = 0; s->csv && c < bs_csv_columns(s->csv) && used < sizeof there; c++)
        used +=
            (size_t)snprintf(there + used, sizeof there - used, "%s%s", c ? ", " : "", bs_csv_column_name(s->csv, c));
    return bs_fail(err, BS_ERR_INPUT,
                   "%s: no column for the %s (known names: %s)%s%s; say which it is with --map %s=...", file,
                   ROLE[role].text, known, s->csv ? "; there are: " : "", there, ROLE[role].word);
}
