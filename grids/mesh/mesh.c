#include "grids/mesh/mesh.h"

#include <math.h>
#include <stdlib.h>

#include "grids/geometry/geometry.h"
#include "kernels/base/constants.h"

enum { CELLS_MIN = 4, CELLS_MAX = 100000 };

/* How far a corner may come back from the Earth, in cells: beyond rounding, the point is off the map. */
static const double ROUND_TRIP_MAX = 1e-6;
static const double FULL_CIRCLE_SLACK = 1e-9; /* degrees */

static bs_status check_spec(const bs_mesh_spec *s, bs_err *err)
{
    if (s->nx < CELLS_MIN || s->nx > CELLS_MAX || s->ny < CELLS_MIN || s->ny > CELLS_MAX) {
        return bs_fail(err, BS_ERR_INPUT, "mesh: %d x %d cells; expected %d to %d in x and in y", s->nx, s->ny,
                       CELLS_MIN, CELLS_MAX);
    }
    if (!(s->dx > 0.0) || !(s->dy > 0.0) || !isfinite(s->dx) || !isfinite(s->dy)) {
        return bs_fail(err, BS_ERR_INPUT,
                       "mesh: dx = %g, dy = %g; expected numbers above zero, in the projection's units", s->dx, s->dy);
    }
    if (!isfinite(s->x0) || !isfinite(s->y0)) {
        return bs_fail(err, BS_ERR_INPUT, "mesh: x0 = %g, y0 = %g; expected the lower left corner in projected units",
                       s->x0, s->y0);
    }
    return BS_OK;
}

static bs_status check_degrees(const bs_mesh_spec *s, bs_err *err)
{
    double width = s->nx * s->dx, top = s->y0 + s->ny * s->dy;
    if (width > 360.0 + FULL_CIRCLE_SLACK) {
        return bs_fail(err, BS_ERR_INPUT,
                       "mesh: nx * dx = %g degrees of longitude; expected at most 360: lower nx or dx", width);
    }
    if (s->y0 < -90.0 - FULL_CIRCLE_SLACK || top > 90.0 + FULL_CIRCLE_SLACK) {
        return bs_fail(err, BS_ERR_INPUT,
                       "mesh: latitudes from %g to %g degrees; expected -90 to 90: change y0, ny or dy", s->y0, top);
    }
    return BS_OK;
}

static bs_status allocate(bs_mesh *m, bs_err *err)
{
    size_t nx = (size_t)m->nx, ny = (size_t)m->ny;
    size_t cells = ny * nx, corners = (ny + 1) * (nx + 1), xf = ny * (nx + 1), yf = (ny + 1) * nx;
    struct {
        double **array;
        size_t n;
    } const list[] = {{&m->lon, cells},     {&m->lat, cells},     {&m->area, cells},   {&m->cos_rot, cells},
                      {&m->sin_rot, cells}, {&m->len_xf, xf},     {&m->dist_xf, xf},   {&m->len_yf, yf},
                      {&m->dist_yf, yf},    {&m->lon_c, corners}, {&m->lat_c, corners}};
    for (size_t a = 0; a < sizeof list / sizeof list[0]; a++) {
        *list[a].array = malloc(list[a].n * sizeof **list[a].array);
        if (!*list[a].array) {
            return bs_fail(err, BS_ERR_MEMORY, "mesh: out of memory for %d x %d cells (%.1f GB)", m->nx, m->ny,
                           11.0 * 8e-9 * (double)cells);
        }
    }
    return BS_OK;
}

/* Longitude moved by whole turns to within half a turn of a neighbour. */
static double near_longitude(double lon, double neighbour)
{
    return lon + 360.0 * round((neighbour - lon) / 360.0);
}

