/* machine.h - what this machine can do at most, measured: the limits that the model's times are held against. */
#ifndef BS_MODEL_BENCH_MACHINE_H
#define BS_MODEL_BENCH_MACHINE_H

#include <stdbool.h>

#include "kernels/base/isa.h"
#include "kernels/base/status.h"

typedef struct bs_bench_peak {
    double triad_gbs;  /* GB s-1, out = b + s c from memory, three arrays counted */
    double update_gbs; /* GB s-1, x = s x + t in memory, read and write counted: what a sweep does */
    double fma_gflops; /* GFLOP s-1, fused multiply-adds in registers, two operations each */
} bs_bench_peak;

typedef struct bs_bench_machine {
    char cpu[96];
    bs_isa isa;
    int threads;           /* "all" */
    double load[2];        /* average over a minute, when the measurement began and ended; < 0: unknown */
    bs_bench_peak peak[2]; /* 1 thread, all threads */
} bs_bench_machine;

/* Sets cpu, isa, threads and the first load. */
void bs_bench_machine_describe(int threads, bs_bench_machine *out);
double bs_bench_load(void);             /* < 0: unknown */
double bs_bench_memory_available(void); /* bytes; 0: unknown */

/* The best of several rounds with the threads in use. Error: BS_ERR_MEMORY. */
bs_status bs_bench_peak_measure(bs_isa isa, bs_bench_peak *out, bs_err *err);

#endif
