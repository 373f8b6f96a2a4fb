/* What is done with a case beside running it: bashu check and bashu prepare. */
#include "model/parallel/ranks.h"
#include "model/run/footprint.h"
#include "model/run/running.h"
#include "model/run/weather.h"

bs_status bs_run_check(bs_case *c, int threads, bs_err *err)
{
    const bs_run_request request = {.n_members = 1, .threads = threads};
    bs_future alone = {0};
    bs_running r = {.c = c, .request = &request, .n_members = 1, .member = &alone};
    bs_case_describe(c, c->log);
    bs_status st = c->regions ? bs_output_check_regions(c->config, c->whole, c->regions, err) : BS_OK;
    if (st == BS_OK) st = bs_ranks_agree(bs_running_build_world(&r, err), err);
    if (st == BS_OK && c->log->screen) bs_emission_print_audit(r.emission, c->log->screen);
    if (st == BS_OK) st = bs_ranks_agree(bs_running_build_model(&r, err), err);
    if (st == BS_OK) bs_stepper_describe(r.stepper, c->log);
    if (st == BS_OK) st = bs_ranks_agree(bs_met_interval(r.met, c->start, r.forcing, err), err);
    if (st == BS_OK) st = bs_ranks_agree(bs_emission_fill(r.emission, c->start, r.forcing, r.rates, err), err);
    if (st == BS_OK) {
        bs_met_report report;
        bs_met_report_get(r.met, &report);
        char label[512];
        bs_running_weather(&r, &report, label, sizeof label);
        bs_log_info(c->log, "weather   %s", label);
        bs_weather_rules(c->log, &report, 0);
        bs_cost_estimate(c, r.stepper, r.forcing, r.emission, threads);
    }
    bs_running_tear_down(&r);
    return st;
}

bs_status bs_run_check_ranks(bs_case *c, int ranks, int threads, bs_err *err)
{
    bs_tiling tiling;
    BS_TRY(bs_case_tiling(c, ranks, &tiling, err));
    bs_case_describe(c, c->log);
    bs_footprint_tell(c, &tiling, threads, NULL, c->log);
    return BS_OK;
}

bs_status bs_run_prepare(bs_case *c, const char *dir, bs_err *err)
{
    return bs_met_prepare(&c->met, c->tracers, c->start, c->end, dir, err);
}
