/* Multigrid of the elliptic solver: coarser operators are P^T A P, interpolation keeps what is uniform, a cycle is symmetric. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/elliptic/multigrid.h"
#include "tests/kernels/test_elliptic_fixture.h"

static const double ROUND = 64.0 * DBL_EPSILON; /* sums of a few products */

/* Where the cells are that weights are for, as multigrid.h orders them. */
static const int STEP[BS_MULTIGRID2D_WEIGHTS][2] = {{0, -1},  {0, 1},  {-1, 0}, {1, 0},
                                                    {-1, -1}, {-1, 1}, {1, -1}, {1, 1}};

static int cells(const bs_multigrid2d_level *l)
{
    return l->nx * l->ny;
}

static double *square(int rows, int columns)
{
    double *m = calloc((size_t)rows * (size_t)columns, sizeof *m);
    assert_non_null(m);
    return m;
}

static void couple(const bs_multigrid2d_level *l, double *a, int j, int i, int dj, int di, double c)
{
    const int n = cells(l), one = j * l->nx + i, other = (j + dj) * l->nx + i + di;
    if (j + dj >= l->ny || i + di < 0 || i + di >= l->nx) return;
    a[one * n + other] = a[other * n + one] = -c;
}

/* The level's matrix, [cells][cells]. */
static double *matrix_of(const bs_multigrid2d_level *l)
{
    const int n = cells(l);
    double *a = square(n, n);
    for (int j = 0; j < l->ny; j++)
        for (int i = 0; i < l->nx; i++) {
            const double *e = l->e + j * l->row_e + i, *y = l->n + j * l->row_n + i;
            const int at = j * l->nx + i;
            a[at * n + at] = l->d ? l->d[j * l->row + i] : e[-1] + e[0] + y[-l->row_n] + y[0];
            couple(l, a, j, i, 0, 1, *e);
            couple(l, a, j, i, 1, 0, *y);
            if (!l->ne) continue;
            couple(l, a, j, i, 1, 1, l->ne[j * l->row + i]);
            couple(l, a, j, i, 1, -1, l->nw[j * l->row + i]);
        }
    return a;
}

/* P, [cells of f][cells of c]. */
static double *interpolation(const bs_multigrid2d_level *f, const bs_multigrid2d_level *c)
{
    double *p = square(cells(f), cells(c));
    for (int cj = 0; cj < c->ny; cj++)
        for (int ci = 0; ci < c->nx; ci++) {
            const int j = f->along_y ? 2 * cj + 1 : cj, i = f->along_x ? 2 * ci + 1 : ci, to = cj * c->nx + ci;
            p[(j * f->nx + i) * cells(c) + to] = 1.0;
            for (int w = 0; w < BS_MULTIGRID2D_WEIGHTS; w++) {
                const int nj = j + STEP[w][0], ni = i + STEP[w][1];
                if (!f->weight[w]) continue;
                const double weight = f->weight[w][cj * c->row + ci];
                if (nj < 0 || nj >= f->ny || ni < 0 || ni >= f->nx)
                    assert_true(weight == 0.0);
                else
                    p[(nj * f->nx + ni) * cells(c) + to] = weight;
            }
        }
    return p;
}

static void check_product(const double *a, const double *p, const double *coarse, int n, int m)
{
    for (int I = 0; I < m; I++)
        for (int J = 0; J < m; J++) {
            double sum = 0.0, size = 0.0;
            for (int f = 0; f < n; f++)
                for (int g = 0; g < n && p[f * m + I] != 0.0; g++) {
                    const double term = p[f * m + I] * a[f * n + g] * p[g * m + J];
                    sum += term;
                    size += fabs(term);
                }
            assert_true(fabs(coarse[I * m + J] - sum) <= ROUND * size);
        }
}

