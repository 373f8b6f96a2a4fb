/* The end of a run that went well: account, outputs, summary. */
#include <stdio.h>

#include "model/core/timer.h"
#include "model/parallel/ranks.h"
#include "model/run/running.h"
#include "model/run/weather.h"

void bs_running_weather(const bs_running *r, const bs_met_report *report, char *text, size_t size)
{
    const bs_config *g = r->c->config;
    const char *own = bs_config_has(g, "meteorology.label") ? bs_config_text(g, "meteorology.label") : "";
    snprintf(text, size, "%s%s%s", own, *own && report->label && *report->label ? "; " : "",
             report->label ? report->label : "");
}

static bs_status write_summary(bs_running *r, const bs_future *m, bs_err *err)
{
    bs_met_report report;
    bs_met_report_get(r->met, &report);
    char label[512], timing[16][64];
    const char *lines[16];
    bs_running_weather(r, &report, label, sizeof label);
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
        .ranks = bs_ranks_count(),
        .tiles = {r->c->tiling.px, r->c->tiling.py},
        .precision = BS_REAL_NAME,
        .nx = r->c->whole->nx,
        .ny = r->c->whole->ny,
        .nz = r->c->box.nz,
        .n_assumed = report.n_assumed,
        .assumed = report.assumed,
        .put_emissions = bs_emission_put_audit,
        .emissions = r->emission,
        .n_inputs = r->inputs.n,
        .inputs = r->inputs.file,
        .n_operators = n,
        .operators = lines,
        .scenario = m->what->scenario,
        .scenario_hash = m->what->hash,
        .min_total = m->watch.min_total,
        .negative_tag_kg = m->watch.negative_tag_kg,
        .negative_total_kg = m->watch.negative_total_kg};
    bs_weather_notes notes;
    bs_summary whole = s;
    bs_weather_summary(&report, &notes, &whole);
    BS_TRY_ALL(bs_emission_write_audit(r->emission, m->what->dir, err));
    return bs_summary_write(m->what->dir, &whole, &m->view.tracers, &m->view.ledger, err);
}

static bs_status finish_outputs(bs_running *r, bs_err *err)
{
    bs_met_report report;
    bs_met_report_get(r->met, &report);
    if (r->request->differences)
        BS_TRY_ALL(bs_futures_differences(r->request->differences, r->n_members, r->member, err));
    for (int n = r->n_members - 1; n >= 0; n--) /* the base last: others stand on it */
        BS_TRY_ALL(bs_future_finish_output(&r->member[n], r->c, report.n_assumed, report.assumed, err));
    return BS_OK;
}

bs_status bs_running_finish(bs_running *r, bs_err *err)
{
    bs_met_report report;
    bs_met_report_get(r->met, &report);
    bs_weather_rules(r->c->log, &report, r->told);
    bs_weather_correction(r->c->log, &report);
    bs_running_weigh(r, BS_L_STORED);
    bs_ranks_sum(r->tracers.n * BS_L_COUNT, r->ledger->sum); /* until here each rank had what happened in its tile */
    for (int n = 0; n < r->n_members; n++) {
        bs_log log = bs_future_log(&r->member[n], n == 0, r->c->log);
        BS_TRY(bs_future_close_account(&r->member[n], r->c, r->positive, &log, err));
        bs_regional_closing(&r->regional, r->c, r->member[n].output, &log);
    }
    double begin = bs_wall_seconds();
    BS_TRY(finish_outputs(r, err));
    bs_running_count(&r->seconds.output, &begin);
    if (r->request->profile) bs_cost_profile(r->c->log, r->stepper, r->met, &r->seconds, bs_wall_seconds() - r->began);
    for (int n = r->n_members - 1; n >= 0; n--) BS_TRY_ALL(write_summary(r, &r->member[n], err));
    bs_log_info(r->c->log, "%ld steps, %.1f simulated hours in %.1f s; output in %s", r->steps,
                (double)(r->c->end - r->c->start) / 3600, bs_wall_seconds() - r->began,
                r->request->differences ? r->request->differences : r->member[0].what->dir);
    return BS_OK;
}
