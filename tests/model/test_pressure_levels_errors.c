/* Bad input to the provider of pressure levels: each must be refused with a message that says where, what and what to do. */
#include "tests/model/test_pressure_levels.h"

static const char PLAIN[] = "  files: a.nc\n" VARIABLES;

/* Opens (and, where that succeeds, reads at the start), expects failure and all the texts (NULL ends them). */
static void refused(bench *b, const char *meteorology, const double *terrain, ...)
{
    bs_status status = bench_open(b, meteorology, terrain);
    if (status == BS_OK) status = bench_read(b, 0);
    assert_int_equal(status, BS_ERR_INPUT);
    va_list args;
    va_start(args, terrain);
    for (const char *text = va_arg(args, const char *); text; text = va_arg(args, const char *)) {
        if (!strstr(b->err.text, text)) fail_msg("'%s' is not in the message:\n%s", text, b->err.text);
    }
    va_end(args);
}

static void setup_file(bench *b, const weather_file *w)
{
    bs_mesh_spec spec = lonlat_mesh();
    bench_setup(b, &spec, 20000);
    write_weather(b->dir, w);
}

static void missing_variable(void **state)
{
    (void)state;
    bench b;
    weather_file w = file_default("a.nc");
    w.leave_out = "t";
    setup_file(&b, &w);
    refused(&b, PLAIN, NULL, "case.yaml:", "meteorology.variables.temperature", "'t' is in none of the 1 file(s)", "sp",
            NULL);
    bench_teardown(&b);
}

static void unknown_field_name(void **state)
{
    (void)state;
    bench b;
    weather_file w = file_default("a.nc");
    setup_file(&b, &w);
    refused(&b, "  files: a.nc\n  variables: {temprature: {name: t}}\n", NULL, "no field 'temprature'",
            "did you mean 'temperature'?", NULL);
    refused(&b, "  variables: {u: {name: u}}\n", NULL, "needs meteorology.files", NULL);
    refused(&b, "  files: a.nc\n  variables: {u: {name: u}}\n", NULL, "has no 'v'", "northward wind", NULL);
    bench_teardown(&b);
}

static void units(void **state)
{
    (void)state;
    bench b;
    weather_file w = file_default("a.nc");
    w.bare = "u";
    setup_file(&b, &w);
    refused(&b, PLAIN, NULL, "a.nc", "variable 'u' has no units attribute",
            "meteorology.variables.u: {name: 'u', units: 'm s-1'}", NULL);
    const char *stated =
        "  files: a.nc\n  variables: {u: {name: u, units: %s}, v: {name: v}, temperature: {name: t, units: %s}, "
        "specific_humidity: {name: q}, surface_pressure: {name: sp}}\n";
    char text[512];
    snprintf(text, sizeof text, stated, "m s-1", "K");
    must(&b, bench_open(&b, text, NULL));
    snprintf(text, sizeof text, stated, "kg", "K");
    refused(&b, text, NULL, "case.yaml:", "'u' has unit 'kg'", "cannot be converted to 'm s-1'", NULL);
    snprintf(text, sizeof text, stated, "m s-1", "degC");
    refused(&b, text, NULL, "a.nc", "variable 't' has unit 'K'", "case.yaml:", "says 'degC'", NULL);

    w.bare = NULL;
    w.odd_unit_of = "t";
    w.odd_unit = "kg m-2";
    write_weather(b.dir, &w);
    refused(&b, PLAIN, NULL, "'t' has unit 'kg m-2'", "cannot be converted to 'K'", NULL);
    w.near_ground = true;
    w.odd_unit_of = "u10";
    w.odd_unit = "m";
    write_weather(b.dir, &w);
    refused(&b,
            "  files: a.nc\n  variables: {u: {name: u}, v: {name: v}, temperature: {name: t}, specific_humidity: "
            "{name: q}, "
            "surface_pressure: {name: sp}, precipitation: {name: u10}}\n",
            NULL, "'u10' has unit 'm'", "amount accumulated", NULL);
    bench_teardown(&b);
}

static void pressure_axis_units(void **state)
{
    (void)state;
    bench b;
    weather_file w = file_default("a.nc");
    w.level_units = NULL;
    setup_file(&b, &w);
    refused(&b, PLAIN, NULL, "axis 'level' has no units", "meteorology.dimensions.level_units: hPa", NULL);
    must(&b, bench_open(&b, "  files: a.nc\n  dimensions: {level_units: hPa}\n" VARIABLES, NULL));
    w.level_units = "Pa";
    write_weather(b.dir, &w);
    refused(&b, "  files: a.nc\n  dimensions: {level_units: hPa}\n" VARIABLES, NULL, "has unit 'Pa'", "says 'hPa'",
            NULL);
    w.level_units = "1";
    write_weather(b.dir, &w);
    refused(&b, PLAIN, NULL, "'level' has unit '1', which is no pressure", NULL);
    bench_teardown(&b);
}

