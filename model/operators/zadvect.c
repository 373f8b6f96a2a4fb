/* Mass-flux transport along z: sweeps of columns (kernels/advection/sweep.h), strip by strip. The vertical flux follows from continuity
 * (bs_forcing_continuity), so that after all three sweeps a layer's air is the meteorology's. */
#include "model/core/memory.h"
#include "model/operators/operators.h"
#include "model/operators/strips.h"
#include "model/parallel/threads.h"

/* What one thread works with. */
typedef struct bench {
    real *phi; /* [nz+1] x BS_LANES */
    real *scratch;
} bench;

typedef struct zadvect {
    bs_operator_context c;
    const bs_sweep_kernels *k;
    int n_benches;
    bench **benches;
} zadvect;

static bool wanted(const bs_operator_options *o)
{
    return o->scheme != BS_SCHEME_COUNT;
}

static void destroy(void *self)
{
    zadvect *a = self;
    if (!a) return;
    for (int t = 0; a->benches && t < a->n_benches; t++) {
        bench *b = a->benches[t];
        if (!b) continue;
        bs_free(b->phi);
        bs_free(b->scratch);
        bs_free(b);
    }
    bs_free(a->benches);
    bs_free(a);
}

static bs_status make_bench(const bs_operator_context *context, bench **out, bs_err *err)
{
    const size_t faces = ((size_t)context->box->nz + 1) * BS_LANES;
    BS_TRY(BS_NEW(out, 1, "vertical advection", err));
    BS_TRY(BS_NEW(&(*out)->phi, faces, "vertical advection", err));
    return BS_NEW(&(*out)->scratch, BS_ABREAST * bs_sweep_scratch_len(context->box->nz), "vertical advection", err);
}

static bs_status create(const bs_operator_context *context, void **self, bs_err *err)
{
    zadvect *a = NULL;
    BS_TRY(BS_NEW(&a, 1, "vertical advection", err));
    a->c = *context;
    a->k = bs_sweep_kernels_for(context->options->isa);
    a->n_benches = bs_threads_count();
    bs_status st = BS_NEW(&a->benches, a->n_benches, "vertical advection", err);
    for (int t = 0; t < a->n_benches && st == BS_OK; t++) st = make_bench(context, &a->benches[t], err);
    if (st != BS_OK) {
        destroy(a);
        return st;
    }
    *self = a;
    return BS_OK;
}

/* All tracers of the bundle whose first column is (j, i). ahead: elements to the columns that are next. */
static void sweep_bundle(const zadvect *a, bench *b, const bs_step *s, const bs_sweep *sweep, int j, int i, int ahead)
{
    const bs_box *box = a->c.box;
    const bs_tracers *tracers = a->c.tracers;
    const int scheme = a->c.options->scheme;
    const ptrdiff_t at = bs_at(box, 0, j, i);
    for (int t = 0; t < tracers->n; t++) {
        if (!(tracers->row[t].acts & BS_ACT_ADVECT)) continue;
        real *q = bs_state_q(s->state, t) + at;
        const real *next = t + 1 < tracers->n ? q + box->volume : bs_state_q(s->state, 0) + at + ahead;
        const bs_pencils p = {.q = q, /* ground and top are walls */
                              .stride = box->plane,
                              .ahead = next,
                              .ahead_step = box->plane,
                              .ahead_bits = 30};
        if (tracers->row[t].total == t) /* tags follow their total: b->phi is theirs */
            a->k->total[scheme](sweep, b->scratch, &p, bs_tracer_has_tags(tracers, t) ? b->phi : NULL, NULL);
        else
            a->k->tag[scheme](sweep, b->scratch, &p, b->phi, NULL);
    }
}

_Static_assert((int)BS_STRIP <= BS_ABREAST * BS_LANES, "a strip is set up at once");

static void strip(void *self, const bs_step *s, int n)
{
    const zadvect *a = self;
    const bs_box *box = a->c.box;
    const bs_strip_at at = bs_strip_number(box, n);
    const ptrdiff_t area = (ptrdiff_t)box->nx * box->ny, column = (ptrdiff_t)at.j * box->nx + at.i;
    const double w = 0.5 * (s->w0 + s->w1), *const *fz = (const double *const *)s->forcing->fz;
    const bs_air_flux flux = {
        .f0 = fz[0] + column, .f1 = fz[1] + column, .w0 = (1 - w) * s->dt, .w1 = w * s->dt, .stride = area};
    const bs_air_mass air = {.m = s->state->m + column, .stride = area};
    bench *b = a->benches[bs_threads_self()];
    bs_sweep sweep[BS_ABREAST];
    a->k->setup_across(box->nz, at.shape.n, &flux, &air, 0, b->scratch, sweep);
    for (int first = 0; first < at.shape.n; first += BS_LANES)
        sweep_bundle(a, b, s, &sweep[first / BS_LANES], at.j, at.i + first, BS_LANES);
}

const bs_operator_row BS_OP_ZADVECT = {.name = "zadvect",
                                       .text = "transport by the wind along z, to the meteorology's air mass",
                                       .wanted = wanted,
                                       .create = create,
                                       .strip = strip,
                                       .destroy = destroy};
