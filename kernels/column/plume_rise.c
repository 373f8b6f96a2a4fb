#include "kernels/column/plume_rise.h"

#include <math.h>

#include "kernels/base/check.h"
#include "kernels/base/constants.h"

#define WIND_LEAST  1.0 /* m s-1 */
#define TOP_OF_RISE 1.5 /* of dh */

typedef enum regime { NEUTRAL, STABLE, UNSTABLE } regime;

typedef struct rise {
    regime how;
    double top; /* m above the level that the plume starts from */
} rise;

/* The air that a plume rises through, and what the formulas need of the stack and the ground. */
typedef struct through {
    double u, n2, ustar, stack;
} through;

static rise rise_by(regime how, double f, through a)
{
    const double b = f / (a.u * a.ustar * a.ustar);
    double dh;
    if (how == NEUTRAL) {
        dh = fmin(10 * a.stack, 1.2 * pow(b, 0.6) * pow(a.stack + 1.3 * b, 0.4));
    } else {
        dh = how == STABLE ? 2.6 * cbrt(f / (a.u * a.n2)) : 30 * pow(f / a.u, 0.6);
    }
    return (rise){how, TOP_OF_RISE * dh};
}

static rise lower(rise a, rise b)
{
    return b.top < a.top ? b : a;
}

/* Buoyancy left where x of the rise is left; z: height of its top above the stack. */
static double residual(regime how, double x, double z, through a)
{
    const double x53 = x * cbrt(x * x);
    if (how == STABLE) return a.u * a.n2 * x * x * x / 59.319;
    if (how == UNSTABLE) return a.u * x53 / pow(45, 5.0 / 3);
    const double spread = cbrt(a.stack + 2.0 / 3 * z);
    return a.u * a.ustar * a.ustar * x53 / (2.664 * spread * spread);
}

static double wind_of(double u)
{
    return u > WIND_LEAST ? u : WIND_LEAST;
}

static int layer_of(int nz, const double *face, double height)
{
    int k = 0;
    while (k < nz && face[k + 1] <= height) k++;
    return k; /* nz: above the top */
}

/* Height of the plume's top above ground, F > 0. */
static double buoyant_top(const bs_plume_column *c, double stack, bs_plume_air at, double f)
{
    through a = {wind_of(at.wind), at.n2, c->ustar, stack};
    rise r = rise_by(NEUTRAL, f, a);
    if (c->heat_flux > 0 && stack < c->pbl) {
        r = lower(rise_by(UNSTABLE, f, a), r);
    } else if (a.n2 > BS_PLUME_STABLE) {
        r = lower(rise_by(STABLE, f, a), r);
    }
    double from = stack;
    for (int k = layer_of(c->nz, c->face, stack); k + 1 < c->nz && from + r.top > c->face[k + 1]; k++) {
        const double left = from + r.top - c->face[k + 1];
        f = residual(r.how, left, from + r.top - stack, a);
        from = c->face[k + 1];
        a.u = wind_of(c->wind[k + 1]), a.n2 = c->n2[k + 1];
        r = lower(rise_by(a.n2 > BS_PLUME_STABLE ? STABLE : UNSTABLE, f, a), rise_by(NEUTRAL, f, a));
    }
    return from + r.top;
}

bs_plume_air bs_plume_air_at(const bs_plume_column *c, double height)
{
    const int top = c->nz - 1;
    int k = layer_of(c->nz, c->face, height);
    bs_plume_air at = {.n2 = c->n2[k < top ? k : top]};
    k = 0; /* of the middle below */
    while (k < top && c->face[k + 1] + c->face[k + 2] <= 2 * height) k++;
    const double below = 0.5 * (c->face[k] + c->face[k + 1]);
    double f = 0;
    if (k < top && height > below) f = (height - below) / (0.5 * (c->face[k + 2] - c->face[k]));
    const int next = k < top ? k + 1 : k;
    at.temperature = (1 - f) * c->temperature[k] + f * c->temperature[next];
    at.wind = (1 - f) * c->wind[k] + f * c->wind[next];
    return at;
}

void bs_plume_rise(const bs_plume_column *c, bs_stack stack, bs_plume_air at, bs_plume *plume)
{
    bs_assert(c->nz >= 1 && c->ustar > 0 && stack.temperature > 0 && at.temperature > 0);
    bs_assert(stack.height >= 0 && stack.diameter >= 0 && stack.velocity >= 0);
    const double warmer = (stack.temperature - at.temperature) / stack.temperature;
    const double f = 0.25 * BS_GRAVITY * warmer * stack.velocity * stack.diameter * stack.diameter;
    double top = TOP_OF_RISE * 3 * stack.diameter * stack.velocity / wind_of(at.wind); /* above the stack */
    if (f > 0) top = fmax(top, buoyant_top(c, stack.height, at, f) - stack.height);
    *plume = (bs_plume){.buoyancy = f,
                        .bottom = stack.height + top / 3,
                        .height = stack.height + top / TOP_OF_RISE,
                        .top = stack.height + top};
}

/* Share of the plume below z, a multiple of 2^-50 so that differences and their sums are exact. */
static double share_below(const bs_plume *plume, double z)
{
    if (z >= plume->top && z > plume->bottom) return 1;
    if (z <= plume->bottom) return 0;
    return floor((z - plume->bottom) / (plume->top - plume->bottom) * 0x1p50) * 0x1p-50;
}

void bs_plume_fractions(int nz, const double *face, const bs_plume *plume, double *fraction)
{
    double below = 0;
    for (int k = 0; k < nz; k++) {
        const double upto = k == nz - 1 ? 1 : share_below(plume, face[k + 1]);
        fraction[k] = upto - below;
        below = upto;
    }
}
