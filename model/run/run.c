#include "model/run/run.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/core/memory.h"
#include "model/core/timer.h"
#include "model/diag/watch.h"
#include "model/emis/emission.h"
#include "model/emis/groups.h"
#include "model/io/output.h"
#include "model/run/closing.h"
#include "model/run/folder.h"
#include "model/run/inflow.h"
#include "model/run/inputs.h"
#include "model/run/progress.h"
#include "model/run/regional.h"
#include "model/stepping/stepper.h"

typedef struct running {
    bs_case *c;
    const bs_run_request *request;
    bs_met *met;
    bs_forcing *forcing;
    bs_emission *emission;
    bs_emission_rates *rates;
    bs_state *state;
    bs_boundary *boundary;
    bs_inflow *inflow;
    bs_inputs inputs;
    bs_regional regional;
    bs_ledger *ledger;
    bs_stepper *stepper;
    bs_output *output;
    bs_watch watch;
    bool positive; /* the scheme promises it */
    bs_run_folder folder;
    bs_progress progress;
    long steps;
    double began;
    struct {
        double start, emission, boundary, length, watch, corridors, output;
    } seconds; /* wall clock, besides operators and meteorology */
    char started[32];
} running;

/* Adds the time since *begin to *seconds, and begins anew. */
static void count(double *seconds, double *begin)
{
    const double now = bs_wall_seconds();
    *seconds += now - *begin;
    *begin = now;
}

/* ---- building ---- */

static bs_status build_world(running *r, bs_err *err)
{
    bs_case *c = r->c;
    BS_TRY(bs_emission_create(c->config, c->mesh, c->regions, c->tracers, c->units, c->log, &r->emission, err));
    BS_TRY(bs_emission_drop_idle(r->emission, c->tracers, c->log, err));
    BS_TRY(bs_met_create(&c->met, c->tracers, c->start, c->end, &r->met, err));
    BS_TRY(bs_inflow_create(c, &r->inflow, err));
    BS_TRY(bs_forcing_create(c->box.nx, c->box.ny, c->box.nz, &r->forcing, err));
    BS_TRY(bs_emission_rates_create(r->emission, c->box.nz, &r->rates, err));
    return bs_boundary_create(c->box.nx, c->box.ny, c->box.nz, c->tracers->n, &r->boundary, err);
}

static bs_status build_model(running *r, bs_err *err)
{
    bs_case *c = r->c;
    BS_TRY(bs_state_create(&c->box, c->tracers, &r->state, err));
    BS_TRY(bs_ledger_create(c->tracers->n, &r->ledger, err));
    BS_TRY(bs_regional_create(c, c->tracers, &r->regional, err));
    const bs_operator_context context = {
        .mesh = c->mesh, .box = &c->box, .tracers = c->tracers, .options = &c->options, .borders = r->regional.borders};
    return bs_stepper_create(&context, &r->stepper, err);
}

static void weather_label(const running *r, const bs_met_report *report, char *text, size_t size)
{
    const bs_config *g = r->c->config;
    const char *own = bs_config_has(g, "meteorology.label") ? bs_config_text(g, "meteorology.label") : "";
    snprintf(text, size, "%s%s%s", own, *own && report->label && *report->label ? "; " : "",
             report->label ? report->label : "");
}

static bs_status begin_output(running *r, bs_err *err)
{
    bs_met_report report;
    bs_met_report_get(r->met, &report);
    char label[512];
    weather_label(r, &report, label, sizeof label);
    const bs_output_info info = {.config = r->c->config,
                                 .mesh = r->c->mesh,
                                 .levels = r->c->levels,
                                 .tracers = r->c->tracers,
                                 .regions = r->c->regions,
                                 .borders = r->regional.borders,
                                 .terrain = r->c->terrain,
                                 .version = r->request->version,
                                 .weather_label = label,
                                 .n_assumed = report.n_assumed,
                                 .assumed = report.assumed,
                                 .dir = r->request->dir};
    return bs_output_create(&info, &r->output, err);
}

