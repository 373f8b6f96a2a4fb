/* observations.h - observed PM2.5 of stations or cities, hourly or daily, from one table (sheet.h), in order of site and time whatever that of
 * its rows.
 * Left out and counted: rows without a value (blank, -, NA, null ... as MISSING in observations.c lists them) and values below zero, which
 * archives write for missing ones. The same row twice (site, time and value) counts once. Everything else that is no observation is an error
 * with its place. */
#ifndef BS_MODEL_EVALUATE_OBSERVATIONS_H
#define BS_MODEL_EVALUATE_OBSERVATIONS_H

#include "kernels/base/status.h"
#include "model/core/clock.h"
#include "model/evaluate/stamp.h"
#include "model/evaluate/stations.h"
#include "model/report/ambient.h"

typedef struct bs_obs_site {
    char id[32], name[BS_SITE_TEXT], city[BS_SITE_TEXT]; /* as written; "" : not told. A city has its name in `city` */
    double lon, lat;                                     /* degrees; NaN: the table does not tell */
} bs_obs_site;

typedef struct bs_obs_record {
    int site;
    bs_time end;  /* UTC, of the mean */
    double value; /* ug m-3 */
    bs_air_state state;
    int row;
} bs_obs_record;

typedef struct bs_observations {
    bool stations; /* else cities */
    int hours;     /* of each mean: 1 or 24 */
    int n_sites, n;
    bs_obs_site *site;     /* [n_sites] by city, name and code */
    bs_obs_record *record; /* [n] by site and time */
    int missing, negative, repeated, n_standard;
    char columns[512]; /* "pm25 from 'PM2.5', station from 'WatchPoint', ..." */
    char unit[64];
} bs_observations;

typedef struct bs_obs_request {
    const char *file;
    const char *map, *unit; /* NULL: as sheet.def, as the table says or else ug m-3 */
    bs_air_state state;     /* UNTOLD: as the column says, else by date: standard before 2018-09-01, then ambient */
    bs_stamp_rule stamps;
    bool cities; /* columns of a wide table are cities */
} bs_obs_request;

/* Errors: BS_ERR_INPUT as "file:line: ..." (a column missing, a time, number, unit or state that is none, a value above 5000 ug m-3, hourly and
 * daily rows in one table, two values of one site and time, no value at all, values as small as those of mg m-3, hourly
 * rows of midnight alone), BS_ERR_MEMORY. */
bs_status bs_observations_read(const bs_obs_request *request, bs_observations *out, bs_err *err);
void bs_observations_free(bs_observations *observations);

#endif
