/* nc.h - a thin checked layer over netCDF-C: every call that fails returns a message with file, variable and netCDF's own
 * words. The only header through which the program meets netCDF.
 *
 * Reading: values arrive as double, unpacked (scale_factor, add_offset), with missing values (_FillValue, missing_value,
 * NaN, outside valid_range) as NaN. Writing: a file is made under a temporary name beside its final one and appears
 * under the final name at bs_nc_commit, complete and synced; bs_nc_abandon removes it. */
#ifndef BS_MODEL_IO_NC_H
#define BS_MODEL_IO_NC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernels/base/real.h"
#include "kernels/base/status.h"

typedef struct bs_nc bs_nc; /* an open file */

enum { BS_NC_MAX_DIMS = 6, BS_NC_NAME_MAX = 257 }; /* names with their NUL */

/* ---- reading ---- */

/* Errors: BS_ERR_INPUT (no such file, not netCDF, truncated). */
bs_status bs_nc_open(const char *file, bs_nc **out, bs_err *err);
void bs_nc_close(bs_nc *nc); /* of a file open for reading; NULL is fine */
const char *bs_nc_file(const bs_nc *nc);

typedef struct bs_nc_var {
    int id;
    char name[BS_NC_NAME_MAX];
    int n_dims;
    char dim[BS_NC_MAX_DIMS][BS_NC_NAME_MAX];
    size_t length[BS_NC_MAX_DIMS];
    size_t size; /* product of lengths */
    bool is_number;
} bs_nc_var;

bool bs_nc_has_var(const bs_nc *nc, const char *name);
/* A missing variable: BS_ERR_INPUT, the message lists the variables there are. */
bs_status bs_nc_find(const bs_nc *nc, const char *name, bs_nc_var *out, bs_err *err);
/* Adds to a message about a variable that is missing that the file has groups, in which none is looked for; nothing where
 * it has none. */
void bs_nc_tell_groups(const bs_nc *nc, bs_err *err);
int bs_nc_var_count(const bs_nc *nc);
bs_status bs_nc_var_at(const bs_nc *nc, int index, bs_nc_var *out, bs_err *err);

/* Text attribute of a variable (NULL: global) into text[size]; false and text "" when absent or no text. */
bool bs_nc_text(const bs_nc *nc, const bs_nc_var *var, const char *attribute, char *text, size_t size);
bool bs_nc_number(const bs_nc *nc, const bs_nc_var *var, const char *attribute, double *value);

/* Whether an axis of time counts in the calendar that clock.h knows. Error: BS_ERR_INPUT for another one (attribute calendar). */
bs_status bs_nc_check_calendar(const bs_nc *nc, const bs_nc_var *time, bs_err *err);

/* Whole variable, or the hyperslab start[], count[] (n_dims entries each; NULL, NULL: all), as double. */
bs_status bs_nc_read(const bs_nc *nc, const bs_nc_var *var, const size_t *start, const size_t *count, double *values,
                     bs_err *err);
/* Row `row` of a variable of characters, [rows][length], into text[size], without trailing blanks. Errors: no such
 * variable of that shape, a row that does not fit. */
bs_status bs_nc_read_text(const bs_nc *nc, const bs_nc_var *var, size_t row, char *text, size_t size, bs_err *err);
/* A hint: the chunks that hold this hyperslab are wanted again for others beside it, and stay unpacked in memory, most bytes at most, until
 * the file is closed. Without effect where the variable has no chunks or they take more. */
void bs_nc_keep_chunks(const bs_nc *nc, const bs_nc_var *var, const size_t *start, const size_t *count, size_t most);
/* Bits as stored, for files of our own: the variable must be of that type. */
bs_status bs_nc_read_float(const bs_nc *nc, const bs_nc_var *var, const size_t *start, const size_t *count,
                           float *values, bs_err *err);

/* ---- writing ---- */

typedef enum bs_nc_type { BS_NC_FLOAT, BS_NC_DOUBLE, BS_NC_INT, BS_NC_STRING } bs_nc_type;
#if BS_DOUBLE
#define BS_NC_REAL BS_NC_DOUBLE
#else
#define BS_NC_REAL BS_NC_FLOAT
#endif

/* Where there are several ranks (model/parallel/ranks.h) all writing calls are collective: they make the same ones in the same order.
 * bs_nc_write and its like take what the first rank gives, bs_nc_write_part what each gives of its own. Who writes is settled at creation:
 *
 *   bs_nc_create         the first rank, with what it gives; there are no parts
 *   bs_nc_create_shared  all, through parallel HDF5; it holds no strings
 *   bs_nc_create_maps    of maps [..., ny, nx]. Where such a map is a single chunk (ny nx up to BS_NC_ONE_CHUNK; below, chunk_rank) the first
 *                        rank: the maps of a put are dealt out, each rank brings together and compresses its share, and the first
 *                        has the file open and writes what it is sent (nc_led.c). In a collective put all others would wait for the one rank
 *                        that has the chunk. Larger maps, which have a chunk for each of several ranks and would be too much for
 *                        one's memory and disk, are those of a shared file.
 *
 * To create and to commit fail in all ranks if in one. What fails in between is remembered, and told in all of them by the next
 * bs_nc_check, _sync, _journal, _journal_mark or _commit: no message is sent for every put. With one rank each call tells its own failure. */
