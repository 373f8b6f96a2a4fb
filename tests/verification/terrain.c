/* The model's transport over hills (terrain.h), by its own stepper: all three axes, map factors, layers that follow the ground, air
 * that changes, every scheme.
 *
 * Manufactured   q = 2 + waves that pulse; its source  S = dq/dt + F . grad q / mu  is what keeps it so. It enters as emission, the
 *                mean over each cell at the middle of each pair of steps, so that errors are those of a run: advection, the
 *                splitting of its axes and of the sources. Two fields: "flat at the walls", without gradient across sides, ground
 *                and top, as closed walls have it; "sloping" has one there, where no value beyond the wall is known to any scheme.
 *                Beside it two uniform fields and the air mass.
 * Returning      a flow that swings back; no source, the answer is the start: a smooth bell, and a layer an eighth of the levels
 *                thick.
 * Cells along all axes and steps are halved together, 12 to 96. l2 and linf are weighted by and taken over cells of air. */
#include <math.h>
#include <string.h>

#include "model/core/memory.h"
#include "model/diag/watch.h"
#include "model/parallel/threads.h"
#include "model/stepping/stepper.h"
#include "tests/verification/terrain.h"
#include "tests/verification/verify.h"

enum { SIZES = 4, TRACERS = 4, MADE = 2, MADE_WAVES = 2 };
static const int CELLS[SIZES] = {12, 24, 48, 96};
static const real UNIFORM[2] = {(real)0.1, (real)3.7e-8};

/* What is carried, by one scheme. */
typedef struct carrier {
    bs_operator_options options;
    bs_stepper *stepper;
    bs_state *state;
    bs_ledger *ledger;
    double air; /* largest error of the air mass so far, relative */
} carrier;

typedef struct world {
    terrain land;
    bs_box box;
    bs_tracers tracers;
    bs_tracer row[TRACERS];
    bs_boundary *boundary;
    bs_emission_rates emission;
    terrain_waves made[MADE];
    double *wanted[MADE]; /* cell means of the answer; the other fields are UNIFORM */
    carrier by[BS_SCHEME_COUNT];
} world;

/* ---- fields ---- */

#define PI 3.14159265358979323846
static const terrain_wave FLAT[MADE_WAVES] = {{{PI, PI, PI}, {PI / 2, PI / 2, PI / 2}},
                                              {{2 * PI, PI, 2 * PI}, {PI / 2, PI / 2, PI / 2}}};
static const terrain_wave SLOPING[MADE_WAVES] = {{{3.0, 3.3, 2.8}, {0.4, 1.0, 0.3}},
                                                 {{6.0, 3.5, 5.5}, {0.9, 0.2, 1.2}}};

/* Size of both waves at the share w of the interval, and its rate (s-1). */
static void pulse(const terrain *t, double w, double size[MADE_WAVES], double rate[MADE_WAVES])
{
    const double angle = PI * w, speed = PI / t->seconds;
    size[0] = 0.8 * cos(angle), rate[0] = -0.8 * speed * sin(angle);
    size[1] = 0.5 * sin(angle + 0.7), rate[1] = 0.5 * speed * cos(angle + 0.7);
}

/* Means over a cell, weighted by air, of the made fields and of their sources (ug kg-1, ug kg-1 s-1). */
static void made_means(const world *s, const int cell[3], const terrain_time *when, double mean[MADE],
                       double source[MADE])
{
    double size[MADE_WAVES], rate[MADE_WAVES], air = 0;
    pulse(&s->land, when->w, size, rate);
    for (int t = 0; t < MADE; t++) mean[t] = source[t] = 0;
    for (int node = 0; node < 8; node++) {
        const int at[3] = {2 * cell[0] + node % 2, 2 * cell[1] + node / 2 % 2, 2 * cell[2] + node / 4};
        double flux[3];
        const double mass = terrain_air(&s->land, when, at, flux);
        air += mass;
        for (int t = 0; t < MADE; t++) {
            double q = 2, change = 0;
            for (int f = 0; f < MADE_WAVES; f++) {
                const double value = terrain_wave_at(&s->made[t], f, at);
                double carried = 0;
                for (int a = 0; a < 3; a++) carried += flux[a] * terrain_wave_slope(&s->made[t], f, at, a);
                q += size[f] * value;
                change += rate[f] * value + size[f] * carried / mass;
            }
            mean[t] += mass * q, source[t] += mass * change;
        }
    }
    for (int t = 0; t < MADE; t++) mean[t] /= air, source[t] /= air;
}

/* Of the returning flow: a bell with three derivatives, and a layer. */
static double bell(double x, double y, double s)
{
    const double r = sqrt(pow((x - 0.45) / 0.3, 2) + pow((y - 0.4) / 0.3, 2) + pow((s - 0.4) / 0.35, 2));
    return r < 1 ? pow(0.5 * (1 + cos(PI * r)), 2) : 0;
}

