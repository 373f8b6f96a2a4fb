/* plan.h - a plan of reductions as it is written: YAML, every error with file:line:column.
 *
 *   case: ../cases/basin-winter.yaml       the case that it changes; from the plan's folder
 *   tags: all                              whether scenarios carry the base's tags: all, or base_only (totals alone, cheaper)
 *   on_collision: later_wins               what two actions on the same emission do; without it they are an error
 *   templates: templates/alerts.yaml       what alert levels mean; from the plan's folder; needed by plans with alerts
 *   families:                              further names for several regions or sectors
 *     regions: {core: [510100, 川南]}
 *     sectors: {burning: [residential, other_domestic]}
 *   sectors:                               sectors that no inventory holds on their own, as a share of one that it does
 *     brick: {part_of: industry, share: 8%, basis: where the figure is from}
 *   scenarios:                             each an ordered list of dated actions and alerts
 *     orange:
 *       - {regions: [core], sectors: [industry], species: [pm25], cut: 30%, from: 2015-01-13T00:00:00+08:00, to: end}
 *       - {alert: orange, regions: [成都平原], from: start, to: end, lead_time: 12 h}
 *
 * A cut is a reduction in percent with its sign, from 0 % to 100 %. Times are whole hours, UTC unless an offset is written; `start` and
 * `end` are those of the run. An action acts from `from` plus `lead_time` to `to`: it begins after the lead time, at once and in full.
 * Keys of regions are those of bs_regions_select; "all" is every region, sector or species.
 *
 * Alert levels are expanded by a template (configs/scenarios/templates/alerts.yaml):
 *
 *   source: where the ratios are from
 *   on_shortfall: error                    what a cut below the mandated share is: an error, or a failed check that is reported
 *   levels:
 *     orange: {mandated: 20%, actions: [{sectors: [industry], species: [all], cut: 40%}, ...]}
 *
 * Source of the mandated shares: ministry notice 环大气〔2024〕6号, each of SO2, NOx, PM and VOC as a share of all-society emissions: yellow
 * 10 %, orange 20 %, red 30 % at least. A template may ask for more of these levels, not for less. */
#ifndef BS_MODEL_SCENARIO_PLAN_H
#define BS_MODEL_SCENARIO_PLAN_H

#include "model/config/arena.h"
#include "model/config/source.h"
#include "model/core/clock.h"
#include "model/units/units.h"

/* A key as it stands in a list, and the keys that it means: itself, or those of the family that it names. */
typedef struct bs_plan_key {
    const char *word;
    bs_place place;
    int n;
    const char **means; /* [n] */
} bs_plan_key;

typedef struct bs_plan_keys {
    int n;
    bs_plan_key *key;
} bs_plan_keys;

enum { BS_PLAN_TIME, BS_PLAN_START, BS_PLAN_END };

typedef struct bs_plan_moment {
    int kind; /* BS_PLAN_TIME, or the run's start or end */
    bs_time time;
    bs_place place;
} bs_plan_moment;

typedef struct bs_plan_rule { /* an action, or an alert */
    bs_place place;
    const char *alert; /* level; NULL: an action */
    bs_plan_keys regions, sectors, species;
    double cut; /* 0..1 */
    bs_plan_moment from, to;
    bs_time lead; /* s */
} bs_plan_rule;

typedef struct bs_plan_scenario {
    const char *name; /* letters, digits, '-', '_': names a folder, too */
    bs_place place;
    int n;
    bs_plan_rule *rule;
} bs_plan_scenario;

typedef struct bs_plan_part { /* of an inventory's sector */
    const char *name, *of, *basis;
    double share; /* 0..1 */
    bs_place place;
} bs_plan_part;

typedef struct bs_plan_level { /* of alerts */
    const char *name;
    double mandated; /* 0..1, share of all emissions of the regions */
    int n;
    bs_plan_rule *rule; /* sectors, species and cut alone */
} bs_plan_level;

typedef struct bs_plan_template {
    const char *file, *source; /* source: words */
    bool report;               /* on_shortfall: report */
    int n;
    bs_plan_level *level;
} bs_plan_template;

typedef enum bs_collision {
    BS_COLLISION_ERROR,
    BS_COLLISION_LATER,
    BS_COLLISION_MULTIPLY,
    BS_COLLISION_LARGEST
} bs_collision;

typedef struct bs_plan {
    bs_arena arena; /* of all texts and arrays */
    bs_source source;
    bs_problems *problems; /* of this file; for those who compile */
    const char *name, *title, *case_file;
    bool base_only;
    bs_collision collision;
    bs_plan_template templates; /* n 0: the plan has no alert */
    int n_parts;
    bs_plan_part *part;
    int n;
    bs_plan_scenario *scenario;
} bs_plan;

/* Reads a plan and the template that its alerts ask for. Errors: BS_ERR_INPUT with all that is wrong in the file; BS_ERR_IO, BS_ERR_MEMORY. */
bs_status bs_plan_read(const char *file, bs_plan **out, bs_err *err);
void bs_plan_destroy(bs_plan *plan);

/* Index of a scenario, or -1. */
int bs_plan_find(const bs_plan *plan, const char *name);

#endif
