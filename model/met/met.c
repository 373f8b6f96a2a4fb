#include "model/met/met_private.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "kernels/base/check.h"
#include "model/core/memory.h"
#include "model/met/prepared.h"
#include "model/parallel/ranks.h"

/* Rows in the order of the choices of meteorology.provider. */
static const bs_provider *const PROVIDERS[] = {&BS_PROVIDER_IDEALISED, &BS_PROVIDER_PRESSURE_LEVELS, &BS_PROVIDER_WRF,
                                               &BS_PROVIDER_ERA5_MODEL_LEVELS};

/* Two states are in use, and the two of the call before must still be valid. */
enum { N_SLOTS = 4 }; /* the fourth is used when a call leaps over intervals */

typedef struct bs_met_slot {
    bs_met_state *state; /* NULL: never used */
    int index;           /* which of the times; -1: none */
    long used;           /* when it was asked for last */
} bs_met_slot;

struct bs_met {
    const bs_provider *provider;
    void *self; /* of the provider; NULL when all comes from a file */
    bs_met_context context;
    const bs_tracers *tracers;
    bs_met_times times;
    bs_deriver *deriver;
    bs_assumptions assumed;
    bs_native *native;
    double *land; /* of land.file, [BS_LAND_COUNT][ny][nx]; NULL: what the source has */
    char land_origin[192];
    bs_met_state *owed;    /* has air mass and fluxes, and the rest is still to be derived from `native`; NULL: none */
    bs_prepared *prepared; /* NULL: prepares as it goes */
    bs_corrector *corrector;
    bs_met_slot slot[N_SLOTS];
    long clock;                 /* counts what was asked for */
    long called, retained;      /* clock when the last call and the one before it began: what was used since is out */
    int solved;                 /* interval whose G the corrector holds; -1: none */
    double seconds, correcting; /* in all; of them by the correction's solver */
};

static double wall_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

const bs_provider *bs_met_provider(const bs_config *config)
{
    const bs_provider *provider = PROVIDERS[bs_config_choice(config, "meteorology.provider")];
    const bool wind10 = bs_config_has(config, "meteorology.idealised.wind10_file");
    return provider == &BS_PROVIDER_IDEALISED && wind10 ? &BS_PROVIDER_IDEALISED_WIND10 : provider;
}

void bs_met_cut(const bs_met_context *x, const double *whole, double *out)
{
    if (x->tiling)
        bs_tile_cut(&x->tile, BS_AT_CELLS, sizeof *whole, whole, x->whole->nx, out);
    else
        memcpy(out, whole, sizeof *whole * (size_t)x->mesh->nx * (size_t)x->mesh->ny);
}

const bs_corrector *bs_met_corrector(const bs_met *met)
{
    return met->corrector;
}

const bs_met_times *bs_met_times_of(const bs_met *met)
{
    return &met->times;
}

/* ---- states ---- */

/* The time of what went wrong. */
static bs_status at_time(bs_status st, bs_time t, bs_err *err)
{
    char when[BS_TIME_TEXT_MAX];
    if (st != BS_OK) bs_err_context(err, "meteorology at %s", bs_time_format(t, when));
    return st;
}

/* A state that could not be derived counts as not loaded. */
static bs_status finish_owed(bs_met *met, bs_err *err)
{
    bs_met_state *state = met->owed;
    if (!state) return BS_OK;
    met->owed = NULL;
    const bs_status st =
        bs_derive_end(met->deriver, met->native, state, &met->assumed, err); /* in all ranks the same */
    for (int s = 0; s < N_SLOTS && st != BS_OK; s++)
        if (met->slot[s].state == state) met->slot[s].index = -1;
    return at_time(st, state->time, err);
}

/* Derives what is owed; beside it, where a corrector is given, one thread of the first rank solves for the correction from s0 to s1, which
 * does not need it. Collective. */
