/* regional.h - what a run does about fluxes between regions (output.corridors): the borders on the grid, the accounts of regions, the
 * records for the output. All of it does nothing where the case does not ask for it. */
#ifndef BS_MODEL_RUN_REGIONAL_H
#define BS_MODEL_RUN_REGIONAL_H

#include "model/diag/corridors.h"
#include "model/io/output.h"
#include "model/run/case.h"

typedef struct bs_regional {
    bs_borders *borders; /* for operators and output; NULL: not asked for */
    bs_corridors *corridors;
    const bs_tracers *tracers; /* not owned */
    bs_corridors_worst worst;  /* of all records so far */
} bs_regional;

/* tracers: all that the state holds. One line of the log says how many borders there are. Errors: BS_ERR_INPUT (a polygon that cannot be mended, no region on the mesh). */
bs_status bs_regional_create(const bs_case *c, const bs_tracers *tracers, bs_regional *out, bs_err *err);
void bs_regional_destroy(bs_regional *r);

/* The beginning of the run; then the end t of each stretch of the time loop, `seconds` long, which emitted at these rates. *record is what
 * the output is to be given, NULL where nothing is due at t; it stays valid until the next one. Errors: BS_ERR_RUN where the account of a region does not close: its residual may be 2e-6 of what
 * the region took in with fields in float, 1e-11 with double, as in the ledger; BS_ERR_MEMORY. */
void bs_regional_begin(bs_regional *r, const bs_case *c, const bs_state *state);
bs_status bs_regional_after(bs_regional *r, const bs_case *c, const bs_state *state, const bs_emission_rates *rates,
                            bs_time t, double seconds, const bs_border_record **record, bs_err *err);

/* Errors: as of the archive. */
bs_status bs_regional_archive(bs_regional *r, bs_archive *a, bs_err *err);

/* The largest net fluxes of the period between regions, and how well the accounts close. */
void bs_regional_closing(const bs_regional *r, const bs_case *c, const bs_output *output, bs_log *log);

#endif
