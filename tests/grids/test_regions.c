/* Regions: shares of cells, tilings, holes, mending, refusals. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "grids/regions/regions.h"
#include "grids/regrid/regrid.h"
#include "kernels/base/constants.h"

#define LAMBERT "+proj=lcc +lat_1=25 +lat_2=40 +lat_0=31 +lon_0=104 +R=6370000"
#define LONLAT  "+proj=longlat +R=6370000"

static const double SHARE_ROUND = 1e-12; /* 1: overlays of polygons with coordinates of order 10 and cells of 0.1 */

enum { POINTS_MAX = 5000, RINGS_MAX = 8, SIDE = 1000 };

/* A shape that is filled ring by ring. */
typedef struct {
    size_t polygon_start[RINGS_MAX + 1], ring_start[RINGS_MAX + 1];
    double lon[POINTS_MAX], lat[POINTS_MAX];
    bs_region_shape shape;
} sketch;

static void add_ring(sketch *s, bool new_polygon, size_t n, const double (*points)[2])
{
    bs_region_shape *h = &s->shape;
    *h = (bs_region_shape){
        h->n_polygons + new_polygon, h->n_rings + 1, h->n_points + n, s->polygon_start, s->ring_start, s->lon, s->lat};
    assert_true(h->n_points <= POINTS_MAX && h->n_rings <= RINGS_MAX);
    size_t first = s->ring_start[h->n_rings - 1];
    for (size_t p = 0; p < n; p++) {
        s->lon[first + p] = points[p][0];
        s->lat[first + p] = points[p][1];
    }
    s->ring_start[h->n_rings] = h->n_points;
    s->polygon_start[h->n_polygons] = h->n_rings;
}

static void add_box(sketch *s, bool new_polygon, double west, double south, double east, double north)
{
    const double points[5][2] = {{west, south}, {east, south}, {east, north}, {west, north}, {west, south}};
    add_ring(s, new_polygon, 5, points);
}

static bs_mesh *make_mesh(const char *projection, int nx, int ny, double d, double x0, double y0)
{
    bs_mesh_spec spec = {projection, nx, ny, d, d, x0, y0};
    bs_err err = {.text = ""};
    bs_mesh *m = NULL;
    if (bs_mesh_create(&spec, &m, &err) != BS_OK) fail_msg("%s", err.text);
    return m;
}

static bs_region_mask *make_mask(const bs_region_shape *shape, const bs_mesh *m, bool expect_mended)
{
    bs_err err = {.text = ""};
    bs_region_mask *mask = NULL;
    bool mended = !expect_mended;
    if (bs_region_mask_create(shape, m, &mask, &mended, &err) != BS_OK) fail_msg("%s", err.text);
    assert_int_equal(mended, expect_mended);
    for (size_t n = 0; n < mask->n; n++) {
        assert_true(mask->fraction[n] > 0.0 && mask->fraction[n] <= 1.0);
        assert_true(mask->cell[n] < (size_t)m->nx * (size_t)m->ny && (n == 0 || mask->cell[n] > mask->cell[n - 1]));
    }
    return mask;
}

static double share(const bs_region_mask *mask, size_t cell)
{
    for (size_t n = 0; n < mask->n; n++) {
        if (mask->cell[n] == cell) return mask->fraction[n];
    }
    return 0.0;
}

static double box_area(const bs_mesh *m, double west, double south, double east, double north)
{
    return (east - west) * (bs_plane_y(north) - bs_plane_y(south)) * bs_plane_to_m2(m->radius);
}

static void test_half_a_cell(void **state)
{
    (void)state;
    bs_mesh *m = make_mesh(LONLAT, 8, 6, 1, 100, 28);
    sketch s = {0};
    add_box(&s, true, 102.5, 30, 104, 31);
    bs_region_mask *mask = make_mask(&s.shape, m, false);
    assert_int_equal(mask->n, 2);
    assert_int_equal(mask->cell[0], 2 * 8 + 2);
    assert_true(fabs(mask->fraction[0] - 0.5) < SHARE_ROUND && fabs(mask->fraction[1] - 1.0) < SHARE_ROUND);
    double area = box_area(m, 102.5, 30, 104, 31);
    assert_true(fabs(mask->area / area - 1) < SHARE_ROUND && fabs(mask->full_area / area - 1) < SHARE_ROUND);
    bs_region_mask_destroy(mask);
    bs_mesh_destroy(m);
}

