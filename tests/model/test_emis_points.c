/* Point sources: each kilogram to its cell and layer; those outside counted, not placed; bad tables refused by line. */
#include "test_emis_case.h"

#define POINTS "  inventories:\n  - {name: plants, type: points, file: p.csv}\n"
#define HEADER "name,lon,lat,sector,species,value,unit,height\n"

static void test_cell_and_layer(void **state)
{
    emis_case *c = *state;
    for (int lambert = 0; lambert < 2; lambert++) {
        if (lambert) {
            emis_mesh_lambert(c);
        } else {
            emis_mesh_lonlat(c);
        }
        emis_write(c, "p.csv",
                   HEADER "A,104.07,30.66,power,pm25,10,Gg year-1,150\n"
                          "B,106.55,29.56,power,pm25,2000,t year-1,0\n"
                          "far away,116.4,39.9,power,pm25,5,kg s-1,100\n");
        emis_read_good(c, POINTS);
        const bs_emission_audit *a = emis_audit(c, "power");
        assert_near(a->in_file_kg_s, 12 * GG_PER_YEAR + 5, 1e-12);
        assert_near(a->in_domain_kg_s, 12 * GG_PER_YEAR, 1e-12);
        assert_near(a->on_grid_kg_s, 12 * GG_PER_YEAR, 1e-12);
        assert_true(emis_logged(c, "1 of 3 points lie outside the mesh"));

        emis_layers(c, 12);
        assert_int_equal(emis_fill(c, 0), BS_OK);
        size_t cells = (size_t)(c->mesh->nx * c->mesh->ny);
        double fi = 0, fj = 0;
        assert_true(bs_mesh_locate(c->mesh, 104.07, 30.66, &fi, &fj));
        size_t cell = (size_t)fj * (size_t)c->mesh->nx + (size_t)fi;
        int k = 0;
        while ((double)c->z_half[(size_t)(k + 1) * cells + cell] <= 150) k++;
        assert_true((double)c->z_half[(size_t)k * cells + cell] <= 150 && k > 0);
        assert_near((double)c->rates->rate[(size_t)k * cells + cell], 10 * GG_PER_YEAR, ROUND_REAL);
        assert_near(emis_sum(c, 0, k), 10 * GG_PER_YEAR, ROUND_REAL);
        assert_near(emis_sum(c, 0, 0), 2 * GG_PER_YEAR, ROUND_REAL);
    }
}

/* On the half level itself a source belongs to the layer above. */
static void test_height_on_a_half_level(void **state)
{
    emis_case *c = *state;
    emis_mesh_lonlat(c);
    emis_write(c, "p.csv", HEADER "A,104.07,30.66,power,pm25,1,kg s-1,40\n");
    emis_read_good(c, POINTS);
    emis_layers(c, 4);
    size_t cells = (size_t)(c->mesh->nx * c->mesh->ny);
    for (size_t n = 0; n < 5 * cells; n++) c->z_half[n] = (real)(20 * (n / cells));
    assert_int_equal(emis_fill(c, 0), BS_OK);
    assert_near(emis_sum(c, 0, 2), 1, ROUND_REAL);
    assert_near(emis_sum(c, 0, -1), 1, ROUND_REAL);
}

/* Without a height a point follows the height profile of its sector. */
static void test_no_height_takes_the_profile(void **state)
{
    emis_case *c = *state;
    emis_mesh_lonlat(c);
    emis_write(c, "p.csv", HEADER "A,104.07,30.66,power,pm25,3,kg s-1,\nB,104.07,30.66,power,pm25,1,kg s-1,30\n");
    emis_write(c, "height.csv", "sector,bottom_m,top_m,fraction\npower,40,60,1\n");
    emis_read_good(c, POINTS "  profiles: {height: height.csv}\n");
    emis_layers(c, 4);
    size_t cells = (size_t)(c->mesh->nx * c->mesh->ny);
    for (size_t n = 0; n < 5 * cells; n++) c->z_half[n] = (real)(20 * (n / cells));
    assert_int_equal(emis_fill(c, 0), BS_OK);
    assert_near(emis_sum(c, 0, 1), 1, ROUND_REAL);
    assert_near(emis_sum(c, 0, 2), 3, ROUND_REAL);
    emis_read_good(c, POINTS);
    assert_int_equal(emis_fill(c, 0), BS_OK);
    assert_near(emis_sum(c, 0, 0), 3, ROUND_REAL);
    assert_near(emis_audit(c, "power")->on_grid_kg_s, 4, 1e-12);
}

