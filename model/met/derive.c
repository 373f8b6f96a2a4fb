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

struct bs_deriver {
    const bs_mesh *mesh;
    const bs_levels *levels;
    bs_derive_options options;
    int n_classes;
    bs_derive_class *classes;
    double *log_ratio, *ps_seen; /* of bs_derive_work */
    unsigned found;              /* flags of the rows of the state at hand */
};

static void fill_classes(bs_deriver *d, const bs_tracers *tracers)
{
    for (int c = 0; c < d->n_classes; c++) {
        bs_derive_class *class = &d->classes[c];
        class->of = tracers->removal[c];
        if (class->of.diameter <= 0) continue;
        bs_sizes sizes;
        bs_sizes_lognormal(class->of.diameter, class->of.sigma, &sizes);
        if (d->options.dry_scheme == BS_DRY_PLEIM2022) {
            const bs_ground ground = {BS_DERIVE_MODIS_LAND, d->options.cover, d->options.leaf_area};
            bs_dry_class_fill_modal(&ground, class->of.density, class->of.diameter, class->of.sigma, &class->dry);
        } else {
            bs_dry_class_fill((bs_dry_scheme)d->options.dry_scheme, BS_DERIVE_LAND_USE, class->of.density, &sizes,
                              &class->dry);
        }
        bs_slip_table_fill(class->of.density, &sizes, &class->slip);
    }
}

bs_status bs_deriver_create(const bs_mesh *mesh, const bs_levels *levels, const bs_tracers *tracers,
                            const bs_derive_options *options, bs_deriver **out, bs_err *err)
{
    bs_assert(options->roughness > 0 && options->roughness <= 5); /* the option's range; 10 m lies above it */
    const size_t cells = (size_t)mesh->nx * (size_t)mesh->ny;
    bs_deriver *d = NULL;
    BS_TRY(BS_NEW(&d, 1, "derived meteorology", err));
    *d = (bs_deriver){.mesh = mesh, .levels = levels, .options = *options, .n_classes = tracers->n_removal};
    bs_status st = BS_NEW(&d->classes, d->n_classes, "removal classes", err);
    if (st == BS_OK) st = BS_NEW(&d->ps_seen, cells, "derived meteorology", err);
    if (st == BS_OK) st = BS_NEW(&d->log_ratio, cells * (size_t)levels->nz, "derived meteorology", err);
    if (st != BS_OK) {
        bs_deriver_destroy(d);
        return st;
    }
    fill_classes(d, tracers);
    for (size_t c = 0; c < cells; c++) d->ps_seen[c] = NAN;
    *out = d;
    return BS_OK;
}

void bs_deriver_destroy(bs_deriver *d)
{
    if (!d) return;
    bs_free(d->classes);
    bs_free(d->ps_seen);
    bs_free(d->log_ratio);
    bs_free(d);
}

static bs_derive_work work_on(const bs_deriver *d, const bs_native *native, bs_met_state *state)
{
    return (bs_derive_work){.native = native,
                            .mesh = d->mesh,
                            .levels = d->levels,
                            .options = &d->options,
                            .state = state,
                            .sun = bs_sun_at(native->time),
                            .n_classes = d->n_classes,
                            .classes = d->classes,
                            .log_ratio = d->log_ratio,
                            .ps_seen = d->ps_seen};
}

/* Scratch of a row, small enough for a core's cache; one a thread. NULL: no memory. */
static double *take_scratch(bs_derive_work *w)
{
    const size_t nx = (size_t)w->native->nx, layers = nx * (size_t)w->native->nz;
    double *scratch = NULL;
    if (BS_NEW(&scratch, 2 * layers + (1 + BS_DERIVE_SPARE) * nx, "derived meteorology", NULL) != BS_OK) return NULL;
    w->tv = scratch;
    w->zm = scratch + layers;
    w->inv_l = w->zm + layers;
    w->spare = w->inv_l + nx;
    return scratch;
}

bs_status bs_derive_flow(bs_deriver *d, const bs_native *native, bs_met_state *state, bs_err *err)
{
    bs_assert(native->nx == d->mesh->nx && native->ny == d->mesh->ny && native->nz == d->levels->nz);
    bs_assert(state->nx == d->mesh->nx && state->ny == d->mesh->ny && state->nz == d->levels->nz);
    bs_assert(state->n_removal == d->n_classes);
    BS_TRY(check_input(native, d->levels, &d->options, err));
    const bs_derive_work w = work_on(d, native, state);
    const int ny = native->ny;
    unsigned found = 0;
    state->time = native->time;
#pragma omp parallel default(none) shared(w, ny) reduction(| : found)
    {
        bs_derive_work mine = w;
        double *scratch = take_scratch(&mine);
        if (!scratch) found |= BS_DERIVE_NO_MEMORY;
#pragma omp for schedule(static)
        for (int j = 0; j < ny; j++)
            if (scratch) bs_derive_mass(&mine, j);
#pragma omp for schedule(static)
        for (int j = 0; j < ny; j++)
            if (scratch) bs_derive_fluxes(&mine, j);
        bs_free(scratch);
    }
    d->found = found;
    return BS_OK;
}

static unsigned fill_row(const bs_derive_work *w, int j)
{
    bs_derive_air(w, j);
    const unsigned flags = bs_derive_surface(w, j);
    return flags & BS_DERIVE_BAD_CELL ? flags : flags | bs_derive_removal(w, j);
}

void bs_derive_rest(bs_deriver *d, const bs_native *native, bs_met_state *state)
{
    bs_derive_work w = work_on(d, native, state);
    double *scratch = take_scratch(&w);
    unsigned found = scratch ? 0 : BS_DERIVE_NO_MEMORY;
#pragma omp for schedule(dynamic) nowait
    for (int j = 0; j < native->ny; j++)
        if (scratch) found |= fill_row(&w, j);
#pragma omp atomic
    d->found |= found;
    bs_free(scratch);
}

bs_status bs_derive_end(const bs_deriver *d, const bs_native *native, bs_met_state *state, bs_assumptions *assumed,
                        bs_err *err)
{
    const bs_derive_work w = work_on(d, native, state);
    if (d->found & BS_DERIVE_NO_MEMORY) return bs_fail(err, BS_ERR_MEMORY, "derived meteorology: no memory for a row");
    if (d->found & BS_DERIVE_BAD_CELL) return bad_cell(&w, err);
    record_surface(native, &d->options, assumed);
    record_removal(native, &d->options, d->found, assumed);
    return BS_OK;
}

bs_status bs_derive(bs_deriver *d, const bs_native *native, bs_assumptions *assumed, bs_met_state *state, bs_err *err)
{
    BS_TRY(bs_derive_flow(d, native, state, err));
#pragma omp parallel default(none) shared(d, native, state)
    bs_derive_rest(d, native, state);
    return bs_derive_end(d, native, state, assumed, err);
}
