#include "model/report/series.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/config/csv.h"
#include "model/core/memory.h"

static const double LOWEST = -0.5, HIGHEST = 1e5; /* ug m-3: beyond, a table is not ours */
static const char COLUMN[] = "primary_pm25";
enum { DAY_SECONDS = 86400, DATE_LENGTH = 10, UTC8 = 8 * 3600 };

bool bs_day_parse(const char *text, long *day)
{
    bs_time t;
    if (strlen(text) != DATE_LENGTH || text[4] != '-' || text[7] != '-') return false;
    if (bs_time_parse(text, &t, NULL) != BS_OK) return false;
    *day = (long)(t / DAY_SECONDS);
    return true;
}

char *bs_day_format(long day, char text[BS_DAY_TEXT_MAX])
{
    const bs_date d = bs_date_from_time((bs_time)day * DAY_SECONDS);
    snprintf(text, BS_DAY_TEXT_MAX, "%04d-%02d-%02d", d.year % 10000, d.month % 100, d.day % 100);
    return text;
}

long bs_local_day(bs_time end)
{
    const bs_time t = end + UTC8 - 1;
    return (long)(t >= 0 ? t / DAY_SECONDS : (t + 1) / DAY_SECONDS - 1);
}

/* The two tables: what tells a row's time, and how times read. */
typedef struct table {
    const char *file, *column, *example, *missing;
    bool (*parse)(const char *text, long *time);
    void (*format)(long time, char text[BS_TIME_TEXT_MAX]);
} table;

static void format_day(long day, char text[BS_TIME_TEXT_MAX])
{
    bs_day_format(day, text);
}

static bool parse_stamp(const char *text, long *time)
{
    bs_time t;
    if (strlen(text) <= DATE_LENGTH || bs_time_parse(text, &t, NULL) != BS_OK) return false;
    *time = (long)t;
    return true;
}

static void format_stamp(long time, char text[BS_TIME_TEXT_MAX])
{
    bs_time_format(time, text);
}

static const table DAILY = {"cities_daily.csv",
                            "date_local",
                            "a day as 2015-01-13",
                            "there is no such table: the run has no whole natural day, or its case names no "
                            "regions.file; a report needs both",
                            bs_day_parse,
                            format_day};
static const table INTERVALS = {"cities.csv",
                                "time_end_utc",
                                "a time as 2015-01-12T17:00:00Z",
                                "there is no such table: the run's case names no regions.file, whose cities it would "
                                "hold",
                                parse_stamp,
                                format_stamp};

typedef struct columns {
    const table *of;
    int date, adcode, name, name_en, pm25;
} columns;

static bs_status find_columns(const bs_csv *csv, columns *c, bs_err *err)
{
    BS_TRY(bs_csv_find(csv, c->of->column, &c->date, err));
    BS_TRY(bs_csv_find(csv, "adcode", &c->adcode, err));
    BS_TRY(bs_csv_find(csv, "name", &c->name, err));
    BS_TRY(bs_csv_find(csv, "name_en", &c->name_en, err));
    return bs_csv_find(csv, COLUMN, &c->pm25, err);
}

static bs_status row_day(const bs_csv *csv, int row, const columns *c, long *day, bs_err *err)
{
    const char *text = bs_csv_text(csv, row, c->date);
    if (c->of->parse(text, day)) return BS_OK;
    return bs_fail(err, BS_ERR_INPUT, "%s: column '%s': found '%s', expected %s", bs_csv_where(csv, row), c->of->column,
                   text, c->of->example);
}

/* A city is told by its code and name: districts may share a name, and features may lack a code. */
static int find_row_city(const bs_series *s, const bs_csv *csv, int row, const columns *c)
{
    for (int n = 0; n < s->n_cities; n++)
        if (strcmp(s->city[n].adcode, bs_csv_text(csv, row, c->adcode)) == 0 &&
            strcmp(s->city[n].name, bs_csv_text(csv, row, c->name)) == 0)
            return n;
    return -1;
}

static bs_status take_text(const bs_csv *csv, int row, int column, char *out, size_t size, bs_err *err)
{
    const char *text = bs_csv_text(csv, row, column);
    if (strlen(text) >= size) /* cut, it would be another city's */
        return bs_fail(err, BS_ERR_INPUT, "%s: column '%s': '%s' has more than %zu bytes", bs_csv_where(csv, row),
                       bs_csv_column_name(csv, column), text, size - 1);
    snprintf(out, size, "%s", text);
    return BS_OK;
}

static bs_status add_city(bs_series *s, const bs_csv *csv, int row, const columns *c, bs_err *err)
{
    bs_series_city *city = &s->city[s->n_cities++];
    BS_TRY(take_text(csv, row, c->adcode, city->adcode, sizeof city->adcode, err));
    BS_TRY(take_text(csv, row, c->name, city->name, sizeof city->name, err));
    return take_text(csv, row, c->name_en, city->name_en, sizeof city->name_en, err);
}

static int compare_days(const void *a, const void *b)
{
    const long x = *(const long *)a, y = *(const long *)b;
    return (x > y) - (x < y);
}

/* The cities and days that there are, each once. */
static bs_status collect(bs_series *s, const bs_csv *csv, const columns *c, bs_err *err)
{
    const int rows = bs_csv_rows(csv);
    BS_TRY(BS_NEW(&s->city, rows, "cities of the run", err));
    BS_TRY(BS_NEW(&s->day, rows, "days of the run", err));
    for (int r = 0; r < rows; r++) {
        BS_TRY(row_day(csv, r, c, &s->day[r], err));
        if (!*bs_csv_text(csv, r, c->name))
            return bs_fail(err, BS_ERR_INPUT, "%s: column 'name' is empty", bs_csv_where(csv, r));
        if (find_row_city(s, csv, r, c) < 0) BS_TRY(add_city(s, csv, r, c, err));
    }
    qsort(s->day, (size_t)rows, sizeof *s->day, compare_days);
    for (int r = 0; r < rows; r++)
        if (r == 0 || s->day[r] != s->day[s->n_days - 1]) s->day[s->n_days++] = s->day[r];
    return BS_OK;
}