static void bad_values(void **state)
{
    (void)state;
    bench b;
    weather_file w = file_default("a.nc");
    w.spoil = "v";
    w.spoil_value = NAN;
    setup_file(&b, &w);
    refused(&b, PLAIN, NULL, "a.nc: v[time=0][level=0][lat=5][lon=6] at 100000 Pa, longitude 104, latitude 30",
            "missing or not a number, above the ground (surface pressure 101000 Pa)", NULL);
    w.spoil_value = 350;
    write_weather(b.dir, &w);
    refused(&b, PLAIN, NULL, "v[time=0][level=0][lat=5][lon=6]", "350 m s-1", "outside the plausible range -200 to 200",
            NULL);
    w.spoil = "sp";
    w.spoil_value = NC_FILL_FLOAT;
    write_weather(b.dir, &w);
    refused(&b, PLAIN, NULL, "sp[time=0][lat=5][lon=6]", "missing", NULL);
    w.spoil_value = 1010;
    write_weather(b.dir, &w);
    refused(&b, PLAIN, NULL, "sp[time=0][lat=5][lon=6]", "1010 Pa", "40000 to 110000", "is the unit right?", NULL);
    w.spoil = NULL;
    w.missing_below = 800; /* 850 hPa missing above a ground at 1010 hPa */
    write_weather(b.dir, &w);
    refused(&b, PLAIN, NULL, "u[time=0][level=0]", "above the ground", NULL);
    refused(&b,
            "  files: a.nc\n  variables: {u: {name: u}, v: {name: v}, temperature: {name: t}, specific_humidity: "
            "{name: q}}\n"
            "  assume: {surface_pressure: 1000 hPa}\n",
            NULL, "without surface_pressure", NULL);
    bench_teardown(&b);
}

static void times(void **state)
{
    (void)state;
    bench b;
    weather_file w = file_default("a.nc"), other = file_default("b.nc");
    w.n_times = 5;
    memcpy(w.time, (double[]){0, 1, 2, 4, 6}, 5 * sizeof(double));
    setup_file(&b, &w);
    refused(&b, PLAIN, NULL, "variable 'u' has a gap in time", "2020-01-01T02:00:00Z", "2020-01-01T04:00:00Z",
            "1 h apart", NULL);

    w.n_times = 2;
    memcpy(w.time, (double[]){0, 6}, 2 * sizeof(double));
    memcpy(other.time, (double[]){6, 12}, 2 * sizeof(double));
    write_weather(b.dir, &w);
    write_weather(b.dir, &other);
    refused(&b, "  files: [a.nc, b.nc]\n" VARIABLES, NULL, "'u' holds the time 2020-01-01T06:00:00Z twice",
            "a.nc (index 1)", "b.nc (index 0)", NULL);

    refused(&b, "  files: b.nc\n" VARIABLES, NULL, "'u' covers 2020-01-01T06:00:00Z to 2020-01-01T12:00:00Z",
            "the run needs 2020-01-01T00:00:00Z to 2020-01-01T06:00:00Z", NULL);
    refused(&b, "  files: a.nc\n  steady: true\n" VARIABLES, NULL, "has 2 times", "meteorology.valid_time", NULL);
    refused(&b, "  files: a.nc\n  steady: true\n  valid_time: 2020-01-01T03:00:00Z\n" VARIABLES, NULL,
            "no field for 2020-01-01T03:00:00Z", NULL);
    refused(&b, "  files: a.nc\n  valid_time: 2020-01-01T00:00:00Z\n" VARIABLES, NULL, "needs meteorology.steady: true",
            NULL);
    must(&b, bench_open(&b, "  files: a.nc\n  steady: true\n  valid_time: 2020-01-01T06:00:00Z\n" VARIABLES, NULL));
    must(&b, bench_read(&b, 0));
    bench_teardown(&b);
}

static void no_time_axis(void **state)
{
    (void)state;
    bench b;
    weather_file w = file_default("a.nc");
    w.n_times = 0;
    setup_file(&b, &w);
    refused(&b, PLAIN, NULL, "variable 'u' has no time axis", "meteorology.steady: true", "meteorology.valid_time",
            NULL);
    refused(&b, "  files: a.nc\n  steady: true\n" VARIABLES, NULL, "variable 'u' has no time axis",
            "meteorology.valid_time", NULL);
    bench_teardown(&b);
}

static void other_calendar(void **state)
{
    (void)state;
    bench b;
    weather_file w = file_default("a.nc");
    w.calendar = "360_day";
    setup_file(&b, &w);
    refused(&b, PLAIN, NULL, "a.nc", "calendar '360_day'", "proleptic_gregorian", NULL);
    bench_teardown(&b);
}

