/* Projections against closed formulas (Snyder 1987, USGS Professional Paper 1395) and finite differences. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "grids/projection/projection.h"
#include "kernels/base/constants.h"

#define DEG     (BS_PI / 180.0)
#define LAMBERT "+proj=lcc +lat_1=25 +lat_2=40 +lat_0=31 +lon_0=104 +R=6370000"

static const double METRE_ROUND = 1e-6;   /* m: rounding of coordinates of 1e6 m through a dozen functions */
static const double DEGREE_ROUND = 1e-11; /* degrees: the same, seen from the Earth */
static const double FACTOR_ERROR = 1e-9;  /* 1: PROJ differentiates numerically with a step of 1e-5 rad */
static const double ANGLE_ERROR = 1e-7;   /* rad: own one-sided difference over 1e-6 degrees */

static bs_projection *make(const char *string)
{
    bs_err err = {.text = ""};
    bs_projection *p = NULL;
    bs_status status = bs_projection_create(string, &p, &err);
    if (status != BS_OK) fail_msg("%s", err.text);
    return p;
}

static void expect_error(const char *string, const char *part)
{
    bs_err err = {.text = ""};
    bs_projection *p = NULL;
    assert_int_equal(bs_projection_create(string, &p, &err), BS_ERR_INPUT);
    assert_null(p);
    if (!strstr(err.text, part)) fail_msg("'%s' is not in '%s'", part, err.text);
}

/* Snyder eqs 14-4, 15-1 to 15-4 on the sphere. */
static void snyder_lambert(double lon, double lat, double *x, double *y, double *scale)
{
    double p1 = 25 * DEG, p2 = 40 * DEG, p0 = 31 * DEG, radius = 6370000.0;
    double n = log(cos(p1) / cos(p2)) / log(tan(BS_PI / 4 + p2 / 2) / tan(BS_PI / 4 + p1 / 2));
    double f = cos(p1) * pow(tan(BS_PI / 4 + p1 / 2), n) / n;
    double rho = radius * f / pow(tan(BS_PI / 4 + lat * DEG / 2), n);
    double rho0 = radius * f / pow(tan(BS_PI / 4 + p0 / 2), n);
    double theta = n * (lon - 104.0) * DEG;
    *x = rho * sin(theta);
    *y = rho0 - rho * cos(theta);
    *scale = rho * n / (radius * cos(lat * DEG));
}

static void test_lambert_is_snyders(void **state)
{
    (void)state;
    bs_projection *p = make(LAMBERT);
    assert_false(bs_projection_is_lonlat(p));
    assert_true(bs_projection_radius(p) == 6370000.0);
    assert_string_equal(bs_projection_string(p), LAMBERT);
    for (double lon = 90; lon <= 120; lon += 3) {
        for (double lat = 15; lat <= 50; lat += 5) {
            double x, y, scale, px = lon, py = lat;
            snyder_lambert(lon, lat, &x, &y, &scale);
            assert_int_equal(bs_projection_forward(p, 1, &px, &py), 0);
            assert_true(fabs(px - x) < METRE_ROUND && fabs(py - y) < METRE_ROUND);
            bs_map_factors f;
            assert_int_equal(bs_projection_factors(p, lon, lat, &f, NULL), BS_OK);
            assert_true(fabs(f.along_x - scale) < FACTOR_ERROR && fabs(f.along_y - scale) < FACTOR_ERROR);
        }
    }
    bs_projection_destroy(p);
}

static const char *const MANY[] = {
    LAMBERT,
    "+proj=longlat +R=6370000",
    "EPSG:4326",
    "EPSG:32648",
    "+proj=merc +lat_ts=30 +lon_0=104 +R=6370000",
    "+proj=stere +lat_0=90 +lat_ts=60 +lon_0=104 +R=6370000",
    "+proj=laea +lat_0=30 +lon_0=104 +R=6370000",
    "+proj=lcc +lat_1=25 +lat_2=40 +lat_0=31 +lon_0=104 +ellps=krass +towgs84=10,20,30",
};
enum { N_MANY = sizeof MANY / sizeof MANY[0], N_POINTS = 3 };
static const double LON[N_POINTS] = {101.5, 105.0, 109.3}, LAT[N_POINTS] = {27.0, 30.5, 33.9};

static void test_there_and_back(void **state)
{
    (void)state;
    for (int m = 0; m < N_MANY; m++) {
        bs_projection *p = make(MANY[m]);
        double a[N_POINTS], b[N_POINTS];
        memcpy(a, LON, sizeof a);
        memcpy(b, LAT, sizeof b);
        assert_int_equal(bs_projection_forward(p, N_POINTS, a, b), 0);
        assert_int_equal(bs_projection_inverse(p, N_POINTS, a, b), 0);
        for (int n = 0; n < N_POINTS; n++) {
            assert_true(fabs(a[n] - LON[n]) < DEGREE_ROUND && fabs(b[n] - LAT[n]) < DEGREE_ROUND);
        }
        bs_projection_destroy(p);
    }
}

