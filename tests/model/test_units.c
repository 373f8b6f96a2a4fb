/* Conversions, quantities and CF time units; what udunits2 takes and this field must not. */
#include "tests/model/config_support.h"

#include <math.h>

#include "model/core/clock.h"
#include "model/units/units.h"

/* A few roundings of a factor. */
static const double ROUND = 4e-16;

static int setup(void **state)
{
    bs_units *units = NULL;
    int status = bs_units_create(&units, NULL);
    *state = units;
    return status;
}

static int teardown(void **state)
{
    bs_units_destroy(*state);
    return 0;
}

static void assert_close(double a, double b)
{
    if (fabs(a - b) > ROUND * fabs(b)) fail_msg("%.17g, expected %.17g", a, b);
}

static void converts(void **state)
{
    static const struct {
        const char *from, *to;
        double scale, offset;
    } CASE[] = {{"km", "m", 1000, 0},
                {"hPa", "Pa", 100, 0},
                {"ug m-3", "kg m-3", 1e-9, 0},
                {"ug kg-1", "1", 1e-9, 0},
                {"\xC2\xB5g", "ug", 1, 0},
                {"%", "1", 0.01, 0},
                {"", "1", 1, 0},
                {"1", "", 1, 0},
                {"hours", "s", 3600, 0},
                {"degC", "K", 1, 273.15},
                {"degF", "K", 5.0 / 9, 459.67 * 5 / 9},
                {"m/s", "m s-1", 1, 0},
                {"degrees_north", "degree", 1, 0},
                {"mm h-1", "m s-1", 1e-3 / 3600, 0},
                {"t", "kg", 1000, 0},
                {" km ", "m", 1000, 0}};
    for (size_t i = 0; i < sizeof CASE / sizeof CASE[0]; i++) {
        double scale = 0, offset = 1;
        assert_int_equal(bs_units_convert(*state, CASE[i].from, CASE[i].to, &scale, &offset, NULL), BS_OK);
        assert_close(scale, CASE[i].scale);
        assert_close(offset, CASE[i].offset);
    }
}

/* What a dump writes must read back to the bit. */
static void same_unit_is_exact(void **state)
{
    double v = 0;
    assert_int_equal(bs_units_parse_quantity(*state, "0.1 kg m-2 s-1", "kg m-2 s-1", &v, NULL), BS_OK);
    assert_true(v == 0.1);
}

