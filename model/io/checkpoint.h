/* checkpoint.h - an archive (model/core/archive.h) in an HDF5 file.
 *
 * Every item is a data set of its own with Fletcher's checksum; the file's own structures carry HDF5's (file format of 1.10). A file is
 * written aside, brought to disk and renamed, so that what has its name was whole once; opening it reads all of it, so that one that
 * has been damaged since, or was cut, is refused before anything is restored from it.
 *
 * Collective, all of it but close, abandon and the two that only look: several ranks (model/parallel/ranks.h) make the same calls in the
 * same order, and fail together with one message. The file is the same whatever their number, and so is what any number of them restores
 * from it. */
#ifndef BS_MODEL_IO_CHECKPOINT_H
#define BS_MODEL_IO_CHECKPOINT_H

#include "model/core/archive.h"

typedef struct bs_checkpoint bs_checkpoint;

/* A new file. Errors: BS_ERR_IO, BS_ERR_MEMORY. */
bs_status bs_checkpoint_create(const char *file, bs_checkpoint **out, bs_err *err);
bs_status bs_checkpoint_commit(bs_checkpoint *c, bs_err *err); /* syncs, renames; frees c in either case */
void bs_checkpoint_abandon(bs_checkpoint *c);                  /* removes the temporary file; frees; NULL is fine */

/* One to restore from, read through once. Errors: BS_ERR_INPUT (not there, no checkpoint, damaged: names the item), BS_ERR_MEMORY. */
bs_status bs_checkpoint_open(const char *file, bs_checkpoint **out, bs_err *err);
void bs_checkpoint_close(bs_checkpoint *c); /* NULL is fine */

bs_archive *bs_checkpoint_archive(bs_checkpoint *c);
const char *bs_checkpoint_file(const bs_checkpoint *c);

/* Elements of an item; 0: it is not there. Collective. */
size_t bs_checkpoint_count(bs_checkpoint *c, const char *path);

#endif
