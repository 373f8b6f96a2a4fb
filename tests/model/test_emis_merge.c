/* Several inventories: what one leaves the other takes, to rounding, and what the source has in a region is what its cells get; what
 * two hold without a rule is refused; rules that meet nothing are refused; parts of sectors. */
#include "test_emis_case.h"

/* The gridding of a part and of the rest, each with a rounding of its own; sums of some 1e3 terms. */
#define TO_ROUNDING 1e-13

#define TWO                                                                                                            \
    "  inventories:\n  - {name: fine, type: gridded, file: fine.nc, species: pm25, variables: {industry: {name: "      \
    "ind}%s}%s}\n"                                                                                                     \
    "  - {name: coarse, type: gridded, file: coarse.nc, species: pm25, variables: {industry: {name: ind}, road: "      \
    "{name: car}}%s}\n"

#define FEATURE(code, name, ring)                                                                                      \
    "{\"type\":\"Feature\",\"properties\":{\"adcode\":\"" code "\",\"name\":\"" name                                   \
    "\"},\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[" ring "]]}}"

/* A and B share a crooked border, C lies off the mesh. */
static const char REGIONS[] = "{\"type\":\"FeatureCollection\",\"features\":[" FEATURE(
    "1", "A",
    "[103.1,28.9],[105.33,29.4],[105.0,30.7],[103.4,31.1],[103.1,28.9]") "," FEATURE("2", "B",
                                                                                     "[105.33,29.4],["
                                                                                     "107.2,29.0],["
                                                                                     "106.6,31.5],[105.0,"
                                                                                     "30.7],[105.33,29."
                                                                                     "4]") "," FEATURE("3", "C",
                                                                                                       "[140,29],[142,"
                                                                                                       "29],[142,31],["
                                                                                                       "140,31],[140,"
                                                                                                       "29]") "]}";

static void set_up(emis_case *c)
{
    char path[256];
    emis_mesh_lonlat(c);
    const emis_field fine = {.name = "ind",
                             .units = "kg m-2 s-1",
                             .lon0 = 100.05,
                             .dlon = 0.1,
                             .n_lon = 100,
                             .lat0 = 26.55,
                             .dlat = 0.1,
                             .n_lat = 70,
                             .value = emis_bumps};
    emis_field fields[2] = {fine, fine};
    fields[1].name = "kilns";
    emis_write_fields(c, "fine.nc", 2, fields);
    for (int v = 0; v < 2; v++) {
        fields[v].lon0 = 99.83;
        fields[v].dlon = 0.77;
        fields[v].n_lon = 14;
        fields[v].lat0 = 26.1;
        fields[v].dlat = 0.61;
        fields[v].n_lat = 13;
    }
    fields[1].name = "car";
    emis_write_fields(c, "coarse.nc", 2, fields);
    emis_write(c, "r.geojson", REGIONS);
    bs_regions_destroy(c->regions);
    c->regions = NULL;
    if (bs_regions_read(emis_path(c, "r.geojson", path), &c->regions, &c->err) != BS_OK) fail_msg("%s", c->err.text);
}

static const char *two(const char *variables, const char *first, const char *second, char *text)
{
    snprintf(text, 2048, TWO, variables, first, second);
    return text;
}

static const bs_emission_audit *line_of(const emis_case *c, const char *inventory, const char *sector)
{
    for (int n = 0; n < bs_emission_audit_count(c->emission); n++) {
        const bs_emission_audit *a = bs_emission_audit_at(c->emission, n);
        if (strcmp(a->inventory, inventory) == 0 && strcmp(a->sector, sector) == 0) return a;
    }
    fail_msg("no line for %s of %s", sector, inventory);
    return NULL;
}

