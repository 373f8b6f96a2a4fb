/* Emission by region: shares add up, tags do not feel each other, and what is wrong is refused. */
#include "test_emis_groups.h"

static void regions_add_up_to_the_audit(void **state)
{
    emis_case *c = *state;
    prefectures(c);
    read_reas(c, 0, NULL, 0);
    assert_int_equal(bs_emission_regions(c->emission), 22);
    assert_int_equal(bs_emission_sector_count(c->emission), 6);
    assert_string_equal(bs_emission_sector_at(c->emission, 0), "industry");
    assert_string_equal(bs_emission_sector_at(c->emission, 5), "power");
    assert_null(bs_emission_sector_at(c->emission, 6));
    assert_int_equal(bs_emission_species_count(c->emission), 1);
    assert_string_equal(bs_emission_species_at(c->emission, 0), "pm25");
    double all = 0;
    for (int s = 0; s < 6; s++) {
        const char *sector = bs_emission_sector_at(c->emission, s);
        double sum = 0;
        for (int r = 0; r <= 22; r++) {
            const double part = bs_emission_annual(c->emission, r, sector, "pm25");
            assert_true(part >= 0);
            sum += part;
        }
        assert_near(sum, emis_audit(c, sector)->on_grid_kg_s, SUMS);
        all += sum;
    }
    assert_near(bs_emission_annual(c->emission, -1, NULL, NULL), all, SUMS);
    const int chengdu = bs_regions_find(c->regions, "510100");
    assert_true(bs_emission_annual(c->emission, chengdu, NULL, NULL) > 0.05 * all);
    /* The provinces' border is that of the prefectures: only cells that it cuts have something elsewhere. */
    assert_true(bs_emission_annual(c->emission, 22, "industry", NULL) < 0.02 * all);
}

/* Whether the rest of a test may compare the rates with totals: all hours of a day. */
static void totals_are_what_a_run_emits(void **state)
{
    emis_case *c = *state;
    sketch a;
    prefectures(c);
    const bs_source_group groups[] = {*make_group(c, &a, "a", "chengdu-plain", "industry power"), OTHER};
    read_reas(c, 2, groups, 0);
    const int tag = tracer_at(c, "a");
    double in_tag = 0, in_all = 0;
    for (int h = 0; h < 24; h++) {
        assert_int_equal(emis_fill(c, DAY_BEGIN + h * 3600), BS_OK);
        in_tag += emis_sum(c, tag, -1) * 3600;
        in_all += emis_sum(c, 0, -1) * 3600;
    }
    double expected = 0, kg;
    for (int r = 0; r < 22; r++) {
        if (!a.region[r]) continue;
        for (int s = 0; s < 2; s++) {
            assert_int_equal(
                bs_emission_total(c->emission, 0, r, a.sector[s], "pm25", DAY_BEGIN, DAY_BEGIN + 86400, &kg, &c->err),
                BS_OK);
            expected += kg;
        }
    }
    assert_near(in_tag, expected, ROUND_REAL);
    assert_int_equal(bs_emission_total(c->emission, 0, -1, NULL, NULL, DAY_BEGIN, DAY_BEGIN + 86400, &kg, &c->err),
                     BS_OK);
    assert_near(in_all, kg, ROUND_REAL);
}

static void tags_do_not_feel_each_other(void **state)
{
    emis_case *c = *state;
    sketch a, b, b1, b2;
    size_t n, m;
    prefectures(c);
    const bs_source_group one[] = {*make_group(c, &a, "a", "chengdu-plain", "industry power")};
    const bs_source_group two[] = {one[0], *make_group(c, &b, "b", "south-sichuan chongqing elsewhere", "all"), OTHER};
    const bs_source_group three[] = {*make_group(c, &b1, "b1", "south-sichuan elsewhere", "all"), one[0],
                                     *make_group(c, &b2, "b2", "chongqing", "all"), OTHER};
    read_reas(c, 0, NULL, 0);
    real *plain = rates_of(c, 0, DAY_BEGIN, &n);
    read_reas(c, 1, one, 0);
    real *total = rates_of(c, 0, DAY_BEGIN, &m), *tag = rates_of(c, tracer_at(c, "a"), DAY_BEGIN, &m);
    assert_int_equal(n, m);
    assert_same_bits(plain, total, n);
    read_reas(c, 3, two, 0);
    real *total2 = rates_of(c, 0, DAY_BEGIN, &m), *tag2 = rates_of(c, tracer_at(c, "a"), DAY_BEGIN, &m);
    real *part = rates_of(c, tracer_at(c, "b"), DAY_BEGIN, &m);
    assert_same_bits(plain, total2, n);
    assert_same_bits(tag, tag2, n);
    for (size_t at = 0; at < n; at++) { /* tags and the rest are the total */
        double sum = 0;
        for (size_t t = 1; t < 4; t++) sum += (double)c->rates->rate[t * n + at];
        assert_near(sum, (double)plain[at], ROUND_REAL);
    }
    read_reas(c, 4, three, 0);
    real *total3 = rates_of(c, 0, DAY_BEGIN, &m), *tag3 = rates_of(c, tracer_at(c, "a"), DAY_BEGIN, &m);
    assert_same_bits(plain, total3, n);
    assert_same_bits(tag, tag3, n);
    for (size_t at = 0; at < n; at++) {
        const double split = (double)c->rates->rate[(size_t)tracer_at(c, "b1") * n + at] +
                             (double)c->rates->rate[(size_t)tracer_at(c, "b2") * n + at];
        assert_near(split, (double)part[at], ROUND_REAL);
    }
    real *const all[] = {plain, total, tag, total2, tag2, part, total3, tag3};
    for (size_t k = 0; k < sizeof all / sizeof all[0]; k++) free(all[k]);
}

