/* met_private.h - the driver of met.h with its provider as an argument, and what prepared.c sees of it. Private to
 * model/met and its tests. */
#ifndef BS_MODEL_MET_PRIVATE_H
#define BS_MODEL_MET_PRIVATE_H

#include "model/met/correct.h"
#include "model/met/met.h"

/* As bs_met_create and bs_met_prepare, with a provider of the caller's (a row of the table, or a test's). The provider
 * must outlive the driver. A steady case reads one time, meteorology.valid_time or else `start`, and passes it to the
 * provider as both start and end. The first state is read at creation, so that bad input shows early. */
bs_status bs_met_create_with(const bs_provider *provider, const bs_met_context *context, const bs_tracers *tracers,
                             bs_time start, bs_time end, bs_met **out, bs_err *err);
bs_status bs_met_prepare_with(const bs_provider *provider, const bs_met_context *context, const bs_tracers *tracers,
                              bs_time start, bs_time end, const char *dir, bs_err *err);

/* The whole mesh and its terrain, of which the context's mesh is this rank's part. */
static inline const bs_mesh *bs_met_whole(const bs_met_context *context)
{
    return context->tiling ? context->whole : context->mesh;
}
static inline const double *bs_met_whole_terrain(const bs_met_context *context)
{
    return context->tiling ? context->whole_terrain : context->terrain;
}
/* This rank's part of a map at cells of the whole mesh. */
void bs_met_cut(const bs_met_context *context, const double *whole, double *out);

/* The provider that the case names. */
const bs_provider *bs_met_provider(const bs_config *config);

/* Options of derive that the chosen scheme does not read, or that it needs. Errors: BS_ERR_INPUT with the option's place. */
bs_status bs_met_check_options(const bs_config *config, bs_err *err);
bs_derive_options bs_met_derive_options(const bs_met_context *context);

/* The members of a report that tell of the correction. */
void bs_met_describe_correction(const bs_corrector *corrector, bs_met_report *report);

/* Whether the case asks the idealised provider for what it does not read. Errors: BS_ERR_INPUT with the option's place. */
bs_status bs_idealised_check(const bs_config *config, bs_err *err);

/* The times of a run's meteorology: first, first + interval, ..., count of them; a steady one has one. */
typedef struct bs_met_times {
    bs_time start, end; /* of the run */
    bs_time first;      /* time of the first state */
    bs_time interval;   /* s */
    int count;          /* of states */
    bool steady;
} bs_met_times;

/* Errors: BS_ERR_INPUT when the interval is no whole number of seconds or does not divide the run, when the run ends
 * before it starts, or valid_time is given for weather that is not steady. */
bs_status bs_met_times_from(const bs_config *config, bs_time start, bs_time end, bs_met_times *out, bs_err *err);

/* Intervals that have a correction of their own: count - 1, or 1 when steady. */
static inline int bs_met_times_intervals(const bs_met_times *t)
{
    return t->steady ? 1 : t->count - 1;
}

/* Creates a driver that prepares in memory, whatever meteorology.prepared says. */
bs_status bs_met_create_fresh(const bs_provider *provider, const bs_met_context *context, const bs_tracers *tracers,
                              bs_time start, bs_time end, bs_met **out, bs_err *err);

/* The corrector, with G of the interval that bs_met_interval filled last. */
const bs_corrector *bs_met_corrector(const bs_met *met);
const bs_met_times *bs_met_times_of(const bs_met *met);

#endif
