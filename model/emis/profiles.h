/* profiles.h - how a sector's emission varies with month, weekday, hour and height. Private to model/emis.
 *
 * Files are CSV: `sector,m1..m12`, `sector,mon..sun`, `sector,h1..h24` (h1: 00:00-01:00 local time), and
 * `sector,bottom_m,top_m,fraction` with one row for each band of height above the ground. Factors must have the mean 1 and
 * fractions the sum 1 within 1e-3 (tables are printed with few digits); they are then scaled to it exactly. The mean is that
 * of the 12, 7 or 24 numbers: months count alike, so that a year's mass can differ by some tenths of a percent. */
#ifndef BS_MODEL_EMIS_PROFILES_H
#define BS_MODEL_EMIS_PROFILES_H

#include "kernels/base/status.h"
#include "model/core/clock.h"

typedef struct bs_profiles bs_profiles;

typedef enum bs_profile_kind {
    BS_PROFILE_MONTH,
    BS_PROFILE_WEEKDAY,
    BS_PROFILE_HOUR,
    BS_PROFILE_HEIGHT
} bs_profile_kind;
enum { BS_PROFILE_KINDS = 4 };

/* file[kind]: NULL where the case gives none. Errors: BS_ERR_INPUT with file:line. */
bs_status bs_profiles_create(const char *const file[BS_PROFILE_KINDS], bs_profiles **out, bs_err *err);
void bs_profiles_destroy(bs_profiles *profiles);

/* Row of a sector, else of what it is a part of (sectors.h), else the row "default": *used becomes its name. -1 when the case has no file
 * of this kind. used may be NULL. Error: BS_ERR_INPUT when the file has none of these. */
bs_status bs_profiles_find(const bs_profiles *p, bs_profile_kind kind, const char *sector, int *row, const char **used,
                           bs_err *err);

/* Factor of a row of month, weekday or hour; slot from 0. Row -1: 1. */
double bs_profiles_factor(const bs_profiles *p, bs_profile_kind kind, int row, int slot);

/* One band of height. */
typedef struct bs_profile_band {
    double bottom, top; /* m above ground, bottom < top */
    double fraction;    /* of the sector's emission */
} bs_profile_band;

/* Bands of a row, by ascending bottom; top_m becomes the greatest top. */
const bs_profile_band *bs_profiles_bands(const bs_profiles *p, int row, int *count, double *top_m);

#endif
