/* Days against the standards, with and without an observed base; closed forms of the relative change and of the conversion to ambient air. */
#include "tests/model/test_report_fixture.h"

#include <math.h>

#include "model/core/memory.h"
#include "model/report/ambient.h"
#include "model/report/judge.h"

static const double ROUND = 1e-12;      /* a few operations in double */
static const double FLOAT_FIELD = 3e-7; /* ps and t2 stored as float */

enum { DAYS = 6 };

/* One city "A", code 1. */
static void make_series(bs_series *s, bs_series_city *city, long *day, double *pm25)
{
    for (int d = 0; d < DAYS; d++) day[d] = 16000 + d;
    *city = (bs_series_city){.adcode = "1", .name = "A"};
    *s = (bs_series){.n_cities = 1, .n_days = DAYS, .city = city, .day = day, .pm25 = pm25};
}

static const bs_rules *rules(bs_secondary secondary, double share)
{
    static bs_rules r;
    r = (bs_rules){.standard = bs_standard_find(BS_EDITION_2026, BS_PHASE_TRANSITION, BS_GRADE_II),
                   .secondary = secondary,
                   .share = share};
    return &r;
}

static void relative_change_has_a_closed_form(void **state)
{
    (void)state;
    for (double ratio = 0; ratio <= 2; ratio += 0.125) {
        assert_true(fabs(bs_scaled(rules(BS_SECONDARY_SCALES, NAN), 80, 40, 40 * ratio) - 80 * ratio) <= 80 * ROUND);
        for (double share = 0; share <= 1; share += 0.25)
            assert_true(fabs(bs_scaled(rules(BS_SECONDARY_FIXED, share), 80, 40, 40 * ratio) -
                             (80 * share + 80 * (1 - share) * ratio)) <= 160 * ROUND);
    }
    assert_true(bs_scaled(rules(BS_SECONDARY_FIXED, 1), 80, 40, 0) == 80); /* nothing primary: nothing to cut */
    assert_true(bs_scaled(rules(BS_SECONDARY_SCALES, NAN), 80, 40, 0) == 0);
}

static void primary_alone_is_judged_as_it_is(void **state)
{
    scratch *s = *state;
    bs_series r;
    bs_series_city city;
    bs_verdicts v;
    long day[DAYS];
    double pm25[DAYS] = {60.5, 60.6, 35, 151, 152, 116};
    make_series(&r, &city, day, pm25);
    assert_int_equal(bs_judge(rules(BS_SECONDARY_SCALES, NAN), &r, &r, NULL, &v, &s->err), BS_OK);
    const bs_verdict *c = &v.city[0];
    assert_false(c->observed);
    assert_int_equal(c->days, DAYS);
    assert_true(fabs(c->mean - 575.1 / 6) <= 100 * ROUND);
    assert_true(c->highest == 152 && c->highest_day == 16004 && c->highest_index == 202);
    assert_int_equal(c->over, 4); /* 60.5 is 60 */
    assert_int_equal(c->good, 2);
    assert_int_equal(c->heavy, 2);
    const int of_class[BS_AIR_COUNT] = {1, 1, 1, 1, 2, 0};
    for (int k = 0; k < BS_AIR_COUNT; k++) assert_int_equal(c->of_class[k], of_class[k]);
    assert_int_equal(c->alert, BS_ALERT_ORANGE); /* two days above 200; three above 150 */
    assert_int_equal(c->alert_first, 16003);
    assert_int_equal(c->alert_days, 3);
    assert_true(c->day[0].rounded == 60 && !c->day[0].over && c->day[1].over);
    assert_int_equal(bs_standing_of(c, 30), BS_STANDING_ABOVE);
    assert_int_equal(bs_standing_of(c, 100), BS_STANDING_OPEN); /* a lower bound below a limit */
    assert_int_equal(bs_standing_of(c, NAN), BS_STANDING_NONE);
    bs_verdicts_free(&v);
}

static void scenario_days_are_observed_times_change(void **state)
{
    scratch *s = *state;
    bs_series base, member;
    bs_series_city city;
    bs_verdicts v;
    long day[DAYS];
    double before[DAYS] = {10, 20, 30, 40, 50, 60}, after[DAYS] = {5, 20, 15, 10, 75, 0};
    double observed[DAYS] = {100, 100, NAN, 200, 200, 90};
    int days = 5;
    const bs_observed o = {.value = observed, .days = &days};
    make_series(&base, &city, day, before);
    make_series(&member, &city, day, after);

    assert_int_equal(bs_judge(rules(BS_SECONDARY_SCALES, NAN), &base, &base, &o, &v, &s->err), BS_OK);
    for (int d = 0; d < DAYS; d++)
        assert_true(isnan(observed[d]) ? !v.city[0].day[d].judged : v.city[0].day[d].pm25 == observed[d]);
    assert_int_equal(v.city[0].days, 5);
    assert_int_equal(bs_standing_of(&v.city[0], 200), BS_STANDING_MET);
    bs_verdicts_free(&v);

    static const double SCALED[DAYS] = {50, 100, NAN, 50, 300, 0}, HALF[DAYS] = {75, 100, NAN, 125, 250, 45};
    assert_int_equal(bs_judge(rules(BS_SECONDARY_SCALES, NAN), &base, &member, &o, &v, &s->err), BS_OK);
    for (int d = 0; d < DAYS; d++)
        if (d != 2) assert_true(fabs(v.city[0].day[d].pm25 - SCALED[d]) <= 300 * ROUND);
    assert_true(fabs(v.city[0].mean - 100) <= 300 * ROUND);
    assert_int_equal(v.city[0].highest_index, 350);
    assert_true(v.city[0].day[3].modelled == 10);
    bs_verdicts_free(&v);
    assert_int_equal(bs_judge(rules(BS_SECONDARY_FIXED, 0.5), &base, &member, &o, &v, &s->err), BS_OK);
    for (int d = 0; d < DAYS; d++)
        if (d != 2) assert_true(fabs(v.city[0].day[d].pm25 - HALF[d]) <= 300 * ROUND);
    bs_verdicts_free(&v);
}

