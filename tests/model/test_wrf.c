/* WRF's own mesh and layers: what the file has comes out, dry air and its fluxes add up. Fields are formulas
 * (test_wrf_fixture.h). */
#include "tests/model/test_wrf_fixture.h"

/* Files hold float: relative, of fields up to 1e5 whose parts are added. */
static const double STORED = 4e-7;

static const char FILES[] = "  files: a.nc\n";

typedef struct plan {
    bench b;
    wrf_file w;
    wrf_map map;
} plan;

static void plan_open(plan *p, const wrf_file *w, const char *grid, const char *meteorology)
{
    bench_setup(&p->b);
    p->w = *w;
    p->map = wrf_map_of(w);
    bench_write(&p->b, w);
    must(&p->b, bench_open(&p->b, grid, NULL, meteorology));
}

static void plan_close(plan *p)
{
    bs_projection_destroy(p->map.projection);
    bench_teardown(&p->b);
}

static double at(const plan *p, const char *name, int t, int k, double j, double i)
{
    return wrf_value(&p->w, &p->map, name, t, k, j, i);
}

static void near(double found, double expected, double tolerance)
{
    if (!(fabs(found - expected) <= tolerance))
        fail_msg("found %.10g, expected %.10g within %g", found, expected, tolerance);
}

/* ---- mesh and layers ---- */

static void mesh_is_that_of_the_file(void **state)
{
    (void)state;
    const int projections[] = {1, 2, 3, 6};
    for (int n = 0; n < 4; n++) {
        plan p;
        const wrf_file w = wrf_default("a.nc", projections[n]);
        plan_open(&p, &w, "from: wrf", FILES);
        const bs_mesh *m = p.b.mesh;
        char text[256];
        wrf_proj_string(&w, text, sizeof text);
        assert_string_equal(bs_projection_string(m->projection), text);
        assert_int_equal(m->nx, w.nx);
        assert_int_equal(m->ny, w.ny);
        for (int j = 0; j < w.ny; j++)
            for (int i = 0; i < w.nx; i++) {
                near(m->lon[j * w.nx + i], at(&p, "XLONG", 0, 0, j, i), 1e-5);
                near(m->lat[j * w.nx + i], at(&p, "XLAT", 0, 0, j, i), 1e-5);
                near(m->sin_rot[j * w.nx + i], at(&p, "SINALPHA", 0, 0, j, i), 1e-6);
            }
        assert_int_equal(p.b.levels->nz, WRF_NZ);
        for (int k = 0; k <= WRF_NZ; k++)
            near(bs_levels_pressure(p.b.levels, k, 80000), WRF_TOP + WRF_ETA[k] * (80000 - WRF_TOP), 0.01);
        assert_true(p.b.levels->b_half[0] == 1 && p.b.levels->b_half[WRF_NZ] == 0);
        near(p.b.terrain[17], 300, 1e-4);
        plan_close(&p);
    }
}

static void tangent_cone_and_places_without_time(void **state)
{
    (void)state;
    plan p;
    wrf_file w = wrf_default("a.nc", 1);
    w.truelat2 = w.truelat1; /* one true latitude */
    w.still = true;          /* places without a time */
    plan_open(&p, &w, "from: wrf", FILES);
    near(p.b.mesh->lat[0], at(&p, "XLAT", 0, 0, 0, 0), 1e-5);
    plan_close(&p);
}

/* Southern hemisphere: only the mesh, for the formulas are made for the north. */
static void polar_mesh_of_the_south(void **state)
{
    (void)state;
    bench b;
    bench_setup(&b);
    wrf_file w = wrf_default("a.nc", 2);
    w.truelat1 = -60;
    w.cen_lat = -45;
    bench_write(&b, &w);
    (void)bench_open(&b, "from: wrf", NULL, FILES);
    assert_non_null(b.mesh);
    assert_string_equal(bs_projection_string(b.mesh->projection),
                        "+proj=stere +lat_0=-90 +lat_ts=-60 +lon_0=104.5 +R=6370000");
    near(b.mesh->lat[6 * 14 + 7], -45, 0.2);
    bench_teardown(&b);
}

