/* nc_file.h - what an open netCDF file is. Private to the netCDF layer (nc_*.c). */
#ifndef BS_MODEL_IO_NC_FILE_H
#define BS_MODEL_IO_NC_FILE_H

#include "model/io/journal.h"
#include "model/io/nc.h"

struct bs_nc {
    int id;              /* netCDF's; -1: closed already */
    bool defining;       /* of a file being written: no value was put yet */
    char *file;          /* the name it has, or takes at commit */
    char *part;          /* the name it is written under; NULL when open for reading */
    bs_journal *journal; /* gets what is put; NULL: none */
};

/* "file: variable 'name': what: netCDF's words", as status; `var` BS_NC_GLOBAL: no variable. A failed write also tells
 * when the disk has no space left. */
bs_status bs_nc_fail(const bs_nc *nc, bs_status status, int var, const char *what, int code, bs_err *err);

/* Adds what was put to the journal, where there is one. start, count as in bs_nc_write. */
bs_status bs_nc_note(bs_nc *nc, int var, bs_nc_type type, const size_t *start, const size_t *count, const void *values,
                     bs_err *err);

/* A copy of text with suffix appended; NULL when out of memory. Release with free. */
char *bs_nc_copy_text(const char *text, const char *suffix);

#endif
