/* weather.h - what a run tells of its weather: which rule gave each field, and what mass consistency took off the winds. */
#ifndef BS_MODEL_RUN_WEATHER_H
#define BS_MODEL_RUN_WEATHER_H

#include "model/core/log.h"
#include "model/io/output.h"
#include "model/met/met.h"

/* Lines of the report from number `told` on, each as "weather   ...". Returns how many have been told: more may come while the run reads on. */
int bs_weather_rules(bs_log *log, const bs_met_report *report, int told);

/* At the end: the correction wind, and a warning where it is too large. */
void bs_weather_correction(bs_log *log, const bs_met_report *report);

/* What a summary points to; must outlive it. */
typedef struct bs_weather_notes {
    char worst[BS_TIME_TEXT_MAX];
    bs_summary_band band[BS_CORRECTION_BANDS];
} bs_weather_notes;

/* Fills the members of a summary that tell of the correction; `report` must outlive it, too. */
void bs_weather_summary(const bs_met_report *report, bs_weather_notes *notes, bs_summary *summary);

#endif
