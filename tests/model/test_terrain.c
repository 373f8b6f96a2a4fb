/* Terrain of the mesh: area means of a longitude-latitude file, and what is refused. */
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

#include "model/core/memory.h"
#include "model/met/met.h"

#define NC_OK(call) assert_int_equal(call, NC_NOERR)

/* Weights are overlap areas in double, some thousand operations. */
static const double ROUND = 1e-7; /* m, of heights to 5000 m */

typedef struct terrain_file {
    int n_lon, n_lat;
    double lon0, lat0, d;
    bool descending;  /* latitude */
    bool transposed;  /* (lon, lat) */
    const char *unit; /* NULL: none */
    int kind;         /* 0: 700 m everywhere; 1: step of 1000 m at 104E; 2: sine of latitude */
    int bad;          /* index of a missing value, -1: none */
    double bad_value;
} terrain_file;

static terrain_file file_default(void)
{
    return (terrain_file){
        .n_lon = 60, .n_lat = 50, .lon0 = 101.05, .lat0 = 28.05, .d = 0.1, .unit = "m", .bad = -1, .bad_value = 9e36};
}

typedef struct bench {
    char dir[64];
    bs_mesh *mesh;
    bs_units *units;
    bs_config *config;
    bs_err err;
} bench;

static double height(const terrain_file *t, double lon, double lat)
{
    if (t->kind == 0) return 700;
    if (t->kind == 1) return lon < 104 ? 0 : 1000;
    return 1000 * sin(lat * BS_PI / 180);
}

static void write_terrain(const bench *b, const terrain_file *t)
{
    char path[128];
    int id, dims[2], lon_id, lat_id, h_id;
    double lon[64], lat[64], h[64 * 64], fill = 9e36;
    snprintf(path, sizeof path, "%s/terrain.nc", b->dir);
    NC_OK(nc_create(path, NC_NETCDF4 | NC_CLOBBER, &id));
    NC_OK(nc_def_dim(id, "lat", (size_t)t->n_lat, &dims[0]));
    NC_OK(nc_def_dim(id, "lon", (size_t)t->n_lon, &dims[1]));
    NC_OK(nc_def_var(id, "lat", NC_DOUBLE, 1, &dims[0], &lat_id));
    NC_OK(nc_def_var(id, "lon", NC_DOUBLE, 1, &dims[1], &lon_id));
    const int turned[] = {dims[1], dims[0]};
    NC_OK(nc_def_var(id, "surface_altitude", NC_DOUBLE, 2, t->transposed ? turned : dims, &h_id));
    if (t->unit) NC_OK(nc_put_att_text(id, h_id, "units", strlen(t->unit), t->unit));
    NC_OK(nc_put_att_double(id, h_id, "_FillValue", NC_DOUBLE, 1, &fill));
    NC_OK(nc_enddef(id));
    for (int i = 0; i < t->n_lon; i++) lon[i] = t->lon0 + i * t->d;
    for (int j = 0; j < t->n_lat; j++) lat[j] = t->lat0 + (t->descending ? t->n_lat - 1 - j : j) * t->d;
    for (int j = 0; j < t->n_lat; j++) {
        for (int i = 0; i < t->n_lon; i++) {
            h[t->transposed ? i * t->n_lat + j : j * t->n_lon + i] = height(t, lon[i], lat[j]);
        }
    }
    if (t->bad >= 0) h[t->bad] = t->bad_value;
    NC_OK(nc_put_var_double(id, lat_id, lat));
    NC_OK(nc_put_var_double(id, lon_id, lon));
    NC_OK(nc_put_var_double(id, h_id, h));
    NC_OK(nc_close(id));
}

