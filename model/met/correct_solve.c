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

/* r = tendency + div (column flux - G). */
static void column_residual(const bs_correct_whole *c, int e)
{
    const int nx = c->mesh->nx, ny = c->mesh->ny;
    const double *gx = c->gx[e], *gy = c->gy[e], *col_x = c->col_x[e], *col_y = c->col_y[e];
    for (int j = 0; j < ny; j++)
        for (int i = 0; i < nx; i++) {
            const size_t at = (size_t)j * nx + i, w = (size_t)j * (nx + 1) + i, s = at, n = at + nx;
            double along_x = (col_x[w + 1] - gx[w + 1]) - (col_x[w] - gx[w]);
            double along_y = (col_y[n] - gy[n]) - (col_y[s] - gy[s]);
            c->r[at] = c->tendency[at] + (along_x + along_y);
        }
}

/* G += c grad chi, chi = 0 outside. */
static void add_gradient(const bs_correct_whole *c, int e)
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
        column_residual(c, e);
        if (pass == 0) BS_TRY(check_finite(c, time, err));
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
        *iterations += result.iterations;
        add_gradient(c, e);
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
    const bs_correct_whole *c = &corrector->whole;
    if (!c->mesh) return BS_OK;
    const bs_face_counts n = bs_correct_counts(c->mesh);
    if (c->mass_xf != corrector->mass_xf) bs_correct_mass_to_faces(c->mesh, c->mass, c->mass_xf, c->mass_yf);
    conductance((ptrdiff_t)n.x, c->mass_xf, c->mesh->len_xf, c->mesh->dist_xf, c->c_xf);
    conductance((ptrdiff_t)n.y, c->mass_yf, c->mesh->len_yf, c->mesh->dist_yf, c->c_yf);
    const bs_elliptic2d problem = {.nx = c->mesh->nx, .ny = c->mesh->ny, .c_xf = c->c_xf, .c_yf = c->c_yf};
    bs_elliptic2d_factorise(&problem, c->inverse);
    corrector->iterations = 0;
    memset(c->gx[0], 0, n.x * sizeof(double));
    memset(c->gy[0], 0, n.y * sizeof(double));
    BS_TRY(solve_end(c, corrector->time[0], 0, &corrector->iterations, err));
    /* The other end begins from this one: it differs little, and nothing outside the interval enters. */
    memcpy(c->gx[1], c->gx[0], n.x * sizeof(double));
    memcpy(c->gy[1], c->gy[0], n.y * sizeof(double));
    return corrector->steady ? BS_OK : solve_end(c, corrector->time[1], 1, &corrector->iterations, err);
}
