/* sweep.h - one-dimensional flux-form transport of mixing ratios along a bundle of pencils.
 *
 * Source    Colella & Woodward 1984, J. Comput. Phys. 54, 174-201 (parabola, eqs 1.5-1.12; limiter eq 1.10); selective limiting and
 *           positivity by flux correction after Blossey & Durran 2008, J. Comput. Phys. 227, 5160-5183 (their smoothness measure
 *           and threshold); mass carried from sweep to sweep after Easter 1993, Mon. Weather Rev. 121, 297-304.
 * Differs   everything is written in differences, so that a uniform mixing ratio of any value stays uniform to the bit:
 *             d_f = q_f - q_{f-1},  edge offset e_f = [7 (d_{f-1} - d_{f+1}) - (d_{f-2} - d_{f+2})] / 60,
 *             parabola's edges against the cell's mean  l = e_f - d_f / 2,  r = e_{f+1} + d_{f+1} / 2,
 *             excess of the swept air over the donor's mean  X = alpha r + beta l  (flow towards +; l and r change places else),
 *             alpha = F (1 - c)^2,  beta = -F c (1 - c),  c = |F| / m of the donor,
 *             q' = q + [ -max(F_w,0) d_w + max(-F_e,0) d_e + X_w - X_e ] / m',   m' = m + F_w - F_e.
 *           Face f lies between cells f - 1 and f. Limiting multiplies the *unlimited* X by phi, one number per face, in
 *           [0, 1] (ppm_cw84, which also steepens: [-8, 8]). A tag takes the phi of its total: given phi the update is linear, so tags add up to their total.
 *           A step longer than a cell moves the whole cells first (as differences against the donor next to the face) and then the
 *           fraction of the cell that is left.
 * Layout    a bundle is BS_LANES pencils side by side: element (cell, lane) of an array at cell * BS_LANES + lane. Cells
 *           -BS_GHOST .. n - 1 + BS_GHOST of q and m exist; pointers to ghosted arrays point at cell 0.
 * Needs     m' > 0 and, for positivity, F_e - F_w <= 0.9 m; ghost values filled.
 * Promises  mass conserved; properties as in schemes.def; same bits for every bs_isa. */
#ifndef BS_KERNELS_ADVECTION_SWEEP_H
#define BS_KERNELS_ADVECTION_SWEEP_H

#include <stddef.h>

#include "kernels/base/isa.h"
#include "kernels/base/real.h"

enum { BS_LANES = 16, BS_GHOST = 5 };

typedef enum bs_scheme {
#define BS_SCHEME(id, name, order, monotone, positive, linear, text) id,
#include "kernels/advection/schemes.def"
#undef BS_SCHEME
    BS_SCHEME_COUNT
} bs_scheme;

typedef struct bs_scheme_row {
    const char *name;
    int order, monotone, positive, linear;
    const char *text;
} bs_scheme_row;

const bs_scheme_row *bs_scheme_at(bs_scheme scheme);

/* Where the ends of a bundle are the sides of the domain, air carries the donor's mean through them: the ghost value inward. */
enum { BS_SIDE_LOW = 1, BS_SIDE_HIGH = 2 };

/* Coefficients of one bundle, the same for all tracers. Arrays live in scratch given to `setup`. */
typedef struct bs_sweep {
    int n;              /* cells */
    int is_long;        /* some face moves more than a cell */
    real *flux;         /* [n+1]          kg, > 0 towards + */
    real *alpha, *beta; /* [n+1]          kg, of the fraction of a cell */
    real *rmass;        /* [n]            kg-1, 1 / m' */
    real *mass;         /* [n + 2 ghosts] kg, m before the sweep, at cell 0; used when is_long */
    real *rest;         /* [n+1]          kg, flux less whole cells, signed; used when is_long */
    int *shift;         /* [n+1]          whole cells crossed; used when is_long */
} bs_sweep;

/* Elements of scratch (reals) that `setup` and the two updates need for pencils of n cells. */
size_t bs_sweep_scratch_len(int n);

/* The kernels of one instruction set. `scratch` has bs_sweep_scratch_len(n) reals and is shared by the three. */
typedef struct bs_sweep_kernels {
    /* flux [n+1] kg moved through each face in the step, m [n + 2 ghosts] kg, both double and in; m_new [n] kg out.
     * sides: BS_SIDE_* of ends that are the domain's. */
    void (*setup)(int n, const double *flux, const double *m, int sides, double *m_new, real *scratch, bs_sweep *out);
    /* q [n + 2 ghosts] ug kg-1 in/out; phi [n+1] out; through [2][BS_LANES] ug moved through the first and last face, out. */
    void (*total[BS_SCHEME_COUNT])(const bs_sweep *s, real *scratch, real *q, real *phi, double *through);
    /* As total, with phi in. */
    void (*tag[BS_SCHEME_COUNT])(const bs_sweep *s, real *scratch, real *q, const real *phi, double *through);
} bs_sweep_kernels;

const bs_sweep_kernels *bs_sweep_kernels_for(bs_isa isa);

/* Between rows of a field and a bundle: dst[cell * BS_LANES + lane] = src[lane * lane_stride + cell], and back. */
void bs_bundle_transpose_in(int n, const real *src, ptrdiff_t lane_stride, int lanes, real *dst);
void bs_bundle_transpose_out(int n, const real *src, real *dst, ptrdiff_t lane_stride, int lanes);

#endif
