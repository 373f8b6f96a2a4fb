/* strips.h - columns of the state side by side: BS_STRIP columns of one row j. Kernels work on them where they are, or on a packed copy.
 * What the column operators share: packing, sums, and entering what reached the ground. */
#ifndef BS_MODEL_OPERATORS_STRIPS_H
#define BS_MODEL_OPERATORS_STRIPS_H

#include "kernels/column/strip.h"
#include "model/operators/operators.h"

typedef struct bs_strip_at {
    int j, i;       /* first column */
    bs_strip shape; /* n columns, nz, stride BS_STRIP */
} bs_strip_at;

/* Strips cover the tile's own columns. */
static inline int bs_strips_per_row(const bs_box *box)
{
    return (box->own.i1 - box->own.i0 + BS_STRIP - 1) / BS_STRIP;
}

static inline int bs_strips(const bs_box *box)
{
    return (box->own.j1 - box->own.j0) * bs_strips_per_row(box);
}

bs_strip_at bs_strip_number(const bs_box *box, int n);

/* [nz][BS_STRIP] real. */
void bs_strip_load(const bs_box *box, bs_strip_at s, const real *field, real *out);
void bs_strip_store(const bs_box *box, bs_strip_at s, const real *in, real *field);

/* Asks columns that begin at `at` into the cache. */
static inline void bs_strip_ahead(const bs_box *box, bs_strip_at s, const real *at)
{
    for (int k = 0; k < box->nz; k++)
        for (int n = 0; n < s.shape.n; n += BS_BOX_LINE) __builtin_prefetch(at + k * box->plane + n);
}

/* Air mass per area, kg m-2, at the end of the step: [nz][BS_STRIP]. */
void bs_strip_mass(const bs_box *box, bs_strip_at s, const bs_mesh *mesh, const double *m, real *out);

/* (1 - w) a + w b of two unpadded fields [n_levels][ny][nx] over the strip. */
void bs_strip_between(const bs_box *box, bs_strip_at s, int n_levels, double w, const real *a, const real *b,
                      real *out);

/* Asks the strip's part of a map [ny][nx] into the cache. */
static inline void bs_strip_map_ahead(const bs_box *box, bs_strip_at s, const double *map)
{
    for (int n = 0; n < s.shape.n; n += BS_BOX_LINE / 2)
        __builtin_prefetch(map + (ptrdiff_t)s.j * box->nx + s.i + n, 1);
}

/* Adds deposited [n] (ug m-2) to a map [ny][nx] (ug) and to a sum (ug). */
void bs_strip_deposit(const bs_box *box, bs_strip_at s, const bs_mesh *mesh, const double *deposited, double *map,
                      bs_sum *sum);

/* ---- an operator on columns: context and what each thread works with ---- */

typedef struct bs_strip_bench {
    real *work;   /* as many reals as the operator asked for */
    bs_sum *sums; /* [n_tracers] ug */
    bs_sum *more; /* [n_tracers] ug */
    /* What the factors in `work` were made for: a removal class and BS_ACT_*. -1: none yet. */
    int factored_class;
    unsigned factored_acts;
    bool idle; /* nothing to do on this strip */
} bs_strip_bench;

typedef struct bs_strip_operator {
    bs_operator_context c;
    bs_ledger_term sums, more; /* where the benches' sums go; BS_L_COUNT: nowhere */
    int n_benches;             /* one a thread */
    bs_strip_bench *bench;
} bs_strip_operator;

/* `work`: reals of scratch a thread. *self is a bs_strip_operator. Errors: BS_ERR_MEMORY. */
bs_status bs_strip_operator_create(const bs_operator_context *context, const char *what, size_t work,
                                   bs_ledger_term sums, bs_ledger_term more, void **self, bs_err *err);
void bs_strip_operator_destroy(void *self); /* NULL is fine */

/* For begin and end of an operator's row: sums from nothing, sums into the ledger. */
void bs_strip_operator_begin(void *self, const bs_step *step);
void bs_strip_operator_end(void *self, const bs_step *step);

/* The bench of the calling thread. */
bs_strip_bench *bs_strip_operator_bench(const bs_strip_operator *o);

#endif
