/* forcing.h - prepared meteorology and emissions: what operators see of the world outside.
 *
 * Arrays without halo: [nz][ny][nx], faces [nz][ny][nx+1] (x) and [nz][ny+1][nx] (y), half levels [nz+1][ny][nx]; i
 * contiguous, k upward from the ground. Fluxes are positive towards +x, +y, +z. */
#ifndef BS_MODEL_STATE_FORCING_H
#define BS_MODEL_STATE_FORCING_H

#include "kernels/base/real.h"
#include "kernels/base/status.h"
#include "model/core/clock.h"

/* The prepared meteorology at one time. Owned by whoever created it (bs_met_state_create). */
typedef struct bs_met_state {
    int nx, ny, nz, n_removal;
    bs_time time;
    double *m;       /* [nz][ny][nx]    kg        dry air in the cell */
    double *fx, *fy; /* faces           kg s-1    dry-air mass flux, as interpolated: not yet corrected (met.h) */
    real *rho;       /* [nz][ny][nx]    kg m-3    density of dry air */
    real *t;         /* [nz][ny][nx]    K         temperature */
    real *z_half;    /* [nz+1][ny][nx]  m         height of half levels above the ground */
    real *mix;       /* [nz+1][ny][nx]  kg m-2 s-1  rho Kz / dz at half levels; 0 at ground and top */
    real *kh;        /* [nz][ny][nx]    m2 s-1    horizontal diffusivity */
    real *v_dep;    /* [n_removal][ny][nx]      m s-1  deposition velocity at the lowest layer's middle, V_s included */
    real *v_set;    /* [n_removal][nz][ny][nx]  m s-1  settling velocity, downward positive */
    real *scavenge; /* [n_removal][nz][ny][nx]  s-1    wet scavenging coefficient */
    real *nonlocal; /* [ny][nx]  1       share of the boundary layer's mixing that is non-local (acm2.h) */
    real *pbl_air;  /* [ny][nx]  kg m-2  dry air from the ground to the boundary layer's top */
    /* for output only */
    real *ps, *pblh, *ustar, *u10, *v10, *t2, *rain; /* [ny][nx] Pa, m, m s-1, m s-1 (along grid x, y), K, kg m-2 s-1 */
} bs_met_state;

bs_status bs_met_state_create(int nx, int ny, int nz, int n_removal, bs_met_state **out, bs_err *err);
void bs_met_state_destroy(bs_met_state *state);

/* Emission of one hour. Rates are constant over it. */
typedef struct bs_emission_rates {
    int n_tracers, n_layers, nx, ny; /* layers 0 .. n_layers-1 emit */
    bs_time from, to;
    real *rate; /* [n_tracers][n_layers][ny][nx] kg s-1; a tracer without emission has zeros */
} bs_emission_rates;

/* One interval as the time loop sees it. Everything between its ends is linear in time; with the corrected fluxes
 * the continuity equation then holds for all times in between. */
typedef struct bs_forcing {
    const bs_met_state *end[2];        /* not owned; the same state twice when the weather is steady */
    bs_time t0, t1;                    /* of the interval (end[].time differ from these when steady) */
    double *fx[2], *fy[2];             /* corrected fluxes at both ends, kg s-1 */
    double *fz[2];                     /* half levels, kg s-1: from continuity, by bs_forcing_continuity */
    const bs_emission_rates *emission; /* not owned; refreshed by the run */
} bs_forcing;

bs_status bs_forcing_create(int nx, int ny, int nz, bs_forcing **out, bs_err *err);
void bs_forcing_destroy(bs_forcing *forcing);

/* Vertical fluxes at both ends from the horizontal ones and from how each layer's air mass changes over the interval (not at all when
 * both ends are one state):  fz[k+1] = fz[k] - (m1 - m0) / (t1 - t0) - div F[k],  0 at the ground. At the top, where the corrected
 * fluxes leave the rounding of a column's sum, it is set to 0. Moved along x, y and z, air meets the states' at both ends. */
void bs_forcing_continuity(bs_forcing *forcing);

#endif
