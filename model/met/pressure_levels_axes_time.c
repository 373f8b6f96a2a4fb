#include <math.h>
#include <string.h>
#include <strings.h>

#include "model/core/memory.h"
#include "model/met/pressure_levels_axes.h"

enum { TEXT_MAX = 128 };

/* cfgrib and xarray leave a single time as a scalar coordinate. */
static bool scalar_time(const bs_nc *nc, bs_nc_var *out)
{
    char text[TEXT_MAX];
    for (int v = 0; v < bs_nc_var_count(nc); v++) {
        if (bs_nc_var_at(nc, v, out, NULL) != BS_OK || out->size != 1 || !out->is_number) continue;
        if (bs_nc_text(nc, out, "standard_name", text, sizeof text) && strcmp(text, "time") == 0) return true;
    }
    return false;
}

static bool usual(const char *calendar)
{
    static const char *const GREGORIAN[] = {"standard", "gregorian", "proleptic_gregorian"};
    for (size_t n = 0; n < sizeof GREGORIAN / sizeof GREGORIAN[0]; n++) {
        if (strcasecmp(calendar, GREGORIAN[n]) == 0) return true;
    }
    return false;
}

static bs_status check_calendar(const char *file, const bs_nc *nc, const bs_nc_var *time, bs_err *err)
{
    char calendar[TEXT_MAX];
    if (!bs_nc_text(nc, time, "calendar", calendar, sizeof calendar) || usual(calendar)) return BS_OK;
    return bs_fail(err, BS_ERR_INPUT,
                   "%s: time axis '%s' has calendar '%s'; only standard, gregorian and proleptic_gregorian can be used",
                   file, time->name, calendar);
}

static bs_status decode_times(const bs_nc *nc, const bs_nc_var *time, const double *values, bs_units *units,
                              bs_time *times, bs_err *err)
{
    const char *file = bs_nc_file(nc);
    char unit[TEXT_MAX];
    if (!bs_nc_text(nc, time, "units", unit, sizeof unit) || !unit[0]) {
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: time axis '%s' has no units attribute, as 'hours since 2015-01-10 00:00:00'", file,
                       time->name);
    }
    double per_unit = 0, reference = 0;
    bs_status status = check_calendar(file, nc, time, err);
    if (!status) {
        status = bs_units_time(units, unit, &per_unit, &reference, err);
        if (status) bs_err_context(err, "%s: time axis '%s'", file, time->name);
    }
    for (size_t i = 0; i < time->size && !status; i++) {
        double seconds = reference + values[i] * per_unit;
        if (fabs(seconds) < 1e15) {
            times[i] = (bs_time)llround(seconds);
        } else {
            status = bs_fail(err, BS_ERR_INPUT, "%s: %s[%zu] is %g %s, which is no time", file, time->name, i,
                             values[i], unit);
        }
    }
    return status;
}

bool bs_pl_valid_times(const bs_nc *nc, const bs_nc_var *var, int dim, bs_nc_var *out)
{
    char text[TEXT_MAX];
    for (int v = 0; v < bs_nc_var_count(nc); v++) {
        if (bs_nc_var_at(nc, v, out, NULL) != BS_OK || out->n_dims != 1 || !out->is_number) continue;
        if (strcmp(out->dim[0], var->dim[dim]) != 0 || strcmp(out->name, var->dim[dim]) == 0) continue;
        if (bs_nc_text(nc, out, "standard_name", text, sizeof text) && strcmp(text, "time") == 0) return true;
    }
    return false;
}

/* Times along dimension `dim`, as stored; *time is their variable. */
static bs_status read_along(const bs_nc *nc, const bs_nc_var *var, int dim, bs_nc_var *time, double **values,
                            bs_err *err)
{
    char text[TEXT_MAX];
    bs_nc_var coordinate;
    const bool has = bs_nc_has_var(nc, var->dim[dim]) && bs_nc_find(nc, var->dim[dim], &coordinate, NULL) == BS_OK;
    const bool starts = has && bs_nc_text(nc, &coordinate, "standard_name", text, sizeof text) &&
                        strcmp(text, "forecast_reference_time") == 0;
    const bool counts = has && bs_nc_text(nc, &coordinate, "units", text, sizeof text) && strstr(text, " since ");
    if (counts && !starts) return bs_pl_axis_coordinate(nc, var, dim, time, values, err);
    if (bs_pl_valid_times(nc, var, dim, time)) {
        BS_TRY(BS_NEW(values, time->size, time->name, err));
        const bs_status status = bs_nc_read(nc, time, NULL, NULL, *values, err);
        if (status) bs_free(*values);
        return status;
    }
    if (!starts) return bs_pl_axis_coordinate(nc, var, dim, time, values, err);
    return bs_fail(
        err, BS_ERR_INPUT,
        "%s: '%s' of variable '%s' counts the starts of forecasts (standard_name forecast_reference_time), and "
        "no variable along it has the times for which the values are valid (standard_name time)",
        bs_nc_file(nc), var->dim[dim], var->name);
}

bs_status bs_pl_axis_read_times(const bs_nc *nc, const bs_nc_var *var, int dim, bs_units *units, size_t *n,
                                bs_time **times, bs_err *err)
{
    *n = 0;
    *times = NULL;
    bs_nc_var time;
    double *values = NULL;
    if (dim >= 0) {
        BS_TRY(read_along(nc, var, dim, &time, &values, err));
    } else {
        if (!scalar_time(nc, &time)) return BS_OK;
        BS_TRY(BS_NEW(&values, 1, "time", err));
        bs_status status = bs_nc_read(nc, &time, NULL, NULL, values, err);
        if (status) {
            bs_free(values);
            return status;
        }
    }
    bs_status status = BS_NEW(times, time.size, "time axis", err);
    if (!status) status = decode_times(nc, &time, values, units, *times, err);
    bs_free(values);
    if (status) {
        bs_free(*times);
        *times = NULL;
        return status;
    }
    *n = time.size;
    return BS_OK;
}