static bs_status read_terrain(bench *b, const char *file, double **out)
{
    char path[128];
    snprintf(path, sizeof path, "%s/case.yaml", b->dir);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fprintf(f,
            "case: {name: test}\ntime: {start: 2020-01-01T00:00:00Z, end: 2020-01-01T06:00:00Z}\n"
            "grid: {projection: '+proj=longlat +R=6370000', nx: 8, ny: 6, dx: 0.25 degree, corner: [103, 29], "
            "levels: {top: 200 hPa, eta: [1, 0.5, 0]}}\nmeteorology: {provider: idealised}\nterrain: {file: '%s'}\n",
            file);
    fclose(f);
    bs_config_destroy(b->config);
    b->config = NULL;
    if (bs_config_read(path, 0, NULL, &b->config, &b->err)) fail_msg("%s", b->err.text);
    return bs_terrain_read(b->config, b->mesh, b->units, out, &b->err);
}

static void setup(bench *b, const bs_mesh_spec *spec)
{
    *b = (bench){0};
    strcpy(b->dir, "/tmp/bs_terrain_XXXXXX");
    assert_non_null(mkdtemp(b->dir));
    assert_int_equal(bs_mesh_create(spec, &b->mesh, &b->err), BS_OK);
    assert_int_equal(bs_units_create(&b->units, &b->err), BS_OK);
}

static void teardown(bench *b)
{
    char command[128];
    bs_config_destroy(b->config);
    bs_mesh_destroy(b->mesh);
    bs_units_destroy(b->units);
    snprintf(command, sizeof command, "rm -rf %s", b->dir);
    assert_int_equal(system(command), 0);
}

static const bs_mesh_spec LONLAT = {
    .projection = "+proj=longlat +R=6370000", .nx = 8, .ny = 6, .dx = 0.25, .dy = 0.25, .x0 = 103, .y0 = 29};
static const bs_mesh_spec LAMBERT = {.projection =
                                         "+proj=lcc +lat_1=27 +lat_2=33 +lat_0=30 +lon_0=104.5 +R=6370000 +units=m",
                                     .nx = 12,
                                     .ny = 10,
                                     .dx = 18000,
                                     .dy = 18000,
                                     .x0 = -120000,
                                     .y0 = -60000};

static double *good(bench *b, const terrain_file *t)
{
    double *h = NULL;
    write_terrain(b, t);
    if (read_terrain(b, "terrain.nc", &h)) fail_msg("unexpected failure: %s", b->err.text);
    return h;
}

static void a_plain_stays_a_plain(void **state)
{
    (void)state;
    bench b;
    setup(&b, &LAMBERT);
    terrain_file t = file_default();
    double *h = good(&b, &t);
    for (int c = 0; c < LAMBERT.nx * LAMBERT.ny; c++) assert_true(fabs(h[c] - 700) < ROUND);
    bs_free(h);
    t.unit = "km";
    t.kind = 1; /* 1000 km: unit taken seriously, height refused */
    write_terrain(&b, &t);
    assert_int_equal(read_terrain(&b, "terrain.nc", &h), BS_ERR_INPUT);
    assert_non_null(strstr(b.err.text, "is 1e+06 m, expected -500 to 9000 m"));
    teardown(&b);
}

/* The volume of the terrain under the mesh is that of the file: means of the sine of latitude, on cells of 0.25 degrees over
 * cells of 0.1 degrees. */
static void means_are_by_area(void **state)
{
    (void)state;
    bench b;
    setup(&b, &LONLAT);
    terrain_file t = file_default(), turned = file_default();
    t.kind = turned.kind = 2;
    turned.descending = turned.transposed = true;
    double *h = good(&b, &t);
    for (int j = 0; j < LONLAT.ny; j++) {
        double low = 29 + 0.25 * j, high = low + 0.25, sum = 0, area = 0;
        for (int n = 0; n < t.n_lat; n++) {
            double centre = t.lat0 + n * t.d;
            double from = fmax(low, centre - 0.05), to = fmin(high, centre + 0.05);
            if (to <= from) continue;
            double weight = sin(to * BS_PI / 180) - sin(from * BS_PI / 180);
            sum += weight * height(&t, 0, centre);
            area += weight;
        }
        for (int i = 0; i < LONLAT.nx; i++) assert_true(fabs(h[j * LONLAT.nx + i] - sum / area) < ROUND);
    }
    double *other = good(&b, &turned);
    for (int c = 0; c < LONLAT.nx * LONLAT.ny; c++) assert_true(fabs(h[c] - other[c]) < ROUND);
    bs_free(h);
    bs_free(other);
    teardown(&b);
}