static bs_status derive_owed(bs_met *met, bs_corrector *corrector, const bs_met_state *s0, const bs_met_state *s1,
                             bs_err *err)
{
    if (!met->owed && !corrector) return BS_OK;
    bs_status solved = BS_OK;
    bs_err trouble = {0};
    if (corrector) bs_correct_gather(corrector, s0, s1, (double)met->times.interval);
#pragma omp parallel default(none) shared(met, corrector, solved, trouble)
    {
#pragma omp master
        if (corrector) {
            const double began = wall_seconds();
            solved = bs_correct_first(corrector, &trouble);
            met->correcting += wall_seconds() - began;
        }
        if (met->owed) bs_derive_rest(met->deriver, met->native, met->owed);
    }
    BS_TRY(finish_owed(met, err));
    if (!corrector) return BS_OK;
    if (solved != BS_OK && err) *err = trouble;
    return bs_correct_scatter(corrector, solved, err);
}

/* What this rank does to read a time. */
static bs_status read_source(bs_met *met, bs_time t, bs_met_state *state, bs_err *err)
{
    state->time = t;
    BS_TRY(at_time(met->provider->read(met->self, t, met->native, err), t, err));
    met->native->time = t;
    if (met->land) {
        memcpy(met->native->land, met->land,
               sizeof *met->land * BS_LAND_COUNT * (size_t)met->native->ny * (size_t)met->native->nx);
        met->native->have_land = true;
    }
    return at_time(bs_derive_flow(met->deriver, met->native, state, err), t, err);
}

/* Reads a time. Unless it comes from a file, all but its air mass and fluxes is owed afterwards. Collective. */
static bs_status fill_state(bs_met *met, int n, bs_met_state *state, bs_err *err)
{
    if (met->prepared) return bs_ranks_agree(bs_prepared_read_state(met->prepared, n, state, err), err);
    BS_TRY(derive_owed(met, NULL, NULL, NULL, err));
    BS_TRY(bs_ranks_agree(read_source(met, met->times.first + n * met->times.interval, state, err), err));
    met->owed = state;
    return BS_OK;
}

/* The slot to fill next: one that no caller holds any more, else a new one. */
static bs_met_slot *free_slot(bs_met *met)
{
    bs_met_slot *best = NULL;
    for (int s = 0; s < N_SLOTS; s++) {
        bs_met_slot *slot = &met->slot[s];
        if (slot->state && slot->used <= met->retained && (!best || slot->used < best->used)) best = slot;
    }
    for (int s = 0; s < N_SLOTS && !best; s++)
        if (!met->slot[s].state) best = &met->slot[s];
    bs_assert(best);
    return best;
}

/* The n-th of the times, loaded. */
static bs_status state_at(bs_met *met, int n, const bs_met_state **out, bs_err *err)
{
    met->clock++;
    for (int s = 0; s < N_SLOTS; s++) {
        bs_met_slot *slot = &met->slot[s];
        if (slot->state && slot->index == n) {
            slot->used = met->clock;
            *out = slot->state;
            return BS_OK;
        }
    }
    bs_met_slot *slot = free_slot(met);
    const bs_mesh *mesh = met->context.mesh;
    if (!slot->state) {
        const bs_status st = bs_met_state_create(mesh->nx, mesh->ny, met->context.levels->nz, met->tracers->n_removal,
                                                 &slot->state, err);
        BS_TRY(bs_ranks_agree(st, err));
    }
    slot->index = -1;
    BS_TRY(fill_state(met, n, slot->state, err));
    slot->index = n;
    slot->used = met->clock;
    *out = slot->state;
    return BS_OK;
}

/* ---- the interval ---- */

static bs_status find_correction(bs_met *met, int interval, const bs_met_state *s0, const bs_met_state *s1, bs_err *err)
{
    if (met->solved == interval) return derive_owed(met, NULL, NULL, NULL, err);
    met->solved = -1;
    if (met->prepared)
        BS_TRY(bs_ranks_agree(bs_prepared_read_correction(met->prepared, interval, met->corrector, err), err));
    else
        BS_TRY(derive_owed(met, met->corrector, s0, s1, err));
    met->solved = interval;
    return BS_OK;
}

