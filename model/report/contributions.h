/* contributions.h - who contributes: the parts of a city's primary PM2.5, mean over the output period of the run.
 * From DIR/source_receptor_period.csv (adcode,name,name_en,variable,source,label,contribution,percent; a row "total" for each city) and
 * DIR/shares.csv (..., local_percent, other_basin_percent, outside_basin_percent, unresolved_percent; empty: not defined) where the run
 * has them; else from the tags in DIR/cities_period.csv (columns primary_pm25_<tag>_mean); a run without either tells none. */
#ifndef BS_MODEL_REPORT_CONTRIBUTIONS_H
#define BS_MODEL_REPORT_CONTRIBUTIONS_H

#include "kernels/base/status.h"
#include "model/report/series.h"

enum { BS_SOURCE_NAME_MAX = 192 };

typedef enum bs_share {
    BS_SHARE_LOCAL,         /* sources of the city alone */
    BS_SHARE_OTHER_BASIN,   /* of other cities of the basin */
    BS_SHARE_OUTSIDE_BASIN, /* from outside, the sides and the start with it */
    BS_SHARE_UNRESOLVED,    /* tags that hold this city among others, untagged matter */
    BS_SHARE_COUNT
} bs_share;

typedef struct bs_contributions {
    int n;                             /* sources; 0: the run tells none */
    char (*name)[BS_SOURCE_NAME_MAX];  /* [n] */
    char (*label)[BS_SOURCE_NAME_MAX]; /* [n] words for people; the name where the table has none */
    double *value;                     /* [n_cities][n] ug m-3 */
    double *total;                     /* [n_cities] ug m-3 */
    double *share;                     /* [n_cities][BS_SHARE_COUNT] percent, NaN: not defined; NULL: no shares.csv */
    const char *origin;                /* name of the table; static text */
} bs_contributions;

/* Errors: BS_ERR_INPUT as "file:line: ..." (a column missing, a number that is none, a city of the run without its rows or with one
 * twice), BS_ERR_MEMORY. */
bs_status bs_contributions_read(const char *dir, const bs_series *series, bs_contributions *out, bs_err *err);
void bs_contributions_free(bs_contributions *contributions);

/* The up to k largest positive sources of a city, largest first, into which[k]; how many. */
int bs_contributions_top(const bs_contributions *c, int city, int k, int *which);

const char *bs_share_name(bs_share share); /* "local" */

/* For the readers alone: index of the series' city with this code and name; -1: none. */
int bs_contributions_city(const bs_series *series, const char *adcode, const char *name);
bs_status bs_contributions_matrix(const char *file, const bs_series *series, bs_contributions *c, bs_err *err);
bs_status bs_contributions_shares(const char *file, const bs_series *series, bs_contributions *c, bs_err *err);

#endif
