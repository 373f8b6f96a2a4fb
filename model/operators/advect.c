/* Mass-flux, dimension-split transport: x, y, z sweeps of bundles (kernels/advection/sweep.h), z, y, x in the second half of a pair.
 * Air mass is carried from sweep to sweep; the vertical flux is what brings each layer to the meteorology's air mass at the end of the
 * step, summed up from the ground, so it vanishes at the top to rounding. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/core/memory.h"
#include "model/operators/operators.h"
#include "model/parallel/threads.h"

/* What one thread works with. */
typedef struct bench {
    double *flux, *mass, *new_mass; /* [n+1], [n + 2 ghosts], [n] x BS_LANES */
    double through[2 * BS_LANES];
    real *q, *phi, *scratch;
    bs_sum *moved; /* [tracer][BS_L_COUNT] */
} bench;

typedef struct advect {
    bs_operator_context c;
    const bs_sweep_kernels *k;
    int n_benches;
    bench *benches;
} advect;

static bool wanted(const bs_operator_options *o)
{
    return o->scheme != BS_SCHEME_COUNT;
}

static void destroy(void *self)
{
    advect *a = self;
    if (!a) return;
    for (int t = 0; a->benches && t < a->n_benches; t++) {
        bench *b = &a->benches[t];
        void *arrays[] = {b->flux, b->mass, b->new_mass, b->q, b->phi, b->scratch, b->moved};
        for (size_t n = 0; n < sizeof arrays / sizeof *arrays; n++) bs_free(arrays[n]);
    }
    bs_free(a->benches);
    bs_free(a);
}

static bs_status create(const bs_operator_context *context, void **self, bs_err *err)
{
    advect *a = NULL;
    BS_TRY(BS_NEW(&a, 1, "advection", err));
    a->c = *context;
    a->k = bs_sweep_kernels_for(context->options->isa);
    a->n_benches = bs_threads_count();
    const bs_box *box = context->box;
    int n = box->nx > box->ny ? box->nx : box->ny;
    if (box->nz > n) n = box->nz;
    size_t cells = ((size_t)n + 2 * BS_GHOST + 1) * BS_LANES;
    bs_status st = BS_NEW(&a->benches, a->n_benches, "advection", err);
    for (int t = 0; t < a->n_benches && st == BS_OK; t++) {
        bench *b = &a->benches[t];
        st = BS_NEW(&b->flux, cells, "advection", err);
        if (st == BS_OK) st = BS_NEW(&b->mass, cells, "advection", err);
        if (st == BS_OK) st = BS_NEW(&b->new_mass, cells, "advection", err);
        if (st == BS_OK) st = BS_NEW(&b->q, cells, "advection", err);
        if (st == BS_OK) st = BS_NEW(&b->phi, cells, "advection", err);
        if (st == BS_OK) st = BS_NEW(&b->scratch, bs_sweep_scratch_len(n), "advection", err);
        if (st == BS_OK) st = BS_NEW(&b->moved, context->tracers->n * BS_L_COUNT, "advection", err);
    }
    if (st != BS_OK) {
        destroy(a);
        return st;
    }
    *self = a;
    return BS_OK;
}

/* One bundle: which pencils of which direction. Along x the lanes are rows j, along y and z they are columns i. */
typedef struct pencils {
    int axis;              /* 0 x, 1 y, 2 z */
    int n, lanes;          /* cells, pencils in use (<= BS_LANES) */
    int k, j, i;           /* first cell of lane 0 */
    ptrdiff_t along, side; /* elements of a field from cell to cell, from lane to lane */
    ptrdiff_t m_along, m_side;
} pencils;

static pencils pencils_at(const bs_box *box, int axis, int outer, int first_lane)
{
    pencils p = {.axis = axis};
    ptrdiff_t plane = (ptrdiff_t)box->nx * box->ny;
    int lanes;
    if (axis == 0) {
        p.n = box->nx, lanes = box->ny, p.k = outer, p.j = first_lane;
        p.along = 1, p.side = box->row, p.m_along = 1, p.m_side = box->nx;
    } else if (axis == 1) {
        p.n = box->ny, lanes = box->nx, p.k = outer, p.i = first_lane;
        p.along = box->row, p.side = 1, p.m_along = box->nx, p.m_side = 1;
    } else {
        p.n = box->nz, lanes = box->nx, p.j = outer, p.i = first_lane;
        p.along = box->plane, p.side = 1, p.m_along = plane, p.m_side = 1;
    }
    p.lanes = lanes - first_lane < BS_LANES ? lanes - first_lane : BS_LANES;
    return p;
}

static inline int lane_of(const pencils *p, int lane) /* idle lanes repeat the last one */
{
    return lane < p->lanes ? lane : p->lanes - 1;
}

