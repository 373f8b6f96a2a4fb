/* corridors.h - the account of each region, stretch by stretch: what its air held, what was emitted and deposited in it, and what the
 * operators moved through its borders meanwhile (model/state/borders.h). All kilograms of a record are sums that do not depend on their
 * order.
 *
 * Several ranks (model/parallel/ranks.h) count their own cells and faces; a record is that of all of them, the same in each. create, begin,
 * end and archive are collective. */
#ifndef BS_MODEL_DIAG_CORRIDORS_H
#define BS_MODEL_DIAG_CORRIDORS_H

#include "grids/mesh/mesh.h"
#include "model/core/archive.h"
#include "model/state/borders.h"
#include "model/state/forcing.h"
#include "model/state/state.h"

typedef struct bs_corridors bs_corridors;

/* borders and mesh are not owned and outlive it. Errors: BS_ERR_MEMORY. */
bs_status bs_corridors_create(bs_borders *borders, const bs_mesh *mesh, bs_corridors **out, bs_err *err);
void bs_corridors_destroy(bs_corridors *c); /* NULL is fine */

/* Begins a stretch at t: what moved before is forgotten. */
void bs_corridors_begin(bs_corridors *c, const bs_state *state, bs_time t);

/* Enters the emission of `seconds` at these rates (NULL: none), as the column operator emits it. Call it for every part of a stretch. */
void bs_corridors_emit(bs_corridors *c, const bs_state *state, const bs_emission_rates *rates, double seconds);

/* Ends the stretch at t and begins the next. The record stays valid until the next end. */
const bs_border_record *bs_corridors_end(bs_corridors *c, const bs_state *state, bs_time t);

/* What moved in the stretch so far, borders included: one item per tracer, by the faces of the whole mesh, whatever the tiles. Errors: as
 * of the archive; BS_ERR_MEMORY. */
bs_status bs_corridors_archive(bs_corridors *c, bs_archive *a, bs_err *err);

/* The account that closes worst, over regions and tracers of the record: residual over what the region's air held and took in, or over a
 * hundredth of what the region with most of that tracer did, where that is more: a plume that hardly touches a region is not judged by it. */
typedef struct bs_corridors_worst {
    double share, kg; /* the residual's share, and the residual itself */
    int tracer, region;
} bs_corridors_worst;
bs_corridors_worst bs_corridors_residual(const bs_corridors *c, const bs_border_record *record);

#endif
