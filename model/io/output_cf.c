/* What all netCDF files of a run have in common: who made them, where the mesh lies, and time.
 * Source  CF conventions 1.10, sections 4.4 (time), 5.6 (grid mappings), 7.1 (bounds). */
#include <string.h>

#include "model/core/memory.h"
#include "model/io/output_parts.h"

enum { LAT, LON, LAT_EDGES, LON_EDGES, AXIS_Y, AXIS_X, MESH_VARS };
_Static_assert((int)MESH_VARS == 6, "bs_out_file has room for the variables of the mesh");

static bs_status put_mesh_spec(const bs_mesh *mesh, bs_nc *nc, bs_err *err)
{
    const struct {
        const char *name;
        double value;
    } numbers[] = {{"dx", mesh->dx}, {"dy", mesh->dy}, {"x0", mesh->x0}, {"y0", mesh->y0}};
    BS_TRY(bs_nc_put_integer(nc, BS_NC_GLOBAL, "nx", mesh->nx, err));
    BS_TRY(bs_nc_put_integer(nc, BS_NC_GLOBAL, "ny", mesh->ny, err));
    for (size_t n = 0; n < sizeof numbers / sizeof *numbers; n++)
        BS_TRY(bs_nc_put_number(nc, BS_NC_GLOBAL, numbers[n].name, 1, &numbers[n].value, err));
    return bs_nc_put_text(nc, BS_NC_GLOBAL, "proj4", bs_projection_string(mesh->projection), err);
}

static bs_status put_globals(const bs_output *o, const char *what, bs_nc *nc, bs_err *err)
{
    const char *title = bs_config_text(o->info.config, "case.title");
    if (!title || !*title) title = bs_config_text(o->info.config, "case.name");
    char history[512];
    snprintf(history, sizeof history, "written by %s", o->info.version);
    const struct {
        const char *name, *text;
    } attribute[] = {
        {"Conventions", "CF-1.10"},
        {"title", title},
        {"comment", what},
        {"institution", ""},
        {"source", o->info.version},
        {"history", history},
        {"references", "bashu_configuration names the schemes of this run; the headers of the code cite their sources"},
        {"case", bs_config_text(o->info.config, "case.name")},
        {"weather_label", o->weather_label},
        {"assumed", o->assumed_text},
        {"bashu_configuration", o->config_text},
        {"scenario", o->info.scenario},
        {"scenario_hash", o->info.scenario_hash},
    };
    for (size_t a = 0; a < sizeof attribute / sizeof *attribute; a++)
        if (attribute[a].text) BS_TRY(bs_nc_put_text(nc, BS_NC_GLOBAL, attribute[a].name, attribute[a].text, err));
    return put_mesh_spec(o->info.whole, nc, err);
}

bs_status bs_out_create(const bs_output *o, const char *name, const char *what, bool maps, bs_nc **out, bs_err *err)
{
    char *path;
    bs_nc *nc = NULL;
    size_t size = strlen(o->info.dir) + strlen(name) + 2;
    *out = NULL;
    BS_TRY(BS_NEW(&path, size, "file name", err));
    snprintf(path, size, "%s/%s", o->info.dir, name);
    const bs_mesh *mesh = o->info.whole;
    bs_status st =
        maps ? bs_nc_create_maps(path, (size_t)mesh->ny, (size_t)mesh->nx, &nc, err) : bs_nc_create(path, &nc, err);
    bs_free(path);
    if (st == BS_OK) st = put_globals(o, what, nc, err);
    if (st != BS_OK) {
        bs_nc_abandon(nc);
        return st;
    }
    *out = nc;
    return BS_OK;
}

/* ---- mesh ---- */

static bs_status def_mapping(const bs_mesh *mesh, bs_nc *nc, bs_err *err)
{
    int var, count;
    BS_TRY(bs_nc_def_var(nc, &(bs_nc_def){.name = "crs", .type = BS_NC_INT, .long_name = "grid mapping"}, &var, err));
    const bs_cf_attribute *a = bs_projection_cf(mesh->projection, &count);
    for (int n = 0; n < count; n++) {
        if (!a[n].text) {
            BS_TRY(bs_nc_put_number(nc, var, a[n].name, a[n].count, a[n].number, err));
        } else if (*a[n].text) {
            BS_TRY(bs_nc_put_text(nc, var, a[n].name, a[n].text, err));
        }
    }
    return BS_OK;
}

static bs_status def_axis(bs_nc *nc, int dim, const bs_nc_def *words, const char *axis, int *var, bs_err *err)
{
    bs_nc_def def = *words;
    def.type = BS_NC_DOUBLE;
    def.n_dims = 1;
    def.dim[0] = dim;
    BS_TRY(bs_nc_def_var(nc, &def, var, err));
    return bs_nc_put_text(nc, *var, "axis", axis, err);
}

