#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/core/memory.h"
#include "model/met/pressure_levels.h"

enum { PATH_MAX_TEXT = 128 };

static bs_status read_options(const bs_config *config, bs_pl_catalogue *c, bs_err *err)
{
    static const char *const AXES[] = {"meteorology.dimensions.longitude", "meteorology.dimensions.latitude",
                                       "meteorology.dimensions.level", "meteorology.dimensions.time"};
    for (int a = 0; a < BS_PL_N_AXES; a++) c->names.name[a] = bs_config_text(config, AXES[a]);
    c->names.level_units = bs_config_text(config, "meteorology.dimensions.level_units");
    c->steady = bs_config_bool(config, "meteorology.steady");
    c->has_valid_time = bs_config_has(config, "meteorology.valid_time");
    if (c->has_valid_time) c->valid_time = bs_config_time(config, "meteorology.valid_time");
    if (c->has_valid_time && !c->steady) {
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: meteorology.valid_time holds one time for the whole run and needs "
                       "meteorology.steady: true",
                       bs_config_where(config, "meteorology.valid_time"));
    }
    c->n_files = bs_config_count(config, "meteorology.files");
    if (c->n_files == 0) {
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: meteorology.provider pressure_levels needs meteorology.files, its input files",
                       bs_config_where(config, "meteorology.provider"));
    }
    BS_TRY(BS_NEW(&c->file, c->n_files, "names of the meteorology's files", err));
    for (int f = 0; f < c->n_files; f++) c->file[f] = bs_config_text_at(config, "meteorology.files", f);
    return BS_OK;
}

static int row_of(const char *name)
{
    for (int id = 0; id < BS_F_COUNT; id++) {
        if (strcmp(BS_PL_ROWS[id].name, name) == 0) return id;
    }
    return -1;
}

static bs_status unknown_field(const char *where, const char *key, bs_err *err)
{
    const char *names[BS_F_COUNT];
    for (int id = 0; id < BS_F_COUNT; id++) names[id] = BS_PL_ROWS[id].name;
    const char *near = bs_nearest_word(key, BS_F_COUNT, names);
    bs_fail(err, BS_ERR_INPUT, "%s: meteorology.variables.%s: the model knows no field '%s'", where, key, key);
    if (near) bs_err_add(err, "did you mean '%s'?", near);
    bs_err_add(err, "'bashu options --fields' lists the fields");
    return BS_ERR_INPUT;
}

void bs_pl_map(bs_pl_catalogue *c, bs_pl_id id, const char *name, const char *units, const char *where)
{
    bs_pl_field *f = &c->field[id];
    f->variable = name;
    f->units = units;
    snprintf(f->where, sizeof f->where, "%s", where);
}

static bs_status read_mapping(const bs_config *config, bs_pl_catalogue *c, bs_err *err)
{
    char path[PATH_MAX_TEXT];
    int n = bs_config_count(config, "meteorology.variables");
    for (int v = 0; v < n; v++) {
        const char *key = bs_config_key_at(config, "meteorology.variables", v);
        snprintf(path, sizeof path, "meteorology.variables[%d].name", v);
        const char *where = bs_config_where(config, path);
        int id = row_of(key);
        if (id < 0) return unknown_field(where, key, err);
        const char *name = bs_config_text(config, path);
        snprintf(path, sizeof path, "meteorology.variables[%d].units", v);
        bs_pl_map(c, (bs_pl_id)id, name, bs_config_text(config, path), where);
    }
    return BS_OK;
}

/* What cannot be done without, and what cannot go together. */
static bs_status check_mapping(const bs_config *config, const bs_pl_catalogue *c, bs_err *err)
{
    static const struct {
        bs_pl_id id;
        const char *assume, *advice;
    } NEEDED[] = {
        {BS_F_U, NULL, ""},
        {BS_F_V, NULL, ""},
        {BS_F_T, "meteorology.assume.temperature", "standard_atmosphere"},
        {BS_F_PS, "meteorology.assume.surface_pressure", "from_terrain (or a fixed pressure, as '1000 hPa')"},
    };
    const char *where = bs_config_where(config, "meteorology.variables");
    for (size_t n = 0; n < sizeof NEEDED / sizeof NEEDED[0]; n++) {
        const bs_pl_row *row = &BS_PL_ROWS[NEEDED[n].id];
        if (bs_pl_has(c, NEEDED[n].id) || (NEEDED[n].assume && bs_config_has(config, NEEDED[n].assume))) continue;
        bs_fail(err, BS_ERR_INPUT, "%s: meteorology.variables has no '%s' (%s, %s)", where, row->name, row->long_name,
                row->unit);
        if (NEEDED[n].assume)
            bs_err_add(err, "map it, or run without it with %s: %s", NEEDED[n].assume, NEEDED[n].advice);
        return BS_ERR_INPUT;
    }
    bool q = bs_pl_has(c, BS_F_Q), rh = bs_pl_has(c, BS_F_RH);
    if (!q && !rh && !bs_config_has(config, "meteorology.assume.humidity")) {
        return bs_fail(
            err, BS_ERR_INPUT,
            "%s: meteorology.variables has neither 'specific_humidity' nor 'relative_humidity'\nmap one, or run "
            "without with meteorology.assume.humidity: 0.6 (a relative humidity)",
            where);
    }
    if (q && rh) {
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: meteorology.variables has both 'specific_humidity' and 'relative_humidity'; "
                       "keep the one to be used",
                       where);
    }
    if (bs_pl_has(c, BS_F_U10) != bs_pl_has(c, BS_F_V10)) {
        return bs_fail(err, BS_ERR_INPUT, "%s: meteorology.variables has only one of 'u10' and 'v10'; map both or none",
                       where);
    }
    return BS_OK;
}

