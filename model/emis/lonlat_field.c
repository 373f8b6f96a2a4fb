#include "model/emis/lonlat_field.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/core/memory.h"
#include "model/core/number.h"
#include "model/emis/time_axis.h"

enum { TEXT_MAX = 256, LONG_TEXT_MAX = 2048 };

static const double EDGE_TOLERANCE = 1e-4; /* of a cell's width: bounds may be stored as float */

typedef enum axis { AXIS_NONE, AXIS_LON, AXIS_LAT, AXIS_TIME } axis;

/* What is needed while a field is opened. */
typedef struct opening {
    bs_lonlat_as as;
    bs_units *units;
    bs_log *log;
} opening;

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

/* What a coordinate variable is, by CF-1.10 sections 4.1, 4.2 and 4.4; one without a single attribute of these, by its
 * name. */
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

static bs_status take_time(bs_lonlat_field *f, int d, const bs_nc_var *coordinate, const opening *o, bs_err *err)
{
    const size_t n = f->var.length[d];
    const bool in_order = o->as.months_in_order && n == 12;
    const bool year_on_it = coordinate && o->as.year && !in_order;
    if (n != 1 && n != 12 && !year_on_it) {
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: variable '%s' has %zu times; an inventory has none or 1 (a year) or 12 (its months). "
                       "Select a year, for "
                       "example with 'cdo selyear,2015 in.nc out.nc', or name it as the inventory's 'year'",
                       f->file, f->var.name, n);
    }
    f->dim_time = d;
    f->n_times = (int)n;
    if (!coordinate || in_order) return BS_OK;
    bs_time_span span;
    BS_TRY(bs_time_axis_span(f->nc, coordinate, o->as.year, o->units, &span, err));
    f->n_times = span.n;
    f->year = span.year;
    f->leapless = span.leapless;
    f->time_first = span.first;
    return BS_OK;
}

/* The index of a sector by the list "0: Agriculture; 1: Energy" (attribute `ids`, as CEDS has it); -1: not in it. */
static double by_ids(const char *ids, const char *sector)
{
    const size_t n = strlen(sector);
    for (const char *p = ids; *p;) {
        p += strspn(p, "; ");
        const size_t digits = bs_number_length(p), all = strcspn(p, ";");
        const char *name = p + digits + strspn(p + digits, ": ");
        size_t length = (size_t)(p + all - name);
        while (name < p + all && length && name[length - 1] == ' ') length--;
        if (digits && name <= p + all && length == n && strncmp(name, sector, n) == 0) return strtod(p, NULL);
        p += all;
    }
    return -1;
}

/* A dimension of sectors: the one that is asked for, by its name in `ids` or by the number in the coordinate variable.
 * */
static bs_status take_sector(bs_lonlat_field *f, int d, const bs_nc_var *coordinate, const opening *o, bs_err *err)
{
    char ids[LONG_TEXT_MAX] = "";
    const size_t n = f->var.length[d];
    double number = -1, *value = NULL;
    if (coordinate) bs_nc_text(f->nc, coordinate, "ids", ids, sizeof ids);
    if (*ids) number = by_ids(ids, o->as.sector);
    if (number < 0 && !bs_number_real(o->as.sector, &number)) {
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: dimension '%s' of variable '%s' has no sector '%s'%s%s; expected a name of its attribute "
                       "'ids' or a number",
                       f->file, f->var.dim[d], f->var.name, o->as.sector, *ids ? "; it has " : ": no attribute 'ids'",
                       ids);
    }
    BS_TRY(BS_NEW(&value, n, "numbers of sectors", err));
    for (size_t i = 0; i < n; i++) value[i] = (double)i;
    bs_status status = coordinate ? bs_nc_read(f->nc, coordinate, NULL, NULL, value, err) : BS_OK;
    size_t at = 0;
    while (status == BS_OK && at < n && value[at] != number) at++;
    bs_free(value);
    if (status) return status;
    if (at == n) {
        return bs_fail(err, BS_ERR_INPUT, "%s: dimension '%s' of variable '%s' has no sector %g ('%s'); it has %zu",
                       f->file, f->var.dim[d], f->var.name, number, o->as.sector, n);
    }
    f->dim_sector = d;
    f->sector = at;
    return BS_OK;
}

