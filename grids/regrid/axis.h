/* axis.h - one axis of a rectilinear longitude-latitude grid, checked and turned to ascend. Private to grids/regrid and
 * grids/regions. */
#ifndef BS_GRIDS_REGRID_AXIS_H
#define BS_GRIDS_REGRID_AXIS_H

#include <stdbool.h>
#include <stddef.h>

#include "grids/regrid/regrid.h"

typedef struct bs_axis {
    int n;
    bool descending; /* as it was given */
    bool global;     /* a longitude axis round the whole circle */
    double *centre;  /* [n]   degrees, ascending */
    double *edge;    /* [n+1] degrees, ascending */
    double *plane;   /* [n+1] edges in the equal-area plane: degrees of longitude, sine of latitude */
} bs_axis;

typedef struct bs_axes {
    bs_axis lon, lat;
} bs_axes;

/* Errors: BS_ERR_INPUT for an axis that is not strictly monotonic, edges that do not enclose their centres, latitudes
 * beyond +-90, longitudes beyond +-720, more than 360 degrees of longitude, one point without edges; names the axis and the index. */
bs_status bs_axes_create(const bs_lonlat_grid *grid, bs_axes *out, bs_err *err);
void bs_axes_clear(bs_axes *axes);

/* Index in the order in which the axis was given. */
static inline size_t bs_axis_given(const bs_axis *axis, int i)
{
    return (size_t)(axis->descending ? axis->n - 1 - i : i);
}

/* Cells first .. last - 1 that overlap the interval (low, high) of the plane; both 0 when none do. */
void bs_axis_overlapping(const bs_axis *axis, double low, double high, int *first, int *last);

/* Whole turns k by which the axis must be shifted (edges + 360 k) to overlap the interval of longitudes. */
void bs_axis_turns(const bs_axis *axis, double low, double high, int *first, int *last);

/* Source cell (j, i), counted along the ascending axes and shifted by `shift` degrees, in the equal-area plane. */
bs_rect bs_axes_cell(const bs_axes *axes, int j, int i, double shift);

/* Share of each cell [nlat * nlon], in the order given, inside a polygon whose longitudes are relative to `origin`. */
bs_status bs_axes_fractions(const bs_axes *axes, bs_polygon *polygon, double origin, double *fraction, bs_err *err);

/* The mesh's outline, counter-clockwise from its lower left corner and closed, longitudes relative to `origin`. */
bs_status bs_axes_outline(const bs_mesh *mesh, double origin, bs_polygon **out, bs_err *err);

#endif