/* A group of one sector everywhere is the tag of that sector, to the bit. */
static void a_sector_everywhere_is_its_tag(void **state)
{
    emis_case *c = *state;
    sketch a;
    size_t n;
    prefectures(c);
    c->n_groups = 0;
    emis_read_good(c, "  sectors: [industry]\n" REAS);
    emis_layers(c, 20);
    real *plain = rates_of(c, tracer_at(c, "industry"), DAY_BEGIN, &n);
    const bs_source_group one[] = {*make_group(c, &a, "a", "all elsewhere", "industry")};
    read_reas(c, 1, one, 0);
    real *group = rates_of(c, tracer_at(c, "a"), DAY_BEGIN, &n);
    assert_same_bits(plain, group, n);
    free(plain);
    free(group);
}

static const char *two_boxes(emis_case *c, double west, double border, double border2, double east)
{
    static char path[256];
    char text[1024];
    snprintf(
        text, sizeof text,
        "{\"type\":\"FeatureCollection\",\"features\":["
        "{\"type\":\"Feature\",\"properties\":{\"adcode\":\"1\",\"name\":\"west\"},\"geometry\":{\"type\":\"Polygon\","
        "\"coordinates\":[[[%.9g,28],[%.9g,28],[%.9g,31],[%.9g,31],[%.9g,28]]]}},"
        "{\"type\":\"Feature\",\"properties\":{\"adcode\":\"2\",\"name\":\"east\"},\"geometry\":{\"type\":\"Polygon\","
        "\"coordinates\":[[[%.9g,28],[%.9g,28],[%.9g,31],[%.9g,31],[%.9g,28]]]}}]}",
        west, border, border, west, west, border2, east, east, border2, border2);
    emis_write(c, "boxes.geojson", text);
    return emis_path(c, "boxes.geojson", path);
}

/* The border cuts a column of cells at a quarter; two stacks stand in one of its cells, one on each side. */
static void cells_are_split_and_points_are_not(void **state)
{
    emis_case *c = *state;
    sketch w, e;
    emis_mesh_lonlat(c); /* cells of 0.3 x 0.25 degrees from 101.87 E, 27.61 N */
    const double border = 101.87 + 5 * 0.3 + 0.075;
    if (bs_regions_read(two_boxes(c, 102.17, border, border, 104.0), &c->regions, &c->err)) fail_msg("%s", c->err.text);
    emis_write(
        c, "p.csv",
        "lon,lat,sector,species,value,unit,height\n103.40,29.5,power,pm25,1,kg s-1,100\n"
        "103.50,29.5,power,pm25,2,kg s-1,\n110,29.5,power,pm25,4,kg s-1,100\n103.5,27.7,power,pm25,8,kg s-1,0\n");
    emis_write(c, "t.csv", "region,adcode,sector,species,value,unit,year\nwest,1,road,pm25,6,kg s-1,2015\n");
    const bs_source_group groups[] = {*make_group(c, &w, "w", "west", "all"), *make_group(c, &e, "e", "east", "power"),
                                      OTHER};
    c->n_groups = 3;
    c->group = groups;
    emis_read_good(c, "  inventories:\n  - {name: p, type: points, file: p.csv}\n");
    assert_near(bs_emission_annual(c->emission, 0, "power", NULL), 1, SUMS);
    assert_near(bs_emission_annual(c->emission, 1, "power", NULL), 2, SUMS);
    assert_near(bs_emission_annual(c->emission, 2, "power", NULL), 8, SUMS);
    emis_layers(c, 10);
    assert_int_equal(emis_fill(c, 0), BS_OK);
    assert_near(emis_sum(c, tracer_at(c, "w"), -1), 1, ROUND_REAL);
    assert_near(emis_sum(c, tracer_at(c, "e"), -1), 2, ROUND_REAL);
    assert_near(emis_sum(c, tracer_at(c, "other"), -1), 8, ROUND_REAL);
    /* A gridded field of 1 kg m-2 s-1: the cut column gives a quarter of each cell to the west. */
    const emis_field uniform = {.name = "flux",
                                .units = "kg m-2 s-1",
                                .lon0 = 100.5,
                                .dlon = 1,
                                .lat0 = 26.5,
                                .dlat = 1,
                                .n_lon = 12,
                                .n_lat = 10};
    emis_write_fields(c, "g.nc", 1, &uniform);
    emis_read_good(c,
                   "  inventories:\n  - {name: g, type: gridded, file: g.nc, species: pm25, variables: {power: {name: "
                   "flux}}}\n");
    emis_layers(c, 10);
    assert_int_equal(emis_fill(c, 0), BS_OK);
    const size_t cells = (size_t)c->mesh->nx * (size_t)c->mesh->ny, cell = 8 * (size_t)c->mesh->nx + 5;
    const real *of = c->rates->rate;
    const size_t layers = (size_t)c->rates->n_layers * cells;
    assert_near((double)of[(size_t)tracer_at(c, "w") * layers + cell], 0.25 * (double)of[cell], 1e-6);
    assert_near((double)of[(size_t)tracer_at(c, "e") * layers + cell], 0.75 * (double)of[cell], 1e-6);
}

