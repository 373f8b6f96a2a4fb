/* Calendar arithmetic against known dates and against itself; strict parsing. */
#include "tests/model/config_support.h"

#include "model/core/clock.h"
#include "model/core/number.h"

static void known_moments(void **state)
{
    (void)state;
    assert_int_equal(bs_time_from_date(1970, 1, 1, 0, 0, 0), 0);
    assert_int_equal(bs_time_from_date(2000, 3, 1, 0, 0, 0), 951868800);
    assert_int_equal(bs_time_from_date(2015, 1, 10, 0, 0, 0), 1420848000);
    assert_int_equal(bs_time_from_date(1969, 12, 31, 23, 59, 59), -1);
    assert_int_equal(bs_time_from_date(1900, 1, 1, 0, 0, 0), -2208988800);
    assert_int_equal(bs_time_from_date(2100, 3, 1, 0, 0, 0), 4107542400);
}

static void weekday_and_yearday(void **state)
{
    (void)state;
    bs_date d = bs_date_from_time(bs_time_from_date(2015, 1, 10, 5, 6, 7)); /* a Saturday */
    assert_int_equal(d.weekday, 5);
    assert_int_equal(d.yearday, 10);
    assert_int_equal(d.hour, 5);
    assert_int_equal(d.minute, 6);
    assert_int_equal(d.second, 7);
    d = bs_date_from_time(bs_time_from_date(2016, 12, 31, 0, 0, 0));
    assert_int_equal(d.yearday, 366);
    d = bs_date_from_time(bs_time_from_date(1969, 12, 31, 23, 0, 0)); /* a Wednesday, before the epoch */
    assert_int_equal(d.weekday, 2);
    assert_int_equal(d.yearday, 365);
}

/* Every day of 1200 years follows the one before, there and back. */
static void every_day_round_trips(void **state)
{
    (void)state;
    bs_date before = bs_date_from_time(bs_time_from_date(1200, 1, 1, 0, 0, 0));
    for (bs_time t = bs_time_from_date(1200, 1, 2, 0, 0, 0); t < bs_time_from_date(2400, 1, 1, 0, 0, 0); t += 86400) {
        bs_date d = bs_date_from_time(t);
        assert_true(bs_time_from_date(d.year, d.month, d.day, 0, 0, 0) == t);
        assert_int_equal(d.weekday, (before.weekday + 1) % 7);
        if (d.day != before.day + 1) {
            assert_int_equal(d.day, 1);
            assert_true(before.day >= 28);
            assert_int_equal(d.month, before.month % 12 + 1);
        }
        assert_int_equal(d.yearday, d.month == 1 && d.day == 1 ? 1 : before.yearday + 1);
        before = d;
    }
}

static void parses_what_is_promised(void **state)
{
    (void)state;
    static const char *const SAME[] = {"2015-01-10T00:00:00Z", "2015-01-10T08:00:00+08:00", "2015-01-10 00:00",
                                       "2015-01-10",           "2015-01-09T18:30:00-05:30", "2015-01-10T00:00"};
    for (size_t i = 0; i < sizeof SAME / sizeof SAME[0]; i++) {
        bs_time t = 0;
        assert_int_equal(bs_time_parse(SAME[i], &t, NULL), BS_OK);
        assert_int_equal(t, 1420848000);
    }
    bs_time t = 0;
    char text[BS_TIME_TEXT_MAX];
    assert_int_equal(bs_time_parse("2016-02-29T23:59:59Z", &t, NULL), BS_OK);
    assert_string_equal(bs_time_format(t, text), "2016-02-29T23:59:59Z");
}

static void refuses_the_rest(void **state)
{
    (void)state;
    static const char *const BAD[] = {"",
                                      "2015-1-10",
                                      "2015-01-10T",
                                      "2015-01-10T00",
                                      "2015-01-10T00:00:00Zx",
                                      "2015-01-10T00:00:00+8",
                                      "2015-01-10T00:00:00+25:00",
                                      "2015-01-10Z",
                                      " 2015-01-10",
                                      "2015/01/10",
                                      "20150110",
                                      "2015-01-10  00:00",
                                      "2015-01-10T00:00:0",
                                      "now"};
    bs_err err;
    bs_time t = 17;
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        assert_int_equal(bs_time_parse(BAD[i], &t, &err), BS_ERR_INPUT);
        assert_contains(err.text, "is no time");
    }
    assert_int_equal(bs_time_parse("2015-02-29", &t, &err), BS_ERR_INPUT);
    assert_string_equal(err.text, "'2015-02-29' is no time: month 2 of 2015 has 28 days");
    assert_int_equal(bs_time_parse("2015-13-01", &t, &err), BS_ERR_INPUT);
    assert_string_equal(err.text, "'2015-13-01' is no time: there is no month 13");
    assert_int_equal(bs_time_parse("2015-01-10T24:00", &t, &err), BS_ERR_INPUT);
    assert_contains(err.text, "hours reach 23");
    assert_int_equal(t, 17);
}

static void numbers_are_strict(void **state)
{
    (void)state;
    double d = 7;
    long n = 7;
    static const char *const NO_REAL[] = {"",     "x",  "1x",    "1 ", " 1", "nan", "inf",
                                          "0x10", "1e", "1e400", ".",  "-",  "1,5", "--1"};
    for (size_t i = 0; i < sizeof NO_REAL / sizeof NO_REAL[0]; i++) assert_false(bs_number_real(NO_REAL[i], &d));
    static const char *const NO_INT[] = {"", "1.0", "010", "0x1", "1e3", "99999999999999999999", "+", "1 ", "ten"};
    for (size_t i = 0; i < sizeof NO_INT / sizeof NO_INT[0]; i++) assert_false(bs_number_int(NO_INT[i], &n));
    assert_true(d == 7 && n == 7);
    assert_true(bs_number_real("-1.5e-3", &d) && d == -1.5e-3);
    assert_true(bs_number_real(".5", &d) && d == 0.5);
    assert_true(bs_number_int("-12", &n) && n == -12);
    assert_true(bs_number_int("0", &n) && n == 0);
}

static void numbers_format_to_read_back(void **state)
{
    (void)state;
    static const double VALUE[] = {0,     0.1, 1.0 / 3, 1e-5, 1.5e-7, 7200, 100000, 1e300, -2.5, 123456789012345678.0,
                                   5e-324};
    char text[BS_NUMBER_TEXT_MAX];
    for (size_t i = 0; i < sizeof VALUE / sizeof VALUE[0]; i++) {
        double back = 0;
        assert_true(bs_number_real(bs_number_format(VALUE[i], text), &back));
        assert_true(back == VALUE[i]);
        if (strchr(text, 'e')) assert_non_null(strchr(text, '.'));
    }
    assert_string_equal(bs_number_format(7200, text), "7200");
    assert_string_equal(bs_number_format(1e-5, text), "1.0e-05");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_moments),
        cmocka_unit_test(weekday_and_yearday),
        cmocka_unit_test(every_day_round_trips),
        cmocka_unit_test(parses_what_is_promised),
        cmocka_unit_test(refuses_the_rest),
        cmocka_unit_test(numbers_are_strict),
        cmocka_unit_test(numbers_format_to_read_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
