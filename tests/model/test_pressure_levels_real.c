/* Files as the world hands them out, against an independent reading of the same numbers. Data: see the README of the data
 * folder; GFS (NOAA, public domain), ERA5 (Copernicus). */
#include "tests/model/test_pressure_levels.h"

#define MET BS_SHARED_DIR "/data/met/"

/* Files hold float or int16: their rounding on winds to 90 m s-1, through one interpolation. */
static const double STORED = 1e-4;

static void need(const char *file)
{
    if (access(file, R_OK) == 0) return;
    printf("skipped: %s is not here\n", file);
    skip();
}

/* A column of a 3-D variable at a point of the grid, by netCDF itself: unpacked, as stored in order; n levels. */
typedef struct raw_column {
    int n;
    double p[64], value[64];
} raw_column;

static size_t position(int id, const char *axis, double wanted)
{
    int var, dim;
    size_t n;
    double values[512];
    NC_OK(nc_inq_varid(id, axis, &var));
    NC_OK(nc_inq_vardimid(id, var, &dim));
    NC_OK(nc_inq_dimlen(id, dim, &n));
    assert_true(n <= 512);
    NC_OK(nc_get_var_double(id, var, values));
    for (size_t i = 0; i < n; i++) {
        if (fabs(values[i] - wanted) < 1e-6) return i;
    }
    fail_msg("no %g on %s", wanted, axis);
    return 0;
}

static double attribute(int id, int var, const char *name, double otherwise)
{
    double value;
    return nc_get_att_double(id, var, name, &value) == NC_NOERR ? value : otherwise;
}

/* axes: names of level (NULL: none), latitude, longitude; time: index, or -1 for a file without that axis. */
static raw_column read_raw(const char *file, const char *name, const char *const axes[3], double lon, double lat,
                           int time)
{
    raw_column c = {.n = 1};
    int id, var, n = 0;
    size_t start[4], count[4];
    NC_OK(nc_open(file, NC_NOWRITE, &id));
    NC_OK(nc_inq_varid(id, name, &var));
    if (time >= 0) {
        start[n] = (size_t)time;
        count[n++] = 1;
    }
    if (axes[0]) {
        int axis, dim;
        size_t levels;
        NC_OK(nc_inq_varid(id, axes[0], &axis));
        NC_OK(nc_inq_vardimid(id, axis, &dim));
        NC_OK(nc_inq_dimlen(id, dim, &levels));
        c.n = (int)levels;
        NC_OK(nc_get_var_double(id, axis, c.p));
        for (int k = 0; k < c.n; k++) c.p[k] *= 100; /* hPa */
        start[n] = 0;
        count[n++] = levels;
    }
    start[n] = position(id, axes[1], lat);
    count[n++] = 1;
    start[n] = position(id, axes[2], lon);
    count[n] = 1;
    NC_OK(nc_get_vara_double(id, var, start, count, c.value));
    double scale = attribute(id, var, "scale_factor", 1), offset = attribute(id, var, "add_offset", 0);
    for (int k = 0; k < c.n; k++) c.value[k] = c.value[k] * scale + offset;
    NC_OK(nc_close(id));
    return c;
}

/* Linear in ln p between the nearest level on either side. */
static double at_pressure(const raw_column *c, double p)
{
    int below = -1, above = -1;
    for (int k = 0; k < c->n; k++) {
        if (c->p[k] >= p && (below < 0 || c->p[k] < c->p[below])) below = k;
        if (c->p[k] < p && (above < 0 || c->p[k] > c->p[above])) above = k;
    }
    assert_true(below >= 0 && above >= 0);
    double share = log(c->p[below] / p) / log(c->p[below] / c->p[above]);
    return (1 - share) * c->value[below] + share * c->value[above];
}

/* A mesh of whole steps of the source whose cell centres are points of the source; the first at (lon, lat). */
static bs_mesh_spec on_points(double lon, double lat, double d)
{
    return (bs_mesh_spec){.projection = "+proj=longlat +R=6370000",
                          .nx = 5,
                          .ny = 4,
                          .dx = d,
                          .dy = d,
                          .x0 = lon - d / 2,
                          .y0 = lat - d / 2};
}

/* Compares the layers of a cell from `lowest` up with a raw column, times `factor`. */
static void same_column(const bench *b, const double *field, size_t cell, int lowest, const raw_column *raw,
                        double factor)
{
    size_t cells = (size_t)b->mesh->nx * (size_t)b->mesh->ny;
    for (int k = lowest; k < b->levels->nz; k++) {
        double expected = factor * at_pressure(raw, mid_pressure(b, k, cell)), found = field[(size_t)k * cells + cell];
        if (fabs(found - expected) > STORED) fail_msg("cell %zu, layer %d: %g, expected %g", cell, k, found, expected);
    }
}

