/* series.h - PM2.5 of the cities of one finished run, by natural day from its cities_daily.csv or by interval from its cities.csv. */
#ifndef BS_MODEL_REPORT_SERIES_H
#define BS_MODEL_REPORT_SERIES_H

#include <stdbool.h>

#include "kernels/base/status.h"
#include "model/core/clock.h"

enum { BS_DAY_TEXT_MAX = 16, BS_SERIES_NAME_MAX = 64 };

/* Days are numbered from 1970-01-01. "2015-01-13" and nothing else; false when it is no such day. */
bool bs_day_parse(const char *text, long *day);
char *bs_day_format(long day, char text[BS_DAY_TEXT_MAX]); /* returns text */

/* The natural day of UTC+8 to which a mean belongs that ends at this time: one that ends at midnight belongs to the day before. */
long bs_local_day(bs_time end);

typedef struct bs_series_city {
    char adcode[16], name[BS_SERIES_NAME_MAX], name_en[BS_SERIES_NAME_MAX];
} bs_series_city;

typedef struct bs_series {
    char *file;
    int n_cities, n_days;
    bs_series_city *city; /* [n_cities] in the order of the file */
    long *day;            /* [n_days] ascending; of cities.csv the ends of its intervals, s since 1970-01-01 UTC */
    double *pm25;         /* [n_cities][n_days] ug m-3 */
    const char *column;   /* "primary_pm25": static text */
} bs_series;

/* Reads DIR/cities_daily.csv. Each city must have each day once. Errors: BS_ERR_INPUT as "file:line: ..." (no such file: the run has no
 * whole natural day or no regions; a column missing; a date or number that is none; a concentration below -0.5 or above 100000; a city
 * twice on a day, or missing on one), BS_ERR_MEMORY. */
bs_status bs_series_read(const char *dir, bs_series *out, bs_err *err);

/* The same from DIR/cities.csv, whose rows are the means of the output interval. */
bs_status bs_series_read_intervals(const char *dir, bs_series *out, bs_err *err);
void bs_series_free(bs_series *series);

/* Index by adcode, name, English name, or by the beginning of just one city's name, with or without 市 or 州 behind it ("成都" of 成都市,
 * "凉山州" of 凉山彝族自治州); -1: none. */
int bs_series_find(const bs_series *series, const char *key);

/* Whether two runs have the same cities and days, as members of a set must. Errors: BS_ERR_INPUT. */
bs_status bs_series_check_alike(const bs_series *base, const bs_series *other, bs_err *err);

#endif
