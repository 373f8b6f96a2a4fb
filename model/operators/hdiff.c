/* Horizontal diffusion (kernels/hdiff/hdiff.h), level by level: conductances once for all tracers, as many substeps as stability
 * asks for. Nothing diffuses through the sides of the domain.
 *
 * Of a tile the own cells are brought forward and, in the second half of a pair, what the sweeps to come draw from (hadvect_tile.c). Each
 * substep rests on one cell more each side, so that substeps go over a window that shrinks; more of them than the overlap has room for
 * (operators.diffusion_substeps) are an error. */
#include <math.h>
#include <string.h>

#include "kernels/base/clones.h"
#include "kernels/hdiff/hdiff.h"
#include "model/core/memory.h"
#include "model/operators/operators.h"
#include "model/parallel/ranks.h"
#include "model/parallel/threads.h"

typedef struct hdiff {
    bs_operator_context c;
    int n_threads;
    real **work;             /* [thread]: kappa of x and y faces, dt/m, diffusivity and mass per area, rows of fluxes */
    double *rate;            /* [nz] of this step, s-1 */
    int *substeps;           /* [nz] the most that a level needed */
    real *shape_x, *shape_y; /* length / (4 distance) of faces; 0 on the domain's sides, so that nothing passes there */
} hdiff;

typedef struct plane {
    real *kappa_x, *kappa_y; /* rows of nx+1, nx */
    real *dt_m, *kh, *mass;  /* [ny][nx] s kg-1, m2 s-1, kg m-2 */
    real *rows;              /* [3][nx+1] */
} plane;

static size_t work_length(const bs_box *b)
{
    size_t nx = (size_t)b->nx, ny = (size_t)b->ny;
    return (nx + 1) * ny + nx * (ny + 1) + 3 * nx * ny + 3 * (nx + 1);
}

static plane plane_of(const bs_box *b, real *work)
{
    const size_t nx = (size_t)b->nx, ny = (size_t)b->ny, x = (nx + 1) * ny, y = nx * (ny + 1);
    real *cells = work + x + y;
    return (plane){.kappa_x = work,
                   .kappa_y = work + x,
                   .dt_m = cells,
                   .kh = cells + nx * ny,
                   .mass = cells + 2 * nx * ny,
                   .rows = cells + 3 * nx * ny};
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
    bs_free(h->rate);
    bs_free(h->substeps);
    bs_free(h->shape_x);
    bs_free(h->shape_y);
    bs_free(h);
}

static void fill_shapes(hdiff *h)
{
    const bs_mesh *m = h->c.mesh;
    const int nx = m->nx, ny = m->ny;
    for (int j = 0; j < ny; j++)
        for (int i = 1; i < nx; i++) {
            const int f = j * (nx + 1) + i;
            h->shape_x[f] = (real)(0.25 * m->len_xf[f] / m->dist_xf[f]);
        }
    for (int f = nx; f < nx * ny; f++) h->shape_y[f] = (real)(0.25 * m->len_yf[f] / m->dist_yf[f]);
}

static bs_status create(const bs_operator_context *context, void **self, bs_err *err)
{
    hdiff *h = NULL;
    const char *what = "horizontal diffusion";
    BS_TRY(BS_NEW(&h, 1, what, err));
    h->c = *context;
    h->n_threads = bs_threads_count();
    const int nx = context->box->nx, ny = context->box->ny;
    bs_status st = BS_NEW(&h->work, h->n_threads, what, err);
    for (int t = 0; t < h->n_threads && st == BS_OK; t++)
        st = BS_NEW(&h->work[t], work_length(context->box), what, err);
    if (st == BS_OK) st = BS_NEW(&h->rate, context->box->nz, what, err);
    if (st == BS_OK) st = BS_NEW(&h->substeps, context->box->nz, what, err);
    if (st == BS_OK) st = BS_NEW(&h->shape_x, (nx + 1) * ny, what, err);
    if (st == BS_OK) st = BS_NEW(&h->shape_y, nx * (ny + 1), what, err);
    if (st != BS_OK) {
        destroy(h);
        return st;
    }
    fill_shapes(h);
    *self = h;
    return BS_OK;
}

typedef struct level {
    const double *m, *area; /* [ny][nx] */
    const real *kh[2];      /* of both ends */
    real w[2];
} level;

