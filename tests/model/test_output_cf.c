/* What the files say about themselves: attributes, mesh, levels, tables. */
#include "test_output_fixture.h"

#include "model/config/csv.h"

/* ROUND: half of the last of 12 kept mantissa bits, relative, with a little for the sums in double before it. */
static const double ROUND_12_BITS = 1.2208e-4;
static const double ROUND_FLOAT = 6e-8; /* half of the last bit of a float, relative */

static double pattern(int tracer, int k, int cell, double hours)
{
    return (tracer + 1) * (0.1 + k + 0.37 * cell + 0.01 * hours);
}

static bs_nc *open_file(place *p, const char *name)
{
    bs_err err = {0};
    bs_nc *nc;
    need_ok(bs_nc_open(path_of(p, name), &nc, &err), &err);
    return nc;
}

static void assert_text(const bs_nc *nc, const char *variable, const char *attribute, const char *expected)
{
    bs_err err = {0};
    bs_nc_var var;
    char text[512];
    if (variable) need_ok(bs_nc_find(nc, variable, &var, &err), &err);
    bool there = bs_nc_text(nc, variable ? &var : NULL, attribute, text, sizeof text);
    if (!expected) {
        if (there) fail_msg("%s:%s is '%s', expected none", variable ? variable : "", attribute, text);
        return;
    }
    if (!there) fail_msg("%s:%s is not there", variable ? variable : "", attribute);
    if (strcmp(text, expected) != 0) fail_msg("%s:%s is '%s'", variable ? variable : "", attribute, text);
}

static void assert_number(const bs_nc *nc, const char *attribute, double expected)
{
    double value = NAN;
    assert_true(bs_nc_number(nc, NULL, attribute, &value));
    assert_true(value == expected);
}

static void files_say_who_made_them_of_what(void **state)
{
    static const char *const file[] = {"surface.nc", "daily.nc", "deposition.nc", "fields3d.nc", "cities.nc"};
    place *p = *state;
    make_run(p, LAMBERT, 36, "output: {fields3d: {interval: 12 hours}}");
    begin_output(p);
    run_to_the_end(p, pattern, 3600);
    for (size_t f = 0; f < sizeof file / sizeof *file; f++) {
        bs_nc *nc = open_file(p, file[f]);
        char text[16384];
        assert_text(nc, NULL, "Conventions", "CF-1.10");
        assert_text(nc, NULL, "institution", "");
        assert_text(nc, NULL, "source", "bashu test");
        assert_text(nc, NULL, "case", "tiny");
        assert_text(nc, NULL, "weather_label", "idealised weather");
        assert_text(nc, NULL, "assumed", "no rain; roughness length 0.3 m");
        assert_text(nc, NULL, "proj4", LAMBERT);
        assert_true(bs_nc_text(nc, NULL, "title", text, sizeof text));
        assert_says(text, "A tiny case");
        assert_true(bs_nc_text(nc, NULL, "history", text, sizeof text));
        assert_true(bs_nc_text(nc, NULL, "references", text, sizeof text));
        assert_true(bs_nc_text(nc, NULL, "bashu_configuration", text, sizeof text));
        assert_says(text, "name: ");
        assert_says(text, "tiny");
        assert_number(nc, "nx", NX);
        assert_number(nc, "ny", NY);
        assert_number(nc, "dx", 9000);
        assert_number(nc, "dy", 9000);
        assert_number(nc, "x0", -54000);
        assert_number(nc, "y0", -45000);
        bs_nc_close(nc);
    }
}

