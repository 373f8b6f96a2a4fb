/* inputs.h - the files that a case names and what was in them, for the summary. */
#ifndef BS_MODEL_RUN_INPUTS_H
#define BS_MODEL_RUN_INPUTS_H

#include "model/config/config.h"
#include "model/io/output.h"

typedef struct bs_inputs {
    int n;
    bs_input_file *file; /* names belong to the config */
} bs_inputs;

/* Reads every file once, for its size and hash. Collective: the first rank reads, all get what it found. Errors: BS_ERR_IO, naming the file. *out is to be freed in any case. */
bs_status bs_inputs_read(const bs_config *config, bs_inputs *out, bs_err *err);
void bs_inputs_free(bs_inputs *inputs);

#endif
