/* A made-up run and observations of it: places, hours and days, the state of the air, groups, and what is refused. */
#include "tests/model/test_evaluate_fixture.h"

static const double FLOAT_FIELD = 3e-7; /* fields stored as float */

/* ---- places ---- */

/* Cell 6 spans 104-105 E, 29-30 N. */
static void a_station_has_its_cell(void **state)
{
    scratch *s = *state;
    make(s, HOURS);
    whole w =
        evaluate(s,
                 "station,lon,lat,time,pm25\nA,104.01,29.99,2020-01-01 01:00,1\nA,104.01,29.99,2015-01-13 03:00,50\n"
                 "B,103.99,29.99,2015-01-13 03:00,50\n",
                 NULL, false);
    assert_int_equal(w.p.n, 2);
    assert_int_equal(w.p.elsewhere, 1);
    assert_true(fabs(w.p.pair[0].modelled - pm25(2, 6)) < 1e-4);
    assert_true(fabs(w.p.pair[1].modelled - pm25(2, 5)) < 1e-4);
    drop(&w);
}

/* Bilinear: the mean of four centres in their middle, the cell's own at its centre, no value from beyond the rim. */
static void bilinear_between_centres(void **state)
{
    scratch *s = *state;
    make(s, HOURS);
    whole w = evaluate(s,
                       "station,lon,lat,time,pm25\nA,104.0,29.0,2015-01-13 01:00,1\nB,104.5,29.5,2015-01-13 01:00,1\n"
                       "C,102.1,28.1,2015-01-13 01:00,1\nD,104.75,29.5,2015-01-13 01:00,1\n",
                       NULL, true);
    const double four = (pm25(0, 1) + pm25(0, 2) + pm25(0, 5) + pm25(0, 6)) / 4;
    assert_true(fabs(w.p.pair[0].modelled - four) < 1e-4);
    assert_true(fabs(w.p.pair[1].modelled - pm25(0, 6)) < 1e-4);
    assert_true(fabs(w.p.pair[2].modelled - pm25(0, 0)) < 1e-4);
    assert_true(fabs(w.p.pair[3].modelled - (0.75 * pm25(0, 6) + 0.25 * pm25(0, 7))) < 1e-4);
    drop(&w);
}

static void sites_that_are_not_compared(void **state)
{
    scratch *s = *state;
    char text[256];
    static const char LIST[] = "id,name,area,lon,lat\n1A,甲,成都,104.2,29.5\n2A,乙,广安,104.2,29.5\n3A,丙,成都,120,29."
                               "5\n4A,丁,,104,29.5\n5A,丁,,104,29.5\n";
    make(s, HOURS);
    whole w = evaluate(
        s,
        "station,city,time,pm25\n甲,成都,2015-01-13 01:00,1\n乙,成都,2015-01-13 01:00,1\n丙,成都,2015-01-13 01:00,1\n"
        "丁,成都,2015-01-13 01:00,1\n戊,成都,2015-01-13 01:00,1\n",
        LIST, false);
    /* in the order of their bytes: 丁 丙 乙 戊 甲 */
    static const bs_site_fate FATE[] = {BS_SITE_SEVERAL, BS_SITE_OUTSIDE, BS_SITE_ELSEWHERE, BS_SITE_NO_STATION,
                                        BS_SITE_USED};
    for (int k = 0; k < 5; k++) assert_int_equal(w.m.place[k].fate, FATE[k]);
    assert_int_equal(w.p.n, 1);
    assert_int_equal(w.p.unplaced, 4);
    assert_string_equal(w.m.place[4].city, "成都市"); /* as the run names it */
    assert_int_equal(bs_modelled_list(&w.m, &w.o, BS_SITE_NO_STATION, text, sizeof text), 1);
    assert_string_equal(text, "成都 戊");
    drop(&w);
    refused(s, "station,time,pm25\n戊,2015-01-13 01:00,1\n", LIST,
            "no station of the observations can be compared:\n  not in the list of stations: 戊");
    refused(s, "station,time,pm25\n戊,2015-01-13 01:00,1\n", NULL,
            "do not tell where the station 戊 stands (columns lon, lat); name a list");
    refused(s, "city,date,pm25\n北京,2015-01-13,1\n", NULL,
            "no city of the observations can be compared:\n  no city of the run");
    refused(s, "city,date,pm25\n成都,2015-01-13,1\nChengdu,2015-01-14,1\n", NULL,
            "name the city 成都市 in two ways, 'Chengdu' and '成都'");
}

