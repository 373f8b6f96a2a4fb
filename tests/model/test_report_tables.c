/* What a report reads: daily tables of runs, observations, targets, contributions, folders of sets; and each kind of bad one with its
 * message. "@" in an expected text stands for the file. */
#include "tests/model/test_report_fixture.h"

#include <math.h>

#include "model/report/contributions.h"
#include "model/report/members.h"
#include "model/report/observed.h"
#include "model/report/series.h"
#include "model/report/targets.h"

static void assert_told(const scratch *s, const char *pattern)
{
    char expected[2048] = "";
    const char *at = strchr(pattern, '@');
    snprintf(expected, sizeof expected, "%.*s%s%s", at ? (int)(at - pattern) : (int)strlen(pattern), pattern,
             at ? s->path : "", at ? at + 1 : "");
    assert_contains(s->err.text, expected);
}

/* ---- days ---- */

static void days_are_dates(void **state)
{
    (void)state;
    char text[BS_DAY_TEXT_MAX];
    long day = 0;
    assert_true(bs_day_parse("1970-01-02", &day) && day == 1);
    assert_true(bs_day_parse("2016-02-29", &day));
    assert_string_equal(bs_day_format(day, text), "2016-02-29");
    static const char *const BAD[] = {"",         "2015-1-13",  "2015-02-29", "2015-13-01", "2015-01-13T00:00",
                                      "15-01-13", "13/01/2015", "2015 01 13"};
    for (size_t n = 0; n < sizeof BAD / sizeof *BAD; n++) assert_false(bs_day_parse(BAD[n], &day));
}

/* ---- the run's table ---- */

static bs_status read_daily(scratch *s, const char *text, bs_series *out)
{
    write_text(s, "cities_daily.csv", text);
    return bs_series_read(s->folder, out, &s->err);
}

static void daily_table_arrives(void **state)
{
    scratch *s = *state;
    bs_series r;
    if (read_daily(s, DAILY, &r)) fail_msg("%s", s->err.text);
    assert_int_equal(r.n_cities, 3);
    assert_int_equal(r.n_days, 3);
    assert_int_equal(r.day[0], 16448);
    assert_string_equal(r.city[2].name, "凉山彝族自治州");
    assert_true(r.pm25[0] == 60.5 && r.pm25[2] == 152 && r.pm25[4] == 34.5 && r.pm25[8] == 3);
    bs_series_free(&r);
}

/* Rows in any order: cities as they come, days ascending. */
static void order_of_rows_does_not_matter(void **state)
{
    scratch *s = *state;
    bs_series r;
    if (read_daily(s,
                   "name,primary_pm25,date_local,adcode,name_en\nB,4,2015-01-14,2,b\nA,1,2015-01-13,1,a\n"
                   "B,3,2015-01-13,2,b\nA,2,2015-01-14,1,a\n",
                   &r))
        fail_msg("%s", s->err.text);
    assert_string_equal(r.city[0].name, "B");
    assert_true(r.pm25[0] == 3 && r.pm25[1] == 4 && r.pm25[2] == 1 && r.pm25[3] == 2);
    bs_series_free(&r);
}

static void cities_are_found_as_people_name_them(void **state)
{
    scratch *s = *state;
    bs_series r;
    if (read_daily(s,
                   "date_local,adcode,name,name_en,primary_pm25\n2015-01-13,510100,成都市,Chengdu,1\n"
                   "2015-01-13,513400,凉山彝族自治州,Liangshan,1\n2015-01-13,1,德阳市,Deyang,1\n"
                   "2015-01-13,2,德昌县,Dechang,1\n",
                   &r))
        fail_msg("%s", s->err.text);
    static const struct {
        const char *key;
        int city;
    } KEY[] = {{"510100", 0},   {"成都市", 0},    {"Chengdu", 0}, {"成都", 0},  {"凉山州", 1},
               {"凉山", 1},     {"德阳", 2},      {"德", -1},     {"重庆", -1}, {"", -1},
               {"chengdu", -1}, {"成都市区", -1}, {"市", -1}};
    for (size_t n = 0; n < sizeof KEY / sizeof *KEY; n++)
        if (bs_series_find(&r, KEY[n].key) != KEY[n].city) fail_msg("%s", KEY[n].key);
    bs_series_free(&r);
}

