#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/emis/emis.h"
#include "model/emis/stack_table.h"
#include "model/emis/table.h"

/* Sums of one sheet while the table is read. */
typedef struct sums {
    int sheet;
    double in_file, in_domain;
} sums;

typedef struct reader {
    const bs_emis_input *in;
    bs_emis_table table;
    int lon, lat; /* columns */
    bs_stack_table stacks;
    sums *sum;
    int n_sums, outside, lifted;
    double outside_rate;
} reader;

static bs_status sums_of(reader *r, int sheet, sums **out, bs_err *err)
{
    for (int s = 0; s < r->n_sums; s++) {
        *out = &r->sum[s];
        if (r->sum[s].sheet == sheet) return BS_OK;
    }
    sums *grown = realloc(r->sum, ((size_t)r->n_sums + 1) * sizeof *grown);
    if (!grown) return bs_fail(err, BS_ERR_MEMORY, "out of memory for the sums of point sources");
    r->sum = grown;
    *out = &r->sum[r->n_sums++];
    **out = (sums){.sheet = sheet};
    return BS_OK;
}

static bs_status read_row(reader *r, int row, bs_err *err)
{
    const bs_emis_input *in = r->in;
    const bs_csv *csv = r->table.csv;
    bs_emis_row record;
    BS_TRY(bs_emis_table_row(&r->table, row, &record, err));
    if (!record.wanted) return BS_OK;
    double lon = 0, lat = 0, height = 0, fi = 0, fj = 0;
    bs_stack stack;
    bool lifted = false;
    BS_TRY(bs_csv_real(csv, row, r->lon, &lon, err));
    BS_TRY(bs_csv_real(csv, row, r->lat, &lat, err));
    BS_TRY(bs_stack_table_read(&r->stacks, row, &height, &stack, &lifted, err));
    if (fabs(lon) > 360 || fabs(lat) > 90) {
        return bs_fail(err, BS_ERR_INPUT, "%s: (%g, %g) is no longitude and latitude in degrees",
                       bs_csv_where(csv, row), lon, lat);
    }
    bs_emis_extent_add(in->emission, lon, lat);
    bool inside = bs_mesh_locate(in->mesh, lon, lat, &fi, &fj);
    int i = (int)floor(fi), j = (int)floor(fj);
    inside = inside && i >= 0 && i < in->mesh->nx && j >= 0 && j < in->mesh->ny;
    int sheet = 0;
    sums *sum = NULL;
    BS_TRY(bs_emis_sheet_get(in, record.sector, record.species, 0, &sheet, err));
    BS_TRY(sums_of(r, sheet, &sum, err));
    sum->in_file += record.rate;
    if (!inside) {
        r->outside++;
        r->outside_rate += record.rate;
        return BS_OK;
    }
    sum->in_domain += record.rate;
    size_t cell = (size_t)j * (size_t)in->mesh->nx + (size_t)i;
    in->emission->sheet[sheet].profiled = in->emission->sheet[sheet].profiled || isnan(height);
    bs_emis_point point = {.cell = cell, .sheet = sheet, .stack = -1, .lon = lon, .lat = lat};
    point.rate = record.rate;
    point.height = height;
    if (lifted) BS_TRY(bs_emis_stack_add(in->emission, &stack, &point.stack, err));
    r->lifted += lifted;
    return bs_emis_point_add(in->emission, &point, err);
}

/* What the mesh holds of a sheet, from what was stored. */
static double stored(const bs_emission *e, int sheet)
{
    double sum = 0;
    for (size_t p = 0; p < e->n_points; p++) {
        if (e->point[p].sheet == sheet) sum += e->point[p].rate;
    }
    return sum;
}

static bs_status read_rows(reader *r, bs_err *err)
{
    const bs_emis_input *in = r->in;
    const bs_csv *csv = r->table.csv;
    BS_TRY(bs_csv_find(csv, "lon", &r->lon, err));
    BS_TRY(bs_csv_find(csv, "lat", &r->lat, err));
    BS_TRY(bs_stack_table_find(csv, true, &r->stacks, err));
    for (int row = 0; row < bs_csv_rows(csv); row++) BS_TRY(read_row(r, row, err));
    for (int s = 0; s < r->n_sums; s++) {
        const bs_emis_sheet *sheet = &in->emission->sheet[r->sum[s].sheet];
        BS_TRY(bs_emis_audit_add(in, sheet->asked, sheet->species, r->sum[s].in_file, r->sum[s].in_domain,
                                 stored(in->emission, r->sum[s].sheet), r->sum[s].in_file, err));
    }
    if (r->lifted) bs_log_info(in->log, "%s: %d of %d points with plume rise", in->file, r->lifted, bs_csv_rows(csv));
    if (r->outside) {
        bs_log_info(in->log, "%s: %d of %d points lie outside the mesh (%.4g kg s-1 of inventory '%s')", in->file,
                    r->outside, bs_csv_rows(csv), r->outside_rate, in->name);
    }
    return BS_OK;
}

bs_status bs_emis_read_points(const bs_emis_input *in, bs_err *err)
{
    reader r = {.in = in};
    BS_TRY(bs_emis_table_open(in, &r.table, err));
    bs_status status = read_rows(&r, err);
    bs_emis_table_close(&r.table);
    free(r.sum);
    return status;
}
