/* box.h - the shape that kernels and operators see: extents of a tile and the strides of its padded arrays.
 *
 * Cell-centred fields are [nz][ny + 2 halo][nx_pad] with i contiguous; cell (k, j, i), 0 <= i < nx, lies at
 * bs_at(box, k, j, i), and i, j reach from -halo to nx - 1 + halo. nx_pad >= nx + 2 halo rounds a row up to whole
 * vectors. Halo cells exist in x and y only; a column has no halo. */
#ifndef BS_KERNELS_BASE_BOX_H
#define BS_KERNELS_BASE_BOX_H

#include <stddef.h>

typedef struct bs_box {
    int nx, ny, nz;   /* cells of the interior */
    int halo;         /* halo cells on each side in x and y */
    ptrdiff_t row;    /* elements from j to j + 1 */
    ptrdiff_t plane;  /* elements from k to k + 1 */
    ptrdiff_t volume; /* elements of one field, halos included */
} bs_box;

/* A box with the given interior; halo >= 0. Rows are padded to a multiple of 16 elements. */
static inline bs_box bs_box_make(int nx, int ny, int nz, int halo)
{
    bs_box b = {.nx = nx, .ny = ny, .nz = nz, .halo = halo};
    b.row = ((ptrdiff_t)nx + 2 * halo + 15) / 16 * 16;
    b.plane = b.row * (ny + 2 * halo);
    b.volume = b.plane * nz;
    return b;
}

static inline ptrdiff_t bs_at(const bs_box *b, int k, int j, int i)
{
    return k * b->plane + (j + b->halo) * b->row + (i + b->halo);
}

#endif
