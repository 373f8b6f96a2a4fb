/* lonlat_field.h - a variable on a rectilinear longitude-latitude mesh of a CF netCDF file. Private to model/emis.
 *
 * The axes are the coordinate variables of the variable's dimensions, known by CF's units (degrees_east, degrees_north),
 * standard_name or axis, or, where a file states none of these, by the names lon, longitude, lat, latitude; in any order of
 * dimensions, rising or falling; edges come from `bounds` where the file has them. A further dimension must be time, of length
 * 1 or 12. Values come as [nlat][nlon] in the order of the axes. */
#ifndef BS_MODEL_EMIS_LONLAT_FIELD_H
#define BS_MODEL_EMIS_LONLAT_FIELD_H

#include <stdbool.h>
#include <stddef.h>

#include "grids/regrid/regrid.h"
#include "model/core/log.h"
#include "model/io/nc.h"
#include "model/units/units.h"

typedef struct bs_lonlat_field {
    const bs_nc *nc; /* not owned */
    bs_nc_var var;
    int dim_lon, dim_lat, dim_time; /* positions among the variable's dimensions; dim_time -1: none */
    size_t n_lon, n_lat;
    int n_times;                 /* 1 or 12 */
    int year;                    /* of the time axis; 0: it has none */
    double *lon, *lat;           /* [n_lon], [n_lat] degrees */
    double *lon_edge, *lat_edge; /* [n_lon+1], [n_lat+1], or NULL */
} bs_lonlat_field;

/* Tells `log` (may be NULL) of axes taken by their names. Errors: BS_ERR_INPUT with file and variable (missing; no longitude or latitude; a curvilinear mesh; a further dimension; a time
 * axis that is not one time or twelve months of a year in order; bounds with gaps). */
bs_status bs_lonlat_field_open(const bs_nc *nc, const char *variable, bs_units *units, bs_log *log,
                               bs_lonlat_field **out, bs_err *err);
void bs_lonlat_field_close(bs_lonlat_field *field);

/* Values of one time into value [n_lat][n_lon]. Errors: BS_ERR_INPUT for a value that is missing, not finite or
 * negative, with its indices and place. */
bs_status bs_lonlat_field_read(const bs_lonlat_field *field, int time, double *value, bs_err *err);

bs_lonlat_grid bs_lonlat_field_grid(const bs_lonlat_field *field);

#endif
