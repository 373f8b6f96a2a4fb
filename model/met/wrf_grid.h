/* wrf_grid.h - mesh and layers of a WRF output file.
 *
 * MAP_PROJ 1 Lambert conformal, 2 polar stereographic, 3 Mercator, 6 longitude-latitude (the pole not rotated), all on
 * WRF's sphere of 6370 km. The mesh's cells are those of WRF's mass points; their place comes from XLAT and XLONG,
 * which must lie on a regular mesh of the projection that the attributes name: file parts cut out with ncks are
 * fine. */
#ifndef BS_MODEL_MET_WRF_GRID_H
#define BS_MODEL_MET_WRF_GRID_H

#include "grids/levels/levels.h"
#include "grids/mesh/mesh.h"
#include "kernels/base/status.h"
#include "model/config/config.h"
#include "model/io/nc.h"
#include "model/units/units.h"

/* XLAT and XLONG may lie this far from where the projection puts them: WRF works them out and stores them in single
 * precision, some metres on large maps; a wrong projection is off by much more. */
#define BS_WRF_PLACE_CELLS  0.02 /* of a cell's width, and */
#define BS_WRF_PLACE_METRES 20.0

#define BS_WRF_LEVEL_SLACK 1e-5 /* of coefficients stored as float, which run from 0 to 1 */
#define BS_WRF_PA_SLACK    1.0  /* Pa, of those that run to 2e4 Pa and are differences of larger ones */

typedef struct bs_wrf_grid {
    int nx, ny, nz;
    char projection[256]; /* PROJ string */
    double dx, dy;        /* m, or degrees of a longitude-latitude mesh */
    double x0, y0;        /* lower left corner of cell (0, 0) */
    double top;           /* Pa, P_TOP */
    double *a, *b;        /* [nz+1] Pa, 1: p = a + b ps of the half levels, ground first */
} bs_wrf_grid;

/* Rectangle of cells. */
typedef struct bs_wrf_window {
    int i0, j0, nx, ny;
} bs_wrf_window;

/* Errors: BS_ERR_INPUT with file, variable or attribute, index, found and expected: no attribute, another projection or
 * a rotated pole, XLAT and XLONG elsewhere than the projection says, ZNW or hybrid coefficients that are none, missing
 * or contradict each other. */
bs_status bs_wrf_grid_read(const bs_nc *nc, bs_wrf_grid *out, bs_err *err);
void bs_wrf_grid_clear(bs_wrf_grid *grid);

/* Fractional coordinates of the centres of a mesh's cells in the file's mesh, [ny][nx] each, as of bs_mesh_locate but without bounds. Errors:
 * BS_ERR_INPUT for cells outside the file's projection. */
bs_status bs_wrf_locate(const bs_wrf_grid *grid, const bs_mesh *mesh, double *fi, double *fj, bs_err *err);

/* Step of bs_wrf_grid_read: nz, top, a, b. */
bs_status bs_wrf_levels_read(const bs_nc *nc, bs_wrf_grid *out, bs_err *err);

/* Whether `other` has the same cells and half levels; otherwise what differs first is put into text[size]. */
bool bs_wrf_grid_same(const bs_wrf_grid *grid, const bs_wrf_grid *other, char *text, size_t size);

/* What grid.from: wrf asks for (options grid.window, grid.levels.keep). */
bool bs_wrf_gives_grid(const bs_config *config);
bs_status bs_wrf_window_of(const bs_config *config, const bs_wrf_grid *grid, bs_wrf_window *out, bs_err *err);
/* Half levels that are kept: *keep is [*n], ascending from 0 to nz, bs_free'd by the caller. */
bs_status bs_wrf_kept_levels(const bs_config *config, const bs_wrf_grid *grid, int *n, int **keep, bs_err *err);

/* Mesh, layers and the height of the ground (HGT, [ny][nx] m, bs_free'd by the caller) of the first of
 * meteorology.files. Errors: as above; a provider other than wrf; keys beside grid.from that it replaces. */
bs_status bs_wrf_case_grid(const bs_config *config, bs_units *units, bs_mesh **mesh, bs_levels **levels,
                           double **terrain, bs_err *err);

#endif