/* Regions of a line add up to the mesh, each is what the source has there; A holds what rules leave it. */
static void check_line(const bs_emission_audit *a, const bool kept[4])
{
    double source = 0, grid = 0, cells = 0;
    for (int r = 0; r < 4; r++) {
        source += a->source_kg_s[r];
        grid += a->grid_kg_s[r];
        cells += a->cells_kg_s[r];
        if (kept[r]) {
            assert_true(fabs(a->grid_kg_s[r] - a->source_kg_s[r]) <= CONSERVATION * a->source_kg_s[r]);
        } else {
            assert_true(a->source_kg_s[r] == 0 && a->grid_kg_s[r] == 0);
        }
    }
    assert_near(source, a->in_domain_kg_s, 1e-12);
    assert_near(grid, a->on_grid_kg_s, 1e-12);
    assert_near(cells, a->on_grid_kg_s, 1e-12);
}

static double rate_at(const emis_case *c, size_t cell)
{
    return (double)c->rates->rate[cell];
}

/* One inventory in A and its complement: together the whole, in every cell. */
static void test_region_and_the_rest(void **state)
{
    emis_case *c = *state;
    const size_t cells = 22 * 18;
    static const bool ALL[4] = {true, true, false, true}, IN[4] = {true, false, false, false},
                      OUT[4] = {false, true, false, true};
    double *whole = calloc(3 * cells, sizeof *whole);
    assert_non_null(whole);
    set_up(c);
    emis_layers(c, 3);
    static const char *const CASES[3] = {"  inventories:\n  - {name: coarse, type: gridded, file: coarse.nc, species: "
                                         "pm25, variables: {industry: {name: ind}}}\n",
                                         "  inventories:\n  - {name: coarse, type: gridded, file: coarse.nc, species: "
                                         "pm25, variables: {industry: {name: ind}}, only: {regions: [A]}}\n",
                                         "  inventories:\n  - {name: coarse, type: gridded, file: coarse.nc, species: "
                                         "pm25, variables: {industry: {name: ind}}, except: {regions: [A]}}\n"};
    double mass[3];
    for (int k = 0; k < 3; k++) {
        emis_read_good(c, CASES[k]);
        const bs_emission_audit *a = line_of(c, "coarse", "industry");
        check_line(a, k == 0 ? ALL : k == 1 ? IN : OUT);
        mass[k] = a->on_grid_kg_s;
        assert_int_equal(emis_fill(c, 1420891200), BS_OK);
        for (size_t n = 0; n < cells; n++) whole[(size_t)k * cells + n] = rate_at(c, n);
        if (k > 0) assert_near(a->left_out_kg_s + a->on_grid_kg_s, mass[0], 1e-12);
    }
    assert_near(mass[1] + mass[2], mass[0], TO_ROUNDING);
    int mixed = 0;
    for (size_t n = 0; n < cells; n++) {
        assert_true(fabs(whole[cells + n] + whole[2 * cells + n] - whole[n]) <= 3 * (double)BS_REAL_EPSILON * whole[n]);
        mixed += whole[cells + n] > 0 && whole[2 * cells + n] > 0;
    }
    assert_in_range(mixed, 20, 60); /* cells on the border */
    free(whole);
}

/* fine in A and B, coarse elsewhere; roads of coarse everywhere. */
static void test_two_inventories(void **state)
{
    emis_case *c = *state;
    char text[2048];
    static const bool IN[4] = {true, true, false, false}, OUT[4] = {false, false, false, true},
                      ALL[4] = {true, true, false, true};
    set_up(c);
    emis_read_good(c, two("", ", only: {regions: [A, '2']}", ", except: {regions: [A, B], sectors: [industry]}", text));
    check_line(line_of(c, "fine", "industry"), IN);
    check_line(line_of(c, "coarse", "industry"), OUT);
    check_line(line_of(c, "coarse", "road"), ALL);
    const double fine = line_of(c, "fine", "industry")->on_grid_kg_s,
                 coarse = line_of(c, "coarse", "industry")->on_grid_kg_s;
    /* the same, said by the one that comes instead */
    emis_read_good(
        c, two("", ", only: {regions: [A, B]}, replaces: [{inventory: coarse, sectors: [industry], regions: [A, B]}]",
               "", text));
    assert_true(line_of(c, "fine", "industry")->on_grid_kg_s == fine &&
                line_of(c, "coarse", "industry")->on_grid_kg_s == coarse);
    assert_true(line_of(c, "coarse", "industry")->left_out_kg_s > 0);
    emis_read_good(c, two("", "", ", add: true", text)); /* both everywhere, on purpose */
    check_line(line_of(c, "fine", "industry"), ALL);
    assert_false(emis_logged(c, "is no sector of the table"));
    emis_read_good(c, "  inventories:\n  - {name: one, type: gridded, file: fine.nc, species: pm25, variables: {odd: "
                      "{name: ind}}}\n");
    assert_true(emis_logged(c, "'odd' is no sector of the table"));
}