static void gfs_half_degree(void **state)
{
    (void)state;
    const char *file = MET "gfs05_20161031T09.nc", *const axes[] = {"level", "lat", "lon"},
               *const flat[] = {NULL, "lat", "lon"};
    need(file);
    bench b;
    bs_mesh_spec spec = on_points(104, 29.5, 0.5);
    bench_setup(&b, &spec, 20000);
    double terrain[20];
    for (int c = 0; c < 20; c++) terrain[c] = 500;
    must(&b, bench_open(
                 &b,
                 "  files: '" MET "gfs05_20161031T09.nc'\n  steady: true\n  valid_time: 2016-10-31T09:00:00Z\n"
                 "  variables: {u: {name: u}, v: {name: v}, temperature: {name: t}, relative_humidity: {name: r}, u10: "
                 "{name: u10}, v10: {name: v10}, t2m: {name: t2m}, sea_level_pressure: {name: msl}}\n"
                 "  assume: {surface_pressure: from_terrain}\n",
                 terrain));
    must(&b, bench_read(&b, 0));
    for (size_t cell = 0; cell < 20; cell += 7) {
        double lon = b.mesh->lon[cell], lat = b.mesh->lat[cell];
        raw_column u = read_raw(file, "u", axes, lon, lat, -1), v = read_raw(file, "v", axes, lon, lat, -1);
        raw_column t = read_raw(file, "t", axes, lon, lat, -1), u10 = read_raw(file, "u10", flat, lon, lat, -1);
        raw_column msl = read_raw(file, "msl", flat, lon, lat, -1);
        same_column(&b, b.native->u, cell, 3, &u, 1); /* above 850 hPa */
        same_column(&b, b.native->v, cell, 3, &v, 1);
        same_column(&b, b.native->t, cell, 3, &t, 1);
        assert_true(fabs(b.native->u10[cell] - u10.value[0]) < STORED);
        assert_true(b.native->u[cell] >= fmin(u10.value[0], u.value[1]) - STORED); /* between 10 m and 850 hPa */
        assert_true(b.native->u[cell] <= fmax(u10.value[0], u.value[1]) + STORED);
        double fall = msl.value[0] - b.native->ps[cell]; /* 500 m of air of some 290 K weigh 57 to 60 hPa */
        assert_true(fall > 5600 && fall < 6100);
    }
    bench_teardown(&b);
}

static const char GFS25[] =
    "  files: '" MET "gfs25_20110115T12.nc'\n  steady: true\n  valid_time: 2011-01-15T12:00:00Z\n"
    "  dimensions: {level_units: hPa}\n"
    "  variables: {u: {name: u, units: m s-1}, v: {name: v, units: m s-1}, temperature: {name: t, units: K}, "
    "relative_humidity: {name: "
    "r, units: '%'}, surface_pressure: {name: sp, units: Pa}, orography: {name: orog, units: m}, t2m: {name: 2t, "
    "units: K}, u10: {name: "
    "10u, units: m s-1}, v10: {name: 10v, units: m s-1}}\n";

static void gfs_without_units(void **state)
{
    (void)state;
    const char *file = MET "gfs25_20110115T12.nc", *const axes[] = {"level", "lat", "lon"},
               *const flat[] = {NULL, "lat", "lon"};
    need(file);
    bench b;
    bs_mesh_spec spec = on_points(97.5, 25, 2.5);
    bench_setup(&b, &spec, 20000);
    must(&b, bench_open(&b, GFS25, NULL));
    must(&b, bench_read(&b, 0));
    assert_string_equal(BS_PROVIDER_PRESSURE_LEVELS.assumed(b.provider, 0),
                        "weather of 2011-01-15T12:00:00Z held steady (steady)");
    for (size_t cell = 0; cell < 20; cell += 6) {
        double lon = b.mesh->lon[cell], lat = b.mesh->lat[cell];
        raw_column u = read_raw(file, "u", axes, lon, lat, -1), t = read_raw(file, "t", axes, lon, lat, -1);
        raw_column ps = read_raw(file, "sp", flat, lon, lat, -1), t2 = read_raw(file, "2t", flat, lon, lat, -1);
        assert_true(fabs(b.native->ps[cell] - ps.value[0]) < STORED);
        assert_true(fabs(b.native->t2[cell] - t2.value[0]) < STORED);
        same_column(&b, b.native->u, cell, 2, &u, 1);
        same_column(&b, b.native->t, cell, 2, &t, 1);
    }
    /* the model's ground 400 m above the source's: the column loses about 4.5 % of its pressure */
    double terrain[20];
    for (int c = 0; c < 20; c++) {
        terrain[c] = read_raw(file, "orog", flat, b.mesh->lon[c], b.mesh->lat[c], -1).value[0] + 400;
    }
    must(&b, bench_open(&b, GFS25, terrain));
    must(&b, bench_read(&b, 0));
    for (int c = 0; c < 20; c++) {
        double ps = read_raw(file, "sp", flat, b.mesh->lon[c], b.mesh->lat[c], -1).value[0];
        assert_true(b.native->ps[c] / ps > 0.94 && b.native->ps[c] / ps < 0.96);
    }
    bench_teardown(&b);
}