static double layer(double s)
{
    const double r = fabs(s - 0.3) / 0.0625;
    return r < 1 ? 0.5 * (1 + cos(PI * r)) : 0;
}

static void shape_means(const world *s, const int cell[3], const terrain_time *when, double mean[2])
{
    double air = 0;
    mean[0] = mean[1] = 0;
    for (int node = 0; node < 8; node++) {
        const int at[3] = {2 * cell[0] + node % 2, 2 * cell[1] + node / 2 % 2, 2 * cell[2] + node / 4};
        double flux[3];
        const double x = terrain_node(at[0], s->land.n), y = terrain_node(at[1], s->land.n),
                     z = terrain_node(at[2], s->land.nz), mass = terrain_air(&s->land, when, at, flux);
        mean[0] += mass * bell(x, y, z), mean[1] += mass * layer(z), air += mass;
    }
    mean[0] /= air, mean[1] /= air;
}

#define FOR_CELLS(s)                                                                                                   \
    for (int k = 0; k < (s)->land.nz; k++)                                                                             \
        for (int j = 0; j < (s)->land.n; j++)                                                                          \
            for (int i = 0; i < (s)->land.n; i++)

static ptrdiff_t cell_of(const world *s, int k, int j, int i)
{
    return ((ptrdiff_t)k * s->land.n + j) * s->land.n + i;
}

static void want(world *s, double w)
{
    const terrain_time when = terrain_at(&s->land, w);
    FOR_CELLS(s)
    {
        const int cell[3] = {i, j, k};
        double mean[MADE], source[MADE];
        if (s->land.swings)
            shape_means(s, cell, &when, mean);
        else
            made_means(s, cell, &when, mean, source);
        for (int t = 0; t < MADE; t++) s->wanted[t][cell_of(s, k, j, i)] = mean[t];
    }
}

static void start(world *s)
{
    want(s, 0);
    for (int scheme = 0; scheme < BS_SCHEME_COUNT; scheme++) {
        bs_state *state = s->by[scheme].state;
        memcpy(state->m, s->land.end[0]->m, sizeof(double) * (size_t)(s->land.n * s->land.n * s->land.nz));
        for (int t = 0; t < s->tracers.n; t++) {
            FOR_CELLS(s)
            bs_state_q(state, t)[bs_at(&s->box, k, j, i)] =
                t < MADE ? (real)s->wanted[t][cell_of(s, k, j, i)] : UNIFORM[t - MADE];
            bs_watch_mass(state, t, bs_ledger_at(s->by[scheme].ledger, t, BS_L_INITIAL));
        }
    }
}

/* Emission, kg s-1, that is the source at the share w. */
static void emit(world *s, double w)
{
    const double kg = 1e-9;
    const ptrdiff_t cells = (ptrdiff_t)s->land.n * s->land.n * s->land.nz;
    const terrain_time when = terrain_at(&s->land, w);
    FOR_CELLS(s)
    {
        const int cell[3] = {i, j, k};
        const ptrdiff_t c = cell_of(s, k, j, i);
        const double air = (1 - w) * s->land.end[0]->m[c] + w * s->land.end[1]->m[c];
        double mean[MADE], source[MADE];
        made_means(s, cell, &when, mean, source);
        for (int t = 0; t < MADE; t++) s->emission.rate[t * cells + c] = (real)(air * source[t] * kg);
    }
}

/* ---- the world ---- */

static bs_status make_carrier(world *s, int scheme, bs_err *err)
{
    carrier *c = &s->by[scheme];
    c->options = (bs_operator_options){
        .scheme = scheme, .mixing = BS_MIX_NONE, .max_courant = 1, .max_deformation = 0.9, .isa = bs_isa_best()};
    const bs_operator_context context = {
        .mesh = s->land.mesh, .box = &s->box, .tracers = &s->tracers, .options = &c->options};
    BS_TRY(bs_state_create(&s->box, &s->tracers, &c->state, err));
    BS_TRY(bs_ledger_create(s->tracers.n, &c->ledger, err));
    return bs_stepper_create(&context, &c->stepper, err);
}