/* ---- hours and days ---- */

static double mean_city(int city, int first, int last)
{
    double sum = 0;
    for (int k = first; k <= last; k++) sum += city_value(k, city);
    return sum / (last - first + 1);
}

static void days_of_cities(void **state)
{
    scratch *s = *state;
    make(s, HOURS);
    whole w = evaluate(s,
                       "city,date,pm25,reference_state\n成都,2015-01-13,100,ambient\n511900,2015-01-14,50,"
                       "ambient\n凉山州,2015-01-15,9,ambient\n"
                       "成都,2015-01-12,1,ambient\n成都,2015-01-16,1,ambient\n",
                       NULL, false);
    assert_int_equal(w.p.n, 3);
    assert_int_equal(w.p.elsewhere, 2);
    assert_true(fabs(w.p.pair[0].modelled - mean_city(1, 24, 47)) < 1e-9); /* by the names as written */
    assert_true(fabs(w.p.pair[1].modelled - mean_city(2, 48, 71)) < 1e-9);
    assert_true(fabs(w.p.pair[2].modelled - mean_city(0, 0, 23)) < 1e-9);
    assert_int_equal(w.p.pair[2].covered, 24);
    assert_true(w.p.pair[2].observed == 100 && w.p.pair[2].factor == 1 && w.p.converted == 0);
    drop(&w);
}

static void hours_of_cities(void **state)
{
    scratch *s = *state;
    make(s, HOURS);
    whole w = evaluate(
        s, "城市,日期,小时,PM2.5,reference_state\n成都市,2015-01-13,24,5,ambient\n成都市,2015-01-13,1,7,ambient\n",
        NULL, false);
    assert_int_equal(w.p.n, 2);
    assert_true(fabs(w.p.pair[0].modelled - city_value(0, 0)) < 1e-9);
    assert_true(fabs(w.p.pair[1].modelled - city_value(23, 0)) < 1e-9);
    drop(&w);
}

/* Of the last day a run has 20 hours, or 19. */
static void a_day_needs_twenty_hours(void **state)
{
    scratch *s = *state;
    static const char TABLE[] = "station,lon,lat,date,pm25\nA,104.5,29.5,2015-01-14,1\nA,104.5,29.5,2015-01-15,1\n";
    make(s, HOURS);
    remove(in_folder(s, "cities.csv"));
    make_surface(s, "", first_hour(), 48 + 20, &(made_fields){.pm25 = pm25});
    whole w = evaluate(s, TABLE, NULL, false);
    assert_int_equal(w.p.n, 2);
    assert_int_equal(w.p.pair[1].covered, 20);
    assert_true(fabs(w.p.pair[1].modelled - (pm25(48, 6) + 9.5)) < 1e-4);
    drop(&w);
    make_surface(s, "", first_hour(), 48 + 19, &(made_fields){.pm25 = pm25});
    w = evaluate(s, TABLE, NULL, false);
    assert_int_equal(w.p.n, 1);
    assert_int_equal(w.p.thin, 1);
    drop(&w);
}

/* An interval that reaches over midnight belongs to no day: of the second day 23 hours are left. */
static void intervals_over_midnight(void **state)
{
    scratch *s = *state;
    make(s, HOURS);
    remove(in_folder(s, "cities.csv"));
    make_surface(s, "", first_hour() + 0.5, HOURS, &(made_fields){.pm25 = pm25});
    whole w = evaluate(s, "station,lon,lat,date,pm25\nA,104.5,29.5,2015-01-14,1\n", NULL, false);
    assert_int_equal(w.p.pair[0].covered, 23);
    assert_true(fabs(w.p.pair[0].modelled - (pm25(24, 6) + 11)) < 1e-4); /* records 24 to 46 */
    drop(&w);
}

