/* Checkpoints of a run: all that it is, in one function; and what it does about them. */
#include <string.h>
#include <unistd.h>

#include "model/core/memory.h"
#include "model/core/timer.h"
#include "model/parallel/ranks.h"
#include "model/run/running.h"

enum { PATH_TEXT = BS_KEEPING_PATH + 64 };

bool bs_run_complete(const char *dir)
{
    char path[PATH_TEXT];
    snprintf(path, sizeof path, "%s/summary.json", dir); /* what a run writes last */
    return access(path, F_OK) == 0;
}

static bs_status archive_member(bs_running *r, int number, bs_archive *a, bs_err *err)
{
    bs_future *m = &r->member[number];
    char name[32], folder[BS_KEEPING_PATH];
    snprintf(name, sizeof name, "member%d", number);
    const size_t outside = bs_archive_enter(a, name);
    BS_TRY(bs_keeping_folder(m->what->dir, folder, err));
    BS_TRY(BS_ARCHIVE_BYTES(a, "watch", &m->watch, 1, err));
    BS_TRY(bs_ranks_agree(bs_output_archive(m->output, folder, a, err), err));
    bs_archive_leave(a, outside);
    return BS_OK;
}

/* The account of all ranks, of which each has had its part; the first goes on with all of it. */
static bs_status archive_ledger(bs_ledger *l, bs_archive *a, bs_err *err)
{
    const int n = l->n_tracers * BS_L_COUNT;
    bs_ledger whole = {.n_tracers = l->n_tracers};
    bs_status st = bs_ranks_agree(BS_NEW(&whole.sum, n, "account of all ranks", err), err);
    if (st == BS_OK) {
        memcpy(whole.sum, l->sum, sizeof *l->sum * (size_t)n);
        bs_ranks_sum(n, whole.sum);
        st = bs_ledger_archive(&whole, a, err);
    }
    if (st == BS_OK && a->loading) {
        memset(l->sum, 0, sizeof *l->sum * (size_t)n);
        if (bs_ranks_first()) memcpy(l->sum, whole.sum, sizeof *l->sum * (size_t)n);
    }
    bs_free(whole.sum);
    return st;
}

/* Everything that does not follow from the configuration and the time. */
static bs_status archive_all(void *run, bs_archive *a, bs_err *err)
{
    bs_running *r = run;
    double wall = bs_wall_seconds() - r->began;
    BS_TRY(BS_ARCHIVE(a, "now", &r->now, 1, err));
    BS_TRY(BS_ARCHIVE(a, "steps", &r->steps, 1, err));
    BS_TRY(BS_ARCHIVE(a, "wall", &wall, 1, err));
    if (a->loading) r->began -= wall;
    BS_TRY(bs_state_archive(r->state, a, err));
    BS_TRY(archive_ledger(r->ledger, a, err));
    BS_TRY(bs_met_archive(r->met, a, err));
    BS_TRY(bs_regional_archive(&r->regional, a, err));
    for (int n = 0; n < r->n_members; n++) BS_TRY(archive_member(r, n, a, err));
    return BS_OK;
}

/* The hashes of what the members follow, a line each. Release with bs_free. */
static bs_status describe_plan(const bs_running *r, char **out, bs_err *err)
{
    size_t size = 1, used = 0;
    for (int n = 0; n < r->n_members; n++) {
        const bs_run_member *m = r->member[n].what;
        size += (m->scenario ? strlen(m->scenario) + strlen(m->hash) : 0) + 16;
    }
    BS_TRY(BS_NEW(out, size, "scenarios of the run", err));
    for (int n = 0; n < r->n_members; n++) {
        const bs_run_member *m = r->member[n].what;
        used += (size_t)snprintf(*out + used, size - used, "%s%s %s", n ? "; " : "", m->scenario ? m->scenario : "base",
                                 m->scenario ? m->hash : "");
    }
    return BS_OK;
}

static bs_status with_identity(bs_running *r, bool restore, bs_err *err)
{
    char *plan = NULL;
    BS_TRY(bs_ranks_agree(describe_plan(r, &plan, err), err));
    const bs_keeping_of of = {
        .config = r->c->config, .inputs = &r->inputs, .version = r->request->version, .plan = plan};
    const bs_status st = restore ? bs_keeping_restore(&r->keeping, &of, r->request->allow_changes, archive_all, r, err)
                                 : bs_keeping_write(&r->keeping, &of, r->now, archive_all, r, err);
    bs_free(plan);
    return st;
}

/* As the first rank sees it. */
static bool has_checkpoint(const char *dir)
{
    bool there = bs_ranks_first() && bs_keeping_there(dir);
    bs_ranks_share(0, &there, sizeof there);
    return there;
}

bs_status bs_running_keep(bs_running *r, bs_err *err)
{
    const char *dir = r->request->member[0].dir;
    if (r->request->resume && has_checkpoint(dir)) {
        BS_TRY(with_identity(r, true, err));
    } else {
        if (r->request->resume) bs_log_info(r->c->log, "%s: holds no checkpoint: the run begins at its start", dir);
        for (int n = 0; n < r->n_members && r->keeping.on; n++) {
            char folder[BS_KEEPING_PATH];
            BS_TRY(bs_keeping_folder(r->member[n].what->dir, folder, err));
            BS_TRY(bs_ranks_agree(bs_output_keep(r->member[n].output, folder, err), err));
        }
    }
    if (r->keeping.on) bs_stop_begin(&r->stop);
    return BS_OK;
}

/* A signal may have reached one rank and not the others, and clocks differ: what any was asked, and what the first rank's clock says. */
static void ask_all(const bs_running *r, int *signal, bool *due)
{
    unsigned char asked[2] = {r->keeping.on ? bs_stop_bits() : 0,
                              bs_ranks_first() && bs_keeping_due(&r->keeping, r->now)};
    bs_ranks_or(2, asked);
    *signal = bs_stop_of_bits(asked[0]);
    *due = asked[1];
}

bs_status bs_running_kept(bs_running *r, bs_err *err)
{
    int signal;
    bool due;
    ask_all(r, &signal, &due);
    if (!signal && !due) return BS_OK;
    BS_TRY(with_identity(r, false, err));
    if (!signal) return BS_OK;
    char stamp[BS_TIME_TEXT_MAX];
    return bs_fail(err, BS_CHECKPOINTED,
                   "bashu: left at %s on %s; the checkpoint is in %s: go on with the same command "
                   "and --resume",
                   bs_time_format(r->now, stamp), bs_stop_name(signal), r->keeping.dir);
}

void bs_running_release(const bs_running *r, bool failed)
{
    if (!failed) bs_ranks_wait(); /* until none has a journal open */
    for (int n = 0; n < r->request->n_members && bs_ranks_first(); n++) {
        const bool only_empty = failed && bs_keeping_there(r->request->member[0].dir);
        if (!only_empty) bs_keeping_clear(r->request->member[n].dir, false);
    }
}
