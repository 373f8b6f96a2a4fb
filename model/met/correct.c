#include "model/met/correct.h"

#include <string.h>

#include "kernels/base/clones.h"
#include "kernels/elliptic/elliptic2d.h"
#include "model/core/memory.h"
#include "model/met/correct_parts.h"
#include "model/parallel/ranks.h"

typedef struct bs_corrector_array {
    double **array;
    size_t n;
} bs_corrector_array;

enum { N_ARRAYS = 22, N_SHARED = 12, N_WHOLE = 7 };

/* Of the rank's part. The first N_SHARED are those that the first rank has of the whole mesh, too. */
static void list_arrays(bs_corrector *c, bs_corrector_array list[N_ARRAYS])
{
    const bs_face_counts n = bs_correct_counts(c->mesh);
    const bs_corrector_array all[N_ARRAYS] = {
        {&c->gx[0], n.x},      {&c->gx[1], n.x},
        {&c->gy[0], n.y},      {&c->gy[1], n.y},
        {&c->mass, n.cells},   {&c->tendency, n.cells},
        {&c->mass_xf, n.x},    {&c->mass_yf, n.y},
        {&c->col_x[0], n.x},   {&c->col_x[1], n.x},
        {&c->col_y[0], n.y},   {&c->col_y[1], n.y},
        {&c->layer, n.cells},  {&c->half_inv_area, n.cells},
        {&c->speed_x[0], n.x}, {&c->speed_x[1], n.x},
        {&c->speed_y[0], n.y}, {&c->speed_y[1], n.y},
        {&c->taken_x[0], n.x}, {&c->taken_x[1], n.x},
        {&c->taken_y[0], n.y}, {&c->taken_y[1], n.y},
    };
    memcpy(list, all, sizeof all);
}

static void list_shared(bs_correct_whole *w, bs_corrector_array list[N_SHARED])
{
    const bs_face_counts n = bs_correct_counts(w->mesh);
    const bs_corrector_array all[N_SHARED] = {
        {&w->gx[0], n.x},    {&w->gx[1], n.x},        {&w->gy[0], n.y},    {&w->gy[1], n.y},
        {&w->mass, n.cells}, {&w->tendency, n.cells}, {&w->mass_xf, n.x},  {&w->mass_yf, n.y},
        {&w->col_x[0], n.x}, {&w->col_x[1], n.x},     {&w->col_y[0], n.y}, {&w->col_y[1], n.y},
    };
    memcpy(list, all, sizeof all);
}

/* Of the whole mesh alone. */
static void list_whole(bs_correct_whole *w, bs_corrector_array list[N_WHOLE])
{
    const bs_face_counts n = bs_correct_counts(w->mesh);
    const bs_corrector_array all[N_WHOLE] = {
        {&w->c_xf, n.x},
        {&w->c_yf, n.y},
        {&w->r, n.cells},
        {&w->chi, n.cells},
        {&w->wind, n.x + n.y},
        {&w->scratch, bs_elliptic2d_scratch_len(w->mesh->nx, w->mesh->ny)},
        {&w->room, bs_multigrid2d_len(w->mesh->nx, w->mesh->ny)},
    };
    memcpy(list, all, sizeof all);
}

static bs_status allocate(int n, const bs_corrector_array *list, bs_err *err)
{
    for (int a = 0; a < n; a++) BS_TRY(BS_NEW(list[a].array, list[a].n, "flux correction", err));
    return BS_OK;
}

static bs_status create_whole(bs_corrector *c, bs_err *err)
{
    bs_correct_whole *w = &c->whole;
    bs_corrector_array own[N_ARRAYS], shared[N_SHARED], list[N_WHOLE];
    w->mesh = c->part.whole;
    list_arrays(c, own);
    list_shared(w, shared);
    list_whole(w, list);
    for (int a = 0; a < N_SHARED && bs_correct_alone(c); a++) *shared[a].array = *own[a].array;
    if (!bs_correct_alone(c)) BS_TRY(allocate(N_SHARED, shared, err));
    return allocate(N_WHOLE, list, err);
}

