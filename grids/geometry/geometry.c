/* Polygons (geometry.h). */
#include <stdlib.h>

#include "grids/geometry/geos.h"

/* WINDOW_MIN: points from which cutting a polygon row by row pays (measured: 600 points lose, 20000 win fivefold). */
enum { WINDOW_MIN = 3000 };

struct bs_polygon {
    bs_geos s;
    GEOSGeometry *shape;                  /* the whole */
    GEOSGeometry *part;                   /* what of it lies in the window; NULL: nothing */
    const GEOSPreparedGeometry *prepared; /* of part */
    double area;
    bs_rect bounds;
};

static bs_status check_ring(const bs_rings *rings, size_t r, bs_err *err)
{
    size_t first = rings->ring_start[r], end = rings->ring_start[r + 1];
    if (end < first + 4) {
        return bs_fail(err, BS_ERR_INPUT,
                       "polygon: ring %zu has %zu points; expected at least 4, the last as the first", r,
                       end < first ? 0 : end - first);
    }
    for (size_t n = first; n < end; n++) {
        if (!isfinite(rings->x[n]) || !isfinite(rings->y[n])) {
            return bs_fail(err, BS_ERR_INPUT, "polygon: ring %zu, point %zu is not a number", r, n - first);
        }
    }
    if (rings->x[first] != rings->x[end - 1] || rings->y[first] != rings->y[end - 1]) {
        return bs_fail(err, BS_ERR_INPUT, "polygon: ring %zu is not closed; expected the last point to be the first",
                       r);
    }
    return BS_OK;
}

static void destroy_list(bs_geos *s, GEOSGeometry **list, size_t n)
{
    for (size_t i = 0; list && i < n; i++) {
        if (list[i]) GEOSGeom_destroy_r(s->context, list[i]);
    }
}

static GEOSGeometry *make_polygon(bs_geos *s, const bs_rings *rings, size_t p)
{
    size_t first = rings->polygon_start[p], n = rings->polygon_start[p + 1] - first;
    GEOSGeometry **ring = calloc(n, sizeof *ring);
    if (!ring) return NULL;
    bool whole = true;
    for (size_t i = 0; i < n && whole; i++) {
        size_t start = rings->ring_start[first + i], points = rings->ring_start[first + i + 1] - start;
        ring[i] = bs_geos_ring(s, rings->x + start, rings->y + start, points);
        whole = ring[i] != NULL;
    }
    GEOSGeometry *polygon = NULL;
    if (whole) {
        polygon = GEOSGeom_createPolygon_r(s->context, ring[0], ring + 1, (unsigned)(n - 1));
    } else {
        destroy_list(s, ring, n);
    }
    free(ring);
    return polygon;
}

static GEOSGeometry *make_multipolygon(bs_geos *s, const bs_rings *rings)
{
    GEOSGeometry **part = calloc(rings->n_polygons, sizeof *part);
    if (!part) return NULL;
    bool whole = true;
    for (size_t p = 0; p < rings->n_polygons && whole; p++) {
        part[p] = make_polygon(s, rings, p);
        whole = part[p] != NULL;
    }
    GEOSGeometry *all = NULL;
    if (whole) {
        all = GEOSGeom_createCollection_r(s->context, GEOS_MULTIPOLYGON, part, (unsigned)rings->n_polygons);
    } else {
        destroy_list(s, part, rings->n_polygons);
    }
    free(part);
    return all;
}

/* GEOS's structure method keeps both lobes of a bow-tie, where a buffer of width zero drops one. */
static bs_status mend(bs_geos *s, GEOSGeometry **shape, bool *mended, bs_err *err)
{
    char valid = GEOSisValid_r(s->context, *shape);
    if (valid == 2) return bs_geos_failed(s, "checking a polygon", err);
    if (mended) *mended = !valid;
    if (valid) return BS_OK;
    char *reason = GEOSisValidReason_r(s->context, *shape);
    GEOSMakeValidParams *how = GEOSMakeValidParams_create_r(s->context);
    GEOSGeometry *whole = NULL;
    if (how && GEOSMakeValidParams_setMethod_r(s->context, how, GEOS_MAKE_VALID_STRUCTURE)) {
        whole = GEOSMakeValidWithParams_r(s->context, *shape, how);
    }
    bs_status status = BS_OK;
    if (whole && GEOSisValid_r(s->context, whole) == 1) {
        GEOSGeom_destroy_r(s->context, *shape);
        *shape = whole;
    } else {
        if (whole) GEOSGeom_destroy_r(s->context, whole);
        status = bs_fail(err, BS_ERR_INPUT, "polygon: invalid and cannot be mended: %s; repair it with a GIS",
                         reason ? reason : s->message);
    }
    if (how) GEOSMakeValidParams_destroy_r(s->context, how);
    if (reason) GEOSFree_r(s->context, reason);
    return status;
}

static void drop_part(bs_polygon *p)
{
    if (p->prepared) GEOSPreparedGeom_destroy_r(p->s.context, p->prepared);
    if (p->part) GEOSGeom_destroy_r(p->s.context, p->part);
    p->prepared = NULL;
    p->part = NULL;
}

