/* surface.nc and daily.nc: mean concentrations of the lowest layer, and the weather of the stamp. */
#include "model/core/memory.h"
#include "model/io/output_parts.h"

typedef enum met_kind { MET_AS_IS, MET_EASTWARD, MET_NORTHWARD } met_kind;

/* Fields that show small differences of large numbers keep more bits than the concentrations do. */
static const struct {
    const char *name, *units, *standard_name, *long_name;
    int bits; /* at least */
    met_kind kind;
    size_t offset; /* in bs_met_state */
} MET[BS_OUT_MET_FIELDS] = {
    {"ps", "Pa", "surface_air_pressure", "surface pressure", 16, MET_AS_IS, offsetof(bs_met_state, ps)},
    {"pblh", "m", "atmosphere_boundary_layer_thickness", "boundary-layer height", 12, MET_AS_IS,
     offsetof(bs_met_state, pblh)},
    {"u10", "m s-1", "eastward_wind", "eastward wind 10 m above the ground", 12, MET_EASTWARD,
     offsetof(bs_met_state, u10)},
    {"v10", "m s-1", "northward_wind", "northward wind 10 m above the ground", 12, MET_NORTHWARD,
     offsetof(bs_met_state, v10)},
    {"t2", "K", "air_temperature", "air temperature 2 m above the ground", 15, MET_AS_IS, offsetof(bs_met_state, t2)},
    {"rain", "kg m-2 s-1", "precipitation_flux", "precipitation rate", 12, MET_AS_IS, offsetof(bs_met_state, rain)},
};

static int met_bits(const bs_output *o, int field)
{
    return o->bits > MET[field].bits ? o->bits : MET[field].bits;
}

static bs_status def_concentrations(bs_output *o, bs_out_maps *maps, bs_err *err)
{
    BS_TRY(BS_NEW(&maps->var, o->n, "ids of variables", err));
    BS_TRY(BS_NEW(&maps->put_var, o->n + BS_OUT_MET_FIELDS, "ids of variables", err));
    BS_TRY(BS_NEW(&maps->item, o->n + BS_OUT_MET_FIELDS, "ids of variables", err));
    for (int t = 0; t < o->n; t++) {
        const bs_species *s = bs_out_species(o, t);
        char name[BS_OUT_NAME_MAX], long_name[BS_OUT_LONG_MAX];
        maps->var[t] = -1;
        if (!o->written[t]) continue;
        bool total = o->info.tracers->row[t].role == BS_ROLE_TOTAL;
        const bs_out_field field = {.name = bs_out_name(o, t, name),
                                    .units = "ug m-3",
                                    .standard_name = total ? s->standard_name : NULL,
                                    .long_name = bs_out_long_name(o, t, s->output_long_name, long_name),
                                    .cell_methods = "time: mean",
                                    .comment = s->comment,
                                    .type = BS_NC_FLOAT,
                                    .lev = -1,
                                    .bits = o->bits};
        BS_TRY(bs_out_def_field(o, &maps->file, &field, &maps->var[t], err));
    }
    return BS_OK;
}

/* A record: the n maps that are there already, then the concentrations. */
static bs_status put_record(bs_output *o, bs_out_maps *maps, int n, const double *sum, bs_time from, bs_time to,
                            bs_err *err)
{
    bs_out_file *f = &maps->file;
    for (int t = 0; t < o->n; t++) {
        if (!o->written[t]) continue;
        maps->put_var[n] = maps->var[t];
        maps->item[n++] = (bs_out_item){sum + (size_t)t * o->cells, 1.0 / (double)(to - from), o->bits};
    }
    BS_TRY(bs_out_put_maps(o, f, n, maps->put_var, maps->item, err));
    BS_TRY(bs_out_put_time(o, f->nc, f->time_var, f->bounds_var, f->records, from, to, err));
    f->records++;
    return BS_OK;
}

bs_status bs_out_surface_begin(bs_output *o, bs_err *err)
{
    char what[128];
    int terrain = -1;
    bs_out_file *f = &o->surface.file;
    snprintf(what, sizeof what, "concentrations near the ground, means over %s", o->interval_words);
    BS_TRY(bs_out_frame(o, "surface.nc", what, true, f, err));
    BS_TRY(def_concentrations(o, &o->surface, err));
    for (int m = 0; m < BS_OUT_MET_FIELDS; m++) {
        const bs_out_field field = {.name = MET[m].name,
                                    .units = MET[m].units,
                                    .standard_name = MET[m].standard_name,
                                    .long_name = MET[m].long_name,
                                    .cell_methods = "time: point",
                                    .type = BS_NC_FLOAT,
                                    .lev = -1,
                                    .bits = met_bits(o, m)};
        BS_TRY(bs_out_def_field(o, f, &field, &o->surface.met[m], err));
    }
    const bs_out_field ground = {.name = "surface_altitude",
                                 .units = "m",
                                 .standard_name = "surface_altitude",
                                 .long_name = "height of the ground above the sea",
                                 .type = BS_NC_FLOAT,
                                 .lev = -1,
                                 .fixed = true};
    if (o->info.terrain) BS_TRY(bs_out_def_field(o, f, &ground, &terrain, err));
    BS_TRY(bs_out_frame_values(o, f, err));
    return o->info.terrain ? bs_out_put_map(o, f, terrain, true, o->info.terrain, 1.0, 23, err) : BS_OK;
}

