#include "model/report/surface.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/core/memory.h"

static const double RADIAN = 0.017453292519943295;
static const double REGULAR = 1e-6; /* of a step: axes are written in double */
enum { PATH_TEXT = 4096, UNIT_TEXT = 64, PROJECTION_TEXT = 1024, HOUR_SECONDS = 3600, HOURS_MAX = 100000000 };

static bs_status open_file(const char *dir, const char *name, bs_nc **out, bs_err *err)
{
    char path[PATH_TEXT];
    const int n = snprintf(path, sizeof path, "%s/%s", dir, name);
    if (n < 0 || (size_t)n >= sizeof path) return bs_fail(err, BS_ERR_INPUT, "%s: the name is too long", dir);
    return bs_nc_open(path, out, err);
}

static bs_status read_all(const bs_nc *nc, const char *name, size_t size, double **out, bs_err *err)
{
    bs_nc_var var;
    BS_TRY(bs_nc_find(nc, name, &var, err));
    if (var.size != size)
        return bs_fail(err, BS_ERR_INPUT, "%s: %s has %zu values, expected %zu", bs_nc_file(nc), name, var.size, size);
    BS_TRY(BS_NEW(out, size, name, err));
    return bs_nc_read(nc, &var, NULL, NULL, *out, err);
}

/* ---- time ---- */

static bs_status read_times(bs_surface *s, bs_err *err)
{
    static const char SINCE[] = "hours since ";
    char units[UNIT_TEXT] = "";
    bs_nc_var time;
    bs_time origin;
    double *bounds = NULL;
    BS_TRY(bs_nc_find(s->nc, "time", &time, err));
    bs_nc_text(s->nc, &time, "units", units, sizeof units);
    if (strncmp(units, SINCE, sizeof SINCE - 1) != 0 || bs_time_parse(units + sizeof SINCE - 1, &origin, NULL) != BS_OK)
        return bs_fail(err, BS_ERR_INPUT, "%s: time has the unit '%s', expected 'hours since ...'", bs_nc_file(s->nc),
                       units);
    if (time.size == 0) return bs_fail(err, BS_ERR_INPUT, "%s: holds no record", bs_nc_file(s->nc));
    s->n_times = (int)time.size;
    BS_TRY(BS_NEW(&s->start, s->n_times, "times of the run", err));
    BS_TRY(BS_NEW(&s->end, s->n_times, "times of the run", err));
    bs_status st = read_all(s->nc, "time_bnds", 2 * time.size, &bounds, err);
    for (int k = 0; st == BS_OK && k < s->n_times; k++) {
        if (!(fabs(bounds[2 * k]) < HOURS_MAX && fabs(bounds[2 * k + 1]) < HOURS_MAX &&
              bounds[2 * k + 1] > bounds[2 * k])) {
            st = bs_fail(err, BS_ERR_INPUT, "%s: time_bnds of record %d is no interval", bs_nc_file(s->nc), k);
            break;
        }
        if (k > 0 && !(bounds[2 * k] >= bounds[2 * k - 1])) {
            st = bs_fail(err, BS_ERR_INPUT,
                         "%s: time_bnds of record %d begins at %g h, before that of record %d ends, at %g h",
                         bs_nc_file(s->nc), k, bounds[2 * k], k - 1, bounds[2 * k - 1]);
            break;
        }
        s->start[k] = origin + (bs_time)llround(bounds[2 * k] * HOUR_SECONDS);
        s->end[k] = origin + (bs_time)llround(bounds[2 * k + 1] * HOUR_SECONDS);
    }
    bs_free(bounds);
    return st;
}

/* ---- mesh ---- */

/* First edge and step of a regular axis. */
static bs_status read_axis(const bs_nc *nc, const char *name, int *n, double *edge, double *step, bs_err *err)
{
    bs_nc_var var;
    double *value = NULL;
    BS_TRY(bs_nc_find(nc, name, &var, err));
    if (var.n_dims != 1 || var.size < 2)
        return bs_fail(err, BS_ERR_INPUT, "%s: %s is no axis: expected one dimension, two values or more",
                       bs_nc_file(nc), name);
    BS_TRY(read_all(nc, name, var.size, &value, err));
    *n = (int)var.size;
    *step = (value[*n - 1] - value[0]) / (*n - 1);
    *edge = value[0] - 0.5 * *step;
    bs_status st = BS_OK;
    for (int i = 0; st == BS_OK && i < *n; i++)
        if (!(fabs(value[0] + i * *step - value[i]) <= REGULAR * fabs(*step)))
            st = bs_fail(err, BS_ERR_INPUT, "%s: %s is not regular at %d (%g); name the surface.nc of a run",
                         bs_nc_file(nc), name, i, value[i]);
    bs_free(value);
    return st;
}

static bs_status read_mesh(bs_surface *s, bs_err *err)
{
    char projection[PROJECTION_TEXT];
    const bool plane = bs_nc_has_var(s->nc, "x");
    bs_mesh_spec spec = {.projection = projection};
    if (!bs_nc_text(s->nc, NULL, "proj4", projection, sizeof projection))
        return bs_fail(err, BS_ERR_INPUT, "%s: no global attribute proj4; name the surface.nc of a run",
                       bs_nc_file(s->nc));
    BS_TRY(read_axis(s->nc, plane ? "x" : "lon", &spec.nx, &spec.x0, &spec.dx, err));
    BS_TRY(read_axis(s->nc, plane ? "y" : "lat", &spec.ny, &spec.y0, &spec.dy, err));
    const bs_status st = bs_mesh_create(&spec, &s->mesh, err);
    if (st != BS_OK) bs_err_context(err, "%s", bs_nc_file(s->nc));
    return st;
}

