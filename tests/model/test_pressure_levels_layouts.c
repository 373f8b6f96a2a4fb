/* Named layouts: the same weather as ERA5, GFS and CFSR write it, sums and means over a period, versions, and what overrides what. */
#include "tests/model/test_met_files.h"

/* Fields linear in all that is interpolated: rounding of a few hundred operations on values up to 300. */
static const double ROUND = 1e-9;
/* The same through ln p of levels that are in Pa or hPa, and half a step of int16 packing over 80 K (80 / 65000 / 2). */
static const double PACKED = 7e-4;

static const double LEVELS[] = {1000, 850, 700, 500, 200}; /* hPa */

/* Rain of the hour that ends at `hours`, kg m-2: 0.9 in the first, 1.8 in the second, ... */
static double rain_of_hour(double hours)
{
    return hours > 0 ? 0.9 * hours : 0;
}

/* A source in the terms of layout ERA5; names of others are first translated to it. */
static double era5_value(const char *name, met_point at, const void *own)
{
    (void)own;
    const double x = east_of(at.lon), y = at.lat - 30, p = at.lev * 100;
    if (strcmp(name, "sp") == 0) return 101000 + 100 * x - 50 * y + 10 * at.hours;
    if (strcmp(name, "lnsp") == 0) return log(101000 + 100 * x - 50 * y + 10 * at.hours);
    if (strcmp(name, "tp") == 0) return rain_of_hour(at.hours) / 1000;   /* m */
    if (strcmp(name, "e") == 0) return -0.0001 * at.hours;               /* m, downward */
    if (strcmp(name, "sshf") == 0) return -3600 * 50 * at.hours;         /* J m-2, downward */
    if (strcmp(name, "slhf") == 0) return -3600 * 250.08 * at.hours;     /* J m-2, downward */
    if (strcmp(name, "mtpr") == 0) return rain_of_hour(at.hours) / 3600; /* kg m-2 s-1 */
    if (strcmp(name, "blh") == 0) return 500 + 10 * at.hours;
    if (strcmp(name, "zust") == 0) return 0.3;
    if (strcmp(name, "fsr") == 0) return 0.25;
    if (strcmp(name, "d2m") == 0) return 280;
    if (strcmp(name, "clwc") == 0 || strcmp(name, "crwc") == 0) return 1e-5 * (1 + 0.1 * x);
    if (strcmp(name, "z") == 0) return at.lev > 0 ? 9.80665 * 1000 * (10 - at.lev / 100) : 9.80665 * 300;
    return truth(name, at.lon, at.lat, p, at.hours);
}

static met_file hourly(const char *time, const char *time_unit, const char *level, const char *level_unit, int n_times)
{
    met_file f = met_file_over_the_mesh();
    *axis_at(&f, 't') = (met_axis){.name = time, .unit = time_unit, .n = n_times};
    *axis_at(&f, 'k') = (met_axis){.name = level, .unit = level_unit, .n = 5};
    for (int t = 0; t < n_times; t++) axis_at(&f, 't')->value[t] = t;
    memcpy(axis_at(&f, 'k')->value, LEVELS, sizeof LEVELS);
    return f;
}

static void turn_levels(met_file *f)
{
    for (int k = 0; k < 5; k++) axis_at(f, 'k')->value[k] = LEVELS[4 - k];
}

static void open_bench(bench *b)
{
    bs_mesh_spec spec = lonlat_mesh();
    bench_setup(b, &spec, 20000);
    b->log.screen = tmpfile();
    assert_non_null(b->log.screen);
    b->end = b->start + 4 * 3600;
}

static void close_bench(bench *b)
{
    FILE *screen = b->log.screen;
    bench_teardown(b);
    fclose(screen);
}

