#include <math.h>
#include <string.h>

#include "kernels/base/constants.h"
#include "model/core/memory.h"
#include "tests/verification/terrain.h"

static const double SIDE = 2e6, SOUTH = 5e5;        /* m, of the plane; its lower side from the projection's origin */
static const double TOP = 5000, SEA = 101325;       /* Pa */
static const double DURATION = 43200;               /* s */
static const double UNIT = 9000 * 20 * 2e6 / BS_PI; /* kg s-1: a column's mass, 20 m s-1, the side */

/* ---- waves ---- */

double terrain_node(int node, int cells)
{
    const double off = 0.5 / sqrt(3.0);
    return (node / 2 + 0.5 + (node % 2 ? off : -off)) / cells;
}

bs_status terrain_waves_make(int n, int nz, int count, const terrain_wave *wave, terrain_waves *out, bs_err *err)
{
    const int cells[3] = {n, n, nz};
    *out = (terrain_waves){.count = count, .wave = wave};
    for (int a = 0; a < 3; a++) {
        const int nodes = out->nodes[a] = 2 * cells[a];
        BS_TRY(BS_NEW(&out->sine[a], count * nodes, "waves", err));
        BS_TRY(BS_NEW(&out->cosine[a], count * nodes, "waves", err));
        for (int i = 0; i < count * nodes; i++) {
            const terrain_wave *of = &wave[i / nodes];
            const double angle = of->k[a] * terrain_node(i % nodes, cells[a]) + of->p[a];
            out->sine[a][i] = sin(angle), out->cosine[a][i] = of->k[a] * cos(angle);
        }
    }
    return BS_OK;
}

void terrain_waves_free(terrain_waves *waves)
{
    for (int a = 0; a < 3; a++) {
        bs_free(waves->sine[a]);
        bs_free(waves->cosine[a]);
    }
}

/* What a wave has along an axis between two points: its value at the first, the difference, the integral. Without cancellation: what
 * a cell gains is a small part of what its faces pass. */
typedef enum taken { VALUE, DIFFERENCE, INTEGRAL } taken;

static double along(const terrain_wave *of, int axis, taken what, double from, double to)
{
    const double k = of->k[axis], middle = 0.5 * k * (from + to) + of->p[axis], half = 0.5 * k * (to - from);
    if (what == VALUE) return sin(k * from + of->p[axis]);
    if (what == DIFFERENCE) return 2 * cos(middle) * sin(half);
    return k != 0 ? 2 * sin(middle) * sin(half) / k : sin(of->p[axis]) * (to - from);
}

typedef struct cell_box {
    double low[3], high[3];
} cell_box;

static double over(const terrain_wave *of, const cell_box *c, taken x, taken y, taken s)
{
    return along(of, 0, x, c->low[0], c->high[0]) * along(of, 1, y, c->low[1], c->high[1]) *
           along(of, 2, s, c->low[2], c->high[2]);
}

static cell_box box_of(const terrain *t, int k, int j, int i)
{
    return (cell_box){{(double)i / t->n, (double)j / t->n, (double)k / t->nz},
                      {(i + 1.0) / t->n, (j + 1.0) / t->n, (k + 1.0) / t->nz}};
}

/* ---- the flow ---- */

/* Psi along x, y, s, two waves each, then G along x and y. Psi_x vanishes at y, s = 0 and 1, and so on round; G_x at x = 0, 1. */
enum { PSI_X = 0, PSI_Y = 2, PSI_S = 4, G_X = 6, G_Y = 7, FLOW_WAVES = TERRAIN_FLOW_WAVES };
#define HALF (0.5 * BS_PI)
static const terrain_wave FLOW[FLOW_WAVES] = {
    {{1.1, BS_PI, BS_PI}, {0.5, 0, 0}},   {{2 * BS_PI, 2 * BS_PI, BS_PI}, {0.3, 0, 0}},
    {{BS_PI, 1.5, BS_PI}, {0, 0.8, 0}},   {{2 * BS_PI, BS_PI, 2 * BS_PI}, {0, 1.1, 0}},
    {{BS_PI, BS_PI, 1.2}, {0, 0, 0.6}},   {{2 * BS_PI, BS_PI, BS_PI}, {0, 0, HALF}},
    {{BS_PI, BS_PI, 0}, {0, HALF, HALF}}, {{BS_PI, BS_PI, 0}, {HALF, 0, HALF}}};
