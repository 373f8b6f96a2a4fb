#include "model/io/output_adjoint.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "model/core/memory.h"
#include "model/io/output_parts.h"

struct bs_adjoint_file {
    bs_output o; /* what the frame of a file looks at */
    bs_adjoint_about about;
    bs_out_file file;
    int lev; /* dimension */
    int sensitivity, sum, initial, weight, top, hourly, all, lev_var;
    int *source; /* [n_sources] */
};

/* ---- words and room ---- */

static bs_status fill_frame(bs_adjoint_file *f, bs_err *err)
{
    bs_output *o = &f->o;
    const bs_config *c = f->about.run.config;
    o->info = f->about.run;
    bs_out_complete_info(&o->info);
    o->cells = (size_t)o->info.mesh->nx * (size_t)o->info.mesh->ny;
    o->start = bs_config_time(c, "time.start");
    o->bits = (int)bs_config_int(c, "output.precision_bits");
    const bs_date d = bs_date_from_time(o->start);
    o->reference = bs_time_from_date(d.year, d.month, d.day, 0, 0, 0);
    snprintf(o->time_units, sizeof o->time_units, "hours since %04d-%02d-%02d 00:00:00", d.year, d.month, d.day);
    BS_TRY(BS_NEW(&o->map, o->cells, "output", err));
    BS_TRY(BS_NEW(&o->rounded, o->cells, "output", err));
    BS_TRY(BS_NEW(&o->packed, o->cells, "output", err));
    BS_TRY(BS_NEW(&f->source, f->about.n_sources + 1, "ids of variables", err));
    BS_TRY(bs_out_join_assumed(&o->info, &o->assumed_text, err));
    o->config_text = bs_config_dump(c);
    o->weather_label = strdup(o->info.weather_label ? o->info.weather_label : "");
    return o->config_text && o->weather_label
               ? BS_OK
               : bs_fail(err, BS_ERR_MEMORY, "output: no memory for the texts of the files");
}

static void release(bs_adjoint_file *f)
{
    bs_nc_abandon(f->file.nc);
    bs_free(f->o.map);
    bs_free(f->o.rounded);
    bs_free(f->o.packed);
    bs_free(f->o.assumed_text);
    free(f->o.config_text);
    free(f->o.weather_label);
    bs_free(f->source);
    bs_free(f);
}

void bs_adjoint_file_abandon(bs_adjoint_file *f)
{
    if (f) release(f);
}

/* ---- definitions ---- */

/* "contribution_iron_and_steel": names of sources may hold what a name of netCDF should not. */
static void source_name(const char *source, char text[BS_OUT_NAME_MAX])
{
    snprintf(text, BS_OUT_NAME_MAX, "contribution_%s", source);
    for (char *c = text; *c; c++)
        if (!isalnum((unsigned char)*c) && (unsigned char)*c < 128) *c = '_';
}

static bs_status def_fields(bs_adjoint_file *f, bs_err *err)
{
    const bs_output *o = &f->o;
    bs_out_field field = {.type = BS_NC_FLOAT, .lev = f->lev, .bits = o->bits};
    field.name = "sensitivity";
    field.units = "ug m-3 kg-1 s";
    field.long_name = "change of the receptor's mean per emission of 1 kg s-1 during the hour";
    BS_TRY(bs_out_def_field(o, &f->file, &field, &f->sensitivity, err));
    field.fixed = true;
    field.name = "sensitivity_sum";
    field.long_name = "change of the receptor's mean per emission of 1 kg s-1 during all hours";
    BS_TRY(bs_out_def_field(o, &f->file, &field, &f->sum, err));
    field.name = "sensitivity_initial";
    field.units = "kg m-3";
    field.long_name = "change of the receptor's mean (ug m-3) per mixing ratio (ug kg-1) at the start";
    BS_TRY(bs_out_def_field(o, &f->file, &field, &f->initial, err));
    field.name = "layer_top_height";
    field.units = "m";
    field.long_name = "height of the layer's top above the ground, at the start";
    BS_TRY(bs_out_def_field(o, &f->file, &field, &f->top, err));
    field.lev = -1;
    field.name = "receptor_weight";
    field.units = "1";
    field.long_name = "share of the cell in the receptor's mean";
    BS_TRY(bs_out_def_field(o, &f->file, &field, &f->weight, err));
    field.name = "contribution";
    field.units = "ug m-3";
    field.long_name = "part of the receptor's mean that the cell's emission makes";
    return bs_out_def_field(o, &f->file, &field, &f->all, err);
}

static bs_status def_sources(bs_adjoint_file *f, bs_err *err)
{
    for (int n = 0; n < f->about.n_sources; n++) {
        char name[BS_OUT_NAME_MAX], text[BS_OUT_LONG_MAX];
        source_name(f->about.source[n], name);
        snprintf(text, sizeof text, "part of the receptor's mean that the cell's emission from %s makes",
                 f->about.source[n]);
        const bs_out_field field = {.type = BS_NC_FLOAT,
                                    .lev = -1,
                                    .bits = f->o.bits,
                                    .fixed = true,
                                    .name = name,
                                    .units = "ug m-3",
                                    .long_name = text};
        BS_TRY(bs_out_def_field(&f->o, &f->file, &field, &f->source[n], err));
    }
    return BS_OK;
}