static bs_status take_dimension(bs_lonlat_field *f, int d, const opening *o, bs_err *err)
{
    const char *dim = f->var.dim[d];
    bs_nc_var coordinate;
    bool found = false;
    BS_TRY(find_coordinate(f->nc, dim, &coordinate, &found, err));
    if (o->as.sector_dimension && f->dim_sector < 0 && strcmp(dim, o->as.sector_dimension) == 0)
        return take_sector(f, d, found ? &coordinate : NULL, o, err);
    bool named = false;
    axis a = found ? classify(f->nc, &coordinate, &named) : AXIS_NONE;
    if (named)
        bs_log_info(o->log, "%s: '%s' states no units; taken by its name as %s in degrees", f->file, dim,
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
    if (a == AXIS_TIME && f->dim_time < 0) return take_time(f, d, found ? &coordinate : NULL, o, err);
    return bs_fail(
        err, BS_ERR_INPUT,
        "%s: variable '%s': dimension '%s' is no axis of longitude, latitude or time; expected coordinate variables "
        "with units degrees_east, degrees_north and '... since ...' (CF) (or none, and the names lon and lat), and no "
        "further "
        "dimension",
        f->file, f->var.name, dim);
}

static bs_status open_field(bs_lonlat_field *f, const char *variable, const opening *o, bs_err *err)
{
    const char *file = f->file;
    BS_TRY(bs_nc_find(f->nc, variable, &f->var, err));
    if (!f->var.is_number) return bs_fail(err, BS_ERR_INPUT, "%s: variable '%s' holds no numbers", file, variable);
    for (int d = 0; d < f->var.n_dims; d++) BS_TRY(take_dimension(f, d, o, err));
    if (f->dim_lon < 0 || f->dim_lat < 0) {
        return bs_fail(err, BS_ERR_INPUT, "%s: variable '%s' has no axis of %s (units %s)", file, variable,
                       f->dim_lon < 0 ? "longitude" : "latitude", f->dim_lon < 0 ? "degrees_east" : "degrees_north");
    }
    if (o->as.sector_dimension && f->dim_sector < 0) {
        return bs_fail(err, BS_ERR_INPUT, "%s: variable '%s' has no dimension '%s' (of sectors)", file, variable,
                       o->as.sector_dimension);
    }
    for (size_t j = 0; j < f->n_lat; j++) {
        if (fabs(f->lat[j]) > 90) {
            return bs_fail(err, BS_ERR_INPUT, "%s: latitude [%zu] = %g lies beyond 90 degrees", file, j, f->lat[j]);
        }
    }
    return BS_OK;
}

bs_status bs_lonlat_field_open_as(const bs_nc *nc, const char *variable, const bs_lonlat_as *as, bs_units *units,
                                  bs_log *log, bs_lonlat_field **out, bs_err *err)
{
    bs_lonlat_field *f = NULL;
    BS_TRY(BS_NEW(&f, 1, "a field's axes", err));
    *f = (bs_lonlat_field){.nc = nc, .dim_lon = -1, .dim_lat = -1, .dim_time = -1, .dim_sector = -1, .n_times = 1};
    f->file = bs_nc_file(nc);
    const opening o = {.as = *as, .units = units, .log = log};
    bs_status status = open_field(f, variable, &o, err);
    if (status) {
        bs_lonlat_field_close(f);
        return status;
    }
    *out = f;
    return BS_OK;
}

bs_status bs_lonlat_field_open(const bs_nc *nc, const char *variable, bs_units *units, bs_log *log,
                               bs_lonlat_field **out, bs_err *err)
{
    return bs_lonlat_field_open_as(nc, variable, &(bs_lonlat_as){0}, units, log, out, err);
}