static void fields_are_placed_and_named_primary(void **state)
{
    place *p = *state;
    make_run(p, LAMBERT, 5, "");
    begin_output(p);
    run_to_the_end(p, pattern, 3600);
    bs_nc *nc = open_file(p, "surface.nc");
    static const char *const field[] = {
        "primary_pm25", "primary_pm25_industry", "inert_tracer", "ps", "pblh", "u10", "v10", "t2", "rain"};
    for (size_t f = 0; f < sizeof field / sizeof *field; f++) {
        assert_text(nc, field[f], "grid_mapping", "crs");
        assert_text(nc, field[f], "coordinates", "lat lon");
        assert_text(nc, field[f], "_QuantizeBitRoundNumberOfSignificantBits", NULL);
    }
    assert_text(nc, "surface_altitude", "grid_mapping", "crs");
    assert_text(nc, "primary_pm25", "units", "ug m-3");
    assert_text(nc, "primary_pm25", "cell_methods", "time: mean");
    assert_text(nc, "primary_pm25", "long_name", "mass concentration of primary PM2.5");
    assert_text(nc, "primary_pm25", "standard_name", "mass_concentration_of_pm2p5_ambient_aerosol_particles_in_air");
    assert_text(nc, "primary_pm25", "rounding",
                "12 mantissa bits kept, rounded half to even: relative error 0.00012 at most");
    assert_text(nc, "primary_pm25_industry", "long_name", "mass concentration of primary PM2.5 from industry");
    assert_text(nc, "primary_pm25_industry", "standard_name", NULL);
    assert_text(nc, "primary_pm25_industry", "comment",
                "primary particles only: secondary sulfate, nitrate, ammonium and organic matter are not part of it");
    assert_text(nc, "time", "units", "hours since 2015-01-10 00:00:00");
    assert_text(nc, "time", "calendar", "standard");
    assert_text(nc, "time", "bounds", "time_bnds");
    assert_text(nc, "time", "axis", "T");
    assert_text(nc, "x", "standard_name", "projection_x_coordinate");
    assert_text(nc, "x", "axis", "X");
    assert_text(nc, "x", "units", "m");
    assert_text(nc, "y", "axis", "Y");
    assert_text(nc, "lat", "bounds", "lat_vertices");
    assert_text(nc, "crs", "grid_mapping_name", "lambert_conformal_conic");
    assert_text(nc, "ps", "cell_methods", "time: point");
    bs_nc_close(nc);
    nc = open_file(p, "deposition.nc");
    assert_text(nc, "primary_pm25_industry_dry_deposition", "units", "kg m-2");
    assert_text(nc, "primary_pm25_industry_dry_deposition", "cell_methods", "time: sum");
    assert_text(nc, "primary_pm25_industry_dry_deposition", "long_name",
                "dry deposition of primary PM2.5 from industry");
    assert_text(nc, "primary_pm25_wet_deposition", "grid_mapping", "crs");
    bs_nc_close(nc);
}

static void the_mesh_is_written_as_it_is(void **state)
{
    place *p = *state;
    size_t n;
    make_run(p, LAMBERT, 5, "");
    begin_output(p);
    run_to_the_end(p, pattern, 3600);
    double *x = values_of(p, "surface.nc", "x", &n), *y = values_of(p, "surface.nc", "y", &n);
    double *lat = values_of(p, "surface.nc", "lat", &n), *edges = values_of(p, "surface.nc", "lon_vertices", &n);
    for (int i = 0; i < NX; i++) assert_true(x[i] == -54000.0 + (i + 0.5) * 9000.0);
    for (int j = 0; j < NY; j++) assert_true(y[j] == -45000.0 + (j + 0.5) * 9000.0);
    assert_int_equal(n, 4 * CELLS);
    for (int c = 0; c < CELLS; c++) {
        int j = c / NX, i = c % NX;
        assert_true(lat[c] == p->mesh->lat[c]);
        assert_true(edges[4 * c] == p->mesh->lon_c[j * (NX + 1) + i]);
        assert_true(edges[4 * c + 2] == p->mesh->lon_c[(j + 1) * (NX + 1) + i + 1]);
    }
    double *ground = values_of(p, "surface.nc", "surface_altitude", &n);
    assert_true(ground[0] == 100.0 && ground[CELLS - 1] == 100.0 + CELLS - 1);
    free(x);
    free(y);
    free(lat);
    free(edges);
    free(ground);
}

