/* The idealised weather and land use on tiles: the terrain is smoothed over many cells, and a tile's winds are the whole mesh's all the same. */
#include "tests/model/config_support.h"
#include "tests/model/test_met_tiles.h"

#include <math.h>

#include "model/met/met_private.h"

enum { NX = 26, NY = 21, NZ = 8 };

static const bs_mesh_spec SPEC = {.projection = "+proj=lcc +lat_1=27 +lat_2=33 +lat_0=30 +lon_0=103 +R=6370000",
                                  .nx = NX,
                                  .ny = NY,
                                  .dx = 12000,
                                  .dy = 9000,
                                  .x0 = 0,
                                  .y0 = -0.5 * NY * 9000};

/* A range, and hills that are other in every tile. */
static void raise_ground(double terrain[NX * NY])
{
    for (int c = 0; c < NX * NY; c++) {
        const double x = (c % NX - 7) / 5.0, y = c / NX / 9.0;
        terrain[c] = 300 + 1400 * exp(-x * x) + 250 * sin(0.8 * (c % NX)) * cos(2 * y) + 40 * y;
    }
}

static void on_tiles(scratch *s, const char *rows, const double *terrain)
{
    char text[2048];
    const double eta[NZ + 1] = {1, 0.985, 0.96, 0.92, 0.85, 0.7, 0.5, 0.25, 0};
    bs_config *config;
    bs_mesh *mesh;
    bs_levels *levels;
    bs_units *units;
    bs_log log = {0};
    snprintf(text, sizeof text,
             "case: {name: idealised}\ntime: {start: 2015-01-10T00:00:00Z, end: 2015-01-11T00:00:00Z}\n"
             "grid: {projection: '%s', nx: %d, ny: %d, dx: 12 km, dy: 9 km, centre: [105.3, 30]}\n"
             "meteorology:\n  provider: idealised\n%s",
             SPEC.projection, NX, NY, rows);
    if (bs_config_read(write_text(s, "case.yaml", text), 0, NULL, &config, &s->err) != BS_OK)
        fail_msg("%s", s->err.text);
    assert_int_equal(bs_mesh_create(&SPEC, &mesh, &s->err), BS_OK);
    assert_int_equal(bs_levels_from_eta(NZ + 1, eta, 10000, 0.2, &levels, &s->err), BS_OK);
    assert_int_equal(bs_units_create(&units, &s->err), BS_OK);
    bs_tracers *tracers = tile_tracers();
    const bs_met_context whole = {.config = config,
                                  .mesh = mesh,
                                  .levels = levels,
                                  .terrain = terrain,
                                  .roughness = 0.3,
                                  .units = units,
                                  .log = &log};
    const bs_time start = bs_config_time(config, "time.start");
    const tile_trial trial = {.provider = &BS_PROVIDER_IDEALISED,
                              .whole = &whole,
                              .start = start,
                              .end = start + 86400,
                              .n_times = 2,
                              .time = {start, start + 5 * 3600 + 1200},
                              .tracers = tracers,
                              .options = tile_options()};
    try_tiles(&trial);
    bs_tracers_destroy(tracers);
    bs_units_destroy(units);
    bs_levels_destroy(levels);
    bs_mesh_destroy(mesh);
    bs_config_destroy(config);
}

static void the_ground_leads_the_wind_across_tiles(void **state)
{
    double terrain[NX * NY];
    raise_ground(terrain);
    on_tiles(*state, "  idealised: {precipitation: 3e-4 kg m-2 s-1}\n", terrain);
}

static void without_terrain_and_uniform(void **state)
{
    double terrain[NX * NY];
    raise_ground(terrain);
    on_tiles(*state, "", NULL);
    on_tiles(*state, "  idealised: {wind_u: 3 m s-1, wind_v: -2 m s-1}\n", terrain);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_ground_leads_the_wind_across_tiles, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(without_terrain_and_uniform, scratch_setup, scratch_teardown)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
