#include "model/run/case.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/core/memory.h"
#include "model/io/output.h"
#include "model/met/wrf_grid.h"
#include "model/parallel/ranks.h"
#include "model/run/tags.h"

/* ---- grid ---- */

static bs_status cell_size(const bs_case *c, const char *path, const char *unit, double *size, bs_err *err)
{
    const char *text = bs_config_text(c->config, path);
    if (bs_units_parse_quantity(c->units, text, unit, size, err) != BS_OK) {
        bs_err_context(err, "%s: error: %s", bs_config_where(c->config, path), path);
        return BS_ERR_INPUT;
    }
    if (!(*size > 0))
        return bs_fail(err, BS_ERR_INPUT, "%s: error: %s must be above zero, found '%s'",
                       bs_config_where(c->config, path), path, text);
    return BS_OK;
}

static bs_status lower_left(const bs_case *c, bs_projection *projection, bs_mesh_spec *spec, bs_err *err)
{
    const bs_config *g = c->config;
    const int centre = bs_config_count(g, "grid.centre"), corner = bs_config_count(g, "grid.corner");
    if ((centre == 0) == (corner == 0))
        return bs_fail(err, BS_ERR_INPUT, "%s: error: give either grid.centre or grid.corner, to place the mesh",
                       bs_config_where(g, "grid.nx"));
    const char *path = centre ? "grid.centre" : "grid.corner";
    if ((centre ? centre : corner) != 2)
        return bs_fail(err, BS_ERR_INPUT, "%s: error: %s must have two numbers, found %d", bs_config_where(g, path),
                       path, centre ? centre : corner);
    spec->x0 = bs_config_real_at(g, path, 0);
    spec->y0 = bs_config_real_at(g, path, 1);
    if (corner) return BS_OK;
    if (bs_projection_forward(projection, 1, &spec->x0, &spec->y0) > 0)
        return bs_fail(err, BS_ERR_INPUT, "%s: error: grid.centre lies outside the projection's domain",
                       bs_config_where(g, path));
    spec->x0 -= 0.5 * spec->nx * spec->dx;
    spec->y0 -= 0.5 * spec->ny * spec->dy;
    return BS_OK;
}

static bs_status build_mesh(bs_case *c, bs_err *err)
{
    const bs_config *g = c->config;
    bs_mesh_spec spec = {.projection = bs_config_text(g, "grid.projection"),
                         .nx = (int)bs_config_int(g, "grid.nx"),
                         .ny = (int)bs_config_int(g, "grid.ny")};
    bs_projection *projection = NULL;
    if (bs_projection_create(spec.projection, &projection, err) != BS_OK) {
        bs_err_context(err, "%s: error: grid.projection", bs_config_where(g, "grid.projection"));
        return BS_ERR_INPUT;
    }
    const char *unit = bs_projection_is_lonlat(projection) ? "degree" : "m";
    bs_status st = cell_size(c, "grid.dx", unit, &spec.dx, err);
    spec.dy = spec.dx;
    if (st == BS_OK && bs_config_has(g, "grid.dy")) st = cell_size(c, "grid.dy", unit, &spec.dy, err);
    if (st == BS_OK) st = lower_left(c, projection, &spec, err);
    bs_projection_destroy(projection);
    if (st == BS_OK) {
        st = bs_mesh_create(&spec, &c->whole, err);
        if (st != BS_OK) bs_err_context(err, "%s: error: grid", bs_config_where(g, "grid.nx"));
    }
    return st;
}

static bs_status read_list(const bs_config *g, const char *path, double **values, int *n, bs_err *err)
{
    *n = bs_config_count(g, path);
    BS_TRY(BS_NEW(values, *n, path, err));
    for (int k = 0; k < *n; k++) (*values)[k] = bs_config_real_at(g, path, k);
    return BS_OK;
}

