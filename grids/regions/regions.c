#include "grids/regions/regions.h"

#include <math.h>
#include <stdlib.h>

#include "grids/geometry/geometry.h"
#include "grids/regions/polygon.h"
#include "grids/regrid/axis.h"

static bs_status check_point(const bs_region_shape *s, size_t n, bool first_of_ring, bs_err *err)
{
    double lon = s->lon[n], lat = s->lat[n];
    if (!isfinite(lon) || !(fabs(lat) <= 90.0)) {
        return bs_fail(err, BS_ERR_INPUT,
                       "region: point %zu is (%g, %g); expected longitude and latitude in degrees, in that order", n,
                       lon, lat);
    }
    if (!first_of_ring && fabs(lon - s->lon[n - 1]) > 180.0) {
        return bs_fail(
            err, BS_ERR_INPUT,
            "region: longitude jumps from %g to %g at point %zu; expected continuous longitudes (e.g. 179, 181) "
            "across the date line",
            s->lon[n - 1], lon, n);
    }
    return BS_OK;
}

static bs_status check_shape(const bs_region_shape *s, bs_err *err)
{
    if (!s->n_polygons || !s->n_rings || !s->n_points) {
        return bs_fail(err, BS_ERR_INPUT, "region: it is empty; expected at least one polygon");
    }
    bool known = s->polygon_start[s->n_polygons] <= s->n_rings;
    for (size_t r = 0; r < s->n_rings; r++) known = known && s->ring_start[r + 1] <= s->n_points;
    if (!known) return bs_fail(err, BS_ERR_INPUT, "region: its polygons name rings or points that are not there");
    for (size_t r = 0; r < s->n_rings; r++) {
        for (size_t n = s->ring_start[r]; n < s->ring_start[r + 1]; n++) {
            BS_TRY(check_point(s, n, n == s->ring_start[r], err));
        }
    }
    return BS_OK;
}

bs_status bs_region_polygon(const bs_region_shape *s, double *origin, bool *mended, bs_polygon **out, bs_err *err)
{
    *out = NULL;
    BS_TRY(check_shape(s, err));
    double *x = malloc(2 * s->n_points * sizeof *x);
    if (!x) return bs_fail(err, BS_ERR_MEMORY, "region: out of memory");
    double *y = x + s->n_points;
    *origin = s->lon[0];
    for (size_t n = 0; n < s->n_points; n++) {
        x[n] = s->lon[n] - *origin;
        y[n] = bs_plane_y(s->lat[n]);
    }
    bs_rings rings = {s->n_polygons, s->polygon_start, s->ring_start, x, y};
    bs_status status = bs_polygon_create(&rings, mended, out, err);
    free(x);
    if (status != BS_OK) bs_err_context(err, "region");
    return status;
}

static bool apart(const bs_rect *a, const bs_rect *b)
{
    return a->x1 <= b->x0 || a->x0 >= b->x1 || a->y1 <= b->y0 || a->y0 >= b->y1;
}

static bs_quad moved_cell(const bs_mesh *m, int j, int i, double shift)
{
    bs_quad cell = bs_mesh_quad(m, j, i);
    for (int c = 0; c < 4; c++) cell.x[c] += shift;
    return cell;
}

/* Columns first .. last - 1 of row j whose cells may touch the box, and the window round them; none: false. */
static bool row_window(const bs_mesh *m, int j, double shift, const bs_rect *box, int *first, int *last,
                       bs_rect *window)
{
    *first = m->nx;
    *last = 0;
    for (int i = 0; i < m->nx; i++) {
        bs_quad cell = moved_cell(m, j, i, shift);
        bs_rect around = bs_quad_bounds(&cell);
        if (apart(&around, box)) continue;
        if (!*last) {
            *first = i;
            *window = around;
        }
        *last = i + 1;
        *window = (bs_rect){fmin(window->x0, around.x0), fmin(window->y0, around.y0), fmax(window->x1, around.x1),
                            fmax(window->y1, around.y1)};
    }
    return *first < *last;
}

/* Adds to area [cells], in m2, what each cell of row j shares with the region when moved by `shift` degrees. */
static bs_status add_row(const bs_mesh *m, int j, bs_polygon *polygon, double shift, double *area, bs_err *err)
{
    bs_rect box = bs_polygon_bounds(polygon), window;
    int first, last;
    if (!row_window(m, j, shift, &box, &first, &last, &window)) return BS_OK;
    bs_status status = bs_polygon_focus(polygon, &window, err);
    for (int i = first; i < last && status == BS_OK; i++) {
        bs_quad cell = moved_cell(m, j, i, shift);
        double part = 0.0;
        status = bs_polygon_overlap(polygon, &cell, &part, err);
        /* Through the share, as moving a cell may cost the last digit of its area. */
        size_t n = (size_t)j * (size_t)m->nx + (size_t)i;
        area[n] = fmin(m->area[n], area[n] + part / bs_quad_area(&cell) * m->area[n]);
    }
    if (status != BS_OK) bs_err_context(err, "region, mesh row j=%d", j);
    return status;
}

static bs_status cell_areas(const bs_mesh *m, bs_polygon *polygon, double origin, double *area, bs_err *err)
{
    bs_rect mesh_box = bs_mesh_bounds(m), box = bs_polygon_bounds(polygon);
    int first = (int)ceil((mesh_box.x0 - box.x1 - origin) / 360.0);
    int last = (int)floor((mesh_box.x1 - box.x0 - origin) / 360.0);
    for (int turn = first; turn <= last; turn++) {
        double shift = -origin - 360.0 * turn;
        for (int j = 0; j < m->ny; j++) BS_TRY(add_row(m, j, polygon, shift, area, err));
    }
    return BS_OK;
}

