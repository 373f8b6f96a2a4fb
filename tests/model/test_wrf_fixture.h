/* test_wrf_fixture.h - synthetic files of WRF output and a ready provider, for the tests of model/met/wrf*.c. */
#ifndef BS_TESTS_MODEL_TEST_WRF_FIXTURE_H
#define BS_TESTS_MODEL_TEST_WRF_FIXTURE_H

#include "tests/model/test_wrf_formulas.h"

#include <netcdf.h>

#include "model/core/memory.h"

#define NC_OK(call) assert_int_equal(call, NC_NOERR)

/* ---- writing ---- */

typedef struct wrf_out {
    const wrf_file *w;
    wrf_map map;
    int id, time, z, zs, y, ys, x, xs, text;
} wrf_out;

static inline bool wrf_listed(const char *list, const char *name)
{
    char word[64];
    snprintf(word, sizeof word, ",%s,", name);
    return list && strstr(list, word);
}

static inline bool wrf_is(const char *one, const char *two)
{
    return one && strcmp(one, two) == 0;
}

static inline void wrf_put(const wrf_out *o, const char *name, const char *unit, const char *shape)
{
    const wrf_file *w = o->w;
    if (wrf_listed(w->leave_out, name)) return;
    const bool half = strchr(shape, 'h'), deep = half || strchr(shape, 'z'), fixed = strchr(shape, 'f') && w->still;
    const bool west = strchr(shape, 'w'), south = strchr(shape, 's');
    const int nt = fixed ? 1 : w->n_times, nk = deep ? WRF_NZ + half : 1, ny = w->ny + south, nx = w->nx + west;
    int dims[4], n = 0, id;
    if (!fixed) dims[n++] = o->time;
    if (deep) dims[n++] = half ? o->zs : o->z;
    dims[n++] = south ? o->ys : o->y;
    dims[n++] = west ? o->xs : o->x;
    if (wrf_is(w->swapped, name)) {
        const int last = dims[n - 1];
        dims[n - 1] = dims[n - 2];
        dims[n - 2] = last;
    }
    float *values = malloc((size_t)(nt * nk) * (size_t)(ny * nx) * sizeof *values), *v = values;
    assert_non_null(values);
    for (int t = 0; t < nt; t++)
        for (int k = 0; k < nk; k++)
            for (int j = 0; j < ny; j++)
                for (int i = 0; i < nx; i++) {
                    *v = (float)wrf_value(w, &o->map, name, t, k, south ? j - 0.5 : j, west ? i - 0.5 : i);
                    if (wrf_is(w->spoil, name) && t == nt - 1 && k == 0 && j == 3 && i == 4) *v = (float)w->spoil_value;
                    v++;
                }
    NC_OK(nc_redef(o->id));
    NC_OK(nc_def_var(o->id, name, NC_FLOAT, n, dims, &id));
    if (wrf_is(w->odd_unit_of, name)) unit = w->odd_unit;
    if (!wrf_is(w->bare, name)) NC_OK(nc_put_att_text(o->id, id, "units", strlen(unit), unit));
    NC_OK(nc_enddef(o->id));
    NC_OK(nc_put_var_float(o->id, id, values));
    free(values);
}

static inline void wrf_put_profile(const wrf_out *o, const char *name, int n, const double *values)
{
    int id, dims[2] = {o->time, n > WRF_NZ ? o->zs : o->z};
    if (wrf_listed(o->w->leave_out, name)) return;
    NC_OK(nc_redef(o->id));
    NC_OK(nc_def_var(o->id, name, NC_FLOAT, n > 1 ? 2 : 1, dims, &id));
    const char *unit = wrf_is(o->w->odd_unit_of, name) ? o->w->odd_unit : n > 1 ? "" : "Pa";
    NC_OK(nc_put_att_text(o->id, id, "units", strlen(unit), unit));
    NC_OK(nc_enddef(o->id));
    for (size_t t = 0; t < (size_t)o->w->n_times; t++) {
        const size_t start[] = {t, 0}, count[] = {1, (size_t)n};
        NC_OK(nc_put_vara_double(o->id, id, start, count, values));
    }
}

