/* json.h - a JSON value being printed, valid whatever the texts and numbers are: texts are escaped (bytes that are no UTF-8
 * become U+FFFD), numbers carry all their digits, NaN and infinity become null. Members are printed in the order of the calls.
 * `key` NULL: an element of an array. */
#ifndef BS_MODEL_IO_JSON_H
#define BS_MODEL_IO_JSON_H

#include <stdbool.h>
#include <stdio.h>

typedef struct bs_json {
    FILE *stream;
    int depth;
    bool first; /* nothing printed yet in the innermost object or array */
} bs_json;

void bs_json_open(bs_json *json, const char *key, char bracket);     /* '{' or '[' */
void bs_json_close(bs_json *json, char bracket);                     /* '}' or ']' */
void bs_json_text(bs_json *json, const char *key, const char *text); /* NULL: null */
void bs_json_number(bs_json *json, const char *key, double value);
void bs_json_integer(bs_json *json, const char *key, long long value);

#endif