static void weather_is_that_of_the_stamp_and_wind_points_east_and_north(void **state)
{
    place *p = *state;
    size_t n;
    make_run(p, LAMBERT, 4, "output: {surface_interval: 30 min}");
    begin_output(p);
    run_to_the_end(p, pattern, 1800);
    double *ps = values_of(p, "surface.nc", "ps", &n), *u = values_of(p, "surface.nc", "u10", &n);
    double *v = values_of(p, "surface.nc", "v10", &n);
    assert_near(ps[0], 95500.0, 1.0); /* half of the hour has passed */
    assert_near(ps[CELLS], 96000.0, 1.0);
    for (int c = 0; c < CELLS; c++) {
        const double cos_rot = p->mesh->cos_rot[c], sin_rot = p->mesh->sin_rot[c], bound = 5.0 * ROUND_12_BITS;
        assert_near(u[c] * cos_rot + v[c] * sin_rot, 3.0, 2 * bound);
        assert_near(-u[c] * sin_rot + v[c] * cos_rot, 4.0, 2 * bound);
    }
    free(ps);
    free(u);
    free(v);
}

static void a_longitude_latitude_mesh_has_two_axes(void **state)
{
    place *p = *state;
    size_t n;
    make_run(p, "+proj=longlat +R=6370000", 5, "");
    begin_output(p);
    run_to_the_end(p, pattern, 3600);
    bs_nc *nc = open_file(p, "surface.nc");
    bs_nc_var var;
    bs_err err = {0};
    need_ok(bs_nc_find(nc, "primary_pm25", &var, &err), &err);
    assert_string_equal(var.dim[1], "lat");
    assert_string_equal(var.dim[2], "lon");
    assert_text(nc, "primary_pm25", "grid_mapping", "crs");
    assert_text(nc, "primary_pm25", "coordinates", NULL);
    assert_text(nc, "lon", "units", "degrees_east");
    assert_text(nc, "lat", "standard_name", "latitude");
    assert_text(nc, "crs", "grid_mapping_name", "latitude_longitude");
    assert_false(bs_nc_has_var(nc, "lat_vertices"));
    bs_nc_close(nc);
    double *lon = values_of(p, "surface.nc", "lon", &n);
    assert_int_equal(n, NX);
    assert_near(lon[3], 104.35, 1e-12);
    free(lon);
}

static void three_dimensional_fields_keep_all_bits(void **state)
{
    place *p = *state;
    size_t n;
    make_run(p, LAMBERT, 5, "output: {fields3d: {interval: 3 hours}}\n# no_spinup");
    p->end = p->start + 5 * HOUR;
    begin_output(p);
    run_to_the_end(p, pattern, 3600);
    double *q = values_of(p, "fields3d.nc", "q_pm25_industry", &n);
    assert_int_equal(n, 2 * NZ * CELLS);
    for (int r = 0; r < 2; r++)
        for (int k = 0; k < NZ; k++)
            for (int c = 0; c < CELLS; c++)
                assert_true(q[(r * NZ + k) * CELLS + c] == (double)(real)pattern(1, k, c, 3.0 * r));
    double *time = values_of(p, "fields3d.nc", "time", &n), *rho = values_of(p, "fields3d.nc", "air_density_dry", &n);
    double *top = values_of(p, "fields3d.nc", "layer_top_height", &n), *a = values_of(p, "fields3d.nc", "a_half", &n);
    double *b = values_of(p, "fields3d.nc", "b_half", &n), *ap = values_of(p, "fields3d.nc", "ap", &n);
    assert_true(time[0] == 12 && time[1] == 15);
    assert_true(rho[0] == 1.0 && rho[NZ * CELLS] == (double)(real)1.2);
    assert_true(top[0] == 100.0 && top[2 * CELLS] == 300.0 && top[NZ * CELLS] == 200.0);
    for (int k = 0; k <= NZ; k++) assert_true(a[k] == p->levels->a_half[k] && b[k] == p->levels->b_half[k]);
    assert_true(ap[1] == 0.5 * (a[1] + a[2]));
    bs_nc *nc = open_file(p, "fields3d.nc");
    assert_text(nc, "lev", "standard_name", "atmosphere_hybrid_sigma_pressure_coordinate");
    assert_text(nc, "lev", "formula_terms", "ap: ap b: b ps: ps");
    assert_text(nc, "lev", "positive", "up");
    assert_text(nc, "q_pm25", "units", "ug kg-1");
    assert_text(nc, "q_pm25_industry", "long_name", "mass mixing ratio in dry air of primary PM2.5 from industry");
    assert_text(nc, "q_pm25", "grid_mapping", "crs");
    assert_text(nc, "q_pm25", "rounding", NULL);
    bs_nc_close(nc);
    free(q);
    free(time);
    free(rho);
    free(top);
    free(a);
    free(b);
    free(ap);
}

