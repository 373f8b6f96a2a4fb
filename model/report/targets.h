/* targets.h - what plans ask of a city or province: a table as configs/standards/targets.csv. */
#ifndef BS_MODEL_REPORT_TARGETS_H
#define BS_MODEL_REPORT_TARGETS_H

#include "kernels/base/status.h"

typedef struct bs_target {
    char adcode[16], name[64], source[192];
    int year;
    double annual, good_days; /* ug m-3, percent; NaN: none in this row */
} bs_target;

typedef struct bs_targets {
    char *file;
    int n;
    bs_target *row;
} bs_targets;

/* Columns adcode, name, year, pm25_annual, good_days_percent, source. Errors: BS_ERR_INPUT as "file:line: ..." (a column missing, no
 * adcode, name or source, a year that is none, numbers out of range, a row without either number, a row twice). */
bs_status bs_targets_read(const char *file, bs_targets *out, bs_err *err);
void bs_targets_free(bs_targets *targets);

/* The latest row of the city, else of its province (GB/T 2260: the first two digits and 0000); NULL: none. */
const bs_target *bs_targets_find(const bs_targets *targets, const char *adcode);

#endif
