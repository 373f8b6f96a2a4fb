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

static double interception(bs_dry_scheme scheme, const land_row *land, double d)
{
    if (land->radius == 0) return 0;
    const double size = d / land->radius;
    return scheme == BS_DRY_EMERSON2020 ? 2.5 * pow(size, 0.8) : 0.5 * size * size;
}

/* 1/(R_a + R_s) of a size with settling velocity vs and slip correction, of a scheme other than none. */
static double exchange(bs_dry_scheme scheme, const land_row *land, double d, double vs, double slip, double intercepted,
                       bs_surface_air air, air_row props)
{
    const double diffusivity = BS_BOLTZMANN * air.temperature * slip / (3 * BS_PI * props.mu * d);
    const double inverse_schmidt = diffusivity / props.nu;
    const double stokes = land->radius == 0 ? vs * air.ustar * air.ustar / (BS_GRAVITY * props.nu)
                                            : vs * air.ustar / (BS_GRAVITY * land->radius);
    const double impact = stokes / (land->alpha + stokes);
    double collected = intercepted;
    if (scheme == BS_DRY_EMERSON2020) {
        const double root = cbrt(inverse_schmidt);
        collected += 0.2 * root * root + 0.4 * pow(impact, 1.7);
    } else {
        collected += pow(inverse_schmidt, land->gamma) + impact * impact;
    }
    const double stick = land->rebound ? exp(-sqrt(stokes)) : 1;
    return 1 / (air.resistance + 1 / (3 * air.ustar * collected * stick));
}

static double settling(double density, double d, double slip, double mu)
{
    return density * d * d * BS_GRAVITY * slip / (18 * mu);
}

double bs_dry_velocity(bs_dry_scheme scheme, bs_land_use land_use, double density, double d, bs_surface_air air)
{
    bs_assert(scheme != BS_DRY_PLEIM2022 && land_use < BS_LU_COUNT && air.ustar > 0);
    const land_row *land = &LAND[land_use];
    const air_row props = air_of(air);
    const double slip = bs_slip_correction(d, props.path), vs = settling(density, d, slip, props.mu);
    if (scheme == BS_DRY_NONE) return vs;
    return vs + exchange(scheme, land, d, vs, slip, interception(scheme, land, d), air, props);
}

void bs_dry_class_fill(bs_dry_scheme scheme, bs_land_use land_use, double density, const bs_sizes *sizes,
                       bs_dry_class *out)
{
    bs_assert(scheme != BS_DRY_PLEIM2022 && land_use < BS_LU_COUNT);
    *out = (bs_dry_class){.scheme = scheme, .land_use = land_use, .density = density, .sizes = *sizes};
    for (int i = 0; i < BS_SIZES; i++) {
        out->interception[i] = interception(scheme, &LAND[land_use], sizes->diameter[i]);
    }
}

void bs_dry_class_fill_modal(const bs_ground *ground, double density, double mass_median, double sigma,
                             bs_dry_class *out)
{
    bs_assert(density > 0 && mass_median > 0 && sigma >= 1);
    *out = (bs_dry_class){.scheme = BS_DRY_PLEIM2022,
                          .density = density,
                          .ground = *ground,
                          .median = mass_median * exp(-3 * log(sigma) * log(sigma)),
                          .sigma = sigma};
}

double bs_dry_exchange_mean(const bs_dry_class *of, bs_surface_air air)
{
    bs_assert(air.ustar > 0);
    if (of->scheme == BS_DRY_NONE) return 0;
    if (of->scheme == BS_DRY_PLEIM2022) {
        double settled;
        return bs_dry_modal_exchange(&of->ground, of->density, of->median, of->sigma, BS_MOMENT_MASS, air, &settled);
    }
    const air_row props = air_of(air);
    double sum = 0;
    for (int i = 0; i < BS_SIZES; i++) {
        const double d = of->sizes.diameter[i];
        const double slip = bs_slip_correction(d, props.path), vs = settling(of->density, d, slip, props.mu);
        sum += of->sizes.weight[i] *
               exchange(of->scheme, &LAND[of->land_use], d, vs, slip, of->interception[i], air, props);
    }
    return sum;
}
