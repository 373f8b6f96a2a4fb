/* Gridded inventories: mass is kept, whatever the mesh, the axes and the unit; bad files are refused by name. */
#include "test_emis_case.h"

#include "model/emis/emis.h"

#define GRIDDED                                                                                                        \
    "  inventories:\n  - {name: grid, type: gridded, file: e.nc, species: pm25, variables: {industry: {name: ind}}}\n"

static void read_field(emis_case *c, const emis_field *f)
{
    emis_write_fields(c, "e.nc", 1, f);
    emis_read_good(c, GRIDDED);
}

/* Area of a longitude-latitude cell on the sphere. */
static double cell_area(const emis_field *f, int j)
{
    double south = (f->lat0 + f->dlat * (j - 0.5)) * BS_PI / 180, north = (f->lat0 + f->dlat * (j + 0.5)) * BS_PI / 180;
    return 6.37e6 * 6.37e6 * fabs(f->dlon) * BS_PI / 180 * fabs(sin(north) - sin(south));
}

static double file_total(const emis_field *f, bool per_area)
{
    double sum = 0;
    for (int j = 0; j < f->n_lat; j++) {
        for (int i = 0; i < f->n_lon; i++) {
            sum += f->value(f->lon0 + f->dlon * i, f->lat0 + f->dlat * j, 0) * (per_area ? cell_area(f, j) : 1);
        }
    }
    return sum;
}

static void check_audit(emis_case *c, double in_file)
{
    const bs_emission_audit *a = emis_audit(c, "industry");
    assert_near(a->in_file_kg_s, in_file, 1e-12); /* sums of 12 000 terms in double */
    assert_true(a->in_domain_kg_s > 0.1 * in_file && a->in_domain_kg_s < 0.9 * in_file);
    assert_near(a->on_grid_kg_s, a->in_domain_kg_s, CONSERVATION);
    assert_int_equal(a->carried, 1);
    emis_layers(c, 10);
    assert_int_equal(emis_fill(c, 0), BS_OK);
    assert_int_equal(c->rates->n_layers, 1);
    assert_near(emis_sum(c, 0, -1), a->on_grid_kg_s, ROUND_REAL);
}

static void test_mass_is_kept(void **state)
{
    emis_case *c = *state;
    for (int lambert = 0; lambert < 2; lambert++) {
        if (lambert) {
            emis_mesh_lambert(c);
        } else {
            emis_mesh_lonlat(c);
        }
        emis_field f = emis_tenths("ind");
        read_field(c, &f);
        check_audit(c, file_total(&f, true));
        f.units = "kg s-1";
        read_field(c, &f);
        check_audit(c, file_total(&f, false));
    }
}

static void test_uniform_density_gives_area(void **state)
{
    emis_case *c = *state;
    emis_mesh_lambert(c);
    emis_field f = emis_tenths("ind");
    f.value = NULL;
    read_field(c, &f);
    assert_near(emis_audit(c, "industry")->on_grid_kg_s, emis_domain_area(c), CONSERVATION);
}

static void test_units(void **state)
{
    emis_case *c = *state;
    emis_mesh_lonlat(c);
    static const struct {
        const char *unit;
        double scale;
        bool per_area;
    } ROWS[] = {{"g m-2 year-1", 1e-3 / UDUNITS_YEAR, true},
                {"t km-2", 1e-3 / UDUNITS_YEAR, true},
                {"t km-2 year-1", 1e-3 / UDUNITS_YEAR, true},
                {"Gg year-1", GG_PER_YEAR, false},
                {"t", 1e3 / UDUNITS_YEAR, false},
                {"ug m-2 s-1", 1e-9, true},
                {"kg/h", 1.0 / 3600, false}};
    for (size_t r = 0; r < sizeof ROWS / sizeof *ROWS; r++) {
        emis_field f = emis_tenths("ind");
        f.units = ROWS[r].unit;
        read_field(c, &f);
        assert_near(emis_audit(c, "industry")->in_file_kg_s, ROWS[r].scale * file_total(&f, ROWS[r].per_area), 1e-11);
    }
    assert_true(emis_logged(c, "'t' is taken as the mass of a year"));
}

static void read_cells(emis_case *c, const emis_field *f, real *cell)
{
    read_field(c, f);
    emis_layers(c, 3);
    assert_int_equal(emis_fill(c, 0), BS_OK);
    memcpy(cell, c->rates->rate, sizeof *cell * (size_t)(c->mesh->nx * c->mesh->ny));
}

