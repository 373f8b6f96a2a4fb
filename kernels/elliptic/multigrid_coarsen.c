/* Weights of interpolation and the operators P^T A P. */
#include <math.h>

#include "kernels/elliptic/multigrid_parts.h"

typedef bs_multigrid2d_level level;

static inline int inside(const level *l, ptrdiff_t j, ptrdiff_t i)
{
    return j >= 0 && j < l->ny && i >= 0 && i < l->nx;
}

/* The coupling of (j, i) with (j + dj, i + di), both inside. */
static inline double between(const level *l, ptrdiff_t j, ptrdiff_t i, int dj, int di)
{
    if (dj < 0) return between(l, j + dj, i + di, -dj, -di);
    if (dj == 0) return l->e[j * l->row_e + (di > 0 ? i : i - 1)];
    if (di == 0) return l->n[j * l->row_n + i];
    const double *diagonal = di > 0 ? l->ne : l->nw;
    return diagonal ? diagonal[j * l->row + i] : 0.0;
}

/* 0 where the other one is beyond the sides. */
static inline double coupling(const level *l, ptrdiff_t j, ptrdiff_t i, int dj, int di)
{
    return inside(l, j + dj, i + di) ? between(l, j, i, dj, di) : 0.0;
}

static inline double diagonal(const level *l, ptrdiff_t j, ptrdiff_t i)
{
    if (l->d) return l->d[j * l->row + i];
    const double *e = l->e + j * l->row_e + i, *n = l->n + j * l->row_n + i;
    return e[-1] + e[0] + n[-l->row_n] + n[0];
}

/* ---- D ---- */

static void invert_rows(void *of, int band, ptrdiff_t from, ptrdiff_t to)
{
    const level *l = of;
    (void)band;
    for (ptrdiff_t j = from; j < to; j++)
        for (ptrdiff_t i = 0; i < l->nx; i++) {
            const double d = diagonal(l, j, i);
            double sum = d;
            if (l->ne) /* with all couplings > 0 the diagonal is the larger one */
                for (int dj = -1; dj <= 1; dj++)
                    for (int di = -1; di <= 1; di++)
                        if (dj || di) sum += fabs(coupling(l, j, i, dj, di));
            l->inverse[j * l->row + i] = 1.0 / fmax(d, 0.5 * sum);
        }
}

void bs_multigrid2d_invert(const level *l, bs_band_team *team)
{
    level of = *l;
    bs_bands_run((bs_bands){.rows = l->ny, .per = bs_bands_per(l->nx), .go = invert_rows, .of = &of}, team);
}

/* ---- weights ---- */

/* Couplings of (j, i) with what lies in the direction (dj, di), one of which is 0: straight and oblique. */
static double sideways(const level *l, ptrdiff_t j, ptrdiff_t i, int dj, int di)
{
    const double straight = coupling(l, j, i, dj, di);
    if (!l->ne) return straight;
    const int sj = di != 0, si = dj != 0;
    return straight + (coupling(l, j, i, dj + sj, di + si) + coupling(l, j, i, dj - sj, di - si));
}

/* Of a cell between two cells of the coarser level, the weight of that in the direction (dj, di): couplings across are added up. Beside a
 * side there is the one cell, and its share is of what the others leave of the diagonal. */
static double share(const level *l, ptrdiff_t j, ptrdiff_t i, int dj, int di)
{
    const double to = sideways(l, j, i, dj, di);
    const double all = inside(l, j - dj, i - di)
                           ? to + sideways(l, j, i, -dj, -di)
                           : diagonal(l, j, i) - coupling(l, j, i, di, dj) - coupling(l, j, i, -di, -dj);
    return all > 0.0 ? to / all : 0.0;
}

/* Of a cell amid four, the weight of that in the direction (dj, di): what makes its own equation hold. In between lie cells that have the
 * shares along_x and along_y of that one. */
static double corner(const level *l, ptrdiff_t j, ptrdiff_t i, int dj, int di, double along_x, double along_y)
{
    const double straight = coupling(l, j, i, dj, 0) * along_x + coupling(l, j, i, 0, di) * along_y;
    return (l->ne ? coupling(l, j, i, dj, di) + straight : straight) / diagonal(l, j, i);
}

static const int STEP[BS_MULTIGRID2D_WEIGHTS][2] = {{0, -1},  {0, 1},  {-1, 0}, {1, 0},
                                                    {-1, -1}, {-1, 1}, {1, -1}, {1, 1}};

typedef struct coarsening {
    const level *f, *c;
    const bs_multigrid2d_maps *maps;
} coarsening;

