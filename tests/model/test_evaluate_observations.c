/* Tables of observations: their forms, times, units and states, what is left out, and each kind of bad table. */
#include "tests/model/config_support.h"

#include <math.h>

#include "model/core/clock.h"
#include "model/evaluate/observations.h"
#include "model/evaluate/sheet.h"
#include "model/evaluate/stamp.h"

static bs_observations read_table(scratch *s, const char *name, const char *text, bs_obs_request request)
{
    bs_observations o;
    request.file = write_text(s, name, text);
    if (bs_observations_read(&request, &o, &s->err)) fail_msg("%s", s->err.text);
    return o;
}

static const bs_obs_request PLAIN = {.state = BS_STATE_UNTOLD, .cities = true};

static void refused(scratch *s, const char *text, bs_obs_request request, const char *told)
{
    bs_observations o;
    request.file = write_text(s, "o.csv", text);
    const bs_status st = bs_observations_read(&request, &o, &s->err);
    if (st != BS_ERR_INPUT && st != BS_ERR_USAGE) fail_msg("not refused: expected %s", told);
    assert_contains(s->err.text, told);
    assert_null(o.record);
}

static void at(bs_time found, const char *expected)
{
    char text[BS_TIME_TEXT_MAX];
    assert_string_equal(bs_time_format(found, text), expected);
}

/* ---- forms ---- */

static void cities_by_day(void **state)
{
    bs_observations o =
        read_table(*state, "o.csv",
                   "city,date,aqi,pm25\n乐山,2015-01-02,9,60.5\n成都,2015-01-01,9,70\n乐山,2015-01-01,9,50\n", PLAIN);
    assert_false(o.stations);
    assert_int_equal(o.hours, 24);
    assert_int_equal(o.n_sites, 2);
    assert_int_equal(o.n, 3);
    assert_string_equal(o.site[0].city, "乐山");
    at(o.record[0].end, "2015-01-01T16:00:00Z"); /* the day of UTC+8 ends at 16:00 UTC */
    assert_true(o.record[0].value == 50 && o.record[1].value == 60.5 && o.record[2].value == 70);
    assert_int_equal(o.record[0].state, BS_STATE_STANDARD);
    assert_int_equal(o.n_standard, 3);
    assert_string_equal(o.columns, "city from 'city', date from 'date', pm25 from 'pm25'");
    bs_observations_free(&o);
}

static void stations_by_hour(void **state)
{
    bs_observations o = read_table(
        *state, "o.csv",
        "Date,Hour,WatchPoint,AQI,PM2.5,city,t\n20200402,08,花湖湾,46,28.0,乐山,2020-04-02 08:00:00\n"
        "20200402,00,花湖湾,46,,乐山,2020-04-02 00:00:00\n20200402,24,花湖湾,46,31,乐山,2020-04-03 00:00:00\n",
        PLAIN);
    assert_true(o.stations);
    assert_int_equal(o.hours, 1);
    assert_int_equal(o.n, 2);
    assert_int_equal(o.missing, 1);
    assert_string_equal(o.site[0].name, "花湖湾");
    assert_string_equal(o.site[0].city, "乐山");
    assert_true(isnan(o.site[0].lon));
    at(o.record[0].end, "2020-04-02T00:00:00Z"); /* 08:00 of UTC+8 ends the hour from 07:00 */
    at(o.record[1].end, "2020-04-02T16:00:00Z");
    assert_int_equal(o.record[0].state, BS_STATE_AMBIENT);
    bs_observations_free(&o);
}

static void generic_with_places(void **state)
{
    bs_obs_request begins = PLAIN;
    begins.stamps.begins = true;
    bs_observations o = read_table(
        *state, "o.csv",
        "station,lon,lat,time,pm25\nA,104.1,30.6,2015-01-13T00:00:00Z,5\nA,104.1,30.6,2015-01-13 10:00,6\n", begins);
    assert_true(o.site[0].lon == 104.1 && o.site[0].lat == 30.6);
    at(o.record[0].end, "2015-01-13T01:00:00Z");
    at(o.record[1].end, "2015-01-13T03:00:00Z");
    bs_observations_free(&o);
}

