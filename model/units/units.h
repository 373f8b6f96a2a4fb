/* units.h - unit strings, by udunits2. The only header through which the program meets udunits2.
 * A handle may be used by one thread at a time. */
#ifndef BS_MODEL_UNITS_H
#define BS_MODEL_UNITS_H

#include <stdbool.h>

#include "kernels/base/status.h"

typedef struct bs_units bs_units; /* the unit system */

bs_status bs_units_create(bs_units **out, bs_err *err);
void bs_units_destroy(bs_units *units);

/* value_to = *scale * value_from + *offset. Errors: BS_ERR_INPUT when a string is no unit or the two are not
 * convertible (both are named). `ug` is understood as microgram; "1" and "" are dimensionless, "%" is 0.01. */
bs_status bs_units_convert(bs_units *units, const char *from, const char *to, double *scale, double *offset,
                           bs_err *err);

bool bs_units_valid(bs_units *units, const char *text);

/* "9 km", "-3.5 degC", "1.0e3 Pa": a number, white space, a unit; converted to `to`. A bare number is accepted only
 * when `to` is "1". Errors: BS_ERR_INPUT with the offending text. */
bs_status bs_units_parse_quantity(bs_units *units, const char *text, const char *to, double *value, bs_err *err);

/* CF time units "hours since 2015-01-10 00:00:00": seconds per unit and the reference in seconds since 1970-01-01
 * 00:00:00 UTC, in the standard (proleptic Gregorian) calendar. */
bs_status bs_units_time(bs_units *units, const char *text, double *seconds_per_unit, double *reference_s, bs_err *err);

#endif