/* Winds, temperature and humidity where they lie between levels, surface pressure. */
static void compare(const bench *b, double hours, double tolerance)
{
    const size_t cells = (size_t)b->mesh->nx * (size_t)b->mesh->ny;
    int compared = 0;
    for (size_t c = 0; c < cells; c++) {
        const double lon = b->mesh->lon[c], lat = b->mesh->lat[c];
        const double ps = 101000 + 100 * east_of(lon) - 50 * (lat - 30) + 10 * hours;
        assert_true(fabs(b->native->ps[c] - ps) < 1e4 * tolerance + 1e-5);
        for (int k = 0; k < b->levels->nz; k++) {
            const double p = mid_pressure(b, k, c);
            const size_t at = (size_t)k * cells + c;
            if (p > 99000) continue;
            assert_true(fabs(b->native->u[at] - truth("u", lon, lat, p, hours)) < tolerance);
            assert_true(fabs(b->native->v[at] - truth("v", lon, lat, p, hours)) < tolerance);
            assert_true(fabs(b->native->t[at] - truth("t", lon, lat, p, hours)) < tolerance);
            assert_true(fabs(b->native->qv[at] - truth("q", lon, lat, p, hours)) < tolerance * 1e-3);
            compared++;
        }
    }
    assert_true(compared >= (int)cells * (b->levels->nz - 1));
}

static void put_upper(met_file *f, const char *kinds, met_value *value)
{
    met_put(f, "u", kinds, "m s**-1", value);
    met_put(f, "v", kinds, "m s**-1", value);
    met_put(f, "t", kinds, "K", value);
    met_put(f, "q", kinds, "kg kg**-1", value);
}

/* As the Climate Data Store wrote it until 2024: pressure levels in one file, single levels in another, int16. */
static void write_old_era5(const bench *b)
{
    met_file f = hourly("time", "hours since 2020-01-01 00:00:00.0", "level", "millibars", 5);
    f.packed = f.whole = true;
    turn_levels(&f);
    met_create(&f, b->dir, "pl.nc");
    put_upper(&f, "tkji", era5_value);
    met_put(&f, "z", "tkji", "m**2 s**-2", era5_value);
    met_put(&f, "clwc", "tkji", "kg kg**-1", era5_value);
    met_put(&f, "crwc", "tkji", "kg kg**-1", era5_value);
    met_close(&f);
    f.axis[kind_of('k')].name = NULL;
    met_create(&f, b->dir, "sl.nc");
    const char *const single[][2] = {{"sp", "Pa"},
                                     {"u10", "m s**-1"},
                                     {"v10", "m s**-1"},
                                     {"t2m", "K"},
                                     {"d2m", "K"},
                                     {"blh", "m"},
                                     {"zust", "m s**-1"},
                                     {"fsr", "m"},
                                     {"z", "m**2 s**-2"},
                                     {"tp", "m"},
                                     {"sshf", "J m**-2"},
                                     {"slhf", "J m**-2"},
                                     {"e", "m of water equivalent"}};
    for (size_t n = 0; n < sizeof single / sizeof single[0]; n++)
        met_put(&f, single[n][0], "tji", single[n][1], era5_value);
    met_close(&f);
}

static const char ERA5[] = "  layout: era5\n  files: '*l.nc'\n";

static void era5_old_layout(void **state)
{
    (void)state;
    bench b;
    char log[16384];
    open_bench(&b);
    write_old_era5(&b);
    must(&b, bench_open(&b, ERA5, NULL));
    must(&b, bench_read(&b, 2));
    compare(&b, 2, PACKED);
    const bs_native *n = b.native;
    assert_true(n->have_t2 && n->have_wind10 && n->have_pblh && n->have_ustar && n->have_clw && n->have_rnw);
    assert_true(n->have_hfx && n->have_rain && n->have_evaporation && n->have_roughness);
    assert_false(n->have_leaf_area);
    /* the hours that end at 2 and 3 lie on either side of 2 */
    assert_true(fabs(n->rain[0] - 0.5 * (1.8 + 2.7) / 3600) < 1e-7);
    assert_true(fabs(n->hfx[0] - 50 * 2.5) < 1e-2);
    assert_true(fabs(n->evaporation[0] - 1000 * 0.0001 * 2.5 / 3600) < 1e-8);
    assert_true(fabs(n->pblh[0] - 520) < 1e-2 && fabs(n->ustar[0] - 0.3) < 1e-6 && fabs(n->roughness[0] - 0.25) < 1e-6);
    log_text(&b, log, sizeof log);
    assert_non_null(strstr(log, "precipitation from 'tp', accumulated over the 1 h that end at its stamp"));
    assert_non_null(
        strstr(log, "sensible_heat_flux from 'sshf', accumulated over the 1 h that end at its stamp, downward"));
    assert_non_null(strstr(log, "'e' has the unit 'm of water equivalent', which is none: taken to be in m"));
    assert_non_null(strstr(log, "evaporation is used, latent_heat_flux of the files is not needed"));
    close_bench(&b);
}

