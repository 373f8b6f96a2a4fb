#include "model/report/members.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/core/memory.h"

enum { PATH_TEXT = 4096, MEMBERS_MAX = 1000 };

static bool holds(const char *dir, const char *name)
{
    char path[PATH_TEXT];
    const int n = snprintf(path, sizeof path, "%s/%s", dir, name);
    return n > 0 && (size_t)n < sizeof path && access(path, F_OK) == 0;
}

static bs_status copy(const char *text, char **out, bs_err *err)
{
    BS_TRY(BS_NEW(out, strlen(text) + 1, "the name of a run", err));
    memcpy(*out, text, strlen(text) + 1);
    return BS_OK;
}

static bs_status add(bs_members *m, const char *name, const char *dir, bs_err *err)
{
    if (m->n == MEMBERS_MAX) return bs_fail(err, BS_ERR_INPUT, "%s: more than %d runs in one set", dir, MEMBERS_MAX);
    bs_member *member = &m->member[m->n++];
    BS_TRY(copy(name, &member->name, err));
    return copy(dir, &member->dir, err);
}

static bs_status not_finished(const char *dir, bs_err *err)
{
    return bs_fail(err, BS_ERR_INPUT,
                   "%s: holds no finished run (no summary.json); let it finish, or remove the folder", dir);
}

/* Base first, then byte by byte. */
static int compare(const void *a, const void *b)
{
    const bs_member *x = a, *y = b;
    const bool bx = strcmp(x->name, "base") == 0, by = strcmp(y->name, "base") == 0;
    return bx != by ? (bx ? -1 : 1) : strcmp(x->name, y->name);
}

static bs_status add_members(const char *dir, DIR *open, bs_members *m, bs_err *err)
{
    char path[PATH_TEXT];
    for (struct dirent *entry = readdir(open); entry; entry = readdir(open)) {
        struct stat info;
        if (entry->d_name[0] == '.') continue;
        const int n = snprintf(path, sizeof path, "%s/%s", dir, entry->d_name);
        if (n < 0 || (size_t)n >= sizeof path) return bs_fail(err, BS_ERR_INPUT, "%s: a name in it is too long", dir);
        if (stat(path, &info) != 0 || !S_ISDIR(info.st_mode)) continue;
        if (holds(path, "summary.json")) {
            BS_TRY(add(m, entry->d_name, path, err));
        } else if (holds(path, "run.log") || holds(path, "case.yaml")) {
            return not_finished(path, err);
        }
    }
    return BS_OK;
}

static bs_status find_set(const char *dir, bs_members *m, bs_err *err)
{
    DIR *open = opendir(dir);
    if (!open) return bs_fail(err, BS_ERR_INPUT, "%s: %s; name the folder of a finished run", dir, strerror(errno));
    const bool killed = !holds(dir, "base") && (holds(dir, "run.log") || holds(dir, "case.yaml"));
    bs_status st = killed ? not_finished(dir, err) : add_members(dir, open, m, err);
    closedir(open);
    if (st != BS_OK) return st;
    if (m->n) qsort(m->member, (size_t)m->n, sizeof *m->member, compare);
    if (m->n == 0) return bs_fail(err, BS_ERR_INPUT, "%s: holds no run: neither summary.json nor folders of runs", dir);
    if (strcmp(m->member[0].name, "base") != 0)
        return bs_fail(err, BS_ERR_INPUT, "%s: holds runs, but none named 'base' to compare them with", dir);
    return BS_OK;
}

bs_status bs_members_find(const char *dir, bs_members *out, bs_err *err)
{
    *out = (bs_members){0};
    BS_TRY(BS_NEW(&out->member, MEMBERS_MAX, "the runs of a set", err));
    const bool alone = holds(dir, "summary.json") && !holds(dir, "base/summary.json");
    bs_status st = alone ? add(out, "run", dir, err) : find_set(dir, out, err);
    if (st != BS_OK) bs_members_free(out);
    return st;
}

void bs_members_free(bs_members *m)
{
    for (int n = 0; n < m->n; n++) {
        bs_free(m->member[n].name);
        bs_free(m->member[n].dir);
    }
    bs_free(m->member);
    *m = (bs_members){0};
}
