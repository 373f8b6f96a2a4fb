#include <math.h>

#include "model/core/memory.h"
#include "model/met/area_means.h"
#include "model/met/met.h"

static const double MIN_HEIGHT = -500, MAX_HEIGHT = 9000; /* m: Dead Sea and Everest */

/* The heights round the mesh, m. */
typedef struct source {
    bs_area_source grid;
    double *height; /* [nj][ni] */
} source;

static bs_status find_unit(const bs_nc *nc, const bs_nc_var *var, bs_units *units, double *scale, double *offset,
                           bs_err *err)
{
    char unit[128];
    if (!bs_nc_text(nc, var, "units", unit, sizeof unit) || !unit[0]) {
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: variable '%s' has no units attribute; heights need one: ncatted -a "
                       "units,%s,c,c,m FILE adds it",
                       bs_nc_file(nc), var->name, var->name);
    }
    bs_status status = bs_units_convert(units, unit, "m", scale, offset, err);
    if (status) bs_err_context(err, "%s: variable '%s' must be a height in m", bs_nc_file(nc), var->name);
    return status;
}

/* Heights that the mesh uses: none missing, none absurd. */
static bs_status check_heights(const char *file, const char *variable, const source *s, const bs_weights *w,
                               bs_err *err)
{
    char place[128];
    for (size_t n = 0; n < w->row_start[w->n_dst]; n++) {
        double h = s->height[w->column[n]];
        if (h >= MIN_HEIGHT && h <= MAX_HEIGHT) continue;
        bs_area_place(&s->grid, w->column[n], place, sizeof place);
        if (isnan(h))
            return bs_fail(err, BS_ERR_INPUT,
                           "%s: %s%s is missing or not a number; the terrain must be complete where the mesh lies",
                           file, variable, place);
        return bs_fail(err, BS_ERR_INPUT, "%s: %s%s is %g m, expected %g to %g m", file, variable, place, h, MIN_HEIGHT,
                       MAX_HEIGHT);
    }
    return BS_OK;
}

static bs_status average(const char *file, const char *variable, const source *s, const bs_mesh *mesh, double *out,
                         bs_err *err)
{
    bs_weights *w = NULL;
    BS_TRY(bs_area_weights(file, &s->grid, mesh, &w, err));
    bs_status status = check_heights(file, variable, s, w, err);
    if (!status) bs_area_mean(w, mesh, s->height, out);
    bs_weights_destroy(w);
    return status;
}

static bs_status read_source(const bs_nc *nc, const char *variable, const bs_mesh *mesh, bs_units *units, source *s,
                             bs_err *err)
{
    bs_nc_var var;
    bs_pl_axes axes;
    bs_pl_axis_names none = {0};
    double scale = 1, offset = 0;
    BS_TRY(bs_nc_find(nc, variable, &var, err));
    BS_TRY(bs_pl_axes_find(nc, &var, &none, units, &axes, err));
    for (int a = BS_PL_LEVEL; a < BS_PL_N_AXES; a++) {
        if (axes.dim[a] < 0 || var.length[axes.dim[a]] == 1) continue;
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: variable '%s' has a dimension '%s' of length %zu; terrain has longitude and "
                       "latitude only",
                       bs_nc_file(nc), variable, var.dim[axes.dim[a]], var.length[axes.dim[a]]);
    }
    BS_TRY(find_unit(nc, &var, units, &scale, &offset, err));
    BS_TRY(bs_area_source_open(nc, &var, &axes, mesh, &s->grid, err));
    const size_t n = (size_t)s->grid.ni * (size_t)s->grid.nj;
    BS_TRY(BS_NEW(&s->height, n, var.name, err));
    BS_TRY(bs_area_read(nc, &var, &axes, &s->grid, -1, 0, s->height, err));
    for (size_t m = 0; m < n; m++) s->height[m] = scale * s->height[m] + offset;
    return BS_OK;
}

bs_status bs_terrain_read(const bs_config *config, const bs_mesh *mesh, bs_units *units, double **out, bs_err *err)
{
    *out = NULL;
    const char *file = bs_config_text(config, "terrain.file"), *variable = bs_config_text(config, "terrain.variable");
    if (!file) return bs_fail(err, BS_ERR_INPUT, "%s: terrain.file is not given", bs_config_file(config));
    bs_nc *nc = NULL;
    double *height = NULL;
    source s = {0};
    bs_status status = bs_nc_open(file, &nc, err);
    if (!status) status = read_source(nc, variable, mesh, units, &s, err);
    bs_nc_close(nc);
    if (!status) status = BS_NEW(&height, (size_t)mesh->nx * (size_t)mesh->ny, "terrain", err);
    if (!status) status = average(file, variable, &s, mesh, height, err);
    bs_area_source_clear(&s.grid);
    bs_free(s.height);
    if (status) {
        bs_free(height);
        bs_err_context(err, "%s: terrain", bs_config_where(config, "terrain.file"));
        return status;
    }
    *out = height;
    return BS_OK;
}
