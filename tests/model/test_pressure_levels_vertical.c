/* The vertical: humidity, the lowest layers, surface pressure over the model's terrain, and what is assumed. */
#include "model/met/pressure_levels_column.h"

#include "tests/model/test_pressure_levels.h"

/* Rounding of a few hundred operations on values up to 300. */
static const double ROUND = 1e-9;
/* Pa: between points half a degree apart the curve of the logarithm lies less than that off the chord. */
static const double BENT = 0.02;

static const char NEAR_GROUND[] =
    "  variables: {u: {name: u}, v: {name: v}, temperature: {name: t}, specific_humidity: {name: q}, surface_pressure: "
    "{name: sp}, u10: {name: u10}, v10: {name: v10}, t2m: {name: t2m}}\n";

static void humidity_from_relative_humidity(void **state)
{
    (void)state;
    bench b;
    bs_mesh_spec spec = lonlat_mesh();
    bench_setup(&b, &spec, 20000);
    weather_file w = file_default("a.nc");
    w.rh = true;
    write_weather(b.dir, &w);
    must(&b, bench_open(&b,
                        "  files: a.nc\n  variables: {u: {name: u}, v: {name: v}, temperature: {name: t}, "
                        "relative_humidity: {name: r}, surface_pressure: {name: sp}}\n",
                        NULL));
    must(&b, bench_read(&b, 0));
    size_t cells = (size_t)spec.nx * (size_t)spec.ny;
    for (int k = 1; k < b.levels->nz; k++) {
        double p = mid_pressure(&b, k, 0), t = truth("t", b.mesh->lon[0], b.mesh->lat[0], p, 0);
        double e = truth("r", b.mesh->lon[0], b.mesh->lat[0], p, 0) / 100 * 611.2 *
                   exp(17.67 * (t - 273.15) / (t - 273.15 + 243.5));
        double q = 0.62198 * e / (p - 0.37802 * e);
        assert_true(fabs(b.native->qv[(size_t)k * cells] - q) < ROUND);
    }
    bench_teardown(&b);
}

/* Levels from 850 hPa up: the two lowest layers lie between the source's lowest level and the ground. */
static void lowest_layers_meet_the_ground(void **state)
{
    (void)state;
    bench b;
    bs_mesh_spec spec = lonlat_mesh();
    bench_setup(&b, &spec, 20000);
    weather_file w = file_default("a.nc");
    w.near_ground = true;
    w.n_levels = 4;
    memcpy(w.level, (double[]){850, 700, 500, 200}, 4 * sizeof(double));
    write_weather(b.dir, &w);
    double lon = b.mesh->lon[0], lat = b.mesh->lat[0];
    size_t cells = (size_t)spec.nx * (size_t)spec.ny;
    double u1 = truth("u", lon, lat, 85000, 0), t1 = truth("t", lon, lat, 85000, 0), u10 = truth("u10", lon, lat, 1, 0);
    double t2 = truth("t2m", lon, lat, 1, 0);

    must(&b, bench_open(&b, "  files: a.nc\n" VARIABLES, NULL));
    must(&b, bench_read(&b, 0));
    for (int k = 0; k < 2; k++) { /* no 10 m wind: held; temperature 6.5 K/km downward */
        double p = mid_pressure(&b, k, 0), z = 287.05 * t1 / 9.80665 * log(p / 85000);
        assert_true(p > 85000);
        assert_true(fabs(b.native->u[(size_t)k * cells] - u1) < ROUND);
        assert_true(fabs(b.native->t[(size_t)k * cells] - (t1 + 0.0065 * z)) <
                    0.2); /* second order of the lapse rate */
        assert_true(b.native->t[(size_t)k * cells] > t1);
    }
    char text[1024];
    snprintf(text, sizeof text, "  files: a.nc\n%s", NEAR_GROUND);
    must(&b, bench_open(&b, text, NULL));
    must(&b, bench_read(&b, 0));
    double ps = b.native->ps[0], height = 287.05 * t2 / 9.80665, z1 = height * log(ps / 85000);
    for (int k = 0; k < 2; k++) {
        double p = mid_pressure(&b, k, 0), z = height * log(ps / p), p2 = ps * exp(-2 / height);
        double u = u10 + (u1 - u10) * log(z / 10) / log(z1 / 10);
        assert_true(fabs(b.native->u[(size_t)k * cells] - u) < ROUND);
        double t = t2 + (t1 - t2) * log(p2 / p) / log(p2 / 85000);
        assert_true(fabs(b.native->t[(size_t)k * cells] - t) < ROUND);
    }
    assert_true(b.native->have_t2 && fabs(b.native->t2[0] - t2) < ROUND);
    bench_teardown(&b);
}

