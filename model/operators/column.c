/* Emission, vertical mixing and dry deposition in one implicit solve per column (kernels/column/vdiff.h and acm2.h). One
 * factorisation serves all tracers of a removal class. What settles is left to the settling operator: a published deposition
 * velocity contains the settling velocity, so the ground takes V_d - V_s here and V_s there. */
#include <string.h>

#include "kernels/base/clones.h"
#include "kernels/column/acm2.h"
#include "kernels/column/acm2_adjoint.h"
#include "kernels/column/vdiff.h"
#include "kernels/column/vdiff_adjoint.h"
#include "model/operators/operators.h"
#include "model/operators/strips.h"

/* Parts of a thread's work, in rows of BS_STRIP reals. */
typedef struct parts {
    real *mass, *mix, *dep, *q, *emission;
    real *up, *share, *pbl_air; /* ACM2 */
    real *scratch, *factors;
    double *asked, *plumes; /* of adjoints, as is the next */
    real *changes;
} parts;

/* Reals of the parts before those of adjoints. */
static size_t forward_length(bs_strip s)
{
    const ptrdiff_t of_k = bs_vdiff_factor_len(s), of_acm2 = bs_acm2_factor_len(s);
    return (size_t)(bs_vdiff_scratch_len(s) + (of_k > of_acm2 ? of_k : of_acm2)) + (size_t)(5 * s.nz + 5) * BS_STRIP;
}

static size_t work_length(int nz, bool transposed)
{
    const bs_strip s = {.n = BS_STRIP, .nz = nz, .stride = BS_STRIP};
    const size_t doubles = (size_t)(nz * BS_STRIP + bs_acm2_adjoint_scratch_len(s));
    if (!transposed) return forward_length(s);
    return forward_length(s) + doubles * (sizeof(double) / sizeof(real)) + (size_t)bs_vdiff_adjoint_scratch_len(s);
}

static parts parts_of(real *work, int nz)
{
    bs_strip s = {.n = BS_STRIP, .nz = nz, .stride = BS_STRIP};
    parts p = {.mass = work};
    p.mix = p.mass + nz * BS_STRIP;
    p.dep = p.mix + (nz + 1) * BS_STRIP;
    p.q = p.dep + BS_STRIP;
    p.emission = p.q + nz * BS_STRIP;
    p.up = p.emission + nz * BS_STRIP;
    p.share = p.up + (nz + 1) * BS_STRIP;
    p.pbl_air = p.share + BS_STRIP;
    p.scratch = p.pbl_air + BS_STRIP;
    p.factors = p.scratch + bs_vdiff_scratch_len(s);
    return p;
}

/* Of an operator that was made to be transposed. */
static parts parts_of_adjoint(real *work, int nz)
{
    const bs_strip s = {.n = BS_STRIP, .nz = nz, .stride = BS_STRIP};
    parts p = parts_of(work, nz);
    p.asked = (double *)(work + forward_length(s));
    p.plumes = p.asked + nz * BS_STRIP;
    p.changes = (real *)(p.plumes + bs_acm2_adjoint_scratch_len(s));
    return p;
}

static bool wanted(const bs_operator_options *o)
{
    (void)o;
    return true; /* emission at least */
}

static bs_status create(const bs_operator_context *context, void **self, bs_err *err)
{
    return bs_strip_operator_create(context, "vertical diffusion",
                                    work_length(context->box->nz, context->options->transposed), BS_L_EMITTED, BS_L_DRY,
                                    self, err);
}

