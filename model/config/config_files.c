#include <ctype.h>
#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/config/config_internal.h"

/* The value of the variable named at p ("{NAME}..."), with the text's length in *length. NULL after a problem. */
static const char *variable(bs_reader *r, const char *path, const bs_node *node, const char *p, size_t *length)
{
    char name[128];
    size_t n = 0;
    for (p++; isalnum((unsigned char)p[n]) || p[n] == '_'; n++) continue;
    if (p[n] != '}' || n == 0 || n >= sizeof name || isdigit((unsigned char)p[0])) {
        bs_problem(r->problems, node->place,
                   "%s: '${' must be followed by the name of an environment variable and '}'; "
                   "write '$${' for the characters themselves",
                   path);
        return NULL;
    }
    memcpy(name, p, n);
    name[n] = '\0';
    const char *value = getenv(name);
    if (!value) {
        bs_problem(r->problems, node->place,
                   "%s: the environment variable %s is not set; set it, or write the value out", path, name);
    }
    *length = n + 3; /* "${" NAME "}" */
    return value;
}

/* "$${" stands for "${", so that a resolved text can be written down and read again. */
const char *bs_config_expand(bs_reader *r, const char *path, const bs_node *node)
{
    const char *text = node->text;
    if (!strstr(text, "${")) return text;
    char *out = bs_arena_copy(&r->config->arena, "", 0);
    for (const char *p = text; *p && out;) {
        const char *dollar = strstr(p, "${");
        if (!dollar) return bs_arena_format(&r->config->arena, "%s%s", out, p);
        bool escaped = dollar > p && dollar[-1] == '$';
        size_t skipped = 2;
        const char *value = escaped ? "{" : variable(r, path, node, dollar + 1, &skipped);
        if (!value) return NULL;
        out = bs_arena_format(&r->config->arena, "%s%.*s%s", out, (int)(dollar - p), p, value);
        p = dollar + skipped;
    }
    return out ? out : bs_reader_no_memory(r);
}

static bool is_remote(const char *name)
{
    const size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+.-");
    return n > 0 && strncmp(name + n, "://", 3) == 0;
}

/* Relative names start from the folder of the case file; what a --set names, too. */
static const char *resolve(bs_reader *r, const char *path, const bs_node *node, const char *name)
{
    if (is_remote(name)) {
        bs_problem(r->problems, node->place, "%s: '%.200s' is a remote address; download the file and name it here",
                   path, name);
        return NULL;
    }
    while (name[0] == '.' && name[1] == '/') name += 2;
    bs_arena *arena = &r->config->arena;
    if (name[0] == '/') return name;
    const char *resolved = bs_arena_format(arena, "%s/%s", r->folder, name);
    return resolved ? resolved : bs_reader_no_memory(r);
}

/* A file that need not be there: one that a kept case names itself. */
static bool may_be_gone(const bs_reader *r, const bs_node *node)
{
    return r->files_may_be_gone && !node->place.origin;
}

/* Whether `file` (resolved) is a readable file; the reason when not. */
static bool is_readable(const char *file, const char **why)
{
    struct stat info;
    if (stat(file, &info) != 0) {
        *why = errno == ENOENT ? "there is no such file" : strerror(errno);
        return false;
    }
    *why = S_ISDIR(info.st_mode) ? "is a folder, expected a file" : "cannot be read (no permission)";
    return !S_ISDIR(info.st_mode) && access(file, R_OK) == 0;
}

void bs_config_convert_file(bs_reader *r, bs_value *value, const bs_node *node)
{
    char expects[128], found[128];
    if (node->kind != BS_NODE_TEXT || !*node->text) {
        bs_problem(r->problems, node->place, "%s must be %s, found %s", value->path,
                   bs_option_expects(value->option, expects, sizeof expects), bs_node_found(node, found, sizeof found));
        return;
    }
    const char *name = bs_config_expand(r, value->path, node);
    const char *file = name ? resolve(r, value->path, node, name) : NULL;
    const char *why = NULL;
    if (!file) return;
    if (!may_be_gone(r, node) && !is_readable(file, &why)) {
        bs_problem(r->problems, node->place, "%s: '%s': %s", value->path, file, why);
        return;
    }
    value->text = file;
    value->has = true;
}

