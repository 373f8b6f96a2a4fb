#include "model/met/correct.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/elliptic/elliptic2d.h"
#include "model/core/memory.h"

/* Largest column residual that is let through, and the one aimed at, as shares of the largest column flux: sums of nz
 * fluxes and four faces round at some DBL_EPSILON. */
static const double PERMITTED = 1e-12, AIM = 4.0 * DBL_EPSILON;

/* A pass needs only so many digits; what it leaves is the right-hand side of the next. */
static const double PASS_TOLERANCE = 1e-9;
enum { MAX_PASSES = 6, MAX_ITERATIONS = 20000 };

typedef struct bs_face_counts {
    size_t cells, x, y;
} bs_face_counts;

static bs_face_counts counts(const bs_mesh *m)
{
    const size_t nx = (size_t)m->nx, ny = (size_t)m->ny;
    return (bs_face_counts){.cells = nx * ny, .x = (nx + 1) * ny, .y = nx * (ny + 1)};
}

typedef struct bs_corrector_array {
    double **array;
    size_t n;
} bs_corrector_array;

enum { N_ARRAYS = 25 };

static void list_arrays(bs_corrector *c, bs_corrector_array *list)
{
    const bs_face_counts n = counts(c->mesh);
    const bs_corrector_array all[N_ARRAYS] = {
        {&c->gx[0], n.x},
        {&c->gx[1], n.x},
        {&c->gy[0], n.y},
        {&c->gy[1], n.y},
        {&c->mass_xf, n.x},
        {&c->mass_yf, n.y},
        {&c->c_xf, n.x},
        {&c->c_yf, n.y},
        {&c->col_x, n.x},
        {&c->col_y, n.y},
        {&c->wind, n.x + n.y},
        {&c->tendency, n.cells},
        {&c->layer, n.cells},
        {&c->r, n.cells},
        {&c->chi, n.cells},
        {&c->half_inv_area, n.cells},
        {&c->speed_x[0], n.x},
        {&c->speed_x[1], n.x},
        {&c->speed_y[0], n.y},
        {&c->speed_y[1], n.y},
        {&c->taken_x[0], n.x},
        {&c->taken_x[1], n.x},
        {&c->taken_y[0], n.y},
        {&c->taken_y[1], n.y},
        {&c->scratch, bs_elliptic2d_scratch_len(c->mesh->nx, c->mesh->ny)},
    };
    memcpy(list, all, sizeof all);
}

bs_status bs_corrector_create(const bs_mesh *mesh, int nz, bs_corrector **out, bs_err *err)
{
    bs_corrector *c = NULL;
    BS_TRY(BS_NEW(&c, 1, "flux correction", err));
    c->mesh = mesh;
    c->nz = nz;
    bs_corrector_array list[N_ARRAYS];
    list_arrays(c, list);
    for (int a = 0; a < N_ARRAYS; a++) {
        bs_status st = BS_NEW(list[a].array, list[a].n, "flux correction", err);
        if (st != BS_OK) {
            bs_corrector_destroy(c);
            return st;
        }
    }
    for (size_t i = 0; i < counts(mesh).cells; i++) c->half_inv_area[i] = 0.5 / mesh->area[i];
    *out = c;
    return BS_OK;
}

void bs_corrector_destroy(bs_corrector *c)
{
    if (!c) return;
    bs_corrector_array list[N_ARRAYS];
    list_arrays(c, list);
    for (int a = 0; a < N_ARRAYS; a++) bs_free(*list[a].array);
    bs_free(c);
}

/* Mean air mass per area of layer k at both times, kg m-2. */
static void layer_mass(const bs_corrector *c, const bs_met_state *s0, const bs_met_state *s1, int k, double *layer)
{
    const size_t n = counts(c->mesh).cells;
    const double *m0 = s0->m + (size_t)k * n, *m1 = s1->m + (size_t)k * n;
    for (size_t i = 0; i < n; i++) layer[i] = (m0[i] + m1[i]) * c->half_inv_area[i];
}