static inline void wrf_put_times(const wrf_out *o)
{
    const wrf_file *w = o->w;
    const int dims[] = {o->time, o->text};
    int id;
    NC_OK(nc_redef(o->id));
    NC_OK(nc_def_var(o->id, "Times", NC_CHAR, 2, dims, &id));
    NC_OK(nc_enddef(o->id));
    for (int t = 0; t < w->n_times; t++) {
        char text[64];
        const bs_date d = bs_date_from_time(bs_time_from_date(2020, 2, 28, 0, 0, 0) + (bs_time)(w->hours[t] * 3600));
        snprintf(text, sizeof text, "%04d-%02d-%02d_%02d:%02d:%02d", d.year, d.month, d.day, d.hour, d.minute,
                 d.second);
        const size_t start[] = {(size_t)t, 0}, count[] = {1, 19};
        NC_OK(nc_put_vara_text(o->id, id, start, count, t == 1 && w->stamp ? w->stamp : text));
    }
    if (isnan(w->xtime)) return;
    NC_OK(nc_redef(o->id));
    NC_OK(nc_def_var(o->id, "XTIME", NC_FLOAT, 1, &o->time, &id));
    NC_OK(nc_enddef(o->id));
    for (size_t t = 0; t < (size_t)w->n_times; t++) {
        const double minutes = 720 + w->hours[t] * 60 + w->xtime;
        NC_OK(nc_put_var1_double(o->id, id, &t, &minutes));
    }
}

static inline void wrf_put_attributes(const wrf_out *o)
{
    const wrf_file *w = o->w;
    const struct {
        const char *name;
        double value;
    } number[] = {{"DX", w->dx},
                  {"DY", w->dx},
                  {"CEN_LAT", w->cen_lat},
                  {"CEN_LON", w->cen_lon},
                  {"TRUELAT1", w->truelat1},
                  {"TRUELAT2", w->truelat2},
                  {"MOAD_CEN_LAT", w->cen_lat},
                  {"STAND_LON", w->stand_lon},
                  {"POLE_LAT", w->pole_lat},
                  {"POLE_LON", 0},
                  {"MAP_PROJ", w->map_proj},
                  {"HYBRID_OPT", w->hybrid ? 2 : 0},
                  {"BUCKET_MM", w->bucket > 0 ? w->bucket : -1}};
    for (size_t n = 0; n < sizeof number / sizeof *number; n++) {
        const bool odd = wrf_is(w->attribute, number[n].name);
        if (odd && isnan(w->attribute_value)) continue;
        const float value = (float)(odd ? w->attribute_value : number[n].value);
        NC_OK(nc_put_att_float(o->id, NC_GLOBAL, number[n].name, NC_FLOAT, 1, &value));
    }
    NC_OK(nc_put_att_text(o->id, NC_GLOBAL, "SIMULATION_START_DATE", strlen(w->simulation_start), w->simulation_start));
    NC_OK(nc_put_att_text(o->id, NC_GLOBAL, "MMINLU", strlen(w->legend), w->legend));
    NC_OK(nc_put_att_text(o->id, NC_GLOBAL, "GRIDTYPE", 1, "C"));
}

