#include <math.h>
#include <stdio.h>

#include "model/met/pressure_levels.h"

#include "kernels/base/constants.h"

const bs_pl_row BS_PL_ROWS[BS_F_COUNT] = {
#define BS_FIELD(id, name, unit, dims, min, max, standard_name, long_name) {name, unit, dims, min, max, long_name},
#include "model/core/fields.def"
#undef BS_FIELD
};

/* A second unit in which a field is often stored, with the factor that leads to the canonical one. */
typedef struct bs_pl_other_unit {
    bs_pl_id id;
    const char *unit;
    double factor;
} bs_pl_other_unit;

static const bs_pl_other_unit OTHER_UNITS[] = {
    {BS_F_RAIN, "m s-1", 1000.0},            /* depth of liquid water, 1000 kg m-3 */
    {BS_F_EVAP, "m s-1", 1000.0},            /* likewise */
    {BS_F_Z, "m2 s-2", 1.0 / BS_GRAVITY},    /* geopotential */
    {BS_F_OROG, "m2 s-2", 1.0 / BS_GRAVITY}, /* surface geopotential, as ERA5 has it */
};

/* Unit of a field, or of what of it adds up over a period. */
static const char *unit_of(const char *unit, bs_pl_kind kind, char *text, size_t size)
{
    snprintf(text, size, kind == BS_PL_SUM ? "%s s" : "%s", unit);
    return text;
}

static bool convert(bs_units *units, const char *from, const bs_pl_row *row, bs_pl_kind kind, double *scale,
                    double *offset)
{
    char to[64];
    if (bs_units_convert(units, from, unit_of(row->unit, kind, to, sizeof to), scale, offset, NULL) == BS_OK)
        return true;
    for (size_t o = 0; o < sizeof OTHER_UNITS / sizeof OTHER_UNITS[0]; o++) {
        if (&BS_PL_ROWS[OTHER_UNITS[o].id] != row) continue;
        unit_of(OTHER_UNITS[o].unit, kind, to, sizeof to);
        if (bs_units_convert(units, from, to, scale, offset, NULL) != BS_OK) continue;
        *scale *= OTHER_UNITS[o].factor;
        *offset *= OTHER_UNITS[o].factor;
        return true;
    }
    return false;
}

static bs_status refuse(const bs_pl_row *row, bs_pl_kind kind, const char *whose, const char *name, const char *unit,
                        bs_units *units, bs_err *err)
{
    double scale, offset;
    char to[64];
    bs_fail(err, BS_ERR_INPUT, "%s '%s' has unit '%s', which cannot be converted to '%s' (%s%s)", whose, name, unit,
            unit_of(row->unit, kind, to, sizeof to), row->long_name, kind == BS_PL_SUM ? ", accumulated" : "");
    if (kind == BS_PL_INSTANT && row->dims == 2 && convert(units, unit, row, BS_PL_SUM, &scale, &offset)) {
        bs_err_add(err,
                   "this is an amount accumulated over a period: say over which one that ends at the stamp, as "
                   "meteorology.variables.%s: {name: '%s', accumulated: 1 h}, and positive: down where downward is "
                   "positive",
                   row->name, name);
    }
    if (kind == BS_PL_SUM && convert(units, unit, row, BS_PL_INSTANT, &scale, &offset)) {
        bs_err_add(err, "this is a rate: averaged: takes the place of accumulated: in meteorology.variables.%s",
                   row->name);
    }
    return BS_ERR_INPUT;
}

/* As stored, before period and sign. */
static bs_status stored_conversion(const bs_nc *nc, const bs_nc_var *var, const bs_pl_row *row,
                                   const bs_pl_given *given, const char *where, bs_units *units, double *scale,
                                   double *offset, bs_err *err)
{
    char unit[128], whose[512];
    const char *stated = given->units;
    const bool has = bs_nc_text(nc, var, "units", unit, sizeof unit) && unit[0];
    /* Texts as '(0 - 1)' or 'm of water equivalent' are no units; then the word of the case or the layout counts. */
    const bool readable = has && bs_units_valid(units, unit);
    if (!readable && !stated && given->usual) stated = given->usual;
    if (!has && !stated) {
        return bs_fail(
            err, BS_ERR_INPUT,
            "%s: variable '%s' has no units attribute; say in which unit it is: meteorology.variables.%s: {name: "
            "'%s', units: '%s'} (%s)",
            bs_nc_file(nc), var->name, row->name, var->name, row->unit, where);
    }
    double stated_scale = 1, stated_offset = 0;
    if (stated && !convert(units, stated, row, given->kind, &stated_scale, &stated_offset)) {
        snprintf(whose, sizeof whose, "%s: variable", where);
        return refuse(row, given->kind, whose, var->name, stated, units, err);
    }
    if (stated && !readable) {
        *scale = stated_scale;
        *offset = stated_offset;
        return BS_OK;
    }
    snprintf(whose, sizeof whose, "%s: variable", bs_nc_file(nc));
    if (!convert(units, unit, row, given->kind, scale, offset))
        return refuse(row, given->kind, whose, var->name, unit, units, err);
    const bool same = !stated || (fabs(*scale - stated_scale) <= 1e-9 * fabs(*scale) &&
                                  fabs(*offset - stated_offset) <= 1e-9 * fabs(*offset));
    if (same) return BS_OK;
    return bs_fail(
        err, BS_ERR_INPUT,
        "%s: variable '%s' has unit '%s', but %s says '%s' for meteorology.variables.%s; remove that unit or mend "
        "the file",
        bs_nc_file(nc), var->name, unit, where, stated, row->name);
}

bs_status bs_pl_conversion(const bs_nc *nc, const bs_nc_var *var, const bs_pl_row *row, const bs_pl_given *given,
                           const char *where, bs_units *units, double *scale, double *offset, bs_err *err)
{
    BS_TRY(stored_conversion(nc, var, row, given, where, units, scale, offset, err));
    const double factor = given->kind == BS_PL_SUM ? given->sign / (double)given->period : given->sign;
    *scale *= factor;
    *offset *= factor;
    return BS_OK;
}
