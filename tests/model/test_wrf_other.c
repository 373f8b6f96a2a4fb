/* WRF output on meshes of the case's own: winds turned rightly from every projection, fields along the column, meshes
 * that stick out. */
#include "tests/model/test_wrf_fixture.h"

/* Bilinear means over 20 km of a wind that turns with the Earth's radius: V (dx / R)^2 / 8, and float. */
static const double WIND = 2e-3;

static const char FILES[] = "  files: a.nc\n";
static const double TOP_LAYER = 5; /* layers of the model, all below the file's highest middle */

static void near(double found, double expected, double tolerance, const char *what)
{
    if (!(fabs(found - expected) <= tolerance))
        fail_msg("%s: found %.10g, expected %.10g within %g", what, found, expected, tolerance);
}

static const bs_mesh_spec LONLAT = {
    .projection = "+proj=longlat +R=6370000", .nx = 10, .ny = 8, .dx = 0.1, .dy = 0.1, .x0 = 103.5, .y0 = 29.6};
static const bs_mesh_spec TILTED = {.projection = "+proj=lcc +lat_1=27 +lat_2=33 +lat_0=30 +lon_0=80 +R=6370000",
                                    .nx = 8,
                                    .ny = 8,
                                    .dx = 9000,
                                    .dy = 9000,
                                    .x0 = 2.27e6,
                                    .y0 = 2.2e5};

/* Middle pressures of the file's layers at a place, and a profile of the file there, linear in ln p. */
static double profile_at(const wrf_file *w, double lon, double lat, double hours, double p, const double *value)
{
    double above = 0, below;
    for (int k = 0; k < WRF_NZ; k++) {
        below = above;
        above = wrf_pressure(w, k, false, lon, lat, hours);
        if (p <= above && k < WRF_NZ - 1) continue;
        if (k == 0) return value[0];
        const double share = log(below / p) / log(below / above);
        return value[k - 1] + share * (value[k] - value[k - 1]);
    }
    return value[WRF_NZ - 1];
}

/* All columns of a mesh against the formulas at their places, layers above the file's lowest. */
static void check_columns(const bench *b, const wrf_file *w, double hours)
{
    const bs_native *n = b->native;
    const size_t cells = (size_t)n->nx * (size_t)n->ny;
    int checked = 0;
    for (size_t c = 0; c < cells; c++) {
        const double lon = b->mesh->lon[c], lat = b->mesh->lat[c];
        const double cosine = b->mesh->cos_rot[c], sine = b->mesh->sin_rot[c];
        near(n->ps[c], wrf_pressure(w, 0, true, lon, lat, hours), 1, "ps");
        double east[WRF_NZ], north[WRF_NZ], t[WRF_NZ], q[WRF_NZ];
        for (int k = 0; k < WRF_NZ; k++) {
            wrf_earth_wind(w, k, lon, lat, hours, &east[k], &north[k]);
            t[k] = wrf_temperature(k, lon, lat, hours);
            q[k] = wrf_vapour(k, lon, lat) / (1 + wrf_vapour(k, lon, lat));
        }
        for (int k = 0; k < n->nz; k++) {
            const size_t at = (size_t)k * cells + c;
            const double p =
                0.5 * (bs_levels_pressure(b->levels, k, n->ps[c]) + bs_levels_pressure(b->levels, k + 1, n->ps[c]));
            if (p > wrf_pressure(w, 0, false, lon, lat, hours) || k > TOP_LAYER) continue;
            near(n->u[at] * cosine - n->v[at] * sine, profile_at(w, lon, lat, hours, p, east), WIND, "eastward wind");
            near(n->v[at] * cosine + n->u[at] * sine, profile_at(w, lon, lat, hours, p, north), WIND, "northward wind");
            near(n->t[at], profile_at(w, lon, lat, hours, p, t), 0.01, "temperature");
            near(n->qv[at], profile_at(w, lon, lat, hours, p, q), 2e-6, "humidity");
            checked++;
        }
        double u10, v10;
        wrf_earth_wind(w, 0, lon, lat, hours, &u10, &v10);
        near(n->u10[c] * cosine - n->v10[c] * sine, u10, WIND, "u10");
        near(n->v10[c] * cosine + n->u10[c] * sine, v10, WIND, "v10");
        near(n->t2[c], t[0] + 0.5, 0.01, "t2");
    }
    assert_true(checked > 4 * (int)cells);
    assert_false(n->have_air || n->have_faces);
}