static bs_status off_map(const bs_mesh *m, const char *what, int j, int i, double x, double y, bs_err *err)
{
    return bs_fail(
        err, BS_ERR_INPUT,
        "mesh: %s (j=%d, i=%d) at x = %.10g, y = %.10g lies outside the domain of projection '%s'; shrink or "
        "move the mesh, or choose another projection",
        what, j, i, x, y, bs_projection_string(m->projection));
}

/* n points from (x, y) eastward by dx as longitude and latitude, each checked by the way back; scratch [2 n]. */
static bs_status row_to_degrees(const bs_mesh *m, const char *what, int j, int n, double x, double y, double *lon,
                                double *lat, double *scratch, bs_err *err)
{
    size_t count = (size_t)n;
    for (int i = 0; i < n; i++) {
        lon[i] = x + i * m->dx;
        lat[i] = y;
    }
    bs_projection_inverse(m->projection, count, lon, lat);
    double *back_x = scratch, *back_y = scratch + n;
    for (int i = 0; i < n; i++) {
        back_x[i] = lon[i];
        back_y[i] = lat[i];
    }
    bs_projection_forward(m->projection, count, back_x, back_y);
    for (int i = 0; i < n; i++) {
        double away = fmax(fabs(back_x[i] - x - i * m->dx) / m->dx, fabs(back_y[i] - y) / m->dy);
        if (!(away < ROUND_TRIP_MAX)) return off_map(m, what, j, i, x + i * m->dx, y, err);
    }
    return BS_OK;
}

static bs_status fill_corners(bs_mesh *m, double *scratch, bs_err *err)
{
    bool lonlat = bs_projection_is_lonlat(m->projection);
    int n = m->nx + 1;
    for (int j = 0; j <= m->ny; j++) {
        double *lon = m->lon_c + (size_t)j * (size_t)n, *lat = m->lat_c + (size_t)j * (size_t)n;
        BS_TRY(row_to_degrees(m, "corner", j, n, m->x0, m->y0 + j * m->dy, lon, lat, scratch, err));
        if (lonlat) continue;
        if (j > 0) lon[0] = near_longitude(lon[0], lon[-n]);
        for (int i = 1; i < n; i++) lon[i] = near_longitude(lon[i], lon[i - 1]);
        for (int i = 0; j > 0 && i < n; i++) {
            if (fabs(lon[i] - lon[i - n]) < 180.0) continue;
            return bs_fail(
                err, BS_ERR_INPUT,
                "mesh: a pole lies inside it (longitude cannot be continuous near corner j=%d, i=%d); move or "
                "shrink the mesh so that the pole is outside",
                j, i);
        }
    }
    return BS_OK;
}

static bs_status fill_areas(bs_mesh *m, bs_err *err)
{
    double to_m2 = bs_plane_to_m2(m->radius);
    for (int j = 0; j < m->ny; j++) {
        for (int i = 0; i < m->nx; i++) {
            bs_quad q = bs_mesh_quad(m, j, i);
            double area = bs_quad_area(&q) * to_m2;
            if (!(area > 0.0)) return off_map(m, "cell", j, i, m->x0 + i * m->dx, m->y0 + j * m->dy, err);
            m->area[(size_t)j * (size_t)m->nx + (size_t)i] = area;
        }
    }
    return BS_OK;
}

static bs_status fill_centres(bs_mesh *m, double *scratch, bs_err *err)
{
    for (int j = 0; j < m->ny; j++) {
        size_t row = (size_t)j * (size_t)m->nx;
        const double *corner = m->lon_c + (size_t)j * ((size_t)m->nx + 1);
        double *lon = m->lon + row, *lat = m->lat + row;
        double y = m->y0 + (j + 0.5) * m->dy;
        BS_TRY(row_to_degrees(m, "centre", j, m->nx, m->x0 + 0.5 * m->dx, y, lon, lat, scratch, err));
        for (int i = 0; i < m->nx; i++) {
            bs_map_factors f;
            BS_TRY(bs_projection_factors(m->projection, lon[i], lat[i], &f, err));
            /* North at angle `convergence` west of grid north: its grid components are (-sin, cos). */
            m->cos_rot[row + (size_t)i] = cos(f.convergence);
            m->sin_rot[row + (size_t)i] = -sin(f.convergence);
            lon[i] = near_longitude(lon[i], corner[i]);
        }
    }
    return BS_OK;
}

