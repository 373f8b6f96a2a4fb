/* box.h - advection sweeps put together in two or three dimensions, and the published problems in the plane.
 *
 * Layout   cells of mass 1 in [nz][ny][nx]; nz = 1 is the plane. Fluxes in cells' mass a step, so that a flux of 1 empties a
 *          cell. One step is a sweep along each axis, backward in order every other step; air mass goes from sweep to sweep and
 *          starts from 1 with each step. Tags take the phi of their total.
 * Problems unit square, fluxes from a stream function at the corners (u = psi_y, v = -psi_x), so that they do not diverge.
 *          Zalesak 1979, J. Comput. Phys. 31, 335-362 (slotted cylinder); LeVeque 1996, SIAM J. Numer. Anal. 33, 627-665 (flow
 *          that deforms and comes back; its three shapes). Cell means by 8 x 8 points. */
#ifndef TESTS_VERIFICATION_BOX_H
#define TESTS_VERIFICATION_BOX_H

#include "kernels/advection/sweep.h"

enum { BOX_TAGS = 3 };

typedef struct box {
    int n[3], tags;
    real outside;          /* mixing ratio beyond the sides, of the total and of each tag */
    real *q[1 + BOX_TAGS]; /* total, tags: cells */
    real *start;           /* what box_compare compares with */
    double *m, *flux[3];   /* cells; cells, one longer along the axis */
    double *psi;           /* [ny+1][nx+1] stream function, in cells' mass a unit of time */
    double in, out, air;   /* tracer through the sides so far; largest |m - 1| at the end of a step so far */
    double *faces, *mass;  /* of one bundle */
    real *cells, *phi, *scratch;
    const bs_sweep_kernels *k;
} box;

/* l1 = S|e|/S|q|, l2 = sqrt(S e^2/S q^2), linf = max|e|/max|q|, drift = relative change of the sum. */
typedef struct box_figures {
    double l1, l2, linf, peak, low, drift;
} box_figures;

typedef double box_shape(double x, double y);

/* 0, or -1 when there is no memory; box_free in either case. */
int box_make(int nx, int ny, int nz, int tags, box *out);
void box_free(box *b);

int box_cells(const box *b);
/* Cell means of a shape in the plane into q (and start, when q is the total). */
void box_fill(box *b, int which, box_shape *shape);
/* Stream function, and the fluxes of a step: `share` of it. */
void box_stream(box *b, box_shape *stream);
void box_wind(box *b, double share);
void box_step(box *b, int scheme, int turn);
double box_sum(const box *b, int which);
box_figures box_compare(const box *b);

/* A problem of the plane. strength: of the flow at a time, NULL where it is steady. */
typedef struct box_problem {
    box_shape *shape, *stream;
    double (*strength)(double t);
    double end;
} box_problem;
extern const box_problem BOX_ZALESAK, BOX_CONE, BOX_COMPOSITE, BOX_T5, BOX_C3;

/* Makes the box and carries the problem from its start over `steps` of `of` steps. As box_make. */
int box_run(const box_problem *p, int scheme, int n, int steps, int of, box *out);

/* Shapes of the composite, one a tag. */
double box_slotted_cylinder(double x, double y);
double box_low_cone(double x, double y);
double box_hump(double x, double y);
double box_bell(double x, double y);   /* 0..1 */
double box_vortex(double x, double y); /* stream function of LeVeque's flow */
#endif
