/* text_numbers.h - numbers out of plain text, with the line on which each stands. Private to model/emis. */
#ifndef BS_MODEL_EMIS_TEXT_NUMBERS_H
#define BS_MODEL_EMIS_TEXT_NUMBERS_H

#include <stdbool.h>
#include <stddef.h>

#include "kernels/base/status.h"

enum { BS_TOKEN_MAX = 64 };

/* A place in a text that ends with NUL. Begin with line 1 for words and numbers, with 0 for rows (lines read so
 * far). */
typedef struct bs_text_place {
    const char *file; /* for messages */
    const char *at;
    int line;
} bs_text_place;

/* The next word between blanks and line ends into token[BS_TOKEN_MAX] (longer ones are cut); false at the end of the
 * text. `line` becomes that of the word. */
bool bs_text_word(bs_text_place *place, char *token);

/* The next word as a finite number. Errors: BS_ERR_INPUT "file:line: found 'x', expected <what>", also at the end of
 * the text. */
bs_status bs_text_read_number(bs_text_place *place, const char *what, double *value, bs_err *err);

/* The next line that is neither empty nor begins with '#': its fields between separators (',', ';' or ' ': any blanks)
 * as numbers into value[most]. *n: how many fields there are (more than `most` are counted, not read); *bad: the first
 * that is no number (0-based), or -1, and its text in token[BS_TOKEN_MAX]. false at the end of the text; `at` then
 * stands after the line, `line` is that of the line. */
bool bs_text_row(bs_text_place *place, char separator, int most, double *value, int *n, int *bad, char *token);

#endif
