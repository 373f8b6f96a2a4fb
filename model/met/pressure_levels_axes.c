#include "model/met/pressure_levels_axes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "model/core/memory.h"

enum { TEXT_MAX = 128, HEIGHTS_MAX = 64 };

static const char *const AXIS_TEXT[] = {"longitude", "latitude", "level", "time"};

static bool one_of(const char *text, const char *const *words)
{
    for (; *words; words++) {
        if (strcasecmp(text, *words) == 0) return true;
    }
    return false;
}

static bs_pl_axis by_attributes(const bs_nc *nc, const bs_nc_var *coordinate, bs_units *units)
{
    static const char *const EAST[] = {"degrees_east", "degree_east", "degree_E", "degrees_E",
                                       "degreeE",      "degreesE",    NULL};
    static const char *const NORTH[] = {"degrees_north", "degree_north", "degree_N", "degrees_N",
                                        "degreeN",       "degreesN",     NULL};
    static const char *const STANDARD[] = {"longitude", "latitude", "air_pressure", "time"};
    char unit[TEXT_MAX], text[TEXT_MAX];
    bs_nc_text(nc, coordinate, "units", unit, sizeof unit);
    if (one_of(unit, EAST)) return BS_PL_LON;
    if (one_of(unit, NORTH)) return BS_PL_LAT;
    if (strstr(unit, " since ")) return BS_PL_TIME;
    if (bs_nc_text(nc, coordinate, "standard_name", text, sizeof text)) {
        for (int a = 0; a < BS_PL_N_AXES; a++) {
            if (strcmp(text, STANDARD[a]) == 0) return (bs_pl_axis)a;
        }
        if (strcmp(text, "projection_x_coordinate") == 0 || strcmp(text, "projection_y_coordinate") == 0) {
            return BS_PL_OTHER;
        }
    }
    double scale = 0, offset = 0;
    if (unit[0] && bs_units_convert(units, unit, "Pa", &scale, &offset, NULL) == BS_OK) return BS_PL_LEVEL;
    if (bs_nc_text(nc, coordinate, "axis", text, sizeof text) && text[0] && !text[1]) {
        bool degrees = !unit[0] || strncasecmp(unit, "degree", 6) == 0;
        if (text[0] == 'X' && degrees) return BS_PL_LON;
        if (text[0] == 'Y' && degrees) return BS_PL_LAT;
        if (text[0] == 'T') return BS_PL_TIME;
    }
    return BS_PL_N_AXES;
}

static bs_pl_axis by_name(const char *name)
{
    static const char *const LON[] = {"lon", "longitude", "lons", "nav_lon", "x_lon", NULL};
    static const char *const LAT[] = {"lat", "latitude", "lats", "nav_lat", "y_lat", NULL};
    static const char *const LEVEL[] = {"level",
                                        "lev",
                                        "levels",
                                        "pressure_level",
                                        "plev",
                                        "pressure",
                                        "isobaric",
                                        "pres",
                                        "isobaricInhPa",
                                        "isobaricInPa",
                                        "air_pressure",
                                        "pressureLevel",
                                        "lev_p",
                                        "plevel",
                                        "hybrid",
                                        "model_level",
                                        "model_level_number",
                                        "mlev",
                                        "nhym",
                                        NULL};
    static const char *const TIME[] = {"time", "valid_time", "times", NULL};
    if (one_of(name, LON)) return BS_PL_LON;
    if (one_of(name, LAT)) return BS_PL_LAT;
    /* isobaric1, isobaric2, ...: several pressure axes in one file of the THREDDS server */
    if (one_of(name, LEVEL) || strncmp(name, "isobaric", 8) == 0) return BS_PL_LEVEL;
    if (one_of(name, TIME)) return BS_PL_TIME;
    return BS_PL_OTHER;
}

/* A length-1 dimension of another kind (height = 10 m, member 1) has attributes that say so; the name alone does not
 * make it an axis then. */