/* A field of the forcing at time t, linear between its ends. */
static double met_value(const bs_forcing *forcing, size_t offset, double passed, size_t cell)
{
    const real *a = *(real *const *)((const char *)forcing->end[0] + offset);
    const real *b = *(real *const *)((const char *)forcing->end[1] + offset);
    return (double)a[cell] + passed * ((double)b[cell] - (double)a[cell]);
}

static void met_map(const bs_output *o, const bs_forcing *forcing, int field, double passed, double *map)
{
    const bs_mesh *mesh = o->info.mesh;
    const size_t u = offsetof(bs_met_state, u10), v = offsetof(bs_met_state, v10);
    for (size_t c = 0; c < o->cells; c++) {
        if (MET[field].kind == MET_AS_IS) {
            map[c] = met_value(forcing, MET[field].offset, passed, c);
            continue;
        }
        double along_x = met_value(forcing, u, passed, c), along_y = met_value(forcing, v, passed, c);
        map[c] = MET[field].kind == MET_EASTWARD ? along_x * mesh->cos_rot[c] - along_y * mesh->sin_rot[c]
                                                 : along_x * mesh->sin_rot[c] + along_y * mesh->cos_rot[c];
    }
}

bs_status bs_out_surface_record(bs_output *o, const bs_forcing *forcing, bs_time from, bs_time to, bs_err *err)
{
    double passed = bs_out_passed(forcing, to);
#pragma omp parallel for schedule(static) if (bs_out_is_worth_threads(BS_OUT_MET_FIELDS * o->cells))
    for (int m = 0; m < BS_OUT_MET_FIELDS; m++) {
        double *map = o->weather + (size_t)m * o->cells;
        met_map(o, forcing, m, passed, map);
        o->surface.put_var[m] = o->surface.met[m];
        o->surface.item[m] = (bs_out_item){map, 1.0, met_bits(o, m)};
    }
    return put_record(o, &o->surface, BS_OUT_MET_FIELDS, o->interval_sum, from, to, err);
}

bs_status bs_out_daily_begin(bs_output *o, bs_err *err)
{
    bs_out_file *f = &o->daily.file;
    char local[BS_OUT_NAME_MAX], long_name[BS_OUT_LONG_MAX];
    if (o->whole_days == 0) return BS_OK;
    BS_TRY(bs_out_frame(o, "daily.nc", "concentrations near the ground, means over natural days", true, f, err));
    BS_TRY(def_concentrations(o, &o->daily, err));
    snprintf(long_name, sizeof long_name, "year, month and day of the natural day, local time UTC%s",
             bs_out_local_time(o, o->start, local) + sizeof "2015-01-10T00:00:00" - 1);
    const bs_nc_def date = {.name = "local_date",
                            .type = BS_NC_INT,
                            .n_dims = 1,
                            .dim = {f->time},
                            .long_name = long_name,
                            .comment = "yyyymmdd; time is the end of that day"};
    BS_TRY(bs_nc_def_var(f->nc, &date, &o->daily.date, err));
    return bs_out_frame_values(o, f, err);
}

bs_status bs_out_daily_record(bs_output *o, bs_time from, bs_time to, bs_err *err)
{
    bs_out_file *f = &o->daily.file;
    bs_date d = bs_out_day_before(o, to);
    double date = d.year * 10000 + d.month * 100 + d.day;
    BS_TRY(bs_nc_write(f->nc, o->daily.date, (size_t[]){f->records}, (size_t[]){1}, &date, err));
    return put_record(o, &o->daily, 0, o->day_sum, from, to, err);
}

bs_status bs_out_maps_finish(bs_out_maps *maps, bs_err *err)
{
    bs_nc *nc = maps->file.nc;
    maps->file.nc = NULL;
    return nc ? bs_nc_commit(nc, err) : BS_OK;
}

void bs_out_maps_abandon(bs_out_maps *maps)
{
    bs_nc_abandon(maps->file.nc);
    maps->file.nc = NULL;
    bs_free(maps->var);
    bs_free(maps->put_var);
    bs_free(maps->item);
}
