/* Totals by region: shared by the proxy inside the polygon, kept on the mesh; bad tables refused by line. */
#include "test_emis_case.h"

#define TOTALS                                                                                                         \
    "  inventories:\n  - name: totals\n    type: totals\n    file: t.csv\n    regions: r.geojson\n"                    \
    "    proxy: {file: proxy.nc, default: people, by_sector: {road: {variable: cars}}}\n"
#define HEADER "region,adcode,sector,species,value,unit\n"
#define SQUARE(code, name, x, y, u, v)                                                                                 \
    "{\"type\":\"Feature\",\"properties\":{\"adcode\":\"" code "\",\"name\":\"" name                                   \
    "\"},\"geometry\":{\"type\":\"Polygon\","                                                                          \
    "\"coordinates\":[[[" x "," y "],[" u "," y "],[" u "," v "],[" x "," v "],[" x "," y "]]]}}"

static double west_only(double lon, double lat, int time)
{
    return lon < 104.5 ? 1 + 0.1 * lat + 0 * time : 0;
}

static void write_inputs(emis_case *c)
{
    emis_field f[2] = {{.name = "people",
                        .units = "1",
                        .lon0 = 101.05,
                        .dlon = 0.1,
                        .n_lon = 80,
                        .lat0 = 27.05,
                        .dlat = 0.1,
                        .n_lat = 60,
                        .value = emis_bumps}};
    f[1] = f[0];
    f[1].name = "cars";
    f[1].value = west_only;
    emis_write_fields(c, "proxy.nc", 2, f);
    /* A and B share an edge that cuts proxy cells; C lies partly outside the meshes, D where no proxy is, E where cars are 0. */
    emis_write(
        c, "r.geojson",
        "{\"type\":\"FeatureCollection\",\"features\":[" SQUARE("1", "A", "103", "29", "104.33", "30.77") "," SQUARE(
            "2", "B", "104.33", "29", "106",
            "30.77") "," SQUARE("3", "C", "101.2", "29", "102.9",
                                "31") "," SQUARE("4", "D", "90", "10", "91", "11") "," SQUARE("5", "E", "105", "31",
                                                                                              "106", "32") "]}");
}

static double sum_between(const emis_case *c, int tracer, double west, double east)
{
    double sum = 0;
    for (int n = 0; n < c->mesh->nx * c->mesh->ny; n++) {
        if (c->mesh->lon[n] > west && c->mesh->lon[n] < east)
            sum += (double)c->rates->rate[(size_t)tracer * (size_t)(c->mesh->nx * c->mesh->ny) + (size_t)n];
    }
    return sum;
}

static void test_totals_are_kept(void **state)
{
    emis_case *c = *state;
    write_inputs(c);
    emis_write(c, "t.csv",
               HEADER
               "A,1,industry,pm25,100,Gg year-1\nB,2,industry,pm25,300,Gg year-1\nC,3,heating,pm25,40,Gg year-1\n"
               "A,1,road,pm25,7,kg s-1\n");
    for (int lambert = 0; lambert < 2; lambert++) {
        if (lambert) {
            emis_mesh_lambert(c);
        } else {
            emis_mesh_lonlat(c);
        }
        emis_read_good(c, "  sectors: [industry, road]\n" TOTALS);
        const bs_emission_audit *a = emis_audit(c, "industry");
        assert_near(a->in_file_kg_s, 400 * GG_PER_YEAR, 1e-12);
        assert_near(a->in_domain_kg_s, a->in_file_kg_s, CONSERVATION);
        assert_near(a->on_grid_kg_s, a->in_file_kg_s, CONSERVATION);
        a = emis_audit(c, "heating");
        assert_near(a->in_file_kg_s, 40 * GG_PER_YEAR, 1e-12);
        assert_true(a->in_domain_kg_s < 0.9 * a->in_file_kg_s && a->in_domain_kg_s > 0.3 * a->in_file_kg_s);
        assert_near(a->on_grid_kg_s, a->in_domain_kg_s, CONSERVATION);
        emis_layers(c, 3);
        assert_int_equal(emis_fill(c, 0), BS_OK);
        /* Each region's own total stays within a cell of it. */
        assert_near(sum_between(c, 1, 102, 103.9) + sum_between(c, 1, 103.9, 107), 400 * GG_PER_YEAR, ROUND_REAL);
        assert_true(sum_between(c, 1, 102.5, 104.33) < 115 * GG_PER_YEAR &&
                    sum_between(c, 1, 102.5, 104.33) > 85 * GG_PER_YEAR);
    }
}

