/* What the terrain makes of the idealised flow: slopes, and the basin's walls. */
#include <math.h>
#include <string.h>

#include "kernels/base/constants.h"
#include "model/core/memory.h"
#include "model/met/idealised_parts.h"

static const double AXIS_LON = 105.3, AXIS_LAT = 30.3; /* of the basin */
static const double INFLOW_FROM = 50;                  /* degrees, east of north */
static const double THROUGH = 0.9;                     /* share of the inflow that crosses the rim */

static void smooth(int nx, int ny, int passes, double *field, double *scratch)
{
    for (int p = 0; p < passes; p++) {
        for (int j = 0; j < ny; j++)
            for (int i = 0; i < nx; i++) {
                const int w = i > 0 ? i - 1 : 0, e = i < nx - 1 ? i + 1 : i, so = j > 0 ? j - 1 : 0,
                          n = j < ny - 1 ? j + 1 : j;
                scratch[j * nx + i] = 0.5 * field[j * nx + i] + 0.125 * (field[j * nx + w] + field[j * nx + e] +
                                                                         field[so * nx + i] + field[n * nx + i]);
            }
        memcpy(field, scratch, sizeof(double) * (size_t)nx * (size_t)ny);
    }
}

/* Passes of `smooth` that spread a point over about `width` m. */
static int passes_for(const bs_mesh *m, double width)
{
    const double cell = m->dist_xf[(size_t)m->nx / 2];
    return (int)fmin(2000, fmax(1, 4 * (width / cell) * (width / cell) / 8));
}

static void gradient(const bs_mesh *m, const double *f, int j, int i, double *gx, double *gy)
{
    const int nx = m->nx, w = i > 0 ? i - 1 : i, e = i < nx - 1 ? i + 1 : i, s = j > 0 ? j - 1 : j,
              n = j < m->ny - 1 ? j + 1 : j;
    const double dx = m->dist_xf[j * (nx + 1) + (i > 0 ? i : 1)], dy = m->dist_yf[(j > 0 ? j : 1) * nx + i];
    *gx = e > w ? (f[j * nx + e] - f[j * nx + w]) / ((e - w) * dx) : 0;
    *gy = n > s ? (f[n * nx + i] - f[s * nx + i]) / ((n - s) * dy) : 0;
}

/* Maps of the whole mesh: what the ground does reaches further than a rank's part of it. */
typedef struct bs_flow {
    const bs_mesh *mesh;
    double *slope_x, *slope_y, *basin_u, *basin_v; /* [ny][nx], as in bs_idealised */
    double *work, *scratch, *depth;                /* [ny][nx] m */
} bs_flow;

static void add_slopes(const bs_flow *w, double weight, double steep)
{
    const bs_mesh *m = w->mesh;
    for (int j = 0; j < m->ny; j++)
        for (int i = 0; i < m->nx; i++) {
            double gx, gy;
            gradient(m, w->work, j, i, &gx, &gy);
            const double g = hypot(gx, gy), strength = weight * tanh(g / steep);
            if (g <= 0) continue;
            w->slope_x[j * m->nx + i] += strength * gx / g;
            w->slope_y[j * m->nx + i] += strength * gy / g;
        }
}

/* Winds of the inflow from its stream function, in units of inflow_speed, plus the share that crosses the rim. */
static void fill_basin_flow(const bs_flow *w, double *psi)
{
    const bs_mesh *m = w->mesh;
    const double *depth = w->depth;
    const double from = INFLOW_FROM * BS_PI / 180, to_east = -sin(from), to_north = -cos(from),
                 degree = m->radius * BS_PI / 180;
    for (int c = 0; c < m->nx * m->ny; c++) {
        const double x = (m->lon[c] - AXIS_LON) * degree * cos(AXIS_LAT * BS_PI / 180),
                     y = (m->lat[c] - AXIS_LAT) * degree;
        psi[c] = depth[c] * (y * to_east - x * to_north); /* distance to the left of the flow's direction */
    }
    for (int j = 0; j < m->ny; j++)
        for (int i = 0; i < m->nx; i++) {
            const int c = j * m->nx + i;
            double gx, gy;
            gradient(m, psi, j, i, &gx, &gy);
            const double d = fmax(depth[c], 150), u = gy / d,
                         v = -gx / d; /* along grid x, y; flow keeps large psi on its left */
            const double east = u * m->cos_rot[c] - v * m->sin_rot[c], north = u * m->sin_rot[c] + v * m->cos_rot[c];
            const double limit = fmin(1, 2 / fmax(1e-9, hypot(east, north))), inside = tanh(depth[c] / 300);
            w->basin_u[c] = inside * ((1 - THROUGH) * limit * east + THROUGH * to_east);
            w->basin_v[c] = inside * ((1 - THROUGH) * limit * north + THROUGH * to_north);
        }
}

static void fill(const bs_flow *w, const double *terrain, double rim)
{
    const bs_mesh *m = w->mesh;
    const int nx = m->nx, ny = m->ny;
    const size_t n = (size_t)nx * (size_t)ny;
    if (terrain) memcpy(w->work, terrain, sizeof(double) * n);
    smooth(nx, ny, passes_for(m, 15e3), w->work, w->scratch);
    add_slopes(w, 1.0, 0.02);
    smooth(nx, ny, passes_for(m, 60e3), w->work, w->scratch);
    for (size_t c = 0; c < n; c++) w->depth[c] = fmax(0, rim - w->work[c]);
    smooth(nx, ny, passes_for(m, 100e3), w->work, w->scratch);
    add_slopes(w, 0.5, 0.01);
    fill_basin_flow(w, w->work);
}

bs_status bs_idealised_flow(bs_idealised *s, bs_err *err)
{
    const bs_met_context *x = s->c;
    bs_flow w = {.mesh = bs_met_whole(x)};
    double **const array[] = {&w.slope_x, &w.slope_y, &w.basin_u, &w.basin_v, &w.work, &w.scratch, &w.depth};
    double *const out[] = {s->slope_x, s->slope_y, s->basin_u, s->basin_v};
    enum { N_ARRAYS = sizeof array / sizeof *array, N_OUT = sizeof out / sizeof *out };
    bs_status st = BS_OK;
    for (int a = 0; a < N_ARRAYS && st == BS_OK; a++)
        st = BS_NEW(array[a], (size_t)w.mesh->nx * (size_t)w.mesh->ny, "idealised weather", err);
    if (st == BS_OK) fill(&w, bs_met_whole_terrain(x), s->rim);
    for (int a = 0; a < N_OUT && st == BS_OK; a++) bs_met_cut(x, *array[a], out[a]);
    for (int a = 0; a < N_ARRAYS; a++) bs_free(*array[a]);
    return st;
}
