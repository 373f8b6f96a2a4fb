#include "model/bench/world.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "kernels/base/constants.h"
#include "model/core/memory.h"

static const double COURANT = 0.3;    /* largest along x and y */
static const double OVERTURN = 1;     /* of the wind that goes up and down, against the eddies */
static const double COLUMN = 9000;    /* kg m-2 of air */
static const double STEP = 300;       /* s */
static const double MEDIAN = 10;      /* ug kg-1 */
static const double CELL_SIZE = 9000; /* m */

static double noise(uint64_t *seed) /* 0 .. 1 */
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return ((double)(*seed >> 11) + 0.5) / 9007199254740992.0;
}

double bs_bench_world_bytes(bs_bench_size s)
{
    const bs_box b = bs_box_make(s.nx, s.nx, s.nz, 0);
    const double cells = (double)s.nx * s.nx * s.nz, fields = (double)b.volume * (s.n_tracers + 1);
    return fields * sizeof(real) + cells * (2 * (3 * 8.0 + 6 * sizeof(real)) + 4 * 8.0 + 8.0) +
           (double)s.nx * s.nx * s.n_tracers * 16;
}

/* ---- weather ---- */

static double share_of(int k, int nz) /* of a column's air: layers grow sixfold from the ground to the top */
{
    return (1 + 5.0 * k / (nz - 1.0)) / (3.5 * nz);
}

static double stream(double x, double y) /* of cells; eddies of 23 to 61 cells, flow through the sides */
{
    const double t = 2 * BS_PI;
    return 4 * sin(t * x / 61 + 0.3) * cos(t * y / 47 + 1.1) + 1.5 * sin(t * (x + 0.7 * y) / 31 + 2.0) +
           0.8 * cos(t * (x - y) / 23);
}

static double turn(int k, int nz) /* of the wind with height: sums to nothing over a column */
{
    return cos(BS_PI * (k + 0.5) / nz);
}

/* Flux through a face, in shares of a layer's mass per step, before scaling: eddies, whose divergence is nil, and an overturning whose
 * layers cancel in a column. */
static double flux_at(bool x_face, int k, int j, int i, int nz)
{
    const double height = cos(4.3 * k / nz + 0.4), share = share_of(k, nz);
    const double eddy = x_face ? stream(i, j + 1) - stream(i, j) : -(stream(i + 1, j) - stream(i, j));
    const double over = x_face ? sin(2 * BS_PI * i / 29 + 0.2 * j / 7) : sin(2 * BS_PI * j / 37 + 0.2 * i / 7);
    return share * height * eddy + OVERTURN * turn(k, nz) * over / (3.5 * nz);
}

static double largest_flux(const bs_bench_world *w, bool x_face)
{
    const int nx = w->box.nx, nz = w->box.nz;
    double largest = 0;
    for (int k = 0; k < nz; k++)
        for (int j = 0; j < nx; j++)
            for (int i = 0; i < nx; i++) largest = fmax(largest, fabs(flux_at(x_face, k, j, i, nz)) / share_of(k, nz));
    return largest;
}

static void fill_air(bs_bench_world *w, bs_met_state *s)
{
    const int nx = w->box.nx, ny = w->box.ny, nz = w->box.nz;
    const double mean = w->mesh->area[(size_t)ny / 2 * (size_t)nx + (size_t)nx / 2];
    const double large = fmax(largest_flux(w, true), largest_flux(w, false));
    const double scale = COURANT / large * COLUMN * mean / w->dt;
    for (int k = 0; k < nz; k++) {
        for (int c = 0; c < nx * ny; c++)
            s->m[(ptrdiff_t)k * nx * ny + c] = share_of(k, nz) * COLUMN * w->mesh->area[c];
        for (int j = 0; j < ny; j++)
            for (int i = 0; i <= nx; i++)
                s->fx[((ptrdiff_t)k * ny + j) * (nx + 1) + i] = scale * flux_at(true, k, j, i, nz);
        for (int j = 0; j <= ny; j++)
            for (int i = 0; i < nx; i++)
                s->fy[((ptrdiff_t)k * (ny + 1) + j) * nx + i] = scale * flux_at(false, k, j, i, nz);
    }
}