static void refuses_no_units(void **state)
{
    bs_err err;
    double scale = 0, offset = 0;
    assert_int_equal(bs_units_convert(*state, "km", "s", &scale, &offset, &err), BS_ERR_INPUT);
    assert_string_equal(err.text, "unit 'km' cannot be converted to 's'");
    assert_int_equal(bs_units_convert(*state, "bananas", "s", &scale, &offset, &err), BS_ERR_INPUT);
    assert_string_equal(err.text, "unit 'bananas' is no unit that udunits2 knows");
    assert_int_equal(bs_units_convert(*state, "s", "psu", &scale, &offset, &err), BS_ERR_INPUT);
    assert_contains(err.text, "unit 'psu' is no unit");
    /* 907.18 kg to udunits2, 1000 kg to whoever wrote it */
    assert_int_equal(bs_units_convert(*state, "ton year-1", "kg s-1", &scale, &offset, &err), BS_ERR_INPUT);
    assert_contains(err.text, "ambiguous: write 't'");
    assert_int_equal(bs_units_convert(*state, "hours since 2000-01-01", "s", &scale, &offset, &err), BS_ERR_INPUT);
    assert_contains(err.text, "a point on a scale");
    /* neither a straight scale nor one that runs forward */
    assert_int_equal(bs_units_convert(*state, "lg(re 1 mW)", "W", &scale, &offset, &err), BS_ERR_INPUT);
    assert_int_equal(bs_units_convert(*state, "m1-10", "m", &scale, &offset, &err), BS_ERR_INPUT);
    assert_false(bs_units_valid(*state, "9 km"));
    assert_false(bs_units_valid(*state, "furlongs per x"));
    assert_true(bs_units_valid(*state, "Gg year-1"));
    char longer[600];
    memset(longer, 'm', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    assert_false(bs_units_valid(*state, longer));
}

static void parses_quantities(void **state)
{
    static const struct {
        const char *text, *to;
        double value;
    } CASE[] = {{"9 km", "m", 9000},     {"-3.5 degC", "K", 269.65}, {"1.0e3 Pa", "hPa", 10},
                {"0.5", "1", 0.5},       {"50 %", "1", 0.5},         {"50%", "1", 0.5},
                {"8 hours", "s", 28800}, {"  2  m ", "m", 2},        {"1e-3 m", "mm", 1}};
    for (size_t i = 0; i < sizeof CASE / sizeof CASE[0]; i++) {
        double v = 0;
        assert_int_equal(bs_units_parse_quantity(*state, CASE[i].text, CASE[i].to, &v, NULL), BS_OK);
        assert_close(v, CASE[i].value);
    }
}

static void refuses_bad_quantities(void **state)
{
    static const struct {
        const char *text, *to, *message;
    } CASE[] = {{"9", "m", "'9' has no unit; write the unit with it, as '9 m'"},
                {"km", "m", "'km' does not begin with a number; write a number and its unit, as '1 m'"},
                {"ten", "1", "'ten' does not begin with a number"},
                {"", "1", "'' does not begin with a number"},
                {"nan m", "m", "'nan m' does not begin with a number; write a number and its unit, as '1 m'"},
                {"1e999 m", "m", "the number in '1e999 m' is too large"},
                {"1e308 km", "m", "'1e308 km' is too large in m"},
                {"9km", "m", "'9km' is no quantity; leave a blank between number and unit, as '9 m'"},
                {"9 9 km", "m", "unit '9 km' is a number, not a unit"},
                {"0x10 m", "m", "'0x10 m' is no quantity; leave a blank between number and unit, as '0 m'"},
                {"9 s", "m", "unit 's' cannot be converted to 'm'"},
                {"1.2.3", "1", "'1.2.3' is no quantity; leave a blank between number and unit, as '1.2 %'"}};
    for (size_t i = 0; i < sizeof CASE / sizeof CASE[0]; i++) {
        bs_err err = {0};
        double v = 5;
        assert_int_equal(bs_units_parse_quantity(*state, CASE[i].text, CASE[i].to, &v, &err), BS_ERR_INPUT);
        assert_string_equal(err.text, CASE[i].message);
        assert_true(v == 5);
    }
}

static void reads_time_units(void **state)
{
    static const struct {
        const char *text;
        double seconds, reference;
    } CASE[] = {{"hours since 2015-01-10 00:00:00", 3600, 1420848000},
                {"days since 1970-01-01", 86400, 0},
                {"seconds since 1992-10-8 15:15:42.5 -6:00", 1, 718578942.5},
                {"hours since 1900-01-01 00:00:0.0", 3600, -2208988800.0},
                {"minutes since 2015-01-10T08:00:00 +08:00", 60, 1420848000},
                {"hours since 1800-1-1 0:0:0", 3600, -5364662400.0},
                {"seconds since 1970-01-01 00:00:00.0 0:00", 1, 0}, /* wgrib2 */
                {"h since 2015-01-10 00:00 UTC", 3600, 1420848000}};
    for (size_t i = 0; i < sizeof CASE / sizeof CASE[0]; i++) {
        double seconds = 0, reference = 0;
        bs_err err;
        if (bs_units_time(*state, CASE[i].text, &seconds, &reference, &err)) fail_msg("%s", err.text);
        assert_true(seconds == CASE[i].seconds);
        assert_true(reference == CASE[i].reference);
    }
}

static void refuses_bad_time_units(void **state)
{
    static const struct {
        const char *text, *message;
    } CASE[] = {{"hours", "expected as 'hours since 2015-01-10 00:00:00'"},
                {"km since 2015-01-10", "unit 'km' cannot be converted to 's'"},
                {"months since 2015-01-01", "varies; use days or hours"},
                {"hours since 2015-02-30", "'2015-02-30' is no date and time"},
                {"hours since yesterday", "'yesterday' is no date and time"},
                {"hours since 2015-01-10 00:00:00 Mars", "is no date and time"},
                {"hours since 1-1-1 00:00:0.0", "before 1582-10-15 is ambiguous"},
                {"hours1-10 since 2015-01-10", "unit 'hours1-10' cannot be converted"}, /* -10 hours to udunits2 */
                {"hours since 2015-01-10 00:00:00.5e300", "is no date and time"}};
    for (size_t i = 0; i < sizeof CASE / sizeof CASE[0]; i++) {
        double seconds = 0, reference = 0;
        bs_err err = {0};
        assert_int_equal(bs_units_time(*state, CASE[i].text, &seconds, &reference, &err), BS_ERR_INPUT);
        assert_contains(err.text, CASE[i].message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(converts),
        cmocka_unit_test(same_unit_is_exact),
        cmocka_unit_test(refuses_no_units),
        cmocka_unit_test(parses_quantities),
        cmocka_unit_test(refuses_bad_quantities),
        cmocka_unit_test(reads_time_units),
        cmocka_unit_test(refuses_bad_time_units),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