/* rho (V_d - V_s) at the ground, kg m-2 s-1, of a removal class; zero for tracers that are not deposited. */
static void surface_exchange(const bs_strip_operator *c, const bs_step *s, bs_strip_at at, double w, int removal,
                             unsigned acts, real *dep)
{
    const bs_box *box = c->c.box;
    const ptrdiff_t area = (ptrdiff_t)box->nx * box->ny, cell = (ptrdiff_t)at.j * box->nx + at.i;
    const bs_met_state *const *end = s->forcing->end;
    memset(dep, 0, sizeof(real) * BS_STRIP);
    if (!(acts & BS_ACT_DRY)) return;
    const bool settles = acts & BS_ACT_SETTLE;
    for (int n = 0; n < at.shape.n; n++) {
        double flow[2];
        for (int e = 0; e < 2; e++) {
            double v = (double)end[e]->v_dep[removal * area + cell + n];
            if (settles) v -= (double)end[e]->v_set[removal * area * box->nz + cell + n];
            flow[e] = (double)end[e]->rho[cell + n] * (v > 0 ? v : 0);
        }
        dep[n] = (real)((1 - w) * flow[0] + w * flow[1]);
    }
}

/* ug m-2 s-1 into the lowest layers, and the ug that this makes over the step into the sum. */
BS_CLONES static void load_emission(const bs_strip_operator *c, const bs_step *s, bs_strip_at at, int tracer, real *out,
                                    bs_sum *sum)
{
    const bs_emission_rates *e = s->forcing->emission;
    const ptrdiff_t area = (ptrdiff_t)e->nx * e->ny, cell = (ptrdiff_t)at.j * e->nx + at.i;
    const real *rate = e->rate + (ptrdiff_t)tracer * e->n_layers * area + cell;
    const double *cell_area = c->c.mesh->area + cell, ug_per_kg = 1e9;
    double per_area[BS_STRIP], emitted[BS_STRIP] = {0};
    for (int n = 0; n < at.shape.n; n++) per_area[n] = ug_per_kg / cell_area[n];
    for (int k = 0; k < e->n_layers; k++)
        for (int n = 0; n < at.shape.n; n++) {
            const real flux = (real)((double)rate[k * area + n] * per_area[n]);
            out[k * BS_STRIP + n] = flux;
            emitted[n] += (double)flux;
        }
    for (int n = 0; n < at.shape.n; n++) emitted[n] *= cell_area[n] * s->dt;
    bs_sum_add_all(sum, at.shape.n, emitted);
}

/* Where the case switches mixing off: emission into each layer, then the ground's share of the lowest one, backward Euler. */
static void without_mixing(bs_strip_at at, double dt, const parts *p, int n_emit, double *deposited)
{
    for (int k = 0; k < n_emit; k++)
        for (int n = 0; n < at.shape.n; n++)
            p->q[k * BS_STRIP + n] += (real)dt * p->emission[k * BS_STRIP + n] / p->mass[k * BS_STRIP + n];
    for (int n = 0; n < at.shape.n; n++) {
        const real sink = (real)dt * p->dep[n];
        p->q[n] -= p->q[n] * (sink / (p->mass[n] + sink));
        deposited[n] += (double)sink * (double)p->q[n];
    }
}

static void factor(bs_mixing mixing, bs_strip shape, double dt, const parts *p)
{
    if (mixing == BS_MIX_ACM2)
        bs_acm2_factor(shape, dt, p->mass, p->mix, p->up, p->dep, p->factors);
    else if (mixing == BS_MIX_TR_BDF2)
        bs_vdiff_factor_tr(shape, dt, p->mass, p->mix, p->dep, p->factors);
    else
        bs_vdiff_factor_be(shape, dt, p->mass, p->mix, p->dep, p->factors);
}

/* Backward Euler, what most runs use, works on the field where it is. */
static void solve(const bs_box *box, bs_isa isa, bs_mixing mixing, bs_strip_at at, const parts *p, int n_emit,
                  real *field, const real *ahead, double *deposited)
{
    if (mixing == BS_MIX_BACKWARD_EULER) {
        bs_vdiff_kernels_for(isa)->solve_be(at.shape, p->factors, p->emission, n_emit,
                                            field + bs_at(box, 0, at.j, at.i), box->plane, ahead, deposited,
                                            p->scratch);
        return;
    }
    bs_strip_load(box, at, field, p->q);
    if (mixing == BS_MIX_ACM2)
        bs_acm2_solve(at.shape, p->factors, p->emission, n_emit, p->q, deposited, p->scratch);
    else
        bs_vdiff_solve_tr(at.shape, p->factors, p->mass, p->emission, n_emit, p->q, deposited, p->scratch);
    bs_strip_store(box, at, p->q, field);
}

