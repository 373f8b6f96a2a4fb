/* Means over regions: by interval, by natural day, over the period. */
#include "model/io/output_sources.h"

#include <math.h>
#include <string.h>

#include "model/core/memory.h"

double bs_out_city_mean(const bs_out_city *city, const double *area, const double *map)
{
    const bs_region_mask *m = city->mask;
    double first = map[m->cell[0]], weight = 0.0, excess = 0.0;
    for (size_t n = 0; n < m->n; n++) {
        double w = m->fraction[n] * area[m->cell[n]];
        weight += w;
        excess += w * (map[m->cell[n]] - first);
    }
    return first + excess / weight;
}

/* The region's own centre, or that of its cells where the file gives none. */
static void find_centre(const bs_mesh *mesh, bs_out_city *city)
{
    city->centre[0] = city->region->centre[0];
    city->centre[1] = city->region->centre[1];
    if (isfinite(city->centre[0]) && isfinite(city->centre[1])) return;
    city->centre[0] = bs_out_city_mean(city, mesh->area, mesh->lon);
    city->centre[1] = bs_out_city_mean(city, mesh->area, mesh->lat);
}

static bs_status find_cities(bs_output *o, bs_err *err)
{
    bs_out_cities *c = o->cities;
    const bs_region_set *set = o->info.regions;
    BS_TRY(BS_NEW(&c->city, set->n, "regions", err));
    if (o->info.beside && o->info.beside->cities) {
        c->borrowed = true;
        c->n = o->info.beside->cities->n;
        memcpy(c->city, o->info.beside->cities->city, (size_t)c->n * sizeof *c->city);
        return BS_OK;
    }
    for (int r = 0; r < set->n; r++) {
        bs_out_city *city = &c->city[c->n];
        bool mended;
        bs_status st = bs_region_mask_create(&set->region[r].shape, o->info.whole, &city->mask, &mended, err);
        if (st != BS_OK) {
            bs_err_context(err, "region %s %s", set->region[r].adcode, set->region[r].name);
            return st;
        }
        if (city->mask->n == 0) {
            bs_region_mask_destroy(city->mask);
            city->mask = NULL;
            continue;
        }
        city->region = &set->region[r];
        city->index = r;
        city->inside = city->mask->area / city->mask->full_area;
        find_centre(o->info.whole, city);
        c->n++;
        BS_TRY(bs_out_city_find_own(o, city, err));
    }
    if (c->n == 0)
        return bs_fail(err, BS_ERR_INPUT, "%s: regions.file: none of its %d regions touches the mesh",
                       bs_config_where(o->info.config, "regions.file"), set->n);
    return BS_OK;
}

bs_status bs_output_check_regions(const bs_config *config, const bs_mesh *mesh, const bs_region_set *regions,
                                  bs_err *err)
{
    bs_output o = {.info = {.config = config, .mesh = mesh, .regions = regions}};
    bs_out_complete_info(&o.info);
    BS_TRY(BS_NEW(&o.cities, 1, "regions", err));
    bs_status st = find_cities(&o, err);
    if (st == BS_OK) st = bs_out_shares_check(config, regions, err);
    bs_out_cities_abandon(&o);
    return st;
}

bs_status bs_out_cities_begin(bs_output *o, bs_err *err)
{
    char what[128];
    if (!o->info.regions) return BS_OK;
    BS_TRY(BS_NEW(&o->cities, 1, "regions", err));
    BS_TRY(find_cities(o, err));
    bs_out_cities *c = o->cities;
    size_t n = (size_t)o->n * c->n;
    BS_TRY(BS_NEW(&c->mean, n, "means of regions", err));
    BS_TRY(BS_NEW(&c->first, n, "means of regions", err));
    BS_TRY(BS_NEW(&c->excess, n, "means of regions", err));
    BS_TRY(BS_NEW(&c->period, n, "means of regions", err));
    BS_TRY(BS_NEW(&c->max_day, n, "means of regions", err));
    BS_TRY(BS_NEW(&c->max_date, n, "means of regions", err));
    snprintf(what, sizeof what, "means by region over %s", o->interval_words);
    BS_TRY(bs_out_table_begin(o, "cities.csv", what, "time_end_utc,time_end_local", &c->hourly, err));
    if (o->whole_days)
        BS_TRY(bs_out_table_begin(o, "cities_daily.csv", "means by region over natural days", "date_local", &c->daily,
                                  err));
    BS_TRY(bs_out_shares_check(o->info.config, o->info.regions, err));
    BS_TRY(bs_out_sources_begin(o, err));
    return bs_out_series_begin(o, err);
}

