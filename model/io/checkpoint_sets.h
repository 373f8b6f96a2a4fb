/* checkpoint_sets.h - the data sets of a checkpoint. Private to model/io/checkpoint*.c.
 *
 * One per item, in the type of the machine, in chunks with Fletcher's checksum. An item is [n]; maps are [n][ny][nx] of the whole mesh. How
 * a set is cut into chunks follows from its shape alone, and no times are noted, so that a file tells nothing
 * of who wrote it and when.
 *
 * The file is the first rank's. Maps pass through it a few at a time (CHUNK_BYTES, or one map), so that no rank ever holds more. */
#ifndef BS_MODEL_IO_CHECKPOINT_SETS_H
#define BS_MODEL_IO_CHECKPOINT_SETS_H

#include <hdf5.h>

#include "model/core/archive.h"

typedef struct bs_sets_file {
    hid_t id;   /* < 0: closed, or another rank's */
    char *name; /* for messages */
} bs_sets_file;

/* By the first rank alone. Errors: BS_ERR_IO. */
bs_status bs_sets_keep(const bs_sets_file *f, const char *path, bs_item_type type, size_t n, const void *data,
                       bs_err *err);
/* Errors: BS_ERR_INPUT: not there, of another type or shape, a wrong checksum. */
bs_status bs_sets_fill(const bs_sets_file *f, const char *path, bs_item_type type, size_t n, void *data, bs_err *err);

/* By all ranks, each with its tile. Errors as of the two above, agreed upon. */
bs_status bs_sets_keep_maps(const bs_sets_file *f, const char *path, bs_item_type type, size_t n,
                            const bs_archive_shape *shape, const void *data, bs_err *err);
bs_status bs_sets_fill_maps(const bs_sets_file *f, const char *path, bs_item_type type, size_t n,
                            const bs_archive_shape *shape, void *data, bs_err *err);

/* Reads all of a set, a chunk or a few at a time. Errors: BS_ERR_INPUT (damaged), BS_ERR_MEMORY. */
bs_status bs_sets_verify(const bs_sets_file *f, const char *path, bs_err *err);

bs_status bs_sets_cannot_write(const bs_sets_file *f, const char *path, bs_err *err); /* path NULL: the file */

#endif
