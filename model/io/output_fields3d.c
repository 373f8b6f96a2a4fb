/* fields3d.nc: mixing ratios of all layers at single moments, with all that a nested run needs to place them: the mesh and
 * the hybrid coefficients (CF-1.10, appendix D, atmosphere_hybrid_sigma_pressure_coordinate), air density and heights. */
#include "model/core/memory.h"
#include "model/io/output_parts.h"

enum { ALL_BITS = 23 }; /* of a float */

typedef struct levels_vars {
    int dim, half, bnds;
    int lev, lev_bnds, ap, b, ap_bnds, b_bnds, a_half, b_half;
} levels_vars;

static bs_status def_column(bs_nc *nc, const char *name, const char *units, const char *long_name, int n_dims, int dim,
                            int bnds, int *var, bs_err *err)
{
    const bs_nc_def def = {.name = name,
                           .type = BS_NC_DOUBLE,
                           .n_dims = n_dims,
                           .dim = {dim, bnds},
                           .units = units,
                           .long_name = long_name};
    return bs_nc_def_var(nc, &def, var, err);
}

static bs_status def_levels(const bs_output *o, bs_nc *nc, levels_vars *v, bs_err *err)
{
    const char *standard = "atmosphere_hybrid_sigma_pressure_coordinate";
    BS_TRY(bs_nc_def_dim(nc, "lev", (size_t)o->info.levels->nz, &v->dim, err));
    BS_TRY(bs_nc_def_dim(nc, "half_lev", (size_t)o->info.levels->nz + 1, &v->half, err));
    BS_TRY(bs_nc_def_dim(nc, "lev_edges", 2, &v->bnds, err));
    BS_TRY(
        def_column(nc, "lev", "1", "number of the layer, counted upward from the ground", 1, v->dim, -1, &v->lev, err));
    const struct {
        const char *name, *text;
    } attribute[] = {{"standard_name", standard},
                     {"axis", "Z"},
                     {"positive", "up"},
                     {"formula", "p = ap + b ps"},
                     {"formula_terms", "ap: ap b: b ps: ps"},
                     {"bounds", "lev_bnds"}};
    for (size_t a = 0; a < sizeof attribute / sizeof *attribute; a++)
        BS_TRY(bs_nc_put_text(nc, v->lev, attribute[a].name, attribute[a].text, err));
    BS_TRY(def_column(nc, "lev_bnds", "1", NULL, 2, v->dim, v->bnds, &v->lev_bnds, err));
    BS_TRY(bs_nc_put_text(nc, v->lev_bnds, "standard_name", standard, err));
    BS_TRY(bs_nc_put_text(nc, v->lev_bnds, "formula_terms", "ap: ap_bnds b: b_bnds ps: ps", err));
    BS_TRY(def_column(nc, "ap", "Pa", "hybrid coefficient a of the layer's middle", 1, v->dim, -1, &v->ap, err));
    BS_TRY(def_column(nc, "b", "1", "hybrid coefficient b of the layer's middle", 1, v->dim, -1, &v->b, err));
    BS_TRY(def_column(nc, "ap_bnds", "Pa", NULL, 2, v->dim, v->bnds, &v->ap_bnds, err));
    BS_TRY(def_column(nc, "b_bnds", "1", NULL, 2, v->dim, v->bnds, &v->b_bnds, err));
    BS_TRY(def_column(nc, "a_half", "Pa", "hybrid coefficient a of the half levels, ground first", 1, v->half, -1,
                      &v->a_half, err));
    return def_column(nc, "b_half", "1", "hybrid coefficient b of the half levels, ground first", 1, v->half, -1,
                      &v->b_half, err);
}

static bs_status put_column(bs_nc *nc, int middle_var, int bounds_var, int nz, const double *half, bs_err *err)
{
    for (int k = 0; k < nz; k++) {
        const double middle = 0.5 * (half[k] + half[k + 1]);
        BS_TRY(bs_nc_write(nc, middle_var, (size_t[]){(size_t)k}, (size_t[]){1}, &middle, err));
        BS_TRY(bs_nc_write(nc, bounds_var, (size_t[]){(size_t)k, 0}, (size_t[]){1, 2}, &half[k], err));
    }
    return BS_OK;
}

