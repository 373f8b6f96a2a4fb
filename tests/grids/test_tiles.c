/* Tiles: own parts fill the mesh once, rims lie in the next neighbours alone, maps are cut and given as promised. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "grids/tiles/tiles.h"

typedef struct split {
    int nx, ny, ranks, overlap;
} split;

static const split SPLITS[] = {{31, 23, 1, 8}, {31, 23, 2, 8},   {31, 23, 4, 8},        {31, 23, 6, 8}, {24, 16, 6, 8},
                               {23, 31, 6, 7}, {100, 10, 12, 8}, {1500, 1000, 4096, 8}, {9, 9, 4, 2},   {40, 40, 3, 9}};
enum { N_SPLITS = sizeof SPLITS / sizeof *SPLITS };

static bs_tiling choose(const split *s)
{
    bs_tiling t;
    bs_err err;
    assert_int_equal(bs_tiling_choose(s->nx, s->ny, s->ranks, s->overlap, &t, &err), BS_OK);
    assert_int_equal(t.px * t.py, s->ranks);
    return t;
}

static void own_parts_fill_the_mesh(void **state)
{
    (void)state;
    for (int n = 0; n < N_SPLITS; n++) {
        const split *s = &SPLITS[n];
        const bs_tiling t = choose(s);
        unsigned char *seen = calloc((size_t)s->nx * (size_t)s->ny, 1);
        assert_non_null(seen);
        int least[2] = {s->nx, s->ny}, most[2] = {0, 0};
        for (int r = 0; r < s->ranks; r++) {
            const bs_tile tile = bs_tiling_tile(&t, r);
            const int size[2] = {tile.own.i1 - tile.own.i0, tile.own.j1 - tile.own.j0};
            for (int d = 0; d < 2; d++) {
                least[d] = size[d] < least[d] ? size[d] : least[d];
                most[d] = size[d] > most[d] ? size[d] : most[d];
            }
            for (int j = tile.own.j0; j < tile.own.j1; j++)
                for (int i = tile.own.i0; i < tile.own.i1; i++) seen[(tile.j0 + j) * s->nx + tile.i0 + i]++;
        }
        for (int c = 0; c < s->nx * s->ny; c++) assert_int_equal(seen[c], 1);
        for (int d = 0; d < 2; d++) assert_true(most[d] - least[d] <= 1);
        free(seen);
    }
}

/* A tile knows `overlap` cells beyond its own, less where the mesh ends; there its own cells reach the end. To the west it sees whole lines
 * of cache before its own, where the mesh has them. */
static void rims(void **state)
{
    (void)state;
    for (int n = 0; n < N_SPLITS; n++) {
        const split *s = &SPLITS[n];
        const bs_tiling t = choose(s);
        for (int r = 0; r < s->ranks; r++) {
            const bs_tile tile = bs_tiling_tile(&t, r);
            const bs_window known = bs_tile_known(&tile, &t);
            const int west = tile.own.i0, east = tile.nx - tile.own.i1, south = tile.own.j0,
                      north = tile.ny - tile.own.j1, begin = tile.i0 + west,
                      lines = (t.overlap + BS_BOX_LINE - 1) / BS_BOX_LINE * BS_BOX_LINE;
            assert_int_equal(west, r % t.px == 0 ? 0 : begin >= lines ? lines : t.overlap);
            assert_int_equal(known.i0, r % t.px == 0 ? 0 : west - t.overlap);
            assert_true(known.i1 == tile.nx && known.j0 == 0 && known.j1 == tile.ny);
            assert_int_equal(east, r % t.px == t.px - 1 ? 0 : t.overlap);
            assert_int_equal(south, r / t.px == 0 ? 0 : t.overlap);
            assert_int_equal(north, r / t.px == t.py - 1 ? 0 : t.overlap);
            assert_true(tile.i0 >= 0 && tile.i0 + tile.nx <= s->nx && tile.j0 >= 0 && tile.j0 + tile.ny <= s->ny);
        }
    }
}

static void too_many_ranks(void **state)
{
    (void)state;
    bs_tiling t;
    bs_err err;
    assert_int_equal(bs_tiling_choose(31, 23, 7, 8, &t, &err), BS_ERR_INPUT);
    assert_non_null(strstr(err.text, "7 ranks are too many for 31 x 23 cells"));
    assert_non_null(strstr(err.text, "take 6,"));
    assert_int_equal(bs_tiling_choose(5, 5, 4, 1, &t, &err), BS_ERR_INPUT); /* 4 cells at least */
    assert_int_equal(bs_tiling_choose(31, 23, 1, 100, &t, &err), BS_OK);
}

/* The shorter rims win. */
static void shape(void **state)
{
    (void)state;
    const bs_tiling wide = choose(&(split){100, 40, 4, 8}), tall = choose(&(split){40, 100, 4, 8}),
                    even = choose(&(split){60, 60, 4, 8});
    assert_int_equal(wide.px, 4);
    assert_int_equal(tall.py, 4);
    assert_int_equal(even.px, 2);
}

static const bs_map_at PLACES[] = {BS_AT_CELLS, BS_AT_X_FACES, BS_AT_Y_FACES, BS_AT_CORNERS};

/* A map cut into tiles and put together from what they give is the map, each value given once. */
static void cut_and_give(void **state)
{
    (void)state;
    const bs_tiling t = choose(&(split){31, 23, 6, 8});
    for (int p = 0; p < 4; p++) {
        const int nx = t.nx + bs_map_more_x(PLACES[p]), ny = t.ny + bs_map_more_y(PLACES[p]);
        double whole[32 * 24], part[32 * 24];
        int given[32 * 24] = {0};
        for (int c = 0; c < nx * ny; c++) whole[c] = c;
        for (int r = 0; r < 6; r++) {
            const bs_tile tile = bs_tiling_tile(&t, r);
            const int row = tile.nx + bs_map_more_x(PLACES[p]);
            bs_tile_cut(&tile, PLACES[p], sizeof *whole, whole, t.nx, part);
            for (int j = 0; j < tile.ny + bs_map_more_y(PLACES[p]); j++)
                for (int i = 0; i < row; i++) assert_true(part[j * row + i] == (tile.j0 + j) * nx + tile.i0 + i);
            const bs_window w = bs_tile_gives(&tile, &t, PLACES[p]);
            for (int j = w.j0; j < w.j1; j++)
                for (int i = w.i0; i < w.i1; i++) given[(tile.j0 + j) * nx + tile.i0 + i]++;
        }
        for (int c = 0; c < nx * ny; c++) assert_int_equal(given[c], 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(own_parts_fill_the_mesh), cmocka_unit_test(rims),
                                       cmocka_unit_test(too_many_ranks), cmocka_unit_test(shape),
                                       cmocka_unit_test(cut_and_give)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
