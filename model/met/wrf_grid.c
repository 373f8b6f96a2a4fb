#include "model/met/wrf_grid.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "kernels/base/constants.h"
#include "model/core/memory.h"

enum { LAMBERT = 1, POLAR = 2, MERCATOR = 3, LONLAT = 6 };

static const double DEGREE = BS_EARTH_RADIUS * BS_PI / 180; /* m */

/* ---- attributes ---- */

static bs_status attribute(const bs_nc *nc, const char *name, double *value, bs_err *err)
{
    if (bs_nc_number(nc, NULL, name, value) && isfinite(*value)) return BS_OK;
    return bs_fail(err, BS_ERR_INPUT,
                   "%s: no global attribute %s (a number), which every output of WRF has; was the file made by another "
                   "program, or "
                   "by one that dropped it?",
                   bs_nc_file(nc), name);
}

static bs_status two_latitudes(const bs_nc *nc, double *one, double *two, bs_err *err)
{
    BS_TRY(attribute(nc, "TRUELAT1", one, err));
    if (!bs_nc_number(nc, NULL, "TRUELAT2", two) || fabs(*two) > 90) *two = *one; /* a tangent cone: 1e20 */
    if (fabs(*one) <= 90) return BS_OK;
    return bs_fail(err, BS_ERR_INPUT, "%s: attribute TRUELAT1 is %g, expected a latitude", bs_nc_file(nc), *one);
}

static bs_status check_pole(const bs_nc *nc, bs_err *err)
{
    double lat = 90, lon = 0;
    bs_nc_number(nc, NULL, "POLE_LAT", &lat);
    bs_nc_number(nc, NULL, "POLE_LON", &lon);
    if (lat == 90 && lon == 0) return BS_OK;
    return bs_fail(err, BS_ERR_INPUT,
                   "%s: MAP_PROJ 6 with a rotated pole (POLE_LAT %g, POLE_LON %g); only longitude-latitude grids with "
                   "the pole where it is "
                   "(90, 0) can be read: interpolate the output to such a grid, or run WRF on another projection",
                   bs_nc_file(nc), lat, lon);
}

/* The numbers of a PROJ string come from attributes stored as float: seven digits are all there are. */
static bs_status projection_of(const bs_nc *nc, bs_wrf_grid *g, bool *lonlat, bs_err *err)
{
    double map = 0, one = 0, two = 0, lat = 0, lon = 0;
    BS_TRY(attribute(nc, "MAP_PROJ", &map, err));
    const size_t room = sizeof g->projection;
    *lonlat = map == LONLAT;
    switch ((int)map) {
    case LAMBERT:
        BS_TRY(two_latitudes(nc, &one, &two, err));
        BS_TRY(attribute(nc, "STAND_LON", &lon, err));
        if (!bs_nc_number(nc, NULL, "MOAD_CEN_LAT", &lat)) BS_TRY(attribute(nc, "CEN_LAT", &lat, err));
        snprintf(g->projection, room, "+proj=lcc +lat_1=%.7g +lat_2=%.7g +lat_0=%.7g +lon_0=%.7g +R=%.0f", one, two,
                 lat, lon, BS_EARTH_RADIUS);
        return BS_OK;
    case POLAR:
        BS_TRY(two_latitudes(nc, &one, &two, err));
        BS_TRY(attribute(nc, "STAND_LON", &lon, err));
        snprintf(g->projection, room, "+proj=stere +lat_0=%d +lat_ts=%.7g +lon_0=%.7g +R=%.0f", one < 0 ? -90 : 90, one,
                 lon, BS_EARTH_RADIUS);
        return BS_OK;
    case MERCATOR:
        BS_TRY(two_latitudes(nc, &one, &two, err));
        BS_TRY(attribute(nc, "CEN_LON", &lon, err)); /* any meridian would do; this one keeps the date line away */
        snprintf(g->projection, room, "+proj=merc +lat_ts=%.7g +lon_0=%.7g +R=%.0f", one, lon, BS_EARTH_RADIUS);
        return BS_OK;
    case LONLAT:
        BS_TRY(check_pole(nc, err));
        snprintf(g->projection, room, "+proj=longlat +R=%.0f", BS_EARTH_RADIUS);
        return BS_OK;
    default:
        return bs_fail(
            err, BS_ERR_INPUT,
            "%s: attribute MAP_PROJ is %g; expected 1 (Lambert conformal), 2 (polar stereographic), 3 (Mercator) or 6 "
            "(longitude-latitude)",
            bs_nc_file(nc), map);
    }
}

