#include "model/units/units.h"

#include <ctype.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <udunits2.h>

#include "model/core/clock.h"
#include "model/core/number.h"

struct bs_units {
    ut_system *system;
};

enum { UNIT_TEXT_MAX = 256 };
static const double STRAIGHT = 1e-9; /* ROUND: of a straight line, through an offset */

bs_status bs_units_create(bs_units **out, bs_err *err)
{
    *out = NULL;
    bs_units *units = calloc(1, sizeof *units);
    if (!units) return bs_fail(err, BS_ERR_MEMORY, "out of memory for the unit system");
    /* udunits2 would print to stderr; every failure is reported through bs_err instead. */
    ut_set_error_message_handler(ut_ignore);
    units->system = ut_read_xml(NULL);
    if (!units->system) {
        free(units);
        return bs_fail(err, BS_ERR_RUN,
                       "cannot read the unit database of udunits2; is the package libudunits2-data "
                       "installed, or UDUNITS2_XML_PATH set wrongly?");
    }
    *out = units;
    return BS_OK;
}

void bs_units_destroy(bs_units *units)
{
    if (!units) return;
    ut_free_system(units->system);
    free(units);
}

static bool has_word(const char *text, const char *word)
{
    size_t n = strlen(word);
    for (const char *p = strstr(text, word); p; p = strstr(p + 1, word)) {
        bool starts = p == text || (!isalpha((unsigned char)p[-1]) && p[-1] != '_');
        bool ends = !isalpha((unsigned char)p[n]) && p[n] != '_';
        if (starts && ends) return true;
    }
    return false;
}

/* The unit of a text, or NULL and the reason in *why. Texts that udunits2 takes but which mean another thing in this
 * field are refused: a "ton" (907.2 kg there), a number as part of the unit ("9 km"), a point in time. */
static ut_unit *parse_unit(bs_units *units, const char *text, const char **why)
{
    char trimmed[UNIT_TEXT_MAX];
    *why = "no unit that udunits2 knows";
    if (strlen(text) >= sizeof trimmed) return NULL;
    strcpy(trimmed, text);
    ut_trim(trimmed, UT_UTF8);
    if (!trimmed[0]) strcpy(trimmed, "1");
    if (has_word(trimmed, "ton") || has_word(trimmed, "tons")) {
        *why = "ambiguous: write 't' for 1000 kg (or 'short_ton')";
        return NULL;
    }
    if (strchr(trimmed, '@') || strstr(trimmed, " since ") || strstr(trimmed, " from ") || strstr(trimmed, " after ") ||
        strstr(trimmed, " ref ")) {
        *why = "a point on a scale, not a unit";
        return NULL;
    }
    if (strcmp(trimmed, "1") != 0 && strchr("0123456789+-.", trimmed[0])) {
        *why = "a number, not a unit";
        return NULL;
    }
    return ut_parse(units->system, trimmed, UT_UTF8);
}

bool bs_units_valid(bs_units *units, const char *text)
{
    const char *why = NULL;
    ut_unit *unit = parse_unit(units, text, &why);
    bool valid = unit != NULL;
    ut_free(unit);
    return valid;
}

/* Errors: BS_ERR_INPUT, also for scales that are not straight (decibels) or run backward. */
static bs_status converter_coefficients(ut_unit *from, ut_unit *to, double *scale, double *offset)
{
    cv_converter *converter = ut_get_converter(from, to);
    if (!converter) return BS_ERR_INPUT;
    *offset = cv_convert_double(converter, 0.0);
    /* Next to an offset (degC to K) one unit is few digits; a long lever keeps the scale exact to rounding. */
    const double lever = *offset == 0.0 ? 1.0 : 0x1p20;
    *scale = (cv_convert_double(converter, lever) - *offset) / lever;
    const double far = cv_convert_double(converter, 2 * lever) - (*offset + 2 * lever * *scale);
    cv_free(converter);
    if (!isfinite(*scale) || !isfinite(*offset) || !(*scale > 0.0)) return BS_ERR_INPUT; /* "m1-10" is -10 m */
    if (!(fabs(far) <= STRAIGHT * fabs(2 * lever * *scale))) return BS_ERR_INPUT;
    if (fabs(*scale - 1.0) < 4 * DBL_EPSILON) *scale = 1.0;
    return BS_OK;
}

