/* model_levels.h - the hybrid levels of a global model (ERA5's 137 and their like). Private to model/met.
 *
 * Half level k of n has the pressure a_k + b_k ps, k = 0 at the model's top and n at the ground; full level k, on which the
 * model keeps its fields, lies at the mean of its two half levels k - 1 and k (Simmons & Burridge 1981, Mon. Weather Rev. 109,
 * 758-766; IFS documentation, part III, section 2.2). Levels are counted from 1 at the top, as in the files. */
#ifndef BS_MODEL_MET_MODEL_LEVELS_H
#define BS_MODEL_MET_MODEL_LEVELS_H

#include "model/met/pressure_levels.h"

/* Coefficients of the half levels of a published table ("L137", "L91", "L60"): *n levels, a in Pa and b, [*n + 1], top first.
 * NULL: no table of that name. */
typedef struct bs_half_level {
    double a, b;
} bs_half_level;
const bs_half_level *bs_half_level_table(const char *name, int *n);

/* Fills c->hybrid: from the pair of variables that meteorology.hybrid.a and .b name, else from hyai and
 * hybi, hyam and hybm, or a and b in one of the files, else from the table that meteorology.hybrid.table names. Errors:
 * BS_ERR_INPUT for a pair that is incomplete (hyai without hybi), not in Pa, out of range, not from the top downward, or that leads to pressures that do not
 * rise from level to level. */
bs_status bs_hybrid_find(const bs_met_context *context, bs_pl_catalogue *c, bs_err *err);

#endif
