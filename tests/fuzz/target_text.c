/* Numbers, quantities, units and times as texts. The first line names what the second is; further lines are further arguments. */
#include "fuzz.h"

#include <math.h>

#include "model/core/clock.h"
#include "model/core/number.h"
#include "model/report/series.h"
#include "model/units/units.h"

enum { ARGUMENTS = 3, TEXT = 1024 };

static void try_number(const char *text)
{
    double value = 7.0, again = 0.0;
    long whole = 7, whole_again = 0;
    char shown[BS_NUMBER_TEXT_MAX];
    FUZZ_CHECK(bs_number_length(text) <= strlen(text), "'%s'", text);
    if (bs_number_real(text, &value)) {
        FUZZ_CHECK(isfinite(value), "'%s' is %g", text, value);
        FUZZ_CHECK(bs_number_real(bs_number_format(value, shown), &again), "%s of '%s' is no number", shown, text);
        FUZZ_CHECK(memcmp(&again, &value, sizeof value) == 0, "'%s': %s is another number", text, shown);
    } else {
        FUZZ_CHECK(value == 7.0, "'%s' is refused and yet %g", text, value);
    }
    if (bs_number_int(text, &whole)) {
        snprintf(shown, sizeof shown, "%ld", whole);
        FUZZ_CHECK(bs_number_int(shown, &whole_again) && whole == whole_again, "'%s'", text);
    } else {
        FUZZ_CHECK(whole == 7, "'%s' is refused and yet %ld", text, whole);
    }
}

static void try_time(const char *text, bs_err *err)
{
    bs_time t, again;
    long day;
    char shown[BS_TIME_TEXT_MAX];
    if (fuzz_judge(bs_time_parse(text, &t, err), err)) {
        const bs_date d = bs_date_from_time(t);
        FUZZ_CHECK(bs_time_from_date(d.year, d.month, d.day, d.hour, d.minute, d.second) == t, "'%s'", text);
        FUZZ_CHECK(bs_time_parse(bs_time_format(t, shown), &again, err) == BS_OK, "'%s': %s", text, err->text);
        FUZZ_CHECK(again == t, "'%s': %s is another time", text, shown);
    }
    if (bs_day_parse(text, &day)) FUZZ_CHECK(strcmp(bs_day_format(day, shown), text) == 0, "'%s' is %s", text, shown);
}

static void try_units(bs_units *units, const char *what, char (*text)[TEXT], bs_err *err)
{
    double a = 0.0, b = 0.0;
    if (strcmp(what, "quantity") == 0) {
        if (fuzz_judge(bs_units_parse_quantity(units, text[0], text[1], &a, err), err))
            FUZZ_CHECK(isfinite(a), "'%s' in '%s' is %g", text[0], text[1], a);
    } else if (strcmp(what, "convert") == 0) {
        if (fuzz_judge(bs_units_convert(units, text[0], text[1], &a, &b, err), err))
            FUZZ_CHECK(isfinite(a) && isfinite(b) && a != 0.0, "'%s' to '%s': %g, %g", text[0], text[1], a, b);
    } else if (fuzz_judge(bs_units_time(units, text[0], &a, &b, err), err)) {
        FUZZ_CHECK(isfinite(a) && a > 0.0 && isfinite(b), "'%s': %g, %g", text[0], a, b);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char line[ARGUMENTS + 1][TEXT];
    static bs_err err;
    bs_units *units;
    FUZZ_CHECK(bs_units_create(&units, &err) == BS_OK, "%s", err.text);
    for (int n = 0; n <= ARGUMENTS; n++) line[n][0] = '\0';
    for (int n = 0; n <= ARGUMENTS && size > 0; n++) {
        const uint8_t *end = n < ARGUMENTS ? memchr(data, '\n', size) : NULL;
        const size_t length = end ? (size_t)(end - data) : size, kept = length < TEXT ? length : TEXT - 1;
        memcpy(line[n], data, kept);
        line[n][kept] = '\0';
        data += end ? length + 1 : length;
        size -= end ? length + 1 : length;
    }
    if (strcmp(line[0], "number") == 0) {
        try_number(line[1]);
    } else if (strcmp(line[0], "time") == 0) {
        try_time(line[1], &err);
    } else {
        try_units(units, line[0], line + 1, &err);
    }
    return 0;
}
