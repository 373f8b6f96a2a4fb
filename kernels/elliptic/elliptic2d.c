#include "kernels/elliptic/elliptic2d.h"

#include <math.h>
#include <string.h>

#include "kernels/base/check.h"
#include "kernels/base/clones.h"
#include "kernels/base/maximum.h"
#include "kernels/elliptic/precondition.h"

enum { LANES = 8, N_ARRAYS = 5 };

size_t bs_elliptic2d_scratch_len(int nx, int ny)
{
    return N_ARRAYS * (size_t)nx * (size_t)ny;
}

/* Sums run in LANES lanes that are joined at the end: fixed order, yet vectors of any width can be used. */
BS_CLONES static double dot(size_t n, const double *restrict a, const double *restrict b)
{
    double lane[LANES] = {0.0}, sum = 0.0;
    size_t i = 0;
    for (; i + LANES <= n; i += LANES)
        for (int l = 0; l < LANES; l++) lane[l] += a[i + l] * b[i + l];
    for (; i < n; i++) sum += a[i] * b[i];
    for (int l = 0; l < LANES; l++) sum += lane[l];
    return sum;
}

BS_CLONES static double max_abs(size_t n, const double *a)
{
    return bs_max_abs(n, a);
}

/* d += alpha dir, res -= alpha image; returns max |res|. */
BS_CLONES static double advance(size_t n, double alpha, const double *restrict dir, const double *restrict image,
                                double *restrict d, double *restrict res)
{
    bs_maximum m = {.lane = {0.0}};
    for (size_t i = 0; i < n; i += BS_MAXIMUM_LANES) {
        const size_t count = n - i < BS_MAXIMUM_LANES ? n - i : BS_MAXIMUM_LANES;
        for (size_t l = i; l < i + count; l++) d[l] += alpha * dir[l];
        for (size_t l = i; l < i + count; l++) res[l] -= alpha * image[l];
        bs_maximum_add(&m, count, res + i);
    }
    return bs_maximum_value(&m);
}

BS_CLONES static void turn(size_t n, double beta, const double *restrict z, double *restrict dir)
{
    for (size_t i = 0; i < n; i++) dir[i] = z[i] + beta * dir[i];
}

/* A cell's share of -div(c grad v), by the differences to its neighbours. */
static inline double outflow(double c_west, double west, double c_east, double east, double c_south, double south,
                             double c_north, double north)
{
    return c_west * west + c_east * east + c_south * south + c_north * north;
}

/* out = -div(c grad v): symmetric and positive definite. Written in differences, so that a large uniform part of v
 * costs no digits. */
BS_CLONES static void apply(const bs_elliptic2d *p, const double *restrict v, double *restrict out)
{
    const ptrdiff_t nx = p->nx, ny = p->ny, e = nx - 1;
    for (ptrdiff_t j = 0; j < ny; j++) {
        const double *cx = p->c_xf + j * (nx + 1), *cs = p->c_yf + j * nx, *cn = cs + nx, *row = v + j * nx;
        const double *s = j > 0 ? row - nx : row, *n = j < ny - 1 ? row + nx : row;
        const double in_s = j > 0, in_n = j < ny - 1; /* beyond the sides v is 0 */
        double *o = out + j * nx;
        o[0] = outflow(cx[0], row[0], cx[1], nx > 1 ? row[0] - row[1] : row[0], cs[0], row[0] - in_s * s[0], cn[0],
                       row[0] - in_n * n[0]);
        for (ptrdiff_t i = 1; i < e; i++)
            o[i] = outflow(cx[i], row[i] - row[i - 1], cx[i + 1], row[i] - row[i + 1], cs[i], row[i] - in_s * s[i],
                           cn[i], row[i] - in_n * n[i]);
        if (nx > 1)
            o[e] = outflow(cx[e], row[e] - row[e - 1], cx[nx], row[e], cs[e], row[e] - in_s * s[e], cn[e],
                           row[e] - in_n * n[e]);
    }
}

void bs_elliptic2d_residual(const bs_elliptic2d *p, const double *restrict r, const double *restrict chi,
                            double *restrict residual)
{
    const size_t n = (size_t)p->nx * p->ny;
    apply(p, chi, residual);
    for (size_t i = 0; i < n; i++) residual[i] += r[i];
}

/* One run of conjugate gradients from a zero guess: d with -div(c grad d) = res, until the recursive residual, kept in
 * res, is at most `goal`. Returns iterations spent. */
static int gradients(const bs_elliptic2d *p, const double *restrict inverse, int limit, double goal, double *restrict d,
                     double *restrict res, double *restrict s)
{
    const size_t n = (size_t)p->nx * p->ny;
    double *restrict dir = s, *restrict image = s + n; /* of dir; before, the preconditioned residual */
    double most = max_abs(n, res), rho = 0.0;
    int count = 0;
    for (size_t i = 0; i < n; i++) d[i] = 0.0;
    while (count < limit && most > goal) {
        bs_elliptic2d_precondition(p, inverse, res, image);
        const double next = dot(n, res, image);
        if (count == 0)
            memcpy(dir, image, n * sizeof *dir);
        else
            turn(n, next / rho, image, dir);
        rho = next;
        apply(p, dir, image);
        most = advance(n, rho / dot(n, dir, image), dir, image, d, res);
        count++;
    }
    return count;
}

void bs_elliptic2d_solve(const bs_elliptic2d *p, const double *restrict r, double *restrict chi,
                         double *restrict scratch, bs_elliptic2d_result *result)
{
    bs_assert(p->nx >= 1 && p->ny >= 1);
    const size_t n = (size_t)p->nx * p->ny;
    double *restrict res = scratch, *restrict d = scratch + n, *restrict rest = scratch + 2 * n;
    *result = (bs_elliptic2d_result){0};
    const double most = max_abs(n, r);
    if (most == 0.0) {
        for (size_t i = 0; i < n; i++) chi[i] = 0.0;
        return;
    }
    const double *inverse = p->inverse;
    if (!inverse) {
        bs_elliptic2d_factorise(p, rest + 2 * n);
        inverse = rest + 2 * n;
    }
    double before = INFINITY;
    for (;;) {
        bs_elliptic2d_residual(p, r, chi, res);
        const double now = max_abs(n, res);
        result->residual = now / most;
        if (!(result->residual > p->tolerance) || result->iterations >= p->max_iterations || now > 0.5 * before) return;
        before = now;
        /* d solves -div(c grad d) = -residual. Half of the tolerance: the recursive residual flatters. */
        for (size_t i = 0; i < n; i++) res[i] = -res[i];
        result->iterations +=
            gradients(p, inverse, p->max_iterations - result->iterations, 0.5 * p->tolerance * most, d, res, rest);
        for (size_t i = 0; i < n; i++) chi[i] += d[i];
    }
}
