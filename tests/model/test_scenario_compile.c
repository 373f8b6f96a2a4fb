/* Plans in closed form: what is written is what is cut. */
#include "test_scenario_fixture.h"

static const double ROUND = 1e-12; /* of sums of 24 hours */

static void test_cut_of_a_region_and_sector(void **state)
{
    world *w = *state;
    compile_good(w, "", "{regions: [west], sectors: [industry], species: [pm25], cut: 30%, from: start, to: end}");
    assert_int_equal(w->compiled.n, 1);
    assert_near(w->compiled.factor[0].factor, 0.7, ROUND);
    assert_int_equal(w->compiled.factor[0].member, 0);
    assert_int_equal(w->compiled.factor[0].from, w->of.start);
    assert_int_equal(w->compiled.factor[0].to, w->of.end);
    assert_near(factor_at(w, WEST, "industry", 5), 0.7, ROUND);
    assert_near(factor_at(w, EAST, "industry", 5), 1, 0);
    assert_near(factor_at(w, WEST, "road", 5), 1, 0);
}

/* Where the inventory has a sector in parts, its word takes them all, and a part's word that part. */
static void test_parts_of_the_inventory(void **state)
{
    world *w = *state;
    emis_read_good(w->e, "  split: {brick_kilns: {share: 0.25, basis: a guess}}\n"
                         "  inventories: [{name: points, type: points, file: points.csv}]");
    assert_int_equal(bs_emission_resolve(w->e->emission, w->regions, &w->e->err), BS_OK);
    w->of.emission = w->e->emission;
    compile_good(w, "", "{regions: [west], sectors: [industry], species: [pm25], cut: 50%, from: start, to: end}");
    assert_int_equal(w->compiled.n, 2);
    assert_near(factor_at(w, WEST, "brick_kilns", 5), 0.5, ROUND);
    assert_near(factor_at(w, WEST, "other_industry", 5), 0.5, ROUND);
    assert_near(factor_at(w, WEST, "road", 5), 1, 0);
    compile_good(w, "", "{regions: [west], sectors: [brick_kilns], species: [pm25], cut: 40%, from: start, to: end}");
    double after = 0;
    for (int r = 0; r < w->compiled.n_rows; r++) after += w->compiled.row[r].after;
    assert_near(after, (7 - 0.4 * 0.25 * 3) * 86400, ROUND);
}

/* Two species, of which one is not of every sector: a cut of a sector takes what there is, and a word that nothing answers to is told. */
static void test_sectors_without_a_species(void **state)
{
    static const char *const BOTH[] = {"pm25", "pmcoarse"};
    world *w = *state;
    double after = 0;
    emis_write(w->e, "two.csv",
               "lon,lat,sector,species,value,unit,height\n102.5,29,industry,pm25,3,kg s-1,10\n"
               "102.5,29,industry,pmcoarse,2,kg s-1,10\n102.6,29.5,road,pm25,1,kg s-1,10\n");
    w->e->n_species = 2;
    w->e->species = BOTH;
    emis_read_good(w->e, "  inventories: [{name: points, type: points, file: two.csv}]");
    w->e->n_species = 0;
    assert_int_equal(bs_emission_resolve(w->e->emission, w->regions, &w->e->err), BS_OK);
    w->of.emission = w->e->emission;
    compile_good(w, "", "{regions: [west], sectors: [road, industry], species: [all], cut: 50%, from: start, to: end}");
    assert_int_equal(w->compiled.n_rows, 3);
    for (int r = 0; r < w->compiled.n_rows; r++) after += w->compiled.row[r].after;
    assert_near(after, 3 * 86400, ROUND);
    compile_good(w, "", "{regions: [west], sectors: [road], species: [all], cut: 50%, from: start, to: end}");
    compile_bad(w, "", "{regions: [west], sectors: [road], species: [pmcoarse], cut: 50%, from: start, to: end}", "5:3",
                "an action that matches nothing");
    compile_bad(w, "", "{regions: [west], sectors: [road], species: [pm25, pmcoarse], cut: 50%, from: start, to: end}",
                "5:53", "an action that matches nothing: the species 'pmcoarse'");
}

static void test_before_and_after(void **state)
{
    world *w = *state;
    double before = 0, after = 0;
    compile_good(w, "", "{regions: [west], sectors: [industry], species: [pm25], cut: 50%, from: start, to: end}");
    for (int r = 0; r < w->compiled.n_rows; r++) {
        before += w->compiled.row[r].before;
        after += w->compiled.row[r].after;
    }
    assert_int_equal(w->compiled.n_rows, 4); /* west twice, east, elsewhere */
    assert_near(before, 7 * 86400.0, ROUND);
    assert_near(after, 5.5 * 86400.0, ROUND);
}

