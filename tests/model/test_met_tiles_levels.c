/* Weather of files on pressure levels, read tile by tile. */
#include "tests/model/test_met_tiles.h"
#include "tests/model/test_pressure_levels.h"

enum { NX = 14, NY = 11 };

/* Turned against the source's axes: a tile's part of the file overlaps its neighbours'. */
static const bs_mesh_spec SPEC = {.projection = "+proj=lcc +lat_1=27 +lat_2=33 +lat_0=30 +lon_0=95 +R=6370000",
                                  .nx = NX,
                                  .ny = NY,
                                  .dx = 18000,
                                  .dy = 18000,
                                  .x0 = 760000,
                                  .y0 = -60000};

static const char PLAIN[] = "  files: a.nc\n" VARIABLES;
static const char GROUND[] =
    "  files: a.nc\n"
    "  variables: {u: {name: u}, v: {name: v}, temperature: {name: t}, specific_humidity: {name: q}, "
    "surface_pressure: {name: sp}, orography: {name: orog}, u10: {name: u10}, v10: {name: v10}, t2m: {name: t2m}}\n";

static void on_tiles(bench *b, const char *rows, const double *terrain)
{
    must(b, bench_open(b, rows, terrain));
    bs_tracers *tracers = tile_tracers();
    const tile_trial trial = {.provider = kind_of_bench(b),
                              .whole = &b->context,
                              .start = b->start,
                              .end = b->end,
                              .n_times = 3,
                              .time = {b->start, b->start + 2 * 3600, b->end},
                              .tracers = tracers,
                              .options = tile_options()};
    try_tiles(&trial);
    bs_tracers_destroy(tracers);
}

static void every_tile_has_the_wholes_weather(void **state)
{
    (void)state;
    bench b;
    double terrain[NX * NY];
    for (int c = 0; c < NX * NY; c++) terrain[c] = 500 + 300 * sin(0.9 * (c % NX)) * cos(0.7 * (c / NX));
    bench_setup(&b, &SPEC, 20000);
    weather_file f = file_default("a.nc");
    f.near_ground = f.orography = true;
    write_weather(b.dir, &f);
    on_tiles(&b, GROUND, terrain);
    on_tiles(&b, PLAIN, NULL);
    bench_teardown(&b);
}

/* Which the whole mesh leaves is told as one rank does, by a tile that has nothing to do with it. */
static void cover_is_judged_by_the_whole(void **state)
{
    (void)state;
    bench b;
    bs_mesh_spec wide = SPEC;
    wide.nx = 60;
    bench_setup(&b, &wide, 20000);
    weather_file f = file_default("a.nc");
    write_weather(b.dir, &f);
    char whole[BS_ERR_TEXT_MAX];
    assert_int_equal(bench_open(&b, PLAIN, NULL), BS_ERR_INPUT);
    snprintf(whole, sizeof whole, "%s", b.err.text);
    const bs_tiling tiling = {.nx = wide.nx, .ny = wide.ny, .px = 4, .py = 1, .overlap = 2};
    bs_met_context part = b.context;
    bs_mesh *mesh;
    void *self = NULL;
    part.tiling = &tiling;
    part.tile = bs_tiling_tile(&tiling, 0);
    part.whole = b.mesh;
    assert_int_equal(bs_mesh_window(b.mesh, &part.tile, &mesh, &b.err), BS_OK);
    part.mesh = mesh;
    assert_int_equal(BS_PROVIDER_PRESSURE_LEVELS.create(&part, b.start, b.end, &self, &b.err), BS_ERR_INPUT);
    assert_string_equal(b.err.text, whole);
    bs_mesh_destroy(mesh);
    bench_teardown(&b);
}

/* A tile's cells have the names that they have in the whole mesh. */
static void a_bad_cell_is_named_in_the_whole_mesh(void **state)
{
    (void)state;
    bench b;
    double terrain[NX * NY];
    for (int c = 0; c < NX * NY; c++) terrain[c] = c == 9 * NX + 12 ? 90000 : 400;
    bench_setup(&b, &SPEC, 20000);
    weather_file f = file_default("a.nc");
    f.near_ground = f.orography = true;
    write_weather(b.dir, &f);
    must(&b, bench_open(&b, GROUND, terrain));
    const bs_tiling tiling = {.nx = NX, .ny = NY, .px = 2, .py = 2, .overlap = 2};
    bs_met_context part = b.context;
    bs_mesh *mesh;
    void *self = NULL;
    bs_native *native = NULL;
    double cut[NX * NY];
    part.tiling = &tiling;
    part.tile = bs_tiling_tile(&tiling, 3);
    part.whole = b.mesh;
    part.whole_terrain = terrain;
    assert_int_equal(bs_mesh_window(b.mesh, &part.tile, &mesh, &b.err), BS_OK);
    bs_tile_cut(&part.tile, BS_AT_CELLS, sizeof *cut, terrain, NX, cut);
    part.mesh = mesh;
    part.terrain = cut;
    must(&b, bs_native_create(mesh->nx, mesh->ny, b.levels->nz, &native, &b.err));
    must(&b, BS_PROVIDER_PRESSURE_LEVELS.create(&part, b.start, b.end, &self, &b.err));
    assert_int_equal(BS_PROVIDER_PRESSURE_LEVELS.read(self, b.start, native, &b.err), BS_ERR_INPUT);
    assert_non_null(strstr(b.err.text, "surface pressure of cell (9, 12)"));
    BS_PROVIDER_PRESSURE_LEVELS.destroy(self);
    bs_native_destroy(native);
    bs_mesh_destroy(mesh);
    bench_teardown(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_tile_has_the_wholes_weather),
                                       cmocka_unit_test(cover_is_judged_by_the_whole),
                                       cmocka_unit_test(a_bad_cell_is_named_in_the_whole_mesh)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
