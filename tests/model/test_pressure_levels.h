/* test_pressure_levels.h - synthetic weather files and a ready provider, for the tests of model/met/pressure_levels*.c. */
#ifndef BS_TESTS_MODEL_TEST_PRESSURE_LEVELS_H
#define BS_TESTS_MODEL_TEST_PRESSURE_LEVELS_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <netcdf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/met/met.h"

enum { TIMES_MAX = 8, LEVELS_MAX = 8 };

/* A file of u, v, t, q on levels and sp at the surface. Zero-initialised parts take the defaults of file_default(). */
typedef struct weather_file {
    const char *name;
    int n_lon, n_lat, n_levels, n_times; /* n_times 0: no time axis */
    double lon0, dlon, lat0, dlat;       /* dlat < 0: north first */
    double level[LEVELS_MAX];            /* hPa, in the order of the file */
    double time[TIMES_MAX];              /* hours since 2020-01-01 */
    const char *calendar;                /* NULL: no attribute */
    const char *level_units;             /* NULL: no attribute */
    const char *leave_out, *only;        /* this variable is not written; no other is */
    const char *bare;                    /* this variable has no unit */
    const char *odd_unit_of, *odd_unit;  /* this variable has that unit */
    bool packed;                         /* int16 with scale and offset */
    bool near_ground;                    /* u10, v10, t2m too */
    bool rh;                             /* relative humidity r in % instead of q */
    bool orography;                      /* orog, m, no time axis: 300 m, with a slope 2000 m at 104E */
    double slope;                        /* of orog, m per degree east; sp falls with it, 8000 m scale height */
    bool member;                         /* a further dimension of length 1 before the levels */
    bool plain_axes;                     /* axes named a (time), b, c, d (longitude), without attributes but time's */
    double scalar_time;                  /* hours: a scalar coordinate instead of a time axis; 0: none */
    const char *spoil;                   /* this variable gets spoil_value at its first time, level, row, column + 3 */
    double spoil_value;
    double missing_below; /* hPa: t, u, v, q are missing on levels with a pressure above this; 0: none */
    double sp;            /* Pa at 104E 30N */
} weather_file;

static inline weather_file file_default(const char *name)
{
    return (weather_file){.name = name,
                          .n_lon = 13,
                          .n_lat = 11,
                          .n_levels = 5,
                          .n_times = 2,
                          .lon0 = 101,
                          .dlon = 0.5,
                          .lat0 = 27.5,
                          .dlat = 0.5,
                          .level = {1000, 850, 700, 500, 200},
                          .time = {0, 6},
                          .calendar = "standard",
                          .level_units = "hPa",
                          .sp = 101000};
}

/* Fields linear in longitude, latitude, ln p and time: interpolation has nothing to lose. */
static inline double east_of(double lon)
{
    return remainder(remainder(lon - 104, 360), 153); /* the same for 257E and 103W, and small there too */
}

static inline double truth(const char *name, double lon, double lat, double p, double hours)
{
    double x = east_of(lon), y = lat - 30, l = log(p / 1e5);
    if (strcmp(name, "u") == 0) return 5 + 0.8 * x - 0.4 * y - 6 * l + 0.5 * hours;
    if (strcmp(name, "v") == 0) return -2 + 0.3 * x + 0.7 * y + 3 * l - 0.2 * hours;
    if (strcmp(name, "t") == 0) return 285 + 0.5 * x - 0.9 * y + 40 * l + 0.1 * hours;
    if (strcmp(name, "q") == 0) return 0.009 + 1e-4 * x + 2e-4 * y + 3e-3 * l + 1e-4 * hours;
    if (strcmp(name, "r") == 0) return 55 + x + 2 * y + 10 * l + hours;
    if (strcmp(name, "u10") == 0) return 2 + 0.1 * x;
    if (strcmp(name, "v10") == 0) return 1 - 0.1 * y;
    if (strcmp(name, "t2m") == 0) return 288 + 0.2 * x;
    return 0;
}

#define NC_OK(call) assert_int_equal(call, NC_NOERR)

