/* The bytes of a small netCDF file of the classic formats: what every reader does first. */
#include "fuzz.h"

#include <math.h>

#include "model/emis/lonlat_field.h"
#include "model/met/pressure_levels_axes.h"

enum { VALUES_MAX = 1 << 16, VARS_MAX = 40 };

static void try_variable(const bs_nc *nc, const bs_nc_var *var, bs_units *units, bs_err *err)
{
    static const char *const ATTRIBUTES[] = {"units", "calendar", "scale_factor", "_FillValue"};
    const bs_pl_axis_names names = {.level_units = NULL};
    bs_lonlat_field *field = NULL;
    bs_pl_axes axes;
    char text[64];
    double number, *values = calloc(VALUES_MAX, sizeof *values);
    FUZZ_CHECK(values, "no memory");
    for (int a = 0; a < 4; a++) {
        if (bs_nc_text(nc, var, ATTRIBUTES[a], text, sizeof text))
            FUZZ_CHECK(strlen(text) < sizeof text, "%s", ATTRIBUTES[a]);
        (void)bs_nc_number(nc, var, ATTRIBUTES[a], &number);
    }
    if (var->size <= VALUES_MAX) fuzz_judge(bs_nc_read(nc, var, NULL, NULL, values, err), err);
    fuzz_judge(bs_pl_axes_find(nc, var, &names, units, &axes, err), err);
    if (fuzz_judge(bs_lonlat_field_open(nc, var->name, units, NULL, &field, err), err)) {
        FUZZ_CHECK(field->n_lon > 0 && field->n_lat > 0 && field->n_times > 0, "an empty field");
        if (field->n_lon * field->n_lat <= VALUES_MAX && fuzz_judge(bs_lonlat_field_read(field, 0, values, err), err))
            for (size_t n = 0; n < field->n_lon * field->n_lat; n++)
                FUZZ_CHECK(isfinite(values[n]) && values[n] >= 0.0, "value %g", values[n]);
        bs_lonlat_field_close(field);
    }
    free(values);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bs_err err;
    static bs_units *units = NULL;
    bs_nc *nc = NULL;
    err.text[0] = '\0';
    /* Other beginnings are other formats: HDF5's bytes would try HDF5. */
    if (size < 4 || memcmp(data, "CDF", 3) != 0) return 0;
    if (!units) FUZZ_CHECK(bs_units_create(&units, &err) == BS_OK, "%s", err.text);
    if (!fuzz_judge(bs_nc_open(fuzz_write("input.nc", data, size), &nc, &err), &err)) return 0;
    for (int v = 0; v < bs_nc_var_count(nc) && v < VARS_MAX; v++) {
        bs_nc_var var, again;
        if (!fuzz_judge(bs_nc_var_at(nc, v, &var, &err), &err)) continue;
        fuzz_judge(bs_nc_find(nc, var.name, &again, &err), &err);
        try_variable(nc, &var, units, &err);
    }
    fuzz_judge(bs_nc_find(nc, "no such variable", &(bs_nc_var){0}, &err), &err);
    bs_nc_close(nc);
    return 0;
}
