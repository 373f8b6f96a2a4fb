/* test_emis_case.h - what the tests of model/emis share: a scratch folder, a case file, meshes, fields in netCDF files, layers. */
#ifndef BS_TESTS_EMIS_CASE_H
#define BS_TESTS_EMIS_CASE_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <math.h>
#include <netcdf.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kernels/base/constants.h"
#include "model/config/geojson.h"
#include "model/emis/emission.h"
#include "model/emis/groups.h"

/* Two ways of clipping the same areas in double. */
#define CONSERVATION 1e-10
/* One rounding to `real` of each value, and sums of some 1e4 of them in double. */
#define ROUND_REAL   (4.0 * (double)BS_REAL_EPSILON + 16.0 * DBL_EPSILON)
#define UDUNITS_YEAR 31556925.9747        /* s */
#define GG_PER_YEAR  (1e6 / UDUNITS_YEAR) /* kg s-1 */

#define LAMBERT "+proj=lcc +lat_1=27 +lat_2=33 +lat_0=30 +lon_0=105 +R=6370000"
#define LONLAT  "+proj=longlat +R=6370000"

typedef struct emis_case {
    char folder[64];
    FILE *log_file;
    bs_log log;
    bs_err err;
    bs_units *units;
    bs_mesh *mesh;
    bs_config *config;
    bs_tracers *tracers;
    bs_emission *emission;
    bs_emission_rates *rates;
    bs_region_set *regions;       /* NULL: none */
    int n_groups;                 /* further tags, and how many members; set before emis_read */
    const bs_source_group *group; /* not owned */
    int n_members;
    int n_species; /* carried; 0: pm25 alone */
    const char *const *species;
    bs_met_state *met; /* steady; its wind and temperature are zero until a test fills them */
    real *z_half;      /* of it */
    int nz;
} emis_case;

static inline int emis_setup(void **state)
{
    emis_case *c = calloc(1, sizeof *c);
    if (!c) return -1;
    *state = c;
    snprintf(c->folder, sizeof c->folder, "/tmp/bashu-emis-XXXXXX");
    if (!mkdtemp(c->folder)) return -1;
    c->log_file = tmpfile();
    c->log.file = c->log_file;
    return bs_units_create(&c->units, &c->err) == BS_OK ? 0 : -1;
}

/* Forgets what was read, so that one test can read several cases. */
static inline void emis_clear(emis_case *c)
{
    bs_emission_rates_destroy(c->rates);
    bs_emission_destroy(c->emission);
    bs_tracers_destroy(c->tracers);
    bs_config_destroy(c->config);
    c->rates = NULL;
    c->emission = NULL;
    c->tracers = NULL;
    c->config = NULL;
    c->err.text[0] = '\0';
}

static inline int emis_teardown(void **state)
{
    emis_case *c = *state;
    emis_clear(c);
    bs_regions_destroy(c->regions);
    bs_mesh_destroy(c->mesh);
    bs_units_destroy(c->units);
    bs_met_state_destroy(c->met);
    fclose(c->log_file);
    DIR *d = opendir(c->folder);
    for (struct dirent *e = d ? readdir(d) : NULL; e; e = readdir(d)) {
        char path[512];
        snprintf(path, sizeof path, "%s/%s", c->folder, e->d_name);
        if (e->d_name[0] != '.') remove(path);
    }
    if (d) closedir(d);
    rmdir(c->folder);
    free(c);
    return 0;
}

/* "<folder>/<name>" into path[256]. */
static inline const char *emis_path(const emis_case *c, const char *name, char *path)
{
    snprintf(path, 256, "%s/%s", c->folder, name);
    return path;
}

static inline void emis_write(const emis_case *c, const char *name, const char *text)
{
    char path[256];
    FILE *f = fopen(emis_path(c, name, path), "w");
    assert_non_null(f);
    fputs(text, f);
    assert_int_equal(fclose(f), 0);
}

static inline void emis_mesh(emis_case *c, const bs_mesh_spec *spec)
{
    bs_mesh_destroy(c->mesh);
    c->mesh = NULL;
    if (bs_mesh_create(spec, &c->mesh, &c->err) != BS_OK) fail_msg("%s", c->err.text);
}