typedef struct open_file {
    const weather_file *w;
    int id, dim_time, dim_member, dim_level, dim_lat, dim_lon;
} open_file;

static inline double value_of(const weather_file *w, const char *name, int t, int k, int j, int i)
{
    double lon = w->lon0 + i * w->dlon, lat = w->lat0 + j * w->dlat;
    double hours = w->n_times ? w->time[t] : 0, p = k >= 0 ? w->level[k] * 100 : w->sp;
    if (w->spoil && strcmp(w->spoil, name) == 0 && t == 0 && k <= 0 && j == 5 && i == 6) return w->spoil_value;
    if (k >= 0 && w->missing_below > 0 && w->level[k] > w->missing_below) return NC_FILL_FLOAT;
    if (strcmp(name, "sp") == 0) {
        if (w->slope != 0) return w->sp * exp(-w->slope * east_of(lon) / 8000);
        return w->sp + 100 * east_of(lon) - 50 * (lat - 30) + 10 * hours;
    }
    if (strcmp(name, "orog") == 0) return (w->slope != 0 ? 2000 : 300) + w->slope * east_of(lon);
    return truth(name, lon, lat, p, hours);
}

static inline void put_variable(const open_file *f, const char *name, const char *unit, bool levels)
{
    const weather_file *w = f->w;
    if (w->leave_out && strcmp(w->leave_out, name) == 0) return;
    if (w->only && strcmp(w->only, name) != 0) return;
    int dims[5], n = 0, id = 0;
    bool timed = w->n_times && strcmp(name, "orog") != 0;
    if (timed) dims[n++] = f->dim_time;
    if (w->member) dims[n++] = f->dim_member;
    if (levels) dims[n++] = f->dim_level;
    dims[n++] = f->dim_lat;
    dims[n++] = f->dim_lon;
    int nt = timed ? w->n_times : 1, nk = levels ? w->n_levels : 1;
    size_t size = (size_t)nt * (size_t)nk * (size_t)w->n_lat * (size_t)w->n_lon, m = 0;
    double *values = malloc(size * sizeof *values), low = 1e30, high = -1e30;
    assert_non_null(values);
    for (int t = 0; t < nt; t++) {
        for (int k = 0; k < nk; k++) {
            for (int j = 0; j < w->n_lat; j++) {
                for (int i = 0; i < w->n_lon; i++) values[m++] = value_of(w, name, t, levels ? k : -1, j, i);
            }
        }
    }
    for (m = 0; m < size; m++) {
        low = fmin(low, values[m]);
        high = fmax(high, values[m]);
    }
    NC_OK(nc_redef(f->id));
    NC_OK(nc_def_var(f->id, name, w->packed ? NC_SHORT : NC_DOUBLE, n, dims, &id));
    if (w->odd_unit_of && strcmp(w->odd_unit_of, name) == 0) unit = w->odd_unit;
    bool bare = w->bare && strcmp(w->bare, name) == 0;
    if (!bare) NC_OK(nc_put_att_text(f->id, id, "units", strlen(unit), unit));
    double fill = NC_FILL_FLOAT;
    if (w->packed) {
        double scale = (high - low) / 60000, offset = low + 30000 * scale;
        if (scale == 0) scale = 1;
        NC_OK(nc_put_att_double(f->id, id, "scale_factor", NC_DOUBLE, 1, &scale));
        NC_OK(nc_put_att_double(f->id, id, "add_offset", NC_DOUBLE, 1, &offset));
        for (m = 0; m < size; m++) values[m] = round((values[m] - offset) / scale);
    } else {
        NC_OK(nc_put_att_double(f->id, id, "_FillValue", NC_DOUBLE, 1, &fill));
    }
    NC_OK(nc_enddef(f->id));
    NC_OK(nc_put_var_double(f->id, id, values));
    free(values);
}

