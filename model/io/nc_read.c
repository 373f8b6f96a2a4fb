#include "model/io/nc_file.h"

#include <math.h>
#include <netcdf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MISSING_MAX = 8 };

/* How stored values become numbers: the one place that knows packing and missing values.
 * Source  CF conventions 1.10, sections 2.5.1 (missing data, valid range) and 8.1 (packed data). */
typedef struct packing {
    nc_type type;
    double wrap; /* added to negative integers that are unsigned by the attribute _Unsigned; 0: none */
    double scale, offset;
    bool packed;
    int n_missing;
    double missing[MISSING_MAX]; /* as stored */
    double low, high;            /* valid range */
    bool range_unpacked;         /* it is given in unpacked numbers */
} packing;

static void add_missing(packing *p, double value)
{
    if (p->n_missing < MISSING_MAX) p->missing[p->n_missing++] = p->wrap > 0.0 && value < 0.0 ? value + p->wrap : value;
}

static void find_missing(const bs_nc *nc, const bs_nc_var *var, packing *p)
{
    double value, list[MISSING_MAX];
    size_t n;
    nc_type type;
    if (bs_nc_number(nc, var, "_FillValue", &value)) {
        add_missing(p, value);
    } else if (p->type == NC_FLOAT) { /* netCDF fills what nobody wrote with these, said or not */
        add_missing(p, (double)NC_FILL_FLOAT);
    } else if (p->type == NC_DOUBLE) {
        add_missing(p, NC_FILL_DOUBLE);
    } else if (p->type == NC_SHORT && p->wrap == 0.0) {
        add_missing(p, (double)NC_FILL_SHORT);
    } else if (p->type == NC_INT && p->wrap == 0.0) {
        add_missing(p, (double)NC_FILL_INT);
    }
    if (nc_inq_att(nc->id, var->id, "missing_value", &type, &n) == NC_NOERR && type != NC_CHAR && n <= MISSING_MAX &&
        nc_get_att_double(nc->id, var->id, "missing_value", list) == NC_NOERR)
        for (size_t m = 0; m < n; m++) add_missing(p, list[m]);
}

static void find_range(const bs_nc *nc, const bs_nc_var *var, packing *p)
{
    double pair[2];
    size_t n;
    nc_type type = NC_NAT;
    p->low = -INFINITY;
    p->high = INFINITY;
    if (nc_inq_att(nc->id, var->id, "valid_range", &type, &n) == NC_NOERR && n == 2 && type != NC_CHAR &&
        nc_get_att_double(nc->id, var->id, "valid_range", pair) == NC_NOERR) {
        p->low = pair[0];
        p->high = pair[1];
    } else {
        if (bs_nc_number(nc, var, "valid_min", &p->low)) nc_inq_atttype(nc->id, var->id, "valid_min", &type);
        if (bs_nc_number(nc, var, "valid_max", &p->high)) nc_inq_atttype(nc->id, var->id, "valid_max", &type);
    }
    /* A range of another, wider type than the packed numbers is meant for the unpacked ones (netCDF users' guide). */
    p->range_unpacked = p->packed && p->type != type && (type == NC_FLOAT || type == NC_DOUBLE);
}

static packing packing_of(const bs_nc *nc, const bs_nc_var *var)
{
    packing p = {.scale = 1.0, .offset = 0.0};
    char text[8];
    nc_inq_vartype(nc->id, var->id, &p.type);
    if (bs_nc_text(nc, var, "_Unsigned", text, sizeof text) && strcmp(text, "true") == 0) {
        if (p.type == NC_BYTE) p.wrap = 256.0;
        if (p.type == NC_SHORT) p.wrap = 65536.0;
        if (p.type == NC_INT) p.wrap = 4294967296.0;
    }
    p.packed = bs_nc_number(nc, var, "scale_factor", &p.scale);
    p.packed = bs_nc_number(nc, var, "add_offset", &p.offset) || p.packed;
    find_missing(nc, var, &p);
    find_range(nc, var, &p);
    return p;
}

static bool is_missing(const packing *p, double stored)
{
    if (isnan(stored)) return true;
    for (int m = 0; m < p->n_missing; m++) {
        if (stored == p->missing[m]) return true;
        if (p->type == NC_FLOAT && (float)stored == (float)p->missing[m]) return true; /* attribute given as double */
    }
    return false;
}

static double unpack(const packing *p, double stored)
{
    if (p->wrap > 0.0 && stored < 0.0) stored += p->wrap;
    if (is_missing(p, stored)) return NAN;
    double value = p->packed ? stored * p->scale + p->offset : stored;
    double judged = p->range_unpacked ? value : stored;
    return judged >= p->low && judged <= p->high ? value : NAN;
}

/* A file may be opened again to read what was found when it was open before: somebody may have written it anew meanwhile. */
static bs_status check_same(const bs_nc *nc, const bs_nc_var *var, bs_err *err)
{
    bs_nc_var now;
    int n_vars = bs_nc_var_count(nc);
    bool same = var->id < n_vars && bs_nc_var_at(nc, var->id, &now, NULL) == BS_OK &&
                strcmp(now.name, var->name) == 0 && now.n_dims == var->n_dims && now.is_number == var->is_number;
    for (int d = 0; same && d < var->n_dims; d++)
        same = now.length[d] == var->length[d] && strcmp(now.dim[d], var->dim[d]) == 0;
    if (same) return BS_OK;
    return bs_fail(
        err, BS_ERR_INPUT,
        "%s: variable '%s' is no longer what it was when the file was checked: it was changed meanwhile; begin again",
        nc->file, var->name);
}