/* An intersection may come with lines and points where borders only touch; not every GEOS overlays such a mixture. Takes
 * ownership of all. */
static GEOSGeometry *only_polygons(bs_geos *s, GEOSGeometry *all)
{
    GEOSContextHandle_t context = s->context;
    if (GEOSGeomTypeId_r(context, all) != GEOS_GEOMETRYCOLLECTION) return all;
    int n = GEOSGetNumGeometries_r(context, all);
    GEOSGeometry **list = calloc((size_t)n + 1, sizeof *list);
    unsigned kept = 0;
    bool whole = list != NULL;
    for (int i = 0; i < n && whole; i++) {
        const GEOSGeometry *one = GEOSGetGeometryN_r(context, all, i);
        if (!one || GEOSGeomTypeId_r(context, one) != GEOS_POLYGON) continue;
        list[kept] = GEOSGeom_clone_r(context, one);
        whole = list[kept++] != NULL;
    }
    GEOSGeometry *polygons = NULL;
    if (whole) {
        polygons = GEOSGeom_createCollection_r(context, GEOS_MULTIPOLYGON, list, kept);
    } else {
        destroy_list(s, list, kept);
    }
    free(list);
    GEOSGeom_destroy_r(context, all);
    return polygons;
}

static GEOSGeometry *part_in_window(bs_polygon *p, const bs_rect *w)
{
    const bs_rect *b = &p->bounds;
    if (w->x0 <= b->x0 && w->y0 <= b->y0 && w->x1 >= b->x1 && w->y1 >= b->y1) {
        return GEOSGeom_clone_r(p->s.context, p->shape);
    }
    bs_quad quad = bs_quad_from_rect(w);
    GEOSGeometry *window = bs_geos_quad(&p->s, &quad);
    GEOSGeometry *part = window ? GEOSIntersection_r(p->s.context, p->shape, window) : NULL;
    if (window) GEOSGeom_destroy_r(p->s.context, window);
    return part ? only_polygons(&p->s, part) : NULL;
}

bs_status bs_polygon_focus(bs_polygon *p, const bs_rect *window, bs_err *err)
{
    if (p->prepared && GEOSGetNumCoordinates_r(p->s.context, p->shape) < WINDOW_MIN) return BS_OK;
    drop_part(p);
    p->part = part_in_window(p, window);
    double area = 0.0;
    if (!p->part || !GEOSArea_r(p->s.context, p->part, &area)) return bs_geos_failed(&p->s, "cutting a polygon", err);
    if (!(area > 0.0)) {
        drop_part(p);
        return BS_OK;
    }
    p->prepared = GEOSPrepare_r(p->s.context, p->part);
    return p->prepared ? BS_OK : bs_geos_failed(&p->s, "preparing a polygon", err);
}

static bs_status measure(bs_polygon *p, bs_err *err)
{
    GEOSContextHandle_t context = p->s.context;
    if (!GEOSArea_r(context, p->shape, &p->area)) return bs_geos_failed(&p->s, "measuring a polygon", err);
    if (!(p->area > 0.0)) {
        return bs_fail(err, BS_ERR_INPUT, "polygon: it encloses no area; expected an outline with an inside");
    }
    if (!GEOSGeom_getXMin_r(context, p->shape, &p->bounds.x0) ||
        !GEOSGeom_getXMax_r(context, p->shape, &p->bounds.x1) ||
        !GEOSGeom_getYMin_r(context, p->shape, &p->bounds.y0) || !GEOSGeom_getYMax_r(context, p->shape, &p->bounds.y1))
        return bs_geos_failed(&p->s, "measuring a polygon", err);
    bs_rect all = p->bounds;
    return bs_polygon_focus(p, &all, err);
}

static bs_status check_rings(const bs_rings *rings, bs_err *err)
{
    if (!rings->n_polygons)
        return bs_fail(err, BS_ERR_INPUT, "polygon: it has no parts; expected at least one outline");
    for (size_t p = 0; p < rings->n_polygons; p++) {
        if (rings->polygon_start[p + 1] <= rings->polygon_start[p]) {
            return bs_fail(err, BS_ERR_INPUT, "polygon: part %zu has no rings; expected an outline", p);
        }
    }
    for (size_t r = rings->polygon_start[0]; r < rings->polygon_start[rings->n_polygons]; r++) {
        BS_TRY(check_ring(rings, r, err));
    }
    return BS_OK;
}

static bs_status build(bs_polygon *p, const bs_rings *rings, bool *mended, bs_err *err)
{
    BS_TRY(bs_geos_open(&p->s, err));
    p->shape = make_multipolygon(&p->s, rings);
    if (!p->shape) return bs_geos_failed(&p->s, "making a polygon", err);
    BS_TRY(mend(&p->s, &p->shape, mended, err));
    return measure(p, err);
}

bs_status bs_polygon_create(const bs_rings *rings, bool *mended, bs_polygon **out, bs_err *err)
{
    *out = NULL;
    BS_TRY(check_rings(rings, err));
    bs_polygon *p = calloc(1, sizeof *p);
    if (!p) return bs_fail(err, BS_ERR_MEMORY, "geometry: out of memory");
    bs_status status = build(p, rings, mended, err);
    if (status == BS_OK) {
        *out = p;
    } else {
        bs_polygon_destroy(p);
    }
    return status;
}

