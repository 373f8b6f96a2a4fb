#include "model/adjoint/adjoint.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "model/adjoint/backward.h"
#include "model/core/memory.h"
#include "model/core/timer.h"
#include "model/emis/groups.h"
#include "model/run/steps.h"

enum { HOUR = 3600, DAY = 86400 };

static const char *const SPECIES = "pm25";

static size_t cells_of(const bs_backward *b)
{
    return (size_t)b->c->box.nx * (size_t)b->c->box.ny * (size_t)b->c->box.nz;
}

/* ---- building ---- */

static bs_status check_case(const bs_case *c, bs_err *err)
{
    const int scheme = c->options.scheme;
    const char *where = bs_config_where(c->config, "operators.advection");
    if (scheme == BS_SCHEME_COUNT)
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: error: operators.advection is none: without wind no source reaches a receptor elsewhere; "
                       "take ppm6_lin (--set operators.advection=ppm6_lin)",
                       where);
    if (!bs_scheme_at((bs_scheme)scheme)->linear)
        return bs_fail(
            err, BS_ERR_INPUT,
            "%s: error: operators.advection is %s, whose limiter looks at the concentrations: such a run is no "
            "linear map of its emissions and has no transpose. Take ppm6_lin, for the forward run to compare "
            "with, too: --set operators.advection=ppm6_lin",
            where, bs_scheme_at((bs_scheme)scheme)->name);
    return BS_OK;
}

/* The receptor's tracer, alone: tags have no part in a backward run. */
static bs_status choose_tracer(bs_backward *b, bs_err *err)
{
    const bs_tracers *all = b->c->tracers;
    const int species = bs_species_find(SPECIES);
    for (b->total = 0; b->total < all->n; b->total++)
        if (all->row[b->total].species == species && all->row[b->total].role == BS_ROLE_TOTAL) break;
    if (b->total == all->n)
        return bs_fail(err, BS_ERR_INPUT, "%s: error: tracers.species has no %s, whose mean a receptor is asked for",
                       bs_config_where(b->c->config, "tracers.species"), SPECIES);
    b->row = all->row[b->total];
    b->row.total = 0;
    b->tracers = *all;
    b->tracers.n = b->tracers.n_members = b->tracers.per_member = 1;
    b->tracers.row = &b->row;
    b->alone = *b->c;
    b->alone.tracers = &b->tracers;
    b->alone.options.transposed = true;
    return BS_OK;
}

static bs_status build_world(bs_backward *b, bs_err *err)
{
    bs_case *c = b->c;
    const bs_box *box = &c->box;
    BS_TRY(bs_met_create(&c->met, c->tracers, c->start, c->end, &b->met, err));
    BS_TRY(bs_inflow_create(&b->alone, &b->inflow, err));
    BS_TRY(bs_forcing_create(box->nx, box->ny, box->nz, &b->forcing, err));
    BS_TRY(bs_emission_rates_create(b->emission, box->nz, &b->rates, err));
    return bs_boundary_create(box->nx, box->ny, box->nz, 1, &b->boundary, err);
}

static bs_status build_model(bs_backward *b, bs_err *err)
{
    const bs_box *box = &b->c->box;
    const bs_operator_context context = {
        .mesh = b->c->mesh, .box = box, .tracers = &b->tracers, .options = &b->alone.options};
    BS_TRY(bs_state_create(box, &b->tracers, &b->state, err));
    BS_TRY(bs_sensitivity_create(box->nx, box->ny, box->nz, &b->asked, err));
    BS_TRY(bs_adjoint_parts_create(b->c->tracers, b->total, box->nx, box->ny, box->nz, &b->parts, err));
    BS_TRY(BS_NEW(&b->hour, cells_of(b), "sensitivities of an hour", err));
    BS_TRY(BS_NEW(&b->sum, cells_of(b), "sensitivities of all hours", err));
    BS_TRY(BS_NEW(&b->initial, cells_of(b), "sensitivities to the start", err));
    return bs_stepper_create(&context, &b->stepper, err);
}

static bs_status begin_output(bs_backward *b, bs_err *err)
{
    bs_met_report report;
    bs_met_report_get(b->met, &report);
    const bs_config *g = b->c->config;
    const char *own = bs_config_has(g, "meteorology.label") ? bs_config_text(g, "meteorology.label") : "";
    const bs_receptor *r = &b->receptor;
    snprintf(b->label, sizeof b->label, "%s%s%s", own, *own && report.label && *report.label ? "; " : "",
             report.label ? report.label : "");
    snprintf(b->receptor_words, sizeof b->receptor_words, "%s %s %s", r->adcode, r->name, r->name_en);
    const int tags = b->parts->n_sources - 1;
    const bs_adjoint_about about = {.run = {.config = g,
                                            .mesh = b->c->mesh,
                                            .levels = b->c->levels,
                                            .tracers = &b->tracers,
                                            .terrain = b->c->terrain,
                                            .version = b->request->version,
                                            .weather_label = b->label,
                                            .n_assumed = report.n_assumed,
                                            .assumed = report.assumed,
                                            .dir = b->request->dir},
                                    .receptor = b->receptor_words,
                                    .from = b->receptor.from,
                                    .to = b->receptor.to,
                                    .weight = b->receptor.weight,
                                    .n_sources = tags ? tags + 1 : 0,
                                    .source = b->parts->label};
    return bs_adjoint_file_create(&about, &b->file, err);
}

