#include "grids/tiles/tiles.h"

#include <string.h>

enum { SHORTEST = 4 };

static int smaller(int a, int b)
{
    return a < b ? a : b;
}

static int larger(int a, int b)
{
    return a > b ? a : b;
}

/* First own cell of the p-th of n parts. */
static int begin_of(int cells, int n, int p)
{
    return (int)((long long)cells * p / n);
}

static int fits(int nx, int ny, int px, int py, int overlap)
{
    const int least = larger(overlap, SHORTEST);
    return (px == 1 || nx / px >= least) && (py == 1 || ny / py >= least);
}

/* Cells of the rims between tiles; -1: this many ranks do not fit. */
static long long best_split(int nx, int ny, int n, int overlap, int *px_best)
{
    long long best = -1;
    for (int px = 1; px <= n; px++) {
        if (n % px != 0 || !fits(nx, ny, px, n / px, overlap)) continue;
        const long long rim = (long long)(px - 1) * ny + (long long)(n / px - 1) * nx;
        if (best >= 0 && rim >= best) continue;
        best = rim;
        *px_best = px;
    }
    return best;
}

bs_status bs_tiling_choose(int nx, int ny, int n_ranks, int overlap, bs_tiling *out, bs_err *err)
{
    int px = 1, ignored;
    if (best_split(nx, ny, n_ranks, overlap, &px) < 0) {
        int most = n_ranks - 1;
        while (most > 1 && best_split(nx, ny, most, overlap, &ignored) < 0) most--;
        return bs_fail(
            err, BS_ERR_INPUT,
            "%d ranks are too many for %d x %d cells: each needs at least %d cells of its own along x and y "
            "(the rim it shares with its neighbours, which grows with time.max_courant), and the number must "
            "split into rows and columns of tiles; take %d, with more threads each (--threads)",
            n_ranks, nx, ny, larger(overlap, SHORTEST), most);
    }
    *out = (bs_tiling){.nx = nx, .ny = ny, .px = px, .py = n_ranks / px, .overlap = n_ranks > 1 ? overlap : 0};
    return BS_OK;
}

/* First cell that a tile sees whose own begin at `begin`. */
static int west_of(const bs_tiling *t, int begin)
{
    const int whole_lines = (int)bs_box_lines(t->overlap) * BS_BOX_LINE;
    return begin >= whole_lines ? begin - whole_lines : larger(begin - t->overlap, 0);
}

bs_tile bs_tiling_tile(const bs_tiling *t, int rank)
{
    const int at_x = rank % t->px, at_y = rank / t->px;
    const int i_begin = begin_of(t->nx, t->px, at_x), i_end = begin_of(t->nx, t->px, at_x + 1);
    const int j_begin = begin_of(t->ny, t->py, at_y), j_end = begin_of(t->ny, t->py, at_y + 1);
    bs_tile tile = {.i0 = west_of(t, i_begin), .j0 = larger(j_begin - t->overlap, 0)};
    tile.nx = smaller(i_end + t->overlap, t->nx) - tile.i0;
    tile.ny = smaller(j_end + t->overlap, t->ny) - tile.j0;
    tile.own =
        (bs_window){.i0 = i_begin - tile.i0, .i1 = i_end - tile.i0, .j0 = j_begin - tile.j0, .j1 = j_end - tile.j0};
    return tile;
}

bs_window bs_tile_known(const bs_tile *tile, const bs_tiling *tiling)
{
    const bs_window *own = &tile->own;
    const int more = tiling->overlap;
    return (bs_window){.i0 = larger(own->i0 - more, 0),
                       .i1 = smaller(own->i1 + more, tile->nx),
                       .j0 = larger(own->j0 - more, 0),
                       .j1 = smaller(own->j1 + more, tile->ny)};
}

void bs_tile_cut(const bs_tile *tile, bs_map_at place, size_t size, const void *whole, int nx_whole, void *out)
{
    const size_t row_whole = (size_t)(nx_whole + bs_map_more_x(place)), row = (size_t)(tile->nx + bs_map_more_x(place));
    const int rows = tile->ny + bs_map_more_y(place);
    for (int j = 0; j < rows; j++)
        memcpy((char *)out + (size_t)j * row * size,
               (const char *)whole + ((size_t)(tile->j0 + j) * row_whole + (size_t)tile->i0) * size, row * size);
}

bs_window bs_tile_gives(const bs_tile *tile, const bs_tiling *tiling, bs_map_at place)
{
    bs_window w = tile->own;
    if (bs_map_more_x(place) && tile->i0 + tile->own.i1 == tiling->nx) w.i1++;
    if (bs_map_more_y(place) && tile->j0 + tile->own.j1 == tiling->ny) w.j1++;
    return w;
}
