/* world.h - a made-up world to measure in: a mesh, two states of weather with consistent fluxes, tracers, a state.
 *
 * Winds change sign along x, y and z; the largest Courant numbers over a step of `dt` are in `courant`. Fields are log-normal, rough
 * from cell to cell: branches and limiters have what they have in a run. Columns converge nowhere, so air mass is steady. */
#ifndef BS_MODEL_BENCH_WORLD_H
#define BS_MODEL_BENCH_WORLD_H

#include "model/operators/operators.h"

typedef struct bs_bench_size {
    int nx, nz, n_tracers; /* ny = nx */
} bs_bench_size;

typedef enum bs_bench_field { BS_FIELD_TEXTURED, BS_FIELD_HALF_EMPTY } bs_bench_field;

typedef struct bs_bench_world {
    bs_mesh *mesh;
    bs_box box;
    bs_tracers tracers; /* rows are owned */
    bs_removal_class removal;
    bs_met_state *end[2];
    bs_forcing *forcing;
    bs_boundary *boundary;
    bs_state *state;
    bs_ledger *ledger;
    real *field; /* [box] what every tracer starts from */
    double dt;   /* s, of one step */
    double courant[3];
} bs_bench_world;

double bs_bench_world_bytes(bs_bench_size size); /* about what it takes */

bs_status bs_bench_world_create(bs_bench_size size, bs_bench_world **out, bs_err *err);
void bs_bench_world_destroy(bs_bench_world *world);

void bs_bench_world_fill(bs_bench_world *world, bs_bench_field field);
void bs_bench_world_tag(bs_bench_world *world, bool tags); /* true: tracers from 1 on follow the limiter of tracer 0 */
void bs_bench_world_reset(bs_bench_world *world);          /* air and tracers as at the start */

#endif
