#include "model/scenario/plan.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/scenario/reader.h"

/* A name of a file as the plan gives it, from the plan's folder. */
static const char *beside(bs_plan_reader *r, const char *plan, const char *name)
{
    const char *slash = strrchr(plan, '/');
    const char *path = *name == '/' || !slash ? bs_arena_copy(r->arena, name, strlen(name))
                                              : bs_arena_format(r->arena, "%.*s/%s", (int)(slash - plan), plan, name);
    if (!path) r->no_memory = true;
    return path;
}

/* Letters, digits, '-' and '_', beginning with a letter: a folder and part of a variable's name. */
static bool is_name(const char *text)
{
    size_t n = 0;
    for (; text[n]; n++)
        if (!isalnum((unsigned char)text[n]) && text[n] != '_' && (text[n] != '-' || n == 0)) return false;
    return n > 0 && n < 64 && isalpha((unsigned char)*text);
}

/* ---- families and parts ---- */

static void read_family(bs_plan_reader *r, const bs_node *node, bs_plan_family *out)
{
    bs_plan_keys keys = {0};
    const bs_node alone = {
        .kind = BS_NODE_MAP, .place = node->place, .first = (bs_node *)node, .last = (bs_node *)node};
    out->name = node->key;
    if (strcmp(node->key, "all") == 0 || strcmp(node->key, "elsewhere") == 0)
        bs_problem(r->problems, node->key_place, "'%s' is a key of its own; give the family another name", node->key);
    if (!bs_plan_keys_read(r, &alone, node->key, NULL, &keys)) return;
    out->member = bs_plan_room(r, keys.n, sizeof *out->member);
    for (int k = 0; k < keys.n && out->member; k++) out->member[out->n++] = keys.key[k].word;
}

static void read_families(bs_plan_reader *r, const bs_node *root, const char *key, bs_plan_families *out)
{
    static const char *const KEYS[] = {"regions", "sectors", NULL};
    const bs_node *all = bs_node_child(root, "families");
    if (!all || !bs_plan_check_keys(r, all, "families", KEYS)) return;
    const bs_node *map = bs_node_child(all, key);
    if (!map) return;
    if (map->kind != BS_NODE_MAP) {
        bs_problem(r->problems, map->place, "families.%s must be a mapping of names and lists", key);
        return;
    }
    out->family = bs_plan_room(r, map->count, sizeof *out->family);
    for (bs_node *n = map->first; n && out->family;) {
        bs_node *next = n->next;
        n->next = NULL; /* a mapping of one for read_family */
        read_family(r, n, &out->family[out->n++]);
        n->next = next;
        n = next;
    }
}

static void read_parts(bs_plan_reader *r, const bs_node *root, bs_plan *plan)
{
    static const char *const KEYS[] = {"part_of", "share", "basis", NULL};
    const bs_node *map = bs_node_child(root, "sectors");
    if (!map) return;
    if (map->kind != BS_NODE_MAP) {
        bs_problem(r->problems, map->place,
                   "'sectors' must be a mapping, as {brick: {part_of: industry, share: 8%%, basis: where the figure is "
                   "from}}");
        return;
    }
    plan->part = bs_plan_room(r, map->count, sizeof *plan->part);
    for (const bs_node *n = map->first; n && plan->part; n = n->next) {
        bs_plan_part *part = &plan->part[plan->n_parts++];
        *part = (bs_plan_part){.name = n->key, .place = n->key_place};
        if (!bs_plan_check_keys(r, n, "a sector that is a part of another", KEYS)) continue;
        part->of = bs_plan_text(r, n, "part_of", true);
        part->basis = bs_plan_text(r, n, "basis", true);
        bs_plan_percent(r, n, "share", &part->share);
    }
}

/* ---- scenarios ---- */

static bool same_variable(const char *a, const char *b)
{
    for (; *a && *b; a++, b++)
        if ((*a == '-' ? '_' : *a) != (*b == '-' ? '_' : *b)) return false;
    return *a == *b;
}

static void read_scenario(bs_plan_reader *r, const bs_node *node, bs_plan *plan)
{
    bs_plan_scenario *s = &plan->scenario[plan->n];
    *s = (bs_plan_scenario){.name = node->key, .place = node->key_place};
    if (!is_name(node->key) || strcmp(node->key, "base") == 0)
        bs_problem(
            r->problems, node->key_place,
            "'%.64s' cannot be the name of a scenario: a letter, then letters, digits, '-' and '_', fewer than 64; "
            "and not 'base'",
            node->key);
    for (int n = 0; n < plan->n; n++)
        if (same_variable(plan->scenario[n].name, s->name))
            bs_problem(r->problems, node->key_place, "'%s' and '%s' would have the same names of variables", s->name,
                       plan->scenario[n].name);
    plan->n++;
    if (node->kind != BS_NODE_LIST || node->count == 0) {
        bs_problem(r->problems, node->place, "the scenario '%s' must be a list of actions", node->key);
        return;
    }
    s->rule = bs_plan_room(r, node->count, sizeof *s->rule);
    for (const bs_node *a = node->first; a && s->rule; a = a->next) bs_plan_rule_read(r, a, &s->rule[s->n++]);
}

