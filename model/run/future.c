#include "model/run/future.h"

#include <math.h>
#include <stdio.h>

#include "model/core/memory.h"
#include "model/io/output_differences.h"
#include "model/parallel/ranks.h"
#include "model/run/closing.h"

bs_status bs_future_open(bs_future *f, const bs_run_member *what, bool resume, bs_err *err)
{
    f->what = what;
    f->watch.min_total = INFINITY;
    return bs_run_folder_open(what->dir, resume, &f->folder, err);
}

bs_log bs_future_log(const bs_future *f, bool first, const bs_log *log)
{
    return (bs_log){.screen = first ? log->screen : NULL, .file = f->folder.log};
}

void bs_future_describe(const bs_future *f, const bs_case *c, const bs_run_request *request, int number,
                        const bs_log *log)
{
    bs_log mine = bs_future_log(f, number == 0, log);
    char ranks[32] = "";
    if (bs_ranks_count() > 1) snprintf(ranks, sizeof ranks, "%d ranks x ", bs_ranks_count());
    bs_log_info(&mine, "%s, fields in %s, %s%d threads, %s vectors", request->version, BS_REAL_NAME, ranks,
                request->threads, bs_isa_name(c->options.isa));
    bs_case_describe(c, &mine);
    if (f->what->scenario) bs_log_info(&mine, "scenario  %s (%s)", f->what->scenario, f->what->hash);
    if (number > 0)
        bs_log_info(&mine, "member    %d of a run; what all share is told in %s/run.log", number,
                    request->member[0].dir);
}

bs_status bs_future_watch(bs_future *f, bool positive, bs_err *err)
{
    const bs_status st = bs_watch_state(&f->view.state, positive, &f->watch, err);
    if (st != BS_OK && f->what->name) bs_err_context(err, "member '%s'", f->what->name);
    return st;
}

void bs_future_weigh(bs_future *f, bs_ledger_term term)
{
    for (int t = 0; t < f->view.tracers.n; t++)
        bs_watch_mass(&f->view.state, t, bs_ledger_at(&f->view.ledger, t, term));
}

bs_status bs_future_close_account(bs_future *f, const bs_case *c, bool positive, bs_log *log, bs_err *err)
{
    const bs_tracers *tracers = &f->view.tracers;
    bs_closing_ledger(log, tracers, &f->view.ledger);
    const bs_status st = bs_closing_check(tracers, &f->view.ledger, err);
    if (st != BS_OK) {
        if (f->what->name) bs_err_context(err, "member '%s'", f->what->name);
        return st;
    }
    bs_closing_negative(log, tracers, &f->view.ledger, &f->watch, positive);
    if (c->regions) bs_closing_cities(log, tracers, c->regions, f->output);
    return BS_OK;
}

bs_status bs_future_finish_output(bs_future *f, const bs_case *c, int n_assumed, const char *const *assumed,
                                  bs_err *err)
{
    BS_TRY(bs_output_assumed(f->output, n_assumed, assumed, err));
    bs_output *output = f->output;
    f->output = NULL;
    BS_TRY(bs_output_finish(output, &f->view.state, err));
    return bs_run_folder_write_case(&f->folder, c->config, err);
}

bs_status bs_futures_differences(const char *dir, int n, const bs_future *member, bs_err *err)
{
    bs_output **output = NULL;
    const char **name = NULL;
    bs_status st = BS_NEW(&output, n, "differences", err);
    if (st == BS_OK) st = BS_NEW(&name, n, "differences", err);
    for (int k = 0; k < n && st == BS_OK; k++) {
        output[k] = member[k].output;
        name[k] = member[k].what->name;
    }
    if (st == BS_OK) st = bs_output_differences(dir, n, output, name, err);
    bs_free(output);
    bs_free(name);
    return st;
}

void bs_future_release(bs_future *f)
{
    bs_output_abandon(f->output);
    f->output = NULL;
    bs_member_release(&f->view);
    bs_run_folder_close(&f->folder);
}