static void winds_from_every_projection(void **state)
{
    (void)state;
    bench b;
    bench_setup(&b);
    const int projections[] = {1, 2, 3, 6};
    for (int n = 0; n < 4; n++)
        for (int wind = 0; wind < 2; wind++) {
            wrf_file w = wrf_default("a.nc", projections[n]);
            w.wind = wind ? WIND_UNIFORM : WIND_TURNING;
            w.stand_lon = 115; /* far from the mesh: north is tilted by 0.1 rad or so */
            bench_write(&b, &w);
            must(&b, bench_open(&b, NULL, &LONLAT, FILES));
            must(&b, bench_read(&b, 3));
            check_columns(&b, &w, 3);
            must(&b, bench_open(&b, NULL, &TILTED, FILES));
            must(&b, bench_read(&b, 4));
            check_columns(&b, &w, 4);
        }
    bench_teardown(&b);
}

static void angles_from_the_projection_where_there_are_none(void **state)
{
    (void)state;
    bench b;
    bench_setup(&b);
    wrf_file w = wrf_default("a.nc", 1);
    w.stand_lon = 115;
    w.leave_out = ",COSALPHA,SINALPHA,MU,MUB,";
    bench_write(&b, &w);
    must(&b, bench_open(&b, NULL, &LONLAT, FILES));
    must(&b, bench_read(&b, 0));
    check_columns(&b, &w, 0);
    w.leave_out = ",MU,MUB,";
    w.spoil = "SINALPHA";
    w.spoil_value = -0.3;
    w.still = true;
    bench_write(&b, &w);
    assert_int_equal(bench_open(&b, NULL, &LONLAT, FILES), BS_ERR_INPUT);
    assert_non_null(strstr(b.err.text, "SINALPHA -0.3 at south_north 3, west_east 4"));
    bench_teardown(&b);
}

static void hybrid_layers_too(void **state)
{
    (void)state;
    bench b;
    bench_setup(&b);
    wrf_file w = wrf_default("a.nc", 1);
    w.hybrid = true;
    bench_write(&b, &w);
    must(&b, bench_open(&b, NULL, &LONLAT, FILES));
    must(&b, bench_read(&b, 6));
    check_columns(&b, &w, 6);
    bench_teardown(&b);
}

static void land_and_ground_are_shared_out(void **state)
{
    (void)state;
    bench b;
    bench_setup(&b);
    wrf_file w = wrf_default("a.nc", 6);
    w.cen_lon = 104.63; /* the one cell of water lies under the mesh */
    w.cen_lat = 30.63;
    bench_write(&b, &w);
    must(&b, bench_open(&b, NULL, &LONLAT, FILES));
    must(&b, bench_read(&b, 0));
    const bs_native *n = b.native;
    const size_t cells = (size_t)n->nx * (size_t)n->ny;
    double water = 0;
    assert_true(n->have_land && n->have_leaf_area && n->have_rain);
    for (size_t c = 0; c < cells; c++) {
        double sum = 0;
        for (size_t l = 0; l < BS_LAND_COUNT; l++) sum += n->land[l * cells + c];
        near(sum, 1, 1e-14, "shares of land");
        water += n->land[BS_LAND_WATER * cells + c];
        near(n->leaf_area[c], 2 + 0.5 * (b.mesh->lon[c] - 104), 1e-5, "leaf area");
        near(n->rain[c], 3.0 * 1.5 * (1 + 0.1 * (b.mesh->lon[c] - 104)) / 10800, 1e-9, "rain");
    }
    assert_true(water > 0.05 && water < (double)cells);
    bench_teardown(&b);
}

