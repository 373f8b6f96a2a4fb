#include <math.h>
#include <string.h>

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
    {BS_F_Z, "m2 s-2", 1.0 / BS_GRAVITY},    /* geopotential */
    {BS_F_OROG, "m2 s-2", 1.0 / BS_GRAVITY}, /* surface geopotential, as ERA5 has it */
};

static bool convert(bs_units *units, const char *from, const bs_pl_row *row, double *scale, double *offset)
{
    if (bs_units_convert(units, from, row->unit, scale, offset, NULL) == BS_OK) return true;
    for (size_t o = 0; o < sizeof OTHER_UNITS / sizeof OTHER_UNITS[0]; o++) {
        if (&BS_PL_ROWS[OTHER_UNITS[o].id] != row) continue;
        if (bs_units_convert(units, from, OTHER_UNITS[o].unit, scale, offset, NULL) != BS_OK) continue;
        *scale *= OTHER_UNITS[o].factor;
        *offset *= OTHER_UNITS[o].factor;
        return true;
    }
    return false;
}

static bs_status refuse(const bs_pl_row *row, const char *whose, const char *name, const char *unit, bs_units *units,
                        bs_err *err)
{
    double scale = 0, offset = 0;
    const char *advice = "";
    bool amount = bs_units_convert(units, unit, "m", &scale, &offset, NULL) == BS_OK ||
                  bs_units_convert(units, unit, "kg m-2", &scale, &offset, NULL) == BS_OK;
    if (row == &BS_PL_ROWS[BS_F_RAIN] && amount) {
        advice = "; this is an amount accumulated over a period, a rate is expected: divide it by the period first "
                 "(for hourly amounts cdo divc,3600) and set the unit";
    }
    if (row == &BS_PL_ROWS[BS_F_HFX] && bs_units_convert(units, unit, "J m-2", &scale, &offset, NULL) == BS_OK) {
        advice = "; this is energy accumulated over a period: divide it by the period first, and mind that upward is "
                 "positive here";
    }
    return bs_fail(err, BS_ERR_INPUT, "%s '%s' has unit '%s', which cannot be converted to '%s' (%s)%s", whose, name,
                   unit, row->unit, row->long_name, advice);
}

bs_status bs_pl_conversion(const bs_nc *nc, const bs_nc_var *var, const bs_pl_row *row, const char *stated,
                           const char *where, bs_units *units, double *scale, double *offset, bs_err *err)
{
    char unit[128], whose[512];
    bool has = bs_nc_text(nc, var, "units", unit, sizeof unit) && unit[0];
    if (!has && !stated) {
        return bs_fail(
            err, BS_ERR_INPUT,
            "%s: variable '%s' has no units attribute; say in which unit it is: meteorology.variables.%s: {name: "
            "'%s', units: '%s'} (%s)",
            bs_nc_file(nc), var->name, row->name, var->name, row->unit, where);
    }
    double stated_scale = 1, stated_offset = 0;
    if (stated && !convert(units, stated, row, &stated_scale, &stated_offset)) {
        snprintf(whose, sizeof whose, "%s: variable", where);
        return refuse(row, whose, var->name, stated, units, err);
    }
    /* Texts as '(0 - 1)' or 'm of water equivalent' are no units; then the case's word counts. */
    bool readable = has && bs_units_valid(units, unit);
    if (stated && !readable) {
        *scale = stated_scale;
        *offset = stated_offset;
        return BS_OK;
    }
    snprintf(whose, sizeof whose, "%s: variable", bs_nc_file(nc));
    if (!convert(units, unit, row, scale, offset)) return refuse(row, whose, var->name, unit, units, err);
    bool same = !stated || (fabs(*scale - stated_scale) <= 1e-9 * fabs(*scale) &&
                            fabs(*offset - stated_offset) <= 1e-9 * fabs(*offset));
    if (same) return BS_OK;
    return bs_fail(
        err, BS_ERR_INPUT,
        "%s: variable '%s' has unit '%s', but %s says '%s' for meteorology.variables.%s; remove that unit or mend "
        "the file",
        bs_nc_file(nc), var->name, unit, where, stated, row->name);
}
