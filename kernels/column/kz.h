/* kz.h - vertical eddy diffusivity.
 *
 * Inside the boundary layer, z < h (the local part of ACM2 as CMAQ uses it: Pleim 2007, J. Appl. Meteorol. Climatol. 46,
 * 1383-1395, eq 11; Byun & Schere 2006):
 *     K = k ustar/phi_h(z_s/L) z (1 - z/h)^2,   z_s = min(z, 0.1 h) when unstable, z when stable
 * Anywhere, from shear S and stability (Blackadar length; Liu & Carroll 1996 form as in CMAQ):
 *     K = l^2 S f(Ri),  l = k z 80/(80 + k z),  f = 0.0012 + 1/(1 + 10 Ri + 50 Ri^2 + 5000 Ri^4) stable,  sqrt(1 - 25 Ri) unstable
 * The larger of both inside the boundary layer; never below the floor nor above 1000 m2 s-1. phi_h: surface_layer.h. */
#ifndef BS_KERNELS_COLUMN_KZ_H
#define BS_KERNELS_COLUMN_KZ_H

#define BS_KZ_MAX 1000.0 /* m2 s-1 */

typedef struct bs_pbl {
    double height; /* h, m above ground, > 0 */
    double ustar;  /* m s-1 */
    double inv_l;  /* 1/L, m-1 */
} bs_pbl;

/* K (m2 s-1) at height z > 0 (m above ground); shear2 = |dU/dz|^2 (s-2), n2 = (g/theta_v) d theta_v/dz (s-2). */
double bs_kz(double z, bs_pbl pbl, double shear2, double n2, double floor);

#endif