static bs_status build_levels(bs_case *c, bs_err *err)
{
    const bs_config *g = c->config;
    const bool eta = bs_config_count(g, "grid.levels.eta") > 0, ab = bs_config_count(g, "grid.levels.a") > 0;
    if (eta == ab || (eta && !bs_config_has(g, "grid.levels.top")))
        return bs_fail(err, BS_ERR_INPUT, "%s: error: grid.levels needs either top and eta, or a and b",
                       bs_config_where(g, "grid.levels.eta"));
    double *first = NULL, *second = NULL;
    int n = 0, n_b = 0;
    bs_status st = read_list(g, eta ? "grid.levels.eta" : "grid.levels.a", &first, &n, err);
    if (st == BS_OK && ab) st = read_list(g, "grid.levels.b", &second, &n_b, err);
    if (st == BS_OK && ab && n != n_b)
        st = bs_fail(err, BS_ERR_INPUT, "%s: error: grid.levels.a has %d numbers and b has %d",
                     bs_config_where(g, "grid.levels.a"), n, n_b);
    if (st == BS_OK) {
        st = eta ? bs_levels_from_eta(n, first, bs_config_real(g, "grid.levels.top"),
                                      bs_config_real(g, "grid.levels.flat_above"), &c->levels, err)
                 : bs_levels_create(n, first, second, &c->levels, err);
        if (st != BS_OK)
            bs_err_context(err, "%s: error: grid.levels",
                           bs_config_where(g, eta ? "grid.levels.eta" : "grid.levels.a"));
    }
    bs_free(first);
    bs_free(second);
    return st;
}

static bs_status build_grid(bs_case *c, bs_err *err)
{
    static const char *const ONLY[] = {"grid.window", "grid.levels.keep"};
    const bs_config *g = c->config;
    if (bs_wrf_gives_grid(g)) return bs_wrf_case_grid(g, c->units, &c->whole, &c->levels, &c->whole_terrain, err);
    for (int n = 0; n < 2; n++)
        if (bs_config_has(g, ONLY[n]))
            return bs_fail(err, BS_ERR_INPUT, "%s: error: %s needs grid.from, whose cells and levels it chooses from",
                           bs_config_where(g, ONLY[n]), ONLY[n]);
    BS_TRY(build_mesh(c, err));
    return build_levels(c, err);
}

/* ---- time, operators, tracers ---- */

static bs_status read_times(bs_case *c, bs_err *err)
{
    const bs_config *g = c->config;
    c->start = bs_config_time(g, "time.start");
    c->end = bs_config_time(g, "time.end");
    if (c->end <= c->start || (c->end - c->start) % 3600 != 0 || c->start % 3600 != 0)
        return bs_fail(
            err, BS_ERR_INPUT,
            "%s: error: time.end must lie a whole number of hours after time.start, which is on a whole hour",
            bs_config_where(g, "time.end"));
    c->output_from = c->start + (bs_time)llround(bs_config_real(g, "time.spinup"));
    if (c->output_from >= c->end || (c->output_from - c->start) % 3600 != 0)
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: error: time.spinup must be a whole number of hours and shorter than the run",
                       bs_config_where(g, "time.spinup"));
    c->max_step = bs_config_real(g, "time.max_step");
    return BS_OK;
}

static void read_operators(bs_case *c)
{
    const bs_config *g = c->config;
    c->options =
        (bs_operator_options){.scheme = bs_config_choice(g, "operators.advection"),
                              .mixing = (bs_mixing)bs_config_choice(g, "operators.vertical_diffusion"),
                              .horizontal_diffusion = bs_config_choice(g, "operators.horizontal_diffusion") == 0,
                              .dry_deposition = strcmp(bs_config_text(g, "operators.dry_deposition"), "none") != 0,
                              .settling = bs_config_bool(g, "operators.settling"),
                              .wet_scavenging = strcmp(bs_config_text(g, "operators.wet_scavenging"), "none") != 0,
                              .more_substeps = (int)bs_config_int(g, "operators.diffusion_substeps") - 1,
                              .max_courant = bs_config_real(g, "time.max_courant"),
                              .max_deformation = bs_config_real(g, "time.max_deformation"),
                              .isa = bs_isa_best()};
}

static unsigned switched_on(const bs_operator_options *o)
{
    unsigned acts = BS_ACT_EMIT;
    if (o->scheme != BS_SCHEME_COUNT) acts |= BS_ACT_ADVECT;
    if (o->mixing != BS_MIX_NONE || o->horizontal_diffusion) acts |= BS_ACT_MIX;
    if (o->dry_deposition) acts |= BS_ACT_DRY;
    if (o->settling) acts |= BS_ACT_SETTLE;
    if (o->wet_scavenging) acts |= BS_ACT_WET;
    return acts;
}

