/* Land use of the mesh from a map: shares of the classes of land.h, by conservative weights.
 *
 * Three shapes of map: the number of the one class of each cell [lat][lon]; the share of each class [class][lat][lon]; the shares of the
 * n largest classes of each cell [rank][lat][lon] beside their numbers. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/core/memory.h"
#include "model/core/sum.h"
#include "model/met/area_means.h"
#include "model/met/met.h"
#include "model/parallel/ranks.h"

static const double SUM = 0.01; /* shares in per cent, rounded, add up to 1 within this */

typedef struct map {
    const char *file, *variable, *legend;
    bs_area_source grid;
    size_t cells, planes; /* of the part round the mesh; classes, or ranks */
    double *value;        /* [planes][cells] shares; NULL: all of a cell is of its one class */
    double *number;       /* [planes][cells] of classes; NULL: `plane` */
    double *plane;        /* [planes] numbers of the classes that the planes are of */
    bool ranked;          /* only the largest shares are there */
    double *total;        /* [cells] sum of the shares */
    bool *used;           /* [cells] by the mesh */
    bs_weights *weights;
    bs_sum named, area; /* m2, of this rank's own cells: what the map names of them, and all */
} map;

static void map_clear(map *m)
{
    bs_area_source_clear(&m->grid);
    bs_free(m->value);
    bs_free(m->number);
    bs_free(m->plane);
    bs_free(m->total);
    bs_free(m->used);
    bs_weights_destroy(m->weights);
}

/* ---- reading ---- */

/* Axes of the map, and which of its dimensions goes over classes; -1: none. */
static bs_status find_axes(const bs_nc *nc, const bs_nc_var *var, bs_units *units, bs_pl_axes *axes, int *other,
                           bs_err *err)
{
    bs_pl_axis_names names = {0};
    *other = -1;
    if (bs_pl_axes_find(nc, var, &names, units, axes, NULL) == BS_OK && axes->dim[BS_PL_LEVEL] < 0) return BS_OK;
    for (int d = 0; d < var->n_dims; d++) {
        names.name[BS_PL_LEVEL] = var->dim[d];
        if (bs_pl_axes_find(nc, var, &names, units, axes, NULL) != BS_OK) continue;
        *other = axes->dim[BS_PL_LEVEL];
        return BS_OK;
    }
    return bs_fail(
        err, BS_ERR_INPUT,
        "%s: variable '%s' must have the dimensions latitude and longitude, and for shares one more of classes "
        "before them; it has %d, and no two of them are longitude and latitude by units or name",
        bs_nc_file(nc), var->name, var->n_dims);
}

static bs_status share_scale(const bs_nc *nc, const bs_nc_var *var, const char *stated, bs_units *units, double *scale,
                             bs_err *err)
{
    char unit[128];
    double offset = 0;
    const bool has = bs_nc_text(nc, var, "units", unit, sizeof unit) && unit[0];
    if (has && bs_units_convert(units, unit, "1", scale, &offset, NULL) == BS_OK) return BS_OK;
    if (!stated)
        return bs_fail(err, BS_ERR_INPUT, "%s: the shares '%s' have %s%s%s; say theirs as land.units: \"1\" or \"%%\"",
                       bs_nc_file(nc), var->name, has ? "the unit '" : "no units attribute", has ? unit : "",
                       has ? "', which is none of a share" : "");
    bs_status status = bs_units_convert(units, stated, "1", scale, &offset, err);
    if (status) bs_err_context(err, "land.units");
    return status;
}

static bs_status read_planes(const bs_nc *nc, const bs_nc_var *var, const bs_pl_axes *axes, const map *m, int other,
                             double scale, double **out, bs_err *err)
{
    BS_TRY(BS_NEW(out, m->planes * m->cells, var->name, err));
    for (size_t p = 0; p < m->planes; p++)
        BS_TRY(bs_area_read(nc, var, axes, &m->grid, other, p, *out + p * m->cells, err));
    for (size_t n = 0; n < m->planes * m->cells; n++) (*out)[n] *= scale;
    return BS_OK;
}

/* Numbers of the classes that `var` has shares of. */
static bs_status read_numbers(const bs_nc *nc, const bs_nc_var *var, const bs_pl_axes *axes, const char *name,
                              int other, map *m, bs_err *err)
{
    bs_nc_var numbers;
    if (!name) {
        BS_TRY(BS_NEW(&m->plane, m->planes, "classes of land", err));
        for (size_t p = 0; p < m->planes; p++) m->plane[p] = (double)(p + 1);
        return BS_OK;
    }
    BS_TRY(bs_nc_find(nc, name, &numbers, err));
    if (numbers.n_dims == 1 && numbers.size == m->planes) {
        BS_TRY(BS_NEW(&m->plane, m->planes, "classes of land", err));
        return bs_nc_read(nc, &numbers, NULL, NULL, m->plane, err);
    }
    bool same = numbers.n_dims == var->n_dims;
    for (int d = 0; d < var->n_dims && same; d++) same = strcmp(numbers.dim[d], var->dim[d]) == 0;
    if (!same)
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: land.classes '%s' must have the one dimension '%s', or all those of '%s'", bs_nc_file(nc),
                       name, var->dim[other], var->name);
    m->ranked = true;
    return read_planes(nc, &numbers, axes, m, other, 1, &m->number, err);
}

