/* The world of test_transport_fixture.h cut to tiles, with numbers in all that a tile cannot know or must not look at which would be seen:
 * NaN where nothing may be read, huge values where an exchange must write first. */
#ifndef BS_TESTS_TILES_FIXTURE_H
#define BS_TESTS_TILES_FIXTURE_H

#define WORLD_NX 47
#define WORLD_NY 41
#define WORLD_NZ 7
#include "grids/tiles/tiles.h"
#include "tests/model/test_transport_fixture.h"

#define HUGE_VALUE 1e30f

static const char *const TWO_SPECIES[] = {"pm25", "pmcoarse"}, *const ONE_SECTOR[] = {"industry"};
static const unsigned EVERY_ACT = BS_ACT_ADVECT | BS_ACT_MIX | BS_ACT_DRY | BS_ACT_SETTLE | BS_ACT_WET | BS_ACT_EMIT;

/* Two species with tags, so that two removal classes. */
static inline bs_tracer_request two_species(void)
{
    return (bs_tracer_request){.n_species = 2,
                               .species = TWO_SPECIES,
                               .n_sectors = 1,
                               .sectors = ONE_SECTOR,
                               .tag_initial = 1,
                               .tag_boundary = 1,
                               .acts = EVERY_ACT};
}

/* A tile's part of a whole world. */
typedef struct tile_world {
    bs_tiling tiling;
    bs_tile tile;
    world w;
} tile_world;

static inline bool is_own(const bs_tile *t, int j, int i)
{
    return j >= t->own.j0 && j < t->own.j1 && i >= t->own.i0 && i < t->own.i1;
}

/* Maps [n] at places of the mesh. */
static inline void cut_doubles(const bs_tile *t, bs_map_at place, int n, const double *whole, double *out)
{
    const size_t from = (size_t)(NX + bs_map_more_x(place)) * (size_t)(NY + bs_map_more_y(place)),
                 to = (size_t)(t->nx + bs_map_more_x(place)) * (size_t)(t->ny + bs_map_more_y(place));
    for (int k = 0; k < n; k++)
        bs_tile_cut(t, place, sizeof *whole, whole + (size_t)k * from, NX, out + (size_t)k * to);
}

/* Columns that strips look at: NaN beyond the own ones. */
static inline void cut_columns(const bs_tile *t, int n, const real *whole, real *out)
{
    const size_t from = (size_t)NX * NY, to = (size_t)t->nx * (size_t)t->ny;
    for (int k = 0; k < n; k++) {
        bs_tile_cut(t, BS_AT_CELLS, sizeof *whole, whole + (size_t)k * from, NX, out + (size_t)k * to);
        for (int j = 0; j < t->ny; j++)
            for (int i = 0; i < t->nx; i++)
                if (!is_own(t, j, i)) out[(size_t)k * to + (size_t)(j * t->nx + i)] = NAN;
    }
}

/* Whether a cell of the tile is the outermost beside a cut. */
static inline bool is_rim(const bs_tile *t, int j, int i)
{
    return (i == 0 && t->own.i0 > 0) || (i == t->nx - 1 && t->own.i1 < t->nx) || (j == 0 && t->own.j0 > 0) ||
           (j == t->ny - 1 && t->own.j1 < t->ny);
}

/* Fluxes: NaN through faces of the rectangle that are no sides of the domain, and along the outermost cells; not along columns that only fill
 * a line of cache, which are swept, too, though nobody looks at them. */
static inline void cut_fluxes(const bs_tile *t, const bs_tiling *tiling, const double *const whole[2],
                              double *const out[2])
{
    const int nx = t->nx, ny = t->ny;
    const bool known_west = t->own.i0 > 0 && bs_tile_known(t, tiling).i0 == 0;
    const bool low_x = t->own.i0 > 0, high_x = t->own.i1<nx, low_y = t->own.j0> 0, high_y = t->own.j1 < ny;
    cut_doubles(t, BS_AT_X_FACES, NZ, whole[0], out[0]);
    cut_doubles(t, BS_AT_Y_FACES, NZ, whole[1], out[1]);
    for (int k = 0; k < NZ; k++) {
        for (int j = 0; j < ny; j++)
            for (int i = 0; i <= nx; i++)
                if ((i == 0 && low_x) || (i == nx && high_x) || (j == 0 && low_y) || (j == ny - 1 && high_y))
                    out[0][(k * ny + j) * (nx + 1) + i] = NAN;
        for (int j = 0; j <= ny; j++)
            for (int i = 0; i < nx; i++)
                if ((j == 0 && low_y) || (j == ny && high_y) || (i == 0 && known_west) || (i == nx - 1 && high_x))
                    out[1][(k * (ny + 1) + j) * nx + i] = NAN;
    }
}

