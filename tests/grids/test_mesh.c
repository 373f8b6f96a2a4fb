/* Mesh: areas, lengths, rotation, continuity, locating. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "grids/mesh/mesh.h"
#include "kernels/base/constants.h"

#define DEG     (BS_PI / 180.0)
#define LAMBERT "+proj=lcc +lat_1=25 +lat_2=40 +lat_0=31 +lon_0=104 +R=6370000"
#define LONLAT  "+proj=longlat +R=6370000"

static const double SUM_ROUND = 1e-12;     /* 1: sums of thousands of areas, each to 1e-13 */
static const double MIDPOINT_ERROR = 1e-4; /* 1: factors at one point against the whole cell, and straight edges */

static bs_mesh *make(const char *projection, int nx, int ny, double d, double x0, double y0)
{
    bs_mesh_spec spec = {projection, nx, ny, d, d, x0, y0};
    bs_err err = {.text = ""};
    bs_mesh *m = NULL;
    if (bs_mesh_create(&spec, &m, &err) != BS_OK) fail_msg("%s", err.text);
    return m;
}

static void expect_error(bs_mesh_spec spec, const char *part)
{
    bs_err err = {.text = ""};
    bs_mesh *m = NULL;
    assert_int_equal(bs_mesh_create(&spec, &m, &err), BS_ERR_INPUT);
    assert_null(m);
    if (!strstr(err.text, part)) fail_msg("'%s' is not in '%s'", part, err.text);
}

static double total(const bs_mesh *m)
{
    double sum = 0.0;
    for (int n = 0; n < m->nx * m->ny; n++) sum += m->area[n];
    return sum;
}

/* Shoelace over the corners of the border: the inner edges must have cancelled. */
static double outline_area(const bs_mesh *m)
{
    int row = m->nx + 1, n = 2 * (m->nx + m->ny);
    double sum = 0.0, x0 = m->lon_c[0], y0 = bs_plane_y(m->lat_c[0]), px = 0.0, py = 0.0;
    for (int p = 0; p <= n; p++) {
        int i = p <= m->nx ? p : p <= m->nx + m->ny ? m->nx : p <= 2 * m->nx + m->ny ? 2 * m->nx + m->ny - p : 0;
        int j = p <= m->nx ? 0 : p <= m->nx + m->ny ? p - m->nx : p <= 2 * m->nx + m->ny ? m->ny : n - p;
        double x = m->lon_c[j * row + i] - x0, y = bs_plane_y(m->lat_c[j * row + i]) - y0;
        sum += 0.5 * (px * y - x * py);
        px = x;
        py = y;
    }
    return sum * bs_plane_to_m2(m->radius);
}

static void test_areas_add_up_to_the_outline(void **state)
{
    (void)state;
    bs_mesh *m = make(LAMBERT, 160, 120, 9000, -720000, -540000);
    assert_true(fabs(total(m) / outline_area(m) - 1.0) < SUM_ROUND);
    bs_mesh_destroy(m);
}

static void test_area_is_that_of_the_map_factors(void **state)
{
    (void)state;
    bs_mesh *m = make(LAMBERT, 60, 50, 27000, -810000, -675000);
    for (int n = 0; n < m->nx * m->ny; n++) {
        bs_map_factors f;
        bs_projection_factors(m->projection, m->lon[n], m->lat[n], &f, NULL);
        double expected = m->dx * m->dy / (f.along_x * f.along_y);
        assert_true(fabs(m->area[n] / expected - 1.0) < MIDPOINT_ERROR);
    }
    bs_mesh_destroy(m);
}

static void test_lonlat_areas_are_exact(void **state)
{
    (void)state;
    bs_mesh *m = make(LONLAT, 80, 60, 0.1, 100, 26);
    for (int j = 0; j < m->ny; j++) {
        double low = (26 + 0.1 * j) * DEG, high = (26 + 0.1 * (j + 1)) * DEG;
        double exact = 6370000.0 * 6370000.0 * 0.1 * DEG * 2.0 * cos(0.5 * (low + high)) * sin(0.5 * (high - low));
        for (int i = 0; i < m->nx; i++) assert_true(fabs(m->area[j * m->nx + i] / exact - 1.0) < SUM_ROUND);
    }
    bs_mesh_destroy(m);
    m = make(LONLAT, 360, 180, 1, -180, -90);
    assert_true(fabs(total(m) / (4 * BS_PI * 6370000.0 * 6370000.0) - 1.0) < SUM_ROUND);
    bs_mesh_destroy(m);
}

