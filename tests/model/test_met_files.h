/* test_met_files.h - files of weather in any layout, for the tests of layouts and model levels: dimensions under one-letter kinds, a
 * value for each element from a function of place and time. Beside test_pressure_levels.h, whose mesh and truth it uses. */
#ifndef BS_TESTS_MODEL_TEST_MET_FILES_H
#define BS_TESTS_MODEL_TEST_MET_FILES_H

#include "tests/model/test_pressure_levels.h"

enum { AXIS_MAX = 32, KINDS = 7 };

/* A place in a variable. */
typedef struct met_point {
    double hours, lev, lat, lon, height; /* coordinates as stored; 0 where the variable has no such axis */
    int version, k;
} met_point;

typedef double met_value(const char *name, met_point at, const void *own);

/* Axes by kind: 't' time, 'k' level, 'j' latitude, 'i' longitude, 'h' height, 'e' version, 'm' member. */
typedef struct met_axis {
    const char *name, *unit; /* unit NULL: none; "-": no coordinate variable at all */
    const char *long_name;   /* NULL: none */
    int n;
    double value[AXIS_MAX];
} met_axis;

typedef struct met_file {
    int id;
    met_axis axis[KINDS];
    int dim[KINDS];
    bool packed; /* int16 with scale_factor and add_offset, _FillValue -32767 */
    bool whole;  /* axes as integers, as grib_to_netcdf writes them */
    const void *own;
} met_file;

static inline int kind_of(char c)
{
    const char *at = strchr("tkjihem", c);
    assert_non_null(at);
    return (int)(at - "tkjihem");
}

static inline met_axis *axis_at(met_file *f, char kind)
{
    return &f->axis[kind_of(kind)];
}

/* Longitudes 101 to 107, latitudes 27.5 to 32.5, every half degree, north first. */
static inline met_file met_file_over_the_mesh(void)
{
    met_file f = {0};
    *axis_at(&f, 'j') = (met_axis){.name = "latitude", .unit = "degrees_north", .n = 11};
    *axis_at(&f, 'i') = (met_axis){.name = "longitude", .unit = "degrees_east", .n = 13};
    for (int j = 0; j < 11; j++) axis_at(&f, 'j')->value[j] = 32.5 - 0.5 * j;
    for (int i = 0; i < 13; i++) axis_at(&f, 'i')->value[i] = 101 + 0.5 * i;
    return f;
}

static inline void met_create(met_file *f, const char *dir, const char *name)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    remove(path); /* a provider may have it open */
    NC_OK(nc_create(path, NC_NETCDF4 | NC_CLOBBER, &f->id));
    for (int a = 0; a < KINDS; a++) {
        const met_axis *x = &f->axis[a];
        int var;
        if (!x->name) continue;
        NC_OK(nc_def_dim(f->id, x->name, (size_t)x->n, &f->dim[a]));
        if (x->unit && strcmp(x->unit, "-") == 0) continue;
        NC_OK(nc_def_var(f->id, x->name, f->whole && a <= 1 ? NC_INT : NC_DOUBLE, 1, &f->dim[a], &var));
        if (x->unit) NC_OK(nc_put_att_text(f->id, var, "units", strlen(x->unit), x->unit));
        if (x->long_name) NC_OK(nc_put_att_text(f->id, var, "long_name", strlen(x->long_name), x->long_name));
        NC_OK(nc_enddef(f->id));
        NC_OK(nc_put_var_double(f->id, var, x->value));
        NC_OK(nc_redef(f->id));
    }
    NC_OK(nc_enddef(f->id));
}

static inline met_point met_point_at(const met_file *f, const char *kinds, size_t element)
{
    met_point p = {0};
    for (size_t d = strlen(kinds); d-- > 0;) {
        const int a = kind_of(kinds[d]), index = (int)(element % (size_t)f->axis[a].n);
        const double value = f->axis[a].value[index];
        element /= (size_t)f->axis[a].n;
        if (kinds[d] == 't') p.hours = value;
        if (kinds[d] == 'k') p.lev = value;
        if (kinds[d] == 'k') p.k = index;
        if (kinds[d] == 'j') p.lat = value;
        if (kinds[d] == 'i') p.lon = value;
        if (kinds[d] == 'h') p.height = value;
        if (kinds[d] == 'e') p.version = (int)value;
    }
    return p;
}

/* kinds: the dimensions in their order, as "tkji"; unit NULL: none. */
static inline void met_put(met_file *f, const char *name, const char *kinds, const char *unit, met_value *value)
{
    int dims[KINDS], var, n = (int)strlen(kinds);
    size_t size = 1;
    for (int d = 0; d < n; d++) {
        dims[d] = f->dim[kind_of(kinds[d])];
        size *= (size_t)f->axis[kind_of(kinds[d])].n;
    }
    double *v = malloc(size * sizeof *v), low = 1e30, high = -1e30;
    assert_non_null(v);
    for (size_t m = 0; m < size; m++) {
        v[m] = value(name, met_point_at(f, kinds, m), f->own);
        if (isfinite(v[m])) low = fmin(low, v[m]);
        if (isfinite(v[m])) high = fmax(high, v[m]);
    }
    NC_OK(nc_redef(f->id));
    NC_OK(nc_def_var(f->id, name, f->packed ? NC_SHORT : NC_DOUBLE, n, dims, &var));
    if (unit) NC_OK(nc_put_att_text(f->id, var, "units", strlen(unit), unit));
    if (f->packed) {
        const double scale = high > low ? (high - low) / 65000 : 1, offset = 0.5 * (low + high);
        const short fill = -32767;
        NC_OK(nc_put_att_double(f->id, var, "scale_factor", NC_DOUBLE, 1, &scale));
        NC_OK(nc_put_att_double(f->id, var, "add_offset", NC_DOUBLE, 1, &offset));
        NC_OK(nc_put_att_short(f->id, var, "_FillValue", NC_SHORT, 1, &fill));
        for (size_t m = 0; m < size; m++) v[m] = isfinite(v[m]) ? round((v[m] - offset) / scale) : fill;
    }
    NC_OK(nc_enddef(f->id));
    NC_OK(nc_put_var_double(f->id, var, v));
    free(v);
}

static inline void met_attribute(met_file *f, const char *name, const char *attribute, const char *text)
{
    int var;
    NC_OK(nc_redef(f->id));
    NC_OK(nc_inq_varid(f->id, name, &var));
    NC_OK(nc_put_att_text(f->id, var, attribute, strlen(text), text));
    NC_OK(nc_enddef(f->id));
}

static inline void met_close(met_file *f)
{
    NC_OK(nc_close(f->id));
}

/* What the provider said while it worked: everything since the bench was set up. */
static inline const char *log_text(bench *b, char *text, size_t size)
{
    fflush(b->log.screen);
    rewind(b->log.screen);
    const size_t n = fread(text, 1, size - 1, b->log.screen);
    text[n] = '\0';
    return text;
}

/* Opens (and, where that succeeds, reads at the start), expects failure and all the texts (NULL ends them). */
static inline void refused(bench *b, const char *meteorology, ...)
{
    bs_status status = bench_open(b, meteorology, NULL);
    if (status == BS_OK) status = bench_read(b, 0);
    assert_int_equal(status, BS_ERR_INPUT);
    va_list args;
    va_start(args, meteorology);
    for (const char *text = va_arg(args, const char *); text; text = va_arg(args, const char *)) {
        if (!strstr(b->err.text, text)) fail_msg("'%s' is not in the message:\n%s", text, b->err.text);
    }
    va_end(args);
}

#endif
