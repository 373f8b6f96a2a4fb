/* projection.h - map projections, by PROJ. The only header through which the program meets PROJ.
 *
 * A projection is given as a PROJ string ("+proj=lcc +lat_1=30 ... +R=6370000", "+proj=longlat +R=6370000",
 * "EPSG:32648"). Geographic coordinates are degrees east and north on the projection's own datum (no datum shift:
 * what WRF and GFS do); projected ones are metres, or degrees for a longitude-latitude mesh. A projection owns its PROJ
 * context: one thread at a time may use it, several projections need no care. */
#ifndef BS_GRIDS_PROJECTION_H
#define BS_GRIDS_PROJECTION_H

#include <stdbool.h>
#include <stddef.h>

#include "kernels/base/status.h"

typedef struct bs_projection bs_projection;

/* Creates a projection from a PROJ string. Errors: BS_ERR_INPUT with PROJ's own words when the string is unknown,
 * not a map projection or longitude-latitude system, or not in metres. */
bs_status bs_projection_create(const char *proj_string, bs_projection **out, bs_err *err);
void bs_projection_destroy(bs_projection *p); /* NULL is fine */

bool bs_projection_is_lonlat(const bs_projection *p);

/* n points in place: (lon, lat) degrees -> (x, y) projected units, and back. A point outside the projection's domain
 * becomes (HUGE_VAL, HUGE_VAL); the number of such points is returned. */
size_t bs_projection_forward(const bs_projection *p, size_t n, double *lon_x, double *lat_y);
size_t bs_projection_inverse(const bs_projection *p, size_t n, double *x_lon, double *y_lat);

/* Scale factors at a point (map distance over true distance; 1/degree-to-metre conversion for lon-lat is NOT in it:
 * lon-lat gives the metric 1/cos(lat) along x, 1 along y, relative to arc length on the sphere of radius()) and the
 * angle from grid north to true north, radians, positive when true north lies to the west (meridian convergence). */
typedef struct bs_map_factors {
    double along_x, along_y; /* 1 */
    double convergence;      /* rad */
} bs_map_factors;
bs_status bs_projection_factors(const bs_projection *p, double lon, double lat, bs_map_factors *out, bs_err *err);

double bs_projection_radius(const bs_projection *p); /* m, of the sphere, or the semi-major axis */

/* CF-1.10 grid mapping: the name (lambert_conformal_conic, latitude_longitude, ...) and its attributes, each either
 * numbers or text; crs_wkt (WKT2) and the PROJ string come as text attributes "crs_wkt" and "proj4".
 * A projection without a CF name gets grid_mapping_name "" and is described by crs_wkt alone. Valid until destroy. */
typedef struct bs_cf_attribute {
    const char *name;
    const char *text; /* NULL: numbers */
    double number[2];
    int count; /* of numbers */
} bs_cf_attribute;
const bs_cf_attribute *bs_projection_cf(const bs_projection *p, int *count);

const char *bs_projection_string(const bs_projection *p);

#endif
