/* Cuts of emissions by member, region, sector and species: they act exactly, and bad ones are refused. */
#include "test_emis_groups.h"

static bs_emission_factor factor(int member, int region, const char *sector, double f)
{
    return (bs_emission_factor){member, region, sector, "pm25", DAY_BEGIN, DAY_BEGIN + 7200, f};
}

static void set(emis_case *c, int n, const bs_emission_factor *f)
{
    if (bs_emission_set_factors(c->emission, n, f, &c->err) != BS_OK) fail_msg("%s", c->err.text);
}

static void cuts_are_exact(void **state)
{
    emis_case *c = *state;
    sketch a;
    size_t n;
    double kg, of;
    prefectures(c);
    const bs_source_group groups[] = {*make_group(c, &a, "a", "510100", "industry"), OTHER};
    read_reas(c, 2, groups, 0);
    const int city = bs_regions_find(c->regions, "510100"), tag = tracer_at(c, "a"), other = tracer_at(c, "other");
    real *total = rates_of(c, 0, DAY_BEGIN, &n), *of_tag = rates_of(c, tag, DAY_BEGIN, &n),
         *rest = rates_of(c, other, DAY_BEGIN, &n);
    assert_int_equal(
        bs_emission_total(c->emission, 0, city, "industry", "pm25", DAY_BEGIN, DAY_BEGIN + 10800, &of, &c->err), BS_OK);
    double last;
    assert_int_equal(bs_emission_total(c->emission, 0, city, "industry", "pm25", DAY_BEGIN + 7200, DAY_BEGIN + 10800,
                                       &last, &c->err),
                     BS_OK);

    bs_emission_factor f = factor(0, city, "industry", 0); /* cut to nothing for two hours */
    set(c, 1, &f);
    real *cut = rates_of(c, 0, DAY_BEGIN + 3600, &n), *cut_tag = rates_of(c, tag, DAY_BEGIN + 3600, &n),
         *cut_rest = rates_of(c, other, DAY_BEGIN, &n);
    real *cut_first = rates_of(c, 0, DAY_BEGIN, &n);
    assert_same_bits(rest, cut_rest, n);
    for (size_t at = 0; at < n; at++) {
        assert_true(cut_tag[at] == 0);
        assert_near((double)cut_first[at] + (double)of_tag[at], (double)total[at], ROUND_REAL);
    }
    assert_int_equal(
        bs_emission_total(c->emission, 0, city, "industry", "pm25", DAY_BEGIN, DAY_BEGIN + 10800, &kg, &c->err), BS_OK);
    assert_near(kg, last, SUMS);
    real *after_cut = rates_of(c, 0, DAY_BEGIN + 7200, &n);
    set(c, 0, NULL); /* none: as before, and after the cut's end all along */
    real *after = rates_of(c, 0, DAY_BEGIN + 7200, &n), *again = rates_of(c, 0, DAY_BEGIN, &n);
    assert_same_bits(after, after_cut, n);
    assert_same_bits(total, again, n);

    f.factor = 0.7;
    set(c, 1, &f);
    assert_int_equal(
        bs_emission_total(c->emission, 0, city, "industry", "pm25", DAY_BEGIN, DAY_BEGIN + 10800, &kg, &c->err), BS_OK);
    assert_near(kg, 0.7 * (of - last) + last, SUMS);
    real *seven = rates_of(c, tag, DAY_BEGIN, &n);
    /* A region's sliver is what the others of its cell leave of it: rounded like the whole. */
    for (size_t at = 0; at < n; at++)
        assert_true(fabs((double)seven[at] - 0.7 * (double)of_tag[at]) <= ROUND_REAL * (double)total[at]);
    real *const all[] = {total, of_tag, rest, cut, cut_tag, cut_rest, cut_first, after_cut, after, again, seven};
    for (size_t k = 0; k < sizeof all / sizeof all[0]; k++) free(all[k]);
}

/* A member with cuts has the bits of a run alone with these cuts; the base those of one without. */
static void members_are_runs_alone(void **state)
{
    emis_case *c = *state;
    sketch a;
    size_t n;
    prefectures(c);
    const bs_source_group groups[] = {*make_group(c, &a, "a", "chengdu-plain", "industry"), OTHER};
    bs_emission_factor f[2] = {factor(0, 0, "industry", 0.6), factor(0, 4, "power", 0.25)};
    read_reas(c, 2, groups, 0);
    real *alone[6];
    for (int t = 0; t < 3; t++) alone[t] = rates_of(c, t, DAY_BEGIN, &n);
    set(c, 2, f);
    for (int t = 0; t < 3; t++) alone[3 + t] = rates_of(c, t, DAY_BEGIN, &n);
    f[0].member = f[1].member = 1;
    read_reas(c, 2, groups, 2);
    set(c, 2, f);
    assert_int_equal(c->tracers->n, 6);
    for (int t = 0; t < 6; t++) {
        real *here = rates_of(c, t, DAY_BEGIN, &n);
        assert_same_bits(alone[t], here, n);
        free(here);
        free(alone[t]);
    }
}

static void factor_refused(emis_case *c, int n, const bs_emission_factor *f, const char *message)
{
    assert_int_equal(bs_emission_set_factors(c->emission, n, f, &c->err), BS_ERR_INPUT);
    if (!strstr(c->err.text, message)) fail_msg("'%s' is not in: %s", message, c->err.text);
}

static void bad_factors(void **state)
{
    emis_case *c = *state;
    prefectures(c);
    read_reas(c, 0, NULL, 0);
    bs_emission_factor f[2] = {factor(1, 0, "industry", 0.5)};
    factor_refused(c, 1, f, "emission factor 0: member 1: there are 1");
    f[0] = factor(0, 23, "industry", 0.5);
    factor_refused(c, 1, f, "region 23: expected 0 to 22 (elsewhere)");
    f[0] = factor(0, 0, "brick", 0.5);
    factor_refused(c, 1, f, "sector 'brick', species 'pm25': no carried inventory holds them");
    f[0] = factor(0, 0, "industry", -0.5);
    factor_refused(c, 1, f, "factor -0.5: expected a number from 0 up");
    f[0].factor = NAN;
    factor_refused(c, 1, f, "expected a number from 0 up");
    f[0] = factor(0, 0, "industry", 0.5);
    f[0].from += 60;
    factor_refused(c, 1, f, "from 2015-01-10T16:01:00Z to 2015-01-10T18:00:00Z: expected whole hours");
    f[0] = f[1] = factor(0, 0, "industry", 0.5);
    f[1].from += 3600;
    factor_refused(c, 2, f,
                   "two for member 0, region 0, sector 'industry', species 'pm25' overlap: one until "
                   "2015-01-10T18:00:00Z, one from 2015-01-10T17:00:00Z");
    f[1].from += 3600;
    f[1].to = f[1].from + 3600;
    set(c, 2, f); /* one after the other is fine */
    double kg;
    assert_int_equal(bs_emission_total(c->emission, 0, 23, NULL, NULL, 0, 3600, &kg, &c->err), BS_ERR_INPUT);
    assert_int_equal(bs_emission_total(c->emission, 0, 0, "brick", NULL, 0, 3600, &kg, &c->err), BS_ERR_INPUT);
    assert_int_equal(bs_emission_total(c->emission, 0, 0, NULL, NULL, 0, 60, &kg, &c->err), BS_ERR_INPUT);
}

#define ON_CASE(test) cmocka_unit_test_setup_teardown(test, emis_setup, emis_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {ON_CASE(cuts_are_exact), ON_CASE(members_are_runs_alone), ON_CASE(bad_factors)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