/* As it writes it since: valid_time, pressure_level, scalars number and expver. */
static void era5_new_layout(void **state)
{
    (void)state;
    bench b;
    open_bench(&b);
    met_file f = hourly("valid_time", "hours since 2020-01-01", "pressure_level", "hPa", 5);
    met_create(&f, b.dir, "new_l.nc");
    met_attribute(&f, "pressure_level", "stored_direction", "decreasing");
    met_attribute(&f, "pressure_level", "standard_name", "air_pressure");
    int var;
    NC_OK(nc_redef(f.id));
    NC_OK(nc_def_var(f.id, "number", NC_INT64, 0, NULL, &var));
    NC_OK(nc_def_var(f.id, "expver", NC_STRING, 0, NULL, &var));
    NC_OK(nc_enddef(f.id));
    put_upper(&f, "tkji", era5_value);
    met_put(&f, "sp", "tji", "Pa", era5_value);
    met_put(&f, "mtpr", "tji", "kg m**-2 s**-1", era5_value);
    met_put(&f, "slhf", "tji", "J m**-2", era5_value);
    met_close(&f);
    must(&b, bench_open(&b, ERA5, NULL));
    must(&b, bench_read(&b, 3));
    compare(&b, 3, ROUND);
    assert_true(fabs(b.native->rain[0] - 0.5 * (2.7 + 3.6) / 3600) < 1e-15);
    /* latent heat 250.08 W m-2 per hour of the clock, over 2.5008e6 J kg-1; 3.5 in the middle of hours 3 and 4 */
    assert_true(fabs(b.native->evaporation[0] - 3.5e-4) < 1e-15);
    assert_string_equal(BS_PROVIDER_PRESSURE_LEVELS.assumed(b.provider, 0),
                        "moisture flux from the latent heat flux, 2.5008e+06 J kg-1");
    close_bench(&b);
}

/* Final ERA5 in the first two hours, the preliminary one after that. */
static double versions_value(const char *name, met_point at, const void *own)
{
    const bool final = at.hours < 2;
    if (final != (at.version == 1)) return NAN;
    return era5_value(name, at, own);
}

static void era5_and_era5t_are_merged(void **state)
{
    (void)state;
    bench b;
    char log[16384];
    open_bench(&b);
    met_file f = hourly("time", "hours since 2020-01-01", "level", "millibars", 5);
    *axis_at(&f, 'e') = (met_axis){.name = "expver", .unit = NULL, .n = 2, .value = {1, 5}};
    f.packed = true;
    met_create(&f, b.dir, "t_l.nc");
    put_upper(&f, "tekji", versions_value);
    met_put(&f, "sp", "teji", "Pa", versions_value);
    met_close(&f);
    must(&b, bench_open(&b, ERA5, NULL));
    for (int hour = 0; hour < 5; hour++) {
        must(&b, bench_read(&b, hour));
        compare(&b, hour, PACKED);
    }
    assert_non_null(strstr(log_text(&b, log, sizeof log), "'u' has 2 versions (expver: ERA5 and preliminary ERA5T)"));
    close_bench(&b);
}

/* ---- GFS and CFSR: names that stand for names of ERA5 ---- */

