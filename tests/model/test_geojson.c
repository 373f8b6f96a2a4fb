/* Region polygons: what is read, each kind of bad file, and the time that a large one takes. */
#include "tests/model/config_support.h"

#include <math.h>
#include <time.h>

#include "model/config/geojson.h"

#define SQUARE "[[0,0],[2,0],[2,2],[0,2],[0,0]]"
#define HOLE   "[[0.5,0.5],[1,0.5],[1,1],[0.5,0.5]]"

static void assert_refused(scratch *s, const char *text, const char *message)
{
    bs_region_set *set = NULL;
    assert_int_equal(bs_regions_read(write_text(s, "r.geojson", text), &set, &s->err), BS_ERR_INPUT);
    assert_null(set);
    assert_contains(s->err.text, s->path);
    assert_contains(s->err.text, message);
}

/* A collection of one feature with those properties and that geometry. */
static void assert_feature_refused(scratch *s, const char *properties, const char *geometry, const char *message)
{
    char text[2048];
    snprintf(text, sizeof text,
             "{\"type\":\"FeatureCollection\",\"features\":[\n{\"type\":\"Feature\",\"properties\":%s,\n"
             "\"geometry\":%s}\n]}",
             properties, geometry);
    assert_refused(s, text, message);
}

/* A feature whose coordinates are bad. */
static void assert_ring_refused(scratch *s, const char *coordinates, const char *message)
{
    char geometry[1024];
    snprintf(geometry, sizeof geometry, "{\"type\":\"Polygon\",\"coordinates\":\n%s}", coordinates);
    assert_feature_refused(s, "{\"name\":\"a\"}", geometry, message);
}

static void reads_polygons(void **state)
{
    scratch *s = *state;
    bs_region_set *set = NULL;
    static const char TEXT[] =
        "{\"type\":\"FeatureCollection\",\"features\":[\n"
        "\t{\"type\":\"Feature\",\"properties\":{\"adcode\":\"510100\",\"name\":"
        "\"\xE6\x88\x90\xE9\x83\xBD\xE5\xB8\x82\","
        "\"name_en\":\"Chengdu\",\"province_adcode\":510000,\"group\":\"plain\",\"centre\":[104.07,30.66],\"other\":{}}"
        ",\n"
        "\t \"geometry\":{\"type\":\"Polygon\",\"coordinates\":[" SQUARE "," HOLE "]}},\n"
        "\t{\"type\":\"Feature\",\"id\":\"2\",\"properties\":{\"name\":\"b\",\"name_en\":null},\n"
        "\t \"geometry\":{\"coordinates\":[[" SQUARE "],[" HOLE "," SQUARE "]],\"type\":\"MultiPolygon\"}}]}\n";
    if (bs_regions_read(write_text(s, "r.geojson", TEXT), &set, &s->err)) fail_msg("%s", s->err.text);
    assert_int_equal(set->n, 2);
    const bs_region *a = &set->region[0], *b = &set->region[1];
    assert_string_equal(a->adcode, "510100");
    assert_string_equal(a->name_en, "Chengdu");
    assert_string_equal(a->province, "510000");
    assert_string_equal(a->group, "plain");
    assert_true(a->centre[0] == 104.07 && a->centre[1] == 30.66);
    assert_int_equal(a->shape.n_polygons, 1);
    assert_int_equal(a->shape.n_rings, 2);
    assert_int_equal(a->shape.n_points, 9);
    assert_true(a->shape.lon[6] == 1 && a->shape.lat[6] == 0.5);
    assert_string_equal(b->adcode, "2");
    assert_string_equal(b->name_en, "");
    assert_true(isnan(b->centre[0]));
    assert_int_equal(b->shape.n_polygons, 2);
    assert_int_equal(b->shape.polygon_start[1], 1);
    assert_int_equal(b->shape.polygon_start[2], 3);
    assert_int_equal(b->shape.ring_start[1], 5);
    assert_int_equal(b->shape.ring_start[2], 9);
    assert_int_equal(b->shape.ring_start[3], 14);
    assert_int_equal(bs_regions_find(set, "510100"), 0);
    assert_int_equal(bs_regions_find(set, "\xE6\x88\x90\xE9\x83\xBD\xE5\xB8\x82"), 0);
    assert_int_equal(bs_regions_find(set, "Chengdu"), 0);
    assert_int_equal(bs_regions_find(set, "b"), 1);
    assert_int_equal(bs_regions_find(set, ""), -1);
    assert_int_equal(bs_regions_find(set, "Mianyang"), -1);
    bs_regions_destroy(set);
}

