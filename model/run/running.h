/* running.h - a run while it goes on. Private to model/run/run.c, run_finish.c, run_keep.c and run_check.c. All of it is collective. */
#ifndef BS_MODEL_RUN_RUNNING_H
#define BS_MODEL_RUN_RUNNING_H

#include "model/core/timer.h"
#include "model/emis/emission.h"
#include "model/parallel/ranks.h"
#include "model/run/cost.h"
#include "model/run/future.h"
#include "model/run/inflow.h"
#include "model/run/inputs.h"
#include "model/run/keeping.h"
#include "model/run/progress.h"
#include "model/run/regional.h"
#include "model/run/run.h"
#include "model/run/stop.h"
#include "model/stepping/stepper.h"

typedef struct bs_running {
    bs_case *c;
    const bs_run_request *request;
    bs_met *met;
    bs_forcing *forcing;
    bs_emission *emission;
    bs_emission_rates *rates;
    bs_tracers tracers; /* of all members */
    bs_state *state;
    bs_boundary *boundary;
    bs_inflow *inflow;
    bs_inputs inputs;
    bs_regional regional;
    bs_ledger *ledger;
    bs_stepper *stepper;
    int n_members;
    bs_future *member; /* [n_members] */
    bool positive;     /* the scheme promises it */
    bs_progress progress;
    bs_keeping keeping;
    bs_stop_watch stop;
    bs_time now; /* up to where it has come */
    long steps;
    double began; /* less what the parts before a cut took */
    bs_run_seconds seconds;
    char started[32];
    int told; /* lines of the weather's report in the log */
} bs_running;

/* What every rank does, and one of them may fail at alone: then all of them fail, before anybody waits for it. */
#define BS_TRY_ALL(call) BS_TRY(bs_ranks_agree((call), err))

/* Adds the time since *begin to *seconds, and begins anew. */
static inline void bs_running_count(double *seconds, double *begin)
{
    const double now = bs_wall_seconds();
    *seconds += now - *begin;
    *begin = now;
}

/* Notes the masses of all members' own cells as a term of the ledger. */
static inline void bs_running_weigh(bs_running *r, bs_ledger_term term)
{
    for (int n = 0; n < r->n_members; n++) bs_future_weigh(&r->member[n], term);
}

/* Emissions, weather, what comes in through the sides; then state, ledger and operators, of this rank's tile. */
bs_status bs_running_build_world(bs_running *r, bs_err *err);
bs_status bs_running_build_model(bs_running *r, bs_err *err);
void bs_running_tear_down(bs_running *r);

/* The words of the case and of the source about the weather. */
void bs_running_weather(const bs_running *r, const bs_met_report *report, char *text, size_t size);

/* The end: the account of all ranks, which must close, outputs, summaries. Errors: BS_ERR_RUN, BS_ERR_IO. */
bs_status bs_running_finish(bs_running *r, bs_err *err);

/* After the beginning: goes back to where a cut run was, if that is asked for and it had come to a checkpoint; else begins to keep what
 * checkpoints need. Errors: as of bs_keeping_restore. */
bs_status bs_running_keep(bs_running *r, bs_err *err);

/* At the end of a stretch: a checkpoint, where one is due or somebody wants the run to leave. Errors: BS_CHECKPOINTED in the latter case,
 * with words about how to go on; BS_ERR_IO. */
bs_status bs_running_kept(bs_running *r, bs_err *err);

/* The run is complete (then it is collective), or (failed) cannot go on: without a checkpoint there is nothing that would be worth a folder. */
void bs_running_release(const bs_running *r, bool failed);

#endif