/* In units of UNIT, at both ends of the interval. */
static const double STRENGTH[2][FLOW_WAVES] = {{0.25, -0.10, 0.20, 0.10, 1.0, -0.4, 0.03, -0.02},
                                               {0.15, 0.10, 0.25, -0.05, 0.7, 0.5, 0.03, -0.02}};

static double strength(const terrain *t, int wave, double w)
{
    if (!t->swings) return UNIT * ((1 - w) * STRENGTH[0][wave] + w * STRENGTH[1][wave]);
    return wave < G_X ? UNIT * (1 - 2 * w) * STRENGTH[0][wave] : 0;
}

terrain_time terrain_at(const terrain *t, double w)
{
    terrain_time when = {.w = w};
    for (int f = 0; f < FLOW_WAVES; f++) when.strength[f] = strength(t, f, w);
    return when;
}

/* ---- the air ---- */

static double ground(double x, double y) /* m above the sea */
{
    const double massif = exp(-(pow(x - 0.4, 2) + pow(y - 0.45, 2)) / (2 * 0.16 * 0.16));
    const double ridge = exp(-pow((x + 0.3 * y - 0.95) / 0.14, 2));
    return 400 + 2700 * massif + 1300 * ridge + 150 * sin(5 * x + 1) * sin(6 * y);
}

/* Squared map factor of the conformal cone through 27 and 33 degrees north, origin at 30 (Snyder 1987, USGS Prof. Paper 1395, eqs
 * 15-1 to 15-4). */
static double map_factor2(double x, double y)
{
    const double degree = BS_PI / 180, p1 = 27 * degree, p2 = 33 * degree, p0 = 30 * degree, quarter = BS_PI / 4;
    const double cone = log(cos(p1) / cos(p2)) / log(tan(quarter + p2 / 2) / tan(quarter + p1 / 2));
    const double reach = BS_EARTH_RADIUS * cos(p1) * pow(tan(quarter + p1 / 2), cone) / cone;
    const double east = (x - 0.5) * SIDE, north = SOUTH + y * SIDE - reach / pow(tan(quarter + p0 / 2), cone);
    const double rho = hypot(east, north), latitude = 2 * atan(pow(reach / rho, 1 / cone)) - 2 * quarter;
    return pow(cone * rho / (BS_EARTH_RADIUS * cos(latitude)), 2);
}

/* Layers three times as thick at the top as at the ground, in eta = p / p_s; B is flat at the top. */
static double eta_of(double s)
{
    return 1 - s * (0.5 + 0.5 * s);
}

static double b_of(double eta)
{
    return eta * eta * (1.5 - 0.5 * eta);
}

static bs_status make_levels(terrain *t, bs_err *err)
{
    double a[257], b[257];
    for (int k = 0; k <= t->nz; k++) {
        const double eta = eta_of((double)k / t->nz);
        b[k] = b_of(eta);
        a[k] = TOP + (SEA - TOP) * (eta - b[k]) - b[k] * TOP;
    }
    for (int c = 0; c < 2 * t->nz; c++) {
        const double s = terrain_node(c, t->nz), eta = eta_of(s), slope = eta * (3 - 1.5 * eta), down = 0.5 + s;
        t->slope_b[c] = slope * down;
        t->slope_a[c] = ((SEA - TOP) * (1 - slope) - slope * TOP) * down;
    }
    return bs_levels_create(t->nz + 1, a, b, &t->levels, err);
}

