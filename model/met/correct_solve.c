/* The columns' potential flow on the whole mesh: what the first rank does. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "kernels/base/clones.h"
#include "kernels/base/maximum.h"
#include "kernels/elliptic/elliptic2d.h"
#include "model/met/correct_parts.h"

/* Largest column residual that is let through, and the one aimed at, as shares of the largest column flux: sums of nz
 * fluxes and four faces round at some DBL_EPSILON. */
static const double PERMITTED = 1e-12, AIM = 4.0 * DBL_EPSILON;

/* A pass needs only so many digits; what it leaves is the right-hand side of the next. */
static const double PASS_TOLERANCE = 1e-9;
enum { MAX_PASSES = 6, MAX_ITERATIONS = 20000 };

BS_CLONES static void conductance(ptrdiff_t n, const double *restrict mass, const double *restrict length,
                                  const double *restrict distance, double *restrict c)
{
    for (ptrdiff_t i = 0; i < n; i++) c[i] = mass[i] * length[i] / distance[i];
}

BS_CLONES static double largest(size_t n, const double *v)
{
    return bs_max_abs(n, v);
}

/* Tasks for the threads of this rank that have nothing else to do: the solver runs beside what the others derive (met.c). */
static void team(int bands, bs_band_work *work, void *of)
{
    enum { TASKS = 32 };
    const size_t n = (size_t)bands; /* clang 14 counts tasks without a sign */
#pragma omp taskloop num_tasks(TASKS) default(none) shared(n, work, of)
    for (size_t b = 0; b < n; b++) work(of, (int)b);
}

/* ---- rows; those along y are a row of cells' southern and northern ones; no two pointers alias but those of one map ---- */

BS_CLONES static void residual_row(ptrdiff_t nx, const double *tendency, const double *col_x, const double *gx,
                                   const double *col_y, const double *gy, double *restrict r)
{
    for (ptrdiff_t i = 0; i < nx; i++) {
        const double along_x = (col_x[i + 1] - gx[i + 1]) - (col_x[i] - gx[i]);
        const double along_y = (col_y[nx + i] - gy[nx + i]) - (col_y[i] - gy[i]);
        r[i] = tendency[i] + (along_x + along_y);
    }
}

BS_CLONES static void add_difference(ptrdiff_t n, const double *restrict c, const double *after, const double *before,
                                     double *restrict g)
{
    for (ptrdiff_t i = 0; i < n; i++) g[i] += c[i] * (after[i] - before[i]);
}

typedef struct end_of {
    const bs_correct_whole *c;
    int e;
} end_of;

static void by_rows(const bs_correct_whole *c, int e, int rows, void (*go)(void *, int, ptrdiff_t, ptrdiff_t))
{
    end_of of = {c, e};
    bs_bands_run((bs_bands){.rows = rows, .per = bs_bands_per(c->mesh->nx), .go = go, .of = &of}, team);
}

/* r = tendency + div (column flux - G). */
static void residual_rows(void *of, int band, ptrdiff_t from, ptrdiff_t to)
{
    const bs_correct_whole *c = ((end_of *)of)->c;
    const ptrdiff_t nx = c->mesh->nx;
    const int e = ((end_of *)of)->e;
    (void)band;
    for (ptrdiff_t j = from; j < to; j++) {
        const ptrdiff_t at = j * nx, w = j * (nx + 1);
        residual_row(nx, c->tendency + at, c->col_x[e] + w, c->gx[e] + w, c->col_y[e] + at, c->gy[e] + at, c->r + at);
    }
}

/* G += c grad chi, chi = 0 outside. */
static void gradient_rows(void *of, int band, ptrdiff_t from, ptrdiff_t to)
{
    const bs_correct_whole *c = ((end_of *)of)->c;
    const ptrdiff_t nx = c->mesh->nx, ny = c->mesh->ny;
    const int e = ((end_of *)of)->e;
    (void)band;
    for (ptrdiff_t j = from; j < to; j++) {
        const double *chi = c->chi + j * nx, *cx = c->c_xf + j * (nx + 1), *cy = c->c_yf + j * nx;
        double *gx = c->gx[e] + j * (nx + 1), *gy = c->gy[e] + j * nx;
        if (j < ny) {
            gx[0] += cx[0] * chi[0];
            add_difference(nx - 1, cx + 1, chi + 1, chi, gx + 1);
            gx[nx] -= cx[nx] * chi[nx - 1];
        }
        if (j > 0 && j < ny)
            add_difference(nx, cy, chi, chi - nx, gy);
        else
            for (ptrdiff_t i = 0; i < nx; i++) gy[i] += cy[i] * (j == 0 ? chi[i] : -chi[i - nx]);
    }
}

