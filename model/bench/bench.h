/* bench.h - how fast the model is here: the machine's limits and the operators' times, in one run (docs/performance.md). */
#ifndef BS_MODEL_BENCH_H
#define BS_MODEL_BENCH_H

#include <stdbool.h>
#include <stdio.h>

#include "kernels/base/status.h"
#include "model/core/log.h"

typedef struct bs_bench_request {
    int threads;         /* "all", >= 1: those in use */
    bool quick;          /* 100 x 100 cells only, fewer steps */
    bool json;           /* one JSON object, else tables */
    const char *version; /* of the program */
    bs_log *log;         /* what is being measured */
} bs_bench_request;

/* Minutes of work, seconds when quick. Errors: BS_ERR_MEMORY. */
bs_status bs_bench_run(const bs_bench_request *request, FILE *out, bs_err *err);

#endif