static void test_a_cell_wholly_inside_is_one(void **state)
{
    (void)state;
    bs_mesh *m = make_mesh(LAMBERT, 30, 20, 27000, -405000, -270000);
    sketch s = {0};
    add_box(&s, true, 90, 20, 120, 45);
    bs_region_mask *mask = make_mask(&s.shape, m, false);
    assert_int_equal(mask->n, 600);
    for (size_t n = 0; n < mask->n; n++) assert_true(mask->fraction[n] == 1.0);
    bs_region_mask_destroy(mask);
    bs_mesh_destroy(m);
}

/* Triangles round a point, with shared borders that cut cells anywhere, tile a square larger than the mesh. */
static void test_tiles_add_up_to_one(void **state)
{
    (void)state;
    bs_mesh *m = make_mesh(LAMBERT, 30, 20, 27000, -405000, -270000);
    const double rim[][2] = {{90, 20},    {101.37, 20}, {120, 20},  {120, 33.3}, {120, 45},
                             {97.77, 45}, {90, 45},     {90, 29.2}, {90, 20}};
    double *sum = calloc(600, sizeof *sum), area = 0.0, full = 0.0;
    assert_non_null(sum);
    for (int t = 0; t < 8; t++) {
        const double triangle[4][2] = {
            {104.123, 31.456}, {rim[t][0], rim[t][1]}, {rim[t + 1][0], rim[t + 1][1]}, {104.123, 31.456}};
        sketch s = {0};
        add_ring(&s, true, 4, triangle);
        bs_region_mask *mask = make_mask(&s.shape, m, false);
        assert_true(mask->n > 0 && mask->n < 600);
        for (size_t n = 0; n < mask->n; n++) sum[mask->cell[n]] += mask->fraction[n];
        area += mask->area;
        full += mask->full_area;
        bs_region_mask_destroy(mask);
    }
    double mesh_area = 0.0;
    for (int n = 0; n < 600; n++) {
        assert_true(fabs(sum[n] - 1.0) < SHARE_ROUND);
        mesh_area += m->area[n];
    }
    assert_true(fabs(area / mesh_area - 1.0) < SHARE_ROUND);
    assert_true(fabs(full / box_area(m, 90, 20, 120, 45) - 1.0) < SHARE_ROUND);
    free(sum);
    bs_mesh_destroy(m);
}

static void test_holes_and_islands(void **state)
{
    (void)state;
    bs_mesh *m = make_mesh(LONLAT, 8, 6, 1, 100, 28);
    sketch s = {0};
    add_box(&s, true, 101, 29, 104, 32);
    add_box(&s, false, 102, 30, 103, 30.5); /* a hole */
    add_box(&s, true, 106.25, 29, 107, 30); /* an island */
    bs_region_mask *mask = make_mask(&s.shape, m, false);
    double lower = bs_plane_y(30.5) - bs_plane_y(30), cell = bs_plane_y(31) - bs_plane_y(30);
    assert_int_equal(mask->n, 10);
    assert_true(fabs(share(mask, 2 * 8 + 2) - (1 - lower / cell)) < SHARE_ROUND);
    assert_true(fabs(share(mask, 1 * 8 + 6) - 0.75) < SHARE_ROUND);
    assert_true(share(mask, 1 * 8 + 1) == 1.0 && share(mask, 4 * 8 + 1) == 0.0);
    bs_region_mask_destroy(mask);
    bs_mesh_destroy(m);
}

/* The same box with so many points on its sides that the polygon is cut row by row. */
static void add_dense_box(sketch *s, bool new_polygon, double west, double south, double east, double north)
{
    static double points[4 * SIDE + 1][2];
    for (int p = 0; p < SIDE; p++) {
        double along = (double)p / SIDE, x = west + along * (east - west), y = south + along * (north - south);
        const double sides[4][2] = {{x, south}, {east, y}, {east + west - x, north}, {west, north + south - y}};
        for (int side = 0; side < 4; side++) {
            points[side * SIDE + p][0] = sides[side][0];
            points[side * SIDE + p][1] = sides[side][1];
        }
    }
    points[4 * SIDE][0] = west;
    points[4 * SIDE][1] = south;
    add_ring(s, new_polygon, 4 * SIDE + 1, (const double(*)[2])points);
}