static bs_status make_world(int n, bool swings, world *s, bs_err *err)
{
    BS_TRY(terrain_make(n, swings, &s->land, err));
    const int nz = s->land.nz, fields = swings ? 2 : TRACERS;
    s->box = bs_box_make(n, n, nz, BS_GHOST);
    s->tracers = (bs_tracers){.n = fields, .row = s->row};
    for (int t = 0; t < fields; t++) {
        const unsigned more = t < MADE && !swings ? BS_ACT_EMIT : 0;
        s->row[t] = (bs_tracer){.total = t, .acts = BS_ACT_ADVECT | more};
        snprintf(s->row[t].name, sizeof s->row[t].name, "field %d", t);
    }
    for (int t = 0; t < 2; t++) {
        BS_TRY(BS_NEW(&s->wanted[t], n * n * nz, "terrain", err));
        BS_TRY(terrain_waves_make(n, nz, MADE_WAVES, t ? SLOPING : FLAT, &s->made[t], err));
    }
    if (!swings) {
        s->emission = (bs_emission_rates){.n_tracers = fields, .n_layers = nz, .nx = n, .ny = n};
        BS_TRY(BS_NEW(&s->emission.rate, fields * n * n * nz, "terrain", err));
        s->land.forcing->emission = &s->emission;
    }
    BS_TRY(bs_boundary_create(n, n, nz, fields, &s->boundary, err));
    for (int scheme = 0; scheme < BS_SCHEME_COUNT; scheme++) BS_TRY(make_carrier(s, scheme, err));
    return BS_OK;
}

static void free_world(world *s)
{
    for (int scheme = 0; scheme < BS_SCHEME_COUNT; scheme++) {
        bs_stepper_destroy(s->by[scheme].stepper);
        bs_ledger_destroy(s->by[scheme].ledger);
        bs_state_destroy(s->by[scheme].state);
    }
    bs_boundary_destroy(s->boundary);
    bs_free(s->emission.rate);
    for (int t = 0; t < 2; t++) {
        terrain_waves_free(&s->made[t]);
        bs_free(s->wanted[t]);
    }
    terrain_free(&s->land);
}

static void carry(world *s, int pairs)
{
    for (int p = 0; p < pairs; p++) {
        const double w0 = (double)p / pairs, w1 = (p + 1.0) / pairs;
        if (s->emission.rate) emit(s, 0.5 * (w0 + w1));
        for (int scheme = 0; scheme < BS_SCHEME_COUNT; scheme++) {
            carrier *c = &s->by[scheme];
            bs_stepper_pair(c->stepper, s->land.forcing, s->boundary, w0, w1, s->land.seconds / pairs, c->state,
                            c->ledger);
            c->air = fmax(c->air, bs_stepper_air_error(s->land.forcing, w1, c->state));
        }
    }
    if (!s->land.swings) want(s, 1);
    for (int scheme = 0; scheme < BS_SCHEME_COUNT; scheme++)
        for (int t = 0; t < s->tracers.n; t++)
            bs_watch_mass(s->by[scheme].state, t, bs_ledger_at(s->by[scheme].ledger, t, BS_L_STORED));
}

/* ---- what comes out ---- */

typedef struct figures {
    double l2, inner, linf, peak, low; /* inner: l2 of cells farther from every wall than a twelfth of the box */
} figures;

static figures compare(const world *s, int scheme, int tracer)
{
    const bs_state *state = s->by[scheme].state;
    const int n = s->land.n, nz = s->land.nz, edge = n / 12;
    double error = 0, norm = 0, inner = 0, inner_norm = 0, worst = 0, largest = 0;
    figures f = {.low = INFINITY};
    FOR_CELLS(s)
    {
        const ptrdiff_t c = cell_of(s, k, j, i);
        const double q = (double)bs_state_q(state, tracer)[bs_at(&s->box, k, j, i)], exact = s->wanted[tracer][c],
                     m = s->land.end[1]->m[c];
        error += m * (q - exact) * (q - exact), norm += m * exact * exact;
        if (i >= edge && i < n - edge && j >= edge && j < n - edge && 2 * k >= edge && 2 * k < 2 * nz - edge)
            inner += m * (q - exact) * (q - exact), inner_norm += m * exact * exact;
        worst = fmax(worst, fabs(q - exact)), largest = fmax(largest, fabs(exact));
        f.peak = fmax(f.peak, q), f.low = fmin(f.low, q);
    }
    f.l2 = sqrt(error / norm), f.inner = sqrt(inner / inner_norm), f.linf = worst / largest, f.peak /= largest,
    f.low /= largest;
    return f;
}

static int uniform_changed(const world *s, int scheme)
{
    int changed = 0;
    for (int t = MADE; t < TRACERS; t++) FOR_CELLS(s)
    changed += bs_state_q(s->by[scheme].state, t)[bs_at(&s->box, k, j, i)] != UNIFORM[t - MADE];
    return changed;
}

