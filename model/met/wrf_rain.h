/* wrf_rain.h - rain rates from WRF's accumulated rain RAINC + RAINNC + RAINSH + BUCKET_MM (I_RAINC + I_RAINNC), mm.
 *
 * The rate of an interval between two times of the files is the difference over its length. At a time within an
 * interval: its rate; at a time of the files: the mean of the rates of the interval that ends and the one that begins
 * there, and at the first and the last time that of the one interval. With states at or between the files' times,
 * joined by straight lines, the rain of a whole series is kept.
 *
 * The accumulation may begin anew: at the start of another simulation (SIMULATION_START_DATE of the files differs) or
 * at a restart that forgot it (the amount falls somewhere by more than BS_WRF_RAIN_DROP). Then the amount since is the
 * new value, over the interval, or over the time since the start of that simulation where this is earlier than the
 * interval's. Each reset is logged. */
#ifndef BS_MODEL_MET_WRF_RAIN_H
#define BS_MODEL_MET_WRF_RAIN_H

#include "model/met/wrf.h"

/* mm: falls of less are noise of packed files, whose step this exceeds up to 6 m of rain in 16 bits. */
#define BS_WRF_RAIN_DROP 0.1

typedef struct bs_wrf_rain bs_wrf_rain;

bool bs_wrf_has_rain(const bs_wrf_source *s); /* rain and two times to take a difference between */

/* Source and log must outlive it. whole: cells that are looked at for where the accumulation begins anew; w, within it: those whose rates
 * are asked for. */
bs_status bs_wrf_rain_create(const bs_wrf_source *s, bs_wrf_window whole, bs_wrf_window w, bs_log *log,
                             bs_wrf_rain **out, bs_err *err);
void bs_wrf_rain_destroy(bs_wrf_rain *rain);

/* Rate at time t, kg m-2 s-1 [ny][nx] of w; t within the files' times. */
bs_status bs_wrf_rain_at(bs_wrf_rain *rain, bs_time t, double *rate, bs_err *err);

#endif