static double great_circle(const bs_mesh *m, double lon1, double lat1, double lon2, double lat2)
{
    double a = sin(0.5 * (lat2 - lat1) * DEG), b = sin(0.5 * (lon2 - lon1) * DEG);
    return 2 * m->radius * asin(sqrt(a * a + cos(lat1 * DEG) * cos(lat2 * DEG) * b * b));
}

static void check_lengths(const bs_mesh *m)
{
    int row = m->nx + 1;
    for (int j = 1; j < m->ny; j++) {
        for (int i = 1; i < m->nx; i++) {
            int c = j * row + i, n = j * m->nx + i;
            double xf = great_circle(m, m->lon_c[c], m->lat_c[c], m->lon_c[c + row], m->lat_c[c + row]);
            double yf = great_circle(m, m->lon_c[c], m->lat_c[c], m->lon_c[c + 1], m->lat_c[c + 1]);
            double dx = great_circle(m, m->lon[n - 1], m->lat[n - 1], m->lon[n], m->lat[n]);
            double dy = great_circle(m, m->lon[n - m->nx], m->lat[n - m->nx], m->lon[n], m->lat[n]);
            assert_true(fabs(m->len_xf[j * row + i] / xf - 1) < MIDPOINT_ERROR);
            assert_true(fabs(m->len_yf[j * m->nx + i] / yf - 1) < MIDPOINT_ERROR);
            assert_true(fabs(m->dist_xf[j * row + i] / dx - 1) < MIDPOINT_ERROR);
            assert_true(fabs(m->dist_yf[j * m->nx + i] / dy - 1) < MIDPOINT_ERROR);
        }
    }
}

static void test_lengths_are_great_circles(void **state)
{
    (void)state;
    bs_mesh *m = make(LAMBERT, 40, 30, 9000, -400000, -100000);
    check_lengths(m);
    bs_mesh_destroy(m);
    m = make(LONLAT, 40, 30, 0.1, 100, 26);
    check_lengths(m);
    bs_mesh_destroy(m);
    bs_mesh_spec oblong = {LAMBERT, 20, 10, 9000, 3000, 300000, 0};
    assert_int_equal(bs_mesh_create(&oblong, &m, NULL), BS_OK);
    check_lengths(m);
    bs_mesh_destroy(m);
}

/* A step in direction (u, v) on the ground must move along (u_grid, v_grid) on the map. */
static void check_rotation(const bs_mesh *m, double u, double v)
{
    for (int n = 0; n < m->nx * m->ny; n += 7) {
        double east = 1e-5 * u / cos(m->lat[n] * DEG), north = 1e-5 * v;
        double x[2] = {m->lon[n] - east, m->lon[n] + east}, y[2] = {m->lat[n] - north, m->lat[n] + north};
        bs_projection_forward(m->projection, 2, x, y);
        double ug = u * m->cos_rot[n] + v * m->sin_rot[n], vg = -u * m->sin_rot[n] + v * m->cos_rot[n];
        double length = hypot(x[1] - x[0], y[1] - y[0]), speed = hypot(u, v);
        assert_true(fabs((x[1] - x[0]) / length - ug / speed) < 1e-7); /* coordinates of 1e6 m rounded over 2 m */
        assert_true(fabs((y[1] - y[0]) / length - vg / speed) < 1e-7);
    }
}

static void test_wind_turns_with_the_map(void **state)
{
    (void)state;
    bs_mesh *m = make(LAMBERT, 40, 30, 27000, -100000, -400000);
    check_rotation(m, 1, 0);
    check_rotation(m, 0, 1);
    check_rotation(m, -3, 2);
    assert_true(m->sin_rot[m->nx - 1] < -0.01); /* east of the central meridian a north wind's grid u is negative */
    bs_mesh_destroy(m);
}