/* Every eighth cell along each axis, for the comparison of builds in float and in double. */
static void tell_sample(const verify *v, const world *s, int scheme)
{
    enum { APART = 8, MOST = 12 * 12 * 6 };
    double cell[MOST], q[MOST];
    int n = 0;
    for (int k = 0; k < s->land.nz; k += APART)
        for (int j = 0; j < s->land.n; j += APART)
            for (int i = 0; i < s->land.n && n < MOST; i += APART) {
                cell[n] = n;
                q[n++] = (double)bs_state_q(s->by[scheme].state, 0)[bs_at(&s->box, k, j, i)];
            }
    verify_series(v, "hills", bs_scheme_at((bs_scheme)scheme)->name, "sample", n, cell, q);
}

/* l2, linf of every size, their orders, and the line for the plot. */
static void tell_orders(const verify *v, const char *problem, int scheme, int from, const figures *f)
{
    const char *name = bs_scheme_at((bs_scheme)scheme)->name;
    double n[SIZES], l2[SIZES];
    char quantity[32];
    for (int r = from; r < SIZES; r++) {
        n[r] = CELLS[r], l2[r] = f[r].l2;
        snprintf(quantity, sizeof quantity, "l2 N=%d", CELLS[r]);
        verify_value(v, problem, name, quantity, f[r].l2);
        snprintf(quantity, sizeof quantity, "linf N=%d", CELLS[r]);
        verify_value(v, problem, name, quantity, f[r].linf);
        if (r == from) continue;
        snprintf(quantity, sizeof quantity, "order %d-%d", CELLS[r - 1], CELLS[r]);
        verify_value(v, problem, name, quantity, log2(f[r - 1].l2 / f[r].l2));
        snprintf(quantity, sizeof quantity, "inner order %d-%d", CELLS[r - 1], CELLS[r]);
        verify_value(v, problem, name, quantity, log2(f[r - 1].inner / f[r].inner));
        snprintf(quantity, sizeof quantity, "order of linf %d-%d", CELLS[r - 1], CELLS[r]);
        verify_value(v, problem, name, quantity, log2(f[r - 1].linf / f[r].linf));
    }
    verify_series(v, problem, name, "l2", SIZES - from, n + from, l2 + from);
}

/* Runs all sizes of one kind; pairs of steps grow with the cells, from the limit of the coarsest. */
static bs_status run(const verify *v, bool swings, figures all[2][BS_SCHEME_COUNT][SIZES], bs_err *err)
{
    static const char *const problem = "hills";
    int pairs = 0;
    for (int r = 0; r < SIZES; r++) {
        world s = {0};
        bs_status st = make_world(CELLS[r], swings, &s, err);
        if (st == BS_OK) {
            bs_limit limit;
            if (r == 0) pairs = bs_stepper_pairs(s.by[0].stepper, s.land.forcing, s.land.seconds, 3600, &limit);
            start(&s);
            carry(&s, pairs << r);
        }
        for (int scheme = 0; scheme < BS_SCHEME_COUNT && st == BS_OK; scheme++) {
            for (int t = 0; t < 2; t++) all[t][scheme][r] = compare(&s, scheme, t);
            if (swings || r < SIZES - 1) continue;
            const char *name = bs_scheme_at((bs_scheme)scheme)->name;
            verify_value(v, problem, name, "cells changed", uniform_changed(&s, scheme));
            verify_value(v, problem, name, "air mass", s.by[scheme].air);
            tell_sample(v, &s, scheme);
            verify_value(v, problem, name, "budget", bs_ledger_residual(s.by[scheme].ledger, 0));
        }
        if (st == BS_OK && r == SIZES - 1 && !swings) {
            verify_value(v, problem, "", "pairs of steps", pairs << r);
            verify_value(v, problem, "", "area", s.land.area);
        }
        free_world(&s);
        BS_TRY(st);
    }
    return BS_OK;
}

int verify_terrain(const verify *v)
{
    figures f[2][BS_SCHEME_COUNT][SIZES];
    bs_err err = {0};
    bs_threads_start(1);
    if (run(v, false, f, &err) != BS_OK) return -1;
    for (int scheme = 0; scheme < BS_SCHEME_COUNT; scheme++) {
        tell_orders(v, "hills, flat at the walls", scheme, 0, f[0][scheme]);
        tell_orders(v, "hills, sloping", scheme, 0, f[1][scheme]);
    }
    if (run(v, true, f, &err) != BS_OK) return -1;
    for (int scheme = 0; scheme < BS_SCHEME_COUNT; scheme++) {
        const char *name = bs_scheme_at((bs_scheme)scheme)->name;
        tell_orders(v, "hills, bell there and back", scheme, 1, f[0][scheme]);
        tell_orders(v, "hills, layer there and back", scheme, 1, f[1][scheme]);
        verify_value(v, "hills, layer there and back", name, "peak", f[1][scheme][SIZES - 1].peak);
        verify_value(v, "hills, layer there and back", name, "smallest", f[1][scheme][SIZES - 1].low);
    }
    return 0;
}
