#include "model/emis/stack_table.h"

#include <math.h>

/* What a table tells of a stack beside its height. */
enum { DIAMETER, TEMPERATURE, VELOCITY };
static const struct {
    const char *name, *unit;
    double least, most;
} STACK[BS_STACK_COLUMNS] = {
    {"diameter", "m", 0.05, 50}, {"exit_temperature", "K", 230, 2000}, {"exit_velocity", "m s-1", 0, 150}};

/* Height of a row; NaN where the field is empty, which leaves it to the sector's height profile. */
static bs_status read_height(const bs_stack_table *t, int row, double *height, bs_err *err)
{
    const bs_csv *csv = t->csv;
    *height = NAN;
    if (t->height < 0) return BS_OK;
    if (!*bs_csv_text(csv, row, t->height)) return BS_OK;
    BS_TRY(bs_csv_real(csv, row, t->height, height, err));
    if (*height < 0) {
        return bs_fail(err, BS_ERR_INPUT, "%s: column 'height': metres above the ground must not be negative, found %g",
                       bs_csv_where(csv, row), *height);
    }
    return BS_OK;
}

/* The stack of a row; *found is false where its columns are empty. */
static bs_status read_stack(const bs_stack_table *t, int row, double height, bs_stack *stack, bool *found, bs_err *err)
{
    const bs_csv *csv = t->csv;
    double value[BS_STACK_COLUMNS];
    int given = 0, empty = 0;
    *found = false;
    if (!t->stacks) return BS_OK;
    for (int c = 0; c < BS_STACK_COLUMNS; c++) {
        if (!*bs_csv_text(csv, row, t->column[c])) {
            empty = c;
            continue;
        }
        given++;
        BS_TRY(bs_csv_real(csv, row, t->column[c], &value[c], err));
        if (value[c] >= STACK[c].least && value[c] <= STACK[c].most) continue;
        return bs_fail(err, BS_ERR_INPUT, "%s: column '%s': found %g, expected %g to %g %s", bs_csv_where(csv, row),
                       STACK[c].name, value[c], STACK[c].least, STACK[c].most, STACK[c].unit);
    }
    if (given == 0) return BS_OK;
    if (given < BS_STACK_COLUMNS || isnan(height)) {
        return bs_fail(
            err, BS_ERR_INPUT,
            "%s: column '%s' is empty: plume rise needs height, diameter, exit_temperature and exit_velocity of "
            "a stack; give all four, or the height alone for a source without rise",
            bs_csv_where(csv, row), given < BS_STACK_COLUMNS ? STACK[empty].name : "height");
    }
    *stack = (bs_stack){height, value[DIAMETER], value[TEMPERATURE], value[VELOCITY]};
    *found = true;
    return BS_OK;
}

bs_status bs_stack_table_find(const bs_csv *csv, bool needs_height, bs_stack_table *out, bs_err *err)
{
    *out = (bs_stack_table){.csv = csv, .height = -1};
    for (int c = 0; c < BS_STACK_COLUMNS; c++) out->stacks = out->stacks || bs_csv_has(csv, STACK[c].name);
    if (needs_height || out->stacks || bs_csv_has(csv, "height")) BS_TRY(bs_csv_find(csv, "height", &out->height, err));
    for (int c = 0; c < BS_STACK_COLUMNS && out->stacks; c++)
        BS_TRY(bs_csv_find(csv, STACK[c].name, &out->column[c], err));
    return BS_OK;
}

bs_status bs_stack_table_read(const bs_stack_table *t, int row, double *height, bs_stack *stack, bool *found,
                              bs_err *err)
{
    BS_TRY(read_height(t, row, height, err));
    return read_stack(t, row, *height, stack, found, err);
}
