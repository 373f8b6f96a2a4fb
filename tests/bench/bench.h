/* bench.h - each kernel alone, timed on data in the cache and out of it; model/bench measures the operators made of them.
 *
 * A kernel works on a ring of units: a unit is what one timed call works on, long enough (some microseconds) that reading the clock
 * does not matter. In the cache: one unit over and over, small enough for the first or the second level. Out of it: the units of
 * a ring of several times the last level, in leaps, each put back right after its turn and out again by its next. What
 * all tracers share (coefficients, factors, the air of a strip) is in the cache both times, as in a run, but where a kernel works on
 * the air itself. A sample is as many units as fill a round.
 *
 * Between samples the rate of fused multiply-adds is taken with the widest vectors, so that both figures saw the same machine. A share
 * of that rate tells kernels apart and is no share of a limit: comparisons, minima and additions may run beside multiply-adds, and one
 * instruction may do what counts as several operations, so that it can exceed 1.
 *
 * One thread; subnormal numbers are zero, as in a run. */
#ifndef TESTS_BENCH_BENCH_H
#define TESTS_BENCH_BENCH_H

#include <stdbool.h>
#include <stdio.h>

#include "kernels/base/isa.h"
#include "kernels/base/status.h"

/* What is measured, and how it is printed. */
typedef struct bench_label {
    const char *kernel; /* family.function */
    char variant[40];   /* "" where there is one */
    int length;         /* cells of a pencil or column; 0: neither */
    double courant;     /* largest; 0: no wind */
    bool chosen;        /* one of a table of instruction sets: that of `isa`; else the kernel chooses itself */
    bs_isa isa;
    const char *per; /* of what a time is: "cell and tracer", "cell", ... */
    double flops;    /* operations for that, a fused multiply-add two, any other one; 0: not counted */
} bench_label;

typedef void bench_step(void *self, long unit);

typedef struct bench_work {
    void *self;
    bench_step *before; /* not timed; touches nothing that is to be out of the cache. NULL: nothing */
    bench_step *run;    /* timed */
    bench_step *after;  /* not timed: puts the unit back. NULL: nothing */
    long units;         /* of the ring */
    double count;       /* of the label's `per` in a unit */
} bench_work;

typedef struct bench_time {
    double least, median; /* ns */
    double fma_gflops;    /* float, largest between the samples */
} bench_time;

enum { BENCH_IN_CACHE, BENCH_OUT_OF_CACHE, BENCH_PLACES };

typedef struct bench_row {
    bench_label label;
    bench_time time[BENCH_PLACES];
} bench_row;

typedef struct bench {
    bool quick;
    int n_words;
    char *const *words; /* kernels or families wanted; none: all */
    size_t ring_bytes;  /* of data out of the cache */
    int n_rows, room;
    bench_row *rows;
    FILE *progress; /* NULL: none */
    bs_err *err;
} bench;

/* Share of the rate of fused multiply-adds that a row reaches; 0: operations are not counted. */
double bench_share(const bench_row *row, int place);

/* Whether a kernel was asked for; `kernel` may be a family. */
bool bench_wants(const bench *b, const char *kernel);

/* Adds a row. outside: what is measured out of the cache, NULL: `work` along its ring. Error: BS_ERR_MEMORY. */
bs_status bench_measure(bench *b, const bench_label *label, const bench_work *work, const bench_work *outside);

double bench_fma_gflops(bs_isa isa, bool quick); /* of one thread, best of some rounds */
size_t bench_last_cache(void);                   /* bytes; a usual size where the system does not tell */

typedef struct bench_machine {
    const char *version;
    char cpu[96];
    double load[2]; /* average over a minute before and after; < 0: unknown */
    double fma_gflops[BS_ISA_COUNT];
} bench_machine;

void bench_print_json(const bench *b, const bench_machine *m, FILE *out);
void bench_print_table(const bench *b, const bench_machine *m, FILE *out);

#endif