static void bad_daily_tables(void **state)
{
    scratch *s = *state;
    static const char HEAD[] = "date_local,adcode,name,name_en,primary_pm25\n";
    static const struct {
        const char *rows, *told;
    } BAD[] = {
        {"2015-01-13,1,A,a,x\n", "@:2: column 'primary_pm25': found 'x', expected a number"},
        {"2015-01-13,1,A,a,-3\n",
         "@:2: column 'primary_pm25': found -3, expected a concentration from 0 to 100000 ug m-3"},
        {"2015-01-13,1,A,a,2e5\n", "found 200000, expected a concentration"},
        {"2015-1-13,1,A,a,1\n", "@:2: column 'date_local': found '2015-1-13', expected a day as 2015-01-13"},
        {"2015-01-13,1,,a,1\n", "@:2: column 'name' is empty"},
        {"2015-01-13,1234567890123456,A,a,1\n", "@:2: column 'adcode': '1234567890123456' has more than 15 bytes"},
        {"2015-01-13,1,A,a,1\n2015-01-13,1,A,a,2\n", "@:3: A stands here a second time on 2015-01-13"},
        {"2015-01-13,1,A,a,1\n2015-01-14,2,B,b,2\n",
         "@: no row for A on 2015-01-14; the table of a finished run has every city on every day"},
        {"2015-01-13,1,A,a\n", "@:2: 4 fields, but the header names 5 columns"},
        {"", "@: the table is empty: no row below the header"},
    };
    for (size_t n = 0; n < sizeof BAD / sizeof *BAD; n++) {
        char text[512];
        bs_series r;
        snprintf(text, sizeof text, "%s%s", HEAD, BAD[n].rows);
        assert_int_equal(read_daily(s, text, &r), BS_ERR_INPUT);
        assert_told(s, BAD[n].told);
        assert_null(r.pm25);
    }
    bs_series r;
    assert_int_equal(read_daily(s, "date_local,adcode,name,name_en,inert_tracer\n2015-01-13,1,A,a,1\n", &r),
                     BS_ERR_INPUT);
    assert_told(s, "@: no column 'primary_pm25'; there are: date_local, adcode, name, name_en, inert_tracer");
}

static void no_daily_table(void **state)
{
    scratch *s = *state;
    bs_series r;
    assert_int_equal(bs_series_read(s->folder, &r, &s->err), BS_ERR_INPUT);
    assert_contains(s->err.text,
                    "cities_daily.csv: there is no such table: the run has no whole natural day, or its case "
                    "names no regions.file; a report needs both");
}

/* ---- observations ---- */

static bs_status read_observed(scratch *s, const char *text, bs_air_state state, bs_observed *out)
{
    bs_series r;
    if (read_daily(s, DAILY, &r)) fail_msg("%s", s->err.text);
    const bs_status st = bs_observed_read(write_text(s, "observed.csv", text), state, s->folder, &r, out, &s->err);
    bs_series_free(&r);
    return st;
}

static void observations_arrive(void **state)
{
    scratch *s = *state;
    bs_observed o;
    if (read_observed(s,
                      "# "
                      "origin\ncity,date,aqi,pm25,reference_state\n成都,2015-01-13,1,100,ambient\n510100,2015-01-15,1,"
                      "50.5,ambient\n"
                      "Chengdu,2015-01-14,1,,ambient\n凉山州,2015-01-14,1,9,ambient\n成都,2014-12-31,1,9,standard\n",
                      BS_STATE_UNTOLD, &o))
        fail_msg("%s", s->err.text);
    assert_true(o.value[0] == 100 && isnan(o.value[1]) && o.value[2] == 50.5 && isnan(o.value[3]) && o.value[7] == 9);
    assert_int_equal(o.days[0], 2);
    assert_int_equal(o.days[1], 0);
    assert_int_equal(o.used, 3);
    assert_int_equal(o.empty, 1);
    assert_int_equal(o.elsewhere, 1);
    assert_int_equal(o.converted, 0);
    bs_observed_free(&o);
    if (read_observed(s, "city,date,pm25\n成都,2015-01-13,100\n", BS_STATE_AMBIENT, &o)) fail_msg("%s", s->err.text);
    assert_true(o.value[0] == 100);
    bs_observed_free(&o);
}