static void clear_piece(bs_pl_piece *p)
{
    bs_free(p->pressure);
    bs_free(p->times);
}

static void flip(bs_pl_piece *p)
{
    p->upside_down = p->n_levels > 1 && p->pressure[0] < p->pressure[1];
    for (int low = 0, high = p->n_levels - 1; p->upside_down && low < high; low++, high--) {
        double held = p->pressure[low];
        p->pressure[low] = p->pressure[high];
        p->pressure[high] = held;
    }
}

static bs_status read_levels(const bs_met_context *x, const bs_pl_catalogue *c, const bs_nc *nc, const bs_pl_row *row,
                             const bs_pl_field *f, bs_pl_piece *p, bs_err *err)
{
    int dim = p->axes.dim[BS_PL_LEVEL];
    const char *file = bs_nc_file(nc);
    if (row->dims == 2) {
        if (dim < 0 || p->var.length[dim] == 1) return BS_OK;
        return bs_fail(err, BS_ERR_INPUT, "%s: variable '%s' has %zu levels, but '%s' is a field at the surface", file,
                       f->variable, p->var.length[dim], row->name);
    }
    if (dim < 0 || p->var.length[dim] < 2) {
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: variable '%s' (%s) has no pressure axis with two or more levels; name it in "
                       "meteorology.dimensions.level",
                       file, f->variable, row->name);
    }
    p->n_levels = (int)p->var.length[dim];
    BS_TRY(bs_pl_axis_read_pressure(nc, &p->var, dim, &c->names, x->units, &p->pressure, err));
    flip(p);
    const bs_pl_piece *first = &f->piece[0];
    bool same = p == first || p->n_levels == first->n_levels;
    for (int k = 0; k < p->n_levels && same; k++)
        same = fabs(p->pressure[k] - first->pressure[k]) <= 1e-6 * first->pressure[k];
    if (same) return BS_OK;
    return bs_fail(err, BS_ERR_INPUT,
                   "%s: variable '%s' has other pressure levels (%d from %g to %g Pa) than in %s (%d from %g "
                   "to %g Pa)",
                   file, f->variable, p->n_levels, p->pressure[0], p->pressure[p->n_levels - 1], c->file[first->file],
                   first->n_levels, first->pressure[0], first->pressure[first->n_levels - 1]);
}

static bs_status read_piece(const bs_met_context *x, bs_pl_catalogue *c, const bs_nc *nc, bs_pl_id id, bs_pl_piece *p,
                            bs_err *err)
{
    const bs_pl_row *row = &BS_PL_ROWS[id];
    const bs_pl_field *f = &c->field[id];
    BS_TRY(bs_nc_find(nc, f->variable, &p->var, err));
    if (!p->var.is_number)
        return bs_fail(err, BS_ERR_INPUT, "%s: variable '%s' holds no numbers", bs_nc_file(nc), f->variable);
    bs_status status = bs_pl_axes_find(nc, &p->var, &c->names, x->units, &p->axes, err);
    if (status) {
        bs_err_add(err, "(meteorology.dimensions in the case file)");
        return status;
    }
    BS_TRY(bs_pl_conversion(nc, &p->var, row, f->units, f->where, x->units, &p->scale, &p->offset, err));
    BS_TRY(read_levels(x, c, nc, row, f, p, err));
    int time = p->axes.dim[BS_PL_TIME];
    bool bare = time >= 0 && p->var.length[time] == 1 && !bs_nc_has_var(nc, p->var.dim[time]);
    if (!bare) BS_TRY(bs_pl_axis_read_times(nc, &p->var, time, x->units, &p->n_times, &p->times, err));
    return bs_pl_grid_find(c, nc, p, x->mesh, &p->grid, err);
}

