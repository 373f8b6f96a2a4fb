#include "model/core/number.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

size_t bs_number_length(const char *text)
{
    const char *p = text;
    if (*p == '+' || *p == '-') p++;
    size_t digits = 0;
    for (; isdigit((unsigned char)*p); p++) digits++;
    if (*p == '.') {
        for (p++; isdigit((unsigned char)*p); p++) digits++;
    }
    if (digits == 0) return 0;
    if (*p == 'e' || *p == 'E') {
        const char *exponent = p + 1;
        if (*exponent == '+' || *exponent == '-') exponent++;
        if (isdigit((unsigned char)*exponent)) {
            while (isdigit((unsigned char)*exponent)) exponent++;
            p = exponent;
        }
    }
    return (size_t)(p - text);
}

bool bs_number_real(const char *text, double *value)
{
    size_t n = bs_number_length(text);
    if (n == 0 || text[n] != '\0') return false;
    double v = strtod(text, NULL);
    if (!isfinite(v)) return false;
    *value = v;
    return true;
}

bool bs_number_int(const char *text, long *value)
{
    const char *digits = text + (*text == '+' || *text == '-');
    if (!*digits || (digits[0] == '0' && digits[1])) return false;
    for (const char *p = digits; *p; p++) {
        if (!isdigit((unsigned char)*p)) return false;
    }
    errno = 0;
    long v = strtol(text, NULL, 10);
    if (errno == ERANGE) return false;
    *value = v;
    return true;
}

char *bs_number_format(double value, char *text)
{
    char number[BS_NUMBER_TEXT_MAX] = "";
    for (int digits = 1; digits <= 17; digits++) {
        snprintf(number, sizeof number, "%.*g", digits, value);
        if (strtod(number, NULL) == value) break;
    }
    char *e = strchr(number, 'e');
    if (e && fabs(value) < 1e15 && fabs(value) >= 1) { /* 7200, not 7.2e+03 */
        snprintf(number, sizeof number, "%.15g", value);
        if (strtod(number, NULL) != value) snprintf(number, sizeof number, "%.17g", value);
    } else if (e && !strchr(number, '.')) {
        char tail[8];
        snprintf(tail, sizeof tail, "%s", e);
        snprintf(e, sizeof number - (size_t)(e - number), ".0%s", tail);
    }
    return strcpy(text, number);
}
