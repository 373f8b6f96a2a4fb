/* scenario.h - plans put to work: `bashu scenario`, and one scenario of a plan for `bashu run`. Of several ranks all compile the same plan
 * against the whole mesh, and the first makes the folder and writes; all calls but bs_scenarios_close are collective. */
#ifndef BS_MODEL_SCENARIO_SCENARIO_H
#define BS_MODEL_SCENARIO_SCENARIO_H

#include <stdio.h>

#include "model/run/case.h"
#include "model/run/run.h"
#include "model/scenario/compile.h"

/* A plan compiled against its case. */
typedef struct bs_scenarios {
    bs_plan *plan;
    bs_case *c; /* owned, unless given */
    bool owns_case;
    bs_emission
        *emission; /* of the whole mesh, resolved by region; of it names and sums by region (bs_emission_keep_sums) */
    int n;
    bs_compiled *compiled; /* [n] */
    char hash[BS_PLAN_HASH_MAX];
} bs_scenarios;

/* Reads a plan and its case (or takes `c`, where that is not NULL) and compiles all of its scenarios, or the one named `only`. Errors: of plan,
 * case and emissions; BS_ERR_INPUT for a case without regions or a name that is not there. */
bs_status bs_scenarios_open(const char *plan, const char *only, bs_case *c, int n_set, const char *const *set,
                            bs_log *log, bs_scenarios *out, bs_err *err);
void bs_scenarios_close(bs_scenarios *s); /* zero-initialised is fine */

typedef struct bs_scenario_request {
    const char *dir;            /* NULL: a dry run */
    bool resume, allow_changes; /* as of bs_run */
    int threads;
    bool profile;
    const char *version;
} bs_scenario_request;

/* Prints the table of each scenario to `out` (NULL: quiet). With a folder, writes before_after.csv and plan.yaml there, runs base and
 * scenarios as members of one run, and writes differences.nc, differences_cities.csv and scenario.json. On failure none of these is left.
 * Errors: BS_ERR_USAGE for a folder with a set in it; as bs_run. */
bs_status bs_scenarios_run(bs_scenarios *s, const bs_scenario_request *request, FILE *out, bs_err *err);

#endif
