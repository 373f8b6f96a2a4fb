/* case.h - all that a case names, built and checked once: grid, levels, terrain, tracers, regions, options. What commands have in
 * common; a run adds weather, emissions and the time loop (run.h). */
#ifndef BS_MODEL_RUN_CASE_H
#define BS_MODEL_RUN_CASE_H

#include "grids/levels/levels.h"
#include "grids/mesh/mesh.h"
#include "kernels/base/box.h"
#include "model/config/config.h"
#include "model/config/geojson.h"
#include "model/core/log.h"
#include "model/met/met.h"
#include "model/operators/operators.h"
#include "model/state/tracers.h"
#include "model/units/units.h"

typedef struct bs_case {
    bs_config *config;
    bs_units *units;
    bs_mesh *mesh;  /* what this rank sees: its tile and overlap; with one rank the whole mesh */
    bs_mesh *whole; /* the whole mesh; with one rank the same pointer */
    bs_tiling tiling;
    bs_tile tile; /* this rank's */
    bs_levels *levels;
    double *terrain;        /* [ny][nx] m of mesh; NULL: none */
    double *whole_terrain;  /* of whole; with one rank the same pointer */
    bs_region_set *regions; /* NULL: none */
    bs_tracers *tracers;
    bs_box box;
    bs_operator_options options;
    bs_time start, end, output_from; /* whole seconds */
    double max_step;                 /* s */
    bs_met_context met;              /* points into this case */
    bs_log *log;                     /* not owned */
} bs_case;

/* Reads and checks everything but weather and emissions. Collective. Errors: BS_ERR_INPUT, with file:line:column where the case file is to blame. */
bs_status bs_case_open(const char *file, int n_set, const char *const *set, bs_log *log, bs_case **out, bs_err *err);
void bs_case_close(bs_case *c);

/* How the case would be shared out among so many ranks. Errors: as of bs_tiling_choose. */
bs_status bs_case_tiling(const bs_case *c, int ranks, bs_tiling *out, bs_err *err);

/* Lines about grid, levels, tracers. */
void bs_case_describe(const bs_case *c, bs_log *log);

#endif
