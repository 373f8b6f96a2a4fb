/* stamp.h - when an observation is of, from what its row says.
 * Dates are 2015-01-13, 2015/1/13 or 20150113; clocks 8:00, 08:00:00; both in one cell or in two; an hour of the date from 0 to 24. Times are
 * of UTC+8 unless Z or an offset (+08:00) is written. A row without a clock is the mean of that natural day. Hourly stamps end their hour, as
 * those of China's monitoring network are taken to do (the value of 08:00 is published just after 08:00 as the mean of the hour before;
 * no text that says so of the archives was found), or begin it, if the caller says so. */
#ifndef BS_MODEL_EVALUATE_STAMP_H
#define BS_MODEL_EVALUATE_STAMP_H

#include <stdbool.h>

#include "kernels/base/status.h"
#include "model/core/clock.h"
#include "model/evaluate/sheet.h"

typedef struct bs_stamp {
    bs_time end; /* UTC, of the mean */
    int hours;   /* 1 or 24 */
} bs_stamp;

typedef struct bs_stamp_rule {
    bool begins; /* hourly stamps begin their hour */
    bool daily;  /* rows are means of natural days, whatever clock they have */
} bs_stamp_rule;

/* Errors: BS_ERR_INPUT that begins with the row's place (no date, no such day or hour, minutes, two cells that disagree, a day with a zone). */
bs_status bs_stamp_read(const bs_obs_row *row, bs_stamp_rule rule, bs_stamp *out, bs_err *err);

#endif