static bs_status scan_file(const bs_met_context *x, bs_pl_catalogue *c, int file, bs_err *err)
{
    bs_nc *nc = NULL;
    BS_TRY(bs_nc_open(c->file[file], &nc, err));
    bs_status status = BS_OK;
    bool any = false;
    for (int id = 0; id < BS_F_COUNT && !status; id++) {
        bs_pl_field *f = &c->field[id];
        if (!f->variable || !bs_nc_has_var(nc, f->variable)) continue;
        any = true;
        bs_pl_piece *p = &f->piece[f->n_pieces++];
        p->file = file;
        status = read_piece(x, c, nc, (bs_pl_id)id, p, err);
    }
    if (!status && !any) bs_log_warn(x->log, "meteorology: %s holds none of the variables of this case", c->file[file]);
    bs_nc_close(nc);
    return status;
}

/* The message of the netCDF layer lists the variables that the first file has. */
static bs_status missing_variable(const bs_pl_catalogue *c, bs_pl_id id, bs_err *err)
{
    const bs_pl_field *f = &c->field[id];
    bs_nc *nc = NULL;
    BS_TRY(bs_nc_open(c->file[0], &nc, err));
    bs_nc_var var;
    bs_status status = bs_nc_find(nc, f->variable, &var, err);
    bs_nc_close(nc);
    if (status == BS_OK) status = bs_fail(err, BS_ERR_INPUT, "%s changed while it was read", c->file[0]);
    bs_err_context(err, "%s: meteorology.variables.%s: variable '%s' is in none of the %d file(s); the first", f->where,
                   BS_PL_ROWS[id].name, f->variable, c->n_files);
    return status;
}

static bs_status check_top(const bs_met_context *x, const bs_pl_catalogue *c, bs_err *err)
{
    double top = bs_levels_pressure(x->levels, x->levels->nz, 101325.0);
    for (int id = 0; id < BS_F_COUNT; id++) {
        const bs_pl_field *f = &c->field[id];
        if (!f->variable || BS_PL_ROWS[id].dims != 3 || id == BS_F_Z) continue;
        double source = f->piece[0].pressure[f->piece[0].n_levels - 1];
        if (source <= top * (1 + 1e-9)) continue;
        return bs_fail(
            err, BS_ERR_INPUT,
            "the model's top at %.0f Pa lies above the highest level of variable '%s' (%s) at %.0f Pa; lower the top "
            "(grid.levels.top) or take meteorology with higher levels",
            top, f->variable, c->file[f->piece[0].file], source);
    }
    return BS_OK;
}

bs_status bs_pl_catalogue_scan(const bs_met_context *x, bs_time start, bs_time end, bs_pl_catalogue *c, bs_err *err)
{
    for (int id = 0; id < BS_F_COUNT; id++) {
        if (c->field[id].variable) BS_TRY(BS_NEW(&c->field[id].piece, c->n_files, "catalogue of the meteorology", err));
    }
    for (int f = 0; f < c->n_files; f++) BS_TRY(scan_file(x, c, f, err));
    for (int id = 0; id < BS_F_COUNT; id++) {
        if (!c->field[id].variable) continue;
        if (c->field[id].n_pieces == 0) return missing_variable(c, (bs_pl_id)id, err);
        BS_TRY(bs_pl_times_check(c, (bs_pl_id)id, start, end, err));
    }
    return BS_OK;
}

bs_status bs_pl_catalogue_fill(const bs_met_context *x, bs_time start, bs_time end, bs_pl_catalogue *c, bs_err *err)
{
    BS_TRY(read_options(x->config, c, err));
    BS_TRY(read_mapping(x->config, c, err));
    BS_TRY(check_mapping(x->config, c, err));
    BS_TRY(bs_pl_catalogue_scan(x, start, end, c, err));
    return check_top(x, c, err);
}

void bs_pl_catalogue_clear(bs_pl_catalogue *c)
{
    for (int id = 0; id < BS_F_COUNT; id++) {
        bs_pl_field *f = &c->field[id];
        for (int p = 0; p < f->n_pieces; p++) clear_piece(&f->piece[p]);
        bs_free(f->piece);
        bs_free(f->slot);
    }
    for (int g = 0; g < c->n_grids; g++) {
        bs_free(c->grid[g].lon);
        bs_free(c->grid[g].lat);
        bs_weights_destroy(c->grid[g].weights);
    }
    bs_free(c->grid);
    bs_free(c->file);
    *c = (bs_pl_catalogue){0};
}
