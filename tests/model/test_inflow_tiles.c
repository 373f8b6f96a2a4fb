/* What is there at the start and comes in through the sides, tile by tile: as for the whole mesh, to the bit. */
#include "test_inflow_tiles.h"

enum { RANKS = 9 }; /* 3 x 3: the one in the middle has no side of the domain */

static void compare_tiles(nest_test *t)
{
    bs_log quiet = {0};
    bs_tiling tiling;
    bs_inflow *inflow;
    const bs_time now = t->c.start + 4321;
    int sides = 0, least = BS_SIDES;
    t->c.log = &quiet;
    raise_ground(t);
    need_ok(bs_inflow_create(&t->c, &inflow, &t->err), &t->err);
    fill(inflow, now, t->met, t->state, t->boundary, &t->err);
    bs_inflow_destroy(inflow);
    need_ok(bs_tiling_choose(FNX, FNY, RANKS, OVERLAP, &tiling, &t->err), &t->err);
    for (int rank = 0; rank < RANKS; rank++) {
        part p;
        open_part(t, &tiling, rank, &p);
        need_ok(bs_inflow_create(&p.c, &inflow, &t->err), &t->err);
        fill(inflow, now, p.met, p.state, p.boundary, &t->err);
        compare_state(t, &p);
        const int found = compare_boundary(t, &p);
        sides += found;
        if (found < least) least = found;
        bs_inflow_destroy(inflow);
        close_part(&p);
    }
    assert_int_equal(sides, 12);
    assert_int_equal(least, 0);
    bs_free(t->c.whole_terrain);
}

static void a_nest(void **state)
{
    nest_test *t = *state;
    t->w.q = wavy;
    write_coarse(t);
    make_fine(t, "initial: {type: file, file: fields3d.nc}\nboundary: {type: file, file: fields3d.nc}", 9000, -70000,
              -80000);
    compare_tiles(t);
}

static void a_nest_in_a_longitude_latitude_mesh(void **state)
{
    nest_test *t = *state;
    t->w.projection = LONLAT;
    t->w.degrees = true;
    a_nest(state);
}

static void uniform_values(void **state)
{
    nest_test *t = *state;
    make_fine(t, "initial: {value: 3 ug kg-1}\nboundary: {value: 5 ug kg-1, scale_height: 2000 m}", 9000, -70000,
              -80000);
    compare_tiles(t);
    assert_true(bs_boundary_at(t->boundary, BS_WEST, 0, 0)[0] > bs_boundary_at(t->boundary, BS_WEST, 0, FNZ - 1)[0]);
}

/* A tile deep inside says what is wrong at a side that is not its own. */
static void coverage_is_that_of_the_whole_mesh(void **state)
{
    nest_test *t = *state;
    bs_tiling tiling;
    bs_nest *nest;
    part p;
    t->w.q = wavy;
    write_coarse(t);
    make_fine(t, "boundary: {type: file, file: fields3d.nc}", 9000, -300000, -80000);
    raise_ground(t);
    need_ok(bs_tiling_choose(FNX, FNY, RANKS, OVERLAP, &tiling, &t->err), &t->err);
    assert_int_equal(bs_nest_open(&t->c, "boundary", t->c.start, t->c.end, &nest, &t->err), BS_ERR_INPUT);
    char text[sizeof t->err.text];
    strcpy(text, t->err.text);
    assert_says(text, "to the west by");
    open_part(t, &tiling, RANKS / 2, &p);
    assert_int_equal(bs_nest_open(&p.c, "boundary", t->c.start, t->c.end, &nest, &t->err), BS_ERR_INPUT);
    assert_string_equal(t->err.text, text);
    close_part(&p);
    bs_free(t->c.whole_terrain);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(a_nest),
        IN_FOLDER(a_nest_in_a_longitude_latitude_mesh),
        IN_FOLDER(uniform_values),
        IN_FOLDER(coverage_is_that_of_the_whole_mesh),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
