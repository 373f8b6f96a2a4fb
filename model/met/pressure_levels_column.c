#include "model/met/pressure_levels_column.h"

#include <math.h>

#include "kernels/base/constants.h"

static const double SEA_PRESSURE = 101325.0;  /* Pa */
static const double SEA_TEMPERATURE = 288.15; /* K */
static const double EXPONENT = BS_R_DRY * BS_PL_LAPSE / BS_GRAVITY;

/* First level with a pressure below p; n when there is none. */
static int first_above(const bs_pl_profile *f, double p)
{
    int low = 0, high = f->n;
    while (low < high) {
        const int middle = low + (high - low) / 2;
        if (f->p[middle] >= p) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static double at(const bs_pl_profile *f, int k)
{
    return f->value[k * f->stride];
}

/* Between levels k - 1 and k. */
static double between(const bs_pl_profile *f, int k, double p)
{
    double share = (f->ln_p[k - 1] - log(p)) / (f->ln_p[k - 1] - f->ln_p[k]);
    return at(f, k - 1) + share * (at(f, k) - at(f, k - 1));
}

/* Sets *k to the level above p when p lies between two levels above p_ground, or to the lowest level above p_ground when p
 * lies below that; true in the first case. At the very top *k is n - 1. */
static bool inside(const bs_pl_profile *f, double p_ground, double p, int *k)
{
    int lowest = first_above(f, p_ground);
    if (lowest > f->n - 1) lowest = f->n - 1;
    int above = first_above(f, p);
    if (above > f->n - 1) above = f->n - 1;
    *k = above > lowest ? above : lowest;
    return above > lowest;
}

static double scale_height(double t)
{
    return BS_R_DRY * t / BS_GRAVITY;
}

double bs_pl_wind(const bs_pl_profile *f, const bs_pl_ground *g, double wind10, double p)
{
    const double z10 = 10.0;
    double height = scale_height(g->t);
    double p_ground = g->has_wind10 ? g->ps * exp(-z10 / height) : g->ps;
    int k;
    if (inside(f, p_ground, p, &k)) return between(f, k, p);
    if (!g->has_wind10 || p <= f->p[k]) return at(f, k);
    double z = height * log(g->ps / p), z1 = height * log(g->ps / f->p[k]);
    if (z >= z10) return wind10 + (at(f, k) - wind10) * log(z / z10) / log(z1 / z10);
    return z > g->roughness ? wind10 * log(z / g->roughness) / log(z10 / g->roughness) : 0.0;
}

/* Pressure 2 m above the ground. */
static double pressure_2m(const bs_pl_ground *g, double t)
{
    return g->ps * exp(-2.0 / scale_height(t));
}

double bs_pl_temperature(const bs_pl_profile *f, const bs_pl_ground *g, double p)
{
    double p2 = g->has_t2 ? pressure_2m(g, g->t2) : g->ps;
    int k;
    if (inside(f, p2, p, &k)) return between(f, k, p);
    if (p <= f->p[k]) return at(f, k);
    if (!g->has_t2) return bs_pl_lapse_temperature(at(f, k), f->p[k], p);
    if (p >= p2) return bs_pl_lapse_temperature(g->t2, p2, p);
    double share = log(p2 / p) / log(p2 / f->p[k]);
    return g->t2 + share * (at(f, k) - g->t2);
}

double bs_pl_scalar(const bs_pl_profile *f, const bs_pl_ground *g, double p)
{
    int k;
    return inside(f, g->ps, p, &k) ? between(f, k, p) : at(f, k);
}

double bs_pl_humidity(const bs_pl_profile *f, const bs_pl_ground *g, double p)
{
    if (!g->has_humidity2) return bs_pl_scalar(f, g, p);
    const double p2 = pressure_2m(g, g->t);
    int k;
    if (inside(f, p2, p, &k)) return between(f, k, p);
    if (p <= f->p[k]) return at(f, k);
    if (p >= p2) return g->humidity2;
    return g->humidity2 + log(p2 / p) / log(p2 / f->p[k]) * (at(f, k) - g->humidity2);
}

double bs_pl_ground_temperature(const bs_pl_profile *f, double ps)
{
    int k = first_above(f, ps);
    if (k > f->n - 1) k = f->n - 1;
    return bs_pl_lapse_temperature(at(f, k), f->p[k], ps);
}

double bs_pl_lapse_temperature(double t, double p, double p_new)
{
    return t * pow(p_new / p, EXPONENT);
}

double bs_pl_standard_temperature(double p)
{
    const double tropopause = 22632.06, stratosphere = 5474.889; /* Pa */
    const double rise = -BS_R_DRY * 0.001 / BS_GRAVITY;          /* +1 K/km */
    if (p >= tropopause) return SEA_TEMPERATURE * pow(p / SEA_PRESSURE, EXPONENT);
    if (p >= stratosphere) return 216.65;
    return 216.65 * pow(p / stratosphere, rise);
}

double bs_pl_hydrostatic(double p, double t, double dz)
{
    return p * exp(-dz / scale_height(t - 0.5 * BS_PL_LAPSE * dz));
}

double bs_pl_barometric(double p0, double t0, double z)
{
    return p0 * pow(1.0 - BS_PL_LAPSE * z / t0, 1.0 / EXPONENT);
}

double bs_pl_vapour_pressure(double t)
{
    double celsius = t - 273.15;
    return 611.2 * exp(17.67 * celsius / (celsius + 243.5));
}

double bs_pl_specific_humidity(double rh, double t, double p)
{
    double e = rh * bs_pl_vapour_pressure(t);
    return BS_EPSILON_WATER * e / (p - (1.0 - BS_EPSILON_WATER) * e);
}