static void window_and_kept_levels(void **state)
{
    (void)state;
    plan p;
    const wrf_file w = wrf_default("a.nc", 1);
    plan_open(&p, &w, "from: wrf, window: [3, 2, 6, 5], levels: {keep: [0, 1, 3, 6, 8]}", FILES);
    assert_int_equal(p.b.mesh->nx, 6);
    assert_int_equal(p.b.mesh->ny, 5);
    assert_int_equal(p.b.levels->nz, 4);
    near(p.b.mesh->lon[0], at(&p, "XLONG", 0, 0, 2, 3), 1e-5);
    near(p.b.levels->b_half[2], WRF_ETA[3], 1e-6);
    must(&p.b, bench_read(&p.b, 0));
    const bs_native *n = p.b.native;
    near(n->u_face[0], at(&p, "U", 0, 0, 2, 2.5), 1e-4);
    near(n->v_face[5 * 6 + 5], at(&p, "V", 0, 0, 6.5, 8), 1e-4);
    near(n->t2[7], at(&p, "T2", 0, 0, 3, 4), 1e-3);
    plan_close(&p);
}

/* ---- air ---- */

static void check_air(const plan *p, double hours, double tolerance)
{
    const bs_native *n = p->b.native;
    const size_t cells = (size_t)n->nx * (size_t)n->ny;
    assert_true(n->have_air && n->have_faces);
    for (size_t c = 0; c < cells; c++) {
        double column = 0;
        const double mu = wrf_mu(p->b.mesh->lon[c], p->b.mesh->lat[c], hours);
        for (int k = 0; k < n->nz; k++) {
            column += n->air[(size_t)k * cells + c];
            if (n->nz == WRF_NZ)
                near(n->air[(size_t)k * cells + c], wrf_dry(&p->w, k, mu) / BS_GRAVITY, tolerance * mu / BS_GRAVITY);
        }
        near(column, mu / BS_GRAVITY, tolerance * mu / BS_GRAVITY);
    }
}

static void dry_air_is_mu(void **state)
{
    (void)state;
    for (int hybrid = 0; hybrid < 2; hybrid++) {
        plan p;
        wrf_file w = wrf_default("a.nc", 1);
        w.hybrid = hybrid;
        plan_open(&p, &w, "from: wrf", FILES);
        must(&p.b, bench_read(&p.b, 3));
        check_air(&p, 3, STORED);
        plan_close(&p);
    }
}

/* Layers that are merged: mass, mass flux, heat and water of the parts, to the rounding of their sum. */
static void merged_layers_add_up(void **state)
{
    (void)state;
    for (int hybrid = 0; hybrid < 2; hybrid++) {
        plan whole, merged;
        wrf_file w = wrf_default("a.nc", 1);
        w.hybrid = hybrid;
        const int keep[] = {0, 2, 3, 7, 8};
        plan_open(&whole, &w, "from: wrf", FILES);
        plan_open(&merged, &w, "from: wrf, levels: {keep: [0, 2, 3, 7, 8]}", FILES);
        must(&whole.b, bench_read(&whole.b, 0));
        must(&merged.b, bench_read(&merged.b, 0));
        const bs_native *a = whole.b.native, *b = merged.b.native;
        const size_t nx = (size_t)a->nx, ny = (size_t)a->ny, cells = nx * ny;
        for (size_t c = 0; c < cells; c++)
            for (size_t k = 0; k < 4; k++) {
                const size_t j = c / nx, i = c % nx, f = (k * ny + j) * (nx + 1) + i;
                double air = 0, heat = 0, water = 0, flux = 0;
                for (int l = keep[k]; l < keep[k + 1]; l++) {
                    const size_t one = (size_t)l * cells + c, west = i > 0 ? one - 1 : one;
                    air += a->air[one];
                    heat += a->air[one] * a->t[one];
                    water += a->air[one] * a->qv[one] / (1 - a->qv[one]);
                    flux += 0.5 * (a->air[west] + a->air[one]) * a->u_face[((size_t)l * ny + j) * (nx + 1) + i];
                }
                const size_t one = k * cells + c, west = i > 0 ? one - 1 : one;
                near(b->air[one] / air, 1, 1e-14);
                near(b->air[one] * b->t[one] / heat, 1, 1e-14);
                near(b->air[one] * b->qv[one] / (1 - b->qv[one]) / water, 1, 1e-13);
                near(0.5 * (b->air[west] + b->air[one]) * b->u_face[f] / flux, 1, 1e-13);
            }
        plan_close(&whole);
        plan_close(&merged);
    }
}