static void fill_surface(terrain *t)
{
    const int nodes = 2 * t->n;
    for (int b = 0; b < nodes; b++)
        for (int a = 0; a < nodes; a++) {
            const int at[3] = {a, b, 0}, c = b * nodes + a;
            const double x = terrain_node(a, t->n), y = terrain_node(b, t->n);
            const double out = strength(t, G_X, 0) * terrain_wave_slope(&t->flow, G_X, at, 0) +
                               strength(t, G_Y, 0) * terrain_wave_slope(&t->flow, G_Y, at, 1);
            t->per_pascal[c] = SIDE * SIDE / (map_factor2(x, y) * BS_GRAVITY);
            t->ps[0][c] = SEA * exp(-ground(x, y) / 8000);
            t->ps[1][c] = t->ps[0][c] - t->seconds * out / t->per_pascal[c];
        }
}

double terrain_air(const terrain *t, const terrain_time *when, const int at[3], double flux[3])
{
    static const int NEXT[3] = {1, 2, 0}, AFTER[3] = {2, 0, 1};
    const int c = at[1] * 2 * t->n + at[0];
    const double ps = (1 - when->w) * t->ps[0][c] + when->w * t->ps[1][c], share = t->slope_b[at[2]];
    for (int a = 0; a < 3; a++) { /* curl: d Psi_after / d next - d Psi_next / d after */
        flux[a] = 0;
        for (int f = 0; f < 2; f++) {
            const int up = PSI_X + 2 * AFTER[a] + f, down = PSI_X + 2 * NEXT[a] + f;
            flux[a] += when->strength[up] * terrain_wave_slope(&t->flow, up, at, NEXT[a]) -
                       when->strength[down] * terrain_wave_slope(&t->flow, down, at, AFTER[a]);
        }
    }
    flux[0] += when->strength[G_X] * share * terrain_wave_at(&t->flow, G_X, at);
    flux[1] += when->strength[G_Y] * share * terrain_wave_at(&t->flow, G_Y, at);
    return t->per_pascal[c] * (t->slope_a[at[2]] + share * ps);
}

/* ---- cells ---- */

static void fill_fluxes(terrain *t)
{
    const int n = t->n;
    for (int e = 0; e < 2; e++) {
        const terrain_time when = terrain_at(t, e);
        const double *of = when.strength;
        for (int k = 0; k < t->nz; k++)
            for (int r = 0; r < n; r++)
                for (int f = 1; f < n; f++) { /* nothing through the sides */
                    const cell_box x = box_of(t, k, r, f), y = box_of(t, k, f, r);
                    const double share = t->levels->b_half[k] - t->levels->b_half[k + 1];
                    double east = of[G_X] * share * along(&FLOW[G_X], 0, VALUE, x.low[0], 0) *
                                  along(&FLOW[G_X], 1, INTEGRAL, x.low[1], x.high[1]);
                    double north = of[G_Y] * share * along(&FLOW[G_Y], 1, VALUE, y.low[1], 0) *
                                   along(&FLOW[G_Y], 0, INTEGRAL, y.low[0], y.high[0]);
                    for (int p = 0; p < 2; p++) {
                        east += of[PSI_S + p] * over(&FLOW[PSI_S + p], &x, VALUE, DIFFERENCE, INTEGRAL) -
                                of[PSI_Y + p] * over(&FLOW[PSI_Y + p], &x, VALUE, INTEGRAL, DIFFERENCE);
                        north += of[PSI_X + p] * over(&FLOW[PSI_X + p], &y, INTEGRAL, VALUE, DIFFERENCE) -
                                 of[PSI_S + p] * over(&FLOW[PSI_S + p], &y, DIFFERENCE, VALUE, INTEGRAL);
                    }
                    t->forcing->fx[e][(k * n + r) * (n + 1) + f] = east;
                    t->forcing->fy[e][(k * (n + 1) + f) * n + r] = north;
                }
    }
}