/* Hourly pairs of 20 hours of a day make a daily one, those of 19 do not; over the hours that both have. */
static void days_of_hourly_pairs(void **state)
{
    scratch *s = *state;
    char table[8192] = "station,lon,lat,time,pm25,reference_state\n";
    double sum = 0;
    make(s, HOURS);
    for (int h = 1; h <= 20; h++) {
        snprintf(table + strlen(table), sizeof table - strlen(table), "A,104.5,29.5,2015-01-13 %02d:00,%d,ambient\n", h,
                 h);
        if (h < 20)
            snprintf(table + strlen(table), sizeof table - strlen(table),
                     "A,104.5,29.5,2015-01-14 %02d:00,%d,ambient\n", h, h);
        sum += pm25(h - 1, 6);
    }
    whole w = evaluate(s, table, NULL, false);
    assert_int_equal(w.p.n_hourly, 39);
    assert_int_equal(w.p.n, 40);
    const bs_pair *day = &w.p.pair[39];
    assert_int_equal(day->hours, 24);
    assert_int_equal(day->covered, 20);
    assert_true(day->observed == 10.5);
    assert_true(fabs(day->modelled - sum / 20) < 1e-4);
    assert_true(day->end == bs_time_from_date(2015, 1, 13, 16, 0, 0));
    const bs_group *all = bs_groups_find(&w.g, BS_GROUP_ALL, 24);
    assert_non_null(all);
    assert_int_equal(all->s.n, 1);
    assert_true(bs_group_is_marked(all) && !bs_group_is_marked(bs_groups_find(&w.g, BS_GROUP_ALL, 1)));
    drop(&w);
}

static void hourly_observations_need_hours(void **state)
{
    scratch *s = *state;
    make(s, HOURS);
    refused(
        s, "station,lon,lat,time,pm25\nA,104.5,29.5,2016-01-13 01:00,1\n", NULL,
        "no hourly observation meets the run: it has 2015-01-12T16:00:00Z to 2015-01-15T16:00:00Z, the observations "
        "2016-01-12T16:00:00Z to 2016-01-12T17:00:00Z");
    refused(s, "city,date,pm25\n成都,2015-01-20,1\n成都,2015-01-11,1\n", NULL,
            "the observations 2015-01-10T16:00:00Z to 2015-01-20T16:00:00Z");
    make_surface(s, "", first_hour() + 0.5, HOURS, &(made_fields){.pm25 = pm25});
    remove(in_folder(s, "cities.csv"));
    refused(s, "station,lon,lat,time,pm25\nA,104.5,29.5,2015-01-13 03:00,1\n", NULL,
            "record 0 is no mean over one whole hour (1 h)");
}

/* ---- the state of the air ---- */

static double falling(int record, int cell)
{
    return cell == 6 ? 90000 - 10 * record : 101325;
}

static double warming(int record, int cell)
{
    return cell == 6 ? 270 + 0.1 * record : 273.15;
}

static double factor(int k)
{
    return falling(k, 6) / 101325 * (273.15 / warming(k, 6));
}

static void observations_become_ambient(void **state)
{
    scratch *s = *state;
    double sum = 0;
    make(s, HOURS);
    make_surface(s, "", first_hour(), HOURS, &(made_fields){.pm25 = pm25, .ps = falling, .t2 = warming});
    whole w = evaluate(s,
                       "station,lon,lat,time,pm25,reference_state\nA,104.5,29.5,2015-01-13 03:00,100,standard\n"
                       "A,104.5,29.5,2015-01-13 04:00,100,ambient\n",
                       NULL, false);
    assert_true(fabs(w.p.pair[0].factor - factor(2)) <= FLOAT_FIELD);
    assert_true(fabs(w.p.pair[0].observed - 100 * factor(2)) <= 100 * FLOAT_FIELD);
    assert_true(w.p.pair[0].raw == 100 && w.p.pair[1].observed == 100);
    assert_int_equal(w.p.converted, 1);
    drop(&w);
    w = evaluate(s, "station,lon,lat,date,pm25\nA,104.5,29.5,2015-01-14,100\n", NULL,
                 false); /* before 2018-09: standard */
    for (int k = 24; k < 48; k++) sum += factor(k) / 24;
    assert_true(fabs(w.p.pair[0].factor - sum) <= FLOAT_FIELD);
    drop(&w);
}

