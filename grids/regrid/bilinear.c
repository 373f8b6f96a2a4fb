#include <math.h>

#include "grids/regrid/axis.h"
#include "grids/regrid/regrid.h"
#include "grids/regrid/weights.h"

enum { CORNERS = 4 };

static const double EDGE_SLACK = 1e-9; /* degrees: rounding of a point that lies on the outermost edge */

/* Where a point lies between two centres: value = (1 - share) * [low] + share * [high], indices as given. */
typedef struct {
    size_t low, high;
    double share;
} bracket;

/* The interval of centres with centre[i] <= value < centre[i + 1]; value lies within the centres. */
static int find_centre(const bs_axis *a, double value)
{
    int low = 0, high = a->n - 1;
    while (high - low > 1) {
        int middle = low + (high - low) / 2;
        if (a->centre[middle] <= value) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

static bracket between(const bs_axis *a, double value)
{
    int last = a->n - 1;
    if (value >= a->centre[0] && value <= a->centre[last] && last > 0) {
        int i = find_centre(a, value);
        double share = (value - a->centre[i]) / (a->centre[i + 1] - a->centre[i]);
        return (bracket){bs_axis_given(a, i), bs_axis_given(a, i + 1), share};
    }
    size_t first_given = bs_axis_given(a, 0), last_given = bs_axis_given(a, last);
    if (a->global) {
        double gap = a->centre[0] + 360.0 - a->centre[last];
        double past = value > a->centre[last] ? value - a->centre[last] : value + 360.0 - a->centre[last];
        return (bracket){last_given, first_given, past / gap};
    }
    size_t edge = value < a->centre[0] ? first_given : last_given;
    return (bracket){edge, edge, 0.0};
}

static bool within(const bs_axis *a, double value)
{
    return value >= a->edge[0] - EDGE_SLACK && value <= a->edge[a->n] + EDGE_SLACK;
}

static void add(bs_weights *w, size_t column, double weight, size_t *used)
{
    if (weight == 0.0) return;
    w->column[*used] = column;
    w->weight[(*used)++] = weight;
}

static void add_corners(bs_weights *w, size_t row, const bracket *x, const bracket *y, size_t *used)
{
    add(w, y->low * row + x->low, (1.0 - y->share) * (1.0 - x->share), used);
    add(w, y->low * row + x->high, (1.0 - y->share) * x->share, used);
    add(w, y->high * row + x->low, y->share * (1.0 - x->share), used);
    add(w, y->high * row + x->high, y->share * x->share, used);
}

static bs_status add_point(const bs_axes *a, double lon, double lat, size_t r, bs_weights *w, size_t *used, bs_err *err)
{
    double turned = lon - 360.0 * floor((lon - a->lon.edge[0] + EDGE_SLACK) / 360.0);
    if (!isfinite(lon) || !within(&a->lon, turned) || !(within(&a->lat, lat))) {
        return bs_fail(
            err, BS_ERR_INPUT,
            "bilinear regridding: point %zu at longitude %.6f, latitude %.6f lies outside the source, which "
            "covers longitudes %.6f to %.6f and latitudes %.6f to %.6f; get data for a larger area or shrink the "
            "mesh",
            r, lon, lat, a->lon.edge[0], a->lon.edge[a->lon.n], a->lat.edge[0], a->lat.edge[a->lat.n]);
    }
    bracket x = between(&a->lon, turned), y = between(&a->lat, lat);
    add_corners(w, (size_t)a->lon.n, &x, &y, used);
    w->row_start[r + 1] = *used;
    return BS_OK;
}

static bs_status fill(const bs_axes *axes, size_t n, const double *lon, const double *lat, bs_weights *w, bs_err *err)
{
    size_t capacity = 0, used = 0;
    BS_TRY(bs_weights_reserve(w, &capacity, 0, CORNERS * n, err));
    for (size_t r = 0; r < n; r++) BS_TRY(add_point(axes, lon[r], lat[r], r, w, &used, err));
    return BS_OK;
}

bs_status bs_regrid_bilinear(const bs_lonlat_grid *src, size_t n, const double *lon, const double *lat,
                             bs_weights **out, bs_err *err)
{
    *out = NULL;
    bs_axes axes;
    BS_TRY(bs_axes_create(src, &axes, err));
    bs_weights *w = bs_weights_create(n, (size_t)axes.lon.n * (size_t)axes.lat.n);
    bs_status status = w ? fill(&axes, n, lon, lat, w, err) : bs_fail(err, BS_ERR_MEMORY, "regridding: out of memory");
    bs_axes_clear(&axes);
    if (status == BS_OK) {
        *out = w;
    } else {
        bs_weights_destroy(w);
    }
    return status;
}

/* The last interval holds its upper end. */
static bool between_cells(int n, double f, bracket *out)
{
    const double at = f - 0.5;
    if (!(at >= 0) || !(at <= n - 1)) return false;
    const size_t low = (size_t)fmin(floor(at), fmax(n - 2, 0));
    *out = (bracket){low, n > 1 ? low + 1 : low, at - (double)low};
    return true;
}

bs_status bs_regrid_bilinear_cells(int nx, int ny, size_t n, const double *fi, const double *fj, bs_weights **out,
                                   bs_err *err)
{
    *out = NULL;
    size_t capacity = 0, used = 0;
    bs_weights *w = bs_weights_create(n, (size_t)nx * (size_t)ny);
    bs_status status = w ? bs_weights_reserve(w, &capacity, 0, CORNERS * n, err)
                         : bs_fail(err, BS_ERR_MEMORY, "regridding: out of memory");
    for (size_t r = 0; r < n && status == BS_OK; r++) {
        bracket x, y;
        if (between_cells(nx, fi[r], &x) && between_cells(ny, fj[r], &y)) {
            add_corners(w, (size_t)nx, &x, &y, &used);
            w->row_start[r + 1] = used;
            continue;
        }
        status = bs_fail(err, BS_ERR_INPUT,
                         "bilinear regridding: point %zu at (%.6f, %.6f) in cells lies beyond the outermost centres of "
                         "%d x %d cells",
                         r, fi[r], fj[r], nx, ny);
    }
    if (status == BS_OK) {
        *out = w;
    } else {
        bs_weights_destroy(w);
    }
    return status;
}
