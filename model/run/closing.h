/* closing.h - what the log says when a run is over: the ledger, negative masses, the means of the cities. */
#ifndef BS_MODEL_RUN_CLOSING_H
#define BS_MODEL_RUN_CLOSING_H

#include "model/config/geojson.h"
#include "model/core/ledger.h"
#include "model/core/log.h"
#include "model/diag/watch.h"
#include "model/io/output.h"
#include "model/state/tracers.h"

/* A table of all tracers, in kilograms or tonnes, as its largest figure asks for. All terms must be in the ledger. */
void bs_closing_ledger(bs_log *log, const bs_tracers *tracers, const bs_ledger *ledger);

/* Errors: BS_ERR_RUN naming the first tracer whose account does not close: its error may be 2e-6 of initial + emitted + inflow
 * with fields in float, 1e-11 with double. */
bs_status bs_closing_check(const bs_tracers *tracers, const bs_ledger *ledger, bs_err *err);

/* Largest negative masses seen; that of tags also as a share of what the tag took in. `positive`: the scheme rules negative totals
 * out. */
void bs_closing_negative(bs_log *log, const bs_tracers *tracers, const bs_ledger *ledger, const bs_watch *watch,
                         bool positive);

/* Period means of the first tracer over each region. */
void bs_closing_cities(bs_log *log, const bs_tracers *tracers, const bs_region_set *regions, const bs_output *output);

#endif