static void overlapping_polygons(void **state)
{
    emis_case *c = *state;
    emis_mesh_lonlat(c);
    if (bs_regions_read(two_boxes(c, 102.0, 103.5, 103.4, 105.0), &c->regions, &c->err)) fail_msg("%s", c->err.text);
    c->n_groups = 0;
    emis_write(c, "p.csv", "lon,lat,sector,species,value,unit,height\n103.4,29.5,power,pm25,1,kg s-1,100\n");
    emis_read_good(c, "  inventories:\n  - {name: p, type: points, file: p.csv}\n");
    assert_int_equal(bs_emission_resolve(c->emission, c->regions, &c->err), BS_ERR_INPUT);
    const char *const words[] = {"1 west (", "2 east (", "overlap in cell (j=", "counted twice", "share their borders"};
    for (size_t w = 0; w < sizeof words / sizeof words[0]; w++)
        if (!strstr(c->err.text, words[w])) fail_msg("'%s' is not in: %s", words[w], c->err.text);
}

static void idle_tags_go(void **state)
{
    emis_case *c = *state;
    sketch a, b;
    size_t n;
    prefectures(c);
    bs_source_group groups[] = {*make_group(c, &a, "a", "川西北", "power"),
                                *make_group(c, &b, "b", "chongqing", "power"), OTHER};
    groups[0].optional = true;
    read_reas(c, 3, groups, 2);
    assert_int_equal(c->tracers->n, 8);
    if (bs_emission_drop_idle(c->emission, c->tracers, &c->log, &c->err) != BS_OK) fail_msg("%s", c->err.text);
    assert_int_equal(c->tracers->n, 6);
    assert_int_equal(c->tracers->per_member, 3);
    for (int t = 0; t < 6; t++) {
        assert_int_equal(c->tracers->row[t].total, t / 3 * 3);
        assert_int_equal(c->tracers->row[t].member, t / 3);
    }
    assert_true(emis_logged(c, "nothing is emitted for them: pm25_a"));
    real *tag = rates_of(c, 1, DAY_BEGIN, &n);
    double sum = 0, kg;
    for (size_t at = 0; at < n; at++) sum += (double)tag[at];
    free(tag);
    const int city = bs_regions_find(c->regions, "500000");
    assert_int_equal(bs_emission_total(c->emission, 0, city, "power", NULL, DAY_BEGIN, DAY_BEGIN + 3600, &kg, &c->err),
                     BS_OK);
    assert_near(sum * 3600, kg, ROUND_REAL);
    groups[0].optional = false;
    read_reas(c, 3, groups, 0);
    assert_int_equal(bs_emission_drop_idle(c->emission, c->tracers, &c->log, &c->err), BS_ERR_INPUT);
    assert_true(
        strstr(c->err.text, "case.yaml:9:3: error: nothing is emitted by the sectors and regions of the group 'a'"));
    assert_true(strstr(c->err.text, "\n  industry"));
}

static void unknown_sector_of_a_group(void **state)
{
    emis_case *c = *state;
    sketch a;
    prefectures(c);
    const bs_source_group groups[] = {*make_group(c, &a, "a", "chengdu", "brick")};
    c->n_groups = 1;
    c->group = groups;
    emis_read_bad(c, REAS, "case.yaml:9:3", "no inventory holds the sector 'brick'", "power (pm25)", NULL);
}

#define ON_CASE(test) cmocka_unit_test_setup_teardown(test, emis_setup, emis_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_CASE(regions_add_up_to_the_audit),
        ON_CASE(totals_are_what_a_run_emits),
        ON_CASE(tags_do_not_feel_each_other),
        ON_CASE(a_sector_everywhere_is_its_tag),
        ON_CASE(cells_are_split_and_points_are_not),
        ON_CASE(overlapping_polygons),
        ON_CASE(idle_tags_go),
        ON_CASE(unknown_sector_of_a_group),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
