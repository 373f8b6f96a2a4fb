#include "model/scenario/reader.h"

#include <stdlib.h>
#include <string.h>

/* 环大气〔2024〕6号: see plan.h. */
static const struct {
    const char *level;
    double mandated;
} LEAST[] = {{"yellow", 0.1}, {"orange", 0.2}, {"red", 0.3}};

static void check_mandated(bs_plan_reader *r, const bs_node *node, const bs_plan_level *level)
{
    for (size_t n = 0; n < sizeof LEAST / sizeof *LEAST; n++)
        if (strcmp(LEAST[n].level, level->name) == 0 && level->mandated < LEAST[n].mandated)
            bs_problem(r->problems, bs_node_child(node, "mandated")->place,
                       "the level '%s' must mandate at least %g%%, found %g%%; give the level another name where less "
                       "is meant",
                       level->name, 100 * LEAST[n].mandated, 100 * level->mandated);
}

static void read_level(bs_plan_reader *r, const bs_node *node, bs_plan_level *out)
{
    static const char *const KEYS[] = {"mandated", "actions", NULL};
    *out = (bs_plan_level){.name = node->key};
    if (!bs_plan_check_keys(r, node, "an alert level", KEYS)) return;
    if (bs_plan_percent(r, node, "mandated", &out->mandated)) check_mandated(r, node, out);
    const bs_node *actions = bs_node_child(node, "actions");
    if (!actions || actions->kind != BS_NODE_LIST || actions->count == 0) {
        bs_problem(r->problems, node->place, "'actions' of the level '%s' must be a list of actions", node->key);
        return;
    }
    out->rule = bs_plan_room(r, actions->count, sizeof *out->rule);
    for (const bs_node *a = actions->first; a && out->rule; a = a->next) bs_plan_row_read(r, a, &out->rule[out->n++]);
}

static void read_levels(bs_plan_reader *r, const bs_node *root, bs_plan_template *out)
{
    static const char *const KEYS[] = {"source", "on_shortfall", "levels", NULL};
    if (!bs_plan_check_keys(r, root, "a template of alerts", KEYS)) return;
    out->source = bs_plan_text(r, root, "source", true);
    const int report = bs_plan_choice(r, root, "on_shortfall", "error|report");
    out->report = report == 1;
    if (report < 0 && !bs_node_child(root, "on_shortfall"))
        bs_problem(r->problems, root->place, "'on_shortfall' is missing");
    const bs_node *levels = bs_node_child(root, "levels");
    if (!levels || levels->kind != BS_NODE_MAP) {
        bs_problem(r->problems, root->place, "'levels' must be a mapping of alert levels");
        return;
    }
    out->level = bs_plan_room(r, levels->count, sizeof *out->level);
    for (const bs_node *l = levels->first; l && out->level; l = l->next) read_level(r, l, &out->level[out->n++]);
}

static bs_status read_file(bs_plan_reader *r, bs_problems *problems, const char *file, bs_plan_template *out,
                           bs_err *err)
{
    bs_source source = {0};
    bs_node *root = NULL;
    BS_TRY(bs_source_read(r->arena, file, &source, err));
    problems->source = &source;
    BS_TRY(bs_yaml_parse(r->arena, source.text, source.length, NULL, problems, &root, err));
    bs_plan_reader mine = *r;
    mine.problems = problems;
    out->file = source.name;
    if (root) read_levels(&mine, root, out);
    if (mine.no_memory) return bs_fail(err, BS_ERR_MEMORY, "%s: out of memory", file);
    return bs_problems_status(problems, err);
}

bs_status bs_plan_template_read(bs_plan_reader *r, const char *file, bs_plan_template *out, bs_err *err)
{
    bs_problems *problems = calloc(1, sizeof *problems);
    if (!problems) return bs_fail(err, BS_ERR_MEMORY, "%s: out of memory", file);
    const bs_status st = read_file(r, problems, file, out, err);
    free(problems);
    return st;
}
