/* bashu report on folders made by hand: what is printed and written, and what is refused. */
#include "tests/model/test_report_fixture.h"

#include "model/report/report.h"

static const char OBSERVED[] =
    "city,date,pm25,reference_state\n成都,2015-01-13,100,ambient\n成都,2015-01-14,160,ambient\n"
    "成都,2015-01-15,180,ambient\n巴中,2015-01-14,50,ambient\n";

/* The base's table with half of Chengdu. */
static const char HALF[] = "date_local,adcode,name,name_en,primary_pm25\n"
                           "2015-01-13,510100,成都市,Chengdu,30.25\n2015-01-13,511900,巴中市,Bazhong,20\n"
                           "2015-01-13,513400,凉山彝族自治州,Liangshan,2\n"
                           "2015-01-14,510100,成都市,Chengdu,80\n2015-01-14,511900,巴中市,Bazhong,34.5\n"
                           "2015-01-14,513400,凉山彝族自治州,Liangshan,4\n"
                           "2015-01-15,510100,成都市,Chengdu,76\n2015-01-15,511900,巴中市,Bazhong,35.5\n"
                           "2015-01-15,513400,凉山彝族自治州,Liangshan,3\n";

/* What is printed, malloc'ed; NULL: refused. */
static char *report(scratch *s, bs_report_request q)
{
    char *text = NULL;
    size_t size = 0;
    if (!q.run) q.run = s->folder;
    q.version = "bashu test";
    FILE *screen = open_memstream(&text, &size);
    assert_non_null(screen);
    const bs_status st = bs_report_run(&q, screen, &s->err);
    fclose(screen);
    if (st == BS_OK) return text;
    assert_int_equal(s->err.status, st);
    assert_int_equal(size, 0); /* nothing printed by one that fails */
    free(text);
    return NULL;
}

static char *reported(scratch *s, bs_report_request q)
{
    char *text = report(s, q);
    if (!text) fail_msg("%s", s->err.text);
    return text;
}

static void refused(scratch *s, bs_report_request q, const char *told)
{
    if (report(s, q)) fail_msg("expected to be refused with %s", told);
    assert_contains(s->err.text, told);
    assert_int_not_equal(access(in_folder(s, "report.csv"), F_OK), 0);
    assert_int_not_equal(access(in_folder(s, "report.json"), F_OK), 0);
}

static void primary_alone_is_called_a_lower_bound(void **state)
{
    scratch *s = *state;
    make_run(s, "", DAILY);
    char *text = reported(s, (bs_report_request){0});
    assert_contains(text, "OF PRIMARY PM2.5 ALONE: A LOWER BOUND");
    assert_contains(text, "weather: no real day");
    assert_contains(
        text,
        "GB 3095-2026, transition limits (2026-03-01 to 2030-12-31), grade II: PM2.5 60 ug m-3 in 24 h, 30 in a year");
    assert_contains(text, "index: HJ 633-2026");
    assert_contains(text, "good days (AQI at most 100) are an upper");
    assert_contains(text, "3 days are no year");
    assert_contains(text, "No targets were given");
    assert_contains(text, "industry 65 %; road 35 %");
    assert_contains(text, "\nalert 橙色 (orange; demands cuts of at least 20 %): 成都市 from 01-14, 2 days\n");
    free(text);
    text = slurp(in_folder(s, "report.csv"));
    /* 60.5: 60, index 100; 160: 210; 152: 202. Orange: above 200 for two days. */
    assert_contains(text, "\nrun,510100,成都市,Chengdu,primary_lower_bound,3,124.167,160,2015-01-14,210,重度污染,0,1,0,"
                          "0,2,0,1,2,2,orange,"
                          "2015-01-14,2,30,94.1667,above,,,,,,0,0,0,0,0,,,,,industry 65 %; road 35 %\n");
    assert_contains(text, "\nrun,511900,巴中市,Bazhong,primary_lower_bound,3,30,35.5,2015-01-15,52,良,2,1,0,0,0,0,3,0,"
                          "0,none,,0,30,0,open,");
    assert_contains(text, "# OF PRIMARY PM2.5 ALONE: A LOWER BOUND");
    free(text);
    text = slurp(in_folder(s, "report_daily.csv"));
    assert_contains(text,
                    "\nrun,510100,成都市,Chengdu,2015-01-13,primary_lower_bound,60.5,60,100,good,良,0,none,,60.5\n");
    assert_contains(
        text, "\nrun,511900,巴中市,Bazhong,2015-01-14,primary_lower_bound,34.5,34,49,excellent,优,0,none,,34.5\n");
    free(text);
}

