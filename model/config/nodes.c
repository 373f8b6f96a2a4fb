#include "model/config/nodes.h"

#include <stdio.h>
#include <string.h>

#include "model/config/config.h"
#include "model/config/schema.h"
#include "model/core/number.h"

enum { FOUND_MAX = 128 };

bool bs_nodes_keys(bs_problems *problems, const bs_node *map, const char *what, const char *const *keys)
{
    char found[FOUND_MAX];
    if (map->kind != BS_NODE_MAP) {
        bs_problem(problems, map->place, "%s must be a mapping, found %s", what,
                   bs_node_found(map, found, sizeof found));
        return false;
    }
    int n = 0;
    bool good = true;
    while (keys[n]) n++;
    for (const bs_node *c = map->first; c; c = c->next) {
        int k = 0;
        while (k < n && strcmp(keys[k], c->key) != 0) k++;
        if (k < n) continue;
        const char *near = bs_nearest_word(c->key, n, keys);
        bs_problem(problems, c->key_place, "unknown key '%s' in %s%s%s%s", c->key, what, near ? "; did you mean '" : "",
                   near ? near : "", near ? "'?" : "");
        good = false;
    }
    return good;
}

const bs_node *bs_nodes_scalar(bs_problems *problems, const bs_node *map, const char *key, bool required)
{
    const bs_node *c = bs_node_child(map, key);
    char found[FOUND_MAX];
    if (!c && required) bs_problem(problems, map->place, "'%s' is missing", key);
    if (!c || c->kind == BS_NODE_TEXT) return c;
    bs_problem(problems, c->place, "%s must be one word, found %s", key, bs_node_found(c, found, sizeof found));
    return NULL;
}

const char *bs_nodes_text(bs_problems *problems, const bs_node *map, const char *key, bool required)
{
    const bs_node *c = bs_nodes_scalar(problems, map, key, required);
    if (!c) return NULL;
    if (*c->text) return c->text;
    bs_problem(problems, c->place, "%s must not be empty", key);
    return NULL;
}

int bs_nodes_choice(bs_problems *problems, const bs_node *map, const char *key, const char *choices, int fallback)
{
    if (!bs_node_child(map, key)) return fallback;
    const bs_node *c = bs_nodes_scalar(problems, map, key, false);
    const int index = c ? bs_choice_index(choices, c->text) : -1;
    if (!c || index >= 0) return index;
    char words[FOUND_MAX];
    size_t used = 0;
    for (const char *p = choices; *p && used + 2 < sizeof words; p++) {
        if (*p == '|') words[used++] = ',';
        words[used++] = *p == '|' ? ' ' : *p;
    }
    words[used] = '\0';
    bs_problem(problems, c->place, "%s must be one of %s, found '%.80s'", key, words, c->text);
    return -1;
}

double bs_nodes_real(bs_problems *problems, const bs_node *map, const char *key, double fallback)
{
    const bs_node *c = bs_nodes_scalar(problems, map, key, false);
    double value = fallback;
    if (c && !bs_number_real(c->text, &value))
        bs_problem(problems, c->place, "%s must be a number, found '%.80s'", key, c->text);
    return value;
}

const char **bs_nodes_texts(bs_arena *arena, bs_problems *problems, const bs_node *map, const char *key, bool required,
                            int *n)
{
    const bs_node *c = bs_node_child(map, key);
    char found[FOUND_MAX];
    *n = 0;
    if (!c) {
        if (required) bs_problem(problems, map->place, "'%s' is missing", key);
        return NULL;
    }
    const bool list = c->kind == BS_NODE_LIST;
    const char **out = bs_arena_alloc(arena, (size_t)(list ? c->count + 1 : 1) * sizeof *out);
    if (!out) return NULL;
    for (const bs_node *e = list ? c->first : c; e; e = list ? e->next : NULL) {
        if (e->kind == BS_NODE_TEXT && *e->text) {
            out[(*n)++] = e->text;
        } else {
            bs_problem(problems, e->place, "%s must be words, found %s", key, bs_node_found(e, found, sizeof found));
        }
    }
    if (list && c->count == 0) bs_problem(problems, c->place, "%s is an empty list", key);
    return *n ? out : NULL;
}
