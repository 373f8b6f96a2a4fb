/* Regridding: conservation, constants, wrapping, linear fields, refusals. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "grids/regrid/regrid.h"
#include "kernels/base/constants.h"

#define LAMBERT "+proj=lcc +lat_1=25 +lat_2=40 +lat_0=31 +lon_0=104 +R=6370000"
#define LONLAT  "+proj=longlat +R=6370000"

static const double CONSTANT_ROUND = 1e-12; /* 1: a cell's parts against the cell, each cut rounded to 1e-14 */
static const double TOTAL_ROUND = 1e-12;    /* 1: sums over the mesh against the independent outline */
static const double LINEAR_ROUND = 1e-11;   /* a field of order 100, two differences of degrees */

typedef struct {
    int nlon, nlat;
    double *lon, *lat;
} axes;

static axes make_axes(double lon0, double dlon, int nlon, double lat0, double dlat, int nlat)
{
    axes a = {nlon, nlat, malloc((size_t)nlon * sizeof(double)), malloc((size_t)nlat * sizeof(double))};
    assert_true(a.lon && a.lat);
    for (int i = 0; i < nlon; i++) a.lon[i] = lon0 + dlon * (i + 0.5);
    for (int j = 0; j < nlat; j++) a.lat[j] = lat0 + dlat * (j + 0.5);
    return a;
}

static void free_axes(axes a)
{
    free(a.lon);
    free(a.lat);
}

static bs_mesh *make_mesh(const char *projection, int nx, int ny, double d, double x0, double y0)
{
    bs_mesh_spec spec = {projection, nx, ny, d, d, x0, y0};
    bs_err err = {.text = ""};
    bs_mesh *m = NULL;
    if (bs_mesh_create(&spec, &m, &err) != BS_OK) fail_msg("%s", err.text);
    return m;
}

static double *new_doubles(size_t n)
{
    double *a = calloc(n, sizeof *a);
    assert_non_null(a);
    return a;
}

/* A repeatable number in (0, 1). */
static double noise(size_t n)
{
    return 0.5 + 0.499 * sin(12.9898 * (double)n + 78.233);
}

/* The whole contract of conservative weights. covered: no part of the mesh is without a source cell. Returns the total
 * weight over the sphere's area, so that callers can compare configurations. */
static double check_conservative(axes a, const bs_mesh *m, bool covered)
{
    bs_lonlat_grid src = {.nlon = a.nlon, .nlat = a.nlat, .lon = a.lon, .lat = a.lat};
    size_t n_src = (size_t)a.nlon * (size_t)a.nlat, n_dst = (size_t)m->nx * (size_t)m->ny;
    double *area = new_doubles(n_src), *inside = new_doubles(n_src), *got = new_doubles(n_src);
    bs_err err = {.text = ""};
    bs_weights *w = NULL;
    if (bs_regrid_conservative(&src, m, &w, area, inside, &err) != BS_OK) fail_msg("%s", err.text);
    assert_true(w->n_src == n_src && w->n_dst == n_dst && w->row_start[0] == 0);
    double worst = 0.0, mass_in = 0.0, mass_out = 0.0, all = 0.0;
    for (size_t r = 0; r < n_dst; r++) {
        double sum = 0.0;
        for (size_t n = w->row_start[r]; n < w->row_start[r + 1]; n++) {
            assert_true(w->column[n] < n_src && w->weight[n] > 0.0);
            sum += w->weight[n];
            got[w->column[n]] += w->weight[n];
            mass_out += w->weight[n] / area[w->column[n]] * noise(w->column[n]);
        }
        worst = fmax(worst, fabs(sum / m->area[r] - 1.0));
        assert_true(sum < m->area[r] * (1.0 + CONSTANT_ROUND));
        all += sum;
    }
    if (covered && !(worst < CONSTANT_ROUND)) fail_msg("a constant is off by %g", worst);
    double worst_source = 0.0;
    for (size_t n = 0; n < n_src; n++) {
        mass_in += inside[n] * noise(n);
        worst_source = fmax(worst_source, fabs(got[n] / area[n] - inside[n]));
    }
    if (!(worst_source < TOTAL_ROUND)) fail_msg("a source cell's total is off by %g", worst_source);
    if (!(fabs(mass_out / mass_in - 1.0) < TOTAL_ROUND)) fail_msg("the total is off by %g", mass_out / mass_in - 1.0);
    print_message("    constant %.1e, source cell %.1e, total %.1e\n", worst, worst_source,
                  fabs(mass_out / mass_in - 1.0));
    bs_weights_destroy(w);
    free(area);
    free(inside);
    free(got);
    return all / (m->radius * m->radius);
}

