/* The idealised weather: hydrostatic, plausible, uniform where asked, slope winds that turn with the sun and carry no mass. */
#include "tests/model/config_support.h"

#include <math.h>
#include <netcdf.h>

#include "kernels/base/constants.h"
#include "model/met/met_private.h"

/* Layers of about 60 m up to 1.5 km above the ground, so that both branches of a slope wind are seen. */
enum { NX = 41, NY = 31, NZ = 34, LOW = 24 };

typedef struct world {
    bs_config *config;
    bs_mesh *mesh;
    bs_levels *levels;
    bs_units *units;
    bs_log log;
    bs_met_context context;
    double terrain[NX * NY];
    void *self;
    bs_native *native;
} world;

static const double RIDGE = 1200, GROUND = 300; /* m */

/* A ridge along y in the middle of the mesh. */
static double ridge(int i)
{
    const double x = (i - NX / 2) / 6.0;
    return GROUND + RIDGE * exp(-x * x);
}

static bs_status world_open(scratch *s, world *w, const char *rows)
{
    const bs_mesh_spec spec = {.projection = "+proj=lcc +lat_1=27 +lat_2=33 +lat_0=30 +lon_0=105.3 +R=6370000",
                               .nx = NX,
                               .ny = NY,
                               .dx = 9000,
                               .dy = 9000,
                               .x0 = -0.5 * NX * 9000,
                               .y0 = -0.5 * NY * 9000};
    char text[2048];
    double eta[NZ + 1];
    for (int k = 0; k <= NZ; k++) eta[k] = k <= LOW ? 1 - 0.0072 * k : (1 - 0.0072 * LOW) * (NZ - k) / (NZ - LOW);
    snprintf(text, sizeof text,
             "case: {name: idealised}\ntime: {start: 2015-01-10T00:00:00Z, end: 2015-01-11T00:00:00Z}\n"
             "grid: {projection: '%s', nx: %d, ny: %d, dx: 9 km, centre: [105.3, 30]}\n"
             "meteorology:\n  provider: idealised\n%s",
             spec.projection, NX, NY, rows);
    memset(w, 0, sizeof *w);
    if (bs_config_read(write_text(s, "case.yaml", text), 0, NULL, &w->config, &s->err) != BS_OK)
        fail_msg("%s", s->err.text);
    assert_int_equal(bs_mesh_create(&spec, &w->mesh, &s->err), BS_OK);
    assert_int_equal(bs_levels_from_eta(NZ + 1, eta, 10000, 0.2, &w->levels, &s->err), BS_OK);
    assert_int_equal(bs_native_create(NX, NY, NZ, &w->native, &s->err), BS_OK);
    assert_int_equal(bs_units_create(&w->units, &s->err), BS_OK);
    for (int c = 0; c < NX * NY; c++) w->terrain[c] = ridge(c % NX);
    w->context = (bs_met_context){.config = w->config,
                                  .mesh = w->mesh,
                                  .levels = w->levels,
                                  .terrain = w->terrain,
                                  .roughness = 0.3,
                                  .units = w->units,
                                  .log = &w->log};
    s->err = (bs_err){0};
    return BS_PROVIDER_IDEALISED.create(&w->context, bs_config_time(w->config, "time.start"),
                                        bs_config_time(w->config, "time.end"), &w->self, &s->err);
}

static void world_close(world *w)
{
    BS_PROVIDER_IDEALISED.destroy(w->self);
    bs_native_destroy(w->native);
    bs_levels_destroy(w->levels);
    bs_mesh_destroy(w->mesh);
    bs_units_destroy(w->units);
    bs_config_destroy(w->config);
}

static void world_read(scratch *s, world *w, int hour_of_china)
{
    const bs_time t = bs_time_from_date(2015, 1, 10, 0, 0, 0) + 3600 * (hour_of_china - 8);
    if (BS_PROVIDER_IDEALISED.read(w->self, t, w->native, &s->err) != BS_OK) fail_msg("%s", s->err.text);
    assert_true(w->native->time == t);
}

static void world_make(scratch *s, world *w, const char *rows)
{
    if (world_open(s, w, rows) != BS_OK) fail_msg("%s", s->err.text);
}

