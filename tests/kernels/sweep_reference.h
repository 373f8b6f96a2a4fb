/* A pencil in random air, and what a sweep makes of it by the formulas of sweep.h and nothing else: in double, cell by cell, with
 * textbook forms (fluxes of mass, edges as averages) where the kernels use differences. */
#ifndef BS_TESTS_SWEEP_REFERENCE_H
#define BS_TESTS_SWEEP_REFERENCE_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "kernels/advection/sweep.h"

enum { LONGEST = 70 };

typedef struct pencil {
    int n;
    bool wall[2], side[2]; /* low and high end */
    double m[LONGEST], flux[LONGEST + 1], q[LONGEST];
    double beyond[2][BS_GHOST], air_beyond[2][BS_GHOST]; /* mixing ratio and kg; in the order of the cells */
} pencil;

typedef struct swept {
    double m[LONGEST], q[LONGEST], through[2];
    bool unclear[LONGEST]; /* the selective limiter's choice hangs on a rounding */
    bool off_the_map;      /* air comes from beyond the ghost cells */
} swept;

static inline double q_at(const pencil *p, int i)
{
    const int n = p->n;
    if (i >= 0 && i < n) return p->q[i];
    if (i < 0) return p->wall[0] ? p->q[0] + i * (n > 1 ? p->q[1] - p->q[0] : 0) : p->beyond[0][BS_GHOST + i];
    if (!p->wall[1]) return p->beyond[1][i - n];
    return p->q[n - 1] + (i - n + 1) * (p->q[n - 1] - q_at(p, n - 2));
}

static inline double air_at(const pencil *p, int i)
{
    if (i >= 0 && i < p->n) return p->m[i];
    return i < 0 ? p->air_beyond[0][BS_GHOST + i] : p->air_beyond[1][i - p->n];
}

static inline double no_more_than(double a, double limit)
{
    return fabs(a) <= fabs(limit) ? a : copysign(fabs(limit), a);
}

static inline double slope_at(const pencil *p, int i) /* Colella & Woodward 1984, eqs 1.7 and 1.8 */
{
    const double a = q_at(p, i) - q_at(p, i - 1), b = q_at(p, i + 1) - q_at(p, i);
    return a * b > 0 ? no_more_than(0.5 * (a + b), 2 * fmin(fabs(a), fabs(b))) : 0;
}

/* Edge between cells f - 1 and f: unlimited, and as the limiter starts from it. */
static inline void edge_at(int scheme, const pencil *p, int f, double *edge, double *limited)
{
    const double a = q_at(p, f - 1), b = q_at(p, f), far = q_at(p, f - 2) + q_at(p, f + 1);
    if (scheme == BS_PPM_CW84) {
        *edge = (7 * (a + b) - far) / 12;
        *limited = 0.5 * (a + b) + (slope_at(p, f - 1) - slope_at(p, f)) / 6;
    } else {
        *edge = (37 * (a + b) - 8 * far + q_at(p, f + 2) + q_at(p, f - 3)) / 60;
        *limited = fmin(fmax(*edge, fmin(a, b)), fmax(a, b));
    }
}

static inline bool is_rough(const pencil *p, int i, bool *unclear)
{
    double most = 0, least = INFINITY;
    for (int j = i - 1; j <= i + 1; j++) {
        const double c = q_at(p, j) - q_at(p, j - 1), d = q_at(p, j + 1) - q_at(p, j);
        const double g = 13.0 / 12 * (d - c) * (d - c) + 0.25 * (c + d) * (c + d);
        most = fmax(most, g), least = fmin(least, g);
    }
    *unclear |= fabs(most - 20 * least) < 2e-3 * most;
    return most > 20 * least;
}

/* Edges of cell i against its mean, left and right: [0] unlimited, [1] limited (eq 1.10). */
static inline void parabola(int scheme, const pencil *p, int i, double edge[2][2], bool *unclear)
{
    for (int e = 0; e < 2; e++) {
        edge_at(scheme, p, i + e, &edge[0][e], &edge[1][e]);
        for (int l = 0; l < 2; l++) edge[l][e] -= q_at(p, i);
    }
    if (scheme == BS_PPM6_SEL && !is_rough(p, i, unclear)) {
        memcpy(edge[1], edge[0], sizeof edge[0]);
        return;
    }
    const double l = edge[1][0], r = edge[1][1];
    edge[1][0] = l * r < 0 ? no_more_than(l, 2 * r) : 0;
    edge[1][1] = l * r < 0 ? no_more_than(r, 2 * l) : 0;
}