/* Falling axes, 0..360 (shifted by a turn), (lon, lat) order and bounds say the same thing. */
static void test_axes_in_any_way(void **state)
{
    emis_case *c = *state;
    emis_mesh_lambert(c);
    size_t cells = (size_t)(c->mesh->nx * c->mesh->ny);
    real *expected = calloc(2 * cells, sizeof *expected), *found = expected + cells;
    emis_field f = emis_tenths("ind"), g;
    read_cells(c, &f, expected);
    for (int way = 0; way < 5; way++) {
        g = f;
        if (way == 0 || way == 4) {
            g.lat0 = f.lat0 + f.dlat * (f.n_lat - 1);
            g.dlat = -f.dlat;
        }
        if (way == 1 || way == 4) {
            g.lon0 = f.lon0 + f.dlon * (f.n_lon - 1);
            g.dlon = -f.dlon;
        }
        if (way == 2 || way == 4) g.lon_first = true;
        if (way == 3 || way == 4) g.bounds = true;
        read_cells(c, &g, found);
        for (size_t n = 0; n < cells; n++) assert_near((double)found[n], (double)expected[n], 1e-6);
    }
    free(expected);
}

static double turned(double lon, double lat, int time)
{
    return emis_bumps(lon + 360, lat, time);
}

static void test_longitudes_a_turn_away(void **state)
{
    emis_case *c = *state;
    emis_mesh_lonlat(c);
    emis_field f = emis_tenths("ind");
    read_field(c, &f);
    double expected = emis_audit(c, "industry")->on_grid_kg_s;
    f.lon0 -= 360;
    f.value = turned;
    read_field(c, &f);
    assert_near(emis_audit(c, "industry")->on_grid_kg_s, expected, 1e-9); /* longitudes lose digits in the turn */
}

/* Some files name their axes and say no more: the name counts where there is no attribute, and not against one. */
static void test_axes_known_by_name(void **state)
{
    emis_case *c = *state;
    emis_mesh_lonlat(c);
    emis_field f = emis_tenths("ind");
    read_field(c, &f);
    double expected = emis_audit(c, "industry")->on_grid_kg_s;
    assert_false(emis_logged(c, "taken by its name"));
    char path[256];
    int nc = 0, id = 0;
    static const char *const AXES[] = {"lon", "lat"};
    NC_GOOD(nc_open(emis_path(c, "e.nc", path), NC_WRITE, &nc));
    for (int a = 0; a < 2; a++) {
        NC_GOOD(nc_inq_varid(nc, AXES[a], &id));
        NC_GOOD(nc_del_att(nc, id, "units"));
    }
    NC_GOOD(nc_close(nc));
    emis_read_good(c, GRIDDED);
    assert_near(emis_audit(c, "industry")->on_grid_kg_s, expected, 1e-15);
    assert_true(emis_logged(c, "'lon' states no units; taken by its name as longitude"));
    assert_true(emis_logged(c, "'lat' states no units; taken by its name as latitude"));
    NC_GOOD(nc_open(path, NC_WRITE, &nc));
    NC_GOOD(nc_put_att_text(nc, id, "units", 1, "m"));
    NC_GOOD(nc_close(nc));
    emis_read_bad(c, GRIDDED, "dimension 'lat' is no axis", NULL);
}

static void set_months(emis_field *f, int year)
{
    f->n_times = 12;
    f->time_units = "days since 1970-01-01";
    for (int m = 0; m < 12; m++) f->time[m] = (double)bs_time_from_date(year, m + 1, 15, 0, 0, 0) / 86400;
}

/* Twelve months are used as they are; the annual mean weighs them by their lengths. */
static void test_twelve_months(void **state)
{
    emis_case *c = *state;
    emis_mesh_lonlat(c);
    emis_field f = emis_tenths("ind");
    set_months(&f, 2016);
    emis_write(c, "month.csv", "sector,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12\nother,1,1,1,1,1,1,1,1,1,1,1,1\n");
    emis_write_fields(c, "e.nc", 1, &f);
    emis_read_good(c, GRIDDED "  profiles: {month: month.csv}\n  year: 2016\n");
    assert_true(emis_logged(c, "the month profile is not applied"));
    static const double DAYS[12] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    double mean = 0;
    for (int m = 0; m < 12; m++) mean += DAYS[m] / 366 * (1 + 0.1 * m);
    const bs_emission_audit *a = emis_audit(c, "industry");
    assert_near(a->in_file_kg_s, mean * file_total(&f, true), 1e-12);
    assert_near(a->on_grid_kg_s, a->in_domain_kg_s, CONSERVATION);
    emis_layers(c, 3);
    for (int m = 0; m < 12; m++) {
        assert_int_equal(emis_fill(c, bs_time_from_date(2016, m + 1, 10, 0, 0, 0)), BS_OK);
        assert_near(emis_sum(c, 0, -1), a->on_grid_kg_s * (1 + 0.1 * m) / mean, ROUND_REAL);
    }
    /* The month is the local one: 31 January 17:00 UTC is February in UTC+8. */
    assert_int_equal(emis_fill(c, bs_time_from_date(2016, 1, 31, 17, 0, 0)), BS_OK);
    assert_near(emis_sum(c, 0, -1), a->on_grid_kg_s * 1.1 / mean, ROUND_REAL);
    f.units = "t";
    emis_write_fields(c, "e.nc", 1, &f);
    emis_read_good(c, GRIDDED);
    double year = 0;
    for (int m = 0; m < 12; m++) year += 1 + 0.1 * m;
    assert_near(emis_audit(c, "industry")->in_file_kg_s, 1e3 * year * file_total(&f, false) / (366 * 86400.0), 1e-12);
}