static bs_status begin(running *r, bs_err *err)
{
    BS_TRY(bs_run_folder_open(r->request->dir, &r->folder, err));
    r->c->log->file = r->folder.log;
    bs_log_info(r->c->log, "%s, fields in %s, %d threads, %s vectors", r->request->version, BS_REAL_NAME,
                r->request->threads, bs_isa_name(r->c->options.isa));
    bs_case_describe(r->c, r->c->log);
    BS_TRY(bs_inputs_read(r->c->config, &r->inputs, err));
    BS_TRY(build_world(r, err));
    BS_TRY(build_model(r, err));
    bs_stepper_describe(r->stepper, r->c->log);
    BS_TRY(bs_met_interval(r->met, r->c->start, r->forcing, err));
    BS_TRY(bs_inflow_initial(r->inflow, r->forcing->end[0], r->state, err));
    memcpy(r->state->m, r->forcing->end[0]->m,
           sizeof(double) * (size_t)r->c->box.nx * (size_t)r->c->box.ny * (size_t)r->c->box.nz);
    for (int t = 0; t < r->c->tracers->n; t++) bs_watch_mass(r->state, t, bs_ledger_at(r->ledger, t, BS_L_INITIAL));
    bs_regional_begin(&r->regional, r->c, r->state);
    BS_TRY(begin_output(r, err));
    return bs_output_sample(r->output, r->state, r->forcing, r->c->start, r->c->start, err);
}

/* ---- stepping ---- */

/* Seconds to the next moment at which something may change: the end of the interval, a whole hour, an output. */
static bs_time stretch(const running *r, bs_time t)
{
    const bs_time hour = 3600 - (t - r->c->start) % 3600;
    const bs_time every = (bs_time)llround(bs_config_real(r->c->config, "output.surface_interval"));
    const bs_time output = every - ((t - r->c->output_from) % every + every) % every;
    bs_time left = r->forcing->t1 - t;
    if (hour < left) left = hour;
    return output < left ? output : left;
}

static bs_status advance(running *r, bs_time from, bs_time seconds, bs_err *err)
{
    const bs_forcing *f = r->forcing;
    const double span = (double)(f->t1 - f->t0);
    double begin = bs_wall_seconds();
    BS_TRY(bs_emission_fill(r->emission, from, f, r->rates, err));
    count(&r->seconds.emission, &begin);
    BS_TRY(bs_inflow_fill(r->inflow, from + seconds / 2, f->end[0], r->boundary, err));
    count(&r->seconds.boundary, &begin);
    bs_limit limit;
    bs_time pairs = bs_stepper_pairs(r->stepper, f, (double)seconds, r->c->max_step, &limit);
    while (pairs < seconds && seconds % pairs != 0) pairs++;
    const bs_time length = seconds / pairs;
    count(&r->seconds.length, &begin);
    if ((double)length > 2 * limit.dt * (1 + 1e-9))
        return bs_fail(err, BS_ERR_RUN,
                       "step of %.3f s asked for by %s; the shortest is half a second: the winds are not plausible",
                       limit.dt, limit.culprit);
    for (bs_time p = 0; p < pairs; p++) {
        const bs_time t = from + p * length, next = t + length;
        bs_stepper_pair(r->stepper, f, r->boundary, (double)(t - f->t0) / span, (double)(next - f->t0) / span,
                        (double)length, r->state, r->ledger);
        begin = bs_wall_seconds();
        BS_TRY(bs_output_sample(r->output, r->state, f, t, next, err));
        count(&r->seconds.output, &begin);
        r->steps += 2;
    }
    bs_progress_at(&r->progress, from + seconds, (double)length / 2);
    return BS_OK;
}

/* What moved between regions in the `seconds` before t, where that is wanted. */
static bs_status account(running *r, bs_time t, bs_time seconds, bs_err *err)
{
    const bs_border_record *record;
    BS_TRY(bs_regional_after(&r->regional, r->c, r->state, r->rates, t, (double)seconds, &record, err));
    return record ? bs_output_corridors(r->output, record, err) : BS_OK;
}

static bs_status loop(running *r, bs_err *err)
{
    const int scheme = r->c->options.scheme;
    r->positive = scheme == BS_SCHEME_COUNT || bs_scheme_at((bs_scheme)scheme)->positive;
    bs_time t = r->c->start;
    while (t < r->c->end) {
        if (t >= r->forcing->t1) BS_TRY(bs_met_interval(r->met, t, r->forcing, err));
        r->forcing->emission = r->rates;
        const bs_time seconds = stretch(r, t);
        bs_status st = advance(r, t, seconds, err);
        double begin = bs_wall_seconds();
        if (st == BS_OK) st = bs_watch_state(r->state, r->positive, &r->watch, err);
        count(&r->seconds.watch, &begin);
        t += seconds;
        if (st == BS_OK) st = account(r, t, seconds, err);
        count(&r->seconds.corridors, &begin);
        if (st != BS_OK) {
            char stamp[BS_TIME_TEXT_MAX];
            bs_err_context(err, "at %s", bs_time_format(t, stamp));
            return st;
        }
    }
    return BS_OK;
}

/* ---- closing ---- */

