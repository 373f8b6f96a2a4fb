#include "model/met/prepared.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/core/memory.h"
#include "model/met/prepared_layout.h"
#include "model/parallel/ranks.h"

typedef struct bs_writer {
    bs_nc *nc;
    const bs_met_context *context;
    bs_tiling tiling;
    bs_tile tile; /* this rank's */
    void *room;   /* for what it writes of an array */
    int dim[BS_PD_COUNT];
    int *array;        /* ids of the arrays of a state */
    int correction[2]; /* x, y */
    int time, x, y, lon, lat, a_half, b_half;
} bs_writer;

/* ---- definitions ---- */

static bs_status define_crs(bs_writer *w, bs_err *err)
{
    int crs, n;
    const bs_nc_def def = {.name = "crs", .type = BS_NC_INT};
    BS_TRY(bs_nc_def_var(w->nc, &def, &crs, err));
    const bs_cf_attribute *attribute = bs_projection_cf(w->context->mesh->projection, &n);
    for (int a = 0; a < n; a++)
        BS_TRY(attribute[a].text
                   ? bs_nc_put_text(w->nc, crs, attribute[a].name, attribute[a].text, err)
                   : bs_nc_put_number(w->nc, crs, attribute[a].name, attribute[a].count, attribute[a].number, err));
    return BS_OK;
}

static bs_status define_axes(bs_writer *w, bs_err *err)
{
    const bool lonlat = bs_projection_is_lonlat(w->context->mesh->projection);
    const int *dim = w->dim;
    const struct {
        bs_nc_def def;
        int *id;
        const char *axis;
    } axes[] = {
        {{"time",
          BS_NC_DOUBLE,
          1,
          {dim[BS_PD_TIME]},
          .units = "seconds since 1970-01-01 00:00:00",
          .standard_name = "time"},
         &w->time,
         "T"},
        {{"x",
          BS_NC_DOUBLE,
          1,
          {dim[BS_PD_X]},
          .units = lonlat ? "degrees_east" : "m",
          .standard_name = lonlat ? "longitude" : "projection_x_coordinate"},
         &w->x,
         "X"},
        {{"y",
          BS_NC_DOUBLE,
          1,
          {dim[BS_PD_Y]},
          .units = lonlat ? "degrees_north" : "m",
          .standard_name = lonlat ? "latitude" : "projection_y_coordinate"},
         &w->y,
         "Y"},
        {{"lon",
          BS_NC_DOUBLE,
          2,
          {dim[BS_PD_Y], dim[BS_PD_X]},
          .compress = true,
          .units = "degrees_east",
          .standard_name = "longitude"},
         &w->lon,
         NULL},
        {{"lat",
          BS_NC_DOUBLE,
          2,
          {dim[BS_PD_Y], dim[BS_PD_X]},
          .compress = true,
          .units = "degrees_north",
          .standard_name = "latitude"},
         &w->lat,
         NULL},
        {{"a_half",
          BS_NC_DOUBLE,
          1,
          {dim[BS_PD_HALF]},
          .units = "Pa",
          .long_name = "hybrid coefficient a of half levels: pressure = a_half + b_half ps; ground first"},
         &w->a_half,
         NULL},
        {{"b_half",
          BS_NC_DOUBLE,
          1,
          {dim[BS_PD_HALF]},
          .units = "1",
          .long_name = "hybrid coefficient b of half levels"},
         &w->b_half,
         NULL},
    };
    for (size_t a = 0; a < sizeof axes / sizeof *axes; a++) {
        BS_TRY(bs_nc_def_var(w->nc, &axes[a].def, axes[a].id, err));
        if (axes[a].axis) BS_TRY(bs_nc_put_text(w->nc, *axes[a].id, "axis", axes[a].axis, err));
    }
    return bs_nc_put_text(w->nc, w->time, "calendar", "standard", err);
}

