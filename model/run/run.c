#include "model/run/run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/core/memory.h"
#include "model/core/timer.h"
#include "model/parallel/ranks.h"
#include "model/run/running.h"
#include "model/run/steps.h"
#include "model/run/weather.h"

/* ---- building ---- */

/* The emission, of the whole mesh and then of this rank's tile, and, from the base's tracers, those of all members. */
static bs_status create_emission(bs_running *r, bs_err *err)
{
    bs_case *c = r->c;
    const bs_emission_of of = {.config = c->config,
                               .mesh = c->whole,
                               .tile = bs_ranks_count() > 1 ? &c->tile : NULL,
                               .regions = c->regions,
                               .tracers = c->tracers,
                               .units = c->units,
                               .log = c->log};
    BS_TRY(bs_emission_create_tile(&of, &r->emission, err));
    BS_TRY(bs_emission_drop_idle(r->emission, c->tracers, c->log, err));
    BS_TRY_ALL(bs_tracers_join(c->tracers, r->n_members, !r->request->base_tags_only, &r->tracers, err));
    bs_emission_carry(r->emission, &r->tracers);
    if (r->request->n_factors > 0) {
        BS_TRY(bs_emission_resolve(r->emission, c->regions, err));
        BS_TRY(bs_emission_set_factors(r->emission, r->request->n_factors, r->request->factor, err));
    }
    return bs_emission_cut(r->emission, c->mesh, &c->tile, err);
}

bs_status bs_running_build_world(bs_running *r, bs_err *err)
{
    bs_case *c = r->c;
    BS_TRY_ALL(create_emission(r, err));
    BS_TRY_ALL(bs_met_create(&c->met, c->tracers, c->start, c->end, &r->met, err));
    BS_TRY_ALL(bs_inflow_create(c, &r->inflow, err));
    BS_TRY(bs_forcing_create(c->box.nx, c->box.ny, c->box.nz, &r->forcing, err));
    BS_TRY(bs_emission_rates_create(r->emission, c->box.nz, &r->rates, err));
    return bs_boundary_create(c->box.nx, c->box.ny, c->box.nz, r->tracers.n, &r->boundary, err);
}

bs_status bs_running_build_model(bs_running *r, bs_err *err)
{
    bs_case *c = r->c;
    BS_TRY_ALL(bs_state_create(&c->box, &r->tracers, &r->state, err));
    r->state->tiling = bs_ranks_count() > 1 ? &c->tiling : NULL;
    BS_TRY(bs_ledger_create(r->tracers.n, &r->ledger, err));
    for (int n = 0; n < r->n_members; n++) {
        BS_TRY(bs_member_create(&r->tracers, n, &r->member[n].view, err));
        bs_member_look(&r->member[n].view, r->state, r->ledger);
    }
    BS_TRY(bs_regional_create(c, &r->tracers, &r->regional, err));
    const bs_operator_context context = {.mesh = c->mesh,
                                         .box = &c->box,
                                         .tracers = &r->tracers,
                                         .options = &c->options,
                                         .tiling = bs_ranks_count() > 1 ? &c->tiling : NULL,
                                         .borders = r->regional.borders};
    return bs_stepper_create(&context, &r->stepper, err);
}

static bs_status begin_output(bs_running *r, bs_future *m, bs_err *err)
{
    bs_met_report report;
    bs_met_report_get(r->met, &report);
    char label[512];
    bs_running_weather(r, &report, label, sizeof label);
    const bs_output_info info = {.config = r->c->config,
                                 .mesh = r->c->mesh,
                                 .whole = r->c->whole,
                                 .tiling = r->c->tiling,
                                 .tile = r->c->tile,
                                 .levels = r->c->levels,
                                 .tracers = &m->view.tracers,
                                 .regions = r->c->regions,
                                 .borders = r->regional.borders,
                                 .terrain = r->c->terrain,
                                 .version = r->request->version,
                                 .weather_label = label,
                                 .n_assumed = report.n_assumed,
                                 .assumed = report.assumed,
                                 .scenario = m->what->scenario,
                                 .scenario_hash = m->what->hash,
                                 .beside = m == r->member ? NULL : r->member[0].output,
                                 .keep_means = r->request->differences != NULL,
                                 .dir = m->what->dir};
    BS_TRY(bs_output_create(&info, &m->output, err));
    return bs_output_sample(m->output, &m->view.state, r->forcing, r->c->start, r->c->start, err);
}

