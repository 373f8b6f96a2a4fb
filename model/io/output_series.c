/* cities.nc: CF discrete sampling geometry, orthogonal multidimensional time series (CF-1.10, section 9.3.1 and appendix
 * H.2.1): data(station, time). */
#include "model/core/memory.h"
#include "model/io/output_cities.h"

typedef struct station_vars {
    int dim, adcode, name, name_en, lon, lat, inside;
} station_vars;

static bs_status def_station(bs_nc *nc, const bs_nc_def *words, bs_nc_type type, int dim, int *var, bs_err *err)
{
    bs_nc_def def = *words;
    def.type = type;
    def.n_dims = 1;
    def.dim[0] = dim;
    return bs_nc_def_var(nc, &def, var, err);
}

static bs_status def_stations(const bs_output *o, bs_nc *nc, station_vars *v, bs_err *err)
{
    const bs_nc_def adcode = {.name = "adcode", .long_name = "administrative code"};
    const bs_nc_def name = {.name = "name", .long_name = "name of the region"};
    const bs_nc_def name_en = {.name = "name_en", .long_name = "English name of the region"};
    const bs_nc_def lon = {.name = "lon",
                           .standard_name = "longitude",
                           .long_name = "longitude of the region's centre",
                           .units = "degrees_east"};
    const bs_nc_def lat = {.name = "lat",
                           .standard_name = "latitude",
                           .long_name = "latitude of the region's centre",
                           .units = "degrees_north"};
    const bs_nc_def inside = {
        .name = "share_inside_mesh", .units = "1", .long_name = "share of the region's area that lies inside the mesh"};
    bool coded = true; /* every region has a code that can serve as its identifier */
    for (int n = 0; n < o->cities->n; n++) coded = coded && *o->cities->city[n].region->adcode;
    BS_TRY(bs_nc_def_dim(nc, "station", (size_t)o->cities->n, &v->dim, err));
    BS_TRY(def_station(nc, &adcode, BS_NC_STRING, v->dim, &v->adcode, err));
    BS_TRY(def_station(nc, &name, BS_NC_STRING, v->dim, &v->name, err));
    BS_TRY(def_station(nc, &name_en, BS_NC_STRING, v->dim, &v->name_en, err));
    BS_TRY(bs_nc_put_text(nc, coded ? v->adcode : v->name, "cf_role", "timeseries_id", err));
    BS_TRY(def_station(nc, &lon, BS_NC_DOUBLE, v->dim, &v->lon, err));
    BS_TRY(def_station(nc, &lat, BS_NC_DOUBLE, v->dim, &v->lat, err));
    return def_station(nc, &inside, BS_NC_DOUBLE, v->dim, &v->inside, err);
}

static bs_status put_stations(const bs_output *o, bs_nc *nc, const station_vars *v, bs_err *err)
{
    const bs_out_cities *c = o->cities;
    for (int n = 0; n < c->n; n++) {
        const bs_out_city *city = &c->city[n];
        const size_t at[1] = {(size_t)n}, one[1] = {1};
        BS_TRY(bs_nc_write(nc, v->lon, at, one, &city->centre[0], err));
        BS_TRY(bs_nc_write(nc, v->lat, at, one, &city->centre[1], err));
        BS_TRY(bs_nc_write(nc, v->inside, at, one, &city->inside, err));
    }
    const char **text;
    BS_TRY(BS_NEW(&text, c->n, "names of regions", err));
    for (int n = 0; n < c->n; n++) text[n] = c->city[n].region->adcode;
    bs_status st = bs_nc_write_strings(nc, v->adcode, (size_t)c->n, text, err);
    for (int n = 0; n < c->n; n++) text[n] = c->city[n].region->name;
    if (st == BS_OK) st = bs_nc_write_strings(nc, v->name, (size_t)c->n, text, err);
    for (int n = 0; n < c->n; n++) text[n] = c->city[n].region->name_en;
    if (st == BS_OK) st = bs_nc_write_strings(nc, v->name_en, (size_t)c->n, text, err);
    bs_free(text);
    return st;
}

bs_status bs_out_series_begin(bs_output *o, bs_err *err)
{
    bs_out_cities *c = o->cities;
    station_vars v;
    int time, bnds;
    char what[128];
    snprintf(what, sizeof what, "concentrations near the ground, means over regions and %s", o->interval_words);
    BS_TRY(BS_NEW(&c->series.var, o->n, "ids of variables", err));
    BS_TRY(bs_out_create(o, "cities.nc", what, false, &c->series.nc, err));
    bs_nc *nc = c->series.nc;
    BS_TRY(bs_nc_put_text(nc, BS_NC_GLOBAL, "featureType", "timeSeries", err));
    BS_TRY(def_stations(o, nc, &v, err));
    BS_TRY(bs_nc_def_dim(nc, "time", (size_t)((o->end - o->first) / o->interval), &time, err));
    BS_TRY(bs_nc_def_dim(nc, "bnds", 2, &bnds, err));
    BS_TRY(bs_out_def_time(o, nc, time, bnds, &c->series.time_var, &c->series.bounds_var, err));
    for (int t = 0; t < o->n; t++) {
        const bs_species *s = bs_out_species(o, t);
        char name[BS_OUT_NAME_MAX], long_name[BS_OUT_LONG_MAX];
        c->series.var[t] = -1;
        if (!o->written[t]) continue;
        bool named = o->info.tracers->row[t].role == BS_ROLE_TOTAL && *s->standard_name;
        const bs_nc_def def = {.name = bs_out_name(o, t, name),
                               .type = BS_NC_FLOAT,
                               .n_dims = 2,
                               .dim = {v.dim, time},
                               .units = "ug m-3",
                               .standard_name = named ? s->standard_name : NULL,
                               .long_name = bs_out_long_name(o, t, s->output_long_name, long_name),
                               .coordinates = "lon lat adcode name",
                               .cell_methods = "time: mean area: mean",
                               .comment = *s->comment ? s->comment : NULL};
        BS_TRY(bs_nc_def_var(nc, &def, &c->series.var[t], err));
    }
    return put_stations(o, nc, &v, err);
}

bs_status bs_out_series_record(bs_output *o, bs_time from, bs_time to, const double *means, bs_err *err)
{
    bs_out_cities *c = o->cities;
    const size_t start[2] = {0, c->series.records}, count[2] = {(size_t)c->n, 1};
    for (int t = 0; t < o->n; t++)
        if (o->written[t])
            BS_TRY(bs_nc_write(c->series.nc, c->series.var[t], start, count, means + (size_t)t * c->n, err));
    BS_TRY(
        bs_out_put_time(o, c->series.nc, c->series.time_var, c->series.bounds_var, c->series.records, from, to, err));
    c->series.records++;
    return BS_OK;
}

bs_status bs_out_series_finish(bs_output *o, bs_err *err)
{
    bs_nc *nc = o->cities->series.nc;
    o->cities->series.nc = NULL;
    return nc ? bs_nc_commit(nc, err) : BS_OK;
}

void bs_out_series_abandon(bs_output *o)
{
    bs_nc_abandon(o->cities->series.nc);
    o->cities->series.nc = NULL;
    bs_free(o->cities->series.var);
}
