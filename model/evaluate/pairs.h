/* pairs.h - observed and modelled values of the same place and time.
 * A daily observation meets the mean of the run's intervals within that natural day of UTC+8, weighted by their length, if they cover at least
 * BS_DAY_HOURS_LEAST hours of it (what GB 3095 asks of a daily mean). An hourly one meets the interval of that hour; of hourly pairs, daily
 * ones are made besides, over the hours that both have, where these are as many. An observation at 273.15 K and 1013.25 hPa is multiplied by
 * the factor of ambient.h: at its stamp, or the mean over the stamps of its day. */
#ifndef BS_MODEL_EVALUATE_PAIRS_H
#define BS_MODEL_EVALUATE_PAIRS_H

#include "model/evaluate/modelled.h"
#include "model/evaluate/observations.h"

typedef struct bs_pair {
    int site;
    bs_time end; /* UTC */
    int hours;   /* of the mean: 1 or 24 */
    int covered; /* hours behind the model's value */
    bs_air_state state;
    double raw;      /* ug m-3, as observed */
    double factor;   /* to ambient; 1 where it is ambient already */
    double observed; /* ug m-3 of ambient air */
    double modelled; /* ug m-3 of ambient air, primary PM2.5 */
} bs_pair;

typedef struct bs_pairs {
    int n, n_hourly; /* hourly ones come first; of daily observations there are none */
    bs_pair *pair;   /* [n] by site and time */
    int unplaced;    /* observations at sites that are not compared */
    int elsewhere;   /* outside the period of the run */
    int thin;        /* days of which the run covers too little */
    int zero;        /* pairs whose observation is 0 */
    int converted;
    double lowest, highest; /* factors of the converted */
} bs_pairs;

/* Errors: BS_ERR_INPUT (no pair: both periods are told; hourly observations and a run with longer intervals; no factor), BS_ERR_MEMORY. */
bs_status bs_pairs_make(const bs_observations *observations, const bs_modelled *modelled, bs_pairs *out, bs_err *err);
void bs_pairs_free(bs_pairs *pairs);

#endif
