/* config_internal.h - what the files of the configuration reader share. Private to model/config. */
#ifndef BS_MODEL_CONFIG_INTERNAL_H
#define BS_MODEL_CONFIG_INTERNAL_H

#include "model/config/arena.h"
#include "model/config/config.h"
#include "model/config/schema.h"
#include "model/config/source.h"
#include "model/config/yaml.h"
#include "model/units/units.h"

/* One row (or section, or entry of a list) of the read configuration. */
typedef struct bs_value {
    const char *path;        /* with indices: "emissions.inventories[2].file"; entries of maps have indices too */
    const bs_option *option; /* NULL: a section or an entry, kept for its place */
    const char *where;       /* "case.yaml:12:5" */
    bool has;                /* given in the file, by --set or by a default */
    long integer;            /* INT, BOOL, CHOICE (index) */
    double real;             /* REAL */
    bs_time time;            /* TIME */
    const char *text;        /* TEXT, CHOICE, FILE */
    int n;                   /* FILES, REALS, TEXTS, LIST, MAP */
    const char **texts;      /* [n] FILES, TEXTS; keys of a MAP */
    double *reals;           /* [n] REALS */
    struct bs_value *next;
} bs_value;

struct bs_config {
    bs_arena arena;
    const char *file;
    const bs_schema *schema;
    bs_value *first, *last; /* in the order of options.def */
};

typedef struct bs_reader {
    bs_config *config;
    bs_problems *problems;
    bs_units *units;
    const char *folder;     /* of the case file, absolute: what relative file names start from */
    bool files_may_be_gone; /* those that the file itself names */
    bool no_memory;
} bs_reader;

/* config_set.c: puts the value of "a.b=value" into the tree. */
void bs_config_apply_set(bs_reader *r, bs_node *root, const char *assignment);

/* config_check.c: walks schema and tree together and fills config->first. */
void bs_config_check(bs_reader *r, bs_node *root);

/* config_value.c: the value of one row from its node. Problems are reported; value->has tells whether there is one. */
void bs_config_convert(bs_reader *r, bs_value *value, const bs_node *node);

/* config_files.c: ${NAME} replaced; NULL after a problem (reported) or without memory. */
const char *bs_config_expand(bs_reader *r, const char *path, const bs_node *node);
void bs_config_convert_file(bs_reader *r, bs_value *value, const bs_node *node);
void bs_config_convert_files(bs_reader *r, bs_value *value, const bs_node *node);

/* config.c: NULL when there is none. */
const bs_value *bs_config_find(const bs_config *config, const char *path);

/* Remembers that memory ran out; NULL, so that it can be returned. */
static inline void *bs_reader_no_memory(bs_reader *r)
{
    r->no_memory = true;
    return NULL;
}

#endif