static const char *const TRANSLATION[][2] = {
    {"u-component_of_wind_isobaric", "u"},
    {"v-component_of_wind_isobaric", "v"},
    {"Temperature_isobaric", "t"},
    {"Relative_humidity_isobaric", "r"},
    {"Pressure_surface", "sp"},
    {"Geopotential_height_surface", "orog"},
    {"PRES_surface", "sp"},
    {"U_GRD_L100", "u"},
    {"V_GRD_L100", "v"},
    {"TMP_L100", "t"},
    {"SPF_H_L100", "q"},
    {"PRES_L1", "sp"},
    {"PRATE_L1_Avg_1", "mtpr"},
    {"Total_precipitation_surface_3_Hour_Accumulation", "apcp"},
};

static double other_value(const char *name, met_point at, const void *own)
{
    double p;
    char letter;
    if (sscanf(name, "%cGRD_%lfmb", &letter, &p) == 2)
        return truth(letter == 'U' ? "u" : "v", at.lon, at.lat, p * 100, at.hours);
    if (sscanf(name, "TMP_%lfmb", &p) == 1) return truth("t", at.lon, at.lat, p * 100, at.hours);
    if (sscanf(name, "SPFH_%lfmb", &p) == 1) return truth("q", at.lon, at.lat, p * 100, at.hours);
    if (strstr(name, "height_above_ground"))
        return at.height == 10 ? truth("u10", at.lon, at.lat, 0, 0) : at.height == 2 ? 288 : -99;
    for (size_t n = 0; n < sizeof TRANSLATION / sizeof TRANSLATION[0]; n++) {
        if (strcmp(name, TRANSLATION[n][0]) != 0) continue;
        const char *era5 = TRANSLATION[n][1];
        if (strcmp(era5, "apcp") == 0) return 5.4 * at.hours / 3; /* kg m-2 in three hours */
        if (strcmp(era5, "orog") == 0) return 300;
        if (strcmp(era5, "r") == 0) return 60;
        if (at.lev > 1200) at.lev /= 100; /* levels in Pa */
        return era5_value(era5, at, own);
    }
    fail_msg("no value for %s", name);
    return 0;
}

static void gfs_of_thredds(void **state)
{
    (void)state;
    bench b;
    open_bench(&b);
    b.end = b.start + 6 * 3600;
    met_file f = hourly("time1", "Hour since 2020-01-01T00:00:00Z", "isobaric3", "Pa", 3);
    for (int k = 0; k < 5; k++) axis_at(&f, 'k')->value[k] = 100 * LEVELS[4 - k];
    for (int t = 0; t < 3; t++) axis_at(&f, 't')->value[t] = 3.0 * t;
    *axis_at(&f, 'h') = (met_axis){.name = "height_above_ground4", .unit = "m", .n = 3, .value = {2, 10, 80}};
    met_create(&f, b.dir, "gfs.nc");
    const char *const upper[] = {"u-component_of_wind_isobaric", "v-component_of_wind_isobaric",
                                 "Temperature_isobaric"};
    const char *const units[] = {"m/s", "m/s", "K"};
    for (int n = 0; n < 3; n++) met_put(&f, upper[n], "tkji", units[n], other_value);
    met_put(&f, "Relative_humidity_isobaric", "tkji", "%", other_value);
    met_put(&f, "Pressure_surface", "tji", "Pa", other_value);
    met_put(&f, "Geopotential_height_surface", "tji", "gpm", other_value);
    met_put(&f, "u-component_of_wind_height_above_ground", "thji", "m/s", other_value);
    met_put(&f, "v-component_of_wind_height_above_ground", "thji", "m/s", other_value);
    met_put(&f, "Temperature_height_above_ground", "thji", "K", other_value);
    met_put(&f, "Total_precipitation_surface_3_Hour_Accumulation", "tji", "kg.m-2", other_value);
    met_close(&f);
    must(&b, bench_open(&b, "  layout: gfs\n  files: gfs.nc\n  interval: 3 h\n", NULL));
    must(&b, bench_read(&b, 3));
    const size_t cells = (size_t)b.mesh->nx * (size_t)b.mesh->ny;
    for (size_t c = 0; c < cells; c++) {
        const double lon = b.mesh->lon[c], lat = b.mesh->lat[c];
        for (int k = 0; k < b.levels->nz; k++) {
            const double p = mid_pressure(&b, k, c);
            if (p > 99000) continue;
            assert_true(fabs(b.native->u[(size_t)k * cells + c] - truth("u", lon, lat, p, 3)) < ROUND);
            assert_true(fabs(b.native->t[(size_t)k * cells + c] - truth("t", lon, lat, p, 3)) < ROUND);
        }
        assert_true(fabs(b.native->u10[c] - truth("u10", lon, lat, 0, 0)) < ROUND);
        assert_true(fabs(b.native->t2[c] - 288) < ROUND);
        /* 5.4 in the three hours to 3, 10.8 in those to 6: the mean of an hour and a half on either side */
        assert_true(fabs(b.native->rain[c] - 8.1 / 10800) < 1e-15);
    }
    close_bench(&b);
}

