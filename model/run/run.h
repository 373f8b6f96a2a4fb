/* run.h - the time loop: forcing, steps, alarms for output, the ledger's closing. */
#ifndef BS_MODEL_RUN_RUN_H
#define BS_MODEL_RUN_RUN_H

#include "model/run/case.h"

typedef struct bs_run_request {
    const char *dir; /* folder of the run: new, or without output of a run */
    int threads;     /* in use */
    bool progress;   /* a bar on the log's screen, where that is a terminal */
    bool profile;    /* print seconds by operator at the end */
    const char *version;
} bs_run_request;

/* Runs the case. On failure nothing is left but run.log, and not even the folder where the input is to blame. Errors: as of every part; BS_ERR_RUN when a ledger does not
 * close or a state goes bad, with the culprit. */
bs_status bs_run(bs_case *c, const bs_run_request *request, bs_err *err);

/* `bashu check`: reads every input, prints grid, plan, totals, memory and a time estimate; runs nothing. */
bs_status bs_run_check(bs_case *c, int threads, bs_err *err);

/* `bashu prepare`. */
bs_status bs_run_prepare(bs_case *c, const char *dir, bs_err *err);

#endif
