/* Files of many shapes: order of dimensions and axes, axes that wrap, levels below the ground, fill values, calendars, times. Each is read
 * as it should or refused with file, variable and index. */
#include "tests/model/test_met_files.h"

/* Fields linear in all that is interpolated: rounding of a few hundred operations on values up to 300. */
static const double ROUND = 1e-9;

static const double LEVELS[] = {1000, 850, 700, 500, 200}; /* hPa */
static const char FILES[] = "  layout: era5\n  files: '*.nc'\n";

static double plain_value(const char *name, met_point at, const void *own)
{
    const double *ps = own;
    if (strcmp(name, "sp") == 0) return ps ? *ps : 101000 + 100 * east_of(at.lon) - 50 * (at.lat - 30);
    return truth(name, at.lon, at.lat, at.lev * 100, at.hours);
}

static met_file plain_file(void)
{
    met_file f = met_file_over_the_mesh();
    *axis_at(&f, 't') = (met_axis){.name = "time", .unit = "hours since 2020-01-01", .n = 2, .value = {0, 6}};
    *axis_at(&f, 'k') = (met_axis){.name = "level", .unit = "millibars", .n = 5};
    memcpy(axis_at(&f, 'k')->value, LEVELS, sizeof LEVELS);
    return f;
}

static void put_all(met_file *f, const char *upper, const char *surface, met_value *value)
{
    met_put(f, "u", upper, "m s-1", value);
    met_put(f, "v", upper, "m s-1", value);
    met_put(f, "t", upper, "K", value);
    met_put(f, "q", upper, "1", value);
    met_put(f, "sp", surface, "Pa", value);
}

static void write_file(const bench *b, met_file *f, const char *upper, const char *surface, met_value *value)
{
    met_create(f, b->dir, "a.nc");
    put_all(f, upper, surface, value);
    met_close(f);
}

static void compare(const bench *b, double hours, double lowest)
{
    const size_t cells = (size_t)b->mesh->nx * (size_t)b->mesh->ny;
    int compared = 0;
    for (size_t c = 0; c < cells; c++) {
        const double lon = b->mesh->lon[c], lat = b->mesh->lat[c];
        for (int k = 0; k < b->levels->nz; k++) {
            const double p = mid_pressure(b, k, c);
            const size_t at = (size_t)k * cells + c;
            if (p > lowest) continue;
            assert_true(fabs(b->native->u[at] - truth("u", lon, lat, p, hours)) < ROUND);
            assert_true(fabs(b->native->v[at] - truth("v", lon, lat, p, hours)) < ROUND);
            assert_true(fabs(b->native->t[at] - truth("t", lon, lat, p, hours)) < ROUND);
            assert_true(fabs(b->native->qv[at] - truth("q", lon, lat, p, hours)) < ROUND);
            compared++;
        }
    }
    assert_true(compared >= (int)cells * 2);
}

static void open_bench(bench *b)
{
    bs_mesh_spec spec = lonlat_mesh();
    bench_setup(b, &spec, 20000);
}

static void dimensions_in_any_order(void **state)
{
    (void)state;
    static const char *const ORDER[][2] = {
        {"tkji", "tji"}, {"ijkt", "ijt"}, {"ktij", "ijt"}, {"jkit", "tij"}, {"kjti", "jti"}};
    for (size_t n = 0; n < sizeof ORDER / sizeof ORDER[0]; n++) {
        bench b;
        open_bench(&b);
        met_file f = plain_file();
        write_file(&b, &f, ORDER[n][0], ORDER[n][1], plain_value);
        must(&b, bench_open(&b, FILES, NULL));
        must(&b, bench_read(&b, 3));
        compare(&b, 3, 99000);
        bench_teardown(&b);
    }
}

/* A whole circle of longitudes of 15 degrees, on which a field that is linear in longitude is not; so they are constant there. */
static double round_value(const char *name, met_point at, const void *own)
{
    at.lon = 104;
    return plain_value(name, at, own);
}

static double by_longitude(const char *name, met_point at, const void *own)
{
    return strcmp(name, "u") == 0 ? cos(at.lon * acos(-1) / 180) : round_value(name, at, own);
}