/* What mixes a strip: the air and its exchange. */
static void load_mixing(const bs_strip_operator *c, const bs_step *s, bs_strip_at at, double w, const parts *p)
{
    const bs_box *box = c->c.box;
    const bs_met_state *const *end = s->forcing->end;
    bs_strip_mass(box, at, c->c.mesh, s->state->m, p->mass);
    bs_strip_between(box, at, box->nz + 1, w, end[0]->mix, end[1]->mix, p->mix);
    if (c->c.options->mixing != BS_MIX_ACM2) return;
    bs_strip_between(box, at, 1, w, end[0]->nonlocal, end[1]->nonlocal, p->share);
    bs_strip_between(box, at, 1, w, end[0]->pbl_air, end[1]->pbl_air, p->pbl_air);
    bs_acm2_split(at.shape, p->mass, p->share, p->pbl_air, p->mix, p->up);
}

static void strip(void *self, const bs_step *s, int number)
{
    const bs_strip_operator *c = self;
    const bs_box *box = c->c.box;
    const bs_strip_at at = bs_strip_number(box, number);
    bs_strip_bench *bench = bs_strip_operator_bench(c);
    const parts p = parts_of(bench->work, box->nz);
    load_mixing(c, s, at, 0.5 * (s->w0 + s->w1), &p);
    bench->factored_class = -1;
}

/* Emission, mixing and the ground's exchange of one tracer; deposited is ug m-2. */
static void mix(const bs_strip_operator *c, const bs_step *s, bs_strip_at at, int t, int n_emit, const real *ahead,
                bs_strip_bench *bench, double *deposited)
{
    const bs_box *box = c->c.box;
    const bs_tracer *row = &c->c.tracers->row[t];
    const bs_mixing mixing = c->c.options->mixing;
    const unsigned acts = row->acts & (BS_ACT_DRY | BS_ACT_SETTLE);
    const parts p = parts_of(bench->work, box->nz);
    const double w = 0.5 * (s->w0 + s->w1);
    real *field = bs_state_q(s->state, t);
    if (mixing == BS_MIX_NONE || !(row->acts & BS_ACT_MIX)) {
        surface_exchange(c, s, at, w, row->removal_class, acts, p.dep);
        bench->factored_class = -1; /* dep is another's now */
        bs_strip_load(box, at, field, p.q);
        without_mixing(at, s->dt, &p, n_emit, deposited);
        bs_strip_store(box, at, p.q, field);
        return;
    }
    if (row->removal_class != bench->factored_class || acts != bench->factored_acts) {
        surface_exchange(c, s, at, w, row->removal_class, acts, p.dep);
        factor(mixing, at.shape, s->dt, &p);
        bench->factored_class = row->removal_class;
        bench->factored_acts = acts;
    }
    solve(box, c->c.options->isa, mixing, at, &p, n_emit, field, ahead, deposited);
}

static void columns(void *self, const bs_step *s, int number, int t, const real *ahead)
{
    const bs_strip_operator *c = self;
    const bs_box *box = c->c.box;
    const bs_strip_at at = bs_strip_number(box, number);
    bs_strip_bench *bench = bs_strip_operator_bench(c);
    const unsigned acts = c->c.tracers->row[t].acts;
    const int n_emit = acts & BS_ACT_EMIT && s->forcing->emission ? s->forcing->emission->n_layers : 0;
    double deposited[BS_STRIP] = {0}, *dry = s->state->dry + (ptrdiff_t)t * box->nx * box->ny;
    if (acts & BS_ACT_DRY) bs_strip_map_ahead(box, at, dry);
    if (n_emit > 0) load_emission(c, s, at, t, parts_of(bench->work, box->nz).emission, &bench->sums[t]);
    mix(c, s, at, t, n_emit, ahead, bench, deposited);
    if (acts & BS_ACT_DRY) bs_strip_deposit(box, at, c->c.mesh, deposited, dry, &bench->more[t]);
}