static void weigh_rows(void *of, int band, ptrdiff_t from, ptrdiff_t to)
{
    const coarsening *o = of;
    const level *f = o->f, *c = o->c;
    (void)band;
    for (ptrdiff_t cj = from; cj < to; cj++)
        for (ptrdiff_t ci = 0; ci < c->nx; ci++) {
            const ptrdiff_t j = f->along_y ? 2 * cj + 1 : cj, i = f->along_x ? 2 * ci + 1 : ci;
            double p[3][3] = {{0.0}};
            for (int w = 0; w < BS_MULTIGRID2D_WEIGHTS; w++) {
                const int dj = STEP[w][0], di = STEP[w][1];
                if (!f->weight[w] || !inside(f, j + dj, i + di)) continue;
                p[1 + dj][1 + di] = dj && di ? corner(f, j + dj, i + di, -dj, -di, p[1][1 + di], p[1 + dj][1])
                                             : share(f, j + dj, i + di, -dj, -di);
                f->weight[w][cj * c->row + ci] = p[1 + dj][1 + di];
            }
        }
}

/* ---- P^T A P ---- */

enum { REACH = 2, WIDE = 2 * REACH + 1 };

/* The weights of a coarser cell, which is (j, i) of the finer level, for its neighbours and itself; 0 where there are none. */
static void column_of_p(const coarsening *o, ptrdiff_t cj, ptrdiff_t ci, double p[3][3])
{
    const ptrdiff_t at = cj * o->c->row + ci;
    p[1][1] = 1.0;
    for (int w = 0; w < BS_MULTIGRID2D_WEIGHTS; w++)
        p[1 + STEP[w][0]][1 + STEP[w][1]] = o->f->weight[w] ? o->f->weight[w][at] : 0.0;
}

/* u = A p around (j, i). */
static void image_of(const level *f, ptrdiff_t j, ptrdiff_t i, double p[3][3], double u[WIDE][WIDE])
{
    const int diagonals = f->ne != NULL;
    for (int a = 0; a < WIDE; a++)
        for (int b = 0; b < WIDE; b++) u[a][b] = 0.0;
    for (int a = -1; a <= 1; a++)
        for (int b = -1; b <= 1; b++) {
            const double v = p[1 + a][1 + b];
            if (v == 0.0) continue;
            u[REACH + a][REACH + b] += v * diagonal(f, j + a, i + b);
            for (int dj = -1; dj <= 1; dj++)
                for (int di = -1; di <= 1; di++)
                    if ((dj || di) && (diagonals || !dj || !di))
                        u[REACH + a + dj][REACH + b + di] -= v * coupling(f, j + a, i + b, dj, di);
        }
}

static int reached(int d)
{
    return d >= -REACH && d <= REACH;
}

/* Minus the product of u with the column of another cell, (dj, di) beyond on the coarser level. */
static double product(const coarsening *o, double u[WIDE][WIDE], ptrdiff_t cj, ptrdiff_t ci, int dj, int di)
{
    if (!inside(o->c, cj + dj, ci + di)) return 0.0;
    const int sj = o->f->along_y ? 2 * dj : dj, si = o->f->along_x ? 2 * di : di;
    double q[3][3], sum = 0.0;
    column_of_p(o, cj + dj, ci + di, q);
    for (int a = -1; a <= 1; a++)
        for (int b = -1; b <= 1; b++)
            if (reached(sj + a) && reached(si + b)) sum += q[1 + a][1 + b] * u[REACH + sj + a][REACH + si + b];
    return -sum;
}

static void multiply_rows(void *of, int band, ptrdiff_t from, ptrdiff_t to)
{
    const coarsening *o = of;
    const level *f = o->f;
    (void)band;
    for (ptrdiff_t cj = from; cj < to; cj++)
        for (ptrdiff_t ci = 0; ci < o->c->nx; ci++) {
            double p[3][3], u[WIDE][WIDE];
            const ptrdiff_t at = cj * o->c->row + ci;
            column_of_p(o, cj, ci, p);
            image_of(f, f->along_y ? 2 * cj + 1 : cj, f->along_x ? 2 * ci + 1 : ci, p, u);
            o->maps->d[at] = -product(o, u, cj, ci, 0, 0);
            o->maps->e[at] = product(o, u, cj, ci, 0, 1);
            o->maps->n[at] = product(o, u, cj, ci, 1, 0);
            o->maps->ne[at] = product(o, u, cj, ci, 1, 1);
            o->maps->nw[at] = product(o, u, cj, ci, 1, -1);
        }
}

void bs_multigrid2d_coarsen(const level *f, const level *c, const bs_multigrid2d_maps *maps, bs_band_team *team)
{
    coarsening o = {f, c, maps};
    bs_bands bands = {.rows = c->ny, .per = bs_bands_per(c->nx), .go = weigh_rows, .of = &o};
    bs_bands_run(bands, team);
    bands.go = multiply_rows;
    bs_bands_run(bands, team);
}