/* With a uniform density as proxy, a region's mass per area is the same all over it. */
static void test_density_and_share(void **state)
{
    emis_case *c = *state;
    emis_mesh_lonlat(c);
    write_inputs(c);
    emis_field f = {.name = "people",
                    .units = "km-2",
                    .lon0 = 101.05,
                    .dlon = 0.1,
                    .n_lon = 80,
                    .lat0 = 27.05,
                    .dlat = 0.1,
                    .n_lat = 60};
    emis_write_fields(c, "proxy.nc", 1, &f);
    emis_write(c, "t.csv", HEADER "A,1,industry,pm25,1,kg s-1\n");
    emis_read_good(c, TOTALS);
    emis_layers(c, 3);
    assert_int_equal(emis_fill(c, 0), BS_OK);
    double density = 0;
    for (int n = 0; n < c->mesh->nx * c->mesh->ny; n++) {
        if (c->mesh->lon[n] < 103.4 || c->mesh->lon[n] > 104 || c->mesh->lat[n] < 29.4 || c->mesh->lat[n] > 30.3)
            continue;
        double here = (double)c->rates->rate[n] / c->mesh->area[n];
        if (density > 0) assert_near(here, density, 1e-6);
        density = here;
    }
    double south = sin(29 * BS_PI / 180), north = sin(30.77 * BS_PI / 180);
    assert_near(density, 1 / (6.37e6 * 6.37e6 * 1.33 * BS_PI / 180 * (north - south)), 1e-6);
}

/* By name where the adcode is empty; a name that is another region's is told. */
static void test_names(void **state)
{
    emis_case *c = *state;
    emis_mesh_lonlat(c);
    write_inputs(c);
    emis_write(c, "t.csv", HEADER "A,,industry,pm25,1,kg s-1\nB,2,industry,pm25,2,kg s-1\n");
    emis_read_good(c, TOTALS);
    assert_near(emis_audit(c, "industry")->on_grid_kg_s, 3, CONSERVATION);
    assert_false(emis_logged(c, "in the polygons"));
    emis_write(c, "t.csv", HEADER "A,2,industry,pm25,1,kg s-1\n");
    emis_read_good(c, TOTALS);
    assert_true(emis_logged(c, "the region 'A' has the adcode 2, which is 'B'"));
}

/* A polygon half off the proxy's mesh still gets its whole total, in the part that has a proxy: told. */
static void test_proxy_covers_a_part(void **state)
{
    emis_case *c = *state;
    emis_mesh_lonlat(c);
    write_inputs(c);
    emis_write(c, "r.geojson",
               "{\"type\":\"FeatureCollection\",\"features\":[" SQUARE("1", "A", "100", "29", "102", "31") "]}");
    emis_write(c, "t.csv", HEADER "A,1,industry,pm25,1,kg s-1\n");
    emis_read_good(c, TOTALS);
    assert_true(emis_logged(c, "cover 50.0 % of its area"));
    assert_near(emis_audit(c, "industry")->in_file_kg_s, 1, 1e-12);
}

static void bad_table(emis_case *c, const char *table, const char *word, const char *more)
{
    emis_write(c, "t.csv", table);
    emis_read_bad(c, TOTALS, "t.csv", word, more, NULL);
}

static void test_bad_tables(void **state)
{
    emis_case *c = *state;
    emis_mesh_lonlat(c);
    write_inputs(c);
    bad_table(c, HEADER "A,1,industry,pm25,1,kg s-1\nX,99,industry,pm25,1,kg s-1\n", "t.csv:3: no polygon in",
              "region 'X' (adcode '99')");
    bad_table(c, HEADER "E,5,road,pm25,1,kg s-1\n", "t.csv:2: proxy 'cars'", "is zero all over the region 'E'");
    bad_table(c, HEADER "D,4,industry,pm25,1,kg s-1\n", "t.csv:2: proxy 'people'", "is zero all over the region 'D'");
    bad_table(c, HEADER "A,1,industry,pm25,1,kg s-1\nA,1,industry,pm25,1,kg s-1\n", "t.csv:3:", "has a row already");
    bad_table(c, "region,sector,species,value,unit\nA,industry,pm25,1,kg s-1\n", "no column 'adcode'", "");
    bad_table(c, HEADER "A,1,industry,pm25,1,m s-1\n", "t.csv:2: column 'unit'", "no mass per time");
    bad_table(c, HEADER "A,1,industry,pm25,-1,kg s-1\n", "t.csv:2: column 'value'", "negative");
}

static double hole(double lon, double lat, int time)
{
    return lon > 108 && lat > 32 ? NAN : 1.0 + 0 * time;
}