static void test_choices(void **state)
{
    emis_case *c = *state;
    emis_mesh_lonlat(c);
    emis_write(c, "p.csv",
               HEADER
               "A,104,30,power,pm25,1,kg s-1,10\nB,104,30,kiln,pm25,2,kg s-1,10\nC,104,30,kiln,SO2,4,kg s-1,10\n");
    emis_read_good(c, POINTS);
    assert_int_equal(bs_emission_audit_count(c->emission), 3);
    emis_layers(c, 3);
    assert_int_equal(emis_fill(c, 0), BS_OK);
    assert_near(emis_sum(c, 0, -1), 3, ROUND_REAL); /* SO2 is listed, not carried */
    assert_int_equal(bs_emission_audit_at(c->emission, 2)->carried, 0);
    emis_read_good(
        c,
        "  inventories:\n  - {name: plants, type: points, file: p.csv, sectors: [kiln], species: pm25, scale: 10}\n");
    assert_int_equal(bs_emission_audit_count(c->emission), 1);
    assert_near(emis_audit(c, "kiln")->on_grid_kg_s, 20, 1e-12);
    emis_read_bad(c, "  inventories:\n  - {name: plants, type: points, file: p.csv, sectors: [kiln, ship]}\n",
                  "the sector 'ship' is not in", "p.csv", "a rule that matches no emission", NULL);
    emis_read_bad(c, "  inventories:\n  - {name: plants, type: points, file: p.csv, species: NOx}\n",
                  "has no species NOx", "a rule that matches no emission", NULL);
    emis_read_bad(c, "  inventories:\n  - {name: plants, type: points, file: p.csv, regions: p.csv}\n",
                  "no use for 'regions'", NULL);
}

static void test_above_the_top(void **state)
{
    emis_case *c = *state;
    emis_mesh_lonlat(c);
    emis_write(c, "p.csv", HEADER "A,104.07,30.66,power,pm25,1,kg s-1,5000\n");
    emis_read_good(c, POINTS);
    emis_layers(c, 4);
    assert_int_equal(emis_fill(c, 0), BS_ERR_INPUT);
    assert_non_null(strstr(c->err.text, "emits up to 5000 m above the ground, but the model's top is"));
}

static void bad_table(emis_case *c, const char *table, const char *word, const char *more)
{
    emis_write(c, "p.csv", table);
    emis_read_bad(c, POINTS, "p.csv", word, more, NULL);
}

