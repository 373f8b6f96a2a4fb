/* Means over regions from tiles. */
#include "test_output_fixture.h"

#include "model/core/memory.h"
#include "model/io/output_cities.h"

/* Sums of a hundred terms in double; and in fixed point, each to 2^-61 ug m-3 s. */
static const double SUMS = 1e-14, FIXED = 100 * 4.4e-19 / 3600;

/* Varied, with no sum that is exact. */
static void fill(double map[CELLS])
{
    for (int c = 0; c < CELLS; c++) map[c] = 3600 * (20 + 19 * sin(0.37 * c)) + 1e-3 / (c + 1);
}

/* A region as the tile with these own cells knows it; it sees `seen` cells beyond them. */
static void look(place *p, bs_window own, int seen, bs_out_city *city, bs_tile *tile)
{
    bs_err err = {0};
    bool mended;
    const int i0 = own.i0 > seen ? own.i0 - seen : 0, j0 = own.j0 > seen ? own.j0 - seen : 0;
    const int i1 = own.i1 + seen < NX ? own.i1 + seen : NX, j1 = own.j1 + seen < NY ? own.j1 + seen : NY;
    *tile = (bs_tile){
        .i0 = i0, .j0 = j0, .nx = i1 - i0, .ny = j1 - j0, .own = {own.i0 - i0, own.i1 - i0, own.j0 - j0, own.j1 - j0}};
    bs_output o = {.info = {.mesh = p->mesh, .whole = p->mesh, .tile = *tile}};
    *city = (bs_out_city){.region = &p->regions->region[0]};
    need_ok(bs_region_mask_create(&city->region->shape, p->mesh, &city->mask, &mended, &err), &err);
    need_ok(bs_out_city_find_own(&o, city, &err), &err);
}

static void forget(bs_out_city *city)
{
    bs_region_mask_destroy(city->mask);
    bs_free(city->own);
    bs_free(city->share);
}

/* A region that lies across tiles of any cut: the parts add up to the whole's bits, and one tile alone has its first cell. */
static void tiles_add_up_to_the_whole(void **state)
{
    place *p = *state;
    double map[CELLS], part[CELLS];
    bs_out_city whole, city;
    bs_tile tile;
    make_run(p, LAMBERT, 3, "");
    fill(map);
    look(p, (bs_window){0, NX, 0, NY}, 0, &whole, &tile);
    assert_true(whole.has_first && whole.n_own == whole.mask->n && whole.n_own > 8);
    const double first = map[whole.own[0]];
    const bs_sum all = bs_out_city_excess(&whole, map, first);
    assert_true(all.units != 0);
    for (int cut_i = 1; cut_i < NX; cut_i++)
        for (int cut_j = 1; cut_j < NY; cut_j += 2) {
            bs_sum sum = {0};
            size_t cells = 0;
            int with_first = 0;
            for (int t = 0; t < 4; t++) {
                const bs_window own = {t % 2 ? cut_i : 0, t % 2 ? NX : cut_i, t / 2 ? cut_j : 0, t / 2 ? NY : cut_j};
                look(p, own, t, &city, &tile);
                bs_tile_cut(&tile, BS_AT_CELLS, sizeof *map, map, NX, part);
                for (int c = 0; c < tile.nx * tile.ny; c++) { /* what is not its own is not looked at */
                    const int j = c / tile.nx, i = c % tile.nx;
                    if (i < tile.own.i0 || i >= tile.own.i1 || j < tile.own.j0 || j >= tile.own.j1) part[c] = NAN;
                }
                const bs_sum mine = bs_out_city_excess(&city, part, first);
                bs_sum_merge(&sum, &mine);
                cells += city.n_own;
                with_first += city.has_first;
                if (city.has_first) assert_true(part[city.own[0]] == first);
                forget(&city);
            }
            assert_true(cells == whole.n_own && with_first == 1);
            assert_true(sum.units == all.units);
        }
    forget(&whole);
}

/* What is no number in one cell of a tile is none in the region, and nowhere else. */
static void what_is_not_finite_has_no_mean(void **state)
{
    place *p = *state;
    make_run(p, LAMBERT, 3, "");
    begin_output(p);
    const bs_out_cities *c = p->output->cities;
    double maps[TRACERS * CELLS], mean[TRACERS * 3];
    const double none[] = {NAN, INFINITY, -INFINITY};
    assert_int_equal(c->n, 2);
    for (size_t n = 0; n < sizeof none / sizeof *none; n++)
        for (size_t at = 0; at < 3; at++) {
            const bs_out_city *edge = &c->city[1];
            for (int t = 0; t < TRACERS; t++) fill(maps + (ptrdiff_t)t * CELLS);
            maps[CELLS + edge->own[at * (edge->n_own - 1) / 2]] = none[n];
            bs_out_city_means(p->output, TRACERS, maps, 3600, mean);
            for (int k = 0; k < TRACERS * c->n; k++) assert_true((k != c->n + 1) == (isfinite(mean[k]) != 0));
        }
}

/* As with doubles in the order of cells, but for rounding. */
static void means_are_those_of_plain_sums(void **state)
{
    place *p = *state;
    make_run(p, LAMBERT, 3, "");
    begin_output(p);
    const bs_out_cities *c = p->output->cities;
    double maps[TRACERS * CELLS], mean[TRACERS * 3];
    for (int t = 0; t < TRACERS; t++) {
        fill(maps + (ptrdiff_t)t * CELLS);
        for (int k = 0; k < CELLS; k++) maps[t * CELLS + k] *= pow(10, -4 * t); /* tags may be tiny */
    }
    bs_out_city_means(p->output, TRACERS, maps, 3600, mean);
    for (int k = 0; k < TRACERS * c->n; k++) {
        const double plain = bs_out_city_mean(&c->city[k % c->n], p->mesh->area, maps + k / c->n * CELLS) / 3600;
        assert_near(mean[k], plain, SUMS * plain + FIXED);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(tiles_add_up_to_the_whole),
        IN_FOLDER(what_is_not_finite_has_no_mean),
        IN_FOLDER(means_are_those_of_plain_sums),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
