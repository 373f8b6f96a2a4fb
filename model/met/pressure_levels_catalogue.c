#include <string.h>

#include "model/core/memory.h"
#include "model/met/model_levels.h"

static void clear_piece(bs_pl_piece *p)
{
    bs_free(p->a);
    bs_free(p->b);
    bs_free(p->number);
    bs_free(p->stack);
    bs_free(p->times);
    *p = (bs_pl_piece){0};
}

/* Height above the ground at which a field is defined, m; 0: none. */
static double height_of(bs_pl_id id)
{
    return id == BS_F_U10 || id == BS_F_V10 ? 10 : id == BS_F_T2 || id == BS_F_D2M ? 2 : 0;
}

/* Whether a dimension is one of pressures; of length 1: a field on a single pressure level. */
static bool pressures(const bs_met_context *x, const bs_nc *nc, const char *dim)
{
    char unit[128];
    double scale, offset;
    bs_nc_var axis;
    return bs_nc_has_var(nc, dim) && bs_nc_find(nc, dim, &axis, NULL) == BS_OK &&
           bs_nc_text(nc, &axis, "units", unit, sizeof unit) && unit[0] &&
           bs_units_convert(x->units, unit, "Pa", &scale, &offset, NULL) == BS_OK;
}

/* Whether a variable of a layout's name is the field: ERA5 calls geopotential at the ground and on levels alike. */
static bool fits(const bs_met_context *x, const bs_nc *nc, const bs_pl_row *row, const bs_pl_piece *p)
{
    const int dim = p->axes.dim[BS_PL_LEVEL];
    if (!p->var.is_number) return false;
    if (row->dims == 3) return p->stack || (dim >= 0 && p->var.length[dim] > 1);
    return !p->stack && (dim < 0 || (p->var.length[dim] == 1 && !pressures(x, nc, p->var.dim[dim])));
}

static bs_status find_shape(const bs_met_context *x, const bs_pl_catalogue *c, const bs_nc *nc, bs_pl_id id,
                            const char *name, bs_pl_piece *p, bs_err *err)
{
    if (strchr(name, '*')) {
        BS_TRY(bs_pl_stack(nc, name, p, err));
    } else {
        BS_TRY(bs_nc_find(nc, name, &p->var, err));
    }
    if (!p->var.is_number)
        return bs_fail(err, BS_ERR_INPUT, "%s: variable '%s' holds no numbers", bs_nc_file(nc), p->var.name);
    bs_pl_axis_names names = c->names;
    names.height = height_of(id);
    names.versions = true;
    bs_status status = bs_pl_axes_find(nc, &p->var, &names, x->units, &p->axes, err);
    if (status) bs_err_add(err, "(meteorology.dimensions in the case file)");
    return status;
}

/* What the reader should know of the first piece of a field. */
static void tell(const bs_met_context *x, const bs_nc *nc, const bs_pl_given *given, const bs_pl_piece *p)
{
    char unit[128];
    const bool has = bs_nc_text(nc, &p->var, "units", unit, sizeof unit) && unit[0];
    if (given->usual && !given->units && !(has && bs_units_valid(x->units, unit))) {
        bs_log_info(x->log, "meteorology: %s: '%s' has %s%s%s: taken to be in %s, as meteorology.layout has it",
                    bs_nc_file(nc), p->var.name, has ? "the unit '" : "no unit", has ? unit : "",
                    has ? "', which is none" : "", given->usual);
    }
    if (p->axes.versions >= 0) {
        bs_log_info(
            x->log,
            "meteorology: %s: '%s' has %zu versions (expver: ERA5 and preliminary ERA5T): the first that is not "
            "missing counts",
            bs_nc_file(nc), p->var.name, p->var.length[p->axes.versions]);
    }
}

static bs_status read_piece(const bs_met_context *x, bs_pl_catalogue *c, const bs_nc *nc, bs_pl_id id,
                            const bs_pl_given *given, bs_pl_piece *p, bs_err *err)
{
    const bs_pl_row *row = &BS_PL_ROWS[id];
    const bs_pl_field *f = &c->field[id];
    BS_TRY(bs_pl_conversion(nc, &p->var, row, given, f->where, x->units, &p->scale, &p->offset, err));
    BS_TRY(bs_pl_levels_read(x, c, nc, id, p, err));
    int time = p->axes.dim[BS_PL_TIME];
    bs_nc_var valid;
    const bool bare = time >= 0 && p->var.length[time] == 1 && !bs_nc_has_var(nc, p->var.dim[time]) &&
                      !bs_pl_valid_times(nc, &p->var, time, &valid);
    if (!bare) BS_TRY(bs_pl_axis_read_times(nc, &p->var, time, x->units, &p->n_times, &p->times, err));
    if (f->n_pieces == 1) tell(x, nc, given, p);
    return bs_pl_grid_find(c, nc, p, x, &p->grid, err);
}

/* The piece of a field in a file, given in one way; *found says whether there is one. */
static bs_status scan_field(const bs_met_context *x, bs_pl_catalogue *c, const bs_nc *nc, int file, bs_pl_id id,
                            const bs_pl_given *given, bool *found, bs_err *err)
{
    bs_pl_field *f = &c->field[id];
    char name[BS_NC_NAME_MAX];
    if (!bs_pl_name_in(nc, given, name)) return BS_OK;
    bs_pl_piece *p = &f->piece[f->n_pieces];
    *p = (bs_pl_piece){.file = file};
    bs_status status = find_shape(x, c, nc, id, name, p, err);
    if (!status && f->by_layout && !fits(x, nc, &BS_PL_ROWS[id], p)) {
        clear_piece(p);
        return BS_OK;
    }
    f->n_pieces++; /* from here on the catalogue clears it */
    if (status) return status;
    if (f->by_layout && f->n_pieces == 1) {
        f->variable = p->var.name;
        f->given = *given;
    }
    *found = true;
    return read_piece(x, c, nc, id, given, p, err);
}