static void test_lambert_conserves(void **state)
{
    (void)state;
    bs_mesh *m = make_mesh(LAMBERT, 40, 30, 27000, -540000, -405000);
    const double steps[] = {0.05, 0.25, 0.7, 2.5};
    double first = 0.0;
    for (int s = 0; s < 4; s++) {
        double d = steps[s];
        axes a = make_axes(95, d, (int)(18 / d) + 1, 25, d, (int)(13 / d) + 1);
        double all = check_conservative(a, m, true);
        if (s == 0) first = all;
        assert_true(fabs(all / first - 1.0) < TOTAL_ROUND);
        free_axes(a);
    }
    bs_mesh_destroy(m);
}

/* Source and mesh share edges, some to the last bit and some not: no sliver may appear or vanish. */
static void test_shared_edges(void **state)
{
    (void)state;
    bs_mesh *m = make_mesh(LONLAT, 30, 20, 0.1, 103, 29);
    axes a = make_axes(100, 0.05, 160, 26, 0.05, 160);
    check_conservative(a, m, true);
    free_axes(a);
    a = make_axes(100, 0.1, 80, 26, 0.1, 80);
    check_conservative(a, m, true);
    free_axes(a);
    a = make_axes(103, 0.3, 10, 29, 0.4, 5);
    check_conservative(a, m, true);
    free_axes(a);
    bs_mesh_destroy(m);
}

static void test_axes_in_any_order(void **state)
{
    (void)state;
    bs_mesh *m = make_mesh(LAMBERT, 20, 16, 54000, -540000, -432000);
    const double rows[][6] = {
        {95, 0.5, 36, 24, 0.5, 28},    {95, 0.5, 36, 38, -0.5, 28},     {113, -0.5, 36, 24, 0.5, 28},
        {113, -0.5, 36, 38, -0.5, 28}, {-265, 0.5, 36, 24, 0.5, 28},    {455, 0.5, 36, 38, -0.5, 28},
        {0, 0.5, 720, 90, -0.5, 360},  {-180, 0.5, 720, -90, 0.5, 360},
    };
    double first = 0.0;
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
        const double *v = rows[r];
        axes a = make_axes(v[0], v[1], (int)v[2], v[3], v[4], (int)v[5]);
        double all = check_conservative(a, m, true);
        if (r == 0) first = all;
        assert_true(fabs(all / first - 1.0) < TOTAL_ROUND);
        free_axes(a);
    }
    bs_mesh_destroy(m);
}

