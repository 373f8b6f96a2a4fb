/* data.h - what kernels work on here: log-normal mixing ratios, rough from cell to cell (branching codes are faster on smooth ones),
 * and winds that change sign. */
#ifndef TESTS_BENCH_DATA_H
#define TESTS_BENCH_DATA_H

#include <stdbool.h>
#include <stdint.h>

#include "kernels/base/box.h"
#include "kernels/base/real.h"
#include "kernels/base/status.h"

#define BENCH_MEDIAN 10.0   /* ug kg-1 */
#define BENCH_MASS   7e9    /* kg of air in a cell: 9 km wide, 86 kg m-2 */
#define BENCH_COLUMN 9000.0 /* kg m-2 */
#define BENCH_STEP   300.0  /* s */

double bench_noise(uint64_t *seed); /* uniform in 0 .. 1 */

/* n log-normal mixing ratios, ug kg-1, with waves of 31 and 44 cells of a row and from row to row, and noise. */
void bench_texture(ptrdiff_t n, ptrdiff_t row, real *out);

/* Air through a face of a pencil, in shares of a cell's mean mass, at most `courant` of it. Along a column it is 0 at the ends. */
double bench_flux(double courant, int n, bool column, int pencil, int face);
double bench_mass(int pencil, int cell); /* kg */

/* ---- copies of one block, in a ring ---- */

typedef struct bench_ring {
    void *block; /* as each was at the start */
    char *data;
    size_t bytes, stride;
    long units;
} bench_ring;

/* Copies of `bytes` at `block`, which becomes the ring's (freed by bench_ring_free, also after a failure), until the whole reaches
 * `total` bytes: at least two. Error: BS_ERR_MEMORY. */
bs_status bench_ring_fill(size_t bytes, void *block, size_t total, bench_ring *out, bs_err *err);
void bench_ring_free(bench_ring *ring);
void *bench_ring_at(const bench_ring *ring, long unit);
void bench_ring_restore(const bench_ring *ring, long unit);

/* ---- fields of tracers, one after the other, in groups ---- */

enum { BENCH_NX = 192, BENCH_NY = 200, BENCH_NZ = 30 }; /* whole bundles and strips along x */

typedef struct bench_fields {
    bs_box box;
    int tracers, groups; /* a unit works on the tracers of one group */
    real *q;             /* [groups * tracers] volumes */
    real *start;         /* each tracer begins elsewhere in it: no two are alike */
} bench_fields;

bs_status bench_fields_create(size_t total, bool quick, bench_fields *out,
                              bs_err *err); /* free it also after a failure */
void bench_fields_free(bench_fields *fields);
real *bench_field(const bench_fields *fields, int group, int tracer);
/* Puts back `count` elements of each of `rows` rows from element `at` on, for all tracers of a group. */
void bench_fields_restore(const bench_fields *fields, int group, ptrdiff_t at, int rows, ptrdiff_t row, int count);

#endif
