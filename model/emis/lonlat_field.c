#include "model/emis/lonlat_field.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/core/memory.h"
#include "model/emis/time_axis.h"

enum { TEXT_MAX = 256 };

static const double EDGE_TOLERANCE = 1e-4; /* of a cell's width: bounds may be stored as float */

typedef enum axis { AXIS_NONE, AXIS_LON, AXIS_LAT, AXIS_TIME } axis;

static bool is_one_of(const char *text, const char *const *words, size_t n)
{
    for (size_t w = 0; w < n; w++) {
        if (strcmp(text, words[w]) == 0) return true;
    }
    return false;
}

static axis by_name(const char *name)
{
    static const char *const LON[] = {"lon", "longitude", "Lon", "Longitude", "LON", "LONGITUDE"};
    static const char *const LAT[] = {"lat", "latitude", "Lat", "Latitude", "LAT", "LATITUDE"};
    if (is_one_of(name, LON, sizeof LON / sizeof *LON)) return AXIS_LON;
    return is_one_of(name, LAT, sizeof LAT / sizeof *LAT) ? AXIS_LAT : AXIS_NONE;
}

/* What a coordinate variable is, by CF-1.10 sections 4.1, 4.2 and 4.4; one without a single attribute of these, by its name. */
static axis classify(const bs_nc *nc, const bs_nc_var *coordinate, bool *named)
{
    static const char *const EAST[] = {"degrees_east", "degree_east", "degree_E", "degrees_E", "degreeE", "degreesE"};
    static const char *const NORTH[] = {"degrees_north", "degree_north", "degree_N",
                                        "degrees_N",     "degreeN",      "degreesN"};
    char units[TEXT_MAX], name[TEXT_MAX], letter[TEXT_MAX];
    bs_nc_text(nc, coordinate, "units", units, sizeof units);
    bs_nc_text(nc, coordinate, "standard_name", name, sizeof name);
    bs_nc_text(nc, coordinate, "axis", letter, sizeof letter);
    const bool bare = !*units && !*name && !*letter;
    *named = bare && by_name(coordinate->name) != AXIS_NONE;
    if (*named) return by_name(coordinate->name);
    bool degrees = strcmp(units, "degrees") == 0 || strcmp(units, "degree") == 0;
    if (is_one_of(units, EAST, sizeof EAST / sizeof *EAST)) return AXIS_LON;
    if (is_one_of(units, NORTH, sizeof NORTH / sizeof *NORTH)) return AXIS_LAT;
    if (degrees && (strcmp(name, "longitude") == 0 || strcmp(letter, "X") == 0)) return AXIS_LON;
    if (degrees && (strcmp(name, "latitude") == 0 || strcmp(letter, "Y") == 0)) return AXIS_LAT;
    if (strstr(units, " since ") || strcmp(name, "time") == 0 || strcmp(letter, "T") == 0) return AXIS_TIME;
    return AXIS_NONE;
}

static bs_status find_coordinate(const bs_nc *nc, const char *dim, bs_nc_var *coordinate, bool *found, bs_err *err)
{
    *found = false;
    if (!bs_nc_has_var(nc, dim)) return BS_OK;
    BS_TRY(bs_nc_find(nc, dim, coordinate, err));
    *found = coordinate->n_dims == 1 && strcmp(coordinate->dim[0], dim) == 0 && coordinate->is_number;
    return BS_OK;
}

/* Edges from the variable that `bounds` names; the file may give a cell's two in either order. */
static bs_status read_edges(const bs_nc *nc, const bs_nc_var *coordinate, const double *centre, size_t n, double **edge,
                            bs_err *err)
{
    char name[TEXT_MAX];
    if (!bs_nc_text(nc, coordinate, "bounds", name, sizeof name)) return BS_OK;
    bs_nc_var var;
    BS_TRY(bs_nc_find(nc, name, &var, err));
    if (var.n_dims != 2 || var.length[0] != n || var.length[1] != 2) {
        return bs_fail(err, BS_ERR_INPUT, "%s: '%s', the bounds of '%s', must have the shape (%zu, 2)", bs_nc_file(nc),
                       name, coordinate->name, n);
    }
    double *pair = NULL;
    BS_TRY(BS_NEW(&pair, 2 * n, "bounds of an axis", err));
    bs_status status = bs_nc_read(nc, &var, NULL, NULL, pair, err);
    if (status == BS_OK) status = BS_NEW(edge, n + 1, "edges of an axis", err);
    bool rising = n < 2 || centre[1] > centre[0];
    for (size_t i = 0; i < n && status == BS_OK; i++) {
        double low = fmin(pair[2 * i], pair[2 * i + 1]), high = fmax(pair[2 * i], pair[2 * i + 1]);
        double first = rising ? low : high, last = rising ? high : low;
        double slack = EDGE_TOLERANCE * (high - low);
        bool good =
            isfinite(low) && isfinite(high) && low < high && centre[i] >= low - slack && centre[i] <= high + slack;
        if (i > 0) good = good && fabs(first - (*edge)[i]) <= slack;
        if (!good) {
            status = bs_fail(
                err, BS_ERR_INPUT,
                "%s: '%s'[%zu] = (%g, %g): the bounds of '%s' must hold their centre (%g) and meet their neighbours'",
                bs_nc_file(nc), name, i, pair[2 * i], pair[2 * i + 1], coordinate->name, centre[i]);
        }
        if (i == 0) (*edge)[0] = first;
        (*edge)[i + 1] = last;
    }
    bs_free(pair);
    return status;
}

