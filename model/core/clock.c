#include "model/core/clock.h"

#include <stdbool.h>
#include <stdio.h>

enum { SECONDS_PER_DAY = 86400, DAYS_PER_ERA = 146097, YEARS_PER_ERA = 400 };

static int64_t floor_div(int64_t a, int64_t b)
{
    int64_t q = a / b;
    return a % b != 0 && (a < 0) != (b < 0) ? q - 1 : q;
}

static bool is_leap(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int days_in_month(int year, int month)
{
    static const int DAYS[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : DAYS[month - 1];
}

/* Days since 1970-01-01. A year is taken to begin in March, so that the leap day is its last one: then the days before a
 * month follow from one division, and 400 years (an era) repeat exactly. */
static int64_t days_from_civil(int64_t year, int month, int day)
{
    if (month <= 2) year -= 1;
    int64_t era = floor_div(year, YEARS_PER_ERA);
    int64_t year_of_era = year - era * YEARS_PER_ERA;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * DAYS_PER_ERA + day_of_era - 719468; /* 719468 days from 0000-03-01 to 1970-01-01 */
}

bs_time bs_time_from_date(int year, int month, int day, int hour, int minute, int second)
{
    return days_from_civil(year, month, day) * SECONDS_PER_DAY + (int64_t)hour * 3600 + (int64_t)minute * 60 + second;
}

bs_date bs_date_from_time(bs_time t)
{
    int64_t days = floor_div(t, SECONDS_PER_DAY);
    int64_t rest = t - days * SECONDS_PER_DAY;
    int64_t shifted = days + 719468;
    int64_t era = floor_div(shifted, DAYS_PER_ERA);
    int64_t day_of_era = shifted - era * DAYS_PER_ERA;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t march_month = (5 * day_of_year + 2) / 153;

    bs_date d = {.hour = (int)(rest / 3600), .minute = (int)(rest / 60 % 60), .second = (int)(rest % 60)};
    d.day = (int)(day_of_year - (153 * march_month + 2) / 5 + 1);
    d.month = (int)(march_month < 10 ? march_month + 3 : march_month - 9);
    d.year = (int)(year_of_era + era * YEARS_PER_ERA + (d.month <= 2));
    d.weekday = (int)(days + 3 - 7 * floor_div(days + 3, 7)); /* 1970-01-01 was a Thursday */
    d.yearday = (int)(days - days_from_civil(d.year, 1, 1) + 1);
    return d;
}

/* Takes exactly `digits` decimal digits. */
static bool take_digits(const char **p, int digits, int *value)
{
    int v = 0;
    for (int i = 0; i < digits; i++) {
        if ((*p)[i] < '0' || (*p)[i] > '9') return false;
        v = v * 10 + ((*p)[i] - '0');
    }
    *p += digits;
    *value = v;
    return true;
}

static bool take_char(const char **p, char c)
{
    if (**p != c) return false;
    ++*p;
    return true;
}

/* "Z", "+08:00" or nothing; seconds east of Greenwich. */
static bool take_offset(const char **p, int *offset)
{
    *offset = 0;
    if (take_char(p, 'Z') || **p == '\0') return true;
    int sign = **p == '+' ? 1 : -1, hours = 0, minutes = 0;
    if (!take_char(p, '+') && !take_char(p, '-')) return false;
    if (!take_digits(p, 2, &hours) || !take_char(p, ':') || !take_digits(p, 2, &minutes)) return false;
    *offset = sign * (hours * 3600 + minutes * 60);
    return hours <= 18 && minutes <= 59;
}

bs_status bs_time_parse(const char *text, bs_time *out, bs_err *err)
{
    const char *p = text;
    int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, offset = 0;
    bool good = take_digits(&p, 4, &year) && take_char(&p, '-') && take_digits(&p, 2, &month) && take_char(&p, '-') &&
                take_digits(&p, 2, &day);
    if (good && *p) {
        good = (take_char(&p, 'T') || take_char(&p, ' ')) && take_digits(&p, 2, &hour) && take_char(&p, ':') &&
               take_digits(&p, 2, &minute);
        if (good && take_char(&p, ':')) good = take_digits(&p, 2, &second);
        good = good && take_offset(&p, &offset) && *p == '\0';
    }
    if (!good) {
        return bs_fail(err, BS_ERR_INPUT,
                       "'%s' is no time; write it as 2015-01-10T08:00:00Z, 2015-01-10T08:00:00+08:00, "
                       "2015-01-10 08:00 or 2015-01-10",
                       text);
    }
    if (month < 1 || month > 12) {
        return bs_fail(err, BS_ERR_INPUT, "'%s' is no time: there is no month %d", text, month);
    }
    if (day < 1 || day > days_in_month(year, month)) {
        return bs_fail(err, BS_ERR_INPUT, "'%s' is no time: month %d of %d has %d days", text, month, year,
                       days_in_month(year, month));
    }
    if (hour > 23 || minute > 59 || second > 59) {
        return bs_fail(err, BS_ERR_INPUT, "'%s' is no time: hours reach 23, minutes and seconds 59", text);
    }
    *out = bs_time_from_date(year, month, day, hour, minute, second) - offset;
    return BS_OK;
}

char *bs_time_format(bs_time t, char *text)
{
    bs_date d = bs_date_from_time(t);
    /* The casts tell the compiler what the calendar promises, so that it can see that the text fits. */
    snprintf(text, BS_TIME_TEXT_MAX, "%04d-%02u-%02uT%02u:%02u:%02uZ", d.year < -999 || d.year > 9999 ? 9999 : d.year,
             (unsigned)d.month % 100u, (unsigned)d.day % 100u, (unsigned)d.hour % 100u, (unsigned)d.minute % 100u,
             (unsigned)d.second % 100u);
    return text;
}
