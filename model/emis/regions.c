/* Which region emits: shares of cells and places of points (groups.h). */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "grids/regions/regions.h"
#include "kernels/base/check.h"
#include "model/core/memory.h"
#include "model/emis/emis.h"

/* Of a cell's area: overlays of polygons that share their borders are good to some 1e-12. */
static const double SHARE_ROUND = 1e-9;

typedef struct resolving {
    const bs_region_set *set;
    size_t cells;
    bs_region_mask *const *mask; /* [n] of the emission */
    double *sum;                 /* [cells] of the shares of all polygons */
    size_t *fill;                /* [cells] shares put down so far */
} resolving;

static void sum_masks(const bs_emission *e, double *sum)
{
    for (int n = 0; n < e->n_masks; n++)
        for (size_t c = 0; c < e->mask[n]->n; c++) sum[e->mask[n]->cell[c]] += e->mask[n]->fraction[c];
}

static bs_status make_masks(bs_emission *e, const bs_region_set *set, bs_err *err)
{
    if (e->mask) return BS_OK;
    BS_TRY(BS_NEW(&e->absent, set->n, "regions", err));
    BS_TRY(BS_NEW(&e->mask, set->n, "regions", err));
    e->n_masks = set->n;
    for (int n = 0; n < set->n; n++) {
        bs_status status = bs_region_mask_create(&set->region[n].shape, e->mesh, &e->mask[n], NULL, err);
        if (status == BS_OK) {
            e->absent[n] = e->mask[n]->n == 0;
            continue;
        }
        bs_err_context(err, "region %s %s", set->region[n].adcode, set->region[n].name);
        e->n_masks = n;
        return status;
    }
    return BS_OK;
}

bs_status bs_emis_take_masks(bs_emission *e, const bs_region_set *set, size_t *over, bs_err *err)
{
    const size_t cells = (size_t)e->mesh->nx * (size_t)e->mesh->ny;
    double *sum = NULL;
    BS_TRY(make_masks(e, set, err));
    BS_TRY(BS_NEW(&sum, cells, "regions of cells", err));
    sum_masks(e, sum);
    size_t worst = 0;
    for (size_t c = 0; c < cells; c++)
        if (sum[c] > sum[worst]) worst = c;
    *over = sum[worst] > 1 + SHARE_ROUND ? worst : SIZE_MAX;
    bs_free(sum);
    return BS_OK;
}

static double share_of(const bs_region_mask *mask, size_t cell)
{
    for (size_t c = 0; c < mask->n; c++)
        if (mask->cell[c] == cell) return mask->fraction[c];
    return 0;
}

bs_status bs_emis_refuse_overlap(const bs_emission *e, const bs_region_set *set, size_t cell, bs_err *err)
{
    const size_t nx = (size_t)e->mesh->nx;
    int first = -1, second = -1; /* the two that have most of it */
    double most = 0, next = 0, sum = 0;
    for (int n = 0; n < set->n; n++) {
        const double share = share_of(e->mask[n], cell);
        sum += share;
        if (share > most) {
            second = first, next = most;
            first = n, most = share;
        } else if (share > next) {
            second = n, next = share;
        }
    }
    const bs_region *a = &set->region[first < 0 ? 0 : first], *b = &set->region[second < 0 ? 0 : second];
    return bs_fail(
        err, BS_ERR_INPUT,
        "regions: %s %s (%.4f of the area) and %s %s (%.4f) overlap in cell (j=%zu, i=%zu), whose shares add up to "
        "%.9g; emission would be counted twice: give polygons that share their borders",
        a->adcode, a->name, most, b->adcode, b->name, next, cell / nx, cell % nx, sum);
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

bs_status bs_emis_place_points(bs_emission *e, const bs_region_set *set, size_t first, bs_err *err)
{
    double *lon = NULL, *lat = NULL;
    bool *inside = NULL;
    const size_t n_points = e->n_points - first;
    if (n_points == 0) return BS_OK;
    bs_emis_point *point = e->point + first;
    bs_status status = BS_NEW(&lon, n_points, "places of points", err);
    if (status == BS_OK) status = BS_NEW(&lat, n_points, "places of points", err);
    if (status == BS_OK) status = BS_NEW(&inside, n_points, "regions of points", err);
    for (size_t p = 0; p < n_points && status == BS_OK; p++) {
        lon[p] = point[p].lon;
        lat[p] = point[p].lat;
        point[p].region = set->n;
    }
    for (int n = 0; n < set->n && status == BS_OK; n++) {
        status = bs_region_holds(&set->region[n].shape, n_points, lon, lat, inside, err);
        for (size_t p = 0; p < n_points && status == BS_OK; p++)
            if (inside[p] && point[p].region == set->n) point[p].region = n;
    }
    bs_free(lon);
    bs_free(lat);
    bs_free(inside);
    return status;
}

static bs_status resolve_cells(bs_emission *e, resolving *r, bs_err *err)
{
    size_t over;
    BS_TRY(bs_emis_take_masks(e, r->set, &over, err));
    if (over != SIZE_MAX) return bs_emis_refuse_overlap(e, r->set, over, err);
    r->mask = e->mask;
    BS_TRY(BS_NEW(&r->sum, r->cells, "regions of cells", err));
    BS_TRY(BS_NEW(&r->fill, r->cells, "regions of cells", err));
    sum_masks(e, r->sum);
    BS_TRY(lay_out(e, r, err));
    BS_TRY(bs_emis_place_points(e, r->set, 0, err));
    e->n_regions = r->set->n;
    return BS_OK;
}

bs_status bs_emission_resolve(bs_emission *e, const bs_region_set *regions, bs_err *err)
{
    if (e->share_start) return BS_OK;
    bs_assert(!e->cut_out);
    e->n_cuts = 0;
    resolving r = {.set = regions, .cells = (size_t)e->mesh->nx * (size_t)e->mesh->ny};
    const bs_status status = bs_emis_agree(e, resolve_cells(e, &r, err), err);
    bs_free(r.sum);
    bs_free(r.fill);
    return status == BS_OK ? bs_emis_link(e, err) : status;
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
