/* journal.h - what was put into an output file since it was begun, kept so that the file can be made again after the run was cut.
 *
 * A netCDF-4 file that a killed program was writing cannot be trusted; bytes added to the end of a plain file can, up to a length that was
 * brought to disk. So while a run keeps checkpoints, every value that goes into an output is also added to the output's journal, and
 * a checkpoint notes the journals' lengths. After a cut the output is begun anew, as it was the first time, and the journal is put
 * into it up to that length: the same calls in the same order, so the same file.
 *
 * A journal is for one machine: records are in its byte order. Each carries a hash, so that a damaged one is found. */
#ifndef BS_MODEL_IO_JOURNAL_H
#define BS_MODEL_IO_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernels/base/status.h"

typedef struct bs_journal bs_journal;

/* keep 0: a new, empty journal. Else the one that is there, cut to its first `keep` bytes; *out then stands at its beginning for
 * bs_journal_next. Errors: BS_ERR_IO; BS_ERR_INPUT where it is shorter than keep. */
bs_status bs_journal_open(const char *file, uint64_t keep, bs_journal **out, bs_err *err);
/* That of the output `file`: DIR/<its name>.journal. */
bs_status bs_journal_open_of(const char *dir, const char *output, uint64_t keep, bs_journal **out, bs_err *err);
void bs_journal_close(bs_journal *j); /* NULL is fine */

/* Adds a record: a head of n_head and a body of n_body bytes. Errors: BS_ERR_IO. */
bs_status bs_journal_add(bs_journal *j, const void *head, size_t n_head, const void *body, size_t n_body, bs_err *err);

/* Brings what was added to disk; *length: bytes so far. Errors: BS_ERR_IO. */
bs_status bs_journal_mark(bs_journal *j, uint64_t *length, bs_err *err);

/* The next record of those kept, valid until the call after it; *body NULL: there are no more, and adding may begin. Errors: BS_ERR_INPUT
 * where a record is damaged, BS_ERR_MEMORY. */
bs_status bs_journal_next(bs_journal *j, const void **head, size_t *n_head, const void **body, size_t *n_body,
                          bs_err *err);

#endif
