#include "model/report/ambient.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/core/clock.h"
#include "model/core/memory.h"
#include "model/io/nc.h"

static const double STANDARD_PRESSURE = 101325.0, STANDARD_TEMPERATURE = 273.15; /* Pa, K */
static const double RADIAN = 0.017453292519943295;
enum { PATH_TEXT = 4096, DAY_SECONDS = 86400, HOUR_SECONDS = 3600, OFFSET = 8 * HOUR_SECONDS };

typedef struct air {
    bs_nc *surface, *cities;
    bs_nc_var ps, t2, time;
    bs_time origin;
    size_t n_times, n_cells;
    double *lat, *lon, *map, *warmth, *hours; /* [n_cells] x 4, [n_times] */
    size_t *cell;                             /* [n_cities] */
    int *stamps;                              /* [n_days] */
} air;

static bs_status open_file(const char *dir, const char *name, bs_nc **out, bs_err *err)
{
    char path[PATH_TEXT];
    const int n = snprintf(path, sizeof path, "%s/%s", dir, name);
    if (n < 0 || (size_t)n >= sizeof path) return bs_fail(err, BS_ERR_INPUT, "%s: the name is too long", dir);
    return bs_nc_open(path, out, err);
}

static bs_status read_all(const bs_nc *nc, const char *name, size_t size, double **out, bs_err *err)
{
    bs_nc_var var;
    BS_TRY(bs_nc_find(nc, name, &var, err));
    if (var.size != size)
        return bs_fail(err, BS_ERR_INPUT, "%s: %s has %zu values, expected %zu", bs_nc_file(nc), name, var.size, size);
    BS_TRY(BS_NEW(out, size, name, err));
    return bs_nc_read(nc, &var, NULL, NULL, *out, err);
}

static bs_status find_field(const air *a, const char *name, const char *unit, bs_nc_var *out, bs_err *err)
{
    char found[64];
    BS_TRY(bs_nc_find(a->surface, name, out, err));
    bs_nc_text(a->surface, out, "units", found, sizeof found);
    if (out->n_dims != 3 || strcmp(found, unit) != 0)
        return bs_fail(err, BS_ERR_INPUT, "%s: %s has %d dimensions and the unit '%s', expected time, y, x and %s",
                       bs_nc_file(a->surface), name, out->n_dims, found, unit);
    return BS_OK;
}

static bs_status read_times(air *a, bs_err *err)
{
    static const char SINCE[] = "hours since ";
    char units[64];
    BS_TRY(bs_nc_find(a->surface, "time", &a->time, err));
    bs_nc_text(a->surface, &a->time, "units", units, sizeof units);
    if (strncmp(units, SINCE, sizeof SINCE - 1) != 0 ||
        bs_time_parse(units + sizeof SINCE - 1, &a->origin, NULL) != BS_OK)
        return bs_fail(err, BS_ERR_INPUT, "%s: time has the unit '%s', expected 'hours since ...'",
                       bs_nc_file(a->surface), units);
    return read_all(a->surface, "time", a->n_times, &a->hours, err);
}

/* Distance on the sphere, but for a monotone function of it: the larger, the nearer. */
static double nearness(double lat, double lon, double lat2, double lon2)
{
    return sin(lat * RADIAN) * sin(lat2 * RADIAN) + cos(lat * RADIAN) * cos(lat2 * RADIAN) * cos((lon - lon2) * RADIAN);
}

static bs_status find_cells(air *a, const bs_series *s, bs_err *err)
{
    double *lat = NULL, *lon = NULL;
    bs_status st = read_all(a->cities, "lat", (size_t)s->n_cities, &lat, err);
    if (st == BS_OK) st = read_all(a->cities, "lon", (size_t)s->n_cities, &lon, err);
    for (int n = 0; st == BS_OK && n < s->n_cities; n++) {
        double best = -2.0;
        for (size_t c = 0; c < a->n_cells; c++) {
            const double near = nearness(lat[n], lon[n], a->lat[c], a->lon[c]);
            if (near > best) a->cell[n] = c;
            best = fmax(best, near);
        }
    }
    bs_free(lat);
    bs_free(lon);
    return st;
}