/* kg s-1 that G carries out of a column. */
static double column_outflow(const terrain *t, int j, int i)
{
    const cell_box c = box_of(t, 0, j, i);
    return strength(t, G_X, 0) * along(&FLOW[G_X], 0, DIFFERENCE, c.low[0], c.high[0]) *
               along(&FLOW[G_X], 1, INTEGRAL, c.low[1], c.high[1]) +
           strength(t, G_Y, 0) * along(&FLOW[G_Y], 1, DIFFERENCE, c.low[1], c.high[1]) *
               along(&FLOW[G_Y], 0, INTEGRAL, c.low[0], c.high[0]);
}

/* Mass from the mesh's areas and the levels, as the model has it; at the end less what G has carried away. */
static void fill_mass(terrain *t)
{
    const int n = t->n;
    const double *a = t->levels->a_half, *b = t->levels->b_half;
    for (int j = 0; j < n; j++)
        for (int i = 0; i < n; i++) {
            double weight = 0, ps = 0;
            for (int q = 0; q < 4; q++) {
                const int node = (2 * j + q / 2) * 2 * n + 2 * i + q % 2;
                weight += t->per_pascal[node], ps += t->per_pascal[node] * t->ps[0][node];
            }
            ps /= weight;
            const double area = t->mesh->area[j * n + i], gone = t->seconds * column_outflow(t, j, i);
            t->area = fmax(t->area, fabs(area / (weight / 4 * BS_GRAVITY / ((double)n * n)) - 1));
            for (int k = 0; k < t->nz; k++) {
                const int c = (k * n + j) * n + i;
                t->end[0]->m[c] = area / BS_GRAVITY * (a[k] - a[k + 1] + (b[k] - b[k + 1]) * ps);
                t->end[1]->m[c] = t->end[0]->m[c] - (b[k] - b[k + 1]) * gone;
            }
        }
}

bs_status terrain_make(int n, bool swings, terrain *out, bs_err *err)
{
    const bs_mesh_spec spec = {.projection = "+proj=lcc +lat_1=27 +lat_2=33 +lat_0=30 +lon_0=104.5 +R=6370000",
                               .nx = n,
                               .ny = n,
                               .dx = SIDE / n,
                               .dy = SIDE / n,
                               .x0 = -SIDE / 2,
                               .y0 = SOUTH};
    *out = (terrain){.n = n, .nz = n / 2, .seconds = DURATION, .swings = swings};
    BS_TRY(bs_mesh_create(&spec, &out->mesh, err));
    for (int e = 0; e < 2; e++) {
        BS_TRY(bs_met_state_create(n, n, out->nz, 1, &out->end[e], err));
        BS_TRY(BS_NEW(&out->ps[e], 4 * n * n, "terrain", err));
    }
    BS_TRY(bs_forcing_create(n, n, out->nz, &out->forcing, err));
    BS_TRY(BS_NEW(&out->per_pascal, 4 * n * n, "terrain", err));
    BS_TRY(BS_NEW(&out->slope_a, 2 * out->nz, "terrain", err));
    BS_TRY(BS_NEW(&out->slope_b, 2 * out->nz, "terrain", err));
    BS_TRY(terrain_waves_make(n, out->nz, FLOW_WAVES, FLOW, &out->flow, err));
    BS_TRY(make_levels(out, err));
    fill_surface(out);
    fill_mass(out);
    fill_fluxes(out);
    for (int e = 0; e < 2; e++) out->forcing->end[e] = out->end[e];
    out->forcing->t1 = (bs_time)out->seconds;
    bs_forcing_continuity(out->forcing);
    return BS_OK;
}

void terrain_free(terrain *t)
{
    bs_mesh_destroy(t->mesh);
    bs_levels_destroy(t->levels);
    bs_forcing_destroy(t->forcing);
    terrain_waves_free(&t->flow);
    for (int e = 0; e < 2; e++) {
        bs_met_state_destroy(t->end[e]);
        bs_free(t->ps[e]);
    }
    double *const arrays[] = {t->per_pascal, t->slope_a, t->slope_b};
    for (size_t a = 0; a < sizeof arrays / sizeof *arrays; a++) bs_free(arrays[a]);
}