static void test_emission_agrees_with_the_table(void **state)
{
    world *w = *state;
    double kg;
    compile_good(
        w, "",
        "{regions: [west], sectors: [industry], species: [pm25], cut: 50%, from: 2015-01-10T06:00:00Z, to: "
        "2015-01-10T12:00:00Z},\n{regions: [both], sectors: [road], species: [all], cut: 10%, from: start, to: end}");
    assert_int_equal(bs_emission_set_factors(w->e->emission, w->compiled.n, w->compiled.factor, &w->e->err), BS_OK);
    assert_int_equal(bs_emission_total(w->e->emission, 0, -1, NULL, NULL, w->of.start, w->of.end, &kg, &w->e->err),
                     BS_OK);
    double after = 0;
    for (int r = 0; r < w->compiled.n_rows; r++) after += w->compiled.row[r].after;
    assert_near(kg, after, ROUND);
    assert_near(kg, 7 * 86400.0 - 1.5 * 6 * 3600 - 0.1 * 86400, ROUND);
    assert_int_equal(bs_emission_set_factors(w->e->emission, 0, NULL, &w->e->err), BS_OK);
}

static void test_action_begins_after_its_lead_time(void **state)
{
    world *w = *state;
    compile_good(w, "",
                 "{regions: [all], sectors: [all], species: [all], cut: 40%, from: 2015-01-10T02:00:00Z, to: "
                 "2015-01-10T10:00:00Z, lead_time: 3 h}");
    for (int hour = 0; hour < 24; hour++)
        assert_near(factor_at(w, EAST, "industry", hour), hour >= 5 && hour < 10 ? 0.6 : 1, ROUND);
    assert_near(factor_at(w, ELSEWHERE, "industry", 7), 1, 0); /* all: every polygon */
}

static void test_families(void **state)
{
    world *w = *state;
    compile_good(w,
                 "families: {regions: {mine: [west, elsewhere]}, sectors: {traffic: [road], much: [road, industry]}}",
                 "{regions: [mine], sectors: [much], species: [pm25], cut: 20%, from: start, to: end}");
    assert_near(factor_at(w, WEST, "road", 0), 0.8, ROUND);
    assert_near(factor_at(w, WEST, "industry", 0), 0.8, ROUND);
    assert_near(factor_at(w, ELSEWHERE, "industry", 0), 0.8, ROUND);
    assert_near(factor_at(w, EAST, "industry", 0), 1, 0);
}

static const char TWO[] =
    "{regions: [both], sectors: [industry], species: [pm25], cut: 40%, from: start, to: end},\n"
    "{regions: [west], sectors: [all], species: [pm25], cut: 10%, from: 2015-01-10T12:00:00Z, to: end}";

static void test_order_of_collisions(void **state)
{
    world *w = *state;
    static const struct {
        const char *head;
        double both;
    } RULE[] = {{"on_collision: later_wins", 0.9}, {"on_collision: multiply", 0.54}, {"on_collision: largest", 0.6}};
    for (size_t n = 0; n < sizeof RULE / sizeof *RULE; n++) {
        compile_good(w, RULE[n].head, TWO);
        assert_near(factor_at(w, WEST, "industry", 0), 0.6, ROUND);
        assert_near(factor_at(w, WEST, "industry", 12), RULE[n].both, ROUND);
        assert_near(factor_at(w, WEST, "road", 12), 0.9, ROUND);
        assert_near(factor_at(w, EAST, "industry", 12), 0.6, ROUND);
    }
    compile_bad(w, "", TWO, "6:3",
                "plan.yaml:5: both cut 'industry' of pm25 in west from 2015-01-10T12:00:00Z to 2015-01-11T00:00:00Z");
}

static void test_actions_that_only_touch_do_not_collide(void **state)
{
    world *w = *state;
    compile_good(
        w, "",
        "{regions: [west], sectors: [industry], species: [pm25], cut: 40%, from: start, to: 2015-01-10T12:00:00Z},\n"
        "{regions: [west], sectors: [industry], species: [pm25], cut: 10%, from: 2015-01-10T12:00:00Z, to: end}");
    assert_near(factor_at(w, WEST, "industry", 11), 0.6, ROUND);
    assert_near(factor_at(w, WEST, "industry", 12), 0.9, ROUND);
}

static const char PARTS[] =
    "sectors: {brick: {part_of: industry, share: 20%, basis: x}, cement: {part_of: industry, share: 30%, basis: x}}";

