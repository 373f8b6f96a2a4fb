/* inputs.h - the files that a case names, for summaries and cache keys. */
#ifndef BS_MODEL_RUN_INPUTS_H
#define BS_MODEL_RUN_INPUTS_H

#include "model/config/config.h"

typedef struct bs_inputs {
    int n;
    const char **file; /* names belong to the config; the list is freed by bs_inputs_free */
} bs_inputs;

bs_status bs_inputs_list(const bs_config *config, bs_inputs *out, bs_err *err);
void bs_inputs_free(bs_inputs *inputs);

#endif