/* A mesh across Greenwich and one across the date line, from global axes that are cut at either. */
static void test_wrapping(void **state)
{
    (void)state;
    const char *const projections[] = {"+proj=lcc +lat_1=25 +lat_2=40 +lat_0=31 +lon_0=0 +R=6370000",
                                       "+proj=lcc +lat_1=25 +lat_2=40 +lat_0=31 +lon_0=180 +R=6370000"};
    for (int p = 0; p < 2; p++) {
        bs_mesh *m = make_mesh(projections[p], 20, 16, 54000, -540000, -432000);
        const double starts[] = {0, -180, -0.35, 20};
        for (int s = 0; s < 4; s++) {
            axes a = make_axes(starts[s], 0.7, 514, 90, -0.5, 360); /* 359.8 degrees: a gap */
            check_conservative(a, m, false);
            free_axes(a);
            a = make_axes(starts[s], 0.75, 480, 90, -0.5, 360);
            check_conservative(a, m, true);
            free_axes(a);
        }
        bs_mesh_destroy(m);
    }
    bs_mesh *m = make_mesh(LONLAT, 36, 18, 10, -180, -90);
    axes a = make_axes(0, 1.5, 240, 90, -1.5, 120);
    double all = check_conservative(a, m, true);
    assert_true(fabs(all / (4 * BS_PI) - 1.0) < TOTAL_ROUND);
    free_axes(a);
    bs_mesh_destroy(m);
}

static void test_partial_cover_is_no_error(void **state)
{
    (void)state;
    bs_mesh *m = make_mesh(LAMBERT, 20, 16, 54000, -540000, -432000);
    axes a = make_axes(103, 0.3, 10, 30, 0.3, 100);
    check_conservative(a, m, false);
    free_axes(a);
    a = make_axes(10, 0.3, 10, 30, 0.3, 10);
    bs_lonlat_grid far = {.nlon = a.nlon, .nlat = a.nlat, .lon = a.lon, .lat = a.lat};
    bs_weights *w = NULL;
    assert_int_equal(bs_regrid_conservative(&far, m, &w, NULL, NULL, NULL), BS_OK);
    assert_true(w->row_start[w->n_dst] == 0);
    bs_weights_destroy(w);
    free_axes(a);
    bs_mesh_destroy(m);
}

/* Global axes kept as float: 0.1 degree steps miss the circle by 1e-5 degrees. */
static void test_float_axis_closes(void **state)
{
    (void)state;
    bs_mesh *m = make_mesh(LONLAT, 36, 18, 10, 0, -90);
    axes a = make_axes(-180, 0.9f, 400, -90, 0.9f, 200);
    for (int i = 0; i < a.nlon; i++) a.lon[i] = (float)a.lon[i];
    check_conservative(a, m, true);
    free_axes(a);
    bs_mesh_destroy(m);
}

static void test_given_edges(void **state)
{
    (void)state;
    double lon[] = {101, 105, 106}, lon_edge[] = {100, 104, 105.5, 110}, lat[] = {33, 29}, lat_edge[] = {35, 31, 28};
    bs_lonlat_grid src = {3, 2, lon, lat, lon_edge, lat_edge};
    bs_mesh *m = make_mesh(LONLAT, 4, 4, 1, 103, 30);
    bs_weights *w = NULL;
    double area[6];
    assert_int_equal(bs_regrid_conservative(&src, m, &w, area, NULL, NULL), BS_OK);
    double band = bs_plane_y(35) - bs_plane_y(31);
    assert_true(fabs(area[1] / (1.5 * band * bs_plane_to_m2(m->radius)) - 1) < CONSTANT_ROUND);
    /* Cell (j=1, i=2): 105..106 x 31..32, half in column 1 and half in column 2 of row 0. */
    size_t r = w->row_start[6];
    assert_true(w->row_start[7] - r == 2 && w->column[r] == 1 && w->column[r + 1] == 2);
    assert_true(fabs(w->weight[r] / m->area[6] - 0.5) < CONSTANT_ROUND);
    bs_weights_destroy(w);
    bs_mesh_destroy(m);
}

static double linear(double lon, double lat)
{
    return 3.0 + 0.7 * lon - 1.3 * lat;
}