static inline void emis_mesh_lambert(emis_case *c)
{
    emis_mesh(c, &(bs_mesh_spec){LAMBERT, 24, 20, 27000, 27000, -330000, -260000});
}

static inline void emis_mesh_lonlat(emis_case *c)
{
    emis_mesh(c, &(bs_mesh_spec){LONLAT, 22, 18, 0.3, 0.25, 101.87, 27.61});
}

/* Reads the case whose section `emissions:` is given, two blanks before each line; carries pm25, or
 * c->species, with emissions.sectors as tags. */
static inline bs_status emis_read(emis_case *c, const char *emissions)
{
    char path[256];
    emis_clear(c);
    FILE *f = fopen(emis_path(c, "case.yaml", path), "w");
    assert_non_null(f);
    fprintf(f,
            "case:\n  name: test\ntime:\n  start: 2015-01-10T00:00:00Z\n  end: 2015-01-11T00:00:00Z\n"
            "grid:\n  projection: '%s'\n  nx: %d\n  ny: %d\n  dx: 27 km\nmeteorology:\n  provider: "
            "idealised\nemissions:\n%s\n",
            LAMBERT, c->mesh->nx, c->mesh->ny, emissions);
    assert_int_equal(fclose(f), 0);
    bs_status status = bs_config_read(path, 0, NULL, &c->config, &c->err);
    if (status) fail_msg("%s", c->err.text);
    static const char *const PM25[] = {"pm25"};
    const char *sectors[16];
    int n = bs_config_count(c->config, "emissions.sectors");
    for (int s = 0; s < n; s++) sectors[s] = bs_config_text_at(c->config, "emissions.sectors", s);
    bs_tracer_request request = {
        .n_species = 1, .species = PM25, .n_sectors = n, .sectors = sectors, .acts = BS_ACT_EMIT};
    if (c->n_species) {
        request.n_species = c->n_species;
        request.species = c->species;
    }
    request.n_groups = c->n_groups;
    request.group = c->group;
    request.n_members = c->n_members;
    status = bs_tracers_create(&request, &c->tracers, &c->err);
    if (status) fail_msg("%s", c->err.text);
    return bs_emission_create(c->config, c->mesh, c->regions, c->tracers, c->units, &c->log, &c->emission, &c->err);
}

static inline void emis_read_good(emis_case *c, const char *emissions)
{
    if (emis_read(c, emissions) != BS_OK) fail_msg("%s", c->err.text);
}

/* Reads and expects an error of the input with all the given words (NULL ends them). */
static inline void emis_read_bad(emis_case *c, const char *emissions, ...)
{
    assert_int_equal(emis_read(c, emissions), BS_ERR_INPUT);
    assert_null(c->emission);
    va_list words;
    va_start(words, emissions);
    for (const char *w = va_arg(words, const char *); w; w = va_arg(words, const char *)) {
        if (!strstr(c->err.text, w)) fail_msg("'%s' is not in: %s", w, c->err.text);
    }
    va_end(words);
}

static inline bool emis_logged(emis_case *c, const char *word)
{
    static char text[65536];
    rewind(c->log_file);
    text[fread(text, 1, sizeof text - 1, c->log_file)] = '\0';
    fseek(c->log_file, 0, SEEK_END);
    return strstr(text, word) != NULL;
}

static inline const bs_emission_audit *emis_audit(const emis_case *c, const char *sector)
{
    for (int n = 0; n < bs_emission_audit_count(c->emission); n++) {
        const bs_emission_audit *a = bs_emission_audit_at(c->emission, n);
        if (strcmp(a->sector, sector) == 0) return a;
    }
    fail_msg("no audit line for %s", sector);
    return NULL;
}

#define assert_near(a, b, relative)                                                                                    \
    do {                                                                                                               \
        double near_a_ = (a), near_b_ = (b);                                                                           \
        if (!(fabs(near_a_ - near_b_) <= (relative)*fmax(fabs(near_a_), fabs(near_b_))))                               \
            fail_msg("%s = %.17g, %s = %.17g, relative difference %.3g", #a, near_a_, #b, near_b_,                     \
                     fabs(near_a_ - near_b_) / fmax(fabs(near_a_), fabs(near_b_)));                                    \
    } while (0)

