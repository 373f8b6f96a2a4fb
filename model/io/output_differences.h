/* output_differences.h - what scenarios change against their base, from the unrounded means of outputs that are still open.
 *
 *   differences.nc          CF, on the mesh, of each total (`primary_pm25`) and scenario (its name with '_' for '-'):
 *                             primary_pm25_difference_<scenario>                daily means, scenario - base, ug m-3
 *                             primary_pm25_difference_percent_<scenario>        the same as % of the base (0 where the base has none)
 *                             primary_pm25_mean_difference_<scenario>           mean over the output period
 *                             primary_pm25_mean_difference_percent_<scenario>
 *                             primary_pm25_mean_base                            what they are differences from
 *   differences_cities.csv  one row per scenario, period ("day" with its date, then "period"), city and species */
#ifndef BS_MODEL_IO_OUTPUT_DIFFERENCES_H
#define BS_MODEL_IO_OUTPUT_DIFFERENCES_H

#include "model/io/output.h"

/* Writes both into the folder `dir`. output [n]: the base first, each made with keep_means and sampled up to the end of the run; name [n].
 * Without regions there is no table. Errors: BS_ERR_IO, BS_ERR_MEMORY; on failure neither file is left. */
bs_status bs_output_differences(const char *dir, int n, bs_output *const *output, const char *const *name, bs_err *err);

#endif