/* A slope of 1 km per degree under air of 8 km scale height: pressure between the file's points is that of the slope, not of a chord. */
static void surface_pressure_of_a_slope_is_met(void **state)
{
    (void)state;
    bench b;
    bs_mesh_spec spec = lonlat_mesh();
    bench_setup(&b, &spec, 20000);
    weather_file w = file_default("a.nc");
    w.orography = w.near_ground = true;
    w.slope = 1000;
    w.sp = 80000;
    write_weather(b.dir, &w);
    double terrain[48];
    for (int c = 0; c < 48; c++) terrain[c] = 2000 + 1000 * (b.mesh->lon[c] - 104);
    char text[1024];
    snprintf(text, sizeof text, "  files: a.nc\n%.*s, orography: {name: orog}}\n", (int)strlen(NEAR_GROUND) - 2,
             NEAR_GROUND);
    must(&b, bench_open(&b, text, terrain));
    must(&b, bench_read(&b, 0));
    for (int c = 0; c < 48; c++) {
        double ps = 80000 * exp(-1000 * (b.mesh->lon[c] - 104) / 8000);
        assert_true(fabs(b.native->ps[c] - ps) < 1e-3);
    }
    bench_teardown(&b);
}

static void surface_pressure_follows_the_terrain(void **state)
{
    (void)state;
    bench b;
    bs_mesh_spec spec = lonlat_mesh();
    bench_setup(&b, &spec, 20000);
    weather_file w = file_default("a.nc");
    w.orography = w.near_ground = true;
    write_weather(b.dir, &w);
    double terrain[48];
    for (int c = 0; c < 48; c++) terrain[c] = 300 + 50 * (c % 8);
    char text[1024];
    snprintf(text, sizeof text, "  files: a.nc\n%.*s, orography: {name: orog}}\n", (int)strlen(NEAR_GROUND) - 2,
             NEAR_GROUND);
    must(&b, bench_open(&b, text, terrain));
    must(&b, bench_read(&b, 0));
    for (int c = 0; c < 48; c++) {
        double source = 101000 + 100 * (b.mesh->lon[c] - 104) - 50 * (b.mesh->lat[c] - 30), dz = terrain[c] - 300;
        double t2 = truth("t2m", b.mesh->lon[c], 0, 1, 0);
        double ps = source * exp(-9.80665 * dz / (287.05 * (t2 - 0.00325 * dz)));
        assert_true(fabs(b.native->ps[c] - ps) < BENT);
        assert_true(fabs(b.native->t2[c] - (t2 - 0.0065 * dz)) < ROUND);
    }
    /* without orography the source's pressure is taken as it is, and that is said */
    must(&b, bench_open(&b, "  files: a.nc\n" VARIABLES, terrain));
    must(&b, bench_read(&b, 0));
    assert_true(fabs(b.native->ps[0] - (101000 + 100 * (b.mesh->lon[0] - 104) - 50 * (b.mesh->lat[0] - 30))) < 1e-3);
    assert_non_null(strstr(BS_PROVIDER_PRESSURE_LEVELS.assumed(b.provider, 0), "no orography mapped"));
    bench_teardown(&b);
}

