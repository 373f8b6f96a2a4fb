/* Horizontal diffusion (kernels/hdiff/hdiff.h), level by level: conductances once for all tracers, as many substeps as stability
 * asks for. Nothing diffuses through the sides of the domain. */
#include <math.h>
#include <string.h>

#include "kernels/hdiff/hdiff.h"
#include "model/core/memory.h"
#include "model/operators/operators.h"
#include "model/parallel/threads.h"

typedef struct hdiff {
    bs_operator_context c;
    int n_threads;
    real **work; /* [thread]: kappa and flux of x and y faces, dt/m */
} hdiff;

typedef struct plane {
    real *kappa_x, *kappa_y, *flux_x, *flux_y, *dt_m; /* rows of nx+1, nx, nx+1, nx, nx */
} plane;

static size_t work_length(const bs_box *b)
{
    size_t nx = (size_t)b->nx, ny = (size_t)b->ny;
    return 2 * (nx + 1) * ny + 2 * nx * (ny + 1) + nx * ny;
}

static plane plane_of(const bs_box *b, real *work)
{
    const size_t nx = (size_t)b->nx, ny = (size_t)b->ny, x = (nx + 1) * ny, y = nx * (ny + 1);
    return (plane){.kappa_x = work,
                   .flux_x = work + x,
                   .kappa_y = work + 2 * x,
                   .flux_y = work + 2 * x + y,
                   .dt_m = work + 2 * x + 2 * y};
}

static bool wanted(const bs_operator_options *o)
{
    return o->horizontal_diffusion;
}

static void destroy(void *self)
{
    hdiff *h = self;
    if (!h) return;
    for (int t = 0; h->work && t < h->n_threads; t++) bs_free(h->work[t]);
    bs_free(h->work);
    bs_free(h);
}

static bs_status create(const bs_operator_context *context, void **self, bs_err *err)
{
    hdiff *h = NULL;
    BS_TRY(BS_NEW(&h, 1, "horizontal diffusion", err));
    h->c = *context;
    h->n_threads = bs_threads_count();
    bs_status st = BS_NEW(&h->work, h->n_threads, "horizontal diffusion", err);
    for (int t = 0; t < h->n_threads && st == BS_OK; t++)
        st = BS_NEW(&h->work[t], work_length(context->box), "horizontal diffusion", err);
    if (st != BS_OK) {
        destroy(h);
        return st;
    }
    *self = h;
    return BS_OK;
}

typedef struct level {
    const double *m, *area; /* [ny][nx] */
    const real *kh[2];      /* of both ends */
    real w[2];
} level;

static double face(const level *l, ptrdiff_t left, ptrdiff_t right, double length, double distance)
{
    const double k_left = (double)(l->w[0] * l->kh[0][left] + l->w[1] * l->kh[1][left]);
    const double k_right = (double)(l->w[0] * l->kh[0][right] + l->w[1] * l->kh[1][right]);
    return bs_hdiff_conductance(k_left, k_right, l->m[left] / l->area[left], l->m[right] / l->area[right], length,
                                distance);
}

static void conductances(const hdiff *h, const level *l, const plane *p)
{
    const bs_mesh *mesh = h->c.mesh;
    const ptrdiff_t nx = h->c.box->nx, ny = h->c.box->ny;
    for (ptrdiff_t j = 0; j < ny; j++)
        for (ptrdiff_t i = 0; i <= nx; i++) {
            const ptrdiff_t f = j * (nx + 1) + i, c = j * nx + i;
            p->kappa_x[f] = i > 0 && i < nx ? (real)face(l, c - 1, c, mesh->len_xf[f], mesh->dist_xf[f]) : 0;
            p->flux_x[f] = 0;
        }
    for (ptrdiff_t j = 0; j <= ny; j++)
        for (ptrdiff_t i = 0; i < nx; i++) {
            const ptrdiff_t c = j * nx + i;
            p->kappa_y[c] = j > 0 && j < ny ? (real)face(l, c - nx, c, mesh->len_yf[c], mesh->dist_yf[c]) : 0;
            p->flux_y[c] = 0;
        }
}

static void diffuse_level(hdiff *h, const bs_step *s, int k)
{
    const bs_box *box = h->c.box;
    const bs_tracers *tracers = h->c.tracers;
    const int nx = box->nx, ny = box->ny;
    const ptrdiff_t area = (ptrdiff_t)nx * ny;
    const double w = 0.5 * (s->w0 + s->w1);
    const level l = {.m = s->state->m + k * area,
                     .area = h->c.mesh->area,
                     .kh = {s->forcing->end[0]->kh + k * area, s->forcing->end[1]->kh + k * area},
                     .w = {(real)(1 - w), (real)w}};
    const plane p = plane_of(box, h->work[bs_threads_self()]);
    conductances(h, &l, &p);
    bs_hdiff_rate worst;
    bs_hdiff_max_rate(nx, ny, nx + 1, nx, nx, p.kappa_x, p.kappa_y, l.m, &worst);
    if (!(worst.rate > 0)) return;
    const int substeps = (int)fmax(1, ceil(s->dt * worst.rate));
    for (ptrdiff_t c = 0; c < area; c++) p.dt_m[c] = (real)(s->dt / substeps / l.m[c]);
    for (int t = 0; t < tracers->n; t++) {
        if (!(tracers->row[t].acts & BS_ACT_MIX)) continue;
        real *q = bs_state_q(s->state, t) + bs_at(box, k, 0, 0);
        for (int n = 0; n < substeps; n++) {
            bs_hdiff_flux(nx - 1, ny, 1, box->row, nx + 1, p.kappa_x + 1, q + 1, p.flux_x + 1);
            bs_hdiff_flux(nx, ny - 1, box->row, box->row, nx, p.kappa_y + nx, q + box->row, p.flux_y + nx);
            bs_hdiff_update(nx, ny, box->row, nx + 1, nx, nx, p.flux_x, p.flux_y, p.dt_m, q);
        }
    }
}

static void apply(void *self, const bs_step *s)
{
    hdiff *h = self;
    const int nz = h->c.box->nz;
#pragma omp parallel for schedule(dynamic) default(none) shared(h, s, nz)
    for (int k = 0; k < nz; k++) diffuse_level(h, s, k);
}

const bs_operator_row BS_OP_HDIFF = {"hdiff", "horizontal diffusion, explicit face fluxes", wanted, create, apply, NULL,
                                     destroy};
