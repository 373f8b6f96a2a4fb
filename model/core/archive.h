/* archive.h - what a part of the model must keep to go on later as if nothing had been.
 *
 * One function of a part serves both directions: it names its arrays, one after the other, and an archive either keeps what is in them or
 * fills them. So nothing can be kept that is not restored. What holds the bytes (a checkpoint: model/io/checkpoint.h) gives `item`.
 *
 *     size_t at = bs_archive_enter(a, "output");
 *     BS_TRY(BS_ARCHIVE(a, "day_sum", o->day_sum, n, err));
 *     bs_archive_leave(a, at);
 *
 * Names are paths: "output/day_sum". An item is named once. */
#ifndef BS_MODEL_CORE_ARCHIVE_H
#define BS_MODEL_CORE_ARCHIVE_H

#include <stdbool.h>
#include <stddef.h>

#include "grids/tiles/tiles.h"
#include "kernels/base/status.h"

typedef enum bs_item_type { BS_ITEM_BYTE, BS_ITEM_INT, BS_ITEM_LONG, BS_ITEM_FLOAT, BS_ITEM_DOUBLE } bs_item_type;

enum { BS_ARCHIVE_PATH_MAX = 256 };

/* Maps of which each rank has its tile: value (j, i) of map n lies at n * plane + j * row + i. Only the tile's own part is kept; all
 * that it sees is restored. */
typedef struct bs_archive_shape {
    const bs_tiling *tiling;
    bs_tile tile;
    size_t row, plane;
} bs_archive_shape;

typedef struct bs_archive bs_archive;
struct bs_archive {
    bool loading;
    /* Keeps or fills n elements. Nothing happens for n = 0. Errors: BS_ERR_IO; loading: BS_ERR_INPUT where the item is not there or has
     * another length or type. */
    bs_status (*item)(bs_archive *self, const char *path, bs_item_type type, size_t n, void *data, bs_err *err);
    /* The same for n maps at cells, of values of 4 or 8 bytes: one item [n][ny][nx] of the whole mesh, whatever the tiles. */
    bs_status (*maps)(bs_archive *self, const char *path, bs_item_type type, size_t n, const bs_archive_shape *shape,
                      void *data, bs_err *err);
    char path[BS_ARCHIVE_PATH_MAX]; /* "" or "output/" */
};

/* Where there are several ranks (model/parallel/ranks.h): an item is the same in all of them, or a part of the model sees to it that it is;
 * the first keeps it, and all are given it back. All name the same items in the same order, and fail together. A part that can fail in
 * one rank alone between two items agrees on that (bs_ranks_agree) before it names the next. */

bs_status bs_archive_item(bs_archive *a, const char *name, bs_item_type type, size_t n, void *data, bs_err *err);

bs_status bs_archive_maps(bs_archive *a, const char *name, bs_item_type type, size_t n, const bs_archive_shape *shape,
                          void *data, bs_err *err);

/* Names from here on lie under `name`, until leave gets what enter returned. */
size_t bs_archive_enter(bs_archive *a, const char *name);
void bs_archive_leave(bs_archive *a, size_t outside);

/* BS_ARCHIVE(a, "name", pointer to the first of n elements, n, err); long stands for bs_time, too. */
#define BS_ARCHIVE(a, name, pointer, n, err)                                                                           \
    bs_archive_item(a, name,                                                                                           \
                    _Generic(*(pointer), char                                                                          \
                             : BS_ITEM_BYTE, unsigned char                                                             \
                             : BS_ITEM_BYTE, int                                                                       \
                             : BS_ITEM_INT, long                                                                       \
                             : BS_ITEM_LONG, unsigned long                                                             \
                             : BS_ITEM_LONG, long long                                                                 \
                             : BS_ITEM_LONG, unsigned long long                                                        \
                             : BS_ITEM_LONG, float                                                                     \
                             : BS_ITEM_FLOAT, double                                                                   \
                             : BS_ITEM_DOUBLE),                                                                        \
                    (size_t)(n), (pointer), err)

/* Structs of our own without pointers, as bytes. */
#define BS_ARCHIVE_BYTES(a, name, pointer, n, err)                                                                     \
    bs_archive_item(a, name, BS_ITEM_BYTE, (size_t)(n) * sizeof *(pointer), (pointer), err)

#endif
