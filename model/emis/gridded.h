/* gridded.h - fields of longitude and latitude into sheets: units, shares of cells, coverage. Private to model/emis. */
#ifndef BS_MODEL_EMIS_GRIDDED_H
#define BS_MODEL_EMIS_GRIDDED_H

#include "model/emis/emis.h"
#include "model/emis/overlap.h"

typedef enum bs_gridded_period {
    BS_PERIOD_TIME,  /* a rate: per second, day, year */
    BS_PERIOD_WHOLE, /* an amount: of the year, or of each month where there are twelve */
    BS_PERIOD_MONTH  /* an amount per month, by that month's own days; an annual field cannot be one */
} bs_gridded_period;

/* What the numbers of a field mean. */
typedef struct bs_gridded_unit {
    double scale;  /* to kg s-1, kg m-2 s-1, or kg, kg m-2 of the period; molar mass included */
    bool per_area; /* per m2; else per cell */
    bs_gridded_period period;
} bs_gridded_unit;

/* "kg m-2 s-1", "Gg year-1" (per cell), "t" (per cell and year, or month of twelve), "t month-1" (the month's own
 * length: UDUNITS' month is a twelfth of a year), and the same of mol where molar_mass (kg mol-1; 0: none) says what a
 * mole weighs.
 * Errors: BS_ERR_INPUT, the unit and what was expected, for the caller to put its place before. */
bs_status bs_gridded_unit_read(bs_units *units, const char *text, double molar_mass, bs_gridded_unit *out, bs_err *err);

/* A field that is taken away from another of the same mesh and times: PM2.5 from PM10. */
typedef struct bs_gridded_less {
    const bs_lonlat_field *field;
    const bs_gridded_unit *unit;
} bs_gridded_less;

/* Zero-initialise, then set `in` and `missing`. */
typedef struct bs_gridded {
    const bs_emis_input *in;
    bs_lonlat_missing missing; /* zero, has_fill, fill: what is done with missing values */
    bs_overlap overlap;
    double *mass, *less; /* [source cells] kg s-1; what is taken away, in the field's own unit */
    size_t mass_room;
    bool coverage_told, calendar_told;
    size_t n_missing; /* of all fields read so far */
} bs_gridded;

/* Weights of the field's mesh; told once: the share of the mesh that it covers, and a calendar without leap days. Where that is not the whole, `outside:
 * zero` must say so. Widens the inventory's extent. */
bs_status bs_gridded_prepare(bs_gridded *g, const bs_lonlat_field *field, bs_err *err);

/* Adds time `time` of the field, without what `less` (NULL: nothing) holds, to a sheet (of bs_emis_sheet_get), under the inventory's rules: a year's single time
 * (month -1), or that of month 0..11, which counts in *mean by its share of the year. year: of the month's length; 0:
 * any. After bs_gridded_prepare. */
bs_status bs_gridded_add(bs_gridded *g, const bs_lonlat_field *field, int time, const bs_gridded_unit *unit, int month,
                         int year, const bs_gridded_less *less, int sheet, bs_overlap_sums *mean, bs_err *err);
void bs_gridded_clear(bs_gridded *g);

/* Refuses a field whose time axis is of another year than the inventory is to be of; tells the log where it does not
 * say. */
bs_status bs_gridded_check_year(const bs_emis_input *in, const bs_lonlat_field *field, bs_err *err);

#endif
