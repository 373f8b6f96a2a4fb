/* nc_file.h - what an open netCDF file is. Private to the netCDF layer (nc_*.c). */
#ifndef BS_MODEL_IO_NC_FILE_H
#define BS_MODEL_IO_NC_FILE_H

#include "model/io/journal.h"
#include "model/io/nc.h"

typedef struct bs_nc_direct bs_nc_direct;
typedef struct bs_nc_led bs_nc_led;

struct bs_nc {
    int id;               /* netCDF's; -1: closed already, or mute */
    bool defining;        /* of a file being written: no value was put yet */
    bool shared;          /* by several ranks (nc_parallel.c) */
    bool mute;            /* the first rank's, and this is another: nothing is done here but with what has parts */
    int n_dims, n_vars;   /* of a mute one: how many the first rank has defined */
    char *file;           /* the name it has, or takes at commit */
    char *part;           /* the name it is written under; NULL when open for reading */
    bool kept;            /* in a journal, which the first rank has */
    bs_journal *journal;  /* gets what is put; NULL: none */
    bs_status failed;     /* of several ranks, this one: what bs_nc_check will tell */
    char *trouble;        /* its words; NULL: no memory for them */
    bs_nc_led *led;       /* what ranks have of a file that the first writes (nc_led.c); NULL: nothing, or one rank */
    bs_nc_direct *direct; /* chunks that we compress ourselves; NULL: none */
    double reserved;      /* bytes of a shared file that the disk has blocks for; the first rank knows */
    bool stopped;         /* the disk is full: no rank touches the file any more */
};

/* What is put: the head of a journal's record; its size is a multiple of eight, so that the values behind it lie well. */
typedef struct bs_nc_put {
    int32_t var, type, n_dims, whole; /* whole: no start, count */
    uint64_t start[BS_NC_MAX_DIMS], count[BS_NC_MAX_DIMS];
} bs_nc_put;

/* "file: variable 'name': what: netCDF's words", as status; `var` BS_NC_GLOBAL: no variable. A failed write also tells
 * when the disk has no space left. */
bs_status bs_nc_fail(const bs_nc *nc, bs_status status, int var, const char *what, int code, bs_err *err);

/* The same status where this is the only rank. Of several, one that failed remembers it for bs_nc_check and goes on as if nothing were, so
 * that all keep making the same calls. */
bs_status bs_nc_later(bs_nc *nc, bs_status status, const bs_err *own, bs_err *err);

/* Whether a writing call has nothing to do: of another rank's file, or of one that is broken and that nobody else waits for. */
bool bs_nc_is_idle(const bs_nc *nc);

/* What netCDF's code means for a call: BS_OK, or bs_nc_fail by way of bs_nc_later. */
bs_status bs_nc_outcome(bs_nc *nc, int code, int var, const char *what, bs_err *err);

/* Adds what was put to the journal, where there is one: as the first rank put it, or each rank's part, which it is sent. start, count as in
 * bs_nc_write. */
bs_status bs_nc_note(bs_nc *nc, int var, bs_nc_type type, const size_t *start, const size_t *count, const void *values,
                     bs_err *err);
bs_status bs_nc_note_parts(bs_nc *nc, int var, bs_nc_type type, const size_t *start, const size_t *count,
                           const void *values, bs_err *err);

/* A put into the file alone. given: by this rank; else it takes part with nothing. Returns netCDF's code. */
int bs_nc_put_values(bs_nc *nc, int var, bs_nc_type type, const size_t *start, const size_t *count, const void *values,
                     bool given);

/* ---- chunks compressed by us (nc_direct.c) ---- */

/* Of a compressed variable that has been defined with these chunks: whether its maps go this way is found out here. */
void bs_nc_direct_define(bs_nc *nc, int var, const bs_nc_def *def, const size_t *chunk);
/* n maps, values [n][map], compressed side by side. true: they have been put, with netCDF's *code, which is var[*failed]'s where it is an error.
 * false: netCDF must do it; parts of chunks, values of another type. */
bool bs_nc_direct_put(bs_nc *nc, int n, const int *var, bs_nc_type type, const size_t *start, const size_t *count,
                      const void *values, int *failed, int *code);
void bs_nc_direct_close(bs_nc *nc); /* before netCDF closes the file */

/* The same in steps. Whether n maps of this slab would go this way, and each is one chunk; to pack such a map, values [shape[0]][shape[1]] of
 * `size` bytes each (several threads may at once); to put what was packed, with netCDF's code. */
typedef struct bs_nc_packed {
    unsigned char *bytes; /* release with free; NULL: no memory */
    size_t size;
} bs_nc_packed;
bool bs_nc_direct_is_chunk(bs_nc *nc, int n, const int *var, bs_nc_type type, const size_t *start, const size_t *count);
bs_nc_packed bs_nc_direct_pack(const size_t shape[2], size_t size, const void *values);
int bs_nc_direct_put_chunk(bs_nc *nc, int var, const size_t *start, const size_t *count, const bs_nc_packed *packed);

/* ---- files that the first of several ranks writes for all (nc_led.c) ---- */

bs_nc_led *bs_nc_led_make(size_t ny, size_t nx);            /* of maps of this shape; NULL: no memory */
void bs_nc_led_release(bs_nc_led *led);                     /* NULL is fine */
bool bs_nc_led_define(bs_nc_led *led, int var, int n_dims); /* in all ranks; false: no memory */
/* n maps of variables of the same shape, of which each rank puts its own part (bs_nc_write_part); values [n][part]. Collective. The first
 * rank has ended definitions. Failures are remembered (bs_nc_later), and after one nothing is done. */
void bs_nc_led_put(bs_nc *nc, int n, const int *var, bs_nc_type type, const size_t *start, const size_t *count,
                   const void *values);

/* ---- files of several ranks (nc_parallel.c); none in a build without MPI ---- */

int bs_nc_shared_create(const char *file, int *id); /* netCDF's code; collective */
int bs_nc_shared_access(int id, int var);           /* puts into this variable are collective */

/* Whether a shared file may be written to: the disk keeps room for what each rank is about to add. Else it is stopped, which is remembered as
 * a failure. Collective; of one rank always true. */
bool bs_nc_has_room(bs_nc *nc, double bytes, bs_err *err);
/* Of what has no unlimited dimension, and is laid out when definitions end; for the first rank to add. Collective of a shared file. */
double bs_nc_fixed_bytes(const bs_nc *nc);
/* Blocks beyond the end of a shared file that all have closed. */
void bs_nc_give_room_back(const bs_nc *nc);
double bs_nc_put_bytes(const bs_nc *nc, int var, bs_nc_type type,
                       const size_t *count); /* of a put; count as in bs_nc_write */

/* A copy of text with suffix appended; NULL when out of memory. Release with free. */
char *bs_nc_copy_text(const char *text, const char *suffix);

#endif
