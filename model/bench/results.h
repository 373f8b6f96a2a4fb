/* results.h - what a bench found, for report.c to print. */
#ifndef BS_MODEL_BENCH_RESULTS_H
#define BS_MODEL_BENCH_RESULTS_H

#include <stdio.h>

#include "model/bench/machine.h"
#include "model/bench/measure.h"

enum { BS_BENCH_SCALINGS = 12 };

typedef struct bs_bench_scaling { /* of the default scheme */
    bs_bench_size size;
    bool skipped;              /* no memory for it */
    bs_bench_times threads[2]; /* 1, all */
} bs_bench_scaling;

typedef struct bs_bench_results {
    const char *version;
    bs_bench_machine machine;
    bs_bench_size size; /* of all but the scaling */
    int pairs;
    double courant[3];
    bs_bench_times scheme[BS_SCHEME_COUNT][2]; /* 1 thread, all */
    bool has_avx2;                             /* where the machine is wider */
    bs_bench_times avx2[BS_SCHEME_COUNT];      /* sweeps with AVX2, 1 thread */
    bs_bench_times half_empty[2], tags[2];     /* the default scheme: zeros in half of the cells, tags of one total */
    int n_scalings;
    bs_bench_scaling scaling[BS_BENCH_SCALINGS];
} bs_bench_results;

/* The least time of a part by bytes and by operations, ns per cell and tracer. */
typedef struct bs_bench_floor {
    double bytes, flops;        /* per cell and tracer */
    double memory_ns, flops_ns; /* at the machine's rates */
} bs_bench_floor;

bs_bench_floor bs_bench_floor_of(const bs_bench_results *r, bs_bench_part part, bs_scheme scheme, int all);

void bs_bench_print_json(const bs_bench_results *r, FILE *out);
void bs_bench_print_tables(const bs_bench_results *r, FILE *out);

#endif