/* Exchange by turbulence that is strong in the lowest third, weak diffusion along layers, fine particles that fall. */
static void fill_physics(const bs_bench_world *w, bs_met_state *s)
{
    const ptrdiff_t area = (ptrdiff_t)w->box.nx * w->box.ny;
    const int nz = w->box.nz;
    uint64_t seed = 17;
    for (int k = 0; k < nz; k++)
        for (ptrdiff_t c = 0; c < area; c++) {
            const ptrdiff_t at = k * area + c;
            s->rho[at] = (real)(1.2 * exp(-1.5 * k / nz));
            s->mix[at] = k ? (real)((3 * k < nz ? 0.3 : 0.005) * (0.5 + noise(&seed))) : 0;
            s->kh[at] = (real)(2000 * (0.5 + noise(&seed)));
            s->v_set[at] = (real)(2e-4 * (0.5 + noise(&seed)));
        }
    for (ptrdiff_t c = 0; c < area; c++) s->v_dep[c] = s->v_set[c] + (real)(2e-3 * (0.5 + noise(&seed)));
}

static void find_courant(bs_bench_world *w)
{
    const int nx = w->box.nx, ny = w->box.ny;
    const bs_met_state *s = w->end[0];
    for (int j = 0; j < ny; j++)
        for (int i = 0; i < nx; i++) {
            double up = 0;
            for (int k = 0; k < w->box.nz; k++) {
                const ptrdiff_t c = ((ptrdiff_t)k * ny + j) * nx + i, x = ((ptrdiff_t)k * ny + j) * (nx + 1) + i,
                                y = ((ptrdiff_t)k * (ny + 1) + j) * nx + i;
                const double per_mass = w->dt / s->m[c];
                up -= s->fx[x + 1] - s->fx[x] + s->fy[y + nx] - s->fy[y];
                w->courant[0] = fmax(w->courant[0], fabs(s->fx[x]) * per_mass);
                w->courant[1] = fmax(w->courant[1], fabs(s->fy[y]) * per_mass);
                w->courant[2] = fmax(w->courant[2], fabs(up) * per_mass);
            }
        }
}

static bs_status make_weather(bs_bench_world *w, bs_err *err)
{
    const int nx = w->box.nx, ny = w->box.ny, nz = w->box.nz;
    for (int e = 0; e < 2; e++) BS_TRY(bs_met_state_create(nx, ny, nz, 1, &w->end[e], err));
    BS_TRY(bs_forcing_create(nx, ny, nz, &w->forcing, err));
    fill_air(w, w->end[0]);
    const size_t n = (size_t)nx * (size_t)ny * (size_t)nz, x = n + (size_t)ny * (size_t)nz,
                 y = n + (size_t)nx * (size_t)nz;
    memcpy(w->end[1]->m, w->end[0]->m, sizeof(double) * n);
    for (int e = 0; e < 2; e++) {
        fill_physics(w, w->end[e]);
        w->forcing->end[e] = w->end[e];
        memcpy(w->forcing->fx[e], w->end[0]->fx, sizeof(double) * x);
        memcpy(w->forcing->fy[e], w->end[0]->fy, sizeof(double) * y);
    }
    w->forcing->t1 = (bs_time)(2 * w->dt);
    bs_forcing_continuity(w->forcing);
    find_courant(w);
    return BS_OK;
}

/* ---- tracers ---- */

static bs_status make_tracers(bs_bench_world *w, int n, bs_err *err)
{
    BS_TRY(BS_NEW(&w->tracers.row, n, "bench", err));
    w->removal = (bs_removal_class){.density = 1500, .diameter = 0.5e-6, .sigma = 2, .wet = BS_WET_FINE};
    w->tracers.n = n;
    w->tracers.n_removal = 1;
    w->tracers.removal = &w->removal;
    for (int t = 0; t < n; t++) {
        bs_tracer *row = &w->tracers.row[t];
        *row = (bs_tracer){.total = t, .acts = BS_ACT_ADVECT | BS_ACT_MIX | BS_ACT_DRY | BS_ACT_SETTLE};
        snprintf(row->name, sizeof row->name, "bench%d", t);
    }
    return BS_OK;
}