static void fields_as_they_are(void **state)
{
    (void)state;
    plan p;
    wrf_file w = wrf_default("a.nc", 2);
    w.wind = WIND_UNIFORM;
    plan_open(&p, &w, "from: wrf", FILES);
    must(&p.b, bench_read(&p.b, 6));
    const bs_native *n = p.b.native;
    const size_t cells = (size_t)w.nx * (size_t)w.ny, c = 5 * (size_t)w.nx + 7;
    const double lon = p.b.mesh->lon[c], lat = p.b.mesh->lat[c];
    for (int k = 0; k < WRF_NZ; k++) {
        const double r = wrf_vapour(k, lon, lat);
        near(n->t[(size_t)k * cells + c], wrf_temperature(k, lon, lat, 6), 1e-3);
        near(n->qv[(size_t)k * cells + c], r / (1 + r), 1e-8);
        near(n->clw[(size_t)k * cells + c], 1e-4 * (k == 2) / (1 + r), 1e-10);
        near(n->rnw[(size_t)k * cells + c], 2e-4 * (k == 1) / (1 + r), 1e-10);
        near(n->u_face[((size_t)k * (size_t)w.ny + 5) * (size_t)(w.nx + 1) + 7], at(&p, "U", 2, k, 5, 6.5), 1e-5);
        near(n->v_face[((size_t)k * (size_t)(w.ny + 1) + 5) * (size_t)w.nx + 7], at(&p, "V", 2, k, 4.5, 7), 1e-5);
        /* the wind of cells, turned back, is the wind over the Earth: a mean over 20 km of one turned by 0.01 rad */
        const double u = n->u[(size_t)k * cells + c], v = n->v[(size_t)k * cells + c];
        double east, north;
        wrf_earth_wind(&w, k, lon, lat, 6, &east, &north);
        near(u * p.b.mesh->cos_rot[c] - v * p.b.mesh->sin_rot[c], east, 1e-3);
        near(v * p.b.mesh->cos_rot[c] + u * p.b.mesh->sin_rot[c], north, 1e-3);
    }
    assert_true(n->have_clw && n->have_rnw && n->have_t2 && n->have_wind10 && n->have_pblh && n->have_ustar &&
                n->have_hfx && n->have_evaporation && n->have_roughness && n->have_leaf_area && n->have_rain &&
                n->have_land);
    near(n->ps[c], wrf_pressure(&w, 0, true, lon, lat, 6), 0.05);
    near(n->t2[c], wrf_temperature(0, lon, lat, 6) + 0.5, 1e-3);
    near(n->pblh[c], 560, 1e-3);
    near(n->ustar[c], 0.3, 1e-6);
    near(n->hfx[c], 50, 1e-4);
    near(n->evaporation[c], 3e-5, 1e-11);
    near(n->roughness[c], 0.2, 1e-7);
    near(n->leaf_area[c], 2 + 0.5 * (lon - 104), 1e-5);
    assert_true(n->land[BS_LAND_CROPS * cells + c] == 1);
    assert_true(n->land[BS_LAND_WATER * cells + 2 * (size_t)w.nx + 3] == 1 &&
                n->land[BS_LAND_CROPS * cells + 2 * (size_t)w.nx + 3] == 0);
    plan_close(&p);
}