static void a_column_each(void **state)
{
    static const char TEXT[] = "date,hour,type,1001A,1002A\n20200402,1,PM2.5,11,\n20200402,1,PM2.5_24h,99,98\n20200402,"
                               "1,AQI,7,7\n20200402,2,PM2.5,12,22\n";
    bs_obs_request stations = PLAIN;
    stations.cities = false;
    bs_observations o = read_table(*state, "o.csv", TEXT, stations);
    assert_true(o.stations);
    assert_int_equal(o.n, 3);
    assert_int_equal(o.missing, 1);
    assert_string_equal(o.site[1].name, "1002A");
    assert_true(o.record[2].value == 22);
    bs_observations_free(&o);
    o = read_table(*state, "o.csv", TEXT, PLAIN);
    assert_false(o.stations);
    assert_string_equal(o.site[0].city, "1001A");
    bs_observations_free(&o);
}

static void points_of_geojson(void **state)
{
    bs_observations o = read_table(*state, "o.geojson",
                                   "{\"type\": \"FeatureCollection\", \"features\": [{\"type\": \"Feature\", "
                                   "\"geometry\": {\"type\": \"Point\", \"coordinates\": [106.379, "
                                   "29.8272]},\n \"properties\": {\"area\": \"重庆市\", \"citycode\": \"0\", "
                                   "\"pm2_5\": \"42\", \"pm2_5_24h\": \"36\", \"positionname\": "
                                   "\"缙云山\", \"stationcode\": \"1414A\", \"timepoint\": \"2018-02-20T07:00:00\"}}]}",
                                   PLAIN);
    assert_int_equal(o.n, 1);
    assert_string_equal(o.site[0].id, "1414A");
    assert_string_equal(o.site[0].name, "缙云山");
    assert_true(o.record[0].value == 42 && o.site[0].lon == 106.379);
    at(o.record[0].end, "2018-02-19T23:00:00Z");
    bs_observations_free(&o);
}

/* Rows in any order, with a byte-order mark and Windows line ends, give the same. */
static void order_and_encoding(void **state)
{
    bs_observations a = read_table(*state, "o.csv", "city,date,pm25\nA,2015-01-01,1\nA,2015-01-02,2\nB,2015-01-01,3\n",
                                   PLAIN),
                    b = read_table(*state, "o.csv",
                                   "\xEF\xBB\xBF"
                                   "City,DATE,PM25\r\nA,2015/1/2,2\r\nA,20150101,1\r\nB,2015-01-01,3\r\n",
                                   PLAIN);
    assert_int_equal(a.n, b.n);
    for (int k = 0; k < a.n; k++)
        assert_true(a.record[k].site == b.record[k].site && a.record[k].end == b.record[k].end &&
                    a.record[k].value == b.record[k].value);
    bs_observations_free(&a);
    bs_observations_free(&b);
}

static void maps_and_units(void **state)
{
    bs_obs_request r = PLAIN;
    r.map = "pm25=fein,city=Ort";
    bs_observations o = read_table(*state, "o.csv", "Ort,city,date,fein\nA,x,2015-01-01,0.05\n", r);
    assert_string_equal(o.site[0].city, "A");
    bs_observations_free(&o);
    r.unit = "mg m-3";
    o = read_table(*state, "o.csv", "Ort,city,date,fein\nA,x,2015-01-01,0.05\n", r);
    assert_true(fabs(o.record[0].value - 50) < 1e-12);
    bs_observations_free(&o);
    o = read_table(*state, "o.csv", "城市,日期,PM2.5（μg/m³）\nA,2015-01-01,50\n", PLAIN);
    assert_true(o.record[0].value == 50);
    assert_string_equal(o.unit, "ug/m3");
    bs_observations_free(&o);
    o = read_table(*state, "o.csv", "city,date,PM2.5 [mg/m3]\nA,2015-01-01,0.05\n", PLAIN);
    assert_true(fabs(o.record[0].value - 50) < 1e-12);
    bs_observations_free(&o);
    o = read_table(*state, "o.csv", "city,date,pm25,unit\nA,2015-01-01,0.05,mg m-3\nB,2015-01-01,50,ug m-3\n", PLAIN);
    assert_true(fabs(o.record[0].value - 50) < 1e-12 && o.record[1].value == 50);
    bs_observations_free(&o);
}

/* A mapped column is nothing else besides, its unit counts, and a role can be said to be absent: here the table that another run left. */
static void maps_come_first(void **state)
{
    bs_obs_request r = PLAIN;
    r.map = "city=adcode,station=,pm25=primary_pm25 (mg/m3)";
    bs_observations o =
        read_table(*state, "o.csv",
                   "date_local,adcode,name,name_en,primary_pm25 (mg/m3)\n2015-01-01,510100,成都市,Chengdu,0.02\n", r);
    assert_false(o.stations);
    assert_string_equal(o.site[0].city, "510100");
    assert_true(fabs(o.record[0].value - 20) < 1e-12);
    bs_observations_free(&o);
    r.map = "station=code";
    o = read_table(*state, "o.csv", "code,lon,lat,date,pm25\nA1,104,30,2015-01-01,2\n", r);
    assert_string_equal(o.site[0].name, "A1");
    assert_string_equal(o.site[0].id, "");
    bs_observations_free(&o);
}