/* ---- places ---- */

/* XLAT or XLONG at the time `n`: values [ny][nx]; *timed: whether they have times at all, and *times how many. */
static bs_status read_place(const bs_nc *nc, const char *name, bool last, int *nx, int *ny, double **values,
                            bs_err *err)
{
    bs_nc_var v;
    BS_TRY(bs_nc_find(nc, name, &v, err));
    const int d = v.n_dims - 2;
    if (d < 0 || d > 1 || strcmp(v.dim[d], "south_north") != 0 || strcmp(v.dim[d + 1], "west_east") != 0 ||
        (d == 1 && (strcmp(v.dim[0], "Time") != 0 || v.length[0] == 0)) || v.length[d] > 100000 ||
        v.length[d + 1] > 100000)
        return bs_fail(err, BS_ERR_INPUT, "%s: variable '%s': expected dimensions ([Time], south_north, west_east)",
                       bs_nc_file(nc), name);
    *ny = (int)v.length[d];
    *nx = (int)v.length[d + 1];
    const size_t start[3] = {d == 1 && last ? v.length[0] - 1 : 0};
    const size_t flat[2] = {v.length[d], v.length[d + 1]}, timed[3] = {1, v.length[d], v.length[d + 1]};
    BS_TRY(BS_NEW(values, flat[0] * flat[1], name, err));
    BS_TRY(bs_nc_read(nc, &v, start, d ? timed : flat, *values, err));
    for (size_t n = 0; n < flat[0] * flat[1]; n++)
        if (!isfinite((*values)[n]))
            return bs_fail(err, BS_ERR_INPUT,
                           "%s: variable '%s': the value at south_north %zu, west_east %zu is missing or no number",
                           bs_nc_file(nc), name, n / flat[1], n % flat[1]);
    return BS_OK;
}

typedef struct places {
    int nx, ny;
    double *lon, *lat; /* degrees, [ny][nx] */
    double *x, *y;     /* the same in the projection */
} places;

static void free_places(places *p)
{
    bs_free(p->lon);
    bs_free(p->lat);
    bs_free(p->x);
    bs_free(p->y);
}

static bs_status read_places(const bs_nc *nc, bool last, places *p, bs_err *err)
{
    int nx = 0, ny = 0;
    BS_TRY(read_place(nc, "XLONG", last, &p->nx, &p->ny, &p->lon, err));
    BS_TRY(read_place(nc, "XLAT", last, &nx, &ny, &p->lat, err));
    if (nx == p->nx && ny == p->ny && nx >= 4 && ny >= 4) return BS_OK;
    return bs_fail(
        err, BS_ERR_INPUT,
        "%s: XLONG has %d x %d points (west_east x south_north) and XLAT %d x %d; expected the same, 4 x 4 or more",
        bs_nc_file(nc), p->nx, p->ny, nx, ny);
}

static bs_status check_still(const bs_nc *nc, const places *p, bs_err *err)
{
    places end = {0};
    bs_status st = read_places(nc, true, &end, err);
    for (int n = 0; n < p->nx * p->ny && st == BS_OK; n++)
        if (fabs(end.lon[n] - p->lon[n]) > 1e-4 || fabs(end.lat[n] - p->lat[n]) > 1e-4)
            st = bs_fail(
                err, BS_ERR_INPUT,
                "%s: XLAT, XLONG of the last time differ from those of the first: a nest that moves cannot be read; "
                "take the domain around it",
                bs_nc_file(nc));
    free_places(&end);
    return st;
}

static bs_status to_plane(const bs_nc *nc, const bs_wrf_grid *g, bool lonlat, places *p, bs_err *err)
{
    const size_t n = (size_t)p->nx * (size_t)p->ny;
    BS_TRY(BS_NEW(&p->x, n, "places", err));
    BS_TRY(BS_NEW(&p->y, n, "places", err));
    memcpy(p->x, p->lon, n * sizeof *p->x);
    memcpy(p->y, p->lat, n * sizeof *p->y);
    if (lonlat) { /* continuous across the date line */
        for (size_t c = 0; c < n; c++) p->x[c] += 360 * round((p->x[0] - p->x[c]) / 360);
        for (int j = 0; j < p->ny; j++)
            for (int i = 1; i < p->nx; i++) {
                double *x = p->x + (size_t)j * (size_t)p->nx + i;
                *x += 360 * round((x[-1] - *x) / 360);
            }
        return BS_OK;
    }
    bs_projection *projection = NULL;
    bs_status st = bs_projection_create(g->projection, &projection, err);
    if (st == BS_OK && bs_projection_forward(projection, n, p->x, p->y) > 0)
        st = bs_fail(err, BS_ERR_INPUT, "points of XLONG, XLAT lie outside the projection '%s'", g->projection);
    if (st != BS_OK) bs_err_context(err, "%s", bs_nc_file(nc));
    bs_projection_destroy(projection);
    return st;
}

