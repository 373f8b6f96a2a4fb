#include "model/report/ambient.h"

#include <math.h>
#include <string.h>

#include "model/core/memory.h"

static const double STANDARD_PRESSURE = 101325.0, STANDARD_TEMPERATURE = 273.15; /* Pa, K */

bs_air_state bs_air_state_of(const char *word)
{
    if (strcmp(word, "ambient") == 0) return BS_STATE_AMBIENT;
    return strcmp(word, "standard") == 0 ? BS_STATE_STANDARD : BS_STATE_UNTOLD;
}

bs_status bs_ambient_stamps(const bs_surface *surface, int n, const bs_spot *spot, double **factor, bs_err *err)
{
    double *warmth = NULL;
    *factor = NULL;
    BS_TRY(bs_surface_read(surface, "ps", "Pa", n, spot, factor, err));
    const bs_status st = bs_surface_read(surface, "t2", "K", n, spot, &warmth, err);
    for (size_t k = 0; st == BS_OK && k < (size_t)n * (size_t)surface->n_times; k++)
        (*factor)[k] = (*factor)[k] / STANDARD_PRESSURE * (STANDARD_TEMPERATURE / warmth[k]);
    bs_free(warmth);
    if (st == BS_OK) return BS_OK;
    bs_free(*factor);
    *factor = NULL;
    return st;
}

static bs_status mean_of_day(const bs_surface *surface, const bs_series *s, int d, const double *stamps, double *factor,
                             bs_err *err)
{
    int n = 0;
    char text[BS_DAY_TEXT_MAX];
    for (int k = 0; k < surface->n_times; k++) {
        if (bs_local_day(surface->end[k]) != s->day[d]) continue;
        for (int c = 0; c < s->n_cities; c++)
            factor[(size_t)c * s->n_days + d] += stamps[(size_t)c * surface->n_times + k];
        n++;
    }
    if (n == 0)
        return bs_fail(err, BS_ERR_INPUT, "%s: no stamp on %s", bs_nc_file(surface->nc),
                       bs_day_format(s->day[d], text));
    for (int c = 0; c < s->n_cities; c++) {
        double *f = &factor[(size_t)c * s->n_days + d];
        *f /= n;
        if (!isfinite(*f))
            return bs_fail(err, BS_ERR_INPUT, "%s: ps or t2 is missing at %s", bs_nc_file(surface->nc),
                           s->city[c].name);
    }
    return BS_OK;
}

bs_status bs_ambient_factors(const char *dir, const bs_series *series, double **factor, bs_err *err)
{
    bs_surface surface;
    bs_spot *spot = NULL;
    double *stamps = NULL;
    *factor = NULL;
    BS_TRY(bs_surface_open(dir, &surface, err));
    bs_status st = bs_surface_cities(&surface, dir, series->n_cities, &spot, NULL, err);
    if (st == BS_OK) st = bs_ambient_stamps(&surface, series->n_cities, spot, &stamps, err);
    if (st == BS_OK) st = BS_NEW(factor, (size_t)series->n_cities * series->n_days, "factors of the cities", err);
    for (int d = 0; st == BS_OK && d < series->n_days; d++) st = mean_of_day(&surface, series, d, stamps, *factor, err);
    bs_surface_close(&surface);
    bs_free(spot);
    bs_free(stamps);
    if (st == BS_OK) return BS_OK;
    bs_free(*factor);
    *factor = NULL;
    return st;
}