static bs_status def_lonlat_mesh(const bs_mesh *mesh, bs_out_file *f, bs_err *err)
{
    const bs_nc_def lat = {
        .name = "lat", .standard_name = "latitude", .long_name = "latitude", .units = "degrees_north"};
    const bs_nc_def lon = {
        .name = "lon", .standard_name = "longitude", .long_name = "longitude", .units = "degrees_east"};
    BS_TRY(bs_nc_def_dim(f->nc, "lat", (size_t)mesh->ny, &f->y, err));
    BS_TRY(bs_nc_def_dim(f->nc, "lon", (size_t)mesh->nx, &f->x, err));
    BS_TRY(def_axis(f->nc, f->y, &lat, "Y", &f->mesh_var[AXIS_Y], err));
    return def_axis(f->nc, f->x, &lon, "X", &f->mesh_var[AXIS_X], err);
}

static bs_status def_curved(const bs_out_file *f, const char *name, const char *standard, const char *units,
                            const char *edges, int *var, bs_err *err)
{
    const bs_nc_def def = {.name = name,
                           .type = BS_NC_DOUBLE,
                           .n_dims = 2,
                           .dim = {f->y, f->x},
                           .compress = true,
                           .chunk_rank = 2,
                           .units = units,
                           .standard_name = standard,
                           .long_name = standard};
    BS_TRY(bs_nc_def_var(f->nc, &def, var, err));
    return bs_nc_put_text(f->nc, *var, "bounds", edges, err);
}

static bs_status def_projected_mesh(const bs_mesh *mesh, bs_out_file *f, bs_err *err)
{
    const bs_nc_def y = {.name = "y",
                         .standard_name = "projection_y_coordinate",
                         .long_name = "y coordinate of the projection",
                         .units = "m"};
    const bs_nc_def x = {.name = "x",
                         .standard_name = "projection_x_coordinate",
                         .long_name = "x coordinate of the projection",
                         .units = "m"};
    int corners;
    BS_TRY(bs_nc_def_dim(f->nc, "y", (size_t)mesh->ny, &f->y, err));
    BS_TRY(bs_nc_def_dim(f->nc, "x", (size_t)mesh->nx, &f->x, err));
    BS_TRY(bs_nc_def_dim(f->nc, "vertices", 4, &corners, err));
    BS_TRY(def_axis(f->nc, f->y, &y, "Y", &f->mesh_var[AXIS_Y], err));
    BS_TRY(def_axis(f->nc, f->x, &x, "X", &f->mesh_var[AXIS_X], err));
    BS_TRY(def_curved(f, "lat", "latitude", "degrees_north", "lat_vertices", &f->mesh_var[LAT], err));
    BS_TRY(def_curved(f, "lon", "longitude", "degrees_east", "lon_vertices", &f->mesh_var[LON], err));
    bs_nc_def edges = {
        .type = BS_NC_DOUBLE, .n_dims = 3, .dim = {f->y, f->x, corners}, .compress = true, .chunk_rank = 3};
    edges.name = "lat_vertices";
    BS_TRY(bs_nc_def_var(f->nc, &edges, &f->mesh_var[LAT_EDGES], err));
    edges.name = "lon_vertices";
    return bs_nc_def_var(f->nc, &edges, &f->mesh_var[LON_EDGES], err);
}

/* Corners of each own cell, counter-clockwise from the lower left one, from a field on corners. */
static bs_status put_corners(const bs_output *o, const bs_out_file *f, int var, const double *corner, double *scratch,
                             bs_err *err)
{
    const bs_tile *tile = &o->info.tile;
    const bs_window own = tile->own;
    const size_t row = (size_t)tile->nx + 1;
    const size_t start[3] = {(size_t)(tile->j0 + own.j0), (size_t)(tile->i0 + own.i0), 0},
                 count[3] = {(size_t)(own.j1 - own.j0), (size_t)(own.i1 - own.i0), 4};
    double *out = scratch;
    for (int j = own.j0; j < own.j1; j++)
        for (int i = own.i0; i < own.i1; i++) {
            const double *c = corner + (size_t)j * row + (size_t)i;
            *out++ = c[0];
            *out++ = c[1];
            *out++ = c[row + 1];
            *out++ = c[row];
        }
    return bs_nc_write_part(f->nc, var, start, count, scratch, err);
}

static bs_status put_mesh(const bs_output *o, const bs_out_file *f, double *scratch, bs_err *err)
{
    const bs_mesh *mesh = o->info.whole, *part = o->info.mesh;
    for (int j = 0; j < mesh->ny; j++) scratch[j] = mesh->y0 + (j + 0.5) * mesh->dy;
    BS_TRY(bs_nc_write(f->nc, f->mesh_var[AXIS_Y], NULL, NULL, scratch, err));
    for (int i = 0; i < mesh->nx; i++) scratch[i] = mesh->x0 + (i + 0.5) * mesh->dx;
    BS_TRY(bs_nc_write(f->nc, f->mesh_var[AXIS_X], NULL, NULL, scratch, err));
    if (f->mesh_var[LAT] < 0) return BS_OK;
    BS_TRY(bs_out_put_own_double(o, f->nc, f->mesh_var[LAT], 0, NULL, part->lat, err));
    BS_TRY(bs_out_put_own_double(o, f->nc, f->mesh_var[LON], 0, NULL, part->lon, err));
    BS_TRY(put_corners(o, f, f->mesh_var[LAT_EDGES], part->lat_c, scratch, err));
    return put_corners(o, f, f->mesh_var[LON_EDGES], part->lon_c, scratch, err);
}

