/* test_met_tiles.h - weather on tiles of a mesh against the same on the whole of it: every value that a tile has is the whole's to the bit. */
#ifndef BS_TESTS_MODEL_TEST_MET_TILES_H
#define BS_TESTS_MODEL_TEST_MET_TILES_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "model/met/prepared_layout.h"

/* What of a map of the tile must be right: all, or all but a rim where the tile ends and the mesh goes on. */
static inline bs_window tile_inner(const bs_tile *t, const bs_tiling *whole, bs_map_at place, int rim)
{
    const int nx = t->nx + bs_map_more_x(place), ny = t->ny + bs_map_more_y(place);
    return (bs_window){.i0 = t->i0 > 0 ? rim : 0,
                       .j0 = t->j0 > 0 ? rim : 0,
                       .i1 = nx - (t->i0 + t->nx < whole->nx ? rim : 0),
                       .j1 = ny - (t->j0 + t->ny < whole->ny ? rim : 0)};
}

/* `maps` maps, one after the other, of values of `size` bytes. */
static inline void same_maps(const char *name, const bs_tile *t, const bs_tiling *w, bs_map_at place, int rim,
                             size_t maps, size_t size, const void *whole, const void *part)
{
    const size_t row_w = (size_t)(w->nx + bs_map_more_x(place)), row_t = (size_t)(t->nx + bs_map_more_x(place));
    const size_t plane_w = row_w * (size_t)(w->ny + bs_map_more_y(place)),
                 plane_t = row_t * (size_t)(t->ny + bs_map_more_y(place));
    const bs_window in = tile_inner(t, w, place, rim);
    for (size_t m = 0; m < maps; m++)
        for (int j = in.j0; j < in.j1; j++)
            for (int i = in.i0; i < in.i1; i++) {
                const size_t a = m * plane_w + (size_t)(j + t->j0) * row_w + (size_t)(i + t->i0),
                             b = m * plane_t + (size_t)j * row_t + (size_t)i;
                if (memcmp((const char *)whole + a * size, (const char *)part + b * size, size) == 0) continue;
                fail_msg("%s: map %zu at (j %d, i %d) of the tile from (%d, %d) on: %.17g, on the whole mesh %.17g",
                         name, m, j, i, t->j0, t->i0,
                         size == sizeof(double) ? ((const double *)part)[b] : (double)((const float *)part)[b],
                         size == sizeof(double) ? ((const double *)whole)[a] : (double)((const float *)whole)[a]);
            }
}

/* Native fields are right everywhere, but for winds of a source's own faces between two of its times, which lack a neighbour's air. */
static inline void same_native(const bs_tile *t, const bs_tiling *w, const bs_native *a, const bs_native *b)
{
    const size_t nz = (size_t)a->nz;
    const struct {
        const char *name;
        const double *a, *b;
        size_t maps;
        bool have, had;
    } row[] = {{"u", a->u, b->u, nz, true, true},
               {"v", a->v, b->v, nz, true, true},
               {"t", a->t, b->t, nz, true, true},
               {"qv", a->qv, b->qv, nz, true, true},
               {"clw", a->clw, b->clw, nz, a->have_clw, b->have_clw},
               {"rnw", a->rnw, b->rnw, nz, a->have_rnw, b->have_rnw},
               {"air", a->air, b->air, nz, a->have_air, b->have_air},
               {"land", a->land, b->land, BS_LAND_COUNT, a->have_land, b->have_land},
               {"ps", a->ps, b->ps, 1, true, true},
               {"t2", a->t2, b->t2, 1, a->have_t2, b->have_t2},
               {"u10", a->u10, b->u10, 1, a->have_wind10, b->have_wind10},
               {"v10", a->v10, b->v10, 1, a->have_wind10, b->have_wind10},
               {"pblh", a->pblh, b->pblh, 1, a->have_pblh, b->have_pblh},
               {"ustar", a->ustar, b->ustar, 1, a->have_ustar, b->have_ustar},
               {"hfx", a->hfx, b->hfx, 1, a->have_hfx, b->have_hfx},
               {"evaporation", a->evaporation, b->evaporation, 1, a->have_evaporation, b->have_evaporation},
               {"rain", a->rain, b->rain, 1, a->have_rain, b->have_rain},
               {"roughness", a->roughness, b->roughness, 1, a->have_roughness, b->have_roughness},
               {"leaf_area", a->leaf_area, b->leaf_area, 1, a->have_leaf_area, b->have_leaf_area}};
    assert_int_equal(a->time, b->time);
    assert_int_equal(a->have_faces, b->have_faces);
    for (size_t r = 0; r < sizeof row / sizeof *row; r++) {
        assert_int_equal(row[r].have, row[r].had);
        if (row[r].have) same_maps(row[r].name, t, w, BS_AT_CELLS, 0, row[r].maps, sizeof(double), row[r].a, row[r].b);
    }
    if (!a->have_faces) return;
    same_maps("u_face", t, w, BS_AT_X_FACES, 1, nz, sizeof(double), a->u_face, b->u_face);
    same_maps("v_face", t, w, BS_AT_Y_FACES, 1, nz, sizeof(double), a->v_face, b->v_face);
}

