/* modelled.h - what a finished run has at the sites of the observations, by output interval.
 * A station has the value of the cell that holds it (or, bilinear, of the four centres around); a city the area mean of its polygon, from
 * cities.csv. The air that converts is that of the same place, for a city that of the cell nearest to its centre. */
#ifndef BS_MODEL_EVALUATE_MODELLED_H
#define BS_MODEL_EVALUATE_MODELLED_H

#include "kernels/base/status.h"
#include "model/evaluate/observations.h"
#include "model/report/series.h"
#include "model/report/surface.h"

typedef enum bs_site_fate {
    BS_SITE_USED,
    BS_SITE_NO_CITY,    /* the run has no such city */
    BS_SITE_NO_STATION, /* the list has no such station */
    BS_SITE_ELSEWHERE,  /* only of that name in other cities */
    BS_SITE_SEVERAL,    /* several of that name, and the table names no city */
    BS_SITE_OUTSIDE,    /* outside the mesh */
    BS_SITE_FATES
} bs_site_fate;

const char *bs_site_fate_text(bs_site_fate fate); /* "not in the list of stations" */

typedef struct bs_place {
    bs_site_fate fate;
    double lon, lat;
    double share;            /* of a city's area that lies inside the mesh; NaN: not told, or a station */
    char name[BS_SITE_TEXT]; /* of a city as the run names it */
    char city[BS_SITE_TEXT]; /* likewise, where the run knows it; "" : not told */
    bs_spot spot;
} bs_place;

typedef struct bs_modelled {
    bs_surface surface;
    bs_series cities; /* n_cities 0: the run has none */
    int n_sites;
    bs_place *place; /* [n_sites] */
    double *value;   /* [n_sites][n_times] ug m-3 */
    double *factor;  /* likewise, standard to ambient; NULL: no observation needs it */
} bs_modelled;

/* stations NULL: none given. Errors: BS_ERR_INPUT (what the run or its files lack; stations without coordinates and no list; not one site that
 * the run holds, with the reasons), BS_ERR_MEMORY. */
bs_status bs_modelled_read(const char *dir, const bs_observations *observations, const bs_stations *stations,
                           bool bilinear, bs_modelled *out, bs_err *err);
void bs_modelled_free(bs_modelled *modelled);

/* "a, b, c and 5 more": the names of the sites with this fate; how many. */
int bs_modelled_list(const bs_modelled *m, const bs_observations *o, bs_site_fate fate, char *text, size_t size);

#endif
