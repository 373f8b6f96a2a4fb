/* time_axis.h - the year of an inventory's time axis. Private to model/emis. */
#ifndef BS_MODEL_EMIS_TIME_AXIS_H
#define BS_MODEL_EMIS_TIME_AXIS_H

#include "model/io/nc.h"
#include "model/units/units.h"

/* A coordinate variable of 1 or 12 times: "days since 2015-01-01" and the like, or the numbers 1 to 12 of the months. The
 * middle of its bounds decides where it has them (a mean is often stamped at its end). *year: 0 for mere numbers.
 * Errors: BS_ERR_INPUT for a calendar that is not the standard one, or 12 times that are not January to December of one year. */
bs_status bs_time_axis_year(const bs_nc *nc, const bs_nc_var *time, bs_units *units, int *year, bs_err *err);

#endif
