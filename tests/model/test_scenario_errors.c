/* A plan with each kind of error: file, line, column and what to write. */
#include "test_scenario_fixture.h"

#define GOOD "{regions: [west], sectors: [industry], species: [pm25], cut: 30%, from: start, to: end}"

typedef struct bad {
    const char *head, *actions, *place, *words;
} bad;

static void try_all(world *w, size_t n, const bad *b)
{
    for (size_t k = 0; k < n; k++) compile_bad(w, b[k].head, b[k].actions, b[k].place, b[k].words);
}

static void test_cuts(void **state)
{
    static const bad BAD[] = {
        {"", "{regions: [west], sectors: [road], species: [pm25], from: start, to: end, cut: 0.3}", "5:81",
         "cut must be in percent with its sign, found '0.3'; write '30%', or '70%' if 0.3 was meant as the factor that "
         "is left"},
        {"", "{regions: [west], sectors: [road], species: [pm25], from: start, to: end, cut: 30}", "5:81",
         "found '30'; write '30%'"},
        {"", "{regions: [west], sectors: [road], species: [pm25], from: start, to: end, cut: -30%}", "5:81",
         "cut must be from 0% to 100%, found '-30%': it is a reduction, and none makes emissions grow"},
        {"", "{regions: [west], sectors: [road], species: [pm25], from: start, to: end, cut: 130%}", "5:81",
         "found '130%'"},
        {"", "{regions: [west], sectors: [road], species: [pm25], from: start, to: end, cut: third}", "5:81",
         "must be a reduction in percent, as '30%', found 'third'"},
        {"", "{regions: [west], sectors: [road], species: [pm25], from: start, to: end, factor: 0.7}", "5:76",
         "a plan tells reductions, not factors; write 'cut: 30%'"},
        {"", "{regions: [west], sectors: [road], species: [pm25], from: start, to: end}", "5:3", "'cut' is missing"},
    };
    try_all(*state, sizeof BAD / sizeof *BAD, BAD);
}

static void test_keys_and_words(void **state)
{
    static const bad BAD[] = {
        {"", "{region: [west], sectors: [road], species: [pm25], cut: 30%, from: start, to: end}", "5:3",
         "unknown key 'region' in an action; did you mean 'regions'?"},
        {"", "{sectors: [road], species: [pm25], cut: 30%, from: start, to: end}", "5:3", "'regions' is missing"},
        {"", "{regions: [wets], sectors: [road], species: [pm25], cut: 30%, from: start, to: end}", "5:13",
         "'wets' names no region; did you mean 'west'?"},
        {"", "{regions: [west], sectors: [roads], species: [pm25], cut: 30%, from: start, to: end}", "5:30",
         "no inventory of the case holds the sector 'roads'; did you mean 'road'? There are: "},
        {"", "{regions: [west], sectors: [brick], species: [pm25], cut: 30%, from: start, to: end}", "5:30",
         "sectors: {brick: {part_of: ..., share: ...%, basis: ...}}"},
        {"", "{regions: [west], sectors: [brick_kilns], species: [pm25], cut: 30%, from: start, to: end}", "5:30",
         "sectors: {brick_kilns: {part_of: industry, share: ...%, basis: ...}}, or the case splits it "
         "(emissions.split)"},
        {"", "{regions: [west], sectors: [road], species: [so2], cut: 30%, from: start, to: end}", "5:47",
         "no inventory of the case holds the species 'so2'"},
        {"", "{regions: [west, west], sectors: [road], species: [pm25], cut: 30%, from: start, to: end}", "5:19",
         "'west' is named twice in regions"},
        {"", "{regions: [], sectors: [road], species: [pm25], cut: 30%, from: start, to: end}", "5:3",
         "regions is an empty list"},
        {"on_collision: add", GOOD, "3:15", "on_collision must be one of later_wins, multiply, largest, found 'add'"},
        {"tags: none", GOOD, "3:7", "tags must be one of all, base_only, found 'none'"},
        {"sectors: {brick: {part_of: trade, share: 10%, basis: x}}", GOOD, "3:11",
         "'brick' is to be a part of 'trade', which no inventory of the case holds"},
        {"sectors: {road: {part_of: industry, share: 10%, basis: x}}", GOOD, "3:11",
         "the inventories hold the sector 'road' itself"},
        {"sectors: {brick: {part_of: industry, share: 0.1, basis: x}}", GOOD, "3:45",
         "share must be in percent with its sign"},
        {"sectors: {brick: {part_of: industry, share: 10%}}", GOOD, "3:11", "'basis' is missing"},
        {"sectors: {a: {part_of: road, share: 60%, basis: x}, b: {part_of: road, share: 50%, basis: x}}", GOOD, "3:53",
         "the parts of 'road' have 110% of it together"},
        {"", "{alert: orange, regions: [west], from: start, to: end}", "5:3", "an alert needs 'templates'"},
        {"", "{alert: orange, cut: 30%, regions: [west], from: start, to: end}", "5:18",
         "unknown key 'cut' in an alert"},
    };
    try_all(*state, sizeof BAD / sizeof *BAD, BAD);
}

