/* judge.h - the days of a run against the standards.
 * Without an observed base the modelled concentration is judged: that of primary PM2.5 alone, a lower bound of what is in the air.
 * With one, a day of the base run has the observed concentration o, and a day of a member the observed one times the modelled change
 * r = member / base of primary PM2.5 in that city on that day:
 *     scales   o r                  the secondary part is taken to change as the primary part does
 *     fixed    o ((1 - s) r + s)    a share s of the observed concentration is secondary and stays
 * Days without an observation are not judged. A city without any is judged by its primary PM2.5, and says so. */
#ifndef BS_MODEL_REPORT_JUDGE_H
#define BS_MODEL_REPORT_JUDGE_H

#include <stdbool.h>

#include "model/diag/standards.h"
#include "model/report/observed.h"
#include "model/report/series.h"

typedef enum bs_secondary { BS_SECONDARY_SCALES, BS_SECONDARY_FIXED } bs_secondary;

typedef struct bs_rules {
    const bs_standard *standard;
    bs_secondary secondary;
    double share; /* of the observed PM2.5 that is secondary; with BS_SECONDARY_FIXED */
} bs_rules;

/* How a mean stands to a limit: a lower bound that is not above it says nothing. */
typedef enum bs_standing { BS_STANDING_NONE, BS_STANDING_OPEN, BS_STANDING_MET, BS_STANDING_ABOVE } bs_standing;

typedef struct bs_verdict_day {
    bool judged;
    double pm25;     /* ug m-3, what is judged; NaN: not judged */
    double modelled; /* ug m-3 of primary PM2.5 */
    int rounded, index;
    bs_air_class air;
    bs_alert alert;
    bool over; /* the 24-h limit */
} bs_verdict_day;

typedef struct bs_verdict {
    bool observed;  /* stands on an observed base */
    int days;       /* judged */
    double mean;    /* ug m-3 over the judged days */
    double highest; /* ug m-3 */
    long highest_day;
    int highest_index;
    int of_class[BS_AIR_COUNT]; /* days */
    int good, heavy, over;      /* days */
    bs_alert alert;             /* the highest level met, */
    long alert_first;           /* the first day at it */
    int alert_days;             /* and how many are at it */
    bs_verdict_day *day;        /* [n_days] */
} bs_verdict;

typedef struct bs_verdicts {
    bs_verdict *city; /* [n_cities] */
    bs_verdict_day *day;
} bs_verdicts;

/* What a day of a member has when the base has `observed`; base > 0. */
double bs_scaled(const bs_rules *rules, double observed, double base, double member);

/* Of the verdict's mean to a limit; NaN: BS_STANDING_NONE. And its word: "", "open", "met", "above". */
bs_standing bs_standing_of(const bs_verdict *v, double limit);
const char *bs_standing_word(bs_standing standing);

/* Judges `member` (may be `base`); both have the same cities and days. observed NULL: none. Errors: BS_ERR_MEMORY, BS_ERR_INPUT (the
 * modelled base is so small that it has no change to speak of). */
bs_status bs_judge(const bs_rules *rules, const bs_series *base, const bs_series *member, const bs_observed *observed,
                   bs_verdicts *out, bs_err *err);
void bs_verdicts_free(bs_verdicts *verdicts);

#endif
