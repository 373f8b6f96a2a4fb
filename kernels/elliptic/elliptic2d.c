#include "kernels/elliptic/elliptic2d.h"

#include <math.h>

#include "kernels/base/check.h"

/* Share of the fill that goes to the diagonal: 1 keeps row sums, a little less keeps pivots away from zero. */
static const double OMEGA = 0.995;

enum { LANES = 8, N_ARRAYS = 6 };

size_t bs_elliptic2d_scratch_len(int nx, int ny)
{
    return N_ARRAYS * (size_t)nx * (size_t)ny;
}

/* Sums and maxima run in LANES lanes that are joined at the end: fixed order, yet vectors can be used. */
static double dot(size_t n, const double *restrict a, const double *restrict b)
{
    double lane[LANES] = {0.0}, sum = 0.0;
    size_t i = 0;
    for (; i + LANES <= n; i += LANES)
        for (int l = 0; l < LANES; l++) lane[l] += a[i + l] * b[i + l];
    for (; i < n; i++) sum += a[i] * b[i];
    for (int l = 0; l < LANES; l++) sum += lane[l];
    return sum;
}

/* NaN and infinities are lost in comparisons: their products with 0 carry them into the result. */
static double max_abs(size_t n, const double *a)
{
    double lane[LANES] = {0.0}, poison[LANES] = {0.0}, most = 0.0;
    size_t i = 0;
    for (; i + LANES <= n; i += LANES)
        for (int l = 0; l < LANES; l++) {
            double v = fabs(a[i + l]);
            lane[l] = v > lane[l] ? v : lane[l];
            poison[l] += v * 0.0;
        }
    for (; i < n; i++) {
        lane[0] = fabs(a[i]) > lane[0] ? fabs(a[i]) : lane[0];
        poison[0] += a[i] * 0.0;
    }
    for (int l = 0; l < LANES; l++) most = (lane[l] > most ? lane[l] : most) + poison[l];
    return most;
}

/* out = -div(c grad v): symmetric and positive definite. Written in differences, so that a large uniform part of v
 * costs no digits. */
static void apply(const bs_elliptic2d *p, const double *restrict v, double *restrict out)
{
    const int nx = p->nx, ny = p->ny;
    for (int j = 0; j < ny; j++) {
        const double *cx = p->c_xf + (size_t)j * (nx + 1), *cs = p->c_yf + (size_t)j * nx, *cn = cs + nx;
        const double *row = v + (size_t)j * nx;
        const double *south = j > 0 ? row - nx : row, *north = row + nx;
        double *o = out + (size_t)j * nx;
        if (nx == 1) {
            o[0] = (cx[0] + cx[1]) * row[0];
        } else {
            o[0] = cx[0] * row[0] + cx[1] * (row[0] - row[1]);
            for (int i = 1; i < nx - 1; i++) o[i] = cx[i] * (row[i] - row[i - 1]) + cx[i + 1] * (row[i] - row[i + 1]);
            o[nx - 1] = cx[nx - 1] * (row[nx - 1] - row[nx - 2]) + cx[nx] * row[nx - 1];
        }
        if (j == 0)
            for (int i = 0; i < nx; i++) o[i] += cs[i] * row[i];
        else
            for (int i = 0; i < nx; i++) o[i] += cs[i] * (row[i] - south[i]);
        if (j == ny - 1)
            for (int i = 0; i < nx; i++) o[i] += cn[i] * row[i];
        else
            for (int i = 0; i < nx; i++) o[i] += cn[i] * (row[i] - north[i]);
    }
}

void bs_elliptic2d_residual(const bs_elliptic2d *p, const double *restrict r, const double *restrict chi,
                            double *restrict residual)
{
    const size_t n = (size_t)p->nx * p->ny;
    apply(p, chi, residual);
    for (size_t i = 0; i < n; i++) residual[i] += r[i];
}

/* q = 1 / pivots of the factors (P + L) P^-1 (P + L^T), L being the lower part of the matrix. Eliminating a cell couples
 * its east and north neighbours; that fill is dropped and its share OMEGA taken off both diagonals. */
