/* keeping.h - checkpoints of a run: when they are written, which is restored, and whether it fits.
 *
 *   DIR/checkpoint/checkpoint_<time>.h5   all that the run needs to go on from that time (model/io/checkpoint.h); the last two
 *   DIR/checkpoint/<output>.journal       what went into an output so far (model/io/journal.h); each member has these in its own folder
 *
 * A file that has its name was whole when it got it, and is read through before anything is restored from it; if the newest has been
 * damaged since, the one before it serves, and the log says so. A checkpoint belongs to a configuration, to the contents of the input
 * files and to a build of the program; what has changed since is named and refused, unless the caller allows it.
 * The folder goes when the run is complete.
 *
 * Several ranks (model/parallel/ranks.h): the first looks at the folder and at the clock, and makes, prunes and removes; the others hear
 * what it found. Functions that end in an error are collective, and fail in all ranks. */
#ifndef BS_MODEL_RUN_KEEPING_H
#define BS_MODEL_RUN_KEEPING_H

#include "model/core/archive.h"
#include "model/run/case.h"
#include "model/run/inputs.h"

enum { BS_KEEPING_PATH = 4096 };

/* What a checkpoint belongs to. Not owned. */
typedef struct bs_keeping_of {
    const bs_config *config;
    const bs_inputs *inputs;
    const char *version;
    const char *plan; /* hashes of the scenarios that the members follow; "" */
} bs_keeping_of;

typedef struct bs_keeping {
    bool on;
    bs_time interval; /* simulated s between two; 0: not by simulated time */
    double wall;      /* s between two; 0: not by the clock */
    bs_time last;     /* of the last one, or of the start */
    double last_wall;
    char dir[BS_KEEPING_PATH]; /* of the first member */
    bs_log *log;
} bs_keeping;

/* From the case: checkpoint.*. `start`: where the run begins. dir: of the first member. Errors: BS_ERR_INPUT (the interval is no whole
 * number of hours). */
bs_status bs_keeping_create(const bs_case *c, const char *dir, bs_keeping *out, bs_err *err);

/* The folder of journals of a member: "DIR/checkpoint" into path; there when it returns. Errors: BS_ERR_IO. */
bs_status bs_keeping_folder(const char *dir, char path[BS_KEEPING_PATH], bs_err *err);

/* Whether one is to be written at t, by this rank's clock. */
bool bs_keeping_due(const bs_keeping *k, bs_time t);

/* One function of the run that names all of it. */
typedef bs_status (*bs_keeping_all)(void *run, bs_archive *a, bs_err *err);

/* Writes that of time t and removes all but the last two. Errors: BS_ERR_IO; the ones before are left whole. */
bs_status bs_keeping_write(bs_keeping *k, const bs_keeping_of *of, bs_time t, bs_keeping_all all, void *run,
                           bs_err *err);

/* Restores the newest whole one. allow: what it belongs to may have changed; the log then tells what. Errors: BS_ERR_INPUT: none is
 * whole (each named, with what is wrong), or something has changed (named); those of `all`. */
bs_status bs_keeping_restore(bs_keeping *k, const bs_keeping_of *of, bool allow, bs_keeping_all all, void *run,
                             bs_err *err);

/* Whether the folder of a run has one (whole or not), as this rank sees it. */
bool bs_keeping_there(const char *dir);

/* By the first rank alone: removes DIR/checkpoint with all that runs put there. only_empty: not if it holds a checkpoint. */
void bs_keeping_clear(const char *dir, bool only_empty);

#endif