enum { BS_NC_ONE_CHUNK = 256 * 256 };
bs_status bs_nc_create(const char *file, bs_nc **out, bs_err *err);
bs_status bs_nc_create_shared(const char *file, bs_nc **out, bs_err *err);
bs_status bs_nc_create_maps(const char *file, size_t ny, size_t nx, bs_nc **out, bs_err *err);
bs_status
bs_nc_check(bs_nc *nc,
            bs_err *err); /* whether all ranks' calls were good so far; with one rank nothing is left to tell */
bs_status bs_nc_commit(bs_nc *nc, bs_err *err); /* ends definition, syncs, renames; frees nc in either case */
void bs_nc_abandon(bs_nc *nc);                  /* removes the temporary file; frees; NULL is fine */

/* length 0: unlimited. Returns ids. Definitions must come before the first put. */
bs_status bs_nc_def_dim(bs_nc *nc, const char *name, size_t length, int *id, bs_err *err);

typedef struct bs_nc_def {
    const char *name;
    bs_nc_type type;
    int n_dims;
    int dim[BS_NC_MAX_DIMS];
    bool compress; /* shuffle + deflate 1; ignored for scalars and strings */
    size_t
        chunk_rank; /* trailing dimensions that make up a chunk, split into pieces of up to 256 where the two longest are above 256 x 256
                          together, so that several ranks have something to compress; 0: netCDF's own choice */
    const char *units, *standard_name, *long_name, *coordinates, *grid_mapping, *cell_methods,
        *comment; /* NULL: none */
    bool fill;    /* write _FillValue (9.97e36) */
} bs_nc_def;
bs_status bs_nc_def_var(bs_nc *nc, const bs_nc_def *def, int *id, bs_err *err);

enum { BS_NC_GLOBAL = -1 };
bs_status bs_nc_put_text(bs_nc *nc, int var, const char *name, const char *text, bs_err *err);
bs_status bs_nc_put_number(bs_nc *nc, int var, const char *name, int n, const double *values, bs_err *err);
bs_status bs_nc_put_integer(bs_nc *nc, int var, const char *name, long value, bs_err *err);

/* Hyperslab of doubles or floats into a variable of either type; start, count as in netCDF, NULL, NULL: all. */
bs_status bs_nc_write(bs_nc *nc, int var, const size_t *start, const size_t *count, const double *values, bs_err *err);
bs_status bs_nc_write_float(bs_nc *nc, int var, const size_t *start, const size_t *count, const float *values,
                            bs_err *err);
/* Of a file of several ranks (_shared, _maps), this rank's own hyperslab, which no other rank's meets; a count of 0: it has none. start,
 * count are not NULL but with one rank. Values as in bs_nc_write. */
bs_status bs_nc_write_part(bs_nc *nc, int var, const size_t *start, const size_t *count, const double *values,
                           bs_err *err);
bs_status bs_nc_write_part_float(bs_nc *nc, int var, const size_t *start, const size_t *count, const float *values,
                                 bs_err *err);
/* n maps of variables of the same shape, values [n][map]: as n calls of the above, but compressed side by side. start, count not NULL. */
bs_status bs_nc_write_part_floats(bs_nc *nc, int n, const int *var, const size_t *start, const size_t *count,
                                  const float *values, bs_err *err);
bs_status bs_nc_write_strings(bs_nc *nc, int var, size_t n, const char *const *values, bs_err *err);
bs_status bs_nc_sync(bs_nc *nc, bs_err *err);

/* From now on what is put (numbers) also goes into the journal DIR/<name of the file>.journal (journal.h). keep > 0: first its first
 * `keep` bytes are put into the file. Errors: as of the journal and of bs_nc_write. Of several ranks the first keeps it, parts of the others
 * included, each as it was put: it serves any number of ranks. */
bs_status bs_nc_journal(bs_nc *nc, const char *dir, uint64_t keep, bs_err *err);
bs_status bs_nc_journal_mark(bs_nc *nc, uint64_t *length, bs_err *err); /* as bs_journal_mark; the same in all ranks */

/* Keeps `bits` mantissa bits of each float, rounding half to even (Kouznetsov 2021, Geosci. Model Dev. 14, 377-389):
 * 12 bits: relative error 1.2e-4. bits 23: as it was. */
void bs_round_bits(size_t n, float *values, int bits);

#endif
