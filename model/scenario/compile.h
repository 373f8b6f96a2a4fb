/* compile.h - from a plan's actions to factors of emission that do not overlap: by region, sector, species and time.
 *
 * An inventory's sector consists of the parts that the plan declares of it, with their shares, and of the rest. An action cuts parts; what is
 * left of the sector is
 *
 *     factor = sum over its parts of share x (what the actions leave of the part)
 *
 * and where several actions meet, the plan's on_collision says what they leave: the later in the list alone, the product, or what the
 * largest leaves. All that is asked of a plan is checked here: every key and every action must match an emission within the run, and what
 * alerts cut must reach the mandated share of all that their regions emit meanwhile, species by species. */
#ifndef BS_MODEL_SCENARIO_COMPILE_H
#define BS_MODEL_SCENARIO_COMPILE_H

#include "model/emis/groups.h"
#include "model/scenario/plan.h"

/* What a plan is compiled against. Nothing is owned. */
typedef struct bs_plan_world {
    const bs_emission *emission;  /* resolved by region; without factors */
    const bs_region_set *regions; /* of the case */
    bs_time start, end;           /* of the run */
} bs_plan_world;

/* Emission of one region, sector and species over the scenario's window. */
typedef struct bs_plan_row {
    int region;                   /* n: elsewhere */
    const char *sector, *species; /* the emission's */
    double before, after;         /* kg */
} bs_plan_row;

/* What an alert cuts of a species, against what it must. */
typedef struct bs_plan_check {
    const bs_plan_rule *rule;
    const bs_plan_level *level;
    const char *species;
    double emitted, cut; /* kg from its beginning to its end in its regions: all sectors */
    bool met;
} bs_plan_check;

enum { BS_PLAN_HASH_MAX = 17 };

typedef struct bs_compiled {
    const char *name;
    bs_time from, to; /* window: from its first action to its last, within the run */
    int n;
    bs_emission_factor
        *factor; /* [n] of member 0, by region, sector, species and time; left out: 1, and what emits nothing */
    int n_rows;
    bs_plan_row *row; /* [n_rows] that emit anything */
    int n_checks;
    bs_plan_check *check;
    char hash[BS_PLAN_HASH_MAX]; /* FNV-1a of name and factors as text */
} bs_compiled;

/* Compiles scenario `index`. Errors: BS_ERR_INPUT with file:line:column: an action that matches nothing or lies outside the run, actions
 * that collide, a key that is not there, a part of a sector that is not there, an alert below its mandated share (with the table; where
 * the template says on_shortfall: report, check.met is false instead). */
bs_status bs_plan_compile(bs_plan *plan, int index, const bs_plan_world *world, bs_compiled *out, bs_err *err);
void bs_compiled_release(bs_compiled *compiled); /* zero-initialised is fine */

/* Hash over several, for a plan. */
void bs_plan_hash(int n, const bs_compiled *compiled, char hash[BS_PLAN_HASH_MAX]);

#endif