static void assumptions_stand_in(void **state)
{
    (void)state;
    bench b;
    bs_mesh_spec spec = lonlat_mesh();
    bench_setup(&b, &spec, 20000);
    weather_file w = file_default("a.nc");
    w.n_times = 0;
    write_weather(b.dir, &w);
    double terrain[48];
    for (int c = 0; c < 48; c++) terrain[c] = 1000;
    const char *steady =
        "  files: a.nc\n  steady: true\n  valid_time: 2020-01-01T03:00:00Z\n  variables: {u: {name: u}, v: {name: "
        "v}}\n  assume: {temperature: standard_atmosphere, humidity: 0.6, surface_pressure: ";
    char text[1024];
    snprintf(text, sizeof text, "%sfrom_terrain}\n", steady);
    must(&b, bench_open(&b, text, terrain));
    must(&b, bench_read(&b, 5));
    assert_true(fabs(b.native->ps[0] - 89875) < 5); /* ICAO: 898.75 hPa at 1000 m */
    double p = mid_pressure(&b, 3, 0);
    assert_true(fabs(b.native->t[3 * 48] - 288.15 * pow(p / 101325, 0.190263)) < 0.01);
    const char *expected[] = {
        "surface pressure of the standard atmosphere at the terrain's height (assume.surface_pressure)",
        "temperature of the ICAO standard atmosphere (assume.temperature)", "relative humidity 60 % (assume.humidity)",
        "weather of 2020-01-01T03:00:00Z held steady (steady)"};
    for (int n = 0; n < 4; n++) assert_string_equal(BS_PROVIDER_PRESSURE_LEVELS.assumed(b.provider, n), expected[n]);
    assert_null(BS_PROVIDER_PRESSURE_LEVELS.assumed(b.provider, 4));

    snprintf(text, sizeof text, "%s'950 hPa'}\n", steady);
    must(&b, bench_open(&b, text, NULL));
    must(&b, bench_read(&b, 0));
    assert_true(b.native->ps[47] == 95000);
    bench_teardown(&b);
}

/* Between the lowest level and 2 m the humidity turns into that of the dew point, linear in ln p. */
static void humidity_meets_the_dew_point(void **state)
{
    (void)state;
    const double p[] = {100000, 95000, 80000, 50000}, q[] = {0.5, 0.008, 0.006, 0.002};
    double ln_p[4];
    for (int k = 0; k < 4; k++) ln_p[k] = log(p[k]);
    const bs_pl_profile f = {.n = 4, .p = p, .ln_p = ln_p, .value = q, .stride = 1};
    bs_pl_ground g = {.ps = 98000, .t = 285, .has_humidity2 = true, .humidity2 = 0.010};
    const double p2 = g.ps * exp(-2 * 9.80665 / (287.05 * g.t));
    assert_true(fabs(bs_pl_humidity(&f, &g, p2) - 0.010) < 1e-7);
    assert_true(bs_pl_humidity(&f, &g, 97999) == 0.010);
    assert_true(fabs(bs_pl_humidity(&f, &g, sqrt(p2 * 95000)) - 0.009) < 1e-6);
    assert_true(fabs(bs_pl_humidity(&f, &g, 95000) - 0.008) < 1e-12);
    assert_true(fabs(bs_pl_humidity(&f, &g, sqrt(95000.0 * 80000)) - 0.007) < 1e-12);
    g.has_humidity2 = false;
    assert_true(bs_pl_humidity(&f, &g, 97000) == 0.008);
    assert_true(fabs(bs_pl_vapour_pressure(273.15) - 611.2) < 1e-9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(humidity_meets_the_dew_point),         cmocka_unit_test(humidity_from_relative_humidity),
        cmocka_unit_test(lowest_layers_meet_the_ground),        cmocka_unit_test(surface_pressure_of_a_slope_is_met),
        cmocka_unit_test(surface_pressure_follows_the_terrain), cmocka_unit_test(assumptions_stand_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