static bs_status scan_file(const bs_met_context *x, bs_pl_catalogue *c, int file, bs_err *err)
{
    bs_nc *nc = NULL;
    BS_TRY(bs_nc_open(c->file[file], &nc, err));
    bs_status status = BS_OK;
    bool any = false;
    for (int id = 0; id < BS_F_COUNT && !status; id++) {
        bs_pl_field *f = &c->field[id];
        bs_pl_given given = f->given;
        bool found = false;
        if (!f->mapped) continue;
        if (!f->by_layout || f->n_pieces > 0) {
            status = scan_field(x, c, nc, file, (bs_pl_id)id, &given, &found, err);
        } else {
            for (int n = 0; !status && !found && bs_pl_layout_row(c->layout, (bs_pl_id)id, n, &given); n++)
                status = scan_field(x, c, nc, file, (bs_pl_id)id, &given, &found, err);
        }
        any = any || found;
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
    const double top = bs_levels_pressure(x->levels, x->levels->nz, BS_PL_REFERENCE);
    for (int id = 0; id < BS_F_COUNT; id++) {
        const bs_pl_field *f = &c->field[id];
        if (!f->mapped || BS_PL_ROWS[id].dims != 3 || id == BS_F_Z) continue;
        const bs_pl_piece *p = &f->piece[0];
        const double source = p->a[p->n_levels - 1] + p->b[p->n_levels - 1] * BS_PL_REFERENCE;
        if (source <= top * (1 + 1e-9)) continue;
        bs_fail(
            err, BS_ERR_INPUT,
            "the model's top at %.0f Pa lies above the highest level of variable '%s' (%s) at %.0f Pa; lower the top "
            "(grid.levels.top) or take meteorology with higher levels",
            top, f->variable, c->file[p->file], source);
        if (f->by_layout && (id == BS_F_CLW || id == BS_F_RNW))
            bs_err_add(err, "or run without it: meteorology.variables.%s: {name: none}", BS_PL_ROWS[id].name);
        return BS_ERR_INPUT;
    }
    return BS_OK;
}

/* The logarithm takes the place of the surface pressure, and the reader undoes it. */
static void use_logarithm(bs_log *log, bs_pl_catalogue *c)
{
    bs_pl_field *ps = &c->field[BS_F_PS], *ln = &c->field[BS_F_LNSP];
    if (ps->mapped || !ln->mapped) return;
    bs_free(ps->piece);
    *ps = *ln;
    *ln = (bs_pl_field){0};
    for (int p = 0; p < ps->n_pieces; p++) ps->piece[p].exponential = true;
    bs_log_info(log, "meteorology: surface_pressure is the exponential of '%s'", ps->variable);
}

static bs_status scan(const bs_met_context *x, bs_pl_catalogue *c, bs_err *err)
{
    for (int id = 0; id < BS_F_COUNT; id++) {
        if (c->field[id].mapped) BS_TRY(BS_NEW(&c->field[id].piece, c->n_files, "catalogue of the meteorology", err));
    }
    for (int f = 0; f < c->n_files; f++) BS_TRY(scan_file(x, c, f, err));
    if (c->layout == 0) return BS_OK;
    bs_pl_mapping_settle(c);
    return bs_pl_mapping_check(x->config, c, err);
}

bs_status bs_pl_catalogue_scan(const bs_met_context *x, bs_time start, bs_time end, bs_pl_catalogue *c, bs_err *err)
{
    c->log = x->log;
    BS_TRY(scan(x, c, err));
    for (int id = 0; id < BS_F_COUNT; id++) {
        const bs_pl_field *f = &c->field[id];
        if (f->mapped && f->n_pieces == 0) return missing_variable(c, (bs_pl_id)id, err);
    }
    use_logarithm(x->log, c);
    for (int id = 0; id < BS_F_COUNT; id++) {
        if (c->field[id].mapped) BS_TRY(bs_pl_times_check(c, (bs_pl_id)id, start, end, err));
    }
    return BS_OK;
}

bs_status bs_pl_catalogue_fill(const bs_met_context *x, bs_time start, bs_time end, bs_pl_catalogue *c, bs_err *err)
{
    c->log = x->log;
    BS_TRY(bs_pl_options(x->config, c, err));
    BS_TRY(bs_pl_mapping(x->config, c, err));
    if (c->layout == 0) BS_TRY(bs_pl_mapping_check(x->config, c, err));
    if (c->model_levels) BS_TRY(bs_hybrid_find(x, c, err));
    BS_TRY(bs_pl_catalogue_scan(x, start, end, c, err));
    bs_pl_grids_tell(c, x->log);
    return check_top(x, c, err);
}

void bs_pl_catalogue_clear(bs_pl_catalogue *c)
{
    for (int id = 0; id < BS_F_COUNT; id++) {
        bs_pl_field *f = &c->field[id];
        for (int p = 0; p < f->n_pieces; p++) clear_piece(&f->piece[p]);
        bs_free(f->piece);
        bs_free(f->slot);
        bs_nc_close(c->open[id].nc);
    }
    for (int g = 0; g < c->n_grids; g++) {
        bs_free(c->grid[g].lon);
        bs_free(c->grid[g].lat);
        bs_weights_destroy(c->grid[g].weights);
    }
    bs_free(c->grid);
    bs_free(c->file);
    bs_free(c->hybrid.a);
    bs_free(c->hybrid.b);
    *c = (bs_pl_catalogue){0};
}