static void no_air_no_conversion(void **state)
{
    scratch *s = *state;
    make(s, HOURS);
    bs_nc *nc;
    bs_surface surface;
    if (bs_nc_create(in_folder(s, "surface.nc"), &nc, &s->err) || bs_nc_commit(nc, &s->err))
        fail_msg("%s", s->err.text);
    assert_int_equal(bs_surface_open(s->folder, &surface, &s->err), BS_ERR_INPUT);
    assert_contains(s->err.text, "surface.nc: has no variable 'time'");
    make(s, HOURS);
    make_cities(s, "", 2, (const double[2][2]){{1, 1}, {1, 1}});
    refused(s, "city,date,pm25\n成都,2015-01-13,1\n", NULL, "cities.nc: lat has 2 values, expected 3");
}

/* ---- groups ---- */

static const bs_group *group(const whole *w, bs_group_kind kind, int hours, const char *key)
{
    for (int k = 0; k < w->g.n; k++)
        if (w->g.group[k].kind == kind && w->g.group[k].hours == hours && strcmp(w->g.group[k].key, key) == 0)
            return &w->g.group[k];
    fail_msg("no group %s", key);
    return NULL;
}

static void pairs_by_site_city_day_and_hour(void **state)
{
    scratch *s = *state;
    make(s, HOURS);
    whole w =
        evaluate(s,
                 "station,city,lon,lat,time,pm25,reference_state\nA,成都,104.5,29.5,2015-01-13 24:00,10,ambient\n"
                 "A,成都,104.5,29.5,2015-01-14 01:00,20,ambient\nB,成都市,104.5,29.5,2015-01-14 01:00,40,ambient\n"
                 "C,巴中,102.5,28.5,2015-01-14 24:00,80,ambient\nD,北京,102.5,28.5,2015-01-14 24:00,90,ambient\n",
                 NULL, false);
    assert_int_equal(group(&w, BS_GROUP_ALL, 1, "")->s.n, 5);
    assert_int_equal(group(&w, BS_GROUP_STATION, 1, "A")->s.n, 2);
    assert_int_equal(group(&w, BS_GROUP_CITY, 1, "成都市")->s.n, 3);
    assert_true(fabs(group(&w, BS_GROUP_CITY, 1, "成都市")->s.mean_obs - 70.0 / 3) < 1e-12);
    assert_int_equal(group(&w, BS_GROUP_CITY, 1, "北京")->s.n, 1); /* no city of the run, but a name */
    assert_int_equal(group(&w, BS_GROUP_DAY, 1, "2015-01-13")->s.n, 1);
    assert_int_equal(group(&w, BS_GROUP_DAY, 1, "2015-01-14")->s.n, 4);
    assert_int_equal(group(&w, BS_GROUP_HOUR, 1, "24")->s.n, 3);
    assert_int_equal(group(&w, BS_GROUP_HOUR, 1, "01")->s.n, 2);
    const bs_group *means = bs_groups_find(&w.g, BS_GROUP_SITE_MEANS, 1);
    assert_int_equal(means->s.n, 4);
    assert_true(fabs(means->s.mean_obs - (15 + 40 + 80 + 90) / 4.0) < 1e-12);
    assert_null(bs_groups_find(&w.g, BS_GROUP_ALL, 24));
    drop(&w);
}

#define ON_RUN(name) cmocka_unit_test_setup_teardown(name, scratch_setup, runs_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_RUN(a_station_has_its_cell),
        ON_RUN(bilinear_between_centres),
        ON_RUN(sites_that_are_not_compared),
        ON_RUN(days_of_cities),
        ON_RUN(hours_of_cities),
        ON_RUN(a_day_needs_twenty_hours),
        ON_RUN(intervals_over_midnight),
        ON_RUN(days_of_hourly_pairs),
        ON_RUN(hourly_observations_need_hours),
        ON_RUN(observations_become_ambient),
        ON_RUN(no_air_no_conversion),
        ON_RUN(pairs_by_site_city_day_and_hour),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