bs_status bs_corrector_create(const bs_mesh *mesh, const bs_correct_part *part, int nz, bs_corrector **out, bs_err *err)
{
    bs_corrector *c = NULL;
    BS_TRY(BS_NEW(&c, 1, "flux correction", err));
    c->mesh = mesh;
    c->nz = nz;
    c->one = (bs_tiling){.nx = mesh->nx, .ny = mesh->ny, .px = 1, .py = 1};
    c->part = part && part->tiling ? *part : (bs_correct_part){&c->one, bs_tiling_tile(&c->one, 0), mesh};
    bs_corrector_array list[N_ARRAYS];
    list_arrays(c, list);
    bs_status st = allocate(N_ARRAYS, list, err);
    if (st == BS_OK && (bs_correct_alone(c) || bs_ranks_first())) st = create_whole(c, err);
    if (st != BS_OK) {
        bs_corrector_destroy(c);
        return st;
    }
    for (size_t i = 0; i < bs_correct_counts(mesh).cells; i++) c->half_inv_area[i] = 0.5 / mesh->area[i];
    *out = c;
    return BS_OK;
}

void bs_corrector_destroy(bs_corrector *c)
{
    if (!c) return;
    bs_corrector_array own[N_ARRAYS], shared[N_SHARED], list[N_WHOLE];
    if (c->whole.mesh) {
        list_shared(&c->whole, shared);
        list_whole(&c->whole, list);
        for (int a = 0; a < N_SHARED && !bs_correct_alone(c); a++) bs_free(*shared[a].array);
        for (int a = 0; a < N_WHOLE; a++) bs_free(*list[a].array);
    }
    list_arrays(c, own);
    for (int a = 0; a < N_ARRAYS; a++) bs_free(*own[a].array);
    bs_free(c);
}

/* ---- loops over a row; no two pointers alias ---- */

BS_CLONES static void add_to(ptrdiff_t n, const double *restrict v, double *restrict sum)
{
    for (ptrdiff_t i = 0; i < n; i++) sum[i] += v[i];
}

BS_CLONES static void add_mass(ptrdiff_t n, const double *restrict m0, const double *restrict m1,
                               const double *restrict half_inv_area, double *restrict mass)
{
    for (ptrdiff_t i = 0; i < n; i++) mass[i] += (m0[i] + m1[i]) * half_inv_area[i];
}

BS_CLONES static void add_change(ptrdiff_t n, const double *restrict m0, const double *restrict m1,
                                 double *restrict change)
{
    for (ptrdiff_t i = 0; i < n; i++) change[i] += m1[i] - m0[i];
}

BS_CLONES void bs_correct_to_x_faces(ptrdiff_t nx, const double *restrict v, double *restrict v_xf)
{
    v_xf[0] = v[0];
    for (ptrdiff_t i = 1; i < nx; i++) v_xf[i] = 0.5 * (v[i - 1] + v[i]);
    v_xf[nx] = v[nx - 1];
}

BS_CLONES void bs_correct_to_y_faces(ptrdiff_t nx, const double *south, const double *north, double *restrict v_yf)
{
    for (ptrdiff_t i = 0; i < nx; i++) v_yf[i] = 0.5 * (south[i] + north[i]);
}

/* ---- columns ---- */

void bs_correct_mass_to_faces(const bs_mesh *mesh, const double *mass, double *mass_xf, double *mass_yf)
{
    const ptrdiff_t nx = mesh->nx, ny = mesh->ny;
#pragma omp parallel for schedule(static) default(none) shared(mass, mass_xf, mass_yf, nx, ny)
    for (ptrdiff_t j = 0; j <= ny; j++) {
        if (j < ny) bs_correct_to_x_faces(nx, mass + j * nx, mass_xf + j * (nx + 1));
        bs_correct_to_y_faces(nx, mass + (j > 0 ? j - 1 : 0) * nx, mass + (j < ny ? j : ny - 1) * nx, mass_yf + j * nx);
    }
}

void bs_correct_column_mass(bs_corrector *c, const bs_met_state *s0, const bs_met_state *s1)
{
    const ptrdiff_t nx = c->mesh->nx, ny = c->mesh->ny, nz = c->nz;
#pragma omp parallel for schedule(static) default(none) shared(c, s0, s1, nx, ny, nz)
    for (ptrdiff_t j = 0; j < ny; j++) {
        double *mass = c->mass + j * nx;
        memset(mass, 0, (size_t)nx * sizeof *mass);
        for (ptrdiff_t k = 0; k < nz; k++) {
            const ptrdiff_t at = (k * ny + j) * nx;
            add_mass(nx, s0->m + at, s1->m + at, c->half_inv_area + j * nx, mass);
        }
    }
    bs_correct_mass_to_faces(c->mesh, c->mass, c->mass_xf, c->mass_yf);
}