static bs_status open_members(bs_running *r, bs_err *err)
{
    const bs_run_request *q = r->request;
    bool goes_on = q->resume && bs_ranks_first() && bs_keeping_there(q->member[0].dir);
    bs_ranks_share(0, &goes_on, sizeof goes_on);
    BS_TRY(BS_NEW(&r->member, q->n_members, "members of the run", err));
    for (; r->n_members < q->n_members; r->n_members++)
        BS_TRY(bs_future_open(&r->member[r->n_members], &q->member[r->n_members], goes_on, err));
    r->c->log->file = r->member[0].folder.log;
    for (int n = 0; n < r->n_members; n++) bs_future_describe(&r->member[n], r->c, q, n, r->c->log);
    return BS_OK;
}

static bs_status begin(bs_running *r, bs_err *err)
{
    BS_TRY(open_members(r, err));
    BS_TRY_ALL(bs_inputs_read(r->c->config, &r->inputs, err));
    BS_TRY_ALL(bs_running_build_world(r, err));
    BS_TRY_ALL(bs_running_build_model(r, err));
    bs_stepper_describe(r->stepper, r->c->log);
    BS_TRY_ALL(bs_met_interval(r->met, r->c->start, r->forcing, err));
    bs_met_report report;
    bs_met_report_get(r->met, &report);
    r->told = bs_weather_rules(r->c->log, &report, 0);
    BS_TRY_ALL(bs_inflow_initial(r->inflow, r->forcing->end[0], &r->member[0].view.state, err));
    bs_members_copy_state(&r->tracers, r->state);
    memcpy(r->state->m, r->forcing->end[0]->m,
           sizeof(double) * (size_t)r->c->box.nx * (size_t)r->c->box.ny * (size_t)r->c->box.nz);
    bs_running_weigh(r, BS_L_INITIAL);
    for (int n = 0; n < r->n_members; n++) BS_TRY_ALL(begin_output(r, &r->member[n], err));
    bs_regional_begin(&r->regional, r->c, r->state);
    r->now = r->c->start;
    return bs_running_keep(r, err);
}

/* ---- stepping ---- */

/* What comes in through the sides, the same for every member. */
static bs_status fill_boundary(bs_running *r, bs_time t, bs_err *err)
{
    bs_boundary base = bs_boundary_of_base(r->boundary, r->member[0].view.tracers.n);
    BS_TRY(bs_inflow_fill(r->inflow, t, r->forcing->end[0], &base, err));
    bs_members_copy_boundary(&r->tracers, r->boundary);
    return BS_OK;
}

static bs_status sample(bs_running *r, bs_time from, bs_time to, bs_err *err)
{
    for (int n = 0; n < r->n_members; n++)
        BS_TRY(bs_output_sample(r->member[n].output, &r->member[n].view.state, r->forcing, from, to, err));
    return BS_OK;
}

static bs_status advance(bs_running *r, bs_time from, bs_time seconds, bs_err *err)
{
    const bs_forcing *f = r->forcing;
    const double span = (double)(f->t1 - f->t0);
    double begin = bs_wall_seconds();
    BS_TRY_ALL(bs_emission_fill(r->emission, from, f, r->rates, err));
    bs_running_count(&r->seconds.emission, &begin);
    BS_TRY_ALL(fill_boundary(r, from + seconds / 2, err));
    bs_running_count(&r->seconds.boundary, &begin);
    bs_time pairs;
    BS_TRY_ALL(bs_steps_pairs(r->c, r->stepper, f, seconds, &pairs, err));
    const bs_time length = seconds / pairs;
    bs_running_count(&r->seconds.length, &begin);
    for (bs_time p = 0; p < pairs; p++) {
        const bs_time t = from + p * length, next = t + length;
        bs_stepper_pair(r->stepper, f, r->boundary, (double)(t - f->t0) / span, (double)(next - f->t0) / span,
                        (double)length, r->state, r->ledger);
        begin = bs_wall_seconds();
        BS_TRY(sample(r, t, next, err));
        bs_running_count(&r->seconds.output, &begin);
        r->steps += 2;
    }
    bs_progress_at(&r->progress, from + seconds, (double)length / 2);
    return BS_OK;
}

/* What moved between regions in the `seconds` before t, where that is wanted. */
static bs_status account(bs_running *r, bs_time t, bs_time seconds, bs_err *err)
{
    const bs_border_record *record;
    BS_TRY(bs_regional_after(&r->regional, r->c, r->state, r->rates, t, (double)seconds, &record, err));
    for (int n = 0; record && n < r->n_members; n++) {
        const bs_border_record own = bs_border_record_from(r->regional.borders, record, r->member[n].view.first);
        BS_TRY(bs_output_corridors(r->member[n].output, &own, err));
    }
    return BS_OK;
}

