/* halo.h - brings the overlap of a tile (grids/tiles/tiles.h) up to date from its neighbours' own cells, corners included, in chunks of
 * planes: all is sent at once, and who works on a chunk waits for that chunk alone, while the rest is on its way.
 *
 *     bs_halo_begin(halo, state->q, m);
 *     for (int c = 0; c < bs_halo_chunks(halo); c++) {
 *         bs_halo_end(halo, c);              // planes k0 .. k1 - 1 of bs_halo_planes are whole
 *         ... sweep these planes ...
 *     }
 *
 * Packing and unpacking are shared out among threads. With one rank a halo has no neighbours and one chunk, and costs nothing. */
#ifndef BS_MODEL_PARALLEL_HALO_H
#define BS_MODEL_PARALLEL_HALO_H

#include "grids/tiles/tiles.h"
#include "kernels/base/box.h"
#include "kernels/base/real.h"
#include "kernels/base/status.h"

typedef struct bs_halo bs_halo;

/* Of fields [n_fields][box], and of air mass [nz][ny][nx] in double where it is given. chunks: wished number, at most nz; the planes of one
 * are a multiple of `multiple` but for the last; both the same in all ranks. box has the tile's shape; tiling and box are copied. Errors: BS_ERR_MEMORY. */
bs_status bs_halo_create(const bs_tiling *tiling, int rank, const bs_box *box, int n_fields, int chunks, int multiple,
                         bs_halo **out, bs_err *err);
void bs_halo_destroy(bs_halo *halo); /* NULL is fine */

int bs_halo_chunks(const bs_halo *halo);
void bs_halo_planes(const bs_halo *halo, int chunk, int *k0, int *k1);

/* Own cells are packed before it returns and may then change; the overlap of a chunk's planes is written by its end. fields NULL: none; m
 * NULL: none. Both pointers must stay valid until the last chunk has ended. */
void bs_halo_begin(bs_halo *halo, real *fields, double *m);
void bs_halo_end(bs_halo *halo, int chunk); /* in order, each once */
void bs_halo_push(bs_halo *halo);           /* lets messages move on, between pieces of work; no need to */

/* What one exchange moves, for models of speed: neighbours, messages and bytes sent (with air mass or without). */
typedef struct bs_halo_traffic {
    int neighbours, messages;
    double bytes, bytes_air;
} bs_halo_traffic;
bs_halo_traffic bs_halo_count(const bs_halo *halo);

/* Seconds this rank has spent packing and unpacking, and waiting. */
void bs_halo_seconds(const bs_halo *halo, double *packing, double *waiting);

#endif