static void test_bad_proxies(void **state)
{
    emis_case *c = *state;
    emis_mesh_lonlat(c);
    write_inputs(c);
    emis_write(c, "t.csv", HEADER "A,1,industry,pm25,1,kg s-1\n");
    emis_read_bad(c, "  inventories:\n  - {name: t, type: totals, file: t.csv, regions: r.geojson}\n",
                  "needs emissions.inventories[0].proxy.file", NULL);
    emis_read_bad(
        c, "  inventories:\n  - {name: t, type: totals, file: t.csv, proxy: {file: proxy.nc, default: people}}\n",
        "needs emissions.inventories[0].regions", NULL);
    emis_read_bad(
        c, "  inventories:\n  - {name: t, type: totals, file: t.csv, regions: r.geojson, proxy: {file: proxy.nc}}\n",
        "t.csv:2: no proxy for the sector 'industry'", NULL);
    emis_read_bad(c,
                  "  inventories:\n  - {name: t, type: totals, file: t.csv, regions: r.geojson, proxy: {file: "
                  "proxy.nc, default: sheep}}\n",
                  "proxy.nc", "sheep", "people", NULL);
    emis_field f = {.name = "people",
                    .units = "1",
                    .lon0 = 101.05,
                    .dlon = 0.1,
                    .n_lon = 80,
                    .lat0 = 27.05,
                    .dlat = 0.1,
                    .n_lat = 60,
                    .value = hole};
    emis_write_fields(c, "proxy.nc", 1, &f);
    emis_read_bad(c, TOTALS, "proxy.nc", "variable 'people'[lat=50, lon=70]", "missing", NULL);
    f.value = NULL;
    f.n_times = 12;
    emis_write_fields(c, "proxy.nc", 1, &f);
    emis_read_bad(c, TOTALS, "proxy 'people' has 12 times", NULL);
}

/* The default case's tables: REAS totals of Sichuan and Chongqing on the committed proxies. */
static void test_committed_totals(void **state)
{
    emis_case *c = *state;
    emis_mesh(c, &(bs_mesh_spec){LAMBERT, 160, 120, 9000, 9000, -720000, -540000});
    emis_read_good(c, "  inventories:\n  - name: reas\n    type: totals\n    file: " BS_SOURCE_DIR
                      "/configs/emissions/province_totals_2015.csv\n"
                      "    regions: " BS_SOURCE_DIR
                      "/configs/regions/provinces.geojson\n    proxy:\n      file: " BS_SOURCE_DIR
                      "/configs/data/proxy_population.nc\n      default: population\n"
                      "      by_sector: {industry: {variable: industry}, road: {variable: road}, residential: "
                      "{variable: residential}}\n"
                      "  profiles:\n    month: " BS_SOURCE_DIR "/configs/emissions/profiles_month.csv\n"
                      "    weekday: " BS_SOURCE_DIR "/configs/emissions/profiles_weekday.csv\n"
                      "    hour: " BS_SOURCE_DIR "/configs/emissions/profiles_hour.csv\n"
                      "    height: " BS_SOURCE_DIR "/configs/emissions/profiles_height.csv\n");
    double all = 0;
    for (int n = 0; n < bs_emission_audit_count(c->emission); n++) {
        const bs_emission_audit *a = bs_emission_audit_at(c->emission, n);
        assert_near(a->on_grid_kg_s, a->in_domain_kg_s, CONSERVATION);
        all += a->in_file_kg_s;
    }
    assert_int_equal(bs_emission_audit_count(c->emission), 5);
    assert_near(all, (555.6 + 187.4 - 14.933 - 15.086) * GG_PER_YEAR, 2e-4); /* printed with four digits */
}

static void test_nothing_on_the_mesh(void **state)
{
    emis_case *c = *state;
    emis_mesh(c, &(bs_mesh_spec){LONLAT, 10, 8, 0.3, 0.25, 106.5, 27.6});
    write_inputs(c);
    emis_write(c, "t.csv", HEADER "A,1,industry,pm25,5,kg s-1\n");
    emis_read_bad(c, TOTALS, "case.yaml:", "inventory 'totals': nothing of ", "a rule that matches no emission",
                  "It spans 103.00 to 104.33 E, 29.00 to 30.77 N", NULL);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, emis_setup, emis_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_nothing_on_the_mesh), TEST(test_totals_are_kept),
        TEST(test_density_and_share),   TEST(test_names),
        TEST(test_proxy_covers_a_part), TEST(test_bad_tables),
        TEST(test_bad_proxies),         TEST(test_committed_totals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