static inline void wrf_put_layers(const wrf_out *o)
{
    const wrf_file *w = o->w;
    double c3[WRF_NZ + 1], c4[WRF_NZ + 1], c1[WRF_NZ], c2[WRF_NZ];
    for (int k = 0; k <= WRF_NZ; k++) {
        c3[k] = wrf_c3(w, k);
        c4[k] = wrf_c4(w, k);
    }
    for (int k = 0; k < WRF_NZ; k++) {
        c1[k] = (c3[k + 1] - c3[k]) / (WRF_ETA[k + 1] - WRF_ETA[k]);
        c2[k] = (c4[k + 1] - c4[k]) / (WRF_ETA[k + 1] - WRF_ETA[k]);
    }
    wrf_put_profile(o, "ZNW", WRF_NZ + 1, WRF_ETA);
    wrf_put_profile(o, "P_TOP", 1, &WRF_TOP);
    if (!w->hybrid) return;
    wrf_put_profile(o, "C3F", WRF_NZ + 1, c3);
    wrf_put_profile(o, "C4F", WRF_NZ + 1, c4);
    if (wrf_is(w->spoil, "C1H")) c1[2] = w->spoil_value;
    wrf_put_profile(o, "C1H", WRF_NZ, c1);
    wrf_put_profile(o, "C2H", WRF_NZ, c2);
}

static inline void wrf_write(const char *dir, const wrf_file *w)
{
    static const struct {
        const char *name, *unit, *shape; /* z layers, h half levels, w and s staggered, f may be without a time */
    } FIELDS[] = {{"XLAT", "degree_north", "f"},
                  {"XLONG", "degree_east", "f"},
                  {"COSALPHA", "", "f"},
                  {"SINALPHA", "", "f"},
                  {"HGT", "m", "f"},
                  {"LU_INDEX", "", "f"},
                  {"U", "m s-1", "zw"},
                  {"V", "m s-1", "zs"},
                  {"T", "K", "z"},
                  {"P", "Pa", "z"},
                  {"PB", "Pa", "z"},
                  {"QVAPOR", "kg kg-1", "z"},
                  {"QCLOUD", "kg kg-1", "z"},
                  {"QRAIN", "kg kg-1", "z"},
                  {"PH", "m2 s-2", "h"},
                  {"PHB", "m2 s-2", "h"},
                  {"MU", "Pa", ""},
                  {"MUB", "Pa", ""},
                  {"PSFC", "Pa", ""},
                  {"T2", "K", ""},
                  {"U10", "m s-1", ""},
                  {"V10", "m s-1", ""},
                  {"PBLH", "m", ""},
                  {"UST", "m s-1", ""},
                  {"HFX", "W m-2", ""},
                  {"QFX", "kg m-2 s-1", ""},
                  {"ZNT", "m", ""},
                  {"LAI", "m-2/m-2", ""},
                  {"RAINC", "mm", ""},
                  {"RAINNC", "mm", ""},
                  {"I_RAINNC", "", ""}};
    char path[512];
    wrf_out o = {.w = w, .map = wrf_map_of(w)};
    snprintf(path, sizeof path, "%s/%s", dir, w->name);
    NC_OK(nc_create(path, NC_NETCDF4 | NC_CLOBBER, &o.id));
    NC_OK(nc_def_dim(o.id, "Time", NC_UNLIMITED, &o.time));
    NC_OK(nc_def_dim(o.id, "DateStrLen", 19, &o.text));
    NC_OK(nc_def_dim(o.id, "west_east", (size_t)w->nx, &o.x));
    NC_OK(nc_def_dim(o.id, "south_north", (size_t)w->ny, &o.y));
    NC_OK(nc_def_dim(o.id, "bottom_top", WRF_NZ, &o.z));
    NC_OK(nc_def_dim(o.id, "west_east_stag", (size_t)w->nx + 1, &o.xs));
    NC_OK(nc_def_dim(o.id, "south_north_stag", (size_t)w->ny + 1, &o.ys));
    NC_OK(nc_def_dim(o.id, "bottom_top_stag", WRF_NZ + 1, &o.zs));
    wrf_put_attributes(&o);
    NC_OK(nc_enddef(o.id));
    wrf_put_times(&o);
    wrf_put_layers(&o);
    for (size_t f = 0; f < sizeof FIELDS / sizeof *FIELDS; f++)
        wrf_put(&o, FIELDS[f].name, FIELDS[f].unit, FIELDS[f].shape);
    NC_OK(nc_close(o.id));
    bs_projection_destroy(o.map.projection);
}

/* ---- a provider ---- */

