/* weights.h - growing a bs_weights row by row. Private to grids/regrid. */
#ifndef BS_GRIDS_REGRID_WEIGHTS_H
#define BS_GRIDS_REGRID_WEIGHTS_H

#include "grids/regrid/regrid.h"

/* No rows yet; row_start[0] = 0. NULL when out of memory. */
bs_weights *bs_weights_create(size_t n_dst, size_t n_src);

/* Makes room for `more` entries beyond the `used` ones; capacity is the builder's own count. */
bs_status bs_weights_reserve(bs_weights *w, size_t *capacity, size_t used, size_t more, bs_err *err);

#endif
