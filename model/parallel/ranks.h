/* ranks.h - the processes of one run, each with a tile of the mesh (grids/tiles/tiles.h). With one rank, and in a build without MPI, all
 * of this is trivial: ranks_serial.c and ranks_mpi.c are the two implementations, chosen by CMake's BASHU_MPI; callers see no difference.
 *
 * "Collective": every rank calls it, in the same order; it returns when all have what it gives. Nothing here may be called by more than
 * one thread at a time, nor inside a parallel region but by its master.
 *
 * Errors. Where one rank can fail alone, all of them call bs_ranks_agree before they go on: then all fail with one message. A rank that
 * fails where the others do not ask ends the program of all (bs_ranks_leave). A rank that dies is noticed by the launcher, which ends the
 * rest; what was written by then is as after a cut of the run. */
#ifndef BS_MODEL_PARALLEL_RANKS_H
#define BS_MODEL_PARALLEL_RANKS_H

#include <stdbool.h>
#include <stddef.h>

#include "grids/tiles/tiles.h"
#include "kernels/base/status.h"
#include "model/core/sum.h"

/* Joins the others; before all else in main. Errors: BS_ERR_RUN. */
bs_status bs_ranks_start(int *argc, char ***argv, bs_err *err);

/* The end of the program with this exit status: returns it once all ranks have come here. Where the status is a failure and others do not
 * come (bs_ranks_all_here), they are ended; `tell` then prints this rank's message, which is not theirs (NULL: it has been printed). */
int bs_ranks_leave(int exit_status, void (*tell)(const void *of), const void *of);

/* The same without MPI's own end, which completes files that are still open: of one that could not be written it would wait for ever. */
int bs_ranks_break(int exit_status, void (*tell)(const void *of), const void *of);

/* Whether all ranks come here, too: for one that failed, and may have failed alone. It waits for a few seconds; where the last agreement
 * (bs_ranks_agree) was on a failure, so that all are on their way, for minutes, as some may have to clear up. Who has waited in vain once
 * does not wait again. */
bool bs_ranks_all_here(void);

int bs_ranks_count(void); /* 1 .. */
int bs_ranks_self(void);  /* 0 .. count - 1 */
static inline bool bs_ranks_first(void)
{
    return bs_ranks_self() == 0;
}

/* ---- collective ---- */

/* BS_OK where all say so; else the status and message of the lowest rank that failed, in all. */
bs_status bs_ranks_agree(bs_status status, bs_err *err);

void bs_ranks_wait(void); /* until all are here */

/* Sums, exact and the same in all. */
void bs_ranks_sum(int n, bs_sum *sum);
void bs_ranks_count_all(int n, long *count); /* sums of counts */
void bs_ranks_max(int n, double *value);
void bs_ranks_min(int n, double *value);
void bs_ranks_or(int n, unsigned char *flag); /* bitwise */

/* All get the record of the rank with the largest key; of equal keys that with the smaller `order`. size bytes without pointers. */
void bs_ranks_best(double key, long long order, void *record, size_t size);

/* All get what `from` has. */
void bs_ranks_share(int from, void *bytes, size_t size);

/* All get what each has, size bytes of each rank one after the other: all [count][size]. */
void bs_ranks_collect(const void *mine, size_t size, void *all);

/* A map by tiles and as a whole, values of `size` bytes (shapes of bs_map_at). Each rank gives what is its own (bs_tile_gives); rank 0 gets
 * the whole map; `whole` is not looked at in the others. local: rows of row_local values (0: as many as the place has). */
typedef struct bs_map_shape {
    const bs_tiling *tiling;
    bs_map_at place;
    size_t size;      /* bytes of a value: 4 or 8 */
    size_t row_local; /* values from row to row of local; 0: nx (+ 1) of the tile */
} bs_map_shape;
void bs_ranks_gather(const bs_map_shape *shape, const void *local, void *whole);
/* The way back: each gets all that its tile sees, overlap included. */
void bs_ranks_scatter(const bs_map_shape *shape, const void *whole, void *local);

/* ---- messages between two ranks, for halo.c ---- */

typedef struct bs_mail bs_mail; /* one message on its way */
void bs_mail_send(int to, int tag, const void *bytes, size_t size, bs_mail **out);
void bs_mail_receive(int from, int tag, void *bytes, size_t size, bs_mail **out);
void bs_mail_wait(int n, bs_mail **mail); /* all of them; entries become NULL; NULL entries are fine */
void bs_mail_push(int n, bs_mail **mail); /* lets messages move on, without waiting */

#endif
