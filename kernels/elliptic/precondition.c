#include "kernels/elliptic/precondition.h"

/* Share of the fill that goes to the diagonal: 1 keeps row sums, a little less keeps pivots away from zero. */
static const double OMEGA = 0.995;

enum { ROWS = 3 }; /* of a block: more would hide the chain better, but not find registers */

#define INLINE static inline __attribute__((always_inline))

void bs_elliptic2d_factorise(const bs_elliptic2d *p, double *restrict inverse)
{
    const int nx = p->nx, ny = p->ny;
    for (int j = 0; j < ny; j++) {
        const double *cx = p->c_xf + (ptrdiff_t)j * (nx + 1), *cs = p->c_yf + (ptrdiff_t)j * nx, *cn = cs + nx;
        double *row = inverse + (ptrdiff_t)j * nx;
        for (int i = 0; i < nx; i++) {
            double pivot = cx[i] + cx[i + 1] + cs[i] + cn[i];
            if (i > 0) pivot -= cx[i] * (cx[i] + (j < ny - 1 ? OMEGA * cn[i - 1] : 0.0)) * row[i - 1];
            if (j > 0) pivot -= cs[i] * (cs[i] + (i < nx - 1 ? OMEGA * (cx - nx)[i] : 0.0)) * (row - nx)[i];
            row[i] = 1.0 / pivot;
        }
    }
}

/* The t-th cells of the rows j .. j + rows - 1, counted from the west and row r being r cells behind; last: the cell before of each.
 * inside: none of them is beyond an end or the first of its row. */
INLINE void step_up(const bs_elliptic2d *p, const double *restrict q, const double *restrict rhs, double *restrict z,
                    ptrdiff_t j, int rows, ptrdiff_t t, int inside, double *last)
{
    const ptrdiff_t nx = p->nx;
#pragma GCC unroll 4
    for (int r = rows - 1; r >= 0; r--) {
        const ptrdiff_t i = t - r, at = (j + r) * nx + i;
        if (!inside && (i < 0 || i >= nx)) continue;
        const double south = r > 0 ? last[r - 1] : z[at - nx];
        double v = (rhs[at] + p->c_yf[at] * south) * q[at];
        if (inside || i > 0) v += p->c_xf[at + j + r] * q[at] * last[r];
        z[at] = last[r] = v;
    }
}

/* As step_up for the rows j, j - 1, .. j - rows + 1, counted from the east. */
INLINE void step_down(const bs_elliptic2d *p, const double *restrict q, double *restrict z, ptrdiff_t j, int rows,
                      ptrdiff_t t, int inside, double *last)
{
    const ptrdiff_t nx = p->nx;
#pragma GCC unroll 4
    for (int r = rows - 1; r >= 0; r--) {
        const ptrdiff_t i = nx - 1 - (t - r), at = (j - r) * nx + i;
        if (!inside && (i < 0 || i >= nx)) continue;
        const double north = r > 0 ? last[r - 1] : z[at + nx];
        double v = z[at] + p->c_yf[at + nx] * north * q[at];
        if (inside || i < nx - 1) v += p->c_xf[at + j - r + 1] * q[at] * last[r];
        z[at] = last[r] = v;
    }
}

/* A block from one end to the other. */
INLINE void block_up(const bs_elliptic2d *p, const double *restrict q, const double *restrict rhs, double *restrict z,
                     ptrdiff_t j, int rows)
{
    const ptrdiff_t end = p->nx + rows - 1;
    double last[ROWS] = {0};
    ptrdiff_t t = 0;
    for (; t < rows && t < end; t++) step_up(p, q, rhs, z, j, rows, t, 0, last);
    for (; t < p->nx; t++) step_up(p, q, rhs, z, j, rows, t, 1, last);
    for (; t < end; t++) step_up(p, q, rhs, z, j, rows, t, 0, last);
}

INLINE void block_down(const bs_elliptic2d *p, const double *restrict q, double *restrict z, ptrdiff_t j, int rows)
{
    const ptrdiff_t end = p->nx + rows - 1;
    double last[ROWS] = {0};
    ptrdiff_t t = 0;
    for (; t < rows && t < end; t++) step_down(p, q, z, j, rows, t, 0, last);
    for (; t < p->nx; t++) step_down(p, q, z, j, rows, t, 1, last);
    for (; t < end; t++) step_down(p, q, z, j, rows, t, 0, last);
}

static void up(const bs_elliptic2d *p, const double *restrict q, const double *restrict rhs, double *restrict z)
{
    const ptrdiff_t nx = p->nx, ny = p->ny;
    z[0] = rhs[0] * q[0];
    for (ptrdiff_t i = 1; i < nx; i++) z[i] = rhs[i] * q[i] + p->c_xf[i] * q[i] * z[i - 1];
    ptrdiff_t j = 1;
    for (; j + ROWS <= ny; j += ROWS) block_up(p, q, rhs, z, j, ROWS);
    if (j + 2 == ny) block_up(p, q, rhs, z, j, 2);
    if (j + 1 == ny) block_up(p, q, rhs, z, j, 1);
}

static void down(const bs_elliptic2d *p, const double *restrict q, double *restrict z)
{
    const ptrdiff_t nx = p->nx, top = p->ny - 1;
    for (ptrdiff_t i = nx - 2; i >= 0; i--) {
        const ptrdiff_t at = top * nx + i;
        z[at] += p->c_xf[at + top + 1] * q[at] * z[at + 1];
    }
    ptrdiff_t j = top - 1;
    for (; j + 1 >= ROWS; j -= ROWS) block_down(p, q, z, j, ROWS);
    if (j == 1) block_down(p, q, z, j, 2);
    if (j == 0) block_down(p, q, z, j, 1);
}

void bs_elliptic2d_precondition(const bs_elliptic2d *p, const double *restrict inverse, const double *restrict r,
                                double *restrict z)
{
    up(p, inverse, r, z);
    down(p, inverse, z);
}