/* A field of doubles into a bundle: out[c][lane] = a f0 + b f1 at `along` per cell, `side` per lane; f1 may equal f0. Along x the inner
 * loop follows the row, across it the lanes, so that it always runs over neighbours in memory. */
static void gather(const pencils *p, int n, ptrdiff_t along, ptrdiff_t side, double a, const double *f0, double b,
                   const double *f1, double *out)
{
    if (side != 1) {
        for (int l = 0; l < BS_LANES; l++) {
            const double *g0 = f0 + lane_of(p, l) * side, *g1 = f1 + lane_of(p, l) * side;
            for (int c = 0; c < n; c++) out[c * BS_LANES + l] = a * g0[c] + b * g1[c];
        }
        return;
    }
    for (int c = 0; c < n; c++) {
        const double *g0 = f0 + c * along, *g1 = f1 + c * along;
        double *o = out + c * BS_LANES;
        if (p->lanes == BS_LANES)
            for (int l = 0; l < BS_LANES; l++) o[l] = a * g0[l] + b * g1[l];
        else
            for (int l = 0; l < BS_LANES; l++) o[l] = a * g0[lane_of(p, l)] + b * g1[lane_of(p, l)];
    }
}

static void load_mass(const pencils *p, const bs_box *box, const double *m, double *mass)
{
    const double *first = m + ((ptrdiff_t)p->k * box->ny + p->j) * box->nx + p->i;
    double *cells = mass + BS_GHOST * BS_LANES;
    gather(p, p->n, p->m_along, p->m_side, 1, first, 0, first, cells);
    for (int g = 1; g <= BS_GHOST; g++) {
        memcpy(cells - g * BS_LANES, cells, sizeof(double) * BS_LANES);
        memcpy(cells + (p->n - 1 + g) * BS_LANES, cells + (p->n - 1) * BS_LANES, sizeof(double) * BS_LANES);
    }
}

static void store_mass(const pencils *p, const bs_box *box, const double *new_mass, double *m)
{
    double *first = m + ((ptrdiff_t)p->k * box->ny + p->j) * box->nx + p->i;
    if (p->axis == 0) {
        for (int l = 0; l < p->lanes; l++)
            for (int c = 0; c < p->n; c++) first[l * p->m_side + c] = new_mass[c * BS_LANES + l];
    } else {
        for (int c = 0; c < p->n; c++)
            for (int l = 0; l < p->lanes; l++) first[c * p->m_along + l] = new_mass[c * BS_LANES + l];
    }
}

/* Fluxes through faces at the middle of the step: linear in time, so this is the step's mean. */
static void load_flux(const pencils *p, const bs_box *box, const bs_step *s, double *flux)
{
    const bool x = p->axis == 0;
    const ptrdiff_t row = x ? box->nx + 1 : box->nx, rows = x ? box->ny : box->ny + 1;
    const ptrdiff_t first = ((ptrdiff_t)p->k * rows + p->j) * row + p->i, along = x ? 1 : row, side = x ? row : 1;
    const double w = 0.5 * (s->w0 + s->w1), *const *f = x ? (const double *const *)s->forcing->fx
                                                          : (const double *const *)s->forcing->fy;
    gather(p, p->n + 1, along, side, (1 - w) * s->dt, f[0] + first, w * s->dt, f[1] + first, flux);
}

/* Vertical fluxes from the mass that each layer has too much: after x and y that is the state's against the target; before them the
 * horizontal divergence is still to come. */
static void vertical_flux(const pencils *p, const bs_box *box, const bs_step *s, const double *mass, double *flux)
{
    const bs_forcing *f = s->forcing;
    const ptrdiff_t area = (ptrdiff_t)box->nx * box->ny, xrow = box->nx + 1, xplane = xrow * box->ny,
                    yplane = (ptrdiff_t)box->nx * (box->ny + 1);
    const double w = 0.5 * (s->w0 + s->w1), a = (1 - w) * s->dt, b = w * s->dt, end0 = 1 - s->w1, end1 = s->w1;
    for (int l = 0; l < BS_LANES; l++) flux[l] = 0;
    for (int k = 0; k < p->n; k++) {
        const double *here = mass + (k + BS_GHOST) * BS_LANES, *below = flux + k * BS_LANES;
        const ptrdiff_t c = k * area + (ptrdiff_t)p->j * box->nx + p->i;
        const ptrdiff_t xf = k * xplane + p->j * xrow + p->i, yf = k * yplane + (ptrdiff_t)p->j * box->nx + p->i;
        const double *m0 = f->end[0]->m + c, *m1 = f->end[1]->m + c;
        const double *x0 = f->fx[0] + xf, *x1 = f->fx[1] + xf, *y0 = f->fy[0] + yf, *y1 = f->fy[1] + yf;
        double *up = flux + (k + 1) * BS_LANES;
        for (int l = 0; l < BS_LANES; l++) {
            const int i = lane_of(p, l);
            double excess = here[l] - (end0 * m0[i] + end1 * m1[i]);
            if (s->reverse)
                excess -= a * (x0[i + 1] - x0[i] + y0[i + box->nx] - y0[i]) +
                          b * (x1[i + 1] - x1[i] + y1[i + box->nx] - y1[i]);
            up[l] = below[l] + excess;
        }
    }
    for (int l = 0; l < BS_LANES; l++)
        flux[p->n * BS_LANES + l] = 0; /* what is left is the rounding of the column's sum */
}

