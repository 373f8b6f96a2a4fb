/* A small world for tests of operators and stepper: a mesh whose sizes are no multiples of a bundle or a strip, two states of
 * made-up weather, consistent fluxes, tracers, boundary, emission. */
#ifndef BS_TESTS_TRANSPORT_FIXTURE_H
#define BS_TESTS_TRANSPORT_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/base/constants.h"
#include "model/diag/watch.h"
#include "model/met/correct.h"
#include "model/parallel/threads.h"
#include "model/stepping/stepper.h"

#ifndef WORLD_NX /* another size for one test */
#define WORLD_NX 21
#define WORLD_NY 17
#define WORLD_NZ 9
#endif
enum { NX = WORLD_NX, NY = WORLD_NY, NZ = WORLD_NZ, N_EMIT = 3 };
enum { CELLS = NX * NY * NZ };
static const double SECONDS = 3600; /* of the interval, unless a test says otherwise */

typedef enum where { LAMBERT, LONLAT, UNIT } where; /* UNIT: areas, lengths and distances of 1e8 m2, 1e4 m */

typedef struct weather {
    double u, v, gusts; /* m s-1: mean and, of every face on its own, random */
    double ps_change;   /* Pa: random change of a column's surface pressure between both ends */
    uint64_t seed;
} weather;

static const weather BREEZE = {.u = 6, .v = -4, .gusts = 2, .ps_change = 800, .seed = 5};
static const weather STORM = {.u = 45, .v = 38, .gusts = 2, .ps_change = 800, .seed = 6}; /* in from west and south */

typedef struct world {
    bs_mesh *mesh;
    where kind;
    bs_box box;
    bs_tracers *tracers;
    bs_met_state *end[2];
    bs_forcing *forcing;
    double seconds; /* of the interval */
    bs_emission_rates emission;
    bs_boundary *boundary;
    bs_state *state;
    bs_ledger *ledger;
    bs_operator_options options;
    bs_stepper *stepper;
} world;

static inline double noise(uint64_t *seed) /* -1 .. 1 */
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (double)(*seed >> 11) / 4503599627370496.0 - 1.0;
}

static inline real positive_noise(uint64_t *seed, double largest)
{
    return (real)(largest * 0.5 * (1 + noise(seed)));
}

#define CHECK(call)                                                                                                    \
    do {                                                                                                               \
        bs_err check_err_ = {0};                                                                                       \
        bs_err *err = &check_err_;                                                                                     \
        if ((call) != BS_OK) fail_msg("%s", check_err_.text);                                                          \
    } while (0)

/* ---- meshes ---- */

static inline double *filled(size_t n, double value)
{
    double *a = malloc(n * sizeof *a);
    assert_non_null(a);
    for (size_t i = 0; i < n; i++) a[i] = value;
    return a;
}

static inline bs_mesh *unit_mesh(int nx, int ny)
{
    const size_t n = (size_t)nx * (size_t)ny, x = n + (size_t)ny, y = n + (size_t)nx;
    bs_mesh *m = calloc(1, sizeof *m);
    assert_non_null(m);
    *m = (bs_mesh){.nx = nx, .ny = ny, .dx = 1e4, .dy = 1e4, .radius = BS_EARTH_RADIUS};
    m->area = filled(n, 1e8);
    m->len_xf = filled(x, 1e4), m->len_yf = filled(y, 1e4);
    m->dist_xf = filled(x, 1e4), m->dist_yf = filled(y, 1e4);
    return m;
}

static inline bs_mesh *mesh_of(where kind)
{
    const bs_mesh_spec spec[] = {
        {"+proj=lcc +lat_1=27 +lat_2=33 +lat_0=30 +lon_0=104.5 +R=6370000", NX, NY, 9000, 9000, -94500, -76500},
        {"+proj=longlat +R=6370000", NX, NY, 0.1, 0.08, 103, 29}};
    bs_mesh *m = NULL;
    if (kind == UNIT) return unit_mesh(NX, NY);
    CHECK(bs_mesh_create(&spec[kind], &m, err));
    return m;
}