static bs_status create_tracers(bs_case *c, const bs_tags *tags, bs_err *err)
{
    enum { MOST = 64 };
    const bs_config *g = c->config;
    const char *species[MOST], *sectors[MOST];
    bs_tracer_request r = {.n_species = bs_config_count(g, "tracers.species"),
                           .species = species,
                           .n_sectors = bs_config_bool(g, "tracers.tags") ? bs_config_count(g, "emissions.sectors") : 0,
                           .sectors = sectors,
                           .n_groups = tags->n,
                           .group = tags->group,
                           .tag_initial = bs_config_bool(g, "tracers.tag_initial"),
                           .tag_boundary = bs_config_bool(g, "tracers.tag_boundary"),
                           .acts = switched_on(&c->options)};
    if (r.n_species < 1 || r.n_species > MOST || r.n_sectors > MOST)
        return bs_fail(err, BS_ERR_INPUT, "%s: error: one to %d tracers.species and at most %d emissions.sectors",
                       bs_config_where(g, "tracers.species"), MOST, MOST);
    if (c->options.scheme == BS_PPM_CW84 && (r.n_sectors > 0 || r.n_groups > 0 || r.tag_initial || r.tag_boundary))
        return bs_fail(
            err, BS_ERR_INPUT,
            "%s: error: operators.advection: ppm_cw84 steepens, and what is right for a total grows without bound in "
            "its tags; take ppm6_sel, or switch off tracers.tags, tag_initial and tag_boundary",
            bs_config_where(g, "operators.advection"));
    for (int n = 0; n < r.n_species; n++) species[n] = bs_config_text_at(g, "tracers.species", n);
    for (int n = 0; n < r.n_sectors; n++) sectors[n] = bs_config_text_at(g, "emissions.sectors", n);
    bs_status st = bs_tracers_create(&r, &c->tracers, err);
    if (st == BS_ERR_INPUT && !strstr(err->text, ": error: "))
        bs_err_context(err, "%s: error", bs_config_where(g, "tracers.species"));
    return st;
}

static bs_status build_tracers(bs_case *c, bs_err *err)
{
    bs_tags tags;
    bs_status st = bs_tags_read(c->config, c->regions, &tags, err);
    if (st == BS_OK) st = create_tracers(c, &tags, err);
    bs_tags_free(&tags);
    return st;
}

/* ---- this rank's tile ---- */

bs_status bs_case_tiling(const bs_case *c, int ranks, bs_tiling *out, bs_err *err)
{
    return bs_tiling_choose(c->whole->nx, c->whole->ny, ranks, bs_overlap_needed(&c->options), out, err);
}

static bs_status build_tile(bs_case *c, bs_err *err)
{
    BS_TRY(bs_case_tiling(c, bs_ranks_count(), &c->tiling, err));
    c->tile = bs_tiling_tile(&c->tiling, bs_ranks_self());
    if (bs_ranks_count() == 1) {
        c->mesh = c->whole;
        c->terrain = c->whole_terrain;
    } else {
        BS_TRY(bs_mesh_window(c->whole, &c->tile, &c->mesh, err));
        if (c->whole_terrain) {
            BS_TRY(BS_NEW(&c->terrain, c->tile.nx * c->tile.ny, "terrain", err));
            bs_tile_cut(&c->tile, BS_AT_CELLS, sizeof *c->terrain, c->whole_terrain, c->whole->nx, c->terrain);
        }
    }
    c->box = bs_box_of_tile(c->tile.nx, c->tile.ny, c->levels->nz, c->tile.own, c->tile.i0, c->tile.j0);
    return BS_OK;
}

/* ---- all of it ---- */

static bs_status read_regions(bs_case *c, bs_err *err)
{
    if (bs_config_has(c->config, "regions.file")) {
        BS_TRY(bs_regions_read(bs_config_text(c->config, "regions.file"), &c->regions, err));
    } else if (bs_config_count(c->config, "regions.basin") > 0) {
        return bs_fail(err, BS_ERR_INPUT, "%s: error: regions.basin names regions, and regions.file is missing",
                       bs_config_where(c->config, "regions.basin"));
    }
    return BS_OK;
}

