/* pressure_levels_axes.h - which dimension of a netCDF variable is longitude, latitude, level (of pressure, or of a model) or time.
 *
 * A dimension is what the case says (meteorology.dimensions.*); else what the attributes of its coordinate variable say
 * (CF conventions 1.10, chapter 4: units, standard_name, axis); else what its name usually means. Any other
 * dimension must have length 1. */
#ifndef BS_MODEL_MET_PRESSURE_LEVELS_AXES_H
#define BS_MODEL_MET_PRESSURE_LEVELS_AXES_H

#include "model/core/clock.h"
#include "model/io/nc.h"
#include "model/units/units.h"

typedef enum bs_pl_axis { BS_PL_LON, BS_PL_LAT, BS_PL_LEVEL, BS_PL_TIME, BS_PL_N_AXES, BS_PL_OTHER } bs_pl_axis;

/* What the case says of the axes (NULL: nothing), and the reader of the field. */
typedef struct bs_pl_axis_names {
    const char *name[BS_PL_N_AXES];
    const char *level_units;
    double height; /* above the ground at which the field is defined, m; 0: none */
    bool versions; /* the caller merges them */
} bs_pl_axis_names;

/* Axes of a variable: which of its dimensions, -1: none. */
typedef struct bs_pl_axes {
    int dim[BS_PL_N_AXES];
    int versions;                 /* dimension of versions to be merged; -1: none */
    size_t fixed[BS_NC_MAX_DIMS]; /* index along the other dimensions */
} bs_pl_axes;

/* Errors: BS_ERR_INPUT for two dimensions of one kind, no longitude or latitude, a further dimension longer than 1. */
bs_status bs_pl_axes_find(const bs_nc *nc, const bs_nc_var *var, const bs_pl_axis_names *names, bs_units *units,
                          bs_pl_axes *out, bs_err *err);

/* Coordinate variable of dimension `dim` and its values, in any order: [length], bs_free'd by the caller. Errors: none, not of
 * that length, missing values. */
bs_status bs_pl_axis_coordinate(const bs_nc *nc, const bs_nc_var *var, int dim, bs_nc_var *coordinate, double **values,
                                bs_err *err);

/* Coordinates of dimension `dim` of `var`: *values is [length], bs_free'd by the caller. Errors: no coordinate variable, NaN,
 * not strictly monotonic. */
bs_status bs_pl_axis_read(const bs_nc *nc, const bs_nc_var *var, int dim, double **values, bs_err *err);

/* Pressures, Pa, of dimension `dim`, in the order of the file. Errors: no unit, or one that contradicts level_units or is no
 * pressure; pressure not positive. */
bs_status bs_pl_axis_read_pressure(const bs_nc *nc, const bs_nc_var *var, int dim, const bs_pl_axis_names *names,
                                   bs_units *units, double **values, bs_err *err);

/* Numbers of a model's levels on dimension `dim`, in the order of the file: whole, 1 to n (n 0: any number), strictly
 * monotonic. Where the dimension has no coordinate variable and length n they are 1 to n. Errors: others; an axis of
 * pressure. */
bs_status bs_pl_axis_read_numbers(const bs_nc *nc, const bs_nc_var *var, int dim, int n, bs_units *units,
                                  double **values, bs_err *err);

/* Whether one variable along dimension `dim` holds the times for which the values are valid, beside the coordinate variable (standard_name
 * "time"; cfgrib writes valid_time along time or step). */
bool bs_pl_valid_times(const bs_nc *nc, const bs_nc_var *var, int dim, bs_nc_var *out);

/* Times of dimension `dim` (of bs_pl_valid_times, where the coordinate variable counts the starts of forecasts, or steps), or, where it is
 * -1, the one of a scalar coordinate with standard_name "time" (*n = 0 when there is none either). Errors: no or a wrong unit, a calendar
 * other than the Gregorian one, NaN, starts of forecasts alone. */
bs_status bs_pl_axis_read_times(const bs_nc *nc, const bs_nc_var *var, int dim, bs_units *units, size_t *n,
                                bs_time **times, bs_err *err);

#endif
