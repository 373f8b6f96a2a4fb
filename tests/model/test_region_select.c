/* Regions by a word: each kind of key against the shipped polygons, and what an unknown one is told. */
#include "tests/model/config_support.h"

#include "model/config/geojson.h"

#define PREFECTURES BS_SOURCE_DIR "/configs/regions/sichuan-chongqing.geojson"
#define DISTRICTS   BS_SOURCE_DIR "/configs/regions/chongqing-districts.geojson"

static bs_region_set *read_set(scratch *s, const char *file)
{
    bs_region_set *set = NULL;
    if (bs_regions_read(file, &set, &s->err)) fail_msg("%s", s->err.text);
    return set;
}

/* How many regions `key` names; the last of them into *last, n for "elsewhere". */
static int count(scratch *s, const bs_region_set *set, const char *key, int *last)
{
    bool chosen[64] = {false};
    int n = 0;
    assert_true(set->n < 64);
    if (bs_regions_select(set, key, "case.yaml:1:1", chosen, &s->err)) fail_msg("%s: %s", key, s->err.text);
    for (int r = 0; r <= set->n; r++) {
        if (!chosen[r]) continue;
        *last = r;
        n++;
    }
    return n;
}

static void one_region(void **state)
{
    scratch *s = *state;
    bs_region_set *set = read_set(s, PREFECTURES);
    const char *const keys[] = {"510100", "成都市", "Chengdu", "chengdu"};
    for (size_t k = 0; k < sizeof keys / sizeof keys[0]; k++) {
        int r = -1;
        assert_int_equal(count(s, set, keys[k], &r), 1);
        assert_string_equal(set->region[r].adcode, "510100");
    }
    bs_regions_destroy(set);
}

static void families_provinces_and_all(void **state)
{
    scratch *s = *state;
    bs_region_set *set = read_set(s, PREFECTURES);
    int r;
    assert_int_equal(set->n, 22);
    assert_int_equal(count(s, set, "成都平原", &r), 8);
    assert_int_equal(count(s, set, "chengdu-plain", &r), 8);
    assert_int_equal(count(s, set, "川南", &r), 4);
    assert_int_equal(count(s, set, "south-sichuan", &r), 4);
    assert_int_equal(count(s, set, "northeast-sichuan", &r), 5);
    assert_int_equal(count(s, set, "panxi", &r), 2);
    assert_int_equal(count(s, set, "northwest-sichuan", &r), 2);
    assert_int_equal(count(s, set, "重庆", &r), 1);
    assert_int_equal(count(s, set, "chongqing", &r), 1);
    assert_int_equal(count(s, set, "500000", &r), 1);
    assert_int_equal(count(s, set, "510000", &r), 21);
    assert_int_equal(count(s, set, "四川省", &r), 21);
    assert_int_equal(count(s, set, "sichuan", &r), 21);
    assert_int_equal(count(s, set, "all", &r), 22);
    assert_int_equal(r, 21);
    assert_int_equal(count(s, set, "elsewhere", &r), 1);
    assert_int_equal(r, 22);
    bs_regions_destroy(set);
    set = read_set(s, DISTRICTS);
    assert_int_equal(count(s, set, "chongqing", &r), set->n);
    assert_int_equal(count(s, set, "500000", &r), set->n);
    bs_regions_destroy(set);
}

static void choices_add_up(void **state)
{
    scratch *s = *state;
    bs_region_set *set = read_set(s, PREFECTURES);
    bool chosen[64] = {false};
    const char *const keys[] = {"川南", "成都市", "elsewhere", "川南"};
    for (size_t k = 0; k < sizeof keys / sizeof keys[0]; k++)
        assert_int_equal(bs_regions_select(set, keys[k], "w", chosen, &s->err), BS_OK);
    int n = 0;
    for (int r = 0; r <= set->n; r++) n += chosen[r];
    assert_int_equal(n, 6);
    bs_regions_destroy(set);
}

static void assert_unknown(scratch *s, const bs_region_set *set, const char *key, const char *message)
{
    bool chosen[64] = {false};
    assert_int_equal(bs_regions_select(set, key, "plan.yaml:7:3", chosen, &s->err), BS_ERR_INPUT);
    for (int r = 0; r <= set->n; r++) assert_false(chosen[r]);
    assert_contains(s->err.text, "plan.yaml:7:3: error: ");
    assert_contains(s->err.text, message);
}

static void unknown_keys(void **state)
{
    scratch *s = *state;
    bs_region_set *set = read_set(s, PREFECTURES);
    assert_unknown(s, set, "chengdu-plane", "'chengdu-plane' names no region; did you mean 'chengdu-plain'?");
    assert_unknown(s, set, "成都平", "'成都平' names no region; did you mean '成都平原'?");
    assert_unknown(s, set, "成都",
                   "'成都' names no region; did you mean '成都市'?"); /* before the family that begins so */
    assert_unknown(s, set, "内江", "did you mean '内江市'?");
    assert_contains(s->err.text, "of the 22 regions");
    assert_contains(s->err.text, "family: 成都平原, 川南, 攀西, 川东北, 川西北, 重庆");
    assert_contains(s->err.text, "province: 510000, 500000");
    assert_contains(s->err.text, "elsewhere");
    assert_unknown(s, set, "510101", "did you mean '510100'?");
    assert_unknown(s, set, "", "'' names no region");
    bs_regions_destroy(set);
}

static void alias_of_an_absent_family_and_doubled_name(void **state)
{
    scratch *s = *state;
    const char *square = "\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[2,0],[2,2],[0,2],[0,0]]]}}";
    char text[1024];
    snprintf(text, sizeof text,
             "{\"type\":\"FeatureCollection\",\"features\":["
             "{\"type\":\"Feature\",\"properties\":{\"adcode\":\"1\",\"name\":\"a\"},%s,"
             "{\"type\":\"Feature\",\"properties\":{\"adcode\":\"2\",\"name\":\"a\"},%s]}",
             square, square);
    bs_region_set *set = read_set(s, write_text(s, "r.geojson", text));
    bool chosen[3] = {false};
    assert_unknown(s, set, "panxi", "'panxi' names no region");
    assert_int_equal(bs_regions_select(set, "a", "w", chosen, &s->err), BS_ERR_INPUT);
    assert_contains(s->err.text, "w: error: 'a' is the name of 2 regions; give the adcode instead");
    assert_false(chosen[0] || chosen[1] || chosen[2]);
    bs_regions_destroy(set);
}

static void aliases(void **state)
{
    (void)state;
    assert_string_equal(bs_region_alias("成都平原"), "chengdu-plain");
    assert_null(bs_region_alias("成都市"));
}

#define ON_SCRATCH(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_SCRATCH(one_region),     ON_SCRATCH(families_provinces_and_all),
        ON_SCRATCH(choices_add_up), ON_SCRATCH(unknown_keys),
        ON_SCRATCH(aliases),        ON_SCRATCH(alias_of_an_absent_family_and_doubled_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