static void a_step_falls_where_it_is(void **state)
{
    (void)state;
    bench b;
    setup(&b, &LONLAT);
    terrain_file t = file_default();
    t.kind = 1;
    double *h = good(&b, &t);
    for (int c = 0; c < LONLAT.nx * LONLAT.ny; c++) assert_true(fabs(h[c] - (c % LONLAT.nx < 4 ? 0 : 1000)) < ROUND);
    bs_free(h);
    teardown(&b);
}

static void refused(bench *b, const terrain_file *t, const char *one, const char *two)
{
    double *h = NULL;
    write_terrain(b, t);
    assert_int_equal(read_terrain(b, "terrain.nc", &h), BS_ERR_INPUT);
    assert_null(h);
    const char *texts[] = {"case.yaml:", "terrain.nc", one, two};
    for (int n = 0; n < 4; n++) {
        if (!strstr(b->err.text, texts[n])) fail_msg("'%s' is not in the message:\n%s", texts[n], b->err.text);
    }
}

static void bad_files_are_refused(void **state)
{
    (void)state;
    bench b;
    setup(&b, &LONLAT);
    terrain_file t = file_default();
    t.lon0 = 103.55;
    refused(&b, &t, "does not cover the mesh: 12 of 48 cells, the first (j 0, i 0)", "shrink the mesh");
    t = file_default();
    t.bad = 20 * t.n_lon + 30; /* 104.05E 30.05N */
    refused(&b, &t, "surface_altitude[lat=20][lon=30] at longitude 104.05, latitude 30.05 is missing",
            "must be complete");
    t.bad_value = 12000;
    refused(&b, &t, "is 12000 m, expected -500 to 9000 m", "[lat=20][lon=30]");
    t.bad = 0; /* far from the mesh: of no concern */
    bs_free(good(&b, &t));
    t = file_default();
    t.unit = NULL;
    refused(&b, &t, "'surface_altitude' has no units attribute", "ncatted");
    t.unit = "Pa";
    refused(&b, &t, "'Pa' cannot be converted to 'm'", "must be a height");
    teardown(&b);
}

/* The project's own terrain, at cities whose height is known; a 9 km cell is lower than a ridge and higher than a valley. */
static void heights_of_cities(void **state)
{
    (void)state;
    bench b;
    bs_mesh_spec spec = LAMBERT;
    spec.nx = 160;
    spec.ny = 120;
    spec.dx = spec.dy = 9000;
    spec.x0 = -768000;
    spec.y0 = -518000;
    if (access(BS_SOURCE_DIR "/configs/data/terrain.nc", R_OK) != 0) {
        puts("skipped: configs/data/terrain.nc is not here");
        skip();
    }
    setup(&b, &spec);
    double *h = NULL;
    if (read_terrain(&b, BS_SOURCE_DIR "/configs/data/terrain.nc", &h)) fail_msg("unexpected failure: %s", b.err.text);
    static const struct {
        double lon, lat, height, tolerance;
    } cities[] = {
        {104.07, 30.67, 505, 60}, {106.55, 29.56, 300, 150}, {104.73, 31.47, 500, 120}, {100.27, 30.0, 4000, 500}};
    for (size_t c = 0; c < sizeof cities / sizeof cities[0]; c++) {
        double fi, fj;
        assert_true(bs_mesh_locate(b.mesh, cities[c].lon, cities[c].lat, &fi, &fj));
        double found = h[(int)fj * spec.nx + (int)fi];
        if (fabs(found - cities[c].height) > cities[c].tolerance)
            fail_msg("%g %g: %g m", cities[c].lon, cities[c].lat, found);
    }
    bs_free(h);
    teardown(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plain_stays_a_plain),    cmocka_unit_test(means_are_by_area),
        cmocka_unit_test(a_step_falls_where_it_is), cmocka_unit_test(bad_files_are_refused),
        cmocka_unit_test(heights_of_cities),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
