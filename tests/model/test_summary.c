#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/core/hash.h"
#include "model/io/output.h"

typedef struct place {
    char dir[64];
    char input[96];
    bs_tracers *tracers;
    bs_ledger *ledger;
} place;

static int enter(void **state)
{
    static const char *const species[] = {"pm25"}, *const sectors[] = {"industry", "民用 \"coal\""};
    place *p = calloc(1, sizeof *p);
    if (!p) return -1;
    *state = p;
    strcpy(p->dir, "/tmp/bashu-summary-XXXXXX");
    if (!mkdtemp(p->dir)) return -1;
    snprintf(p->input, sizeof p->input, "%s/input.txt", p->dir);
    FILE *f = fopen(p->input, "w");
    if (!f || fputs("foobar", f) < 0 || fclose(f) != 0) return -1;
    bs_tracer_request request = {.n_species = 1, .species = species, .n_sectors = 2, .sectors = sectors};
    if (bs_tracers_create(&request, &p->tracers, NULL) != BS_OK) return -1;
    if (bs_ledger_create(p->tracers->n, &p->ledger, NULL) != BS_OK) return -1;
    bs_sum_add(bs_ledger_at(p->ledger, 1, BS_L_EMITTED), 3e9);
    bs_sum_add(bs_ledger_at(p->ledger, 1, BS_L_STORED), 1e9);
    return 0;
}

static int leave(void **state)
{
    place *p = *state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", p->dir);
    bs_tracers_destroy(p->tracers);
    bs_ledger_destroy(p->ledger);
    int rc = system(command);
    free(p);
    return rc;
}

static char *content(place *p)
{
    char path[96];
    static char text[16384];
    snprintf(path, sizeof path, "%s/summary.json", p->dir);
    FILE *f = fopen(path, "r");
    if (!f) return NULL;
    text[fread(text, 1, sizeof text - 1, f)] = '\0';
    fclose(f);
    return text;
}

static bs_input_file fingerprint(const char *file)
{
    bs_input_file input = {.file = file};
    assert_int_equal(bs_hash_file(file, &input.hash, &input.bytes, NULL), BS_OK);
    return input;
}

static const bs_summary_band BANDS[] = {
    {0, 500, 9, 0.5, 2, 3.5}, {500, 1000, 0, 0, 0, 0}, {1000, INFINITY, 4, 0.5, 2, 12.5}};

static bs_summary summary_of(place *p, const bs_input_file *inputs)
{
    static const char *const assumed[] = {"no rain\tat all \\ \x01"}, *const operators[] = {"advect 12.3",
                                                                                            "deposit 0.5"};
    (void)p;
    return (bs_summary){.case_name = "tiny",
                        .title = "broken \xff\xc3 text, 成都",
                        .version = "bashu 0.1.0",
                        .weather_label = "idealised",
                        .started = "2024-01-01T00:00:00Z",
                        .wall_s = 1.0 / 3.0,
                        .steps = 42,
                        .threads = 2,
                        .precision = "float",
                        .nx = 12,
                        .ny = 10,
                        .nz = 3,
                        .correction_p99 = 0.1,
                        .correction_max = INFINITY,
                        .correction_worst = "2015-01-10T06:00:00Z",
                        .correction_warning = "too large",
                        .n_bands = 3,
                        .band = BANDS,
                        .n_assumed = 1,
                        .assumed = assumed,
                        .n_inputs = 1,
                        .inputs = inputs,
                        .n_operators = 2,
                        .operators = operators,
                        .min_total = NAN};
}

static void assert_has(const char *text, const char *part)
{
    if (!strstr(text, part)) fail_msg("%s\nis not in\n%s", part, text);
}

static void the_summary_says_what_was_given(void **state)
{
    place *p = *state;
    bs_err err = {0};
    bs_input_file inputs[] = {fingerprint(p->input)};
    bs_summary s = summary_of(p, inputs);
    if (bs_summary_write(p->dir, &s, p->tracers, p->ledger, &err) != BS_OK) fail_msg("%s", err.text);
    const char *text = content(p);
    assert_non_null(text);
    assert_has(text, "\"title\": \"broken \\ufffd\\ufffd text, 成都\"");
    assert_has(text, "\"no rain\\u0009at all \\\\ \\u0001\"");
    assert_has(text, "\"wall_s\": 0.33333333333333331");
    assert_has(text, "\"max_m_s\": null");
    assert_has(text, "\"worst_time\": \"2015-01-10T06:00:00Z\"");
    assert_has(text, "\"warning\": \"too large\"");
    assert_has(text, "\"to_m\": 500");
    assert_has(text, "\"source_wind_rms_m_s\": 12.5");
    assert_null(strstr(text, "\"from_m\": 500")); /* no layer lies there */
    assert_has(text, "\"min_total_ug_kg\": null");
    assert_has(text, "\"bytes\": 6,");
    assert_has(text, "\"fnv1a64\": \"85944171f73967e8\"");
    assert_has(text, "\"label\": \"民用 \\\"coal\\\"\"");
    assert_has(text, "\"emitted_kg\": 3,");
    assert_has(text, "\"error_kg\": 2,");
    assert_has(text, "\"residual\": 0.66666666666666663");
}

/* Another reader judges whether it is JSON. */
static void the_summary_is_valid_json(void **state)
{
    place *p = *state;
    bs_err err = {0};
    bs_input_file inputs[] = {fingerprint(p->input)};
    bs_summary s = summary_of(p, inputs);
    assert_int_equal(bs_summary_write(p->dir, &s, p->tracers, p->ledger, &err), BS_OK);
    if (system("/usr/bin/python3 -c pass") != 0) {
        print_message("skipped: /usr/bin/python3 is not here\n");
        skip();
    }
    char command[512];
    snprintf(command, sizeof command,
             "/usr/bin/python3 -c \"import json; d = json.load(open('%s/summary.json', encoding='utf-8')); "
             "assert d['ledger'][1]['emitted_kg'] == 3 and d['grid']['nz'] == 3 and d['species'][0]['labels'][0] == "
             "'industry' and d['inputs'][0]['bytes'] == 6 and len(d['operators']) == 2\"",
             p->dir);
    assert_int_equal(system(command), 0);
}

static void a_full_disk_is_reported(void **state)
{
    place *p = *state;
    bs_err err = {0};
    bs_summary s = summary_of(p, NULL);
    s.n_inputs = 0;
    char path[96];
    snprintf(path, sizeof path, "%s/summary.json.part", p->dir);
    if (symlink("/dev/full", path) != 0) skip();
    assert_int_equal(bs_summary_write(p->dir, &s, p->tracers, p->ledger, &err), BS_ERR_IO);
    assert_has(err.text, "summary.json.part: cannot be written: No space left on device");
    assert_null(content(p));
    assert_int_equal(bs_summary_write("/nowhere", &s, p->tracers, p->ledger, &err), BS_ERR_IO);
    assert_has(err.text, "/nowhere/summary.json.part: cannot be created: No such file");
}

int main(void)
{
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, enter, leave)
    const struct CMUnitTest tests[] = {
        IN_FOLDER(the_summary_says_what_was_given),
        IN_FOLDER(the_summary_is_valid_json),
        IN_FOLDER(a_full_disk_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
