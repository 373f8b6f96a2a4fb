#include "model/met/area_means.h"

#include <math.h>
#include <stdio.h>

#include "model/core/memory.h"

/* Overlaps are exact to rounding; a cell short of its area by more than this has a part outside the file. */
static const double COVER = 1e-6;

void bs_area_source_clear(bs_area_source *s)
{
    bs_free(s->lon);
    bs_free(s->lat);
    bs_free(s->lon_edge);
    bs_free(s->lat_edge);
}

/* Edges from a CF bounds variable [n][2] whose cells touch; none otherwise: then edges lie half-way between centres. */
static bs_status read_edges(const bs_nc *nc, const char *axis, int n, double **edges, bs_err *err)
{
    *edges = NULL;
    bs_nc_var coordinate, bounds;
    char name[BS_NC_NAME_MAX];
    BS_TRY(bs_nc_find(nc, axis, &coordinate, err));
    if (!bs_nc_text(nc, &coordinate, "bounds", name, sizeof name) || !bs_nc_has_var(nc, name)) return BS_OK;
    BS_TRY(bs_nc_find(nc, name, &bounds, err));
    if (bounds.n_dims != 2 || bounds.length[0] != (size_t)n || bounds.length[1] != 2) return BS_OK;
    double *pairs = NULL, *e = NULL;
    BS_TRY(BS_NEW(&pairs, bounds.size, name, err));
    bs_status status = bs_nc_read(nc, &bounds, NULL, NULL, pairs, err);
    bool touch = true;
    for (int i = 1; i < n && !status; i++) touch = touch && fabs(pairs[2 * i] - pairs[2 * i - 1]) < 1e-9;
    if (!status && touch) status = BS_NEW(&e, n + 1, name, err);
    if (e) {
        for (int i = 0; i < n; i++) e[i] = pairs[2 * i];
        e[n] = pairs[2 * n - 1];
    }
    bs_free(pairs);
    *edges = e;
    return status;
}

/* First and number of the centres within [low, high] and two more on each side; all when the run is not in one piece. */
static void window(int n, const double *centre, double low, double high, double period, int *first, int *count)
{
    int a = n, b = -1, inside = 0;
    for (int i = 0; i < n; i++) {
        double x = centre[i];
        if (period > 0) x += period * round((0.5 * (low + high) - x) / period);
        if (x < low || x > high) continue;
        if (i < a) a = i;
        if (i > b) b = i;
        inside++;
    }
    *first = 0;
    *count = n;
    if (inside == 0 || inside != b - a + 1) return;
    a = a > 2 ? a - 2 : 0;
    b = b < n - 3 ? b + 2 : n - 1;
    *first = a;
    *count = b - a + 1;
}

static void choose_window(const bs_mesh *mesh, bs_area_source *s)
{
    double w = mesh->lon_c[0], e = w, so = mesh->lat_c[0], no = so;
    size_t corners = (size_t)(mesh->nx + 1) * (size_t)(mesh->ny + 1);
    for (size_t c = 0; c < corners; c++) {
        w = fmin(w, mesh->lon_c[c]);
        e = fmax(e, mesh->lon_c[c]);
        so = fmin(so, mesh->lat_c[c]);
        no = fmax(no, mesh->lat_c[c]);
    }
    window(s->nlon, s->lon, w, e, 360.0, &s->i0, &s->ni);
    window(s->nlat, s->lat, so, no, 0.0, &s->j0, &s->nj);
}

bs_status bs_area_source_open(const bs_nc *nc, const bs_nc_var *var, const bs_pl_axes *axes, const bs_mesh *mesh,
                              bs_area_source *s, bs_err *err)
{
    int lon = axes->dim[BS_PL_LON], lat = axes->dim[BS_PL_LAT];
    *s = (bs_area_source){0};
    s->nlon = (int)var->length[lon];
    s->nlat = (int)var->length[lat];
    BS_TRY(bs_pl_axis_read(nc, var, lon, &s->lon, err));
    BS_TRY(bs_pl_axis_read(nc, var, lat, &s->lat, err));
    for (int j = 0; j < s->nlat; j++) {
        if (fabs(s->lat[j]) > 90.0)
            return bs_fail(err, BS_ERR_INPUT, "%s: %s[%d] is %g, beyond 90 degrees", bs_nc_file(nc), var->dim[lat], j,
                           s->lat[j]);
    }
    BS_TRY(read_edges(nc, var->dim[lon], s->nlon, &s->lon_edge, err));
    BS_TRY(read_edges(nc, var->dim[lat], s->nlat, &s->lat_edge, err));
    choose_window(mesh, s);
    return BS_OK;
}