static inline void mesh_free(bs_mesh *m, where kind)
{
    if (kind != UNIT) {
        bs_mesh_destroy(m);
        return;
    }
    free(m->area), free(m->len_xf), free(m->len_yf), free(m->dist_xf), free(m->dist_yf);
    free(m);
}

/* ---- weather ---- */

/* Layers thin at the ground, 5 % to 20 % of the air each. */
static inline double share_of(int k)
{
    return (0.05 + 0.15 * k / (NZ - 1.0)) / (NZ * 0.125);
}

static inline void fill_air(const bs_mesh *mesh, const weather *w, int late, bs_met_state *s)
{
    uint64_t ground = 77, change = w->seed, gust = w->seed + 100 + (uint64_t)late;
    double column[NY][NX]; /* kg m-2 */
    for (int j = 0; j < NY; j++)
        for (int i = 0; i < NX; i++) {
            double ps = 90000 + 4000 * noise(&ground);
            const double moved = w->ps_change * noise(&change);
            if (late) ps += moved;
            s->ps[j * NX + i] = (real)ps;
            column[j][i] = ps / BS_GRAVITY;
        }
    for (int k = 0; k < NZ; k++)
        for (int j = 0; j <= NY; j++)
            for (int i = 0; i <= NX; i++) {
                const int jn = j < NY ? j : NY - 1, ie = i < NX ? i : NX - 1, js = j ? j - 1 : 0, iw = i ? i - 1 : 0;
                const double u = w->u * (0.6 + 0.4 * k / (NZ - 1.0)) + w->gusts * noise(&gust),
                             v = w->v * (0.6 + 0.4 * k / (NZ - 1.0)) + w->gusts * noise(&gust);
                if (j < NY && i < NX) s->m[(k * NY + j) * NX + i] = share_of(k) * column[j][i] * mesh->area[j * NX + i];
                if (j < NY)
                    s->fx[(k * NY + j) * (NX + 1) + i] =
                        u * share_of(k) * 0.5 * (column[j][iw] + column[j][ie]) * mesh->len_xf[j * (NX + 1) + i];
                if (i < NX)
                    s->fy[(k * (NY + 1) + j) * NX + i] =
                        v * share_of(k) * 0.5 * (column[js][i] + column[jn][i]) * mesh->len_yf[j * NX + i];
            }
}

/* Rain falls on the eastern half. Removal is strong, so that an hour shows it. */
static inline void fill_physics(int late, bs_met_state *s)
{
    uint64_t seed = 900 + (uint64_t)late;
    for (int k = 0; k < NZ; k++)
        for (int c = 0; c < NX * NY; c++) {
            const int at = k * NX * NY + c;
            s->rho[at] = (real)(1.2 * exp(-0.25 * k));
            s->z_half[at] = (real)(300.0 * k);
            s->mix[at] = k ? positive_noise(&seed, 0.05) : 0;
            s->kh[at] = positive_noise(&seed, 2e4);
            for (int r = 0; r < s->n_removal; r++) {
                s->v_set[r * CELLS + at] = positive_noise(&seed, 2e-3 * (r + 1));
                s->scavenge[r * CELLS + at] = c % NX > NX / 2 ? positive_noise(&seed, 2e-4 * (r + 1)) : 0;
            }
        }
    for (int c = 0; c < NX * NY; c++) {
        s->z_half[NZ * NX * NY + c] = (real)(300.0 * NZ);
        s->rain[c] = c % NX > NX / 2 ? (real)1e-4 : 0;
        for (int r = 0; r < s->n_removal; r++)
            s->v_dep[r * NX * NY + c] = s->v_set[r * CELLS + c] + positive_noise(&seed, 5e-3);
    }
    for (int c = 0; c < NX * NY; c++) { /* stable columns, boundary layers within the lowest layer and up to the top */
        s->nonlocal[c] = c % 3 ? positive_noise(&seed, 0.7) : 0;
        s->pbl_air[c] = positive_noise(&seed, 9000);
    }
}