static void era5_hourly_one_variable_per_file(void **state)
{
    (void)state;
    const char *folder = MET "era5_europe_20200101/ERA5_2020-01-01_";
    const char *const axes[] = {"level", "latitude", "longitude"}, *const flat[] = {NULL, "latitude", "longitude"};
    char file[512], text[1024];
    snprintf(file, sizeof file, "%spl_u.nc", folder);
    need(file);
    bench b;
    bs_mesh_spec spec = on_points(4, 50, 0.25);
    bench_setup(&b, &spec, 20000);
    snprintf(text, sizeof text,
             "  files: ['%spl_*.nc', '%ssp.nc', '%su10.nc', '%sv10.nc']\n"
             "  variables: {u: {name: u}, v: {name: v}, specific_humidity: {name: q}, surface_pressure: {name: sp}, "
             "u10: {name: u10}, v10: {name: v10}}\n  assume: {temperature: standard_atmosphere}\n",
             folder, folder, folder, folder);
    must(&b, bench_open(&b, text, NULL));
    double half[5];
    for (int hour = 2; hour <= 3; hour++) {
        must(&b, bench_read(&b, hour));
        for (size_t cell = 0; cell < 20; cell += 7) {
            double lon = b.mesh->lon[cell], lat = b.mesh->lat[cell];
            snprintf(file, sizeof file, "%spl_u.nc", folder);
            raw_column u = read_raw(file, "u", axes, lon, lat, hour);
            snprintf(file, sizeof file, "%spl_q.nc", folder);
            raw_column q = read_raw(file, "q", axes, lon, lat, hour);
            snprintf(file, sizeof file, "%ssp.nc", folder);
            raw_column ps = read_raw(file, "sp", flat, lon, lat, hour);
            assert_true(fabs(b.native->ps[cell] - ps.value[0]) < 0.01);
            same_column(&b, b.native->u, cell, 2, &u, 1);
            same_column(&b, b.native->qv, cell, 2, &q, 1);
        }
        half[hour] = b.native->u[60];
    }
    assert_int_equal(BS_PROVIDER_PRESSURE_LEVELS.read(b.provider, b.start + 9000, b.native, &b.err), BS_OK);
    assert_true(fabs(b.native->u[60] - 0.5 * (half[2] + half[3])) < 2e-3); /* ps moves between the hours too */
    /* the day ends at 23:00 */
    b.end = b.start + 86400;
    assert_int_equal(bench_open(&b, text, NULL), BS_ERR_INPUT);
    assert_non_null(strstr(b.err.text, "covers 2020-01-01T00:00:00Z to 2020-01-01T23:00:00Z"));
    bench_teardown(&b);
}

static void era5_new_layout(void **state)
{
    (void)state;
    const char *file = MET "other/era5_new_layout_2020.nc", *const axes[] = {"pressure_level", "latitude", "longitude"};
    need(file);
    bench b;
    bs_mesh_spec spec = on_points(-90, 40, 0.25);
    bench_setup(&b, &spec, 5000);
    const char *meteorology =
        "  files: '" MET "other/era5_new_layout_2020.nc'\n  steady: true\n"
        "  variables: {u: {name: u}, v: {name: v}, temperature: {name: t}, geopotential_height: {name: z}}\n"
        "  assume: {humidity: 0.5, surface_pressure: 990 hPa}\n";
    must(&b, bench_open(&b, meteorology, NULL));
    must(&b, bench_read(&b, 1));
    for (size_t cell = 0; cell < 20; cell += 7) {
        double lon = b.mesh->lon[cell], lat = b.mesh->lat[cell];
        raw_column u = read_raw(file, "u", axes, lon, lat, 0), v = read_raw(file, "v", axes, lon, lat, 0);
        raw_column t = read_raw(file, "t", axes, lon, lat, 0);
        same_column(&b, b.native->u, cell, 1, &u, 1);
        same_column(&b, b.native->v, cell, 1, &v, 1);
        same_column(&b, b.native->t, cell, 1, &t, 1);
    }
    bench_teardown(&b);
}

static void wrf_output_is_refused(void **state)
{
    (void)state;
    need(MET "other/wrfout_lambert_d1_partial.nc");
    bench b;
    bs_mesh_spec spec = lonlat_mesh();
    bench_setup(&b, &spec, 20000);
    bs_status status =
        bench_open(&b,
                   "  files: '" MET "other/wrfout_lambert_d1_partial.nc'\n  variables: {u: {name: U}, v: {name: V}, "
                   "temperature: {name: T}}\n  assume: {humidity: 0.5, surface_pressure: 990 hPa}\n",
                   NULL);
    assert_int_equal(status, BS_ERR_INPUT);
    assert_true(strstr(b.err.text, "is in none of") ||
                strstr(b.err.text, "neither longitude, latitude, pressure nor time"));
    bench_teardown(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gfs_half_degree),
        cmocka_unit_test(gfs_without_units),
        cmocka_unit_test(era5_hourly_one_variable_per_file),
        cmocka_unit_test(era5_new_layout),
        cmocka_unit_test(wrf_output_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