/* kappa = (K_left + K_right)/2 (M_left + M_right)/2 length/distance; 0 on the domain's sides */
BS_CLONES static void conductances(const hdiff *h, const level *l, const plane *p)
{
    const int nx = h->c.box->nx, ny = h->c.box->ny;
    for (int c = 0; c < nx * ny; c++) {
        p->kh[c] = l->w[0] * l->kh[0][c] + l->w[1] * l->kh[1][c];
        p->mass[c] = (real)(l->m[c] / l->area[c]);
    }
    memset(p->kappa_x, 0, sizeof(real) * (size_t)(nx + 1) * (size_t)ny);
    memset(p->kappa_y, 0, sizeof(real) * (size_t)nx * (size_t)(ny + 1));
    for (int j = 0; j < ny; j++) {
        const real *kh = p->kh + j * nx, *mass = p->mass + j * nx, *shape = h->shape_x + j * (nx + 1);
        real *kappa = p->kappa_x + j * (nx + 1);
        for (int i = 1; i < nx; i++) kappa[i] = shape[i] * (kh[i - 1] + kh[i]) * (mass[i - 1] + mass[i]);
    }
    for (int c = nx; c < nx * ny; c++)
        p->kappa_y[c] = h->shape_y[c] * (p->kh[c - nx] + p->kh[c]) * (p->mass[c - nx] + p->mass[c]);
}

BS_CLONES static void over_mass(ptrdiff_t n, double dt, const double *restrict m, real *restrict out)
{
    for (ptrdiff_t c = 0; c < n; c++) out[c] = (real)(dt / m[c]);
}

/* What a substep of `dt` is about to move through borders: the kernel's fluxes, in double. */
static void enter_borders(const hdiff *h, const plane *p, double dt, int tracer, int k, const real *q)
{
    const bs_borders *b = h->c.borders;
    const int nx = b->nx, ny = b->ny;
    for (int f = 0; f < b->n_faces; f++) {
        const int j = b->face[f].j, i = b->face[f].i, x = b->face[f].axis == 0;
        if (x ? i == 0 || i == nx : j == 0 || j == ny) continue; /* nothing diffuses through the sides */
        const real *high = q + j * h->c.box->row + i, *low = high - (x ? 1 : h->c.box->row);
        const double kappa = (double)(x ? p->kappa_x[j * (nx + 1) + i] : p->kappa_y[j * nx + i]);
        bs_borders_at(b, tracer, k, f)[BS_FLOW_DIFFUSED] += dt * kappa * ((double)*low - (double)*high);
    }
}

/* Own cells and `more` each side, as far as there are any. */
static bs_window widened(const bs_box *b, int more)
{
    const bs_window o = b->own;
    return (bs_window){.i0 = o.i0 > more ? o.i0 - more : 0,
                       .i1 = o.i1 + more < b->nx ? o.i1 + more : b->nx,
                       .j0 = o.j0 > more ? o.j0 - more : 0,
                       .j1 = o.j1 + more < b->ny ? o.j1 + more : b->ny};
}

/* The cells of a window and their faces. Ends of the tile's rectangle that it reaches are sides of the domain. */
static bs_hdiff_plane faces_of(const bs_box *b, const plane *p, bs_window w)
{
    const int nx = b->nx;
    return (bs_hdiff_plane){.ni = w.i1 - w.i0,
                            .nj = w.j1 - w.j0,
                            .closed = (w.i0 == 0 ? BS_CLOSED_WEST : 0) | (w.i1 == nx ? BS_CLOSED_EAST : 0) |
                                      (w.j0 == 0 ? BS_CLOSED_SOUTH : 0) | (w.j1 == b->ny ? BS_CLOSED_NORTH : 0),
                            .kappa_x = p->kappa_x + w.j0 * (nx + 1) + w.i0,
                            .kappa_y = p->kappa_y + w.j0 * nx + w.i0,
                            .dt_m = p->dt_m + w.j0 * nx + w.i0,
                            .x_row = nx + 1,
                            .y_row = nx,
                            .m_row = nx};
}

/* Conductances of a level in this thread's room. */
static plane prepare(const hdiff *h, const bs_step *s, int k, const double **m)
{
    const bs_box *box = h->c.box;
    const ptrdiff_t area = (ptrdiff_t)box->nx * box->ny;
    const double w = 0.5 * (s->w0 + s->w1);
    const level l = {.m = s->state->m + k * area,
                     .area = h->c.mesh->area,
                     .kh = {s->forcing->end[0]->kh + k * area, s->forcing->end[1]->kh + k * area},
                     .w = {(real)(1 - w), (real)w}};
    const plane p = plane_of(box, h->work[bs_threads_self()]);
    conductances(h, &l, &p);
    *m = l.m;
    return p;
}