static inline void correct_fluxes(world *w)
{
    bs_corrector *c = NULL;
    CHECK(bs_corrector_create(w->mesh, NULL, NZ, &c, err));
    CHECK(bs_correct_solve(c, w->end[0], w->end[1], w->seconds, err));
    bs_correct_apply(c, w->end[0], w->end[1], w->forcing->fx, w->forcing->fy);
    w->forcing->t1 = (bs_time)w->seconds;
    bs_forcing_continuity(w->forcing);
    bs_corrector_destroy(c);
}

/* ---- the world ---- */

static inline world world_make(where kind, const weather *air, double seconds, const bs_tracer_request *request)
{
    world w = {.kind = kind, .mesh = mesh_of(kind), .seconds = seconds, .box = bs_box_make(NX, NY, NZ, BS_GHOST)};
    CHECK(bs_tracers_create(request, &w.tracers, err));
    for (int e = 0; e < 2; e++) {
        CHECK(bs_met_state_create(NX, NY, NZ, w.tracers->n_removal, &w.end[e], err));
        fill_air(w.mesh, air, e, w.end[e]);
        fill_physics(e, w.end[e]);
    }
    CHECK(bs_forcing_create(NX, NY, NZ, &w.forcing, err));
    w.forcing->end[0] = w.end[0], w.forcing->end[1] = w.end[1];
    correct_fluxes(&w);
    CHECK(bs_boundary_create(NX, NY, NZ, w.tracers->n, &w.boundary, err));
    CHECK(bs_state_create(&w.box, w.tracers, &w.state, err));
    CHECK(bs_ledger_create(w.tracers->n, &w.ledger, err));
    for (ptrdiff_t a = 0; a < w.tracers->n * w.box.volume; a++) w.state->q[a] = NAN; /* halos hold anything */
    memcpy(w.state->m, w.end[0]->m, sizeof(double) * CELLS);
    w.options = (bs_operator_options){.scheme = BS_PPM6_SEL,
                                      .mixing = BS_MIX_BACKWARD_EULER,
                                      .horizontal_diffusion = true,
                                      .settling = request->acts & BS_ACT_SETTLE,
                                      .dry_deposition = request->acts & BS_ACT_DRY,
                                      .wet_scavenging = request->acts & BS_ACT_WET,
                                      .max_courant = 2.5,
                                      .max_deformation = 0.9,
                                      .isa = bs_isa_best()};
    return w;
}

/* All but the tracers and the mesh, which a tile shares with the whole or has of another kind. */
static inline void world_free_fields(world *w)
{
    bs_stepper_destroy(w->stepper);
    bs_ledger_destroy(w->ledger);
    bs_state_destroy(w->state);
    bs_boundary_destroy(w->boundary);
    bs_forcing_destroy(w->forcing);
    for (int e = 0; e < 2; e++) bs_met_state_destroy(w->end[e]);
    free(w->emission.rate);
}

static inline void world_free(world *w)
{
    world_free_fields(w);
    bs_tracers_destroy(w->tracers);
    mesh_free(w->mesh, w->kind);
}

static inline bs_operator_context context_of(const world *w)
{
    return (bs_operator_context){.mesh = w->mesh, .box = &w->box, .tracers = w->tracers, .options = &w->options};
}

static inline void world_stepper(world *w) /* after the options are as the test wants them */
{
    const bs_operator_context context = context_of(w);
    bs_stepper_destroy(w->stepper);
    w->stepper = NULL;
    CHECK(bs_stepper_create(&context, &w->stepper, err));
}

static inline real *cell(const world *w, int tracer, int k, int j, int i)
{
    return &bs_state_q(w->state, tracer)[bs_at(&w->box, k, j, i)];
}

#define FOR_CELLS                                                                                                      \
    for (int k = 0; k < NZ; k++)                                                                                       \
        for (int j = 0; j < NY; j++)                                                                                   \
            for (int i = 0; i < NX; i++)