static double pressure(const world *w, int k, int c) /* of a layer's middle */
{
    return 0.5 * (bs_levels_pressure(w->levels, k, w->native->ps[c]) +
                  bs_levels_pressure(w->levels, k + 1, w->native->ps[c]));
}

/* ---- air ---- */

/* Heights of middles by the hypsometric equation from the ground, dry; at noon the daily wave is off the profile by 2 K at most. */
static double height(const world *w, int k, int c)
{
    double z = w->terrain[c], p = w->native->ps[c];
    for (int n = 0; n <= k; n++) {
        const double middle = pressure(w, n, c), t = w->native->t[n * NX * NY + c];
        const double mean = n ? 0.5 * (t + w->native->t[(n - 1) * NX * NY + c]) : t;
        z += BS_R_DRY * mean / BS_GRAVITY * log(p / middle);
        p = middle;
    }
    return z;
}

/* Air is level: at one height above the sea, ridge and plain have the same pressure. */
static void pressure_is_hydrostatic(void **state)
{
    world w;
    world_make(*state, &w, "");
    world_read(*state, &w, 6);
    const int plain = 15 * NX, top = 15 * NX + NX / 2, low_pressure = w.native->ps[top] < w.native->ps[plain];
    assert_true(low_pressure);
    const double step = BS_R_DRY * 275 / BS_GRAVITY * log(w.native->ps[plain] / w.native->ps[top]);
    assert_true(fabs(step - (w.terrain[top] - w.terrain[plain])) < 0.03 * RIDGE); /* SCIENCE: 8 K off 275 K */
    for (int k = LOW; k < NZ - 2; k++) {
        double z0 = height(&w, k, top), below = 0, above = 0, p0 = 0, p1 = 0;
        for (int n = 0; n < NZ - 1 && above <= z0; n++) {
            below = height(&w, n, plain), above = height(&w, n + 1, plain);
            p0 = log(pressure(&w, n, plain)), p1 = log(pressure(&w, n + 1, plain));
        }
        const double share = (z0 - below) / (above - below), there = exp(p0 + share * (p1 - p0));
        assert_true(fabs(there / pressure(&w, k, top) - 1) <
                    0.003); /* SCIENCE: 20 m of the daily wave, thick layers aloft */
    }
    world_close(&w);
}

static void fields_are_plausible(void **state)
{
    world w;
    world_make(*state, &w, "");
    for (int hour = 0; hour < 24; hour += 3) {
        world_read(*state, &w, hour);
        const bs_native *n = w.native;
        assert_true(n->have_pblh && n->have_hfx && n->have_t2 && n->have_rain);
        assert_false(n->have_clw || n->have_wind10 || n->have_ustar);
        for (int c = 0; c < NX * NY; c++) {
            assert_true(n->ps[c] > 80000 && n->ps[c] < 105000);
            assert_true(n->t2[c] > 260 && n->t2[c] < 300);
            assert_true(n->pblh[c] >= 50 && n->pblh[c] < 3000);
            assert_true(n->hfx[c] > -100 && n->hfx[c] < 400);
            assert_true(n->rain[c] == 0);
            for (int k = 0; k < NZ; k++) {
                const int at = k * NX * NY + c;
                assert_true(n->t[at] > 200 && n->t[at] < 300);
                assert_true(hypot(n->u[at], n->v[at]) < 80);
                if (pressure(&w, k, c) > 85000) assert_true(hypot(n->u[at], n->v[at]) < 12);
                assert_true(n->qv[at] >= 0 && n->qv[at] < 0.02);
            }
        }
    }
    world_close(&w);
}

static void the_sun_makes_the_day(void **state)
{
    world w;
    world_make(*state, &w, "");
    const int c = 15 * NX + 3;
    world_read(*state, &w, 4);
    const double night = w.native->pblh[c], cold = w.native->t2[c];
    assert_true(w.native->hfx[c] < 0);
    world_read(*state, &w, 15);
    assert_true(w.native->pblh[c] > 2 * night);
    assert_true(w.native->t2[c] > cold + 2);
    world_read(*state, &w, 12);
    assert_true(w.native->hfx[c] > 30);
    world_close(&w);
}