static inline void put_axis(int id, int dim, const char *name, const char *unit, const double *values)
{
    int var;
    NC_OK(nc_def_var(id, name, NC_DOUBLE, 1, &dim, &var));
    if (unit) NC_OK(nc_put_att_text(id, var, "units", strlen(unit), unit));
    NC_OK(nc_enddef(id));
    NC_OK(nc_put_var_double(id, var, values));
    NC_OK(nc_redef(id));
}

static inline void write_weather(const char *dir, const weather_file *w)
{
    char path[512];
    double lon[64], lat[64];
    int var;
    open_file f = {.w = w};
    snprintf(path, sizeof path, "%s/%s", dir, w->name);
    remove(path); /* a provider may have it open */
    NC_OK(nc_create(path, NC_NETCDF4 | NC_CLOBBER, &f.id));
    for (int i = 0; i < w->n_lon; i++) lon[i] = w->lon0 + i * w->dlon;
    for (int j = 0; j < w->n_lat; j++) lat[j] = w->lat0 + j * w->dlat;
    const char *names[] = {"time", "level", "lat", "lon"}, *plain[] = {"a", "b", "c", "d"};
    const char **name = w->plain_axes ? plain : names;
    if (w->n_times) {
        NC_OK(nc_def_dim(f.id, name[0], (size_t)w->n_times, &f.dim_time));
        put_axis(f.id, f.dim_time, name[0], "hours since 2020-01-01", w->time);
        NC_OK(nc_inq_varid(f.id, name[0], &var));
        if (w->calendar) NC_OK(nc_put_att_text(f.id, var, "calendar", strlen(w->calendar), w->calendar));
    }
    if (w->scalar_time > 0) {
        NC_OK(nc_def_var(f.id, "valid_time", NC_DOUBLE, 0, NULL, &var));
        NC_OK(nc_put_att_text(f.id, var, "standard_name", 4, "time"));
        NC_OK(nc_put_att_text(f.id, var, "units", 22, "hours since 2020-01-01"));
        NC_OK(nc_enddef(f.id));
        NC_OK(nc_put_var_double(f.id, var, &w->scalar_time));
        NC_OK(nc_redef(f.id));
    }
    NC_OK(nc_def_dim(f.id, "number", 1, &f.dim_member));
    NC_OK(nc_def_dim(f.id, name[1], (size_t)w->n_levels, &f.dim_level));
    NC_OK(nc_def_dim(f.id, name[2], (size_t)w->n_lat, &f.dim_lat));
    NC_OK(nc_def_dim(f.id, name[3], (size_t)w->n_lon, &f.dim_lon));
    put_axis(f.id, f.dim_level, name[1], w->plain_axes ? NULL : w->level_units, w->level);
    put_axis(f.id, f.dim_lat, name[2], w->plain_axes ? NULL : "degrees_north", lat);
    put_axis(f.id, f.dim_lon, name[3], w->plain_axes ? NULL : "degrees_east", lon);
    NC_OK(nc_enddef(f.id));
    put_variable(&f, "u", "m s**-1", true);
    put_variable(&f, "v", "m/s", true);
    put_variable(&f, "t", "K", true);
    if (w->rh) put_variable(&f, "r", "%", true);
    if (!w->rh) put_variable(&f, "q", "kg kg**-1", true);
    put_variable(&f, "sp", "Pa", false);
    if (w->near_ground) {
        put_variable(&f, "u10", "m s-1", false);
        put_variable(&f, "v10", "m s-1", false);
        put_variable(&f, "t2m", "K", false);
    }
    if (w->orography) put_variable(&f, "orog", "m", false);
    NC_OK(nc_close(f.id));
}

/* ---- a provider on a mesh ---- */

typedef struct bench {
    char dir[64];
    bs_config *config;
    bs_mesh *mesh;
    bs_levels *levels;
    bs_units *units;
    bs_log log;
    bs_met_context context;
    bs_time start, end;
    const bs_provider *kind; /* NULL: pressure_levels */
    void *provider;
    bs_native *native;
    bs_err err;
} bench;

static inline bs_mesh_spec lonlat_mesh(void)
{
    return (bs_mesh_spec){
        .projection = "+proj=longlat +R=6370000", .nx = 8, .ny = 6, .dx = 0.25, .dy = 0.25, .x0 = 102.9, .y0 = 29.1};
}