/* An axis of years has the one that is asked for, twelve of them too. */
static void test_a_year_of_many(void **state)
{
    emis_case *c = *state;
    emis_mesh_lonlat(c);
    emis_field f = emis_tenths("ind");
    f.time_units = "days since 1970-01-01";
    for (int n = 5; n <= 12; n += 7) {
        f.n_times = n;
        for (int y = 0; y < n; y++) f.time[y] = (double)bs_time_from_date(2010 + y, 7, 1, 0, 0, 0) / 86400;
        emis_write_fields(c, "e.nc", 1, &f);
        emis_read_good(c, GRIDDED "  year: 2013\n");
        assert_near(emis_audit(c, "industry")->in_file_kg_s, 1.3 * file_total(&f, true), 1e-12);
        emis_read_bad(c, GRIDDED, "e.nc", "times", NULL);
    }
}

static void bad_field(emis_case *c, const emis_field *f, const char *word, const char *more)
{
    emis_write_fields(c, "e.nc", 1, f);
    emis_read_bad(c, GRIDDED, "e.nc", word, more, NULL);
}

static void test_scale_and_uncovered(void **state)
{
    emis_case *c = *state;
    emis_mesh_lonlat(c);
    emis_field f = emis_tenths("ind");
    read_field(c, &f);
    double whole = emis_audit(c, "industry")->on_grid_kg_s;
    assert_false(emis_logged(c, "of the mesh"));
    emis_read_good(c, "  inventories:\n  - {name: g, type: gridded, file: e.nc, species: pm25, scale: 0.25, variables: "
                      "{industry: {name: ind}}}\n");
    assert_near(emis_audit(c, "industry")->on_grid_kg_s, 0.25 * whole, 1e-12);
    f.n_lon = 60; /* to 105 E: the mesh reaches 108.5 E */
    bad_field(c, &f, "'ind' covers 47.4 % of the mesh; say 'outside: zero' of inventory 'grid'",
              "within 99.05 to 104.95 E, 25.05 to 34.95 N");
    emis_read_good(c,
                   "  inventories:\n  - {name: g, type: gridded, file: e.nc, species: SO2, outside: zero, variables: "
                   "{industry: {name: ind}}}\n");
    assert_true(emis_logged(c, "covers 47.4 % of the mesh; the rest gets nothing"));
    assert_int_equal(emis_audit(c, "industry")->carried, 0);
    assert_true(emis_audit(c, "industry")->on_grid_kg_s > 0);
}

static double hole(double lon, double lat, int time)
{
    return fabs(lon - 99.55) < 1e-6 && fabs(lat - 25.25) < 1e-6 ? NAN : emis_bumps(lon, lat, time);
}

static double dip(double lon, double lat, int time)
{
    return fabs(lon - 99.55) < 1e-6 && fabs(lat - 25.25) < 1e-6 ? -2.5 : emis_bumps(lon, lat, time);
}

static void test_bad_values(void **state)
{
    emis_case *c = *state;
    emis_mesh_lonlat(c);
    emis_field f = emis_tenths("ind");
    f.value = hole;
    bad_field(c, &f, "variable 'ind'[lat=2, lon=5]", "is missing or not a number");
    f.value = dip;
    bad_field(c, &f, "variable 'ind'[lat=2, lon=5]", "= -2.5; expected a finite number, not negative");
    f.lon_first = true;
    f.n_times = 1;
    bad_field(c, &f, "variable 'ind'[time=0, lon=5, lat=2]", "-2.5");
}

static void test_nothing_on_the_mesh(void **state)
{
    emis_case *c = *state;
    const emis_field f = emis_tenths("ind");
    emis_mesh(c, &(bs_mesh_spec){LONLAT, 10, 8, 0.3, 0.25, 120, 40});
    bad_field(c, &f, "nothing of ", "the mesh 120.00 to 123.00 E, 40.00 to 42.00 N");
}

