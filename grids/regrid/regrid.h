/* regrid.h - from rectilinear longitude-latitude grids to the mesh: weights once, then sparse products.
 *
 * Conservative  overlap areas in the equal-area plane (longitude, sine of latitude), by clipping each cell's
 *               quadrilateral (mesh.h) against the source cells (GEOS), in double.
 * Bilinear      in longitude and latitude, at points.
 * A source longitude axis may run 0..360 or -180..180, ascending or descending, and so may latitude descend; a
 * global axis wraps. */
#ifndef BS_GRIDS_REGRID_H
#define BS_GRIDS_REGRID_H

#include <stddef.h>

#include "grids/mesh/mesh.h"

/* A rectilinear lon-lat grid. Cells' edges may be NULL: then half-way between centres, the outer ones extrapolated,
 * latitudes clipped to +-90. Element (j, i) of a field on it is field[j * nlon + i], in the order of the axes. */
typedef struct bs_lonlat_grid {
    int nlon, nlat;
    const double *lon, *lat;           /* [nlon], [nlat] degrees, centres, strictly monotonic */
    const double *lon_edge, *lat_edge; /* [nlon+1], [nlat+1] degrees, or NULL */
} bs_lonlat_grid;

/* Sparse weights, rows by destination: dst[r] = sum over n in row_start[r] .. row_start[r+1]-1 of
 * weight[n] * src[column[n]]. */
typedef struct bs_weights {
    size_t n_dst, n_src;
    size_t *row_start; /* [n_dst+1] */
    size_t *column;    /* [nnz] */
    double *weight;    /* [nnz] */
} bs_weights;
void bs_weights_destroy(bs_weights *w);

/* Overlap areas, m2: weight = area of (destination cell  intersected with source cell). From them both uses follow:
 * a mass per source cell is shared out with weight / source area, a mean density is the sum of weight * density /
 * destination area. source_area [nlat*nlon] m2 (of the whole source cells, on the mesh's sphere) is filled too.
 * domain_fraction [nlat*nlon]: share of each source cell inside the mesh, computed independently (source cell against the
 * mesh's outline), for the check that sum of weights = source area * domain fraction. Either may be NULL.
 * Errors: BS_ERR_INPUT for axes that are not monotonic. Parts of the mesh that no source cell covers are not an error
 * here: compare the sum of a row with mesh->area. */
bs_status bs_regrid_conservative(const bs_lonlat_grid *src, const bs_mesh *mesh, bs_weights **out, double *source_area,
                                 double *domain_fraction, bs_err *err);

/* The same from one longitude-latitude grid to another: areas of the intersections of their cells, m2. */
bs_status bs_regrid_lonlat(const bs_lonlat_grid *src, const bs_lonlat_grid *dst, double radius, bs_weights **out,
                           bs_err *err);

/* Bilinear weights to n points (lon, lat, degrees); rows sum to 1. A point beyond the outermost centres by more than
 * half a source cell is BS_ERR_INPUT (names the point and the source's extent); within that it takes the edge's value. */
bs_status bs_regrid_bilinear(const bs_lonlat_grid *src, size_t n, const double *lon, const double *lat,
                             bs_weights **out, bs_err *err);

/* The same between the centres of nx x ny cells of a regular mesh, to n points at fractional cell coordinates as
 * bs_mesh_locate gives them (the centre of column i is i + 0.5). A point beyond the outermost centres is BS_ERR_INPUT
 * (names the point). */
bs_status bs_regrid_bilinear_cells(int nx, int ny, size_t n, const double *fi, const double *fj, bs_weights **out,
                                   bs_err *err);

/* dst[r] = sum of weight * src; sums in double in the order of the row. */
void bs_weights_apply(const bs_weights *w, const double *src, double *dst);

#endif