static void axes_that_go_round(void **state)
{
    (void)state;
    static const double WEST[] = {-1.1, 178.9, -14.8}, FIRST[] = {0, -180, -172.5};
    for (size_t w = 0; w < sizeof WEST / sizeof WEST[0]; w++) {
        for (size_t first = 0; first < sizeof FIRST / sizeof FIRST[0]; first++) {
            bench b;
            bs_mesh_spec spec = lonlat_mesh();
            spec.x0 = WEST[w];
            bench_setup(&b, &spec, 20000);
            met_file f = plain_file();
            axis_at(&f, 'i')->n = 24;
            for (int i = 0; i < 24; i++) axis_at(&f, 'i')->value[i] = FIRST[first] + 15 * i;
            write_file(&b, &f, "tkji", "tji", by_longitude);
            must(&b, bench_open(&b, FILES, NULL));
            must(&b, bench_read(&b, 0));
            const size_t cells = (size_t)b.mesh->nx * (size_t)b.mesh->ny;
            for (size_t c = 0; c < cells; c++) {
                const double x = remainder(b.mesh->lon[c] - FIRST[first], 360), low = floor(x / 15) * 15;
                const double share = (x - low) / 15, east = acos(-1) / 180;
                const double u =
                    (1 - share) * cos((FIRST[first] + low) * east) + share * cos((FIRST[first] + low + 15) * east);
                assert_true(fabs(b.native->u[3 * cells + c] - u) < ROUND);
            }
            bench_teardown(&b);
        }
    }
}

static void a_circle_that_is_open_is_refused(void **state)
{
    (void)state;
    bench b;
    bs_mesh_spec spec = lonlat_mesh();
    spec.x0 = -1.1; /* across 0, and the source has 10 to 350 */
    bench_setup(&b, &spec, 20000);
    met_file f = plain_file();
    axis_at(&f, 'i')->n = 18;
    for (int i = 0; i < 18; i++) axis_at(&f, 'i')->value[i] = 10 + 20 * i;
    write_file(&b, &f, "tkji", "tji", round_value);
    must(&b, bench_open(&b, FILES, NULL)); /* 18 times 20 degrees are the whole circle */
    axis_at(&f, 'i')->n = 17;
    write_file(&b, &f, "tkji", "tji", round_value);
    refused(&b, FILES, "a.nc", "sticks out of the meteorology", "western side", NULL);
    bench_teardown(&b);
}

/* ---- the ground ---- */

static const double GROUND = 84000; /* over 1000 and 850 hPa */

/* Below the ground: nothing, what the analysis made up, or the lowest value above it. */
static double absent_below(const char *name, met_point at, const void *own)
{
    return at.lev * 100 > GROUND ? NAN : plain_value(name, at, own);
}

static double nonsense_below(const char *name, met_point at, const void *own)
{
    return at.lev * 100 > GROUND && strcmp(name, "sp") != 0 ? (strcmp(name, "t") == 0 ? 340 : 0.05)
                                                            : plain_value(name, at, own);
}

static double copied_below(const char *name, met_point at, const void *own)
{
    if (at.lev * 100 > GROUND) at.lev = 700;
    return plain_value(name, at, own);
}

/* Whatever a source keeps below its ground, the model sees none of it. */
static void levels_below_the_ground(void **state)
{
    (void)state;
    met_value *const kept[] = {absent_below, nonsense_below, copied_below};
    double *first = NULL;
    for (int n = 0; n < 3; n++) {
        bench b;
        open_bench(&b);
        met_file f = plain_file();
        f.own = &GROUND;
        write_file(&b, &f, "tkji", "tji", kept[n]);
        must(&b, bench_open(&b, FILES, NULL));
        must(&b, bench_read(&b, 3));
        compare(&b, 3, 70000);
        const size_t cells = (size_t)b.mesh->nx * (size_t)b.mesh->ny, size = cells * (size_t)b.levels->nz;
        if (n == 0) {
            first = malloc(4 * size * sizeof *first);
            assert_non_null(first);
            memcpy(first, b.native->u, size * sizeof *first);
            memcpy(first + size, b.native->v, size * sizeof *first);
            memcpy(first + 2 * size, b.native->t, size * sizeof *first);
            memcpy(first + 3 * size, b.native->qv, size * sizeof *first);
            /* under 700 hPa wind and humidity as there, the temperature along 6.5 K/km */
            const double lon = b.mesh->lon[0], lat = b.mesh->lat[0], t7 = truth("t", lon, lat, 70000, 3);
            assert_true(fabs(b.native->u[0] - truth("u", lon, lat, 70000, 3)) < ROUND);
            assert_true(fabs(b.native->t[0] - t7 * pow(mid_pressure(&b, 0, 0) / 70000, 287.05 * 0.0065 / 9.80665)) <
                        1e-3);
        }
        assert_memory_equal(first, b.native->u, size * sizeof *first);
        assert_memory_equal(first + size, b.native->v, size * sizeof *first);
        assert_memory_equal(first + 2 * size, b.native->t, size * sizeof *first);
        assert_memory_equal(first + 3 * size, b.native->qv, size * sizeof *first);
        bench_teardown(&b);
    }
    free(first);
}