static void test_double_counting(void **state)
{
    emis_case *c = *state;
    char text[2048];
    set_up(c);
    emis_read_bad(c, two("", "", "", text), "case.yaml:", "double counting",
                  "industry of 'fine' and industry of 'coarse', pm25: in A, B, elsewhere", "add: true", NULL);
    emis_read_bad(c, two("", ", only: {regions: [A]}", ", except: {regions: [B]}", text), "double counting",
                  "pm25: in A (", " t/d)", NULL);
    /* a rim: 1 of 1001 kg s-1 lies where the other has something, too */
    emis_write(c, "p.csv",
               "lon,lat,sector,species,value,unit,height\n104,30,industry,pm25,1000,kg s-1,50\n"
               "106,30,industry,pm25,1,kg s-1,50\n");
    emis_read_bad(c,
                  "  inventories:\n  - {name: fine, type: gridded, file: fine.nc, species: pm25, variables: {industry: "
                  "{name: ind}}, except: {regions: [A]}}\n"
                  "  - {name: stacks, type: points, file: p.csv, species: pm25}\n",
                  "industry of 'fine' and industry of 'stacks', pm25: in B (", " and 86.4 t/d)",
                  "that is 0.1 % of 'stacks'", "'only' with its regions cuts the rest off", NULL);
    /* a part of a sector and the sector undivided */
    emis_read_bad(
        c,
        "  inventories:\n  - {name: fine, type: gridded, file: fine.nc, species: pm25, variables: {cement: {name: "
        "ind}}}\n"
        "  - {name: coarse, type: gridded, file: coarse.nc, species: pm25, variables: {industry: {name: ind}}}\n",
        "cement of 'fine' and its related sector industry of 'coarse'", NULL);
    emis_read_good(
        c, "  inventories:\n  - {name: fine, type: gridded, file: fine.nc, species: pm25, variables: {cement: {name: "
           "ind}}}\n"
           "  - {name: coarse, type: gridded, file: coarse.nc, species: pm25, variables: {boilers: {name: ind}}}\n");
    /* without polygons: the mesh is one region */
    bs_regions_destroy(c->regions);
    c->regions = NULL;
    emis_read_bad(c, two("", "", "", text), "double counting", "pm25: in the mesh", NULL);
    emis_read_good(c, two("", ", replaces: [{inventory: coarse, sectors: [industry]}]", "", text));
    assert_true(line_of(c, "coarse", "industry")->on_grid_kg_s == 0 && line_of(c, "coarse", "road")->on_grid_kg_s > 0);
    assert_null(line_of(c, "coarse", "road")->grid_kg_s);
}

