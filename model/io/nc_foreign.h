/* nc_foreign.h - files of other formats that people give where netCDF is expected, told by their first bytes: what they are and what makes
 * netCDF of them. Private to the netCDF layer. */
#ifndef BS_MODEL_IO_NC_FOREIGN_H
#define BS_MODEL_IO_NC_FOREIGN_H

#include "kernels/base/status.h"

/* BS_OK for what may be netCDF (classic or HDF5) or is unknown. Error: BS_ERR_INPUT. */
bs_status bs_nc_foreign_check(const char *file, bs_err *err);

#endif