/* ---- winds ---- */

static void uniform_wind_is_exact(void **state)
{
    world w;
    world_make(*state, &w, "  idealised: {wind_u: 7.5 m s-1, wind_v: -3.25 m s-1}\n");
    for (int hour = 2; hour < 24; hour += 12) {
        world_read(*state, &w, hour);
        for (int k = 0; k < NZ; k++)
            for (int c = 0; c < NX * NY; c++) {
                const double u = w.native->u[k * NX * NY + c], v = w.native->v[k * NX * NY + c];
                const double east = u * w.mesh->cos_rot[c] - v * w.mesh->sin_rot[c],
                             north = u * w.mesh->sin_rot[c] + v * w.mesh->cos_rot[c];
                assert_true(fabs(east - 7.5) < 1e-13 && fabs(north + 3.25) < 1e-13); /* ROUND: a rotation and back */
            }
    }
    world_close(&w);
}

/* The slope wind alone: the weather with it less the weather without. */
static void slope_wind(scratch *s, int hour, double *u, double *mass_per_layer)
{
    world with, without;
    world_make(s, &with, "  idealised: {slope_wind_speed: 3 m s-1}\n");
    world_make(s, &without, "  idealised: {slope_wind_speed: 0 m s-1}\n");
    world_read(s, &with, hour);
    world_read(s, &without, hour);
    const int j = NY / 2;
    for (int k = 0; k < NZ; k++)
        for (int i = 0; i < NX; i++) {
            const int c = j * NX + i, at = k * NX * NY + c;
            u[k * NX + i] = with.native->u[at] - without.native->u[at];
            mass_per_layer[k * NX + i] = (bs_levels_pressure(with.levels, k, with.native->ps[c]) -
                                          bs_levels_pressure(with.levels, k + 1, with.native->ps[c])) /
                                         BS_GRAVITY;
        }
    world_close(&with);
    world_close(&without);
}

/* On the western slope (ground rises eastward) the lowest air goes up by day, down by night; the eastern slope is its mirror. */
static void slope_winds_turn_with_the_sun(void **state)
{
    static double u[NZ * NX], mass[NZ * NX];
    const int west = NX / 2 - 4, east = NX / 2 + 4;
    slope_wind(*state, 14, u, mass);
    const double day = u[NX + west];
    assert_true(day > 0.5 && day <= 4.5); /* slope and, half as strong, the smoothed terrain's */
    assert_true(u[NX + east] < -0.5);
    slope_wind(*state, 3, u, mass);
    assert_true(u[NX + west] < -0.2 && u[NX + west] > -day);
    assert_true(u[NX + east] > 0.2);
}

static void slope_winds_carry_no_mass(void **state)
{
    static double u[NZ * NX], mass[NZ * NX];
    double worst = 0;
    for (int hour = 3; hour < 24; hour += 11) {
        slope_wind(*state, hour, u, mass);
        for (int i = NX / 2 - 6; i <= NX / 2 + 6; i++) {
            double net = 0, gross = 0;
            for (int k = 0; k < NZ; k++) {
                net += u[k * NX + i] * mass[k * NX + i];
                gross += fabs(u[k * NX + i]) * mass[k * NX + i];
            }
            if (i == NX / 2) continue; /* on the crest there is no slope */
            assert_true(gross > 50);   /* kg m-1 s-1 */
            worst = fmax(worst, fabs(net) / gross);
        }
    }
    print_message("  largest share of the branches' mass that stays over: %.3f\n", worst);
    assert_true(worst < 0.1); /* SCIENCE: the return branch lies 300 m higher in thinner air; layers of 60 m */
}

/* ---- bad options ---- */

static void refused(scratch *s, const char *rows, const char *what)
{
    world w;
    assert_int_equal(world_open(s, &w, rows), BS_ERR_INPUT);
    assert_null(w.self);
    assert_contains(s->err.text, "case.yaml:");
    assert_contains(s->err.text, what);
    world_close(&w);
}