static bs_status put_levels(const bs_levels *l, bs_nc *nc, const levels_vars *v, bs_err *err)
{
    double *number;
    BS_TRY(bs_nc_write(nc, v->a_half, NULL, NULL, l->a_half, err));
    BS_TRY(bs_nc_write(nc, v->b_half, NULL, NULL, l->b_half, err));
    BS_TRY(put_column(nc, v->ap, v->ap_bnds, l->nz, l->a_half, err));
    BS_TRY(put_column(nc, v->b, v->b_bnds, l->nz, l->b_half, err));
    BS_TRY(BS_NEW(&number, l->nz + 1, "layer numbers", err));
    for (int k = 0; k <= l->nz; k++) number[k] = k + 0.5;
    bs_status st = put_column(nc, v->lev, v->lev_bnds, l->nz, number, err);
    bs_free(number);
    return st;
}

static bs_status def_fields(bs_output *o, int lev, bs_err *err)
{
    bs_out_fields3d *v = &o->fields3d;
    bs_out_field field = {.cell_methods = "time: point",
                          /* two types in the double build; NOLINTNEXTLINE(bugprone-branch-clone) */
                          .type = v->unrounded ? BS_NC_REAL : BS_NC_FLOAT,
                          .lev = lev,
                          .bits = v->unrounded ? 0 : o->bits};
    for (int t = 0; t < o->n; t++) {
        char name[BS_OUT_NAME_MAX], total[BS_OUT_LONG_MAX], long_name[BS_OUT_LONG_MAX];
        v->q[t] = -1;
        if (!o->written[t]) continue;
        snprintf(name, sizeof name, "q_%s", o->info.tracers->row[t].name);
        snprintf(total, sizeof total, "mass mixing ratio in dry air of %s", bs_out_species(o, t)->long_name);
        field.name = name;
        field.units = "ug kg-1";
        field.long_name = bs_out_long_name(o, t, total, long_name);
        field.comment = bs_out_species(o, t)->comment;
        BS_TRY(bs_out_def_field(o, &v->file, &field, &v->q[t], err));
    }
    field.comment = NULL;
    field.name = "air_density_dry";
    field.units = "kg m-3";
    field.long_name = "density of dry air";
    BS_TRY(bs_out_def_field(o, &v->file, &field, &v->density, err));
    field.name = "layer_top_height";
    field.units = "m";
    field.long_name = "height of the layer's top above the ground";
    BS_TRY(bs_out_def_field(o, &v->file, &field, &v->height, err));
    field.name = "ps";
    field.units = "Pa";
    field.standard_name = "surface_air_pressure";
    field.long_name = "surface pressure";
    field.lev = -1;
    return bs_out_def_field(o, &v->file, &field, &v->ps, err);
}

bs_status bs_out_fields3d_begin(bs_output *o, bs_err *err)
{
    bs_out_fields3d *v = &o->fields3d;
    levels_vars levels;
    if (v->interval == 0) return BS_OK;
    v->due = o->first;
    BS_TRY(BS_NEW(&v->q, o->n, "ids of variables", err));
    if (!v->unrounded || sizeof(real) == sizeof(float))
        BS_TRY(BS_NEW(&v->layers, (size_t)o->info.levels->nz * o->cells, "layers of output", err));
    BS_TRY(bs_out_frame(o, "fields3d.nc", "mixing ratios of all layers", false, &v->file, err));
    BS_TRY(def_levels(o, v->file.nc, &levels, err));
    BS_TRY(def_fields(o, levels.dim, err));
    BS_TRY(bs_out_frame_values(o, &v->file, err));
    return put_levels(o->info.levels, v->file.nc, &levels, err);
}