/* Standard air up to the end of August 2018, natural days of UTC+8, unless a column or the caller says. */
static void states(void **state)
{
    static const char TEXT[] = "city,date,pm25\nA,2018-08-31,1\nA,2018-09-01,2\n";
    bs_obs_request r = PLAIN;
    bs_observations o = read_table(*state, "o.csv", TEXT, r);
    assert_int_equal(o.record[0].state, BS_STATE_STANDARD);
    assert_int_equal(o.record[1].state, BS_STATE_AMBIENT);
    bs_observations_free(&o);
    r.state = BS_STATE_AMBIENT;
    o = read_table(*state, "o.csv", TEXT, r);
    assert_int_equal(o.n_standard, 0);
    bs_observations_free(&o);
    o = read_table(*state, "o.csv", "city,date,pm25,reference_state\nA,2018-08-31,1,ambient\nA,2018-09-01,2,standard\n",
                   PLAIN);
    assert_int_equal(o.record[0].state, BS_STATE_AMBIENT);
    assert_int_equal(o.record[1].state, BS_STATE_STANDARD);
    bs_observations_free(&o);
    o = read_table(*state, "o.csv", "city,time,pm25\nA,2018-09-01 00:00,1\nA,2018-09-01 01:00,2\n", PLAIN);
    assert_int_equal(o.record[0].state, BS_STATE_STANDARD); /* the last hour of August */
    assert_int_equal(o.record[1].state, BS_STATE_AMBIENT);
    bs_observations_free(&o);
}

static void left_out_and_counted(void **state)
{
    bs_observations o =
        read_table(*state, "o.csv",
                   "city,date,pm25\nA,2015-01-01,-\nA,2015-01-02,NA\nA,2015-01-03,null\nA,2015-01-04,\nA,2015-01-05,—\n"
                   "A,2015-01-06,-999\nA,2015-01-07,7\nA,2015-01-07,7\nA,2015-01-08,0\n",
                   PLAIN);
    assert_int_equal(o.missing, 5);
    assert_int_equal(o.negative, 1);
    assert_int_equal(o.repeated, 1);
    assert_int_equal(o.n, 2);
    assert_int_equal(o.n_standard, 2);
    bs_observations_free(&o);
}

/* ---- times ---- */

static void times_as_written(void **state)
{
    (void)state;
    static const struct {
        const char *date, *hour, *time, *end;
        int hours;
    } T[] = {{"2015-01-13", NULL, NULL, "2015-01-13T16:00:00Z", 24},
             {"20150113", NULL, NULL, "2015-01-13T16:00:00Z", 24},
             {"2015/1/3", NULL, NULL, "2015-01-03T16:00:00Z", 24},
             {NULL, NULL, "2015-01-13", "2015-01-13T16:00:00Z", 24},
             {"2015-01-13", "0", NULL, "2015-01-12T16:00:00Z", 1},
             {"2015-01-13", "24", NULL, "2015-01-13T16:00:00Z", 1},
             {"2015-01-13", "08:00", NULL, "2015-01-13T00:00:00Z", 1},
             {"2015-01-13", NULL, "8:00", "2015-01-13T00:00:00Z", 1},
             {"2015-01-13", NULL, "2015-01-13 09:00:00", "2015-01-13T01:00:00Z", 1},
             {NULL, NULL, "2015/1/13 9:00", "2015-01-13T01:00:00Z", 1},
             {NULL, NULL, "2015-01-13T09:00:00.000", "2015-01-13T01:00:00Z", 1},
             {NULL, NULL, "2015-01-13T09:00:00Z", "2015-01-13T09:00:00Z", 1},
             {NULL, NULL, "2015-01-13T09:00:00+0000", "2015-01-13T09:00:00Z", 1},
             {NULL, NULL, "2015-01-13 09:00+09:00", "2015-01-13T00:00:00Z", 1},
             {NULL, NULL, "2014-12-31 24:00", "2014-12-31T16:00:00Z", 1}};
    for (size_t k = 0; k < sizeof T / sizeof *T; k++) {
        bs_err err;
        bs_stamp stamp;
        const bs_obs_row row = {
            .where = "t:1", .cell = {[BS_OBS_DATE] = T[k].date, [BS_OBS_HOUR] = T[k].hour, [BS_OBS_TIME] = T[k].time}};
        if (bs_stamp_read(&row, (bs_stamp_rule){0}, &stamp, &err)) fail_msg("%s", err.text);
        at(stamp.end, T[k].end);
        assert_int_equal(stamp.hours, T[k].hours);
    }
}