bs_status bs_out_frame_values(const bs_output *o, const bs_out_file *f, bs_err *err)
{
    double *scratch;
    const size_t axes = (size_t)o->info.whole->nx + (size_t)o->info.whole->ny;
    BS_TRY(BS_NEW(&scratch, 4 * o->cells + axes, "corners of the mesh", err));
    bs_status st = put_mesh(o, f, scratch, err);
    bs_free(scratch);
    return st;
}

/* ---- time ---- */

bs_status bs_out_def_time(const bs_output *o, bs_nc *nc, int time, int bnds, int *time_var, int *bounds_var,
                          bs_err *err)
{
    const bs_nc_def def = {.name = "time",
                           .standard_name = "time",
                           .long_name = bnds < 0 ? "time" : "end of the interval",
                           .units = o->time_units};
    BS_TRY(def_axis(nc, time, &def, "T", time_var, err));
    BS_TRY(bs_nc_put_text(nc, *time_var, "calendar", "standard", err));
    *bounds_var = -1;
    if (bnds < 0) return BS_OK;
    BS_TRY(bs_nc_put_text(nc, *time_var, "bounds", "time_bnds", err));
    const bs_nc_def bounds = {.name = "time_bnds", .type = BS_NC_DOUBLE, .n_dims = 2, .dim = {time, bnds}};
    return bs_nc_def_var(nc, &bounds, bounds_var, err);
}

bs_status bs_out_put_time(const bs_output *o, bs_nc *nc, int time_var, int bounds_var, size_t record, bs_time from,
                          bs_time to, bs_err *err)
{
    const double hours[2] = {(double)(from - o->reference) / 3600.0, (double)(to - o->reference) / 3600.0};
    BS_TRY(bs_nc_write(nc, time_var, (size_t[]){record}, (size_t[]){1}, &hours[1], err));
    if (bounds_var >= 0) BS_TRY(bs_nc_write(nc, bounds_var, (size_t[]){record, 0}, (size_t[]){1, 2}, hours, err));
    return bs_nc_check(nc, err);
}

/* ---- fields ---- */

static bs_status def_frame(const bs_output *o, bool bounded, bs_out_file *f, bs_err *err)
{
    const bs_mesh *mesh = o->info.whole;
    BS_TRY(bs_nc_def_dim(f->nc, "time", 0, &f->time, err));
    f->bnds = -1;
    if (bounded) BS_TRY(bs_nc_def_dim(f->nc, "bnds", 2, &f->bnds, err));
    BS_TRY(bs_out_def_time(o, f->nc, f->time, f->bnds, &f->time_var, &f->bounds_var, err));
    for (int v = 0; v < MESH_VARS; v++) f->mesh_var[v] = -1;
    if (bs_projection_is_lonlat(mesh->projection)) {
        BS_TRY(def_lonlat_mesh(mesh, f, err));
    } else {
        BS_TRY(def_projected_mesh(mesh, f, err));
    }
    return def_mapping(mesh, f->nc, err);
}

bs_status bs_out_frame(const bs_output *o, const char *name, const char *what, bool bounded, bs_out_file *f,
                       bs_err *err)
{
    BS_TRY(bs_out_create(o, name, what, true, &f->nc, err));
    f->records = 0;
    return def_frame(o, bounded, f, err);
}

bs_status bs_out_def_field(const bs_output *o, const bs_out_file *f, const bs_out_field *field, int *var, bs_err *err)
{
    bool lonlat = bs_projection_is_lonlat(o->info.mesh->projection);
    bs_nc_def def = {.name = field->name,
                     .type = field->type,
                     .compress = true,
                     .chunk_rank = 2,
                     .units = field->units,
                     .standard_name = field->standard_name && *field->standard_name ? field->standard_name : NULL,
                     .long_name = field->long_name,
                     .coordinates = lonlat ? NULL : "lat lon",
                     .grid_mapping = "crs",
                     .cell_methods = field->cell_methods,
                     .comment = field->comment && *field->comment ? field->comment : NULL};
    char rounding[BS_OUT_NAME_MAX];
    if (!field->fixed) def.dim[def.n_dims++] = f->time;
    if (field->lev >= 0) def.dim[def.n_dims++] = field->lev;
    def.dim[def.n_dims++] = f->y;
    def.dim[def.n_dims++] = f->x;
    BS_TRY(bs_nc_def_var(f->nc, &def, var, err));
    if (field->bits <= 0 || field->bits >= 23) return BS_OK;
    return bs_nc_put_text(f->nc, *var, "rounding", bs_out_rounding(field->bits, rounding), err);
}

bs_status bs_out_put_map(const bs_output *o, const bs_out_file *f, int var, bool fixed, const double *map,
                         double factor, int bits, bs_err *err)
{
    return bs_out_put_own(o, f->nc, var, fixed ? 0 : 1, &f->records, map, factor, bits, err);
}
