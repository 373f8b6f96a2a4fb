/* output_adjoint.h - adjoint.nc: what one kilogram per second would add to a receptor's mean, by cell, layer and hour of its emission.
 *
 *   sensitivity            time, lev, y, x   ug m-3 per kg s-1 that is emitted during the hour (stamps end it)
 *   sensitivity_sum        lev, y, x         the sum over all hours: per kg s-1 held from the start to the end of the receptor's time
 *   sensitivity_initial    lev, y, x         ug m-3 per ug kg-1 there at the start
 *   contribution           y, x              ug m-3 that the case's emission of the cell makes of the mean, all hours and layers
 *   contribution_SOURCE    y, x              the same of each source that the case tells apart
 *   hourly_contribution    time              ug m-3 that the case's emission of the hour makes
 *   receptor_weight        y, x              1, the receptor as weights of cells
 *   layer_top_height       lev, y, x         m above ground, at the start
 * Hours come in any order. Rounded to output.precision_bits. */
#ifndef BS_MODEL_IO_OUTPUT_ADJOINT_H
#define BS_MODEL_IO_OUTPUT_ADJOINT_H

#include "model/io/output.h"

typedef struct bs_adjoint_file bs_adjoint_file;

typedef struct bs_adjoint_about {
    bs_output_info run;   /* regions are not looked at; not owned but for what output.h says */
    const char *receptor; /* words: "510100 Chengdu (...)" */
    bs_time from, to;     /* of the receptor */
    const double *weight; /* [ny][nx] */
    int n_sources;        /* of contribution_SOURCE, at most */
    const char *const *source;
} bs_adjoint_about;

/* Errors: BS_ERR_IO, BS_ERR_MEMORY. */
bs_status bs_adjoint_file_create(const bs_adjoint_about *about, bs_adjoint_file **out, bs_err *err);

/* Hour n since time.start: sensitivity [nz][ny][nx] ug m-3 per kg s-1, contribution ug m-3. */
bs_status bs_adjoint_file_hour(bs_adjoint_file *f, int n, const double *sensitivity, double contribution, bs_err *err);

/* The fields without time. map [n_sources + 1][ny][nx] ug m-3, the last: all; initial [nz][ny][nx] ug m-3 per ug kg-1. */
typedef struct bs_adjoint_sums {
    const double *sensitivity, *initial; /* [nz][ny][nx] */
    const real *z_half;                  /* [nz+1][ny][nx] m */
    int n_sources;                       /* of the first of those that `about` names */
    const double *map;
} bs_adjoint_sums;

/* Completes and renames the file. Frees f in either case. */
bs_status bs_adjoint_file_finish(bs_adjoint_file *f, const bs_adjoint_sums *sums, bs_err *err);
void bs_adjoint_file_abandon(bs_adjoint_file *f); /* NULL is fine */

#endif