bs_status bs_units_convert(bs_units *units, const char *from, const char *to, double *scale, double *offset,
                           bs_err *err)
{
    const char *why = NULL;
    ut_unit *u_from = parse_unit(units, from, &why);
    if (!u_from) return bs_fail(err, BS_ERR_INPUT, "unit '%s' is %s", from, why);
    ut_unit *u_to = parse_unit(units, to, &why);
    if (!u_to) {
        ut_free(u_from);
        return bs_fail(err, BS_ERR_INPUT, "unit '%s' is %s", to, why);
    }
    bs_status status = BS_OK;
    if (strcmp(from, to) == 0) {
        *scale = 1.0; /* to the bit, so that a dumped value reads back unchanged */
        *offset = 0.0;
    } else {
        status = converter_coefficients(u_from, u_to, scale, offset);
        if (status) bs_fail(err, status, "unit '%s' cannot be converted to '%s'", from, to);
    }
    ut_free(u_from);
    ut_free(u_to);
    return status;
}

bs_status bs_units_parse_quantity(bs_units *units, const char *text, const char *to, double *value, bs_err *err)
{
    const char *p = text;
    while (isspace((unsigned char)*p)) p++;
    size_t n = bs_number_length(p);
    bool bare = strcmp(to, "1") == 0 || to[0] == '\0';
    if (n == 0) {
        return bs_fail(err, BS_ERR_INPUT,
                       bare ? "'%s' does not begin with a number"
                            : "'%s' does not begin with a number; write a number and its unit, as '1 %s'",
                       text, to);
    }
    double number = strtod(p, NULL);
    if (!isfinite(number)) return bs_fail(err, BS_ERR_INPUT, "the number in '%s' is too large", text);
    const char *unit = p + n;
    while (isspace((unsigned char)*unit)) unit++;
    if (*unit == '\0') {
        if (!bare) {
            return bs_fail(err, BS_ERR_INPUT, "'%s' has no unit; write the unit with it, as '%.*s %s'", text, (int)n, p,
                           to);
        }
        *value = number;
        return BS_OK;
    }
    if (unit == p + n && *unit != '%') {
        return bs_fail(err, BS_ERR_INPUT, "'%s' is no quantity; leave a blank between number and unit, as '%.*s %s'",
                       text, (int)n, p, bare ? "%" : to);
    }
    double scale = 1, offset = 0;
    bs_status status = bs_units_convert(units, unit, bare ? "1" : to, &scale, &offset, err);
    if (status) return status;
    double result = scale * number + offset;
    if (!isfinite(result)) return bs_fail(err, BS_ERR_INPUT, "'%s' is too large in %s", text, to);
    *value = result;
    return BS_OK;
}

/* A decimal integer of 1 to max digits. */
static bool take_number(const char **p, int max, int *value)
{
    int v = 0, n = 0;
    for (; n < max && isdigit((unsigned char)**p); n++) v = v * 10 + (*(*p)++ - '0');
    *value = v;
    return n > 0;
}

/* "", "Z", "UTC", "+8", "-6:00", "+0800", "0:00" (wgrib2): seconds east of Greenwich. */
static bool take_zone(const char *p, int *offset)
{
    while (*p == ' ') p++;
    *offset = 0;
    if (!*p || strcmp(p, "Z") == 0 || strcmp(p, "UTC") == 0 || strcmp(p, "GMT") == 0) return true;
    const bool bare = isdigit((unsigned char)*p);
    if (!bare && *p != '+' && *p != '-') return false;
    int sign = *p == '-' ? -1 : 1, hours = 0, minutes = 0;
    if (!bare) p++;
    if (!take_number(&p, 2, &hours)) return false;
    if (*p == ':') p++;
    if (*p && !take_number(&p, 2, &minutes)) return false;
    *offset = sign * (hours * 3600 + minutes * 60);
    return !*p && hours <= 18 && minutes <= 59;
}