static void gfs_of_wgrib2(void **state)
{
    (void)state;
    bench b;
    open_bench(&b);
    met_file f = hourly("time", "seconds since 2020-01-01 00:00:00.0 0:00", NULL, NULL, 3);
    for (int t = 0; t < 3; t++) axis_at(&f, 't')->value[t] = 2.0 * 3600 * t;
    met_create(&f, b.dir, "wgrib2.nc");
    for (int t = 0; t < 3; t++) axis_at(&f, 't')->value[t] /= 3600; /* the values are told hours */
    const int order[] = {2, 0, 4, 1, 3};
    char name[32];
    for (int n = 0; n < 5; n++) {
        const char *const kind[][2] = {{"UGRD", "m/s"}, {"VGRD", "m/s"}, {"TMP", "K"}, {"SPFH", "kg/kg"}};
        for (int v = 0; v < 4; v++) {
            snprintf(name, sizeof name, "%s_%gmb", kind[v][0], LEVELS[order[n]]);
            met_put(&f, name, "tji", kind[v][1], other_value);
        }
    }
    met_put(&f, "PRES_surface", "tji", "Pa", other_value);
    met_close(&f);
    must(&b, bench_open(&b, "  layout: gfs\n  files: wgrib2.nc\n", NULL));
    must(&b, bench_read(&b, 3));
    compare(&b, 3, ROUND);
    /* the same by the case's own words */
    must(&b,
         bench_open(&b,
                    "  files: wgrib2.nc\n  variables: {u: {name: UGRD_*mb}, v: {name: VGRD_*mb}, temperature: {name: "
                    "TMP_*mb}, specific_humidity: {name: SPFH_*mb}, surface_pressure: {name: PRES_surface}}\n",
                    NULL));
    must(&b, bench_read(&b, 1));
    compare(&b, 1, ROUND);
    assert_int_equal(
        bench_open(&b,
                   "  files: wgrib2.nc\n  variables: {u: {name: UGRD_*mb}, v: {name: VGRD_*mb}, temperature: "
                   "{name: TMP_*mb}, specific_humidity: {name: SPFH_*mb}, surface_pressure: {name: TMP_*mb}}\n",
                   NULL),
        BS_ERR_INPUT);
    close_bench(&b);
}

static void cfsr_of_ncar(void **state)
{
    (void)state;
    bench b;
    open_bench(&b);
    met_file f = hourly("time", "hours since 2020-01-01 00:00:0.0", "level1", "mbar", 5);
    met_create(&f, b.dir, "cfsr.nc");
    const char *const upper[][2] = {
        {"U_GRD_L100", "m/s"}, {"V_GRD_L100", "m/s"}, {"TMP_L100", "K"}, {"SPF_H_L100", "kg/kg"}};
    for (int n = 0; n < 4; n++) met_put(&f, upper[n][0], "tkji", upper[n][1], other_value);
    met_put(&f, "PRES_L1", "tji", "Pa", other_value);
    met_put(&f, "PRATE_L1_Avg_1", "tji", "kg/m^2/s", other_value);
    met_close(&f);
    must(&b, bench_open(&b, "  layout: cfsr\n  files: cfsr.nc\n", NULL));
    must(&b, bench_read(&b, 2));
    compare(&b, 2, ROUND);
    assert_true(fabs(b.native->rain[0] - 0.5 * (1.8 + 2.7) / 3600) < 1e-15);
    close_bench(&b);
}

