/* nc_classic.h - whether the header of a file of the classic netCDF formats holds together, before netCDF-C is given it: of damaged ones the
 * library 4.9 reads beyond its memory, or asks for more than there is. And whether the data that it tells of are there: beyond the end of a file
 * that was cut the library reads zeros. Private to the netCDF layer.
 * Source  NetCDF classic format specification (Unidata, netCDF-C documentation, "File Format Specifications"): CDF-1, CDF-2, CDF-5. */
#ifndef BS_MODEL_IO_NC_CLASSIC_H
#define BS_MODEL_IO_NC_CLASSIC_H

#include "kernels/base/status.h"

/* BS_OK for what is no classic file, too. Errors: BS_ERR_INPUT: a damaged header (with its byte), a file cut short (with the variable). */
bs_status bs_nc_classic_check(const char *file, bs_err *err);

#endif
