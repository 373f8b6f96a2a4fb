#include "model/config/config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/config/config_internal.h"

/* The absolute folder of a file, so that what is resolved from it stays true wherever it is read again. */
static const char *folder_of(bs_arena *arena, const char *file, bs_err *err)
{
    const char *slash = strrchr(file, '/');
    size_t n = slash ? (size_t)(slash - file) : 0;
    char here[4096];
    const char *folder = NULL;
    if (file[0] == '/') {
        folder = bs_arena_copy(arena, file, n ? n : 1);
    } else if (!getcwd(here, sizeof here)) {
        bs_fail(err, BS_ERR_IO, "cannot tell the current folder: %s", strerror(errno));
        return NULL;
    } else {
        folder = n ? bs_arena_format(arena, "%s/%.*s", here, (int)n, file) : bs_arena_copy(arena, here, strlen(here));
    }
    if (!folder) bs_fail(err, BS_ERR_MEMORY, "%s: out of memory", file);
    return folder;
}

static bool has_content(const bs_source *source)
{
    for (const char *p = source->text; *p;) {
        p += strspn(p, " \t\r\n");
        if (*p && *p != '#') return true;
        p += strcspn(p, "\n");
    }
    return false;
}

static bs_status read_tree(bs_reader *r, const bs_source *source, int n_set, const char *const *set, bs_err *err)
{
    bs_node *root = NULL;
    if (!has_content(source)) {
        return bs_fail(err, BS_ERR_INPUT, "%s: error: the file is empty; configs/reference.yaml shows every option",
                       source->name);
    }
    BS_TRY(bs_yaml_parse(&r->config->arena, source->text, source->length, NULL, r->problems, &root, err));
    if (!root) return bs_problems_status(r->problems, err);
    if (root->kind != BS_NODE_MAP) {
        char found[128];
        bs_problem(r->problems, root->place,
                   "a case is a mapping of sections ('case:', 'time:', 'grid:' ...), found %s",
                   bs_node_found(root, found, sizeof found));
        return bs_problems_status(r->problems, err);
    }
    for (int i = 0; i < n_set; i++) bs_config_apply_set(r, root, set[i]);
    bs_config_check(r, root);
    if (r->no_memory) return bs_fail(err, BS_ERR_MEMORY, "%s: out of memory", source->name);
    return bs_problems_status(r->problems, err);
}

static bs_status read_config(bs_config *config, bs_problems *problems, const char *file, bool files_may_be_gone,
                             int n_set, const char *const *set, bs_err *err)
{
    bs_source source = {0};
    if (access(file, F_OK) != 0) {
        return bs_fail(err, BS_ERR_INPUT, "%s: error: %s; name an existing case file (configs/cases has examples)",
                       file, strerror(errno));
    }
    BS_TRY(bs_source_read(&config->arena, file, &source, err));
    problems->source = &source;
    config->file = source.name;
    config->schema = bs_schema_build(&config->arena);
    if (!config->schema) return bs_fail(err, BS_ERR_MEMORY, "%s: out of memory", file);
    bs_reader reader = {.config = config, .problems = problems, .files_may_be_gone = files_may_be_gone};
    reader.folder = folder_of(&config->arena, file, err);
    if (!reader.folder) return err ? err->status : BS_ERR_IO;
    BS_TRY(bs_units_create(&reader.units, err));
    bs_status status = read_tree(&reader, &source, n_set, set, err);
    bs_units_destroy(reader.units);
    return status;
}

static bs_status read_whole(const char *file, bool files_may_be_gone, int n_set, const char *const *set,
                            bs_config **out, bs_err *err)
{
    *out = NULL;
    bs_config *config = calloc(1, sizeof *config);
    bs_problems *problems = calloc(1, sizeof *problems);
    bs_status status = BS_ERR_MEMORY;
    if (config && problems) {
        status = read_config(config, problems, file, files_may_be_gone, n_set, set, err);
    } else {
        bs_fail(err, status, "%s: out of memory", file);
    }
    free(problems);
    if (status) {
        if (config) bs_config_destroy(config);
        return status;
    }
    *out = config;
    return BS_OK;
}

bs_status bs_config_read(const char *file, int n_set, const char *const *set, bs_config **out, bs_err *err)
{
    return read_whole(file, false, n_set, set, out, err);
}

bs_status bs_config_read_kept(const char *file, int n_set, const char *const *set, bs_config **out, bs_err *err)
{
    return read_whole(file, true, n_set, set, out, err);
}

void bs_config_destroy(bs_config *config)
{
    if (!config) return;
    bs_arena_free(&config->arena);
    free(config);
}

const char *bs_config_file(const bs_config *c)
{
    return c->file;
}