void bs_bench_world_tag(bs_bench_world *w, bool tags)
{
    for (int t = 0; t < w->tracers.n; t++) w->tracers.row[t].total = tags ? 0 : t;
}

void bs_bench_world_fill(bs_bench_world *w, bs_bench_field kind)
{
    uint64_t seed = 4;
    for (int k = 0; k < w->box.nz; k++)
        for (int j = 0; j < w->box.ny; j++)
            for (int i = 0; i < w->box.nx; i++) {
                const double gauss = sqrt(-2 * log(noise(&seed))) * cos(2 * BS_PI * noise(&seed));
                const double wave = sin(i / 5.0 + 0.2 * k) + sin(j / 7.0 - 0.3 * k);
                const bool empty = kind == BS_FIELD_HALF_EMPTY && wave < 0; /* patches of some twenty cells */
                w->field[bs_at(&w->box, k, j, i)] = empty ? 0 : (real)(MEDIAN * exp(0.5 * wave + 0.7 * gauss));
            }
}

void bs_bench_world_reset(bs_bench_world *w)
{
    const size_t bytes = sizeof(real) * (size_t)w->box.volume;
    memcpy(w->state->m, w->end[0]->m, sizeof(double) * (size_t)w->box.nx * (size_t)w->box.ny * (size_t)w->box.nz);
#pragma omp parallel for schedule(static) default(none) shared(w, bytes)
    for (int t = 0; t < w->tracers.n; t++) memcpy(bs_state_q(w->state, t), w->field, bytes);
}

/* ---- the whole ---- */

static bs_status make(bs_bench_world *w, bs_bench_size size, bs_err *err)
{
    const double edge = -0.5 * size.nx * CELL_SIZE;
    const bs_mesh_spec spec = {.projection = "+proj=lcc +lat_1=27 +lat_2=33 +lat_0=30 +lon_0=104.5 +R=6370000",
                               .nx = size.nx,
                               .ny = size.nx,
                               .dx = CELL_SIZE,
                               .dy = CELL_SIZE,
                               .x0 = edge,
                               .y0 = edge};
    w->dt = STEP;
    w->box = bs_box_make(size.nx, size.nx, size.nz, 0);
    BS_TRY(bs_mesh_create(&spec, &w->mesh, err));
    BS_TRY(make_weather(w, err));
    BS_TRY(make_tracers(w, size.n_tracers, err));
    BS_TRY(bs_boundary_create(size.nx, size.nx, size.nz, size.n_tracers, &w->boundary, err));
    BS_TRY(bs_state_create(&w->box, &w->tracers, &w->state, err));
    BS_TRY(bs_ledger_create(size.n_tracers, &w->ledger, err));
    BS_TRY(BS_NEW(&w->field, w->box.volume, "bench", err));
    for (int side = 0; side < BS_SIDES; side++)
        for (long n = 0; n < (long)size.nx * size.nz * size.n_tracers; n++) w->boundary->q[side][n] = (real)MEDIAN;
    bs_bench_world_fill(w, BS_FIELD_TEXTURED);
    bs_bench_world_reset(w);
    return BS_OK;
}

bs_status bs_bench_world_create(bs_bench_size size, bs_bench_world **out, bs_err *err)
{
    bs_bench_world *w = NULL;
    BS_TRY(BS_NEW(&w, 1, "bench", err));
    const bs_status st = make(w, size, err);
    if (st != BS_OK) {
        bs_bench_world_destroy(w);
        return st;
    }
    *out = w;
    return BS_OK;
}

void bs_bench_world_destroy(bs_bench_world *w)
{
    if (!w) return;
    bs_free(w->field);
    bs_ledger_destroy(w->ledger);
    bs_state_destroy(w->state);
    bs_boundary_destroy(w->boundary);
    bs_free(w->tracers.row);
    bs_forcing_destroy(w->forcing);
    for (int e = 0; e < 2; e++) bs_met_state_destroy(w->end[e]);
    bs_mesh_destroy(w->mesh);
    bs_free(w);
}