static inline void cut_met(const bs_tile *t, const bs_tiling *tiling, const bs_met_state *from, bs_met_state *to)
{
    cut_doubles(t, BS_AT_CELLS, NZ, from->m, to->m);
    cut_fluxes(t, tiling, (const double *[]){from->fx, from->fy}, (double *[]){to->fx, to->fy});
    cut_columns(t, NZ, from->rho, to->rho);
    cut_columns(t, NZ + 1, from->z_half, to->z_half);
    cut_columns(t, NZ + 1, from->mix, to->mix);
    cut_columns(t, from->n_removal, from->v_dep, to->v_dep);
    cut_columns(t, from->n_removal * NZ, from->v_set, to->v_set);
    cut_columns(t, from->n_removal * NZ, from->scavenge, to->scavenge);
    cut_columns(t, 1, from->nonlocal, to->nonlocal);
    cut_columns(t, 1, from->pbl_air, to->pbl_air);
    cut_columns(t, 1, from->rain, to->rain);
    for (int k = 0; k < NZ; k++) {
        real *kh = to->kh + (ptrdiff_t)k * t->nx * t->ny;
        bs_tile_cut(t, BS_AT_CELLS, sizeof *kh, from->kh + (ptrdiff_t)k * NX * NY, NX, kh);
        for (int c = 0; c < t->nx * t->ny; c++)
            if (is_rim(t, c / t->nx, c % t->nx)) kh[c] = NAN;
    }
}

/* Sides that are cuts hold other air than the neighbours' cells, but they hold some. */
static inline void cut_boundary(const tile_world *t, const bs_boundary *from, bs_boundary *to)
{
    const bool is_side[BS_SIDES] = {t->tile.i0 == 0, t->tile.i0 + t->tile.nx == NX, t->tile.j0 == 0,
                                    t->tile.j0 + t->tile.ny == NY};
    for (int tracer = 0; tracer < from->n_tracers; tracer++)
        for (int k = 0; k < NZ; k++)
            for (int s = 0; s < BS_SIDES; s++) {
                const int first = s <= BS_EAST ? t->tile.j0 : t->tile.i0, n = bs_boundary_length(to, (bs_side)s);
                const real *q = bs_boundary_at(from, (bs_side)s, tracer, k) + first;
                for (int c = 0; c < n; c++)
                    bs_boundary_at(to, (bs_side)s, tracer, k)[c] = is_side[s] ? q[c] : (real)777;
            }
}

static inline void cut_emission(const bs_tile *t, const bs_emission_rates *from, bs_emission_rates *to)
{
    *to = *from;
    to->nx = t->nx, to->ny = t->ny;
    to->rate = calloc((size_t)from->n_tracers * (size_t)from->n_layers * (size_t)t->nx * (size_t)t->ny, sizeof(real));
    assert_non_null(to->rate);
    cut_columns(t, from->n_tracers * from->n_layers, from->rate, to->rate);
}

/* Own cells as the whole world has them; others hold what an exchange must write over, and where none does so, some number. */
static inline void cut_state(const tile_world *t, const bs_state *from, bs_state *to)
{
    const bs_tile *tile = &t->tile;
    const bs_box *b = &to->box;
    const int known = bs_tile_known(tile, &t->tiling).i0;
    for (ptrdiff_t c = 0; c < (ptrdiff_t)to->tracers->n * b->volume; c++) to->q[c] = (real)HUGE_VALUE;
    for (int k = 0; k < NZ; k++)
        for (int j = 0; j < tile->ny; j++)
            for (int i = 0; i < tile->nx; i++) {
                const bool own = is_own(tile, j, i);
                const ptrdiff_t there = ((ptrdiff_t)k * NY + tile->j0 + j) * NX + tile->i0 + i;
                to->m[((ptrdiff_t)k * tile->ny + j) * tile->nx + i] = own ? from->m[there] : 1e200;
                for (int n = 0; n < to->tracers->n && (own || i < known); n++)
                    bs_state_q(to, n)[bs_at(b, k, j, i)] =
                        own ? bs_state_q(from, n)[bs_at(&from->box, k, tile->j0 + j, tile->i0 + i)] : (real)555;
            }
}

