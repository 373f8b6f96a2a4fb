#include <math.h>
#include <string.h>

#include "model/core/memory.h"
#include "model/met/wrf.h"

bool bs_wrf_gives_grid(const bs_config *config)
{
    return bs_config_has(config, "grid.from") && strcmp(bs_config_text(config, "grid.from"), "wrf") == 0;
}

/* A whole number of the case. */
static bs_status whole(const bs_config *c, const char *path, int n, int *out, bs_err *err)
{
    const double value = bs_config_real_at(c, path, n);
    *out = (int)value;
    if (value == floor(value)) return BS_OK;
    return bs_fail(err, BS_ERR_INPUT, "%s: error: %s: %g is no whole number", bs_config_where(c, path), path, value);
}

bs_status bs_wrf_window_of(const bs_config *c, const bs_wrf_grid *g, bs_wrf_window *out, bs_err *err)
{
    static const char *const PATH = "grid.window";
    const int count = bs_config_count(c, PATH);
    *out = (bs_wrf_window){0, 0, g->nx, g->ny};
    if (count == 0) return BS_OK;
    if (count != 4)
        return bs_fail(err, BS_ERR_INPUT, "%s: error: %s must have four numbers, i0, j0, nx, ny, found %d",
                       bs_config_where(c, PATH), PATH, count);
    int *const value[] = {&out->i0, &out->j0, &out->nx, &out->ny};
    for (int n = 0; n < 4; n++) BS_TRY(whole(c, PATH, n, value[n], err));
    if (out->nx >= 4 && out->ny >= 4 && out->i0 + out->nx <= g->nx && out->j0 + out->ny <= g->ny) return BS_OK;
    return bs_fail(
        err, BS_ERR_INPUT,
        "%s: error: %s [%d, %d, %d, %d] (i0, j0, nx, ny): expected 4 x 4 cells or more within the file's %d x %d",
        bs_config_where(c, PATH), PATH, out->i0, out->j0, out->nx, out->ny, g->nx, g->ny);
}

bs_status bs_wrf_kept_levels(const bs_config *c, const bs_wrf_grid *g, int *n, int **keep, bs_err *err)
{
    static const char *const PATH = "grid.levels.keep";
    const int count = bs_config_count(c, PATH);
    *n = count ? count : g->nz + 1;
    BS_TRY(BS_NEW(keep, *n, "half levels", err));
    bs_status st = BS_OK;
    for (int k = 0; k < *n && st == BS_OK; k++) {
        (*keep)[k] = k;
        if (count) st = whole(c, PATH, k, &(*keep)[k], err);
        if (st == BS_OK && k > 0 && (*keep)[k] <= (*keep)[k - 1])
            st = bs_fail(err, BS_ERR_INPUT, "%s: error: %s: %d after %d; expected numbers that rise",
                         bs_config_where(c, PATH), PATH, (*keep)[k], (*keep)[k - 1]);
    }
    if (st == BS_OK && (*n < 2 || (*keep)[0] != 0 || (*keep)[*n - 1] != g->nz))
        st = bs_fail(err, BS_ERR_INPUT,
                     "%s: error: %s must begin with 0, the ground, and end with %d, the top of the file's %d layers",
                     bs_config_where(c, PATH), PATH, g->nz, g->nz);
    if (st == BS_OK) return BS_OK;
    bs_free(*keep);
    *keep = NULL;
    return st;
}

/* What the file gives may not be given a second time. */
static bs_status check_keys(const bs_config *c, bs_err *err)
{
    static const char *const REPLACED[] = {"grid.projection", "grid.nx",       "grid.ny",       "grid.dx",
                                           "grid.dy",         "grid.centre",   "grid.corner",   "grid.levels.top",
                                           "grid.levels.eta", "grid.levels.a", "grid.levels.b", "terrain.file"};
    for (size_t n = 0; n < sizeof REPLACED / sizeof *REPLACED; n++)
        if (bs_config_has(c, REPLACED[n]))
            return bs_fail(err, BS_ERR_INPUT,
                           "%s: error: %s is given by the WRF file with grid.from: wrf; take it away, or grid.from",
                           bs_config_where(c, REPLACED[n]), REPLACED[n]);
    if (strcmp(bs_config_text(c, "meteorology.provider"), "wrf") == 0 && bs_config_count(c, "meteorology.files") > 0)
        return BS_OK;
    return bs_fail(err, BS_ERR_INPUT,
                   "%s: error: grid.from: wrf takes mesh and layers from the first of meteorology.files and needs "
                   "meteorology.provider: wrf",
                   bs_config_where(c, "grid.from"));
}