void bs_polygon_destroy(bs_polygon *p)
{
    if (!p) return;
    drop_part(p);
    if (p->shape) GEOSGeom_destroy_r(p->s.context, p->shape);
    bs_geos_close(&p->s);
    free(p);
}

double bs_polygon_area(const bs_polygon *polygon)
{
    return polygon->area;
}

bs_rect bs_polygon_bounds(const bs_polygon *polygon)
{
    return polygon->bounds;
}

/* Most cells are wholly inside or outside: the prepared polygon tells so without an overlay. GEOS: 2 is an exception. */
static bs_status overlap_area(bs_polygon *p, const GEOSGeometry *cell, double full, double *area, bs_err *err)
{
    GEOSContextHandle_t context = p->s.context;
    *area = 0.0;
    if (!p->part) return BS_OK;
    char touches = GEOSPreparedIntersects_r(context, p->prepared, cell);
    char covers = touches == 1 ? GEOSPreparedCovers_r(context, p->prepared, cell) : 0;
    if (touches == 2 || covers == 2) return bs_geos_failed(&p->s, "comparing a cell with a polygon", err);
    if (covers) *area = full;
    if (covers || !touches) return BS_OK;
    GEOSGeometry *part = GEOSIntersection_r(context, p->part, cell);
    int good = part ? GEOSArea_r(context, part, area) : 0;
    if (part) GEOSGeom_destroy_r(context, part);
    return good ? BS_OK : bs_geos_failed(&p->s, "intersecting a cell with a polygon", err);
}

bs_status bs_polygon_overlap(bs_polygon *p, const bs_quad *quad, double *area, bs_err *err)
{
    GEOSGeometry *cell = bs_geos_quad(&p->s, quad);
    if (!cell) return bs_geos_failed(&p->s, "making a cell", err);
    bs_status status = overlap_area(p, cell, bs_quad_area(quad), area, err);
    GEOSGeom_destroy_r(p->s.context, cell);
    return status;
}

/* A polygon of its own from what an overlay gave; takes ownership of shape. */
static bs_status polygon_from(bs_geos *made_in, GEOSGeometry *shape, bs_polygon **out, bs_err *err)
{
    double area = 0.0;
    if (shape) shape = only_polygons(made_in, shape);
    if (!shape || !GEOSArea_r(made_in->context, shape, &area))
        return bs_geos_failed(made_in, "overlaying polygons", err);
    if (!(area > 0.0)) {
        GEOSGeom_destroy_r(made_in->context, shape);
        return BS_OK;
    }
    bs_polygon *p = calloc(1, sizeof *p);
    bs_status status = p ? bs_geos_open(&p->s, err) : bs_fail(err, BS_ERR_MEMORY, "geometry: out of memory");
    if (status == BS_OK) {
        p->shape = shape;
        status = measure(p, err);
    } else {
        GEOSGeom_destroy_r(made_in->context, shape);
    }
    if (status == BS_OK) {
        *out = p;
    } else {
        bs_polygon_destroy(p);
    }
    return status;
}

bs_status bs_polygon_meet(const bs_polygon *a, const bs_polygon *b, bs_polygon **out, bs_err *err)
{
    bs_geos s = {0};
    *out = NULL;
    BS_TRY(bs_geos_open(&s, err));
    bs_status status = polygon_from(&s, GEOSIntersection_r(s.context, a->shape, b->shape), out, err);
    bs_geos_close(&s);
    return status;
}

bs_status bs_polygon_cut(const bs_polygon *p, const bs_quad *quad, bs_polygon **out, bs_err *err)
{
    bs_geos s = {0};
    *out = NULL;
    if (!p->part) return BS_OK;
    BS_TRY(bs_geos_open(&s, err));
    GEOSGeometry *cell = bs_geos_quad(&s, quad);
    bs_status status = cell ? polygon_from(&s, GEOSIntersection_r(s.context, p->part, cell), out, err)
                            : bs_geos_failed(&s, "making a cell", err);
    if (cell) GEOSGeom_destroy_r(s.context, cell);
    bs_geos_close(&s);
    return status;
}

bs_status bs_polygon_holds(bs_polygon *p, size_t n, const double *x, const double *y, bool *inside, bs_err *err)
{
    GEOSContextHandle_t context = p->s.context;
    const GEOSPreparedGeometry *shape = GEOSPrepare_r(context, p->shape);
    bool good = shape != NULL;
    for (size_t k = 0; k < n && good; k++) {
        GEOSGeometry *point = GEOSGeom_createPointFromXY_r(context, x[k], y[k]);
        char answer = point ? GEOSPreparedIntersects_r(context, shape, point) : 2;
        if (point) GEOSGeom_destroy_r(context, point);
        good = answer != 2;
        inside[k] = answer == 1;
    }
    if (shape) GEOSPreparedGeom_destroy_r(context, shape);
    return good ? BS_OK : bs_geos_failed(&p->s, "looking for a point in a polygon", err);
}