static bs_pl_axis axis_of(const bs_nc *nc, const bs_nc_var *var, int d, const bs_pl_axis_names *names, bs_units *units)
{
    for (int a = 0; a < BS_PL_N_AXES; a++) {
        if (names->name[a] && strcmp(names->name[a], var->dim[d]) == 0) return (bs_pl_axis)a;
    }
    bs_pl_axis axis = BS_PL_N_AXES;
    bs_nc_var coordinate;
    if (bs_nc_has_var(nc, var->dim[d]) && bs_nc_find(nc, var->dim[d], &coordinate, NULL) == BS_OK) {
        axis = by_attributes(nc, &coordinate, units);
    }
    if (axis == BS_PL_N_AXES) axis = by_name(var->dim[d]);
    if (axis == BS_PL_OTHER && bs_pl_valid_times(nc, var, d, &coordinate)) return BS_PL_TIME; /* step */
    return axis;
}

typedef enum heights { NO_HEIGHTS, OTHER_HEIGHTS, THE_HEIGHT } heights;

/* Whether dimension d counts heights above the ground, and the index of the height (m) along it. */
static heights find_height(const bs_nc *nc, const bs_nc_var *var, int d, double height, bs_units *units, size_t *index)
{
    char unit[TEXT_MAX];
    double scale = 0, offset = 0, values[HEIGHTS_MAX];
    bs_nc_var axis;
    if (height == 0 || var->length[d] > HEIGHTS_MAX || !bs_nc_has_var(nc, var->dim[d])) return NO_HEIGHTS;
    if (bs_nc_find(nc, var->dim[d], &axis, NULL) != BS_OK || axis.n_dims != 1) return NO_HEIGHTS;
    if (axis.size != var->length[d] || !bs_nc_text(nc, &axis, "units", unit, sizeof unit)) return NO_HEIGHTS;
    if (bs_units_convert(units, unit, "m", &scale, &offset, NULL) != BS_OK) return NO_HEIGHTS;
    if (bs_nc_read(nc, &axis, NULL, NULL, values, NULL) != BS_OK) return NO_HEIGHTS;
    for (size_t i = 0; i < axis.size; i++) {
        if (fabs(scale * values[i] - height) > 1e-3) continue;
        *index = i;
        return THE_HEIGHT;
    }
    return OTHER_HEIGHTS;
}

bs_status bs_pl_axes_find(const bs_nc *nc, const bs_nc_var *var, const bs_pl_axis_names *names, bs_units *units,
                          bs_pl_axes *out, bs_err *err)
{
    const char *file = bs_nc_file(nc);
    *out = (bs_pl_axes){.versions = -1};
    for (int a = 0; a < BS_PL_N_AXES; a++) out->dim[a] = -1;
    for (int d = 0; d < var->n_dims; d++) {
        bs_pl_axis axis = axis_of(nc, var, d, names, units);
        if (axis == BS_PL_OTHER) {
            const heights found = find_height(nc, var, d, names->height, units, &out->fixed[d]);
            if (found == OTHER_HEIGHTS) {
                return bs_fail(err, BS_ERR_INPUT,
                               "%s: variable '%s' lies at other heights (dimension '%s') than %g m above the ground",
                               file, var->name, var->dim[d], names->height);
            }
            if (var->length[d] == 1 || found == THE_HEIGHT) continue;
            if (names->versions && strcmp(var->dim[d], "expver") == 0 && out->versions < 0) {
                out->versions = d;
                continue;
            }
            return bs_fail(err, BS_ERR_INPUT,
                           "%s: variable '%s' has a dimension '%s' of length %zu that is neither longitude, latitude, "
                           "pressure nor time; fields on regular longitude-latitude grids and pressure levels are "
                           "expected. If it is one of these, name it in dimensions",
                           file, var->name, var->dim[d], var->length[d]);
        }
        if (out->dim[axis] >= 0) {
            return bs_fail(
                err, BS_ERR_INPUT,
                "%s: variable '%s' has two dimensions that look like %s: '%s' and '%s'; name the right one in "
                "dimensions.%s",
                file, var->name, AXIS_TEXT[axis], var->dim[out->dim[axis]], var->dim[d], AXIS_TEXT[axis]);
        }
        out->dim[axis] = d;
    }
    for (int a = BS_PL_LON; a <= BS_PL_LAT; a++) {
        if (out->dim[a] >= 0) continue;
        return bs_fail(
            err, BS_ERR_INPUT,
            "%s: variable '%s' has no %s axis: none of its dimensions has units degrees_%s or a usual name; name "
            "it in dimensions.%s",
            file, var->name, AXIS_TEXT[a], a == BS_PL_LON ? "east" : "north", AXIS_TEXT[a]);
    }
    return BS_OK;
}

