/* estimate.h - what a plan would change, at once, from the source-receptor matrix of a run that is there.
 *
 * A tag is linear in its sources: a city's mean with a scenario is estimated as
 *
 *     with = base - sum over tags of (its contribution to the mean) x (cut of its sources)
 *
 * That is what a run of the scenario gives, for primary PM2.5, as far as (1) the cuts are constant over the time in which emission
 * reaches the city: they are taken as in force since before the run began; and (2) the limiter of the total would not change: to rounding
 * with ppm6_lin, which has none, and nearly so otherwise (docs/scenarios.md has the gap). What was there at the start and what
 * came in through the sides is not cut. Refused is what tags cannot tell: a cut that changes within the output period, one that
 * takes only some of a tag's sources or takes them unequally, one of sources that no tag holds. */
#ifndef BS_MODEL_SCENARIO_ESTIMATE_H
#define BS_MODEL_SCENARIO_ESTIMATE_H

#include "model/scenario/scenario.h"

/* Opens the case that a finished run (or the base of a set of scenarios) left in its folder: run_dir [size] gets the folder whose tables
 * count. Errors: BS_ERR_USAGE (no finished run with a matrix), BS_ERR_INPUT (the run follows a scenario itself); of bs_case_open. */
bs_status bs_estimate_open(const char *run, char *run_dir, size_t size, bs_log *log, bs_case **out, bs_err *err);

/* Prints the period means to `out` (NULL: quiet) with what is assumed, and writes estimate_cities.csv (as differences_cities.csv) into `dir`,
 * which is made when it is not there (NULL: none). Errors: BS_ERR_INPUT naming the tag or what no tag holds; BS_ERR_IO. */
bs_status bs_scenarios_estimate(const bs_scenarios *s, const char *run_dir, const char *dir, const char *version,
                                FILE *out, bs_err *err);

#endif
