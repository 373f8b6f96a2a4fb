#include "grids/regrid/axis.h"

#include <math.h>
#include <stdlib.h>

/* Axes are often stored as float: a circle that misses 360 degrees by this share of a cell is meant to be closed, and an
 * edge may miss its centre or the pole by as much. */
static const double ROUNDED = 1e-3;

/* Longitudes may be in any turn, but not so far that they are no degrees. */
static const double FARTHEST_LONGITUDE = 720.0;

static bs_status check_monotonic(const char *name, const char *what, int n, const double *value, bs_err *err)
{
    double direction = n > 1 ? value[1] - value[0] : 1.0;
    for (int i = 0; i < n; i++) {
        if (!isfinite(value[i])) {
            return bs_fail(err, BS_ERR_INPUT, "%s axis: %s %d is not a number", name, what, i);
        }
        if (i > 0 && !((value[i] - value[i - 1]) * direction > 0.0)) {
            return bs_fail(err, BS_ERR_INPUT,
                           "%s axis: not strictly monotonic: %s %d is %.9g after %.9g; expected it to %s. An axis that "
                           "crosses the date line or Greenwich must be continuous, e.g. 170 .. 190",
                           name, what, i, value[i], value[i - 1], direction > 0.0 ? "rise" : "fall");
        }
    }
    return BS_OK;
}

static void copy_ascending(int n, const double *given, bool descending, double *out)
{
    for (int i = 0; i < n; i++) out[i] = given[descending ? n - 1 - i : i];
}

static void edges_between(bs_axis *a)
{
    int n = a->n;
    for (int i = 1; i < n; i++) a->edge[i] = 0.5 * (a->centre[i - 1] + a->centre[i]);
    a->edge[0] = a->centre[0] - 0.5 * (a->centre[1] - a->centre[0]);
    a->edge[n] = a->centre[n - 1] + 0.5 * (a->centre[n - 1] - a->centre[n - 2]);
}

static bs_status check_edges(const char *name, const bs_axis *a, bs_err *err)
{
    for (int i = 0; i < a->n; i++) {
        double slack = ROUNDED * (a->edge[i + 1] - a->edge[i]);
        if (a->centre[i] >= a->edge[i] - slack && a->centre[i] <= a->edge[i + 1] + slack) continue;
        return bs_fail(err, BS_ERR_INPUT,
                       "%s axis: centre %zu is %.9g, outside its cell's edges %.9g and %.9g; expected it between them",
                       name, bs_axis_given(a, i), a->centre[i], a->edge[i], a->edge[i + 1]);
    }
    return BS_OK;
}

static bs_status finish_latitude(bs_axis *a, bool given_edges, bs_err *err)
{
    int n = a->n;
    double low = given_edges ? a->edge[0] : a->centre[0], high = given_edges ? a->edge[n] : a->centre[n - 1];
    double slack = ROUNDED * (a->edge[1] - a->edge[0]);
    if (low < -90.0 - slack || high > 90.0 + slack) {
        return bs_fail(err, BS_ERR_INPUT, "latitude axis: it runs from %.9g to %.9g degrees; expected -90 to 90", low,
                       high);
    }
    a->edge[0] = fmax(a->edge[0], -90.0);
    a->edge[n] = fmin(a->edge[n], 90.0);
    for (int i = 0; i <= n; i++) a->plane[i] = bs_plane_y(a->edge[i]);
    return BS_OK;
}

static bs_status finish_longitude(bs_axis *a, bs_err *err)
{
    int n = a->n;
    double extent = a->edge[n] - a->edge[0], slack = ROUNDED * (a->edge[n] - a->edge[n - 1]);
    if (a->edge[0] < -FARTHEST_LONGITUDE || a->edge[n] > FARTHEST_LONGITUDE) {
        return bs_fail(
            err, BS_ERR_INPUT,
            "longitude axis: it runs from %.9g to %.9g; expected degrees, from -180 or 0 on (is it in metres?)",
            a->edge[0], a->edge[n]);
    }
    a->global = fabs(extent - 360.0) <= slack;
    if (a->global) {
        a->edge[n] = a->edge[0] + 360.0;
    } else if (extent > 360.0) {
        return bs_fail(
            err, BS_ERR_INPUT,
            "longitude axis: its cells run from %.9g to %.9g, more than the whole circle; leave out the columns "
            "that come twice",
            a->edge[0], a->edge[n]);
    }
    for (int i = 0; i <= n; i++) a->plane[i] = a->edge[i];
    return BS_OK;
}

static bs_status fill(const char *name, const double *centre, const double *edge, bs_axis *a, bs_err *err)
{
    int n = a->n;
    BS_TRY(check_monotonic(name, "centre", n, centre, err));
    if (edge) BS_TRY(check_monotonic(name, "edge", n + 1, edge, err));
    a->descending = edge ? edge[1] < edge[0] : centre[1] < centre[0];
    copy_ascending(n, centre, a->descending, a->centre);
    if (edge) {
        copy_ascending(n + 1, edge, a->descending, a->edge);
        return check_edges(name, a, err);
    }
    edges_between(a);
    return BS_OK;
}

