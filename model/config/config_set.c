/* --set a.b=value: the value is read as the file's would be and put into the tree before anything is checked, so that
 * one set of rules and messages serves both. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "model/config/config_internal.h"
#include "model/core/number.h"

/* The value's node. Only lists, mappings and quoted texts are YAML; all else is taken as it stands, so that a pattern
 * ("*.nc") needs no quotes within the shell's quotes. */
static bs_node *parse_value(bs_reader *r, const char *value, bs_place place)
{
    bs_node *node = NULL;
    bs_err err;
    if (*value && strchr("[{'\"", *value)) {
        bs_status status =
            bs_yaml_parse(&r->config->arena, value, strlen(value), place.origin, r->problems, &node, &err);
        if (status) return bs_reader_no_memory(r);
        return node;
    }
    bool none = strcmp(value, "null") == 0 || strcmp(value, "~") == 0;
    node = bs_node_create(&r->config->arena, none ? BS_NODE_NULL : BS_NODE_TEXT, place);
    if (!node) return bs_reader_no_memory(r);
    node->text = value;
    return node;
}

/* The child of that key, made when there is none. */
static bs_node *open_child(bs_reader *r, bs_node *parent, const char *key, bs_place place)
{
    if (parent->kind == BS_NODE_NULL) parent->kind = BS_NODE_MAP;
    if (parent->kind != BS_NODE_MAP) {
        bs_problem(r->problems, place, "there is no key '%s' below %s", key,
                   parent->key ? parent->key : "a list's entry");
        return NULL;
    }
    bs_node *child = bs_node_child(parent, key);
    if (child) return child;
    child = bs_node_create(&r->config->arena, BS_NODE_NULL, place);
    if (!child) return bs_reader_no_memory(r);
    child->key = key;
    bs_node_append(parent, child);
    return child;
}

static bs_node *open_entry(bs_reader *r, bs_node *list, const char *digits, bs_place place)
{
    long index = -1;
    bool number = bs_number_int(digits, &index);
    bs_node *entry = list->kind == BS_NODE_LIST && number && index >= 0 ? list->first : NULL;
    for (long i = 0; i < index && entry; i++) entry = entry->next;
    if (!entry) {
        bs_problem(r->problems, place, "there is no entry [%s] in '%s', which has %d", digits,
                   list->key ? list->key : "", list->kind == BS_NODE_LIST ? list->count : 0);
    }
    return entry;
}

/* The node that a path like "a.b[2].c" names. */
static bs_node *open_path(bs_reader *r, bs_node *root, const char *path, bs_place place)
{
    bs_node *at = root;
    for (const char *p = path; *p && at;) {
        size_t n = strcspn(p, p[0] == '[' ? "]" : ".[");
        if (n == 0 || (p[0] == '[' && p[n] != ']')) {
            bs_problem(r->problems, place, "'%s' is no path; expected as a.b=value or a.b[0].c=value", path);
            return NULL;
        }
        bool index = p[0] == '[';
        const char *word = bs_arena_copy(&r->config->arena, p + index, n - index);
        if (!word) return bs_reader_no_memory(r);
        at = index ? open_entry(r, at, word, place) : open_child(r, at, word, place);
        p += n + index;
        if (*p == '.' && p[1]) p++;
    }
    return at;
}

void bs_config_apply_set(bs_reader *r, bs_node *root, const char *assignment)
{
    bs_arena *arena = &r->config->arena;
    bs_place place = {.origin = bs_arena_format(arena, "--set %s", assignment)};
    const char *equals = strchr(assignment, '=');
    if (!place.origin) {
        r->no_memory = true;
        return;
    }
    if (!equals || equals == assignment) {
        bs_problem(r->problems, place, "expected as a.b=value");
        return;
    }
    const char *path = bs_arena_copy(arena, assignment, (size_t)(equals - assignment));
    const char *text = bs_arena_copy(arena, equals + 1, strlen(equals + 1));
    if (!path || !text) {
        r->no_memory = true;
        return;
    }
    bs_node *value = parse_value(r, text, place);
    bs_node *node = value ? open_path(r, root, path, place) : NULL;
    if (!node) return;
    node->kind = value->kind;
    node->quoted = value->quoted;
    node->text = value->text;
    node->first = value->first;
    node->last = value->last;
    node->count = value->count;
    node->place = node->key_place = place;
}
