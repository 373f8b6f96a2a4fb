#include <math.h>
#include <stdio.h>
#include <string.h>

#include "kernels/base/check.h"
#include "kernels/column/drydep.h"
#include "model/core/memory.h"
#include "model/met/derive_parts.h"

void bs_assume(bs_assumptions *list, const char *line)
{
    const int room = (int)(sizeof list->line / sizeof *list->line);
    for (int n = 0; n < list->n; n++) {
        if (strncmp(list->line[n], line, sizeof list->line[n] - 1) == 0) return;
    }
    bs_assert(list->n < room);
    if (list->n == room) return;
    snprintf(list->line[list->n++], sizeof *list->line, "%s", line);
}

/* ---- what is missing ---- */

static bs_status refuse(bs_err *err, const char *field, const char *need, const char *key, const char *values)
{
    return bs_fail(err, BS_ERR_INPUT,
                   "the meteorology has no %s, which %s needs; name the field in meteorology.variables or set %s: %s",
                   field, need, key, values);
}

static bs_status check_input(const bs_native *n, const bs_levels *levels, const bs_derive_options *o, bs_err *err)
{
    if (levels->a_half[levels->nz] <= 0)
        return bs_fail(err, BS_ERR_INPUT,
                       "the model's top is at %g Pa: expected a pressure above zero, since the top layer "
                       "would have no height",
                       levels->a_half[levels->nz]);
    if (!n->have_hfx && o->heat_flux < 0)
        return refuse(err, "surface sensible heat flux", "the stability of the surface layer",
                      "meteorology.assume.heat_flux", "neutral (zero) or diurnal (a winter day by the sun's height)");
    if (o->wet && !n->have_rain && !o->no_rain)
        return refuse(err, "precipitation", "wet scavenging", "meteorology.assume.precipitation",
                      "none (no rain), or operators.wet_scavenging: none");
    return BS_OK;
}

/* The first cell that bs_derive_surface could not do: the log law needs the lowest wind well above the roughness elements. */
static bs_status bad_cell(const bs_derive_work *w, bs_err *err)
{
    const int nx = w->native->nx, plane = nx * w->native->ny;
    for (int c = 0; c < plane; c++) {
        const double middle = 0.5 * (double)w->state->z_half[plane + c];
        if (!isfinite(middle) || !isfinite((double)w->state->z_half[(size_t)w->native->nz * plane + c]))
            return bs_fail(err, BS_ERR_INPUT,
                           "temperature, humidity or surface pressure at cell (j %d, i %d) is not a number", c / nx,
                           c % nx);
        if (middle < 2 * w->options->roughness * (1 + 1e-6)) /* stored as float */
            return bs_fail(
                err, BS_ERR_INPUT,
                "the lowest layer's middle is %.3g m above ground at cell (j %d, i %d) and the roughness length "
                "%g m: expected at least twice the roughness; lower meteorology.assume.roughness, or make the lowest "
                "layer thicker in grid.levels (a smaller second value of grid.levels.eta)",
                middle, c / nx, c % nx, w->options->roughness);
    }
    return bs_fail(err, BS_ERR_INPUT, "the lowest layer is not a number somewhere");
}

/* ---- what was assumed ---- */

static void record_surface(const bs_native *n, const bs_derive_options *o, bs_assumptions *list)
{
    char line[sizeof list->line[0]];
    if (!n->have_hfx && o->heat_flux == 0)
        bs_assume(list, "surface heat flux: none in the source, zero assumed (neutral)");
    if (!n->have_hfx && o->heat_flux > 0) {
        snprintf(line, sizeof line,
                 "surface heat flux: none in the source, a winter day assumed: %g + %g sin(sun's elevation) W m-2",
                 BS_DIURNAL_NIGHT, BS_DIURNAL_DAY);
        bs_assume(list, line);
    }
    if (!n->have_ustar) {
        snprintf(line, sizeof line, "friction velocity: from the lowest layer's wind and a roughness length of %g m",
                 o->roughness);
        bs_assume(list, line);
    }
    if (!n->have_pblh && o->fixed_pblh > 0) {
        snprintf(line, sizeof line, "boundary-layer height: none in the source, %g m everywhere", o->fixed_pblh);
        bs_assume(list, line);
    } else if (!n->have_pblh) {
        bs_assume(list, "boundary-layer height: diagnosed, bulk Richardson number 0.25 against the lowest layer");
    }
    if (!n->have_wind10) bs_assume(list, "10 m wind (output): from the lowest layer by the logarithmic law");
    if (!n->have_t2) bs_assume(list, "2 m temperature (output): from the lowest layer by surface-layer similarity");
}