static void load_q(const pencils *p, const bs_box *box, const real *field, real *cells)
{
    const real *first = field + bs_at(box, p->k, p->j, p->i);
    if (p->axis == 0) {
        bs_bundle_transpose_in(p->n, first, p->side, p->lanes, cells);
    } else if (p->lanes == BS_LANES) {
        for (int c = 0; c < p->n; c++) memcpy(cells + c * BS_LANES, first + c * p->along, sizeof(real) * BS_LANES);
    } else {
        for (int c = 0; c < p->n; c++)
            for (int l = 0; l < BS_LANES; l++) cells[c * BS_LANES + l] = first[c * p->along + lane_of(p, l)];
    }
}

/* The next tracer's cells on their way while this one is computed: across rows and planes no hardware does it. */
static void prefetch_q(const pencils *p, const bs_box *box, const real *field)
{
    const real *first = field + bs_at(box, p->k, p->j, p->i);
    if (p->axis != 0)
        for (int c = 0; c < p->n; c++) __builtin_prefetch(first + c * p->along, 1);
}

static void store_q(const pencils *p, const bs_box *box, const real *cells, real *field)
{
    real *first = field + bs_at(box, p->k, p->j, p->i);
    if (p->axis == 0) {
        bs_bundle_transpose_out(p->n, cells, first, p->side, p->lanes);
    } else if (p->lanes == BS_LANES) { /* a length known to the compiler: no call */
        for (int c = 0; c < p->n; c++) memcpy(first + c * p->along, cells + c * BS_LANES, sizeof(real) * BS_LANES);
    } else {
        for (int c = 0; c < p->n; c++)
            memcpy(first + c * p->along, cells + c * BS_LANES, sizeof(real) * (size_t)p->lanes);
    }
}

/* Beyond a side lies the boundary's air where the wind enters, else the last cell's. Beyond ground and top: the last cell's. */
static void fill_ghosts(const pencils *p, const bs_boundary *boundary, int tracer, const double *flux, real *cells)
{
    const real *low = NULL, *high = NULL;
    if (p->axis == 0) {
        low = bs_boundary_at(boundary, BS_WEST, tracer, p->k) + p->j;
        high = bs_boundary_at(boundary, BS_EAST, tracer, p->k) + p->j;
    } else if (p->axis == 1) {
        low = bs_boundary_at(boundary, BS_SOUTH, tracer, p->k) + p->i;
        high = bs_boundary_at(boundary, BS_NORTH, tracer, p->k) + p->i;
    }
    for (int l = 0; l < BS_LANES; l++) {
        const int from = lane_of(p, l), last = (p->n - 1) * BS_LANES + l;
        const real a = low && flux[l] > 0 ? low[from] : cells[l];
        const real b = high && flux[p->n * BS_LANES + l] < 0 ? high[from] : cells[last];
        for (int g = 1; g <= BS_GHOST; g++) {
            cells[l - g * BS_LANES] = a;
            cells[last + g * BS_LANES] = b;
        }
    }
}

static void account(const pencils *p, bench *b, int tracer)
{
    static const bs_ledger_term TERM[2][2][2] = {/* axis, low or high end, out or in */
                                                 {{BS_L_OUT_WEST, BS_L_IN_WEST}, {BS_L_OUT_EAST, BS_L_IN_EAST}},
                                                 {{BS_L_OUT_SOUTH, BS_L_IN_SOUTH}, {BS_L_OUT_NORTH, BS_L_IN_NORTH}}};
    if (p->axis == 2) return;
    for (int end = 0; end < 2; end++)
        for (int l = 0; l < p->lanes; l++) {
            double in = end ? -b->through[BS_LANES + l] : b->through[l];
            bs_sum_add(&b->moved[tracer * BS_L_COUNT + TERM[p->axis][end][in > 0]], fabs(in));
        }
}