static bs_status read_map(const bs_config *config, const bs_nc *nc, const bs_mesh *mesh, bs_units *units, map *m,
                          bs_err *err)
{
    bs_nc_var var;
    bs_pl_axes axes;
    int other;
    double scale = 1;
    BS_TRY(bs_nc_find(nc, m->variable, &var, err));
    BS_TRY(find_axes(nc, &var, units, &axes, &other, err));
    if (axes.dim[BS_PL_TIME] >= 0 && var.length[axes.dim[BS_PL_TIME]] > 1)
        return bs_fail(err, BS_ERR_INPUT, "%s: variable '%s' has %zu times; land use does not change here: keep one",
                       m->file, m->variable, var.length[axes.dim[BS_PL_TIME]]);
    BS_TRY(bs_area_source_open(nc, &var, &axes, mesh, &m->grid, err));
    m->cells = (size_t)m->grid.ni * (size_t)m->grid.nj;
    m->planes = other < 0 ? 1 : var.length[other];
    const char *classes = bs_config_text(config, "land.classes");
    if (other < 0) {
        if (classes)
            return bs_fail(err, BS_ERR_INPUT,
                           "%s: land.variable '%s' holds one class a cell (it has no dimension of classes); take "
                           "land.classes away, or name the shares",
                           m->file, m->variable);
        return read_planes(nc, &var, &axes, m, other, 1, &m->number, err);
    }
    BS_TRY(share_scale(nc, &var, bs_config_text(config, "land.units"), units, &scale, err));
    BS_TRY(read_planes(nc, &var, &axes, m, other, scale, &m->value, err));
    return read_numbers(nc, &var, &axes, classes, other, m, err);
}

/* ---- checking ---- */

static double number_of(const map *m, size_t p, size_t cell)
{
    return m->number ? m->number[p * m->cells + cell] : m->plane[p];
}

static double share_of(const map *m, size_t p, size_t cell)
{
    return m->value ? m->value[p * m->cells + cell] : 1;
}

static bs_land land_of(const map *m, size_t p, size_t cell)
{
    const double number = number_of(m, p, cell);
    if (!(number == floor(number)) || fabs(number) > 1000) return BS_LAND_COUNT;
    return bs_land_numbered(m->legend, (int)number);
}

static bs_status check_cell(map *m, size_t cell, bs_err *err)
{
    char place[128];
    double sum = 0;
    bs_area_place(&m->grid, cell, place, sizeof place);
    for (size_t p = 0; p < m->planes; p++) {
        const double share = share_of(m, p, cell);
        if (share == 0) continue;
        if (!(share > 0))
            return bs_fail(err, BS_ERR_INPUT,
                           "%s: %s%s, share %zu of the cell, is %s; the map must be complete where the "
                           "mesh lies",
                           m->file, m->variable, place, p, isnan(share) ? "missing" : "negative");
        if (isnan(number_of(m, p, cell)))
            return bs_fail(err, BS_ERR_INPUT,
                           "%s: %s%s is missing or not a number; the map must be complete where the mesh lies", m->file,
                           m->variable, place);
        if (land_of(m, p, cell) == BS_LAND_COUNT)
            return bs_fail(err, BS_ERR_INPUT,
                           "%s: %s%s is of class %g, which the legend %s does not have; is land.legend "
                           "right?",
                           m->file, m->variable, place, number_of(m, p, cell), m->legend);
        sum += share;
    }
    m->total[cell] = sum;
    if (m->ranked ? sum > 0 && sum <= 1 + SUM : fabs(sum - 1) <= SUM) return BS_OK;
    return bs_fail(err, BS_ERR_INPUT, "%s: the shares '%s'%s add up to %g, expected %s; is land.units right?", m->file,
                   m->variable, place, sum, m->ranked ? "more than 0 and 1 at most" : "1");
}

static bs_status check_map(map *m, bs_err *err)
{
    BS_TRY(BS_NEW(&m->total, m->cells, "land use", err));
    BS_TRY(BS_NEW(&m->used, m->cells, "land use", err));
    for (size_t n = 0; n < m->weights->row_start[m->weights->n_dst]; n++) m->used[m->weights->column[n]] = true;
    for (size_t cell = 0; cell < m->cells; cell++)
        if (m->used[cell]) BS_TRY(check_cell(m, cell, err));
    return BS_OK;
}