/* Row 2 meets one part in cells and the others only along a line and in a point. */
static void test_parts_that_only_touch_a_row(void **state)
{
    (void)state;
    bs_mesh *m = make_mesh(LONLAT, 8, 6, 1, 100, 28);
    for (int dense = 0; dense < 2; dense++) {
        sketch s = {0};
        (dense ? add_dense_box : add_box)(&s, true, 101.5, 30, 102, 31);
        add_box(&s, true, 103, 31, 104, 32);
        const double tip[4][2] = {{105.5, 31}, {106, 31.5}, {105, 31.5}, {105.5, 31}};
        add_ring(&s, true, 4, tip);
        bs_region_mask *mask = make_mask(&s.shape, m, false);
        assert_int_equal(mask->n, 3);
        assert_true(fabs(share(mask, 2 * 8 + 1) - 0.5) < SHARE_ROUND);
        assert_true(fabs(share(mask, 3 * 8 + 3) - 1) < SHARE_ROUND);
        assert_true(fabs(mask->area / mask->full_area - 1) < SHARE_ROUND);
        bs_region_mask_destroy(mask);
    }
    bs_mesh_destroy(m);
}

/* Cut row by row on a curved mesh, nothing is lost or counted twice. */
static void test_many_points(void **state)
{
    (void)state;
    bs_mesh *m = make_mesh(LAMBERT, 30, 20, 27000, -405000, -270000);
    sketch dense = {0}, plain = {0};
    add_dense_box(&dense, true, 101.234, 29.5, 106.789, 32.345);
    add_box(&plain, true, 101.234, 29.5, 106.789, 32.345);
    bs_region_mask *a = make_mask(&dense.shape, m, false), *b = make_mask(&plain.shape, m, false);
    assert_int_equal(a->n, b->n);
    for (size_t n = 0; n < a->n; n++) {
        assert_int_equal(a->cell[n], b->cell[n]);
        assert_true(fabs(a->fraction[n] - b->fraction[n]) < SHARE_ROUND);
    }
    assert_true(fabs(a->area / a->full_area - 1) < SHARE_ROUND);
    bs_region_mask_destroy(a);
    bs_region_mask_destroy(b);
    bs_mesh_destroy(m);
}

static void test_region_reaches_beyond_the_mesh(void **state)
{
    (void)state;
    bs_mesh *m = make_mesh(LONLAT, 8, 6, 1, 100, 28);
    sketch s = {0};
    add_box(&s, true, 107, 33, 120, 50);
    bs_region_mask *mask = make_mask(&s.shape, m, false);
    assert_true(mask->n == 1 && fabs(mask->fraction[0] - 1.0) < SHARE_ROUND);
    assert_true(fabs(mask->area / box_area(m, 107, 33, 108, 34) - 1) < SHARE_ROUND);
    assert_true(fabs(mask->full_area / box_area(m, 107, 33, 120, 50) - 1) < SHARE_ROUND);
    bs_region_mask_destroy(mask);
    sketch far = {0};
    add_box(&far, true, 10, 10, 20, 20);
    mask = make_mask(&far.shape, m, false);
    assert_true(mask->n == 0 && mask->area == 0.0 && mask->full_area > 0.0);
    bs_region_mask_destroy(mask);
    bs_mesh_destroy(m);
}

static void test_any_turn_of_longitude(void **state)
{
    (void)state;
    bs_mesh *m = make_mesh(LONLAT, 8, 6, 1, 176, 28);
    const double starts[] = {178.5, -181.5, 538.5};
    for (int t = 0; t < 3; t++) {
        sketch s = {0};
        add_box(&s, true, starts[t], 30, starts[t] + 3, 31);
        bs_region_mask *mask = make_mask(&s.shape, m, false);
        assert_int_equal(mask->n, 4);
        assert_true(fabs(mask->fraction[0] - 0.5) < SHARE_ROUND && fabs(mask->fraction[3] - 0.5) < SHARE_ROUND);
        bs_region_mask_destroy(mask);
    }
    bs_mesh_destroy(m);
    m = make_mesh(LONLAT, 36, 18, 10, -180, -90); /* a region over the seam of a global mesh */
    sketch s = {0};
    add_box(&s, true, 175, 0, 185, 10);
    bs_region_mask *mask = make_mask(&s.shape, m, false);
    assert_true(mask->n == 2 && fabs(share(mask, 9 * 36) - 0.5) < SHARE_ROUND &&
                fabs(share(mask, 9 * 36 + 35) - 0.5) < SHARE_ROUND);
    bs_region_mask_destroy(mask);
    bs_mesh_destroy(m);
}

