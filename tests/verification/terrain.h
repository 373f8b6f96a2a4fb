/* terrain.h - weather over hills whose air and wind are known in closed form, for the model's own operators.
 *
 * Plane     (x, y) in [0, 1]^2 are shares of the sides of a square Lambert mesh, s in [0, 1] counts layers from the ground to the
 *           top. A cell is a box of this space.
 * Air       p = A(s) + B(s) p_s over a massif, a ridge and rolling ground (surface pressure 690 to 980 hPa); with the map factor f
 *           the mass in dx dy ds is  mu = side^2 / (f^2 g) (-dp/ds).
 * Wind      mass flux (kg s-1) per face of this space  F = curl Psi + G w:  Psi is a sum of products of sines without a part along
 *           the box's walls there, G (x, y) carries the change of surface pressure, w = -dB/ds shares it out, so that it moves
 *           nothing through layers. So  d mu/dt + div F = 0  holds at points and, as the flux through a face is the integral of Psi
 *           along its edges, in cells. Nothing passes the sides, the ground and the top. F is linear in time, like the model's.
 *           What swings: Psi from its value to the opposite, G = 0: the air returns.
 * Integrals that are not exact take two Gauss points along each axis of a cell: node 2 i + 0, 1 of cell i. */
#ifndef TESTS_VERIFICATION_TERRAIN_H
#define TESTS_VERIFICATION_TERRAIN_H

#include <stdbool.h>

#include "grids/levels/levels.h"
#include "grids/mesh/mesh.h"
#include "model/state/forcing.h"

/* sin(k_x x + p_x) sin(k_y y + p_y) sin(k_s s + p_s), and its factors at the nodes. */
typedef struct terrain_wave {
    double k[3], p[3];
} terrain_wave;

typedef struct terrain_waves {
    int count;
    const terrain_wave *wave;    /* not owned */
    double *sine[3], *cosine[3]; /* [count][nodes of the axis]; cosine times k */
    int nodes[3];
} terrain_waves;

typedef struct terrain {
    int n, nz; /* n cells along x and y */
    double seconds;
    bs_mesh *mesh;
    bs_levels *levels;
    bs_met_state *end[2];
    bs_forcing *forcing;
    terrain_waves flow;
    double *per_pascal;        /* [2n][2n] kg Pa-1, side^2 / (f^2 g) */
    double *ps[2];             /* [2n][2n] Pa, at both ends */
    double *slope_a, *slope_b; /* [2nz]    -dA/ds, -dB/ds */
    double area;               /* largest relative difference of a cell's area and the integral of f^-2 */
    bool swings;
} terrain;

/* A mesh of n x n cells and n/2 levels. terrain_free in either case. */
bs_status terrain_make(int n, bool swings, terrain *out, bs_err *err);
void terrain_free(terrain *t);

/* A time, the share w of the interval: strengths of the flow's waves. */
enum { TERRAIN_FLOW_WAVES = 8 };
typedef struct terrain_time {
    double w, strength[TERRAIN_FLOW_WAVES]; /* kg s-1 */
} terrain_time;
terrain_time terrain_at(const terrain *t, double w);

/* mu (kg) and F (kg s-1) at a time and the node `at` (x, y, s). */
double terrain_air(const terrain *t, const terrain_time *when, const int at[3], double flux[3]);

bs_status terrain_waves_make(int n, int nz, int count, const terrain_wave *wave, terrain_waves *out, bs_err *err);
void terrain_waves_free(terrain_waves *waves);

/* Coordinate of a node. */
double terrain_node(int node, int cells);

/* A wave at a node, and its slope along an axis. */
static inline double terrain_wave_at(const terrain_waves *t, int wave, const int at[3])
{
    return t->sine[0][wave * t->nodes[0] + at[0]] * t->sine[1][wave * t->nodes[1] + at[1]] *
           t->sine[2][wave * t->nodes[2] + at[2]];
}

static inline double terrain_wave_slope(const terrain_waves *t, int wave, const int at[3], int axis)
{
    double product = 1;
    for (int a = 0; a < 3; a++) product *= (a == axis ? t->cosine[a] : t->sine[a])[wave * t->nodes[a] + at[a]];
    return product;
}

#endif
