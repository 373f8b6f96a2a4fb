#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/core/memory.h"
#include "model/emis/lonlat_field.h"

enum { INDEX_MAX = 256 };

bs_status bs_lonlat_field_hold(const char *file, const char *name, const bs_lonlat_frame *frame, int n_times,
                               bs_lonlat_field **out, bs_err *err)
{
    bs_lonlat_field *f = NULL;
    BS_TRY(BS_NEW(&f, 1, "a field's axes", err));
    *f = (bs_lonlat_field){.file = file, .dim_lon = -1, .dim_lat = -1, .dim_time = -1, .dim_sector = -1};
    snprintf(f->var.name, sizeof f->var.name, "%s", name);
    f->n_times = n_times;
    f->n_lon = frame->n_lon;
    f->n_lat = frame->n_lat;
    bs_status status = BS_NEW(&f->lon, f->n_lon, "an axis", err);
    if (status == BS_OK) status = BS_NEW(&f->lat, f->n_lat, "an axis", err);
    if (status == BS_OK) status = BS_NEW(&f->lon_edge, f->n_lon + 1, "an axis", err);
    if (status == BS_OK) status = BS_NEW(&f->lat_edge, f->n_lat + 1, "an axis", err);
    if (status == BS_OK) status = BS_NEW(&f->held, f->n_lon * f->n_lat * (size_t)n_times, "an inventory's values", err);
    if (status) {
        bs_lonlat_field_close(f);
        return status;
    }
    for (size_t i = 0; i <= f->n_lon; i++) f->lon_edge[i] = frame->west + (double)i * frame->dlon;
    for (size_t j = 0; j <= f->n_lat; j++) f->lat_edge[j] = frame->south + (double)j * frame->dlat;
    for (size_t i = 0; i < f->n_lon; i++) f->lon[i] = frame->west + ((double)i + 0.5) * frame->dlon;
    for (size_t j = 0; j < f->n_lat; j++) f->lat[j] = frame->south + ((double)j + 0.5) * frame->dlat;
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
    bs_free(f->held);
    bs_free(f);
}

/* "time=3, lat=2, lon=5" in the order of the file. */
static void write_index(const bs_lonlat_field *f, int time, size_t j, size_t i, char *text, size_t size)
{
    size_t at[BS_NC_MAX_DIMS] = {0};
    if (f->held) {
        int used = f->n_times > 1 ? snprintf(text, size, "time=%d, ", time) : 0;
        snprintf(text + used, size - (size_t)used, "lat=%zu, lon=%zu", j, i);
        return;
    }
    if (f->dim_time >= 0) at[f->dim_time] = f->time_first + (size_t)time;
    if (f->dim_sector >= 0) at[f->dim_sector] = f->sector;
    at[f->dim_lat] = j;
    at[f->dim_lon] = i;
    for (int d = 0, n = 0; d < f->var.n_dims; d++) {
        n += snprintf(text + n, size - (size_t)n, "%s%.24s=%zu", d ? ", " : "", f->var.dim[d], at[d]);
    }
}

static bs_status refuse(const bs_lonlat_field *f, int time, size_t j, size_t i, double value, bs_err *err)
{
    char index[INDEX_MAX] = "";
    write_index(f, time, j, i, index, sizeof index);
    if (isnan(value)) {
        bs_fail(err, BS_ERR_INPUT, "%s: variable '%s'[%s] (%.4f E, %.4f N) is missing or not a number", f->file,
                f->var.name, index, f->lon[i], f->lat[j]);
        bs_err_add(err, "every cell needs a value: write 0 where nothing is emitted, for example with 'cdo "
                        "setmisstoc,0 in.nc out.nc', or say 'missing: zero' of the inventory if that is what it means");
        return BS_ERR_INPUT;
    }
    return bs_fail(err, BS_ERR_INPUT,
                   "%s: variable '%s'[%s] (%.4f E, %.4f N) = %g; expected a finite number, not negative", f->file,
                   f->var.name, index, f->lon[i], f->lat[j], value);
}

static bs_status fetch(const bs_lonlat_field *f, int time, double *value, bs_err *err)
{
    size_t start[BS_NC_MAX_DIMS] = {0}, count[BS_NC_MAX_DIMS] = {0}, n = f->n_lat * f->n_lon;
    if (f->held) {
        memcpy(value, f->held + (size_t)time * n, n * sizeof *value);
        return BS_OK;
    }
    for (int d = 0; d < f->var.n_dims; d++) count[d] = f->var.length[d];
    if (f->dim_time >= 0) {
        start[f->dim_time] = f->time_first + (size_t)time;
        count[f->dim_time] = 1;
    }
    if (f->dim_sector >= 0) {
        start[f->dim_sector] = f->sector;
        count[f->dim_sector] = 1;
    }
    if (f->dim_lon > f->dim_lat) return bs_nc_read(f->nc, &f->var, start, count, value, err);
    double *raw = NULL;
    BS_TRY(BS_NEW(&raw, n, "a field", err));
    bs_status status = bs_nc_read(f->nc, &f->var, start, count, raw, err);
    for (size_t j = 0; j < f->n_lat && status == BS_OK; j++) {
        for (size_t i = 0; i < f->n_lon; i++) value[j * f->n_lon + i] = raw[i * f->n_lat + j];
    }
    bs_free(raw);
    return status;
}

bs_status bs_lonlat_field_read_with(const bs_lonlat_field *f, int time, bs_lonlat_missing *missing, double *value,
                                    bs_err *err)
{
    BS_TRY(fetch(f, time, value, err));
    missing->count = 0;
    for (size_t j = 0; j < f->n_lat; j++) {
        for (size_t i = 0; i < f->n_lon; i++) {
            double *x = &value[j * f->n_lon + i];
            if (missing->has_fill && *x == missing->fill) *x = NAN;
            if (*x >= 0 && !isinf(*x)) continue;
            if (!missing->zero || !isnan(*x)) return refuse(f, time, j, i, *x, err);
            if (missing->count++ == 0) {
                write_index(f, time, j, i, missing->first, sizeof missing->first);
            }
            *x = 0;
        }
    }
    return BS_OK;
}

bs_status bs_lonlat_field_read(const bs_lonlat_field *f, int time, double *value, bs_err *err)
{
    return bs_lonlat_field_read_with(f, time, &(bs_lonlat_missing){0}, value, err);
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