static bs_status read_axis(const bs_nc *nc, const bs_nc_var *coordinate, double **centre, double **edge, bs_err *err)
{
    size_t n = coordinate->size;
    BS_TRY(BS_NEW(centre, n, "an axis", err));
    BS_TRY(bs_nc_read(nc, coordinate, NULL, NULL, *centre, err));
    for (size_t i = 0; i < n; i++) {
        bool rising = n > 1 && (*centre)[1] > (*centre)[0];
        bool good = isfinite((*centre)[i]);
        if (good && i > 0) good = rising ? (*centre)[i] > (*centre)[i - 1] : (*centre)[i] < (*centre)[i - 1];
        if (!good) {
            return bs_fail(err, BS_ERR_INPUT, "%s: '%s'[%zu] = %g: an axis must rise or fall all along, without gaps",
                           bs_nc_file(nc), coordinate->name, i, (*centre)[i]);
        }
    }
    BS_TRY(read_edges(nc, coordinate, *centre, n, edge, err));
    if (n < 2 && !*edge) {
        return bs_fail(err, BS_ERR_INPUT, "%s: '%s' has one cell and no bounds, so its width is unknown",
                       bs_nc_file(nc), coordinate->name);
    }
    return BS_OK;
}

static bs_status take_time(bs_lonlat_field *f, int d, const bs_nc_var *coordinate, bs_units *units, bs_err *err)
{
    size_t n = f->var.length[d];
    if (n != 1 && n != 12) {
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: variable '%s' has %zu times; an inventory has none or 1 (a year) or 12 (its months). "
                       "Select a year, for "
                       "example with 'cdo selyear,2015 in.nc out.nc'",
                       bs_nc_file(f->nc), f->var.name, n);
    }
    f->dim_time = d;
    f->n_times = (int)n;
    return coordinate ? bs_time_axis_year(f->nc, coordinate, units, &f->year, err) : BS_OK;
}

static bs_status take_dimension(bs_lonlat_field *f, int d, bs_units *units, bs_log *log, bs_err *err)
{
    const char *dim = f->var.dim[d];
    bs_nc_var coordinate;
    bool found = false;
    BS_TRY(find_coordinate(f->nc, dim, &coordinate, &found, err));
    bool named = false;
    axis a = found ? classify(f->nc, &coordinate, &named) : AXIS_NONE;
    if (named)
        bs_log_info(log, "%s: '%s' states no units; taken by its name as %s in degrees", bs_nc_file(f->nc), dim,
                    a == AXIS_LON ? "longitude" : "latitude");
    if (a == AXIS_NONE && (strcmp(dim, "time") == 0 || strcmp(dim, "month") == 0)) a = AXIS_TIME;
    if (a == AXIS_LON && f->dim_lon < 0) {
        f->dim_lon = d;
        f->n_lon = f->var.length[d];
        return read_axis(f->nc, &coordinate, &f->lon, &f->lon_edge, err);
    }
    if (a == AXIS_LAT && f->dim_lat < 0) {
        f->dim_lat = d;
        f->n_lat = f->var.length[d];
        return read_axis(f->nc, &coordinate, &f->lat, &f->lat_edge, err);
    }
    if (a == AXIS_TIME && f->dim_time < 0) return take_time(f, d, found ? &coordinate : NULL, units, err);
    return bs_fail(
        err, BS_ERR_INPUT,
        "%s: variable '%s': dimension '%s' is no axis of longitude, latitude or time; expected coordinate variables "
        "with units degrees_east, degrees_north and '... since ...' (CF) (or none, and the names lon and lat), and no "
        "further "
        "dimension",
        bs_nc_file(f->nc), f->var.name, dim);
}

