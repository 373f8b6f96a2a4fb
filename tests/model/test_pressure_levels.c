/* Fields that interpolation must reproduce, and equal answers from files that say the same in different ways. */
#include "tests/model/test_pressure_levels.h"

/* Linear fields: rounding of a few hundred operations on values up to 300. */
static const double ROUND = 1e-9;
/* Asked of the provider for linear fields (relative to 300 K: 3e-8). */
static const double LINEAR = 1e-5;

/* Compares the layers that lie between source levels with the truth. */
static void compare_with_truth(const bench *b, double hours)
{
    size_t cells = (size_t)b->mesh->nx * (size_t)b->mesh->ny;
    int compared = 0;
    for (size_t c = 0; c < cells; c++) {
        double lon = b->mesh->lon[c], lat = b->mesh->lat[c];
        double ps = 101000 + 100 * east_of(lon) - 50 * (lat - 30) + 10 * hours;
        assert_true(fabs(b->native->ps[c] - ps) < LINEAR * ps * 1e-3);
        for (int k = 0; k < b->levels->nz; k++) {
            double p = mid_pressure(b, k, c);
            size_t at = (size_t)k * cells + c;
            if (p > 100000) continue;
            double u = truth("u", lon, lat, p, hours), v = truth("v", lon, lat, p, hours);
            double cosine = b->mesh->cos_rot[c], sine = b->mesh->sin_rot[c];
            assert_true(fabs(b->native->u[at] - (u * cosine + v * sine)) < LINEAR);
            assert_true(fabs(b->native->v[at] - (v * cosine - u * sine)) < LINEAR);
            assert_true(fabs(b->native->t[at] - truth("t", lon, lat, p, hours)) < LINEAR);
            assert_true(fabs(b->native->qv[at] - truth("q", lon, lat, p, hours)) < LINEAR * 1e-3);
            compared++;
        }
    }
    assert_true(compared >= (int)cells * (b->levels->nz - 1));
}

static void linear_fields_are_reproduced(void **state)
{
    (void)state;
    bench b;
    bs_mesh_spec spec = lonlat_mesh();
    bench_setup(&b, &spec, 20000);
    weather_file w = file_default("a.nc");
    write_weather(b.dir, &w);
    must(&b, bench_open(&b, "  files: a.nc\n" VARIABLES, NULL));
    const int hours[] = {0, 1, 3, 6, 2};
    for (size_t h = 0; h < sizeof hours / sizeof hours[0]; h++) {
        must(&b, bench_read(&b, hours[h]));
        assert_int_equal(b.native->time, b.start + hours[h] * 3600);
        compare_with_truth(&b, hours[h]);
    }
    assert_null(BS_PROVIDER_PRESSURE_LEVELS.assumed(b.provider, 0));
    assert_false(b.native->have_t2 || b.native->have_wind10 || b.native->have_clw || b.native->have_rain);
    bench_teardown(&b);
}

static void wind_turns_with_a_lambert_mesh(void **state)
{
    (void)state;
    bench b;
    /* 14 degrees west of the central meridian: grid north and true north are 7 degrees apart */
    bs_mesh_spec spec = {.projection = "+proj=lcc +lat_1=27 +lat_2=33 +lat_0=30 +lon_0=118 +R=6370000 +units=m",
                         .nx = 8,
                         .ny = 6,
                         .dx = 25000,
                         .dy = 25000,
                         .x0 = -1450000,
                         .y0 = 20000};
    bench_setup(&b, &spec, 20000);
    assert_true(fabs(b.mesh->sin_rot[0]) > 0.1);
    weather_file w = file_default("a.nc");
    w.near_ground = true;
    write_weather(b.dir, &w);
    must(&b, bench_open(&b, "  files: a.nc\n" VARIABLES, NULL));
    must(&b, bench_read(&b, 3));
    compare_with_truth(&b, 3);

    must(&b,
         bench_open(&b,
                    "  files: a.nc\n"
                    "  variables: {u: {name: u}, v: {name: v}, temperature: {name: t}, specific_humidity: {name: q}, "
                    "surface_pressure: {name: sp}, u10: {name: u10}, v10: {name: v10}}\n",
                    NULL));
    must(&b, bench_read(&b, 3));
    assert_true(b.native->have_wind10);
    for (int c = 0; c < spec.nx * spec.ny; c++) {
        double u = truth("u10", b.mesh->lon[c], 0, 1, 0), v = truth("v10", 0, b.mesh->lat[c], 1, 0);
        assert_true(fabs(hypot(b.native->u10[c], b.native->v10[c]) - hypot(u, v)) < ROUND);
        assert_true(fabs(b.native->u10[c] - (u * b.mesh->cos_rot[c] + v * b.mesh->sin_rot[c])) < ROUND);
    }
    /* At the middle of the mesh: where a step north on the Earth leads on the map, by the projection itself. */
    double x[2] = {b.mesh->lon[20], b.mesh->lon[20]}, y[2] = {b.mesh->lat[20], b.mesh->lat[20] + 1e-4};
    assert_int_equal(bs_projection_forward(b.mesh->projection, 2, x, y), 0);
    double north = atan2(x[1] - x[0], y[1] - y[0]); /* grid direction of true north, clockwise from grid north */
    double v10 = truth("v10", 0, b.mesh->lat[20], 1, 0), u10 = truth("u10", b.mesh->lon[20], 0, 1, 0);
    assert_true(fabs(b.native->u10[20] - (v10 * sin(north) + u10 * cos(north))) < 1e-4);
    bench_teardown(&b);
}

