/* steps.h - how time is cut: what a forward run and its adjoint must do alike, to the second. */
#ifndef BS_MODEL_RUN_STEPS_H
#define BS_MODEL_RUN_STEPS_H

#include "model/run/case.h"
#include "model/stepping/stepper.h"

/* Where the interval of the meteorology that contains t begins. */
bs_time bs_steps_interval(const bs_case *c, bs_time t);

/* Seconds from t (inside the forcing's interval) to the next moment at which something may change: the end of the interval, a whole
 * hour, an output. */
bs_time bs_steps_stretch(const bs_case *c, const bs_forcing *forcing, bs_time t);

/* Pairs of equal length, whole seconds each, over a stretch. Errors: BS_ERR_RUN where the winds ask for less than half a second a step,
 * naming the culprit. */
bs_status bs_steps_pairs(const bs_case *c, const bs_stepper *stepper, const bs_forcing *forcing, bs_time seconds,
                         bs_time *pairs, bs_err *err);

#endif
