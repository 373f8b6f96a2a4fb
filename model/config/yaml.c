#include "model/config/yaml.h"

#include <libfyaml.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH_MAX = 60, ALIASED_NODES_MAX = 100000 };

typedef struct bs_builder {
    bs_arena *arena;
    bs_problems *problems;
    const char *origin;
    long aliased; /* nodes copied for aliases: bounds what nested aliases can blow up to */
    bool no_memory;
} bs_builder;

static bs_node *build(bs_builder *b, struct fy_node *node, bs_place key_place, int depth, bool aliased);

bs_node *bs_node_create(bs_arena *arena, bs_node_kind kind, bs_place place)
{
    bs_node *node = bs_arena_alloc(arena, sizeof *node);
    if (!node) return NULL;
    node->kind = kind;
    node->place = node->key_place = place;
    return node;
}

bs_node *bs_node_child(const bs_node *map, const char *key)
{
    if (!map || map->kind != BS_NODE_MAP) return NULL;
    for (bs_node *c = map->first; c; c = c->next) {
        if (strcmp(c->key, key) == 0) return c;
    }
    return NULL;
}

void bs_node_append(bs_node *parent, bs_node *child)
{
    child->next = NULL;
    if (parent->last) {
        parent->last->next = child;
    } else {
        parent->first = child;
    }
    parent->last = child;
    parent->count++;
}

const char *bs_node_found(const bs_node *node, char *text, size_t size)
{
    static const char *const WORDS[] = {"nothing", "", "a list", "a mapping"};
    if (node->kind == BS_NODE_TEXT) {
        snprintf(text, size, "'%.80s'", node->text);
    } else {
        snprintf(text, size, "%s", WORDS[node->kind]);
    }
    return text;
}

static bs_place token_place(const bs_builder *b, struct fy_token *token, bs_place otherwise)
{
    const struct fy_mark *mark = token ? fy_token_start_mark(token) : NULL;
    if (!mark || b->origin || mark->line < 0) return otherwise;
    return (bs_place){.line = mark->line + 1, .column = mark->column + 1};
}

static bs_node *no_memory(bs_builder *b)
{
    b->no_memory = true;
    return NULL;
}

static bs_node *build_text(bs_builder *b, struct fy_node *node, bs_place key_place)
{
    size_t n = 0;
    const char *text = fy_node_get_scalar(node, &n);
    enum fy_node_style style = fy_node_get_style(node);
    bool quoted = style == FYNS_SINGLE_QUOTED || style == FYNS_DOUBLE_QUOTED;
    bs_place place = token_place(b, fy_node_get_scalar_token(node), key_place);
    if (quoted && place.column > 1) place.column--; /* libfyaml's mark is behind the quote */
    if (n && memchr(text, '\0', n)) {
        bs_problem(b->problems, place, "the text contains a NUL character");
        return NULL;
    }
    bs_node *out = bs_node_create(b->arena, BS_NODE_TEXT, place);
    if (!out) return no_memory(b);
    out->text = bs_arena_copy(b->arena, text ? text : "", n);
    if (!out->text) return no_memory(b);
    out->quoted = quoted;
    bool word = !out->quoted && style != FYNS_LITERAL && style != FYNS_FOLDED;
    if (word && (n == 0 || strcmp(out->text, "~") == 0 || strcmp(out->text, "null") == 0)) out->kind = BS_NODE_NULL;
    return out;
}

static bs_node *build_alias(bs_builder *b, struct fy_node *node, bs_place key_place, int depth)
{
    size_t n = 0;
    const char *name = fy_node_get_scalar(node, &n);
    bs_place place = token_place(b, fy_node_get_scalar_token(node), key_place);
    struct fy_node *target = fy_node_resolve_alias(node);
    if (!target) {
        bs_problem(b->problems, place,
                   "there is no anchor '&%.*s' for '*%.*s'; a text that begins with '*' must be quoted", (int)n,
                   name ? name : "", (int)n, name ? name : "");
        return NULL;
    }
    return build(b, target, key_place, depth + 1, true);
}

static bs_node *build_list(bs_builder *b, struct fy_node *node, bs_place key_place, int depth, bool aliased)
{
    bs_node *out = bs_node_create(b->arena, BS_NODE_LIST, key_place);
    if (!out) return no_memory(b);
    void *at = NULL;
    struct fy_node *item;
    while ((item = fy_node_sequence_iterate(node, &at)) != NULL) {
        bs_node *child = build(b, item, key_place, depth + 1, aliased);
        if (!child) return NULL;
        /* An entry has no key of its own: it begins where its first key does. */
        if (child->kind != BS_NODE_TEXT && child->first) child->place = child->first->key_place;
        child->key_place = child->place;
        bs_node_append(out, child);
    }
    return out;
}

