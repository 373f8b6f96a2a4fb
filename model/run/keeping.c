#include "model/run/keeping.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/core/memory.h"
#include "model/core/timer.h"
#include "model/io/checkpoint.h"
#include "model/parallel/ranks.h"
#include "model/run/changes.h"

enum { FORMAT = 2, KEPT = 2, MOST_FOUND = 64, NAME_TEXT = 64, PATH_TEXT = BS_KEEPING_PATH + 260 };

static const char PREFIX[] = "checkpoint_", SUFFIX[] = ".h5", JOURNAL[] = ".journal", PART[] = ".part";

/* ---- the folder ---- */

static bool ends_with(const char *name, const char *suffix)
{
    const size_t n = strlen(name), m = strlen(suffix);
    return n >= m && strcmp(name + n - m, suffix) == 0;
}

static bool is_checkpoint(const char *name)
{
    return strncmp(name, PREFIX, sizeof PREFIX - 1) == 0 && ends_with(name, SUFFIX) && strlen(name) < NAME_TEXT;
}

static int newest_first(const void *a, const void *b)
{
    return strcmp(b, a);
}

/* Names of the checkpoints in DIR/checkpoint, the newest first: times written as they are sort like texts. */
static int list(const char *folder, char found[MOST_FOUND][NAME_TEXT])
{
    DIR *d = opendir(folder);
    int n = 0;
    if (!d) return 0;
    for (const struct dirent *e; n < MOST_FOUND && (e = readdir(d)) != NULL;)
        if (is_checkpoint(e->d_name)) memcpy(found[n++], e->d_name, strlen(e->d_name) + 1); /* shorter than NAME_TEXT */
    closedir(d);
    qsort(found, (size_t)n, NAME_TEXT, newest_first);
    return n;
}

static const char *join(const char *folder, const char *name, char path[PATH_TEXT])
{
    const size_t n = strnlen(folder, BS_KEEPING_PATH), m = strnlen(name, PATH_TEXT - BS_KEEPING_PATH - 2);
    memcpy(path, folder, n);
    path[n] = '/';
    memcpy(path + n + 1, name, m);
    path[n + 1 + m] = '\0';
    return path;
}

static const char *folder_of(const char *dir, char path[BS_KEEPING_PATH])
{
    snprintf(path, BS_KEEPING_PATH, "%s/checkpoint", dir);
    return path;
}

static bs_status make_folder(const char *path, bs_err *err)
{
    if (mkdir(path, 0777) == 0 || errno == EEXIST) return BS_OK;
    return bs_fail(err, BS_ERR_IO, "%s: cannot make the folder of the checkpoints: %s", path, strerror(errno));
}

bs_status bs_keeping_folder(const char *dir, char path[BS_KEEPING_PATH], bs_err *err)
{
    folder_of(dir, path);
    return bs_ranks_agree(bs_ranks_first() ? make_folder(path, err) : BS_OK, err);
}

bool bs_keeping_there(const char *dir)
{
    char folder[BS_KEEPING_PATH], found[MOST_FOUND][NAME_TEXT];
    return list(folder_of(dir, folder), found) > 0;
}

void bs_keeping_clear(const char *dir, bool only_empty)
{
    char folder[BS_KEEPING_PATH], path[PATH_TEXT];
    if (only_empty && bs_keeping_there(dir)) return;
    DIR *d = opendir(folder_of(dir, folder));
    if (!d) return;
    for (const struct dirent *e; (e = readdir(d)) != NULL;)
        if (is_checkpoint(e->d_name) || ends_with(e->d_name, JOURNAL) || ends_with(e->d_name, PART))
            unlink(join(folder, e->d_name, path));
    closedir(d);
    rmdir(folder); /* stays where somebody put something else into it */
}

/* ---- when ---- */

bs_status bs_keeping_create(const bs_case *c, const char *dir, bs_keeping *out, bs_err *err)
{
    const bs_config *g = c->config;
    *out = (bs_keeping){.last = c->start, .last_wall = bs_wall_seconds(), .log = c->log};
    out->wall = bs_config_real(g, "checkpoint.wall_interval");
    if (bs_config_has(g, "checkpoint.interval")) {
        const double seconds = bs_config_real(g, "checkpoint.interval");
        out->interval = (bs_time)llround(seconds);
        if (out->interval % 3600 != 0 || (double)out->interval != seconds)
            return bs_fail(err, BS_ERR_INPUT, "%s: checkpoint.interval is %g s, expected a whole number of hours",
                           bs_config_where(g, "checkpoint.interval"), seconds);
    }
    out->on = out->interval > 0 || out->wall > 0;
    folder_of(dir, out->dir);
    return BS_OK;
}

bool bs_keeping_due(const bs_keeping *k, bs_time t)
{
    if (!k->on) return false;
    return (k->interval > 0 && t - k->last >= k->interval) ||
           (k->wall > 0 && bs_wall_seconds() - k->last_wall >= k->wall);
}