static void edition_and_phase_decide(void **state)
{
    scratch *s = *state;
    make_run(s, "", DAILY);
    char *text = reported(s, (bs_report_request){.edition = "2012"});
    assert_contains(text, "GB 3095-2012, grade II: PM2.5 75 ug m-3 in 24 h, 35 in a year; index: HJ 633-2012");
    free(text);
    text = slurp(in_folder(s, "report_daily.csv"));
    assert_contains(text, "2015-01-13,primary_lower_bound,60.5,60,82,good,良,0,none,,60.5\n"); /* 50 + 25 50/40 */
    free(text);
    text = reported(s, (bs_report_request){.phase = "final"});
    assert_contains(text,
                    "GB 3095-2026, final limits (from 2031-01-01), grade II: PM2.5 50 ug m-3 in 24 h, 25 in a year");
    free(text);
    text = slurp(in_folder(s, "report_daily.csv"));
    assert_contains(text, "2015-01-13,primary_lower_bound,60.5,60,100,good,良,1,none,,60.5\n");
    free(text);
    const char *set[] = {"standards.grade=I"};
    text = reported(s, (bs_report_request){.n_set = 1, .set = set});
    assert_contains(text, "grade I: PM2.5 35 ug m-3 in 24 h, 15 in a year");
    free(text);
}

static void the_case_decides_where_nothing_is_asked(void **state)
{
    scratch *s = *state;
    char text[1024];
    make_run(s, "", DAILY);
    snprintf(text, sizeof text, "%sstandards: {edition: 2012, targets: %s}\n", CASE,
             BS_SOURCE_DIR "/configs/standards/targets.csv");
    write_text(s, "case.yaml", text);
    char *printed = reported(s, (bs_report_request){0});
    assert_contains(printed, "index: HJ 633-2012");
    assert_contains(printed, "+92.2  32 (四川省 2023)");
    assert_contains(printed, "+2.6  27.4 (巴中市 2025)");
    assert_contains(printed, "open  32 (四川省 2023)"); /* Liangshan: a lower bound below */
    free(printed);
    printed = reported(s, (bs_report_request){.edition = "2026"});
    assert_contains(printed, "index: HJ 633-2026");
    free(printed);
}

static void observed_base_carries_the_scenarios(void **state)
{
    scratch *s = *state;
    make_run(s, "base", DAILY);
    make_run(s, "cut", HALF);
    const char *observed = write_text(s, "observed.csv", OBSERVED);
    char *text = reported(s, (bs_report_request){.observed = observed});
    assert_contains(text, "base and 1 scenario");
    assert_contains(text, "the secondary part of PM2.5 changes as the primary part does");
    assert_contains(text, "judged by primary PM2.5 alone, a lower bound (marked *): 凉山彝族自治州.");
    assert_contains(text, "凉山彝族自治州*");
    assert_contains(text, "Observations used: 4, for 9 days of cities");
    assert_contains(text, "scenario cut against the base");
    free(text);
    text = slurp(in_folder(s, "report_daily.csv"));
    assert_contains(
        text,
        "\nbase,510100,成都市,Chengdu,2015-01-14,observed,160,160,210,heavily polluted,重度污染,1,orange,160,160\n");
    assert_contains(
        text, "\ncut,510100,成都市,Chengdu,2015-01-14,observed,80,80,119,lightly polluted,轻度污染,1,none,160,80\n");
    assert_contains(text, "\ncut,511900,巴中市,Bazhong,2015-01-14,observed,50,50,80,good,良,0,none,50,34.5\n");
    assert_contains(text, "\ncut,511900,巴中市,Bazhong,2015-01-13,observed,,,,,,,,,20\n");
    assert_contains(
        text, "\ncut,513400,凉山彝族自治州,Liangshan,2015-01-13,primary_lower_bound,2,2,3,excellent,优,0,none,,2\n");
    free(text);
    text = slurp(in_folder(s, "report.csv")); /* (100 + 160 + 180) / 3 = 146.667, and half of it */
    assert_contains(text, "\ncut,510100,成都市,Chengdu,observed,3,73.3333,90,2015-01-15,128,轻度污染,0,1,2,0,0,0,1,0,2,"
                          "none,,0,30,43.3333,above"
                          ",,,,,,-73.3333,-50,1,-2,-1,,,,,");
    assert_contains(text, "\nbase,511900,巴中市,Bazhong,observed,1,50,50,2015-01-14,");
    free(text);
    const char *set[] = {"standards.secondary=fixed", "standards.secondary_share=0.5"};
    text = reported(s, (bs_report_request){.observed = observed, .n_set = 2, .set = set});
    assert_contains(text, "a share of 0.5 of the observed PM2.5 is secondary and stays as it is");
    free(text);
    text = slurp(in_folder(s, "report_daily.csv"));
    assert_contains(text, "\ncut,510100,成都市,Chengdu,2015-01-14,observed,120,120,158,");
    free(text);
}