static double rate_of_own(const hdiff *h, const plane *p, const double *m)
{
    const bs_box *box = h->c.box;
    const bs_hdiff_plane of_own = faces_of(box, p, box->own);
    return bs_hdiff_max_rate(&of_own, m + (ptrdiff_t)box->own.j0 * box->nx + box->own.i0);
}

/* Whether ranks ask each other how many substeps a level needs: where there is room for several. */
static bool asks_others(const hdiff *h)
{
    return h->c.tiling && h->c.options->more_substeps > 0;
}

static void diffuse_level(hdiff *h, const bs_step *s, int k)
{
    const bs_box *box = h->c.box;
    const bs_tracers *tracers = h->c.tracers;
    const double *m;
    const plane p = prepare(h, s, k, &m);
    if (!asks_others(h)) h->rate[k] = rate_of_own(h, &p, m);
    if (!(h->rate[k] > 0) && !h->c.tiling) return; /* another rank's may not be 0 */
    const int substeps = (int)fmax(1, ceil(s->dt * h->rate[k]));
    h->substeps[k] = substeps > h->substeps[k] ? substeps : h->substeps[k];
    over_mass((ptrdiff_t)box->nx * box->ny, s->dt / substeps, m, p.dt_m);
    const int beyond = s->reverse ? bs_overlap_far(&h->c) : 0;
    for (int t = 0; t < tracers->n; t++) {
        if (!(tracers->row[t].acts & BS_ACT_MIX)) continue;
        real *q = bs_state_q(s->state, t) + bs_at(box, k, 0, 0);
        for (int left = substeps; left > 0; left--) {
            const bs_window window = widened(box, h->c.tiling ? beyond + left - 1 : 0);
            const bs_hdiff_plane faces = faces_of(box, &p, window);
            if (h->c.borders) enter_borders(h, &p, s->dt / substeps, t, k, q);
            bs_hdiff_step(&faces, box->row, q + window.j0 * box->row + window.i0, p.rows);
        }
    }
}

/* The largest rate of each level in any rank. */
static void find_rates(hdiff *h, const bs_step *s, int first, int end)
{
#pragma omp parallel for schedule(dynamic) default(none) shared(h, s, first, end)
    for (int k = first; k < end; k++) {
        const double *m;
        const plane p = prepare(h, s, k, &m);
        h->rate[k] = rate_of_own(h, &p, m);
    }
    bs_ranks_max(end - first, h->rate + first);
}

static void apply(void *self, const bs_step *s)
{
    hdiff *h = self;
    int first, end;
    bs_step_planes(s, h->c.box, &first, &end);
    if (asks_others(h)) find_rates(h, s, first, end);
#pragma omp parallel for schedule(dynamic) default(none) shared(h, s, first, end)
    for (int k = first; k < end; k++) diffuse_level(h, s, k);
}

static bs_status check(const void *self, bs_err *err)
{
    const hdiff *h = self;
    const int room = 1 + h->c.options->more_substeps;
    int worst = 0;
    for (int k = 1; h->c.tiling && k < h->c.box->nz; k++)
        if (h->substeps[k] > h->substeps[worst]) worst = k;
    if (!h->c.tiling || h->substeps[worst] <= room) return BS_OK;
    return bs_fail(err, BS_ERR_RUN,
                   "hdiff: horizontal diffusion asks for %d substeps at level %d, and the overlap of several ranks' "
                   "tiles has room for %d; give operators.diffusion_substeps: %d, a time.max_step %d times smaller, or "
                   "take one rank",
                   h->substeps[worst], worst, room, h->substeps[worst], h->substeps[worst]);
}

const bs_operator_row BS_OP_HDIFF = {.name = "hdiff",
                                     .text = "horizontal diffusion, explicit face fluxes",
                                     .wanted = wanted,
                                     .create = create,
                                     .apply = apply,
                                     .check = check,
                                     .adjoint = apply, /* x' = (1 + dt K M^-1) x with K symmetric: s as q */
                                     .destroy = destroy};