static bs_status define_arrays(bs_writer *w, bs_err *err)
{
    int n_arrays;
    const bs_prepared_array *arrays = bs_prepared_arrays(&n_arrays);
    for (int a = 0; a < n_arrays; a++) {
        bs_nc_def def = {.name = arrays[a].name,
                         .type = arrays[a].is_double ? BS_NC_DOUBLE : BS_NC_REAL,
                         .n_dims = arrays[a].n_dims + 1,
                         .dim = {w->dim[BS_PD_TIME]},
                         .compress = true,
                         .chunk_rank = 2,
                         .units = arrays[a].units,
                         .long_name = arrays[a].long_name};
        bool centred = true;
        for (int d = 0; d < arrays[a].n_dims; d++) {
            def.dim[d + 1] = w->dim[arrays[a].dim[d]];
            centred = centred && arrays[a].dim[d] != BS_PD_X_FACE && arrays[a].dim[d] != BS_PD_Y_FACE;
        }
        if (centred) {
            def.grid_mapping = "crs";
            def.coordinates = "lat lon";
        }
        BS_TRY(bs_nc_def_var(w->nc, &def, &w->array[a], err));
    }
    for (int direction = 0; direction < 2; direction++) {
        const bs_nc_def def = {
            .name = bs_prepared_correction_name(direction),
            .type = BS_NC_DOUBLE,
            .n_dims = 4,
            .dim = {w->dim[BS_PD_INTERVAL], w->dim[BS_PD_END], w->dim[direction == 0 ? BS_PD_Y : BS_PD_Y_FACE],
                    w->dim[direction == 0 ? BS_PD_X_FACE : BS_PD_X]},
            .compress = true,
            .chunk_rank = 2,
            .units = "kg s-1",
            .long_name = direction == 0 ? "column air-mass flux along grid x taken off at both ends of an interval"
                                        : "column air-mass flux along grid y taken off at both ends of an interval",
            .comment = "shared out to the layers by their part of the air mass at the face, it makes the column "
                       "convergence of the fluxes equal the tendency of column mass"};
        BS_TRY(bs_nc_def_var(w->nc, &def, &w->correction[direction], err));
    }
    return BS_OK;
}

static bs_status put_globals(bs_writer *w, const bs_met *met, const char *key, bs_err *err)
{
    bs_met_report report;
    bs_met_report_get(met, &report);
    const char *const pair[][2] = {{"Conventions", "CF-1.10"},
                                   {"title", "prepared meteorology"},
                                   {"source", report.label},
                                   {"provider", report.provider},
                                   {"key", key}};
    for (size_t p = 0; p < sizeof pair / sizeof *pair; p++)
        BS_TRY(bs_nc_put_text(w->nc, BS_NC_GLOBAL, pair[p][0], pair[p][1], err));
    return BS_OK;
}

/* Once all times have been derived: some may tell what others did not. */
static bs_status put_assumed(bs_writer *w, const bs_met *met, bs_err *err)
{
    bs_met_report report;
    char assumed[8192] = "";
    bs_met_report_get(met, &report);
    for (int n = 0; n < report.n_assumed; n++) {
        size_t used = strlen(assumed);
        snprintf(assumed + used, sizeof assumed - used, "%s%s", n ? "\n" : "", report.assumed[n]);
    }
    return bs_nc_put_text(w->nc, BS_NC_GLOBAL, "assumed", assumed, err);
}

static bs_status define(bs_writer *w, const bs_met *met, const bs_tracers *tracers, const char *key, bs_err *err)
{
    size_t length[BS_PD_COUNT];
    bs_prepared_lengths(w->context, tracers, bs_met_times_of(met), length);
    for (int d = 0; d < BS_PD_COUNT; d++)
        BS_TRY(bs_nc_def_dim(w->nc, bs_prepared_dim_name((bs_prepared_dim)d), length[d], &w->dim[d], err));
    BS_TRY(define_crs(w, err));
    BS_TRY(define_axes(w, err));
    BS_TRY(define_arrays(w, err));
    return put_globals(w, met, key, err);
}

/* ---- values ---- */

static bs_status write_axes(bs_writer *w, const bs_met_times *times, double *room, bs_err *err)
{
    const bs_mesh *mesh = bs_met_whole(w->context);
    for (int n = 0; n < times->count; n++) room[n] = (double)(times->first + n * times->interval);
    BS_TRY(bs_nc_write(w->nc, w->time, NULL, NULL, room, err));
    for (int i = 0; i < mesh->nx; i++) room[i] = mesh->x0 + (i + 0.5) * mesh->dx;
    BS_TRY(bs_nc_write(w->nc, w->x, NULL, NULL, room, err));
    for (int j = 0; j < mesh->ny; j++) room[j] = mesh->y0 + (j + 0.5) * mesh->dy;
    BS_TRY(bs_nc_write(w->nc, w->y, NULL, NULL, room, err));
    BS_TRY(bs_nc_write(w->nc, w->lon, NULL, NULL, mesh->lon, err));
    BS_TRY(bs_nc_write(w->nc, w->lat, NULL, NULL, mesh->lat, err));
    BS_TRY(bs_nc_write(w->nc, w->a_half, NULL, NULL, w->context->levels->a_half, err));
    return bs_nc_write(w->nc, w->b_half, NULL, NULL, w->context->levels->b_half, err);
}

