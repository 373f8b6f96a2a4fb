/* The case file's tree against the options' tree: unknown keys, missing keys, kinds, defaults. */
#include <stdio.h>
#include <string.h>

#include "model/config/config_internal.h"

static void check_section(bs_reader *r, const bs_schema *schema, const bs_node *node, const char *path,
                          const char *where);

static const char *place_text(bs_reader *r, bs_place place)
{
    if (place.origin) return place.origin;
    if (place.line == 0) return r->config->file;
    const char *text = bs_arena_format(&r->config->arena, "%s:%d:%d", r->config->file, place.line, place.column);
    return text ? text : bs_reader_no_memory(r);
}

static bs_value *add_value(bs_reader *r, const bs_option *option, const char *path, const char *where)
{
    bs_value *value = bs_arena_alloc(&r->config->arena, sizeof *value);
    if (!value) return bs_reader_no_memory(r);
    value->path = path;
    value->option = option;
    value->where = where;
    if (r->config->last) {
        r->config->last->next = value;
    } else {
        r->config->first = value;
    }
    r->config->last = value;
    return value;
}

static void report_unknown(bs_reader *r, const bs_schema *schema, const bs_node *child, const char *path)
{
    const char *nearest = bs_schema_nearest(schema, child->key);
    int n = 0;
    const bs_option *options = bs_options(&n);
    const char *elsewhere = NULL;
    for (int i = 0; i < n && !nearest && !elsewhere; i++) {
        const char *dot = strrchr(options[i].path, '.');
        if (dot && strcmp(dot + 1, child->key) == 0) elsewhere = options[i].path;
    }
    char in[300] = "";
    if (*path) snprintf(in, sizeof in, " in %.250s", path);
    if (nearest) {
        bs_problem(r->problems, child->key_place, "unknown key '%.80s'%s; did you mean '%s'?", child->key, in, nearest);
    } else if (elsewhere) {
        bs_problem(r->problems, child->key_place, "unknown key '%.80s'%s; did you mean '%s'?", child->key, in,
                   elsewhere);
    } else {
        bs_problem(r->problems, child->key_place, "unknown key '%.80s'%s; 'bashu options' lists them all", child->key,
                   in);
    }
}

/* "projection, nx, ny": the required rows directly below a section; how many. */
static int required_names(const bs_schema *schema, char *text, size_t size)
{
    int n = 0;
    size_t used = 0;
    text[0] = '\0';
    for (const bs_schema *c = schema->first; c; c = c->next) {
        if (!c->option || !bs_option_required(c->option)) continue;
        if (used < size) used += (size_t)snprintf(text + used, size - used, "%s%s", n ? ", " : "", c->name);
        n++;
    }
    return n;
}

static void report_missing(bs_reader *r, const bs_option *option, const bs_node *parent, const char *path)
{
    char expects[400];
    bs_problem(r->problems, parent->key_place, "%s is missing; it must be %s", path,
               bs_option_expects(option, expects, sizeof expects));
}

static void use_fallback(bs_reader *r, bs_value *value)
{
    const char *fallback = bs_option_default(value->option);
    bs_node *node = NULL;
    bs_err err;
    bs_place place = {.origin = value->option->path};
    if (!*fallback) return;
    if (*fallback == '[') {
        bs_status status =
            bs_yaml_parse(&r->config->arena, fallback, strlen(fallback), place.origin, r->problems, &node, &err);
        if (status) r->no_memory = true;
    } else {
        node = bs_node_create(&r->config->arena, BS_NODE_TEXT, place);
        if (node) node->text = fallback;
        if (!node) r->no_memory = true;
    }
    if (node) bs_config_convert(r, value, node);
}