static void test_locate(void **state)
{
    (void)state;
    bs_mesh *m = make(LAMBERT, 40, 30, 9000, -180000, -135000);
    double fi, fj;
    for (int n = 0; n < m->nx * m->ny; n++) {
        assert_true(bs_mesh_locate(m, m->lon[n], m->lat[n], &fi, &fj));
        assert_true(fabs(fi - (n % m->nx + 0.5)) < 1e-9 && fabs(fj - (n / m->nx + 0.5)) < 1e-9); /* 1e-5 m */
    }
    assert_false(bs_mesh_locate(m, 120, 31, &fi, &fj));
    assert_false(bs_mesh_locate(m, 104, -90, &fi, &fj));
    bs_mesh_destroy(m);
    m = make(LONLAT, 20, 10, 1, 170, 0); /* across the date line */
    assert_true(bs_mesh_locate(m, -175.5, 4.5, &fi, &fj));
    assert_true(fabs(fi - 14.5) < 1e-12 && fabs(fj - 4.5) < 1e-12);
    assert_true(bs_mesh_locate(m, 530.5, 4.5, &fi, &fj) && fabs(fi - 0.5) < 1e-12);
    assert_false(bs_mesh_locate(m, -169.5, 4.5, &fi, &fj));
    assert_false(bs_mesh_locate(m, 175, 10.5, &fi, &fj));
    bs_mesh_destroy(m);
}

static void test_longitudes_are_continuous(void **state)
{
    (void)state;
    bs_mesh *m = make("+proj=lcc +lat_1=25 +lat_2=40 +lat_0=31 +lon_0=180 +R=6370000", 40, 30, 50000, -1e6, -750000);
    for (int j = 0; j <= m->ny; j++) {
        for (int i = 1; i <= m->nx; i++) {
            double step = m->lon_c[j * (m->nx + 1) + i] - m->lon_c[j * (m->nx + 1) + i - 1];
            assert_true(step > 0 && step < 1);
        }
    }
    for (int n = 0; n < m->nx * m->ny; n++) assert_true(fabs(m->lon[n] - 180.0) < 20.0);
    assert_true(fabs(total(m) / outline_area(m) - 1.0) < SUM_ROUND);
    bs_mesh_destroy(m);
}

static void test_errors(void **state)
{
    (void)state;
    expect_error((bs_mesh_spec){LAMBERT, 3, 40, 9000, 9000, 0, 0}, "3 x 40 cells; expected 4 to 100000");
    expect_error((bs_mesh_spec){LAMBERT, 40, 100001, 9000, 9000, 0, 0}, "100001 cells");
    expect_error((bs_mesh_spec){LAMBERT, 40, 40, 0, 9000, 0, 0}, "dx = 0");
    expect_error((bs_mesh_spec){LAMBERT, 40, 40, 9000, NAN, 0, 0}, "dy = nan");
    expect_error((bs_mesh_spec){LAMBERT, 40, 40, 9000, 9000, INFINITY, 0}, "x0 = inf");
    expect_error((bs_mesh_spec){"+proj=foo", 40, 40, 9000, 9000, 0, 0}, "Unknown projection");
    expect_error((bs_mesh_spec){LONLAT, 361, 40, 1, 1, 0, 0}, "361 degrees of longitude");
    expect_error((bs_mesh_spec){LONLAT, 40, 41, 1, 1, 0, 50}, "latitudes from 50 to 91");
    expect_error((bs_mesh_spec){"+proj=stere +lat_0=90 +lat_ts=60 +lon_0=104 +R=6370000", 40, 40, 50000, 50000, -990000,
                                -990000},
                 "a pole lies inside");
    expect_error((bs_mesh_spec){"+proj=laea +lat_0=30 +lon_0=104 +R=6370000", 40, 40, 1e6, 1e6, -20e6, -20e6},
                 "corner (j=0, i=0)");
    expect_error((bs_mesh_spec){LAMBERT, 40, 40, 5e5, 5e5, -10e6, 0}, "outside the domain of projection '+proj=lcc");
    bs_mesh_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_areas_add_up_to_the_outline), cmocka_unit_test(test_area_is_that_of_the_map_factors),
        cmocka_unit_test(test_lonlat_areas_are_exact),      cmocka_unit_test(test_lengths_are_great_circles),
        cmocka_unit_test(test_wind_turns_with_the_map),     cmocka_unit_test(test_locate),
        cmocka_unit_test(test_longitudes_are_continuous),   cmocka_unit_test(test_errors),
    };
    return cmocka_run_group_tests_name("mesh", tests, NULL, NULL);
}