static void test_bad_shapes(void **state)
{
    emis_case *c = *state;
    emis_mesh_lonlat(c);
    emis_field f = emis_tenths("ind");
    f.name = "other";
    bad_field(c, &f, "ind", "other");
    f = emis_tenths("ind");
    f.units = NULL;
    bad_field(c, &f, "variable 'ind' has no attribute 'units'", "emissions.inventories[0].variables[0].units");
    f.units = "K";
    bad_field(c, &f, "unit 'K' is neither mass per area and time", "ind");
    f = emis_tenths("ind");
    f.lon_units = "m";
    bad_field(c, &f, "dimension 'lon' is no axis", "degrees_east");
    f = emis_tenths("ind");
    f.level = true;
    bad_field(c, &f, "dimension 'lev' is no axis", "no further dimension");
    f = emis_tenths("ind");
    f.n_times = 3;
    bad_field(c, &f, "has 3 times", "1 (a year) or 12");
    f = emis_tenths("ind");
    f.dlat = 2;
    bad_field(c, &f, "lies beyond 90 degrees", "latitude [33]");
}

static void test_bad_times(void **state)
{
    emis_case *c = *state;
    emis_mesh_lonlat(c);
    emis_field f = emis_tenths("ind");
    set_months(&f, 2015);
    f.time[3] = f.time[2] + 1;
    bad_field(c, &f, "'time'[3]", "January to December of one year");
    f = emis_tenths("ind");
    f.n_times = 1;
    f.time_units = "days since 2014-01-01";
    emis_write_fields(c, "e.nc", 1, &f);
    emis_read_bad(c, GRIDDED "  year: 2015\n", "of the year 2014, but emissions.year is 2015", "e.nc", NULL);
    emis_read_good(c, GRIDDED "  year: 2014\n");
    f.time_units = "months since 2014-01-01";
    bad_field(c, &f, "'time'", "months since");
}

static void test_bad_files_and_rules(void **state)
{
    emis_case *c = *state;
    emis_mesh_lonlat(c);
    emis_write(c, "e.nc", "not netCDF at all");
    emis_read_bad(c, GRIDDED, "e.nc", NULL);
    emis_field f = emis_tenths("ind");
    char path[256];
    emis_write_fields(c, "e.nc", 1, &f);
    assert_int_equal(truncate(emis_path(c, "e.nc", path), 20000), 0);
    emis_read_bad(c, GRIDDED, "e.nc", NULL);
    emis_write_fields(c, "e.nc", 1, &f);
    emis_read_bad(c, "  inventories:\n  - {name: g, type: gridded, file: e.nc, species: pm25}\n", "needs 'variables'",
                  "case.yaml:", NULL);
    emis_read_bad(c, "  inventories:\n  - {name: g, type: gridded, file: e.nc, variables: {industry: {name: ind}}}\n",
                  "needs 'species'", NULL);
    emis_read_bad(c,
                  "  inventories:\n  - {name: g, type: gridded, file: e.nc, species: pm25, sectors: [a], variables: "
                  "{industry: {name: ind}}}\n",
                  "has no use for 'sectors'", "case.yaml:", NULL);
    emis_read_bad(c,
                  "  inventories:\n  - {name: g, type: gridded, file: e.nc, species: pm25, variables: {a: {name: ind}, "
                  "b: {name: ind}}}\n",
                  "counted twice", NULL);
    emis_read_bad(c,
                  "  inventories:\n  - {name: g, type: gridded, file: e.nc, species: pm25, variables: {a: {name: ind, "
                  "units: t}}}\n",
                  "has the unit 'kg m-2 s-1'", "says 't'", NULL);
    emis_read_bad(c, "  sectors: [industry, road]\n" GRIDDED, "no inventory holds the sector 'road'", "industry (pm25)",
                  NULL);
}

/* A mapping that loses one part in 1e9 is caught, and named. */
static void test_audit_catches_a_loss(void **state)
{
    emis_case *c = *state;
    bs_emission e = {0};
    bs_emis_input in = {.emission = &e, .name = "grid", .file = "e.nc"};
    assert_int_equal(bs_emis_audit_add(&in, "road", "pm25", 5, 4, 4 * (1 - 1e-9), 4, &c->err), BS_ERR_RUN);
    assert_non_null(strstr(c->err.text, "e.nc: inventory 'grid', sector 'road', species 'pm25'"));
    assert_int_equal(e.n_audit, 0);
    assert_int_equal(bs_emis_audit_add(&in, "road", "pm25", 5, 4, 4 * (1 - 1e-11), 4, &c->err), BS_OK);
    free(e.audit);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, emis_setup, emis_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_mass_is_kept),
        TEST(test_uniform_density_gives_area),
        TEST(test_units),
        TEST(test_axes_in_any_way),
        TEST(test_axes_known_by_name),
        TEST(test_longitudes_a_turn_away),
        TEST(test_twelve_months),
        TEST(test_a_year_of_many),
        TEST(test_scale_and_uncovered),
        TEST(test_bad_values),
        TEST(test_nothing_on_the_mesh),
        TEST(test_bad_shapes),
        TEST(test_bad_times),
        TEST(test_bad_files_and_rules),
        TEST(test_audit_catches_a_loss),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