bs_status bs_pl_axis_coordinate(const bs_nc *nc, const bs_nc_var *var, int dim, bs_nc_var *coordinate, double **values,
                                bs_err *err)
{
    *values = NULL;
    const char *file = bs_nc_file(nc), *name = var->dim[dim];
    if (!bs_nc_has_var(nc, name)) {
        return bs_fail(err, BS_ERR_INPUT, "%s: dimension '%s' of variable '%s' has no coordinate variable of that name",
                       file, name, var->name);
    }
    BS_TRY(bs_nc_find(nc, name, coordinate, err));
    if (coordinate->n_dims != 1 || coordinate->size != var->length[dim] || !coordinate->is_number) {
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: '%s' must be a one-dimensional variable of %zu numbers, the coordinates of '%s'", file,
                       name, var->length[dim], var->name);
    }
    double *v = NULL;
    BS_TRY(BS_NEW(&v, coordinate->size, name, err));
    bs_status status = bs_nc_read(nc, coordinate, NULL, NULL, v, err);
    for (size_t i = 0; i < coordinate->size && !status; i++) {
        if (!isfinite(v[i])) {
            status = bs_fail(err, BS_ERR_INPUT, "%s: %s[%zu] is missing or not a number", file, name, i);
        }
    }
    if (status) {
        bs_free(v);
        return status;
    }
    *values = v;
    return BS_OK;
}

static bs_status check_monotonic(const char *file, const char *name, size_t n, const double *v, bs_err *err)
{
    for (size_t i = 2; i < n; i++) {
        if ((v[i] - v[i - 1]) * (v[1] - v[0]) > 0) continue;
        return bs_fail(err, BS_ERR_INPUT, "%s: axis '%s' is not strictly monotonic: %g at %zu, %g at %zu", file, name,
                       v[i - 1], i - 1, v[i], i);
    }
    if (n > 1 && v[1] == v[0]) {
        return bs_fail(err, BS_ERR_INPUT, "%s: axis '%s' holds %g twice, at 0 and 1", file, name, v[0]);
    }
    return BS_OK;
}

bs_status bs_pl_axis_read(const bs_nc *nc, const bs_nc_var *var, int dim, double **values, bs_err *err)
{
    bs_nc_var coordinate;
    BS_TRY(bs_pl_axis_coordinate(nc, var, dim, &coordinate, values, err));
    bs_status status = check_monotonic(bs_nc_file(nc), coordinate.name, coordinate.size, *values, err);
    if (status) {
        bs_free(*values);
        *values = NULL;
    }
    return status;
}

static bool counts_model_levels(const bs_nc *nc, const bs_nc_var *coordinate)
{
    static const char *const WORDS[] = {"model_level_number", "model level number", "hybrid level",
                                        "atmosphere_hybrid_sigma_pressure_coordinate", NULL};
    char text[TEXT_MAX];
    if (bs_nc_text(nc, coordinate, "long_name", text, sizeof text) && one_of(text, WORDS)) return true;
    return bs_nc_text(nc, coordinate, "standard_name", text, sizeof text) && one_of(text, WORDS);
}

/* Scale of the pressure axis to Pa, from its attribute or the case. */
static bs_status pressure_scale(const bs_nc *nc, const bs_nc_var *coordinate, const char *stated, bs_units *units,
                                double *scale, bs_err *err)
{
    const char *file = bs_nc_file(nc);
    char text[TEXT_MAX];
    bool has = bs_nc_text(nc, coordinate, "units", text, sizeof text) && text[0];
    if (!stated && counts_model_levels(nc, coordinate)) {
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: axis '%s' counts the levels of a model; pressure levels are expected, "
                       "meteorology.provider: era5_model_levels reads these",
                       file, coordinate->name);
    }
    if (!has && !stated) {
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: the pressure axis '%s' has no units attribute; write its unit as "
                       "meteorology.dimensions.level_units: hPa (or Pa)",
                       file, coordinate->name);
    }
    double offset = 0, other = 0;
    const char *unit = has ? text : stated;
    if (bs_units_convert(units, unit, "Pa", scale, &offset, NULL)) {
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: axis '%s' has unit '%s', which is no pressure; pressure levels are expected; "
                       "meteorology.provider: era5_model_levels reads the hybrid levels of a model",
                       file, coordinate->name, unit);
    }
    if (has && stated) {
        bs_status status = bs_units_convert(units, stated, "Pa", &other, &offset, err);
        if (status) {
            bs_err_context(err, "meteorology.dimensions.level_units");
            return status;
        }
        if (fabs(other - *scale) > 1e-9 * fabs(*scale)) {
            return bs_fail(
                err, BS_ERR_INPUT,
                "%s: axis '%s' has unit '%s', but meteorology.dimensions.level_units says '%s'; remove that line", file,
                coordinate->name, text, stated);
        }
    }
    return BS_OK;
}

