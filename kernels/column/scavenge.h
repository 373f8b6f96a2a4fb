/* scavenge.h - wet scavenging of particles by rain.
 *
 * Source     The EMEP MSC-W model, Simpson et al. 2012, Atmos. Chem. Phys. 12, 7825-7865, section 9, eqs 73-76; ratios and
 *            efficiencies as in the model's code (NUMERICS.md section 4).
 *     in cloud       Lambda = W P/(Z rho_w),   W = 1e6 for both size classes, Z = 1000 m, rho_w = 1000 kg m-3
 *     below cloud    Lambda = A P e/v,         A = 5.2 m3 kg-1 s-1, v = 5 m s-1, e = 0.02 fine, 0.4 coarse
 * P is the rain at the ground, kg m-2 s-1. Models disagree by a factor of 20 on the fine class below cloud.
 * Update     exact for a constant rate: q' = q + q expm1(-Lambda dt). */
#ifndef BS_KERNELS_COLUMN_SCAVENGE_H
#define BS_KERNELS_COLUMN_SCAVENGE_H

#include "kernels/base/real.h"
#include "kernels/column/strip.h"

typedef enum bs_scavenge_size { BS_SCAVENGE_FINE, BS_SCAVENGE_COARSE } bs_scavenge_size;

/* Lambda, s-1, of rain (kg m-2 s-1, >= 0). */
double bs_scavenge_in_cloud(bs_scavenge_size size, double rain);
double bs_scavenge_below_cloud(bs_scavenge_size size, double rain);

/* loss [nz][stride] = 1 - exp(-rate dt), from rate [nz][stride] s-1 and dt s; serves all tracers of a class. */
void bs_scavenge_loss(bs_strip s, double dt, const real *rate, real *loss);

/* q [nz][stride] ug kg-1 in and out; mass [nz][stride] kg m-2; deposited [n] ug m-2 gets, in double, the mass that the stored
 * q lost. No two pointers alias. */
void bs_scavenge(bs_strip s, const real *mass, const real *loss, real *q, double *deposited);

#endif
