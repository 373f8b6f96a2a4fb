/* Mass-flux transport along z: sweeps of columns (kernels/advection/sweep.h), strip by strip. The vertical flux follows from continuity
 * (bs_forcing_continuity), so that after all three sweeps a layer's air is the meteorology's. */
#include "model/core/memory.h"
#include "model/operators/operators.h"
#include "model/operators/strips.h"
#include "model/parallel/threads.h"

/* What one thread works with. */
typedef struct bench {
    bs_sweep sweep[BS_ABREAST]; /* of the strip */
    real *phi;                  /* [BS_ABREAST][nz+1] x BS_LANES */
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

static ptrdiff_t phi_length(const bs_box *box)
{
    return ((ptrdiff_t)box->nz + 1) * BS_LANES;
}

static bs_status make_bench(const bs_operator_context *context, bench **out, bs_err *err)
{
    const size_t faces = BS_ABREAST * (size_t)phi_length(context->box);
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
    a->k->setup_across(box->nz, at.shape.n, &flux, &air, 0, b->scratch, b->sweep);
}

static void columns(void *self, const bs_step *s, int n, int t, const real *ahead)
{
    const zadvect *a = self;
    const bs_box *box = a->c.box;
    const bs_tracers *tracers = a->c.tracers;
    if (!(tracers->row[t].acts & BS_ACT_ADVECT)) return;
    const int scheme = a->c.options->scheme;
    const bs_strip_at at = bs_strip_number(box, n);
    real *q = bs_state_q(s->state, t) + bs_at(box, 0, at.j, at.i);
    bench *b = a->benches[bs_threads_self()];
    for (int first = 0; first < at.shape.n; first += BS_LANES) {
        const bs_sweep *sweep = &b->sweep[first / BS_LANES];
        const bs_pencils p = {.q = q + first, /* ground and top are walls */
                              .stride = box->plane,
                              .ahead = ahead ? ahead + first : NULL,
                              .ahead_step = box->plane,
                              .ahead_bits = 30};
        real *phi = b->phi + first / BS_LANES * phi_length(box); /* of the total; its tags follow it */
        if (tracers->row[t].total == t)
            a->k->total[scheme](sweep, b->scratch, &p, bs_tracer_has_tags(tracers, t) ? phi : NULL, NULL);
        else
            a->k->tag[scheme](sweep, b->scratch, &p, phi, NULL);
    }
}

const bs_operator_row BS_OP_ZADVECT = {.name = "zadvect",
                                       .text = "transport by the wind along z, to the meteorology's air mass",
                                       .wanted = wanted,
                                       .create = create,
                                       .strip = strip,
                                       .columns = columns,
                                       .destroy = destroy};
