/* geos.h - a GEOS context and what all of this folder makes with it. Private to grids/geometry. */
#ifndef BS_GRIDS_GEOMETRY_GEOS_H
#define BS_GRIDS_GEOMETRY_GEOS_H

#include <geos_c.h>
#include <stdio.h>

#include "grids/geometry/geometry.h"

enum { BS_GEOS_MESSAGE_MAX = 256, BS_GEOS_QUAD_RING = 5 };

/* GEOS keeps its errors per context; one context per object makes objects independent of each other. */
typedef struct {
    GEOSContextHandle_t context;
    char message[BS_GEOS_MESSAGE_MAX];
} bs_geos;

static inline void bs_geos_keep_message(const char *text, void *data)
{
    snprintf(data, BS_GEOS_MESSAGE_MAX, "%s", text);
}

static inline bs_status bs_geos_open(bs_geos *s, bs_err *err)
{
    s->context = GEOS_init_r();
    if (!s->context) return bs_fail(err, BS_ERR_MEMORY, "geometry: out of memory");
    GEOSContext_setErrorMessageHandler_r(s->context, bs_geos_keep_message, s->message);
    return BS_OK;
}

static inline void bs_geos_close(bs_geos *s)
{
    if (s->context) GEOS_finish_r(s->context);
}

static inline bs_status bs_geos_failed(const bs_geos *s, const char *doing, bs_err *err)
{
    return bs_fail(err, BS_ERR_RUN, "geometry: GEOS failed at %s: %s", doing,
                   s->message[0] ? s->message : "no reason given, perhaps out of memory");
}

static inline GEOSGeometry *bs_geos_ring(bs_geos *s, const double *x, const double *y, size_t n)
{
    GEOSCoordSequence *points = GEOSCoordSeq_copyFromArrays_r(s->context, x, y, NULL, NULL, (unsigned)n);
    return points ? GEOSGeom_createLinearRing_r(s->context, points) : NULL;
}

static inline GEOSGeometry *bs_geos_quad(bs_geos *s, const bs_quad *q)
{
    const double x[BS_GEOS_QUAD_RING] = {q->x[0], q->x[1], q->x[2], q->x[3], q->x[0]};
    const double y[BS_GEOS_QUAD_RING] = {q->y[0], q->y[1], q->y[2], q->y[3], q->y[0]};
    GEOSGeometry *ring = bs_geos_ring(s, x, y, BS_GEOS_QUAD_RING);
    return ring ? GEOSGeom_createPolygon_r(s->context, ring, NULL, 0) : NULL;
}

#endif