static bs_node *build_map(bs_builder *b, struct fy_node *node, bs_place key_place, int depth, bool aliased)
{
    bs_node *out = bs_node_create(b->arena, BS_NODE_MAP, key_place);
    if (!out) return no_memory(b);
    void *at = NULL;
    struct fy_node_pair *pair;
    while ((pair = fy_node_mapping_iterate(node, &at)) != NULL) {
        struct fy_node *key_node = fy_node_pair_key(pair);
        if (!key_node || fy_node_get_type(key_node) != FYNT_SCALAR || fy_node_is_alias(key_node)) {
            bs_problem(b->problems, key_place, "a key must be a word");
            return NULL;
        }
        bs_node *key = build_text(b, key_node, key_place);
        if (!key) return NULL;
        bs_node *child = build(b, fy_node_pair_value(pair), key->place, depth + 1, aliased);
        if (!child) return NULL;
        child->key = key->text;
        child->key_place = key->place;
        bs_node_append(out, child);
    }
    return out;
}

static bs_node *build(bs_builder *b, struct fy_node *node, bs_place key_place, int depth, bool aliased)
{
    if (depth > DEPTH_MAX) {
        bs_problem(b->problems, key_place, "nested too deeply (an alias may contain itself)");
        return NULL;
    }
    if (aliased && ++b->aliased > ALIASED_NODES_MAX) {
        bs_problem(b->problems, key_place, "aliases expand to more than %d values", ALIASED_NODES_MAX);
        return NULL;
    }
    if (!node) {
        bs_node *empty = bs_node_create(b->arena, BS_NODE_NULL, key_place);
        return empty ? empty : no_memory(b);
    }
    switch (fy_node_get_type(node)) {
    case FYNT_SEQUENCE:
        return build_list(b, node, key_place, depth, aliased);
    case FYNT_MAPPING:
        return build_map(b, node, key_place, depth, aliased);
    default:
        break;
    }
    return fy_node_is_alias(node) ? build_alias(b, node, key_place, depth) : build_text(b, node, key_place);
}

/* What libfyaml complained about. */
static void report_syntax(bs_builder *b, struct fy_diag *diag)
{
    bs_place whole = {.origin = b->origin};
    void *at = NULL;
    int n = 0;
    struct fy_diag_error *e;
    while ((e = fy_diag_errors_iterate(diag, &at)) != NULL) {
        bs_place place = whole;
        if (!b->origin) place = (bs_place){.line = e->line, .column = e->column};
        size_t length = 0;
        const char *text = e->fyt ? fy_token_get_text(e->fyt, &length) : NULL;
        if (strcmp(e->msg, "duplicate key") == 0 && text) {
            bs_problem(b->problems, place, "key '%.*s' is given twice", (int)length, text);
        } else {
            bs_problem(b->problems, place, "not valid YAML: %s", e->msg);
        }
        n++;
    }
    if (n == 0) bs_problem(b->problems, whole, "not valid YAML");
}

static void load(bs_builder *b, struct fy_parser *parser, struct fy_diag *diag, bs_node **root)
{
    bs_place whole = {.origin = b->origin};
    struct fy_document *document = fy_parse_load_document(parser);
    if (!document && fy_parser_get_stream_error(parser)) {
        report_syntax(b, diag);
        return;
    }
    *root = build(b, document ? fy_document_root(document) : NULL, whole, 0, false);
    if (document) fy_parse_document_destroy(parser, document);
    if (!*root) return;
    struct fy_document *second = document ? fy_parse_load_document(parser) : NULL;
    if (second) {
        bs_problem(b->problems, whole, "more than one document ('---') in it");
        fy_parse_document_destroy(parser, second);
        *root = NULL;
    } else if (fy_parser_get_stream_error(parser)) {
        report_syntax(b, diag);
        *root = NULL;
    }
}

bs_status bs_yaml_parse(bs_arena *arena, const char *text, size_t length, const char *origin, bs_problems *problems,
                        bs_node **root, bs_err *err)
{
    *root = NULL;
    struct fy_diag_cfg diag_cfg;
    fy_diag_cfg_default(&diag_cfg);
    diag_cfg.fp = NULL; /* the default is stderr */
    struct fy_diag *diag = fy_diag_create(&diag_cfg);
    if (!diag) return bs_fail(err, BS_ERR_MEMORY, "out of memory reading YAML");
    fy_diag_set_collect_errors(diag, true);
    struct fy_parse_cfg cfg = {.flags = FYPCF_QUIET | FYPCF_COLLECT_DIAG | FYPCF_JSON_NONE, .diag = diag};
    struct fy_parser *parser = fy_parser_create(&cfg);
    bs_builder builder = {.arena = arena, .problems = problems, .origin = origin};
    if (!parser || fy_parser_set_string(parser, text, length) != 0) {
        builder.no_memory = true;
    } else {
        load(&builder, parser, diag, root);
    }
    fy_parser_destroy(parser);
    fy_diag_destroy(diag);
    if (builder.no_memory) return bs_fail(err, BS_ERR_MEMORY, "out of memory reading YAML");
    return BS_OK;
}