/* Days 0..1 and 3..4 are above 200; day 2 is not observed, so that no three run. */
static void an_unobserved_day_breaks_an_alert(void **state)
{
    scratch *s = *state;
    bs_series r;
    bs_series_city city;
    bs_verdicts v;
    long day[DAYS];
    double pm25[DAYS] = {1, 1, 1, 1, 1, 1}, observed[DAYS] = {260, 260, NAN, 260, 260, 20};
    int days = 5;
    const bs_observed o = {.value = observed, .days = &days};
    make_series(&r, &city, day, pm25);
    assert_int_equal(bs_judge(rules(BS_SECONDARY_SCALES, NAN), &r, &r, &o, &v, &s->err), BS_OK);
    assert_int_equal(v.city[0].alert, BS_ALERT_ORANGE);
    assert_int_equal(v.city[0].alert_days, 4);
    bs_verdicts_free(&v);
    observed[2] = 260;
    days = 6;
    assert_int_equal(bs_judge(rules(BS_SECONDARY_SCALES, NAN), &r, &r, &o, &v, &s->err), BS_OK);
    assert_int_equal(v.city[0].alert, BS_ALERT_RED);
    assert_int_equal(v.city[0].alert_days, 5);
    bs_verdicts_free(&v);
}

static void no_change_can_be_told_from_nothing(void **state)
{
    scratch *s = *state;
    bs_series base, member;
    bs_series_city city;
    bs_verdicts v;
    long day[DAYS];
    double before[DAYS] = {1, 1, 0, 1, 1, 1}, observed[DAYS] = {9, 9, 9, 9, 9, 9};
    int days = DAYS;
    const bs_observed o = {.value = observed, .days = &days};
    make_series(&base, &city, day, before);
    make_series(&member, &city, day, before);
    base.file = "base/cities_daily.csv";
    assert_int_equal(bs_judge(rules(BS_SECONDARY_SCALES, NAN), &base, &member, &o, &v, &s->err), BS_ERR_INPUT);
    assert_contains(s->err.text, "base/cities_daily.csv: A has 0 ug m-3 on 2013-10-24: no modelled change can be told");
    assert_null(v.city);
}

/* ---- ambient air ---- */

/* One city in the cell (1, 0), where p falls and T rises by the hour. */
static double pressure(int k, int cell)
{
    return cell == 4 ? 95000 - 10 * k : 1;
}

static double warmth(int k, int cell)
{
    return cell == 4 ? 280 + 0.5 * k : 1;
}

static void make_air(scratch *s, double first, int n)
{
    const double where[1][2] = {{102.6, 29.4}};
    make_surface(s, "", first, n, &(made_fields){.ps = pressure, .t2 = warmth});
    make_cities(s, "", 1, where);
}

/* The factor of a day is the mean of p T0 / (p0 T) over the stamps that end an hour of that day of UTC+8: 17:00 UTC of the day before to
 * 16:00. */
static void standard_state_becomes_ambient(void **state)
{
    scratch *s = *state;
    bs_series r;
    bs_series_city city;
    long day[DAYS];
    double pm25[DAYS] = {0}, *factor = NULL, sum = 0;
    make_series(&r, &city, day, pm25);
    r.n_days = 2;
    make_air(s, 16000 * 24.0 - 8 + 1 - 5, 24 * 2 + 10); /* five stamps before the first day, five after the second */
    if (bs_ambient_factors(s->folder, &r, &factor, &s->err)) fail_msg("%s", s->err.text);
    for (int d = 0; d < 2; d++) {
        sum = 0;
        for (int k = 5 + 24 * d; k < 29 + 24 * d; k++) sum += (95000 - 10 * k) / 101325.0 * (273.15 / (280 + 0.5 * k));
        assert_true(fabs(factor[d] - sum / 24) <= FLOAT_FIELD);
    }
    bs_free(factor);
    r.n_days = DAYS;
    assert_int_equal(bs_ambient_factors(s->folder, &r, &factor, &s->err), BS_ERR_INPUT);
    assert_contains(s->err.text, "surface.nc: no stamp on 2013-10-25");
    assert_null(factor);
    r.n_cities = 2;
    assert_int_equal(bs_ambient_factors(s->folder, &r, &factor, &s->err), BS_ERR_INPUT);
    assert_contains(s->err.text, "cities.nc: lat has 1 values, expected 2");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, runs_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(relative_change_has_a_closed_form),
        TEST(primary_alone_is_judged_as_it_is),
        TEST(scenario_days_are_observed_times_change),
        TEST(an_unobserved_day_breaks_an_alert),
        TEST(no_change_can_be_told_from_nothing),
        TEST(standard_state_becomes_ambient),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
