/* clock.h - time as whole seconds since 1970-01-01T00:00:00 UTC (no leap seconds) in the proleptic Gregorian calendar. */
#ifndef BS_MODEL_CORE_CLOCK_H
#define BS_MODEL_CORE_CLOCK_H

#include <stdint.h>

#include "kernels/base/status.h"

typedef int64_t bs_time; /* s */

enum { BS_TIME_TEXT_MAX = 24 };

typedef struct bs_date {
    int year, month, day;     /* month and day from 1 */
    int hour, minute, second; /* 0.. */
    int weekday;              /* 0 Monday .. 6 Sunday */
    int yearday;              /* 1 .. 366 */
} bs_date;

bs_time bs_time_from_date(int year, int month, int day, int hour, int minute, int second);
bs_date bs_date_from_time(bs_time t);

/* "2015-01-10T00:00:00Z", "2015-01-10T08:00:00+08:00", "2015-01-10 00:00", "2015-01-10". Without an offset: UTC. */
bs_status bs_time_parse(const char *text, bs_time *out, bs_err *err);

/* "2015-01-10T00:00:00Z" into text[BS_TIME_TEXT_MAX]; returns text. */
char *bs_time_format(bs_time t, char *text);

#endif
