/* sheet.h - tables of stations and of observations as rows of named cells, whatever form the file has:
 *   CSV, a row per station or city and time; columns known by sheet.def or by --map
 *   CSV, a column per station or city (as china_sites_*.csv): date, hour, type and codes or names; the rows whose type is PM2.5
 *   GeoJSON (its name ends in json), a point per station: properties as columns, coordinates as lon and lat */
#ifndef BS_MODEL_EVALUATE_SHEET_H
#define BS_MODEL_EVALUATE_SHEET_H

#include <stdbool.h>
#include <stddef.h>

#include "kernels/base/status.h"
#include "model/config/arena.h"
#include "model/config/csv.h"

typedef enum bs_obs_role {
#define BS_OBS_ROLE(id, word, text) id,
#include "model/evaluate/sheet.def"
    BS_OBS_ROLES
} bs_obs_role;

typedef struct bs_obs_row {
    const char *cell[BS_OBS_ROLES]; /* NULL: the file has no such column; else blanks removed */
    const char *where;              /* "file:line" */
} bs_obs_row;

typedef struct bs_sheet {
    int n, room;
    bs_obs_row *row;
    const char *column[BS_OBS_ROLES]; /* how the file names it; NULL: it does not */
    char unit[64];                    /* in brackets behind the name of the column pm25; "" : none */
    bool wide;                        /* a column per station or city: their names are the cells of BS_OBS_STATION */
    int empty;                        /* cells without a value that a wide table has left out */
    bs_csv *csv;
    bs_arena arena;
} bs_sheet;

/* map: "pm25=PMfine,station=Point", or NULL; maps come before sheet.def, and "station=" says that there is none. Errors: BS_ERR_INPUT (what the reader of the form says; two columns
 * for one role, a map to a column that is not there), BS_ERR_USAGE (a map that is none). */
bs_status bs_sheet_read(const char *file, const char *map, bs_sheet *out, bs_err *err);
void bs_sheet_free(bs_sheet *sheet);

/* BS_ERR_INPUT with the columns there are and the names that would be known, unless the sheet has the role. */
bs_status bs_sheet_need(const bs_sheet *sheet, const char *file, bs_obs_role role, bs_err *err);

/* For the readers alone: a further row, all cells NULL. */
bs_status bs_sheet_add(bs_sheet *sheet, bs_obs_row **row, bs_err *err);
/* The role of a name; BS_OBS_ROLES: none. What stands in brackets behind goes into unit[size]; "" : nothing. */
bs_obs_role bs_sheet_role(const char *name, char *unit, size_t size);
bs_status bs_sheet_points(const char *file, bs_sheet *sheet, bs_err *err); /* GeoJSON */

#endif
