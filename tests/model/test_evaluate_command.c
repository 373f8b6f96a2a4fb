/* bashu evaluate: its files, its screen, and the words and folders that it refuses. */
#include "tests/model/test_evaluate_fixture.h"

#include "model/evaluate/evaluate.h"

static bs_status command(scratch *s, bs_evaluate_request q)
{
    char run[128], observed[700];
    snprintf(run, sizeof run, "%s", s->folder);
    snprintf(observed, sizeof observed, "%s", in_folder(s, "o.csv"));
    if (!q.run) q.run = run;
    if (!q.observed) q.observed = observed;
    q.version = "bashu test";
    FILE *screen = fopen(in_folder(s, "screen"), "wb");
    assert_non_null(screen);
    const bs_status st = bs_evaluate_run(&q, screen, &s->err);
    fclose(screen);
    return st;
}

static void files_and_screen(void **state)
{
    scratch *s = *state;
    make(s, HOURS);
    write_text(s, "o.csv",
               "city,date,pm25\n成都,2015-01-13,100\n成都,2015-01-14,120\n成都,2015-01-15,90\n巴中,2015-01-13,-\n");
    if (command(s, (bs_evaluate_request){0})) fail_msg("%s", s->err.text);
    char *screen = slurp(in_folder(s, "screen")), *csv = slurp(in_folder(s, "evaluation.csv")),
         *pairs = slurp(in_folder(s, "evaluation_pairs.csv")), *json = slurp(in_folder(s, "evaluation.json"));
    char *const all[] = {screen, csv, json, pairs};
    for (int k = 0; k < 4; k++) assert_contains(all[k], "PRIMARY PM2.5 AGAINST OBSERVED TOTAL PM2.5");
    assert_contains(screen, "3 of 3 observations refer to 273.15 K");
    assert_contains(screen, "Left out: 1 rows without a value, 0 with one below zero.");
    assert_contains(screen, "held against benchmarks for models of TOTAL PM2.5");
    assert_contains(csv, "\n24,city,成都市,,成都市,104.2,30.6,3,3,");
    assert_contains(pairs, "\n24,2015-01-13T16:00:00Z,2015-01-13,成都市,,成都市,104.2,30.6,100,standard,0.9");
    assert_not_contains(csv, "nan");
    assert_not_contains(screen, "nan");
    assert_not_contains(json, "nan");
    for (int k = 0; k < 4; k++) free(all[k]);
}

static void one_pair_has_no_correlation(void **state)
{
    scratch *s = *state;
    make(s, HOURS);
    write_text(s, "o.csv", "city,date,pm25\n成都,2015-01-13,100\n");
    if (command(s, (bs_evaluate_request){.json = true, .state = "ambient"})) fail_msg("%s", s->err.text);
    char *json = slurp(in_folder(s, "screen"));
    assert_contains(json, "\"r\": null");
    assert_contains(json, "\"ioa\": null");
    assert_contains(json, "\"benchmarks\": {");
    free(json);
}

static void words_and_folders_that_are_none(void **state)
{
    scratch *s = *state;
    char path[128];
    make(s, HOURS);
    write_text(s, "o.csv", "city,date,pm25\n成都,2015-01-13,100\n");
    assert_int_equal(command(s, (bs_evaluate_request){.state = "dry"}), BS_ERR_USAGE);
    assert_contains(s->err.text, "--state must be auto, ambient or standard, found 'dry'");
    assert_int_equal(command(s, (bs_evaluate_request){.at = "near"}), BS_ERR_USAGE);
    assert_contains(s->err.text, "--at must be cell or bilinear, found 'near'");
    assert_int_equal(command(s, (bs_evaluate_request){.unit = "ppb"}), BS_ERR_INPUT);
    assert_contains(s->err.text, "--unit: the unit of PM2.5: ");
    assert_int_equal(command(s, (bs_evaluate_request){.observed = "/tmp/no-such.csv"}), BS_ERR_INPUT);
    assert_contains(s->err.text, "/tmp/no-such.csv: error: No such file or directory");
    assert_int_equal(command(s, (bs_evaluate_request){.stations = "/tmp/list.csv"}), BS_ERR_USAGE);
    assert_contains(s->err.text, "--stations is given, but ");
    assert_int_equal(command(s, (bs_evaluate_request){.at = "bilinear"}), BS_ERR_USAGE);
    assert_contains(s->err.text, "--at is given, but ");
    assert_int_equal(command(s, (bs_evaluate_request){.stamp = "start"}), BS_ERR_USAGE);
    assert_contains(s->err.text, "--stamp is given, but ");
    snprintf(path, sizeof path, "%s/none", s->folder);
    assert_int_equal(command(s, (bs_evaluate_request){.run = path}), BS_ERR_INPUT);
    assert_contains(s->err.text, "No such file or directory; name the folder of a finished run");
    mkdir(path, 0777);
    assert_int_equal(command(s, (bs_evaluate_request){.run = path}), BS_ERR_INPUT);
    assert_contains(s->err.text, "holds no run: neither summary.json nor folders of runs");
    rmdir(path);
    make_run(s, "base", DAILY);
    assert_int_equal(command(s, (bs_evaluate_request){0}), BS_ERR_INPUT);
    assert_contains(s->err.text, "holds a set of runs; name one of them, as ");
    assert_int_equal(access(in_folder(s, "evaluation.csv"), F_OK), -1);
}

#define ON_RUN(name) cmocka_unit_test_setup_teardown(name, scratch_setup, runs_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_RUN(files_and_screen),
        ON_RUN(one_pair_has_no_correlation),
        ON_RUN(words_and_folders_that_are_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
