/* correct.h - mass-consistent correction of the horizontal air-mass fluxes, once per meteorology interval.
 *
 * Winds and surface pressures of a source do not satisfy the discrete continuity equation. For both ends e of an
 * interval [t0, t1] the column residual
 *     r_e = (M1 - M0) / (t1 - t0) + div sum_k F_k,e                                       kg s-1
 * is removed by a potential flow, the smallest change of the winds in the norm weighted by column mass:
 *     div(c grad chi) = r,   c = M_face len / dist,   chi = 0 beyond the lateral boundary  (elliptic2d.h)
 *     G = c (chi_right - chi_left),   F_k,corrected = F_k - w_k G,   sum_k w_k = 1
 * with w_k the layer's share of the air mass at the face. Sign: r > 0 means that the fluxes carry more out of a column
 * than its mass falls by; G points out of such columns and is taken off. As the tendency is the same at both ends,
 * fluxes interpolated linearly in time satisfy continuity at any time between, and the flux through the top that follows
 * from it is zero to rounding.
 * The correction wind of a face is G / (M_face len), m s-1. As w_k is the layer's share of the mass, w_k G / (m_k len) is that same wind in
 * every layer: the correction is barotropic, and its percentiles are the same at all heights. What differs with height is the wind it is
 * taken off, which the bands tell beside it. */
#ifndef BS_MODEL_MET_CORRECT_H
#define BS_MODEL_MET_CORRECT_H

#include <stdbool.h>

#include "grids/mesh/mesh.h"
#include "grids/tiles/tiles.h"
#include "kernels/base/status.h"
#include "kernels/elliptic/multigrid.h"
#include "model/core/archive.h"
#include "model/state/forcing.h"

/* Layers whose middles lie, on the mean over the mesh, up to `to` m above ground and above the band below. */
typedef struct bs_correction_band {
    double from, to; /* m; the uppermost ends at infinity */
    int layers;      /* 0: none lies there */
    double p99, max; /* m s-1, of the correction wind in them, as of bs_corrector */
    double wind;     /* m s-1, root mean square of the source's wind in them at the time `worst` */
} bs_correction_band;
enum { BS_CORRECTION_BANDS = 5 };

/* What is warned of: the 99th percentile, m s-1, of bands that end at this height or below. */
#define BS_CORRECTION_LIMIT  1.0
#define BS_CORRECTION_HEIGHT 3000.0 /* m */

/* The part of the mesh that a rank has. tiling NULL: all of it. */
typedef struct bs_correct_part {
    const bs_tiling *tiling; /* not owned */
    bs_tile tile;
    const bs_mesh *whole; /* not owned */
} bs_correct_part;

/* What the first rank solves on: maps of the whole mesh. With one rank those that are maps of the corrector, too, are the same. */
typedef struct bs_correct_whole {
    const bs_mesh *mesh;
    double *gx[2], *gy[2], *mass, *tendency, *col_x[2], *col_y[2], *mass_xf, *mass_yf; /* as in bs_corrector */
    double *c_xf, *c_yf;    /* [ny][nx+1], [ny+1][nx]  kg m-2     conductances */
    double *r, *chi;        /* [ny][nx]                kg s-1, m2 s-1 */
    double *wind;           /* faces of x, then of y   m s-1      scratch: |correction wind| */
    double *scratch, *room; /* of the solver and its multigrid */
    bs_multigrid2d multigrid;
} bs_correct_whole;

/* With several ranks (model/parallel/ranks.h) each has the columns of its part, and of the whole mesh the first alone has maps, no more. */
typedef struct bs_corrector {
    const bs_mesh *mesh; /* of this rank's part; not owned */
    bs_correct_part part;
    bs_tiling one; /* what part.tiling points to where there is but one */
    int nz;
    double *gx[2], *gy[2];     /* [ny][nx+1], [ny+1][nx]  kg s-1     column flux G taken off at both ends */
    double *mass;              /* [ny][nx]                kg m-2     column mass, mean of both times */
    double *mass_xf, *mass_yf; /* [ny][nx+1], [ny+1][nx]  kg m-2     the same at faces */
    double *col_x[2],
        *col_y[2];         /* [ny][nx+1], [ny+1][nx]  kg s-1     column sums of both ends' fluxes; scratch of apply */
    double *tendency;      /* [ny][nx]                kg s-1     of column mass */
    double *half_inv_area; /* [ny][nx]                m-2        1 / (2 area) */
    double *speed_x[2], *speed_y[2]; /* as gx, gy                m2 s-1     scratch of apply: G / column mass */
    double *taken_x[2], *taken_y[2]; /* as gx, gy                kg s-1     scratch of apply */
    double *layer;                   /* [ny][nx]                kg m-2     scratch of apply */
    bs_correct_whole whole;          /* NULLs but in the first rank */
    bs_time time[2];                 /* of the states whose sums are in col_x, col_y */
    bool steady;                     /* these are one */
    double p99, max; /* m s-1, correction wind: largest of the intervals' 99th percentiles, and of all */
    bs_time worst;   /* time of the largest 99th percentile */
    bool counted;    /* any interval yet */
    double wind_of[BS_CORRECTION_BANDS]; /* of the bands at that time */
    int layers[BS_CORRECTION_BANDS];
    int iterations; /* of the last interval, both ends */
} bs_corrector;

/* part NULL: the mesh is the whole. */
bs_status bs_corrector_create(const bs_mesh *mesh, const bs_correct_part *part, int nz, bs_corrector **out,
                              bs_err *err);
void bs_corrector_destroy(bs_corrector *c); /* NULL is fine */

/* Finds G at both ends of the interval from s0 to s1, `seconds` apart; s0 == s1: steady, tendency 0, `seconds` unused.
 * The result depends on the two states alone. After it |r - div G| <= 1e-12 of the largest column flux in every column.
 * Collective. Errors: BS_ERR_RUN where that cannot be reached, or a state holds NaN (names the column). */
bs_status bs_correct_solve(bs_corrector *c, const bs_met_state *s0, const bs_met_state *s1, double seconds,
                           bs_err *err);

/* The same in its parts, for a caller who can do something else beside the longest: gather is collective and goes through the columns;
 * `first` is nothing but in the first rank, calls no other and may fail there alone; scatter, collective, ends it with what that said. */
void bs_correct_gather(bs_corrector *c, const bs_met_state *s0, const bs_met_state *s1, double seconds);
bs_status bs_correct_first(bs_corrector *c, bs_err *err);
bs_status bs_correct_scatter(bs_corrector *c, bs_status found, bs_err *err);

/* fx[e], fy[e] (as in bs_forcing, kg s-1) = fluxes of the states less w_k G, G being that of bs_correct_solve or read
 * back into gx, gy; adds the correction wind to p99 and max. The states are complete. Collective. On the outermost faces of a part, where
 * the mesh goes on, fluxes are finite and no more. */
void bs_correct_apply(bs_corrector *c, const bs_met_state *s0, const bs_met_state *s1, double *const fx[2],
                      double *const fy[2]);

/* What it has gathered over the intervals so far, the same in all ranks. Errors: as of the archive. */
bs_status bs_corrector_archive(bs_corrector *c, bs_archive *a, bs_err *err);

/* The bands, from the ground up; all of them, with those that have no layers. */
void bs_correct_bands(const bs_corrector *c, bs_correction_band band[BS_CORRECTION_BANDS]);

/* Whether there is something to warn of: the largest 99th percentile of the bands below BS_CORRECTION_HEIGHT, m s-1, else 0. */
double bs_correct_excess(const bs_corrector *c);

#endif