/* A point slightly north lies in grid direction (-sin c, cos c): c > 0 when true north is to the west. */
static void test_convergence_by_a_step_north(void **state)
{
    (void)state;
    for (int m = 0; m < N_MANY; m++) {
        bs_projection *p = make(MANY[m]);
        for (int n = 0; n < N_POINTS; n++) {
            double x[2] = {LON[n], LON[n]}, y[2] = {LAT[n], LAT[n] + 1e-4};
            bs_projection_forward(p, 2, x, y);
            bs_map_factors f;
            assert_int_equal(bs_projection_factors(p, LON[n], LAT[n], &f, NULL), BS_OK);
            double expected = atan2(-(x[1] - x[0]), y[1] - y[0]);
            if (fabs(f.convergence - expected) > 1e-5) fail_msg("%s: %g, not %g", MANY[m], f.convergence, expected);
        }
        bs_projection_destroy(p);
    }
    bs_projection *p = make(LAMBERT);
    bs_map_factors east, west;
    bs_projection_factors(p, 110, 30, &east, NULL);
    bs_projection_factors(p, 98, 30, &west, NULL);
    assert_true(east.convergence > 0.01 && fabs(east.convergence + west.convergence) < ANGLE_ERROR);
    bs_projection_destroy(p);
}

/* Also where the two scales differ: a step along grid x on an equal-area map, measured on the sphere. */
static void test_scale_by_a_step(void **state)
{
    (void)state;
    bs_projection *p = make("+proj=laea +lat_0=30 +lon_0=104 +R=6370000");
    double x0 = 1.5e6, y0 = -1.2e6, step = 10.0;
    for (int along = 0; along < 2; along++) {
        double lon[2] = {x0 - (along == 0 ? step : 0), x0 + (along == 0 ? step : 0)};
        double lat[2] = {y0 - (along == 1 ? step : 0), y0 + (along == 1 ? step : 0)};
        bs_projection_inverse(p, 2, lon, lat);
        double clon = x0, clat = y0;
        bs_projection_inverse(p, 1, &clon, &clat);
        double east = (lon[1] - lon[0]) * DEG * cos(clat * DEG) * 6370000.0,
               north = (lat[1] - lat[0]) * DEG * 6370000.0;
        bs_map_factors f;
        bs_projection_factors(p, clon, clat, &f, NULL);
        double expected = 2 * step / hypot(east, north);
        assert_true(fabs((along ? f.along_y : f.along_x) - expected) < 1e-7); /* degrees rounded over 20 m */
        assert_true(fabs(f.along_x * f.along_y - 1.0) > 1e-6);                /* the two axes are not at right angles */
    }
    bs_projection_destroy(p);
}

static void test_lonlat(void **state)
{
    (void)state;
    bs_projection *p = make("+proj=longlat +R=6370000");
    assert_true(bs_projection_is_lonlat(p));
    bs_map_factors f;
    assert_int_equal(bs_projection_factors(p, 104, 60, &f, NULL), BS_OK);
    assert_true(fabs(f.along_x - 2.0) < 1e-14 && f.along_y == 1.0 && f.convergence == 0.0);
    double x[2] = {284.0, 1.0}, y[2] = {90.0 + 1e-12, 90.5};
    assert_int_equal(bs_projection_forward(p, 2, x, y), 1);
    assert_true(x[0] == 284.0 && y[0] == 90.0 && x[1] == HUGE_VAL && y[1] == HUGE_VAL);
    bs_projection_destroy(p);
}

static void test_outside_the_domain(void **state)
{
    (void)state;
    bs_projection *p = make(LAMBERT);
    double x[3] = {104, 104, 105}, y[3] = {30, -90, 31};
    assert_int_equal(bs_projection_forward(p, 3, x, y), 1);
    assert_true(x[1] == HUGE_VAL && y[1] == HUGE_VAL && isfinite(x[0]) && isfinite(x[2]));
    bs_map_factors f;
    bs_err err;
    assert_int_equal(bs_projection_factors(p, 104, -90, &f, &err), BS_ERR_INPUT);
    assert_non_null(strstr(err.text, "latitude -90.000000"));
    bs_projection_destroy(p);
}

static const bs_cf_attribute *find(const bs_projection *p, const char *name)
{
    int n;
    const bs_cf_attribute *a = bs_projection_cf(p, &n);
    for (int i = 0; i < n; i++) {
        if (strcmp(a[i].name, name) == 0) return &a[i];
    }
    return NULL;
}

static double number(const bs_projection *p, const char *name, int i)
{
    const bs_cf_attribute *a = find(p, name);
    assert_non_null(a);
    assert_null(a->text);
    assert_true(i < a->count);
    return a->number[i];
}

