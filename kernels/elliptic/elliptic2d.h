/* elliptic2d.h - div(c grad chi) = r on the five-point stencil of the mesh.
 *
 *   c_xf[j][i+1] (chi[j][i+1] - chi[j][i]) - c_xf[j][i] (chi[j][i] - chi[j][i-1])
 * + c_yf[j+1][i] (chi[j+1][i] - chi[j][i]) - c_yf[j][i] (chi[j][i] - chi[j-1][i])  =  r[j][i]
 *
 * chi is 0 in the ghost cells beyond the four sides (Dirichlet): what the right-hand side does not balance leaves
 * through them.
 * Source   Conjugate gradients (Hestenes & Stiefel 1952, J. Res. NBS 49, 409-436), preconditioned with a V-cycle (multigrid.h;
 *          Tatebe 1993, NASA CP-3224, 621-634).
 * Differs  the residual is computed afresh from chi at the end of each run of iterations; while it is too large and
 *          each run still helps, another run solves for the remainder. The rounding of chi itself leaves up to
 *          4 c |chi| DBL_EPSILON; who needs less solves for that remainder into a chi of its own and adds the fluxes.
 * Needs    conductances > 0, whatever their ratios.
 * Promises one fixed order of operations: the same bits for the same input, with any team. Scratch and chi need no preparation but
 *          the first guess. */
#ifndef BS_KERNELS_ELLIPTIC_ELLIPTIC2D_H
#define BS_KERNELS_ELLIPTIC_ELLIPTIC2D_H

#include <stddef.h>

#include "kernels/elliptic/multigrid.h"

/* c_xf, c_yf in units [c]; c times chi is the unit of r. */
typedef struct bs_elliptic2d {
    int nx, ny;         /* >= 1 */
    const double *c_xf; /* [ny][nx+1]  conductance of the face between (j, i-1) and (j, i)  [c]  in */
    const double *c_yf; /* [ny+1][nx]  conductance of the face between (j-1, i) and (j, i)  [c]  in */
    double tolerance;   /* wanted: max |residual| <= tolerance max |r| */
    int max_iterations; /* in all */
    const bs_multigrid2d
        *multigrid; /* of bs_multigrid2d_prepare for these conductances, which serves all right-hand sides; its maps
                                      * are written. Its team does the solver's loops, too. */
} bs_elliptic2d;

/* The caller fails when !(residual <= what it needs); NaN in the input gives residual NaN. */
typedef struct bs_elliptic2d_result {
    int iterations;
    double residual; /* max |r - div(c grad chi)| / max |r|, of the chi returned; 0 when r is 0 everywhere */
} bs_elliptic2d_result;

size_t bs_elliptic2d_scratch_len(int nx, int ny); /* elements */

/* r        [ny][nx]  right-hand side  [c chi]  in
 * chi      [ny][nx]  solution         [chi]    in: first guess (zeros do), out
 * scratch  [bs_elliptic2d_scratch_len]
 * No two pointers alias. */
void bs_elliptic2d_solve(const bs_elliptic2d *problem, const double *restrict r, double *restrict chi,
                         double *restrict scratch, bs_elliptic2d_result *result);

/* residual = r - div(c grad chi), all [ny][nx]. */
void bs_elliptic2d_residual(const bs_elliptic2d *problem, const double *restrict r, const double *restrict chi,
                            double *restrict residual);

#endif