bs_status bs_pl_axis_read_pressure(const bs_nc *nc, const bs_nc_var *var, int dim, const bs_pl_axis_names *names,
                                   bs_units *units, double **values, bs_err *err)
{
    bs_nc_var coordinate;
    BS_TRY(bs_pl_axis_coordinate(nc, var, dim, &coordinate, values, err));
    const char *file = bs_nc_file(nc);
    double scale = 1;
    bs_status status = check_monotonic(file, coordinate.name, coordinate.size, *values, err);
    if (!status) status = pressure_scale(nc, &coordinate, names->level_units, units, &scale, err);
    for (size_t i = 0; i < coordinate.size && !status; i++) {
        double pa = (*values)[i] * scale;
        (*values)[i] = pa;
        if (pa > 0 && pa < 120000) continue;
        status = bs_fail(err, BS_ERR_INPUT,
                         "%s: %s[%zu] is %g Pa, expected a pressure above 0 and below 120000 Pa; is its unit "
                         "right?",
                         file, coordinate.name, i, pa);
    }
    if (status) {
        bs_free(*values);
        *values = NULL;
    }
    return status;
}

static bs_status check_numbers(const bs_nc *nc, const bs_nc_var *coordinate, int n, bs_units *units,
                               const double *values, bs_err *err)
{
    const char *file = bs_nc_file(nc);
    char unit[TEXT_MAX];
    double scale = 0, offset = 0;
    if (bs_nc_text(nc, coordinate, "units", unit, sizeof unit) && unit[0] &&
        bs_units_convert(units, unit, "Pa", &scale, &offset, NULL) == BS_OK) {
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: axis '%s' is in '%s': these are pressure levels, numbers of model levels are expected; "
                       "meteorology.provider: pressure_levels reads these",
                       file, coordinate->name, unit);
    }
    BS_TRY(check_monotonic(file, coordinate->name, coordinate->size, values, err));
    for (size_t i = 0; i < coordinate->size; i++) {
        if (n == 0 || (values[i] >= 1 && values[i] <= n && values[i] == floor(values[i]))) continue;
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: %s[%zu] is %g, expected the number of a model level, 1 (top) to %d (ground); has the model "
                       "other levels (meteorology.hybrid)?",
                       file, coordinate->name, i, values[i], n);
    }
    return BS_OK;
}

bs_status bs_pl_axis_read_numbers(const bs_nc *nc, const bs_nc_var *var, int dim, int n, bs_units *units,
                                  double **values, bs_err *err)
{
    const size_t length = var->length[dim];
    bs_nc_var coordinate;
    if (!bs_nc_has_var(nc, var->dim[dim])) {
        if (n != 0 && length != (size_t)n) {
            return bs_fail(err, BS_ERR_INPUT,
                           "%s: dimension '%s' of variable '%s' has no coordinate variable, and so it is unknown which "
                           "%zu of the %d model levels these are",
                           bs_nc_file(nc), var->dim[dim], var->name, length, n);
        }
        BS_TRY(BS_NEW(values, length, var->dim[dim], err));
        for (size_t k = 0; k < length; k++) (*values)[k] = (double)(k + 1);
        return BS_OK;
    }
    BS_TRY(bs_pl_axis_coordinate(nc, var, dim, &coordinate, values, err));
    const bs_status status = check_numbers(nc, &coordinate, n, units, *values, err);
    if (status) {
        bs_free(*values);
        *values = NULL;
    }
    return status;
}
