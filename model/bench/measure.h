/* measure.h - times of the model's operators in a bench world, ns per cell and tracer.
 *
 * A sample is one pair of steps, forward and reverse as a run takes them, halved; the world is put back before each. One step that is
 * not timed comes first. */
#ifndef BS_MODEL_BENCH_MEASURE_H
#define BS_MODEL_BENCH_MEASURE_H

#include "model/bench/world.h"

typedef enum bs_bench_part {
#define BS_PART(id, name, values, per_cell, flops, why) id,
#include "model/bench/parts.def"
#undef BS_PART
    BS_PART_COUNT
} bs_bench_part;

typedef struct bs_bench_part_row {
    const char *name;
    double values;   /* of each tracer's cell, read or written in memory */
    double per_cell; /* bytes of air and weather per cell, shared by the tracers */
    double flops;    /* per cell and tracer, besides those of the scheme's sweeps */
    int sweeps;      /* of the scheme */
    const char *why;
} bs_bench_part_row;

const bs_bench_part_row *bs_bench_part_at(bs_bench_part part);

/* Operations of one sweep of a scheme, per cell and tracer, as counted in kernels/advection/sweep_generic.h. */
double bs_bench_sweep_flops(bs_scheme scheme);

typedef struct bs_bench_time {
    double min, median; /* ns per cell and tracer; 0: not measured */
} bs_bench_time;

typedef struct bs_bench_times {
    bs_bench_time part[BS_PART_COUNT];
} bs_bench_times;

typedef struct bs_bench_plan {
    bs_scheme scheme;
    bs_isa isa;
    int pairs;   /* >= 1: samples */
    bool sweeps; /* x, y and z apart, in pairs of their own */
    bool rest;   /* settling and horizontal diffusion, in pairs of their own */
} bs_bench_plan;

/* With the threads in use. Error: BS_ERR_MEMORY. */
bs_status bs_bench_measure(bs_bench_world *world, const bs_bench_plan *plan, bs_bench_times *out, bs_err *err);

#endif