bs_status bs_area_read(const bs_nc *nc, const bs_nc_var *var, const bs_pl_axes *axes, const bs_area_source *s,
                       int other, size_t n, double *out, bs_err *err)
{
    size_t start[BS_NC_MAX_DIMS] = {0}, count[BS_NC_MAX_DIMS];
    int lon = axes->dim[BS_PL_LON], lat = axes->dim[BS_PL_LAT];
    for (int d = 0; d < var->n_dims; d++) count[d] = 1;
    start[lon] = (size_t)s->i0;
    count[lon] = (size_t)s->ni;
    start[lat] = (size_t)s->j0;
    count[lat] = (size_t)s->nj;
    if (other >= 0) start[other] = n;
    double *stored = NULL;
    const size_t size = count[lon] * count[lat];
    BS_TRY(BS_NEW(&stored, size, var->name, err));
    bs_status status = bs_nc_read(nc, var, start, count, stored, err);
    for (size_t m = 0; m < size && !status; m++) {
        size_t j = m / count[lon], i = m % count[lon];
        out[m] = stored[lon > lat ? m : i * count[lat] + j];
    }
    bs_free(stored);
    return status;
}

static bs_status check_cover(const char *file, const bs_area_source *s, const bs_mesh *mesh, const bs_weights *w,
                             bs_err *err)
{
    size_t cells = (size_t)mesh->nx * (size_t)mesh->ny, bad = 0, first = 0;
    double part = 1;
    for (size_t c = 0; c < cells; c++) {
        double area = 0;
        for (size_t n = w->row_start[c]; n < w->row_start[c + 1]; n++) area += w->weight[n];
        if (fabs(area / mesh->area[c] - 1) <= COVER) continue;
        if (bad++ == 0) {
            first = c;
            part = area / mesh->area[c];
        }
    }
    if (bad == 0) return BS_OK;
    return bs_fail(
        err, BS_ERR_INPUT,
        "%s does not cover the mesh: %zu of %zu cells, the first (j %zu, i %zu) at longitude %.3f, latitude %.3f with "
        "%.1f %% inside; the file spans longitudes %g to %g and latitudes %g to %g. Take a larger file or shrink the "
        "mesh",
        file, bad, cells, (size_t)mesh->j0 + first / (size_t)mesh->nx, (size_t)mesh->i0 + first % (size_t)mesh->nx,
        mesh->lon[first], mesh->lat[first], 100 * part, s->lon[0], s->lon[s->nlon - 1], s->lat[0], s->lat[s->nlat - 1]);
}

bs_status bs_area_weights(const char *file, const bs_area_source *s, const bs_mesh *mesh, bs_weights **out, bs_err *err)
{
    bs_lonlat_grid grid = {.nlon = s->ni,
                           .nlat = s->nj,
                           .lon = s->lon + s->i0,
                           .lat = s->lat + s->j0,
                           .lon_edge = s->lon_edge ? s->lon_edge + s->i0 : NULL,
                           .lat_edge = s->lat_edge ? s->lat_edge + s->j0 : NULL};
    bs_weights *w = NULL;
    *out = NULL;
    bs_status status = bs_regrid_conservative(&grid, mesh, &w, NULL, NULL, err);
    if (status) {
        bs_err_context(err, "%s", file);
        return status;
    }
    status = check_cover(file, s, mesh, w, err);
    if (status) {
        bs_weights_destroy(w);
        return status;
    }
    *out = w;
    return BS_OK;
}

const char *bs_area_place(const bs_area_source *s, size_t column, char *text, size_t size)
{
    const size_t i = column % (size_t)s->ni + (size_t)s->i0, j = column / (size_t)s->ni + (size_t)s->j0;
    snprintf(text, size, "[lat=%zu][lon=%zu] at longitude %g, latitude %g", j, i, s->lon[i], s->lat[j]);
    return text;
}

void bs_area_mean(const bs_weights *w, const bs_mesh *mesh, const double *src, double *out)
{
    bs_weights_apply(w, src, out);
    const size_t cells = (size_t)mesh->nx * (size_t)mesh->ny;
    for (size_t c = 0; c < cells; c++) out[c] /= mesh->area[c];
}