static void test_rules_that_meet_nothing(void **state)
{
    emis_case *c = *state;
    char text[2048];
    set_up(c);
    emis_read_bad(c, two("", "", ", except: {regions: [C]}", text),
                  "case.yaml:", "takes nothing away from inventory 'coarse'", "industry (pm25)", NULL);
    emis_read_bad(c, two("", "", ", except: {sectors: [solvents]}", text), "takes nothing away from inventory 'coarse'",
                  NULL);
    emis_read_bad(c, two("", ", only: {regions: [C]}", "", text), "inventory 'fine'", "leave nothing of it on the mesh",
                  NULL);
    emis_read_bad(c, two("", ", replaces: [{inventory: coarse, sectors: [power]}]", "", text),
                  "takes nothing away from inventory 'coarse'", NULL);
    emis_read_bad(c, two("", ", replaces: [{inventory: course, sectors: [road]}]", "", text),
                  "'course' is the name of no inventory", "  coarse", NULL);
    emis_read_bad(c, two("", ", replaces: [{inventory: fine, sectors: [road]}]", "", text),
                  "'fine' is this inventory itself", NULL);
    emis_read_bad(c,
                  "  inventories:\n  - {name: one, type: gridded, file: fine.nc, species: pm25, variables: {power: "
                  "{name: ind}}}\n"
                  "  - {name: one, type: gridded, file: fine.nc, species: pm25, variables: {odd: {name: ind}}}\n"
                  "  - {name: two, type: gridded, file: coarse.nc, species: pm25, variables: {road: {name: car}}, "
                  "replaces: [{inventory: one, sectors: [power]}]}\n",
                  "'one' is the name of several inventories", NULL);
    emis_read_bad(c, two("", ", only: {regions: [Atlantis]}", "", text), "'Atlantis' names no region", NULL);
    bs_regions_destroy(c->regions);
    c->regions = NULL;
    emis_read_bad(c, two("", ", only: {regions: [A]}", "", text), "needs polygons, and regions.file is missing", NULL);
}

#define POINTS                                                                                                         \
    "lon,lat,sector,species,value,unit,height\n104.2,30.1,industry,pm25,3,kg s-1,50\n106.0,30.2,industry,pm25,5,kg "   \
    "s-1,\n"                                                                                                           \
    "102.5,31.5,industry,pm25,7,kg s-1,20\n150,10,industry,pm25,11,kg s-1,20\n"

/* Plants take the place of the grid's in A; where they are none is told. */
static void test_points_replace(void **state)
{
    emis_case *c = *state;
    set_up(c);
    emis_write(c, "p.csv", POINTS);
    emis_read_good(c, "  inventories:\n  - {name: coarse, type: gridded, file: coarse.nc, species: pm25, variables: "
                      "{industry: {name: ind}}}\n"
                      "  - {name: plants, type: points, file: p.csv, only: {regions: [A, B]}, replaces: [{inventory: "
                      "coarse, sectors: [industry], regions: [A, B]}]}\n");
    const bs_emission_audit *plants = line_of(c, "plants", "industry"), *coarse = line_of(c, "coarse", "industry");
    assert_true(plants->on_grid_kg_s == 8 && plants->in_domain_kg_s == 8 && plants->left_out_kg_s == 7 &&
                plants->in_file_kg_s == 26);
    assert_true(plants->grid_kg_s[0] == 3 && plants->grid_kg_s[1] == 5 && plants->cells_kg_s[1] == 5 &&
                plants->grid_kg_s[3] == 0);
    assert_true(coarse->grid_kg_s[0] == 0 && coarse->grid_kg_s[1] == 0 && coarse->grid_kg_s[3] > 0);
    assert_false(emis_logged(c, "has none there"));
    emis_read_good(c, "  inventories:\n  - {name: coarse, type: gridded, file: coarse.nc, species: pm25, variables: "
                      "{industry: {name: ind}}}\n"
                      "  - {name: plants, type: points, file: p.csv, only: {regions: [A]}, replaces: [{inventory: "
                      "coarse, sectors: [industry], regions: [A, B]}]}\n");
    assert_true(emis_logged(c, "industry of pm25 in B: inventory 'plants' replaces "));
    assert_true(emis_logged(c, "t per day of 'coarse' and has none there"));
}

#define SPLIT "  split: {brick_kilns: {share: 0.1, basis: a guess}, cement: {share: 0.15, basis: a guess}}\n"