static bs_status loop(bs_running *r, bs_err *err)
{
    const int scheme = r->c->options.scheme;
    r->positive = scheme == BS_SCHEME_COUNT || bs_scheme_at((bs_scheme)scheme)->positive;
    bs_time t = r->now;
    while (t < r->c->end) {
        if (t >= r->forcing->t1) BS_TRY_ALL(bs_met_interval(r->met, bs_steps_interval(r->c, t), r->forcing, err));
        r->forcing->emission = r->rates;
        const bs_time seconds = bs_steps_stretch(r->c, r->forcing, t);
        bs_status st = advance(r, t, seconds, err);
        if (st == BS_OK) st = bs_ranks_agree(bs_stepper_check(r->stepper, err), err);
        double begin = bs_wall_seconds();
        for (int n = 0; n < r->n_members && st == BS_OK; n++)
            st = bs_ranks_agree(bs_future_watch(&r->member[n], r->positive, err), err);
        bs_running_count(&r->seconds.watch, &begin);
        t += seconds;
        if (st == BS_OK) st = account(r, t, seconds, err);
        if (r->regional.borders) bs_running_count(&r->seconds.corridors, &begin);
        if (st != BS_OK) {
            char stamp[BS_TIME_TEXT_MAX];
            bs_err_context(err, "at %s", bs_time_format(t, stamp));
            return st;
        }
        r->now = t;
        if (t < r->c->end) BS_TRY_ALL(bs_running_kept(r, err));
    }
    return BS_OK;
}

/* ---- ending ---- */

void bs_running_tear_down(bs_running *r)
{
    bs_stepper_destroy(r->stepper);
    bs_regional_destroy(&r->regional);
    for (int n = r->n_members - 1; n >= 0; n--) bs_future_release(&r->member[n]);
    bs_ledger_destroy(r->ledger);
    bs_state_destroy(r->state);
    bs_boundary_destroy(r->boundary);
    bs_emission_rates_destroy(r->rates);
    bs_forcing_destroy(r->forcing);
    bs_inflow_destroy(r->inflow);
    bs_inputs_free(&r->inputs);
    bs_met_destroy(r->met);
    bs_emission_destroy(r->emission);
    bs_tracers_leave(&r->tracers);
    r->c->log->file = NULL;
}

/* What is left of a run that did not end well. */
static void leave(bs_running *r, bs_status st, bool begun, const bs_err *err)
{
    const bool cut = st == BS_CHECKPOINTED;
    for (int n = 0; n < r->n_members && err && bs_ranks_first(); n++)
        fprintf(r->member[n].folder.log, "%s%s\n", cut ? "" : "error: ", err->text);
    bs_running_tear_down(r);
    bs_running_release(r, true);
    for (int n = 0; n < r->n_members && !cut; n++)
        bs_run_folder_discard(&r->member[n].folder, !begun && !r->request->resume);
}

bs_status bs_run(bs_case *c, const bs_run_request *request, bs_err *err)
{
    bs_running r = {.c = c, .request = request, .began = bs_wall_seconds()};
    const time_t now = time(NULL);
    bs_time_format((bs_time)now, r.started);
    bool complete = request->resume && bs_ranks_first() && bs_run_complete(request->member[0].dir);
    bs_ranks_share(0, &complete, sizeof complete);
    if (complete) {
        bs_log_info(c->log, "%s: is complete: there is nothing to go on with", request->member[0].dir);
        for (int n = 0; n < request->n_members && bs_ranks_first(); n++)
            bs_keeping_clear(request->member[n].dir, false);
        return BS_OK;
    }
    bs_status st = bs_keeping_create(c, request->member[0].dir, &r.keeping, err);
    if (st == BS_OK) st = begin(&r, err);
    const bool begun = st == BS_OK;
    if (begun) {
        bs_met_report report;
        bs_met_report_get(r.met, &report);
        r.seconds.start = bs_wall_seconds() - r.began - report.seconds;
        bs_progress_start(&r.progress, c->log, request->progress, r.now, c->end);
        st = loop(&r, err);
        bs_progress_end(&r.progress);
    }
    bs_stop_end(&r.stop);
    if (st == BS_OK) st = bs_running_finish(&r, err);
    if (st != BS_OK) {
        leave(&r, st, begun, err);
    } else {
        bs_running_tear_down(&r);
        bs_running_release(&r, false);
    }
    bs_free(r.member);
    return st;
}
