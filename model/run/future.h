/* future.h - one member of a run (model/state/members.h): what it has of its own beside its tracers. A run of one case alone has one. */
#ifndef BS_MODEL_RUN_FUTURE_H
#define BS_MODEL_RUN_FUTURE_H

#include "model/diag/watch.h"
#include "model/io/output.h"
#include "model/run/case.h"
#include "model/run/folder.h"
#include "model/run/run.h"
#include "model/state/members.h"

typedef struct bs_future {
    const bs_run_member *what; /* not owned */
    bs_member view;
    bs_output *output;
    bs_watch watch;
    bs_run_folder folder;
} bs_future;

/* Opens the folder, as bs_run_folder_open. */
bs_status bs_future_open(bs_future *f, const bs_run_member *what, bool resume, bs_err *err);

/* A log for lines about this member: its run.log and, for the first of a run, the screen of `log`. */
bs_log bs_future_log(const bs_future *f, bool first, const bs_log *log);

/* Its first lines: program, case, scenario. number: of the member. */
void bs_future_describe(const bs_future *f, const bs_case *c, const bs_run_request *request, int number,
                        const bs_log *log);

/* Watches, and notes the masses of the tile's own cells as a term of the ledger. Errors name the member where the run has several. */
bs_status bs_future_watch(bs_future *f, bool positive, bs_err *err);
void bs_future_weigh(bs_future *f, bs_ledger_term term);

/* Ledger, which is that of all ranks, negative masses and cities into the log. Errors: BS_ERR_RUN when the ledger does not close. */
bs_status bs_future_close_account(bs_future *f, const bs_case *c, bool positive, bs_log *log, bs_err *err);

/* Completes the outputs and writes case.yaml. */
bs_status bs_future_finish_output(bs_future *f, const bs_case *c, int n_assumed, const char *const *assumed,
                                  bs_err *err);

/* What the members after the first change against it (model/io/output_differences.h), into the folder `dir`. */
bs_status bs_futures_differences(const char *dir, int n, const bs_future *member, bs_err *err);

/* Gives everything back; after a failure bs_run_folder_discard may follow. */
void bs_future_release(bs_future *f);

#endif