/* ---- sums and means ---- */

/* What falls from start to end by weather that is linear between times `interval` apart. */
static double fallen(bench *b, int interval_s)
{
    double sum = 0;
    for (bs_time t = b->start; t <= b->end; t += interval_s) {
        assert_int_equal(BS_PROVIDER_PRESSURE_LEVELS.read(b->provider, t, b->native, &b->err), BS_OK);
        sum += (t == b->start || t == b->end ? 0.5 : 1.0) * interval_s * b->native->rain[7];
    }
    return sum;
}

/* As much in the first two hours as before the start, and after the end as in the last one: the mean around either end is that of one hour. */
static double even_ends(const char *name, met_point at, const void *own)
{
    static const double HOUR[] = {0.9, 0.9, 1.8, 2.7, 3.6, 3.6}; /* kg m-2 */
    return strcmp(name, "tp") == 0 ? HOUR[(int)at.hours] / 1000 : era5_value(name, at, own);
}

static void all_rain_falls_whatever_the_interval(void **state)
{
    (void)state;
    bench b;
    open_bench(&b);
    met_file f = hourly("time", "hours since 2020-01-01", "level", "millibars", 6);
    met_create(&f, b.dir, "l.nc");
    put_upper(&f, "tkji", even_ends);
    met_put(&f, "sp", "tji", "Pa", even_ends);
    met_put(&f, "tp", "tji", "m", even_ends);
    met_close(&f);
    const int interval[] = {600, 1800, 3600, 7200};
    char text[128];
    for (int n = 0; n < 4; n++) {
        snprintf(text, sizeof text, "%s  interval: %d s\n", ERA5, interval[n]);
        must(&b, bench_open(&b, text, NULL));
        assert_true(fabs(fallen(&b, interval[n]) - (0.9 + 1.8 + 2.7 + 3.6)) < 1e-12);
    }
    /* inside an hour it is that hour's */
    snprintf(text, sizeof text, "%s  interval: 600 s\n", ERA5);
    must(&b, bench_open(&b, text, NULL));
    assert_int_equal(BS_PROVIDER_PRESSURE_LEVELS.read(b.provider, b.start + 5400, b.native, &b.err), BS_OK);
    assert_true(fabs(b.native->rain[0] - 1.8 / 3600) < 1e-15);
    /* and the same for a run that ends there */
    must(&b, bench_open(&b, ERA5, NULL));
    must(&b, bench_read(&b, 2));
    const double at_two = b.native->rain[0];
    b.end = b.start + 2 * 3600;
    must(&b, bench_open(&b, ERA5, NULL));
    must(&b, bench_read(&b, 2));
    assert_true(b.native->rain[0] == at_two);
    close_bench(&b);
}

static double noisy_value(const char *name, met_point at, const void *own)
{
    const double value = era5_value(name, at, own);
    return strcmp(name, "tp") == 0 ? (at.lon < 104 ? -2e-8 : 0) : value; /* m: 5.6e-9 kg m-2 s-1 below zero */
}

