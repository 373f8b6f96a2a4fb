/* bundle.h - a bundle of pencils with its ghost cells side by side, as the problems here keep it:
 * [n + 2 BS_GHOST][BS_LANES], pointers at the first ghost cell. */
#ifndef TESTS_VERIFICATION_BUNDLE_H
#define TESTS_VERIFICATION_BUNDLE_H

#include "kernels/advection/sweep.h"

/* flux [n+1][BS_LANES] kg; mass in, and out but for the ghosts. */
static inline void bundle_setup(const bs_sweep_kernels *k, int scheme, int n, const double *flux, double *mass,
                                real *scratch, bs_sweep *out)
{
    const bs_air_flux moved = {.f0 = flux, .f1 = flux, .w0 = 1, .w1 = 0, .stride = BS_LANES};
    const bs_air_mass air = {
        .m = mass + BS_GHOST * BS_LANES, .stride = BS_LANES, .low = mass, .high = mass + (n + BS_GHOST) * BS_LANES};
    k->setup_across((bs_scheme)scheme, n, BS_LANES, &moved, &air, BS_SIDE_LOW | BS_SIDE_HIGH, scratch, out);
}

static inline bs_pencils bundle_pencils(int n, real *cells)
{
    return (bs_pencils){.q = cells + BS_GHOST * BS_LANES,
                        .stride = BS_LANES,
                        .low = cells,
                        .high = cells + (n + BS_GHOST) * BS_LANES,
                        .ghost_stride = BS_LANES};
}

#endif
