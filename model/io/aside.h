/* aside.h - files that are written under a temporary name ("<file>.part") and take their own when they are complete. */
#ifndef BS_MODEL_IO_ASIDE_H
#define BS_MODEL_IO_ASIDE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "kernels/base/status.h"
#include "model/io/journal.h"

/* Brings `part` to disk, gives it the name `file`, and brings the folder to disk. Errors: BS_ERR_IO; part is left. */
bs_status bs_aside_settle(const char *part, const char *file, bs_err *err);

/* A text file being written: print to `stream`; what fails there is reported at commit. Of several ranks (model/parallel/ranks.h) the first
 * alone writes it; in the others all calls succeed, and what is printed goes nowhere. Nothing here is collective but the journal: whoever
 * lets all ranks write a table asks bs_ranks_agree behind create and commit. */
typedef struct bs_text_file {
    FILE *stream;
    bool mute; /* another rank's: the stream leads nowhere */
    char *file, *part;
    bs_journal *journal; /* NULL: none */
    long noted;          /* up to where the journal has it */
} bs_text_file;

/* DIR/NAME. Errors: BS_ERR_IO (cannot be created), BS_ERR_MEMORY. */
bs_status bs_text_create(const char *dir, const char *name, bs_text_file **out, bs_err *err);
bs_status bs_text_commit(bs_text_file *text, bs_err *err); /* frees text in either case */
void bs_text_abandon(bs_text_file *text);                  /* removes the temporary file; frees; NULL is fine */

/* From now on what is printed also goes into the journal DIR/NAME.journal, whenever that is marked. keep > 0: first its first `keep`
 * bytes are printed. The first rank keeps it; both are collective, fail in all ranks if in one, and give all the length. Errors: as of the
 * journal (journal.h). */
bs_status bs_text_journal(bs_text_file *text, const char *dir, uint64_t keep, bs_err *err);
bs_status bs_text_journal_mark(bs_text_file *text, uint64_t *length, bs_err *err);

/* A comment line: "# " and words, control characters as blanks; and one field of a row, quoted where it must be. */
void bs_text_comment(bs_text_file *text, const char *format, ...) BS_PRINTF(2, 3);
void bs_text_field(bs_text_file *text, const char *field);

/* "," and a number of six digits; nothing behind the comma where it is not finite. */
void bs_text_number(bs_text_file *text, double value);

/* Makes the folder where it is not there; `what` it is of, for the message ("the report"). Errors: BS_ERR_IO. */
bs_status bs_folder_make(const char *dir, const char *what, bs_err *err);

#endif