/* Means of the cells on both sides of each face; on the outer faces, the inner cell's. */
static void to_faces(const bs_mesh *mesh, const double *restrict v, double *restrict v_xf, double *restrict v_yf)
{
    const int nx = mesh->nx, ny = mesh->ny;
    for (int j = 0; j < ny; j++) {
        const double *row = v + (size_t)j * nx;
        double *out = v_xf + (size_t)j * (nx + 1);
        out[0] = row[0];
        for (int i = 1; i < nx; i++) out[i] = 0.5 * (row[i - 1] + row[i]);
        out[nx] = row[nx - 1];
    }
    for (int j = 0; j <= ny; j++) {
        const double *north = v + (size_t)(j < ny ? j : ny - 1) * nx, *south = v + (size_t)(j > 0 ? j - 1 : 0) * nx;
        double *out = v_yf + (size_t)j * nx;
        for (int i = 0; i < nx; i++) out[i] = 0.5 * (south[i] + north[i]);
    }
}

/* Column mass at the faces. r serves as room for the column mass of the cells. */
static void face_mass(bs_corrector *c, const bs_met_state *s0, const bs_met_state *s1)
{
    const bs_face_counts n = counts(c->mesh);
    memset(c->r, 0, n.cells * sizeof *c->r);
    for (int k = 0; k < c->nz; k++) {
        layer_mass(c, s0, s1, k, c->layer);
        for (size_t i = 0; i < n.cells; i++) c->r[i] += c->layer[i];
    }
    to_faces(c->mesh, c->r, c->mass_xf, c->mass_yf);
}

static void conductances(bs_corrector *c)
{
    const bs_mesh *m = c->mesh;
    const bs_face_counts n = counts(m);
    for (size_t i = 0; i < n.x; i++) c->c_xf[i] = c->mass_xf[i] * m->len_xf[i] / m->dist_xf[i];
    for (size_t i = 0; i < n.y; i++) c->c_yf[i] = c->mass_yf[i] * m->len_yf[i] / m->dist_yf[i];
}

static void tendency(bs_corrector *c, const bs_met_state *s0, const bs_met_state *s1, double seconds)
{
    const size_t n = counts(c->mesh).cells;
    memset(c->tendency, 0, n * sizeof *c->tendency);
    if (s0 == s1) return;
    for (int k = 0; k < c->nz; k++) {
        const double *m0 = s0->m + (size_t)k * n, *m1 = s1->m + (size_t)k * n;
        for (size_t i = 0; i < n; i++) c->tendency[i] += m1[i] - m0[i];
    }
    for (size_t i = 0; i < n; i++) c->tendency[i] /= seconds;
}

static void column_sum(size_t n, int nz, const double *restrict f, double *restrict sum)
{
    memset(sum, 0, n * sizeof *sum);
    for (int k = 0; k < nz; k++)
        for (size_t i = 0; i < n; i++) sum[i] += f[(size_t)k * n + i];
}

static double largest(size_t n, const double *v)
{
    double most = 0.0;
    for (size_t i = 0; i < n; i++)
        if (!(fabs(v[i]) <= most)) most = fabs(v[i]); /* lets NaN in */
    return most;
}

/* r = tendency + div (column flux - G). */
static void column_residual(bs_corrector *c, int e)
{
    const int nx = c->mesh->nx, ny = c->mesh->ny;
    const double *gx = c->gx[e], *gy = c->gy[e];
    for (int j = 0; j < ny; j++)
        for (int i = 0; i < nx; i++) {
            const size_t at = (size_t)j * nx + i, w = (size_t)j * (nx + 1) + i, s = at, n = at + nx;
            double along_x = (c->col_x[w + 1] - gx[w + 1]) - (c->col_x[w] - gx[w]);
            double along_y = (c->col_y[n] - gy[n]) - (c->col_y[s] - gy[s]);
            c->r[at] = c->tendency[at] + (along_x + along_y);
        }
}