static bs_status spacing(const bs_nc *nc, bool lonlat, const places *p, bs_wrf_grid *g, bs_err *err)
{
    double dx = 0, dy = 0;
    BS_TRY(attribute(nc, "DX", &dx, err));
    BS_TRY(attribute(nc, "DY", &dy, err));
    g->dx = dx;
    g->dy = dy;
    if (lonlat) { /* DX is a length in metres, often rounded: the degrees are in the places */
        const size_t top = (size_t)(p->ny - 1) * (size_t)p->nx;
        g->dx = (p->x[p->nx - 1] - p->x[0]) / (p->nx - 1);
        g->dy = (p->y[top] - p->y[0]) / (p->ny - 1);
        dx = g->dx * DEGREE;
        dy = g->dy * DEGREE;
    }
    double named_dx = 0, named_dy = 0;
    attribute(nc, "DX", &named_dx, NULL);
    attribute(nc, "DY", &named_dy, NULL);
    if (dx > 0 && dy > 0 && fabs(dx - named_dx) <= 0.01 * dx && fabs(dy - named_dy) <= 0.01 * dy) return BS_OK;
    return bs_fail(err, BS_ERR_INPUT,
                   "%s: attributes DX %g and DY %g m, but the points of XLONG, XLAT are %g and %g m apart; expected "
                   "the same, above zero",
                   bs_nc_file(nc), named_dx, named_dy, dx, dy);
}

/* The mesh that fits the points best, and the point that fits worst. */
static bs_status place_mesh(const bs_nc *nc, bool lonlat, const places *p, bs_wrf_grid *g, bs_err *err)
{
    const double metres = lonlat ? DEGREE : 1, n = (double)p->nx * p->ny;
    double x0 = 0, y0 = 0, worst = -1;
    int worst_j = 0, worst_i = 0;
    for (int j = 0; j < p->ny; j++)
        for (int i = 0; i < p->nx; i++) {
            const size_t c = (size_t)j * (size_t)p->nx + (size_t)i;
            x0 += (p->x[c] - (i + 0.5) * g->dx) / n;
            y0 += (p->y[c] - (j + 0.5) * g->dy) / n;
        }
    for (int j = 0; j < p->ny; j++)
        for (int i = 0; i < p->nx; i++) {
            const size_t c = (size_t)j * (size_t)p->nx + (size_t)i;
            const double off = metres * hypot(p->x[c] - x0 - (i + 0.5) * g->dx, p->y[c] - y0 - (j + 0.5) * g->dy);
            if (!(off > worst)) continue;
            worst = off;
            worst_j = j;
            worst_i = i;
        }
    g->x0 = x0;
    g->y0 = y0;
    const double permitted = BS_WRF_PLACE_CELLS * metres * fmin(g->dx, g->dy) + BS_WRF_PLACE_METRES;
    if (worst <= permitted) return BS_OK;
    const size_t c = (size_t)worst_j * (size_t)p->nx + (size_t)worst_i;
    return bs_fail(
        err, BS_ERR_INPUT,
        "%s: XLONG %.5f, XLAT %.5f at south_north %d, west_east %d lie %.0f m from where a regular mesh of '%s' with "
        "cells of %g x %g puts them (%.0f m are permitted); do the attributes (MAP_PROJ, TRUELAT1, TRUELAT2, "
        "STAND_LON, "
        "MOAD_CEN_LAT, DX, DY) belong to these fields?",
        bs_nc_file(nc), p->lon[c], p->lat[c], worst_j, worst_i, worst, g->projection, g->dx, g->dy, permitted);
}