static void bad_options_are_told_why(void **state)
{
    scratch *s = *state;
    refused(s, "  idealised: {wind_u: 5 m s-1}\n", "meteorology.idealised.wind_u and wind_v go together");
    refused(s, "  idealised: {wind_v: 5 m s-1}\n", "meteorology.idealised.wind_u and wind_v go together");
    static const char *const UNREAD[][2] = {
        {"  files: case.yaml\n", "files"},
        {"  variables: {temperature: {name: T}}\n", "variables"},
        {"  dimensions: {longitude: x}\n", "dimensions.longitude"},
        {"  dimensions: {level_units: hPa}\n", "dimensions.level_units"},
        {"  dimensions: {time: t}\n", "dimensions.time"},
        {"  assume: {temperature: standard_atmosphere}\n", "assume.temperature"},
        {"  assume: {humidity: 0.5}\n", "assume.humidity"},
        {"  assume: {surface_pressure: 990 hPa}\n", "assume.surface_pressure"},
        {"  assume: {boundary_layer_height: 400 m}\n", "assume.boundary_layer_height"},
        {"  assume: {heat_flux: neutral}\n", "assume.heat_flux"},
        {"  assume: {precipitation: none}\n", "assume.precipitation"}};
    char words[128];
    for (size_t n = 0; n < sizeof UNREAD / sizeof *UNREAD; n++) {
        snprintf(words, sizeof words, "the idealised provider does not read meteorology.%s", UNREAD[n][1]);
        refused(s, UNREAD[n][0], words);
    }
}

/* ---- 10 m winds of a file ---- */

#define NC_OK(call) assert_int_equal(call, NC_NOERR)

typedef struct wind_file {
    double lon0, d;
    int n_times, hours;    /* times and hours between them, from 2015-01-10T00 on */
    const char *unit;      /* NULL: none */
    const char *time_unit; /* NULL: the usual */
    int skip;              /* time left out, -1: none */
    bool bad;              /* a missing value at the last time */
    const char *v_name;
} wind_file;

static wind_file wind_file_default(void)
{
    return (wind_file){.lon0 = 102, .d = 0.5, .n_times = 5, .hours = 6, .unit = "m s-1", .skip = -1, .v_name = "v10"};
}

/* Linear in longitude and latitude, which bilinear interpolation keeps, and linear in time but for a turn at 12 h. */
static double east_wind(double lon, double lat, double hour)
{
    return 1 + 0.2 * (lon - 105) - 0.1 * (lat - 30) + (hour < 12 ? 0.25 * hour : 3 - 0.1 * (hour - 12));
}

static double north_wind(double lon, double lat, double hour)
{
    return -2 + 0.1 * (lon - 105) + 0.3 * (lat - 30) - 0.05 * hour;
}

static void write_winds(const scratch *s, const wind_file *f)
{
    enum { LONS = 15, LATS = 13, TIMES = 8 };
    static double u[TIMES * LATS * LONS], v[TIMES * LATS * LONS];
    char path[512];
    int id, dim[3], axis[3], wind[2], n = 0;
    double lon[LONS], lat[LATS], time[TIMES], fill = 9e36;
    for (int i = 0; i < LONS; i++) lon[i] = f->lon0 + i * f->d;
    for (int j = 0; j < LATS; j++) lat[j] = 27 + j * 0.5;
    for (int t = 0; t < f->n_times; t++) {
        if (t == f->skip) continue;
        time[n] = t * f->hours;
        for (int c = 0; c < LATS * LONS; c++) {
            u[n * LATS * LONS + c] = east_wind(lon[c % LONS], lat[c / LONS], time[n]);
            v[n * LATS * LONS + c] = north_wind(lon[c % LONS], lat[c / LONS], time[n]);
        }
        n++;
    }
    if (f->bad) u[n * LATS * LONS - LATS * LONS / 2] = fill;
    snprintf(path, sizeof path, "%s/wind.nc", s->folder);
    NC_OK(nc_create(path, NC_NETCDF4 | NC_CLOBBER, &id));
    NC_OK(nc_def_dim(id, "time", (size_t)n, &dim[0]));
    NC_OK(nc_def_dim(id, "lat", LATS, &dim[1]));
    NC_OK(nc_def_dim(id, "lon", LONS, &dim[2]));
    const char *const names[] = {"time", "lat", "lon"};
    for (int a = 0; a < 3; a++) NC_OK(nc_def_var(id, names[a], NC_DOUBLE, 1, &dim[a], &axis[a]));
    const char *since = f->time_unit ? f->time_unit : "hours since 2015-01-10 00:00:00";
    NC_OK(nc_put_att_text(id, axis[0], "units", strlen(since), since));
    NC_OK(nc_def_var(id, "u10", NC_DOUBLE, 3, dim, &wind[0]));
    NC_OK(nc_def_var(id, f->v_name, NC_DOUBLE, 3, dim, &wind[1]));
    for (int w = 0; w < 2; w++) {
        NC_OK(nc_put_att_double(id, wind[w], "_FillValue", NC_DOUBLE, 1, &fill));
        if (f->unit) NC_OK(nc_put_att_text(id, wind[w], "units", strlen(f->unit), f->unit));
    }
    NC_OK(nc_enddef(id));
    NC_OK(nc_put_var_double(id, axis[0], time));
    NC_OK(nc_put_var_double(id, axis[1], lat));
    NC_OK(nc_put_var_double(id, axis[2], lon));
    NC_OK(nc_put_var_double(id, wind[0], u));
    NC_OK(nc_put_var_double(id, wind[1], v));
    NC_OK(nc_close(id));
}

