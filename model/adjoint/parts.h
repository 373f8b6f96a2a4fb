/* parts.h - what a receptor's mean is made of: sensitivities times what a forward run would have emitted, started with and let in.
 * Emission is told apart by tag of the receptor's tracer (sectors, or whatever groups of sources the case carries) and, by the area of
 * each cell that they hold, by region. */
#ifndef BS_MODEL_ADJOINT_PARTS_H
#define BS_MODEL_ADJOINT_PARTS_H

#include <stdbool.h>

#include "model/config/geojson.h"
#include "model/state/boundary.h"
#include "model/state/forcing.h"
#include "model/state/sensitivity.h"
#include "model/state/state.h"

typedef struct bs_adjoint_parts {
    int nx, ny, nz;
    int n_sources;             /* tags, and behind them what no tag carries */
    const int *tracer;         /* [n_sources] row of the case's tracers; -1: what no tag carries */
    const char **label;        /* [n_sources] */
    const bool **regions;      /* [n_sources] of [regions + 1], the last: none: where it may be; NULL: anywhere */
    int total;                 /* the receptor's tracer */
    double *map;               /* [n_sources + 1][ny][nx] ug m-3, the last: all of the total */
    double initial;            /* ug m-3 */
    double boundary[BS_SIDES]; /* ug m-3 */
    double inflow[BS_SIDES];   /* ug m-3 per ug kg-1 of the air that enters: with one everywhere */
} bs_adjoint_parts;

/* `tracers` are the case's and must outlive *out. */
bs_status bs_adjoint_parts_create(const bs_tracers *tracers, int total, int nx, int ny, int nz, bs_adjoint_parts **out,
                                  bs_err *err);
void bs_adjoint_parts_destroy(bs_adjoint_parts *c);

/* Adds a stretch: its sensitivities, the rates that held over it and the air that came in (of one tracer). Returns what the stretch's
 * emission contributes, ug m-3. */
double bs_adjoint_parts_add(bs_adjoint_parts *c, const bs_sensitivity *s, const bs_emission_rates *rates,
                            const bs_boundary *boundary);

/* What was there at the start: sensitivities to mass (ug m-3 per kg) against mixing ratios (ug kg-1) in air m (kg); both states of one
 * tracer. */
void bs_adjoint_parts_start(bs_adjoint_parts *c, const bs_state *sensitivity, const bs_state *initial, const double *m);

/* Fills the map of what no tag carries, with zeros where tags carry all but rounding. Call it once, at the end. */
void bs_adjoint_parts_close(bs_adjoint_parts *c);

/* Sums of a source's map by region; region set->n: what lies in no polygon. A cell's part is shared out among the regions where the source
 * may be, by the areas of the cell that they hold; where these hold none of it, to the last. out [n + 1][n_sources] ug m-3. */
bs_status bs_adjoint_parts_by_region(const bs_adjoint_parts *c, const bs_region_set *set, const bs_mesh *mesh,
                                     double *out, bs_err *err);

double bs_adjoint_parts_emission(const bs_adjoint_parts *c); /* ug m-3, all */
double bs_adjoint_parts_sum(const bs_adjoint_parts *c);      /* ug m-3: the receptor's mean */

#endif
