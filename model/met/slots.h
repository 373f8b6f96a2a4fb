/* slots.h - the times at which files hold a source's fields: in order, none twice, none missing, and which two lie
 * around a moment. What providers that read files share. */
#ifndef BS_MODEL_MET_SLOTS_H
#define BS_MODEL_MET_SLOTS_H

#include <stddef.h>

#include "kernels/base/status.h"
#include "model/core/clock.h"

typedef struct bs_slot {
    bs_time time;
    int piece;    /* which file, or part of one */
    size_t index; /* along its time axis */
} bs_slot;

/* Slots and the words for messages about them. */
typedef struct bs_slots {
    int n;
    bs_slot *slot;    /* [n] */
    const char *what; /* "variable 'u'": begins each message */
    const void *source;
    const char *(*file)(const void *source, const bs_slot *slot); /* name of the file of a slot */
} bs_slots;

void bs_slots_sort(bs_slots *s); /* by time, then piece, then index */

/* Of sorted slots. Errors: BS_ERR_INPUT with the times and files: a time held twice; times that do not reach from start
 * to end; a step within [start, end] that is longer than the shortest (a February 29 left out is told by name). */
bs_status bs_slots_check_duplicates(const bs_slots *s, bs_err *err);
bs_status bs_slots_check_coverage(const bs_slots *s, bs_time start, bs_time end, bs_err *err);

/* The slot of that time, which meteorology.steady holds. Errors: BS_ERR_INPUT when there is none. */
bs_status bs_slots_find(const bs_slots *s, bs_time time, int *found, bs_err *err);

/* The two slots around t and the share of the second; both the same where t is one of the times or beyond them. */
void bs_slots_bracket(int n, const bs_slot *slot, bs_time t, int around[2], double *share);

#endif