/* Where the air at a face comes from: kg of a cell that lie below that point and above it; ug of whole cells passed. */
typedef struct source {
    int cell;
    double below, above, ug;
    bool side, lost; /* beyond a side; beyond the ghost cells */
} source;

static inline source source_of(const pencil *p, int f)
{
    const bool forward = p->flux[f] > 0;
    double rest = fabs(p->flux[f]);
    source s = {.cell = forward ? f - 1 : f};
    for (;; s.cell += forward ? -1 : 1) {
        s.side = (s.cell < 0 && p->side[0]) || (s.cell >= p->n && p->side[1]);
        if (s.side || rest <= air_at(p, s.cell)) break;
        s.lost = s.cell <= -BS_GHOST || s.cell >= p->n - 1 + BS_GHOST;
        if (s.lost) return s;
        s.ug += air_at(p, s.cell) * q_at(p, s.cell);
        rest -= air_at(p, s.cell);
    }
    s.above = forward ? rest : air_at(p, s.cell) - rest;
    s.below = air_at(p, s.cell) - s.above;
    return s;
}

/* kg of a face's source on one side of it: all that lies there, or half of it where another face's source shares it. */
static inline double room_of(const pencil *p, int f, const source *at, bool below, bool *shared)
{
    const double keep = 1 - 1e-5, m = air_at(p, at->cell);
    const int other = below ? f - 1 : f + 1;
    double room = below ? at->below : at->above;
    *shared = false;
    if (other >= 0 && other <= p->n && p->flux[other] != 0) {
        const source o = source_of(p, other);
        *shared = !o.lost && o.cell == at->cell;
        if (*shared) room -= below ? o.below : o.above;
    }
    if (*shared || below == (p->flux[f] > 0)) room -= (1 - keep) * m;
    return fmax(room, 0) * (*shared ? 0.5 : 1);
}

/* No more than the donor holds; where it gives to several faces each has its share, and no more in either direction. */
static inline double within_donor(const pencil *p, int f, const source *at, double excess)
{
    bool shared[2];
    const double above = room_of(p, f, at, false, &shared[0]), below = room_of(p, f, at, true, &shared[1]);
    const double keep = (1 - 1e-5) * q_at(p, at->cell);
    const double most = keep * (shared[0] ? fmin(above, below) : below);
    const double least = -keep * (shared[1] ? fmin(above, below) : above);
    return fmin(fmax(excess, least), most);
}

/* ug through face f: of the donors' means, and the excess within its limiters. */
static inline void through_face(int scheme, const pencil *p, int f, double *mean, double *excess, swept *out,
                                bool *unclear)
{
    const bool forward = p->flux[f] > 0;
    const double sign = forward ? 1 : -1;
    double edge[2][2], x[2];
    *mean = *excess = 0;
    if (p->flux[f] == 0) return;
    const source s = source_of(p, f);
    out->off_the_map |= s.lost;
    if (s.lost) return;
    const double rest = forward ? s.above : s.below;
    *mean = sign * (s.ug + rest * q_at(p, s.cell));
    if (s.side || (f == 0 && p->side[0]) || (f == p->n && p->side[1]) || scheme == BS_UPWIND1) return;
    if (s.cell < -1 || s.cell > p->n) return; /* a parabola there has no neighbours */
    parabola(scheme, p, s.cell, edge, unclear);
    const double c = rest / air_at(p, s.cell), alpha = sign * rest * (1 - c) * (1 - c),
                 beta = -sign * rest * c * (1 - c);
    for (int l = 0; l < 2; l++) x[l] = alpha * edge[l][forward] + beta * edge[l][!forward];
    if (scheme == BS_PPM_CW84)
        *excess = no_more_than(x[1], 8 * x[0]);
    else if (scheme == BS_PPM6_SEL)
        *excess = x[0] * x[1] > 0 ? no_more_than(x[1], x[0]) : 0;
    else
        *excess = x[0];
    if (bs_scheme_at((bs_scheme)scheme)->positive) *excess = within_donor(p, f, &s, *excess);
}