/* start and count of what is asked for, checked against the variable; *size is the number of elements. */
static bs_status slab(const bs_nc *nc, const bs_nc_var *var, const size_t *start, const size_t *count, size_t *first,
                      size_t *number, size_t *size, bs_err *err)
{
    *size = 1;
    BS_TRY(check_same(nc, var, err));
    for (int d = 0; d < var->n_dims; d++) {
        first[d] = start ? start[d] : 0;
        number[d] = count ? count[d] : var->length[d];
        *size *= number[d];
        if (first[d] > var->length[d] || number[d] > var->length[d] - first[d])
            return bs_fail(err, BS_ERR_INPUT,
                           "%s: variable '%s': asked for %zu elements from index %zu of dimension '%s', which has %zu",
                           nc->file, var->name, number[d], first[d], var->dim[d], var->length[d]);
    }
    return BS_OK;
}

bs_status bs_nc_read(const bs_nc *nc, const bs_nc_var *var, const size_t *start, const size_t *count, double *values,
                     bs_err *err)
{
    size_t first[BS_NC_MAX_DIMS] = {0}, number[BS_NC_MAX_DIMS] = {0}, size;
    if (!var->is_number)
        return bs_fail(err, BS_ERR_INPUT, "%s: variable '%s' holds text, expected numbers", nc->file, var->name);
    BS_TRY(slab(nc, var, start, count, first, number, &size, err));
    int code = nc_get_vara_double(nc->id, var->id, first, number, values);
    if (code != NC_NOERR)
        return bs_nc_fail(nc, BS_ERR_INPUT, var->id, "cannot be read, the file may be damaged", code, err);
    packing p = packing_of(nc, var);
    for (size_t n = 0; n < size; n++) values[n] = unpack(&p, values[n]);
    return BS_OK;
}

void bs_nc_keep_chunks(const bs_nc *nc, const bs_nc_var *var, const size_t *start, const size_t *count, size_t most)
{
    int storage;
    size_t chunk[BS_NC_MAX_DIMS], size = 0, number = 1;
    nc_type type = NC_NAT;
    if (nc_inq_var_chunking(nc->id, var->id, &storage, chunk) != NC_NOERR || storage != NC_CHUNKED) return;
    if (nc_inq_vartype(nc->id, var->id, &type) != NC_NOERR || nc_inq_type(nc->id, type, NULL, &size) != NC_NOERR)
        return;
    for (int d = 0; d < var->n_dims; d++) {
        if (count[d] == 0 || chunk[d] == 0) return;
        const size_t crossed = (start[d] + count[d] - 1) / chunk[d] - start[d] / chunk[d] + 1;
        if (chunk[d] > most / size || crossed > most / (size * chunk[d]) / number) return;
        size *= chunk[d];
        number *= crossed;
    }
    nc_set_var_chunk_cache(nc->id, var->id, size * number, 101 * number, 0.75f);
}

bs_status bs_nc_read_float(const bs_nc *nc, const bs_nc_var *var, const size_t *start, const size_t *count,
                           float *values, bs_err *err)
{
    size_t first[BS_NC_MAX_DIMS] = {0}, number[BS_NC_MAX_DIMS] = {0}, size;
    nc_type type = NC_NAT;
    nc_inq_vartype(nc->id, var->id, &type);
    if (type != NC_FLOAT) {
        char name[NC_MAX_NAME + 1] = "?";
        nc_inq_type(nc->id, type, name, NULL);
        return bs_fail(err, BS_ERR_INPUT, "%s: variable '%s' is of type %s, expected float", nc->file, var->name, name);
    }
    BS_TRY(slab(nc, var, start, count, first, number, &size, err));
    int code = nc_get_vara_float(nc->id, var->id, first, number, values);
    if (code != NC_NOERR)
        return bs_nc_fail(nc, BS_ERR_INPUT, var->id, "cannot be read, the file may be damaged", code, err);
    return BS_OK;
}

bs_status bs_nc_read_text(const bs_nc *nc, const bs_nc_var *var, size_t row, char *text, size_t size, bs_err *err)
{
    nc_type type = NC_NAT;
    nc_inq_vartype(nc->id, var->id, &type);
    if (type != NC_CHAR || var->n_dims != 2 || row >= var->length[0] || var->length[1] >= size)
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: variable '%s': expected rows of characters, [rows][length], with a row %zu and at most %zu "
                       "characters a row",
                       nc->file, var->name, row, size - 1);
    const size_t start[2] = {row, 0}, count[2] = {1, var->length[1]};
    int code = nc_get_vara_text(nc->id, var->id, start, count, text);
    if (code != NC_NOERR)
        return bs_nc_fail(nc, BS_ERR_INPUT, var->id, "cannot be read, the file may be damaged", code, err);
    size_t n = var->length[1];
    while (n > 0 && (text[n - 1] == ' ' || text[n - 1] == '\0')) n--;
    text[n] = '\0';
    return BS_OK;
}

bs_status bs_nc_check_calendar(const bs_nc *nc, const bs_nc_var *time, bs_err *err)
{
    static const char *const GOOD[] = {"standard", "gregorian", "proleptic_gregorian"};
    char calendar[64];
    if (!bs_nc_text(nc, time, "calendar", calendar, sizeof calendar) || !*calendar) return BS_OK;
    for (size_t c = 0; c < sizeof GOOD / sizeof *GOOD; c++) {
        if (strcasecmp(calendar, GOOD[c]) == 0) return BS_OK;
    }
    return bs_fail(err, BS_ERR_INPUT,
                   "%s: '%s' has the calendar '%s', expected standard, gregorian or proleptic_gregorian; "
                   "'cdo setcalendar,standard' changes the name, not what its days mean",
                   nc->file, time->name, calendar);
}