typedef struct file_list {
    const char **file;
    int n, room;
} file_list;

static bool add_file(bs_reader *r, bs_value *value, const bs_node *node, file_list *list, const char *file)
{
    for (int i = 0; i < list->n; i++) {
        if (strcmp(list->file[i], file) == 0) {
            bs_problem(r->problems, node->place, "%s names '%s' twice", value->path, file);
            return false;
        }
    }
    if (list->n == list->room) {
        int room = list->room ? 2 * list->room : 16;
        const char **larger = bs_arena_alloc(&r->config->arena, (size_t)room * sizeof *larger);
        if (!larger) return bs_reader_no_memory(r) != NULL;
        if (list->n) memcpy(larger, list->file, (size_t)list->n * sizeof *larger);
        list->file = larger;
        list->room = room;
    }
    list->file[list->n++] = file;
    return true;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Adds what a pattern matches, sorted byte by byte whatever the locale. */
static bool add_matches(bs_reader *r, bs_value *value, const bs_node *node, file_list *list, const char *pattern)
{
    glob_t found = {0};
    int status = glob(pattern, GLOB_NOSORT | GLOB_ERR, NULL, &found);
    bool good = status == 0;
    if (status == GLOB_NOSPACE) {
        r->no_memory = true;
    } else if (status != 0) {
        bs_problem(r->problems, node->place, "%s: no file matches '%s'", value->path, pattern);
    } else {
        qsort(found.gl_pathv, found.gl_pathc, sizeof found.gl_pathv[0], compare_names);
    }
    for (size_t i = 0; good && i < found.gl_pathc; i++) {
        const char *why = NULL;
        const char *file = bs_arena_copy(&r->config->arena, found.gl_pathv[i], strlen(found.gl_pathv[i]));
        if (!file) {
            r->no_memory = true;
            good = false;
        } else if (!is_readable(file, &why)) {
            bs_problem(r->problems, node->place, "%s: '%s' (matched by '%s'): %s", value->path, file, pattern, why);
            good = false;
        } else {
            good = add_file(r, value, node, list, file);
        }
    }
    globfree(&found);
    return good;
}

static bool add_entry(bs_reader *r, bs_value *value, const bs_node *node, file_list *list)
{
    char found[128];
    if (node->kind != BS_NODE_TEXT || !*node->text) {
        bs_problem(r->problems, node->place, "%s must be a file name or pattern, or a list of them, found %s",
                   value->path, bs_node_found(node, found, sizeof found));
        return false;
    }
    const char *name = bs_config_expand(r, value->path, node);
    const char *file = name ? resolve(r, value->path, node, name) : NULL;
    const char *why = NULL;
    if (!file) return false;
    /* A file of that very name comes first: names may contain '[' or '*'. */
    if (may_be_gone(r, node) || is_readable(file, &why)) return add_file(r, value, node, list, file);
    if (strpbrk(file, "*?[")) return add_matches(r, value, node, list, file);
    bs_problem(r->problems, node->place, "%s: '%s': %s", value->path, file, why);
    return false;
}

void bs_config_convert_files(bs_reader *r, bs_value *value, const bs_node *node)
{
    file_list list = {0};
    bool good = true;
    if (node->kind == BS_NODE_LIST) {
        for (const bs_node *c = node->first; c; c = c->next) {
            if (!add_entry(r, value, c, &list)) good = false;
        }
    } else {
        good = add_entry(r, value, node, &list);
    }
    if (!good) return;
    value->texts = list.file;
    value->n = list.n;
    value->has = true;
}
