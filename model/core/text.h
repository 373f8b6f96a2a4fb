/* text.h - UTF-8 text and the columns it fills on a terminal, for carets and tables. */
#ifndef BS_MODEL_CORE_TEXT_H
#define BS_MODEL_CORE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "kernels/base/utf8.h"

/* Whether a character of `length` bytes fills two columns of a terminal: East Asian wide and fullwidth forms. */
bool bs_utf8_is_wide(const unsigned char *p, size_t length);

/* Columns that a text fills; a byte that is no UTF-8 counts as one. */
int bs_text_columns(const char *text);

/* The width to give to "%-*s" so that a text fills at least `columns` columns: printf counts bytes. */
int bs_text_pad(const char *text, int columns);

#endif