static inline void bench_setup(bench *b, const bs_mesh_spec *spec, double top)
{
    *b = (bench){0};
    strcpy(b->dir, "/tmp/bs_pl_XXXXXX");
    assert_non_null(mkdtemp(b->dir));
    const double eta[] = {1, 0.98, 0.9, 0.75, 0.5, 0.2, 0};
    assert_int_equal(bs_mesh_create(spec, &b->mesh, &b->err), BS_OK);
    assert_int_equal(bs_levels_from_eta(7, eta, top, 0.2, &b->levels, &b->err), BS_OK);
    assert_int_equal(bs_units_create(&b->units, &b->err), BS_OK);
    assert_int_equal(bs_native_create(b->mesh->nx, b->mesh->ny, b->levels->nz, &b->native, &b->err), BS_OK);
    b->start = bs_time_from_date(2020, 1, 1, 0, 0, 0);
    b->end = bs_time_from_date(2020, 1, 1, 6, 0, 0);
}

static inline const bs_provider *kind_of_bench(const bench *b)
{
    return b->kind ? b->kind : &BS_PROVIDER_PRESSURE_LEVELS;
}

/* Reads the case whose section `meteorology` is given (its provider line is added). */
static inline bs_status bench_config(bench *b, const char *meteorology)
{
    char path[512];
    snprintf(path, sizeof path, "%s/case.yaml", b->dir);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fprintf(f,
            "case: {name: test}\ntime: {start: 2020-01-01T00:00:00Z, end: 2020-01-01T06:00:00Z}\n"
            "grid: {projection: '+proj=longlat +R=6370000', nx: 8, ny: 6, dx: 0.25 degree, corner: [102.9, 29.1], "
            "levels: {top: 200 hPa, eta: [1, 0.5, 0]}}\n"
            "meteorology:\n  provider: %s\n%s",
            kind_of_bench(b)->name, meteorology);
    fclose(f);
    bs_config_destroy(b->config);
    b->config = NULL;
    return bs_config_read(path, 0, NULL, &b->config, &b->err);
}

static inline bs_status bench_open(bench *b, const char *meteorology, const double *terrain)
{
    assert_int_equal(bench_config(b, meteorology), BS_OK);
    b->context = (bs_met_context){.config = b->config,
                                  .mesh = b->mesh,
                                  .levels = b->levels,
                                  .terrain = terrain,
                                  .roughness = 0.3,
                                  .units = b->units,
                                  .log = &b->log};
    kind_of_bench(b)->destroy(b->provider);
    b->provider = NULL;
    return kind_of_bench(b)->create(&b->context, b->start, b->end, &b->provider, &b->err);
}

static inline bs_status bench_read(bench *b, int hours)
{
    return kind_of_bench(b)->read(b->provider, b->start + hours * 3600, b->native, &b->err);
}

static inline void must(bench *b, bs_status status)
{
    if (status != BS_OK) fail_msg("unexpected failure: %s", b->err.text);
}

static inline void bench_teardown(bench *b)
{
    char command[128];
    kind_of_bench(b)->destroy(b->provider);
    bs_native_destroy(b->native);
    bs_config_destroy(b->config);
    bs_mesh_destroy(b->mesh);
    bs_levels_destroy(b->levels);
    bs_units_destroy(b->units);
    snprintf(command, sizeof command, "rm -rf %s", b->dir);
    assert_int_equal(system(command), 0);
}

/* Mid pressure of layer k in a cell, as the provider defines it. */
static inline double mid_pressure(const bench *b, int k, size_t cell)
{
    double ps = b->native->ps[cell];
    return 0.5 * (bs_levels_pressure(b->levels, k, ps) + bs_levels_pressure(b->levels, k + 1, ps));
}

#define VARIABLES                                                                                                      \
    "  variables: {u: {name: u}, v: {name: v}, temperature: {name: t}, specific_humidity: {name: q}, "                 \
    "surface_pressure: {name: sp}}\n"

#endif