static void noise_below_zero_is_counted(void **state)
{
    (void)state;
    bench b;
    char log[16384];
    open_bench(&b);
    met_file f = hourly("time", "hours since 2020-01-01", "level", "millibars", 5);
    met_create(&f, b.dir, "l.nc");
    put_upper(&f, "tkji", noisy_value);
    met_put(&f, "sp", "tji", "Pa", noisy_value);
    met_put(&f, "tp", "tji", "m", noisy_value);
    met_close(&f);
    must(&b, bench_open(&b, ERA5, NULL));
    must(&b, bench_read(&b, 1));
    for (int c = 0; c < b.mesh->nx * b.mesh->ny; c++) assert_true(b.native->rain[c] == 0);
    log_text(&b, log, sizeof log);
    const char *found = strstr(log, "values lie below zero, down to -5.55556e-09 kg m-2 s-1: rounding of the packing");
    assert_non_null(found);
    assert_null(strstr(found + 1, "values lie below zero")); /* once */
    BS_PROVIDER_PRESSURE_LEVELS.destroy(b.provider);
    b.provider = NULL;
    assert_non_null(strstr(log_text(&b, log, sizeof log), "values in all lay below zero"));
    close_bench(&b);
}

#define BY_HAND                                                                                                        \
    "  files: '*l.nc'\n  variables: {u: {name: u}, v: {name: v}, temperature: {name: t}, specific_humidity: {name: "   \
    "q}, surface_pressure: {name: sp}, "

static void periods_are_stated_and_checked(void **state)
{
    (void)state;
    bench b;
    open_bench(&b);
    write_old_era5(&b);
    must(&b, bench_open(&b,
                        BY_HAND "precipitation: {name: tp, accumulated: 1 h}, sensible_heat_flux: {name: sshf, "
                                "accumulated: 1 h, positive: down}}\n",
                        NULL));
    must(&b, bench_read(&b, 2));
    assert_true(fabs(b.native->rain[0] - 0.5 * (1.8 + 2.7) / 3600) < 1e-7 && fabs(b.native->hfx[0] - 125) < 1e-2);
    refused(&b, BY_HAND "precipitation: {name: tp}}\n", "'tp' has unit 'm', which cannot be converted to 'kg m-2 s-1'",
            "{name: 'tp', accumulated: 1 h}", NULL);
    refused(&b, BY_HAND "precipitation: {name: tp, averaged: 1 h}}\n", "'tp' has unit 'm'", NULL);
    refused(&b, BY_HAND "precipitation: {name: tp, accumulated: 3 h}}\n",
            "'tp' is accumulated over the 3 h that end at each of its times", "lie 1 h apart", "accumulated: 1 h",
            NULL);
    refused(&b, BY_HAND "precipitation: {name: tp, accumulated: 30 min}}\n", "lie 1 h apart", NULL);
    refused(&b, BY_HAND "sensible_heat_flux: {name: blh, accumulated: 1 h}}\n", "'blh' has unit 'm'", NULL);
    refused(&b, BY_HAND "u10: {name: u10, accumulated: 1 h, averaged: 1 h}, v10: {name: v10}}\n", "either averaged or",
            NULL);
    b.end = b.start + 5 * 3600; /* the files end at 4 h */
    refused(&b, BY_HAND "precipitation: {name: tp, accumulated: 1 h}}\n", "2020-01-01T04:00:00Z", NULL);
    b.end = b.start + 4 * 3600;
    b.start -= 2 * 3600;
    refused(&b, ERA5, "covers 2020-01-01T00:00:00Z", NULL);
    close_bench(&b);
}

/* ---- a layout and the case's words ---- */

static void own_words_come_first(void **state)
{
    (void)state;
    bench b;
    open_bench(&b);
    write_old_era5(&b);
    refused(&b, "  layout: era5\n  files: '*l.nc'\n  variables: {friction_velocity: {name: fsr}}\n",
            "'fsr' has unit 'm', which cannot be converted to 'm s-1'", NULL);
    must(&b, bench_open(
                 &b,
                 "  layout: era5\n  files: '*l.nc'\n  variables: {boundary_layer_height: {name: fsr}, precipitation: "
                 "{name: none}, u10: {name: none}, v10: {name: none}}\n",
                 NULL));
    must(&b, bench_read(&b, 0));
    assert_true(fabs(b.native->pblh[0] - 0.25) < 1e-6);
    assert_false(b.native->have_rain || b.native->have_wind10);
    refused(&b, "  layout: era5\n  files: '*l.nc'\n  variables: {u10: {name: none}}\n", "only one of 'u10' and 'v10'",
            NULL);
    refused(&b, BY_HAND "t2m: {name: none}}\n", "names no layout", NULL);
    close_bench(&b);
}