static void sweep_bundle(const advect *a, bench *b, const bs_step *s, const pencils *p)
{
    const bs_box *box = a->c.box;
    const bs_tracers *tracers = a->c.tracers;
    const int scheme = a->c.options->scheme;
    load_mass(p, box, s->state->m, b->mass);
    if (p->axis == 2)
        vertical_flux(p, box, s, b->mass, b->flux);
    else
        load_flux(p, box, s, b->flux);
    bs_sweep sweep;
    const int sides = p->axis == 2 ? 0 : BS_SIDE_LOW | BS_SIDE_HIGH;
    a->k->setup(p->n, b->flux, b->mass + BS_GHOST * BS_LANES, sides, b->new_mass, b->scratch, &sweep);
    store_mass(p, box, b->new_mass, s->state->m);
    real *cells = b->q + BS_GHOST * BS_LANES;
    for (int t = 0; t < tracers->n; t++) {
        const bs_tracer *row = &tracers->row[t];
        if (!(row->acts & BS_ACT_ADVECT)) continue;
        real *field = bs_state_q(s->state, t);
        load_q(p, box, field, cells);
        if (t + 1 < tracers->n) prefetch_q(p, box, bs_state_q(s->state, t + 1));
        fill_ghosts(p, s->boundary, t, b->flux, cells);
        if (row->total == t) /* tags follow their total: b->phi is theirs */
            a->k->total[scheme](&sweep, b->scratch, cells, b->phi, b->through);
        else
            a->k->tag[scheme](&sweep, b->scratch, cells, b->phi, b->through);
        store_q(p, box, cells, field);
        account(p, b, t);
    }
}

void bs_advect_sweep(void *self, const bs_step *s, int axis)
{
    advect *a = self;
    const bs_box *box = a->c.box;
    const int outer = axis == 2 ? box->ny : box->nz, lanes = axis == 0 ? box->ny : box->nx;
    const int bundles = (lanes + BS_LANES - 1) / BS_LANES;
#pragma omp parallel for schedule(static) default(none) shared(a, s, axis, box, outer, bundles)
    for (int n = 0; n < outer * bundles; n++) {
        pencils p = pencils_at(box, axis, n / bundles, n % bundles * BS_LANES);
        sweep_bundle(a, &a->benches[bs_threads_self()], s, &p);
    }
}

static void apply(void *self, const bs_step *s)
{
    advect *a = self;
    const size_t terms = (size_t)a->c.tracers->n * BS_L_COUNT;
    for (int t = 0; t < a->n_benches; t++) memset(a->benches[t].moved, 0, sizeof(bs_sum) * terms);
    for (int axis = 0; axis < 3; axis++) bs_advect_sweep(a, s, s->reverse ? 2 - axis : axis);
    for (int t = 0; t < a->n_benches; t++)
        for (size_t n = 0; n < terms; n++) bs_sum_merge(&s->ledger->sum[n], &a->benches[t].moved[n]);
}

/* ---- step limit ---- */

typedef struct worst {
    double rate; /* s-1 */
    const char *what;
    int k, j, i;
} worst;

static inline void worse(worst *w, double rate, const char *what, int k, int j, int i)
{
    if (rate > w->rate) *w = (worst){rate, what, k, j, i};
}

static inline double above(double a, double b)
{
    return a > b ? a : b;
}

static void plane_limits(const advect *a, const bs_forcing *f, int e, int k, worst *w)
{
    const bs_box *box = a->c.box;
    const double courant = 1 / a->c.options->max_courant, deformation = 1 / a->c.options->max_deformation;
    const ptrdiff_t nx = box->nx, ny = box->ny, xrow = nx + 1;
    const double *m = f->end[e]->m + k * nx * ny, *fx = f->fx[e] + k * xrow * ny, *fy = f->fy[e] + k * nx * (ny + 1);
    for (int j = 0; j < ny; j++)
        for (int i = 0; i < nx; i++) {
            const double mass = m[j * nx + i], west = fx[j * xrow + i], east = fx[j * xrow + i + 1],
                         south = fy[j * nx + i], north = fy[(j + 1) * nx + i];
            worse(w, courant * above(above(-west, east), 0) / mass, "Courant number along x", k, j, i);
            worse(w, courant * above(above(-south, north), 0) / mass, "Courant number along y", k, j, i);
            const double dx = east - west, dy = north - south;
            const double both = above(above(dx, 0) + above(dy, 0), above(-dx, 0) + above(-dy, 0));
            worse(w, deformation * both / mass, "deformation", k, j, i);
        }
}

static void limit(const void *self, const bs_forcing *f, bs_limit *l)
{
    const advect *a = self;
    worst all = {.rate = 0, .what = ""};
    for (int e = 0; e < 2; e++)
        for (int k = 0; k < a->c.box->nz; k++) plane_limits(a, f, e, k, &all);
    if (all.rate * l->dt <= 1) return;
    l->dt = 1 / all.rate;
    snprintf(l->culprit, sizeof l->culprit, "advect: %s at (k=%d, j=%d, i=%d)", all.what, all.k, all.j, all.i);
}

const bs_operator_row BS_OP_ADVECT = {"advect", "transport by the wind, flux form", wanted, create, apply, limit,
                                      destroy};
