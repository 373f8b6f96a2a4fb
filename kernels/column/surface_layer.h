/* surface_layer.h - Monin-Obukhov similarity over the ground.
 *
 * Source   Stability functions of Businger et al. 1971 and Dyer 1974 with coefficients 16 (unstable) and 5 (stable), integrated
 *          as in Paulson 1970, J. Appl. Meteorol. 9, 857-861. Beyond z/L = 1 phi = 5 + z/L, as in the eddy diffusivities of
 *          CMAQ (Pleim 2007, J. Appl. Meteorol. Climatol. 46, 1383-1395): the same phi_h serves kz.h.
 *              phi_m = (1 - 16 zeta)^-1/4,  phi_h = (1 - 16 zeta)^-1/2                  zeta < 0
 *              phi_m = phi_h = 1 + 5 zeta                                               0 <= zeta < 1
 *              phi_m = phi_h = 5 + zeta                                                 zeta >= 1
 *              psi = integral from 0 to zeta of (1 - phi)/zeta'
 * Lengths in m; the Obukhov length L comes as 1/L (m-1), which is 0 in neutral air and positive in stable air. */
#ifndef BS_KERNELS_COLUMN_SURFACE_LAYER_H
#define BS_KERNELS_COLUMN_SURFACE_LAYER_H

double bs_phi_h(double zeta);
double bs_psi_m(double zeta);
double bs_psi_h(double zeta);

/* ln(z/z0) - psi(z/L) + psi(z0/L) for momentum and for heat, z > z0. */
double bs_profile_m(double z, double z0, double inv_l);
double bs_profile_h(double z, double z0, double inv_l);

/* Aerodynamic resistance between z0 and z, s m-1: profile_h/(k u*). */
double bs_aerodynamic_resistance(double ustar, double z, double z0, double inv_l);

/* 1/L = -k g H/(rho c_p theta u*^3), L > 0 when heat flows down. heat_flux W m-2 upward, rho kg m-3, theta K. Stable values are
 * held at 1/limit_height (z/L <= 1 there): beyond, the similarity functions have no support in measurements. */
double bs_inverse_obukhov(double ustar, double heat_flux, double rho, double theta, double limit_height);

/* u* (m s-1) from the wind at z and the heat flux, by iteration of both relations above; *inv_l is set too. Wind below
 * BS_CALM counts as BS_CALM: gusts keep a real surface layer turbulent (Beljaars 1995 adds a free-convection wind; a floor
 * is what this model has). */
#define BS_CALM 0.3 /* m s-1 */
double bs_friction_velocity(double wind, double z, double z0, double heat_flux, double rho, double theta,
                            double *inv_l);

#endif
