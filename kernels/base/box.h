/* box.h - the shape that kernels and operators see: extents of a tile and the strides of its padded arrays.
 *
 * Cell-centred fields are [nz][ny + 2 halo][padded row] with i contiguous; cell (k, j, i), 0 <= i < nx, lies at
 * bs_at(box, k, j, i), and i, j reach from -halo to nx - 1 + halo. Halo cells exist in x and y only; a column has no halo.
 * Rows begin what is their own of the interior, and end, on a multiple of BS_BOX_LINE elements (a cache line of floats), so that whole
 * vectors of a row can be read and written wherever they begin at such a multiple; rows of a tile, wherever they begin. What lies beyond
 * the halo is padding, and finite. Rows and planes are an odd number of lines long: what lies a row or a plane apart then falls into
 * different sets of a cache. */
#ifndef BS_KERNELS_BASE_BOX_H
#define BS_KERNELS_BASE_BOX_H

#include <stdbool.h>
#include <stddef.h>

/* Cells i0 .. i1 - 1, j0 .. j1 - 1. */
typedef struct bs_window {
    int i0, i1, j0, j1;
} bs_window;

typedef struct bs_box {
    int nx, ny, nz; /* cells of the interior */
    int halo;       /* halo cells on each side in x and y */
    /* What of the interior is this tile's own (grids/tiles/tiles.h): all, where there is but one tile. Where it reaches an end of the
     * interior, that is a side of the domain. */
    bs_window own;
    int at_i, at_j;   /* of cell (0, 0) in the whole mesh, for words */
    ptrdiff_t margin; /* elements of a row before i = 0 */
    ptrdiff_t row;    /* elements from j to j + 1 */
    ptrdiff_t plane;  /* elements from k to k + 1 */
    ptrdiff_t volume; /* elements of one field, halos included */
} bs_box;

enum { BS_BOX_LINE = 16 };

static inline ptrdiff_t bs_box_lines(ptrdiff_t elements)
{
    return (elements + BS_BOX_LINE - 1) / BS_BOX_LINE;
}

static inline bs_box bs_box_with(int nx, int ny, int nz, int halo, ptrdiff_t margin, ptrdiff_t beyond)
{
    bs_box b = {.nx = nx, .ny = ny, .nz = nz, .halo = halo, .own = {.i1 = nx, .j1 = ny}, .margin = margin};
    b.row = (bs_box_lines(margin + nx + beyond) | 1) * BS_BOX_LINE;
    b.plane = (b.row / BS_BOX_LINE * (ny + 2 * (ptrdiff_t)halo) | 1) * BS_BOX_LINE;
    b.volume = b.plane * nz;
    return b;
}

/* A box with the given interior, all of it its own; halo >= 0. */
static inline bs_box bs_box_make(int nx, int ny, int nz, int halo)
{
    return bs_box_with(nx, ny, nz, halo, bs_box_lines(halo) * BS_BOX_LINE, halo);
}

/* Of a tile, without halo: nx x ny cells, those of `own` its own, the first of all (at_j, at_i) in the whole mesh. */
static inline bs_box bs_box_of_tile(int nx, int ny, int nz, bs_window own, int at_i, int at_j)
{
    const bool whole = own.i0 == 0 && own.i1 == nx;
    const int over = own.i0 % BS_BOX_LINE;
    bs_box b = bs_box_with(nx, ny, nz, 0, over ? BS_BOX_LINE - over : 0, whole ? 0 : BS_BOX_LINE - 1);
    b.own = own;
    b.at_i = at_i;
    b.at_j = at_j;
    return b;
}

static inline ptrdiff_t bs_at(const bs_box *b, int k, int j, int i)
{
    return k * b->plane + (j + b->halo) * b->row + b->margin + i;
}

#endif
