/* One longitude-latitude grid laid over another (regrid.h): both are rectangles of the equal-area plane. */
#include <math.h>
#include <stdlib.h>

#include "grids/geometry/geometry.h"
#include "grids/regrid/axis.h"
#include "grids/regrid/weights.h"

typedef struct builder {
    const bs_axes *src, *dst;
    double to_m2;
    bs_weights *weights;
    size_t capacity, used;
} builder;

static double shared(double a0, double a1, double b0, double b1)
{
    return fmax(0.0, fmin(a1, b1) - fmax(a0, b0));
}

static bs_status add_cell(builder *b, const bs_rect *cell, bs_err *err)
{
    const bs_axes *a = b->src;
    int first, last, j0, j1;
    bs_axis_turns(&a->lon, cell->x0, cell->x1, &first, &last);
    bs_axis_overlapping(&a->lat, cell->y0, cell->y1, &j0, &j1);
    for (int turn = first; turn <= last; turn++) {
        const double shift = 360.0 * turn;
        int i0, i1;
        bs_axis_overlapping(&a->lon, cell->x0 - shift, cell->x1 - shift, &i0, &i1);
        for (int j = j0; j < j1; j++)
            for (int i = i0; i < i1; i++) {
                const bs_rect from = bs_axes_cell(a, j, i, shift);
                const double area =
                    shared(from.x0, from.x1, cell->x0, cell->x1) * shared(from.y0, from.y1, cell->y0, cell->y1);
                if (!(area > 0.0)) continue;
                BS_TRY(bs_weights_reserve(b->weights, &b->capacity, b->used, 1, err));
                b->weights->column[b->used] = bs_axis_given(&a->lat, j) * (size_t)a->lon.n + bs_axis_given(&a->lon, i);
                b->weights->weight[b->used++] = area * b->to_m2;
            }
    }
    return BS_OK;
}

static bs_status add_cells(builder *b, bs_err *err)
{
    const bs_axes *d = b->dst;
    const size_t n_lon = (size_t)d->lon.n;
    for (size_t n = 0; n < n_lon * (size_t)d->lat.n; n++) {
        /* given order to ascending and back are the same turn */
        const int i = (int)bs_axis_given(&d->lon, (int)(n % n_lon)), j = (int)bs_axis_given(&d->lat, (int)(n / n_lon));
        const bs_rect cell = bs_axes_cell(d, j, i, 0.0);
        BS_TRY(add_cell(b, &cell, err));
        b->weights->row_start[n + 1] = b->used;
    }
    return BS_OK;
}

bs_status bs_regrid_lonlat(const bs_lonlat_grid *src, const bs_lonlat_grid *dst, double radius, bs_weights **out,
                           bs_err *err)
{
    bs_axes from = {0}, to = {0};
    *out = NULL;
    BS_TRY(bs_axes_create(src, &from, err));
    bs_status status = bs_axes_create(dst, &to, err);
    if (status != BS_OK) {
        bs_axes_clear(&from);
        return status;
    }
    const size_t cells = (size_t)dst->nlon * (size_t)dst->nlat;
    builder b = {.src = &from, .dst = &to, .to_m2 = bs_plane_to_m2(radius)};
    b.weights = bs_weights_create(cells, (size_t)src->nlon * (size_t)src->nlat);
    status = b.weights ? bs_weights_reserve(b.weights, &b.capacity, 0, 2 * cells, err)
                       : bs_fail(err, BS_ERR_MEMORY, "regridding: out of memory");
    if (status == BS_OK) status = add_cells(&b, err);
    bs_axes_clear(&from);
    bs_axes_clear(&to);
    if (status == BS_OK) {
        *out = b.weights;
    } else {
        bs_weights_destroy(b.weights);
    }
    return status;
}