static void factorise(const bs_elliptic2d *p, double *restrict q)
{
    const int nx = p->nx, ny = p->ny;
    for (int j = 0; j < ny; j++) {
        const double *cx = p->c_xf + (size_t)j * (nx + 1), *cs = p->c_yf + (size_t)j * nx, *cn = cs + nx;
        double *row = q + (size_t)j * nx;
        for (int i = 0; i < nx; i++) {
            double pivot = cx[i] + cx[i + 1] + cs[i] + cn[i];
            if (i > 0) pivot -= cx[i] * (cx[i] + (j < ny - 1 ? OMEGA * cn[i - 1] : 0.0)) * row[i - 1];
            if (j > 0) pivot -= cs[i] * (cs[i] + (i < nx - 1 ? OMEGA * (cx - nx)[i] : 0.0)) * (row - nx)[i];
            row[i] = 1.0 / pivot;
        }
    }
}

/* z = preconditioner applied to r: down and up again. In each row what does not hang on the cell before comes first,
 * so that the chain is one product and one sum per cell. */
static void precondition(const bs_elliptic2d *p, const double *restrict q, const double *restrict r, double *restrict z)
{
    const int nx = p->nx, ny = p->ny;
    for (int j = 0; j < ny; j++) {
        const double *cx = p->c_xf + (size_t)j * (nx + 1), *cs = p->c_yf + (size_t)j * nx;
        const double *qr = q + (size_t)j * nx, *rr = r + (size_t)j * nx;
        double *zr = z + (size_t)j * nx;
        const double *south = j > 0 ? zr - nx : zr;
        if (j == 0)
            for (int i = 0; i < nx; i++) zr[i] = rr[i] * qr[i];
        else
            for (int i = 0; i < nx; i++) zr[i] = (rr[i] + cs[i] * south[i]) * qr[i];
        for (int i = 1; i < nx; i++) zr[i] += cx[i] * qr[i] * zr[i - 1];
    }
    for (int j = ny - 1; j >= 0; j--) {
        const double *cx = p->c_xf + (size_t)j * (nx + 1), *cn = p->c_yf + (size_t)(j + 1) * nx;
        const double *qr = q + (size_t)j * nx;
        double *zr = z + (size_t)j * nx;
        const double *north = zr + nx;
        if (j < ny - 1)
            for (int i = 0; i < nx; i++) zr[i] += cn[i] * north[i] * qr[i];
        for (int i = nx - 2; i >= 0; i--) zr[i] += cx[i + 1] * qr[i] * zr[i + 1];
    }
}

/* One run of conjugate gradients from a zero guess: d with -div(c grad d) = res, until the recursive residual, kept in
 * res, is at most `goal`. Returns iterations spent. */
static int gradients(const bs_elliptic2d *p, int limit, double goal, double *restrict d, double *restrict res,
                     double *restrict s)
{
    const size_t n = (size_t)p->nx * p->ny;
    double *restrict dir = s, *restrict image = s + n, *restrict z = s + 2 * n;
    const double *restrict q = s + 3 * n;
    precondition(p, q, res, z);
    for (size_t i = 0; i < n; i++) dir[i] = z[i], d[i] = 0.0;
    double rho = dot(n, res, z);
    int count = 0;
    while (count < limit && max_abs(n, res) > goal) {
        apply(p, dir, image);
        double alpha = rho / dot(n, dir, image);
        for (size_t i = 0; i < n; i++) d[i] += alpha * dir[i];
        for (size_t i = 0; i < n; i++) res[i] -= alpha * image[i];
        precondition(p, q, res, z);
        double next = dot(n, res, z), beta = next / rho;
        rho = next;
        for (size_t i = 0; i < n; i++) dir[i] = z[i] + beta * dir[i];
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
    factorise(p, rest + 3 * n);
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
            gradients(p, p->max_iterations - result->iterations, 0.5 * p->tolerance * most, d, res, rest);
        for (size_t i = 0; i < n; i++) chi[i] += d[i];
    }
}