static bs_status write_real(bs_nc *nc, int var, const size_t *start, const size_t *count, const real *values,
                            bs_err *err)
{
#if BS_DOUBLE
    return bs_nc_write_part(nc, var, start, count, values, err);
#else
    return bs_nc_write_part_float(nc, var, start, count, values, err);
#endif
}

/* This rank's own part of maps, one after the other in `values`, into the last two dimensions of a variable. */
static bs_status write_maps(bs_writer *w, int var, bool is_double, bs_map_at place, int n_dims, size_t *start,
                            size_t *count, const void *values, bs_err *err)
{
    const bs_window own = bs_tile_gives(&w->tile, &w->tiling, place);
    const size_t row = (size_t)(w->tile.nx + bs_map_more_x(place)), rows = (size_t)(w->tile.ny + bs_map_more_y(place));
    const size_t size = is_double ? sizeof(double) : sizeof(real), bytes = (size_t)(own.i1 - own.i0) * size;
    size_t maps = 1;
    for (int d = 0; d < n_dims - 2; d++) maps *= count[d];
    char *to = w->room;
    for (size_t m = 0; m < maps; m++)
        for (int j = own.j0; j < own.j1; j++, to += bytes)
            memcpy(to, (const char *)values + ((m * rows + (size_t)j) * row + (size_t)own.i0) * size, bytes);
    start[n_dims - 2] = (size_t)(w->tile.j0 + own.j0);
    start[n_dims - 1] = (size_t)(w->tile.i0 + own.i0);
    count[n_dims - 2] = (size_t)(own.j1 - own.j0);
    count[n_dims - 1] = (size_t)(own.i1 - own.i0);
    return is_double ? bs_nc_write_part(w->nc, var, start, count, w->room, err)
                     : write_real(w->nc, var, start, count, w->room, err);
}

static bs_status write_state(bs_writer *w, const size_t *length, int n, const bs_met_state *state, bs_err *err)
{
    int n_arrays;
    const bs_prepared_array *arrays = bs_prepared_arrays(&n_arrays);
    for (int a = 0; a < n_arrays; a++) {
        const bs_prepared_array *r = &arrays[a];
        size_t start[BS_NC_MAX_DIMS] = {(size_t)n}, count[BS_NC_MAX_DIMS] = {1};
        for (int d = 0; d < r->n_dims; d++) count[d + 1] = length[r->dim[d]];
        BS_TRY(write_maps(w, w->array[a], r->is_double, bs_prepared_place(r->dim[r->n_dims - 2], r->dim[r->n_dims - 1]),
                          r->n_dims + 1, start, count, bs_prepared_member(r, state), err));
    }
    return BS_OK;
}

/* Room for the largest of the arrays. */
static bs_status make_room(bs_writer *w, const bs_tracers *tracers, bs_err *err)
{
    const size_t levels = (size_t)w->context->levels->nz + 1,
                 classes = tracers->n_removal > 0 ? (size_t)tracers->n_removal : 1;
    const size_t map = (size_t)(w->tile.nx + 1) * (size_t)(w->tile.ny + 1);
    const size_t in_double = levels * map * sizeof(double), in_real = classes * levels * map * sizeof(real);
    return bs_alloc(&w->room, in_double > in_real ? in_double : in_real, 1, "prepared meteorology", err);
}

static bs_status write_correction(bs_writer *w, int interval, const bs_corrector *c, bs_err *err)
{
    for (int e = 0; e < 2; e++)
        for (int direction = 0; direction < 2; direction++) {
            size_t start[] = {(size_t)interval, (size_t)e, 0, 0}, count[] = {1, 1, 0, 0};
            BS_TRY(write_maps(w, w->correction[direction], true, direction == 0 ? BS_AT_X_FACES : BS_AT_Y_FACES, 4,
                              start, count, direction == 0 ? c->gx[e] : c->gy[e], err));
        }
    return BS_OK;
}

static bs_status write_all(bs_writer *w, bs_met *met, const bs_tracers *tracers, bs_forcing *forcing, bs_err *err)
{
    const bs_met_times *times = bs_met_times_of(met);
    const int intervals = bs_met_times_intervals(times);
    size_t length[BS_PD_COUNT];
    bs_prepared_lengths(w->context, tracers, times, length);
    for (int n = 0; n < intervals; n++) {
        BS_TRY(bs_met_interval(met, times->start + n * times->interval, forcing, err));
        BS_TRY(write_state(w, length, n, forcing->end[0], err));
        BS_TRY(write_correction(w, n, bs_met_corrector(met), err));
    }
    if (!times->steady) BS_TRY(write_state(w, length, intervals, forcing->end[1], err));
    return put_assumed(w, met, err);
}