/* Layers' thickness from the model's pressures against the file's geopotential. */
static void thickness_is_near_the_files(void **state)
{
    (void)state;
    for (int hybrid = 0; hybrid < 2; hybrid++) {
        plan p;
        wrf_file w = wrf_default("a.nc", 1);
        w.hybrid = hybrid;
        plan_open(&p, &w, "from: wrf", FILES);
        must(&p.b, bench_read(&p.b, 0));
        const bs_native *n = p.b.native;
        const size_t cells = (size_t)w.nx * (size_t)w.ny;
        for (size_t c = 0; c < cells; c++)
            for (int k = 0; k < WRF_NZ; k++) {
                const double below = bs_levels_pressure(p.b.levels, k, n->ps[c]),
                             above = bs_levels_pressure(p.b.levels, k + 1, n->ps[c]);
                const double q = n->qv[(size_t)k * cells + c],
                             tv = n->t[(size_t)k * cells + c] * (1 + (1 / BS_EPSILON_WATER - 1) * q);
                const double dz = BS_R_DRY / BS_GRAVITY * tv * log(below / above);
                const double lon = p.b.mesh->lon[c], lat = p.b.mesh->lat[c];
                /* a thick layer of these few is no thin one: its volume at the middle pressure against the logarithm */
                const double thin = log(below / above) / (2 * (below - above) / (below + above));
                const double file =
                    (wrf_geopotential(&w, k + 1, lon, lat, 0) - wrf_geopotential(&w, k, lon, lat, 0)) / 9.81 * thin;
                near(dz, file, BS_WRF_THICKNESS * file);
            }
        plan_close(&p);
    }
}

/* Classes of towns for WRF's models of streets, a legend that nobody knows. */
static void land_of_other_legends(void **state)
{
    (void)state;
    plan p;
    wrf_file w = wrf_default("a.nc", 1);
    w.land = 53;
    plan_open(&p, &w, "from: wrf", FILES);
    must(&p.b, bench_read(&p.b, 0));
    assert_true(p.b.native->have_land && p.b.native->land[(size_t)BS_LAND_URBAN * 14 * 12 + 20] == 1);
    w.legend = "USGS";
    w.land = 2; /* dryland crops */
    bench_write(&p.b, &w);
    must(&p.b, bench_open(&p.b, "from: wrf", NULL, FILES));
    must(&p.b, bench_read(&p.b, 0));
    assert_true(p.b.native->land[(size_t)BS_LAND_CROPS * 14 * 12 + 20] == 1);
    w.legend = "NLCD40";
    bench_write(&p.b, &w);
    must(&p.b, bench_open(&p.b, "from: wrf", NULL, FILES));
    must(&p.b, bench_read(&p.b, 0));
    assert_false(p.b.native->have_land);
    plan_close(&p);
}

/* ---- time ---- */

static void linear_between_times(void **state)
{
    (void)state;
    plan p;
    const wrf_file w = wrf_default("a.nc", 1);
    plan_open(&p, &w, "from: wrf", FILES);
    const size_t faces = (size_t)(w.nx + 1) * (size_t)w.ny, cells = (size_t)w.nx * (size_t)w.ny, row = (size_t)w.nx + 1;
    double *flux[3], t[3], mass[3];
    for (int n = 0; n < 3; n++) { /* at 0, 1 and 3 h */
        must(&p.b, bench_read(&p.b, n == 2 ? 3 : n));
        flux[n] = malloc(faces * sizeof(double));
        for (size_t j = 0; j < (size_t)w.ny; j++)
            for (size_t i = 0; i < row; i++) {
                const double *air = p.b.native->air + j * (size_t)w.nx;
                const double west = air[i > 0 ? i - 1 : 0], east = air[i < (size_t)w.nx ? i : i - 1];
                flux[n][j * row + i] = 0.5 * (west + east) * p.b.native->u_face[j * row + i];
            }
        t[n] = p.b.native->t[cells + 30];
        mass[n] = p.b.native->air[cells + 30];
    }
    near(t[1], t[0] + (t[2] - t[0]) / 3, 1e-10);
    near(mass[1], mass[0] + (mass[2] - mass[0]) / 3, 1e-9);
    double most = 0;
    for (size_t f = 0; f < faces; f++) {
        near(flux[1][f], flux[0][f] + (flux[2][f] - flux[0][f]) / 3, 1e-9 * 20 * 1e3);
        most = fmax(most, fabs(flux[2][f] - flux[0][f]));
    }
    assert_true(most > 1); /* it does change */
    for (int n = 0; n < 3; n++) free(flux[n]);
    plan_close(&p);
}