static void three_dimensional_fields_can_be_rounded(void **state)
{
    place *p = *state;
    size_t n;
    make_run(p, LAMBERT, 5, "output: {fields3d: {interval: 3 hours, unrounded: false}}");
    begin_output(p);
    run_to_the_end(p, pattern, 3600);
    double *q = values_of(p, "fields3d.nc", "q_pm25", &n);
    assert_int_equal(n, 2 * NZ * CELLS); /* at the end of the spin-up and three hours later */
    bool all_equal = true;
    for (int c = 0; c < CELLS; c++) {
        double expected = pattern(0, 0, c, 2.0);
        assert_near(q[c], expected, ROUND_12_BITS * expected);
        all_equal = all_equal && q[c] == (double)(real)expected;
    }
    assert_false(all_equal);
    free(q);
}

static void the_first_moment_of_a_run_must_be_sampled(void **state)
{
    place *p = *state;
    bs_err err = {0};
    make_run(p, LAMBERT, 5, "output: {fields3d: {interval: 3 hours}}\n# no_spinup");
    begin_output(p);
    set_state(p, pattern, p->start + HOUR);
    set_forcing(p, p->start + HOUR);
    assert_int_equal(bs_output_sample(p->output, p->state, p->forcing, p->start, p->start + HOUR, &err), BS_ERR_RUN);
    assert_says(err.text, "fields3d.nc: a record is due at 2015-01-10T12:00:00Z, but no sample was taken then");
}

static void words_about_the_weather_need_not_outlive_the_call(void **state)
{
    place *p = *state;
    bs_err err = {0};
    char label[32] = "mild", line[32] = "no rain";
    const char *assumed[] = {line};
    make_run(p, LAMBERT, 5, "");
    bs_output_info info = info_of(p);
    info.weather_label = label;
    info.n_assumed = 1;
    info.assumed = assumed;
    need_ok(bs_output_create(&info, &p->output, &err), &err);
    memset(label, 'x', sizeof label);
    memset(line, 'x', sizeof line);
    run_to_the_end(p, pattern, 3600);
    bs_nc *nc = open_file(p, "deposition.nc"); /* written at the very end */
    assert_text(nc, NULL, "weather_label", "mild");
    assert_text(nc, NULL, "assumed", "no rain");
    bs_nc_close(nc);
}

