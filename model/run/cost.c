#include "model/run/cost.h"

#include "model/parallel/ranks.h"
#include "model/run/footprint.h"

/* Columns that the ranks work on, overlaps included. */
static double columns_of(const bs_tiling *t)
{
    double sum = 0;
    for (int r = 0; r < t->px * t->py; r++) {
        const bs_tile tile = bs_tiling_tile(t, r);
        sum += (double)tile.nx * tile.ny;
    }
    return sum;
}

void bs_cost_estimate(const bs_case *c, const bs_stepper *stepper, const bs_forcing *f, const bs_emission *emission,
                      int threads)
{
    bs_limit limit;
    const double span = (double)(f->t1 - f->t0);
    const int pairs = bs_stepper_pairs(stepper, f, span, c->max_step, &limit);
    const double steps = 2.0 * pairs * (double)(c->end - c->start) / span;
    const int ranks = bs_ranks_count();
    const double cells = columns_of(&c->tiling) * c->box.nz;
    char words[48];
    if (ranks > 1)
        snprintf(words, sizeof words, "%d ranks x %d threads", ranks, threads);
    else
        snprintf(words, sizeof words, "%d threads", threads);
    /* order of magnitude: nanoseconds of one core per cell, step and tracer, and per cell and step for coefficients */
    const double per_tracer = 1.2e-8, per_cell = 4e-8;
    bs_log_info(c->log, "step      %.0f s at the start, limited by %s", limit.dt, limit.culprit);
    bs_footprint_tell(c, &c->tiling, threads, emission, c->log);
    bs_log_info(c->log, "time      about %.0f s on %s (%.0f steps of %.2g cells with %d tracers)",
                steps * cells * (per_tracer * c->tracers->n + per_cell) / (threads * (double)ranks), words, steps,
                cells, c->tracers->n);
}

static double put_part(bs_log *log, const char *name, double seconds, double wall)
{
    bs_log_info(log, "  %-22s %8.2f  %5.1f %%", name, seconds, 100 * seconds / wall);
    return seconds;
}

void bs_cost_profile(bs_log *log, const bs_stepper *stepper, const bs_met *met, const bs_run_seconds *seconds,
                     double wall)
{
    bs_met_report report;
    bs_met_report_get(met, &report);
    double sum = 0;
    bs_log_info(log, "seconds by part, of %.1f in all:", wall);
    for (int o = 0; o < bs_stepper_count(stepper); o++)
        sum += put_part(log, bs_stepper_name(stepper, o), bs_stepper_seconds(stepper, o), wall);
    sum += put_part(log, "meteorology", report.seconds - report.correcting, wall);
    sum += put_part(log, "its correction", report.correcting, wall);
    sum += put_part(log, "emissions", seconds->emission, wall);
    sum += put_part(log, "boundary values", seconds->boundary, wall);
    sum += put_part(log, "length of steps", seconds->length, wall);
    sum += put_part(log, "watch", seconds->watch, wall);
    if (seconds->corridors > 0) sum += put_part(log, "accounts of regions", seconds->corridors, wall);
    sum += put_part(log, "output", seconds->output, wall);
    sum += put_part(log, "reading of inputs", seconds->start, wall);
    put_part(log, "rest", wall - sum, wall);
}