static void check_linear(axes a, size_t n, const double *lon, const double *lat, const double *turn)
{
    bs_lonlat_grid src = {.nlon = a.nlon, .nlat = a.nlat, .lon = a.lon, .lat = a.lat};
    double *field = new_doubles((size_t)a.nlon * (size_t)a.nlat), *out = new_doubles(n);
    for (int j = 0; j < a.nlat; j++) {
        for (int i = 0; i < a.nlon; i++) field[j * a.nlon + i] = linear(a.lon[i], a.lat[j]);
    }
    bs_err err = {.text = ""};
    bs_weights *w = NULL;
    if (bs_regrid_bilinear(&src, n, lon, lat, &w, &err) != BS_OK) fail_msg("%s", err.text);
    bs_weights_apply(w, field, out);
    for (size_t r = 0; r < n; r++) {
        double sum = 0.0;
        for (size_t k = w->row_start[r]; k < w->row_start[r + 1]; k++) sum += w->weight[k];
        assert_true(fabs(sum - 1.0) < 1e-15);
        assert_true(fabs(out[r] - linear(lon[r] + *turn, lat[r])) < LINEAR_ROUND);
    }
    bs_weights_destroy(w);
    free(field);
    free(out);
}

static void test_bilinear_is_exact_for_linear_fields(void **state)
{
    (void)state;
    enum { N = 200 };
    double lon[N], lat[N];
    for (int n = 0; n < N; n++) {
        lon[n] = 100.5 + 8.0 * noise((size_t)n);
        lat[n] = 27.5 + 6.0 * noise((size_t)n + 1000);
    }
    lon[0] = 100.125; /* on a centre */
    const double rows[][3] = {{100, 0.25, 0}, {110, -0.25, 0}, {-260, 0.25, -360}};
    for (int r = 0; r < 3; r++) {
        axes a = make_axes(rows[r][0], rows[r][1], 40, 27, 0.25, 30);
        check_linear(a, N, lon, lat, &rows[r][2]);
        free_axes(a);
        a = make_axes(rows[r][0], rows[r][1], 40, 34.5, -0.25, 30);
        check_linear(a, N, lon, lat, &rows[r][2]);
        free_axes(a);
    }
}

static double bilinear_at(bs_lonlat_grid src, const double *field, double lon, double lat)
{
    bs_weights *w = NULL;
    bs_err err = {.text = ""};
    if (bs_regrid_bilinear(&src, 1, &lon, &lat, &w, &err) != BS_OK) fail_msg("%s", err.text);
    double out;
    bs_weights_apply(w, field, &out);
    bs_weights_destroy(w);
    return out;
}

static void test_bilinear_between_cells(void **state)
{
    (void)state;
    enum { NX = 5, NY = 4, N = 200 };
    double field[NX * NY], fi[N], fj[N], out[N];
    for (int j = 0; j < NY; j++)
        for (int i = 0; i < NX; i++) field[j * NX + i] = 3 + 2 * (i + 0.5) - 7 * (j + 0.5);
    for (int n = 0; n < N; n++) {
        fi[n] = 0.5 + (NX - 1) * noise((size_t)n);
        fj[n] = 0.5 + (NY - 1) * noise((size_t)n + 1000);
    }
    fi[0] = fj[0] = 0.5; /* the outermost centres */
    fi[1] = NX - 0.5;
    fj[1] = NY - 0.5;
    bs_weights *w = NULL;
    bs_err err = {.text = ""};
    if (bs_regrid_bilinear_cells(NX, NY, N, fi, fj, &w, &err) != BS_OK) fail_msg("%s", err.text);
    bs_weights_apply(w, field, out);
    for (int n = 0; n < N; n++) assert_true(fabs(out[n] - (3 + 2 * fi[n] - 7 * fj[n])) < LINEAR_ROUND);
    bs_weights_destroy(w);
    const double outside[] = {0.49, NX - 0.49, NAN};
    for (int n = 0; n < 3; n++) {
        const double inside = 2;
        assert_int_equal(bs_regrid_bilinear_cells(NX, NY, 1, &outside[n], &inside, &w, &err), BS_ERR_INPUT);
        assert_null(w);
        assert_non_null(strstr(err.text, "point 0 at ("));
    }
}