static void test_invalid_shapes_are_mended(void **state)
{
    (void)state;
    bs_mesh *m = make_mesh(LONLAT, 8, 6, 1, 100, 28);
    const double bow_tie[5][2] = {{101, 0}, {103, 0}, {101, 1}, {103, 1}, {101, 0}};
    sketch s = {0};
    add_ring(&s, true, 5, bow_tie);
    bs_region_mask *mask = make_mask(&s.shape, m, true);
    double half = 0.5 * box_area(m, 101, 0, 103, 1); /* both lobes of the bow-tie */
    assert_true(fabs(mask->full_area / half - 1) < SHARE_ROUND);
    bs_region_mask_destroy(mask);
    sketch o = {0};
    add_box(&o, true, 101, 29, 103, 31);
    add_box(&o, true, 102, 29, 104, 31); /* parts that overlap count once */
    mask = make_mask(&o.shape, m, true);
    assert_int_equal(mask->n, 6);
    assert_true(fabs(mask->area / box_area(m, 101, 29, 104, 31) - 1) < SHARE_ROUND);
    bs_region_mask_destroy(mask);
    sketch h = {0};
    add_box(&h, true, 101, 29, 103, 31);
    add_box(&h, false, 102, 30, 104, 32); /* a hole that leaves its outline takes away and never adds */
    mask = make_mask(&h.shape, m, true);
    assert_int_equal(mask->n, 3);
    assert_true(share(mask, 2 * 8 + 2) == 0.0 && share(mask, 2 * 8 + 3) == 0.0);
    bs_region_mask_destroy(mask);
    bs_mesh_destroy(m);
}

static void test_source_fractions(void **state)
{
    (void)state;
    const double lon[] = {100.5, 101.5, 102.5, 103.5}, west[] = {-256.5, -257.5, -258.5, -259.5},
                 lat[] = {31.5, 30.5, 29.5};
    bs_lonlat_grid grids[] = {{.nlon = 4, .nlat = 3, .lon = lon, .lat = lat},
                              {.nlon = 4, .nlat = 3, .lon = west, .lat = lat}};
    sketch s = {0};
    add_box(&s, true, 101.25, 29, 103, 31);
    for (int g = 0; g < 2; g++) {
        double fraction[12];
        assert_int_equal(bs_region_source_fractions(&s.shape, &grids[g], fraction, NULL), BS_OK);
        for (int j = 0; j < 3; j++) {
            for (int i = 0; i < 4; i++) {
                int eastward = g ? 3 - i : i;
                double expected = j == 0 ? 0.0 : eastward == 1 ? 0.75 : eastward == 2 ? 1.0 : 0.0;
                assert_true(fabs(fraction[j * 4 + i] - expected) < SHARE_ROUND);
            }
        }
    }
}

static void region_fails(const bs_region_shape *shape, const char *part)
{
    bs_mesh *m = make_mesh(LONLAT, 8, 6, 1, 100, 28);
    bs_err err = {.text = ""};
    bs_region_mask *mask = NULL;
    assert_int_equal(bs_region_mask_create(shape, m, &mask, NULL, &err), BS_ERR_INPUT);
    assert_null(mask);
    if (!strstr(err.text, part)) fail_msg("'%s' is not in '%s'", part, err.text);
    const double lon[] = {100, 101}, lat[] = {30, 31};
    bs_lonlat_grid grid = {.nlon = 2, .nlat = 2, .lon = lon, .lat = lat};
    double fraction[4];
    assert_int_equal(bs_region_source_fractions(shape, &grid, fraction, NULL), BS_ERR_INPUT);
    bs_mesh_destroy(m);
}