static inline void same_part_of_state(const bs_tile *t, const bs_tiling *w, const bs_met_state *a,
                                      const bs_met_state *b)
{
    int n_arrays;
    const bs_prepared_array *arrays = bs_prepared_arrays(&n_arrays);
    assert_int_equal(a->time, b->time);
    for (int n = 0; n < n_arrays; n++) {
        const bs_prepared_array *r = &arrays[n];
        size_t maps = 1;
        for (int d = 0; d < r->n_dims - 2; d++)
            maps *= r->dim[d] == BS_PD_CLASS ? (size_t)a->n_removal : (size_t)a->nz + (r->dim[d] == BS_PD_HALF);
        same_maps(r->name, t, w, bs_prepared_place(r->dim[r->n_dims - 2], r->dim[r->n_dims - 1]), 1, maps,
                  r->is_double ? sizeof(double) : sizeof(real), bs_prepared_member(r, a), bs_prepared_member(r, b));
    }
}

/* ---- a provider on the whole mesh, and on each of the tiles ---- */

typedef struct tile_trial {
    const bs_provider *provider;
    const bs_met_context *whole; /* of one rank */
    bs_time start, end;
    int n_times;
    bs_time time[4];
    const bs_tracers *tracers;
    bs_derive_options options;
} tile_trial;

typedef struct tile_weather {
    bs_native *native;
    bs_met_state *state;
    bs_deriver *deriver;
    bs_assumptions assumed;
    void *self;
    bs_err err;
} tile_weather;

static inline void tile_must(bs_status status, const bs_err *err)
{
    if (status != BS_OK) fail_msg("unexpected failure: %s", err->text);
}

static inline tile_weather tile_open(const tile_trial *r, const bs_met_context *x)
{
    tile_weather w = {0};
    tile_must(bs_native_create(x->mesh->nx, x->mesh->ny, x->levels->nz, &w.native, &w.err), &w.err);
    tile_must(bs_met_state_create(x->mesh->nx, x->mesh->ny, x->levels->nz, r->tracers->n_removal, &w.state, &w.err),
              &w.err);
    tile_must(bs_deriver_create(x->mesh, x->levels, r->tracers, &r->options, &w.deriver, &w.err), &w.err);
    tile_must(r->provider->create(x, r->start, r->end, &w.self, &w.err), &w.err);
    return w;
}

static inline void tile_read(const tile_trial *r, bs_time t, tile_weather *w)
{
    tile_must(r->provider->read(w->self, t, w->native, &w->err), &w->err);
    w->native->time = t;
    tile_must(bs_derive(w->deriver, w->native, &w->assumed, w->state, &w->err), &w->err);
}

static inline void tile_close(const tile_trial *r, tile_weather *w)
{
    r->provider->destroy(w->self);
    bs_deriver_destroy(w->deriver);
    bs_native_destroy(w->native);
    bs_met_state_destroy(w->state);
}

static inline void try_tile(const tile_trial *r, const bs_tiling *tiling, int rank)
{
    const bs_met_context *whole = r->whole;
    bs_met_context part = *whole;
    bs_mesh *mesh = NULL;
    bs_err err;
    part.tile = bs_tiling_tile(tiling, rank);
    part.tiling = tiling;
    part.whole = whole->mesh;
    part.whole_terrain = whole->terrain;
    tile_must(bs_mesh_window(whole->mesh, &part.tile, &mesh, &err), &err);
    double *terrain = calloc((size_t)mesh->nx * (size_t)mesh->ny, sizeof *terrain);
    assert_non_null(terrain);
    if (whole->terrain) bs_tile_cut(&part.tile, BS_AT_CELLS, sizeof *terrain, whole->terrain, whole->mesh->nx, terrain);
    part.mesh = mesh;
    part.terrain = whole->terrain ? terrain : NULL;
    tile_weather a = tile_open(r, whole), b = tile_open(r, &part);
    for (int n = 0; n < r->n_times; n++) {
        tile_read(r, r->time[n], &a);
        tile_read(r, r->time[n], &b);
        same_native(&part.tile, tiling, a.native, b.native);
        same_part_of_state(&part.tile, tiling, a.state, b.state);
    }
    for (int n = 0;; n++) {
        const char *one = r->provider->assumed(a.self, n), *two = r->provider->assumed(b.self, n);
        assert_int_equal(one == NULL, two == NULL);
        if (!one) break;
        assert_string_equal(one, two);
    }
    tile_close(r, &a);
    tile_close(r, &b);
    bs_mesh_destroy(mesh);
    free(terrain);
}

/* On tiles 2 x 2, 3 x 1 and 1 x 2. */
static inline void try_tiles(const tile_trial *r)
{
    const int split[][2] = {{2, 2}, {3, 1}, {1, 2}};
    for (size_t s = 0; s < sizeof split / sizeof *split; s++) {
        const bs_tiling tiling = {
            .nx = r->whole->mesh->nx, .ny = r->whole->mesh->ny, .px = split[s][0], .py = split[s][1], .overlap = 2};
        for (int rank = 0; rank < tiling.px * tiling.py; rank++) try_tile(r, &tiling, rank);
    }
}

static inline bs_derive_options tile_options(void)
{
    return (bs_derive_options){.roughness = 0.3,
                               .kz_min = 0.1,
                               .smagorinsky = 0.15,
                               .dry_scheme = BS_DRY_ZHANG2001,
                               .wet = true,
                               .cloud_base = 500,
                               .cloud_top = 3000,
                               .fixed_pblh = 0,
                               .heat_flux = 1,
                               .no_rain = true};
}

static inline bs_tracers *tile_tracers(void)
{
    static const char *const species[] = {"pm25", "pmcoarse"};
    const bs_tracer_request request = {
        .n_species = 2, .species = species, .acts = BS_ACT_ADVECT | BS_ACT_DRY | BS_ACT_SETTLE | BS_ACT_WET};
    bs_tracers *tracers = NULL;
    bs_err err;
    tile_must(bs_tracers_create(&request, &tracers, &err), &err);
    return tracers;
}

#endif
