#include "kernels/elliptic/elliptic2d.h"

#include <math.h>
#include <string.h>

#include "kernels/base/check.h"
#include "kernels/base/clones.h"
#include "kernels/base/maximum.h"

/* Maps in here are those of the multigrid's finest level: rows of `row` elements, with a frame of zeros. */
enum { LANES = 8, N_MAPS = 4, FRAME = 2 };

size_t bs_elliptic2d_scratch_len(int nx, int ny)
{
    return N_MAPS * ((size_t)nx + FRAME) * ((size_t)ny + FRAME) + (size_t)ny;
}

/* ---- rows ---- */

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

BS_CLONES static void add(size_t n, const double *restrict a, double *restrict sum)
{
    for (size_t i = 0; i < n; i++) sum[i] += a[i];
}

/* A cell's share of -div(c grad v), by the differences to its neighbours. */
static inline double outflow(double c_west, double west, double c_east, double east, double c_south, double south,
                             double c_north, double north)
{
    return c_west * west + c_east * east + c_south * south + c_north * north;
}

/* Row j of -div(c grad v): symmetric and positive definite. Written in differences, so that a large uniform part of v
 * costs no digits. `row`: elements from a row of v to the next; beyond the sides nothing is read and v is 0. */
BS_CLONES static void apply(const bs_elliptic2d *p, ptrdiff_t row, ptrdiff_t j, const double *v, double *restrict out)
{
    const ptrdiff_t nx = p->nx, ny = p->ny, e = nx - 1;
    const double *cx = p->c_xf + j * (nx + 1), *cs = p->c_yf + j * nx, *cn = cs + nx, *at = v + j * row;
    const double *s = j > 0 ? at - row : at, *n = j < ny - 1 ? at + row : at;
    const double in_s = j > 0, in_n = j < ny - 1;
    out[0] = outflow(cx[0], at[0], cx[1], nx > 1 ? at[0] - at[1] : at[0], cs[0], at[0] - in_s * s[0], cn[0],
                     at[0] - in_n * n[0]);
    for (ptrdiff_t i = 1; i < e; i++)
        out[i] = outflow(cx[i], at[i] - at[i - 1], cx[i + 1], at[i] - at[i + 1], cs[i], at[i] - in_s * s[i], cn[i],
                         at[i] - in_n * n[i]);
    if (nx > 1)
        out[e] =
            outflow(cx[e], at[e] - at[e - 1], cx[nx], at[e], cs[e], at[e] - in_s * s[e], cn[e], at[e] - in_n * n[e]);
}

void bs_elliptic2d_residual(const bs_elliptic2d *p, const double *restrict r, const double *restrict chi,
                            double *restrict residual)
{
    const ptrdiff_t nx = p->nx;
    for (ptrdiff_t j = 0; j < p->ny; j++) {
        apply(p, nx, j, chi, residual + j * nx);
        add((size_t)nx, r + j * nx, residual + j * nx);
    }
}

/* ---- passes: a figure of each band, then of all, in the bands' order ---- */

typedef struct solver {
    const bs_elliptic2d *p;
    ptrdiff_t row;
    double *res, *d, *dir, *image, *figure; /* figure: of bands */
    const double *z, *r;
    double *chi, factor;
} solver;

static double pass(solver *s, void (*go)(void *, int, ptrdiff_t, ptrdiff_t), int largest)
{
    const bs_bands bands = {.rows = s->p->ny, .per = bs_bands_per(s->p->nx), .go = go, .of = s};
    const int n = bs_bands_count(&bands);
    double sum = 0.0;
    bs_bands_run(bands, s->p->multigrid->team);
    if (largest) return max_abs((size_t)n, s->figure);
    for (int b = 0; b < n; b++) sum += s->figure[b];
    return sum;
}

/* Whole rows, frames included. */
static size_t cells_of(const solver *s, ptrdiff_t from, ptrdiff_t to)
{
    return (size_t)((to - from) * s->row);
}

