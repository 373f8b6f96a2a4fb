/* stations.h - where stations stand: a list as CNEMC's (code, name, city, lon, lat), found by code, else by name within the city. */
#ifndef BS_MODEL_EVALUATE_STATIONS_H
#define BS_MODEL_EVALUATE_STATIONS_H

#include <stdbool.h>

#include "kernels/base/status.h"

enum { BS_SITE_TEXT = 96 };

typedef struct bs_station {
    char id[32], name[BS_SITE_TEXT], city[BS_SITE_TEXT]; /* "" : not told */
    double lon, lat;                                     /* degrees */
} bs_station;

typedef struct bs_stations {
    int n;
    bs_station *station;
} bs_stations;

/* Columns as sheet.def names them: lon, lat, a code or a name or both, the city. Errors: BS_ERR_INPUT as "file:line: ..." (a column missing,
 * coordinates that are none, a code twice), BS_ERR_MEMORY. */
bs_status bs_stations_read(const char *file, bs_stations *out, bs_err *err);
void bs_stations_free(bs_stations *stations);

typedef enum bs_station_found {
    BS_STATION_NONE = -1,
    BS_STATION_SEVERAL = -2,
    BS_STATION_ELSEWHERE = -3
} bs_station_found;

/* Index of a station: `id` its code ("" : not told), `name` its name or code, `city` ("" : not told). A station of another city is never taken
 * for it: names such as 市监测站 are common. Else BS_STATION_NONE, _SEVERAL (the name does not tell which) or _ELSEWHERE (the name is there,
 * in other cities alone). */
int bs_stations_find(const bs_stations *stations, const char *id, const char *name, const char *city);

/* Whether two names are of one city: 成都 and 成都市, 阿坝州 and 阿坝藏族羌族自治州; one begins with the other without its 市, 州 or 地区. */
bool bs_same_city(const char *a, const char *b);

/* A place's coordinate of a row: "103.9" within +-limit. Errors: BS_ERR_INPUT. */
bs_status bs_station_degrees(const char *where, const char *what, const char *text, double limit, double *out,
                             bs_err *err);

#endif