static int day_index(const bs_series *s, long day)
{
    const long *found = bsearch(&day, s->day, (size_t)s->n_days, sizeof *s->day, compare_days);
    return found ? (int)(found - s->day) : -1;
}

static bs_status fill(bs_series *s, const bs_csv *csv, const columns *c, bs_err *err)
{
    const size_t n = (size_t)s->n_cities * s->n_days;
    BS_TRY(BS_NEW(&s->pm25, n, "daily means of the run", err));
    for (size_t k = 0; k < n; k++) s->pm25[k] = NAN;
    for (int r = 0; r < bs_csv_rows(csv); r++) {
        long day = 0;
        double value;
        BS_TRY(row_day(csv, r, c, &day, err));
        BS_TRY(bs_csv_real(csv, r, c->pm25, &value, err));
        if (!(value >= LOWEST && value <= HIGHEST))
            return bs_fail(err, BS_ERR_INPUT, "%s: column '%s': found %g, expected a concentration from 0 to %g ug m-3",
                           bs_csv_where(csv, r), COLUMN, value, HIGHEST);
        double *to = &s->pm25[(size_t)find_row_city(s, csv, r, c) * s->n_days + day_index(s, day)];
        if (!isnan(*to))
            return bs_fail(err, BS_ERR_INPUT, "%s: %s stands here a second time on %s", bs_csv_where(csv, r),
                           bs_csv_text(csv, r, c->name), bs_csv_text(csv, r, c->date));
        *to = value;
    }
    for (size_t k = 0; k < n; k++) {
        char text[BS_TIME_TEXT_MAX];
        if (!isnan(s->pm25[k])) continue;
        c->of->format(s->day[k % s->n_days], text);
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: no row for %s on %s; the table of a finished run has every city on "
                       "every day",
                       s->file, s->city[k / s->n_days].name, text);
    }
    return BS_OK;
}

static bs_status read_table(bs_series *s, const table *of, bs_err *err)
{
    bs_csv *csv = NULL;
    columns c = {.of = of};
    BS_TRY(bs_csv_read(s->file, &csv, err));
    bs_status st = find_columns(csv, &c, err);
    if (st == BS_OK) st = collect(s, csv, &c, err);
    if (st == BS_OK) st = fill(s, csv, &c, err);
    bs_csv_destroy(csv);
    return st;
}

static bs_status read_series(const char *dir, const table *of, bs_series *out, bs_err *err)
{
    *out = (bs_series){.column = COLUMN};
    const size_t size = strlen(dir) + strlen(of->file) + sizeof "/";
    BS_TRY(BS_NEW(&out->file, size, "the name of a table", err));
    snprintf(out->file, size, "%s/%s", dir, of->file);
    bs_status st = access(out->file, F_OK) == 0 ? read_table(out, of, err)
                                                : bs_fail(err, BS_ERR_INPUT, "%s: %s", out->file, of->missing);
    if (st != BS_OK) bs_series_free(out);
    return st;
}

bs_status bs_series_read(const char *dir, bs_series *out, bs_err *err)
{
    return read_series(dir, &DAILY, out, err);
}

bs_status bs_series_read_intervals(const char *dir, bs_series *out, bs_err *err)
{
    return read_series(dir, &INTERVALS, out, err);
}

void bs_series_free(bs_series *s)
{
    bs_free(s->file);
    bs_free(s->city);
    bs_free(s->day);
    bs_free(s->pm25);
    *s = (bs_series){0};
}

/* The one city whose name begins with `length` bytes of key; -1: none, or several. */
static int find_beginning(const bs_series *s, const char *key, size_t length)
{
    int found = -1;
    for (int n = 0; n < s->n_cities; n++) {
        if (strncmp(s->city[n].name, key, length) != 0) continue;
        if (found >= 0) return -1;
        found = n;
    }
    return found;
}

int bs_series_find(const bs_series *s, const char *key)
{
    static const char *const KIND[] = {"市", "州"};
    const size_t length = strlen(key);
    if (length == 0) return -1;
    for (int n = 0; n < s->n_cities; n++)
        if (strcmp(s->city[n].adcode, key) == 0 || strcmp(s->city[n].name, key) == 0 ||
            strcmp(s->city[n].name_en, key) == 0)
            return n;
    int found = find_beginning(s, key, length);
    for (size_t k = 0; k < sizeof KIND / sizeof *KIND && found < 0; k++) {
        const size_t tail = strlen(KIND[k]);
        if (length > tail && strcmp(key + length - tail, KIND[k]) == 0) found = find_beginning(s, key, length - tail);
    }
    return found;
}

bs_status bs_series_check_alike(const bs_series *base, const bs_series *other, bs_err *err)
{
    if (base->n_days != other->n_days || memcmp(base->day, other->day, (size_t)base->n_days * sizeof *base->day) != 0)
        return bs_fail(err, BS_ERR_INPUT, "%s: has other days than %s; members of a set share them", other->file,
                       base->file);
    bool same = base->n_cities == other->n_cities;
    for (int n = 0; same && n < base->n_cities; n++)
        same = strcmp(base->city[n].adcode, other->city[n].adcode) == 0 &&
               strcmp(base->city[n].name, other->city[n].name) == 0;
    if (same) return BS_OK;
    return bs_fail(err, BS_ERR_INPUT, "%s: has other cities than %s; members of a set share them", other->file,
                   base->file);
}
