/* Source cells, cells of the mesh and a region laid over each other (regions.h). */
#include <math.h>
#include <stdlib.h>

#include "grids/regions/polygon.h"
#include "grids/regrid/axis.h"

/* ---- the region on the mesh, without its cells ---- */

bs_status bs_region_domain_fractions(const bs_region_shape *shape, const struct bs_lonlat_grid *src,
                                     const bs_mesh *mesh, double *fraction, bs_err *err)
{
    bs_axes axes;
    BS_TRY(bs_axes_create(src, &axes, err));
    double origin = 0.0;
    bs_polygon *region = NULL, *outline = NULL, *part = NULL;
    bs_status status = bs_region_polygon(shape, &origin, NULL, &region, err);
    if (status == BS_OK) {
        const bs_rect box = bs_polygon_bounds(region), on = bs_mesh_bounds(mesh);
        const double turn = 360.0 * round((0.5 * (on.x0 + on.x1) - origin - 0.5 * (box.x0 + box.x1)) / 360.0);
        status = bs_axes_outline(mesh, origin + turn, &outline, err);
    }
    if (status == BS_OK) status = bs_polygon_meet(region, outline, &part, err);
    for (size_t n = 0; n < (size_t)src->nlon * (size_t)src->nlat; n++) fraction[n] = 0.0;
    if (status == BS_OK && part) status = bs_axes_fractions(&axes, part, origin, fraction, err);
    bs_polygon_destroy(part);
    bs_polygon_destroy(outline);
    bs_polygon_destroy(region);
    bs_axes_clear(&axes);
    return status;
}

/* ---- overlaps inside the region ---- */

typedef struct overlay {
    const bs_axes *axes;
    const bs_mesh *mesh;
    const bs_weights *weights;
    bs_polygon *region;
    double origin;
    double *area; /* [entries] */
} overlay;

/* Whole turns that bring the region next to the mesh's cell. */
static double turn_of(const overlay *o, const bs_rect *cell)
{
    const bs_rect box = bs_polygon_bounds(o->region);
    return 360.0 * round((0.5 * (cell->x0 + cell->x1) - o->origin - 0.5 * (box.x0 + box.x1)) / 360.0);
}

/* One entry: what the source cell shares with the piece of the region in the cell. Coordinates are relative to origin + turn. */
static bs_status add_entry(const overlay *o, size_t n, const bs_polygon *piece_of, const bs_rect *cell, double shift,
                           bs_err *err)
{
    const bs_axis *lon = &o->axes->lon, *lat = &o->axes->lat;
    const size_t given = o->weights->column[n], n_lon = (size_t)lon->n;
    const int i = (int)bs_axis_given(lon, (int)(given % n_lon)), j = (int)bs_axis_given(lat, (int)(given / n_lon));
    bs_rect source = bs_axes_cell(o->axes, j, i, 0.0);
    const double turn = 360.0 * round((0.5 * (cell->x0 + cell->x1) - 0.5 * (source.x0 + source.x1)) / 360.0);
    source.x0 += turn - shift;
    source.x1 += turn - shift;
    const bs_quad quad = bs_quad_from_rect(&source);
    double shared = 0.0;
    BS_TRY(bs_polygon_overlap((bs_polygon *)piece_of, &quad, &shared, err));
    o->area[n] = fmin(o->weights->weight[n], shared * bs_plane_to_m2(o->mesh->radius));
    return BS_OK;
}

static bs_status add_border_cell(const overlay *o, size_t c, bs_err *err)
{
    const size_t nx = (size_t)o->mesh->nx;
    bs_quad quad = bs_mesh_quad(o->mesh, (int)(c / nx), (int)(c % nx));
    const bs_rect cell = bs_quad_bounds(&quad);
    const double shift = o->origin + turn_of(o, &cell);
    for (int k = 0; k < 4; k++) quad.x[k] -= shift;
    bs_polygon *piece = NULL;
    BS_TRY(bs_polygon_cut(o->region, &quad, &piece, err));
    bs_status status = BS_OK;
    for (size_t n = o->weights->row_start[c]; piece && n < o->weights->row_start[c + 1] && status == BS_OK; n++)
        status = add_entry(o, n, piece, &cell, shift, err);
    bs_polygon_destroy(piece);
    if (status != BS_OK) bs_err_context(err, "region, mesh cell (j=%zu, i=%zu)", c / nx, c % nx);
    return status;
}

/* Focuses the region on the row of the mask's cell m and those after it. */
static bs_status focus_on_row(const overlay *o, const bs_region_mask *mask, size_t m, bs_err *err)
{
    const size_t nx = (size_t)o->mesh->nx, j = mask->cell[m] / nx;
    bs_rect window = {INFINITY, INFINITY, -INFINITY, -INFINITY};
    double shift = 0.0;
    for (size_t first = m; m < mask->n && mask->cell[m] / nx == j; m++) {
        const bs_quad quad = bs_mesh_quad(o->mesh, (int)j, (int)(mask->cell[m] % nx));
        const bs_rect cell = bs_quad_bounds(&quad);
        if (m == first) shift = o->origin + turn_of(o, &cell);
        window = (bs_rect){fmin(window.x0, cell.x0), fmin(window.y0, cell.y0), fmax(window.x1, cell.x1),
                           fmax(window.y1, cell.y1)};
    }
    window.x0 -= shift;
    window.x1 -= shift;
    return bs_polygon_focus(o->region, &window, err);
}

static bs_status add_cells(const overlay *o, const bs_region_mask *mask, bs_err *err)
{
    const size_t nx = (size_t)o->mesh->nx;
    for (size_t m = 0; m < mask->n; m++) {
        const size_t c = mask->cell[m];
        if (m == 0 || mask->cell[m - 1] / nx != c / nx) BS_TRY(focus_on_row(o, mask, m, err));
        if (mask->fraction[m] < 1.0) {
            BS_TRY(add_border_cell(o, c, err));
            continue;
        }
        for (size_t n = o->weights->row_start[c]; n < o->weights->row_start[c + 1]; n++)
            o->area[n] = o->weights->weight[n];
    }
    return BS_OK;
}

bs_status bs_region_overlaps(const bs_region_shape *shape, const bs_region_mask *mask, const struct bs_lonlat_grid *src,
                             const bs_mesh *mesh, const struct bs_weights *weights, double *area, bs_err *err)
{
    bs_axes axes;
    for (size_t n = 0; n < weights->row_start[weights->n_dst]; n++) area[n] = 0.0;
    if (mask->n == 0) return BS_OK;
    BS_TRY(bs_axes_create(src, &axes, err));
    overlay o = {.axes = &axes, .mesh = mesh, .weights = weights, .area = area};
    bs_status status = bs_region_polygon(shape, &o.origin, NULL, &o.region, err);
    if (status == BS_OK) status = add_cells(&o, mask, err);
    bs_polygon_destroy(o.region);
    bs_axes_clear(&axes);
    return status;
}