static void test_bilinear_wraps_and_holds_the_edge(void **state)
{
    (void)state;
    const double lon[] = {45, 135, 225, 315}, lat[] = {-60, 0, 60}, back[] = {315, 225, 135, 45};
    const double field[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    bs_lonlat_grid src = {.nlon = 4, .nlat = 3, .lon = lon, .lat = lat};
    assert_true(fabs(bilinear_at(src, field, 0, 0) - 6.5) < 1e-14);
    assert_true(fabs(bilinear_at(src, field, -22.5, 0) - 7.25) < 1e-14);
    assert_true(fabs(bilinear_at(src, field, 337.5, 0) - 7.25) < 1e-14);
    assert_true(fabs(bilinear_at(src, field, 22.5 + 720, 0) - 5.75) < 1e-14);
    assert_true(bilinear_at(src, field, 135, 85) == 10);
    assert_true(bilinear_at(src, field, 135, -90) == 2);
    src.lon = back;
    assert_true(fabs(bilinear_at(src, field, 22.5, 0) - 7.25) < 1e-14);
    const double some[] = {100, 102, 104};
    bs_lonlat_grid part = {.nlon = 3, .nlat = 3, .lon = some, .lat = lat};
    assert_true(bilinear_at(part, field, 99.0, 0) == 4);
    assert_true(bilinear_at(part, field, 105.0, 0) == 6);
}

static void expect_text(bs_status status, const bs_err *err, const char *part)
{
    assert_int_equal(status, BS_ERR_INPUT);
    if (!strstr(err->text, part)) fail_msg("'%s' is not in '%s'", part, err->text);
}

static void bilinear_fails(bs_lonlat_grid src, double lon, double lat, const char *part)
{
    bs_weights *w = NULL;
    bs_err err = {.text = ""};
    expect_text(bs_regrid_bilinear(&src, 1, &lon, &lat, &w, &err), &err, part);
    assert_null(w);
}

/* One longitude-latitude grid over another: the weights of a mesh that has the same cells, whatever the order of the axes. */
static void test_lonlat_over_lonlat(void **state)
{
    (void)state;
    enum { NX = 7, NY = 6 };
    axes a = make_axes(461.3, 0.7, 12, 35.1, -0.45, 14), d = make_axes(102, 0.5, NX, 30, 0.5, NY);
    const bs_lonlat_grid src = {a.nlon, a.nlat, a.lon, a.lat, NULL, NULL};
    bs_lonlat_grid dst = {NX, NY, d.lon, d.lat, NULL, NULL};
    bs_mesh *m = make_mesh(LONLAT, NX, NY, 0.5, 102, 30);
    bs_weights *w = NULL, *mesh = NULL, *turned = NULL;
    bs_err err = {.text = ""};
    assert_int_equal(bs_regrid_lonlat(&src, &dst, 6370000, &w, &err), BS_OK);
    assert_int_equal(bs_regrid_conservative(&src, m, &mesh, NULL, NULL, &err), BS_OK);
    assert_int_equal(w->row_start[w->n_dst], mesh->row_start[mesh->n_dst]);
    for (size_t n = 0; n < w->row_start[w->n_dst]; n++) {
        assert_int_equal(w->column[n], mesh->column[n]);
        assert_true(fabs(w->weight[n] - mesh->weight[n]) <= 1e-9 * mesh->weight[n]); /* slivers, too */
    }
    for (int j = 0; j < NY; j++) d.lat[j] = 30 + 0.5 * (NY - j - 0.5);
    assert_int_equal(bs_regrid_lonlat(&src, &dst, 6370000, &turned, &err), BS_OK);
    for (int j = 0; j < NY; j++)
        for (int i = 0; i < NX; i++) {
            const size_t here = (size_t)(j * NX + i), there = (size_t)((NY - 1 - j) * NX + i);
            assert_int_equal(turned->row_start[here + 1] - turned->row_start[here],
                             w->row_start[there + 1] - w->row_start[there]);
        }
    bs_weights_destroy(w);
    bs_weights_destroy(mesh);
    bs_weights_destroy(turned);
    bs_mesh_destroy(m);
    free_axes(a);
    free_axes(d);
}

static void test_errors(void **state)
{
    (void)state;
    const double lon[] = {100, 102, 104}, lat[] = {30, 31, 32}, jump[] = {170, 179, -175}, same[] = {1, 1, 2};
    const double twice[] = {0, 120, 240, 360}, high[] = {70, 80, 95}, edge[] = {99, 101, 103, 105},
                 off[] = {99, 99.5, 103, 105};
    const double nan_axis[] = {1, NAN, 3};
    bs_lonlat_grid good = {.nlon = 3, .nlat = 3, .lon = lon, .lat = lat};
    bilinear_fails(good, 98.9, 31,
                   "point 0 at longitude 98.900000, latitude 31.000000 lies outside the source, which covers "
                   "longitudes 99.000000 to 105.000000 and latitudes 29.500000 to 32.500000");
    bilinear_fails(good, 102, 32.6, "outside the source");
    bilinear_fails(good, NAN, 31, "outside the source");
    bilinear_fails(good, 102, NAN, "outside the source");
    bs_lonlat_grid g = good;
    g.lon = jump;
    bilinear_fails(g, 102, 31,
                   "longitude axis: not strictly monotonic: centre 2 is -175 after 179; expected it to rise");
    g.lon = same;
    bilinear_fails(g, 102, 31, "centre 1 is 1 after 1");
    g.lon = nan_axis;
    bilinear_fails(g, 102, 31, "longitude axis: centre 1 is not a number");
    g = good;
    g.lat = same;
    bilinear_fails(g, 102, 31, "latitude axis: not strictly monotonic");
    g.lat = high;
    bilinear_fails(g, 102, 31, "latitude axis: it runs from 70 to 95 degrees");
    g = (bs_lonlat_grid){.nlon = 4, .nlat = 3, .lon = twice, .lat = lat};
    bilinear_fails(g, 102, 31, "more than the whole circle");
    g = (bs_lonlat_grid){.nlon = 1, .nlat = 3, .lon = lon, .lat = lat};
    bilinear_fails(g, 102, 31, "longitude axis: 1 points without edges");
    g = good;
    g.lon_edge = edge;
    bs_weights *w = NULL;
    assert_int_equal(bs_regrid_bilinear(&g, 1, (double[]){102}, (double[]){31}, &w, NULL), BS_OK);
    bs_weights_destroy(w);
    g.lon_edge = off;
    bilinear_fails(g, 102, 31, "centre 0 is 100, outside its cell's edges 99 and 99.5");
    g.lon_edge = nan_axis;
    bilinear_fails(g, 102, 31, "longitude axis: edge 1 is not a number");
    bs_mesh *m = make_mesh(LONLAT, 4, 4, 1, 100, 30);
    bs_err err = {.text = ""};
    expect_text(bs_regrid_conservative(&g, m, &w, NULL, NULL, &err), &err, "longitude axis");
    assert_null(w);
    bs_mesh_destroy(m);
    bs_weights_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lambert_conserves),
        cmocka_unit_test(test_shared_edges),
        cmocka_unit_test(test_axes_in_any_order),
        cmocka_unit_test(test_wrapping),
        cmocka_unit_test(test_partial_cover_is_no_error),
        cmocka_unit_test(test_float_axis_closes),
        cmocka_unit_test(test_given_edges),
        cmocka_unit_test(test_bilinear_is_exact_for_linear_fields),
        cmocka_unit_test(test_bilinear_between_cells),
        cmocka_unit_test(test_bilinear_wraps_and_holds_the_edge),
        cmocka_unit_test(test_lonlat_over_lonlat),
        cmocka_unit_test(test_errors),
    };
    return cmocka_run_group_tests_name("regrid", tests, NULL, NULL);
}
