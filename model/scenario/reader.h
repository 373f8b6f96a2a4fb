/* reader.h - what the files that read a plan share: values out of nodes, with their problems. Private to model/scenario. */
#ifndef BS_MODEL_SCENARIO_READER_H
#define BS_MODEL_SCENARIO_READER_H

#include "model/config/yaml.h"
#include "model/scenario/plan.h"

typedef struct bs_plan_family {
    const char *name;
    int n;
    const char **member;
} bs_plan_family;

typedef struct bs_plan_families {
    int n;
    bs_plan_family *family;
} bs_plan_families;

typedef struct bs_plan_reader {
    bs_arena *arena;
    bs_problems *problems;
    bs_units *units;
    bs_plan_families regions, sectors; /* as read so far */
    bool no_memory;
} bs_plan_reader;

/* Every function reports what is wrong as a problem and then returns false, NULL or leaves *out as it was. */

/* Room that the arena gives; NULL and r->no_memory when there is none. */
void *bs_plan_room(bs_plan_reader *r, int n, size_t size);

/* Whether `map` is a mapping whose keys are all among `keys` (NULL at the end); `what` names it. A key that is not there is reported with
 * the nearest one, and those of factors with what to write. */
bool bs_plan_check_keys(bs_plan_reader *r, const bs_node *map, const char *what, const char *const *keys);

/* A text of its own; `required`: reported when absent. */
const char *bs_plan_text(bs_plan_reader *r, const bs_node *map, const char *key, bool required);

/* Index of the word in "a|b|c"; -1 when the key is absent, or after a problem. */
int bs_plan_choice(bs_plan_reader *r, const bs_node *map, const char *key, const char *choices);

/* "30%": 0..1. A bare number, a factor, a sign or an increase is refused with what to write. `name` is the key, for messages. */
bool bs_plan_percent(bs_plan_reader *r, const bs_node *map, const char *name, double *out);

/* "12 h", whole hours. */
bool bs_plan_hours(bs_plan_reader *r, const bs_node *map, const char *key, bs_time *out);

/* A time on a whole hour, or start or end. */
bool bs_plan_moment_read(bs_plan_reader *r, const bs_node *map, const char *key, bs_plan_moment *out);

/* A list of words, or one word; families are looked up (NULL: none). */
bool bs_plan_keys_read(bs_plan_reader *r, const bs_node *map, const char *key, const bs_plan_families *families,
                       bs_plan_keys *out);

/* plan_rules.c: an action or alert; a row of a template's level (no regions, no times). */
bool bs_plan_rule_read(bs_plan_reader *r, const bs_node *node, bs_plan_rule *out);
bool bs_plan_row_read(bs_plan_reader *r, const bs_node *node, bs_plan_rule *out);

/* plan_template.c: reads the file's levels into *out, whose texts live in r->arena. */
bs_status bs_plan_template_read(bs_plan_reader *r, const char *file, bs_plan_template *out, bs_err *err);

#endif
