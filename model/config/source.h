/* source.h - the text of an input file, and the errors found in it, each shown with its line and a caret. */
#ifndef BS_MODEL_CONFIG_SOURCE_H
#define BS_MODEL_CONFIG_SOURCE_H

#include <stdbool.h>
#include <stddef.h>

#include "kernels/base/status.h"
#include "model/config/arena.h"

typedef struct bs_source {
    const char *name; /* the file's name as given */
    const char *text; /* UTF-8 without NUL, NUL-terminated; a byte-order mark is left out */
    size_t length;
} bs_source;

/* Reads a whole text file into the arena. Errors: BS_ERR_INPUT (no such file, a folder, not UTF-8: with line and
 * column), BS_ERR_IO (cannot be read). */
bs_status bs_source_read(bs_arena *arena, const char *file, bs_source *out, bs_err *err);

/* Where something was written: line and column (characters) from 1, or line 0 and `origin` ("--set a.b=c"), or
 * neither. */
typedef struct bs_place {
    int line, column;
    const char *origin;
} bs_place;

enum { BS_PROBLEMS_MAX = 20 };

/* Errors of one input, collected so that a user can mend them in one go. Zero-initialise, then set source. */
typedef struct bs_problems {
    const bs_source *source;
    int count; /* of all, shown or not */
    int shown;
    size_t used;
    char text[BS_ERR_TEXT_MAX];
} bs_problems;

/* Adds one error. The first BS_PROBLEMS_MAX that fit are kept in full, the rest are counted. */
void bs_problem(bs_problems *problems, bs_place place, const char *format, ...) BS_PRINTF(3, 4);

/* BS_OK when there is none; else BS_ERR_INPUT with all of them in *err. */
bs_status bs_problems_status(const bs_problems *problems, bs_err *err);

#endif
