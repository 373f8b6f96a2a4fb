/* nest_place.h - where our points lie on the other run's mesh. Private to model/run/nest*.c. */
#ifndef BS_MODEL_RUN_NEST_PLACE_H
#define BS_MODEL_RUN_NEST_PLACE_H

#include "model/run/case.h"
#include "model/run/nest_file.h"

typedef struct bs_nest_point {
    int i, j;    /* lower left of four cells of the other mesh */
    double x, y; /* share of the way to its neighbours */
} bs_nest_point;

/* Points of what this rank sees: all its cells, [ny][nx], or (ring) those at the sides of the domain, side after side; `file` then looks at
 * the part of it round them. The whole mesh, or its ring, must lie on the file's. *out [*n] is to be freed in any case. Errors:
 * BS_ERR_INPUT, the same in all ranks, with side and cell; BS_ERR_MEMORY. */
bs_status bs_nest_find_points(const bs_case *c, bs_nest_file *file, bool ring, bs_nest_point **out, size_t *n,
                              bs_err *err);

#endif
