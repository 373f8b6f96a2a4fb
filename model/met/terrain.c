#include <math.h>
#include <stdio.h>
#include <string.h>

#include "grids/regrid/regrid.h"
#include "model/core/memory.h"
#include "model/met/met.h"
#include "model/met/pressure_levels_axes.h"

static const double MIN_HEIGHT = -500, MAX_HEIGHT = 9000; /* m: Dead Sea and Everest */

/* Overlaps are exact to rounding; a cell short of its area by more than this has a part outside the file. */
static const double COVER = 1e-6;

/* The file's axes and the part of them round the mesh: columns i0 .. i0+ni-1, rows j0 .. j0+nj-1. */
typedef struct source {
    double *lon, *lat, *lon_edge, *lat_edge; /* edges NULL where the file has none */
    int nlon, nlat, i0, ni, j0, nj;
    double *height; /* [nj][ni] m */
} source;

static void source_clear(source *s)
{
    bs_free(s->lon);
    bs_free(s->lat);
    bs_free(s->lon_edge);
    bs_free(s->lat_edge);
    bs_free(s->height);
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

static void choose_window(const bs_mesh *mesh, source *s)
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

static bs_status read_axes(const bs_nc *nc, const bs_nc_var *var, const bs_pl_axes *axes, const bs_mesh *mesh,
                           source *s, bs_err *err)
{
    int lon = axes->dim[BS_PL_LON], lat = axes->dim[BS_PL_LAT];
    s->nlon = (int)var->length[lon];
    s->nlat = (int)var->length[lat];
    BS_TRY(bs_pl_axis_read(nc, var, lon, &s->lon, err));
    BS_TRY(bs_pl_axis_read(nc, var, lat, &s->lat, err));
    BS_TRY(read_edges(nc, var->dim[lon], s->nlon, &s->lon_edge, err));
    BS_TRY(read_edges(nc, var->dim[lat], s->nlat, &s->lat_edge, err));
    choose_window(mesh, s);
    return BS_OK;
}

static bs_status read_height(const bs_nc *nc, const bs_nc_var *var, const bs_pl_axes *axes, double scale, double offset,
                             source *s, bs_err *err)
{
    size_t start[BS_NC_MAX_DIMS] = {0}, count[BS_NC_MAX_DIMS];
    int lon = axes->dim[BS_PL_LON], lat = axes->dim[BS_PL_LAT];
    for (int d = 0; d < var->n_dims; d++) count[d] = 1;
    start[lon] = (size_t)s->i0;
    count[lon] = (size_t)s->ni;
    start[lat] = (size_t)s->j0;
    count[lat] = (size_t)s->nj;
    double *stored = NULL;
    size_t n = count[lon] * count[lat];
    BS_TRY(BS_NEW(&stored, n, var->name, err));
    bs_status status = bs_nc_read(nc, var, start, count, stored, err);
    if (!status) status = BS_NEW(&s->height, n, var->name, err);
    for (size_t m = 0; m < n && !status; m++) {
        size_t j = m / count[lon], i = m % count[lon];
        s->height[m] = scale * stored[lon > lat ? m : i * count[lat] + j] + offset;
    }
    bs_free(stored);
    return status;
}

static bs_status find_unit(const bs_nc *nc, const bs_nc_var *var, bs_units *units, double *scale, double *offset,
                           bs_err *err)
{
    char unit[128];
    if (!bs_nc_text(nc, var, "units", unit, sizeof unit) || !unit[0]) {
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: variable '%s' has no units attribute; heights need one: ncatted -a "
                       "units,%s,c,c,m FILE adds it",
                       bs_nc_file(nc), var->name, var->name);
    }
    bs_status status = bs_units_convert(units, unit, "m", scale, offset, err);
    if (status) bs_err_context(err, "%s: variable '%s' must be a height in m", bs_nc_file(nc), var->name);
    return status;
}