static void sum_named(map *m, int nx, bs_window own)
{
    const bs_weights *w = m->weights;
    for (int j = own.j0; j < own.j1; j++)
        for (int i = own.i0; i < own.i1; i++) {
            const size_t cell = (size_t)j * (size_t)nx + (size_t)i;
            for (size_t n = w->row_start[cell]; n < w->row_start[cell + 1]; n++) {
                bs_sum_add(&m->named, w->weight[n] * m->total[w->column[n]]);
                bs_sum_add(&m->area, w->weight[n]);
            }
        }
}

/* ---- onto the mesh ---- */

static bs_status average(const map *m, const bs_mesh *mesh, double *land, bs_err *err)
{
    const size_t plane = (size_t)mesh->nx * (size_t)mesh->ny;
    double *share = NULL;
    BS_TRY(BS_NEW(&share, m->cells, "land use", err));
    for (int l = 0; l < BS_LAND_COUNT; l++) {
        for (size_t cell = 0; cell < m->cells; cell++) {
            share[cell] = 0;
            for (size_t p = 0; p < m->planes && m->used[cell]; p++)
                if (land_of(m, p, cell) == (bs_land)l) share[cell] += share_of(m, p, cell) / m->total[cell];
        }
        bs_area_mean(m->weights, mesh, share, land + (size_t)l * plane);
    }
    bs_free(share);
    return BS_OK;
}

static void tell_origin(const map *m, char *text, size_t size)
{
    const char *slash = strrchr(m->file, '/');
    const char *name = slash ? slash + 1 : m->file;
    if (m->ranked)
        snprintf(text, size,
                 "%s (legend %s; the %zu largest classes of its cells, %.0f %% of the ground, stand for all)", name,
                 m->legend, m->planes, 100 * bs_sum_value(&m->named) / bs_sum_value(&m->area));
    else
        snprintf(text, size, "%s (legend %s%s)", name, m->legend, m->value ? "" : "; one class a cell");
}

static bs_status check_options(const bs_config *config, bs_err *err)
{
    static const char *const NEEDED[] = {"land.variable", "land.legend"};
    static const char *const ROW[] = {"land.variable", "land.legend", "land.classes", "land.units"};
    if (!bs_config_has(config, "land.file")) {
        for (size_t r = 0; r < sizeof ROW / sizeof *ROW; r++)
            if (bs_config_has(config, ROW[r]))
                return bs_fail(err, BS_ERR_INPUT, "%s: error: %s speaks of land.file, and that is missing",
                               bs_config_where(config, ROW[r]), ROW[r]);
        return BS_OK;
    }
    for (size_t r = 0; r < sizeof NEEDED / sizeof *NEEDED; r++)
        if (!bs_config_has(config, NEEDED[r]))
            return bs_fail(err, BS_ERR_INPUT, "%s: error: land.file needs %s", bs_config_where(config, "land.file"),
                           NEEDED[r]);
    return BS_OK;
}

/* What this rank does of it. */
static bs_status read_part(const bs_met_context *x, map *m, double **land, bs_err *err)
{
    const bs_mesh *mesh = x->mesh;
    bs_nc *nc = NULL;
    bs_status status = bs_nc_open(m->file, &nc, err);
    if (!status) status = read_map(x->config, nc, mesh, x->units, m, err);
    bs_nc_close(nc);
    if (!status) status = bs_area_weights(m->file, &m->grid, mesh, &m->weights, err);
    if (!status) status = check_map(m, err);
    if (!status) status = BS_NEW(land, (size_t)BS_LAND_COUNT * (size_t)mesh->nx * (size_t)mesh->ny, "land use", err);
    if (!status) status = average(m, mesh, *land, err);
    if (!status) sum_named(m, mesh->nx, x->tiling ? x->tile.own : (bs_window){.i1 = mesh->nx, .j1 = mesh->ny});
    return status;
}

bs_status bs_land_read(const bs_met_context *x, double **out, char *origin, size_t size, bs_err *err)
{
    const bs_config *config = x->config;
    *out = NULL;
    BS_TRY(check_options(config, err));
    if (!bs_config_has(config, "land.file")) return BS_OK;
    map m = {.file = bs_config_text(config, "land.file"),
             .variable = bs_config_text(config, "land.variable"),
             .legend = bs_config_text(config, "land.legend")};
    double *land = NULL;
    const bs_status status = bs_ranks_agree(read_part(x, &m, &land, err), err);
    if (!status && x->tiling) {
        bs_ranks_sum(1, &m.named);
        bs_ranks_sum(1, &m.area);
    }
    if (!status) tell_origin(&m, origin, size);
    map_clear(&m);
    if (status) {
        bs_free(land);
        bs_err_context(err, "%s: land use", bs_config_where(config, "land.file"));
        return status;
    }
    *out = land;
    return BS_OK;
}