static bs_status write_summary(running *r, bs_err *err)
{
    bs_met_report report;
    bs_met_report_get(r->met, &report);
    char label[512], timing[16][64];
    const char *lines[16];
    weather_label(r, &report, label, sizeof label);
    const int n = bs_stepper_count(r->stepper);
    for (int o = 0; o < n; o++) {
        snprintf(timing[o], sizeof timing[o], "%s %.3f s", bs_stepper_name(r->stepper, o),
                 bs_stepper_seconds(r->stepper, o));
        lines[o] = timing[o];
    }
    const bs_summary s = {
        .case_name = bs_config_text(r->c->config, "case.name"),
        .title = bs_config_has(r->c->config, "case.title") ? bs_config_text(r->c->config, "case.title") : "",
        .version = r->request->version,
        .weather_label = label,
        .started = r->started,
        .wall_s = bs_wall_seconds() - r->began,
        .prepare_s = report.seconds,
        .simulated_s = (double)(r->c->end - r->c->start),
        .steps = r->steps,
        .threads = r->request->threads,
        .precision = BS_REAL_NAME,
        .nx = r->c->box.nx,
        .ny = r->c->box.ny,
        .nz = r->c->box.nz,
        .correction_p99 = report.correction_p99,
        .correction_max = report.correction_max,
        .n_assumed = report.n_assumed,
        .assumed = report.assumed,
        .n_inputs = r->inputs.n,
        .inputs = r->inputs.file,
        .n_operators = n,
        .operators = lines,
        .min_total = r->watch.min_total,
        .negative_tag_kg = r->watch.negative_tag_kg,
        .negative_total_kg = r->watch.negative_total_kg};
    return bs_summary_write(r->request->dir, &s, r->c->tracers, r->ledger, err);
}

static void print_part(const running *r, const char *name, double seconds, double wall, double *sum)
{
    *sum += seconds;
    bs_log_info(r->c->log, "  %-22s %8.2f  %5.1f %%", name, seconds, 100 * seconds / wall);
}

static void print_profile(const running *r)
{
    bs_met_report report;
    bs_met_report_get(r->met, &report);
    const double wall = bs_wall_seconds() - r->began;
    double sum = 0;
    bs_log_info(r->c->log, "seconds by part, of %.1f in all:", wall);
    for (int o = 0; o < bs_stepper_count(r->stepper); o++)
        print_part(r, bs_stepper_name(r->stepper, o), bs_stepper_seconds(r->stepper, o), wall, &sum);
    print_part(r, "meteorology", report.seconds, wall, &sum);
    print_part(r, "emissions", r->seconds.emission, wall, &sum);
    print_part(r, "boundary values", r->seconds.boundary, wall, &sum);
    print_part(r, "length of steps", r->seconds.length, wall, &sum);
    print_part(r, "watch", r->seconds.watch, wall, &sum);
    if (r->regional.borders) print_part(r, "accounts of regions", r->seconds.corridors, wall, &sum);
    print_part(r, "output", r->seconds.output, wall, &sum);
    print_part(r, "reading of inputs", r->seconds.start, wall, &sum);
    print_part(r, "rest", wall - sum, wall, &sum);
}

static bs_status finish(running *r, bs_err *err)
{
    bs_met_report report;
    bs_met_report_get(r->met, &report);
    bs_log_info(r->c->log, "correction wind of mass consistency: 99 %% below %.3f, largest %.3f m s-1",
                report.correction_p99, report.correction_max);
    for (int t = 0; t < r->c->tracers->n; t++) bs_watch_mass(r->state, t, bs_ledger_at(r->ledger, t, BS_L_STORED));
    bs_closing_ledger(r->c->log, r->c->tracers, r->ledger);
    BS_TRY(bs_closing_check(r->c->tracers, r->ledger, err));
    bs_closing_negative(r->c->log, r->c->tracers, r->ledger, &r->watch, r->positive);
    bs_regional_closing(&r->regional, r->c, r->output, r->c->log);
    if (r->c->regions) bs_closing_cities(r->c->log, r->c->tracers, r->c->regions, r->output);
    double begin = bs_wall_seconds();
    BS_TRY(bs_output_assumed(r->output, report.n_assumed, report.assumed, err));
    bs_output *output = r->output;
    r->output = NULL;
    BS_TRY(bs_output_finish(output, r->state, err));
    count(&r->seconds.output, &begin);
    if (r->request->profile) print_profile(r);
    BS_TRY(bs_run_folder_write_case(&r->folder, r->c->config, err));
    BS_TRY(write_summary(r, err));
    bs_log_info(r->c->log, "%ld steps, %.1f simulated hours in %.1f s; output in %s", r->steps,
                (double)(r->c->end - r->c->start) / 3600, bs_wall_seconds() - r->began, r->request->dir);
    return BS_OK;
}

