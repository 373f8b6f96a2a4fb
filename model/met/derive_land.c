/* What the land use decides: roughness, and the ground that particles settle on. */
#include <math.h>

#include "kernels/base/check.h"
#include "model/core/memory.h"
#include "model/met/derive_parts.h"

bool bs_land_summer(bs_time time)
{
    const bs_date d = bs_date_from_time(time);
    const int date = 100 * d.month + d.day;
    return date >= 415 && date < 1015;
}

/* ---- roughness ---- */

static double roughness_of_land(const bs_derive_work *w, size_t cell)
{
    const size_t plane = (size_t)w->native->ny * w->native->nx;
    const bool summer = w->mesh->lat[cell] < 0 ? !w->summer : w->summer;
    double sum = 0, logs = 0;
    for (int l = 0; l < BS_LAND_COUNT; l++) {
        const double share = w->native->land[(size_t)l * plane + cell];
        if (share == 0) continue;
        sum += share;
        logs += share * log(bs_land_roughness((bs_land)l, summer));
    }
    return exp(logs / sum);
}

double bs_derive_cell_roughness(const bs_derive_work *w, size_t cell)
{
    if (w->native->have_roughness) return w->native->roughness[cell];
    return w->native->have_land ? roughness_of_land(w, cell) : w->options->roughness;
}

unsigned bs_derive_roughness(const bs_derive_work *w, int j)
{
    const bs_native *n = w->native;
    unsigned flags = 0;
    for (int i = 0; i < n->nx; i++) {
        const double z0 = bs_derive_cell_roughness(w, (size_t)j * n->nx + i);
        w->z0[i] = z0;
        if (!(z0 > 0 && z0 <= BS_ROUGHNESS_MAX))
            flags |= n->have_roughness ? BS_DERIVE_BAD_ROUGHNESS : BS_DERIVE_BAD_LAND;
    }
    return flags;
}

/* ---- the ground of dry deposition ---- */

/* Of pleim2022 the last kind is ground on which nothing grows; its bare index is that of all land but towns. */
enum { BARE = BS_ML_COUNT };

static int kind_of(bs_land land, bool modal)
{
    if (!modal) return (int)bs_land_zhang(land);
    bool plants;
    const bs_modis_land like = bs_land_pleim(land, &plants);
    return plants || like == BS_ML_WATER ? (int)like : BARE;
}

static void fill_kind(const bs_derive_options *o, const bs_derive_class *class, int kind, bs_dry_class *out)
{
    if (o->dry_scheme != BS_DRY_PLEIM2022) {
        bs_sizes sizes;
        bs_sizes_lognormal(class->of.diameter, class->of.sigma, &sizes);
        bs_dry_class_fill((bs_dry_scheme)o->dry_scheme, (bs_land_use)kind, class->of.density, &sizes, out);
        return;
    }
    bs_ground ground = {.land = kind == BARE ? BS_DERIVE_MODIS_LAND : (bs_modis_land)kind};
    if (kind != BARE && kind != BS_ML_WATER) {
        ground.cover = o->cover;
        ground.leaf_area = o->leaf_area;
    }
    bs_dry_class_fill_modal(&ground, class->of.density, class->of.diameter, class->of.sigma, out);
}

bs_status bs_derive_grounds_fill(const bs_derive_options *o, int n_classes, const bs_derive_class *classes,
                                 bs_derive_grounds *grounds, bs_err *err)
{
    const bool modal = o->dry_scheme == BS_DRY_PLEIM2022;
    grounds->n = modal ? BS_ML_COUNT + 1 : BS_LU_COUNT;
    for (int l = 0; l < BS_LAND_COUNT; l++) grounds->of[l] = kind_of((bs_land)l, modal);
    BS_TRY(BS_NEW(&grounds->over, (size_t)n_classes * (size_t)grounds->n, "kinds of ground", err));
    for (int c = 0; c < n_classes; c++)
        for (int k = 0; k < grounds->n && classes[c].of.diameter > 0; k++)
            fill_kind(o, &classes[c], k, &grounds->over[(size_t)c * (size_t)grounds->n + (size_t)k]);
    return BS_OK;
}

bool bs_derive_shares(const bs_derive_work *w, size_t cell, double *share)
{
    const size_t plane = (size_t)w->native->ny * w->native->nx;
    const double *land = w->native->land + cell;
    double sum = 0;
    bool negative = false;
    for (int k = 0; k < w->grounds->n; k++) share[k] = 0;
    for (size_t l = 0; l < BS_LAND_COUNT; l++) {
        sum += land[l * plane];
        negative = negative || land[l * plane] < 0;
        share[w->grounds->of[l]] += land[l * plane];
    }
    for (int k = 0; k < w->grounds->n; k++) share[k] /= sum;
    return fabs(sum - 1) <= BS_LAND_TOLERANCE && !negative;
}

static double exchange_over(const bs_derive_work *w, const bs_dry_class *over, size_t cell, bs_surface_air air)
{
    if (over->scheme != BS_DRY_PLEIM2022 || !w->native->have_leaf_area || over->ground.cover == 0)
        return bs_dry_exchange_mean(over, air);
    bs_dry_class here = *over;
    here.ground.leaf_area = w->native->leaf_area[cell];
    if (!(here.ground.leaf_area > 0)) here.ground.cover = 0; /* without leaves the ground is bare */
    return bs_dry_exchange_mean(&here, air);
}

double bs_derive_exchange(const bs_derive_work *w, int class, size_t cell, const double *share, bs_surface_air air)
{
    if (!share) return exchange_over(w, &w->classes[class].dry, cell, air);
    const bs_dry_class *over = &w->grounds->over[(size_t) class * (size_t)w->grounds->n];
    double sum = 0;
    for (int k = 0; k < w->grounds->n; k++)
        if (share[k] > 0) sum += share[k] * exchange_over(w, &over[k], cell, air);
    return sum;
}
