/* record.h - a compiled plan in the folder of its run. */
#ifndef BS_MODEL_SCENARIO_RECORD_H
#define BS_MODEL_SCENARIO_RECORD_H

#include "model/scenario/table.h"

typedef struct bs_plan_record {
    const char *dir, *version;
    const bs_plan *plan;
    const bs_region_set *regions;
    int n;
    const bs_compiled *compiled; /* [n] */
    const char *hash;            /* of all */
} bs_plan_record;

/* plan.yaml: the plan as compiled, itself a plan: an action per region, sector, species and time, on the case of the base (base/case.yaml).
 * Its hashes stand in comments. Errors: BS_ERR_IO, BS_ERR_MEMORY. */
bs_status bs_plan_write_yaml(const bs_plan_record *r, bs_err *err);

/* scenario.json: the same for programs, with totals before and after, checks of alerts, and where each member's folder and ledger are. */
bs_status bs_plan_write_json(const bs_plan_record *r, bs_err *err);

#endif
