/* stepper.h - the order of operators in a pair of steps (sequence.def), its timers, and the length of a step.
 *
 *   advect X Y . hdiff . advect Z . settle . scavenge . column   over the first half,
 *   column . scavenge . settle . advect Z . hdiff . advect Y X   over the second: symmetric, so second order in time.
 * Source: Strang 1968, SIAM J. Numer. Anal. 5, 506-517. */
#ifndef BS_MODEL_STEPPING_STEPPER_H
#define BS_MODEL_STEPPING_STEPPER_H

#include "model/core/log.h"
#include "model/operators/operators.h"
#include "model/parallel/halo.h"

typedef struct bs_stepper bs_stepper;

/* Builds the operators that the options want. `context` is copied; what it points to must outlive the stepper. With context->tiling each
 * rank makes one for its tile, and all step together: this, bs_stepper_pairs, bs_stepper_pair and bs_stepper_air_error are collective. */
bs_status bs_stepper_create(const bs_operator_context *context, bs_stepper **out, bs_err *err);
void bs_stepper_destroy(bs_stepper *stepper);

/* The sequence, one line an operator. */
void bs_stepper_describe(const bs_stepper *stepper, bs_log *log);

/* Pairs of equal length that cover `seconds` (part of the forcing's interval) with no step above max_step or any operator's
 * limit; *limit says which bound was the tightest. At least 1. */
int bs_stepper_pairs(const bs_stepper *stepper, const bs_forcing *forcing, double seconds, double max_step,
                     bs_limit *limit);

/* One pair over the part [w0, w1] of the forcing's interval, `seconds` long. Air mass starts from the meteorology's at w0;
 * without advection nothing moves the air, and it stays what the state holds. */
void bs_stepper_pair(bs_stepper *stepper, const bs_forcing *forcing, const bs_boundary *boundary, double w0, double w1,
                     double seconds, bs_state *state, bs_ledger *ledger);

/* Whether all pairs so far were right, in this rank: see bs_operator_row.check. To be asked after the pairs of a stretch, before anything
 * is kept of them. Not collective. Errors: BS_ERR_RUN. */
bs_status bs_stepper_check(const bs_stepper *stepper, bs_err *err);

/* The transpose of the pair (operators.h): the state's one tracer holds sensitivities of some J to the tracer's mass, J per kg, at w1 on
 * entry and at w0 on return; what J asks of emission and inflow meanwhile is added to *sensitivity. The air is recomputed as the pair
 * moved it, and state->m is that at w0 on return. Needs a stepper made with options->transposed and a linear scheme. */
void bs_stepper_pair_adjoint(bs_stepper *stepper, const bs_forcing *forcing, double w0, double w1, double seconds,
                             bs_state *state, bs_sensitivity *sensitivity);

/* Largest |air mass - meteorology's| / meteorology's over all cells of all ranks at w (0..1): a check of the transport's consistency. */
double bs_stepper_air_error(const bs_forcing *forcing, double w, const bs_state *state);

/* Operators and, with several ranks, "exchange". */
int bs_stepper_count(const bs_stepper *stepper);
const char *bs_stepper_name(const bs_stepper *stepper, int n);
double bs_stepper_seconds(const bs_stepper *stepper, int n); /* wall clock spent so far */

/* What of the exchange was packing and unpacking, and what waiting; and what one moves. 0 with one rank. */
void bs_stepper_halo_seconds(const bs_stepper *stepper, double *packing, double *waiting);
bs_halo_traffic bs_stepper_traffic(const bs_stepper *stepper);

#endif
