#include <math.h>

#include "model/core/memory.h"
#include "model/met/met_private.h"
#include "model/met/pressure_levels.h"

/* Mesh centres may lie this far outside the source's outermost points: rounding of coordinates kept as float. */
static const double SLACK = 1e-4; /* degrees */

static bool same_axis(int n, const double *a, int m, const double *b)
{
    if (n != m) return false;
    for (int i = 0; i < n; i++) {
        if (fabs(a[i] - b[i]) > SLACK) return false;
    }
    return true;
}

static void range(size_t n, const double *v, double *low, double *high)
{
    *low = *high = v[0];
    for (size_t i = 1; i < n; i++) {
        *low = fmin(*low, v[i]);
        *high = fmax(*high, v[i]);
    }
}

/* The mesh's centres must lie between the source's outermost points: nothing is extrapolated sideways. */
static bs_status check_cover(const bs_pl_grid *g, const char *file, const bs_mesh *mesh, bs_err *err)
{
    double west, east, south, north, mesh_west, mesh_east, mesh_south, mesh_north;
    size_t cells = (size_t)mesh->nx * (size_t)mesh->ny;
    range((size_t)g->nlon, g->lon, &west, &east);
    range((size_t)g->nlat, g->lat, &south, &north);
    range(cells, mesh->lon, &mesh_west, &mesh_east);
    range(cells, mesh->lat, &mesh_south, &mesh_north);
    bool global = (east - west) * g->nlon / (g->nlon - 1.0) >= 360.0 - SLACK;
    double turn = 360.0 * round(((west + east) - (mesh_west + mesh_east)) / 720.0);
    mesh_west += turn;
    mesh_east += turn;
    struct {
        const char *side;
        double beyond, mesh, source;
    } sides[] = {
        {"western", global ? 0 : west - mesh_west, mesh_west, west},
        {"eastern", global ? 0 : mesh_east - east, mesh_east, east},
        {"southern", south - mesh_south, mesh_south, south},
        {"northern", mesh_north - north, mesh_north, north},
    };
    bool covered = true;
    for (int s = 0; s < 4; s++) {
        if (sides[s].beyond <= SLACK) continue;
        const char *format =
            "the mesh sticks out of the meteorology by %.2f degrees on its %s side: its outermost cell "
            "centres lie at %.3f, the source's points end at %.3f";
        if (covered) {
            bs_fail(err, BS_ERR_INPUT, format, sides[s].beyond, sides[s].side, sides[s].mesh, sides[s].source);
            bs_err_context(err, "%s", file);
        } else {
            bs_err_add(err, format, sides[s].beyond, sides[s].side, sides[s].mesh, sides[s].source);
        }
        covered = false;
    }
    if (covered) return BS_OK;
    bs_err_add(err, "take meteorology of a larger area or shrink the mesh (grid.nx, grid.ny, grid.centre)");
    return BS_ERR_INPUT;
}

/* Only the rows and columns with a weight are ever read. */
static void crop(bs_pl_grid *g)
{
    bs_weights *w = g->weights;
    size_t count = w->row_start[w->n_dst], nlon = (size_t)g->nlon;
    size_t i_low = nlon, i_high = 0, j_low = (size_t)g->nlat, j_high = 0;
    for (size_t n = 0; n < count; n++) {
        size_t i = w->column[n] % nlon, j = w->column[n] / nlon;
        if (i < i_low) i_low = i;
        if (i > i_high) i_high = i;
        if (j < j_low) j_low = j;
        if (j > j_high) j_high = j;
    }
    g->i0 = (int)i_low;
    g->j0 = (int)j_low;
    g->ni = (int)(i_high - i_low) + 1;
    g->nj = (int)(j_high - j_low) + 1;
    for (size_t n = 0; n < count; n++) {
        size_t i = w->column[n] % nlon - i_low, j = w->column[n] / nlon - j_low;
        w->column[n] = j * (size_t)g->ni + i;
    }
    w->n_src = (size_t)g->ni * (size_t)g->nj;
}

/* Takes over the axes. */
static bs_status add_grid(bs_pl_catalogue *c, bs_pl_grid *g, const char *file, const bs_met_context *x, bs_err *err)
{
    const bs_mesh *mesh = x->mesh;
    if (g->nlon < 2 || g->nlat < 2) {
        return bs_fail(err, BS_ERR_INPUT, "%s: a grid of %d x %d points is too small to interpolate in", file, g->nlon,
                       g->nlat);
    }
    BS_TRY(check_cover(g, file, bs_met_whole(x), err));
    bs_lonlat_grid source = {.nlon = g->nlon, .nlat = g->nlat, .lon = g->lon, .lat = g->lat};
    bs_status status =
        bs_regrid_bilinear(&source, (size_t)mesh->nx * (size_t)mesh->ny, mesh->lon, mesh->lat, &g->weights, err);
    if (status) {
        bs_err_context(err, "%s", file);
        return status;
    }
    crop(g);
    bs_pl_grid *grown = NULL;
    status = BS_NEW(&grown, c->n_grids + 1, "grids of the meteorology", err);
    if (status) {
        bs_weights_destroy(g->weights);
        return status;
    }
    for (int n = 0; n < c->n_grids; n++) grown[n] = c->grid[n];
    grown[c->n_grids++] = *g;
    bs_free(c->grid);
    c->grid = grown;
    return BS_OK;
}

bs_status bs_pl_grid_find(bs_pl_catalogue *c, const bs_nc *nc, const bs_pl_piece *piece, const bs_met_context *x,
                          int *index, bs_err *err)
{
    bs_pl_grid g = {.nlon = (int)piece->var.length[piece->axes.dim[BS_PL_LON]],
                    .nlat = (int)piece->var.length[piece->axes.dim[BS_PL_LAT]]};
    bs_status status = bs_pl_axis_read(nc, &piece->var, piece->axes.dim[BS_PL_LON], &g.lon, err);
    if (!status) status = bs_pl_axis_read(nc, &piece->var, piece->axes.dim[BS_PL_LAT], &g.lat, err);
    for (int n = 0; n < c->n_grids && !status; n++) {
        const bs_pl_grid *known = &c->grid[n];
        if (!same_axis(g.nlon, g.lon, known->nlon, known->lon) || !same_axis(g.nlat, g.lat, known->nlat, known->lat))
            continue;
        *index = n;
        bs_free(g.lon);
        bs_free(g.lat);
        return BS_OK;
    }
    if (!status) status = add_grid(c, &g, bs_nc_file(nc), x, err);
    if (status) {
        bs_free(g.lon);
        bs_free(g.lat);
        return status;
    }
    *index = c->n_grids - 1;
    return BS_OK;
}

void bs_pl_grids_tell(const bs_pl_catalogue *c, bs_log *log)
{
    for (int n = 0; n < c->n_grids; n++) {
        const bs_pl_grid *g = &c->grid[n];
        const double west = g->lon[0], east = g->lon[g->nlon - 1], first = g->lat[0], last = g->lat[g->nlat - 1];
        bs_log_info(log, "meteorology on %d x %d points, longitude %g to %g%s, latitude %g to %g%s", g->nlon, g->nlat,
                    west, east, east > 180 ? " (0 to 360)" : "", first, last, last < first ? " (from the north)" : "");
    }
}