bs_status bs_surface_open(const char *dir, bs_surface *out, bs_err *err)
{
    *out = (bs_surface){0};
    bs_status st = open_file(dir, "surface.nc", &out->nc, err);
    if (st == BS_OK) st = read_times(out, err);
    if (st == BS_OK) st = read_mesh(out, err);
    if (st != BS_OK) bs_surface_close(out);
    return st;
}

void bs_surface_close(bs_surface *s)
{
    bs_nc_close(s->nc);
    bs_mesh_destroy(s->mesh);
    bs_free(s->start);
    bs_free(s->end);
    *s = (bs_surface){0};
}

/* ---- places ---- */

/* The two neighbours around a coordinate in cells, and the weight of the upper one. */
static void around(double f, int n, size_t cell[2], double *upper)
{
    const double at = fmin(fmax(f - 0.5, 0), n - 1);
    cell[0] = (size_t)fmin(floor(at), n - 2);
    cell[1] = cell[0] + 1;
    *upper = at - (double)cell[0];
}

bool bs_surface_spot(const bs_surface *s, double lon, double lat, bool bilinear, bs_spot *spot)
{
    double fi, fj, a, b;
    const size_t nx = (size_t)s->mesh->nx;
    size_t i[2], j[2];
    *spot = (bs_spot){.weight = {1}};
    if (!bs_mesh_locate(s->mesh, lon, lat, &fi, &fj)) return false;
    if (!bilinear) {
        spot->cell[0] = (size_t)fj * nx + (size_t)fi;
        return true;
    }
    around(fi, s->mesh->nx, i, &a);
    around(fj, s->mesh->ny, j, &b);
    for (int k = 0; k < 4; k++) {
        spot->cell[k] = j[k / 2] * nx + i[k % 2];
        spot->weight[k] = (k % 2 ? a : 1 - a) * (k / 2 ? b : 1 - b);
    }
    return true;
}

/* Distance on the sphere, but for a monotone function of it: the larger, the nearer. */
static double nearness(double lat, double lon, double lat2, double lon2)
{
    return sin(lat * RADIAN) * sin(lat2 * RADIAN) + cos(lat * RADIAN) * cos(lat2 * RADIAN) * cos((lon - lon2) * RADIAN);
}

bs_spot bs_surface_nearest(const bs_surface *s, double lon, double lat)
{
    bs_spot spot = {.weight = {1}};
    double best = -2.0;
    for (size_t c = 0; c < (size_t)s->mesh->nx * (size_t)s->mesh->ny; c++) {
        const double near = nearness(lat, lon, s->mesh->lat[c], s->mesh->lon[c]);
        if (near > best) spot.cell[0] = c;
        best = fmax(best, near);
    }
    return spot;
}

static double at_spot(const bs_spot *spot, const double *map)
{
    double sum = 0;
    for (int k = 0; k < 4; k++)
        if (spot->weight[k] > 0) sum += spot->weight[k] * map[spot->cell[k]];
    return sum;
}

bs_status bs_surface_read(const bs_surface *s, const char *name, const char *unit, int n, const bs_spot *spot,
                          double **values, bs_err *err)
{
    const size_t nx = (size_t)s->mesh->nx, ny = (size_t)s->mesh->ny;
    char found[UNIT_TEXT];
    bs_nc_var var;
    double *map = NULL;
    *values = NULL;
    BS_TRY(bs_nc_find(s->nc, name, &var, err));
    bs_nc_text(s->nc, &var, "units", found, sizeof found);
    if (var.n_dims != 3 || var.length[0] != (size_t)s->n_times || var.length[1] != ny || var.length[2] != nx ||
        strcmp(found, unit) != 0)
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: %s has %d dimensions, %zu values and the unit '%s', expected time, y, x "
                       "(%d x %zu x %zu) and %s",
                       bs_nc_file(s->nc), name, var.n_dims, var.size, found, s->n_times, ny, nx, unit);
    BS_TRY(BS_NEW(&map, nx * ny, name, err));
    bs_status st = BS_NEW(values, (size_t)n * (size_t)s->n_times, name, err);
    for (int k = 0; st == BS_OK && k < s->n_times; k++) {
        const size_t start[3] = {(size_t)k, 0, 0}, count[3] = {1, ny, nx};
        st = bs_nc_read(s->nc, &var, start, count, map, err);
        for (int p = 0; st == BS_OK && p < n; p++) (*values)[(size_t)p * s->n_times + k] = at_spot(&spot[p], map);
    }
    bs_free(map);
    if (st == BS_OK) return BS_OK;
    bs_free(*values);
    *values = NULL;
    return st;
}

bs_status bs_surface_cities(const bs_surface *s, const char *dir, int n, bs_spot **spot, bs_city_place *place,
                            bs_err *err)
{
    static const char SHARE[] = "share_inside_mesh";
    bs_nc *nc = NULL;
    double *lat = NULL, *lon = NULL, *share = NULL;
    *spot = NULL;
    BS_TRY(open_file(dir, "cities.nc", &nc, err));
    bs_status st = read_all(nc, "lat", (size_t)n, &lat, err);
    if (st == BS_OK) st = read_all(nc, "lon", (size_t)n, &lon, err);
    if (st == BS_OK && bs_nc_has_var(nc, SHARE)) st = read_all(nc, SHARE, (size_t)n, &share, err);
    if (st == BS_OK) st = BS_NEW(spot, n, "cells of the cities", err);
    for (int c = 0; st == BS_OK && c < n; c++) {
        (*spot)[c] = bs_surface_nearest(s, lon[c], lat[c]);
        if (place) place[c] = (bs_city_place){lon[c], lat[c], share ? share[c] : NAN};
    }
    bs_nc_close(nc);
    bs_free(lat);
    bs_free(lon);
    bs_free(share);
    return st;
}
