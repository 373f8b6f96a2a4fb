/* drydep.h - dry deposition velocity of particles.
 *
 *     V_d = V_s + 1/(R_a + R_s),   R_s = 1/[3 ustar (E_b + E_im + E_in) R_1],   R_1 = exp(-sqrt St)  (1 on wet surfaces)
 *     St  = V_s ustar/(g A) over vegetation, V_s ustar^2/(g nu) over smooth ground;   Sc = nu/D,  D = k_B T Cc/(3 pi mu d)
 *
 *   zhang2001    Zhang et al. 2001, Atmos. Environ. 35, 549-560, eqs 1-9 and table 3:
 *                E_b = Sc^-gamma,   E_im = [St/(alpha + St)]^2,      E_in = (d/A)^2/2
 *   emerson2020  Emerson et al. 2020, PNAS 117, 26076-26082, table 1:
 *                E_b = 0.2 Sc^-2/3, E_im = 0.4 [St/(alpha + St)]^1.7, E_in = 2.5 (d/A)^0.8
 * alpha, gamma, A: rows of drydep_landuse.def.
 *   pleim2022    Pleim et al. 2022, of a lognormal mode as a whole: drydep_pleim.h
 *
 * V_d contains V_s: a model that settles particles explicitly must hand only V_d - V_s to the surface exchange (DESIGN.md,
 * section 3).
 * SI units throughout: ustar m s-1, R s m-1, d and A m, nu m2 s-1, velocities m s-1. */
#ifndef BS_KERNELS_COLUMN_DRYDEP_H
#define BS_KERNELS_COLUMN_DRYDEP_H

#include "kernels/column/drydep_pleim.h"
#include "kernels/column/settle.h"

typedef enum bs_dry_scheme {
    BS_DRY_EMERSON2020,
    BS_DRY_ZHANG2001,
    BS_DRY_PLEIM2022,
    BS_DRY_NONE
} bs_dry_scheme; /* order of the option */

typedef enum bs_land_use {
#define BS_LAND_USE(id, number, name, alpha, gamma, radius, rebound) id,
#include "kernels/column/drydep_landuse.def"
#undef BS_LAND_USE
    BS_LU_COUNT
} bs_land_use;

const char *bs_land_use_name(bs_land_use land_use);

/* V_d of one particle size, of a scheme other than pleim2022. BS_DRY_NONE gives V_s. */
double bs_dry_velocity(bs_dry_scheme scheme, bs_land_use land_use, double density, double diameter, bs_surface_air air);

/* A lognormal class of particles (settle.h) over one kind of land, with what does not depend on the air worked out. */
typedef struct bs_dry_class {
    bs_dry_scheme scheme;
    bs_land_use land_use;
    double density; /* kg m-3 */
    bs_sizes sizes;
    double interception[BS_SIZES]; /* E_in */
    /* of pleim2022, for which land_use, sizes and interception are not read */
    bs_ground ground;
    double median, sigma; /* m, of number; 1 */
} bs_dry_class;

/* Of a scheme other than pleim2022; of pleim2022, from the mass median diameter. */
void bs_dry_class_fill(bs_dry_scheme scheme, bs_land_use land_use, double density, const bs_sizes *sizes,
                       bs_dry_class *out);
void bs_dry_class_fill_modal(const bs_ground *ground, double density, double mass_median, double sigma,
                             bs_dry_class *out);

/* Mean of V_d - V_s over the mass of a class, m s-1: what bulk mass needs, as V_d varies by a factor of ten over the sizes. 0 for
 * BS_DRY_NONE. */
double bs_dry_exchange_mean(const bs_dry_class *of, bs_surface_air air);

#endif