static bs_status open_air(air *a, const char *dir, const bs_series *s, bs_err *err)
{
    BS_TRY(open_file(dir, "surface.nc", &a->surface, err));
    BS_TRY(open_file(dir, "cities.nc", &a->cities, err));
    BS_TRY(find_field(a, "ps", "Pa", &a->ps, err));
    BS_TRY(find_field(a, "t2", "K", &a->t2, err));
    if (a->ps.size != a->t2.size)
        return bs_fail(err, BS_ERR_INPUT, "%s: ps and t2 differ in shape", bs_nc_file(a->surface));
    a->n_times = a->ps.length[0];
    a->n_cells = a->ps.length[1] * a->ps.length[2];
    BS_TRY(read_times(a, err));
    BS_TRY(read_all(a->surface, "lat", a->n_cells, &a->lat, err));
    BS_TRY(read_all(a->surface, "lon", a->n_cells, &a->lon, err));
    BS_TRY(BS_NEW(&a->map, a->n_cells, "a map", err));
    BS_TRY(BS_NEW(&a->warmth, a->n_cells, "a map", err));
    BS_TRY(BS_NEW(&a->cell, s->n_cities, "cells of the cities", err));
    BS_TRY(BS_NEW(&a->stamps, s->n_days, "stamps of the days", err));
    return find_cells(a, s, err);
}

static int day_of(const bs_series *s, long day)
{
    for (int d = 0; d < s->n_days; d++)
        if (s->day[d] == day) return d;
    return -1;
}

/* A stamp ends its interval: midnight belongs to the day before. */
static long local_day(const air *a, size_t k)
{
    const bs_time t = a->origin + (bs_time)llround(a->hours[k] * HOUR_SECONDS) + OFFSET - 1;
    return (long)(t / DAY_SECONDS);
}

static bs_status add_times(air *a, const bs_series *s, double *factor, bs_err *err)
{
    for (size_t k = 0; k < a->n_times; k++) {
        const int d = day_of(s, local_day(a, k));
        const size_t start[3] = {k, 0, 0}, count[3] = {1, a->ps.length[1], a->ps.length[2]};
        if (d < 0) continue;
        BS_TRY(bs_nc_read(a->surface, &a->ps, start, count, a->map, err));
        BS_TRY(bs_nc_read(a->surface, &a->t2, start, count, a->warmth, err));
        for (int n = 0; n < s->n_cities; n++)
            factor[(size_t)n * s->n_days + d] +=
                a->map[a->cell[n]] / STANDARD_PRESSURE * (STANDARD_TEMPERATURE / a->warmth[a->cell[n]]);
        a->stamps[d]++;
    }
    for (int d = 0; d < s->n_days; d++) {
        char text[BS_DAY_TEXT_MAX];
        if (a->stamps[d] == 0)
            return bs_fail(err, BS_ERR_INPUT, "%s: no stamp on %s", bs_nc_file(a->surface),
                           bs_day_format(s->day[d], text));
        for (int n = 0; n < s->n_cities; n++) factor[(size_t)n * s->n_days + d] /= a->stamps[d];
    }
    for (size_t k = 0; k < (size_t)s->n_cities * s->n_days; k++)
        if (!isfinite(factor[k]))
            return bs_fail(err, BS_ERR_INPUT, "%s: ps or t2 is missing at %s", bs_nc_file(a->surface),
                           s->city[k / s->n_days].name);
    return BS_OK;
}

bs_status bs_ambient_factors(const char *dir, const bs_series *series, double **factor, bs_err *err)
{
    air a = {0};
    *factor = NULL;
    bs_status st = open_air(&a, dir, series, err);
    if (st == BS_OK) st = BS_NEW(factor, (size_t)series->n_cities * series->n_days, "factors of the cities", err);
    if (st == BS_OK) st = add_times(&a, series, *factor, err);
    bs_nc_close(a.surface);
    bs_nc_close(a.cities);
    bs_free(a.hours);
    bs_free(a.lat);
    bs_free(a.lon);
    bs_free(a.map);
    bs_free(a.warmth);
    bs_free(a.cell);
    bs_free(a.stamps);
    if (st == BS_OK) return BS_OK;
    bs_free(*factor);
    *factor = NULL;
    return st;
}
