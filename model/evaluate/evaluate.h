/* evaluate.h - bashu evaluate: the primary PM2.5 of a finished run against observed PM2.5.
 *
 *   table of observations (observations.h) --> the run at its sites (modelled.h) --> pairs (pairs.h) --> groups and statistics
 *   --> table on the terminal, evaluation.csv (a row per group), evaluation_pairs.csv (a row per pair), evaluation.json (all but the pairs)
 *
 * The model has primary PM2.5 and the observations are of all PM2.5: each output says so, before it says anything else. Statistics are of ambient
 * air on both sides. docs/evaluate.md is for users. */
#ifndef BS_MODEL_EVALUATE_EVALUATE_H
#define BS_MODEL_EVALUATE_EVALUATE_H

#include <stdbool.h>
#include <stdio.h>

#include "kernels/base/status.h"

typedef struct bs_evaluate_request {
    const char *run;                             /* folder of a finished run */
    const char *observed;                        /* table */
    const char *stations;                        /* list of stations; NULL: none */
    const char *map, *unit, *state, *stamp, *at; /* words of --map, --unit, --state, --stamp, --at; NULL: not given */
    const char *out; /* folder, made if need be; NULL: run. A former evaluation there is replaced */
    bool daily;      /* --daily */
    bool json;       /* prints evaluation.json instead of the table */
    const char *version;
} bs_evaluate_request;

/* Errors: BS_ERR_INPUT (what the run or a table lacks, with its place), BS_ERR_USAGE (a word that is none), BS_ERR_IO. */
bs_status bs_evaluate_run(const bs_evaluate_request *request, FILE *screen, bs_err *err);

#endif
