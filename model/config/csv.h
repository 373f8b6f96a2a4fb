/* csv.h - small tables: UTF-8 CSV with a header row; lines that start with '#' are comments (figures name their source
 * there). Fields may be quoted with ""; a line break within quotes becomes a blank. */
#ifndef BS_MODEL_CONFIG_CSV_H
#define BS_MODEL_CONFIG_CSV_H

#include <stdbool.h>

#include "kernels/base/status.h"

typedef struct bs_csv bs_csv;

/* Errors: BS_ERR_INPUT / BS_ERR_IO as "file:line: ..." (ragged row, unclosed quote, empty table, invalid UTF-8). */
bs_status bs_csv_read(const char *file, bs_csv **out, bs_err *err);
void bs_csv_destroy(bs_csv *csv);

int bs_csv_rows(const bs_csv *csv);
int bs_csv_columns(const bs_csv *csv);
const char *bs_csv_column_name(const bs_csv *csv, int column);

/* Column by name; a missing one is BS_ERR_INPUT and the message lists the columns there are. */
bs_status bs_csv_find(const bs_csv *csv, const char *name, int *column, bs_err *err);
bool bs_csv_has(const bs_csv *csv, const char *name);

const char *bs_csv_text(const bs_csv *csv, int row, int column); /* never NULL, surrounding blanks removed */

/* Whole field as a finite number; else BS_ERR_INPUT "file:line: column 'lon': found 'x', expected a number". */
bs_status bs_csv_real(const bs_csv *csv, int row, int column, double *value, bs_err *err);

/* "file:line" of a row into text; returns text. */
const char *bs_csv_where(const bs_csv *csv, int row); /* valid until destroy */

#endif