static inline void tile_make(const world *whole, const bs_tiling *tiling, int rank, tile_world *t)
{
    *t = (tile_world){.tiling = *tiling, .tile = bs_tiling_tile(tiling, rank), .w = *whole};
    world *w = &t->w;
    const bs_tile *tile = &t->tile;
    w->stepper = NULL;
    CHECK(bs_mesh_window(whole->mesh, tile, &w->mesh, err));
    w->box = bs_box_of_tile(tile->nx, tile->ny, NZ, tile->own, tile->i0, tile->j0);
    for (int e = 0; e < 2; e++) {
        CHECK(bs_met_state_create(tile->nx, tile->ny, NZ, w->tracers->n_removal, &w->end[e], err));
        cut_met(tile, tiling, whole->end[e], w->end[e]);
    }
    CHECK(bs_forcing_create(tile->nx, tile->ny, NZ, &w->forcing, err));
    w->forcing->t1 = whole->forcing->t1;
    cut_emission(tile, &whole->emission, &w->emission);
    for (int e = 0; e < 2; e++) {
        const bs_forcing *from = whole->forcing;
        bs_forcing *to = w->forcing;
        to->end[e] = w->end[e];
        cut_fluxes(tile, tiling, (const double *[]){from->fx[e], from->fy[e]}, (double *[]){to->fx[e], to->fy[e]});
        cut_doubles(tile, BS_AT_CELLS, NZ + 1, from->fz[e], to->fz[e]);
    }
    CHECK(bs_boundary_create(tile->nx, tile->ny, NZ, w->tracers->n, &w->boundary, err));
    cut_boundary(t, whole->boundary, w->boundary);
    CHECK(bs_state_create(&w->box, w->tracers, &w->state, err));
    cut_state(t, whole->state, w->state);
    CHECK(bs_ledger_create(w->tracers->n, &w->ledger, err));
}

/* After the tile has found its place: what points into the world. */
static inline void tile_settle(tile_world *t)
{
    t->w.forcing->emission = &t->w.emission;
    t->w.state->tiling = &t->tiling;
}

static inline void tile_free(tile_world *t)
{
    world_free_fields(&t->w);
    bs_mesh_destroy(t->w.mesh);
}

static inline bs_operator_context tile_context(const tile_world *t)
{
    bs_operator_context c = context_of(&t->w);
    c.tiling = &t->tiling;
    return c;
}

/* Own cells against the whole world's, to the bit; what lies beyond must be numbers all the same. */
static inline void tile_is_like(const tile_world *t, const world *whole, const char *what)
{
    const bs_tile *tile = &t->tile;
    const bs_box *here = &t->w.box, *there = &whole->box;
    for (int k = 0; k < NZ; k++)
        for (int j = 0; j < tile->ny; j++)
            for (int i = 0; i < tile->nx; i++) {
                const int jw = tile->j0 + j, iw = tile->i0 + i;
                const double *m = &t->w.state->m[((ptrdiff_t)k * tile->ny + j) * tile->nx + i];
                for (int n = 0; n < whole->tracers->n; n++) {
                    const real *q = &bs_state_q(t->w.state, n)[bs_at(here, k, j, i)],
                               *expected = &bs_state_q(whole->state, n)[bs_at(there, k, jw, iw)];
                    if (!isfinite(*q) || (is_own(tile, j, i) && memcmp(q, expected, sizeof *q) != 0))
                        fail_msg("%s: tracer %d is %.9g, not %.9g, at (k=%d, j=%d, i=%d) of the tile from (%d, %d)",
                                 what, n, (double)*q, (double)*expected, k, j, i, tile->j0, tile->i0);
                }
                if (!is_own(tile, j, i)) continue;
                if (memcmp(m, &whole->state->m[((ptrdiff_t)k * NY + jw) * NX + iw], sizeof *m) != 0)
                    fail_msg("%s: air differs at (k=%d, j=%d, i=%d) of the tile from (%d, %d)", what, k, j, i, tile->j0,
                             tile->i0);
            }
    for (int n = 0; n < whole->tracers->n; n++)
        for (int j = tile->own.j0; j < tile->own.j1; j++)
            for (int i = tile->own.i0; i < tile->own.i1; i++) {
                const ptrdiff_t c = ((ptrdiff_t)n * tile->ny + j) * tile->nx + i,
                                there_c = ((ptrdiff_t)n * NY + tile->j0 + j) * NX + tile->i0 + i;
                if (memcmp(&t->w.state->dry[c], &whole->state->dry[there_c], sizeof(double)) != 0 ||
                    memcmp(&t->w.state->wet[c], &whole->state->wet[there_c], sizeof(double)) != 0)
                    fail_msg("%s: deposition of tracer %d differs", what, n);
            }
}

#endif
