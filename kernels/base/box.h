/* box.h - the shape that kernels and operators see: extents of a tile and the strides of its padded arrays.
 *
 * Cell-centred fields are [nz][ny + 2 halo][padded row] with i contiguous; cell (k, j, i), 0 <= i < nx, lies at
 * bs_at(box, k, j, i), and i, j reach from -halo to nx - 1 + halo. Halo cells exist in x and y only; a column has no halo.
 * Rows begin their interior, i = 0, and end on a multiple of BS_BOX_LINE elements (a cache line of floats), so that whole vectors of a
 * row can be read and written wherever they begin at such a multiple: what lies beyond the halo is padding, and finite. Rows and
 * planes are an odd number of lines long: what lies a row or a plane apart then falls into different sets of a cache. */
#ifndef BS_KERNELS_BASE_BOX_H
#define BS_KERNELS_BASE_BOX_H

#include <stddef.h>

/* Cells i0 .. i1 - 1, j0 .. j1 - 1. */
typedef struct bs_window {
    int i0, i1, j0, j1;
} bs_window;

typedef struct bs_box {
    int nx, ny, nz; /* cells of the interior */
    int halo;       /* halo cells on each side in x and y */
    bs_window
        own; /* what of the interior is this tile's own (grids/tiles/tiles.h): all, where there is but one tile. Where it reaches
                       * an end of the interior, that is a side of the domain */
    int at_i, at_j;   /* of cell (0, 0) in the whole mesh, for words */
    ptrdiff_t row;    /* elements from j to j + 1 */
    ptrdiff_t plane;  /* elements from k to k + 1 */
    ptrdiff_t volume; /* elements of one field, halos included */
} bs_box;

enum { BS_BOX_LINE = 16 };

static inline ptrdiff_t bs_box_lines(ptrdiff_t elements)
{
    return (elements + BS_BOX_LINE - 1) / BS_BOX_LINE;
}

/* Elements of a row before i = 0. */
static inline ptrdiff_t bs_box_margin(const bs_box *b)
{
    return bs_box_lines(b->halo) * BS_BOX_LINE;
}

/* A box with the given interior, all of it its own; halo >= 0. */
static inline bs_box bs_box_make(int nx, int ny, int nz, int halo)
{
    bs_box b = {.nx = nx, .ny = ny, .nz = nz, .halo = halo, .own = {.i1 = nx, .j1 = ny}};
    b.row = ((bs_box_lines(halo) + bs_box_lines((ptrdiff_t)nx + halo)) | 1) * BS_BOX_LINE;
    b.plane = (b.row / BS_BOX_LINE * (ny + 2 * (ptrdiff_t)halo) | 1) * BS_BOX_LINE;
    b.volume = b.plane * nz;
    return b;
}

static inline ptrdiff_t bs_at(const bs_box *b, int k, int j, int i)
{
    return k * b->plane + (j + b->halo) * b->row + bs_box_margin(b) + i;
}

#endif