/* A split sector: shares to the bit of what the whole would be, the rest by its own name, points too; tags of the whole take all. */
static void test_split(void **state)
{
    emis_case *c = *state;
    char text[2048];
    set_up(c);
    emis_layers(c, 3);
    emis_write(c, "p.csv", POINTS);
    static const char ALONE[] = "  inventories:\n  - {name: fine, type: gridded, file: fine.nc, species: pm25, "
                                "variables: {industry: {name: ind}}}\n";
    emis_read_good(c, ALONE);
    const double whole = line_of(c, "fine", "industry")->on_grid_kg_s;
    snprintf(text, sizeof text, "  sectors: [industry]\n%s%s", SPLIT, ALONE);
    emis_read_good(c, text);
    assert_near(line_of(c, "fine", "brick_kilns")->on_grid_kg_s, 0.1 * whole, TO_ROUNDING);
    assert_near(line_of(c, "fine", "cement")->grid_kg_s[0], 0.2 * line_of(c, "fine", "other_industry")->grid_kg_s[0],
                TO_ROUNDING);
    assert_near(line_of(c, "fine", "other_industry")->on_grid_kg_s, 0.75 * whole, TO_ROUNDING);
    assert_string_equal(line_of(c, "fine", "cement")->basis, "a guess");
    assert_true(emis_logged(c, "assumed   emissions: brick_kilns is 10 % of industry (a guess)"));
    assert_int_equal(emis_fill(c, 1420891200), BS_OK);
    assert_near(emis_sum(c, 1, -1), emis_sum(c, 0, -1), ROUND_REAL); /* the tag industry takes all parts */
    assert_near(emis_sum(c, 0, -1), whole, ROUND_REAL);
    /* of one inventory alone, all of it, and of points */
    emis_read_good(c, "  inventories:\n  - {name: plants, type: points, file: p.csv, split: {brick_kilns: {share: 0.2, "
                      "basis: x}, cement: {share: 0.8, basis: x}}}\n");
    assert_int_equal(bs_emission_audit_count(c->emission), 2);
    assert_near(line_of(c, "plants", "brick_kilns")->grid_kg_s[1], 1, TO_ROUNDING);
    assert_near(line_of(c, "plants", "cement")->on_grid_kg_s, 12, TO_ROUNDING);
    assert_near(line_of(c, "plants", "cement")->in_file_kg_s, 0.8 * 26, TO_ROUNDING);
    assert_int_equal(emis_fill(c, 1420891200), BS_OK);
    assert_near(emis_sum(c, 0, -1), 15, ROUND_REAL);
}

static void test_bad_splits(void **state)
{
    emis_case *c = *state;
    set_up(c);
    static const char FINE[] = "  inventories:\n  - {name: fine, type: gridded, file: fine.nc, species: pm25, "
                               "variables: {industry: {name: ind}}}\n";
    char text[2048];
    snprintf(text, sizeof text, "  split: {foundries: {share: 0.1, basis: x}}\n%s", FINE);
    emis_read_bad(c, text, "case.yaml:", "'foundries' is a part of no sector in the table", NULL);
    snprintf(text, sizeof text, "  split: {diesel_trucks: {share: 0.1, basis: x}}\n%s", FINE);
    emis_read_bad(c, text, "no inventory holds the sector 'road' undivided", NULL);
    snprintf(text, sizeof text, "  split: {cement: {share: 0.6, basis: x}, boilers: {share: 0.5, basis: x}}\n%s", FINE);
    emis_read_bad(c, text, "the parts of 'industry' have 1.1 of it together", NULL);
    emis_read_bad(c,
                  "  split: {cement: {share: 0.1, basis: x}}\n  inventories:\n  - {name: fine, type: gridded, file: "
                  "fine.nc, species: pm25, variables: {industry: {name: ind}, cement: {name: kilns}}}\n",
                  "inventory 'fine' holds the sector 'cement' itself", NULL);
    snprintf(text, sizeof text, "  sectors: [brick_kilns]\n%s", FINE);
    emis_read_bad(c, text, "no inventory holds the sector 'brick_kilns'",
                  "'brick_kilns' is a part of 'industry', which is there undivided: emissions.split", NULL);
    snprintf(text, sizeof text,
             "  sectors: [industry, brick_kilns]\n  split: {brick_kilns: {share: 0.1, basis: x}}\n%s", FINE);
    emis_read_bad(c, text, "'industry' takes its part 'brick_kilns', too: a kilogram would be counted twice",
                  "other_industry", NULL);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, emis_setup, emis_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_region_and_the_rest), TEST(test_two_inventories),
        TEST(test_double_counting),     TEST(test_rules_that_meet_nothing),
        TEST(test_points_replace),      TEST(test_split),
        TEST(test_bad_splits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
