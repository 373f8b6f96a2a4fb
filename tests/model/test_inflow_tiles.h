/* test_inflow_tiles.h - a nested case as one rank sees it. */
#ifndef BS_TESTS_MODEL_TEST_INFLOW_TILES_H
#define BS_TESTS_MODEL_TEST_INFLOW_TILES_H

#include "test_nest_fixture.h"

#include "model/core/memory.h"
#include "model/run/inflow.h"
#include "model/run/sides.h"

enum { OVERLAP = 4 };

static const real UNTOUCHED = -7;

static inline double wavy(int species, double x, double y, double z, double t)
{
    return (species + 1) * (40 + 10 * sin(9 * x) + 5 * cos(7 * y) * z + 3 * t);
}

/* One rank's view of the case. */
typedef struct part {
    bs_case c;
    bs_met_state *met;
    bs_state *state;
    bs_boundary *boundary;
} part;

static inline void open_part(nest_test *t, const bs_tiling *tiling, int rank, part *p)
{
    *p = (part){.c = t->c};
    p->c.tile = bs_tiling_tile(tiling, rank);
    const bs_tile *tile = &p->c.tile;
    need_ok(bs_mesh_window(t->c.whole, tile, &p->c.mesh, &t->err), &t->err);
    need_ok(BS_NEW(&p->c.terrain, tile->nx * tile->ny, "terrain", &t->err), &t->err);
    bs_tile_cut(tile, BS_AT_CELLS, sizeof *p->c.terrain, t->c.whole_terrain, FNX, p->c.terrain);
    p->c.box = bs_box_make(tile->nx, tile->ny, FNZ, 2);
    need_ok(bs_met_state_create(tile->nx, tile->ny, FNZ, 1, &p->met, &t->err), &t->err);
    for (int k = 0; k <= FNZ; k++)
        bs_tile_cut(tile, BS_AT_CELLS, sizeof *p->met->z_half, t->met->z_half + k * FNX * FNY, FNX,
                    p->met->z_half + k * tile->nx * tile->ny);
    need_ok(bs_state_create(&p->c.box, p->c.tracers, &p->state, &t->err), &t->err);
    need_ok(bs_boundary_create(tile->nx, tile->ny, FNZ, p->c.tracers->n, &p->boundary, &t->err), &t->err);
    for (int s = 0; s < BS_SIDES; s++)
        for (int n = 0; n < p->c.tracers->n * FNZ * bs_boundary_length(p->boundary, (bs_side)s); n++)
            p->boundary->q[s][n] = UNTOUCHED;
}

static inline void close_part(part *p)
{
    bs_met_state_destroy(p->met);
    bs_state_destroy(p->state);
    bs_boundary_destroy(p->boundary);
    bs_mesh_destroy(p->c.mesh);
    bs_free(p->c.terrain);
}

static inline void compare_state(const nest_test *t, const part *p)
{
    const bs_tile *tile = &p->c.tile;
    for (int n = 0; n < p->c.tracers->n; n++)
        for (int k = 0; k < FNZ; k++)
            for (int j = 0; j < tile->ny; j++)
                for (int i = 0; i < tile->nx; i++) {
                    const real here = bs_state_q(p->state, n)[bs_at(&p->state->box, k, j, i)];
                    assert_true(here == bs_state_q(t->state, n)[bs_at(&t->state->box, k, tile->j0 + j, tile->i0 + i)]);
                }
}

/* Returns how many sides of the tile are the domain's. */
static inline int compare_boundary(const nest_test *t, const part *p)
{
    const bs_tile *tile = &p->c.tile;
    int sides = 0;
    for (int s = 0; s < BS_SIDES; s++) {
        const bool along_y = s == BS_WEST || s == BS_EAST, of_domain = bs_side_of_domain(&p->c, (bs_side)s);
        sides += of_domain;
        for (int n = 0; n < p->c.tracers->n; n++)
            for (int k = 0; k < FNZ; k++)
                for (int at = 0; at < bs_boundary_length(p->boundary, (bs_side)s); at++) {
                    const real here = bs_boundary_at(p->boundary, (bs_side)s, n, k)[at];
                    const int there = at + (along_y ? tile->j0 : tile->i0);
                    assert_true(here == (of_domain ? bs_boundary_at(t->boundary, (bs_side)s, n, k)[there] : UNTOUCHED));
                }
    }
    return sides;
}

static inline void fill(bs_inflow *inflow, bs_time now, const bs_met_state *met, bs_state *state, bs_boundary *boundary,
                        bs_err *err)
{
    need_ok(bs_inflow_initial(inflow, met, state, err), err);
    need_ok(bs_inflow_fill(inflow, now, met, boundary, err), err);
}

/* Hills, which uniform values with a scale height see. */
static inline void raise_ground(nest_test *t)
{
    need_ok(BS_NEW(&t->c.whole_terrain, FNX * FNY, "terrain", &t->err), &t->err);
    for (int n = 0; n < FNX * FNY; n++) t->c.whole_terrain[n] = 300 + 200 * sin(n);
    t->c.terrain = t->c.whole_terrain;
}

#endif