static void test_cf_lambert(void **state)
{
    (void)state;
    bs_projection *p = make("+proj=lcc +lat_1=25 +lat_2=40 +lat_0=31 +lon_0=104 +x_0=1000 +y_0=-2000 +R=6370000");
    assert_string_equal(find(p, "grid_mapping_name")->text, "lambert_conformal_conic");
    assert_int_equal(find(p, "standard_parallel")->count, 2);
    assert_true(number(p, "standard_parallel", 0) == 25 && number(p, "standard_parallel", 1) == 40);
    assert_true(number(p, "longitude_of_central_meridian", 0) == 104);
    assert_true(number(p, "latitude_of_projection_origin", 0) == 31);
    assert_true(number(p, "false_easting", 0) == 1000 && number(p, "false_northing", 0) == -2000);
    assert_true(number(p, "earth_radius", 0) == 6370000);
    assert_null(find(p, "semi_major_axis"));
    assert_non_null(strstr(find(p, "crs_wkt")->text, "PROJCRS["));
    assert_non_null(strstr(find(p, "proj4")->text, "+proj=lcc"));
    assert_null(strstr(find(p, "proj4")->text, "type=crs"));
    bs_projection_destroy(p);
    p = make("+proj=lcc +lat_1=30 +lat_0=30 +lon_0=104 +R=6370000");
    assert_int_equal(find(p, "standard_parallel")->count, 1);
    bs_projection_destroy(p);
}

static void test_cf_names(void **state)
{
    (void)state;
    static const struct {
        const char *string, *name, *attribute;
        double value;
    } rows[] = {
        {"+proj=longlat +R=6370000", "latitude_longitude", "earth_radius", 6370000},
        {"EPSG:4326", "latitude_longitude", "semi_major_axis", 6378137},
        {"EPSG:32648", "transverse_mercator", "scale_factor_at_central_meridian", 0.9996},
        {"+proj=merc +lat_ts=30 +lon_0=104 +R=6370000", "mercator", "standard_parallel", 30},
        {"+proj=merc +lon_0=104 +R=6370000", "mercator", "scale_factor_at_projection_origin", 1},
        {"+proj=stere +lat_0=-90 +lat_ts=-60 +lon_0=104 +R=6370000", "polar_stereographic",
         "latitude_of_projection_origin", -90},
        {"+proj=stere +lat_0=90 +lon_0=104 +R=6370000", "polar_stereographic", "straight_vertical_longitude_from_pole",
         104},
        {"+proj=aea +lat_1=25 +lat_2=47 +lon_0=104 +ellps=krass", "albers_conical_equal_area", "inverse_flattening",
         298.3},
    };
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
        bs_projection *p = make(rows[r].string);
        assert_string_equal(find(p, "grid_mapping_name")->text, rows[r].name);
        assert_true(fabs(number(p, rows[r].attribute, 0) - rows[r].value) <= 1e-12 * fabs(rows[r].value));
        bs_projection_destroy(p);
    }
    bs_projection *p = make("+proj=lcc +lat_1=30 +lat_0=30 +k_0=0.99 +lon_0=104 +R=6370000");
    assert_string_equal(find(p, "grid_mapping_name")->text, ""); /* CF has no scale factor for it */
    assert_null(find(p, "earth_radius"));
    assert_non_null(find(p, "crs_wkt"));
    bs_projection_destroy(p);
}

static void test_errors(void **state)
{
    (void)state;
    expect_error("", "empty");
    expect_error("+proj=foo +R=1", "Unknown projection");
    expect_error("EPSG:99999", "crs not found");
    expect_error("+proj=lcc +lat_1=30 +lat_2=-30 +R=6370000", "lat_1 + lat_2");
    expect_error("+proj=geocent +R=6370000", "neither a map projection");
    expect_error("+proj=ob_tran +o_proj=longlat +o_lon_p=0 +o_lat_p=39.25 +lon_0=18 +R=6370000", "neither a map");
    expect_error("+proj=lcc +lat_1=30 +lat_2=60 +units=km +R=6370000", "in kilometre; expected metres");
    expect_error("+proj=lcc +lat_1=30 +lat_2=60 +pm=paris", "expected Greenwich");
    assert_int_equal(bs_projection_create("+proj=foo", &(bs_projection *){NULL}, NULL), BS_ERR_INPUT);
    bs_projection_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lambert_is_snyders),
        cmocka_unit_test(test_there_and_back),
        cmocka_unit_test(test_convergence_by_a_step_north),
        cmocka_unit_test(test_scale_by_a_step),
        cmocka_unit_test(test_lonlat),
        cmocka_unit_test(test_outside_the_domain),
        cmocka_unit_test(test_cf_lambert),
        cmocka_unit_test(test_cf_names),
        cmocka_unit_test(test_errors),
    };
    return cmocka_run_group_tests_name("projection", tests, NULL, NULL);
}