/* ---- what it belongs to ---- */

/* The same lines as bs_config_flat, for files. */
static bs_status describe_inputs(const bs_inputs *in, char **out, bs_err *err)
{
    size_t size = 1;
    for (int n = 0; n < in->n; n++) size += strlen(in->file[n].file) + NAME_TEXT;
    char *text = NULL;
    BS_TRY(BS_NEW(&text, size, "inputs", err));
    size_t used = 0;
    for (int n = 0; n < in->n; n++)
        used += (size_t)snprintf(text + used, size - used, "%s: %llu bytes, hash %016llx\n", in->file[n].file,
                                 (unsigned long long)in->file[n].bytes, (unsigned long long)in->file[n].hash);
    *out = text;
    return BS_OK;
}

static bs_status put_text(bs_archive *a, const char *name, const char *text, bs_err *err)
{
    return bs_archive_item(a, name, BS_ITEM_BYTE, strlen(text) + 1, (void *)text, err);
}

static bs_status get_text(bs_checkpoint *c, const char *name, char **out, bs_err *err)
{
    const size_t n = bs_checkpoint_count(c, name);
    *out = NULL;
    bs_status st = bs_ranks_agree(BS_NEW(out, n + 1, name, err), err);
    if (st == BS_OK) st = BS_ARCHIVE(bs_checkpoint_archive(c), name, *out, n, err);
    if (st != BS_OK) {
        bs_free(*out);
        *out = NULL;
    }
    return st;
}

static bs_status keep_identity(bs_archive *a, const bs_keeping_of *of, bs_time t, bs_err *err)
{
    int format = FORMAT;
    char *config = bs_config_flat(of->config), *inputs = NULL;
    bs_status st = config ? BS_OK : bs_fail(err, BS_ERR_MEMORY, "checkpoint: no memory for the configuration");
    if (st == BS_OK) st = describe_inputs(of->inputs, &inputs, err);
    st = bs_ranks_agree(st, err);
    if (st == BS_OK) st = BS_ARCHIVE(a, "format", &format, 1, err);
    if (st == BS_OK) st = BS_ARCHIVE(a, "time", &t, 1, err);
    if (st == BS_OK) st = put_text(a, "version", of->version, err);
    if (st == BS_OK) st = put_text(a, "precision", BS_REAL_NAME, err);
    if (st == BS_OK) st = put_text(a, "plan", of->plan, err);
    if (st == BS_OK) st = put_text(a, "config", config, err);
    if (st == BS_OK) st = put_text(a, "inputs", inputs, err);
    free(config);
    bs_free(inputs);
    return st;
}

/* Changes, as further lines of a message. */
typedef struct changes {
    bs_err text;
    int n;
} changes;

enum { SHOWN = 20 };

static void add_change(void *self, const char *key, const char *before, const char *after)
{
    changes *c = self;
    if (strncmp(key, "checkpoint.", sizeof "checkpoint." - 1) == 0) return; /* when to keep, not what is computed */
    if (++c->n > SHOWN) return;
    bs_err_add(&c->text, "  %s: was %s, is %s", key, *before ? before : "not given", *after ? after : "not given");
}

static bs_status compare(bs_checkpoint *k, const char *name, const char *now, bool by_line, changes *c, bs_err *err)
{
    char *then = NULL;
    BS_TRY(get_text(k, name, &then, err));
    if (by_line)
        bs_changes_find(then, now, add_change, c);
    else if (strcmp(then, now) != 0)
        add_change(c, name, then, now);
    bs_free(then);
    return BS_OK;
}

static bs_status compare_all(bs_checkpoint *k, const bs_keeping_of *of, changes *c, bs_err *err)
{
    char *config = bs_config_flat(of->config), *inputs = NULL;
    bs_status st = config ? BS_OK : bs_fail(err, BS_ERR_MEMORY, "checkpoint: no memory for the configuration");
    if (st == BS_OK) st = describe_inputs(of->inputs, &inputs, err);
    st = bs_ranks_agree(st, err);
    if (st == BS_OK) st = compare(k, "version", of->version, false, c, err);
    if (st == BS_OK) st = compare(k, "precision", BS_REAL_NAME, false, c, err);
    if (st == BS_OK) st = compare(k, "plan", of->plan, false, c, err);
    if (st == BS_OK) st = compare(k, "config", config, true, c, err);
    if (st == BS_OK) st = compare(k, "inputs", inputs, true, c, err);
    free(config);
    bs_free(inputs);
    return st;
}