#define WITH_WIND "  idealised: {wind10_file: wind.nc}\n"

static void east_north(const world *w, int c, double u, double v, double *east, double *north)
{
    *east = u * w->mesh->cos_rot[c] - v * w->mesh->sin_rot[c];
    *north = u * w->mesh->sin_rot[c] + v * w->mesh->cos_rot[c];
}

/* The file's wind at 10 m, turned to the grid and linear in time; through it a logarithm under the lid, and westerlies far above. */
static void winds_of_a_file_rule_under_the_lid(void **state)
{
    scratch *s = *state;
    const wind_file f = wind_file_default();
    world w;
    write_winds(s, &f);
    world_make(s, &w, WITH_WIND);
    const int hours[] = {8, 11, 17, 23, 32}; /* of China: 0, 3, 9, 15 and 24 UTC */
    for (size_t h = 0; h < sizeof hours / sizeof *hours; h++) {
        world_read(s, &w, hours[h]);
        assert_true(w.native->have_wind10 && w.native->have_pblh && w.native->have_hfx);
        for (int c = 0; c < NX * NY; c++) {
            double east, north;
            east_north(&w, c, w.native->u10[c], w.native->v10[c], &east, &north);
            assert_true(fabs(east - east_wind(w.mesh->lon[c], w.mesh->lat[c], hours[h] - 8)) < 1e-10); /* ROUND: axes */
            assert_true(fabs(north - north_wind(w.mesh->lon[c], w.mesh->lat[c], hours[h] - 8)) < 1e-10);
            const double speed10 = hypot(w.native->u10[c], w.native->v10[c]);
            for (int k = 0; k < NZ; k++) {
                const int at = k * NX * NY + c;
                const double z = height(&w, k, c), above = z - w.terrain[c];
                const double speed = hypot(w.native->u[at], w.native->v[at]);
                const bool under = z < 1750 && above > 20;
                if (!under) continue;
                const double want = speed10 * log(above / 0.3) / log(10 / 0.3);
                assert_true(fabs(speed - want) < 0.02 * want); /* SCIENCE: heights found anew, within 20 m */
                assert_true(w.native->u[at] * w.native->u10[c] >= 0 && w.native->v[at] * w.native->v10[c] >= 0);
            }
            east_north(&w, c, w.native->u[(NZ - 1) * NX * NY + c], w.native->v[(NZ - 1) * NX * NY + c], &east, &north);
            assert_true(east > 15 && fabs(north) < 1e-9);
        }
    }
    world_close(&w);
}

static void the_label_tells_what_it_is(void **state)
{
    scratch *s = *state;
    const wind_file f = wind_file_default();
    world w;
    write_winds(s, &f);
    world_make(s, &w, WITH_WIND);
    assert_contains(bs_met_provider(w.config)->label, "over an idealised column");
    assert_string_equal(bs_met_provider(w.config)->name, "idealised");
    world_close(&w);
    world_make(s, &w, "");
    assert_not_contains(bs_met_provider(w.config)->label, "10 m winds");
    world_close(&w);
}

