/* Tags, what is left, start and sides are the total in every cell of every layer; and what a tag carries against what goes when its emissions are cut to nothing, in runs of a whole case: equal to rounding with the linear
 * scheme; with limiters, which see the total, there is a gap, which is measured. */
#include "tests/model/config_support.h"

#include <math.h>

#include "model/core/ledger.h"
#include "model/emis/emission.h"
#include "model/emis/groups.h"
#include "model/run/case.h"
#include "model/run/inflow.h"
#include "model/stepping/stepper.h"

/* ROUND: the total and the tag go through the same linear steps, each in float; of the largest total. */
#define LINEAR (10 * (double)BS_REAL_EPSILON)

/* SCIENCE: of all that the tag holds in the lowest layer. */
static const double GAP_LIMIT = 0.1;

static const char CASE[] =
    "case: {name: zero-out}\n"
    "time: {start: 2015-01-30T22:00:00Z, end: 2015-01-31T06:00:00Z}\n"
    "grid:\n"
    "  projection: '+proj=lcc +lat_1=27 +lat_2=33 +lat_0=30 +lon_0=104.5 +R=6370000'\n"
    "  nx: 24\n  ny: 20\n  dx: 36 km\n  centre: [104.5, 30.0]\n"
    "  levels: {top: 250 hPa, flat_above: 0.1, eta: [1.0, 0.99, 0.975, 0.955, 0.925, 0.88, 0.8, 0.68, 0.5, 0.25, "
    "0.0]}\n"
    "terrain: {file: " BS_SOURCE_DIR "/configs/data/terrain.nc}\n"
    "meteorology: {provider: idealised, idealised: {inflow_speed: 4 m s-1, precipitation: 1.0e-5 kg m-2 s-1}}\n"
    "regions: {file: " BS_SOURCE_DIR "/configs/regions/sichuan-chongqing.geojson}\n"
    "emissions:\n"
    "  inventories:\n"
    "    - name: reas\n      type: totals\n      file: " BS_SOURCE_DIR "/configs/emissions/province_totals_2015.csv\n"
    "      regions: " BS_SOURCE_DIR "/configs/regions/provinces.geojson\n"
    "      proxy: {file: " BS_SOURCE_DIR "/configs/data/proxy_population.nc, default: population}\n"
    "    - {name: plants, type: points, file: " BS_SOURCE_DIR "/configs/emissions/points_power.csv}\n"
    "tracers:\n  tag_initial: true\n  tag_boundary: true\n"
    "  groups:\n    - {name: plain, regions: [chengdu-plain], sectors: [industry, power]}\n"
    "initial: {value: 8 ug kg-1}\n"
    "boundary: {value: 20 ug kg-1, scale_height: 2000 m}\n";

/* A run in memory, and what of it is looked at. */
typedef struct world {
    bs_case *c;
    bs_emission *emission;
    bs_met *met;
    bs_inflow *inflow;
    bs_forcing *forcing;
    bs_emission_rates *rates;
    bs_boundary *boundary;
    bs_state *state;
    bs_ledger *ledger;
    bs_stepper *stepper;
    bs_log log;
} world;

static void need(bs_status status, const bs_err *err)
{
    if (status != BS_OK) fail_msg("%s", err->text);
}

/* Cuts all that falls to the first group to nothing. */
static void cut_group(world *w, bs_err *err)
{
    const bs_source_group *g = &w->c->tracers->group[0];
    bs_emission_factor f[128];
    int n = 0;
    for (int r = 0; r <= g->n_regions; r++)
        for (int s = 0; s < g->n_sectors && g->region[r]; s++)
            f[n++] = (bs_emission_factor){0, r, g->sector[s], "pm25", w->c->start, w->c->end, 0};
    need(bs_emission_set_factors(w->emission, n, f, err), err);
}

static void begin(world *w, const char *file, bool cut, bs_err *err)
{
    need(bs_case_open(file, 0, NULL, &w->log, &w->c, err), err);
    bs_case *c = w->c;
    need(bs_emission_create(c->config, c->mesh, c->regions, c->tracers, c->units, c->log, &w->emission, err), err);
    need(bs_emission_drop_idle(w->emission, c->tracers, c->log, err), err);
    if (cut) cut_group(w, err);
    need(bs_met_create(&c->met, c->tracers, c->start, c->end, &w->met, err), err);
    need(bs_inflow_create(c, &w->inflow, err), err);
    need(bs_forcing_create(c->box.nx, c->box.ny, c->box.nz, &w->forcing, err), err);
    need(bs_emission_rates_create(w->emission, c->box.nz, &w->rates, err), err);
    need(bs_boundary_create(c->box.nx, c->box.ny, c->box.nz, c->tracers->n, &w->boundary, err), err);
    need(bs_state_create(&c->box, c->tracers, &w->state, err), err);
    need(bs_ledger_create(c->tracers->n, &w->ledger, err), err);
    const bs_operator_context context = {
        .mesh = c->mesh, .box = &c->box, .tracers = c->tracers, .options = &c->options};
    need(bs_stepper_create(&context, &w->stepper, err), err);
    need(bs_met_interval(w->met, c->start, w->forcing, err), err);
    need(bs_inflow_initial(w->inflow, w->forcing->end[0], w->state, err), err);
    memcpy(w->state->m, w->forcing->end[0]->m,
           sizeof(double) * (size_t)c->box.nx * (size_t)c->box.ny * (size_t)c->box.nz);
}

