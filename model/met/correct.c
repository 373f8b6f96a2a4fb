#include "model/met/correct.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "kernels/base/clones.h"
#include "kernels/base/maximum.h"
#include "kernels/elliptic/elliptic2d.h"
#include "model/core/memory.h"
#include "model/met/correct_parts.h"

/* Largest column residual that is let through, and the one aimed at, as shares of the largest column flux: sums of nz
 * fluxes and four faces round at some DBL_EPSILON. */
static const double PERMITTED = 1e-12, AIM = 4.0 * DBL_EPSILON;

/* A pass needs only so many digits; what it leaves is the right-hand side of the next. */
static const double PASS_TOLERANCE = 1e-9;
enum { MAX_PASSES = 6, MAX_ITERATIONS = 20000 };

typedef struct bs_corrector_array {
    double **array;
    size_t n;
} bs_corrector_array;

enum { N_ARRAYS = 26 };

static void list_arrays(bs_corrector *c, bs_corrector_array *list)
{
    const bs_face_counts n = bs_correct_counts(c->mesh);
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
        {&c->inverse, n.cells},
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
    for (size_t i = 0; i < bs_correct_counts(mesh).cells; i++) c->half_inv_area[i] = 0.5 / mesh->area[i];
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

/* ---- loops over a row; no two pointers alias ---- */

BS_CLONES static void add_to(ptrdiff_t n, const double *restrict v, double *restrict sum)
{
    for (ptrdiff_t i = 0; i < n; i++) sum[i] += v[i];
}

BS_CLONES static void add_mass(ptrdiff_t n, const double *restrict m0, const double *restrict m1,
                               const double *restrict half_inv_area, double *restrict mass)
{
    for (ptrdiff_t i = 0; i < n; i++) mass[i] += (m0[i] + m1[i]) * half_inv_area[i];
}

BS_CLONES static void add_change(ptrdiff_t n, const double *restrict m0, const double *restrict m1,
                                 double *restrict change)
{
    for (ptrdiff_t i = 0; i < n; i++) change[i] += m1[i] - m0[i];
}

BS_CLONES void bs_correct_to_x_faces(ptrdiff_t nx, const double *restrict v, double *restrict v_xf)
{
    v_xf[0] = v[0];
    for (ptrdiff_t i = 1; i < nx; i++) v_xf[i] = 0.5 * (v[i - 1] + v[i]);
    v_xf[nx] = v[nx - 1];
}

BS_CLONES void bs_correct_to_y_faces(ptrdiff_t nx, const double *south, const double *north, double *restrict v_yf)
{
    for (ptrdiff_t i = 0; i < nx; i++) v_yf[i] = 0.5 * (south[i] + north[i]);
}

BS_CLONES static void conductance(ptrdiff_t n, const double *restrict mass, const double *restrict length,
                                  const double *restrict distance, double *restrict c)
{
    for (ptrdiff_t i = 0; i < n; i++) c[i] = mass[i] * length[i] / distance[i];
}

BS_CLONES static double largest(size_t n, const double *v)
{
    return bs_max_abs(n, v);
}

/* ---- columns ---- */

void bs_correct_face_mass(bs_corrector *c, const bs_met_state *s0, const bs_met_state *s1)
{
    const ptrdiff_t nx = c->mesh->nx, ny = c->mesh->ny, nz = c->nz;
#pragma omp parallel for schedule(static) default(none) shared(c, s0, s1, nx, ny, nz)
    for (ptrdiff_t j = 0; j < ny; j++) {
        double *mass = c->r + j * nx;
        memset(mass, 0, (size_t)nx * sizeof *mass);
        for (ptrdiff_t k = 0; k < nz; k++) {
            const ptrdiff_t at = (k * ny + j) * nx;
            add_mass(nx, s0->m + at, s1->m + at, c->half_inv_area + j * nx, mass);
        }
        bs_correct_to_x_faces(nx, mass, c->mass_xf + j * (nx + 1));
    }
#pragma omp parallel for schedule(static) default(none) shared(c, nx, ny)
    for (ptrdiff_t j = 0; j <= ny; j++)
        bs_correct_to_y_faces(nx, c->r + (j > 0 ? j - 1 : 0) * nx, c->r + (j < ny ? j : ny - 1) * nx,
                              c->mass_yf + j * nx);
}

static void tendency(bs_corrector *c, const bs_met_state *s0, const bs_met_state *s1, double seconds)
{
    const ptrdiff_t nx = c->mesh->nx, ny = c->mesh->ny, nz = s0 == s1 ? 0 : c->nz;
#pragma omp parallel for schedule(static) default(none) shared(c, s0, s1, nx, ny, nz, seconds)
    for (ptrdiff_t j = 0; j < ny; j++) {
        double *change = c->tendency + j * nx;
        memset(change, 0, (size_t)nx * sizeof *change);
        for (ptrdiff_t k = 0; k < nz; k++) {
            const ptrdiff_t at = (k * ny + j) * nx;
            add_change(nx, s0->m + at, s1->m + at, change);
        }
        for (ptrdiff_t i = 0; i < nx && nz > 0; i++) change[i] /= seconds;
    }
}

/* sum [rows][n] of f [nz][rows][n] */
static void column_sum(ptrdiff_t rows, ptrdiff_t n, ptrdiff_t nz, const double *f, double *sum)
{
#pragma omp parallel for schedule(static) default(none) shared(rows, n, nz, f, sum)
    for (ptrdiff_t j = 0; j < rows; j++) {
        memset(sum + j * n, 0, (size_t)n * sizeof *sum);
        for (ptrdiff_t k = 0; k < nz; k++) add_to(n, f + (k * rows + j) * n, sum + j * n);
    }
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
    const bs_face_counts n = bs_correct_counts(c->mesh);
    const ptrdiff_t nx = c->mesh->nx, ny = c->mesh->ny;
    column_sum(ny, nx + 1, c->nz, s->fx, c->col_x);
    column_sum(ny + 1, nx, c->nz, s->fy, c->col_y);
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
                                 .inverse = c->inverse,
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
    const bs_face_counts n = bs_correct_counts(c->mesh);
    bs_correct_face_mass(c, s0, s1);
    conductance((ptrdiff_t)n.x, c->mass_xf, c->mesh->len_xf, c->mesh->dist_xf, c->c_xf);
    conductance((ptrdiff_t)n.y, c->mass_yf, c->mesh->len_yf, c->mesh->dist_yf, c->c_yf);
    const bs_elliptic2d problem = {.nx = c->mesh->nx, .ny = c->mesh->ny, .c_xf = c->c_xf, .c_yf = c->c_yf};
    bs_elliptic2d_factorise(&problem, c->inverse);
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
