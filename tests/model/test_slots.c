#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "model/met/slots.h"

enum { HOUR = 3600 };

static const char *const FILE_NAME[] = {"a.nc", "b.nc"};

static const char *file(const void *source, const bs_slot *slot)
{
    return ((const char *const *)source)[slot->piece];
}

static bs_slots slots_of(int n, bs_slot *slot)
{
    return (bs_slots){.n = n, .slot = slot, .what = "variable 'u'", .source = FILE_NAME, .file = file};
}

static void holds(const bs_err *err, const char *text)
{
    if (!strstr(err->text, text)) fail_msg("'%s' is not in the message:\n%s", text, err->text);
}

static void sorts_and_finds(void **state)
{
    (void)state;
    bs_slot slot[] = {{6 * HOUR, 1, 0}, {0, 0, 0}, {3 * HOUR, 0, 1}};
    bs_slots s = slots_of(3, slot);
    bs_err err;
    int found = -1;
    bs_slots_sort(&s);
    assert_true(slot[0].time == 0 && slot[1].time == 3 * HOUR && slot[2].piece == 1);
    assert_int_equal(bs_slots_check_duplicates(&s, &err), BS_OK);
    assert_int_equal(bs_slots_check_coverage(&s, 0, 6 * HOUR, &err), BS_OK);
    assert_int_equal(bs_slots_find(&s, 3 * HOUR, &found, &err), BS_OK);
    assert_int_equal(found, 1);
    assert_int_equal(bs_slots_find(&s, HOUR, &found, &err), BS_ERR_INPUT);
    holds(&err, "variable 'u' has no field for 1970-01-01T01:00:00Z");
    holds(&err, "it has 3 from 1970-01-01T00:00:00Z to 1970-01-01T06:00:00Z");
}

static void brackets(void **state)
{
    (void)state;
    const bs_slot slot[] = {{0, 0, 0}, {HOUR, 0, 1}, {2 * HOUR, 0, 2}, {4 * HOUR, 0, 3}};
    const struct {
        bs_time t;
        int low, high;
        double share;
    } expected[] = {{-5, 0, 0, 0},         {0, 0, 0, 0},        {900, 0, 1, 0.25},  {HOUR, 1, 1, 0},
                    {3 * HOUR, 2, 3, 0.5}, {4 * HOUR, 3, 3, 0}, {9 * HOUR, 3, 3, 0}};
    for (size_t n = 0; n < sizeof expected / sizeof *expected; n++) {
        int around[2];
        double share;
        bs_slots_bracket(4, slot, expected[n].t, around, &share);
        assert_int_equal(around[0], expected[n].low);
        assert_int_equal(around[1], expected[n].high);
        assert_true(share == expected[n].share);
    }
}

static void twice_missing_and_short(void **state)
{
    (void)state;
    bs_err err;
    bs_slot twice[] = {{0, 0, 0}, {HOUR, 0, 1}, {HOUR, 1, 0}};
    bs_slots s = slots_of(3, twice);
    assert_int_equal(bs_slots_check_duplicates(&s, &err), BS_ERR_INPUT);
    holds(&err, "holds the time 1970-01-01T01:00:00Z twice: in a.nc (index 1) and in b.nc (index 0)");
    bs_slot gap[] = {{0, 0, 0}, {HOUR, 0, 1}, {3 * HOUR, 1, 0}, {4 * HOUR, 1, 1}};
    s = slots_of(4, gap);
    assert_int_equal(bs_slots_check_coverage(&s, 0, 4 * HOUR, &err), BS_ERR_INPUT);
    holds(&err, "nothing between 1970-01-01T01:00:00Z (a.nc) and 1970-01-01T03:00:00Z (b.nc), while its times are "
                "otherwise 1 h apart");
    assert_int_equal(bs_slots_check_coverage(&s, 0, HOUR, &err), BS_OK); /* not where it is used */
    assert_int_equal(bs_slots_check_coverage(&s, 0, 5 * HOUR, &err), BS_ERR_INPUT);
    holds(&err, "covers 1970-01-01T00:00:00Z to 1970-01-01T04:00:00Z, the run needs");
    s = slots_of(1, gap);
    assert_int_equal(bs_slots_check_coverage(&s, 0, HOUR, &err), BS_ERR_INPUT);
    holds(&err, "meteorology.steady: true");
}

static void leap_day_left_out(void **state)
{
    (void)state;
    bs_err err;
    const bs_time february = bs_time_from_date(2020, 2, 28, 0, 0, 0), march = bs_time_from_date(2020, 3, 1, 0, 0, 0);
    bs_slot slot[] = {{february, 0, 0}, {february + 12 * HOUR, 0, 1}, {march, 0, 2}, {march + 12 * HOUR, 0, 3}};
    bs_slots s = slots_of(4, slot);
    assert_int_equal(bs_slots_check_coverage(&s, february, march, &err), BS_ERR_INPUT);
    holds(&err, "February 29 is missing: a source with a calendar without leap days");
    for (int n = 0; n < 4; n++) slot[n].time -= 365 * 24 * HOUR; /* 2019: there is a day's gap, and no leap day */
    assert_int_equal(bs_slots_check_coverage(&s, slot[0].time, slot[3].time, &err), BS_ERR_INPUT);
    assert_null(strstr(err.text, "February 29"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sorts_and_finds),
        cmocka_unit_test(brackets),
        cmocka_unit_test(twice_missing_and_short),
        cmocka_unit_test(leap_day_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
