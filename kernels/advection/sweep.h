/* sweep.h - one-dimensional flux-form transport of mixing ratios along a bundle of pencils, in place.
 *
 * Source    Colella & Woodward 1984, J. Comput. Phys. 54, 174-201 (parabola, eqs 1.5-1.12; limiter eq 1.10); selective limiting
 *           after Blossey & Durran 2008, J. Comput. Phys. 227, 5160-5183 (their smoothness measure and threshold); mass carried from
 *           sweep to sweep after Easter 1993, Mon. Weather Rev. 121, 297-304. Positivity is ours, see below.
 * Differs   everything is written in differences, so that a uniform mixing ratio of any value stays uniform to the bit:
 *             d_f = q_f - q_{f-1},  edge offset e_f = [7 (d_{f-1} - d_{f+1}) - (d_{f-2} - d_{f+2})] / 60,
 *             parabola's edges against the cell's mean  l = e_f - d_f / 2,  r = e_{f+1} + d_{f+1} / 2,
 *             excess of the swept air over the donor's mean  X = alpha r + beta l  (flow towards +; l and r change places else),
 *             alpha = F (1 - c)^2,  beta = -F c (1 - c),  c = |F| / m of the donor,
 *             q' = q + [ -max(F_w,0) d_w + max(-F_e,0) d_e + X_w - X_e ] / m',   m' = m + F_w - F_e.
 *           Face f lies between cells f - 1 and f. The limited excess never exceeds the unlimited one nor has the other sign, so that
 *           it is phi times the unlimited one with phi in [0, 1], one number per face (ppm_cw84, which also steepens: [-8, 8]). A tag
 *           takes the phi of its total: given phi the update is linear, so tags add up to their total. Linear schemes have no phi.
 *           Positive schemes bound the excess by what any distribution without negative parts inside the donor could have: the air
 *           that moves holds at least nothing and at most all of the donor, -F q <= X <= (m - F) q for flow towards +. A donor that
 *           gives through both its faces has half of what it keeps for each, and then neither of its bounds is wider than that half, so
 *           that what is left of a monotone parabola stays within its values. No face waits for another's limiter, unlike flux
 *           correction; the bounds are a hundred-thousandth narrower for rounding. A donor below zero has no excess.
 *           A step longer than a cell moves the whole cells first (as differences against the donor next to the face) and then the
 *           fraction of the cell that is left.
 * Layout    a bundle is BS_LANES pencils side by side, of which as many as a vector has lanes are swept together. Their coefficients
 *           lie together, too (bs_sweep_coef); mixing ratios where they are, at cell * stride + lane (pencils along y and z) or
 *           transposed into a buffer (along x). BS_GHOST cells beyond each end are given apart.
 * Needs     m' > 0 and, for positivity, F_e - F_w <= 0.9 m and masses of one order of magnitude (m' no more than some hundred m); no
 *           flux through a wall; air that comes from within the ghost cells, unless the end is a side.
 * Promises  mass conserved; properties as in schemes.def; same bits of q and phi for every bs_isa; a lane's numbers are the same whatever
 *           its neighbours (a zero may have the other sign beside a long neighbour, which takes the bundle by another way). */
#ifndef BS_KERNELS_ADVECTION_SWEEP_H
#define BS_KERNELS_ADVECTION_SWEEP_H

#include <stddef.h>

#include "kernels/base/isa.h"
#include "kernels/base/real.h"

enum { BS_LANES = 16, BS_GHOST = 5, BS_SHORTEST = 6, BS_ABREAST = 4 };

typedef enum bs_scheme {
#define BS_SCHEME(id, name, order, monotone, positive, linear, edges, text) id,
#include "kernels/advection/schemes.def"
#undef BS_SCHEME
    BS_SCHEME_COUNT
} bs_scheme;

typedef struct bs_scheme_row {
    const char *name;
    int order, monotone, positive, linear, edges;
    const char *text;
} bs_scheme_row;

const bs_scheme_row *bs_scheme_at(bs_scheme scheme);

/* Where the ends of a bundle are the sides of the domain, air carries the donor's mean through them: the ghost value inward. Where
 * pencils are cut out of longer ones, BS_CUT_* beside BS_SIDE_*: as much air as through the next face goes through the end, whatever is
 * given for it, so that the cell there keeps its air, and its numbers, which mean nothing, stay finite. */
enum { BS_SIDE_LOW = 1, BS_SIDE_HIGH = 2, BS_CUT_LOW = 4, BS_CUT_HIGH = 8 };

/* Air moved in the step through face f of a lane, kg, positive towards +: w0 f0 + w1 f1. */
typedef struct bs_air_flux {
    const double *f0, *f1; /* face, lane at f * stride + lane ("across") or lane * stride + f ("along") */
    double w0, w1;
    ptrdiff_t stride;
} bs_air_flux;

/* Mass of air, kg, in and out: before the sweep, after it. */
typedef struct bs_air_mass {
    double *m; /* cell, lane at i * stride + lane ("across") or lane * stride + i ("along") */
    ptrdiff_t stride;
    const double *low,
        *high; /* [BS_GHOST][BS_LANES] cells -BS_GHOST .. -1 and n .. ; NULL: all like the cell at the end */
} bs_air_mass;

/* What a sweep reads of face i and cell i, in this order, as many reals each as lanes are swept together. */
enum {
    BS_C_ALPHA, /* face: alpha / bs_scheme_row.edges, kg */
    BS_C_BETA,  /* face: beta / bs_scheme_row.edges, kg */
    BS_C_FLUX,  /* face: F, kg; zeros have signs, too: where it is negative the cell above gives */
    BS_C_RMASS, /* cell: 1 / m', kg-1 */
    BS_C_LINEAR,
    /* of schemes that are positive and not linear */
    BS_C_ALONG = BS_C_LINEAR, /* face: what its donor could give beyond F, kg >= 0 */
    BS_C_BACK,                /* face: what its donor could keep of F, kg >= 0 */
    BS_C_COUNT
};

