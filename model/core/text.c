#include "model/core/text.h"

#include <string.h>

bool bs_utf8_is_wide(const unsigned char *p, size_t length)
{
    if (length < 3) return false;
    unsigned c = length == 3 ? (p[0] & 0x0Fu) << 12 | (p[1] & 0x3Fu) << 6 | (p[2] & 0x3Fu)
                             : (p[0] & 0x07u) << 18 | (p[1] & 0x3Fu) << 12 | (p[2] & 0x3Fu) << 6 | (p[3] & 0x3Fu);
    return (c >= 0x1100 && c <= 0x115F) || (c >= 0x2E80 && c <= 0xA4CF) || (c >= 0xAC00 && c <= 0xD7A3) ||
           (c >= 0xF900 && c <= 0xFAFF) || (c >= 0xFE30 && c <= 0xFE6F) || (c >= 0xFF00 && c <= 0xFF60) ||
           (c >= 0xFFE0 && c <= 0xFFE6) || (c >= 0x20000 && c <= 0x3FFFD);
}

int bs_text_columns(const char *text)
{
    const unsigned char *p = (const unsigned char *)text, *end = p + strlen(text);
    int columns = 0;
    while (p < end) {
        size_t length = bs_utf8_length(p, (size_t)(end - p));
        columns += length && bs_utf8_is_wide(p, length) ? 2 : 1;
        p += length ? length : 1;
    }
    return columns;
}

int bs_text_pad(const char *text, int columns)
{
    return columns + (int)strlen(text) - bs_text_columns(text);
}