static bs_status open_field(bs_lonlat_field *f, const char *variable, bs_units *units, bs_log *log, bs_err *err)
{
    BS_TRY(bs_nc_find(f->nc, variable, &f->var, err));
    const char *file = bs_nc_file(f->nc);
    if (!f->var.is_number) return bs_fail(err, BS_ERR_INPUT, "%s: variable '%s' holds no numbers", file, variable);
    for (int d = 0; d < f->var.n_dims; d++) BS_TRY(take_dimension(f, d, units, log, err));
    if (f->dim_lon < 0 || f->dim_lat < 0) {
        return bs_fail(err, BS_ERR_INPUT, "%s: variable '%s' has no axis of %s (units %s)", file, variable,
                       f->dim_lon < 0 ? "longitude" : "latitude", f->dim_lon < 0 ? "degrees_east" : "degrees_north");
    }
    for (size_t j = 0; j < f->n_lat; j++) {
        if (fabs(f->lat[j]) > 90) {
            return bs_fail(err, BS_ERR_INPUT, "%s: latitude [%zu] = %g lies beyond 90 degrees", file, j, f->lat[j]);
        }
    }
    return BS_OK;
}

bs_status bs_lonlat_field_open(const bs_nc *nc, const char *variable, bs_units *units, bs_log *log,
                               bs_lonlat_field **out, bs_err *err)
{
    bs_lonlat_field *f = NULL;
    BS_TRY(BS_NEW(&f, 1, "a field's axes", err));
    *f = (bs_lonlat_field){.nc = nc, .dim_lon = -1, .dim_lat = -1, .dim_time = -1, .n_times = 1};
    bs_status status = open_field(f, variable, units, log, err);
    if (status) {
        bs_lonlat_field_close(f);
        return status;
    }
    *out = f;
    return BS_OK;
}

void bs_lonlat_field_close(bs_lonlat_field *f)
{
    if (!f) return;
    bs_free(f->lon);
    bs_free(f->lat);
    bs_free(f->lon_edge);
    bs_free(f->lat_edge);
    bs_free(f);
}

static bs_status refuse(const bs_lonlat_field *f, int time, size_t j, size_t i, double value, bs_err *err)
{
    size_t at[3] = {0};
    if (f->dim_time >= 0) at[f->dim_time] = (size_t)time;
    at[f->dim_lat] = j;
    at[f->dim_lon] = i;
    char index[TEXT_MAX] = "";
    for (int d = 0, n = 0; d < f->var.n_dims; d++) {
        n += snprintf(index + n, sizeof index - (size_t)n, "%s%.24s=%zu", d ? ", " : "", f->var.dim[d], at[d]);
    }
    if (isnan(value)) {
        bs_fail(err, BS_ERR_INPUT, "%s: variable '%s'[%s] (%.4f E, %.4f N) is missing or not a number",
                bs_nc_file(f->nc), f->var.name, index, f->lon[i], f->lat[j]);
        bs_err_add(err, "every cell needs a value: write 0 where nothing is emitted, for example with 'cdo "
                        "setmisstoc,0 in.nc out.nc'");
        return BS_ERR_INPUT;
    }
    return bs_fail(err, BS_ERR_INPUT,
                   "%s: variable '%s'[%s] (%.4f E, %.4f N) = %g; expected a finite number, not negative",
                   bs_nc_file(f->nc), f->var.name, index, f->lon[i], f->lat[j], value);
}

bs_status bs_lonlat_field_read(const bs_lonlat_field *f, int time, double *value, bs_err *err)
{
    size_t start[BS_NC_MAX_DIMS] = {0}, count[BS_NC_MAX_DIMS] = {0}, n = f->n_lat * f->n_lon;
    for (int d = 0; d < f->var.n_dims; d++) count[d] = f->var.length[d];
    if (f->dim_time >= 0) {
        start[f->dim_time] = (size_t)time;
        count[f->dim_time] = 1;
    }
    bool turned = f->dim_lon < f->dim_lat;
    double *raw = value;
    if (turned) BS_TRY(BS_NEW(&raw, n, "a field", err));
    bs_status status = bs_nc_read(f->nc, &f->var, start, count, raw, err);
    for (size_t j = 0; j < f->n_lat && status == BS_OK; j++) {
        for (size_t i = 0; i < f->n_lon && status == BS_OK; i++) {
            double x = turned ? raw[i * f->n_lat + j] : raw[j * f->n_lon + i];
            if (!(x >= 0) || isinf(x)) status = refuse(f, time, j, i, x, err);
            value[j * f->n_lon + i] = x;
        }
    }
    if (turned) bs_free(raw);
    return status;
}

bs_lonlat_grid bs_lonlat_field_grid(const bs_lonlat_field *f)
{
    return (bs_lonlat_grid){.nlon = (int)f->n_lon,
                            .nlat = (int)f->n_lat,
                            .lon = f->lon,
                            .lat = f->lat,
                            .lon_edge = f->lon_edge,
                            .lat_edge = f->lat_edge};
}
