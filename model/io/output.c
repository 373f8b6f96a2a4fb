#include "model/io/output.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/core/memory.h"
#include "model/io/output_parts.h"
#include "model/parallel/ranks.h"

enum { HOUR = 3600, DAY = 86400 };

/* ---- the plan: when things are due ---- */

/* First end of a natural day after t. */
static bs_time day_end_after(const bs_output *o, bs_time t)
{
    bs_time local = t + o->day_offset, into = local % DAY;
    if (into < 0) into += DAY;
    return t - into + DAY;
}

static bool is_day_begin(const bs_output *o, bs_time t)
{
    return day_end_after(o, t) == t + DAY;
}

static int count_whole_days(const bs_output *o)
{
    bs_time begin = is_day_begin(o, o->first) ? o->first : day_end_after(o, o->first);
    return begin < o->end ? (int)((o->end - begin) / DAY) : 0;
}

static bs_status check_times(const bs_output *o, bs_err *err)
{
    const bs_config *c = o->info.config;
    char period[64], each[64];
    bs_out_duration(o->end - o->first, period, sizeof period);
    if (o->end <= o->first)
        return bs_fail(err, BS_ERR_INPUT, "%s: time.spinup takes all of the run, nothing is left for output",
                       bs_config_where(c, "time.spinup"));
    if (o->first != o->start && o->first % HOUR != 0)
        return bs_fail(err, BS_ERR_INPUT, "%s: time.spinup must end on a whole hour",
                       bs_config_where(c, "time.spinup"));
    if ((o->end - o->first) % o->interval != 0)
        return bs_fail(
            err, BS_ERR_INPUT,
            "%s: output.surface_interval is %s, which does not divide the %s from the end of the spin-up to the "
            "end of the run",
            bs_config_where(c, "output.surface_interval"), bs_out_duration(o->interval, each, sizeof each), period);
    if (o->fields3d.interval == 0) return BS_OK;
    if (o->fields3d.interval % HOUR != 0 || o->first % HOUR != 0)
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: output.fields3d.interval must be a whole number of hours, and the output must begin on a "
                       "whole hour",
                       bs_config_where(c, "output.fields3d.interval"));
    return BS_OK;
}

static bs_status read_options(bs_output *o, bs_err *err)
{
    const bs_config *c = o->info.config;
    o->start = bs_config_time(c, "time.start");
    o->end = bs_config_time(c, "time.end");
    o->first = o->start + (bs_time)llround(bs_config_real(c, "time.spinup"));
    o->interval = (bs_time)llround(bs_config_real(c, "output.surface_interval"));
    o->day_offset = (bs_time)llround(bs_config_real(c, "output.day_offset"));
    o->bits = (int)bs_config_int(c, "output.precision_bits");
    if (bs_config_has(c, "output.fields3d.interval")) {
        o->fields3d.interval = (bs_time)llround(bs_config_real(c, "output.fields3d.interval"));
        o->fields3d.unrounded = bs_config_bool(c, "output.fields3d.unrounded");
    }
    BS_TRY(check_times(o, err));
    BS_TRY(bs_out_corridors_check(o, err));
    bs_date d = bs_date_from_time(o->start);
    o->reference = bs_time_from_date(d.year, d.month, d.day, 0, 0, 0);
    snprintf(o->time_units, sizeof o->time_units, "hours since %04d-%02d-%02d 00:00:00", d.year, d.month, d.day);
    bs_out_duration(o->interval, o->interval_words, sizeof o->interval_words);
    o->now = o->start;
    o->interval_begin = o->day_begin = o->first;
    o->whole_days = count_whole_days(o);
    bool tags = bs_config_bool(c, "output.tags");
    for (int t = 0; t < o->n; t++) o->written[t] = tags || o->info.tracers->row[t].role == BS_ROLE_TOTAL;
    return BS_OK;
}

bs_status bs_output_check(const bs_config *config, bs_err *err)
{
    bs_output o = {.info.config = config};
    return read_options(&o, err);
}

/* ---- making and releasing ---- */

static void release(bs_output *o)
{
    bs_out_maps_abandon(&o->surface);
    bs_out_maps_abandon(&o->daily);
    bs_out_fields3d_abandon(o);
    bs_out_cities_abandon(o);
    bs_out_corridors_abandon(o);
    bs_free(o->written);
    bs_free(o->assumed_text);
    free(o->config_text);
    free(o->weather_label);
    bs_free(o->sample);
    bs_free(o->interval_sum);
    bs_free(o->day_sum);
    bs_free(o->base_dry);
    bs_free(o->base_wet);
    bs_out_keep_release(o);
    bs_free(o->map);
    bs_free(o->weather);
    bs_free(o->rounded);
    bs_free(o->packed);
    bs_free(o);
}

