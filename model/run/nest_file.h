/* nest_file.h - fields3d.nc of another run: opened, checked, read a layer at a time, each rank the part that it needs. Private to model/run/nest*.c. */
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
    bs_nc_var *q;     /* [n_totals] mixing ratios, in the order of the totals among the tracers */
    bs_window wanted; /* cells of its mesh whose values this rank takes; none before bs_nest_file_look */
    bs_window checks; /* those that it checks: some rows, so that all ranks check all */
    double *rows[2];  /* scratch: a layer of `checks` and the one below */
    double *part;     /* scratch: a layer of `wanted` */
} bs_nest_file;

/* Errors: BS_ERR_INPUT: not a 3-D output of this program, rounded fields, a total without a variable, another shape or
 * unit, times that do not ascend. */
bs_status bs_nest_file_open(const char *path, bs_units *units, const bs_tracers *tracers, bs_nest_file **out,
                            bs_err *err);
void bs_nest_file_close(bs_nest_file *file); /* NULL is fine */

/* From now on a read gives the values of these cells (none: i1 = i0). Errors: BS_ERR_MEMORY. */
bs_status bs_nest_file_look(bs_nest_file *file, bs_window wanted, bs_err *err);

/* The wanted cells of one layer: cell (j, i) is value[(j - j0) row + i - i0]. */
typedef struct bs_nest_layer {
    const double *value;
    size_t row;
    int i0, j0;
} bs_nest_layer;
typedef void (*bs_nest_take)(void *to, int k, const bs_nest_layer *layer);

/* Gives the layers of one record, from below: heights of their tops above the ground, m; mixing ratio of a total, ug kg-1. Collective:
 * the field is good only where all of it is, and what was given is to be forgotten where it is not.
 * Errors: BS_ERR_INPUT with variable and index for a missing value, a top that is not above the one below it, a mixing ratio above 1e9 ug kg-1, a mixing
 * ratio below -1e-7 of the field's largest (less is rounding of the scheme that made it, and stays as it is). */
bs_status bs_nest_file_tops(const bs_nest_file *file, int record, bs_nest_take take, void *to, bs_err *err);
bs_status bs_nest_file_q(const bs_nest_file *file, int total, int record, bs_nest_take take, void *to, bs_err *err);

#endif