/* Heights that the mesh uses: none missing, none absurd. */
static bs_status check_heights(const char *file, const char *variable, const source *s, const bs_weights *w,
                               bs_err *err)
{
    for (size_t n = 0; n < w->row_start[w->n_dst]; n++) {
        size_t i = w->column[n] % (size_t)s->ni, j = w->column[n] / (size_t)s->ni;
        double h = s->height[w->column[n]];
        if (h >= MIN_HEIGHT && h <= MAX_HEIGHT) continue;
        size_t at_j = j + (size_t)s->j0, at_i = i + (size_t)s->i0;
        if (isnan(h)) {
            return bs_fail(err, BS_ERR_INPUT,
                           "%s: %s[lat=%zu][lon=%zu] at longitude %g, latitude %g is missing; the terrain must be "
                           "complete where the mesh lies",
                           file, variable, at_j, at_i, s->lon[at_i], s->lat[at_j]);
        }
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: %s[lat=%zu][lon=%zu] at longitude %g, latitude %g is %g m, expected %g to %g m", file,
                       variable, at_j, at_i, s->lon[at_i], s->lat[at_j], h, MIN_HEIGHT, MAX_HEIGHT);
    }
    return BS_OK;
}

static bs_status check_cover(const char *file, const source *s, const bs_mesh *mesh, const bs_weights *w, bs_err *err)
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
        file, bad, cells, first / (size_t)mesh->nx, first % (size_t)mesh->nx, mesh->lon[first], mesh->lat[first],
        100 * part, s->lon[0], s->lon[s->nlon - 1], s->lat[0], s->lat[s->nlat - 1]);
}

static bs_status average(const char *file, const char *variable, const source *s, const bs_mesh *mesh, double *out,
                         bs_err *err)
{
    bs_lonlat_grid grid = {.nlon = s->ni,
                           .nlat = s->nj,
                           .lon = s->lon + s->i0,
                           .lat = s->lat + s->j0,
                           .lon_edge = s->lon_edge ? s->lon_edge + s->i0 : NULL,
                           .lat_edge = s->lat_edge ? s->lat_edge + s->j0 : NULL};
    bs_weights *w = NULL;
    bs_status status = bs_regrid_conservative(&grid, mesh, &w, NULL, NULL, err);
    if (status) {
        bs_err_context(err, "%s", file);
        return status;
    }
    status = check_cover(file, s, mesh, w, err);
    if (!status) status = check_heights(file, variable, s, w, err);
    if (!status) {
        bs_weights_apply(w, s->height, out);
        size_t cells = (size_t)mesh->nx * (size_t)mesh->ny;
        for (size_t c = 0; c < cells; c++) out[c] /= mesh->area[c];
    }
    bs_weights_destroy(w);
    return status;
}

static bs_status read_source(const bs_nc *nc, const char *variable, const bs_mesh *mesh, bs_units *units, source *s,
                             bs_err *err)
{
    bs_nc_var var;
    bs_pl_axes axes;
    bs_pl_axis_names none = {0};
    double scale = 1, offset = 0;
    BS_TRY(bs_nc_find(nc, variable, &var, err));
    BS_TRY(bs_pl_axes_find(nc, &var, &none, units, &axes, err));
    for (int a = BS_PL_LEVEL; a < BS_PL_N_AXES; a++) {
        if (axes.dim[a] < 0 || var.length[axes.dim[a]] == 1) continue;
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: variable '%s' has a dimension '%s' of length %zu; terrain has longitude and "
                       "latitude only",
                       bs_nc_file(nc), variable, var.dim[axes.dim[a]], var.length[axes.dim[a]]);
    }
    BS_TRY(find_unit(nc, &var, units, &scale, &offset, err));
    BS_TRY(read_axes(nc, &var, &axes, mesh, s, err));
    return read_height(nc, &var, &axes, scale, offset, s, err);
}

bs_status bs_terrain_read(const bs_config *config, const bs_mesh *mesh, bs_units *units, double **out, bs_err *err)
{
    *out = NULL;
    const char *file = bs_config_text(config, "terrain.file"), *variable = bs_config_text(config, "terrain.variable");
    if (!file) return bs_fail(err, BS_ERR_INPUT, "%s: terrain.file is not given", bs_config_file(config));
    bs_nc *nc = NULL;
    double *height = NULL;
    source s = {0};
    bs_status status = bs_nc_open(file, &nc, err);
    if (!status) status = read_source(nc, variable, mesh, units, &s, err);
    bs_nc_close(nc);
    if (!status) status = BS_NEW(&height, (size_t)mesh->nx * (size_t)mesh->ny, "terrain", err);
    if (!status) status = average(file, variable, &s, mesh, height, err);
    source_clear(&s);
    if (status) {
        bs_free(height);
        bs_err_context(err, "%s: terrain", bs_config_where(config, "terrain.file"));
        return status;
    }
    *out = height;
    return BS_OK;
}
