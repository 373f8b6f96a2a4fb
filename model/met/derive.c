#include <math.h>

#include "kernels/base/check.h"
#include "kernels/column/drydep.h"
#include "model/core/memory.h"
#include "model/met/derive_parts.h"
#include "model/parallel/ranks.h"

/* ---- the work ---- */

struct bs_deriver {
    const bs_mesh *mesh;
    const bs_levels *levels;
    bs_derive_options options;
    int n_classes;
    bs_derive_class *classes;
    bs_derive_grounds grounds;
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
    st = bs_derive_grounds_fill(options, d->n_classes, d->classes, &d->grounds, err);
    if (st != BS_OK) {
        bs_deriver_destroy(d);
        return st;
    }
    for (size_t c = 0; c < cells; c++) d->ps_seen[c] = NAN;
    *out = d;
    return BS_OK;
}

void bs_deriver_destroy(bs_deriver *d)
{
    if (!d) return;
    bs_free(d->grounds.over);
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
                            .grounds = &d->grounds,
                            .summer = bs_land_summer(native->time),
                            .log_ratio = d->log_ratio,
                            .ps_seen = d->ps_seen};
}

/* Scratch of a row, small enough for a core's cache; one a thread. NULL: no memory. */
static double *take_scratch(bs_derive_work *w)
{
    const size_t nx = (size_t)w->native->nx, layers = nx * (size_t)w->native->nz;
    double *scratch = NULL;
    if (BS_NEW(&scratch, 2 * layers + (2 + BS_DERIVE_SPARE) * nx, "derived meteorology", NULL) != BS_OK) return NULL;
    w->tv = scratch;
    w->zm = scratch + layers;
    w->inv_l = w->zm + layers;
    w->z0 = w->inv_l + nx;
    w->spare = w->z0 + nx;
    return scratch;
}

bs_status bs_derive_flow(bs_deriver *d, const bs_native *native, bs_met_state *state, bs_err *err)
{
    bs_assert(native->nx == d->mesh->nx && native->ny == d->mesh->ny && native->nz == d->levels->nz);
    bs_assert(state->nx == d->mesh->nx && state->ny == d->mesh->ny && state->nz == d->levels->nz);
    bs_assert(state->n_removal == d->n_classes);
    BS_TRY(bs_derive_check(native, d->levels, &d->options, err));
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
            if (scratch) found |= bs_derive_mass(&mine, j);
#pragma omp for schedule(static)
        for (int j = 0; j < ny; j++)
            if (scratch) bs_derive_fluxes(&mine, j);
        bs_free(scratch);
    }
    d->found = found;
    return found & BS_DERIVE_BAD_AIR ? bs_derive_bad_cell(&w, found, err) : BS_OK;
}

static unsigned fill_row(const bs_derive_work *w, int j)
{
    const unsigned bad = BS_DERIVE_BAD_CELL | BS_DERIVE_BAD_ROUGHNESS | BS_DERIVE_BAD_LAND;
    bs_derive_air(w, j);
    unsigned flags = bs_derive_roughness(w, j);
    if (!(flags & bad)) flags |= bs_derive_surface(w, j);
    return flags & bad ? flags : flags | bs_derive_removal(w, j);
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

static bs_status what_failed(const bs_deriver *d, const bs_native *native, bs_met_state *state, bs_err *err)
{
    const bs_derive_work w = work_on(d, native, state);
    if (d->found & BS_DERIVE_NO_MEMORY) return bs_fail(err, BS_ERR_MEMORY, "derived meteorology: no memory for a row");
    if (d->found & (BS_DERIVE_BAD_CELL | BS_DERIVE_BAD_ROUGHNESS | BS_DERIVE_BAD_LAND))
        return bs_derive_bad_cell(&w, d->found, err);
    return BS_OK;
}

bs_status bs_derive_end(const bs_deriver *d, const bs_native *native, bs_met_state *state, bs_assumptions *assumed,
                        bs_err *err)
{
    BS_TRY(bs_ranks_agree(what_failed(d, native, state, err), err));
    unsigned char found = (unsigned char)d->found; /* flags are less than 256 */
    bs_ranks_or(1, &found);
    bs_derive_record(native, &d->options, found, assumed);
    return BS_OK;
}

bs_status bs_derive(bs_deriver *d, const bs_native *native, bs_assumptions *assumed, bs_met_state *state, bs_err *err)
{
    BS_TRY(bs_derive_flow(d, native, state, err));
#pragma omp parallel default(none) shared(d, native, state)
    bs_derive_rest(d, native, state);
    return bs_derive_end(d, native, state, assumed, err);
}
