/* Quadrilaterals, and cutting them by rectangles (geometry.h). */
#include <stdlib.h>

#include "grids/geometry/geos.h"

struct bs_clipper {
    bs_geos s;
    GEOSGeometry *quad;
};

/* Half the cross product of the diagonals: differences of near numbers first, so no digits are lost to the origin. */
double bs_quad_area(const bs_quad *q)
{
    return 0.5 * ((q->x[2] - q->x[0]) * (q->y[3] - q->y[1]) - (q->x[3] - q->x[1]) * (q->y[2] - q->y[0]));
}

bs_rect bs_quad_bounds(const bs_quad *q)
{
    bs_rect r = {q->x[0], q->y[0], q->x[0], q->y[0]};
    for (int c = 1; c < 4; c++) {
        r.x0 = fmin(r.x0, q->x[c]);
        r.x1 = fmax(r.x1, q->x[c]);
        r.y0 = fmin(r.y0, q->y[c]);
        r.y1 = fmax(r.y1, q->y[c]);
    }
    return r;
}

bs_quad bs_quad_from_rect(const bs_rect *r)
{
    return (bs_quad){.x = {r->x0, r->x1, r->x1, r->x0}, .y = {r->y0, r->y0, r->y1, r->y1}};
}

bs_status bs_clipper_create(bs_clipper **out, bs_err *err)
{
    *out = NULL;
    bs_clipper *c = calloc(1, sizeof *c);
    if (!c) return bs_fail(err, BS_ERR_MEMORY, "geometry: out of memory");
    bs_status status = bs_geos_open(&c->s, err);
    if (status == BS_OK) {
        *out = c;
    } else {
        bs_clipper_destroy(c);
    }
    return status;
}

void bs_clipper_destroy(bs_clipper *c)
{
    if (!c) return;
    if (c->quad) GEOSGeom_destroy_r(c->s.context, c->quad);
    bs_geos_close(&c->s);
    free(c);
}

bs_status bs_clipper_set(bs_clipper *c, const bs_quad *quad, bs_err *err)
{
    if (c->quad) GEOSGeom_destroy_r(c->s.context, c->quad);
    c->quad = bs_geos_quad(&c->s, quad);
    return c->quad ? BS_OK : bs_geos_failed(&c->s, "making a cell", err);
}

bs_status bs_clipper_area(bs_clipper *c, const bs_rect *r, double *area, bs_err *err)
{
    GEOSGeometry *part = GEOSClipByRect_r(c->s.context, c->quad, r->x0, r->y0, r->x1, r->y1);
    int good = part ? GEOSArea_r(c->s.context, part, area) : 0;
    if (part) GEOSGeom_destroy_r(c->s.context, part);
    return good ? BS_OK : bs_geos_failed(&c->s, "clipping a cell", err);
}