/* Runs two descriptions of the same weather and asks for the same answer. */
static void same_answer(bench *b, const char *one, const char *two, double tolerance)
{
    size_t n = (size_t)b->mesh->nx * (size_t)b->mesh->ny * (size_t)b->levels->nz;
    double *u = malloc(n * sizeof *u), *t = malloc(n * sizeof *t);
    assert_non_null(u);
    assert_non_null(t);
    must(b, bench_open(b, one, NULL));
    must(b, bench_read(b, 2));
    memcpy(u, b->native->u, n * sizeof *u);
    memcpy(t, b->native->t, n * sizeof *t);
    memset(b->native->u, 0, n * sizeof *u);
    memset(b->native->t, 0, n * sizeof *t);
    must(b, bench_open(b, two, NULL));
    must(b, bench_read(b, 2));
    for (size_t m = 0; m < n; m++) {
        assert_true(fabs(u[m] - b->native->u[m]) <= tolerance);
        assert_true(fabs(t[m] - b->native->t[m]) <= 10 * tolerance);
    }
    free(u);
    free(t);
}

static void order_of_axes_does_not_matter(void **state)
{
    (void)state;
    bench b;
    bs_mesh_spec spec = lonlat_mesh();
    bench_setup(&b, &spec, 20000);
    weather_file w = file_default("a.nc"), turned = file_default("b.nc");
    turned.lat0 = 32.5;
    turned.dlat = -0.5;
    for (int k = 0; k < turned.n_levels; k++) turned.level[k] = w.level[w.n_levels - 1 - k];
    write_weather(b.dir, &w);
    write_weather(b.dir, &turned);
    same_answer(&b, "  files: a.nc\n" VARIABLES, "  files: b.nc\n" VARIABLES, ROUND);
    bench_teardown(&b);
}

static void longitudes_may_run_to_360(void **state)
{
    (void)state;
    bench b;
    bs_mesh_spec spec = lonlat_mesh();
    spec.x0 = 257.9 - 360; /* the mesh at 102.1W */
    bench_setup(&b, &spec, 20000);
    weather_file w = file_default("a.nc"), other = file_default("b.nc");
    w.lon0 = 256.5;
    other.lon0 = 256.5 - 360;
    write_weather(b.dir, &w);
    write_weather(b.dir, &other);
    same_answer(&b, "  files: a.nc\n" VARIABLES, "  files: b.nc\n" VARIABLES, ROUND);
    compare_with_truth(&b, 2);
    bench_teardown(&b);
}

static void packed_equals_unpacked(void **state)
{
    (void)state;
    bench b;
    bs_mesh_spec spec = lonlat_mesh();
    bench_setup(&b, &spec, 20000);
    weather_file w = file_default("a.nc"), packed = file_default("b.nc");
    packed.packed = true;
    write_weather(b.dir, &w);
    write_weather(b.dir, &packed);
    /* half a step of 1/60000 of the range (20 m s-1, 80 K), and that of the surface pressure through ln p */
    same_answer(&b, "  files: a.nc\n" VARIABLES, "  files: b.nc\n" VARIABLES, 4e-4);
    bench_teardown(&b);
}

static void one_variable_per_file_and_time(void **state)
{
    (void)state;
    bench b;
    bs_mesh_spec spec = lonlat_mesh();
    bench_setup(&b, &spec, 20000);
    weather_file w = file_default("a.nc"), first = file_default("b0.nc"), second = file_default("b1.nc");
    weather_file late = file_default("b2.nc");
    first.leave_out = "u"; /* both times of all but u */
    second.n_times = late.n_times = 1;
    second.only = late.only = "u";
    late.time[0] = 6;
    write_weather(b.dir, &w);
    write_weather(b.dir, &first);
    write_weather(b.dir, &second);
    write_weather(b.dir, &late);
    same_answer(&b, "  files: a.nc\n" VARIABLES, "  files: [b2.nc, b0.nc, b1.nc]\n" VARIABLES, 0);
    bench_teardown(&b);
}