static void mesh_outside(void **state)
{
    (void)state;
    bench b;
    weather_file w = file_default("a.nc");
    w.lon0 = 104; /* the mesh's western cell centres lie at 103.025 */
    w.n_lat = 5;  /* to 29.5N; the northern ones at 30.475 */
    setup_file(&b, &w);
    refused(&b, PLAIN, NULL, "degrees on its western side", "103.025", "104.000", "degrees on its northern side",
            "30.475", "29.500", "grid.nx", NULL);
    bench_teardown(&b);
}

static void truncated_file(void **state)
{
    (void)state;
    bench b;
    char path[512];
    weather_file w = file_default("a.nc");
    setup_file(&b, &w);
    snprintf(path, sizeof path, "%s/a.nc", b.dir);
    assert_int_equal(truncate(path, 9000), 0);
    refused(&b, PLAIN, NULL, "a.nc", NULL);
    bench_teardown(&b);
}

static void top_above_the_source(void **state)
{
    (void)state;
    bench b;
    weather_file w = file_default("a.nc");
    bs_mesh_spec spec = lonlat_mesh();
    bench_setup(&b, &spec, 10000);
    write_weather(b.dir, &w);
    refused(&b, PLAIN, NULL, "top at 10000 Pa", "'u'", "at 20000 Pa", "grid.levels.top", NULL);
    bench_teardown(&b);
}

static void nothing_is_assumed_silently(void **state)
{
    (void)state;
    bench b;
    weather_file w = file_default("a.nc");
    setup_file(&b, &w);
    refused(&b,
            "  files: a.nc\n  variables: {u: {name: u}, v: {name: v}, specific_humidity: {name: q}, surface_pressure: "
            "{name: "
            "sp}}\n",
            NULL, "has no 'temperature'", "meteorology.assume.temperature: standard_atmosphere", NULL);
    refused(&b,
            "  files: a.nc\n  variables: {u: {name: u}, v: {name: v}, specific_humidity: {name: q}, temperature: "
            "{name: t}}\n",
            NULL, "has no 'surface_pressure'", "meteorology.assume.surface_pressure", NULL);
    refused(&b,
            "  files: a.nc\n  variables: {u: {name: u}, v: {name: v}, temperature: {name: t}, surface_pressure: {name: "
            "sp}}\n",
            NULL, "neither 'specific_humidity' nor 'relative_humidity'", "meteorology.assume.humidity", NULL);
    refused(&b,
            "  files: a.nc\n  variables: {u: {name: u}, v: {name: v}, specific_humidity: {name: q}, temperature: "
            "{name: t}}\n"
            "  assume: {surface_pressure: from_terrain}\n",
            NULL, "from_terrain needs terrain.file", NULL);
    refused(&b,
            "  files: a.nc\n  variables: {u: {name: u}, v: {name: v}, specific_humidity: {name: q}, temperature: "
            "{name: t}}\n"
            "  assume: {surface_pressure: 1000}\n",
            NULL, "meteorology.assume.surface_pressure must be", "'1000' has no unit", NULL);
    bench_teardown(&b);
}

static void other_shapes(void **state)
{
    (void)state;
    bench b;
    weather_file w = file_default("a.nc");
    setup_file(&b, &w);
    refused(&b, "  files: a.nc\n  dimensions: {longitude: x, level: lat}\n" VARIABLES, NULL,
            "two dimensions that look like level: 'level' and 'lat'", NULL);
    refused(&b,
            "  files: a.nc\n  variables: {u: {name: sp, units: m s-1}, v: {name: v}, temperature: {name: t}, "
            "specific_humidity: "
            "{name: q}, surface_pressure: {name: sp}}\n",
            NULL, "'sp' has unit 'Pa'", NULL);
    refused(&b,
            "  files: a.nc\n  variables: {u: {name: u}, v: {name: v}, temperature: {name: t}, specific_humidity: "
            "{name: q}, "
            "surface_pressure: {name: sp}, t2m: {name: t}}\n",
            NULL, "'t' has 5 levels, but 't2m' is a field at the surface", NULL);
    bench_teardown(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(missing_variable),
        cmocka_unit_test(unknown_field_name),
        cmocka_unit_test(units),
        cmocka_unit_test(pressure_axis_units),
        cmocka_unit_test(bad_values),
        cmocka_unit_test(times),
        cmocka_unit_test(no_time_axis),
        cmocka_unit_test(other_calendar),
        cmocka_unit_test(mesh_outside),
        cmocka_unit_test(truncated_file),
        cmocka_unit_test(top_above_the_source),
        cmocka_unit_test(nothing_is_assumed_silently),
        cmocka_unit_test(other_shapes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
