/* WRF output read tile by tile: on the file's own mesh, a window of it, and on another mesh. */
#include "tests/model/test_met_tiles.h"
#include "tests/model/test_wrf_fixture.h"

static void on_tiles(bench *b, const char *grid, const bs_mesh_spec *spec)
{
    must(b, bench_open(b, grid, spec, "  files: a.nc\n"));
    bs_tracers *tracers = tile_tracers();
    const tile_trial trial = {.provider = &BS_PROVIDER_WRF,
                              .whole = &b->context,
                              .start = b->start,
                              .end = b->end,
                              .n_times = 4,
                              .time = {b->start, b->start + 2 * 3600, b->start + 5 * 3600, b->end},
                              .tracers = tracers,
                              .options = tile_options()};
    try_tiles(&trial);
    bs_tracers_destroy(tracers);
}

static wrf_file a_file(void)
{
    wrf_file w = wrf_default("a.nc", 1);
    w.stand_lon = 115; /* north is tilted */
    w.wind = WIND_TURNING;
    /* Rain begins anew, as one cell tells: in tiles that do not see it, too. */
    w.spoil = "RAINNC";
    w.spoil_value = 0;
    return w;
}

static void its_own_mesh(void **state)
{
    (void)state;
    bench b;
    bench_setup(&b);
    wrf_file w = a_file();
    bench_write(&b, &w);
    on_tiles(&b, "from: wrf", NULL);
    on_tiles(&b, "from: wrf, window: [1, 2, 12, 9], levels: {keep: [0, 1, 3, 6, 8]}", NULL);
    w.leave_out = ",PSFC,T2,U10,V10,QCLOUD,";
    w.hybrid = true;
    bench_write(&b, &w);
    on_tiles(&b, "from: wrf, window: [1, 1, 12, 10]", NULL);
    bench_teardown(&b);
}

static void another_mesh(void **state)
{
    (void)state;
    static const bs_mesh_spec MESH = {.projection = "+proj=lcc +lat_1=27 +lat_2=33 +lat_0=30 +lon_0=80 +R=6370000",
                                      .nx = 13,
                                      .ny = 11,
                                      .dx = 7000,
                                      .dy = 7000,
                                      .x0 = 2.26e6,
                                      .y0 = 2.2e5};
    bench b;
    bench_setup(&b);
    wrf_file w = a_file();
    bench_write(&b, &w);
    on_tiles(&b, NULL, &MESH);
    w.leave_out = ",COSALPHA,SINALPHA,MU,MUB,";
    bench_write(&b, &w);
    on_tiles(&b, NULL, &MESH);
    bench_teardown(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(its_own_mesh), cmocka_unit_test(another_mesh)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
