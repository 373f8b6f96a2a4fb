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

/* Kinds of ground of the scheme of dry deposition, where the land use is known. */
typedef struct bs_derive_grounds {
    int n;                 /* kinds */
    int of[BS_LAND_COUNT]; /* kind of each class of land */
    bs_dry_class *over;    /* [n_classes][n] */
} bs_derive_grounds;
enum { BS_DERIVE_GROUNDS_MAX = BS_LU_COUNT > BS_ML_COUNT + 1 ? BS_LU_COUNT : BS_ML_COUNT + 1 };

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
    const bs_derive_grounds *grounds;
    bool summer; /* north of the equator */
    /* ln of the pressures below and above each layer, and the surface pressure that it belongs to: kept from time to time */
    double *log_ratio; /* [ny][nz][nx] 1 */
    double *ps_seen;   /* [ny][nx] Pa; NaN: none yet */
    /* of the row at hand */
    double *tv;    /* [nz][nx] K, virtual temperature */
    double *zm;    /* [nz][nx] m, middle of layers above ground */
    double *inv_l; /* [nx] m-1, of the Obukhov length */
    double *z0;    /* [nx] m, roughness length */
    double *spare; /* [BS_DERIVE_SPARE][nx] scratch */
} bs_derive_work;

/* Things that happened somewhere in the field; flags of rows are or-ed. */
enum {
    BS_DERIVE_RAISED_PBLH = 1,
    BS_DERIVE_RAIN_WITHOUT_CLOUD = 2,
    BS_DERIVE_BAD_CELL = 4, /* the lowest layer is thinner than the roughness allows, or not a number */
    BS_DERIVE_NO_MEMORY = 8,
    BS_DERIVE_BAD_AIR = 16,       /* a source's own air is not above zero */
    BS_DERIVE_BAD_ROUGHNESS = 32, /* a source's roughness is not within BS_ROUGHNESS_MAX */
    BS_DERIVE_BAD_LAND = 64       /* shares that do not add up to 1 */
};
#define BS_ROUGHNESS_MAX  5.0  /* m: the log law is used at 10 m */
#define BS_LAND_TOLERANCE 1e-3 /* of the sum of shares: they come as float, from tables of per cent */

/* m: the source's own air, else from surface pressure and humidity. Returns flags. */
unsigned bs_derive_mass(const bs_derive_work *w, int j);

/* rho, t, z_half, tv, zm, kh from the native fields. With the source's own air the half levels' pressures are those of its weight with
 * the vapour in it, air g/(1 - q_v), added up from the model's top; heights are hypsometric between them and rho = m/(A dz), as
 * without it: mass, volume and density agree to rounding. */
void bs_derive_air(const bs_derive_work *w, int j);

/* fx, fy (faces below row j, and above the last) from m of rows j - 1 and j and the wind of the faces: the source's own, else the mean of
 * both sides. */
void bs_derive_fluxes(const bs_derive_work *w, int j);

/* z0: the source's, else the logarithmic mean over the shares of the land's classes, else the option's. Returns flags. */
unsigned bs_derive_roughness(const bs_derive_work *w, int j);
double bs_derive_cell_roughness(const bs_derive_work *w, size_t cell); /* m */

/* Kinds of ground of a scheme, filled for each removal class. grounds->over is to be bs_free'd. */
bs_status bs_derive_grounds_fill(const bs_derive_options *options, int n_classes, const bs_derive_class *classes,
                                 bs_derive_grounds *grounds, bs_err *err);

/* Shares of the kinds of ground in a cell, [grounds->n]; false: they do not add up to 1. */
bool bs_derive_shares(const bs_derive_work *w, size_t cell, double *share);

/* V_d - V_s of a removal class over a cell: over the one ground there is, or the mean over shares (NULL: one). All kinds of ground in a cell
 * see the cell's friction velocity and aerodynamic resistance. */
double bs_derive_exchange(const bs_derive_work *w, int class, size_t cell, const double *share, bs_surface_air air);

/* ps, ustar, inv_l, pblh, pbl_air, nonlocal, u10, v10, t2, rain and mix, after bs_derive_air. Returns flags. */
unsigned bs_derive_surface(const bs_derive_work *w, int j);

/* v_set, v_dep, scavenge, after bs_derive_surface. Returns flags. */
unsigned bs_derive_removal(const bs_derive_work *w, int j);

/* ---- words (derive_words.c) ---- */

/* Refuses what is missing and cannot be diagnosed; the message names the assume: key that would stand in for it. */
bs_status bs_derive_check(const bs_native *native, const bs_levels *levels, const bs_derive_options *options,
                          bs_err *err);

/* The first cell that a flag of the bad ones is about. */
bs_status bs_derive_bad_cell(const bs_derive_work *w, unsigned flags, bs_err *err);

/* Which rule gave each field: the source, a diagnosis, an assumption. */
void bs_derive_record(const bs_native *native, const bs_derive_options *options, unsigned flags, bs_assumptions *list);

#define BS_PBLH_MIN 50.0 /* m: a boundary layer below the lowest wind's height is none */

/* Everywhere, where neither source nor case has land use. */
#define BS_DERIVE_LAND_USE   BS_LU_CROPS
#define BS_DERIVE_MODIS_LAND BS_ML_CROPLAND /* the same to pleim2022 */

bs_sun bs_sun_at(bs_time time);

/* 15 April to 14 October: the season of land.def's roughness, north of the equator. */
bool bs_land_summer(bs_time time);

/* Surface sensible heat flux of the choice `diurnal`, W m-2 upward (longitude and latitude in degrees). */
#define BS_DIURNAL_NIGHT (-10.0) /* W m-2 */
#define BS_DIURNAL_DAY   150.0   /* W m-2, times the sine of the sun's elevation */
double bs_diurnal_heat_flux(bs_sun sun, double lon, double lat);

#endif
