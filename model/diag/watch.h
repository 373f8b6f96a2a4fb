/* watch.h - looks for what must not be in a state: NaN, and negative mixing ratios of totals under a scheme that promises none. */
#ifndef BS_MODEL_DIAG_WATCH_H
#define BS_MODEL_DIAG_WATCH_H

#include <stdbool.h>

#include "kernels/base/status.h"
#include "model/core/ledger.h"
#include "model/state/state.h"

typedef struct bs_watch {
    double min_total;         /* ug kg-1, smallest mixing ratio of a total seen so far */
    double negative_tag_kg;   /* largest negative mass of a tag seen so far */
    int negative_tag;         /* that tag; where negative_tag_kg is above zero */
    double negative_total_kg; /* and of a total: rounding, unless the scheme does not promise positive values */
} bs_watch;

/* Adds what it sees to *watch. Looks at the own cells of all ranks, and says the same in all: collective. Errors: BS_ERR_RUN naming tracer,
 * cell (of the whole mesh) and value for NaN, infinity, or, when `positive`, a total below -1e-7 of the tracer's largest value
 * (rounding). */
bs_status bs_watch_state(const bs_state *state, bool positive, bs_watch *watch, bs_err *err);

/* Mass of a tracer in this rank's own cells, ug, added to a ledger term. */
void bs_watch_mass(const bs_state *state, int tracer, bs_sum *sum);

#endif
