/* yaml.h - YAML (and JSON, which is YAML) as a tree of nodes that know where they were written. The only header through
 * which the program meets libfyaml. */
#ifndef BS_MODEL_CONFIG_YAML_H
#define BS_MODEL_CONFIG_YAML_H

#include <stdbool.h>

#include "model/config/arena.h"
#include "model/config/source.h"

typedef enum bs_node_kind {
    BS_NODE_NULL, /* no value, `~` or `null` */
    BS_NODE_TEXT, /* any scalar, as written */
    BS_NODE_LIST,
    BS_NODE_MAP
} bs_node_kind;

typedef struct bs_node {
    bs_node_kind kind;
    bool quoted;                         /* TEXT */
    const char *text;                    /* TEXT: UTF-8 */
    const char *key;                     /* of an entry of a MAP; else NULL */
    bs_place place;                      /* of the value; of its key when it is a LIST, a MAP or NULL */
    bs_place key_place;                  /* of the key, or as place */
    int count;                           /* LIST, MAP: children */
    struct bs_node *first, *last, *next; /* children in the order of the file; next sibling */
} bs_node;

/* Parses one document. Aliases are copied in place; tags are ignored. With `origin` (a --set) all places are that.
 * Problems: syntax, duplicate keys, keys that are no words, more than one document, aliases without an anchor or
 * without end, nesting deeper than 60. *root is NULL when there was a problem; an empty document is a BS_NODE_NULL.
 * Returns BS_ERR_MEMORY or BS_OK; problems are in *problems. */
bs_status bs_yaml_parse(bs_arena *arena, const char *text, size_t length, const char *origin, bs_problems *problems,
                        bs_node **root, bs_err *err);

/* A new node; the child of that key, or NULL; appends a child to a LIST or MAP. */
bs_node *bs_node_create(bs_arena *arena, bs_node_kind kind, bs_place place);
bs_node *bs_node_child(const bs_node *map, const char *key);
void bs_node_append(bs_node *parent, bs_node *child);

/* "'ten'", "a list", "a mapping", "nothing": what was found, for messages; into text[size]; returns text. */
const char *bs_node_found(const bs_node *node, char *text, size_t size);

#endif