static bs_status allocate(bs_output *o, bs_err *err)
{
    size_t all = (size_t)o->n * o->cells;
    BS_TRY(BS_NEW(&o->written, o->n, "output", err));
    BS_TRY(BS_NEW(&o->sample, all, "output", err));
    BS_TRY(BS_NEW(&o->interval_sum, all, "means of output", err));
    BS_TRY(BS_NEW(&o->day_sum, all, "daily means", err));
    BS_TRY(BS_NEW(&o->base_dry, all, "deposition of the spin-up", err));
    BS_TRY(BS_NEW(&o->base_wet, all, "deposition of the spin-up", err));
    BS_TRY(BS_NEW(&o->map, o->cells, "output", err));
    BS_TRY(BS_NEW(&o->weather, BS_OUT_MET_FIELDS * o->cells, "output", err));
    BS_TRY(BS_NEW(&o->rounded, all + BS_OUT_MET_FIELDS * o->cells, "output", err));
    BS_TRY(BS_NEW(&o->packed, o->cells, "output", err));
    BS_TRY(bs_out_join_assumed(&o->info, &o->assumed_text, err));
    o->config_text = bs_config_dump(o->info.config);
    o->weather_label = strdup(o->info.weather_label ? o->info.weather_label : "");
    return o->config_text && o->weather_label
               ? BS_OK
               : bs_fail(err, BS_ERR_MEMORY, "output: no memory for the texts of the files");
}

static bs_status begin(bs_output *o, bs_err *err)
{
    bs_status st = allocate(o, err);
    if (st == BS_OK) st = read_options(o, err);
    if (st == BS_OK) st = bs_out_keep_begin(o, err);
    BS_TRY(bs_ranks_agree(st, err));
    BS_TRY(bs_out_surface_begin(o, err));
    BS_TRY(bs_out_daily_begin(o, err));
    BS_TRY(bs_out_fields3d_begin(o, err));
    BS_TRY(bs_out_cities_begin(o, err));
    return bs_out_corridors_begin(o, err);
}

bs_status bs_output_create(const bs_output_info *info, bs_output **out, bs_err *err)
{
    bs_output *o;
    BS_TRY(BS_NEW(&o, 1, "output", err));
    o->info = *info;
    bs_out_complete_info(&o->info);
    o->n = info->tracers->n;
    o->cells = (size_t)info->mesh->nx * (size_t)info->mesh->ny;
    bs_status st = begin(o, err);
    if (st != BS_OK) {
        release(o);
        return st;
    }
    *out = o;
    return BS_OK;
}

void bs_output_abandon(bs_output *o)
{
    if (o) release(o);
}

/* ---- sampling ---- */

/* Concentrations of the lowest layer at time t, in own cells. */
static void take_sample(bs_output *o, const bs_state *state, const bs_forcing *forcing, bs_time t)
{
    const bs_box *box = &state->box;
    const bs_window own = o->info.tile.own;
    const real *rho0 = forcing->end[0]->rho, *rho1 = forcing->end[1]->rho;
    const double passed = bs_out_passed(forcing, t);
#pragma omp parallel for schedule(static) if (bs_out_is_worth_threads((size_t)o->n * o->cells))
    for (int tracer = 0; tracer < o->n; tracer++) {
        const real *q = bs_state_q(state, tracer);
        double *out = o->sample + (size_t)tracer * o->cells;
        for (int j = own.j0; j < own.j1; j++)
            for (int i = own.i0; i < own.i1; i++) {
                size_t c = (size_t)j * box->nx + i;
                double rho = (double)rho0[c] + passed * ((double)rho1[c] - (double)rho0[c]);
                out[c] = (double)q[bs_at(box, 0, j, i)] * rho;
            }
    }
}

/* Where the sample has no value, beyond the own cells, it is zero. */
static void add_sample(const bs_output *o, double *sum, bs_time seconds)
{
    const double weight = (double)seconds;
#pragma omp parallel for schedule(static) if (bs_out_is_worth_threads((size_t)o->n * o->cells))
    for (int tracer = 0; tracer < o->n; tracer++) {
        const double *sample = o->sample + (size_t)tracer * o->cells;
        double *to = sum + (size_t)tracer * o->cells;
        for (size_t c = 0; c < o->cells; c++) to[c] += sample[c] * weight;
    }
}

static void clear(const bs_output *o, double *sum)
{
    memset(sum, 0, (size_t)o->n * o->cells * sizeof *sum);
}

