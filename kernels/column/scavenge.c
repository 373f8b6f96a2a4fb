#include "kernels/column/scavenge.h"
#include "kernels/base/clones.h"

#include <math.h>

#include "kernels/base/check.h"

double bs_scavenge_in_cloud(bs_scavenge_size size, double rain)
{
    static const double ratio[] = {[BS_SCAVENGE_FINE] = 1e6, [BS_SCAVENGE_COARSE] = 1e6};
    const double depth = 1000, water = 1000; /* m, kg m-3 */
    return ratio[size] * rain / (depth * water);
}

double bs_scavenge_below_cloud(bs_scavenge_size size, double rain)
{
    static const double efficiency[] = {[BS_SCAVENGE_FINE] = 0.02, [BS_SCAVENGE_COARSE] = 0.4};
    const double a = 5.2, fall_speed = 5; /* m3 kg-1 s-1, m s-1 */
    return a * rain * efficiency[size] / fall_speed;
}

void bs_scavenge_loss(bs_strip s, double dt, const real *restrict rate, real *restrict loss)
{
    bs_assert(s.nz >= 1 && s.n <= s.stride && dt > 0);
    for (int k = 0; k < s.nz; k++) {
        for (int i = 0; i < s.n; i++) {
            loss[k * s.stride + i] = (real)-expm1(-(double)rate[k * s.stride + i] * dt);
        }
    }
}

BS_CLONES void bs_scavenge(bs_strip s, const real *restrict mass, const real *restrict loss, real *restrict q,
                           double *restrict deposited)
{
    for (int k = 0; k < s.nz; k++) {
        const ptrdiff_t r = k * s.stride;
        for (int i = 0; i < s.n; i++) {
            const real before = q[r + i];
            const real after = before - loss[r + i] * before;
            q[r + i] = after;
            deposited[i] += (double)mass[r + i] * ((double)before - (double)after);
        }
    }
}
