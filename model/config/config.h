/* config.h - a case file: YAML read through one option table (options.def).
 *
 * Every option is a row of options.def: its path ("grid.dx", "emissions.inventories[].file"), type, canonical unit,
 * range, default, and help. The parser, `bashu options`, configs/reference.yaml, the dump written into each output and
 * --set all come from these rows; a key that is no row is an error with the nearest row's name.
 *
 * Values with a unit are written with it ("dx: 9 km") and arrive in the canonical unit. Relative file names are taken
 * from the folder of the case file; ${NAME} is replaced from the environment, and an unset NAME is an error.
 * All errors of a file are collected (up to 20) and reported together, each as
 *     case.yaml:12:5: error: grid.nx must be an integer from 4 to 100000, found 'ten'
 * followed by the source line and a caret. */
#ifndef BS_MODEL_CONFIG_H
#define BS_MODEL_CONFIG_H

#include <stdbool.h>
#include <stdio.h>

#include "kernels/base/status.h"
#include "model/core/clock.h"

typedef struct bs_config bs_config;

typedef enum bs_option_type {
    BS_OPT_INT,
    BS_OPT_REAL, /* with a canonical unit; written with a unit unless that is "1" */
    BS_OPT_BOOL, /* true or false */
    BS_OPT_TEXT,
    BS_OPT_CHOICE, /* one of the words in `choices`, separated by '|' */
    BS_OPT_TIME,   /* UTC unless an offset is given */
    BS_OPT_FILE,   /* an existing, readable file */
    BS_OPT_FILES,  /* a list of such, or one; glob patterns are expanded and sorted; no match is an error */
    BS_OPT_REALS,  /* a list of numbers in one unit */
    BS_OPT_TEXTS,  /* a list of words */
    BS_OPT_LIST,   /* a list of mappings whose keys are rows "path[].key" */
    BS_OPT_MAP     /* a mapping with free keys; entries are mappings whose keys are rows "path{}.key" */
} bs_option_type;

/* Fallback of an option that is required, unless the key of that name beside it is given. */
#define BS_UNLESS(key) "\1" key

typedef struct bs_option {
    const char *path;
    bs_option_type type;
    const char *unit; /* canonical; "" where none */
    double min, max;  /* of INT and REAL(S), canonical unit */
    const char *
        fallback; /* default as one would write it; NULL or BS_UNLESS: required (if its parent is present); "" : none */
    const char *choices;
    const char *help;
} bs_option;

const bs_option *bs_options(int *count);

/* Reads `file`, applies `n_set` assignments "a.b=value" (from --set), fills defaults, checks all rows.
 * Errors: BS_ERR_INPUT, all messages in err->text. */
bs_status bs_config_read(const char *file, int n_set, const char *const *set, bs_config **out, bs_err *err);

/* The case.yaml that a run left: the same, but the files that it names need not be there any more (those of `set` must). */
bs_status bs_config_read_kept(const char *file, int n_set, const char *const *set, bs_config **out, bs_err *err);
void bs_config_destroy(bs_config *config);

/* Values by path; a list's or map's entry is addressed as "emissions.inventories[2].file". Paths are fixed in the source:
 * asking for one that is no row, or with the wrong type, is a programmer's error (assert). Entries of a map are addressed by
 * index, too. Where there is no value: NaN, INT64_MIN (time), -1 (choice), NULL, 0, false. */
bool bs_config_has(const bs_config *c, const char *path); /* given in the file or has a non-empty default */
long bs_config_int(const bs_config *c, const char *path);
double bs_config_real(const bs_config *c, const char *path);
bool bs_config_bool(const bs_config *c, const char *path);
bs_time bs_config_time(const bs_config *c, const char *path);
const char *bs_config_text(const bs_config *c,
                           const char *path);               /* TEXT, CHOICE, FILE (resolved); NULL when not given */
int bs_config_choice(const bs_config *c, const char *path); /* index of the word in `choices` */
int bs_config_count(const bs_config *c, const char *path);  /* entries of FILES, REALS, TEXTS, LIST, MAP; 0: none */
const char *bs_config_text_at(const bs_config *c, const char *path, int n); /* FILES, TEXTS */
double bs_config_real_at(const bs_config *c, const char *path, int n);      /* REALS */
const char *bs_config_key_at(const bs_config *c, const char *path, int n);  /* key of the n-th entry of a MAP */

/* "case.yaml:12:5" of where a path was given; "--set a.b=c" when it came from there; where its parent is, or the file name,
 * when it was not given. Sections and entries ("emissions.inventories[2]") have places, too. Use it to start messages about
 * values that only a later stage can judge. Valid until destroy. */
const char *bs_config_where(const bs_config *c, const char *path);

const char *bs_config_file(const bs_config *c);

/* The resolved configuration as YAML (every row, defaults included, canonical units), for case.yaml of a run, global attributes
 * and the cache key. malloc'ed text. */
char *bs_config_dump(const bs_config *c);

/* The same for comparing: a line "path: value" for each value there is. malloc'ed text. */
char *bs_config_flat(const bs_config *c);

/* configs/reference.yaml: every option commented with type, unit, range, default. And the table of `bashu options`. */
void bs_options_print_reference(FILE *out);
void bs_options_print_table(FILE *out);

/* The word nearest to `word` among n (edit distance <= 1/2 of its length), or NULL: for "did you mean". */
const char *bs_nearest_word(const char *word, int n, const char *const *words);

#endif