static void refuses_what_is_no_collection(void **state)
{
    scratch *s = *state;
    assert_refused(s, "", "expected GeoJSON of type FeatureCollection");
    assert_refused(s, "[1]", "expected GeoJSON of type FeatureCollection");
    assert_refused(s, "{\"type\":\"Feature\"}", ":1:9: error: expected GeoJSON of type FeatureCollection");
    assert_refused(s, "{\"type\":\"FeatureCollection\"}", "'features' must be a list of at least one feature");
    assert_refused(s, "{\"type\":\"FeatureCollection\",\"features\":[]}",
                   "'features' must be a list of at least one feature");
    assert_refused(s, "{\"type\":\"FeatureCollection\",\"features\":[1]}",
                   "feature 0: expected a mapping of type Feature");
    assert_refused(s, "{\"type\":\"FeatureCollection\",", "not valid YAML");
    assert_refused(s, "{\"type\":\"FeatureCollection\",\"type\":1}", "key 'type' is given twice");
    assert_refused(s, "{\"type\":\"\xFF\"}", ":1:10: error: byte 0xFF is no UTF-8 text");
    bs_region_set *set = NULL;
    assert_int_equal(bs_regions_read("/tmp/no-such.geojson", &set, &s->err), BS_ERR_INPUT);
    assert_string_equal(s->err.text, "/tmp/no-such.geojson: error: No such file or directory");
}

static void refuses_bad_features(void **state)
{
    scratch *s = *state;
    const char *good = "{\"type\":\"Polygon\",\"coordinates\":[" SQUARE "]}";
    assert_feature_refused(s, "{}", good, "feature 0 has no property 'name'");
    assert_feature_refused(s, "null", good, "feature 0 has no property 'name'");
    assert_feature_refused(s, "{\"name\":[1]}", good, "feature 0: property 'name' must be a text");
    assert_feature_refused(s, "{\"name\":\"a\",\"adcode\":\"1234567890123456\"}", good,
                           ":2:53: error: feature 0 ('a'): property 'adcode' is longer than 15 bytes");
    assert_feature_refused(s, "{\"name\":\"a\"}", "null",
                           "feature 0 ('a') has no polygon: geometry must be of type Polygon");
    assert_feature_refused(
        s, "{\"name\":\"a\"}", "{\"type\":\"Point\",\"coordinates\":[1,2]}",
        ":3:20: error: feature 0 ('a') has no polygon: geometry must be of type Polygon or MultiPolygon");
    assert_feature_refused(s, "{\"name\":\"a\"}", "{\"type\":\"Polygon\"}", "has no polygon: no coordinates");
    assert_feature_refused(s, "{\"name\":\"a\"}", "{\"type\":\"MultiPolygon\",\"coordinates\":[]}",
                           "has no polygon: no coordinates");
    assert_feature_refused(s, "{\"name\":\"a\"}", "{\"type\":\"MultiPolygon\",\"coordinates\":[[]]}",
                           "a polygon must be a list of rings");
    assert_feature_refused(s, "{\"name\":\"a\",\"centre\":[200]}", good, "a position must be [longitude, latitude]");
    assert_feature_refused(s, "{\"name\":\"a\",\"centre\":[20,95]}", good, "is outside +-360 and +-90");
}

