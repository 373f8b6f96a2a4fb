/* constants.h - physical constants, SI.
 * g0, R: CGPM 1901, CODATA 2018. Dry air R_d, c_p: WMO-No. 188 / ICAO standard atmosphere values.
 * Earth radius: the sphere of WRF and GFS output (6370 km), so that grids made for them fit. */
#ifndef BS_KERNELS_BASE_CONSTANTS_H
#define BS_KERNELS_BASE_CONSTANTS_H

#define BS_PI             3.14159265358979323846
#define BS_GRAVITY        9.80665      /* m s-2 */
#define BS_R_DRY          287.05       /* J kg-1 K-1, dry air */
#define BS_CP_DRY         1004.6       /* J kg-1 K-1, dry air at constant pressure */
#define BS_EPSILON_WATER  0.62198      /* R_dry / R_water vapour */
#define BS_VON_KARMAN     0.4          /* 1 */
#define BS_EARTH_RADIUS   6370000.0    /* m */
#define BS_BOLTZMANN      1.380649e-23 /* J K-1 */
#define BS_GAS_CONSTANT   8.31446262   /* J mol-1 K-1 */
#define BS_MOLAR_MASS_AIR 0.028964     /* kg mol-1 */

#endif