typedef struct bench {
    char dir[64];
    bs_config *config;
    bs_mesh *mesh;
    bs_levels *levels;
    double *terrain;
    bs_units *units;
    bs_log log;
    bs_met_context context;
    bs_time start, end;
    void *provider;
    bs_native *native;
    bs_err err;
} bench;

static inline void bench_setup(bench *b)
{
    *b = (bench){.start = bs_time_from_date(2020, 2, 28, 0, 0, 0)};
    b->end = b->start + 6 * 3600;
    strcpy(b->dir, "/tmp/bs_wrf_XXXXXX");
    assert_non_null(mkdtemp(b->dir));
    assert_int_equal(bs_units_create(&b->units, &b->err), BS_OK);
}

static inline void bench_close(bench *b)
{
    BS_PROVIDER_WRF.destroy(b->provider);
    bs_native_destroy(b->native);
    bs_config_destroy(b->config);
    bs_mesh_destroy(b->mesh);
    bs_levels_destroy(b->levels);
    bs_free(b->terrain);
    b->provider = NULL;
    b->native = NULL;
    b->config = NULL;
    b->mesh = NULL;
    b->levels = NULL;
    b->terrain = NULL;
}

/* Writes a file into the bench's folder. The provider that may have it open is closed. */
static inline void bench_write(bench *b, const wrf_file *w)
{
    bench_close(b);
    wrf_write(b->dir, w);
}

static inline void bench_teardown(bench *b)
{
    char command[128];
    bench_close(b);
    bs_units_destroy(b->units);
    snprintf(command, sizeof command, "rm -rf %s", b->dir);
    assert_int_equal(system(command), 0);
}

/* Mesh and levels of a case that has its own: grid in the form of the case file. */
static inline bs_status bench_own_mesh(bench *b, const bs_mesh_spec *spec)
{
    const double eta[] = {1, 0.98, 0.93, 0.8, 0.6, 0.3, 0};
    BS_TRY(bs_mesh_create(spec, &b->mesh, &b->err));
    return bs_levels_from_eta(7, eta, 10000, 0, &b->levels, &b->err);
}

/* Opens a provider. grid: "from: wrf ...", the section of the case file; or NULL, with the mesh `spec`. meteorology:
 * further lines. */
static inline bs_status bench_open(bench *b, const char *grid, const bs_mesh_spec *spec, const char *meteorology)
{
    char path[512];
    bench_close(b);
    snprintf(path, sizeof path, "%s/case.yaml", b->dir);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fprintf(f,
            "case: {name: test}\ntime: {start: 2020-02-28T00:00:00Z, end: 2020-02-28T06:00:00Z}\ngrid: {%s}\n"
            "meteorology:\n  provider: wrf\n%s",
            grid ? grid : "projection: p, nx: 4, ny: 4, dx: 9 km", meteorology);
    fclose(f);
    BS_TRY(bs_config_read(path, 0, NULL, &b->config, &b->err));
    BS_TRY(grid ? bs_wrf_case_grid(b->config, b->units, &b->mesh, &b->levels, &b->terrain, &b->err)
                : bench_own_mesh(b, spec));
    assert_int_equal(bs_native_create(b->mesh->nx, b->mesh->ny, b->levels->nz, &b->native, &b->err), BS_OK);
    b->context = (bs_met_context){.config = b->config,
                                  .mesh = b->mesh,
                                  .levels = b->levels,
                                  .terrain = b->terrain,
                                  .roughness = 0.3,
                                  .units = b->units,
                                  .log = &b->log};
    return BS_PROVIDER_WRF.create(&b->context, b->start, b->end, &b->provider, &b->err);
}

static inline bs_status bench_read(bench *b, double hours)
{
    return BS_PROVIDER_WRF.read(b->provider, b->start + (bs_time)(hours * 3600), b->native, &b->err);
}

static inline void must(bench *b, bs_status status)
{
    if (status != BS_OK) fail_msg("unexpected failure: %s", b->err.text);
}

#endif