static bs_status read_mesh(const bs_nc *nc, bs_wrf_grid *g, bs_err *err)
{
    char type[8];
    bool lonlat = false;
    places p = {0};
    if (bs_nc_text(nc, NULL, "GRIDTYPE", type, sizeof type) && strcmp(type, "C") != 0)
        return bs_fail(err, BS_ERR_INPUT, "%s: attribute GRIDTYPE is '%s', expected 'C': output of WRF's ARW core",
                       bs_nc_file(nc), type);
    BS_TRY(projection_of(nc, g, &lonlat, err));
    bs_status st = read_places(nc, false, &p, err);
    g->nx = p.nx;
    g->ny = p.ny;
    if (st == BS_OK) st = check_still(nc, &p, err);
    if (st == BS_OK) st = to_plane(nc, g, lonlat, &p, err);
    if (st == BS_OK) st = spacing(nc, lonlat, &p, g, err);
    if (st == BS_OK) st = place_mesh(nc, lonlat, &p, g, err);
    free_places(&p);
    return st;
}

/* ---- all of it ---- */

bs_status bs_wrf_grid_read(const bs_nc *nc, bs_wrf_grid *out, bs_err *err)
{
    *out = (bs_wrf_grid){0};
    bs_status st = read_mesh(nc, out, err);
    if (st == BS_OK) st = bs_wrf_levels_read(nc, out, err);
    if (st != BS_OK) bs_wrf_grid_clear(out);
    return st;
}

void bs_wrf_grid_clear(bs_wrf_grid *g)
{
    bs_free(g->a);
    bs_free(g->b);
    *g = (bs_wrf_grid){0};
}

bool bs_wrf_grid_same(const bs_wrf_grid *g, const bs_wrf_grid *o, char *text, size_t size)
{
    if (g->nx != o->nx || g->ny != o->ny || g->nz != o->nz) {
        snprintf(text, size, "%d x %d x %d cells, not %d x %d x %d", o->nx, o->ny, o->nz, g->nx, g->ny, g->nz);
        return false;
    }
    if (strcmp(g->projection, o->projection) != 0) {
        snprintf(text, size, "projection '%.100s', not '%.100s'", o->projection, g->projection);
        return false;
    }
    const double slack = 2 * BS_WRF_PLACE_CELLS * g->dx;
    if (fabs(g->dx - o->dx) > 1e-5 * g->dx || fabs(g->dy - o->dy) > 1e-5 * g->dy || fabs(g->x0 - o->x0) > slack ||
        fabs(g->y0 - o->y0) > slack) {
        snprintf(text, size, "cells of %g x %g from (%.10g, %.10g) on, not of %g x %g from (%.10g, %.10g) on", o->dx,
                 o->dy, o->x0, o->y0, g->dx, g->dy, g->x0, g->y0);
        return false;
    }
    for (int k = 0; k <= g->nz; k++) {
        if (fabs(g->b[k] - o->b[k]) <= BS_WRF_LEVEL_SLACK && fabs(g->a[k] - o->a[k]) <= BS_WRF_PA_SLACK) continue;
        snprintf(text, size, "half level %d at %g Pa + %g ps, not at %g Pa + %g ps", k, o->a[k], o->b[k], g->a[k],
                 g->b[k]);
        return false;
    }
    return true;
}

bs_status bs_wrf_locate(const bs_wrf_grid *g, const bs_mesh *m, double *fi, double *fj, bs_err *err)
{
    const size_t cells = (size_t)m->nx * (size_t)m->ny;
    bs_projection *projection = NULL;
    memcpy(fi, m->lon, cells * sizeof *fi);
    memcpy(fj, m->lat, cells * sizeof *fj);
    BS_TRY(bs_projection_create(g->projection, &projection, err));
    const bool lonlat = bs_projection_is_lonlat(projection);
    const size_t bad = bs_projection_forward(projection, cells, fi, fj);
    bs_projection_destroy(projection);
    if (bad > 0)
        return bs_fail(err, BS_ERR_INPUT,
                       "the mesh sticks out of the WRF output: %zu of its cells lie outside projection '%s'", bad,
                       g->projection);
    const double middle = g->x0 + 0.5 * g->nx * g->dx;
    for (size_t c = 0; c < cells; c++) {
        if (lonlat) fi[c] += 360 * round((middle - fi[c]) / 360);
        fi[c] = (fi[c] - g->x0) / g->dx;
        fj[c] = (fj[c] - g->y0) / g->dy;
    }
    return BS_OK;
}