static void bad_observations(void **state)
{
    scratch *s = *state;
    static const char HEAD[] = "city,date,pm25,reference_state\n";
    static const struct {
        const char *rows, *told;
    } BAD[] = {
        {"昆明,2015-01-13,1,ambient\n", "@:2: column 'city': '昆明' is no city of the run"},
        {"成都,2015/01/13,1,ambient\n", "@:2: column 'date': found '2015/01/13', expected a day as 2015-01-13"},
        {"成都,2015-01-13,high,ambient\n", "@:2: column 'pm25': found 'high', expected a number"},
        {"成都,2015-01-13,-1,ambient\n", "@:2: column 'pm25': found -1, expected from 0 to 5000 ug m-3"},
        {"成都,2015-01-13,6000,ambient\n", "found 6000, expected from 0 to 5000 ug m-3"},
        {"成都,2015-01-13,1,STP\n", "@:2: column 'reference_state': found 'STP', expected ambient or standard"},
        {"成都,2015-01-13,1,\n", "found '', expected ambient or standard"},
        {"成都,2015-01-13,1,ambient\n510100,2015-01-13,2,ambient\n",
         "@:3: 成都市 stands here a second time on 2015-01-13"},
        {"成都,2016-01-13,1,ambient\n", "@: no observation on a day of the run (2015-01-13 to 2015-01-15)"},
        {"成都,2015-01-13,1,standard\n",
         "observations at 273.15 K and 1013.25 hPa need the run's pressure and temperature: "},
    };
    bs_observed o;
    for (size_t n = 0; n < sizeof BAD / sizeof *BAD; n++) {
        char text[512];
        snprintf(text, sizeof text, "%s%s", HEAD, BAD[n].rows);
        assert_int_equal(read_observed(s, text, BS_STATE_UNTOLD, &o), BS_ERR_INPUT);
        assert_told(s, BAD[n].told);
        assert_null(o.value);
    }
    assert_int_equal(read_observed(s, "city,date,pm25\n成都,2015-01-13,1\n", BS_STATE_UNTOLD, &o), BS_ERR_INPUT);
    assert_told(s, "@: no column 'reference_state'");
    assert_contains(s->err.text, "--set standards.observed_state=");
    assert_int_equal(
        read_observed(s, "city,date,pm25,reference_state\n成都,2015-01-13,1,ambient\n", BS_STATE_AMBIENT, &o),
        BS_ERR_INPUT);
    assert_told(s, "@: has a column 'reference_state', and standards.observed_state is given, too; remove one");
    assert_int_equal(read_observed(s, "city,pm25,reference_state\n成都,1,ambient\n", BS_STATE_UNTOLD, &o),
                     BS_ERR_INPUT);
    assert_told(s, "@: no column 'date'; there are: city, pm25, reference_state");
}

/* ---- targets ---- */

static void a_city_without_a_target_has_its_provinces(void **state)
{
    scratch *s = *state;
    bs_targets t;
    if (bs_targets_read(
            write_text(s, "t.csv",
                       "adcode,name,year,pm25_annual,good_days_percent,source\n510000,四川省,2023,32,90,x\n"
                       "511900,巴中市,2024,28,,x\n511900,巴中市,2025,27.4,97,x\n500000,重庆市,2025,,92.6,x\n"),
            &t, &s->err))
        fail_msg("%s", s->err.text);
    assert_true(bs_targets_find(&t, "510100")->annual == 32);
    assert_true(bs_targets_find(&t, "511900")->annual == 27.4 && bs_targets_find(&t, "511900")->year == 2025);
    assert_true(isnan(bs_targets_find(&t, "500000")->annual) && bs_targets_find(&t, "500000")->good_days == 92.6);
    assert_true(bs_targets_find(&t, "500113")->good_days == 92.6); /* a district of Chongqing */
    assert_null(bs_targets_find(&t, "110000"));
    assert_null(bs_targets_find(&t, ""));
    bs_targets_free(&t);
}

static void shipped_targets_can_be_read(void **state)
{
    scratch *s = *state;
    bs_targets t;
    if (bs_targets_read(BS_SOURCE_DIR "/configs/standards/targets.csv", &t, &s->err)) fail_msg("%s", s->err.text);
    assert_true(bs_targets_find(&t, "510100")->annual == 32);
    assert_true(bs_targets_find(&t, "511900")->annual == 27.4);
    bs_targets_free(&t);
}