/* Rain without clouds, say, may come up on the third day: all files name it, also those begun before. */
static void what_is_assumed_later_is_in_every_file(void **state)
{
    place *p = *state;
    bs_err err = {0};
    const char *const assumed[] = {"no rain", "roughness length 0.3 m", "clouds: none in the source"};
    make_run(p, LAMBERT, 36, "output: {fields3d: {interval: 1 hour}}");
    begin_output(p);
    need_ok(sample_until(p, pattern, 3600, p->end, &err), &err);
    need_ok(bs_output_assumed(p->output, 3, assumed, &err), &err);
    bs_output *o = p->output;
    p->output = NULL;
    need_ok(bs_output_finish(o, p->state, &err), &err);
    const char *const file[] = {"surface.nc", "daily.nc", "deposition.nc", "fields3d.nc", "cities.nc"};
    for (size_t f = 0; f < sizeof file / sizeof *file; f++) {
        bs_nc *nc = open_file(p, file[f]);
        assert_text(nc, NULL, "assumed", "no rain; roughness length 0.3 m; clouds: none in the source");
        bs_nc_close(nc);
    }
    const char *const table[] = {"cities.csv", "cities_daily.csv", "cities_period.csv"};
    for (size_t f = 0; f < sizeof table / sizeof *table; f++) {
        char *text = text_of(p, table[f]);
        assert_says(text, "roughness length 0.3 m; clouds: none in the source");
        free(text);
    }
}

static void tags_can_be_left_out(void **state)
{
    place *p = *state;
    make_run(p, LAMBERT, 5, "output: {tags: false}");
    begin_output(p);
    run_to_the_end(p, pattern, 3600);
    const char *const file[] = {"surface.nc", "cities.nc"};
    for (int f = 0; f < 2; f++) {
        bs_nc *nc = open_file(p, file[f]);
        assert_true(bs_nc_has_var(nc, "primary_pm25"));
        assert_false(bs_nc_has_var(nc, "primary_pm25_industry"));
        bs_nc_close(nc);
    }
    char *text = text_of(p, "cities.csv");
    assert_null(strstr(text, "industry,"));
    assert_null(strstr(text, "_industry"));
    free(text);
}

static double uniform(int tracer, int k, int cell, double hours)
{
    (void)k;
    (void)cell;
    return 1.7 * (tracer + 1) + floor(hours / 24.0);
}

static void city_tables_read_back(void **state)
{
    place *p = *state;
    bs_err err = {0};
    bs_csv *csv;
    int column;
    double value;
    make_run(p, LAMBERT, 60, "");
    for (int c = 0; c < CELLS * NZ; c++) p->met[1]->rho[c] = 1;
    begin_output(p);
    run_to_the_end(p, uniform, 3600);
    need_ok(bs_csv_read(path_of(p, "cities.csv"), &csv, &err), &err);
    assert_int_equal(bs_csv_rows(csv), 2 * 58); /* the third region is outside */
    const char *const head[] = {
        "time_end_utc", "time_end_local",       "adcode", "name", "name_en", "primary_pm25", "primary_pm25_industry",
        "inert_tracer", "inert_tracer_industry"};
    for (int h = 0; h < 9; h++) assert_string_equal(bs_csv_column_name(csv, h), head[h]);
    assert_string_equal(bs_csv_text(csv, 0, 0), "2015-01-10T15:00:00Z");
    assert_string_equal(bs_csv_text(csv, 0, 1), "2015-01-10T23:00:00+08:00");
    assert_string_equal(bs_csv_text(csv, 0, 2), "510100");
    assert_string_equal(bs_csv_text(csv, 0, 3), "成都, 市");
    need_ok(bs_csv_find(csv, "inert_tracer", &column, &err), &err);
    need_ok(bs_csv_real(csv, 1, column, &value, &err), &err);
    assert_near(value, 5.1, 5.1 * 1e-6); /* seven digits are printed */
    bs_csv_destroy(csv);

    need_ok(bs_csv_read(path_of(p, "cities_daily.csv"), &csv, &err), &err);
    assert_int_equal(bs_csv_rows(csv), 2 * 2);
    assert_string_equal(bs_csv_text(csv, 2, 0), "2015-01-12");
    need_ok(bs_csv_find(csv, "primary_pm25", &column, &err), &err);
    need_ok(bs_csv_real(csv, 2, column, &value, &err), &err);
    /* Hours 29 to 52 after the start: five of them belong to the third day. */
    assert_near(value, 1.7 + 1.0 + 5.0 / 24.0, 1e-6);
    bs_csv_destroy(csv);

    need_ok(bs_csv_read(path_of(p, "cities_period.csv"), &csv, &err), &err);
    assert_int_equal(bs_csv_rows(csv), 2);
    need_ok(bs_csv_find(csv, "primary_pm25_max_day_date", &column, &err), &err);
    assert_string_equal(bs_csv_text(csv, 0, column), "2015-01-12");
    need_ok(bs_csv_find(csv, "primary_pm25_max_day", &column, &err), &err);
    need_ok(bs_csv_real(csv, 0, column, &value, &err), &err);
    assert_near(value, 1.7 + 1.0 + 5.0 / 24.0, 1e-6);
    need_ok(bs_csv_find(csv, "primary_pm25_mean", &column, &err), &err);
    need_ok(bs_csv_real(csv, 0, column, &value, &err), &err);
    /* Hours 3 to 60: 24 of day one, 13 of day two count once and twice. */
    assert_near(value, 1.7 + (24.0 + 2.0 * 13.0) / 58.0, 1e-6);
    need_ok(bs_csv_find(csv, "share_inside_mesh", &column, &err), &err);
    need_ok(bs_csv_real(csv, 0, column, &value, &err), &err);
    assert_near(value, 1.0, 1e-4);
    need_ok(bs_csv_real(csv, 1, column, &value, &err), &err);
    assert_true(value > 0.0 && value < 0.5);
    bs_csv_destroy(csv);
    char *text = text_of(p, "cities.csv");
    assert_true(*text == '#');
    assert_says(text, "only a part of these regions lies inside the mesh: Edge");
    assert_says(text, "1 regions lie outside the mesh and have no row");
    assert_says(text, "primary particles only");
    free(text);
}

