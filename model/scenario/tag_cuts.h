/* tag_cuts.h - how much of each tag's sources a scenario leaves. Private to model/scenario. */
#ifndef BS_MODEL_SCENARIO_TAG_CUTS_H
#define BS_MODEL_SCENARIO_TAG_CUTS_H

#include "model/scenario/scenario.h"

typedef struct bs_tag_cuts {
    double *cut; /* [tracers of the case] 0..1; 0 of totals and of tags that are not of sources */
    bool
        delayed; /* some cut is not in force over all of the run before the output period, where it is then taken to be */
} bs_tag_cuts;

/* Cuts of scenario `index`. Release with bs_free(out->cut). Errors: BS_ERR_INPUT, naming the tag, for what tags cannot tell (estimate.h). */
bs_status bs_tag_cuts_find(const bs_scenarios *s, int index, bs_tag_cuts *out, bs_err *err);

#endif