/* G += c grad chi, chi = 0 outside. */
static void add_gradient(bs_corrector *c, int e)
{
    const int nx = c->mesh->nx, ny = c->mesh->ny;
    for (int j = 0; j < ny; j++)
        for (int i = 0; i <= nx; i++) {
            const double *chi = c->chi + (size_t)j * nx + i;
            const size_t f = (size_t)j * (nx + 1) + i;
            c->gx[e][f] += c->c_xf[f] * ((i < nx ? chi[0] : 0.0) - (i > 0 ? chi[-1] : 0.0));
        }
    for (int j = 0; j <= ny; j++)
        for (int i = 0; i < nx; i++) {
            const size_t f = (size_t)j * nx + i;
            double north = j < ny ? c->chi[f] : 0.0, south = j > 0 ? c->chi[f - (size_t)nx] : 0.0;
            c->gy[e][f] += c->c_yf[f] * (north - south);
        }
}

static bs_status check_finite(const bs_corrector *c, const bs_met_state *s, bs_err *err)
{
    const int nx = c->mesh->nx, ny = c->mesh->ny;
    for (int j = 0; j < ny; j++)
        for (int i = 0; i < nx; i++)
            if (!isfinite(c->r[(size_t)j * nx + i])) {
                char when[BS_TIME_TEXT_MAX];
                return bs_fail(
                    err, BS_ERR_RUN,
                    "meteorology at %s: air mass or flux of the column (j=%d, i=%d) is no finite number; look "
                    "at winds, temperature, humidity and surface pressure of the source there",
                    bs_time_format(s->time, when), j, i);
            }
    return BS_OK;
}

/* G of one end: passes of the solver until the column residual is down to rounding. */
static bs_status solve_end(bs_corrector *c, const bs_met_state *s, int e, bs_err *err)
{
    const bs_face_counts n = counts(c->mesh);
    column_sum(n.x, c->nz, s->fx, c->col_x);
    column_sum(n.y, c->nz, s->fy, c->col_y);
    const double scale = fmax(fmax(largest(n.x, c->col_x), largest(n.y, c->col_y)), largest(n.cells, c->tendency));
    double before = INFINITY, now = 0.0;
    for (int pass = 0; pass <= MAX_PASSES; pass++) {
        column_residual(c, e);
        if (pass == 0) BS_TRY(check_finite(c, s, err));
        now = largest(n.cells, c->r);
        if (now <= AIM * scale || pass == MAX_PASSES || !(now < 0.5 * before)) break;
        before = now;
        bs_elliptic2d problem = {.nx = c->mesh->nx,
                                 .ny = c->mesh->ny,
                                 .c_xf = c->c_xf,
                                 .c_yf = c->c_yf,
                                 .tolerance = fmin(0.1, fmax(PASS_TOLERANCE, 0.5 * AIM * scale / now)),
                                 .max_iterations = MAX_ITERATIONS};
        bs_elliptic2d_result result;
        memset(c->chi, 0, n.cells * sizeof *c->chi);
        bs_elliptic2d_solve(&problem, c->r, c->chi, c->scratch, &result);
        c->iterations += result.iterations;
        add_gradient(c, e);
    }
    if (now <= PERMITTED * scale) return BS_OK;
    char when[BS_TIME_TEXT_MAX];
    return bs_fail(
        err, BS_ERR_RUN,
        "meteorology at %s: the mass-consistent correction leaves %g of the largest column flux (%g kg s-1) in a "
        "column, expected %g at most; look for absurd winds or surface pressures in the source",
        bs_time_format(s->time, when), now / scale, scale, PERMITTED);
}

