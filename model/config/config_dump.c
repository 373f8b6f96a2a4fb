/* The resolved configuration as YAML that reads back to the same configuration. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/config/config_internal.h"
#include "model/core/number.h"

typedef struct bs_text {
    char *text;
    size_t used, room;
    bool no_memory;
} bs_text;

static void put_bytes(bs_text *t, const char *bytes, size_t n)
{
    if (t->used + n + 1 > t->room) {
        size_t room = 2 * (t->used + n + 1) + 4096;
        char *larger = t->no_memory ? NULL : realloc(t->text, room);
        if (!larger) {
            t->no_memory = true;
            return;
        }
        t->text = larger;
        t->room = room;
    }
    memcpy(t->text + t->used, bytes, n);
    t->used += n;
    t->text[t->used] = '\0';
}

static void put(bs_text *t, const char *text)
{
    put_bytes(t, text, strlen(text));
}

static void put_indent(bs_text *t, int depth)
{
    for (int i = 0; i < depth; i++) put(t, "  ");
}

/* Words that every YAML reader takes for a text without quotes. */
static bool is_plain(const char *s)
{
    static const char *const RESERVED[] = {"true", "false", "null", "yes", "no", "on", "off", "y", "n",
                                           "True", "False", "Null", "Yes", "No", "On", "Off", "Y", "N",
                                           "TRUE", "FALSE", "NULL", "YES", "NO", "ON", "OFF"};
    const char *letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    const char *rest = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./+";
    for (size_t i = 0; i < sizeof RESERVED / sizeof RESERVED[0]; i++) {
        if (strcmp(s, RESERVED[i]) == 0) return false;
    }
    return (strchr(letters, s[0]) || s[0] == '/') && s[0] && s[strspn(s, rest)] == '\0';
}

/* Values are expanded when they are read again ("$${" is "${"), keys are not. */
static void put_quoted(bs_text *t, const char *s, bool expanded)
{
    if (is_plain(s)) {
        put(t, s);
        return;
    }
    put(t, "\"");
    for (const unsigned char *p = (const unsigned char *)s; *p; p++) {
        char escape[8];
        unsigned next = p[1];
        if (*p == '"' || *p == '\\') {
            snprintf(escape, sizeof escape, "\\%c", *p);
        } else if (*p < 0x20 || *p == 0x7F) {
            snprintf(escape, sizeof escape, "\\x%02X", (unsigned)*p);
        } else if (*p == 0xC2 && next < 0xA0) { /* U+0080 to U+009F: control characters */
            snprintf(escape, sizeof escape, "\\x%02X", next);
            p++;
        } else if (expanded && *p == '$' && next == '{') {
            snprintf(escape, sizeof escape, "$$");
        } else {
            snprintf(escape, sizeof escape, "%c", *p);
        }
        put(t, escape);
    }
    put(t, "\"");
}

static void put_word(bs_text *t, const char *s)
{
    put_quoted(t, s, true);
}

static void put_real(bs_text *t, double value, const char *unit)
{
    char number[BS_NUMBER_TEXT_MAX];
    put(t, bs_number_format(value, number));
    if (*unit && strcmp(unit, "1") != 0) {
        put(t, " ");
        put(t, unit);
    }
}

static void put_elements(bs_text *t, const bs_value *v)
{
    put(t, "[");
    for (int i = 0; i < v->n; i++) {
        if (i) put(t, ", ");
        if (v->option->type == BS_OPT_REALS) {
            put_real(t, v->reals[i], v->option->unit);
        } else {
            put_word(t, v->texts[i]);
        }
    }
    put(t, "]");
}

static void put_value(bs_text *t, const bs_value *v)
{
    char text[64];
    _Static_assert(sizeof text >= BS_TIME_TEXT_MAX && sizeof text >= BS_NUMBER_TEXT_MAX, "room for a time or a number");
    switch (v->option->type) {
    case BS_OPT_INT:
        snprintf(text, sizeof text, "%ld", v->integer);
        put(t, text);
        break;
    case BS_OPT_REAL:
        put_real(t, v->real, v->option->unit);
        break;
    case BS_OPT_BOOL:
        put(t, v->integer ? "true" : "false");
        break;
    case BS_OPT_TIME:
        put(t, bs_time_format(v->time, text));
        break;
    case BS_OPT_FILES:
    case BS_OPT_REALS:
    case BS_OPT_TEXTS:
        put_elements(t, v);
        break;
    default:
        put_word(t, v->text);
        break;
    }
}

static void put_section(bs_text *t, const bs_config *c, const bs_schema *schema, const char *path, int depth,
                        bool in_entry);

static void put_entries(bs_text *t, const bs_config *c, const bs_schema *schema, const bs_value *v, int depth)
{
    bool map = v->option->type == BS_OPT_MAP;
    put(t, v->n ? "\n" : map ? " {}\n" : " []\n");
    for (int i = 0; i < v->n; i++) {
        char path[512];
        snprintf(path, sizeof path, "%s[%d]", v->path, i);
        put_indent(t, depth + 1);
        if (map) {
            put_quoted(t, v->texts[i], false);
            put(t, ":\n");
            put_section(t, c, schema, path, depth + 2, false);
        } else {
            put(t, "- ");
            put_section(t, c, schema, path, depth + 2, true);
        }
    }
}

/* Whether anything below a section has a value. */
static bool has_any(const bs_config *c, const char *path)
{
    size_t n = strlen(path);
    for (const bs_value *v = c->first; v; v = v->next) {
        if (v->has && strncmp(v->path, path, n) == 0 && v->path[n] == '.') return true;
    }
    return false;
}

/* in_entry: the first line continues one that "- " began. */
static void put_section(bs_text *t, const bs_config *c, const bs_schema *schema, const char *path, int depth,
                        bool in_entry)
{
    for (const bs_schema *s = schema->first; s; s = s->next) {
        char child[512];
        snprintf(child, sizeof child, "%s%s%s", path, *path ? "." : "", s->name);
        const bs_value *v = s->option ? bs_config_find(c, child) : NULL;
        if (s->option ? !v || !v->has : !has_any(c, child)) continue;
        if (!in_entry) put_indent(t, depth);
        in_entry = false;
        put(t, s->name);
        put(t, ":");
        if (!s->option) {
            put(t, "\n");
            put_section(t, c, s, child, depth + 1, false);
        } else if (s->option->type == BS_OPT_LIST || s->option->type == BS_OPT_MAP) {
            put_entries(t, c, s, v, depth);
        } else {
            put(t, " ");
            put_value(t, v);
            put(t, "\n");
        }
    }
}

char *bs_config_dump(const bs_config *c)
{
    bs_text t = {0};
    put_section(&t, c, c->schema, "", 0, false);
    if (t.no_memory) {
        free(t.text);
        return NULL;
    }
    return t.text;
}

char *bs_config_flat(const bs_config *c)
{
    bs_text t = {0};
    put(&t, "");
    for (const bs_value *v = c->first; v; v = v->next) {
        if (!v->has) continue;
        put(&t, v->path);
        put(&t, ": ");
        if (v->option->type == BS_OPT_LIST) {
            char count[32];
            snprintf(count, sizeof count, "%d entries", v->n);
            put(&t, count);
        } else if (v->option->type == BS_OPT_MAP) {
            put_elements(&t, v);
        } else {
            put_value(&t, v);
        }
        put(&t, "\n");
    }
    if (t.no_memory) {
        free(t.text);
        return NULL;
    }
    return t.text;
}