/* The same in all ranks, but that one of them may be without a file: each part that reads is agreed on. */
static bs_status build(bs_case *c, bs_err *err)
{
    BS_TRY(read_times(c, err));
    BS_TRY(bs_output_check(c->config, err));
    read_operators(c);
    BS_TRY(bs_ranks_agree(build_grid(c, err), err));
    BS_TRY(bs_ranks_agree(read_regions(c, err), err));
    BS_TRY(bs_ranks_agree(build_tracers(c, err), err));
    if (bs_config_has(c->config, "terrain.file"))
        BS_TRY(bs_ranks_agree(bs_terrain_read(c->config, c->whole, c->units, &c->whole_terrain, err), err));
    BS_TRY(bs_ranks_agree(build_tile(c, err), err));
    const bool several = c->mesh != c->whole;
    c->met = (bs_met_context){.config = c->config,
                              .mesh = c->mesh,
                              .levels = c->levels,
                              .terrain = c->terrain,
                              .roughness = bs_config_real(c->config, "meteorology.assume.roughness"),
                              .tiling = several ? &c->tiling : NULL,
                              .tile = c->tile,
                              .whole = c->whole,
                              .whole_terrain = c->whole_terrain,
                              .units = c->units,
                              .log = c->log};
    return BS_OK;
}

bs_status bs_case_open(const char *file, int n_set, const char *const *set, bs_log *log, bs_case **out, bs_err *err)
{
    bs_case *c = NULL;
    BS_TRY(BS_NEW(&c, 1, "case", err));
    c->log = log;
    bs_status st = bs_config_read(file, n_set, set, &c->config, err);
    if (st == BS_OK) st = bs_units_create(&c->units, err);
    st = bs_ranks_agree(st, err);
    if (st == BS_OK) st = build(c, err);
    if (st != BS_OK) {
        bs_case_close(c);
        return st;
    }
    *out = c;
    return BS_OK;
}

void bs_case_close(bs_case *c)
{
    if (!c) return;
    bs_tracers_destroy(c->tracers);
    bs_regions_destroy(c->regions);
    if (c->terrain != c->whole_terrain) bs_free(c->terrain);
    bs_free(c->whole_terrain);
    bs_levels_destroy(c->levels);
    if (c->mesh != c->whole) bs_mesh_destroy(c->mesh);
    bs_mesh_destroy(c->whole);
    bs_units_destroy(c->units);
    bs_config_destroy(c->config);
    bs_free(c);
}

void bs_case_describe(const bs_case *c, bs_log *log)
{
    char from[BS_TIME_TEXT_MAX], to[BS_TIME_TEXT_MAX];
    const bs_mesh *m = c->whole;
    const bool lonlat = bs_projection_is_lonlat(m->projection);
    bs_log_info(log, "case      %s: %s", bs_config_text(c->config, "case.name"),
                bs_config_has(c->config, "case.title") ? bs_config_text(c->config, "case.title") : "");
    bs_log_info(log, "time      %s to %s, output from %.0f h on", bs_time_format(c->start, from),
                bs_time_format(c->end, to), (double)(c->output_from - c->start) / 3600);
    bs_log_info(log, "grid      %d x %d cells of %g x %g %s, %d layers; %s", m->nx, m->ny,
                lonlat ? m->dx : m->dx / 1000, lonlat ? m->dy : m->dy / 1000, lonlat ? "degrees" : "km", c->levels->nz,
                bs_projection_string(m->projection));
    if (bs_ranks_count() > 1) {
        int nx = 0, ny = 0;
        for (int r = 0; r < bs_ranks_count(); r++) {
            const bs_tile tile = bs_tiling_tile(&c->tiling, r);
            nx = nx > tile.own.i1 - tile.own.i0 ? nx : tile.own.i1 - tile.own.i0;
            ny = ny > tile.own.j1 - tile.own.j0 ? ny : tile.own.j1 - tile.own.j0;
        }
        bs_log_info(log, "tiles     %d x %d of at most %d x %d cells, overlap %d", c->tiling.px, c->tiling.py, nx, ny,
                    c->tiling.overlap);
    }
    bs_log_info(log, "corners   %.3f E %.3f N to %.3f E %.3f N", m->lon_c[0], m->lat_c[0],
                m->lon_c[(size_t)(m->nx + 1) * (size_t)(m->ny + 1) - 1],
                m->lat_c[(size_t)(m->nx + 1) * (size_t)(m->ny + 1) - 1]);
    for (int t = 0; t < c->tracers->n; t++) {
        const bs_tracer *row = &c->tracers->row[t];
        if (row->total == t)
            bs_log_info(log, "tracer    %s", row->name);
        else
            bs_log_info(log, "            tag %s", row->name);
    }
    if (c->regions) bs_log_info(log, "regions   %d from %s", c->regions->n, bs_config_text(c->config, "regions.file"));
}
