/* inflow.h - what is there at the start, and what the wind brings in: uniform, or from another run's 3-D output (one-way nesting).
 * Sectors' tags start at zero and bring nothing in; the total and, where carried, the tags `initial` and `boundary` take it all. */
#ifndef BS_MODEL_RUN_INFLOW_H
#define BS_MODEL_RUN_INFLOW_H

#include "model/run/case.h"
#include "model/state/boundary.h"
#include "model/state/state.h"

typedef struct bs_inflow bs_inflow;

/* All calls but bs_inflow_destroy are collective; each rank fills what it sees, own cells and overlap. */

/* Opens and checks the sources that the case names. Errors: BS_ERR_INPUT: a file that is missing, does not cover mesh or time, holds
 * rounded fields, or lacks a tracer's variable; negative or missing values with their index. */
bs_status bs_inflow_create(const bs_case *c, bs_inflow **out, bs_err *err);
void bs_inflow_destroy(bs_inflow *inflow);

/* Initial mixing ratios; `met` gives layer heights at the start. */
bs_status bs_inflow_initial(bs_inflow *inflow, const bs_met_state *met, bs_state *state, bs_err *err);

/* Boundary values for time t, at the heights of `met`. Ends of a tile that are no side of the domain are left as they are. */
bs_status bs_inflow_fill(bs_inflow *inflow, bs_time t, const bs_met_state *met, bs_boundary *boundary, bs_err *err);

#endif
