#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/config/config_internal.h"
#include "model/core/number.h"

enum { EXPECTS_MAX = 400, FOUND_MAX = 128 };

/* "grid.nx must be an integer from 4 to 100000, found 'ten'" */
static void report_mismatch(bs_reader *r, const bs_value *value, const bs_node *node)
{
    char expects[EXPECTS_MAX], found[FOUND_MAX];
    bs_problem(r->problems, node->place, "%s must be %s, found %s", value->path,
               bs_option_expects(value->option, expects, sizeof expects), bs_node_found(node, found, sizeof found));
}

static void convert_int(bs_reader *r, bs_value *value, const bs_node *node, const char *text)
{
    long v = 0;
    const bs_option *o = value->option;
    if (!bs_number_int(text, &v) || (double)v < o->min || (double)v > o->max) {
        report_mismatch(r, value, node);
        return;
    }
    value->integer = v;
    value->has = true;
}

/* A number or quantity within the row's range; `what` names it in messages. */
static bool convert_quantity(bs_reader *r, const bs_option *o, const char *what, const bs_node *node, const char *text,
                             double *out)
{
    double v = 0;
    bool bare = !o->unit[0] || strcmp(o->unit, "1") == 0;
    bs_err err;
    if (bs_units_parse_quantity(r->units, text, bare ? "1" : o->unit, &v, &err) != BS_OK) {
        bs_problem(r->problems, node->place, "%s: %s", what, err.text);
        return false;
    }
    if (v >= o->min && v <= o->max) {
        *out = v;
        return true;
    }
    char number[BS_NUMBER_TEXT_MAX], min[BS_NUMBER_TEXT_MAX], max[BS_NUMBER_TEXT_MAX], converted[64] = "";
    if (strcmp(bs_number_format(v, number), text) != 0) {
        snprintf(converted, sizeof converted, " (%s%s%s)", number, bare ? "" : " ", bare ? "" : o->unit);
    }
    bs_problem(r->problems, node->place, "%s must be from %s to %s%s%s, found '%.80s'%s", what,
               bs_number_format(o->min, min), bs_number_format(o->max, max), bare ? "" : " ", bare ? "" : o->unit, text,
               converted);
    return false;
}

static void convert_choice(bs_reader *r, bs_value *value, const bs_node *node, const char *text)
{
    enum { WORDS_MAX = 32, WORD_MAX = 64 };
    const char *choices = value->option->choices;
    int index = bs_choice_index(choices, text);
    if (index >= 0) {
        value->integer = index;
        value->text = text;
        value->has = true;
        return;
    }
    char expects[EXPECTS_MAX], words[WORDS_MAX][WORD_MAX];
    const char *pointers[WORDS_MAX];
    int n = 0;
    for (const char *p = choices; *p && n < WORDS_MAX; n++) {
        size_t length = strcspn(p, "|");
        snprintf(words[n], WORD_MAX, "%.*s", (int)length, p);
        pointers[n] = words[n];
        p += length;
        if (*p) p++;
    }
    const char *nearest = bs_nearest_word(text, n, pointers);
    if (n == 1) nearest = NULL; /* the message names it already */
    bs_problem(r->problems, node->place, "%s must be %s, found '%.80s'%s%s%s", value->path,
               bs_option_expects(value->option, expects, sizeof expects), text, nearest ? "; did you mean '" : "",
               nearest ? nearest : "", nearest ? "'?" : "");
}

static void convert_time(bs_reader *r, bs_value *value, const bs_node *node, const char *text)
{
    bs_err err;
    if (bs_time_parse(text, &value->time, &err) != BS_OK) {
        bs_problem(r->problems, node->place, "%s: %s", value->path, err.text);
        return;
    }
    value->has = true;
}

static void convert_bool(bs_reader *r, bs_value *value, const bs_node *node, const char *text)
{
    value->integer = strcmp(text, "true") == 0;
    value->has = value->integer || strcmp(text, "false") == 0;
    if (!value->has) report_mismatch(r, value, node);
}

static void convert_text(bs_reader *r, bs_value *value, const bs_node *node, const char *text)
{
    if (!*text) {
        /* An empty text where there is no default is what leaving it out is. */
        const bs_option *o = value->option;
        if (bs_option_required(o) || *o->fallback)
            bs_problem(r->problems, node->place, "%s must not be empty", value->path);
        return;
    }
    value->text = text;
    value->has = true;
}

static void convert_scalar(bs_reader *r, bs_value *value, const bs_node *node)
{
    if (node->kind != BS_NODE_TEXT) {
        report_mismatch(r, value, node);
        return;
    }
    const char *text = bs_config_expand(r, value->path, node);
    if (!text) return;
    switch (value->option->type) {
    case BS_OPT_INT:
        convert_int(r, value, node, text);
        break;
    case BS_OPT_REAL:
        value->has = convert_quantity(r, value->option, value->path, node, text, &value->real);
        break;
    case BS_OPT_BOOL:
        convert_bool(r, value, node, text);
        break;
    case BS_OPT_CHOICE:
        convert_choice(r, value, node, text);
        break;
    case BS_OPT_TIME:
        convert_time(r, value, node, text);
        break;
    default:
        convert_text(r, value, node, text);
        break;
    }
}

/* Element `index` of a list, by the row's type. */
static bool convert_element(bs_reader *r, bs_value *value, const bs_node *node, int index)
{
    char what[256], found[FOUND_MAX];
    snprintf(what, sizeof what, "%.200s[%d]", value->path, index);
    if (node->kind != BS_NODE_TEXT || (!*node->text && value->option->type == BS_OPT_TEXTS)) {
        bs_problem(r->problems, node->place, "%s must be a %s, found %s", what,
                   value->option->type == BS_OPT_REALS ? "number" : "word", bs_node_found(node, found, sizeof found));
        return false;
    }
    const char *text = bs_config_expand(r, what, node);
    if (!text) return false;
    if (value->option->type == BS_OPT_REALS) {
        return convert_quantity(r, value->option, what, node, text, &value->reals[index]);
    }
    value->texts[index] = text;
    return true;
}

static void convert_list(bs_reader *r, bs_value *value, const bs_node *node)
{
    if (node->kind != BS_NODE_LIST) {
        report_mismatch(r, value, node);
        return;
    }
    size_t n = (size_t)node->count;
    value->reals = bs_arena_alloc(&r->config->arena, (n + 1) * sizeof *value->reals);
    value->texts = bs_arena_alloc(&r->config->arena, (n + 1) * sizeof *value->texts);
    if (!value->reals || !value->texts) {
        r->no_memory = true;
        return;
    }
    bool good = true;
    int index = 0;
    for (const bs_node *c = node->first; c; c = c->next, index++) {
        if (!convert_element(r, value, c, index)) good = false;
    }
    value->has = good;
    value->n = good ? node->count : 0;
}

void bs_config_convert(bs_reader *r, bs_value *value, const bs_node *node)
{
    switch (value->option->type) {
    case BS_OPT_FILE:
        bs_config_convert_file(r, value, node);
        break;
    case BS_OPT_FILES:
        bs_config_convert_files(r, value, node);
        break;
    case BS_OPT_REALS:
    case BS_OPT_TEXTS:
        convert_list(r, value, node);
        break;
    default:
        convert_scalar(r, value, node);
        break;
    }
}
