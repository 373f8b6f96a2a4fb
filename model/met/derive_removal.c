#include <math.h>

#include "kernels/column/drydep.h"
#include "kernels/column/scavenge.h"
#include "kernels/column/surface_layer.h"
#include "model/met/derive_parts.h"

#define CLOUDY 1e-6 /* kg kg-1 of cloud water, from which on a layer counts as cloud */
#define RAINY  1e-6 /* kg kg-1 of rain water, from which on it rains there: some 0.01 mm an hour */

static double mid_pressure(const bs_derive_work *w, int k, double ps)
{
    return 0.5 * (bs_levels_pressure(w->levels, k, ps) + bs_levels_pressure(w->levels, k + 1, ps));
}

static void settling(const bs_derive_work *w, int j)
{
    const bs_native *n = w->native;
    const int nx = n->nx;
    const size_t plane = (size_t)n->ny * nx, at = (size_t)j * nx, volume = plane * n->nz;
    double *viscosity = w->spare, *path = viscosity + nx;
    for (int k = 0; k < n->nz; k++) {
        const size_t o = k * plane + at;
        for (int i = 0; i < nx; i++) {
            viscosity[i] = bs_air_viscosity(n->t[o + i]);
            path[i] = (double)logf((float)bs_mean_free_path(n->t[o + i], mid_pressure(w, k, n->ps[at + i])));
        }
        for (int c = 0; c < w->n_classes; c++) {
            real *v = w->state->v_set + c * volume + o;
            if (w->classes[c].of.diameter > 0) {
                bs_settling_velocity_row(nx, &w->classes[c].slip, viscosity, path, v);
            } else {
                for (int i = 0; i < nx; i++) v[i] = 0;
            }
        }
    }
}

/* V_s of the lowest layer plus the exchange: V_d - V_s can never come out negative. */
static unsigned deposition(const bs_derive_work *w, int j)
{
    const bs_native *n = w->native;
    const bool mosaic = n->have_land && w->options->dry_scheme != BS_DRY_NONE;
    double share[BS_DERIVE_GROUNDS_MAX];
    unsigned flags = 0;
    const size_t plane = (size_t)n->ny * n->nx, at = (size_t)j * n->nx, volume = plane * n->nz;
    for (int i = 0; i < n->nx; i++) {
        const size_t o = at + i;
        const double ustar = (double)w->state->ustar[o];
        const bs_surface_air air = {.temperature = n->t[o],
                                    .pressure = mid_pressure(w, 0, n->ps[o]),
                                    .ustar = ustar,
                                    .resistance = bs_aerodynamic_resistance(ustar, w->zm[i], w->z0[i], w->inv_l[i]),
                                    .wind10 = hypot((double)w->state->u10[o], (double)w->state->v10[o])};
        if (mosaic && !bs_derive_shares(w, o, share)) flags |= BS_DERIVE_BAD_LAND;
        for (int c = 0; c < w->n_classes; c++) {
            const double settled = (double)w->state->v_set[c * volume + o];
            double v = settled;
            if (w->classes[c].of.diameter > 0) {
                v += bs_derive_exchange(w, c, o, mosaic ? share : NULL, air);
            }
            w->state->v_dep[c * plane + o] = (real)v;
        }
    }
    return flags;
}

/* Where rain forms and where it only falls, as layers of one column. */
typedef struct rain_column {
    int top;     /* layers below this one see rain */
    bool native; /* cloud water decides, else the assumed heights */
} rain_column;

/* One above the highest layer with more than `least` of a water; 0: none has. */
static int top_of(const bs_native *n, const double *water, double least, size_t c)
{
    const size_t plane = (size_t)n->ny * n->nx;
    int k = n->nz;
    while (k > 0 && !(water[(size_t)(k - 1) * plane + c] > least)) k--;
    return k;
}

/* With rain water known, rain begins where that begins, or in the cloud that stands on it: clouds further up do not rain. */
static int top_of_rain(const bs_native *n, size_t c)
{
    const size_t plane = (size_t)n->ny * n->nx;
    int top = n->have_rnw ? top_of(n, n->rnw, RAINY, c) : 0;
    if (top == 0) return n->have_clw ? top_of(n, n->clw, CLOUDY, c) : 0;
    while (n->have_clw && top < n->nz && n->clw[(size_t)top * plane + c] > CLOUDY) top++;
    return top;
}

static bool cloudy_below(const bs_native *n, int top, size_t c)
{
    const size_t plane = (size_t)n->ny * n->nx;
    for (int k = 0; k < top; k++)
        if (n->clw[(size_t)k * plane + c] > CLOUDY) return true;
    return false;
}

static rain_column rain_layers(const bs_derive_work *w, size_t c, unsigned *flags)
{
    const bs_native *n = w->native;
    const int known = top_of_rain(n, c);
    if (n->have_clw && known > 0 && cloudy_below(n, known, c)) return (rain_column){.top = known, .native = true};
    if (n->have_clw) *flags |= BS_DERIVE_RAIN_WITHOUT_CLOUD;
    if (known > 0) return (rain_column){.top = known};
    int top = 0;
    while (top < n->nz && w->zm[(size_t)top * n->nx + c % n->nx] < w->options->cloud_top) top++;
    return (rain_column){.top = top};
}

static unsigned scavenging(const bs_derive_work *w, int j)
{
    const bs_native *n = w->native;
    const int nx = n->nx, nz = n->nz;
    const size_t plane = (size_t)n->ny * nx, at = (size_t)j * nx, volume = plane * nz;
    unsigned flags = 0;
    for (int c = 0; c < w->n_classes; c++) {
        const bs_wet_class wet = w->classes[c].of.wet;
        real *rate = w->state->scavenge + c * volume + at;
        for (int k = 0; k < nz; k++) {
            for (int i = 0; i < nx; i++) rate[k * plane + i] = 0;
        }
        if (!w->options->wet || wet == BS_WET_NONE) continue;
        const bs_scavenge_size size = wet == BS_WET_FINE ? BS_SCAVENGE_FINE : BS_SCAVENGE_COARSE;
        for (int i = 0; i < nx; i++) {
            const double rain = (double)w->state->rain[at + i];
            if (rain <= 0) continue;
            const rain_column column = rain_layers(w, at + i, &flags);
            const real in = (real)bs_scavenge_in_cloud(size, rain), under = (real)bs_scavenge_below_cloud(size, rain);
            for (int k = 0; k < column.top; k++) {
                const size_t o = k * plane + at + i;
                const bool cloud = column.native ? n->clw[o] > CLOUDY : w->zm[k * nx + i] >= w->options->cloud_base;
                rate[k * plane + i] = cloud ? in : under;
            }
        }
    }
    return flags;
}

unsigned bs_derive_removal(const bs_derive_work *w, int j)
{
    settling(w, j);
    return deposition(w, j) | scavenging(w, j);
}
