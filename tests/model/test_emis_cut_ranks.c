/* Emissions of several ranks: each fills its tile, all emit into the same layers, and what one refuses all do. */
#include "test_emis_tiles.h"

#include "model/parallel/ranks.h"

static void open_tile(emis_case *c, bool from_the_start, part *p)
{
    bs_tiling tiling;
    assert_int_equal(bs_tiling_choose(c->mesh->nx, c->mesh->ny, bs_ranks_count(), OVERLAP, &tiling, &c->err), BS_OK);
    open_part(c, &tiling, bs_ranks_self(), from_the_start, 0, NULL, p);
}

static void open_case(emis_case *c)
{
    emis_mesh_lambert(c);
    write_inventories(c);
    read_all(c, false, 0, NULL, 0);
    make_weather(c);
}

static void all_emit_into_the_same_layers(void **state)
{
    emis_case *c = *state;
    open_case(c);
    for (int from_the_start = 0; from_the_start < 2; from_the_start++) {
        part p;
        double kg_s = 0;
        open_tile(c, from_the_start, &p);
        compare_sums(c, p.emission);
        assert_int_equal(emis_fill(c, DAY_BEGIN), BS_OK); /* the whole, in each of them */
        if (fill_part(&p, DAY_BEGIN, &c->err) != BS_OK) fail_msg("%s", c->err.text);
        assert_int_equal(p.rates->n_layers, c->rates->n_layers);
        compare(c, &p, &kg_s);
        close_part(&p);
    }
}

static void what_one_refuses_all_do(void **state)
{
    emis_case *c = *state;
    part p;
    open_case(c);
    set_top(c, 12, 16, 149);
    open_tile(c, true, &p);
    assert_int_equal(fill_part(&p, DAY_BEGIN, &c->err), BS_ERR_INPUT);
    if (!strstr(c->err.text, "cell (j=12, i=16) emits up to")) fail_msg("%s", c->err.text);
    close_part(&p);
}

#define ON_CASE(test) cmocka_unit_test_setup_teardown(test, emis_setup, emis_teardown)

int main(int argc, char **argv)
{
    bs_err err;
    if (bs_ranks_start(&argc, &argv, &err) != BS_OK) return 1;
    const struct CMUnitTest tests[] = {
        ON_CASE(all_emit_into_the_same_layers),
        ON_CASE(what_one_refuses_all_do),
    };
    return bs_ranks_leave(cmocka_run_group_tests(tests, NULL, NULL), NULL, NULL);
}