static bs_status begin(bs_backward *b, bs_err *err)
{
    bs_case *c = b->c;
    char from[BS_TIME_TEXT_MAX], to[BS_TIME_TEXT_MAX];
    BS_TRY(check_case(c, err));
    BS_TRY(bs_receptor_find(c, b->request->receptor, b->request->from, b->request->to, &b->receptor, err));
    BS_TRY(bs_run_folder_open(b->request->dir, false, &b->folder, err));
    c->log->file = b->folder.log;
    bs_log_info(c->log, "%s, fields in %s, %d threads, %s vectors", b->request->version, BS_REAL_NAME,
                b->request->threads, bs_isa_name(c->options.isa));
    BS_TRY(bs_emission_create(c->config, c->mesh, c->regions, c->tracers, c->units, c->log, &b->emission, err));
    BS_TRY(bs_emission_drop_idle(b->emission, c->tracers, c->log, err));
    BS_TRY(choose_tracer(b, err));
    bs_case_describe(c, c->log);
    bs_log_info(c->log, "receptor  %s %s %s, %.1f %% of it inside the mesh; mean of %s from %s to %s",
                b->receptor.adcode, b->receptor.name, b->receptor.name_en, 100 * b->receptor.inside, b->row.name,
                bs_time_format(b->receptor.from, from), bs_time_format(b->receptor.to, to));
    BS_TRY(bs_inputs_read(c->config, &b->inputs, err));
    BS_TRY(build_world(b, err));
    BS_TRY(build_model(b, err));
    bs_stepper_describe(b->stepper, c->log);
    bs_log_info(c->log, "all of it transposed, from the end to the start");
    return begin_output(b, err);
}

/* ---- backward ---- */

/* The hour's part is complete when its beginning is reached. */
static bs_status close_hour(bs_backward *b, bs_time from, bs_err *err)
{
    const size_t n = cells_of(b);
    if ((from - b->c->start) % HOUR != 0) return BS_OK;
    for (size_t c = 0; c < n; c++) b->sum[c] += b->hour[c];
    BS_TRY(bs_adjoint_file_hour(b->file, (int)((from - b->c->start) / HOUR), b->hour, b->of_hour, err));
    memset(b->hour, 0, n * sizeof *b->hour);
    b->of_hour = 0;
    return BS_OK;
}

static bs_status stretch_back(bs_backward *b, bs_time from, bs_time seconds, bs_err *err)
{
    const bs_forcing *f = b->forcing;
    const double span = (double)(f->t1 - f->t0);
    const size_t n = cells_of(b);
    bs_time pairs;
    BS_TRY(bs_emission_fill(b->emission, from, f, b->rates, err));
    BS_TRY(bs_inflow_fill(b->inflow, from + seconds / 2, f->end[0], b->boundary, err));
    BS_TRY(bs_steps_pairs(b->c, b->stepper, f, seconds, &pairs, err));
    const bs_time length = seconds / pairs;
    bs_sensitivity_clear(b->asked);
    for (bs_time p = pairs - 1; p >= 0; p--) {
        const bs_time t = from + p * length, next = t + length;
        if (t >= b->receptor.from && next <= b->receptor.to)
            bs_receptor_sample(&b->receptor, f, next, length, b->state);
        bs_stepper_pair_adjoint(b->stepper, f, (double)(t - f->t0) / span, (double)(next - f->t0) / span,
                                (double)length, b->state, b->asked);
        b->steps += 2;
    }
    b->of_hour += bs_adjoint_parts_add(b->parts, b->asked, b->rates, b->boundary);
    for (size_t c = 0; c < n; c++) b->hour[c] += b->asked->emission[c];
    return close_hour(b, from, err);
}

/* Stretches of the forcing's interval, as a forward run cuts it, last to first. */
static bs_status interval_back(bs_backward *b, bs_err *err)
{
    const bs_forcing *f = b->forcing;
    bs_time *from = NULL;
    int n = 0;
    for (bs_time t = f->t0; t < f->t1; t += bs_steps_stretch(b->c, f, t)) n++;
    BS_TRY(BS_NEW(&from, n + 1, "stretches of an interval", err));
    from[0] = f->t0;
    for (int s = 0; s < n; s++) from[s + 1] = from[s] + bs_steps_stretch(b->c, f, from[s]);
    bs_status st = BS_OK;
    for (int s = n - 1; s >= 0 && st == BS_OK; s--)
        if (from[s] < b->receptor.to) st = stretch_back(b, from[s], from[s + 1] - from[s], err);
    bs_free(from);
    return st;
}

