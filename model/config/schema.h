/* schema.h - the rows of options.def as the tree that a case file must follow, and the words for them. Private to
 * model/config. */
#ifndef BS_MODEL_CONFIG_SCHEMA_H
#define BS_MODEL_CONFIG_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>

#include "model/config/arena.h"
#include "model/config/config.h"

typedef struct bs_schema {
    const char *name;        /* key; "" for the root */
    const char *path;        /* from the root, with "[]" and "{}" of the lists and maps above it; "" for the root */
    const bs_option *option; /* NULL: a section, which has children alone */
    struct bs_schema *parent, *first, *last, *next;
} bs_schema;

/* The tree, in the order of options.def; NULL when out of memory. */
bs_schema *bs_schema_build(bs_arena *arena);

bs_schema *bs_schema_child(const bs_schema *schema, const char *key);

/* Reached by a path written with or without indices ("emissions.inventories[2].file"); NULL: no row or section. */
const bs_schema *bs_schema_find(const bs_schema *root, const char *path);

/* The child whose name is nearest to key, or NULL. */
const char *bs_schema_nearest(const bs_schema *schema, const char *key);

/* "an integer from 4 to 100000", "a quantity from 1 to 3600 s", "one of a, b, c": into text[size]; returns text. */
const char *bs_option_expects(const bs_option *option, char *text, size_t size);

/* Index of a word in "a|b|c", or -1. */
int bs_choice_index(const char *choices, const char *word);

/* The key beside it with which a required option (BS_UNLESS) may be left out; NULL: none. */
static inline const char *bs_option_unless(const bs_option *option)
{
    return option->fallback && option->fallback[0] == BS_UNLESS("")[0] ? option->fallback + 1 : NULL;
}

static inline bool bs_option_required(const bs_option *option)
{
    return option->fallback == NULL || bs_option_unless(option);
}

/* Default as one would write it; "": none. */
static inline const char *bs_option_default(const bs_option *option)
{
    return bs_option_required(option) ? "" : option->fallback;
}

#endif