static bs_status fill_forcing(bs_met *met, bs_time t, bs_forcing *forcing, bs_err *err)
{
    const bs_met_times *times = &met->times;
    if (t < times->start || t >= times->end || (!times->steady && (t - times->start) % times->interval != 0)) {
        char asked[BS_TIME_TEXT_MAX], from[BS_TIME_TEXT_MAX], to[BS_TIME_TEXT_MAX];
        return bs_fail(err, BS_ERR_INPUT,
                       "no interval of the meteorology begins at %s: it has intervals of %lld s from %s to %s",
                       bs_time_format(t, asked), (long long)times->interval, bs_time_format(times->start, from),
                       bs_time_format(times->end, to));
    }
    met->retained = met->called;
    met->called = met->clock;
    const int n = times->steady ? 0 : (int)((t - times->start) / times->interval);
    const bs_met_state *s0, *s1;
    BS_TRY(state_at(met, n, &s0, err));
    BS_TRY(state_at(met, times->steady ? n : n + 1, &s1, err));
    BS_TRY(find_correction(met, n, s0, s1, err));
    bs_correct_apply(met->corrector, s0, s1, forcing->fx, forcing->fy);
    forcing->end[0] = s0;
    forcing->end[1] = s1;
    forcing->t0 = t;
    forcing->t1 = t + times->interval < times->end ? t + times->interval : times->end;
    bs_forcing_continuity(forcing);
    return BS_OK;
}

bs_status bs_met_interval(bs_met *met, bs_time t, bs_forcing *forcing, bs_err *err)
{
    const double began = wall_seconds();
    bs_status st = fill_forcing(met, t, forcing, err);
    met->seconds += wall_seconds() - began;
    return st;
}

void bs_met_report_get(const bs_met *met, bs_met_report *report)
{
    *report = (bs_met_report){.provider = met->provider->name,
                              .label = met->provider->label,
                              .correction_p99 = met->corrector->p99,
                              .correction_max = met->corrector->max,
                              .from_cache = met->prepared != NULL,
                              .seconds = met->seconds,
                              .correcting = met->correcting};
    bs_met_describe_correction(met->corrector, report);
    const int room = (int)(sizeof report->assumed / sizeof *report->assumed);
    const char *line;
    if (met->prepared) {
        for (int n = 0; report->n_assumed < room && (line = bs_prepared_assumed(met->prepared, n)) != NULL; n++)
            report->assumed[report->n_assumed++] = line;
        return;
    }
    for (int n = 0; report->n_assumed < room && (line = met->provider->assumed(met->self, n)) != NULL; n++)
        report->assumed[report->n_assumed++] = line;
    for (int n = 0; n < met->assumed.n && report->n_assumed < room; n++)
        report->assumed[report->n_assumed++] = met->assumed.line[n];
}

bs_status bs_met_archive(bs_met *met, bs_archive *a, bs_err *err)
{
    const size_t outside = bs_archive_enter(a, "meteorology");
    BS_TRY(bs_corrector_archive(met->corrector, a, err));
    BS_TRY(BS_ARCHIVE_BYTES(a, "assumed", &met->assumed, 1, err));
    bs_archive_leave(a, outside);
    return BS_OK;
}

/* ---- creation ---- */

void bs_met_destroy(bs_met *met)
{
    if (!met) return;
    if (met->self) met->provider->destroy(met->self);
    for (int s = 0; s < N_SLOTS; s++) bs_met_state_destroy(met->slot[s].state);
    bs_deriver_destroy(met->deriver);
    bs_native_destroy(met->native);
    bs_free(met->land);
    bs_prepared_close(met->prepared);
    bs_corrector_destroy(met->corrector);
    bs_free(met);
}

/* What this rank does of it, beside the land use. */
static bs_status create_source(bs_met *met, bs_err *err)
{
    const bs_mesh *mesh = met->context.mesh;
    const bs_met_times *t = &met->times;
    bs_derive_options options = bs_met_derive_options(&met->context);
    BS_TRY(bs_native_create(mesh->nx, mesh->ny, met->context.levels->nz, &met->native, err));
    if (met->land) {
        options.land_origin = met->land_origin;
        BS_TRY(bs_native_own_land(met->native, err));
    }
    BS_TRY(bs_deriver_create(mesh, met->context.levels, met->tracers, &options, &met->deriver, err));
    return met->provider->create(&met->context, t->first, t->steady ? t->first : t->end, &met->self, err);
}

