#include "kernels/column/surface_layer.h"

#include <math.h>

#include "kernels/base/check.h"
#include "kernels/base/constants.h"

enum { ITERATIONS = 8 };
#define CONVERGED 1e-3 /* of u*; what is left after such a step is far less, and inputs are not known to a percent */

double bs_phi_h(double zeta)
{
    if (zeta < 0) return 1 / sqrt(1 - 16 * zeta);
    return zeta < 1 ? 1 + 5 * zeta : 5 + zeta;
}

static double psi_stable(double zeta)
{
    return zeta < 1 ? -5 * zeta : -5 - 4 * log(zeta) - (zeta - 1);
}

double bs_psi_m(double zeta)
{
    if (zeta >= 0) return psi_stable(zeta);
    const double y = sqrt(1 - 16 * zeta), x = sqrt(y);
    return log((1 + x) * (1 + x) * (1 + y) / 8) - 2 * atan(x) + BS_PI / 2;
}

double bs_psi_h(double zeta)
{
    if (zeta >= 0) return psi_stable(zeta);
    return 2 * log((1 + sqrt(1 - 16 * zeta)) / 2);
}

double bs_profile_m(double z, double z0, double inv_l)
{
    bs_assert(z > z0 && z0 > 0);
    const double neutral = log(z / z0);
    return inv_l == 0 ? neutral : neutral - bs_psi_m(z * inv_l) + bs_psi_m(z0 * inv_l);
}

double bs_profile_h(double z, double z0, double inv_l)
{
    bs_assert(z > z0 && z0 > 0);
    const double neutral = log(z / z0);
    return inv_l == 0 ? neutral : neutral - bs_psi_h(z * inv_l) + bs_psi_h(z0 * inv_l);
}

double bs_aerodynamic_resistance(double ustar, double z, double z0, double inv_l)
{
    return bs_profile_h(z, z0, inv_l) / (BS_VON_KARMAN * ustar);
}

double bs_inverse_obukhov(double ustar, double heat_flux, double rho, double theta, double limit_height)
{
    const double inv_l = -BS_VON_KARMAN * BS_GRAVITY * heat_flux / (rho * BS_CP_DRY * theta * ustar * ustar * ustar);
    return inv_l * limit_height > 1 ? 1 / limit_height : inv_l;
}

double bs_friction_velocity(double wind, double z, double z0, double heat_flux, double rho, double theta, double *inv_l)
{
    const double speed = wind > BS_CALM ? wind : BS_CALM;
    double ustar = BS_VON_KARMAN * speed / bs_profile_m(z, z0, 0);
    *inv_l = 0;
    if (heat_flux == 0) return ustar;
    double change = 1;
    for (int n = 0; n < ITERATIONS && fabs(change) > CONVERGED; n++) {
        *inv_l = bs_inverse_obukhov(ustar, heat_flux, rho, theta, z);
        const double next = BS_VON_KARMAN * speed / bs_profile_m(z, z0, *inv_l);
        change = next / ustar - 1;
        ustar = next;
    }
    *inv_l = bs_inverse_obukhov(ustar, heat_flux, rho, theta, z);
    return ustar;
}