static double hole_above(const char *name, met_point at, const void *own)
{
    return strcmp(name, "t") == 0 && at.lev == 700 && at.lat == 30 && at.lon == 104 ? NAN : plain_value(name, at, own);
}

static void a_hole_above_the_ground_is_refused(void **state)
{
    (void)state;
    bench b;
    open_bench(&b);
    met_file f = plain_file();
    f.own = &GROUND;
    write_file(&b, &f, "kjti", "jti", hole_above);
    refused(&b, FILES, "a.nc: t[level=2][latitude=5][time=0][longitude=6] at 70000 Pa, longitude 104, latitude 30",
            "above the ground (surface pressure 84000 Pa)", NULL);
    f.packed = true; /* the fill value of int16 */
    write_file(&b, &f, "kjti", "jti", hole_above);
    refused(&b, FILES, "t[level=2][latitude=5][time=0][longitude=6]", NULL);
    bench_teardown(&b);
}

/* ---- axes and times that are none ---- */

static void axes_with_bad_values(void **state)
{
    (void)state;
    static const struct {
        char kind;
        int index;
        double value;
        const char *says;
    } BAD[] = {
        {'j', 4, NAN, "latitude[4] is missing or not a number"},
        {'j', 4, 31.0, "axis 'latitude' is not strictly monotonic"},
        {'i', 3, 99, "axis 'longitude' is not strictly monotonic"},
        {'k', 2, 850, "axis 'level' is not strictly monotonic: 850 at 1, 850 at 2"},
        {'k', 0, 100000, "level[0] is 1e+07 Pa, expected a pressure above 0 and below 120000 Pa"},
        {'k', 4, -200, "level[4] is -20000 Pa"},
        {'t', 0, NAN, "time[0] is missing or not a number"},
        {'t', 1, 1e300, "which is no time"},
        {'t', 1, 0, "holds the time 2020-01-01T00:00:00Z twice: in"},
    };
    for (size_t n = 0; n < sizeof BAD / sizeof BAD[0]; n++) {
        bench b;
        open_bench(&b);
        met_file f = plain_file();
        axis_at(&f, BAD[n].kind)->value[BAD[n].index] = BAD[n].value;
        write_file(&b, &f, "tkji", "tji", round_value);
        refused(&b, FILES, "a.nc", BAD[n].says, NULL);
        bench_teardown(&b);
    }
}

static void calendars(void **state)
{
    (void)state;
    static const char *const OTHER[] = {"noleap", "365_day", "360_day", "julian", "all_leap"};
    for (size_t n = 0; n < sizeof OTHER / sizeof OTHER[0]; n++) {
        bench b;
        char says[64];
        open_bench(&b);
        met_file f = plain_file();
        met_create(&f, b.dir, "a.nc");
        met_attribute(&f, "time", "calendar", OTHER[n]);
        put_all(&f, "tkji", "tji", plain_value);
        met_close(&f);
        snprintf(says, sizeof says, "has calendar '%s'; only standard", OTHER[n]);
        refused(&b, FILES, "a.nc: time axis 'time'", says, NULL);
        bench_teardown(&b);
    }
}

