/* regions.h - regions as area fractions of cells, from polygons (GEOS).
 * Polygons are in degrees; overlaps are measured in the equal-area plane (longitude, sine of latitude) as in mesh.h, so the
 * fractions of regions that tile an area add up to one. */
#ifndef BS_GRIDS_REGIONS_H
#define BS_GRIDS_REGIONS_H

#include <stddef.h>

#include "grids/mesh/mesh.h"

/* One region: a multipolygon as rings. Ring r holds points ring_start[r] .. ring_start[r+1]-1 of (lon, lat); polygon p
 * holds rings polygon_start[p] .. polygon_start[p+1]-1, the first its outline, the rest holes. Rings are closed. */
typedef struct bs_region_shape {
    size_t n_polygons, n_rings, n_points;
    size_t *polygon_start; /* [n_polygons+1] */
    size_t *ring_start;    /* [n_rings+1] */
    double *lon, *lat;     /* [n_points] degrees */
} bs_region_shape;

/* Cells of the mesh that a region touches. */
typedef struct bs_region_mask {
    size_t n;
    size_t *cell;     /* [n] j * nx + i, ascending */
    double *fraction; /* [n] share of the cell's area inside the region, (0, 1] */
    double area;      /* m2 of the region inside the mesh */
    double full_area; /* m2 of the whole region */
} bs_region_mask;

/* An invalid polygon (self-touching rings, overlapping parts: common in the wild) is mended as geometry.h says and *mended
 * set; mended may be NULL. Longitudes may be in any turn, but continuous along a ring, also across the date line.
 * Errors: BS_ERR_INPUT when it stays invalid or is empty. A region outside the mesh gives n = 0, no error. */
bs_status bs_region_mask_create(const bs_region_shape *shape, const bs_mesh *mesh, bs_region_mask **out, bool *mended,
                                bs_err *err);
void bs_region_mask_destroy(bs_region_mask *mask);

/* Whether each of n places (degrees, in any turn) lies in the region or on its border. */
bs_status bs_region_holds(const bs_region_shape *shape, size_t n, const double *lon, const double *lat, bool *inside,
                          bs_err *err);

/* The region that a cell belongs to where it must belong to one: the one with the largest share of its area, the first of those that have
 * the same. label [cells]: 0 .. n - 1, or n where what lies in no region is larger than any region's share. mask [n]; an entry may be
 * NULL: no cells. Errors: BS_ERR_MEMORY. */
bs_status bs_region_dominant(int n, const bs_region_mask *const *mask, size_t cells, int *label, bs_err *err);

/* Share of each source cell [nlat*nlon] inside the region: for spreading totals by a proxy field on a lon-lat grid. */
struct bs_lonlat_grid;
bs_status bs_region_source_fractions(const bs_region_shape *shape, const struct bs_lonlat_grid *src, double *fraction,
                                     bs_err *err);

/* The same, of the part of the region that lies on the mesh: measured against the region cut by the mesh's outline, without its cells. */
bs_status bs_region_domain_fractions(const bs_region_shape *shape, const struct bs_lonlat_grid *src,
                                     const bs_mesh *mesh, double *fraction, bs_err *err);

/* The part of overlaps that lies inside the region: for entry n of `weights` (of bs_regrid_conservative, src on mesh) area[n] becomes
 * the area, m2, of cell  intersected with source cell  intersected with region; exactly weight[n] where the cell lies wholly inside.
 * `mask`: of the region on the mesh. area [entries of weights]; zero elsewhere. */
struct bs_weights;
bs_status bs_region_overlaps(const bs_region_shape *shape, const bs_region_mask *mask, const struct bs_lonlat_grid *src,
                             const bs_mesh *mesh, const struct bs_weights *weights, double *area, bs_err *err);

#endif
