/* Gravitational settling (kernels/column/settle.h), the part V_s of the deposition velocity through the ground included. */
#include <string.h>

#include "kernels/column/settle.h"
#include "model/core/memory.h"
#include "model/operators/operators.h"
#include "model/operators/strips.h"
#include "model/parallel/threads.h"

typedef struct settling {
    bs_operator_context c;
    bs_strip_benches benches;
} settling;

static bool wanted(const bs_operator_options *o)
{
    return o->settling;
}

static void destroy(void *self)
{
    settling *o = self;
    if (!o) return;
    bs_strip_benches_destroy(&o->benches);
    bs_free(o);
}

static bs_status create(const bs_operator_context *context, void **self, bs_err *err)
{
    settling *o = NULL;
    BS_TRY(BS_NEW(&o, 1, "settling", err));
    o->c = *context;
    bs_status st =
        bs_strip_benches_create(context->tracers->n, (size_t)4 * (size_t)context->box->nz * BS_STRIP, &o->benches, err);
    if (st != BS_OK) {
        bs_free(o);
        return st;
    }
    *self = o;
    return BS_OK;
}

/* rho V_s through the bottom of each layer, kg m-2 s-1. */
static void load_flow(const bs_box *box, const bs_step *s, bs_strip_at at, double w, int removal, real *rho, real *flow)
{
    const bs_met_state *const *end = s->forcing->end;
    const ptrdiff_t field = (ptrdiff_t)removal * box->nx * box->ny * box->nz;
    bs_strip_between(box, at, box->nz, w, end[0]->rho, end[1]->rho, rho);
    bs_strip_between(box, at, box->nz, w, end[0]->v_set + field, end[1]->v_set + field, flow);
    for (int k = 0; k < box->nz; k++)
        for (int n = 0; n < at.shape.n; n++) flow[k * BS_STRIP + n] *= rho[k * BS_STRIP + n];
}

static void settle_strip(settling *o, const bs_step *s, bs_strip_at at)
{
    const bs_box *box = o->c.box;
    const bs_tracers *tracers = o->c.tracers;
    bs_strip_bench *bench = &o->benches.bench[bs_threads_self()];
    const size_t field = (size_t)box->nz * BS_STRIP;
    real *mass = bench->work, *flow = mass + field, *q = flow + field, *rho = q + field;
    bs_strip_mass(box, at, o->c.mesh, s->state->m, mass);
    int loaded = -1;
    for (int t = 0; t < tracers->n; t++) {
        const bs_tracer *row = &tracers->row[t];
        if (!(row->acts & BS_ACT_SETTLE)) continue;
        if (row->removal_class != loaded) load_flow(box, s, at, 0.5 * (s->w0 + s->w1), row->removal_class, rho, flow);
        loaded = row->removal_class;
        double deposited[BS_STRIP] = {0};
        bs_strip_load(box, at, bs_state_q(s->state, t), q);
        bs_settle(at.shape, s->dt, mass, flow, q, deposited);
        bs_strip_store(box, at, q, bs_state_q(s->state, t));
        bs_strip_deposit(box, at, o->c.mesh, deposited, s->state->dry + (ptrdiff_t)t * box->nx * box->ny,
                         &bench->sums[t]);
    }
}

static void apply(void *self, const bs_step *s)
{
    settling *o = self;
    const bs_box *box = o->c.box;
    const int strips = box->ny * bs_strips_per_row(box);
    bs_strip_benches_clear(&o->benches);
#pragma omp parallel for schedule(static) default(none) shared(o, s, box, strips)
    for (int n = 0; n < strips; n++) settle_strip(o, s, bs_strip_number(box, n));
    bs_strip_benches_enter(&o->benches, 0, s->ledger, BS_L_DRY);
}

const bs_operator_row BS_OP_SETTLE = {"settle", "gravitational settling, implicit upwind", wanted, create, apply, NULL,
                                      destroy};