/* nz layers over uneven ground: 20 m times (1 + 0.3 k), stretched by up to a tenth from cell to cell. */
static inline void emis_layers(emis_case *c, int nz)
{
    size_t cells = (size_t)c->mesh->nx * (size_t)c->mesh->ny;
    bs_met_state_destroy(c->met);
    c->met = NULL;
    assert_int_equal(bs_met_state_create(c->mesh->nx, c->mesh->ny, nz, 1, &c->met, &c->err), BS_OK);
    c->z_half = c->met->z_half;
    c->nz = nz;
    for (size_t cell = 0; cell < cells; cell++) {
        double z = 0, stretch = 1 + 0.1 * sin((double)cell);
        for (int k = 1; k <= nz; k++) {
            z += 20 * (1 + 0.3 * (k - 1)) * stretch;
            c->z_half[(size_t)k * cells + cell] = (real)z;
        }
    }
}

/* Fills the rates at a time; layers must be set. */
static inline bs_status emis_fill(emis_case *c, bs_time t)
{
    if (!c->rates) assert_int_equal(bs_emission_rates_create(c->emission, c->nz, &c->rates, &c->err), BS_OK);
    const bs_forcing steady = {.end = {c->met, c->met}, .t0 = t, .t1 = t + 3600};
    return bs_emission_fill(c->emission, t, &steady, c->rates, &c->err);
}

/* Sum of a tracer's rates: of layer k, or of all with k = -1. kg s-1 */
static inline double emis_sum(const emis_case *c, int tracer, int k)
{
    size_t cells = (size_t)c->rates->nx * (size_t)c->rates->ny;
    double sum = 0;
    for (int l = 0; l < c->rates->n_layers; l++) {
        if (k >= 0 && l != k) continue;
        const real *rate = c->rates->rate + ((size_t)tracer * (size_t)c->rates->n_layers + (size_t)l) * cells;
        for (size_t n = 0; n < cells; n++) sum += (double)rate[n];
    }
    return sum;
}

static inline double emis_domain_area(const emis_case *c)
{
    double sum = 0;
    for (int n = 0; n < c->mesh->nx * c->mesh->ny; n++) sum += c->mesh->area[n];
    return sum;
}

/* ---- netCDF ---- */

/* A field to write; zero members take the plain choice. */
typedef struct emis_field {
    const char *name, *units;      /* units NULL: none */
    double lon0, dlon, lat0, dlat; /* first centre and step; negative steps fall */
    int n_lon, n_lat;
    int n_times;            /* 0: no time axis */
    const char *time_units; /* NULL: a dimension without a coordinate variable */
    double time[12];
    const char *lon_units; /* NULL: degrees_east */
    bool lon_first;        /* dimensions (lon, lat) */
    bool level;            /* a further dimension */
    bool bounds;
    double (*value)(double lon, double lat, int time); /* NULL: 1 everywhere */
} emis_field;

static inline double emis_bumps(double lon, double lat, int time)
{
    return (2 + sin(3 * lon) * cos(5 * lat)) * (1 + 0.1 * time) * 1e-9;
}

/* A flux with bumps on a mesh of 0.1 degree that covers both test meshes and more, so that part of the file lies outside. */
static inline emis_field emis_tenths(const char *name)
{
    return (emis_field){.name = name,
                        .units = "kg m-2 s-1",
                        .lon0 = 99.05,
                        .dlon = 0.1,
                        .n_lon = 120,
                        .lat0 = 25.05,
                        .dlat = 0.1,
                        .n_lat = 100,
                        .value = emis_bumps};
}

#define NC_GOOD(call) assert_int_equal(call, NC_NOERR)

