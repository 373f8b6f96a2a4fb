/* multigrid.h - one symmetric V-cycle on the five-point problem of elliptic2d.h: what preconditions its conjugate gradients.
 *
 * Levels      Every second cell of a level, along x, along y or along both, is a cell of the next coarser one: (2j + 1, 2i + 1) is (j, i)
 *             there, down to a single cell. An axis is left as it is where the conductances along the other are STRONGER times as large on
 *             the mean, and where it has one cell.
 * Operators   P^T A P, P being interpolation by the operator's own couplings: between two cells of the coarser level a cell takes
 *             the mean weighted with its couplings to both sides, the others being added to these; one amid four takes what makes its own
 *             equation hold. Five points become nine. Jumps of the conductances are met where they are, and sides keep their Dirichlet zero.
 * Smoother    Two steps of Jacobi's, before and after, damped by Chebyshev's weights for the eigenvalues 1/2 .. 2 of D^-1 A; D is never less
 *             than half of the sum of a row's magnitudes, so that 2 is a bound (Gershgorin) whatever the couplings' signs are.
 * Source      Brandt 1977, Math. Comput. 31, 333-390; interpolation and coarse operators after Alcouffe, Brandt, Dendy & Painter 1981,
 *             SIAM J. Sci. Stat. Comput. 2, 430-454, and Dendy 1982, J. Comput. Phys. 48, 366-386 ("black box");
 *             one axis at a time: Trottenberg, Oosterlee & Schueller 2001, Multigrid, ch. 5; Chebyshev's weights: Adams, Brezina, Hu &
 *             Tuminaro 2003, J. Comput. Phys. 188, 593-610.
 *             As a preconditioner: Tatebe 1993, NASA CP-3224, 621-634.
 * Promises    A symmetric and positive definite operator whatever the conductances; where they are smooth, the same number of iterations for
 *             any size of mesh. The same bits for the same input, whatever the team: a result belongs to one band of rows, and no band
 *             reads what another writes.
 *
 * Why this one: iterations to nine digits at 750 x 500, with noise on the right-hand side, of conjugate gradients preconditioned with
 *   A  Gustafsson's relaxed modified incomplete Cholesky factors (an iteration costs about a quarter of one with D)
 *   B  cells joined by two and two, piecewise constant interpolation, Galerkin couplings halved, red-black Gauss-Seidel
 *   C  the same cells, interpolation weighted with resistances in series, couplings from these, the smoother of D
 *   D  this multigrid; and seconds of A and D on one core of an AMD EPYC, preparation included
 *                                                  A     B     C    D     A, s   D, s
 *   uniform                                       202    18     9    7    0.49   0.15
 *   column mass over mountains                    203    18     9    7    0.50   0.10
 *   blocks of 37 x 23 cells, 1 and 1e6           1031  >400  >400   44    1.91   0.45
 *   1000 times stronger along x                   124    28     9    7    0.22   0.19
 *   three decades by chance, face by face         923   132   148   87    1.86   0.59
 *   a face in ten a millionth                     667    47  >400   23    1.07   0.19
 *   longitude and latitude up to 70 degrees       228    58    16   16    0.43   0.16
 *   west 1000 times stronger along y, east x      217   341   193  178    0.38   1.21
 * At 1500 x 1000 over mountains: A 393 and 4.9 s, D 9 and 0.60 s. The last row is what it is poor at, as neither axis is the weak one in
 * all cells of a level: relaxing whole lines would mend that, at a price that all others would pay. */
#ifndef BS_KERNELS_ELLIPTIC_MULTIGRID_H
#define BS_KERNELS_ELLIPTIC_MULTIGRID_H

#include <stddef.h>

#include "kernels/elliptic/bands.h"

enum { BS_MULTIGRID2D_LEVELS = 64, BS_MULTIGRID2D_WEIGHTS = 8 };

/* Maps of a level have a frame of zeros one cell wide, `row` elements from a row to the next; pointers are to cell (0, 0). Couplings are
 * those of -div(c grad), off the diagonal with their sign turned: > 0 on the finest level. */
typedef struct bs_multigrid2d_level {
    int nx, ny;
    int along_x, along_y;          /* whether the next level halves that axis */
    ptrdiff_t row, row_e, row_n;   /* of maps; of e; of n */
    const double *e, *n, *ne, *nw; /* couplings with the cells in these directions; ne, nw NULL: there are none  [c]  */
    const double *d;               /* the diagonal; NULL on the finest level  [c] */
    double *inverse;               /* of D  [c]^-1 */
    double *b, *x, *y;             /* right-hand side, solution, scratch; b NULL on the finest level */
    double *
        weight[BS_MULTIGRID2D_WEIGHTS]; /* maps of the next level: of its cells for their neighbours here; NULL: none */
} bs_multigrid2d_level;

typedef struct bs_multigrid2d {
    int n; /* levels, finest first */
    bs_multigrid2d_level level[BS_MULTIGRID2D_LEVELS];
    bs_band_team *team; /* NULL: one band after the other */
} bs_multigrid2d;

size_t bs_multigrid2d_len(int nx, int ny); /* elements of its room, at most */

/* c_xf [ny][nx+1], c_yf [ny+1][nx]: conductances > 0 as in elliptic2d.h; they and the room, which need no preparation, stay the caller's
 * and in use. Serves all right-hand sides. */
void bs_multigrid2d_prepare(int nx, int ny, const double *c_xf, const double *c_yf, bs_band_team *team, double *room,
                            bs_multigrid2d *mg);

/* z = a V-cycle from zero for -div(c grad z) = r. Both are maps of the finest level with frames; z lives in the room until the next call. */
const double *bs_multigrid2d_cycle(const bs_multigrid2d *mg, const double *r);

#endif