static void tendency(bs_corrector *c, const bs_met_state *s0, const bs_met_state *s1, double seconds)
{
    const ptrdiff_t nx = c->mesh->nx, ny = c->mesh->ny, nz = s0 == s1 ? 0 : c->nz;
#pragma omp parallel for schedule(static) default(none) shared(c, s0, s1, nx, ny, nz, seconds)
    for (ptrdiff_t j = 0; j < ny; j++) {
        double *change = c->tendency + j * nx;
        memset(change, 0, (size_t)nx * sizeof *change);
        for (ptrdiff_t k = 0; k < nz; k++) {
            const ptrdiff_t at = (k * ny + j) * nx;
            add_change(nx, s0->m + at, s1->m + at, change);
        }
        for (ptrdiff_t i = 0; i < nx && nz > 0; i++) change[i] /= seconds;
    }
}

/* sum [rows][n] of f [nz][rows][n] */
static void column_sum(ptrdiff_t rows, ptrdiff_t n, ptrdiff_t nz, const double *f, double *sum)
{
#pragma omp parallel for schedule(static) default(none) shared(rows, n, nz, f, sum)
    for (ptrdiff_t j = 0; j < rows; j++) {
        memset(sum + j * n, 0, (size_t)n * sizeof *sum);
        for (ptrdiff_t k = 0; k < nz; k++) add_to(n, f + (k * rows + j) * n, sum + j * n);
    }
}

/* ---- between the parts and the whole ---- */

static const bs_map_at X = BS_AT_X_FACES, Y = BS_AT_Y_FACES;

void bs_correct_to_whole(const bs_corrector *c, bs_map_at place, const double *local, double *whole)
{
    const bs_map_shape shape = {.tiling = c->part.tiling, .place = place, .size = sizeof *local};
    if (bs_correct_alone(c)) {
        const bs_face_counts n = bs_correct_counts(c->mesh);
        const size_t values = place == X ? n.x : place == Y ? n.y : n.cells;
        if (whole != local) memcpy(whole, local, values * sizeof *local);
    } else {
        bs_ranks_gather(&shape, local, whole);
    }
}

static void from_whole(const bs_corrector *c, bs_map_at place, const double *whole, double *local)
{
    const bs_map_shape shape = {.tiling = c->part.tiling, .place = place, .size = sizeof *local};
    bs_ranks_scatter(&shape, whole, local);
}

void bs_correct_gather(bs_corrector *c, const bs_met_state *s0, const bs_met_state *s1, double seconds)
{
    const ptrdiff_t nx = c->mesh->nx, ny = c->mesh->ny;
    const bs_met_state *const state[2] = {s0, s1};
    c->steady = s0 == s1;
    bs_correct_column_mass(c, s0, s1);
    tendency(c, s0, s1, seconds);
    bs_correct_to_whole(c, BS_AT_CELLS, c->mass, c->whole.mass);
    bs_correct_to_whole(c, BS_AT_CELLS, c->tendency, c->whole.tendency);
    for (int e = 0; e < (c->steady ? 1 : 2); e++) {
        c->time[e] = state[e]->time;
        column_sum(ny, nx + 1, c->nz, state[e]->fx, c->col_x[e]);
        column_sum(ny + 1, nx, c->nz, state[e]->fy, c->col_y[e]);
        bs_correct_to_whole(c, X, c->col_x[e], c->whole.col_x[e]);
        bs_correct_to_whole(c, Y, c->col_y[e], c->whole.col_y[e]);
    }
}

bs_status bs_correct_scatter(bs_corrector *c, bs_status found, bs_err *err)
{
    if (bs_correct_alone(c)) return found;
    BS_TRY(bs_ranks_agree(found, err));
    bs_ranks_share(0, &c->iterations, sizeof c->iterations);
    for (int e = 0; e < 2; e++) {
        from_whole(c, X, c->whole.gx[e], c->gx[e]);
        from_whole(c, Y, c->whole.gy[e], c->gy[e]);
    }
    return BS_OK;
}

bs_status bs_correct_solve(bs_corrector *c, const bs_met_state *s0, const bs_met_state *s1, double seconds, bs_err *err)
{
    bs_correct_gather(c, s0, s1, seconds);
    return bs_correct_scatter(c, bs_correct_first(c, err), err);
}