/* res = -(r - div(c grad chi)), d = 0; largest of res. */
static void start_rows(void *of, int band, ptrdiff_t from, ptrdiff_t to)
{
    solver *s = of;
    const ptrdiff_t nx = s->p->nx;
    double most = 0.0;
    for (ptrdiff_t j = from; j < to; j++) {
        double *res = s->res + j * s->row;
        apply(s->p, nx, j, s->chi, res);
        add((size_t)nx, s->r + j * nx, res);
        for (ptrdiff_t i = 0; i < nx; i++) res[i] = -res[i];
        memset(s->d + j * s->row, 0, (size_t)nx * sizeof *s->d);
        const double here = max_abs((size_t)nx, res);
        if (!(here <= most)) most = here;
        if (isnan(here)) break;
    }
    s->figure[band] = most;
}

static void finish_rows(void *of, int band, ptrdiff_t from, ptrdiff_t to)
{
    solver *s = of;
    (void)band;
    for (ptrdiff_t j = from; j < to; j++) add((size_t)s->p->nx, s->d + j * s->row, s->chi + j * s->p->nx);
}

static void project_rows(void *of, int band, ptrdiff_t from, ptrdiff_t to)
{
    solver *s = of;
    s->figure[band] = dot(cells_of(s, from, to), s->res + from * s->row, s->z + from * s->row);
}

static void turn_rows(void *of, int band, ptrdiff_t from, ptrdiff_t to)
{
    solver *s = of;
    (void)band;
    turn(cells_of(s, from, to), s->factor, s->z + from * s->row, s->dir + from * s->row);
}

static void apply_rows(void *of, int band, ptrdiff_t from, ptrdiff_t to)
{
    solver *s = of;
    for (ptrdiff_t j = from; j < to; j++) apply(s->p, s->row, j, s->dir, s->image + j * s->row);
    s->figure[band] = dot(cells_of(s, from, to), s->dir + from * s->row, s->image + from * s->row);
}

static void advance_rows(void *of, int band, ptrdiff_t from, ptrdiff_t to)
{
    solver *s = of;
    const ptrdiff_t at = from * s->row;
    s->figure[band] = advance(cells_of(s, from, to), s->factor, s->dir + at, s->image + at, s->d + at, s->res + at);
}

/* One run of conjugate gradients from a zero guess: d with -div(c grad d) = res, until the recursive residual, kept in
 * res, is at most `goal`. most: that of res. Returns iterations spent. */
static int gradients(solver *s, int limit, double goal, double most)
{
    double rho = 0.0;
    int count = 0;
    while (count < limit && most > goal) {
        s->z = bs_multigrid2d_cycle(s->p->multigrid, s->res);
        const double next = pass(s, project_rows, 0);
        s->factor = count ? next / rho : 0.0;
        pass(s, turn_rows, 0);
        rho = next;
        s->factor = rho / pass(s, apply_rows, 0);
        most = pass(s, advance_rows, 1);
        count++;
    }
    return count;
}

void bs_elliptic2d_solve(const bs_elliptic2d *p, const double *restrict r, double *restrict chi,
                         double *restrict scratch, bs_elliptic2d_result *result)
{
    bs_assert(p->nx >= 1 && p->ny >= 1 && p->multigrid);
    const size_t n = (size_t)p->nx * p->ny, map = ((size_t)p->nx + FRAME) * ((size_t)p->ny + FRAME);
    *result = (bs_elliptic2d_result){0};
    const double most = max_abs(n, r);
    if (most == 0.0) {
        for (size_t i = 0; i < n; i++) chi[i] = 0.0;
        return;
    }
    solver s = {.p = p, .row = p->nx + FRAME, .r = r, .chi = chi, .figure = scratch + N_MAPS * map};
    double **const maps[N_MAPS] = {&s.res, &s.d, &s.dir, &s.image};
    memset(scratch, 0, (N_MAPS * map + (size_t)p->ny) * sizeof *scratch);
    for (int k = 0; k < N_MAPS; k++) *maps[k] = scratch + k * map + s.row + 1;
    double before = INFINITY;
    for (;;) {
        const double now = pass(&s, start_rows, 1);
        result->residual = now / most;
        if (!(result->residual > p->tolerance) || result->iterations >= p->max_iterations || now > 0.5 * before) return;
        before = now;
        /* d solves -div(c grad d) = -residual. Half of the tolerance: the recursive residual flatters. */
        result->iterations += gradients(&s, p->max_iterations - result->iterations, 0.5 * p->tolerance * most, now);
        pass(&s, finish_rows, 0);
    }
}
