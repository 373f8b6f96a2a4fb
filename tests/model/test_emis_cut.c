/* Emissions cut to a tile: its own cells get what they get on the whole mesh, to the bit, and sums stay those of the whole. */
#include "test_emis_tiles.h"

/* All tiles of so many ranks, at an hour of January and one of June. */
static void compare_tiles(emis_case *c, int ranks, int n_factors, const bs_emission_factor *factor)
{
    enum { HOURS = 2 };
    const bs_time hour[HOURS] = {DAY_BEGIN, bs_time_from_date(2015, 6, 14, 0, 0, 0)};
    bs_tiling tiling;
    double kg_s[HOURS] = {0};
    int layers[HOURS] = {0};
    assert_int_equal(bs_tiling_choose(c->mesh->nx, c->mesh->ny, ranks, OVERLAP, &tiling, &c->err), BS_OK);
    for (int rank = 0; rank < ranks; rank++) {
        part p;
        open_part(c, &tiling, rank, false, n_factors, factor, &p);
        compare_sums(c, p.emission);
        for (int h = 0; h < HOURS; h++) {
            assert_int_equal(emis_fill(c, hour[h]), BS_OK);
            if (fill_part(&p, hour[h], &c->err) != BS_OK) fail_msg("rank %d: %s", rank, c->err.text);
            compare(c, &p, &kg_s[h]);
            if (p.rates->n_layers > layers[h]) layers[h] = p.rates->n_layers;
        }
        close_part(&p);
    }
    for (int h = 0; h < HOURS; h++) {
        assert_int_equal(emis_fill(c, hour[h]), BS_OK);
        assert_int_equal(layers[h], c->rates->n_layers);
        assert_true(kg_s[h] > 0);
        assert_near(kg_s[h], emis_sum(c, 0, -1), SUMS);
    }
}

/* ---- tests ---- */

static void own_cells_emit_as_on_the_whole_mesh(void **state)
{
    emis_case *c = *state;
    emis_mesh_lambert(c);
    write_inventories(c);
    read_all(c, false, 0, NULL, 0);
    make_weather(c);
    compare_tiles(c, 5, 0, NULL);
    assert_true(c->rates->n_layers > 5); /* plumes */
}

static void tags_by_region_and_cuts_of_members_too(void **state)
{
    emis_case *c = *state;
    sketch a;
    prefectures(c);
    write_inventories(c);
    const bs_source_group groups[] = {*make_group(c, &a, "a", "chengdu-plain", "industry boats kiln"), OTHER};
    const bs_emission_factor f[] = {{1, 0, "industry", "pm25", DAY_BEGIN, DAY_BEGIN + 7200, 0.6},
                                    {1, 4, "boats", "pm25", DAY_BEGIN, DAY_BEGIN + 7200, 0},
                                    {1, 22, "kiln", "pm25", DAY_BEGIN, DAY_BEGIN + 7200, 0.1}};
    read_all(c, true, 2, groups, 2);
    make_weather(c);
    assert_int_equal(bs_emission_resolve(c->emission, c->regions, &c->err), BS_OK);
    assert_int_equal(bs_emission_set_factors(c->emission, 3, f, &c->err), BS_OK);
    assert_int_equal(c->tracers->n, 6);
    compare_tiles(c, 4, 3, f);
}

/* Own of the last of four tiles, in the overlap of the second; a stack of 150 m stands there. */
enum { BAD_J = 12, BAD_I = 16 };

static void refused_by_its_owner(emis_case *c, const char *message)
{
    bs_tiling tiling;
    assert_int_equal(bs_tiling_choose(c->mesh->nx, c->mesh->ny, 4, OVERLAP, &tiling, &c->err), BS_OK);
    assert_int_equal(emis_fill(c, DAY_BEGIN), BS_ERR_INPUT);
    if (!strstr(c->err.text, message)) fail_msg("'%s' is not in: %s", message, c->err.text);
    for (int rank = 1; rank < 4; rank += 2) {
        part p;
        open_part(c, &tiling, rank, false, 0, NULL, &p);
        c->err.text[0] = '\0';
        const bs_status st = fill_part(&p, DAY_BEGIN, &c->err);
        assert_int_equal(st, rank == 3 ? BS_ERR_INPUT : BS_OK);
        if (rank == 3 && !strstr(c->err.text, message)) fail_msg("'%s' is not in: %s", message, c->err.text);
        close_part(&p);
    }
}

/* What is wrong is told with the cell of the whole mesh; what is wrong in the overlap is another's. */
static void messages_name_cells_of_the_whole_mesh(void **state)
{
    emis_case *c = *state;
    emis_mesh_lambert(c);
    write_inventories(c);
    read_all(c, false, 0, NULL, 0);
    make_weather(c);
    set_top(c, BAD_J, BAD_I, 149);
    refused_by_its_owner(c, "cell (j=12, i=16) emits up to");
    set_top(c, BAD_J, BAD_I, 190);
    refused_by_its_owner(c, "the plume of a stack of 150 m in cell (j=12, i=16) rises to");
}

/* A tile that is all of the mesh is no cut; names and sums outlive the cells. */
static void the_whole_mesh_and_sums_alone(void **state)
{
    emis_case *c = *state;
    prefectures(c);
    write_inventories(c);
    read_all(c, false, 0, NULL, 0);
    assert_int_equal(bs_emission_resolve(c->emission, c->regions, &c->err), BS_OK);
    const bs_tile all = {.nx = c->mesh->nx, .ny = c->mesh->ny, .own = {.i1 = c->mesh->nx, .j1 = c->mesh->ny}};
    double before, after, peak;
    bs_emission_bytes(c->emission, &peak, &before);
    assert_int_equal(bs_emission_cut(c->emission, c->mesh, &all, &c->err), BS_OK);
    bs_emission_bytes(c->emission, &peak, &after);
    assert_true(after == before);
    bs_emission *sums = NULL;
    assert_int_equal(bs_emission_create(c->config, c->mesh, c->regions, c->tracers, c->units, &c->log, &sums, &c->err),
                     BS_OK);
    assert_int_equal(bs_emission_resolve(sums, c->regions, &c->err), BS_OK);
    bs_emission_keep_sums(sums);
    bs_emission_bytes(sums, &peak, &after);
    assert_true(after == 0);
    compare_sums(c, sums);
    assert_int_equal(bs_emission_sector_count(sums), bs_emission_sector_count(c->emission));
    bs_emission_destroy(sums);
}

#define ON_CASE(test) cmocka_unit_test_setup_teardown(test, emis_setup, emis_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_CASE(own_cells_emit_as_on_the_whole_mesh),
        ON_CASE(tags_by_region_and_cuts_of_members_too),
        ON_CASE(messages_name_cells_of_the_whole_mesh),
        ON_CASE(the_whole_mesh_and_sums_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
