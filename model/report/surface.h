/* surface.h - surface.nc of a finished run, read at places. The mesh comes back from the file (global attribute proj4, axes), so that a
 * place finds its cell as it did in the run. */
#ifndef BS_MODEL_REPORT_SURFACE_H
#define BS_MODEL_REPORT_SURFACE_H

#include <stdbool.h>
#include <stddef.h>

#include "grids/mesh/mesh.h"
#include "kernels/base/status.h"
#include "model/core/clock.h"
#include "model/io/nc.h"

typedef struct bs_surface {
    bs_nc *nc;
    bs_mesh *mesh;
    int n_times;
    bs_time *start, *end; /* [n_times] UTC, of the means; `end` is the stamp of what is instantaneous, too */
} bs_surface;

/* Errors: BS_ERR_INPUT (DIR/surface.nc or a part of it is missing; an axis that is not regular; a time that is none). */
bs_status bs_surface_open(const char *dir, bs_surface *out, bs_err *err);
void bs_surface_close(bs_surface *surface);

/* Where a value is taken: cells (j nx + i) and their weights, whose sum is one. */
typedef struct bs_spot {
    size_t cell[4];
    double weight[4];
} bs_spot;

/* The cell that holds the place; or, bilinear, the four centres around it (within half a cell of the rim, the value stays that of the rim's
 * centres). false: outside the mesh. Degrees. */
bool bs_surface_spot(const bs_surface *surface, double lon, double lat, bool bilinear, bs_spot *spot);

/* The cell whose centre is nearest on the sphere, for places that may lie outside. */
bs_spot bs_surface_nearest(const bs_surface *surface, double lon, double lat);

/* *values = [n][n_times], bs_free: the variable on (time, y, x) at n spots; NaN where it is missing. Errors: BS_ERR_INPUT (no such variable,
 * another shape or unit). */
bs_status bs_surface_read(const bs_surface *surface, const char *name, const char *unit, int n, const bs_spot *spot,
                          double **values, bs_err *err);

typedef struct bs_city_place {
    double lon, lat; /* degrees, of the centre */
    double share;    /* of its area that lies inside the mesh; NaN: cities.nc does not tell */
} bs_city_place;

/* Centres of the n regions in DIR/cities.nc, in its order (that of cities.csv), as spots of their nearest cells: *spot = [n], bs_free.
 * place NULL, or [n]. Errors: BS_ERR_INPUT. */
bs_status bs_surface_cities(const bs_surface *surface, const char *dir, int n, bs_spot **spot, bs_city_place *place,
                            bs_err *err);

#endif