static void test_rules_that_match_nothing(void **state)
{
    static const bad BAD[] = {
        {"", "{regions: [west, desert], sectors: [industry], species: [pm25], cut: 30%, from: start, to: end}", "5:19",
         "an action that matches nothing: the region 'desert' has no emission"},
        {"", "{regions: [east], sectors: [industry, road], species: [pm25], cut: 30%, from: start, to: end}", "5:40",
         "an action that matches nothing: the sector 'road' has no emission"},
        {"",
         "{regions: [west], sectors: [road], species: [pm25], cut: 30%, from: 2016-01-01T00:00:00Z, to: "
         "2016-01-02T00:00:00Z}",
         "5:3", "it lies outside the time of the run, 2015-01-10T00:00:00Z to 2015-01-11T00:00:00Z"},
        {"", "{regions: [west], sectors: [road], species: [pm25], cut: 30%, from: start, to: end, lead_time: 24 h}",
         "5:3", "its lead time of 24 h takes all of the 24 h"},
        {"", "{regions: [west], sectors: [road], species: [pm25], cut: 30%, from: end, to: start}", "5:79",
         "'to' must lie after 'from'"},
        {"", "{regions: [west], sectors: [road], species: [pm25], cut: 30%, from: 2015-01-10T00:30:00Z, to: end}",
         "5:70", "from must be on a whole hour"},
        {"",
         "{regions: [west], sectors: [road], species: [pm25], cut: 30%, from: start, to: end, lead_time: 90 minutes}",
         "5:97", "lead_time must be a whole number of hours, found '90 minutes'"},
        {"", "{regions: [west], sectors: [road], species: [pm25], cut: 30%, from: soon, to: end}", "5:70",
         "'start' and 'end' are those of the run"},
    };
    try_all(*state, sizeof BAD / sizeof *BAD, BAD);
}

/* Whole files. */
static void test_files(void **state)
{
    static const struct {
        const char *text, *words;
    } BAD[] = {
        {"plan: p\nscenarios: {s: [" GOOD "]}\n", "plan.yaml: error: 'case' is missing"},
        {"plan: p\ncase: case.yaml\n", "'scenarios' must be a mapping of names and lists of actions"},
        {"plan: p\ncase: case.yaml\nscenario: {s: [" GOOD "]}\n",
         "plan.yaml:3:1: error: unknown key 'scenario' in a plan; did you mean 'scenarios'?"},
        {"plan: p\ncase: case.yaml\nscenarios: {base: [" GOOD "]}\n",
         "plan.yaml:3:13: error: 'base' cannot be the name of a scenario"},
        {"plan: p\ncase: case.yaml\nscenarios: {a/b: [" GOOD "]}\n", "'a/b' cannot be the name of a scenario"},
        {"plan: p\ncase: case.yaml\nscenarios: {a-b: [" GOOD "], a_b: [" GOOD "]}\n",
         "would have the same names of variables"},
        {"plan: p\ncase: case.yaml\nscenarios: {s: []}\n", "the scenario 's' must be a list of actions"},
        {"plan: p\ncase: case.yaml\nscenarios: {s: [cut]}\n", "an action must be a mapping"},
        {"plan: p\nplan: q\n", "key 'plan' is given twice"},
        {"- a\n", "a plan must be a mapping, found a list"},
    };
    world *w = *state;
    char path[256];
    for (size_t n = 0; n < sizeof BAD / sizeof *BAD; n++) {
        world_clear(w);
        emis_write(w->e, "plan.yaml", BAD[n].text);
        assert_int_equal(bs_plan_read(emis_path(w->e, "plan.yaml", path), &w->plan, &w->e->err), BS_ERR_INPUT);
        if (!strstr(w->e->err.text, BAD[n].words)) fail_msg("'%s' is not in: %s", BAD[n].words, w->e->err.text);
    }
}

static void test_all_errors_are_told_at_once(void **state)
{
    world *w = *state;
    compile_bad(w, "",
                "{regions: [west], sectors: [road], species: [pm25], cut: 3, from: start, to: end},\n" GOOD ",\n"
                "{regions: [west], sectors: [road], species: [pm25], cut: 30%, from: start, till: end}",
                "5:59", "write '3%'");
    assert_non_null(strstr(w->e->err.text, "plan.yaml:7:77: error: unknown key 'till'"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_cuts, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(test_keys_and_words, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(test_rules_that_match_nothing, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(test_files, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(test_all_errors_are_told_at_once, world_setup, world_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
