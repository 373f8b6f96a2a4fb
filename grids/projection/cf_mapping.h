/* cf_mapping.h - CF-1.10 grid mapping of a PROJ coordinate reference system. Private to grids/projection.
 * Source  CF conventions 1.10, appendix F; EPSG codes of methods and parameters, by which PROJ describes a system. */
#ifndef BS_GRIDS_PROJECTION_CF_MAPPING_H
#define BS_GRIDS_PROJECTION_CF_MAPPING_H

#include <proj.h>

#include "grids/projection/projection.h"

enum { BS_CF_MAX = 16 };

typedef struct bs_cf_mapping {
    int count;
    bs_cf_attribute attribute[BS_CF_MAX];
    double semi_major; /* m */
    char *proj4;       /* owned; crs_wkt belongs to the crs */
} bs_cf_mapping;

/* Fills *out, which is zero on entry; texts live as long as crs and *out. */
bs_status bs_cf_mapping_fill(PJ_CONTEXT *context, PJ *crs, bool lonlat, bs_cf_mapping *out, bs_err *err);
void bs_cf_mapping_clear(bs_cf_mapping *mapping);

#endif