/* Lengths at the middles of the faces. A face in x lies along y, and the centres beside it are dx apart. */
static bs_status fill_faces(bs_mesh *m, bool in_x, double *scratch, bs_err *err)
{
    double unit = bs_projection_is_lonlat(m->projection) ? m->radius * (BS_PI / 180.0) : 1.0;
    int nj = in_x ? m->ny : m->ny + 1, ni = in_x ? m->nx + 1 : m->nx;
    double x = in_x ? m->x0 : m->x0 + 0.5 * m->dx, y = in_x ? m->y0 + 0.5 * m->dy : m->y0;
    double *lon = scratch + 2 * (m->nx + 1), *lat = lon + m->nx + 1;
    for (int j = 0; j < nj; j++) {
        BS_TRY(row_to_degrees(m, "face", j, ni, x, y + j * m->dy, lon, lat, scratch, err));
        for (int i = 0; i < ni; i++) {
            bs_map_factors f;
            BS_TRY(bs_projection_factors(m->projection, lon[i], lat[i], &f, err));
            size_t n = (size_t)j * (size_t)ni + (size_t)i;
            double step_x = m->dx * unit / f.along_x, step_y = m->dy * unit / f.along_y;
            (in_x ? m->dist_xf : m->len_yf)[n] = step_x;
            (in_x ? m->len_xf : m->dist_yf)[n] = step_y;
        }
    }
    return BS_OK;
}

static bs_status fill(bs_mesh *m, bs_err *err)
{
    double *scratch = malloc(4 * ((size_t)m->nx + 1) * sizeof *scratch);
    if (!scratch) return bs_fail(err, BS_ERR_MEMORY, "mesh: out of memory");
    bs_status status = fill_corners(m, scratch, err);
    if (status == BS_OK) status = fill_areas(m, err);
    if (status == BS_OK) status = fill_centres(m, scratch, err);
    if (status == BS_OK) status = fill_faces(m, true, scratch, err);
    if (status == BS_OK) status = fill_faces(m, false, scratch, err);
    free(scratch);
    return status;
}

static bs_status build(bs_mesh *m, const bs_mesh_spec *spec, bs_err *err)
{
    BS_TRY(bs_projection_create(spec->projection, &m->projection, err));
    if (bs_projection_is_lonlat(m->projection)) BS_TRY(check_degrees(spec, err));
    m->radius = bs_projection_radius(m->projection);
    BS_TRY(allocate(m, err));
    return fill(m, err);
}

bs_status bs_mesh_create(const bs_mesh_spec *spec, bs_mesh **out, bs_err *err)
{
    *out = NULL;
    BS_TRY(check_spec(spec, err));
    bs_mesh *m = calloc(1, sizeof *m);
    if (!m) return bs_fail(err, BS_ERR_MEMORY, "mesh: out of memory");
    m->nx = spec->nx;
    m->ny = spec->ny;
    m->dx = spec->dx;
    m->dy = spec->dy;
    m->x0 = spec->x0;
    m->y0 = spec->y0;
    bs_status status = build(m, spec, err);
    if (status == BS_OK) {
        *out = m;
    } else {
        bs_mesh_destroy(m);
    }
    return status;
}

void bs_mesh_destroy(bs_mesh *m)
{
    if (!m) return;
    double *const list[] = {m->lon,    m->lat,     m->lon_c,   m->lat_c,   m->area,   m->len_xf,
                            m->len_yf, m->dist_xf, m->dist_yf, m->cos_rot, m->sin_rot};
    for (size_t a = 0; a < sizeof list / sizeof list[0]; a++) free(list[a]);
    bs_projection_destroy(m->projection);
    free(m);
}