/* Faces through which all pencils that are swept together get their air from below, all from above, or some so and some so. */
enum { BS_FORWARD, BS_BACKWARD, BS_MIXED };
typedef struct bs_sweep_run {
    int end, way; /* face after the last; BS_FORWARD .. */
} bs_sweep_run;

/* Coefficients of one bundle, the same for all tracers. Arrays live in the scratch given to the set-up. */
typedef struct bs_sweep {
    bs_scheme scheme;         /* whose sweeps these are; others end the program */
    int n;                    /* cells */
    int lanes;                /* pencils in use; the mixing ratios of others may stay as they are */
    int is_long;              /* some face moves more than a cell, or there are fewer than BS_SHORTEST cells */
    int together;             /* lanes that are swept together */
    int coefs;                /* of a face and its cell: BS_C_COUNT or BS_C_LINEAR */
    real *coef;               /* [BS_LANES / together][n+1][coefs][together] */
    bs_sweep_run *runs;       /* [BS_LANES / together][n+1], of faces 0 .. n; unless is_long */
    real low_flux[BS_LANES];  /* kg through the first face, > 0 towards + */
    real high_flux[BS_LANES]; /* and through the last */
    /* when is_long: */
    real *flux; /* [n+1]          kg */
    real *mass; /* [n + 2 ghosts] kg, m before the sweep, at cell 0 */
    real *rest; /* [n+1]          kg, flux less whole cells, signed */
    int *shift; /* [n+1]          whole cells crossed */
} bs_sweep;

/* A coefficient of face or cell `row` of a lane, and of its neighbours up to the next multiple of `together`. */
static inline real *bs_sweep_coef(const bs_sweep *s, ptrdiff_t row, int which, int lane)
{
    const ptrdiff_t group = lane / s->together;
    return s->coef + ((group * (s->n + 1) + row) * s->coefs + which) * s->together + lane % s->together;
}

/* The mixing ratios of one tracer in a bundle, ug kg-1. Lanes that are not in use must hold finite numbers. */
typedef struct bs_pencils {
    real *q; /* cell, lane at i * stride + lane; in and out */
    ptrdiff_t stride;
    /* Cells -BS_GHOST .. -1 and n .. n - 1 + BS_GHOST, BS_LANES each, at c * ghost_stride from these; 0 where all are alike. NULL: a wall,
     * through which nothing moves; the profile goes on there as a straight line. */
    const real *low, *high;
    ptrdiff_t ghost_stride;
    /* What is asked into the cache meanwhile, ahead_n places: the c-th at (c % 2^w) * ahead_step + (c / 2^w) * ahead_block with
     * w = ahead_bits. NULL: nothing. */
    const real *ahead;
    ptrdiff_t ahead_step, ahead_block;
    int ahead_bits, ahead_n;
    real *
        excess; /* [n+1][BS_LANES] ug: what each face moved beyond the low order, limited, > 0 towards +; out; NULL: not wanted */
} bs_pencils;

/* Elements of scratch (reals, aligned to 64 bytes) that a set-up and the updates need for pencils of n cells. */
size_t bs_sweep_scratch_len(int n);

/* The kernels of one instruction set. `scratch` has bs_sweep_scratch_len(n) reals and is shared by set-up and updates. */
typedef struct bs_sweep_kernels {
    /* Coefficients for the sweeps of a scheme from the air, and the air moved. lanes: pencils in use; the others of a bundle stay as they
     * are. sides: BS_SIDE_* of ends that are the domain's or, with BS_CUT_*, cuts. Across: neighbouring lanes are neighbours in memory, as
     * many as BS_ABREAST bundles of them, which is what memory likes: out [bundles], bundle b with its own scratch at
     * b * bs_sweep_scratch_len(n); air beyond the ends can be given to one bundle only (air->low and high NULL else). Along: neighbouring
     * cells are neighbours. */
    void (*setup_across)(bs_scheme scheme, int n, int lanes, const bs_air_flux *flux, const bs_air_mass *air, int sides,
                         real *scratch, bs_sweep *out);
    void (*setup_along)(bs_scheme scheme, int n, int lanes, const bs_air_flux *flux, const bs_air_mass *air, int sides,
                        real *scratch, bs_sweep *out);
    /* phi [n+1] out, or NULL where no tag follows; through [2][BS_LANES] ug moved through the first and last face, out, or NULL. */
    void (*total[BS_SCHEME_COUNT])(const bs_sweep *s, real *scratch, const bs_pencils *p, real *phi, double *through);
    /* As total, with phi in; linear schemes do not look at it. */
    void (*tag[BS_SCHEME_COUNT])(const bs_sweep *s, real *scratch, const bs_pencils *p, const real *phi,
                                 double *through);
    /* Of a long bundle, before its update: ug that the low order moves through face f of a lane. (Of a short one, and of a face of a long
     * one with shift 0, that is the air's flux times the mean of the cell it comes from.) */
    double (*low_order)(const bs_sweep *s, const bs_pencils *p, int f, int lane);
    /* Between rows of a field and a bundle: bundle[cell * BS_LANES + lane] = rows[lane * row + cell], and back. Lanes not in use
     * repeat the last one. */
    void (*rows_in)(int n, int lanes, const real *rows, ptrdiff_t row, real *bundle);
    void (*rows_out)(int n, int lanes, const real *bundle, real *rows, ptrdiff_t row);
} bs_sweep_kernels;

const bs_sweep_kernels *bs_sweep_kernels_for(bs_isa isa);

#endif
