/* Rates of an hour: nothing is lost between layers, tags sum to the total, and the default case is quick. */
#include "test_emis_case.h"

#include <time.h>

#define COMMITTED BS_SOURCE_DIR "/configs/emissions/"
#define DEFAULT_CASE                                                                                                   \
    "  sectors: [power, industry, road, other_transport, residential, other_domestic]\n  inventories:\n"               \
    "  - name: reas\n    type: totals\n    file: " COMMITTED "province_totals_2015.csv\n"                              \
    "    regions: " BS_SOURCE_DIR "/configs/regions/provinces.geojson\n    proxy:\n      file: " BS_SOURCE_DIR         \
    "/configs/data/proxy_population.nc\n      default: population\n"                                                   \
    "      by_sector: {industry: {variable: industry}, road: {variable: road}, residential: {variable: "               \
    "residential}}\n"                                                                                                  \
    "  - {name: plants, type: points, file: " COMMITTED "points_power.csv}\n"                                          \
    "  profiles:\n    month: " COMMITTED "profiles_month.csv\n    weekday: " COMMITTED "profiles_weekday.csv\n"        \
    "    hour: " COMMITTED "profiles_hour.csv\n    height: " COMMITTED "profiles_height.csv\n"

static void default_case(emis_case *c)
{
    emis_mesh(c, &(bs_mesh_spec){LAMBERT, 160, 120, 9000, 9000, -720000, -540000});
    emis_read_good(c, DEFAULT_CASE);
    emis_layers(c, 25);
}

static void test_tags_sum_to_the_total(void **state)
{
    emis_case *c = *state;
    default_case(c);
    assert_int_equal(emis_fill(c, bs_time_from_date(2015, 1, 10, 4, 0, 0)), BS_OK);
    assert_int_equal(c->rates->n_tracers, 7);
    assert_true(c->rates->n_layers > 3 && c->rates->n_layers < c->nz);
    size_t n = (size_t)c->rates->n_layers * (size_t)(c->mesh->nx * c->mesh->ny);
    for (size_t at = 0; at < n; at++) {
        double sum = 0;
        for (size_t t = 1; t < 7; t++) {
            assert_true(c->rates->rate[t * n + at] >= 0);
            sum += (double)c->rates->rate[t * n + at];
        }
        assert_near((double)c->rates->rate[at], sum, ROUND_REAL);
    }
}

/* The month's mean of the rates is the annual mean times the month's factor, for each sector. */
static void test_layers_conserve(void **state)
{
    emis_case *c = *state;
    emis_mesh_lambert(c);
    emis_write(c, "p.csv",
               "lon,lat,sector,species,value,unit,height\n104,30,a,pm25,2,kg s-1,\n105,31,a,pm25,3,kg s-1,\n");
    emis_write(c, "h.csv", "sector,bottom_m,top_m,fraction\na,300,400,0.25\na,0,37,0.5\na,37,300,0.25\n");
    emis_read_good(c, "  inventories:\n  - {name: p, type: points, file: p.csv}\n  profiles: {height: h.csv}\n");
    emis_layers(c, 14);
    assert_int_equal(emis_fill(c, 0), BS_OK);
    assert_near(emis_sum(c, 0, -1), 5.0, ROUND_REAL);
    /* By hand for flat layers of 25 m: the first has 25/37 of a half. */
    size_t cells = (size_t)(c->mesh->nx * c->mesh->ny);
    emis_layers(c, 20);
    emis_clear(c);
    emis_read_good(c, "  inventories:\n  - {name: p, type: points, file: p.csv}\n  profiles: {height: h.csv}\n");
    for (size_t n = 0; n < 21 * cells; n++) c->z_half[n] = (real)(25 * (n / cells));
    assert_int_equal(emis_fill(c, 0), BS_OK);
    assert_near(emis_sum(c, 0, 0), 5 * 0.5 * 25 / 37, ROUND_REAL);
    assert_near(emis_sum(c, 0, 1), 5 * (0.5 * 12 / 37 + 0.25 * 13 / 263), ROUND_REAL);
    assert_near(emis_sum(c, 0, 12), 5 * 0.25 / 4, ROUND_REAL);
    assert_near(emis_sum(c, 0, -1), 5.0, ROUND_REAL);
}

static void test_profile_above_the_top(void **state)
{
    emis_case *c = *state;
    default_case(c);
    emis_layers(c, 5);
    assert_int_equal(emis_fill(c, 0), BS_ERR_INPUT);
    assert_non_null(strstr(c->err.text, "m above the ground, but the model's top is"));
}

/* A sector that is no tag is in the total alone; nothing emitted gives zeros in one layer. */
static void test_untagged_and_empty(void **state)
{
    emis_case *c = *state;
    emis_mesh_lonlat(c);
    emis_layers(c, 3);
    emis_write(c, "p.csv",
               "lon,lat,sector,species,value,unit,height\n104,30,a,pm25,2,kg s-1,\n105,31,b,pm25,3,kg s-1,\n");
    emis_read_good(c, "  sectors: [b]\n  inventories:\n  - {name: p, type: points, file: p.csv}\n");
    assert_int_equal(emis_fill(c, 0), BS_OK);
    assert_near(emis_sum(c, 0, -1), 5.0, ROUND_REAL);
    assert_near(emis_sum(c, 1, -1), 3.0, ROUND_REAL);
    emis_read_good(c, "  year: 2015\n");
    assert_int_equal(bs_emission_audit_count(c->emission), 0);
    assert_int_equal(emis_fill(c, 0), BS_OK);
    assert_int_equal(c->rates->n_layers, 1);
    assert_near(emis_sum(c, 0, -1), 0.0, 0.0);
}

static void test_default_case(void **state)
{
    emis_case *c = *state;
    default_case(c);
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    bs_emission_print_audit(c->emission, out);
    fclose(out);
    assert_non_null(strstr(text, "742.9"));
    assert_non_null(strstr(text, "grid/domain"));
    print_message("%s", text);
    free(text);
    bs_time from = bs_time_from_date(2015, 1, 10, 0, 0, 0);
    assert_int_equal(emis_fill(c, from), BS_OK);
    struct timespec a, b;
    clock_gettime(CLOCK_MONOTONIC, &a);
    for (int h = 0; h < 24; h++) assert_int_equal(emis_fill(c, from + h * 3600), BS_OK);
    clock_gettime(CLOCK_MONOTONIC, &b);
    print_message("one fill of 160 x 120, %d layers, 7 tracers: %.2f ms\n", c->rates->n_layers,
                  ((double)(b.tv_sec - a.tv_sec) * 1e3 + (double)(b.tv_nsec - a.tv_nsec) * 1e-6) / 24);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, emis_setup, emis_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_tags_sum_to_the_total), TEST(test_layers_conserve), TEST(test_profile_above_the_top),
        TEST(test_untagged_and_empty),    TEST(test_default_case),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