static bs_status axis_create(const char *name, int n, const double *centre, const double *edge, bs_axis *a, bs_err *err)
{
    if (n < 1 || (n == 1 && !edge)) {
        return bs_fail(err, BS_ERR_INPUT, "%s axis: %d points without edges; expected at least two, or edges", name, n);
    }
    a->n = n;
    a->centre = malloc((size_t)n * sizeof *a->centre);
    a->edge = malloc(((size_t)n + 1) * sizeof *a->edge);
    a->plane = malloc(((size_t)n + 1) * sizeof *a->plane);
    if (!a->centre || !a->edge || !a->plane) return bs_fail(err, BS_ERR_MEMORY, "%s axis: out of memory", name);
    return fill(name, centre, edge, a, err);
}

bs_status bs_axes_create(const bs_lonlat_grid *grid, bs_axes *out, bs_err *err)
{
    *out = (bs_axes){0};
    bs_status status = axis_create("longitude", grid->nlon, grid->lon, grid->lon_edge, &out->lon, err);
    if (status == BS_OK) status = finish_longitude(&out->lon, err);
    if (status == BS_OK) status = axis_create("latitude", grid->nlat, grid->lat, grid->lat_edge, &out->lat, err);
    if (status == BS_OK) status = finish_latitude(&out->lat, grid->lat_edge != NULL, err);
    if (status != BS_OK) bs_axes_clear(out);
    return status;
}

void bs_axes_clear(bs_axes *axes)
{
    bs_axis *const list[] = {&axes->lon, &axes->lat};
    for (int a = 0; a < 2; a++) {
        free(list[a]->centre);
        free(list[a]->edge);
        free(list[a]->plane);
    }
    *axes = (bs_axes){0};
}

/* Number of the plane's edges that are <= value (strict: < value). */
static int count_below(const bs_axis *a, double value, bool strict)
{
    int low = 0, high = a->n + 1;
    while (low < high) {
        int middle = low + (high - low) / 2;
        bool below = strict ? a->plane[middle] < value : a->plane[middle] <= value;
        if (below) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

void bs_axis_overlapping(const bs_axis *a, double low, double high, int *first, int *last)
{
    int from = count_below(a, low, false) - 1, to = count_below(a, high, true);
    *first = from < 0 ? 0 : from;
    *last = to > a->n ? a->n : to;
    if (*first >= *last) *first = *last = 0;
}

void bs_axis_turns(const bs_axis *a, double low, double high, int *first, int *last)
{
    *first = (int)ceil((low - a->edge[a->n]) / 360.0);
    *last = (int)floor((high - a->edge[0]) / 360.0);
}

bs_rect bs_axes_cell(const bs_axes *axes, int j, int i, double shift)
{
    return (bs_rect){axes->lon.plane[i] + shift, axes->lat.plane[j], axes->lon.plane[i + 1] + shift,
                     axes->lat.plane[j + 1]};
}

static bs_status row_fractions(const bs_axes *a, bs_polygon *polygon, int j, int i0, int i1, double shift,
                               double *fraction, bs_err *err)
{
    bs_rect row = bs_axes_cell(a, j, i0, shift);
    row.x1 = bs_axes_cell(a, j, i1 - 1, shift).x1;
    BS_TRY(bs_polygon_focus(polygon, &row, err));
    for (int i = i0; i < i1; i++) {
        bs_rect rect = bs_axes_cell(a, j, i, shift);
        bs_quad cell = bs_quad_from_rect(&rect);
        double area = 0.0;
        BS_TRY(bs_polygon_overlap(polygon, &cell, &area, err));
        size_t n = bs_axis_given(&a->lat, j) * (size_t)a->lon.n + bs_axis_given(&a->lon, i);
        fraction[n] = fmin(1.0, fraction[n] + area / bs_quad_area(&cell));
    }
    return BS_OK;
}

bs_status bs_axes_fractions(const bs_axes *a, bs_polygon *polygon, double origin, double *fraction, bs_err *err)
{
    for (size_t n = 0; n < (size_t)a->lon.n * (size_t)a->lat.n; n++) fraction[n] = 0.0;
    bs_rect box = bs_polygon_bounds(polygon);
    int first_turn, last_turn, j0, j1;
    bs_axis_turns(&a->lon, box.x0 + origin, box.x1 + origin, &first_turn, &last_turn);
    bs_axis_overlapping(&a->lat, box.y0, box.y1, &j0, &j1);
    for (int turn = first_turn; turn <= last_turn; turn++) {
        double shift = 360.0 * turn - origin;
        int i0, i1;
        bs_axis_overlapping(&a->lon, box.x0 - shift, box.x1 - shift, &i0, &i1);
        for (int j = j0; j < j1 && i0 < i1; j++) BS_TRY(row_fractions(a, polygon, j, i0, i1, shift, fraction, err));
    }
    return BS_OK;
}
