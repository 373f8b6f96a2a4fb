/* vdiff.h - implicit vertical mixing with emission and dry deposition in one solve.
 *
 * Solves, on each column of a strip, for the mixing ratio q (ug per kg of dry air)
 *
 *     m_k dq_k/dt = mix_{k+1} (q_{k+1} - q_k) - mix_k (q_k - q_{k-1}) + e_k - [k = 0] dep q_0            (1)
 *
 *   mass      [nz][stride]     m    air per area of a layer               kg m-2        in   > 0
 *   mix       [nz+1][stride]   mix  rho K / dz at half levels             kg m-2 s-1    in   >= 0; rows 0 and nz are not read: closed
 *   dep       [n]              dep  rho v_d at the ground                 kg m-2 s-1    in   >= 0
 *   emission  [n_emit][stride] e    into layers 0 .. n_emit-1             ug m-2 s-1    in   may be NULL when n_emit = 0
 *   q         [nz][stride]                                                ug kg-1       in, out
 *   deposited [n]                   what the ground took, added           ug m-2        in, out
 *   factors, scratch                lengths by the functions below; no two pointers alias
 * The strides of mass, mix, emission and q are the strip's, unless q has one of its own.
 *
 * Factors depend on air alone and serve all tracers of a strip.
 *
 * Backward Euler  (M - dt A) q' = M q + dt e: first order, positive and monotone for any dt, since M - dt A is an M-matrix.
 *
 * TR-BDF2         Bank et al. 1985, IEEE Trans. Electron Devices 32, 1992-2007; Hosea & Shampine 1996, Appl. Numer. Math. 20,
 *     21-37. A trapezoidal stage over g dt, then BDF2, with g = 2 - sqrt 2: second order, L-stable, and both stages have the
 *     matrix M - a A, a = (1 - 1/sqrt 2) dt. With d* = q* - q and b = (sqrt 2 - 1)/2
 *         (M - a A) d*        = 2 a (A q + e)
 *         (M - a A)(q' - q*)  = b M d* + a (A q* + e)
 *     Sum of both: the ground takes a dep [(1 + b)(q_0 + q*_0) + q'_0], which is what is added to `deposited`, and all of
 *     the emission arrives: a [2 (1 + b) + 1] = dt.
 *     Positive: the BDF2 stage's right side in full is [q* - c q]/(1 - c) + a e, c = (1 - g)^2 = 3 - 2 sqrt 2, so q' >= 0
 *     follows from q* >= c q. As (M - a A)(q* - c q) = (1 - c) M q + (1 + c) a A q + 2 a e, that holds when no element of
 *     the right side's diagonal is negative: a lambda <= (1 - c)/(1 + c) = 1/sqrt 2, with lambda = max over k of
 *     (mix_k + mix_{k+1} + [k = 0] dep)/m_k. Then (1 - a lambda) > 0 makes q* >= 0 too. dt is cut into the smallest number
 *     of substeps with a lambda <= 0.7, for each column from its own air: the result of a column does not depend on its
 *     neighbours in the strip, nor on q, so tags stay linear.
 *
 * Arithmetic      The unknown is the change d = q' - q, and the elimination is rearranged so that no term grows with
 *     dt mix / m. With A_k = dt mix_k, pivots B_k = A_{k+1} + S_k, w_k = A_{k+1}/B_k and
 *         S_k = m_k + w_{k-1} S_{k-1}  (+ dt dep for k = 0)                    no subtraction: accurate to a few eps
 *         P_k = F_k + w_{k-1} P_{k-1} - w_{k-1} S_{k-1} (q_k - q_{k-1})        F: sources less deposition of q
 *         d_k = w_k d_{k+1} + w_k (q_{k+1} - q_k) + P_k/B_k
 *     a profile without differences and sources gives d = 0 to the bit, and column mass is kept to some eps however strong
 *     the mixing is, where the plain elimination loses dt mix/m times eps. Rounding can make q negative only where
 *     dt mix/m comes near 1/eps. Between the substeps of TR-BDF2 what rounding of q lost is carried along (in `scratch`): hundreds of
 *     small changes of one sign would otherwise round the same way. */
#ifndef BS_KERNELS_COLUMN_VDIFF_H
#define BS_KERNELS_COLUMN_VDIFF_H

#include "kernels/base/isa.h"
#include "kernels/base/real.h"
#include "kernels/column/strip.h"

/* Lengths in elements of `factors` and `scratch`, for either scheme. */
static inline ptrdiff_t bs_vdiff_factor_len(bs_strip s)
{
    return (3 * (ptrdiff_t)s.nz + 3) * s.stride;
}

static inline ptrdiff_t bs_vdiff_scratch_len(bs_strip s)
{
    return 2 * (ptrdiff_t)s.nz * s.stride;
}

/* What backward Euler reads of the factors: by blocks of BS_VDIFF_BLOCK columns, one after the other as a solve wants them, [block][nz][
 * BS_VDIFF_PARTS][BS_VDIFF_BLOCK]; after 3 nz stride of them a dep (kg m-2) and dt (s), [stride] each. */
enum {
    BS_VDIFF_UP,      /* w_k */
    BS_VDIFF_CARRIED, /* w_k S_k, kg m-2 */
    BS_VDIFF_INVERSE, /* 1/B_k, m2 kg-1 */
    BS_VDIFF_PARTS,
    BS_VDIFF_BLOCK = 16
};

/* Backward Euler over dt (s). Rows of q lie q_stride apart: a field's columns can be solved where they are. The strip's stride is a
 * multiple of 16. The same bits on every instruction set. */
void bs_vdiff_factor_be(bs_strip s, double dt, const real *mass, const real *mix, const real *dep, real *factors);

typedef struct bs_vdiff_kernels {
    /* ahead: rows, q_stride apart, of as many columns, which are asked into the cache; NULL: none. */
    void (*solve_be)(bs_strip s, const real *factors, const real *emission, int n_emit, real *q, ptrdiff_t q_stride,
                     const real *ahead, double *deposited, real *scratch);
} bs_vdiff_kernels;

const bs_vdiff_kernels *bs_vdiff_kernels_for(bs_isa isa);

/* TR-BDF2 over dt (s), in as many substeps as each column needs. */
void bs_vdiff_factor_tr(bs_strip s, double dt, const real *mass, const real *mix, const real *dep, real *factors);
void bs_vdiff_solve_tr(bs_strip s, const real *factors, const real *mass, const real *emission, int n_emit, real *q,
                       double *deposited, real *scratch);

/* lambda of each column, s-1: rate [n] out. */
void bs_vdiff_max_rate(bs_strip s, const real *mass, const real *mix, const real *dep, real *rate);

/* Substeps that TR-BDF2 takes for a column of this rate. */
int bs_vdiff_substeps(double dt, double rate);

#endif