static void axes_may_be_named_and_extra(void **state)
{
    (void)state;
    bench b;
    bs_mesh_spec spec = lonlat_mesh();
    bench_setup(&b, &spec, 20000);
    weather_file w = file_default("a.nc"), other = file_default("b.nc");
    other.member = other.plain_axes = true;
    write_weather(b.dir, &w);
    write_weather(b.dir, &other);
    same_answer(
        &b, "  files: a.nc\n" VARIABLES,
        "  files: b.nc\n  dimensions: {time: a, level: b, latitude: c, longitude: d, level_units: hPa}\n" VARIABLES, 0);
    assert_int_equal(bench_open(&b, "  files: b.nc\n" VARIABLES, NULL), BS_ERR_INPUT);
    assert_non_null(strstr(b.err.text, "has a dimension 'b' of length 5"));
    bench_teardown(&b);
}

static void a_scalar_time_counts(void **state)
{
    (void)state;
    bench b;
    bs_mesh_spec spec = lonlat_mesh();
    bench_setup(&b, &spec, 20000);
    weather_file w = file_default("a.nc");
    w.n_times = 0;
    w.scalar_time = 3;
    write_weather(b.dir, &w);
    must(&b, bench_open(&b, "  files: a.nc\n  steady: true\n" VARIABLES, NULL));
    assert_string_equal(BS_PROVIDER_PRESSURE_LEVELS.assumed(b.provider, 0),
                        "weather of 2020-01-01T03:00:00Z held steady (steady)");
    assert_int_equal(bench_open(&b, "  files: a.nc\n" VARIABLES, NULL), BS_ERR_INPUT);
    assert_non_null(strstr(b.err.text, "meteorology.steady: true"));
    bench_teardown(&b);
}

static void cloud_water_is_interpolated(void **state)
{
    (void)state;
    bench b;
    bs_mesh_spec spec = lonlat_mesh();
    bench_setup(&b, &spec, 20000);
    weather_file w = file_default("a.nc");
    write_weather(b.dir, &w);
    must(&b, bench_open(
                 &b,
                 "  files: a.nc\n  variables: {u: {name: u}, v: {name: v}, temperature: {name: t}, specific_humidity: "
                 "{name: q}, surface_pressure: {name: sp}, cloud_water: {name: q}}\n",
                 NULL));
    must(&b, bench_read(&b, 4));
    assert_true(b.native->have_clw);
    for (int m = 0; m < spec.nx * spec.ny * b.levels->nz; m++) assert_true(b.native->clw[m] == b.native->qv[m]);
    bench_teardown(&b);
}

/* Levels under the ground may be missing: a ground at 900 hPa under levels of 1000 and 850 hPa. */
static void missing_levels_below_ground_are_filled(void **state)
{
    (void)state;
    bench b;
    bs_mesh_spec spec = lonlat_mesh();
    bench_setup(&b, &spec, 20000);
    weather_file w = file_default("a.nc"), full = file_default("b.nc");
    w.sp = full.sp = 90000;
    w.missing_below = 950;
    write_weather(b.dir, &w);
    write_weather(b.dir, &full);
    same_answer(&b, "  files: a.nc\n" VARIABLES, "  files: b.nc\n" VARIABLES, ROUND);
    bench_teardown(&b);
}

static void rain_comes_as_depth_or_mass(void **state)
{
    (void)state;
    bench b;
    bs_mesh_spec spec = lonlat_mesh();
    bench_setup(&b, &spec, 20000);
    weather_file w = file_default("a.nc");
    w.near_ground = true;
    w.odd_unit_of = "u10"; /* 2 + 0.1 (lon - 104) of something */
    w.odd_unit = "mm h-1";
    write_weather(b.dir, &w);
    must(&b, bench_open(
                 &b,
                 "  files: a.nc\n  variables: {u: {name: u}, v: {name: v}, temperature: {name: t}, specific_humidity: "
                 "{name: q}, surface_pressure: {name: sp}, precipitation: {name: u10}}\n",
                 NULL));
    must(&b, bench_read(&b, 0));
    assert_true(b.native->have_rain);
    assert_true(fabs(b.native->rain[0] - truth("u10", b.mesh->lon[0], 0, 1, 0) / 3600) < 1e-12); /* 1 mm is 1 kg m-2 */
    bench_teardown(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(linear_fields_are_reproduced),  cmocka_unit_test(wind_turns_with_a_lambert_mesh),
        cmocka_unit_test(order_of_axes_does_not_matter), cmocka_unit_test(longitudes_may_run_to_360),
        cmocka_unit_test(packed_equals_unpacked),        cmocka_unit_test(one_variable_per_file_and_time),
        cmocka_unit_test(axes_may_be_named_and_extra),   cmocka_unit_test(a_scalar_time_counts),
        cmocka_unit_test(cloud_water_is_interpolated),   cmocka_unit_test(missing_levels_below_ground_are_filled),
        cmocka_unit_test(rain_comes_as_depth_or_mass),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