static void test_parts_of_a_sector(void **state)
{
    world *w = *state;
    compile_good(w, PARTS,
                 "{regions: [west], sectors: [brick], species: [pm25], cut: 50%, from: start, to: end},\n"
                 "{regions: [west], sectors: [cement], species: [pm25], cut: 100%, from: start, to: end}");
    assert_near(factor_at(w, WEST, "industry", 0), 1 - 0.2 * 0.5 - 0.3, ROUND);
    compile_good(w, PARTS, "{regions: [west], sectors: [industry], species: [pm25], cut: 50%, from: start, to: end}");
    assert_true(factor_at(w, WEST, "industry", 0) == 0.5); /* the whole, whatever its parts */
    compile_bad(w, PARTS,
                "{regions: [west], sectors: [brick], species: [pm25], cut: 50%, from: start, to: end},\n"
                "{regions: [west], sectors: [industry], species: [pm25], cut: 10%, from: start, to: end}",
                "6:3", "both cut 'brick' of pm25 in west");
}

static void test_hash_tells_scenarios_apart(void **state)
{
    world *w = *state;
    char first[BS_PLAN_HASH_MAX];
    compile_good(w, "", "{regions: [west], sectors: [road], species: [pm25], cut: 30%, from: start, to: end}");
    memcpy(first, w->compiled.hash, sizeof first);
    compile_good(w, "title: other words",
                 "{regions: ['1'], sectors: [road], species: [all], cut: 30.0%, from: start, to: end}");
    assert_string_equal(first, w->compiled.hash);
    compile_good(w, "", "{regions: [west], sectors: [road], species: [pm25], cut: 31%, from: start, to: end}");
    assert_string_not_equal(first, w->compiled.hash);
}

/* ---- alerts ---- */

static void write_template(world *w, const char *shortfall, const char *cut)
{
    char text[1024];
    snprintf(text, sizeof text,
             "source: a notice\non_shortfall: %s\nlevels:\n  orange: {mandated: 20%%, actions: [{sectors: [industry], "
             "species: "
             "[all], cut: %s}, {sectors: [road], species: [pm25], cut: 40%%}]}\n",
             shortfall, cut);
    emis_write(w->e, "alerts.yaml", text);
}

static const char ALERT[] = "{alert: orange, regions: [west], from: 2015-01-10T06:00:00Z, to: end, lead_time: 2 h}";

static void test_alert_expands_by_its_template(void **state)
{
    world *w = *state;
    write_template(w, "error", "30%");
    compile_good(w, "templates: alerts.yaml", ALERT);
    assert_near(factor_at(w, WEST, "industry", 8), 0.7, ROUND);
    assert_near(factor_at(w, WEST, "road", 23), 0.6, ROUND);
    assert_near(factor_at(w, WEST, "road", 7), 1, 0);
    assert_near(factor_at(w, EAST, "industry", 8), 1, 0);
    assert_int_equal(w->compiled.n_checks, 1);
    assert_true(w->compiled.check[0].met);
    assert_near(w->compiled.check[0].emitted, 4 * 16 * 3600.0, ROUND);
    assert_near(w->compiled.check[0].cut, (0.9 + 0.4) * 16 * 3600.0, ROUND);
}

static void test_mandated_share(void **state)
{
    world *w = *state;
    write_template(w, "error", "13.3%"); /* 0.399 + 0.4 of 4: a hair below 20 % */
    compile_bad(w, "templates: alerts.yaml", ALERT, "5:3",
                "the orange alert cuts 20.0 % of all emissions of pm25 in its regions; mandated are at least 20 %");
    assert_non_null(strstr(w->e->err.text, "industry"));
    assert_non_null(strstr(w->e->err.text, "259.200")); /* t per day: 3 kg s-1 */
    write_template(w, "error", "13.4%");
    compile_good(w, "templates: alerts.yaml", ALERT);
    write_template(w, "report", "5%");
    compile_good(w, "templates: alerts.yaml", ALERT);
    assert_false(w->compiled.check[0].met);
}

static void test_template_may_not_ask_for_less(void **state)
{
    world *w = *state;
    emis_write(w->e, "alerts.yaml",
               "source: s\non_shortfall: report\nlevels:\n  red: {mandated: 25%, actions: [{sectors: [all], species: "
               "[all], cut: "
               "30%}]}\n");
    assert_int_equal(compile_plan(w, "templates: alerts.yaml", "{alert: red, regions: [all], from: start, to: end}"),
                     BS_ERR_INPUT);
    assert_non_null(strstr(w->e->err.text, "alerts.yaml:4:"));
    assert_non_null(strstr(w->e->err.text, "the level 'red' must mandate at least 30%, found 25%"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_cut_of_a_region_and_sector, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(test_parts_of_the_inventory, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(test_sectors_without_a_species, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(test_before_and_after, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(test_emission_agrees_with_the_table, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(test_action_begins_after_its_lead_time, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(test_families, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(test_order_of_collisions, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(test_actions_that_only_touch_do_not_collide, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(test_parts_of_a_sector, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(test_hash_tells_scenarios_apart, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(test_alert_expands_by_its_template, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(test_mandated_share, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(test_template_may_not_ask_for_less, world_setup, world_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
