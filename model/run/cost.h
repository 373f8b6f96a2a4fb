/* cost.h - what a run costs: the estimate of `bashu check`, and the profile of a run that is over. */
#ifndef BS_MODEL_RUN_COST_H
#define BS_MODEL_RUN_COST_H

#include "model/emis/emission.h"
#include "model/met/met.h"
#include "model/run/case.h"
#include "model/stepping/stepper.h"

/* Seconds of wall clock, besides those of operators and of the meteorology, which count their own. */
typedef struct bs_run_seconds {
    double start, emission, boundary, length, watch, corridors, output;
} bs_run_seconds;

/* Length of the first step, memory and time, told to the case's log. `f` holds the first interval. Collective. */
void bs_cost_estimate(const bs_case *c, const bs_stepper *stepper, const bs_forcing *f, const bs_emission *emission,
                      int threads);

/* A line for each part of a run of `wall` seconds, and one for the rest; accounts of regions only
 * where there are any. */
void bs_cost_profile(bs_log *log, const bs_stepper *stepper, const bs_met *met, const bs_run_seconds *seconds,
                     double wall);

#endif
