/* levels.h - terrain-following hybrid sigma-pressure layers.
 * Source  Simmons & Burridge 1981, Mon. Weather Rev. 109, 758-766, eq 3.1: p_half = a + b p_s.
 * Order   half level 0 is the ground (a = 0 Pa, b = 1), half level nz the model's top (b = 0); layer k lies between half
 *         levels k and k + 1, counted upward. */
#ifndef BS_GRIDS_LEVELS_H
#define BS_GRIDS_LEVELS_H

#include "kernels/base/status.h"

typedef struct bs_levels {
    int nz;
    double *a_half; /* [nz+1] Pa */
    double *b_half; /* [nz+1] 1  */
} bs_levels;

/* From coefficients (n = nz + 1 half levels, copied). Errors: BS_ERR_INPUT when the ground is not (0, 1), b rises
 * upward, or a layer would have no mass for some surface pressure between 400 and 1100 hPa (names the layer). */
bs_status bs_levels_create(int n_half, const double *a_half, const double *b_half, bs_levels **out, bs_err *err);

/* The same where surface pressures below `lowest` (Pa) do not occur: coordinates that flatten fast over low ground,
 * as WRF's hybrid one, have no room for the highest mountains. */
bs_status bs_levels_create_from(double lowest, int n_half, const double *a_half, const double *b_half, bs_levels **out,
                                bs_err *err);

/* From sigma-like coordinates eta = (p - top) / (p_ref - top) of the half levels, falling from 1 to 0: b follows
 * eta^1 near the ground and reaches 0 at eta_flat (0..0.5), a takes the rest; p_ref = 101325 Pa. With eta_flat = 0
 * the layers are pure sigma. */
bs_status bs_levels_from_eta(int n_half, const double *eta, double top_pa, double eta_flat, bs_levels **out,
                             bs_err *err);
void bs_levels_destroy(bs_levels *levels);

static inline double bs_levels_pressure(const bs_levels *l, int k_half, double surface_pressure)
{
    return l->a_half[k_half] + l->b_half[k_half] * surface_pressure;
}

#endif
