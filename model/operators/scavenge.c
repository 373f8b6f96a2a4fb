/* Wet scavenging (kernels/column/scavenge.h): exponential decay with the prepared coefficient. Dry strips cost a look only. */

#include "kernels/column/scavenge.h"
#include "model/operators/operators.h"
#include "model/operators/strips.h"

static bool wanted(const bs_operator_options *o)
{
    return o->wet_scavenging;
}

static bs_status create(const bs_operator_context *context, void **self, bs_err *err)
{
    return bs_strip_operator_create(context, "wet scavenging", (size_t)4 * (size_t)context->box->nz * BS_STRIP,
                                    BS_L_WET, BS_L_COUNT, self, err);
}

static bool rains(const bs_forcing *f, ptrdiff_t first, ptrdiff_t n)
{
    for (ptrdiff_t c = first; c < first + n; c++)
        if (f->end[0]->rain[c] > 0 || f->end[1]->rain[c] > 0) return true;
    return false;
}

static void strip(void *self, const bs_step *s, int number)
{
    const bs_strip_operator *o = self;
    const bs_box *box = o->c.box;
    const bs_strip_at at = bs_strip_number(box, number);
    bs_strip_bench *bench = bs_strip_operator_bench(o);
    bench->idle = !rains(s->forcing, (ptrdiff_t)at.j * box->nx + at.i, at.shape.n);
    bench->factored_class = -1;
    if (!bench->idle) bs_strip_mass(box, at, o->c.mesh, s->state->m, bench->work);
}

static void columns(void *self, const bs_step *s, int number, int t, const real *ahead)
{
    const bs_strip_operator *o = self;
    const bs_box *box = o->c.box;
    const bs_tracer *row = &o->c.tracers->row[t];
    bs_strip_bench *bench = bs_strip_operator_bench(o);
    if (bench->idle || !(row->acts & BS_ACT_WET)) return;
    const bs_strip_at at = bs_strip_number(box, number);
    const bs_met_state *const *end = s->forcing->end;
    const size_t field = (size_t)box->nz * BS_STRIP;
    real *mass = bench->work, *rate = mass + field, *loss = rate + field, *q = loss + field;
    if (row->removal_class != bench->factored_class) {
        const ptrdiff_t of_class = (ptrdiff_t)row->removal_class * box->nx * box->ny * box->nz;
        bs_strip_between(box, at, box->nz, 0.5 * (s->w0 + s->w1), end[0]->scavenge + of_class,
                         end[1]->scavenge + of_class, rate);
        bs_scavenge_loss(at.shape, s->dt, rate, loss);
        bench->factored_class = row->removal_class;
    }
    double deposited[BS_STRIP] = {0};
    if (ahead) bs_strip_ahead(box, at, ahead);
    bs_strip_load(box, at, bs_state_q(s->state, t), q);
    bs_scavenge(at.shape, mass, loss, q, deposited);
    bs_strip_store(box, at, q, bs_state_q(s->state, t));
    bs_strip_deposit(box, at, o->c.mesh, deposited, s->state->wet + (ptrdiff_t)t * box->nx * box->ny, &bench->sums[t]);
}

/* Every cell on its own: what is left of a kilogram counts. */
static void adjoint_strip(void *self, const bs_step *s, int number)
{
    const bs_strip_operator *o = self;
    const bs_box *box = o->c.box;
    const bs_strip_at at = bs_strip_number(box, number);
    const bs_tracer *row = &o->c.tracers->row[0];
    const bs_met_state *const *end = s->forcing->end;
    if (!(row->acts & BS_ACT_WET) || !rains(s->forcing, (ptrdiff_t)at.j * box->nx + at.i, at.shape.n)) return;
    real *rate = bs_strip_operator_bench(o)->work, *loss = rate + (size_t)box->nz * BS_STRIP;
    real *q = bs_state_q(s->state, 0) + bs_at(box, 0, at.j, at.i);
    const ptrdiff_t of_class = (ptrdiff_t)row->removal_class * box->nx * box->ny * box->nz;
    bs_strip_between(box, at, box->nz, 0.5 * (s->w0 + s->w1), end[0]->scavenge + of_class, end[1]->scavenge + of_class,
                     rate);
    bs_scavenge_loss(at.shape, s->dt, rate, loss);
    for (int k = 0; k < box->nz; k++)
        for (int n = 0; n < at.shape.n; n++) q[k * box->plane + n] -= loss[k * BS_STRIP + n] * q[k * box->plane + n];
}

const bs_operator_row BS_OP_SCAVENGE = {.name = "scavenge",
                                        .text = "in-cloud and below-cloud scavenging",
                                        .wanted = wanted,
                                        .create = create,
                                        .begin = bs_strip_operator_begin,
                                        .strip = strip,
                                        .columns = columns,
                                        .end = bs_strip_operator_end,
                                        .adjoint_strip = adjoint_strip,
                                        .destroy = bs_strip_operator_destroy};