/* One layer (k < 0: a field without layers) from o->map, whose values are those of a `real` array. The last one puts them all. */
static bs_status put_layer(bs_output *o, int var, int k, bs_err *err)
{
    const bs_out_fields3d *v = &o->fields3d;
    const bs_window own = o->info.tile.own;
    const size_t cells = (size_t)(own.i1 - own.i0) * (size_t)(own.j1 - own.j0);
    const int nz = o->info.levels->nz;
    if (k >= 0 && v->layers) {
        bs_out_pack_own(o, o->map, 1, v->unrounded ? ALL_BITS : o->bits, v->layers + (size_t)k * cells);
        return k == nz - 1 ? bs_out_put_layers(o, &v->file, var, nz, v->layers, err) : BS_OK;
    }
    const size_t lead[2] = {v->file.records, (size_t)(k < 0 ? 0 : k)};
    const int n_lead = k < 0 ? 1 : 2;
    if (v->unrounded) return bs_out_put_own_double(o, v->file.nc, var, n_lead, lead, o->map, err);
    return bs_out_put_own(o, v->file.nc, var, n_lead, lead, o->map, 1, o->bits, err);
}

static void blend(const real *a, const real *b, double passed, size_t n, double *out)
{
    for (size_t c = 0; c < n; c++) out[c] = (double)a[c] + passed * ((double)b[c] - (double)a[c]);
}

static bs_status put_air(bs_output *o, const bs_forcing *forcing, bs_time t, bs_err *err)
{
    const bs_out_fields3d *v = &o->fields3d;
    const bs_met_state *a = forcing->end[0], *b = forcing->end[1];
    double passed = bs_out_passed(forcing, t);
    for (int k = 0; k < o->info.levels->nz; k++) {
        const size_t at = (size_t)k * o->cells;
        blend(a->rho + at, b->rho + at, passed, o->cells, o->map);
        BS_TRY(put_layer(o, v->density, k, err));
    }
    for (int k = 0; k < o->info.levels->nz; k++) {
        const size_t top = (size_t)(k + 1) * o->cells;
        blend(a->z_half + top, b->z_half + top, passed, o->cells, o->map);
        BS_TRY(put_layer(o, v->height, k, err));
    }
    blend(a->ps, b->ps, passed, o->cells, o->map);
    return put_layer(o, v->ps, -1, err);
}

bs_status bs_out_fields3d_record(bs_output *o, const bs_state *state, const bs_forcing *forcing, bs_time t, bs_err *err)
{
    bs_out_fields3d *v = &o->fields3d;
    const bs_box *box = &state->box;
    const bs_window own = o->info.tile.own;
    char due[BS_TIME_TEXT_MAX], now[BS_TIME_TEXT_MAX];
    if (!v->file.nc || t < v->due) return BS_OK;
    if (t > v->due)
        return bs_fail(err, BS_ERR_RUN,
                       "fields3d.nc: a record is due at %s, but no sample was taken then; the next one is of %s",
                       bs_time_format(v->due, due), bs_time_format(t, now));
    for (int tracer = 0; tracer < o->n; tracer++) {
        const real *q = bs_state_q(state, tracer);
        if (!o->written[tracer]) continue;
        for (int k = 0; k < box->nz; k++) {
            for (int j = own.j0; j < own.j1; j++)
                for (int i = own.i0; i < own.i1; i++) o->map[(size_t)j * box->nx + i] = q[bs_at(box, k, j, i)];
            BS_TRY(put_layer(o, v->q[tracer], k, err));
        }
    }
    BS_TRY(put_air(o, forcing, t, err));
    BS_TRY(bs_out_put_time(o, v->file.nc, v->file.time_var, v->file.bounds_var, v->file.records, t, t, err));
    v->file.records++;
    v->due += v->interval;
    return BS_OK;
}

bs_status bs_out_fields3d_finish(bs_output *o, bs_err *err)
{
    bs_nc *nc = o->fields3d.file.nc;
    o->fields3d.file.nc = NULL;
    return nc ? bs_nc_commit(nc, err) : BS_OK;
}

void bs_out_fields3d_abandon(bs_output *o)
{
    bs_nc_abandon(o->fields3d.file.nc);
    o->fields3d.file.nc = NULL;
    bs_free(o->fields3d.q);
    bs_free(o->fields3d.layers);
}