static void record_removal(const bs_native *n, const bs_derive_options *o, unsigned flags, bs_assumptions *list)
{
    char line[sizeof list->line[0]];
    if (o->dry_scheme != BS_DRY_NONE) {
        snprintf(line, sizeof line, "land use for dry deposition: '%s' everywhere",
                 o->dry_scheme == BS_DRY_PLEIM2022 ? bs_modis_land_name(BS_DERIVE_MODIS_LAND)
                                                   : bs_land_use_name(BS_DERIVE_LAND_USE));
        bs_assume(list, line);
    }
    if (o->dry_scheme == BS_DRY_PLEIM2022) {
        snprintf(line, sizeof line, "plants for dry deposition: on %g of the ground, leaf area index %g, everywhere",
                 o->cover, o->leaf_area);
        bs_assume(list, line);
    }
    if (!n->have_rain) bs_assume(list, "precipitation: none in the source, no rain");
    if (o->wet && n->have_rain && (!n->have_clw || flags & BS_DERIVE_RAIN_WITHOUT_CLOUD)) {
        snprintf(line, sizeof line, "clouds: %s; rain forms from %g to %g m above ground",
                 n->have_clw ? "no cloud water in some columns with rain" : "none in the source", o->cloud_base,
                 o->cloud_top);
        bs_assume(list, line);
    }
    if (flags & BS_DERIVE_RAISED_PBLH) {
        snprintf(line, sizeof line, "boundary-layer height: raised to %g m where it was below", BS_PBLH_MIN);
        bs_assume(list, line);
    }
}

/* ---- the work ---- */

static bs_status fill_classes(bs_derive_work *w, const bs_tracers *tracers, bs_err *err)
{
    BS_TRY(BS_NEW(&w->classes, tracers->n_removal, "removal classes", err));
    w->n_classes = tracers->n_removal;
    for (int c = 0; c < w->n_classes; c++) {
        bs_derive_class *class = &w->classes[c];
        class->of = tracers->removal[c];
        if (class->of.diameter <= 0) continue;
        bs_sizes sizes;
        bs_sizes_lognormal(class->of.diameter, class->of.sigma, &sizes);
        if (w->options->dry_scheme == BS_DRY_PLEIM2022) {
            const bs_ground ground = {BS_DERIVE_MODIS_LAND, w->options->cover, w->options->leaf_area};
            bs_dry_class_fill_modal(&ground, class->of.density, class->of.diameter, class->of.sigma, &class->dry);
        } else {
            bs_dry_class_fill((bs_dry_scheme)w->options->dry_scheme, BS_DERIVE_LAND_USE, class->of.density, &sizes,
                              &class->dry);
        }
        bs_slip_table_fill(class->of.density, &sizes, &class->slip);
    }
    return BS_OK;
}

/* A row with scratch of its own, small enough for a core's cache. */
static unsigned fill_row(const bs_derive_work *of, int j)
{
    bs_derive_work w = *of;
    const size_t nx = (size_t)w.native->nx, layers = nx * w.native->nz;
    double *scratch = NULL;
    if (BS_NEW(&scratch, 2 * layers + 3 * nx, "derived meteorology", NULL) != BS_OK) return BS_DERIVE_NO_MEMORY;
    w.tv = scratch;
    w.zm = scratch + layers;
    w.inv_l = w.zm + layers;
    w.spare = w.inv_l + nx;
    bs_derive_air(&w, j);
    unsigned flags = bs_derive_surface(&w, j);
    if (!(flags & BS_DERIVE_BAD_CELL)) flags |= bs_derive_removal(&w, j);
    bs_free(scratch);
    return flags;
}

static bs_status fill(const bs_derive_work *w, unsigned *flags, bs_err *err)
{
    const int ny = w->native->ny;
    unsigned found = 0;
#pragma omp parallel for schedule(static) default(none) shared(w, ny) reduction(| : found)
    for (int j = 0; j < ny; j++) found |= fill_row(w, j);
    if (found & BS_DERIVE_NO_MEMORY) return bs_fail(err, BS_ERR_MEMORY, "derived meteorology: no memory for a row");
    if (found & BS_DERIVE_BAD_CELL) return bad_cell(w, err);
#pragma omp parallel for schedule(static) default(none) shared(w, ny)
    for (int j = 0; j < ny; j++) bs_derive_fluxes(w, j);
    *flags = found;
    return BS_OK;
}

bs_status bs_derive(const bs_native *native, const bs_mesh *mesh, const bs_levels *levels, const bs_tracers *tracers,
                    const bs_derive_options *options, bs_assumptions *assumed, bs_met_state *state, bs_err *err)
{
    bs_assert(native->nx == mesh->nx && native->ny == mesh->ny && native->nz == levels->nz);
    bs_assert(state->nx == mesh->nx && state->ny == mesh->ny && state->nz == levels->nz);
    bs_assert(state->n_removal == tracers->n_removal);
    bs_assert(options->roughness > 0 && options->roughness <= 5); /* the option's range; 10 m lies above it */
    BS_TRY(check_input(native, levels, options, err));
    bs_derive_work w = {.native = native, .mesh = mesh, .levels = levels, .options = options, .state = state};
    w.sun = bs_sun_at(native->time);
    unsigned flags = 0;
    bs_status status = fill_classes(&w, tracers, err);
    if (status == BS_OK) status = fill(&w, &flags, err);
    bs_free(w.classes);
    if (status != BS_OK) return status;
    state->time = native->time;
    record_surface(native, options, assumed);
    record_removal(native, options, flags, assumed);
    return BS_OK;
}
