/* The audit: by region from the source's own mesh, from the cells and by shares of cells; after profiles over the calendar year and in
 * the run; written as CSV. */
#include "test_emis_case.h"

#include "model/core/clock.h"

/* Sums of 8760 hours and some 1e3 cells, in two orders. */
static const double SUMS = 1e-12;

#define FEATURE(code, name, ring)                                                                                      \
    "{\"type\":\"Feature\",\"properties\":{\"adcode\":\"" code "\",\"name\":\"" name                                   \
    "\"},\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[" ring "]]}}"

/* A February of 28 days against one of 28.2425, where months differ by as much as the mean. */
static const double FEBRUARY = 0.2425 / 365;

/* A reaches beyond the mesh in the west, B is inside, the rest of the mesh is elsewhere. */
static const char REGIONS[] = "{\"type\":\"FeatureCollection\",\"features\":[" FEATURE(
    "1", "A",
    "[95,28.5],[104.1,29.0],[104.6,31.2],[95,31.9],[95,28.5]") "," FEATURE("2", "B, with a comma",
                                                                           "[104.1,29.0],[106.3,29.2],[106.1,"
                                                                           "31],[104.6,31.2],[104.1,29.0]") "]}";

static const char PROFILES[] =
    "  profiles:\n    month: m.csv\n    weekday: w.csv\n    hour: h.csv\n    utc_offset: 8 h\n";

static void set_up(emis_case *c, int months)
{
    char path[256];
    emis_field f = {.name = "ind",
                    .units = "kg m-2 s-1",
                    .lon0 = 100.05,
                    .dlon = 0.3,
                    .n_lon = 35,
                    .lat0 = 26.55,
                    .dlat = 0.3,
                    .n_lat = 25,
                    .n_times = months,
                    .value = emis_bumps};
    emis_mesh_lambert(c);
    emis_write_fields(c, "g.nc", 1, &f);
    emis_write(c, "r.geojson", REGIONS);
    bs_regions_destroy(c->regions);
    c->regions = NULL;
    if (bs_regions_read(emis_path(c, "r.geojson", path), &c->regions, &c->err) != BS_OK) fail_msg("%s", c->err.text);
    emis_write(
        c, "p.csv",
        "lon,lat,sector,species,value,unit,height\n105,30,power,pm25,3,kg s-1,50\n103.7,30,power,pm25,1,kg s-1,50\n");
    emis_write(c, "m.csv", "sector,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12\ndefault,2,0,1,1,1,1,1,1,1,1,1,1\n");
    emis_write(c, "w.csv", "sector,mon,tue,wed,thu,fri,sat,sun\ndefault,1.1,1.1,1.1,1.1,1.1,0.75,0.75\n");
    emis_write(c, "h.csv",
               "sector,h1,h2,h3,h4,h5,h6,h7,h8,h9,h10,h11,h12,h13,h14,h15,h16,h17,h18,h19,h20,h21,h22,h23,h24\n"
               "default,0,0,0,0,0,0,2,2,2,2,2,2,2,2,2,2,2,2,0,0,0,0,0,0\npower,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,"
               "1,1,1,1\n");
}

static const char CASE[] =
    "  inventories:\n  - {name: grid, type: gridded, file: g.nc, species: pm25, variables: {industry: {name: ind}}}\n"
    "  - {name: plants, type: points, file: p.csv}\n";

/* calendar: how far the year of the audit may be from that of the months. */
static void check_regions(const bs_emission_audit *a, double cells_apart, double calendar)
{
    double source = 0, cells = 0, year = 0, run = 0;
    for (int r = 0; r < 3; r++) {
        assert_true(fabs(a->grid_kg_s[r] - a->source_kg_s[r]) <= CONSERVATION * a->source_kg_s[r]);
        assert_true(fabs(a->cells_kg_s[r] - a->grid_kg_s[r]) <= cells_apart * a->grid_kg_s[r]);
        source += a->source_kg_s[r];
        cells += a->cells_kg_s[r];
        year += a->region_year_kg_s[r];
        run += a->region_run_kg[r];
    }
    assert_near(source, a->in_domain_kg_s, SUMS);
    assert_near(cells, a->on_grid_kg_s, calendar);
    assert_near(year, a->year_kg_s, SUMS);
    assert_near(run, a->run_kg, SUMS);
}

