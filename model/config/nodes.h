/* nodes.h - values out of a tree of YAML (yaml.h), for tables that are written in YAML but are no case files. What is
 * wrong goes to `problems` with its place, so that a user can mend all of it in one go; the functions then return what
 * is said below. */
#ifndef BS_MODEL_CONFIG_NODES_H
#define BS_MODEL_CONFIG_NODES_H

#include <stdbool.h>

#include "model/config/yaml.h"

/* Whether `map` is a mapping whose keys are all among `keys` (NULL ends them); `what` names it in messages. */
bool bs_nodes_keys(bs_problems *problems, const bs_node *map, const char *what, const char *const *keys);

/* The child at a key of a mapping, which must be a scalar; NULL when it is absent (a problem where `required`) or is
 * none. */
const bs_node *bs_nodes_scalar(bs_problems *problems, const bs_node *map, const char *key, bool required);

/* Its text; NULL also when it is empty (a problem). */
const char *bs_nodes_text(bs_problems *problems, const bs_node *map, const char *key, bool required);

/* Index of the word at a key in "a|b|c"; `fallback` when it is absent; -1 after a problem. */
int bs_nodes_choice(bs_problems *problems, const bs_node *map, const char *key, const char *choices, int fallback);

/* The number at a key; `fallback` when it is absent or no number (a problem). */
double bs_nodes_real(bs_problems *problems, const bs_node *map, const char *key, double fallback);

/* The words at a key, a list or one: *n of them, in the arena. NULL and 0 when there are none (a problem where
 * `required`) or without memory. */
const char **bs_nodes_texts(bs_arena *arena, bs_problems *problems, const bs_node *map, const char *key, bool required,
                            int *n);

#endif
