/* polygon.h - a region as a polygon of the equal-area plane. Private to grids/regions. */
#ifndef BS_GRIDS_REGIONS_POLYGON_H
#define BS_GRIDS_REGIONS_POLYGON_H

#include "grids/geometry/geometry.h"
#include "grids/regions/regions.h"

/* Longitudes are relative to the region's first point (*origin). mended may be NULL. Errors as of bs_region_mask_create. */
bs_status bs_region_polygon(const bs_region_shape *shape, double *origin, bool *mended, bs_polygon **out, bs_err *err);

#endif
