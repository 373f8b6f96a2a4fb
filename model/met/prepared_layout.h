/* prepared_layout.h - what a file of prepared meteorology holds: one row per array. Private to prepared*.c. */
#ifndef BS_MODEL_MET_PREPARED_LAYOUT_H
#define BS_MODEL_MET_PREPARED_LAYOUT_H

#include <stddef.h>

#include "model/io/nc.h"
#include "model/met/met_private.h"

/* Dimensions of the file. */
typedef enum bs_prepared_dim {
    BS_PD_TIME,
    BS_PD_INTERVAL,
    BS_PD_END,
    BS_PD_CLASS,
    BS_PD_LEVEL,
    BS_PD_HALF,
    BS_PD_Y,
    BS_PD_X,
    BS_PD_Y_FACE,
    BS_PD_X_FACE,
    BS_PD_COUNT
} bs_prepared_dim;

const char *bs_prepared_dim_name(bs_prepared_dim dim);

/* Their lengths for a run, into length[BS_PD_COUNT]: those of the whole mesh. */
void bs_prepared_lengths(const bs_met_context *context, const bs_tracers *tracers, const bs_met_times *times,
                         size_t *length);

/* An array of bs_met_state; in the file it has the dimension time before its own. */
typedef struct bs_prepared_array {
    const char *name, *units, *long_name;
    size_t member; /* offset of the pointer in bs_met_state */
    bool is_double;
    int n_dims; /* of one state */
    bs_prepared_dim dim[4];
} bs_prepared_array;

const bs_prepared_array *bs_prepared_arrays(int *count);

/* Where the values of a map with these last two dimensions lie. */
bs_map_at bs_prepared_place(bs_prepared_dim y, bs_prepared_dim x);

/* The array of a state. */
void *bs_prepared_member(const bs_prepared_array *array, const bs_met_state *state);

/* The two of a corrector: name by direction (0: x, 1: y), dimensions interval, end, y, x. */
const char *bs_prepared_correction_name(int direction);

#endif
