/* lonlat_formats.h - fields from files that are no CF netCDF: GMT's one-dimensional grids, ESRI's ASCII grids, and
 * lists of longitude, latitude and value. Private to model/emis. Each gives a field that holds its values
 * (lonlat_field.h); a missing value is NaN. */
#ifndef BS_MODEL_EMIS_LONLAT_FORMATS_H
#define BS_MODEL_EMIS_LONLAT_FORMATS_H

#include "model/emis/lonlat_field.h"

/* The netCDF grid of GMT before version 4 (MEIC): `variable`[xysize] from the north-west corner eastward, row by row,
 * with x_range, y_range, spacing and dimension[2] (columns, rows). Attribute node_offset 1: the ranges are edges; 0:
 * outermost nodes; without it the one of the two that agrees with spacing and dimension. Missing: as netCDF says, or
 * the attribute nodata_value.
 * Errors: BS_ERR_INPUT with file and variable (one of the five is missing; ranges, spacing and dimension disagree). */
bs_status bs_lonlat_from_gmt(const bs_nc *nc, const char *variable, bs_lonlat_field **out, bs_err *err);

/* ESRI ASCII grid: ncols, nrows, xllcorner or xllcenter, yllcorner or yllcenter, cellsize (degrees) and NODATA_value
 * (may be left out) in any order and case, then nrows * ncols numbers from the north-west corner. `file` must outlive
 * *out.
 * Errors: BS_ERR_INPUT "file:line: ...". */
bs_status bs_lonlat_from_ascii_grid(const char *file, bs_lonlat_field **out, bs_err *err);

typedef enum bs_list_place {
    BS_LIST_CENTRE,  /* longitude and latitude are of the cell's centre */
    BS_LIST_CORNER,  /* ... of its lower left corner */
    BS_LIST_ALIGNED, /* whichever of the two makes the cells' edges whole multiples of the cell's size */
} bs_list_place;

enum { BS_LIST_MONTHS = 12 };

/* How the lines of a list are to be read. */
typedef struct bs_list_layout {
    char separator;   /* ',', ';' or ' ' (any blanks) */
    int header_lines; /* -1: all before the first line of as many numbers as there are columns */
    int lon, lat, value, n_values,
        n_columns; /* columns from 0; n_values 1 or 12 (January to December) from `value` on */
    bs_list_place place;
    double cell;      /* size of a cell, degrees */
    bool has_domain;  /* whether the list is of the whole of `domain`, where cells that are not in it emit nothing */
    double domain[4]; /* west, east, south, north, edges, degrees; without it: the extent of the cells in the list */
    bool add;         /* lines of one cell are added up; false: an error */
} bs_list_layout;

/* A list of cells; those that are not listed emit nothing (how many is told to `log`). `file` must outlive *out.
 * Errors: BS_ERR_INPUT "file:line: ..." (not the columns; no number; beyond 360 or 90 degrees; off the lattice of the
 * cells; outside the domain; a cell that stands twice, with both lines; no cell at all). */
bs_status bs_lonlat_from_list(const char *file, const bs_list_layout *layout, bs_log *log, bs_lonlat_field **out,
                              bs_err *err);

#endif