static void json_stands_for_the_table(void **state)
{
    scratch *s = *state;
    make_run(s, "", DAILY);
    char *printed = reported(s, (bs_report_request){.json = true}), *written = slurp(in_folder(s, "report.json"));
    assert_string_equal(printed, written);
    assert_contains(printed, "\"basis\": \"primary_lower_bound\"");
    assert_contains(printed, "\"name\": \"凉山彝族自治州\"");
    free(printed);
    free(written);
}

static void out_names_another_folder(void **state)
{
    scratch *s = *state;
    char out[256];
    make_run(s, "", DAILY);
    snprintf(out, sizeof out, "%s/judged", s->folder);
    for (int again = 0; again < 2; again++) { /* a former report is replaced */
        char *text = reported(s, (bs_report_request){.out = out});
        assert_contains(text, "/judged/report.csv");
        free(text);
    }
    assert_int_equal(access(in_folder(s, "judged/report_daily.csv"), F_OK), 0);
    assert_int_not_equal(access(in_folder(s, "report.csv"), F_OK), 0);
    assert_null(report(s, (bs_report_request){.out = "/proc/none/here"}));
    assert_int_equal(s->err.status, BS_ERR_IO);
    assert_contains(s->err.text, "/proc/none/here: cannot make the folder of the report");
}

static void what_is_refused(void **state)
{
    scratch *s = *state;
    char text[1024];
    refused(s, (bs_report_request){0}, "holds no run");
    make_run(s, "", NULL);
    refused(s, (bs_report_request){0}, "cities_daily.csv: there is no such table: the run has no whole natural day");
    write_text(s, "cities_daily.csv", DAILY);
    refused(s, (bs_report_request){.edition = "2013"},
            "--set standards.edition=2013: error: standards.edition must be one of 2012, 2026");
    refused(s, (bs_report_request){.phase = "first"}, "standards.phase must be one of transition, final");
    refused(s, (bs_report_request){.edition = "2012", .phase = "final"},
            "--phase is of edition 2026; edition 2012 has one");
    const char *other[] = {"time.end=2016-01-01"}, *fixed[] = {"standards.secondary=fixed"},
               *share[] = {"standards.secondary_share=0.5"};
    refused(s, (bs_report_request){.n_set = 1, .set = other}, "only standards.* can be set for a run that is done");
    refused(s, (bs_report_request){.n_set = 1, .set = fixed},
            "standards.secondary: fixed needs standards.secondary_share");
    refused(s, (bs_report_request){.n_set = 1, .set = share},
            "standards.secondary_share is not read with secondary: scales");
    refused(s, (bs_report_request){.observed = "/no/observed.csv"}, "/no/observed.csv");
    refused(s, (bs_report_request){.targets = "/no/targets.csv"}, "/no/targets.csv");
    snprintf(text, sizeof text, "%soutput: {day_offset: 0 hours}\n", CASE);
    write_text(s, "case.yaml", text);
    refused(s, (bs_report_request){0},
            "output.day_offset is 0 s: the days of this run are not the natural days of UTC+8");
    remove(in_folder(s, "case.yaml"));
    refused(s, (bs_report_request){0}, "case.yaml: error: No such file or directory");
}

static void members_must_be_alike(void **state)
{
    scratch *s = *state;
    make_run(s, "base", DAILY);
    make_run(s, "cut", "date_local,adcode,name,name_en,primary_pm25\n2015-01-13,510100,成都市,Chengdu,1\n");
    remove(in_folder(s, "cut/cities_period.csv"));
    refused(s, (bs_report_request){0}, "cut/cities_daily.csv: has other days than ");
    char *daily = strdup(DAILY), *at = strstr(daily, "511900,巴中市");
    for (; at; at = strstr(at, "511900,巴中市")) at[5] = '1';
    write_text(s, "cut/cities_daily.csv", daily);
    free(daily);
    refused(s, (bs_report_request){0}, "cut/cities_daily.csv: has other cities than ");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, runs_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(primary_alone_is_called_a_lower_bound),
        TEST(edition_and_phase_decide),
        TEST(the_case_decides_where_nothing_is_asked),
        TEST(observed_base_carries_the_scenarios),
        TEST(json_stands_for_the_table),
        TEST(out_names_another_folder),
        TEST(what_is_refused),
        TEST(members_must_be_alike),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
