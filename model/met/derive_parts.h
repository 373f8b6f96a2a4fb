/* derive_parts.h - what the files of derive share: one row of cells at a time. Private to model/met/derive*.c.
 * Every function fills row j of the state and reads only what its comment names, so rows may run on any thread. */
#ifndef BS_MODEL_MET_DERIVE_PARTS_H
#define BS_MODEL_MET_DERIVE_PARTS_H

#include "kernels/column/drydep.h"
#include "model/met/met.h"

typedef struct bs_derive_class {
    bs_removal_class of;
    bs_dry_class dry;
    bs_slip_table slip;
} bs_derive_class;

/* The sun over one time: Spencer 1971, Search 2, 172, Fourier series of declination and equation of time; good to half a degree
 * of elevation. */
typedef struct bs_sun {
    double sin_declination, cos_declination;
    double hour; /* of the sun at longitude 0 */
} bs_sun;

enum { BS_DERIVE_SPARE = 3 };

typedef struct bs_derive_work {
    const bs_native *native;
    const bs_mesh *mesh;
    const bs_levels *levels;
    const bs_derive_options *options;
    bs_met_state *state;
    bs_sun sun;
    int n_classes;
    const bs_derive_class *classes;
    /* ln of the pressures below and above each layer, and the surface pressure that it belongs to: kept from time to time */
    double *log_ratio; /* [ny][nz][nx] 1 */
    double *ps_seen;   /* [ny][nx] Pa; NaN: none yet */
    /* of the row at hand */
    double *tv;    /* [nz][nx] K, virtual temperature */
    double *zm;    /* [nz][nx] m, middle of layers above ground */
    double *inv_l; /* [nx] m-1, of the Obukhov length */
    double *spare; /* [BS_DERIVE_SPARE][nx] scratch */
} bs_derive_work;

/* Things that happened somewhere in the field; flags of rows are or-ed. */
enum {
    BS_DERIVE_RAISED_PBLH = 1,
    BS_DERIVE_RAIN_WITHOUT_CLOUD = 2,
    BS_DERIVE_BAD_CELL = 4, /* the lowest layer is thinner than the roughness allows, or not a number */
    BS_DERIVE_NO_MEMORY = 8
};

/* m from surface pressure and humidity. */
void bs_derive_mass(const bs_derive_work *w, int j);

/* rho, t, z_half, tv, zm, kh from the native fields. */
void bs_derive_air(const bs_derive_work *w, int j);

/* fx, fy (faces below row j, and above the last) from m of rows j - 1 and j. */
void bs_derive_fluxes(const bs_derive_work *w, int j);

/* ps, ustar, inv_l, pblh, pbl_air, nonlocal, u10, v10, t2, rain and mix, after bs_derive_air. Returns flags. */
unsigned bs_derive_surface(const bs_derive_work *w, int j);

/* v_set, v_dep, scavenge, after bs_derive_surface. Returns flags. */
unsigned bs_derive_removal(const bs_derive_work *w, int j);

#define BS_PBLH_MIN 50.0 /* m: a boundary layer below the lowest wind's height is none */

/* Everywhere: the model has no map of land use yet. */
#define BS_DERIVE_LAND_USE   BS_LU_CROPS
#define BS_DERIVE_MODIS_LAND BS_ML_CROPLAND /* the same to pleim2022 */

bs_sun bs_sun_at(bs_time time);

/* Surface sensible heat flux of the choice `diurnal`, W m-2 upward (longitude and latitude in degrees). */
#define BS_DIURNAL_NIGHT (-10.0) /* W m-2 */
#define BS_DIURNAL_DAY   150.0   /* W m-2, times the sine of the sun's elevation */
double bs_diurnal_heat_flux(bs_sun sun, double lon, double lat);

#endif