static void winds_refused(scratch *s, const wind_file *f, const char *rows, const char *one, const char *two)
{
    world w;
    write_winds(s, f);
    refused(s, rows, one);
    assert_contains(s->err.text, two);
    world_make(s, &w, ""); /* without the file all is well */
    world_close(&w);
}

static void bad_winds_are_told_why(void **state)
{
    scratch *s = *state;
    wind_file f = wind_file_default();
    f.unit = NULL;
    winds_refused(s, &f, WITH_WIND, "'u10' has no units attribute", "meteorology.idealised.wind10_units: m s-1");
    world w;
    world_make(s, &w, "  idealised: {wind10_file: wind.nc, wind10_units: km h-1}\n");
    world_read(s, &w, 8);
    double east, north;
    east_north(&w, 0, w.native->u10[0], w.native->v10[0], &east, &north);
    assert_true(fabs(3.6 * east - east_wind(w.mesh->lon[0], w.mesh->lat[0], 0)) < 1e-10);
    world_close(&w);
    f.unit = "K";
    winds_refused(s, &f, WITH_WIND, "cannot be converted to 'm s-1'", "wind.nc");
    f = wind_file_default();
    f.v_name = "v";
    winds_refused(s, &f, WITH_WIND, "name the northward wind in meteorology.idealised.wind10_v", "'v10'");
    write_winds(s, &f);
    world_make(s, &w, "  idealised: {wind10_file: wind.nc, wind10_v: v}\n");
    world_close(&w);
    f = wind_file_default();
    f.lon0 = 104;
    winds_refused(s, &f, WITH_WIND, "the mesh sticks out of the meteorology", "western side");
    f = wind_file_default();
    f.n_times = 4; /* ends at 18 UTC */
    winds_refused(s, &f, WITH_WIND, "covers 2015-01-10T00:00:00Z to 2015-01-10T18:00:00Z", "wind.nc");
    f = wind_file_default();
    f.skip = 2;
    winds_refused(s, &f, WITH_WIND, "gap in time", "2015-01-10T06:00:00Z");
    f = wind_file_default();
    f.time_unit = "days";
    winds_refused(s, &f, WITH_WIND, "time", "wind.nc");
    winds_refused(s, &f, "  idealised: {wind10_file: wind.nc, wind_u: 1 m s-1, wind_v: 1 m s-1}\n",
                  "exclude each other", "wind10_file");
    winds_refused(s, &f, "  idealised: {wind10_file: wind.nc, inflow_speed: 3 m s-1}\n",
                  "meteorology.idealised.inflow_speed is not read", "wind10_file");
    winds_refused(s, &f, "  idealised: {wind10_file: wind.nc, slope_wind_speed: 1.5 m s-1}\n",
                  "meteorology.idealised.slope_wind_speed is not read", "wind10_file");
    winds_refused(s, &f, "  idealised: {wind10_units: m s-1}\n", "is missing", "wind10_units");
    f = wind_file_default();
    f.bad = true;
    write_winds(s, &f);
    world_make(s, &w, WITH_WIND);
    assert_int_equal(BS_PROVIDER_IDEALISED.read(w.self, bs_config_time(w.config, "time.end"), w.native, &s->err),
                     BS_ERR_INPUT);
    assert_contains(s->err.text, "missing or not a number");
    assert_contains(s->err.text, "wind.nc: u10[time=4]");
    world_close(&w);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, scratch_setup, scratch_teardown)
    const struct CMUnitTest tests[] = {
        TEST(pressure_is_hydrostatic),       TEST(fields_are_plausible),
        TEST(the_sun_makes_the_day),         TEST(uniform_wind_is_exact),
        TEST(slope_winds_turn_with_the_sun), TEST(slope_winds_carry_no_mass),
        TEST(bad_options_are_told_why),      TEST(winds_of_a_file_rule_under_the_lid),
        TEST(the_label_tells_what_it_is),    TEST(bad_winds_are_told_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
