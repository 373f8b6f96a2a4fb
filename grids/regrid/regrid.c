#include "grids/regrid/regrid.h"

#include <math.h>
#include <stdlib.h>

#include "grids/regrid/axis.h"
#include "grids/regrid/weights.h"

typedef struct {
    const bs_axes *axes;
    const bs_mesh *mesh;
    double to_m2;
    bs_clipper *clipper;
    bs_weights *weights;
    size_t capacity, used;
} builder;

/* The quadrilateral is cut in coordinates relative to its first corner: near zero, doubles resolve a cut far better than
 * near 104 degrees, and an edge that coincides with the source's stays coincident. */
static void move_to_corner(bs_quad *q, double *x, double *y)
{
    *x = q->x[0];
    *y = q->y[0];
    for (int c = 0; c < 4; c++) {
        q->x[c] -= *x;
        q->y[c] -= *y;
    }
}

static bs_status add_overlap(builder *b, int j, int i, const bs_rect *cell, bs_err *err)
{
    double area = 0.0;
    BS_TRY(bs_clipper_area(b->clipper, cell, &area, err));
    if (!(area > 0.0)) return BS_OK;
    BS_TRY(bs_weights_reserve(b->weights, &b->capacity, b->used, 1, err));
    const bs_axes *a = b->axes;
    b->weights->column[b->used] = bs_axis_given(&a->lat, j) * (size_t)a->lon.n + bs_axis_given(&a->lon, i);
    b->weights->weight[b->used++] = area * b->to_m2;
    return BS_OK;
}

static bs_status add_cell(builder *b, int j, int i, bs_err *err)
{
    const bs_axes *a = b->axes;
    bs_quad quad = bs_mesh_quad(b->mesh, j, i);
    bs_rect box = bs_quad_bounds(&quad);
    double x, y;
    move_to_corner(&quad, &x, &y);
    BS_TRY(bs_clipper_set(b->clipper, &quad, err));
    int first_turn, last_turn, j0, j1;
    bs_axis_turns(&a->lon, box.x0, box.x1, &first_turn, &last_turn);
    bs_axis_overlapping(&a->lat, box.y0, box.y1, &j0, &j1);
    for (int turn = first_turn; turn <= last_turn; turn++) {
        double shift = 360.0 * turn;
        int i0, i1;
        bs_axis_overlapping(&a->lon, box.x0 - shift, box.x1 - shift, &i0, &i1);
        for (int sj = j0; sj < j1; sj++) {
            for (int si = i0; si < i1; si++) {
                bs_rect cell = bs_axes_cell(a, sj, si, shift);
                cell = (bs_rect){cell.x0 - x, cell.y0 - y, cell.x1 - x, cell.y1 - y};
                BS_TRY(add_overlap(b, sj, si, &cell, err));
            }
        }
    }
    return BS_OK;
}

static bs_status add_cells(builder *b, bs_err *err)
{
    const bs_mesh *m = b->mesh;
    for (int j = 0; j < m->ny; j++) {
        for (int i = 0; i < m->nx; i++) {
            bs_status status = add_cell(b, j, i, err);
            if (status != BS_OK) {
                bs_err_context(err, "conservative regridding, mesh cell (j=%d, i=%d)", j, i);
                return status;
            }
            b->weights->row_start[(size_t)j * (size_t)m->nx + (size_t)i + 1] = b->used;
        }
    }
    return BS_OK;
}

static bs_status overlap_weights(const bs_axes *axes, const bs_mesh *mesh, bs_weights **out, bs_err *err)
{
    size_t cells = (size_t)mesh->nx * (size_t)mesh->ny;
    builder b = {.axes = axes, .mesh = mesh, .to_m2 = bs_plane_to_m2(mesh->radius)};
    b.weights = bs_weights_create(cells, (size_t)axes->lon.n * (size_t)axes->lat.n);
    if (!b.weights) return bs_fail(err, BS_ERR_MEMORY, "regridding: out of memory");
    bs_status status = bs_weights_reserve(b.weights, &b.capacity, 0, 4 * cells, err);
    if (status == BS_OK) status = bs_clipper_create(&b.clipper, err);
    if (status == BS_OK) status = add_cells(&b, err);
    bs_clipper_destroy(b.clipper);
    if (status == BS_OK) {
        *out = b.weights;
    } else {
        bs_weights_destroy(b.weights);
    }
    return status;
}

static void fill_source_areas(const bs_axes *a, double radius, double *area)
{
    for (int j = 0; j < a->lat.n; j++) {
        for (int i = 0; i < a->lon.n; i++) {
            double width = a->lon.plane[i + 1] - a->lon.plane[i], height = a->lat.plane[j + 1] - a->lat.plane[j];
            size_t n = bs_axis_given(&a->lat, j) * (size_t)a->lon.n + bs_axis_given(&a->lon, i);
            area[n] = width * height * bs_plane_to_m2(radius);
        }
    }
}

bs_status bs_axes_outline(const bs_mesh *m, double origin, bs_polygon **out, bs_err *err)
{
    size_t nx = (size_t)m->nx, ny = (size_t)m->ny, row = nx + 1, n = 2 * (nx + ny) + 1;
    double *x = malloc(2 * n * sizeof *x);
    if (!x) return bs_fail(err, BS_ERR_MEMORY, "regridding: out of memory");
    double *y = x + n;
    for (size_t p = 0; p < n; p++) {
        size_t corner;
        if (p < nx) {
            corner = p;
        } else if (p < nx + ny) {
            corner = (p - nx) * row + nx;
        } else if (p < 2 * nx + ny) {
            corner = ny * row + (2 * nx + ny - p);
        } else {
            corner = (n - 1 - p) * row;
        }
        x[p] = m->lon_c[corner] - origin;
        y[p] = bs_plane_y(m->lat_c[corner]);
    }
    const size_t polygon_start[] = {0, 1}, ring_start[] = {0, n};
    bs_rings ring = {.n_polygons = 1, .polygon_start = polygon_start, .ring_start = ring_start, .x = x, .y = y};
    bs_status status = bs_polygon_create(&ring, NULL, out, err);
    free(x);
    return status;
}

static bs_status fill_domain_fractions(const bs_axes *axes, const bs_mesh *mesh, double *fraction, bs_err *err)
{
    bs_polygon *outline = NULL;
    bs_status status = bs_axes_outline(mesh, mesh->lon_c[0], &outline, err);
    if (status == BS_OK) status = bs_axes_fractions(axes, outline, mesh->lon_c[0], fraction, err);
    bs_polygon_destroy(outline);
    if (status != BS_OK) bs_err_context(err, "conservative regridding, the mesh's outline");
    return status;
}

bs_status bs_regrid_conservative(const bs_lonlat_grid *src, const bs_mesh *mesh, bs_weights **out, double *source_area,
                                 double *domain_fraction, bs_err *err)
{
    *out = NULL;
    bs_axes axes;
    BS_TRY(bs_axes_create(src, &axes, err));
    bs_status status = overlap_weights(&axes, mesh, out, err);
    if (status == BS_OK && source_area) fill_source_areas(&axes, mesh->radius, source_area);
    if (status == BS_OK && domain_fraction) status = fill_domain_fractions(&axes, mesh, domain_fraction, err);
    bs_axes_clear(&axes);
    if (status != BS_OK) {
        bs_weights_destroy(*out);
        *out = NULL;
    }
    return status;
}