static inline void fill_uniform(world *w, real value)
{
    for (int t = 0; t < w->tracers->n; t++) {
        FOR_CELLS *cell(w, t, k, j, i) = value;
        for (int s = 0; s < BS_SIDES; s++)
            for (int n = 0; n < NZ * bs_boundary_length(w->boundary, (bs_side)s); n++)
                bs_boundary_at(w->boundary, (bs_side)s, t, 0)[n] = value;
    }
}

/* Random 0 .. 100 ug kg-1 with empty patches, split over the tags: initial air and boundary air have tags of their own; where there
 * are none, the totals have the values anyway. The same whatever other tags there are. */
static inline void fill_random(world *w)
{
    for (int t = 0; t < w->tracers->n; t++) {
        const bs_tracer *row = &w->tracers->row[t];
        uint64_t seed = 31 + (uint64_t)row->species;
        const int inside = row->role == BS_ROLE_TOTAL || row->role == BS_ROLE_INITIAL,
                  outside = row->role == BS_ROLE_TOTAL || row->role == BS_ROLE_BOUNDARY;
        FOR_CELLS
        {
            const double q = 100 * noise(&seed);
            *cell(w, t, k, j, i) = inside && q > 0 ? (real)q : 0;
        }
        for (int s = 0; s < BS_SIDES; s++)
            for (int n = 0; n < NZ * bs_boundary_length(w->boundary, (bs_side)s); n++) {
                const real q = positive_noise(&seed, 40);
                bs_boundary_at(w->boundary, (bs_side)s, t, 0)[n] = outside ? q : 0;
            }
    }
}

/* Each sector emits its own random field, the total the sum of them (or a field, where there are no sectors). */
static inline void fill_emission(world *w)
{
    const size_t field = (size_t)N_EMIT * NX * NY;
    w->emission = (bs_emission_rates){.n_tracers = w->tracers->n, .n_layers = N_EMIT, .nx = NX, .ny = NY};
    w->emission.rate = calloc((size_t)w->tracers->n * field, sizeof(real));
    assert_non_null(w->emission.rate);
    for (int t = 0; t < w->tracers->n; t++) {
        const bs_tracer *row = &w->tracers->row[t];
        const int alone = row->role == BS_ROLE_TOTAL && (t + 1 == w->tracers->n || w->tracers->row[t + 1].total != t);
        if (row->role != BS_ROLE_GROUP && !alone) continue;
        uint64_t seed = 17 + (uint64_t)row->label[0];
        for (size_t n = 0; n < field; n++) {
            const real rate = noise(&seed) > 0.5 ? (real)(0.01 + 1e-3 * noise(&seed)) : 0; /* kg s-1 */
            w->emission.rate[(size_t)t * field + n] += rate;
            if (row->total != t) w->emission.rate[(size_t)row->total * field + n] += rate;
        }
    }
    w->forcing->emission = &w->emission;
}

/* fmax would pass over NaN. */
static inline void keep_worst(double *worst, double value)
{
    assert_true(isfinite(value));
    if (value > *worst) *worst = value;
}

static inline void enter_mass(const world *w, bs_ledger_term term)
{
    for (int t = 0; t < w->tracers->n; t++) bs_watch_mass(w->state, t, bs_ledger_at(w->ledger, t, term));
}

/* `pairs` pairs over the whole interval, with the masses at both ends in the ledger. */
static inline void run_interval(world *w, int pairs)
{
    world_stepper(w);
    enter_mass(w, BS_L_INITIAL);
    for (int p = 0; p < pairs; p++)
        bs_stepper_pair(w->stepper, w->forcing, w->boundary, (double)p / pairs, (double)(p + 1) / pairs,
                        w->seconds / pairs, w->state, w->ledger);
    enter_mass(w, BS_L_STORED);
    bs_watch watch = {.min_total = INFINITY};
    CHECK(bs_watch_state(w->state, bs_scheme_at((bs_scheme)w->options.scheme)->positive, &watch, err));
}

#endif
