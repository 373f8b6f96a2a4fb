/* test_evaluate_fixture.h - a made-up run of three days whose every hour and cell is known, and what an evaluation of it is made of. */
#ifndef BS_TESTS_EVALUATE_FIXTURE_H
#define BS_TESTS_EVALUATE_FIXTURE_H

#include "tests/model/test_report_fixture.h"

#include <math.h>

#include "model/core/clock.h"
#include "model/evaluate/groups.h"
#include "model/evaluate/pairs.h"

enum { HOURS = 72, CITIES = 3 };

/* Hour k of the run ends at 2015-01-12T16:00Z + k + 1: local hours 1 to 24 of three days. Each hour and cell has a value of its own. */
static inline double pm25(int record, int cell)
{
    return 10 + record + 100 * (cell == 6) + 0.5 * cell;
}

static inline double city_value(int hour, int city)
{
    return 20 * (city + 1) + hour;
}

static inline double first_hour(void)
{
    return (double)(bs_time_from_date(2015, 1, 12, 16, 0, 0) / 3600 + 1);
}

static inline void make_hours(scratch *s)
{
    static const char *const CITY[CITIES] = {"510100,成都市,Chengdu", "511900,巴中市,Bazhong",
                                             "513400,凉山彝族自治州,Liangshan"};
    FILE *f = fopen(in_folder(s, "cities.csv"), "wb");
    assert_non_null(f);
    fprintf(f, "# hourly\ntime_end_utc,time_end_local,adcode,name,name_en,primary_pm25\n");
    for (int k = 0; k < HOURS; k++)
        for (int c = 0; c < CITIES; c++) {
            char text[BS_TIME_TEXT_MAX];
            bs_time_format(bs_time_from_date(2015, 1, 12, 17, 0, 0) + 3600 * k, text);
            fprintf(f, "%s,,%s,%.9g\n", text, CITY[c], city_value(k, c));
        }
    assert_int_equal(fclose(f), 0);
}

static inline void make(scratch *s, int hours)
{
    const double where[CITIES][2] = {{104.2, 30.6}, {105.9, 31.9}, {102.1, 28.2}};
    make_run(s, "", DAILY);
    make_hours(s);
    make_surface(s, "", first_hour(), hours, &(made_fields){.pm25 = pm25});
    make_cities(s, "", CITIES, where);
}

/* What an evaluation is made of. */
typedef struct whole {
    bs_observations o;
    bs_stations list;
    bs_modelled m;
    bs_pairs p;
    bs_groups g;
} whole;

static inline bs_status try_it(scratch *s, const char *table, const char *stations, bool bilinear, whole *w)
{
    char file[700];
    *w = (whole){0};
    write_text(s, "o.csv", table);
    snprintf(file, sizeof file, "%s", in_folder(s, "o.csv"));
    const bs_obs_request from = {.file = file, .state = BS_STATE_UNTOLD, .cities = true};
    BS_TRY(bs_observations_read(&from, &w->o, &s->err));
    if (stations) {
        write_text(s, "list.csv", stations);
        BS_TRY(bs_stations_read(in_folder(s, "list.csv"), &w->list, &s->err));
    }
    BS_TRY(bs_modelled_read(s->folder, &w->o, stations ? &w->list : NULL, bilinear, &w->m, &s->err));
    BS_TRY(bs_pairs_make(&w->o, &w->m, &w->p, &s->err));
    return bs_groups_make(&w->o, &w->m, &w->p, &w->g, &s->err);
}

static inline void drop(whole *w)
{
    bs_groups_free(&w->g);
    bs_pairs_free(&w->p);
    bs_modelled_free(&w->m);
    bs_stations_free(&w->list);
    bs_observations_free(&w->o);
}

static inline whole evaluate(scratch *s, const char *table, const char *stations, bool bilinear)
{
    whole w;
    if (try_it(s, table, stations, bilinear, &w)) fail_msg("%s", s->err.text);
    return w;
}

static inline void refused(scratch *s, const char *table, const char *stations, const char *told)
{
    whole w;
    assert_int_equal(try_it(s, table, stations, false, &w), BS_ERR_INPUT);
    assert_contains(s->err.text, told);
    drop(&w);
}

#endif
