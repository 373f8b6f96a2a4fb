#include <stdio.h>
#include <string.h>

#include "model/config/config.h"
#include "model/config/nodes.h"
#include "model/core/number.h"
#include "model/scenario/reader.h"

enum { HOUR = 3600, FOUND_MAX = 128 };

void *bs_plan_room(bs_plan_reader *r, int n, size_t size)
{
    void *room = bs_arena_alloc(r->arena, ((size_t)n + 1) * size);
    if (!room) r->no_memory = true;
    return room;
}

static bool is_map(bs_plan_reader *r, const bs_node *node, const char *what)
{
    char found[FOUND_MAX];
    if (node->kind == BS_NODE_MAP) return true;
    bs_problem(r->problems, node->place, "%s must be a mapping, found %s", what,
               bs_node_found(node, found, sizeof found));
    return false;
}

bool bs_plan_check_keys(bs_plan_reader *r, const bs_node *map, const char *what, const char *const *keys)
{
    if (!is_map(r, map, what)) return false;
    bool good = true;
    int n = 0;
    while (keys[n]) n++;
    for (const bs_node *c = map->first; c; c = c->next) {
        int k = 0;
        while (k < n && strcmp(keys[k], c->key) != 0) k++;
        if (k < n) continue;
        good = false;
        const char *near = bs_nearest_word(c->key, n, keys);
        if (strcmp(c->key, "factor") == 0 || strcmp(c->key, "multiplier") == 0 || strcmp(c->key, "scale") == 0)
            bs_problem(r->problems, c->key_place,
                       "'%s' in %s: a plan tells reductions, not factors; write 'cut: 30%%' where 0.7 is to be left",
                       c->key, what);
        else
            bs_problem(r->problems, c->key_place, "unknown key '%s' in %s%s%s%s", c->key, what,
                       near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
    }
    return good;
}

static const bs_node *scalar(bs_plan_reader *r, const bs_node *map, const char *key, bool required)
{
    return bs_nodes_scalar(r->problems, map, key, required);
}

const char *bs_plan_text(bs_plan_reader *r, const bs_node *map, const char *key, bool required)
{
    return bs_nodes_text(r->problems, map, key, required);
}

int bs_plan_choice(bs_plan_reader *r, const bs_node *map, const char *key, const char *choices)
{
    return bs_nodes_choice(r->problems, map, key, choices, -1);
}

/* What one would have to write instead of a number without its sign. */
static void refuse_bare(bs_plan_reader *r, const bs_node *c, const char *name, double value)
{
    if (value > 0 && value < 1)
        bs_problem(
            r->problems, c->place,
            "%s must be in percent with its sign, found '%s'; write '%g%%', or '%g%%' if %s was meant as the factor "
            "that is left",
            name, c->text, 100 * value, 100 * (1 - value), c->text);
    else
        bs_problem(r->problems, c->place, "%s must be in percent with its sign, found '%s'; write '%g%%'", name,
                   c->text, value);
}

bool bs_plan_percent(bs_plan_reader *r, const bs_node *map, const char *name, double *out)
{
    const bs_node *c = scalar(r, map, name, true);
    if (!c) return false;
    char number[BS_NUMBER_TEXT_MAX];
    const size_t length = strlen(c->text);
    const bool sign = length > 1 && c->text[length - 1] == '%';
    double value = 0;
    if (bs_number_real(c->text, &value)) {
        refuse_bare(r, c, name, value);
        return false;
    }
    snprintf(number, sizeof number, "%.*s", sign ? (int)(length - 1) : 0, c->text);
    const size_t end = strlen(number);
    if (end && number[end - 1] == ' ') number[end - 1] = '\0';
    if (length >= sizeof number || !sign || !bs_number_real(number, &value)) {
        bs_problem(r->problems, c->place, "%s must be a reduction in percent, as '30%%', found '%.80s'", name, c->text);
        return false;
    }
    if (!(value >= 0 && value <= 100)) {
        bs_problem(r->problems, c->place, "%s must be from 0%% to 100%%, found '%.80s'%s", name, c->text,
                   value < 0 ? ": it is a reduction, and none makes emissions grow" : "");
        return false;
    }
    *out = value / 100;
    return true;
}

bool bs_plan_hours(bs_plan_reader *r, const bs_node *map, const char *key, bs_time *out)
{
    const bs_node *c = scalar(r, map, key, true);
    bs_err err;
    double seconds = 0;
    if (!c) return false;
    if (bs_units_parse_quantity(r->units, c->text, "s", &seconds, &err) != BS_OK) {
        bs_problem(r->problems, c->place, "%s: %s", key, err.text);
        return false;
    }
    const bs_time whole = seconds >= 0 && seconds < 1e9 ? (bs_time)(seconds + 0.5) : -1;
    if (whole < 0 || (double)whole != seconds || whole % HOUR != 0) {
        bs_problem(r->problems, c->place, "%s must be a whole number of hours, found '%.80s'", key, c->text);
        return false;
    }
    *out = whole;
    return true;
}

bool bs_plan_moment_read(bs_plan_reader *r, const bs_node *map, const char *key, bs_plan_moment *out)
{
    const bs_node *c = scalar(r, map, key, true);
    bs_err err;
    if (!c) return false;
    *out = (bs_plan_moment){.place = c->place};
    if (strcmp(c->text, "start") == 0 || strcmp(c->text, "end") == 0) {
        out->kind = *c->text == 's' ? BS_PLAN_START : BS_PLAN_END;
        return true;
    }
    if (bs_time_parse(c->text, &out->time, &err) != BS_OK) {
        bs_problem(r->problems, c->place, "%s: %s; 'start' and 'end' are those of the run", key, err.text);
        return false;
    }
    if (out->time % HOUR == 0) return true;
    bs_problem(r->problems, c->place, "%s must be on a whole hour of UTC, found '%.80s'", key, c->text);
    return false;
}

static bool key_read(bs_plan_reader *r, const bs_node *node, const char *what, const bs_plan_families *families,
                     bs_plan_key *out)
{
    char found[FOUND_MAX];
    if (node->kind != BS_NODE_TEXT || !*node->text) {
        bs_problem(r->problems, node->place, "%s must be words, found %s", what,
                   bs_node_found(node, found, sizeof found));
        return false;
    }
    *out = (bs_plan_key){.word = node->text, .place = node->place, .n = 1};
    for (int f = 0; families && f < families->n; f++) {
        if (strcmp(families->family[f].name, node->text) != 0) continue;
        out->n = families->family[f].n;
        out->means = families->family[f].member;
        return true;
    }
    out->means = bs_plan_room(r, 1, sizeof *out->means);
    if (!out->means) return false;
    out->means[0] = node->text;
    return true;
}

bool bs_plan_keys_read(bs_plan_reader *r, const bs_node *map, const char *key, const bs_plan_families *families,
                       bs_plan_keys *out)
{
    const bs_node *c = bs_node_child(map, key);
    if (!c) {
        bs_problem(r->problems, map->place, "'%s' is missing; '%s: [all]' takes all there are", key, key);
        return false;
    }
    const bool list = c->kind == BS_NODE_LIST;
    if (list && c->count == 0) {
        bs_problem(r->problems, c->place, "%s is an empty list; '%s: [all]' takes all there are", key, key);
        return false;
    }
    out->key = bs_plan_room(r, list ? c->count : 1, sizeof *out->key);
    if (!out->key) return false;
    bool good = true;
    for (const bs_node *n = list ? c->first : c; n; n = list ? n->next : NULL)
        good = key_read(r, n, key, families, &out->key[out->n++]) && good;
    for (int k = 0; k < out->n && good; k++)
        for (int l = 0; l < k; l++)
            if (strcmp(out->key[l].word, out->key[k].word) == 0) {
                bs_problem(r->problems, out->key[k].place, "'%s' is named twice in %s", out->key[k].word, key);
                good = false;
            }
    return good;
}
