#include "kernels/column/drydep.h"

#include <math.h>

#include "kernels/base/check.h"
#include "kernels/base/constants.h"

/* Of the evaluation that the tests compare with; BS_R_DRY would change V_d by 3e-5 of itself. */
#define R_AIR 287.04 /* J kg-1 K-1 */

typedef struct land_row {
    int number;
    const char *name;
    double alpha, gamma, radius;
    int rebound;
} land_row;

static const land_row LAND[BS_LU_COUNT] = {
#define BS_LAND_USE(id, number, name, alpha, gamma, radius, rebound) {number, name, alpha, gamma, radius, rebound},
#include "kernels/column/drydep_landuse.def"
#undef BS_LAND_USE
};

/* Properties of the air that all sizes share. */
typedef struct air_row {
    double mu, nu, path; /* kg m-1 s-1, m2 s-1, m */
} air_row;

const char *bs_land_use_name(bs_land_use land_use)
{
    bs_assert(land_use < BS_LU_COUNT);
    return LAND[land_use].name;
}

static air_row air_of(bs_surface_air air)
{
    const double mu = bs_air_viscosity(air.temperature);
    return (air_row){.mu = mu,
                     .nu = mu * R_AIR * air.temperature / air.pressure,
                     .path = bs_mean_free_path(air.temperature, air.pressure)};
}

/* 1/(R_a + R_s), and V_s in *settling. */
static double exchange(bs_dry_scheme scheme, const land_row *land, double density, double d, bs_surface_air air,
                       air_row props, double *settling)
{
    const double slip = bs_slip_correction(d, props.path);
    const double vs = density * d * d * BS_GRAVITY * slip / (18 * props.mu);
    *settling = vs;
    if (scheme == BS_DRY_NONE) return 0;
    const double diffusivity = BS_BOLTZMANN * air.temperature * slip / (3 * BS_PI * props.mu * d);
    const double inverse_schmidt = diffusivity / props.nu;
    const int smooth = land->radius == 0;
    const double stokes =
        smooth ? vs * air.ustar * air.ustar / (BS_GRAVITY * props.nu) : vs * air.ustar / (BS_GRAVITY * land->radius);
    const double impact = stokes / (land->alpha + stokes);
    const double size = smooth ? 0 : d / land->radius;
    double collected;
    if (scheme == BS_DRY_EMERSON2020) {
        const double root = cbrt(inverse_schmidt);
        collected = 0.2 * root * root + 0.4 * pow(impact, 1.7) + (smooth ? 0 : 2.5 * pow(size, 0.8));
    } else {
        collected = pow(inverse_schmidt, land->gamma) + impact * impact + 0.5 * size * size;
    }
    const double stick = land->rebound ? exp(-sqrt(stokes)) : 1;
    return 1 / (air.resistance + 1 / (3 * air.ustar * collected * stick));
}

double bs_dry_velocity(bs_dry_scheme scheme, bs_land_use land_use, double density, double diameter, bs_surface_air air)
{
    bs_assert(land_use < BS_LU_COUNT && air.ustar > 0);
    double settling;
    const double v = exchange(scheme, &LAND[land_use], density, diameter, air, air_of(air), &settling);
    return v + settling;
}

double bs_dry_exchange_mean(bs_dry_scheme scheme, bs_land_use land_use, double density, const bs_sizes *sizes,
                            bs_surface_air air)
{
    bs_assert(land_use < BS_LU_COUNT && air.ustar > 0);
    const air_row props = air_of(air);
    double sum = 0, settling;
    for (int i = 0; i < BS_SIZES; i++) {
        sum += sizes->weight[i] * exchange(scheme, &LAND[land_use], density, sizes->diameter[i], air, props, &settling);
    }
    return sum;
}
