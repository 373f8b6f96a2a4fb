#include "kernels/base/utf8.h"

#include <stdbool.h>
#include <string.h>

size_t bs_utf8_length(const unsigned char *p, size_t n)
{
    static const struct {
        unsigned char first_min, first_max, second_min, second_max, length;
    } FORM[] = {{0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3}, {0xE1, 0xEC, 0x80, 0xBF, 3},
                {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3}, {0xF0, 0xF0, 0x90, 0xBF, 4},
                {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4}};
    if (p[0] < 0x80) return 1;
    for (size_t f = 0; f < sizeof FORM / sizeof FORM[0]; f++) {
        if (p[0] < FORM[f].first_min || p[0] > FORM[f].first_max) continue;
        if (n < FORM[f].length || p[1] < FORM[f].second_min || p[1] > FORM[f].second_max) return 0;
        for (size_t i = 2; i < FORM[f].length; i++) {
            if (p[i] < 0x80 || p[i] > 0xBF) return 0;
        }
        return FORM[f].length;
    }
    return 0;
}

/* C0, DEL and C1. */
static bool is_control(const unsigned char *p, size_t length)
{
    if (length == 1) return (p[0] < 0x20 && p[0] != '\n' && p[0] != '\t') || p[0] == 0x7F;
    return length == 2 && p[0] == 0xC2 && p[1] < 0xA0;
}

void bs_utf8_tame(char *text)
{
    const unsigned char *from = (unsigned char *)text;
    char *to = text;
    for (size_t left = strlen(text); left > 0;) {
        const size_t n = bs_utf8_length(from, left);
        if (n == 0 || is_control(from, n)) {
            *to++ = '?';
        } else {
            memmove(to, from, n);
            to += n;
        }
        from += n ? n : 1;
        left -= n ? n : 1;
    }
    *to = '\0';
}