/* Every level of meshes of odd and even sizes, with axes that stay and without, against the plain product of matrices. */
static void coarser_operators_are_products(void **state)
{
    (void)state;
    static const int shape[][2] = {{13, 11}, {12, 10}, {7, 16}, {2, 2}, {1, 9}, {17, 1}, {3, 2}};
    static conductance *const kind[] = {mountains, dice, along_x, along_y, barriers};
    for (size_t k = 0; k < 5 * 7; k++) {
        grid g = grid_make(shape[k % 7][0], shape[k % 7][1]);
        conduct(&g, kind[k / 7]);
        (void)problem_of(&g, 0.0);
        const bs_multigrid2d *mg = g.multigrid;
        for (int l = 0; l + 1 < mg->n; l++) {
            const bs_multigrid2d_level *f = &mg->level[l], *c = f + 1;
            double *a = matrix_of(f), *p = interpolation(f, c), *coarse = matrix_of(c);
            check_product(a, p, coarse, cells(f), cells(c));
            free(a);
            free(p);
            free(coarse);
        }
        assert_int_equal(cells(&mg->level[mg->n - 1]), 1);
        grid_free(&g);
    }
}

/* Away from sides, where chi falls to 0, the weights of each cell add up to 1, whatever the jumps. */
static void what_is_uniform_stays(void **state)
{
    (void)state;
    grid g = grid_make(31, 27);
    conduct(&g, dice);
    (void)problem_of(&g, 0.0);
    const bs_multigrid2d_level *f = g.multigrid->level, *c = f + 1;
    double *p = interpolation(f, c);
    for (int j = 1; j < f->ny - 1; j++)
        for (int i = 1; i < f->nx - 1; i++) {
            double sum = 0.0;
            for (int to = 0; to < cells(c); to++) {
                const double weight = p[(j * f->nx + i) * cells(c) + to];
                assert_true(weight >= 0.0);
                sum += weight;
            }
            assert_true(fabs(sum - 1.0) <= ROUND);
        }
    free(p);
    grid_free(&g);
}

/* A map with a frame, of noise. */
static double *noise(const bs_multigrid2d_level *l, uint64_t seed)
{
    double *m = square(l->ny + 2, l->nx + 2);
    for (int j = 0; j < l->ny; j++)
        for (int i = 0; i < l->nx; i++) m[(j + 1) * l->row + i + 1] = uniform(&seed) - 0.5;
    return m;
}

/* <a, B b> = <B a, b> and <a, B a> > 0, B being a cycle: conjugate gradients need both. */
static void a_cycle_is_symmetric_and_positive(void **state)
{
    (void)state;
    static const int shape[][2] = {{41, 30}, {1, 33}, {64, 2}, {1, 1}};
    static conductance *const kind[] = {mountains, dice, blocks, along_y, barriers};
    for (int k = 0; k < 5 * 4; k++) {
        grid g = grid_make(shape[k % 4][0], shape[k % 4][1]);
        conduct(&g, kind[k / 4]);
        (void)problem_of(&g, 0.0);
        const bs_multigrid2d_level *l = g.multigrid->level;
        const size_t n = (size_t)(l->nx + 2) * (size_t)(l->ny + 2), first = (size_t)l->row + 1;
        double *a = noise(l, 3), *b = noise(l, 17), *image = square(l->ny + 2, l->nx + 2);
        double left = 0.0, right = 0.0, own = 0.0, size = 0.0;
        memcpy(image, bs_multigrid2d_cycle(g.multigrid, b + first) - first, n * sizeof *image);
        const double *of_a = bs_multigrid2d_cycle(g.multigrid, a + first) - first;
        for (size_t i = 0; i < n; i++) {
            left += a[i] * image[i];
            right += of_a[i] * b[i];
            own += a[i] * of_a[i];
            size += fabs(a[i] * image[i]) + fabs(of_a[i] * b[i]);
        }
        assert_true(fabs(left - right) <=
                    100.0 * ROUND * size); /* of as many sums in a row as there are levels and steps */
        assert_true(own > 0.0);
        free(a);
        free(b);
        free(image);
        grid_free(&g);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(coarser_operators_are_products),
        cmocka_unit_test(what_is_uniform_stays),
        cmocka_unit_test(a_cycle_is_symmetric_and_positive),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
