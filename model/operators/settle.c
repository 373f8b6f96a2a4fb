/* Gravitational settling (kernels/column/settle.h), the part V_s of the deposition velocity through the ground included. */

#include "kernels/column/settle.h"
#include "model/operators/operators.h"
#include "model/operators/strips.h"

static bool wanted(const bs_operator_options *o)
{
    return o->settling;
}

static size_t work_length(int nz)
{
    const bs_strip s = {.n = BS_STRIP, .nz = nz, .stride = BS_STRIP};
    return (size_t)bs_settle_factor_len(s) + 3 * (size_t)nz * BS_STRIP;
}

static bs_status create(const bs_operator_context *context, void **self, bs_err *err)
{
    return bs_strip_operator_create(context, "settling", work_length(context->box->nz), BS_L_DRY, BS_L_COUNT, self,
                                    err);
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

typedef struct parts {
    real *mass, *flow, *rho, *factors;
} parts;

static parts parts_of(real *work, int nz)
{
    const ptrdiff_t field = (ptrdiff_t)nz * BS_STRIP;
    return (parts){.mass = work, .flow = work + field, .rho = work + 2 * field, .factors = work + 3 * field};
}

static void strip(void *self, const bs_step *s, int number)
{
    const bs_strip_operator *o = self;
    const bs_box *box = o->c.box;
    bs_strip_bench *bench = bs_strip_operator_bench(o);
    bs_strip_mass(box, bs_strip_number(box, number), o->c.mesh, s->state->m, parts_of(bench->work, box->nz).mass);
    bench->factored_class = -1;
}

static void columns(void *self, const bs_step *s, int number, int t, const real *ahead)
{
    const bs_strip_operator *o = self;
    const bs_box *box = o->c.box;
    const bs_tracer *row = &o->c.tracers->row[t];
    if (!(row->acts & BS_ACT_SETTLE)) return;
    const bs_strip_at at = bs_strip_number(box, number);
    bs_strip_bench *bench = bs_strip_operator_bench(o);
    const parts p = parts_of(bench->work, box->nz);
    if (row->removal_class != bench->factored_class) {
        load_flow(box, s, at, 0.5 * (s->w0 + s->w1), row->removal_class, p.rho, p.flow);
        bs_settle_factor(at.shape, s->dt, p.mass, p.flow, p.factors);
        bench->factored_class = row->removal_class;
    }
    double deposited[BS_STRIP] = {0}, *dry = s->state->dry + (ptrdiff_t)t * box->nx * box->ny;
    bs_strip_map_ahead(box, at, dry);
    if (ahead) bs_strip_ahead(box, at, ahead);
    bs_settle(at.shape, p.factors, bs_state_q(s->state, t) + bs_at(box, 0, at.j, at.i), box->plane, deposited);
    bs_strip_deposit(box, at, o->c.mesh, deposited, dry, &bench->sums[t]);
}

static void adjoint_strip(void *self, const bs_step *s, int number)
{
    const bs_strip_operator *o = self;
    const bs_box *box = o->c.box;
    const bs_strip_at at = bs_strip_number(box, number);
    const bs_tracer *row = &o->c.tracers->row[0];
    const size_t field = (size_t)box->nz * BS_STRIP;
    real *mass = bs_strip_operator_bench(o)->work, *flow = mass + field, *rho = flow + field, *factors = rho + field;
    if (!(row->acts & BS_ACT_SETTLE)) return;
    bs_strip_mass(box, at, o->c.mesh, s->state->m, mass);
    load_flow(box, s, at, 0.5 * (s->w0 + s->w1), row->removal_class, rho, flow);
    bs_settle_factor(at.shape, s->dt, mass, flow, factors);
    bs_settle_adjoint(at.shape, factors, bs_state_q(s->state, 0) + bs_at(box, 0, at.j, at.i), box->plane);
}

const bs_operator_row BS_OP_SETTLE = {.name = "settle",
                                      .text = "gravitational settling, implicit upwind",
                                      .wanted = wanted,
                                      .create = create,
                                      .begin = bs_strip_operator_begin,
                                      .strip = strip,
                                      .columns = columns,
                                      .end = bs_strip_operator_end,
                                      .adjoint_strip = adjoint_strip,
                                      .destroy = bs_strip_operator_destroy};
