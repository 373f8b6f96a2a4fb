/* column.h - kernels on strips of columns: the air of one strip, shared by the tracers, and units made of strips in a ring. */
#ifndef TESTS_BENCH_COLUMN_H
#define TESTS_BENCH_COLUMN_H

#include "kernels/column/strip.h"
#include "tests/bench/bench.h"
#include "tests/bench/data.h"

/* What a strip has: [rows][BS_STRIP] reals each, columns of two being those of a double. */
enum {
    PART_Q,         /* ug kg-1 */
    PART_MASS,      /* kg m-2 */
    PART_MIX,       /* [nz+1] kg m-2 s-1, all of it local */
    PART_LOCAL,     /* [nz+1] the local part, with ACM2 */
    PART_UP,        /* [nz+1] the non-local part */
    PART_FLOW,      /* kg m-2 s-1, settling; m s-1 where the velocity is what is computed */
    PART_RATE,      /* s-1, scavenging */
    PART_LOSS,      /* 1 */
    PART_VISCOSITY, /* double, kg m-1 s-1 */
    PART_PATH,      /* double, ln(m) */
    PART_COUNT
};

typedef struct column_air {
    bs_strip shape;
    real *part[PART_COUNT]; /* one strip */
    real dep[BS_STRIP], share[BS_STRIP], pbl_air[BS_STRIP];
    double deposited[BS_STRIP]; /* what kernels add to */
    real *factors, *scratch;    /* of the longest kernel */
    const void *more;           /* a family's own */
} column_air;

/* Exchange by turbulence `mixing` times as strong as in the bench of the operators. Error: BS_ERR_MEMORY; free it also then. */
bs_status column_air_create(bench *b, double mixing, column_air *out);
void column_air_free(column_air *air);

typedef struct columns columns;
typedef void column_kernel(const columns *c, long strip);

/* A kernel on one strip after another. In the ring are the parts in `parts`; the others are the air's. */
typedef struct column_case {
    bench_label label; /* length is filled in */
    column_kernel *run;
    unsigned parts; /* bit 1 << PART_... */
    int strips;     /* of a unit */
} column_case;

struct columns {
    column_air *air;
    const column_case *what;
    bench_ring ring;
};

real *column_part(const columns *c, long strip, int part);
bs_status column_measure(bench *b, column_air *air, const column_case *what);

/* A kernel on the columns of fields where they lie: all tracers of a strip in turn. */
typedef struct field_columns field_columns;
struct field_columns {
    bench_fields fields;
    column_air air;
    bs_isa isa;
    /* q: the strip's; ahead: the next tracer's, NULL for the last */
    void (*run)(field_columns *c, real *q, ptrdiff_t q_stride, const real *ahead);
};

bs_status field_columns_create(bench *b, field_columns *out); /* free it also after a failure */
void field_columns_free(field_columns *c);
bs_status field_columns_measure(bench *b, field_columns *c, const bench_label *label); /* length is filled in */

#endif
