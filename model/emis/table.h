/* table.h - rows of an emission table (CSV): sector, species, value, unit, and year where there is one. Private to
 * model/emis. */
#ifndef BS_MODEL_EMIS_TABLE_H
#define BS_MODEL_EMIS_TABLE_H

#include "model/config/csv.h"
#include "model/emis/emis.h"

typedef struct bs_emis_table {
    const bs_emis_input *in;
    bs_csv *csv;
    int sector, species, value, unit, year; /* columns; year -1: none */
    int first_year;                         /* of the rows so far; 0: none */
    char last_unit[BS_EMIS_UNIT_MAX];       /* rows repeat it: converted once */
    double last_scale;
} bs_emis_table;

typedef struct bs_emis_row {
    const char *sector, *species;
    double rate; /* kg s-1, times the inventory's scale */
    bool wanted; /* by `sectors` and `species` of the inventory; if not, the rest is not filled */
} bs_emis_row;

bs_status bs_emis_table_open(const bs_emis_input *in, bs_emis_table *table, bs_err *err);
void bs_emis_table_close(bs_emis_table *table);

/* Errors: BS_ERR_INPUT as "file:line: ..." (empty sector or species, negative value, a unit that is no mass per time,
 * another year than emissions.year, or two years in one table). */
bs_status bs_emis_table_row(bs_emis_table *table, int row, bs_emis_row *out, bs_err *err);

#endif
