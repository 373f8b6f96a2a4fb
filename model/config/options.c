#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/config/schema.h"
#include "model/core/number.h"

static const bs_option OPTIONS[] = {
#define BS_OPTION(path, type, unit, min, max, fallback, choices, help)                                                 \
    {path, type, unit, min, max, fallback, choices, help},
#include "model/config/options.def"
#undef BS_OPTION
};

const bs_option *bs_options(int *count)
{
    *count = (int)(sizeof OPTIONS / sizeof OPTIONS[0]);
    return OPTIONS;
}

bs_schema *bs_schema_child(const bs_schema *schema, const char *key)
{
    for (bs_schema *c = schema->first; c; c = c->next) {
        if (strcmp(c->name, key) == 0) return c;
    }
    return NULL;
}

static bs_schema *add_child(bs_arena *arena, bs_schema *parent, const char *name, const char *path, size_t path_length)
{
    bs_schema *child = bs_arena_alloc(arena, sizeof *child);
    if (!child) return NULL;
    child->name = name;
    child->path = bs_arena_copy(arena, path, path_length);
    if (!child->path) return NULL;
    child->parent = parent;
    if (parent->last) {
        parent->last->next = child;
    } else {
        parent->first = child;
    }
    parent->last = child;
    return child;
}

/* Adds one row below the root, with the sections on its path. */
static bool add_row(bs_arena *arena, bs_schema *root, const bs_option *option)
{
    bs_schema *at = root;
    for (const char *p = option->path; *p;) {
        size_t n = strcspn(p, ".[{");
        const char *name = bs_arena_copy(arena, p, n);
        if (!name) return false;
        bs_schema *child = bs_schema_child(at, name);
        if (!child) child = add_child(arena, at, name, option->path, (size_t)(p + n - option->path));
        if (!child) return false;
        at = child;
        p += n;
        if (*p == '[' || *p == '{') p += 2;
        if (*p == '.') p++;
    }
    at->option = option;
    return true;
}

bs_schema *bs_schema_build(bs_arena *arena)
{
    bs_schema *root = bs_arena_alloc(arena, sizeof *root);
    if (!root) return NULL;
    root->name = root->path = "";
    int n = 0;
    const bs_option *options = bs_options(&n);
    for (int i = 0; i < n; i++) {
        if (!add_row(arena, root, &options[i])) return NULL;
    }
    return root;
}

const bs_schema *bs_schema_find(const bs_schema *root, const char *path)
{
    const bs_schema *at = root;
    for (const char *p = path; *p && at;) {
        size_t n = strcspn(p, ".[{");
        const bs_schema *c = at->first;
        while (c && (strncmp(c->name, p, n) != 0 || c->name[n] != '\0')) c = c->next;
        at = c;
        p += n;
        if (*p == '[' || *p == '{') {
            p += strcspn(p, "]}");
            if (*p) p++;
        }
        if (*p == '.') p++;
    }
    return at;
}

const char *bs_schema_nearest(const bs_schema *schema, const char *key)
{
    enum { CHILDREN_MAX = 64 };
    const char *names[CHILDREN_MAX];
    int n = 0;
    for (const bs_schema *c = schema->first; c && n < CHILDREN_MAX; c = c->next) names[n++] = c->name;
    return bs_nearest_word(key, n, names);
}

/* Edit distance in which a swap of neighbours counts once (optimal string alignment), letters compared without case. */
static int edit_distance(const char *a, size_t na, const char *b, size_t nb)
{
    enum { WORD_MAX = 64 };
    int before[WORD_MAX + 1], last[WORD_MAX + 1], row[WORD_MAX + 1];
    if (na > WORD_MAX || nb > WORD_MAX) return INT_MAX;
    for (size_t j = 0; j <= nb; j++) last[j] = (int)j;
    for (size_t j = 0; j <= nb; j++) before[j] = 0;
    for (size_t i = 1; i <= na; i++) {
        row[0] = (int)i;
        for (size_t j = 1; j <= nb; j++) {
            int ca = tolower((unsigned char)a[i - 1]), cb = tolower((unsigned char)b[j - 1]);
            int best = last[j - 1] + (ca != cb);
            if (last[j] + 1 < best) best = last[j] + 1;
            if (row[j - 1] + 1 < best) best = row[j - 1] + 1;
            bool swapped =
                i > 1 && j > 1 && ca == tolower((unsigned char)b[j - 2]) && cb == tolower((unsigned char)a[i - 2]);
            if (swapped && before[j - 2] + 1 < best) best = before[j - 2] + 1;
            row[j] = best;
        }
        memcpy(before, last, sizeof last);
        memcpy(last, row, sizeof row);
    }
    return last[nb];
}

const char *bs_nearest_word(const char *word, int n, const char *const *words)
{
    const char *nearest = NULL;
    size_t length = strlen(word);
    int best = (int)(length / 2) + 1;
    for (int i = 0; i < n; i++) {
        int distance = edit_distance(word, length, words[i], strlen(words[i]));
        if (distance < best) {
            best = distance;
            nearest = words[i];
        }
    }
    return nearest;
}

int bs_choice_index(const char *choices, const char *word)
{
    size_t length = strlen(word);
    int index = 0;
    for (const char *p = choices; *p; index++) {
        size_t n = strcspn(p, "|");
        if (n == length && memcmp(p, word, n) == 0) return index;
        p += n;
        if (*p) p++;
    }
    return -1;
}

/* "one of a, b, c" */
static void expects_choice(const char *choices, char *text, size_t size)
{
    size_t used = (size_t)snprintf(text, size, strchr(choices, '|') ? "one of " : "");
    for (const char *p = choices; *p && used + 4 < size; p++) {
        if (*p == '|') text[used++] = ',';
        text[used++] = *p == '|' ? ' ' : *p;
    }
    text[used] = '\0';
}

const char *bs_option_expects(const bs_option *o, char *text, size_t size)
{
    char min[BS_NUMBER_TEXT_MAX], max[BS_NUMBER_TEXT_MAX];
    bs_number_format(o->min, min);
    bs_number_format(o->max, max);
    bool bare = strcmp(o->unit, "1") == 0 || !o->unit[0];
    switch (o->type) {
    case BS_OPT_INT:
        snprintf(text, size, "an integer from %s to %s", min, max);
        break;
    case BS_OPT_REAL:
        snprintf(text, size, bare ? "a number from %s to %s" : "a quantity from %s to %s %s", min, max, o->unit);
        break;
    case BS_OPT_REALS:
        snprintf(text, size, bare ? "a list of numbers from %s to %s" : "a list of quantities from %s to %s %s", min,
                 max, o->unit);
        break;
    case BS_OPT_BOOL:
        snprintf(text, size, "true or false");
        break;
    case BS_OPT_TEXT:
        snprintf(text, size, "a text");
        break;
    case BS_OPT_CHOICE:
        expects_choice(o->choices, text, size);
        break;
    case BS_OPT_TIME:
        snprintf(text, size, "a time, as 2015-01-10T08:00:00+08:00");
        break;
    case BS_OPT_FILE:
        snprintf(text, size, "the name of a file");
        break;
    case BS_OPT_FILES:
        snprintf(text, size, "a file name or pattern, or a list of them");
        break;
    case BS_OPT_TEXTS:
        snprintf(text, size, "a list of words, as [a, b]");
        break;
    case BS_OPT_LIST:
        snprintf(text, size, "a list of mappings ('- key: value')");
        break;
    case BS_OPT_MAP:
        snprintf(text, size, "a mapping");
        break;
    }
    return text;
}