static inline void emis_put_axis(int nc, int dim, const char *name, const char *units, double first, double step, int n,
                                 bool bounds)
{
    int var = 0, pair = 0, dims[2] = {dim, 0};
    double *value = calloc((size_t)n, 3 * sizeof *value);
    assert_non_null(value);
    for (int i = 0; i < n; i++) {
        value[i] = first + step * i;
        value[n + 2 * i] = first + step * (i - 0.5);
        value[n + 2 * i + 1] = first + step * (i + 0.5);
    }
    NC_GOOD(nc_redef(nc));
    NC_GOOD(nc_def_var(nc, name, NC_DOUBLE, 1, &dim, &var));
    if (units) NC_GOOD(nc_put_att_text(nc, var, "units", strlen(units), units));
    if (bounds) {
        char text[64];
        snprintf(text, sizeof text, "%s_bnds", name);
        if (nc_inq_dimid(nc, "bnds", &dims[1]) != NC_NOERR) NC_GOOD(nc_def_dim(nc, "bnds", 2, &dims[1]));
        NC_GOOD(nc_put_att_text(nc, var, "bounds", strlen(text), text));
        NC_GOOD(nc_def_var(nc, text, NC_DOUBLE, 2, dims, &pair));
    }
    NC_GOOD(nc_enddef(nc));
    NC_GOOD(nc_put_var_double(nc, var, value));
    if (bounds) NC_GOOD(nc_put_var_double(nc, pair, value + n));
    free(value);
}

/* Writes n fields on the mesh of the first into folder/name. */
static inline void emis_write_fields(const emis_case *c, const char *name, int n, const emis_field *field)
{
    char path[256];
    int nc = 0, lon = 0, lat = 0, time = -1, lev = -1;
    const emis_field *f = field;
    NC_GOOD(nc_create(emis_path(c, name, path), NC_NETCDF4 | NC_CLOBBER, &nc));
    NC_GOOD(nc_def_dim(nc, "lon", (size_t)f->n_lon, &lon));
    NC_GOOD(nc_def_dim(nc, "lat", (size_t)f->n_lat, &lat));
    if (f->n_times) NC_GOOD(nc_def_dim(nc, "time", (size_t)f->n_times, &time));
    if (f->level) NC_GOOD(nc_def_dim(nc, "lev", 2, &lev));
    NC_GOOD(nc_enddef(nc));
    emis_put_axis(nc, lon, "lon", f->lon_units ? f->lon_units : "degrees_east", f->lon0, f->dlon, f->n_lon, f->bounds);
    emis_put_axis(nc, lat, "lat", "degrees_north", f->lat0, f->dlat, f->n_lat, f->bounds);
    if (f->time_units) {
        emis_put_axis(nc, time, "time", f->time_units, 0, 1, f->n_times, false);
        int id = 0;
        NC_GOOD(nc_inq_varid(nc, "time", &id));
        NC_GOOD(nc_put_var_double(nc, id, f->time));
    }
    for (int v = 0; v < n; v++) {
        f = &field[v];
        int dims[4], n_dims = 0, id = 0, n_times = f->n_times ? f->n_times : 1;
        if (f->n_times) dims[n_dims++] = time;
        if (f->level) dims[n_dims++] = lev;
        dims[n_dims++] = f->lon_first ? lon : lat;
        dims[n_dims++] = f->lon_first ? lat : lon;
        NC_GOOD(nc_redef(nc));
        NC_GOOD(nc_def_var(nc, f->name, NC_DOUBLE, n_dims, dims, &id));
        if (f->units) NC_GOOD(nc_put_att_text(nc, id, "units", strlen(f->units), f->units));
        NC_GOOD(nc_enddef(nc));
        if (f->level) continue;
        size_t cells = (size_t)f->n_lon * (size_t)f->n_lat;
        double *value = calloc(cells * (size_t)n_times, sizeof *value);
        assert_non_null(value);
        for (int t = 0; t < n_times; t++) {
            for (int j = 0; j < f->n_lat; j++) {
                for (int i = 0; i < f->n_lon; i++) {
                    double x = f->lon0 + f->dlon * i, y = f->lat0 + f->dlat * j;
                    int at = f->lon_first ? i * f->n_lat + j : j * f->n_lon + i;
                    value[cells * (size_t)t + (size_t)at] = f->value ? f->value(x, y, t) : 1.0;
                }
            }
        }
        NC_GOOD(nc_put_var_double(nc, id, value));
        free(value);
    }
    NC_GOOD(nc_close(nc));
}

#endif