static bs_status build_mesh(const bs_wrf_grid *g, bs_wrf_window w, bs_mesh **mesh, bs_err *err)
{
    const bs_mesh_spec spec = {.projection = g->projection,
                               .nx = w.nx,
                               .ny = w.ny,
                               .dx = g->dx,
                               .dy = g->dy,
                               .x0 = g->x0 + w.i0 * g->dx,
                               .y0 = g->y0 + w.j0 * g->dy};
    return bs_mesh_create(&spec, mesh, err);
}

/* Lowest dry surface pressure of the first time, with room for deep lows to come. */
static bs_status lowest_pressure(const bs_nc *nc, const bs_wrf_grid *g, bs_wrf_window w, bs_units *units,
                                 double *lowest, bs_err *err)
{
    static const double ROOM = 0.94;
    const bs_wrf_id part[] = {BS_WRF_MU, BS_WRF_MUB};
    const size_t cells = (size_t)w.nx * (size_t)w.ny;
    double *column = NULL;
    BS_TRY(BS_NEW(&column, 2 * cells, "column mass", err));
    bs_status st = BS_OK;
    for (int n = 0; n < 2 && st == BS_OK; n++) {
        bs_wrf_field field;
        st = bs_wrf_find(nc, part[n], g, units, &field, err);
        if (st == BS_OK) st = bs_wrf_read_open(nc, part[n], &field, 0, w, g->nz, column + (size_t)n * cells, err);
    }
    *lowest = 110000;
    for (size_t c = 0; c < cells; c++) *lowest = fmin(*lowest, ROOM * (column[c] + column[cells + c] + g->top));
    bs_free(column);
    return st;
}

static bs_status build_levels(const bs_config *c, const bs_wrf_grid *g, double lowest, bs_levels **levels, bs_err *err)
{
    int n = 0, *keep = NULL;
    double *a = NULL;
    BS_TRY(bs_wrf_kept_levels(c, g, &n, &keep, err));
    bs_status st = BS_NEW(&a, 2 * n, "half levels", err);
    for (int k = 0; k < n && st == BS_OK; k++) {
        a[k] = g->a[keep[k]];
        a[n + k] = g->b[keep[k]];
    }
    if (st == BS_OK) st = bs_levels_create_from(lowest, n, a, a + n, levels, err);
    bs_free(a);
    bs_free(keep);
    return st;
}

static bs_status build(const bs_config *c, const bs_nc *nc, bs_wrf_grid *g, bs_units *units, bs_mesh **mesh,
                       bs_levels **levels, double **terrain, bs_err *err)
{
    bs_wrf_window w;
    BS_TRY(bs_wrf_window_of(c, g, &w, err));
    double lowest = 0;
    bs_status st = build_mesh(g, w, mesh, err);
    if (st == BS_OK) st = lowest_pressure(nc, g, w, units, &lowest, err);
    if (st == BS_OK) st = build_levels(c, g, lowest, levels, err);
    if (st == BS_OK) st = BS_NEW(terrain, (size_t)w.nx * (size_t)w.ny, "terrain", err);
    bs_wrf_field height;
    if (st == BS_OK) st = bs_wrf_find(nc, BS_WRF_HGT, g, units, &height, err);
    if (st == BS_OK) st = bs_wrf_read_open(nc, BS_WRF_HGT, &height, 0, w, g->nz, *terrain, err);
    if (st != BS_OK) bs_err_context(err, "%s: error: grid.from: wrf", bs_config_where(c, "grid.from"));
    return st;
}

bs_status bs_wrf_case_grid(const bs_config *c, bs_units *units, bs_mesh **mesh, bs_levels **levels, double **terrain,
                           bs_err *err)
{
    bs_nc *nc = NULL;
    bs_wrf_grid g = {0};
    *mesh = NULL;
    *levels = NULL;
    *terrain = NULL;
    BS_TRY(check_keys(c, err));
    BS_TRY(bs_nc_open(bs_config_text_at(c, "meteorology.files", 0), &nc, err));
    bs_status st = bs_wrf_check_needed(nc, true, err);
    if (st == BS_OK) st = bs_wrf_grid_read(nc, &g, err);
    if (st == BS_OK) st = build(c, nc, &g, units, mesh, levels, terrain, err);
    bs_wrf_grid_clear(&g);
    bs_nc_close(nc);
    if (st == BS_OK) return BS_OK;
    bs_mesh_destroy(*mesh);
    bs_levels_destroy(*levels);
    bs_free(*terrain);
    *mesh = NULL;
    *levels = NULL;
    *terrain = NULL;
    return st;
}