static void city_series_follow_cf(void **state)
{
    place *p = *state;
    size_t n;
    make_run(p, LAMBERT, 12, "");
    for (int c = 0; c < CELLS * NZ; c++) p->met[1]->rho[c] = 1;
    begin_output(p);
    run_to_the_end(p, uniform, 3600);
    double *pm = values_of(p, "cities.nc", "primary_pm25_industry", &n);
    assert_int_equal(n, 2 * 10);
    for (size_t i = 0; i < n; i++) assert_near(pm[i], 3.4, 3.4 * ROUND_FLOAT);
    double *time = values_of(p, "cities.nc", "time", &n);
    assert_true(n == 10 && time[9] == 24);
    double *lon = values_of(p, "cities.nc", "lon", &n);
    assert_near(lon[0], 104.5, 0.02); /* of the cells, for the file names no centre */
    bs_nc *nc = open_file(p, "cities.nc");
    assert_text(nc, NULL, "featureType", "timeSeries");
    assert_text(nc, "adcode", "cf_role", "timeseries_id");
    assert_text(nc, "primary_pm25", "coordinates", "lon lat adcode name");
    assert_text(nc, "primary_pm25", "cell_methods", "time: mean area: mean");
    bs_nc_close(nc);
    free(pm);
    free(time);
    free(lon);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(files_say_who_made_them_of_what),
        IN_FOLDER(fields_are_placed_and_named_primary),
        IN_FOLDER(the_mesh_is_written_as_it_is),
        IN_FOLDER(weather_is_that_of_the_stamp_and_wind_points_east_and_north),
        IN_FOLDER(a_longitude_latitude_mesh_has_two_axes),
        IN_FOLDER(three_dimensional_fields_keep_all_bits),
        IN_FOLDER(three_dimensional_fields_can_be_rounded),
        IN_FOLDER(the_first_moment_of_a_run_must_be_sampled),
        IN_FOLDER(words_about_the_weather_need_not_outlive_the_call),
        IN_FOLDER(what_is_assumed_later_is_in_every_file),
        IN_FOLDER(tags_can_be_left_out),
        IN_FOLDER(city_tables_read_back),
        IN_FOLDER(city_series_follow_cf),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