static void refuses_bad_rings(void **state)
{
    scratch *s = *state;
    assert_ring_refused(s, "[[[0,0],[1,0],[0,0]]]", "feature 0 ('a'): a ring needs at least 4 positions, found 3");
    assert_ring_refused(s, "[[0,0],[1,0],[1,1],[0,0]]", "a ring needs at least 4 positions, found 2");
    assert_ring_refused(s, "[[[0,0],[1,0],[1,1],[0,0.5]]]", "a ring is not closed: it must end where it begins");
    assert_ring_refused(s, "[[[0,0],[1,0],[1,91],[0,0]]]",
                        ":4:16: error: feature 0 ('a'): position [1, 91] is outside +-360 and +-90");
    assert_ring_refused(s, "[[[0,0],[361,0],[1,1],[0,0]]]", "position [361, 0] is outside");
    assert_ring_refused(s, "[[[0,0],[NaN,0],[1,1],[0,0]]]",
                        ":4:10: error: feature 0 ('a'): a coordinate must be a finite number, found 'NaN'\n"
                        "[[[0,0],[NaN,0],[1,1],[0,0]]]}}\n"
                        "         ^");
    assert_ring_refused(s, "[[[0,0],[\"1\",0],[1,1],[0,0]]]", "a coordinate must be a finite number, found '1'");
    assert_ring_refused(s, "[[[0,0],[1e999,0],[1,1],[0,0]]]", "a coordinate must be a finite number, found '1e999'");
    assert_ring_refused(s, "[[[0,0],[1],[1,1],[0,0]]]", "found fewer than two values");
    assert_ring_refused(s, "[[[0,0],7,[1,1],[0,0]]]", "found '7'");
}

static void refuses_duplicate_adcodes(void **state)
{
    const char *feature = "{\"type\":\"Feature\",\"properties\":{\"adcode\":\"5\",\"name\":\"%s\"},"
                          "\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[" SQUARE "]}}";
    char a[512], b[512], text[1400];
    snprintf(a, sizeof a, feature, "a");
    snprintf(b, sizeof b, feature, "b");
    snprintf(text, sizeof text, "{\"type\":\"FeatureCollection\",\"features\":[%s,\n%s]}", a, b);
    assert_refused(*state, text, "feature 1 ('b') has adcode 5, which feature 0 ('a') has");
}

static void committed_regions_are_good(void **state)
{
    scratch *s = *state;
    bs_region_set *set = NULL;
    if (bs_regions_read(BS_SOURCE_DIR "/configs/regions/sichuan-chongqing.geojson", &set, &s->err)) {
        fail_msg("%s", s->err.text);
    }
    assert_true(set->n > 20);
    assert_true(bs_regions_find(set, "510100") >= 0);
    bs_regions_destroy(set);
}

/* 1.5 MB in a couple of seconds at most, sanitizers included. */
static void large_files_are_quick(void **state)
{
    scratch *s = *state;
    enum { FEATURES = 20, POINTS = 4000 };
    char *text = malloc((size_t)FEATURES * POINTS * 24 + 4096);
    assert_non_null(text);
    size_t used = (size_t)sprintf(text, "{\"type\":\"FeatureCollection\",\"features\":[");
    for (int f = 0; f < FEATURES; f++) {
        used += (size_t)sprintf(text + used,
                                "%s\n{\"type\":\"Feature\",\"properties\":{\"name\":\"n%d\"},\"geometry\":"
                                "{\"type\":\"Polygon\",\"coordinates\":[[",
                                f ? "," : "", f);
        for (int i = 0; i < POINTS; i++) used += (size_t)sprintf(text + used, "[%d.1234,%d.1234],", i % 360, i % 89);
        used += (size_t)sprintf(text + used, "[0.1234,0.1234]]]}}");
    }
    sprintf(text + used, "]}");
    bs_region_set *set = NULL;
    clock_t start = clock();
    bs_status status = bs_regions_read(write_text(s, "large.geojson", text), &set, &s->err);
    double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
    free(text);
    if (status) fail_msg("%s", s->err.text);
    assert_int_equal(set->region[FEATURES - 1].shape.n_points, POINTS + 1);
    print_message("read in %.2f s\n", seconds);
    assert_true(seconds < 5);
    bs_regions_destroy(set);
}

#define ON_SCRATCH(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_SCRATCH(reads_polygons),
        ON_SCRATCH(refuses_what_is_no_collection),
        ON_SCRATCH(refuses_bad_features),
        ON_SCRATCH(refuses_bad_rings),
        ON_SCRATCH(refuses_duplicate_adcodes),
        ON_SCRATCH(committed_regions_are_good),
        ON_SCRATCH(large_files_are_quick),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
