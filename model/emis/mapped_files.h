/* mapped_files.h - which files of a mapped inventory hold what, and a field out of one. Private to model/emis. */
#ifndef BS_MODEL_EMIS_MAPPED_FILES_H
#define BS_MODEL_EMIS_MAPPED_FILES_H

#include "model/emis/gridded.h"
#include "model/emis/mapping.h"

typedef struct bs_mapped_file {
    const char *path;
    bs_mapping_match is;
} bs_mapped_file;

typedef struct bs_mapped_files {
    const bs_emis_input *in;
    const bs_mapping *mapping;
    bs_mapped_file *file;
    int n, year; /* year: that of the files' names; 0: they tell none */
} bs_mapped_files;

/* The files of the case whose names fit the mapping and the year. in and mapping must outlive *out, which is to be
 * cleared in any case.
 * Errors: BS_ERR_INPUT when no name fits, one fits in two ways, or the files are of other years or of several. */
bs_status bs_mapped_files_find(const bs_emis_input *in, const bs_mapping *mapping, bs_mapped_files *out, bs_err *err);
void bs_mapped_files_clear(bs_mapped_files *files);

/* Files of one species and code of a sector: slot[0] of the whole year, slot[1..12] of its months, NULL where there is
 * none. Errors: BS_ERR_INPUT for two files of one slot, or months together with a whole year, or some months only. *n:
 * 0, 1 or 12. */
bs_status bs_mapped_files_of(const bs_mapped_files *files, int species, int sector, int code,
                             const bs_mapped_file *slot[13], int *n, bs_err *err);

/* An open field; nc NULL: of a text file. */
typedef struct bs_mapped_field {
    bs_nc *nc;
    bs_lonlat_field *field;
    bs_gridded_unit unit;
} bs_mapped_field;

/* Opens the field of a species, sector and code in a file; out->field stays NULL where the file lacks the variable and
 * the sector is optional. in->file must be the file's path. To be closed in any case. */
bs_status bs_mapped_field_open(const bs_emis_input *in, const bs_mapping *mapping, int species, int sector, int code,
                               bs_mapped_field *out, bs_err *err);
void bs_mapped_field_close(bs_mapped_field *field);

#endif
