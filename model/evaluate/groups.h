/* groups.h - pairs by site, city, day and hour, each with its statistics. */
#ifndef BS_MODEL_EVALUATE_GROUPS_H
#define BS_MODEL_EVALUATE_GROUPS_H

#include "model/evaluate/pairs.h"
#include "model/evaluate/statistics.h"

typedef enum bs_group_kind {
    BS_GROUP_ALL,        /* every pair */
    BS_GROUP_SITE_MEANS, /* a pair per site: its means over the pairs; whether the model has the pattern in space */
    BS_GROUP_CITY,       /* a city, or the stations in it */
    BS_GROUP_STATION,
    BS_GROUP_DAY,  /* a natural day of UTC+8, all sites */
    BS_GROUP_HOUR, /* hourly pairs by the hour of the day that they end, "01" to "24" of UTC+8 */
    BS_GROUP_KINDS
} bs_group_kind;

const char *bs_group_word(bs_group_kind kind); /* "site_means" */

typedef struct bs_group {
    bs_group_kind kind;
    int hours;              /* of the means: 1 or 24 */
    char key[BS_SITE_TEXT]; /* name of the city or station, "2015-01-13", "08"; "" for all */
    int site;               /* of a station, or of a city that is observed as such; else -1 */
    bs_statistics s;
} bs_group;

typedef struct bs_groups {
    int n;
    bs_group *group; /* hourly ones first, then by kind; days and hours ascending */
} bs_groups;

bs_status bs_groups_make(const bs_observations *o, const bs_modelled *m, const bs_pairs *p, bs_groups *out,
                         bs_err *err);
void bs_groups_free(bs_groups *groups);

/* The one group of ALL or SITE_MEANS with these hours; NULL: none. */
const bs_group *bs_groups_find(const bs_groups *groups, bs_group_kind kind, int hours);

/* Benchmarks are for 24-h means over time: whether the group is of such. */
bool bs_group_is_marked(const bs_group *group);

#endif
