#include "model/emis/text_numbers.h"

#include <string.h>

#include "model/core/number.h"

static const char *const BLANKS = " \t\r";

static void take(const char *from, size_t n, char *token)
{
    if (n >= BS_TOKEN_MAX) n = BS_TOKEN_MAX - 1;
    memcpy(token, from, n);
    token[n] = '\0';
}

bool bs_text_word(bs_text_place *place, char *token)
{
    for (; *place->at && strchr(" \t\r\n", *place->at); place->at++) place->line += *place->at == '\n';
    const size_t n = strcspn(place->at, " \t\r\n");
    take(place->at, n, token);
    place->at += n;
    return n > 0;
}

bs_status bs_text_read_number(bs_text_place *place, const char *what, double *value, bs_err *err)
{
    char token[BS_TOKEN_MAX];
    if (!bs_text_word(place, token)) {
        return bs_fail(err, BS_ERR_INPUT, "%s:%d: the file ends here, expected %s: is it cut off?", place->file,
                       place->line, what);
    }
    if (bs_number_real(token, value)) return BS_OK;
    return bs_fail(err, BS_ERR_INPUT, "%s:%d: found '%s', expected %s", place->file, place->line, token, what);
}

/* One field of a line that ends at `end`: without blanks around it. Returns where the next one begins; NULL: it was the
 * last. */
static const char *field(const char *at, const char *end, char separator, char *token)
{
    const char *stop = at;
    if (separator == ' ') {
        while (stop < end && !strchr(BLANKS, *stop)) stop++;
    } else {
        while (stop < end && *stop != separator) stop++;
    }
    const char *first = at, *last = stop;
    while (first < last && strchr(BLANKS, *first)) first++;
    while (last > first && strchr(BLANKS, last[-1])) last--;
    take(first, (size_t)(last - first), token);
    if (stop == end) return NULL;
    stop++;
    while (separator == ' ' && stop < end && strchr(BLANKS, *stop)) stop++;
    return stop == end && separator == ' ' ? NULL : stop;
}

bool bs_text_row(bs_text_place *place, char separator, int most, double *value, int *n, int *bad, char *token)
{
    const char *from = NULL, *end = NULL;
    for (;;) {
        if (!*place->at) return false;
        from = place->at + strspn(place->at, BLANKS);
        end = from + strcspn(from, "\n");
        const bool empty = from == end || *from == '#';
        place->at = *end ? end + 1 : end;
        place->line++;
        if (!empty) break;
    }
    *n = 0;
    *bad = -1;
    while (end > from && strchr(BLANKS, end[-1])) end--;
    for (const char *at = from; at; (*n)++) {
        char here[BS_TOKEN_MAX];
        double number = 0;
        at = field(at, end, separator, here);
        const bool good = bs_number_real(here, &number);
        if (good && *n < most) value[*n] = number;
        if (good || *bad >= 0) continue;
        *bad = *n;
        memcpy(token, here, sizeof here);
    }
    return true;
}