static bs_status write_file(const char *file, const char *key, bs_met *met, const bs_met_context *context,
                            const bs_tracers *tracers, bs_err *err)
{
    const bs_mesh *whole = bs_met_whole(context);
    bs_writer w = {.context = context, .tiling = {.nx = whole->nx, .ny = whole->ny, .px = 1, .py = 1}};
    if (context->tiling) w.tiling = *context->tiling;
    w.tile = context->tiling ? context->tile : bs_tiling_tile(&w.tiling, 0);
    bs_forcing *forcing = NULL;
    double *room = NULL;
    int n_arrays;
    bs_prepared_arrays(&n_arrays);
    const size_t axis = (size_t)bs_met_times_of(met)->count + (size_t)whole->nx + (size_t)whole->ny;
    bs_status st = BS_NEW(&w.array, n_arrays, "prepared meteorology", err);
    if (st == BS_OK) st = BS_NEW(&room, axis, "axes of prepared meteorology", err);
    if (st == BS_OK) st = make_room(&w, tracers, err);
    if (st == BS_OK) st = bs_forcing_create(context->mesh->nx, context->mesh->ny, context->levels->nz, &forcing, err);
    st = bs_ranks_agree(st, err);
    if (st == BS_OK) st = bs_nc_create_shared(file, &w.nc, err);
    if (st == BS_OK) st = define(&w, met, tracers, key, err);
    if (st == BS_OK) st = write_axes(&w, bs_met_times_of(met), room, err);
    if (st == BS_OK) st = write_all(&w, met, tracers, forcing, err);
    if (st == BS_OK)
        st = bs_nc_commit(w.nc, err);
    else
        bs_nc_abandon(w.nc);
    bs_forcing_destroy(forcing);
    bs_free(room);
    bs_free(w.room);
    bs_free(w.array);
    return st;
}

/* ---- all of it ---- */

static bs_status prepare_locked(const bs_provider *provider, const bs_met_context *context, const bs_tracers *tracers,
                                bs_time start, bs_time end, const char *dir, const char *key, bs_err *err)
{
    char file[BS_MET_PATH_MAX];
    bs_met_report report;
    bs_met *met = NULL;
    BS_TRY(bs_prepared_path(dir, key, ".nc", file, err));
    bool there = bs_prepared_exists(dir, key);
    bs_ranks_share(0, &there, sizeof there);
    if (there) {
        bs_log_info(context->log, "meteorology: %s is there already", file);
        return BS_OK;
    }
    BS_TRY(bs_met_create_fresh(provider, context, tracers, start, end, &met, err));
    bs_status st = write_file(file, key, met, context, tracers, err);
    bs_met_report_get(met, &report);
    if (st == BS_OK)
        bs_log_info(context->log, "meteorology: %s written in %.1f s; correction wind: %s", file, report.seconds,
                    report.correction);
    if (st == BS_OK && report.correction_warning[0]) bs_log_warn(context->log, "%s", report.correction_warning);
    bs_met_destroy(met);
    return st;
}

/* What the first rank does alone: the folder, the key, the lock. */
static bs_status open_folder(const bs_provider *provider, const bs_met_context *context, const bs_tracers *tracers,
                             const char *dir, char *key, char *lock, bs_err *err)
{
    if (!bs_ranks_first()) return BS_OK;
    if (mkdir(dir, 0777) != 0 && errno != EEXIST)
        return bs_fail(err, BS_ERR_IO, "%s: cannot be created as the folder of prepared meteorology: %s", dir,
                       strerror(errno));
    BS_TRY(bs_prepared_key(provider, context, tracers, key, err));
    BS_TRY(bs_prepared_path(dir, key, ".lock", lock, err));
    return bs_prepared_lock(lock, err);
}

bs_status bs_met_prepare_with(const bs_provider *provider, const bs_met_context *context, const bs_tracers *tracers,
                              bs_time start, bs_time end, const char *dir, bs_err *err)
{
    char key[BS_MET_KEY_MAX] = "", lock[BS_MET_PATH_MAX];
    BS_TRY(bs_ranks_agree(open_folder(provider, context, tracers, dir, key, lock, err), err));
    bs_ranks_share(0, key, sizeof key);
    bs_status st = prepare_locked(provider, context, tracers, start, end, dir, key, err);
    if (bs_ranks_first()) unlink(lock);
    return st;
}