static void times_that_are_none(void **state)
{
    scratch *s = *state;
    refused(s, "city,date,pm25\nA,2015-02-29,1\n", PLAIN, "o.csv:2: there is no day 2015-02-29");
    refused(s, "city,date,pm25\nA,13.01.2015,1\n", PLAIN,
            "o.csv:2: the date is '13.01.2015', expected as 2015-01-13, 2015/1/13");
    refused(s, "city,date,pm25\nA,,1\n", PLAIN, "o.csv:2: the date is ''");
    refused(s, "city,date,hour,pm25\nA,2015-01-13,25,1\n", PLAIN,
            "o.csv:2: the hour is '25', expected a whole hour from 0 to 24");
    refused(s, "city,time,pm25\nA,2015-01-13 08:30,1\n", PLAIN,
            "o.csv:2: the time is 08:30:00; hourly means have stamps of whole hours");
    refused(s, "city,time,pm25\nA,08:00,1\n", PLAIN, "o.csv:2: the time is '08:00'");
    refused(s, "city,date,hour,t,pm25\nA,2015-01-13,8,2015-01-13 09:00,1\n", PLAIN,
            "o.csv:2: date and hour (2015-01-13, 8) and time (2015-01-13 09:00) disagree; say which holds with --map");
    refused(s, "city,time,pm25\nA,2015-01-13 08:00,1\nA,2015-01-14,1\n", PLAIN,
            "o.csv:3: a row without a time of day among rows with");
}

/* Days that a program wrote with a clock are hours to nobody, but only their owner can say so. */
static void days_with_a_clock(void **state)
{
    static const char TEXT[] = "city,time,pm25\nA,2015-01-13 00:00:00,1\nA,2015-01-14 00:00:00,2\n";
    bs_obs_request r = PLAIN;
    refused(*state, TEXT, r, "o.csv: every row has the time 00:00; if these are means of days, say --daily");
    r.stamps.daily = true;
    bs_observations o = read_table(*state, "o.csv", TEXT, r);
    assert_int_equal(o.hours, 24);
    at(o.record[0].end, "2015-01-13T16:00:00Z");
    bs_observations_free(&o);
    refused(*state, "city,time,pm25\nA,2015-01-13T00:00:00Z,1\n", r,
            "o.csv:2: a natural day of UTC+8 is a date without a zone (--daily)");
    o = read_table(*state, "o.csv", "city,time,pm25\nA,2015-01-13 00:00,1\nB,2015-01-13 00:00,2\n",
                   PLAIN); /* one hour of two cities */
    assert_int_equal(o.hours, 1);
    bs_observations_free(&o);
}

/* ---- bad tables ---- */

static void bad_columns(void **state)
{
    scratch *s = *state;
    bs_obs_request r = PLAIN;
    refused(s, "city,date,PM10\nA,2015-01-01,1\n", r,
            "o.csv: no column for the concentration of PM2.5 (known names: pm25, pm2.5, pm2_5, pm2p5, pm₂.₅, "
            "细颗粒物); there are: city, date, "
            "PM10; say which it is with --map pm25=...");
    refused(s, "Ort,date,pm25\nA,2015-01-01,1\n", r,
            "no column for the name or adcode of a city (known names: city, area");
    refused(s, "city,pm25\nA,1\n", r, "no column for the date and time of day");
    refused(s, "city,area,date,pm25\nA,A,2015-01-01,1\n", r,
            "the columns 'city' and 'area' could both be the name or adcode of a city; choose with --map city=...");
    r.map = "pm25=fein";
    refused(s, "city,date,pm25\nA,2015-01-01,1\n", r, "--map pm25=fein: ");
    r.map = "pm=pm25";
    refused(s, "city,date,pm25\nA,2015-01-01,1\n", r, "--map must be role=column, as pm25=PMfine, found 'pm=pm25'");
    r.map = "pm25=pm25,pm25=date";
    refused(s, "city,date,pm25\nA,2015-01-01,1\n", r, "--map names pm25 twice");
    r.map = NULL;
    r.state = BS_STATE_STANDARD;
    refused(s, "city,date,pm25,reference_state\nA,2015-01-01,1,ambient\n", r,
            "has a column 'reference_state', and --state is given, too");
}