bs_status bs_mesh_window(const bs_mesh *whole, const bs_tile *tile, bs_mesh **out, bs_err *err)
{
    bs_mesh *m = calloc(1, sizeof *m);
    if (!m) return bs_fail(err, BS_ERR_MEMORY, "mesh: out of memory");
    m->nx = tile->nx, m->ny = tile->ny;
    m->dx = whole->dx, m->dy = whole->dy, m->x0 = whole->x0, m->y0 = whole->y0;
    m->i0 = whole->i0 + tile->i0, m->j0 = whole->j0 + tile->j0;
    m->radius = whole->radius;
    bs_status status = bs_projection_create(bs_projection_string(whole->projection), &m->projection, err);
    if (status == BS_OK) status = allocate(m, err);
    if (status != BS_OK) {
        bs_mesh_destroy(m);
        return status;
    }
    const struct {
        const double *from;
        double *to;
        bs_map_at place;
    } list[] = {{whole->lon, m->lon, BS_AT_CELLS},           {whole->lat, m->lat, BS_AT_CELLS},
                {whole->lon_c, m->lon_c, BS_AT_CORNERS},     {whole->lat_c, m->lat_c, BS_AT_CORNERS},
                {whole->area, m->area, BS_AT_CELLS},         {whole->len_xf, m->len_xf, BS_AT_X_FACES},
                {whole->len_yf, m->len_yf, BS_AT_Y_FACES},   {whole->dist_xf, m->dist_xf, BS_AT_X_FACES},
                {whole->dist_yf, m->dist_yf, BS_AT_Y_FACES}, {whole->cos_rot, m->cos_rot, BS_AT_CELLS},
                {whole->sin_rot, m->sin_rot, BS_AT_CELLS}};
    for (size_t a = 0; a < sizeof list / sizeof list[0]; a++)
        bs_tile_cut(tile, list[a].place, sizeof(double), list[a].from, whole->nx, list[a].to);
    *out = m;
    return BS_OK;
}

bs_quad bs_mesh_quad(const bs_mesh *m, int j, int i)
{
    size_t row = (size_t)m->nx + 1, n = (size_t)j * row + (size_t)i;
    const size_t corner[4] = {n, n + 1, n + row + 1, n + row};
    bs_quad q;
    for (int c = 0; c < 4; c++) {
        q.x[c] = m->lon_c[corner[c]];
        q.y[c] = bs_plane_y(m->lat_c[corner[c]]);
    }
    return q;
}

bs_rect bs_mesh_bounds(const bs_mesh *m)
{
    bs_rect r = {m->lon_c[0], m->lat_c[0], m->lon_c[0], m->lat_c[0]};
    size_t corners = ((size_t)m->nx + 1) * ((size_t)m->ny + 1);
    for (size_t n = 1; n < corners; n++) {
        r.x0 = fmin(r.x0, m->lon_c[n]);
        r.x1 = fmax(r.x1, m->lon_c[n]);
        r.y0 = fmin(r.y0, m->lat_c[n]);
        r.y1 = fmax(r.y1, m->lat_c[n]);
    }
    r.y0 = bs_plane_y(r.y0);
    r.y1 = bs_plane_y(r.y1);
    return r;
}

bool bs_mesh_locate(const bs_mesh *m, double lon, double lat, double *fi, double *fj)
{
    double x = lon, y = lat;
    if (bs_projection_forward(m->projection, 1, &x, &y)) return false;
    if (bs_projection_is_lonlat(m->projection)) x -= 360.0 * floor((x - m->x0) / 360.0);
    *fi = (x - m->x0) / m->dx - m->i0;
    *fj = (y - m->y0) / m->dy - m->j0;
    return *fi >= 0.0 && *fi < m->nx && *fj >= 0.0 && *fj < m->ny;
}
