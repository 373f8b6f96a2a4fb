/* operators.h - the processes of a step, each binding kernels to state and forcing. The rows of BS_OPERATORS are what a step is made
 * of; stepping/sequence.h puts them in order. An operator changes the state, enters what crossed the domain's border, the ground or the
 * stacks in the ledger, and can say how long a step it stands.
 *
 * Loops over slabs run in parallel; fields and ledger do not depend on the number of threads. */
#ifndef BS_MODEL_OPERATORS_H
#define BS_MODEL_OPERATORS_H

#include <stdbool.h>

#include "grids/mesh/mesh.h"
#include "kernels/advection/sweep.h"
#include "kernels/base/status.h"
#include "model/core/ledger.h"
#include "model/state/borders.h"
#include "model/state/boundary.h"
#include "model/state/forcing.h"
#include "model/state/sensitivity.h"
#include "model/state/state.h"

/* In the order of the choices of operators.vertical_diffusion. */
typedef enum bs_mixing { BS_MIX_BACKWARD_EULER, BS_MIX_TR_BDF2, BS_MIX_ACM2, BS_MIX_NONE } bs_mixing;

typedef struct bs_operator_options {
    int scheme; /* bs_scheme; BS_SCHEME_COUNT: no advection */
    bs_mixing mixing;
    bool horizontal_diffusion, settling, dry_deposition, wet_scavenging;
    int more_substeps;      /* of horizontal diffusion, beyond the first, that a tile's overlap has room for */
    double max_courant;     /* 1, horizontal */
    double max_deformation; /* 1 */
    bs_isa isa;
    bool transposed; /* the operators' adjoints will be asked for: makes room for them */
} bs_operator_options;

/* What an operator is built from; not owned, outlives it. */
typedef struct bs_operator_context {
    const bs_mesh *mesh;
    const bs_box *box;
    const bs_tracers *tracers;
    const bs_operator_options *options;
    const bs_tiling *tiling; /* of the mesh, where there are several ranks; NULL: one */
    bs_borders *borders;     /* where horizontal operators enter what they move between regions; NULL: not wanted */
} bs_operator_context;

/* One application: the part [w0, w1] of the forcing's interval, dt seconds long. */
typedef struct bs_step {
    double dt;     /* s */
    double w0, w1; /* 0 .. 1 */
    bool reverse;  /* second half of a pair: mirrored order */
    int k0,
        k1; /* planes k0 .. k1 - 1 that a horizontal operator is to do (0, 0: all); those that act on columns do all */
    const bs_forcing *forcing;
    const bs_boundary *boundary;
    bs_state *state;
    bs_ledger *ledger;
    bs_sensitivity *sensitivity; /* of adjoints alone, which look at neither boundary nor ledger */
} bs_step;

static inline void bs_step_planes(const bs_step *s, const bs_box *box, int *k0, int *k1)
{
    *k0 = s->k0;
    *k1 = s->k1 > s->k0 ? s->k1 : box->nz;
}

/* Longest stable step and what limits it. */
typedef struct bs_limit {
    double dt;        /* s */
    char culprit[96]; /* "advect: Courant number of x face (k=20, j=31, i=88)" */
} bs_limit;

/* Of a tile (grids/tiles/tiles.h) the operators bring its own cells forward, and enter what these gain and lose. Horizontal ones rest on
 * what state->q and state->m hold of the neighbours' cells, which must be theirs (model/parallel/halo.h) before the first of them in a
 * half of a pair, and leave numbers there that mean nothing. */

/* Cells beyond a tile's own that it must see: `far`, which a sweep may draw from, one for each substep of horizontal diffusion, and one
 * whose meteorology lacks a neighbour. */
int bs_overlap_needed(const bs_operator_options *options);
int bs_overlap_far(const bs_operator_context *context); /* 0 without a tiling */

/* An operator acts either on the whole state (apply) or on strips of columns (strip and columns, strips.h), and has one of the two. Of
 * strip operators that follow each other each first works out what its tracers share on a strip; then they take turns on the columns
 * of one tracer while these lie in the first level of the cache.
 *
 * Adjoints. As a linear map x' = L x + E e + B b of the masses x = m q of one tracer, what is emitted and what enters, an operator has a
 * transpose, term by term: of a scalar J it takes s' = dJ/dx' to s = L^T s' and adds E^T s' and B^T s' to step->sensitivity. The one
 * tracer of the state then holds s (J per kg) in place of q, and state->m is the air before the operator moves it; the adjoint leaves m
 * as it is. Where the air comes to is found by `air`, which moves state->m and nothing else. */
typedef struct bs_operator_row {
    const char *name, *text;
    bool (*wanted)(const bs_operator_options *options);
    bs_status (*create)(const bs_operator_context *context, void **self, bs_err *err);
    void (*apply)(void *self, const bs_step *step);
    void (*begin)(void *self, const bs_step *step);            /* before the first strip; one thread */
    void (*strip)(void *self, const bs_step *step, int strip); /* strips in any order, by any thread */
    /* Tracers of the strip in ascending order, by the thread that called strip. ahead: where the columns begin that come next, to be
     * asked into the cache; NULL: another does. */
    void (*columns)(void *self, const bs_step *step, int strip, int tracer, const real *ahead);
    void (*end)(void *self, const bs_step *step); /* after the last strip; one thread: the ledger */
    /* Whether all applications so far were right: one that moved something across more cells than this tile knows of its neighbours was
     * not. Errors: BS_ERR_RUN. NULL: nothing can go wrong, as nothing can in one rank. */
    bs_status (*check)(const void *self, bs_err *err);
    /* Lowers *limit where this operator needs a shorter step over the forcing's interval, in any rank: collective (model/parallel/ranks.h).
     * NULL: stands any step. */
    void (*limit)(const void *self, const bs_forcing *forcing, bs_limit *limit);
    void (*air)(void *self, const bs_step *step); /* NULL: moves none */
    /* One of the two, as with apply and strip. */
    void (*adjoint)(void *self, const bs_step *step);
    void (*adjoint_strip)(void *self, const bs_step *step, int strip);
    void (*destroy)(void *self);
} bs_operator_row;

extern const bs_operator_row BS_OP_HADVECT, BS_OP_ZADVECT, BS_OP_COLUMN, BS_OP_HDIFF, BS_OP_SETTLE, BS_OP_SCAVENGE;

/* Either kind of operator, alone. */
void bs_operator_apply(const bs_operator_row *row, void *self, const bs_step *step);

/* Strip operators one after the other on each strip, strips in parallel. seconds [n]: wall clock that each took, added; NULL: not
 * wanted. */
void bs_operators_on_strips(int n, const bs_operator_row *const *rows, void *const *selves, const bs_step *step,
                            double *seconds);

/* The adjoint of one operator, or those of several strip operators one after the other on each strip; each has a step of its own, with
 * its own air. n <= 16; seconds as above. */
void bs_operators_adjoint(int n, const bs_operator_row *const *rows, void *const *selves, const bs_step *const *steps,
                          double *seconds);

/* One sweep of BS_OP_HADVECT's `self` alone (axis 0 x, 1 y), for measuring: what crosses the sides enters no ledger. */
void bs_hadvect_sweep(void *self, const bs_step *step, int axis);

#endif
