/* Which region emits: shares of cells and places of points (groups.h). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "grids/regions/regions.h"
#include "model/core/memory.h"
#include "model/emis/emis.h"

/* Of a cell's area: overlays of polygons that share their borders are good to some 1e-12. */
static const double SHARE_ROUND = 1e-9;

typedef struct resolving {
    const bs_region_set *set;
    size_t cells;
    bs_region_mask **mask; /* [n] */
    double *sum;           /* [cells] of the shares of all polygons */
    size_t *fill;          /* [cells] shares put down so far */
} resolving;

static bs_status take_masks(const bs_emission *e, resolving *r, bs_err *err)
{
    for (int n = 0; n < r->set->n; n++) {
        bs_status status = bs_region_mask_create(&r->set->region[n].shape, e->mesh, &r->mask[n], NULL, err);
        if (status != BS_OK) {
            bs_err_context(err, "region %s %s", r->set->region[n].adcode, r->set->region[n].name);
            return status;
        }
        for (size_t c = 0; c < r->mask[n]->n; c++) r->sum[r->mask[n]->cell[c]] += r->mask[n]->fraction[c];
    }
    return BS_OK;
}

static double share_of(const bs_region_mask *mask, size_t cell)
{
    for (size_t c = 0; c < mask->n; c++)
        if (mask->cell[c] == cell) return mask->fraction[c];
    return 0;
}

static bs_status check_overlap(const bs_emission *e, const resolving *r, bs_err *err)
{
    size_t worst = 0, nx = (size_t)e->mesh->nx;
    for (size_t c = 0; c < r->cells; c++)
        if (r->sum[c] > r->sum[worst]) worst = c;
    if (!(r->sum[worst] > 1 + SHARE_ROUND)) return BS_OK;
    int first = -1, second = -1; /* the two that have most of it */
    double most = 0, next = 0;
    for (int n = 0; n < r->set->n; n++) {
        const double share = share_of(r->mask[n], worst);
        if (share > most) {
            second = first, next = most;
            first = n, most = share;
        } else if (share > next) {
            second = n, next = share;
        }
    }
    const bs_region *a = &r->set->region[first < 0 ? 0 : first], *b = &r->set->region[second < 0 ? 0 : second];
    return bs_fail(
        err, BS_ERR_INPUT,
        "regions: %s %s (%.4f of the area) and %s %s (%.4f) overlap in cell (j=%zu, i=%zu), whose shares add up to "
        "%.9g; emission would be counted twice: give polygons that share their borders",
        a->adcode, a->name, most, b->adcode, b->name, next, worst / nx, worst % nx, r->sum[worst]);
}

static bool has_elsewhere(const resolving *r, size_t cell)
{
    return !(r->sum[cell] > 1 - SHARE_ROUND);
}

static bs_status lay_out(bs_emission *e, resolving *r, bs_err *err)
{
    BS_TRY(BS_NEW(&e->share_start, r->cells + 1, "regions of cells", err));
    for (int n = 0; n < r->set->n; n++)
        for (size_t c = 0; c < r->mask[n]->n; c++) e->share_start[r->mask[n]->cell[c] + 1]++;
    for (size_t c = 0; c < r->cells; c++) {
        e->share_start[c + 1] += e->share_start[c] + has_elsewhere(r, c);
        r->fill[c] = e->share_start[c];
    }
    BS_TRY(BS_NEW(&e->share_region, e->share_start[r->cells], "regions of cells", err));
    BS_TRY(BS_NEW(&e->share, e->share_start[r->cells], "regions of cells", err));
    for (int n = 0; n < r->set->n; n++)
        for (size_t c = 0; c < r->mask[n]->n; c++) {
            const size_t at = r->fill[r->mask[n]->cell[c]]++;
            e->share_region[at] = n;
            e->share[at] = r->mask[n]->fraction[c];
        }
    for (size_t c = 0; c < r->cells; c++) {
        if (!has_elsewhere(r, c)) continue;
        e->share_region[r->fill[c]] = r->set->n;
        e->share[r->fill[c]] = 1 - r->sum[c];
    }
    return BS_OK;
}

static bs_status place_points(bs_emission *e, const bs_region_set *set, bs_err *err)
{
    double *lon = NULL, *lat = NULL;
    bool *inside = NULL;
    bs_status status = BS_NEW(&lon, e->n_points, "places of points", err);
    if (status == BS_OK) status = BS_NEW(&lat, e->n_points, "places of points", err);
    if (status == BS_OK) status = BS_NEW(&inside, e->n_points, "regions of points", err);
    for (size_t p = 0; p < e->n_points && status == BS_OK; p++) {
        lon[p] = e->point[p].lon;
        lat[p] = e->point[p].lat;
        e->point[p].region = set->n;
    }
    for (int n = 0; n < set->n && status == BS_OK; n++) {
        status = bs_region_holds(&set->region[n].shape, e->n_points, lon, lat, inside, err);
        for (size_t p = 0; p < e->n_points && status == BS_OK; p++)
            if (inside[p] && e->point[p].region == set->n) e->point[p].region = n;
    }
    bs_free(lon);
    bs_free(lat);
    bs_free(inside);
    return status;
}

static bs_status resolve(bs_emission *e, resolving *r, bs_err *err)
{
    BS_TRY(BS_NEW(&r->mask, r->set->n, "regions", err));
    BS_TRY(BS_NEW(&r->sum, r->cells, "regions of cells", err));
    BS_TRY(BS_NEW(&r->fill, r->cells, "regions of cells", err));
    BS_TRY(take_masks(e, r, err));
    BS_TRY(check_overlap(e, r, err));
    BS_TRY(lay_out(e, r, err));
    BS_TRY(place_points(e, r->set, err));
    e->n_regions = r->set->n;
    return bs_emis_link(e, err);
}

bs_status bs_emission_resolve(bs_emission *e, const bs_region_set *regions, bs_err *err)
{
    if (e->share_start) return BS_OK;
    e->n_cuts = 0;
    resolving r = {.set = regions, .cells = (size_t)e->mesh->nx * (size_t)e->mesh->ny};
    bs_status status = resolve(e, &r, err);
    for (int n = 0; r.mask && n < regions->n; n++) bs_region_mask_destroy(r.mask[n]);
    bs_free(r.mask);
    bs_free(r.sum);
    bs_free(r.fill);
    return status;
}

double bs_emis_weigh(const bs_emission *e, size_t cell, const double *weight)
{
    if (!e->share_start) return weight[0];
    const size_t first = e->share_start[cell], end = e->share_start[cell + 1];
    const double of_first = weight[e->share_region[first]];
    double sum = of_first;
    for (size_t n = first + 1; n < end; n++) sum += e->share[n] * (weight[e->share_region[n]] - of_first);
    return sum;
}