static void read_scenarios(bs_plan_reader *r, const bs_node *root, bs_plan *plan)
{
    const bs_node *map = bs_node_child(root, "scenarios");
    if (!map || map->kind != BS_NODE_MAP || map->count == 0) {
        bs_problem(r->problems, map ? map->place : root->place,
                   "'scenarios' must be a mapping of names and lists of actions");
        return;
    }
    plan->scenario = bs_plan_room(r, map->count, sizeof *plan->scenario);
    for (const bs_node *n = map->first; n && plan->scenario; n = n->next) read_scenario(r, n, plan);
}

static void refuse_level(bs_plan *plan, const bs_plan_rule *rule)
{
    char there[512] = "";
    size_t used = 0;
    for (int l = 0; l < plan->templates.n && used < sizeof there; l++)
        used +=
            (size_t)snprintf(there + used, sizeof there - used, "%s%s", l ? ", " : "", plan->templates.level[l].name);
    bs_problem(plan->problems, rule->place, "there is no alert level '%s' in %s; there are: %s", rule->alert,
               plan->templates.file, there);
}

/* Levels are looked up when the template is there. */
static void check_levels(bs_plan *plan)
{
    for (int s = 0; s < plan->n; s++)
        for (int n = 0; n < plan->scenario[s].n; n++) {
            const bs_plan_rule *rule = &plan->scenario[s].rule[n];
            int l = 0;
            while (rule->alert && l < plan->templates.n && strcmp(plan->templates.level[l].name, rule->alert) != 0) l++;
            if (rule->alert && l == plan->templates.n) refuse_level(plan, rule);
        }
}

static bs_status read_template(bs_plan_reader *r, const bs_node *root, bs_plan *plan, bs_err *err)
{
    const char *name = bs_plan_text(r, root, "templates", false);
    const bs_plan_rule *alert = NULL;
    for (int s = plan->n - 1; s >= 0; s--)
        for (int n = plan->scenario[s].n - 1; n >= 0; n--)
            if (plan->scenario[s].rule[n].alert) alert = &plan->scenario[s].rule[n];
    if (!name && alert)
        bs_problem(
            r->problems, alert->place,
            "an alert needs 'templates': the file that tells its actions (configs/scenarios/templates/alerts.yaml)");
    if (!name || plan->problems->count) return BS_OK;
    const char *file = beside(r, plan->source.name, name);
    if (file) BS_TRY(bs_plan_template_read(r, file, &plan->templates, err));
    check_levels(plan);
    return BS_OK;
}

/* ---- the file ---- */

static void read_head(bs_plan_reader *r, const bs_node *root, bs_plan *plan)
{
    static const char *const KEYS[] = {"plan",     "title",   "case",      "tags",      "on_collision",
                                       "families", "sectors", "templates", "scenarios", NULL};
    if (!bs_plan_check_keys(r, root, "a plan", KEYS)) return;
    plan->name = bs_plan_text(r, root, "plan", true);
    plan->title = bs_plan_text(r, root, "title", false);
    const char *file = bs_plan_text(r, root, "case", true);
    if (file) plan->case_file = beside(r, plan->source.name, file);
    plan->base_only = bs_plan_choice(r, root, "tags", "all|base_only") == 1;
    plan->collision = (bs_collision)(1 + bs_plan_choice(r, root, "on_collision", "later_wins|multiply|largest"));
}

static bs_status read_tree(bs_plan_reader *r, bs_plan *plan, bs_err *err)
{
    bs_node *root = NULL;
    BS_TRY(bs_yaml_parse(r->arena, plan->source.text, plan->source.length, NULL, plan->problems, &root, err));
    if (!root) return bs_problems_status(plan->problems, err);
    read_head(r, root, plan);
    if (root->kind != BS_NODE_MAP) return bs_problems_status(plan->problems, err);
    read_families(r, root, "regions", &r->regions);
    read_families(r, root, "sectors", &r->sectors);
    read_parts(r, root, plan);
    read_scenarios(r, root, plan);
    BS_TRY(read_template(r, root, plan, err));
    if (r->no_memory) return bs_fail(err, BS_ERR_MEMORY, "%s: out of memory", plan->source.name);
    return bs_problems_status(plan->problems, err);
}

static bs_status read_plan(bs_plan *plan, const char *file, bs_err *err)
{
    BS_TRY(bs_source_read(&plan->arena, file, &plan->source, err));
    plan->problems->source = &plan->source;
    bs_plan_reader r = {.arena = &plan->arena, .problems = plan->problems};
    BS_TRY(bs_units_create(&r.units, err));
    const bs_status st = read_tree(&r, plan, err);
    bs_units_destroy(r.units);
    return st;
}

bs_status bs_plan_read(const char *file, bs_plan **out, bs_err *err)
{
    *out = NULL;
    bs_plan *plan = calloc(1, sizeof *plan);
    if (plan) plan->problems = calloc(1, sizeof *plan->problems);
    bs_status st = BS_ERR_MEMORY;
    if (plan && plan->problems)
        st = read_plan(plan, file, err);
    else
        bs_fail(err, st, "%s: out of memory", file);
    if (st != BS_OK) {
        bs_plan_destroy(plan);
        return st;
    }
    *out = plan;
    return BS_OK;
}

void bs_plan_destroy(bs_plan *plan)
{
    if (!plan) return;
    bs_arena_free(&plan->arena);
    free(plan->problems);
    free(plan);
}

int bs_plan_find(const bs_plan *plan, const char *name)
{
    for (int s = 0; s < plan->n; s++)
        if (strcmp(plan->scenario[s].name, name) == 0) return s;
    return -1;
}
