/* nest.h - initial and boundary values from the 3-D output (fields3d.nc) of another run.
 *
 * Mixing ratios are interpolated bilinearly on the other run's mesh, linearly in height above the ground between its layers' middles
 * (held constant beyond the lowest and the highest), and linearly in time. Tags: the total of a species takes the other run's total;
 * the tag `initial` (or `boundary`) takes the same; sectors' tags take nothing. */
#ifndef BS_MODEL_RUN_NEST_H
#define BS_MODEL_RUN_NEST_H

#include "model/run/case.h"
#include "model/state/boundary.h"
#include "model/state/state.h"

typedef struct bs_nest bs_nest;

/* Each rank finds places in the file for what it sees of the mesh, and reads that part of each layer; what is checked is checked of the whole
 * mesh and of the whole file, each value by one rank. */

/* section: "initial" or "boundary", whose .file is read. Checks that the file holds unrounded mixing ratios of every species carried,
 * covers the whole mesh (for boundary: its outer cells) and the times [from, to]. Errors: BS_ERR_INPUT with file, variable, index. */
bs_status bs_nest_open(const bs_case *c, const char *section, bs_time from, bs_time to, bs_nest **out, bs_err *err);
void bs_nest_close(bs_nest *nest); /* NULL is fine */

/* Collective. Boundary: ends of a tile that are no side of the domain are left as they are. Errors: of nest_file.h, the same in all ranks. */
bs_status bs_nest_initial(bs_nest *nest, const bs_met_state *met, bs_state *state, bs_err *err);
bs_status bs_nest_boundary(bs_nest *nest, bs_time t, const bs_met_state *met, bs_boundary *boundary, bs_err *err);

#endif