/* ---- adjoint ---- */

/* without_mixing backward: the ground first, then what each layer's emission counts. */
static void adjoint_without_mixing(bs_strip_at at, double dt, const parts *p)
{
    for (int n = 0; n < at.shape.n; n++) {
        const real sink = (real)dt * p->dep[n];
        p->q[n] -= p->q[n] * (sink / (p->mass[n] + sink));
    }
    for (int k = 0; k < at.shape.nz; k++)
        for (int n = 0; n < at.shape.n; n++) p->asked[k * BS_STRIP + n] = dt * (double)p->q[k * BS_STRIP + n];
}

static void adjoint_solve(const bs_strip_operator *c, bs_strip_at at, double dt, const parts *p)
{
    const bs_mixing mixing = c->c.options->mixing;
    double ignored[BS_STRIP] = {0};
    if (mixing == BS_MIX_ACM2) {
        bs_acm2_adjoint(at.shape, dt, p->mass, p->mix, p->up, p->dep, p->q, p->asked, p->plumes);
        return;
    }
    factor(mixing, at.shape, dt, p);
    if (mixing == BS_MIX_TR_BDF2) {
        bs_vdiff_adjoint_tr(at.shape, p->factors, p->q, p->asked, p->changes);
        return;
    }
    bs_vdiff_kernels_for(c->c.options->isa)
        ->solve_be(at.shape, p->factors, NULL, 0, p->q, BS_STRIP, NULL, ignored, p->scratch);
    for (int k = 0; k < at.shape.nz; k++)
        for (int n = 0; n < at.shape.n; n++) p->asked[k * BS_STRIP + n] = dt * (double)p->q[k * BS_STRIP + n];
}

static void adjoint_strip(void *self, const bs_step *s, int number)
{
    const bs_strip_operator *c = self;
    const bs_box *box = c->c.box;
    const bs_strip_at at = bs_strip_number(box, number);
    const bs_tracer *row = &c->c.tracers->row[0];
    const parts p = parts_of_adjoint(bs_strip_operator_bench(c)->work, box->nz);
    const double w = 0.5 * (s->w0 + s->w1);
    const ptrdiff_t area = (ptrdiff_t)box->nx * box->ny;
    load_mixing(c, s, at, w, &p);
    surface_exchange(c, s, at, w, row->removal_class, row->acts & (BS_ACT_DRY | BS_ACT_SETTLE), p.dep);
    bs_strip_load(box, at, bs_state_q(s->state, 0), p.q);
    if (c->c.options->mixing == BS_MIX_NONE || !(row->acts & BS_ACT_MIX))
        adjoint_without_mixing(at, s->dt, &p);
    else
        adjoint_solve(c, at, s->dt, &p);
    bs_strip_store(box, at, p.q, bs_state_q(s->state, 0));
    double *asked = s->sensitivity->emission + (ptrdiff_t)at.j * box->nx + at.i;
    for (int k = 0; k < box->nz; k++)
        for (int n = 0; n < at.shape.n; n++) asked[k * area + n] += p.asked[k * BS_STRIP + n];
}

const bs_operator_row BS_OP_COLUMN = {.name = "column",
                                      .text = "emission, vertical mixing and dry deposition, one implicit solve",
                                      .wanted = wanted,
                                      .create = create,
                                      .begin = bs_strip_operator_begin,
                                      .strip = strip,
                                      .columns = columns,
                                      .end = bs_strip_operator_end,
                                      .adjoint_strip = adjoint_strip,
                                      .destroy = bs_strip_operator_destroy};
