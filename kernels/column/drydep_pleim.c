#include "kernels/column/drydep_pleim.h"

#include <math.h>

#include "kernels/base/check.h"
#include "kernels/base/constants.h"
#include "kernels/column/settle.h"

/* Of the evaluation that the tests compare with. */
#define R_AIR      287.04    /* J kg-1 K-1 */
#define PATH_LEVEL 6.6328e-8 /* m, mean free path at 288.15 K and 101325 Pa, U.S. Standard Atmosphere 1962 */
#define SLIP       1.246     /* Cc = 1 + 1.246 Kn */

#define LN_10 2.302585092994045684

/* Fitted to the reference table. */
#define WHITECAP_SCALE  1.2943e-4  /* s2 m-2 */
#define WHITECAP_OFFSET 2.14672    /* m s-1 */
#define WHITECAP_TAKES  (1.0 / 13) /* efficiency of the broken surface, any size */

typedef struct land_row {
    int number;
    const char *name;
    double leaf, hair, hair_share, bare_index;
    int water;
} land_row;

static const land_row LAND[BS_ML_COUNT] = {
#define BS_MODIS_LAND(id, number, name, leaf, hair, hair_share, bare_index, water)                                     \
    {number, name, leaf, hair, hair_share, bare_index, water},
#include "kernels/column/drydep_modis.def"
#undef BS_MODIS_LAND
};

const char *bs_modis_land_name(bs_modis_land land)
{
    bs_assert(land < BS_ML_COUNT);
    return LAND[land].name;
}

bs_modis_land bs_modis_land_numbered(int number)
{
    for (int l = 0; l < BS_ML_COUNT; l++) {
        if (LAND[l].number == number) return (bs_modis_land)l;
    }
    return BS_ML_COUNT;
}

/* A mode's mean over a moment. */
typedef struct mean_particle {
    double diffusivity, settling; /* m2 s-1, m s-1 */
} mean_particle;

static mean_particle mean_of(double density, double diameter, double sigma, int k, bs_surface_air air, double mu)
{
    const double path = PATH_LEVEL * (101325 / air.pressure) * (air.temperature / 288.15);
    const double kn = 2 * path / diameter, width = log(sigma) * log(sigma);
    const double d1 = exp(0.5 * (1 - 2 * k) * width), d2 = exp(0.5 * (4 - 4 * k) * width);
    const double v1 = exp(0.5 * (4 + 4 * k) * width), v2 = exp(0.5 * (1 + 2 * k) * width);
    return (mean_particle){.diffusivity =
                               BS_BOLTZMANN * air.temperature / (3 * BS_PI * mu * diameter) * (d1 + SLIP * kn * d2),
                           .settling = density * BS_GRAVITY * diameter * diameter / (18 * mu) * (v1 + SLIP * kn * v2)};
}

static double impaction(double stokes)
{
    return stokes * stokes / (1 + stokes * stokes);
}

/* V_d - V_s = V_s/(exp(V_s (R_a + R_d)) - 1) over ground that collects with this efficiency per area. */
static double exchange_over(double settling, double collected, bs_surface_air air)
{
    return settling / expm1(settling * (air.resistance + 1 / (air.ustar * collected)));
}

double bs_dry_modal_exchange(const bs_ground *ground, double density, double diameter, double sigma, bs_moment moment,
                             bs_surface_air air, double *settling)
{
    const land_row *land = &LAND[ground->land];
    bs_assert(ground->land < BS_ML_COUNT && density > 0 && diameter > 0 && sigma >= 1 && air.ustar > 0);
    bs_assert(ground->cover >= 0 && ground->cover <= 1 && (ground->cover == 0 || land->leaf > 0));
    const double mu = bs_air_viscosity(air.temperature), nu = mu * R_AIR * air.temperature / air.pressure;
    const mean_particle p = mean_of(density, diameter, sigma, (int)moment, air, mu);
    const double root = cbrt(p.diffusivity / nu), brownian = root * root / 3;
    const double length = air.ustar * p.settling / BS_GRAVITY; /* St times the size of the obstacle */
    *settling = p.settling;
    double sum = 0;
    if (ground->cover > 0 && ground->leaf_area > 0) {
        const double hit =
            (1 - land->hair_share) * impaction(length / land->leaf) + land->hair_share * impaction(length / land->hair);
        sum += ground->cover * exchange_over(p.settling, ground->leaf_area * (brownian + hit), air);
    }
    if (ground->cover < 1) {
        const double speed = air.wind10 + WHITECAP_OFFSET;
        const double broken = land->water ? fmin(1, WHITECAP_SCALE * speed * speed) : 0;
        const double hit = exp(-3 * LN_10 * nu / (air.ustar * length));
        const double collected = (1 - broken) * brownian + broken * WHITECAP_TAKES + hit;
        sum += (1 - ground->cover) * exchange_over(p.settling, land->bare_index * collected, air);
    }
    return sum;
}