bs_status bs_correct_solve(bs_corrector *c, const bs_met_state *s0, const bs_met_state *s1, double seconds, bs_err *err)
{
    const bs_face_counts n = counts(c->mesh);
    face_mass(c, s0, s1);
    conductances(c);
    tendency(c, s0, s1, seconds);
    c->iterations = 0;
    memset(c->gx[0], 0, n.x * sizeof(double));
    memset(c->gy[0], 0, n.y * sizeof(double));
    BS_TRY(solve_end(c, s0, 0, err));
    /* The other end begins from this one: it differs little, and nothing outside the interval enters. */
    memcpy(c->gx[1], c->gx[0], n.x * sizeof(double));
    memcpy(c->gy[1], c->gy[0], n.y * sizeof(double));
    return s0 == s1 ? BS_OK : solve_end(c, s1, 1, err);
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void add_statistics(bs_corrector *c, int e)
{
    const bs_mesh *m = c->mesh;
    const bs_face_counts n = counts(m);
    for (size_t i = 0; i < n.x; i++) c->wind[i] = fabs(c->gx[e][i]) / (c->mass_xf[i] * m->len_xf[i]);
    for (size_t i = 0; i < n.y; i++) c->wind[n.x + i] = fabs(c->gy[e][i]) / (c->mass_yf[i] * m->len_yf[i]);
    const size_t all = n.x + n.y;
    qsort(c->wind, all, sizeof *c->wind, ascending);
    c->p99 = fmax(c->p99, c->wind[(all - 1) * 99 / 100]);
    c->max = fmax(c->max, c->wind[all - 1]);
}

/* speed = G / column mass, and nothing taken yet. */
static void begin_taking(size_t n, const double *restrict g, const double *restrict mass, double *restrict speed,
                         double *restrict taken)
{
    for (size_t i = 0; i < n; i++) speed[i] = g[i] / mass[i];
    memset(taken, 0, n * sizeof *taken);
}

/* f = field less the layer's part of G: `layer` is its mass per area at the face. */
static void take_off(size_t n, const double *restrict field, const double *restrict speed, const double *restrict layer,
                     double *restrict taken, double *restrict f)
{
    for (size_t i = 0; i < n; i++) {
        const double part = speed[i] * layer[i];
        taken[i] += part;
        f[i] = field[i] - part;
    }
}

/* The uppermost layer takes what is left of G: its own part, and what the others' rounding left. */
static void take_rest(size_t n, const double *restrict field, const double *restrict g, const double *restrict taken,
                      double *restrict f)
{
    for (size_t i = 0; i < n; i++) f[i] = field[i] - (g[i] - taken[i]);
}

void bs_correct_apply(bs_corrector *c, const bs_met_state *s0, const bs_met_state *s1, double *const fx[2],
                      double *const fy[2])
{
    const bs_face_counts n = counts(c->mesh);
    const bs_met_state *end[2] = {s0, s1};
    const int ends = s0 == s1 ? 1 : 2, top = c->nz - 1;
    const size_t x_top = (size_t)top * n.x, y_top = (size_t)top * n.y;
    face_mass(c, s0, s1);
    for (int e = 0; e < ends; e++) {
        add_statistics(c, e);
        begin_taking(n.x, c->gx[e], c->mass_xf, c->speed_x[e], c->taken_x[e]);
        begin_taking(n.y, c->gy[e], c->mass_yf, c->speed_y[e], c->taken_y[e]);
    }
    for (int k = 0; k < top; k++) {
        const size_t x = (size_t)k * n.x, y = (size_t)k * n.y;
        /* c_xf and c_yf are free once G is known: here they hold the layer's mass at the faces. */
        layer_mass(c, s0, s1, k, c->layer);
        to_faces(c->mesh, c->layer, c->c_xf, c->c_yf);
        for (int e = 0; e < ends; e++) {
            take_off(n.x, end[e]->fx + x, c->speed_x[e], c->c_xf, c->taken_x[e], fx[e] + x);
            take_off(n.y, end[e]->fy + y, c->speed_y[e], c->c_yf, c->taken_y[e], fy[e] + y);
        }
    }
    for (int e = 0; e < ends; e++) {
        take_rest(n.x, end[e]->fx + x_top, c->gx[e], c->taken_x[e], fx[e] + x_top);
        take_rest(n.y, end[e]->fy + y_top, c->gy[e], c->taken_y[e], fy[e] + y_top);
    }
    if (ends == 1) {
        memcpy(fx[1], fx[0], (size_t)c->nz * n.x * sizeof(double));
        memcpy(fy[1], fy[0], (size_t)c->nz * n.y * sizeof(double));
    }
}
