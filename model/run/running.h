/* running.h - a run while it goes on. Private to model/run/run.c and run_keep.c. */
#ifndef BS_MODEL_RUN_RUNNING_H
#define BS_MODEL_RUN_RUNNING_H

#include "model/emis/emission.h"
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

/* After the beginning: goes back to where a cut run was, if that is asked for and it had come to a checkpoint; else begins to keep what
 * checkpoints need. Errors: as of bs_keeping_restore. */
bs_status bs_running_keep(bs_running *r, bs_err *err);

/* At the end of a stretch: a checkpoint, where one is due or somebody wants the run to leave. Errors: BS_CHECKPOINTED in the latter case,
 * with words about how to go on; BS_ERR_IO. */
bs_status bs_running_kept(bs_running *r, bs_err *err);

/* The run is complete (then it is collective), or (failed) cannot go on: without a checkpoint there is nothing that would be worth a folder. */
void bs_running_release(const bs_running *r, bool failed);

#endif
