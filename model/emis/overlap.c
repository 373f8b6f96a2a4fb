#include "model/emis/overlap.h"

#include <string.h>

#include "model/core/memory.h"

static bool same(const double *a, const double *b, size_t n)
{
    if (!a || !b) return !a && !b;
    return memcmp(a, b, n * sizeof *a) == 0;
}

bool bs_overlap_fits(const bs_overlap *o, const bs_lonlat_field *f)
{
    return o->weights && o->n_lon == f->n_lon && o->n_lat == f->n_lat && same(o->lon, f->lon, f->n_lon) &&
           same(o->lat, f->lat, f->n_lat) && same(o->lon_edge, f->lon_edge, f->n_lon + 1) &&
           same(o->lat_edge, f->lat_edge, f->n_lat + 1);
}

void bs_overlap_clear(bs_overlap *o)
{
    bs_overlap_clear_regions(o);
    bs_weights_destroy(o->weights);
    bs_free(o->lon);
    bs_free(o->lat);
    bs_free(o->lon_edge);
    bs_free(o->lat_edge);
    bs_free(o->area);
    bs_free(o->inside);
    *o = (bs_overlap){0};
}

static bs_status copy(double **out, const double *from, size_t n, bs_err *err)
{
    if (!from) return BS_OK;
    BS_TRY(BS_NEW(out, n, "an axis", err));
    memcpy(*out, from, n * sizeof *from);
    return BS_OK;
}

bs_status bs_overlap_prepare(bs_overlap *o, const bs_lonlat_field *f, const bs_mesh *mesh, bs_err *err)
{
    if (bs_overlap_fits(o, f)) return BS_OK;
    bs_overlap_clear(o);
    o->n_lon = f->n_lon;
    o->n_lat = f->n_lat;
    BS_TRY(copy(&o->lon, f->lon, f->n_lon, err));
    BS_TRY(copy(&o->lat, f->lat, f->n_lat, err));
    BS_TRY(copy(&o->lon_edge, f->lon_edge, f->n_lon + 1, err));
    BS_TRY(copy(&o->lat_edge, f->lat_edge, f->n_lat + 1, err));
    BS_TRY(BS_NEW(&o->area, f->n_lon * f->n_lat, "areas of an inventory's cells", err));
    BS_TRY(BS_NEW(&o->inside, f->n_lon * f->n_lat, "shares of an inventory's cells", err));
    bs_lonlat_grid grid = bs_lonlat_field_grid(f);
    bs_status status = bs_regrid_conservative(&grid, mesh, &o->weights, o->area, o->inside, err);
    if (status) bs_err_context(err, "%s: variable '%s'", f->file, f->var.name);
    return status;
}

void bs_overlap_spread(const bs_overlap *o, const double *mass, double *cell, bs_overlap_sums *sums)
{
    *sums = (bs_overlap_sums){0};
    for (size_t s = 0; s < o->n_lon * o->n_lat; s++) {
        sums->source += mass[s];
        sums->inside += mass[s] * o->inside[s];
        if (o->inside[s] > 0) sums->touching += mass[s];
    }
    const bs_weights *w = o->weights;
    for (size_t r = 0; r < w->n_dst; r++) {
        double sum = 0;
        for (size_t n = w->row_start[r]; n < w->row_start[r + 1]; n++) {
            sum += mass[w->column[n]] * w->weight[n] / o->area[w->column[n]];
        }
        cell[r] = sum;
        sums->on_grid += sum;
    }
}

double bs_overlap_coverage(const bs_overlap *o, const bs_mesh *mesh)
{
    double covered = 0, all = 0;
    size_t n = (size_t)mesh->nx * (size_t)mesh->ny;
    for (size_t c = 0; c < n; c++) all += mesh->area[c];
    for (size_t w = 0; w < o->weights->row_start[o->weights->n_dst]; w++) covered += o->weights->weight[w];
    return covered / all;
}