/* Two regions side by side whose common border runs through cells at 3/4 of their width, and nothing in the east. */
static void test_dominant(void **state)
{
    (void)state;
    bs_mesh *m = make_mesh(LONLAT, 6, 4, 0.1, 100, 30);
    sketch s[2] = {{.shape = {0}}, {.shape = {0}}};
    int label[24];
    bs_err err = {.text = ""};
    add_box(&s[0], true, 99.9, 29.9, 100.275, 30.5);
    add_box(&s[1], true, 100.275, 29.9, 100.44, 30.5);
    bs_region_mask *a = make_mask(&s[0].shape, m, false), *b = make_mask(&s[1].shape, m, false);
    assert_int_equal(bs_region_dominant(2, (const bs_region_mask *[]){a, b}, 24, label, &err), BS_OK);
    for (int c = 0; c < 24; c++) /* cell 4 is region 1's by 0.4, nobody's by 0.6 */
        assert_int_equal(label[c], c % 6 < 3 ? 0 : c % 6 == 3 ? 1 : 2);
    assert_int_equal(bs_region_dominant(2, (const bs_region_mask *[]){b, a}, 24, label, &err), BS_OK);
    for (int c = 0; c < 24; c++) assert_int_equal(label[c], c % 6 < 3 ? 1 : c % 6 == 3 ? 0 : 2);
    assert_int_equal(bs_region_dominant(2, (const bs_region_mask *[]){NULL, a}, 24, label, &err), BS_OK);
    for (int c = 0; c < 24; c++) assert_int_equal(label[c], c % 6 < 3 ? 1 : 2);
    assert_int_equal(bs_region_dominant(2, (const bs_region_mask *[]){a, a}, 24, label, &err), BS_OK);
    assert_int_equal(label[0], 0); /* the first of those that have the same share */
    bs_region_mask_destroy(a);
    bs_region_mask_destroy(b);
    bs_mesh_destroy(m);
}

/* Two regions that share a crooked border, one reaching beyond the mesh, and the rest: what cells and source cells share adds up by
 * region and by entry, and to the measure that knows no cells. */
static void test_overlaps(void **state)
{
    (void)state;
    enum { N_LON = 30, N_LAT = 40, REGIONS = 2 };
    static sketch a, b;
    memset(&a, 0, sizeof a);
    memset(&b, 0, sizeof b);
    add_ring(&a, true, 5,
             (const double[][2]){{102.1, 29.1}, {104.33, 29.4}, {104.0, 31.7}, {102.4, 31.9}, {102.1, 29.1}});
    add_ring(&b, true, 5,
             (const double[][2]){{104.33, 29.4}, {109.0, 29.0}, {109.0, 31.5}, {104.0, 31.7}, {104.33, 29.4}});
    bs_mesh *m = make_mesh(LAMBERT, 40, 36, 10000, -200000, -200000);
    double lon[N_LON], lat[N_LAT];
    for (int i = 0; i < N_LON; i++) lon[i] = 461.57 + 0.2 * i; /* another turn */
    for (int j = 0; j < N_LAT; j++) lat[j] = 33.57 - 0.13 * j; /* falling */
    const bs_lonlat_grid src = {N_LON, N_LAT, lon, lat, NULL, NULL};
    static double area[N_LON * N_LAT], inside[N_LON * N_LAT], of[REGIONS][N_LON * N_LAT];
    bs_weights *w = NULL;
    bs_err err = {.text = ""};
    assert_int_equal(bs_regrid_conservative(&src, m, &w, area, inside, &err), BS_OK);
    const size_t n = w->row_start[w->n_dst];
    double *part = calloc(REGIONS * n, sizeof *part), *sum = calloc(N_LON * N_LAT, sizeof *sum);
    assert_true(part && sum);
    bs_region_shape *shape[REGIONS] = {&a.shape, &b.shape};
    for (int r = 0; r < REGIONS; r++) {
        bs_region_mask *mask = make_mask(shape[r], m, false);
        double *mine = part + (size_t)r * n, whole = 0;
        assert_int_equal(bs_region_overlaps(shape[r], mask, &src, m, w, mine, &err), BS_OK);
        for (size_t k = 0; k < mask->n; k++) {
            double cell = 0;
            for (size_t e = w->row_start[mask->cell[k]]; e < w->row_start[mask->cell[k] + 1]; e++) cell += mine[e];
            assert_true(fabs(cell - mask->fraction[k] * m->area[mask->cell[k]]) <= 1e-11 * m->area[mask->cell[k]]);
        }
        assert_int_equal(bs_region_domain_fractions(shape[r], &src, m, of[r], &err), BS_OK);
        memset(sum, 0, N_LON * N_LAT * sizeof *sum);
        for (size_t e = 0; e < n; e++) sum[w->column[e]] += mine[e];
        for (size_t e = 0; e < n; e++) whole += mine[e];
        for (int s = 0; s < N_LON * N_LAT; s++) assert_true(fabs(sum[s] - of[r][s] * area[s]) <= 1e-11 * area[s]);
        assert_true(fabs(whole - mask->area) <= 1e-11 * mask->area && mask->area < mask->full_area * (r ? 0.9 : 1.1));
        bs_region_mask_destroy(mask);
    }
    for (size_t e = 0; e < n; e++) assert_true(part[e] + part[n + e] <= w->weight[e] * (1 + 1e-9));
    bs_weights_destroy(w);
    bs_mesh_destroy(m);
    free(part);
    free(sum);
}