static bs_status close_interval(bs_output *o, const bs_forcing *forcing, bs_time t, bs_err *err)
{
    BS_TRY(bs_out_surface_record(o, forcing, o->interval_begin, t, err));
    BS_TRY(bs_out_cities_record(o, o->interval_begin, t, err));
    bs_out_keep_interval(o);
    clear(o, o->interval_sum);
    o->interval_begin = t;
    return BS_OK;
}

static bs_status close_day(bs_output *o, bs_time t, bs_err *err)
{
    if (t - o->day_begin == DAY) { /* else the output began in the middle of that day */
        BS_TRY(bs_out_daily_record(o, o->day_begin, t, err));
        BS_TRY(bs_out_cities_day(o, o->day_begin, t, err));
        bs_out_keep_day(o);
        o->day++;
    }
    clear(o, o->day_sum);
    o->day_begin = t;
    return BS_OK;
}

/* Shares a sample out among the intervals and days that its pair touches. */
static bs_status share_out(bs_output *o, const bs_forcing *forcing, bs_time from, bs_time to, bs_err *err)
{
    bs_time t = from > o->first ? from : o->first;
    while (t < to) {
        bs_time interval_end = o->interval_begin + o->interval, day_end = day_end_after(o, t), next = to;
        if (interval_end < next) next = interval_end;
        if (day_end < next) next = day_end;
        add_sample(o, o->interval_sum, next - t);
        add_sample(o, o->day_sum, next - t);
        t = next;
        if (t == interval_end) BS_TRY(close_interval(o, forcing, t, err));
        if (t == day_end) BS_TRY(close_day(o, t, err));
    }
    return BS_OK;
}

static void remember_deposition(bs_output *o, const bs_state *state)
{
    size_t bytes = (size_t)o->n * o->cells * sizeof *state->dry;
    memcpy(o->base_dry, state->dry, bytes);
    memcpy(o->base_wet, state->wet, bytes);
}

bs_status bs_output_sample(bs_output *o, const bs_state *state, const bs_forcing *forcing, bs_time from, bs_time to,
                           bs_err *err)
{
    char found[BS_TIME_TEXT_MAX], expected[BS_TIME_TEXT_MAX];
    if (from != o->now || to < from || to > o->end)
        return bs_fail(err, BS_ERR_RUN, "output: a sample from %s does not follow the last one, which ended at %s",
                       bs_time_format(from, found), bs_time_format(o->now, expected));
    if (to == o->first) remember_deposition(o, state);
    if (to > o->first) take_sample(o, state, forcing, to);
    o->now = to;
    BS_TRY(share_out(o, forcing, from, to, err));
    return bs_out_fields3d_record(o, state, forcing, to, err);
}

/* ---- the end ---- */

bs_status bs_output_assumed(bs_output *o, int n, const char *const *assumed, bs_err *err)
{
    const bs_output_info info = {.n_assumed = n, .assumed = assumed};
    char *text;
    BS_TRY(bs_out_join_assumed(&info, &text, err));
    const bool same = strcmp(text, o->assumed_text) == 0;
    bs_free(o->assumed_text);
    o->assumed_text = text;
    if (same) return BS_OK;
    bs_nc *const open[] = {o->surface.file.nc, o->daily.file.nc, o->fields3d.file.nc};
    for (size_t f = 0; f < sizeof open / sizeof *open; f++)
        if (open[f]) BS_TRY(bs_nc_put_text(open[f], BS_NC_GLOBAL, "assumed", text, err));
    BS_TRY(bs_out_corridors_assumed(o, err));
    return bs_out_cities_assumed(o, err);
}

static bs_status finish(bs_output *o, const bs_state *state, bs_err *err)
{
    char now[BS_TIME_TEXT_MAX], end[BS_TIME_TEXT_MAX];
    if (o->now != o->end)
        return bs_fail(err, BS_ERR_RUN, "output: cannot be completed at %s, the run ends at %s",
                       bs_time_format(o->now, now), bs_time_format(o->end, end));
    BS_TRY(bs_out_deposition_write(o, state, err));
    BS_TRY(bs_out_cities_finish(o, err));
    BS_TRY(bs_out_corridors_finish(o, err));
    BS_TRY(bs_out_fields3d_finish(o, err));
    BS_TRY(bs_out_maps_finish(&o->daily, err));
    return bs_out_maps_finish(&o->surface, err);
}

bs_status bs_output_finish(bs_output *o, const bs_state *state, bs_err *err)
{
    bs_status st = finish(o, state, err);
    release(o);
    return st;
}