static void what_a_layout_misses_is_named(void **state)
{
    (void)state;
    bench b;
    open_bench(&b);
    met_file f = hourly("time", "hours since 2020-01-01", "level", "millibars", 5);
    met_create(&f, b.dir, "l.nc");
    met_put(&f, "u", "tkji", "m s**-1", era5_value);
    met_put(&f, "vwind", "tkji", "m s**-1", era5_value);
    met_close(&f);
    refused(&b, ERA5, "case.yaml:", "the source has no 'v' (northward wind, m s-1)",
            "layout era5 looks for it under v|v_component_of_wind|V in the 1 file(s)", "  vwind", NULL);
    refused(&b, "  layout: era5\n  files: l.nc\n  variables: {v: {name: vwind}}\n", "the source has no 'temperature'",
            "meteorology.assume.temperature: standard_atmosphere", NULL);
    refused(&b,
            "  layout: era5\n  files: l.nc\n  variables: {v: {name: vwind}}\n  assume: {temperature: "
            "standard_atmosphere, surface_pressure: 1000 hPa}\n",
            "has neither 'specific_humidity' nor 'relative_humidity'", NULL);
    must(&b, bench_open(&b,
                        "  layout: era5\n  files: l.nc\n  variables: {v: {name: vwind}}\n  assume: {temperature: "
                        "standard_atmosphere, surface_pressure: 1000 hPa, humidity: 0.5}\n",
                        NULL));
    must(&b, bench_read(&b, 0));
    close_bench(&b);
}

/* A file with the height of 500 hPa, and clouds that end below the model's top. */
static void what_a_layout_must_not_take(void **state)
{
    (void)state;
    bench b;
    char log[16384];
    open_bench(&b);
    met_file f = hourly("time", "hours since 2020-01-01", "level", "millibars", 5);
    met_create(&f, b.dir, "l.nc");
    put_upper(&f, "tkji", era5_value);
    met_put(&f, "sp", "tji", "Pa", era5_value);
    met_put(&f, "msl", "tji", "Pa", era5_value);
    met_close(&f);
    axis_at(&f, 'k')->n = 1;
    axis_at(&f, 'k')->value[0] = 500;
    met_create(&f, b.dir, "z_l.nc");
    met_put(&f, "z", "tkji", "m**2 s**-2", era5_value);
    met_close(&f);
    must(&b, bench_open(&b, ERA5, NULL));
    must(&b, bench_read(&b, 1));
    compare(&b, 1, ROUND);
    log_text(&b, log, sizeof log);
    assert_null(strstr(log, "orography"));
    assert_non_null(strstr(log, "surface_pressure is used, sea_level_pressure of the files is not needed"));
    axis_at(&f, 'k')->n = 2;
    axis_at(&f, 'k')->value[1] = 700;
    met_create(&f, b.dir, "c_l.nc");
    met_put(&f, "clwc", "tkji", "kg kg-1", era5_value);
    met_close(&f);
    refused(&b, ERA5, "'clwc'", "at 50000 Pa", "meteorology.variables.cloud_water: {name: none}", NULL);
    close_bench(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(era5_old_layout),
        cmocka_unit_test(era5_new_layout),
        cmocka_unit_test(era5_and_era5t_are_merged),
        cmocka_unit_test(gfs_of_thredds),
        cmocka_unit_test(gfs_of_wgrib2),
        cmocka_unit_test(cfsr_of_ncar),
        cmocka_unit_test(all_rain_falls_whatever_the_interval),
        cmocka_unit_test(noise_below_zero_is_counted),
        cmocka_unit_test(periods_are_stated_and_checked),
        cmocka_unit_test(own_words_come_first),
        cmocka_unit_test(what_a_layout_misses_is_named),
        cmocka_unit_test(what_a_layout_must_not_take),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