/* CF writes reference times loosely: "1992-10-8 15:15:42.5 -6:00", "1900-1-1 0:0:0.0", "2000-01-01". */
static bool parse_reference(const char *p, double *reference_s, int *year)
{
    int month = 0, day = 0, hour = 0, minute = 0, second = 0, offset = 0;
    double fraction = 0;
    if (!take_number(&p, 4, year) || *p++ != '-' || !take_number(&p, 2, &month) || *p++ != '-' ||
        !take_number(&p, 2, &day)) {
        return false;
    }
    if (*p == 'T' || (*p == ' ' && isdigit((unsigned char)p[1]))) {
        p++;
        if (!take_number(&p, 2, &hour)) return false;
        if (*p == ':' && (p++, !take_number(&p, 2, &minute))) return false;
        if (*p == ':' && (p++, !take_number(&p, 2, &second))) return false;
        if (*p == '.') {
            p++;
            for (double tenth = 0.1; isdigit((unsigned char)*p); p++, tenth /= 10) fraction += tenth * (*p - '0');
        }
    }
    if (!take_zone(p, &offset)) return false;
    if (month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 59) return false;
    bs_time t = bs_time_from_date(*year, month, day, hour, minute, second);
    bs_date back = bs_date_from_time(t);
    if (back.day != day) return false; /* 30 February */
    *reference_s = (double)(t - offset) + fraction;
    return true;
}

bs_status bs_units_time(bs_units *units, const char *text, double *seconds_per_unit, double *reference_s, bs_err *err)
{
    const char *since = strstr(text, " since ");
    char unit[UNIT_TEXT_MAX];
    if (!since || (size_t)(since - text) >= sizeof unit) {
        return bs_fail(err, BS_ERR_INPUT, "'%s' is no time unit; expected as 'hours since 2015-01-10 00:00:00'", text);
    }
    memcpy(unit, text, (size_t)(since - text));
    unit[since - text] = '\0';
    static const char *const VAGUE[] = {"month", "months", "year", "years", "common_year", "common_years"};
    for (size_t i = 0; i < sizeof VAGUE / sizeof VAGUE[0]; i++) {
        if (has_word(unit, VAGUE[i])) {
            return bs_fail(err, BS_ERR_INPUT, "time unit '%s': the length of a %s varies; use days or hours", text,
                           VAGUE[i]);
        }
    }
    double scale = 0, offset = 0;
    bs_status status = bs_units_convert(units, unit, "s", &scale, &offset, err);
    if (status) {
        bs_err_context(err, "time unit '%s'", text);
        return status;
    }
    const char *reference = since + strlen(" since ");
    while (*reference == ' ') reference++;
    double r = 0;
    int year = 0;
    if (!parse_reference(reference, &r, &year)) {
        return bs_fail(err, BS_ERR_INPUT, "time unit '%s': '%s' is no date and time", text, reference);
    }
    /* Before 1582-10-15 programs disagree by up to 12 days (Julian or Gregorian calendar). */
    if (r < (double)bs_time_from_date(1582, 10, 15, 0, 0, 0)) {
        return bs_fail(err, BS_ERR_INPUT,
                       "time unit '%s': a reference before 1582-10-15 is ambiguous (calendar reform); "
                       "rewrite the time axis, for example with 'cdo setreftime,1970-01-01,00:00:00'",
                       text);
    }
    *seconds_per_unit = scale;
    *reference_s = r;
    return BS_OK;
}
