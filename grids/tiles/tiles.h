/* tiles.h - how a mesh is shared out among ranks: px x py tiles, each with the cells of its own and a rim of its neighbours'.
 *
 * A tile knows the rectangle of its own cells and up to `overlap` cells beyond each of its ends, less where the mesh ends: there its own
 * cells reach the side of the domain. To the west it sees more where the mesh has it: whole lines of cache (BS_BOX_LINE cells), so that its
 * rows and its own cells begin with a line. No neighbour brings these further cells up to date. All that it holds has the shape of that rectangle, so that most of the model sees a mesh like
 * any other; what must be done or counted once is done for the tile's own cells.
 *
 *     whole mesh   |----------------------------------------|   nx
 *     tile         ..|+++ooo[=================]ooo|..........    o overlap, = own, + to fill lines
 *                    i0      own.i0            own.i1           own in cells of the tile, i0 in those of the mesh
 *
 * Own parts differ by at most one cell, do not overlap and fill the mesh. */
#ifndef BS_GRIDS_TILES_H
#define BS_GRIDS_TILES_H

#include <stddef.h>

#include "kernels/base/box.h"
#include "kernels/base/status.h"

typedef struct bs_tiling {
    int nx, ny; /* cells of the mesh */
    int px, py; /* tiles along x and y; rank r has tile (r / px, r % px) */
    int overlap;
} bs_tiling;

typedef struct bs_tile {
    int i0, j0;    /* the tile's first cell in the mesh */
    int nx, ny;    /* cells that it sees */
    bs_window own; /* its own part, in its cells */
} bs_tile;

/* The px x py = n_ranks with the least overlap to move. overlap is ignored for one rank. Errors: BS_ERR_INPUT where no split leaves every
 * tile at least `overlap` cells (and 4) of its own along both axes: a neighbour's rim must lie in its next neighbours alone. Names the
 * largest number of ranks that fits. */
bs_status bs_tiling_choose(int nx, int ny, int n_ranks, int overlap, bs_tiling *out, bs_err *err);

/* Of rank 0 .. px py - 1. */
bs_tile bs_tiling_tile(const bs_tiling *tiling, int rank);

/* What neighbours bring up to date and its own: own cells and `overlap` more. In the tile's cells. */
bs_window bs_tile_known(const bs_tile *tile, const bs_tiling *tiling);

/* Where the values of a map lie: at cells [ny][nx], faces in x [ny][nx+1], faces in y [ny+1][nx], corners [ny+1][nx+1]. */
typedef enum bs_map_at { BS_AT_CELLS, BS_AT_X_FACES, BS_AT_Y_FACES, BS_AT_CORNERS } bs_map_at;

static inline int bs_map_more_x(bs_map_at place)
{
    return place == BS_AT_X_FACES || place == BS_AT_CORNERS;
}

static inline int bs_map_more_y(bs_map_at place)
{
    return place == BS_AT_Y_FACES || place == BS_AT_CORNERS;
}

/* The tile's part of a map of the whole mesh, which has row_whole values a row, `size` bytes each. */
void bs_tile_cut(const bs_tile *tile, bs_map_at place, size_t size, const void *whole, int nx_whole, void *out);

/* What of a map at this place is the tile's own to give away: its own cells; of faces and corners the lower ones, and the upper ones where
 * the domain ends. In the tile's indices. */
bs_window bs_tile_gives(const bs_tile *tile, const bs_tiling *tiling, bs_map_at place);

#endif
