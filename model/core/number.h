/* number.h - decimal numbers as people write them in configurations and tables. Stricter than strtol and strtod: the whole
 * text must be one number; hexadecimal, octal, "inf", "nan" and digits that overflow are no numbers. */
#ifndef BS_MODEL_CORE_NUMBER_H
#define BS_MODEL_CORE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>

enum { BS_NUMBER_TEXT_MAX = 32 };

/* Characters of the decimal number that `text` begins with ("-1.5e3" of "-1.5e3 m"); 0: it begins with none. */
size_t bs_number_length(const char *text);

/* The text as a finite number or as an integer; false and *value untouched when it is none. An integer has no leading
 * zeros ("010" is eight to some readers and ten to others). */
bool bs_number_real(const char *text, double *value);
bool bs_number_int(const char *text, long *value);

/* The shortest text that reads back to the same double, never like an integer's exponent ("1.0e-05", not "1e-05", which
 * YAML 1.1 readers take for a word), into text[BS_NUMBER_TEXT_MAX]; returns text. */
char *bs_number_format(double value, char *text);

#endif
