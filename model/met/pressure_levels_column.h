/* pressure_levels_column.h - the vertical: from pressure levels to the model's layers, one column at a time. Pure functions.
 *
 * Sources  U.S. Standard Atmosphere 1976 / ICAO Doc 7488: 288.15 K and 101325 Pa at the sea, 6.5 K/km up to 22632.06 Pa,
 *          isothermal up to 5474.889 Pa, +1 K/km above; Bolton 1980, Mon. Weather Rev. 108, 1046-1053, eq 10: saturation
 *          vapour pressure over water 611.2 exp(17.67 T / (T + 243.5)) Pa, T in degrees Celsius.
 *
 * Between two levels everything is linear in ln p. Levels below the model's ground (p > ps) are not used. Between the
 * lowest level above the ground and the ground:
 *   wind         towards the 10 m wind by a logarithmic profile, u = u10 + (u1 - u10) ln(z/10) / ln(z1/10), and below 10 m
 *                u10 ln(z/z0) / ln(10/z0); without a 10 m wind as at that level;
 *   temperature  linear in ln p to the 2 m temperature; without it (and below 2 m) +6.5 K/km downward;
 *   humidity     linear in ln p to that of the 2 m dew point, and below 2 m that; without it as at that level;
 *   the rest     as at that level.
 * Heights there are z = R T / g ln(ps / p) with the temperature of the ground: within a few per cent in the lowest
 * kilometre, and used as arguments of logarithms only. */
#ifndef BS_MODEL_MET_PRESSURE_LEVELS_COLUMN_H
#define BS_MODEL_MET_PRESSURE_LEVELS_COLUMN_H

#include <stdbool.h>
#include <stddef.h>

#define BS_PL_LAPSE 0.0065 /* K m-1 */

/* Values of a field on n >= 2 pressure levels, ground first: value[k * stride] at pressure p[k] (Pa, falling). */
typedef struct bs_pl_profile {
    int n;
    const double *p, *ln_p;
    const double *value;
    ptrdiff_t stride;
} bs_pl_profile;

/* The ground of a column. */
typedef struct bs_pl_ground {
    double ps;        /* Pa */
    double t;         /* K, near the ground */
    double roughness; /* m */
    bool has_t2, has_wind10, has_humidity2;
    double t2;        /* K */
    double humidity2; /* at 2 m, kg kg-1 or relative, as the profile */
} bs_pl_ground;

/* Value at pressure p (Pa), between the profile's top and ps. */
double bs_pl_wind(const bs_pl_profile *profile, const bs_pl_ground *ground, double wind10, double p);
double bs_pl_temperature(const bs_pl_profile *profile, const bs_pl_ground *ground, double p);
double bs_pl_humidity(const bs_pl_profile *profile, const bs_pl_ground *ground, double p);
double bs_pl_scalar(const bs_pl_profile *profile, const bs_pl_ground *ground, double p);

/* Temperature just above ground at pressure ps, from the profile alone. */
double bs_pl_ground_temperature(const bs_pl_profile *profile, double ps);

double bs_pl_lapse_temperature(double t, double p, double p_new); /* along 6.5 K/km from p to p_new */
double bs_pl_standard_temperature(double p);                      /* K at p, 868 to 120000 Pa */

/* Pressure after climbing dz (m, may be negative) from pressure p where the temperature is t, lapse 6.5 K/km:
 * p exp(-g dz / (R T_mean)), T_mean = t - lapse dz / 2. */
double bs_pl_hydrostatic(double p, double t, double dz);

/* Pressure at height z above a sea with pressure p0 and temperature t0, lapse 6.5 K/km. */
double bs_pl_barometric(double p0, double t0, double z);

double bs_pl_vapour_pressure(double t);                                       /* Pa, saturated, over water */
double bs_pl_specific_humidity(double relative_humidity, double t, double p); /* kg kg-1 */

#endif