static void several_files_in_any_order(void **state)
{
    (void)state;
    bench b;
    bench_setup(&b);
    wrf_file w = wrf_default("b_late.nc", 1);
    w.n_times = 1;
    w.hours[0] = 6;
    w.rain[0] = 4;
    bench_write(&b, &w);
    w = wrf_default("c_early.nc", 1);
    w.n_times = 2;
    bench_write(&b, &w);
    must(&b, bench_open(&b, "from: wrf", NULL, "  files: '*.nc'\n"));
    const size_t c = 40;
    must(&b, bench_read(&b, 4.5));
    near(b.native->t2[c], wrf_temperature(0, b.mesh->lon[c], b.mesh->lat[c], 4.5) + 0.5, 1e-3);
    must(&b, bench_read(&b, 6));
    near(b.native->pblh[c], 560, 1e-3);
    bench_teardown(&b);
}

static void one_time_held(void **state)
{
    (void)state;
    bench b;
    bench_setup(&b);
    const wrf_file w = wrf_default("a.nc", 1);
    bench_write(&b, &w);
    b.start = b.end = b.start + 3 * 3600;
    must(&b, bench_open(&b, "from: wrf", NULL, "  files: a.nc\n  steady: true\n  valid_time: 2020-02-28T03:00:00Z\n"));
    must(&b, bench_read(&b, 0));
    near(b.native->pblh[0], 530, 1e-3);
    assert_true(b.native->have_rain);
    assert_string_equal(BS_PROVIDER_WRF.assumed(b.provider, 0), "weather of 2020-02-28T03:00:00Z held steady (steady)");
    assert_null(BS_PROVIDER_WRF.assumed(b.provider, 1));
    bench_teardown(&b);
}

static void without_what_can_be_derived(void **state)
{
    (void)state;
    bench b;
    bench_setup(&b);
    wrf_file w = wrf_default("a.nc", 1);
    w.leave_out = ",PSFC,T2,U10,V10,PBLH,UST,HFX,QFX,ZNT,LAI,QCLOUD,QRAIN,RAINC,RAINNC,I_RAINNC,LU_INDEX,PH,PHB,"
                  "COSALPHA,SINALPHA,";
    bench_write(&b, &w);
    must(&b, bench_open(&b, "from: wrf", NULL, FILES));
    must(&b, bench_read(&b, 1));
    const bs_native *n = b.native;
    assert_false(n->have_clw || n->have_rnw || n->have_t2 || n->have_wind10 || n->have_pblh || n->have_ustar ||
                 n->have_hfx || n->have_evaporation || n->have_roughness || n->have_leaf_area || n->have_rain ||
                 n->have_land);
    near(n->ps[20], wrf_pressure(&w, 0, true, b.mesh->lon[20], b.mesh->lat[20], 1), 0.1); /* the weight of the air */
    assert_non_null(strstr(BS_PROVIDER_WRF.assumed(b.provider, 0), "no PSFC"));
    bench_teardown(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mesh_is_that_of_the_file),
        cmocka_unit_test(tangent_cone_and_places_without_time),
        cmocka_unit_test(polar_mesh_of_the_south),
        cmocka_unit_test(window_and_kept_levels),
        cmocka_unit_test(dry_air_is_mu),
        cmocka_unit_test(merged_layers_add_up),
        cmocka_unit_test(fields_as_they_are),
        cmocka_unit_test(thickness_is_near_the_files),
        cmocka_unit_test(land_of_other_legends),
        cmocka_unit_test(linear_between_times),
        cmocka_unit_test(several_files_in_any_order),
        cmocka_unit_test(one_time_held),
        cmocka_unit_test(without_what_can_be_derived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