static void put_rows(const bs_output *o, bs_text_file *table, const char *first)
{
    const bs_out_cities *c = o->cities;
    for (int n = 0; n < c->n; n++) {
        fprintf(table->stream, "%s,", first);
        bs_out_table_city(table, c->city[n].region);
        for (int t = 0; t < o->n; t++)
            if (o->written[t]) fprintf(table->stream, ",%.7g", c->mean[(size_t)t * c->n + n]);
        fputc('\n', table->stream);
    }
}

bs_status bs_out_cities_record(bs_output *o, bs_time from, bs_time to, bs_err *err)
{
    bs_out_cities *c = o->cities;
    char utc[BS_TIME_TEXT_MAX], local[BS_OUT_NAME_MAX], first[BS_TIME_TEXT_MAX + BS_OUT_NAME_MAX + 1];
    if (!c) return BS_OK;
    bs_out_city_means(o, o->n, o->interval_sum, (double)(to - from), c->mean);
    for (size_t n = 0; n < (size_t)o->n * c->n; n++) c->period[n] += c->mean[n] * (double)(to - from);
    snprintf(first, sizeof first, "%s,%s", bs_time_format(to, utc), bs_out_local_time(o, to, local));
    put_rows(o, c->hourly, first);
    BS_TRY(bs_out_sources_record(o, from, to, c->mean, err));
    return bs_out_series_record(o, from, to, c->mean, err);
}

bs_status bs_out_cities_day(bs_output *o, bs_time from, bs_time to, bs_err *err)
{
    (void)err;
    bs_out_cities *c = o->cities;
    char first[64];
    if (!c) return BS_OK;
    bs_date d = bs_out_day_before(o, to);
    bs_out_city_means(o, o->n, o->day_sum, (double)(to - from), c->mean);
    snprintf(first, sizeof first, "%04d-%02d-%02d", d.year, d.month, d.day);
    put_rows(o, c->daily, first);
    bs_out_sources_day(o, d, c->mean);
    for (size_t n = 0; n < (size_t)o->n * c->n; n++) {
        if (c->max_date[n].day != 0 && c->mean[n] <= c->max_day[n]) continue;
        c->max_day[n] = c->mean[n];
        c->max_date[n] = d;
    }
    return BS_OK;
}

bs_status bs_out_cities_assumed(bs_output *o, bs_err *err)
{
    bs_out_cities *c = o->cities;
    if (!c) return BS_OK;
    bs_text_file *const table[] = {c->hourly, c->daily};
    for (size_t f = 0; f < sizeof table / sizeof *table; f++)
        if (table[f]) bs_text_comment(table[f], "assumed by the end of the run: %s", o->assumed_text);
    BS_TRY(bs_out_sources_assumed(o, err));
    return c->series.nc ? bs_nc_put_text(c->series.nc, BS_NC_GLOBAL, "assumed", o->assumed_text, err) : BS_OK;
}

bs_status bs_out_cities_finish(bs_output *o, bs_err *err)
{
    bs_out_cities *c = o->cities;
    if (!c) return BS_OK;
    BS_TRY(bs_out_table_period(o, err));
    bs_text_file *table = c->hourly;
    c->hourly = NULL;
    BS_TRY(bs_out_text_commit(table, err));
    table = c->daily;
    c->daily = NULL;
    if (table) BS_TRY(bs_out_text_commit(table, err));
    for (size_t n = 0; n < (size_t)o->n * c->n; n++) c->mean[n] = c->period[n] / (double)(o->end - o->first);
    BS_TRY(bs_out_sources_finish(o, c->mean, err));
    return bs_out_series_finish(o, err);
}

void bs_out_cities_abandon(bs_output *o)
{
    bs_out_cities *c = o->cities;
    if (!c) return;
    bs_out_series_abandon(o);
    bs_out_sources_abandon(o);
    bs_text_abandon(c->hourly);
    bs_text_abandon(c->daily);
    if (c->city && !c->borrowed)
        for (int n = 0; n < o->info.regions->n; n++) {
            bs_region_mask_destroy(c->city[n].mask);
            bs_free(c->city[n].own);
            bs_free(c->city[n].share);
        }
    bs_free(c->city);
    bs_free(c->mean);
    bs_free(c->first);
    bs_free(c->excess);
    bs_free(c->period);
    bs_free(c->max_day);
    bs_free(c->max_date);
    bs_free(c);
    o->cities = NULL;
}

double bs_output_region_mean(const bs_output *o, int tracer, int region)
{
    const bs_out_cities *c = o->cities;
    for (int n = 0; c && n < c->n; n++)
        if (c->city[n].index == region)
            return c->period[(size_t)tracer * c->n + n] / (double)(o->interval_begin - o->first);
    return NAN;
}