static void bad_targets(void **state)
{
    scratch *s = *state;
    static const struct {
        const char *row, *told;
    } BAD[] = {
        {"510000,四川省,soon,32,90,x\n", "@:2: column 'year': found 'soon', expected a year from 2000 to 2100"},
        {"510000,四川省,2023,0,90,x\n", "@:2: column 'pm25_annual': found 0, expected above 0 and at most 1000"},
        {"510000,四川省,2023,32,900,x\n",
         "@:2: column 'good_days_percent': found 900, expected above 0 and at most 100"},
        {"510000,四川省,2023,,,x\n", "@:2: neither pm25_annual nor good_days_percent has a number"},
        {",四川省,2023,32,90,x\n", "@:2: column 'adcode' is empty"},
        {"510000,四川省,2023,32,90,\n", "@:2: column 'source' is empty"},
        {"510000,四川省,2023,32,90,x\n510000,四川省,2023,31,90,x\n", "@:3: a second row of 510000 for 2023"},
    };
    bs_targets t;
    for (size_t n = 0; n < sizeof BAD / sizeof *BAD; n++) {
        char text[512];
        snprintf(text, sizeof text, "adcode,name,year,pm25_annual,good_days_percent,source\n%s", BAD[n].row);
        assert_int_equal(bs_targets_read(write_text(s, "t.csv", text), &t, &s->err), BS_ERR_INPUT);
        assert_told(s, BAD[n].told);
        assert_null(t.row);
    }
    assert_int_equal(bs_targets_read(write_text(s, "t.csv", "adcode,name\n1,2\n"), &t, &s->err), BS_ERR_INPUT);
    assert_told(s, "@: no column 'year'");
}

/* ---- contributions ---- */

static void contributions_from_tags(void **state)
{
    scratch *s = *state;
    bs_series r;
    bs_contributions c;
    int which[3];
    if (read_daily(s, DAILY, &r)) fail_msg("%s", s->err.text);
    assert_int_equal(bs_contributions_read(s->folder, &r, &c, &s->err), BS_OK); /* no table: none */
    assert_int_equal(c.n, 0);
    bs_contributions_free(&c);
    write_text(s, "cities_period.csv", PERIOD);
    if (bs_contributions_read(s->folder, &r, &c, &s->err)) fail_msg("%s", s->err.text);
    assert_int_equal(c.n, 2);
    assert_string_equal(c.name[0], "industry");
    assert_true(c.total[0] == 124 && c.value[0] == 80 && c.value[1] == 44 && c.value[3] == 25);
    assert_int_equal(bs_contributions_top(&c, 1, 3, which), 2);
    assert_true(which[0] == 1 && which[1] == 0);
    assert_int_equal(bs_contributions_top(&c, 2, 3, which), 1); /* a negative part is no source */
    assert_int_equal(bs_contributions_top(&c, 0, 1, which), 1);
    bs_contributions_free(&c);
    write_text(s, "cities_period.csv", "adcode,name,primary_pm25_mean,primary_pm25_a_mean\n510100,成都市,1,1\n");
    assert_int_equal(bs_contributions_read(s->folder, &r, &c, &s->err), BS_ERR_INPUT);
    assert_told(s, "@: no row for 511900 巴中市, which cities_daily.csv has");
    bs_series_free(&r);
}

static const char MATRIX[] = "adcode,name,name_en,variable,source,label,contribution,percent\n"
                             "510100,成都市,Chengdu,inert_tracer,near,成都平原,1,2\n"
                             "510100,成都市,Chengdu,primary_pm25,near,\"成都平原, industry\",80,64\n"
                             "510100,成都市,Chengdu,primary_pm25,far,,44,36\n"
                             "510100,成都市,Chengdu,primary_pm25,total,all of it,124,100\n"
                             "511900,巴中市,Bazhong,primary_pm25,near,x,5,10\n"
                             "511900,巴中市,Bazhong,primary_pm25,far,x,25,90\n"
                             "511900,巴中市,Bazhong,primary_pm25,total,x,30,100\n"
                             "513400,凉山彝族自治州,Liangshan,primary_pm25,near,x,1,33\n"
                             "513400,凉山彝族自治州,Liangshan,primary_pm25,far,x,2,67\n";
static const char MATRIX_END[] = "513400,凉山彝族自治州,Liangshan,primary_pm25,total,x,3,100\n";

