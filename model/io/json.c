#include "model/io/json.h"

#include <math.h>
#include <stddef.h>

/* Length of the UTF-8 sequence that begins here (RFC 3629, section 4); 0: none does. */
static int utf8_length(const unsigned char *s)
{
    unsigned char low = 0x80, high = 0xbf;
    int length = s[0] < 0x80 ? 1 : s[0] >= 0xc2 && s[0] <= 0xdf ? 2 : (s[0] & 0xf0) == 0xe0 ? 3 : 4;
    if (length == 1) return 1;
    if (length == 4 && (s[0] < 0xf0 || s[0] > 0xf4)) return 0;
    if (s[0] == 0xe0) low = 0xa0;  /* shorter forms exist */
    if (s[0] == 0xed) high = 0x9f; /* surrogates */
    if (s[0] == 0xf0) low = 0x90;
    if (s[0] == 0xf4) high = 0x8f; /* beyond U+10FFFF */
    if (s[1] < low || s[1] > high) return 0;
    for (int n = 2; n < length; n++)
        if ((s[n] & 0xc0) != 0x80) return 0;
    return length;
}

static void print_text(FILE *out, const char *text)
{
    const unsigned char *s = (const unsigned char *)text;
    fputc('"', out);
    while (*s) {
        int length = utf8_length(s);
        if (length == 0) {
            fputs("\\ufffd", out);
            s++;
        } else if (*s == '"' || *s == '\\') {
            fprintf(out, "\\%c", *s++);
        } else if (*s == '\n') {
            fputs("\\n", out);
            s++;
        } else if (*s < ' ') {
            fprintf(out, "\\u%04x", *s++);
        } else {
            fwrite(s, 1, (size_t)length, out);
            s += length;
        }
    }
    fputc('"', out);
}

static void begin_line(bs_json *json, const char *key)
{
    if (json->depth > 0) fputs(json->first ? "\n" : ",\n", json->stream);
    json->first = false;
    fprintf(json->stream, "%*s", 2 * json->depth, "");
    if (!key) return;
    print_text(json->stream, key);
    fputs(": ", json->stream);
}

void bs_json_open(bs_json *json, const char *key, char bracket)
{
    begin_line(json, key);
    fputc(bracket, json->stream);
    json->depth++;
    json->first = true;
}

void bs_json_close(bs_json *json, char bracket)
{
    json->depth--;
    if (!json->first) fprintf(json->stream, "\n%*s", 2 * json->depth, "");
    fputc(bracket, json->stream);
    json->first = false;
    if (json->depth == 0) fputc('\n', json->stream);
}

void bs_json_text(bs_json *json, const char *key, const char *text)
{
    begin_line(json, key);
    if (text) {
        print_text(json->stream, text);
    } else {
        fputs("null", json->stream);
    }
}

void bs_json_number(bs_json *json, const char *key, double value)
{
    begin_line(json, key);
    if (isfinite(value)) {
        fprintf(json->stream, "%.17g", value);
    } else {
        fputs("null", json->stream);
    }
}

void bs_json_integer(bs_json *json, const char *key, long long value)
{
    begin_line(json, key);
    fprintf(json->stream, "%lld", value);
}