static void test_errors(void **state)
{
    (void)state;
    region_fails(&(bs_region_shape){0}, "region: it is empty");
    const double line[5][2] = {{101, 29}, {103, 29}, {102, 29}, {101.5, 29}, {101, 29}};
    sketch flat = {0};
    add_ring(&flat, true, 5, line);
    region_fails(&flat.shape, "region: polygon: it encloses no area");
    sketch shorter = {0};
    add_ring(&shorter, true, 3, line);
    region_fails(&shorter.shape, "ring 0 has 3 points; expected at least 4");
    sketch open = {0};
    add_ring(&open, true, 4, line);
    region_fails(&open.shape, "ring 0 is not closed");
    sketch swapped = {0};
    add_box(&swapped, true, 29, 101, 31, 103);
    region_fails(&swapped.shape, "point 0 is (29, 101); expected longitude and latitude in degrees, in that order");
    sketch nan = {0};
    add_box(&nan, true, 101, NAN, 102, 30);
    region_fails(&nan.shape, "point 0 is (101, nan)");
    sketch jump = {0};
    add_box(&jump, true, 179, 29, -179, 30);
    region_fails(&jump.shape, "longitude jumps from 179 to -179 at point 1");
    sketch ringless = {0};
    add_box(&ringless, true, 101, 29, 102, 30);
    ringless.shape.n_polygons = 2;
    ringless.polygon_start[2] = 1;
    region_fails(&ringless.shape, "part 1 has no rings");
    sketch lost = {0};
    add_box(&lost, true, 101, 29, 102, 30);
    lost.ring_start[1] = 6;
    region_fails(&lost.shape, "rings or points that are not there");
    sketch good = {0};
    add_box(&good, true, 101, 29, 102, 30);
    const double lon[] = {100, 100}, lat[] = {30, 31};
    bs_lonlat_grid grid = {.nlon = 2, .nlat = 2, .lon = lon, .lat = lat};
    bs_err err = {.text = ""};
    assert_int_equal(bs_region_source_fractions(&good.shape, &grid, (double[4]){0}, &err), BS_ERR_INPUT);
    assert_non_null(strstr(err.text, "longitude axis: not strictly monotonic"));
    bs_region_mask_destroy(NULL);
}

static void test_places(void **state)
{
    (void)state;
    sketch s = {0};
    add_box(&s, true, 103, 29, 105, 31);
    const double hole[5][2] = {{103.5, 29.5}, {104, 29.5}, {104, 30}, {103.5, 30}, {103.5, 29.5}};
    add_ring(&s, false, 5, hole);
    add_box(&s, true, 106, 29, 107, 30);
    const double lon[] = {103.2, 103.7, 105, 105.5, 106.5, 106.5, 104.5 - 360, 104.5 + 720, 103};
    const double lat[] = {29.2, 29.7, 30, 30, 29.5, 30.5, 30.5, 30.5, 29};
    const bool expected[] = {true, false, true, false, true, false, true, true, true};
    enum { PLACES = sizeof lon / sizeof lon[0] };
    bool inside[PLACES];
    bs_err err = {.text = ""};
    if (bs_region_holds(&s.shape, PLACES, lon, lat, inside, &err) != BS_OK) fail_msg("%s", err.text);
    for (int p = 0; p < PLACES; p++)
        if (inside[p] != expected[p]) fail_msg("place %d (%g, %g)", p, lon[p], lat[p]);
    assert_int_equal(bs_region_holds(&s.shape, 0, NULL, NULL, NULL, &err), BS_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_half_a_cell),
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_a_cell_wholly_inside_is_one),
        cmocka_unit_test(test_tiles_add_up_to_one),
        cmocka_unit_test(test_holes_and_islands),
        cmocka_unit_test(test_parts_that_only_touch_a_row),
        cmocka_unit_test(test_many_points),
        cmocka_unit_test(test_region_reaches_beyond_the_mesh),
        cmocka_unit_test(test_any_turn_of_longitude),
        cmocka_unit_test(test_invalid_shapes_are_mended),
        cmocka_unit_test(test_source_fractions),
        cmocka_unit_test(test_dominant),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_overlaps),
    };
    return cmocka_run_group_tests_name("regions", tests, NULL, NULL);
}
