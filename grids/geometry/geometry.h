/* geometry.h - overlap areas of polygons in the equal-area plane, by GEOS. The only header through which the program
 * meets GEOS.
 *
 * The plane has x = longitude in degrees, from any origin and not wrapped, and y = sine of latitude; an area in it times
 * bs_plane_to_m2(radius) is an area on the sphere. Rings are open (the last point is not the first again) where a
 * function takes one ring, and closed in bs_rings. An object belongs to one thread at a time. */
#ifndef BS_GRIDS_GEOMETRY_H
#define BS_GRIDS_GEOMETRY_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

#include "kernels/base/constants.h"
#include "kernels/base/status.h"

static inline double bs_plane_y(double lat_degrees)
{
    return sin(lat_degrees * (BS_PI / 180.0));
}

static inline double bs_plane_to_m2(double radius)
{
    return radius * radius * (BS_PI / 180.0);
}

typedef struct bs_rect {
    double x0, y0, x1, y1; /* x0 < x1, y0 < y1 */
} bs_rect;

/* A cell of the mesh: corners in the order lower left, lower right, upper right, upper left. */
typedef struct bs_quad {
    double x[4], y[4];
} bs_quad;

double bs_quad_area(const bs_quad *quad); /* positive when the corners run counter-clockwise */
bs_rect bs_quad_bounds(const bs_quad *quad);
bs_quad bs_quad_from_rect(const bs_rect *rect);

/* Cuts one quadrilateral after another by rectangles. */
typedef struct bs_clipper bs_clipper;
bs_status bs_clipper_create(bs_clipper **out, bs_err *err);
void bs_clipper_destroy(bs_clipper *clipper); /* NULL is fine */
bs_status bs_clipper_set(bs_clipper *clipper, const bs_quad *quad, bs_err *err);
bs_status bs_clipper_area(bs_clipper *clipper, const bs_rect *rect, double *area, bs_err *err);

/* A multipolygon as rings: ring r holds points ring_start[r] .. ring_start[r+1]-1, polygon p holds rings
 * polygon_start[p] .. polygon_start[p+1]-1, the first its outline, the rest holes. */
typedef struct bs_rings {
    size_t n_polygons;
    const size_t *polygon_start, *ring_start;
    const double *x, *y;
} bs_rings;

/* Copies the rings. An invalid multipolygon (self-touching rings, overlapping parts) is mended: what any of its outlines
 * encloses is inside, holes are outside; *mended (may be NULL) tells. Errors: BS_ERR_INPUT when a ring is not closed
 * or has fewer than four points, or nothing with an area is left; the message names the ring or GEOS's reason. */
typedef struct bs_polygon bs_polygon;
bs_status bs_polygon_create(const bs_rings *rings, bool *mended, bs_polygon **out, bs_err *err);
void bs_polygon_destroy(bs_polygon *polygon); /* NULL is fine */
double bs_polygon_area(const bs_polygon *polygon);
bs_rect bs_polygon_bounds(const bs_polygon *polygon);

/* Tells that until the next call only quadrilaterals inside this window will be asked for. Going through cells row by
 * row with a window round each row makes polygons of tens of thousands of points cheap. */
bs_status bs_polygon_focus(bs_polygon *polygon, const bs_rect *window, bs_err *err);

/* Area of the part of a counter-clockwise quadrilateral that lies inside the polygon; exactly bs_quad_area where all of
 * it does. */
bs_status bs_polygon_overlap(bs_polygon *polygon, const bs_quad *quad, double *area, bs_err *err);

/* What two polygons share; *out is NULL where that has no area. _cut: with a quadrilateral inside the window of the last focus. */
bs_status bs_polygon_meet(const bs_polygon *a, const bs_polygon *b, bs_polygon **out, bs_err *err);
bs_status bs_polygon_cut(const bs_polygon *polygon, const bs_quad *quad, bs_polygon **out, bs_err *err);

/* Whether each of n points lies inside the polygon or on its border. */
bs_status bs_polygon_holds(bs_polygon *polygon, size_t n, const double *x, const double *y, bool *inside, bs_err *err);

#endif