/* The entries of a LIST (no keys) or a MAP. */
static void check_entries(bs_reader *r, const bs_schema *schema, bs_value *value, const bs_node *node)
{
    bs_arena *arena = &r->config->arena;
    value->texts = bs_arena_alloc(arena, ((size_t)node->count + 1) * sizeof *value->texts);
    if (!value->texts) {
        r->no_memory = true;
        return;
    }
    value->has = true;
    value->n = node->count;
    int index = 0;
    for (const bs_node *c = node->first; c; c = c->next, index++) {
        const char *path = bs_arena_format(arena, "%s[%d]", value->path, index);
        const char *where = place_text(r, c->key_place);
        if (!path || !where) {
            r->no_memory = true;
            return;
        }
        value->texts[index] = c->key;
        add_value(r, NULL, path, where);
        if (c->kind != BS_NODE_MAP && c->kind != BS_NODE_NULL) {
            char found[128], names[128];
            required_names(schema, names, sizeof names);
            bs_problem(r->problems, c->place, "%s%s%s must be a mapping with %s, found %s", value->path,
                       c->key ? "." : "", c->key ? c->key : "[]", names, bs_node_found(c, found, sizeof found));
        } else {
            check_section(r, schema, c, path, where);
        }
    }
}

static bool is_waived(const bs_option *option, const bs_node *parent)
{
    const char *unless = bs_option_unless(option);
    const bs_node *given = unless ? bs_node_child(parent, unless) : NULL;
    return given && given->kind != BS_NODE_NULL;
}

static void check_row(bs_reader *r, const bs_schema *schema, const bs_node *parent, const bs_node *node,
                      const char *path, const char *parent_where)
{
    const bs_option *option = schema->option;
    bool unset = node && node->kind == BS_NODE_NULL && node->place.origin; /* --set a.b=null: as if left out */
    bs_value *value = add_value(r, option, path, node && !unset ? place_text(r, node->place) : parent_where);
    if (!value) return;
    if (!node || unset) {
        if (!bs_option_required(option)) {
            use_fallback(r, value);
        } else if (parent && !is_waived(option, parent)) { /* a section that is missing altogether has been reported */
            report_missing(r, option, parent, path);
        }
        return;
    }
    if (node->kind == BS_NODE_NULL) {
        bs_problem(r->problems, node->place,
                   bs_option_required(option) ? "%s has no value" : "%s has no value; give one or remove the line",
                   path);
        return;
    }
    if (option->type != BS_OPT_LIST && option->type != BS_OPT_MAP) {
        bs_config_convert(r, value, node);
        return;
    }
    if (node->kind != (option->type == BS_OPT_LIST ? BS_NODE_LIST : BS_NODE_MAP)) {
        char expects[128], found[128];
        bs_problem(r->problems, node->place, "%s must be %s, found %s", path,
                   bs_option_expects(option, expects, sizeof expects), bs_node_found(node, found, sizeof found));
        return;
    }
    check_entries(r, schema, value, node);
}

static void check_subsection(bs_reader *r, const bs_schema *schema, const bs_node *node, const char *path,
                             const char *parent_where)
{
    const char *where = node ? place_text(r, node->key_place) : parent_where;
    char names[400], found[128];
    add_value(r, NULL, path, where);
    if (node && node->kind != BS_NODE_MAP && node->kind != BS_NODE_NULL) {
        bs_problem(r->problems, node->place, "%s must be a mapping of keys, found %s", path,
                   bs_node_found(node, found, sizeof found));
        return;
    }
    if (!node && required_names(schema, names, sizeof names) > 0) {
        bs_problem(r->problems, (bs_place){0}, "section '%s' is missing; it needs %s", path, names);
    }
    check_section(r, schema, node, path, where);
}

/* All children of a section or entry; node is NULL where the file has none. */
static void check_section(bs_reader *r, const bs_schema *schema, const bs_node *node, const char *path,
                          const char *where)
{
    for (const bs_node *c = node ? node->first : NULL; c; c = c->next) {
        if (!bs_schema_child(schema, c->key)) report_unknown(r, schema, c, path);
    }
    for (const bs_schema *s = schema->first; s && !r->no_memory; s = s->next) {
        const bs_node *child = bs_node_child(node, s->name);
        const char *child_path = bs_arena_format(&r->config->arena, "%s%s%s", path, *path ? "." : "", s->name);
        if (!child_path) {
            r->no_memory = true;
        } else if (s->option) {
            check_row(r, s, node, child, child_path, where);
        } else {
            check_subsection(r, s, child, child_path, where);
        }
    }
}

void bs_config_check(bs_reader *r, bs_node *root)
{
    check_section(r, r->config->schema, root, "", r->config->file);
}