static void tell_day(const bs_backward *b, bs_time t)
{
    char stamp[BS_TIME_TEXT_MAX];
    if ((b->receptor.to - t) % DAY != 0 || t == b->c->start) return;
    bs_log_info(b->c->log, "back to %s  %3.0f %%", bs_time_format(t, stamp),
                100 * (double)(b->receptor.to - t) / (double)(b->receptor.to - b->c->start));
}

static bs_status loop(bs_backward *b, bs_err *err)
{
    const bs_case *c = b->c;
    const bs_time interval = (bs_time)llround(bs_config_real(c->config, "meteorology.interval"));
    for (bs_time n = (b->receptor.to - 1 - c->start) / interval; n >= 0; n--) {
        const bs_time t = c->start + n * interval;
        char stamp[BS_TIME_TEXT_MAX];
        BS_TRY(bs_met_interval(b->met, t, b->forcing, err));
        b->forcing->emission = b->rates;
        bs_status st = interval_back(b, err);
        if (st != BS_OK) {
            bs_err_context(err, "at %s", bs_time_format(t, stamp));
            return st;
        }
        tell_day(b, t);
    }
    return BS_OK;
}

/* ---- closing ---- */

static bs_status close_start(bs_backward *b, bs_err *err)
{
    const bs_box *box = &b->c->box;
    const double *m = b->forcing->end[0]->m, kg_per_ug = 1e-9;
    bs_state *initial = NULL;
    BS_TRY(bs_state_create(box, &b->tracers, &initial, err));
    const bs_status st = bs_inflow_initial(b->inflow, b->forcing->end[0], initial, err);
    if (st == BS_OK) bs_adjoint_parts_start(b->parts, b->state, initial, m);
    bs_state_destroy(initial);
    for (int k = 0; k < box->nz; k++)
        for (int j = 0; j < box->ny; j++)
            for (int i = 0; i < box->nx; i++) {
                const ptrdiff_t c = ((ptrdiff_t)k * box->ny + j) * box->nx + i;
                b->initial[c] = kg_per_ug * m[c] * (double)bs_state_q(b->state, 0)[bs_at(box, k, j, i)];
            }
    return st;
}

static bs_status finish(bs_backward *b, bs_err *err)
{
    BS_TRY(close_start(b, err));
    bs_adjoint_parts_close(b->parts);
    const int tags = b->parts->n_sources - 1;
    const size_t map = (size_t)b->c->box.nx * (size_t)b->c->box.ny;
    const bs_adjoint_sums sums = {.sensitivity = b->sum,
                                  .initial = b->initial,
                                  .z_half = b->forcing->end[0]->z_half,
                                  .n_sources = tags ? tags + 1 : 0,
                                  .map = tags ? b->parts->map : b->parts->map + map};
    bs_adjoint_file *file = b->file;
    b->file = NULL;
    BS_TRY(bs_adjoint_file_finish(file, &sums, err));
    BS_TRY(bs_run_folder_write_case(&b->folder, b->c->config, err));
    return bs_backward_report(b, err);
}

static void tear_down(bs_backward *b)
{
    bs_adjoint_file_abandon(b->file);
    bs_stepper_destroy(b->stepper);
    bs_adjoint_parts_destroy(b->parts);
    bs_sensitivity_destroy(b->asked);
    bs_state_destroy(b->state);
    bs_boundary_destroy(b->boundary);
    bs_emission_rates_destroy(b->rates);
    bs_forcing_destroy(b->forcing);
    bs_inflow_destroy(b->inflow);
    bs_inputs_free(&b->inputs);
    bs_met_destroy(b->met);
    bs_emission_destroy(b->emission);
    bs_receptor_free(&b->receptor);
    bs_free(b->hour);
    bs_free(b->sum);
    bs_free(b->initial);
    b->c->log->file = NULL;
    bs_run_folder_close(&b->folder);
}

bs_status bs_adjoint_run(bs_case *c, const bs_adjoint_request *request, bs_err *err)
{
    bs_backward b = {.c = c, .request = request, .began = bs_wall_seconds()};
    bs_time_format((bs_time)time(NULL), b.started);
    bs_status st = begin(&b, err);
    const bool begun = st == BS_OK;
    if (begun) st = loop(&b, err);
    if (st == BS_OK) st = finish(&b, err);
    if (st != BS_OK && err && b.folder.log) fprintf(b.folder.log, "error: %s\n", err->text);
    const bool opened = b.folder.log != NULL;
    tear_down(&b);
    if (st != BS_OK && opened) bs_run_folder_discard(&b.folder, !begun);
    return st;
}
