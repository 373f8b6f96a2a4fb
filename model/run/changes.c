#include "model/run/changes.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { MOST = 1024 };

typedef struct line {
    char key[MOST], value[MOST];
} line;

/* Reads the line at *text and moves behind it; false at the end. */
static bool next_line(const char **text, line *out)
{
    const char *at = *text, *end = strchr(at, '\n');
    if (!*at) return false;
    if (!end) end = at + strlen(at);
    const char *colon = strstr(at, ": ");
    if (!colon || colon > end) colon = end;
    const char *value = colon < end ? colon + 2 : end;
    snprintf(out->key, sizeof out->key, "%.*s", (int)(colon - at), at);
    snprintf(out->value, sizeof out->value, "%.*s", (int)(end - value), value);
    *text = *end ? end + 1 : end;
    return true;
}

static bool find(const char *text, const char *key, line *out)
{
    while (next_line(&text, out))
        if (strcmp(out->key, key) == 0) return true;
    return false;
}

void bs_changes_find(const char *before, const char *after, bs_change_found found, void *self)
{
    line a, b;
    for (const char *at = before; next_line(&at, &a);) {
        const bool there = find(after, a.key, &b);
        if (!there || strcmp(a.value, b.value) != 0) found(self, a.key, a.value, there ? b.value : "");
    }
    for (const char *at = after; next_line(&at, &b);)
        if (!find(before, b.key, &a)) found(self, b.key, "", b.value);
}