/* Times that run backward are the same times. */
static void times_in_any_order(void **state)
{
    (void)state;
    bench b;
    open_bench(&b);
    met_file f = plain_file();
    *axis_at(&f, 't') = (met_axis){.name = "time", .unit = "hours since 2020-01-01", .n = 3, .value = {6, 0, 3}};
    write_file(&b, &f, "tkji", "tji", plain_value);
    must(&b, bench_open(&b, FILES, NULL));
    must(&b, bench_read(&b, 2));
    compare(&b, 2, 99000);
    axis_at(&f, 't')->value[2] = 1; /* nothing from 1 to 6 */
    write_file(&b, &f, "tkji", "tji", plain_value);
    refused(&b, FILES, "variable 'u' has a gap in time", "2020-01-01T01:00:00Z", "2020-01-01T06:00:00Z", NULL);
    bench_teardown(&b);
}

static void strange_dimensions(void **state)
{
    (void)state;
    bench b;
    open_bench(&b);
    met_file f = plain_file();
    *axis_at(&f, 'm') = (met_axis){.name = "step", .unit = "hours", .n = 2, .value = {1, 2}};
    write_file(&b, &f, "tmkji", "tmji", plain_value);
    refused(&b, FILES, "a.nc: variable 'u' has a dimension 'step' of length 2", NULL);
    *axis_at(&f, 'm') = (met_axis){.name = "number", .unit = "1", .n = 1, .value = {0}};
    write_file(&b, &f, "tmkji", "mtji", plain_value);
    must(&b, bench_open(&b, FILES, NULL));
    must(&b, bench_read(&b, 0));
    compare(&b, 0, 99000);
    /* heights, none of which is the field's */
    *axis_at(&f, 'h') = (met_axis){.name = "height", .unit = "m", .n = 2, .value = {80, 100}};
    met_create(&f, b.dir, "h.nc");
    met_put(&f, "u10", "thji", "m s-1", plain_value);
    met_close(&f);
    refused(&b, FILES, "h.nc: variable 'u10' lies at other heights (dimension 'height') than 10 m", NULL);
    axis_at(&f, 'h')->n = 1;
    met_create(&f, b.dir, "h.nc");
    met_put(&f, "u10", "thji", "m s-1", plain_value);
    met_close(&f);
    refused(&b, FILES, "lies at other heights", NULL);
    bench_teardown(&b);
}

static double valid_hours(const char *name, met_point at, const void *own)
{
    (void)name;
    (void)own;
    return at.hours;
}

/* cfgrib: steps of a forecast, or starts of forecasts, and beside them the times for which the values are. */
static void times_of_forecasts(void **state)
{
    (void)state;
    static const char *const NAME[] = {"step", "time"}, *const STANDARD[] = {"forecast_period",
                                                                             "forecast_reference_time"};
    for (int n = 0; n < 2; n++) {
        bench b;
        open_bench(&b);
        met_file f = plain_file();
        axis_at(&f, 't')->name = NAME[n];
        axis_at(&f, 't')->unit = n ? "hours since 2019-12-31" : "hours"; /* a day before valid_time */
        met_create(&f, b.dir, "a.nc");
        met_attribute(&f, NAME[n], "standard_name", STANDARD[n]);
        put_all(&f, "tkji", "tji", plain_value);
        met_close(&f);
        refused(&b, FILES, "a.nc", n ? "counts the starts of forecasts" : "has a dimension 'step' of length 2", NULL);
        met_create(&f, b.dir, "a.nc");
        met_attribute(&f, NAME[n], "standard_name", STANDARD[n]);
        put_all(&f, "tkji", "tji", plain_value);
        met_put(&f, "valid_time", "t", "hours since 2020-01-01", valid_hours);
        met_attribute(&f, "valid_time", "standard_name", "time");
        met_close(&f);
        must(&b, bench_open(&b, FILES, NULL));
        must(&b, bench_read(&b, 2));
        compare(&b, 2, 99000);
        bench_teardown(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dimensions_in_any_order),
        cmocka_unit_test(axes_that_go_round),
        cmocka_unit_test(a_circle_that_is_open_is_refused),
        cmocka_unit_test(levels_below_the_ground),
        cmocka_unit_test(a_hole_above_the_ground_is_refused),
        cmocka_unit_test(axes_with_bad_values),
        cmocka_unit_test(calendars),
        cmocka_unit_test(times_in_any_order),
        cmocka_unit_test(times_of_forecasts),
        cmocka_unit_test(strange_dimensions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
