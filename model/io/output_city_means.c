/* Means over regions from the tiles of all ranks.
 *
 * A region's mean is  first + sum over cells of share (value - first): `first` is the value in the region's first cell, so that a uniform
 * field's mean is its value to the bit. The terms are added in fixed point (model/core/sum.h), whose result does not depend on
 * who adds what. */
#include <math.h>

#include "model/core/memory.h"
#include "model/io/output_cities.h"
#include "model/parallel/ranks.h"

/* Terms are kept to 2^-20 of the sum's unit, 2^-40: shares are small. So a term may reach 2^43, 8.8e12 ug m-3 s: 1e8 ug m-3 over a day. */
static const double SCALE = 1048576.0;
static const double MOST = 8796093022208.0;

enum { AT_ONCE = 64 };

bs_status bs_out_city_find_own(const bs_output *o, bs_out_city *city, bs_err *err)
{
    const bs_region_mask *m = city->mask;
    const bs_tile *tile = &o->info.tile;
    const double *area = o->info.whole->area;
    const size_t row = (size_t)o->info.whole->nx;
    double weight = 0.0;
    for (size_t n = 0; n < m->n; n++) weight += m->fraction[n] * area[m->cell[n]];
    BS_TRY(BS_NEW(&city->own, m->n, "cells of regions", err));
    BS_TRY(BS_NEW(&city->share, m->n, "cells of regions", err));
    for (size_t n = 0; n < m->n; n++) {
        const int j = (int)(m->cell[n] / row) - tile->j0, i = (int)(m->cell[n] % row) - tile->i0;
        if (j < tile->own.j0 || j >= tile->own.j1 || i < tile->own.i0 || i >= tile->own.i1) continue;
        if (n == 0) city->has_first = true;
        city->own[city->n_own] = (size_t)j * (size_t)tile->nx + (size_t)i;
        city->share[city->n_own++] = m->fraction[n] * area[m->cell[n]] / weight;
    }
    return BS_OK;
}

/* What marks a sum as none: far beyond what terms can add up to, and that of all ranks still fits. */
static const bs_int128 NO_SUM = (bs_int128)1 << 110;

bs_sum bs_out_city_excess(const bs_out_city *city, const double *map, double first)
{
    bs_sum sum = {0};
    double term[AT_ONCE];
    for (size_t n = 0; n < city->n_own;) {
        int terms = 0;
        bool good = true;
        for (; terms < AT_ONCE && n < city->n_own; n++, terms++) {
            const double excess = map[city->own[n]] - first;
            good = good && fabs(excess) < MOST;
            term[terms] = excess * city->share[n] * SCALE;
        }
        if (!good) return (bs_sum){NO_SUM};
        bs_sum_add_all(&sum, terms, term);
    }
    return sum;
}

static double value_of(double first, const bs_sum *excess)
{
    return excess->units > NO_SUM / 2 || !isfinite(first) ? NAN : first + bs_sum_value(excess) / SCALE;
}

void bs_out_city_means(const bs_output *o, int n_maps, const double *map, double seconds, double *mean)
{
    const bs_out_cities *c = o->cities;
    const int all = n_maps * c->n;
    for (int k = 0; k < all; k++) {
        const bs_out_city *city = &c->city[k % c->n];
        const double value = city->has_first ? map[(size_t)(k / c->n) * o->cells + city->own[0]] : -INFINITY;
        c->first[k] = isnan(value) ? INFINITY : value; /* what the largest of is found for sure */
    }
    bs_ranks_max(all, c->first);
#pragma omp parallel for schedule(dynamic) if (bs_out_is_worth_threads((size_t)n_maps * o->cells))
    for (int k = 0; k < all; k++)
        c->excess[k] = bs_out_city_excess(&c->city[k % c->n], map + (size_t)(k / c->n) * o->cells, c->first[k]);
    bs_ranks_sum(all, c->excess);
    for (int k = 0; k < all; k++) mean[k] = value_of(c->first[k], &c->excess[k]) / seconds;
}