static void tear_down(running *r)
{
    bs_output_abandon(r->output);
    bs_stepper_destroy(r->stepper);
    bs_regional_destroy(&r->regional);
    bs_ledger_destroy(r->ledger);
    bs_state_destroy(r->state);
    bs_boundary_destroy(r->boundary);
    bs_emission_rates_destroy(r->rates);
    bs_forcing_destroy(r->forcing);
    bs_inflow_destroy(r->inflow);
    bs_inputs_free(&r->inputs);
    bs_met_destroy(r->met);
    bs_emission_destroy(r->emission);
    r->c->log->file = NULL;
    bs_run_folder_close(&r->folder);
}

bs_status bs_run(bs_case *c, const bs_run_request *request, bs_err *err)
{
    running r = {.c = c, .request = request, .began = bs_wall_seconds(), .watch.min_total = INFINITY};
    const time_t now = time(NULL);
    bs_time_format((bs_time)now, r.started);
    bs_status st = begin(&r, err);
    const bool begun = st == BS_OK;
    if (begun) {
        bs_met_report report;
        bs_met_report_get(r.met, &report);
        r.seconds.start = bs_wall_seconds() - r.began - report.seconds;
        bs_progress_start(&r.progress, c->log, request->progress, c->start, c->end);
        st = loop(&r, err);
        bs_progress_end(&r.progress);
    }
    if (st == BS_OK) st = finish(&r, err);
    if (st != BS_OK && err && r.folder.log) fprintf(r.folder.log, "error: %s\n", err->text);
    const bool opened = r.folder.log != NULL;
    tear_down(&r);
    if (st != BS_OK && opened) bs_run_folder_discard(&r.folder, !begun);
    return st;
}

/* ---- check and prepare ---- */

static void print_estimate(const running *r)
{
    const bs_case *c = r->c;
    bs_limit limit;
    const double span = (double)(r->forcing->t1 - r->forcing->t0);
    const int pairs = bs_stepper_pairs(r->stepper, r->forcing, span, c->max_step, &limit);
    const double steps = 2.0 * pairs * (double)(c->end - c->start) / span;
    const double cells = (double)c->box.nx * c->box.ny * c->box.nz;
    /* order of magnitude: nanoseconds of one core per cell, step and tracer, and per cell and step for coefficients */
    const double per_tracer = 1.2e-8, per_cell = 4e-8;
    bs_log_info(c->log, "step      %.0f s at the start, limited by %s", limit.dt, limit.culprit);
    bs_log_info(c->log, "memory    about %.0f MiB", bs_case_memory(c) / 1048576);
    bs_log_info(c->log, "time      about %.0f s on %d threads (%.0f steps of %.2g cells with %d tracers)",
                steps * cells * (per_tracer * c->tracers->n + per_cell) / r->request->threads, r->request->threads,
                steps, cells, c->tracers->n);
}

bs_status bs_run_check(bs_case *c, int threads, bs_err *err)
{
    const bs_run_request request = {.threads = threads};
    running r = {.c = c, .request = &request};
    bs_case_describe(c, c->log);
    bs_status st = c->regions ? bs_output_check_regions(c->config, c->mesh, c->regions, err) : BS_OK;
    if (st == BS_OK) st = build_world(&r, err);
    if (st == BS_OK && c->log->screen) bs_emission_print_audit(r.emission, c->log->screen);
    if (st == BS_OK) st = build_model(&r, err);
    if (st == BS_OK) bs_stepper_describe(r.stepper, c->log);
    if (st == BS_OK) st = bs_met_interval(r.met, c->start, r.forcing, err);
    if (st == BS_OK) st = bs_emission_fill(r.emission, c->start, r.forcing, r.rates, err);
    if (st == BS_OK) {
        bs_met_report report;
        bs_met_report_get(r.met, &report);
        char label[512];
        weather_label(&r, &report, label, sizeof label);
        bs_log_info(c->log, "weather   %s", label);
        for (int n = 0; n < report.n_assumed; n++) bs_log_info(c->log, "assumed   %s", report.assumed[n]);
        print_estimate(&r);
    }
    tear_down(&r);
    return st;
}

bs_status bs_run_prepare(bs_case *c, const char *dir, bs_err *err)
{
    return bs_met_prepare(&c->met, c->tracers, c->start, c->end, dir, err);
}