static void advance(world *w, bs_err *err)
{
    for (bs_time t = w->c->start; t < w->c->end; t += 3600) {
        if (t >= w->forcing->t1) need(bs_met_interval(w->met, t, w->forcing, err), err);
        need(bs_emission_fill(w->emission, t, w->forcing, w->rates, err), err);
        need(bs_inflow_fill(w->inflow, t + 1800, w->forcing->end[0], w->boundary, err), err);
        w->forcing->emission = w->rates;
        bs_limit limit;
        const int pairs = bs_stepper_pairs(w->stepper, w->forcing, 3600, w->c->max_step, &limit);
        for (int p = 0; p < pairs; p++)
            bs_stepper_pair(w->stepper, w->forcing, w->boundary, (double)p / pairs, (double)(p + 1) / pairs,
                            3600.0 / pairs, w->state, w->ledger);
    }
}

static void end(world *w)
{
    bs_stepper_destroy(w->stepper);
    bs_ledger_destroy(w->ledger);
    bs_state_destroy(w->state);
    bs_boundary_destroy(w->boundary);
    bs_emission_rates_destroy(w->rates);
    bs_forcing_destroy(w->forcing);
    bs_inflow_destroy(w->inflow);
    bs_met_destroy(w->met);
    bs_emission_destroy(w->emission);
    bs_case_close(w->c);
}

typedef struct gaps {
    double sum;     /* largest difference of the total and the sum of its tags in any cell, of the largest total */
    double largest; /* of any cell, of the largest total */
    double share;   /* sum of |tag - difference| over the lowest layer, of the tag's sum there */
    double share_of_mean; /* |sum of (tag - difference)| there, of the same */
} gaps;

static gaps measure(scratch *s, const char *scheme)
{
    world with = {0}, without = {0};
    char text[4096];
    bs_err err = {0};
    snprintf(text, sizeof text, "%soperators: {advection: %s}\n", CASE, scheme);
    const char *file = write_text(s, "case.yaml", text);
    begin(&with, file, false, &err);
    begin(&without, file, true, &err);
    advance(&with, &err);
    advance(&without, &err);
    const bs_box *b = &with.c->box;
    assert_int_equal(with.c->tracers->row[1].group, 0);
    const real *total = bs_state_q(with.state, 0), *tag = bs_state_q(with.state, 1),
               *zero = bs_state_q(without.state, 0), *nothing = bs_state_q(without.state, 1);
    double most = 0, worst = 0, held = 0, apart = 0, mean = 0, open = 0;
    for (int k = 0; k < b->nz; k++)
        for (int j = 0; j < b->ny; j++)
            for (int i = 0; i < b->nx; i++) {
                const ptrdiff_t at = bs_at(b, k, j, i);
                const double gap = (double)tag[at] - ((double)total[at] - (double)zero[at]);
                double rest = (double)total[at];
                for (int t = 1; t < with.c->tracers->n; t++) rest -= (double)bs_state_q(with.state, t)[at];
                open = fmax(open, fabs(rest));
                assert_true(nothing[at] == 0);
                most = fmax(most, (double)total[at]);
                worst = fmax(worst, fabs(gap));
                if (k > 0) continue;
                held += (double)tag[at];
                apart += fabs(gap);
                mean += gap;
            }
    assert_true(held > 0);
    end(&with);
    end(&without);
    return (gaps){open / most, worst / most, apart / held, fabs(mean) / held};
}

static void equal_with_the_linear_scheme(void **state)
{
    const gaps g = measure(*state, "ppm6_lin");
    print_message("ppm6_lin: largest gap %.2e of the largest total; %.2e of the tag near the ground\n", g.largest,
                  g.share);
    assert_true(g.sum <= LINEAR);
    assert_true(g.largest <= LINEAR);
}

static void near_with_limiters(void **state)
{
    const gaps g = measure(*state, "ppm6_sel");
    print_message("ppm6_sel: largest gap %.2e of the largest total; %.2e of the tag near the ground, its mean %.2e\n",
                  g.largest, g.share, g.share_of_mean);
    assert_true(g.sum <= LINEAR);
    assert_true(g.share <= GAP_LIMIT);
    assert_true(g.largest > LINEAR); /* or there is nothing to tell the schemes apart */
}

#define ON_SCRATCH(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {ON_SCRATCH(equal_with_the_linear_scheme), ON_SCRATCH(near_with_limiters)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
