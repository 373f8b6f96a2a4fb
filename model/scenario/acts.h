/* acts.h - actions with their keys looked up: sets of regions, parts of sectors and species, and a time. Private to model/scenario. */
#ifndef BS_MODEL_SCENARIO_ACTS_H
#define BS_MODEL_SCENARIO_ACTS_H

#include "model/scenario/compile.h"

/* A part of an inventory's sector, or what the declared parts leave of it. */
typedef struct bs_plan_element {
    const char *name; /* of the part; NULL: the rest of the sector */
    int sector;
    double share;
} bs_plan_element;

/* One action, or one row of an alert's template. Sets are bytes 0 or 1. */
typedef struct bs_act {
    const bs_plan_rule *rule, *row; /* of the plan; of the template, NULL: none */
    bs_time from, to;               /* within the run */
    double cut;
    unsigned char *region, *element, *species; /* [n_regions + 1], [n_elements], [n_species] */
} bs_act;

typedef struct bs_acts {
    bs_plan *plan;
    const bs_plan_world *world;
    int n_regions, n_sectors, n_species, n_elements; /* regions without elsewhere */
    const char **sector, **species;
    bs_plan_element *element; /* by sector */
    int n;
    bs_act *act; /* in the order of the plan */
} bs_acts;

/* Looks up a scenario's actions. Problems go to plan->problems. Release in either case. Errors: BS_ERR_MEMORY. */
bs_status bs_acts_create(bs_plan *plan, int scenario, const bs_plan_world *world, bs_acts *out, bs_err *err);
void bs_acts_release(bs_acts *acts);

/* Reports keys and actions that match no emission, and actions that collide where the plan gives no order. */
bs_status bs_acts_check(const bs_acts *acts, bs_err *err);

/* What is left of a sector of a region at time t by the actions, or by those of one rule alone (NULL: all). */
double bs_acts_left(const bs_acts *acts, const bs_plan_rule *only, int region, int sector, int species, bs_time t);

/* kg that a region emits of a sector and species meanwhile, without actions; 0 where no inventory holds that sector with that species. Errors:
 * of bs_emission_total. */
bs_status bs_acts_emitted(const bs_acts *acts, int region, int sector, int species, bs_time from, bs_time to,
                          double *kg, bs_err *err);

static inline bool bs_act_acts(const bs_act *a, int region, int element, int species, bs_time t)
{
    return a->region[region] && a->element[element] && a->species[species] && a->from <= t && t < a->to;
}

#endif
