/* A tile's window of a mesh has the whole's numbers, to the bit, and points lie where they lie. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "grids/mesh/mesh.h"
#include "grids/tiles/tiles.h"

static bs_tiling six_tiles(void)
{
    bs_tiling t;
    bs_err err = {.text = ""};
    if (bs_tiling_choose(47, 41, 6, 8, &t, &err) != BS_OK) fail_msg("%s", err.text);
    return t;
}

static void same_map(const bs_tile *t, bs_map_at place, int nx_whole, const double *whole, const double *window)
{
    const int row = t->nx + bs_map_more_x(place), rows = t->ny + bs_map_more_y(place),
              row_whole = nx_whole + bs_map_more_x(place);
    for (int j = 0; j < rows; j++)
        assert_memory_equal(window + j * row, whole + (t->j0 + j) * row_whole + t->i0, sizeof *whole * (size_t)row);
}

static void windows_have_the_wholes_numbers(void **state)
{
    (void)state;
    static const char *const PROJECTION[] = {"+proj=lcc +lat_1=25 +lat_2=40 +lat_0=31 +lon_0=104 +R=6370000",
                                             "+proj=longlat +R=6370000"};
    bs_err err = {.text = ""};
    for (int p = 0; p < 2; p++) {
        const bs_mesh_spec spec = {PROJECTION[p],  47,           41, p ? 0.1 : 9000, p ? 0.08 : 9000,
                                   p ? 102 : -2e5, p ? 29 : -2e5};
        bs_mesh *whole = NULL;
        if (bs_mesh_create(&spec, &whole, &err) != BS_OK) fail_msg("%s", err.text);
        const bs_tiling tiling = six_tiles();
        for (int r = 0; r < 6; r++) {
            const bs_tile t = bs_tiling_tile(&tiling, r);
            bs_mesh *m = NULL;
            double fi, fj, fi_whole, fj_whole;
            if (bs_mesh_window(whole, &t, &m, &err) != BS_OK) fail_msg("%s", err.text);
            assert_true(m->nx == t.nx && m->ny == t.ny && m->i0 == t.i0 && m->j0 == t.j0);
            same_map(&t, BS_AT_CELLS, 47, whole->lon, m->lon), same_map(&t, BS_AT_CELLS, 47, whole->lat, m->lat);
            same_map(&t, BS_AT_CELLS, 47, whole->area, m->area);
            same_map(&t, BS_AT_CELLS, 47, whole->cos_rot, m->cos_rot);
            same_map(&t, BS_AT_CELLS, 47, whole->sin_rot, m->sin_rot);
            same_map(&t, BS_AT_CORNERS, 47, whole->lon_c, m->lon_c);
            same_map(&t, BS_AT_CORNERS, 47, whole->lat_c, m->lat_c);
            same_map(&t, BS_AT_X_FACES, 47, whole->len_xf, m->len_xf);
            same_map(&t, BS_AT_X_FACES, 47, whole->dist_xf, m->dist_xf);
            same_map(&t, BS_AT_Y_FACES, 47, whole->len_yf, m->len_yf);
            same_map(&t, BS_AT_Y_FACES, 47, whole->dist_yf, m->dist_yf);
            for (int c = 0; c < 47 * 41; c += 7) { /* a point lies in the same place, or outside */
                const bool inside = bs_mesh_locate(m, whole->lon[c], whole->lat[c], &fi, &fj);
                assert_true(bs_mesh_locate(whole, whole->lon[c], whole->lat[c], &fi_whole, &fj_whole));
                const int i = c % 47 - t.i0, j = c / 47 - t.j0;
                assert_int_equal(inside, i >= 0 && i < t.nx && j >= 0 && j < t.ny);
                if (inside) assert_true(fi + t.i0 == fi_whole && fj + t.j0 == fj_whole);
            }
            const bs_quad a = bs_mesh_quad(m, 3, 4), b = bs_mesh_quad(whole, 3 + t.j0, 4 + t.i0);
            assert_memory_equal(&a, &b, sizeof a);
            bs_mesh_destroy(m);
        }
        bs_mesh_destroy(whole);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(windows_have_the_wholes_numbers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
