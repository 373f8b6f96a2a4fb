/* precondition.h - the preconditioner of elliptic2d.h: factors (P + L) P^-1 (P + L^T) with pivots P, L being the matrix's lower part.
 * Source   Gustafsson 1978, BIT 18, 142-156: modified incomplete Cholesky, relaxed. Eliminating a cell couples its east and north
 *          neighbours; that fill is dropped and the share OMEGA of it taken off both diagonals.
 * Promises one fixed order of operations: the same bits for the same input.
 *
 * A row hangs on the row before and a cell on its neighbour: one cell at a time, this is a chain that waits for each product and sum. Rows
 * of a block go along one behind the other instead, each a cell behind the row that it needs, so that their chains overlap. */
#ifndef BS_KERNELS_ELLIPTIC_PRECONDITION_H
#define BS_KERNELS_ELLIPTIC_PRECONDITION_H

#include "kernels/elliptic/elliptic2d.h"

/* z = factors applied to r, all [ny][nx]; inverse = 1 / pivots (bs_elliptic2d_factorise). No two pointers alias. */
void bs_elliptic2d_precondition(const bs_elliptic2d *problem, const double *restrict inverse, const double *restrict r,
                                double *restrict z);

#endif
