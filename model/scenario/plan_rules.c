#include <string.h>

#include "model/scenario/reader.h"

static bool read_lead(bs_plan_reader *r, const bs_node *node, bs_time *out)
{
    return !bs_node_child(node, "lead_time") || bs_plan_hours(r, node, "lead_time", out);
}

static bool read_action(bs_plan_reader *r, const bs_node *node, bs_plan_rule *out)
{
    static const char *const KEYS[] = {"regions", "sectors", "species", "cut", "from", "to", "lead_time", NULL};
    bool good = bs_plan_check_keys(r, node, "an action", KEYS);
    good = bs_plan_keys_read(r, node, "regions", &r->regions, &out->regions) && good;
    good = bs_plan_keys_read(r, node, "sectors", &r->sectors, &out->sectors) && good;
    good = bs_plan_keys_read(r, node, "species", NULL, &out->species) && good;
    if (bs_node_child(node, "cut") || !bs_node_child(node, "factor"))
        good = bs_plan_percent(r, node, "cut", &out->cut) && good;
    good = bs_plan_moment_read(r, node, "from", &out->from) && good;
    good = bs_plan_moment_read(r, node, "to", &out->to) && good;
    return read_lead(r, node, &out->lead) && good;
}

static bool read_alert(bs_plan_reader *r, const bs_node *node, bs_plan_rule *out)
{
    static const char *const KEYS[] = {"alert", "regions", "from", "to", "lead_time", NULL};
    bool good = bs_plan_check_keys(r, node, "an alert, whose sectors and cuts are the template's", KEYS);
    out->alert = bs_plan_text(r, node, "alert", true);
    good = bs_plan_keys_read(r, node, "regions", &r->regions, &out->regions) && good && out->alert;
    good = bs_plan_moment_read(r, node, "from", &out->from) && good;
    good = bs_plan_moment_read(r, node, "to", &out->to) && good;
    return read_lead(r, node, &out->lead) && good;
}

bool bs_plan_rule_read(bs_plan_reader *r, const bs_node *node, bs_plan_rule *out)
{
    *out = (bs_plan_rule){.place = node->place};
    if (node->kind == BS_NODE_MAP && bs_node_child(node, "alert")) return read_alert(r, node, out);
    if (node->kind == BS_NODE_MAP) return read_action(r, node, out);
    bs_problem(
        r->problems, node->place,
        "an action must be a mapping, as {regions: [all], sectors: [industry], species: [pm25], cut: 30%%, from: "
        "start, to: end}");
    return false;
}

bool bs_plan_row_read(bs_plan_reader *r, const bs_node *node, bs_plan_rule *out)
{
    static const char *const KEYS[] = {"sectors", "species", "cut", NULL};
    *out = (bs_plan_rule){.place = node->place};
    if (!bs_plan_check_keys(r, node, "a template's action", KEYS)) return false;
    bool good = bs_plan_keys_read(r, node, "sectors", &r->sectors, &out->sectors);
    good = bs_plan_keys_read(r, node, "species", NULL, &out->species) && good;
    return bs_plan_percent(r, node, "cut", &out->cut) && good;
}
