/* derive_parts.h - what the files of derive share: one row of cells at a time. Private to model/met/derive*.c.
 * Every function fills row j of the state and reads only what its comment names, so rows may run on any thread. */
#ifndef BS_MODEL_MET_DERIVE_PARTS_H
#define BS_MODEL_MET_DERIVE_PARTS_H

#include "kernels/column/settle.h"
#include "model/met/met.h"

/* Scratch rows of nx per j. */
enum { BS_DERIVE_ROWS = 4 };

typedef struct bs_derive_class {
    bs_removal_class of;
    bs_sizes sizes;
    bs_slip_table slip;
} bs_derive_class;

typedef struct bs_derive_work {
    const bs_native *native;
    const bs_mesh *mesh;
    const bs_levels *levels;
    const bs_derive_options *options;
    bs_met_state *state;
    int n_classes;
    bs_derive_class *classes;
    double *tv;    /* [nz][ny][nx] K, virtual temperature */
    double *zm;    /* [nz][ny][nx] m, middle of layers above ground */
    double *inv_l; /* [ny][nx]     m-1 */
    double *row;   /* [ny][BS_DERIVE_ROWS][nx] */
} bs_derive_work;

/* Things that happened somewhere in the field; flags of rows are or-ed. */
enum { BS_DERIVE_RAISED_PBLH = 1, BS_DERIVE_RAIN_WITHOUT_CLOUD = 2 };

/* m, rho, z_half, tv, zm, kh from the native fields. */
void bs_derive_air(const bs_derive_work *w, int j);

/* fx, fy (faces below row j, and above the last) from m of rows j - 1 and j. */
void bs_derive_fluxes(const bs_derive_work *w, int j);

/* ps, ustar, inv_l, pblh, u10, v10, t2, rain and mix, after bs_derive_air. Returns flags. */
unsigned bs_derive_surface(const bs_derive_work *w, int j);

/* v_set, v_dep, scavenge, after bs_derive_surface. Returns flags. */
unsigned bs_derive_removal(const bs_derive_work *w, int j);

#define BS_PBLH_MIN 50.0 /* m: a boundary layer below the lowest wind's height is none */

/* Surface sensible heat flux of the choice `diurnal`, W m-2 upward (longitude and latitude in degrees). */
#define BS_DIURNAL_NIGHT (-10.0) /* W m-2 */
#define BS_DIURNAL_DAY   150.0   /* W m-2, times the sine of the sun's elevation */
double bs_diurnal_heat_flux(bs_time time, double lon, double lat);

#endif