static bs_status gather(const bs_mesh *m, const double *area, bs_region_mask *mask, bs_err *err)
{
    size_t cells = (size_t)m->nx * (size_t)m->ny, found = 0;
    for (size_t n = 0; n < cells; n++) found += area[n] > 0.0;
    mask->cell = malloc((found ? found : 1) * sizeof *mask->cell);
    mask->fraction = malloc((found ? found : 1) * sizeof *mask->fraction);
    if (!mask->cell || !mask->fraction)
        return bs_fail(err, BS_ERR_MEMORY, "region: out of memory for %zu cells", found);
    for (size_t n = 0; n < cells; n++) {
        if (!(area[n] > 0.0)) continue;
        mask->cell[mask->n] = n;
        mask->fraction[mask->n++] = area[n] / m->area[n];
        mask->area += area[n];
    }
    return BS_OK;
}

static bs_status fill_mask(bs_polygon *polygon, double origin, const bs_mesh *m, bs_region_mask *mask, bs_err *err)
{
    double *area = calloc((size_t)m->nx * (size_t)m->ny, sizeof *area);
    if (!area) return bs_fail(err, BS_ERR_MEMORY, "region: out of memory for %d x %d cells", m->nx, m->ny);
    bs_status status = cell_areas(m, polygon, origin, area, err);
    if (status == BS_OK) status = gather(m, area, mask, err);
    free(area);
    mask->full_area = bs_polygon_area(polygon) * bs_plane_to_m2(m->radius);
    return status;
}

bs_status bs_region_mask_create(const bs_region_shape *shape, const bs_mesh *mesh, bs_region_mask **out, bool *mended,
                                bs_err *err)
{
    *out = NULL;
    if (mended) *mended = false;
    double origin = 0.0;
    bs_polygon *polygon = NULL;
    BS_TRY(bs_region_polygon(shape, &origin, mended, &polygon, err));
    bs_region_mask *mask = calloc(1, sizeof *mask);
    bs_status status =
        mask ? fill_mask(polygon, origin, mesh, mask, err) : bs_fail(err, BS_ERR_MEMORY, "region: out of memory");
    bs_polygon_destroy(polygon);
    if (status == BS_OK) {
        *out = mask;
    } else {
        bs_region_mask_destroy(mask);
    }
    return status;
}

void bs_region_mask_destroy(bs_region_mask *mask)
{
    if (!mask) return;
    free(mask->cell);
    free(mask->fraction);
    free(mask);
}

/* Longitudes in the turn of the polygon: the least that is not west of its box. */
static bs_status find_places(bs_polygon *polygon, double origin, size_t n, const double *lon, const double *lat,
                             bool *inside, bs_err *err)
{
    double *x = malloc((2 * n + 1) * sizeof *x);
    if (!x) return bs_fail(err, BS_ERR_MEMORY, "region: out of memory for %zu places", n);
    double west = bs_polygon_bounds(polygon).x0;
    for (size_t k = 0; k < n; k++) {
        x[k] = lon[k] - origin;
        x[k] -= 360.0 * floor((x[k] - west) / 360.0);
        x[n + k] = bs_plane_y(lat[k]);
    }
    bs_status status = bs_polygon_holds(polygon, n, x, x + n, inside, err);
    free(x);
    return status;
}

bs_status bs_region_holds(const bs_region_shape *shape, size_t n, const double *lon, const double *lat, bool *inside,
                          bs_err *err)
{
    double origin = 0.0;
    bs_polygon *polygon = NULL;
    BS_TRY(bs_region_polygon(shape, &origin, NULL, &polygon, err));
    bs_status status = find_places(polygon, origin, n, lon, lat, inside, err);
    bs_polygon_destroy(polygon);
    return status;
}

bs_status bs_region_source_fractions(const bs_region_shape *shape, const struct bs_lonlat_grid *src, double *fraction,
                                     bs_err *err)
{
    bs_axes axes;
    BS_TRY(bs_axes_create(src, &axes, err));
    double origin = 0.0;
    bs_polygon *polygon = NULL;
    bs_status status = bs_region_polygon(shape, &origin, NULL, &polygon, err);
    if (status == BS_OK) status = bs_axes_fractions(&axes, polygon, origin, fraction, err);
    bs_polygon_destroy(polygon);
    bs_axes_clear(&axes);
    return status;
}

bs_status bs_region_dominant(int n, const bs_region_mask *const *mask, size_t cells, int *label, bs_err *err)
{
    double *share = calloc(2 * cells, sizeof *share), *rest = share + cells; /* of the region so far, of none */
    if (!share) return bs_fail(err, BS_ERR_MEMORY, "regions of %zu cells: out of memory", cells);
    for (size_t c = 0; c < cells; c++) {
        label[c] = n;
        rest[c] = 1;
    }
    for (int r = 0; r < n; r++)
        for (size_t m = 0; mask[r] && m < mask[r]->n; m++) {
            const size_t c = mask[r]->cell[m];
            rest[c] -= mask[r]->fraction[m];
            if (mask[r]->fraction[m] <= share[c]) continue;
            share[c] = mask[r]->fraction[m];
            label[c] = r;
        }
    for (size_t c = 0; c < cells; c++)
        if (rest[c] > share[c]) label[c] = n;
    free(share);
    return BS_OK;
}
