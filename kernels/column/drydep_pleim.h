/* drydep_pleim.h - dry deposition velocity of a lognormal mode of particles as a whole (the scheme pleim2022 of drydep.h).
 *
 * Source   Pleim et al. 2022, J. Adv. Model. Earth Syst. 14, e2022MS003050, as CMAQ 5.5 has it:
 *              V_d = V_s/{1 - exp[-V_s (R_a + R_d)]},   E_b = Sc^-2/3/3,   St = V_s ustar/(g A)
 *     leaves   R_d = 1/[ustar LAI (E_b + E_im)],   E_im = (1 - F) St_l^2/(1 + St_l^2) + F St_h^2/(1 + St_h^2)
 *     bare     R_d = 1/[ustar B (E_b + E_im)],     E_im = 10^(-3/St),  St = V_s ustar^2/(g nu)
 *     water    as bare, with (1 - W) E_b + W/13 for E_b,  W = 1.2943e-4 (U_10 + 2.14672)^2 the share of broken surface
 *          mean over the covered and the bare part of the ground, by area.
 * Modes    D and V_s are means over a moment k of the mode (0 number, 2 surface, 3 mass) with number median d and L = ln^2 sigma, lambda
 *          the mean free path, Kn = 2 lambda/d (Binkowski & Shankar 1995, J. Geophys. Res. 100, 26191-26209):
 *              D   = k_B T/(3 pi mu d)   [exp((1 - 2k) L/2) + 1.246 Kn exp((4 - 4k) L/2)]
 *              V_s = rho_p g d^2/(18 mu) [exp((4 + 4k) L/2) + 1.246 Kn exp((1 + 2k) L/2)]
 * Fitted   A_l, A_h, F, B are rows of drydep_modis.def. They, 1/13, and W follow from a table of that scheme's own results (NUMERICS,
 *          4). That table has water at 20 C alone, with U_10 = ustar ln(100)/0.4 as in its R_a; that W goes with the square of the
 *          wind and with the water's temperature is what Albert et al. 2016, Atmos. Chem. Phys. 16, 13725-13751 find from satellites.
 * SI units throughout. */
#ifndef BS_KERNELS_COLUMN_DRYDEP_PLEIM_H
#define BS_KERNELS_COLUMN_DRYDEP_PLEIM_H

/* The air at the ground, to all schemes. */
typedef struct bs_surface_air {
    double temperature, pressure; /* K, Pa */
    double ustar;                 /* m s-1, > 0 */
    double resistance;            /* R_a, s m-1 */
    double wind10;                /* U_10, m s-1, >= 0; read by pleim2022 over water alone */
} bs_surface_air;

typedef enum bs_modis_land {
#define BS_MODIS_LAND(id, number, name, leaf, hair, hair_share, bare_index, water) id,
#include "kernels/column/drydep_modis.def"
#undef BS_MODIS_LAND
    BS_ML_COUNT
} bs_modis_land;

const char *bs_modis_land_name(bs_modis_land land);
bs_modis_land bs_modis_land_numbered(int number); /* by the number of MODIS; BS_ML_COUNT: no such row */

typedef struct bs_ground {
    bs_modis_land land;
    double cover;     /* share of the ground that plants cover, 0 to 1; 0 where nothing grows */
    double leaf_area; /* of leaves over the covered part, m2 m-2 */
} bs_ground;

typedef enum bs_moment { BS_MOMENT_NUMBER = 0, BS_MOMENT_SURFACE = 2, BS_MOMENT_MASS = 3 } bs_moment;

/* V_d - V_s (m s-1) of a mode: density kg m-3, number median diameter m, geometric standard deviation. *settling becomes V_s. */
double bs_dry_modal_exchange(const bs_ground *ground, double density, double diameter, double sigma, bs_moment moment,
                             bs_surface_air air, double *settling);

#endif
