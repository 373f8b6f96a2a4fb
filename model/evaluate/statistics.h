/* statistics.h - observed and modelled values compared. Pure functions.
 * O observed, M modelled, n pairs, overbars means over the pairs; all ratios are fractions, not percent.
 *     MB   = mean(M - O)                    NMB = sum(M - O) / sum(O)      NME = sum|M - O| / sum(O)
 *     RMSE = sqrt(mean((M - O)^2))
 *     r    = sum((M - Mbar)(O - Obar)) / sqrt(sum((M - Mbar)^2) sum((O - Obar)^2))
 *     IOA  = 1 - sum((M - O)^2) / sum((|M - Obar| + |O - Obar|)^2)         Willmott 1981, Phys. Geogr. 2, 184-194
 *     FAC2 = share of pairs with 0.5 <= M / O <= 2
 *     MFB  = mean(2 (M - O) / (M + O))      MFE = mean(2 |M - O| / (M + O)), both within +-2
 *     ratio = Mbar / Obar;  NME_scaled = sum|M Obar / Mbar - O| / sum(O): the error that is left when the level is given away
 * What is not defined is NaN, and files and tables leave it empty: NMB, NME and ratio where sum(O) is not above 0; r and IOA with fewer
 * than three pairs or without variance. FAC2, MFB and MFE are over the n_positive pairs with O > 0 and M >= 0.
 *
 * Benchmarks (statistics.def), for 24-h means of total PM2.5:
 *     Emery et al. 2017, J. Air Waste Manage. Assoc. 67, 582-598: goal and criteria of NMB, NME, r (numbers recalled, not read again).
 *     Boylan & Russell 2006, Atmos. Environ. 40, 4946-4959: MFB within +-30 % (goal) and +-60 % (criteria), MFE within 50 % and 75 % (read in
 *     the abstract). Both are wider at small concentrations, limit + (2 - limit) exp(-x / scale), x = (Obar + Mbar) / 2: the curves
 *     second-hand, as US EPA's evaluation scripts draw them; above 5 ug m-3 they change nothing in the third digit. */
#ifndef BS_MODEL_EVALUATE_STATISTICS_H
#define BS_MODEL_EVALUATE_STATISTICS_H

#include <stdbool.h>

typedef struct bs_statistics {
    int n, n_positive;
#define BS_STATISTIC(member, unit, text) double member;
#include "model/evaluate/statistics.def"
} bs_statistics;

/* observed, modelled [n]: finite, ug m-3. */
bs_statistics bs_statistics_of(int n, const double *observed, const double *modelled);

/* The table of statistics, to walk over them. */
typedef struct bs_statistic_row {
    const char *name, *unit, *text;
} bs_statistic_row;
const bs_statistic_row *bs_statistic_rows(int *count);
double bs_statistic_value(const bs_statistics *s, int row);

enum { BS_MARK_PAIRS = 10 };

typedef enum bs_mark { BS_MARK_NONE, BS_MARK_GOAL, BS_MARK_CRITERIA, BS_MARK_MISSED } bs_mark;
const char *bs_mark_word(bs_mark mark); /* "", "goal", "criteria", "not met" */

typedef struct bs_benchmark {
    const char *source, *name; /* of the statistic */
    bool above;                /* the value must be above; else within */
    double goal, criteria, scale;
    int row; /* of the statistic */
} bs_benchmark;
const bs_benchmark *bs_benchmarks(int *count);

/* The limit at a mean concentration x, ug m-3. */
double bs_benchmark_limit(const bs_benchmark *b, double limit, double x);
bs_mark bs_benchmark_mark(const bs_benchmark *b,
                          const bs_statistics *s); /* BS_MARK_NONE where the statistic is not defined */

#endif
