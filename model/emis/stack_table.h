/* stack_table.h - heights and stacks of points in a CSV: columns height, diameter, exit_temperature, exit_velocity. Private to
 * model/emis. */
#ifndef BS_MODEL_EMIS_STACK_TABLE_H
#define BS_MODEL_EMIS_STACK_TABLE_H

#include <stdbool.h>

#include "kernels/column/plume_rise.h"
#include "model/config/csv.h"

enum { BS_STACK_COLUMNS = 3 };

typedef struct bs_stack_table {
    const bs_csv *csv; /* not owned */
    int height;        /* column; -1: none */
    bool stacks;       /* whether the table has the columns of stacks */
    int column[BS_STACK_COLUMNS];
} bs_stack_table;

/* Errors: BS_ERR_INPUT when there is no column height and it is needed, or but some of the columns of stacks. */
bs_status bs_stack_table_find(const bs_csv *csv, bool needs_height, bs_stack_table *out, bs_err *err);

/* Height of a row, m above ground, NaN where the field is empty; and its stack: *found is false where its columns are empty. Errors:
 * BS_ERR_INPUT with file:line and column for figures out of range, and for a stack that is not told whole. */
bs_status bs_stack_table_read(const bs_stack_table *t, int row, double *height, bs_stack *stack, bool *found,
                              bs_err *err);

#endif