/* The year 2015 by hand: 52 weeks and a Thursday; January doubled, nothing in February. */
static double factor_of_2015(void)
{
    static const int DAYS[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    double sum = 0;
    int weekday = 3; /* 1 January was a Thursday */
    for (int m = 0; m < 12; m++)
        for (int d = 0; d < DAYS[m]; d++, weekday = (weekday + 1) % 7)
            sum += (m == 0 ? 2 : m == 1 ? 0 : 1) * (weekday < 5 ? 1.1 : 0.75);
    return sum / 365;
}

static void test_year_and_run(void **state)
{
    emis_case *c = *state;
    char text[2048];
    set_up(c, 0);
    emis_read_good(c, CASE);
    check_regions(emis_audit(c, "industry"), 0.05, SUMS);
    assert_near(emis_audit(c, "industry")->year_kg_s, emis_audit(c, "industry")->on_grid_kg_s, SUMS);
    assert_near(emis_audit(c, "industry")->run_kg, emis_audit(c, "industry")->on_grid_kg_s * 86400, SUMS);
    snprintf(text, sizeof text, "%s%s", CASE, PROFILES);
    emis_read_good(c, text);
    const bs_emission_audit *a = emis_audit(c, "industry"), *p = emis_audit(c, "power");
    check_regions(a, 0.05, SUMS);
    check_regions(p, 0, SUMS);
    assert_true(p->source_kg_s[0] == 1 && p->source_kg_s[1] == 3 && p->source_kg_s[2] == 0);
    assert_near(a->year_kg_s, a->on_grid_kg_s * factor_of_2015(), SUMS);
    /* the run: 2015-01-10 00 UTC to the 11th, a Saturday from 08 to 24, a Sunday until 08 local time */
    assert_near(a->run_kg, a->on_grid_kg_s * 2 * 0.75 * 2 * 3600 * (10 + 2), SUMS);
    assert_near(p->run_kg, 4 * 2 * 0.75 * 86400, SUMS);
    double kg = 0;
    assert_int_equal(bs_emission_total(c->emission, 0, -1, "industry", "pm25", 1420848000, 1420934400, &kg, &c->err),
                     BS_OK);
    assert_near(kg, a->run_kg, SUMS);
    assert_true(emis_logged(c, "the profiles of industry (pm25, 'grid') have the mean 1.0"));
    assert_true(emis_logged(c, "sector 'industry' has no hour profile of its own and takes that of 'default'"));
    assert_false(emis_logged(c, "sector 'power' has no hour profile"));
}

/* Twelve months of the inventory: the year's mean is theirs, by days. */
static void test_months(void **state)
{
    emis_case *c = *state;
    set_up(c, 12);
    emis_read_good(c, "  inventories:\n  - {name: grid, type: gridded, file: g.nc, species: pm25, variables: "
                      "{industry: {name: ind}}}\n");
    const bs_emission_audit *a = emis_audit(c, "industry");
    check_regions(a, 0.05, FEBRUARY);
    assert_near(a->year_kg_s, a->on_grid_kg_s, FEBRUARY);
    assert_true(a->run_kg < 0.8 * a->on_grid_kg_s * 86400); /* January is the least */
}

/* Polygons that overlap: nothing is told by region, and a rule of regions is refused. */
static void test_overlapping_polygons(void **state)
{
    emis_case *c = *state;
    char path[256];
    set_up(c, 0);
    emis_write(c, "r.geojson",
               "{\"type\":\"FeatureCollection\",\"features\":[" FEATURE(
                   "1", "A", "[103,29],[105,29],[105,31],[103,31],[103,29]") "," FEATURE("2", "B",
                                                                                         "[104,29],[106,29],[106,31],["
                                                                                         "104,31],[104,29]") "]}");
    bs_regions_destroy(c->regions);
    c->regions = NULL;
    assert_int_equal(bs_regions_read(emis_path(c, "r.geojson", path), &c->regions, &c->err), BS_OK);
    emis_read_good(c, CASE);
    assert_int_equal(bs_emission_audit_regions(c->emission), 0);
    assert_null(emis_audit(c, "industry")->grid_kg_s);
    assert_near(emis_audit(c, "industry")->on_grid_kg_s, emis_audit(c, "industry")->in_domain_kg_s, CONSERVATION);
    assert_true(emis_logged(c, "the polygons of regions.file overlap; nothing is told by region"));
    emis_read_bad(c, "  inventories:\n  - {name: plants, type: points, file: p.csv, only: {regions: [A]}}\n", "1 A (",
                  "and 2 B (", "overlap in cell", NULL);
}

static void test_csv(void **state)
{
    emis_case *c = *state;
    char path[256], text[8192];
    set_up(c, 0);
    emis_read_good(c, CASE);
    assert_int_equal(bs_emission_write_audit(c->emission, c->folder, &c->err), BS_OK);
    FILE *f = fopen(emis_path(c, "emissions_audit.csv", path), "r");
    assert_non_null(f);
    text[fread(text, 1, sizeof text - 1, f)] = '\0';
    fclose(f);
    assert_non_null(strstr(text, "\ninventory,sector,species,adcode,region,inventory_kg_s,on_grid_kg_s,in_cells_kg_s,"
                                 "with_profiles_kg_s,run_kg,carried\n"));
    assert_non_null(strstr(text, "\ngrid,industry,pm25,2,\"B, with a comma\","));
    assert_non_null(strstr(text, "\ngrid,industry,pm25,,elsewhere,"));
    assert_non_null(strstr(text, "\nplants,power,pm25,1,A,1,1,1,1,86400,1\n"));
    assert_non_null(strstr(text, "\nplants,power,pm25,,all,4,4,4,4,345600,1\n"));
}

static void test_table(void **state)
{
    emis_case *c = *state;
    char text[8192];
    set_up(c, 0);
    emis_read_good(c, CASE);
    FILE *f = tmpfile();
    assert_non_null(f);
    bs_emission_print_audit(c->emission, f);
    rewind(f);
    text[fread(text, 1, sizeof text - 1, f)] = '\0';
    fclose(f);
    assert_non_null(strstr(text, "industry, pm25, grid\n  A  "));
    assert_non_null(strstr(text, "no inventory has power of pm25 in: elsewhere\n"));
    assert_non_null(strstr(text, "  all of the mesh  "));
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, emis_setup, emis_teardown)
    const struct CMUnitTest tests[] = {TEST(test_year_and_run), TEST(test_months), TEST(test_overlapping_polygons),
                                       TEST(test_csv), TEST(test_table)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