static bs_status open_source(bs_met *met, bs_err *err)
{
    BS_TRY(bs_land_read(&met->context, &met->land, met->land_origin, sizeof met->land_origin, err));
    return bs_ranks_agree(create_source(met, err), err);
}

/* Opens <prepared>/<key>.nc when the case names the folder and the file is there, as the first rank sees it. */
static bs_status open_prepared(bs_met *met, bs_err *err)
{
    const char *dir = bs_config_text(met->context.config, "meteorology.prepared");
    char key[BS_MET_KEY_MAX] = "";
    if (!dir || !*dir) return BS_OK;
    BS_TRY(bs_ranks_agree(bs_prepared_key(met->provider, &met->context, met->tracers, key, err), err));
    bs_ranks_share(0, key, sizeof key);
    bool there = bs_prepared_exists(dir, key);
    bs_ranks_share(0, &there, sizeof there);
    if (!there) {
        bs_log_info(met->context.log, "meteorology: %s has no %s.nc for this case: preparing as it goes", dir, key);
        return BS_OK;
    }
    const bs_status st = bs_prepared_open(dir, key, &met->context, met->tracers, &met->times, &met->prepared, err);
    BS_TRY(bs_ranks_agree(st, err));
    bs_log_info(met->context.log, "meteorology: prepared, from %s", bs_prepared_file(met->prepared));
    return BS_OK;
}

static bs_status set_up(bs_met *met, bs_time start, bs_time end, bs_err *err)
{
    const bs_met_context *x = &met->context;
    const bs_correct_part part = {x->tiling, x->tile, x->whole};
    for (int s = 0; s < N_SLOTS; s++) met->slot[s].index = -1;
    BS_TRY(bs_met_check_options(x->config, err));
    BS_TRY(bs_met_times_from(x->config, start, end, &met->times, err));
    return bs_corrector_create(x->mesh, &part, x->levels->nz, &met->corrector, err);
}

static bs_status begin(bs_met *met, bs_time start, bs_time end, bool may_read, bs_err *err)
{
    const bs_met_state *first;
    BS_TRY(bs_ranks_agree(set_up(met, start, end, err), err));
    if (may_read) BS_TRY(open_prepared(met, err));
    if (!met->prepared) BS_TRY(open_source(met, err));
    BS_TRY(state_at(met, 0, &first, err));
    return derive_owed(met, NULL, NULL, NULL, err);
}

static bs_status create(const bs_provider *provider, const bs_met_context *context, const bs_tracers *tracers,
                        bs_time start, bs_time end, bool may_read, bs_met **out, bs_err *err)
{
    const double began = wall_seconds();
    bs_met *met = NULL;
    *out = NULL;
    BS_TRY(BS_NEW(&met, 1, "meteorology", err));
    met->provider = provider;
    met->context = *context;
    met->tracers = tracers;
    met->solved = -1;
    bs_status st = begin(met, start, end, may_read, err);
    if (st != BS_OK) {
        bs_met_destroy(met);
        return st;
    }
    met->seconds = wall_seconds() - began;
    *out = met;
    return BS_OK;
}

bs_status bs_met_create_with(const bs_provider *provider, const bs_met_context *context, const bs_tracers *tracers,
                             bs_time start, bs_time end, bs_met **out, bs_err *err)
{
    return create(provider, context, tracers, start, end, true, out, err);
}

bs_status bs_met_create_fresh(const bs_provider *provider, const bs_met_context *context, const bs_tracers *tracers,
                              bs_time start, bs_time end, bs_met **out, bs_err *err)
{
    return create(provider, context, tracers, start, end, false, out, err);
}

bs_status bs_met_create(const bs_met_context *context, const bs_tracers *tracers, bs_time start, bs_time end,
                        bs_met **out, bs_err *err)
{
    return bs_met_create_with(bs_met_provider(context->config), context, tracers, start, end, out, err);
}

bs_status bs_met_prepare(const bs_met_context *context, const bs_tracers *tracers, bs_time start, bs_time end,
                         const char *dir, bs_err *err)
{
    return bs_met_prepare_with(bs_met_provider(context->config), context, tracers, start, end, dir, err);
}