static bs_status check_finite(const bs_correct_whole *c, bs_time time, bs_err *err)
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
                    bs_time_format(time, when), j, i);
            }
    return BS_OK;
}

/* G of one end: passes of the solver until the column residual is down to rounding. */
static bs_status solve_end(const bs_correct_whole *c, bs_time time, int e, int *iterations, bs_err *err)
{
    const bs_face_counts n = bs_correct_counts(c->mesh);
    const double scale =
        fmax(fmax(largest(n.x, c->col_x[e]), largest(n.y, c->col_y[e])), largest(n.cells, c->tendency));
    double before = INFINITY, now = 0.0;
    for (int pass = 0; pass <= MAX_PASSES; pass++) {
        by_rows(c, e, c->mesh->ny, residual_rows);
        if (pass == 0) BS_TRY(check_finite(c, time, err));
        now = largest(n.cells, c->r);
        if (now <= AIM * scale || pass == MAX_PASSES || !(now < 0.5 * before)) break;
        before = now;
        bs_elliptic2d problem = {.nx = c->mesh->nx,
                                 .ny = c->mesh->ny,
                                 .c_xf = c->c_xf,
                                 .c_yf = c->c_yf,
                                 .multigrid = &c->multigrid,
                                 .tolerance = fmin(0.1, fmax(PASS_TOLERANCE, 0.5 * AIM * scale / now)),
                                 .max_iterations = MAX_ITERATIONS};
        bs_elliptic2d_result result;
        memset(c->chi, 0, n.cells * sizeof *c->chi);
        bs_elliptic2d_solve(&problem, c->r, c->chi, c->scratch, &result);
        *iterations += result.iterations;
        by_rows(c, e, c->mesh->ny + 1, gradient_rows);
    }
    if (now <= PERMITTED * scale) return BS_OK;
    char when[BS_TIME_TEXT_MAX];
    return bs_fail(
        err, BS_ERR_RUN,
        "meteorology at %s: the mass-consistent correction leaves %g of the largest column flux (%g kg s-1) in a "
        "column, expected %g at most; look for absurd winds or surface pressures in the source",
        bs_time_format(time, when), now / scale, scale, PERMITTED);
}

bs_status bs_correct_first(bs_corrector *corrector, bs_err *err)
{
    bs_correct_whole *c = &corrector->whole;
    if (!c->mesh) return BS_OK;
    const bs_face_counts n = bs_correct_counts(c->mesh);
    if (c->mass_xf != corrector->mass_xf) bs_correct_mass_to_faces(c->mesh, c->mass, c->mass_xf, c->mass_yf);
    conductance((ptrdiff_t)n.x, c->mass_xf, c->mesh->len_xf, c->mesh->dist_xf, c->c_xf);
    conductance((ptrdiff_t)n.y, c->mass_yf, c->mesh->len_yf, c->mesh->dist_yf, c->c_yf);
    bs_multigrid2d_prepare(c->mesh->nx, c->mesh->ny, c->c_xf, c->c_yf, team, c->room, &c->multigrid);
    corrector->iterations = 0;
    memset(c->gx[0], 0, n.x * sizeof(double));
    memset(c->gy[0], 0, n.y * sizeof(double));
    BS_TRY(solve_end(c, corrector->time[0], 0, &corrector->iterations, err));
    /* The other end begins from this one: it differs little, and nothing outside the interval enters. */
    memcpy(c->gx[1], c->gx[0], n.x * sizeof(double));
    memcpy(c->gy[1], c->gy[0], n.y * sizeof(double));
    return corrector->steady ? BS_OK : solve_end(c, corrector->time[1], 1, &corrector->iterations, err);
}
