/* nest_file.h - fields3d.nc of another run: opened, checked, read a field at a time. Private to model/run/nest*.c. */
#ifndef BS_MODEL_RUN_NEST_FILE_H
#define BS_MODEL_RUN_NEST_FILE_H

#include "grids/mesh/mesh.h"
#include "model/core/clock.h"
#include "model/io/nc.h"
#include "model/state/tracers.h"
#include "model/units/units.h"

typedef struct bs_nest_file {
    bs_nc *nc;
    bs_mesh *mesh; /* of the run that wrote it */
    int nz;
    int n_times;
    bs_time *time; /* [n_times] ascending */
    bs_nc_var top; /* height of the layers' tops */
    int n_totals;
    bs_nc_var *q; /* [n_totals] mixing ratios, in the order of the totals among the tracers */
} bs_nest_file;

/* Errors: BS_ERR_INPUT: not a 3-D output of this program, rounded fields, a total without a variable, another shape or
 * unit, times that do not ascend. */
bs_status bs_nest_file_open(const char *path, bs_units *units, const bs_tracers *tracers, bs_nest_file **out,
                            bs_err *err);
void bs_nest_file_close(bs_nest_file *file); /* NULL is fine */

/* field [nz][ny][nx] of one record: heights of the layers' tops above the ground, m; mixing ratio of a total, ug kg-1.
 * Errors: BS_ERR_INPUT with variable and index for a missing value, a top that is not above the one below it, a mixing ratio above 1e9 ug kg-1, a mixing
 * ratio below -1e-7 of the field's largest (less is rounding of the scheme that made it, and stays as it is). */
bs_status bs_nest_file_tops(const bs_nest_file *file, int record, double *field, bs_err *err);
bs_status bs_nest_file_q(const bs_nest_file *file, int total, int record, double *field, bs_err *err);

#endif
