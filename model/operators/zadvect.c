/* Mass-flux transport along z: sweeps of columns (kernels/advection/sweep.h), strip by strip. The vertical flux follows from continuity
 * (bs_forcing_continuity), so that after all three sweeps a layer's air is the meteorology's. */
#include "kernels/advection/sweep_adjoint.h"
#include "model/core/memory.h"
#include "model/operators/operators.h"
#include "model/operators/strips.h"
#include "model/parallel/threads.h"

/* What one thread works with. */
typedef struct bench {
    bs_sweep sweep[BS_ABREAST]; /* of the strip */
    real *phi;                  /* [BS_ABREAST][nz+1] x BS_LANES */
    real *scratch;
    /* of the adjoint alone: */
    double *mass;                     /* [nz][BS_STRIP] */
    real *flux, *inverse, *transpose; /* sweep_adjoint.h, BS_ABREAST of the first two */
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
        bs_free(b->mass);
        bs_free(b->flux);
        bs_free(b->inverse);
        bs_free(b->transpose);
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
    bench *b = *out;
    const int nz = context->box->nz;
    BS_TRY(BS_NEW(&b->phi, faces, "vertical advection", err));
    BS_TRY(BS_NEW(&b->scratch, BS_ABREAST * bs_sweep_scratch_len(nz), "vertical advection", err));
    if (!context->options->transposed) return BS_OK;
    BS_TRY(BS_NEW(&b->mass, nz * BS_STRIP, "vertical advection, transposed", err));
    BS_TRY(BS_NEW(&b->flux, BS_ABREAST * faces, "vertical advection, transposed", err));
    BS_TRY(BS_NEW(&b->inverse, BS_ABREAST * faces, "vertical advection, transposed", err));
    return BS_NEW(&b->transpose, bs_sweep_adjoint_scratch_len(nz), "vertical advection, transposed", err);
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

/* Of a strip, at the middle of the step. */
static bs_air_flux flux_of(const bs_box *box, const bs_step *s, ptrdiff_t column)
{
    const double w = 0.5 * (s->w0 + s->w1), *const *fz = (const double *const *)s->forcing->fz;
    return (bs_air_flux){.f0 = fz[0] + column,
                         .f1 = fz[1] + column,
                         .w0 = (1 - w) * s->dt,
                         .w1 = w * s->dt,
                         .stride = (ptrdiff_t)box->nx * box->ny};
}

static void strip(void *self, const bs_step *s, int n)
{
    const zadvect *a = self;
    const bs_box *box = a->c.box;
    const bs_strip_at at = bs_strip_number(box, n);
    const ptrdiff_t area = (ptrdiff_t)box->nx * box->ny, column = (ptrdiff_t)at.j * box->nx + at.i;
    const bs_air_flux flux = flux_of(box, s, column);
    const bs_air_mass air = {.m = s->state->m + column, .stride = area};
    bench *b = a->benches[bs_threads_self()];
    a->k->setup_across((bs_scheme)a->c.options->scheme, box->nz, at.shape.n, &flux, &air, 0, b->scratch, b->sweep);
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
                              .ahead_bits = 30,
                              .ahead_n = box->nz};
        real *phi = b->phi + first / BS_LANES * phi_length(box); /* of the total; its tags follow it */
        if (tracers->row[t].total == t)
            a->k->total[scheme](sweep, b->scratch, &p, bs_tracer_has_tags(tracers, t) ? phi : NULL, NULL);
        else
            a->k->tag[scheme](sweep, b->scratch, &p, phi, NULL);
    }
}

/* ---- adjoint ---- */

static void air(void *self, const bs_step *s)
{
    const zadvect *a = self;
    const bs_box *box = a->c.box;
    const int strips = bs_strips(box);
#pragma omp parallel for schedule(dynamic) default(none) shared(a, s, box, strips)
    for (int n = 0; n < strips; n++) {
        const bs_strip_at at = bs_strip_number(box, n);
        const ptrdiff_t column = (ptrdiff_t)at.j * box->nx + at.i;
        const bs_air_flux flux = flux_of(box, s, column);
        const bs_air_mass of_strip = {.m = s->state->m + column, .stride = (ptrdiff_t)box->nx * box->ny};
        bs_sweep sweep[BS_ABREAST];
        a->k->setup_across((bs_scheme)a->c.options->scheme, box->nz, at.shape.n, &flux, &of_strip, 0,
                           a->benches[bs_threads_self()]->scratch, sweep);
    }
}

static void adjoint_strip(void *self, const bs_step *s, int n)
{
    const zadvect *a = self;
    const bs_box *box = a->c.box;
    const bs_strip_at at = bs_strip_number(box, n);
    const ptrdiff_t area = (ptrdiff_t)box->nx * box->ny, column = (ptrdiff_t)at.j * box->nx + at.i;
    const ptrdiff_t faces = ((ptrdiff_t)box->nz + 1) * BS_LANES;
    bench *b = a->benches[bs_threads_self()];
    bs_air_flux flux = flux_of(box, s, column);
    bs_sweep sweep[BS_ABREAST];
    if (!(a->c.tracers->row[0].acts & BS_ACT_ADVECT)) return;
    for (int k = 0; k < box->nz; k++)
        for (int c = 0; c < at.shape.n; c++) b->mass[k * BS_STRIP + c] = s->state->m[k * area + column + c];
    const bs_air_mass of_strip = {.m = b->mass, .stride = BS_STRIP};
    for (int first = 0; first < at.shape.n; first += BS_LANES) {
        const int left = at.shape.n - first, bundle = first / BS_LANES;
        const bs_air_flux through = {flux.f0 + first, flux.f1 + first, flux.w0, flux.w1, flux.stride};
        const bs_air_mass of_bundle = {.m = b->mass + first, .stride = BS_STRIP};
        bs_sweep_adjoint_air(box->nz, left < BS_LANES ? left : BS_LANES, &through, &of_bundle, 1,
                             b->flux + bundle * faces, b->inverse + bundle * faces);
    }
    a->k->setup_across((bs_scheme)a->c.options->scheme, box->nz, at.shape.n, &flux, &of_strip, 0, b->scratch, sweep);
    for (int first = 0; first < at.shape.n; first += BS_LANES) {
        const int bundle = first / BS_LANES;
        bs_sweep_adjoint((bs_scheme)a->c.options->scheme, &sweep[bundle], b->flux + bundle * faces,
                         b->inverse + bundle * faces, bs_state_q(s->state, 0) + bs_at(box, 0, at.j, at.i + first),
                         box->plane, NULL, b->transpose);
    }
}

const bs_operator_row BS_OP_ZADVECT = {.name = "zadvect",
                                       .text = "transport by the wind along z, to the meteorology's air mass",
                                       .wanted = wanted,
                                       .create = create,
                                       .strip = strip,
                                       .air = air,
                                       .adjoint_strip = adjoint_strip,
                                       .columns = columns,
                                       .destroy = destroy};