static void bad_values(void **state)
{
    scratch *s = *state;
    char many[2048] = "city,date,pm25\n";
    for (int d = 1; d <= 24; d++) snprintf(many + strlen(many), sizeof many - strlen(many), "A,2015-01-%02d,0.08\n", d);
    refused(s, "city,date,pm25\nA,2015-01-01,12;5\n", PLAIN,
            "o.csv:2: PM2.5 is '12;5', expected a number (or nothing, -, NA, null)");
    refused(s, "city,date,pm25\nA,2015-01-01,9999\n", PLAIN, "o.csv:2: PM2.5 is 9999 ug m-3, expected at most 5000");
    refused(s, "city,date,pm25\nA,2015-01-01,5\nA,2015-01-01,6\n", PLAIN,
            "o.csv:3: a second value of A at one time: 6 ug m-3 here, 5 in ");
    refused(s, "city,date,pm25\nA,2015-01-01,-\n", PLAIN,
            "o.csv: no value of PM2.5 in 1 rows (1 without one, 0 negative)");
    refused(s, many, PLAIN, "o.csv: the highest of 24 values is 0.08: these look like mg m-3");
    refused(s, "city,date,pm25,reference_state\nA,2015-01-01,5,dry\n", PLAIN,
            "o.csv:2: the reference state is 'dry', expected ambient or standard");
    refused(s, "city,date,pm25,unit\nA,2015-01-01,5,ppb\n", PLAIN, "o.csv:2: the unit of PM2.5: ");
    refused(s, "city,date,pm25\n,2015-01-01,5\n", PLAIN, "o.csv:2: no name of a city");
    refused(s, "station,lon,lat,time,pm25\nA,1,95,2015-01-01 01:00,5\n", PLAIN,
            "o.csv:2: the latitude is '95', expected degrees within +-90");
    refused(s, "station,lon,lat,time,pm25\nA,1,5,2015-01-01 01:00,5\nA,1,6,2015-01-01 02:00,5\n", PLAIN,
            "o.csv:3: A stands at 1 E, 6 N here and at 1 E, 5 N in another row");
    refused(s, "city,date,pm25\n\xB3\xC9,2015-01-01,5\n", PLAIN,
            "o.csv:2:1: error: byte 0xB3 is no UTF-8 text; save the file as UTF-8");
    refused(s, "date,hour,type,1001A\n20200402,1,AQI,11\n", PLAIN, "o.csv: column 'type' is PM2.5 in no row");
    refused(s, "", PLAIN, "o.csv: the table is empty");
}

static void bad_points(void **state)
{
    scratch *s = *state;
    bs_observations o;
    bs_obs_request r = PLAIN;
    r.file = write_text(s, "o.json", "{\"features\": [{\"geometry\": null, \"properties\": {\"pm25\": 5}}]}");
    assert_int_equal(bs_observations_read(&r, &o, &s->err), BS_ERR_INPUT);
    assert_contains(s->err.text, "o.json:1:16: error: expected a Feature with a Point");
    r.file = write_text(s, "o.json", "{\"a\": 1}");
    assert_int_equal(bs_observations_read(&r, &o, &s->err), BS_ERR_INPUT);
    assert_contains(s->err.text, "expected GeoJSON: a FeatureCollection with 'features'");
    r.map = "pm25=x";
    assert_int_equal(bs_observations_read(&r, &o, &s->err), BS_ERR_USAGE);
    assert_contains(s->err.text, "--map is for columns of CSV");
}

#define ON_SCRATCH(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_SCRATCH(cities_by_day),
        ON_SCRATCH(stations_by_hour),
        ON_SCRATCH(generic_with_places),
        ON_SCRATCH(a_column_each),
        ON_SCRATCH(points_of_geojson),
        ON_SCRATCH(order_and_encoding),
        ON_SCRATCH(maps_and_units),
        ON_SCRATCH(maps_come_first),
        ON_SCRATCH(states),
        ON_SCRATCH(left_out_and_counted),
        cmocka_unit_test(times_as_written),
        ON_SCRATCH(times_that_are_none),
        ON_SCRATCH(days_with_a_clock),
        ON_SCRATCH(bad_columns),
        ON_SCRATCH(bad_values),
        ON_SCRATCH(bad_points),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
