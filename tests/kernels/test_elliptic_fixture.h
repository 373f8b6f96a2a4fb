/* Grids for the tests of the elliptic solver and its multigrid. */
#ifndef BS_TESTS_KERNELS_TEST_ELLIPTIC_FIXTURE_H
#define BS_TESTS_KERNELS_TEST_ELLIPTIC_FIXTURE_H

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "kernels/elliptic/elliptic2d.h"

typedef struct grid {
    int nx, ny;
    double *c_xf, *c_yf, *r, *chi, *scratch, *room;
    bs_multigrid2d *multigrid;
} grid;

static inline grid grid_make(int nx, int ny)
{
    const size_t cells = (size_t)nx * ny, scratch = bs_elliptic2d_scratch_len(nx, ny),
                 room = bs_multigrid2d_len(nx, ny);
    grid g = {.nx = nx, .ny = ny};
    g.c_xf = calloc((size_t)(nx + 1) * ny, sizeof(double));
    g.c_yf = calloc((size_t)nx * (ny + 1), sizeof(double));
    g.r = calloc(cells, sizeof(double));
    g.chi = calloc(cells, sizeof(double));
    g.scratch = malloc(scratch * sizeof(double));
    g.room = malloc(room * sizeof(double));
    g.multigrid = malloc(sizeof *g.multigrid);
    assert_true(g.c_xf && g.c_yf && g.r && g.chi && g.scratch && g.room && g.multigrid);
    for (size_t i = 0; i < scratch; i++) g.scratch[i] = NAN; /* neither needs preparation */
    for (size_t i = 0; i < room; i++) g.room[i] = NAN;
    return g;
}

static inline void grid_free(grid *g)
{
    free(g->c_xf);
    free(g->c_yf);
    free(g->r);
    free(g->chi);
    free(g->scratch);
    free(g->room);
    free(g->multigrid);
}

static inline double uniform(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (double)(*state >> 11) / 9007199254740992.0;
}

/* With a multigrid made for the conductances as they are now. */
static inline bs_elliptic2d problem_of(const grid *g, double tolerance)
{
    bs_multigrid2d_prepare(g->nx, g->ny, g->c_xf, g->c_yf, NULL, g->room, g->multigrid);
    return (bs_elliptic2d){.nx = g->nx,
                           .ny = g->ny,
                           .c_xf = g->c_xf,
                           .c_yf = g->c_yf,
                           .tolerance = tolerance,
                           .max_iterations = 5000,
                           .multigrid = g->multigrid};
}

/* Conductance of a face with middle (x, y), in cells; axis 0: between neighbours along x. */
typedef double conductance(const grid *g, int axis, double x, double y, uint64_t *seed);

static inline void conduct(grid *g, conductance *c)
{
    uint64_t seed = 7;
    for (int j = 0; j < g->ny; j++)
        for (int i = 0; i <= g->nx; i++) g->c_xf[j * (g->nx + 1) + i] = c(g, 0, i, j + 0.5, &seed);
    for (int j = 0; j <= g->ny; j++)
        for (int i = 0; i < g->nx; i++) g->c_yf[j * g->nx + i] = c(g, 1, i + 0.5, j, &seed);
}

/* Of some, between 1 and 0.4, as column mass over mountains; ridges and valleys of some cells. */
static inline double mountains(const grid *g, int axis, double x, double y, uint64_t *seed)
{
    (void)g, (void)axis, (void)seed;
    return 0.7 + 0.15 * sin(0.07 * x) * cos(0.05 * y) + 0.15 * sin(0.31 * x + 0.17 * y) * sin(0.43 * y);
}

/* Blocks of 37 x 23 cells, one a million times the other. */
static inline double blocks(const grid *g, int axis, double x, double y, uint64_t *seed)
{
    (void)g, (void)axis, (void)seed;
    return ((int)(x / 37.0) + (int)(y / 23.0)) % 2 ? 1e6 : 1.0;
}

/* A face in ten lets a millionth pass. */
static inline double barriers(const grid *g, int axis, double x, double y, uint64_t *seed)
{
    (void)g, (void)axis, (void)x, (void)y;
    return uniform(seed) < 0.1 ? 1e-6 : 1.0;
}

/* Three decades, by chance. */
static inline double dice(const grid *g, int axis, double x, double y, uint64_t *seed)
{
    (void)g, (void)axis, (void)x, (void)y;
    return pow(10.0, 3.0 * uniform(seed));
}

/* A thousand times stronger along x, and along y. */
static inline double along_x(const grid *g, int axis, double x, double y, uint64_t *seed)
{
    (void)g, (void)x, (void)y, (void)seed;
    return axis ? 1.0 : 1e3;
}

static inline double along_y(const grid *g, int axis, double x, double y, uint64_t *seed)
{
    (void)g, (void)x, (void)y, (void)seed;
    return axis ? 1e3 : 1.0;
}

/* Longitude and latitude from the equator to 70 degrees. */
static inline double sphere(const grid *g, int axis, double x, double y, uint64_t *seed)
{
    (void)x, (void)seed;
    const double wide = cos(y / g->ny * 1.22);
    return axis ? wide : 1.0 / wide;
}

#endif