static bs_status check_identity(const bs_keeping *keeping, bs_checkpoint *k, const bs_keeping_of *of, bool allow,
                                bs_err *err)
{
    int format = 0;
    changes *c = NULL;
    BS_TRY(BS_ARCHIVE(bs_checkpoint_archive(k), "format", &format, 1, err));
    if (format != FORMAT)
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: is of format %d, this program reads %d: go on with the program that "
                       "wrote it",
                       bs_checkpoint_file(k), format, FORMAT);
    bs_status st = bs_ranks_agree(BS_NEW(&c, 1, "changes of the configuration", err), err);
    if (st == BS_OK) st = compare_all(k, of, c, err);
    const char *lines = c ? c->text.text : "";
    if (st == BS_OK && c->n > 0 && allow)
        bs_log_warn(keeping->log, "changed since the checkpoint, as --allow-changes permits:%s", lines);
    else if (st == BS_OK && c->n > 0)
        st = bs_fail(
            err, BS_ERR_INPUT,
            "%s: belongs to another run; changed since (%d):%s\nundo the change, run anew in another folder, or go "
            "on with --allow-changes",
            bs_checkpoint_file(k), c->n, lines);
    bs_free(c);
    return bs_ranks_agree(st, err);
}

/* ---- writing ---- */

static void remove_older(const bs_keeping *k)
{
    char found[MOST_FOUND][NAME_TEXT], path[PATH_TEXT];
    const int n = bs_ranks_first() ? list(k->dir, found) : 0;
    for (int o = KEPT; o < n; o++) unlink(join(k->dir, found[o], path));
}

bs_status bs_keeping_write(bs_keeping *k, const bs_keeping_of *of, bs_time t, bs_keeping_all all, void *run,
                           bs_err *err)
{
    const double began = bs_wall_seconds();
    const bs_date d = bs_date_from_time(t);
    char name[NAME_TEXT], path[PATH_TEXT], stamp[BS_TIME_TEXT_MAX];
    bs_checkpoint *c = NULL;
    snprintf(name, sizeof name, "%s%04d%02d%02dT%02d%02d%02dZ%s", PREFIX, d.year % 10000, d.month, d.day, d.hour,
             d.minute, d.second, SUFFIX);
    BS_TRY(bs_checkpoint_create(join(k->dir, name, path), &c, err));
    bs_status st = keep_identity(bs_checkpoint_archive(c), of, t, err);
    if (st == BS_OK) st = bs_ranks_agree(all(run, bs_checkpoint_archive(c), err), err);
    if (st != BS_OK) {
        bs_checkpoint_abandon(c);
        return st;
    }
    BS_TRY(bs_checkpoint_commit(c, err));
    remove_older(k);
    k->last = t;
    k->last_wall = bs_wall_seconds();
    bs_log_info(k->log, "checkpoint of %s in %.2f s", bs_time_format(t, stamp), k->last_wall - began);
    return BS_OK;
}

/* ---- restoring ---- */

/* What the first rank finds, in all. */
static int list_together(const char *folder, char found[MOST_FOUND][NAME_TEXT])
{
    int n = bs_ranks_first() ? list(folder, found) : 0;
    bs_ranks_share(0, &n, sizeof n);
    bs_ranks_share(0, found, (size_t)n * NAME_TEXT);
    return n;
}

static bs_status restore_from(bs_keeping *k, bs_checkpoint *c, const bs_keeping_of *of, bool allow, bs_keeping_all all,
                              void *run, bs_err *err)
{
    char stamp[BS_TIME_TEXT_MAX];
    bs_archive *a = bs_checkpoint_archive(c);
    BS_TRY(check_identity(k, c, of, allow, err));
    BS_TRY(BS_ARCHIVE(a, "time", &k->last, 1, err));
    BS_TRY(bs_ranks_agree(all(run, a, err), err));
    bs_log_info(k->log, "resumed from the checkpoint of %s", bs_time_format(k->last, stamp));
    return BS_OK;
}

bs_status bs_keeping_restore(bs_keeping *k, const bs_keeping_of *of, bool allow, bs_keeping_all all, void *run,
                             bs_err *err)
{
    char found[MOST_FOUND][NAME_TEXT], path[PATH_TEXT];
    const int n = list_together(k->dir, found);
    bs_err *why = NULL;
    bs_status st = bs_ranks_agree(BS_NEW(&why, 1, "checkpoint", err), err);
    for (int o = 0; o < n && st == BS_OK; o++) {
        bs_checkpoint *c = NULL;
        if (bs_checkpoint_open(join(k->dir, found[o], path), &c, why) != BS_OK) {
            bs_log_warn(k->log, "%s", why->text);
            continue;
        }
        st = restore_from(k, c, of, allow, all, run, err);
        bs_checkpoint_close(c);
        bs_free(why);
        return st;
    }
    if (st == BS_OK) {
        st = bs_fail(err, BS_ERR_INPUT, "%s: none of its %d checkpoints is whole; remove that folder and run anew",
                     k->dir, n);
        if (n > 0) bs_err_add(err, "%s", why->text);
    }
    bs_free(why);
    return st;
}