/* Of the tables the one of source groups is taken; percentages are ours. */
static void contributions_from_the_matrix(void **state)
{
    scratch *s = *state;
    bs_series r;
    bs_contributions c;
    char text[2048];
    if (read_daily(s, DAILY, &r)) fail_msg("%s", s->err.text);
    write_text(s, "cities_period.csv", PERIOD);
    write_text(s, "shares.csv",
               "adcode,name,variable,local_percent,other_basin_percent,outside_basin_percent,unresolved_percent\n"
               "510100,成都市,primary_pm25,60,30,10,0\n511900,巴中市,primary_pm25,,,10,90\n");
    snprintf(text, sizeof text, "%s%s", MATRIX, MATRIX_END);
    write_text(s, "source_receptor_period.csv", text);
    if (bs_contributions_read(s->folder, &r, &c, &s->err)) fail_msg("%s", s->err.text);
    assert_string_equal(c.origin, "source_receptor_period.csv");
    assert_int_equal(c.n, 2);
    assert_string_equal(c.label[0], "成都平原, industry");
    assert_string_equal(c.label[1], "far");
    assert_true(c.total[0] == 124 && c.value[0] == 80 && c.value[1] == 44 && c.value[5] == 2);
    assert_true(c.share[0] == 60 && c.share[3] == 0 && isnan(c.share[4]) && c.share[7] == 90 && isnan(c.share[8]));
    bs_contributions_free(&c);

    write_text(s, "source_receptor_period.csv", MATRIX);
    assert_int_equal(bs_contributions_read(s->folder, &r, &c, &s->err), BS_ERR_INPUT);
    assert_told(s, "@: 凉山彝族自治州 has no row of source 'total' (primary_pm25)");
    snprintf(text, sizeof text, "%s%s%s", MATRIX, MATRIX_END, MATRIX_END);
    write_text(s, "source_receptor_period.csv", text);
    assert_int_equal(bs_contributions_read(s->folder, &r, &c, &s->err), BS_ERR_INPUT);
    assert_told(s, "@:12: 凉山彝族自治州 has source 'total' a second time");
    snprintf(text, sizeof text, "%s%s110000,北京市,Beijing,primary_pm25,near,x,1,1\n", MATRIX, MATRIX_END);
    write_text(s, "source_receptor_period.csv", text);
    assert_int_equal(bs_contributions_read(s->folder, &r, &c, &s->err), BS_ERR_INPUT);
    assert_told(s, "@:12: 北京市 is no city of cities_daily.csv");
    write_text(s, "source_receptor_period.csv", "adcode,name,source\n1,2,3\n");
    assert_int_equal(bs_contributions_read(s->folder, &r, &c, &s->err), BS_ERR_INPUT);
    assert_told(s, "@: no column 'variable'");
    bs_series_free(&r);
}

/* ---- folders ---- */

static void members_of_a_set(void **state)
{
    scratch *s = *state;
    bs_members m;
    make_run(s, "zeta", DAILY);
    make_run(s, "alpha", DAILY);
    make_run(s, "base", DAILY);
    mkdir(in_folder(s, "pictures"), 0777);
    write_text(s, "plan.yaml", "x");
    if (bs_members_find(s->folder, &m, &s->err)) fail_msg("%s", s->err.text);
    assert_int_equal(m.n, 3);
    assert_string_equal(m.member[0].name, "base");
    assert_string_equal(m.member[1].name, "alpha");
    assert_string_equal(m.member[2].name, "zeta");
    bs_members_free(&m);
    if (bs_members_find(in_folder(s, "zeta"), &m, &s->err)) fail_msg("%s", s->err.text);
    assert_int_equal(m.n, 1);
    assert_string_equal(m.member[0].name, "run");
    bs_members_free(&m);
}

static void bad_folders(void **state)
{
    scratch *s = *state;
    bs_members m;
    assert_int_equal(bs_members_find("/no/such/folder", &m, &s->err), BS_ERR_INPUT);
    assert_contains(s->err.text, "/no/such/folder: No such file or directory; name the folder of a finished run");
    assert_int_equal(bs_members_find(s->folder, &m, &s->err), BS_ERR_INPUT);
    assert_contains(s->err.text, "holds no run: neither summary.json nor folders of runs");
    make_run(s, "other", DAILY);
    assert_int_equal(bs_members_find(s->folder, &m, &s->err), BS_ERR_INPUT);
    assert_contains(s->err.text, "holds runs, but none named 'base' to compare them with");
    make_run(s, "base", DAILY);
    remove(in_folder(s, "other/summary.json"));
    assert_int_equal(bs_members_find(s->folder, &m, &s->err), BS_ERR_INPUT);
    assert_contains(s->err.text, "/other: holds no finished run (no summary.json)");
    assert_int_equal(bs_members_find(in_folder(s, "other"), &m, &s->err), BS_ERR_INPUT);
    assert_contains(s->err.text, "/other: holds no finished run (no summary.json)");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, runs_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(days_are_dates),
        TEST(daily_table_arrives),
        TEST(order_of_rows_does_not_matter),
        TEST(cities_are_found_as_people_name_them),
        TEST(bad_daily_tables),
        TEST(no_daily_table),
        TEST(observations_arrive),
        TEST(bad_observations),
        TEST(a_city_without_a_target_has_its_provinces),
        TEST(shipped_targets_can_be_read),
        TEST(bad_targets),
        TEST(contributions_from_tags),
        TEST(contributions_from_the_matrix),
        TEST(members_of_a_set),
        TEST(bad_folders),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
