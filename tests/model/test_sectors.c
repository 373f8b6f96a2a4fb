/* The table of sectors: names once, parents that are there, no circles; what a word takes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "model/emis/sectors.h"

static void test_table_is_a_tree(void **state)
{
    (void)state;
    int n = 0;
    const bs_sector *row = bs_sectors(&n);
    assert_true(n > 30);
    for (int a = 0; a < n; a++) {
        assert_ptr_equal(bs_sector_find(row[a].name), &row[a]); /* the first of its name: no name twice */
        assert_true(*row[a].label && *row[a].label_zh && strlen(row[a].name) < 64);
        int depth = 0;
        for (const char *at = row[a].parent; *at; at = bs_sector_parent(at)) {
            assert_non_null(bs_sector_find(at));
            assert_true(++depth < n);
        }
    }
}

/* What the plans of the region name. */
static void test_words_of_plans(void **state)
{
    (void)state;
    static const char *const NAMED[] = {"power",         "industry",          "brick_kilns",   "cement",
                                        "boilers",       "furnaces",          "diesel_trucks", "other_road",
                                        "machinery",     "construction_dust", "road_dust",     "residential",
                                        "straw_burning", "fireworks",         "agriculture",   "solvents"};
    for (size_t k = 0; k < sizeof NAMED / sizeof *NAMED; k++) assert_non_null(bs_sector_find(NAMED[k]));
}

static void test_within(void **state)
{
    (void)state;
    assert_true(bs_sector_within("cement", "industry") && bs_sector_within("industry", "industry"));
    assert_false(bs_sector_within("industry", "cement") || bs_sector_within("cement", "boilers"));
    assert_true(bs_sector_within("unheard of", "unheard of"));
    assert_false(bs_sector_within("unheard of", "industry") || bs_sector_within("residential", "other_domestic"));
    assert_true(bs_sector_related("industry", "cement") && bs_sector_related("cement", "industry"));
    assert_false(bs_sector_related("cement", "boilers"));
}

static void test_rest(void **state)
{
    (void)state;
    assert_string_equal(bs_sector_rest("industry"), "other_industry");
    assert_string_equal(bs_sector_rest("road"), "other_road");
    assert_string_equal(bs_sector_rest("nonroad"), "other_nonroad");
    assert_string_equal(bs_sector_rest("power"), "power");
    assert_string_equal(bs_sector_rest("unheard of"), "unheard of");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_table_is_a_tree), cmocka_unit_test(test_words_of_plans),
                                       cmocka_unit_test(test_within), cmocka_unit_test(test_rest)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