static bs_status define(bs_adjoint_file *f, bs_err *err)
{
    char from[BS_TIME_TEXT_MAX], to[BS_TIME_TEXT_MAX];
    BS_TRY(bs_out_frame(&f->o, "adjoint.nc", "sensitivity of a receptor's mean concentration to emission", true,
                        &f->file, err));
    bs_nc *nc = f->file.nc;
    BS_TRY(bs_nc_put_text(nc, BS_NC_GLOBAL, "receptor", f->about.receptor, err));
    BS_TRY(bs_nc_put_text(nc, BS_NC_GLOBAL, "receptor_from", bs_time_format(f->about.from, from), err));
    BS_TRY(bs_nc_put_text(nc, BS_NC_GLOBAL, "receptor_to", bs_time_format(f->about.to, to), err));
    BS_TRY(bs_nc_def_dim(nc, "lev", (size_t)f->o.info.levels->nz, &f->lev, err));
    const bs_nc_def lev = {.name = "lev",
                           .type = BS_NC_DOUBLE,
                           .n_dims = 1,
                           .dim = {f->lev},
                           .units = "1",
                           .long_name = "number of the layer, counted upward from the ground"};
    BS_TRY(bs_nc_def_var(nc, &lev, &f->lev_var, err));
    BS_TRY(bs_nc_put_text(nc, f->lev_var, "axis", "Z", err));
    BS_TRY(bs_nc_put_text(nc, f->lev_var, "positive", "up", err));
    const bs_nc_def hourly = {.name = "hourly_contribution",
                              .type = BS_NC_DOUBLE,
                              .n_dims = 1,
                              .dim = {f->file.time},
                              .units = "ug m-3",
                              .long_name = "part of the receptor's mean that the case's emission of the hour makes"};
    BS_TRY(bs_nc_def_var(nc, &hourly, &f->hourly, err));
    BS_TRY(def_fields(f, err));
    return def_sources(f, err);
}

/* ---- values ---- */

static bs_status put_layers(bs_adjoint_file *f, int var, int record, const double *values, bs_err *err)
{
    bs_output *o = &f->o;
    const size_t ny = (size_t)o->info.mesh->ny, nx = (size_t)o->info.mesh->nx, skip = record < 0;
    for (int k = 0; k < o->info.levels->nz; k++) {
        const size_t start[4] = {(size_t)(record < 0 ? 0 : record), (size_t)k, 0, 0}, count[4] = {1, 1, ny, nx};
        for (size_t c = 0; c < o->cells; c++) o->rounded[c] = (float)values[(size_t)k * o->cells + c];
        bs_round_bits(o->cells, o->rounded, o->bits);
        BS_TRY(bs_nc_write_float(f->file.nc, var, start + skip, count + skip, o->rounded, err));
    }
    return BS_OK;
}

static bs_status put_frame(bs_adjoint_file *f, bs_err *err)
{
    BS_TRY(bs_out_frame_values(&f->o, &f->file, err));
    for (int k = 0; k < f->o.info.levels->nz; k++) {
        const double number = k + 1;
        BS_TRY(bs_nc_write(f->file.nc, f->lev_var, (size_t[]){(size_t)k}, (size_t[]){1}, &number, err));
    }
    return bs_out_put_map(&f->o, &f->file, f->weight, true, f->about.weight, 1, f->o.bits, err);
}

bs_status bs_adjoint_file_create(const bs_adjoint_about *about, bs_adjoint_file **out, bs_err *err)
{
    bs_adjoint_file *f = NULL;
    BS_TRY(BS_NEW(&f, 1, "output", err));
    f->about = *about;
    bs_status st = fill_frame(f, err);
    if (st == BS_OK) st = define(f, err);
    if (st == BS_OK) st = put_frame(f, err);
    if (st != BS_OK) {
        release(f);
        return st;
    }
    *out = f;
    return BS_OK;
}

bs_status bs_adjoint_file_hour(bs_adjoint_file *f, int n, const double *sensitivity, double contribution, bs_err *err)
{
    enum { HOUR = 3600 };
    const bs_time from = f->o.start + (bs_time)n * HOUR;
    BS_TRY(bs_out_put_time(&f->o, f->file.nc, f->file.time_var, f->file.bounds_var, (size_t)n, from, from + HOUR, err));
    BS_TRY(bs_nc_write(f->file.nc, f->hourly, (size_t[]){(size_t)n}, (size_t[]){1}, &contribution, err));
    return put_layers(f, f->sensitivity, n, sensitivity, err);
}

static bs_status put_sums(bs_adjoint_file *f, const bs_adjoint_sums *s, bs_err *err)
{
    bs_output *o = &f->o;
    const size_t ny = (size_t)o->info.mesh->ny, nx = (size_t)o->info.mesh->nx;
    BS_TRY(put_layers(f, f->sum, -1, s->sensitivity, err));
    BS_TRY(put_layers(f, f->initial, -1, s->initial, err));
    for (int k = 0; k < o->info.levels->nz; k++) {
        for (size_t c = 0; c < o->cells; c++) o->map[c] = (double)s->z_half[((size_t)k + 1) * o->cells + c];
        const size_t start[3] = {(size_t)k, 0, 0}, count[3] = {1, ny, nx};
        for (size_t c = 0; c < o->cells; c++) o->rounded[c] = (float)o->map[c];
        bs_round_bits(o->cells, o->rounded, o->bits);
        BS_TRY(bs_nc_write_float(f->file.nc, f->top, start, count, o->rounded, err));
    }
    for (int n = 0; n < s->n_sources; n++)
        BS_TRY(bs_out_put_map(o, &f->file, f->source[n], true, s->map + (size_t)n * o->cells, 1, o->bits, err));
    return bs_out_put_map(o, &f->file, f->all, true, s->map + (size_t)s->n_sources * o->cells, 1, o->bits, err);
}

bs_status bs_adjoint_file_finish(bs_adjoint_file *f, const bs_adjoint_sums *sums, bs_err *err)
{
    bs_status st = put_sums(f, sums, err);
    if (st == BS_OK) {
        bs_nc *nc = f->file.nc;
        f->file.nc = NULL;
        st = bs_nc_commit(nc, err);
    }
    release(f);
    return st;
}