static inline void sweep_slowly(int scheme, const pencil *p, swept *out)
{
    const int n = p->n;
    double mean[LONGEST + 1], x[LONGEST + 1];
    bool unclear[LONGEST + 1] = {false};
    *out = (swept){.off_the_map = false};
    for (int f = 0; f <= n; f++) through_face(scheme, p, f, &mean[f], &x[f], out, &unclear[f]);
    for (int i = 0; i < n; i++) {
        out->m[i] = p->m[i] + p->flux[i] - p->flux[i + 1];
        out->q[i] = (p->m[i] * p->q[i] + mean[i] - mean[i + 1] + x[i] - x[i + 1]) / out->m[i];
        out->unclear[i] = unclear[i] || unclear[i + 1];
    }
    out->through[0] = mean[0] + x[0];
    out->through[1] = mean[n] + x[n];
}

/* ---- random pencils ---- */

static inline double chance(uint64_t *seed) /* 0 .. 1; splitmix64, Steele et al. 2014 */
{
    uint64_t z = (*seed += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (double)((z ^ (z >> 31)) >> 11) / 9007199254740992.0;
}

static inline int choose(uint64_t *seed, int first, int last)
{
    return first + (int)(chance(seed) * (last - first + 1));
}

typedef enum filling {
    FILL_UNIFORM,
    FILL_ROUGH,
    FILL_HUGE_RANGE,
    FILL_HALF,
    FILL_SPIKE,
    FILL_SMOOTH,
    FILLINGS
} filling;

static inline double filled_with(filling kind, int i, int n, const double *r, uint64_t *seed)
{
    switch (kind) {
    case FILL_UNIFORM:
        return (real)r[0];
    case FILL_ROUGH:
        return (real)(100 * chance(seed));
    case FILL_HUGE_RANGE:
        return chance(seed) < 0.2 ? 0 : (real)pow(10, -30 + 35 * chance(seed));
    case FILL_HALF:
        return i < r[1] * n ? 0 : (real)(1 + chance(seed));
    case FILL_SPIKE:
        return i == (int)(r[1] * n) ? (real)1e3 : 0;
    default:
        return (real)(1 + 0.9 * sin(i * (0.1 + r[1]) + 6 * r[2]));
    }
}

static inline void random_filling(filling kind, pencil *p, uint64_t *seed)
{
    const double r[3] = {chance(seed) < 0.5 ? 3.7e-8 : 100 * chance(seed), chance(seed), chance(seed)};
    for (int g = 0; g < BS_GHOST; g++) p->beyond[0][g] = filled_with(kind, g - BS_GHOST, p->n, r, seed);
    for (int i = 0; i < p->n; i++) p->q[i] = filled_with(kind, i, p->n, r, seed);
    for (int g = 0; g < BS_GHOST; g++) p->beyond[1][g] = filled_with(kind, p->n + g, p->n, r, seed);
}

/* Masses of one order of magnitude, winds of either sign with lulls, up to `courant` donors' masses through a face; no cell loses more
 * than 0.9 of its air. Walls let nothing through. */
static inline void random_pencil_air(double courant, pencil *p, uint64_t *seed)
{
    const int n = p->n;
    const double scale = pow(10, choose(seed, -2, 12)), most = chance(seed) < 0.3 ? 0.9 : 0.1 + 0.8 * chance(seed);
    for (int i = 0; i < n; i++) p->m[i] = scale * (1 - 0.6 * chance(seed));
    for (int g = 0; g < BS_GHOST; g++) p->air_beyond[0][g] = p->m[0], p->air_beyond[1][g] = p->m[n - 1];
    for (int f = 0; f <= n; f++) {
        const double wind = chance(seed) < 0.05 ? 0 : 2 * chance(seed) - 1;
        p->flux[f] = courant * wind * (wind > 0 ? air_at(p, f - 1) : air_at(p, f));
    }
    if (p->wall[0]) p->flux[0] = 0;
    if (p->wall[1]) p->flux[n] = 0;
    for (int i = n - 1; i >= 0; i--) p->flux[i] = fmax(p->flux[i], p->flux[i + 1] - most * p->m[i]);
    if (p->wall[0]) p->flux[0] = 0;
    for (int i = 0; i < n; i++) p->flux[i + 1] = fmin(p->flux[i + 1], p->flux[i] + most * p->m[i]);
    if (p->wall[1]) p->flux[n] = 0;
}

#endif