static void test_bad_tables(void **state)
{
    emis_case *c = *state;
    emis_mesh_lonlat(c);
    bad_table(c, "name,lon,lat,sector,species,value,unit\nA,104,30,power,pm25,1,kg s-1\n", "no column 'height'", "");
    bad_table(c, "lat,sector,species,value,unit,height\n30,power,pm25,1,kg s-1,9\n", "no column 'lon'", "");
    bad_table(c, "lon,lat,species,value,unit,height\n104,30,pm25,1,kg s-1,9\n", "no column 'sector'", "");
    bad_table(c, HEADER "A,104,30,power,pm25,1,kg s-1,10\nB,104,30,power,pm25,-2,kg s-1,10\n",
              "p.csv:3:", "must not be negative, found -2");
    bad_table(c, HEADER "A,104,30,power,pm25,1,kg s-1,-10\n", "p.csv:2: column 'height'", "found -10");
    bad_table(c, HEADER "A,104,30,power,pm25,nan,kg s-1,10\n", "p.csv:2: column 'value'", "nan");
    bad_table(c, HEADER "A,104,300,power,pm25,1,kg s-1,10\n", "p.csv:2:", "is no longitude and latitude");
    bad_table(c, HEADER "A,104,30,,pm25,1,kg s-1,10\n", "p.csv:2:", "column 'sector' is empty");
    bad_table(c, HEADER "A,104,30,power,pm25,1,Gg,10\n", "p.csv:2: column 'unit': 'Gg' is no mass per time",
              "as 'Gg year-1'");
    bad_table(c, HEADER "A,104,30,power,pm25,1,kt year-1,10\n", "p.csv:2: column 'unit'", "knot");
    bad_table(c, HEADER "A,104,30,power,pm25,1,kg m-2 s-1,10\n", "'kg m-2 s-1' is no mass per time", "");
    bad_table(c, HEADER "A,104,30,power,pm25,1,,10\n", "'' is no mass per time", "");
}

static void test_years(void **state)
{
    emis_case *c = *state;
    emis_mesh_lonlat(c);
    emis_write(c, "p.csv",
               "lon,lat,sector,species,value,unit,height,year\n104,30,power,pm25,1,kg "
               "s-1,10,2014\n104,30,power,pm25,1,kg s-1,10,2015\n");
    emis_read_bad(c, POINTS "  year: 2014\n", "p.csv:3: column 'year': found 2015, but emissions.year is 2014", NULL);
    emis_read_bad(c, POINTS, "p.csv:3: column 'year': found 2015 after 2014", NULL);
    assert_false(emis_logged(c, "is not checked"));
    emis_write(c, "p.csv", HEADER "A,104,30,power,pm25,1,kg s-1,10\n");
    emis_read_good(c, POINTS "  year: 2014\n");
    assert_true(emis_logged(c, "p.csv: no column 'year': that it is of 2014 (emissions.year) is not checked"));
}

static void test_nothing_on_the_mesh(void **state)
{
    emis_case *c = *state;
    emis_mesh_lonlat(c);
    emis_write(c, "p.csv", HEADER "A,116,39,power,pm25,1,kg s-1,10\nB,117,38.5,power,pm25,1,kg s-1,10\n");
    emis_read_bad(c, POINTS, "case.yaml:", "inventory 'plants': nothing of ", "p.csv lies on the mesh",
                  "a rule that matches no emission", "116.00 to 117.00 E, 38.50 to 39.00 N",
                  "the mesh 101.87 to 108.47 E, 27.61 to 32.11 N", NULL);
    emis_read_good(c, "  inventories:\n  - {name: plants, type: points, file: p.csv, scale: 0}\n");
}

static void test_committed_plants(void **state)
{
    emis_case *c = *state;
    emis_mesh(c, &(bs_mesh_spec){LAMBERT, 160, 120, 9000, 9000, -720000, -540000});
    emis_read_good(c, "  inventories:\n  - {name: plants, type: points, file: " BS_SOURCE_DIR
                      "/configs/emissions/points_power.csv}\n");
    const bs_emission_audit *a = emis_audit(c, "power");
    assert_near(a->in_file_kg_s, (14.933 + 15.086) * GG_PER_YEAR, 1e-4); /* the file prints five digits */
    assert_near(a->on_grid_kg_s, a->in_file_kg_s, 1e-12);                /* all lie inside */
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, emis_setup, emis_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_cell_and_layer), TEST(test_height_on_a_half_level), TEST(test_no_height_takes_the_profile),
        TEST(test_choices),        TEST(test_above_the_top),          TEST(test_bad_tables),
        TEST(test_years),          TEST(test_nothing_on_the_mesh),    TEST(test_committed_plants),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
