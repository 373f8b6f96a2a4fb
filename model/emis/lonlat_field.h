/* lonlat_field.h - values on a rectilinear longitude-latitude mesh, whatever file they come from. Private to
 * model/emis.
 *
 * From a CF netCDF file (open): the axes are the coordinate variables of the variable's dimensions, known by CF's units
 * (degrees_east, degrees_north), standard_name or axis, or, where a file states none of these, by the names lon,
 * longitude, lat, latitude; in any order of dimensions, rising or falling; edges come from `bounds` where the file has
 * them. A further dimension must be time, or the one of sectors that is asked for.
 * From other files (lonlat_formats.h): the values are held in memory on a regular mesh (hold).
 * Values come as [nlat][nlon] in the order of the axes. */
#ifndef BS_MODEL_EMIS_LONLAT_FIELD_H
#define BS_MODEL_EMIS_LONLAT_FIELD_H

#include <stdbool.h>
#include <stddef.h>

#include "grids/regrid/regrid.h"
#include "model/core/log.h"
#include "model/io/nc.h"
#include "model/units/units.h"

typedef struct bs_lonlat_field {
    const char *file;                           /* for messages; not owned */
    const bs_nc *nc;                            /* not owned; NULL: the values are held */
    bs_nc_var var;                              /* held: its name alone */
    int dim_lon, dim_lat, dim_time, dim_sector; /* positions among the variable's dimensions; -1: none */
    size_t time_first, sector;                  /* indices of the first time and of the sector on their dimensions */
    size_t n_lon, n_lat;
    int n_times;                 /* 1 or 12 */
    int year;                    /* of the time axis; 0: it has none */
    bool leapless;               /* its calendar has no leap days */
    double *lon, *lat;           /* [n_lon], [n_lat] degrees */
    double *lon_edge, *lat_edge; /* [n_lon+1], [n_lat+1], or NULL */
    double *held;                /* [n_times][n_lat][n_lon], missing: NaN; NULL: in the netCDF file */
} bs_lonlat_field;

/* How a netCDF variable is to be taken. All zero: as its file says. */
typedef struct bs_lonlat_as {
    int year;             /* of a time axis that is longer than a year */
    bool months_in_order; /* a time dimension of twelve is January to December, whatever its coordinate says */
    const char *sector_dimension,
        *sector; /* a dimension of sectors and the one to take (its name in `ids`, or number); NULL: none */
} bs_lonlat_as;

/* Tells `log` (may be NULL) of axes taken by their names. Errors: BS_ERR_INPUT with file and variable (missing; no
 * longitude or latitude; a curvilinear mesh; a further dimension; a time axis that is not one time or twelve months of
 * a year in order; a sector that is not there; bounds with gaps). */
bs_status bs_lonlat_field_open_as(const bs_nc *nc, const char *variable, const bs_lonlat_as *as, bs_units *units,
                                  bs_log *log, bs_lonlat_field **out, bs_err *err);
bs_status bs_lonlat_field_open(const bs_nc *nc, const char *variable, bs_units *units, bs_log *log,
                               bs_lonlat_field **out, bs_err *err);
void bs_lonlat_field_close(bs_lonlat_field *field);

/* A regular mesh: its lower left corner and cells, degrees. With dlat < 0 its rows come from the north, and `south` is
 * the northern edge. */
typedef struct bs_lonlat_frame {
    double west, south, dlon, dlat;
    size_t n_lon, n_lat;
} bs_lonlat_frame;

/* A field that holds its values, all 0 yet. `file` must outlive it. */
bs_status bs_lonlat_field_hold(const char *file, const char *name, const bs_lonlat_frame *frame, int n_times,
                               bs_lonlat_field **out, bs_err *err);

/* What is done with values that are not there. */
typedef struct bs_lonlat_missing {
    bool zero;     /* in: they mean that nothing is emitted; false: an error */
    bool has_fill; /* in: whether `fill` stands for a missing value, beside those that the file declares */
    double fill;
    size_t count;   /* out: how many became 0 in this reading */
    char first[64]; /* out: "lat=2, lon=5" of the first */
} bs_lonlat_missing;

/* Values of one time into value [n_lat][n_lon]. Errors: BS_ERR_INPUT for a value that is missing (bs_lonlat_field_read,
 * or where `missing` has not zero), not finite or negative, with its indices and place. */
bs_status bs_lonlat_field_read_with(const bs_lonlat_field *field, int time, bs_lonlat_missing *missing, double *value,
                                    bs_err *err);
bs_status bs_lonlat_field_read(const bs_lonlat_field *field, int time, double *value, bs_err *err);

bs_lonlat_grid bs_lonlat_field_grid(const bs_lonlat_field *field);

#endif
