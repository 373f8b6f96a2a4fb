/* time_axis.h - the year of an inventory's time axis, and where that year lies on a longer one. Private to
 * model/emis. */
#ifndef BS_MODEL_EMIS_TIME_AXIS_H
#define BS_MODEL_EMIS_TIME_AXIS_H

#include "model/io/nc.h"
#include "model/units/units.h"

/* The times of one year on an axis. */
typedef struct bs_time_span {
    size_t first;  /* index of its first time */
    int n;         /* 1 (a year) or 12 (its months) */
    int year;      /* 0: the axis holds mere numbers */
    bool leapless; /* a calendar without leap days */
} bs_time_span;

/* A coordinate variable such as "days since 2015-01-01", or the numbers 1 to 12 of the months. The middle of its bounds
 * decides where it has them (a mean is often stamped at its end). An axis of 1 or 12 times is taken whole; of a longer
 * or other one those of `wanted` (0: none, which is an error), one or twelve of them. A calendar without leap days
 * (365_day, noleap: CEDS) tells months as well as the standard one.
 * Errors: BS_ERR_INPUT for another calendar, for twelve times that are not January to December of one year in order,
 * and for an axis on which the year is not there. */
bs_status bs_time_axis_span(const bs_nc *nc, const bs_nc_var *time, int wanted, bs_units *units, bs_time_span *out,
                            bs_err *err);

#endif
