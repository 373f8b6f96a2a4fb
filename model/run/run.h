/* run.h - the time loop: forcing, steps, alarms for output, the ledger's closing.
 *
 * All functions are collective (model/parallel/ranks.h): each rank computes its tile, and the first writes and tells what is common.
 *
 * A run computes one future or several side by side (model/state/members.h): a base and scenarios, which differ in their emissions alone and
 * share everything else that is worked out. */
#ifndef BS_MODEL_RUN_RUN_H
#define BS_MODEL_RUN_RUN_H

#include "model/emis/groups.h"
#include "model/run/case.h"

typedef struct bs_run_member {
    const char *name;     /* for messages; NULL: the only one */
    const char *dir;      /* its folder: new, or without output of a run */
    const char *scenario; /* name of the plan's scenario that it follows; NULL: the case as it is */
    const char *hash;     /* of that scenario, as compiled; NULL with it */
} bs_run_member;

typedef struct bs_run_request {
    int n_members; /* at least 1; the first is the base */
    const bs_run_member *member;
    bool base_tags_only; /* members after the base carry totals alone */
    int n_factors;       /* of the emissions, by member (model/emis/groups.h) */
    const bs_emission_factor *factor;
    const char *
        differences; /* folder that gets differences.nc and differences_cities.csv (model/io/output_differences.h), exists;
                              * NULL: none */
    bool resume;     /* go on from the newest checkpoint in the first member's folder (keeping.h), where there is one */
    bool allow_changes; /* with it: though configuration, inputs or program have changed */
    int threads;        /* in use */
    bool progress;      /* a bar on the log's screen, where that is a terminal */
    bool profile;       /* print seconds by operator at the end */
    const char *version;
} bs_run_request;

/* Runs the case. On failure nothing is left but run.log of each member and the checkpoints, and not even their folders where the input is to
 * blame. Errors: as of every part; BS_ERR_RUN when a ledger does not close or a state goes bad, with the culprit; BS_CHECKPOINTED
 * where a signal asked the run to leave (stop.h). */
bs_status bs_run(bs_case *c, const bs_run_request *request, bs_err *err);

/* Whether `dir` holds a complete run already. */
bool bs_run_complete(const char *dir);

/* `bashu check`: reads every input, prints grid, plan, totals, memory and a time estimate; runs nothing. */
bs_status bs_run_check(bs_case *c, int threads, bs_err *err);

/* `bashu check --ranks N`: what each of so many ranks would hold, without reading weather or emissions. Errors: BS_ERR_INPUT where so many
 * do not fit. */
bs_status bs_run_check_ranks(bs_case *c, int ranks, int threads, bs_err *err);

/* `bashu prepare`. */
bs_status bs_run_prepare(bs_case *c, const char *dir, bs_err *err);

#endif
