/* verify.h - what the groups of measurements of bashu_verify share.
 * One line of JSON a measurement: problem, scheme, quantity, value and, where NUMERICS has one (targets.def), the target and
 * whether it is met. Series and fields for plots are lines of the same file. A group returns 0, or -1 when there is no memory. */
#ifndef TESTS_VERIFICATION_VERIFY_H
#define TESTS_VERIFICATION_VERIFY_H

#include <stdio.h>

#include "kernels/base/real.h"

typedef struct verify {
    FILE *out;
    const char *reference; /* folder of reference tables, NULL when there is none */
} verify;

void verify_value(const verify *v, const char *problem, const char *scheme, const char *quantity, double value);
void verify_series(const verify *v, const char *problem, const char *scheme, const char *name, int n, const double *x,
                   const double *y);
void verify_field(const verify *v, const char *problem, const char *scheme, int n, const real *q);

/* A reference table, or NULL: then the line says what could not be measured. */
FILE *verify_open(const verify *v, const char *problem, const char *file);

/* Uniform in [0, 1), the state moves on. */
double verify_random(unsigned long long *state);

int verify_plane(const verify *v);        /* published problems in the plane */
int verify_sphere(const verify *v);       /* sphere revolving in a box */
int verify_conservation(const verify *v); /* uniform fields, mass, tags */
int verify_column(const verify *v);       /* vertical diffusion and deposition against tables */
int verify_velocity(const verify *v);     /* deposition velocities against a table */
int verify_plume(const verify *v);        /* plume over power-law profiles against a table */
int verify_rise(const verify *v);         /* plume rise against a table */
int verify_modes(const verify *v);        /* deposition velocities of modes against a table */
int verify_terrain(const verify *v);      /* the model's transport over hills, in three dimensions */

#endif
