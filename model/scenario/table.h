/* table.h - what a compiled plan says, for people: before and after, and alerts against what is mandated. */
#ifndef BS_MODEL_SCENARIO_TABLE_H
#define BS_MODEL_SCENARIO_TABLE_H

#include <stdio.h>

#include "model/scenario/compile.h"

/* t per day of `kg` over a scenario's window. */
double bs_plan_tonnes_per_day(const bs_compiled *c, double kg);

/* "elsewhere" for what lies in no polygon. */
const char *bs_plan_region_name(const bs_region_set *regions, int region);

/* Sums over the rows of a species (NULL: all), kg. */
void bs_plan_totals(const bs_compiled *c, const char *species, double *before, double *after);

/* The rows that are cut, then sums by sector and over all; checks of alerts. */
void bs_plan_print(const bs_compiled *c, const bs_region_set *regions, FILE *out);

/* before_after.csv in the folder: every row of every scenario. Errors: BS_ERR_IO, BS_ERR_MEMORY. */
bs_status bs_plan_write_table(const char *dir, const bs_plan *plan, int n, const bs_compiled *c,
                              const bs_region_set *regions, bs_err *err);

#endif