/* The model's ground 200 m above the file's: less air above it. */
static void model_terrain_moves_the_ground(void **state)
{
    (void)state;
    bench b;
    bench_setup(&b);
    const wrf_file w = wrf_default("a.nc", 1);
    bench_write(&b, &w);
    must(&b, bench_open(&b, NULL, &LONLAT, FILES));
    double *terrain = malloc(80 * sizeof *terrain);
    for (int c = 0; c < 80; c++) terrain[c] = 500;
    BS_PROVIDER_WRF.destroy(b.provider);
    b.provider = NULL;
    b.context.terrain = terrain;
    must(&b, BS_PROVIDER_WRF.create(&b.context, b.start, b.end, &b.provider, &b.err));
    must(&b, bench_read(&b, 0));
    const double lon = b.mesh->lon[12], lat = b.mesh->lat[12], t2 = wrf_temperature(0, lon, lat, 0) + 0.5;
    const double ps = wrf_pressure(&w, 0, true, lon, lat, 0) * exp(-BS_GRAVITY * 200 / (BS_R_DRY * (t2 - 0.65)));
    near(b.native->ps[12], ps, 2, "ps");
    near(b.native->t2[12], t2 - 1.3, 0.01, "t2");
    free(terrain);
    bench_teardown(&b);
}

static void refused(bench *b, const bs_mesh_spec *spec, const char *one, const char *two)
{
    bs_status st = bench_open(b, NULL, spec, FILES);
    if (st == BS_OK) st = bench_read(b, 0);
    assert_int_equal(st, BS_ERR_INPUT);
    if (!strstr(b->err.text, one)) fail_msg("'%s' is not in the message:\n%s", one, b->err.text);
    if (!strstr(b->err.text, two)) fail_msg("'%s' is not in the message:\n%s", two, b->err.text);
}

static void mesh_that_sticks_out(void **state)
{
    (void)state;
    bench b;
    bench_setup(&b);
    const wrf_file w =
        wrf_default("a.nc", 6); /* points from 102.831 E 29.01 N on, 0.1799 degrees apart: to 105.169 E, 30.989 N */
    bench_write(&b, &w);
    bs_mesh_spec m = LONLAT;
    m.x0 = 102.58; /* its first centre 0.2008 degrees west of the file's */
    refused(&b, &m, "sticks out of the WRF output by 22.3 km on its western side", "grid.from: wrf");
    m = LONLAT;
    m.y0 = 30.5;
    refused(&b, &m, "on its northern side", "a.nc");
    m = LONLAT;
    m.x0 += 360; /* the same place, one turn on */
    must(&b, bench_open(&b, NULL, &m, FILES));
    bench_teardown(&b);
}

static void top_above_the_files(void **state)
{
    (void)state;
    bench b;
    bench_setup(&b);
    const wrf_file w = wrf_default("a.nc", 1);
    bench_write(&b, &w);
    must(&b, bench_open(&b, NULL, &LONLAT, FILES));
    const double eta[] = {1, 0.9, 0.5, 0};
    bs_levels *high = NULL;
    assert_int_equal(bs_levels_from_eta(4, eta, 2000, 0, &high, NULL), BS_OK);
    b.context.levels = high;
    void *provider = NULL;
    assert_int_equal(BS_PROVIDER_WRF.create(&b.context, b.start, b.end, &provider, &b.err), BS_ERR_INPUT);
    assert_null(provider);
    assert_non_null(strstr(b.err.text, "top at 2000 Pa lies above that of the WRF output at 5000 Pa"));
    bs_levels_destroy(high);
    bench_teardown(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(winds_from_every_projection),
        cmocka_unit_test(angles_from_the_projection_where_there_are_none),
        cmocka_unit_test(hybrid_layers_too),
        cmocka_unit_test(land_and_ground_are_shared_out),
        cmocka_unit_test(model_terrain_moves_the_ground),
        cmocka_unit_test(mesh_that_sticks_out),
        cmocka_unit_test(top_above_the_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
